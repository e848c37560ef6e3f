#include "sim/io/scenario.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sim/io/levels.h"
#include "sim/io/nearest.h"
#include "sim/io/odd.h"
#include "sim/io/settle.h"

static const char *const ON_OFF[] = {"on", "off", NULL};
static const char *const TRIGGERS[] = {"last", "mark", "index", NULL};
enum { TRIGGER_LAST, TRIGGER_MARK };
static const char *const LATENCY_LAWS[] = {"fixed", "exponential", NULL};

#define FIELD(member) offsetof(struct sqz_scenario_params, member)
#define TEXT(k, default_text, needed, member, text)                                                \
    {                                                                                              \
        .key = k, .kind = SQZ_PARAM_TEXT, .dimension = SQZ_DIM_NONE, .unit = "",                   \
        .standard = default_text, .required = needed, .offset = FIELD(member), .doc = text         \
    }
#define CHOICE(k, default_text, words, member, text)                                               \
    {                                                                                              \
        .key = k, .kind = SQZ_PARAM_CHOICE, .dimension = SQZ_DIM_NONE, .unit = "",                 \
        .standard = default_text, .choices = words, .offset = FIELD(member), .doc = text           \
    }
#define NUMBER(k, dim, u, default_text, needed, least, most, open, member, text)                   \
    {                                                                                              \
        .key = k, .kind = SQZ_PARAM_NUMBER, .dimension = dim, .unit = u, .standard = default_text, \
        .required = needed, .lo = least, .hi = most, .above_lo = open, .offset = FIELD(member),    \
        .doc = text                                                                                \
    }
/* A share of which as much as `odd` can hardly be meant. */
#define SHARE(k, dim, u, default_text, needed, least, most, odd, member, text)                     \
    {                                                                                              \
        .key = k, .kind = SQZ_PARAM_NUMBER, .dimension = dim, .unit = u, .standard = default_text, \
        .required = needed, .lo = least, .hi = most, .odd_from = odd, .offset = FIELD(member),     \
        .doc = text                                                                                \
    }

/* A factor of exp(0.5) a day, per square-root second as one standard deviation and per second as
 * drift: what BTC fell by on the worst day of its record, 12 March 2020. */
