/* The tiers of the symbols in a file of positions, and what of a position does not suit them:
 * that is remarked on, and the position computed all the same. */
#ifndef SQZ_IO_SYMBOL_TIERS_H
#define SQZ_IO_SYMBOL_TIERS_H

#include "sim/io/margin_terms.h"

/* Zero-initialise but for the terms, which must outlive it. */
struct sqz_symbol_tiers {
    const struct sqz_margin_terms *terms;
    const struct sqz_tiers **found; /* by symbol; NULL: not looked for yet, or none */
    size_t capacity;
    struct sqz_diag missing; /* the first row whose symbol has none; code 0: all have so far */
    bool any;                /* some row has its own */
};

/* The tiers of symbol number `symbol`, called `name`. NULL, with a remark, where it has none:
 * those of another market are not taken. */
int sqz_symbol_tiers_find(struct sqz_symbol_tiers *symbols, const struct sqz_csv_row *row,
                          uint32_t symbol, const char *name, const struct sqz_tiers **tiers,
                          struct sqz_diag *diag);

/* Remark on a position that is larger than its last tier, or inverse with tiers that must be
 * USD. */
int sqz_symbol_tiers_check(const struct sqz_symbol_tiers *symbols, const struct sqz_csv_row *row,
                           const struct sqz_position *position, struct sqz_diag *diag);

/* Remark on a leverage above what the tier at the entry allows: tiers change, and a position
 * may have been opened when they allowed more. NAN: unknown. */
int sqz_symbol_tiers_check_leverage(const struct sqz_symbol_tiers *symbols,
                                    const struct sqz_csv_row *row,
                                    const struct sqz_position *position, double leverage,
                                    struct sqz_diag *diag);

/* After all rows: SQZ_ERR_DATA, with the place of the first, if none of those that need tiers
 * has any: the table is of another market. */
int sqz_symbol_tiers_end(const struct sqz_symbol_tiers *symbols, struct sqz_diag *diag);

void sqz_symbol_tiers_free(struct sqz_symbol_tiers *symbols);

#endif
