/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/results.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- summary and manifest ------------------------------------------------------------------ */

int sqz_results_summary(const struct sqz_result_dir *dir, const struct sqz_summary *summary,
                        struct sqz_diag *diag)
{
    return sqz_result_dir_json(dir, SQZ_FILE_SUMMARY, sqz_summary_json(summary), diag);
}

static json_t *sampled_json(const struct sqz_run_record *record)
{
    json_t *list = json_array();
    for (uint64_t path = 0; path < record->sampled; path++)
        sqz_json_append(list, json_integer((json_int_t)path));
    return list;
}

/* Paths of paths.csv with fewer rows than events, and how many events they have. */
static json_t *thinned_json(const struct sqz_run_record *record)
{
    json_t *list = json_array();
    for (size_t i = 0; i < record->n_thinned; i++) {
        const struct sqz_thinned_path *thinned = &record->thinned[i];
        sqz_json_append(list, json_pack("{s:I, s:I, s:I}", "path", (json_int_t)thinned->path,
                                        "events", (json_int_t)thinned->events, "liquidations",
                                        (json_int_t)thinned->liquidations));
    }
    return list;
}

static json_t *cascade_json(const struct sqz_cascade *cascade)
{
    return json_pack("{s:f, s:f, s:f, s:I, s:i}", "begin_s", cascade->begin_s, "end_s",
                     cascade->end_s, "forced_usd", cascade->forced_usd, "liquidations",
                     (json_int_t)cascade->liquidations, "generations", cascade->generations);
}

int sqz_results_manifest(const struct sqz_result_dir *dir, const struct sqz_scenario *scenario,
                         const struct sqz_summary *summary, const struct sqz_run_record *record,
                         struct sqz_diag *diag)
{
    json_t *object = sqz_manifest_head(record, summary->seed, summary->paths);
    sqz_manifest_add_scenario(object, scenario);
    sqz_manifest_add_branching(object, scenario, record);
    sqz_json_set(object, "sampled_paths", sampled_json(record));
    sqz_json_set(object, "closeup_path", json_integer((json_int_t)record->closeup_path));
    if (record->closeup_cascade.liquidations > 0)
        sqz_json_set(object, "closeup_cascade", cascade_json(&record->closeup_cascade));
    if (record->n_thinned > 0)
        sqz_json_set(object, "thinned_paths", thinned_json(record));
    return sqz_result_dir_json(dir, SQZ_FILE_MANIFEST, object, diag);
}

/* ---- tables of numbers --------------------------------------------------------------------- */

static void write_fan_header(FILE *file, const char *prefix)
{
    for (int q = 0; q < SQZ_QUANTILES; q++)
        fprintf(file, ",%s%s", prefix, sqz_quantile_name[q]);
}

static void write_fan_row(FILE *file, const struct sqz_histogram *log, double start_usd)
{
    struct sqz_quantiles price = sqz_quantiles_price(log, start_usd);
    for (int q = 0; q < SQZ_QUANTILES; q++)
        fprintf(file, ",%.17g", price.value[q]);
}

int sqz_results_fan(const struct sqz_result_dir *dir, const struct sqz_scenario *scenario,
                    const struct sqz_tally *tally, const struct sqz_tally *shadow,
                    const double *output_s, struct sqz_diag *diag)
{
    FILE *file;
    int error = sqz_result_dir_create(dir, SQZ_FILE_FAN, &file, diag);
    if (error != SQZ_OK)
        return error;
    fputs("time_s", file);
    write_fan_header(file, "");
    if (shadow != NULL)
        write_fan_header(file, "no_impact_");
    fputc('\n', file);
    for (size_t i = 0; i < tally->n_fan && tally->fan[i].total > 0; i++) {
        fprintf(file, "%.17g", output_s[i]);
        write_fan_row(file, &tally->fan[i], scenario->params.price_usd);
        if (shadow != NULL)
            write_fan_row(file, &shadow->fan[i], scenario->params.price_usd);
        fputc('\n', file);
    }
    return sqz_result_dir_close(dir, SQZ_FILE_FAN, &file, diag);
}

