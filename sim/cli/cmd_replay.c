/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "models/registry.h"
#include "sim/analysis/replay.h"
#include "sim/cli/commands.h"
#include "sim/cli/loading.h"
#include "sim/cli/query.h"
#include "sim/cli/replay_text.h"
#include "sim/io/recorded.h"
#include "sim/io/report.h"
#include "sim/io/units.h"

/* Levels stand again once the price has gone back by that much. */
static const double BACK_LOG = 0.01;

enum { LIST_MAX = 16 };

struct replaying {
    struct sqz_query query;
    struct sqz_record record;
    struct sqz_scenario scenario; /* on the record */
    bool loaded;
    struct sqz_replay replay;
    struct sqz_replay_flow flow;
    double depth_usd[LIST_MAX], scale[LIST_MAX], every_s;
    size_t depths, scales;
};

/* ---- the command line ----------------------------------------------------------------------- */

static int parse_list(const char *option, const char *text, enum sqz_dimension dimension,
                      double *value, size_t *count, struct sqz_diag *diag)
{
    char part[64];
    for (*count = 0; *text != '\0'; ++*count) {
        size_t length = strcspn(text, ",");
        snprintf(part, sizeof part, "%.*s", (int)length, text);
        if (length >= sizeof part || *count == LIST_MAX ||
            sqz_units_read(part, dimension == SQZ_DIM_USD ? "usd" : "1", dimension, &value[*count],
                           NULL) != SQZ_OK ||
            !(value[*count] > 0 && value[*count] < 1e15))
            return sqz_fail_at(diag, SQZ_ERR_USAGE, NULL, 0, option,
                               "'%s' cannot be used; expected up to %d values above 0", part,
                               LIST_MAX);
        text += length + (text[length] == ',');
    }
    return *count > 0 ? SQZ_OK : sqz_fail_at(diag, SQZ_ERR_USAGE, NULL, 0, option, "is empty");
}

static int parse_options(struct replaying *replaying, const struct sqz_options *options,
                         struct sqz_diag *diag)
{
    if (options->record == NULL)
        return sqz_fail(diag, SQZ_ERR_USAGE, "squeeze replay needs --record FILE, recorded bars");
    if (options->explain && options->on_top)
        return sqz_fail(diag, SQZ_ERR_USAGE,
                        "--explain takes the impact out of the record, --impact-on-top puts it on "
                        "top; expected one of them");
    if (!options->explain && (options->depth != NULL || options->scales != NULL))
        return sqz_fail_at(diag, SQZ_ERR_USAGE, NULL, 0,
                           options->depth != NULL ? "--depth" : "--scale", "goes with --explain");
    if (options->every != NULL &&
        (sqz_units_read(options->every, "s", SQZ_DIM_TIME, &replaying->every_s, NULL) != SQZ_OK ||
         !(replaying->every_s > 0)))
        return sqz_fail_at(diag, SQZ_ERR_USAGE, NULL, 0, "--every", "'%s' is not a time above 0",
                           options->every);
    int error = parse_list("--depth", options->depth != NULL ? options->depth : "300M,1bn,3bn",
                           SQZ_DIM_USD, replaying->depth_usd, &replaying->depths, diag);
    return error == SQZ_OK
               ? parse_list("--scale", options->scales != NULL ? options->scales : "0.1,0.3,1",
                            SQZ_DIM_NUMBER, replaying->scale, &replaying->scales, diag)
               : error;
}

/* ---- loading --------------------------------------------------------------------------------- */

/* What stands in the scenario and has no place here. */
static int check_scenario(const struct replaying *replaying, struct sqz_diag *diag)
{
    const struct sqz_options *options = replaying->query.options;
    const struct sqz_scenario *base = &replaying->query.scenario;
    const struct sqz_setting *impact = sqz_settings_find(&base->settings, "impact");
    if (options->rearm && base->world.venue != NULL)
        return sqz_fail_at(diag, SQZ_ERR_USAGE, NULL, 0, "--rearm",
                           "is of levels; an account that was liquidated does not stand again");
    if (impact != NULL && impact->file != NULL && base->world.market.impact && !options->on_top)
        return sqz_fail_at(diag, SQZ_ERR_DATA, impact->file, impact->line, "impact",
                           "is on, but a record contains the impact of what was forced already; "
                           "leave the row out, or put it on top by --impact-on-top");
    return SQZ_OK;
}

