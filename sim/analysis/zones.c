/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/analysis/zones.h"

#include <stdlib.h>

#include "sim/analysis/branching.h"

/* ---- edges ---------------------------------------------------------------------------------- */

struct list {
    struct sqz_zone *zone;
    size_t count, capacity;
};

static int append(struct list *list, const struct sqz_zone *zone)
{
    if (list->count == list->capacity) {
        size_t capacity = list->capacity > 0 ? 2 * list->capacity : 16;
        struct sqz_zone *bigger = realloc(list->zone, capacity * sizeof *bigger);
        if (bigger == NULL)
            return SQZ_ERR_NOMEM;
        list->zone = bigger;
        list->capacity = capacity;
    }
    list->zone[list->count++] = *zone;
    return SQZ_OK;
}

/* The first level of a side beyond a price, and not as good as at it. */
static size_t first_beyond(const struct sqz_static_world *rest, enum sqz_side side,
                           double price_log)
{
    return sqz_static_world_nearer(rest, side, nextafter(price_log + SQZ_TOUCH_LOG, INFINITY));
}

/* The levels of a zone: `first` to `end` - 1. */
static void levels_of(const struct sqz_static_world *rest, const struct sqz_zone *zone,
                      size_t *first, size_t *end)
{
    *first = first_beyond(rest, zone->side, zone->lo_log);
    *end = first_beyond(rest, zone->side, zone->hi_log);
}

static const struct sqz_zone_cascade NOT_BURNT = {
    .from_log = NAN, .reach_log = NAN, .forced_usd = NAN};

/* Whether a stretch belongs to the zone that came before it. A gap as wide as the scale, to within
 * what counts as a touch, parts them. */
static bool adjoins(const struct sqz_zone *zone, double lo_log, double scale_log)
{
    return lo_log - zone->hi_log < scale_log - SQZ_TOUCH_LOG;
}

/* Add a zone with what it closes, unless it is too narrow to be one. */
static int add_zone(const struct sqz_static_world *rest, double scale_log, struct sqz_zone zone,
                    struct list *list)
{
    size_t first, end;
    if (zone.hi_log - zone.lo_log < SQZ_ZONES_NARROWEST * scale_log)
        return SQZ_OK;
    levels_of(rest, &zone, &first, &end);
    zone.notional_usd = rest->closed_usd[zone.side][end] - rest->closed_usd[zone.side][first];
    zone.near_log = zone.lo_log - 0.5 * scale_log;
    zone.edge = zone.worst = NOT_BURNT;
    return append(list, &zone);
}

static int find_on(const struct sqz_static_world *rest, enum sqz_side side, double scale_log,
                   struct list *list)
{
    struct sqz_branching_walk walk;
    struct sqz_branching_piece piece;
    struct sqz_zone zone = {.side = side};
    bool any = false;
    int error = SQZ_OK;
    sqz_branching_begin(&walk, rest, side, scale_log);
    while (error == SQZ_OK && sqz_branching_next(&walk, &piece)) {
        if (piece.ratio < 1.0)
            continue;
        if (any && !adjoins(&zone, piece.lo_log, scale_log))
            error = add_zone(rest, scale_log, zone, list);
        if (!any || !adjoins(&zone, piece.lo_log, scale_log))
            zone.lo_log = piece.lo_log;
        zone.hi_log = piece.hi_log;
        any = true;
    }
    if (error == SQZ_OK && any)
        error = add_zone(rest, scale_log, zone, list);
    return error;
}

int sqz_zones_find(const struct sqz_static_world *rest, double scale_log, struct sqz_zone **zone,
                   size_t *count, struct sqz_diag *diag)
{
    struct list list = {0};
    *zone = NULL;
    *count = 0;
    for (int side = 0; side < 2; side++)
        if (find_on(rest, side, scale_log, &list) != SQZ_OK) {
            free(list.zone);
            return sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for danger zones");
        }
    *zone = list.zone;
    *count = list.count;
    return SQZ_OK;
}

/* ---- cascades ------------------------------------------------------------------------------- */

