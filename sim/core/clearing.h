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
#include "sim/core/venue.h"

struct sqz_world;
struct sqz_world_state;
struct sqz_moment;

enum sqz_account_status { SQZ_ACCOUNT_OPEN, SQZ_ACCOUNT_FROZEN, SQZ_ACCOUNT_GONE };

/* What has become of an account that something has happened to on this path. */
struct sqz_account_state {
    double cash;     /* realised profits, fees and payments of the fund, since the start */
    uint32_t path;   /* on which this is true; on others the account is as at the start */
    uint16_t steps;  /* of the liquidation in hand */
    uint8_t status;  /* enum sqz_account_status */
    bool liquidated; /* some of it was closed by force */
};

/* What somebody holds who is no account: signed quantity, and what it cost at the prices paid. */
struct sqz_inventory {
    double quantity, cost;
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
    double *left;                    /* quantity of each position, where its account's is true */
    struct sqz_account_heap heap[2]; /* accounts whose trigger has moved, by outward distance */
    struct sqz_position *leg;        /* of the account in hand, as they stand */
    uint32_t *leg_position;
    struct sqz_candidate *queue; /* for deleveraging, at queue_s and against queue_side */
    size_t queued, queue_next;
    double queue_s;
    enum sqz_side queue_side;
    uint32_t path;

    double fund;                 /* change of its balance, without what it holds: */
    struct sqz_inventory vault;  /* positions that the fund keeps */
    struct sqz_inventory market; /* everybody who traded with forced orders */
    double peak[SQZ_PEAK_SLOTS]; /* of the fund, by slots of the window */
    long peak_slot;
    double balance;             /* of the fund when last noted */
    bool drawn_down;            /* deleveraging though the fund could pay */
    double mark_log, mark_s;    /* the price before what happens at mark_s */
    struct sqz_level_id parent; /* the last forced order of the cascade in hand */
    bool has_parent;
    double reach_log[2]; /* outward price at which that cascade began */

    uint64_t accounts_liquidated, deleveraged;
    double lost, drawn, deleveraged_usd;
    double bad_debt;                                /* what nobody covered: the venue's own loss */
    double first_liquidation_s, first_deleverage_s; /* NAN: none yet */
};

/* Returns SQZ_OK or SQZ_ERR_NOMEM. */
int sqz_clearing_init(struct sqz_clearing *clearing, const struct sqz_venue *venue);
/* Safe on a zeroed or already freed house. */
void sqz_clearing_free(struct sqz_clearing *clearing);
/* Begin a path. */
void sqz_clearing_reset(struct sqz_clearing *clearing);

/* Whether something has happened to an account on this path. */
static inline bool sqz_clearing_touched(const struct sqz_clearing *clearing, uint32_t account)
{
    return clearing->account[account].path == clearing->path;
}

/* Outward distance of a side's next trigger; moves `frontier` past levels that are void because
 * their accounts have changed. */
double sqz_clearing_next(const struct sqz_clearing *clearing, const struct sqz_ladder_side *levels,
                         enum sqz_side side, size_t *frontier);

/* A cascade begins with the prices `trigger_log` and before it; a jump comes first if there is one.
 */
void sqz_clearing_begin(struct sqz_clearing *clearing, double trigger_log, double time_s);
void sqz_clearing_before_jump(struct sqz_clearing *clearing, double trigger_log, double time_s);

/* The next trigger of a side has been touched: liquidate its account. */
void sqz_clearing_fire(struct sqz_clearing *clearing, const struct sqz_world *world,
                       struct sqz_world_state *state, enum sqz_side side,
                       const struct sqz_moment *at);

/* A frozen account is looked at again. */
void sqz_clearing_review(struct sqz_clearing *clearing, const struct sqz_world *world,
                         struct sqz_world_state *state, uint32_t account, enum sqz_side side,
                         const struct sqz_moment *at);

/* Sum of everything that all hold at a price, less what it was at the start; 0 but for rounding.
 * And the value of all positions of the start at that price. Costs
 * as much as there are accounts.
 */
double sqz_clearing_imbalance(struct sqz_clearing *clearing, double price_usd, double *open_value);

/* ---- for the parts of the house ------------------------------------------------------------ */

/* Profit of `quantity` of a position as the price goes from one to another. */
double sqz_clearing_gain(const struct sqz_position *position, double quantity, double from_usd,
                         double to_usd);

/* Make what is true of an account at the start true of this path. */
struct sqz_account_state *sqz_clearing_touch(struct sqz_clearing *clearing, uint32_t account);

/* Quantity left of a position of an account. */
static inline double sqz_clearing_left(const struct sqz_clearing *clearing, uint32_t account,
                                       uint32_t position)
{
    return sqz_clearing_touched(clearing, account)
               ? clearing->left[position]
               : clearing->venue->holdings->position[position].quantity;
}

/* Whether an account waits for its trigger, neither frozen nor gone. */
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

/* An account has no trigger for now. */
void sqz_clearing_disarm(struct sqz_clearing *clearing, uint32_t account);

/* An open account's triggers from now on, seen from a price; none if it holds nothing. */
void sqz_clearing_rearm(struct sqz_clearing *clearing, uint32_t account, double price_usd);

/* Close up to `quantity` of a position that loses on `side`, at a price, against those who stand
 * first in the queue. Returns how much was closed. */
double sqz_clearing_deleverage(struct sqz_clearing *clearing, uint32_t account, uint32_t position,
                               double quantity, double price_usd, double mark_usd, double time_s);

/* The measures of a venue, as those of a driver that does nothing else. */
extern const struct sqz_driver_model sqz_clearing_measures;

#endif
