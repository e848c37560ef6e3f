/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/import_levels.h"

#include <math.h>
#include <stdlib.h>

#include "sim/io/clock.h"

/* A bin is wide from a fifth of the window of 50 bp on in which the branching ratio counts forced
 * notional; its parts are a tenth of it, so that the window does not see where they lie. */
static const double WIDE_LOG = 1e-3, PART_LOG = 5e-4;

/* Prices at even distances: rounded ones differ by less than this share of the step. */
static const double EVEN = 0.02;
enum { GRID_LEAST = 8 };

static const size_t LEVELS_MAX = 5000000;

/* ---- maps ------------------------------------------------------------------------------------ */

static int append(struct sqz_import_map *map, const struct sqz_import_map *other,
                  struct sqz_diag *diag)
{
    const struct sqz_import_bin *bin = other->bin.item;
    for (size_t i = 0; i < other->bin.count; i++) {
        struct sqz_import_bin *added = sqz_rows_add(&map->bin);
        if (added == NULL)
            return sqz_import_no_memory(diag);
        *added = bin[i];
    }
    return SQZ_OK;
}

static int join(struct sqz_import *import, struct sqz_diag *diag)
{
    struct sqz_import_map *map = import->map.item;
    int error = SQZ_OK;
    for (size_t i = 1; error == SQZ_OK && i < import->map.count; i++) {
        error = append(&map[0], &map[i], diag);
        sqz_rows_free(&map[i].bin);
    }
    map[0].regular = false;
    import->map.count = 1;
    return error;
}

static int compare_times(const void *first, const void *second)
{
    const struct sqz_import_map *a = first, *b = second;
    return (a->time_s > b->time_s) - (a->time_s < b->time_s);
}

int sqz_import_order_maps(struct sqz_import *import, struct sqz_diag *diag)
{
    struct sqz_import_map *map = import->map.item;
    char time[SQZ_CLOCK_TEXT_SIZE];
    if (import->map.count < 2)
        return SQZ_OK;
    if (import->format->parts)
        return join(import, diag);
    for (size_t i = 0; i < import->map.count; i++)
        if (isnan(map[i].time_s))
            return sqz_fail(diag, SQZ_ERR_DATA,
                            "%zu maps, of which not all say their time; expected one map, or files "
                            "with their times in the name, as in map_20260310T173131Z.json",
                            import->map.count);
    qsort(map, import->map.count, sizeof *map, compare_times);
    for (size_t i = 1; i < import->map.count; i++)
        if (map[i].time_s == map[i - 1].time_s)
            return sqz_fail(diag, SQZ_ERR_DATA, "two maps of %s; expected one for each time",
                            sqz_clock_format(time, map[i].time_s));
    return SQZ_OK;
}

static int compare_numbers(const void *first, const void *second)
{
    double a = *(const double *)first, b = *(const double *)second;
    return (a > b) - (a < b);
}

/* The prices of a map, sorted, each once. NULL: no memory. */
static double *prices_of(const struct sqz_import_map *map, size_t *count)
{
    const struct sqz_import_bin *bin = map->bin.item;
    double *price = malloc((map->bin.count + 1) * sizeof *price);
    *count = 0;
    if (price == NULL)
        return NULL;
    for (size_t i = 0; i < map->bin.count; i++)
        price[i] = bin[i].price_usd;
    qsort(price, map->bin.count, sizeof *price, compare_numbers);
    for (size_t i = 0; i < map->bin.count; i++)
        if (*count == 0 || price[i] > price[*count - 1])
            price[(*count)++] = price[i];
    return price;
}

/* The step of a grid: the median distance of its prices, of which every other is a multiple, as
 * bins that hold nothing may be left out. NAN: they are no grid. */
static double grid_step(const double *price, size_t count)
{
    double *distance = count < GRID_LEAST ? NULL : malloc(count * sizeof *distance);
    if (distance == NULL)
        return NAN;
    for (size_t i = 0; i + 1 < count; i++)
        distance[i] = price[i + 1] - price[i];
    qsort(distance, count - 1, sizeof *distance, compare_numbers);
    double step = distance[(count - 1) / 2];
    for (size_t i = 0; i + 1 < count; i++) {
        double times = rint(distance[i] / step);
        if (times < 1.0 || fabs(distance[i] - times * step) > EVEN * step) {
            step = NAN;
            break;
        }
    }
    free(distance);
    return step;
}

