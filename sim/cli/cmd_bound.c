/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "models/registry.h"
#include "sim/analysis/bound.h"
#include "sim/analysis/volatility.h"
#include "sim/cli/bound_text.h"
#include "sim/cli/commands.h"
#include "sim/cli/job.h"
#include "sim/cli/loading.h"
#include "sim/io/record.h"
#include "sim/io/report.h"
#include "sim/io/variant.h"

/* The first look: two decades around a map that is true, and what is below the scale at which most
 * maps of providers stand still. The second round lies where 5 % are crossed. */
static const double FIRST_SCALES[] = {0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10};
enum { FIRST = sizeof FIRST_SCALES / sizeof *FIRST_SCALES, BETWEEN = 4 };

/* A start price that is off the record's by more is one of another time. */
static const double STALE_LOG = 0.01;

struct bounding {
    struct sqz_job job;
    struct sqz_record record;
    struct sqz_bound bound;
    uint64_t before; /* paths of earlier rounds */
    double wall_s;
};

static struct sqz_scenario *scenario_of(const struct bounding *bounding)
{
    return &bounding->job.session.scenario[0];
}

/* ---- the record ----------------------------------------------------------------------------- */

static int check_price(const struct bounding *bounding, struct sqz_diag *diag)
{
    struct sqz_scenario *scenario = scenario_of(bounding);
    double price_usd = scenario->params.price_usd, open_usd = bounding->bound.open_usd;
    if (fabs(log(price_usd / open_usd)) <= STALE_LOG)
        return SQZ_OK;
    int error = sqz_remarks_add(
        &scenario->remarks, "other-price", scenario->file, 0, "price",
        "is %.10g usd, but the record begins at %.10g: the map and the record look like those of "
        "different times; only the range of the record is used",
        price_usd, open_usd);
    return error == SQZ_OK ? SQZ_OK : sqz_fail(diag, error, "no memory for remarks");
}

/* What the answer depends on, of the bars up to the first gap. */
static void measure_record(struct sqz_bound *bound, const struct sqz_record *record)
{
    const struct sqz_bar *bar = record->bar;
    size_t bars = sqz_record_stretch(record, 0, INFINITY);
    bound->open_usd = bound->high_usd = bound->low_usd = bar[0].open_usd;
    bound->begin_s = bar[0].time_s;
    bound->length_s = bar[bars - 1].time_s + record->step_s - bar[0].time_s;
    for (size_t i = 0; i < bars; i++) {
        bound->high_usd = fmax(bound->high_usd, bar[i].high_usd);
        bound->low_usd = fmin(bound->low_usd, bar[i].low_usd);
    }
    bound->range_log = log(bound->high_usd / bound->low_usd);
}

static int read_record(struct bounding *bounding, struct sqz_diag *diag)
{
    struct sqz_scenario *scenario = scenario_of(bounding);
    struct sqz_bound *bound = &bounding->bound;
    struct sqz_realised realised = {0};
    int error =
        sqz_record_read(&bounding->record, bounding->job.options.record, &scenario->remarks, diag);
    if (error == SQZ_OK)
        error = sqz_realised_init(&realised, &bounding->record, diag);
    if (error != SQZ_OK)
        return error;
    measure_record(bound, &bounding->record);
    bound->volatility_per_sqrt_s =
        sqrt(sqz_realised_rate(&realised, bound->begin_s, bound->begin_s + bound->length_s));
    sqz_realised_free(&realised);
    error = check_price(bounding, diag);
    sqz_say_remarks(&scenario->remarks, &bounding->job.options);
    return error;
}

/* ---- rounds of scales ----------------------------------------------------------------------- */

static void show_progress(void *context, uint64_t done)
{
    struct bounding *bounding = context;
    sqz_progress_update(&bounding->job.progress, bounding->before + done);
}

/* The scenario at a scale, over the length of the record. */
static int vary(const struct bounding *bounding, double scale, struct sqz_scenario *scenario,
                struct sqz_diag *diag)
{
    const struct sqz_scenario *base = scenario_of(bounding);
    char text[2][64];
    const char *set[] = {text[0], text[1], "impact=off"};
    /* No scale is 0; without impact its levels move nothing. */
    double factor = scale > 0 ? scale : 1;
    snprintf(text[0], sizeof text[0], "levels.scale=%.17g", factor * base->params.levels_scale);
    snprintf(text[1], sizeof text[1], "horizon=%.17g s", bounding->bound.length_s);
    struct sqz_load_options options = {.set = set,
                                       .n_set = scale > 0 ? 2 : 3,
                                       .allow_crossed = bounding->job.options.allow_crossed};
    return sqz_scenario_vary(scenario, base, &options, &sqz_registry, diag);
}

static int run_worlds(struct bounding *bounding, struct sqz_scenario *scenario, const double *scale,
                      size_t count, struct sqz_diag *diag)
{
    const struct sqz_job *job = &bounding->job;
    const struct sqz_world *world[FIRST];
    for (size_t i = 0; i < count; i++)
        world[i] = &scenario[i].world;
    struct sqz_bound_runner runner = {.exit_table = job->session.plan.exit_table,
                                      .seed = job->session.seed,
                                      .paths = job->options.paths,
                                      .max_events = job->options.max_events,
                                      .jobs = job->options.jobs,
                                      .stop = job->stop,
                                      .progress = show_progress,
                                      .context = bounding};
    int error = sqz_bound_run(&bounding->bound, world, scale, count, &runner, diag);
    bounding->before += job->options.paths;
    return error;
}

