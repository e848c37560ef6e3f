/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "models/registry.h"
#include "sim/analysis/control_variate.h"
#include "sim/analysis/points.h"
#include "sim/analysis/refine.h"
#include "sim/analysis/sweep.h"
#include "sim/cli/commands.h"
#include "sim/cli/job.h"
#include "sim/cli/loading.h"
#include "sim/cli/sweep_text.h"
#include "sim/cli/text.h"
#include "sim/io/known_depth.h"
#include "sim/io/odd.h"
#include "sim/io/report.h"
#include "sim/io/sweep_dir.h"

struct sweep_job {
    struct sqz_job job; /* its session is the scenario as it is */
    struct sqz_sweep sweep;
    struct sqz_point_runner runner;
    struct sqz_sweep_dir points; /* rows as they come; the result is written at the end */
    size_t first;                /* point of this run */
};

static struct sqz_sweep *sweep_of(const struct sqz_job *job)
{
    return &((struct sweep_job *)job)->sweep;
}

/* ---- running ------------------------------------------------------------------------------- */

static void show_progress(void *context, uint64_t done)
{
    struct sweep_job *own = context;
    uint64_t points = own->sweep.done - own->first;
    sqz_progress_update(&own->job.progress, points * own->sweep.paths + done);
}

static int run_next(struct sweep_job *own, struct sqz_diag *diag)
{
    struct sqz_sweep *sweep = &own->sweep;
    bool planned = true;
    int error = SQZ_OK;
    if (sqz_sweep_is_refined(sweep, sweep->done))
        error = sqz_sweep_refine(sweep, sweep->done, &own->runner, &planned, diag);
    if (error == SQZ_OK && !planned) {
        sqz_sweep_end_refining(sweep);
        return SQZ_OK;
    }
    if (error == SQZ_OK)
        error = sqz_sweep_run_next(sweep, &own->runner, diag);
    if (error != SQZ_OK || own->points.path == NULL)
        return error;
    return sqz_sweep_dir_add(&own->points, sweep, sweep->done - 1, diag);
}

static int run(struct sqz_job *job, struct sqz_diag *diag)
{
    struct sweep_job *own = (struct sweep_job *)job;
    struct sqz_sweep *sweep = &own->sweep;
    int error = SQZ_OK;
    own->runner.stop = job->stop;
    while (error == SQZ_OK && sweep->done < sweep->n_points)
        error = run_next(own, diag);
    if (error == SQZ_ERR_INTERRUPTED)
        return sqz_fail(diag, error, "interrupted after %zu of %zu points%s", sweep->done,
                        sweep->n_points,
                        own->points.path != NULL ? "; the same command goes on from there" : "");
    return error;
}

static bool any(const struct sqz_job *job)
{
    return sweep_of(job)->done > 0;
}

/* ---- planning ------------------------------------------------------------------------------ */

/* What of an axis can hardly be meant. */
static int remark_on_axis(const struct sqz_axis *axis, struct sqz_remarks *remarks,
                          struct sqz_diag *diag)
{
    int error = sqz_odd_axis(axis, remarks, diag);
    if (error != SQZ_OK || axis->former[0] == '\0')
        return error;
    error = sqz_remark_renamed(remarks, "--vary", 0, axis->former, axis->key);
    return error == SQZ_OK ? SQZ_OK : sqz_fail(diag, error, "no memory for remarks");
}

static int parse_axes(struct sqz_job *job, struct sqz_axis axis[SQZ_CLI_VARY_MAX],
                      struct sqz_diag *diag)
{
    const struct sqz_options *options = &job->options;
    struct sqz_scenario *base = &job->session.scenario[0];
    for (size_t a = 0; a < options->n_vary; a++) {
        int error = sqz_axis_parse(&axis[a], options->vary[a], base, &sqz_registry, diag);
        if (error == SQZ_OK && strcmp(axis[a].key, "price") == 0)
            error = sqz_fail_at(diag, SQZ_ERR_DATA, "--vary", 0, "price",
                                "cannot be varied, as points are compared with the scenario, and "
                                "levels and targets are prices of one market");
        if (error == SQZ_OK)
            error = remark_on_axis(&axis[a], &base->remarks, diag);
        if (error != SQZ_OK)
            return error;
    }
    if (options->n_vary == 2 && strcmp(axis[0].key, axis[1].key) == 0)
        return sqz_fail_at(diag, SQZ_ERR_USAGE, "--vary", 0, axis[0].key,
                           "given twice; expected two keys");
    return SQZ_OK;
}

static int plan_points(struct sqz_job *job, struct sqz_diag *diag)
{
    const struct sqz_options *options = &job->options;
    struct sqz_sweep *sweep = sweep_of(job);
    struct sqz_axis axis[SQZ_CLI_VARY_MAX];
    sweep->base = &job->session.scenario[0];
    sweep->seed = job->session.seed;
    sweep->paths = options->paths;
    sweep->max_events = options->max_events;
    sweep->refine = options->refine;
    sweep->largest_usd = sqz_scenario_notional_usd(sweep->base);
    if (options->tornado)
        return sqz_sweep_plan_tornado(sweep, sqz_text_money, diag);
    int error = parse_axes(job, axis, diag);
    if (error != SQZ_OK)
        return error;
    sqz_say_remarks(&job->session.scenario[0].remarks, options);
    return sqz_sweep_plan_grid(sweep, axis, options->n_vary, diag);
}

static struct sqz_run_record record_of(const struct sqz_job *job)
{
    return sqz_job_record(job, sqz_progress_clock_s() - job->begun_s);
}

