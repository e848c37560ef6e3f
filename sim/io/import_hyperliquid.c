/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Hyperliquid: maps that were made of all positions of the venue, and the state of accounts. Both
 * are measured. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/io/import.h"

/* ---- maps of all accounts: { long_liquidations: [{price, volume}], short_liquidations } --------
 */

static bool detect_full(const struct sqz_import *import, const struct sqz_payload *payload)
{
    (void)import;
    return json_is_array(json_object_get(payload->json, "long_liquidations")) ||
           json_is_array(json_object_get(payload->json, "short_liquidations"));
}

static int full_side(struct sqz_import *import, const struct sqz_payload *payload, const char *key,
                     enum sqz_side side, struct sqz_diag *diag)
{
    const json_t *list = json_object_get(payload->json, key);
    int error = SQZ_OK;
    for (size_t i = 0; error == SQZ_OK && i < json_array_size(list); i++) {
        const json_t *item = json_array_get(list, i), *price = json_object_get(item, "price");
        struct sqz_import_bin bin = {.side = (int)side};
        error = sqz_payload_number(payload, json_object_get(item, "volume"), &bin.notional_usd,
                                   diag, "%s[%zu].volume", key, i);
        if (error == SQZ_OK && json_is_null(price)) {
            sqz_import_drop(import, SQZ_DROP_NULL, bin.notional_usd);
            continue;
        }
        if (error == SQZ_OK)
            error =
                sqz_payload_number(payload, price, &bin.price_usd, diag, "%s[%zu].price", key, i);
        if (error == SQZ_OK)
            error = sqz_import_bin(import, &bin, payload->file, 0, diag);
    }
    return error;
}

static int read_full(struct sqz_import *import, const struct sqz_payload *payload,
                     struct sqz_diag *diag)
{
    struct sqz_import_map *map = sqz_import_begin_map(import);
    const json_t *width = sqz_payload_at(payload->json, "metadata.bin_size");
    int error = map != NULL ? SQZ_OK : sqz_import_no_memory(diag);
    if (error == SQZ_OK && width != NULL)
        error = sqz_payload_number(payload, width, &map->width_usd, diag, "metadata.bin_size");
    if (error == SQZ_OK)
        sqz_import_json_time(sqz_payload_at(payload->json, "metadata.timestamp"), &map->time_s);
    if (error == SQZ_OK)
        error = full_side(import, payload, "long_liquidations", SQZ_DOWN, diag);
    if (error == SQZ_OK)
        error = full_side(import, payload, "short_liquidations", SQZ_UP, diag);
    return error;
}

/* ---- bucketed maps: { data: { BTC: { currentPrice, longLiquidations, shortLiquidations } } } ---
 */

static bool is_coin(const json_t *coin)
{
    return json_is_array(json_object_get(coin, "longLiquidations")) ||
           json_is_array(json_object_get(coin, "shortLiquidations"));
}

/* The coin that is meant: the one named, or the only one there is. */
static int choose_coin(const struct sqz_import *import, const struct sqz_payload *payload,
                       const json_t **coin, const char **name, struct sqz_diag *diag)
{
    const json_t *data = json_object_get(payload->json, "data");
    const char *key;
    json_t *value;
    char names[160] = "";
    size_t count = 0;
    *coin = NULL;
    *name = "";
    json_object_foreach((json_t *)data, key, value)
    {
        size_t used = strlen(names);
        bool named = import->terms->symbol != NULL && strcmp(import->terms->symbol, key) == 0;
        snprintf(names + used, sizeof names - used, "%s%.20s", count++ > 0 ? ", " : "", key);
        if (named || (import->terms->symbol == NULL && *coin == NULL)) {
            *coin = value;
            *name = key;
        }
    }
    if (is_coin(*coin) && (count == 1 || import->terms->symbol != NULL))
        return SQZ_OK;
    return sqz_fail_at(diag, SQZ_ERR_DATA, payload->file, 0, "data",
                       "holds maps of %s; expected --symbol with one of them", names);
}

static bool detect_buckets(const struct sqz_import *import, const struct sqz_payload *payload)
{
    (void)import;
    const json_t *data = json_object_get(payload->json, "data");
    void *first = json_object_iter((json_t *)data);
    return first != NULL && is_coin(json_object_iter_value(first));
}

