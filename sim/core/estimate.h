/* Estimates with their errors: shares and means of many paths.
 *
 * Sums are exact, so merging is commutative and associative to the bit: results do not depend on
 * threads, blocks or shards. */
#ifndef SQZ_CORE_ESTIMATE_H
#define SQZ_CORE_ESTIMATE_H

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
    uint64_t count;
    struct sqz_exact_sum sum, squares;
};

void sqz_mean_add(struct sqz_mean *mean, double value);
void sqz_mean_merge(struct sqz_mean *mean, const struct sqz_mean *other);
/* Normal interval; se is NAN for fewer than two values. */
struct sqz_estimate sqz_mean_estimate(const struct sqz_mean *mean);

/* The same for `count` whole numbers, given their sum and the sum of their squares. */
struct sqz_estimate sqz_estimate_count(uint64_t sum, uint64_t squares, uint64_t count);

#endif
