/* Binance USD-M futures. Brackets with deductions; equity against maintenance at the mark. */
#include "models/venues/venues.h"

const struct sqz_venue_model sqz_venue_binance = {
    .name = "binance",
    .doc = "Binance USD-M futures",
    .citation = "Binance, How to Calculate Liquidation Price of USD-M Futures Contracts, FAQ "
                "b3c689c1f50a44cabb3a84e663b81d93",
    .deducted = true,
    .counted_fee = 0,
};
