/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Buyers who chase a squeeze: a Hawkes process of signed market orders with exponential kernel.
 *
 * Orders come at a background rate mu, and every order, like every forced order, excites more of
 * them: the intensity of a side rises by an excess that decays at the rate beta. The process is
 * linear, so it is the sum of two independent ones (Hawkes and Oakes 1974): a crowd that
 * would come anyway, with all that it provokes, and a crowd that chases forced orders,
 * with all that it provokes. Each has random numbers of its own, so the orders that come anyway are
 * the same with and without impact. */
#include "models/drivers/drivers.h"

#include <math.h>

#include <gsl/gsl_randist.h>

struct params {
    double rate_per_s, branching, decay_per_s;
    double size_usd, size_sigma;
    double buy, herding, liquidations;
};

enum crowd_name { ANYWAY, CHASE, CROWDS };

struct crowd {
    double
        excess_per_s[2]; /* intensity above the background at `time_s`, per enum sqz_order_side */
    double time_s;
    double next_s; /* its next order; INFINITY if there will be none */
};

struct state {
    struct crowd crowd[CROWDS];
    struct sqz_stream chase_stream;
    double orders, traded_usd[2];
};

static const struct sqz_param PARAMS[] = {
    SQZ_NUMBER(struct params, "flow.rate", SQZ_DIM_RATE, "1/h", NULL, 0, 1e3, rate_per_s,
               "background market orders per unit of time; 0: no orders at all", .required = true),
    SQZ_NUMBER(struct params, "flow.branching", SQZ_DIM_NUMBER, "1", "0.5", 0, 0.999, branching,
               "mean number of orders that one order provokes directly; with theirs, and so on, "
               "branching / (1 - branching)"),
    SQZ_NUMBER(struct params, "flow.decay", SQZ_DIM_RATE, "1/min", "1", 0, 1e3, decay_per_s,
               "rate at which the excitement that an order causes dies away", .above_lo = true),
    SQZ_NUMBER(
        struct params, "flow.size", SQZ_DIM_USD, "usd", NULL, 0, 1e15, size_usd,
        "mean notional of an order; a path takes time for every order, and a forced order of Q "
        "provokes flow.liquidations * Q / flow.size * branching / (1 - branching) of them",
        .required = true, .above_lo = true),
    SQZ_NUMBER(struct params, "flow.size.sigma", SQZ_DIM_NUMBER, "1", "0", 0, 5, size_sigma,
               "standard deviation of the log of an order's notional; 0: all equal"),
    SQZ_NUMBER(struct params, "flow.buy", SQZ_DIM_NUMBER, "1", "0.5", 0, 1, buy,
               "share of background orders that buy"),
    SQZ_NUMBER(struct params, "flow.herding", SQZ_DIM_NUMBER, "1", "1", 0, 1, herding,
               "probability that a provoked order takes the side of what provoked it"),
    SQZ_NUMBER(
        struct params, "flow.liquidations", SQZ_DIM_NUMBER, "1", "1", 0, 1e6, liquidations,
        "how much a dollar of executed forced orders excites, next to a dollar of these orders; "
        "see flow.size for the number of orders that follows"),
};

enum { MEASURE_ORDERS, MEASURE_BOUGHT, MEASURE_SOLD, MEASURE_INTENSITY };

static const struct sqz_measure MEASURES[] = {
    [MEASURE_ORDERS] = {.name = "orders", .unit = "1", .doc = "orders so far"},
    [MEASURE_BOUGHT] = {.name = "bought_usd", .unit = "usd", .doc = "bought so far"},
    [MEASURE_SOLD] = {.name = "sold_usd", .unit = "usd", .doc = "sold so far"},
    [MEASURE_INTENSITY] = {.name = "intensity_per_s",
                           .unit = "1/s",
                           .doc = "rate at which orders come, both sides together",
                           .drawn = true},
};

static bool active(const void *params)
{
    return ((const struct params *)params)->rate_per_s > 0;
}

