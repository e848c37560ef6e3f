/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A slow clearing house: every account is valued from the start at every price of a dense grid,
 * every queue is made by looking at everybody. It knows the rules that venues share
 * (models/venues/README.md); what a venue does in a step it is told.
 *
 * Amounts are in the currency of the contracts. The book is flat and all impact permanent: an order
 * of Q moves the log price by 0.01 Q / depth and is filled half-way. */
#ifndef SQZ_TESTS_SUPPORT_SCAN_CLEARING_H
#define SQZ_TESTS_SUPPORT_SCAN_CLEARING_H

#include "tests/support/scan.h"

/* Prices that differ by less, relatively, are the same but for rounding. */
#define ROUNDING 1e-12

struct slow_clearing;

/* What a venue says of itself. */
struct slow_rules {
    bool on_entry; /* maintenance and its tier are those of the entry value, not of the mark */
    double fee;    /* closing fee that counts as maintenance */
    /* The next step for an account below its maintenance, by the position that `leg` is. `steps`
     * were taken before. */
    void (*step)(struct slow_clearing *clearing, struct ledger *ledger, size_t leg, unsigned steps);
    double (*rank)(const struct slow_clearing *clearing, const struct ledger *ledger, size_t leg,
                   double mark);
    bool at_mark; /* deleveraging; else at the bankruptcy price */
    /* Fall of the fund from its peak at which deleveraging begins and ends; 0: when it is spent. */
    double begins, ends;
};

/* A position in the queue of those who are deleveraged. */
struct slow_place {
    struct ledger *ledger;
    size_t leg;
    double rank;
};

/* How often things happened that a test wants to have seen. */
struct slow_events {
    size_t takeovers, deleveraged, killed, cut;
    size_t spared; /* takeovers whose loss a fallen fund could have paid */
    size_t unpaid; /* losses that the fund could not pay whole */
};

struct slow_clearing {
    const struct slow_rules *rules;
    const struct zigzag *zigzag;
    double impact_per_usd; /* log price; 0: none */
    size_t accounts;
    struct ledger account[CROWD_MAX];
    size_t payments;
    const struct payment *payment; /* of funding, in the order of time */
    double time_s, exogenous_log, moved_log;
    enum sqz_side side; /* of the liquidation in hand: where the price reached it */

    double fund, peak;
    bool fallen; /* the fund, so far that others are deleveraged before it pays */
    double queue_s;
    enum sqz_side queue_side;
    size_t queued;
    struct slow_place queue[CROWD_MAX];

    double lost, drawn, bad_debt, deleveraged_usd, forced_usd[2];
    uint64_t turns; /* accounts that were frozen so far */
    struct slow_events events;
};

/* ---- values -------------------------------------------------------------------------------- */

static inline double slow_price(const struct slow_clearing *clearing)
{
    return START_USD * exp(clearing->exogenous_log + clearing->moved_log);
}

/* Whether its owner has closed an account; while it is frozen he cannot. */
static inline bool slow_left(const struct ledger *ledger, double time_s)
{
    return isnan(ledger->review_s) && time_s > ledger->leaves_s;
}

/* What maintenance and its tier are taken of. */
static inline double slow_margin_price(const struct slow_clearing *clearing,
                                       const struct ledger *ledger, size_t leg, double price)
{
    return clearing->rules->on_entry ? ledger->position[leg]->entry_usd : price;
}

/* Maintenance of `quantity` of a position. */
static inline double slow_part_needs(const struct slow_clearing *clearing,
                                     const struct ledger *ledger, size_t leg, double quantity,
                                     double price)
{
    const struct sqz_position *position = ledger->position[leg];
    return maintenance_of(position, quantity, slow_margin_price(clearing, ledger, leg, price)) +
           clearing->rules->fee * value_of(position, quantity, price);
}

/* Of the whole account, `leg` aside; SIZE_MAX: of all. */
static inline double slow_others_need(const struct slow_clearing *clearing,
                                      const struct ledger *ledger, size_t leg, double price)
{
    double needed = 0.0;
    for (size_t i = 0; i < ledger->legs; i++)
        if (i != leg)
            needed += slow_part_needs(clearing, ledger, i, ledger->left[i], price);
    return needed;
}

