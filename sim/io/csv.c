#include "sim/io/csv.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <csv.h>
#include <sha256.h>

#include "sim/io/nearest.h"

/* The fields of the row being read lie one after the other in `text`, NUL-terminated. */
struct reader {
    const char *file;
    long line, row_start; /* being read; on which the present row began */
    char *text;
    size_t text_size, text_used;
    size_t *start;
    char **field;
    size_t count, capacity;
    sqz_csv_handler handler;
    void *context;
    SHA2_CTX sha;
    struct sqz_digest *digest; /* NULL: not asked for */
    struct sqz_diag *diag;
    int error;
};

static bool grow(void **array, size_t *capacity, size_t needed, size_t element)
{
    if (needed <= *capacity)
        return true;
    size_t wanted = needed * 2;
    void *bigger = realloc(*array, wanted * element);
    if (bigger == NULL)
        return false;
    *array = bigger;
    *capacity = wanted;
    return true;
}

static int reserve(struct reader *reader, size_t length)
{
    size_t starts = reader->capacity;
    void *text = reader->text, *start = reader->start, *field = reader->field;
    bool done = grow(&text, &reader->text_size, reader->text_used + length + 1, 1);
    reader->text = text;
    done = done && grow(&start, &starts, reader->count + 1, sizeof *reader->start);
    reader->start = start;
    done = done && grow(&field, &reader->capacity, reader->count + 1, sizeof *reader->field);
    reader->field = field;
    if (!done)
        return sqz_fail_at(reader->diag, SQZ_ERR_NOMEM, reader->file, reader->line, NULL,
                           "no memory for a row");
    return SQZ_OK;
}

static void on_field(void *data, size_t length, void *context)
{
    struct reader *reader = context;
    if (reader->error != SQZ_OK)
        return;
    if (length > 0 && memchr(data, '\0', length) != NULL) {
        reader->error = sqz_fail_at(reader->diag, SQZ_ERR_DATA, reader->file, reader->line, NULL,
                                    "a NUL byte in the text; expected a CSV file");
        return;
    }
    reader->error = reserve(reader, length);
    if (reader->error != SQZ_OK)
        return;
    reader->start[reader->count++] = reader->text_used;
    if (length > 0)
        memcpy(reader->text + reader->text_used, data, length);
    reader->text_used += length;
    reader->text[reader->text_used++] = '\0';
}

static void on_row(int terminator, void *context)
{
    (void)terminator;
    struct reader *reader = context;
    if (reader->error != SQZ_OK)
        return;
    for (size_t i = 0; i < reader->count; i++)
        reader->field[i] = reader->text + reader->start[i];
    struct sqz_csv_row row = {reader->file, reader->row_start, reader->count, reader->field};
    reader->error = reader->handler(reader->context, &row, reader->diag);
    reader->count = 0;
    reader->text_used = 0;
}

/* libcsv reports a field only when it ends, and a quoted one may span lines: its parser is between
 * rows when its state is 0 ("row not begun"). */
static void feed_line(struct reader *reader, struct csv_parser *parser, const char *text,
                      size_t length)
{
    reader->line++;
    if (parser->pstate == 0)
        reader->row_start = reader->line;
    if (csv_parse(parser, text, length, on_field, on_row, reader) == length)
        return;
    if (csv_error(parser) == CSV_EPARSE)
        reader->error =
            sqz_fail_at(reader->diag, SQZ_ERR_DATA, reader->file, reader->row_start, NULL,
                        "broken quoting; expected a quoted field to end with "
                        "\" and inner quotes to be doubled");
    else
        reader->error = sqz_fail_at(reader->diag, SQZ_ERR_NOMEM, reader->file, reader->line, NULL,
                                    "no memory for a row");
}

static int parse_file(struct reader *reader, FILE *file, struct csv_parser *parser)
{
    static const char MARK[] = "\xef\xbb\xbf"; /* byte-order mark */
    char *text = NULL;
    size_t size = 0;
    ssize_t length;
    while (reader->error == SQZ_OK && (length = getline(&text, &size, file)) >= 0) {
        if (reader->digest != NULL)
            SHA256Update(&reader->sha, (const uint8_t *)text, (size_t)length);
        size_t skip = reader->line == 0 && length >= 3 && memcmp(text, MARK, 3) == 0 ? 3 : 0;
        feed_line(reader, parser, text + skip, (size_t)length - skip);
    }
    if (reader->error == SQZ_OK && !feof(file)) /* reading failed, or memory for a line */
        reader->error = sqz_fail_at(reader->diag, errno == ENOMEM ? SQZ_ERR_NOMEM : SQZ_ERR_DATA,
                                    reader->file, 0, NULL, "cannot be read: %s", strerror(errno));
    if (reader->error == SQZ_OK && csv_fini(parser, on_field, on_row, reader) != 0)
        reader->error = sqz_fail_at(reader->diag, SQZ_ERR_DATA, reader->file, reader->row_start,
                                    NULL, "a quoted field is never closed");
    free(text);
    return reader->error;
}

