/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a liquidation map says without any simulation: `squeeze map`. */
#ifndef SQZ_ANALYSIS_MAP_H
#define SQZ_ANALYSIS_MAP_H

#include "sim/core/world.h"
#include "sim/io/map_result.h"

/* Totals, clusters, branching ratio and danger zones of a world's ladder at the scale `scale_log` >
 * 0 (log price). Free with sqz_map_free; after a failure there is nothing to free. */
int sqz_map_make(struct sqz_map *map, const struct sqz_world *world, double scale_log,
                 struct sqz_diag *diag);

/* The branching ratio alone. Free with sqz_branching_free. */
int sqz_map_branching(struct sqz_branching *branching, const struct sqz_world *world,
                      double scale_log, struct sqz_diag *diag);

/* The scale where none is asked for: 50 bp. */
#define SQZ_MAP_SCALE_LOG 0.005

#endif
