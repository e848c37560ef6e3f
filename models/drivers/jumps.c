/* Macro news as jumps of the exogenous price: Merton (1976), a Poisson process of normal log jumps.
 *
 * Nothing is compensated: the mean log price moves by rate * mean per unit of time. */
#include "models/drivers/drivers.h"

#include <math.h>

#include <gsl/gsl_randist.h>

struct params {
    double rate_per_s, mean_log, sd_log;
};

struct state {
    double jumps;
};

static const struct sqz_param PARAMS[] = {
    SQZ_NUMBER(struct params, "jumps.rate", SQZ_DIM_RATE, "1/d", NULL, 0, 1e3, rate_per_s,
               "mean number of jumps per unit of time; 0: none", .required = true),
    SQZ_NUMBER(struct params, "jumps.mean", SQZ_DIM_NUMBER, "1", "0", -10, 10, mean_log,
               "mean of a jump of the log price", .odd_from = 1),
    SQZ_NUMBER(struct params, "jumps.sd", SQZ_DIM_NUMBER, "1", "0", 0, 10, sd_log,
               "standard deviation of a jump of the log price", .odd_from = 0.5),
};

static const struct sqz_measure MEASURES[] = {
    {.name = "jumps", .unit = "1", .doc = "jumps so far"},
};

static bool active(const void *params)
{
    return ((const struct params *)params)->rate_per_s > 0;
}

static int prepare(const void *params, const struct sqz_market *market, void *shared,
                   struct sqz_diag *diag)
{
    (void)market;
    (void)diag;
    *(struct params *)shared = *(const struct params *)params;
    return SQZ_OK;
}

/* Jumps as many and as large as six standard deviations allow. */
static void reach(const void *params, const struct sqz_market *market,
                  struct sqz_driver_reach *reach)
{
    const struct params *jumps = params;
    double mean = jumps->rate_per_s * market->horizon_s;
    double most = mean + SQZ_REACH_SDS * sqrt(mean) + 1;
    reach->carry_log = most * (fabs(jumps->mean_log) + SQZ_REACH_SDS * jumps->sd_log);
}

static double next_jump_s(const struct params *jumps, struct sqz_stream *stream, double now_s)
{
    gsl_rng rng = sqz_stream_gsl(stream);
    return now_s + gsl_ran_exponential(&rng, 1.0 / jumps->rate_per_s);
}

static void start(const void *shared, void *state, struct sqz_stream *stream,
                  struct sqz_driver_effect *effect)
{
    ((struct state *)state)->jumps = 0;
    effect->next_s = next_jump_s(shared, stream, 0.0);
}

static void fire(const void *shared, void *state, struct sqz_stream *stream,
                 const struct sqz_view *now, struct sqz_driver_effect *effect)
{
    const struct params *jumps = shared;
    gsl_rng rng = sqz_stream_gsl(stream);
    ((struct state *)state)->jumps++;
    effect->jump_log = jumps->mean_log + gsl_ran_gaussian_ziggurat(&rng, jumps->sd_log);
    effect->next_s = next_jump_s(jumps, stream, now->time_s);
}

static void measure(const void *shared, const void *state, const struct sqz_view *now,
                    double *value)
{
    (void)shared;
    (void)now;
    value[0] = ((const struct state *)state)->jumps;
}

const struct sqz_driver_model sqz_driver_jumps = {
    .name = "jumps",
    .doc = "macro news: normal log jumps at Poisson times",
    .citation = "Merton (1976), J. Financial Economics 3, 125",
    .params = PARAMS,
    .n_params = sizeof PARAMS / sizeof PARAMS[0],
    .params_size = sizeof(struct params),
    .shared_size = sizeof(struct params),
    .state_size = sizeof(struct state),
    .measures = MEASURES,
    .n_measures = sizeof MEASURES / sizeof MEASURES[0],
    .active = active,
    .prepare = prepare,
    .reach = reach,
    .start = start,
    .fire = fire,
    .measure = measure,
};
