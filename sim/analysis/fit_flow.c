/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <gsl/gsl_sort.h>
#include <math.h>
#include <stdlib.h>

#include "sim/analysis/fit.h"
#include "sim/analysis/fit_market.h"

static const double HOUR_S = 3600, MINUTE_S = 60, FUNDING_S = 30 * 86400.0;
enum { EVENTS_LEAST = 100 };

/* ---- self-exciting events ------------------------------------------------------------------- */

/* Times from the first event on. */
struct times {
    double *s;
    size_t count;
    double length_s;
};

/* Parameters: log of the background rate per second, logit of the branching, log of the decay. */
static double log_likelihood(const double *parameter, const void *data)
{
    const struct times *times = data;
    double rate = exp(parameter[0]), branching = 1 / (1 + exp(-parameter[1]));
    double decay = exp(parameter[2]), excited = 0, total = -rate * times->length_s;
    for (size_t i = 0; i < times->count; i++) {
        if (i > 0)
            excited = (excited + 1) * exp(-decay * (times->s[i] - times->s[i - 1]));
        total += log(rate + branching * decay * excited);
        total += branching * expm1(-decay * (times->length_s - times->s[i]));
    }
    return total;
}

/* p of Kolmogorov and Smirnov's test that what the fit says went by between events is exponential
 * with mean 1 (Brown et al. 2002, Neural Computation 14, 325). */
static double goodness(const double *parameter, const struct times *times, double *room)
{
    double rate = exp(parameter[0]), branching = 1 / (1 + exp(-parameter[1]));
    double decay = exp(parameter[2]), excited = 0, largest = 0;
    size_t count = times->count - 1;
    for (size_t i = 0; i < count; i++) {
        double wait = times->s[i + 1] - times->s[i];
        excited++;
        room[i] = -expm1(-(rate * wait - branching * excited * expm1(-decay * wait)));
        excited *= exp(-decay * wait);
    }
    gsl_sort(room, 1, count);
    for (size_t i = 0; i < count; i++)
        largest = fmax(largest, fmax((double)(i + 1) / (double)count - room[i],
                                     room[i] - (double)i / (double)count));
    double root = sqrt((double)count), at = (root + 0.12 + 0.11 / root) * largest, p = 0;
    for (int k = 1; k <= 100; k++)
        p += 2 * (k % 2 == 1 ? 1 : -1) * exp(-2 * k * k * at * at);
    return fmax(0, fmin(1, at < 0.2 ? 1 : p));
}

static void add_sizes(struct sqz_fits *fits, const struct sqz_ticks *events)
{
    double mean = 0, squares = 0;
    size_t count = 0;
    for (size_t i = 0; i < events->count; i++)
        if (fabs(events->tick[i].usd) > 0) {
            double size = fabs(events->tick[i].usd);
            mean += size;
            squares += size * size;
            count++;
        }
    if (count < 2) {
        sqz_fits_refuse(fits, "flow.size", "the events have no sizes");
        return;
    }
    mean /= (double)count;
    double variance = squares / (double)count - mean * mean;
    sqz_fits_add(fits, "flow.size", "usd", mean, sqrt(variance / (double)count),
                 "mean of %zu sizes", count);
    sqz_fits_add(fits, "flow.size.sigma", "1", sqrt(log1p(variance / (mean * mean))), NAN,
                 "of a lognormal law with that mean and variance");
}

static void add_rows(struct sqz_fits *fits, const double *parameter, const double *se,
                     const struct times *times, double p)
{
    double rate = exp(parameter[0]), branching = 1 / (1 + exp(-parameter[1]));
    double decay = exp(parameter[2]);
    const char *law = "self-exciting, exponential decay, maximum likelihood";
    sqz_fits_add(fits, "flow.rate", "1/h", rate * HOUR_S, rate * HOUR_S * se[0],
                 "%s; %zu events in %.4g h; rescaled times exponential with p %.2g", law,
                 times->count, times->length_s / HOUR_S, p);
    sqz_fits_add(fits, "flow.branching", "1", branching, branching * (1 - branching) * se[1], "%s",
                 law);
    sqz_fits_add(fits, "flow.decay", "1/min", decay * MINUTE_S, decay * MINUTE_S * se[2], "%s",
                 law);
}

static int fit_times(struct sqz_fits *fits, const struct sqz_ticks *events, struct times *times,
                     double *room, struct sqz_diag *diag)
{
    double rate = (double)times->count / times->length_s, se[3];
    double parameter[3] = {log(0.5 * rate), 0, log(rate)};
    struct sqz_likelihood likelihood = {
        .count = 3, .log = log_likelihood, .data = times, .step = {0.2, 0.3, 0.3}};
    int error = sqz_likelihood_maximise(&likelihood, parameter, se, diag);
    if (error != SQZ_OK)
        return error;
    if (!isfinite(se[1]) || !isfinite(se[2])) {
        sqz_fits_refuse(fits, "flow.branching",
                        "the likelihood has no curvature: the events do not tell how they excite "
                        "one another");
        return SQZ_OK;
    }
    add_rows(fits, parameter, se, times, goodness(parameter, times, room));
    add_sizes(fits, events);
    return SQZ_OK;
}

int sqz_fit_flow(struct sqz_fits *fits, const struct sqz_ticks *events, struct sqz_diag *diag)
{
    if (events->count < EVENTS_LEAST) {
        sqz_fits_refuse(fits, "flow.branching", "%zu events; expected %d or more", events->count,
                        EVENTS_LEAST);
        return SQZ_OK;
    }
    struct times times = {.s = malloc(events->count * sizeof(double)), .count = events->count};
    double *room = malloc(events->count * sizeof *room);
    double begin = events->tick[0].time_s;
    int error = times.s != NULL && room != NULL
                    ? SQZ_OK
                    : sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for %zu events", events->count);
    for (size_t i = 0; error == SQZ_OK && i < events->count; i++)
        times.s[i] = events->tick[i].time_s - begin;
    times.length_s = events->tick[events->count - 1].time_s - begin;
    if (error == SQZ_OK)
        error = fit_times(fits, events, &times, room, diag);
    free(times.s);
    free(room);
    return error;
}

/* ---- funding -------------------------------------------------------------------------------- */

static int compare(const void *first, const void *second)
{
    double a = *(const double *)first, b = *(const double *)second;
    return (a > b) - (a < b);
}

void sqz_fit_funding(struct sqz_fits *fits, const struct sqz_ticks *funding)
{
    size_t count = funding->count, from = 0;
    double se, *value = malloc(count * sizeof *value);
    const struct sqz_tick *tick = funding->tick;
    if (value == NULL || count < 2) {
        free(value);
        sqz_fits_refuse(fits, "funding.rate", "too few payments");
        return;
    }
    while (tick[from].time_s < tick[count - 1].time_s - FUNDING_S)
        from++;
    for (size_t i = from; i < count; i++)
        value[i - from] = tick[i].usd;
    double mean = sqz_series_mean(value, count - from, &se);
    for (size_t i = 1; i < count; i++)
        value[i - 1] = tick[i].time_s - tick[i - 1].time_s;
    qsort(value, count - 1, sizeof *value, compare);
    sqz_fits_add(fits, "funding.rate", "1", mean, se, "mean of the last %zu payments, %.3g d",
                 count - from, (tick[count - 1].time_s - tick[from].time_s) / 86400);
    sqz_fits_add(fits, "funding.interval", "h", value[(count - 1) / 2] / HOUR_S, NAN,
                 "median time between payments");
    sqz_fits_refuse(fits, "funding.exit",
                    "payments do not tell who leaves because of them; the driver's default is 0");
    free(value);
}
