#include "sim/core/engine.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_randist.h>

enum { PRIORITY_DRIVER, PRIORITY_HORIZON };

/* ---- set-up -------------------------------------------------------------------------------- */

static size_t slot_of(size_t world, size_t driver)
{
    return world * SQZ_DRIVERS_MAX + driver;
}

static size_t aligned(size_t size)
{
    size_t unit = _Alignof(max_align_t);
    return (size + unit - 1) / unit * unit;
}

int sqz_engine_init(struct sqz_engine *engine, const struct sqz_engine_plan *plan,
                    struct sqz_diag *diag)
{
    memset(engine, 0, sizeof *engine);
    engine->plan = *plan;
    size_t slots = slot_of(plan->n_worlds, 0), driver_bytes = 0;
    engine->state = calloc(plan->n_worlds, sizeof *engine->state);
    engine->stream = calloc(slots, sizeof *engine->stream);
    engine->driver_offset = calloc(slots, sizeof *engine->driver_offset);
    engine->fill_s = calloc(plan->n_outputs + 1, sizeof *engine->fill_s);
    engine->fill_noise = calloc(plan->n_outputs + 1, sizeof *engine->fill_noise);
    if (engine->state == NULL || engine->stream == NULL || engine->driver_offset == NULL ||
        engine->fill_s == NULL || engine->fill_noise == NULL)
        goto no_memory;
    for (size_t w = 0; w < plan->n_worlds; w++)
        for (size_t d = 0; d < plan->worlds[w]->n_drivers; d++) {
            engine->driver_offset[slot_of(w, d)] = driver_bytes;
            driver_bytes += aligned(plan->worlds[w]->driver[d].model->state_size);
        }
    engine->driver_state = calloc(1, driver_bytes + 1);
    if (engine->driver_state == NULL)
        goto no_memory;
    /* One pending event per driver, and each world's horizon. */
    if (sqz_event_queue_init(&engine->queue, slots + plan->n_worlds, diag) == SQZ_OK)
        return SQZ_OK;
no_memory:
    sqz_engine_free(engine);
    return sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for the state of a path");
}

void sqz_engine_free(struct sqz_engine *engine)
{
    free(engine->state);
    free(engine->stream);
    free(engine->driver_offset);
    free(engine->driver_state);
    free(engine->fill_s);
    free(engine->fill_noise);
    sqz_event_queue_free(&engine->queue);
    memset(engine, 0, sizeof *engine);
}

/* ---- one path ------------------------------------------------------------------------------ */

/* Where the path stands: what does not belong to any one world. */
struct walker {
    struct sqz_engine *engine;
    const struct sqz_observer *observer;
    double now_s;
    size_t next_output;
};

static void report_output(struct walker *walker, size_t w, double time_s, double exogenous_log,
                          double displacement_log)
{
    struct sqz_event event = {
        .kind = SQZ_EVENT_OUTPUT,
        .world = (unsigned)w,
        .output_index = walker->next_output,
        .time_s = time_s,
        .exogenous_log = exogenous_log,
        .displacement_log = displacement_log,
    };
    walker->observer->event(walker->observer->context, &event);
}

/* Output times up to now: the state as it stands after everything that happened now. */
static void report_outputs_now(struct walker *walker)
{
    const struct sqz_engine_plan *plan = &walker->engine->plan;
    if (!sqz_observer_wants(walker->observer, SQZ_EVENT_OUTPUT))
        return;
    for (; walker->next_output < plan->n_outputs &&
           plan->output_s[walker->next_output] <= walker->now_s;
         walker->next_output++)
        for (size_t w = 0; w < plan->n_worlds; w++) {
            const struct sqz_world_state *state = &walker->engine->state[w];
            if (state->running)
                report_output(walker, w, plan->output_s[walker->next_output], state->exogenous_log,
                              state->book.permanent_log + state->book.displacement_log);
        }
}

/* Output times inside the step from now to `end_s`, the end excluded: fill in the noise, then read
 * every world there. */
static void report_outputs_within(struct walker *walker, const struct sqz_step *step, bool noisy,
                                  double end_s)
{
    struct sqz_engine *engine = walker->engine;
    const struct sqz_engine_plan *plan = &engine->plan;
    if (!sqz_observer_wants(walker->observer, SQZ_EVENT_OUTPUT))
        return;
    const double *due = plan->output_s + walker->next_output;
    size_t count = 0, left = plan->n_outputs - walker->next_output;
    while (count < left && due[count] < end_s)
        count++;
    if (count == 0)
        return;
    for (size_t i = 0; i < count; i++) {
        engine->fill_s[i] = sqz_least(due[i] - walker->now_s, step->duration); /* rounding */
        engine->fill_noise[i] = 0.0;
    }
    if (noisy)
        sqz_bridge_fill(&engine->recorder, step, engine->fill_s, engine->fill_noise, count);
    for (size_t i = 0; i < count; i++, walker->next_output++)
        for (size_t w = 0; w < plan->n_worlds; w++) {
            const struct sqz_world_state *state = &engine->state[w];
            double since = engine->fill_s[i];
            if (state->running)
                report_output(walker, w, due[i],
                              state->exogenous_log + state->drift * since +
                                  state->volatility * engine->fill_noise[i],
                              state->book.permanent_log +
                                  sqz_book_ahead(plan->worlds[w]->book, &state->book, since));
        }
}

