#include "sim/core/venue.h"

#include <math.h>

/* Maintenance of a fifth allows a leverage of 5, and a closing fee of 2 % is several times any
 * exchange's. */
const struct sqz_param sqz_venue_param_table[] = {
    SQZ_TEXT(struct sqz_venue_params, "venue.tiers", NULL, tiers,
             "CSV of margin tiers, relative to this file"),
    SQZ_NUMBER(struct sqz_venue_params, "venue.maintenance", SQZ_DIM_NUMBER, "1", "0.005", 0, 1,
               maintenance, "maintenance rate of all positions, where there are no margin tiers",
               .odd_from = 0.2),
    SQZ_NUMBER(
        struct sqz_venue_params, "venue.contract_size", SQZ_DIM_NUMBER, "1", "0", 0, 1e18,
        contract_size,
        "units of the quantity in one contract, where margin tiers count contracts; 0: they count "
        "what their table says, else the currency of the position"),
    SQZ_NUMBER(struct sqz_venue_params, "venue.fee", SQZ_DIM_NUMBER, "1", NULL, 0, 1, fee,
               "closing fee that counts as maintenance; the venue's own if unset",
               .odd_from = 0.02),
    SQZ_NUMBER(struct sqz_venue_params, "venue.fund", SQZ_DIM_USD, "usd", "0", 0, INFINITY,
               fund_usd,
               "balance of the insurance fund at the start; inf: without limit, and no ADL"),
};
const size_t sqz_venue_param_count = sizeof sqz_venue_param_table / sizeof sqz_venue_param_table[0];

static const double PRICE_MAX_LOG = 100.0;

double sqz_venue_price_usd(const struct sqz_venue *venue, double price_log)
{
    double cut = price_log > PRICE_MAX_LOG ? PRICE_MAX_LOG : price_log;
    return venue->start_usd * exp(cut < -PRICE_MAX_LOG ? -PRICE_MAX_LOG : cut);
}
