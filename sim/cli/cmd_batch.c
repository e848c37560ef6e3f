#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "sim/cli/commands.h"
#include "sim/cli/simulate.h"
#include "sim/cli/text.h"
#include "sim/io/report.h"

/* Everything a batch opens, so that one place closes it. */
struct job {
    const struct sqz_options *options;
    struct sqz_session session;
    struct sqz_simulation simulation;
    struct sqz_result_dir dir;
    bool writes; /* to `dir` */
    FILE *outcomes;
    int write_errno; /* of the write to outcomes.csv that failed */
};

static int write_outcomes(void *context, uint64_t first, size_t count,
                          const struct sqz_outcome *outcome)
{
    struct job *job = context;
    for (size_t i = 0; i < count; i++) {
        int error = sqz_results_outcomes_add(job->outcomes, job->session.scenario, first + i,
                                             &outcome[i * job->session.plan.n_worlds]);
        if (error != SQZ_OK) {
            job->write_errno = errno;
            return error;
        }
    }
    return SQZ_OK;
}

/* Open the result before the work, so that a directory that cannot be written costs nothing. */
static int open_result(struct job *job, struct sqz_diag *diag)
{
    const struct sqz_options *options = job->options;
    if (options->output == NULL)
        return options->outcomes ? sqz_fail_at(diag, SQZ_ERR_USAGE, NULL, 0, "--outcomes",
                                               "needs a result directory, -o DIR")
                                 : SQZ_OK;
    int error = sqz_result_dir_open(&job->dir, options->output, options->force, diag);
    if (error != SQZ_OK)
        return error;
    job->writes = true;
    error = sqz_simulation_keep_fan(&job->simulation, diag);
    if (error != SQZ_OK || !options->outcomes)
        return error;
    error = sqz_result_dir_create(&job->dir, SQZ_FILE_OUTCOMES, &job->outcomes, diag);
    if (error == SQZ_OK)
        sqz_results_outcomes_begin(job->outcomes, job->session.scenario);
    return error;
}

static int simulate(struct job *job, struct sqz_diag *diag)
{
    struct sqz_batch_hooks hooks = {.context = job, .block = write_outcomes};
    struct sqz_progress progress;
    sqz_progress_begin(&progress, job->options->paths, job->options->quiet);
    int error =
        sqz_simulate(&job->simulation, job->outcomes != NULL ? &hooks : NULL, &progress, diag);
    sqz_progress_end(&progress);
    if (error == SQZ_ERR_IO)
        return sqz_fail_at(diag, SQZ_ERR_IO, sqz_result_file_name(SQZ_FILE_OUTCOMES), 0, NULL,
                           "cannot be written: %s", strerror(job->write_errno));
    return error;
}

static int write_result(struct job *job, struct sqz_diag *diag)
{
    int error = sqz_result_dir_close(&job->dir, SQZ_FILE_OUTCOMES, &job->outcomes, diag);
    if (error == SQZ_OK)
        error = sqz_simulation_write(&job->simulation, 0, &job->dir, diag);
    if (error == SQZ_OK)
        error = sqz_result_dir_commit(&job->dir, diag);
    return error;
}

static int report(void *context, struct sqz_diag *diag)
{
    struct job *job = context;
    struct sqz_summary summary;
    int error = job->writes ? write_result(job, diag) : SQZ_OK;
    if (error != SQZ_OK)
        return error;
    sqz_simulation_summary(&job->simulation, 0, &summary);
    if (job->options->json)
        error = sqz_report_summary(stdout, &summary, diag);
    else
        sqz_text_summary(stdout, &summary);
    if (error == SQZ_OK)
        sqz_simulation_remark(&job->simulation);
    if (error == SQZ_OK && job->writes)
        error = sqz_simulation_draw(job->options, job->dir.path, diag);
    if (error == SQZ_OK)
        error = sqz_simulation_check_cut_off(&job->simulation, diag);
    return error;
}

static void close_job(struct job *job)
{
    if (job->outcomes != NULL)
        fclose(job->outcomes);
    sqz_result_dir_discard(&job->dir);
    sqz_simulation_free(&job->simulation);
    sqz_session_close(&job->session);
}

int sqz_cmd_batch(const struct sqz_options *options, struct sqz_diag *diag)
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
    close_job(&job);
    return error;
}
