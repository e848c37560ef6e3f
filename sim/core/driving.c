/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/core/driving.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/core/cascade.h"

/* ---- slots --------------------------------------------------------------------------------- */

static size_t aligned(size_t size)
{
    size_t unit = _Alignof(max_align_t);
    return (size + unit - 1) / unit * unit;
}

static size_t state_bytes(const struct sqz_world *world, size_t driver)
{
    return aligned(world->driver[driver].model->state_size);
}

/* Room for the slots of all drivers and their states. */
static int reserve(struct sqz_driving *driving, const struct sqz_world *const *worlds,
                   size_t n_worlds)
{
    size_t bytes = 0;
    for (size_t w = 0; w < n_worlds; w++)
        for (size_t d = 0; d < worlds[w]->n_drivers; d++) {
            driving->n_slots++;
            bytes += state_bytes(worlds[w], d);
        }
    driving->slot = calloc(driving->n_slots + 1, sizeof *driving->slot);
    driving->driver_state = calloc(1, bytes + 1);
    return driving->slot != NULL && driving->driver_state != NULL ? SQZ_OK : SQZ_ERR_NOMEM;
}

int sqz_driving_init(struct sqz_driving *driving, const struct sqz_world *const *worlds,
                     size_t n_worlds)
{
    memset(driving, 0, sizeof *driving);
    if (reserve(driving, worlds, n_worlds) != SQZ_OK) {
        sqz_driving_free(driving);
        return SQZ_ERR_NOMEM;
    }
    struct sqz_driver_slot *slot = driving->slot;
    char *place = driving->driver_state;
    for (size_t w = 0; w < n_worlds; w++)
        for (size_t d = 0; d < worlds[w]->n_drivers; d++, slot++) {
            *slot = (struct sqz_driver_slot){.driver = &worlds[w]->driver[d],
                                             .world = (unsigned)w,
                                             .index = (unsigned)d,
                                             .state = place};
            place += state_bytes(worlds[w], d);
        }
    return SQZ_OK;
}

void sqz_driving_free(struct sqz_driving *driving)
{
    free(driving->slot);
    free(driving->driver_state);
    memset(driving, 0, sizeof *driving);
}

void sqz_driving_find_next(struct sqz_driving *driving)
{
    driving->due_s = INFINITY;
    for (size_t i = 0; i < driving->n_slots; i++)
        if (driving->slot[i].due_s < driving->due_s) {
            driving->due_s = driving->slot[i].due_s;
            driving->due_slot = i;
        }
}

void sqz_driving_drop(struct sqz_driving *driving, unsigned w)
{
    for (size_t i = 0; i < driving->n_slots; i++)
        if (driving->slot[i].world == w)
            driving->slot[i].due_s = INFINITY;
    sqz_driving_find_next(driving);
}

/* ---- effects ------------------------------------------------------------------------------- */

static void trade(const struct sqz_driven *driven, const char *name, double order_usd)
{
    const struct sqz_market *market = &driven->world->market;
    struct sqz_market_state *now = &driven->state->market;
    struct sqz_event event = {.kind = SQZ_EVENT_ORDER,
                              .side = sqz_order_side_of(order_usd),
                              .notional_usd = fabs(order_usd),
                              .driver = name};
    sqz_cascade_note_price(driven->world, driven->state, driven->at->time_s);
    if (sqz_observer_wants(driven->at->log, SQZ_EVENT_ORDER))
        event.fill_log = sqz_market_fill_log(market, now, order_usd);
    sqz_market_order(market, now, order_usd);
    sqz_event_report(driven->at, sqz_market_price(now), event);
}

static void jump(const struct sqz_driven *driven, const char *name, double jump_log)
{
    const struct sqz_event event = {.kind = SQZ_EVENT_JUMP, .driver = name, .jump_log = jump_log};
    sqz_cascade_note_price(driven->world, driven->state, driven->at->time_s);
    sqz_market_jump(&driven->state->market, jump_log);
    sqz_event_report(driven->at, sqz_market_price(&driven->state->market), event);
}

