/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Liquidation maps as tables: a row for each level, or a row for each price with columns by side
 * and leverage; of one time or, with a column of times, of many. */
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sim/io/import.h"

static const char PRICES[] = "price_usd price px level_price liquidation_price liq_price",
                  NOTIONALS[] = "notional_usd notional usd value value_usd amount_usd amount "
                                "volume_usd volume size_usd liq_usd liquidation_usd",
                  SIDES[] = "side direction dir position_side position",
                  TIMES[] = "time time_utc hour_utc datetime_utc datetime timestamp date ts",
                  LEVERAGES[] = "leverage lev";

/* ---- columns --------------------------------------------------------------------------------- */

enum { WIDE_MAX = 64 };

/* A column of amounts in a wide table. */
struct wide {
    size_t column;
    int side;
    double leverage;
};

struct table {
    size_t price, notional, side, leverage, time;
    struct wide wide[WIDE_MAX];
    size_t n_wide;
};

/* The digits before an x: "long_25x" is 25; 0: there are none. */
static double leverage_in(const char *name)
{
    for (const char *c = name; *c != '\0'; c++) {
        char *end;
        if (!isdigit((unsigned char)*c) || (c > name && isalnum((unsigned char)c[-1])))
            continue;
        double leverage = strtod(c, &end);
        if (tolower((unsigned char)*end) == 'x' && !isalnum((unsigned char)end[1]))
            return leverage;
    }
    return 0.0;
}

static int side_in(const char *name)
{
    bool is_long = strcasestr(name, "long") != NULL, is_short = strcasestr(name, "short") != NULL;
    if (is_long == is_short)
        return SQZ_SIDE_UNKNOWN;
    return is_long ? SQZ_DOWN : SQZ_UP;
}

/* Columns named by a side, a leverage or both; not those of counts and totals. */
static void find_wide(struct table *table, const struct sqz_payload *payload)
{
    struct sqz_csv_row header = sqz_payload_row(payload, 0);
    for (size_t i = 0; i < header.count && table->n_wide < WIDE_MAX; i++) {
        const char *name = header.field[i];
        struct wide wide = {i, side_in(name), leverage_in(name)};
        bool other = strcasestr(name, "count") != NULL || strcasestr(name, "cum") != NULL ||
                     strcasestr(name, "total") != NULL;
        if (!other && (wide.side != SQZ_SIDE_UNKNOWN || wide.leverage > 0.0))
            table->wide[table->n_wide++] = wide;
    }
}

static struct table columns_of(const struct sqz_import *import, const struct sqz_payload *payload)
{
    struct table table = {.price = sqz_import_column(import, payload, "price", PRICES),
                          .notional = sqz_import_column(import, payload, "notional", NOTIONALS),
                          .side = sqz_import_column(import, payload, "side", SIDES),
                          .leverage = sqz_import_column(import, payload, "leverage", LEVERAGES),
                          .time = sqz_import_column(import, payload, "time", TIMES)};
    if (payload->json == NULL && table.notional == SQZ_CSV_ABSENT)
        find_wide(&table, payload);
    return table;
}

static bool detect_long(const struct sqz_import *import, const struct sqz_payload *payload)
{
    struct table table = columns_of(import, payload);
    return table.price != SQZ_CSV_ABSENT && table.notional != SQZ_CSV_ABSENT;
}

static bool detect_wide(const struct sqz_import *import, const struct sqz_payload *payload)
{
    struct table table = columns_of(import, payload);
    return table.price != SQZ_CSV_ABSENT && table.n_wide > 0;
}

/* What py-liquidation-map writes: a row number without a name, price and amount. */
static bool detect_py(const struct sqz_import *import, const struct sqz_payload *payload)
{
    (void)import;
    if (payload->json != NULL || sqz_payload_row(payload, 0).count != 3)
        return false;
    return sqz_import_text(payload, 0, 0)[0] == '\0' && sqz_payload_column(payload, "price") == 1 &&
           sqz_payload_column(payload, "amount") == 2;
}

/* ---- rows ------------------------------------------------------------------------------------ */

/* The map of the time in a row, begun if it is new. Rows of one time stand together, mostly. */
static int enter_map(struct sqz_import *import, const struct sqz_payload *payload, size_t row,
                     size_t column, struct sqz_diag *diag)
{
    struct sqz_import_map *map = import->map.item;
    double time_s;
    if (!sqz_import_time(sqz_import_text(payload, row, column), &time_s))
        return sqz_fail_at(diag, SQZ_ERR_DATA, payload->file, payload->row[row].line,
                           sqz_import_text(payload, 0, column),
                           "'%s' is not a time; expected ISO 8601 in UTC, or seconds since 1970",
                           sqz_import_text(payload, row, column));
    size_t last = import->map.count - 1;
    for (size_t i = import->map.count; i-- > 0;)
        if (map[i].time_s == time_s) {
            struct sqz_import_map found = map[i];
            map[i] = map[last]; /* sqz_import_bin adds to the last one */
            map[last] = found;
            return SQZ_OK;
        }
    map = sqz_import_begin_map(import);
    if (map == NULL)
        return sqz_import_no_memory(diag);
    map->time_s = time_s;
    map->regular = true;
    return SQZ_OK;
}

static int read_side(const struct sqz_payload *payload, size_t row, size_t column, int *side,
                     struct sqz_diag *diag)
{
    const char *text = sqz_import_text(payload, row, column);
    *side = side_in(text);
    if (*side != SQZ_SIDE_UNKNOWN || text[0] == '\0')
        return SQZ_OK;
    bool order = strcasecmp(text, "buy") == 0 || strcasecmp(text, "sell") == 0;
    return sqz_fail_at(
        diag, SQZ_ERR_DATA, payload->file, payload->row[row].line,
        sqz_import_text(payload, 0, column),
        "'%s' is not a side; expected short or long, the position that gets closed%s", text,
        order ? " (a buy opens a long, and closes a short: it could mean either)" : "");
}

