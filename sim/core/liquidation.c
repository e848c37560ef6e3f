/* The liquidation of one account, step by step as its venue prescribes. */
#include <math.h>

#include "sim/core/clearing.h"
#include "sim/core/world.h"

/* One liquidation in hand. */
struct trip {
    struct sqz_clearing *house;
    const struct sqz_world *world;
    struct sqz_world_state *state;
    const struct sqz_moment *at;
    uint32_t account;
    enum sqz_side side;
    double level_usd; /* notional of the level that was touched, while it is all there; else NAN */
};

/* A venue that has not come to an end after so many steps at one moment closes all at any price. */
enum { STEPS_MAX = 64 };

static double price_of(const struct trip *trip, double log_price)
{
    return trip->house->venue->start_usd * exp(log_price);
}

/* The price at which margin is reckoned. */
static double mark_of(const struct trip *trip)
{
    return price_of(trip, sqz_world_trigger_log(trip->world, trip->state));
}

/* ---- orders -------------------------------------------------------------------------------- */

struct fill {
    double quantity, price_usd;
};

/* The level that stands for the account in the lineage. */
static struct sqz_level_id level_of(const struct trip *trip)
{
    uint32_t index = trip->house->venue->level_of[trip->side][trip->account];
    return (struct sqz_level_id){trip->side, index};
}

/* Notional of an order for `quantity` of a position, in USD of all accounts that stand behind. */
static double notional_of(const struct trip *trip, const struct sqz_position *position,
                          double quantity)
{
    const struct sqz_venue *venue = trip->house->venue;
    if (!isnan(trip->level_usd) && quantity == position->quantity)
        return trip->level_usd;
    double usd = position->contract == SQZ_LINEAR
                     ? quantity * price_of(trip, sqz_world_price_log(trip->state))
                     : quantity;
    return venue->scale * usd;
}

/* Notional that the book gives on the position's side at no worse than a price. */
static double available_usd(const struct trip *trip, enum sqz_side side, double limit_usd)
{
    if (!(limit_usd > 0.0) || limit_usd == INFINITY)
        return INFINITY;
    double limit_log = log(limit_usd / trip->house->venue->start_usd);
    if (!trip->world->impact) {
        double beyond = limit_log - sqz_world_price_log(trip->state);
        return sqz_direction(side) * beyond >= 0.0 ? INFINITY : 0.0;
    }
    double order = sqz_book_order_reaching(trip->world->book, &trip->state->book,
                                           limit_log - trip->state->exogenous_log,
                                           trip->state->depth_multiplier);
    return sqz_greatest(sqz_direction(side) * order, 0.0);
}

/* Close `quantity` of a position in the market, at no worse than a limit. */
static struct fill trade(struct trip *trip, const struct sqz_position *position, double quantity,
                         double limit_usd, bool whole)
{
    struct fill fill = {quantity, NAN};
    double order_usd = notional_of(trip, position, quantity);
    double available = isnan(limit_usd) ? INFINITY : available_usd(trip, position->side, limit_usd);
    if (available < order_usd) {
        if (whole || available <= 0.0)
            return (struct fill){0.0, NAN};
        fill.quantity *= available / order_usd;
        order_usd = available;
    }
    double fill_log = sqz_world_force(trip->world, trip->state, level_of(trip), position->side,
                                      order_usd, trip->at);
    fill.price_usd = price_of(trip, fill_log);
    sqz_inventory_add(&trip->house->market, position, fill.quantity, fill.price_usd);
    return fill;
}

/* ---- steps --------------------------------------------------------------------------------- */

/* The position in hand and what it belongs to. */
struct stake {
    struct sqz_position position; /* as it stands */
    uint32_t index;
    size_t legs;
    double price_usd; /* margin is reckoned at */
    double equity, bankruptcy_usd;
};

/* The price at which closing all of a position leaves its account with nothing. */
static double bankruptcy_usd(const struct sqz_position *position, double equity, double price_usd)
{
    double direction = position->side == SQZ_DOWN ? 1.0 : -1.0;
    if (position->contract == SQZ_LINEAR)
        return price_usd - direction * equity / position->quantity;
    double inverse = 1.0 / price_usd + direction * equity / position->quantity;
    return inverse > 0.0 ? 1.0 / inverse : INFINITY;
}

