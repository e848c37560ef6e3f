#include <math.h>
#include <stdio.h>
#include <string.h>

#include "models/registry.h"
#include "sim/analysis/accounts.h"
#include "sim/cli/commands.h"
#include "sim/cli/margin_table.h"
#include "sim/io/nearest.h"

/* ---- settings ------------------------------------------------------------------------------ */

static int check_key(const struct sqz_setting *setting, struct sqz_diag *diag)
{
    struct sqz_nearest nearest = sqz_nearest_begin(setting->key);
    for (size_t i = 0; i < sqz_venue_param_count; i++) {
        if (strcmp(sqz_venue_param_table[i].key, setting->key) == 0)
            return SQZ_OK;
        sqz_nearest_offer(&nearest, sqz_venue_param_table[i].key);
    }
    return sqz_fail_at(diag, SQZ_ERR_DATA, setting->file, 0, setting->key, "unknown key%s",
                       nearest.best != NULL ? sqz_nearest_hint(&nearest, "")
                                            : "; expected one of venue.* (see squeeze models)");
}

static int load_settings(struct sqz_settings *settings, const struct sqz_options *options,
                         struct sqz_diag *diag)
{
    int error = SQZ_OK;
    for (size_t i = 0; error == SQZ_OK && i < options->n_set; i++)
        error = sqz_settings_override(settings, options->set[i], diag);
    for (size_t i = 0; error == SQZ_OK && i < settings->count; i++)
        error = check_key(&settings->item[i], diag);
    return error;
}

static int choose_venue(const struct sqz_options *options, const struct sqz_venue_model **venue,
                        struct sqz_diag *diag)
{
    *venue = sqz_registry.venues[0];
    if (options->venue == NULL)
        return SQZ_OK;
    struct sqz_diag why = {0};
    int error = sqz_venue_find(&sqz_registry, options->venue, venue, &why);
    return error == SQZ_OK ? SQZ_OK
                           : sqz_fail_at(diag, error, NULL, 0, "--venue", "%s", why.message);
}

/* ---- words --------------------------------------------------------------------------------- */

static void say_remarks(const struct sqz_remarks *remarks)
{
    char text[sizeof(struct sqz_diag)];
    for (size_t i = 0; i < remarks->count; i++) {
        sqz_remark_format(&remarks->item[i], text, sizeof text);
        fprintf(stderr, "squeeze: remark: %s\n", text);
    }
}

/* What the table says first, for those who take the data. */
static void say_outline(const struct sqz_margin_result *result,
                        const struct sqz_margin_terms *terms)
{
    struct sqz_margin_outline outline;
    sqz_margin_outline(result, &outline);
    fprintf(stderr, "squeeze: %zu position%s in %zu margin account%s", result->count,
            result->count == 1 ? "" : "s", result->accounts, result->accounts == 1 ? "" : "s");
    if (outline.unreachable > 0)
        fprintf(stderr, "; no price liquidates %zu", outline.unreachable);
    if (outline.past > 0)
        fprintf(stderr, "; %zu past %s liquidation price already", outline.past,
                outline.past == 1 ? "its" : "their");
    if (outline.nearest_percent < INFINITY)
        fprintf(stderr, "; the nearest liquidation is %.4g %% from its %s (row %zu)",
                outline.nearest_percent, outline.nearest_marked ? "mark" : "entry",
                outline.nearest + 1);
    if (terms->tables.count == 0)
        fprintf(stderr, "; no brackets: maintenance is %.4g %% where a row has no mmr",
                100.0 * terms->params.maintenance);
    fputc('\n', stderr);
}

/* ---- the command --------------------------------------------------------------------------- */

static int print_table(const struct sqz_margin_result *result,
                       const struct sqz_positions *positions, const struct sqz_margin_terms *terms,
                       struct sqz_diag *diag)
{
    sqz_margin_table(stdout, result, positions, terms);
    return fflush(stdout) == 0 && ferror(stdout) == 0
               ? SQZ_OK
               : sqz_fail(diag, SQZ_ERR_IO, "the answer cannot be written");
}

static int print(const struct sqz_options *options, const struct sqz_margin_result *result,
                 const struct sqz_margin_terms *terms, const struct sqz_positions *positions,
                 struct sqz_diag *diag)
{
    if (!options->json && !options->csv)
        return print_table(result, positions, terms, diag);
    const struct sqz_names *accounts = &positions->accounts;
    int error = options->json
                    ? sqz_margin_result_json(stdout, result, accounts, terms->remarks, diag)
                    : sqz_margin_result_csv(stdout, result, accounts, diag);
    if (error == SQZ_OK && !options->quiet)
        say_outline(result, terms);
    return error;
}

static int check_format(const struct sqz_options *options, struct sqz_diag *diag)
{
    return options->json && options->csv ? sqz_fail_at(diag, SQZ_ERR_USAGE, NULL, 0, "--csv",
                                                       "given with --json; expected one of them")
                                         : SQZ_OK;
}

int sqz_cmd_margin(const struct sqz_options *options, struct sqz_diag *diag)
{
    const struct sqz_venue_model *venue;
    struct sqz_settings settings = {0};
    struct sqz_margin_terms terms = {0};
    struct sqz_positions positions = {0};
    struct sqz_margin_result result = {0};
    struct sqz_remarks remarks = {0};
    int error = check_format(options, diag);
    if (error == SQZ_OK)
        error = choose_venue(options, &venue, diag);
    if (error == SQZ_OK)
        error = load_settings(&settings, options, diag);
    if (error == SQZ_OK)
        error = sqz_margin_terms_load(&terms, venue, &settings, diag);
    if (error == SQZ_OK)
        terms.remarks = &remarks;
    if (error == SQZ_OK)
        error = sqz_positions_read(&positions, options->operand[0], &terms, NULL, diag);
    if (error == SQZ_OK && !options->quiet)
        say_remarks(&remarks);
    if (error == SQZ_OK)
        error = sqz_accounts_reckon(&result, &positions, venue->one_way, diag);
    if (error == SQZ_OK)
        error = print(options, &result, &terms, &positions, diag);
    sqz_margin_result_free(&result);
    sqz_positions_free(&positions);
    sqz_margin_terms_free(&terms);
    sqz_settings_free(&settings);
    sqz_remarks_free(&remarks);
    return error;
}
