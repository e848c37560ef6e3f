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
static bool goes_before(const struct sqz_trip *trip, const struct sqz_position *position,
                        const struct sqz_position *other, double price_usd)
{
    bool loses = position->side == trip->side, other_loses = other->side == trip->side;
    if (loses != other_loses)
        return loses;
    return sqz_margin_value(position, price_usd) >
           sqz_margin_value(other, price_usd) * (1.0 + SQZ_REST_OF_ROUNDING);
}

/* The position to be closed next. */
static size_t choose(const struct sqz_trip *trip, size_t legs, double price_usd)
{
    const struct sqz_position *leg = trip->house->leg;
    size_t best = 0;
    for (size_t i = 1; i < legs; i++)
        if (goes_before(trip, &leg[i], &leg[best], price_usd))
            best = i;
    return best;
}

/* ---- one step ------------------------------------------------------------------------------ */

static struct sqz_response ask_venue(const struct sqz_trip *trip, const struct sqz_stake *stake,
                                     unsigned steps, bool endless)
{
    const struct sqz_venue *venue = trip->house->venue;
    struct sqz_response response = {.quantity = stake->position.quantity, .limit_usd = NAN};
    if (endless || venue->model->respond == NULL)
        return response;
    struct sqz_distress distress = {
        .position = &stake->position,
        .price_usd = stake->price_usd,
        .bankruptcy_usd = stake->bankruptcy_usd,
        .equity = stake->equity,
        .maintenance =
            stake->equity - sqz_margin_excess(trip->house->leg, stake->legs, stake->price_usd),
        .steps = steps,
        .cooling = trip->at->time_s < trip->house->account[trip->account].cool_until_s,
    };
    venue->model->respond(venue->params, &distress, &response);
    return response;
}

/* Nothing is left of the account: what it owes, the fund pays as far as it can. */
static void wind_up(struct sqz_trip *trip)
{
    struct sqz_clearing *house = trip->house;
    struct sqz_account_state *account = &house->account[trip->account];
    account->status = SQZ_ACCOUNT_GONE;
    double worth = house->leg[0].collateral; /* no positions: all is collateral */
    if (worth >= 0.0)
        return;
    sqz_trip_pay(trip, -worth);
    account->cash -= worth;
    house->lost += worth;
}

static void wait(struct sqz_trip *trip, enum sqz_account_status status, double wait_s)
{
    trip->house->account[trip->account].status = (uint8_t)status;
    sqz_clearing_disarm(trip->house, trip->account);
    sqz_world_schedule_review(trip->account, trip->side, trip->at->time_s + wait_s, trip->at);
}

/* The account is looked at again where the mark has moved a tick, to either side. */
static void watch(struct sqz_trip *trip, double mark_usd)
{
    struct sqz_clearing *house = trip->house;
    double mark_log = log(mark_usd / house->venue->start_usd);
    house->account[trip->account].status = SQZ_ACCOUNT_WATCHED;
    house->account[trip->account].steps = 1; /* the part; earlier ones have been and gone */
    for (int side = 0; side < 2; side++)
        sqz_account_heap_set(&house->heap[side], trip->account,
                             sqz_outward((enum sqz_side)side, mark_log) + SQZ_MARK_TICK_LOG);
}

/* ---- orders that leave later --------------------------------------------------------------- */

static bool is_order(const struct sqz_response *response)
{
    return !response->vault && !response->deleverage;
}

/* Enter an order as forced before it leaves: one at any price, for the account. How much of others
 * is sold shows when they leave. */
static void count_order(struct sqz_trip *trip, const struct sqz_stake *stake,
                        struct sqz_order *order)
{
    const struct sqz_response *response = &order->response;
    if (order->counted || !is_order(response) || response->takeover || !isnan(response->limit_usd))
        return;
    double order_usd = sqz_trip_notional_usd(trip, &stake->position, response->quantity);
    struct sqz_forced forced = sqz_trip_order(trip, &stake->position, order_usd);
    sqz_world_count(trip->state, &forced, trip->at);
    order->counted = true;
}

/* Without impact it matters when an order leaves only where a venue looks at the account then; one
 * that stands for levels leaves as they do, at once. */
static bool desk_is_idle(const struct sqz_trip *trip)
{
    return !trip->world->impact && trip->house->venue->model->by_level;
}

