/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/core/world.h"

void sqz_world_reset(const struct sqz_world *world, struct sqz_world_state *state)
{
    sqz_market_reset(&world->market, &state->market, world->n_drivers);
    sqz_stops_reset(&world->stops, &state->stops);
    sqz_attrition_reset(&state->attrition);
    sqz_execution_reset(&state->execution, world->listened);
    state->cascade = (struct sqz_cascade_state){0};
    state->attribution = NULL;
    state->venue = NULL;
    state->running = true;
}
