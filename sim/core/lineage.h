/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who set off whom: the generations of the liquidations of one path.
 *
 * A liquidation is of generation 0 if diffusion, drift or a jump took the price to its level, and
 * of generation k + 1 if the order of a generation-k liquidation did, at the moment it (or a child
 * order of it) was executed. A mark price takes time to follow: there, the order claims what lies
 * between the mark and the last price that it made, and the claim on a level holds if the mark
 * comes to it while still drawn outwards. A cascade is a generation-0 liquidation with all its
 * descendants, if it has any. */
#ifndef SQZ_CORE_LINEAGE_H
#define SQZ_CORE_LINEAGE_H

#include <stddef.h>

#include "sim/core/ladder.h"

struct sqz_lineage_node {
    unsigned generation;
    enum sqz_side root_side; /* the generation-0 liquidation it descends from */
    size_t root;
    double family_usd; /* of a root: notional of the family so far */
    bool cascade;      /* of a root: it has descendants */
};

/* A level of the ladder. */
struct sqz_level_id {
    enum sqz_side side;
    size_t index;
};

/* One per world and path; node[side][i] is set for the first known[side] levels. Owns its arrays.
 */
struct sqz_lineage {
    struct sqz_lineage_node *node[2];
    size_t known[2];
};

/* Returns SQZ_OK or SQZ_ERR_NOMEM. */
int sqz_lineage_init(struct sqz_lineage *lineage, const struct sqz_ladder *ladder);
/* Safe on a zeroed or already freed lineage. */
void sqz_lineage_free(struct sqz_lineage *lineage);
/* Begin a path. */
void sqz_lineage_reset(struct sqz_lineage *lineage);

/* What sqz_lineage_reach does where some of the levels are new. */
void sqz_lineage_learn(struct sqz_lineage *lineage, const struct sqz_ladder *ladder,
                       enum sqz_side side, double reach_log, const struct sqz_level_id *parent);

/* The levels of a side up to outward distance `reach_log` have come within reach; those that are
 * new descend from `parent`, or from nobody if it is NULL. */
static inline void sqz_lineage_reach(struct sqz_lineage *lineage, const struct sqz_ladder *ladder,
                                     enum sqz_side side, double reach_log,
                                     const struct sqz_level_id *parent)
{
    if (ladder->side[side].distance_log[lineage->known[side]] <= reach_log)
        sqz_lineage_learn(lineage, ladder, side, reach_log, parent);
}

/* A level whose place on the ladder is void is about to be closed elsewhere: it descends from
 * `parent`, or from nobody if that is NULL. */
void sqz_lineage_set_parent(struct sqz_lineage *lineage, struct sqz_level_id level,
                            const struct sqz_level_id *parent);

/* Levels of a side from `first` on, none of them touched, descend from nobody yet. */
void sqz_lineage_release(struct sqz_lineage *lineage, enum sqz_side side, size_t first);

/* The root of a known level's family. */
static inline const struct sqz_lineage_node *sqz_lineage_root(const struct sqz_lineage *lineage,
                                                              struct sqz_level_id level)
{
    const struct sqz_lineage_node *node = &lineage->node[level.side][level.index];
    return &lineage->node[node->root_side][node->root];
}

/* A level that is known is closed for `notional_usd`. Returns the root of its family, with the
 * notional added. */
static inline const struct sqz_lineage_node *
sqz_lineage_close(struct sqz_lineage *lineage, struct sqz_level_id level, double notional_usd)
{
    const struct sqz_lineage_node *node = &lineage->node[level.side][level.index];
    struct sqz_lineage_node *root = &lineage->node[node->root_side][node->root];
    root->family_usd += notional_usd;
    root->cascade |= node->generation > 0;
    return root;
}

#endif
