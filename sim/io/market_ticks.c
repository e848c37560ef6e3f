/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/market_data.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/io/cells.h"
#include "sim/io/clock.h"

enum { TIME, SIDE, PRICE, NOTIONAL, QUANTITY, COLUMNS };

static const struct sqz_cell_limits PRICES = {
    .lo = 0, .hi = INFINITY, .above_lo = true, .wrong = "is not a price; expected above 0"};
static const struct sqz_cell_limits AMOUNTS = {
    .lo = 0, .hi = INFINITY, .wrong = "is negative; expected 0 or more"};

struct ticks_reader {
    struct sqz_ticks *ticks;
    size_t capacity;
    struct sqz_csv_column column[COLUMNS];
    bool sided, rate; /* each has the side of a taker; a rate of funding */
    size_t width;     /* of the header; 0 before it was read */
};

void sqz_ticks_free(struct sqz_ticks *ticks)
{
    free(ticks->tick);
    memset(ticks, 0, sizeof *ticks);
}

static int parse_time(const struct ticks_reader *reader, const struct sqz_csv_row *row,
                      double *time_s, struct sqz_diag *diag)
{
    const struct sqz_csv_column *column = &reader->column[TIME];
    return sqz_clock_parse(sqz_csv_field(row, column), time_s)
               ? SQZ_OK
               : sqz_cell_fail(row, column,
                               "is not a time; expected UTC as 2025-10-10T21:01Z, or seconds since "
                               "1970",
                               diag);
}

/* 1 for a buy, -1 for a sell. */
static int parse_side(const struct ticks_reader *reader, const struct sqz_csv_row *row,
                      double *sign, struct sqz_diag *diag)
{
    static const char *const WORDS[] = {"buy", "sell", NULL};
    size_t word = 0;
    int error = SQZ_OK;
    if (reader->sided)
        error = sqz_cell_word(row, &reader->column[SIDE], WORDS, &word, diag);
    *sign = word == 0 ? 1 : -1;
    return error;
}

static int parse_amount(const struct ticks_reader *reader, const struct sqz_csv_row *row,
                        struct sqz_tick *tick, struct sqz_diag *diag)
{
    const struct sqz_csv_column *column = reader->column;
    double quantity = NAN;
    if (reader->rate)
        return sqz_cell_number(row, &column[NOTIONAL], &tick->usd, diag);
    int error = sqz_cell_optional(row, &column[PRICE], &PRICES, NAN, &tick->price_usd, diag);
    if (error == SQZ_OK)
        error = sqz_cell_optional(row, &column[NOTIONAL], &AMOUNTS, NAN, &tick->usd, diag);
    if (error == SQZ_OK)
        error = sqz_cell_optional(row, &column[QUANTITY], &AMOUNTS, NAN, &quantity, diag);
    if (error == SQZ_OK && isnan(tick->usd))
        tick->usd = quantity * tick->price_usd;
    if (error == SQZ_OK && reader->sided && isnan(tick->usd))
        error =
            sqz_cell_fail(row, &column[NOTIONAL],
                          "is no amount; expected notional_usd, or quantity and price_usd", diag);
    return error;
}

static int reserve(struct ticks_reader *reader, struct sqz_diag *diag)
{
    struct sqz_ticks *ticks = reader->ticks;
    if (ticks->count < reader->capacity)
        return SQZ_OK;
    size_t capacity = 2 * reader->capacity + 1024;
    struct sqz_tick *bigger = realloc(ticks->tick, capacity * sizeof *bigger);
    if (bigger == NULL)
        return sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for more than %zu rows", ticks->count);
    ticks->tick = bigger;
    reader->capacity = capacity;
    return SQZ_OK;
}

static int read_tick(struct ticks_reader *reader, const struct sqz_csv_row *row,
                     struct sqz_diag *diag)
{
    struct sqz_ticks *ticks = reader->ticks;
    struct sqz_tick tick = {NAN, NAN, NAN};
    double sign = 1;
    int error = sqz_csv_check_width(row, reader->width, diag);
    if (error == SQZ_OK)
        error = reserve(reader, diag);
    if (error == SQZ_OK)
        error = parse_time(reader, row, &tick.time_s, diag);
    if (error == SQZ_OK)
        error = parse_side(reader, row, &sign, diag);
    if (error == SQZ_OK)
        error = parse_amount(reader, row, &tick, diag);
    if (error != SQZ_OK)
        return error;
    if (ticks->count > 0 && tick.time_s < ticks->tick[ticks->count - 1].time_s)
        return sqz_fail_at(diag, SQZ_ERR_DATA, row->file, row->line, "time",
                           "is before the row above; expected times that ascend");
    tick.usd *= sign;
    ticks->tick[ticks->count++] = tick;
    return SQZ_OK;
}

