/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bars of recorded prices: exchange klines, and tables of open, high, low and close. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/io/import.h"

/* ---- one bar --------------------------------------------------------------------------------- */

static const double PRICE_MAX_USD = 1e15;

static int check_bar(const struct sqz_import_bar *bar, const char *file, struct sqz_diag *diag)
{
    double least = fmin(bar->open_usd, bar->close_usd), most = fmax(bar->open_usd, bar->close_usd);
    if (!(bar->low_usd > 0.0 && bar->high_usd <= PRICE_MAX_USD))
        return sqz_fail_at(diag, SQZ_ERR_DATA, file, bar->line, NULL,
                           "a bar from %.12g to %.12g; expected prices above 0 and up to 1e15",
                           bar->low_usd, bar->high_usd);
    if (bar->low_usd > least || bar->high_usd < most)
        return sqz_fail_at(diag, SQZ_ERR_DATA, file, bar->line, NULL,
                           "open %.12g or close %.12g lies outside of low %.12g to high %.12g; "
                           "expected time, open, high, low, close in this order",
                           bar->open_usd, bar->close_usd, bar->low_usd, bar->high_usd);
    return SQZ_OK;
}

static int keep(struct sqz_import *import, const struct sqz_import_bar *bar, const char *file,
                struct sqz_diag *diag)
{
    int error = check_bar(bar, file, diag);
    struct sqz_import_bar *added = error == SQZ_OK ? sqz_rows_add(&import->bar) : NULL;
    if (error != SQZ_OK)
        return error;
    if (added == NULL)
        return sqz_import_no_memory(diag);
    *added = *bar;
    return SQZ_OK;
}

static struct sqz_import_bar new_bar(long line)
{
    return (struct sqz_import_bar){.volume_usd = NAN,
                                   .taker_buy_usd = NAN,
                                   .open_interest_usd = NAN,
                                   .funding = NAN,
                                   .liquidated_usd = {NAN, NAN},
                                   .line = line};
}

/* Volume in coins is worth the mean of the bar's four prices each. */
static double worth_usd(const struct sqz_import_bar *bar, double coins)
{
    return coins * 0.25 * (bar->open_usd + bar->high_usd + bar->low_usd + bar->close_usd);
}

static int remark_coins(struct sqz_import *import, const char *file, struct sqz_diag *diag)
{
    return sqz_import_remark(import, "volume-in-coins", file, diag,
                             "volume is taken for coins and valued at the mean of the bar's "
                             "prices: call the column volume_usd if it is in USD");
}

/* ---- klines ---------------------------------------------------------------------------------- */

/* Where a list of numbers has what a bar has beyond time, open, high, low, close; 0: nowhere. */
struct kline {
    size_t count, quote, taker, base;
};
static const struct kline KLINES[] = {
    {.count = 12, .quote = 7, .taker = 10}, /* Binance and who follows it */
    {.count = 7, .quote = 6},               /* Bybit: turnover */
    {.count = 9, .quote = 7},               /* OKX: volCcyQuote */
    {.count = 6, .base = 5},                /* ccxt */
};
enum { KLINE_KINDS = sizeof KLINES / sizeof KLINES[0], KLINE_MOST = 12 };

static const struct kline *kline_of(size_t count)
{
    for (size_t i = 0; i < KLINE_KINDS; i++)
        if (KLINES[i].count == count)
            return &KLINES[i];
    return NULL;
}

static int keep_kline(struct sqz_import *import, const struct kline *kline, const double *value,
                      struct sqz_import_bar bar, const char *file, struct sqz_diag *diag)
{
    bar.open_usd = value[1];
    bar.high_usd = value[2];
    bar.low_usd = value[3];
    bar.close_usd = value[4];
    if (kline->quote > 0)
        bar.volume_usd = value[kline->quote];
    if (kline->taker > 0)
        bar.taker_buy_usd = value[kline->taker];
    if (kline->base > 0)
        bar.volume_usd = worth_usd(&bar, value[kline->base]);
    return keep(import, &bar, file, diag);
}

