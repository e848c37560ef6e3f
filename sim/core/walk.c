/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/core/walk.h"

void sqz_walk_look_around(struct sqz_walk *walk)
{
    const struct sqz_path *path = walk->path;
    walk->sight = (struct sqz_sight){INFINITY, false};
    walk->noisy = false;
    for (size_t w = 0; w < path->plan.n_worlds; w++) {
        const struct sqz_world_state *state = &path->state[w];
        if (!state->running)
            continue;
        sqz_walk_see(&walk->sight, state);
        walk->noisy |= state->market.volatility > 0;
    }
}

/* ---- without noise ------------------------------------------------------------------------- */

/* Time to the first barrier where drift alone moves the prices of all worlds; NAN where something
 * else moves one. */
static double hitting_s(const struct sqz_path *path)
{
    double first = INFINITY;
    for (size_t w = 0; w < path->plan.n_worlds; w++) {
        const struct sqz_world_state *state = &path->state[w];
        const struct sqz_market_state *now = &state->market;
        if (!state->running)
            continue;
        if (now->volatility > 0 || now->book.recovering || now->mark_moving)
            return NAN;
        first = sqz_least(first,
                          sqz_stops_hitting_s(&state->stops, &path->plan.worlds[w]->market, now));
    }
    return first;
}

/* The least clearance of all worlds over a stretch without noise. */
static double least_clearance(const struct sqz_path *path, double duration)
{
    double least = INFINITY;
    for (size_t w = 0; w < path->plan.n_worlds; w++) {
        const struct sqz_world_state *state = &path->state[w];
        if (state->running)
            least =
                sqz_least(least, sqz_stops_clearance(&state->stops, &path->plan.worlds[w]->market,
                                                     &state->market, duration, false));
    }
    return least;
}

/* Without noise a stretch may end at a barrier, not only half-way to it: the longest with nothing
 * crossed, by regula falsi, to this share of the distance. */
static const double STEP_SHARE = 1e-4;
enum { STEP_TRIALS = 12 };

static double deterministic_step_s(const struct sqz_path *path, double wait_s)
{
    double low = 0.0, low_clear = least_clearance(path, 0.0), gap = low_clear;
    double high = wait_s, high_clear = least_clearance(path, wait_s);
    if (high_clear >= 0.0)
        return wait_s;
    for (int i = 0; i < STEP_TRIALS && low_clear > STEP_SHARE * gap; i++) {
        double middle = low + (high - low) * low_clear / (low_clear - high_clear);
        double clear = least_clearance(path, middle);
        if (clear >= 0.0) {
            low = middle;
            low_clear = clear;
            high_clear *= 0.5; /* Illinois: so that neither end stays for ever */
        } else {
            high = middle;
            high_clear = clear;
        }
    }
    return low;
}

/* ---- the stretch --------------------------------------------------------------------------- */

/* Exit from a half-width a takes about a^2; twice that covers nine exits in ten. */
static const double DIFFUSION_TIMES = 2.0;

static const double SHRINK = 0.25;

struct sqz_stretch sqz_walk_part(const struct sqz_walk *walk, double wait_s)
{
    struct sqz_stretch stretch;
    double near = walk->sight.nearest;
    double drift_s = near == INFINITY ? hitting_s(walk->path) : NAN;
    if (!isnan(drift_s))
        return (struct sqz_stretch){sqz_least(wait_s, drift_s), INFINITY};
    double step_s = near == INFINITY ? deterministic_step_s(walk->path, wait_s) : 0.0;
    if (step_s > 0.0)
        return (struct sqz_stretch){step_s, INFINITY};
    double duration = sqz_least(wait_s, DIFFUSION_TIMES * near * near);
    while (!sqz_walk_try(walk->path, duration, false, &stretch))
        duration *= SHRINK;
    return stretch;
}

/* ---- a world alone ------------------------------------------------------------------------- */

bool sqz_walk_is_alone(const struct sqz_path *path)
{
    return path->plan.n_worlds == 1 && path->state->cascade.plain && path->observer == NULL &&
           path->state->market.volatility > 0.0;
}

/* Barriers are noted when something is entered: soon enough where nothing else looks. */
static inline void enter(struct sqz_extremes *extremes, enum sqz_side side, size_t index)
{
    struct sqz_extremes_side *of = &extremes->kept->side[side];
    sqz_extremes_note_barrier(of, &extremes->state->stops, side);
    sqz_extremes_enter(of, index);
}

/* Keep a step for its extremes where it came further than the world's records by now. */
static inline void keep(struct sqz_path *path, size_t index, const struct sqz_step *step,
                        double from, double to)
{
    struct sqz_extremes *extremes = &path->extremes;
    const struct sqz_world_state *state = path->state;
    double volatility = state->market.volatility, reach = volatility * step->half_width;
    bool up = !(state->stops.record_log[SQZ_UP] - from >= reach);
    bool down = !(state->stops.record_log[SQZ_DOWN] + from >= reach);
    if (!up && !down)
        return;
    struct sqz_departure *departure = &extremes->kept->departure[index];
    sqz_extremes_keep(extremes, index, step);
    departure->still = true;
    departure->price_log[0] = from;
    departure->price_log[1] = to;
    departure->volatility = volatility;
    if (up)
        enter(extremes, SQZ_UP, index);
    if (down)
        enter(extremes, SQZ_DOWN, index);
}

void sqz_walk_alone(struct sqz_walk *walk, double until_s)
{
    struct sqz_path *path = walk->path;
    const struct sqz_market *market = &path->plan.worlds[0]->market;
    struct sqz_world_state *state = path->state;
    double now_s = path->now_s, price = sqz_market_price_log(&state->market);
    for (;;) {
        const struct sqz_stretch stretch = {until_s - now_s,
                                            state->stops.gap * state->market.per_volatility};
        size_t index = sqz_extremes_next(&path->extremes);
        const struct sqz_step step = sqz_walk_draw(path, &stretch);
        double from = price;
        now_s = step.exited ? now_s + step.duration : until_s;
        sqz_market_advance(market, &state->market, step.duration, step.end);
        double to = price = sqz_market_price_log(&state->market);
        if (!sqz_stops_undisturbed(&state->stops, market, &state->market, to)) {
            path->now_s = now_s;
            sqz_cascade_run(path->plan.worlds[0], state, sqz_path_context(path, 0));
            price = sqz_market_price_log(&state->market);
        }
        keep(path, index, &step, from, to);
        if (!state->market.still || now_s >= until_s || path->events == path->look_up_at)
            break;
        path->events++;
    }
    path->now_s = now_s;
    sqz_extremes_note_barriers(&path->extremes, 0);
    sqz_walk_look_around(walk);
}
