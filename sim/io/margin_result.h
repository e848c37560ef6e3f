/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The answer of `squeeze margin`: what it says of every position, as JSON and as CSV.
 * sim/analysis/accounts.h fills it. */
#ifndef SQZ_IO_MARGIN_RESULT_H
#define SQZ_IO_MARGIN_RESULT_H

#include <stdio.h>

#include "sim/io/positions.h"
#include "sim/io/remarks.h"

struct sqz_margin_row {
    double entry_usd; /* NAN: the row of the file is no position */
    double quantity;
    double liquidation_usd;  /* NAN: no price liquidates it */
    double bankruptcy_usd;   /* NAN: no price takes all */
    double maintenance_usd;  /* at the liquidation price, or else at the mark or the entry */
    double distance_percent; /* from the entry to the liquidation price, positive on the side on
                                which the position loses; NAN where there is none */
    double mark_usd;         /* NAN: unknown */
    double distance_from_mark_percent; /* likewise; NAN also without a mark */
    double tier;      /* as the table calls it, at the price of the maintenance; NAN without
                         a table */
    uint32_t account; /* its number among the accounts of the positions */
    uint32_t symbol;  /* and among their symbols */
    enum sqz_position_side side;
};

struct sqz_margin_result {
    size_t count, accounts; /* positions, margin accounts */
    size_t rows;
    struct sqz_margin_row *row; /* in the order of the file */
};

/* row,side,account,entry_usd,liquidation_usd,...: a header and a line for every position.
 * `accounts` are the names of the positions that were read. */
int sqz_margin_result_csv(FILE *out, const struct sqz_margin_result *result,
                          const struct sqz_names *accounts, struct sqz_diag *diag);

/* Schema squeeze/margin-1. One position at a time, so that a million of them take no memory. */
int sqz_margin_result_json(FILE *out, const struct sqz_margin_result *result,
                           const struct sqz_names *accounts, const struct sqz_remarks *remarks,
                           struct sqz_diag *diag);

/* Safe on a zeroed result. */
void sqz_margin_result_free(struct sqz_margin_result *result);

#endif
