/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/analysis/score_sum.h"

#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdlib.h>

#include "sim/analysis/clusters.h"
#include "sim/analysis/map.h"
#include "sim/analysis/proper.h"

static const double DAY_S = 86400;

enum { BINS = 5 }; /* of the reliability figure, per horizon */

/* A row's items, and room for as many numbers as there are maps, or clusters of them. */
struct column {
    const struct sqz_score_plan *plan;
    const struct sqz_scored *scored;
    size_t horizon, scale;
    double *value;
    long *block;
};

static const struct sqz_scored *scored_at(const struct column *column, size_t map)
{
    const struct sqz_score_plan *plan = column->plan;
    return &column->scored[(map * plan->n_horizons + column->horizon) * plan->n_scales +
                           column->scale];
}

/* Outcomes whose horizons overlap depend on each other: blocks are no shorter than the horizon. */
static long block_of(const struct sqz_score_plan *plan, size_t map, double horizon_s)
{
    return (long)floor(plan->map[map].time_s / fmax(DAY_S, horizon_s));
}

/* ---- differences of scores ------------------------------------------------------------------ */

/* Mean of world x less world y; y SQZ_SCORE_WORLDS stands for nothing. */
static int mean_of(struct sqz_estimate *mean, const struct column *column, int x, int y,
                   struct sqz_diag *diag)
{
    const struct sqz_score_plan *plan = column->plan;
    for (size_t m = 0; m < plan->n_maps; m++) {
        const struct sqz_scored *scored = scored_at(column, m);
        bool without = scored->missing || (x == SQZ_SCORE_SHUFFLED && plan->map[m].other == m) ||
                       (y == SQZ_SCORE_SHUFFLED && plan->map[m].other == m);
        double less = y < SQZ_SCORE_WORLDS ? scored->crps[y] : 0.0;
        column->value[m] = without ? NAN : scored->crps[x] - less;
        column->block[m] = block_of(plan, m, plan->horizon_s[column->horizon]);
    }
    return sqz_mean_of_days(mean, column->value, column->block, plan->n_maps, plan->seed, diag);
}

static int fill_differences(struct sqz_score_row *row, const struct column *column,
                            struct sqz_diag *diag)
{
    int error = mean_of(&row->crps_none, column, SQZ_SCORE_NONE, SQZ_SCORE_WORLDS, diag);
    for (int w = SQZ_SCORE_MAP; error == SQZ_OK && w < SQZ_SCORE_WORLDS; w++)
        error = mean_of(&row->minus_none[w], column, w, SQZ_SCORE_NONE, diag);
    if (error == SQZ_OK)
        error = mean_of(&row->map_minus_mirror, column, SQZ_SCORE_MAP, SQZ_SCORE_MIRROR, diag);
    if (error == SQZ_OK)
        error = mean_of(&row->map_minus_shuffled, column, SQZ_SCORE_MAP, SQZ_SCORE_SHUFFLED, diag);
    return error;
}

/* ---- calibration and power ------------------------------------------------------------------ */

/* The next map from `from` on that has an outcome and whose horizon begins at or after `free_s`. */
static size_t next_apart(const struct column *column, size_t from, double free_s)
{
    const struct sqz_score_plan *plan = column->plan;
    while (from < plan->n_maps &&
           (scored_at(column, from)->missing || plan->map[from].time_s < free_s))
        from++;
    return from;
}

/* The test is of independent numbers: of maps whose horizons do not overlap. */
static void fill_pits(struct sqz_score *score, struct sqz_score_row *row,
                      const struct column *column)
{
    const struct sqz_score_plan *plan = column->plan;
    double horizon_s = plan->horizon_s[column->horizon];
    for (int world = 0; world < 2; world++)
        for (int side = 0; side < 2; side++) {
            row->apart = 0;
            for (size_t m = next_apart(column, 0, -INFINITY); m < plan->n_maps;
                 m = next_apart(column, m + 1, plan->map[m].time_s + horizon_s))
                column->value[row->apart++] = scored_at(column, m)->pit[world][side];
            row->ks_p[world][side] = sqz_uniform_p(column->value, row->apart);
        }
    for (size_t m = 0; m < plan->n_maps; m++) {
        const struct sqz_scored *scored = scored_at(column, m);
        if (scored->missing)
            continue;
        struct sqz_score_pit *pit = &score->pit[score->n_pits++];
        pit->row = (size_t)(row - score->row);
        for (int world = 0; world < 2; world++)
            for (int side = 0; side < 2; side++)
                pit->value[world][side] = scored->pit[world][side];
    }
}

