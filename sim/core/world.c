/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/core/world.h"

#include <assert.h>
#include <string.h>

static inline enum sqz_side watch_side(double watch_log)
{
    return watch_log > 0 ? SQZ_UP : SQZ_DOWN;
}

static void set_watch_next(const struct sqz_world *world, struct sqz_world_state *state)
{
    state->watch_next[SQZ_UP] = state->watch_next[SQZ_DOWN] = INFINITY;
    for (int w = 0; w < SQZ_WATCHES; w++) {
        enum sqz_side side = watch_side(world->watch_log[w]);
        double distance = sqz_outward(side, world->watch_log[w]);
        if (!state->touched[w])
            state->watch_next[side] = sqz_least(state->watch_next[side], distance);
    }
}

/* Set the barrier of a side whose next level, not shifted, is `next_log`. */
static inline void set_barrier_at(const struct sqz_world *world, struct sqz_world_state *state,
                                  enum sqz_side side, double next_log)
{
    state->level_next[side] = next_log - state->level_shift[side];
    state->barrier[side] = sqz_least(state->watch_next[side], state->record_next[side]);
    if (!world->apart)
        state->barrier[side] = sqz_least(state->barrier[side], state->level_next[side]);
}

static void set_barrier(const struct sqz_world *world, struct sqz_world_state *state,
                        enum sqz_side side)
{
    set_barrier_at(world, state, side, sqz_world_next_level(world, state, side));
}

/* Whether the orders of levels are executed at the touch: no execution delays them, or they are
 * only counted. */
static inline bool leaves_at_once(const struct sqz_world *world)
{
    return !world->impact || !sqz_world_delays_orders(world);
}

/* A world without drivers whose forced orders leave at once and are all there. */
static bool is_plain(const struct sqz_world *world)
{
    return !world->apart && leaves_at_once(world) && world->attrition_per_s == 0.0 &&
           world->topup == 0.0 && world->n_drivers == 0 && world->venue == NULL;
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
    state->plain = is_plain(world);
    state->level_keep[SQZ_UP] = state->level_keep[SQZ_DOWN] = 1.0;
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
    state->per_volatility = 1.0 / state->volatility;
    sqz_world_note_motion(state);
}

void sqz_world_order(const struct sqz_world *world, struct sqz_world_state *state, double order_usd)
{
    sqz_book_execute(world->book, &state->book, order_usd, state->depth_multiplier);
    state->mark_moving = world->mark_rate > 0;
    sqz_world_note_motion(state);
}

double sqz_world_fill_log(const struct sqz_world *world, const struct sqz_world_state *state,
                          double order_usd)
{
    return state->exogenous_log +
           sqz_book_fill(world->book, &state->book, order_usd, state->depth_multiplier);
}

const char *sqz_event_name(enum sqz_event_kind kind)
{
    static const char *const NAMES[] = {[SQZ_EVENT_START] = "start",
                                        [SQZ_EVENT_OUTPUT] = "output",
                                        [SQZ_EVENT_LIQUIDATION] = "liquidation",
                                        [SQZ_EVENT_FILL] = "fill",
                                        [SQZ_EVENT_DELEVERAGE] = "adl",
                                        [SQZ_EVENT_ORDER] = "order",
                                        [SQZ_EVENT_JUMP] = "jump",
                                        [SQZ_EVENT_CHANGE] = "change",
                                        [SQZ_EVENT_TARGET] = "target",
                                        [SQZ_EVENT_FLOOR] = "floor",
                                        [SQZ_EVENT_HORIZON] = "horizon"};
    return NAMES[kind];
}

void sqz_world_report(const struct sqz_world_state *state, const struct sqz_context *at,
                      struct sqz_event event)
{
    if (!sqz_observer_wants(at->log, event.kind))
        return;
    event.world = at->index;
    event.time_s = at->time_s;
    event.exogenous_log = state->exogenous_log;
    event.displacement_log = state->book.permanent_log + state->book.displacement_log;
    at->log->event(at->log->context, &event);
}

/* ---- forced orders ------------------------------------------------------------------------- */

/* Outward price of a side that levels watch, or are on their way to watch, after an order. */
static double reached_by_order(const struct sqz_world *world, const struct sqz_world_state *state,
                               enum sqz_side side)
{
    double reached = sqz_outward(side, sqz_world_trigger_log(world, state));
    if (world->mark_rate > 0)
        reached = sqz_greatest(reached, sqz_outward(side, sqz_world_price_log(state)));
    return reached;
}

