/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/sweep.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/core/rng.h"
#include "sim/core/version.h"
#include "sim/io/identity.h"
#include "sim/io/known_depth.h"

/* ---- points -------------------------------------------------------------------------------- */

int sqz_sweep_init(struct sqz_sweep *sweep, size_t count, struct sqz_diag *diag)
{
    sweep->point = calloc(count, sizeof *sweep->point);
    if (sweep->point == NULL)
        return sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for %zu points", count);
    sweep->n_points = count;
    for (size_t i = 0; i < count; i++) {
        struct sqz_point *point = &sweep->point[i];
        point->number = i;
        for (int e = 0; e < SQZ_POINT_ESTIMATES; e++)
            point->estimate[e] = (struct sqz_estimate){NAN, NAN, NAN, NAN};
        for (int c = 0; c < SQZ_CONTRASTS; c++)
            point->variance_reduction[c] = NAN;
        point->branching[SQZ_UP] = point->branching[SQZ_DOWN] = NAN;
    }
    return SQZ_OK;
}

void sqz_sweep_free(struct sqz_sweep *sweep)
{
    for (size_t i = 0; i < sweep->n_points; i++) {
        for (size_t l = 0; l < SQZ_SWEEP_LABELS; l++)
            free(sweep->point[i].label[l]);
        for (size_t s = 0; s < sweep->point[i].n_settings; s++)
            free(sweep->point[i].setting[s]);
        free(sweep->point[i].left_out);
    }
    free(sweep->point);
    memset(sweep, 0, sizeof *sweep);
}

int sqz_point_label(struct sqz_point *point, size_t index, const char *text)
{
    point->label[index] = strdup(text);
    return point->label[index] != NULL ? SQZ_OK : SQZ_ERR_NOMEM;
}

int sqz_point_set(struct sqz_point *point, const char *key, const char *value)
{
    size_t size = strlen(key) + strlen(value) + sizeof "=";
    char *text = point->n_settings < SQZ_SWEEP_SETTINGS_MAX ? malloc(size) : NULL;
    if (text == NULL)
        return SQZ_ERR_NOMEM;
    snprintf(text, size, "%s=%s", key, value);
    point->setting[point->n_settings++] = text;
    return SQZ_OK;
}

/* No consumer of a path's randomness has this number. */
static const uint64_t STREAM_OF_SEEDS = UINT64_MAX;

uint64_t sqz_sweep_seed(const struct sqz_sweep *sweep, size_t index)
{
    struct sqz_stream stream;
    if (index == 0 || sweep->point[index].is_base)
        return sweep->seed;
    sqz_stream_open(&stream, sweep->seed, sweep->point[index].number, STREAM_OF_SEEDS);
    return sqz_stream_u64(&stream);
}

bool sqz_sweep_is_refined(const struct sqz_sweep *sweep, size_t index)
{
    return sweep->refine > 0 && sweep->point[index].number >= sweep->n_first;
}

static int by_value(const void *a, const void *b)
{
    double left = strtod(((const struct sqz_point *)a)->label[0], NULL);
    double right = strtod(((const struct sqz_point *)b)->label[0], NULL);
    return (left > right) - (left < right);
}

void sqz_sweep_sort(struct sqz_sweep *sweep)
{
    if (sweep->refine > 0 && sweep->done > 1)
        qsort(sweep->point + 1, sweep->done - 1, sizeof *sweep->point, by_value);
}

bool sqz_point_was_run(const struct sqz_sweep *sweep, size_t index)
{
    return sweep->point[index].paths > 0 && !sweep->point[index].is_base;
}

void sqz_sweep_count_beyond(const struct sqz_sweep *sweep, uint64_t *beyond, uint64_t *paths)
{
    *beyond = *paths = 0;
    for (size_t i = 0; i < sweep->done; i++) {
        if (!sqz_point_was_run(sweep, i))
            continue;
        *beyond += sweep->point[i].beyond_known;
        *paths += sweep->point[i].paths;
    }
}

static bool is_exactly_nothing(const struct sqz_estimate *difference)
{
    /* The spread of a single path is NAN. */
    return isnan(difference->value) || (difference->value == 0 && !(difference->se > 0));
}

bool sqz_point_unchanged(const struct sqz_point *point)
{
    bool same = is_exactly_nothing(&point->estimate[SQZ_POINT_DIFFERENCE + SQZ_CONTRAST_FINAL]);
    for (int q = 0; q < SQZ_POINT_QUANTITIES; q++)
        same &= is_exactly_nothing(&point->estimate[SQZ_POINT_OWN_DIFFERENCE + q]);
    return same;
}

/* ---- what is to be run --------------------------------------------------------------------- */

static json_t *axes_json(const struct sqz_sweep *sweep)
{
    json_t *list = json_array();
    for (size_t a = 0; a < sweep->n_axes; a++) {
        const struct sqz_axis *axis = &sweep->axis[a];
        sqz_json_append(list, json_pack("{s:s, s:s, s:f, s:f, s:I, s:s}", "key", axis->key, "unit",
                                        axis->unit, "lo", axis->lo, "hi", axis->hi, "points",
                                        (json_int_t)axis->count, "spacing",
                                        axis->logarithmic ? "log" : "linear"));
    }
    return list;
}

