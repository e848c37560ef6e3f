/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Liquidation maps as JSON. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "sim/io/import.h"

/* What providers wrap in "data" and users unwrap: the object that has `key`. NULL: none has. */
static const json_t *body_with(const struct sqz_payload *payload, const char *key)
{
    const json_t *inner = json_object_get(payload->json, "data");
    if (json_object_get(inner, key) != NULL)
        return inner;
    return json_object_get(payload->json, key) != NULL ? payload->json : NULL;
}

static int begin(struct sqz_import *import, struct sqz_import_map **map, struct sqz_diag *diag)
{
    *map = sqz_import_begin_map(import);
    return *map != NULL ? SQZ_OK : sqz_import_no_memory(diag);
}

static int add(struct sqz_import *import, const struct sqz_payload *payload,
               const struct sqz_import_bin *bin, struct sqz_diag *diag)
{
    return sqz_import_bin(import, bin, payload->file, 0, diag);
}

/* A number that may be null or missing: 0 then. */
static int number_or_zero(const struct sqz_payload *payload, const json_t *value, double *number,
                          const char *place, struct sqz_diag *diag)
{
    *number = 0.0;
    if (value == NULL || json_is_null(value))
        return SQZ_OK;
    return sqz_payload_number(payload, value, number, diag, "%s", place);
}

/* The map's own price, where it has one. */
static int own_price(struct sqz_import_map *map, const struct sqz_payload *payload,
                     const json_t *value, const char *place, struct sqz_diag *diag)
{
    double price;
    int error = number_or_zero(payload, value, &price, place, diag);
    if (error == SQZ_OK && price > 0.0)
        map->price_usd = price;
    return error;
}

/* ---- CoinGlass: maps ------------------------------------------------------------------------- */

/* [price, usd, leverage or null, null] */
static int coinglass_entry(struct sqz_import *import, const struct sqz_payload *payload,
                           const json_t *entry, const char *key, struct sqz_diag *diag)
{
    struct sqz_import_bin bin = {.side = SQZ_SIDE_UNKNOWN};
    int error = sqz_payload_number(payload, json_array_get(entry, 0), &bin.price_usd, diag,
                                   "%.40s: price", key);
    if (error == SQZ_OK && json_is_null(json_array_get(entry, 1))) {
        sqz_import_drop(import, SQZ_DROP_NULL, 0.0);
        return SQZ_OK;
    }
    if (error == SQZ_OK)
        error = sqz_payload_number(payload, json_array_get(entry, 1), &bin.notional_usd, diag,
                                   "%.40s: usd", key);
    if (error == SQZ_OK)
        error = number_or_zero(payload, json_array_get(entry, 2), &bin.leverage, key, diag);
    return error == SQZ_OK ? add(import, payload, &bin, diag) : error;
}

/* { "69120": [[69120, 1579370.77, 25, null], ...], ... } */
static int coinglass_levels(struct sqz_import *import, const struct sqz_payload *payload,
                            const json_t *levels, struct sqz_diag *diag)
{
    const char *key;
    json_t *list;
    int error = SQZ_OK;
    json_object_foreach((json_t *)levels, key, list)
    {
        if (!json_is_array(list))
            return sqz_fail_at(diag, SQZ_ERR_DATA, payload->file, 0, key,
                               "is not a list; expected [[price, usd, leverage, null], ...]");
        for (size_t i = 0; error == SQZ_OK && i < json_array_size(list); i++)
            error = coinglass_entry(import, payload, json_array_get(list, i), key, diag);
        if (error != SQZ_OK)
            return error;
    }
    return SQZ_OK;
}

static bool holds_lists(const json_t *object)
{
    void *first = json_object_iter((json_t *)object);
    const json_t *list = first != NULL ? json_object_iter_value(first) : NULL;
    return json_is_array(list) && json_is_array(json_array_get(list, 0));
}

static const json_t *pair_levels(const struct sqz_payload *payload)
{
    const json_t *inner = sqz_payload_at(payload->json, "data.data");
    return inner != NULL ? inner : json_object_get(payload->json, "data");
}

static bool detect_pair(const struct sqz_import *import, const struct sqz_payload *payload)
{
    (void)import;
    return holds_lists(pair_levels(payload));
}

static int read_pair(struct sqz_import *import, const struct sqz_payload *payload,
                     struct sqz_diag *diag)
{
    struct sqz_import_map *map;
    int error = begin(import, &map, diag);
    if (error == SQZ_OK)
        error = own_price(map, payload, sqz_payload_at(payload->json, "data.last_price"),
                          "data.last_price", diag);
    const json_t *levels = pair_levels(payload);
    if (error == SQZ_OK && !json_is_object(levels))
        error = sqz_fail_at(diag, SQZ_ERR_DATA, payload->file, 0, "data.data",
                            "is missing; expected an object of prices");
    return error == SQZ_OK ? coinglass_levels(import, payload, levels, diag) : error;
}