#define VOLATILITY_ODD_FROM (0.5 / 293.93876913398138)
#define DRIFT_ODD_FROM (0.5 / 86400)
const struct sqz_param sqz_scenario_param_table[] = {
    TEXT("name", NULL, false, name, "label of the scenario"),
    TEXT("symbol", NULL, false, symbol, "label of the market"),
    NUMBER("price", SQZ_DIM_USD, "usd", NULL, true, 0, 1e15, true, price_usd, "start price"),
    NUMBER("horizon", SQZ_DIM_TIME, "s", NULL, true, 0, 1e12, true, horizon_s, "end of a path"),
    TEXT("levels", NULL, false, levels, "CSV of liquidation levels, relative to this file"),
    TEXT("positions", NULL, false, positions,
         "CSV of open positions, relative to this file; instead of levels"),
    TEXT("venue", "full", false, venue, "liquidation policy of the positions"),
    SHARE("levels.scale", SQZ_DIM_NUMBER, "1", "1", false, 0, 1e9, 20, levels_scale,
          "multiplies every notional"),
    NUMBER("levels.attrition", SQZ_DIM_RATE, "1/d", "0", false, 0, 1e6, false, attrition_per_s,
           "rate at which waiting positions are closed voluntarily"),
    NUMBER("levels.survival", SQZ_DIM_NUMBER, "1", "0", false, 0, 1, false, survival,
           "share of a level that tops up its margin when touched, and is not closed"),
    NUMBER("target", SQZ_DIM_PRICE, "usd", NULL, false, 0, 1e15, true, target_usd,
           "watched price, or +10% of the start: probability and time of touching it"),
    NUMBER("floor", SQZ_DIM_PRICE, "usd", NULL, false, 0, 1e15, true, floor_usd,
           "a second watched price"),
    SHARE("drift", SQZ_DIM_RATE, "1/d", "0", false, -1e6, 1e6, DRIFT_ODD_FROM, drift_per_s,
          "drift of the log price"),
    SHARE("volatility", SQZ_DIM_VOLATILITY, "1/sqrt(d)", NULL, true, 0, 1e6, VOLATILITY_ODD_FROM,
          volatility_per_sqrt_s, "volatility of the log price"),
    TEXT("book", "power", false, book, "order-book model"),
    CHOICE("impact", "on", ON_OFF, impact,
           "off keeps the exogenous path and switches the impact of forced orders off"),
    CHOICE("trigger", "last", TRIGGERS, trigger,
           "price that levels watch: last, mark or index (model README)"),
    NUMBER("mark.window", SQZ_DIM_TIME, "s", "30", false, 0, INFINITY, true, mark_window_s,
           "averaging window of the mark price's basis"),
    NUMBER("latency", SQZ_DIM_TIME, "s", "0", false, 0, 1e12, false, latency_s,
           "time from the touch of a level to its forced order"),
    CHOICE("latency.law", "fixed", LATENCY_LAWS, latency_law,
           "fixed, or exponential with that mean, drawn for every order"),
    NUMBER("slice.rate", SQZ_DIM_USD_RATE, "usd/s", "inf", false, 0, INFINITY, true,
           slice_usd_per_s, "speed of forced orders: those of a side leave one after another"),
    NUMBER("slice.interval", SQZ_DIM_TIME, "s", "1", false, 0, 1e12, true, slice_interval_s,
           "a large forced order leaves as child orders this far apart"),
    NUMBER("peak.resolution", SQZ_DIM_LOG, "bp", "25", false, 1e-9, INFINITY, false,
           peak_resolution_log,
           "the walk stops at new extremes this far apart; what is recorded is exact"),
};
const size_t sqz_scenario_param_count =
    sizeof sqz_scenario_param_table / sizeof sqz_scenario_param_table[0];

/* The first key of a family that the scenario says, "population." for one; NULL: none. */
static const struct sqz_setting *find_family(const struct sqz_scenario *scenario, const char *start)
{
    const struct sqz_settings *settings = &scenario->settings;
    for (size_t i = 0; i < settings->count; i++)
        if (strncmp(settings->item[i].key, start, strlen(start)) == 0)
            return &settings->item[i];
    return NULL;
}

/* Whether the ladder is made of open positions, listed or drawn. */
static bool has_positions(const struct sqz_scenario *scenario)
{
    return sqz_settings_find(&scenario->settings, "positions") != NULL ||
           find_family(scenario, "population.") != NULL;
}

/* ---- keys nobody knows --------------------------------------------------------------------- */

static int fail_other_book(const struct sqz_scenario *scenario, const struct sqz_setting *setting,
                           const struct sqz_registry *registry, struct sqz_diag *diag)
{
    for (size_t m = 0; registry->books[m] != NULL; m++)
        for (size_t i = 0; i < registry->books[m]->n_params; i++)
            if (strcmp(registry->books[m]->params[i].key, setting->key) == 0)
                return sqz_fail_at(diag, SQZ_ERR_DATA, setting->file, setting->line, setting->key,
                                   "belongs to book '%s', but this scenario's book is '%s'",
                                   registry->books[m]->name, scenario->book_model->name);
    return SQZ_OK;
}

static int fail_without_positions(const struct sqz_setting *setting, struct sqz_diag *diag)
{
    return sqz_fail_at(diag, SQZ_ERR_DATA, setting->file, setting->line, setting->key,
                       "says how positions are liquidated; expected a scenario with positions");
}

