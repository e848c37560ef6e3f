/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The liquidation of one account, step by step as its venue prescribes. */
#include <math.h>

#include "sim/core/closing.h"

/* A venue that has not come to an end after so many steps at one moment closes all at any price. */
enum { STEPS_MAX = 1000 };

/* ---- the position in hand ------------------------------------------------------------------ */

/* The price at which closing all of a position leaves its account with nothing, or with the
 * maintenance of what it holds in other markets. */
static double bankruptcy_usd(const struct sqz_position *position, double equity,
                             double other_maintenance, double price_usd)
{
    if (equity > 0.0)
        equity = sqz_greatest(equity - other_maintenance, 0.0);
    double direction = position->side == SQZ_DOWN ? 1.0 : -1.0;
    if (position->contract == SQZ_LINEAR)
        return price_usd - direction * equity / position->quantity;
    double inverse = 1.0 / price_usd + direction * equity / position->quantity;
    return inverse > 0.0 ? 1.0 / inverse : INFINITY;
}

/* Whether a position goes before another: of those that lose, the one that is worth most; of those
 * that are alike but for rounding, the first. */
static bool goes_before(const struct sqz_liquidation *liquidation,
                        const struct sqz_position *position, const struct sqz_position *other,
                        double price_usd)
{
    bool loses = position->side == liquidation->side,
         other_loses = other->side == liquidation->side;
    if (loses != other_loses)
        return loses;
    return sqz_margin_value(position, price_usd) >
           sqz_margin_value(other, price_usd) * (1.0 + SQZ_REST_OF_ROUNDING);
}

/* The position to be closed next. */
static size_t choose(const struct sqz_liquidation *liquidation, size_t legs, double price_usd)
{
    const struct sqz_position *leg = liquidation->clearing->leg;
    size_t best = 0;
    for (size_t i = 1; i < legs; i++)
        if (goes_before(liquidation, &leg[i], &leg[best], price_usd))
            best = i;
    return best;
}

/* ---- one step ------------------------------------------------------------------------------ */

static struct sqz_liquidation_action ask_venue(const struct sqz_liquidation *liquidation,
                                               const struct sqz_leg *leg, unsigned steps,
                                               bool endless)
{
    const struct sqz_venue *venue = liquidation->clearing->venue;
    struct sqz_liquidation_action action = {.quantity = leg->position.quantity, .limit_usd = NAN};
    if (endless || venue->model->respond == NULL)
        return action;
    struct sqz_liquidation_request request = {
        .position = &leg->position,
        .price_usd = leg->price_usd,
        .bankruptcy_usd = leg->bankruptcy_usd,
        .equity = leg->equity,
        .maintenance =
            leg->equity - sqz_margin_excess(liquidation->clearing->leg, leg->legs, leg->price_usd),
        .steps = steps,
        .cooling = liquidation->at->time_s <
                   liquidation->clearing->account[liquidation->account].cool_until_s,
    };
    venue->model->respond(venue->params, &request, &action);
    return action;
}

/* Nothing is left of the account: what it owes, the fund pays as far as it can. */
static void wind_up(struct sqz_liquidation *liquidation)
{
    struct sqz_clearing *clearing = liquidation->clearing;
    struct sqz_account_state *account = &clearing->account[liquidation->account];
    account->status = SQZ_ACCOUNT_GONE;
    double worth = clearing->leg[0].collateral; /* no positions: all is collateral */
    if (worth >= 0.0)
        return;
    sqz_liquidation_pay(liquidation, -worth);
    account->cash -= worth;
    clearing->lost += worth;
}

static void wait(struct sqz_liquidation *liquidation, enum sqz_account_status status, double wait_s)
{
    liquidation->clearing->account[liquidation->account].status = (uint8_t)status;
    sqz_clearing_disarm(liquidation->clearing, liquidation->account);
    sqz_world_schedule_review(liquidation->account, liquidation->side,
                              liquidation->at->time_s + wait_s, liquidation->at);
}

