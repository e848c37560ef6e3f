/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The clearing house of one venue on one path: who still holds what, forced closes step by step,
 * the insurance fund, deleveraging, and a ledger in which every amount has its other side.
 *
 * Amounts are in the currency of the contracts (sim/core/margin.h) and of one account where several
 * stand behind it; measures are in USD and of all of them. */
#ifndef SQZ_CORE_CLEARING_H
#define SQZ_CORE_CLEARING_H

#include <stdbool.h>

#include "sim/core/account_heap.h"
#include "sim/core/lineage.h"
#include "sim/core/rng.h"
#include "sim/core/venue.h"

struct sqz_world;
struct sqz_world_state;
struct sqz_context;

enum sqz_account_status {
    SQZ_ACCOUNT_OPEN,
    SQZ_ACCOUNT_FROZEN,  /* being liquidated, or to be looked at again */
    SQZ_ACCOUNT_WATCHED, /* being liquidated, to be looked at again where the mark has moved */
    SQZ_ACCOUNT_SELLING, /* being liquidated, by an order that has not left yet */
    SQZ_ACCOUNT_LEFT,    /* before its trigger or by topping up: nobody looks at it any more */
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

/* An order that has not left yet, or a rest of it. */
struct sqz_order {
    struct sqz_liquidation_action action;
    uint32_t position;
    double level_usd; /* its notional if it closes a whole level of the map, else NAN */
    bool in_line;     /* has had its place in the execution's line */
    bool counted;     /* as forced */
};

/* What somebody holds who is no account: signed quantity, and what it cost at the prices paid. */
struct sqz_inventory {
    double quantity, cost;
};

/* An order and how far it brought the price that levels watch, outward. */
struct sqz_reach {
    double reach_log;
    struct sqz_level_id order;
};

/* A position that may be deleveraged. */
struct sqz_candidate {
    double rank;
    uint32_t account, position;
};

enum { SQZ_PEAK_SLOTS = 8 };

/* One per world and thread; reset, not reallocated. Owns its arrays. */
struct sqz_clearing {
    const struct sqz_venue *venue;
    struct sqz_account_state *account;
    struct sqz_order *order;         /* of accounts that are selling; NULL without the execution */
    double *left;                    /* quantity of each position, where its account's is true */
    struct sqz_account_heap heap[2]; /* accounts whose trigger has moved, by outward distance */
    struct sqz_position *leg;        /* of the account in hand, as they stand */
    uint32_t *leg_position;
    struct sqz_candidate *queue; /* for deleveraging, at queue_s and against queue_side */
    size_t queued, queue_next;
    double queue_s;
    enum sqz_side queue_side;
    uint32_t path;
    struct sqz_stream draws; /* a number of each account: who leaves early or tops up */

    double fund_change;          /* of its balance, without what it holds: */
    struct sqz_inventory vault;  /* positions that the fund keeps */
    struct sqz_inventory market; /* everybody who traded with forced orders */
    double outside;              /* what those who stand against the accounts have got in funding */
    double peak[SQZ_PEAK_SLOTS]; /* of the fund, by slots of the window */
    long peak_slot;
    double balance;          /* of the fund when last noted */
    bool drawn_down;         /* deleveraging though the fund could pay */
    double mark_log, mark_s; /* the price before what happens at mark_s */
    /* How far forced orders have brought the price at reach_s, by sides: outward, ascending. */
    struct sqz_reach *reach[2];
    size_t reaches[2];
    double reach_s, before_log[2]; /* outward price before the first of them */

