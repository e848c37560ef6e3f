/* Liquidation levels from CSV: side,price_usd,notional_usd[,leverage][,accounts]. */
#ifndef SQZ_IO_LEVELS_H
#define SQZ_IO_LEVELS_H

#include <stdbool.h>

#include "sim/core/ladder.h"
#include "sim/io/csv.h"

/* Read the file at `path` into a ladder around `price_usd`, multiplying notionals by `scale`. A
 * short level at or below the price, or a long one at or above it, is an error naming the line
 * unless `allow_crossed`; so is a file without levels. Caller frees the ladder. `digest` may be
 * NULL. */
int sqz_levels_read(struct sqz_ladder *ladder, const char *path, double price_usd, double scale,
                    bool allow_crossed, struct sqz_digest *digest, struct sqz_diag *diag);

#endif
