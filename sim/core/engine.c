#include "sim/core/engine.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include <gsl/gsl_randist.h>

/* ---- one path ------------------------------------------------------------------------------ */

/* Where the path stands: what does not belong to any one world. */
struct walker {
    struct sqz_engine *engine;
    const struct sqz_observer *observer;
    double now_s;
    size_t next_output;
    double nearest; /* barrier of any world, in units of the Brownian motion */
    bool noisy;     /* some world has volatility */
    bool restless;  /* the price of some world moves by itself */
};

/* The walk as world `w` sees it now. */
static inline const struct sqz_context *context_of(const struct walker *walker, size_t w)
{
    struct sqz_context *context = &walker->engine->context[w];
    context->time_s = walker->now_s;
    return context;
}

/* The measures of a world's drivers, as they stand when its last price is `price_log`. */
static void measure_drivers(const struct sqz_engine *engine, size_t w, double time_s,
                            double price_log, double value[SQZ_MEASURES_MAX])
{
    const struct sqz_world *world = engine->plan.worlds[w];
    const struct sqz_view now = {time_s, price_log, world, &engine->state[w]};
    for (size_t i = 0; i < engine->n_slots; i++) {
        const struct sqz_engine_slot *slot = &engine->slot[i];
        const struct sqz_driver *driver = &world->driver[slot->driver];
        if (slot->world != w || driver->model->n_measures == 0)
            continue;
        driver->model->measure(driver->shared, slot->state, &now, value);
        value += driver->model->n_measures;
    }
}

/* One world at an output time, `since_s` after the state that is kept. */
static void report_output(struct walker *walker, size_t w, double time_s, double since_s,
                          double exogenous_log, double displacement_log)
{
    const struct sqz_engine *engine = walker->engine;
    const struct sqz_world *world = engine->plan.worlds[w];
    const struct sqz_world_state *state = &engine->state[w];
    double measure[SQZ_MEASURES_MAX];
    if (world->n_measures > 0)
        measure_drivers(engine, w, time_s, exogenous_log + displacement_log, measure);
    struct sqz_event event = {
        .kind = SQZ_EVENT_OUTPUT,
        .world = (unsigned)w,
        .output_index = walker->next_output,
        .time_s = time_s,
        .exogenous_log = exogenous_log,
        .displacement_log = displacement_log,
        .volatility_per_sqrt_s = state->volatility,
        .depth_left =
            sqz_book_depth_left(world->book, &state->book, state->depth_multiplier, since_s),
        .measure = measure,
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
                report_output(walker, w, plan->output_s[walker->next_output], 0.0,
                              state->exogenous_log,
                              state->book.permanent_log + state->book.displacement_log);
        }
}

/* Output times inside the step from now to `end_s`, the end excluded: fill in the noise, then read
 * every world there. */
static __attribute__((noinline)) void
report_outputs_within(struct walker *walker, const struct sqz_step *step, double end_s)
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
    if (walker->noisy)
        sqz_bridge_fill(&engine->recorder, step, engine->fill_s, engine->fill_noise, count);
    for (size_t i = 0; i < count; i++, walker->next_output++)
        for (size_t w = 0; w < plan->n_worlds; w++) {
            const struct sqz_world_state *state = &engine->state[w];
            double since = engine->fill_s[i];
            if (state->running)
                report_output(walker, w, due[i], since,
                              state->exogenous_log + state->drift * since +
                                  state->volatility * engine->fill_noise[i],
                              state->book.permanent_log +
                                  sqz_book_ahead(plan->worlds[w]->book, &state->book, since));
        }
}

/* ---- scheduled events ---------------------------------------------------------------------- */

static void find_next_due(struct sqz_engine *engine)
{
    engine->due_s = INFINITY;
    for (size_t i = 0; i < engine->n_slots; i++)
        if (engine->slot[i].due_s < engine->due_s) {
            engine->due_s = engine->slot[i].due_s;
            engine->due_slot = i;
        }
}

/* Tell the listening drivers of a world what forced orders were executed. */
static __attribute__((noinline)) void report_fills(struct walker *walker, size_t w)
{
    struct sqz_engine *engine = walker->engine;
    struct sqz_world_state *state = &engine->state[w];
    for (size_t i = 0; i < engine->n_slots; i++) {
        struct sqz_engine_slot *slot = &engine->slot[i];
        const struct sqz_driver *driver = &engine->plan.worlds[w]->driver[slot->driver];
        if (slot->world == w && driver->model->on_fill != NULL)
            slot->due_s = driver->model->on_fill(driver->shared, slot->state, &slot->stream,
                                                 walker->now_s, state->executed_usd, slot->due_s);
    }
    state->executed_usd[SQZ_UP] = state->executed_usd[SQZ_DOWN] = 0.0;
    state->has_executed = false;
    find_next_due(engine);
}

