/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/core/ladder.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *sqz_side_name(enum sqz_position_side side)
{
    return side == SQZ_SHORT ? "short" : "long";
}

static int order(double a, double b)
{
    return (a > b) - (a < b);
}

/* By side, outward, then by the remaining columns: rows that compare equal are interchangeable. */
static int compare_levels(const void *first, const void *second)
{
    const struct sqz_level *a = first, *b = second;
    if (a->side != b->side)
        return a->side < b->side ? -1 : 1;
    int by_distance = order(a->distance_log, b->distance_log);
    if (by_distance != 0)
        return by_distance;
    int by_leverage = order(a->leverage, b->leverage);
    return by_leverage != 0 ? by_leverage : order(a->notional_usd, b->notional_usd);
}

static int build_side(struct sqz_ladder_side *side, const struct sqz_level *levels, size_t count,
                      double scale)
{
    side->count = count;
    side->distance_log = malloc((count + 1) * sizeof *side->distance_log);
    side->notional_usd = malloc((count + 1) * sizeof *side->notional_usd);
    side->leverage = malloc((count + 1) * sizeof *side->leverage);
    if (side->distance_log == NULL || side->notional_usd == NULL || side->leverage == NULL)
        return SQZ_ERR_NOMEM;
    for (size_t i = 0; i < count; i++) {
        side->distance_log[i] = levels[i].distance_log;
        side->notional_usd[i] = levels[i].notional_usd * scale;
        side->leverage[i] = levels[i].leverage;
        side->total_usd += side->notional_usd[i];
    }
    side->distance_log[count] = INFINITY;
    side->notional_usd[count] = 0.0;
    side->leverage[count] = 0.0f;
    return SQZ_OK;
}

int sqz_ladder_build(struct sqz_ladder *ladder, struct sqz_level *levels, size_t count,
                     double scale, struct sqz_diag *diag)
{
    memset(ladder, 0, sizeof *ladder);
    if (count > 0)
        qsort(levels, count, sizeof *levels, compare_levels);
    size_t shorts = 0;
    while (shorts < count && levels[shorts].side == SQZ_UP)
        shorts++;
    const struct sqz_level *longs = count > 0 ? levels + shorts : levels;
    if (build_side(&ladder->side[SQZ_UP], levels, shorts, scale) != SQZ_OK ||
        build_side(&ladder->side[SQZ_DOWN], longs, count - shorts, scale) != SQZ_OK) {
        sqz_ladder_free(ladder);
        return sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for a ladder of %zu levels", count);
    }
    return SQZ_OK;
}

void sqz_ladder_free(struct sqz_ladder *ladder)
{
    for (int s = 0; s < 2; s++) {
        free(ladder->side[s].distance_log);
        free(ladder->side[s].notional_usd);
        free(ladder->side[s].account);
        free(ladder->side[s].leverage);
    }
    memset(ladder, 0, sizeof *ladder);
}
