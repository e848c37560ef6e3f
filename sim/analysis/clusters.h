/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Clusters: where the notional of a map is bunched.
 *
 * A cluster is a group of neighbouring levels in one window as wide as the scale, which lacks what
 * lies within SQZ_TOUCH_LOG of its far edge (as in sim/analysis/branching.h). The largest is
 * taken first, then the largest among the levels that remain, and so on: the SQZ_CLUSTERS_LARGEST
 * largest of a side, and the nearest group with at least SQZ_CLUSTERS_NEAR_SHARE of the notional of
 * the largest, if it is not among them. Levels that the start price touches or has crossed belong
 * to none. */
#ifndef SQZ_ANALYSIS_CLUSTERS_H
#define SQZ_ANALYSIS_CLUSTERS_H

#include "sim/analysis/static_world.h"
#include "sim/io/map_result.h"

enum { SQZ_CLUSTERS_LARGEST = 5 };
#define SQZ_CLUSTERS_NEAR_SHARE 0.25

/* The clusters of a side, outward, into `cluster` with room for SQZ_CLUSTERS_LARGEST + 1. Returns
 * how many there are. */
size_t sqz_clusters_find(const struct sqz_static_world *rest, enum sqz_side side, double scale_log,
                         struct sqz_cluster *cluster);

#endif
