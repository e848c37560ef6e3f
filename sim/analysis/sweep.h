/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a sweep runs: the points of a grid, or the ends of a tornado. */
#ifndef SQZ_ANALYSIS_SWEEP_H
#define SQZ_ANALYSIS_SWEEP_H

#include "sim/io/sweep.h"

/* The grid of the axes, the last one running fastest, after the base, and room for the
 * sweep->refine points to be added to it (sim/analysis/refine.h). Needs sweep->base. */
int sqz_sweep_plan_grid(struct sqz_sweep *sweep, const struct sqz_axis *axis, size_t n_axes,
                        struct sqz_diag *diag);

/* Give a point of a sweep its value on axis `a`: as label, and as a setting of the scenario.
 * SQZ_OK or SQZ_ERR_NOMEM. */
int sqz_sweep_place(const struct sqz_sweep *sweep, struct sqz_point *point, size_t a,
                    const char *value);

/* How an amount of money is written in a label: into `text` of 64 bytes, which is returned. */
typedef const char *(*sqz_money_text)(char *text, double usd);

/* Low and high end of every condition, one at a time, after the base. Needs sweep->base. */
int sqz_sweep_plan_tornado(struct sqz_sweep *sweep, sqz_money_text money, struct sqz_diag *diag);

#endif
