/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/analysis/cohorts.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A factor this small is multiplied into the cohorts, so that it stays in range. */
static const double SMALL_FACTOR = 1e-100;
/* What is less than this share of a side is what rounding left. */
static const double DUST = 1e-12;
/* A bar that comes later than so many steps follows a gap. */
static const double LATE = 1.5;

void sqz_ledger_init(struct sqz_ledger *ledger, const struct sqz_cohort_terms *terms)
{
    *ledger = (struct sqz_ledger){.terms = *terms, .factor = {1, 1}, .last_s = NAN, .step_s = NAN};
}

void sqz_ledger_free(struct sqz_ledger *ledger)
{
    for (int side = 0; side < 2; side++)
        for (size_t l = 0; l < SQZ_LEVERAGES_MAX; l++) {
            free(ledger->grid[side][l].notional_usd);
            free(ledger->grid[side][l].weighted_log);
        }
    sqz_built_map_free(&ledger->map);
    memset(ledger, 0, sizeof *ledger);
}

/* ---- one grid ------------------------------------------------------------------------------- */

/* Room for a bin; old items keep their places. */
static bool cover(struct sqz_cohort_grid *grid, int64_t bin)
{
    int64_t first = grid->first, last = grid->first + (int64_t)grid->count - 1;
    if (grid->count > 0 && bin >= first && bin <= last)
        return true;
    int64_t spare = 64 + (int64_t)grid->count / 2;
    int64_t from = grid->count == 0 || bin < first ? bin - spare : first;
    int64_t to = grid->count == 0 || bin > last ? bin + spare : last;
    size_t count = (size_t)(to - from + 1);
    double *notional = calloc(count, sizeof *notional), *weighted = calloc(count, sizeof *weighted);
    if (notional == NULL || weighted == NULL) {
        free(notional);
        free(weighted);
        return false;
    }
    for (size_t i = 0; i < grid->count; i++) {
        notional[(size_t)(first - from) + i] = grid->notional_usd[i];
        weighted[(size_t)(first - from) + i] = grid->weighted_log[i];
    }
    free(grid->notional_usd);
    free(grid->weighted_log);
    int64_t up = grid->count > 0 ? first - from : 0;
    *grid = (struct sqz_cohort_grid){notional, weighted, from, count, grid->lo + up, grid->hi + up};
    return true;
}

static void add(struct sqz_ledger *ledger, struct sqz_cohort_grid *grid, double log_usd,
                double notional)
{
    int64_t bin = (int64_t)floor(log_usd / ledger->terms.bin_log);
    if (!cover(grid, bin)) {
        ledger->lost = true;
        return;
    }
    int64_t item = bin - grid->first;
    bool empty = grid->lo >= grid->hi;
    grid->notional_usd[item] += notional;
    grid->weighted_log[item] += notional * log_usd;
    grid->lo = empty || item < grid->lo ? item : grid->lo;
    grid->hi = empty || item >= grid->hi ? item + 1 : grid->hi;
}

/* Take out what a price reaches: longs at or above it, shorts at or below. Returns the notional. */
static double touch(struct sqz_cohort_grid *grid, enum sqz_side side, double log_usd,
                    double bin_log)
{
    double touched = 0;
    int64_t edge = (int64_t)floor(log_usd / bin_log) - grid->first;
    int64_t from = side == SQZ_DOWN && edge > grid->lo ? edge : grid->lo;
    int64_t end = side == SQZ_UP && edge < grid->hi ? edge + 1 : grid->hi;
    for (int64_t i = from; i < end; i++) {
        double notional = grid->notional_usd[i];
        if (notional <= 0 || sqz_direction(side) * (log_usd - grid->weighted_log[i] / notional) < 0)
            continue;
        touched += notional;
        grid->notional_usd[i] = grid->weighted_log[i] = 0;
    }
    return touched;
}

/* Draw the ends in to where something stands. */
static void trim(struct sqz_cohort_grid *grid)
{
    while (grid->lo < grid->hi && grid->notional_usd[grid->hi - 1] <= 0)
        grid->hi--;
    while (grid->lo < grid->hi && grid->notional_usd[grid->lo] <= 0)
        grid->lo++;
}

/* ---- a side --------------------------------------------------------------------------------- */

