/* SPDX-License-Identifier: GPL-3.0-or-later */
/* More points of a sweep of one key, where its curve is steepest.
 *
 * Between two neighbours with the values a and b of an answer and the standard errors s and t, the
 * jump that noise does not explain is |b - a| - 1.96 sqrt(s^2 + t^2), or 0. (a and b share the
 * pooled base, so that this is rather too careful.) The next point goes halfway, as the axis is
 * spaced, across the interval with the largest such jump of a probability, or of the mean forced
 * notional where no price is watched; where no jump is left, across the widest. Intervals narrower
 * than a figure can show stay as they are.
 *
 * A point's paths are drawn by its number alone, and the base pools the first round alone: what is
 * there already stays as it is, to the byte. */
#ifndef SQZ_ANALYSIS_REFINE_H
#define SQZ_ANALYSIS_REFINE_H

#include "sim/analysis/points.h"

/* Say where point `index` is, from the points before it, which have all been run. If it has a value
 * already, as it was read back, that must be the same one: else SQZ_ERR_DATA. `planned`: false if
 * no interval can take a point. */
int sqz_sweep_refine(struct sqz_sweep *sweep, size_t index, const struct sqz_point_runner *runner,
                     bool *planned, struct sqz_diag *diag);

/* The points that have been run are all that there will be. */
void sqz_sweep_end_refining(struct sqz_sweep *sweep);

#endif
