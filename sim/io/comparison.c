/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/comparison.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/core/version.h"

/* ---- names --------------------------------------------------------------------------------- */

static const char *file_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

/* The label alone, or longer: with the file, with a number from 2 on. */
static int set_name(struct sqz_compared *item, size_t length)
{
    const char *label = sqz_scenario_label(item->scenario), *file = file_name(item->scenario->file);
    char number[24] = "";
    if (length > 1)
        snprintf(number, sizeof number, " %zu", length);
    size_t size = strlen(label) + strlen(file) + sizeof number + sizeof " ()";
    free(item->name);
    item->name = malloc(size);
    if (item->name == NULL)
        return SQZ_ERR_NOMEM;
    if (length == 0)
        strcpy(item->name, label);
    else
        snprintf(item->name, size, "%s (%s%s)", label, file, number);
    return SQZ_OK;
}

/* Whether item `index` shares its label with another. */
static bool label_shared(const struct sqz_comparison *comparison, size_t index)
{
    const char *label = sqz_scenario_label(comparison->item[index].scenario);
    for (size_t i = 0; i < comparison->count; i++)
        if (i != index && strcmp(sqz_scenario_label(comparison->item[i].scenario), label) == 0)
            return true;
    return false;
}

/* Whether an earlier item bears the name of item `index`. */
static bool name_taken(const struct sqz_comparison *comparison, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (strcmp(comparison->item[i].name, comparison->item[index].name) == 0)
            return true;
    return false;
}

static int name_item(struct sqz_comparison *comparison, size_t index)
{
    size_t length = label_shared(comparison, index) ? 1 : 0;
    int error = set_name(&comparison->item[index], length);
    while (error == SQZ_OK && name_taken(comparison, index))
        error = set_name(&comparison->item[index], ++length);
    return error;
}

int sqz_comparison_init(struct sqz_comparison *comparison, const struct sqz_scenario *scenario,
                        size_t count, struct sqz_diag *diag)
{
    comparison->count = count;
    comparison->item = calloc(count, sizeof *comparison->item);
    int error = comparison->item != NULL ? SQZ_OK : SQZ_ERR_NOMEM;
    for (size_t i = 0; error == SQZ_OK && i < count; i++)
        comparison->item[i].scenario = &scenario[i];
    for (size_t i = 0; error == SQZ_OK && i < count; i++)
        error = name_item(comparison, i);
    return error == SQZ_OK ? error : sqz_fail(diag, error, "no memory for a comparison");
}

void sqz_comparison_free(struct sqz_comparison *comparison)
{
    for (size_t i = 0; comparison->item != NULL && i < comparison->count; i++)
        free(comparison->item[i].name);
    free(comparison->item);
    memset(comparison, 0, sizeof *comparison);
}

/* ---- JSON ---------------------------------------------------------------------------------- */

json_t *sqz_comparison_json(const struct sqz_comparison *comparison)
{
    const struct sqz_summary *base = &comparison->item[0].summary;
    char seed[24];
    snprintf(seed, sizeof seed, "%" PRIu64, base->seed);
    json_t *scenarios = json_array(), *differences = json_array(), *remarks = json_array();
    for (size_t i = 0; i < comparison->count; i++) {
        const struct sqz_compared *item = &comparison->item[i];
        sqz_json_append(scenarios, json_pack("{s:o, s:o}", "name", sqz_json_text(item->name),
                                             "summary", sqz_summary_json(&item->summary)));
        sqz_remarks_append_json(remarks, item->summary.remarks);
        if (i == 0)
            continue;
        json_t *difference = json_pack("{s:o}", "name", sqz_json_text(item->name));
        sqz_difference_add_json(difference, &item->difference);
        sqz_json_append(differences, difference);
    }
    return json_pack("{s:s, s:s, s:s, s:I, s:o, s:o, s:o, s:o}", "schema", "squeeze/compare-1",
                     "version", SQZ_VERSION, "seed", seed, "paths", (json_int_t)base->paths, "base",
                     sqz_json_text(comparison->item[0].name), "scenarios", scenarios, "differences",
                     differences, "remarks", remarks);
}

/* differences.csv: a row for every difference that is known. */
static int write_differences(const struct sqz_comparison *comparison,
                             const struct sqz_result_dir *dir, struct sqz_diag *diag)
{
    FILE *file;
    int error = sqz_result_dir_create(dir, SQZ_FILE_DIFFERENCES, &file, diag);
    if (error != SQZ_OK)
        return error;
    fputs("scenario,contrast,value,se,lo,hi,variance_reduction\n", file);
    for (size_t i = 1; i < comparison->count; i++)
        for (int c = 0; c < SQZ_CONTRASTS; c++) {
            const struct sqz_difference *difference = &comparison->item[i].difference;
            const struct sqz_estimate *value = &difference->value[c];
            if (isnan(value->se))
                continue;
            fprintf(file, "%zu,%s,%.17g,%.17g,%.17g,%.17g,", i + 1, sqz_contrast_name[c],
                    value->value, value->se, value->lo, value->hi);
            if (!isnan(difference->variance_reduction[c]))
                fprintf(file, "%.17g", difference->variance_reduction[c]);
            fputc('\n', file);
        }
    return sqz_result_dir_close(dir, SQZ_FILE_DIFFERENCES, &file, diag);
}

int sqz_comparison_write(const struct sqz_comparison *comparison, const struct sqz_result_dir *dir,
                         const struct sqz_run_record *record, struct sqz_diag *diag)
{
    const struct sqz_summary *base = &comparison->item[0].summary;
    json_t *manifest = sqz_manifest_head(record, base->seed, base->paths);
    json_t *scenarios = json_array();
    for (size_t i = 0; i < comparison->count; i++) {
        const struct sqz_compared *item = &comparison->item[i];
        char folder[32];
        snprintf(folder, sizeof folder, SQZ_RESULT_PART, i + 1);
        sqz_json_append(scenarios,
                        json_pack("{s:o, s:s, s:o, s:o}", "name", sqz_json_text(item->name),
                                  "folder", folder, "file", sqz_json_text(item->scenario->file),
                                  "files", sqz_manifest_files(item->scenario)));
    }
    sqz_json_set(manifest, "scenarios", scenarios);
    int error = sqz_result_dir_json(dir, SQZ_FILE_SUMMARY, sqz_comparison_json(comparison), diag);
    if (error == SQZ_OK)
        error = write_differences(comparison, dir, diag);
    if (error == SQZ_OK)
        return sqz_result_dir_json(dir, SQZ_FILE_MANIFEST, manifest, diag);
    json_decref(manifest);
    return error;
}
