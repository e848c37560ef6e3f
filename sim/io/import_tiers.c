/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Margin tiers: ccxt's leverage tiers, what exchanges answer, and tables. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/io/import.h"

static const struct sqz_import_tier NO_TIER = {
    .number = NAN, .cap = INFINITY, .rate = NAN, .max_leverage = NAN, .deduction = NAN};

static int keep(struct sqz_import *import, const struct sqz_import_tier *tier, const char *symbol,
                const char *file, struct sqz_diag *diag)
{
    if (import->terms->symbol != NULL && strcmp(import->terms->symbol, symbol) != 0)
        return SQZ_OK;
    if (!(tier->rate > 0.0 && tier->rate < 1.0))
        return sqz_fail_at(diag, SQZ_ERR_DATA, file, 0, symbol,
                           "a maintenance rate of %.12g; expected above 0 and below 1", tier->rate);
    if (!(tier->floor >= 0.0 && tier->cap > tier->floor))
        return sqz_fail_at(diag, SQZ_ERR_DATA, file, 0, symbol,
                           "a tier from %.12g to %.12g; expected sizes that rise", tier->floor,
                           tier->cap);
    struct sqz_import_tier *added = sqz_rows_add(&import->tier);
    if (added == NULL)
        return sqz_import_no_memory(diag);
    *added = *tier;
    added->symbol = strdup(symbol);
    return added->symbol != NULL ? SQZ_OK : sqz_import_no_memory(diag);
}

/* ---- lists of objects ------------------------------------------------------------------------ */

/* What an exchange calls the fields of a tier; NULL: it has none of that. */
struct keys {
    const char *floor, *cap, *rate, *leverage, *deduction, *number;
    bool contracts;
};

static const struct keys CCXT = {.floor = "minNotional",
                                 .cap = "maxNotional",
                                 .rate = "maintenanceMarginRate",
                                 .leverage = "maxLeverage",
                                 .deduction = "info.cum",
                                 .number = "tier"};
static const struct keys BINANCE = {.floor = "notionalFloor",
                                    .cap = "notionalCap",
                                    .rate = "maintMarginRatio",
                                    .leverage = "initialLeverage",
                                    .deduction = "cum",
                                    .number = "bracket"};
static const struct keys BYBIT = {.cap = "riskLimitValue",
                                  .rate = "maintenanceMargin",
                                  .leverage = "maxLeverage",
                                  .deduction = "mmDeduction",
                                  .number = "id"};
static const struct keys OKX = {.floor = "minSz",
                                .cap = "maxSz",
                                .rate = "mmr",
                                .leverage = "maxLever",
                                .number = "tier",
                                .contracts = true};

struct item {
    const struct sqz_payload *payload;
    const json_t *json;
    const char *symbol;
};

/* `missing` where the key is not there, null or empty. */
static int number_at(const struct item *item, const char *key, double missing, double *value,
                     struct sqz_diag *diag)
{
    const json_t *json = key != NULL ? sqz_payload_at(item->json, key) : NULL;
    *value = missing;
    bool empty = json == NULL || json_is_null(json) ||
                 (json_is_string(json) && json_string_value(json)[0] == '\0');
    return empty
               ? SQZ_OK
               : sqz_payload_number(item->payload, json, value, diag, "%s: %s", item->symbol, key);
}

static int read_item(struct sqz_import *import, const struct item *item, const struct keys *keys,
                     double floor, struct sqz_diag *diag)
{
    struct sqz_import_tier tier = NO_TIER;
    int error = number_at(item, keys->floor, floor, &tier.floor, diag);
    if (error == SQZ_OK)
        error = number_at(item, keys->cap, INFINITY, &tier.cap, diag);
    if (error == SQZ_OK)
        error = number_at(item, keys->rate, NAN, &tier.rate, diag);
    if (error == SQZ_OK)
        error = number_at(item, keys->leverage, NAN, &tier.max_leverage, diag);
    if (error == SQZ_OK)
        error = number_at(item, keys->deduction, NAN, &tier.deduction, diag);
    if (error == SQZ_OK)
        error = number_at(item, keys->number, NAN, &tier.number, diag);
    tier.contracts = keys->contracts;
    return error == SQZ_OK ? keep(import, &tier, item->symbol, item->payload->file, diag) : error;
}

