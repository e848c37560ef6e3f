/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The header of a CSV file: which columns it has, and by which names. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "sim/io/csv.h"
#include "sim/io/nearest.h"

/* The next letter or digit of a name, in lower case; '\0' at its end. */
static char next_letter(const char **name, const char *end)
{
    while (*name < end && !isalnum((unsigned char)**name))
        ++*name;
    return *name < end ? (char)tolower((unsigned char)*(*name)++) : '\0';
}

/* "Entry Price", "entry-price" and "entryPrice" are entry_price. */
static bool same_name(const char *a, size_t length_a, const char *b, size_t length_b)
{
    const char *end_a = a + length_a, *end_b = b + length_b;
    char letter = '\0';
    do {
        letter = next_letter(&a, end_a);
        if (letter != next_letter(&b, end_b))
            return false;
    } while (letter != '\0');
    return true;
}

/* Whether `name` is one of `names`, which have blanks between; NULL holds none. */
static bool is_among(const char *names, const char *name)
{
    size_t length = strlen(name);
    while (names != NULL && *names != '\0') {
        size_t size = strcspn(names, " ");
        if (same_name(names, size, name, length))
            return true;
        names += size + strspn(names + size, " ");
    }
    return false;
}

bool sqz_csv_is_called(const struct sqz_csv_column *column, const char *name)
{
    return is_among(column->name, name) || is_among(column->aliases, name);
}

static size_t find_column(const struct sqz_csv_column *column, size_t count, const char *name)
{
    for (size_t c = 0; c < count; c++)
        if (strcmp(column[c].name, name) == 0)
            return c;
    for (size_t c = 0; name[0] != '\0' && c < count; c++)
        if (is_among(column[c].name, name) || is_among(column[c].aliases, name))
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
    char expected[512];
    list_columns(column, count, expected, sizeof expected);
    return sqz_csv_match_given(header, column, count, expected, diag);
}

static bool has_name(const struct sqz_csv_row *header, const char *name)
{
    for (size_t i = 0; i < header->count; i++)
        if (strcmp(header->field[i], name) == 0)
            return true;
    return false;
}

/* Which column was meant: not one that is there as well. */
static int fail_unknown(const struct sqz_csv_row *header, const char *name,
                        const struct sqz_csv_column *column, size_t count, const char *expected,
                        struct sqz_diag *diag)
{
    struct sqz_nearest nearest = sqz_nearest_begin(name);
    for (size_t c = 0; c < count; c++) {
        if (is_among(column[c].unclear, name))
            return sqz_fail_at(diag, SQZ_ERR_DATA, header->file, header->line, name,
                               "unknown column: it may mean %s, or coins; expected %s",
                               column[c].name, expected);
        if (!has_name(header, column[c].name))
            sqz_nearest_offer(&nearest, column[c].name);
    }
    return sqz_fail_at(diag, SQZ_ERR_DATA, header->file, header->line, name,
                       "unknown column%s%s expected %s", sqz_nearest_hint(&nearest, ""),
                       nearest.best != NULL ? "" : ";", expected);
}

int sqz_csv_match_given(const struct sqz_csv_row *header, struct sqz_csv_column *column,
                        size_t count, const char *expected, struct sqz_diag *diag)
{
    for (size_t c = 0; c < count; c++)
        column[c].index = SQZ_CSV_ABSENT;
    for (size_t i = 0; i < header->count; i++) {
        const char *name = header->field[i];
        size_t c = find_column(column, count, name);
        if (c == SQZ_CSV_ABSENT)
            return fail_unknown(header, name, column, count, expected, diag);
        if (column[c].index != SQZ_CSV_ABSENT)
            return sqz_fail_at(diag, SQZ_ERR_DATA, header->file, header->line, name,
                               "column given twice%s%s",
                               strcmp(name, column[c].name) == 0 ? "" : ": it means ",
                               strcmp(name, column[c].name) == 0 ? "" : column[c].name);
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

/* ---- width -------------------------------------------------------------------------------- */

int sqz_csv_check_width(const struct sqz_csv_row *row, size_t header_count, struct sqz_diag *diag)
{
    if (row->count == header_count)
        return SQZ_OK;
    return sqz_fail_at(diag, SQZ_ERR_DATA, row->file, row->line, NULL,
                       "%zu field%s; expected %zu, as in the header", row->count,
                       row->count == 1 ? "" : "s", header_count);
}

/* ---- whole tables -------------------------------------------------------------------------- */

struct table_reader {
    const struct sqz_csv_table *table;
    size_t width; /* of the header; 0 before it was read */
    bool any;     /* row after it */
};

static int on_row(void *context, const struct sqz_csv_row *row, struct sqz_diag *diag)
{
    struct table_reader *reader = context;
    const struct sqz_csv_table *table = reader->table;
    if (reader->width == 0) {
        reader->width = row->count;
        return sqz_csv_match(row, table->column, table->columns, diag);
    }
    reader->any = true;
    int error = sqz_csv_check_width(row, reader->width, diag);
    return error == SQZ_OK ? table->handler(table->context, row, diag) : error;
}

int sqz_csv_read_table(const char *path, const struct sqz_csv_table *table,
                       struct sqz_digest *digest, struct sqz_diag *diag)
{
    struct table_reader reader = {.table = table};
    int error = sqz_csv_read_among(table->memory, path, on_row, &reader, digest, diag);
    if (error == SQZ_OK && reader.width == 0)
        return sqz_fail_at(diag, SQZ_ERR_DATA, path, 0, NULL, "is empty; expected %s, %s",
                           table->what, table->header);
    if (error == SQZ_OK && !reader.any)
        return sqz_fail_at(diag, SQZ_ERR_DATA, path, 0, NULL,
                           "has no %s; expected at least one row after the header", table->what);
    return error;
}