/* The order of `parent` has been executed: what the price has come to on its side, or a mark on its
 * way to the last price will, descends from it. */
static void claim(const struct sqz_world *world, struct sqz_world_state *state,
                  const struct sqz_level_id *parent, struct sqz_lineage *lineage)
{
    double reached = reached_by_order(world, state, parent->side);
    sqz_lineage_reach(lineage, world->ladder, parent->side,
                      reached + state->level_shift[parent->side] + SQZ_TOUCH_LOG, parent);
    if (state->clearing != NULL) /* accounts whose triggers are not those of the ladder */
        sqz_clearing_note_reach(state->clearing, *parent, reached);
}

/* What the price has come to by itself on a side descends from nobody, nor does what a mark that is
 * drawn outwards no longer was on its way to. */
static inline void come(const struct sqz_world *world, const struct sqz_world_state *state,
                        enum sqz_side side, double trigger, struct sqz_lineage *lineage)
{
    double ahead = state->book.displacement_log - state->mark_log;
    if (world->mark_rate > 0 && sqz_outward(side, ahead) < 0)
        sqz_lineage_release(lineage, side, state->frontier[side]);
    sqz_lineage_reach(lineage, world->ladder, side,
                      sqz_outward(side, trigger) + state->level_shift[side] + SQZ_TOUCH_LOG, NULL);
}

/* Send a forced order into the book. */
static inline void send(const struct sqz_world *world, struct sqz_world_state *state,
                        const struct sqz_forced *order, const struct sqz_context *at)
{
    enum sqz_side side = order->side;
    if (!world->impact)
        return;
    sqz_world_order(world, state, sqz_direction(side) * order->notional_usd);
    if (world->book->withdrawal_gamma > 0) {
        sqz_book_withdraw(world->book, &state->book, sqz_direction(side) * order->notional_usd);
        sqz_world_note_motion(state);
    }
    if (at->lineage != NULL && order->level.index != SQZ_NO_LEVEL && side == order->level.side)
        claim(world, state, &order->level, at->lineage);
    if (world->listened) {
        state->executed_usd[side] += order->notional_usd;
        state->has_executed = true;
    }
}

static void report_forced(const struct sqz_world_state *state, const struct sqz_forced *order,
                          enum sqz_event_kind kind, double fill_log, const struct sqz_context *at)
{
    if (!sqz_observer_wants(at->log, kind))
        return;
    struct sqz_event event = {
        .kind = kind,
        .side = order->side,
        .notional_usd = order->notional_usd,
        .fill_log = fill_log,
        .row = state->clearing != NULL ? sqz_clearing_row(state->clearing, order->account) : 0,
        .generation = -1};
    if (at->lineage != NULL && order->level.index != SQZ_NO_LEVEL) {
        const struct sqz_lineage_node *node =
            &at->lineage->node[order->level.side][order->level.index];
        event.generation = (int)node->generation;
        event.family = 2 * (uint64_t)node->root + (node->root_side == SQZ_UP);
    }
    sqz_world_report(state, at, event);
}

static __attribute__((noinline)) void send_and_report(const struct sqz_world *world,
                                                      struct sqz_world_state *state,
                                                      const struct sqz_forced *order,
                                                      enum sqz_event_kind kind,
                                                      const struct sqz_context *at)
{
    double fill = sqz_world_forced_fill_log(world, state, order);
    send(world, state, order, at);
    report_forced(state, order, kind, fill, at);
}

/* Send a forced order, reported as an event of `kind` if anybody wants it. */
static inline void execute(const struct sqz_world *world, struct sqz_world_state *state,
                           const struct sqz_forced *order, enum sqz_event_kind kind,
                           const struct sqz_context *at)
{
    if (sqz_observer_wants(at->log, kind))
        send_and_report(world, state, order, kind, at);
    else
        send(world, state, order, at);
}

static void put_off(enum sqz_due due, double time_s, const struct sqz_forced *order,
                    const struct sqz_context *at)
{
    int error =
        sqz_event_queue_push(at->queue, (struct sqz_scheduled){.time_s = time_s,
                                                               .priority = due,
                                                               .world = at->index,
                                                               .source = order->level.side,
                                                               .level = order->level.index,
                                                               .amount_usd = order->notional_usd});
    assert(error == SQZ_OK); /* room for every level was reserved */
    (void)error;
}

