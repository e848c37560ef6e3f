#include "sim/io/scenario_keys.h"

#include <string.h>

#include "sim/io/families.h"
#include "sim/io/nearest.h"

/* ---- which families a scenario has --------------------------------------------------------- */

/* The first setting whose key begins like that. */
static const struct sqz_setting *find_first(const struct sqz_scenario *scenario, const char *start)
{
    const struct sqz_settings *settings = &scenario->settings;
    for (size_t i = 0; i < settings->count; i++)
        if (strncmp(settings->item[i].key, start, strlen(start)) == 0)
            return &settings->item[i];
    return NULL;
}

const struct sqz_setting *sqz_scenario_population(const struct sqz_scenario *scenario)
{
    return find_first(scenario, "population.");
}

bool sqz_scenario_has_positions(const struct sqz_scenario *scenario)
{
    return sqz_settings_find(&scenario->settings, "positions") != NULL ||
           sqz_scenario_population(scenario) != NULL;
}

/* What the family's parameters fill; NULL: the scenario has nothing of it. */
static void *target_of(struct sqz_scenario *scenario, const struct sqz_registry *registry,
                       const struct sqz_family *family)
{
    bool positions = sqz_scenario_has_positions(scenario);
    switch (family->kind) {
    case SQZ_FAMILY_SCENARIO:
        return &scenario->params;
    case SQZ_FAMILY_EVERY_BOOK:
        return &scenario->book_params;
    case SQZ_FAMILY_BOOK:
        return registry->books[family->place] == scenario->book_model ? scenario->shape_params
                                                                      : NULL;
    case SQZ_FAMILY_DRIVER:
        return sqz_driver_set_params(&scenario->drivers, family->place);
    case SQZ_FAMILY_EVERY_VENUE:
        return positions ? &scenario->reg.terms.params : NULL;
    case SQZ_FAMILY_VENUE:
        return positions && registry->venues[family->place] == scenario->reg.model
                   ? scenario->reg.params
                   : NULL;
    default:
        return sqz_scenario_population(scenario) != NULL ? &scenario->reg.population : NULL;
    }
}

static void list_groups(struct sqz_scenario *scenario, const struct sqz_registry *registry)
{
    struct sqz_family family;
    scenario->groups = 0;
    for (size_t i = 0; sqz_family_at(registry, i, &family); i++) {
        void *target = target_of(scenario, registry, &family);
        if (target != NULL)
            scenario->group[scenario->groups++] =
                (struct sqz_param_group){family.params, family.n_params, target};
    }
}

/* ---- unknown keys -------------------------------------------------------------------------- */

int sqz_scenario_fail_without_positions(const struct sqz_setting *setting, struct sqz_diag *diag)
{
    return sqz_fail_at(diag, SQZ_ERR_DATA, setting->file, setting->line, setting->key,
                       "says how positions are liquidated; expected a scenario with positions");
}

/* Whether the family is of a book or a venue that is not the scenario's. */
static bool is_foreign(const struct sqz_scenario *scenario, const struct sqz_registry *registry,
                       const struct sqz_family *family)
{
    if (family->kind == SQZ_FAMILY_BOOK)
        return registry->books[family->place] != scenario->book_model;
    return family->kind == SQZ_FAMILY_VENUE &&
           registry->venues[family->place] != scenario->reg.model;
}

static int fail_foreign(const struct sqz_scenario *scenario, const struct sqz_setting *setting,
                        const struct sqz_family *family, struct sqz_diag *diag)
{
    const char *own =
        family->kind == SQZ_FAMILY_BOOK ? scenario->book_model->name : scenario->reg.model->name;
    return sqz_fail_at(diag, SQZ_ERR_DATA, setting->file, setting->line, setting->key,
                       "belongs to %s '%s', but this scenario's %s is '%s'", family->title,
                       family->name, family->title, own);
}

static int fail_unknown(const struct sqz_scenario *scenario, const struct sqz_setting *setting,
                        const struct sqz_registry *registry, struct sqz_diag *diag)
{
    struct sqz_family family;
    struct sqz_nearest nearest = sqz_nearest_begin(setting->key);
    if (find_first(scenario, "venue.") == setting && !sqz_scenario_has_positions(scenario))
        return sqz_scenario_fail_without_positions(setting, diag);
    for (size_t i = 0; sqz_family_at(registry, i, &family); i++) {
        bool foreign = is_foreign(scenario, registry, &family);
        if (foreign && sqz_family_find(&family, setting->key) != NULL)
            return fail_foreign(scenario, setting, &family, diag);
        for (size_t p = 0; !foreign && p < family.n_params; p++)
            sqz_nearest_offer(&nearest, family.params[p].key);
    }
    return sqz_fail_at(diag, SQZ_ERR_DATA, setting->file, setting->line, setting->key,
                       "unknown key%s", sqz_nearest_hint(&nearest, ""));
}

/* Note which settings the scenario's own tables know. */
static void mark_used(struct sqz_scenario *scenario)
{
    for (size_t g = 0; g < scenario->groups; g++)
        for (size_t i = 0; i < scenario->group[g].count; i++) {
            struct sqz_setting *setting =
                sqz_settings_find(&scenario->settings, scenario->group[g].table[i].key);
            if (setting != NULL)
                setting->used = true;
        }
}

int sqz_scenario_match_keys(struct sqz_scenario *scenario, const struct sqz_registry *registry,
                            struct sqz_diag *diag)
{
    list_groups(scenario, registry);
    mark_used(scenario);
    for (size_t i = 0; i < scenario->settings.count; i++)
        if (!scenario->settings.item[i].used)
            return fail_unknown(scenario, &scenario->settings.item[i], registry, diag);
    return SQZ_OK;
}

int sqz_scenario_find_param(const struct sqz_scenario *scenario,
                            const struct sqz_registry *registry, const char *key,
                            const char *origin, const struct sqz_param **param,
                            struct sqz_diag *diag)
{
    struct sqz_family family;
    for (size_t i = 0; sqz_family_at(registry, i, &family); i++) {
        *param = is_foreign(scenario, registry, &family) ? NULL : sqz_family_find(&family, key);
        if (*param != NULL)
            return SQZ_OK;
    }
    struct sqz_setting setting = {.key = (char *)key, .file = (char *)origin}; /* read only */
    return fail_unknown(scenario, &setting, registry, diag);
}
