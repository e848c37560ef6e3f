/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/venues/steps.h"

#include <math.h>

void sqz_step_take_over(const struct sqz_liquidation_request *request,
                        struct sqz_liquidation_action *action)
{
    action->quantity = request->position->quantity;
    action->takeover = true;
}

static bool is_above(const struct sqz_position *position, double quantity, double price_usd,
                     size_t tier)
{
    struct sqz_position left = sqz_margin_part(position, quantity);
    return sqz_margin_tier(&left, price_usd) > tier;
}

double sqz_step_quantity_to(const struct sqz_position *position, double price_usd, size_t tier)
{
    double left = position->tiers->tier[tier + 1].floor / sqz_margin_unit_size(position, price_usd);
    while (is_above(position, left, price_usd, tier))
        left = nextafter(left, 0.0);
    double closed = position->quantity - left;
    /* The subtraction that leaves the rest rounds too. */
    while (is_above(position, position->quantity - closed, price_usd, tier))
        closed = nextafter(closed, INFINITY);
    return closed;
}

double sqz_step_own_maintenance(const struct sqz_liquidation_request *request)
{
    return sqz_margin_maintenance(request->position, request->price_usd);
}

double sqz_step_other_maintenance(const struct sqz_liquidation_request *request)
{
    return request->maintenance - sqz_step_own_maintenance(request);
}

double sqz_step_maintenance_left(const struct sqz_liquidation_request *request, double quantity)
{
    struct sqz_position left = sqz_margin_part(request->position, quantity);
    left.other_pnl = left.other_maintenance = 0.0;
    left.collateral = request->equity - sqz_margin_pnl(&left, request->price_usd);
    return sqz_step_other_maintenance(request) + sqz_margin_maintenance(&left, request->price_usd);
}
