/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Open positions: Binance's positionRisk and account, and tables. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sim/io/import.h"

static int keep(struct sqz_import *import, const struct sqz_import_position *position,
                const char *symbol, const char *account, struct sqz_diag *diag)
{
    struct sqz_import_position *added = sqz_rows_add(&import->position);
    if (added == NULL)
        return sqz_import_no_memory(diag);
    *added = *position;
    added->symbol = strdup(symbol);
    added->account = strdup(account);
    import->unreachable += !position->liquidated;
    return added->symbol != NULL && added->account != NULL ? SQZ_OK : sqz_import_no_memory(diag);
}

/* ---- Binance --------------------------------------------------------------------------------- */

/* positionRisk is a list of positions; an account has them as `positions`. */
static const json_t *binance_list(const struct sqz_payload *payload)
{
    return json_is_array(payload->json) ? payload->json
                                        : json_object_get(payload->json, "positions");
}

static bool detect_binance(const struct sqz_import *import, const struct sqz_payload *payload)
{
    (void)import;
    return json_object_get(json_array_get(binance_list(payload), 0), "positionAmt") != NULL;
}

struct binance {
    const struct sqz_payload *payload;
    const json_t *json;
    const char *symbol, *account;
};

static int number_of(const struct binance *row, const char *key, double *value,
                     struct sqz_diag *diag)
{
    return sqz_payload_number(row->payload, json_object_get(row->json, key), value, diag, "%s: %s",
                              row->symbol, key);
}

/* NAN where the key is missing or empty. */
static int optional(const struct binance *row, const char *key, double *value,
                    struct sqz_diag *diag)
{
    const json_t *json = json_object_get(row->json, key);
    *value = NAN;
    bool empty = json == NULL || json_is_null(json) ||
                 (json_is_string(json) && json_string_value(json)[0] == '\0');
    return empty ? SQZ_OK : number_of(row, key, value, diag);
}

/* Newer answers have no leverage, but the initial margin at it. */
static int binance_leverage(const struct binance *row, struct sqz_import_position *position,
                            struct sqz_diag *diag)
{
    double initial_usd, notional_usd;
    int error = optional(row, "leverage", &position->leverage, diag);
    if (error == SQZ_OK)
        error = optional(row, "initialMargin", &initial_usd, diag);
    if (error == SQZ_OK)
        error = optional(row, "notional", &notional_usd, diag);
    if (error == SQZ_OK && isnan(position->leverage) && initial_usd > 0.0)
        position->leverage = fabs(notional_usd) / initial_usd;
    return error;
}

/* Isolated: the wallet without unrealised profit; older answers say what it is worth with it. */
static int binance_margin(const struct binance *row, struct sqz_import_position *position,
                          struct sqz_diag *diag)
{
    const char *type = sqz_import_string(json_object_get(row->json, "marginType"));
    double wallet_usd, worth_usd, liquidation_usd;
    int error = optional(row, "isolatedWallet", &wallet_usd, diag);
    if (error == SQZ_OK)
        error = optional(row, "isolatedMargin", &worth_usd, diag);
    if (error == SQZ_OK)
        error = optional(row, "liquidationPrice", &liquidation_usd, diag);
    bool isolated = type[0] != '\0'
                        ? strcasecmp(type, "isolated") == 0
                        : json_is_true(json_object_get(row->json, "isolated")) || wallet_usd > 0.0;
    position->cross = !isolated;
    position->margin_usd = isolated && wallet_usd > 0.0 ? wallet_usd : NAN;
    position->equity_usd = isolated && !(wallet_usd > 0.0) ? worth_usd : NAN;
    position->liquidated = liquidation_usd > 0.0;
    return error;
}

