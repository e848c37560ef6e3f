/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/outcome_rows.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS = 256 };

/* Rows that wait to be visited. */
struct rows {
    uint64_t first, count;
    char *text;
    size_t size, capacity;
};

static bool keep(struct rows *rows, uint64_t path, const char *line, size_t length)
{
    if (rows->capacity - rows->size < length) {
        size_t capacity = 2 * rows->capacity + length;
        char *bigger = realloc(rows->text, capacity);
        if (bigger == NULL)
            return false;
        rows->text = bigger;
        rows->capacity = capacity;
    }
    memcpy(rows->text + rows->size, line, length);
    rows->size += length;
    if (rows->count++ == 0)
        rows->first = path;
    return true;
}

struct reader {
    const char *path;
    FILE *file;
    sqz_outcome_rows_visit *visit;
    void *context;
    struct rows rows;
    char *line;
    size_t line_size;
};

static int flush(struct reader *reader, struct sqz_diag *diag)
{
    struct rows *rows = &reader->rows;
    if (rows->count == 0)
        return SQZ_OK;
    int error =
        reader->visit(reader->context, rows->first, rows->count, rows->text, rows->size, diag);
    rows->count = rows->size = 0;
    return error;
}

/* One line with the number of its path in the first field. */
static int take(struct reader *reader, size_t length, long number, struct sqz_diag *diag)
{
    uint64_t path;
    int digits = 0;
    const struct rows *rows = &reader->rows;
    if (sscanf(reader->line, "%" SCNu64 "%n", &path, &digits) != 1 || reader->line[digits] != ',' ||
        reader->line[length - 1] != '\n')
        return sqz_fail_at(diag, SQZ_ERR_DATA, reader->path, number, NULL,
                           "is no row of outcomes; expected the number of a path first");
    int error = SQZ_OK;
    if (rows->count > 0 && (path != rows->first + rows->count || path % ROWS == 0))
        error = flush(reader, diag);
    if (error == SQZ_OK && !keep(&reader->rows, path, reader->line, length))
        error = sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for rows of outcomes");
    return error;
}

static int read_rows(struct reader *reader, struct sqz_diag *diag)
{
    ssize_t length = getline(&reader->line, &reader->line_size, reader->file); /* the header */
    int error = SQZ_OK;
    for (long number = 2; error == SQZ_OK && length >= 0; number++) {
        length = getline(&reader->line, &reader->line_size, reader->file);
        if (length > 0)
            error = take(reader, (size_t)length, number, diag);
    }
    if (error == SQZ_OK && ferror(reader->file) != 0)
        error = sqz_fail_at(diag, SQZ_ERR_IO, reader->path, 0, NULL, "cannot be read");
    return error == SQZ_OK ? flush(reader, diag) : error;
}

int sqz_outcome_rows_read(const char *path, sqz_outcome_rows_visit *visit, void *context,
                          struct sqz_diag *diag)
{
    struct reader reader = {.path = path, .visit = visit, .context = context};
    reader.file = fopen(path, "r");
    if (reader.file == NULL)
        return sqz_fail_at(diag, SQZ_ERR_IO, path, 0, NULL,
                           "cannot be read: %s (was it run with --outcomes?)", strerror(errno));
    int error = read_rows(&reader, diag);
    fclose(reader.file);
    free(reader.line);
    free(reader.rows.text);
    return error;
}
