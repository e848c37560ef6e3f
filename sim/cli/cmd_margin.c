#include <math.h>
#include <stdio.h>
#include <string.h>

#include "models/registry.h"
#include "sim/analysis/accounts.h"
#include "sim/cli/commands.h"
#include "sim/cli/loading.h"
#include "sim/cli/margin_table.h"
#include "sim/io/families.h"
#include "sim/io/nearest.h"
#include "sim/io/odd.h"

/* ---- settings ------------------------------------------------------------------------------ */

/* A key of all venues or of the one that was chosen. */
static int check_key(const struct sqz_setting *setting, const struct sqz_venue_model *venue,
                     struct sqz_diag *diag)
{
    struct sqz_nearest nearest = sqz_nearest_begin(setting->key);
    struct sqz_family family;
    const char *other = NULL; /* a venue that has the key */
    for (size_t i = 0; sqz_family_at(&sqz_registry, i, &family); i++) {
        bool of_venue = family.kind == SQZ_FAMILY_VENUE;
        bool own = of_venue && sqz_registry.venues[family.place] == venue;
        bool known = sqz_family_find(&family, setting->key) != NULL;
        if (of_venue && !own && known && other == NULL)
            other = family.name;
        if (!own && family.kind != SQZ_FAMILY_EVERY_VENUE)
            continue;
        if (known)
            return SQZ_OK;
        for (size_t p = 0; p < family.n_params; p++)
            sqz_nearest_offer(&nearest, family.params[p].key);
    }
    if (other != NULL)
        return sqz_fail_at(diag, SQZ_ERR_DATA, setting->file, 0, setting->key,
                           "belongs to venue '%s', but the venue here is '%s' (--venue)", other,
                           venue->name);
    return sqz_fail_at(diag, SQZ_ERR_DATA, setting->file, 0, setting->key, "unknown key%s",
                       nearest.best != NULL ? sqz_nearest_hint(&nearest, "")
                                            : "; expected one of venue.* (see squeeze models)");
}

static int load_settings(struct sqz_settings *settings, const struct sqz_options *options,
                         const struct sqz_venue_model *venue, struct sqz_diag *diag)
{
    int error = SQZ_OK;
    settings->registry = &sqz_registry;
    for (size_t i = 0; error == SQZ_OK && i < options->n_set; i++)
        error = sqz_settings_override(settings, options->set[i], diag);
    for (size_t i = 0; error == SQZ_OK && i < settings->count; i++)
        error = check_key(&settings->item[i], venue, diag);
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

/* What the table says first, for those who take the data. */
static void say_outline(const struct sqz_margin_result *result,
                        const struct sqz_margin_terms *terms)
{
    struct sqz_margin_outline outline;
    char counts[SQZ_MARGIN_COUNTS];
    sqz_margin_outline(result, &outline);
    fprintf(stderr, "squeeze: %s", sqz_margin_counts(counts, result, &outline));
    if (outline.nearest_percent < INFINITY)
        fprintf(stderr, "; the nearest liquidation is %.4g %% from its %s (row %zu)",
                outline.nearest_percent, outline.nearest_marked ? "mark" : "entry",
                outline.nearest + 1);
    if (terms->tables.count == 0)
        fprintf(stderr, "; no margin tiers: maintenance is %.4g %% where a row has no mmr",
                100.0 * terms->params.maintenance);
    fputc('\n', stderr);
}

/* ---- the command --------------------------------------------------------------------------- */

/* Everything that is opened, so that one place closes it. */
struct job {
    const struct sqz_options *options;
    const struct sqz_venue_model *venue;
    struct sqz_settings settings;
    struct sqz_margin_terms terms;
    struct sqz_positions positions;
    struct sqz_remarks remarks;
    struct sqz_margin_result result;
};

static int check_format(const struct sqz_options *options, struct sqz_diag *diag)
{
    return options->json && options->csv ? sqz_fail_at(diag, SQZ_ERR_USAGE, NULL, 0, "--csv",
                                                       "given with --json; expected one of them")
                                         : SQZ_OK;
}

static int load(struct job *job, struct sqz_diag *diag)
{
    struct sqz_param_group group = {sqz_venue_param_table, sqz_venue_param_count,
                                    &job->terms.params};
    int error = check_format(job->options, diag);
    if (error == SQZ_OK)
        error = choose_venue(job->options, &job->venue, diag);
    if (error == SQZ_OK)
        error = load_settings(&job->settings, job->options, job->venue, diag);
    if (error == SQZ_OK)
        error = sqz_settings_remark(&job->settings, &job->remarks, diag);
    if (error == SQZ_OK)
        error = sqz_margin_terms_load(&job->terms, job->venue, &job->settings, diag);
    if (error == SQZ_OK)
        error = sqz_odd_find(&group, &job->settings, &job->remarks, diag);
    job->terms.remarks = &job->remarks;
    if (error == SQZ_OK)
        error = sqz_odd_tiers(&job->terms.tables, job->terms.file, &job->remarks, diag);
    if (error == SQZ_OK)
        error =
            sqz_positions_read(&job->positions, job->options->operand[0], &job->terms, NULL, diag);
    if (error == SQZ_OK)
        sqz_say_remarks(&job->remarks, job->options);
    return error;
}

static int print_table(const struct job *job, struct sqz_diag *diag)
{
    sqz_margin_table(stdout, &job->result, &job->positions, &job->terms);
    return fflush(stdout) == 0 && ferror(stdout) == 0
               ? SQZ_OK
               : sqz_fail(diag, SQZ_ERR_IO, "the answer cannot be written");
}

static int print(const struct job *job, struct sqz_diag *diag)
{
    const struct sqz_options *options = job->options;
    const struct sqz_names *accounts = &job->positions.accounts;
    if (!options->json && !options->csv)
        return print_table(job, diag);
    int error = options->json
                    ? sqz_margin_result_json(stdout, &job->result, accounts, &job->remarks, diag)
                    : sqz_margin_result_csv(stdout, &job->result, accounts, diag);
    if (error == SQZ_OK && !options->quiet)
        say_outline(&job->result, &job->terms);
    return error;
}

int sqz_cmd_margin(const struct sqz_options *options, struct sqz_diag *diag)
{
    struct job job = {.options = options};
    int error = load(&job, diag);
    if (error == SQZ_OK)
        error = sqz_accounts_compute(&job.result, &job.positions, job.venue->one_way, diag);
    if (error == SQZ_OK)
        error = print(&job, diag);
    sqz_margin_result_free(&job.result);
    sqz_positions_free(&job.positions);
    sqz_margin_terms_free(&job.terms);
    sqz_settings_free(&job.settings);
    sqz_remarks_free(&job.remarks);
    return error;
}
