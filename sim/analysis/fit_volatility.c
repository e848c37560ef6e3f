/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "sim/analysis/fit_jumps.h"
#include "sim/analysis/fit_market.h"
#include "sim/analysis/volatility.h"

static const double DAY_S = 86400;
static const char PER_SQRT_D[] = "1/sqrt(d)";

static double days(const struct sqz_record *record)
{
    const struct sqz_bar *bar = record->bar;
    return (bar[record->count - 1].time_s + record->step_s - bar[0].time_s) / DAY_S;
}

/* Error of a forecast, relative: what QLIKE says of its errors. For small ones v/f - log(v/f) - 1
 * is half the squared error of the log variance, and that of the volatility is half of its root. */
static double relative_error(const struct sqz_volatility *volatility)
{
    return 0.5 * sqrt(2 * volatility->qlike);
}

static void add_jumps(struct sqz_fits *fits, const struct sqz_jump_fit *jumps, double window_d)
{
    const char *law = "normal law of those seen and of those too small to be";
    sqz_fits_add(
        fits, "jumps.rate", "1/d", jumps->rate_per_d, jumps->se[0],
        "%s; of %zu bars in %.4g d %zu are beyond %.3g local sd, of rms %.3g %%; jumps are "
        "%.2g %% of the variance",
        law, jumps->returns, window_d, jumps->seen, jumps->threshold, 100 * jumps->rms,
        100 * jumps->share);
    sqz_fits_add(fits, "jumps.mean", "1", jumps->mean, jumps->se[1], "%s", law);
    sqz_fits_add(fits, "jumps.sd", "1", jumps->sd, jumps->se[2], "%s", law);
}

static void add_volatility(struct sqz_fits *fits, const struct sqz_volatility *volatility,
                           double forecast_per_sqrt_d, const struct sqz_jump_fit *jumps,
                           double window_d)
{
    double share = jumps != NULL ? jumps->share : 0;
    double diffusive = forecast_per_sqrt_d * sqrt(1 - share);
    const char *less = jumps != NULL ? "; without the jumps" : "";
    const char *name = sqz_volatility_name(volatility->kind);
    double ahead_d = volatility->horizon_s / DAY_S;
    if (!(diffusive > 0))
        sqz_fits_refuse(fits, "volatility", "the price did not move");
    else if (volatility->scored < SQZ_VOLATILITY_LEAST)
        sqz_fits_add(fits, "volatility", PER_SQRT_D, diffusive, NAN,
                     "%s over %.3g d from %.4g d of bars, too few to compare forecasts by%s", name,
                     ahead_d, window_d, less);
    else
        sqz_fits_add(fits, "volatility", PER_SQRT_D, diffusive,
                     diffusive * relative_error(volatility),
                     "%s forecast over %.3g d from %.4g d of bars; QLIKE %.3g, of a constant "
                     "%.3g, %zu times%s",
                     name, ahead_d, window_d, volatility->qlike, volatility->qlike_constant,
                     volatility->scored, less);
}

/* The jumps of the record; NULL where there are none to be told from its tails. */
static const struct sqz_jump_fit *find_jumps(struct sqz_jump_fit *jumps, struct sqz_fits *fits,
                                             const struct sqz_record *record)
{
    struct sqz_diag why = {0};
    if (sqz_jumps_fit(jumps, record, &why) != SQZ_OK) {
        sqz_fits_refuse(fits, "jumps.rate", "%s", why.message);
        return NULL;
    }
    if (jumps->seen < SQZ_JUMPS_LEAST) {
        sqz_fits_refuse(fits, "jumps.rate",
                        "%zu of %zu bars are beyond %.3g local standard deviations; expected %d or "
                        "more to tell their law",
                        jumps->seen, jumps->returns, jumps->threshold, SQZ_JUMPS_LEAST);
        return NULL;
    }
    if (isfinite(jumps->se[0]) && isfinite(jumps->se[2]) && jumps->share < 1)
        return jumps;
    sqz_fits_refuse(fits, "jumps.rate", "the %zu bars that look like jumps do not tell their law",
                    jumps->seen);
    return NULL;
}

int sqz_fit_volatility(struct sqz_fits *fits, const struct sqz_record *record, double horizon_s,
                       struct sqz_diag *diag)
{
    struct sqz_realised realised = {0};
    struct sqz_volatility volatility;
    struct sqz_jump_fit fitted;
    double end_s = record->bar[record->count - 1].time_s + record->step_s;
    int error = sqz_realised_init(&realised, record, diag);
    if (error == SQZ_OK)
        error = sqz_volatility_choose(&volatility, &realised, end_s, horizon_s, diag);
    double forecast =
        error == SQZ_OK ? sqz_volatility_forecast(&volatility, &realised, end_s) : NAN;
    if (error == SQZ_OK && isnan(forecast))
        error = sqz_fail_at(diag, SQZ_ERR_DATA, record->file, 0, NULL,
                            "too few bars before its end for a forecast");
    if (error == SQZ_OK) {
        size_t place = fits->count++; /* volatility comes first, but is known last */
        const struct sqz_jump_fit *jumps = find_jumps(&fitted, fits, record);
        if (jumps != NULL)
            add_jumps(fits, jumps, days(record));
        size_t after = fits->count;
        fits->count = place;
        add_volatility(fits, &volatility, forecast * sqrt(DAY_S), jumps, days(record));
        fits->count = after;
    }
    sqz_realised_free(&realised);
    return error;
}
