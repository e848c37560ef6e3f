#include "sim/io/facts.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/io/units.h"

static const double SECONDS_PER_DAY = 86400;

static int read_json(json_t **object, const char *directory, const char *name,
                     struct sqz_diag *diag)
{
    char path[PATH_MAX];
    json_error_t error;
    snprintf(path, sizeof path, "%s/%s", directory, name);
    *object = json_load_file(path, 0, &error);
    if (*object == NULL)
        return sqz_fail_at(diag, SQZ_ERR_DATA, path, error.line > 0 ? error.line : 0, NULL,
                           "%s; expected a result of squeeze batch -o, or of compare, sweep, map "
                           "or ignite",
                           error.text);
    return SQZ_OK;
}

static int fail_schema(struct sqz_diag *diag, const char *directory, const char *name,
                       const json_t *object, const char *expected)
{
    char path[PATH_MAX];
    const char *found = json_string_value(json_object_get(object, "schema"));
    snprintf(path, sizeof path, "%s/%s", directory, name);
    return sqz_fail_at(diag, SQZ_ERR_DATA, path, 0, "schema", "is '%s'; expected %s",
                       found != NULL ? found : "missing", expected);
}

/* Follow keys separated by '/'; NULL if one is missing. */
static const json_t *at(const json_t *object, const char *keys)
{
    char key[64];
    while (object != NULL && *keys != '\0') {
        size_t length = strcspn(keys, "/");
        snprintf(key, sizeof key, "%.*s", (int)length, keys);
        object = json_object_get(object, key);
        keys += length + (keys[length] == '/');
    }
    return object;
}

static double number_at(const json_t *object, const char *keys)
{
    const json_t *value = at(object, keys);
    return json_is_number(value) ? json_number_value(value) : NAN;
}

static const char *text_at(const json_t *object, const char *keys)
{
    const char *text = json_string_value(at(object, keys));
    return text != NULL ? text : "";
}

/* The value and unit of a resolved key; "" if it is unset. */
static const char *setting(const struct sqz_facts *facts, const char *key, const char **unit)
{
    const json_t *list = at(facts->manifest, "scenario/settings");
    size_t i;
    json_t *item;
    *unit = "";
    json_array_foreach(list, i, item) if (strcmp(text_at(item, "key"), key) == 0)
    {
        *unit = text_at(item, "unit");
        return text_at(item, "value");
    }
    return "";
}

static double setting_number(const struct sqz_facts *facts, const char *key,
                             enum sqz_dimension dimension)
{
    const char *unit, *value = setting(facts, key, &unit);
    double number;
    return sqz_units_parse(value, unit, unit, dimension, &number, NULL) == SQZ_OK ? number : NAN;
}

/* "300" or, where asks and bids differ, "30 / 60". */
static void describe_sides(char *text, size_t size, double ask, double bid)
{
    if (ask == bid)
        snprintf(text, size, "%.4g", ask);
    else
        snprintf(text, size, "%.4g / %.4g", ask, bid);
}

static void describe_book(struct sqz_facts *facts)
{
    const char *unit, *book = setting(facts, "book", &unit);
    double ask = setting_number(facts, "book.depth_ask", SQZ_DIM_USD);
    double bid = setting_number(facts, "book.depth_bid", SQZ_DIM_USD);
    char depth[48], shape[48];
    describe_sides(depth, sizeof depth, ask / 1e6, bid / 1e6);
    describe_sides(shape, sizeof shape, setting_number(facts, "book.shape_ask", SQZ_DIM_NUMBER),
                   setting_number(facts, "book.shape_bid", SQZ_DIM_NUMBER));
    if (isnan(ask) || isnan(bid))
        snprintf(facts->book_text, sizeof facts->book_text, "book %s", book);
    else
        snprintf(facts->book_text, sizeof facts->book_text, "depth %s M USD within 1 %%, shape %s",
                 depth, shape);
    if (strcmp(setting(facts, "impact", &unit), "off") == 0)
        strncat(facts->book_text, ", impact off",
                sizeof facts->book_text - strlen(facts->book_text) - 1);
}

