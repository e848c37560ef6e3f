/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/core/engine.h"

#include <string.h>

#include "sim/core/walk.h"

int sqz_engine_init(struct sqz_engine *engine, const struct sqz_engine_plan *plan,
                    struct sqz_diag *diag)
{
    memset(engine, 0, sizeof *engine);
    int error = sqz_path_init(&engine->path, plan, diag);
    if (error == SQZ_OK && sqz_outputs_init(&engine->outputs, plan->n_outputs) != SQZ_OK)
        error = sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for the outputs of a path");
    if (error != SQZ_OK)
        sqz_engine_free(engine);
    return error;
}

void sqz_engine_free(struct sqz_engine *engine)
{
    sqz_path_free(&engine->path);
    sqz_outputs_free(&engine->outputs);
}

/* A world has come to its horizon. */
static void end_at_horizon(struct sqz_engine *engine, unsigned w)
{
    struct sqz_path *path = &engine->path;
    if (path->observer != NULL) {
        sqz_outputs_report_now(&engine->outputs, path);
        sqz_event_report(sqz_path_context(path, w), sqz_market_price(&path->state[w].market),
                         (struct sqz_event){.kind = SQZ_EVENT_HORIZON});
    }
    sqz_path_end(path, w, SQZ_STOP_HORIZON);
}

/* What is due now happens. Returns the number of worlds that have ended. */
static __attribute__((noinline)) size_t fire(struct sqz_engine *engine, struct sqz_walk *walk)
{
    unsigned w = sqz_path_fire(&engine->path);
    if (w != SQZ_NO_WORLD)
        end_at_horizon(engine, w);
    sqz_walk_look_around(walk);
    return w != SQZ_NO_WORLD;
}

static void cut_off(struct sqz_path *path)
{
    for (unsigned w = 0; w < path->plan.n_worlds; w++)
        if (path->state[w].running)
            sqz_path_end(path, w, SQZ_STOP_MAX_EVENTS);
}

/* Walk on until all worlds have ended or it is time to look up. Returns how many still run. */
static size_t go_on(struct sqz_engine *engine, struct sqz_walk *walk, size_t running)
{
    struct sqz_path *path = &engine->path;
    bool alone = sqz_walk_is_alone(path);
    while (running > 0 && path->events < path->look_up_at) {
        path->events++;
        double until_s = sqz_path_due_s(path);
        if (until_s <= path->now_s) {
            running -= fire(engine, walk);
            continue;
        }
        if (path->observer != NULL)
            sqz_outputs_report_now(&engine->outputs, path);
        if (!walk->sight.restless && alone)
            sqz_walk_alone(walk, until_s);
        else
            sqz_walk_step(walk, until_s);
    }
    return running;
}

/* Events between two questions whether to give up: tens of milliseconds of the slowest worlds. */
static const uint64_t LOOK_UP_EVERY = 1024;

bool sqz_engine_run(struct sqz_engine *engine, uint64_t seed, uint64_t number,
                    const struct sqz_observer *observer)
{
    struct sqz_path *path = &engine->path;
    const struct sqz_engine_plan *plan = &path->plan;
    struct sqz_walk walk = {.path = path, .outputs = &engine->outputs};
    if (observer != NULL)
        sqz_outputs_reset(&engine->outputs, seed, number);
    sqz_path_begin(path, seed, number, observer);
    sqz_walk_look_around(&walk);
    for (size_t running = plan->n_worlds; running > 0 && path->events < plan->max_events;) {
        uint64_t left = plan->max_events - path->events;
        path->look_up_at = path->events + (left < LOOK_UP_EVERY ? left : LOOK_UP_EVERY);
        running = go_on(engine, &walk, running);
        if (running > 0 && plan->give_up != NULL && plan->give_up(plan->give_up_context))
            return false;
    }
    cut_off(path);
    return true;
}