static inline void settle(struct walker *walker, const struct sqz_world *world,
                          struct sqz_world_state *state)
{
    if (sqz_world_undisturbed(world, state))
        return;
    size_t w = (size_t)(state - walker->engine->state);
    sqz_world_cascade(world, state, context_of(walker, w));
    if (state->has_executed)
        report_fills(walker, w);
}

/* The price as it is before a driver moves it. */
static void note_price(const struct walker *walker, const struct sqz_world *world,
                       const struct sqz_world_state *state)
{
    if (state->clearing != NULL)
        sqz_clearing_note_mark(state->clearing, sqz_world_trigger_log(world, state), walker->now_s);
}

static void trade(struct walker *walker, const struct sqz_engine_slot *slot, double order_usd)
{
    const struct sqz_world *world = walker->engine->plan.worlds[slot->world];
    struct sqz_world_state *state = &walker->engine->state[slot->world];
    const struct sqz_context *at = context_of(walker, slot->world);
    struct sqz_event event = {.kind = SQZ_EVENT_ORDER,
                              .side = sqz_side_of(order_usd),
                              .notional_usd = fabs(order_usd),
                              .driver = world->driver[slot->driver].model->name};
    note_price(walker, world, state);
    if (sqz_observer_wants(walker->observer, SQZ_EVENT_ORDER))
        event.fill_log = sqz_world_fill_log(world, state, order_usd);
    sqz_world_order(world, state, order_usd);
    sqz_world_report(state, at, event);
}

static void jump(struct walker *walker, const struct sqz_engine_slot *slot, double jump_log)
{
    const struct sqz_world *world = walker->engine->plan.worlds[slot->world];
    struct sqz_world_state *state = &walker->engine->state[slot->world];
    const struct sqz_context *at = context_of(walker, slot->world);
    note_price(walker, world, state);
    state->exogenous_log += jump_log;
    sqz_world_report(state, at,
                     (struct sqz_event){.kind = SQZ_EVENT_JUMP,
                                        .driver = world->driver[slot->driver].model->name,
                                        .jump_log = jump_log});
}

static void report_change(struct walker *walker, const struct sqz_engine_slot *slot)
{
    const struct sqz_world *world = walker->engine->plan.worlds[slot->world];
    const struct sqz_world_state *state = &walker->engine->state[slot->world];
    if (sqz_observer_wants(walker->observer, SQZ_EVENT_CHANGE))
        sqz_world_report(
            state, context_of(walker, slot->world),
            (struct sqz_event){.kind = SQZ_EVENT_CHANGE,
                               .driver = world->driver[slot->driver].model->name,
                               .volatility_per_sqrt_s = state->volatility,
                               .depth_left = sqz_book_depth_left(world->book, &state->book,
                                                                 state->depth_multiplier, 0.0)});
}

static void apply_effect(struct walker *walker, struct sqz_engine_slot *slot,
                         const struct sqz_driver_effect *effect)
{
    const struct sqz_world *world = walker->engine->plan.worlds[slot->world];
    struct sqz_world_state *state = &walker->engine->state[slot->world];
    bool changed = effect->volatility_multiplier != state->volatility_multiplier[slot->driver] ||
                   effect->depth_multiplier != state->depth_multipliers[slot->driver];
    state->volatility_multiplier[slot->driver] = effect->volatility_multiplier;
    state->depth_multipliers[slot->driver] = effect->depth_multiplier;
    state->driver_drift[slot->driver] = effect->drift_per_s;
    sqz_world_combine_drivers(world, state);
    if (changed)
        report_change(walker, slot);
    if (effect->funding != 0.0)
        sqz_world_pay_funding(world, state, effect->funding, walker->now_s);
    for (int side = 0; side < 2; side++)
        state->level_keep[side] *= effect->level_keep[side];
    if (effect->jump_log != 0.0)
        jump(walker, slot, effect->jump_log);
    if (effect->order_usd != 0.0)
        trade(walker, slot, effect->order_usd);
    slot->due_s = effect->next_s;
}

static const struct sqz_driver_effect NEUTRAL = {.volatility_multiplier = 1.0,
                                                 .depth_multiplier = 1.0,
                                                 .level_keep = {1.0, 1.0},
                                                 .next_s = INFINITY};

