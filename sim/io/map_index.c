/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/map_index.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/io/cells.h"
#include "sim/io/clock.h"

enum { TIME, PRICE, LEVELS, COLUMNS };

static const struct sqz_cell_limits PRICES = {
    .lo = 0, .hi = INFINITY, .above_lo = true, .wrong = "is not a price; expected above 0"};

struct index_reader {
    struct sqz_map_index *index;
    struct sqz_csv_column column[COLUMNS];
    const char *path;
    size_t capacity;
};

static int parse_time(const struct index_reader *reader, const struct sqz_csv_row *row,
                      double *time_s, struct sqz_diag *diag)
{
    const struct sqz_map_index *index = reader->index;
    const struct sqz_csv_column *column = &reader->column[TIME];
    if (!sqz_clock_parse(sqz_csv_field(row, column), time_s))
        return sqz_cell_fail(row, column,
                             "is not a time; expected UTC as 2025-10-10T21:01Z, or seconds since "
                             "1970",
                             diag);
    if (index->count > 0 && *time_s <= index->entry[index->count - 1].time_s)
        return sqz_cell_fail(row, column,
                             "is not after the time above; expected one map for a time, and times "
                             "that ascend",
                             diag);
    return SQZ_OK;
}

/* The path in a cell, relative to the index. */
static int parse_levels(const struct index_reader *reader, const struct sqz_csv_row *row,
                        char **levels, struct sqz_diag *diag)
{
    const struct sqz_csv_column *column = &reader->column[LEVELS];
    const char *text = sqz_csv_field(row, column), *slash = strrchr(reader->path, '/');
    size_t folder = slash != NULL && text[0] != '/' ? (size_t)(slash - reader->path) + 1 : 0;
    if (text[0] == '\0')
        return sqz_cell_fail(row, column, "is empty; expected the path of a levels file", diag);
    *levels = malloc(folder + strlen(text) + 1);
    if (*levels == NULL)
        return sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for a file name");
    sprintf(*levels, "%.*s%s", (int)folder, reader->path, text);
    return SQZ_OK;
}

static int reserve(struct index_reader *reader, struct sqz_diag *diag)
{
    struct sqz_map_index *index = reader->index;
    if (index->count < reader->capacity)
        return SQZ_OK;
    size_t capacity = reader->capacity > 0 ? reader->capacity + reader->capacity / 2 : 256;
    struct sqz_map_entry *entry = realloc(index->entry, capacity * sizeof *entry);
    if (entry == NULL)
        return sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for more than %zu maps", index->count);
    index->entry = entry;
    reader->capacity = capacity;
    return SQZ_OK;
}

static int on_row(void *context, const struct sqz_csv_row *row, struct sqz_diag *diag)
{
    struct index_reader *reader = context;
    struct sqz_map_entry entry = {0};
    int error = reserve(reader, diag);
    if (error == SQZ_OK)
        error = parse_time(reader, row, &entry.time_s, diag);
    if (error == SQZ_OK)
        error = sqz_cell_within(row, &reader->column[PRICE], &PRICES, &entry.price_usd, diag);
    if (error == SQZ_OK)
        error = parse_levels(reader, row, &entry.levels, diag);
    if (error == SQZ_OK)
        reader->index->entry[reader->index->count++] = entry;
    return error;
}

int sqz_map_index_read(struct sqz_map_index *index, const char *path, struct sqz_diag *diag)
{
    struct index_reader reader = {
        .index = index,
        .path = path,
        .column = {[TIME] = {.name = "time", .required = true, .aliases = "time_utc timestamp"},
                   [PRICE] = {.name = "price_usd",
                              .required = true,
                              .aliases = "price",
                              .dimension = SQZ_DIM_USD},
                   [LEVELS] = {.name = "levels", .required = true, .aliases = "file path"}}};
    memset(index, 0, sizeof *index);
    const struct sqz_csv_table table = {.column = reader.column,
                                        .columns = COLUMNS,
                                        .what = "maps",
                                        .header = "time,price_usd,levels",
                                        .handler = on_row,
                                        .context = &reader};
    return sqz_csv_read_table(path, &table, &index->digest, diag);
}

void sqz_map_index_free(struct sqz_map_index *index)
{
    for (size_t i = 0; i < index->count; i++)
        free(index->entry[i].levels);
    free(index->entry);
    memset(index, 0, sizeof *index);
}
