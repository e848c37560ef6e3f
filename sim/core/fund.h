/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The insurance fund of a venue on one path: its balance, the positions that it keeps, what it has
 * paid and could not pay; and the other sides of the ledger, which are no accounts: those who
 * trade with forced orders, and those who pay and get funding.
 *
 * The fund is handed the mark and the time. Amounts are in the currency of the contracts. */
#ifndef SQZ_CORE_FUND_H
#define SQZ_CORE_FUND_H

#include <math.h>
#include <stdbool.h>

#include "sim/core/venue.h"

/* What is held without an account: signed quantity, and what it cost at the prices paid. */
struct sqz_inventory {
    double quantity, cost;
};

enum { SQZ_PEAK_SLOTS = 8 };

/* One per world and thread; reset, not reallocated. Written by the functions below alone. */
struct sqz_fund {
    const struct sqz_venue *venue;
    double change;               /* of its balance, without what it holds: */
    struct sqz_inventory vault;  /* positions that it keeps */
    struct sqz_inventory market; /* of all who traded with forced orders */
    double outside;              /* what those who stand against the accounts have got in funding */
    double kept_usd;             /* positions that it has kept, of one account each */
    double drawn;                /* what it has paid */
    double bad_debt;             /* what it could not: the venue's own loss */
    double balance;              /* when last watched */
    double peak[SQZ_PEAK_SLOTS]; /* by slots of the window */
    long peak_slot;
    bool drawn_down; /* the venue deleverages though the fund could pay */
};

/* Begin a path. */
void sqz_fund_reset(struct sqz_fund *fund, const struct sqz_venue *venue);

/* Balance, what it holds included at a price. */
double sqz_fund_balance(const struct sqz_fund *fund, double price_usd);

/* What it can spend on a loss: all it has, but nothing while the venue deleverages to spare it. */
double sqz_fund_available(const struct sqz_fund *fund, double price_usd);

/* A fee, or the profit of selling what it took over. */
static inline void sqz_fund_earn(struct sqz_fund *fund, double amount)
{
    fund->change += amount;
}

/* It pays as far as it can at a mark; the rest is bad debt. A gain is paid in. */
void sqz_fund_pay(struct sqz_fund *fund, double amount, double mark_usd);

/* It keeps a position at a price. */
void sqz_fund_keep(struct sqz_fund *fund, const struct sqz_position *position, double price_usd);

/* It takes the equity of an account whose positions it keeps; a debt is paid, whatever it has. */
void sqz_fund_take_equity(struct sqz_fund *fund, double equity);

/* A part of a position has been closed in the market at a price. */
void sqz_fund_note_trade(struct sqz_fund *fund, const struct sqz_position *position,
                         double quantity, double price_usd);

/* Accounts have paid funding to outside. */
static inline void sqz_fund_note_funding(struct sqz_fund *fund, double paid)
{
    fund->outside += paid;
}

/* Whether the venue deleverages to spare a fund that has fallen from its peak. */
static inline bool sqz_fund_is_spared(const struct sqz_venue *venue)
{
    return venue->model->drawdown_begin > 0.0 && venue->fund < INFINITY;
}

/* Note the balance at a mark and time, where the fund is spared; the peak is that over the
 * venue's window, to an eighth of it. */
void sqz_fund_watch(struct sqz_fund *fund, double mark_usd, double time_s);

/* The share of the highest balance in that window by which the fund was lower when last watched. */
double sqz_fund_fall(const struct sqz_fund *fund);

/* What the fund and all outside have got since the start, at a price. */
double sqz_fund_others(const struct sqz_fund *fund, double price_usd);

#endif
