/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/core/venue_state.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

int sqz_venue_state_init(struct sqz_venue_state *state, const struct sqz_venue *venue, bool delayed)
{
    size_t accounts = venue->account_table->accounts, positions = venue->account_table->count;
    memset(state, 0, sizeof *state);
    if (delayed)
        state->order = malloc((accounts + 1) * sizeof *state->order);
    if ((state->order != NULL || !delayed) &&
        sqz_clearing_init(&state->clearing, venue) == SQZ_OK &&
        sqz_deleverage_init(&state->deleverage, positions) == SQZ_OK)
        return SQZ_OK;
    sqz_venue_state_free(state);
    return SQZ_ERR_NOMEM;
}

void sqz_venue_state_free(struct sqz_venue_state *state)
{
    sqz_clearing_free(&state->clearing);
    sqz_deleverage_free(&state->deleverage);
    free(state->order);
    memset(state, 0, sizeof *state);
}

void sqz_venue_state_reset(struct sqz_venue_state *state, uint64_t seed, uint64_t path)
{
    sqz_clearing_reset(&state->clearing, seed, path);
    sqz_fund_reset(&state->fund, state->clearing.venue);
    sqz_deleverage_reset(&state->deleverage);
    state->totals = (struct sqz_liquidation_totals){.first_s = NAN};
}

void sqz_venue_state_pay_funding(struct sqz_venue_state *state, const struct sqz_funding *funding)
{
    sqz_fund_note_funding(&state->fund, sqz_clearing_pay_funding(&state->clearing, funding));
}

double sqz_venue_state_imbalance(const struct sqz_venue_state *state, double price_usd)
{
    return sqz_fund_others(&state->fund, price_usd) +
           sqz_clearing_balance(&state->clearing, price_usd);
}

#ifdef SQZ_VERIFY
/* Prices beyond a hundredth and a hundredfold of the start price leave cash flows so much larger
 * than what is held that to add them up tells nothing: an account could vanish in their rounding,
 * or in a tolerance that is a share of positions valued there. */
static const double LEDGER_RANGE_LOG = 4.6;

static const double OPEN_INTEREST_SHARE = 1e-9;

void sqz_venue_state_verify(const struct sqz_venue_state *state, double price_log,
                            double extreme_log)
{
    const struct sqz_venue *venue = state->clearing.venue;
    const double price_usd[] = {sqz_venue_price_usd(venue, price_log), venue->start_usd};
    if (extreme_log > LEDGER_RANGE_LOG)
        return;
    double rounding = 0.0;
    for (int i = 0; i < 2; i++)
        rounding =
            sqz_greatest(rounding, OPEN_INTEREST_SHARE *
                                       sqz_clearing_open_value(&state->clearing, price_usd[i]));
    for (int i = 0; i < 2; i++)
        assert(fabs(sqz_venue_state_imbalance(state, price_usd[i])) <= rounding);
    assert(state->fund.bad_debt >= 0.0 && state->fund.drawn >= 0.0);
}
#endif
