/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/result_view.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/io/json.h"
#include "sim/io/result_files.h"
#include "sim/io/result_words.h"

/* A file's name without the folders that it was called by. */
static const char *name_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

/* A scenario without a name of its own has that of its file. */
static const char *label_of(const char *name, const char *file)
{
    return strcmp(name, file) == 0 ? name_of(file) : name;
}

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
                           "%s; expected a result of squeeze batch -o, or of compare, sweep, map, "
                           "ignite, bound, replay or score",
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
static void list_sampled(struct sqz_result_view *view)
{
    size_t i;
    json_t *item;
    json_array_foreach(json_object_get(view->manifest, "sampled_paths"), i, item)
    {
        size_t used = strlen(view->sampled_text);
        snprintf(view->sampled_text + used, sizeof view->sampled_text - used, "%s%lld",
                 i > 0 ? " " : "", (long long)json_integer_value(item));
    }
}

/* How many liquidations the close-up path has, where rows of paths.csv stand for several. */
static void count_thinned(struct sqz_result_view *view)
{
    size_t i;
    json_t *item;
    json_array_foreach(json_object_get(view->manifest, "thinned_paths"), i, item)
    {
        if (json_integer_value(json_object_get(item, "path")) == view->closeup_path)
            view->thinned_liquidations =
                (long)json_integer_value(json_object_get(item, "liquidations"));
    }
}

static void gather_cascade(struct sqz_result_view *view)
{
    const json_t *cascade = json_object_get(view->manifest, "closeup_cascade");
    view->cascade_begin_s = sqz_json_number_at(cascade, "begin_s");
    view->cascade_end_s = sqz_json_number_at(cascade, "end_s");
    view->cascade_usd = sqz_json_number_at(cascade, "forced_usd");
    view->cascade_liquidations = sqz_json_number_at(cascade, "liquidations");
    view->cascade_generations = sqz_json_number_at(cascade, "generations");
}

static void gather(struct sqz_result_view *view)
{
    static const char *const WATCH[] = {"target", "floor"};
    const json_t *summary = view->summary, *manifest = view->manifest;
    const char *unit;
    view->version = sqz_json_text_at(summary, "version");
    view->scenario_name = label_of(sqz_json_text_at(summary, "scenario"),
                                   sqz_json_text_at(manifest, "scenario/file"));
    view->scenario_file = name_of(sqz_json_text_at(manifest, "scenario/file"));
    view->seed = sqz_json_text_at(summary, "seed");
    view->symbol = sqz_result_setting(view, "symbol", &unit);
    view->paths = sqz_json_number_at(summary, "paths");
    view->start_price_usd = sqz_json_number_at(summary, "start_price_usd");
    view->horizon_s = sqz_json_number_at(summary, "horizon_s");
    view->levels_scale = sqz_result_number(view, "levels.scale", SQZ_DIM_NUMBER);
    view->short_usd = sqz_json_number_at(manifest, "ladder/short_usd");
    view->long_usd = sqz_json_number_at(manifest, "ladder/long_usd");
    for (int w = 0; w < 2; w++) {
        const json_t *watch = json_object_get(summary, WATCH[w]);
        view->watch_usd[w] = sqz_json_number_at(watch, "price_usd");
        view->watch_p[w] = sqz_json_number_at(watch, "probability/value");
        view->watch_lo[w] = sqz_json_number_at(watch, "probability/lo");
        view->watch_hi[w] = sqz_json_number_at(watch, "probability/hi");
        view->watch_without_p[w] = sqz_json_number_at(watch, "probability_without_impact/value");
        view->watch_uplift[w][0] = sqz_json_number_at(watch, "uplift/value");
        view->watch_uplift[w][1] = sqz_json_number_at(watch, "uplift/lo");
        view->watch_uplift[w][2] = sqz_json_number_at(watch, "uplift/hi");
    }
    view->attributed = json_is_object(json_object_get(summary, "endogenous_share"));
    view->forced_mean_usd = sqz_json_number_at(summary, "forced_usd/mean/value");
    view->forced_lo_usd = sqz_json_number_at(summary, "forced_usd/mean/lo");
    view->forced_hi_usd = sqz_json_number_at(summary, "forced_usd/mean/hi");
    view->unforced_share = sqz_json_number_at(summary, "forced_usd/unforced_paths") / view->paths;
    view->beyond_known_share = sqz_json_number_at(summary, "beyond_known_depth/share/value");
    view->known_percent[SQZ_UP] = sqz_json_number_at(summary, "beyond_known_depth/up_percent");
    view->known_percent[SQZ_DOWN] = sqz_json_number_at(summary, "beyond_known_depth/down_percent");
    view->closeup_path = (long)json_integer_value(sqz_json_at(manifest, "closeup_path"));
    gather_cascade(view);
    double volatility = sqz_result_number(view, "volatility", SQZ_DIM_VOLATILITY);
    snprintf(view->volatility_text, sizeof view->volatility_text, "%.3g %% per sqrt(day)",
             100 * volatility * sqrt(SECONDS_PER_DAY));
    view->branching_bp = sqz_json_number_at(manifest, "branching/scale_bp");
    sqz_result_describe(view);
    list_sampled(view);
    count_thinned(view);
}

