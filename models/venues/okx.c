/* OKX swaps. Position tiers count contracts and have no deductions; the closing fee counts as
 * maintenance.
 *
 * From the third tier up a position is reduced by two tiers and frozen for a minute, again and
 * again; below that, or where the account does not even have the maintenance rate of the first
 * tier, the position is taken over at its bankruptcy price. */
#include "models/venues/adl.h"
#include "models/venues/steps.h"
#include "models/venues/venues.h"

struct params {
    double freeze_s;
};

static const struct sqz_param PARAMS[] = {
    SQZ_NUMBER(
        struct params, "venue.freeze", SQZ_DIM_TIME, "s", "60", 0, 86400, freeze_s,
        "time that a position reduced by force stays frozen before it is looked at again (OKX, "
        "Forced Partial Liquidation: about a minute)",
        .above_lo = true),
};

enum { TIERS_DOWN = 2 };

/* Whether the account still has what the first tier would ask of the position. */
static bool has_least(const struct sqz_liquidation_request *request)
{
    const struct sqz_position *position = request->position;
    double rate = position->tiers->tier[0].rate + position->fee;
    return request->equity >= sqz_step_other_maintenance(request) +
                                  rate * sqz_margin_value(position, request->price_usd);
}

static void respond(const void *params, const struct sqz_liquidation_request *request,
                    struct sqz_liquidation_action *action)
{
    const struct sqz_position *position = request->position;
    size_t tier = sqz_margin_tier(position, request->price_usd);
    if (tier < TIERS_DOWN || !(request->equity > 0.0) || !has_least(request)) {
        sqz_step_take_over(request, action);
        return;
    }
    action->quantity = sqz_step_quantity_to(position, request->price_usd, tier - TIERS_DOWN);
    action->limit_usd = request->bankruptcy_usd;
    action->review_s = ((const struct params *)params)->freeze_s;
}

const struct sqz_venue_model sqz_venue_okx = {
    .name = "okx",
    .doc = "OKX swaps",
    .citation = "OKX API v5, positions channel; OKX, Position tiers, Forced Partial or Full "
                "Liquidation, Automatic-Deleveraging",
    .params = PARAMS,
    .n_params = sizeof PARAMS / sizeof PARAMS[0],
    .params_size = sizeof(struct params),
    .deducted = false,
    .counted_fee = 0.0005,
    .respond = respond,
    .rank = sqz_adl_leveraged_profit,
    .deleverage_at = SQZ_AT_MARK,
    .drawdown_begin = 0.30,
    .drawdown_end = 0.30,
    .drawdown_window_s = 8 * 3600.0,
};