int sqz_csv_read(const char *path, sqz_csv_handler handler, void *context,
                 struct sqz_digest *digest, struct sqz_diag *diag)
{
    struct csv_parser parser;
    struct reader reader = {
        .file = path, .handler = handler, .context = context, .digest = digest, .diag = diag};
    FILE *file = fopen(path, "r");
    if (file == NULL)
        return sqz_fail_at(diag, SQZ_ERR_DATA, path, 0, NULL, "cannot be opened: %s",
                           strerror(errno));
    int error = SQZ_ERR_NOMEM;
    SHA256Init(&reader.sha);
    if (csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI) == 0) {
        error = parse_file(&reader, file, &parser);
        csv_free(&parser);
    }
    if (digest != NULL)
        SHA256End(&reader.sha, digest->hex);
    free(reader.text);
    free(reader.start);
    free(reader.field);
    fclose(file);
    return error;
}

static size_t find_column(const struct sqz_csv_column *column, size_t count, const char *name)
{
    for (size_t c = 0; c < count; c++)
        if (strcmp(column[c].name, name) == 0)
            return c;
    return SQZ_CSV_ABSENT;
}

/* "side,price_usd[,leverage]" */
static void list_columns(const struct sqz_csv_column *column, size_t count, char *text, size_t size)
{
    text[0] = '\0';
    for (size_t c = 0; c < count; c++) {
        size_t used = strlen(text);
        snprintf(text + used, size - used, "%s%s%s%s", column[c].required ? "" : "[",
                 c > 0 ? "," : "", column[c].name, column[c].required ? "" : "]");
    }
}

int sqz_csv_match(const struct sqz_csv_row *header, struct sqz_csv_column *column, size_t count,
                  struct sqz_diag *diag)
{
    char expected[256];
    list_columns(column, count, expected, sizeof expected);
    return sqz_csv_match_told(header, column, count, expected, diag);
}

int sqz_csv_match_told(const struct sqz_csv_row *header, struct sqz_csv_column *column,
                       size_t count, const char *expected, struct sqz_diag *diag)
{
    for (size_t c = 0; c < count; c++)
        column[c].index = SQZ_CSV_ABSENT;
    for (size_t i = 0; i < header->count; i++) {
        const char *name = header->field[i];
        size_t c = find_column(column, count, name);
        if (c == SQZ_CSV_ABSENT) {
            struct sqz_nearest nearest = sqz_nearest_begin(name);
            for (size_t k = 0; k < count; k++)
                sqz_nearest_offer(&nearest, column[k].name);
            return sqz_fail_at(diag, SQZ_ERR_DATA, header->file, header->line, name,
                               "unknown column%s%s expected %s", sqz_nearest_hint(&nearest, ""),
                               nearest.best != NULL ? "" : ";", expected);
        }
        if (column[c].index != SQZ_CSV_ABSENT)
            return sqz_fail_at(diag, SQZ_ERR_DATA, header->file, header->line, name,
                               "column given twice");
        column[c].index = i;
    }
    for (size_t c = 0; c < count; c++)
        if (column[c].required && column[c].index == SQZ_CSV_ABSENT)
            return sqz_fail_at(diag, SQZ_ERR_DATA, header->file, header->line, column[c].name,
                               "missing column; expected a header line %s", expected);
    return SQZ_OK;
}

const char *sqz_csv_field(const struct sqz_csv_row *row, const struct sqz_csv_column *column)
{
    return column->index < row->count ? row->field[column->index] : "";
}

int sqz_csv_check_width(const struct sqz_csv_row *row, size_t header_count, struct sqz_diag *diag)
{
    if (row->count == header_count)
        return SQZ_OK;
    return sqz_fail_at(diag, SQZ_ERR_DATA, row->file, row->line, NULL,
                       "%zu fields; expected %zu, as in the header", row->count, header_count);
}
