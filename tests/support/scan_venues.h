/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What venues do in a step of a liquidation, and which accounts they deleverage first, as a slow
 * clearing clearing is told (tests/support/scan_clearing.h). Sources: models/venues/README.md. */
#ifndef SQZ_TESTS_SUPPORT_SCAN_VENUES_H
#define SQZ_TESTS_SUPPORT_SCAN_VENUES_H

#include "tests/support/scan_clearing.h"

/* ---- OKX ----------------------------------------------------------------------------------- */

/* Third tier and above: two tiers down, no worse than the bankruptcy price, then frozen; below, or
 * with less than the first tier's rate: the fund. */
static inline void step_okx(struct slow_clearing *clearing, struct ledger *ledger, size_t leg,
                            unsigned steps)
{
    (void)steps;
    const struct sqz_position *position = ledger->position[leg];
    double price = slow_price(clearing), left = ledger->left[leg];
    size_t tier = tier_of(position, left, price);
    double first = position->tiers == NULL ? position->rate : position->tiers->tier[0].rate;
    double least = slow_others_need(clearing, ledger, leg, price) +
                   (first + 0.0005) * value_of(position, left, price);
    if (tier < 2 || equity_at(ledger, price) < least) {
        slow_take_over(clearing, ledger, leg);
        return;
    }
    double edge = position->tiers->tier[tier - 2].cap * position->tiers->contract_size;
    slow_send(clearing, ledger, leg, left - edge, slow_bankruptcy(clearing, ledger, leg), false,
              0.0);
    slow_freeze(clearing, ledger, leg, 60.0);
}

/* Profit as a share of the entry value, times leverage; a loss divided by it. */
static inline double rank_leveraged(const struct slow_clearing *clearing,
                                    const struct ledger *ledger, size_t leg, double price)
{
    (void)clearing;
    double equity = equity_at(ledger, price);
    if (!(equity > 0.0))
        return -INFINITY;
    const struct sqz_position *position = ledger->position[leg];
    double profit = profit_of(position, 1.0, price) / value_of(position, 1.0, position->entry_usd);
    double leverage = value_of(position, ledger->left[leg], price) / equity;
    return profit > 0.0 ? profit * leverage : profit / leverage;
}

static const struct slow_rules OKX = {.fee = 0.0005,
                                      .step = step_okx,
                                      .rank = rank_leveraged,
                                      .at_mark = true,
                                      .begins = 0.3,
                                      .ends = 0.3};

/* ---- dYdX ---------------------------------------------------------------------------------- */

/* In every block a tenth, but 1,000 USD at least, at the fillable price P (1 - s ABR SMMR MMF);
 * below zero the fund. The fee is 1.5 %, but no more than what stands behind the part: the
 * account's equity in proportion to maintenance. */
static inline void step_dydx(struct slow_clearing *clearing, struct ledger *ledger, size_t leg,
                             unsigned steps)
{
    (void)steps;
    const struct sqz_position *position = ledger->position[leg];
    double price = slow_price(clearing), equity = slow_equity(ledger, price);
    if (equity < 0.0) {
        slow_take_over(clearing, ledger, leg);
        return;
    }
    double left = ledger->left[leg];
    double needed = slow_others_need(clearing, ledger, SIZE_MAX, price);
    double rating = 1.0 - equity / needed;
    double away = fmin(fmax(rating, 0.0), 1.0) * 1.5 * position->rate;
    double limit = price * (position->side == SQZ_LONG ? 1.0 - away : 1.0 + away);
    double part = fmin(left, fmax(0.1 * left, 1000.0 / price));
    double own = equity * slow_part_needs(clearing, ledger, leg, left, price) / needed;
    slow_send(clearing, ledger, leg, part, limit, false, fmin(0.015, own / (left * price)));
    slow_freeze(clearing, ledger, leg, 1.0);
}

static const struct slow_rules DYDX = {.step = step_dydx, .rank = rank_leveraged};

/* ---- Bybit --------------------------------------------------------------------------------- */

/* Once: fill or kill, no worse than the bankruptcy price, down to the highest lower tier whose
 * maintenance the account has. Else the fund. Margin tiers are those of the value at the mark, or
 * by the rule before September 2025 at the entry. */
