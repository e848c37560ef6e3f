/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/cli/commands.h"
#include "sim/cli/import_text.h"
#include "sim/cli/loading.h"
#include "sim/cli/text.h"
#include "sim/io/clock.h"
#include "sim/io/import_write.h"
#include "sim/io/output_file.h"

/* Everything that is opened, so that one place closes it. */
struct job {
    const struct sqz_options *options;
    const char *file; /* the first one, for what is said of all */
    struct sqz_import_terms terms, record_terms;
    struct sqz_import import, record;
    struct sqz_import_market market;
    struct sqz_import_answer *answer;
    size_t answers;
    bool folder; /* a history goes to a folder */
};

/* ---- what the user asks for ------------------------------------------------------------------ */

static int ways_to_scale(const struct sqz_options *options)
{
    return !isnan(options->scale_total_usd) + !isnan(options->scale_oi_usd) +
           options->scale_standstill + options->raw_usd;
}

static int check_options(const struct job *job, struct sqz_diag *diag)
{
    const struct sqz_options *options = job->options;
    if (ways_to_scale(options) > 1)
        return sqz_fail(diag, SQZ_ERR_USAGE,
                        "expected one of --scale-total, --scale-oi, --scale-standstill and "
                        "--raw-usd");
    if (!isnan(options->price_usd) && options->record != NULL)
        return sqz_fail_at(diag, SQZ_ERR_USAGE, NULL, 0, "--record",
                           "given with --price; expected one of them");
    return SQZ_OK;
}

/* A file that ends like a table is one, anything else the folder of a history. */
static bool is_table(const char *path)
{
    size_t length = strlen(path);
    return length > 4 && strcmp(path + length - 4, ".csv") == 0;
}

/* ---- the price of a map ---------------------------------------------------------------------- */

static int read_record(struct job *job, struct sqz_diag *diag)
{
    char *file = (char *)job->options->record;
    if (file == NULL)
        return SQZ_OK;
    job->record_terms = (struct sqz_import_terms){.format = "auto", .symbol = job->options->symbol};
    int error = sqz_import_read(&job->record, &job->record_terms, &file, 1, diag);
    if (error == SQZ_OK && job->record.format->kind != SQZ_IMPORT_BARS)
        error = sqz_fail_at(diag, SQZ_ERR_DATA, file, 0, NULL, "holds %s; expected recorded bars",
                            sqz_import_kind_name[job->record.format->kind]);
    if (error == SQZ_OK)
        error = sqz_import_finish(&job->record, file, diag);
    if (error == SQZ_OK)
        sqz_say_remarks(&job->record.remarks, job->options);
    return error;
}

/* The open of the first bar that begins at or after the time of a map. */
static int recorded_price(const struct job *job, const struct sqz_import_map *map, double *price,
                          struct sqz_diag *diag)
{
    const struct sqz_import_bar *bar = job->record.bar.item;
    char time[SQZ_CLOCK_TEXT_SIZE];
    size_t i = 0;
    if (isnan(map->time_s))
        return sqz_fail_at(diag, SQZ_ERR_USAGE, NULL, 0, "--record",
                           "the map says no time, so that the record says no price; expected "
                           "--price USD");
    while (i < job->record.bar.count && bar[i].time_s < map->time_s)
        i++;
    if (i == job->record.bar.count)
        return sqz_fail_at(diag, SQZ_ERR_DATA, job->options->record, 0, NULL,
                           "ends before %s, the time of a map",
                           sqz_clock_format(time, map->time_s));
    *price = bar[i].open_usd;
    return SQZ_OK;
}

static int fail_without_price(const struct job *job, const struct sqz_import_map *map,
                              struct sqz_diag *diag)
{
    return sqz_fail_at(diag, SQZ_ERR_USAGE, NULL, 0, "--price",
                       "%s (%s) says no price; expected --price USD, that of the market when the "
                       "map was made%s",
                       job->file, job->import.format->name,
                       isnan(map->time_s) ? "" : ", or --record with the bars of its time");
}

static const double STALE = 0.01;

static int remark_stale(struct job *job, double own_usd, double price_usd, struct sqz_diag *diag)
{
    double off = own_usd / price_usd - 1.0;
    if (isnan(off) || fabs(off) <= STALE)
        return SQZ_OK;
    return sqz_import_remark(&job->import, "stale-price", job->file, diag,
                             "the map was made at %.12g, %+.2f %% from the %.12g it is put around: "
                             "levels between them have fired, and others are nearer or farther "
                             "than they were",
                             own_usd, 100.0 * off, price_usd);
}

