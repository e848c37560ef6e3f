/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One step of the walk: all worlds move on together, as far as nothing is due.
 *
 * A step takes the widest interval that touches no barrier of any world, draws when the common
 * motion leaves it, and moves all worlds there (models/README.md). What it does at every step is
 * inline here; what it rarely needs is in walk.c. */
#ifndef SQZ_CORE_WALK_H
#define SQZ_CORE_WALK_H

#include <math.h>

#include <gsl/gsl_randist.h>

#include "sim/core/outputs.h"
#include "sim/core/path.h"

/* What is to be seen of the worlds that run and have settled. */
struct sqz_sight {
    double nearest; /* barrier of any world, in units of the Brownian motion */
    bool restless;  /* the price of some world moves by itself */
};

/* Where the walk of a path stands. */
struct sqz_walk {
    struct sqz_path *path;
    struct sqz_outputs *outputs;
    struct sqz_sight sight;
    bool noisy; /* some world has volatility */
};

/* A stretch of time over which no barrier comes nearer than half its present distance, and the
 * half-width of the interval, in units of the Brownian motion, that is free of barriers meanwhile.
 */
struct sqz_stretch {
    double duration, half_width;
};

/* Look at all worlds, after anything but a step. */
void sqz_walk_look_around(struct sqz_walk *walk);

/* The stretch where the whole of `wait_s` is too long. */
struct sqz_stretch sqz_walk_part(const struct sqz_walk *walk, double wait_s);

/* Whether nothing but the noise moves prices before the horizon, as long as the book is at rest:
 * there is one world, with noise, nobody watches, and nothing is ever scheduled. */
bool sqz_walk_is_alone(const struct sqz_path *path);

/* Such a world steps on until it is at the horizon, `until_s`, or something moves:
 * the same steps with less between them. */
void sqz_walk_alone(struct sqz_walk *walk, double until_s);

/* ---- the stretch --------------------------------------------------------------------------- */

static inline void sqz_walk_see(struct sqz_sight *sight, const struct sqz_world_state *state)
{
    sight->nearest = sqz_least(sight->nearest, state->stops.gap * state->market.per_volatility);
    sight->restless |= !state->market.still;
}

/* Take the clearance of all worlds over `duration`. False if some barrier comes too near. */
static inline bool sqz_walk_try(const struct sqz_path *path, double duration, bool forever,
                                struct sqz_stretch *stretch)
{
    double half_width = INFINITY;
    const struct sqz_world *const *world = path->plan.worlds;
    for (const struct sqz_world_state *state = path->state; state < path->end; state++, world++) {
        if (!state->running)
            continue;
        double clear = state->stops.gap;
        if (!state->market.still) {
            clear = sqz_stops_clearance(&state->stops, &(*world)->market, &state->market, duration,
                                        forever);
            if (clear < 0.5 * state->stops.gap)
                return false;
        }
        half_width = sqz_least(half_width, clear * state->market.per_volatility);
    }
    *stretch = (struct sqz_stretch){duration, half_width};
    return true;
}

static inline struct sqz_stretch sqz_walk_choose(const struct sqz_walk *walk, double wait_s)
{
    struct sqz_stretch stretch = {wait_s, walk->sight.nearest};
    if (!walk->sight.restless)
        return stretch;
    /* Or nothing to come to: moves without noise. */
    bool noiseless = walk->sight.nearest == INFINITY;
    if (noiseless || !sqz_walk_try(walk->path, wait_s, true, &stretch))
        return sqz_walk_part(walk, wait_s);
    return stretch;
}

/* ---- the step ------------------------------------------------------------------------------ */

/* Draw how the common noise moves over the stretch. */
static inline __attribute__((always_inline)) struct sqz_step
sqz_walk_draw(struct sqz_path *path, const struct sqz_stretch *stretch)
{
    double a = stretch->half_width, unit_s = a * a; /* of the exit from the unit interval */
    struct sqz_step step = {.half_width = a, .duration = stretch->duration};
    if (stretch->duration < SQZ_EXIT_NEVER_BEFORE * unit_s) { /* also where there is no barrier */
        gsl_rng rng = sqz_stream_gsl(&path->walk);
        step.end = sqrt(stretch->duration) * gsl_ran_gaussian_ziggurat(&rng, 1.0);
        return step;
    }
    struct sqz_exit exit = sqz_exit_time_draw(path->plan.exit_table, &path->walk);
    double exit_s = exit.time * unit_s;
    if (exit_s < stretch->duration) {
        step.duration = exit_s;
        step.end = exit.side * a;
        step.exited = true;
    } else {
        step.end = a * sqz_exit_time_survivor(&path->walk, stretch->duration / unit_s);
    }
    return step;
}

/* A world takes a step, number `index` of those that are kept. */
static inline __attribute__((always_inline)) void
sqz_walk_move(struct sqz_path *path, const struct sqz_world *world, struct sqz_world_state *state,
              const struct sqz_step *step, struct sqz_extremes_world *kept, size_t index)
{
    struct sqz_departure *departure = &kept->departure[index];
    double from = sqz_market_price_log(&state->market);
    double reach = state->market.volatility * step->half_width;
    sqz_extremes_depart(departure, state, from);
    sqz_market_advance(&world->market, &state->market, step->duration, step->end);
    double to = sqz_market_price_log(&state->market);
    reach += sqz_extremes_arrive(departure, state, to);
    if (!sqz_stops_undisturbed(&state->stops, &world->market, &state->market, to))
        sqz_path_cascade(path, state);
    /* The reach is NAN where there is neither noise nor a barrier. */
    if (!(state->stops.record_log[SQZ_UP] - from >= reach))
        sqz_extremes_enter(&kept->side[SQZ_UP], index);
    if (!(state->stops.record_log[SQZ_DOWN] + from >= reach))
        sqz_extremes_enter(&kept->side[SQZ_DOWN], index);
}

/* One step towards the next scheduled event at `until_s`. */
static inline void sqz_walk_step(struct sqz_walk *walk, double until_s)
{
    struct sqz_path *path = walk->path;
    double wait_s = until_s - path->now_s;
    struct sqz_stretch stretch = sqz_walk_choose(walk, wait_s);
    size_t index = sqz_extremes_next(&path->extremes);
    const struct sqz_step step = walk->noisy ? sqz_walk_draw(path, &stretch)
                                             : (struct sqz_step){.half_width = stretch.half_width,
                                                                 .duration = stretch.duration};
    sqz_extremes_keep(&path->extremes, index, &step);
    bool arrived = !step.exited && stretch.duration == wait_s;
    double end_s = arrived ? until_s : path->now_s + step.duration;
    if (path->observer != NULL)
        sqz_outputs_report_within(walk->outputs, path, &path->extremes.step[index], end_s);
    path->now_s = end_s;
    struct sqz_sight sight = {INFINITY, false};
    struct sqz_extremes_world *kept = path->extremes.kept;
    const struct sqz_world *const *world = path->plan.worlds;
    for (struct sqz_world_state *state = path->state; state < path->end; state++, world++, kept++)
        if (state->running) {
            sqz_walk_move(path, *world, state, &step, kept, index);
            sqz_walk_see(&sight, state);
        }
    walk->sight = sight;
}

#endif
