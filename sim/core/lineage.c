/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/core/lineage.h"

#include <stdlib.h>
#include <string.h>

int sqz_lineage_init(struct sqz_lineage *lineage, const struct sqz_ladder *ladder)
{
    memset(lineage, 0, sizeof *lineage);
    for (int side = 0; side < 2; side++) {
        lineage->node[side] = calloc(ladder->side[side].count + 1, sizeof *lineage->node[side]);
        if (lineage->node[side] == NULL) {
            sqz_lineage_free(lineage);
            return SQZ_ERR_NOMEM;
        }
    }
    return SQZ_OK;
}

void sqz_lineage_free(struct sqz_lineage *lineage)
{
    free(lineage->node[SQZ_UP]);
    free(lineage->node[SQZ_DOWN]);
    memset(lineage, 0, sizeof *lineage);
}

void sqz_lineage_reset(struct sqz_lineage *lineage)
{
    lineage->known[SQZ_UP] = lineage->known[SQZ_DOWN] = 0;
}

void sqz_lineage_set_parent(struct sqz_lineage *lineage, struct sqz_level_id level,
                            const struct sqz_level_id *parent)
{
    struct sqz_lineage_node node = {.root_side = level.side, .root = level.index};
    if (parent != NULL) {
        const struct sqz_lineage_node *of_parent = &lineage->node[parent->side][parent->index];
        node.generation = of_parent->generation + 1;
        node.root_side = of_parent->root_side;
        node.root = of_parent->root;
    }
    lineage->node[level.side][level.index] = node;
}

void sqz_lineage_learn(struct sqz_lineage *lineage, const struct sqz_ladder *ladder,
                       enum sqz_side side, double reach_log, const struct sqz_level_id *parent)
{
    const struct sqz_ladder_side *levels = &ladder->side[side];
    size_t *known = &lineage->known[side];
    for (; levels->distance_log[*known] <= reach_log; ++*known)
        sqz_lineage_set_parent(lineage, (struct sqz_level_id){side, *known}, parent);
}

void sqz_lineage_release(struct sqz_lineage *lineage, enum sqz_side side, size_t first)
{
    if (lineage->known[side] > first)
        lineage->known[side] = first;
}