static const json_t *aggregated_list(const struct sqz_payload *payload)
{
    const json_t *inner = sqz_payload_at(payload->json, "data.data");
    return inner != NULL ? inner : json_object_get(payload->json, "data");
}

static const json_t *levels_of(const json_t *instrument)
{
    const json_t *levels = json_object_get(instrument, "liqMapV2");
    return levels != NULL ? levels : json_object_get(instrument, "liqMap");
}

static bool detect_aggregated(const struct sqz_import *import, const struct sqz_payload *payload)
{
    (void)import;
    return json_is_object(levels_of(json_array_get(aggregated_list(payload), 0)));
}

static int read_aggregated(struct sqz_import *import, const struct sqz_payload *payload,
                           struct sqz_diag *diag)
{
    struct sqz_import_map *map;
    const json_t *list = aggregated_list(payload);
    int error = begin(import, &map, diag);
    if (error == SQZ_OK)
        error = own_price(map, payload, sqz_payload_at(payload->json, "data.last_price"),
                          "data.last_price", diag);
    for (size_t i = 0; error == SQZ_OK && i < json_array_size(list); i++) {
        const json_t *levels = levels_of(json_array_get(list, i));
        char place[48];
        snprintf(place, sizeof place, "data.data[%zu].liqMapV2", i);
        error = json_is_object(levels) ? coinglass_levels(import, payload, levels, diag)
                                       : sqz_fail_at(diag, SQZ_ERR_DATA, payload->file, 0, place,
                                                     "is missing; expected an object of prices");
    }
    return error;
}

/* ---- heatmaps: the last column --------------------------------------------------------------- */

/* Cells [x, y, usd], the prices of y, and of which column. */
struct heatmap {
    const json_t *cells, *prices;
    double last; /* the largest x */
};

static int heat_cell(const struct sqz_payload *payload, const json_t *cell, size_t number,
                     double value[3], struct sqz_diag *diag)
{
    int error = SQZ_OK;
    for (size_t k = 0; error == SQZ_OK && k < 3; k++)
        error = sqz_payload_number(payload, json_array_get(cell, k), &value[k], diag,
                                   "cell %zu[%zu]", number, k);
    return error;
}

static int find_last(struct heatmap *heatmap, const struct sqz_payload *payload,
                     struct sqz_diag *diag)
{
    double value[3];
    int error = SQZ_OK;
    heatmap->last = -1.0;
    for (size_t i = 0; error == SQZ_OK && i < json_array_size(heatmap->cells); i++) {
        error = heat_cell(payload, json_array_get(heatmap->cells, i), i, value, diag);
        if (error == SQZ_OK && value[0] > heatmap->last)
            heatmap->last = value[0];
    }
    return error;
}

static int heat_bin(struct sqz_import *import, const struct sqz_payload *payload,
                    const struct heatmap *heatmap, const double value[3], struct sqz_diag *diag)
{
    struct sqz_import_bin bin = {.notional_usd = value[2], .side = SQZ_SIDE_UNKNOWN};
    size_t count = json_array_size(heatmap->prices);
    if (!(value[1] >= 0.0 && value[1] < (double)count))
        return sqz_fail_at(diag, SQZ_ERR_DATA, payload->file, 0, NULL,
                           "a cell of the price number %.12g; expected 0 to %zu, as there are "
                           "prices",
                           value[1], count - 1);
    size_t y = (size_t)value[1];
    int error = sqz_payload_number(payload, json_array_get(heatmap->prices, y), &bin.price_usd,
                                   diag, "price %zu", y);
    return error == SQZ_OK ? add(import, payload, &bin, diag) : error;
}

static int read_column(struct sqz_import *import, const struct sqz_payload *payload,
                       const struct heatmap *heatmap, struct sqz_diag *diag)
{
    double value[3];
    int error = SQZ_OK;
    for (size_t i = 0; error == SQZ_OK && i < json_array_size(heatmap->cells); i++) {
        error = heat_cell(payload, json_array_get(heatmap->cells, i), i, value, diag);
        if (error == SQZ_OK && value[0] == heatmap->last)
            error = heat_bin(import, payload, heatmap, value, diag);
        else if (error == SQZ_OK)
            sqz_import_drop(import, SQZ_DROP_EARLIER, value[2]);
    }
    return error;
}

