/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/analysis/branching.h"

#include <stdlib.h>
#include <string.h>

size_t sqz_branching_first(const struct sqz_static_world *rest, enum sqz_side side)
{
    return sqz_static_world_nearer(rest, side, nextafter(SQZ_TOUCH_LOG, INFINITY));
}

void sqz_branching_begin(struct sqz_branching_walk *walk, const struct sqz_static_world *rest,
                         enum sqz_side side, double scale_log)
{
    const struct sqz_ladder_side *levels = &rest->world.ladder->side[side];
    *walk = (struct sqz_branching_walk){
        .distance_log = levels->distance_log,
        .closed_usd = rest->closed_usd[side],
        .count = levels->count,
        .near = sqz_branching_first(rest, side),
        .scale_log = scale_log,
        .order_usd = sqz_static_world_order(rest, side, scale_log),
        .enough_usd = sqz_static_world_order(rest, side, scale_log - SQZ_TOUCH_LOG)};
    walk->far = walk->near;
    while (walk->far < walk->count && walk->distance_log[walk->far] < scale_log - SQZ_TOUCH_LOG)
        walk->far++;
}

static double ratio(const struct sqz_branching_walk *walk)
{
    double inside_usd = walk->closed_usd[walk->far] - walk->closed_usd[walk->near];
    if (inside_usd >= walk->enough_usd && inside_usd < walk->order_usd)
        return 1.0;
    return inside_usd / walk->order_usd;
}

/* The window's near edge a moves outward from 0: a level leaves once a passes it, and enters once a
 * passes its distance less the scale. The centre is a + scale/2, and at a = 0 everything nearer. */
bool sqz_branching_next(struct sqz_branching_walk *walk, struct sqz_branching_piece *piece)
{
    const double *distance = walk->distance_log;
    if (walk->near == walk->count)
        return false;
    double change = distance[walk->near];
    if (walk->far < walk->count)
        change = sqz_least(change, distance[walk->far] - walk->scale_log);
    *piece = (struct sqz_branching_piece){.lo_log = walk->reached_log,
                                          .hi_log = change + 0.5 * walk->scale_log,
                                          .ratio = ratio(walk)};
    walk->reached_log = piece->hi_log;
    double touched = change + SQZ_TOUCH_LOG;
    while (walk->near < walk->count && distance[walk->near] <= touched)
        walk->near++;
    while (walk->far < walk->count && distance[walk->far] - walk->scale_log <= touched)
        walk->far++;
    return true;
}

/* Maximum, where it is, initial value and end of a side. Returns the number of its stretches. What
 * the running totals round off does not make a later stretch the place of the maximum. */
static size_t survey(struct sqz_branching_walk walk, struct sqz_branching_side *result,
                     double *end_log)
{
    struct sqz_branching_piece piece;
    double here = 0.0, rounding = SQZ_TOUCH_LOG / walk.scale_log;
    size_t count = 0;
    *end_log = 0.0;
    for (; sqz_branching_next(&walk, &piece); count++) {
        if (count == 0)
            result->initial = piece.ratio;
        if (piece.ratio > here * (1 + rounding)) {
            here = piece.ratio;
            result->max_log = 0.5 * (piece.lo_log + piece.hi_log);
        }
        result->max = sqz_greatest(result->max, piece.ratio);
        *end_log = piece.hi_log;
    }
    return count;
}

static void keep_all(struct sqz_branching_walk *walk, struct sqz_branching_side *result)
{
    while (sqz_branching_next(walk, &result->piece[result->count]))
        result->count++;
}

/* The largest ratio in each of equal bins up to `end_log`: no maximum is lost. */
static void keep_largest(struct sqz_branching_walk *walk, struct sqz_branching_side *result,
                         double end_log)
{
    struct sqz_branching_piece piece, *bin = result->piece;
    double width = end_log / SQZ_BRANCHING_PIECES;
    for (size_t b = 0; b < SQZ_BRANCHING_PIECES; b++)
        bin[b] = (struct sqz_branching_piece){(double)b * width, (double)(b + 1) * width, 0.0};
    result->count = SQZ_BRANCHING_PIECES;
    for (size_t first = 0; sqz_branching_next(walk, &piece);) {
        while (first + 1 < SQZ_BRANCHING_PIECES && bin[first].hi_log <= piece.lo_log)
            first++;
        for (size_t b = first; b < SQZ_BRANCHING_PIECES && bin[b].lo_log < piece.hi_log; b++)
            if (piece.ratio > bin[b].ratio)
                bin[b].ratio = piece.ratio;
    }
}

static int make_side(struct sqz_branching_side *result, const struct sqz_static_world *rest,
                     int side, double scale_log)
{
    struct sqz_branching_walk walk;
    double end_log;
    sqz_branching_begin(&walk, rest, side, scale_log);
    *result = (struct sqz_branching_side){.order_usd = walk.order_usd,
                                          .max_log = NAN,
                                          .crossed_usd = rest->closed_usd[side][walk.near]};
    size_t count = survey(walk, result, &end_log);
    result->piece = calloc(SQZ_BRANCHING_PIECES + 1, sizeof *result->piece);
    if (result->piece == NULL)
        return SQZ_ERR_NOMEM;
    if (count <= SQZ_BRANCHING_PIECES)
        keep_all(&walk, result);
    else
        keep_largest(&walk, result, end_log);
    return SQZ_OK;
}

int sqz_branching_make(struct sqz_branching *branching, const struct sqz_static_world *rest,
                       double scale_log, struct sqz_diag *diag)
{
    memset(branching, 0, sizeof *branching);
    branching->scale_log = scale_log;
    for (int side = 0; side < 2; side++)
        if (make_side(&branching->side[side], rest, side, scale_log) != SQZ_OK) {
            sqz_branching_free(branching);
            return sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for a branching ratio");
        }
    return SQZ_OK;
}
