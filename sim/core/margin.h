/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Margin of leveraged positions: what an account is worth at a price, what it must be worth, and
 * the price at which the two meet. Pure functions; formulas and their sources are in
 * models/venues/README.md.
 *
 * A linear contract is a quantity in the base unit, settled in USD. An inverse contract is a
 * quantity in USD, settled in coin; the value of a coin amount is quoted in coin everywhere here.
 * "Currency" below is USD or coin accordingly. */
#ifndef SQZ_CORE_MARGIN_H
#define SQZ_CORE_MARGIN_H

#include <stdbool.h>
#include <stddef.h>

#include "sim/core/model.h"

/* A margin tier: positions of a size from floor to cap must be worth
 * (rate + slope * size) * size - deduction, in what the size counts. */
struct sqz_tier {
    double floor, cap; /* of the size; INFINITY above the last */
    double rate;
    double deduction;
    double max_leverage;
    double slope; /* what the rate rises by with each unit of the size */
};

/* What the size of a position counts: its value in the currency of the contract, in coins or in
 * USD. */
enum sqz_size_unit { SQZ_SIZE_CURRENCY, SQZ_SIZE_COIN, SQZ_SIZE_USD };

/* A table of tiers, ascending and without gaps. Does not own `tier`. With deductions that match
 * (sqz_tiers_deduction) maintenance is continuous in the size; without any it jumps at edges. */
struct sqz_tiers {
    const struct sqz_tier *tier;
    size_t count;
    double contract_size; /* above 0: the size counts contracts, each of that many units of the
                             quantity */
    enum sqz_size_unit unit;
};

enum sqz_contract { SQZ_LINEAR, SQZ_INVERSE };

struct sqz_position {
    enum sqz_position_side side;
    enum sqz_contract contract;
    double entry_usd, quantity;
    double collateral;                   /* what secures it and nothing else, currency */
    double other_pnl, other_maintenance; /* of what else the account holds, currency */
    double fee;                          /* closing fee that counts as maintenance, a share */
    bool on_entry;          /* maintenance and its tier are taken at the entry price, always */
    bool fee_at_bankruptcy; /* the closing fee is that at the bankruptcy price, always */
    const struct sqz_tiers *tiers; /* NULL: */
    double rate, deduction;        /* its own maintenance, the deduction in currency */
    double rate_slope;             /* what its own rate rises by with each coin of its value */
};

/* A rest this small next to what it is left of is what rounding left. */
#define SQZ_REST_OF_ROUNDING 1e-12

/* The deduction of a tier with which maintenance goes on from the tier before without a jump:
 * the one before plus floor times the step of the rate there. */
double sqz_tiers_deduction(const struct sqz_tier *before, const struct sqz_tier *tier);

/* Index of the tier of a position at a price; 0 where it has its own. */
size_t sqz_margin_tier(const struct sqz_position *position, double price_usd);

/* What one unit of the quantity adds to the size by which the tier goes, at a price; of a
 * position with its own maintenance, how many coins that is. */
double sqz_margin_unit_size(const struct sqz_position *position, double price_usd);

/* The highest leverage that its tier at the entry price allows; INFINITY where it has its own
 * maintenance. */
double sqz_margin_max_leverage(const struct sqz_position *position);

/* A position of which so much is left. Its own deduction, which is that of a tier of its size,
 * shrinks with it, so that maintenance is never below zero for that. */
struct sqz_position sqz_margin_part(const struct sqz_position *position, double quantity);

/* Add a position of the same account and market to one on the same side: a venue keeps them as one,
 * with a mean entry price and the tier of their sum. False, and nothing is changed, where they
 * are not on one side or are computed by different rules. */
bool sqz_margin_merge(struct sqz_position *into, const struct sqz_position *from);

/* Of `count` positions of one account and market, keep what is left when those on opposite sides
 * are set off against one another: positions on one side at most, with their own entries. The
 * others, and all of equally large sides, have a quantity of 0 afterwards. Collateral, which the
 * profit of what was closed becomes, and what is said of other markets are with the first that is
 * left, or with the first of all where none is. */
void sqz_margin_net(struct sqz_position *position, size_t count);

/* Whether any of the positions is liquidated on a side. */
bool sqz_margin_holds(const struct sqz_position *position, size_t count, enum sqz_side side);

/* Unrealised profit, value, and maintenance at a price; currency. */
double sqz_margin_pnl(const struct sqz_position *position, double price_usd);
double sqz_margin_value(const struct sqz_position *position, double price_usd);
double sqz_margin_maintenance(const struct sqz_position *position, double price_usd);

/* Profit of `quantity` of a position as the price goes from one to another; currency. */
static inline double sqz_margin_gain(const struct sqz_position *position, double quantity,
                                     double from_usd, double to_usd)
{
    double rise = position->contract == SQZ_LINEAR ? quantity * (to_usd - from_usd)
                                                   : quantity / from_usd - quantity / to_usd;
    return sqz_exposure(position->side) * rise;
}

/* Notional in USD of `quantity` of a position at a price: an inverse contract is a quantity in USD.
 */
static inline double sqz_margin_notional_usd(const struct sqz_position *position, double quantity,
                                             double price_usd)
{
    return position->contract == SQZ_LINEAR ? quantity * price_usd : quantity;
}

/* What an amount of the contract's currency is worth in USD at a price. */
static inline double sqz_margin_usd(const struct sqz_position *position, double currency,
                                    double price_usd)
{
    return position->contract == SQZ_LINEAR ? currency : currency * price_usd;
}

/* Worth of `count` positions that share one equity, less what they must be worth: liquidated where
 * it is negative. Their contracts are of one kind. */
double sqz_margin_excess(const struct sqz_position *position, size_t count, double price_usd);

/* The side towards which positions lose what they have beyond their maintenance; where that does
 * not move, the side of the largest. */
enum sqz_side sqz_margin_losing_side(const struct sqz_position *position, size_t count,
                                     double price_usd);

/* The price nearest to `from_usd`, towards `side` (SQZ_UP: above), at which such positions come to
 * be liquidated. If they are so at `from_usd`, that is on the side on which they lose: the nearest
 * price away from it at which they no longer are, or `from_usd` itself where they always are. Not
 * positive, or INFINITY, where there is no such price; with a negative price the line has been
 * continued beyond zero. */
double sqz_margin_trigger(const struct sqz_position *position, size_t count, double from_usd,
                          enum sqz_side side);

/* Liquidation price of one position, seen from its entry. */
double sqz_margin_liquidation_usd(const struct sqz_position *position);

/* The price at which the position has lost all, the closing fee included; likewise. */
double sqz_margin_bankruptcy_usd(const struct sqz_position *position);

#endif