/* How long the order has to wait: from the touch to its arrival, then for its turn in the line. */
static double delay_s(struct sqz_trip *trip, const struct sqz_stake *stake, struct sqz_order *order)
{
    const struct sqz_world *world = trip->world;
    bool touched = trip->touched;
    trip->touched = false;
    if (desk_is_idle(trip))
        return 0.0;
    if (touched && world->desk.latency_s > 0.0)
        return sqz_world_latency_s(world, trip->at);
    if (world->desk.usd_per_s == 0.0 || order->in_line || !is_order(&order->response))
        return 0.0;
    order->in_line = true;
    double order_usd = sqz_trip_notional_usd(trip, &stake->position, order->response.quantity);
    return sqz_world_join_line(world, trip->state, stake->position.side, order_usd,
                               trip->at->time_s) -
           trip->at->time_s;
}

static void send_later(struct sqz_trip *trip, const struct sqz_stake *stake, struct sqz_order order,
                       double wait_s)
{
    count_order(trip, stake, &order);
    trip->house->order[trip->account] = order;
    wait(trip, SQZ_ACCOUNT_SELLING, wait_s);
}

/* Cut an order down to the child that leaves now. Returns the rest. */
static double cut_child(struct sqz_trip *trip, const struct sqz_stake *stake,
                        struct sqz_order *order)
{
    double whole = order->response.quantity;
    if (trip->world->desk.usd_per_s == 0.0 || desk_is_idle(trip) || !is_order(&order->response))
        return 0.0;
    double order_usd = sqz_trip_notional_usd(trip, &stake->position, whole);
    double child_usd = sqz_world_child_usd(trip->world, order_usd);
    if (child_usd == order_usd)
        return 0.0;
    count_order(trip, stake, order);
    trip->level_usd = order->level_usd = NAN; /* children are worth what the market says */
    order_usd = sqz_trip_notional_usd(trip, &stake->position, whole);
    order->response.quantity *= sqz_least(child_usd / order_usd, 1.0);
    return whole - order->response.quantity;
}

/* ---- the liquidation ----------------------------------------------------------------------- */

static void note_liquidation(struct sqz_trip *trip, const struct sqz_response *response)
{
    struct sqz_account_state *account = &trip->house->account[trip->account];
    if (response->cool_s > 0.0)
        account->cool_until_s = trip->at->time_s + response->cool_s;
    if (account->liquidated)
        return;
    account->liquidated = true;
    trip->house->accounts_liquidated++;
    if (isnan(trip->house->first_liquidation_s))
        trip->house->first_liquidation_s = trip->at->time_s;
}

/* The position to be closed next, at a price. */
static struct sqz_stake stake_of(const struct sqz_trip *trip, size_t legs, size_t chosen,
                                 double price_usd)
{
    const struct sqz_clearing *house = trip->house;
    double equity = sqz_clearing_equity(house, legs, price_usd);
    double gross =
        fabs(house->leg[0].collateral) + sqz_margin_value(&house->leg[chosen], price_usd);
    if (fabs(equity) <= SQZ_REST_OF_ROUNDING * gross)
        equity = 0.0; /* what an account is left with that was taken over for all it had */
    return (struct sqz_stake){.position = house->leg[chosen],
                              .index = house->leg_position[chosen],
                              .legs = legs,
                              .price_usd = price_usd,
                              .equity = equity,
                              .bankruptcy_usd =
                                  bankruptcy_usd(&house->leg[chosen], equity,
                                                 house->leg[0].other_maintenance, price_usd)};
}

static size_t leg_of(const struct sqz_trip *trip, uint32_t position)
{
    size_t leg = 0;
    while (trip->house->leg_position[leg] != position)
        leg++;
    return leg;
}

/* What the venue wants done now, or the order that it sent before. */
static struct sqz_order next_order(struct sqz_trip *trip, const struct sqz_stake *stake,
                                   bool selling, bool endless)
{
    if (selling)
        return trip->house->order[trip->account];
    unsigned steps = trip->house->account[trip->account].steps;
    return (struct sqz_order){.response = ask_venue(trip, stake, steps, endless),
                              .position = stake->index,
                              .level_usd = trip->level_usd};
}

