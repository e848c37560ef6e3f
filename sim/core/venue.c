/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/core/venue.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

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

/* Where each account stands on a side of the ladder. */
static void invert_ladder(const struct sqz_ladder_side *levels, size_t accounts, uint32_t *level_of)
{
    for (size_t a = 0; a < accounts; a++)
        level_of[a] = SQZ_NO_LEVEL;
    for (size_t i = 0; i < levels->count; i++)
        level_of[levels->account[i]] = (uint32_t)i;
}

static size_t most_legs(const struct sqz_account_table *account_table)
{
    size_t most = 0;
    for (size_t a = 0; a < account_table->accounts; a++) {
        size_t legs = account_table->first[a + 1] - account_table->first[a];
        if (legs > most)
            most = legs;
    }
    return most;
}

int sqz_venue_init(struct sqz_venue *venue, const struct sqz_venue_terms *terms,
                   struct sqz_diag *diag)
{
    const struct sqz_account_table *account_table = terms->account_table;
    bool inverse = account_table->contract == SQZ_INVERSE;
    *venue = (struct sqz_venue){
        .model = terms->model,
        .params = terms->params,
        .account_table = account_table,
        .start_usd = terms->start_usd,
        .fund = terms->fund_usd / terms->scale / (inverse ? terms->start_usd : 1.0),
        .scale = terms->scale,
        .legs_max = most_legs(account_table),
    };
    for (int side = 0; side < 2; side++) {
        uint32_t *level_of = malloc((account_table->accounts + 1) * sizeof *level_of);
        if (level_of == NULL)
            return sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for %zu accounts",
                            account_table->accounts);
        invert_ladder(&terms->ladder->side[side], account_table->accounts, level_of);
        venue->level_of[side] = level_of;
    }
    return SQZ_OK;
}

void sqz_venue_free(struct sqz_venue *venue)
{
    free(venue->level_of[SQZ_UP]);
    free(venue->level_of[SQZ_DOWN]);
    memset(venue, 0, sizeof *venue);
}

static const double PRICE_MAX_LOG = 100.0;

double sqz_venue_price_usd(const struct sqz_venue *venue, double price_log)
{
    double cut = price_log > PRICE_MAX_LOG ? PRICE_MAX_LOG : price_log;
    return venue->start_usd * exp(cut < -PRICE_MAX_LOG ? -PRICE_MAX_LOG : cut);
}
