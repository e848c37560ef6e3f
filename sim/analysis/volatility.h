/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Volatility from recorded bars: constant, exponentially weighted, and heterogeneous
 * autoregressive, and which of them forecasts best.
 *
 * Realised variance of a time is the sum of the squared returns of its bars, from close to close. A
 * forecast is of the variance over a horizon ahead; how good it was is QLIKE (Patton 2011, Journal
 * of Econometrics 160, 246), v/f - log(v/f) - 1 of realised v and forecast f, which ranks forecasts
 * rightly although v is only a noisy measure. */
#ifndef SQZ_ANALYSIS_VOLATILITY_H
#define SQZ_ANALYSIS_VOLATILITY_H

#include "sim/core/error.h"
#include "sim/io/record.h"

/* Squared returns of a record, summed up. */
struct sqz_realised {
    const struct sqz_record *record; /* not owned */
    double *sum;                     /* of the squared returns up to and with each bar; owned */
    double *time_s;                  /* and of the times that they took: a gap takes none */
};

int sqz_realised_init(struct sqz_realised *realised, const struct sqz_record *record,
                      struct sqz_diag *diag);
/* Safe on a zeroed one. */
void sqz_realised_free(struct sqz_realised *realised);

/* Realised variance per second of the bars that begin at or after `from_s` and have ended by
 * `until_s`; NAN where fewer than SQZ_REALISED_LEAST do. */
enum { SQZ_REALISED_LEAST = 8 };
double sqz_realised_rate(const struct sqz_realised *realised, double from_s, double until_s);

enum sqz_volatility_kind {
    SQZ_VOLATILITY_CONSTANT, /* the mean of all that was recorded before */
    SQZ_VOLATILITY_WEIGHTED, /* past squared returns, weighted exponentially in their age */
    SQZ_VOLATILITY_HAR       /* the log of the next variance, linear in those of the last horizon,
                                day and week (Corsi 2009, Journal of Financial Econometrics 7, 174)
                              */
};

struct sqz_volatility {
    enum sqz_volatility_kind kind;
    double horizon_s;      /* ahead, and no shorter than SQZ_REALISED_LEAST bars */
    double halflife_s;     /* of the weights */
    double beta[4], error; /* of the regression: constant, horizon, day, week; residual variance */
    double qlike;          /* mean over the forecasts that were scored */
    double qlike_constant; /* of the constant on the same times */
    size_t scored;         /* how many, one horizon apart */
};

/* Choose the forecast for a horizon by its QLIKE over times one horizon apart up to `until_s`. Each
 * is forecast from what was recorded before it, but for the coefficients of the regression, which
 * are fitted to the earlier half and scored on the later. With fewer than SQZ_VOLATILITY_LEAST
 * times to score the constant is taken. SQZ_ERR_DATA where nothing was recorded before. */
enum { SQZ_VOLATILITY_LEAST = 20 };
int sqz_volatility_choose(struct sqz_volatility *volatility, const struct sqz_realised *realised,
                          double until_s, double horizon_s, struct sqz_diag *diag);

/* Forecast at a time of the volatility over the horizon ahead, per square-root second, from what
 * was recorded before; NAN where that is too little. */
double sqz_volatility_forecast(const struct sqz_volatility *volatility,
                               const struct sqz_realised *realised, double time_s);

/* "constant", "exponentially weighted", "heterogeneous autoregressive" */
const char *sqz_volatility_name(enum sqz_volatility_kind kind);

#endif
