/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/query.h"

#include <stdio.h>
#include <string.h>

#include "sim/cli/drawing.h"
#include "sim/cli/layout.h"
#include "sim/cli/loading.h"
#include "sim/cli/progress.h"
#include "sim/cli/signals.h"
#include "sim/cli/text.h"
#include "sim/io/manifest.h"

int sqz_query_open(struct sqz_query *query, const struct sqz_options *options,
                   struct sqz_diag *diag)
{
    memset(query, 0, sizeof *query);
    query->options = options;
    query->begun_s = sqz_progress_clock_s();
    query->stop = sqz_signals_hold();
    int error = sqz_load(&query->scenario, options->operand[0], options, diag);
    if (error == SQZ_OK && options->output != NULL)
        error = sqz_result_dir_open(&query->dir, options->output, options->force, diag);
    return error;
}

void sqz_query_close(struct sqz_query *query)
{
    sqz_result_dir_discard(&query->dir);
    sqz_scenario_free(&query->scenario);
    sqz_signals_release();
}

static int write_manifest(const struct sqz_query *query, const struct sqz_branching *branching,
                          struct sqz_diag *diag)
{
    struct sqz_run_record record = {.argc = query->options->argc,
                                    .argv = query->options->argv,
                                    .wall_s = sqz_progress_clock_s() - query->begun_s,
                                    .branching = branching};
    return sqz_manifest_write(&query->dir, &query->scenario, &record, diag);
}

int sqz_query_commit(struct sqz_query *query, const struct sqz_branching *branching,
                     struct sqz_diag *diag)
{
    if (*query->stop != 0)
        return sqz_fail(diag, SQZ_ERR_INTERRUPTED, "interrupted before the result was whole");
    int error = write_manifest(query, branching, diag);
    return error == SQZ_OK ? sqz_drawing_commit(&query->dir, diag) : error;
}

int sqz_query_draw(const struct sqz_query *query, struct sqz_diag *diag)
{
    const struct sqz_options *options = query->options;
    if (options->output == NULL)
        return SQZ_OK;
    fflush(stdout); /* the answer comes first where both go to one place */
    if (!options->quiet)
        sqz_layout_print(stderr, 0, 0, "squeeze: result in %s", options->output);
    return sqz_drawing_make(options, query->dir.path, diag);
}

void sqz_query_print_title(const struct sqz_query *query)
{
    const struct sqz_scenario_params *params = &query->scenario.params;
    char start[SQZ_TEXT_SIZE];
    bool of_accounts = query->scenario.reg.positions.count > 0;
    sqz_layout_print(stdout, 0, 2, "%s: start %s usd, %s x %g",
                     sqz_scenario_label(&query->scenario), sqz_text_price(start, params->price_usd),
                     of_accounts ? "accounts" : "levels", params->levels_scale);
    putchar('\n');
}
