/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/core/cascade.h"

#include "sim/core/liquidation.h"

/* ---- the next level of each side ----------------------------------------------------------- */

static inline double next_log(const struct sqz_world *world, struct sqz_world_state *state,
                              enum sqz_side side)
{
    return sqz_cascade_next_log(world, state, side, &state->cascade.frontier[side]);
}

/* Hand the stops the next level of a side, which is at `distance_log` if funding did not shift it.
 */
static inline void hand_level(const struct sqz_world *world, struct sqz_world_state *state,
                              enum sqz_side side, double distance_log)
{
    sqz_stops_set_level(&state->stops, &world->market, side,
                        distance_log - state->attrition.shift_log[side]);
}

static void hand_levels(const struct sqz_world *world, struct sqz_world_state *state)
{
    hand_level(world, state, SQZ_UP, next_log(world, state, SQZ_UP));
    hand_level(world, state, SQZ_DOWN, next_log(world, state, SQZ_DOWN));
}

/* A world without drivers whose forced orders leave at once and are all there. */
static bool is_plain(const struct sqz_world *world)
{
    return world->market.trigger == SQZ_TRIGGER_LAST &&
           sqz_execution_is_immediate(&world->execution, &world->market) &&
           world->attrition.per_s == 0.0 && world->attrition.topup == 0.0 &&
           world->n_drivers == 0 && world->venue == NULL;
}

void sqz_cascade_reset(const struct sqz_world *world, struct sqz_world_state *state)
{
    sqz_world_reset(world, state);
    state->cascade.plain = is_plain(world);
    hand_levels(world, state);
}

void sqz_cascade_leave_only(const struct sqz_world *world, struct sqz_world_state *state,
                            enum sqz_side side, size_t first)
{
    enum sqz_side other = side == SQZ_UP ? SQZ_DOWN : SQZ_UP;
    state->cascade.frontier[side] = first;
    state->cascade.frontier[other] = world->ladder->side[other].count;
}

size_t sqz_cascade_pending_max(const struct sqz_world *world)
{
    const struct sqz_ladder_side *side = world->ladder->side;
    if (world->venue != NULL)
        return world->venue->account_table->accounts;
    return sqz_execution_is_immediate(&world->execution, &world->market)
               ? 0
               : side[SQZ_UP].count + side[SQZ_DOWN].count;
}

double sqz_cascade_waiting_usd(const struct sqz_world *world, const struct sqz_world_state *state,
                               enum sqz_side side, double window_log, double time_s)
{
    const struct sqz_ladder_side *levels = &world->ladder->side[side];
    size_t frontier = state->cascade.frontier[side];
    double first =
        state->venue != NULL ? state->stops.level_next[side] : levels->distance_log[frontier];
    double sum_usd = 0.0;
    for (size_t i = frontier; i < levels->count; i++) {
        if (levels->distance_log[i] - first > window_log)
            break;
        if (state->venue == NULL ||
            !sqz_clearing_touched(&state->venue->clearing, levels->account[i]))
            sum_usd += levels->notional_usd[i];
    }
    if (state->venue != NULL)
        sum_usd += sqz_clearing_waiting_usd(&state->venue->clearing, side, first + window_log);
    return sum_usd * sqz_attrition_closed_share(&world->attrition, &state->attrition, side, time_s);
}

/* ---- funding ------------------------------------------------------------------------------- */

static void pay_accounts(const struct sqz_world *world, struct sqz_world_state *state, double rate,
                         double time_s)
{
    double trigger_log = sqz_market_trigger_log(&world->market, &state->market);
    struct sqz_funding funding = {.rate = rate,
                                  .price_usd = sqz_venue_price_usd(world->venue, trigger_log)};
    for (int side = 0; side < 2; side++)
        funding.staying[side] = sqz_attrition_staying_share(&world->attrition, &state->attrition,
                                                            (enum sqz_side)side, time_s);
    sqz_venue_state_pay_funding(state->venue, &funding);
}

void sqz_cascade_pay_funding(const struct sqz_world *world, struct sqz_world_state *state,
                             double rate, double time_s)
{
    if (state->venue != NULL)
        pay_accounts(world, state, rate, time_s);
    else
        sqz_attrition_shift(&state->attrition, rate);
    hand_levels(world, state);
}

/* ---- prices before something happens ------------------------------------------------------- */

void sqz_cascade_note_price(const struct sqz_world *world, struct sqz_world_state *state,
                            double time_s)
{
    if (state->venue != NULL)
        sqz_deleverage_note_mark(&state->venue->deleverage,
                                 sqz_market_trigger_log(&world->market, &state->market), time_s);
}

/* The prices of a venue before anything happens to its accounts now. */
static void begin_accounts(struct sqz_world_state *state, double trigger_log, double time_s)
{
    sqz_deleverage_note_mark(&state->venue->deleverage, trigger_log, time_s);
    if (state->attribution != NULL)
        sqz_first_reach_begin(&state->attribution->first_reach, trigger_log, time_s);
}

/* Before any order: which levels the price has reached on a side by itself. */
static inline void note_reached(const struct sqz_world *world, struct sqz_world_state *state,
                                enum sqz_side side, double trigger_log)
{
    const struct sqz_attribution_side of = {side, state->cascade.frontier[side],
                                            state->attrition.shift_log[side]};
    sqz_attribution_note_reached(state->attribution, &world->market, &state->market, trigger_log,
                                 &of);
}