/* Whether the account is still below its maintenance, and the mark still the one at hand. */
static bool is_below_at(const struct sqz_trip *trip, double mark_usd)
{
    double now_usd = sqz_trip_mark_usd(trip);
    size_t legs = sqz_clearing_legs(trip->house, trip->account);
    return legs > 0 && fabs(log(now_usd / mark_usd)) < SQZ_MARK_TICK_LOG &&
           sqz_margin_excess(trip->house->leg, legs, now_usd) < 0.0;
}

/* One step of `legs` that are left. Returns whether there is another at this moment. */
static bool step(struct sqz_trip *trip, size_t legs, bool selling, bool endless, bool *moved)
{
    struct sqz_clearing *house = trip->house;
    struct sqz_account_state *account = &house->account[trip->account];
    double price = sqz_trip_mark_usd(trip);
    size_t chosen =
        selling ? leg_of(trip, house->order[trip->account].position) : choose(trip, legs, price);
    struct sqz_stake stake = stake_of(trip, legs, chosen, price);
    struct sqz_order order = next_order(trip, &stake, selling, endless);
    trip->level_usd = order.level_usd;
    double wait_s = delay_s(trip, &stake, &order);
    if (wait_s > 0.0) {
        send_later(trip, &stake, order, wait_s);
        return false;
    }
    double rest = cut_child(trip, &stake, &order);
    trip->counted = order.counted;
    *moved = sqz_trip_close(trip, &stake, &order.response) > 0.0;
    trip->level_usd = NAN;
    trip->counted = false;
    if (*moved)
        note_liquidation(trip, &order.response);
    if (*moved && rest > 0.0 && house->left[stake.index] > 0.0) { /* without a taker it ends */
        order.response.quantity = rest;
        send_later(trip, &stake, order, trip->world->desk.interval_s);
        return false;
    }
    if (house->left[stake.index] == 0.0)
        account->steps = 0; /* the next position begins anew */
    else if (account->steps < UINT16_MAX)
        account->steps++;
    if (order.response.review_s > 0.0 && house->left[stake.index] > 0.0) {
        wait(trip, SQZ_ACCOUNT_FROZEN, order.response.review_s);
        return false;
    }
    if (order.response.cool_s > 0.0 && *moved && is_below_at(trip, price)) {
        watch(trip, price);
        return false;
    }
    return true;
}

static void liquidate(struct sqz_trip *trip)
{
    struct sqz_clearing *house = trip->house;
    struct sqz_account_state *account = &house->account[trip->account];
    bool selling = account->status == SQZ_ACCOUNT_SELLING;
    bool moved = true; /* an order that found no taker leaves the account where it was */
    account->status = SQZ_ACCOUNT_FROZEN; /* nobody deleverages what is being liquidated */
    for (unsigned now = 0;; now++, selling = false) {
        size_t legs = sqz_clearing_legs(house, trip->account);
        bool begun = now > 0 || account->steps > 0;
        if (legs == 0) {
            wind_up(trip);
            sqz_clearing_disarm(house, trip->account);
            return;
        }
        if (!selling && begun && moved &&
            sqz_margin_excess(house->leg, legs, sqz_trip_mark_usd(trip)) >= 0.0)
            break;
        if (!step(trip, legs, selling, now >= STEPS_MAX, &moved))
            return;
    }
    account->status = SQZ_ACCOUNT_OPEN;
    account->steps = 0;
    sqz_clearing_rearm(house, trip->account, sqz_trip_mark_usd(trip));
}

/* ---- the fund's fall from its peak --------------------------------------------------------- */

/* Whether the venue deleverages when its fund has fallen. */
static inline bool spares_fund(const struct sqz_venue *venue)
{
    return venue->model->drawdown_begin > 0.0 && venue->fund < INFINITY;
}

/* Note the balance; the peak is that over the window, to an eighth of it. */
static void watch_fund(struct sqz_trip *trip)
{
    struct sqz_clearing *house = trip->house;
    const struct sqz_venue_model *model = house->venue->model;
    double balance = sqz_clearing_fund(house, sqz_trip_mark_usd(trip));
    long slot = (long)floor(trip->at->time_s / (model->drawdown_window_s / SQZ_PEAK_SLOTS));
    for (; house->peak_slot < slot; house->peak_slot++) /* as it stood meanwhile */
        house->peak[(house->peak_slot + 1) % SQZ_PEAK_SLOTS] = house->balance;
    house->balance = balance;
    double *peak = &house->peak[slot % SQZ_PEAK_SLOTS], highest = balance;
    *peak = sqz_greatest(*peak, balance);
    for (int i = 0; i < SQZ_PEAK_SLOTS; i++)
        highest = sqz_greatest(highest, house->peak[i]);
    double fall = highest > 0.0 ? (highest - balance) / highest : 0.0;
    house->drawn_down =
        fall >= (house->drawn_down ? model->drawdown_end : model->drawdown_begin) && fall > 0.0;
}

