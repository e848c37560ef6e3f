/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The walk on intervals: one path of one or more worlds, with no time step (models/README.md).
 *
 * Between events every world's price is its volatility times one common Brownian motion plus terms
 * known in closed form. A step takes the widest interval that touches no barrier of any world,
 * draws when the motion leaves it, and moves all worlds there. */
#ifndef SQZ_CORE_ENGINE_H
#define SQZ_CORE_ENGINE_H

#include <stddef.h>
#include <stdint.h>

#include "sim/core/bridge.h"
#include "sim/core/event_queue.h"
#include "sim/core/exit_time.h"
#include "sim/core/extremes.h"
#include "sim/core/world.h"

/* What to simulate; immutable, owned by the caller, shared by the engines of all threads. */
struct sqz_engine_plan {
    const struct sqz_exit_table *exit_table;
    const struct sqz_world *const *worlds;
    size_t n_worlds;
    const double *output_s; /* increasing times >= 0 at which observers get SQZ_EVENT_OUTPUT */
    size_t n_outputs;
    uint64_t max_events; /* steps and scheduled events after which a path is cut off */
};

/* One driver of one world on the current path. */
struct sqz_engine_slot {
    unsigned world, driver;
    double due_s; /* its next event; INFINITY for none */
    struct sqz_stream stream;
    void *state; /* model->state_size bytes inside driver_state */
};

/* Workspace of one thread. Running a path does not allocate. */
struct sqz_engine {
    struct sqz_engine_plan plan;
    struct sqz_world_state *state; /* one per world */
    struct sqz_context *context;   /* one per world: what it may see of the walk */
    struct sqz_stream *delays;     /* one per world */
    struct sqz_lineage *lineage;   /* one per world, empty unless it is traced */
    struct sqz_clearing *clearing; /* one per world, empty unless it has a venue */
    struct sqz_engine_slot *slot;  /* the drivers of all worlds, world by world */
    size_t n_slots, due_slot;      /* due_slot: whose event comes next */
    double due_s;                  /* when; INFINITY if no driver has one */
    char *driver_state;
    struct sqz_event_queue queue; /* horizons, and forced orders on their way */
    double *fill_s, *fill_noise;  /* n_outputs each: times within a step, noise there */
    struct sqz_stream walk, recorder;
    struct sqz_extremes extremes;
    uint64_t events; /* of the last path */
};

int sqz_engine_init(struct sqz_engine *engine, const struct sqz_engine_plan *plan,
                    struct sqz_diag *diag);
/* Safe on a zeroed, freed or half-initialised engine. */
void sqz_engine_free(struct sqz_engine *engine);

/* Simulate path number `path` of `seed`. The observer (may be NULL) sees its events; it and the
 * output times leave the path untouched. Results: sqz_engine_outcome. */
void sqz_engine_run(struct sqz_engine *engine, uint64_t seed, uint64_t path,
                    const struct sqz_observer *observer);

/* Results of the last path of world `index`. */
static inline const struct sqz_outcome *sqz_engine_outcome(const struct sqz_engine *engine,
                                                           size_t index)
{
    return &engine->state[index].outcome;
}

#endif
