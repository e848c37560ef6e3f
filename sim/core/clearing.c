/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/core/clearing.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- set-up -------------------------------------------------------------------------------- */

int sqz_clearing_init(struct sqz_clearing *clearing, const struct sqz_venue *venue)
{
    size_t accounts = venue->account_table->accounts, positions = venue->account_table->count;
    memset(clearing, 0, sizeof *clearing);
    clearing->venue = venue;
    clearing->account = calloc(accounts + 1, sizeof *clearing->account);
    clearing->left = malloc((positions + 1) * sizeof *clearing->left);
    clearing->leg = malloc((venue->legs_max + 1) * sizeof *clearing->leg);
    clearing->leg_index = malloc((venue->legs_max + 1) * sizeof *clearing->leg_index);
    if (clearing->account != NULL && clearing->left != NULL && clearing->leg != NULL &&
        clearing->leg_index != NULL &&
        sqz_account_heap_init(&clearing->heap[SQZ_UP], accounts) == SQZ_OK &&
        sqz_account_heap_init(&clearing->heap[SQZ_DOWN], accounts) == SQZ_OK)
        return SQZ_OK;
    sqz_clearing_free(clearing);
    return SQZ_ERR_NOMEM;
}

void sqz_clearing_free(struct sqz_clearing *clearing)
{
    free(clearing->account);
    free(clearing->left);
    free(clearing->leg);
    free(clearing->leg_index);
    for (int side = 0; side < 2; side++)
        sqz_account_heap_free(&clearing->heap[side]);
    memset(clearing, 0, sizeof *clearing);
}

void sqz_clearing_reset(struct sqz_clearing *clearing, uint64_t seed, uint64_t path)
{
    sqz_stream_open(&clearing->draws, seed, path, SQZ_STREAM_ACCOUNTS);
    if (++clearing->path == 0) { /* 2^32 paths on: no account may look as if it were of this one */
        memset(clearing->account, 0,
               clearing->venue->account_table->accounts * sizeof *clearing->account);
        clearing->path = 1;
    }
    for (int side = 0; side < 2; side++)
        sqz_account_heap_clear(&clearing->heap[side]);
}

/* ---- what an account is -------------------------------------------------------------------- */

static const struct sqz_position *position_at(const struct sqz_clearing *clearing, uint32_t index)
{
    return &clearing->venue->account_table->position[index];
}

bool sqz_clearing_is_as_read(const struct sqz_clearing *clearing, uint32_t account)
{
    const uint32_t *first = &clearing->venue->account_table->first[account];
    return first[1] - first[0] == 1 &&
           (!sqz_clearing_touched(clearing, account) ||
            (clearing->account[account].cash == 0.0 &&
             clearing->left[*first] == position_at(clearing, *first)->quantity));
}

struct sqz_legs sqz_clearing_legs(struct sqz_clearing *clearing, uint32_t account)
{
    const struct sqz_account_table *account_table = clearing->venue->account_table;
    const bool touched = sqz_clearing_touched(clearing, account);
    double collateral = touched ? clearing->account[account].cash : 0.0;
    double other_maintenance = 0.0;
    size_t count = 0;
    for (uint32_t p = account_table->first[account]; p < account_table->first[account + 1]; p++) {
        const struct sqz_position *position = &account_table->position[p];
        collateral += position->collateral + position->other_pnl;
        other_maintenance += position->other_maintenance;
        double left = touched ? clearing->left[p] : position->quantity;
        if (left == 0.0)
            continue;
        clearing->leg[count] = touched ? sqz_margin_part(position, left) : *position;
        clearing->leg[count].collateral = clearing->leg[count].other_pnl = 0.0;
        clearing->leg[count].other_maintenance = 0.0;
        clearing->leg_index[count++] = p;
    }
    clearing->leg[0].collateral = collateral;
    clearing->leg[0].other_maintenance = other_maintenance;
    return (struct sqz_legs){clearing->leg, clearing->leg_index, count};
}

