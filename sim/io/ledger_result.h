/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A map built from what was recorded, with the book-keeping of how it came about. */
#ifndef SQZ_IO_LEDGER_RESULT_H
#define SQZ_IO_LEDGER_RESULT_H

#include <stddef.h>
#include <stdio.h>

#include "sim/core/side.h"
#include "sim/io/json.h"
#include "sim/io/remarks.h"

/* Of a side: all that was opened stands, was touched, was closed when open interest fell, or left
 * by the hazard of exits. USD at the traded price of opening. */
struct sqz_ledger_sums {
    double opened_usd, standing_usd, touched_usd, closed_usd, exited_usd;
};

struct sqz_built_level {
    enum sqz_side side;
    double price_usd, notional_usd, leverage;
};

struct sqz_built_map {
    struct sqz_ledger_sums sums[2]; /* by the side of the move that reaches it: shorts, longs */
    struct sqz_built_level *level;  /* owned; from the lowest price up, shorts and longs */
    size_t levels, bars, gaps;
    double begin_s, end_s, price_usd;      /* the record; its last close */
    bool from_volume;                      /* no open interest was recorded */
    double reported_usd, touched_then_usd; /* liquidations reported, and touched in the same bars */
    double correlation;                    /* of both, by bar; NAN: none */
};

/* Safe on a zeroed one. */
void sqz_built_map_free(struct sqz_built_map *map);

/* side,price_usd,notional_usd,leverage */
void sqz_built_map_write(FILE *file, const struct sqz_built_map *map);
/* squeeze/build-map-1. A new reference. */
json_t *sqz_built_map_json(const struct sqz_built_map *map, const struct sqz_remarks *remarks);

#endif
