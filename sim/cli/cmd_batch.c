#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/batch/batch.h"
#include "sim/batch/sample.h"
#include "sim/cli/commands.h"
#include "sim/cli/progress.h"
#include "sim/cli/session.h"
#include "sim/cli/text.h"
#include "sim/io/report.h"
#include "sim/io/results.h"
#include "sim/plot/plot.h"

enum { FAN_TIMES = 241 }; /* 240 intervals: every 3 hours of 30 days */

/* A signal handler can reach nothing but a global; it is set here and read by the batch. */
static volatile sig_atomic_t interrupted;

static void on_interrupt(int signal_number)
{
    (void)signal_number;
    interrupted = 1;
}

/* Everything a batch opens, so that one place closes it. */
struct job {
    const struct sqz_options *options;
    struct sqz_session session;
    const struct sqz_scenario *scenario;
    struct sqz_tally tally[2]; /* of the scenario's world and its shadow */
    struct sqz_pair pair;      /* of the two */
    struct sqz_result_dir dir;
    bool writes; /* to `dir` */
    double *output_s;
    FILE *outcomes;
    int write_errno; /* of the write to outcomes.csv that failed */
    struct sqz_progress progress;
    double wall_s;
};

static int write_outcomes(void *context, uint64_t first, size_t count,
                          const struct sqz_outcome *outcome)
{
    struct job *job = context;
    for (size_t i = 0; i < count; i++) {
        int error = sqz_results_outcomes_add(job->outcomes, job->scenario, first + i,
                                             &outcome[i * job->session.plan.n_worlds]);
        if (error != SQZ_OK) {
            job->write_errno = errno;
            return error;
        }
    }
    return SQZ_OK;
}

static void show_progress(void *context, uint64_t done)
{
    struct job *job = context;
    sqz_progress_update(&job->progress, done);
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
    job->output_s = sqz_session_output_times(&job->session, FAN_TIMES);
    if (job->output_s == NULL)
        return sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for output times");
    job->session.plan.output_s = job->output_s;
    job->session.plan.n_outputs = FAN_TIMES;
    if (!options->outcomes)
        return SQZ_OK;
    error = sqz_result_dir_create(&job->dir, "outcomes.csv", &job->outcomes, diag);
    if (error == SQZ_OK)
        sqz_results_outcomes_begin(job->outcomes, job->scenario);
    return error;
}

static int simulate(struct job *job, struct sqz_diag *diag)
{
    struct sigaction catch = {.sa_handler = on_interrupt, .sa_flags = SA_RESETHAND};
    struct sigaction interrupt_before, terminate_before;
    struct sqz_batch_plan plan = {
        .engine = job->session.plan,
        .pairing = job->session.pairing,
        .n_pairings = job->session.n_pairings,
        .seed = job->session.seed,
        .paths = job->options->paths,
        .jobs = job->options->jobs,
        .stop = &interrupted,
        .hooks = {job, job->outcomes != NULL ? write_outcomes : NULL, show_progress},
    };
    for (size_t w = 0; w < plan.engine.n_worlds; w++) {
        const struct sqz_world *world = plan.engine.worlds[w];
        int error = sqz_tally_init(&job->tally[w], world->horizon_s, world->n_measures,
                                   plan.engine.n_outputs, diag);
        if (error != SQZ_OK)
            return error;
    }
    sigaction(SIGINT, &catch, &interrupt_before);
    sigaction(SIGTERM, &catch, &terminate_before);
    sqz_progress_begin(&job->progress, plan.paths, job->options->quiet);
    int error = sqz_batch_run(&plan, job->tally, &job->pair, diag);
    sqz_progress_end(&job->progress);
    sigaction(SIGINT, &interrupt_before, NULL);
    sigaction(SIGTERM, &terminate_before, NULL);
    job->wall_s = sqz_progress_clock_s() - job->progress.begun_s;
    if (error == SQZ_ERR_IO)
        return sqz_fail_at(diag, SQZ_ERR_IO, "outcomes.csv", 0, NULL, "cannot be written: %s",
                           strerror(job->write_errno));
    return error;
}

/* ---- result files -------------------------------------------------------------------------- */

static int write_path(const struct job *job, FILE *file, uint64_t path, struct sqz_diag *diag)
{
    struct sqz_path_writer writer = {file, job->scenario->params.price_usd, path};
    /* What drivers do goes to drivers.csv. */
    struct sqz_observer observer = {&writer, sqz_results_paths_event,
                                    1u << SQZ_EVENT_ORDER | 1u << SQZ_EVENT_JUMP};
    return sqz_sample_path(&job->session.plan, job->session.seed, path, &observer, diag);
}

/* The first paths, and the one with most forced notional unless it is among them. */
static int write_paths(const struct job *job, const struct sqz_run_record *record,
                       struct sqz_diag *diag)
{
    FILE *file;
    int error = sqz_result_dir_create(&job->dir, "paths.csv", &file, diag);
    if (error != SQZ_OK)
        return error;
    sqz_results_paths_begin(file);
    for (uint64_t path = 0; error == SQZ_OK && path < record->sampled; path++)
        error = write_path(job, file, path, diag);
    if (error == SQZ_OK && record->closeup_path >= record->sampled)
        error = write_path(job, file, record->closeup_path, diag);
    int closed = sqz_result_dir_close(&job->dir, "paths.csv", &file, diag);
    return error != SQZ_OK ? error : closed;
}

