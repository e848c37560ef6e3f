#include "sim/io/facts.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/io/units.h"

static const double SECONDS_PER_DAY = 86400;

static int read_json(json_t **object, const char *directory, const char *name, const char *schema,
                     struct sqz_diag *diag)
{
    char path[PATH_MAX];
    json_error_t error;
    snprintf(path, sizeof path, "%s/%s", directory, name);
    *object = json_load_file(path, 0, &error);
    if (*object == NULL)
        return sqz_fail_at(diag, SQZ_ERR_DATA, path, error.line > 0 ? error.line : 0, NULL,
                           "%s; expected a result of squeeze batch -o", error.text);
    const char *found = json_string_value(json_object_get(*object, "schema"));
    if (found == NULL || strcmp(found, schema) != 0)
        return sqz_fail_at(diag, SQZ_ERR_DATA, path, 0, "schema", "is '%s'; expected '%s'",
                           found != NULL ? found : "missing", schema);
    return SQZ_OK;
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
    }
    facts->forced_mean_usd = number_at(summary, "forced_usd/mean/value");
    facts->forced_lo_usd = number_at(summary, "forced_usd/mean/lo");
    facts->forced_hi_usd = number_at(summary, "forced_usd/mean/hi");
    facts->unforced_share = number_at(summary, "forced_usd/unforced_paths") / facts->paths;
    facts->closeup_path = (long)json_integer_value(at(manifest, "closeup_path"));
    double volatility = setting_number(facts, "volatility", SQZ_DIM_VOLATILITY);
    snprintf(facts->volatility_text, sizeof facts->volatility_text, "%.3g %% per sqrt(day)",
             100 * volatility * sqrt(SECONDS_PER_DAY));
    describe_book(facts);
    list_sampled(facts);
}

int sqz_facts_read(struct sqz_facts *facts, const char *directory, struct sqz_diag *diag)
{
    memset(facts, 0, sizeof *facts);
    int error = read_json(&facts->summary, directory, "summary.json", "squeeze/batch-1", diag);
    if (error == SQZ_OK)
        error = read_json(&facts->manifest, directory, "manifest.json", "squeeze/manifest-1", diag);
    if (error == SQZ_OK)
        gather(facts);
    return error;
}

void sqz_facts_free(struct sqz_facts *facts)
{
    json_decref(facts->summary);
    json_decref(facts->manifest);
    memset(facts, 0, sizeof *facts);
}
