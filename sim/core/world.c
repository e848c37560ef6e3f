#include "sim/core/world.h"

#include <assert.h>
#include <string.h>

/* Outward log price of `x` on `side`: up is up for shorts, down is up for longs. */
static inline double outward(enum sqz_side side, double x)
{
    return side == SQZ_UP ? x : -x;
}

static inline enum sqz_side watch_side(double watch_log)
{
    return watch_log > 0 ? SQZ_UP : SQZ_DOWN;
}

static void set_watch_next(const struct sqz_world *world, struct sqz_world_state *state)
{
    state->watch_next[SQZ_UP] = state->watch_next[SQZ_DOWN] = INFINITY;
    for (int w = 0; w < SQZ_WATCHES; w++) {
        enum sqz_side side = watch_side(world->watch_log[w]);
        double distance = outward(side, world->watch_log[w]);
        if (!state->touched[w])
            state->watch_next[side] = sqz_least(state->watch_next[side], distance);
    }
}

static void set_barrier(const struct sqz_world *world, struct sqz_world_state *state,
                        enum sqz_side side)
{
    double level = world->ladder->side[side].distance_log[state->frontier[side]];
    double watch = sqz_least(state->watch_next[side], state->record_next[side]);
    state->barrier[side] = sqz_least(level, watch);
}

void sqz_world_reset(const struct sqz_world *world, struct sqz_world_state *state)
{
    memset(state, 0, sizeof *state);
    for (size_t d = 0; d < world->n_drivers; d++)
        state->volatility_multiplier[d] = state->depth_multipliers[d] = 1.0;
    for (int w = 0; w < SQZ_WATCHES; w++) {
        state->touched[w] = isnan(world->watch_log[w]); /* an unset watch has nothing to wait for */
        state->outcome.touch_s[w] = NAN;
    }
    state->running = true;
    state->record_next[SQZ_UP] = state->record_next[SQZ_DOWN] = world->record_step_log;
    set_watch_next(world, state);
    sqz_world_combine_drivers(world, state);
    set_barrier(world, state, SQZ_UP);
    set_barrier(world, state, SQZ_DOWN);
}

void sqz_world_combine_drivers(const struct sqz_world *world, struct sqz_world_state *state)
{
    state->volatility = world->volatility_per_sqrt_s;
    state->drift = world->drift_per_s;
    state->depth_multiplier = 1.0;
    for (size_t d = 0; d < world->n_drivers; d++) {
        state->volatility *= state->volatility_multiplier[d];
        state->depth_multiplier *= state->depth_multipliers[d];
        state->drift += state->driver_drift[d];
    }
}

double sqz_world_clearance(const struct sqz_world *world, const struct sqz_world_state *state,
                           double stretch_s, bool forever)
{
    double lo, hi, shift = state->drift * stretch_s;
    double base = state->exogenous_log + state->book.permanent_log;
    sqz_book_bounds(world->book, &state->book, forever ? INFINITY : stretch_s, &lo, &hi);
    lo += base + (shift < 0 ? shift : 0.0);
    hi += base + (shift > 0 ? shift : 0.0);
    return sqz_least(state->barrier[SQZ_UP] - hi, state->barrier[SQZ_DOWN] + lo);
}

void sqz_world_order(const struct sqz_world *world, struct sqz_world_state *state, double order_usd)
{
    if (world->impact)
        sqz_book_execute(world->book, &state->book, order_usd, state->depth_multiplier);
}

const char *sqz_event_name(enum sqz_event_kind kind)
{
    static const char *const NAMES[] = {[SQZ_EVENT_START] = "start",
                                        [SQZ_EVENT_OUTPUT] = "output",
                                        [SQZ_EVENT_LIQUIDATION] = "liquidation",
                                        [SQZ_EVENT_TARGET] = "target",
                                        [SQZ_EVENT_FLOOR] = "floor",
                                        [SQZ_EVENT_HORIZON] = "horizon"};
    return NAMES[kind];
}

void sqz_world_report(const struct sqz_world_state *state, unsigned index, double time_s,
                      enum sqz_event_kind kind, const struct sqz_observer *log)
{
    if (!sqz_observer_wants(log, kind))
        return;
    struct sqz_event event = {
        .kind = kind,
        .world = index,
        .time_s = time_s,
        .exogenous_log = state->exogenous_log,
        .displacement_log = state->book.permanent_log + state->book.displacement_log,
    };
    log->event(log->context, &event);
}

/* Execute the frontier level of `side`. */
static void fire(const struct sqz_world *world, struct sqz_world_state *state, enum sqz_side side,
                 unsigned index, double time_s, const struct sqz_observer *log)
{
    double notional = world->ladder->side[side].notional_usd[state->frontier[side]++];
    double order = sqz_direction(side) * notional;
    state->outcome.forced_usd[side] += notional;
    state->outcome.liquidations[side]++;
    if (!sqz_observer_wants(log, SQZ_EVENT_LIQUIDATION)) {
        sqz_world_order(world, state, order);
        return;
    }
    double fill = state->book.permanent_log + state->book.displacement_log;
    if (world->impact)
        fill = sqz_book_fill(world->book, &state->book, order, state->depth_multiplier);
    sqz_world_order(world, state, order);
    struct sqz_event event = {
        .kind = SQZ_EVENT_LIQUIDATION,
        .world = index,
        .time_s = time_s,
        .exogenous_log = state->exogenous_log,
        .displacement_log = state->book.permanent_log + state->book.displacement_log,
        .side = side,
        .notional_usd = notional,
        .fill_log = state->exogenous_log + fill,
    };
    log->event(log->context, &event);
}

