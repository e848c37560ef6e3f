/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/analysis/proper.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdlib.h>

#include "sim/core/rng.h"

double sqz_crps(const double *ascending, size_t count, double happened)
{
    double distance = 0.0, spread = 0.0, n = (double)count;
    for (size_t i = 0; i < count; i++) {
        distance += fabs(ascending[i] - happened);
        spread += (2.0 * (double)i + 1.0 - n) * ascending[i];
    }
    return distance / n - spread / (n * (n - 1.0));
}

double sqz_pit(const double *ascending, size_t count, double happened, double uniform)
{
    size_t below = 0, equal = 0;
    for (size_t i = 0; i < count; i++) {
        below += ascending[i] < happened;
        equal += ascending[i] == happened;
    }
    return ((double)below + uniform * (double)(equal + 1)) / (double)(count + 1);
}

/* P(K > x) of the Kolmogorov law; its series in either direction has long converged after these
 * terms where it is used. */
static double kolmogorov_tail(double x)
{
    enum { TERMS = 50 };
    double sum = 0.0;
    if (x < 0.2) /* 1 to 1e-11 */
        return 1.0;
    for (int k = 1; k <= TERMS; k++)
        sum += (k % 2 == 1 ? 2.0 : -2.0) * exp(-2.0 * k * k * x * x);
    return fmin(fmax(sum, 0.0), 1.0);
}

double sqz_uniform_p(double *value, size_t count)
{
    double distance = 0.0, n = (double)count;
    if (count == 0)
        return NAN;
    gsl_sort(value, 1, count);
    for (size_t i = 0; i < count; i++)
        distance = fmax(distance, fmax((double)(i + 1) / n - value[i], value[i] - (double)i / n));
    return kolmogorov_tail((sqrt(n) + 0.12 + 0.11 / sqrt(n)) * distance);
}

/* ---- means over days ------------------------------------------------------------------------ */

/* Sum and number of the values of each day. */
struct days {
    double *sum;
    double *count;
    size_t days;
};

static void gather(struct days *days, const double *value, const long *day, size_t count)
{
    long current = 0;
    days->days = 0;
    for (size_t i = 0; i < count; i++) {
        if (isnan(value[i]))
            continue;
        if (days->days == 0 || day[i] != current)
            days->days++;
        current = day[i];
        days->sum[days->days - 1] += value[i];
        days->count[days->days - 1] += 1.0;
    }
}

static double mean_of(const struct days *days, struct sqz_stream *stream)
{
    double sum = 0.0, count = 0.0;
    for (size_t d = 0; d < days->days; d++) {
        size_t drawn = d;
        if (stream != NULL)
            drawn = (size_t)(sqz_stream_uniform(stream) * (double)days->days);
        sum += days->sum[drawn];
        count += days->count[drawn];
    }
    return sum / count;
}

/* Few days spread too little when they are drawn again: the percentiles are taken further out, as
 * far as Student's interval of as many days is wider than the normal one (Hesterberg 2015, The
 * American Statistician 69, 371, section 5.3). */
static double lower_share(size_t days)
{
    double n = (double)days;
    return gsl_cdf_ugaussian_P(sqrt(n / (n - 1.0)) * gsl_cdf_tdist_Pinv(0.025, n - 1.0));
}

static void resample(struct sqz_estimate *mean, const struct days *days, double *again,
                     uint64_t seed)
{
    double lower = lower_share(days->days);
    struct sqz_stream stream;
    sqz_stream_open(&stream, seed, 0, SQZ_STREAM_RECORDER);
    for (size_t b = 0; b < SQZ_BOOTSTRAPS; b++)
        again[b] = mean_of(days, &stream);
    gsl_sort(again, 1, SQZ_BOOTSTRAPS);
    mean->se = gsl_stats_sd(again, 1, SQZ_BOOTSTRAPS);
    mean->lo = gsl_stats_quantile_from_sorted_data(again, 1, SQZ_BOOTSTRAPS, lower);
    mean->hi = gsl_stats_quantile_from_sorted_data(again, 1, SQZ_BOOTSTRAPS, 1.0 - lower);
}

int sqz_mean_of_days(struct sqz_estimate *mean, const double *value, const long *day, size_t count,
                     uint64_t seed, struct sqz_diag *diag)
{
    struct days days = {.sum = calloc(count + 1, sizeof *days.sum),
                        .count = calloc(count + 1, sizeof *days.count)};
    double *again = malloc(SQZ_BOOTSTRAPS * sizeof *again);
    int error = SQZ_OK;
    *mean = (struct sqz_estimate){NAN, NAN, NAN, NAN};
    if (days.sum == NULL || days.count == NULL || again == NULL)
        error = sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for %zu scores", count);
    if (error == SQZ_OK)
        gather(&days, value, day, count);
    if (error == SQZ_OK && days.days > 0)
        mean->value = mean_of(&days, NULL);
    if (error == SQZ_OK && days.days > 1)
        resample(mean, &days, again, seed);
    free(days.sum);
    free(days.count);
    free(again);
    return error;
}