double sqz_legs_equity(const struct sqz_legs *legs, double price_usd)
{
    double equity = legs->position[0].collateral;
    for (size_t i = 0; i < legs->count; i++)
        equity += sqz_margin_pnl(&legs->position[i], price_usd);
    return equity;
}

/* ---- what happens to it -------------------------------------------------------------------- */

struct sqz_account_state *sqz_clearing_touch(struct sqz_clearing *clearing, uint32_t account)
{
    const uint32_t *first = &clearing->venue->account_table->first[account];
    struct sqz_account_state *state = &clearing->account[account];
    if (state->path == clearing->path)
        return state;
    *state = (struct sqz_account_state){.path = clearing->path};
    for (uint32_t p = first[0]; p < first[1]; p++)
        clearing->left[p] = position_at(clearing, p)->quantity;
    return state;
}

/* ---- triggers ------------------------------------------------------------------------------ */

void sqz_clearing_disarm(struct sqz_clearing *clearing, uint32_t account)
{
    for (int side = 0; side < 2; side++)
        sqz_account_heap_take(&clearing->heap[side], account);
}

/* Its triggers from now on, seen from a price. */
static void arm(struct sqz_clearing *clearing, uint32_t account, double price_usd)
{
    const struct sqz_legs legs = sqz_clearing_legs(clearing, account);
    sqz_clearing_disarm(clearing, account);
    for (int side = 0; side < 2; side++) {
        if (!sqz_margin_holds(legs.position, legs.count, (enum sqz_side)side))
            continue; /* nothing that could be closed there */
        double trigger =
            sqz_margin_trigger(legs.position, legs.count, price_usd, (enum sqz_side)side);
        if (trigger > 0.0 && trigger < INFINITY)
            sqz_account_heap_set(&clearing->heap[side], account,
                                 sqz_direction((enum sqz_side)side) *
                                     log(trigger / clearing->venue->start_usd));
    }
}

void sqz_clearing_reopen(struct sqz_clearing *clearing, uint32_t account, double price_usd)
{
    clearing->account[account].status = SQZ_ACCOUNT_OPEN;
    clearing->account[account].steps = 0;
    arm(clearing, account, price_usd);
}

void sqz_clearing_watch(struct sqz_clearing *clearing, uint32_t account, double mark_usd)
{
    double mark_log = log(mark_usd / clearing->venue->start_usd);
    clearing->account[account].status = SQZ_ACCOUNT_WATCHED;
    clearing->account[account].steps = 1; /* those before the part do not count any more */
    for (int side = 0; side < 2; side++)
        sqz_account_heap_set(&clearing->heap[side], account,
                             sqz_outward((enum sqz_side)side, mark_log) + SQZ_MARK_TICK_LOG);
}

double sqz_clearing_next(const struct sqz_clearing *clearing, const struct sqz_ladder_side *levels,
                         enum sqz_side side, size_t *frontier)
{
    while (*frontier < levels->count && sqz_clearing_touched(clearing, levels->account[*frontier]))
        ++*frontier;
    return sqz_least(levels->distance_log[*frontier],
                     sqz_account_heap_least(&clearing->heap[side]));
}

struct sqz_touched_account sqz_clearing_take_next(const struct sqz_clearing *clearing,
                                                  const struct sqz_ladder_side *levels,
                                                  enum sqz_side side, size_t *frontier)
{
    const struct sqz_account_heap *heap = &clearing->heap[side];
    double moved = sqz_account_heap_least(heap);
    bool on_ladder = levels->distance_log[*frontier] <= moved;
    uint32_t account = on_ladder ? levels->account[(*frontier)++] : heap->item[0];
    return (struct sqz_touched_account){account, side, on_ladder, moved};
}

/* Notional of what an account would close on a side, at a price. */
static double losing_usd(const struct sqz_legs *legs, enum sqz_side side, double price_usd,
                         double sum_usd)
{
    for (size_t i = 0; i < legs->count; i++)
        if (sqz_losing_side(legs->position[i].side) == side)
            sum_usd +=
                sqz_margin_notional_usd(&legs->position[i], legs->position[i].quantity, price_usd);
    return sum_usd;
}

