/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Binance USD-M futures. Margin tiers with deductions; equity against maintenance at the mark.
 *
 * One immediate-or-cancel order of the size that brings the account back inside its margin, its fee
 * paid; an account that no such order can save is bankrupt, as is one that this order did not save:
 * the insurance fund takes it over. */
#include <math.h>

#include <gsl/gsl_poly.h>

#include "models/venues/adl.h"
#include "models/venues/steps.h"
#include "models/venues/venues.h"

struct params {
    double liquidation_fee, room, least_usd;
};

static const struct sqz_param PARAMS[] = {
    SQZ_NUMBER(
        struct params, "venue.liquidation_fee", SQZ_DIM_NUMBER, "1", "0.0125", 0, 1,
        liquidation_fee,
        "share of what is closed by force that the account pays to the fund, as far as it can "
        "(Binance USD-M API, exchangeInfo, liquidationFee of BTCUSDT)",
        .odd_from = 0.1),
    SQZ_NUMBER(struct params, "venue.room", SQZ_DIM_NUMBER, "1", "0.05", 0.001, 10, room,
               "how far back inside its margin the order brings the account: equity beyond "
               "maintenance, as a share of maintenance (assumed)",
               .odd_from = 1),
    SQZ_NUMBER(
        struct params, "venue.least_order", SQZ_DIM_USD, "usd", "100", 0, INFINITY, least_usd,
        "no order is smaller, and none leaves a smaller rest (Binance USD-M API, exchangeInfo, "
        "MIN_NOTIONAL of BTCUSDT)"),
};

/* What the account has beyond its target with x left of the position: offset + slope x + bend x^2.
 */
struct surplus {
    double offset, slope, bend;
};

/* E - f v (Q - x) - (1 + room) (M' + (m_k + b_k s x + c) v x - d_k v / s), in tier k: v the
 * value and s the size of one unit, M' maintenance of other positions. */
static struct surplus surplus_of(const struct params *params,
                                 const struct sqz_liquidation_request *request,
                                 const struct sqz_tier *tier)
{
    const struct sqz_position *position = request->position;
    double value = sqz_margin_value(position, request->price_usd);
    double unit = value / position->quantity, times = 1.0 + params->room;
    double size = sqz_margin_unit_size(position, request->price_usd);
    double per_size = value / (size * position->quantity); /* what one of the size is worth */
    return (struct surplus){
        .offset = request->equity - params->liquidation_fee * value -
                  times * (sqz_step_other_maintenance(request) - per_size * tier->deduction),
        .slope = unit * (params->liquidation_fee - times * (tier->rate + position->fee)),
        .bend = -times * unit * size * tier->slope,
    };
}

/* The greatest x at which there is none; NAN where there always is or never. */
static double root_of(const struct surplus *surplus)
{
    double least, greatest;
    if (surplus->bend == 0.0)
        return surplus->slope < 0.0 ? -surplus->offset / surplus->slope : NAN;
    return gsl_poly_solve_quadratic(surplus->bend, surplus->slope, surplus->offset, &least,
                                    &greatest) > 0
               ? greatest
               : NAN;
}

/* What is left of the position if as little as possible is closed at the price in hand for equity,
 * less the fee, to be (1 + room) times maintenance; negative where nothing will do, 0 for an
 * account that has that already. */
static double most_left(const struct params *params, const struct sqz_liquidation_request *request)
{
    const struct sqz_position *position = request->position;
    double value = sqz_margin_value(position, request->price_usd);
    /* A deduction of its own shrinks with the position: it is so much less rate. */
    const struct sqz_tier own = {.rate = position->rate - position->deduction / value,
                                 .slope = position->rate_slope};
    const struct sqz_tier *tier = position->tiers != NULL ? position->tiers->tier : &own;
    double high = position->quantity;
    for (size_t k = sqz_margin_tier(position, request->price_usd);; k--) {
        struct surplus surplus = surplus_of(params, request, &tier[k]);
        double low =
            k == 0 ? 0.0
                   : position->quantity - sqz_step_quantity_to(position, request->price_usd, k - 1);
        double at_high = surplus.offset + (surplus.slope + surplus.bend * high) * high;
        if (high < position->quantity && at_high >= 0.0)
            return high;
        double root = root_of(&surplus);
        if (root > low && root < high)
            return root;
        if (k == 0)
            return surplus.offset >= 0.0 ? 0.0 : -1.0;
        high = low;
    }
}

static void respond(const void *params, const struct sqz_liquidation_request *request,
                    struct sqz_liquidation_action *action)
{
    const struct params *rules = params;
    double left = request->steps == 0 && request->equity > 0.0 ? most_left(rules, request) : -1;
    if (left < 0.0) {
        sqz_step_take_over(request, action);
        return;
    }
    const struct sqz_position *position = request->position;
    double value = sqz_margin_value(position, request->price_usd);
    double least =
        position->quantity * rules->least_usd / sqz_margin_usd(position, value, request->price_usd);
    action->quantity = fmax(position->quantity - left, least);
    if (position->quantity - action->quantity < least)
        action->quantity = position->quantity;
    action->limit_usd = request->bankruptcy_usd;
    action->fee = rules->liquidation_fee;
}

/* The wallet is equity without the unrealised profit of the position; that of other positions of
 * the account is counted as wallet. */
static double rank(const struct sqz_liquidation_request *account)
{
    double profit = sqz_margin_pnl(account->position, account->price_usd);
    return sqz_adl_wallet_profit(profit, account->equity - profit) *
           sqz_adl_margin_ratio(account->maintenance, account->equity);
}

const struct sqz_venue_model sqz_venue_binance = {
    .name = "binance",
    .doc = "Binance USD-M futures",
    .citation = "Binance, How to Calculate Liquidation Price of USD-M Futures Contracts, FAQ "
                "b3c689c1f50a44cabb3a84e663b81d93; Futures Liquidation Protocols, FAQ 360033525271",
    .params = PARAMS,
    .n_params = sizeof PARAMS / sizeof PARAMS[0],
    .params_size = sizeof(struct params),
    .deducted = true,
    .counted_fee = 0,
    .respond = respond,
    .rank = rank,
};
