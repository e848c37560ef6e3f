/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A world: one scenario prepared for simulation, and its state on one path; both are composed of
 * what the rooms have.
 *
 * Several worlds may ride on one exogenous path (models/README.md): attribution walks one with
 * and one without impact, a comparison one per scenario. A world knows nothing of the others. */
#ifndef SQZ_CORE_WORLD_H
#define SQZ_CORE_WORLD_H

#include "sim/core/execution.h"
#include "sim/core/stops.h"
#include "sim/core/venue_state.h"

struct sqz_driver {
    const struct sqz_driver_model *model;
    const void *shared;
    uint64_t stream; /* random stream number; equal drivers of two worlds see equal shocks */
};

/* Immutable, shared by all paths; owns nothing. Log prices are relative to the start price. */
struct sqz_world {
    const struct sqz_ladder *ladder;
    struct sqz_market market;
    struct sqz_stops stops;
    struct sqz_attrition attrition;
    struct sqz_execution execution;
    const struct sqz_venue *venue; /* whose accounts the levels stand for; NULL: levels alone */
    double horizon_s;
    bool traced;       /* which liquidation set off which is kept */
    bool listened;     /* some driver hears forced orders */
    size_t n_measures; /* of all drivers */
    size_t n_drivers;
    struct sqz_driver driver[SQZ_DRIVERS_MAX];
};

/* How far the ladder has fired. Written by sim/core/cascade.c. */
struct sqz_cascade_state {
    size_t frontier[2]; /* next level of each side that has not fired */
    bool plain;         /* the world has none of what costs a cascade time */
};

/* Path state: flat bytes, no owned pointers; reset, never reallocated. */
struct sqz_world_state {
    struct sqz_market_state market;
    struct sqz_stops_state stops;
    struct sqz_attrition_state attrition;
    struct sqz_execution_state execution;
    struct sqz_cascade_state cascade;
    struct sqz_attribution *attribution; /* the path's; NULL unless the world is traced */
    struct sqz_venue_state *venue;       /* the path's; NULL without a venue */
    bool running;
};

/* Begin a path: what each room has of it. Levels are the cascade's (sqz_cascade_reset). */
void sqz_world_reset(const struct sqz_world *world, struct sqz_world_state *state);

/* What a forced order of the world goes through. */
static inline struct sqz_route sqz_world_route(const struct sqz_world *world,
                                               struct sqz_world_state *state,
                                               const struct sqz_context *at)
{
    return (struct sqz_route){.execution = &world->execution,
                              .state = &state->execution,
                              .market = &world->market,
                              .now = &state->market,
                              .attrition = &state->attrition,
                              .attribution = state->attribution,
                              .at = at};
}

#endif
