/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rows of an outcomes.csv that was written before, as they are. */
#ifndef SQZ_IO_OUTCOME_ROWS_H
#define SQZ_IO_OUTCOME_ROWS_H

#include <stddef.h>
#include <stdint.h>

#include "sim/core/error.h"

/* Rows of paths first .. first + count - 1, one line each, as text. */
typedef int sqz_outcome_rows_visit(void *context, uint64_t first, uint64_t count, const char *text,
                                   size_t size, struct sqz_diag *diag);

/* Visit all rows, some at a time; those of a visit are of neighbouring paths. SQZ_ERR_IO where the
 * file cannot be read, SQZ_ERR_DATA where a line is no row. */
int sqz_outcome_rows_read(const char *path, sqz_outcome_rows_visit *visit, void *context,
                          struct sqz_diag *diag);

#endif
