#include "sim/core/engine.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include <gsl/gsl_randist.h>

/* ---- one path ------------------------------------------------------------------------------ */

/* What is to be seen of the worlds that run and have settled. */
struct sight {
    double nearest; /* barrier of any world, in units of the Brownian motion */
    bool restless;  /* the price of some world moves by itself */
};

/* Where the path stands: what does not belong to any one world. */
struct walker {
    struct sqz_engine *engine;
    const struct sqz_observer *observer;
    double now_s;
    size_t next_output;
    struct sight sight;
    bool noisy; /* some world has volatility */
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
        .volatility_per_sqrt_s = state->market.volatility,
        .depth_left = sqz_book_depth_left(world->market.book, &state->market.book,
                                          state->market.depth_multiplier, since_s),
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
                              state->market.exogenous_log,
                              state->market.book.permanent_log +
                                  state->market.book.displacement_log);
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
                report_output(
                    walker, w, due[i], since,
                    state->market.exogenous_log + state->market.drift * since +
                        state->market.volatility * engine->fill_noise[i],
                    state->market.book.permanent_log +
                        sqz_book_ahead(plan->worlds[w]->market.book, &state->market.book, since));
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
            slot->due_s =
                driver->model->on_fill(driver->shared, slot->state, &slot->stream, walker->now_s,
                                       state->execution.executed_usd, slot->due_s);
    }
    sqz_execution_forget_executed(&state->execution);
    find_next_due(engine);
}

/* Something is due. */
static __attribute__((noinline)) void cascade(struct walker *walker, struct sqz_world_state *state)
{
    size_t w = (size_t)(state - walker->engine->state);
    sqz_cascade_run(walker->engine->plan.worlds[w], state, context_of(walker, w));
    sqz_extremes_note_barriers(&walker->engine->extremes, w);
    if (state->execution.has_executed)
        report_fills(walker, w);
}

static inline void settle(struct walker *walker, const struct sqz_world *world,
                          struct sqz_world_state *state)
{
    if (!sqz_stops_undisturbed(&state->stops, &world->market, &state->market,
                               sqz_market_price_log(&state->market)))
        cascade(walker, state);
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
    sqz_cascade_note_price(world, state, walker->now_s);
    if (sqz_observer_wants(walker->observer, SQZ_EVENT_ORDER))
        event.fill_log = sqz_market_fill_log(&world->market, &state->market, order_usd);
    sqz_market_order(&world->market, &state->market, order_usd);
    sqz_event_report(at, sqz_market_price(&state->market), event);
}

static void jump(struct walker *walker, const struct sqz_engine_slot *slot, double jump_log)
{
    const struct sqz_world *world = walker->engine->plan.worlds[slot->world];
    struct sqz_world_state *state = &walker->engine->state[slot->world];
    const struct sqz_context *at = context_of(walker, slot->world);
    sqz_cascade_note_price(world, state, walker->now_s);
    sqz_market_jump(&state->market, jump_log);
    sqz_event_report(at, sqz_market_price(&state->market),
                     (struct sqz_event){.kind = SQZ_EVENT_JUMP,
                                        .driver = world->driver[slot->driver].model->name,
                                        .jump_log = jump_log});
}

static void report_change(struct walker *walker, const struct sqz_engine_slot *slot)
{
    const struct sqz_world *world = walker->engine->plan.worlds[slot->world];
    const struct sqz_world_state *state = &walker->engine->state[slot->world];
    if (sqz_observer_wants(walker->observer, SQZ_EVENT_CHANGE))
        sqz_event_report(context_of(walker, slot->world), sqz_market_price(&state->market),
                         (struct sqz_event){.kind = SQZ_EVENT_CHANGE,
                                            .driver = world->driver[slot->driver].model->name,
                                            .volatility_per_sqrt_s = state->market.volatility,
                                            .depth_left = sqz_book_depth_left(
                                                world->market.book, &state->market.book,
                                                state->market.depth_multiplier, 0.0)});
}

