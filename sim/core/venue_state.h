/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The clearing house of one venue on one path, composed: accounts, fund, deleveraging, orders on
 * their way and totals, and the ledger in which every amount has its other side. */
#ifndef SQZ_CORE_VENUE_STATE_H
#define SQZ_CORE_VENUE_STATE_H

#include "sim/core/clearing.h"
#include "sim/core/deleverage.h"
#include "sim/core/fund.h"

/* What is between an order and the market. */
enum sqz_order_stage {
    SQZ_ORDER_TOUCHED, /* decided at the touch of a trigger: the latency, then */
    SQZ_ORDER_ARRIVED, /* its turn in the queue */
    SQZ_ORDER_QUEUED   /* which it has, or has had */
};

/* An order, or a rest of it. */
struct sqz_order {
    struct sqz_liquidation_action action;
    uint32_t position; /* in the account table */
    double level_usd;  /* its notional if it closes a whole level of the map, else NAN */
    enum sqz_order_stage stage;
    bool decided; /* action and position are set */
    bool counted; /* as forced */
};

/* What forced closes have done to the accounts. Written by sim/core/closing.c. */
struct sqz_liquidation_totals {
    uint64_t accounts; /* of which something was closed */
    double lost;       /* what that cost them, against the price at the start */
    double first_s;    /* NAN: none yet */
};

/* One per world and thread; reset, not reallocated. Owns what its parts do. */
struct sqz_venue_state {
    struct sqz_clearing clearing;
    struct sqz_fund fund;
    struct sqz_deleverage deleverage;
    struct sqz_liquidation_totals totals;
    struct sqz_order *order; /* of accounts that are selling, written by sim/core/liquidation.c;
                                NULL where orders leave as they are decided */
};

/* `delayed`: forced orders may leave later than they are decided. Returns SQZ_OK or SQZ_ERR_NOMEM.
 */
int sqz_venue_state_init(struct sqz_venue_state *state, const struct sqz_venue *venue,
                         bool delayed);
/* Safe on a zeroed or already freed state. */
void sqz_venue_state_free(struct sqz_venue_state *state);
/* Begin a path. */
void sqz_venue_state_reset(struct sqz_venue_state *state, uint64_t seed, uint64_t path);

/* Every account pays or gets funding; the other side of that is outside. */
void sqz_venue_state_pay_funding(struct sqz_venue_state *state, const struct sqz_funding *funding);

/* Sum of everything that all hold at a price, less what it was at the start; 0 but for rounding.
 * Costs as much as there are accounts. */
double sqz_venue_state_imbalance(const struct sqz_venue_state *state, double price_usd);

/* Assert that the ledger adds up at a price, which has been as far as `extreme_log` from the start;
 * nothing at all in release builds. */
#ifdef SQZ_VERIFY
void sqz_venue_state_verify(const struct sqz_venue_state *state, double price_log,
                            double extreme_log);
#else
static inline void sqz_venue_state_verify(const struct sqz_venue_state *state, double price_log,
                                          double extreme_log)
{
    (void)state;
    (void)price_log;
    (void)extreme_log;
}
#endif

#endif
