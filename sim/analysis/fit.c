/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/analysis/fit.h"

#include <gsl/gsl_linalg.h>
#include <gsl/gsl_multimin.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- series -------------------------------------------------------------------------------- */

/* Sum of the products of values `lag` apart. */
static double product(const double *value, size_t count, size_t lag)
{
    double sum = 0;
    for (size_t i = lag; i < count; i++)
        sum += value[i] * value[i - lag];
    return sum;
}

/* So much of a value at most is taken to be left of the one before. */
static const double KEPT_MOST = 0.97;

/* The variance of a sum of `count` values that have mean 0. What each keeps of the one before is
 * taken out first and put back at the end; `value` is overwritten with the rest. */
static double long_run_variance(double *value, size_t count)
{
    size_t lags = (size_t)cbrt((double)count);
    double squares = product(value, count, 0), total = 0;
    double kept = squares > 0 ? product(value, count, 1) / squares : 0;
    kept = fmax(-KEPT_MOST, fmin(KEPT_MOST, kept));
    for (size_t i = count - 1; i > 0; i--)
        value[i] -= kept * value[i - 1];
    value[0] *= sqrt(1 - kept * kept);
    for (size_t lag = 0; lag <= lags && lag < count; lag++) {
        double weight = 1 - (double)lag / (double)(lags + 1);
        total += (lag == 0 ? 1 : 2) * weight * product(value, count, lag);
    }
    return fmax(total, 0) / ((1 - kept) * (1 - kept));
}

double sqz_series_mean(const double *value, size_t count, double *se)
{
    double sum = 0;
    *se = NAN;
    for (size_t i = 0; i < count; i++)
        sum += value[i];
    double mean = count > 0 ? sum / (double)count : NAN;
    double *rest = count > 1 ? malloc(count * sizeof *rest) : NULL;
    if (rest == NULL)
        return mean;
    for (size_t i = 0; i < count; i++)
        rest[i] = value[i] - mean;
    *se = sqrt(long_run_variance(rest, count)) / (double)count *
          sqrt((double)count / (double)(count - 1));
    free(rest);
    return mean;
}

double sqz_series_slope(const double *x, const double *y, size_t count, double *se)
{
    double xx = 0, xy = 0;
    *se = NAN;
    for (size_t i = 0; i < count; i++) {
        xx += x[i] * x[i];
        xy += x[i] * y[i];
    }
    double slope = xy / xx;
    double *score = count > 1 && xx > 0 ? malloc(count * sizeof *score) : NULL;
    if (score == NULL)
        return slope;
    for (size_t i = 0; i < count; i++)
        score[i] = x[i] * (y[i] - slope * x[i]);
    *se = sqrt(long_run_variance(score, count)) / xx;
    free(score);
    return slope;
}

/* ---- maximum likelihood --------------------------------------------------------------------- */

static double cost(const gsl_vector *at, void *context)
{
    const struct sqz_likelihood *likelihood = context;
    double parameter[SQZ_LIKELIHOOD_MAX];
    for (size_t i = 0; i < likelihood->count; i++)
        parameter[i] = gsl_vector_get(at, i);
    double log = likelihood->log(parameter, likelihood->data);
    return isfinite(log) ? -log : 1e300;
}

enum { ROUNDS = 4000, RESTARTS = 3 };
static const double SMALL = 1e-7;

static int minimise(const struct sqz_likelihood *likelihood, gsl_vector *at, gsl_vector *step)
{
    gsl_multimin_fminimizer *search =
        gsl_multimin_fminimizer_alloc(gsl_multimin_fminimizer_nmsimplex2, likelihood->count);
    gsl_multimin_function function = {cost, likelihood->count, (void *)likelihood};
    int status = search != NULL ? GSL_CONTINUE : GSL_ENOMEM;
    for (int restart = 0; restart < RESTARTS && status != GSL_ENOMEM; restart++) {
        status = gsl_multimin_fminimizer_set(search, &function, at, step) == GSL_SUCCESS
                     ? GSL_CONTINUE
                     : GSL_FAILURE;
        for (int round = 0; round < ROUNDS && status == GSL_CONTINUE; round++) {
            if (gsl_multimin_fminimizer_iterate(search) != GSL_SUCCESS)
                break;
            status = gsl_multimin_test_size(gsl_multimin_fminimizer_size(search), SMALL);
        }
        gsl_vector_memcpy(at, search->x);
    }
    if (search != NULL)
        gsl_multimin_fminimizer_free(search);
    return status;
}

static double log_at(const struct sqz_likelihood *likelihood, const double *parameter, size_t i,
                     double by_i, size_t j, double by_j)
{
    double moved[SQZ_LIKELIHOOD_MAX];
    memcpy(moved, parameter, likelihood->count * sizeof *moved);
    moved[i] += by_i;
    moved[j] += by_j;
    return likelihood->log(moved, likelihood->data);
}

/* Minus the second derivatives, by differences. */
static void curve(const struct sqz_likelihood *likelihood, const double *parameter, gsl_matrix *out)
{
    for (size_t i = 0; i < likelihood->count; i++)
        for (size_t j = 0; j < likelihood->count; j++) {
            double a = 0.05 * likelihood->step[i], b = 0.05 * likelihood->step[j];
            double mixed = log_at(likelihood, parameter, i, a, j, b) -
                           log_at(likelihood, parameter, i, a, j, -b) -
                           log_at(likelihood, parameter, i, -a, j, b) +
                           log_at(likelihood, parameter, i, -a, j, -b);
            gsl_matrix_set(out, i, j, -mixed / (4 * a * b));
        }
}

static void errors_of(const struct sqz_likelihood *likelihood, const double *parameter, double *se)
{
    size_t count = likelihood->count;
    gsl_matrix *matrix = gsl_matrix_alloc(count, count);
    for (size_t i = 0; i < count; i++)
        se[i] = NAN;
    if (matrix == NULL)
        return;
    curve(likelihood, parameter, matrix);
    if (gsl_linalg_cholesky_decomp1(matrix) == GSL_SUCCESS &&
        gsl_linalg_cholesky_invert(matrix) == GSL_SUCCESS)
        for (size_t i = 0; i < count; i++)
            se[i] = sqrt(gsl_matrix_get(matrix, i, i));
    gsl_matrix_free(matrix);
}

int sqz_likelihood_maximise(const struct sqz_likelihood *likelihood, double *parameter, double *se,
                            struct sqz_diag *diag)
{
    gsl_vector *at = gsl_vector_alloc(likelihood->count);
    gsl_vector *step = gsl_vector_alloc(likelihood->count);
    int status = at != NULL && step != NULL ? GSL_SUCCESS : GSL_ENOMEM;
    for (size_t i = 0; status == GSL_SUCCESS && i < likelihood->count; i++) {
        gsl_vector_set(at, i, parameter[i]);
        gsl_vector_set(step, i, likelihood->step[i]);
    }
    if (status == GSL_SUCCESS)
        status = minimise(likelihood, at, step);
    for (size_t i = 0; status == GSL_SUCCESS && i < likelihood->count; i++)
        parameter[i] = gsl_vector_get(at, i);
    if (at != NULL)
        gsl_vector_free(at);
    if (step != NULL)
        gsl_vector_free(step);
    if (status == GSL_ENOMEM)
        return sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for a fit");
    if (status != GSL_SUCCESS)
        return sqz_fail(diag, SQZ_ERR_DATA, "no largest likelihood is found");
    errors_of(likelihood, parameter, se);
    return SQZ_OK;
}
