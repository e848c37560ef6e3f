/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/venues/dydx_rules.h"

#include <math.h>
#include <stdlib.h>

/* Products of two amounts do not fit in 64 bits. */
__extension__ typedef __int128 wide;

static wide divide_down(wide dividend, wide divisor) /* divisor > 0 */
{
    wide quotient = dividend / divisor;
    return quotient * divisor > dividend ? quotient - 1 : quotient;
}

bool sqz_dydx_is_liquidatable(struct sqz_dydx_risk account)
{
    return account.maintenance > 0 && account.net < account.maintenance;
}

int64_t sqz_dydx_bankruptcy_quote(struct sqz_dydx_risk account, struct sqz_dydx_risk change)
{
    wide share = (wide)account.net * llabs(change.maintenance);
    return -change.net - (int64_t)divide_down(share, account.maintenance);
}

int64_t sqz_dydx_insurance_change(int64_t quote, int64_t bankruptcy_quote, uint32_t most_ppm)
{
    int64_t change = quote - bankruptcy_quote;
    if (change <= 0)
        return change;
    int64_t most = (int64_t)divide_down((wide)llabs(quote) * most_ppm, 1000000);
    return change < most ? change : most;
}

double sqz_dydx_fillable_usd(const struct sqz_dydx_spread *spread, double oracle_usd, bool is_long,
                             double maintenance_rate, double collateral, double maintenance)
{
    double rating = spread->bankruptcy_adjustment * (1.0 - collateral / maintenance);
    rating = fmin(fmax(rating, 0.0), 1.0);
    double away = rating * spread->to_maintenance * maintenance_rate;
    return oracle_usd * (is_long ? 1.0 - away : 1.0 + away);
}
