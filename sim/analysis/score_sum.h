/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Scores of many maps summed up. */
#ifndef SQZ_ANALYSIS_SCORE_SUM_H
#define SQZ_ANALYSIS_SCORE_SUM_H

#include "sim/analysis/score.h"

/* What one map, horizon and scale gave. */
struct sqz_scored {
    bool missing; /* there is no outcome */
    double crps[SQZ_SCORE_WORLDS];
    double pit[2][2]; /* under no map and under the map; indexed by enum sqz_side */
    struct sqz_gain gain;
    uint64_t cut_off;
};

/* Fill `score` from one of these for each item of the plan: map by map, horizons within, scales
 * within these. */
int sqz_score_sum(struct sqz_score *score, const struct sqz_score_plan *plan,
                  const struct sqz_scored *scored, struct sqz_diag *diag);

#endif
