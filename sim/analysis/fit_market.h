/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows of a scenario from what was recorded of a market. */
#ifndef SQZ_ANALYSIS_FIT_MARKET_H
#define SQZ_ANALYSIS_FIT_MARKET_H

#include "sim/io/fits.h"
#include "sim/io/market_data.h"
#include "sim/io/record.h"

/* `volatility` over the horizon ahead of the record's end, by the forecast whose QLIKE is best, and
 * `jumps.*`, where there are any: their share is then taken out of the volatility. */
int sqz_fit_volatility(struct sqz_fits *fits, const struct sqz_record *record, double horizon_s,
                       struct sqz_diag *diag);

/* `book.depth` and `book.shape`: cumulative depth = depth (distance / 1 %)^shape, fitted in
 * logarithms to each snapshot over the distances at which the record is complete; of both sides
 * together, and of each where they differ. */
int sqz_fit_book(struct sqz_fits *fits, const struct sqz_depth_record *depth,
                 struct sqz_diag *diag);

/* `impact 1 s`, ...: how far the mid moves within so many seconds per 1M USD of net taker flow in
 * the same time, in bp; no keys of a scenario, but a second look at the depth. Quotes are those of
 * `depth`, or where it is NULL or has none the prices traded. */
int sqz_fit_impact(struct sqz_fits *fits, const struct sqz_ticks *trades,
                   const struct sqz_depth_record *depth, struct sqz_diag *diag);

/* `funding.rate` of the last 30 days, and `funding.interval`. */
void sqz_fit_funding(struct sqz_fits *fits, const struct sqz_ticks *funding);

/* `flow.rate`, `flow.branching`, `flow.decay`, and `flow.size` where the events have sizes: a
 * self-exciting process with exponential decay, by maximum likelihood (Ozaki 1979, Ann. Inst.
 * Statist. Math. 31, 145), tested by the law of its rescaled times. */
int sqz_fit_flow(struct sqz_fits *fits, const struct sqz_ticks *events, struct sqz_diag *diag);

#endif