/* The sign of the amount is the side; in hedge mode positionSide says it. */
static int read_binance_row(const struct binance *row, struct sqz_import_position *position,
                            double amount, struct sqz_diag *diag)
{
    const char *side = sqz_import_string(json_object_get(row->json, "positionSide"));
    bool is_short = strcasecmp(side, "SHORT") == 0 || (amount < 0.0 && strcasecmp(side, "LONG"));
    position->side = is_short ? SQZ_UP : SQZ_DOWN;
    position->quantity = fabs(amount);
    int error = number_of(row, "entryPrice", &position->entry_usd, diag);
    if (error == SQZ_OK)
        error = optional(row, "markPrice", &position->mark_usd, diag);
    if (error == SQZ_OK)
        error = binance_leverage(row, position, diag);
    return error == SQZ_OK ? binance_margin(row, position, diag) : error;
}

static int add_binance(struct sqz_import *import, const struct binance *row, struct sqz_diag *diag)
{
    struct sqz_import_position position = {.mark_usd = NAN, .leverage = NAN};
    double amount = 0.0;
    int error = number_of(row, "positionAmt", &amount, diag);
    if (error == SQZ_OK && amount == 0.0) {
        sqz_import_drop(import, SQZ_DROP_EMPTY, 0.0);
        return SQZ_OK;
    }
    if (error == SQZ_OK && strstr(row->symbol, "USD_") != NULL)
        return sqz_fail_at(diag, SQZ_ERR_DATA, row->payload->file, 0, row->symbol,
                           "is a market margined in coin, whose amounts count contracts; expected "
                           "a market margined in USDT or USDC");
    if (error == SQZ_OK)
        error = read_binance_row(row, &position, amount, diag);
    return error == SQZ_OK ? keep(import, &position, row->symbol, row->account, diag) : error;
}

/* What all cross positions are worth: their wallet and unrealised profit. */
static int binance_equity(struct sqz_import *import, const struct sqz_payload *payload,
                          size_t first, struct sqz_diag *diag)
{
    static const char *const WALLETS[] = {"totalCrossWalletBalance", "crossWalletBalance",
                                          "totalWalletBalance", "walletBalance"};
    struct sqz_import_position *position = import->position.item;
    const json_t *wallet = NULL;
    for (size_t i = 0; wallet == NULL && i < sizeof WALLETS / sizeof WALLETS[0]; i++)
        wallet = json_object_get(payload->json, WALLETS[i]);
    double equity_usd;
    if (wallet == NULL)
        return sqz_import_remark(import, "no-wallet", payload->file, diag,
                                 "cross positions without a wallet balance have the margin of "
                                 "their leverage: add a column equity_usd, or import the account");
    int error = sqz_payload_number(payload, wallet, &equity_usd, diag, "wallet balance");
    for (size_t i = first; i < import->position.count; i++)
        if (position[i].cross)
            equity_usd += position[i].quantity * (position[i].mark_usd - position[i].entry_usd) *
                          (position[i].side == SQZ_DOWN ? 1.0 : -1.0);
    for (size_t i = first; error == SQZ_OK && i < import->position.count; i++)
        if (position[i].cross)
            position[i].equity_usd = equity_usd;
    return error;
}

static bool any_cross(const struct sqz_import *import, size_t first)
{
    const struct sqz_import_position *position = import->position.item;
    for (size_t i = first; i < import->position.count; i++)
        if (position[i].cross)
            return true;
    return false;
}

static int read_binance(struct sqz_import *import, const struct sqz_payload *payload,
                        struct sqz_diag *diag)
{
    const json_t *list = binance_list(payload);
    char account[24];
    size_t first = import->position.count;
    int error = SQZ_OK;
    snprintf(account, sizeof account, "%zu", ++import->accounts);
    for (size_t i = 0; error == SQZ_OK && i < json_array_size(list); i++) {
        const json_t *json = json_array_get(list, i);
        struct binance row = {payload, json, sqz_import_string(json_object_get(json, "symbol")),
                              account};
        error = add_binance(import, &row, diag);
    }
    return error == SQZ_OK && any_cross(import, first)
               ? binance_equity(import, payload, first, diag)
               : error;
}

/* ---- tables ---------------------------------------------------------------------------------- */

enum {
    SIDE,
    QUANTITY,
    ENTRY,
    LEVERAGE,
    MODE,
    MARGIN,
    MARK,
    VALUE,
    EQUITY,
    LIQUIDATION,
    ACCOUNT,
    SYMBOL,
    TIME,
    FIELDS
};

