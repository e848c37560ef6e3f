/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who holds what at the start of a path: positions in order of their margin accounts.
 *
 * A margin account is what shares one equity: an isolated position alone, or all cross positions of
 * one holder; where a venue nets, all isolated positions of one holder in one market. */
#ifndef SQZ_CORE_ACCOUNT_TABLE_H
#define SQZ_CORE_ACCOUNT_TABLE_H

#include <stdint.h>

#include "sim/core/ladder.h"
#include "sim/core/margin.h"

/* One position as it is read. */
struct sqz_holding {
    struct sqz_position position;
    uint32_t row;    /* of the file, from 1 */
    uint32_t holder; /* number of the account as it is called in the file; cross positions only */
    uint64_t joint;  /* isolated positions of one number share a margin; 0: it stands alone */
    bool cross;
};

/* Immutable once built; shared by all paths. Owns its arrays. */
struct sqz_account_table {
    size_t count, accounts;
    size_t flat;                /* accounts that were set off to nothing, and are none of those */
    enum sqz_contract contract; /* of the first position built from */
    struct sqz_position *position;
    uint32_t *row;   /* one per position */
    uint32_t *first; /* accounts + 1: the positions of account a are first[a] to first[a + 1] - 1 */
};

/* Build from `count` positions in any order; sorts `holding` in place. Isolated positions come
 * first, by row, those that share a margin after those that stand alone; then the cross accounts,
 * whose positions are each of one kind of contract. */
int sqz_account_table_build(struct sqz_account_table *account_table, struct sqz_holding *holding,
                            size_t count, struct sqz_diag *diag);

/* Make one of what an account holds on one side, as far as it is computed alike: the row is that of
 * the first. With `one_way` an account holds what is left of both sides, and one that is flat is
 * none. All positions are of one market. */
void sqz_account_table_merge(struct sqz_account_table *account_table, bool one_way);

/* Safe on a zeroed or already freed table. */
void sqz_account_table_free(struct sqz_account_table *account_table);

/* The ladder of the prices at which accounts are liquidated, seen from `price_usd`: a level
 * for every account and side, with the value there of the positions that lose on that side. An
 * account that is already to be liquidated has a level that is crossed. */
int sqz_account_table_ladder(const struct sqz_account_table *account_table, double price_usd,
                             double scale, struct sqz_ladder *ladder, struct sqz_diag *diag);

/* Number the accounts anew, in the order in which they stand on their ladder: those that are
 * liquidated one after another then lie side by side in memory. */
int sqz_account_table_arrange(struct sqz_account_table *account_table, struct sqz_ladder *ladder,
                              struct sqz_diag *diag);

#endif
