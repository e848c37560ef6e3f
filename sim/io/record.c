/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/record.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/io/cells.h"
#include "sim/io/clock.h"

enum { TIME, OPEN, HIGH, LOW, CLOSE, VOLUME, INTEREST, TAKER_BUY, FUNDING, SHORTS, LONGS, COLUMNS };

/* A bar may begin this share of a step off its place, and a step may be longer than the usual one
 * by this share, before bars count as missing. */
static const double UNEVEN = 0.5;

struct record_reader {
    struct sqz_csv_column column[COLUMNS];
    double last_s; /* time of the bar above; NAN: none is */
    int (*visit)(void *context, const struct sqz_bar *bar, struct sqz_diag *diag);
    void *context;
};

/* A record that grows. */
struct growing {
    struct sqz_record *record;
    size_t capacity;
};

static const struct sqz_cell_limits PRICES = {
    .lo = 0, .hi = INFINITY, .above_lo = true, .wrong = "is not a price; expected above 0"};
static const struct sqz_cell_limits AMOUNTS = {
    .lo = 0, .hi = INFINITY, .wrong = "is negative; expected 0 or more"};

static int parse_time(const struct record_reader *reader, const struct sqz_csv_row *row,
                      double *time_s, struct sqz_diag *diag)
{
    const struct sqz_csv_column *column = &reader->column[TIME];
    if (!sqz_clock_parse(sqz_csv_field(row, column), time_s))
        return sqz_cell_fail(
            row, column, "is not a time; expected UTC as 2025-10-10T21:01Z, or seconds since 1970",
            diag);
    if (*time_s <= reader->last_s)
        return sqz_cell_fail(
            row, column,
            *time_s == reader->last_s
                ? "is the time of the bar before; expected one bar for a time"
                : "is before the bar above; expected times that ascend (squeeze import "
                  "bars sorts them)",
            diag);
    return SQZ_OK;
}

static int parse_prices(const struct record_reader *reader, const struct sqz_csv_row *row,
                        struct sqz_bar *bar, struct sqz_diag *diag)
{
    double *const price[] = {&bar->open_usd, &bar->high_usd, &bar->low_usd, &bar->close_usd};
    int error = SQZ_OK;
    for (int i = 0; i < 4 && error == SQZ_OK; i++)
        error = sqz_cell_within(row, &reader->column[OPEN + i], &PRICES, price[i], diag);
    if (error == SQZ_OK && bar->high_usd < fmax(fmax(bar->open_usd, bar->close_usd), bar->low_usd))
        error = sqz_cell_fail(row, &reader->column[HIGH],
                              "is below another price of the bar; expected its highest", diag);
    if (error == SQZ_OK && bar->low_usd > fmin(bar->open_usd, bar->close_usd))
        error = sqz_cell_fail(row, &reader->column[LOW],
                              "is above another price of the bar; expected its lowest", diag);
    return error;
}

/* What a file may leave out, or a cell of it. */
static int parse_amount(const struct sqz_csv_row *row, const struct sqz_csv_column *column,
                        double *value, struct sqz_diag *diag)
{
    return sqz_cell_optional(row, column, &AMOUNTS, NAN, value, diag);
}

static int parse_flows(const struct record_reader *reader, const struct sqz_csv_row *row,
                       struct sqz_bar *bar, struct sqz_diag *diag)
{
    const struct sqz_csv_column *column = reader->column;
    int error = parse_amount(row, &column[VOLUME], &bar->volume_usd, diag);
    if (error == SQZ_OK)
        error = parse_amount(row, &column[INTEREST], &bar->open_interest_usd, diag);
    if (error == SQZ_OK)
        error = parse_amount(row, &column[TAKER_BUY], &bar->taker_buy_usd, diag);
    if (error == SQZ_OK && bar->taker_buy_usd > bar->volume_usd)
        error =
            sqz_cell_fail(row, &column[TAKER_BUY],
                          "is more than all that was traded; expected a part of volume_usd", diag);
    if (error == SQZ_OK)
        error = sqz_cell_optional(row, &column[FUNDING], NULL, NAN, &bar->funding, diag);
    if (error == SQZ_OK)
        error = parse_amount(row, &column[SHORTS], &bar->liquidated_usd[SQZ_UP], diag);
    if (error == SQZ_OK)
        error = parse_amount(row, &column[LONGS], &bar->liquidated_usd[SQZ_DOWN], diag);
    return error;
}

static int on_row(void *context, const struct sqz_csv_row *row, struct sqz_diag *diag)
{
    struct record_reader *reader = context;
    struct sqz_bar bar;
    int error = parse_time(reader, row, &bar.time_s, diag);
    if (error == SQZ_OK)
        error = parse_prices(reader, row, &bar, diag);
    if (error == SQZ_OK)
        error = parse_flows(reader, row, &bar, diag);
    if (error == SQZ_OK)
        error = reader->visit(reader->context, &bar, diag);
    reader->last_s = bar.time_s;
    return error;
}

static int keep(void *context, const struct sqz_bar *bar, struct sqz_diag *diag)
{
    struct growing *growing = context;
    struct sqz_record *record = growing->record;
    if (record->count == growing->capacity) {
        size_t capacity = growing->capacity > 0 ? growing->capacity + growing->capacity / 2 : 1024;
        struct sqz_bar *bigger = realloc(record->bar, capacity * sizeof *bigger);
        if (bigger == NULL)
            return sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for more than %zu bars", record->count);
        record->bar = bigger;
        growing->capacity = capacity;
    }
    record->bar[record->count++] = *bar;
    return SQZ_OK;
}

