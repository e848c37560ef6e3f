#include "sim/io/table.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/io/cells.h"

/* The column of times that every table of them has. */
static const char HOURS[] = "time_h";

/* How a column of the EACH kind is called is known when every row has been read: until then those
 * of the file are taken as they come, after the fixed ones. */
struct table_reader {
    struct sqz_table *table;
    const struct sqz_column *columns;
    size_t fixed;                 /* columns whose names are known in advance */
    bool labelled;                /* one of them is the rows' label */
    struct sqz_csv_column *match; /* table->columns of them; names beyond `fixed` are owned */
    char expected[256];           /* the header, for messages */
    long header_line;
    size_t width, capacity; /* of the header, 0 before it was read; rows there is room for */
};

static int no_memory(struct sqz_diag *diag)
{
    return sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for a table");
}

/* ---- the header ---------------------------------------------------------------------------- */

/* "state,depth and to_STATE_per_d for every state" */
static void describe_header(struct table_reader *reader)
{
    const struct sqz_column *each = &reader->columns[reader->fixed];
    const char *label = "";
    char upper[64] = "";
    size_t used = 0, size = sizeof reader->expected;
    for (size_t c = 0; c < reader->fixed; c++) {
        const struct sqz_column *column = &reader->columns[c];
        used += (size_t)snprintf(reader->expected + used, size - used, "%s%s", c > 0 ? "," : "",
                                 column->name);
        used = used < size ? used : size - 1;
        label = column->kind == SQZ_COLUMN_LABEL ? column->name : label;
    }
    if (each->name == NULL)
        return;
    for (size_t i = 0; label[i] != '\0' && i + 1 < sizeof upper; i++)
        upper[i] = (char)toupper((unsigned char)label[i]);
    snprintf(reader->expected + used, size - used, " and %s%s%s for every %s", each->name, upper,
             each->tail, label);
}

/* Whether a column may be of the EACH kind. Its beginning decides; what may follow is known later.
 */
static bool may_be_each(const struct table_reader *reader, const char *name)
{
    const struct sqz_column *each = &reader->columns[reader->fixed];
    for (size_t c = 0; c < reader->fixed; c++)
        if (strcmp(reader->columns[c].name, name) == 0)
            return false;
    return each->name != NULL && strncmp(name, each->name, strlen(each->name)) == 0;
}

static bool ends_with(const char *name, const char *end)
{
    size_t length = strlen(name), tail = strlen(end);
    return length >= tail && strcmp(name + length - tail, end) == 0;
}

/* Columns have their units in their names; those without one are shares and multiples. */
static enum sqz_dimension dimension_of(const char *name)
{
    if (ends_with(name, "_usd"))
        return SQZ_DIM_USD;
    return ends_with(name, "_h") || ends_with(name, "_bp") ? SQZ_DIM_NONE : SQZ_DIM_NUMBER;
}

static int read_header(struct table_reader *reader, const struct sqz_csv_row *row,
                       struct sqz_diag *diag)
{
    struct sqz_table *table = reader->table;
    reader->width = row->count;
    reader->header_line = row->line;
    reader->match = calloc(reader->fixed + row->count, sizeof *reader->match);
    if (reader->match == NULL)
        return no_memory(diag);
    for (size_t c = 0; c < reader->fixed; c++)
        reader->match[c] =
            (struct sqz_csv_column){.name = reader->columns[c].name,
                                    .required = true,
                                    .aliases = reader->columns[c].aliases,
                                    .dimension = dimension_of(reader->columns[c].name)};
    for (size_t i = 0; i < row->count; i++) {
        if (!may_be_each(reader, row->field[i]))
            continue;
        const char *name = strdup(row->field[i]);
        if (name == NULL)
            return no_memory(diag);
        reader->match[table->columns++] =
            (struct sqz_csv_column){.name = name, .required = true, .dimension = SQZ_DIM_NUMBER};
    }
    return sqz_csv_match_given(row, reader->match, table->columns, reader->expected, diag);
}

/* ---- rows ---------------------------------------------------------------------------------- */

/* "2025-10-10", however it goes on. */
static bool is_date(const char *text)
{
    return strspn(text, "0123456789") == 4 && (text[4] == '-' || text[4] == '/');
}

/* What a number of hours is rather, if it is written in digits as clocks write it: no horizon is as
 * long as the hours that these have been since 1970, from 2008, before the first coin, to 2096. */
