/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/core/closing.h"

#include <math.h>

static double price_of(const struct sqz_liquidation *liquidation, double price_log)
{
    return sqz_venue_price_usd(liquidation->clearing->venue, price_log);
}

double sqz_liquidation_mark_usd(const struct sqz_liquidation *liquidation)
{
    return price_of(liquidation, sqz_world_trigger_log(liquidation->world, liquidation->state));
}

/* ---- orders -------------------------------------------------------------------------------- */

struct fill {
    double quantity, price_usd;
};

struct sqz_level_id sqz_liquidation_level(const struct sqz_liquidation *liquidation)
{
    uint32_t index =
        liquidation->clearing->venue->level_of[liquidation->side][liquidation->account];
    return (struct sqz_level_id){liquidation->side, index};
}

struct sqz_forced sqz_liquidation_order(const struct sqz_liquidation *liquidation,
                                        const struct sqz_position *position, double order_usd)
{
    return (struct sqz_forced){sqz_liquidation_level(liquidation), position->side,
                               liquidation->account, order_usd};
}

double sqz_liquidation_notional_usd(const struct sqz_liquidation *liquidation,
                                    const struct sqz_position *position, double quantity)
{
    const struct sqz_venue *venue = liquidation->clearing->venue;
    if (!isnan(liquidation->level_usd) && quantity == position->quantity)
        return liquidation->level_usd;
    double price = price_of(liquidation, sqz_world_price_log(liquidation->state));
    return venue->scale * sqz_margin_notional_usd(position, quantity, price);
}

/* How much of an order on a side is filled at no worse than a limit. */
static double fillable_usd(const struct sqz_liquidation *liquidation, enum sqz_side side,
                           double order_usd, double limit_usd)
{
    if (!(limit_usd > 0.0)) /* nobody sells at no price; a long takes any */
        return side == SQZ_DOWN ? order_usd : 0.0;
    if (limit_usd == INFINITY)
        return side == SQZ_UP ? order_usd : 0.0;
    double limit_log = log(limit_usd / liquidation->clearing->venue->start_usd);
    double beyond = sqz_direction(side) * (limit_log - sqz_world_price_log(liquidation->state));
    if (!liquidation->world->impact)
        return beyond >= -SQZ_TOUCH_LOG ? order_usd : 0.0;
    return fabs(sqz_book_order_within(
        liquidation->world->book, &liquidation->state->book, sqz_direction(side) * order_usd,
        limit_log - liquidation->state->exogenous_log, liquidation->state->depth_multiplier));
}

/* Close `quantity` of a position in the market, at no worse than a limit. */
static struct fill trade(struct sqz_liquidation *liquidation, const struct sqz_position *position,
                         double quantity, double limit_usd, bool whole)
{
    struct fill fill = {quantity, NAN};
    double order_usd = sqz_liquidation_notional_usd(liquidation, position, quantity);
    if (!isnan(limit_usd)) {
        double fillable = fillable_usd(liquidation, position->side, order_usd, limit_usd);
        if (fillable <= 0.0 || (whole && fillable < order_usd))
            return (struct fill){0.0, NAN};
        fill.quantity *= fillable / order_usd;
        order_usd = fillable;
    }
    struct sqz_forced order = sqz_liquidation_order(liquidation, position, order_usd);
    double fill_log = sqz_world_force(liquidation->world, liquidation->state, &order,
                                      liquidation->counted, liquidation->at);
    fill.price_usd = price_of(liquidation, fill_log);
    sqz_inventory_add(&liquidation->clearing->market, position, fill.quantity, fill.price_usd);
    return fill;
}

/* ---- settling ------------------------------------------------------------------------------ */

/* Settle a part of a position at a price with its account. What it loses counts from the start of
 * the path. */