/* "forced orders 5 s late, at 50 M USD/s" */
static void describe_desk(struct sqz_facts *facts)
{
    double latency_s = setting_number(facts, "latency", SQZ_DIM_TIME);
    double usd_per_s = setting_number(facts, "slice.rate", SQZ_DIM_USD_RATE);
    char late[32] = "", speed[32] = "";
    if (latency_s > 0)
        snprintf(late, sizeof late, " %.4g s late", latency_s);
    if (isfinite(usd_per_s))
        snprintf(speed, sizeof speed, "%s at %.4g M USD/s", *late != '\0' ? "," : "",
                 usd_per_s / 1e6);
    if (*late != '\0' || *speed != '\0')
        snprintf(facts->desk_text, sizeof facts->desk_text, "forced orders%s%s", late, speed);
}

static void describe_drivers(struct sqz_facts *facts)
{
    size_t i, k;
    json_t *driver, *measure;
    json_array_foreach(at(facts->manifest, "models/drivers"), i, driver)
    {
        size_t used = strlen(facts->drivers_text);
        const char *venue =
            text_at(driver, "venue"); /* whose results it reports; "" of drivers proper */
        bool of_venue = venue[0] != '\0';
        snprintf(facts->drivers_text + used, sizeof facts->drivers_text - used, "%s%s%s%s",
                 i > 0 ? ", " : "", text_at(driver, "name"), of_venue ? " " : "", venue);
        json_array_foreach(json_object_get(driver, "drawn"), k, measure)
        {
            if (facts->n_drawn < SQZ_MEASURES_MAX)
                facts->drawn[facts->n_drawn++] =
                    (struct sqz_drawn_measure){text_at(driver, "name"), text_at(measure, "name"),
                                               text_at(measure, "unit"), of_venue};
        }
    }
}

/* "venue binance, margin tiers tiers/binance-btcusdt.csv" */
static void describe_venue(struct sqz_facts *facts)
{
    const char *name = text_at(facts->manifest, "models/venue");
    const char *unit, *brackets = setting(facts, "venue.tiers", &unit);
    facts->has_venue = name[0] != '\0';
    if (facts->has_venue && brackets[0] != '\0')
        snprintf(facts->venue_text, sizeof facts->venue_text, "venue %s, margin tiers %s", name,
                 brackets);
    else if (facts->has_venue)
        snprintf(facts->venue_text, sizeof facts->venue_text, "venue %s, maintenance %.4g %%", name,
                 100 * setting_number(facts, "venue.maintenance", SQZ_DIM_NUMBER));
}

static void list_sampled(struct sqz_facts *facts)
{
    size_t i;
    json_t *item;
    json_array_foreach(json_object_get(facts->manifest, "sampled_paths"), i, item)
    {
        size_t used = strlen(facts->sampled_text);
        snprintf(facts->sampled_text + used, sizeof facts->sampled_text - used, "%s%lld",
                 i > 0 ? " " : "", (long long)json_integer_value(item));
    }
}

/* How many liquidations the close-up path has, where rows of paths.csv stand for several. */
static void count_thinned(struct sqz_facts *facts)
{
    size_t i;
    json_t *item;
    json_array_foreach(json_object_get(facts->manifest, "thinned_paths"), i, item)
    {
        if (json_integer_value(json_object_get(item, "path")) == facts->closeup_path)
            facts->thinned_liquidations =
                (long)json_integer_value(json_object_get(item, "liquidations"));
    }
}

static void gather_cascade(struct sqz_facts *facts)
{
    const json_t *cascade = json_object_get(facts->manifest, "closeup_cascade");
    facts->cascade_begin_s = number_at(cascade, "begin_s");
    facts->cascade_end_s = number_at(cascade, "end_s");
    facts->cascade_usd = number_at(cascade, "forced_usd");
    facts->cascade_liquidations = number_at(cascade, "liquidations");
    facts->cascade_generations = number_at(cascade, "generations");
}

