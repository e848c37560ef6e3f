/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Small tables of numbers from CSV files, as models ask for them. */
#ifndef SQZ_IO_TABLE_H
#define SQZ_IO_TABLE_H

#include "sim/core/model.h"
#include "sim/io/csv.h"

/* Read the file at `path` into `table`, one value per column of `columns` in their order; every
 * column is required. A label's value is the index of its row. SQZ_COLUMN_EACH needs a label column
 * and adds as many columns as there are rows, in their order. `memory`: where the file may be
 * beside the disk, NULL for nowhere else. Takes ownership of `path` (malloc'd), also on failure. */
int sqz_table_read(struct sqz_table *table, char *path, const struct sqz_column *columns,
                   const struct sqz_memory_files *memory, struct sqz_diag *diag);

/* Safe on a zeroed or already freed table. */
void sqz_table_free(struct sqz_table *table);

#endif