static const char *epoch_of(const char *text, double hours)
{
    static const struct {
        double ticks; /* of a billion seconds */
        const char *name;
    } SINCE[] = {{1e9, "seconds"}, {1e12, "milliseconds"}, {1e15, "microseconds"}};
    bool digits = text[strspn(text, "0123456789.")] == '\0';
    for (size_t i = 0; digits && i < sizeof SINCE / sizeof SINCE[0]; i++)
        if (hours >= 1.2 * SINCE[i].ticks && hours < 4 * SINCE[i].ticks)
            return SINCE[i].name;
    return NULL;
}

/* Times are hours from the start; exports have dates or an epoch. */
static int parse_hours(const struct sqz_csv_row *row, const struct sqz_csv_column *column,
                       double *value, struct sqz_diag *diag)
{
    const char *text = sqz_csv_field(row, column);
    if (is_date(text))
        return sqz_fail_at(diag, SQZ_ERR_DATA, row->file, row->line, column->name,
                           "'%s' is a date; expected hours from the start", text);
    int error = sqz_cell_number(row, column, value, diag);
    const char *unit = error == SQZ_OK ? epoch_of(text, *value) : NULL;
    if (unit == NULL)
        return error;
    return sqz_fail_at(diag, SQZ_ERR_DATA, row->file, row->line, column->name,
                       "'%s' looks like %s since 1970; expected hours from the start", text, unit);
}

/* The label of the row `r`, the last one so far. */
static int parse_label(struct sqz_table *table, size_t r, const char *name, const char *text,
                       struct sqz_diag *diag)
{
    if (text[0] == '\0')
        return sqz_fail_at(diag, SQZ_ERR_DATA, table->file, table->line[r], name,
                           "is empty; expected a name");
    for (size_t i = 0; i < r; i++)
        if (strcmp(table->label[i], text) == 0)
            return sqz_fail_at(diag, SQZ_ERR_DATA, table->file, table->line[r], name,
                               "'%s' is given twice; first on line %ld", text, table->line[i]);
    table->label[r] = strdup(text);
    return table->label[r] != NULL ? SQZ_OK : no_memory(diag);
}

static int reserve_row(struct table_reader *reader, struct sqz_diag *diag)
{
    struct sqz_table *table = reader->table;
    if (table->rows < reader->capacity)
        return SQZ_OK;
    size_t capacity = reader->capacity > 0 ? 2 * reader->capacity : 64;
    double *value = realloc(table->value, capacity * table->columns * sizeof *value);
    if (value != NULL)
        table->value = value;
    long *line = realloc(table->line, capacity * sizeof *line);
    if (line != NULL)
        table->line = line;
    char **label = NULL;
    if (reader->labelled)
        label = realloc(table->label, capacity * sizeof *label);
    if (label != NULL)
        table->label = label;
    if (value == NULL || line == NULL || (reader->labelled && label == NULL))
        return no_memory(diag);
    reader->capacity = capacity;
    return SQZ_OK;
}

static int parse_cell(const struct table_reader *reader, const struct sqz_csv_row *row, size_t r,
                      size_t c, struct sqz_diag *diag)
{
    struct sqz_table *table = reader->table;
    const struct sqz_column *column = &reader->columns[c < reader->fixed ? c : reader->fixed];
    const char *text = sqz_csv_field(row, &reader->match[c]);
    double *value = &table->value[r * table->columns + c];
    size_t word;
    int error;
    switch (column->kind) {
    case SQZ_COLUMN_WORD:
        error = sqz_cell_word(row, &reader->match[c], column->words, &word, diag);
        *value = (double)word;
        return error;
    case SQZ_COLUMN_LABEL:
        *value = (double)r;
        return parse_label(table, r, column->name, text, diag);
    default:
        return strcmp(reader->match[c].name, HOURS) == 0
                   ? parse_hours(row, &reader->match[c], value, diag)
                   : sqz_cell_number(row, &reader->match[c], value, diag);
    }
}

static int on_row(void *context, const struct sqz_csv_row *row, struct sqz_diag *diag)
{
    struct table_reader *reader = context;
    struct sqz_table *table = reader->table;
    if (reader->width == 0)
        return read_header(reader, row, diag);
    int error = sqz_csv_check_width(row, reader->width, diag);
    if (error == SQZ_OK)
        error = reserve_row(reader, diag);
    if (error != SQZ_OK)
        return error;
    size_t r = table->rows++;
    table->line[r] = row->line;
    if (reader->labelled)
        table->label[r] = NULL;
    for (size_t c = 0; error == SQZ_OK && c < table->columns; c++)
        error = parse_cell(reader, row, r, c, diag);
    return error;
}

