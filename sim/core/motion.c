/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How a world moves between its events, noise aside: how near it may come to a barrier over a
 * stretch of time, when drift alone takes it there, and where the mark and the book then are. */
#include <math.h>

#include "sim/core/world.h"

double sqz_world_apart_gap(const struct sqz_world *world, const struct sqz_world_state *state)
{
    double trigger = sqz_world_trigger_log(world, state);
    return sqz_least(state->level_next[SQZ_UP] - trigger, state->level_next[SQZ_DOWN] + trigger);
}

/* Bounds of S + P without noise, and of D, over a stretch. */
struct bounds {
    double base[2], displacement[2]; /* indexed by enum sqz_side: upper and lower */
};

static inline struct bounds bounds_over(const struct sqz_world *world,
                                        const struct sqz_world_state *state, double stretch_s,
                                        bool forever)
{
    struct bounds bounds;
    double base = state->exogenous_log + state->book.permanent_log;
    double shift = state->drift * stretch_s;
    sqz_book_bounds(world->book, &state->book, forever ? INFINITY : stretch_s,
                    &bounds.displacement[SQZ_DOWN], &bounds.displacement[SQZ_UP]);
    bounds.base[SQZ_UP] = base + (shift > 0 ? shift : 0.0);
    bounds.base[SQZ_DOWN] = base + (shift < 0 ? shift : 0.0);
    return bounds;
}

static inline double clearance(const struct sqz_world_state *state, const struct bounds *bounds)
{
    double top = bounds->base[SQZ_UP] + bounds->displacement[SQZ_UP];
    double bottom = bounds->base[SQZ_DOWN] + bounds->displacement[SQZ_DOWN];
    return sqz_least(state->barrier[SQZ_UP] - top, state->barrier[SQZ_DOWN] + bottom);
}

/* The same where levels watch S + P + M: M moves towards D by at most `way` of the way to D's
 * bounds. */
static __attribute__((noinline)) double apart_clearance(const struct sqz_world *world,
                                                        const struct sqz_world_state *state,
                                                        double stretch_s, bool forever)
{
    struct bounds bounds = bounds_over(world, state, stretch_s, forever);
    double way = -expm1(-world->mark_rate * stretch_s), mark = state->mark_log;
    double rise = way * fmax(bounds.displacement[SQZ_UP] - mark, 0.0);
    double fall = way * fmin(bounds.displacement[SQZ_DOWN] - mark, 0.0);
    double top = bounds.base[SQZ_UP] + mark + rise;
    double bottom = bounds.base[SQZ_DOWN] + mark + fall;
    return sqz_least(clearance(state, &bounds), sqz_least(state->level_next[SQZ_UP] - top,
                                                          state->level_next[SQZ_DOWN] + bottom));
}

double sqz_world_clearance(const struct sqz_world *world, const struct sqz_world_state *state,
                           double stretch_s, bool forever)
{
    if (world->apart)
        return apart_clearance(world, state, stretch_s, forever);
    struct bounds bounds = bounds_over(world, state, stretch_s, forever);
    return clearance(state, &bounds);
}

double sqz_world_hitting_s(const struct sqz_world *world, const struct sqz_world_state *state)
{
    enum sqz_side ahead = sqz_side_of(state->drift);
    double way = state->barrier[ahead] - sqz_outward(ahead, sqz_world_price_log(state));
    if (state->drift == 0.0)
        return INFINITY;
    if (world->apart)
        way = sqz_least(way, state->level_next[ahead] -
                                 sqz_outward(ahead, sqz_world_trigger_log(world, state)));
    return way / fabs(state->drift);
}

/* M counts as arrived at a D that rests once it is this near: two orders below the distance at
 * which a level counts as touched. */
static const double MARK_ARRIVED_LOG = 1e-12;

/* From the state before the book evolves. */
static void evolve_mark(const struct sqz_world *world, struct sqz_world_state *state,
                        double elapsed_s)
{
    state->mark_log = exp(-world->mark_rate * elapsed_s) * state->mark_log +
                      sqz_book_average(world->book, &state->book, world->mark_rate, elapsed_s);
    if (state->book.recovering ||
        fabs(state->mark_log - state->book.displacement_log) > MARK_ARRIVED_LOG)
        return;
    state->mark_log = state->book.displacement_log;
    state->mark_moving = false;
}

void sqz_world_evolve(const struct sqz_world *world, struct sqz_world_state *state,
                      double elapsed_s)
{
    if (state->mark_moving)
        evolve_mark(world, state, elapsed_s);
    if (!sqz_book_at_rest(&state->book))
        sqz_book_evolve(world->book, &state->book, elapsed_s);
    sqz_world_note_motion(state);
}
