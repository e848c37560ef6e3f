#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/registry.h"
#include "sim/analysis/bound.h"
#include "sim/cli/commands.h"
#include "sim/cli/interval.h"
#include "sim/cli/layout.h"
#include "sim/cli/loading.h"
#include "sim/cli/simulate.h"
#include "sim/cli/text.h"
#include "sim/io/clock.h"
#include "sim/io/record.h"
#include "sim/io/report.h"
#include "sim/io/variant.h"
#include "sim/plot/plot.h"

/* The first look: two decades around a map that is true, and what is below the scale at which most
 * maps of providers stand still. The second round lies where 5 % are crossed. */
static const double FIRST_SCALES[] = {0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10};
enum { FIRST = sizeof FIRST_SCALES / sizeof *FIRST_SCALES, BETWEEN = 4 };

/* A start price that is off the record's by more is one of another time. */
static const double STALE_LOG = 0.01;

struct job {
    struct sqz_options options; /* with the seed in force, and no attribution */
    struct sqz_session base;    /* the scenario as it is */
    struct sqz_record record;
    size_t bars; /* of the record, up to its first gap */
    struct sqz_bound bound;
    struct sqz_result_dir dir;
    struct sqz_progress progress;
    uint64_t before; /* paths of earlier rounds */
    double begun_s;
};

/* ---- the record ----------------------------------------------------------------------------- */

static int check_price(const struct job *job, struct sqz_diag *diag)
{
    struct sqz_scenario *scenario = &job->base.scenario[0];
    double price_usd = scenario->params.price_usd, open_usd = job->bound.open_usd;
    if (fabs(log(price_usd / open_usd)) <= STALE_LOG)
        return SQZ_OK;
    int error = sqz_remarks_add(
        &scenario->remarks, "other-price", scenario->file, 0, "price",
        "is %.10g usd, but the record begins at %.10g: the map and the record look like those of "
        "different times; only the range of the record is used",
        price_usd, open_usd);
    return error == SQZ_OK ? SQZ_OK : sqz_fail(diag, error, "no memory for remarks");
}

static int read_record(struct job *job, struct sqz_diag *diag)
{
    struct sqz_scenario *scenario = &job->base.scenario[0];
    struct sqz_bound *bound = &job->bound;
    const struct sqz_record *record = &job->record;
    int error = sqz_record_read(&job->record, job->options.record, &scenario->remarks, diag);
    if (error != SQZ_OK)
        return error;
    const struct sqz_bar *bar = record->bar;
    job->bars = sqz_record_stretch(record, 0, INFINITY);
    bound->open_usd = bar[0].open_usd;
    bound->begin_s = bar[0].time_s;
    bound->length_s = bar[job->bars - 1].time_s + record->step_s - bar[0].time_s;
    bound->high_usd = bound->low_usd = bound->open_usd;
    for (size_t i = 0; i < job->bars; i++) {
        bound->high_usd = fmax(bound->high_usd, bar[i].high_usd);
        bound->low_usd = fmin(bound->low_usd, bar[i].low_usd);
    }
    bound->range_log = log(bound->high_usd / bound->low_usd);
    error = check_price(job, diag);
    sqz_say_remarks(&scenario->remarks, &job->options);
    return error;
}

/* ---- rounds of scales ----------------------------------------------------------------------- */

static void show_progress(void *context, uint64_t done)
{
    struct job *job = context;
    sqz_progress_update(&job->progress, job->before + done);
}

/* The scenario at a scale, over the length of the record. */
static int vary(const struct job *job, double scale, struct sqz_scenario *scenario,
                struct sqz_diag *diag)
{
    const struct sqz_scenario *base = &job->base.scenario[0];
    char text[2][64];
    const char *set[] = {text[0], text[1], "impact=off"};
    /* No scale is 0; without impact its levels move nothing. */
    double factor = scale > 0 ? scale : 1;
    snprintf(text[0], sizeof text[0], "levels.scale=%.17g", factor * base->params.levels_scale);
    snprintf(text[1], sizeof text[1], "horizon=%.17g s", job->bound.length_s);
    struct sqz_load_options options = {
        .set = set, .n_set = scale > 0 ? 2 : 3, .allow_crossed = job->options.allow_crossed};
    return sqz_scenario_vary(scenario, base, &options, &sqz_registry, diag);
}

static int run_worlds(struct job *job, struct sqz_scenario *scenario, const double *scale,
                      size_t count, struct sqz_diag *diag)
{
    const struct sqz_world *world[FIRST];
    struct sqz_interrupt before;
    for (size_t i = 0; i < count; i++)
        world[i] = &scenario[i].world;
    struct sqz_bound_runner runner = {.exit_table = job->base.plan.exit_table,
                                      .seed = job->base.seed,
                                      .paths = job->options.paths,
                                      .max_events = job->options.max_events,
                                      .jobs = job->options.jobs,
                                      .progress = show_progress,
                                      .context = job};
    runner.stop = sqz_interrupt_begin(&before);
    int error = sqz_bound_run(&job->bound, world, scale, count, &runner, diag);
    sqz_interrupt_end(&before);
    job->before += job->options.paths;
    return error;
}

static int run_round(struct job *job, const double *scale, size_t count, struct sqz_diag *diag)
{
    struct sqz_scenario *scenario = calloc(FIRST, sizeof *scenario);
    size_t loaded = 0;
    int error = scenario != NULL ? SQZ_OK : sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for scales");
    for (; error == SQZ_OK && loaded < count; loaded += error == SQZ_OK)
        error = vary(job, scale[loaded], &scenario[loaded], diag);
    if (error == SQZ_OK)
        error = run_worlds(job, scenario, scale, count, diag);
    while (loaded > 0)
        sqz_scenario_free(&scenario[--loaded]);
    free(scenario);
    return error;
}