/* The position to be closed next: of those that lose, the one that needs most maintenance. */
static size_t choose(const struct trip *trip, size_t legs, double price_usd)
{
    const struct sqz_position *leg = trip->house->leg;
    size_t best = 0;
    for (size_t i = 1; i < legs; i++) {
        bool loses = leg[i].side == trip->side, best_loses = leg[best].side == trip->side;
        if (loses != best_loses
                ? loses
                : sqz_margin_value(&leg[i], price_usd) > sqz_margin_value(&leg[best], price_usd))
            best = i;
    }
    return best;
}

/* Settle a part of a position at a price with its account. */
static void settle_part(struct trip *trip, uint32_t index, double quantity, double price_usd)
{
    struct sqz_clearing *house = trip->house;
    const struct sqz_position *position = &house->venue->holdings->position[index];
    double profit = sqz_clearing_gain(position, quantity, position->entry_usd, price_usd);
    house->account[trip->account].cash += profit;
    house->lost -= profit;
    house->left[index] -= quantity;
}

/* What the fund can pay: all it has, but nothing while the venue deleverages to spare it. */
static double fund_left(const struct trip *trip, double price_usd)
{
    if (trip->house->drawn_down)
        return 0.0;
    return sqz_greatest(sqz_clearing_fund(trip->house, price_usd), 0.0);
}

static void draw(struct trip *trip, double amount)
{
    trip->house->fund -= amount;
    trip->house->drawn += sqz_greatest(amount, 0.0);
}

/* The fund pays as far as it can; the rest is bad debt. A gain is paid in. */
static void pay(struct trip *trip, double amount)
{
    struct sqz_clearing *house = trip->house;
    double balance = sqz_greatest(sqz_clearing_fund(house, mark_of(trip)), 0.0);
    double paid = sqz_least(amount, balance);
    draw(trip, paid);
    house->bad_debt += amount - paid;
}

static double deleverage_at(const struct trip *trip, const struct stake *stake)
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
static double deleverage(struct trip *trip, const struct stake *stake, double quantity)
{
    double price = deleverage_at(trip, stake);
    if (trip->house->venue->model->rank == NULL || !(price > 0.0) || price == INFINITY)
        return quantity;
    const struct sqz_position *position = &stake->position;
    double closed = sqz_clearing_deleverage(trip->house, trip->account, stake->index, quantity,
                                            price, stake->price_usd, trip->at->time_s);
    settle_part(trip, stake->index, closed, price);
    if (closed > 0.0)
        sqz_world_report(
            trip->state, trip->at,
            (struct sqz_event){.kind = SQZ_EVENT_DELEVERAGE,
                               .side = position->side,
                               .notional_usd = trip->house->venue->scale * closed *
                                               (position->contract == SQZ_LINEAR ? price : 1.0),
                               .fill_log = log(price / trip->house->venue->start_usd),
                               .generation = -1});
    return quantity - closed;
}

/* Profit of the fund if it sells `quantity`, taken over at the bankruptcy price, now. */
static double resale(const struct trip *trip, const struct stake *stake, double quantity)
{
    double order =
        sqz_direction(stake->position.side) * notional_of(trip, &stake->position, quantity);
    double fill_log = trip->world->impact ? sqz_world_fill_log(trip->world, trip->state, order)
                                          : sqz_world_price_log(trip->state);
    return sqz_clearing_gain(&stake->position, quantity, stake->bankruptcy_usd,
                             price_of(trip, fill_log));
}

/* The fund takes over at the bankruptcy price: it sells what the book takes there or better, then
 * the rest at a loss if it can afford that; what it cannot is deleveraged. */
static void take_over(struct trip *trip, const struct stake *stake, double quantity)
{
    const struct sqz_position *position = &stake->position;
    double bust_usd = stake->bankruptcy_usd;
    struct fill fill = trade(trip, position, quantity, bust_usd, false);
    if (fill.quantity > 0.0) {
        settle_part(trip, stake->index, fill.quantity, bust_usd);
        trip->house->fund += sqz_clearing_gain(position, fill.quantity, bust_usd, fill.price_usd);
    }
    double rest = quantity - fill.quantity;
    trip->level_usd = NAN;
    if (rest > 0.0 && -resale(trip, stake, rest) > fund_left(trip, stake->price_usd))
        rest = deleverage(trip, stake, rest);
    if (rest <= 0.0)
        return;
    fill = trade(trip, position, rest, NAN, false);
    settle_part(trip, stake->index, fill.quantity, bust_usd);
    pay(trip, -sqz_clearing_gain(position, fill.quantity, bust_usd, fill.price_usd));
}

