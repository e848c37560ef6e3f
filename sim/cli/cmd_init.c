/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/registry.h"
#include "sim/cli/commands.h"
#include "sim/cli/loading.h"
#include "sim/cli/text.h"
#include "sim/io/draft.h"
#include "sim/io/levels.h"
#include "sim/io/output_file.h"
#include "sim/io/units.h"

/* What the scenario is made of. */
struct init {
    const struct sqz_options *options;
    const char *path;          /* where it will be, for the paths in it */
    struct sqz_settings given; /* by included files and --set */
    struct sqz_levels_outline outline;
    FILE *text; /* being written */
};

static int fail_needed(struct sqz_diag *diag, const char *option, const char *what)
{
    return sqz_fail_at(diag, SQZ_ERR_USAGE, NULL, 0, option, "is needed: %s", what);
}

static int check_options(const struct sqz_options *options, struct sqz_diag *diag)
{
    if ((options->levels == NULL) == (options->positions == NULL))
        return sqz_fail_at(diag, SQZ_ERR_USAGE, NULL, 0, "--levels",
                           "expected one of --levels FILE and --positions FILE");
    if (options->venue != NULL && options->positions == NULL)
        return sqz_fail_at(diag, SQZ_ERR_USAGE, NULL, 0, "--venue", "goes with --positions");
    if (options->horizon == NULL)
        return fail_needed(diag, "--horizon", "how far ahead, as 7d");
    if (options->target == NULL && options->floor == NULL)
        return fail_needed(diag, "--target",
                           "the price that is asked about, as +10% or 100000 "
                           "(or --floor)");
    return SQZ_OK;
}

/* ---- what is given ------------------------------------------------------------------------- */

static int read_given(struct init *init, struct sqz_diag *diag)
{
    const struct sqz_options *options = init->options;
    int error = SQZ_OK;
    init->given.registry = &sqz_registry;
    for (size_t i = 0; error == SQZ_OK && i < options->n_include; i++)
        error = sqz_settings_read(&init->given, options->include[i], diag);
    for (size_t i = 0; error == SQZ_OK && i < options->n_set; i++)
        error = sqz_settings_override(&init->given, options->set[i], diag);
    return error == SQZ_OK && options->levels != NULL
               ? sqz_levels_outline_read(&init->outline, options->levels, diag)
               : error;
}

/* Nothing stands in for what the market alone can say. */
static int check_market(const struct init *init, struct sqz_diag *diag)
{
    const struct sqz_settings *given = &init->given;
    const char *lacking = sqz_settings_find(given, "volatility") == NULL ? "volatility"
                          : sqz_settings_find(given, "book.depth") == NULL &&
                                  sqz_settings_find(given, "book.table") == NULL
                              ? "book.depth"
                              : NULL;
    if (lacking == NULL)
        return SQZ_OK;
    return sqz_fail_at(diag, SQZ_ERR_USAGE, NULL, 0, lacking,
                       "is in no file given; expected --include FILE with what squeeze calibrate "
                       "says of the market, or --set %s=%s",
                       lacking, lacking[0] == 'v' ? "'2.5%/sqrt(d)'" : "300M");
}

/* ---- rows ---------------------------------------------------------------------------------- */

/* Whether an included file says a price, and the levels stand around it. */
static bool included_price_fits(const struct init *init)
{
    const struct sqz_setting *setting = sqz_settings_find(&init->given, "price");
    const double *nearest = init->outline.nearest_usd;
    double price;
    if (setting == NULL ||
        sqz_units_read(setting->value, "usd", SQZ_DIM_USD, &price, NULL) != SQZ_OK)
        return setting != NULL;
    return !(price >= nearest[SQZ_UP]) && !(price <= nearest[SQZ_DOWN]);
}

/* The price: as given, else in the middle between the levels around it. */
static int put_price(const struct init *init, struct sqz_diag *diag)
{
    const double *nearest = init->outline.nearest_usd;
    char value[SQZ_TEXT_SIZE], note[256];
    if (!isnan(init->options->price_usd)) {
        snprintf(value, sizeof value, "%.12g", init->options->price_usd);
        sqz_draft_row(init->text, "price", value, "usd", "given by --price");
        return SQZ_OK;
    }
    if (included_price_fits(init))
        return SQZ_OK;
    if (init->options->levels == NULL || isnan(nearest[SQZ_UP]) || isnan(nearest[SQZ_DOWN]))
        return fail_needed(diag, "--price", "no file says it, and it stands between no levels");
    if (nearest[SQZ_DOWN] >= nearest[SQZ_UP])
        return fail_needed(diag, "--price",
                           "long levels stand above short ones, so that they do "
                           "not say where it was");
    double middle = sqrt(nearest[SQZ_DOWN] * nearest[SQZ_UP]);
    snprintf(value, sizeof value, "%.7g", middle);
    snprintf(note, sizeof note,
             "between the highest long level, %.10g, and the lowest short one, %.10g: within "
             "%.2g %%; --price says it exactly",
             nearest[SQZ_DOWN], nearest[SQZ_UP], 100 * (nearest[SQZ_UP] / middle - 1));
    sqz_draft_row(init->text, "price", value, "usd", note);
    if (!init->options->quiet)
        fprintf(
            stderr,
            "squeeze: remark: price %s is taken from the middle between levels; where they stand "
            "close to it the answer depends on it: --price says it exactly\n",
            value);
    return SQZ_OK;
}

static int put_file(const struct init *init, const char *key, const char *file, const char *note,
                    struct sqz_diag *diag)
{
    char *path = sqz_draft_path(file, init->path);
    if (path == NULL)
        return sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for a file name");
    sqz_draft_row(init->text, key, path, "", note);
    free(path);
    return SQZ_OK;
}