static int fail_other_venue(const struct sqz_scenario *scenario, const struct sqz_setting *setting,
                            const struct sqz_registry *registry, struct sqz_diag *diag)
{
    for (size_t m = 0; registry->venues[m] != NULL; m++)
        for (size_t i = 0; i < registry->venues[m]->n_params; i++)
            if (strcmp(registry->venues[m]->params[i].key, setting->key) == 0)
                return sqz_fail_at(diag, SQZ_ERR_DATA, setting->file, setting->line, setting->key,
                                   "belongs to venue '%s', but this scenario's venue is '%s'",
                                   registry->venues[m]->name, scenario->reg.model->name);
    return SQZ_OK;
}

static void offer_all(struct sqz_nearest *nearest, const struct sqz_param *table, size_t count)
{
    for (size_t i = 0; i < count; i++)
        sqz_nearest_offer(nearest, table[i].key);
}

static int fail_unknown(const struct sqz_scenario *scenario, const struct sqz_setting *setting,
                        const struct sqz_registry *registry, struct sqz_diag *diag)
{
    if (find_family(scenario, "venue.") == setting && !has_positions(scenario))
        return fail_without_positions(setting, diag);
    int error = fail_other_book(scenario, setting, registry, diag);
    if (error == SQZ_OK)
        error = fail_other_venue(scenario, setting, registry, diag);
    if (error != SQZ_OK)
        return error;
    struct sqz_nearest nearest = sqz_nearest_begin(setting->key);
    offer_all(&nearest, sqz_scenario_param_table, sqz_scenario_param_count);
    offer_all(&nearest, sqz_book_param_table, sqz_book_param_count);
    offer_all(&nearest, scenario->book_model->params, scenario->book_model->n_params);
    offer_all(&nearest, sqz_venue_param_table, sqz_venue_param_count);
    offer_all(&nearest, sqz_population_param_table, sqz_population_param_count);
    offer_all(&nearest, scenario->reg.model->params, scenario->reg.model->n_params);
    for (size_t m = 0; registry->drivers[m] != NULL; m++)
        offer_all(&nearest, registry->drivers[m]->params, registry->drivers[m]->n_params);
    return sqz_fail_at(diag, SQZ_ERR_DATA, setting->file, setting->line, setting->key,
                       "unknown key%s", sqz_nearest_hint(&nearest, ""));
}

static int check_all_used(struct sqz_scenario *scenario, const struct sqz_registry *registry,
                          struct sqz_diag *diag)
{
    for (size_t i = 0; i < scenario->settings.count; i++) {
        struct sqz_setting *setting = &scenario->settings.item[i];
        int error = setting->used ? SQZ_OK : fail_unknown(scenario, setting, registry, diag);
        if (error != SQZ_OK)
            return error;
    }
    return SQZ_OK;
}

/* ---- loading ------------------------------------------------------------------------------- */

static const char *standard_of(const char *key)
{
    size_t i = 0;
    while (strcmp(sqz_scenario_param_table[i].key, key) != 0)
        i++;
    return sqz_scenario_param_table[i].standard;
}

static int choose_book(struct sqz_scenario *scenario, const struct sqz_registry *registry,
                       struct sqz_diag *diag)
{
    struct sqz_setting *setting = sqz_settings_find(&scenario->settings, "book");
    const char *name = setting != NULL ? setting->value : standard_of("book");
    struct sqz_nearest nearest = sqz_nearest_begin(name);
    for (size_t m = 0; registry->books[m] != NULL; m++) {
        if (strcasecmp(registry->books[m]->name, name) == 0) {
            scenario->book_model = registry->books[m];
            return setting != NULL ? sqz_setting_spell(setting, registry->books[m]->name, diag)
                                   : SQZ_OK;
        }
        sqz_nearest_offer(&nearest, registry->books[m]->name);
    }
    return sqz_fail_at(diag, SQZ_ERR_DATA, setting->file, setting->line, "book",
                       "unknown model '%s'%s (see squeeze models)", name,
                       sqz_nearest_hint(&nearest, ""));
}

