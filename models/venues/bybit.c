/* Bybit linear and inverse contracts. Initial and maintenance margin are those of the entry
 * value, so maintenance does not move with the price. */
#include "models/venues/venues.h"

const struct sqz_venue_model sqz_venue_bybit = {
    .name = "bybit",
    .doc = "Bybit linear and inverse contracts",
    .citation = "Bybit help centre, Liquidation Price (USDT Contract)",
    .on_entry = true,
    .deducted = true,
    .counted_fee = 0,
};
