/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/core/liquidation.h"

#include <math.h>

#include "sim/core/closing.h"

/* A venue that has not ended after this number of steps at one time closes all at any price. */
enum { STEPS_MAX = 1000 };

static struct sqz_clearing *clearing_of(const struct sqz_liquidation *liquidation)
{
    return &liquidation->state->venue->clearing;
}

static const struct sqz_account_state *account_of(const struct sqz_liquidation *liquidation)
{
    return &clearing_of(liquidation)->account[liquidation->account];
}

/* ---- the position in hand ------------------------------------------------------------------ */

/* The price at which closing all of a position leaves its account with nothing, or with the
 * maintenance of what it holds in other markets. */
static double bankruptcy_usd(const struct sqz_position *position, double equity,
                             double other_maintenance, double price_usd)
{
    if (equity > 0.0)
        equity = sqz_greatest(equity - other_maintenance, 0.0);
    double direction = sqz_exposure(position->side);
    if (position->contract == SQZ_LINEAR)
        return price_usd - direction * equity / position->quantity;
    double inverse = 1.0 / price_usd + direction * equity / position->quantity;
    return inverse > 0.0 ? 1.0 / inverse : INFINITY;
}

/* Whether a position goes before another: of those that lose, the one that is worth most; of those
 * that are alike but for rounding, the first. */
static bool goes_before(enum sqz_side losing, const struct sqz_position *position,
                        const struct sqz_position *other, double price_usd)
{
    bool loses = sqz_losing_side(position->side) == losing;
    bool other_loses = sqz_losing_side(other->side) == losing;
    if (loses != other_loses)
        return loses;
    return sqz_margin_value(position, price_usd) >
           sqz_margin_value(other, price_usd) * (1.0 + SQZ_REST_OF_ROUNDING);
}

/* The position to be closed next. */
static size_t choose(const struct sqz_legs *legs, enum sqz_side losing, double price_usd)
{
    size_t best = 0;
    for (size_t i = 1; i < legs->count; i++)
        if (goes_before(losing, &legs->position[i], &legs->position[best], price_usd))
            best = i;
    return best;
}

static size_t find_leg(const struct sqz_legs *legs, uint32_t index)
{
    size_t leg = 0;
    while (legs->index[leg] != index)
        leg++;
    return leg;
}

static struct sqz_leg leg_of(const struct sqz_legs *legs, size_t chosen, double price_usd)
{
    const struct sqz_position *position = &legs->position[chosen];
    double equity = sqz_legs_equity(legs, price_usd);
    double gross = fabs(legs->position[0].collateral) + sqz_margin_value(position, price_usd);
    if (fabs(equity) <= SQZ_REST_OF_ROUNDING * gross)
        equity = 0.0; /* what an account is left with that was taken over for all it had */
    return (struct sqz_leg){.position = *position,
                            .index = legs->index[chosen],
                            .price_usd = price_usd,
                            .equity = equity,
                            .bankruptcy_usd = bankruptcy_usd(
                                position, equity, legs->position[0].other_maintenance, price_usd)};
}

/* ---- what is to be done -------------------------------------------------------------------- */

/* An order that is still to be decided, at any time but a touch. */
static void undecide(struct sqz_order *order)
{
    order->level_usd = NAN;
    order->stage = SQZ_ORDER_ARRIVED;
    order->decided = order->counted = false;
}

/* What the venue wants done; where it does not end, all is closed at any price. */
static struct sqz_liquidation_action ask_venue(const struct sqz_liquidation *liquidation,
                                               const struct sqz_legs *legs,
                                               const struct sqz_leg *leg, bool endless)
{
    const struct sqz_venue *venue = liquidation->world->venue;
    struct sqz_liquidation_action action = {.quantity = leg->position.quantity, .limit_usd = NAN};
    if (endless || venue->model->respond == NULL)
        return action;
    struct sqz_liquidation_request request = {
        .position = &leg->position,
        .price_usd = leg->price_usd,
        .bankruptcy_usd = leg->bankruptcy_usd,
        .equity = leg->equity,
        .maintenance = leg->equity - sqz_margin_excess(legs->position, legs->count, leg->price_usd),
        .steps = account_of(liquidation)->steps,
        .cooling = liquidation->at->time_s < account_of(liquidation)->cool_until_s,
    };
    venue->model->respond(venue->params, &request, &action);
    return action;
}

/* Whether something is sent into the market. */
static bool is_order(const struct sqz_liquidation_action *action)
{
    return !action->vault && !action->deleverage;
}

static double order_usd_of(const struct sqz_liquidation *liquidation,
                           const struct sqz_position *position, const struct sqz_order *order)
{
    return sqz_closing_notional_usd(liquidation, position, order->action.quantity,
                                    order->level_usd);
}