/* The difference varies within a map, by what happens, and from map to map. */
static void fill_power(struct sqz_score_row *row, const struct column *column)
{
    double within = 0.0;
    size_t count = 0;
    for (size_t m = 0; m < column->plan->n_maps; m++) {
        const struct sqz_scored *scored = scored_at(column, m);
        if (scored->missing)
            continue;
        column->value[count++] = scored->gain.mean;
        within += scored->gain.variance;
    }
    row->maps = count;
    row->uplift = row->maps_needed = NAN;
    if (count == 0)
        return;
    double between = count > 1 ? gsl_stats_variance(column->value, 1, count) : 0.0;
    row->uplift = gsl_stats_mean(column->value, 1, count);
    row->maps_needed = sqz_score_maps_needed(row->uplift, within / (double)count + between);
}

static int fill_row(struct sqz_score *score, size_t index, const struct column *column,
                    struct sqz_diag *diag)
{
    struct sqz_score_row *row = &score->row[index];
    row->horizon_s = column->plan->horizon_s[column->horizon];
    row->scale = column->plan->scale[column->scale];
    for (size_t m = 0; m < column->plan->n_maps; m++)
        score->cut_off += scored_at(column, m)->cut_off;
    int error = fill_differences(row, column, diag);
    if (error != SQZ_OK)
        return error;
    fill_power(row, column);
    fill_pits(score, row, column);
    return SQZ_OK;
}

/* ---- touches -------------------------------------------------------------------------------- */

/* Outward distance of the largest cluster of each side; INFINITY without any. */
static int find_largest(const struct sqz_score_plan *plan, size_t map, double distance_log[2],
                        struct sqz_diag *diag)
{
    struct sqz_static_world rest;
    struct sqz_world world = *plan->base;
    world.ladder = &plan->map[map].ladder;
    int error = sqz_static_world_init(&rest, &world, diag);
    for (int side = 0; error == SQZ_OK && side < 2; side++) {
        struct sqz_cluster cluster[SQZ_CLUSTERS_LARGEST + 1];
        size_t count = sqz_clusters_find(&rest, side, SQZ_MAP_SCALE_LOG, cluster), largest = 0;
        for (size_t i = 1; i < count; i++)
            largest = cluster[i].notional_usd > cluster[largest].notional_usd ? i : largest;
        distance_log[side] = count > 0 ? cluster[largest].price_log : INFINITY;
    }
    sqz_static_world_free(&rest);
    return error;
}

/* A cluster over a horizon: whether it was touched, and the probability without impact (the
 * reflection principle). NAN: not known. */
struct touched {
    double observed, law;
};

static struct touched touch_of(const struct sqz_score_plan *plan, size_t item, size_t horizon,
                               const double *distance_log)
{
    const struct sqz_score_ahead *ahead = &plan->map[item / 2].ahead[horizon];
    double happened_log = ahead->happened_log[item % 2];
    double unit_log = ahead->volatility_per_sqrt_s * sqrt(plan->horizon_s[horizon]);
    if (isinf(distance_log[item]) || isnan(happened_log))
        return (struct touched){NAN, NAN};
    return (struct touched){happened_log >= distance_log[item],
                            erfc(distance_log[item] / unit_log * M_SQRT1_2)};
}

/* Values of all clusters: observed, or observed less the law. */
static int mean_touch(struct sqz_estimate *mean, const struct column *column,
                      const double *distance_log, bool residual, struct sqz_diag *diag)
{
    const struct sqz_score_plan *plan = column->plan;
    for (size_t i = 0; i < 2 * plan->n_maps; i++) {
        struct touched touched = touch_of(plan, i, column->horizon, distance_log);
        column->value[i] = touched.observed - (residual ? touched.law : 0.0);
        column->block[i] = block_of(plan, i / 2, plan->horizon_s[column->horizon]);
    }
    return sqz_mean_of_days(mean, column->value, column->block, 2 * plan->n_maps, plan->seed, diag);
}

static int fill_touch(struct sqz_score_touch *touch, const struct column *column,
                      const double *distance_log, struct sqz_diag *diag)
{
    const struct sqz_score_plan *plan = column->plan;
    double sum = 0.0;
    touch->horizon_s = plan->horizon_s[column->horizon];
    for (size_t i = 0; i < 2 * plan->n_maps; i++) {
        struct touched touched = touch_of(plan, i, column->horizon, distance_log);
        if (isnan(touched.law))
            continue;
        sum += touched.law;
        touch->n++;
    }
    touch->without_impact = touch->n > 0 ? sum / (double)touch->n : NAN;
    int error = mean_touch(&touch->observed, column, distance_log, false, diag);
    return error == SQZ_OK ? mean_touch(&touch->residual, column, distance_log, true, diag) : error;
}