static inline bool slow_below(const struct slow_clearing *clearing, const struct ledger *ledger,
                              double price)
{
    return equity_at(ledger, price) < slow_others_need(clearing, ledger, SIZE_MAX, price);
}

/* What an account is worth; nothing, where that is but rounding. */
static inline double slow_equity(const struct ledger *ledger, double price)
{
    double equity = equity_at(ledger, price), gross = fabs(ledger->cash);
    for (size_t i = 0; i < ledger->legs; i++)
        gross += value_of(ledger->position[i], ledger->left[i], price);
    return fabs(equity) > ROUNDING * gross ? equity : 0.0;
}

/* Where closing all of a position leaves the account with nothing. */
static inline double slow_bankruptcy(const struct slow_clearing *clearing,
                                     const struct ledger *ledger, size_t leg)
{
    double price = slow_price(clearing), each = slow_equity(ledger, price) / ledger->left[leg];
    const struct sqz_position *position = ledger->position[leg];
    double away = position->side == SQZ_LONG ? -each : each;
    if (position->contract == SQZ_LINEAR)
        return price + away;
    return 1.0 / price > away ? 1.0 / (1.0 / price - away) : INFINITY; /* a short may have none */
}

/* Profit of a position as the price goes from one to another. */
static inline double slow_gain(const struct ledger *ledger, size_t leg, double quantity,
                               double from, double to)
{
    return profit_of(ledger->position[leg], quantity, to) -
           profit_of(ledger->position[leg], quantity, from);
}

/* In USD. */
static inline double slow_usd(const struct slow_clearing *clearing, const struct ledger *ledger,
                              size_t leg, double quantity)
{
    bool linear = ledger->position[leg]->contract == SQZ_LINEAR;
    return linear ? quantity * slow_price(clearing) : quantity;
}

/* ---- orders -------------------------------------------------------------------------------- */

/* Mean price at which an order would be filled. */
static inline double slow_average(const struct slow_clearing *clearing, enum sqz_side side,
                                  double usd)
{
    return slow_price(clearing) * exp(sqz_direction(side) * 0.5 * clearing->impact_per_usd * usd);
}

/* Trade up to `quantity` of a position, no worse than a limit (NAN: any). Returns how much, at
 * `average`. */
static inline double slow_trade(struct slow_clearing *clearing, const struct ledger *ledger,
                                size_t leg, double quantity, double limit, bool whole,
                                double *average)
{
    enum sqz_side side = sqz_losing_side(ledger->position[leg]->side);
    double usd = slow_usd(clearing, ledger, leg, quantity), most = INFINITY;
    if (!isnan(limit)) {
        double room_log = limit > 0.0      ? sqz_direction(side) * log(limit / slow_price(clearing))
                          : side == SQZ_UP ? -INFINITY /* nobody sells for nothing */
                                           : INFINITY;
        if (clearing->impact_per_usd > 0.0)
            most = fmax(room_log, 0.0) / clearing->impact_per_usd;
        else if (room_log < -ROUNDING)
            most = 0.0;
    }
    double share = most < usd ? most / usd : 1.0;
    clearing->events.cut += share > 0.0 && share < 1.0 && !whole;
    clearing->events.killed += share < 1.0 && whole;
    if (whole && share < 1.0)
        share = 0.0;
    *average = slow_average(clearing, side, share * usd);
    clearing->forced_usd[side] += share * usd;
    clearing->moved_log += sqz_direction(side) * clearing->impact_per_usd * share * usd;
    return share * quantity;
}

/* The account is left alone for a time, unless its position is gone: the next one is looked at
 * at once. */
static inline void slow_freeze(struct slow_clearing *clearing, struct ledger *ledger, size_t leg,
                               double wait_s)
{
    if (ledger->left[leg] == 0.0)
        return;
    ledger->review_s = clearing->time_s + wait_s;
    ledger->turn = clearing->turns++;
}

/* The account's position is closed in part, by force. What it loses counts from the start. */
static inline void slow_close(struct slow_clearing *clearing, struct ledger *ledger, size_t leg,
                              double quantity, double price)
{
    clearing->lost -= slow_gain(ledger, leg, quantity, START_USD, price);
    close_part(ledger, leg, quantity, price);
    ledger->liquidated = true;
}

