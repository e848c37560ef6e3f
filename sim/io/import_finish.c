/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What several rows are together: bars in order of time, each once; the median book. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/io/clock.h"
#include "sim/io/import.h"
#include "sim/io/names.h"

/* ---- bars ------------------------------------------------------------------------------------ */

static int compare_bars(const void *first, const void *second)
{
    const struct sqz_import_bar *a = first, *b = second;
    if (a->time_s != b->time_s)
        return a->time_s < b->time_s ? -1 : 1;
    return (a->line > b->line) - (a->line < b->line);
}

static bool same_bar(const struct sqz_import_bar *a, const struct sqz_import_bar *b)
{
    return a->open_usd == b->open_usd && a->high_usd == b->high_usd && a->low_usd == b->low_usd &&
           a->close_usd == b->close_usd;
}

/* Keep the first bar of every time. `differ` counts those whose prices are not the first one's. */
static void drop_duplicates(struct sqz_import *import, size_t *differ)
{
    struct sqz_import_bar *bar = import->bar.item;
    size_t kept = 0;
    *differ = 0;
    for (size_t i = 0; i < import->bar.count; i++) {
        if (kept > 0 && bar[i].time_s == bar[kept - 1].time_s) {
            *differ += !same_bar(&bar[i], &bar[kept - 1]);
            sqz_import_drop(import, SQZ_DROP_DUPLICATE, 0.0);
        } else {
            bar[kept++] = bar[i];
        }
    }
    import->bar.count = kept;
}

static int compare_numbers(const void *first, const void *second)
{
    double a = *(const double *)first, b = *(const double *)second;
    return (a > b) - (a < b);
}

/* The number that a sorted list holds most often, the least of them if there are several. */
static double most_common(const double *value, size_t count)
{
    double found = NAN;
    size_t most = 0;
    for (size_t i = 0, end; i < count; i = end) {
        for (end = i + 1; end < count && value[end] == value[i];)
            end++;
        if (end - i > most) {
            most = end - i;
            found = value[i];
        }
    }
    return found;
}

/* The time from bar to bar that is met most often. NAN: one bar, or no memory. */
static double step_of(const struct sqz_import_bar *bar, size_t count)
{
    double *step = count > 1 ? malloc((count - 1) * sizeof *step) : NULL;
    if (step == NULL)
        return NAN;
    for (size_t i = 1; i < count; i++)
        step[i - 1] = bar[i].time_s - bar[i - 1].time_s;
    qsort(step, count - 1, sizeof *step, compare_numbers);
    double found = most_common(step, count - 1);
    free(step);
    return found;
}

static int remark_gaps(struct sqz_import *import, const char *file, struct sqz_diag *diag)
{
    const struct sqz_import_bar *bar = import->bar.item;
    double step_s = step_of(bar, import->bar.count), missing = 0.0;
    size_t gaps = 0, first = 0;
    char from[SQZ_CLOCK_TEXT_SIZE], to[SQZ_CLOCK_TEXT_SIZE];
    for (size_t i = 1; step_s > 0.0 && i < import->bar.count; i++) {
        double bars = rint((bar[i].time_s - bar[i - 1].time_s) / step_s);
        if (bars < 2.0)
            continue;
        first = gaps++ == 0 ? i : first;
        missing += bars - 1.0;
    }
    if (gaps == 0)
        return SQZ_OK;
    return sqz_import_remark(import, "gaps", file, diag,
                             "%.0f bar%s missing in %zu place%s, the first between %s and %s; "
                             "nothing is made up for them",
                             missing, missing == 1.0 ? " is" : "s are", gaps, gaps == 1 ? "" : "s",
                             sqz_clock_format(from, bar[first - 1].time_s),
                             sqz_clock_format(to, bar[first].time_s));
}

/* Half a per cent of the notional every eight hours is far above what markets pay: the number is
 * more likely in per cent. */
static const double FUNDING_ODD = 0.005;

static int remark_funding(struct sqz_import *import, const char *file, struct sqz_diag *diag)
{
    const struct sqz_import_bar *bar = import->bar.item;
    double most = 0.0;
    for (size_t i = 0; i < import->bar.count; i++)
        most = fabs(bar[i].funding) > most ? fabs(bar[i].funding) : most;
    if (most <= FUNDING_ODD)
        return SQZ_OK;
    return sqz_import_remark(import, "funding-in-percent", file, diag,
                             "funding is up to %.4g, and copied as it is written: expected a share "
                             "of the notional; if these are per cent, divide them by 100",
                             most);
}