/* Bins of a histogram of logs, printed as the quantity itself in units of `unit`. */
static void write_histogram(FILE *file, const char *prefix, const char *quantity,
                            const struct sqz_histogram *histogram, double unit)
{
    if (histogram->below > 0)
        fprintf(file, "%s%s,0,0,%" PRIu64 "\n", prefix, quantity, histogram->below);
    for (size_t p = 0; p < histogram->pages; p++)
        for (size_t k = 0; histogram->page[p] != NULL && k < SQZ_HISTOGRAM_PAGE; k++) {
            int64_t bin = (histogram->first + (int64_t)p) * SQZ_HISTOGRAM_PAGE + (int64_t)k;
            double left = (double)bin * histogram->width;
            if (histogram->page[p][k] > 0)
                fprintf(file, "%s%s,%.17g,%.17g,%" PRIu64 "\n", prefix, quantity, unit * exp(left),
                        unit * exp(left + histogram->width), histogram->page[p][k]);
        }
}

static void write_histograms(FILE *file, const char *prefix, const struct sqz_tally *tally,
                             double start_usd)
{
    write_histogram(file, prefix, "peak_usd", &tally->peak_log, start_usd);
    write_histogram(file, prefix, "trough_usd", &tally->trough_log, start_usd);
    write_histogram(file, prefix, "final_usd", &tally->final_log, start_usd);
    write_histogram(file, prefix, "forced_usd", &tally->forced_log, 1.0);
}

int sqz_results_histograms(const struct sqz_result_dir *dir, const struct sqz_scenario *scenario,
                           const struct sqz_tally *tally, const struct sqz_tally *shadow,
                           struct sqz_diag *diag)
{
    FILE *file;
    int error = sqz_result_dir_create(dir, SQZ_FILE_HISTOGRAMS, &file, diag);
    if (error != SQZ_OK)
        return error;
    fputs("quantity,lo,hi,count\n", file);
    write_histograms(file, "", tally, scenario->params.price_usd);
    write_histogram(file, "", "largest_cascade_usd", &tally->largest_cascade_log, 1.0);
    if (shadow != NULL)
        write_histograms(file, "no_impact_", shadow, scenario->params.price_usd);
    return sqz_result_dir_close(dir, SQZ_FILE_HISTOGRAMS, &file, diag);
}

/* ---- map ----------------------------------------------------------------------------------- */

/* Leverage as maps show it: up to 10, 25, 50, all above as 100, 0 for unknown. */
enum { TIERS = 5 };
static const double TIER_LEVERAGE[TIERS] = {0, 10, 25, 50, 100};

static int tier_of(double leverage)
{
    if (leverage <= 0)
        return 0;
    int tier = 1;
    while (tier < TIERS - 1 && leverage > TIER_LEVERAGE[tier])
        tier++;
    return tier;
}

/* About this many bars fit a figure; widths are 1, 2 or 5 times a power of ten. */
static const double MAP_BINS = 160;

static double nice_width(double least)
{
    static const double STEPS[] = {1, 2, 5, 10};
    double decade = pow(10.0, floor(log10(least)));
    for (size_t i = 0; i < sizeof STEPS / sizeof STEPS[0]; i++)
        if (STEPS[i] * decade >= least)
            return STEPS[i] * decade;
    return 10 * decade;
}

/* Levels further than this factor from the start price are gathered in the outermost bin. */
static const double MAP_REACH_LOG = M_LN2;

static double level_price(const struct sqz_ladder_side *levels, enum sqz_side side, size_t i,
                          double start_usd)
{
    double distance = fmin(levels->distance_log[i], MAP_REACH_LOG);
    return start_usd * exp(sqz_direction(side) * distance);
}

static double map_width(const struct sqz_ladder *ladder, double start_usd)
{
    double edge[2];
    for (int side = 0; side < 2; side++) {
        const struct sqz_ladder_side *levels = &ladder->side[side];
        edge[side] =
            levels->count > 0 ? level_price(levels, side, levels->count - 1, start_usd) : start_usd;
    }
    double span = fabs(edge[SQZ_UP] - edge[SQZ_DOWN]);
    return nice_width(fmax(span, 1e-3 * start_usd) / MAP_BINS);
}

static void write_bin(FILE *file, enum sqz_side side, double bin, double width,
                      const double notional[TIERS])
{
    double base = 0.0;
    for (int tier = 0; tier < TIERS; tier++) {
        if (notional[tier] <= 0)
            continue;
        fprintf(file, "%s,%.17g,%.17g,%.17g,%.17g,%.17g\n", sqz_side_name(sqz_position_on(side)),
                TIER_LEVERAGE[tier], bin * width, (bin + 1) * width, notional[tier], base);
        base += notional[tier];
    }
}

