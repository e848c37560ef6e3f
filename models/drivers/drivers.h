/* The driver models. One line per model here, one in models/registry.c. */
#ifndef SQZ_MODELS_DRIVERS_H
#define SQZ_MODELS_DRIVERS_H

#include "sim/core/model.h"

extern const struct sqz_driver_model sqz_driver_jumps;
extern const struct sqz_driver_model sqz_driver_calendar;
extern const struct sqz_driver_model sqz_driver_regimes;
extern const struct sqz_driver_model sqz_driver_flow;
extern const struct sqz_driver_model sqz_driver_hunter;
extern const struct sqz_driver_model sqz_driver_funding;
extern const struct sqz_driver_model sqz_driver_replay;

#endif
