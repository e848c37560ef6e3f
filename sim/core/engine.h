/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The walk on intervals: one path of one or more worlds, with no time step (models/README.md).
 *
 * Between events every world's price is its volatility times one common Brownian motion plus terms
 * known in closed form. The engine walks from one scheduled event to the next until all worlds have
 * ended; path.h is one path's life, walk.h one step of it. */
#ifndef SQZ_CORE_ENGINE_H
#define SQZ_CORE_ENGINE_H

#include "sim/core/outputs.h"
#include "sim/core/path.h"

/* Workspace of one thread. Running a path does not allocate. */
struct sqz_engine {
    struct sqz_path path;
    struct sqz_outputs outputs;
};

int sqz_engine_init(struct sqz_engine *engine, const struct sqz_engine_plan *plan,
                    struct sqz_diag *diag);
/* Safe on a zeroed, freed or half-initialised engine. */
void sqz_engine_free(struct sqz_engine *engine);

/* Simulate path number `number` of `seed`. The observer (may be NULL) sees its events; it and the
 * output times leave the path untouched. Results: sqz_engine_outcome; false: the plan's `give_up`
 * said so, and there are none. */
bool sqz_engine_run(struct sqz_engine *engine, uint64_t seed, uint64_t number,
                    const struct sqz_observer *observer);

/* Results of the last path of world `index`. */
static inline const struct sqz_outcome *sqz_engine_outcome(const struct sqz_engine *engine,
                                                           size_t index)
{
    return &engine->path.outcome[index];
}

/* Steps and scheduled events of the last path. */
static inline uint64_t sqz_engine_events(const struct sqz_engine *engine)
{
    return engine->path.events;
}

#endif