/* ---- kinds of results ---------------------------------------------------------------------- */

static void gather_scenario(struct sqz_scenario_view *scenario, const json_t *item,
                            const json_t *record)
{
    static const char *const WATCH[] = {"target", "floor"};
    const json_t *summary = json_object_get(item, "summary");
    scenario->name = sqz_json_text_at(item, "name");
    scenario->file = name_of(sqz_json_text_at(record, "file"));
    scenario->horizon_s = sqz_json_number_at(summary, "horizon_s");
    scenario->beyond_known_share = sqz_json_number_at(summary, "beyond_known_depth/share/value");
    for (int w = 0; w < 2; w++) {
        const json_t *watch = json_object_get(summary, WATCH[w]);
        scenario->watch_usd[w] = sqz_json_number_at(watch, "price_usd");
        scenario->watch_p[w] = sqz_json_number_at(watch, "probability/value");
    }
}

/* The price that all scenarios watch; NAN if they differ. */
static double common_watch(const struct sqz_result_view *view, int watch)
{
    double price = view->scenario[0].watch_usd[watch];
    for (size_t i = 1; i < view->n_scenarios; i++)
        if (view->scenario[i].watch_usd[watch] != price)
            return NAN;
    return price;
}

/* The files of the scenarios stand together where a batch has one. */
static int join_files(struct sqz_result_view *view)
{
    static const char BETWEEN[] = " · ";
    size_t size = 1;
    for (size_t i = 0; i < view->n_scenarios; i++)
        size += strlen(view->scenario[i].file) + sizeof BETWEEN;
    view->files_text = calloc(1, size);
    if (view->files_text == NULL)
        return SQZ_ERR_NOMEM;
    for (size_t i = 0; i < view->n_scenarios; i++) {
        strcat(view->files_text, i > 0 ? BETWEEN : "");
        strcat(view->files_text, view->scenario[i].file);
    }
    view->scenario_file = view->files_text;
    return SQZ_OK;
}

static int gather_comparison(struct sqz_result_view *view, struct sqz_diag *diag)
{
    const json_t *summary = view->summary, *list = json_object_get(summary, "scenarios");
    const json_t *records = json_object_get(view->manifest, "scenarios");
    view->n_scenarios = json_array_size(list);
    view->scenario = calloc(view->n_scenarios + 1, sizeof *view->scenario);
    if (view->scenario == NULL)
        return sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for %zu scenarios", view->n_scenarios);
    view->version = sqz_json_text_at(summary, "version");
    view->seed = sqz_json_text_at(summary, "seed");
    view->paths = sqz_json_number_at(summary, "paths");
    for (size_t i = 0; i < view->n_scenarios; i++) {
        gather_scenario(&view->scenario[i], json_array_get(list, i), json_array_get(records, i));
        view->horizon_s = fmax(view->horizon_s, view->scenario[i].horizon_s);
    }
    view->start_price_usd =
        sqz_json_number_at(json_object_get(json_array_get(list, 0), "summary"), "start_price_usd");
    view->scenario_name = view->symbol = "";
    for (int w = 0; w < 2; w++)
        view->watch_usd[w] = common_watch(view, w);
    return join_files(view) == SQZ_OK ? SQZ_OK
                                      : sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for file names");
}

