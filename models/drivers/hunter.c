/* A large trader who pushes the price into a cluster of levels and unwinds into the forced orders:
 * Brunnermeier and Pedersen (2005), "Predatory trading".
 *
 * While flat it looks at regular times at the nearest cluster of either side. The push is the
 * market order after which the last price has reached the nearest level; it costs what its average
 * fill is worse than the last price, and it pays what the forced orders of the cluster then move
 * the price. If the cost is below a multiple of the pay it trades, waits, and unwinds in equal
 * parts.
 *
 * Positions are kept in coins and every order counts at its average fill, so the profit is that of
 * its cash flows, after its own impact. It reckons with the last price and with forced orders that
 * leave at once, also where levels watch another price or orders take time: it may be wrong. */
#include "models/drivers/drivers.h"

#include <math.h>

#include "sim/core/world.h"

struct params {
    double capital_usd, multiple, interval_s, window_log;
    double hold_s, unwind_s, slices;
};

/* Prices are relative to the start price, so a coin is what one dollar bought then. */
struct state {
    double cash_usd, coins;
    double traded_usd, raids;
    double entry_coins; /* position after the push, without its sign */
    double orders_left; /* to unwind it; 0 while flat */
};

#define FIELD(member) offsetof(struct params, member)
static const struct sqz_param PARAMS[] = {
    {.key = "hunter.capital",
     .kind = SQZ_PARAM_NUMBER,
     .dimension = SQZ_DIM_USD,
     .unit = "usd",
     .required = true,
     .lo = 0,
     .hi = 1e15,
     .offset = FIELD(capital_usd),
     .doc = "largest market order it sends into a cluster; 0: no hunter"},
    {.key = "hunter.multiple",
     .kind = SQZ_PARAM_NUMBER,
     .dimension = SQZ_DIM_NUMBER,
     .unit = "1",
     .standard = "1",
     .lo = 0,
     .hi = 1e12,
     .offset = FIELD(multiple),
     .doc = "it acts when its market order costs less than this multiple of what the cluster pays"},
    {.key = "hunter.interval",
     .kind = SQZ_PARAM_NUMBER,
     .dimension = SQZ_DIM_TIME,
     .unit = "s",
     .standard = "60",
     .lo = 1e-3,
     .hi = 1e9,
     .offset = FIELD(interval_s),
     .doc = "while flat it looks this often, from the start on"},
    {.key = "hunter.window",
     .kind = SQZ_PARAM_NUMBER,
     .dimension = SQZ_DIM_LOG,
     .unit = "bp",
     .standard = "50",
     .lo = 0,
     .hi = 10,
     .offset = FIELD(window_log),
     .doc = "levels this near beyond the nearest one of a side belong to its cluster"},
    {.key = "hunter.hold",
     .kind = SQZ_PARAM_NUMBER,
     .dimension = SQZ_DIM_TIME,
     .unit = "s",
     .standard = "10",
     .lo = 0,
     .hi = 1e9,
     .offset = FIELD(hold_s),
     .doc = "from that order to the first unwinding order"},
    {.key = "hunter.unwind",
     .kind = SQZ_PARAM_NUMBER,
     .dimension = SQZ_DIM_TIME,
     .unit = "s",
     .standard = "60",
     .lo = 0,
     .hi = 1e9,
     .offset = FIELD(unwind_s),
     .doc = "from the first unwinding order to the last"},
    {.key = "hunter.slices",
     .kind = SQZ_PARAM_NUMBER,
     .dimension = SQZ_DIM_NUMBER,
     .unit = "1",
     .standard = "6",
     .lo = 1,
     .hi = 1e6,
     .offset = FIELD(slices),
     .doc =
         "unwinding orders, of equal size in coins; what would fill more than 10 % worse than the "
         "last price is left to the next, or to more of them, an interval apart"},
};

enum { MEASURE_PROFIT, MEASURE_RAIDS, MEASURE_TRADED, MEASURE_POSITION };