static void gather(struct sqz_facts *facts)
{
    static const char *const WATCH[] = {"target", "floor"};
    const json_t *summary = facts->summary, *manifest = facts->manifest;
    const char *unit;
    facts->version = text_at(summary, "version");
    facts->scenario_name = text_at(summary, "scenario");
    facts->scenario_file = text_at(manifest, "scenario/file");
    facts->seed = text_at(summary, "seed");
    facts->symbol = setting(facts, "symbol", &unit);
    facts->paths = number_at(summary, "paths");
    facts->start_price_usd = number_at(summary, "start_price_usd");
    facts->horizon_s = number_at(summary, "horizon_s");
    facts->levels_scale = setting_number(facts, "levels.scale", SQZ_DIM_NUMBER);
    facts->short_usd = number_at(manifest, "ladder/short_usd");
    facts->long_usd = number_at(manifest, "ladder/long_usd");
    for (int w = 0; w < 2; w++) {
        const json_t *watch = json_object_get(summary, WATCH[w]);
        facts->watch_usd[w] = number_at(watch, "price_usd");
        facts->watch_p[w] = number_at(watch, "probability/value");
        facts->watch_lo[w] = number_at(watch, "probability/lo");
        facts->watch_hi[w] = number_at(watch, "probability/hi");
        facts->watch_without_p[w] = number_at(watch, "probability_without_impact/value");
        facts->watch_uplift[w][0] = number_at(watch, "uplift/value");
        facts->watch_uplift[w][1] = number_at(watch, "uplift/lo");
        facts->watch_uplift[w][2] = number_at(watch, "uplift/hi");
    }
    facts->attributed = json_is_object(json_object_get(summary, "endogenous_share"));
    facts->forced_mean_usd = number_at(summary, "forced_usd/mean/value");
    facts->forced_lo_usd = number_at(summary, "forced_usd/mean/lo");
    facts->forced_hi_usd = number_at(summary, "forced_usd/mean/hi");
    facts->unforced_share = number_at(summary, "forced_usd/unforced_paths") / facts->paths;
    facts->beyond_known_share = number_at(summary, "beyond_known_depth/share/value");
    facts->known_percent[SQZ_UP] = number_at(summary, "beyond_known_depth/up_percent");
    facts->known_percent[SQZ_DOWN] = number_at(summary, "beyond_known_depth/down_percent");
    facts->closeup_path = (long)json_integer_value(at(manifest, "closeup_path"));
    gather_cascade(facts);
    double volatility = setting_number(facts, "volatility", SQZ_DIM_VOLATILITY);
    snprintf(facts->volatility_text, sizeof facts->volatility_text, "%.3g %% per sqrt(day)",
             100 * volatility * sqrt(SECONDS_PER_DAY));
    facts->branching_bp = number_at(manifest, "branching/scale_bp");
    describe_book(facts);
    describe_desk(facts);
    describe_drivers(facts);
    describe_venue(facts);
    list_sampled(facts);
    count_thinned(facts);
}

/* ---- kinds of results ---------------------------------------------------------------------- */

static void gather_scenario(struct sqz_scenario_facts *scenario, const json_t *item,
                            const json_t *record)
{
    static const char *const WATCH[] = {"target", "floor"};
    const json_t *summary = json_object_get(item, "summary");
    scenario->name = text_at(item, "name");
    scenario->file = text_at(record, "file");
    scenario->horizon_s = number_at(summary, "horizon_s");
    scenario->beyond_known_share = number_at(summary, "beyond_known_depth/share/value");
    for (int w = 0; w < 2; w++) {
        const json_t *watch = json_object_get(summary, WATCH[w]);
        scenario->watch_usd[w] = number_at(watch, "price_usd");
        scenario->watch_p[w] = number_at(watch, "probability/value");
    }
}

/* The price that all scenarios watch; NAN if they differ. */
static double common_watch(const struct sqz_facts *facts, int watch)
{
    double price = facts->scenario[0].watch_usd[watch];
    for (size_t i = 1; i < facts->n_scenarios; i++)
        if (facts->scenario[i].watch_usd[watch] != price)
            return NAN;
    return price;
}