/* A rest this small next to a child order is what rounding left of it. */
static const double REST_OF_ROUNDING = 1e-9;

double sqz_world_child_usd(const struct sqz_world *world, double order_usd)
{
    double child_usd = world->execution.usd_per_s * world->execution.interval_s;
    bool all = world->execution.usd_per_s == 0.0 || order_usd <= child_usd * (1 + REST_OF_ROUNDING);
    return all ? order_usd : child_usd;
}

/* It is the order's turn to leave. */
static void take_turn(const struct sqz_world *world, struct sqz_world_state *state,
                      struct sqz_forced order, const struct sqz_context *at)
{
    struct sqz_forced rest = order;
    order.notional_usd = sqz_world_child_usd(world, order.notional_usd);
    rest.notional_usd -= order.notional_usd;
    if (rest.notional_usd > 0)
        put_off(SQZ_DUE_TURN, at->time_s + world->execution.interval_s, &rest, at);
    execute(world, state, &order, SQZ_EVENT_FILL, at);
}

double sqz_world_join_line(const struct sqz_world *world, struct sqz_world_state *state,
                           enum sqz_side side, double order_usd, double time_s)
{
    if (world->execution.usd_per_s == 0.0)
        return time_s;
    double turn_s = fmax(time_s, state->line_free_s[side]);
    state->line_free_s[side] = turn_s + order_usd / world->execution.usd_per_s;
    return turn_s;
}

/* The order joins the line of its side. */
static void join_line(const struct sqz_world *world, struct sqz_world_state *state,
                      struct sqz_forced order, const struct sqz_context *at)
{
    double turn_s =
        sqz_world_join_line(world, state, order.level.side, order.notional_usd, at->time_s);
    if (turn_s > at->time_s)
        put_off(SQZ_DUE_TURN, turn_s, &order, at);
    else
        take_turn(world, state, order, at);
}

void sqz_world_schedule_review(uint32_t account, enum sqz_side side, double time_s,
                               const struct sqz_context *at)
{
    struct sqz_forced nothing = {{side, account}, side, 0, 0.0};
    put_off(SQZ_DUE_REVIEW, time_s, &nothing, at);
}

void sqz_world_continue(const struct sqz_world *world, struct sqz_world_state *state,
                        const struct sqz_scheduled *due, const struct sqz_context *at)
{
    if (due->priority == SQZ_DUE_REVIEW) {
        sqz_clearing_review(state->clearing, world, state, (uint32_t)due->level,
                            (enum sqz_side)due->source, at);
        set_barrier(world, state, SQZ_UP);
        set_barrier(world, state, SQZ_DOWN);
        return;
    }
    enum sqz_side side = (enum sqz_side)due->source;
    struct sqz_forced order = {{side, due->level}, side, 0, due->amount_usd};
    if (due->priority == SQZ_DUE_ARRIVAL)
        join_line(world, state, order, at);
    else
        take_turn(world, state, order, at);
}

double sqz_world_latency_s(const struct sqz_world *world, const struct sqz_context *at)
{
    double latency = world->execution.latency_s;
    return world->execution.random ? latency * -log(sqz_stream_uniform(at->delays)) : latency;
}

/* Report the touch of a level and give its order to the execution. Kept out of the cascade's loop,
 * which is fast where orders leave at once. */
static __attribute__((noinline)) void send_delayed(const struct sqz_world *world,
                                                   struct sqz_world_state *state,
                                                   const struct sqz_forced *order,
                                                   const struct sqz_context *at)
{
    double latency = sqz_world_latency_s(world, at);
    report_forced(state, order, SQZ_EVENT_LIQUIDATION, NAN, at);
    if (latency > 0)
        put_off(SQZ_DUE_ARRIVAL, at->time_s + latency, order, at);
    else
        join_line(world, state, *order, at);
}

size_t sqz_world_pending_max(const struct sqz_world *world)
{
    const struct sqz_ladder_side *side = world->ladder->side;
    if (world->venue != NULL)
        return world->venue->accounts_table->accounts;
    return leaves_at_once(world) ? 0 : side[SQZ_UP].count + side[SQZ_DOWN].count;
}