static const struct {
    const char *name, *names;
} FIELD[FIELDS] = {
    [SIDE] = {"side", "side direction position_side"},
    [QUANTITY] = {"quantity", "quantity qty size size_coin szi amount contracts"},
    [ENTRY] = {"entry", "entry_usd entry_px entry_price entry"},
    [LEVERAGE] = {"leverage", "leverage leverage_setting lev"},
    [MODE] = {"mode", "margin_mode margin_type leverage_type mode"},
    [MARGIN] = {"margin", "margin_usd isolated_margin isolated_wallet"},
    [MARK] = {"mark", "mark_usd mark_price mark_px mark"},
    [VALUE] = {"value", "position_value_usd position_value value_usd notional_usd"},
    [EQUITY] = {"equity", "equity_usd account_value_usd account_value equity"},
    [LIQUIDATION] = {"liquidation", "liquidation_usd liquidation_px liquidation_price liq_price"},
    [ACCOUNT] = {"account", "account account_id user address wallet"},
    [SYMBOL] = {"symbol", "symbol coin market pair"},
    [TIME] = {"time", "time time_utc ts_utc timestamp datetime_utc"},
};

struct columns {
    size_t field[FIELDS];
};

static struct columns find_columns(const struct sqz_import *import,
                                   const struct sqz_payload *payload)
{
    struct columns columns;
    for (int f = 0; f < FIELDS; f++)
        columns.field[f] = sqz_import_column(import, payload, FIELD[f].name, FIELD[f].names);
    return columns;
}

static bool detect_table(const struct sqz_import *import, const struct sqz_payload *payload)
{
    if (payload->json != NULL)
        return false;
    struct columns columns = find_columns(import, payload);
    return columns.field[QUANTITY] != SQZ_CSV_ABSENT && columns.field[ENTRY] != SQZ_CSV_ABSENT;
}

static int read_side(const struct sqz_payload *payload, const struct columns *columns, size_t row,
                     double *quantity, struct sqz_import_position *position, struct sqz_diag *diag)
{
    const char *side = sqz_import_text(payload, row, columns->field[SIDE]);
    bool is_short = strcasecmp(side, "short") == 0, is_long = strcasecmp(side, "long") == 0;
    if (columns->field[SIDE] != SQZ_CSV_ABSENT && !is_short && !is_long)
        return sqz_fail_at(diag, SQZ_ERR_DATA, payload->file, payload->row[row].line, "side",
                           "'%s' is not a side; expected short or long", side);
    position->side = is_short || (!is_long && *quantity < 0.0) ? SQZ_UP : SQZ_DOWN;
    position->quantity = fabs(*quantity);
    return SQZ_OK;
}

static int read_numbers(const struct sqz_payload *payload, const struct columns *columns,
                        size_t row, struct sqz_import_position *position, struct sqz_diag *diag)
{
    double value_usd, liquidation_usd;
    const struct {
        int field;
        double *target;
    } NUMBERS[] = {{ENTRY, &position->entry_usd},   {LEVERAGE, &position->leverage},
                   {MARGIN, &position->margin_usd}, {MARK, &position->mark_usd},
                   {EQUITY, &position->equity_usd}, {VALUE, &value_usd},
                   {LIQUIDATION, &liquidation_usd}};
    int error = SQZ_OK;
    for (size_t i = 0; error == SQZ_OK && i < sizeof NUMBERS / sizeof NUMBERS[0]; i++)
        error = sqz_import_optional(payload, row, columns->field[NUMBERS[i].field],
                                    NUMBERS[i].target, diag);
    if (error != SQZ_OK)
        return error;
    if (isnan(position->mark_usd) && position->quantity > 0.0)
        position->mark_usd = fabs(value_usd) / position->quantity;
    position->liquidated = columns->field[LIQUIDATION] == SQZ_CSV_ABSENT || liquidation_usd > 0.0;
    return SQZ_OK;
}

