/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/core/attribution.h"

#include <stdlib.h>
#include <string.h>

int sqz_attribution_init(struct sqz_attribution *attribution, const struct sqz_ladder *ladder,
                         size_t accounts)
{
    *attribution = (struct sqz_attribution){.ladder = ladder};
    for (int side = 0; side < 2; side++) {
        attribution->node[side] =
            calloc(ladder->side[side].count + 1, sizeof *attribution->node[side]);
        if (attribution->node[side] == NULL) {
            sqz_attribution_free(attribution);
            return SQZ_ERR_NOMEM;
        }
    }
    if (sqz_first_reach_init(&attribution->first_reach, accounts) == SQZ_OK)
        return SQZ_OK;
    sqz_attribution_free(attribution);
    return SQZ_ERR_NOMEM;
}

void sqz_attribution_free(struct sqz_attribution *attribution)
{
    free(attribution->node[SQZ_UP]);
    free(attribution->node[SQZ_DOWN]);
    sqz_first_reach_free(&attribution->first_reach);
    memset(attribution, 0, sizeof *attribution);
}

void sqz_attribution_reset(struct sqz_attribution *attribution)
{
    attribution->known[SQZ_UP] = attribution->known[SQZ_DOWN] = 0;
    sqz_first_reach_reset(&attribution->first_reach);
    attribution->totals = (struct sqz_attribution_totals){0};
}

void sqz_attribution_set_parent(struct sqz_attribution *attribution, struct sqz_level_id level,
                                const struct sqz_level_id *parent)
{
    struct sqz_attribution_node node = {.root_side = level.side, .root = level.index};
    if (parent != NULL) {
        const struct sqz_attribution_node *of_parent =
            &attribution->node[parent->side][parent->index];
        node.generation = of_parent->generation + 1;
        node.root_side = of_parent->root_side;
        node.root = of_parent->root;
    }
    attribution->node[level.side][level.index] = node;
}

void sqz_attribution_learn(struct sqz_attribution *attribution, enum sqz_side side,
                           double reach_log, const struct sqz_level_id *parent)
{
    const struct sqz_ladder_side *levels = &attribution->ladder->side[side];
    size_t *known = &attribution->known[side];
    for (; levels->distance_log[*known] <= reach_log; ++*known)
        sqz_attribution_set_parent(attribution, (struct sqz_level_id){side, *known}, parent);
}

void sqz_attribution_release(struct sqz_attribution *attribution, enum sqz_side side, size_t first)
{
    if (attribution->known[side] > first)
        attribution->known[side] = first;
}
