#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "models/registry.h"
#include "sim/analysis/sweep.h"
#include "sim/cli/commands.h"
#include "sim/cli/simulate.h"
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

/* ---- the table for people ------------------------------------------------------------------ */

enum { LABEL_WIDTH = 16, CELL_WIDTH = 20 };

static void print_estimate(const struct sqz_estimate *estimate,
                           const char *(*format)(char *, double))
{
    char value[SQZ_TEXT_SIZE], half[SQZ_TEXT_SIZE], cell[2 * SQZ_TEXT_SIZE + 8] = "-";
    if (!isnan(estimate->value))
        snprintf(cell, sizeof cell, "%s +- %s", format(value, estimate->value),
                 format(half, (estimate->hi - estimate->lo) / 2));
    printf(" %*s", CELL_WIDTH, cell);
}

static void print_point(const struct sqz_sweep *sweep, size_t index)
{
    const struct sqz_point *point = &sweep->point[index];
    char label[SQZ_TEXT_SIZE];
    for (size_t l = 0; l < sweep->n_labels; l++) {
        snprintf(label, sizeof label, "%s%s", point->label[l],
                 index == 0 && sweep->n_axes > 0 && l == 0 ? " *" : "");
        printf("  %*s", sweep->n_axes > 0 ? LABEL_WIDTH : -LABEL_WIDTH, label);
    }
    print_estimate(&point->estimate[SQZ_POINT_TARGET], sqz_text_share);
    print_estimate(&point->estimate[SQZ_POINT_DIFFERENCE + SQZ_CONTRAST_TARGET], sqz_text_share);
    print_estimate(&point->estimate[SQZ_POINT_FLOOR], sqz_text_share);
    print_estimate(&point->estimate[SQZ_POINT_DIFFERENCE + SQZ_CONTRAST_FLOOR], sqz_text_share);
    print_estimate(&point->estimate[SQZ_POINT_FORCED], sqz_text_money);
    putchar('\n');
}

static void print_title(const struct sqz_sweep *sweep)
{
    static const char *const COLUMNS[] = {"P(target)", "minus base", "P(floor)", "minus base",
                                          "forced usd, mean"};
    for (size_t l = 0; l < sweep->n_labels; l++) {
        char title[SQZ_TEXT_SIZE + 64];
        bool unit = sweep->n_axes > 0 && strcmp(sweep->axis[l].unit, "1") != 0;
        snprintf(title, sizeof title, "%s%s%s", sweep->label_name[l], unit ? " " : "",
                 unit ? sweep->axis[l].unit : "");
        printf("  %*s", sweep->n_axes > 0 ? LABEL_WIDTH : -LABEL_WIDTH, title);
    }
    for (size_t c = 0; c < sizeof COLUMNS / sizeof COLUMNS[0]; c++)
        printf(" %*s", CELL_WIDTH, COLUMNS[c]);
    putchar('\n');
}

static void print_settings(const char *end, const struct sqz_point *point)
{
    printf("    %-5s", end);
    for (size_t s = 0; s < point->n_settings; s++)
        printf(strchr(point->setting[s], ' ') != NULL ? " --set '%s'" : " --set %s",
               point->setting[s]);
    puts(point->n_settings == 0 ? " as it is: the scenario has no such key" : "");
}

/* What the ends of a tornado stand for. */
static void print_conditions(const struct sqz_sweep *sweep)
{
    for (size_t c = 0; c < sweep->n_conditions; c++) {
        printf("\n  %s: %s\n", sweep->condition[c].name, sweep->condition[c].about);
        print_settings("low", &sweep->point[2 * c + 1]);
        print_settings("high", &sweep->point[2 * c + 2]);
    }
}

static void print_sweep(const struct sqz_sweep *sweep)
{
    const struct sqz_scenario_params *params = &sweep->base->params;
    char start[SQZ_TEXT_SIZE], horizon[SQZ_TEXT_SIZE], target[SQZ_TEXT_SIZE], floor[SQZ_TEXT_SIZE];
    printf("%s: start %s usd, target %s, floor %s, horizon %s, %" PRIu64
           " paths a point, seed %" PRIu64 "\n\n",
           sqz_scenario_label(sweep->base), sqz_text_price(start, params->price_usd),
           sqz_text_price(target, params->target_usd), sqz_text_price(floor, params->floor_usd),
           sqz_text_duration(horizon, params->horizon_s), sweep->paths, sweep->seed);
    print_title(sweep);
    for (size_t i = 0; i < sweep->done; i++)
        print_point(sweep, i);
    if (sweep->n_axes > 0)
        puts("\n  * the scenario as it is");
    print_conditions(sweep);
}

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

