#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "models/registry.h"
#include "sim/analysis/points.h"
#include "sim/analysis/pool.h"
#include "sim/analysis/refine.h"
#include "sim/analysis/sweep.h"
#include "sim/cli/commands.h"
#include "sim/cli/loading.h"
#include "sim/cli/simulate.h"
#include "sim/cli/sweep_text.h"
#include "sim/cli/text.h"
#include "sim/io/known_depth.h"
#include "sim/io/odd.h"
#include "sim/io/report.h"
#include "sim/io/sweep_dir.h"
#include "sim/plot/plot.h"

/* Everything a sweep opens, so that one place closes it. */
struct job {
    struct sqz_options options; /* with the seed in force, and no attribution */
    struct sqz_session base;    /* the scenario as it is */
    struct sqz_sweep sweep;
    struct sqz_point_runner runner;
    struct sqz_sweep_dir dir;
    struct sqz_result_dir result;
    struct sqz_progress progress;
    size_t first; /* point of this run */
    double begun_s;
};

/* ---- running ------------------------------------------------------------------------------- */

static void show_progress(void *context, uint64_t done)
{
    struct job *job = context;
    uint64_t points = job->sweep.done - job->first;
    sqz_progress_update(&job->progress, points * job->sweep.paths + done);
}

static int run_next(struct job *job, struct sqz_diag *diag)
{
    struct sqz_sweep *sweep = &job->sweep;
    bool planned = true;
    int error = SQZ_OK;
    if (sqz_sweep_is_refined(sweep, sweep->done))
        error = sqz_sweep_refine(sweep, sweep->done, &job->runner, &planned, diag);
    if (error == SQZ_OK && !planned) {
        sqz_sweep_end_refining(sweep);
        return SQZ_OK;
    }
    if (error == SQZ_OK)
        error = sqz_sweep_run_next(sweep, &job->runner, diag);
    if (error != SQZ_OK || job->dir.path == NULL)
        return error;
    return sqz_sweep_dir_add(&job->dir, sweep, sweep->done - 1, diag);
}

static int run_points(struct job *job, struct sqz_diag *diag)
{
    struct sqz_sweep *sweep = &job->sweep;
    struct sqz_interrupt before;
    int error = SQZ_OK;
    job->first = sweep->done;
    sqz_progress_begin(&job->progress, (sweep->n_points - job->first) * sweep->paths,
                       job->options.quiet);
    job->runner.stop = sqz_interrupt_begin(&before);
    while (error == SQZ_OK && sweep->done < sweep->n_points)
        error = run_next(job, diag);
    sqz_interrupt_end(&before);
    sqz_progress_end(&job->progress);
    if (error == SQZ_ERR_INTERRUPTED)
        return sqz_fail(diag, error, "interrupted after %zu of %zu points%s", sweep->done,
                        sweep->n_points,
                        job->dir.path != NULL ? "; the same command goes on from there" : "");
    return error;
}

/* ---- the command --------------------------------------------------------------------------- */

static int plan(struct job *job, struct sqz_diag *diag)
{
    const struct sqz_options *options = &job->options;
    struct sqz_sweep *sweep = &job->sweep;
    struct sqz_axis axis[SQZ_CLI_VARY_MAX];
    sweep->base = &job->base.scenario[0];
    sweep->seed = job->base.seed;
    sweep->paths = options->paths;
    sweep->max_events = options->max_events;
    sweep->refine = options->refine;
    sweep->largest_usd = sqz_scenario_notional_usd(sweep->base);
    if (options->tornado)
        return sqz_sweep_plan_tornado(sweep, sqz_text_money, diag);
    for (size_t a = 0; a < options->n_vary; a++) {
        int error = sqz_axis_parse(&axis[a], options->vary[a], sweep->base, &sqz_registry, diag);
        if (error == SQZ_OK && strcmp(axis[a].key, "price") == 0)
            error = sqz_fail_at(diag, SQZ_ERR_DATA, "--vary", 0, "price",
                                "cannot be varied, as points are compared with the scenario, and "
                                "levels and targets are prices of one market");
        if (error == SQZ_OK)
            error = sqz_odd_axis(&axis[a], &job->base.scenario[0].remarks, diag);
        if (error != SQZ_OK)
            return error;
    }
    if (options->n_vary == 2 && strcmp(axis[0].key, axis[1].key) == 0)
        return sqz_fail_at(diag, SQZ_ERR_USAGE, "--vary", 0, axis[0].key,
                           "given twice; expected two keys");
    sqz_say_remarks(&job->base.scenario[0].remarks, options);
    return sqz_sweep_plan_grid(sweep, axis, options->n_vary, diag);
}

