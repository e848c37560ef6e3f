/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Depth of a book: Binance's bookDepth, bands in columns, and snapshots of all levels. */
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sim/io/import.h"

static const double LOG_PER_BP = 1e-4;

static int keep(struct sqz_import *import, const struct sqz_import_depth *depth, const char *file,
                long line, struct sqz_diag *diag)
{
    if (!(depth->distance_log >= 0.0 && depth->cumulative_usd >= 0.0))
        return sqz_fail_at(diag, SQZ_ERR_DATA, file, line, NULL,
                           "%.12g usd within %.12g bp; expected 0 or more of both",
                           depth->cumulative_usd, depth->distance_log / LOG_PER_BP);
    struct sqz_import_depth *added = sqz_rows_add(&import->depth);
    if (added == NULL)
        return sqz_import_no_memory(diag);
    *added = *depth;
    return SQZ_OK;
}

static int read_time(const struct sqz_payload *payload, size_t row, size_t column, double *time_s,
                     struct sqz_diag *diag)
{
    const char *text = sqz_import_text(payload, row, column);
    if (sqz_import_time(text, time_s))
        return SQZ_OK;
    return sqz_fail_at(diag, SQZ_ERR_DATA, payload->file, payload->row[row].line,
                       sqz_import_text(payload, 0, column),
                       "'%s' is not a time; expected ISO 8601 in UTC, or s, ms or us since 1970",
                       text);
}

/* ---- bookDepth: timestamp, percentage (-5 or -5.00: bids), depth, notional ----------------------
 */

static bool detect_percent(const struct sqz_import *import, const struct sqz_payload *payload)
{
    (void)import;
    return payload->json == NULL && sqz_payload_column(payload, "percentage") != SQZ_CSV_ABSENT &&
           sqz_payload_column(payload, "notional") != SQZ_CSV_ABSENT;
}

static int read_percent(struct sqz_import *import, const struct sqz_payload *payload,
                        struct sqz_diag *diag)
{
    size_t percent = sqz_payload_column(payload, "percentage"),
           notional = sqz_payload_column(payload, "notional"),
           time = sqz_payload_column(payload, "timestamp");
    int error = SQZ_OK;
    for (size_t row = 1; error == SQZ_OK && row < payload->rows; row++) {
        struct sqz_import_depth depth = {.time_s = NAN};
        double value = 0.0;
        error = sqz_import_cell(payload, row, percent, &value, diag);
        if (error == SQZ_OK)
            error = sqz_import_cell(payload, row, notional, &depth.cumulative_usd, diag);
        if (error == SQZ_OK && time != SQZ_CSV_ABSENT)
            error = read_time(payload, row, time, &depth.time_s, diag);
        if (error == SQZ_OK && !(value > -100.0 && value != 0.0))
            error = sqz_fail_at(diag, SQZ_ERR_DATA, payload->file, payload->row[row].line,
                                "percentage", "%.12g; expected above -100, and not 0", value);
        depth.side = value < 0.0 ? SQZ_DOWN : SQZ_UP;
        depth.distance_log = fabs(log1p(value / 100.0));
        if (error == SQZ_OK)
            error = keep(import, &depth, payload->file, payload->row[row].line, diag);
    }
    return error;
}

/* ---- bands: bid_10bp_usd, ask_10bp_usd ---------------------------------------------------------
 */

/* The side and distance that a column's name says; false: it is no band. */
static bool band_of(const char *name, struct sqz_import_depth *depth)
{
    char *end;
    bool bid = strncasecmp(name, "bid", 3) == 0, ask = strncasecmp(name, "ask", 3) == 0;
    const char *digits = name + strcspn(name, "0123456789");
    double bp = strtod(digits, &end);
    if (bid == ask || *digits == '\0' || strncasecmp(end, "bp", 2) != 0 || !(bp > 0.0))
        return false;
    depth->side = bid ? SQZ_DOWN : SQZ_UP;
    depth->distance_log = bp * LOG_PER_BP;
    return true;
}

static bool detect_bands(const struct sqz_import *import, const struct sqz_payload *payload)
{
    (void)import;
    struct sqz_import_depth depth;
    if (payload->json != NULL)
        return false;
    struct sqz_csv_row header = sqz_payload_row(payload, 0);
    for (size_t i = 0; i < header.count; i++)
        if (band_of(header.field[i], &depth))
            return true;
    return false;
}

static int read_bands_row(struct sqz_import *import, const struct sqz_payload *payload, size_t row,
                          double time_s, struct sqz_diag *diag)
{
    struct sqz_csv_row header = sqz_payload_row(payload, 0);
    int error = SQZ_OK;
    for (size_t i = 0; error == SQZ_OK && i < header.count; i++) {
        struct sqz_import_depth depth = {.time_s = time_s};
        if (!band_of(header.field[i], &depth))
            continue;
        error = sqz_import_cell(payload, row, i, &depth.cumulative_usd, diag);
        if (error == SQZ_OK)
            error = keep(import, &depth, payload->file, payload->row[row].line, diag);
    }
    return error;
}