/* The files of the scenarios stand together where a batch has one. */
static int join_files(struct sqz_facts *facts)
{
    static const char BETWEEN[] = " · ";
    size_t size = 1;
    for (size_t i = 0; i < facts->n_scenarios; i++)
        size += strlen(facts->scenario[i].file) + sizeof BETWEEN;
    facts->files_text = calloc(1, size);
    if (facts->files_text == NULL)
        return SQZ_ERR_NOMEM;
    for (size_t i = 0; i < facts->n_scenarios; i++) {
        strcat(facts->files_text, i > 0 ? BETWEEN : "");
        strcat(facts->files_text, facts->scenario[i].file);
    }
    facts->scenario_file = facts->files_text;
    return SQZ_OK;
}

static int gather_comparison(struct sqz_facts *facts, struct sqz_diag *diag)
{
    const json_t *summary = facts->summary, *list = json_object_get(summary, "scenarios");
    const json_t *records = json_object_get(facts->manifest, "scenarios");
    facts->n_scenarios = json_array_size(list);
    facts->scenario = calloc(facts->n_scenarios + 1, sizeof *facts->scenario);
    if (facts->scenario == NULL)
        return sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for %zu scenarios", facts->n_scenarios);
    facts->version = text_at(summary, "version");
    facts->seed = text_at(summary, "seed");
    facts->paths = number_at(summary, "paths");
    for (size_t i = 0; i < facts->n_scenarios; i++) {
        gather_scenario(&facts->scenario[i], json_array_get(list, i), json_array_get(records, i));
        facts->horizon_s = fmax(facts->horizon_s, facts->scenario[i].horizon_s);
    }
    facts->start_price_usd =
        number_at(json_object_get(json_array_get(list, 0), "summary"), "start_price_usd");
    facts->scenario_name = facts->symbol = "";
    for (int w = 0; w < 2; w++)
        facts->watch_usd[w] = common_watch(facts, w);
    return join_files(facts) == SQZ_OK ? SQZ_OK
                                       : sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for file names");
}

/* The scenario of a sweep is told as that of a batch, with the base's probabilities. */
static void gather_sweep(struct sqz_facts *facts)
{
    static const char *const WATCH[] = {"target_usd", "floor_usd"};
    static const char *const P[] = {"base/target_probability", "base/floor_probability"};
    const json_t *summary = facts->summary, *axes = json_object_get(summary, "vary");
    const json_t *values = at(summary, "base/values");
    for (int w = 0; w < 2; w++) {
        const json_t *probability = at(summary, P[w]);
        facts->watch_usd[w] = number_at(summary, WATCH[w]);
        facts->watch_p[w] = number_at(probability, "value");
        facts->watch_lo[w] = number_at(probability, "lo");
        facts->watch_hi[w] = number_at(probability, "hi");
    }
    facts->n_axes = json_array_size(axes);
    facts->kind = facts->n_axes == 0   ? SQZ_RESULT_TORNADO
                  : facts->n_axes == 1 ? SQZ_RESULT_CURVE
                                       : SQZ_RESULT_PLANE;
    for (size_t a = 0; a < facts->n_axes && a < 2; a++) {
        const json_t *axis = json_array_get(axes, a);
        facts->axis[a] =
            (struct sqz_axis_facts){.key = text_at(axis, "key"),
                                    .unit = text_at(axis, "unit"),
                                    .points = number_at(axis, "points"),
                                    .logarithmic = strcmp(text_at(axis, "spacing"), "log") == 0};
        facts->axis[a].base = number_at(values, facts->axis[a].key);
    }
}

/* What was not simulated has no summary: the watched prices are the scenario's. */
static void gather_still(struct sqz_facts *facts)
{
    facts->horizon_s = setting_number(facts, "horizon", SQZ_DIM_TIME);
    facts->watch_usd[0] = setting_number(facts, "target", SQZ_DIM_USD);
    facts->watch_usd[1] = setting_number(facts, "floor", SQZ_DIM_USD);
}