static inline void step_bybit(struct slow_clearing *clearing, struct ledger *ledger, size_t leg,
                              unsigned steps)
{
    const struct sqz_position *position = ledger->position[leg];
    double price = slow_price(clearing), left = ledger->left[leg];
    double others = slow_others_need(clearing, ledger, leg, price);
    double each = slow_margin_price(clearing, ledger, leg, price);
    size_t tier = steps == 0 ? tier_of(position, left, each) : 0;
    while (tier-- > 0) {
        double edge = position->tiers->tier[tier].cap / each;
        if (equity_at(ledger, price) < others + slow_part_needs(clearing, ledger, leg, edge, price))
            continue;
        slow_send(clearing, ledger, leg, left - edge, slow_bankruptcy(clearing, ledger, leg), true,
                  0.0);
        return;
    }
    slow_take_over(clearing, ledger, leg);
}

static const struct slow_rules BYBIT = {
    .step = step_bybit, .rank = rank_leveraged, .begins = 0.3, .ends = 0.25};
static const struct slow_rules BYBIT_BEFORE = {
    .on_entry = true, .step = step_bybit, .rank = rank_leveraged, .begins = 0.3, .ends = 0.25};

/* ---- Binance ------------------------------------------------------------------------------- */

/* Equity beyond 1.05 times maintenance with `left` of a position left, the fee of 1.25 % paid. */
static inline double room_left(const struct slow_clearing *clearing, const struct ledger *ledger,
                               size_t leg, double left)
{
    double price = slow_price(clearing);
    return equity_at(ledger, price) - 0.0125 * (ledger->left[leg] - left) * price -
           1.05 * (slow_others_need(clearing, ledger, leg, price) +
                   slow_part_needs(clearing, ledger, leg, left, price));
}

/* The most that may be left. Between edges of tiers the room is linear: the best is on an edge,
 * or nothing left; NAN if that does not do either. */
static inline double most_left(const struct slow_clearing *clearing, const struct ledger *ledger,
                               size_t leg)
{
    const struct sqz_position *position = ledger->position[leg];
    double best = 0.0, wrong = ledger->left[leg];
    if (room_left(clearing, ledger, leg, wrong) >= 0.0)
        return wrong;
    for (size_t k = 0; position->tiers != NULL && k + 1 < position->tiers->count; k++) {
        double edge = position->tiers->tier[k].cap / slow_price(clearing);
        if (edge < wrong &&
            room_left(clearing, ledger, leg, edge) > room_left(clearing, ledger, leg, best))
            best = edge;
    }
    if (room_left(clearing, ledger, leg, best) < 0.0)
        return NAN;
    for (int i = 0; i < 200; i++) {
        double middle = 0.5 * (best + wrong);
        *(room_left(clearing, ledger, leg, middle) >= 0.0 ? &best : &wrong) = middle;
    }
    return best;
}

/* One order for the least that brings the account back inside its margin, neither it nor what it
 * leaves below 100 USD; else the fund. */
static inline void step_binance(struct slow_clearing *clearing, struct ledger *ledger, size_t leg,
                                unsigned steps)
{
    double price = slow_price(clearing), left = most_left(clearing, ledger, leg);
    if (steps > 0 || isnan(left)) {
        slow_take_over(clearing, ledger, leg);
        return;
    }
    double order = fmax(ledger->left[leg] - left, 100.0 / price);
    if ((ledger->left[leg] - order) * price < 100.0)
        order = ledger->left[leg];
    slow_send(clearing, ledger, leg, order, slow_bankruptcy(clearing, ledger, leg), false, 0.0125);
}

/* Who has no equity stands with those who do not gain. */
static inline double rank_binance(const struct slow_clearing *clearing, const struct ledger *ledger,
                                  size_t leg, double price)
{
    double equity = equity_at(ledger, price);
    double profit = profit_of(ledger->position[leg], ledger->left[leg], price);
    if (!(equity > 0.0))
        return 0.0;
    return fmax(0.0, profit) / fmax(1.0, equity - profit) *
           slow_others_need(clearing, ledger, SIZE_MAX, price) / equity;
}

static const struct slow_rules BINANCE = {.step = step_binance, .rank = rank_binance};

#endif