static json_t *settings_json(const struct sqz_point *point)
{
    json_t *list = json_array();
    for (size_t s = 0; s < point->n_settings; s++)
        sqz_json_append(list, sqz_json_text(point->setting[s]));
    return list;
}

static json_t *conditions_json(const struct sqz_sweep *sweep)
{
    json_t *list = json_array();
    for (size_t c = 0; c < sweep->n_conditions; c++) {
        const struct sqz_sweep_condition *condition = &sweep->condition[c];
        sqz_json_append(list, json_pack("{s:s, s:s, s:o, s:s, s:o, s:s}", "condition",
                                        condition->name, "about", condition->about, "low",
                                        settings_json(&sweep->point[2 * c + 1]), "low_source",
                                        condition->source[0], "high",
                                        settings_json(&sweep->point[2 * c + 2]), "high_source",
                                        condition->source[1]));
    }
    return list;
}

/* Add "vary", or "conditions" of a tornado and the market that they are for. */
static void add_plan(json_t *object, const struct sqz_sweep *sweep)
{
    if (sweep->n_axes > 0) {
        sqz_json_set(object, "vary", axes_json(sweep));
        if (sweep->refine > 0)
            sqz_json_set(object, "refine", json_integer((json_int_t)sweep->refine));
        return;
    }
    sqz_json_set(object, "conditions_for", sqz_json_text(sweep->market));
    sqz_json_set(object, "conditions", conditions_json(sweep));
}

/* ---- the answer ---------------------------------------------------------------------------- */

/* An estimate, or null where it does not apply. */
static json_t *estimate_or_null(const struct sqz_estimate *estimate)
{
    return isnan(estimate->value) ? json_null() : sqz_json_estimate(estimate);
}

/* What the point's own paths say, the base on them, and the paired difference. */
static json_t *own_json(const struct sqz_point *point)
{
    json_t *own = json_object(), *base = json_object(), *difference = json_object();
    for (int q = 0; q < SQZ_POINT_QUANTITIES; q++) {
        sqz_json_set(own, sqz_contrast_name[q],
                     estimate_or_null(&point->estimate[SQZ_POINT_OWN + q]));
        sqz_json_set(base, sqz_contrast_name[q],
                     estimate_or_null(&point->estimate[SQZ_POINT_OWN_BASE + q]));
        sqz_json_set(difference, sqz_contrast_name[q],
                     estimate_or_null(&point->estimate[SQZ_POINT_OWN_DIFFERENCE + q]));
    }
    sqz_json_set(own, "base", base);
    sqz_json_set(own, "difference", difference);
    return own;
}

static json_t *difference_json(const struct sqz_point *point)
{
    json_t *difference = json_object(), *reduction = json_object();
    for (int c = 0; c < SQZ_CONTRASTS; c++) {
        sqz_json_set(difference, sqz_contrast_name[c],
                     estimate_or_null(&point->estimate[SQZ_POINT_DIFFERENCE + c]));
        sqz_json_set(reduction, sqz_contrast_name[c],
                     sqz_json_number(point->variance_reduction[c]));
    }
    sqz_json_set(difference, "variance_reduction", reduction);
    return difference;
}

/* A label as the number that it is, or null. */
static json_t *label_number(const char *label)
{
    return label[0] != '\0' ? sqz_json_number(strtod(label, NULL)) : json_null();
}

/* Of the point's own paths. */
static json_t *beyond_json(const struct sqz_point *point)
{
    struct sqz_estimate share = sqz_estimate_share(point->beyond_known, point->paths);
    return json_pack("{s:I, s:o}", "paths", (json_int_t)point->beyond_known, "share",
                     sqz_json_estimate(&share));
}

static json_t *point_json(const struct sqz_sweep *sweep, size_t index)
{
    const struct sqz_point *point = &sweep->point[index];
    json_t *object = json_object(), *values = json_object();
    char seed[24];
    for (size_t l = 0; l < sweep->n_labels; l++)
        if (sweep->n_axes > 0)
            sqz_json_set(values, sweep->label_name[l], label_number(point->label[l]));
        else if (index > 0)
            sqz_json_set(object, sweep->label_name[l], sqz_json_text(point->label[l]));
    if (sweep->n_axes > 0)
        sqz_json_set(object, "values", json_incref(values));
    json_decref(values);
    sqz_json_set(object, "settings", settings_json(point));
    if (sweep->refine > 0 && index > 0)
        sqz_json_set(object, "refined", json_boolean(sqz_sweep_is_refined(sweep, index)));
    if (point->left_out != NULL)
        sqz_json_set(object, "left_out", sqz_json_text(point->left_out));
    for (int e = 0; e < SQZ_POINT_QUANTITIES; e++)
        sqz_json_set(object, sqz_contrast_name[e], estimate_or_null(&point->estimate[e]));
    if (index > 0)
        sqz_json_set(object, "difference", difference_json(point));
    sqz_json_set(object, "own_paths", own_json(point));
    sqz_json_set(object, "branching",
                 json_pack("{s:o, s:o}", "short", sqz_json_number(point->branching[SQZ_UP]), "long",
                           sqz_json_number(point->branching[SQZ_DOWN])));
    snprintf(seed, sizeof seed, "%" PRIu64, sqz_sweep_seed(sweep, index));
    sqz_json_set(object, "seed", json_string(seed));
    sqz_json_set(object, "paths", json_integer((json_int_t)point->paths));
    sqz_json_set(object, "cut_off_paths", json_integer((json_int_t)point->cut_off));
    if (point->paths > 0)
        sqz_json_set(object, "beyond_known_depth", beyond_json(point));
    return object;
}

