/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/analysis/score_input.h"
#include "sim/cli/commands.h"
#include "sim/cli/job.h"
#include "sim/cli/loading.h"
#include "sim/cli/score_text.h"
#include "sim/io/report.h"
#include "sim/io/units.h"

static const uint64_t DEFAULT_PATHS = 400, LEAST_PATHS = 20;
static const char DEFAULT_HORIZONS[] = "1h,4h,24h", DEFAULT_SCALES[] = "0.1,1,10";

enum { OWN_SETS = 5 };

struct scoring {
    struct sqz_job job;
    const char *index; /* file name */
    struct sqz_score_input input;
    double scale[SQZ_SCORE_LIST_MAX];
    struct sqz_score_plan plan;
    struct sqz_score score;
    double wall_s;
};

static struct sqz_scenario *market_of(const struct scoring *scoring)
{
    return &scoring->job.session.scenario[0];
}

/* ---- the command line ----------------------------------------------------------------------- */

static int parse_list(const char *option, const char *text, enum sqz_dimension dimension,
                      double *value, size_t *count, struct sqz_diag *diag)
{
    char part[64];
    for (*count = 0; *text != '\0'; ++*count) {
        size_t length = strcspn(text, ",");
        bool known = length < sizeof part && *count < SQZ_SCORE_LIST_MAX;
        snprintf(part, sizeof part, "%.*s", (int)length, text);
        if (!known ||
            sqz_units_read(part, dimension == SQZ_DIM_TIME ? "s" : "1", dimension, &value[*count],
                           NULL) != SQZ_OK ||
            !(value[*count] > 0.0 && value[*count] < 1e12))
            return sqz_fail_at(diag, SQZ_ERR_USAGE, NULL, 0, option,
                               "'%s' cannot be used; expected up to %d values above 0, as %s", part,
                               SQZ_SCORE_LIST_MAX,
                               dimension == SQZ_DIM_TIME ? DEFAULT_HORIZONS : DEFAULT_SCALES);
        text += length + (text[length] == ',');
    }
    return *count > 0 ? SQZ_OK : sqz_fail_at(diag, SQZ_ERR_USAGE, NULL, 0, option, "is empty");
}

static int parse_lists(struct scoring *scoring, const struct sqz_options *options,
                       struct sqz_diag *diag)
{
    struct sqz_score_input *input = &scoring->input;
    int error =
        parse_list("--horizons", options->horizons != NULL ? options->horizons : DEFAULT_HORIZONS,
                   SQZ_DIM_TIME, input->horizon_s, &input->n_horizons, diag);
    if (error == SQZ_OK)
        error = parse_list("--scale", options->scales != NULL ? options->scales : DEFAULT_SCALES,
                           SQZ_DIM_NUMBER, scoring->scale, &scoring->plan.n_scales, diag);
    if (error == SQZ_OK && options->paths_given && options->paths < LEAST_PATHS)
        error = sqz_fail_at(diag, SQZ_ERR_USAGE, NULL, 0, "--paths",
                            "expected %" PRIu64 " or more for each map", LEAST_PATHS);
    return error;
}

/* What every map brings along is no key of the market. */
static int check_sets(const struct sqz_options *options, struct sqz_diag *diag)
{
    static const char *const OWN[] = {"price",  "horizon",      "volatility", "levels",
                                      "target", "levels.scale", "floor",      "positions"};
    for (size_t i = 0; i < options->n_set; i++)
        for (size_t k = 0; k < sizeof OWN / sizeof *OWN; k++) {
            size_t length = strlen(OWN[k]);
            if (strncmp(options->set[i], OWN[k], length) == 0 && options->set[i][length] == '=')
                return sqz_fail_at(diag, SQZ_ERR_USAGE, NULL, 0, "--set",
                                   "%s is each map's own: prices come from the index, volatility "
                                   "from the record, horizons and scales from --horizons and "
                                   "--scale",
                                   OWN[k]);
        }
    if (options->n_set + OWN_SETS > SQZ_CLI_SET_MAX)
        return sqz_fail_at(diag, SQZ_ERR_USAGE, NULL, 0, "--set", "is given too often");
    return SQZ_OK;
}

/* ---- the steps ------------------------------------------------------------------------------ */

static void make_plan(struct scoring *scoring)
{
    const struct sqz_job *job = &scoring->job;
    struct sqz_score_plan *score_plan = &scoring->plan;
    score_plan->base = &market_of(scoring)->world;
    score_plan->exit_table = job->session.plan.exit_table;
    score_plan->map = scoring->input.map;
    score_plan->n_maps = scoring->input.n_maps;
    score_plan->horizon_s = scoring->input.horizon_s;
    score_plan->n_horizons = scoring->input.n_horizons;
    score_plan->scale = scoring->scale;
    score_plan->seed = job->session.seed;
    score_plan->paths = job->options.paths_given ? job->options.paths : DEFAULT_PATHS;
    score_plan->max_events = job->options.max_events;
    score_plan->jobs = job->options.jobs;
}