/* The tables that give a scenario's keys their meaning. */
enum { GROUPS = 6 + SQZ_DRIVERS_MAX };

/* Returns how many there are. */
static size_t groups_of(const struct sqz_scenario *scenario, struct sqz_param_group group[GROUPS])
{
    group[0] = (struct sqz_param_group){sqz_scenario_param_table, sqz_scenario_param_count,
                                        (void *)&scenario->params};
    group[1] = (struct sqz_param_group){sqz_book_param_table, sqz_book_param_count,
                                        (void *)&scenario->book_params};
    group[2] = (struct sqz_param_group){scenario->book_model->params,
                                        scenario->book_model->n_params, scenario->shape_params};
    size_t count = 3;
    for (size_t d = 0; d < scenario->drivers.count; d++)
        group[count++] = sqz_driver_set_group(&scenario->drivers, d);
    if (!has_positions(scenario))
        return count;
    group[count++] = (struct sqz_param_group){sqz_venue_param_table, sqz_venue_param_count,
                                              (void *)&scenario->reg.terms.params};
    if (scenario->reg.params != NULL)
        group[count++] = (struct sqz_param_group){
            scenario->reg.model->params, scenario->reg.model->n_params, scenario->reg.params};
    if (find_family(scenario, "population.") != NULL)
        group[count++] =
            (struct sqz_param_group){sqz_population_param_table, sqz_population_param_count,
                                     (void *)&scenario->reg.population};
    return count;
}

/* Levels or positions, one of them; a venue only with positions. */
static int check_ladder_source(const struct sqz_scenario *scenario, struct sqz_diag *diag)
{
    const struct sqz_setting *levels = sqz_settings_find(&scenario->settings, "levels");
    const struct sqz_setting *venue = sqz_settings_find(&scenario->settings, "venue");
    const struct sqz_setting *drawn = find_family(scenario, "population.");
    if (drawn != NULL && sqz_settings_find(&scenario->settings, "positions") != NULL)
        return sqz_fail_at(diag, SQZ_ERR_DATA, drawn->file, drawn->line, drawn->key,
                           "says how positions are drawn, but they are listed in a file; expected "
                           "one of both");
    if (has_positions(scenario) && levels != NULL)
        return sqz_fail_at(diag, SQZ_ERR_DATA, levels->file, levels->line, "levels",
                           "stands beside positions; expected one of both");
    if (!has_positions(scenario) && levels == NULL)
        return sqz_fail_at(diag, SQZ_ERR_DATA, NULL, 0, "levels",
                           "is missing; expected levels, positions or a population");
    if (!has_positions(scenario) && strcmp(scenario->params.venue, "full") != 0)
        return fail_without_positions(venue, diag);
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
    error = sqz_register_choose(&scenario->reg, registry, &scenario->settings, diag);
    if (error != SQZ_OK)
        return error;
    error = sqz_driver_set_choose(&scenario->drivers, registry, &scenario->settings, diag);
    if (error != SQZ_OK)
        return error;
    struct sqz_param_group group[GROUPS];
    size_t groups = groups_of(scenario, group);
    /* Unknown keys first: a misspelt required key should be called misspelt, not missing. */
    for (size_t g = 0; g < groups; g++)
        for (size_t i = 0; i < group[g].count; i++) {
            struct sqz_setting *setting =
                sqz_settings_find(&scenario->settings, group[g].table[i].key);
            if (setting != NULL)
                setting->used = true;
        }
    error = check_all_used(scenario, registry, diag);
    for (size_t g = 0; error == SQZ_OK && g < groups; g++)
        error = sqz_params_fill(&group[g], &scenario->settings, diag);
    for (size_t g = 0; error == SQZ_OK && g < groups; g++)
        error = sqz_odd_find(&group[g], &scenario->settings, &scenario->remarks, diag);
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
    return sqz_settings_add(&scenario->settings, "book.weights", text, "1", diag);
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
    return sqz_settings_add(&scenario->settings, "book.known", text, "1", diag);
}