/* ---- heatmaps of CoinGlass ------------------------------------------------------------------- */

static const json_t *heat_body(const struct sqz_payload *payload)
{
    const json_t *body = body_with(payload, "liquidation_leverage_data");
    return body != NULL ? body : body_with(payload, "liq");
}

static bool detect_heat(const struct sqz_import *import, const struct sqz_payload *payload)
{
    (void)import;
    const json_t *body = heat_body(payload);
    return json_object_get(body, "y_axis") != NULL || json_object_get(body, "y") != NULL;
}

/* [seconds, open, high, low, close, ...] of the last column: its close is the map's price. */
static int heat_price(struct sqz_import_map *map, const struct sqz_payload *payload,
                      const struct heatmap *heatmap, struct sqz_diag *diag)
{
    const json_t *body = heat_body(payload);
    const json_t *candles = json_object_get(body, "price_candlesticks");
    if (candles == NULL)
        candles = json_object_get(body, "prices");
    if (heatmap->last < 0.0 || heatmap->last >= (double)json_array_size(candles))
        return SQZ_OK;
    const json_t *candle = json_array_get(candles, (size_t)heatmap->last);
    sqz_import_json_time(json_array_get(candle, 0), &map->time_s);
    return own_price(map, payload, json_array_get(candle, 4), "price_candlesticks: close", diag);
}

static int read_heat(struct sqz_import *import, const struct sqz_payload *payload,
                     struct sqz_diag *diag)
{
    struct sqz_import_map *map;
    const json_t *body = heat_body(payload);
    bool newer = json_object_get(body, "liquidation_leverage_data") != NULL;
    struct heatmap heatmap = {
        .cells = json_object_get(body, newer ? "liquidation_leverage_data" : "liq"),
        .prices = json_object_get(body, newer ? "y_axis" : "y")};
    int error = begin(import, &map, diag);
    if (error == SQZ_OK)
        error = find_last(&heatmap, payload, diag);
    if (error == SQZ_OK)
        error = heat_price(map, payload, &heatmap, diag);
    map->regular = true;
    return error == SQZ_OK ? read_column(import, payload, &heatmap, diag) : error;
}

/* ---- CoinAnk --------------------------------------------------------------------------------- */

static bool detect_coinank(const struct sqz_import *import, const struct sqz_payload *payload)
{
    (void)import;
    const json_t *body = body_with(payload, "prices");
    return json_is_array(json_object_get(body, "prices")) &&
           json_object_get(body, "lastPrice") != NULL;
}

/* "x25" is a leverage; any other array is an exchange. */
static double leverage_of(const char *key)
{
    double leverage;
    bool told = key[0] == 'x' && sqz_payload_is_number(key + 1, &leverage) && leverage > 0.0;
    return told ? leverage : 0.0;
}

static int coinank_array(struct sqz_import *import, const struct sqz_payload *payload,
                         const json_t *prices, const char *key, const json_t *usd,
                         struct sqz_diag *diag)
{
    size_t count = json_array_size(prices);
    int error = SQZ_OK;
    if (json_array_size(usd) != count)
        return sqz_fail_at(diag, SQZ_ERR_DATA, payload->file, 0, key,
                           "has %zu values; expected %zu, one for each of prices",
                           json_array_size(usd), count);
    for (size_t i = 0; error == SQZ_OK && i < count; i++) {
        struct sqz_import_bin bin = {.leverage = leverage_of(key), .side = SQZ_SIDE_UNKNOWN};
        error = sqz_payload_number(payload, json_array_get(prices, i), &bin.price_usd, diag,
                                   "prices[%zu]", i);
        if (error == SQZ_OK)
            error = sqz_payload_number(payload, json_array_get(usd, i), &bin.notional_usd, diag,
                                       "%.40s[%zu]", key, i);
        if (error == SQZ_OK)
            error = add(import, payload, &bin, diag);
    }
    return error;
}

static int read_coinank(struct sqz_import *import, const struct sqz_payload *payload,
                        struct sqz_diag *diag)
{
    struct sqz_import_map *map;
    const json_t *body = body_with(payload, "prices");
    const json_t *prices = json_object_get(body, "prices");
    const char *key;
    json_t *usd;
    int error = begin(import, &map, diag);
    if (error == SQZ_OK)
        error = own_price(map, payload, json_object_get(body, "lastPrice"), "lastPrice", diag);
    map->regular = true;
    json_object_foreach((json_t *)body, key, usd)
    {
        if (error == SQZ_OK && json_is_array(usd) && usd != prices)
            error = coinank_array(import, payload, prices, key, usd, diag);
    }
    return error;
}

