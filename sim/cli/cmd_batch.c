/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <stdlib.h>

#include "sim/cli/commands.h"
#include "sim/cli/simulate.h"
#include "sim/cli/text.h"
#include "sim/io/report.h"

struct batch {
    struct sqz_job job;
    struct sqz_simulation simulation;
    struct sqz_summary summary;
};

/* Rows of outcomes.csv wait beside the result until all are there. */
static int store_outcomes(void *context, uint64_t first, size_t count,
                          const struct sqz_outcome *outcome, struct sqz_diag *diag)
{
    struct batch *batch = context;
    const struct sqz_session *session = &batch->job.session;
    char *text = NULL;
    size_t size = 0;
    FILE *rows = open_memstream(&text, &size);
    int error = rows != NULL ? SQZ_OK : SQZ_ERR_NOMEM;
    for (size_t i = 0; error == SQZ_OK && i < count; i++) {
        const struct sqz_outcome *own = &outcome[i * session->plan.n_worlds];
        error = sqz_results_outcomes_add(rows, session->scenario, first + i, own,
                                         own + sqz_session_shadow(session, 0));
    }
    if (rows != NULL && fclose(rows) != 0)
        error = SQZ_ERR_NOMEM;
    if (error == SQZ_OK)
        error = sqz_store_add_rows(&batch->simulation.stored.store,
                                   (struct sqz_range){first, first + count}, text, size, diag);
    else
        error = sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for rows of outcomes");
    free(text);
    return error;
}

static int write_outcomes(struct batch *batch, struct sqz_diag *diag)
{
    const struct sqz_job *job = &batch->job;
    FILE *file;
    if (!job->options.outcomes)
        return SQZ_OK;
    int error = sqz_result_dir_create(&job->dir, SQZ_FILE_OUTCOMES, &file, diag);
    if (error != SQZ_OK)
        return error;
    sqz_results_outcomes_begin(file, job->session.scenario);
    error = sqz_store_copy_rows(&batch->simulation.stored.store, file, diag);
    int closed =
        sqz_result_dir_close(&job->dir, SQZ_FILE_OUTCOMES, &file, error == SQZ_OK ? diag : NULL);
    return error != SQZ_OK ? error : closed;
}

static int plan(struct sqz_job *job, struct sqz_diag *diag)
{
    struct batch *batch = (struct batch *)job;
    const struct sqz_options *options = &job->options;
    if (options->outcomes && options->output == NULL)
        return sqz_fail_at(diag, SQZ_ERR_USAGE, NULL, 0, "--outcomes",
                           "needs a result directory, -o DIR");
    return sqz_simulation_plan(&batch->simulation, job, diag);
}

static int run(struct sqz_job *job, struct sqz_diag *diag)
{
    struct batch *batch = (struct batch *)job;
    struct sqz_batch_hooks hooks = {.context = batch, .block = store_outcomes};
    return sqz_simulate(&batch->simulation, job->options.outcomes ? &hooks : NULL, diag);
}

static bool any(const struct sqz_job *job)
{
    return sqz_simulation_paths(&((const struct batch *)job)->simulation) > 0;
}

static int gather(struct sqz_job *job, struct sqz_diag *diag)
{
    struct batch *batch = (struct batch *)job;
    int error = sqz_simulation_examine(&batch->simulation, diag);
    if (error == SQZ_OK)
        sqz_simulation_summary(&batch->simulation, 0, &batch->summary);
    return error;
}

static int write_data(struct sqz_job *job, struct sqz_diag *diag)
{
    struct batch *batch = (struct batch *)job;
    int error = write_outcomes(batch, diag);
    if (error == SQZ_OK)
        error = sqz_simulation_write_state(&batch->simulation, &job->dir, diag);
    return error == SQZ_OK ? sqz_simulation_write(&batch->simulation, 0, &job->dir, diag) : error;
}

static int json(struct sqz_job *job, struct sqz_diag *diag)
{
    return sqz_report_summary(stdout, &((struct batch *)job)->summary, diag);
}

static void text(struct sqz_job *job)
{
    sqz_text_summary(stdout, &((struct batch *)job)->summary);
}

static void say(struct sqz_job *job)
{
    sqz_simulation_remark(&((struct batch *)job)->simulation);
}

static int check(const struct sqz_job *job, struct sqz_diag *diag)
{
    return sqz_simulation_check_cut_off(&((const struct batch *)job)->simulation, diag);
}

static void close_batch(struct sqz_job *job)
{
    sqz_simulation_free(&((struct batch *)job)->simulation);
}

int sqz_cmd_batch(const struct sqz_options *options, struct sqz_diag *diag)
{
    static const struct sqz_job_steps STEPS = {.plan = plan,
                                               .run = run,
                                               .any = any,
                                               .gather = gather,
                                               .write = write_data,
                                               .json = json,
                                               .text = text,
                                               .say = say,
                                               .check = check,
                                               .close = close_batch};
    struct batch batch = {.job.options = *options};
    return sqz_job_run(&batch.job, &STEPS, diag);
}