/* Where a venue nets, as much long as short is nothing. */
static int remark_on_flat(struct sqz_scenario *scenario)
{
    size_t flat = scenario->reg.holdings.flat;
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
    if (has_positions(scenario)) {
        struct sqz_register_terms terms = {scenario->params.symbol, scenario->params.price_usd,
                                           scenario->params.levels_scale, options->allow_crossed,
                                           &scenario->remarks};
        int error = sqz_register_prepare(&scenario->reg, &terms, &scenario->settings,
                                         &scenario->ladder, diag);
        return error == SQZ_OK ? remark_on_flat(scenario) : error;
    }
    scenario->levels_file = sqz_setting_path(setting);
    if (scenario->levels_file == NULL)
        return sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for a file name");
    struct sqz_levels_terms terms = {scenario->params.price_usd, scenario->params.levels_scale,
                                     options->allow_crossed, &scenario->remarks};
    int error = sqz_levels_read(&scenario->ladder, scenario->levels_file, &terms,
                                &scenario->levels_digest, diag);
    if (error == SQZ_ERR_DATA)
        sqz_setting_cite(setting, diag);
    return error;
}

static void bind_world(struct sqz_scenario *scenario)
{
    const struct sqz_scenario_params *params = &scenario->params;
    scenario->world = (struct sqz_world){
        .ladder = &scenario->ladder,
        .book = &scenario->book,
        .volatility_per_sqrt_s = params->volatility_per_sqrt_s,
        .drift_per_s = params->drift_per_s,
        .horizon_s = params->horizon_s,
        .watch_log = {[SQZ_TARGET] = log(params->target_usd / params->price_usd),
                      [SQZ_FLOOR] = log(params->floor_usd / params->price_usd)},
        .record_step_log = params->peak_resolution_log,
        .impact = params->impact == 0,
        .apart = params->trigger != TRIGGER_LAST,
        .mark_rate = params->trigger == TRIGGER_MARK ? 1.0 / params->mark_window_s : 0.0,
        .desk = {.latency_s = params->latency_s,
                 .random = params->latency_law != 0,
                 .usd_per_s = isfinite(params->slice_usd_per_s) ? params->slice_usd_per_s : 0.0,
                 .interval_s = params->slice_interval_s},
        .attrition_per_s = params->attrition_per_s,
        .survival = params->survival,
        .venue = has_positions(scenario) ? &scenario->reg.venue : NULL,
    };
    sqz_driver_set_bind(&scenario->drivers, &scenario->world);
    if (scenario->world.venue == NULL)
        return;
    scenario->world.driver[scenario->world.n_drivers++] =
        (struct sqz_driver){&sqz_clearing_measures, NULL, 0};
    scenario->world.n_measures += sqz_clearing_measures.n_measures;
}

static int prepare(struct sqz_scenario *scenario, const struct sqz_load_options *options,
                   struct sqz_diag *diag)
{
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
        error = sqz_driver_set_prepare(
            &scenario->drivers,
            &(struct sqz_market){scenario->params.price_usd, scenario->params.horizon_s}, diag);
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
    int error = scenario->file != NULL ? sqz_settings_read(&scenario->settings, path, diag)
                                       : sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for a file name");
    for (size_t i = 0; error == SQZ_OK && i < options->n_set; i++)
        error = sqz_settings_override(&scenario->settings, options->set[i], diag);
    if (error == SQZ_OK)
        error = resolve(scenario, registry, diag);
    if (error == SQZ_OK)
        error = prepare(scenario, options, diag);
    if (error != SQZ_OK) {
        sqz_settings_locate(&scenario->settings, diag);
        if (diag != NULL && diag->file[0] == '\0' && error == SQZ_ERR_DATA)
            strncpy(diag->file, path, sizeof diag->file - 1);
        sqz_scenario_free(scenario);
    }
    return error;
}

