#include "sim/io/table.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "sim/io/csv.h"
#include "sim/io/units.h"

struct table_reader {
    struct sqz_table *table;
    const struct sqz_column *columns;
    struct sqz_csv_column match[SQZ_TABLE_COLUMNS];
    size_t width, capacity;
};

static int parse_cell(const struct sqz_column *column, const struct sqz_csv_row *row,
                      const char *text, double *value, struct sqz_diag *diag)
{
    if (column->kind == SQZ_COLUMN_NUMBER) {
        struct sqz_diag why = {0};
        int error = sqz_units_parse(text, "1", "1", SQZ_DIM_NUMBER, value, &why);
        if (error == SQZ_OK && isfinite(*value))
            return SQZ_OK;
        return sqz_fail_at(diag, SQZ_ERR_DATA, row->file, row->line, column->name,
                           "'%s' is not a finite number", text);
    }
    for (int i = 0; column->words[i] != NULL; i++)
        if (strcmp(column->words[i], text) == 0) {
            *value = i;
            return SQZ_OK;
        }
    return sqz_fail_at(diag, SQZ_ERR_DATA, row->file, row->line, column->name,
                       "'%s' is unknown; expected %s or %s", text, column->words[0],
                       column->words[1]);
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
    if (value == NULL || line == NULL)
        return sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for a table");
    reader->capacity = capacity;
    return SQZ_OK;
}

static int on_row(void *context, const struct sqz_csv_row *row, struct sqz_diag *diag)
{
    struct table_reader *reader = context;
    struct sqz_table *table = reader->table;
    if (reader->width == 0) {
        reader->width = row->count;
        return sqz_csv_match(row, reader->match, table->columns, diag);
    }
    int error = sqz_csv_check_width(row, reader->width, diag);
    if (error == SQZ_OK)
        error = reserve_row(reader, diag);
    for (size_t c = 0; error == SQZ_OK && c < table->columns; c++)
        error = parse_cell(&reader->columns[c], row, sqz_csv_field(row, &reader->match[c]),
                           &table->value[table->rows * table->columns + c], diag);
    if (error == SQZ_OK)
        table->line[table->rows++] = row->line;
    return error;
}

int sqz_table_read(struct sqz_table *table, char *path, const struct sqz_column *columns,
                   struct sqz_diag *diag)
{
    memset(table, 0, sizeof *table);
    table->file = path;
    struct table_reader reader = {.table = table, .columns = columns};
    for (; columns[table->columns].name != NULL; table->columns++)
        reader.match[table->columns] =
            (struct sqz_csv_column){columns[table->columns].name, true, 0};
    struct sqz_digest digest = {""};
    int error = sqz_csv_read(path, on_row, &reader, &digest, diag);
    memcpy(table->sha256, digest.hex, sizeof table->sha256);
    if (error == SQZ_OK && table->rows == 0)
        error = sqz_fail_at(diag, SQZ_ERR_DATA, path, 0, NULL,
                            "has no rows; expected a header and at least one");
    return error;
}

void sqz_table_free(struct sqz_table *table)
{
    free((char *)table->file);
    free(table->value);
    free(table->line);
    memset(table, 0, sizeof *table);
}