static double touch_side(struct sqz_ledger *ledger, enum sqz_side side, const struct sqz_bar *bar)
{
    double reach_log = log(side == SQZ_DOWN ? bar->low_usd : bar->high_usd), touched = 0;
    for (size_t l = 0; l < ledger->terms.leverages; l++) {
        touched += touch(&ledger->grid[side][l], side, reach_log, ledger->terms.bin_log);
        trim(&ledger->grid[side][l]);
    }
    touched *= ledger->factor[side];
    struct sqz_ledger_sums *sums = &ledger->map.sums[side];
    sums->touched_usd += touched;
    sums->standing_usd = fmax(0, sums->standing_usd - touched);
    return touched;
}

static void fold_factor(struct sqz_ledger *ledger, enum sqz_side side)
{
    if (ledger->factor[side] > SMALL_FACTOR)
        return;
    for (size_t l = 0; l < ledger->terms.leverages; l++)
        for (int64_t i = ledger->grid[side][l].lo; i < ledger->grid[side][l].hi; i++) {
            ledger->grid[side][l].notional_usd[i] *= ledger->factor[side];
            ledger->grid[side][l].weighted_log[i] *= ledger->factor[side];
        }
    ledger->factor[side] = 1;
}

/* The same share of all that stands goes. */
static double shrink(struct sqz_ledger *ledger, enum sqz_side side, double share)
{
    struct sqz_ledger_sums *sums = &ledger->map.sums[side];
    double gone = share * sums->standing_usd;
    sums->standing_usd -= gone;
    ledger->factor[side] *= 1 - share;
    if (share >= 1) { /* nothing is left to be scaled */
        ledger->factor[side] = 1;
        for (size_t l = 0; l < ledger->terms.leverages; l++) {
            free(ledger->grid[side][l].notional_usd);
            free(ledger->grid[side][l].weighted_log);
            ledger->grid[side][l] = (struct sqz_cohort_grid){NULL};
        }
    }
    fold_factor(ledger, side);
    return gone;
}

double sqz_cohort_naive_usd(const struct sqz_cohort_terms *terms, enum sqz_side side,
                            double leverage, double entry_usd)
{
    double direction = sqz_direction(side);
    return entry_usd * (1 + direction / leverage) / (1 + direction * terms->maintenance);
}

/* Split what is opened by leverage and buffer. A level that stands at once on the wrong side, as
 * where maintenance takes all of the margin, is put at the price. */
static void open_side(struct sqz_ledger *ledger, enum sqz_side side, double entry_usd, double usd)
{
    const struct sqz_cohort_terms *terms = &ledger->terms;
    double direction = sqz_direction(side), entry_log = log(entry_usd);
    size_t parts = terms->buffer_sigma > 0 ? SQZ_BUFFER_PARTS : 1;
    ledger->map.sums[side].opened_usd += usd;
    ledger->map.sums[side].standing_usd += usd;
    for (size_t l = 0; l < terms->leverages; l++) {
        double naive = sqz_cohort_naive_usd(terms, side, terms->leverage[l], entry_usd);
        double distance = naive > 0 ? fmax(0, direction * (log(naive) - entry_log)) : 20;
        for (size_t k = 0; k < parts; k++) {
            double z = parts > 1 ? gsl_cdf_ugaussian_Pinv((k + 0.5) / (double)parts) : 0;
            double buffer = terms->buffer_median * exp(terms->buffer_sigma * z);
            add(ledger, &ledger->grid[side][l], entry_log + direction * fmin(20, distance * buffer),
                usd * terms->share[l] / (double)parts / ledger->factor[side]);
        }
    }
}

/* ---- bars ----------------------------------------------------------------------------------- */

static void bring_to(struct sqz_ledger *ledger, enum sqz_side side, double target_usd,
                     double entry_usd)
{
    double standing = ledger->map.sums[side].standing_usd;
    if (target_usd > standing)
        open_side(ledger, side, entry_usd, target_usd - standing);
    else if (target_usd < standing * (1 - DUST))
        ledger->map.sums[side].closed_usd += shrink(ledger, side, 1 - target_usd / standing);
}