static void gather_ignition(struct sqz_facts *facts)
{
    const json_t *answer = facts->summary;
    facts->ignition = (struct sqz_ignition_facts){
        .goal_usd = number_at(answer, "target_usd"),
        .push_usd = number_at(answer, "push_usd"),
        .cost_usd = number_at(answer, "push_cost_usd"),
        .final_usd = number_at(answer, "final_usd"),
        .forced_usd = number_at(answer, "forced_usd"),
        .alone_usd = number_at(answer, "push_without_levels_usd"),
        .up = strcmp(text_at(answer, "side"), "up") == 0,
        .target = strcmp(text_at(answer, "towards"), "target") == 0,
    };
}

/* The answers that may stand in a result, by schema. A sweep's kind depends on what it varies. */
static const struct {
    const char *file, *schema;
    enum sqz_result_kind kind;
} ANSWERS[] = {{"summary.json", "squeeze/batch-1", SQZ_RESULT_BATCH},
               {"summary.json", "squeeze/compare-1", SQZ_RESULT_COMPARISON},
               {"summary.json", "squeeze/sweep-1", SQZ_RESULT_CURVE},
               {"map.json", "squeeze/map-1", SQZ_RESULT_MAP},
               {"ignite.json", "squeeze/ignite-1", SQZ_RESULT_IGNITION}};
enum { N_ANSWERS = sizeof ANSWERS / sizeof ANSWERS[0] };

/* The first of the files that is there, else summary.json. */
static const char *answer_file(const char *directory)
{
    char path[PATH_MAX];
    for (size_t i = 0; i < N_ANSWERS; i++) {
        snprintf(path, sizeof path, "%s/%s", directory, ANSWERS[i].file);
        if (access(path, F_OK) == 0)
            return ANSWERS[i].file;
    }
    return ANSWERS[0].file;
}

static int read_answer(struct sqz_facts *facts, const char *directory, struct sqz_diag *diag)
{
    const char *file = answer_file(directory);
    int error = read_json(&facts->summary, directory, file, diag);
    if (error != SQZ_OK)
        return error;
    const char *schema = text_at(facts->summary, "schema");
    for (size_t i = 0; i < N_ANSWERS; i++)
        if (strcmp(schema, ANSWERS[i].schema) == 0) {
            facts->kind = ANSWERS[i].kind;
            return SQZ_OK;
        }
    return fail_schema(diag, directory, file, facts->summary,
                       "'squeeze/batch-1', compare-1, sweep-1, map-1 or ignite-1");
}

int sqz_facts_read(struct sqz_facts *facts, const char *directory, struct sqz_diag *diag)
{
    memset(facts, 0, sizeof *facts);
    int error = read_answer(facts, directory, diag);
    if (error != SQZ_OK)
        return error;
    error = read_json(&facts->manifest, directory, "manifest.json", diag);
    if (error != SQZ_OK)
        return error;
    if (strcmp(text_at(facts->manifest, "schema"), "squeeze/manifest-1") != 0)
        return fail_schema(diag, directory, "manifest.json", facts->manifest,
                           "'squeeze/manifest-1'");
    if (facts->kind == SQZ_RESULT_COMPARISON)
        return gather_comparison(facts, diag);
    gather(facts);
    if (facts->kind == SQZ_RESULT_CURVE)
        gather_sweep(facts);
    if (facts->kind == SQZ_RESULT_MAP || facts->kind == SQZ_RESULT_IGNITION)
        gather_still(facts);
    if (facts->kind == SQZ_RESULT_IGNITION)
        gather_ignition(facts);
    return SQZ_OK;
}

void sqz_facts_free(struct sqz_facts *facts)
{
    json_decref(facts->summary);
    json_decref(facts->manifest);
    free(facts->scenario);
    free(facts->files_text);
    memset(facts, 0, sizeof *facts);
}
