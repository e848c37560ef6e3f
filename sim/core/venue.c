#include "sim/core/venue.h"

#include <math.h>

#define FIELD(member) offsetof(struct sqz_venue_params, member)
#define SHARE(k, initial, most, odd, member, text)                                                 \
    {                                                                                              \
        .key = k, .kind = SQZ_PARAM_NUMBER, .dimension = SQZ_DIM_NUMBER, .unit = "1",              \
        .default_text = initial, .lo = 0, .hi = most, .odd_from = odd, .offset = FIELD(member),    \
        .doc = text                                                                                \
    }
/* Maintenance of a fifth allows a leverage of 5, and a closing fee of 2 % is several times any
 * exchange's. */
const struct sqz_param sqz_venue_param_table[] = {
    {.key = "venue.tiers",
     .kind = SQZ_PARAM_TEXT,
     .dimension = SQZ_DIM_NONE,
     .unit = "",
     .offset = FIELD(tiers),
     .doc = "CSV of margin tiers, relative to this file"},
    SHARE("venue.maintenance", "0.005", 1, 0.2, maintenance,
          "maintenance rate of all positions, where there are no margin tiers"),
    SHARE(
        "venue.contract_size", "0", 1e18, 0, contract_size,
        "units of the quantity in one contract, where margin tiers count contracts; 0: they count "
        "what their table says, else the currency of the position"),
    SHARE("venue.fee", NULL, 1, 0.02, fee,
          "closing fee that counts as maintenance; the venue's own if unset"),
    {.key = "venue.fund",
     .kind = SQZ_PARAM_NUMBER,
     .dimension = SQZ_DIM_USD,
     .unit = "usd",
     .default_text = "0",
     .lo = 0,
     .hi = INFINITY,
     .offset = FIELD(fund_usd),
     .doc = "balance of the insurance fund at the start; inf: without limit, and no ADL"},
};
const size_t sqz_venue_param_count = sizeof sqz_venue_param_table / sizeof sqz_venue_param_table[0];

static const double PRICE_MAX_LOG = 100.0;

double sqz_venue_price_usd(const struct sqz_venue *venue, double price_log)
{
    double cut = price_log > PRICE_MAX_LOG ? PRICE_MAX_LOG : price_log;
    return venue->start_usd * exp(cut < -PRICE_MAX_LOG ? -PRICE_MAX_LOG : cut);
}