static const json_t *kline_list(const struct sqz_payload *payload)
{
    static const char *const PLACES[] = {"result.list", "data", "data.list"};
    if (json_is_array(payload->json))
        return payload->json;
    for (size_t i = 0; i < sizeof PLACES / sizeof PLACES[0]; i++)
        if (json_is_array(sqz_payload_at(payload->json, PLACES[i])))
            return sqz_payload_at(payload->json, PLACES[i]);
    return NULL;
}

static bool detect_klines(const struct sqz_import *import, const struct sqz_payload *payload)
{
    (void)import;
    double number;
    if (payload->json == NULL) {
        struct sqz_csv_row row = sqz_payload_row(payload, 0);
        bool header = row.count == 12 && sqz_payload_column(payload, "open") == 1 &&
                      sqz_payload_column(payload, "close") == 4;
        return header || (row.count == 12 && sqz_import_time(row.field[0], &number) &&
                          sqz_payload_is_number(row.field[1], &number));
    }
    const json_t *first = json_array_get(kline_list(payload), 0);
    return json_is_array(first) && kline_of(json_array_size(first)) != NULL &&
           sqz_import_json_time(json_array_get(first, 0), &number);
}

static int read_json_kline(struct sqz_import *import, const struct sqz_payload *payload,
                           const json_t *row, size_t number, struct sqz_diag *diag)
{
    const struct kline *kline = kline_of(json_array_size(row));
    double value[KLINE_MOST] = {0};
    struct sqz_import_bar bar = new_bar(0);
    int error = SQZ_OK;
    if (kline == NULL || !sqz_import_json_time(json_array_get(row, 0), &bar.time_s))
        return sqz_fail_at(
            diag, SQZ_ERR_DATA, payload->file, 0, NULL,
            "row %zu is no bar; expected a list of time, open, high, low, close, ...", number);
    for (size_t k = 1; error == SQZ_OK && k < kline->count; k++)
        if (k <= 4 || k == kline->quote || k == kline->taker || k == kline->base)
            error = sqz_payload_number(payload, json_array_get(row, k), &value[k], diag,
                                       "bar %zu[%zu]", number, k);
    return error == SQZ_OK ? keep_kline(import, kline, value, bar, payload->file, diag) : error;
}

static int read_csv_kline(struct sqz_import *import, const struct sqz_payload *payload, size_t row,
                          struct sqz_diag *diag)
{
    struct sqz_csv_row cells = sqz_payload_row(payload, row);
    double value[KLINE_MOST] = {0};
    struct sqz_import_bar bar = new_bar(cells.line);
    int error = sqz_csv_check_width(&cells, 12, diag);
    if (error == SQZ_OK && !sqz_import_time(cells.field[0], &bar.time_s))
        error = sqz_fail_at(diag, SQZ_ERR_DATA, payload->file, cells.line, "open_time",
                            "'%s' is not a time; expected s, ms or us since 1970, or ISO 8601",
                            cells.field[0]);
    for (size_t k = 1; error == SQZ_OK && k < 11; k++)
        if (k <= 4 || k == KLINES[0].quote || k == KLINES[0].taker)
            error = sqz_import_cell(payload, row, k, &value[k], diag);
    return error == SQZ_OK ? keep_kline(import, &KLINES[0], value, bar, payload->file, diag)
                           : error;
}

static int read_klines(struct sqz_import *import, const struct sqz_payload *payload,
                       struct sqz_diag *diag)
{
    int error = SQZ_OK;
    double time_s;
    if (payload->json == NULL) {
        bool header = !sqz_import_time(sqz_import_text(payload, 0, 0), &time_s);
        for (size_t row = header; error == SQZ_OK && row < payload->rows; row++)
            error = read_csv_kline(import, payload, row, diag);
        return error;
    }
    const json_t *list = kline_list(payload);
    for (size_t i = 0; error == SQZ_OK && i < json_array_size(list); i++)
        error = read_json_kline(import, payload, json_array_get(list, i), i, diag);
    const struct kline *kline = kline_of(json_array_size(json_array_get(list, 0)));
    return error == SQZ_OK && kline->base > 0 ? remark_coins(import, payload->file, diag) : error;
}

