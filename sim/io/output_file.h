/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One file that is there whole or not at all: written under a temporary name beside it, then
 * renamed. Never over a file that is there, unless forced. */
#ifndef SQZ_IO_OUTPUT_FILE_H
#define SQZ_IO_OUTPUT_FILE_H

#include <stdbool.h>
#include <stdio.h>

#include "sim/core/error.h"

/* Owns its name and the temporary file until commit or discard. Zero-initialise. */
struct sqz_output_file {
    const char *path; /* not owned */
    char *staging;    /* NULL: none */
    FILE *file;
};

/* SQZ_ERR_IO if `path` is there and not `force`, or is no plain file, or cannot be created. */
int sqz_output_file_open(struct sqz_output_file *output, const char *path, bool force,
                         struct sqz_diag *diag);
/* SQZ_ERR_IO where anything could not be written: there is then no trace of it. */
int sqz_output_file_commit(struct sqz_output_file *output, struct sqz_diag *diag);
/* Safe on a zeroed or committed one. */
void sqz_output_file_discard(struct sqz_output_file *output);

#endif
