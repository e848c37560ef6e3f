/* The drivers that a scenario switches on: a driver is on as soon as one of its keys is there. */
#ifndef SQZ_IO_DRIVERS_H
#define SQZ_IO_DRIVERS_H

#include "sim/core/world.h"
#include "sim/io/params.h"

struct sqz_driver_item {
    const struct sqz_driver_model *model;
    size_t place; /* in the registry */
    void *params, *shared;
    bool active; /* asks for something; else it is left out of the world */
};

/* In the order of the registry. Owns what its items point to, models aside. */
struct sqz_driver_set {
    struct sqz_driver_item item[SQZ_DRIVERS_MAX];
    size_t count;
};

/* Find the drivers whose keys stand in `settings`. Free the set also after a failure. */
int sqz_driver_set_choose(struct sqz_driver_set *set, const struct sqz_registry *registry,
                          const struct sqz_settings *settings, struct sqz_diag *diag);

/* The parameters of the driver at that place in the registry, to be filled after
 * sqz_driver_set_choose; NULL: it is not in the set. */
void *sqz_driver_set_params(const struct sqz_driver_set *set, size_t place);

/* Prepare the drivers whose filled parameters make them active. */
int sqz_driver_set_prepare(struct sqz_driver_set *set, const struct sqz_market *market,
                           struct sqz_diag *diag);

/* Add the active drivers to a world, each with its stream. */
void sqz_driver_set_bind(const struct sqz_driver_set *set, struct sqz_world *world);

/* Release what the drivers prepared and free their parameters, tables inside them aside: release
 * those first by the group. Safe on a zeroed set. */
void sqz_driver_set_free(struct sqz_driver_set *set);

#endif