static const struct sqz_measure MEASURES[] = {
    [MEASURE_PROFIT] = {.name = "profit_usd",
                        .unit = "usd",
                        .doc = "cash flows so far and the position at the last price",
                        .drawn = true,
                        .either_sign = true},
    [MEASURE_RAIDS] = {.name = "raids", .unit = "1", .doc = "market orders into a cluster so far"},
    [MEASURE_TRADED] = {.name = "traded_usd", .unit = "usd", .doc = "bought and sold so far"},
    [MEASURE_POSITION] = {.name = "position_usd",
                          .unit = "usd",
                          .doc = "position at the last price, negative if short",
                          .passing = true,
                          .drawn = true,
                          .either_sign = true},
};

static bool active(const void *params)
{
    return ((const struct params *)params)->capital_usd > 0;
}

static int prepare(const void *params, const struct sqz_market *market, void *shared,
                   struct sqz_diag *diag)
{
    (void)market;
    const struct params *hunter = params;
    if (hunter->slices != floor(hunter->slices))
        return sqz_fail_at(diag, SQZ_ERR_DATA, NULL, 0, "hunter.slices",
                           "%.12g is not a whole number; expected 1, 2, 3, ...", hunter->slices);
    *(struct params *)shared = *hunter;
    return SQZ_OK;
}

static void start(const void *shared, void *state, struct sqz_stream *stream,
                  struct sqz_driver_effect *effect)
{
    (void)shared;
    (void)stream;
    *(struct state *)state = (struct state){0};
    effect->next_s = 0.0;
}

/* ---- trading ------------------------------------------------------------------------------- */

/* Prices beyond this (a factor of 1e43) have no meaning; with it absurd input ends in absurd
 * numbers and not in infinities. */
static const double LARGEST_LOG = 100.0;

/* What a coin costs at a log price. */
static double coin_usd(double price_log)
{
    return exp(fmax(-LARGEST_LOG, fmin(price_log, LARGEST_LOG)));
}

static void trade(struct state *state, const struct sqz_situation *now, double order_usd,
                  struct sqz_driver_effect *effect)
{
    state->cash_usd -= order_usd;
    state->coins += order_usd / coin_usd(sqz_world_fill_log(now->world, now->state, order_usd));
    state->traded_usd += fabs(order_usd);
    effect->order_usd = order_usd;
}

/* It does not unwind at an average fill worse than the last price by more than this. A larger order
 * might bring fewer coins, not more: from rest a power-law book's fill rises by (fill - price) /
 * shape per log of the order, and shapes reach down to 0.1. */
static const double WORST_FILL_LOG = 0.1;

/* The order that trades `coins` (positive buys), or as many as WORST_FILL_LOG lets it: by halving,
 * down to neighbouring numbers. */
static double order_trading(const struct sqz_situation *now, double coins)
{
    double less_usd = 0.0, enough_usd = coins * coin_usd(now->price_log + WORST_FILL_LOG);
    for (;;) {
        double order_usd = 0.5 * (less_usd + enough_usd);
        if (order_usd == less_usd || order_usd == enough_usd)
            return enough_usd;
        double fill_log = sqz_world_fill_log(now->world, now->state, order_usd);
        bool fewer = fabs(order_usd) / coin_usd(fill_log) < fabs(coins);
        if (fewer && fabs(fill_log - now->price_log) < WORST_FILL_LOG)
            less_usd = order_usd;
        else
            enough_usd = order_usd;
    }
}

/* A position this small next to what it was at entry is rounding. */
static const double CLOSED = 1e-12;

static void unwind(const struct params *hunter, struct state *state,
                   const struct sqz_situation *now, struct sqz_driver_effect *effect)
{
    trade(state, now, order_trading(now, -state->coins / state->orders_left), effect);
    if (state->orders_left > 1) {
        state->orders_left--;
        effect->next_s = now->time_s + hunter->unwind_s / (hunter->slices - 1);
        return;
    }
    if (fabs(state->coins) <= CLOSED * state->entry_coins)
        state->coins = state->orders_left = 0.0;
    effect->next_s = now->time_s + hunter->interval_s;
}

/* ---- looking ------------------------------------------------------------------------------- */