/* ---- orders that leave later --------------------------------------------------------------- */

/* The account is looked at again after a while; until then it has no trigger. */
static void wait(const struct sqz_liquidation *liquidation, enum sqz_account_status status,
                 double wait_s)
{
    sqz_clearing_set_status(clearing_of(liquidation), liquidation->account, status);
    sqz_clearing_disarm(clearing_of(liquidation), liquidation->account);
    sqz_execution_schedule_review(&liquidation->state->execution, liquidation->account,
                                  liquidation->side, liquidation->at->time_s + wait_s,
                                  liquidation->at);
}

/* Enter an order as forced before it leaves: one at any price, for the account. How much of others
 * is sold shows when they leave. */
static void count_order(const struct sqz_liquidation *liquidation,
                        const struct sqz_position *position, struct sqz_order *order)
{
    const struct sqz_liquidation_action *action = &order->action;
    if (order->counted || !is_order(action) || action->takeover || !isnan(action->limit_usd))
        return;
    double order_usd = order_usd_of(liquidation, position, order);
    struct sqz_forced forced = sqz_closing_forced(liquidation, position, order_usd);
    const struct sqz_route route =
        sqz_world_route(liquidation->world, liquidation->state, liquidation->at);
    sqz_execution_announce(&route, &forced);
    order->counted = true;
}

static void send_later(const struct sqz_liquidation *liquidation,
                       const struct sqz_position *position, struct sqz_order *order, double wait_s)
{
    count_order(liquidation, position, order);
    liquidation->state->venue->order[liquidation->account] = *order;
    wait(liquidation, SQZ_ACCOUNT_SELLING, wait_s);
}

/* Without impact it matters when an order leaves only where a venue looks at the account then; one
 * that stands for levels leaves as they do, at once. */
static bool is_immediate(const struct sqz_liquidation *liquidation)
{
    return !liquidation->world->market.impact && liquidation->world->venue->model->by_level;
}

/* Whether orders leave one after another. */
static bool queues(const struct sqz_liquidation *liquidation, const struct sqz_order *order)
{
    return liquidation->world->execution.usd_per_s != 0.0 && is_order(&order->action);
}

static double latency_s(const struct sqz_liquidation *liquidation)
{
    return liquidation->world->execution.latency_s > 0.0
               ? sqz_execution_latency_s(&liquidation->world->execution,
                                         &liquidation->state->execution)
               : 0.0;
}

/* How long the order waits for its turn in the queue of its side, which it joins. */
static double queue_s(const struct sqz_liquidation *liquidation,
                      const struct sqz_position *position, const struct sqz_order *order)
{
    double order_usd = order_usd_of(liquidation, position, order);
    double now_s = liquidation->at->time_s;
    return sqz_execution_join_queue(&liquidation->world->execution, &liquidation->state->execution,
                                    sqz_closing_order(position->side), order_usd, now_s) -
           now_s;
}

/* How long the order has to wait next: from the touch to its arrival, then for its turn. */
static double delay_s(const struct sqz_liquidation *liquidation,
                      const struct sqz_position *position, struct sqz_order *order)
{
    if (is_immediate(liquidation))
        return 0.0;
    if (order->stage == SQZ_ORDER_TOUCHED) {
        order->stage = SQZ_ORDER_ARRIVED;
        if (liquidation->world->execution.latency_s > 0.0)
            return latency_s(liquidation);
    }
    if (order->stage == SQZ_ORDER_QUEUED || !queues(liquidation, order))
        return 0.0;
    order->stage = SQZ_ORDER_QUEUED;
    return queue_s(liquidation, position, order);
}

/* Cut an order down to the child that leaves now. Returns the rest. */
static double cut_child(const struct sqz_liquidation *liquidation,
                        const struct sqz_position *position, struct sqz_order *order)
{
    double whole = order->action.quantity;
    if (is_immediate(liquidation) || !queues(liquidation, order))
        return 0.0;
    double order_usd = order_usd_of(liquidation, position, order);
    double child_usd = sqz_execution_child_usd(&liquidation->world->execution, order_usd);
    if (child_usd == order_usd)
        return 0.0;
    count_order(liquidation, position, order);
    order->level_usd = NAN; /* children are worth what the market says */
    order_usd = order_usd_of(liquidation, position, order);
    order->action.quantity *= sqz_least(child_usd / order_usd, 1.0);
    return whole - order->action.quantity;
}

/* ---- one step ------------------------------------------------------------------------------ */

