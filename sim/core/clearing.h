/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The accounts of one venue on one path: what each has left, what it has been paid, when it is to
 * be looked at. Accounts that nothing has happened to cost nothing.
 *
 * Amounts are in the currency of the contracts (sim/core/margin.h) and of one account where several
 * stand behind it; notionals that leave this file are in USD and of all of them. */
#ifndef SQZ_CORE_CLEARING_H
#define SQZ_CORE_CLEARING_H

#include <stdbool.h>

#include "sim/core/account_heap.h"
#include "sim/core/rng.h"
#include "sim/core/venue.h"

enum sqz_account_status {
    SQZ_ACCOUNT_OPEN,    /* waits for its trigger */
    SQZ_ACCOUNT_FROZEN,  /* being liquidated, or to be looked at again */
    SQZ_ACCOUNT_WATCHED, /* being liquidated, to be looked at again where the mark has moved */
    SQZ_ACCOUNT_SELLING, /* being liquidated, by an order that has not left yet */
    SQZ_ACCOUNT_LEFT,    /* before its trigger or by topping up: it has no trigger any more */
    SQZ_ACCOUNT_GONE     /* nothing is left of it */
};

/* What has become of an account that something has happened to on this path. */
struct sqz_account_state {
    double cash;         /* realised profits, fees and payments of the fund, since the start */
    double cool_until_s; /* end of the cool-down after a part of it was closed; 0: there was none */
    uint32_t path;       /* on which this is true; on others the account is as at the start */
    uint16_t steps;      /* of the liquidation in hand */
    uint8_t status;      /* enum sqz_account_status */
    bool liquidated;     /* some of it was closed by force */
};

/* One per world and thread; reset, not reallocated. Owns its arrays. Written by the functions
 * below and by nothing else. */
struct sqz_clearing {
    const struct sqz_venue *venue;
    struct sqz_account_state *account;
    double *left;                    /* quantity of each position, where its account's is true */
    struct sqz_account_heap heap[2]; /* accounts whose trigger has moved, by outward distance */
    struct sqz_position *leg;        /* of the account looked at last: sqz_clearing_legs */
    uint32_t *leg_index;
    uint32_t path;
    struct sqz_stream draws; /* a number of each account: who leaves early or tops up */
};

/* Returns SQZ_OK or SQZ_ERR_NOMEM. */
int sqz_clearing_init(struct sqz_clearing *clearing, const struct sqz_venue *venue);
/* Safe on a zeroed or already freed clearing. */
void sqz_clearing_free(struct sqz_clearing *clearing);
/* Begin a path. */
void sqz_clearing_reset(struct sqz_clearing *clearing, uint64_t seed, uint64_t path);

/* ---- what an account is --------------------------------------------------------------------- */

/* Whether something has happened to an account on this path. */
static inline bool sqz_clearing_touched(const struct sqz_clearing *clearing, uint32_t account)
{
    return clearing->account[account].path == clearing->path;
}

/* Whether an account waits for its trigger. */
static inline bool sqz_clearing_open(const struct sqz_clearing *clearing, uint32_t account)
{
    return !sqz_clearing_touched(clearing, account) ||
           clearing->account[account].status == SQZ_ACCOUNT_OPEN;
}

/* The row of an account's first position. */
static inline uint32_t sqz_clearing_row(const struct sqz_clearing *clearing, uint32_t account)
{
    const struct sqz_account_table *account_table = clearing->venue->account_table;
    return account_table->row[account_table->first[account]];
}

/* The side of an account's first position. */
static inline enum sqz_position_side sqz_clearing_side(const struct sqz_clearing *clearing,
                                                       uint32_t account)
{
    const struct sqz_account_table *account_table = clearing->venue->account_table;
    return account_table->position[account_table->first[account]].side;
}

/* Whether an account is not among a share of all those on its side, that of its first position. The
 * smaller the share the more are out, and who was out stays out: the account's own number
 * decides, which is the same whatever else happens. */
static inline bool sqz_clearing_is_out(const struct sqz_clearing *clearing, uint32_t account,
                                       double share)
{
    return share < 1.0 &&
           sqz_stream_uniform_at(&clearing->draws, sqz_clearing_row(clearing, account)) >= share;
}

/* Quantity left of a position of an account. */
static inline double sqz_clearing_left(const struct sqz_clearing *clearing, uint32_t account,
                                       uint32_t position)
{
    return sqz_clearing_touched(clearing, account)
               ? clearing->left[position]
               : clearing->venue->account_table->position[position].quantity;
}

/* Whether an account holds one position and is as it was when the ladder was made: nothing of it
 * closed, nothing paid. */
bool sqz_clearing_is_as_read(const struct sqz_clearing *clearing, uint32_t account);

/* The positions of an account as they stand. The first has what the whole account has beside
 * them, collateral and profit of other markets and their maintenance; it is there for that also
 * where none is left. */
struct sqz_legs {
    const struct sqz_position *position;
    const uint32_t *index; /* of each, its place in the account table */
    size_t count;          /* of those of which something is left */
};

/* True until the next call, for whatever account. */
struct sqz_legs sqz_clearing_legs(struct sqz_clearing *clearing, uint32_t account);

