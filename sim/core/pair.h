/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two worlds of one exogenous path, compared path by path. Merging is exact, as for tallies. */
#ifndef SQZ_CORE_PAIR_H
#define SQZ_CORE_PAIR_H

#include "sim/core/estimate.h"
#include "sim/core/outcome.h"

/* Sums over pairs (x, y). Zero-initialised is empty. */
struct sqz_pairs {
    struct sqz_mean y, difference; /* difference: x - y */
    struct sqz_exact_sum product;  /* of difference and y */
};

void sqz_pairs_add(struct sqz_pairs *pairs, double x, double y);
void sqz_pairs_merge(struct sqz_pairs *pairs, const struct sqz_pairs *other);

/* Mean of x over mean of y, with the interval of the delta method; NAN if the mean of y is 0. */
struct sqz_estimate sqz_pairs_ratio(const struct sqz_pairs *pairs);

/* The same where x and y can differ by up to `largest` on a path: if fewer than SQZ_ESTIMATE_FEW
 * pairs do, the interval is that of their mean difference (sqz_mean_change) over the mean of y. */
struct sqz_estimate sqz_pairs_ratio_within(const struct sqz_pairs *pairs, double largest);

/* Difference of two shares from paired trials: `only_x` hit the first alone, `only_y` the second
 * alone. The interval is Bonett and Price's (2012), which stays honest where nothing differs. */
struct sqz_estimate sqz_estimate_share_difference(uint64_t only_x, uint64_t only_y,
                                                  uint64_t trials);

/* How world x differs from world y. Zero-initialised is empty. */
struct sqz_pair {
    uint64_t paths;
    uint64_t only_x[SQZ_WATCHES], only_y[SQZ_WATCHES]; /* touched in one world alone */
    uint64_t touched_x[SQZ_WATCHES], touched_y[SQZ_WATCHES];
    struct sqz_pairs forced_usd;
    struct sqz_pairs move_log; /* largest excursion from the start, either way */
    struct sqz_pairs final_log;
};

void sqz_pair_add(struct sqz_pair *pair, const struct sqz_outcome *x, const struct sqz_outcome *y);
void sqz_pair_merge(struct sqz_pair *pair, const struct sqz_pair *other);
/* Write or read it. */
void sqz_pair_code(struct sqz_pair *pair, struct sqz_codec *codec);

/* By what factor pairing shrinks the variance of a difference, against independent runs of equal
 * size; INFINITY if the pairs never differ, NAN for fewer than two or if nothing varies. */
double sqz_pairs_variance_reduction(const struct sqz_pairs *pairs);
double sqz_pair_touch_variance_reduction(const struct sqz_pair *pair, enum sqz_watch watch);

#endif
