/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/core/closing.h"

#include <math.h>

static struct sqz_venue_state *venue_of(const struct sqz_liquidation *liquidation)
{
    return liquidation->state->venue;
}

static double price_of(const struct sqz_liquidation *liquidation, double price_log)
{
    return sqz_venue_price_usd(liquidation->world->venue, price_log);
}

double sqz_closing_mark_usd(const struct sqz_liquidation *liquidation)
{
    return price_of(liquidation, sqz_market_trigger_log(&liquidation->world->market,
                                                        &liquidation->state->market));
}

/* ---- orders -------------------------------------------------------------------------------- */

/* What is to be sold in the market. */
struct sale {
    double quantity, limit_usd, level_usd; /* as of struct sqz_order */
    bool whole, counted;
};

struct fill {
    double quantity, price_usd;
};

double sqz_closing_notional_usd(const struct sqz_liquidation *liquidation,
                                const struct sqz_position *position, double quantity,
                                double level_usd)
{
    if (!isnan(level_usd) && quantity == position->quantity)
        return level_usd;
    double price = price_of(liquidation, sqz_market_price_log(&liquidation->state->market));
    return liquidation->world->venue->scale * sqz_margin_notional_usd(position, quantity, price);
}

/* How much of an order on a side is filled at no worse than a limit. */
static double fillable_usd(const struct sqz_liquidation *liquidation, enum sqz_order_side side,
                           double order_usd, double limit_usd)
{
    const struct sqz_market_state *market = &liquidation->state->market;
    if (!(limit_usd > 0.0)) /* a short is not sold at no price; a long takes any */
        return side == SQZ_SELL ? order_usd : 0.0;
    if (limit_usd == INFINITY)
        return side == SQZ_BUY ? order_usd : 0.0;
    double limit_log = log(limit_usd / liquidation->world->venue->start_usd);
    double beyond =
        sqz_order_sign(side) * (limit_log - sqz_market_price_log(&liquidation->state->market));
    if (!liquidation->world->market.impact)
        return beyond >= -SQZ_TOUCH_LOG ? order_usd : 0.0;
    return fabs(sqz_market_order_within(&liquidation->world->market, market,
                                        sqz_order_sign(side) * order_usd, limit_log));
}

/* Close a part of a position in the market, at no worse than the limit. */
static struct fill trade(const struct sqz_liquidation *liquidation,
                         const struct sqz_position *position, const struct sale *sale)
{
    struct fill fill = {sale->quantity, NAN};
    double order_usd =
        sqz_closing_notional_usd(liquidation, position, sale->quantity, sale->level_usd);
    if (!isnan(sale->limit_usd)) {
        double fillable = fillable_usd(liquidation, sqz_closing_order(position->side), order_usd,
                                       sale->limit_usd);
        if (fillable <= 0.0 || (sale->whole && fillable < order_usd))
            return (struct fill){0.0, NAN};
        fill.quantity *= fillable / order_usd;
        order_usd = fillable;
    }
    struct sqz_forced forced = sqz_closing_forced(liquidation, position, order_usd);
    const struct sqz_route route =
        sqz_world_route(liquidation->world, liquidation->state, liquidation->at);
    double fill_log = sqz_execution_force(&route, &forced, sale->counted);
    fill.price_usd = price_of(liquidation, fill_log);
    sqz_fund_note_trade(&venue_of(liquidation)->fund, position, fill.quantity, fill.price_usd);
    return fill;
}

/* ---- settling ------------------------------------------------------------------------------ */

/* The account pays so much beside its closes, or is paid if it is negative. */
static void take(const struct sqz_liquidation *liquidation, double amount)
{
    sqz_clearing_pay(&venue_of(liquidation)->clearing, liquidation->account, -amount);
    venue_of(liquidation)->totals.lost += amount;
}

/* Settle a part of a position at a price with its account. What it loses counts from the start of
 * the path. */
static void settle(const struct sqz_liquidation *liquidation, uint32_t index, double quantity,
                   double price_usd)
{
    struct sqz_venue_state *venue = venue_of(liquidation);
    const struct sqz_position *position =
        &liquidation->world->venue->account_table->position[index];
    sqz_clearing_settle(&venue->clearing, liquidation->account, index, quantity, price_usd);
    venue->totals.lost -=
        sqz_margin_gain(position, quantity, liquidation->world->venue->start_usd, price_usd);
}