static int read_bands(struct sqz_import *import, const struct sqz_payload *payload,
                      struct sqz_diag *diag)
{
    size_t time = sqz_import_column(import, payload, "time",
                                    "time time_ms time_utc timestamp datetime_utc ts");
    int error = SQZ_OK;
    for (size_t row = 1; error == SQZ_OK && row < payload->rows; row++) {
        struct sqz_csv_row cells = sqz_payload_row(payload, row);
        double time_s = NAN;
        error = sqz_csv_check_width(&cells, sqz_payload_row(payload, 0).count, diag);
        if (error == SQZ_OK && time != SQZ_CSV_ABSENT)
            error = read_time(payload, row, time, &time_s, diag);
        if (error == SQZ_OK)
            error = read_bands_row(import, payload, row, time_s, diag);
    }
    return error;
}

/* ---- snapshots of all levels -------------------------------------------------------------------
 */

struct offer {
    double price_usd, coins;
    enum sqz_side side; /* SQZ_UP: an ask */
};

/* Away from the mid: bids fall, asks rise. */
static int compare_offers(const void *first, const void *second)
{
    const struct offer *a = first, *b = second;
    if (a->side != b->side)
        return a->side < b->side ? -1 : 1;
    double way = a->side == SQZ_UP ? a->price_usd - b->price_usd : b->price_usd - a->price_usd;
    return (way > 0.0) - (way < 0.0);
}

/* Half way between the best bid and the best ask, of sorted offers. NAN: one is missing. */
static double mid_of(const struct offer *offer, size_t count)
{
    double best[2] = {NAN, NAN};
    for (size_t i = count; i-- > 0;)
        best[offer[i].side] = offer[i].price_usd;
    return 0.5 * (best[SQZ_UP] + best[SQZ_DOWN]);
}

static int keep_offers(struct sqz_import *import, struct sqz_rows *offers, const char *file,
                       struct sqz_diag *diag)
{
    struct offer *offer = offers->item;
    double sum_usd[2] = {0.0, 0.0};
    int error = SQZ_OK;
    if (offers->count > 0)
        qsort(offer, offers->count, sizeof *offer, compare_offers);
    double mid_usd = mid_of(offer, offers->count);
    if (isnan(mid_usd))
        return sqz_fail_at(diag, SQZ_ERR_DATA, file, 0, NULL,
                           "has no bids or no asks; expected both sides of a book");
    for (size_t i = 0; error == SQZ_OK && i < offers->count; i++) {
        enum sqz_side side = offer[i].side;
        double way = log(offer[i].price_usd / mid_usd) * (side == SQZ_UP ? 1.0 : -1.0);
        if (way < 0.0)
            return sqz_fail_at(diag, SQZ_ERR_DATA, file, 0, NULL,
                               "a bid lies above an ask (around %.12g); expected one book",
                               mid_usd);
        sum_usd[side] += offer[i].price_usd * offer[i].coins;
        struct sqz_import_depth depth = {NAN, side, way, sum_usd[side]};
        bool last = i + 1 == offers->count || offer[i + 1].side != side ||
                    offer[i + 1].price_usd != offer[i].price_usd;
        if (last)
            error = keep(import, &depth, file, 0, diag);
    }
    return error;
}

static int add_offer(struct sqz_rows *offers, const struct offer *offer, const char *file,
                     long line, struct sqz_diag *diag)
{
    if (!(offer->price_usd > 0.0 && offer->coins >= 0.0))
        return sqz_fail_at(diag, SQZ_ERR_DATA, file, line, NULL,
                           "%.12g at the price %.12g; expected an amount and a price above 0",
                           offer->coins, offer->price_usd);
    struct offer *added = sqz_rows_add(offers);
    if (added == NULL)
        return sqz_import_no_memory(diag);
    *added = *offer;
    return SQZ_OK;
}

/* The object with the lists of both sides: Binance and ccxt have bids and asks, Bybit b and a, OKX
 * a list of such objects, Hyperliquid two lists as `levels`. */
static const json_t *book_side(const struct sqz_payload *payload, enum sqz_side side)
{
    static const char *const PLACES[] = {"", "data", "result"};
    bool ask = side == SQZ_UP;
    for (size_t i = 0; i < sizeof PLACES / sizeof PLACES[0]; i++) {
        const json_t *at = sqz_payload_at(payload->json, PLACES[i]);
        at = json_is_array(at) && i > 0 ? json_array_get(at, 0) : at;
        const json_t *list = json_object_get(at, ask ? "asks" : "bids");
        if (list == NULL)
            list = json_object_get(at, ask ? "a" : "b");
        if (list == NULL)
            list = json_array_get(json_object_get(at, "levels"), ask);
        if (json_is_array(list))
            return list;
    }
    return NULL;
}

static bool detect_snapshot(const struct sqz_import *import, const struct sqz_payload *payload)
{
    (void)import;
    return book_side(payload, SQZ_UP) != NULL && book_side(payload, SQZ_DOWN) != NULL;
}