/* Whether the account is still below its maintenance, and the mark still the one at hand. */
static bool is_below_at(const struct sqz_liquidation *liquidation, double mark_usd)
{
    double now_usd = sqz_closing_mark_usd(liquidation);
    const struct sqz_legs legs = sqz_clearing_legs(clearing_of(liquidation), liquidation->account);
    return legs.count > 0 && fabs(log(now_usd / mark_usd)) < SQZ_MARK_TICK_LOG &&
           sqz_margin_excess(legs.position, legs.count, now_usd) < 0.0;
}

/* An order has been executed and has closed something or not; a rest of it waits. Returns whether
 * there is another step at this time. */
static bool is_followed(const struct sqz_liquidation *liquidation, const struct sqz_leg *leg,
                        const struct sqz_order *order, bool moved)
{
    struct sqz_clearing *clearing = clearing_of(liquidation);
    const struct sqz_liquidation_action *action = &order->action;
    double left = sqz_clearing_left(clearing, liquidation->account, leg->index);
    sqz_clearing_count_step(clearing, liquidation->account, left);
    if (action->review_s > 0.0 && left > 0.0) {
        wait(liquidation, SQZ_ACCOUNT_FROZEN, action->review_s);
        return false;
    }
    if (action->cool_s > 0.0 && moved && is_below_at(liquidation, leg->price_usd)) {
        sqz_clearing_watch(clearing, liquidation->account, leg->price_usd);
        return false;
    }
    return true;
}

/* Execute an order, of which a child leaves now. Returns whether there is another step at this
 * time. */
static bool execute(const struct sqz_liquidation *liquidation, const struct sqz_leg *leg,
                    struct sqz_order *order, bool *moved)
{
    struct sqz_clearing *clearing = clearing_of(liquidation);
    double rest = cut_child(liquidation, &leg->position, order);
    *moved = sqz_closing_execute(liquidation, leg, order) > 0.0;
    if (*moved && order->action.cool_s > 0.0)
        sqz_clearing_cool(clearing, liquidation->account,
                          liquidation->at->time_s + order->action.cool_s);
    if (!*moved || rest <= 0.0 || /* without a taker it ends */
        sqz_clearing_left(clearing, liquidation->account, leg->index) <= 0.0)
        return is_followed(liquidation, leg, order, *moved);
    order->action.quantity = rest;
    send_later(liquidation, &leg->position, order, liquidation->world->execution.interval_s);
    return false;
}

/* One step of an account that has positions left. `moved`: whether anything was closed, unchanged
 * where the order waits. Returns whether there is another step at this time. */
static bool step(const struct sqz_liquidation *liquidation, const struct sqz_legs *legs,
                 struct sqz_order *order, bool endless, bool *moved)
{
    double price = sqz_closing_mark_usd(liquidation);
    size_t chosen =
        order->decided ? find_leg(legs, order->position) : choose(legs, liquidation->side, price);
    struct sqz_leg leg = leg_of(legs, chosen, price);
    if (!order->decided) {
        order->action = ask_venue(liquidation, legs, &leg, endless);
        order->position = leg.index;
        order->decided = true;
    }
    double wait_s = delay_s(liquidation, &leg.position, order);
    if (wait_s <= 0.0)
        return execute(liquidation, &leg, order, moved);
    send_later(liquidation, &leg.position, order, wait_s);
    return false;
}

/* ---- the liquidation ----------------------------------------------------------------------- */

/* Nothing is left of the account. */
static void end(const struct sqz_liquidation *liquidation, const struct sqz_legs *legs)
{
    struct sqz_clearing *clearing = clearing_of(liquidation);
    sqz_clearing_set_status(clearing, liquidation->account, SQZ_ACCOUNT_GONE);
    double worth = legs->position[0].collateral; /* all it has is that */
    if (worth < 0.0)
        sqz_closing_wind_up(liquidation, -worth);
    sqz_clearing_disarm(clearing, liquidation->account);
}

/* Step by step from `order` on, until the account has its maintenance or is to be looked at later.
 * The first step of a touch or of an order that had to wait does not ask for that. */
static void liquidate(const struct sqz_liquidation *liquidation, struct sqz_order *order)
{
    struct sqz_clearing *clearing = clearing_of(liquidation);
    bool begun = account_of(liquidation)->steps > 0;
    bool moved = true; /* an order that found no taker leaves the account where it was */
    /* An account that is being liquidated is not deleveraged. */
    sqz_clearing_set_status(clearing, liquidation->account, SQZ_ACCOUNT_FROZEN);
    for (unsigned now = 0;; now++, undecide(order), begun = true) {
        const struct sqz_legs legs = sqz_clearing_legs(clearing, liquidation->account);
        if (legs.count == 0) {
            end(liquidation, &legs);
            return;
        }
        if (!order->decided && begun && moved &&
            sqz_margin_excess(legs.position, legs.count, sqz_closing_mark_usd(liquidation)) >= 0.0)
            break;
        if (!step(liquidation, &legs, order, now >= STEPS_MAX, &moved))
            return;
    }
    sqz_clearing_reopen(clearing, liquidation->account, sqz_closing_mark_usd(liquidation));
}