static void pay_from_fund(const struct sqz_liquidation *liquidation, double amount)
{
    sqz_fund_pay(&venue_of(liquidation)->fund, amount, sqz_closing_mark_usd(liquidation));
}

void sqz_closing_wind_up(const struct sqz_liquidation *liquidation, double debt)
{
    pay_from_fund(liquidation, debt);
    take(liquidation, -debt);
}

/* ---- against others ------------------------------------------------------------------------ */

static double deleverage_at(const struct sqz_liquidation *liquidation, const struct sqz_leg *leg)
{
    switch (liquidation->world->venue->model->deleverage_at) {
    case SQZ_AT_MARK:
        return leg->price_usd;
    case SQZ_AT_PREVIOUS_MARK:
        return price_of(liquidation, venue_of(liquidation)->deleverage.mark_log);
    default:
        return leg->bankruptcy_usd;
    }
}

static void report_deleverage(const struct sqz_liquidation *liquidation,
                              const struct sqz_position *position, const struct fill *fill)
{
    const struct sqz_venue *venue = liquidation->world->venue;
    double notional = sqz_margin_notional_usd(position, fill->quantity, fill->price_usd);
    struct sqz_event event = {
        .kind = SQZ_EVENT_DELEVERAGE,
        .side = sqz_closing_order(position->side),
        .notional_usd = venue->scale * notional,
        .fill_log = log(fill->price_usd / venue->start_usd),
        .row = sqz_clearing_row(&venue_of(liquidation)->clearing, liquidation->account),
        .generation = -1};
    sqz_event_report(liquidation->at, sqz_market_price(&liquidation->state->market), event);
}

/* Close against other accounts. Returns what could not be. */
static double deleverage(const struct sqz_liquidation *liquidation, const struct sqz_leg *leg,
                         double quantity)
{
    struct sqz_venue_state *venue = venue_of(liquidation);
    double price = deleverage_at(liquidation, leg);
    if (liquidation->world->venue->model->rank == NULL || !(price > 0.0) || price == INFINITY)
        return quantity;
    struct sqz_close_out close = {.position = leg->index,
                                  .quantity = quantity,
                                  .price_usd = price,
                                  .mark_usd = leg->price_usd,
                                  .now_usd = sqz_closing_mark_usd(liquidation),
                                  .time_s = liquidation->at->time_s};
    for (int side = 0; side < 2; side++)
        close.staying[side] = sqz_attrition_staying_share(&liquidation->world->attrition,
                                                          &liquidation->state->attrition,
                                                          (enum sqz_side)side, close.time_s);
    struct fill fill = {sqz_deleverage_close(&venue->deleverage, &venue->clearing, &close), price};
    settle(liquidation, leg->index, fill.quantity, price);
    if (fill.quantity > 0.0)
        report_deleverage(liquidation, &leg->position, &fill);
    return quantity - fill.quantity;
}

/* ---- by the fund --------------------------------------------------------------------------- */

/* Profit of the fund if it sells `quantity`, taken over at the bankruptcy price, now. */
static double resale(const struct sqz_liquidation *liquidation, const struct sqz_leg *leg,
                     double quantity)
{
    double order_usd = sqz_closing_notional_usd(liquidation, &leg->position, quantity, NAN);
    struct sqz_forced forced = sqz_closing_forced(liquidation, &leg->position, order_usd);
    double fill_log =
        sqz_execution_fill_log(&liquidation->world->market, &liquidation->state->market, &forced);
    return sqz_margin_gain(&leg->position, quantity, leg->bankruptcy_usd,
                           price_of(liquidation, fill_log));
}

/* The fund sells what it takes over at the bankruptcy price. Returns what that brings it; what was
 * not sold is left in `sale`. */
static double sell_for_fund(const struct sqz_liquidation *liquidation, const struct sqz_leg *leg,
                            struct sale *sale)
{
    struct fill fill = trade(liquidation, &leg->position, sale);
    sale->quantity -= fill.quantity;
    if (fill.quantity == 0.0)
        return 0.0;
    settle(liquidation, leg->index, fill.quantity, leg->bankruptcy_usd);
    return sqz_margin_gain(&leg->position, fill.quantity, leg->bankruptcy_usd, fill.price_usd);
}

/* The fund takes over at the bankruptcy price: it sells what the book takes there or better, then
 * the rest at a loss if it can afford that; what it cannot is deleveraged. */
