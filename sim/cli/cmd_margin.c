/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdio.h>

#include "models/registry.h"
#include "sim/analysis/accounts.h"
#include "sim/cli/commands.h"
#include "sim/cli/loading.h"
#include "sim/cli/margin_table.h"
#include "sim/io/margin_sheet.h"

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
    struct sqz_margin_sheet sheet;
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
    const struct sqz_options *options = job->options;
    struct sqz_margin_sheet_options how = {.venue = options->venue,
                                           .venue_field = "--venue",
                                           .set = options->set,
                                           .n_set = options->n_set};
    int error = check_format(options, diag);
    if (error == SQZ_OK)
        error = sqz_margin_sheet_load(&job->sheet, options->operand[0], &how, &sqz_registry, diag);
    if (error == SQZ_OK)
        sqz_say_remarks(&job->sheet.remarks, options);
    return error;
}

static int print_table(const struct job *job, struct sqz_diag *diag)
{
    sqz_margin_table(stdout, &job->result, &job->sheet.positions, &job->sheet.terms);
    return fflush(stdout) == 0 && ferror(stdout) == 0
               ? SQZ_OK
               : sqz_fail(diag, SQZ_ERR_IO, "the answer cannot be written");
}

static int print(const struct job *job, struct sqz_diag *diag)
{
    const struct sqz_options *options = job->options;
    const struct sqz_names *accounts = &job->sheet.positions.accounts;
    if (!options->json && !options->csv)
        return print_table(job, diag);
    int error = options->json ? sqz_margin_result_json(stdout, &job->result, accounts,
                                                       &job->sheet.remarks, diag)
                              : sqz_margin_result_csv(stdout, &job->result, accounts, diag);
    if (error == SQZ_OK && !options->quiet)
        say_outline(&job->result, &job->sheet.terms);
    return error;
}

int sqz_cmd_margin(const struct sqz_options *options, struct sqz_diag *diag)
{
    struct job job = {.options = options};
    int error = load(&job, diag);
    if (error == SQZ_OK)
        error =
            sqz_accounts_compute(&job.result, &job.sheet.positions, job.sheet.venue->one_way, diag);
    if (error == SQZ_OK)
        error = print(&job, diag);
    sqz_margin_result_free(&job.result);
    sqz_margin_sheet_free(&job.sheet);
    return error;
}
