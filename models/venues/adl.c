/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/venues/adl.h"

#include <math.h>

double sqz_adl_leveraged_profit(const struct sqz_liquidation_request *account)
{
    const struct sqz_position *position = account->position;
    if (!(account->equity > 0.0))
        return -INFINITY;
    double profit = sqz_margin_pnl(position, account->price_usd) /
                    sqz_margin_value(position, position->entry_usd);
    double leverage = sqz_margin_value(position, account->price_usd) / account->equity;
    return profit > 0.0 ? profit * leverage : profit / leverage;
}

double sqz_adl_wallet_profit(double profit, double wallet)
{
    return fmax(0.0, profit) / fmax(1.0, wallet);
}

double sqz_adl_margin_ratio(double maintenance, double equity)
{
    return equity > 0.0 ? maintenance / equity : 0.0;
}
