/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/analysis/clusters.h"

#include "sim/analysis/branching.h"

/* Levels first .. end - 1, and what they close. */
struct group {
    size_t first, end;
    double notional_usd;
};

/* The groups taken so far, outward, of the levels of a side. */
struct search {
    const struct sqz_ladder_side *levels;
    const double *closed_usd;
    double scale_log;
    size_t nearest; /* first level that the start price has not reached */
    struct group taken[SQZ_CLUSTERS_LARGEST + 1];
    size_t n_taken;
};

/* The levels that are not taken lie in n_taken + 1 runs. */
static size_t run_first(const struct search *search, size_t run)
{
    return run > 0 ? search->taken[run - 1].end : search->nearest;
}

static size_t run_end(const struct search *search, size_t run)
{
    return run < search->n_taken ? search->taken[run].first : search->levels->count;
}

/* The widest group that begins with level `first`, inside a run; `end` is where the group of the
 * level before ended. */
static struct group group_from(const struct search *search, size_t first, size_t end,
                               size_t end_of_run)
{
    const double *distance = search->levels->distance_log;
    if (end < first)
        end = first;
    double far_log = search->scale_log - SQZ_TOUCH_LOG;
    while (end < end_of_run && distance[end] - distance[first] < far_log)
        end++;
    return (struct group){first, end, search->closed_usd[end] - search->closed_usd[first]};
}

/* The largest group of all runs; nothing at all: an empty one. */
static struct group largest(const struct search *search)
{
    struct group best = {0};
    for (size_t run = 0; run <= search->n_taken; run++) {
        size_t end_of_run = run_end(search, run), end = 0;
        for (size_t first = run_first(search, run); first < end_of_run; first++) {
            struct group group = group_from(search, first, end, end_of_run);
            end = group.end;
            if (group.notional_usd > best.notional_usd)
                best = group;
        }
    }
    return best;
}

/* The nearest group that is not taken with at least `least_usd`; an empty one if a taken one is
 * nearer. */
static struct group nearest(const struct search *search, double least_usd)
{
    for (size_t run = 0; run <= search->n_taken; run++) {
        size_t end_of_run = run_end(search, run), end = 0;
        for (size_t first = run_first(search, run); first < end_of_run; first++) {
            struct group group = group_from(search, first, end, end_of_run);
            end = group.end;
            if (group.notional_usd >= least_usd)
                return group;
        }
        if (run < search->n_taken && search->taken[run].notional_usd >= least_usd)
            break;
    }
    return (struct group){0};
}

/* Insert a group in its place; an empty one is nothing. */
static void take(struct search *search, struct group group)
{
    size_t place = search->n_taken;
    if (group.notional_usd <= 0)
        return;
    for (; place > 0 && search->taken[place - 1].first > group.first; place--)
        search->taken[place] = search->taken[place - 1];
    search->taken[place] = group;
    search->n_taken++;
}

/* Outward log distance of the mean price by notional. */
static double mean_price_log(const struct search *search, enum sqz_side side,
                             const struct group *group)
{
    double sum = 0.0, weight = 0.0, direction = sqz_direction(side);
    for (size_t i = group->first; i < group->end; i++) {
        sum += search->levels->notional_usd[i] * exp(direction * search->levels->distance_log[i]);
        weight += search->levels->notional_usd[i];
    }
    return direction * log(sum / weight);
}

size_t sqz_clusters_find(const struct sqz_static_world *rest, enum sqz_side side, double scale_log,
                         struct sqz_cluster *cluster)
{
    struct search search = {.levels = &rest->world.ladder->side[side],
                            .closed_usd = rest->closed_usd[side],
                            .scale_log = scale_log,
                            .nearest = sqz_branching_first(rest, side)};
    struct group first = largest(&search);
    take(&search, first);
    for (int i = 1; i < SQZ_CLUSTERS_LARGEST; i++)
        take(&search, largest(&search));
    if (search.n_taken > 0)
        take(&search, nearest(&search, SQZ_CLUSTERS_NEAR_SHARE * first.notional_usd));
    for (size_t i = 0; i < search.n_taken; i++) {
        const struct group *group = &search.taken[i];
        cluster[i] = (struct sqz_cluster){
            .side = side,
            .lo_log = search.levels->distance_log[group->first],
            .hi_log = search.levels->distance_log[group->end - 1],
            .price_log = mean_price_log(&search, side, group),
            .notional_usd = group->notional_usd,
            .levels = group->end - group->first,
        };
    }
    return search.n_taken;
}