double sqz_world_waiting_usd(const struct sqz_world *world, const struct sqz_world_state *state,
                             enum sqz_side side, double window_log, double time_s)
{
    const struct sqz_ladder_side *levels = &world->ladder->side[side];
    double first = state->clearing != NULL ? state->level_next[side]
                                           : levels->distance_log[state->frontier[side]];
    double sum_usd = 0.0;
    for (size_t i = state->frontier[side]; i < levels->count; i++) {
        if (levels->distance_log[i] - first > window_log)
            break;
        if (state->clearing == NULL || !sqz_clearing_touched(state->clearing, levels->account[i]))
            sum_usd += levels->notional_usd[i];
    }
    if (state->clearing != NULL)
        sum_usd += sqz_clearing_waiting_usd(state->clearing, side, first + window_log);
    return sum_usd * sqz_world_closed_share(world, state, side, time_s);
}

/* Enter a closed level into the books of its family. */
static void trace(struct sqz_outcome *outcome, const struct sqz_forced *order,
                  struct sqz_lineage *lineage)
{
    unsigned generation = lineage->node[order->level.side][order->level.index].generation;
    bool first = generation > 0 && !sqz_lineage_root(lineage, order->level)->cascade;
    const struct sqz_lineage_node *root =
        sqz_lineage_close(lineage, order->level, order->notional_usd);
    outcome->cascades += first;
    if (generation > outcome->generations)
        outcome->generations = generation;
    if (root->cascade)
        outcome->largest_cascade_usd = sqz_greatest(outcome->largest_cascade_usd, root->family_usd);
}

/* Enter a forced order into the sums of the path. */
static void count(struct sqz_world_state *state, const struct sqz_forced *order,
                  const struct sqz_context *at)
{
    state->outcome.forced_usd[order->side] += order->notional_usd;
    state->outcome.liquidations[order->side]++;
    if (at->lineage != NULL && order->level.index != SQZ_NO_LEVEL)
        trace(&state->outcome, order, at->lineage);
}

void sqz_world_count(struct sqz_world_state *state, const struct sqz_forced *order,
                     const struct sqz_context *at)
{
    count(state, order, at);
    report_forced(state, order, SQZ_EVENT_LIQUIDATION, NAN, at);
}

double sqz_world_force(const struct sqz_world *world, struct sqz_world_state *state,
                       const struct sqz_forced *order, bool counted, const struct sqz_context *at)
{
    double fill = sqz_world_forced_fill_log(world, state, order);
    if (!counted)
        count(state, order, at);
    send(world, state, order, at);
    report_forced(state, order, counted ? SQZ_EVENT_FILL : SQZ_EVENT_LIQUIDATION, fill, at);
    return fill;
}

/* Close the frontier level of `side`. */
static inline __attribute__((always_inline)) void fire(const struct sqz_world *world,
                                                       struct sqz_world_state *state,
                                                       enum sqz_side side,
                                                       const struct sqz_context *at, bool plain)
{
    if (!plain && state->clearing != NULL) {
        sqz_clearing_fire(state->clearing, world, state, side, at);
        return;
    }
    struct sqz_forced order = {.level = {side, state->frontier[side]++}, .side = side};
    double level_usd = world->ladder->side[side].notional_usd[order.level.index];
    double share = plain ? 1.0 : sqz_world_closed_share(world, state, side, at->time_s);
    if (share == 0.0) /* everybody topped up or had left */
        return;
    order.notional_usd = level_usd * share;
    state->outcome.forced_usd[side] += order.notional_usd;
    state->outcome.liquidations[side]++;
    if (at->lineage != NULL)
        trace(&state->outcome, &order, at->lineage);
    if (plain)
        send(world, state, &order, at);
    else if (leaves_at_once(world))
        execute(world, state, &order, SQZ_EVENT_LIQUIDATION, at);
    else
        send_delayed(world, state, &order, at);
}

void sqz_world_pay_funding(const struct sqz_world *world, struct sqz_world_state *state,
                           double rate, double time_s)
{
    if (state->clearing != NULL)
        sqz_clearing_pay_funding(state->clearing, world, state, rate, time_s);
    for (int side = 0; side < 2; side++) {
        if (state->clearing == NULL)
            state->level_shift[side] -= sqz_direction(side) * log1p(rate);
        set_barrier(world, state, side);
    }
}

/* ---- extremes, touches, cascades ----------------------------------------------------------- */

