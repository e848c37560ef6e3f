/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading CSV: one handler call per row, with the line each row began on.
 *
 * Accepts a byte-order mark, LF or CRLF, quoted fields (RFC 4180), lines with nothing but
 * delimiters. Where the first line has no comma but tabs or semicolons, those separate the fields.
 * What is no text of a table at all (UTF-16, JSON, a compressed file) is called by its name. */
#ifndef SQZ_IO_CSV_H
#define SQZ_IO_CSV_H

#include <stdbool.h>
#include <stddef.h>

#include "sim/core/error.h"
#include "sim/core/model.h"

/* Valid during the handler call only. */
struct sqz_csv_row {
    const char *file;
    long line;
    size_t count;
    char *const *field; /* NUL-terminated, surrounding blanks removed unless quoted */
    char delimiter;     /* what stands between them; '\0' is a comma */
};

/* Return SQZ_OK to go on; any other code ends the reading and is returned by sqz_csv_read. */
typedef int (*sqz_csv_handler)(void *context, const struct sqz_csv_row *row, struct sqz_diag *diag);

/* SHA-256 of the bytes that were read, as hexadecimal digits. */
struct sqz_digest {
    char hex[65];
};

/* The path that stands for standard input, which can be read once. */
#define SQZ_CSV_STDIN "-"

/* A file that is in memory; owns nothing. */
struct sqz_memory_file {
    const char *path; /* by which it is asked for */
    const char *text;
    size_t length;
    bool listed; /* its lines count from 0, so that rows count from 1: a list that was an array */
};

struct sqz_memory_files {
    const struct sqz_memory_file *file;
    size_t count;
};

/* Read `path` to its end. SQZ_ERR_DATA if it cannot be read or is not CSV. `digest` may be NULL. */
int sqz_csv_read(const char *path, sqz_csv_handler handler, void *context,
                 struct sqz_digest *digest, struct sqz_diag *diag);
/* The same, of the first of `files` (may be NULL) that has this path, before any on disk. */
int sqz_csv_read_among(const struct sqz_memory_files *files, const char *path,
                       sqz_csv_handler handler, void *context, struct sqz_digest *digest,
                       struct sqz_diag *diag);

/* A column that a file may or must have. */
struct sqz_csv_column {
    const char *name;
    int required;
    size_t index;        /* set by sqz_csv_match: its place in a row, or SQZ_CSV_ABSENT */
    const char *aliases; /* other names, with blanks between; NULL: none */
    /* Of its numbers: plain digits if SQZ_DIM_NONE, else what a value of it may be (units.h) */
    enum sqz_dimension dimension;
    const char *unclear; /* names that may mean it, an amount of USD, or coins: refused */
    bool multiple;       /* an x may stand behind its numbers: 50x is 50 */
};
#define SQZ_CSV_ABSENT ((size_t)-1)

/* Match a header row against `count` columns: sets every index. A name is known in any case, and
 * with or without the lines, blanks and hyphens between its words. Unknown, repeated and missing
 * columns are errors naming the column and those that were expected. */
int sqz_csv_match(const struct sqz_csv_row *header, struct sqz_csv_column *column, size_t count,
                  struct sqz_diag *diag);
/* The same where `column` is not all that a file may have: `expected` says what is. */
int sqz_csv_match_given(const struct sqz_csv_row *header, struct sqz_csv_column *column,
                        size_t count, const char *expected, struct sqz_diag *diag);

/* Whether a header's field is a name or an alias of the column, for files of which not every column
 * is known. */
bool sqz_csv_is_called(const struct sqz_csv_column *column, const char *name);

/* The field of a matched column; "" if the file has no such column. */
const char *sqz_csv_field(const struct sqz_csv_row *row, const struct sqz_csv_column *column);

/* Check that a row is as wide as its header was. */
int sqz_csv_check_width(const struct sqz_csv_row *row, size_t header_count, struct sqz_diag *diag);

/* A file that is a header and rows of its width. */
struct sqz_csv_table {
    struct sqz_csv_column *column; /* matched with the header before the first row */
    size_t columns;
    const char *what, *header; /* "levels", and their columns, for a file that has none */
    sqz_csv_handler handler;   /* of every row after the header */
    void *context;
    const struct sqz_memory_files *memory; /* as for sqz_csv_read_among; may be NULL */
};

/* Read such a file to its end; one without rows is an error. `digest` may be NULL. */
int sqz_csv_read_table(const char *path, const struct sqz_csv_table *table,
                       struct sqz_digest *digest, struct sqz_diag *diag);

#endif