static void start_driver(struct walker *walker, struct sqz_engine_slot *slot, uint64_t seed,
                         uint64_t path)
{
    const struct sqz_driver *driver =
        &walker->engine->plan.worlds[slot->world]->driver[slot->driver];
    struct sqz_driver_effect effect = NEUTRAL;
    sqz_stream_open(&slot->stream, seed, path, driver->stream);
    driver->model->start(driver->shared, slot->state, &slot->stream, &effect);
    apply_effect(walker, slot, &effect);
}

static void fire_driver(struct walker *walker, struct sqz_engine_slot *slot)
{
    struct sqz_engine *engine = walker->engine;
    const struct sqz_world *world = engine->plan.worlds[slot->world];
    const struct sqz_driver *driver = &world->driver[slot->driver];
    const struct sqz_world_state *state = &engine->state[slot->world];
    const struct sqz_view now = {walker->now_s, sqz_world_price_log(state), world, state};
    struct sqz_driver_effect effect = NEUTRAL;
    driver->model->fire(driver->shared, slot->state, &slot->stream, &now, &effect);
    apply_effect(walker, slot, &effect);
    find_next_due(engine);
    settle(walker, world, &engine->state[slot->world]);
}

/* End the path of one world. */
static void finish(struct walker *walker, size_t w, enum sqz_stop stop)
{
    struct sqz_engine *engine = walker->engine;
    struct sqz_world_state *state = &engine->state[w];
    sqz_extremes_draw(&engine->extremes);
    sqz_world_finish(state, stop);
    if (engine->plan.worlds[w]->n_measures > 0)
        measure_drivers(engine, w, walker->now_s, state->outcome.final_log, state->outcome.measure);
    for (size_t i = 0; i < engine->n_slots; i++)
        if (engine->slot[i].world == w)
            engine->slot[i].due_s = INFINITY;
    find_next_due(engine);
}

/* Process what is due now; drivers go first. Returns the number of worlds that reached their
 * horizon. */
static __attribute__((noinline)) size_t fire_scheduled(struct walker *walker)
{
    struct sqz_engine *engine = walker->engine;
    if (engine->due_s <= walker->now_s) {
        fire_driver(walker, &engine->slot[engine->due_slot]);
        return 0;
    }
    struct sqz_scheduled event = sqz_event_queue_pop(&engine->queue);
    struct sqz_world_state *state = &engine->state[event.world];
    const struct sqz_context *at = context_of(walker, event.world);
    if (!state->running) /* an order on its way when the path ended */
        return 0;
    if (event.priority != SQZ_DUE_HORIZON) {
        const struct sqz_world *world = engine->plan.worlds[event.world];
        sqz_world_continue(world, state, &event, at);
        if (state->has_executed)
            report_fills(walker, event.world);
        settle(walker, world, state);
        return 0;
    }
    report_outputs_now(walker);
    if (sqz_observer_wants(walker->observer, SQZ_EVENT_HORIZON))
        sqz_world_report(state, at, (struct sqz_event){.kind = SQZ_EVENT_HORIZON});
    finish(walker, event.world, SQZ_STOP_HORIZON);
    return 1;
}

/* ---- the walk ------------------------------------------------------------------------------ */

/* A stretch of time over which no barrier comes nearer than half its present distance, and the
 * half-width of the interval, in units of the Brownian motion, that is free of barriers meanwhile.
 */
struct stretch {
    double duration, half_width;
};

/* Exit from a half-width a takes about a^2; twice that covers nine exits in ten. */
static const double DIFFUSION_TIMES = 2.0;

static const double SHRINK = 0.25;

/* Begin to look around: no world seen yet. */
static inline void look(struct walker *walker)
{
    walker->nearest = INFINITY;
    walker->restless = false;
}

/* A running world that has settled comes into sight. */
static inline void see(struct walker *walker, const struct sqz_world_state *state)
{
    walker->nearest = sqz_least(walker->nearest, state->gap * state->per_volatility);
    walker->restless |= !state->still;
}

/* Look at all worlds, after anything but a step. */
static void look_around(struct walker *walker)
{
    const struct sqz_engine *engine = walker->engine;
    look(walker);
    walker->noisy = false;
    for (size_t w = 0; w < engine->plan.n_worlds; w++) {
        const struct sqz_world_state *state = &engine->state[w];
        if (!state->running)
            continue;
        see(walker, state);
        walker->noisy |= state->volatility > 0;
    }
}