/* Clusters whose probability lies in a fifth of [0, 1]. */
static int fill_bin(struct sqz_score *score, const struct column *column,
                    const double *distance_log, int bin, struct sqz_diag *diag)
{
    const struct sqz_score_plan *plan = column->plan;
    struct sqz_score_bin *result = &score->bin[score->n_bins];
    double lo = (double)bin / BINS, hi = (double)(bin + 1) / BINS, sum = 0.0;
    *result =
        (struct sqz_score_bin){.horizon_s = plan->horizon_s[column->horizon], .lo = lo, .hi = hi};
    for (size_t i = 0; i < 2 * plan->n_maps; i++) {
        struct touched touched = touch_of(plan, i, column->horizon, distance_log);
        bool inside = touched.law >= lo && (touched.law < hi || bin + 1 == BINS);
        column->value[i] = inside ? touched.observed : NAN;
        column->block[i] = block_of(plan, i / 2, result->horizon_s);
        sum += inside ? touched.law : 0.0;
        result->n += inside;
    }
    if (result->n == 0)
        return SQZ_OK;
    result->predicted = sum / (double)result->n;
    score->n_bins++;
    return sqz_mean_of_days(&result->observed, column->value, column->block, 2 * plan->n_maps,
                            plan->seed, diag);
}

static int fill_touches(struct sqz_score *score, struct column *column, struct sqz_diag *diag)
{
    const struct sqz_score_plan *plan = column->plan;
    double *distance_log = malloc((2 * plan->n_maps + 1) * sizeof *distance_log);
    int error = SQZ_OK;
    if (distance_log == NULL)
        return sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for clusters");
    for (size_t m = 0; error == SQZ_OK && m < plan->n_maps; m++)
        error = find_largest(plan, m, &distance_log[2 * m], diag);
    for (size_t h = 0; error == SQZ_OK && h < plan->n_horizons; h++) {
        column->horizon = h;
        error = fill_touch(&score->touch[h], column, distance_log, diag);
        for (int bin = 0; error == SQZ_OK && bin < BINS; bin++)
            error = fill_bin(score, column, distance_log, bin, diag);
    }
    free(distance_log);
    return error;
}

/* ---- all ------------------------------------------------------------------------------------ */

static int reserve(struct sqz_score *score, struct column *column, struct sqz_diag *diag)
{
    const struct sqz_score_plan *plan = column->plan;
    size_t room = 2 * plan->n_maps + 1;
    score->n_rows = plan->n_horizons * plan->n_scales;
    score->n_scales = plan->n_scales;
    score->n_horizons = plan->n_horizons;
    score->row = calloc(score->n_rows + 1, sizeof *score->row);
    score->touch = calloc(score->n_horizons + 1, sizeof *score->touch);
    score->pit = calloc(score->n_rows * plan->n_maps + 1, sizeof *score->pit);
    score->bin = calloc(score->n_horizons * BINS + 1, sizeof *score->bin);
    column->value = malloc(room * sizeof *column->value);
    column->block = malloc(room * sizeof *column->block);
    if (score->row == NULL || score->touch == NULL || score->pit == NULL || score->bin == NULL ||
        column->value == NULL || column->block == NULL)
        return sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for %zu maps", plan->n_maps);
    return SQZ_OK;
}

static size_t count_days(const struct sqz_score_plan *plan)
{
    size_t days = 0;
    double last = NAN;
    for (size_t m = 0; m < plan->n_maps; m++) {
        double day = floor(plan->map[m].time_s / DAY_S);
        days += day != last;
        last = day;
    }
    return days;
}

int sqz_score_sum(struct sqz_score *score, const struct sqz_score_plan *plan,
                  const struct sqz_scored *scored, struct sqz_diag *diag)
{
    struct column column = {.plan = plan, .scored = scored};
    int error = reserve(score, &column, diag);
    score->seed = plan->seed;
    score->paths = plan->paths;
    score->maps = plan->n_maps;
    score->days = count_days(plan);
    for (size_t i = 0; error == SQZ_OK && i < score->n_rows; i++) {
        column.horizon = i / plan->n_scales;
        column.scale = i % plan->n_scales;
        error = fill_row(score, i, &column, diag);
    }
    if (error == SQZ_OK)
        error = fill_touches(score, &column, diag);
    free(column.value);
    free(column.block);
    return error;
}
