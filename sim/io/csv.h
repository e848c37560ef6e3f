/* Reading CSV: one handler call per row, with the line each row began on.
 *
 * Accepts a byte-order mark, LF or CRLF, quoted fields (RFC 4180), blank lines. */
#ifndef SQZ_IO_CSV_H
#define SQZ_IO_CSV_H

#include <stddef.h>

#include "sim/core/error.h"

/* Valid during the handler call only. */
struct sqz_csv_row {
    const char *file;
    long line;
    size_t count;
    char *const *field; /* NUL-terminated, surrounding blanks removed unless quoted */
};

/* Return SQZ_OK to go on; any other code ends the reading and is returned by sqz_csv_read. */
typedef int (*sqz_csv_handler)(void *context, const struct sqz_csv_row *row, struct sqz_diag *diag);

/* SHA-256 of the bytes that were read, as hexadecimal digits. */
struct sqz_digest {
    char hex[65];
};

/* Read `path` to its end. SQZ_ERR_DATA if it cannot be read or is not CSV. `digest` may be NULL. */
int sqz_csv_read(const char *path, sqz_csv_handler handler, void *context,
                 struct sqz_digest *digest, struct sqz_diag *diag);

/* A column that a file may or must have. */
struct sqz_csv_column {
    const char *name;
    int required;
    size_t index; /* set by sqz_csv_match: its place in a row, or SQZ_CSV_ABSENT */
};
#define SQZ_CSV_ABSENT ((size_t)-1)

/* Match a header row against `count` columns: sets every index. Unknown, repeated and missing
 * columns are errors naming the column and those that were expected. */
int sqz_csv_match(const struct sqz_csv_row *header, struct sqz_csv_column *column, size_t count,
                  struct sqz_diag *diag);
/* The same where `column` is not all that a file may have: `expected` tells that. */
int sqz_csv_match_told(const struct sqz_csv_row *header, struct sqz_csv_column *column,
                       size_t count, const char *expected, struct sqz_diag *diag);

/* The field of a matched column; "" if the file has no such column. */
const char *sqz_csv_field(const struct sqz_csv_row *row, const struct sqz_csv_column *column);

/* Check that a row is as wide as its header was. */
int sqz_csv_check_width(const struct sqz_csv_row *row, size_t header_count, struct sqz_diag *diag);

#endif