static void settle_part(struct sqz_liquidation *liquidation, uint32_t index, double quantity,
                        double price_usd)
{
    struct sqz_clearing *clearing = liquidation->clearing;
    const struct sqz_position *position = &clearing->venue->accounts_table->position[index];
    clearing->account[liquidation->account].cash +=
        sqz_clearing_gain(position, quantity, position->entry_usd, price_usd);
    clearing->lost -= sqz_clearing_gain(position, quantity, clearing->venue->start_usd, price_usd);
    clearing->left[index] -= quantity;
    if (clearing->left[index] <= SQZ_REST_OF_ROUNDING * position->quantity)
        clearing->left[index] = 0.0;
}

/* What the fund can pay: all it has, but nothing while the venue deleverages to spare it. */
static double fund_left(const struct sqz_liquidation *liquidation, double price_usd)
{
    if (liquidation->clearing->drawn_down)
        return 0.0;
    return sqz_greatest(sqz_clearing_fund(liquidation->clearing, price_usd), 0.0);
}

static void draw(struct sqz_liquidation *liquidation, double amount)
{
    liquidation->clearing->fund_change -= amount;
    liquidation->clearing->drawn += sqz_greatest(amount, 0.0);
}

void sqz_liquidation_pay(struct sqz_liquidation *liquidation, double amount)
{
    struct sqz_clearing *clearing = liquidation->clearing;
    double balance =
        sqz_greatest(sqz_clearing_fund(clearing, sqz_liquidation_mark_usd(liquidation)), 0.0);
    double paid = sqz_least(amount, balance);
    draw(liquidation, paid);
    clearing->bad_debt += amount - paid;
}

static double deleverage_at(const struct sqz_liquidation *liquidation, const struct sqz_leg *leg)
{
    switch (liquidation->clearing->venue->model->deleverage_at) {
    case SQZ_AT_MARK:
        return leg->price_usd;
    case SQZ_AT_PREVIOUS_MARK:
        return price_of(liquidation, liquidation->clearing->mark_log);
    default:
        return leg->bankruptcy_usd;
    }
}

/* Close against other accounts. Returns what could not be. */
static double deleverage(struct sqz_liquidation *liquidation, const struct sqz_leg *leg,
                         double quantity)
{
    double price = deleverage_at(liquidation, leg);
    if (liquidation->clearing->venue->model->rank == NULL || !(price > 0.0) || price == INFINITY)
        return quantity;
    const struct sqz_position *position = &leg->position;
    struct sqz_close_out close = {.position = leg->index,
                                  .quantity = quantity,
                                  .price_usd = price,
                                  .mark_usd = leg->price_usd,
                                  .now_usd = sqz_liquidation_mark_usd(liquidation),
                                  .time_s = liquidation->at->time_s};
    for (int side = 0; side < 2; side++)
        close.staying[side] = sqz_world_staying_share(liquidation->world, liquidation->state,
                                                      (enum sqz_side)side, close.time_s);
    double closed = sqz_clearing_deleverage(liquidation->clearing, &close);
    settle_part(liquidation, leg->index, closed, price);
    if (closed > 0.0)
        sqz_world_report(
            liquidation->state, liquidation->at,
            (struct sqz_event){.kind = SQZ_EVENT_DELEVERAGE,
                               .side = position->side,
                               .notional_usd = liquidation->clearing->venue->scale *
                                               sqz_margin_notional_usd(position, closed, price),
                               .fill_log = log(price / liquidation->clearing->venue->start_usd),
                               .row = sqz_clearing_row(liquidation->clearing, liquidation->account),
                               .generation = -1});
    return quantity - closed;
}

/* Profit of the fund if it sells `quantity`, taken over at the bankruptcy price, now. */
static double resale(const struct sqz_liquidation *liquidation, const struct sqz_leg *leg,
                     double quantity)
{
    double order_usd = sqz_liquidation_notional_usd(liquidation, &leg->position, quantity);
    struct sqz_forced order = sqz_liquidation_order(liquidation, &leg->position, order_usd);
    double fill_log = sqz_world_forced_fill_log(liquidation->world, liquidation->state, &order);
    return sqz_clearing_gain(&leg->position, quantity, leg->bankruptcy_usd,
                             price_of(liquidation, fill_log));
}