static void report_change(const struct sqz_driven *driven, const char *name)
{
    const struct sqz_market_state *now = &driven->state->market;
    if (!sqz_observer_wants(driven->at->log, SQZ_EVENT_CHANGE))
        return;
    const struct sqz_event event = {.kind = SQZ_EVENT_CHANGE,
                                    .driver = name,
                                    .volatility_per_sqrt_s = now->volatility,
                                    .depth_left =
                                        sqz_market_depth_left(&driven->world->market, now, 0.0)};
    sqz_event_report(driven->at, sqz_market_price(now), event);
}

/* Do to a world what one of its drivers asks for. Returns whether levels have moved. */
static bool carry_out(const struct sqz_driven *driven, struct sqz_driver_slot *slot,
                      const struct sqz_driver_effect *effect)
{
    struct sqz_world_state *state = driven->state;
    const char *name = slot->driver->model->name;
    if (sqz_market_drive(&driven->world->market, &state->market, slot->index, effect))
        report_change(driven, name);
    if (effect->funding != 0.0)
        sqz_cascade_pay_funding(driven->world, state, effect->funding, driven->at->time_s);
    for (int side = 0; side < 2; side++)
        sqz_attrition_keep(&state->attrition, (enum sqz_side)side, effect->level_keep[side]);
    if (effect->jump_log != 0.0)
        jump(driven, name, effect->jump_log);
    if (effect->order_usd != 0.0)
        trade(driven, name, effect->order_usd);
    slot->due_s = effect->next_s;
    return effect->funding != 0.0;
}

/* ---- events -------------------------------------------------------------------------------- */

static const struct sqz_driver_effect NEUTRAL = {.volatility_multiplier = 1.0,
                                                 .depth_multiplier = 1.0,
                                                 .level_keep = {1.0, 1.0},
                                                 .next_s = INFINITY};

bool sqz_driving_start(struct sqz_driving *driving, size_t slot, const struct sqz_driven *driven,
                       uint64_t seed, uint64_t path)
{
    struct sqz_driver_slot *own = &driving->slot[slot];
    struct sqz_driver_effect effect = NEUTRAL;
    sqz_stream_open(&own->stream, seed, path, own->driver->stream);
    own->driver->model->start(own->driver->shared, own->state, &own->stream, &effect);
    return carry_out(driven, own, &effect);
}

bool sqz_driving_fire(struct sqz_driving *driving, const struct sqz_driven *driven)
{
    struct sqz_driver_slot *slot = &driving->slot[driving->due_slot];
    const struct sqz_view now = {.time_s = driven->at->time_s,
                                 .price_log = sqz_market_price_log(&driven->state->market),
                                 .world = driven->world,
                                 .state = driven->state};
    struct sqz_driver_effect effect = NEUTRAL;
    slot->driver->model->fire(slot->driver->shared, slot->state, &slot->stream, &now, &effect);
    bool moved = carry_out(driven, slot, &effect);
    sqz_driving_find_next(driving);
    return moved;
}

void sqz_driving_hear(struct sqz_driving *driving, unsigned w,
                      struct sqz_execution_state *execution, double time_s)
{
    for (size_t i = 0; i < driving->n_slots; i++) {
        struct sqz_driver_slot *slot = &driving->slot[i];
        const struct sqz_driver_model *model = slot->driver->model;
        if (slot->world == w && model->on_fill != NULL)
            slot->due_s = model->on_fill(slot->driver->shared, slot->state, &slot->stream, time_s,
                                         execution->executed_usd, slot->due_s);
    }
    sqz_execution_forget_executed(execution);
    sqz_driving_find_next(driving);
}

void sqz_driving_measure(const struct sqz_driving *driving, unsigned w, const struct sqz_view *now,
                         double value[SQZ_MEASURES_MAX])
{
    for (size_t i = 0; i < driving->n_slots; i++) {
        const struct sqz_driver_slot *slot = &driving->slot[i];
        const struct sqz_driver_model *model = slot->driver->model;
        if (slot->world != w || model->n_measures == 0)
            continue;
        model->measure(slot->driver->shared, slot->state, now, value);
        value += model->n_measures;
    }
}
