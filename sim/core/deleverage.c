/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Automatic deleveraging: a bankrupt position is closed against those who gain most from it. */
#include <math.h>
#include <stdlib.h>

#include "sim/core/clearing.h"
#include "sim/core/world.h"

/* The greatest rank first; accounts that rank alike by number. */
static int compare_candidates(const void *first, const void *second)
{
    const struct sqz_candidate *a = first, *b = second;
    if (a->rank != b->rank)
        return a->rank > b->rank ? -1 : 1;
    return (a->position > b->position) - (a->position < b->position);
}

/* Everybody's place for one of an account's positions, as it stands. */
static void enqueue(struct sqz_clearing *clearing, uint32_t account, size_t leg, size_t count,
                    double mark_usd)
{
    const struct sqz_position *position = &clearing->leg[leg];
    double equity = sqz_clearing_equity(clearing, count, mark_usd);
    struct sqz_liquidation_request view = {
        .position = position,
        .price_usd = mark_usd,
        .equity = equity,
        .maintenance = equity - sqz_margin_excess(clearing->leg, count, mark_usd)};
    clearing->queue[clearing->queued++] = (struct sqz_candidate){
        clearing->venue->model->rank(&view), account, clearing->leg_position[leg]};
}

/* The queue of those who stand against positions that lose on `side`. */
static void build_queue(struct sqz_clearing *clearing, enum sqz_side side,
                        const struct sqz_close_out *close)
{
    const struct sqz_account_table *accounts_table = clearing->venue->accounts_table;
    clearing->queued = clearing->queue_next = 0;
    clearing->queue_s = close->time_s;
    clearing->queue_side = side;
    for (uint32_t a = 0; a < accounts_table->accounts; a++) {
        double staying = close->staying[sqz_clearing_side(clearing, a)];
        if (!sqz_clearing_open(clearing, a) || sqz_clearing_is_out(clearing, a, staying))
            continue;
        size_t count = sqz_clearing_legs(clearing, a);
        for (size_t leg = 0; leg < count; leg++)
            if (clearing->leg[leg].side != side)
                enqueue(clearing, a, leg, count, close->mark_usd);
    }
    if (clearing->queued > 0)
        qsort(clearing->queue, clearing->queued, sizeof *clearing->queue, compare_candidates);
}

/* Close a part of a candidate's position; what is left of the account has new triggers. */
static void reduce(struct sqz_clearing *clearing, const struct sqz_candidate *candidate,
                   double quantity, double price_usd, double mark_usd)
{
    const struct sqz_position *position =
        &clearing->venue->accounts_table->position[candidate->position];
    struct sqz_account_state *state = sqz_clearing_touch(clearing, candidate->account);
    state->cash += sqz_clearing_gain(position, quantity, position->entry_usd, price_usd);
    clearing->left[candidate->position] -= quantity;
    if (clearing->left[candidate->position] <= SQZ_REST_OF_ROUNDING * position->quantity)
        clearing->left[candidate->position] = 0.0;
    if (sqz_clearing_legs(clearing, candidate->account) == 0)
        state->status = SQZ_ACCOUNT_GONE;
    sqz_clearing_rearm(clearing, candidate->account, mark_usd);
    clearing->deleveraged++;
    clearing->deleveraged_usd += sqz_margin_notional_usd(position, quantity, price_usd);
}

/* Whether a candidate would owe once `quantity` of its position has been closed. */
static bool would_owe(struct sqz_clearing *clearing, const struct sqz_candidate *candidate,
                      double quantity, const struct sqz_close_out *close)
{
    size_t count = sqz_clearing_legs(clearing, candidate->account);
    const struct sqz_position *position =
        &clearing->venue->accounts_table->position[candidate->position];
    double gain = sqz_clearing_gain(position, quantity, close->now_usd, close->price_usd);
    return sqz_clearing_equity(clearing, count, close->now_usd) + gain < 0.0;
}

double sqz_clearing_deleverage(struct sqz_clearing *clearing, const struct sqz_close_out *close)
{
    enum sqz_side side = clearing->venue->accounts_table->position[close->position].side;
    double rest = close->quantity;
    if (clearing->queue_s != close->time_s || clearing->queue_side != side)
        build_queue(clearing, side, close);
    for (size_t i = clearing->queue_next; rest > 0.0 && i < clearing->queued; i++) {
        const struct sqz_candidate *candidate = &clearing->queue[i];
        uint32_t account = candidate->account;
        double left = sqz_clearing_left(clearing, account, candidate->position);
        double part = sqz_least(left, rest);
        if (left == 0.0 && i == clearing->queue_next) /* nothing will be there at this moment */
            clearing->queue_next++;
        if (left == 0.0 || !sqz_clearing_open(clearing, account) ||
            would_owe(clearing, candidate, part, close))
            continue;
        reduce(clearing, candidate, part, close->price_usd, close->now_usd);
        rest -= part;
        if (rest <= SQZ_REST_OF_ROUNDING * close->quantity)
            rest = 0.0;
    }
    if (rest < close->quantity && isnan(clearing->first_deleverage_s))
        clearing->first_deleverage_s = close->time_s;
    return close->quantity - rest;
}
