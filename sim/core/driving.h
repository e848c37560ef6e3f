/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The drivers of all worlds of a path: whose event comes next, what it asks for, and what that does
 * to its world.
 *
 * Each driver of each world has a slot with its own random stream and its model's state. A driver
 * answers with an effect, which is carried out here and nowhere else. */
#ifndef SQZ_CORE_DRIVING_H
#define SQZ_CORE_DRIVING_H

#include "sim/core/world.h"

/* One driver of one world on the current path. */
struct sqz_driver_slot {
    const struct sqz_driver *driver;
    unsigned world, index; /* of the driver in the world */
    double due_s;          /* its next event; INFINITY for none */
    struct sqz_stream stream;
    void *state; /* model->state_size bytes inside driver_state */
};

/* Reset, not reallocated; owns its arrays. Written by the functions below alone. */
struct sqz_driving {
    struct sqz_driver_slot *slot; /* world by world */
    size_t n_slots;
    size_t due_slot; /* whose event comes next */
    double due_s;    /* when; INFINITY if no driver has one */
    char *driver_state;
};

/* The worlds stay the caller's. Returns SQZ_OK or SQZ_ERR_NOMEM. */
int sqz_driving_init(struct sqz_driving *driving, const struct sqz_world *const *worlds,
                     size_t n_worlds);
/* Safe on a zeroed or already freed one. */
void sqz_driving_free(struct sqz_driving *driving);

/* A world and who looks on, for what a driver does to it. */
struct sqz_driven {
    const struct sqz_world *world;
    struct sqz_world_state *state;
    const struct sqz_context *at;
};

/* Begin a path: number `slot` starts and does to its world what it does at once. The next event is
 * known after sqz_driving_find_next. Returns whether levels have moved. */
bool sqz_driving_start(struct sqz_driving *driving, size_t slot, const struct sqz_driven *driven,
                       uint64_t seed, uint64_t path);
void sqz_driving_find_next(struct sqz_driving *driving);

/* The world whose driver has the next event. */
static inline unsigned sqz_driving_next_world(const struct sqz_driving *driving)
{
    return driving->slot[driving->due_slot].world;
}

/* That event, on its world. Returns whether levels have moved. */
bool sqz_driving_fire(struct sqz_driving *driving, const struct sqz_driven *driven);

/* Tell the listening drivers of world `w` what forced orders were executed. */
void sqz_driving_hear(struct sqz_driving *driving, unsigned w,
                      struct sqz_execution_state *execution, double time_s);

/* The path of world `w` has ended. */
void sqz_driving_drop(struct sqz_driving *driving, unsigned w);

/* The measures of the drivers of world `w`, in their order. */
void sqz_driving_measure(const struct sqz_driving *driving, unsigned w, const struct sqz_view *now,
                         double value[SQZ_MEASURES_MAX]);

#endif
