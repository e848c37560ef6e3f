/* dYdX v4. One maintenance fraction a market; an account is liquidatable where its equity is
 * below its maintenance. */
#include "models/venues/venues.h"

const struct sqz_venue_model sqz_venue_dydx = {
    .name = "dydx",
    .doc = "dYdX v4",
    .citation =
        "dYdX v4 chain, protocol/x/subaccounts and x/clob; docs.dydx.exchange, Liquidations",
    .deducted = true,
    .counted_fee = 0,
};