/* ---- firing -------------------------------------------------------------------------------- */

/* Liquidate the account whose trigger is next on a side. */
static void fire_account(const struct sqz_world *world, struct sqz_world_state *state,
                         enum sqz_side side, const struct sqz_context *at)
{
    struct sqz_touched_account touched = sqz_clearing_take_next(
        &state->venue->clearing, &world->ladder->side[side], side, &state->cascade.frontier[side]);
    sqz_liquidation_touch(world, state, &touched, at);
}

/* Close the frontier level of a side. */
static inline __attribute__((always_inline)) void
fire_level(const struct sqz_world *world, struct sqz_world_state *state, enum sqz_side side,
           const struct sqz_context *at, bool plain)
{
    struct sqz_forced order = {.level = {side, state->cascade.frontier[side]++},
                               .side = sqz_closing_order(sqz_position_on(side))};
    double level_usd = world->ladder->side[side].notional_usd[order.level.index];
    double share =
        plain ? 1.0
              : sqz_attrition_closed_share(&world->attrition, &state->attrition, side, at->time_s);
    if (share == 0.0) /* all of it topped up or had left */
        return;
    const struct sqz_route route = sqz_world_route(world, state, at);
    order.notional_usd = level_usd * share;
    sqz_execution_count(&route, &order);
    if (plain)
        sqz_execution_send(&route, &order);
    else if (sqz_execution_is_immediate(&world->execution, &world->market))
        sqz_execution_send_as(&route, &order, SQZ_EVENT_LIQUIDATION);
    else
        sqz_execution_delay(&route, &order);
}

static __attribute__((noinline)) void fire_any(const struct sqz_world *world,
                                               struct sqz_world_state *state, enum sqz_side side,
                                               const struct sqz_context *at)
{
    if (state->venue != NULL)
        fire_account(world, state, side, at);
    else
        fire_level(world, state, side, at, false);
}

void sqz_cascade_continue(const struct sqz_world *world, struct sqz_world_state *state,
                          const struct sqz_scheduled *due, const struct sqz_context *at)
{
    if (due->priority != SQZ_DUE_REVIEW) {
        const struct sqz_route route = sqz_world_route(world, state, at);
        sqz_execution_continue(&route, due);
        return;
    }
    begin_accounts(state, sqz_market_trigger_log(&world->market, &state->market), at->time_s);
    sqz_liquidation_review(world, state, (uint32_t)due->level, (enum sqz_side)due->source, at);
    hand_levels(world, state);
}

/* ---- the loop ------------------------------------------------------------------------------ */

/* `plain` is a constant wherever this is compiled in: what cannot happen in a plain world then
 * costs nothing. */
static inline __attribute__((always_inline)) void run(const struct sqz_world *world,
                                                      struct sqz_world_state *state,
                                                      const struct sqz_context *at, bool plain)
{
    double shift_up = plain ? 0.0 : state->attrition.shift_log[SQZ_UP];
    double shift_down = plain ? 0.0 : state->attrition.shift_log[SQZ_DOWN];
    const struct sqz_ladder_side *levels = world->ladder->side;
    const size_t *frontier = state->cascade.frontier;
    double next_up, next_down;
    for (bool first = true;; first = false) {
        double price = sqz_market_price_log(&state->market);
        double trigger = plain ? price : sqz_market_trigger_log(&world->market, &state->market);
        sqz_stops_note_price(&world->stops, &state->stops, &state->market, price, at);
        if (!plain && first && state->venue != NULL)
            begin_accounts(state, trigger, at->time_s);
        next_up =
            plain ? levels[SQZ_UP].distance_log[frontier[SQZ_UP]] : next_log(world, state, SQZ_UP);
        next_down = plain ? levels[SQZ_DOWN].distance_log[frontier[SQZ_DOWN]]
                          : next_log(world, state, SQZ_DOWN);
        double above = next_up - shift_up - trigger;
        double below = next_down - shift_down + trigger;
        bool up = above <= SQZ_TOUCH_LOG, down = below <= SQZ_TOUCH_LOG;
        if (!up && !down)
            break;
        if (first && state->attribution != NULL) {
            if (up)
                note_reached(world, state, SQZ_UP, trigger);
            if (down)
                note_reached(world, state, SQZ_DOWN, trigger);
        }
        /* Crossed by more means further from the price: the nearest crossed level goes first. */
        enum sqz_side nearest = up && (!down || above >= below) ? SQZ_UP : SQZ_DOWN;
        if (plain)
            fire_level(world, state, nearest, at, true);
        else
            fire_any(world, state, nearest, at);
    }
    hand_level(world, state, SQZ_UP, next_up);
    hand_level(world, state, SQZ_DOWN, next_down);
    sqz_stops_note_gap(&state->stops, &world->market, &state->market);
    sqz_cascade_verify(world, state);
}

void sqz_cascade_run(const struct sqz_world *world, struct sqz_world_state *state,
                     const struct sqz_context *at)
{
    if (state->cascade.plain && !sqz_observer_wants(at->log, SQZ_EVENT_LIQUIDATION))
        run(world, state, at, true);
    else
        run(world, state, at, false);
}
