/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One path's life: its worlds begin together, what is scheduled happens when it is due, and each
 * world ends at its horizon.
 *
 * Everything that a path needs is allocated once and reset; running one does not allocate. How the
 * worlds move between two events is the walk's (walk.h). */
#ifndef SQZ_CORE_PATH_H
#define SQZ_CORE_PATH_H

#include <limits.h>

#include "sim/core/cascade.h"
#include "sim/core/driving.h"
#include "sim/core/exit_time.h"
#include "sim/core/extremes.h"
#include "sim/core/outcome.h"

/* What to simulate; immutable, owned by the caller, shared by the engines of all threads. */
struct sqz_engine_plan {
    const struct sqz_exit_table *exit_table;
    const struct sqz_world *const *worlds;
    size_t n_worlds;
    const double *output_s; /* increasing times >= 0 at which observers get SQZ_EVENT_OUTPUT */
    size_t n_outputs;
    uint64_t max_events; /* steps and scheduled events after which a path is cut off */
    bool stops_only;     /* nobody reads peak and trough: they are those where the walk stops */
    /* Asked now and then within a path, on its thread: whether to leave it. May be NULL. */
    bool (*give_up)(void *context);
    void *give_up_context;
};

/* Owns its arrays, one item per world. */
struct sqz_path {
    struct sqz_engine_plan plan;
    struct sqz_world_state *state, *end; /* and one beyond the last */
    struct sqz_outcome *outcome;         /* of the worlds that have ended */
    struct sqz_context *context;
    struct sqz_stream *delays;
    struct sqz_attribution *attribution; /* empty unless the world is traced */
    struct sqz_venue_state *venue;       /* empty unless it has a venue */
    struct sqz_event_queue queue;        /* horizons, and forced orders on their way */
    struct sqz_driving driving;
    struct sqz_extremes extremes;
    struct sqz_stream walk; /* noise */
    const struct sqz_observer *observer;
    double now_s;
    uint64_t events;     /* so far */
    uint64_t look_up_at; /* events after which the walk pauses */
};

int sqz_path_init(struct sqz_path *path, const struct sqz_engine_plan *plan, struct sqz_diag *diag);
/* Safe on a zeroed, freed or half-initialised path. */
void sqz_path_free(struct sqz_path *path);

/* Begin path `number` of `seed`: all worlds at time 0, settled. The observer may be NULL. */
void sqz_path_begin(struct sqz_path *path, uint64_t seed, uint64_t number,
                    const struct sqz_observer *observer);

/* The path as world `w` sees it now. */
static inline const struct sqz_context *sqz_path_context(const struct sqz_path *path, size_t w)
{
    struct sqz_context *context = &path->context[w];
    context->time_s = path->now_s;
    return context;
}

/* When the next scheduled event is due. */
static inline double sqz_path_due_s(const struct sqz_path *path)
{
    return sqz_least(sqz_event_queue_due_s(&path->queue), path->driving.due_s);
}

/* Something that a world has come to is due: what sqz_path_settle does where that is so. */
void sqz_path_cascade(struct sqz_path *path, struct sqz_world_state *state);

/* After anything that moved a price of world `w`: let everything fire that is within reach. */
static inline void sqz_path_settle(struct sqz_path *path, size_t w)
{
    struct sqz_world_state *state = &path->state[w];
    if (!sqz_stops_undisturbed(&state->stops, &path->plan.worlds[w]->market, &state->market,
                               sqz_market_price_log(&state->market)))
        sqz_path_cascade(path, state);
}

/* Process what is due now but is no horizon; drivers go first. Returns the world that has come to
 * its horizon, if that is what is due, else SQZ_NO_WORLD: end it then. */
#define SQZ_NO_WORLD UINT_MAX
unsigned sqz_path_fire(struct sqz_path *path);

/* What a world has ended with, its drivers' measures excepted. */
void sqz_path_outcome(const struct sqz_world_state *state, enum sqz_stop stop,
                      struct sqz_outcome *outcome);

/* End the path of world `w`: its outcome is then known. */
void sqz_path_end(struct sqz_path *path, unsigned w, enum sqz_stop stop);

/* The measures of the drivers of world `w` at a time when its last price is `price_log`. */
void sqz_path_measure(const struct sqz_path *path, unsigned w, double time_s, double price_log,
                      double value[SQZ_MEASURES_MAX]);

#endif
