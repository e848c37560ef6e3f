/* Bybit linear and inverse contracts. Maintenance and the tier follow the mark price since 2
 * September 2025; before, they were those of the entry value. The initial margin of an isolated
 * position is that of the entry.
 *
 * A position in the lowest tier is taken over. In a higher one, one fill-or-kill order for what
 * stands above the highest lower tier whose maintenance the account still has; if that was
 * killed or did not help, all is taken over. */
#include "models/venues/adl.h"
#include "models/venues/steps.h"
#include "models/venues/venues.h"

struct params {
    int maintenance_price;
};

enum { AT_MARK, AT_ENTRY };

static const char *const PRICES[] = {[AT_MARK] = "mark", [AT_ENTRY] = "entry", NULL};

static const struct sqz_param PARAMS[] = {
    SQZ_CHOICE(struct params, "venue.maintenance_price", "mark", PRICES, maintenance_price,
               "price at which maintenance and its tier are taken: mark or entry, the rule before "
               "2 September 2025 (Bybit, The New Margin Calculation)"),
};

static bool on_entry(const void *params)
{
    return ((const struct params *)params)->maintenance_price == AT_ENTRY;
}

/* What must be closed to come down to a tier the account can afford; 0: there is none. */
static double quantity_above(const struct sqz_liquidation_request *request)
{
    const struct sqz_position *position = request->position;
    for (size_t k = sqz_margin_tier(position, request->price_usd); k > 0; k--) {
        double quantity = sqz_step_quantity_to(position, request->price_usd, k - 1);
        double left = position->quantity - quantity;
        if (request->equity >= sqz_step_maintenance_left(request, left))
            return quantity;
    }
    return 0.0;
}

static void respond(const void *params, const struct sqz_liquidation_request *request,
                    struct sqz_liquidation_action *action)
{
    (void)params;
    double quantity = request->steps == 0 && request->equity > 0.0 ? quantity_above(request) : 0.0;
    if (quantity == 0.0) {
        sqz_step_take_over(request, action);
        return;
    }
    action->quantity = quantity;
    action->limit_usd = request->bankruptcy_usd;
    action->whole = true;
}

const struct sqz_venue_model sqz_venue_bybit = {
    .name = "bybit",
    .doc = "Bybit linear and inverse contracts",
    .citation = "Bybit help centre, The New Margin Calculation: Adjustments and Implications; "
                "Liquidation Price Calculation under Isolated Mode; Liquidation Process (USDT "
                "Contract); Auto-Deleveraging (ADL); API v5, Get ADL Alert",
    .params = PARAMS,
    .n_params = sizeof PARAMS / sizeof PARAMS[0],
    .params_size = sizeof(struct params),
    .on_entry = on_entry,
    .deducted = true,
    .fee_at_bankruptcy = true,
    .counted_fee = 0,
    .respond = respond,
    .rank = sqz_adl_leveraged_profit,
    .drawdown_begin = 0.30,
    .drawdown_end = 0.25,
    .drawdown_window_s = 8 * 3600.0,
};
