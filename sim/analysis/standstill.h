/* SPDX-License-Identifier: GPL-3.0-or-later */
/* When a map cannot be true: the largest scale at which it could stand, and how soon the price
 * would get to where it would not.
 *
 * The branching ratio is linear in the notional of the levels, so the standstill scale is the
 * reciprocal of its maximum along the map: at any scale from there on some window of prices holds
 * as much forced notional as moves the book across that window. A map above its standstill scale
 * has a danger zone (sim/analysis/zones.h). Without liquidations the log price is taken to be
 * Brownian: it has been at distance d by time t with probability 2 (1 - Phi(d / (sigma sqrt t))),
 * which is a half at the median time (d / (0.6745 sigma))^2.
 *
 * Assumes a fully replenished book at its own depth (drivers are left out), and that only
 * liquidations move the price once they begin. */
#ifndef SQZ_ANALYSIS_STANDSTILL_H
#define SQZ_ANALYSIS_STANDSTILL_H

#include "sim/analysis/static_world.h"
#include "sim/io/map_result.h"

/* Of a world at the scale it has, with windows of `scale_log` > SQZ_TOUCH_LOG (SQZ_MAP_SCALE_LOG
 * where no other is asked for). SQZ_OK or SQZ_ERR_NOMEM. */
int sqz_standstill_find(struct sqz_standstill *standstill, const struct sqz_world *world,
                        double scale_log, struct sqz_diag *diag);

/* The same of a static world that is there already. */
int sqz_standstill_of(struct sqz_standstill *standstill, const struct sqz_static_world *rest,
                      double scale_log, double volatility_per_sqrt_s, struct sqz_diag *diag);

/* Median time of a Brownian log price to a distance; 0 at no distance, else INFINITY without
 * volatility. */
double sqz_standstill_median_s(double distance_log, double volatility_per_sqrt_s);

#endif
