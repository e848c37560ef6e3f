/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/drivers/cells.h"

int sqz_cell_check(const struct sqz_table *table, size_t row, size_t column,
                   const struct sqz_cell_range *range, struct sqz_diag *diag)
{
    double value = table->value[row * table->columns + column];
    if (value >= range->lo && value <= range->hi)
        return SQZ_OK;
    return sqz_fail_at(diag, SQZ_ERR_DATA, table->file, table->line[row], range->name,
                       "%.12g is out of range; expected %.12g to %.12g", value, range->lo,
                       range->hi);
}