static int run_round(struct bounding *bounding, const double *scale, size_t count,
                     struct sqz_diag *diag)
{
    struct sqz_scenario *scenario = calloc(FIRST, sizeof *scenario);
    size_t loaded = 0;
    int error = scenario != NULL ? SQZ_OK : sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for scales");
    for (; error == SQZ_OK && loaded < count; loaded += error == SQZ_OK)
        error = vary(bounding, scale[loaded], &scenario[loaded], diag);
    if (error == SQZ_OK)
        error = run_worlds(bounding, scenario, scale, count, diag);
    while (loaded > 0)
        sqz_scenario_free(&scenario[--loaded]);
    free(scenario);
    return error;
}

/* ---- the command ---------------------------------------------------------------------------- */

static int plan(struct sqz_job *job, struct sqz_diag *diag)
{
    struct bounding *bounding = (struct bounding *)job;
    const struct sqz_options *options = &job->options;
    if (options->record == NULL)
        return sqz_fail(diag, SQZ_ERR_USAGE,
                        "squeeze bound needs --record FILE, the prices that followed the map");
    bounding->bound.seed = job->session.seed;
    job->total = 2 * options->paths;
    int error = read_record(bounding, diag);
    if (error == SQZ_OK && options->output != NULL)
        error = sqz_result_dir_open(&job->dir, options->output, options->force, diag);
    return error;
}

static int run(struct sqz_job *job, struct sqz_diag *diag)
{
    struct bounding *bounding = (struct bounding *)job;
    double between[BETWEEN];
    int error = run_round(bounding, FIRST_SCALES, FIRST, diag);
    size_t count = error == SQZ_OK ? sqz_bound_between(&bounding->bound, BETWEEN, between) : 0;
    if (count > 0)
        error = run_round(bounding, between, count, diag);
    bounding->wall_s = sqz_progress_clock_s() - job->begun_s;
    return error;
}

/* The first round is an answer, if a coarse one. */
static bool any(const struct sqz_job *job)
{
    return ((const struct bounding *)job)->bound.count > 0;
}

static int gather(struct sqz_job *job, struct sqz_diag *diag)
{
    (void)diag;
    sqz_bound_conclude(&((struct bounding *)job)->bound);
    return SQZ_OK;
}

static int write_data(struct sqz_job *job, struct sqz_diag *diag)
{
    const struct bounding *bounding = (struct bounding *)job;
    const struct sqz_bound *bound = &bounding->bound;
    const struct sqz_scenario *scenario = scenario_of(bounding);
    struct sqz_run_record record = sqz_job_record(job, bounding->wall_s);
    json_t *manifest = sqz_manifest_head(&record, bound->seed, bound->paths);
    sqz_manifest_add_scenario(manifest, scenario);
    int error = sqz_result_dir_json(&job->dir, SQZ_FILE_BOUND_ANSWER,
                                    sqz_bound_json(bound, scenario), diag);
    if (error == SQZ_OK)
        error = sqz_results_bound(&job->dir, bound, diag);
    if (error != SQZ_OK) {
        json_decref(manifest);
        return error;
    }
    return sqz_result_dir_json(&job->dir, SQZ_FILE_MANIFEST, manifest, diag);
}

static int json(struct sqz_job *job, struct sqz_diag *diag)
{
    const struct bounding *bounding = (struct bounding *)job;
    return sqz_report_bound(stdout, &bounding->bound, scenario_of(bounding), diag);
}

static void text(struct sqz_job *job)
{
    const struct bounding *bounding = (struct bounding *)job;
    sqz_bound_text(stdout, &bounding->bound, scenario_of(bounding));
}

static void say(struct sqz_job *job)
{
    const struct bounding *bounding = (struct bounding *)job;
    char what[64];
    snprintf(what, sizeof what, "%zu scales of %" PRIu64 " paths", bounding->bound.count,
             bounding->bound.paths);
    sqz_job_say_done(job, what, bounding->wall_s);
}

static int check(const struct sqz_job *job, struct sqz_diag *diag)
{
    const struct sqz_bound *bound = &((const struct bounding *)job)->bound;
    return sqz_check_cut_off(bound->cut_off, bound->paths * bound->count, diag);
}

static void close_bounding(struct sqz_job *job)
{
    struct bounding *bounding = (struct bounding *)job;
    sqz_bound_free(&bounding->bound);
    sqz_record_free(&bounding->record);
}

int sqz_cmd_bound(const struct sqz_options *options, struct sqz_diag *diag)
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
                                               .close = close_bounding};
    struct bounding bounding = {.job.options = *options};
    bounding.job.options.no_attribution = true; /* scale 0 is the world without impact */
    return sqz_job_run(&bounding.job, &STEPS, diag);
}
