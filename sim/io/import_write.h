/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What was imported, as files that the program reads. */
#ifndef SQZ_IO_IMPORT_WRITE_H
#define SQZ_IO_IMPORT_WRITE_H

#include <stdio.h>

#include "sim/io/import_levels.h"

/* side,price_usd,notional_usd, and leverage where any is known. */
void sqz_import_write_levels(FILE *file, const struct sqz_import_levels *levels);

/* positions.csv, tiers.csv, bars.csv or depth.csv, by the kind of the import; columns that nothing
 * is known of are left out. */
void sqz_import_write(FILE *file, const struct sqz_import *import);

/* A history at `path`: a folder of an index, time,price_usd,levels, and the levels of each of its
 * `count` times. It is there whole or not at all; SQZ_ERR_IO for a folder that is there already,
 * unless `force` and it holds a history. */
int sqz_import_write_history(const char *path, const struct sqz_import_levels *levels, size_t count,
                             bool force, struct sqz_diag *diag);

#endif
