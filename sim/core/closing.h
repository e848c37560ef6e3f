/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How a part of an account is closed: by an order in the market, by the fund, against others, and
 * who pays for it. sim/core/liquidation.c says when. */
#ifndef SQZ_CORE_CLOSING_H
#define SQZ_CORE_CLOSING_H

#include "sim/core/world.h"

/* One liquidation in hand. */
struct sqz_liquidation {
    const struct sqz_world *world;
    struct sqz_world_state *state; /* has a venue */
    const struct sqz_context *at;
    uint32_t account;
    enum sqz_side side; /* on which it loses */
};

/* The position in hand, and its account at a price. */
struct sqz_leg {
    struct sqz_position position; /* as it stands */
    uint32_t index;               /* in the account table */
    double price_usd;             /* margin is computed at */
    double equity, bankruptcy_usd;
};

/* The price at which margin is computed. */
double sqz_closing_mark_usd(const struct sqz_liquidation *liquidation);

/* The level that stands for the account in the attribution. */
static inline struct sqz_level_id sqz_closing_level(const struct sqz_liquidation *liquidation)
{
    uint32_t index = liquidation->world->venue->level_of[liquidation->side][liquidation->account];
    return (struct sqz_level_id){liquidation->side, index};
}

/* Notional of an order for `quantity` of a position of the account, in USD of all accounts that
 * stand behind; `level_usd` as of struct sqz_order. */
double sqz_closing_notional_usd(const struct sqz_liquidation *liquidation,
                                const struct sqz_position *position, double quantity,
                                double level_usd);

/* The forced order of that notional for a position of the account. */
static inline struct sqz_forced sqz_closing_forced(const struct sqz_liquidation *liquidation,
                                                   const struct sqz_position *position,
                                                   double order_usd)
{
    return (struct sqz_forced){
        sqz_closing_level(liquidation), sqz_closing_order(position->side),
        sqz_clearing_row(&liquidation->state->venue->clearing, liquidation->account), order_usd};
}

/* Do what an order says. Returns how much of the position was closed. */
double sqz_closing_execute(const struct sqz_liquidation *liquidation, const struct sqz_leg *leg,
                           const struct sqz_order *order);

/* No position is left of the account, which owes so much: the fund pays as far as it can. */
void sqz_closing_wind_up(const struct sqz_liquidation *liquidation, double debt);

#endif
