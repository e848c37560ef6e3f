/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A toy driver: the same market order at equal intervals. */
#include "tests/toys/toys.h"

#include <math.h>

struct params {
    double order_usd, interval_s;
};

struct state {
    double beats;
};

static const struct sqz_param PARAMS[] = {
    SQZ_NUMBER(struct params, "metronome.order", SQZ_DIM_USD, "usd", NULL, 0, 1e18, order_usd,
               "notional bought at each beat; 0: none", .required = true),
    SQZ_NUMBER(struct params, "metronome.interval", SQZ_DIM_TIME, "s", "60", 0, INFINITY,
               interval_s, "from one beat to the next", .above_lo = true),
};

static const struct sqz_measure MEASURES[] = {
    {.name = "beats", .unit = "1", .doc = "orders so far"},
};

static bool active(const void *params)
{
    return ((const struct params *)params)->order_usd > 0;
}

static int prepare(const void *params, const struct sqz_driver_terms *terms, void *shared,
                   struct sqz_diag *diag)
{
    (void)terms;
    (void)diag;
    *(struct params *)shared = *(const struct params *)params;
    return SQZ_OK;
}

static void reach(const void *params, const struct sqz_driver_terms *terms,
                  struct sqz_driver_reach *reach)
{
    (void)params;
    (void)terms;
    reach->carry_log = INFINITY;
}

static void start(const void *shared, void *state, struct sqz_stream *stream,
                  struct sqz_driver_effect *effect)
{
    (void)stream;
    ((struct state *)state)->beats = 0;
    effect->next_s = ((const struct params *)shared)->interval_s;
}

static void fire(const void *shared, void *state, struct sqz_stream *stream,
                 const struct sqz_view *now, struct sqz_driver_effect *effect)
{
    const struct params *metronome = shared;
    (void)stream;
    ((struct state *)state)->beats++;
    effect->order_usd = metronome->order_usd;
    effect->next_s = now->time_s + metronome->interval_s;
}

static void measure(const void *shared, const void *state, const struct sqz_view *now,
                    double *value)
{
    (void)shared;
    (void)now;
    value[0] = ((const struct state *)state)->beats;
}

const struct sqz_driver_model toy_driver_metronome = {
    .name = "metronome",
    .doc = "a toy: the same market order at equal intervals",
    .citation = "none",
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