static struct sqz_run_record record_of(const struct job *job)
{
    return (struct sqz_run_record){.argc = job->options.argc,
                                   .argv = job->options.argv,
                                   .wall_s = sqz_progress_clock_s() - job->begun_s,
                                   .jobs = job->options.jobs};
}

static int open_dir(struct job *job, struct sqz_diag *diag)
{
    const struct sqz_options *options = &job->options;
    struct sqz_run_record record = record_of(job);
    if (options->output == NULL)
        return SQZ_OK;
    int error =
        sqz_sweep_dir_open(&job->dir, &job->sweep, options->output, options->force, &record, diag);
    for (size_t i = 1; error == SQZ_OK && i < job->sweep.done; i++) {
        bool planned; /* of points that were read back; sets what is not in points.csv */
        if (sqz_sweep_is_refined(&job->sweep, i))
            error = sqz_sweep_refine(&job->sweep, i, &job->runner, &planned, diag);
    }
    if (error == SQZ_OK && job->sweep.done > 0 && !options->quiet)
        fprintf(stderr, "squeeze: %zu of %zu points are in %s already\n", job->sweep.done,
                job->sweep.n_points, options->output);
    return error;
}

static int write_result(struct job *job, struct sqz_diag *diag)
{
    struct sqz_run_record record = record_of(job);
    int error = sqz_result_dir_open(&job->result, job->options.output, true, diag);
    if (error == SQZ_OK)
        error = sqz_sweep_write(&job->sweep, &job->result, &record, diag);
    if (error == SQZ_OK)
        error = sqz_plot_scripts(job->result.staging, true, diag);
    if (error == SQZ_OK)
        error = sqz_result_dir_commit(&job->result, diag);
    return error;
}

static int check_cut_off(const struct sqz_sweep *sweep, struct sqz_diag *diag)
{
    uint64_t cut_off = 0, paths = 0;
    for (size_t i = 0; i < sweep->done; i++) {
        if (!sqz_point_was_run(sweep, i))
            continue;
        cut_off += sweep->point[i].cut_off;
        paths += sweep->point[i].paths;
    }
    return sqz_check_cut_off(cut_off, paths, diag);
}

/* What the table says under it, for those who do not see it. */
static void remark(const struct sqz_sweep *sweep)
{
    char text[SQZ_SWEEP_REMARK];
    if (sqz_sweep_remark(sweep, text)[0] != '\0')
        fprintf(stderr, "squeeze: %s\n", text);
    if (sqz_sweep_market_remark(sweep, text)[0] != '\0')
        fprintf(stderr, "squeeze: --tornado: %s\n", text);
    for (size_t i = 1; i < sweep->done; i++)
        if (sweep->point[i].left_out != NULL)
            fprintf(stderr, "squeeze: --tornado: the %s end of %s is left out: %s\n",
                    sweep->point[i].label[1], sweep->point[i].label[0], sweep->point[i].left_out);
}

/* What the points did not ask for and have. */
static int add_remark(struct job *job, struct sqz_diag *diag)
{
    uint64_t beyond, paths;
    sqz_sweep_count_beyond(&job->sweep, &beyond, &paths);
    if (sqz_known_remark(&job->base.scenario[0], beyond, paths) == SQZ_OK)
        return SQZ_OK;
    return sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for a remark");
}