static int find_price(struct job *job, const struct sqz_import_map *map, double *price,
                      struct sqz_diag *diag)
{
    int error = SQZ_OK;
    *price = job->options->price_usd;
    if (!isnan(*price) && job->import.map.count > 1 && job->folder)
        return sqz_fail_at(diag, SQZ_ERR_USAGE, NULL, 0, "--price",
                           "one price for maps of %zu times; expected --record with the bars of "
                           "that time",
                           job->import.map.count);
    if (isnan(*price) && job->options->record != NULL)
        error = recorded_price(job, map, price, diag);
    if (error == SQZ_OK && isnan(*price))
        *price = map->price_usd;
    if (error == SQZ_OK && isnan(*price))
        error = fail_without_price(job, map, diag);
    return error == SQZ_OK ? remark_stale(job, map->price_usd, *price, diag) : error;
}

/* ---- the scale of a map ---------------------------------------------------------------------- */

/* Nobody knows what the dollars of a model are worth; whoever writes levels must say. */
static int fail_unscaled(const struct job *job, const struct sqz_import_answer *answer,
                         struct sqz_diag *diag)
{
    char text[SQZ_TEXT_SIZE];
    const double *total_usd = answer->levels.total_usd;
    return sqz_fail_at(diag, SQZ_ERR_USAGE, NULL, 0, job->import.format->name,
                       "its %s usd are a model's weights, not dollars; expected --scale-standstill "
                       "(times %.4g here), --scale-oi USD, --scale-total USD, or --raw-usd to take "
                       "them as they are",
                       sqz_text_money(text, total_usd[SQZ_UP] + total_usd[SQZ_DOWN]),
                       answer->standstill_scale);
}

static int find_scale(const struct job *job, struct sqz_import_answer *answer,
                      struct sqz_diag *diag)
{
    const struct sqz_options *options = job->options;
    const double *total_usd = answer->levels.total_usd;
    answer->scale = 1.0;
    if (!isnan(options->scale_total_usd))
        answer->scale = options->scale_total_usd / (total_usd[SQZ_UP] + total_usd[SQZ_DOWN]);
    if (!isnan(options->scale_oi_usd))
        answer->scale = options->scale_oi_usd / fmax(total_usd[SQZ_UP], total_usd[SQZ_DOWN]);
    if (options->scale_standstill)
        answer->scale = answer->standstill_scale;
    if (!isfinite(answer->scale))
        return sqz_fail_at(diag, SQZ_ERR_DATA, job->file, 0, NULL,
                           "holds nothing that could go off, so that it has no scale of that kind");
    if (job->import.format->modelled && options->output != NULL && ways_to_scale(options) == 0)
        return fail_unscaled(job, answer, diag);
    return SQZ_OK;
}

/* ---- maps ------------------------------------------------------------------------------------ */

/* A map most of which has fired is around another price, or its sides mean something else. */
static int remark_crossed(struct job *job, const struct sqz_import_levels *levels,
                          struct sqz_diag *diag)
{
    char text[2][SQZ_TEXT_SIZE];
    double left_usd = levels->total_usd[SQZ_UP] + levels->total_usd[SQZ_DOWN];
    double crossed_usd = job->import.dropped[SQZ_DROP_CROSSED].usd;
    if (job->folder || crossed_usd <= left_usd)
        return SQZ_OK;
    return sqz_import_remark(
        &job->import, "mostly-crossed", job->file, diag,
        "%s usd of %s lie on the wrong side of %.12g, shorts below it or longs "
        "above: look at the price, or take --side-from-price if the file "
        "means something else by its sides",
        sqz_text_money(text[0], crossed_usd), sqz_text_money(text[1], crossed_usd + left_usd),
        levels->price_usd);
}

static int make_answer(struct job *job, const struct sqz_import_map *map,
                       struct sqz_import_answer *answer, struct sqz_diag *diag)
{
    double price_usd;
    int error = find_price(job, map, &price_usd, diag);
    if (error == SQZ_OK)
        error = sqz_import_levels_make(&answer->levels, &job->import, map, price_usd, diag);
    if (error == SQZ_ERR_DATA && diag->file[0] == '\0')
        snprintf(diag->file, sizeof diag->file, "%s", job->file);
    if (error == SQZ_OK)
        error = remark_crossed(job, &answer->levels, diag);
    if (error == SQZ_OK)
        error = sqz_import_market_judge(&job->market, answer, diag);
    if (error == SQZ_OK)
        error = find_scale(job, answer, diag);
    if (error == SQZ_OK)
        sqz_import_levels_scale(&answer->levels, answer->scale);
    return error;
}

/* Of a history that goes to one file, or nowhere, the last map is meant. */
static int choose_maps(struct job *job, size_t *first, struct sqz_diag *diag)
{
    struct sqz_rows *map = &job->import.map;
    int error = sqz_import_order_maps(&job->import, diag);
    if (error == SQZ_ERR_DATA)
        snprintf(diag->file, sizeof diag->file, "%s", job->file);
    if (error != SQZ_OK)
        return error;
    job->folder = job->options->output != NULL && !is_table(job->options->output);
    *first = job->folder ? 0 : map->count - 1;
    for (size_t i = 0; i < *first; i++)
        sqz_import_drop(&job->import, SQZ_DROP_EARLIER, 0.0);
    return SQZ_OK;
}

