/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/analysis/standstill.h"

#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_cdf.h>

#include "sim/analysis/branching.h"
#include "sim/analysis/zones.h"

/* A sum of scaled notionals is off by about a unit in its last place for each level; the scale
 * keeps this share below the one at which the ratio is 1. */
static const double ROUNDING = 1e-12;

/* The most notional that any window of a side holds. */
static double fullest_window_usd(const struct sqz_branching_walk *from)
{
    struct sqz_branching_walk walk = *from;
    struct sqz_branching_piece piece;
    double most_usd = 0.0;
    do
        most_usd = sqz_greatest(most_usd, walk.closed_usd[walk.far] - walk.closed_usd[walk.near]);
    while (sqz_branching_next(&walk, &piece));
    return most_usd;
}

static void look_at(struct sqz_standstill *standstill, const struct sqz_static_world *rest,
                    enum sqz_side side, double scale_log)
{
    struct sqz_branching_walk walk;
    sqz_branching_begin(&walk, rest, side, scale_log);
    double window_usd = fullest_window_usd(&walk);
    double scale = window_usd > 0.0 ? (1.0 - ROUNDING) * walk.enough_usd / window_usd : INFINITY;
    if (!(scale < standstill->scale))
        return;
    standstill->scale = scale;
    standstill->side = side;
    standstill->window_usd = window_usd;
    standstill->order_usd = walk.order_usd;
}

static int find_zone(struct sqz_standstill *standstill, const struct sqz_static_world *rest,
                     double scale_log, struct sqz_diag *diag)
{
    struct sqz_zone *zone = NULL;
    size_t count = 0;
    int error = sqz_zones_find(rest, scale_log, &zone, &count, diag);
    for (size_t i = 0; error == SQZ_OK && i < count; i++)
        if (zone[i].lo_log < standstill->zone_distance_log) {
            standstill->zone_distance_log = zone[i].lo_log;
            standstill->zone_side = zone[i].side;
        }
    free(zone);
    return error;
}

double sqz_standstill_median_s(double distance_log, double volatility_per_sqrt_s)
{
    if (distance_log == 0.0)
        return 0.0;
    double deviations = distance_log / (gsl_cdf_ugaussian_Qinv(0.25) * volatility_per_sqrt_s);
    return deviations * deviations;
}

int sqz_standstill_of(struct sqz_standstill *standstill, const struct sqz_static_world *rest,
                      double scale_log, double volatility_per_sqrt_s, struct sqz_diag *diag)
{
    *standstill = (struct sqz_standstill){.scale = INFINITY, .zone_distance_log = INFINITY};
    look_at(standstill, rest, SQZ_UP, scale_log);
    look_at(standstill, rest, SQZ_DOWN, scale_log);
    int error = find_zone(standstill, rest, scale_log, diag);
    standstill->zone_median_s =
        sqz_standstill_median_s(standstill->zone_distance_log, volatility_per_sqrt_s);
    return error;
}

int sqz_standstill_find(struct sqz_standstill *standstill, const struct sqz_world *world,
                        double scale_log, struct sqz_diag *diag)
{
    struct sqz_static_world rest;
    int error = sqz_static_world_init(&rest, world, diag);
    if (error == SQZ_OK)
        error = sqz_standstill_of(standstill, &rest, scale_log, world->market.volatility_per_sqrt_s,
                                  diag);
    sqz_static_world_free(&rest);
    return error;
}
