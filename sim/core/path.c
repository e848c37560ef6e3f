/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/core/path.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- workspace ----------------------------------------------------------------------------- */

static size_t accounts_of(const struct sqz_world *world)
{
    return world->venue != NULL ? world->venue->account_table->accounts : 0;
}

static int init_attributions(struct sqz_path *path)
{
    const struct sqz_engine_plan *plan = &path->plan;
    int error = SQZ_OK;
    for (size_t w = 0; error == SQZ_OK && w < plan->n_worlds; w++)
        if (plan->worlds[w]->traced)
            error = sqz_attribution_init(&path->attribution[w], plan->worlds[w]->ladder,
                                         accounts_of(plan->worlds[w]));
    return error;
}

static int init_venues(struct sqz_path *path)
{
    const struct sqz_engine_plan *plan = &path->plan;
    int error = SQZ_OK;
    for (size_t w = 0; error == SQZ_OK && w < plan->n_worlds; w++)
        if (plan->worlds[w]->venue != NULL)
            error = sqz_venue_state_init(&path->venue[w], plan->worlds[w]->venue,
                                         sqz_execution_delays(&plan->worlds[w]->execution));
    return error;
}

static int init_worlds(struct sqz_path *path)
{
    size_t n = path->plan.n_worlds;
    path->state = calloc(n, sizeof *path->state);
    path->outcome = calloc(n, sizeof *path->outcome);
    path->context = calloc(n, sizeof *path->context);
    path->delays = calloc(n, sizeof *path->delays);
    path->attribution = calloc(n, sizeof *path->attribution);
    path->venue = calloc(n, sizeof *path->venue);
    if (path->state == NULL || path->outcome == NULL || path->context == NULL ||
        path->delays == NULL || path->attribution == NULL || path->venue == NULL)
        return SQZ_ERR_NOMEM;
    path->end = path->state + n;
    int error = init_attributions(path);
    return error == SQZ_OK ? init_venues(path) : error;
}

int sqz_path_init(struct sqz_path *path, const struct sqz_engine_plan *plan, struct sqz_diag *diag)
{
    memset(path, 0, sizeof *path);
    path->plan = *plan;
    size_t pending = plan->n_worlds; /* the horizons */
    for (size_t w = 0; w < plan->n_worlds; w++)
        pending += sqz_cascade_pending_max(plan->worlds[w]);
    path->extremes.stops_only = plan->stops_only;
    if (init_worlds(path) == SQZ_OK &&
        sqz_driving_init(&path->driving, plan->worlds, plan->n_worlds) == SQZ_OK &&
        sqz_extremes_init(&path->extremes, plan->worlds, path->state, plan->n_worlds) == SQZ_OK &&
        sqz_event_queue_init(&path->queue, pending, diag) == SQZ_OK)
        return SQZ_OK;
    sqz_path_free(path);
    return sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for the state of a path");
}

void sqz_path_free(struct sqz_path *path)
{
    for (size_t w = 0; path->attribution != NULL && w < path->plan.n_worlds; w++)
        sqz_attribution_free(&path->attribution[w]);
    for (size_t w = 0; path->venue != NULL && w < path->plan.n_worlds; w++)
        sqz_venue_state_free(&path->venue[w]);
    free(path->attribution);
    free(path->venue);
    free(path->state);
    free(path->outcome);
    free(path->context);
    free(path->delays);
    sqz_driving_free(&path->driving);
    sqz_extremes_free(&path->extremes);
    sqz_event_queue_free(&path->queue);
    memset(path, 0, sizeof *path);
}

/* ---- settling ------------------------------------------------------------------------------ */

__attribute__((noinline)) void sqz_path_cascade(struct sqz_path *path,
                                                struct sqz_world_state *state)
{
    size_t w = (size_t)(state - path->state);
    sqz_cascade_run(path->plan.worlds[w], state, sqz_path_context(path, w));
    sqz_extremes_note_barriers(&path->extremes, w);
    if (state->execution.has_executed)
        sqz_driving_hear(&path->driving, (unsigned)w, &state->execution, path->now_s);
}

static struct sqz_driven driven_by(struct sqz_path *path, unsigned w)
{
    return (struct sqz_driven){path->plan.worlds[w], &path->state[w], sqz_path_context(path, w)};
}

/* ---- the beginning ------------------------------------------------------------------------- */

/* Give a world what the path has for it. */
static void attach(struct sqz_path *path, unsigned w, uint64_t seed, uint64_t number)
{
    const struct sqz_world *world = path->plan.worlds[w];
    struct sqz_world_state *state = &path->state[w];
    sqz_execution_attach(&state->execution, &path->queue, &path->delays[w]);
    if (world->execution.random)
        sqz_stream_open(&path->delays[w], seed, number, SQZ_STREAM_LATENCY);
    if (world->venue != NULL) {
        state->venue = &path->venue[w];
        sqz_venue_state_reset(state->venue, seed, number);
    }
    if (world->traced) {
        state->attribution = &path->attribution[w];
        sqz_attribution_reset(state->attribution);
    }
}

