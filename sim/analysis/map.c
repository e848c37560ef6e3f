/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/analysis/map.h"

#include <string.h>

#include "sim/analysis/branching.h"
#include "sim/analysis/clusters.h"
#include "sim/analysis/standstill.h"
#include "sim/analysis/static_world.h"
#include "sim/analysis/zones.h"

/* What is closed within `percent` of the start price; a level counts as reached as in a walk. */
static double within_usd(const struct sqz_static_world *rest, enum sqz_side side, double percent)
{
    double direction = sqz_direction(side);
    double edge_log = direction * log1p(direction * percent / 100) + SQZ_TOUCH_LOG;
    return rest
        ->closed_usd[side][sqz_static_world_nearer(rest, side, nextafter(edge_log, INFINITY))];
}

static int fill(struct sqz_map *map, const struct sqz_static_world *rest, double scale_log,
                struct sqz_diag *diag)
{
    for (int side = 0; side < 2; side++) {
        map->total_usd[side] = rest->closed_usd[side][rest->world.ladder->side[side].count];
        for (int i = 0; i < SQZ_MAP_WITHIN; i++)
            map->within_usd[i][side] = within_usd(rest, side, sqz_map_within_percent[i]);
        map->n_clusters += sqz_clusters_find(rest, side, scale_log, &map->cluster[map->n_clusters]);
    }
    int error = sqz_branching_make(&map->branching, rest, scale_log, diag);
    if (error == SQZ_OK)
        error = sqz_zones_find(rest, scale_log, &map->zone, &map->n_zones, diag);
    if (error == SQZ_OK)
        error = sqz_zones_cascade(rest, map->zone, map->n_zones, SQZ_ZONES_WORK_LEVELS,
                                  &map->stride, diag);
    return error;
}

int sqz_map_make(struct sqz_map *map, const struct sqz_world *world, double scale_log,
                 struct sqz_diag *diag)
{
    struct sqz_static_world rest;
    memset(map, 0, sizeof *map);
    int error = sqz_static_world_init(&rest, world, diag);
    if (error != SQZ_OK)
        return error;
    error = fill(map, &rest, scale_log, diag);
    if (error == SQZ_OK)
        error = sqz_standstill_of(&map->standstill, &rest, scale_log,
                                  world->market.volatility_per_sqrt_s, diag);
    if (error != SQZ_OK)
        sqz_map_free(map);
    sqz_static_world_free(&rest);
    return error;
}

int sqz_map_branching(struct sqz_branching *branching, const struct sqz_world *world,
                      double scale_log, struct sqz_diag *diag)
{
    struct sqz_static_world rest;
    memset(branching, 0, sizeof *branching);
    int error = sqz_static_world_init(&rest, world, diag);
    if (error == SQZ_OK)
        error = sqz_branching_make(branching, &rest, scale_log, diag);
    sqz_static_world_free(&rest);
    return error;
}