/* Worth of an account at a price. */
double sqz_legs_equity(const struct sqz_legs *legs, double price_usd);

/* ---- what happens to it ---------------------------------------------------------------------- */

/* Make what is true of an account at the start true of this path. */
struct sqz_account_state *sqz_clearing_touch(struct sqz_clearing *clearing, uint32_t account);

/* The account, which something has happened to, is paid an amount, or pays it if that is negative.
 */
static inline void sqz_clearing_pay(struct sqz_clearing *clearing, uint32_t account, double amount)
{
    clearing->account[account].cash += amount;
}

/* A part of one of its positions has been closed at a price. */
static inline void sqz_clearing_settle(struct sqz_clearing *clearing, uint32_t account,
                                       uint32_t position, double quantity, double price_usd)
{
    const struct sqz_position *held = &clearing->venue->account_table->position[position];
    sqz_clearing_pay(clearing, account,
                     sqz_margin_gain(held, quantity, held->entry_usd, price_usd));
    clearing->left[position] -= quantity;
    if (clearing->left[position] <= SQZ_REST_OF_ROUNDING * held->quantity)
        clearing->left[position] = 0.0;
}

/* Something of it was closed by force. Returns whether that is so for the first time. */
static inline bool sqz_clearing_note_liquidated(struct sqz_clearing *clearing, uint32_t account)
{
    bool first = !clearing->account[account].liquidated;
    clearing->account[account].liquidated = true;
    return first;
}

/* Close a part of a position of an open account against another one; its triggers, if anything is
 * left, are then those seen from a mark. */
void sqz_clearing_deleverage(struct sqz_clearing *clearing, uint32_t account, uint32_t position,
                             double quantity, double price_usd, double mark_usd);

/* Every account pays `rate` of the value of its longs, and gets as much for its shorts. Costs as
 * much as there are accounts: the triggers of all move. */
struct sqz_funding {
    double rate;
    double price_usd;
    double staying[2]; /* share of the accounts of each side that has not left; those pay nothing */
};

/* Returns what all have paid together. */
double sqz_clearing_pay_funding(struct sqz_clearing *clearing, const struct sqz_funding *funding);

/* ---- its liquidation ------------------------------------------------------------------------- */

/* It is being liquidated, or has come to an end of that. */
static inline void sqz_clearing_set_status(struct sqz_clearing *clearing, uint32_t account,
                                           enum sqz_account_status status)
{
    clearing->account[account].status = (uint8_t)status;
}

/* A step has been taken, and `left` of the position in hand is left: the next one begins anew. */
static inline void sqz_clearing_count_step(struct sqz_clearing *clearing, uint32_t account,
                                           double left)
{
    struct sqz_account_state *state = &clearing->account[account];
    if (left == 0.0)
        state->steps = 0;
    else if (state->steps < UINT16_MAX)
        state->steps++;
}

/* A part of it has been closed: it cools down until then. */
static inline void sqz_clearing_cool(struct sqz_clearing *clearing, uint32_t account,
                                     double until_s)
{
    clearing->account[account].cool_until_s = until_s;
}

/* ---- triggers -------------------------------------------------------------------------------- */

/* Marks that differ by less are one: a price has four or five digits, as those of venues have. */
#define SQZ_MARK_TICK_LOG 1e-4

/* It has no trigger for now. */
void sqz_clearing_disarm(struct sqz_clearing *clearing, uint32_t account);

/* It is open. Its triggers from now on, seen from a price; none if it holds nothing. */
void sqz_clearing_reopen(struct sqz_clearing *clearing, uint32_t account, double price_usd);

/* It is being liquidated and to be looked at again where the mark has moved a tick, to either side;
 * one step of that is behind it. */
void sqz_clearing_watch(struct sqz_clearing *clearing, uint32_t account, double mark_usd);

/* Outward distance of a side's next trigger; moves `frontier` past levels that are void because
 * their accounts have changed. */
double sqz_clearing_next(const struct sqz_clearing *clearing, const struct sqz_ladder_side *levels,
                         enum sqz_side side, size_t *frontier);

/* A trigger that the price has come to. */
struct sqz_touched_account {
    uint32_t account;
    enum sqz_side side;
    bool on_ladder;      /* it stands where the ladder has it */
    double distance_log; /* outward, where it does not */
};

/* The next trigger of a side, of which the frontier is at the next level that is not void; moves
 * it past that if it is the one. */
struct sqz_touched_account sqz_clearing_take_next(const struct sqz_clearing *clearing,
                                                  const struct sqz_ladder_side *levels,
                                                  enum sqz_side side, size_t *frontier);

/* Notional at its triggers of accounts whose trigger has moved, as far as an outward distance. */
double sqz_clearing_waiting_usd(struct sqz_clearing *clearing, enum sqz_side side,
                                double distance_log);

/* ---- the ledger ------------------------------------------------------------------------------ */

/* What all accounts have been paid, less the profit at a price of what they no longer hold. Costs
 * as much as there are accounts. */
double sqz_clearing_balance(const struct sqz_clearing *clearing, double price_usd);

/* The value of all positions of the start at a price. */
double sqz_clearing_open_value(const struct sqz_clearing *clearing, double price_usd);

#endif
