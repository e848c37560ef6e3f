/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/analysis/volatility.h"

#include <gsl/gsl_multifit.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double DAY_S = 86400.0;

/* Weights below this share of the first are left out. */
static const double NEGLIGIBLE = 1e-6;

/* ---- realised variance ---------------------------------------------------------------------- */

int sqz_realised_init(struct sqz_realised *realised, const struct sqz_record *record,
                      struct sqz_diag *diag)
{
    realised->record = record;
    realised->sum = calloc(record->count + 1, sizeof *realised->sum);
    realised->time_s = calloc(record->count + 1, sizeof *realised->time_s);
    if (realised->sum == NULL || realised->time_s == NULL) {
        sqz_realised_free(realised);
        return sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for %zu bars", record->count);
    }
    const struct sqz_bar *bar = record->bar;
    for (size_t i = 0; i < record->count; i++) {
        bool follows = i > 0 && !sqz_record_is_gap(record, i - 1);
        double from_usd = follows ? bar[i - 1].close_usd : bar[i].open_usd;
        double move = log(bar[i].close_usd / from_usd);
        realised->sum[i + 1] = realised->sum[i] + move * move;
        realised->time_s[i + 1] = realised->time_s[i] + record->step_s;
    }
    return SQZ_OK;
}

void sqz_realised_free(struct sqz_realised *realised)
{
    free(realised->sum);
    free(realised->time_s);
    memset(realised, 0, sizeof *realised);
}

/* The first bar that has not ended by a time. */
static size_t ended_by(const struct sqz_realised *realised, double time_s)
{
    /* A bar ends where the next begins; half a step forgives times that are typed. */
    return sqz_record_at(realised->record, time_s - 0.5 * realised->record->step_s);
}

double sqz_realised_rate(const struct sqz_realised *realised, double from_s, double until_s)
{
    size_t begin = sqz_record_at(realised->record, from_s), end = ended_by(realised, until_s);
    if (end < begin + SQZ_REALISED_LEAST)
        return NAN;
    return (realised->sum[end] - realised->sum[begin]) /
           (realised->time_s[end] - realised->time_s[begin]);
}

/* Past squared returns, weighted by the half-life of their age. */
static double weighted_rate(const struct sqz_realised *realised, double halflife_s, double time_s)
{
    const struct sqz_record *record = realised->record;
    double weight = 1.0, sum = 0.0, time = 0.0;
    size_t end = ended_by(realised, time_s);
    double decay = exp2(-record->step_s / halflife_s);
    if (end < SQZ_REALISED_LEAST)
        return NAN;
    for (size_t i = end; i > 0 && weight > NEGLIGIBLE; i--) {
        sum += weight * (realised->sum[i] - realised->sum[i - 1]);
        time += weight * record->step_s;
        weight *= decay;
    }
    return sum / time;
}

/* ---- the regression ------------------------------------------------------------------------- */

/* 1, and the logs of the variances of the last horizon, day and week (as much as there is, for
 * shorter records); false where one is not known. */
static bool regressors(const struct sqz_realised *realised, double horizon_s, double time_s,
                       double x[4])
{
    double first_s = realised->record->bar[0].time_s;
    const double back_s[] = {horizon_s, DAY_S, 7 * DAY_S};
    x[0] = 1.0;
    for (int i = 0; i < 3; i++) {
        double rate = sqz_realised_rate(realised, fmax(first_s, time_s - back_s[i]), time_s);
        x[1 + i] = log(rate);
        if (!isfinite(x[1 + i]))
            return false;
    }
    return true;
}

static double har_rate(const struct sqz_volatility *volatility, const struct sqz_realised *realised,
                       double time_s)
{
    double x[4], log_rate = 0.5 * volatility->error;
    if (!regressors(realised, volatility->horizon_s, time_s, x))
        return NAN;
    for (int i = 0; i < 4; i++)
        log_rate += volatility->beta[i] * x[i];
    return exp(log_rate);
}

/* Times one horizon apart whose horizons ahead have been recorded, from the first with something
 * before it. */
struct times {
    double first_s, step_s;
    size_t count;
};

static struct times times_until(const struct sqz_realised *realised, double until_s,
                                double horizon_s)
{
    const struct sqz_record *record = realised->record;
    double first_s = record->bar[0].time_s + fmax(horizon_s, DAY_S);
    double last_s = fmin(until_s, record->bar[record->count - 1].time_s + record->step_s);
    double room = floor((last_s - first_s) / horizon_s);
    return (struct times){first_s, horizon_s, room > 0 ? (size_t)room : 0};
}

static int fit_rows(gsl_matrix *x, gsl_vector *y, size_t rows, struct sqz_volatility *volatility)
{
    gsl_multifit_linear_workspace *work = gsl_multifit_linear_alloc(rows, 4);
    gsl_matrix *covariance = gsl_matrix_alloc(4, 4);
    gsl_vector *beta = gsl_vector_alloc(4);
    double squares = 0.0;
    int failed = work == NULL || covariance == NULL || beta == NULL;
    if (!failed) {
        gsl_matrix_view used = gsl_matrix_submatrix(x, 0, 0, rows, 4);
        gsl_vector_view target = gsl_vector_subvector(y, 0, rows);
        failed =
            gsl_multifit_linear(&used.matrix, &target.vector, beta, covariance, &squares, work);
    }
    for (size_t i = 0; !failed && i < 4; i++)
        volatility->beta[i] = gsl_vector_get(beta, i);
    volatility->error = squares / (double)(rows - 4);
    gsl_vector_free(beta);
    gsl_matrix_free(covariance);
    gsl_multifit_linear_free(work);
    return failed ? SQZ_ERR_NOMEM : SQZ_OK;
}