double sqz_clearing_waiting_usd(struct sqz_clearing *clearing, enum sqz_side side,
                                double distance_log)
{
    const struct sqz_account_heap *heap = &clearing->heap[side];
    double sum_usd = 0.0;
    for (size_t i = 0; i < heap->count; i++) {
        double key = heap->key[heap->item[i]];
        if (key > distance_log)
            continue;
        double price = sqz_venue_price_usd(clearing->venue, sqz_direction(side) * key);
        const struct sqz_legs legs = sqz_clearing_legs(clearing, heap->item[i]);
        sum_usd = losing_usd(&legs, side, price, sum_usd);
    }
    return clearing->venue->scale * sum_usd;
}

void sqz_clearing_deleverage(struct sqz_clearing *clearing, uint32_t account, uint32_t position,
                             double quantity, double price_usd, double mark_usd)
{
    sqz_clearing_touch(clearing, account);
    sqz_clearing_settle(clearing, account, position, quantity, price_usd);
    if (sqz_clearing_legs(clearing, account).count == 0)
        sqz_clearing_set_status(clearing, account, SQZ_ACCOUNT_GONE);
    arm(clearing, account, mark_usd);
}

/* ---- funding ------------------------------------------------------------------------------- */

static double funding_of(const struct sqz_legs *legs, double rate, double price_usd)
{
    double paid = 0.0;
    for (size_t i = 0; i < legs->count; i++)
        paid += sqz_exposure(legs->position[i].side) * rate *
                sqz_margin_value(&legs->position[i], price_usd);
    return paid;
}

/* Whether an account is there no more, where a share of its side is; one that is being liquidated
 * is. */
static bool has_left(const struct sqz_clearing *clearing, uint32_t account, double share)
{
    if (sqz_clearing_open(clearing, account))
        return sqz_clearing_is_out(clearing, account, share);
    return clearing->account[account].status == SQZ_ACCOUNT_LEFT;
}

double sqz_clearing_pay_funding(struct sqz_clearing *clearing, const struct sqz_funding *funding)
{
    double sum = 0.0;
    for (uint32_t a = 0; a < clearing->venue->account_table->accounts; a++) {
        const struct sqz_legs legs = sqz_clearing_legs(clearing, a);
        if (legs.count == 0 ||
            has_left(clearing, a, funding->staying[sqz_clearing_side(clearing, a)]))
            continue;
        double paid = funding_of(&legs, funding->rate, funding->price_usd);
        sqz_clearing_touch(clearing, a)->cash -= paid;
        sum += paid;
        if (sqz_clearing_open(clearing, a))
            arm(clearing, a, funding->price_usd);
    }
    return sum;
}

/* ---- the ledger ---------------------------------------------------------------------------- */

double sqz_clearing_balance(const struct sqz_clearing *clearing, double price_usd)
{
    const struct sqz_account_table *account_table = clearing->venue->account_table;
    double sum = 0.0;
    for (uint32_t a = 0; a < account_table->accounts; a++) {
        if (!sqz_clearing_touched(clearing, a))
            continue;
        sum += clearing->account[a].cash;
        for (uint32_t p = account_table->first[a]; p < account_table->first[a + 1]; p++) {
            const struct sqz_position *position = &account_table->position[p];
            double closed = position->quantity - clearing->left[p];
            sum -= sqz_margin_gain(position, closed, position->entry_usd, price_usd);
        }
    }
    return sum;
}

double sqz_clearing_open_value(const struct sqz_clearing *clearing, double price_usd)
{
    const struct sqz_account_table *account_table = clearing->venue->account_table;
    double sum = 0.0;
    for (size_t p = 0; p < account_table->count; p++)
        sum += sqz_margin_value(&account_table->position[p], price_usd);
    return sum;
}
