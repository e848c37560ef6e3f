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

static const struct sqz_param PARAMS[] = {
    SQZ_NUMBER(
        struct params, "venue.liquidation_fee", SQZ_DIM_NUMBER, "1", "0.015", 0, 1, liquidation_fee,
        "share of what is closed by force that the account pays to the fund, as far as it can "
        "(dYdX mainnet genesis, clob liquidations_config: 1.5 %)",
        .odd_from = 0.1),
    SQZ_NUMBER(struct params, "venue.block", SQZ_DIM_TIME, "s", "1", 0, 86400, block_s,
               "time from one block, and one order, to the next", .above_lo = true),
    SQZ_NUMBER(struct params, "venue.block_share", SQZ_DIM_NUMBER, "1", "0.1", 0, 1, block_share,
               "the most of a position that is closed in a block (dYdX mainnet genesis, "
               "clob liquidations_config)",
               .above_lo = true),
    SQZ_NUMBER(struct params, "venue.block_least", SQZ_DIM_USD, "usd", "1000", 0, INFINITY,
               block_least_usd, "but at least this much (the same)", .above_lo = true),
    SQZ_NUMBER(
        struct params, "venue.bankruptcy_adjustment", SQZ_DIM_NUMBER, "1", "1", 0, 1e6,
        spread.bankruptcy_adjustment,
        "how much faster than equity falls below maintenance the worst price moves away (dYdX "
        "help, Liquidations on dYdX Chain)",
        .above_lo = true),
    SQZ_NUMBER(
        struct params, "venue.spread_to_maintenance", SQZ_DIM_NUMBER, "1", "1.5", 0, 100,
        spread.to_maintenance,
        "the farthest the worst price is from the oracle's, in units of the maintenance rate "
        "(dYdX help, Contract loss mechanisms on dYdX Chain)",
        .above_lo = true),
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
