/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Estimates with their errors: shares and means of many paths.
 *
 * Sums are exact, so merging is commutative and associative to the bit: results do not depend on
 * threads, blocks or shards. */
#ifndef SQZ_CORE_ESTIMATE_H
#define SQZ_CORE_ESTIMATE_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/core/exact_sum.h"

/* A value with its standard error and 95 % interval; NAN where it cannot be said. */
struct sqz_estimate {
    double value, se, lo, hi;
};

/* Half a 95 % interval of the normal law, in standard errors. */
double sqz_estimate_half_width(void);

/* A value of known standard error with its normal interval. */
struct sqz_estimate sqz_estimate_normal(double value, double se);

/* Share of `hits` among `trials` with Wilson's score interval (1927). */
struct sqz_estimate sqz_estimate_share(uint64_t hits, uint64_t trials);

/* Zero-initialised is empty. */
struct sqz_mean {
    uint64_t count, hits; /* hits: values other than 0 */
    struct sqz_exact_sum sum, squares;
};

void sqz_mean_add(struct sqz_mean *mean, double value);
void sqz_mean_merge(struct sqz_mean *mean, const struct sqz_mean *other);
/* Write or read it. */
void sqz_mean_code(struct sqz_mean *mean, struct sqz_codec *codec);
/* Normal interval; se is NAN for fewer than two values. */
struct sqz_estimate sqz_mean_estimate(const struct sqz_mean *mean);

/* A normal interval of a mean takes that many hits, or what says as much as that many equal ones: a
 * standard error of at most 1/sqrt(SQZ_ESTIMATE_FEW) of the mean. */
enum { SQZ_ESTIMATE_FEW = 30 };

/* Whether it is larger than that. */
bool sqz_estimate_is_sparse(double value, double se);

/* Mean of `count` amounts from 0 to `largest`, which stands with its standard error. Where these
 * say too little for a normal interval it is the gamma interval of Fay and Feuer (1997, Statistics
 * in Medicine 16, 791), which allows for one more hit of `largest`, and for equal ones is
 * Garwood's; of no hits it ends at Wilson's limit of their share times `largest`. INFINITY stands
 * for amounts without a limit: then the upper end is the normal one, and NAN for no hits. */
struct sqz_estimate sqz_estimate_amount(double value, double se, double largest, uint64_t count);
struct sqz_estimate sqz_mean_amount(const struct sqz_mean *mean, double largest);

/* Mean of differences of such amounts, from -largest to largest. Where fewer than SQZ_ESTIMATE_FEW
 * are not 0 the interval is that of sqz_estimate_share_difference, scaled. */
struct sqz_estimate sqz_mean_change(const struct sqz_mean *mean, double largest);

/* The same as sqz_mean_estimate for `count` whole numbers, given their sum and the sum of their
 * squares. */
struct sqz_estimate sqz_estimate_count(uint64_t sum, uint64_t squares, uint64_t count);

#endif
