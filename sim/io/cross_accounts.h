/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the positions of a cross account have in common. */
#ifndef SQZ_IO_CROSS_ACCOUNTS_H
#define SQZ_IO_CROSS_ACCOUNTS_H

#include "sim/io/csv.h"
#include "sim/io/positions.h"

/* What the first cross position of an account was; line 0: none so far. */
struct sqz_first_cross {
    long line;
    enum sqz_contract contract;
    uint32_t symbol;
};

/* Zero-initialise. Owns its array. */
struct sqz_cross_accounts {
    struct sqz_first_cross *first; /* by account */
    size_t capacity;
};

/* Positions that share one equity must be settled in one currency: SQZ_ERR_DATA where this one, of
 * symbol number `symbol`, is not in that of the account's first. */
int sqz_cross_accounts_check(struct sqz_cross_accounts *accounts, const struct sqz_csv_row *row,
                             const struct sqz_positions *positions,
                             const struct sqz_holding *holding, uint32_t symbol,
                             struct sqz_diag *diag);

void sqz_cross_accounts_free(struct sqz_cross_accounts *accounts);

#endif