/* P + D after one more order into a copy of the book. */
static double execute(const struct sqz_situation *now, struct sqz_book_state *book,
                      double order_usd)
{
    sqz_book_execute(now->world->book, book, order_usd, now->state->depth_multiplier);
    return book->permanent_log + book->displacement_log;
}

/* A push worth making, and what it pays over what it costs; no order if there is none. */
struct raid {
    double order_usd, pay_over_cost;
};

static struct raid weigh(const struct params *hunter, const struct sqz_situation *now,
                         enum sqz_side side)
{
    static const struct raid NONE = {0.0, 0.0};
    const struct sqz_world *world = now->world;
    const struct sqz_world_state *state = now->state;
    struct sqz_book_state all_in = state->book, raided = state->book;
    double direction = sqz_direction(side);
    /* Beyond the level by what counts as a touch, so that rounding cannot leave it short. */
    double level = direction * (state->level_next[side] + SQZ_TOUCH_LOG);
    /* Mostly the level is too far: first see how far the capital goes. */
    double farthest = execute(now, &all_in, direction * hunter->capital_usd);
    if (direction * (level - now->price_log) <= 0 ||
        direction * (level - (state->exogenous_log + farthest)) > 0)
        return NONE;
    double push_usd = sqz_book_order_reaching(
        world->book, &state->book, level - state->exogenous_log, state->depth_multiplier);
    double cluster_usd = sqz_world_waiting_usd(world, state, side, hunter->window_log, now->time_s);
    double pushed = execute(now, &raided, push_usd);
    double moved = execute(now, &raided, direction * cluster_usd);
    double worse = sqz_world_fill_log(world, state, push_usd) - now->price_log;
    double cost_usd = push_usd * worse, pay_usd = push_usd * (moved - pushed);
    if (!(cost_usd < hunter->multiple * pay_usd))
        return NONE;
    return (struct raid){push_usd, pay_usd / cost_usd};
}

static void look(const struct params *hunter, struct state *state, const struct sqz_situation *now,
                 struct sqz_driver_effect *effect)
{
    if (!now->world->impact) /* forced orders pay nothing, today or later */
        return;
    struct raid up = weigh(hunter, now, SQZ_UP), down = weigh(hunter, now, SQZ_DOWN);
    double push_usd = (up.pay_over_cost >= down.pay_over_cost ? up : down).order_usd;
    effect->next_s = now->time_s + hunter->interval_s;
    if (push_usd == 0.0)
        return;
    trade(state, now, push_usd, effect);
    state->raids++;
    state->entry_coins = fabs(state->coins);
    state->orders_left = hunter->slices;
    effect->next_s = now->time_s + hunter->hold_s;
}

static void fire(const void *shared, void *state, struct sqz_stream *stream,
                 const struct sqz_situation *now, struct sqz_driver_effect *effect)
{
    (void)stream;
    struct state *own = state;
    if (own->orders_left > 0)
        unwind(shared, own, now, effect);
    else
        look(shared, own, now, effect);
}

static void measure(const void *shared, const void *state, const struct sqz_situation *now,
                    double *value)
{
    (void)shared;
    const struct state *own = state;
    double position_usd = own->coins * coin_usd(now->price_log);
    value[MEASURE_PROFIT] = own->cash_usd + position_usd;
    value[MEASURE_RAIDS] = own->raids;
    value[MEASURE_TRADED] = own->traded_usd;
    value[MEASURE_POSITION] = position_usd;
}

const struct sqz_driver_model sqz_driver_hunter = {
    .name = "hunter",
    .doc = "predatory trading: a large trader who moves the price into a cluster of levels and "
           "unwinds",
    .citation = "Brunnermeier and Pedersen (2005), J. Finance 60, 1825",
    .params = PARAMS,
    .n_params = sizeof PARAMS / sizeof PARAMS[0],
    .params_size = sizeof(struct params),
    .shared_size = sizeof(struct params),
    .state_size = sizeof(struct state),
    .measures = MEASURES,
    .n_measures = sizeof MEASURES / sizeof MEASURES[0],
    .active = active,
    .prepare = prepare,
    .start = start,
    .fire = fire,
    .measure = measure,
};
