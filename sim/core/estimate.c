/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/core/estimate.h"

#include <float.h>
#include <math.h>

#include <gsl/gsl_cdf.h>

double sqz_estimate_half_width(void)
{
    return gsl_cdf_ugaussian_Pinv(0.975);
}

struct sqz_estimate sqz_estimate_normal(double value, double se)
{
    double half = sqz_estimate_half_width() * se;
    return (struct sqz_estimate){value, se, value - half, value + half};
}

struct sqz_estimate sqz_estimate_share(uint64_t hits, uint64_t trials)
{
    if (trials == 0)
        return (struct sqz_estimate){NAN, NAN, NAN, NAN};
    double n = (double)trials, p = (double)hits / n, z = sqz_estimate_half_width();
    double shrink = 1.0 + z * z / n;
    double centre = (p + z * z / (2 * n)) / shrink;
    double half = z / shrink * sqrt(p * (1 - p) / n + z * z / (4 * n * n));
    return (struct sqz_estimate){
        .value = p,
        .se = sqrt(p * (1 - p) / n),
        .lo = hits == 0 ? 0.0 : fmax(0.0, centre - half),
        .hi = hits == trials ? 1.0 : fmin(1.0, centre + half),
    };
}

void sqz_mean_add(struct sqz_mean *mean, double value)
{
    mean->count++;
    mean->hits += value != 0;
    sqz_exact_sum_add(&mean->sum, value);
    sqz_exact_sum_add(&mean->squares, value * value);
}

void sqz_mean_merge(struct sqz_mean *mean, const struct sqz_mean *other)
{
    mean->count += other->count;
    mean->hits += other->hits;
    sqz_exact_sum_merge(&mean->sum, &other->sum);
    sqz_exact_sum_merge(&mean->squares, &other->squares);
}

void sqz_mean_code(struct sqz_mean *mean, struct sqz_codec *codec)
{
    sqz_codec_count(codec, &mean->count);
    sqz_codec_count(codec, &mean->hits);
    sqz_exact_sum_code(&mean->sum, codec);
    sqz_exact_sum_code(&mean->squares, codec);
}

static struct sqz_estimate estimate_mean(double sum, double squares, uint64_t count)
{
    if (count == 0)
        return (struct sqz_estimate){NAN, NAN, NAN, NAN};
    double n = (double)count, value = sum / n;
    if (count < 2)
        return (struct sqz_estimate){value, NAN, NAN, NAN};
    double mean_square = squares / n, variance = mean_square - value * value;
    /* The difference is known to a few roundings of its terms; less than that is no variance. */
    if (variance < 8 * DBL_EPSILON * mean_square)
        variance = 0.0;
    return sqz_estimate_normal(value, sqrt(variance / (n - 1)));
}

struct sqz_estimate sqz_mean_estimate(const struct sqz_mean *mean)
{
    return estimate_mean(sqz_exact_sum_value(&mean->sum), sqz_exact_sum_value(&mean->squares),
                         mean->count);
}

struct sqz_estimate sqz_estimate_count(uint64_t sum, uint64_t squares, uint64_t count)
{
    return estimate_mean((double)sum, (double)squares, count);
}

/* ---- amounts of which few were seen --------------------------------------------------------- */

bool sqz_estimate_is_sparse(double value, double se)
{
    return value * value <= SQZ_ESTIMATE_FEW * se * se || value == 0;
}

/* Of means of amounts the shape is 1 or more, that of a single amount; far below it GSL's inverse
 * does not converge, which its error handler hears of. */
static const double LEAST_SHAPE = 0.5;

/* Quantile of the gamma law with this mean and variance; NAN where their squares are no doubles. */
static double gamma_quantile(double p, double mean, double variance)
{
    double shape = mean * mean / variance;
    return shape >= LEAST_SHAPE && isfinite(shape) ? gsl_cdf_gamma_Pinv(p, shape, variance / mean)
                                                   : NAN;
}

static double upper_limit(double value, double variance, double largest, uint64_t count)
{
    double unseen = largest / (double)count;
    if (value == 0)
        return sqz_estimate_share(0, count).hi * largest;
    return fmin(fmax(value, largest),
                gamma_quantile(0.975, value + unseen, variance + unseen * unseen));
}

struct sqz_estimate sqz_estimate_amount(double value, double se, double largest, uint64_t count)
{
    struct sqz_estimate estimate = sqz_estimate_normal(value, se);
    if (isnan(se) || !sqz_estimate_is_sparse(value, se))
        return estimate;
    estimate.lo = value > 0 ? gamma_quantile(0.025, value, se * se) : 0.0;
    if (isfinite(largest))
        estimate.hi = upper_limit(value, se * se, largest, count);
    else if (value == 0)
        estimate.hi = NAN;
    return estimate;
}

struct sqz_estimate sqz_mean_amount(const struct sqz_mean *mean, double largest)
{
    struct sqz_estimate normal = sqz_mean_estimate(mean);
    return sqz_estimate_amount(normal.value, normal.se, largest, mean->count);
}

/* Bonett and Price (2012) with amounts: one more pair with the largest difference either way. */
struct sqz_estimate sqz_mean_change(const struct sqz_mean *mean, double largest)
{
    struct sqz_estimate estimate = sqz_mean_estimate(mean);
    double n = (double)mean->count + 2, centre = sqz_exact_sum_value(&mean->sum) / n;
    double squares = sqz_exact_sum_value(&mean->squares) + 2 * largest * largest;
    if (isnan(estimate.se) || mean->hits >= SQZ_ESTIMATE_FEW)
        return estimate;
    double half = sqz_estimate_half_width() * sqrt((squares / n - centre * centre) / n);
    estimate.lo = fmax(0 - largest, centre - half); /* no -0 */
    estimate.hi = fmin(largest, centre + half);
    return estimate;
}
