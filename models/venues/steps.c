#include "models/venues/steps.h"

#include <math.h>

void sqz_step_take_over(const struct sqz_distress *distress, struct sqz_response *response)
{
    response->quantity = distress->position->quantity;
    response->takeover = true;
}

static bool is_above(const struct sqz_position *position, double quantity, double price_usd,
                     size_t bracket)
{
    struct sqz_position left = sqz_margin_part(position, quantity);
    return sqz_margin_tier(&left, price_usd) > bracket;
}

double sqz_step_quantity_to(const struct sqz_position *position, double price_usd, size_t bracket)
{
    double left =
        position->tiers->tier[bracket + 1].floor / sqz_margin_unit_size(position, price_usd);
    while (is_above(position, left, price_usd, bracket))
        left = nextafter(left, 0.0);
    double closed = position->quantity - left;
    /* The subtraction that leaves the rest rounds too. */
    while (is_above(position, position->quantity - closed, price_usd, bracket))
        closed = nextafter(closed, INFINITY);
    return closed;
}

double sqz_step_own_maintenance(const struct sqz_distress *distress)
{
    return sqz_margin_maintenance(distress->position, distress->price_usd);
}

double sqz_step_other_maintenance(const struct sqz_distress *distress)
{
    return distress->maintenance - sqz_step_own_maintenance(distress);
}

double sqz_step_maintenance_left(const struct sqz_distress *distress, double quantity)
{
    struct sqz_position left = sqz_margin_part(distress->position, quantity);
    left.other_pnl = left.other_maintenance = 0.0;
    left.collateral = distress->equity - sqz_margin_pnl(&left, distress->price_usd);
    return sqz_step_other_maintenance(distress) +
           sqz_margin_maintenance(&left, distress->price_usd);
}