static void take_over(const struct sqz_liquidation *liquidation, const struct sqz_leg *leg,
                      const struct sqz_order *order)
{
    struct sqz_fund *fund = &venue_of(liquidation)->fund;
    struct sale sale = {.quantity = order->action.quantity,
                        .limit_usd = leg->bankruptcy_usd,
                        .level_usd = order->level_usd};
    sqz_fund_earn(fund, sell_for_fund(liquidation, leg, &sale));
    sale.limit_usd = sale.level_usd = NAN; /* a rest is worth what the market says */
    if (sale.quantity > 0.0 &&
        -resale(liquidation, leg, sale.quantity) > sqz_fund_available(fund, leg->price_usd))
        sale.quantity = deleverage(liquidation, leg, sale.quantity);
    if (sale.quantity > 0.0)
        pay_from_fund(liquidation, -sell_for_fund(liquidation, leg, &sale));
}

/* The fund keeps all positions of the account as they stand at the price, and what it is worth. */
static void keep(const struct sqz_liquidation *liquidation, const struct sqz_leg *leg)
{
    struct sqz_venue_state *venue = venue_of(liquidation);
    const struct sqz_legs legs = sqz_clearing_legs(&venue->clearing, liquidation->account);
    for (size_t i = 0; i < legs.count; i++) {
        sqz_fund_keep(&venue->fund, &legs.position[i], leg->price_usd);
        settle(liquidation, legs.index[i], legs.position[i].quantity, leg->price_usd);
    }
    take(liquidation, leg->equity);
    sqz_fund_take_equity(&venue->fund, leg->equity);
}

/* ---- by itself ----------------------------------------------------------------------------- */

/* Charge the account for what was sold, but not below zero as it then stands. */
static void charge(const struct sqz_liquidation *liquidation, const struct sqz_leg *leg,
                   const struct fill *fill, double share)
{
    struct sqz_venue_state *venue = venue_of(liquidation);
    struct sqz_position closed = leg->position;
    closed.quantity = fill->quantity;
    const struct sqz_legs legs = sqz_clearing_legs(&venue->clearing, liquidation->account);
    double equity = sqz_legs_equity(&legs, sqz_closing_mark_usd(liquidation));
    double fee =
        sqz_least(share * sqz_margin_value(&closed, fill->price_usd), sqz_greatest(equity, 0.0));
    take(liquidation, fee);
    sqz_fund_earn(&venue->fund, fee);
}

/* The account sells for itself. Returns how much. */
static double sell(const struct sqz_liquidation *liquidation, const struct sqz_leg *leg,
                   const struct sqz_order *order)
{
    const struct sqz_liquidation_action *action = &order->action;
    const struct sale sale = {.quantity = action->quantity,
                              .limit_usd = action->limit_usd,
                              .level_usd = order->level_usd,
                              .whole = action->whole,
                              .counted = order->counted};
    struct fill fill = trade(liquidation, &leg->position, &sale);
    if (fill.quantity == 0.0)
        return 0.0;
    settle(liquidation, leg->index, fill.quantity, fill.price_usd);
    if (action->fee > 0.0)
        charge(liquidation, leg, &fill, action->fee);
    return fill.quantity;
}

/* ---- all ----------------------------------------------------------------------------------- */

static void note_liquidated(const struct sqz_liquidation *liquidation)
{
    struct sqz_liquidation_totals *totals = &venue_of(liquidation)->totals;
    if (!sqz_clearing_note_liquidated(&venue_of(liquidation)->clearing, liquidation->account))
        return;
    totals->accounts++;
    if (isnan(totals->first_s))
        totals->first_s = liquidation->at->time_s;
}

static double execute(const struct sqz_liquidation *liquidation, const struct sqz_leg *leg,
                      const struct sqz_order *order)
{
    const struct sqz_liquidation_action *action = &order->action;
    bool bottomless = liquidation->world->venue->fund == INFINITY; /* it covers any debt */
    if (action->vault || (action->deleverage && bottomless))
        keep(liquidation, leg);
    else if (action->deleverage)
        deleverage(liquidation, leg, action->quantity);
    else if (action->takeover)
        take_over(liquidation, leg, order);
    else
        return sell(liquidation, leg, order);
    return leg->position.quantity -
           sqz_clearing_left(&venue_of(liquidation)->clearing, liquidation->account, leg->index);
}

double sqz_closing_execute(const struct sqz_liquidation *liquidation, const struct sqz_leg *leg,
                           const struct sqz_order *order)
{
    double closed = execute(liquidation, leg, order);
    if (closed > 0.0)
        note_liquidated(liquidation);
    return closed;
}