/* The width of a map's bins, where they are a grid. */
static double grid_width(const struct sqz_import_map *map)
{
    size_t count;
    double *price = prices_of(map, &count);
    double step = price != NULL ? grid_step(price, count) : NAN;
    free(price);
    return step;
}

/* ---- levels ---------------------------------------------------------------------------------- */

/* What is made, of what. */
struct making {
    struct sqz_import *import;
    struct sqz_import_levels *levels;
    double own_usd;   /* the price that tells the side */
    double width_usd; /* of a bin; NAN: unknown */
    struct sqz_diag *diag;
};

static bool is_crossed(enum sqz_side side, double price_usd, double start_usd)
{
    return side == SQZ_UP ? price_usd <= start_usd : price_usd >= start_usd;
}

static int add_level(const struct making *making, const struct sqz_import_bin *bin,
                     enum sqz_side side, double price_usd, double notional_usd)
{
    struct sqz_import_levels *levels = making->levels;
    if (price_usd <= 0.0) {
        sqz_import_drop(making->import, SQZ_DROP_NEVER, notional_usd);
        return SQZ_OK;
    }
    if (is_crossed(side, price_usd, levels->price_usd)) {
        sqz_import_drop(making->import, SQZ_DROP_CROSSED, notional_usd);
        return SQZ_OK;
    }
    struct sqz_import_level *level =
        levels->row.count < LEVELS_MAX ? sqz_rows_add(&levels->row) : NULL;
    if (level == NULL)
        return sqz_import_no_memory(making->diag);
    *level = (struct sqz_import_level){price_usd, notional_usd, bin->leverage, side};
    return SQZ_OK;
}

/* Notional between two prices: one level in the middle, or evenly in parts. */
static int add_between(const struct making *making, const struct sqz_import_bin *bin,
                       enum sqz_side side, double lo_usd, double hi_usd)
{
    double middle = 0.5 * (lo_usd + hi_usd), width = hi_usd - lo_usd;
    double share = width / making->width_usd, parts = 1.0;
    int error = SQZ_OK;
    if (is_crossed(side, side == SQZ_UP ? hi_usd : lo_usd, making->levels->price_usd)) {
        sqz_import_drop(making->import, SQZ_DROP_CROSSED, bin->notional_usd);
        return SQZ_OK;
    }
    if (making->width_usd > WIDE_LOG * bin->price_usd)
        parts = fmax(1.0, ceil(width / (PART_LOG * middle)));
    for (double i = 0.0; error == SQZ_OK && i < parts; i++)
        error =
            add_level(making, bin, side, lo_usd + width * (i + 0.5) / parts,
                      bin->notional_usd * (bin->side == SQZ_SIDE_UNKNOWN ? share : 1.0) / parts);
    making->levels->spread += parts > 1.0;
    return error;
}

/* A bin of known width: what a side holds lies on its side of the price. A bin that says no side
 * and holds the price is shared out by how much of it lies on either. */
static int add_bin(const struct making *making, const struct sqz_import_bin *bin)
{
    double lo = bin->price_usd - 0.5 * making->width_usd, hi = lo + making->width_usd;
    bool holds = lo < making->own_usd && making->own_usd < hi;
    double split = holds ? making->own_usd : making->own_usd <= lo ? lo : hi;
    int error = SQZ_OK;
    if (bin->side != SQZ_SIDE_UNKNOWN && !holds)
        return add_between(making, bin, (enum sqz_side)bin->side, lo, hi);
    if (bin->side != SQZ_UP && lo < split)
        error = add_between(making, bin, SQZ_DOWN, lo, split);
    if (error == SQZ_OK && bin->side != SQZ_DOWN && split < hi)
        error = add_between(making, bin, SQZ_UP, split, hi);
    return error;
}

