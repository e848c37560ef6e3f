/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Auto-deleveraging (ADL) as venues publish it: who goes first. Pure functions; sources:
 * models/venues/README.md. */
#ifndef SQZ_MODELS_VENUES_ADL_H
#define SQZ_MODELS_VENUES_ADL_H

#include "sim/core/margin.h"

/* Profit in percent of the entry value times effective leverage, divided by it for a loss (BitMEX,
 * Bybit, OKX). An account without equity comes last: it is itself about to be liquidated. */
double sqz_adl_leveraged_profit(const struct sqz_liquidation_request *account);

/* Binance: profit as a share of the wallet, maintenance as a share of equity; the rank is their
 * product. */
double sqz_adl_wallet_profit(double profit, double wallet);
double sqz_adl_margin_ratio(double maintenance, double equity);

#endif