static int put_source(const struct init *init, struct sqz_diag *diag)
{
    const struct sqz_levels_outline *outline = &init->outline;
    char note[256], shorts[SQZ_TEXT_SIZE], longs[SQZ_TEXT_SIZE];
    if (init->options->positions != NULL) {
        int error =
            put_file(init, "positions", init->options->positions, "given by --positions", diag);
        sqz_draft_row(init->text, "venue",
                      init->options->venue != NULL ? init->options->venue : "full", "",
                      init->options->venue != NULL ? "given by --venue"
                                                   : "default: closes a position whole by one "
                                                     "market order; see squeeze models venue");
        return error;
    }
    snprintf(note, sizeof note, "%zu short levels, %s usd; %zu long levels, %s usd",
             outline->count[SQZ_UP], sqz_text_money(shorts, outline->notional_usd[SQZ_UP]),
             outline->count[SQZ_DOWN], sqz_text_money(longs, outline->notional_usd[SQZ_DOWN]));
    return put_file(init, "levels", init->options->levels, note, diag);
}

/* What an included file says, by its keys. */
static int put_include(const struct init *init, const char *file, struct sqz_diag *diag)
{
    char note[400] = "", *end = note;
    for (size_t i = 0; i < init->given.count; i++) {
        const struct sqz_setting *setting = &init->given.item[i];
        size_t left = sizeof note - (size_t)(end - note);
        if (setting->file != NULL && strcmp(setting->file, file) == 0 &&
            strlen(setting->key) + 3 < left)
            end += sprintf(end, "%s%s", end > note ? ", " : "", setting->key);
    }
    return put_file(init, SQZ_SETTING_INCLUDE, file, note, diag);
}

static int put_market(const struct init *init, struct sqz_diag *diag)
{
    int error = SQZ_OK;
    for (size_t i = 0; error == SQZ_OK && i < init->options->n_include; i++)
        error = put_include(init, init->options->include[i], diag);
    for (size_t i = 0; error == SQZ_OK && i < init->given.count; i++) {
        const struct sqz_setting *setting = &init->given.item[i];
        if (setting->file != NULL && setting->line == 0)
            sqz_draft_row(init->text, setting->key, setting->value, setting->unit,
                          "given by --set");
    }
    return error;
}

static int put_rows(const struct init *init, struct sqz_diag *diag)
{
    const struct sqz_options *options = init->options;
    fputs("key,value,unit,note\n", init->text);
    if (options->name != NULL)
        sqz_draft_row(init->text, "name", options->name, "", "given by --name");
    int error = put_price(init, diag);
    sqz_draft_row(init->text, "horizon", options->horizon, "", "given by --horizon");
    if (error == SQZ_OK)
        error = put_source(init, diag);
    if (options->target != NULL)
        sqz_draft_row(init->text, "target", options->target, "", "given by --target");
    if (options->floor != NULL)
        sqz_draft_row(init->text, "floor", options->floor, "", "given by --floor");
    if (error == SQZ_OK)
        error = put_market(init, diag);
    if (error == SQZ_OK)
        sqz_draft_defaults(init->text, &init->given, &sqz_registry);
    return error;
}

/* ---- the whole ----------------------------------------------------------------------------- */

/* What is written must be a scenario: it is loaded as if it stood where it will. */
static int check_loads(const struct init *init, const char *text, size_t size,
                       struct sqz_diag *diag)
{
    struct sqz_scenario scenario;
    struct sqz_memory_file file = {init->path, text, size, false};
    struct sqz_memory_files files = {&file, 1};
    struct sqz_load_options how = {.memory = &files, .allow_crossed = init->options->allow_crossed};
    int error = sqz_scenario_load(&scenario, init->path, &how, &sqz_registry, diag);
    if (error == SQZ_OK)
        sqz_scenario_free(&scenario);
    return error;
}

static int write_text(const struct init *init, const char *text, size_t size, struct sqz_diag *diag)
{
    struct sqz_output_file output = {0};
    if (init->options->output == NULL) {
        fwrite(text, 1, size, stdout);
        return SQZ_OK;
    }
    int error = sqz_output_file_open(&output, init->options->output, init->options->force, diag);
    if (error == SQZ_OK) {
        fwrite(text, 1, size, output.file); /* a failed write is found on closing */
        error = sqz_output_file_commit(&output, diag);
    }
    sqz_output_file_discard(&output);
    return error;
}

static int draft(struct init *init, struct sqz_diag *diag)
{
    char *text = NULL;
    size_t size = 0;
    init->text = open_memstream(&text, &size);
    if (init->text == NULL)
        return sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for a scenario");
    int error = put_rows(init, diag);
    if (fclose(init->text) != 0 && error == SQZ_OK)
        error = sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for a scenario");
    if (error == SQZ_OK)
        error = check_loads(init, text, size, diag);
    if (error == SQZ_OK)
        error = write_text(init, text, size, diag);
    free(text);
    return error;
}

int sqz_cmd_init(const struct sqz_options *options, struct sqz_diag *diag)
{
    struct init init = {.options = options,
                        .path = options->output != NULL ? options->output : "scenario.csv"};
    int error = check_options(options, diag);
    if (error == SQZ_OK)
        error = read_given(&init, diag);
    if (error == SQZ_OK)
        error = check_market(&init, diag);
    if (error == SQZ_OK)
        error = draft(&init, diag);
    if (error == SQZ_OK && options->output != NULL && !options->quiet)
        fprintf(stderr, "squeeze: %s is written; squeeze batch %s runs it\n", options->output,
                options->output);
    sqz_settings_free(&init.given);
    return error;
}