/* The account is looked at again where the mark has moved a tick, to either side. */
static void watch(struct sqz_liquidation *liquidation, double mark_usd)
{
    struct sqz_clearing *clearing = liquidation->clearing;
    double mark_log = log(mark_usd / clearing->venue->start_usd);
    clearing->account[liquidation->account].status = SQZ_ACCOUNT_WATCHED;
    clearing->account[liquidation->account].steps =
        1; /* the part; earlier ones have been and gone */
    for (int side = 0; side < 2; side++)
        sqz_account_heap_set(&clearing->heap[side], liquidation->account,
                             sqz_outward((enum sqz_side)side, mark_log) + SQZ_MARK_TICK_LOG);
}

/* ---- orders that leave later --------------------------------------------------------------- */

static bool is_order(const struct sqz_liquidation_action *action)
{
    return !action->vault && !action->deleverage;
}

/* Enter an order as forced before it leaves: one at any price, for the account. How much of others
 * is sold shows when they leave. */
static void count_order(struct sqz_liquidation *liquidation, const struct sqz_leg *leg,
                        struct sqz_order *order)
{
    const struct sqz_liquidation_action *action = &order->action;
    if (order->counted || !is_order(action) || action->takeover || !isnan(action->limit_usd))
        return;
    double order_usd = sqz_liquidation_notional_usd(liquidation, &leg->position, action->quantity);
    struct sqz_forced forced = sqz_liquidation_order(liquidation, &leg->position, order_usd);
    sqz_world_count(liquidation->state, &forced, liquidation->at);
    order->counted = true;
}

/* Without impact it matters when an order leaves only where a venue looks at the account then; one
 * that stands for levels leaves as they do, at once. */
static bool is_immediate(const struct sqz_liquidation *liquidation)
{
    return !liquidation->world->impact && liquidation->clearing->venue->model->by_level;
}

/* How long the order has to wait: from the touch to its arrival, then for its turn in the line. */
static double delay_s(struct sqz_liquidation *liquidation, const struct sqz_leg *leg,
                      struct sqz_order *order)
{
    const struct sqz_world *world = liquidation->world;
    bool touched = liquidation->touched;
    liquidation->touched = false;
    if (is_immediate(liquidation))
        return 0.0;
    if (touched && world->execution.latency_s > 0.0)
        return sqz_world_latency_s(world, liquidation->at);
    if (world->execution.usd_per_s == 0.0 || order->in_line || !is_order(&order->action))
        return 0.0;
    order->in_line = true;
    double order_usd =
        sqz_liquidation_notional_usd(liquidation, &leg->position, order->action.quantity);
    return sqz_world_join_line(world, liquidation->state, leg->position.side, order_usd,
                               liquidation->at->time_s) -
           liquidation->at->time_s;
}

static void send_later(struct sqz_liquidation *liquidation, const struct sqz_leg *leg,
                       struct sqz_order order, double wait_s)
{
    count_order(liquidation, leg, &order);
    liquidation->clearing->order[liquidation->account] = order;
    wait(liquidation, SQZ_ACCOUNT_SELLING, wait_s);
}

/* Cut an order down to the child that leaves now. Returns the rest. */
static double cut_child(struct sqz_liquidation *liquidation, const struct sqz_leg *leg,
                        struct sqz_order *order)
{
    double whole = order->action.quantity;
    if (liquidation->world->execution.usd_per_s == 0.0 || is_immediate(liquidation) ||
        !is_order(&order->action))
        return 0.0;
    double order_usd = sqz_liquidation_notional_usd(liquidation, &leg->position, whole);
    double child_usd = sqz_world_child_usd(liquidation->world, order_usd);
    if (child_usd == order_usd)
        return 0.0;
    count_order(liquidation, leg, order);
    liquidation->level_usd = order->level_usd = NAN; /* children are worth what the market says */
    order_usd = sqz_liquidation_notional_usd(liquidation, &leg->position, whole);
    order->action.quantity *= sqz_least(child_usd / order_usd, 1.0);
    return whole - order->action.quantity;
}

