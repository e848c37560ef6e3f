/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/scenario.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sim/core/venue_measures.h"
#include "sim/io/families.h"
#include "sim/io/levels.h"
#include "sim/io/nearest.h"
#include "sim/io/odd.h"
#include "sim/io/scenario_keys.h"
#include "sim/io/settle.h"

/* Places among the words of `trigger`. */

static int choose_book(struct sqz_scenario *scenario, const struct sqz_registry *registry,
                       struct sqz_diag *diag)
{
    struct sqz_setting *setting = sqz_settings_find(&scenario->settings, "book");
    struct sqz_family family;
    sqz_family_at(registry, SQZ_FAMILY_SCENARIO, &family); /* the first */
    const char *name =
        setting != NULL ? setting->value : sqz_family_find(&family, "book")->default_text;
    struct sqz_nearest nearest = sqz_nearest_begin(name);
    for (size_t m = 0; registry->books[m] != NULL; m++) {
        if (strcasecmp(registry->books[m]->name, name) == 0) {
            scenario->book_model = registry->books[m];
            return setting != NULL ? sqz_setting_spell(setting, registry->books[m]->name, diag)
                                   : SQZ_OK;
        }
        sqz_nearest_offer(&nearest, registry->books[m]->name);
    }
    return sqz_fail_at(diag, SQZ_ERR_DATA, setting != NULL ? setting->file : NULL,
                       setting != NULL ? setting->line : 0, "book",
                       "unknown model '%s'%s (see squeeze models)", name,
                       sqz_nearest_hint(&nearest, ""));
}

/* Levels or positions, one of them; a venue only with positions. */
static int check_ladder_source(const struct sqz_scenario *scenario, struct sqz_diag *diag)
{
    const struct sqz_setting *levels = sqz_settings_find(&scenario->settings, "levels");
    const struct sqz_setting *venue = sqz_settings_find(&scenario->settings, "venue");
    const struct sqz_setting *drawn = sqz_scenario_population(scenario);
    if (drawn != NULL && sqz_settings_find(&scenario->settings, "positions") != NULL)
        return sqz_fail_at(diag, SQZ_ERR_DATA, drawn->file, drawn->line, drawn->key,
                           "says how positions are drawn, but they are listed in a file; expected "
                           "one of both");
    if (sqz_scenario_has_positions(scenario) && levels != NULL)
        return sqz_fail_at(diag, SQZ_ERR_DATA, levels->file, levels->line, "levels",
                           "stands beside positions; expected one of both");
    if (!sqz_scenario_has_positions(scenario) && levels == NULL)
        return sqz_fail_at(diag, SQZ_ERR_DATA, NULL, 0, "levels",
                           "is missing; expected levels, positions or a population");
    if (!sqz_scenario_has_positions(scenario) && strcmp(scenario->params.venue, "full") != 0)
        return sqz_scenario_fail_without_positions(venue, diag);
    return SQZ_OK;
}

static int resolve(struct sqz_scenario *scenario, const struct sqz_registry *registry,
                   struct sqz_diag *diag)
{
    int error = choose_book(scenario, registry, diag);
    if (error != SQZ_OK)
        return error;
    scenario->shape_params = calloc(1, scenario->book_model->params_size);
    scenario->shape_shared = calloc(1, scenario->book_model->shared_size);
    if (scenario->shape_params == NULL || scenario->shape_shared == NULL)
        return sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for a book");
    error = sqz_position_set_choose(&scenario->reg, registry, &scenario->settings, diag);
    if (error != SQZ_OK)
        return error;
    error = sqz_driver_set_choose(&scenario->drivers, registry, &scenario->settings, diag);
    if (error != SQZ_OK)
        return error;
    /* Unknown keys first: a misspelt required key should be called misspelt, not missing. */
    error = sqz_scenario_match_keys(scenario, registry, diag);
    if (error == SQZ_OK)
        error = sqz_settings_remark(&scenario->settings, &scenario->remarks, diag);
    for (size_t g = 0; error == SQZ_OK && g < scenario->groups; g++)
        error = sqz_params_fill(&scenario->group[g], &scenario->settings, diag);
    for (size_t g = 0; error == SQZ_OK && g < scenario->groups; g++)
        error = sqz_odd_find(&scenario->group[g], &scenario->settings, &scenario->remarks, diag);
    return error != SQZ_OK ? error : check_ladder_source(scenario, diag);
}

static int check_watch(const struct sqz_scenario *scenario, const char *key, double watch_usd,
                       struct sqz_diag *diag)
{
    if (watch_usd != scenario->params.price_usd)
        return SQZ_OK;
    return sqz_fail_at(diag, SQZ_ERR_DATA, NULL, 0, key,
                       "equals the start price; expected a price above or below it");
}