/* The leverage that a key of a bucket says, "10x"; 0: it is another key. */
static double leverage_of(const char *key)
{
    char digits[16];
    double leverage;
    size_t length = strlen(key);
    if (length < 2 || length > sizeof digits || key[length - 1] != 'x')
        return 0.0;
    snprintf(digits, sizeof digits, "%.*s", (int)(length - 1), key);
    return sqz_payload_is_number(digits, &leverage) && leverage > 0.0 ? leverage : 0.0;
}

static int sum_parts(const struct sqz_payload *payload, const json_t *bucket, double *sum_usd,
                     struct sqz_diag *diag)
{
    const char *key;
    json_t *usd;
    double part_usd;
    int error = SQZ_OK;
    *sum_usd = 0.0;
    json_object_foreach((json_t *)bucket, key, usd)
    {
        if (error != SQZ_OK || leverage_of(key) == 0.0)
            continue;
        error = sqz_payload_number(payload, usd, &part_usd, diag, "%.16s", key);
        *sum_usd += part_usd;
    }
    return error;
}

/* Parts are rounded, each for itself: those that sum to the value but for this share are all. */
static const double ROUNDING = 1e-3;

/* The parts of a bucket by leverage, and what its value holds beyond them. */
static int add_bucket(struct sqz_import *import, const struct sqz_payload *payload,
                      const json_t *bucket, struct sqz_import_bin bin, struct sqz_diag *diag)
{
    const char *key;
    json_t *usd;
    double sum_usd, value_usd, part_usd;
    int error = sqz_payload_number(payload, json_object_get(bucket, "value"), &value_usd, diag,
                                   "bucket at %.12g: value", bin.price_usd);
    if (error == SQZ_OK)
        error = sum_parts(payload, bucket, &sum_usd, diag);
    if (error != SQZ_OK)
        return error;
    bool whole = sum_usd > 0.0 && value_usd - sum_usd <= ROUNDING * value_usd;
    json_object_foreach((json_t *)bucket, key, usd)
    {
        bin.leverage = leverage_of(key);
        if (error != SQZ_OK || bin.leverage == 0.0)
            continue;
        error = sqz_payload_number(payload, usd, &part_usd, diag, "%.16s", key);
        bin.notional_usd = whole ? part_usd * value_usd / sum_usd : part_usd;
        if (error == SQZ_OK)
            error = sqz_import_bin(import, &bin, payload->file, 0, diag);
    }
    if (error != SQZ_OK || whole)
        return error;
    bin.leverage = 0.0;
    bin.notional_usd = value_usd - sum_usd;
    return sqz_import_bin(import, &bin, payload->file, 0, diag);
}

static int bucket_side(struct sqz_import *import, const struct sqz_payload *payload,
                       const json_t *list, enum sqz_side side, struct sqz_diag *diag)
{
    int error = SQZ_OK;
    for (size_t i = 0; error == SQZ_OK && i < json_array_size(list); i++) {
        const json_t *bucket = json_array_get(list, i);
        struct sqz_import_bin bin = {.side = (int)side};
        error = sqz_payload_number(payload, json_object_get(bucket, "price"), &bin.price_usd, diag,
                                   "%s bucket %zu: price", side == SQZ_UP ? "short" : "long", i);
        if (error == SQZ_OK)
            error = add_bucket(import, payload, bucket, bin, diag);
    }
    return error;
}

static int read_buckets(struct sqz_import *import, const struct sqz_payload *payload,
                        struct sqz_diag *diag)
{
    const json_t *coin;
    const char *name;
    int error = choose_coin(import, payload, &coin, &name, diag);
    struct sqz_import_map *map = error == SQZ_OK ? sqz_import_begin_map(import) : NULL;
    if (map == NULL)
        return error != SQZ_OK ? error : sqz_import_no_memory(diag);
    const json_t *price = json_object_get(coin, "currentPrice");
    if (json_is_number(price) || json_is_string(price))
        error =
            sqz_payload_number(payload, price, &map->price_usd, diag, "%.20s.currentPrice", name);
    sqz_import_json_time(json_object_get(payload->json, "lastUpdated"), &map->time_s);
    if (error == SQZ_OK)
        error =
            bucket_side(import, payload, json_object_get(coin, "longLiquidations"), SQZ_DOWN, diag);
    if (error == SQZ_OK)
        error =
            bucket_side(import, payload, json_object_get(coin, "shortLiquidations"), SQZ_UP, diag);
    return error;
}