static void watch_fund(const struct sqz_liquidation *liquidation)
{
    sqz_fund_watch(&liquidation->state->venue->fund, sqz_closing_mark_usd(liquidation),
                   liquidation->at->time_s);
}

static void begin(const struct sqz_liquidation *liquidation, struct sqz_order *order)
{
    bool spared = sqz_fund_is_spared(liquidation->world->venue);
    if (spared) /* a peak may have passed out of the window since */
        watch_fund(liquidation);
    liquidate(liquidation, order);
    if (spared)
        watch_fund(liquidation);
}

/* An account that was left in the middle of its liquidation: on the side on which it now loses. */
static void look_again(struct sqz_liquidation liquidation)
{
    const struct sqz_legs legs = sqz_clearing_legs(clearing_of(&liquidation), liquidation.account);
    liquidation.side =
        sqz_margin_losing_side(legs.position, legs.count, sqz_closing_mark_usd(&liquidation));
    struct sqz_order order;
    undecide(&order);
    begin(&liquidation, &order);
}

/* ---- entries ------------------------------------------------------------------------------- */

/* An account whose trigger has moved is on its way: whose order brought the price to it. */
static void set_parent(const struct sqz_liquidation *liquidation, double distance_log)
{
    struct sqz_attribution *attribution = liquidation->state->attribution;
    struct sqz_level_id level = sqz_closing_level(liquidation);
    if (attribution == NULL || level.index == SQZ_NO_LEVEL)
        return;
    sqz_attribution_set_parent(
        attribution, level,
        sqz_first_reach_parent(&attribution->first_reach, liquidation->side, distance_log));
}

/* The notional of the account's level, while the account is as it was when the ladder was made. */
static double level_usd_of(const struct sqz_liquidation *liquidation)
{
    struct sqz_level_id level = sqz_closing_level(liquidation);
    if (!liquidation->world->venue->model->by_level || level.index == SQZ_NO_LEVEL ||
        !sqz_clearing_is_as_read(clearing_of(liquidation), liquidation->account))
        return NAN;
    return liquidation->world->ladder->side[liquidation->side].notional_usd[level.index];
}

/* Whether the account has left before its trigger, or tops up. */
static bool is_out(const struct sqz_liquidation *liquidation)
{
    const struct sqz_clearing *clearing = clearing_of(liquidation);
    enum sqz_side own = sqz_losing_side(sqz_clearing_side(clearing, liquidation->account));
    double share =
        sqz_attrition_closed_share(&liquidation->world->attrition, &liquidation->state->attrition,
                                   own, liquidation->at->time_s);
    return sqz_clearing_is_out(clearing, liquidation->account, share);
}

/* An account that waits for its trigger has come to it. */
static void begin_at_touch(const struct sqz_liquidation *liquidation,
                           const struct sqz_touched_account *touched)
{
    struct sqz_clearing *clearing = clearing_of(liquidation);
    struct sqz_order order;
    undecide(&order);
    order.stage = SQZ_ORDER_TOUCHED;
    if (touched->on_ladder)
        order.level_usd = level_usd_of(liquidation);
    else
        set_parent(liquidation, touched->distance_log);
    if (is_out(liquidation)) {
        sqz_clearing_set_status(clearing, touched->account, SQZ_ACCOUNT_LEFT);
        sqz_clearing_disarm(clearing, touched->account);
    } else
        begin(liquidation, &order);
}

void sqz_liquidation_touch(const struct sqz_world *world, struct sqz_world_state *state,
                           const struct sqz_touched_account *touched, const struct sqz_context *at)
{
    const struct sqz_liquidation liquidation = {.world = world,
                                                .state = state,
                                                .at = at,
                                                .account = touched->account,
                                                .side = touched->side};
    sqz_clearing_touch(&state->venue->clearing, touched->account);
    if (account_of(&liquidation)->status != SQZ_ACCOUNT_WATCHED) {
        begin_at_touch(&liquidation, touched);
        return;
    }
    sqz_clearing_disarm(&state->venue->clearing, touched->account);
    look_again(liquidation);
}

void sqz_liquidation_review(const struct sqz_world *world, struct sqz_world_state *state,
                            uint32_t account, enum sqz_side side, const struct sqz_context *at)
{
    const struct sqz_liquidation liquidation = {
        .world = world, .state = state, .at = at, .account = account, .side = side};
    if (account_of(&liquidation)->status == SQZ_ACCOUNT_FROZEN) {
        look_again(liquidation);
        return;
    }
    struct sqz_order order = state->venue->order[account];
    begin(&liquidation, &order);
}