/* Prices are kept as logs; a level on the edge of a bin must not fall below it by rounding. */
static const double BIN_ROUNDING = 1e-9;

static void write_map_side(FILE *file, const struct sqz_ladder_side *levels, enum sqz_side side,
                           double start_usd, double width)
{
    double notional[TIERS] = {0}, bin = NAN;
    for (size_t i = 0; i < levels->count; i++) {
        double here = floor(level_price(levels, side, i, start_usd) / width + BIN_ROUNDING);
        if (here != bin && i > 0) {
            write_bin(file, side, bin, width, notional);
            memset(notional, 0, sizeof notional);
        }
        bin = here;
        notional[tier_of(levels->leverage[i])] += levels->notional_usd[i];
    }
    if (levels->count > 0)
        write_bin(file, side, bin, width, notional);
}

int sqz_results_map(const struct sqz_result_dir *dir, const struct sqz_scenario *scenario,
                    struct sqz_diag *diag)
{
    FILE *file;
    int error = sqz_result_dir_create(dir, SQZ_FILE_MAP, &file, diag);
    if (error != SQZ_OK)
        return error;
    double start_usd = scenario->params.price_usd;
    double width = map_width(&scenario->ladder, start_usd);
    fputs("side,leverage,lo_usd,hi_usd,notional_usd,base_usd\n", file);
    for (int side = 0; side < 2; side++)
        write_map_side(file, &scenario->ladder.side[side], side, start_usd, width);
    return sqz_result_dir_close(dir, SQZ_FILE_MAP, &file, diag);
}

/* ---- paths --------------------------------------------------------------------------------- */

/* A number, or an empty field where there is none. */
static void write_optional(FILE *file, double value)
{
    if (isnan(value))
        fputc(',', file);
    else
        fprintf(file, ",%.17g", value);
}

/* Names of the measures of a world's drivers as columns; `all`: also those that mean something only
 * along a path. */
static void write_measure_names(FILE *file, const struct sqz_world *world, bool all)
{
    for (size_t d = 0; d < world->n_drivers; d++) {
        const struct sqz_driver_model *model = world->driver[d].model;
        for (size_t m = 0; m < model->n_measures; m++)
            if (all || !model->measures[m].passing)
                fprintf(file, ",%s.%s", model->name, model->measures[m].name);
    }
}

static void write_measures(FILE *file, const struct sqz_world *world, const double *measure,
                           bool all)
{
    for (size_t d = 0; d < world->n_drivers; d++) {
        const struct sqz_driver *driver = &world->driver[d];
        for (size_t m = 0; m < driver->model->n_measures; m++, measure++) {
            const char *word = driver->model->word != NULL && !isnan(*measure)
                                   ? driver->model->word(driver->shared, m, *measure)
                                   : NULL;
            if (!all && driver->model->measures[m].passing)
                continue;
            if (word != NULL)
                fprintf(file, ",%s", word);
            else
                write_optional(file, *measure);
        }
    }
}

void sqz_results_outcomes_begin(FILE *file, const struct sqz_scenario *scenario)
{
    fputs("path,final_usd,peak_usd,trough_usd,forced_usd,forced_short_usd,"
          "forced_long_usd,short_liquidations,long_liquidations,target_time_s,"
          "floor_time_s,stopped,book_exhausted,beyond_known_depth",
          file);
    if (scenario->world.traced)
        fputs(",cascades,generations,largest_cascade_usd,no_impact_final_usd,no_impact_peak_usd,"
              "no_impact_trough_usd,no_impact_forced_usd,no_impact_target_time_s,"
              "no_impact_floor_time_s",
              file);
    write_measure_names(file, &scenario->world, false);
    fputc('\n', file);
}

/* What the same path ended with without impact. */
static void write_shadow(FILE *file, double start_usd, const struct sqz_outcome *shadow)
{
    fprintf(file, ",%.17g,%.17g,%.17g,%.17g", start_usd * exp(shadow->final_log),
            start_usd * exp(shadow->peak_log), start_usd * exp(shadow->trough_log),
            shadow->forced_usd[SQZ_UP] + shadow->forced_usd[SQZ_DOWN]);
    write_optional(file, shadow->touch_s[SQZ_TARGET]);
    write_optional(file, shadow->touch_s[SQZ_FLOOR]);
}

