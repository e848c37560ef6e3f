/* SPDX-License-Identifier: GPL-3.0-or-later */
/* "Did you mean ...": the known name nearest to a wrong one, where it is near. */
#ifndef SQZ_IO_NEAREST_H
#define SQZ_IO_NEAREST_H

#include <stddef.h>

struct sqz_nearest {
    const char *wrong;
    const char *best; /* NULL: nothing near yet */
    size_t distance;  /* of the best */
    char hint[128];
};

struct sqz_nearest sqz_nearest_begin(const char *wrong);

/* Near is a name that differs, case aside, in up to a third of its letters, and one that begins
 * with the wrong name or has it as one of its words: "out" is near "output", "mode" near
 * "margin_mode". */
void sqz_nearest_offer(struct sqz_nearest *nearest, const char *known);

/* "; did you mean 'x'?", or "" when nothing offered is near; `prefix` stands before the name.
 * Points into `nearest`. */
const char *sqz_nearest_hint(struct sqz_nearest *nearest, const char *prefix);

#endif