static inline void settle(struct walker *walker, size_t w)
{
    struct sqz_engine *engine = walker->engine;
    sqz_world_settle(engine->plan.worlds[w], &engine->state[w], (unsigned)w, walker->now_s,
                     walker->observer);
}

/* ---- scheduled events ---------------------------------------------------------------------- */

static void apply_effect(struct walker *walker, size_t w, size_t d,
                         const struct sqz_driver_effect *effect)
{
    struct sqz_engine *engine = walker->engine;
    struct sqz_world_state *state = &engine->state[w];
    state->volatility_multiplier[d] = effect->volatility_multiplier;
    state->depth_multipliers[d] = effect->depth_multiplier;
    state->driver_drift[d] = effect->drift_per_s;
    sqz_world_combine_drivers(engine->plan.worlds[w], state);
    state->exogenous_log += effect->jump_log;
    if (effect->order_usd != 0.0)
        sqz_world_order(engine->plan.worlds[w], state, effect->order_usd);
    if (effect->next_s < INFINITY)
        sqz_event_queue_push(&engine->queue, (struct sqz_scheduled){.time_s = effect->next_s,
                                                                    .priority = PRIORITY_DRIVER,
                                                                    .world = (unsigned)w,
                                                                    .source = (unsigned)d});
}

static const struct sqz_driver_effect NEUTRAL = {
    .volatility_multiplier = 1.0, .depth_multiplier = 1.0, .next_s = INFINITY};

static void start_drivers(struct walker *walker, size_t w, uint64_t seed, uint64_t path)
{
    struct sqz_engine *engine = walker->engine;
    const struct sqz_world *world = engine->plan.worlds[w];
    for (size_t d = 0; d < world->n_drivers; d++) {
        size_t slot = slot_of(w, d);
        struct sqz_driver_effect effect = NEUTRAL;
        sqz_stream_open(&engine->stream[slot], seed, path, world->driver[d].stream);
        world->driver[d].model->start(world->driver[d].shared,
                                      engine->driver_state + engine->driver_offset[slot],
                                      &engine->stream[slot], &effect);
        apply_effect(walker, w, d, &effect);
    }
}

static void fire_driver(struct walker *walker, size_t w, size_t d)
{
    struct sqz_engine *engine = walker->engine;
    const struct sqz_driver *driver = &engine->plan.worlds[w]->driver[d];
    size_t slot = slot_of(w, d);
    struct sqz_driver_effect effect = NEUTRAL;
    driver->model->fire(driver->shared, engine->driver_state + engine->driver_offset[slot],
                        &engine->stream[slot], walker->now_s, &effect);
    apply_effect(walker, w, d, &effect);
    settle(walker, w);
}

/* Process what is due now. Returns the number of worlds that reached their horizon. */
static size_t fire_scheduled(struct walker *walker)
{
    struct sqz_engine *engine = walker->engine;
    struct sqz_scheduled event = sqz_event_queue_pop(&engine->queue);
    struct sqz_world_state *state = &engine->state[event.world];
    if (!state->running)
        return 0;
    if (event.priority == PRIORITY_DRIVER) {
        fire_driver(walker, event.world, event.source);
        return 0;
    }
    report_outputs_now(walker);
    sqz_world_report(state, event.world, walker->now_s, SQZ_EVENT_HORIZON, walker->observer);
    sqz_world_finish(state, SQZ_STOP_HORIZON);
    return 1;
}

/* ---- the walk ------------------------------------------------------------------------------ */

/* A stretch of time over which no barrier comes nearer than half its present distance, and the
 * half-width of the interval, in units of the Brownian motion, that is free of barriers meanwhile.
 */
struct stretch {
    double duration, half_width;
    bool noisy; /* some world has volatility */
};

/* Exit from a half-width a takes about a^2; twice that covers nine exits in ten. */
static const double DIFFUSION_TIMES = 2.0;

static const double SHRINK = 0.25;

/* Take the clearance of all worlds over `duration`. False if some barrier comes too near. */
static inline bool try_stretch(const struct sqz_engine *engine, double duration, bool forever,
                               struct stretch *stretch)
{
    stretch->duration = duration;
    stretch->half_width = INFINITY;
    stretch->noisy = false;
    for (size_t w = 0; w < engine->plan.n_worlds; w++) {
        const struct sqz_world *world = engine->plan.worlds[w];
        const struct sqz_world_state *state = &engine->state[w];
        if (!state->running)
            continue;
        double present = sqz_world_gap(state), clear = present;
        if (!sqz_world_at_rest(state))
            clear = sqz_world_clearance(world, state, duration, forever);
        if (clear < 0.5 * present)
            return false;
        if (state->volatility > 0) {
            stretch->half_width = sqz_least(stretch->half_width, clear / state->volatility);
            stretch->noisy = true;
        }
    }
    return true;
}