static __attribute__((noinline)) void touch_watches(const struct sqz_world *world,
                                                    struct sqz_world_state *state, double price_log,
                                                    const struct sqz_context *at)
{
    static const enum sqz_event_kind TOUCH[] = {SQZ_EVENT_TARGET, SQZ_EVENT_FLOOR};
    for (int w = 0; w < SQZ_WATCHES; w++) {
        enum sqz_side side = watch_side(world->watch_log[w]);
        double left = sqz_outward(side, world->watch_log[w]) - sqz_outward(side, price_log);
        if (state->touched[w] || left > SQZ_TOUCH_LOG)
            continue;
        state->touched[w] = true;
        state->outcome.touch_s[w] = at->time_s;
        sqz_world_report(state, at, (struct sqz_event){.kind = TOUCH[w]});
    }
    set_watch_next(world, state);
}

/* Take note of a new last price: extremes and first touches. */
static inline __attribute__((always_inline)) void observe_price(const struct sqz_world *world,
                                                                struct sqz_world_state *state,
                                                                double price_log,
                                                                const struct sqz_context *at)
{
    for (int side = 0; side < 2; side++) {
        double out = sqz_outward(side, price_log);
        if (out > state->record_log[side]) {
            state->record_log[side] = out;
            state->record_next[side] = out + world->record_step_log;
        }
        if (state->watch_next[side] - out <= SQZ_TOUCH_LOG)
            touch_watches(world, state, price_log, at);
    }
}

/* `plain` is a constant wherever this is compiled in: what cannot happen in a plain world then
 * costs nothing. */
static inline __attribute__((always_inline)) void cascade(const struct sqz_world *world,
                                                          struct sqz_world_state *state,
                                                          const struct sqz_context *at, bool plain)
{
    const struct sqz_ladder_side *shorts = &world->ladder->side[SQZ_UP];
    const struct sqz_ladder_side *longs = &world->ladder->side[SQZ_DOWN];
    double shift_up = plain ? 0.0 : state->level_shift[SQZ_UP];
    double shift_down = plain ? 0.0 : state->level_shift[SQZ_DOWN];
    double next_up, next_down;
    for (bool first = true;; first = false) {
        double price = sqz_world_price_log(state);
        double trigger = !plain && world->apart ? sqz_world_trigger_log(world, state) : price;
        observe_price(world, state, price, at);
        if (!plain && first && state->clearing != NULL)
            sqz_clearing_begin(state->clearing, trigger, at->time_s);
        next_up = plain ? shorts->distance_log[state->frontier[SQZ_UP]]
                        : sqz_world_next_level(world, state, SQZ_UP);
        next_down = plain ? longs->distance_log[state->frontier[SQZ_DOWN]]
                          : sqz_world_next_level(world, state, SQZ_DOWN);
        double above = next_up - shift_up - trigger;
        double below = next_down - shift_down + trigger;
        bool up = above <= SQZ_TOUCH_LOG, down = below <= SQZ_TOUCH_LOG;
        if (!up && !down)
            break;
        if (first && at->lineage != NULL) { /* before any order */
            if (up)
                come(world, state, SQZ_UP, trigger, at->lineage);
            if (down)
                come(world, state, SQZ_DOWN, trigger, at->lineage);
        }
        /* Crossed by more means further from the price: the nearest crossed level goes first. */
        up = up && (!down || above >= below);
        fire(world, state, up ? SQZ_UP : SQZ_DOWN, at, plain);
    }
    set_barrier_at(world, state, SQZ_UP, next_up);
    set_barrier_at(world, state, SQZ_DOWN, next_down);
    state->gap = plain ? sqz_world_last_gap(state) : sqz_world_gap(world, state);
    sqz_world_verify(world, state);
}

void sqz_world_cascade(const struct sqz_world *world, struct sqz_world_state *state,
                       const struct sqz_context *at)
{
    if (state->plain && !sqz_observer_wants(at->log, SQZ_EVENT_LIQUIDATION))
        cascade(world, state, at, true);
    else
        cascade(world, state, at, false);
}

void sqz_world_finish(struct sqz_world_state *state, enum sqz_stop stop)
{
    struct sqz_outcome *outcome = &state->outcome;
    outcome->final_log = sqz_world_price_log(state);
    outcome->peak_log = sqz_world_extreme_log(state, SQZ_UP);
    outcome->trough_log = -sqz_world_extreme_log(state, SQZ_DOWN);
    outcome->exhausted = state->book.exhausted;
    outcome->beyond_known = state->book.beyond_known;
    outcome->stop = stop;
    state->running = false;
}
