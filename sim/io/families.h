/* The families of parameters: what every scenario may say, every book and every venue, each model,
 * and a population. Whoever lists keys, looks one up or fills a scenario walks over them here. */
#ifndef SQZ_IO_FAMILIES_H
#define SQZ_IO_FAMILIES_H

#include <stdbool.h>
#include <stddef.h>

#include "sim/core/model.h"

enum sqz_family_kind {
    SQZ_FAMILY_SCENARIO,
    SQZ_FAMILY_EVERY_BOOK,
    SQZ_FAMILY_BOOK, /* one model's */
    SQZ_FAMILY_DRIVER,
    SQZ_FAMILY_EVERY_VENUE,
    SQZ_FAMILY_VENUE,
    SQZ_FAMILY_POPULATION
};

struct sqz_family {
    enum sqz_family_kind kind;
    size_t place;                      /* of a model in its list of the registry */
    const char *title;                 /* "every book"; of a model its kind, "book" */
    const char *name, *doc, *citation; /* of a model, else NULL */
    const struct sqz_param *params;
    size_t n_params;
    const struct sqz_measure *measures; /* that it reports */
    size_t n_measures;
};

/* The family at `index`, in the order in which their keys are listed and resolved. False: there are
 * no more. */
bool sqz_family_at(const struct sqz_registry *registry, size_t index, struct sqz_family *family);

/* The row of a key, also by a former name of it; NULL: the family has none. */
const struct sqz_param *sqz_family_find(const struct sqz_family *family, const char *key);
/* The same of all families; several models may have a row for the key, the first is found. */
const struct sqz_param *sqz_families_find(const struct sqz_registry *registry, const char *key);
/* Whether the row has that former name. */
bool sqz_param_was(const struct sqz_param *param, const char *key);

#endif