/* Columns that are not known are no error here: exports have many. */
static int match(struct ticks_reader *reader, const struct sqz_csv_row *row, struct sqz_diag *diag)
{
    reader->width = row->count;
    for (int c = 0; c < COLUMNS; c++) {
        struct sqz_csv_column *column = &reader->column[c];
        column->index = SQZ_CSV_ABSENT;
        for (size_t i = 0; i < row->count && column->index == SQZ_CSV_ABSENT; i++)
            if (sqz_csv_is_called(column, row->field[i]))
                column->index = i;
    }
    if (reader->column[TIME].index == SQZ_CSV_ABSENT)
        return sqz_fail_at(diag, SQZ_ERR_DATA, row->file, row->line, "time", "is missing");
    if (reader->sided && reader->column[SIDE].index == SQZ_CSV_ABSENT)
        return sqz_fail_at(diag, SQZ_ERR_DATA, row->file, row->line, "side",
                           "is missing; expected buy or sell of the taker");
    if (reader->rate && reader->column[NOTIONAL].index == SQZ_CSV_ABSENT)
        return sqz_fail_at(diag, SQZ_ERR_DATA, row->file, row->line, "rate", "is missing");
    return SQZ_OK;
}

static int on_row(void *context, const struct sqz_csv_row *row, struct sqz_diag *diag)
{
    struct ticks_reader *reader = context;
    return reader->width > 0 ? read_tick(reader, row, diag) : match(reader, row, diag);
}

static int read_ticks(struct ticks_reader *reader, const char *path, struct sqz_diag *diag)
{
    memset(reader->ticks, 0, sizeof *reader->ticks);
    int error = sqz_csv_read(path, on_row, reader, NULL, diag);
    if (error == SQZ_OK && reader->ticks->count == 0)
        error = sqz_fail_at(diag, SQZ_ERR_DATA, path, 0, NULL, "has no rows");
    return error;
}

/* Names by which exports call it. */
#define TIME_ALIASES "time_utc datetime_utc timestamp time_ms timestamp_ms"

int sqz_trades_read(struct sqz_ticks *ticks, const char *path, struct sqz_diag *diag)
{
    struct ticks_reader reader = {
        .ticks = ticks,
        .sided = true,
        .column = {[TIME] = {.name = "time", .aliases = TIME_ALIASES},
                   [SIDE] = {.name = "side", .aliases = "taker_side"},
                   [PRICE] = {.name = "price_usd", .aliases = "price last_px px"},
                   [NOTIONAL] = {.name = "notional_usd", .aliases = "notional quote_qty"},
                   [QUANTITY] = {.name = "quantity", .aliases = "qty amount size"}}};
    return read_ticks(&reader, path, diag);
}

int sqz_events_read(struct sqz_ticks *ticks, const char *path, struct sqz_diag *diag)
{
    struct ticks_reader reader = {
        .ticks = ticks,
        .column = {[TIME] = {.name = "time", .aliases = TIME_ALIASES},
                   [SIDE] = {.name = "side"},
                   [PRICE] = {.name = "price_usd", .aliases = "price last_px px"},
                   [NOTIONAL] = {.name = "notional_usd", .aliases = "notional quote_qty"},
                   [QUANTITY] = {.name = "quantity", .aliases = "qty amount size"}}};
    return read_ticks(&reader, path, diag);
}

int sqz_funding_read(struct sqz_ticks *ticks, const char *path, struct sqz_diag *diag)
{
    struct ticks_reader reader = {
        .ticks = ticks,
        .rate = true,
        .column = {[TIME] = {.name = "time", .aliases = TIME_ALIASES},
                   [SIDE] = {.name = "side"},
                   [PRICE] = {.name = "price_usd"},
                   [NOTIONAL] = {.name = "rate", .aliases = "funding_rate funding fundingRate"},
                   [QUANTITY] = {.name = "quantity"}}};
    return read_ticks(&reader, path, diag);
}