/* ---- all bars together ---------------------------------------------------------------------- */

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The median of the times between bars: of bars without more gaps than bars it is the usual one. */
static int find_step(struct sqz_record *record, struct sqz_diag *diag)
{
    size_t steps = record->count - 1;
    double *step = malloc((steps + 1) * sizeof *step);
    if (step == NULL)
        return sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for %zu bars", record->count);
    for (size_t i = 0; i < steps; i++)
        step[i] = record->bar[i + 1].time_s - record->bar[i].time_s;
    qsort(step, steps, sizeof *step, compare);
    record->step_s = step[steps / 2];
    free(step);
    return SQZ_OK;
}

bool sqz_record_is_gap(const struct sqz_record *record, size_t before)
{
    double step_s = record->bar[before + 1].time_s - record->bar[before].time_s;
    return step_s > (1.0 + UNEVEN) * record->step_s;
}

static int count_gaps(struct sqz_record *record, const char *path, struct sqz_remarks *remarks,
                      struct sqz_diag *diag)
{
    char first[SQZ_CLOCK_TEXT_SIZE] = "";
    for (size_t i = 0; i + 1 < record->count; i++) {
        if (!sqz_record_is_gap(record, i))
            continue;
        double step_s = record->bar[i + 1].time_s - record->bar[i].time_s;
        if (record->gaps++ == 0)
            sqz_clock_format(first, record->bar[i].time_s);
        record->missing += (size_t)rint(step_s / record->step_s) - 1;
    }
    if (record->gaps == 0)
        return SQZ_OK;
    int error = sqz_remarks_add(remarks, "missing-bars", path, 0, "time",
                                "%zu bar%s missing in %zu place%s, the first after %s: what "
                                "happened there is not known, and no question is asked across it",
                                record->missing, record->missing == 1 ? " is" : "s are",
                                record->gaps, record->gaps == 1 ? "" : "s", first);
    return error == SQZ_OK ? SQZ_OK : sqz_fail(diag, error, "no memory for remarks");
}

int sqz_record_visit(const char *path,
                     int (*visit)(void *context, const struct sqz_bar *bar, struct sqz_diag *diag),
                     void *context, struct sqz_digest *digest, struct sqz_diag *diag)
{
    struct record_reader reader = {
        .last_s = NAN,
        .visit = visit,
        .context = context,
        .column = {
            [TIME] = {.name = "time",
                      .required = true,
                      .aliases = "time_utc datetime_utc timestamp"},
            [OPEN] = {.name = "open_usd", .required = true, .aliases = "open price_open"},
            [HIGH] = {.name = "high_usd", .required = true, .aliases = "high price_high"},
            [LOW] = {.name = "low_usd", .required = true, .aliases = "low price_low"},
            [CLOSE] = {.name = "close_usd", .required = true, .aliases = "close price_close"},
            [VOLUME] = {.name = "volume_usd",
                        .dimension = SQZ_DIM_USD,
                        .unclear = "volume",
                        .aliases = "quote_volume quote_volume_usd"},
            [INTEREST] = {.name = "open_interest_usd",
                          .dimension = SQZ_DIM_USD,
                          .unclear = "open_interest",
                          .aliases = "oi_close oi_usd"},
            [TAKER_BUY] = {.name = "taker_buy_usd",
                           .dimension = SQZ_DIM_USD,
                           .unclear = "taker_buy_volume",
                           .aliases = "taker_buy_quote_volume"},
            [FUNDING] = {.name = "funding", .aliases = "funding_rate funding_close"},
            [SHORTS] = {.name = "liquidated_short_usd",
                        .dimension = SQZ_DIM_USD,
                        .aliases = "liquidation_short_usd"},
            [LONGS] = {.name = "liquidated_long_usd",
                       .dimension = SQZ_DIM_USD,
                       .aliases = "liquidation_long_usd"}}};
    const struct sqz_csv_table table = {.column = reader.column,
                                        .columns = COLUMNS,
                                        .what = "bars",
                                        .header = "time,open_usd,high_usd,low_usd,close_usd",
                                        .handler = on_row,
                                        .context = &reader};
    return sqz_csv_read_table(path, &table, digest, diag);
}

int sqz_record_read(struct sqz_record *record, const char *path, struct sqz_remarks *remarks,
                    struct sqz_diag *diag)
{
    struct growing growing = {.record = record};
    memset(record, 0, sizeof *record);
    int error = sqz_record_visit(path, keep, &growing, &record->digest, diag);
    if (error == SQZ_OK && record->count < 2)
        error = sqz_fail_at(diag, SQZ_ERR_DATA, path, 0, NULL, "has one bar; expected two or more");
    record->file = strdup(path);
    if (error == SQZ_OK && record->file == NULL)
        error = sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for a file's name");
    if (error == SQZ_OK)
        error = find_step(record, diag);
    if (error == SQZ_OK)
        error = count_gaps(record, path, remarks, diag);
    return error;
}

void sqz_record_free(struct sqz_record *record)
{
    free(record->bar);
    free(record->file);
    memset(record, 0, sizeof *record);
}

size_t sqz_record_at(const struct sqz_record *record, double time_s)
{
    size_t low = 0, high = record->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (record->bar[middle].time_s < time_s)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

size_t sqz_record_stretch(const struct sqz_record *record, size_t begin, double until_s)
{
    size_t end = begin;
    while (end < record->count && record->bar[end].time_s < until_s) {
        end++;
        if (end < record->count && sqz_record_is_gap(record, end - 1))
            break;
    }
    return end;
}