json_t *sqz_sweep_json(const struct sqz_sweep *sweep)
{
    const struct sqz_scenario_params *params = &sweep->base->params;
    char seed[24];
    snprintf(seed, sizeof seed, "%" PRIu64, sweep->seed);
    json_t *object = json_pack(
        "{s:s, s:s, s:o, s:s, s:I, s:o, s:o, s:o, s:o}", "schema", "squeeze/sweep-1", "version",
        SQZ_VERSION, "scenario", sqz_json_text(sqz_scenario_label(sweep->base)), "seed", seed,
        "paths", (json_int_t)sweep->paths, "horizon_s", sqz_json_number(params->horizon_s),
        "start_price_usd", sqz_json_number(params->price_usd), "target_usd",
        sqz_json_number(params->target_usd), "floor_usd", sqz_json_number(params->floor_usd));
    json_t *points = json_array();
    add_plan(object, sweep);
    if (sweep->done > 0)
        sqz_json_set(object, "base", point_json(sweep, 0));
    for (size_t i = 1; i < sweep->done; i++)
        sqz_json_append(points, point_json(sweep, i));
    sqz_json_set(object, "points", points);
    uint64_t beyond, paths;
    sqz_sweep_count_beyond(sweep, &beyond, &paths);
    if (paths > 0)
        sqz_json_set(object, "beyond_known_depth",
                     sqz_known_json(&sweep->base->book, beyond, paths));
    sqz_json_set(object, "remarks", sqz_remarks_json(&sweep->base->remarks));
    return object;
}

/* ---- the record ---------------------------------------------------------------------------- */

/* What decides the numbers: the base, and how it is varied. */
static json_t *identity_json(const struct sqz_sweep *sweep)
{
    json_t *object = sqz_identity_scenario(sweep->base);
    sqz_json_set(object, "max_events", json_integer((json_int_t)sweep->max_events));
    add_plan(object, sweep);
    return object;
}

json_t *sqz_sweep_manifest(const struct sqz_sweep *sweep, const struct sqz_run_record *record)
{
    json_t *manifest = sqz_manifest_head(record, sweep->seed, sweep->paths);
    sqz_manifest_add_scenario(manifest, sweep->base);
    sqz_json_set(manifest, "sweep", identity_json(sweep));
    return manifest;
}

static int fail_differs(struct sqz_diag *diag, const char *directory, const char *what)
{
    return sqz_fail_at(diag, SQZ_ERR_IO, directory, 0, NULL,
                       "holds a sweep with another %s; the same command continues it, --force "
                       "starts anew",
                       what);
}

int sqz_sweep_check_manifest(const struct sqz_sweep *sweep, const char *directory,
                             const json_t *manifest, struct sqz_diag *diag)
{
    static const char *const PARTS[] = {"version", "seed", "paths"};
    static const struct {
        const char *key, *what;
    } IDENTITY[] = {{"vary", "list of points"},
                    {"refine", "--refine"},
                    {"conditions", "list of points"},
                    {"settings", "scenario"},
                    {"sha256", "scenario (its files have changed)"},
                    {"max_events", "--max-events"}};
    struct sqz_run_record none = {0};
    json_t *own = sqz_sweep_manifest(sweep, &none);
    const json_t *mine = json_object_get(own, "sweep"),
                 *theirs = json_object_get(manifest, "sweep");
    const char *differs = NULL;
    for (size_t i = 0; differs == NULL && i < sizeof PARTS / sizeof PARTS[0]; i++)
        if (!json_equal(json_object_get(own, PARTS[i]), json_object_get(manifest, PARTS[i])))
            differs = PARTS[i];
    for (size_t i = 0; differs == NULL && i < sizeof IDENTITY / sizeof IDENTITY[0]; i++) {
        const json_t *a = json_object_get(mine, IDENTITY[i].key);
        const json_t *b = json_object_get(theirs, IDENTITY[i].key);
        if (a != b && !json_equal(a, b)) /* both missing is no difference */
            differs = IDENTITY[i].what;
    }
    json_decref(own);
    return differs == NULL ? SQZ_OK : fail_differs(diag, directory, differs);
}
