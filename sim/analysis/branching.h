/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The branching ratio along a map: forced notional in a window of prices over the market order that
 * moves a replenished book by the width of the window (models/README.md).
 *
 *     R(p) = N[p - delta/2, p + delta/2) / V*(delta)
 *
 * in log prices, per side. Where the window would reach beyond the start price it is [0, delta):
 * its width stays, so that a uniform density has the same ratio everywhere. R is piecewise
 * constant, on stretches of centres that are open at the near end and closed at the far one.
 *
 * No last bit decides: what is nearer to an edge than SQZ_TOUCH_LOG lies on it. A window has the
 * level at its near edge and not the one at its far edge; changes so close together are one; and a
 * window whose notional moves the book to within that distance of the scale has a ratio of at least
 * 1. The scale must be greater than that. Levels as near to the start price, or crossed by it, are
 * in no window: they fire before anything else. */
#ifndef SQZ_ANALYSIS_BRANCHING_H
#define SQZ_ANALYSIS_BRANCHING_H

#include "sim/analysis/static_world.h"
#include "sim/io/map_result.h"

/* Goes outward over the stretches of constant R of one side. */
struct sqz_branching_walk {
    const double *distance_log, *closed_usd;
    size_t count, near, far; /* the window holds levels near .. far - 1 */
    double scale_log, order_usd;
    double enough_usd;  /* from here on the ratio is at least 1 */
    double reached_log; /* end of the last stretch */
};

void sqz_branching_begin(struct sqz_branching_walk *walk, const struct sqz_static_world *rest,
                         enum sqz_side side, double scale_log);
/* The next stretch, ordered outward and adjoining; false when no level is left. */
bool sqz_branching_next(struct sqz_branching_walk *walk, struct sqz_branching_piece *piece);

/* Both sides with their maxima, thinned. Free with sqz_branching_free. */
int sqz_branching_make(struct sqz_branching *branching, const struct sqz_static_world *rest,
                       double scale_log, struct sqz_diag *diag);

/* The first level of a side that the start price neither touches nor has crossed. */
size_t sqz_branching_first(const struct sqz_static_world *rest, enum sqz_side side);

#endif