/* ---- the fund ------------------------------------------------------------------------------ */

static inline void slow_fund_changes(struct slow_clearing *clearing, double gain)
{
    if (gain < 0.0) {
        double paid = fmin(-gain, clearing->fund);
        clearing->drawn += paid;
        clearing->bad_debt += -gain - paid;
        clearing->events.unpaid += -gain > paid;
        gain = -paid;
    }
    clearing->fund += gain;
}

/* Whether the fund has fallen so far that others are deleveraged before it pays; noted before and
 * after each account. */
static inline void slow_note_fund(struct slow_clearing *clearing)
{
    clearing->peak = fmax(clearing->peak, clearing->fund);
    double fall = clearing->peak < INFINITY && clearing->peak > 0.0
                      ? 1.0 - clearing->fund / clearing->peak
                      : 0.0;
    double least = clearing->fallen ? clearing->rules->ends : clearing->rules->begins;
    clearing->fallen = clearing->rules->begins > 0.0 && fall > 0.0 && fall >= least;
}

/* What the account sends for itself, and the fee that it pays of it as far as it can, valued at the
 * price that the order leaves. */
static inline void slow_send(struct slow_clearing *clearing, struct ledger *ledger, size_t leg,
                             double quantity, double limit, bool whole, double fee)
{
    double average;
    double filled = slow_trade(clearing, ledger, leg, quantity, limit, whole, &average);
    if (filled == 0.0)
        return;
    slow_close(clearing, ledger, leg, filled, average);
    double value = value_of(ledger->position[leg], filled, average);
    double paid = fmin(fee * value, fmax(equity_at(ledger, slow_price(clearing)), 0.0));
    ledger->cash -= paid;
    clearing->lost += paid;
    slow_fund_changes(clearing, paid);
}

/* An account without positions owes nothing: the fund pays, or nobody. */
static inline void slow_settle_debt(struct slow_clearing *clearing, struct ledger *ledger)
{
    if (holds(ledger) || ledger->cash >= 0.0)
        return;
    slow_fund_changes(clearing, ledger->cash);
    clearing->lost += ledger->cash;
    ledger->cash = 0.0;
}

/* ---- deleveraging -------------------------------------------------------------------------- */

static inline int slow_compare(const void *first, const void *second)
{
    const struct slow_place *a = first, *b = second;
    if (a->rank != b->rank)
        return a->rank < b->rank ? 1 : -1;
    if (a->ledger != b->ledger)
        return a->ledger < b->ledger ? -1 : 1;
    return (a->leg > b->leg) - (a->leg < b->leg);
}

/* Everybody who holds the other side, made once for a moment and side, at the mark at which the
 * first bankrupt account was looked at. Who is being liquidated then is not in it. */
static inline void slow_make_queue(struct slow_clearing *clearing, const struct ledger *bankrupt,
                                   enum sqz_side side, double mark)
{
    if (clearing->queue_s == clearing->time_s && clearing->queue_side == side)
        return;
    clearing->queue_s = clearing->time_s;
    clearing->queue_side = side;
    clearing->queued = 0;
    for (size_t a = 0; a < clearing->accounts; a++)
        for (size_t i = 0; i < clearing->account[a].legs; i++) {
            struct ledger *ledger = &clearing->account[a];
            if (ledger == bankrupt || sqz_losing_side(ledger->position[i]->side) == side ||
                ledger->left[i] == 0.0 || !isnan(ledger->review_s) ||
                slow_left(ledger, clearing->time_s))
                continue;
            clearing->queue[clearing->queued++] =
                (struct slow_place){ledger, i, clearing->rules->rank(clearing, ledger, i, mark)};
        }
    qsort(clearing->queue, clearing->queued, sizeof *clearing->queue, slow_compare);
}

/* What is left of a quantity, unless it is but rounding. */
static inline double slow_rest(double rest, double quantity)
{
    return rest > ROUNDING * quantity ? rest : 0.0;
}

/* Close a bankrupt account's position against those who stand first, at a price; who would owe once
 * closed there is passed over. Returns what nobody took. */
