/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/summary.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "sim/core/clearing.h"
#include "sim/core/venue_measures.h"
#include "sim/core/version.h"
#include "sim/io/known_depth.h"

const double sqz_quantile_level[SQZ_QUANTILES] = {0.01, 0.05, 0.25, 0.50, 0.75, 0.95, 0.99};
const char *const sqz_quantile_name[SQZ_QUANTILES] = {"p01", "p05", "p25", "p50",
                                                      "p75", "p95", "p99"};

static struct sqz_quantiles quantiles(const struct sqz_histogram *histogram)
{
    struct sqz_quantiles result;
    for (int i = 0; i < SQZ_QUANTILES; i++)
        result.value[i] = sqz_histogram_quantile(histogram, sqz_quantile_level[i]);
    return result;
}

/* Quantiles of a histogram of logs, of the quantity itself in units of `unit`. */
static struct sqz_quantiles quantiles_exp(const struct sqz_histogram *histogram, double unit)
{
    struct sqz_quantiles result = quantiles(histogram);
    for (int i = 0; i < SQZ_QUANTILES; i++)
        result.value[i] = unit * exp(result.value[i]);
    return result;
}

struct sqz_quantiles sqz_quantiles_price(const struct sqz_histogram *log, double start_usd)
{
    return quantiles_exp(log, start_usd);
}

/* The share of the move that is gone without impact: 1 - 1/r, r the ratio with to without. */
static struct sqz_estimate share_of_ratio(const struct sqz_estimate *r)
{
    return (struct sqz_estimate){1 - 1 / r->value, r->se / (r->value * r->value), 1 - 1 / r->lo,
                                 1 - 1 / r->hi};
}

/* By how much impact may change the largest excursion of a path: what all orders that can be forced
 * displace at once. */
static double largest_move_log(const struct sqz_world *world, double movable_usd)
{
    double largest = 0.0;
    for (int side = 0; side < 2 && movable_usd > 0; side++) {
        struct sqz_book_state state;
        sqz_book_reset(&state);
        sqz_book_execute(world->market.book, &state,
                         sqz_direction((enum sqz_side)side) * movable_usd, 1.0);
        largest = fmax(largest, fabs(state.permanent_log + state.displacement_log));
    }
    return largest;
}

static void attribute(struct sqz_summary *summary, const struct sqz_tally *tally,
                      const struct sqz_pair *pair, double largest_usd)
{
    double movable_usd =
        summary->world->market.impact ? largest_usd : 0.0; /* what impact may change */
    for (int w = 0; w < SQZ_WATCHES; w++) {
        summary->watch[w].without_impact = sqz_estimate_share(pair->touched_y[w], pair->paths);
        summary->watch[w].uplift =
            sqz_estimate_share_difference(pair->only_x[w], pair->only_y[w], pair->paths);
    }
    struct sqz_estimate move =
        sqz_pairs_ratio_within(&pair->move_log, largest_move_log(summary->world, movable_usd));
    summary->attributed = true;
    summary->direct_usd = sqz_mean_amount(&pair->forced_usd.y, largest_usd);
    summary->induced_usd = sqz_mean_change(&pair->forced_usd.difference, movable_usd);
    summary->gain = sqz_pairs_ratio_within(&pair->forced_usd, movable_usd);
    summary->endogenous_share = share_of_ratio(&move);
    summary->cascade_probability = sqz_estimate_share(tally->cascade_paths, tally->paths);
    struct sqz_estimate generations =
        sqz_estimate_count(tally->generations, tally->generations_squared, tally->paths);
    summary->generations =
        sqz_estimate_amount(generations.value, generations.se, 1.0, tally->paths);
    summary->max_generations = tally->max_generations;
    summary->largest_cascade_usd = quantiles_exp(&tally->largest_cascade_log, 1.0);
}

/* The fund and the accounts deleveraged for it: at a venue without deleveraging these cannot
 * change.
 */
static bool is_of_deleveraging(const struct sqz_measure *measure)
{
    return strcmp(measure->name, "fund") == 0 || strncmp(measure->name, "adl", 3) == 0;
}

/* The most that a measure can be on one path, for which the mean over paths without any must allow;
 * INFINITY where there is no limit. What drivers count may be any number: one more is allowed for.
 */
static double largest_measure(const struct sqz_scenario *scenario, const struct sqz_driver *driver,
                              const struct sqz_measure *measure)
{
    bool of_venue = driver->model == &sqz_venue_measures;
    if (of_venue && scenario->reg.model->rank == NULL && is_of_deleveraging(measure))
        return 0.0;
    if (of_venue && strcmp(measure->unit, "usd") == 0)
        return sqz_scenario_notional_usd(scenario);
    if (strcmp(measure->unit, "1") != 0)
        return INFINITY;
    return of_venue ? (double)scenario->reg.account_table.accounts : 1.0;
}

