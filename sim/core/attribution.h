/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which liquidation set off which: the generations and families of the liquidations of one path.
 *
 * A liquidation is of generation 0 if diffusion, drift or a jump took the price to its level, and
 * of generation k + 1 if the order of a generation-k liquidation did, at the moment it (or a child
 * order of it) was executed. A mark price takes time to follow: there, the order claims what lies
 * between the mark and the last price that it made, and the claim on a level holds if the mark
 * reaches it while still drawn outwards. A cascade is a generation-0 liquidation with all its
 * descendants, if it has any. */
#ifndef SQZ_CORE_ATTRIBUTION_H
#define SQZ_CORE_ATTRIBUTION_H

#include <stddef.h>

#include "sim/core/first_reach.h"
#include "sim/core/ladder.h"
#include "sim/core/market.h"

struct sqz_attribution_node {
    unsigned generation;
    enum sqz_side root_side; /* the generation-0 liquidation it descends from */
    size_t root;
    double family_usd; /* of a root: notional of the family so far */
    bool cascade;      /* of a root: it has descendants */
};

/* What the families of a path add up to. */
struct sqz_attribution_totals {
    uint64_t cascades;
    unsigned generations; /* the deepest */
    double largest_usd;   /* family of a cascade */
};

/* One per world and path; node[side][i] is set for the first known[side] levels. Owns its arrays;
 * written by the functions below alone. */
struct sqz_attribution {
    const struct sqz_ladder *ladder;
    struct sqz_attribution_node *node[2];
    size_t known[2];
    struct sqz_first_reach first_reach; /* for accounts whose triggers are not the ladder's */
    struct sqz_attribution_totals totals;
};

/* The ladder stays the caller's. `accounts`: of the venue; 0 without one. Returns SQZ_OK or
 * SQZ_ERR_NOMEM. */
int sqz_attribution_init(struct sqz_attribution *attribution, const struct sqz_ladder *ladder,
                         size_t accounts);
/* Safe on a zeroed or already freed one. */
void sqz_attribution_free(struct sqz_attribution *attribution);
/* Begin a path. */
void sqz_attribution_reset(struct sqz_attribution *attribution);

/* ---- parents ------------------------------------------------------------------------------- */

/* What sqz_attribution_reach does where some of the levels are new. */
void sqz_attribution_learn(struct sqz_attribution *attribution, enum sqz_side side,
                           double reach_log, const struct sqz_level_id *parent);

/* The levels of a side up to outward distance `reach_log` have come within reach; those that are
 * new descend from `parent`, or from nobody if it is NULL. */
static inline void sqz_attribution_reach(struct sqz_attribution *attribution, enum sqz_side side,
                                         double reach_log, const struct sqz_level_id *parent)
{
    const struct sqz_ladder_side *levels = &attribution->ladder->side[side];
    if (levels->distance_log[attribution->known[side]] <= reach_log)
        sqz_attribution_learn(attribution, side, reach_log, parent);
}

/* A level whose place on the ladder is void is about to be closed elsewhere: it descends from
 * `parent`, or from nobody if that is NULL. */
void sqz_attribution_set_parent(struct sqz_attribution *attribution, struct sqz_level_id level,
                                const struct sqz_level_id *parent);

/* Levels of a side from `first` on, none of them touched, descend from nobody yet. */
void sqz_attribution_release(struct sqz_attribution *attribution, enum sqz_side side, size_t first);

/* The order of `parent` has been executed: what the price has come to on its side, or a mark on its
 * way to the last price will, descends from it. Levels have come nearer by `shift_log`. */
static inline void sqz_attribution_claim(struct sqz_attribution *attribution,
                                         const struct sqz_market *market,
                                         const struct sqz_market_state *now,
                                         const struct sqz_level_id *parent, double shift_log)
{
    enum sqz_side side = parent->side;
    double reached = sqz_outward(side, sqz_market_trigger_log(market, now));
    if (market->mark_rate > 0)
        reached = sqz_greatest(reached, sqz_outward(side, sqz_market_price_log(now)));
    sqz_attribution_reach(attribution, side, reached + shift_log + SQZ_TOUCH_LOG, parent);
    sqz_first_reach_note(&attribution->first_reach, *parent, reached);
}

/* Where the levels of a side are. */
struct sqz_attribution_side {
    enum sqz_side side;
    size_t frontier;  /* the first that has not been touched */
    double shift_log; /* they have come nearer by so much */
};

/* What the price, `trigger_log`, has come to by itself on a side descends from nobody, nor does
 * what a mark that is drawn outwards no longer was on its way to. */
static inline void sqz_attribution_note_reached(struct sqz_attribution *attribution,
                                                const struct sqz_market *market,
                                                const struct sqz_market_state *now,
                                                double trigger_log,
                                                const struct sqz_attribution_side *of)
{
    double ahead = now->book.displacement_log - now->mark_log;
    if (market->mark_rate > 0 && sqz_outward(of->side, ahead) < 0)
        sqz_attribution_release(attribution, of->side, of->frontier);
    sqz_attribution_reach(attribution, of->side,
                          sqz_outward(of->side, trigger_log) + of->shift_log + SQZ_TOUCH_LOG, NULL);
}

/* ---- families ------------------------------------------------------------------------------ */

static inline const struct sqz_attribution_node *
sqz_attribution_node(const struct sqz_attribution *attribution, struct sqz_level_id level)
{
    return &attribution->node[level.side][level.index];
}

/* The number of a known level's family, and of no other. */
static inline uint64_t sqz_attribution_family(const struct sqz_attribution_node *node)
{
    return 2 * (uint64_t)node->root + (node->root_side == SQZ_UP);
}

/* The root of a known level's family. */
static inline const struct sqz_attribution_node *
sqz_attribution_root(const struct sqz_attribution *attribution, struct sqz_level_id level)
{
    const struct sqz_attribution_node *node = sqz_attribution_node(attribution, level);
    return &attribution->node[node->root_side][node->root];
}

/* A level that is known is closed for `notional_usd`, which is added to its family. */
static inline void sqz_attribution_close(struct sqz_attribution *attribution,
                                         struct sqz_level_id level, double notional_usd)
{
    const struct sqz_attribution_node *node = sqz_attribution_node(attribution, level);
    struct sqz_attribution_node *root = &attribution->node[node->root_side][node->root];
    struct sqz_attribution_totals *totals = &attribution->totals;
    totals->cascades += node->generation > 0 && !root->cascade;
    root->family_usd += notional_usd;
    root->cascade |= node->generation > 0;
    if (node->generation > totals->generations)
        totals->generations = node->generation;
    if (root->cascade)
        totals->largest_usd = sqz_greatest(totals->largest_usd, root->family_usd);
}

#endif