/* ---- the liquidation ----------------------------------------------------------------------- */

static void note_liquidation(struct sqz_liquidation *liquidation,
                             const struct sqz_liquidation_action *action)
{
    struct sqz_account_state *account = &liquidation->clearing->account[liquidation->account];
    if (action->cool_s > 0.0)
        account->cool_until_s = liquidation->at->time_s + action->cool_s;
    if (account->liquidated)
        return;
    account->liquidated = true;
    liquidation->clearing->accounts_liquidated++;
    if (isnan(liquidation->clearing->first_liquidation_s))
        liquidation->clearing->first_liquidation_s = liquidation->at->time_s;
}

/* The position to be closed next, at a price. */
static struct sqz_leg leg_of(const struct sqz_liquidation *liquidation, size_t legs, size_t chosen,
                             double price_usd)
{
    const struct sqz_clearing *clearing = liquidation->clearing;
    double equity = sqz_clearing_equity(clearing, legs, price_usd);
    double gross =
        fabs(clearing->leg[0].collateral) + sqz_margin_value(&clearing->leg[chosen], price_usd);
    if (fabs(equity) <= SQZ_REST_OF_ROUNDING * gross)
        equity = 0.0; /* what an account is left with that was taken over for all it had */
    return (struct sqz_leg){.position = clearing->leg[chosen],
                            .index = clearing->leg_position[chosen],
                            .legs = legs,
                            .price_usd = price_usd,
                            .equity = equity,
                            .bankruptcy_usd =
                                bankruptcy_usd(&clearing->leg[chosen], equity,
                                               clearing->leg[0].other_maintenance, price_usd)};
}

static size_t leg_index(const struct sqz_liquidation *liquidation, uint32_t position)
{
    size_t leg = 0;
    while (liquidation->clearing->leg_position[leg] != position)
        leg++;
    return leg;
}

/* What the venue wants done now, or the order that it sent before. */
static struct sqz_order next_order(struct sqz_liquidation *liquidation, const struct sqz_leg *leg,
                                   bool selling, bool endless)
{
    if (selling)
        return liquidation->clearing->order[liquidation->account];
    unsigned steps = liquidation->clearing->account[liquidation->account].steps;
    return (struct sqz_order){.action = ask_venue(liquidation, leg, steps, endless),
                              .position = leg->index,
                              .level_usd = liquidation->level_usd};
}

/* Whether the account is still below its maintenance, and the mark still the one at hand. */
static bool is_below_at(const struct sqz_liquidation *liquidation, double mark_usd)
{
    double now_usd = sqz_liquidation_mark_usd(liquidation);
    size_t legs = sqz_clearing_legs(liquidation->clearing, liquidation->account);
    return legs > 0 && fabs(log(now_usd / mark_usd)) < SQZ_MARK_TICK_LOG &&
           sqz_margin_excess(liquidation->clearing->leg, legs, now_usd) < 0.0;
}

/* One step of `legs` that are left. Returns whether there is another at this moment. */
static bool step(struct sqz_liquidation *liquidation, size_t legs, bool selling, bool endless,
                 bool *moved)
{
    struct sqz_clearing *clearing = liquidation->clearing;
    struct sqz_account_state *account = &clearing->account[liquidation->account];
    double price = sqz_liquidation_mark_usd(liquidation);
    size_t chosen = selling ? leg_index(liquidation, clearing->order[liquidation->account].position)
                            : choose(liquidation, legs, price);
    struct sqz_leg leg = leg_of(liquidation, legs, chosen, price);
    struct sqz_order order = next_order(liquidation, &leg, selling, endless);
    liquidation->level_usd = order.level_usd;
    double wait_s = delay_s(liquidation, &leg, &order);
    if (wait_s > 0.0) {
        send_later(liquidation, &leg, order, wait_s);
        return false;
    }
    double rest = cut_child(liquidation, &leg, &order);
    liquidation->counted = order.counted;
    *moved = sqz_liquidation_close(liquidation, &leg, &order.action) > 0.0;
    liquidation->level_usd = NAN;
    liquidation->counted = false;
    if (*moved)
        note_liquidation(liquidation, &order.action);
    if (*moved && rest > 0.0 && clearing->left[leg.index] > 0.0) { /* without a taker it ends */
        order.action.quantity = rest;
        send_later(liquidation, &leg, order, liquidation->world->execution.interval_s);
        return false;
    }
    if (clearing->left[leg.index] == 0.0)
        account->steps = 0; /* the next position begins anew */
    else if (account->steps < UINT16_MAX)
        account->steps++;
    if (order.action.review_s > 0.0 && clearing->left[leg.index] > 0.0) {
        wait(liquidation, SQZ_ACCOUNT_FROZEN, order.action.review_s);
        return false;
    }
    if (order.action.cool_s > 0.0 && *moved && is_below_at(liquidation, price)) {
        watch(liquidation, price);
        return false;
    }
    return true;
}

