/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rules of liquidation of the dYdX v4 chain (protocol/x/clob/keeper/liquidations.go), pure
 * functions. Amounts of money are whole numbers of 1e-6 USD, as on the chain, so that rounding is
 * the chain's; rates are parts per million. */
#ifndef SQZ_MODELS_VENUES_DYDX_RULES_H
#define SQZ_MODELS_VENUES_DYDX_RULES_H

#include <stdbool.h>
#include <stdint.h>

/* An account, or the change of one: net collateral or signed notional, and maintenance. */
struct sqz_dydx_risk {
    int64_t net, maintenance;
};

/* Strictly below its maintenance, and it has some. */
bool sqz_dydx_is_liquidatable(struct sqz_dydx_risk account);

/* What closing a part of a position, which changes notional and maintenance by `change`, must bring
 * the account for the part to leave it neither richer nor poorer than its share: -dN - TNC
 * abs(dMMR) / TMMR, rounded up. */
int64_t sqz_dydx_bankruptcy_quote(struct sqz_dydx_risk account, struct sqz_dydx_risk change);

/* What the insurance fund gains (negative: pays) where closing brings `quote` instead. */
int64_t sqz_dydx_insurance_change(int64_t quote, int64_t bankruptcy_quote, uint32_t most_ppm);

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
