/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/core/deleverage.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

int sqz_deleverage_init(struct sqz_deleverage *deleverage, size_t positions)
{
    memset(deleverage, 0, sizeof *deleverage);
    deleverage->queue.candidate = malloc((positions + 1) * sizeof *deleverage->queue.candidate);
    return deleverage->queue.candidate != NULL ? SQZ_OK : SQZ_ERR_NOMEM;
}

void sqz_deleverage_free(struct sqz_deleverage *deleverage)
{
    free(deleverage->queue.candidate);
    memset(deleverage, 0, sizeof *deleverage);
}

void sqz_deleverage_reset(struct sqz_deleverage *deleverage)
{
    *deleverage =
        (struct sqz_deleverage){.queue = {deleverage->queue.candidate, .time_s = -INFINITY},
                                .mark_s = -INFINITY,
                                .first_s = NAN};
}

void sqz_deleverage_note_mark(struct sqz_deleverage *deleverage, double mark_log, double time_s)
{
    if (deleverage->mark_s == time_s)
        return;
    deleverage->mark_log = mark_log;
    deleverage->mark_s = time_s;
}

/* ---- the queue ----------------------------------------------------------------------------- */

/* The greatest rank first; accounts that rank alike by number. */
static int compare_candidates(const void *first, const void *second)
{
    const struct sqz_candidate *a = first, *b = second;
    if (a->rank != b->rank)
        return a->rank > b->rank ? -1 : 1;
    return (a->position > b->position) - (a->position < b->position);
}

/* The rank of a position of an account at the mark. */
static double rank_of(const struct sqz_venue_model *model, const struct sqz_legs *legs, size_t leg,
                      double mark_usd)
{
    double equity = sqz_legs_equity(legs, mark_usd);
    const struct sqz_liquidation_request account = {
        .position = &legs->position[leg],
        .price_usd = mark_usd,
        .equity = equity,
        .maintenance = equity - sqz_margin_excess(legs->position, legs->count, mark_usd)};
    return model->rank(&account);
}

/* The places of those positions of an account that gain where `side` loses. */
static void enqueue(struct sqz_deleverage_queue *queue, struct sqz_clearing *clearing,
                    uint32_t account, double mark_usd)
{
    const struct sqz_legs legs = sqz_clearing_legs(clearing, account);
    for (size_t leg = 0; leg < legs.count; leg++)
        if (legs.position[leg].side != queue->side)
            queue->candidate[queue->count++] = (struct sqz_candidate){
                rank_of(clearing->venue->model, &legs, leg, mark_usd), account, legs.index[leg]};
}

static void build_queue(struct sqz_deleverage_queue *queue, struct sqz_clearing *clearing,
                        const struct sqz_close_out *close)
{
    const struct sqz_account_table *account_table = clearing->venue->account_table;
    queue->count = queue->next = 0;
    queue->time_s = close->time_s;
    queue->side = account_table->position[close->position].side;
    for (uint32_t a = 0; a < account_table->accounts; a++) {
        double staying = close->staying[sqz_clearing_side(clearing, a)];
        if (sqz_clearing_open(clearing, a) && !sqz_clearing_is_out(clearing, a, staying))
            enqueue(queue, clearing, a, close->mark_usd);
    }
    if (queue->count > 0)
        qsort(queue->candidate, queue->count, sizeof *queue->candidate, compare_candidates);
}

/* ---- closing against it -------------------------------------------------------------------- */

/* Whether a candidate would owe once `quantity` of its position has been closed. */
static bool would_owe(struct sqz_clearing *clearing, const struct sqz_candidate *candidate,
                      double quantity, const struct sqz_close_out *close)
{
    const struct sqz_legs legs = sqz_clearing_legs(clearing, candidate->account);
    const struct sqz_position *position =
        &clearing->venue->account_table->position[candidate->position];
    double gain = sqz_margin_gain(position, quantity, close->now_usd, close->price_usd);
    return sqz_legs_equity(&legs, close->now_usd) + gain < 0.0;
}

/* Close a part of a candidate's position. */
static void reduce(struct sqz_deleverage *deleverage, struct sqz_clearing *clearing,
                   const struct sqz_candidate *candidate, double quantity,
                   const struct sqz_close_out *close)
{
    const struct sqz_position *position =
        &clearing->venue->account_table->position[candidate->position];
    sqz_clearing_deleverage(clearing, candidate->account, candidate->position, quantity,
                            close->price_usd, close->now_usd);
    deleverage->count++;
    deleverage->usd += sqz_margin_notional_usd(position, quantity, close->price_usd);
}

/* As much of `rest` as can be, against one candidate. Returns how much. */
static double close_against(struct sqz_deleverage *deleverage, struct sqz_clearing *clearing,
                            size_t place, double rest, const struct sqz_close_out *close)
{
    const struct sqz_candidate *candidate = &deleverage->queue.candidate[place];
    double left = sqz_clearing_left(clearing, candidate->account, candidate->position);
    double part = sqz_least(left, rest);
    if (left == 0.0 && place == deleverage->queue.next) /* nothing will be there at this time */
        deleverage->queue.next++;
    if (left == 0.0 || !sqz_clearing_open(clearing, candidate->account) ||
        would_owe(clearing, candidate, part, close))
        return 0.0;
    reduce(deleverage, clearing, candidate, part, close);
    return part;
}

double sqz_deleverage_close(struct sqz_deleverage *deleverage, struct sqz_clearing *clearing,
                            const struct sqz_close_out *close)
{
    struct sqz_deleverage_queue *queue = &deleverage->queue;
    enum sqz_position_side side = clearing->venue->account_table->position[close->position].side;
    double rest = close->quantity;
    if (queue->time_s != close->time_s || queue->side != side)
        build_queue(queue, clearing, close);
    for (size_t i = queue->next; rest > 0.0 && i < queue->count; i++) {
        rest -= close_against(deleverage, clearing, i, rest, close);
        if (rest <= SQZ_REST_OF_ROUNDING * close->quantity)
            rest = 0.0;
    }
    if (rest < close->quantity && isnan(deleverage->first_s))
        deleverage->first_s = close->time_s;
    return close->quantity - rest;
}
