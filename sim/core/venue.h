/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A venue as a scenario names it: the model, what it was given, and who holds what there. */
#ifndef SQZ_CORE_VENUE_H
#define SQZ_CORE_VENUE_H

#include "sim/core/account_table.h"
#include "sim/core/model.h"

/* What can be said of every venue alike: the keys venue.*. */
struct sqz_venue_params {
    const char *tiers;    /* CSV of margin tiers; NULL: */
    double maintenance;   /* one rate for all positions */
    double contract_size; /* where the tiers count contracts: units of the quantity in one */
    double fee;           /* closing fee that counts as maintenance; NAN: the venue's own */
    double fund_usd;      /* balance of the insurance fund at the start; INFINITY: without limit */
};

/* Immutable once made, shared by all paths. Owns `level_of` alone. Positions are of one kind of
 * contract, whose currency all amounts are in. */
struct sqz_venue {
    const struct sqz_venue_model *model;
    const void *params;
    const struct sqz_account_table *account_table;
    uint32_t *level_of[2]; /* of each account, its place in a side of the ladder; SQZ_NO_LEVEL */
    double start_usd;      /* price */
    double fund;           /* at the start */
    double scale;          /* number of accounts that stand behind each one */
    size_t legs_max;       /* positions of the account that has most */
};

/* What a venue is made of; it is all to outlive the venue, but for the ladder. */
struct sqz_venue_terms {
    const struct sqz_venue_model *model;
    const void *params; /* of the model; NULL if it has none */
    const struct sqz_account_table *account_table;
    const struct sqz_ladder *ladder; /* of their triggers, as sqz_account_table_ladder makes it */
    double start_usd, fund_usd;
    double scale; /* by which notionals and the fund are multiplied */
};

/* Returns SQZ_OK or SQZ_ERR_NOMEM; free it in either case. */
int sqz_venue_init(struct sqz_venue *venue, const struct sqz_venue_terms *terms,
                   struct sqz_diag *diag);
/* Safe on a zeroed or already freed venue. */
void sqz_venue_free(struct sqz_venue *venue);

/* The price at a log distance from the start. Runaways beyond a factor of 1e43 are computed at
 * that, so that money and its squares stay within a double. */
double sqz_venue_price_usd(const struct sqz_venue *venue, double price_log);

extern const struct sqz_param sqz_venue_param_table[];
extern const size_t sqz_venue_param_count;

#endif
