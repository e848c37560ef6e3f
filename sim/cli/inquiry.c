#include "sim/cli/inquiry.h"

#include <stdio.h>
#include <string.h>

#include "sim/cli/layout.h"
#include "sim/cli/loading.h"
#include "sim/cli/progress.h"
#include "sim/cli/simulate.h"
#include "sim/cli/text.h"
#include "sim/io/manifest.h"
#include "sim/plot/plot.h"

int sqz_inquiry_open(struct sqz_inquiry *inquiry, const struct sqz_options *options,
                     struct sqz_diag *diag)
{
    memset(inquiry, 0, sizeof *inquiry);
    inquiry->options = options;
    inquiry->begun_s = sqz_progress_clock_s();
    int error = sqz_load(&inquiry->scenario, options->operand[0], options, diag);
    if (error == SQZ_OK && options->output != NULL)
        error = sqz_result_dir_open(&inquiry->dir, options->output, options->force, diag);
    return error;
}

void sqz_inquiry_close(struct sqz_inquiry *inquiry)
{
    sqz_result_dir_discard(&inquiry->dir);
    sqz_scenario_free(&inquiry->scenario);
}

static int write_manifest(const struct sqz_inquiry *inquiry, const struct sqz_branching *branching,
                          struct sqz_diag *diag)
{
    struct sqz_run_record record = {.argc = inquiry->options->argc,
                                    .argv = inquiry->options->argv,
                                    .wall_s = sqz_progress_clock_s() - inquiry->begun_s,
                                    .branching = branching};
    return sqz_manifest_write(&inquiry->dir, &inquiry->scenario, &record, diag);
}

int sqz_inquiry_commit(struct sqz_inquiry *inquiry, const struct sqz_branching *branching,
                       struct sqz_diag *diag)
{
    int error = write_manifest(inquiry, branching, diag);
    if (error == SQZ_OK)
        error = sqz_plot_scripts(inquiry->dir.staging, true, diag);
    if (error == SQZ_OK)
        error = sqz_result_dir_commit(&inquiry->dir, diag);
    return error;
}

int sqz_inquiry_draw(const struct sqz_inquiry *inquiry, struct sqz_diag *diag)
{
    const struct sqz_options *options = inquiry->options;
    if (options->output == NULL)
        return SQZ_OK;
    fflush(stdout); /* the answer comes first where both go to one place */
    if (!options->quiet)
        fprintf(stderr, "squeeze: result in %s\n", options->output);
    return sqz_simulation_draw(options, inquiry->dir.path, diag);
}

void sqz_inquiry_print_title(const struct sqz_inquiry *inquiry)
{
    const struct sqz_scenario_params *params = &inquiry->scenario.params;
    char start[SQZ_TEXT_SIZE];
    bool of_accounts = inquiry->scenario.reg.positions.count > 0;
    sqz_layout_print(stdout, 0, 2, "%s: start %s usd, %s x %g",
                     sqz_scenario_label(&inquiry->scenario),
                     sqz_text_price(start, params->price_usd), of_accounts ? "accounts" : "levels",
                     params->levels_scale);
    putchar('\n');
}
