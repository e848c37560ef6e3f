/* Hyperliquid perpetuals. Maintenance is half the initial margin at the highest leverage.
 *
 * An account with two thirds of its maintenance sells in the market: of a large position a fifth,
 * but all of it where the account is below its maintenance again within the cool-down, at once.
 * With less the backstop vault takes position and margin; below zero others are deleveraged. */
#include <math.h>

#include "models/venues/steps.h"
#include "models/venues/venues.h"

struct params {
    double partial_from_usd, partial_share, cooldown_s;
};

static const struct sqz_param PARAMS[] = {
    SQZ_NUMBER(struct params, "venue.partial_from", SQZ_DIM_USD, "usd", "100000", 0, INFINITY,
               partial_from_usd,
               "notional above which only a part of a position is sold first (Hyperliquid docs, "
               "Liquidations)"),
    SQZ_NUMBER(struct params, "venue.partial_share", SQZ_DIM_NUMBER, "1", "0.2", 0, 1,
               partial_share, "that part of it (the same)", .above_lo = true),
    SQZ_NUMBER(struct params, "venue.cooldown", SQZ_DIM_TIME, "s", "30", 0, 86400, cooldown_s,
               "time after that part in which every further order is for the whole position "
               "(Hyperliquid announcement of partial liquidations)",
               .above_lo = true),
};

/* The backstop takes over below this share of maintenance. */
static const double BACKSTOP = 2.0 / 3.0;

/* Orders are not sent for ever: what two in a row, of which the first may be for a part, have left
 * is the vault's; what it may not have and nobody can be deleveraged for is sold at any price. */
enum { ORDERS_MAX = 2, STEPS_MAX = 3 };

/* A tier of any size that asks for a share of what another does. */
static struct sqz_tier share_of(const struct sqz_tier *tier, double share)
{
    return (struct sqz_tier){.cap = INFINITY,
                             .rate = share * tier->rate,
                             .slope = share * tier->slope,
                             .deduction = share * tier->deduction};
}

/* The price at which equity is that share of maintenance; NAN where there is none. Maintenance is
 * the highest of the lines of all tiers, so Newton's iteration comes down to the price from
 * beyond it and ends once the tier is right. */
static double backstop_usd(const struct sqz_liquidation_request *request)
{
    const struct sqz_position *position = request->position;
    struct sqz_tier tier;
    struct sqz_tiers only = {.tier = &tier, .count = 1};
    struct sqz_position line = *position;
    line.fee *= BACKSTOP;
    line.rate *= BACKSTOP;
    line.rate_slope *= BACKSTOP;
    line.deduction *= BACKSTOP;
    line.collateral = request->equity - sqz_margin_pnl(position, request->price_usd);
    line.other_pnl = 0.0;
    line.other_maintenance = BACKSTOP * sqz_step_other_maintenance(request);
    if (position->tiers != NULL) {
        only.contract_size = position->tiers->contract_size;
        only.unit = position->tiers->unit;
        line.tiers = &only;
    }
    size_t tiers = position->tiers != NULL ? position->tiers->count : 0;
    size_t k = sqz_margin_tier(position, request->price_usd);
    double price = NAN;
    for (size_t turn = 0; turn <= tiers; turn++) {
        if (tiers > 0)
            tier = share_of(&position->tiers->tier[k], BACKSTOP);
        price = sqz_margin_trigger(&line, 1, request->price_usd, position->side);
        if (!(price > 0.0) || price == INFINITY)
            return NAN;
        size_t there = sqz_margin_tier(position, price);
        if (there == k)
            break;
        k = there;
    }
    return price;
}

static void respond(const void *params, const struct sqz_liquidation_request *request,
                    struct sqz_liquidation_action *action)
{
    const struct params *rules = params;
    const struct sqz_position *position = request->position;
    if (request->equity < 0.0) {
        action->deleverage = request->steps < STEPS_MAX;
        return;
    }
    if (request->steps >= ORDERS_MAX || request->equity < BACKSTOP * request->maintenance) {
        action->vault = true;
        return;
    }
    action->limit_usd = backstop_usd(request);
    double value = sqz_margin_value(position, request->price_usd);
    if (request->cooling ||
        sqz_margin_usd(position, value, request->price_usd) <= rules->partial_from_usd)
        return;
    action->quantity = rules->partial_share * position->quantity;
    action->cool_s = rules->cooldown_s;
}

/* (mark / entry) (notional / account value), for a short entry / mark: those in profit first. */
static double rank(const struct sqz_liquidation_request *account)
{
    const struct sqz_position *position = account->position;
    if (!(account->equity > 0.0))
        return -INFINITY;
    double gain = position->side == SQZ_DOWN ? account->price_usd / position->entry_usd
                                             : position->entry_usd / account->price_usd;
    return gain * sqz_margin_value(position, account->price_usd) / account->equity;
}

const struct sqz_venue_model sqz_venue_hyperliquid = {
    .name = "hyperliquid",
    .doc = "Hyperliquid perpetuals",
    .citation = "Hyperliquid docs, Liquidations, Margin tiers and Auto-deleveraging",
    .params = PARAMS,
    .n_params = sizeof PARAMS / sizeof PARAMS[0],
    .params_size = sizeof(struct params),
    .one_way = true,
    .deducted = true,
    .counted_fee = 0,
    .respond = respond,
    .rank = rank,
    .deleverage_at = SQZ_AT_PREVIOUS_MARK,
};
