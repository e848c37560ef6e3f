/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Ensembles of how far the price goes: its peak and its trough over the horizon, in worlds that
 * walk on one exogenous path, in units of what volatility makes of the horizon. */
#ifndef SQZ_ANALYSIS_ENSEMBLE_H
#define SQZ_ANALYSIS_ENSEMBLE_H

#include <signal.h>

#include "sim/core/engine.h"

/* Peak and trough of the paths of one world, both outward (above 0), indexed by enum sqz_side. */
struct sqz_ensemble {
    size_t count;
    double *draw[2];      /* in the order of the paths; owned */
    double *ascending[2]; /* the same, sorted; owned */
};

/* What is run. Owns nothing. */
struct sqz_ensemble_plan {
    const struct sqz_exit_table *exit_table;
    uint64_t seed, first, count; /* paths first to first + count - 1 */
    uint64_t max_events;
    const volatile sig_atomic_t *stop; /* as in struct sqz_each */
    double unit_log;                   /* sigma sqrt(h) */
};

/* Walk `n_worlds` worlds and fill an ensemble of each. `cut_off` counts paths that ended early.
 * Free every ensemble with sqz_ensemble_free, after a failure too; they must be zeroed before. */
int sqz_ensemble_run(struct sqz_ensemble *ensemble, const struct sqz_world *const *world,
                     size_t n_worlds, const struct sqz_ensemble_plan *plan, uint64_t *cut_off,
                     struct sqz_diag *diag);
/* Safe on a zeroed or already freed one. */
void sqz_ensemble_free(struct sqz_ensemble *ensemble);

/* CRPS of the peak plus that of the trough (sim/analysis/proper.h) against what happened. */
double sqz_ensemble_crps(const struct sqz_ensemble *ensemble, const double happened[2]);

/* By how much less a path of `truth` would score, on average, under the ensemble that it is of than
 * under `other`, and the variance of that: what a map would gain if it were true. Both were run on
 * the same paths, so path j is left out of both ensembles when it is what happened. */
struct sqz_gain {
    double mean, variance;
};
struct sqz_gain sqz_ensemble_gain(const struct sqz_ensemble *truth,
                                  const struct sqz_ensemble *other);

#endif