static void begin_world(struct sqz_path *path, unsigned w, uint64_t seed, uint64_t number)
{
    const struct sqz_world *world = path->plan.worlds[w];
    struct sqz_world_state *state = &path->state[w];
    path->context[w] = (struct sqz_context){.index = w, .log = path->observer};
    sqz_cascade_reset(world, state);
    attach(path, w, seed, number);
    sqz_event_queue_push(&path->queue, (struct sqz_scheduled){.time_s = world->horizon_s,
                                                              .priority = SQZ_DUE_HORIZON,
                                                              .world = w});
    if (sqz_observer_wants(path->observer, SQZ_EVENT_START))
        sqz_event_report(&path->context[w], sqz_market_price(&state->market),
                         (struct sqz_event){.kind = SQZ_EVENT_START});
}

static void start_drivers(struct sqz_path *path, uint64_t seed, uint64_t number)
{
    for (size_t i = 0; i < path->driving.n_slots; i++) {
        unsigned w = path->driving.slot[i].world;
        const struct sqz_driven driven = driven_by(path, w);
        if (sqz_driving_start(&path->driving, i, &driven, seed, number))
            sqz_extremes_note_barriers(&path->extremes, w);
    }
    sqz_driving_find_next(&path->driving);
}

void sqz_path_begin(struct sqz_path *path, uint64_t seed, uint64_t number,
                    const struct sqz_observer *observer)
{
    path->observer = observer;
    path->now_s = 0.0;
    path->events = 0;
    sqz_stream_open(&path->walk, seed, number, SQZ_STREAM_WALK);
    sqz_event_queue_clear(&path->queue);
    for (unsigned w = 0; w < path->plan.n_worlds; w++)
        begin_world(path, w, seed, number);
    sqz_extremes_reset(&path->extremes, seed, number);
    start_drivers(path, seed, number);
    for (size_t w = 0; w < path->plan.n_worlds; w++)
        sqz_path_settle(path, w);
}

/* ---- what is due --------------------------------------------------------------------------- */

static void fire_driver(struct sqz_path *path)
{
    unsigned w = sqz_driving_next_world(&path->driving);
    const struct sqz_driven driven = driven_by(path, w);
    if (sqz_driving_fire(&path->driving, &driven))
        sqz_extremes_note_barriers(&path->extremes, w);
    sqz_path_settle(path, w);
}

/* An order on its way, or an account that is to be looked at. */
static void fire_order(struct sqz_path *path, const struct sqz_scheduled *due)
{
    struct sqz_world_state *state = &path->state[due->world];
    sqz_cascade_continue(path->plan.worlds[due->world], state, due,
                         sqz_path_context(path, due->world));
    if (due->priority == SQZ_DUE_REVIEW)
        sqz_extremes_note_barriers(&path->extremes, due->world);
    if (state->execution.has_executed)
        sqz_driving_hear(&path->driving, due->world, &state->execution, path->now_s);
    sqz_path_settle(path, due->world);
}

unsigned sqz_path_fire(struct sqz_path *path)
{
    if (path->driving.due_s <= path->now_s) {
        fire_driver(path);
        return SQZ_NO_WORLD;
    }
    struct sqz_scheduled due = sqz_event_queue_pop(&path->queue);
    if (!path->state[due.world].running) /* an order on its way when the path ended */
        return SQZ_NO_WORLD;
    if (due.priority == SQZ_DUE_HORIZON)
        return due.world;
    fire_order(path, &due);
    return SQZ_NO_WORLD;
}

/* ---- the end ------------------------------------------------------------------------------- */

void sqz_path_outcome(const struct sqz_world_state *state, enum sqz_stop stop,
                      struct sqz_outcome *outcome)
{
    *outcome = (struct sqz_outcome){
        .final_log = sqz_market_price_log(&state->market),
        .peak_log = sqz_stops_extreme_log(&state->stops, SQZ_UP),
        .trough_log = -sqz_stops_extreme_log(&state->stops, SQZ_DOWN),
        .exhausted = state->market.book.exhausted,
        .beyond_known = state->market.book.beyond_known,
        .stop = stop,
    };
    for (int i = 0; i < 2; i++) {
        outcome->forced_usd[i] = state->execution.forced_usd[i];
        outcome->liquidations[i] = state->execution.liquidations[i];
        outcome->touch_s[i] = state->stops.touch_s[i];
    }
    if (state->attribution != NULL) {
        outcome->cascades = state->attribution->totals.cascades;
        outcome->generations = state->attribution->totals.generations;
        outcome->largest_cascade_usd = state->attribution->totals.largest_usd;
    }
}

void sqz_path_measure(const struct sqz_path *path, unsigned w, double time_s, double price_log,
                      double value[SQZ_MEASURES_MAX])
{
    const struct sqz_view now = {.time_s = time_s,
                                 .price_log = price_log,
                                 .world = path->plan.worlds[w],
                                 .state = &path->state[w]};
    sqz_driving_measure(&path->driving, w, &now, value);
}

void sqz_path_end(struct sqz_path *path, unsigned w, enum sqz_stop stop)
{
    struct sqz_outcome *outcome = &path->outcome[w];
    sqz_extremes_draw(&path->extremes);
    sqz_path_outcome(&path->state[w], stop, outcome);
    path->state[w].running = false;
    if (path->plan.worlds[w]->n_measures > 0)
        sqz_path_measure(path, w, path->now_s, outcome->final_log, outcome->measure);
    sqz_driving_drop(&path->driving, w);
}