/* Charge the account for what was sold, but not below zero. */
static void charge(struct trip *trip, const struct stake *stake, const struct fill *fill,
                   double share)
{
    struct sqz_position closed = stake->position;
    closed.quantity = fill->quantity;
    double equity = stake->equity + sqz_clearing_gain(&stake->position, stake->position.quantity,
                                                      stake->price_usd, fill->price_usd);
    double fee =
        sqz_least(share * sqz_margin_value(&closed, fill->price_usd), sqz_greatest(equity, 0.0));
    trip->house->account[trip->account].cash -= fee;
    trip->house->lost += fee;
    trip->house->fund += fee;
}

/* The account sells for itself. */
static double sell(struct trip *trip, const struct stake *stake,
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
static void keep(struct trip *trip, const struct stake *stake)
{
    for (size_t i = 0; i < stake->legs; i++) {
        const struct sqz_position *leg = &trip->house->leg[i];
        sqz_inventory_add(&trip->house->vault, leg, leg->quantity, stake->price_usd);
        settle_part(trip, trip->house->leg_position[i], leg->quantity, stake->price_usd);
    }
    trip->house->account[trip->account].cash -= stake->equity;
    trip->house->lost += stake->equity;
    draw(trip, -stake->equity);
}

/* ---- the liquidation ----------------------------------------------------------------------- */

static struct sqz_response ask_venue(const struct trip *trip, const struct stake *stake,
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
    };
    venue->model->respond(venue->params, &distress, &response);
    return response;
}

/* Returns how much was closed. */
static double take_step(struct trip *trip, const struct stake *stake,
                        const struct sqz_response *response)
{
    double before = stake->position.quantity;
    bool endless = trip->house->venue->fund == INFINITY; /* it covers any debt */
    if (response->vault || (response->deleverage && endless))
        keep(trip, stake);
    else if (response->deleverage)
        deleverage(trip, stake, response->quantity);
    else if (response->takeover)
        take_over(trip, stake, response->quantity);
    else
        return sell(trip, stake, response);
    return before - trip->house->left[stake->index];
}

/* Nothing is left of the account: what it owes, the fund pays as far as it can. */
static void wind_up(struct trip *trip)
{
    struct sqz_clearing *house = trip->house;
    struct sqz_account_state *account = &house->account[trip->account];
    account->status = SQZ_ACCOUNT_GONE;
    double worth = house->leg[0].collateral; /* no positions: all is collateral */
    if (worth >= 0.0)
        return;
    pay(trip, -worth);
    account->cash -= worth;
    house->lost += worth;
}

static void freeze(struct trip *trip, double wait_s)
{
    trip->house->account[trip->account].status = SQZ_ACCOUNT_FROZEN;
    sqz_clearing_disarm(trip->house, trip->account);
    sqz_world_schedule_review(trip->account, trip->side, trip->at->time_s + wait_s, trip->at);
}

static void note_liquidation(struct trip *trip, struct sqz_account_state *account)
{
    if (account->liquidated)
        return;
    account->liquidated = true;
    trip->house->accounts_liquidated++;
    if (isnan(trip->house->first_liquidation_s))
        trip->house->first_liquidation_s = trip->at->time_s;
}

static void liquidate(struct trip *trip)
{
    struct sqz_clearing *house = trip->house;
    struct sqz_account_state *account = sqz_clearing_touch(house, trip->account);
    account->status = SQZ_ACCOUNT_FROZEN; /* nobody deleverages what is being liquidated */
    bool moved = true; /* an order that found no taker leaves the account where it was */
    for (unsigned now = 0;; now++) {
        size_t legs = sqz_clearing_legs(house, trip->account);
        if (legs == 0) {
            wind_up(trip);
            break;
        }
        double price = mark_of(trip);
        bool begun = now > 0 || account->steps > 0;
        if (begun && moved && sqz_margin_excess(house->leg, legs, price) >= 0.0) {
            account->status = SQZ_ACCOUNT_OPEN;
            account->steps = 0;
            break;
        }
        size_t chosen = choose(trip, legs, price);
        double equity = sqz_clearing_equity(house, legs, price);
        struct stake stake = {.position = house->leg[chosen],
                              .index = house->leg_position[chosen],
                              .legs = legs,
                              .price_usd = price,
                              .equity = equity,
                              .bankruptcy_usd = bankruptcy_usd(&house->leg[chosen], equity, price)};
        struct sqz_response response = ask_venue(trip, &stake, account->steps, now >= STEPS_MAX);
        moved = take_step(trip, &stake, &response) > 0.0;
        if (moved)
            note_liquidation(trip, account);
        if (house->left[stake.index] == 0.0)
            account->steps = 0; /* the next position begins anew */
        else if (account->steps < UINT16_MAX)
            account->steps++;
        trip->level_usd = NAN;
        if (response.review_s > 0.0 && house->left[stake.index] > 0.0) {
            freeze(trip, response.review_s);
            return;
        }
    }
    if (account->status == SQZ_ACCOUNT_OPEN)
        sqz_clearing_rearm(house, trip->account, mark_of(trip));
    else
        sqz_clearing_disarm(house, trip->account);
}

