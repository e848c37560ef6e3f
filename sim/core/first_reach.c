/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/core/first_reach.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

int sqz_first_reach_init(struct sqz_first_reach *first, size_t accounts)
{
    memset(first, 0, sizeof *first);
    for (int side = 0; side < 2; side++) {
        first->reach[side] = malloc((accounts + 1) * sizeof *first->reach[side]);
        if (first->reach[side] == NULL) {
            sqz_first_reach_free(first);
            return SQZ_ERR_NOMEM;
        }
    }
    first->capacity = accounts;
    return SQZ_OK;
}

void sqz_first_reach_free(struct sqz_first_reach *first)
{
    free(first->reach[SQZ_UP]);
    free(first->reach[SQZ_DOWN]);
    memset(first, 0, sizeof *first);
}

void sqz_first_reach_reset(struct sqz_first_reach *first)
{
    first->count[SQZ_UP] = first->count[SQZ_DOWN] = 0;
    first->time_s = -INFINITY;
}

void sqz_first_reach_begin(struct sqz_first_reach *first, double trigger_log, double time_s)
{
    if (first->time_s == time_s && first->count[SQZ_UP] + first->count[SQZ_DOWN] > 0)
        return; /* an order left just now */
    first->time_s = time_s;
    for (int side = 0; side < 2; side++) {
        first->count[side] = 0;
        first->before_log[side] = sqz_outward((enum sqz_side)side, trigger_log);
    }
}

void sqz_first_reach_note(struct sqz_first_reach *first, struct sqz_level_id order,
                          double reach_log)
{
    struct sqz_reach *reach = first->reach[order.side];
    size_t *count = &first->count[order.side];
    double last = *count > 0 ? reach[*count - 1].reach_log : first->before_log[order.side];
    if (first->capacity == 0 || reach_log <= last)
        return;
    if (*count == first->capacity)
        --*count; /* more steps than accounts: the last counts */
    reach[(*count)++] = (struct sqz_reach){reach_log, order};
}

const struct sqz_level_id *sqz_first_reach_parent(const struct sqz_first_reach *first,
                                                  enum sqz_side side, double distance_log)
{
    const struct sqz_reach *reach = first->reach[side];
    size_t below = 0, above = first->count[side];
    if (distance_log <= first->before_log[side] + SQZ_TOUCH_LOG)
        return NULL;
    while (below < above) {
        size_t middle = below + (above - below) / 2;
        if (reach[middle].reach_log + SQZ_TOUCH_LOG >= distance_log)
            above = middle;
        else
            below = middle + 1;
    }
    return below < first->count[side] ? &reach[below].order : NULL;
}
