/* SPDX-License-Identifier: GPL-3.0-or-later */
/* No particular exchange: a position is closed whole, by one market order, when its
 * equity falls to its maintenance. The policy that a liquidation map implies. Nobody is
 * deleveraged: what an account cannot pay and the fund does not is bad debt. */
#include "models/venues/venues.h"

const struct sqz_venue_model sqz_venue_full = {
    .name = "full",
    .doc = "the whole position in one market order",
    .citation = "none: the policy that a liquidation map implies",
    .by_level = true,
    .deducted = true,
    .counted_fee = 0,
};
