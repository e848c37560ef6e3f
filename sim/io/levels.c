#include "sim/io/levels.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/io/csv.h"

enum { SIDE, PRICE, NOTIONAL, LEVERAGE, ACCOUNTS, COLUMNS };

struct levels_reader {
    double price_usd;
    bool allow_crossed;
    struct sqz_csv_column column[COLUMNS];
    size_t width;
    struct sqz_level *level;
    size_t count, capacity;
};

static int fail(const struct sqz_csv_row *row, const struct sqz_csv_column *column,
                struct sqz_diag *diag, const char *expected)
{
    return sqz_fail_at(diag, SQZ_ERR_DATA, row->file, row->line, column->name, "'%s' %s",
                       sqz_csv_field(row, column), expected);
}

/* No market holds more in one level; it keeps every sum of a path finite. */
static const double NOTIONAL_MAX_USD = 1e15;

/* A finite number that is at least `least`. */
static int parse_amount(const struct sqz_csv_row *row, const struct sqz_csv_column *column,
                        double least, double *value, struct sqz_diag *diag)
{
    int error = sqz_csv_number(row, column, value, diag);
    if (error != SQZ_OK)
        return error;
    if (*value < least)
        return fail(row, column, diag, "is negative; expected 0 or more");
    return SQZ_OK;
}

static int parse_optional(const struct sqz_csv_row *row, const struct sqz_csv_column *column,
                          double *value, struct sqz_diag *diag)
{
    *value = 0.0;
    return sqz_csv_field(row, column)[0] == '\0' ? SQZ_OK
                                                 : parse_amount(row, column, 0.0, value, diag);
}

static int check_crossed(const struct levels_reader *reader, const struct sqz_csv_row *row,
                         const struct sqz_level *level, struct sqz_diag *diag)
{
    if (level->distance_log > 0 || reader->allow_crossed)
        return SQZ_OK;
    return sqz_fail_at(diag, SQZ_ERR_DATA, row->file, row->line, reader->column[PRICE].name,
                       "%s level at %s is not %s the start price %.12g (--allow-crossed fires "
                       "such levels at time zero)",
                       level->side == SQZ_UP ? "short" : "long",
                       sqz_csv_field(row, &reader->column[PRICE]),
                       level->side == SQZ_UP ? "above" : "below", reader->price_usd);
}

static int parse_level(const struct levels_reader *reader, const struct sqz_csv_row *row,
                       struct sqz_level *level, struct sqz_diag *diag)
{
    double price = 0.0, leverage = 0.0, accounts = 0.0;
    bool is_long;
    int error = sqz_csv_side(row, &reader->column[SIDE], &is_long, diag);
    if (error == SQZ_OK)
        error = parse_amount(row, &reader->column[PRICE], -INFINITY, &price, diag);
    if (error == SQZ_OK && price <= 0.0)
        error = fail(row, &reader->column[PRICE], diag, "is not a price; expected above 0");
    if (error == SQZ_OK)
        error = parse_amount(row, &reader->column[NOTIONAL], 0.0, &level->notional_usd, diag);
    if (error == SQZ_OK && level->notional_usd > NOTIONAL_MAX_USD)
        error = fail(row, &reader->column[NOTIONAL], diag, "is too large; expected up to 1e15");
    if (error == SQZ_OK)
        error = parse_optional(row, &reader->column[LEVERAGE], &leverage, diag);
    if (error == SQZ_OK)
        error = parse_optional(row, &reader->column[ACCOUNTS], &accounts, diag);
    if (error != SQZ_OK)
        return error;
    level->side = is_long ? SQZ_DOWN : SQZ_UP;
    level->leverage = (float)leverage;
    level->distance_log =
        sqz_direction((enum sqz_side)level->side) * log(price / reader->price_usd);
    return check_crossed(reader, row, level, diag);
}

static int reserve_level(struct levels_reader *reader, struct sqz_diag *diag)
{
    if (reader->count < reader->capacity)
        return SQZ_OK;
    size_t capacity = reader->capacity > 0 ? reader->capacity + reader->capacity / 2 : 1024;
    struct sqz_level *level = realloc(reader->level, capacity * sizeof *level);
    if (level == NULL)
        return sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for more than %zu levels", reader->count);
    reader->level = level;
    reader->capacity = capacity;
    return SQZ_OK;
}

static int on_row(void *context, const struct sqz_csv_row *row, struct sqz_diag *diag)
{
    struct levels_reader *reader = context;
    if (reader->width == 0) {
        reader->width = row->count;
        return sqz_csv_match(row, reader->column, COLUMNS, diag);
    }
    int error = sqz_csv_check_width(row, reader->width, diag);
    if (error == SQZ_OK)
        error = reserve_level(reader, diag);
    if (error == SQZ_OK)
        error = parse_level(reader, row, &reader->level[reader->count], diag);
    if (error == SQZ_OK)
        reader->count++;
    return error;
}

int sqz_levels_read(struct sqz_ladder *ladder, const char *path, double price_usd, double scale,
                    bool allow_crossed, struct sqz_digest *digest, struct sqz_diag *diag)
{
    struct levels_reader reader = {
        .price_usd = price_usd,
        .allow_crossed = allow_crossed,
        .column = {
            [SIDE] = {"side", true, 0},
            [PRICE] = {"price_usd", true, 0, "price liquidation_price liq_price", SQZ_DIM_USD},
            [NOTIONAL] = {"notional_usd", true, 0, "notional", SQZ_DIM_USD,
                          "size qty quantity amount"},
            [LEVERAGE] = {"leverage", false, 0, "lev"},
            [ACCOUNTS] = {"accounts", false, 0}}};
    memset(ladder, 0, sizeof *ladder);
    int error = sqz_csv_read(path, on_row, &reader, digest, diag);
    if (error == SQZ_OK && reader.width == 0)
        error = sqz_fail_at(diag, SQZ_ERR_DATA, path, 0, NULL,
                            "is empty; expected levels, side,price_usd,notional_usd");
    if (error == SQZ_OK && reader.count == 0)
        error = sqz_fail_at(diag, SQZ_ERR_DATA, path, 0, NULL,
                            "has no levels; expected at least one row after the header");
    if (error == SQZ_OK)
        error = sqz_ladder_build(ladder, reader.level, reader.count, scale, diag);
    free(reader.level);
    return error;
}
