/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Margin tiers from CSV:
 * notional_floor[,notional_cap][,mmr][,mmr_slope][,imr][,maintenance_share][,unit][,symbol][,tier]
 * [,max_leverage][,maint_amount][,exchange]. What each column means is in models/venues/README.md.
 *
 * One file may hold the tables of several symbols, the rows of a symbol together and ascending. It
 * is read whole: a table that is wrong is an error, whether it is used or not. */
#ifndef SQZ_IO_TIERS_H
#define SQZ_IO_TIERS_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/core/margin.h"
#include "sim/io/csv.h"

/* The tiers of one symbol. */
struct sqz_tier_table {
    struct sqz_tiers tiers; /* first: sqz_tiers_number knows the table by it */
    const uint32_t *number; /* what the file calls each tier; 1, 2, ... if it does not say */
    char *symbol;           /* "" if the file names none */
    bool unit_given;        /* the file says what its sizes count */
    long typed_line;        /* of the first tier, if its mmr is written, and without %; else 0 */
};

/* Owns its arrays. Positions point into it, so it must outlive them. */
struct sqz_tier_tables {
    size_t count;
    struct sqz_tier_table *table;
    struct sqz_tier *tier; /* of all tables */
    uint32_t *number;
};

/* How a file of tiers is read. */
struct sqz_tiers_terms {
    bool deducted;
    double contract_size;
    const struct sqz_memory_files *memory; /* where it may be beside the disk; NULL: nowhere else */
};

/* Read the file at `path`. Sizes count what the file says; where it does not, they are values in
 * the currency of the position if `contract_size` is 0, else contracts of that many units of the
 * quantity. Of contracts a floor one above the cap before it means the same as that cap.
 *
 * With `deducted`, maintenance is continuous: deductions that the file gives are checked, those
 * that it does not give are worked out. Otherwise, and where tiers count contracts, there are
 * none. `digest` may be NULL. Free the tables after success and failure alike. */
int sqz_tiers_read(struct sqz_tier_tables *tables, const char *path,
                   const struct sqz_tiers_terms *terms, struct sqz_digest *digest,
                   struct sqz_diag *diag);

/* Safe on zeroed tables. */
void sqz_tiers_free(struct sqz_tier_tables *tables);

/* The table of a symbol. The only table of a file serves positions of no named symbol, and one
 * without a symbol serves all. On failure the message ends with what was expected, without a
 * place. */
int sqz_tiers_find(const struct sqz_tier_tables *tables, const char *symbol,
                   const struct sqz_tiers **found, struct sqz_diag *diag);

/* Whether the file said what the sizes of a table read by sqz_tiers_read count. */
bool sqz_tiers_unit_given(const struct sqz_tiers *tiers);

/* What the file calls tier k of a table read by sqz_tiers_read. */
uint32_t sqz_tiers_number(const struct sqz_tiers *tiers, size_t k);

#endif
