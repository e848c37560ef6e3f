#include "sim/core/closing.h"

#include <math.h>

static double price_of(const struct sqz_trip *trip, double price_log)
{
    return sqz_venue_price_usd(trip->house->venue, price_log);
}

double sqz_trip_mark_usd(const struct sqz_trip *trip)
{
    return price_of(trip, sqz_world_trigger_log(trip->world, trip->state));
}

/* ---- orders -------------------------------------------------------------------------------- */

struct fill {
    double quantity, price_usd;
};

struct sqz_level_id sqz_trip_level(const struct sqz_trip *trip)
{
    uint32_t index = trip->house->venue->level_of[trip->side][trip->account];
    return (struct sqz_level_id){trip->side, index};
}

struct sqz_forced sqz_trip_order(const struct sqz_trip *trip, const struct sqz_position *position,
                                 double order_usd)
{
    return (struct sqz_forced){sqz_trip_level(trip), position->side, trip->account, order_usd};
}

double sqz_trip_notional_usd(const struct sqz_trip *trip, const struct sqz_position *position,
                             double quantity)
{
    const struct sqz_venue *venue = trip->house->venue;
    if (!isnan(trip->level_usd) && quantity == position->quantity)
        return trip->level_usd;
    double price = price_of(trip, sqz_world_price_log(trip->state));
    return venue->scale * sqz_margin_notional_usd(position, quantity, price);
}

/* How much of an order on a side is filled at no worse than a limit. */
static double fillable_usd(const struct sqz_trip *trip, enum sqz_side side, double order_usd,
                           double limit_usd)
{
    if (!(limit_usd > 0.0)) /* nobody sells at no price; a long takes any */
        return side == SQZ_DOWN ? order_usd : 0.0;
    if (limit_usd == INFINITY)
        return side == SQZ_UP ? order_usd : 0.0;
    double limit_log = log(limit_usd / trip->house->venue->start_usd);
    double beyond = sqz_direction(side) * (limit_log - sqz_world_price_log(trip->state));
    if (!trip->world->impact)
        return beyond >= -SQZ_TOUCH_LOG ? order_usd : 0.0;
    return fabs(sqz_book_order_within(
        trip->world->book, &trip->state->book, sqz_direction(side) * order_usd,
        limit_log - trip->state->exogenous_log, trip->state->depth_multiplier));
}

/* Close `quantity` of a position in the market, at no worse than a limit. */
static struct fill trade(struct sqz_trip *trip, const struct sqz_position *position,
                         double quantity, double limit_usd, bool whole)
{
    struct fill fill = {quantity, NAN};
    double order_usd = sqz_trip_notional_usd(trip, position, quantity);
    if (!isnan(limit_usd)) {
        double fillable = fillable_usd(trip, position->side, order_usd, limit_usd);
        if (fillable <= 0.0 || (whole && fillable < order_usd))
            return (struct fill){0.0, NAN};
        fill.quantity *= fillable / order_usd;
        order_usd = fillable;
    }
    struct sqz_forced order = sqz_trip_order(trip, position, order_usd);
    double fill_log = sqz_world_force(trip->world, trip->state, &order, trip->counted, trip->at);
    fill.price_usd = price_of(trip, fill_log);
    sqz_inventory_add(&trip->house->market, position, fill.quantity, fill.price_usd);
    return fill;
}

/* ---- settling ------------------------------------------------------------------------------ */

/* Settle a part of a position at a price with its account. What it loses counts from the start of
 * the path. */
static void settle_part(struct sqz_trip *trip, uint32_t index, double quantity, double price_usd)
{
    struct sqz_clearing *house = trip->house;
    const struct sqz_position *position = &house->venue->holdings->position[index];
    house->account[trip->account].cash +=
        sqz_clearing_gain(position, quantity, position->entry_usd, price_usd);
    house->lost -= sqz_clearing_gain(position, quantity, house->venue->start_usd, price_usd);
    house->left[index] -= quantity;
    if (house->left[index] <= SQZ_REST_OF_ROUNDING * position->quantity)
        house->left[index] = 0.0;
}

/* What the fund can pay: all it has, but nothing while the venue deleverages to spare it. */
static double fund_left(const struct sqz_trip *trip, double price_usd)
{
    if (trip->house->drawn_down)
        return 0.0;
    return sqz_greatest(sqz_clearing_fund(trip->house, price_usd), 0.0);
}

static void draw(struct sqz_trip *trip, double amount)
{
    trip->house->fund_change -= amount;
    trip->house->drawn += sqz_greatest(amount, 0.0);
}

void sqz_trip_pay(struct sqz_trip *trip, double amount)
{
    struct sqz_clearing *house = trip->house;
    double balance = sqz_greatest(sqz_clearing_fund(house, sqz_trip_mark_usd(trip)), 0.0);
    double paid = sqz_least(amount, balance);
    draw(trip, paid);
    house->bad_debt += amount - paid;
}

static double deleverage_at(const struct sqz_trip *trip, const struct sqz_stake *stake)
{
    switch (trip->house->venue->model->deleverage_at) {
    case SQZ_AT_MARK:
        return stake->price_usd;
    case SQZ_AT_PREVIOUS_MARK:
        return price_of(trip, trip->house->mark_log);
    default:
        return stake->bankruptcy_usd;
    }
}

