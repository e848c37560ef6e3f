/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What drivers ask of the numbers in their tables. */
#ifndef SQZ_MODELS_DRIVERS_CELLS_H
#define SQZ_MODELS_DRIVERS_CELLS_H

#include "sim/core/model.h"

/* The closed range of a column, named as in the file. */
struct sqz_cell_range {
    const char *name;
    double lo, hi;
};

/* Check one cell; the error names file, line and column. */
int sqz_cell_check(const struct sqz_table *table, size_t row, size_t column,
                   const struct sqz_cell_range *range, struct sqz_diag *diag);

#endif