static bool detect_coinank_heat(const struct sqz_import *import, const struct sqz_payload *payload)
{
    (void)import;
    return json_object_get(body_with(payload, "liqHeatMap"), "liqHeatMap") != NULL;
}

static int read_coinank_heat(struct sqz_import *import, const struct sqz_payload *payload,
                             struct sqz_diag *diag)
{
    struct sqz_import_map *map;
    const json_t *body = body_with(payload, "liqHeatMap");
    const json_t *heat = json_object_get(body, "liqHeatMap");
    struct heatmap heatmap = {.cells = json_object_get(heat, "data"),
                              .prices = json_object_get(heat, "priceArray")};
    double width;
    int error = begin(import, &map, diag);
    if (error == SQZ_OK)
        error = find_last(&heatmap, payload, diag);
    if (error == SQZ_OK)
        error =
            number_or_zero(payload, json_object_get(body, "tickSize"), &width, "tickSize", diag);
    if (error != SQZ_OK)
        return error;
    map->width_usd = width > 0.0 ? width : NAN;
    const json_t *times = json_object_get(heat, "chartTimeArray");
    if (heatmap.last >= 0.0 && heatmap.last < (double)json_array_size(times))
        sqz_import_json_time(json_array_get(times, (size_t)heatmap.last), &map->time_s);
    return read_column(import, payload, &heatmap, diag);
}

/* ---- { "reference_price", "long_distribution": { price: usd }, "short_distribution" } ---------
 */

static bool detect_distribution(const struct sqz_import *import, const struct sqz_payload *payload)
{
    (void)import;
    return body_with(payload, "long_distribution") != NULL ||
           body_with(payload, "short_distribution") != NULL;
}

static int distribution_side(struct sqz_import *import, const struct sqz_payload *payload,
                             const json_t *distribution, enum sqz_side side, struct sqz_diag *diag)
{
    const char *key;
    json_t *usd;
    json_object_foreach((json_t *)distribution, key, usd)
    {
        struct sqz_import_bin bin = {.side = (int)side};
        if (!sqz_payload_is_number(key, &bin.price_usd))
            return sqz_fail_at(diag, SQZ_ERR_DATA, payload->file, 0, key,
                               "is not a price; expected { price: usd, ... }");
        int error = sqz_payload_number(payload, usd, &bin.notional_usd, diag, "%.80s", key);
        if (error == SQZ_OK)
            error = add(import, payload, &bin, diag);
        if (error != SQZ_OK)
            return error;
    }
    return SQZ_OK;
}

static int read_distribution(struct sqz_import *import, const struct sqz_payload *payload,
                             struct sqz_diag *diag)
{
    static const char *const PRICES[] = {"reference_price", "current_price", "price", "last_price"};
    struct sqz_import_map *map;
    const json_t *body = body_with(payload, "long_distribution");
    if (body == NULL)
        body = body_with(payload, "short_distribution");
    int error = begin(import, &map, diag);
    for (size_t i = 0; error == SQZ_OK && i < 4 && isnan(map->price_usd); i++)
        error = own_price(map, payload, json_object_get(body, PRICES[i]), PRICES[i], diag);
    if (error == SQZ_OK)
        error = distribution_side(import, payload, json_object_get(body, "long_distribution"),
                                  SQZ_DOWN, diag);
    if (error == SQZ_OK)
        error = distribution_side(import, payload, json_object_get(body, "short_distribution"),
                                  SQZ_UP, diag);
    return error;
}

/* ---- the list -------------------------------------------------------------------------------- */

#define MAP(called, text, d, r)                                                                    \
    {                                                                                              \
        .name = called, .doc = text, .kind = SQZ_IMPORT_LEVELS, .modelled = true, .detect = d,     \
        .read = r                                                                                  \
    }
const struct sqz_import_format sqz_import_maps[] = {
    MAP("coinglass-map", "CoinGlass v4 liquidation map of a pair", detect_pair, read_pair),
    MAP("coinglass-aggregated-map", "CoinGlass v4 aggregated liquidation map", detect_aggregated,
        read_aggregated),
    MAP("coinglass-heatmap", "CoinGlass v3 or v4 liquidation heatmap: its last column", detect_heat,
        read_heat),
    MAP("coinank-map", "CoinAnk getLiqMap or getAggLiqMap", detect_coinank, read_coinank),
    MAP("coinank-heatmap", "CoinAnk liquidation heatmap: its last column", detect_coinank_heat,
        read_coinank_heat),
    MAP("distribution", "{reference_price, long_distribution {price: usd}, short_distribution}",
        detect_distribution, read_distribution),
    {0},
};