/* ---- tables with names ----------------------------------------------------------------------- */

enum { TIME, OPEN, HIGH, LOW, CLOSE, VOLUME, TAKER, INTEREST, FUNDING, SHORTS, LONGS, FIELDS };

static const struct {
    const char *name, *names;
} FIELD[FIELDS] = {
    [TIME] = {"time", "time time_utc datetime_utc datetime open_time timestamp time_ms date ts"},
    [OPEN] = {"open", "open_usd open price_open px_open"},
    [HIGH] = {"high", "high_usd high price_high px_high"},
    [LOW] = {"low", "low_usd low price_low px_low"},
    [CLOSE] = {"close", "close_usd close price_close px_close"},
    [VOLUME] = {"volume", "volume_usd quote_volume quote_asset_volume px_volume_usd turnover"},
    [TAKER] = {"taker_buy", "taker_buy_usd taker_buy_quote_volume taker_buy_quote_asset_volume"},
    [INTEREST] = {"open_interest", "open_interest_usd oi_close oi_close_usd oi_usd"},
    [FUNDING] = {"funding", "funding funding_rate funding_close"},
    [SHORTS] = {"liquidated_short", "liquidated_short_usd liquidation_short_usd short_liq_usd"},
    [LONGS] = {"liquidated_long", "liquidated_long_usd liquidation_long_usd long_liq_usd"},
};

struct columns {
    size_t field[FIELDS];
    size_t coins;               /* volume in coins, where there is none in USD */
    size_t symbol;              /* of which market a row is */
    double volume_in, taker_in; /* USD */
};

static const double MILLION = 1e6;

/* The same in another unit, where the column of plain USD is missing. */
static double in_millions(const struct sqz_import *import, const struct sqz_payload *payload,
                          const char *names, size_t *column)
{
    if (*column != SQZ_CSV_ABSENT)
        return 1.0;
    *column = sqz_import_column(import, payload, "", names);
    return MILLION;
}

static struct columns find_columns(const struct sqz_import *import,
                                   const struct sqz_payload *payload)
{
    struct columns columns;
    for (int f = 0; f < FIELDS; f++)
        columns.field[f] = sqz_import_column(import, payload, FIELD[f].name, FIELD[f].names);
    columns.volume_in =
        in_millions(import, payload, "quote_volume_usd_m volume_usd_m", &columns.field[VOLUME]);
    columns.taker_in = in_millions(import, payload, "taker_buy_quote_usd_m taker_buy_usd_m",
                                   &columns.field[TAKER]);
    columns.coins = sqz_import_column(import, payload, "coins",
                                      "volume_btc volume_eth volume_base volume_shares volume vol");
    columns.symbol = sqz_import_column(import, payload, "symbol", "symbol coin market pair");
    if (columns.field[VOLUME] != SQZ_CSV_ABSENT)
        columns.coins = SQZ_CSV_ABSENT;
    return columns;
}

static bool detect_bars(const struct sqz_import *import, const struct sqz_payload *payload)
{
    if (payload->json != NULL)
        return false;
    struct columns columns = find_columns(import, payload);
    for (int f = TIME; f <= CLOSE; f++)
        if (columns.field[f] == SQZ_CSV_ABSENT)
            return false;
    return true;
}

static int read_fields(const struct sqz_payload *payload, const struct columns *columns, size_t row,
                       struct sqz_import_bar *bar, struct sqz_diag *diag)
{
    double *const target[FIELDS] = {[OPEN] = &bar->open_usd,
                                    [HIGH] = &bar->high_usd,
                                    [LOW] = &bar->low_usd,
                                    [CLOSE] = &bar->close_usd,
                                    [VOLUME] = &bar->volume_usd,
                                    [TAKER] = &bar->taker_buy_usd,
                                    [INTEREST] = &bar->open_interest_usd,
                                    [FUNDING] = &bar->funding,
                                    [SHORTS] = &bar->liquidated_usd[SQZ_UP],
                                    [LONGS] = &bar->liquidated_usd[SQZ_DOWN]};
    double coins;
    int error = SQZ_OK;
    for (int f = OPEN; error == SQZ_OK && f < FIELDS; f++)
        error = sqz_import_optional(payload, row, columns->field[f], target[f], diag);
    if (error == SQZ_OK)
        error = sqz_import_optional(payload, row, columns->coins, &coins, diag);
    if (error != SQZ_OK)
        return error;
    bar->volume_usd *= columns->volume_in;
    bar->taker_buy_usd *= columns->taker_in;
    if (columns->coins != SQZ_CSV_ABSENT)
        bar->volume_usd = worth_usd(bar, coins);
    return SQZ_OK;
}

