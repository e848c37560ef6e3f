/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Maps against what happened (models/README.md, "Scoring maps").
 *
 * For every map, horizon and scale five worlds walk on the same paths from the price at the map's
 * time: without impact, with the map, with its mirror image, with the map of another time, and
 * without impact at a constant volatility. Each gives a law of peak and trough over the horizon,
 * which what happened then scores by CRPS. The null that matters is no impact at a volatility that
 * is conditional on the record: a map that beats its mirror image but not that has shown nothing.
 * Intervals are of a bootstrap over days, or over horizons where these are longer. */
#ifndef SQZ_ANALYSIS_SCORE_H
#define SQZ_ANALYSIS_SCORE_H

#include <signal.h>

#include "sim/analysis/ensemble.h"
#include "sim/io/score_result.h"

/* A map over one horizon: what was expected when it was made, and what happened. */
struct sqz_score_ahead {
    double volatility_per_sqrt_s, constant_per_sqrt_s; /* conditional; mean of all before */
    double happened_log[2]; /* outward extremes; NAN: the horizon was not recorded, or no volatility
                             */
};

struct sqz_score_map {
    double time_s;
    struct sqz_ladder ladder; /* around the price at its time, at scale 1; owned by the caller */
    size_t other;             /* the map that stands in for it, shuffled; itself: there is none */
    struct sqz_score_ahead *ahead; /* one per horizon */
};

/* What is scored. Owns nothing. */
struct sqz_score_plan {
    const struct sqz_world *base; /* book and drivers; its ladder is not used */
    const struct sqz_exit_table *exit_table;
    const struct sqz_score_map *map;
    const double *horizon_s, *scale;
    size_t n_maps, n_horizons, n_scales;
    uint64_t seed, paths, max_events; /* paths >= 3 of each ensemble */
    int jobs;
    const volatile sig_atomic_t *stop; /* as in struct sqz_each */
    void (*progress)(void *context, uint64_t done);
    void *context;
};

/* Units of work, for a progress bar. */
uint64_t sqz_score_items(const struct sqz_score_plan *plan);

/* Score all. The same bytes at any number of threads. Free `score` with sqz_score_free, after a
 * failure too; it must be zeroed before. */
int sqz_score_run(struct sqz_score *score, const struct sqz_score_plan *plan,
                  struct sqz_diag *diag);

/* The ladder of `from` after the price has moved by `moved_log`, times `scale`, and with its sides
 * swapped if `mirrored`. Levels that the price has passed are gone. Free it with sqz_ladder_free.
 */
int sqz_score_ladder(struct sqz_ladder *ladder, const struct sqz_ladder *from, double moved_log,
                     double scale, bool mirrored, struct sqz_diag *diag);

/* Independent maps that show a mean gain in 80 % of samples, at 5 % two-sided; NAN without gain. */
double sqz_score_maps_needed(double gain, double variance);

#endif
