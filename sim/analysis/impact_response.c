/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/analysis/impact_response.h"

#include <float.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_errno.h>

#include "sim/core/solver.h"

/* ---- pushes that reach a price ----------------------------------------------------------------
 */

/* Which price is to reach what, after how many levels. */
struct climb {
    const struct sqz_static_world *rest;
    double (*price)(const struct sqz_static_world *rest, const struct sqz_run *run);
    struct sqz_run run;
    double goal_log;
};

static double beyond_goal(double push_usd, void *context)
{
    struct climb *climb = context;
    climb->run.push_usd = push_usd;
    return climb->price(climb->rest, &climb->run) - climb->goal_log;
}

/* A root is narrowed down to this, relative; what uses it verifies and, if need be, widens it. */
static const double ROOT_TOLERANCE = 1e-13;
enum { ROOT_ITERATIONS = 200 };

/* The push between `lo`, which does not reach the goal, and `hi`, which does: from its upper side.
 */
static double narrow(gsl_root_fsolver *solver, struct climb *climb, double lo, double hi)
{
    gsl_function function = {beyond_goal, climb};
    gsl_root_fsolver_set(solver, &function, lo, hi);
    for (int i = 0; i < ROOT_ITERATIONS; i++) {
        if (gsl_root_test_interval(lo, hi, 0.0, ROOT_TOLERANCE) == GSL_SUCCESS)
            break;
        if (gsl_root_fsolver_iterate(solver) != GSL_SUCCESS)
            break;
        lo = gsl_root_fsolver_x_lower(solver);
        hi = gsl_root_fsolver_x_upper(solver);
    }
    return hi;
}

/* The smallest push of `from` or more that reaches the goal of the climb; INFINITY if none does. */
static double climb_to_goal(gsl_root_fsolver *solver, struct climb *climb, double from)
{
    double depth_usd = climb->rest->world.market.book->depth_usd[climb->run.side];
    double way_log = -beyond_goal(from, climb), lo = from, hi;
    if (way_log <= 0)
        return from;
    for (double step = way_log * depth_usd / SQZ_DEPTH_DISTANCE_LOG;; step *= 2) {
        hi = from + step;
        if (hi > DBL_MAX / 4)
            return INFINITY;
        if (beyond_goal(hi, climb) >= 0)
            return hi > lo ? narrow(solver, climb, lo, hi) : hi;
        lo = hi;
    }
}

/* ---- construction -----------------------------------------------------------------------------
 */

/* Outward over the levels: one that the push does not reach yet raises it, and is a step. */
static void build_steps(struct sqz_impact_response *stairs, gsl_root_fsolver *solver)
{
    const double *distance = stairs->rest->world.ladder->side[stairs->side].distance_log;
    double push_usd = 0.0;
    for (size_t i = 0; i < stairs->levels; i++) {
        struct climb climb = {stairs->rest,
                              sqz_static_world_watched,
                              {.side = stairs->side, .end = i},
                              distance[i] - SQZ_TOUCH_LOG};
        double needed = climb_to_goal(solver, &climb, push_usd);
        if (needed == INFINITY)
            stairs->levels = i; /* the others are never reached */
        else if (needed > push_usd)
            stairs->step[stairs->steps++] = (struct sqz_stair){needed, i};
        push_usd = needed;
    }
    stairs->step[stairs->steps] = (struct sqz_stair){INFINITY, stairs->levels};
}

int sqz_impact_response_init(struct sqz_impact_response *stairs,
                             const struct sqz_static_world *rest, enum sqz_side side,
                             struct sqz_diag *diag)
{
    size_t count = rest->world.ladder->side[side].count;
    struct sqz_root_solver own;
    gsl_root_fsolver *solver = sqz_root_solver(&own);
    *stairs = (struct sqz_impact_response){.rest = rest, .side = side, .levels = count};
    stairs->step = malloc((count + 1) * sizeof *stairs->step);
    if (stairs->step != NULL) {
        build_steps(stairs, solver);
        return SQZ_OK;
    }
    return sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for a map of %zu levels", count);
}

void sqz_impact_response_free(struct sqz_impact_response *stairs)
{
    free(stairs->step);
    memset(stairs, 0, sizeof *stairs);
}

/* ---- questions --------------------------------------------------------------------------------
 */

double sqz_impact_response_price(const struct sqz_impact_response *stairs, double push_usd,
                                 size_t fired)
{
    return sqz_static_world_price(stairs->rest,
                                  &(struct sqz_run){stairs->side, push_usd, 0, fired});
}

size_t sqz_impact_response_fired(const struct sqz_impact_response *stairs, double push_usd)
{
    size_t lo = 0, hi = stairs->steps; /* the first step above the push */
    while (lo < hi) {
        size_t middle = lo + (hi - lo) / 2;
        if (stairs->step[middle].push_usd <= push_usd)
            lo = middle + 1;
        else
            hi = middle;
    }
    return stairs->step[lo].first;
}

double sqz_impact_response_push(const struct sqz_impact_response *stairs, double goal_log)
{
    struct sqz_root_solver own;
    gsl_root_fsolver *solver = sqz_root_solver(&own);
    double from = 0.0, found = INFINITY;
    /* Between two steps the number of levels fired is fixed: does the goal lie there? */
    for (size_t i = 0; i <= stairs->steps && found == INFINITY; i++) {
        const struct sqz_stair *next = &stairs->step[i];
        struct climb climb = {stairs->rest,
                              sqz_static_world_price,
                              {.side = stairs->side, .end = next->first},
                              goal_log - SQZ_TOUCH_LOG};
        if (next->push_usd == INFINITY || beyond_goal(next->push_usd, &climb) >= 0)
            found = climb_to_goal(solver, &climb, from);
        from = next->push_usd;
    }
    return found;
}

double sqz_impact_response_shock(const struct sqz_impact_response *stairs, double goal_log)
{
    const double *distance = stairs->rest->world.ladder->side[stairs->side].distance_log;
    double needed = 0.0, best = INFINITY; /* to have fired that many; to be at the goal then */
    for (size_t i = 0; needed < best; i++) {
        double here = goal_log - SQZ_TOUCH_LOG - sqz_impact_response_price(stairs, 0.0, i);
        best = fmin(best, fmax(needed, here));
        if (i == stairs->levels)
            break;
        struct sqz_run run = {.side = stairs->side, .end = i};
        needed = fmax(needed,
                      distance[i] - SQZ_TOUCH_LOG - sqz_static_world_watched(stairs->rest, &run));
    }
    return best;
}
