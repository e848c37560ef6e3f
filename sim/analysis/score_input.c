/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/analysis/score_input.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/io/levels.h"

/* The forecast is chosen anew whenever the record before a map has grown by this factor: the choice
 * needs all of it. */
static const double RECORD_GROWN = 1.25;

/* A map's price that is off the record's by more is one of another market or time. */
static const double STALE_LOG = 0.01;

int sqz_score_input_read(struct sqz_score_input *input, const char *record,
                         struct sqz_remarks *remarks, struct sqz_diag *diag)
{
    int error = sqz_record_read(&input->record, record, remarks, diag);
    return error == SQZ_OK ? sqz_realised_init(&input->realised, &input->record, diag) : error;
}

void sqz_score_input_free(struct sqz_score_input *input)
{
    for (size_t m = 0; m < input->n_maps; m++)
        sqz_ladder_free(&input->map[m].ladder);
    free(input->map);
    free(input->ahead);
    sqz_realised_free(&input->realised);
    sqz_record_free(&input->record);
    sqz_map_index_free(&input->index);
    memset(input, 0, sizeof *input);
}

/* ---- what happened -------------------------------------------------------------------------- */

/* The extremes over the horizon from bar `first` on; false where a part of it was not recorded. */
static bool look_ahead(const struct sqz_record *record, size_t first, double horizon_s,
                       double happened_log[2])
{
    double open_usd = record->bar[first].open_usd, high_usd = open_usd, low_usd = open_usd;
    double slack_s = 0.5 * record->step_s, until_s = record->bar[first].time_s + horizon_s;
    size_t end = sqz_record_stretch(record, first, until_s - slack_s);
    if (record->bar[end - 1].time_s + record->step_s < until_s - slack_s)
        return false;
    for (size_t i = first; i < end; i++) {
        high_usd = fmax(high_usd, record->bar[i].high_usd);
        low_usd = fmin(low_usd, record->bar[i].low_usd);
    }
    happened_log[SQZ_UP] = log(high_usd / open_usd);
    happened_log[SQZ_DOWN] = log(open_usd / low_usd);
    return true;
}

/* ---- what was to be expected ---------------------------------------------------------------- */

/* The forecast for a horizon, chosen from what was recorded before `until_s`. */
struct forecast {
    struct sqz_volatility volatility;
    double known_s; /* length of the record when it was chosen; 0: not yet */
};

static int choose(struct forecast *forecast, const struct sqz_score_input *input, double time_s,
                  double horizon_s, struct sqz_diag *diag)
{
    double known_s = time_s - input->record.bar[0].time_s;
    if (forecast->known_s > 0.0 && known_s < RECORD_GROWN * forecast->known_s)
        return SQZ_OK;
    forecast->known_s = known_s;
    return sqz_volatility_choose(&forecast->volatility, &input->realised, time_s, horizon_s, diag);
}

static int expect(struct sqz_score_ahead *ahead, struct forecast *forecast,
                  const struct sqz_score_input *input, size_t first, double horizon_s,
                  struct sqz_diag *diag)
{
    double time_s = input->record.bar[first].time_s, begin_s = input->record.bar[0].time_s;
    double constant = sqrt(sqz_realised_rate(&input->realised, begin_s, time_s));
    *ahead = (struct sqz_score_ahead){NAN, NAN, {NAN, NAN}};
    if (!(constant > 0.0))
        return SQZ_OK;
    int error = choose(forecast, input, time_s, horizon_s, diag);
    if (error != SQZ_OK)
        return error;
    double expected = sqz_volatility_forecast(&forecast->volatility, &input->realised, time_s);
    if (!(expected > 0.0) || !look_ahead(&input->record, first, horizon_s, ahead->happened_log))
        return SQZ_OK;
    ahead->volatility_per_sqrt_s = expected;
    ahead->constant_per_sqrt_s = constant;
    return SQZ_OK;
}

/* ---- pairs ---------------------------------------------------------------------------------- */

/* Counted while pairing, for the remarks. */
struct counts {
    size_t unrecorded, stale;
};

/* The bar that a map is scored on; false where none opens at its time. */
static bool find_bar(const struct sqz_record *record, double time_s, size_t *first)
{
    *first = sqz_record_at(record, time_s);
    return *first < record->count && record->bar[*first].time_s - time_s < record->step_s &&
           (*first > 0 || record->bar[0].time_s == time_s);
}

static int read_ladder(struct sqz_score_map *map, const struct sqz_map_entry *entry,
                       double moved_log, bool allow_crossed, struct sqz_diag *diag)
{
    struct sqz_levels_terms terms = {
        .price_usd = entry->price_usd, .scale = 1, .allow_crossed = allow_crossed};
    struct sqz_ladder ladder = {0};
    int error = sqz_levels_read(&ladder, entry->levels, &terms, NULL, diag);
    if (error == SQZ_OK)
        error = sqz_score_ladder(&map->ladder, &ladder, moved_log, 1, false, diag);
    sqz_ladder_free(&ladder);
    return error;
}