/* ---- clearinghouseState: one account, a list of them, or one to a line --------------------------
 */

/* The state itself, whatever it is wrapped in. */
static const json_t *state_of(const json_t *item)
{
    static const char *const WRAPPERS[] = {"clearinghouseState", "state", "data"};
    for (size_t i = 0; i < 3; i++)
        if (json_is_object(json_object_get(item, WRAPPERS[i])))
            return json_object_get(item, WRAPPERS[i]);
    return item;
}

static bool is_state(const json_t *item)
{
    return json_is_array(json_object_get(state_of(item), "assetPositions"));
}

/* { address: state } */
static bool is_by_address(const json_t *object)
{
    void *first = json_object_iter((json_t *)object);
    return first != NULL && is_state(json_object_iter_value(first));
}

static bool detect_state(const struct sqz_import *import, const struct sqz_payload *payload)
{
    (void)import;
    return is_state(payload->json) || is_state(json_array_get(payload->json, 0)) ||
           is_by_address(payload->json);
}

/* An account: what its file calls it, or its number. */
struct account {
    const struct sqz_payload *payload;
    const json_t *state;
    char name[80];
    double isolated_usd; /* worth of its isolated positions */
    size_t first;        /* of its positions */
};

static void name_account(struct account *account, const json_t *item, size_t number)
{
    static const char *const KEYS[] = {"user", "address", "account", "wallet"};
    snprintf(account->name, sizeof account->name, "%zu", number + 1);
    for (size_t i = 0; i < 4; i++)
        if (json_is_string(json_object_get(item, KEYS[i])))
            snprintf(account->name, sizeof account->name, "%s",
                     json_string_value(json_object_get(item, KEYS[i])));
}

static int state_number(const struct account *account, const json_t *position, const char *path,
                        double *value, struct sqz_diag *diag)
{
    return sqz_payload_number(account->payload, sqz_payload_at(position, path), value, diag,
                              "account %s: %s: %s", account->name,
                              sqz_import_string(json_object_get(position, "coin")), path);
}

/* Signed size, entry, leverage, and the mark that the position's value implies. */
static int read_size(const struct account *account, const json_t *json,
                     struct sqz_import_position *position, double *size, struct sqz_diag *diag)
{
    double value_usd;
    int error = state_number(account, json, "szi", size, diag);
    if (error != SQZ_OK || *size == 0.0)
        return error;
    error = state_number(account, json, "entryPx", &position->entry_usd, diag);
    if (error == SQZ_OK)
        error = state_number(account, json, "leverage.value", &position->leverage, diag);
    if (error == SQZ_OK)
        error = state_number(account, json, "positionValue", &value_usd, diag);
    if (error != SQZ_OK)
        return error;
    position->side = *size > 0.0 ? SQZ_DOWN : SQZ_UP;
    position->quantity = fabs(*size);
    position->mark_usd = value_usd / fabs(*size);
    position->liquidated = json_is_string(json_object_get(json, "liquidationPx")) ||
                           json_is_number(json_object_get(json, "liquidationPx"));
    return SQZ_OK;
}

/* Older states do not say raw USD, but what the position is worth at the mark. */
static int read_worth(struct account *account, const json_t *json,
                      struct sqz_import_position *position, struct sqz_diag *diag)
{
    int error = state_number(account, json, "marginUsed", &position->equity_usd, diag);
    account->isolated_usd += error == SQZ_OK ? position->equity_usd : 0.0;
    return error;
}

/* What secures an isolated position is its raw USD, which the position was bought with, and the
 * position at its entry: rawUsd + size x entry. */
static int read_margin(struct account *account, const json_t *json, double size,
                       struct sqz_import_position *position, struct sqz_diag *diag)
{
    const char *type = sqz_import_string(sqz_payload_at(json, "leverage.type"));
    position->cross = strcmp(type, "isolated") != 0;
    position->margin_usd = position->equity_usd = NAN;
    if (position->cross)
        return SQZ_OK;
    if (sqz_payload_at(json, "leverage.rawUsd") == NULL)
        return read_worth(account, json, position, diag);
    double raw_usd;
    int error = state_number(account, json, "leverage.rawUsd", &raw_usd, diag);
    position->margin_usd = raw_usd + size * position->entry_usd;
    account->isolated_usd += error == SQZ_OK ? raw_usd + size * position->mark_usd : 0.0;
    return error;
}