static void liquidate(struct sqz_liquidation *liquidation)
{
    struct sqz_clearing *clearing = liquidation->clearing;
    struct sqz_account_state *account = &clearing->account[liquidation->account];
    bool selling = account->status == SQZ_ACCOUNT_SELLING;
    bool moved = true; /* an order that found no taker leaves the account where it was */
    account->status = SQZ_ACCOUNT_FROZEN; /* nobody deleverages what is being liquidated */
    for (unsigned now = 0;; now++, selling = false) {
        size_t legs = sqz_clearing_legs(clearing, liquidation->account);
        bool begun = now > 0 || account->steps > 0;
        if (legs == 0) {
            wind_up(liquidation);
            sqz_clearing_disarm(clearing, liquidation->account);
            return;
        }
        if (!selling && begun && moved &&
            sqz_margin_excess(clearing->leg, legs, sqz_liquidation_mark_usd(liquidation)) >= 0.0)
            break;
        if (!step(liquidation, legs, selling, now >= STEPS_MAX, &moved))
            return;
    }
    account->status = SQZ_ACCOUNT_OPEN;
    account->steps = 0;
    sqz_clearing_rearm(clearing, liquidation->account, sqz_liquidation_mark_usd(liquidation));
}

/* ---- the fund's fall from its peak --------------------------------------------------------- */

/* Whether the venue deleverages when its fund has fallen. */
static inline bool spares_fund(const struct sqz_venue *venue)
{
    return venue->model->drawdown_begin > 0.0 && venue->fund < INFINITY;
}

/* Note the balance; the peak is that over the window, to an eighth of it. */
static void watch_fund(struct sqz_liquidation *liquidation)
{
    struct sqz_clearing *clearing = liquidation->clearing;
    const struct sqz_venue_model *model = clearing->venue->model;
    double balance = sqz_clearing_fund(clearing, sqz_liquidation_mark_usd(liquidation));
    long slot = (long)floor(liquidation->at->time_s / (model->drawdown_window_s / SQZ_PEAK_SLOTS));
    for (; clearing->peak_slot < slot; clearing->peak_slot++) /* as it stood meanwhile */
        clearing->peak[(clearing->peak_slot + 1) % SQZ_PEAK_SLOTS] = clearing->balance;
    clearing->balance = balance;
    double *peak = &clearing->peak[slot % SQZ_PEAK_SLOTS], highest = balance;
    *peak = sqz_greatest(*peak, balance);
    for (int i = 0; i < SQZ_PEAK_SLOTS; i++)
        highest = sqz_greatest(highest, clearing->peak[i]);
    double fall = highest > 0.0 ? (highest - balance) / highest : 0.0;
    clearing->drawn_down =
        fall >= (clearing->drawn_down ? model->drawdown_end : model->drawdown_begin) && fall > 0.0;
}

/* ---- entries ------------------------------------------------------------------------------- */