static int pair(struct sqz_score_input *input, const struct sqz_map_entry *entry,
                struct forecast *forecast, bool allow_crossed, struct counts *counts,
                struct sqz_diag *diag)
{
    struct sqz_score_map *map = &input->map[input->n_maps];
    size_t first;
    if (!find_bar(&input->record, entry->time_s, &first)) {
        counts->unrecorded++;
        return SQZ_OK;
    }
    double moved_log = log(input->record.bar[first].open_usd / entry->price_usd);
    counts->stale += fabs(moved_log) > STALE_LOG;
    map->time_s = input->record.bar[first].time_s;
    map->ahead = &input->ahead[input->n_maps * input->n_horizons];
    int error = read_ladder(map, entry, moved_log, allow_crossed, diag);
    for (size_t h = 0; error == SQZ_OK && h < input->n_horizons; h++)
        error = expect(&map->ahead[h], &forecast[h], input, first, input->horizon_s[h], diag);
    if (error == SQZ_OK)
        input->n_maps++;
    else
        sqz_ladder_free(&map->ladder);
    return error;
}

/* A permutation that leaves no map in its place (Sattolo 1986), unless there is but one. */
static void shuffle(struct sqz_score_input *input, uint64_t seed)
{
    struct sqz_stream stream;
    sqz_stream_open(&stream, seed, 0, SQZ_STREAM_RECORDER);
    for (size_t m = 0; m < input->n_maps; m++)
        input->map[m].other = m;
    for (size_t m = input->n_maps; m-- > 1;) {
        size_t drawn = (size_t)(sqz_stream_uniform(&stream) * (double)m), held;
        held = input->map[m].other;
        input->map[m].other = input->map[drawn].other;
        input->map[drawn].other = held;
    }
}

static int remark(const struct sqz_score_input *input, const struct counts *counts,
                  struct sqz_remarks *remarks, struct sqz_diag *diag)
{
    size_t all = input->index.count;
    int error = SQZ_OK;
    if (counts->unrecorded > 0)
        error = sqz_remarks_add(remarks, "maps-unrecorded", input->record.file, 0, "time",
                                "%zu of %zu maps are of times that it does not hold: they are left "
                                "out",
                                counts->unrecorded, all);
    if (error == SQZ_OK && counts->stale > 0)
        error = sqz_remarks_add(remarks, "other-price", input->record.file, 0, "open_usd",
                                "is more than 1 %% off the index's price_usd for %zu of %zu maps: "
                                "index and record look like those of different markets or times",
                                counts->stale, all);
    return error == SQZ_OK ? SQZ_OK : sqz_fail(diag, error, "no memory for remarks");
}

static int check_horizons(const struct sqz_score_input *input, struct sqz_diag *diag)
{
    for (size_t h = 0; h < input->n_horizons; h++)
        if (input->horizon_s[h] < input->record.step_s)
            return sqz_fail_at(diag, SQZ_ERR_DATA, input->record.file, 0, "time",
                               "has bars of %g s, longer than a horizon of %g s",
                               input->record.step_s, input->horizon_s[h]);
    return SQZ_OK;
}

/* Whether anything can be scored. */
static int check_any(const struct sqz_score_input *input, struct sqz_diag *diag)
{
    for (size_t i = 0; i < input->n_maps * input->n_horizons; i++)
        if (!isnan(input->ahead[i].happened_log[SQZ_UP]))
            return SQZ_OK;
    return sqz_fail_at(diag, SQZ_ERR_DATA, input->record.file, 0, "time",
                       "holds no horizon after a map with bars before it; expected a record that "
                       "begins before the maps and ends after them");
}

int sqz_score_input_pair(struct sqz_score_input *input, uint64_t seed, bool allow_crossed,
                         struct sqz_remarks *remarks, struct sqz_diag *diag)
{
    struct forecast forecast[SQZ_SCORE_LIST_MAX] = {0};
    struct counts counts = {0};
    size_t maps = input->index.count;
    int error = check_horizons(input, diag);
    input->map = calloc(maps + 1, sizeof *input->map);
    input->ahead = calloc(maps * input->n_horizons + 1, sizeof *input->ahead);
    if (error == SQZ_OK && (input->map == NULL || input->ahead == NULL))
        error = sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for %zu maps", maps);
    for (size_t m = 0; error == SQZ_OK && m < maps; m++)
        error = pair(input, &input->index.entry[m], forecast, allow_crossed, &counts, diag);
    if (error == SQZ_OK)
        error = check_any(input, diag);
    if (error != SQZ_OK)
        return error;
    shuffle(input, seed);
    return remark(input, &counts, remarks, diag);
}