/* The scenario of a sweep is described as that of a batch, with the base's probabilities. */
static void gather_sweep(struct sqz_result_view *view)
{
    static const char *const WATCH[] = {"target_usd", "floor_usd"};
    static const char *const P[] = {"base/target_probability", "base/floor_probability"};
    const json_t *summary = view->summary, *axes = json_object_get(summary, "vary");
    const json_t *values = sqz_json_at(summary, "base/values");
    for (int w = 0; w < 2; w++) {
        const json_t *probability = sqz_json_at(summary, P[w]);
        view->watch_usd[w] = sqz_json_number_at(summary, WATCH[w]);
        view->watch_p[w] = sqz_json_number_at(probability, "value");
        view->watch_lo[w] = sqz_json_number_at(probability, "lo");
        view->watch_hi[w] = sqz_json_number_at(probability, "hi");
    }
    view->n_axes = json_array_size(axes);
    view->kind = view->n_axes == 0   ? SQZ_RESULT_TORNADO
                 : view->n_axes == 1 ? SQZ_RESULT_CURVE
                                     : SQZ_RESULT_PLANE;
    for (size_t a = 0; a < view->n_axes && a < 2; a++) {
        const json_t *axis = json_array_get(axes, a);
        view->axis[a] = (struct sqz_axis_view){
            .key = sqz_json_text_at(axis, "key"),
            .unit = sqz_json_text_at(axis, "unit"),
            .points = sqz_json_number_at(axis, "points"),
            .logarithmic = strcmp(sqz_json_text_at(axis, "spacing"), "log") == 0};
        view->axis[a].base = sqz_json_number_at(values, view->axis[a].key);
    }
}

/* What was not simulated has no summary: the watched prices are the scenario's. */
static void gather_still(struct sqz_result_view *view)
{
    view->horizon_s = sqz_result_number(view, "horizon", SQZ_DIM_TIME);
    view->watch_usd[0] = sqz_result_number(view, "target", SQZ_DIM_USD);
    view->watch_usd[1] = sqz_result_number(view, "floor", SQZ_DIM_USD);
}

static void gather_ignition(struct sqz_result_view *view)
{
    const json_t *answer = view->summary;
    view->ignition = (struct sqz_ignition_view){
        .goal_usd = sqz_json_number_at(answer, "target_usd"),
        .push_usd = sqz_json_number_at(answer, "push_usd"),
        .cost_usd = sqz_json_number_at(answer, "push_cost_usd"),
        .final_usd = sqz_json_number_at(answer, "final_usd"),
        .forced_usd = sqz_json_number_at(answer, "forced_usd"),
        .alone_usd = sqz_json_number_at(answer, "push_without_levels_usd"),
        .up = strcmp(sqz_json_text_at(answer, "side"), "up") == 0,
        .target = strcmp(sqz_json_text_at(answer, "towards"), "target") == 0,
    };
}

static void gather_bound(struct sqz_result_view *view)
{
    const json_t *answer = view->summary;
    view->horizon_s = sqz_json_number_at(answer, "record_s");
    view->bound = (struct sqz_bound_view){
        .upper_95 = sqz_json_number_at(answer, "scale_upper_95"),
        .range_percent = sqz_json_number_at(answer, "range_percent"),
        .record_s = view->horizon_s,
        .open = json_is_true(json_object_get(answer, "beyond_curve")),
        .begin = sqz_json_text_at(answer, "record_begin"),
    };
}

static void gather_replay(struct sqz_result_view *view)
{
    const json_t *answer = view->summary;
    double reported = sqz_json_number_at(answer, "reported/short_usd") +
                      sqz_json_number_at(answer, "reported/long_usd");
    bool destroyed = sqz_json_number_at(answer, "open_interest_destroyed_usd") > 0;
    view->horizon_s = sqz_json_number_at(answer, "bars") * sqz_json_number_at(answer, "step_s");
    view->replay = (struct sqz_replay_view){
        .forced_usd = {sqz_json_number_at(answer, "forced/short_usd"),
                       sqz_json_number_at(answer, "forced/long_usd")},
        .share_lo = sqz_json_number_at(answer, "explain/share_lo"),
        .share_hi = sqz_json_number_at(answer, "explain/share_hi"),
        .move_percent = sqz_json_number_at(answer, "explain/move_percent"),
        .extreme_usd = sqz_json_number_at(answer, "explain/extreme_usd"),
        .begin = sqz_json_text_at(answer, "record_begin"),
        .against = reported > 0 ? "reported"
                   : destroyed  ? "destroyed"
                                : "",
    };
}