static inline double slow_deleverage(struct slow_clearing *clearing, const struct ledger *bankrupt,
                                     enum sqz_side side, double quantity, double price, double mark)
{
    double rest = quantity;
    if (!(price > 0.0) || price == INFINITY)
        return rest;
    slow_make_queue(clearing, bankrupt, side, mark);
    for (size_t i = 0; i < clearing->queued && rest > 0.0; i++) {
        struct ledger *ledger = clearing->queue[i].ledger, after = *ledger;
        size_t leg = clearing->queue[i].leg;
        double part = fmin(ledger->left[leg], rest);
        close_part(&after, leg, part, price);
        after.left[leg] = slow_rest(after.left[leg], after.position[leg]->quantity);
        if (ledger == bankrupt || part == 0.0 || !isnan(ledger->review_s) ||
            equity_at(&after, slow_price(clearing)) < 0.0)
            continue;
        *ledger = after;
        clearing->events.deleveraged++;
        bool linear = ledger->position[leg]->contract == SQZ_LINEAR;
        clearing->deleveraged_usd += linear ? part * price : part;
        rest = slow_rest(rest - part, quantity);
    }
    return rest;
}

/* The fund takes a position over at its bankruptcy price, and sells it there or better. What it
 * must sell for less it does if it can pay the loss; else that is deleveraged. */
static inline void slow_take_over(struct slow_clearing *clearing, struct ledger *ledger, size_t leg)
{
    double price = slow_price(clearing), bankruptcy = slow_bankruptcy(clearing, ledger, leg),
           average;
    double rest = ledger->left[leg];
    double sold = slow_trade(clearing, ledger, leg, rest, bankruptcy, false, &average);
    clearing->events.takeovers++;
    slow_close(clearing, ledger, leg, sold, bankruptcy);
    slow_fund_changes(clearing, slow_gain(ledger, leg, sold, bankruptcy, average));
    rest -= sold;
    if (rest <= 0.0)
        return;
    average = slow_average(clearing, sqz_losing_side(ledger->position[leg]->side),
                           slow_usd(clearing, ledger, leg, rest));
    double loss = -slow_gain(ledger, leg, rest, bankruptcy, average);
    if (clearing->fallen || loss > clearing->fund) {
        clearing->events.spared += loss <= clearing->fund;
        double at = clearing->rules->at_mark ? price : bankruptcy;
        double untaken = slow_deleverage(
            clearing, ledger, sqz_losing_side(ledger->position[leg]->side), rest, at, price);
        slow_close(clearing, ledger, leg, rest - untaken, at);
        rest = untaken;
    }
    if (rest > 0.0) {
        slow_trade(clearing, ledger, leg, rest, NAN, false, &average);
        slow_close(clearing, ledger, leg, rest, bankruptcy);
        slow_fund_changes(clearing, slow_gain(ledger, leg, rest, bankruptcy, average));
    }
    ledger->left[leg] = 0.0; /* whatever parts of it have come to */
}

/* ---- an account ---------------------------------------------------------------------------- */

/* Of the positions that lose on the side, the largest; else the largest of all. Of those that are
 * as large but for rounding, the first. */
static inline size_t slow_worst(const struct ledger *ledger, enum sqz_side side)
{
    size_t worst = SIZE_MAX;
    for (size_t i = 0; i < ledger->legs; i++) {
        if (ledger->left[i] == 0.0)
            continue;
        bool loses = sqz_losing_side(ledger->position[i]->side) == side;
        bool worst_loses =
            worst != SIZE_MAX && sqz_losing_side(ledger->position[worst]->side) == side;
        if (worst == SIZE_MAX || (loses && !worst_loses) ||
            (loses == worst_loses && ledger->left[i] > ledger->left[worst] * (1 + ROUNDING)))
            worst = i;
    }
    return worst;
}

/* The side on which an account has less beyond its maintenance. */
static inline enum sqz_side slow_losing(const struct slow_clearing *clearing,
                                        const struct ledger *ledger)
{
    double below = slow_price(clearing) * exp(-1e-7), above = slow_price(clearing) * exp(1e-7);
    double left_below =
        equity_at(ledger, below) - slow_others_need(clearing, ledger, SIZE_MAX, below);
    double left_above =
        equity_at(ledger, above) - slow_others_need(clearing, ledger, SIZE_MAX, above);
    return left_below < left_above ? SQZ_DOWN : SQZ_UP;
}