/* Take the clearance of all worlds over `duration`. False if some barrier comes too near. */
static inline bool try_stretch(const struct sqz_engine *engine, double duration, bool forever,
                               struct stretch *stretch)
{
    *stretch = (struct stretch){duration, INFINITY};
    for (size_t w = 0; w < engine->plan.n_worlds; w++) {
        const struct sqz_world *world = engine->plan.worlds[w];
        const struct sqz_world_state *state = &engine->state[w];
        if (!state->running)
            continue;
        double clear = state->gap;
        if (!state->still) {
            clear = sqz_world_clearance(world, state, duration, forever);
            if (clear < 0.5 * state->gap)
                return false;
        }
        stretch->half_width = sqz_least(stretch->half_width, clear * state->per_volatility);
    }
    return true;
}

/* Time to the first barrier where drift alone moves the prices of all worlds; NAN where something
 * else moves one. */
static double deterministic_hitting_s(const struct sqz_engine *engine)
{
    double first = INFINITY;
    for (size_t w = 0; w < engine->plan.n_worlds; w++) {
        const struct sqz_world_state *state = &engine->state[w];
        if (!state->running)
            continue;
        if (state->volatility > 0 || state->book.recovering || state->mark_moving)
            return NAN;
        first = sqz_least(first, sqz_world_hitting_s(engine->plan.worlds[w], state));
    }
    return first;
}

/* The least clearance of all worlds over a stretch without noise. */
static double least_clearance(const struct sqz_engine *engine, double duration)
{
    double least = INFINITY;
    for (size_t w = 0; w < engine->plan.n_worlds; w++)
        if (engine->state[w].running)
            least = sqz_least(least, sqz_world_clearance(engine->plan.worlds[w], &engine->state[w],
                                                         duration, false));
    return least;
}

/* Without noise a stretch may end at a barrier, not only half-way to it: the longest with nothing
 * crossed, by regula falsi, to this share of the distance. */
static const double STEP_SHARE = 1e-4;
enum { STEP_TRIALS = 12 };