/* Every map has a price and a volatility of its own. */
static void gather_score(struct sqz_result_view *view)
{
    view->scenario_name = view->scenario_file = name_of(sqz_json_text_at(view->summary, "index"));
    view->score_maps = sqz_json_number_at(view->summary, "maps");
    view->score_days = sqz_json_number_at(view->summary, "days");
    snprintf(view->volatility_text, sizeof view->volatility_text, "conditional on the record");
}

/* The answers that may stand in a result, by schema. A sweep's kind depends on what it varies. */
static const struct {
    enum sqz_result_file file;
    const char *schema;
    enum sqz_result_kind kind;
} ANSWERS[] = {{SQZ_FILE_SUMMARY, "squeeze/batch-1", SQZ_RESULT_BATCH},
               {SQZ_FILE_SUMMARY, "squeeze/compare-1", SQZ_RESULT_COMPARISON},
               {SQZ_FILE_SUMMARY, "squeeze/sweep-1", SQZ_RESULT_CURVE},
               {SQZ_FILE_MAP_ANSWER, "squeeze/map-1", SQZ_RESULT_MAP},
               {SQZ_FILE_IGNITION_ANSWER, "squeeze/ignite-1", SQZ_RESULT_IGNITION},
               {SQZ_FILE_BOUND_ANSWER, "squeeze/bound-1", SQZ_RESULT_BOUND},
               {SQZ_FILE_REPLAY_ANSWER, "squeeze/replay-1", SQZ_RESULT_REPLAY},
               {SQZ_FILE_SCORE_ANSWER, "squeeze/score-1", SQZ_RESULT_SCORE}};
enum { N_ANSWERS = sizeof ANSWERS / sizeof ANSWERS[0] };

/* The first of the files that is there, else summary.json. */
static const char *answer_file(const char *directory)
{
    char path[PATH_MAX];
    for (size_t i = 0; i < N_ANSWERS; i++) {
        const char *name = sqz_result_file_name(ANSWERS[i].file);
        snprintf(path, sizeof path, "%s/%s", directory, name);
        if (access(path, F_OK) == 0)
            return name;
    }
    return sqz_result_file_name(ANSWERS[0].file);
}

static int read_answer(struct sqz_result_view *view, const char *directory, struct sqz_diag *diag)
{
    const char *file = answer_file(directory);
    int error = read_json(&view->summary, directory, file, diag);
    if (error != SQZ_OK)
        return error;
    const char *schema = sqz_json_text_at(view->summary, "schema");
    for (size_t i = 0; i < N_ANSWERS; i++)
        if (strcmp(schema, ANSWERS[i].schema) == 0) {
            view->kind = ANSWERS[i].kind;
            return SQZ_OK;
        }
    return fail_schema(
        diag, directory, file, view->summary,
        "'squeeze/batch-1', compare-1, sweep-1, map-1, ignite-1, bound-1, replay-1 or score-1");
}

int sqz_result_view_read(struct sqz_result_view *view, const char *directory, struct sqz_diag *diag)
{
    memset(view, 0, sizeof *view);
    int error = read_answer(view, directory, diag);
    if (error != SQZ_OK)
        return error;
    const char *manifest = sqz_result_file_name(SQZ_FILE_MANIFEST);
    error = read_json(&view->manifest, directory, manifest, diag);
    if (error != SQZ_OK)
        return error;
    if (strcmp(sqz_json_text_at(view->manifest, "schema"), "squeeze/manifest-1") != 0)
        return fail_schema(diag, directory, manifest, view->manifest, "'squeeze/manifest-1'");
    if (view->kind == SQZ_RESULT_COMPARISON)
        return gather_comparison(view, diag);
    gather(view);
    if (view->kind == SQZ_RESULT_CURVE)
        gather_sweep(view);
    if (view->kind == SQZ_RESULT_MAP || view->kind == SQZ_RESULT_IGNITION ||
        view->kind == SQZ_RESULT_SCORE)
        gather_still(view);
    if (view->kind == SQZ_RESULT_IGNITION)
        gather_ignition(view);
    if (view->kind == SQZ_RESULT_BOUND)
        gather_bound(view);
    if (view->kind == SQZ_RESULT_REPLAY)
        gather_replay(view);
    if (view->kind == SQZ_RESULT_SCORE)
        gather_score(view);
    return SQZ_OK;
}

void sqz_result_view_free(struct sqz_result_view *view)
{
    json_decref(view->summary);
    json_decref(view->manifest);
    free(view->scenario);
    free(view->files_text);
    memset(view, 0, sizeof *view);
}
