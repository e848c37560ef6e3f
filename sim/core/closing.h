/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How a position is closed: by an order in the market, by the fund, against others. A part of
 * sim/core/liquidation.c, which says when. */
#ifndef SQZ_CORE_CLOSING_H
#define SQZ_CORE_CLOSING_H

#include "sim/core/clearing.h"
#include "sim/core/world.h"

/* One liquidation in hand. */
struct sqz_liquidation {
    struct sqz_clearing *clearing;
    const struct sqz_world *world;
    struct sqz_world_state *state;
    const struct sqz_context *at;
    uint32_t account;
    enum sqz_side side;
    double level_usd; /* of the order in hand, as the map shows it; NAN: as the market does */
    bool touched;     /* the execution has not begun */
    bool counted;     /* the order in hand has been entered as forced */
};

/* The position in hand and what it belongs to. */
struct sqz_leg {
    struct sqz_position position; /* as it stands */
    uint32_t index;
    size_t legs;
    double price_usd; /* margin is computed at */
    double equity, bankruptcy_usd;
};

/* The price at which margin is computed. */
double sqz_liquidation_mark_usd(const struct sqz_liquidation *liquidation);

/* The level that stands for the account in the lineage. */
struct sqz_level_id sqz_liquidation_level(const struct sqz_liquidation *liquidation);

/* An order of so much, USD, for a position of the account. */
struct sqz_forced sqz_liquidation_order(const struct sqz_liquidation *liquidation,
                                        const struct sqz_position *position, double order_usd);

/* Notional of an order for `quantity` of a position, in USD of all accounts that stand behind. */
double sqz_liquidation_notional_usd(const struct sqz_liquidation *liquidation,
                                    const struct sqz_position *position, double quantity);

/* The fund pays as far as it can; the rest is bad debt. A gain is paid in. */
void sqz_liquidation_pay(struct sqz_liquidation *liquidation, double amount);

/* Do what the venue responded. Returns how much of the position was closed. */
double sqz_liquidation_close(struct sqz_liquidation *liquidation, const struct sqz_leg *leg,
                             const struct sqz_liquidation_action *action);

#endif
