/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/venues/dydx_rules.h"

#include <math.h>

double sqz_dydx_fillable_usd(const struct sqz_dydx_spread *spread, double oracle_usd, bool is_long,
                             double maintenance_rate, double collateral, double maintenance)
{
    double rating = spread->bankruptcy_adjustment * (1.0 - collateral / maintenance);
    rating = fmin(fmax(rating, 0.0), 1.0);
    double away = rating * spread->to_maintenance * maintenance_rate;
    return oracle_usd * (is_long ? 1.0 - away : 1.0 + away);
}