/* Rows of other markets are left out; which one is meant must be clear. */
static int is_meant(const struct sqz_import *import, const struct sqz_payload *payload,
                    const struct columns *columns, size_t row, bool *meant, struct sqz_diag *diag)
{
    const char *symbol = sqz_import_text(payload, row, columns->symbol);
    *meant = import->terms->symbol == NULL || columns->symbol == SQZ_CSV_ABSENT ||
             strcmp(import->terms->symbol, symbol) == 0;
    const char *first = sqz_import_text(payload, 1, columns->symbol);
    if (import->terms->symbol != NULL || strcmp(symbol, first) == 0)
        return SQZ_OK;
    return sqz_fail_at(diag, SQZ_ERR_DATA, payload->file, payload->row[row].line,
                       sqz_import_text(payload, 0, columns->symbol),
                       "is %s here and %s in the first row; expected --symbol with one of them",
                       symbol, first);
}

static int read_bar(struct sqz_import *import, const struct sqz_payload *payload,
                    const struct columns *columns, size_t row, struct sqz_diag *diag)
{
    struct sqz_csv_row cells = sqz_payload_row(payload, row);
    struct sqz_import_bar bar = new_bar(cells.line);
    bool meant = true;
    int error = sqz_csv_check_width(&cells, sqz_payload_row(payload, 0).count, diag);
    if (error == SQZ_OK)
        error = is_meant(import, payload, columns, row, &meant, diag);
    if (error != SQZ_OK || !meant)
        return error;
    const char *time = sqz_import_text(payload, row, columns->field[TIME]);
    if (!sqz_import_time(time, &bar.time_s))
        return sqz_fail_at(
            diag, SQZ_ERR_DATA, payload->file, cells.line,
            sqz_import_text(payload, 0, columns->field[TIME]),
            "'%s' is not a time; expected ISO 8601 in UTC, or s, ms or us since 1970", time);
    error = read_fields(payload, columns, row, &bar, diag);
    if (error != SQZ_OK)
        return error;
    if (isnan(bar.open_usd) || isnan(bar.high_usd) || isnan(bar.low_usd) || isnan(bar.close_usd)) {
        sqz_import_drop(import, SQZ_DROP_NULL, 0.0);
        return SQZ_OK;
    }
    return keep(import, &bar, payload->file, diag);
}

static int read_bars(struct sqz_import *import, const struct sqz_payload *payload,
                     struct sqz_diag *diag)
{
    struct columns columns = find_columns(import, payload);
    int error = SQZ_OK;
    for (size_t row = 1; error == SQZ_OK && row < payload->rows; row++)
        error = read_bar(import, payload, &columns, row, diag);
    return error == SQZ_OK && columns.coins != SQZ_CSV_ABSENT
               ? remark_coins(import, payload->file, diag)
               : error;
}

const struct sqz_import_format sqz_import_bar_formats[] = {
    {.name = "klines",
     .doc = "exchange klines: 12 columns with or without a header, or JSON of Binance, Bybit, OKX",
     .kind = SQZ_IMPORT_BARS,
     .detect = detect_klines,
     .read = read_klines},
    {.name = "bars",
     .doc = "CSV with time, open, high, low, close (or price_open, ..) and what else was recorded",
     .kind = SQZ_IMPORT_BARS,
     .detect = detect_bars,
     .read = read_bars},
    {0},
};