static void note_time(struct sqz_ledger *ledger, const struct sqz_bar *bar)
{
    double step_s = bar->time_s - ledger->last_s;
    if (step_s > LATE * ledger->step_s)
        ledger->map.gaps++;
    else if (!isnan(step_s))
        ledger->step_s = step_s;
    if (ledger->map.bars++ == 0)
        ledger->map.begin_s = bar->time_s;
    ledger->map.end_s = bar->time_s + (isnan(ledger->step_s) ? 0 : ledger->step_s);
    ledger->map.price_usd = bar->close_usd;
    ledger->last_s = bar->time_s;
}

/* Beside what was reported of the bar. */
static void note_reported(struct sqz_ledger *ledger, const struct sqz_bar *bar, double touched)
{
    double reported = bar->liquidated_usd[SQZ_UP] + bar->liquidated_usd[SQZ_DOWN];
    if (isnan(reported))
        return;
    ledger->map.reported_usd += reported;
    ledger->map.touched_then_usd += touched;
    ledger->n++;
    ledger->x += touched;
    ledger->y += reported;
    ledger->xx += touched * touched;
    ledger->yy += reported * reported;
    ledger->xy += touched * reported;
}

int sqz_ledger_bar(struct sqz_ledger *ledger, const struct sqz_bar *bar, struct sqz_diag *diag)
{
    const struct sqz_cohort_terms *terms = &ledger->terms;
    double entry = 0.25 * (bar->open_usd + bar->high_usd + bar->low_usd + bar->close_usd);
    double elapsed_s = isnan(ledger->last_s) ? 0 : bar->time_s - ledger->last_s, touched = 0;
    bool by_volume = isnan(bar->open_interest_usd);
    note_time(ledger, bar);
    ledger->map.from_volume = ledger->map.from_volume || by_volume;
    for (int side = 0; side < 2; side++) {
        touched += touch_side(ledger, (enum sqz_side)side, bar);
        ledger->map.sums[side].exited_usd +=
            shrink(ledger, (enum sqz_side)side, -expm1(-terms->exit_per_s * elapsed_s));
        double target =
            by_volume ? ledger->map.sums[side].standing_usd +
                            (isnan(bar->volume_usd) ? 0 : terms->volume_share * bar->volume_usd)
                      : bar->open_interest_usd;
        bring_to(ledger, (enum sqz_side)side, target, entry);
    }
    note_reported(ledger, bar, touched);
    return ledger->lost ? sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for cohorts") : SQZ_OK;
}

/* ---- the map -------------------------------------------------------------------------------- */

static size_t count_levels(const struct sqz_ledger *ledger)
{
    size_t count = 0;
    for (int side = 0; side < 2; side++)
        for (size_t l = 0; l < ledger->terms.leverages; l++)
            count += (size_t)(ledger->grid[side][l].hi - ledger->grid[side][l].lo);
    return count;
}

static int compare(const void *first, const void *second)
{
    const struct sqz_built_level *a = first, *b = second;
    if (a->price_usd != b->price_usd)
        return (a->price_usd > b->price_usd) - (a->price_usd < b->price_usd);
    return (a->leverage > b->leverage) - (a->leverage < b->leverage);
}

int sqz_ledger_map(const struct sqz_ledger *ledger, struct sqz_built_map *map,
                   struct sqz_diag *diag)
{
    *map = ledger->map;
    map->level = calloc(count_levels(ledger) + 1, sizeof *map->level);
    map->levels = 0;
    if (map->level == NULL)
        return sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for a map");
    for (int side = 0; side < 2; side++)
        for (size_t l = 0; l < ledger->terms.leverages; l++) {
            const struct sqz_cohort_grid *grid = &ledger->grid[side][l];
            for (int64_t i = grid->lo; i < grid->hi; i++) {
                double notional = grid->notional_usd[i] * ledger->factor[side];
                if (notional <= DUST * map->sums[side].standing_usd)
                    continue;
                map->level[map->levels++] = (struct sqz_built_level){
                    .side = (enum sqz_side)side,
                    .price_usd = exp(grid->weighted_log[i] / grid->notional_usd[i]),
                    .notional_usd = notional,
                    .leverage = ledger->terms.leverage[l]};
            }
        }
    qsort(map->level, map->levels, sizeof *map->level, compare);
    double spread = (ledger->n * ledger->xx - ledger->x * ledger->x) *
                    (ledger->n * ledger->yy - ledger->y * ledger->y);
    map->correlation =
        spread > 0 ? (ledger->n * ledger->xy - ledger->x * ledger->y) / sqrt(spread) : NAN;
    return SQZ_OK;
}
