#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "sim/cli/commands.h"
#include "sim/cli/simulate.h"
#include "sim/cli/text.h"
#include "sim/io/report.h"

struct batch {
    struct sqz_job job;
    struct sqz_simulation simulation;
    struct sqz_summary summary;
    FILE *outcomes;  /* NULL: not asked for */
    int write_errno; /* of the write to outcomes.csv that failed */
};

static int write_outcomes(void *context, uint64_t first, size_t count,
                          const struct sqz_outcome *outcome)
{
    struct batch *batch = context;
    const struct sqz_session *session = &batch->job.session;
    for (size_t i = 0; i < count; i++) {
        int error = sqz_results_outcomes_add(batch->outcomes, session->scenario, first + i,
                                             &outcome[i * session->plan.n_worlds]);
        if (error != SQZ_OK) {
            batch->write_errno = errno;
            return error;
        }
    }
    return SQZ_OK;
}

static int plan(struct sqz_job *job, struct sqz_diag *diag)
{
    struct batch *batch = (struct batch *)job;
    const struct sqz_options *options = &job->options;
    if (options->outcomes && options->output == NULL)
        return sqz_fail_at(diag, SQZ_ERR_USAGE, NULL, 0, "--outcomes",
                           "needs a result directory, -o DIR");
    int error = sqz_simulation_plan(&batch->simulation, job, diag);
    if (error != SQZ_OK || !options->outcomes)
        return error;
    error = sqz_result_dir_create(&job->dir, SQZ_FILE_OUTCOMES, &batch->outcomes, diag);
    if (error == SQZ_OK)
        sqz_results_outcomes_begin(batch->outcomes, job->session.scenario);
    return error;
}

static int run(struct sqz_job *job, struct sqz_diag *diag)
{
    struct batch *batch = (struct batch *)job;
    struct sqz_batch_hooks hooks = {.context = batch, .block = write_outcomes};
    int error = sqz_simulate(&batch->simulation, batch->outcomes != NULL ? &hooks : NULL, diag);
    if (error == SQZ_ERR_IO)
        return sqz_fail_at(diag, SQZ_ERR_IO, sqz_result_file_name(SQZ_FILE_OUTCOMES), 0, NULL,
                           "cannot be written: %s", strerror(batch->write_errno));
    return error;
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
    int error = sqz_result_dir_close(&job->dir, SQZ_FILE_OUTCOMES, &batch->outcomes, diag);
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
    struct batch *batch = (struct batch *)job;
    if (batch->outcomes != NULL)
        fclose(batch->outcomes);
    sqz_simulation_free(&batch->simulation);
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