static int prepare(const void *params, const struct sqz_driver_terms *market, void *shared,
                   struct sqz_diag *diag)
{
    (void)market;
    (void)diag;
    *(struct params *)shared = *(const struct params *)params;
    return SQZ_OK;
}

/* Its orders move the price as far as they are large. */
static void reach(const void *params, const struct sqz_driver_terms *market,
                  struct sqz_driver_reach *reach)
{
    (void)params;
    (void)market;
    reach->carry_log = INFINITY;
}

/* ---- one crowd
 * ----------------------------------------------------------------------------- */

/* Background intensity of a crowd on a side. */
static double background_per_s(const struct params *flow, enum crowd_name name,
                               enum sqz_order_side side)
{
    double buy = side == SQZ_BUY ? flow->buy : 1.0 - flow->buy;
    return name == ANYWAY ? flow->rate_per_s * buy : 0.0;
}

static double excess_per_s(const struct crowd *crowd)
{
    return crowd->excess_per_s[SQZ_BUY] + crowd->excess_per_s[SQZ_SELL];
}

/* Share of an excess that is left after a while. */
static double left_after(const struct params *flow, double elapsed_s)
{
    return exp(-flow->decay_per_s * elapsed_s);
}

static void decay(const struct params *flow, struct crowd *crowd, double now_s)
{
    double left = left_after(flow, now_s - crowd->time_s);
    crowd->excess_per_s[SQZ_BUY] *= left;
    crowd->excess_per_s[SQZ_SELL] *= left;
    crowd->time_s = now_s;
}

/* Let that many orders of mean size, per side, excite the crowd. Returns the excess added. */
static double excite(const struct params *flow, struct crowd *crowd, const double orders[2])
{
    double each_per_s = flow->branching * flow->decay_per_s, herding = flow->herding;
    for (int side = 0; side < 2; side++)
        crowd->excess_per_s[side] +=
            each_per_s * (herding * orders[side] + (1.0 - herding) * orders[1 - side]);
    return each_per_s * (orders[SQZ_BUY] + orders[SQZ_SELL]);
}

/* Waiting time for the first order of an intensity that starts at `excess_per_s` and decays:
 * P(none within t) = exp(-excess (1 - exp(-decay t)) / decay), inverted. The integral of the
 * intensity is finite, so the first order may never come (Dassios and Zhao 2013, algorithm 3.1). */
static double first_of_excess_s(const struct params *flow, double excess_per_s,
                                struct sqz_stream *stream)
{
    double spent_per_s = -log(sqz_stream_uniform(stream)) * flow->decay_per_s;
    if (spent_per_s >= excess_per_s)
        return INFINITY;
    return -log1p(-spent_per_s / excess_per_s) / flow->decay_per_s;
}

/* Draw the next order of a crowd: the first that its excess brings, or the first of the
 * background if that is earlier. */
static void draw_next(const struct params *flow, enum crowd_name name, struct crowd *crowd,
                      struct sqz_stream *stream)
{
    double wait_s = first_of_excess_s(flow, excess_per_s(crowd), stream);
    if (name == ANYWAY)
        wait_s = sqz_least(wait_s, -log(sqz_stream_uniform(stream)) / flow->rate_per_s);
    crowd->next_s = crowd->time_s + wait_s;
}

/* ---- the driver ---------------------------------------------------------------------------- */

static double next_s(const struct state *state)
{
    return sqz_least(state->crowd[ANYWAY].next_s, state->crowd[CHASE].next_s);
}

static void start(const void *shared, void *state, struct sqz_stream *stream,
                  struct sqz_driver_effect *effect)
{
    struct state *own = state;
    *own = (struct state){0};
    /* A key of 128 random bits: no other stream has it. */
    uint64_t key = sqz_stream_u64(stream);
    sqz_stream_open(&own->chase_stream, key, sqz_stream_u64(stream), 0);
    own->crowd[CHASE].next_s = INFINITY;
    draw_next(shared, ANYWAY, &own->crowd[ANYWAY], stream);
    effect->next_s = next_s(own);
}