/* The nearest barrier of any world, in units of the Brownian motion. */
static double nearest_barrier(const struct sqz_engine *engine)
{
    double nearest = INFINITY;
    for (size_t w = 0; w < engine->plan.n_worlds; w++) {
        const struct sqz_world_state *state = &engine->state[w];
        if (!state->running || state->volatility <= 0)
            continue;
        nearest = sqz_least(nearest, sqz_world_gap(state) / state->volatility);
    }
    return nearest;
}

static inline struct stretch choose_stretch(const struct sqz_engine *engine, double wait_s)
{
    struct stretch stretch;
    if (try_stretch(engine, wait_s, true, &stretch))
        return stretch;
    double near = nearest_barrier(engine);
    double duration = sqz_least(wait_s, DIFFUSION_TIMES * near * near);
    while (!try_stretch(engine, duration, false, &stretch))
        duration *= SHRINK;
    return stretch;
}

/* Draw how the common noise moves over the stretch. */
static struct sqz_step draw_step(struct sqz_engine *engine, const struct stretch *stretch)
{
    struct sqz_step step = {stretch->half_width, stretch->duration, 0.0, false};
    if (!stretch->noisy)
        return step;
    double a = stretch->half_width, inverse = 1.0 / a;
    double longest = stretch->duration * inverse * inverse;
    if (longest < SQZ_EXIT_NEVER_BEFORE) { /* also where there is no barrier at all */
        gsl_rng rng = sqz_stream_gsl(&engine->walk);
        step.end = sqrt(stretch->duration) * gsl_ran_gaussian_ziggurat(&rng, 1.0);
        return step;
    }
    struct sqz_exit exit = sqz_exit_time_draw(engine->plan.exit_table, &engine->walk);
    if (exit.time < longest) {
        step.duration = exit.time * a * a;
        step.end = exit.side * a;
        step.exited = true;
    } else {
        step.end = a * sqz_exit_time_survivor(&engine->walk, longest);
    }
    return step;
}

/* One step towards the next scheduled event at `until_s`. */
static void walk_step(struct walker *walker, double until_s)
{
    struct sqz_engine *engine = walker->engine;
    double wait_s = until_s - walker->now_s;
    struct stretch stretch = choose_stretch(engine, wait_s);
    struct sqz_step step = draw_step(engine, &stretch);
    bool arrived = !step.exited && stretch.duration == wait_s;
    double end_s = arrived ? until_s : walker->now_s + step.duration;
    report_outputs_within(walker, &step, stretch.noisy, end_s);
    walker->now_s = end_s;
    for (size_t w = 0; w < engine->plan.n_worlds; w++) {
        struct sqz_world_state *state = &engine->state[w];
        if (!state->running)
            continue;
        sqz_world_advance(engine->plan.worlds[w], state, step.duration, step.end);
        settle(walker, w);
    }
}

static size_t start_worlds(struct walker *walker, uint64_t seed, uint64_t path)
{
    struct sqz_engine *engine = walker->engine;
    const struct sqz_engine_plan *plan = &engine->plan;
    for (size_t w = 0; w < plan->n_worlds; w++) {
        sqz_world_reset(plan->worlds[w], &engine->state[w]);
        sqz_event_queue_push(&engine->queue,
                             (struct sqz_scheduled){.time_s = plan->worlds[w]->horizon_s,
                                                    .priority = PRIORITY_HORIZON,
                                                    .world = (unsigned)w});
        sqz_world_report(&engine->state[w], (unsigned)w, 0.0, SQZ_EVENT_START, walker->observer);
        start_drivers(walker, w, seed, path);
        settle(walker, w);
    }
    return plan->n_worlds;
}

void sqz_engine_run(struct sqz_engine *engine, uint64_t seed, uint64_t path,
                    const struct sqz_observer *observer)
{
    struct walker walker = {.engine = engine, .observer = observer};
    sqz_stream_open(&engine->walk, seed, path, SQZ_STREAM_WALK);
    sqz_stream_open(&engine->recorder, seed, path, SQZ_STREAM_RECORDER);
    sqz_event_queue_clear(&engine->queue);
    engine->events = 0;
    size_t running = start_worlds(&walker, seed, path);
    while (running > 0 && engine->events < engine->plan.max_events) {
        engine->events++;
        double until_s = sqz_event_queue_peek(&engine->queue)->time_s;
        if (until_s > walker.now_s) {
            report_outputs_now(&walker);
            walk_step(&walker, until_s);
        } else {
            running -= fire_scheduled(&walker);
        }
    }
    for (size_t w = 0; w < engine->plan.n_worlds; w++)
        if (engine->state[w].running)
            sqz_world_finish(&engine->state[w], SQZ_STOP_MAX_EVENTS);
}