/* The fund takes over at the bankruptcy price: it sells what the book takes there or better, then
 * the rest at a loss if it can afford that; what it cannot is deleveraged. */
static void take_over(struct sqz_liquidation *liquidation, const struct sqz_leg *leg,
                      double quantity)
{
    const struct sqz_position *position = &leg->position;
    double bust_usd = leg->bankruptcy_usd;
    struct fill fill = trade(liquidation, position, quantity, bust_usd, false);
    if (fill.quantity > 0.0) {
        settle_part(liquidation, leg->index, fill.quantity, bust_usd);
        liquidation->clearing->fund_change +=
            sqz_clearing_gain(position, fill.quantity, bust_usd, fill.price_usd);
    }
    double rest = quantity - fill.quantity;
    liquidation->level_usd = NAN;
    if (rest > 0.0 && -resale(liquidation, leg, rest) > fund_left(liquidation, leg->price_usd))
        rest = deleverage(liquidation, leg, rest);
    if (rest <= 0.0)
        return;
    fill = trade(liquidation, position, rest, NAN, false);
    settle_part(liquidation, leg->index, fill.quantity, bust_usd);
    sqz_liquidation_pay(liquidation,
                        -sqz_clearing_gain(position, fill.quantity, bust_usd, fill.price_usd));
}

/* Charge the account for what was sold, but not below zero as it then stands. */
static void charge(struct sqz_liquidation *liquidation, const struct sqz_leg *leg,
                   const struct fill *fill, double share)
{
    struct sqz_clearing *clearing = liquidation->clearing;
    struct sqz_position closed = leg->position;
    closed.quantity = fill->quantity;
    size_t legs = sqz_clearing_legs(clearing, liquidation->account);
    double equity = sqz_clearing_equity(clearing, legs, sqz_liquidation_mark_usd(liquidation));
    double fee =
        sqz_least(share * sqz_margin_value(&closed, fill->price_usd), sqz_greatest(equity, 0.0));
    clearing->account[liquidation->account].cash -= fee;
    clearing->lost += fee;
    clearing->fund_change += fee;
}

/* The account sells for itself. */
static double sell(struct sqz_liquidation *liquidation, const struct sqz_leg *leg,
                   const struct sqz_liquidation_action *action)
{
    struct fill fill =
        trade(liquidation, &leg->position, action->quantity, action->limit_usd, action->whole);
    if (fill.quantity == 0.0)
        return 0.0;
    settle_part(liquidation, leg->index, fill.quantity, fill.price_usd);
    if (action->fee > 0.0)
        charge(liquidation, leg, &fill, action->fee);
    return fill.quantity;
}

/* The fund keeps all positions of the account as they stand at the price, and what it is worth. */
static void keep(struct sqz_liquidation *liquidation, const struct sqz_leg *leg)
{
    for (size_t i = 0; i < leg->legs; i++) {
        const struct sqz_position *held = &liquidation->clearing->leg[i];
        sqz_inventory_add(&liquidation->clearing->vault, held, held->quantity, leg->price_usd);
        liquidation->clearing->kept_usd +=
            sqz_margin_notional_usd(held, held->quantity, leg->price_usd);
        settle_part(liquidation, liquidation->clearing->leg_position[i], held->quantity,
                    leg->price_usd);
    }
    liquidation->clearing->account[liquidation->account].cash -= leg->equity;
    liquidation->clearing->lost += leg->equity;
    draw(liquidation, -leg->equity);
}

double sqz_liquidation_close(struct sqz_liquidation *liquidation, const struct sqz_leg *leg,
                             const struct sqz_liquidation_action *action)
{
    double before = leg->position.quantity;
    bool bottomless = liquidation->clearing->venue->fund == INFINITY; /* it covers any debt */
    if (action->vault || (action->deleverage && bottomless))
        keep(liquidation, leg);
    else if (action->deleverage)
        deleverage(liquidation, leg, action->quantity);
    else if (action->takeover)
        take_over(liquidation, leg, action->quantity);
    else
        return sell(liquidation, leg, action);
    return before - liquidation->clearing->left[leg->index];
}
