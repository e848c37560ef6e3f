/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Setting an engine up and taking it down: everything that a path needs is allocated here. */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "sim/core/engine.h"

static size_t aligned(size_t size)
{
    size_t unit = _Alignof(max_align_t);
    return (size + unit - 1) / unit * unit;
}

/* Give every driver its slot and its part of driver_state. */
static int init_slots(struct sqz_engine *engine)
{
    const struct sqz_engine_plan *plan = &engine->plan;
    size_t bytes = 0;
    for (size_t w = 0; w < plan->n_worlds; w++)
        for (size_t d = 0; d < plan->worlds[w]->n_drivers; d++) {
            engine->n_slots++;
            bytes += aligned(plan->worlds[w]->driver[d].model->state_size);
        }
    engine->slot = calloc(engine->n_slots + 1, sizeof *engine->slot);
    engine->driver_state = calloc(1, bytes + 1);
    if (engine->slot == NULL || engine->driver_state == NULL)
        return SQZ_ERR_NOMEM;
    struct sqz_engine_slot *slot = engine->slot;
    char *place = engine->driver_state;
    for (size_t w = 0; w < plan->n_worlds; w++)
        for (size_t d = 0; d < plan->worlds[w]->n_drivers; d++, slot++) {
            *slot = (struct sqz_engine_slot){
                .world = (unsigned)w, .driver = (unsigned)d, .state = place};
            place += aligned(plan->worlds[w]->driver[d].model->state_size);
        }
    return SQZ_OK;
}

static int init_lineages(struct sqz_engine *engine)
{
    const struct sqz_engine_plan *plan = &engine->plan;
    engine->lineage = calloc(plan->n_worlds, sizeof *engine->lineage);
    int error = engine->lineage != NULL ? SQZ_OK : SQZ_ERR_NOMEM;
    for (size_t w = 0; error == SQZ_OK && w < plan->n_worlds; w++)
        if (plan->worlds[w]->traced)
            error = sqz_lineage_init(&engine->lineage[w], plan->worlds[w]->ladder);
    return error;
}

static int init_clearings(struct sqz_engine *engine)
{
    const struct sqz_engine_plan *plan = &engine->plan;
    engine->clearing = calloc(plan->n_worlds, sizeof *engine->clearing);
    int error = engine->clearing != NULL ? SQZ_OK : SQZ_ERR_NOMEM;
    for (size_t w = 0; error == SQZ_OK && w < plan->n_worlds; w++)
        if (plan->worlds[w]->venue != NULL)
            error = sqz_clearing_init(&engine->clearing[w], plan->worlds[w]->venue,
                                      sqz_world_delays_orders(plan->worlds[w]));
    return error;
}

int sqz_engine_init(struct sqz_engine *engine, const struct sqz_engine_plan *plan,
                    struct sqz_diag *diag)
{
    memset(engine, 0, sizeof *engine);
    engine->plan = *plan;
    engine->state = calloc(plan->n_worlds, sizeof *engine->state);
    engine->context = calloc(plan->n_worlds, sizeof *engine->context);
    engine->delays = calloc(plan->n_worlds, sizeof *engine->delays);
    engine->fill_s = calloc(plan->n_outputs + 1, sizeof *engine->fill_s);
    engine->fill_noise = calloc(plan->n_outputs + 1, sizeof *engine->fill_noise);
    size_t pending = plan->n_worlds; /* the horizons */
    for (size_t w = 0; w < plan->n_worlds; w++)
        pending += sqz_world_pending_max(plan->worlds[w]);
    if (engine->state != NULL && engine->context != NULL && engine->delays != NULL &&
        engine->fill_s != NULL && engine->fill_noise != NULL && init_slots(engine) == SQZ_OK &&
        init_lineages(engine) == SQZ_OK && init_clearings(engine) == SQZ_OK &&
        sqz_extremes_init(&engine->extremes, plan->worlds, engine->state, plan->n_worlds) ==
            SQZ_OK &&
        sqz_event_queue_init(&engine->queue, pending, diag) == SQZ_OK)
        return SQZ_OK;
    sqz_engine_free(engine);
    return sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for the state of a path");
}

void sqz_engine_free(struct sqz_engine *engine)
{
    free(engine->state);
    free(engine->context);
    free(engine->delays);
    for (size_t w = 0; engine->lineage != NULL && w < engine->plan.n_worlds; w++)
        sqz_lineage_free(&engine->lineage[w]);
    free(engine->lineage);
    for (size_t w = 0; engine->clearing != NULL && w < engine->plan.n_worlds; w++)
        sqz_clearing_free(&engine->clearing[w]);
    free(engine->clearing);
    free(engine->slot);
    free(engine->driver_state);
    free(engine->fill_s);
    free(engine->fill_noise);
    sqz_extremes_free(&engine->extremes);
    sqz_event_queue_free(&engine->queue);
    memset(engine, 0, sizeof *engine);
}