static void apply_effect(struct walker *walker, struct sqz_engine_slot *slot,
                         const struct sqz_driver_effect *effect)
{
    const struct sqz_world *world = walker->engine->plan.worlds[slot->world];
    struct sqz_world_state *state = &walker->engine->state[slot->world];
    bool changed = sqz_market_drive(&world->market, &state->market, slot->driver, effect);
    if (changed)
        report_change(walker, slot);
    if (effect->funding != 0.0) {
        sqz_cascade_pay_funding(world, state, effect->funding, walker->now_s);
        sqz_extremes_note_barriers(&walker->engine->extremes, slot->world);
    }
    for (int side = 0; side < 2; side++)
        sqz_attrition_keep(&state->attrition, (enum sqz_side)side, effect->level_keep[side]);
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
    const struct sqz_view now = {walker->now_s, sqz_market_price_log(&state->market), world, state};
    struct sqz_driver_effect effect = NEUTRAL;
    driver->model->fire(driver->shared, slot->state, &slot->stream, &now, &effect);
    apply_effect(walker, slot, &effect);
    find_next_due(engine);
    settle(walker, world, &engine->state[slot->world]);
}

struct sqz_outcome sqz_path_outcome(const struct sqz_world_state *state, enum sqz_stop stop)
{
    struct sqz_outcome outcome = {
        .final_log = sqz_market_price_log(&state->market),
        .peak_log = sqz_stops_extreme_log(&state->stops, SQZ_UP),
        .trough_log = -sqz_stops_extreme_log(&state->stops, SQZ_DOWN),
        .exhausted = state->market.book.exhausted,
        .beyond_known = state->market.book.beyond_known,
        .stop = stop,
    };
    for (int i = 0; i < 2; i++) {
        outcome.forced_usd[i] = state->execution.forced_usd[i];
        outcome.liquidations[i] = state->execution.liquidations[i];
        outcome.touch_s[i] = state->stops.touch_s[i];
    }
    if (state->attribution != NULL) {
        outcome.cascades = state->attribution->totals.cascades;
        outcome.generations = state->attribution->totals.generations;
        outcome.largest_cascade_usd = state->attribution->totals.largest_usd;
    }
    return outcome;
}

/* End the path of one world. */
static void finish(struct walker *walker, size_t w, enum sqz_stop stop)
{
    struct sqz_engine *engine = walker->engine;
    struct sqz_world_state *state = &engine->state[w];
    sqz_extremes_draw(&engine->extremes);
    struct sqz_outcome *outcome = &engine->outcome[w];
    *outcome = sqz_path_outcome(state, stop);
    state->running = false;
    if (engine->plan.worlds[w]->n_measures > 0)
        measure_drivers(engine, w, walker->now_s, outcome->final_log, outcome->measure);
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
        sqz_cascade_continue(world, state, &event, at);
        if (event.priority == SQZ_DUE_REVIEW)
            sqz_extremes_note_barriers(&engine->extremes, event.world);
        if (state->execution.has_executed)
            report_fills(walker, event.world);
        settle(walker, world, state);
        return 0;
    }
    report_outputs_now(walker);
    if (sqz_observer_wants(walker->observer, SQZ_EVENT_HORIZON))
        sqz_event_report(at, sqz_market_price(&state->market),
                         (struct sqz_event){.kind = SQZ_EVENT_HORIZON});
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

static const struct sight NOTHING = {INFINITY, false};

static inline void see(struct sight *sight, const struct sqz_world_state *state)
{
    sight->nearest = sqz_least(sight->nearest, state->stops.gap * state->market.per_volatility);
    sight->restless |= !state->market.still;
}

/* Look at all worlds, after anything but a step. */
static void look_around(struct walker *walker)
{
    const struct sqz_engine *engine = walker->engine;
    walker->sight = NOTHING;
    walker->noisy = false;
    for (size_t w = 0; w < engine->plan.n_worlds; w++) {
        const struct sqz_world_state *state = &engine->state[w];
        if (!state->running)
            continue;
        see(&walker->sight, state);
        walker->noisy |= state->market.volatility > 0;
    }
}

/* Take the clearance of all worlds over `duration`. False if some barrier comes too near. */
static inline bool try_stretch(const struct sqz_engine *engine, double duration, bool forever,
                               struct stretch *stretch)
{
    double half_width = INFINITY;
    const struct sqz_world *const *world = engine->plan.worlds;
    const struct sqz_world_state *state = engine->state, *end = state + engine->plan.n_worlds;
    for (; state < end; state++, world++) {
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
    *stretch = (struct stretch){duration, half_width};
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
        if (state->market.volatility > 0 || state->market.book.recovering ||
            state->market.mark_moving)
            return NAN;
        first = sqz_least(first, sqz_stops_hitting_s(&state->stops, &engine->plan.worlds[w]->market,
                                                     &state->market));
    }
    return first;
}

