#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/registry.h"
#include "sim/analysis/map.h"
#include "sim/analysis/pool.h"
#include "sim/analysis/sweep.h"
#include "sim/cli/commands.h"
#include "sim/cli/simulate.h"
#include "sim/cli/sweep_text.h"
#include "sim/cli/text.h"
#include "sim/io/report.h"
#include "sim/io/sweep_dir.h"
#include "sim/plot/plot.h"

/* Everything a sweep opens, so that one place closes it. */
struct job {
    struct sqz_options options; /* with the seed in force, and no attribution */
    struct sqz_session base;    /* the scenario as it is */
    struct sqz_sweep sweep;
    struct sqz_sweep_dir dir;
    struct sqz_result_dir result;
    struct sqz_progress progress;
    double begun_s;
    uint64_t done_before; /* paths of this run's finished points */
};

/* ---- running ------------------------------------------------------------------------------- */

/* What makes a point of the scenario: the assignments of the command line, then its own. */
struct settings {
    const char *set[SQZ_CLI_SET_MAX + SQZ_SWEEP_SETTINGS_MAX];
    size_t n_set;
};

static struct settings settings_of(const struct job *job, size_t index)
{
    const struct sqz_point *point = &job->sweep.point[index];
    struct settings settings = {.n_set = job->options.n_set};
    memcpy(settings.set, job->options.set, settings.n_set * sizeof *settings.set);
    for (size_t s = 0; s < point->n_settings; s++)
        settings.set[settings.n_set++] = point->setting[s];
    return settings;
}

static int check_point(const struct job *job, size_t index, struct sqz_diag *diag)
{
    struct settings settings = settings_of(job, index);
    struct sqz_load_options load = {settings.set, settings.n_set, job->options.allow_crossed};
    struct sqz_scenario scenario;
    int error = sqz_scenario_load(&scenario, job->options.operand[0], &load, &sqz_registry, diag);
    if (error == SQZ_OK)
        sqz_scenario_free(&scenario);
    return error;
}

/* Say why an end of a tornado cannot be: what is wrong, without the advice that follows it, as
 * nobody typed the value. */
static int leave_out(struct sqz_point *point, struct sqz_diag *diag)
{
    char why[sizeof *diag];
    sqz_diag_format(diag, why, sizeof why);
    *strchrnul(why, ';') = '\0';
    *diag = (struct sqz_diag){0};
    point->left_out = strdup(why);
    return point->left_out != NULL ? SQZ_OK : sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for a text");
}

/* Every point must be valid before any is run. The ends of a tornado are not the user's choice: one
 * that this scenario cannot have is left out. */
static int check_points(struct job *job, struct sqz_diag *diag)
{
    int error = SQZ_OK;
    for (size_t i = 1; error == SQZ_OK && i < job->sweep.n_points; i++) {
        error = check_point(job, i, diag);
        if (error == SQZ_ERR_DATA && job->options.tornado)
            error = leave_out(&job->sweep.point[i], diag);
        else if (error != SQZ_OK && strcmp(diag->file, "--set") == 0)
            strcpy(diag->file, "--vary"); /* with --set alone, the base is valid */
    }
    return error;
}

/* The base alone, or the base and one point of it as worlds of one path. */
static int open_point(const struct job *job, size_t index, struct sqz_session *session,
                      struct sqz_diag *diag)
{
    struct sqz_options options = job->options;
    struct settings settings = settings_of(job, index);
    const struct sqz_session_part part[2] = {{options.operand[0], options.set, options.n_set},
                                             {options.operand[0], settings.set, settings.n_set}};
    options.seed = sqz_sweep_seed(&job->sweep, index);
    return sqz_session_open_parts(session, part, index == 0 ? 1 : 2, &job->base, &options, diag);
}

