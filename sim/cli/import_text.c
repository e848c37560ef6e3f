/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/import_text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/cli/layout.h"
#include "sim/cli/text.h"
#include "sim/io/clock.h"

enum { LEVERAGES_SHOWN = 10, LEVERAGES_IN_LINE = 5, LABEL_WIDTH = 18 };

static void label(FILE *out, const char *name)
{
    fputs("  ", out);
    sqz_layout_pad(out, name, LABEL_WIDTH);
}

static void say_format(FILE *out, const struct sqz_import *import, bool automatic)
{
    sqz_layout_print(out, 0, 2, "Taken for %s%s: %s.", automatic ? "the format " : "",
                     import->format->name, import->format->doc);
}

/* ---- maps ------------------------------------------------------------------------------------ */

static void say_totals(FILE *out, const struct sqz_import_levels *levels)
{
    char text[4][SQZ_TEXT_SIZE];
    double up_usd = levels->total_usd[SQZ_UP], down_usd = levels->total_usd[SQZ_DOWN];
    label(out, "price");
    fprintf(out, "%s usd\n", sqz_text_cents(text[0], levels->price_usd));
    label(out, "levels");
    fprintf(out, "%zu: shorts %s usd above, longs %s usd below\n", levels->row.count,
            sqz_text_money(text[0], up_usd), sqz_text_money(text[1], down_usd));
    label(out, "imbalance");
    if (up_usd > 0.0 && down_usd > 0.0)
        fprintf(out, "%.3g short to 1 long, ", up_usd / down_usd);
    else
        fprintf(out, "%s alone, ", up_usd > 0.0 ? "shorts" : "longs");
    fprintf(out, "%s usd in all\n", sqz_text_money(text[2], up_usd + down_usd));
}

/* What became of the file's bins on the way to levels. */
static void say_bins(FILE *out, const struct sqz_import_levels *levels)
{
    if (levels->spread > 0) {
        label(out, "spread");
        fprintf(out, "%zu wide bins over their width\n", levels->spread);
    }
    if (levels->merged > 0) {
        label(out, "added up");
        fprintf(out, "%zu of the same side, price and leverage\n", levels->merged);
    }
}

static void say_mix(FILE *out, const struct sqz_import_levels *levels)
{
    struct sqz_import_share share[LEVERAGES_SHOWN];
    size_t count = sqz_import_mix(levels, share, LEVERAGES_SHOWN);
    double total_usd = levels->total_usd[SQZ_UP] + levels->total_usd[SQZ_DOWN];
    label(out, "leverage");
    if (count == 1 && share[0].leverage == 0.0) {
        fputs("not said\n", out);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        if (i > 0 && i % LEVERAGES_IN_LINE == 0) {
            fputs(",\n", out);
            label(out, "");
        } else if (i > 0) {
            fputs(", ", out);
        }
        if (share[i].leverage > 0.0)
            fprintf(out, "%.4gx %.3g %%", share[i].leverage, 100.0 * share[i].usd / total_usd);
        else
            fprintf(out, "not said %.3g %%", 100.0 * share[i].usd / total_usd);
    }
    putc('\n', out);
}

static void say_coverage(FILE *out, const struct sqz_import *import)
{
    label(out, "coverage");
    fprintf(out, "%s\n",
            import->format->modelled ? "modelled: the provider's dollars are a model's weights"
                                     : "measured: positions that somebody counted");
}

static void say_standstill(FILE *out, const struct sqz_import_answer *answer,
                           const struct sqz_import_market *market)
{
    char text[3][SQZ_TEXT_SIZE];
    label(out, "standstill scale");
    if (isinf(answer->standstill_scale)) {
        fputs("none: nothing could go off\n", out);
        return;
    }
    fprintf(out, "%.4g of the file's own notionals\n", answer->standstill_scale);
    sqz_layout_print(out, 4, 0,
                     "(the largest at which no window of 50 bp holds as much forced notional as "
                     "moves the book across it; depth %s usd within 1 %%, %s)",
                     sqz_text_money(text[0], market->depth_usd),
                     market->assumed ? "assumed: --set book.depth=" : "as given");
    if (!isfinite(answer->zone_distance_log))
        return;
    label(out, "time to the zone");
    if (answer->zone_distance_log == 0.0) {
        fputs("none, as the file has it: the price stands in a danger zone\n", out);
        return;
    }
    fprintf(out, "%s by the median, %.3g %% away, as the file has it\n",
            sqz_text_duration(text[1], answer->zone_median_s),
            100.0 * expm1(answer->zone_distance_log));
}