/* Step by step, until it has its maintenance, waits, or has nothing left. The next position begins
 * anew. */
static inline void slow_liquidate(struct slow_clearing *clearing, struct ledger *ledger,
                                  enum sqz_side side)
{
    unsigned steps = 0, all = 0;
    ledger->side = side;
    slow_note_fund(clearing);
    while (holds(ledger) && isnan(ledger->review_s) &&
           (all == 0 || slow_below(clearing, ledger, slow_price(clearing)))) {
        size_t leg = slow_worst(ledger, side);
        clearing->rules->step(clearing, ledger, leg, steps);
        steps = ledger->left[leg] > 0.0 ? steps + 1 : 0;
        assert_true(++all < 3 * LEGS);
    }
    slow_settle_debt(clearing, ledger);
    slow_note_fund(clearing);
}

/* ---- the path ------------------------------------------------------------------------------ */

/* How far outward the price must be for the account to be liquidated, and on which side: by steps
 * away from the price to one at which it has its maintenance, then by bisection. */
static inline double slow_trigger(const struct slow_clearing *clearing, const struct ledger *ledger,
                                  enum sqz_side *side)
{
    double price = slow_price(clearing);
    for (double step = 5e-4; step < 0.5; step += 5e-4)
        for (int s = 0; s < 2; s++) {
            double inward = price * exp(-sqz_direction((enum sqz_side)s) * step), outward = price;
            if (slow_below(clearing, ledger, inward))
                continue;
            for (int i = 0; i < 60; i++) {
                double middle = 0.5 * (inward + outward);
                *(slow_below(clearing, ledger, middle) ? &outward : &inward) = middle;
            }
            *side = (enum sqz_side)s;
            return sqz_direction(*side) * log(outward);
        }
    *side = clearing->side;
    return -INFINITY;
}

static inline bool slow_waits(const struct ledger *ledger, double time_s)
{
    return isnan(ledger->review_s) && holds(ledger) && !slow_left(ledger, time_s);
}

/* Of those below, whose trigger on a side the price has left farthest behind, as it reached it
 * first; `behind_log` says how far. NULL: nobody. */
static inline struct ledger *slow_first_below(struct slow_clearing *clearing, enum sqz_side side,
                                              double *behind_log)
{
    struct ledger *first = NULL;
    *behind_log = -INFINITY;
    for (size_t a = 0; a < clearing->accounts; a++) {
        struct ledger *ledger = &clearing->account[a];
        enum sqz_side own;
        if (!slow_waits(ledger, clearing->time_s) ||
            !slow_below(clearing, ledger, slow_price(clearing)))
            continue;
        double behind =
            sqz_direction(side) * log(slow_price(clearing)) - slow_trigger(clearing, ledger, &own);
        if (own == side && (first == NULL || behind > *behind_log)) {
            first = ledger;
            *behind_log = behind;
        }
    }
    return first;
}

/* Liquidate whoever is below, on each side in the order in which the price reached them, and of the
 * two sides the one whose trigger is nearer. */
static inline void slow_settle(struct slow_clearing *clearing)
{
    for (;;) {
        double above_log, below_log;
        struct ledger *up = slow_first_below(clearing, SQZ_UP, &above_log);
        struct ledger *down = slow_first_below(clearing, SQZ_DOWN, &below_log);
        if (up == NULL && down == NULL)
            return;
        bool rises = up != NULL && (down == NULL || above_log <= below_log);
        clearing->side = rises ? SQZ_UP : SQZ_DOWN;
        slow_liquidate(clearing, rises ? up : down, clearing->side);
    }
}

static inline bool slow_somebody_below(struct slow_clearing *clearing, double time_s)
{
    double price = START_USD * exp(log_price_at(clearing->zigzag, time_s) + clearing->moved_log);
    for (size_t a = 0; a < clearing->accounts; a++)
        if (slow_waits(&clearing->account[a], time_s) &&
            slow_below(clearing, &clearing->account[a], price))
            return true;
    return false;
}

