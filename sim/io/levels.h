/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Liquidation levels from CSV: side,price_usd,notional_usd[,leverage][,accounts]. */
#ifndef SQZ_IO_LEVELS_H
#define SQZ_IO_LEVELS_H

#include <stdbool.h>

#include "sim/core/ladder.h"
#include "sim/io/csv.h"
#include "sim/io/remarks.h"

struct sqz_levels_terms {
    double price_usd; /* the start price */
    double scale;     /* of every notional */
    bool allow_crossed;
    struct sqz_remarks *remarks;           /* NULL: none are kept */
    const struct sqz_memory_files *memory; /* where the file may be beside the disk, or NULL */
};

/* Read the file at `path` into a ladder around the start price. A short level at or below the
 * price, or a long one at or above it, is an error naming the first such line unless they are
 * allowed; so is a file without levels. Columns or sides that look swapped, and levels that mostly
 * lie beyond half or double the price, are remarks, or said with the error. Caller frees the
 * ladder. `digest` may be NULL. */
int sqz_levels_read(struct sqz_ladder *ladder, const char *path,
                    const struct sqz_levels_terms *terms, struct sqz_digest *digest,
                    struct sqz_diag *diag);

/* What a file of levels says of itself, with no price given: how much there is of each side, by the
 * move that reaches it, and between which prices the market stood when it was made. */
struct sqz_levels_outline {
    size_t count[2];
    double notional_usd[2];
    double nearest_usd[2]; /* the lowest short level, the highest long one; NAN without any */
};

/* Errors as those of sqz_levels_read, prices on the wrong side aside. */
int sqz_levels_outline_read(struct sqz_levels_outline *outline, const char *path,
                            struct sqz_diag *diag);

#endif