/* Open points.csv, and read back what an earlier run of this sweep has written there. */
static int open_points(struct sweep_job *own, struct sqz_diag *diag)
{
    const struct sqz_options *options = &own->job.options;
    struct sqz_run_record record = record_of(&own->job);
    if (options->output == NULL)
        return SQZ_OK;
    int error = sqz_sweep_dir_open(&own->points, &own->sweep, options->output, options->force,
                                   &record, diag);
    for (size_t i = 1; error == SQZ_OK && i < own->sweep.done; i++) {
        bool planned; /* of points that were read back; sets what is not in points.csv */
        if (sqz_sweep_is_refined(&own->sweep, i))
            error = sqz_sweep_refine(&own->sweep, i, &own->runner, &planned, diag);
    }
    if (error == SQZ_OK && own->sweep.done > 0 && !options->quiet)
        fprintf(stderr, "squeeze: %zu of %zu points are in %s already\n", own->sweep.done,
                own->sweep.n_points, options->output);
    return error;
}

static int plan(struct sqz_job *job, struct sqz_diag *diag)
{
    struct sweep_job *own = (struct sweep_job *)job;
    struct sqz_sweep *sweep = &own->sweep;
    job->options.seed_given = true; /* of the points */
    job->options.seed = job->session.seed;
    own->runner = (struct sqz_point_runner){.registry = &sqz_registry,
                                            .exit_table = job->session.plan.exit_table,
                                            .allow_crossed = job->options.allow_crossed,
                                            .jobs = job->options.jobs,
                                            .hooks = {.context = own, .progress = show_progress}};
    int error = plan_points(job, diag);
    if (error == SQZ_OK)
        error = sqz_sweep_check(sweep, &own->runner, diag);
    if (error == SQZ_OK)
        error = open_points(own, diag);
    own->first = sweep->done;
    job->total = (sweep->n_points - own->first) * sweep->paths;
    return error;
}

/* ---- the answer ---------------------------------------------------------------------------- */

/* What the points did not ask for and have. */
static int add_remark(struct sqz_job *job, struct sqz_diag *diag)
{
    struct sqz_scenario *scenario = &job->session.scenario[0];
    uint64_t beyond, paths;
    sqz_sweep_count_beyond(sweep_of(job), &beyond, &paths);
    if (sqz_known_remark(&scenario->remarks, scenario, beyond, paths) == SQZ_OK)
        return SQZ_OK;
    return sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for a remark");
}

/* The result is written once everything was run. */
static int gather(struct sqz_job *job, struct sqz_diag *diag)
{
    struct sqz_sweep *sweep = sweep_of(job);
    sqz_sweep_control(sweep);
    sqz_sweep_sort(sweep);
    int error = add_remark(job, diag);
    if (error != SQZ_OK)
        return error;
    if (sweep->done < sweep->n_points || job->options.output == NULL)
        return SQZ_OK;
    return sqz_result_dir_open(&job->dir, job->options.output, true, diag);
}

static int write_data(struct sqz_job *job, struct sqz_diag *diag)
{
    struct sqz_run_record record = record_of(job);
    return sqz_sweep_write(sweep_of(job), &job->dir, &record, diag);
}

static int json(struct sqz_job *job, struct sqz_diag *diag)
{
    return sqz_report_sweep(stdout, sweep_of(job), diag);
}

static void text(struct sqz_job *job)
{
    sqz_sweep_print(sweep_of(job));
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

static void say(struct sqz_job *job)
{
    const struct sqz_sweep *sweep = sweep_of(job);
    char what[96];
    if (job->options.json && !job->options.quiet)
        remark(sweep);
    snprintf(what, sizeof what, "%zu point%s of %" PRIu64 " path%s", sweep->done,
             sweep->done == 1 ? "" : "s", sweep->paths, sweep->paths == 1 ? "" : "s");
    sqz_job_say_done(job, what, sqz_progress_clock_s() - job->begun_s);
    sqz_say_remarks(&job->session.scenario[0].remarks, &job->options);
}

static int check(const struct sqz_job *job, struct sqz_diag *diag)
{
    const struct sqz_sweep *sweep = sweep_of(job);
    uint64_t cut_off = 0, paths = 0;
    for (size_t i = 0; i < sweep->done; i++) {
        if (!sqz_point_was_run(sweep, i))
            continue;
        cut_off += sweep->point[i].cut_off;
        paths += sweep->point[i].paths;
    }
    return sqz_check_cut_off(cut_off, paths, diag);
}

static void close_sweep(struct sqz_job *job)
{
    sqz_sweep_dir_close(&((struct sweep_job *)job)->points);
    sqz_sweep_free(sweep_of(job));
}

/* ---- the command --------------------------------------------------------------------------- */

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
    static const struct sqz_job_steps STEPS = {.plan = plan,
                                               .run = run,
                                               .any = any,
                                               .gather = gather,
                                               .write = write_data,
                                               .json = json,
                                               .text = text,
                                               .say = say,
                                               .check = check,
                                               .close = close_sweep};
    struct sweep_job own = {.job.options = *options};
    struct sqz_options *job_options = &own.job.options;
    int error = check_usage(options, diag);
    if (error != SQZ_OK)
        return error;
    job_options->no_attribution = true;
    if (!options->seed_given && !options->force && options->output != NULL)
        job_options->seed_given = sqz_sweep_dir_seed(options->output, &job_options->seed);
    return sqz_job_run(&own.job, &STEPS, diag);
}
