#include "sim/io/drivers.h"

#include <stdlib.h>
#include <string.h>

static bool is_named(const struct sqz_driver_model *model, const struct sqz_settings *settings)
{
    for (size_t i = 0; i < model->n_params; i++)
        if (sqz_settings_find(settings, model->params[i].key) != NULL)
            return true;
    return false;
}

int sqz_driver_set_choose(struct sqz_driver_set *set, const struct sqz_registry *registry,
                          const struct sqz_settings *settings, struct sqz_diag *diag)
{
    for (size_t m = 0; registry->drivers[m] != NULL; m++) {
        const struct sqz_driver_model *model = registry->drivers[m];
        if (!is_named(model, settings))
            continue;
        if (set->count == SQZ_DRIVERS_MAX)
            return sqz_fail(diag, SQZ_ERR_DATA, "more than %d drivers", SQZ_DRIVERS_MAX);
        struct sqz_driver_item *item = &set->item[set->count++];
        *item = (struct sqz_driver_item){.model = model,
                                         .place = m,
                                         .params = calloc(1, model->params_size + 1),
                                         .shared = calloc(1, model->shared_size + 1)};
        if (item->params == NULL || item->shared == NULL)
            return sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for driver '%s'", model->name);
    }
    return SQZ_OK;
}

void *sqz_driver_set_params(const struct sqz_driver_set *set, size_t place)
{
    for (size_t i = 0; i < set->count; i++)
        if (set->item[i].place == place)
            return set->item[i].params;
    return NULL;
}

int sqz_driver_set_prepare(struct sqz_driver_set *set, const struct sqz_market *market,
                           struct sqz_diag *diag)
{
    size_t n_measures = 0;
    for (size_t i = 0; i < set->count; i++) {
        struct sqz_driver_item *item = &set->item[i];
        item->active = item->model->active(item->params);
        n_measures += item->active ? item->model->n_measures : 0;
        if (n_measures > SQZ_MEASURES_MAX)
            return sqz_fail(diag, SQZ_ERR_DATA, "the drivers have more than %d measures",
                            SQZ_MEASURES_MAX);
        int error =
            item->active ? item->model->prepare(item->params, market, item->shared, diag) : SQZ_OK;
        if (error != SQZ_OK)
            return error;
    }
    return SQZ_OK;
}

void sqz_driver_set_bind(const struct sqz_driver_set *set, struct sqz_world *world)
{
    for (size_t i = 0; i < set->count; i++) {
        const struct sqz_driver_item *item = &set->item[i];
        if (!item->active)
            continue;
        world->driver[world->n_drivers++] = (struct sqz_driver){
            item->model, item->shared, SQZ_STREAM_DRIVERS + (uint64_t)item->place};
        world->n_measures += item->model->n_measures;
        world->listened |= item->model->on_fill != NULL;
    }
}

void sqz_driver_set_free(struct sqz_driver_set *set)
{
    for (size_t i = 0; i < set->count; i++) {
        struct sqz_driver_item *item = &set->item[i];
        if (item->shared != NULL && item->model->release != NULL)
            item->model->release(item->shared);
        free(item->shared);
        free(item->params);
    }
    memset(set, 0, sizeof *set);
}
