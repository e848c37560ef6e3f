#include "sim/io/families.h"

#include <string.h>

#include "sim/core/book.h"
#include "sim/core/clearing.h"
#include "sim/core/population.h"
#include "sim/core/venue.h"
#include "sim/io/scenario.h"

static void set_book(const struct sqz_registry *registry, size_t place, struct sqz_family *family)
{
    const struct sqz_book_model *book = registry->books[place];
    *family = (struct sqz_family){.kind = SQZ_FAMILY_BOOK,
                                  .place = place,
                                  .title = "book",
                                  .name = book->name,
                                  .doc = book->doc,
                                  .citation = book->citation,
                                  .params = book->params,
                                  .n_params = book->n_params};
}

static void set_driver(const struct sqz_registry *registry, size_t place, struct sqz_family *family)
{
    const struct sqz_driver_model *driver = registry->drivers[place];
    *family = (struct sqz_family){.kind = SQZ_FAMILY_DRIVER,
                                  .place = place,
                                  .title = "driver",
                                  .name = driver->name,
                                  .doc = driver->doc,
                                  .citation = driver->citation,
                                  .params = driver->params,
                                  .n_params = driver->n_params,
                                  .measures = driver->measures,
                                  .n_measures = driver->n_measures};
}

static void set_venue(const struct sqz_registry *registry, size_t place, struct sqz_family *family)
{
    const struct sqz_venue_model *venue = registry->venues[place];
    *family = (struct sqz_family){.kind = SQZ_FAMILY_VENUE,
                                  .place = place,
                                  .title = "venue",
                                  .name = venue->name,
                                  .doc = venue->doc,
                                  .citation = venue->citation,
                                  .params = venue->params,
                                  .n_params = venue->n_params};
}

/* The families that belong to no model. */
static void set_common(enum sqz_family_kind kind, struct sqz_family *family)
{
    *family = (struct sqz_family){.kind = kind};
    switch (kind) {
    case SQZ_FAMILY_SCENARIO:
        family->title = "every scenario";
        family->params = sqz_scenario_param_table;
        family->n_params = sqz_scenario_param_count;
        break;
    case SQZ_FAMILY_EVERY_BOOK:
        family->title = "every book";
        family->params = sqz_book_param_table;
        family->n_params = sqz_book_param_count;
        break;
    case SQZ_FAMILY_EVERY_VENUE:
        family->title = "every venue";
        family->params = sqz_venue_param_table;
        family->n_params = sqz_venue_param_count;
        family->measures = sqz_clearing_measures.measures;
        family->n_measures = sqz_clearing_measures.n_measures;
        break;
    default:
        family->title = "a population of positions";
        family->params = sqz_population_param_table;
        family->n_params = sqz_population_param_count;
    }
}

/* The models of a kind, as many as there are, or what all of that kind share. */
struct run {
    enum sqz_family_kind kind;
    size_t count;
    void (*set)(const struct sqz_registry *registry, size_t place, struct sqz_family *family);
};

bool sqz_family_at(const struct sqz_registry *registry, size_t index, struct sqz_family *family)
{
    size_t books = 0, drivers = 0, venues = 0;
    while (registry->books[books] != NULL)
        books++;
    while (registry->drivers[drivers] != NULL)
        drivers++;
    while (registry->venues[venues] != NULL)
        venues++;
    const struct run order[] = {
        {SQZ_FAMILY_SCENARIO, 1, NULL},     {SQZ_FAMILY_EVERY_BOOK, 1, NULL},
        {SQZ_FAMILY_BOOK, books, set_book}, {SQZ_FAMILY_DRIVER, drivers, set_driver},
        {SQZ_FAMILY_EVERY_VENUE, 1, NULL},  {SQZ_FAMILY_VENUE, venues, set_venue},
        {SQZ_FAMILY_POPULATION, 1, NULL},
    };
    for (size_t i = 0; i < sizeof order / sizeof order[0]; index -= order[i++].count) {
        if (index >= order[i].count)
            continue;
        if (order[i].set != NULL)
            order[i].set(registry, index, family);
        else
            set_common(order[i].kind, family);
        return true;
    }
    return false;
}

bool sqz_param_was(const struct sqz_param *param, const char *key)
{
    size_t length = strlen(key);
    for (const char *name = param->aliases; name != NULL && *name != '\0';) {
        size_t size = strcspn(name, " ");
        if (size == length && memcmp(name, key, size) == 0)
            return true;
        name += size + strspn(name + size, " ");
    }
    return false;
}

const struct sqz_param *sqz_family_find(const struct sqz_family *family, const char *key)
{
    for (size_t i = 0; i < family->n_params; i++)
        if (strcmp(family->params[i].key, key) == 0 || sqz_param_was(&family->params[i], key))
            return &family->params[i];
    return NULL;
}

const struct sqz_param *sqz_families_find(const struct sqz_registry *registry, const char *key)
{
    struct sqz_family family;
    const struct sqz_param *param = NULL;
    for (size_t i = 0; param == NULL && sqz_family_at(registry, i, &family); i++)
        param = sqz_family_find(&family, key);
    return param;
}
