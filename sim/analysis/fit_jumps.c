/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/analysis/fit_jumps.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/analysis/fit.h"

static const double DAY_S = 86400;

/* Bars on either side of one from which its volatility is taken, at least; and in all. */
enum { AROUND_LEAST = 24, RETURNS_LEAST = 200 };

struct returns {
    double *move, *local; /* log return of a bar, and its local volatility */
    size_t count;
    double step_s, threshold;
};

static void free_returns(struct returns *returns)
{
    free(returns->move);
    free(returns->local);
}

/* Returns of bars that follow one another; those behind a gap are none. */
static int take_returns(struct returns *returns, const struct sqz_record *record,
                        struct sqz_diag *diag)
{
    *returns = (struct returns){.step_s = record->step_s};
    returns->move = malloc((record->count + 1) * sizeof *returns->move);
    returns->local = malloc((record->count + 1) * sizeof *returns->local);
    if (returns->move == NULL || returns->local == NULL)
        return sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for %zu bars", record->count);
    for (size_t i = 1; i < record->count; i++)
        if (!sqz_record_is_gap(record, i - 1))
            returns->move[returns->count++] =
                log(record->bar[i].close_usd / record->bar[i - 1].close_usd);
    if (returns->count < RETURNS_LEAST)
        return sqz_fail(diag, SQZ_ERR_DATA, "%zu returns; expected %d or more to tell jumps",
                        returns->count, RETURNS_LEAST);
    return SQZ_OK;
}

/* Bipower variation per bar of a window, without the products that the bar itself is in. */
static void find_local(struct returns *returns)
{
    size_t half = (size_t)(0.5 * DAY_S / returns->step_s);
    half = half < AROUND_LEAST ? AROUND_LEAST : half;
    for (size_t i = 0; i < returns->count; i++) {
        size_t from = i > half ? i - half : 0;
        size_t to = i + half < returns->count ? i + half : returns->count - 1, products = 0;
        double sum = 0;
        for (size_t j = from + 1; j <= to; j++)
            if (j != i && j != i + 1) {
                sum += fabs(returns->move[j]) * fabs(returns->move[j - 1]);
                products++;
            }
        returns->local[i] = sqrt(M_PI_2 * sum / (double)products);
    }
}

/* The largest of `count` absolute standard normal values is above this once in a hundred: by the
 * law of extremes, as Lee and Mykland give it. */
static double threshold_for(size_t count)
{
    double root = sqrt(2 * log((double)count));
    double centre = root - (log(M_PI) + log(log((double)count))) / (2 * root);
    return centre - log(-log(0.99)) / root;
}

static bool is_seen(const struct returns *returns, size_t i)
{
    return fabs(returns->move[i]) > returns->threshold * returns->local[i];
}

/* Probability that a normal value is further from 0 than `bound`. */
static double beyond(double mean, double sd, double bound)
{
    return 0.5 * (erfc((bound - mean) / (sd * M_SQRT2)) + erfc((bound + mean) / (sd * M_SQRT2)));
}

/* Parameters: log of the jumps per bar, their mean, log of their sd. */
static double log_likelihood(const double *parameter, const void *data)
{
    const struct returns *returns = data;
    double rate = exp(parameter[0]), mean = parameter[1], jump = exp(2 * parameter[2]), total = 0;
    for (size_t i = 0; i < returns->count; i++) {
        double local = returns->local[i], sd = sqrt(jump + local * local);
        double off = (returns->move[i] - mean) / sd;
        total -= rate * beyond(mean, sd, returns->threshold * local);
        if (is_seen(returns, i))
            total += parameter[0] - 0.5 * off * off - log(sd);
    }
    return total;
}

static double variance_of(const struct returns *returns)
{
    double squares = 0;
    for (size_t i = 0; i < returns->count; i++)
        squares += returns->move[i] * returns->move[i];
    return squares / (double)returns->count;
}

static void count_seen(struct sqz_jump_fit *fit, const struct returns *returns)
{
    double squares = 0;
    *fit = (struct sqz_jump_fit){.rate_per_d = NAN,
                                 .mean = NAN,
                                 .sd = NAN,
                                 .se = {NAN, NAN, NAN},
                                 .share = NAN,
                                 .returns = returns->count,
                                 .threshold = returns->threshold};
    for (size_t i = 0; i < returns->count; i++)
        if (is_seen(returns, i)) {
            fit->seen++;
            squares += returns->move[i] * returns->move[i];
        }
    fit->rms = sqrt(squares / (double)fit->seen);
}

static int maximise(struct sqz_jump_fit *fit, const struct returns *returns, struct sqz_diag *diag)
{
    double parameter[3] = {log(2 * (double)fit->seen / (double)returns->count), 0,
                           log(0.7 * fit->rms)};
    double se[3], per_d = DAY_S / returns->step_s;
    struct sqz_likelihood likelihood = {
        .count = 3, .log = log_likelihood, .data = returns, .step = {0.3, 0.2 * fit->rms, 0.2}};
    int error = sqz_likelihood_maximise(&likelihood, parameter, se, diag);
    if (error != SQZ_OK)
        return error;
    fit->rate_per_d = exp(parameter[0]) * per_d;
    fit->mean = parameter[1];
    fit->sd = exp(parameter[2]);
    fit->se[0] = fit->rate_per_d * se[0];
    fit->se[1] = se[1];
    fit->se[2] = fit->sd * se[2];
    fit->share =
        exp(parameter[0]) * (fit->mean * fit->mean + fit->sd * fit->sd) / variance_of(returns);
    return SQZ_OK;
}

int sqz_jumps_fit(struct sqz_jump_fit *fit, const struct sqz_record *record, struct sqz_diag *diag)
{
    struct returns returns;
    memset(fit, 0, sizeof *fit);
    int error = take_returns(&returns, record, diag);
    if (error == SQZ_OK) {
        returns.threshold = threshold_for(returns.count);
        find_local(&returns);
        count_seen(fit, &returns);
        if (fit->seen >= SQZ_JUMPS_LEAST)
            error = maximise(fit, &returns, diag);
    }
    free_returns(&returns);
    return error;
}
