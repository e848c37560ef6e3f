/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Results of many paths of one world. Merging tallies is exact and order-free, so any split of a
 * batch into blocks, threads or shards gives the same bytes. */
#ifndef SQZ_CORE_TALLY_H
#define SQZ_CORE_TALLY_H

#include "sim/core/estimate.h"
#include "sim/core/histogram.h"
#include "sim/core/outcome.h"

/* Resolution of quantiles: 1 bp of price, 0.1 % of a notional, 1/10,000 of the horizon. */
#define SQZ_TALLY_PRICE_LOG 1e-4
#define SQZ_TALLY_NOTIONAL_LOG 1e-3
#define SQZ_TALLY_TIME_SHARE 1e-4

struct sqz_tally {
    uint64_t paths, stopped[2]; /* stopped is indexed by enum sqz_stop */
    uint64_t exhausted, beyond_known;
    uint64_t touched[SQZ_WATCHES];
    struct sqz_histogram touch_s[SQZ_WATCHES];      /* of the paths that touched */
    struct sqz_mean forced_usd, forced_side_usd[2]; /* all paths */
    struct sqz_histogram forced_log;                /* log of USD; -INFINITY where nothing was */
    struct sqz_histogram peak_log, trough_log, final_log;
    struct sqz_mean final_mean_log;
    /* Only of traced worlds: paths with a cascade, depth and largest size over all paths. */
    uint64_t cascade_paths;
    unsigned max_generations;
    uint64_t generations, generations_squared; /* sums over paths of the deepest one */
    struct sqz_histogram largest_cascade_log;  /* of the paths with a cascade */
    double largest_forced_usd;                 /* and the first path on which it happened */
    uint64_t largest_forced_path;
    struct sqz_mean *measure; /* of the drivers, over the paths where each applies; owned */
    size_t n_measures;
    struct sqz_histogram *fan; /* log price at each output time; owned */
    size_t n_fan;
};

/* For one world with that horizon and number of measures, and `n_fan` output times; may be 0. */
int sqz_tally_init(struct sqz_tally *tally, double horizon_s, size_t n_measures, size_t n_fan,
                   struct sqz_diag *diag);
/* An empty one of the same kind. */
int sqz_tally_init_like(struct sqz_tally *tally, const struct sqz_tally *other,
                        struct sqz_diag *diag);
/* Safe on a zeroed, freed or half-initialised tally. */
void sqz_tally_free(struct sqz_tally *tally);
/* Both return SQZ_OK or SQZ_ERR_NOMEM. */
int sqz_tally_add(struct sqz_tally *tally, uint64_t path, const struct sqz_outcome *outcome);
int sqz_tally_merge(struct sqz_tally *tally, const struct sqz_tally *other);
/* Write it, or read one into an initialised one that is empty; of equal paths the bytes are equal.
 */
void sqz_tally_code(struct sqz_tally *tally, struct sqz_codec *codec);

#endif