static void begin(struct sqz_liquidation *liquidation)
{
    bool watched = spares_fund(liquidation->clearing->venue);
    if (watched) /* a peak may have passed out of the window since */
        watch_fund(liquidation);
    liquidate(liquidation);
    if (watched)
        watch_fund(liquidation);
}

/* An account whose trigger has moved is on its way: whose order brought the price to it. */
static void set_parent(const struct sqz_liquidation *liquidation, double distance_log)
{
    struct sqz_level_id level = sqz_liquidation_level(liquidation);
    if (liquidation->at->lineage == NULL || level.index == SQZ_NO_LEVEL)
        return;
    sqz_lineage_set_parent(
        liquidation->at->lineage, level,
        sqz_clearing_parent(liquidation->clearing, liquidation->side, distance_log));
}

/* The notional of the account's level, while the account is as it was when the ladder was made:
 * nothing of it closed, nothing paid. */
static double level_usd_of(const struct sqz_liquidation *liquidation)
{
    const struct sqz_venue *venue = liquidation->clearing->venue;
    uint32_t first = venue->accounts_table->first[liquidation->account];
    struct sqz_level_id level = sqz_liquidation_level(liquidation);
    bool alone = venue->accounts_table->first[liquidation->account + 1] - first == 1;
    if (!venue->model->by_level || !alone || level.index == SQZ_NO_LEVEL ||
        liquidation->clearing->account[liquidation->account].cash != 0.0 ||
        liquidation->clearing->left[first] != venue->accounts_table->position[first].quantity)
        return NAN;
    return liquidation->world->ladder->side[liquidation->side].notional_usd[level.index];
}

/* An account that was left in the middle of its liquidation: on the side on which it now loses. */
static void look_again(struct sqz_liquidation *liquidation)
{
    size_t legs = sqz_clearing_legs(liquidation->clearing, liquidation->account);
    liquidation->side = sqz_margin_losing_side(liquidation->clearing->leg, legs,
                                               sqz_liquidation_mark_usd(liquidation));
    begin(liquidation);
}

void sqz_clearing_fire(struct sqz_clearing *clearing, const struct sqz_world *world,
                       struct sqz_world_state *state, enum sqz_side side,
                       const struct sqz_context *at)
{
    const struct sqz_ladder_side *levels = &world->ladder->side[side];
    struct sqz_liquidation liquidation = {clearing, world, state, at, 0, side, NAN, false, false};
    size_t *frontier = &state->frontier[side];
    double moved = sqz_account_heap_least(&clearing->heap[side]);
    bool as_read = levels->distance_log[*frontier] <= moved;
    liquidation.account = as_read ? levels->account[(*frontier)++] : clearing->heap[side].item[0];
    struct sqz_account_state *account = sqz_clearing_touch(clearing, liquidation.account);
    if (account->status == SQZ_ACCOUNT_WATCHED) {
        sqz_clearing_disarm(clearing, liquidation.account);
        look_again(&liquidation);
        return;
    }
    if (as_read)
        liquidation.level_usd = level_usd_of(&liquidation);
    else
        set_parent(&liquidation, moved);
    enum sqz_side own = sqz_clearing_side(clearing, liquidation.account);
    if (sqz_clearing_is_out(clearing, liquidation.account,
                            sqz_world_closed_share(world, state, own, at->time_s))) {
        account->status = SQZ_ACCOUNT_LEFT;
        sqz_clearing_disarm(clearing, liquidation.account);
        return;
    }
    liquidation.touched = true;
    begin(&liquidation);
}

void sqz_clearing_review(struct sqz_clearing *clearing, const struct sqz_world *world,
                         struct sqz_world_state *state, uint32_t account, enum sqz_side side,
                         const struct sqz_context *at)
{
    struct sqz_liquidation liquidation = {clearing, world, state, at,   account,
                                          side,     NAN,   false, false};
    sqz_clearing_begin(clearing, sqz_world_trigger_log(world, state), at->time_s);
    if (clearing->account[account].status == SQZ_ACCOUNT_FROZEN)
        look_again(&liquidation);
    else
        begin(&liquidation);
}
