#include "sim/core/lineage.h"

#include <stdlib.h>
#include <string.h>

int sqz_lineage_init(struct sqz_lineage *lineage, const struct sqz_ladder *ladder)
{
    memset(lineage, 0, sizeof *lineage);
    for (int side = 0; side < 2; side++) {
        lineage->kin[side] = calloc(ladder->side[side].count + 1, sizeof *lineage->kin[side]);
        if (lineage->kin[side] == NULL) {
            sqz_lineage_free(lineage);
            return SQZ_ERR_NOMEM;
        }
    }
    return SQZ_OK;
}

void sqz_lineage_free(struct sqz_lineage *lineage)
{
    free(lineage->kin[SQZ_UP]);
    free(lineage->kin[SQZ_DOWN]);
    memset(lineage, 0, sizeof *lineage);
}

void sqz_lineage_reset(struct sqz_lineage *lineage)
{
    lineage->known[SQZ_UP] = lineage->known[SQZ_DOWN] = 0;
}

void sqz_lineage_adopt(struct sqz_lineage *lineage, struct sqz_level_id level,
                       const struct sqz_level_id *parent)
{
    struct sqz_kin kin = {.root_side = level.side, .root = level.index};
    if (parent != NULL) {
        const struct sqz_kin *of_parent = &lineage->kin[parent->side][parent->index];
        kin.generation = of_parent->generation + 1;
        kin.root_side = of_parent->root_side;
        kin.root = of_parent->root;
    }
    lineage->kin[level.side][level.index] = kin;
}

void sqz_lineage_learn(struct sqz_lineage *lineage, const struct sqz_ladder *ladder,
                       enum sqz_side side, double reach_log, const struct sqz_level_id *parent)
{
    const struct sqz_ladder_side *levels = &ladder->side[side];
    size_t *known = &lineage->known[side];
    for (; levels->distance_log[*known] <= reach_log; ++*known)
        sqz_lineage_adopt(lineage, (struct sqz_level_id){side, *known}, parent);
}

void sqz_lineage_release(struct sqz_lineage *lineage, enum sqz_side side, size_t first)
{
    if (lineage->known[side] > first)
        lineage->known[side] = first;
}