int sqz_results_outcomes_add(FILE *file, const struct sqz_scenario *scenario, uint64_t path,
                             const struct sqz_outcome *outcome, const struct sqz_outcome *shadow)
{
    double start_usd = scenario->params.price_usd;
    fprintf(file, "%" PRIu64 ",%.17g,%.17g,%.17g,%.17g,%.17g,%.17g,%" PRIu64 ",%" PRIu64, path,
            start_usd * exp(outcome->final_log), start_usd * exp(outcome->peak_log),
            start_usd * exp(outcome->trough_log),
            outcome->forced_usd[SQZ_UP] + outcome->forced_usd[SQZ_DOWN],
            outcome->forced_usd[SQZ_UP], outcome->forced_usd[SQZ_DOWN],
            outcome->liquidations[SQZ_UP], outcome->liquidations[SQZ_DOWN]);
    write_optional(file, outcome->touch_s[SQZ_TARGET]);
    write_optional(file, outcome->touch_s[SQZ_FLOOR]);
    fprintf(file, ",%s,%d,%d", outcome->stop == SQZ_STOP_HORIZON ? "horizon" : "max_events",
            outcome->exhausted, outcome->beyond_known);
    if (scenario->world.traced)
        fprintf(file, ",%" PRIu64 ",%u,%.17g", outcome->cascades, outcome->generations,
                outcome->largest_cascade_usd);
    if (scenario->world.traced)
        write_shadow(file, start_usd, shadow);
    write_measures(file, &scenario->world, outcome->measure, false);
    return fputc('\n', file) != EOF && !ferror(file) ? SQZ_OK : SQZ_ERR_IO;
}

void sqz_results_paths_begin(FILE *file)
{
    fputs("path,time_s,kind,price_usd,exogenous_usd,displacement_log,side,"
          "notional_usd,fill_usd,generation\n",
          file);
}

static void write_event(FILE *file, uint64_t path, const struct sqz_event *event, double start_usd)
{
    fprintf(file, "%" PRIu64 ",%.17g,%s,%.17g,%.17g,%.17g,", path, event->time_s,
            sqz_event_name(event->kind),
            start_usd * exp(event->exogenous_log + event->displacement_log),
            start_usd * exp(event->exogenous_log), event->displacement_log);
    if (sqz_event_trades(event->kind)) {
        fprintf(file, "%s,%.17g", sqz_side_name(sqz_closed_by(event->side)), event->notional_usd);
        write_optional(file, start_usd * exp(event->fill_log));
        write_optional(file, event->generation >= 0 ? event->generation : NAN);
        fputc('\n', file);
    } else {
        fputs(",,,\n", file);
    }
}

void sqz_results_paths_add(FILE *file, uint64_t path, const struct sqz_event_log *log,
                           double start_usd)
{
    for (size_t i = 0; i < log->count; i++)
        write_event(file, path, &log->event[i], start_usd);
}

/* ---- drivers ------------------------------------------------------------------------------- */

void sqz_results_drivers_begin(FILE *file, const struct sqz_scenario *scenario)
{
    const struct sqz_world *world = &scenario->world;
    fputs("path,time_s,kind,driver,price_usd,volatility_per_sqrt_d,depth_left,order_usd,jump_log",
          file);
    write_measure_names(file, world, true);
    fputc('\n', file);
}

void sqz_results_drivers_event(void *context, const struct sqz_event *event)
{
    static const double SECONDS_PER_DAY = 86400;
    const struct sqz_drivers_writer *writer = context;
    const struct sqz_world *world = &writer->scenario->world;
    FILE *file = writer->file;
    bool output = event->kind == SQZ_EVENT_OUTPUT;
    fprintf(file, "%" PRIu64 ",%.17g,%s,%s,%.17g", writer->path, event->time_s,
            sqz_event_name(event->kind), output ? "" : event->driver,
            writer->scenario->params.price_usd *
                exp(event->exogenous_log + event->displacement_log));
    write_optional(file, output ? event->volatility_per_sqrt_s * sqrt(SECONDS_PER_DAY) : NAN);
    write_optional(file, output ? event->depth_left : NAN);
    write_optional(file, event->kind == SQZ_EVENT_ORDER
                             ? sqz_order_sign(event->side) * event->notional_usd
                             : NAN);
    write_optional(file, event->kind == SQZ_EVENT_JUMP ? event->jump_log : NAN);
    if (output)
        write_measures(file, world, event->measure, true);
    else
        for (size_t m = 0; m < world->n_measures; m++)
            fputc(',', file);
    fputc('\n', file);
}