/* Least squares over the earlier half of the times. False where there are too few. */
static bool fit_har(struct sqz_volatility *volatility, const struct sqz_realised *realised,
                    const struct times *times)
{
    size_t half = times->count / 2, rows = 0;
    if (half < SQZ_VOLATILITY_LEAST)
        return false;
    gsl_matrix *x = gsl_matrix_alloc(half, 4);
    gsl_vector *y = gsl_vector_alloc(half);
    for (size_t i = 0; x != NULL && y != NULL && i < half; i++) {
        double time_s = times->first_s + (double)i * times->step_s, row[4];
        double next = log(sqz_realised_rate(realised, time_s, time_s + times->step_s));
        if (!isfinite(next) || !regressors(realised, volatility->horizon_s, time_s, row))
            continue;
        for (size_t k = 0; k < 4; k++)
            gsl_matrix_set(x, rows, k, row[k]);
        gsl_vector_set(y, rows++, next);
    }
    bool fitted = x != NULL && y != NULL && rows >= SQZ_VOLATILITY_LEAST &&
                  fit_rows(x, y, rows, volatility) == SQZ_OK;
    gsl_matrix_free(x);
    gsl_vector_free(y);
    return fitted;
}

/* ---- forecasts ------------------------------------------------------------------------------ */

static double forecast_rate(const struct sqz_volatility *volatility,
                            const struct sqz_realised *realised, double time_s)
{
    switch (volatility->kind) {
    case SQZ_VOLATILITY_WEIGHTED:
        return weighted_rate(realised, volatility->halflife_s, time_s);
    case SQZ_VOLATILITY_HAR:
        return har_rate(volatility, realised, time_s);
    case SQZ_VOLATILITY_CONSTANT:
        break;
    }
    return sqz_realised_rate(realised, realised->record->bar[0].time_s, time_s);
}

double sqz_volatility_forecast(const struct sqz_volatility *volatility,
                               const struct sqz_realised *realised, double time_s)
{
    return sqrt(forecast_rate(volatility, realised, time_s));
}

/* Mean QLIKE over the later half of the times, on which every kind is scored alike. */
static void score(struct sqz_volatility *volatility, const struct sqz_realised *realised,
                  const struct times *times)
{
    double sum = 0.0;
    volatility->scored = 0;
    for (size_t i = times->count / 2; i < times->count; i++) {
        double time_s = times->first_s + (double)i * times->step_s;
        double next = sqz_realised_rate(realised, time_s, time_s + times->step_s);
        double ratio = next / forecast_rate(volatility, realised, time_s);
        if (!(ratio > 0.0) || !isfinite(ratio))
            continue;
        sum += ratio - log(ratio) - 1.0;
        volatility->scored++;
    }
    volatility->qlike = volatility->scored > 0 ? sum / (double)volatility->scored : INFINITY;
}

static void consider(struct sqz_volatility *best, struct sqz_volatility *other,
                     const struct sqz_realised *realised, const struct times *times)
{
    score(other, realised, times);
    if (other->scored == best->scored && other->qlike < best->qlike)
        *best = *other;
}

int sqz_volatility_choose(struct sqz_volatility *volatility, const struct sqz_realised *realised,
                          double until_s, double horizon_s, struct sqz_diag *diag)
{
    static const double HALFLIFE_H[] = {0.5, 1, 2, 4, 8, 16, 32, 64, 128, 256};
    /* Of fewer bars no variance can be told: then a longer time ahead is looked at. */
    horizon_s = fmax(horizon_s, SQZ_REALISED_LEAST * realised->record->step_s);
    struct times times = times_until(realised, until_s, horizon_s);
    struct sqz_volatility best = {.kind = SQZ_VOLATILITY_CONSTANT, .horizon_s = horizon_s};
    if (isnan(forecast_rate(&best, realised, until_s)))
        return sqz_fail_at(diag, SQZ_ERR_DATA, realised->record->file, 0, "time",
                           "has fewer than %d bars before the time in question; expected a record "
                           "that begins earlier",
                           SQZ_REALISED_LEAST);
    score(&best, realised, &times);
    double constant = best.qlike;
    for (size_t i = 0;
         best.scored >= SQZ_VOLATILITY_LEAST && i < sizeof HALFLIFE_H / sizeof *HALFLIFE_H; i++) {
        struct sqz_volatility weighted = {.kind = SQZ_VOLATILITY_WEIGHTED,
                                          .horizon_s = horizon_s,
                                          .halflife_s = 3600 * HALFLIFE_H[i]};
        consider(&best, &weighted, realised, &times);
    }
    struct sqz_volatility har = {.kind = SQZ_VOLATILITY_HAR, .horizon_s = horizon_s};
    if (best.scored >= SQZ_VOLATILITY_LEAST && fit_har(&har, realised, &times))
        consider(&best, &har, realised, &times);
    best.qlike_constant = constant;
    *volatility = best;
    return SQZ_OK;
}

const char *sqz_volatility_name(enum sqz_volatility_kind kind)
{
    static const char *const NAME[] = {"constant", "exponentially weighted",
                                       "heterogeneous autoregressive"};
    return NAME[kind];
}
