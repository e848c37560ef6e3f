/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Jumps among the returns of recorded bars, as the driver `jumps` has them: normal log jumps at
 * Poisson times, on top of a volatility that changes. */
#ifndef SQZ_ANALYSIS_FIT_JUMPS_H
#define SQZ_ANALYSIS_FIT_JUMPS_H

#include "sim/io/record.h"

struct sqz_jump_fit {
    double rate_per_d, mean, sd; /* of log jumps, also of those too small to be seen */
    double se[3];                /* of the same */
    double share;                /* of the variance that is jumps' */
    size_t returns, seen;        /* bars, and those that are taken for jumps */
    double threshold, rms;       /* beyond so many local standard deviations; of the seen */
};

/* A bar is seen to have jumped where its return is further than `threshold` times its local
 * volatility s, which is the largest that one record in a hundred would reach without jumps (Lee
 * and Mykland 2008, Review of Financial Studies 21, 2535). s^2 is the bipower variation of the day
 * around the bar, which jumps hardly touch (Barndorff-Nielsen and Shephard 2004, J. Financial
 * Econometrics 2, 1). Of the jumps too small to be seen the normal law of the driver tells: with
 * f the density of a bar with a jump, N(m, s^2 + q^2), and P the probability that it is seen,
 *
 *     log L = sum over those seen of log(rate h f) - rate h sum over all bars of P.
 *
 * With fewer than SQZ_JUMPS_LEAST seen the rest of `fit` is NAN. SQZ_ERR_DATA where there are too
 * few returns, or no maximum. */
enum { SQZ_JUMPS_LEAST = 5 };
int sqz_jumps_fit(struct sqz_jump_fit *fit, const struct sqz_record *record, struct sqz_diag *diag);

#endif