static int fail_no_bars(const struct sqz_import *import, const char *file, struct sqz_diag *diag)
{
    size_t without = import->dropped[SQZ_DROP_NULL].count;
    if (without == 0)
        return sqz_fail_at(diag, SQZ_ERR_DATA, file, 0, NULL, "has no bars; expected at least one");
    return sqz_fail_at(diag, SQZ_ERR_DATA, file, 0, NULL,
                       "has no bars, but %zu row%s without a price; expected at least one bar",
                       without, without == 1 ? "" : "s");
}

static int finish_bars(struct sqz_import *import, const char *file, struct sqz_diag *diag)
{
    size_t differ;
    int error = SQZ_OK;
    if (import->bar.count == 0)
        return fail_no_bars(import, file, diag);
    qsort(import->bar.item, import->bar.count, sizeof(struct sqz_import_bar), compare_bars);
    drop_duplicates(import, &differ);
    size_t dropped = import->dropped[SQZ_DROP_DUPLICATE].count;
    if (dropped > 0)
        error = sqz_import_remark(import, "duplicate-bars", file, diag,
                                  "%zu bar%s of a time that is there already; the first is kept%s",
                                  dropped, dropped == 1 ? "" : "s",
                                  differ > 0 ? ", though some have other prices" : "");
    if (error == SQZ_OK)
        error = remark_gaps(import, file, diag);
    return error == SQZ_OK ? remark_funding(import, file, diag) : error;
}

/* ---- depth ----------------------------------------------------------------------------------- */

static int compare_depth(const void *first, const void *second)
{
    const struct sqz_import_depth *a = first, *b = second;
    if (a->side != b->side)
        return a->side < b->side ? -1 : 1;
    if (a->distance_log != b->distance_log)
        return a->distance_log < b->distance_log ? -1 : 1;
    return (a->cumulative_usd > b->cumulative_usd) - (a->cumulative_usd < b->cumulative_usd);
}

static bool same_place(const struct sqz_import_depth *a, const struct sqz_import_depth *b)
{
    return a->side == b->side && a->distance_log == b->distance_log;
}

/* The median of what snapshots say of a distance; sorted, so it is the one in the middle. */
static void take_medians(struct sqz_import *import, size_t *most)
{
    struct sqz_import_depth *depth = import->depth.item;
    size_t kept = 0, count = import->depth.count;
    *most = 1;
    for (size_t i = 0, end; i < count; i = end) {
        for (end = i + 1; end < count && same_place(&depth[i], &depth[end]);)
            end++;
        size_t n = end - i;
        double middle =
            0.5 * (depth[i + (n - 1) / 2].cumulative_usd + depth[i + n / 2].cumulative_usd);
        depth[kept] = depth[i];
        depth[kept++].cumulative_usd = middle;
        *most = n > *most ? n : *most;
    }
    import->depth.count = kept;
}

static int finish_depth(struct sqz_import *import, const char *file, struct sqz_diag *diag)
{
    struct sqz_import_depth *depth = import->depth.item;
    size_t snapshots, of_side[2] = {0, 0};
    if (import->depth.count > 0)
        qsort(depth, import->depth.count, sizeof *depth, compare_depth);
    take_medians(import, &snapshots);
    for (size_t i = 0; i < import->depth.count; i++) {
        bool follows = i > 0 && depth[i].side == depth[i - 1].side;
        of_side[depth[i].side]++;
        if (follows && depth[i].cumulative_usd < depth[i - 1].cumulative_usd)
            return sqz_fail_at(diag, SQZ_ERR_DATA, file, 0, NULL,
                               "%.12g usd within %.6g bp, but %.12g within %.6g; expected depth "
                               "that adds up, of one book or of snapshots at equal distances",
                               depth[i - 1].cumulative_usd, 1e4 * depth[i - 1].distance_log,
                               depth[i].cumulative_usd, 1e4 * depth[i].distance_log);
    }
    if (of_side[SQZ_UP] == 0 || of_side[SQZ_DOWN] == 0)
        return sqz_fail_at(diag, SQZ_ERR_DATA, file, 0, NULL,
                           "has no bids or no asks; expected both sides of a book");
    if (snapshots == 1)
        return SQZ_OK;
    return sqz_import_remark(import, "median-depth", file, diag,
                             "%zu snapshots: the median of each distance is taken", snapshots);
}