/* Of a measure that may be negative. Where it was the same on every path, as the balance of a fund
 * that nothing has touched, it could have been otherwise on as many paths as a probability of no
 * hits allows. */
static struct sqz_estimate measure_of_either_sign(const struct sqz_mean *mean, double largest)
{
    struct sqz_estimate estimate = sqz_mean_estimate(mean);
    if (isinf(largest) || isnan(estimate.se))
        return estimate;
    if (estimate.se > 0)
        return sqz_mean_change(mean, largest);
    double unseen = sqz_estimate_share(0, mean->count).hi * largest;
    return (struct sqz_estimate){estimate.value, estimate.se, estimate.value - unseen,
                                 estimate.value + unseen};
}

static void add_measures(struct sqz_summary *summary, const struct sqz_scenario *scenario,
                         const struct sqz_tally *tally)
{
    const struct sqz_mean *mean = tally->measure;
    struct sqz_estimate *estimate = summary->measure;
    for (size_t d = 0; d < scenario->world.n_drivers; d++) {
        const struct sqz_driver *driver = &scenario->world.driver[d];
        for (size_t m = 0; m < driver->model->n_measures; m++, mean++, estimate++) {
            const struct sqz_measure *measure = &driver->model->measures[m];
            double largest = largest_measure(scenario, driver, measure);
            *estimate = measure->either_sign ? measure_of_either_sign(mean, largest)
                                             : sqz_mean_amount(mean, largest);
        }
    }
}

void sqz_summary_make(struct sqz_summary *summary, const struct sqz_scenario *scenario,
                      const struct sqz_tally *tally, const struct sqz_pair *attribution,
                      uint64_t seed)
{
    const struct sqz_scenario_params *params = &scenario->params;
    double largest_usd = sqz_scenario_notional_usd(scenario);
    memset(summary, 0, sizeof *summary);
    summary->scenario = sqz_scenario_label(scenario);
    summary->remarks = &scenario->remarks;
    summary->world = &scenario->world;
    summary->seed = seed;
    summary->paths = tally->paths;
    summary->horizon_s = params->horizon_s;
    summary->start_price_usd = params->price_usd;
    double watch_usd[SQZ_WATCHES] = {params->target_usd, params->floor_usd};
    for (int w = 0; w < SQZ_WATCHES; w++) {
        summary->watch[w].price_usd = watch_usd[w];
        summary->watch[w].probability = sqz_estimate_share(tally->touched[w], tally->paths);
        summary->watch[w].time_s = quantiles(&tally->touch_s[w]);
    }
    summary->forced_usd = sqz_mean_amount(&tally->forced_usd, largest_usd);
    for (int side = 0; side < 2; side++)
        summary->forced_side_usd[side] =
            sqz_mean_amount(&tally->forced_side_usd[side], scenario->ladder.side[side].total_usd);
    summary->final_log = sqz_mean_estimate(&tally->final_mean_log);
    summary->forced_quantiles_usd = quantiles_exp(&tally->forced_log, 1.0);
    summary->peak_usd = sqz_quantiles_price(&tally->peak_log, params->price_usd);
    summary->trough_usd = sqz_quantiles_price(&tally->trough_log, params->price_usd);
    summary->final_usd = sqz_quantiles_price(&tally->final_log, params->price_usd);
    summary->unforced_paths = tally->forced_log.below;
    memcpy(summary->stopped, tally->stopped, sizeof summary->stopped);
    summary->exhausted_paths = tally->exhausted;
    summary->beyond_known_paths = tally->beyond_known;
    if (attribution != NULL)
        attribute(summary, tally, attribution, largest_usd);
    add_measures(summary, scenario, tally);
}

/* ---- JSON ---------------------------------------------------------------------------------- */

static json_t *quantiles_json(const struct sqz_quantiles *quantiles)
{
    json_t *object = json_object();
    for (int i = 0; i < SQZ_QUANTILES; i++)
        sqz_json_set(object, sqz_quantile_name[i], sqz_json_number(quantiles->value[i]));
    return object;
}

static void add_watch(json_t *object, const char *key, const struct sqz_watch_summary *watch,
                      bool attributed)
{
    if (isnan(watch->price_usd))
        return;
    json_t *answer = json_pack("{s:o, s:o}", "price_usd", sqz_json_number(watch->price_usd),
                               "probability", sqz_json_estimate(&watch->probability));
    if (attributed) {
        sqz_json_set(answer, "probability_without_impact",
                     sqz_json_estimate(&watch->without_impact));
        sqz_json_set(answer, "uplift", sqz_json_estimate(&watch->uplift));
    }
    sqz_json_set(answer, "time_s", quantiles_json(&watch->time_s));
    sqz_json_set(object, key, answer);
}