/* What the paths of scenario `from` say by themselves: estimates from `to` on. */
static void take_own(struct sqz_point *point, enum sqz_point_estimate to,
                     const struct sqz_simulation *simulation, size_t from)
{
    struct sqz_summary summary;
    sqz_simulation_summary(simulation, from, &summary);
    for (int w = 0; w < SQZ_WATCHES; w++)
        if (!isnan(summary.watch[w].price_usd))
            point->estimate[to + SQZ_POINT_TARGET + w] = summary.watch[w].probability;
    point->estimate[to + SQZ_POINT_FORCED] = summary.forced_usd;
}

static void take_estimates(struct sqz_point *point, const struct sqz_simulation *simulation)
{
    const struct sqz_session *session = simulation->session;
    size_t own = session->n_scenarios - 1;
    const struct sqz_tally *tally = &simulation->tally[sqz_session_world(session, own)];
    struct sqz_difference difference;
    point->paths = tally->paths;
    point->cut_off = tally->stopped[SQZ_STOP_MAX_EVENTS];
    take_own(point, SQZ_POINT_OWN, simulation, own);
    take_own(point, SQZ_POINT_OWN_BASE, simulation, 0);
    if (own == 0)
        return;
    sqz_difference_make(&difference, &session->scenario[own], &session->scenario[0],
                        &simulation->pair[sqz_session_comparison(session, own)]);
    for (int q = 0; q < SQZ_POINT_QUANTITIES; q++)
        point->estimate[SQZ_POINT_OWN_DIFFERENCE + q] = difference.value[q];
    point->estimate[SQZ_POINT_DIFFERENCE + SQZ_CONTRAST_FINAL] =
        difference.value[SQZ_CONTRAST_FINAL];
    memcpy(point->variance_reduction, difference.variance_reduction,
           sizeof point->variance_reduction);
}

/* The largest branching ratio along the point's map, as `squeeze map` has it. */
static int take_branching(struct sqz_point *point, const struct sqz_session *session,
                          struct sqz_diag *diag)
{
    const struct sqz_scenario *scenario = &session->scenario[session->n_scenarios - 1];
    struct sqz_branching branching;
    int error = sqz_map_branching(&branching, &scenario->world, SQZ_MAP_SCALE_LOG, diag);
    if (error != SQZ_OK)
        return error;
    for (int side = 0; side < 2; side++)
        point->branching[side] = branching.side[side].max;
    sqz_branching_free(&branching);
    return SQZ_OK;
}

static int simulate_point(struct job *job, size_t index, struct sqz_diag *diag)
{
    struct sqz_point *point = &job->sweep.point[index];
    struct sqz_session session;
    int error = open_point(job, index, &session, diag);
    if (error != SQZ_OK)
        return error;
    struct sqz_simulation simulation = {.session = &session, .options = &job->options};
    error = take_branching(point, &session, diag);
    if (error == SQZ_OK)
        error = sqz_simulate(&simulation, NULL, &job->progress, job->done_before, diag);
    if (error == SQZ_OK)
        take_estimates(point, &simulation);
    sqz_simulation_free(&simulation);
    sqz_session_close(&session);
    return error;
}

static int run_point(struct job *job, size_t index, struct sqz_diag *diag)
{
    int error = SQZ_OK;
    if (job->sweep.point[index].left_out == NULL)
        error = simulate_point(job, index, diag);
    if (error != SQZ_OK)
        return error;
    job->done_before += job->options.paths;
    job->sweep.done++;
    return job->dir.path != NULL ? sqz_sweep_dir_add(&job->dir, &job->sweep, index, diag) : SQZ_OK;
}