/* Every point must be valid before any is run. */
static int check_points(const struct job *job, struct sqz_diag *diag)
{
    int error = SQZ_OK;
    for (size_t i = 1; error == SQZ_OK && i < job->sweep.n_points; i++) {
        struct settings settings = settings_of(job, i);
        struct sqz_load_options load = {settings.set, settings.n_set, job->options.allow_crossed};
        struct sqz_scenario scenario;
        error = sqz_scenario_load(&scenario, job->options.operand[0], &load, &sqz_registry, diag);
        if (error == SQZ_OK)
            sqz_scenario_free(&scenario);
        else if (strcmp(diag->file, "--set") == 0 && job->sweep.n_axes > 0)
            strcpy(diag->file, "--vary"); /* with --set alone, the base is valid */
    }
    return error;
}

/* The base alone, or the base and one point of it as worlds of one path. */
static int open_point(const struct job *job, size_t index, struct sqz_session *session,
                      struct sqz_diag *diag)
{
    const struct sqz_options *options = &job->options;
    struct settings settings = settings_of(job, index);
    const struct sqz_session_part part[2] = {{options->operand[0], options->set, options->n_set},
                                             {options->operand[0], settings.set, settings.n_set}};
    return sqz_session_open_parts(session, part, index == 0 ? 1 : 2, &job->base, options, diag);
}

static void take_estimates(struct sqz_point *point, const struct sqz_simulation *simulation)
{
    const struct sqz_session *session = simulation->session;
    size_t own = session->n_scenarios - 1;
    const struct sqz_tally *tally = &simulation->tally[sqz_session_world(session, own)];
    struct sqz_summary summary;
    struct sqz_difference difference;
    sqz_simulation_summary(simulation, own, &summary);
    point->paths = summary.paths;
    point->cut_off = tally->stopped[SQZ_STOP_MAX_EVENTS];
    for (int w = 0; w < SQZ_WATCHES; w++)
        if (!isnan(summary.watch[w].price_usd))
            point->estimate[SQZ_POINT_TARGET + w] = summary.watch[w].probability;
    point->estimate[SQZ_POINT_FORCED] = summary.forced_usd;
    if (own == 0)
        return;
    sqz_difference_make(&difference, &session->scenario[own], &session->scenario[0],
                        &simulation->pair[sqz_session_comparison(session, own)]);
    for (int c = 0; c < SQZ_CONTRASTS; c++) {
        point->estimate[SQZ_POINT_DIFFERENCE + c] = difference.value[c];
        point->variance_reduction[c] = difference.variance_reduction[c];
    }
}

static int run_point(struct job *job, size_t index, struct sqz_diag *diag)
{
    struct sqz_session session;
    int error = open_point(job, index, &session, diag);
    if (error != SQZ_OK)
        return error;
    struct sqz_simulation simulation = {.session = &session, .options = &job->options};
    error = sqz_simulate(&simulation, NULL, &job->progress, job->done_before, diag);
    if (error == SQZ_OK) {
        take_estimates(&job->sweep.point[index], &simulation);
        job->done_before += job->options.paths;
        job->sweep.done++;
        if (job->dir.path != NULL)
            error = sqz_sweep_dir_add(&job->dir, &job->sweep, index, diag);
    }
    sqz_simulation_free(&simulation);
    sqz_session_close(&session);
    return error;
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
        return sqz_sweep_plan_tornado(sweep, diag);
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

/* Print what has been run; `whole` if that is everything. */
static int report(struct job *job, bool whole, struct sqz_diag *diag)
{
    const struct sqz_options *options = &job->options;
    bool writes = whole && options->output != NULL;
    int error = writes ? write_result(job, diag) : SQZ_OK;
    if (error == SQZ_OK && options->json)
        error = sqz_report_sweep(stdout, &job->sweep, diag);
    else if (error == SQZ_OK)
        print_sweep(&job->sweep);
    fflush(stdout); /* the answer comes first where both go to one place */
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
        return sqz_fail(diag, SQZ_ERR_USAGE, "--tornado varies what it varies; expected no --vary");
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