static json_t *forced_json(const struct sqz_summary *summary)
{
    json_t *forced = json_pack("{s:o, s:o, s:o}", "mean", sqz_json_estimate(&summary->forced_usd),
                               "short", sqz_json_estimate(&summary->forced_side_usd[SQZ_UP]),
                               "long", sqz_json_estimate(&summary->forced_side_usd[SQZ_DOWN]));
    if (summary->attributed) {
        sqz_json_set(forced, "direct", sqz_json_estimate(&summary->direct_usd));
        sqz_json_set(forced, "induced", sqz_json_estimate(&summary->induced_usd));
        sqz_json_set(forced, "gain", sqz_json_estimate(&summary->gain));
    }
    sqz_json_set(forced, "quantiles", quantiles_json(&summary->forced_quantiles_usd));
    sqz_json_set(forced, "unforced_paths", json_integer((json_int_t)summary->unforced_paths));
    return forced;
}

static void add_cascade(json_t *object, const struct sqz_summary *summary)
{
    if (!summary->attributed)
        return;
    sqz_json_set(object, "cascade",
                 json_pack("{s:o, s:o, s:{s:o, s:I}}", "probability",
                           sqz_json_estimate(&summary->cascade_probability), "largest_usd",
                           quantiles_json(&summary->largest_cascade_usd), "generations", "mean",
                           sqz_json_estimate(&summary->generations), "max",
                           (json_int_t)summary->max_generations));
    sqz_json_set(object, "endogenous_share", sqz_json_estimate(&summary->endogenous_share));
}

/* What the drivers say of themselves: { "flow": { "orders": E, ... }, ... }. */
static json_t *drivers_json(const struct sqz_summary *summary)
{
    json_t *drivers = json_object();
    const struct sqz_estimate *estimate = summary->measure;
    for (size_t d = 0; d < summary->world->n_drivers; d++) {
        const struct sqz_driver_model *model = summary->world->driver[d].model;
        json_t *object = json_object();
        for (size_t m = 0; m < model->n_measures; m++, estimate++)
            if (!model->measures[m].passing && !isnan(estimate->value))
                sqz_json_set(object, model->measures[m].name, sqz_json_estimate(estimate));
        sqz_json_set(drivers, model->name, object);
    }
    return drivers;
}

json_t *sqz_summary_json(const struct sqz_summary *summary)
{
    char seed[24];
    snprintf(seed, sizeof seed, "%" PRIu64, summary->seed);
    json_t *object =
        json_pack("{s:s, s:s, s:o, s:s, s:I, s:o, s:o}", "schema", "squeeze/batch-1", "version",
                  SQZ_VERSION, "scenario", sqz_json_text(summary->scenario), "seed", seed, "paths",
                  (json_int_t)summary->paths, "horizon_s", sqz_json_number(summary->horizon_s),
                  "start_price_usd", sqz_json_number(summary->start_price_usd));
    if (object == NULL)
        return NULL;
    add_watch(object, "target", &summary->watch[SQZ_TARGET], summary->attributed);
    add_watch(object, "floor", &summary->watch[SQZ_FLOOR], summary->attributed);
    sqz_json_set(object, "forced_usd", forced_json(summary));
    sqz_json_set(object, "peak_usd", quantiles_json(&summary->peak_usd));
    sqz_json_set(object, "trough_usd", quantiles_json(&summary->trough_usd));
    sqz_json_set(object, "final_usd", quantiles_json(&summary->final_usd));
    sqz_json_set(object, "final_log", sqz_json_estimate(&summary->final_log));
    add_cascade(object, summary);
    sqz_json_set(object, "stopped",
                 json_pack("{s:I, s:I}", "horizon", (json_int_t)summary->stopped[SQZ_STOP_HORIZON],
                           "max_events", (json_int_t)summary->stopped[SQZ_STOP_MAX_EVENTS]));
    sqz_json_set(object, "book_exhausted_paths",
                 json_integer((json_int_t)summary->exhausted_paths));
    sqz_json_set(
        object, "beyond_known_depth",
        sqz_known_json(summary->world->market.book, summary->beyond_known_paths, summary->paths));
    if (summary->world->n_drivers > 0)
        sqz_json_set(object, "drivers", drivers_json(summary));
    sqz_json_set(object, "remarks", sqz_remarks_json(summary->remarks));
    return object;
}