/* A driver that moves the price, on top of a volatility that is the record's. */
static int remark_driver(struct sqz_scenario *market, const struct sqz_driver_item *item)
{
    struct sqz_diag placed = {0};
    snprintf(placed.field, sizeof placed.field, "%s", item->model->params[0].key);
    sqz_settings_locate(&market->settings, &placed);
    return sqz_remarks_add(&market->remarks, "moves-counted-twice", placed.file, placed.line,
                           placed.field,
                           "moves the price on top of the volatility of the record, which has such "
                           "moves in it: they are counted twice; expected a market without such "
                           "drivers");
}

/* Volatility is that of the record's returns, whatever made them. */
static int remark_drivers(struct sqz_scenario *market, struct sqz_diag *diag)
{
    struct sqz_driver_terms terms = sqz_scenario_driver_terms(market);
    int error = SQZ_OK;
    for (size_t d = 0; error == SQZ_OK && d < market->drivers.count; d++) {
        const struct sqz_driver_item *item = &market->drivers.item[d];
        struct sqz_driver_reach reach = {.volatility_multiplier = 1.0, .depth_multiplier = 1.0};
        if (item->active && item->model->reach != NULL)
            item->model->reach(item->params, &terms, &reach);
        if (reach.carry_log > 0.0)
            error = remark_driver(market, item);
    }
    return error == SQZ_OK ? SQZ_OK : sqz_fail(diag, error, "no memory for remarks");
}

static int plan(struct sqz_job *job, struct sqz_diag *diag)
{
    struct scoring *scoring = (struct scoring *)job;
    struct sqz_scenario *market = market_of(scoring);
    int error = sqz_score_input_read(&scoring->input, job->options.record, &market->remarks, diag);
    if (error == SQZ_OK)
        error = sqz_score_input_pair(&scoring->input, job->session.seed, job->options.allow_crossed,
                                     &market->remarks, diag);
    if (error == SQZ_OK)
        error = remark_drivers(market, diag);
    sqz_say_remarks(&market->remarks, &job->options);
    if (error == SQZ_OK && job->options.output != NULL)
        error = sqz_result_dir_open(&job->dir, job->options.output, job->options.force, diag);
    make_plan(scoring);
    job->total = sqz_score_items(&scoring->plan);
    return error;
}

static void show_progress(void *context, uint64_t done)
{
    struct scoring *scoring = context;
    sqz_progress_update(&scoring->job.progress, done);
}

static int run(struct sqz_job *job, struct sqz_diag *diag)
{
    struct scoring *scoring = (struct scoring *)job;
    scoring->plan.stop = job->stop;
    scoring->plan.progress = show_progress;
    scoring->plan.context = scoring;
    int error = sqz_score_run(&scoring->score, &scoring->plan, diag);
    scoring->wall_s = sqz_progress_clock_s() - job->begun_s;
    return error;
}

/* Of maps scored in part nothing is said. */
static bool any(const struct sqz_job *job)
{
    (void)job;
    return false;
}

static int gather(struct sqz_job *job, struct sqz_diag *diag)
{
    (void)job;
    (void)diag;
    return SQZ_OK;
}

static int write_data(struct sqz_job *job, struct sqz_diag *diag)
{
    const struct scoring *scoring = (struct scoring *)job;
    const struct sqz_score *score = &scoring->score;
    struct sqz_run_record record = sqz_job_record(job, scoring->wall_s);
    json_t *manifest = sqz_manifest_head(&record, score->seed, score->paths);
    sqz_manifest_add_scenario(manifest, market_of(scoring));
    int error = sqz_result_dir_json(
        &job->dir, SQZ_FILE_SCORE_ANSWER,
        sqz_score_json(score, scoring->index, &market_of(scoring)->remarks), diag);
    if (error == SQZ_OK)
        error = sqz_results_score(&job->dir, score, diag);
    if (error != SQZ_OK) {
        json_decref(manifest);
        return error;
    }
    return sqz_result_dir_json(&job->dir, SQZ_FILE_MANIFEST, manifest, diag);
}

static int json(struct sqz_job *job, struct sqz_diag *diag)
{
    const struct scoring *scoring = (struct scoring *)job;
    return sqz_report_score(stdout, &scoring->score, scoring->index, &market_of(scoring)->remarks,
                            diag);
}