/* The least clearance of all worlds over a stretch without noise. */
static double least_clearance(const struct sqz_engine *engine, double duration)
{
    double least = INFINITY;
    for (size_t w = 0; w < engine->plan.n_worlds; w++)
        if (engine->state[w].running)
            least = sqz_least(
                least, sqz_stops_clearance(&engine->state[w].stops, &engine->plan.worlds[w]->market,
                                           &engine->state[w].market, duration, false));
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
    double near = walker->sight.nearest;
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
    struct stretch stretch = {wait_s, walker->sight.nearest};
    if (!walker->sight.restless)
        return stretch;
    bool noiseless =
        walker->sight.nearest == INFINITY; /* or nothing to come to: moves without noise */
    if (noiseless || !try_stretch(walker->engine, wait_s, true, &stretch))
        return part_of_stretch(walker, wait_s);
    return stretch;
}

/* Draw how the common noise moves over the stretch. */
static inline __attribute__((always_inline)) void
draw_step(const struct walker *walker, const struct stretch *stretch, struct sqz_step *step)
{
    struct sqz_engine *engine = walker->engine;
    double a = stretch->half_width, unit_s = a * a; /* of the exit from the unit interval */
    *step = (struct sqz_step){.half_width = a, .duration = stretch->duration};
    if (!walker->noisy)
        return;
    if (stretch->duration < SQZ_EXIT_NEVER_BEFORE * unit_s) { /* also where there is no barrier */
        gsl_rng rng = sqz_stream_gsl(&engine->walk);
        step->end = sqrt(stretch->duration) * gsl_ran_gaussian_ziggurat(&rng, 1.0);
        return;
    }
    struct sqz_exit exit = sqz_exit_time_draw(engine->plan.exit_table, &engine->walk);
    double exit_s = exit.time * unit_s;
    if (exit_s < stretch->duration) {
        step->duration = exit_s;
        step->end = exit.side * a;
        step->exited = true;
    } else {
        step->end = a * sqz_exit_time_survivor(&engine->walk, stretch->duration / unit_s);
    }
}

/* A world takes step number `index` of those that are kept. */
static inline __attribute__((always_inline)) void
step_world(struct walker *walker, const struct sqz_world *world, struct sqz_world_state *state,
           const struct sqz_step *step, struct sqz_extremes_world *kept, size_t index)
{
    struct sqz_departure *departure = &kept->departure[index];
    double from = sqz_market_price_log(&state->market),
           reach = state->market.volatility * step->half_width;
    sqz_extremes_depart(departure, state, from);
    sqz_market_advance(&world->market, &state->market, step->duration, step->end);
    double to = sqz_market_price_log(&state->market);
    reach += sqz_extremes_arrive(departure, state, to);
    if (!sqz_stops_undisturbed(&state->stops, &world->market, &state->market, to))
        cascade(walker, state);
    /* The reach is NAN where there is neither noise nor a barrier. */
    if (!(state->stops.record_log[SQZ_UP] - from >= reach))
        sqz_extremes_enter(&kept->side[SQZ_UP], index);
    if (!(state->stops.record_log[SQZ_DOWN] + from >= reach))
        sqz_extremes_enter(&kept->side[SQZ_DOWN], index);
}

/* The number of the next step among those that are kept. */
static inline size_t next_index(struct sqz_extremes *extremes)
{
    if (extremes->count == SQZ_EXTREMES_ROOM)
        sqz_extremes_thin(extremes);
    return extremes->count++;
}

