#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "sim/cli/commands.h"
#include "sim/cli/compare_text.h"
#include "sim/cli/simulate.h"
#include "sim/io/report.h"
#include "sim/plot/plot.h"

/* Everything a comparison opens, so that one place closes it. */
struct job {
    const struct sqz_options *options;
    struct sqz_session session;
    struct sqz_simulation simulation;
    struct sqz_comparison comparison;
    struct sqz_result_dir dir;
};

/* ---- result files -------------------------------------------------------------------------- */

static int write_part(const struct job *job, size_t index, struct sqz_diag *diag)
{
    struct sqz_result_dir part;
    int error = sqz_result_dir_open_part(&part, &job->dir, index + 1, diag);
    if (error == SQZ_OK)
        error = sqz_simulation_write(&job->simulation, index, &part, diag);
    if (error == SQZ_OK)
        error = sqz_result_dir_commit(&part, diag);
    sqz_result_dir_discard(&part);
    return error;
}

static int write_result(struct job *job, struct sqz_diag *diag)
{
    struct sqz_run_record record = sqz_simulation_record(&job->simulation, 0);
    int error = sqz_comparison_write(&job->comparison, &job->dir, &record, diag);
    for (size_t i = 0; error == SQZ_OK && i < job->comparison.count; i++)
        error = write_part(job, i, diag);
    if (error == SQZ_OK)
        error = sqz_plot_scripts(job->dir.staging, true, diag);
    if (error == SQZ_OK)
        error = sqz_result_dir_commit(&job->dir, diag);
    return error;
}

/* ---- the command --------------------------------------------------------------------------- */

static void gather(struct job *job)
{
    const struct sqz_session *session = &job->session;
    for (size_t i = 0; i < session->n_scenarios; i++) {
        struct sqz_compared *item = &job->comparison.item[i];
        sqz_simulation_summary(&job->simulation, i, &item->summary);
        if (i > 0)
            sqz_difference_make(&item->difference, item->scenario, session->scenario,
                                &job->simulation.pair[sqz_session_comparison(session, i)]);
    }
}

static int report(void *context, struct sqz_diag *diag)
{
    struct job *job = context;
    gather(job);
    int error = job->options->output != NULL ? write_result(job, diag) : SQZ_OK;
    if (error != SQZ_OK)
        return error;
    if (job->options->json)
        error = sqz_report_comparison(stdout, &job->comparison, diag);
    else
        sqz_compare_print(&job->comparison);
    if (error == SQZ_OK)
        sqz_simulation_remark(&job->simulation);
    if (error == SQZ_OK && !job->options->quiet)
        sqz_compare_remark(&job->comparison);
    if (error == SQZ_OK && job->options->output != NULL)
        error = sqz_simulation_draw(job->options, job->dir.path, diag);
    if (error == SQZ_OK)
        error = sqz_simulation_check_cut_off(&job->simulation, diag);
    return error;
}

static int simulate(struct job *job, struct sqz_diag *diag)
{
    struct sqz_progress progress;
    sqz_progress_begin(&progress, job->options->paths, job->options->quiet);
    int error = sqz_simulate(&job->simulation, NULL, &progress, diag);
    sqz_progress_end(&progress);
    return error;
}

/* Open the result before the work, so that a directory that cannot be written costs nothing. */
static int open_result(struct job *job, struct sqz_diag *diag)
{
    const struct sqz_options *options = job->options;
    int error = sqz_comparison_init(&job->comparison, job->session.scenario,
                                    job->session.n_scenarios, diag);
    if (error == SQZ_OK && options->output != NULL)
        error = sqz_result_dir_open(&job->dir, options->output, options->force, diag);
    if (error == SQZ_OK && options->output != NULL)
        error = sqz_simulation_keep_fan(&job->simulation, diag);
    return error;
}

int sqz_cmd_compare(const struct sqz_options *options, struct sqz_diag *diag)
{
    struct job job = {.options = options};
    int error = sqz_session_open(&job.session, options, diag);
    if (error != SQZ_OK)
        return error;
    job.simulation = (struct sqz_simulation){.session = &job.session, .options = options};
    error = open_result(&job, diag);
    if (error == SQZ_OK)
        sqz_session_say_seed(&job.session, options);
    if (error == SQZ_OK)
        error = sqz_simulation_conclude(&job.simulation, simulate(&job, diag), report, &job, diag);
    sqz_result_dir_discard(&job.dir);
    sqz_comparison_free(&job.comparison);
    sqz_simulation_free(&job.simulation);
    sqz_session_close(&job.session);
    return error;
}