/* The weights in force, where the scenario leaves them to the program. */
static int record_weights(struct sqz_scenario *scenario, struct sqz_diag *diag)
{
    char text[SQZ_LIST_MAX * 32] = "";
    if (sqz_settings_find(&scenario->settings, "book.weights") != NULL)
        return SQZ_OK;
    for (size_t i = 0; i < scenario->book.scales; i++) {
        size_t used = strlen(text);
        snprintf(text + used, sizeof text - used, "%s%.12g", i > 0 ? ";" : "",
                 scenario->book.weight[i]);
    }
    return sqz_settings_add(&scenario->settings, "book.weights", text, "1", diag) != NULL
               ? SQZ_OK
               : SQZ_ERR_NOMEM;
}

/* The same of the range in which depth is known: asks and bids, where these differ. */
static int record_known(struct sqz_scenario *scenario, struct sqz_diag *diag)
{
    char text[64];
    double asks_log = scenario->book.known_log[SQZ_UP],
           bids_log = scenario->book.known_log[SQZ_DOWN];
    if (sqz_settings_find(&scenario->settings, "book.known") != NULL)
        return SQZ_OK;
    if (asks_log == bids_log)
        snprintf(text, sizeof text, "%.12g", asks_log);
    else
        snprintf(text, sizeof text, "%.12g;%.12g", asks_log, bids_log);
    return sqz_settings_add(&scenario->settings, "book.known", text, "1", diag) != NULL
               ? SQZ_OK
               : SQZ_ERR_NOMEM;
}

/* Where a venue nets, as much long as short is nothing. */
static int remark_on_flat(struct sqz_scenario *scenario)
{
    size_t flat = scenario->reg.account_table.flat;
    if (flat == 0)
        return SQZ_OK;
    return sqz_remarks_add(&scenario->remarks, "flat-accounts", scenario->reg.file, 0, "side",
                           "%zu account%s as much long as short, which venue '%s' nets: nothing "
                           "is left that could be forced; give each side an account of its own if "
                           "both are meant to stand",
                           flat, flat == 1 ? " holds" : "s hold", scenario->reg.model->name);
}

static int read_ladder(struct sqz_scenario *scenario, const struct sqz_load_options *options,
                       struct sqz_diag *diag)
{
    const struct sqz_setting *setting = sqz_settings_find(&scenario->settings, "levels");
    if (sqz_scenario_has_positions(scenario)) {
        struct sqz_position_set_terms terms = {scenario->params.symbol, scenario->params.price_usd,
                                               scenario->params.levels_scale,
                                               options->allow_crossed, &scenario->remarks};
        int error = sqz_position_set_prepare(&scenario->reg, &terms, &scenario->settings,
                                             &scenario->ladder, diag);
        return error == SQZ_OK ? remark_on_flat(scenario) : error;
    }
    scenario->levels_file = sqz_setting_path(setting);
    if (scenario->levels_file == NULL)
        return sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for a file name");
    struct sqz_levels_terms terms = {.price_usd = scenario->params.price_usd,
                                     .scale = scenario->params.levels_scale,
                                     .allow_crossed = options->allow_crossed,
                                     .remarks = &scenario->remarks,
                                     .memory = options->memory};
    int error = sqz_levels_read(&scenario->ladder, scenario->levels_file, &terms,
                                &scenario->levels_digest, diag);
    if (error == SQZ_ERR_DATA)
        sqz_setting_cite(setting, diag);
    return error;
}

static double mark_rate(const struct sqz_scenario_params *params)
{
    return params->trigger == SQZ_TRIGGER_MARK ? 1.0 / params->mark_window_s : 0.0;
}

struct sqz_driver_terms sqz_scenario_driver_terms(const struct sqz_scenario *scenario)
{
    const struct sqz_scenario_params *params = &scenario->params;
    return (struct sqz_driver_terms){.price_usd = params->price_usd,
                                     .horizon_s = params->horizon_s,
                                     .trigger = (enum sqz_trigger)params->trigger,
                                     .mark_rate = mark_rate(params)};
}

static void bind_world(struct sqz_scenario *scenario)
{
    const struct sqz_scenario_params *params = &scenario->params;
    scenario->world = (struct sqz_world){
        .ladder = &scenario->ladder,
        .market = {.book = &scenario->book,
                   .volatility_per_sqrt_s = params->volatility_per_sqrt_s,
                   .drift_per_s = params->drift_per_s,
                   .impact = params->impact == 0,
                   .trigger = (enum sqz_trigger)params->trigger,
                   .mark_rate = mark_rate(params)},
        .stops = {.watch_log = {[SQZ_TARGET] = log(params->target_usd / params->price_usd),
                                [SQZ_FLOOR] = log(params->floor_usd / params->price_usd)},
                  .record_step_log = params->peak_resolution_log},
        .horizon_s = params->horizon_s,
        .execution = {.latency_s = params->latency_s,
                      .random = params->latency_law != 0,
                      .usd_per_s =
                          isfinite(params->slice_usd_per_s) ? params->slice_usd_per_s : 0.0,
                      .interval_s = params->slice_interval_s},
        .attrition = {.per_s = params->attrition_per_s, .topup = params->topup},
        .venue = sqz_scenario_has_positions(scenario) ? &scenario->reg.venue : NULL,
    };
    sqz_driver_set_bind(&scenario->drivers, &scenario->world);
    if (scenario->world.venue == NULL)
        return;
    scenario->world.driver[scenario->world.n_drivers++] =
        (struct sqz_driver){&sqz_venue_measures, NULL, 0};
    scenario->world.n_measures += sqz_venue_measures.n_measures;
}