static int make_answers(struct job *job, struct sqz_diag *diag)
{
    const struct sqz_import_map *map;
    size_t first;
    int error = choose_maps(job, &first, diag);
    if (error == SQZ_OK)
        error = sqz_import_market_open(&job->market, job->options, diag);
    if (error != SQZ_OK)
        return error;
    job->answer = calloc(job->import.map.count - first, sizeof *job->answer);
    if (job->answer == NULL)
        return sqz_import_no_memory(diag);
    map = job->import.map.item;
    for (size_t i = first; error == SQZ_OK && i < job->import.map.count; i++)
        error = make_answer(job, &map[i], &job->answer[job->answers++], diag);
    return error;
}

/* ---- the files ------------------------------------------------------------------------------- */

static int write_file(const struct job *job, struct sqz_diag *diag)
{
    struct sqz_output_file output;
    int error = sqz_output_file_open(&output, job->options->output, job->options->force, diag);
    if (error != SQZ_OK)
        return error;
    if (job->answers > 0)
        sqz_import_write_levels(output.file, &job->answer[0].levels);
    else
        sqz_import_write(output.file, &job->import);
    return sqz_output_file_commit(&output, diag);
}

static int write_history(const struct job *job, struct sqz_diag *diag)
{
    struct sqz_import_levels *levels = malloc(job->answers * sizeof *levels);
    if (levels == NULL)
        return sqz_import_no_memory(diag);
    for (size_t i = 0; i < job->answers; i++)
        levels[i] = job->answer[i].levels;
    int error = isnan(levels[0].time_s)
                    ? sqz_fail_at(diag, SQZ_ERR_USAGE, NULL, 0, "--output",
                                  "'%s' is a folder's name, for a history, but the map says no "
                                  "time; expected a file, as in levels.csv",
                                  job->options->output)
                    : sqz_import_write_history(job->options->output, levels, job->answers,
                                               job->options->force, diag);
    free(levels);
    return error;
}

static int write_result(const struct job *job, struct sqz_diag *diag)
{
    if (job->options->output == NULL)
        return SQZ_OK;
    return job->answers > 0 && job->folder ? write_history(job, diag) : write_file(job, diag);
}

/* ---- the command ----------------------------------------------------------------------------- */

static int load(struct job *job, struct sqz_diag *diag)
{
    const struct sqz_options *options = job->options;
    job->terms = (struct sqz_import_terms){.format = options->operand[0],
                                           .columns = options->columns,
                                           .symbol = options->symbol,
                                           .side_from_price = options->side_from_price};
    int error = check_options(job, diag);
    if (error == SQZ_OK)
        error = sqz_import_check_terms(&job->terms, diag);
    if (error == SQZ_OK)
        error = read_record(job, diag);
    if (error == SQZ_OK)
        error = sqz_import_read(&job->import, &job->terms, options->operand + 1,
                                (size_t)options->n_operands - 1, diag);
    if (error == SQZ_OK)
        error = sqz_import_finish(&job->import, job->file, diag);
    if (error == SQZ_OK && job->import.format->kind == SQZ_IMPORT_LEVELS)
        return make_answers(job, diag);
    if (error == SQZ_OK && ways_to_scale(options) > 0)
        error = sqz_fail(diag, SQZ_ERR_USAGE, "%s have no scale; expected a map with --scale-*",
                         sqz_import_kind_name[job->import.format->kind]);
    return error;
}

static int print(const struct job *job, struct sqz_diag *diag)
{
    struct sqz_import_result result = {.import = &job->import,
                                       .answer = job->answer,
                                       .answers = job->answers,
                                       .depth_usd = job->market.depth_usd,
                                       .volatility_per_sqrt_s = job->market.volatility_per_sqrt_s,
                                       .output = job->options->output};
    if (job->options->json)
        return sqz_import_result_json(stdout, &result, diag);
    sqz_import_text_print(stdout, &result, &job->market, strcmp(job->terms.format, "auto") == 0);
    return SQZ_OK;
}

static void close_job(struct job *job)
{
    for (size_t i = 0; i < job->answers; i++)
        sqz_import_levels_free(&job->answer[i].levels);
    free(job->answer);
    sqz_import_market_free(&job->market);
    sqz_import_free(&job->import);
    sqz_import_free(&job->record);
}

int sqz_cmd_import(const struct sqz_options *options, struct sqz_diag *diag)
{
    struct job job = {.options = options, .file = options->operand[1]};
    int error = load(&job, diag);
    if (error == SQZ_OK)
        error = write_result(&job, diag);
    if (error == SQZ_OK)
        sqz_say_remarks(&job.import.remarks, options);
    if (error == SQZ_OK)
        error = print(&job, diag);
    close_job(&job);
    return error;
}