static int run(struct job *job, struct sqz_diag *diag)
{
    double between[BETWEEN];
    sqz_progress_begin(&job->progress, 2 * job->options.paths, job->options.quiet);
    int error = run_round(job, FIRST_SCALES, FIRST, diag);
    size_t count = error == SQZ_OK ? sqz_bound_between(&job->bound, BETWEEN, between) : 0;
    if (count > 0)
        error = run_round(job, between, count, diag);
    sqz_progress_end(&job->progress);
    if (error == SQZ_OK)
        sqz_bound_conclude(&job->bound);
    return error;
}

/* ---- text ----------------------------------------------------------------------------------- */

static void say_answer(const struct sqz_bound *bound)
{
    double largest = bound->point[bound->count - 1].scale;
    if (isnan(bound->upper_95))
        sqz_layout_print(stdout, 2, 0,
                         "Even without liquidations the price would have ranged more widely than "
                         "recorded 19 times in 20: the volatility is too high for this record, and "
                         "nothing can be said of the map.");
    else if (bound->open)
        sqz_layout_print(stdout, 2, 0,
                         "The record refutes no scale up to %g: it does not bound the map, and is "
                         "no evidence for it.",
                         largest);
    else
        sqz_layout_print(stdout, 2, 0,
                         "Had the map stood at more than %.2g times its notional when the record "
                         "began, the price would have ranged more widely 19 times in 20.",
                         bound->upper_95);
}

static void print_answer(const struct job *job)
{
    const struct sqz_bound *bound = &job->bound;
    char begin[SQZ_CLOCK_TEXT_SIZE], text[3][SQZ_TEXT_SIZE];
    sqz_layout_print(
        stdout, 0, 2, "%s: %s of record from %s, %s to %s usd, a range of %.3g %%",
        sqz_scenario_label(&job->base.scenario[0]), sqz_text_duration(text[0], bound->length_s),
        sqz_clock_format(begin, bound->begin_s), sqz_text_price(text[1], bound->low_usd),
        sqz_text_price(text[2], bound->high_usd), 100 * expm1(bound->range_log));
    putchar('\n');
    say_answer(bound);
    printf("\n  %10s   %s\n", "scale", "P(range at most as recorded)");
    for (size_t i = 0; i < bound->count; i++) {
        const struct sqz_bound_point *point = &bound->point[i];
        char cell[SQZ_INTERVAL_CELL];
        printf("  %10.3g   %s%s\n", point->scale,
               sqz_interval_cell(cell, &point->probability, SQZ_QUANTITY_SHARE, 0, 1),
               point->scale == 0 ? "   (without impact)" : "");
    }
    putchar('\n');
    sqz_layout_print(stdout, 2, 0,
                     "(assumes that the map's profile around the price was like this when the "
                     "record began, and the scenario's volatility, book and drivers; a low "
                     "probability refutes a scale, a high one proves nothing)");
}

/* ---- the command ---------------------------------------------------------------------------- */

static int write_result(struct job *job, struct sqz_diag *diag)
{
    const struct sqz_scenario *scenario = &job->base.scenario[0];
    struct sqz_run_record record = {.argc = job->options.argc,
                                    .argv = job->options.argv,
                                    .wall_s = sqz_progress_clock_s() - job->begun_s,
                                    .jobs = job->options.jobs};
    int error =
        sqz_result_dir_json(&job->dir, "bound.json", sqz_bound_json(&job->bound, scenario), diag);
    if (error == SQZ_OK)
        error = sqz_results_bound(&job->dir, &job->bound, diag);
    if (error == SQZ_OK)
        error = sqz_manifest_write(&job->dir, scenario, &record, diag);
    if (error == SQZ_OK)
        error = sqz_plot_scripts(job->dir.staging, true, diag);
    return error == SQZ_OK ? sqz_result_dir_commit(&job->dir, diag) : error;
}

static int bound(struct job *job, struct sqz_diag *diag)
{
    const struct sqz_options *options = &job->options;
    int error = read_record(job, diag);
    if (error == SQZ_OK && options->output != NULL)
        error = sqz_result_dir_open(&job->dir, options->output, options->force, diag);
    if (error != SQZ_OK)
        return error;
    sqz_session_say_seed(&job->base, options);
    error = run(job, diag);
    if (error == SQZ_OK && options->output != NULL)
        error = write_result(job, diag);
    if (error == SQZ_OK && options->json)
        error = sqz_report_bound(stdout, &job->bound, &job->base.scenario[0], diag);
    else if (error == SQZ_OK)
        print_answer(job);
    fflush(stdout); /* the answer comes first where both go to one place */
    if (error == SQZ_OK && options->output != NULL)
        error = sqz_simulation_draw(options, job->dir.path, diag);
    return error;
}

int sqz_cmd_bound(const struct sqz_options *options, struct sqz_diag *diag)
{
    struct job job = {.options = *options, .begun_s = sqz_progress_clock_s()};
    if (options->record == NULL)
        return sqz_fail(diag, SQZ_ERR_USAGE,
                        "squeeze bound needs --record FILE, the prices that followed the map");
    job.options.no_attribution = true;
    int error = sqz_session_open(&job.base, &job.options, diag);
    if (error == SQZ_OK) {
        error = bound(&job, diag);
        sqz_session_close(&job.base);
    }
    sqz_result_dir_discard(&job.dir);
    sqz_bound_free(&job.bound);
    sqz_record_free(&job.record);
    return error;
}