/* ---- positions and tiers ----------------------------------------------------------------------
 */

/* A scenario has one market, a table of margins any number. */
static int remark_markets(struct sqz_import *import, const char *file, struct sqz_diag *diag)
{
    const struct sqz_import_position *position = import->position.item;
    struct sqz_names names = {0};
    uint32_t number;
    int error = SQZ_OK;
    for (size_t i = 0; error == SQZ_OK && i < import->position.count; i++)
        error = sqz_names_number(&names, position[i].symbol, &number, diag);
    if (error == SQZ_OK && names.count > 1)
        error = sqz_import_remark(import, "several-markets", file, diag,
                                  "positions in %u markets: squeeze margin takes them all, a "
                                  "scenario one (--symbol)",
                                  names.count);
    sqz_names_free(&names);
    return error;
}

/* Leave out what is in other markets than the one that is meant. */
static int choose_market(struct sqz_import *import, const char *file, struct sqz_diag *diag)
{
    struct sqz_import_position *position = import->position.item;
    size_t kept = 0, cross = 0;
    for (size_t i = 0; i < import->position.count; i++) {
        const char *symbol = import->terms->symbol;
        if (strcmp(position[i].symbol, symbol) == 0) {
            position[kept++] = position[i];
            continue;
        }
        sqz_import_drop(import, SQZ_DROP_OTHER, 0.0);
        cross += position[i].cross;
        import->unreachable -= !position[i].liquidated;
        free(position[i].symbol);
        free(position[i].account);
    }
    import->position.count = kept;
    if (cross == 0 || kept == 0)
        return SQZ_OK;
    return sqz_import_remark(import, "other-markets", file, diag,
                             "%zu cross positions in other markets are left out: the equity of "
                             "their accounts is whole, but what they need as maintenance is "
                             "missing (a column other_maintenance_usd adds it)",
                             cross);
}

/* Tables that the program will not read say so here, where the file is at hand. */
static int remark_tier_gaps(struct sqz_import *import, const char *file, struct sqz_diag *diag)
{
    const struct sqz_import_tier *tier = import->tier.item;
    int error = SQZ_OK;
    for (size_t i = 1; error == SQZ_OK && i < import->tier.count; i++) {
        bool follows = strcmp(tier[i].symbol, tier[i - 1].symbol) == 0;
        double gap = tier[i].floor - tier[i - 1].cap;
        if (follows && gap != 0.0 && !(tier[i].contracts && gap == 1.0))
            error = sqz_import_remark(import, "tier-gap", file, diag,
                                      "a tier of %s begins at %.12g, but the one before it ends at "
                                      "%.12g: the table cannot be used as it is",
                                      tier[i].symbol, tier[i].floor, tier[i - 1].cap);
    }
    return error;
}

/* ---- all ------------------------------------------------------------------------------------- */

static int check_any(size_t count, const char *file, const char *what, struct sqz_diag *diag)
{
    return count > 0 ? SQZ_OK
                     : sqz_fail_at(diag, SQZ_ERR_DATA, file, 0, NULL,
                                   "has no %s; expected at least one", what);
}

int sqz_import_finish(struct sqz_import *import, const char *file, struct sqz_diag *diag)
{
    int error;
    switch (import->format->kind) {
    case SQZ_IMPORT_BARS:
        return finish_bars(import, file, diag);
    case SQZ_IMPORT_DEPTH:
        return finish_depth(import, file, diag);
    case SQZ_IMPORT_POSITIONS:
        error = import->terms->symbol != NULL ? choose_market(import, file, diag)
                                              : remark_markets(import, file, diag);
        return error == SQZ_OK ? check_any(import->position.count, file, "open positions", diag)
                               : error;
    case SQZ_IMPORT_TIERS:
        error = remark_tier_gaps(import, file, diag);
        return error == SQZ_OK ? check_any(import->tier.count, file, "margin tiers", diag) : error;
    default:
        return check_any(import->map.count, file, "maps", diag);
    }
}