    uint64_t accounts_liquidated, deleveraged;
    double lost, drawn, deleveraged_usd;
    double kept_usd;                                /* positions that the fund has kept */
    double bad_debt;                                /* what nobody covered: the venue's own loss */
    double first_liquidation_s, first_deleverage_s; /* NAN: none yet */
};

/* `delayed`: forced orders may leave later than they are decided. Returns SQZ_OK or SQZ_ERR_NOMEM.
 */
int sqz_clearing_init(struct sqz_clearing *clearing, const struct sqz_venue *venue, bool delayed);
/* Safe on a zeroed or already freed clearing. */
void sqz_clearing_free(struct sqz_clearing *clearing);
/* Begin a path. */
void sqz_clearing_reset(struct sqz_clearing *clearing, uint64_t seed, uint64_t path);

/* Whether something has happened to an account on this path. */
static inline bool sqz_clearing_touched(const struct sqz_clearing *clearing, uint32_t account)
{
    return clearing->account[account].path == clearing->path;
}

/* Outward distance of a side's next trigger; moves `frontier` past levels that are void because
 * their accounts have changed. */
double sqz_clearing_next(const struct sqz_clearing *clearing, const struct sqz_ladder_side *levels,
                         enum sqz_side side, size_t *frontier);

/* The mark as it stands before anything happens at a time; the first of a time counts. */
void sqz_clearing_note_mark(struct sqz_clearing *clearing, double trigger_log, double time_s);

/* A cascade begins, or an order leaves, with the prices `trigger_log`: what is within reach then,
 * if no order has brought the price there at this context, descends from nobody. */
void sqz_clearing_begin(struct sqz_clearing *clearing, double trigger_log, double time_s);

/* A forced order has brought the price of its side to `reach_log`, outward. */
void sqz_clearing_note_reach(struct sqz_clearing *clearing, struct sqz_level_id order,
                             double reach_log);

/* The order that first brought the price of a side to an outward distance; NULL if none did. */
const struct sqz_level_id *sqz_clearing_parent(const struct sqz_clearing *clearing,
                                               enum sqz_side side, double distance_log);

/* The next trigger of a side has been touched: liquidate its account. */
void sqz_clearing_fire(struct sqz_clearing *clearing, const struct sqz_world *world,
                       struct sqz_world_state *state, enum sqz_side side,
                       const struct sqz_context *at);

/* A frozen account is looked at again. */
void sqz_clearing_review(struct sqz_clearing *clearing, const struct sqz_world *world,
                         struct sqz_world_state *state, uint32_t account, enum sqz_side side,
                         const struct sqz_context *at);

/* Every account pays `rate` of the value of its longs, and gets as much for its shorts. Costs as
 * much as there are accounts: the triggers of all move. */
void sqz_clearing_pay_funding(struct sqz_clearing *clearing, const struct sqz_world *world,
                              const struct sqz_world_state *state, double rate, double time_s);

/* Notional at its triggers of accounts whose trigger has moved, as far as an outward distance. */
double sqz_clearing_waiting_usd(struct sqz_clearing *clearing, enum sqz_side side,
                                double distance_log);

/* Sum of everything that all hold at a price, less what it was at the start; 0 but for rounding.
 * And the value of all positions of the start at that price. Costs as much as there are accounts.
 */
double sqz_clearing_imbalance(struct sqz_clearing *clearing, double price_usd, double *open_value);

/* ---- for the parts of the clearing ------------------------------------------------------------
 */

/* Profit of `quantity` of a position as the price goes from one to another. */
static inline double sqz_clearing_gain(const struct sqz_position *position, double quantity,
                                       double from_usd, double to_usd)
{
    double rise = position->contract == SQZ_LINEAR ? quantity * (to_usd - from_usd)
                                                   : quantity / from_usd - quantity / to_usd;
    return position->side == SQZ_DOWN ? rise : -rise;
}

/* Make what is true of an account at the start true of this path. */
struct sqz_account_state *sqz_clearing_touch(struct sqz_clearing *clearing, uint32_t account);

/* The row of an account's first position. */
static inline uint32_t sqz_clearing_row(const struct sqz_clearing *clearing, uint32_t account)
{
    const struct sqz_account_table *accounts_table = clearing->venue->accounts_table;
    return accounts_table->row[accounts_table->first[account]];
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

/* The side of an account's first position. */
static inline enum sqz_side sqz_clearing_side(const struct sqz_clearing *clearing, uint32_t account)
{
    const struct sqz_account_table *accounts_table = clearing->venue->accounts_table;
    return accounts_table->position[accounts_table->first[account]].side;
}

/* Quantity left of a position of an account. */
static inline double sqz_clearing_left(const struct sqz_clearing *clearing, uint32_t account,
                                       uint32_t position)
{
    return sqz_clearing_touched(clearing, account)
               ? clearing->left[position]
               : clearing->venue->accounts_table->position[position].quantity;
}

/* Whether an account waits for its trigger. */
static inline bool sqz_clearing_open(const struct sqz_clearing *clearing, uint32_t account)
{
    return !sqz_clearing_touched(clearing, account) ||
           clearing->account[account].status == SQZ_ACCOUNT_OPEN;
}

/* The account's positions as they stand, into `leg`, the first with what the whole account has
 * beside them: collateral and profit, and maintenance, of other markets. Returns how many are left.
 */
size_t sqz_clearing_legs(struct sqz_clearing *clearing, uint32_t account);

/* Worth of an account whose `count` positions are in `leg`, at a price. */
double sqz_clearing_equity(const struct sqz_clearing *clearing, size_t count, double price_usd);

/* Balance of the fund, what it holds included at a price. */
double sqz_clearing_fund(const struct sqz_clearing *clearing, double price_usd);

/* Enter `quantity` of a position, bought of an account at a price, into an inventory. */
void sqz_inventory_add(struct sqz_inventory *inventory, const struct sqz_position *position,
                       double quantity, double price_usd);

/* Marks that differ by less are one: a price has four or five digits, as those of venues have. */
#define SQZ_MARK_TICK_LOG 1e-4

/* An account has no trigger for now. */
void sqz_clearing_disarm(struct sqz_clearing *clearing, uint32_t account);

/* An open account's triggers from now on, seen from a price; none if it holds nothing. */
void sqz_clearing_rearm(struct sqz_clearing *clearing, uint32_t account, double price_usd);

/* A position that is to be closed against others. */
struct sqz_close_out {
    uint32_t position; /* of an account that is not open */
    double quantity;
    double price_usd;        /* of the close */
    double mark_usd, time_s; /* at which those on the other side are ranked */
    double now_usd;          /* mark after what has been sold of it */
    double staying[2];       /* share of all accounts, by their side, that has not left */
};

/* Close as much of it as can be against those who stand first in the queue. Returns how much. */
double sqz_clearing_deleverage(struct sqz_clearing *clearing, const struct sqz_close_out *close);

/* The measures of a venue, as those of a driver that does nothing else. */
extern const struct sqz_driver_model sqz_clearing_measures;

#endif