/* The tiers of one market; where a list says no floors, one begins where the last ends. */
static int read_list(struct sqz_import *import, const struct sqz_payload *payload,
                     const json_t *list, const char *symbol, const struct keys *keys,
                     struct sqz_diag *diag)
{
    double floor = 0.0;
    int error = SQZ_OK;
    for (size_t i = 0; error == SQZ_OK && i < json_array_size(list); i++) {
        struct item item = {payload, json_array_get(list, i), symbol};
        error = read_item(import, &item, keys, floor, diag);
        if (error == SQZ_OK)
            error = number_at(&item, keys->cap, INFINITY, &floor, diag);
    }
    return error;
}

/* ---- ccxt: { symbol: [tier, ...] }, or one market's list ---------------------------------------
 */

static const json_t *first_list(const json_t *object)
{
    void *first = json_object_iter((json_t *)object);
    return first != NULL ? json_object_iter_value(first) : NULL;
}

static bool is_ccxt(const json_t *list)
{
    return json_object_get(json_array_get(list, 0), "maintenanceMarginRate") != NULL;
}

static bool detect_ccxt(const struct sqz_import *import, const struct sqz_payload *payload)
{
    (void)import;
    return is_ccxt(payload->json) || is_ccxt(first_list(payload->json));
}

static int read_ccxt(struct sqz_import *import, const struct sqz_payload *payload,
                     struct sqz_diag *diag)
{
    const char *symbol;
    json_t *list;
    int error = SQZ_OK;
    if (json_is_array(payload->json)) {
        const char *name =
            sqz_import_string(json_object_get(json_array_get(payload->json, 0), "symbol"));
        return read_list(import, payload, payload->json, name, &CCXT, diag);
    }
    json_object_foreach(payload->json, symbol, list)
    {
        if (error == SQZ_OK && is_ccxt(list))
            error = read_list(import, payload, list, symbol, &CCXT, diag);
    }
    return error;
}

/* ---- exchanges ------------------------------------------------------------------------------- */

static const json_t *binance_brackets(const json_t *json)
{
    const json_t *one = json_is_array(json) ? json_array_get(json, 0) : json;
    return json_object_get(one, "brackets");
}

static bool detect_binance(const struct sqz_import *import, const struct sqz_payload *payload)
{
    (void)import;
    return json_is_array(binance_brackets(payload->json));
}

static int read_binance(struct sqz_import *import, const struct sqz_payload *payload,
                        struct sqz_diag *diag)
{
    bool several = json_is_array(payload->json);
    size_t count = several ? json_array_size(payload->json) : 1;
    int error = SQZ_OK;
    for (size_t i = 0; error == SQZ_OK && i < count; i++) {
        const json_t *market = several ? json_array_get(payload->json, i) : payload->json;
        const char *symbol = sqz_import_string(json_object_get(market, "symbol"));
        error =
            read_list(import, payload, json_object_get(market, "brackets"), symbol, &BINANCE, diag);
    }
    return error;
}

/* Rows of several markets one after another, each with its symbol. */
static int read_mixed(struct sqz_import *import, const struct sqz_payload *payload,
                      const json_t *list, const char *key, const struct keys *keys,
                      struct sqz_diag *diag)
{
    const char *before = "";
    double floor = 0.0;
    int error = SQZ_OK;
    for (size_t i = 0; error == SQZ_OK && i < json_array_size(list); i++) {
        const json_t *json = json_array_get(list, i);
        struct item item = {payload, json, sqz_import_string(json_object_get(json, key))};
        floor = strcmp(item.symbol, before) == 0 ? floor : 0.0;
        before = item.symbol;
        error = read_item(import, &item, keys, floor, diag);
        if (error == SQZ_OK)
            error = number_at(&item, keys->cap, INFINITY, &floor, diag);
    }
    return error;
}

static bool detect_bybit(const struct sqz_import *import, const struct sqz_payload *payload)
{
    (void)import;
    const json_t *list = sqz_payload_at(payload->json, "result.list");
    return json_object_get(json_array_get(list, 0), "riskLimitValue") != NULL;
}

static int read_bybit(struct sqz_import *import, const struct sqz_payload *payload,
                      struct sqz_diag *diag)
{
    return read_mixed(import, payload, sqz_payload_at(payload->json, "result.list"), "symbol",
                      &BYBIT, diag);
}