/* Print what has been run, and write it if that is everything. */
static int report(void *context, struct sqz_diag *diag)
{
    struct job *job = context;
    const struct sqz_options *options = &job->options;
    bool writes = job->sweep.done == job->sweep.n_points && options->output != NULL;
    sqz_sweep_pool(&job->sweep);
    sqz_sweep_sort(&job->sweep);
    int error = add_remark(job, diag);
    if (error == SQZ_OK && writes)
        error = write_result(job, diag);
    if (error == SQZ_OK && options->json)
        error = sqz_report_sweep(stdout, &job->sweep, diag);
    else if (error == SQZ_OK)
        sqz_sweep_print(&job->sweep);
    fflush(stdout); /* the answer comes first where both go to one place */
    if (error == SQZ_OK && options->json && !options->quiet)
        remark(&job->sweep);
    if (error == SQZ_OK && !options->quiet)
        fprintf(stderr, "squeeze: %zu point%s of %" PRIu64 " path%s in %.2f s%s%s\n",
                job->sweep.done, job->sweep.done == 1 ? "" : "s", job->sweep.paths,
                job->sweep.paths == 1 ? "" : "s", sqz_progress_clock_s() - job->begun_s,
                options->output != NULL ? ", result in " : "",
                options->output != NULL ? options->output : "");
    if (error == SQZ_OK)
        sqz_say_remarks(&job->base.scenario[0].remarks, options);
    if (error == SQZ_OK && writes)
        error = sqz_simulation_draw(options, job->result.path, diag);
    return error == SQZ_OK ? check_cut_off(&job->sweep, diag) : error;
}

static int sweep(struct job *job, struct sqz_diag *diag)
{
    job->runner = (struct sqz_point_runner){.registry = &sqz_registry,
                                            .exit_table = job->base.plan.exit_table,
                                            .allow_crossed = job->options.allow_crossed,
                                            .jobs = job->options.jobs,
                                            .hooks = {.context = job, .progress = show_progress}};
    int error = plan(job, diag);
    if (error == SQZ_OK)
        error = sqz_sweep_check(&job->sweep, &job->runner, diag);
    if (error == SQZ_OK)
        error = open_dir(job, diag);
    if (error != SQZ_OK)
        return error;
    sqz_session_say_seed(&job->base, &job->options);
    int ended = run_points(job, diag);
    return sqz_conclude(ended, job->sweep.done > 0, report, job, diag);
}

static int check_usage(const struct sqz_options *options, struct sqz_diag *diag)
{
    if (options->tornado && options->n_vary > 0)
        return sqz_fail(
            diag, SQZ_ERR_USAGE,
            "--tornado has a list of conditions of its own; expected no --vary beside it");
    if (options->refine > 0 && options->n_vary != 1)
        return sqz_fail(diag, SQZ_ERR_USAGE,
                        "--refine adds points to a curve; expected one --vary beside it%s",
                        options->n_vary == 2 ? ", not two" : "");
    if (!options->tornado && options->n_vary == 0)
        return sqz_fail(diag, SQZ_ERR_USAGE,
                        "squeeze sweep needs --vary KEY=LO:HI:N[:log], or --tornado");
    return SQZ_OK;
}

int sqz_cmd_sweep(const struct sqz_options *options, struct sqz_diag *diag)
{
    struct job job = {.options = *options, .begun_s = sqz_progress_clock_s()};
    int error = check_usage(options, diag);
    if (error != SQZ_OK)
        return error;
    job.options.no_attribution = true;
    if (!options->seed_given && !options->force && options->output != NULL)
        job.options.seed_given = sqz_sweep_dir_seed(options->output, &job.options.seed);
    error = sqz_session_open(&job.base, &job.options, diag);
    if (error != SQZ_OK)
        return error;
    job.options.seed_given = true;
    job.options.seed = job.base.seed;
    error = sweep(&job, diag);
    sqz_result_dir_discard(&job.result);
    sqz_sweep_dir_close(&job.dir);
    sqz_sweep_free(&job.sweep);
    sqz_session_close(&job.base);
    return error;
}