/* A table that says no margin mode has accounts: positions of one share its equity. */
static void read_mode(const struct sqz_payload *payload, const struct columns *columns, size_t row,
                      struct sqz_import_position *position)
{
    const char *mode = sqz_import_text(payload, row, columns->field[MODE]);
    position->cross = mode[0] != '\0' ? strcasecmp(mode, "isolated") != 0
                                      : columns->field[ACCOUNT] != SQZ_CSV_ABSENT;
}

static int read_row(struct sqz_import *import, const struct sqz_payload *payload,
                    const struct columns *columns, size_t row, struct sqz_diag *diag)
{
    struct sqz_import_position position = {0};
    double quantity = NAN;
    int error = sqz_import_optional(payload, row, columns->field[QUANTITY], &quantity, diag);
    if (error != SQZ_OK)
        return error;
    if (isnan(quantity) || quantity == 0.0) {
        sqz_import_drop(import, SQZ_DROP_EMPTY, 0.0);
        return SQZ_OK;
    }
    error = read_side(payload, columns, row, &quantity, &position, diag);
    if (error == SQZ_OK)
        error = read_numbers(payload, columns, row, &position, diag);
    if (error != SQZ_OK)
        return error;
    if (!(position.entry_usd > 0.0))
        return sqz_fail_at(diag, SQZ_ERR_DATA, payload->file, payload->row[row].line,
                           sqz_import_text(payload, 0, columns->field[ENTRY]),
                           "'%s' is not a price; expected above 0",
                           sqz_import_text(payload, row, columns->field[ENTRY]));
    read_mode(payload, columns, row, &position);
    const char *account = sqz_import_text(payload, row, columns->field[ACCOUNT]);
    return keep(import, &position, sqz_import_text(payload, row, columns->field[SYMBOL]),
                account[0] == '\0' && position.cross ? "1" : account, diag);
}

/* The last time of a file of snapshots; NAN: it has no times. */
static int last_time(const struct sqz_payload *payload, size_t column, double *last_s,
                     struct sqz_diag *diag)
{
    double time_s;
    *last_s = NAN;
    for (size_t row = 1; column != SQZ_CSV_ABSENT && row < payload->rows; row++) {
        const char *text = sqz_import_text(payload, row, column);
        if (!sqz_import_time(text, &time_s))
            return sqz_fail_at(diag, SQZ_ERR_DATA, payload->file, payload->row[row].line,
                               sqz_import_text(payload, 0, column),
                               "'%s' is not a time; expected ISO 8601 in UTC, or seconds since "
                               "1970",
                               text);
        *last_s = isnan(*last_s) || time_s > *last_s ? time_s : *last_s;
    }
    return SQZ_OK;
}

static int read_table(struct sqz_import *import, const struct sqz_payload *payload,
                      struct sqz_diag *diag)
{
    struct columns columns = find_columns(import, payload);
    double last_s, time_s;
    int error = last_time(payload, columns.field[TIME], &last_s, diag);
    for (size_t row = 1; error == SQZ_OK && row < payload->rows; row++) {
        struct sqz_csv_row cells = sqz_payload_row(payload, row);
        bool earlier =
            !isnan(last_s) &&
            sqz_import_time(sqz_import_text(payload, row, columns.field[TIME]), &time_s) &&
            time_s < last_s;
        error = sqz_csv_check_width(&cells, sqz_payload_row(payload, 0).count, diag);
        if (earlier)
            sqz_import_drop(import, SQZ_DROP_EARLIER, 0.0);
        else if (error == SQZ_OK)
            error = read_row(import, payload, &columns, row, diag);
    }
    return error;
}

const struct sqz_import_format sqz_import_position_formats[] = {
    {.name = "binance-positions",
     .doc = "Binance positionRisk, or an account with its positions and wallet balance",
     .kind = SQZ_IMPORT_POSITIONS,
     .detect = detect_binance,
     .read = read_binance},
    {.name = "positions",
     .doc = "CSV of positions: side (or a signed size), size, entry, leverage and what else there "
            "is; of several snapshots the last",
     .kind = SQZ_IMPORT_POSITIONS,
     .detect = detect_table,
     .read = read_table},
    {0},
};