static int add_point(const struct making *making, const struct sqz_import_bin *bin)
{
    enum sqz_side side = bin->price_usd > making->own_usd ? SQZ_UP : SQZ_DOWN;
    if (bin->side != SQZ_SIDE_UNKNOWN) {
        side = (enum sqz_side)bin->side;
    } else if (bin->price_usd == making->own_usd) {
        sqz_import_drop(making->import, SQZ_DROP_AT_PRICE, bin->notional_usd);
        return SQZ_OK;
    }
    return add_level(making, bin, side, bin->price_usd, bin->notional_usd);
}

static int add_all(const struct making *making, const struct sqz_import_map *map)
{
    const struct sqz_import_bin *bin = map->bin.item;
    int error = SQZ_OK;
    for (size_t i = 0; error == SQZ_OK && i < map->bin.count; i++) {
        struct sqz_import_bin each = bin[i];
        if (each.notional_usd == 0.0)
            continue;
        if (making->import->terms->side_from_price)
            each.side = SQZ_SIDE_UNKNOWN;
        bool binned = making->width_usd < each.price_usd; /* false where it is not known */
        bool wide = binned && making->width_usd > WIDE_LOG * each.price_usd;
        double from_price = fabs(each.price_usd - making->own_usd);
        bool at_price = binned && from_price < 0.5 * making->width_usd;
        error = wide || at_price ? add_bin(making, &each) : add_point(making, &each);
    }
    return error;
}

/* ---- order ----------------------------------------------------------------------------------- */

static int compare_levels(const void *first, const void *second)
{
    const struct sqz_import_level *a = first, *b = second;
    if (a->side != b->side)
        return a->side == SQZ_DOWN ? -1 : 1;
    if (a->price_usd != b->price_usd)
        return a->price_usd < b->price_usd ? -1 : 1;
    if (a->leverage != b->leverage)
        return a->leverage < b->leverage ? -1 : 1;
    return (a->notional_usd > b->notional_usd) - (a->notional_usd < b->notional_usd);
}

static bool same_place(const struct sqz_import_level *a, const struct sqz_import_level *b)
{
    return a->side == b->side && a->price_usd == b->price_usd && a->leverage == b->leverage;
}

static void merge(struct sqz_import_levels *levels)
{
    struct sqz_import_level *level = levels->row.item;
    size_t kept = 0;
    if (levels->row.count == 0)
        return;
    qsort(level, levels->row.count, sizeof *level, compare_levels);
    for (size_t i = 0; i < levels->row.count; i++) {
        levels->total_usd[level[i].side] += level[i].notional_usd;
        if (kept > 0 && same_place(&level[kept - 1], &level[i]))
            level[kept - 1].notional_usd += level[i].notional_usd;
        else
            level[kept++] = level[i];
    }
    levels->merged = levels->row.count - kept;
    levels->row.count = kept;
}

int sqz_import_levels_make(struct sqz_import_levels *levels, struct sqz_import *import,
                           const struct sqz_import_map *map, double price_usd,
                           struct sqz_diag *diag)
{
    double width_usd = map->width_usd;
    *levels = (struct sqz_import_levels){.time_s = map->time_s,
                                         .price_usd = price_usd,
                                         .row = {.size = sizeof(struct sqz_import_level)}};
    if (isnan(width_usd) && map->regular)
        width_usd = grid_width(map);
    struct making making = {.import = import,
                            .levels = levels,
                            .own_usd = isnan(map->price_usd) ? price_usd : map->price_usd,
                            .width_usd = width_usd,
                            .diag = diag};
    int error = add_all(&making, map);
    if (error != SQZ_OK)
        return error;
    merge(levels);
    if (levels->row.count > 0)
        return SQZ_OK;
    return sqz_fail(diag, SQZ_ERR_DATA,
                    "no level is left: %zu hold nothing, %zu lie on the wrong side of %.12g; "
                    "expected a map around that price",
                    import->zeros, import->dropped[SQZ_DROP_CROSSED].count, price_usd);
}

void sqz_import_levels_scale(struct sqz_import_levels *levels, double scale)
{
    struct sqz_import_level *level = levels->row.item;
    for (size_t i = 0; i < levels->row.count; i++)
        level[i].notional_usd *= scale;
    levels->total_usd[SQZ_UP] *= scale;
    levels->total_usd[SQZ_DOWN] *= scale;
}

void sqz_import_levels_free(struct sqz_import_levels *levels)
{
    sqz_rows_free(&levels->row);
}
