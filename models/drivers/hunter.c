/* A large trader who pushes the price into a cluster of levels and unwinds into the forced orders:
 * Brunnermeier and Pedersen (2005), "Predatory trading".
 *
 * While flat it looks at regular times at the nearest cluster of either side. The push is the
 * smallest market order that carries the price which levels watch to the nearest one before the
 * first unwinding order: the last price at once; the index by the permanent share alone, as it does
 * not see what recovers; a mark by what it follows of the displacement while the hunter holds and
 * the book recovers. The push costs what its average fill is worse than the last price and what of
 * it recovers until the level is reached, and it pays what the forced orders of the cluster then
 * move the price. If the cost is below a multiple of the pay it trades, waits, and unwinds in equal
 * parts.
 *
 * Positions are kept in coins and every order counts at its average fill, so the profit is that of
 * its cash flows, after its own impact. It expects an exogenous price that stands still and forced
 * orders that leave at once, also where orders take time: it may be wrong. */
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

static const struct sqz_param PARAMS[] = {
    SQZ_NUMBER(struct params, "hunter.capital", SQZ_DIM_USD, "usd", NULL, 0, 1e15, capital_usd,
               "largest market order it sends into a cluster; 0: no hunter", .required = true),
    SQZ_NUMBER(
        struct params, "hunter.multiple", SQZ_DIM_NUMBER, "1", "1", 0, 1e12, multiple,
        "it acts when its market order costs less than this multiple of what the cluster pays"),
    SQZ_NUMBER(struct params, "hunter.interval", SQZ_DIM_TIME, "s", "60", 1e-3, 1e9, interval_s,
               "while flat it looks this often, from the start on"),
    SQZ_NUMBER(struct params, "hunter.window", SQZ_DIM_LOG, "bp", "50", 0, 10, window_log,
               "levels this near beyond the nearest one of a side belong to its cluster"),
    SQZ_NUMBER(struct params, "hunter.hold", SQZ_DIM_TIME, "s", "10", 0, 1e9, hold_s,
               "from that order to the first unwinding order"),
    SQZ_NUMBER(struct params, "hunter.unwind", SQZ_DIM_TIME, "s", "60", 0, 1e9, unwind_s,
               "from the first unwinding order to the last"),
    SQZ_NUMBER(
        struct params, "hunter.slices", SQZ_DIM_NUMBER, "1", "6", 1, 1e6, slices,
        "unwinding orders, of equal size in coins; what would fill more than 10 % worse than the "
        "last price is left to the next, or to more of them, an interval apart"),
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

/* Its orders move the price as far as they are large. */
static void reach(const void *params, const struct sqz_market *market,
                  struct sqz_driver_reach *reach)
{
    (void)params;
    (void)market;
    reach->carry_log = INFINITY;
}

static void remark(const struct sqz_remark_taker *taker, const struct sqz_diag *detail)
{
    taker->take(taker->context, "hunter-trigger", detail);
}

/* Its pushes are market orders: they move the last price at once, others later or in part. */
static void examine(const void *params, const struct sqz_world *world,
                    const struct sqz_remark_taker *taker)
{
    const struct params *hunter = params;
    struct sqz_diag detail;
    if (!world->apart)
        return;
    if (world->mark_rate == 0.0) {
        sqz_fail_at(
            &detail, SQZ_OK, NULL, 0, "trigger",
            "is index, which an order of the hunter moves by its permanent share alone "
            "(book.permanent): reaching a level takes a larger and dearer order than with last, "
            "and it makes none where hunter.capital does not suffice; expected last or mark if "
            "that is not meant");
        remark(taker, &detail);
    } else if (hunter->hold_s * world->mark_rate < 1.0) {
        sqz_fail_at(&detail, SQZ_OK, NULL, 0, "hunter.hold",
                    "%.12g s is shorter than mark.window, %.12g s: the hunter unwinds before the "
                    "mark, which levels watch, has followed most of its order, so that it takes a "
                    "larger order to reach a level; expected a longer hold, or trigger last, if "
                    "that is not meant",
                    hunter->hold_s, 1.0 / world->mark_rate);
        remark(taker, &detail);
    }
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

static void trade(struct state *state, const struct sqz_view *now, double order_usd,
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
static double order_trading(const struct sqz_view *now, double coins)
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

static void unwind(const struct params *hunter, struct state *state, const struct sqz_view *now,
                   struct sqz_driver_effect *effect)
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
static double execute(const struct sqz_view *now, struct sqz_book_state *book, double order_usd)
{
    sqz_book_execute(now->world->book, book, order_usd, now->state->depth_multiplier);
    return book->permanent_log + book->displacement_log;
}

/* A push worth making, and what it pays over what it costs; no order if there is none. */
struct raid {
    double order_usd, pay_over_cost;
};

/* M `later_s` from now, if `book` is what the book is now. */
static double mark_ahead(const struct sqz_view *now, const struct sqz_book_state *book,
                         double later_s)
{
    double rate = now->world->mark_rate;
    return now->state->mark_log * exp(-rate * later_s) +
           sqz_book_average(now->world->book, book, rate, later_s);
}

/* The mark turns where it meets the displacement that it follows, and there it stands: an error of
 * 1e-6 of the time is one of 1e-12 of the mark. */
enum { MARK_HALVINGS = 20 };

/* When within `hold_s` a mark that follows `book` stands furthest out. */
static double furthest_mark_s(const struct sqz_view *now, const struct sqz_book_state *book,
                              double direction, double hold_s)
{
    double follows_s = 0.0, turned_s = hold_s;
    for (int i = 0; i < MARK_HALVINGS; i++) {
        double middle_s = i == 0 ? hold_s : 0.5 * (follows_s + turned_s);
        double ahead =
            sqz_book_ahead(now->world->book, book, middle_s) - mark_ahead(now, book, middle_s);
        if (direction * ahead < 0)
            turned_s = middle_s;
        else
            follows_s = middle_s;
        if (follows_s == hold_s)
            break;
    }
    return follows_s;
}

/* What an order does to the price that levels watch: how far outward that stands, beside the
 * exogenous price, before the hunter unwinds, and how long after the order. */
struct pressure {
    double reach_log, after_s;
};

static struct pressure press(const struct params *hunter, const struct sqz_view *now,
                             double order_usd)
{
    struct sqz_book_state book = now->state->book;
    struct pressure pressure = {execute(now, &book, order_usd), 0.0};
    if (!now->world->apart)
        return pressure;
    pressure.reach_log = book.permanent_log + now->state->mark_log;
    if (now->world->mark_rate == 0.0)
        return pressure;
    pressure.after_s =
        furthest_mark_s(now, &book, sqz_direction(sqz_side_of(order_usd)), hunter->hold_s);
    pressure.reach_log = book.permanent_log + mark_ahead(now, &book, pressure.after_s);
    return pressure;
}

/* Of an order: below any cost that matters, far above what rounding leaves of a mark. */
static const double PUSH_TOLERANCE = 1e-9;

/* The smallest order that carries the price which levels watch out to `reach_log`; all of the
 * capital does. What reaches the last price is known to the last bit. */
static double push_reaching(const struct params *hunter, const struct sqz_view *now,
                            double direction, double reach_log)
{
    const struct sqz_world *world = now->world;
    const struct sqz_world_state *state = now->state;
    if (!world->apart)
        return sqz_book_order_reaching(world->book, &state->book, reach_log,
                                       state->depth_multiplier);
    double less_usd = 0.0, enough_usd = hunter->capital_usd;
    while (enough_usd - less_usd > PUSH_TOLERANCE * enough_usd) {
        double order_usd = 0.5 * (less_usd + enough_usd);
        double reached = press(hunter, now, direction * order_usd).reach_log;
        if (direction * (reach_log - reached) > 0)
            less_usd = order_usd;
        else
            enough_usd = order_usd;
    }
    return direction * enough_usd;
}

/* Whether all of the capital carries the price that levels watch out to `reach_log`. A mark goes no
 * further than where it stands or the last price gets, which is cheaper to see. */
static bool within_reach(const struct params *hunter, const struct sqz_view *now, double direction,
                         double reach_log)
{
    struct sqz_book_state all_in = now->state->book;
    double last = direction * execute(now, &all_in, direction * hunter->capital_usd);
    double mark = direction * (all_in.permanent_log + now->state->mark_log);
    if (direction * reach_log > fmax(last, now->world->apart ? mark : last))
        return false;
    double reached = press(hunter, now, direction * hunter->capital_usd).reach_log;
    return direction * (reach_log - reached) <= 0;
}

static struct raid weigh(const struct params *hunter, const struct sqz_view *now,
                         enum sqz_side side)
{
    static const struct raid NONE = {0.0, 0.0};
    const struct sqz_world *world = now->world;
    const struct sqz_world_state *state = now->state;
    struct sqz_book_state raided = state->book;
    double direction = sqz_direction(side);
    /* Beyond the level by what counts as a touch, so that rounding cannot leave it short. */
    double level = direction * (state->level_next[side] + SQZ_TOUCH_LOG);
    double reach = level - state->exogenous_log;
    if (direction * (level - sqz_world_trigger_log(world, state)) <= 0 ||
        !within_reach(hunter, now, direction, reach)) /* mostly it is too far */
        return NONE;
    double push_usd = push_reaching(hunter, now, direction, reach);
    double cluster_usd = sqz_world_waiting_usd(world, state, side, hunter->window_log, now->time_s);
    double begun = execute(now, &raided, push_usd);
    double after_s = press(hunter, now, push_usd).after_s;
    if (after_s > 0)
        sqz_book_evolve(world->book, &raided, after_s);
    double pushed = raided.permanent_log + raided.displacement_log;
    double moved = execute(now, &raided, direction * cluster_usd);
    double worse = sqz_world_fill_log(world, state, push_usd) - now->price_log;
    double cost_usd = push_usd * (worse + (begun - pushed)), pay_usd = push_usd * (moved - pushed);
    if (!(cost_usd < hunter->multiple * pay_usd))
        return NONE;
    return (struct raid){push_usd, pay_usd / cost_usd};
}

static void look(const struct params *hunter, struct state *state, const struct sqz_view *now,
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
                 const struct sqz_view *now, struct sqz_driver_effect *effect)
{
    (void)stream;
    struct state *own = state;
    if (own->orders_left > 0)
        unwind(shared, own, now, effect);
    else
        look(shared, own, now, effect);
}

static void measure(const void *shared, const void *state, const struct sqz_view *now,
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
    .reach = reach,
    .examine = examine,
    .start = start,
    .fire = fire,
    .measure = measure,
};
