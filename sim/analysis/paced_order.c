/* The paced order: the engine walks a world without noise in which a driver of its own sends a
 * market order in child orders over time. */
#include <float.h>
#include <string.h>

#include "sim/analysis/ignition.h"
#include "sim/analysis/threshold.h"
#include "sim/core/engine.h"

/* ---- the driver that sends it
 * --------------------------------------------------------------------
 */

struct push {
    double child_usd, interval_s; /* signed */
    size_t children;
};

static void push_start(const void *shared, void *state, struct sqz_stream *stream,
                       struct sqz_driver_effect *effect)
{
    (void)shared;
    (void)stream;
    *(size_t *)state = 0; /* children sent */
    effect->next_s = 0.0;
}

static void push_fire(const void *shared, void *state, struct sqz_stream *stream,
                      const struct sqz_view *now, struct sqz_driver_effect *effect)
{
    const struct push *push = shared;
    size_t *sent = state;
    (void)stream;
    (void)now;
    effect->order_usd = push->child_usd;
    if (++*sent < push->children)
        effect->next_s = (double)*sent * push->interval_s;
}

static const struct sqz_driver_model PUSH = {
    .name = "paced order",
    .doc = "a market order in equal parts, equally spaced",
    .state_size = sizeof(size_t),
    .start = push_start,
    .fire = push_fire,
};

/* ---- the question -------------------------------------------------------------------------------
 */

struct spread {
    struct sqz_world world;
    struct push push;
    struct sqz_engine engine;
    enum sqz_watch watch;
    double direction;
    bool cut_off; /* some order was not followed to its end */
};

static struct sqz_world noiseless(const struct sqz_world *world, const struct push *push)
{
    struct sqz_world quiet = *world;
    quiet.volatility_per_sqrt_s = quiet.drift_per_s = 0.0;
    quiet.record_step_log = INFINITY;
    quiet.execution.random = false;
    quiet.traced = quiet.listened = false;
    quiet.n_drivers = 1;
    quiet.n_measures = 0;
    quiet.venue = NULL;
    quiet.driver[0] = (struct sqz_driver){&PUSH, push, SQZ_STREAM_DRIVERS};
    return quiet;
}

static bool arrives(void *context, double push_usd)
{
    struct spread *spread = context;
    if (spread->cut_off) /* there is no answer any more */
        return true;
    spread->push.child_usd = spread->direction * push_usd / (double)spread->push.children;
    sqz_engine_run(&spread->engine, 0, 0, NULL);
    const struct sqz_outcome *outcome = sqz_engine_outcome(&spread->engine, 0);
    bool touched = !isnan(outcome->touch_s[spread->watch]);
    spread->cut_off |= !touched && outcome->stop == SQZ_STOP_MAX_EVENTS;
    return touched;
}

/* The most steps that the walk of one order may take: more than its child orders and the levels of
 * a map of millions need. */
static const uint64_t EVENTS_MAX = 10000000;

static const double SPREAD_TOLERANCE = 1e-6;

/* A larger order can fall short where a smaller one arrives: it fires a level early, whose impact
 * is gone when the order ends. */
static const unsigned SPREAD_SCAN = 24;

int sqz_ignition_pace(struct sqz_ignition *ignition, const struct sqz_world *world, double over_s,
                      struct sqz_diag *diag)
{
    struct spread spread = {.watch = ignition->watch, .direction = sqz_direction(ignition->side)};
    const struct sqz_world *worlds[] = {&spread.world};
    struct sqz_engine_plan plan = {.worlds = worlds, .n_worlds = 1, .max_events = EVENTS_MAX};
    double children = ceil(over_s / world->execution.interval_s);
    children = fmax(1.0, fmin(children, SQZ_IGNITION_CHILDREN));
    spread.push.children = (size_t)children;
    spread.push.interval_s = over_s / children;
    spread.world = noiseless(world, &spread.push);
    int error = sqz_engine_init(&spread.engine, &plan, diag);
    if (error != SQZ_OK)
        return error;
    /* Spread out it takes more than at once: the book recovers. */
    double guess =
        fmin(fmax(ignition->push.push_usd, SPREAD_TOLERANCE * ignition->alone_usd), DBL_MAX / 8);
    struct sqz_threshold threshold = {arrives,          &spread,      guess,
                                      SPREAD_TOLERANCE, DBL_MAX / 16, SPREAD_SCAN};
    ignition->over_s = over_s;
    ignition->over_orders = spread.push.children;
    ignition->over_usd = sqz_threshold_find(&threshold);
    sqz_engine_free(&spread.engine);
    return spread.cut_off ? sqz_fail_at(diag, SQZ_ERR_DATA, NULL, 0, "slice.interval",
                                        "too many child orders to follow a paced order to its end; "
                                        "expected a longer interval or a higher slice.rate")
                          : SQZ_OK;
}