/* The next time at which somebody leaves, but no later than `to_s`. */
static inline double slow_next_leaving(const struct slow_clearing *clearing, double to_s)
{
    for (size_t a = 0; a < clearing->accounts; a++)
        if (clearing->account[a].leaves_s > clearing->time_s)
            to_s = fmin(to_s, clearing->account[a].leaves_s);
    return to_s;
}

/* Go on to a time, or to where an account is first below; true: to the time. */
static inline bool slow_walk(struct slow_clearing *clearing, double to_s)
{
    bool touched = false;
    while (clearing->time_s < to_s && !touched) {
        double fine = clearing->time_s, wrong = slow_next_leaving(clearing, fmin(fine + 2.0, to_s));
        touched = slow_somebody_below(clearing, wrong);
        for (int i = 0; touched && i < 60; i++) {
            double middle = 0.5 * (fine + wrong);
            *(slow_somebody_below(clearing, middle) ? &wrong : &fine) = middle;
        }
        clearing->time_s = wrong;
    }
    clearing->exogenous_log = log_price_at(clearing->zigzag, clearing->time_s);
    return !touched;
}

/* Who is looked at again first: of several at one time, who has waited first; NULL: nobody waits.
 */
static inline struct ledger *slow_next_review(struct slow_clearing *clearing)
{
    struct ledger *next = NULL;
    for (size_t a = 0; a < clearing->accounts; a++) {
        struct ledger *ledger = &clearing->account[a];
        if (isnan(ledger->review_s))
            continue;
        if (next == NULL || ledger->review_s < next->review_s ||
            (ledger->review_s == next->review_s && ledger->turn < next->turn))
            next = ledger;
    }
    return next;
}

/* Longs pay shorts a share of the value. */
static inline void slow_pay(struct slow_clearing *clearing, double rate)
{
    for (size_t a = 0; a < clearing->accounts; a++) {
        struct ledger *ledger = &clearing->account[a];
        for (size_t i = 0; i < ledger->legs && !slow_left(ledger, clearing->time_s); i++) {
            double value = value_of(ledger->position[i], ledger->left[i], slow_price(clearing));
            ledger->cash -= ledger->position[i]->side == SQZ_LONG ? rate * value : -rate * value;
        }
    }
}

static inline void slow_review(struct slow_clearing *clearing, struct ledger *ledger)
{
    ledger->review_s = NAN;
    if (slow_below(clearing, ledger, slow_price(clearing)))
        slow_liquidate(clearing, ledger, slow_losing(clearing, ledger));
}

static inline void slow_run(struct slow_clearing *clearing)
{
    const struct zigzag *zigzag = clearing->zigzag;
    size_t paid = 0;
    for (int k = 1; k < TURNS;) {
        struct ledger *review = slow_next_review(clearing);
        double review_s = review != NULL ? review->review_s : INFINITY;
        double pay_s = paid < clearing->payments ? clearing->payment[paid].time_s : INFINITY;
        double turn_s = zigzag->time_s[k], next_s = fmin(fmin(review_s, pay_s), turn_s);
        if (!slow_walk(clearing, next_s)) {
            slow_settle(clearing);
            continue;
        }
        if (next_s == turn_s)
            clearing->exogenous_log += zigzag->jump_log[k++];
        else if (next_s == pay_s)
            slow_pay(clearing, clearing->payment[paid++].rate);
        else
            slow_review(clearing, review);
        slow_settle(clearing);
    }
}

static inline void slow_init(struct slow_clearing *clearing, const struct slow_rules *rules,
                             const struct venue_fixture *fixture, const struct zigzag *zigzag)
{
    memset(clearing, 0, sizeof *clearing);
    clearing->rules = rules;
    clearing->zigzag = zigzag;
    clearing->fund = clearing->peak = fixture->venue.fund;
    clearing->queue_s = NAN;
    clearing->accounts = fixture->account_table.accounts;
    for (uint32_t a = 0; a < fixture->account_table.accounts; a++)
        open_ledger(&fixture->account_table, a, &clearing->account[a]);
}

#endif