static int prepare(struct sqz_scenario *scenario, const struct sqz_load_options *options,
                   struct sqz_diag *diag)
{
    struct sqz_driver_terms terms = sqz_scenario_driver_terms(scenario);
    int error = check_watch(scenario, "target", scenario->params.target_usd, diag);
    if (error == SQZ_OK)
        error = check_watch(scenario, "floor", scenario->params.floor_usd, diag);
    if (error == SQZ_OK)
        error = scenario->book_model->prepare(scenario->shape_params, scenario->shape_shared, diag);
    if (error == SQZ_OK)
        error = sqz_book_init(&scenario->book, &scenario->book_params, scenario->book_model,
                              scenario->shape_shared, diag);
    if (error == SQZ_OK)
        error = record_weights(scenario, diag);
    if (error == SQZ_OK)
        error = record_known(scenario, diag);
    if (error == SQZ_OK)
        error = sqz_driver_set_prepare(&scenario->drivers, &terms, diag);
    if (error == SQZ_OK)
        error = read_ladder(scenario, options, diag);
    if (error == SQZ_OK)
        bind_world(scenario);
    return error;
}

int sqz_scenario_load(struct sqz_scenario *scenario, const char *path,
                      const struct sqz_load_options *options, const struct sqz_registry *registry,
                      struct sqz_diag *diag)
{
    memset(scenario, 0, sizeof *scenario);
    scenario->file = strdup(path);
    scenario->settings.registry = registry;
    scenario->settings.memory = options->memory;
    int error = scenario->file != NULL ? sqz_settings_read(&scenario->settings, path, diag)
                                       : sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for a file name");
    for (size_t i = 0; error == SQZ_OK && i < options->n_set; i++)
        error = sqz_settings_override(&scenario->settings, options->set[i], diag);
    if (error == SQZ_OK)
        error = resolve(scenario, registry, diag);
    if (error == SQZ_OK)
        error = prepare(scenario, options, diag);
    scenario->settings.memory = scenario->reg.terms.memory = NULL;
    if (error != SQZ_OK) {
        sqz_settings_locate(&scenario->settings, diag);
        if (diag != NULL && diag->file[0] == '\0' && error == SQZ_ERR_DATA)
            strncpy(diag->file, path, sizeof diag->file - 1);
        sqz_scenario_free(scenario);
    }
    return error;
}

double sqz_scenario_notional_usd(const struct sqz_scenario *scenario)
{
    return scenario->ladder.side[SQZ_UP].total_usd + scenario->ladder.side[SQZ_DOWN].total_usd;
}

const char *sqz_scenario_label(const struct sqz_scenario *scenario)
{
    return scenario->params.name != NULL ? scenario->params.name : scenario->file;
}

static void visit_tables(const struct sqz_param_group *group,
                         void (*visit)(void *context, const char *path, const char *sha256),
                         void *context)
{
    for (size_t i = 0; i < group->count; i++) {
        const char *value = (const char *)group->target + group->table[i].offset;
        const struct sqz_table *table = (const struct sqz_table *)value;
        if (group->table[i].kind == SQZ_PARAM_TABLE && table->rows > 0)
            visit(context, table->file, table->sha256);
    }
}

void sqz_scenario_files(const struct sqz_scenario *scenario,
                        void (*visit)(void *context, const char *path, const char *sha256),
                        void *context)
{
    const struct sqz_settings *settings = &scenario->settings;
    visit(context, scenario->file, settings->digest.hex);
    for (size_t i = 0; i < settings->n_included; i++)
        visit(context, settings->included[i].path, settings->included[i].digest.hex);
    if (scenario->levels_file != NULL)
        visit(context, scenario->levels_file, scenario->levels_digest.hex);
    if (scenario->reg.file != NULL)
        visit(context, scenario->reg.file, scenario->reg.digest.hex);
    if (scenario->reg.terms.file != NULL)
        visit(context, scenario->reg.terms.file, scenario->reg.terms.digest.hex);
    for (size_t g = 0; g < scenario->groups; g++)
        visit_tables(&scenario->group[g], visit, context);
}

void sqz_scenario_free(struct sqz_scenario *scenario)
{
    if (scenario->shape_shared != NULL && scenario->book_model->release != NULL)
        scenario->book_model->release(scenario->shape_shared);
    for (size_t g = 0; g < scenario->groups; g++)
        sqz_params_release(&scenario->group[g]);
    sqz_driver_set_free(&scenario->drivers);
    sqz_position_set_free(&scenario->reg);
    sqz_ladder_free(&scenario->ladder);
    sqz_settings_free(&scenario->settings);
    sqz_remarks_free(&scenario->remarks);
    free(scenario->shape_shared);
    free(scenario->shape_params);
    free(scenario->levels_file);
    free(scenario->file);
    memset(scenario, 0, sizeof *scenario);
}
