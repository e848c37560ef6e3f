/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/import_result.h"

#include <math.h>
#include <string.h>

#include "sim/io/clock.h"
#include "sim/io/json.h"

enum { MIX_MOST = 64 };

const char *sqz_import_coverage(const struct sqz_import *import)
{
    return import->format->modelled ? "modelled" : "measured";
}

size_t sqz_import_row_count(const struct sqz_import *import)
{
    switch (import->format->kind) {
    case SQZ_IMPORT_POSITIONS:
        return import->position.count;
    case SQZ_IMPORT_TIERS:
        return import->tier.count;
    case SQZ_IMPORT_BARS:
        return import->bar.count;
    default:
        return import->depth.count;
    }
}

void sqz_import_positions_usd(const struct sqz_import *import, double total_usd[2])
{
    const struct sqz_import_position *position = import->position.item;
    total_usd[SQZ_UP] = total_usd[SQZ_DOWN] = 0.0;
    for (size_t i = 0; i < import->position.count; i++)
        total_usd[position[i].side] +=
            position[i].quantity *
            (isnan(position[i].mark_usd) ? position[i].entry_usd : position[i].mark_usd);
}

struct sqz_import_dropped sqz_import_all_dropped(const struct sqz_import *import)
{
    struct sqz_import_dropped all = {0};
    for (int d = 0; d < SQZ_DROPS; d++)
        if (d != SQZ_DROP_EARLIER && d != SQZ_DROP_OTHER) {
            all.count += import->dropped[d].count;
            all.usd += import->dropped[d].usd;
        }
    return all;
}

/* ---- leverage -------------------------------------------------------------------------------- */

static void add_share(struct sqz_import_share *share, size_t *count, size_t most,
                      const struct sqz_import_level *level)
{
    size_t at = 0;
    while (at < *count && share[at].leverage < level->leverage)
        at++;
    if (at < *count && share[at].leverage == level->leverage) {
        share[at].usd += level->notional_usd;
        return;
    }
    if (*count == most)
        return;
    memmove(&share[at + 1], &share[at], (*count - at) * sizeof *share);
    share[at] = (struct sqz_import_share){level->leverage, level->notional_usd};
    ++*count;
}

size_t sqz_import_mix(const struct sqz_import_levels *levels, struct sqz_import_share *share,
                      size_t most)
{
    const struct sqz_import_level *level = levels->row.item;
    size_t count = 0;
    for (size_t i = 0; i < levels->row.count; i++)
        add_share(share, &count, most, &level[i]);
    return count;
}

static json_t *mix_json(const struct sqz_import_levels *levels)
{
    struct sqz_import_share share[MIX_MOST];
    size_t count = sqz_import_mix(levels, share, MIX_MOST);
    double total_usd = levels->total_usd[SQZ_UP] + levels->total_usd[SQZ_DOWN];
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++)
        sqz_json_append(
            list, json_pack("{s:o, s:f, s:f}", "leverage",
                            share[i].leverage > 0.0 ? json_real(share[i].leverage) : json_null(),
                            "usd", share[i].usd, "share", share[i].usd / total_usd));
    return list;
}

/* ---- the object ------------------------------------------------------------------------------ */

static json_t *dropped_json(const struct sqz_import *import)
{
    json_t *object = json_object();
    for (int d = 0; d < SQZ_DROPS; d++)
        if (import->dropped[d].count > 0)
            sqz_json_set(object, sqz_import_drop_name[d],
                         json_pack("{s:I, s:f}", "count", (json_int_t)import->dropped[d].count,
                                   "usd", import->dropped[d].usd));
    return object;
}

static void set_numbers(json_t *object, const struct sqz_import_answer *answer)
{
    const struct sqz_import_levels *levels = &answer->levels;
    sqz_json_set(object, "reference_price_usd", sqz_json_number(levels->price_usd));
    sqz_json_set(object, "short_usd", sqz_json_number(levels->total_usd[SQZ_UP]));
    sqz_json_set(object, "long_usd", sqz_json_number(levels->total_usd[SQZ_DOWN]));
    sqz_json_set(object, "levels", json_integer((json_int_t)levels->row.count));
    sqz_json_set(object, "standstill_scale", sqz_json_number(answer->standstill_scale));
    sqz_json_set(object, "scale", sqz_json_number(answer->scale));
}