/* ---- columns of the EACH kind -------------------------------------------------------------- */

/* The columns that the labels ask for against those that the file has; sets the index of each of
 * `wanted` to its place among the latter. */
static int match_each(const struct table_reader *reader, struct sqz_csv_column *wanted,
                      char **present, struct sqz_diag *diag)
{
    const struct sqz_table *table = reader->table;
    const struct sqz_column *each = &reader->columns[reader->fixed];
    const struct sqz_csv_row header = {table->file, reader->header_line,
                                       table->columns - reader->fixed, present, ','};
    for (size_t i = 0; i < header.count; i++)
        present[i] = (char *)reader->match[reader->fixed + i].name;
    for (size_t r = 0; r < table->rows; r++) {
        char *name;
        if (asprintf(&name, "%s%s%s", each->name, table->label[r], each->tail) < 0)
            return no_memory(diag);
        wanted[r] = (struct sqz_csv_column){.name = name, .required = true};
    }
    return sqz_csv_match_given(&header, wanted, table->rows, reader->expected, diag);
}

/* Every column was matched once, so there are as many as rows. */
static void sort_each(const struct table_reader *reader, const struct sqz_csv_column *wanted,
                      double *as_read)
{
    const struct sqz_table *table = reader->table;
    for (size_t r = 0; r < table->rows; r++) {
        double *value = table->value + r * table->columns + reader->fixed;
        memcpy(as_read, value, table->rows * sizeof *value);
        for (size_t i = 0; i < table->rows; i++)
            value[i] = as_read[wanted[i].index];
    }
}

/* Bring the columns of the EACH kind into the order of the rows. */
static int order_each(const struct table_reader *reader, struct sqz_diag *diag)
{
    const struct sqz_table *table = reader->table;
    size_t present = table->columns - reader->fixed;
    struct sqz_csv_column *wanted = calloc(table->rows, sizeof *wanted);
    char **name = calloc(present + 1, sizeof *name);
    double *as_read = calloc(table->rows, sizeof *as_read);
    int error = wanted == NULL || name == NULL || as_read == NULL
                    ? no_memory(diag)
                    : match_each(reader, wanted, name, diag);
    if (error == SQZ_OK)
        sort_each(reader, wanted, as_read);
    for (size_t r = 0; wanted != NULL && r < table->rows; r++)
        free((char *)wanted[r].name);
    free(wanted);
    free(name);
    free(as_read);
    return error;
}

/* ---- tables -------------------------------------------------------------------------------- */

static void free_reader(struct table_reader *reader)
{
    for (size_t c = reader->fixed; reader->match != NULL && c < reader->table->columns; c++)
        free((char *)reader->match[c].name);
    free(reader->match);
}

int sqz_table_read(struct sqz_table *table, char *path, const struct sqz_column *columns,
                   struct sqz_diag *diag)
{
    memset(table, 0, sizeof *table);
    table->file = path;
    struct table_reader reader = {.table = table, .columns = columns};
    for (; columns[reader.fixed].name != NULL; reader.fixed++) {
        if (columns[reader.fixed].kind == SQZ_COLUMN_EACH)
            break;
        reader.labelled |= columns[reader.fixed].kind == SQZ_COLUMN_LABEL;
    }
    table->columns = reader.fixed;
    describe_header(&reader);
    struct sqz_digest digest = {""};
    int error = sqz_csv_read(path, on_row, &reader, &digest, diag);
    memcpy(table->sha256, digest.hex, sizeof table->sha256);
    if (error == SQZ_OK && reader.width == 0)
        error = sqz_fail_at(diag, SQZ_ERR_DATA, path, 0, NULL, "is empty; expected a table, %s",
                            reader.expected);
    if (error == SQZ_OK && table->rows == 0)
        error = sqz_fail_at(diag, SQZ_ERR_DATA, path, 0, NULL,
                            "has no rows; expected a header and at least one");
    if (error == SQZ_OK && columns[reader.fixed].name != NULL)
        error = order_each(&reader, diag);
    free_reader(&reader);
    return error;
}

void sqz_table_free(struct sqz_table *table)
{
    for (size_t r = 0; table->label != NULL && r < table->rows; r++)
        free(table->label[r]);
    free(table->label);
    free((char *)table->file);
    free(table->value);
    free(table->line);
    memset(table, 0, sizeof *table);
}
