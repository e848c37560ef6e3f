/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A venue as a scenario names it: the model, what it was given, and who holds what there. */
#ifndef SQZ_CORE_VENUE_H
#define SQZ_CORE_VENUE_H

#include "sim/core/account_table.h"
#include "sim/core/model.h"

/* What every venue alike may be told: the keys venue.*. */
struct sqz_venue_params {
    const char *tiers;    /* CSV of margin tiers; NULL: */
    double maintenance;   /* one rate for all positions */
    double contract_size; /* where the tiers count contracts: units of the quantity in one */
    double fee;           /* closing fee that counts as maintenance; NAN: the venue's own */
    double fund_usd; /* balance of the insurance fund at the start; INFINITY: any number of it */
};

/* Immutable, shared by all paths; owns nothing. Positions are of one kind of contract, whose
 * currency all amounts are in. */
struct sqz_venue {
    const struct sqz_venue_model *model;
    const void *params;
    const struct sqz_account_table *accounts_table;
    const uint32_t *level_of[2]; /* of each account, its place in a side of the ladder, or
                                    SQZ_NO_LEVEL */
    double start_usd;            /* price */
    double fund;                 /* at the start */
    double scale;                /* so many accounts stand behind each one */
    size_t legs_max;             /* positions of the account that has most */
};

#define SQZ_NO_LEVEL UINT32_MAX

/* The price at a log distance from the start. Runaways beyond a factor of 1e43 are computed at
 * that, so that money and its squares stay within a double. */
double sqz_venue_price_usd(const struct sqz_venue *venue, double price_log);

extern const struct sqz_param sqz_venue_param_table[];
extern const size_t sqz_venue_param_count;

#endif