static struct sqz_zone_cascade cascade_from(const struct sqz_static_world *rest, enum sqz_side side,
                                            size_t first)
{
    double from_log = rest->world.ladder->side[side].distance_log[first];
    struct sqz_world_state state;
    sqz_static_world_begin(rest, &state, side, first);
    sqz_market_jump(&state.market, sqz_direction(side) * from_log);
    sqz_static_world_settle(rest, &state);
    return (struct sqz_zone_cascade){.from_log = from_log,
                                     .reach_log = sqz_static_world_outward(&state, side),
                                     .forced_usd = state.execution.forced_usd[side],
                                     .levels = state.execution.liquidations[side],
                                     .spreads = state.cascade.frontier[side] >
                                                first_beyond(rest, side, from_log),
                                     .exhausted = state.market.book.exhausted,
                                     .beyond_known = state.market.book.beyond_known};
}

/* Most notional first; among equals the earlier in the list. */
static int compare_notional(const void *first, const void *second)
{
    const struct sqz_zone *a = *(struct sqz_zone *const *)first;
    const struct sqz_zone *b = *(struct sqz_zone *const *)second;
    if (a->notional_usd != b->notional_usd)
        return a->notional_usd > b->notional_usd ? -1 : 1;
    return (a > b) - (a < b);
}

static int cascade_edges(const struct sqz_static_world *rest, struct sqz_zone *zone, size_t count,
                         uint64_t work_levels)
{
    struct sqz_zone **order = malloc((count + 1) * sizeof *order);
    uint64_t work = 0;
    if (order == NULL)
        return SQZ_ERR_NOMEM;
    for (size_t i = 0; i < count; i++)
        order[i] = &zone[i];
    qsort(order, count, sizeof *order, compare_notional);
    for (size_t i = 0; i < count && work < work_levels; i++) {
        size_t first = first_beyond(rest, order[i]->side, order[i]->lo_log);
        order[i]->edge = order[i]->worst = cascade_from(rest, order[i]->side, first);
        order[i]->spreads = order[i]->edge.spreads;
        work += order[i]->edge.levels;
    }
    free(order);
    return SQZ_OK;
}

/* Levels that cascades from every level of the zones can fire at most. */
static double most_work(const struct sqz_static_world *rest, const struct sqz_zone *zone,
                        size_t count)
{
    double work = 0.0;
    for (size_t i = 0; i < count; i++) {
        double levels = (double)rest->world.ladder->side[zone[i].side].count;
        size_t first, end;
        levels_of(rest, &zone[i], &first, &end);
        work += (double)(end - first) * (levels - 0.5 * (double)(first + end));
    }
    return work;
}

static void cascade_worst(const struct sqz_static_world *rest, struct sqz_zone *zone, size_t stride)
{
    size_t first, end;
    levels_of(rest, zone, &first, &end);
    for (size_t i = first + stride; i < end; i += stride) {
        struct sqz_zone_cascade cascade = cascade_from(rest, zone->side, i);
        zone->spreads |= cascade.spreads;
        if (cascade.forced_usd > zone->worst.forced_usd)
            zone->worst = cascade;
    }
}

bool sqz_zones_feed(const struct sqz_static_world *rest, enum sqz_side side, size_t first,
                    size_t end)
{
    for (size_t i = first; i < end; i++)
        if (cascade_from(rest, side, i).spreads)
            return true;
    return false;
}

/* Levels nearer than the zone that its windows count may set off those in it. */
static void look_before(const struct sqz_static_world *rest, struct sqz_zone *zone)
{
    size_t end = first_beyond(rest, zone->side, zone->lo_log);
    size_t first = sqz_static_world_nearer(rest, zone->side, zone->near_log - SQZ_TOUCH_LOG);
    zone->spreads = zone->spreads || sqz_zones_feed(rest, zone->side, first, end);
}

int sqz_zones_cascade(const struct sqz_static_world *rest, struct sqz_zone *zone, size_t count,
                      uint64_t work_levels, size_t *stride, struct sqz_diag *diag)
{
    *stride = (size_t)fmax(1.0, ceil(most_work(rest, zone, count) / (double)work_levels));
    if (cascade_edges(rest, zone, count, work_levels) != SQZ_OK)
        return sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for danger zones");
    for (size_t i = 0; i < count; i++)
        if (!isnan(zone[i].edge.reach_log)) {
            cascade_worst(rest, &zone[i], *stride);
            look_before(rest, &zone[i]);
        }
    return SQZ_OK;
}
