/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rule of the dYdX v4 chain for prices of liquidations
 * (protocol/x/clob/keeper/liquidations.go), a pure function. */
#ifndef SQZ_MODELS_VENUES_DYDX_RULES_H
#define SQZ_MODELS_VENUES_DYDX_RULES_H

#include <stdbool.h>

/* How far the worst price of a liquidation may be from the oracle's. */
struct sqz_dydx_spread {
    double bankruptcy_adjustment; /* by which the rating grows faster than equity falls */
    double to_maintenance;        /* the widest spread, in units of the maintenance rate */
};

/* The worst price a liquidation takes: P (1 - s ABR SMMR MMF), s +1 for a long, ABR the adjusted
 * bankruptcy rating BA (1 - TNC / TMMR) within 0 and 1. Any unit of money. */
double sqz_dydx_fillable_usd(const struct sqz_dydx_spread *spread, double oracle_usd, bool is_long,
                             double maintenance_rate, double collateral, double maintenance);

#endif