static int load_on_record(struct replaying *replaying, struct sqz_diag *diag)
{
    const struct sqz_options *options = replaying->query.options;
    struct sqz_scenario *base = &replaying->query.scenario;
    int error = sqz_record_read(&replaying->record, options->record, &base->remarks, diag);
    if (error != SQZ_OK)
        return error;
    struct sqz_recorded_terms terms = {.record = &replaying->record,
                                       .bars = sqz_record_stretch(&replaying->record, 0, INFINITY),
                                       .depth_usd = NAN,
                                       .impact = options->on_top,
                                       .allow_crossed = options->allow_crossed};
    sqz_say_remarks(&base->remarks, options);
    replaying->replay.record = &replaying->record;
    replaying->replay.bars = terms.bars;
    replaying->replay.on_top = options->on_top;
    error = sqz_recorded_load(&replaying->scenario, base, &terms, &sqz_registry, diag);
    replaying->loaded = error == SQZ_OK;
    return error;
}

/* ---- the answer ------------------------------------------------------------------------------ */

static int explain_depth(struct replaying *replaying, double depth_usd, struct sqz_diag *diag)
{
    struct sqz_scenario scenario;
    struct sqz_recorded_terms terms = {.record = &replaying->record,
                                       .bars = replaying->replay.bars,
                                       .depth_usd = depth_usd,
                                       .allow_crossed = true};
    int error =
        sqz_recorded_load(&scenario, &replaying->query.scenario, &terms, &sqz_registry, diag);
    if (error != SQZ_OK)
        return error;
    for (size_t s = 0; error == SQZ_OK && s < replaying->scales; s++)
        error = sqz_replay_explain(&replaying->replay, &replaying->flow, &scenario.book, depth_usd,
                                   replaying->scale[s], diag);
    sqz_scenario_free(&scenario);
    return error;
}

static int explain(struct replaying *replaying, struct sqz_diag *diag)
{
    int error = SQZ_OK;
    const struct sqz_scenario *base = &replaying->query.scenario;
    if (strcmp(base->book_model->name, "power") != 0)
        return sqz_fail_at(diag, SQZ_ERR_DATA, base->file, 0, "book",
                           "is a table, whose depth --explain cannot vary; expected book,power");
    if (!sqz_replay_moves(&replaying->replay))
        return sqz_fail_at(diag, SQZ_ERR_DATA, replaying->record.file, 0, NULL,
                           "never moves: there is nothing to explain");
    for (size_t d = 0; error == SQZ_OK && d < replaying->depths; d++)
        error = explain_depth(replaying, replaying->depth_usd[d], diag);
    return error;
}

static int make_answer(struct replaying *replaying, struct sqz_diag *diag)
{
    const struct sqz_options *options = replaying->query.options;
    struct sqz_replay *replay = &replaying->replay;
    int error = options->rearm
                    ? sqz_replay_rearmed(replay, &replaying->flow, &replaying->scenario.ladder,
                                         BACK_LOG, diag)
                    : sqz_replay_run(replay, &replaying->flow, &replaying->scenario.world, diag);
    if (error == SQZ_OK)
        sqz_replay_compare(replay);
    return error == SQZ_OK && options->explain ? explain(replaying, diag) : error;
}

static int write_result(struct replaying *replaying, struct sqz_diag *diag)
{
    struct sqz_query *query = &replaying->query;
    if (query->options->output == NULL)
        return SQZ_OK;
    int error = sqz_result_dir_json(&query->dir, SQZ_FILE_REPLAY_ANSWER,
                                    sqz_replay_json(&replaying->replay, &query->scenario), diag);
    if (error == SQZ_OK)
        error = sqz_results_replay(&query->dir, &replaying->replay, diag);
    return error == SQZ_OK ? sqz_query_commit(query, NULL, diag) : error;
}

static int print(struct replaying *replaying, struct sqz_diag *diag)
{
    if (replaying->query.options->json)
        return sqz_report_replay(stdout, &replaying->replay, &replaying->query.scenario, diag);
    sqz_replay_text(stdout, &replaying->replay, &replaying->query.scenario, replaying->every_s);
    return SQZ_OK;
}

int sqz_cmd_replay(const struct sqz_options *options, struct sqz_diag *diag)
{
    struct replaying replaying = {.every_s = 0};
    int error = parse_options(&replaying, options, diag);
    if (error == SQZ_OK)
        error = sqz_query_open(&replaying.query, options, diag);
    if (error == SQZ_OK)
        error = check_scenario(&replaying, diag);
    if (error == SQZ_OK)
        error = load_on_record(&replaying, diag);
    if (error == SQZ_OK)
        error = make_answer(&replaying, diag);
    if (error == SQZ_OK)
        error = write_result(&replaying, diag);
    if (error == SQZ_OK)
        error = print(&replaying, diag);
    if (error == SQZ_OK)
        error = sqz_query_draw(&replaying.query, diag);
    sqz_replay_free(&replaying.replay);
    sqz_replay_flow_free(&replaying.flow);
    if (replaying.loaded)
        sqz_scenario_free(&replaying.scenario);
    sqz_record_free(&replaying.record);
    sqz_query_close(&replaying.query);
    return error;
}