static void touch_watches(const struct sqz_world *world, struct sqz_world_state *state,
                          double price_log, unsigned index, double time_s,
                          const struct sqz_observer *log)
{
    static const enum sqz_event_kind TOUCH[] = {SQZ_EVENT_TARGET, SQZ_EVENT_FLOOR};
    for (int w = 0; w < SQZ_WATCHES; w++) {
        enum sqz_side side = watch_side(world->watch_log[w]);
        double left = outward(side, world->watch_log[w]) - outward(side, price_log);
        if (state->touched[w] || left > SQZ_TOUCH_LOG)
            continue;
        state->touched[w] = true;
        state->outcome.touch_s[w] = time_s;
        sqz_world_report(state, index, time_s, TOUCH[w], log);
    }
    set_watch_next(world, state);
}

/* Take note of a new last price: extremes and first touches. */
static void observe_price(const struct sqz_world *world, struct sqz_world_state *state,
                          double price_log, unsigned index, double time_s,
                          const struct sqz_observer *log)
{
    for (int side = 0; side < 2; side++) {
        double out = outward(side, price_log);
        if (out > state->record_log[side]) {
            state->record_log[side] = out;
            state->record_next[side] = out + world->record_step_log;
        }
        if (state->watch_next[side] - out <= SQZ_TOUCH_LOG)
            touch_watches(world, state, price_log, index, time_s, log);
    }
}

void sqz_world_cascade(const struct sqz_world *world, struct sqz_world_state *state, unsigned index,
                       double time_s, const struct sqz_observer *log)
{
    const struct sqz_ladder_side *shorts = &world->ladder->side[SQZ_UP];
    const struct sqz_ladder_side *longs = &world->ladder->side[SQZ_DOWN];
    for (;;) {
        double price = sqz_world_price_log(state);
        observe_price(world, state, price, index, time_s, log);
        double above = shorts->distance_log[state->frontier[SQZ_UP]] - price;
        double below = longs->distance_log[state->frontier[SQZ_DOWN]] + price;
        bool up = above <= SQZ_TOUCH_LOG, down = below <= SQZ_TOUCH_LOG;
        if (!up && !down)
            break;
        /* Crossed by more means further from the price: the nearest crossed level goes first. */
        up = up && (!down || above >= below);
        fire(world, state, up ? SQZ_UP : SQZ_DOWN, index, time_s, log);
    }
    set_barrier(world, state, SQZ_UP);
    set_barrier(world, state, SQZ_DOWN);
    sqz_world_verify(world, state);
}

void sqz_world_finish(struct sqz_world_state *state, enum sqz_stop stop)
{
    struct sqz_outcome *outcome = &state->outcome;
    outcome->final_log = sqz_world_price_log(state);
    outcome->peak_log = state->record_log[SQZ_UP];
    outcome->trough_log = -state->record_log[SQZ_DOWN];
    outcome->exhausted = state->book.exhausted;
    outcome->stop = stop;
    state->running = false;
}

#ifdef SQZ_VERIFY
static void verify_side(const struct sqz_world *world, const struct sqz_world_state *state,
                        enum sqz_side side)
{
    static const double ROUNDING = 1e-12; /* relative, of sums added in one order */
    const struct sqz_ladder_side *levels = &world->ladder->side[side];
    double price = outward(side, sqz_world_price_log(state));
    assert(state->frontier[side] <= levels->count);
    assert(state->outcome.liquidations[side] == state->frontier[side]);
    assert(levels->distance_log[state->frontier[side]] - price > SQZ_TOUCH_LOG);
    assert(state->barrier[side] - price > 0);
    assert(state->barrier[side] <= levels->distance_log[state->frontier[side]]);
    assert(state->record_log[side] >= price);
    assert(state->outcome.forced_usd[side] <= levels->total_usd * (1 + ROUNDING));
}

void sqz_world_verify(const struct sqz_world *world, const struct sqz_world_state *state)
{
    verify_side(world, state, SQZ_UP);
    verify_side(world, state, SQZ_DOWN);
    double lo, hi;
    sqz_book_bounds(world->book, &state->book, INFINITY, &lo, &hi);
    assert(isfinite(state->exogenous_log) && isfinite(state->book.permanent_log));
    assert(lo <= state->book.displacement_log && state->book.displacement_log <= hi);
    assert(state->book.stress >= 0);
    assert(world->impact || (state->book.displacement_log == 0 && state->book.permanent_log == 0));
    for (int w = 0; w < SQZ_WATCHES; w++)
        assert(state->touched[w] ==
               (isnan(world->watch_log[w]) || !isnan(state->outcome.touch_s[w])));
}
#else
void sqz_world_verify(const struct sqz_world *world, const struct sqz_world_state *state)
{
    (void)world;
    (void)state;
}
#endif