static void say_scale(FILE *out, const struct sqz_import_answer *answer)
{
    if (answer->scale == 1.0)
        return;
    label(out, "multiplied by");
    fprintf(out, "%.6g\n", answer->scale);
}

static void say_history(FILE *out, const struct sqz_import_result *result)
{
    char from[SQZ_CLOCK_TEXT_SIZE], to[SQZ_CLOCK_TEXT_SIZE];
    if (result->answers < 2)
        return;
    label(out, "history");
    fprintf(out, "%zu maps from %s to %s; the last:\n", result->answers,
            sqz_clock_format(from, result->answer[0].levels.time_s),
            sqz_clock_format(to, result->answer[result->answers - 1].levels.time_s));
}

static void say_map(FILE *out, const struct sqz_import_result *result,
                    const struct sqz_import_market *market)
{
    const struct sqz_import_answer *answer = &result->answer[result->answers - 1];
    say_history(out, result);
    say_scale(out, answer);
    say_totals(out, &answer->levels);
    say_bins(out, &answer->levels);
    say_mix(out, &answer->levels);
    say_coverage(out, result->import);
    say_standstill(out, answer, market);
}

/* ---- others ---------------------------------------------------------------------------------- */

static void say_positions(FILE *out, const struct sqz_import *import)
{
    char text[2][SQZ_TEXT_SIZE];
    double total_usd[2];
    sqz_import_positions_usd(import, total_usd);
    label(out, "positions");
    fprintf(out, "%zu: shorts %s usd, longs %s usd\n", import->position.count,
            sqz_text_money(text[0], total_usd[SQZ_UP]),
            sqz_text_money(text[1], total_usd[SQZ_DOWN]));
    if (import->unreachable == 0)
        return;
    label(out, "");
    fprintf(out, "%zu without a liquidation price in the file\n", import->unreachable);
}

static void say_bars(FILE *out, const struct sqz_import *import)
{
    const struct sqz_import_bar *bar = import->bar.item;
    char from[SQZ_CLOCK_TEXT_SIZE], to[SQZ_CLOCK_TEXT_SIZE];
    label(out, "bars");
    fprintf(out, "%zu from %s to %s\n", import->bar.count, sqz_clock_format(from, bar[0].time_s),
            sqz_clock_format(to, bar[import->bar.count - 1].time_s));
}

static void say_rows(FILE *out, const struct sqz_import *import)
{
    label(out, sqz_import_kind_name[import->format->kind]);
    fprintf(out, "%zu rows\n", sqz_import_row_count(import));
}

static const char *const DROPPED[SQZ_DROPS] = {
    [SQZ_DROP_CROSSED] = "on the wrong side of the price: they have fired",
    [SQZ_DROP_AT_PRICE] = "at the price, of either side",
    [SQZ_DROP_NEVER] = "at a price of 0, which is never reached",
    [SQZ_DROP_NULL] = "without a price or an amount",
    [SQZ_DROP_EMPTY] = "of no size",
    [SQZ_DROP_DUPLICATE] = "of a time that is there already",
    [SQZ_DROP_EARLIER] = "of earlier times: the last is taken",
    [SQZ_DROP_OTHER] = "in other markets",
};

static void say_dropped(FILE *out, const struct sqz_import *import)
{
    char text[SQZ_TEXT_SIZE];
    for (int d = 0; d < SQZ_DROPS; d++) {
        const struct sqz_import_dropped *dropped = &import->dropped[d];
        if (dropped->count == 0)
            continue;
        label(out, "left out");
        if (dropped->usd > 0.0)
            fprintf(out, "%zu, %s usd, %s\n", dropped->count, sqz_text_money(text, dropped->usd),
                    DROPPED[d]);
        else
            fprintf(out, "%zu %s\n", dropped->count, DROPPED[d]);
    }
}

void sqz_import_text_print(FILE *out, const struct sqz_import_result *result,
                           const struct sqz_import_market *market, bool automatic)
{
    const struct sqz_import *import = result->import;
    say_format(out, import, automatic);
    if (result->answers > 0)
        say_map(out, result, market);
    else if (import->format->kind == SQZ_IMPORT_POSITIONS)
        say_positions(out, import);
    else if (import->format->kind == SQZ_IMPORT_BARS)
        say_bars(out, import);
    else
        say_rows(out, import);
    say_dropped(out, import);
    if (result->output == NULL)
        return;
    label(out, "written");
    fprintf(out, "%s\n", result->output);
}