/* One step towards the next scheduled event at `until_s`. */
static void walk_step(struct walker *walker, double until_s)
{
    struct sqz_engine *engine = walker->engine;
    double wait_s = until_s - walker->now_s;
    struct stretch stretch = choose_stretch(walker, wait_s);
    size_t index = next_index(&engine->extremes);
    struct sqz_step *step = &engine->extremes.step[index];
    draw_step(walker, &stretch, step);
    bool arrived = !step->exited && stretch.duration == wait_s;
    double end_s = arrived ? until_s : walker->now_s + step->duration;
    if (walker->observer != NULL)
        report_outputs_within(walker, step, end_s);
    walker->now_s = end_s;
    struct sight sight = NOTHING;
    struct sqz_extremes_world *kept = engine->extremes.kept;
    const struct sqz_world *const *world = engine->plan.worlds;
    struct sqz_world_state *state = engine->state, *end = state + engine->plan.n_worlds;
    for (; state < end; state++, world++, kept++)
        if (state->running) {
            step_world(walker, *world, state, step, kept, index);
            see(&sight, state);
        }
    walker->sight = sight;
}

/* Whether nothing but the noise moves prices before the horizon, as long as the book is at rest:
 * there is one world, nobody watches, and nothing is ever scheduled. */
static bool is_alone(const struct walker *walker)
{
    const struct sqz_engine *engine = walker->engine;
    return engine->plan.n_worlds == 1 && engine->state->cascade.plain && walker->observer == NULL;
}

/* Such a world steps on until it is at the horizon, `until_s`, or something moves: the same steps
 * with less between them. */
static __attribute__((noinline)) void walk_alone(struct walker *walker, double until_s)
{
    struct sqz_engine *engine = walker->engine;
    struct sqz_world_state *state = engine->state;
    for (;;) {
        struct stretch stretch = {until_s - walker->now_s,
                                  state->stops.gap * state->market.per_volatility};
        size_t index = next_index(&engine->extremes);
        struct sqz_step *step = &engine->extremes.step[index];
        draw_step(walker, &stretch, step);
        walker->now_s = step->exited ? walker->now_s + step->duration : until_s;
        step_world(walker, engine->plan.worlds[0], state, step, engine->extremes.kept, index);
        if (!state->market.still || walker->now_s >= until_s ||
            engine->events == engine->plan.max_events)
            break;
        engine->events++;
    }
    look_around(walker);
}

/* Give a world what the path has for it. */
static void attach(struct walker *walker, size_t w, uint64_t seed, uint64_t path)
{
    struct sqz_engine *engine = walker->engine;
    const struct sqz_world *world = engine->plan.worlds[w];
    struct sqz_world_state *state = &engine->state[w];
    sqz_execution_attach(&state->execution, &engine->queue, &engine->delays[w]);
    if (world->execution.random)
        sqz_stream_open(&engine->delays[w], seed, path, SQZ_STREAM_LATENCY);
    if (world->venue != NULL) {
        state->venue = &engine->venue[w];
        sqz_venue_state_reset(state->venue, seed, path);
    }
    if (world->traced) {
        state->attribution = &engine->attribution[w];
        sqz_attribution_reset(state->attribution);
    }
}

static size_t start_worlds(struct walker *walker, uint64_t seed, uint64_t path)
{
    struct sqz_engine *engine = walker->engine;
    const struct sqz_engine_plan *plan = &engine->plan;
    for (size_t w = 0; w < plan->n_worlds; w++) {
        struct sqz_world_state *state = &engine->state[w];
        engine->context[w] = (struct sqz_context){.index = (unsigned)w, .log = walker->observer};
        sqz_cascade_reset(plan->worlds[w], state);
        attach(walker, w, seed, path);
        sqz_event_queue_push(&engine->queue,
                             (struct sqz_scheduled){.time_s = plan->worlds[w]->horizon_s,
                                                    .priority = SQZ_DUE_HORIZON,
                                                    .world = (unsigned)w});
        if (sqz_observer_wants(walker->observer, SQZ_EVENT_START))
            sqz_event_report(&engine->context[w], sqz_market_price(&state->market),
                             (struct sqz_event){.kind = SQZ_EVENT_START});
    }
    sqz_extremes_reset(&engine->extremes, seed, path);
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
    sqz_event_queue_clear(&engine->queue);
    engine->events = 0;
    size_t running = start_worlds(&walker, seed, path);
    look_around(&walker);
    bool alone = is_alone(&walker);
    while (running > 0 && engine->events < engine->plan.max_events) {
        engine->events++;
        double until_s = sqz_least(sqz_event_queue_due_s(&engine->queue), engine->due_s);
        if (until_s > walker.now_s) {
            if (observer != NULL)
                report_outputs_now(&walker);
            if (!walker.sight.restless && alone)
                walk_alone(&walker, until_s);
            else
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
