/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/core/venue_measures.h"

#include <math.h>

#include "sim/core/world.h"

enum {
    ACCOUNTS_LIQUIDATED,
    EQUITY_LOST,
    FUND,
    FUND_DRAWN,
    DELEVERAGED,
    DELEVERAGINGS,
    BAD_DEBT,
    DELEVERAGE_AFTER,
    KEPT,
    MEASURES
};

static const struct sqz_measure MEASURE[MEASURES] = {
    [ACCOUNTS_LIQUIDATED] = {.name = "accounts_liquidated",
                             .unit = "1",
                             .doc = "accounts of which something was closed by force"},
    [EQUITY_LOST] = {.name = "equity_lost",
                     .unit = "usd",
                     .doc = "what forced closes cost the accounts, against the price at the start",
                     .either_sign = true},
    [FUND] = {.name = "fund",
              .unit = "usd",
              .doc = "balance of the insurance fund, if it is limited",
              .drawn = true,
              .either_sign = true},
    [FUND_DRAWN] = {.name = "fund_drawn", .unit = "usd", .doc = "what the fund has paid"},
    [DELEVERAGED] = {.name = "adl",
                     .unit = "usd",
                     .doc = "notional closed by auto-deleveraging (ADL)",
                     .drawn = true},
    [DELEVERAGINGS] = {.name = "adl_count",
                       .unit = "1",
                       .doc = "times that a position was deleveraged, in part or whole"},
    [BAD_DEBT] = {.name = "bad_debt",
                  .unit = "usd",
                  .doc = "losses that neither margin nor fund nor ADL covered",
                  .drawn = true},
    [DELEVERAGE_AFTER] = {.name = "adl_after",
                          .unit = "s",
                          .doc = "from the first liquidation to the first deleveraging"},
    [KEPT] = {.name = "vault",
              .unit = "usd",
              .doc = "notional of positions that the fund took over and kept"},
};

/* A sum of money in which less than this is rounding. */
static const double LEAST_USD = 1e-6;

static double without_dust(double usd)
{
    return fabs(usd) < LEAST_USD ? 0.0 : usd;
}

static void measure(const void *shared, const void *state, const struct sqz_view *now,
                    double *value)
{
    (void)shared;
    (void)state;
    const struct sqz_venue_state *held = now->state->venue;
    const struct sqz_venue *venue = held->clearing.venue;
    double price = sqz_venue_price_usd(venue, now->price_log);
    double usd = venue->scale * (venue->account_table->contract == SQZ_LINEAR ? 1.0 : price);
    value[ACCOUNTS_LIQUIDATED] = venue->scale * (double)held->totals.accounts;
    value[EQUITY_LOST] = without_dust(usd * held->totals.lost);
    value[FUND] = venue->fund < INFINITY ? usd * sqz_fund_balance(&held->fund, price) : NAN;
    value[FUND_DRAWN] = without_dust(usd * held->fund.drawn);
    value[DELEVERAGED] = venue->scale * held->deleverage.usd;
    value[DELEVERAGINGS] = venue->scale * (double)held->deleverage.count;
    value[BAD_DEBT] = without_dust(usd * held->fund.bad_debt);
    value[KEPT] = venue->scale * held->fund.kept_usd;
    value[DELEVERAGE_AFTER] = held->deleverage.first_s - held->totals.first_s;
}

static void start(const void *shared, void *state, struct sqz_stream *stream,
                  struct sqz_driver_effect *effect)
{
    (void)shared;
    (void)state;
    (void)stream;
    (void)effect;
}

const struct sqz_driver_model sqz_venue_measures = {
    .name = "venue",
    .doc = "results of the clearing house",
    .citation = "models/venues/README.md",
    .measures = MEASURE,
    .n_measures = MEASURES,
    .start = start,
    .measure = measure,
};
