/* The answer of `squeeze ignite`: what it says, as JSON and as files. sim/analysis fills it.
 *
 * Log prices are relative to the start price and outward: up where the market order buys, down
 * where it sells. Orders are in absolute USD. */
#ifndef SQZ_IO_IGNITION_RESULT_H
#define SQZ_IO_IGNITION_RESULT_H

#include <stdbool.h>

#include "sim/io/json.h"
#include "sim/io/result_dir.h"
#include "sim/io/scenario.h"

/* Where an instantaneous market order ends. */
struct sqz_ignition_point {
    double push_usd, final_log, forced_usd;
    double alone_log; /* where it would end without liquidations */
};

/* A market order at which the final price jumps: its two sides, and what lies there. */
struct sqz_ignition_jump {
    struct sqz_ignition_point before, after;
};

struct sqz_ignition {
    enum sqz_watch watch; /* which price is to be reached */
    enum sqz_side side;
    double goal_log;
    struct sqz_ignition_point push; /* the smallest that gets there; push_usd INFINITY: none does */
    double fill_log;                /* its average fill */
    double alone_usd;               /* what it would take without liquidations; may be INFINITY */
    double shock_log;               /* the smallest exogenous jump that gets there */
    double shock_forced_usd, shock_final_log;
    double over_s, over_usd; /* the order paced over that time; NAN: not asked for */
    size_t over_orders;      /* its child orders */
    bool exhausted;          /* order and cascade went past the end of the book's table */
    bool beyond_known;       /* and carried the price beyond where depth is known */
    bool shock_beyond_known; /* the cascade of the jump did */
    size_t n_points, n_jumps;
    struct sqz_ignition_point *point; /* orders ascending */
    struct sqz_ignition_jump *jump;   /* orders ascending */
};

/* Safe on a zeroed or already freed one. */
void sqz_ignition_free(struct sqz_ignition *ignition);

/* The price at an outward log distance. */
double sqz_ignition_price_usd(const struct sqz_ignition *ignition,
                              const struct sqz_scenario *scenario, double outward_log);

/* What the market order costs its sender against the start price: its size times the average fill's
 * distance from it. */
double sqz_ignition_cost_usd(const struct sqz_ignition *ignition);

/* The object of schema squeeze/ignite-1; a new reference, NULL: no memory. */
json_t *sqz_ignition_json(const struct sqz_ignition *ignition, const struct sqz_scenario *scenario);

/* ignition.csv: push_usd,final_usd,forced_usd,without_levels_usd, every jump by its two sides; and
 * jumps.csv: push_usd,from_usd,to_usd,from_forced_usd,to_forced_usd. */
int sqz_results_ignition(const struct sqz_result_dir *dir, const struct sqz_scenario *scenario,
                         const struct sqz_ignition *ignition, struct sqz_diag *diag);

#endif