static int run_points(struct job *job, struct sqz_diag *diag)
{
    struct sqz_sweep *sweep = &job->sweep;
    struct sqz_interrupt before;
    size_t first = sweep->done;
    int error = SQZ_OK;
    sqz_progress_begin(&job->progress, (sweep->n_points - first) * job->options.paths,
                       job->options.quiet);
    sqz_interrupt_begin(&before);
    while (error == SQZ_OK && sweep->done < sweep->n_points)
        error = run_point(job, sweep->done, diag);
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
    if (options->tornado)
        return sqz_sweep_plan_tornado(sweep, sqz_text_money, diag);
    for (size_t a = 0; a < options->n_vary; a++) {
        int error = sqz_axis_parse(&axis[a], options->vary[a], sweep->base, &sqz_registry, diag);
        if (error == SQZ_OK && strcmp(axis[a].key, "price") == 0)
            error = sqz_fail_at(diag, SQZ_ERR_DATA, "--vary", 0, "price",
                                "cannot be varied, as points are compared with the scenario, and "
                                "levels and targets are prices of one market");
        if (error != SQZ_OK)
            return error;
    }
    if (options->n_vary == 2 && strcmp(axis[0].key, axis[1].key) == 0)
        return sqz_fail_at(diag, SQZ_ERR_USAGE, "--vary", 0, axis[0].key,
                           "given twice; expected two keys");
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
        cut_off += sweep->point[i].cut_off;
        paths += sweep->point[i].paths;
    }
    if (cut_off == 0)
        return SQZ_OK;
    return sqz_fail(diag, SQZ_ERR_LIMIT,
                    "%" PRIu64 " of %" PRIu64 " paths were cut off by --max-events", cut_off,
                    paths);
}

/* What the table says under it, for those who do not see it. */
static void remark(const struct sqz_sweep *sweep)
{
    char text[SQZ_SWEEP_REMARK];
    if (sqz_sweep_remark(sweep, text)[0] != '\0')
        fprintf(stderr, "squeeze: %s\n", text);
    for (size_t i = 1; i < sweep->done; i++)
        if (sweep->point[i].left_out != NULL)
            fprintf(stderr, "squeeze: --tornado: the %s end of %s is left out: %s\n",
                    sweep->point[i].label[1], sweep->point[i].label[0], sweep->point[i].left_out);
}

/* Print what has been run; `whole` if that is everything. */
static int report(struct job *job, bool whole, struct sqz_diag *diag)
{
    const struct sqz_options *options = &job->options;
    bool writes = whole && options->output != NULL;
    sqz_sweep_pool(&job->sweep);
    int error = writes ? write_result(job, diag) : SQZ_OK;
    if (error == SQZ_OK && options->json)
        error = sqz_report_sweep(stdout, &job->sweep, diag);
    else if (error == SQZ_OK)
        sqz_sweep_print(&job->sweep);
    fflush(stdout); /* the answer comes first where both go to one place */
    if (error == SQZ_OK && options->json && !options->quiet)
        remark(&job->sweep);
    if (error == SQZ_OK && !options->quiet)
        fprintf(stderr, "squeeze: %zu points of %" PRIu64 " paths in %.2f s%s%s\n", job->sweep.done,
                job->sweep.paths, sqz_progress_clock_s() - job->begun_s,
                options->output != NULL ? ", result in " : "",
                options->output != NULL ? options->output : "");
    if (error == SQZ_OK && writes)
        error = sqz_simulation_draw(options, job->result.path, diag);
    return error == SQZ_OK ? check_cut_off(&job->sweep, diag) : error;
}

static int sweep(struct job *job, struct sqz_diag *diag)
{
    int error = plan(job, diag);
    if (error == SQZ_OK)
        error = check_points(job, diag);
    if (error == SQZ_OK)
        error = open_dir(job, diag);
    if (error != SQZ_OK)
        return error;
    int ended = run_points(job, diag);
    if (ended == SQZ_OK)
        return report(job, true, diag);
    struct sqz_diag own = {0};
    if (ended != SQZ_ERR_INTERRUPTED || job->sweep.done == 0)
        return ended;
    error = report(job, false, &own);
    if (error == SQZ_OK || error == SQZ_ERR_LIMIT)
        return ended;
    *diag = own;
    return error;
}

static int check_usage(const struct sqz_options *options, struct sqz_diag *diag)
{
    if (options->tornado && options->n_vary > 0)
        return sqz_fail(
            diag, SQZ_ERR_USAGE,
            "--tornado has a list of conditions of its own; expected no --vary beside it");
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