static const struct sqz_param *find_in(const struct sqz_param *table, size_t count, const char *key)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(table[i].key, key) == 0)
            return &table[i];
    return NULL;
}

int sqz_scenario_find_param(const struct sqz_scenario *scenario,
                            const struct sqz_registry *registry, const char *key,
                            const char *origin, const struct sqz_param **param,
                            struct sqz_diag *diag)
{
    const struct sqz_book_model *book = scenario->book_model;
    *param = find_in(sqz_scenario_param_table, sqz_scenario_param_count, key);
    if (*param == NULL)
        *param = find_in(sqz_book_param_table, sqz_book_param_count, key);
    if (*param == NULL)
        *param = find_in(book->params, book->n_params, key);
    if (*param == NULL)
        *param = find_in(sqz_population_param_table, sqz_population_param_count, key);
    if (*param == NULL)
        *param = find_in(sqz_venue_param_table, sqz_venue_param_count, key);
    if (*param == NULL)
        *param = find_in(scenario->reg.model->params, scenario->reg.model->n_params, key);
    for (size_t m = 0; *param == NULL && registry->drivers[m] != NULL; m++)
        *param = find_in(registry->drivers[m]->params, registry->drivers[m]->n_params, key);
    if (*param != NULL)
        return SQZ_OK;
    struct sqz_setting setting = {.key = (char *)key, .file = (char *)origin}; /* read only */
    return fail_unknown(scenario, &setting, registry, diag);
}

double sqz_scenario_notional_usd(const struct sqz_scenario *scenario)
{
    return scenario->ladder.side[SQZ_UP].total_usd + scenario->ladder.side[SQZ_DOWN].total_usd;
}

const char *sqz_scenario_label(const struct sqz_scenario *scenario)
{
    return scenario->params.name != NULL ? scenario->params.name : scenario->file;
}

void sqz_scenario_files(const struct sqz_scenario *scenario,
                        void (*visit)(void *context, const char *path, const char *sha256),
                        void *context)
{
    struct sqz_param_group group[GROUPS];
    size_t groups = groups_of(scenario, group);
    visit(context, scenario->file, scenario->settings.digest.hex);
    if (scenario->levels_file != NULL)
        visit(context, scenario->levels_file, scenario->levels_digest.hex);
    if (scenario->reg.file != NULL)
        visit(context, scenario->reg.file, scenario->reg.digest.hex);
    if (scenario->reg.terms.file != NULL)
        visit(context, scenario->reg.terms.file, scenario->reg.terms.digest.hex);
    for (size_t g = 0; g < groups; g++)
        for (size_t i = 0; i < group[g].count; i++) {
            const char *value = (const char *)group[g].target + group[g].table[i].offset;
            const struct sqz_table *table = (const struct sqz_table *)value;
            if (group[g].table[i].kind == SQZ_PARAM_TABLE && table->rows > 0)
                visit(context, table->file, table->sha256);
        }
}

void sqz_scenario_free(struct sqz_scenario *scenario)
{
    if (scenario->shape_shared != NULL && scenario->book_model->release != NULL)
        scenario->book_model->release(scenario->shape_shared);
    if (scenario->shape_params != NULL) {
        struct sqz_param_group group[GROUPS];
        size_t groups = groups_of(scenario, group);
        for (size_t g = 0; g < groups; g++)
            sqz_params_release(&group[g]);
    }
    sqz_driver_set_free(&scenario->drivers);
    sqz_register_free(&scenario->reg);
    sqz_ladder_free(&scenario->ladder);
    sqz_settings_free(&scenario->settings);
    sqz_remarks_free(&scenario->remarks);
    free(scenario->shape_shared);
    free(scenario->shape_params);
    free(scenario->levels_file);
    free(scenario->file);
    memset(scenario, 0, sizeof *scenario);
}
