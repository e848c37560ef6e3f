/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A ledger of cohorts: who opened when, at which leverage, and where that is liquidated.
 *
 * Every contract has one long and one short, so what stands on each side is the open interest. In
 * each bar, in this order,
 *
 *   1. levels that stood before it and that its low (longs) or high (shorts) reaches are touched;
 *   2. a share 1 - exp(-hazard dt) of what stands exits;
 *   3. each side is brought to the open interest at the bar's end: what is missing is opened at the
 *      bar's price, the mean of open, high, low and close, split by the leverage mix; what is too
 *      much is closed, the same share of every cohort.
 *
 * A cohort of leverage L opened at E has its naive level where the margin E / L is down to
 * maintenance m: for a long (1 - 1/L) E / (1 - m), for a short (1 + 1/L) E / (1 + m). The leverage
 * setting is not the distance: accounts hold more margin. The log distance of the level is the
 * naive one times exp(a + b z) with z standard normal (`buffer_median` exp a, `buffer_sigma` b),
 * cut into BUFFER_PARTS of equal weight, each at its median.
 *
 * Cohorts are merged by log price in bins of `bin_log`, at the mean of their log prices weighted by
 * notional: memory is bounded by the range of prices, whatever the length of the record. */
#ifndef SQZ_ANALYSIS_COHORTS_H
#define SQZ_ANALYSIS_COHORTS_H

#include "sim/io/ledger_result.h"
#include "sim/io/record.h"

enum { SQZ_LEVERAGES_MAX = 16, SQZ_BUFFER_PARTS = 5 };

struct sqz_cohort_terms {
    double leverage[SQZ_LEVERAGES_MAX], share[SQZ_LEVERAGES_MAX]; /* shares sum to 1 */
    size_t leverages;
    double maintenance; /* m */
    double buffer_median, buffer_sigma;
    double exit_per_s;   /* hazard */
    double volume_share; /* opened of what is traded, on each side, without open interest */
    double bin_log;
};

/* Cohorts of one side and leverage: bins of log price. */
struct sqz_cohort_grid {
    double *notional_usd, *weighted_log; /* both over the side's factor */
    int64_t first;                       /* bin of the first item */
    size_t count;
    int64_t lo, hi; /* nothing stands in items below lo, nor in those from hi on */
};

struct sqz_ledger {
    struct sqz_cohort_terms terms;
    struct sqz_cohort_grid grid[2][SQZ_LEVERAGES_MAX];
    double factor[2]; /* what is left of what stands, by closes and exits */
    struct sqz_built_map map;
    double last_s, step_s; /* of the bar before; NAN: none */
    /* Sums for the correlation with what was reported. */
    double n, x, y, xx, yy, xy;
    bool lost; /* memory ran out */
};

void sqz_ledger_init(struct sqz_ledger *ledger, const struct sqz_cohort_terms *terms);
/* Safe on a zeroed one. */
void sqz_ledger_free(struct sqz_ledger *ledger);

/* Book one bar, in the order of time. SQZ_ERR_NOMEM where memory is out. */
int sqz_ledger_bar(struct sqz_ledger *ledger, const struct sqz_bar *bar, struct sqz_diag *diag);

/* The map as it stands, with the sums so far: `map` is the caller's to free. */
int sqz_ledger_map(const struct sqz_ledger *ledger, struct sqz_built_map *map,
                   struct sqz_diag *diag);

/* Where a cohort that is opened at `entry_usd` is liquidated without a buffer. */
double sqz_cohort_naive_usd(const struct sqz_cohort_terms *terms, enum sqz_side side,
                            double leverage, double entry_usd);

#endif
