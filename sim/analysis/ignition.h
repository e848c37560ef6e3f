/* What would set a map off: `squeeze ignite`.
 *
 * Push: the smallest instantaneous market order whose cascade reaches the watched price. Shock: the
 * smallest exogenous jump whose cascade does. Both are the edge of what sqz_world_cascade says of
 * the world at rest, to 1e-12. Levels of the other side are left out. */
#ifndef SQZ_ANALYSIS_IGNITION_H
#define SQZ_ANALYSIS_IGNITION_H

#include "sim/core/world.h"
#include "sim/io/ignition_result.h"

/* Jumps of the final price are listed from this share of the way to the watched price on. */
#define SQZ_IGNITION_JUMP_SHARE 0.01

/* The curve runs up to twice the market order it takes without liquidations, in this many steps of
 * equal ratio and with both sides of every listed jump. */
enum { SQZ_IGNITION_GRID = 160 };

/* Answer for the watched price `watch`, which the world must have. Free with sqz_ignition_free;
 * after a failure there is nothing to free. */
int sqz_ignition_make(struct sqz_ignition *ignition, const struct sqz_world *world,
                      enum sqz_watch watch, struct sqz_diag *diag);

/* Add the push that does it when it is spread evenly over `over_s` <= horizon: child orders a
 * slice.interval apart, at most SQZ_IGNITION_CHILDREN, the first at once. The book recovers
 * meanwhile, levels watch what the scenario says and their orders take the time it says (a random
 * latency its mean); whatever else moves the price is off. To 1e-6. Where larger pushes can fail,
 * the smallest of those found by bisection and at 24 places between it and the push at once. */
enum { SQZ_IGNITION_CHILDREN = 1000 };
int sqz_ignition_pace(struct sqz_ignition *ignition, const struct sqz_world *world, double over_s,
                      struct sqz_diag *diag);

#endif