static bool detect_okx(const struct sqz_import *import, const struct sqz_payload *payload)
{
    (void)import;
    return json_object_get(json_array_get(json_object_get(payload->json, "data"), 0), "maxLever") !=
           NULL;
}

static int read_okx(struct sqz_import *import, const struct sqz_payload *payload,
                    struct sqz_diag *diag)
{
    const json_t *list = json_object_get(payload->json, "data");
    const char *name = sqz_import_string(json_object_get(json_array_get(list, 0), "instId"));
    return read_mixed(import, payload, list, name[0] != '\0' ? "instId" : "instFamily", &OKX, diag);
}

/* ---- Hyperliquid: meta, whose markets name one of its tables --------------------------------- */

/* Maintenance is half of the initial margin at the highest leverage of a tier. */
static int hyperliquid_tier(struct sqz_import *import, const struct item *item, const json_t *next,
                            struct sqz_diag *diag)
{
    struct sqz_import_tier tier = NO_TIER;
    struct item after = {item->payload, next, item->symbol};
    int error = number_at(item, "lowerBound", NAN, &tier.floor, diag);
    if (error == SQZ_OK)
        error = number_at(item, "maxLeverage", NAN, &tier.max_leverage, diag);
    if (error == SQZ_OK)
        error = number_at(&after, "lowerBound", INFINITY, &tier.cap, diag);
    tier.rate = 0.5 / tier.max_leverage;
    return error == SQZ_OK ? keep(import, &tier, item->symbol, item->payload->file, diag) : error;
}

/* The tiers of a table of [number, { marginTiers }]; NULL: there is no such table. */
static const json_t *hyperliquid_table(const json_t *meta, const json_t *number)
{
    const json_t *tables = json_object_get(meta, "marginTables");
    for (size_t i = 0; number != NULL && i < json_array_size(tables); i++) {
        const json_t *table = json_array_get(tables, i);
        if (json_equal((json_t *)json_array_get(table, 0), (json_t *)number))
            return json_object_get(json_array_get(table, 1), "marginTiers");
    }
    return NULL;
}

/* A market of a table has its tiers, any other one tier of its own leverage. */
static int hyperliquid_market(struct sqz_import *import, const struct sqz_payload *payload,
                              const json_t *meta, const json_t *market, struct sqz_diag *diag)
{
    const char *symbol = sqz_import_string(json_object_get(market, "name"));
    const json_t *list = hyperliquid_table(meta, json_object_get(market, "marginTableId"));
    struct item item = {payload, market, symbol};
    struct sqz_import_tier tier = NO_TIER;
    int error = SQZ_OK;
    for (size_t i = 0; error == SQZ_OK && i < json_array_size(list); i++) {
        item.json = json_array_get(list, i);
        error = hyperliquid_tier(import, &item, json_array_get(list, i + 1), diag);
    }
    if (json_array_size(list) > 0)
        return error;
    error = number_at(&item, "maxLeverage", NAN, &tier.max_leverage, diag);
    tier.rate = 0.5 / tier.max_leverage;
    return error == SQZ_OK ? keep(import, &tier, symbol, payload->file, diag) : error;
}

/* metaAndAssetCtxs has the meta first. */
static const json_t *hyperliquid_meta(const struct sqz_payload *payload)
{
    const json_t *first = json_array_get(payload->json, 0);
    return first != NULL ? first : payload->json;
}

static bool detect_hyperliquid(const struct sqz_import *import, const struct sqz_payload *payload)
{
    (void)import;
    const json_t *universe = json_object_get(hyperliquid_meta(payload), "universe");
    return json_object_get(json_array_get(universe, 0), "maxLeverage") != NULL;
}

static int read_hyperliquid(struct sqz_import *import, const struct sqz_payload *payload,
                            struct sqz_diag *diag)
{
    const json_t *meta = hyperliquid_meta(payload), *list = json_object_get(meta, "universe");
    int error = SQZ_OK;
    for (size_t i = 0; error == SQZ_OK && i < json_array_size(list); i++)
        error = hyperliquid_market(import, payload, meta, json_array_get(list, i), diag);
    return error;
}

/* ---- tables ---------------------------------------------------------------------------------- */

enum { FLOOR, CAP, RATE, TOP, DEDUCTION, NUMBER, SYMBOL, FIELDS };

