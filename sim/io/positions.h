/* Open positions from CSV: side,entry_usd,quantity,leverage,margin_mode[,margin_usd][,account]
 * [,contract][,mmr][,mmr_slope][,maintenance_deduction_usd][,fee][,extra_margin_usd]
 * [,other_upnl_usd][,other_maintenance_usd][,symbol][,mark_usd][,equity_usd]. What each column
 * means is in models/venues/README.md. */
#ifndef SQZ_IO_POSITIONS_H
#define SQZ_IO_POSITIONS_H

#include "sim/core/account_table.h"
#include "sim/io/margin_terms.h"
#include "sim/io/names.h"

/* Owns its arrays. */
struct sqz_positions {
    size_t count;
    size_t rows;                 /* of the file: positions, and what is none and was left out */
    struct sqz_holding *holding; /* in the order of the file until an account table is built of it;
                                    `holder` numbers the account of every position, 0: none named */
    uint32_t *line;              /* of the file, by row - 1; 0: left out */
    uint32_t *symbol;            /* by row - 1: number of the symbol, 0: none named */
    double *mark_usd;            /* by row - 1: price when the file was made; NAN: unknown */
    struct sqz_names accounts, symbols; /* number 0 is "" */
};

/* Read the file at `path` on the terms of a venue, into whose tiers the positions point: they
 * must outlive them. A file without positions is an error; rows that are odd but can be computed
 * are remarks of the terms. `digest` may be NULL. Free the positions
 * after success and failure alike. */
int sqz_positions_read(struct sqz_positions *positions, const char *path,
                       const struct sqz_margin_terms *terms, struct sqz_digest *digest,
                       struct sqz_diag *diag);

/* Make room for as many rows; false: no memory. */
bool sqz_positions_reserve(struct sqz_positions *positions, size_t rows);

/* Safe on zeroed positions. */
void sqz_positions_free(struct sqz_positions *positions);

#endif
