/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What calibration has in common: standard errors of series that depend on their own past, and
 * maximum likelihood. */
#ifndef SQZ_ANALYSIS_FIT_H
#define SQZ_ANALYSIS_FIT_H

#include <stddef.h>

#include "sim/core/error.h"

/* Mean of a series and its standard error after Newey and West (1987, Econometrica 55, 703), with
 * n^(1/3) lags, of what is left when its dependence on the value before is taken out (Andrews and
 * Monahan 1992, Econometrica 60, 953); NAN for fewer than two values. */
double sqz_series_mean(const double *value, size_t count, double *se);

/* Slope through the origin of y on x, with the same kind of error. */
double sqz_series_slope(const double *x, const double *y, size_t count, double *se);

/* A log likelihood of up to SQZ_LIKELIHOOD_MAX parameters, which may take any value. */
enum { SQZ_LIKELIHOOD_MAX = 4 };
struct sqz_likelihood {
    size_t count; /* of the parameters */
    double (*log)(const double *parameter, const void *data);
    const void *data;
    double step[SQZ_LIKELIHOOD_MAX]; /* about the size of a change that matters */
};

/* The parameters of the largest likelihood, from where they begin, and their standard errors from
 * the curvature there; NAN where the likelihood is not curved. SQZ_ERR_DATA where no maximum is
 * found. */
int sqz_likelihood_maximise(const struct sqz_likelihood *likelihood, double *parameter, double *se,
                            struct sqz_diag *diag);

#endif
