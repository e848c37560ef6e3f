/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The answer of `squeeze map`: what it says, as JSON and as files. sim/analysis fills it.
 *
 * Log prices are relative to the start price and outward: up for shorts, down for longs. */
#ifndef SQZ_IO_MAP_RESULT_H
#define SQZ_IO_MAP_RESULT_H

#include <stdbool.h>
#include <stdio.h>

#include "sim/io/json.h"
#include "sim/io/result_dir.h"
#include "sim/io/scenario.h"

/* ---- branching ratio ------------------------------------------------------------------------ */

/* The ratio is the same on a stretch of centre prices. */
struct sqz_branching_piece {
    double lo_log, hi_log, ratio;
};

/* One side of the map. */
struct sqz_branching_side {
    double order_usd;   /* V*: the forced notional that moves a replenished book by the scale */
    double initial;     /* at the start price */
    double max;         /* along the map; 0 where no level is left to be reached */
    double max_log;     /* middle of the first stretch where the ratio is `max`; NAN if that is 0 */
    double crossed_usd; /* closed by levels that the start price touches or has crossed: they fire
                           at once, and are in no window */
    size_t count;
    struct sqz_branching_piece *piece; /* outward, adjoining, from 0 on; at most
                                          SQZ_BRANCHING_PIECES: then the largest in equal bins */
};

enum { SQZ_BRANCHING_PIECES = 1000 };

struct sqz_branching {
    double scale_log;
    struct sqz_branching_side side[2];
};

/* Safe on a zeroed or already freed one. */
void sqz_branching_free(struct sqz_branching *branching);

/* The larger of the two sides at the start; the side with the larger maximum (shorts if equal). */
double sqz_branching_initial(const struct sqz_branching *branching);
enum sqz_side sqz_branching_max_side(const struct sqz_branching *branching);

/* The object of the contract: scale_bp, initial, max, max_price_usd, and each side's. */
json_t *sqz_branching_json(const struct sqz_branching *branching, double start_usd);

/* branching.csv: side,price_lo_usd,price_hi_usd,ratio. */
int sqz_results_branching(const struct sqz_result_dir *dir, const struct sqz_scenario *scenario,
                          const struct sqz_branching *branching, struct sqz_diag *diag);

/* ---- map ------------------------------------------------------------------------------------ */

/* Neighbouring levels that span no more than the scale. */
struct sqz_cluster {
    enum sqz_side side;
    double lo_log, hi_log, price_log; /* nearest and furthest level; mean price by notional */
    double notional_usd;
    size_t levels;
};

/* A cascade from rest that begins when the price touches a level, the nearer ones gone. NAN: not
 * computed. */
struct sqz_zone_cascade {
    double from_log, reach_log, forced_usd;
    uint64_t levels;
    bool spreads;      /* it reached a level beyond the one touched */
    bool exhausted;    /* it ate past the end of the book's table */
    bool beyond_known; /* it carried the price beyond where depth is known */
};

/* Centre prices with a branching ratio of 1 or more. */
struct sqz_zone {
    enum sqz_side side;
    double lo_log, hi_log;
    double near_log;     /* where the window of its near edge begins */
    double notional_usd; /* of the levels in it */
    struct sqz_zone_cascade edge,
        worst;    /* from the first level at or beyond lo_log; the one of those from
             its levels that forces most, or `edge` if none lies in it */
    bool spreads; /* one of these does, or of those from levels beyond near_log */
};

/* How large the map could be, and how soon the price gets to where it feeds itself. */
struct sqz_standstill {
    double scale;       /* times the world's own; INFINITY: nothing waits, or no order moves */
    enum sqz_side side; /* of the largest branching ratio */
    double window_usd;  /* forced notional in the window of that ratio */
    double order_usd;   /* what moves the book by the width of the window on that side */
    double
        zone_distance_log; /* to the nearest danger zone; 0: the price is in one; INFINITY: none */
    enum sqz_side zone_side;
    double zone_median_s; /* to get there; INFINITY: no zone, or no volatility */
};

/* The distance to the nearest zone in per cent of the price, above 0; NAN: there is none. */
double sqz_standstill_percent(const struct sqz_standstill *standstill);

enum { SQZ_MAP_WITHIN = 4, SQZ_MAP_CLUSTERS = 12 };
extern const double sqz_map_within_percent[SQZ_MAP_WITHIN]; /* of the price: 2, 5, 10, 20 */

struct sqz_map {
    double total_usd[2]; /* notionals are of what is closed: scaled, without what survives */
    double within_usd[SQZ_MAP_WITHIN][2]; /* both with what the start price has crossed */
    size_t n_clusters, n_zones;
    struct sqz_cluster cluster[SQZ_MAP_CLUSTERS]; /* shorts, then longs, outward */
    struct sqz_zone *zone;                        /* shorts, then longs, outward */
    size_t stride; /* the worst cascade of a zone is sought among every `stride`th of its levels */
    struct sqz_branching branching;
    struct sqz_standstill standstill;
};

/* Safe on a zeroed or already freed map. */
void sqz_map_free(struct sqz_map *map);

/* What fires at the start, because the start price touches its levels or has crossed them; what
 * waits beyond the start price; and what waits within sqz_map_within_percent[i] of it. */
double sqz_map_crossed_usd(const struct sqz_map *map, enum sqz_side side);
double sqz_map_waiting_usd(const struct sqz_map *map, enum sqz_side side);
double sqz_map_waiting_within_usd(const struct sqz_map *map, int i, enum sqz_side side);

/* Waiting shorts over waiting longs; NAN without longs. */
double sqz_map_imbalance(const struct sqz_map *map);

/* The price at an outward log distance. */
double sqz_map_price_usd(const struct sqz_scenario *scenario, enum sqz_side side,
                         double outward_log);

/* The object of schema squeeze/map-1; a new reference, NULL: no memory. */
json_t *sqz_map_json(const struct sqz_map *map, const struct sqz_scenario *scenario);

/* zones.csv: one row per danger zone, the fields of the JSON. */
int sqz_results_zones(const struct sqz_result_dir *dir, const struct sqz_scenario *scenario,
                      const struct sqz_map *map, struct sqz_diag *diag);

#endif
