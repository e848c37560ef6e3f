/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/recorded.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/io/draft.h"
#include "sim/io/families.h"

/* The names of both files; in no folder, so that paths in the scenario are as opened. */
static const char SCENARIO_NAME[] = "(scenario on a record)", RECORD_NAME[] = "(record)";
static const double HOUR_S = 3600;

/* Keys whose place the record takes, and those of a depth that is given. */
static const char *const REPLACED[] = {"price",  "horizon", "volatility", "drift",
                                       "target", "floor",   "impact",     NULL};
static const char *const DEPTHS[] = {"book.depth", "book.depth_ask", "book.depth_bid", NULL};

static bool is_among(const char *const *keys, const char *key)
{
    for (; *keys != NULL; keys++)
        if (strcmp(*keys, key) == 0)
            return true;
    return false;
}

static bool is_driver(const struct sqz_registry *registry, const char *key)
{
    struct sqz_family family;
    for (size_t i = 0; sqz_family_at(registry, i, &family); i++)
        if (family.kind == SQZ_FAMILY_DRIVER && sqz_family_find(&family, key) != NULL)
            return true;
    return false;
}

/* Whether a value is the path of a file, which is named from where it was written. */
static bool is_path(const struct sqz_registry *registry, const char *key)
{
    static const char *const FILES[] = {"levels", "positions", "venue.tiers", NULL};
    const struct sqz_param *param = sqz_families_find(registry, key);
    return is_among(FILES, key) || (param != NULL && param->kind == SQZ_PARAM_TABLE);
}

static int put_setting(FILE *text, const struct sqz_setting *setting,
                       const struct sqz_registry *registry, struct sqz_diag *diag)
{
    if (!is_path(registry, setting->key)) {
        sqz_draft_row(text, setting->key, setting->value, setting->unit, NULL);
        return SQZ_OK;
    }
    char *path = sqz_setting_path(setting);
    if (path == NULL)
        return sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for a file name");
    sqz_draft_row(text, setting->key, path, setting->unit, NULL);
    free(path);
    return SQZ_OK;
}

static double length_s(const struct sqz_recorded_terms *terms)
{
    const struct sqz_record *record = terms->record;
    return record->bar[terms->bars - 1].time_s + record->step_s - record->bar[0].time_s;
}

static int put_scenario(FILE *text, const struct sqz_scenario *base,
                        const struct sqz_recorded_terms *terms, const struct sqz_registry *registry,
                        struct sqz_diag *diag)
{
    int error = SQZ_OK;
    fputs("key,value,unit,note\n", text);
    for (size_t i = 0; error == SQZ_OK && i < base->settings.count; i++) {
        const struct sqz_setting *setting = &base->settings.item[i];
        if (setting->file == NULL || is_among(REPLACED, setting->key) ||
            (!isnan(terms->depth_usd) && is_among(DEPTHS, setting->key)) ||
            is_driver(registry, setting->key))
            continue;
        error = put_setting(text, setting, registry, diag);
    }
    fprintf(text, "price,%.17g,usd,\nhorizon,%.17g,s,\nvolatility,1,1/sqrt(d),\n",
            terms->record->bar[0].open_usd, length_s(terms));
    fprintf(text, "impact,%s,,\nreplay,%s,,\n", terms->impact ? "on" : "off", RECORD_NAME);
    if (!isnan(terms->depth_usd))
        fprintf(text, "book.depth,%.17g,usd,\n", terms->depth_usd);
    return error;
}

static void put_record(FILE *text, const struct sqz_recorded_terms *terms)
{
    const struct sqz_bar *bar = terms->record->bar;
    fputs("time_h,open_usd,high_usd,low_usd,close_usd\n", text);
    for (size_t i = 0; i < terms->bars; i++)
        fprintf(text, "%.17g,%.17g,%.17g,%.17g,%.17g\n", (bar[i].time_s - bar[0].time_s) / HOUR_S,
                bar[i].open_usd, bar[i].high_usd, bar[i].low_usd, bar[i].close_usd);
}

struct texts {
    char *scenario, *record;
    size_t scenario_size, record_size;
};

static int make_texts(struct texts *texts, const struct sqz_scenario *base,
                      const struct sqz_recorded_terms *terms, const struct sqz_registry *registry,
                      struct sqz_diag *diag)
{
    FILE *scenario = open_memstream(&texts->scenario, &texts->scenario_size);
    FILE *record = open_memstream(&texts->record, &texts->record_size);
    bool whole = scenario != NULL && record != NULL;
    int error = SQZ_OK;
    if (whole) {
        error = put_scenario(scenario, base, terms, registry, diag);
        put_record(record, terms);
    }
    if (scenario != NULL)
        whole = fclose(scenario) == 0 && whole;
    if (record != NULL)
        whole = fclose(record) == 0 && whole;
    return error == SQZ_OK && !whole ? sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for a record")
                                     : error;
}

int sqz_recorded_load(struct sqz_scenario *scenario, const struct sqz_scenario *base,
                      const struct sqz_recorded_terms *terms, const struct sqz_registry *registry,
                      struct sqz_diag *diag)
{
    struct texts texts = {0};
    int error = make_texts(&texts, base, terms, registry, diag);
    if (error == SQZ_OK) {
        struct sqz_memory_file file[] = {
            {SCENARIO_NAME, texts.scenario, texts.scenario_size, false},
            {RECORD_NAME, texts.record, texts.record_size, false}};
        struct sqz_memory_files files = {file, 2};
        struct sqz_load_options options = {.allow_crossed = terms->allow_crossed, .memory = &files};
        error = sqz_scenario_load(scenario, SCENARIO_NAME, &options, registry, diag);
    }
    free(texts.scenario);
    free(texts.record);
    return error;
}