static int read_book_side(struct sqz_rows *offers, const struct sqz_payload *payload,
                          enum sqz_side side, struct sqz_diag *diag)
{
    const json_t *list = book_side(payload, side);
    const char *name = side == SQZ_UP ? "asks" : "bids";
    int error = SQZ_OK;
    for (size_t i = 0; error == SQZ_OK && i < json_array_size(list); i++) {
        const json_t *item = json_array_get(list, i);
        bool pair = json_is_array(item);
        struct offer offer = {.side = side};
        error = sqz_payload_number(payload,
                                   pair ? json_array_get(item, 0) : json_object_get(item, "px"),
                                   &offer.price_usd, diag, "%s[%zu]: price", name, i);
        if (error == SQZ_OK)
            error = sqz_payload_number(payload,
                                       pair ? json_array_get(item, 1) : json_object_get(item, "sz"),
                                       &offer.coins, diag, "%s[%zu]: amount", name, i);
        if (error == SQZ_OK)
            error = add_offer(offers, &offer, payload->file, 0, diag);
    }
    return error;
}

static int read_snapshot(struct sqz_import *import, const struct sqz_payload *payload,
                         struct sqz_diag *diag)
{
    struct sqz_rows offers = {.size = sizeof(struct offer)};
    if (json_is_array(json_object_get(payload->json, "data")))
        return sqz_fail_at(diag, SQZ_ERR_DATA, payload->file, 0, "data",
                           "is a book of OKX, whose amounts count contracts; expected amounts in "
                           "coins (those times ctVal of the market)");
    int error = read_book_side(&offers, payload, SQZ_DOWN, diag);
    if (error == SQZ_OK)
        error = read_book_side(&offers, payload, SQZ_UP, diag);
    if (error == SQZ_OK)
        error = keep_offers(import, &offers, payload->file, diag);
    sqz_rows_free(&offers);
    return error;
}

/* ---- snapshots as tables: side (bid, ask), price, amount ----------------------------------------
 */

struct columns {
    size_t side, price, amount;
};

static struct columns find_columns(const struct sqz_import *import,
                                   const struct sqz_payload *payload)
{
    return (struct columns){
        .side = sqz_import_column(import, payload, "side", "side"),
        .price = sqz_import_column(import, payload, "price", "price px price_usd"),
        .amount = sqz_import_column(import, payload, "amount", "amount quantity qty size sz")};
}

static bool detect_offers(const struct sqz_import *import, const struct sqz_payload *payload)
{
    if (payload->json != NULL || payload->rows < 2)
        return false;
    struct columns columns = find_columns(import, payload);
    const char *side = sqz_import_text(payload, 1, columns.side);
    bool book = strncasecmp(side, "bid", 3) == 0 || strncasecmp(side, "ask", 3) == 0;
    return book && columns.price != SQZ_CSV_ABSENT && columns.amount != SQZ_CSV_ABSENT;
}

static int read_offer(struct sqz_rows *offers, const struct sqz_payload *payload,
                      const struct columns *columns, size_t row, struct sqz_diag *diag)
{
    struct offer offer = {.side = SQZ_UP};
    const char *side = sqz_import_text(payload, row, columns->side);
    int error = sqz_import_cell(payload, row, columns->price, &offer.price_usd, diag);
    if (error == SQZ_OK)
        error = sqz_import_cell(payload, row, columns->amount, &offer.coins, diag);
    if (strncasecmp(side, "bid", 3) == 0)
        offer.side = SQZ_DOWN;
    else if (error == SQZ_OK && strncasecmp(side, "ask", 3) != 0)
        error = sqz_fail_at(diag, SQZ_ERR_DATA, payload->file, payload->row[row].line, "side",
                            "'%s' is not a side of a book; expected bid or ask", side);
    return error == SQZ_OK ? add_offer(offers, &offer, payload->file, payload->row[row].line, diag)
                           : error;
}

static int read_offers(struct sqz_import *import, const struct sqz_payload *payload,
                       struct sqz_diag *diag)
{
    struct sqz_rows offers = {.size = sizeof(struct offer)};
    struct columns columns = find_columns(import, payload);
    int error = SQZ_OK;
    for (size_t row = 1; error == SQZ_OK && row < payload->rows; row++)
        error = read_offer(&offers, payload, &columns, row, diag);
    if (error == SQZ_OK)
        error = keep_offers(import, &offers, payload->file, diag);
    sqz_rows_free(&offers);
    return error;
}

#define DEPTH(called, text, d, r)                                                                  \
    {                                                                                              \
        .name = called, .doc = text, .kind = SQZ_IMPORT_DEPTH, .detect = d, .read = r              \
    }
const struct sqz_import_format sqz_import_depth_formats[] = {
    DEPTH("book-depth", "Binance bookDepth: timestamp, percentage, depth, notional", detect_percent,
          read_percent),
    DEPTH("book-bands", "CSV of depth in columns as bid_10bp_usd, ask_10bp_usd", detect_bands,
          read_bands),
    DEPTH("book-snapshot", "JSON of all levels: Binance, Bybit, Hyperliquid, ccxt", detect_snapshot,
          read_snapshot),
    DEPTH("book-offers", "CSV of all levels: side (bid or ask), price, amount", detect_offers,
          read_offers),
    {0},
};