static double deterministic_step_s(const struct sqz_engine *engine, double wait_s)
{
    double low = 0.0, low_clear = least_clearance(engine, 0.0), gap = low_clear;
    double high = wait_s, high_clear = least_clearance(engine, wait_s);
    if (high_clear >= 0.0)
        return wait_s;
    for (int i = 0; i < STEP_TRIALS && low_clear > STEP_SHARE * gap; i++) {
        double middle = low + (high - low) * low_clear / (low_clear - high_clear);
        double clear = least_clearance(engine, middle);
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

/* The stretch where the whole of `wait_s` is too long; kept out of the loop that has no need of it.
 */
static __attribute__((noinline)) struct stretch part_of_stretch(const struct walker *walker,
                                                                double wait_s)
{
    struct stretch stretch;
    double near = walker->nearest;
    double hitting_s = near == INFINITY ? deterministic_hitting_s(walker->engine) : NAN;
    if (!isnan(hitting_s))
        return (struct stretch){sqz_least(wait_s, hitting_s), INFINITY};
    double step_s = near == INFINITY ? deterministic_step_s(walker->engine, wait_s) : 0.0;
    if (step_s > 0.0)
        return (struct stretch){step_s, INFINITY};
    double duration = sqz_least(wait_s, DIFFUSION_TIMES * near * near);
    while (!try_stretch(walker->engine, duration, false, &stretch))
        duration *= SHRINK;
    return stretch;
}

static inline struct stretch choose_stretch(const struct walker *walker, double wait_s)
{
    struct stretch stretch = {wait_s, walker->nearest};
    if (!walker->restless)
        return stretch;
    bool noiseless = walker->nearest == INFINITY; /* or nothing to come to: moves without noise */
    if (noiseless || !try_stretch(walker->engine, wait_s, true, &stretch))
        return part_of_stretch(walker, wait_s);
    return stretch;
}

/* Draw how the common noise moves over the stretch. */
static struct sqz_step draw_step(const struct walker *walker, const struct stretch *stretch)
{
    struct sqz_engine *engine = walker->engine;
    struct sqz_step step = {.half_width = stretch->half_width, .duration = stretch->duration};
    if (!walker->noisy)
        return step;
    double a = stretch->half_width, unit_s = a * a; /* of the exit from the unit interval */
    if (stretch->duration < SQZ_EXIT_NEVER_BEFORE * unit_s) { /* also where there is no barrier */
        gsl_rng rng = sqz_stream_gsl(&engine->walk);
        step.end = sqrt(stretch->duration) * gsl_ran_gaussian_ziggurat(&rng, 1.0);
        return step;
    }
    struct sqz_exit exit = sqz_exit_time_draw(engine->plan.exit_table, &engine->walk);
    double exit_s = exit.time * unit_s;
    if (exit_s < stretch->duration) {
        step.duration = exit_s;
        step.end = exit.side * a;
        step.exited = true;
    } else {
        step.end = a * sqz_exit_time_survivor(&engine->walk, stretch->duration / unit_s);
    }
    return step;
}

/* One step towards the next scheduled event at `until_s`. */
static void walk_step(struct walker *walker, double until_s)
{
    struct sqz_engine *engine = walker->engine;
    double wait_s = until_s - walker->now_s;
    struct stretch stretch = choose_stretch(walker, wait_s);
    struct sqz_extremes *extremes = &engine->extremes;
    if (extremes->count == SQZ_EXTREMES_ROOM)
        sqz_extremes_thin(extremes);
    struct sqz_departure *departure = extremes->departure + extremes->count;
    struct sqz_step *step = &extremes->step[extremes->count++];
    *step = draw_step(walker, &stretch);
    bool arrived = !step->exited && stretch.duration == wait_s;
    double end_s = arrived ? until_s : walker->now_s + step->duration;
    if (walker->observer != NULL)
        report_outputs_within(walker, step, end_s);
    walker->now_s = end_s;
    look(walker);
    const struct sqz_world *const *world = engine->plan.worlds;
    struct sqz_world_state *state = engine->state, *end = state + engine->plan.n_worlds;
    for (; state < end; state++, world++, departure += SQZ_EXTREMES_ROOM) {
        if (!sqz_extremes_depart(departure, state))
            continue;
        sqz_world_advance(*world, state, step->duration, step->end);
        sqz_extremes_arrive(departure, state, step->duration);
        settle(walker, *world, state);
        see(walker, state);
    }
}

static size_t start_worlds(struct walker *walker, uint64_t seed, uint64_t path)
{
    struct sqz_engine *engine = walker->engine;
    const struct sqz_engine_plan *plan = &engine->plan;
    for (size_t w = 0; w < plan->n_worlds; w++) {
        engine->context[w] =
            (struct sqz_context){.index = (unsigned)w,
                                 .log = walker->observer,
                                 .queue = &engine->queue,
                                 .delays = &engine->delays[w],
                                 .lineage = plan->worlds[w]->traced ? &engine->lineage[w] : NULL};
        const struct sqz_context *at = &engine->context[w];
        if (plan->worlds[w]->execution.random)
            sqz_stream_open(&engine->delays[w], seed, path, SQZ_STREAM_LATENCY);
        sqz_world_reset(plan->worlds[w], &engine->state[w]);
        if (plan->worlds[w]->venue != NULL) {
            engine->state[w].clearing = &engine->clearing[w];
            sqz_clearing_reset(&engine->clearing[w], seed, path);
        }
        sqz_lineage_reset(&engine->lineage[w]);
        sqz_event_queue_push(&engine->queue,
                             (struct sqz_scheduled){.time_s = plan->worlds[w]->horizon_s,
                                                    .priority = SQZ_DUE_HORIZON,
                                                    .world = (unsigned)w});
        if (sqz_observer_wants(walker->observer, SQZ_EVENT_START))
            sqz_world_report(&engine->state[w], at, (struct sqz_event){.kind = SQZ_EVENT_START});
    }
    for (size_t i = 0; i < engine->n_slots; i++)
        start_driver(walker, &engine->slot[i], seed, path);
    find_next_due(engine);
    for (size_t w = 0; w < plan->n_worlds; w++)
        settle(walker, plan->worlds[w], &engine->state[w]);
    return plan->n_worlds;
}

void sqz_engine_run(struct sqz_engine *engine, uint64_t seed, uint64_t path,
                    const struct sqz_observer *observer)
{
    struct walker walker = {.engine = engine, .observer = observer};
    sqz_stream_open(&engine->walk, seed, path, SQZ_STREAM_WALK);
    if (observer != NULL)
        sqz_stream_open(&engine->recorder, seed, path, SQZ_STREAM_RECORDER);
    sqz_extremes_reset(&engine->extremes, seed, path);
    sqz_event_queue_clear(&engine->queue);
    engine->events = 0;
    size_t running = start_worlds(&walker, seed, path);
    look_around(&walker);
    while (running > 0 && engine->events < engine->plan.max_events) {
        engine->events++;
        double until_s = sqz_least(sqz_event_queue_due_s(&engine->queue), engine->due_s);
        if (until_s > walker.now_s) {
            if (observer != NULL)
                report_outputs_now(&walker);
            walk_step(&walker, until_s);
        } else {
            running -= fire_scheduled(&walker);
            look_around(&walker);
        }
    }
    for (size_t w = 0; w < engine->plan.n_worlds; w++)
        if (engine->state[w].running)
            finish(&walker, w, SQZ_STOP_MAX_EVENTS);
}