static int add_position(struct sqz_import *import, struct account *account, const json_t *json,
                        struct sqz_diag *diag)
{
    struct sqz_import_position position = {.side = SQZ_UP}, *added;
    double size = 0.0;
    int error = read_size(account, json, &position, &size, diag);
    if (error == SQZ_OK && size == 0.0) {
        sqz_import_drop(import, SQZ_DROP_EMPTY, 0.0);
        return SQZ_OK;
    }
    if (error == SQZ_OK)
        error = read_margin(account, json, size, &position, diag);
    if (error != SQZ_OK)
        return error;
    added = sqz_rows_add(&import->position);
    if (added == NULL)
        return sqz_import_no_memory(diag);
    *added = position;
    added->symbol = strdup(sqz_import_string(json_object_get(json, "coin")));
    added->account = strdup(account->name);
    import->unreachable += !position.liquidated;
    return added->symbol != NULL && added->account != NULL ? SQZ_OK : sqz_import_no_memory(diag);
}

/* The cross positions of an account share what it is worth besides its isolated ones. */
static int share_equity(struct sqz_import *import, const struct account *account,
                        struct sqz_diag *diag)
{
    struct sqz_import_position *position = import->position.item;
    const json_t *total = sqz_payload_at(account->state, "marginSummary.accountValue");
    double equity_usd = NAN;
    int error = SQZ_OK;
    if (total != NULL)
        error = sqz_payload_number(account->payload, total, &equity_usd, diag,
                                   "account %s: marginSummary.accountValue", account->name);
    for (size_t i = account->first; error == SQZ_OK && i < import->position.count; i++)
        if (position[i].cross)
            position[i].equity_usd = equity_usd - account->isolated_usd;
    return error;
}

static int read_account(struct sqz_import *import, const struct sqz_payload *payload,
                        const json_t *item, const char *address, struct sqz_diag *diag)
{
    struct account account = {
        .payload = payload, .state = state_of(item), .first = import->position.count};
    const json_t *list = json_object_get(account.state, "assetPositions");
    int error = SQZ_OK;
    name_account(&account, item, import->accounts++);
    if (address != NULL)
        snprintf(account.name, sizeof account.name, "%s", address);
    for (size_t i = 0; error == SQZ_OK && i < json_array_size(list); i++) {
        const json_t *entry = json_array_get(list, i);
        const json_t *position = json_object_get(entry, "position");
        error = add_position(import, &account, position != NULL ? position : entry, diag);
    }
    return error == SQZ_OK ? share_equity(import, &account, diag) : error;
}

static int read_state(struct sqz_import *import, const struct sqz_payload *payload,
                      struct sqz_diag *diag)
{
    int error = SQZ_OK;
    const char *address;
    json_t *item;
    if (is_state(payload->json))
        return read_account(import, payload, payload->json, NULL, diag);
    json_object_foreach(payload->json, address, item)
    {
        if (error == SQZ_OK)
            error = read_account(import, payload, item, address, diag);
    }
    for (size_t i = 0; error == SQZ_OK && i < json_array_size(payload->json); i++)
        error = read_account(import, payload, json_array_get(payload->json, i), NULL, diag);
    return error;
}

const struct sqz_import_format sqz_import_hyperliquid[] = {
    {.name = "hyperliquid-map",
     .doc = "map of all accounts of Hyperliquid: long_liquidations, short_liquidations",
     .kind = SQZ_IMPORT_LEVELS,
     .detect = detect_full,
     .read = read_full},
    {.name = "hyperliquid-buckets",
     .doc = "bucketed map of Hyperliquid's largest accounts: longLiquidations by coin",
     .kind = SQZ_IMPORT_LEVELS,
     .detect = detect_buckets,
     .read = read_buckets},
    {.name = "hyperliquid-state",
     .doc = "Hyperliquid clearinghouseState of one account, of a list, or one to a line",
     .kind = SQZ_IMPORT_POSITIONS,
     .detect = detect_state,
     .read = read_state},
    {0},
};
