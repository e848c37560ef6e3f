/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The driver models. One line per model here, one in models/registry.c. */
#ifndef SQZ_MODELS_DRIVERS_H
#define SQZ_MODELS_DRIVERS_H

#include "sim/core/model.h"

/* Multipliers of volatility and depth from which on they can hardly be meant: in the worst hours
 * measured volatility rose some 5 times (scenarios/README.md), and no book is seen to hold five
 * times its usual depth. A percentage typed as a number is larger. */
#define SQZ_VOLATILITY_ODD_FROM 20.0
#define SQZ_DEPTH_ODD_FROM 5.0

extern const struct sqz_driver_model sqz_driver_jumps;
extern const struct sqz_driver_model sqz_driver_calendar;
extern const struct sqz_driver_model sqz_driver_regimes;
extern const struct sqz_driver_model sqz_driver_flow;
extern const struct sqz_driver_model sqz_driver_hunter;
extern const struct sqz_driver_model sqz_driver_funding;
extern const struct sqz_driver_model sqz_driver_replay;

#endif
