/* Hyperliquid perpetuals. Maintenance is half the initial margin at the highest leverage. */
#include "models/venues/venues.h"

const struct sqz_venue_model sqz_venue_hyperliquid = {
    .name = "hyperliquid",
    .doc = "Hyperliquid perpetuals",
    .citation = "Hyperliquid docs, Liquidations and Margin tiers",
    .deducted = true,
    .counted_fee = 0,
};
