/* dYdX v4. One maintenance fraction a market; an account is liquidatable where its equity is
 * below its maintenance.
 *
 * Every block an immediate-or-cancel order for a part of the position, at no worse than the
 * fillable price; an account below zero is closed at its bankruptcy price, by the insurance fund or
 * against others. */
#include <math.h>

#include "models/venues/adl.h"
#include "models/venues/dydx_rules.h"
#include "models/venues/steps.h"
#include "models/venues/venues.h"

struct params {
    double liquidation_fee, block_s, block_share, block_least_usd;
    struct sqz_dydx_spread spread;
};

#define FIELD(member) offsetof(struct params, member)
#define RATE(k, initial, most, member, text)                                                       \
    {                                                                                              \
        .key = k, .kind = SQZ_PARAM_NUMBER, .dimension = SQZ_DIM_NUMBER, .unit = "1",              \
        .default_text = initial, .lo = 0, .hi = most, .above_lo = true, .offset = FIELD(member),   \
        .doc = text                                                                                \
    }
static const struct sqz_param PARAMS[] = {
    {.key = "venue.liquidation_fee",
     .kind = SQZ_PARAM_NUMBER,
     .dimension = SQZ_DIM_NUMBER,
     .unit = "1",
     .default_text = "0.015",
     .lo = 0,
     .hi = 1,
     .odd_from = 0.1,
     .offset = FIELD(liquidation_fee),
     .doc = "share of what is closed by force that the account pays to the fund, as far as it can "
            "(dYdX mainnet genesis, clob liquidations_config: 1.5 %)"},
    {.key = "venue.block",
     .kind = SQZ_PARAM_NUMBER,
     .dimension = SQZ_DIM_TIME,
     .unit = "s",
     .default_text = "1",
     .lo = 0,
     .hi = 86400,
     .above_lo = true,
     .offset = FIELD(block_s),
     .doc = "time from one block, and one order, to the next"},
    RATE("venue.block_share", "0.1", 1, block_share,
         "the most of a position that is closed in a block (dYdX mainnet genesis, "
         "clob liquidations_config)"),
    {.key = "venue.block_least",
     .kind = SQZ_PARAM_NUMBER,
     .dimension = SQZ_DIM_USD,
     .unit = "usd",
     .default_text = "1000",
     .lo = 0,
     .hi = INFINITY,
     .above_lo = true,
     .offset = FIELD(block_least_usd),
     .doc = "but at least this much (the same)"},
    RATE("venue.bankruptcy_adjustment", "1", 1e6, spread.bankruptcy_adjustment,
         "how much faster than equity falls below maintenance the worst price moves away (dYdX "
         "help, Liquidations on dYdX Chain)"),
    RATE("venue.spread_to_maintenance", "1.5", 100, spread.to_maintenance,
         "the farthest the worst price is from the oracle's, in units of the maintenance rate "
         "(dYdX help, Contract loss mechanisms on dYdX Chain)"),
};

/* Share of the position that one block may close. */
static double share_of_block(const struct params *rules, double value_usd)
{
    return fmin(1.0, fmax(rules->block_share, rules->block_least_usd / value_usd));
}

static void respond(const void *params, const struct sqz_liquidation_request *request,
                    struct sqz_liquidation_action *action)
{
    const struct params *rules = params;
    const struct sqz_position *position = request->position;
    if (request->equity < 0.0) {
        sqz_step_take_over(request, action);
        return;
    }
    double value = sqz_margin_value(position, request->price_usd);
    double own = sqz_step_own_maintenance(request);
    double value_usd = sqz_margin_usd(position, value, request->price_usd);
    action->quantity = share_of_block(rules, value_usd) * position->quantity;
    action->limit_usd =
        sqz_dydx_fillable_usd(&rules->spread, request->price_usd, position->side == SQZ_DOWN,
                              own / value, request->equity, request->maintenance);
    /* No more than the part of equity that goes with what is closed: its fill is above its
     * bankruptcy price by so much at the price in hand. */
    action->fee =
        fmin(rules->liquidation_fee, request->equity * own / (request->maintenance * value));
    action->review_s = rules->block_s;
}

const struct sqz_venue_model sqz_venue_dydx = {
    .name = "dydx",
    .doc = "dYdX v4",
    .citation = "dYdX v4 chain, protocol/x/subaccounts and x/clob; dYdX help, Liquidations on dYdX "
                "Chain",
    .params = PARAMS,
    .n_params = sizeof PARAMS / sizeof PARAMS[0],
    .params_size = sizeof(struct params),
    .one_way = true,
    .deducted = true,
    .counted_fee = 0,
    .respond = respond,
    .rank = sqz_adl_leveraged_profit,
};