static void text(struct sqz_job *job)
{
    const struct scoring *scoring = (struct scoring *)job;
    sqz_score_text(stdout, &scoring->score, scoring->index);
}

static void say(struct sqz_job *job)
{
    const struct scoring *scoring = (struct scoring *)job;
    char what[64];
    snprintf(what, sizeof what, "%zu maps over %zu horizons at %zu scales", scoring->score.maps,
             scoring->plan.n_horizons, scoring->plan.n_scales);
    sqz_job_say_done(job, what, scoring->wall_s);
}

static int check(const struct sqz_job *job, struct sqz_diag *diag)
{
    const struct scoring *scoring = (const struct scoring *)job;
    return sqz_check_cut_off(scoring->score.cut_off,
                             job->total * scoring->score.paths * SQZ_SCORE_WORLDS, diag);
}

static void close_scoring(struct sqz_job *job)
{
    sqz_score_free(&((struct scoring *)job)->score);
}

/* ---- the market ----------------------------------------------------------------------------- */

/* A scenario file that says nothing, where --include names none. */
static FILE *open_blank(char path[32], struct sqz_diag *diag)
{
    FILE *blank = tmpfile();
    if (blank != NULL && fputs("key,value,unit\n", blank) != EOF && fflush(blank) == 0) {
        snprintf(path, 32, "/dev/fd/%d", fileno(blank));
        return blank;
    }
    if (blank != NULL)
        fclose(blank);
    sqz_fail(diag, SQZ_ERR_IO, "no temporary file could be made");
    return NULL;
}

/* The rows of a scenario that the market lacks: those of the first map, which no world uses. */
static void complete(struct sqz_options *options, const struct scoring *scoring,
                     char text[OWN_SETS][FILENAME_MAX + 64])
{
    const struct sqz_map_entry *entry = &scoring->input.index.entry[0];
    double longest_s = 0.0;
    for (size_t h = 0; h < scoring->input.n_horizons; h++)
        longest_s = sqz_greatest(longest_s, scoring->input.horizon_s[h]);
    snprintf(text[0], FILENAME_MAX + 64, "price=%.17g", entry->price_usd);
    snprintf(text[1], FILENAME_MAX + 64, "horizon=%.17g s", longest_s);
    snprintf(text[2], FILENAME_MAX + 64, "levels=%s", entry->levels);
    snprintf(text[3], FILENAME_MAX + 64, "volatility=0.02 1/sqrt(d)");
    snprintf(text[4], FILENAME_MAX + 64, "levels.scale=1e-9");
    for (int i = 0; i < OWN_SETS; i++)
        options->set[options->n_set++] = text[i];
}

/* An error of the blank file is one of what was not given. */
static void locate(struct sqz_diag *diag, const char *blank)
{
    if (blank[0] == '\0' || strcmp(diag->file, blank) != 0)
        return;
    size_t used = strlen(diag->message);
    diag->file[0] = '\0';
    diag->line = 0;
    snprintf(diag->message + used, sizeof diag->message - used,
             " (of the market: --include FILE, or --set)");
}

static int score(struct scoring *scoring, const struct sqz_options *options, struct sqz_diag *diag)
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
                                               .close = close_scoring};
    char set[OWN_SETS][FILENAME_MAX + 64], path[32] = "", *operand[] = {path};
    struct sqz_options *own = &scoring->job.options;
    FILE *blank = NULL;
    *own = *options;
    own->no_attribution = true;
    own->operand = operand;
    if (options->n_include > 1)
        return sqz_fail_at(diag, SQZ_ERR_USAGE, NULL, 0, "--include",
                           "given twice; expected one file, which may include others");
    if (options->n_include == 1)
        operand[0] = (char *)options->include[0];
    else if ((blank = open_blank(path, diag)) == NULL)
        return SQZ_ERR_IO;
    complete(own, scoring, set);
    int error = sqz_job_run(&scoring->job, &STEPS, diag);
    if (error != SQZ_OK)
        locate(diag, path);
    if (blank != NULL)
        fclose(blank);
    return error;
}

int sqz_cmd_score(const struct sqz_options *options, struct sqz_diag *diag)
{
    struct scoring scoring = {.index = options->operand[0]};
    if (options->record == NULL)
        return sqz_fail(diag, SQZ_ERR_USAGE,
                        "squeeze score needs --record FILE, the prices before and after the maps");
    int error = check_sets(options, diag);
    if (error == SQZ_OK)
        error = parse_lists(&scoring, options, diag);
    if (error == SQZ_OK)
        error = sqz_map_index_read(&scoring.input.index, options->operand[0], diag);
    if (error == SQZ_OK)
        error = score(&scoring, options, diag);
    sqz_score_input_free(&scoring.input);
    return error;
}
