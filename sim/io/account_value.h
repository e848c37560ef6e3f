/* What positions are worth at the marks in their file.
 *
 * Exchanges export the value of an account, unrealised profit included, beside the mark of each
 * symbol. What secures the positions is that value less their profit at the marks. */
#ifndef SQZ_IO_ACCOUNT_VALUE_H
#define SQZ_IO_ACCOUNT_VALUE_H

#include "sim/io/positions.h"

/* What a row says of its worth. NAN: nothing. */
struct sqz_given_value {
    double equity_usd;  /* of the position if it is isolated, else of the account */
    double margin_usd;  /* what secures it, as the row says */
    double initial_usd; /* the initial margin that its leverage means */
    double extra;       /* what was added to the margin, currency; 0: nothing */
};

/* Give every row the mark of its symbol, and the positions of an account with an equity the margin
 * that follows from it. `given` has an element for every row of the file `file`; remarks are made
 * on margins that can only be equity, and on accounts that span symbols without marks. */
int sqz_account_values_settle(struct sqz_positions *positions, const struct sqz_given_value *given,
                              const struct sqz_margin_terms *terms, const char *file,
                              struct sqz_diag *diag);

#endif