static int add(struct sqz_import *import, const struct sqz_payload *payload, size_t row,
               const struct sqz_import_bin *bin, struct sqz_diag *diag)
{
    if (isnan(bin->price_usd) || isnan(bin->notional_usd)) {
        sqz_import_drop(import, SQZ_DROP_NULL, bin->notional_usd);
        return SQZ_OK;
    }
    return sqz_import_bin(import, bin, payload->file, payload->row[row].line, diag);
}

static int read_long_row(struct sqz_import *import, const struct sqz_payload *payload,
                         const struct table *table, size_t row, struct sqz_diag *diag)
{
    struct sqz_import_bin bin = {.side =
                                     table->n_wide > 0 ? table->wide[0].side : SQZ_SIDE_UNKNOWN};
    double leverage;
    int error = sqz_import_optional(payload, row, table->price, &bin.price_usd, diag);
    if (error == SQZ_OK)
        error = sqz_import_optional(payload, row, table->notional, &bin.notional_usd, diag);
    if (error == SQZ_OK)
        error = sqz_import_optional(payload, row, table->leverage, &leverage, diag);
    if (error == SQZ_OK && table->side != SQZ_CSV_ABSENT)
        error = read_side(payload, row, table->side, &bin.side, diag);
    if (error != SQZ_OK)
        return error;
    bin.leverage = isnan(leverage) ? 0.0 : leverage;
    if (table->n_wide > 0)
        bin.leverage = table->wide[0].leverage;
    return add(import, payload, row, &bin, diag);
}

static int read_wide_row(struct sqz_import *import, const struct sqz_payload *payload,
                         const struct table *table, size_t row, struct sqz_diag *diag)
{
    struct sqz_import_bin bin = {0};
    int error = sqz_import_optional(payload, row, table->price, &bin.price_usd, diag);
    for (size_t w = 0; error == SQZ_OK && w < table->n_wide; w++) {
        const struct wide *wide = &table->wide[w];
        bin.side = wide->side;
        bin.leverage = wide->leverage;
        error = sqz_import_optional(payload, row, wide->column, &bin.notional_usd, diag);
        if (error == SQZ_OK && isnan(bin.notional_usd))
            continue; /* an empty cell of a wide table: nothing */
        if (error == SQZ_OK)
            error = add(import, payload, row, &bin, diag);
    }
    return error;
}

static int read_table(struct sqz_import *import, const struct sqz_payload *payload,
                      const struct table *table, struct sqz_diag *diag)
{
    int error = SQZ_OK;
    bool timed = table->time != SQZ_CSV_ABSENT;
    struct sqz_import_map *map = timed ? NULL : sqz_import_begin_map(import);
    if (!timed && map == NULL)
        return sqz_import_no_memory(diag);
    if (map != NULL)
        map->regular = true;
    size_t width = sqz_payload_row(payload, 0).count;
    for (size_t row = 1; error == SQZ_OK && row < payload->rows; row++) {
        struct sqz_csv_row cells = sqz_payload_row(payload, row);
        error = sqz_csv_check_width(&cells, width, diag);
        if (error == SQZ_OK && timed)
            error = enter_map(import, payload, row, table->time, diag);
        if (error == SQZ_OK)
            error = table->notional != SQZ_CSV_ABSENT
                        ? read_long_row(import, payload, table, row, diag)
                        : read_wide_row(import, payload, table, row, diag);
    }
    return error;
}

static int read_levels(struct sqz_import *import, const struct sqz_payload *payload,
                       struct sqz_diag *diag)
{
    struct table table = columns_of(import, payload);
    return read_table(import, payload, &table, diag);
}

/* Side and leverage stand in the file's name, "..._10x_buy.csv": buys open longs. */
static int read_py(struct sqz_import *import, const struct sqz_payload *payload,
                   struct sqz_diag *diag)
{
    const char *slash = strrchr(payload->file, '/');
    const char *name = slash != NULL ? slash + 1 : payload->file;
    bool buy = strcasestr(name, "buy") != NULL, sell = strcasestr(name, "sell") != NULL;
    struct table table = {.price = 1,
                          .notional = 2,
                          .side = SQZ_CSV_ABSENT,
                          .leverage = SQZ_CSV_ABSENT,
                          .time = SQZ_CSV_ABSENT,
                          .n_wide = 1};
    table.wide[0] = (struct wide){.side = buy == sell ? side_in(name)
                                          : buy       ? SQZ_DOWN
                                                      : SQZ_UP,
                                  .leverage = leverage_in(name)};
    return read_table(import, payload, &table, diag);
}

#define TABLE(called, text, d, r)                                                                  \
    {                                                                                              \
        .name = called, .doc = text, .kind = SQZ_IMPORT_LEVELS, .modelled = true, .detect = d,     \
        .read = r                                                                                  \
    }
#define PARTS(called, text, d, r)                                                                  \
    {                                                                                              \
        .name = called, .doc = text, .kind = SQZ_IMPORT_LEVELS, .modelled = true, .parts = true,   \
        .detect = d, .read = r                                                                     \
    }
const struct sqz_import_format sqz_import_tables[] = {
    PARTS("py-liquidation-map",
          "py-liquidation-map CSV; leverage and buy or sell in the file's name", detect_py,
          read_py),
    TABLE("levels", "CSV with a row for each level: price, usd and perhaps side, leverage, time",
          detect_long, read_levels),
    TABLE("levels-wide", "CSV with a row for each price, columns as long_10x or short_usd",
          detect_wide, read_levels),
    {0},
};