/* ---- entries ------------------------------------------------------------------------------- */

static void begin(struct sqz_trip *trip)
{
    bool watched = spares_fund(trip->house->venue);
    if (watched) /* a peak may have passed out of the window since */
        watch_fund(trip);
    liquidate(trip);
    if (watched)
        watch_fund(trip);
}

/* An account whose trigger has moved is on its way: whose order brought the price to it. */
static void adopt(const struct sqz_trip *trip, double distance_log)
{
    struct sqz_level_id level = sqz_trip_level(trip);
    if (trip->at->lineage == NULL || level.index == SQZ_NO_LEVEL)
        return;
    sqz_lineage_adopt(trip->at->lineage, level,
                      sqz_clearing_parent(trip->house, trip->side, distance_log));
}

/* The notional of the account's level, while the account is as it was when the ladder was made:
 * nothing of it closed, nothing paid. */
static double level_usd_of(const struct sqz_trip *trip)
{
    const struct sqz_venue *venue = trip->house->venue;
    uint32_t first = venue->holdings->first[trip->account];
    struct sqz_level_id level = sqz_trip_level(trip);
    bool alone = venue->holdings->first[trip->account + 1] - first == 1;
    if (!venue->model->by_level || !alone || level.index == SQZ_NO_LEVEL ||
        trip->house->account[trip->account].cash != 0.0 ||
        trip->house->left[first] != venue->holdings->position[first].quantity)
        return NAN;
    return trip->world->ladder->side[trip->side].notional_usd[level.index];
}

/* An account that was left in the middle of its liquidation: on the side on which it now loses. */
static void look_again(struct sqz_trip *trip)
{
    size_t legs = sqz_clearing_legs(trip->house, trip->account);
    trip->side = sqz_margin_losing_side(trip->house->leg, legs, sqz_trip_mark_usd(trip));
    begin(trip);
}

void sqz_clearing_fire(struct sqz_clearing *clearing, const struct sqz_world *world,
                       struct sqz_world_state *state, enum sqz_side side,
                       const struct sqz_moment *at)
{
    const struct sqz_ladder_side *levels = &world->ladder->side[side];
    struct sqz_trip trip = {clearing, world, state, at, 0, side, NAN, false, false};
    size_t *frontier = &state->frontier[side];
    double moved = sqz_account_heap_least(&clearing->heap[side]);
    bool as_read = levels->distance_log[*frontier] <= moved;
    trip.account = as_read ? levels->account[(*frontier)++] : clearing->heap[side].item[0];
    struct sqz_account_state *account = sqz_clearing_touch(clearing, trip.account);
    if (account->status == SQZ_ACCOUNT_WATCHED) {
        sqz_clearing_disarm(clearing, trip.account);
        look_again(&trip);
        return;
    }
    if (as_read)
        trip.level_usd = level_usd_of(&trip);
    else
        adopt(&trip, moved);
    enum sqz_side own = sqz_clearing_side(clearing, trip.account);
    if (sqz_clearing_is_out(clearing, trip.account,
                            sqz_world_closed_share(world, state, own, at->time_s))) {
        account->status = SQZ_ACCOUNT_LEFT;
        sqz_clearing_disarm(clearing, trip.account);
        return;
    }
    trip.touched = true;
    begin(&trip);
}

void sqz_clearing_review(struct sqz_clearing *clearing, const struct sqz_world *world,
                         struct sqz_world_state *state, uint32_t account, enum sqz_side side,
                         const struct sqz_moment *at)
{
    struct sqz_trip trip = {clearing, world, state, at, account, side, NAN, false, false};
    sqz_clearing_begin(clearing, sqz_world_trigger_log(world, state), at->time_s);
    if (clearing->account[account].status == SQZ_ACCOUNT_FROZEN)
        look_again(&trip);
    else
        begin(&trip);
}