/* ---- the fund's fall from its peak --------------------------------------------------------- */

/* Whether the venue deleverages when its fund has fallen. */
static inline bool spares_fund(const struct sqz_venue *venue)
{
    return venue->model->drawdown_begin > 0.0 && venue->fund < INFINITY;
}

/* Note the balance; the peak is that over the window, to an eighth of it. */
static void watch_fund(struct trip *trip)
{
    struct sqz_clearing *house = trip->house;
    const struct sqz_venue_model *model = house->venue->model;
    double balance = sqz_clearing_fund(house, mark_of(trip));
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

static void begin(struct trip *trip)
{
    bool watched = spares_fund(trip->house->venue);
    if (watched) /* a peak may have passed out of the window since */
        watch_fund(trip);
    liquidate(trip);
    if (watched)
        watch_fund(trip);
}

/* An account whose trigger has moved is on its way: whose order brought the price to it. */
static void adopt(const struct trip *trip, double distance_log)
{
    struct sqz_level_id level = level_of(trip);
    const struct sqz_clearing *house = trip->house;
    if (trip->at->lineage == NULL || level.index == SQZ_NO_LEVEL)
        return;
    bool by_order =
        house->has_parent && distance_log > house->reach_log[trip->side] + SQZ_TOUCH_LOG;
    sqz_lineage_adopt(trip->at->lineage, level, by_order ? &house->parent : NULL);
}

/* The notional of the account's level, while the account is as it was when the ladder was made. */
static double level_usd_of(const struct trip *trip)
{
    const struct sqz_venue *venue = trip->house->venue;
    uint32_t first = venue->holdings->first[trip->account];
    struct sqz_level_id level = level_of(trip);
    bool alone = venue->holdings->first[trip->account + 1] - first == 1;
    if (!alone || level.index == SQZ_NO_LEVEL ||
        sqz_clearing_left(trip->house, trip->account, first) !=
            venue->holdings->position[first].quantity)
        return NAN;
    return trip->world->ladder->side[trip->side].notional_usd[level.index];
}

void sqz_clearing_fire(struct sqz_clearing *clearing, const struct sqz_world *world,
                       struct sqz_world_state *state, enum sqz_side side,
                       const struct sqz_moment *at)
{
    const struct sqz_ladder_side *levels = &world->ladder->side[side];
    struct trip trip = {clearing, world, state, at, 0, side, NAN};
    size_t *frontier = &state->frontier[side];
    double moved = sqz_account_heap_least(&clearing->heap[side]);
    if (levels->distance_log[*frontier] <= moved) {
        trip.account = levels->account[(*frontier)++];
        trip.level_usd = level_usd_of(&trip);
    } else {
        trip.account = clearing->heap[side].item[0];
        adopt(&trip, moved);
    }
    sqz_clearing_touch(clearing, trip.account);
    if (world->impact && world->desk.latency_s > 0.0) /* without impact the desk is idle */
        freeze(&trip, sqz_world_latency_s(world, at));
    else
        begin(&trip);
}

void sqz_clearing_review(struct sqz_clearing *clearing, const struct sqz_world *world,
                         struct sqz_world_state *state, uint32_t account, enum sqz_side side,
                         const struct sqz_moment *at)
{
    struct trip trip = {clearing, world, state, at, account, side, NAN};
    if (clearing->account[account].steps == 0) /* the order of its touch arrives */
        trip.level_usd = level_usd_of(&trip);
    sqz_clearing_before_jump(clearing, sqz_world_trigger_log(world, state), at->time_s);
    begin(&trip);
}