/* What the drivers did on the close-up path. */
static int write_drivers(const struct job *job, const struct sqz_run_record *record,
                         struct sqz_diag *diag)
{
    FILE *file;
    if (job->scenario->world.n_drivers == 0)
        return SQZ_OK;
    int error = sqz_result_dir_create(&job->dir, "drivers.csv", &file, diag);
    if (error != SQZ_OK)
        return error;
    struct sqz_drivers_writer writer = {file, job->scenario, record->closeup_path};
    unsigned wanted = 1u << SQZ_EVENT_OUTPUT | 1u << SQZ_EVENT_ORDER | 1u << SQZ_EVENT_JUMP;
    struct sqz_observer observer = {&writer, sqz_results_drivers_event, ~wanted};
    sqz_results_drivers_begin(file, job->scenario);
    error = sqz_sample_path(&job->session.plan, job->session.seed, record->closeup_path, &observer,
                            diag);
    int closed = sqz_result_dir_close(&job->dir, "drivers.csv", &file, diag);
    return error != SQZ_OK ? error : closed;
}

/* Draw the figures of a result that is in place. Without gnuplot there are none, and no failure. */
static int draw(const struct job *job, struct sqz_diag *diag)
{
    const struct sqz_options *options = job->options;
    if (options->no_plot)
        return SQZ_OK;
    int error = sqz_plot_draw(job->dir.path, options->formats, diag);
    if (error != SQZ_ERR_UNSUPPORTED)
        return error;
    if (!options->quiet)
        fprintf(stderr,
                "squeeze: gnuplot is not installed, so no figure was drawn; the scripts are in "
                "%s (install gnuplot, then: squeeze plot %s)\n",
                options->output, options->output);
    return SQZ_OK;
}

/* The tally of the same paths without impact; NULL if they were not followed. */
static const struct sqz_tally *shadow_of(const struct job *job)
{
    return job->session.attributed ? &job->tally[1] : NULL;
}

static int write_result(struct job *job, const struct sqz_summary *summary, struct sqz_diag *diag)
{
    const struct sqz_scenario *scenario = job->scenario;
    struct sqz_run_record record = {
        .argc = job->options->argc,
        .argv = job->options->argv,
        .wall_s = job->wall_s,
        .jobs = job->options->jobs,
        .closeup_path = job->tally[0].largest_forced_path,
        .sampled = summary->paths < SQZ_SAMPLED_PATHS ? summary->paths : SQZ_SAMPLED_PATHS,
    };
    int error = sqz_result_dir_close(&job->dir, "outcomes.csv", &job->outcomes, diag);
    if (error == SQZ_OK)
        error = sqz_results_summary(&job->dir, summary, diag);
    if (error == SQZ_OK)
        error = sqz_results_manifest(&job->dir, scenario, summary, &record, diag);
    if (error == SQZ_OK)
        error =
            sqz_results_fan(&job->dir, scenario, job->tally, shadow_of(job), job->output_s, diag);
    if (error == SQZ_OK)
        error = sqz_results_histograms(&job->dir, scenario, job->tally, shadow_of(job), diag);
    if (error == SQZ_OK)
        error = sqz_results_map(&job->dir, scenario, diag);
    if (error == SQZ_OK)
        error = write_paths(job, &record, diag);
    if (error == SQZ_OK)
        error = write_drivers(job, &record, diag);
    if (error == SQZ_OK)
        error = sqz_plot_scripts(job->dir.staging, true, diag);
    if (error == SQZ_OK)
        error = sqz_result_dir_commit(&job->dir, diag);
    return error;
}

/* ---- the command --------------------------------------------------------------------------- */

static int report(struct job *job, struct sqz_diag *diag)
{
    struct sqz_summary summary;
    sqz_summary_make(&summary, job->scenario, job->tally,
                     job->session.attributed ? &job->pair : NULL, job->session.seed);
    int error = job->writes ? write_result(job, &summary, diag) : SQZ_OK;
    if (error != SQZ_OK)
        return error;
    if (job->options->json)
        error = sqz_report_summary(stdout, &summary, diag);
    else
        sqz_text_summary(stdout, &summary);
    if (error == SQZ_OK && !job->options->quiet)
        fprintf(stderr, "squeeze: %" PRIu64 " paths in %.2f s%s%s\n", summary.paths, job->wall_s,
                job->writes ? ", result in " : "", job->writes ? job->options->output : "");
    if (error == SQZ_OK && job->writes)
        error = draw(job, diag);
    if (error == SQZ_OK && summary.stopped[SQZ_STOP_MAX_EVENTS] > 0)
        error = sqz_fail(diag, SQZ_ERR_LIMIT,
                         "%" PRIu64 " of %" PRIu64 " paths were cut off by --max-events",
                         summary.stopped[SQZ_STOP_MAX_EVENTS], summary.paths);
    return error;
}

static void close_job(struct job *job)
{
    if (job->outcomes != NULL)
        fclose(job->outcomes);
    sqz_result_dir_discard(&job->dir);
    sqz_tally_free(&job->tally[0]);
    sqz_tally_free(&job->tally[1]);
    free(job->output_s);
    sqz_session_close(&job->session);
}

int sqz_cmd_batch(const struct sqz_options *options, struct sqz_diag *diag)
{
    struct job job = {.options = options};
    int error = sqz_session_open(&job.session, options, diag);
    if (error != SQZ_OK)
        return error;
    job.scenario = &job.session.scenario[0];
    error = open_result(&job, diag);
    if (error == SQZ_OK)
        error = simulate(&job, diag);
    bool partial = error == SQZ_ERR_INTERRUPTED && job.tally[0].paths > 0;
    if (error == SQZ_OK)
        error = report(&job, diag);
    else if (partial) {
        struct sqz_diag own = {0};
        int failed = report(&job, &own);
        if (failed != SQZ_OK && failed != SQZ_ERR_LIMIT) {
            error = failed;
            *diag = own;
        }
    }
    close_job(&job);
    return error;
}