/* The side of an order: in proportion to the intensities at its time. */
static enum sqz_order_side draw_side(const struct params *flow, enum crowd_name name,
                                     const struct crowd *crowd, struct sqz_stream *stream)
{
    double up = background_per_s(flow, name, SQZ_BUY) + crowd->excess_per_s[SQZ_BUY];
    double down = background_per_s(flow, name, SQZ_SELL) + crowd->excess_per_s[SQZ_SELL];
    return sqz_stream_uniform(stream) * (up + down) < up ? SQZ_BUY : SQZ_SELL;
}

static double draw_size_usd(const struct params *flow, struct sqz_stream *stream)
{
    double sigma = flow->size_sigma;
    if (sigma == 0.0)
        return flow->size_usd;
    gsl_rng rng = sqz_stream_gsl(stream);
    return flow->size_usd * exp(gsl_ran_gaussian_ziggurat(&rng, sigma) - 0.5 * sigma * sigma);
}

static void fire(const void *shared, void *state, struct sqz_stream *stream,
                 const struct sqz_view *now, struct sqz_driver_effect *effect)
{
    const struct params *flow = shared;
    struct state *own = state;
    enum crowd_name name = own->crowd[CHASE].next_s < own->crowd[ANYWAY].next_s ? CHASE : ANYWAY;
    struct crowd *crowd = &own->crowd[name];
    if (name == CHASE)
        stream = &own->chase_stream;
    decay(flow, crowd, now->time_s);
    enum sqz_order_side side = draw_side(flow, name, crowd, stream);
    double size_usd = draw_size_usd(flow, stream), orders[2] = {side == SQZ_BUY, side == SQZ_SELL};
    own->orders++;
    own->traded_usd[side] += size_usd;
    excite(flow, crowd, orders);
    draw_next(flow, name, crowd, stream);
    effect->order_usd = sqz_order_sign(side) * size_usd;
    effect->next_s = next_s(own);
}

/* Forced orders add to the excess of the crowd that chases. Its next order is the earlier
 * of the one already drawn and the first that the added excess alone would bring: the intensities
 * add up, so the two are independent Poisson processes until then, and the one already drawn, known
 * only to lie ahead, has just the law that it would have if it were drawn now. */
static double on_fill(const void *shared, void *state, struct sqz_stream *stream, double time_s,
                      const double forced_usd[2], double due_s)
{
    (void)stream;
    (void)due_s;
    const struct params *flow = shared;
    struct state *own = state;
    struct crowd *crowd = &own->crowd[CHASE];
    double per_usd = flow->liquidations / flow->size_usd;
    const double orders[2] = {per_usd * forced_usd[0], per_usd * forced_usd[1]};
    decay(flow, crowd, time_s);
    double added_per_s = excite(flow, crowd, orders);
    double wait_s = first_of_excess_s(flow, added_per_s, &own->chase_stream);
    crowd->next_s = sqz_least(crowd->next_s, time_s + wait_s);
    return next_s(own);
}

static void measure(const void *shared, const void *state, const struct sqz_view *now,
                    double *value)
{
    const struct params *flow = shared;
    const struct state *own = state;
    double intensity_per_s = flow->rate_per_s;
    for (int name = 0; name < CROWDS; name++)
        intensity_per_s += excess_per_s(&own->crowd[name]) *
                           left_after(flow, now->time_s - own->crowd[name].time_s);
    value[MEASURE_ORDERS] = own->orders;
    value[MEASURE_BOUGHT] = own->traded_usd[SQZ_BUY];
    value[MEASURE_SOLD] = own->traded_usd[SQZ_SELL];
    value[MEASURE_INTENSITY] = intensity_per_s;
}

const struct sqz_driver_model sqz_driver_flow = {
    .name = "flow",
    .doc = "herding: market orders that provoke market orders, and that chase liquidations",
    .citation = "Hawkes (1971), Biometrika 58, 83; Dassios and Zhao (2013), Electron. Commun. "
                "Probab. 18, 62",
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
    .on_fill = on_fill,
    .measure = measure,
};
