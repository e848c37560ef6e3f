/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the positions of a file are liquidated and where they have lost all, seen from the marks
 * in the file, or else from the entries. */
#ifndef SQZ_ANALYSIS_ACCOUNTS_H
#define SQZ_ANALYSIS_ACCOUNTS_H

#include "sim/io/margin_result.h"

/* Compute every position; sorts positions->holding by account. Free the result after success and
 * failure alike.
 *
 * What is isolated stands alone, but where the market has one way with what the account holds
 * isolated in the symbol. Cross positions of one account, symbol and side are one position, of
 * whose maintenance and tier each has its share; where a market has one way, both sides are
 * netted, and what is netted away has no price and needs nothing. An account's positions in a
 * symbol are valued together at every price; they share one liquidation price on each side, the
 * nearest to their mark, or else to their mean entry (at which positions on one side have neither
 * won nor lost). The account's positions in other symbols stand still at their marks, or else at
 * their entries: their margin and their profit count, and so does their maintenance there. */
int sqz_accounts_compute(struct sqz_margin_result *result, struct sqz_positions *positions,
                         bool one_way, struct sqz_diag *diag);

#endif
