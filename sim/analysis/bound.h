/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The largest scale of a map that a record allows (models/README.md, "When a map cannot be true").
 *
 * Had the map stood at scale s when the record began, the range of the price over the record,
 * log(highest / lowest), would have had a law that simulation gives. L(s) is the probability that
 * it is at most what was recorded. Under the true scale L is uniform, so that a scale with L < 5 %
 * is refuted at that level; the upper 95 % bound is the largest scale that is not. It assumes that
 * the map's profile around the price was like this when the record began, and that the volatility
 * is that of the scenario: L(0), without impact, says how well it suits the record. */
#ifndef SQZ_ANALYSIS_BOUND_H
#define SQZ_ANALYSIS_BOUND_H

#include "sim/batch/batch.h"
#include "sim/io/bound_result.h"

/* What is run. Owns nothing. */
struct sqz_bound_runner {
    const struct sqz_exit_table *exit_table;
    uint64_t seed, paths, max_events;
    int jobs;
    const volatile sig_atomic_t *stop; /* as in struct sqz_batch_plan */
    void (*progress)(void *context, uint64_t done);
    void *context;
};

/* Walk `count` worlds, the scenario's at `scale[i]`, on one exogenous path, and enter each as a
 * point of the bound, which has its range_log. A scale of 0 stands for a world without impact.
 * SQZ_ERR_INTERRUPTED: nothing is entered. */
int sqz_bound_run(struct sqz_bound *bound, const struct sqz_world *const *world,
                  const double *scale, size_t count, const struct sqz_bound_runner *runner,
                  struct sqz_diag *diag);

/* The next `room` scales to look at, between the largest that the record allows and the next one
 * that was run; none where no scale is refuted, or all are. Ascending, in `scale`; returns how
 * many.
 */
size_t sqz_bound_between(const struct sqz_bound *bound, size_t room, double *scale);

/* Set the upper bound from the points: where the curve, straight between neighbours in the log of
 * the scale, last crosses 5 %. Where the paths leave open on which side of 5 % a point lies, it
 * counts as allowed: the bound errs upwards. */
void sqz_bound_conclude(struct sqz_bound *bound);

#endif
