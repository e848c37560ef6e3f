/* OKX swaps. Position tiers count contracts and have no deductions; the closing fee counts as
 * maintenance. */
#include "models/venues/venues.h"

const struct sqz_venue_model sqz_venue_okx = {
    .name = "okx",
    .doc = "OKX swaps",
    .citation = "OKX API v5, positions channel; OKX, Position tiers",
    .deducted = false,
    .counted_fee = 0.0005,
};
