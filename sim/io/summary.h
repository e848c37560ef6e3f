/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The answer of a batch: what summary.json, --json and the table for people say. */
#ifndef SQZ_IO_SUMMARY_H
#define SQZ_IO_SUMMARY_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "sim/core/pair.h"
#include "sim/core/tally.h"
#include "sim/io/json.h"
#include "sim/io/scenario.h"

enum { SQZ_QUANTILES = 7 };
extern const double sqz_quantile_level[SQZ_QUANTILES];     /* 0.01 .. 0.99 */
extern const char *const sqz_quantile_name[SQZ_QUANTILES]; /* p01 .. p99 */

/* Quantiles in the order of sqz_quantile_level; NAN where nothing was observed. */
struct sqz_quantiles {
    double value[SQZ_QUANTILES];
};

struct sqz_watch_summary {
    double price_usd; /* NAN: not watched */
    struct sqz_estimate probability;
    struct sqz_estimate without_impact, uplift; /* only if attributed */
    struct sqz_quantiles time_s;                /* of the paths that touched */
};

struct sqz_summary {
    const char *scenario; /* name, or the file where it has none; owned by the scenario */
    const struct sqz_remarks *remarks; /* owned by the scenario */
    uint64_t seed, paths;
    double horizon_s, start_price_usd;
    struct sqz_watch_summary watch[SQZ_WATCHES];
    struct sqz_estimate forced_usd, forced_side_usd[2];
    struct sqz_estimate final_log; /* of the log return over the horizon */
    struct sqz_quantiles forced_quantiles_usd, peak_usd, trough_usd, final_usd;
    uint64_t unforced_paths; /* on which no notional was forced */
    uint64_t stopped[2], exhausted_paths;
    uint64_t beyond_known_paths; /* on which orders carried the price beyond where depth is known */
    /* What the cascade itself did, path by path against the same path without impact: */
    bool attributed;
    struct sqz_estimate direct_usd, induced_usd, gain, endogenous_share;
    struct sqz_estimate cascade_probability, generations;
    struct sqz_quantiles largest_cascade_usd; /* of the paths with a cascade */
    unsigned max_generations;
    const struct sqz_world *world; /* names the measures; owned by the scenario */
    struct sqz_estimate measure[SQZ_MEASURES_MAX];
};

/* Sum up a tally and, unless it is NULL, the pair of the world and its shadow. Points into
 * `scenario`. */
void sqz_summary_make(struct sqz_summary *summary, const struct sqz_scenario *scenario,
                      const struct sqz_tally *tally, const struct sqz_pair *attribution,
                      uint64_t seed);

/* Quantiles of a histogram of log prices as prices around `start_usd`. */
struct sqz_quantiles sqz_quantiles_price(const struct sqz_histogram *log, double start_usd);

/* The object of schema squeeze/batch-1; a new reference, NULL: no memory. */
json_t *sqz_summary_json(const struct sqz_summary *summary);

#endif
