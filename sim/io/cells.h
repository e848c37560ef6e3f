/* The cells of a CSV file: numbers with units, words of a closed set, sides. Every failure is
 * SQZ_ERR_DATA at the cell's file, line and column, with what was expected there. */
#ifndef SQZ_IO_CELLS_H
#define SQZ_IO_CELLS_H

#include "sim/io/csv.h"

/* "'TEXT' EXPECTED" as the error of a cell; `expected` begins with what is wrong. */
int sqz_cell_fail(const struct sqz_csv_row *row, const struct sqz_csv_column *column,
                  const char *expected, struct sqz_diag *diag);

/* Whether there is nothing in the cell, or no such column. */
bool sqz_cell_is_empty(const struct sqz_csv_row *row, const struct sqz_csv_column *column);

/* Whether the cell is `word`, in any case. */
bool sqz_cell_is(const struct sqz_csv_row *row, const struct sqz_csv_column *column,
                 const char *word);

/* The finite number in a cell. */
int sqz_cell_number(const struct sqz_csv_row *row, const struct sqz_csv_column *column,
                    double *value, struct sqz_diag *diag);

/* What a number may be, and what is said of another. */
struct sqz_cell_limits {
    double lo, hi;
    bool above_lo, below_hi; /* the end itself is excluded */
    const char *wrong;       /* "is not a price; expected above 0" */
};

/* The number in a cell that must be within limits. */
int sqz_cell_within(const struct sqz_csv_row *row, const struct sqz_csv_column *column,
                    const struct sqz_cell_limits *limits, double *value, struct sqz_diag *diag);

/* The same where an empty cell or a missing column stands for `absent`; limits may be NULL. */
int sqz_cell_optional(const struct sqz_csv_row *row, const struct sqz_csv_column *column,
                      const struct sqz_cell_limits *limits, double absent, double *value,
                      struct sqz_diag *diag);

/* Which of `words`, which NULL ends, the cell says, in any case. */
int sqz_cell_word(const struct sqz_csv_row *row, const struct sqz_csv_column *column,
                  const char *const *words, size_t *word, struct sqz_diag *diag);

/* The side of a position from a cell that says short or long: `is_long` is whether it is the
 * latter. An error says so where it says buy or sell. */
int sqz_cell_side(const struct sqz_csv_row *row, const struct sqz_csv_column *column, bool *is_long,
                  struct sqz_diag *diag);

/* Where commas do not separate fields, "1,400" may be 1.4 or 1400: an error of the field `name`. */
int sqz_cell_check_comma(const struct sqz_csv_row *row, const struct sqz_csv_column *column,
                         const char *name, struct sqz_diag *diag);

#endif
