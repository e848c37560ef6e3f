/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From a provider's bins to levels: each on a side of the price, wide bins spread over their width,
 * what lies on the wrong side of the price dropped and counted. */
#ifndef SQZ_IO_IMPORT_LEVELS_H
#define SQZ_IO_IMPORT_LEVELS_H

#include "sim/io/import.h"

struct sqz_import_level {
    double price_usd, notional_usd, leverage; /* leverage 0: unknown */
    enum sqz_side side;
};

/* Ordered by side (longs first), price and leverage; no two rows have all three in common. */
struct sqz_import_levels {
    double time_s;       /* NAN: unknown */
    double price_usd;    /* on whose sides they are */
    struct sqz_rows row; /* struct sqz_import_level */
    double total_usd[2]; /* indexed by enum sqz_side */
    size_t merged;       /* bins that were added to another of the same place */
    size_t spread;       /* bins that were spread over their width */
};

/* Put maps in order of their times, or together where files are parts of one map. SQZ_ERR_DATA for
 * several maps that do not say their times, or two of one time. */
int sqz_import_order_maps(struct sqz_import *import, struct sqz_diag *diag);

/* Levels of a map around `price_usd` > 0. Where a bin says no side, the map's own price decides, or
 * this one where it has none. SQZ_ERR_DATA if none is left. Free after success and failure alike.
 */
int sqz_import_levels_make(struct sqz_import_levels *levels, struct sqz_import *import,
                           const struct sqz_import_map *map, double price_usd,
                           struct sqz_diag *diag);
/* Multiply every notional. */
void sqz_import_levels_scale(struct sqz_import_levels *levels, double scale);
/* Safe on zeroed ones. */
void sqz_import_levels_free(struct sqz_import_levels *levels);

#endif
