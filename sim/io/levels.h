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
    struct sqz_remarks *remarks; /* NULL: none are kept */
};

/* Read the file at `path` into a ladder around the start price. A short level at or below the
 * price, or a long one at or above it, is an error naming the first such line unless they are
 * allowed; so is a file without levels. Columns or sides that look swapped, and levels that mostly
 * lie beyond half or double the price, are remarks, or said with the error. Caller frees the
 * ladder. `digest` may be NULL. */
int sqz_levels_read(struct sqz_ladder *ladder, const char *path,
                    const struct sqz_levels_terms *terms, struct sqz_digest *digest,
                    struct sqz_diag *diag);

#endif
