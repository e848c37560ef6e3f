/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The venues, one file each. */
#ifndef SQZ_MODELS_VENUES_H
#define SQZ_MODELS_VENUES_H

#include "sim/core/model.h"

extern const struct sqz_venue_model sqz_venue_full;
extern const struct sqz_venue_model sqz_venue_binance;
extern const struct sqz_venue_model sqz_venue_bybit;
extern const struct sqz_venue_model sqz_venue_okx;
extern const struct sqz_venue_model sqz_venue_hyperliquid;
extern const struct sqz_venue_model sqz_venue_dydx;

#endif
