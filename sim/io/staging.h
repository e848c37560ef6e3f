/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Temporary directories in which results are made, and how one takes its final place.
 *
 * Such a directory stands beside the final one, NAME.partial-XXXXXX (of a NAME too long for that
 * its beginning); or inside it, .partial-XXXXXX, where the final one cannot be exchanged as a
 * whole: it is a link, the root of a file system, or named by dots. Whoever makes a result holds a
 * lock on it, so that one which a kill left behind is told from one in use. */
#ifndef SQZ_IO_STAGING_H
#define SQZ_IO_STAGING_H

#include <stdbool.h>

#include "sim/core/error.h"

struct sqz_staging {
    char *path;  /* NULL: none */
    bool inside; /* of the final directory */
    int lock;    /* open and locked, if `path` is set */
};

/* Make one for a result at `path`, which is `present` or not. Removes what killed runs left of the
 * same result. */
int sqz_staging_open(struct sqz_staging *staging, const char *path, bool present,
                     struct sqz_diag *diag);

/* Put it in the place of the directory at `path`, in one step, which takes its name. False if the
 * system cannot, and nothing is changed: errno says why. */
bool sqz_staging_exchange(const struct sqz_staging *staging, const char *path);

/* Let go of the directory, which is no longer temporary, and free. Safe on a zeroed one. */
void sqz_staging_close(struct sqz_staging *staging);

/* Whether a file name is that of a temporary directory inside a result. */
bool sqz_staging_is_inside(const char *name);

#endif
