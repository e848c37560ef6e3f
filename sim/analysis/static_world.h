/* A scenario's map at rest: the world as it stands at the start, with nothing that takes time.
 *
 * The questions that need no simulation (map, ignite) ask what one order does at once. They walk a
 * copy of the world, by the same code that simulates, in which noise, drift, drivers, attrition,
 * latency and slices are off, and a mark price follows the last price without delay (levels that
 * watch the index still watch the index). The book is replenished and at its full depth. */
#ifndef SQZ_ANALYSIS_STATIC_WORLD_H
#define SQZ_ANALYSIS_STATIC_WORLD_H

#include "sim/core/world.h"

/* Owns the running totals; points to ladder and book of the world it was made of. */
struct sqz_static_world {
    struct sqz_world world;
    /* Per side, count + 1: what the first k levels close, outward; and that of each times what
     * those before it close. */
    double *closed_usd[2], *stressed_usd2[2];
};

int sqz_static_world_init(struct sqz_static_world *rest, const struct sqz_world *world,
                          struct sqz_diag *diag);
/* Safe on a zeroed or already freed one. */
void sqz_static_world_free(struct sqz_static_world *rest);

/* The share of a level that is closed when it is touched. */
static inline double sqz_static_world_keep(const struct sqz_static_world *rest)
{
    return 1.0 - rest->world.topup;
}

/* Number of levels of a side nearer than `distance_log`: the place of the first that is not. */
size_t sqz_static_world_nearer(const struct sqz_static_world *rest, enum sqz_side side,
                               double distance_log);

/* Forced notional, in absolute USD, that moves the price which levels watch by `displacement_log` >
 * 0: V* of the branching ratio. INFINITY if no order does (impact off; the index, and no impact is
 * permanent). */
double sqz_static_world_order(const struct sqz_static_world *rest, enum sqz_side side,
                              double displacement_log);

/* ---- a market order and a run of levels -------------------------------------------------------
 */

/* One after another: a market order (absolute USD) into the replenished book, then what the levels
 * `first` to `end` - 1 close, reached or not. The book after that depends on their sums alone, so
 * it takes no loop. */
struct sqz_run {
    enum sqz_side side;
    double push_usd;
    size_t first, end;
};

/* The outward displacement of the last price, and of the price that levels watch. */
double sqz_static_world_price(const struct sqz_static_world *rest, const struct sqz_run *run);
double sqz_static_world_watched(const struct sqz_static_world *rest, const struct sqz_run *run);

/* ---- cascades, as a walk has them -------------------------------------------------------------
 */

/* A replenished book, and of the map only the levels of `side` from number `first` on. */
void sqz_static_world_begin(const struct sqz_static_world *rest, struct sqz_world_state *state,
                            enum sqz_side side, size_t first);

/* Let everything fire that is within reach. */
void sqz_static_world_settle(const struct sqz_static_world *rest, struct sqz_world_state *state);

/* Where the price stands, outward on `side`. */
static inline double sqz_static_world_outward(const struct sqz_world_state *state,
                                              enum sqz_side side)
{
    return sqz_direction(side) * sqz_world_price_log(state);
}

#endif