/* Close against other accounts. Returns what could not be. */
static double deleverage(struct sqz_trip *trip, const struct sqz_stake *stake, double quantity)
{
    double price = deleverage_at(trip, stake);
    if (trip->house->venue->model->rank == NULL || !(price > 0.0) || price == INFINITY)
        return quantity;
    const struct sqz_position *position = &stake->position;
    struct sqz_close_out close = {.position = stake->index,
                                  .quantity = quantity,
                                  .price_usd = price,
                                  .mark_usd = stake->price_usd,
                                  .now_usd = sqz_trip_mark_usd(trip),
                                  .time_s = trip->at->time_s};
    for (int side = 0; side < 2; side++)
        close.staying[side] =
            sqz_world_staying_share(trip->world, trip->state, (enum sqz_side)side, close.time_s);
    double closed = sqz_clearing_deleverage(trip->house, &close);
    settle_part(trip, stake->index, closed, price);
    if (closed > 0.0)
        sqz_world_report(
            trip->state, trip->at,
            (struct sqz_event){.kind = SQZ_EVENT_DELEVERAGE,
                               .side = position->side,
                               .notional_usd = trip->house->venue->scale *
                                               sqz_margin_notional_usd(position, closed, price),
                               .fill_log = log(price / trip->house->venue->start_usd),
                               .row = sqz_clearing_row(trip->house, trip->account),
                               .generation = -1});
    return quantity - closed;
}

/* Profit of the fund if it sells `quantity`, taken over at the bankruptcy price, now. */
static double resale(const struct sqz_trip *trip, const struct sqz_stake *stake, double quantity)
{
    double order_usd = sqz_trip_notional_usd(trip, &stake->position, quantity);
    struct sqz_forced order = sqz_trip_order(trip, &stake->position, order_usd);
    double fill_log = sqz_world_forced_fill_log(trip->world, trip->state, &order);
    return sqz_clearing_gain(&stake->position, quantity, stake->bankruptcy_usd,
                             price_of(trip, fill_log));
}

/* The fund takes over at the bankruptcy price: it sells what the book takes there or better, then
 * the rest at a loss if it can afford that; what it cannot is deleveraged. */
static void take_over(struct sqz_trip *trip, const struct sqz_stake *stake, double quantity)
{
    const struct sqz_position *position = &stake->position;
    double bust_usd = stake->bankruptcy_usd;
    struct fill fill = trade(trip, position, quantity, bust_usd, false);
    if (fill.quantity > 0.0) {
        settle_part(trip, stake->index, fill.quantity, bust_usd);
        trip->house->fund_change +=
            sqz_clearing_gain(position, fill.quantity, bust_usd, fill.price_usd);
    }
    double rest = quantity - fill.quantity;
    trip->level_usd = NAN;
    if (rest > 0.0 && -resale(trip, stake, rest) > fund_left(trip, stake->price_usd))
        rest = deleverage(trip, stake, rest);
    if (rest <= 0.0)
        return;
    fill = trade(trip, position, rest, NAN, false);
    settle_part(trip, stake->index, fill.quantity, bust_usd);
    sqz_trip_pay(trip, -sqz_clearing_gain(position, fill.quantity, bust_usd, fill.price_usd));
}

/* Charge the account for what was sold, but not below zero as it then stands. */
static void charge(struct sqz_trip *trip, const struct sqz_stake *stake, const struct fill *fill,
                   double share)
{
    struct sqz_clearing *house = trip->house;
    struct sqz_position closed = stake->position;
    closed.quantity = fill->quantity;
    size_t legs = sqz_clearing_legs(house, trip->account);
    double equity = sqz_clearing_equity(house, legs, sqz_trip_mark_usd(trip));
    double fee =
        sqz_least(share * sqz_margin_value(&closed, fill->price_usd), sqz_greatest(equity, 0.0));
    house->account[trip->account].cash -= fee;
    house->lost += fee;
    house->fund_change += fee;
}

/* The account sells for itself. */
static double sell(struct sqz_trip *trip, const struct sqz_stake *stake,
                   const struct sqz_response *response)
{
    struct fill fill =
        trade(trip, &stake->position, response->quantity, response->limit_usd, response->whole);
    if (fill.quantity == 0.0)
        return 0.0;
    settle_part(trip, stake->index, fill.quantity, fill.price_usd);
    if (response->fee > 0.0)
        charge(trip, stake, &fill, response->fee);
    return fill.quantity;
}

/* The fund keeps all positions of the account as they stand at the price, and what it is worth. */
static void keep(struct sqz_trip *trip, const struct sqz_stake *stake)
{
    for (size_t i = 0; i < stake->legs; i++) {
        const struct sqz_position *leg = &trip->house->leg[i];
        sqz_inventory_add(&trip->house->vault, leg, leg->quantity, stake->price_usd);
        trip->house->kept_usd += sqz_margin_notional_usd(leg, leg->quantity, stake->price_usd);
        settle_part(trip, trip->house->leg_position[i], leg->quantity, stake->price_usd);
    }
    trip->house->account[trip->account].cash -= stake->equity;
    trip->house->lost += stake->equity;
    draw(trip, -stake->equity);
}

double sqz_trip_close(struct sqz_trip *trip, const struct sqz_stake *stake,
                      const struct sqz_response *response)
{
    double before = stake->position.quantity;
    bool bottomless = trip->house->venue->fund == INFINITY; /* it covers any debt */
    if (response->vault || (response->deleverage && bottomless))
        keep(trip, stake);
    else if (response->deleverage)
        deleverage(trip, stake, response->quantity);
    else if (response->takeover)
        take_over(trip, stake, response->quantity);
    else
        return sell(trip, stake, response);
    return before - trip->house->left[stake->index];
}
