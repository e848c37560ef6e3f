/* Bybit linear and inverse contracts. Initial and maintenance margin are those of the entry
 * value, so maintenance does not move with the price.
 *
 * A position in the lowest bracket is taken over. In a higher one, one fill-or-kill order for what
 * stands above the highest lower bracket whose maintenance the account still has; if that was
 * killed or did not help, all is taken over. */
#include "models/venues/adl.h"
#include "models/venues/steps.h"
#include "models/venues/venues.h"

/* What must be closed to come down to a bracket the account can afford; 0: there is none. */
static double quantity_above(const struct sqz_distress *distress)
{
    const struct sqz_position *position = distress->position;
    for (size_t k = sqz_margin_tier(position, distress->price_usd); k > 0; k--) {
        double quantity = sqz_step_quantity_to(position, distress->price_usd, k - 1);
        double left = position->quantity - quantity;
        if (distress->equity >= sqz_step_maintenance_left(distress, left))
            return quantity;
    }
    return 0.0;
}

static void respond(const void *params, const struct sqz_distress *distress,
                    struct sqz_response *response)
{
    (void)params;
    double quantity =
        distress->steps == 0 && distress->equity > 0.0 ? quantity_above(distress) : 0.0;
    if (quantity == 0.0) {
        sqz_step_take_over(distress, response);
        return;
    }
    response->quantity = quantity;
    response->limit_usd = distress->bankruptcy_usd;
    response->whole = true;
}

const struct sqz_venue_model sqz_venue_bybit = {
    .name = "bybit",
    .doc = "Bybit linear and inverse contracts",
    .citation = "Bybit help centre, Liquidation Price (USDT Contract), Liquidation Process (USDT "
                "Contract), Auto-Deleveraging (ADL); API v5, Get ADL Alert",
    .on_entry = true,
    .deducted = true,
    .counted_fee = 0,
    .respond = respond,
    .rank = sqz_adl_leveraged_profit,
    .drawdown_begin = 0.30,
    .drawdown_end = 0.25,
    .drawdown_window_s = 8 * 3600.0,
};
