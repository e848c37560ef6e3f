/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Automatic deleveraging as venues publish it: who goes first, and when it begins. Pure functions;
 * sources: models/venues/README.md. */
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

/* The light that a trader sees: of `total` size, `up_to` stands before him or is his own. A fifth,
 * two fifths, ... of the queue. */
double sqz_adl_quintile(double up_to, double total);

/* Bybit: loss of a contract as a share of the pool's peak (negative), and what of the loss is not
 * the pool's but taken from those who are deleveraged, where the pool's part ends at `most` of its
 * peak. */
double sqz_adl_loss_ratio(double loss, double peak);
double sqz_adl_clawback(double loss, double peak, double most);

#endif