static json_t *history_json(const struct sqz_import_result *result)
{
    json_t *list = json_array();
    char time[SQZ_CLOCK_TEXT_SIZE];
    for (size_t i = 0; i < result->answers; i++) {
        json_t *map =
            json_pack("{s:s}", "time", sqz_clock_format(time, result->answer[i].levels.time_s));
        set_numbers(map, &result->answer[i]);
        sqz_json_append(list, map);
    }
    return list;
}

/* Of the last map, where there are many. */
static void set_map(json_t *object, const struct sqz_import_result *result)
{
    const struct sqz_import_answer *answer = &result->answer[result->answers - 1];
    bool zone = isfinite(answer->zone_distance_log);
    char time[SQZ_CLOCK_TEXT_SIZE];
    set_numbers(object, answer);
    if (!isnan(answer->levels.time_s))
        sqz_json_set(object, "time", json_string(sqz_clock_format(time, answer->levels.time_s)));
    sqz_json_set(object, "standstill",
                 json_pack("{s:o, s:o, s:o, s:f, s:f}", "scale",
                           sqz_json_number(answer->standstill_scale), "zone_distance_percent",
                           sqz_json_number(zone ? 100.0 * expm1(answer->zone_distance_log) : NAN),
                           "zone_median_s", sqz_json_number(answer->zone_median_s), "depth_usd",
                           result->depth_usd, "volatility_per_sqrt_s",
                           result->volatility_per_sqrt_s));
    sqz_json_set(object, "leverage", mix_json(&answer->levels));
    sqz_json_set(object, "merged", json_integer((json_int_t)answer->levels.merged));
    sqz_json_set(object, "spread", json_integer((json_int_t)answer->levels.spread));
    if (result->answers > 1)
        sqz_json_set(object, "maps", history_json(result));
}

static void set_others(json_t *object, const struct sqz_import *import)
{
    static const char *const NULLS[] = {"reference_price_usd", "short_usd", "long_usd", "levels",
                                        "standstill_scale"};
    double total_usd[2];
    for (size_t i = 0; i < sizeof NULLS / sizeof NULLS[0]; i++)
        sqz_json_set(object, NULLS[i], json_null());
    sqz_json_set(object, "rows", json_integer((json_int_t)sqz_import_row_count(import)));
    if (import->format->kind != SQZ_IMPORT_POSITIONS)
        return;
    sqz_import_positions_usd(import, total_usd);
    sqz_json_set(object, "short_usd", sqz_json_number(total_usd[SQZ_UP]));
    sqz_json_set(object, "long_usd", sqz_json_number(total_usd[SQZ_DOWN]));
    sqz_json_set(object, "without_liquidation_price",
                 json_integer((json_int_t)import->unreachable));
}

int sqz_import_result_json(FILE *file, const struct sqz_import_result *result,
                           struct sqz_diag *diag)
{
    const struct sqz_import *import = result->import;
    struct sqz_import_dropped dropped = sqz_import_all_dropped(import);
    json_t *object =
        json_pack("{s:s, s:s, s:s}", "schema", "squeeze/import-1", "format", import->format->name,
                  "kind", sqz_import_kind_name[import->format->kind]);
    if (object == NULL)
        return sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for the answer");
    sqz_json_set(object, "coverage", json_string(sqz_import_coverage(import)));
    if (result->answers > 0)
        set_map(object, result);
    else
        set_others(object, import);
    sqz_json_set(object, "dropped", json_integer((json_int_t)dropped.count));
    sqz_json_set(object, "dropped_usd", sqz_json_number(dropped.usd));
    sqz_json_set(object, "dropped_by", dropped_json(import));
    sqz_json_set(object, "output",
                 result->output != NULL ? sqz_json_text(result->output) : json_null());
    sqz_json_set(object, "remarks", sqz_remarks_json(&import->remarks));
    object = sqz_json_whole(object);
    if (object == NULL)
        return sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for the answer");
    int error = sqz_json_print(object, file);
    json_decref(object);
    return error == SQZ_OK ? SQZ_OK : sqz_fail(diag, error, "the answer cannot be written");
}