static const struct {
    const char *name, *names;
} FIELD[FIELDS] = {
    [FLOOR] = {"floor", "notional_floor min_notional floor"},
    [CAP] = {"cap", "notional_cap max_notional cap"},
    [RATE] = {"mmr", "mmr maintenance_margin_rate maintenance_rate mmf"},
    [TOP] = {"leverage", "max_leverage leverage"},
    [DEDUCTION] = {"deduction", "maint_amount cum deduction maintenance_deduction_usd"},
    [NUMBER] = {"tier", "tier bracket"},
    [SYMBOL] = {"symbol", "symbol market pair"},
};

static void find_columns(const struct sqz_import *import, const struct sqz_payload *payload,
                         size_t field[FIELDS])
{
    for (int f = 0; f < FIELDS; f++)
        field[f] = sqz_import_column(import, payload, FIELD[f].name, FIELD[f].names);
}

static bool detect_table(const struct sqz_import *import, const struct sqz_payload *payload)
{
    size_t field[FIELDS];
    if (payload->json != NULL)
        return false;
    find_columns(import, payload, field);
    return field[RATE] != SQZ_CSV_ABSENT &&
           (field[FLOOR] != SQZ_CSV_ABSENT || sqz_payload_column(payload, "mmf") == field[RATE]);
}

/* dYdX has one tier for a market, without sizes, and calls its tables tiers. */
static int read_row(struct sqz_import *import, const struct sqz_payload *payload,
                    const size_t field[FIELDS], size_t row, struct sqz_diag *diag)
{
    struct sqz_import_tier tier = NO_TIER;
    double *const target[SYMBOL] = {&tier.floor,        &tier.cap,       &tier.rate,
                                    &tier.max_leverage, &tier.deduction, &tier.number};
    bool sized = field[FLOOR] != SQZ_CSV_ABSENT;
    struct sqz_csv_row cells = sqz_payload_row(payload, row);
    int error = sqz_csv_check_width(&cells, sqz_payload_row(payload, 0).count, diag);
    for (int f = 0; error == SQZ_OK && f < (sized ? SYMBOL : NUMBER); f++)
        error = sqz_import_optional(payload, row, field[f], target[f], diag);
    tier.floor = isnan(tier.floor) ? 0.0 : tier.floor;
    tier.cap = isnan(tier.cap) ? INFINITY : tier.cap;
    const char *exchange = sqz_import_text(payload, row, sqz_payload_column(payload, "exchange"));
    tier.contracts =
        strstr(exchange, "CONTRACTS") != NULL ||
        strcmp(sqz_import_text(payload, row, sqz_payload_column(payload, "unit")), "contract") == 0;
    const char *symbol = sqz_import_text(payload, row, sized ? field[SYMBOL] : field[NUMBER]);
    return error == SQZ_OK ? keep(import, &tier, symbol, payload->file, diag) : error;
}

static int read_table(struct sqz_import *import, const struct sqz_payload *payload,
                      struct sqz_diag *diag)
{
    size_t field[FIELDS];
    int error = SQZ_OK;
    find_columns(import, payload, field);
    for (size_t row = 1; error == SQZ_OK && row < payload->rows; row++)
        error = read_row(import, payload, field, row, diag);
    return error;
}

#define TIERS(called, text, d, r)                                                                  \
    {                                                                                              \
        .name = called, .doc = text, .kind = SQZ_IMPORT_TIERS, .detect = d, .read = r              \
    }
const struct sqz_import_format sqz_import_tier_formats[] = {
    TIERS("ccxt-tiers", "ccxt fetchLeverageTiers: of one market or of many by symbol", detect_ccxt,
          read_ccxt),
    TIERS("binance-tiers", "Binance leverageBracket", detect_binance, read_binance),
    TIERS("bybit-tiers", "Bybit risk-limit", detect_bybit, read_bybit),
    TIERS("okx-tiers", "OKX position-tiers, in contracts", detect_okx, read_okx),
    TIERS("hyperliquid-tiers", "Hyperliquid meta: the margin tables of its markets",
          detect_hyperliquid, read_hyperliquid),
    TIERS("tiers",
          "CSV of margin tiers: notional_floor, mmr and what else there is, or mmf of dYdX",
          detect_table, read_table),
    {0},
};
