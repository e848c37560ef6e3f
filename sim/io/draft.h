/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A scenario to begin with: rows key,value,unit,note, of which each says where its value is from.
 */
#ifndef SQZ_IO_DRAFT_H
#define SQZ_IO_DRAFT_H

#include <stdio.h>

#include "sim/core/model.h"
#include "sim/io/settings.h"

/* One row; quoted where it must be. A NULL note is empty. */
void sqz_draft_row(FILE *file, const char *key, const char *value, const char *unit,
                   const char *note);

/* Rows of keys at their defaults that a user will want to look at, each with what is known of the
 * number; those that `given` has are left out. */
void sqz_draft_defaults(FILE *file, const struct sqz_settings *given,
                        const struct sqz_registry *registry);

/* The path to `file` from the folder that `from` lies in, as a row of the file `from` names it:
 * both as opened from the working directory. Caller frees; NULL: no memory. */
char *sqz_draft_path(const char *file, const char *from);

#endif
