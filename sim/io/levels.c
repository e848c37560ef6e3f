/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/levels.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/io/cells.h"

enum { SIDE, PRICE, NOTIONAL, LEVERAGE, ACCOUNTS, COLUMNS };

static const char SWAPPED_COLUMNS[] =
    "most notionals are near the start price and their prices are not: the columns price_usd and "
    "notional_usd look swapped";
static const char FAR_LEVELS[] =
    "most levels lie beyond half or double the start price; expected prices of the scenario's "
    "market, in the unit of its price";
static const char SWAPPED_SIDES[] =
    "every level is on the wrong side of the start price; side is the position that gets closed, "
    "shorts above and longs below: swap short and long, or set the price at which the map was made";

/* What the rows are like together, to distinguish a slip in one of them from one in all. */
struct survey {
    size_t rows, crossed;
    size_t far, swapped;         /* rows; of the far ones those whose notional would be near */
    double total_usd, far_usd;   /* notional of all, of the far ones */
    long far_line, crossed_line; /* the first of each */
    char crossed_price[32];      /* as it is written */
    enum sqz_side crossed_side;
};

struct levels_reader {
    const struct sqz_levels_terms *terms;
    struct survey survey;
    struct sqz_csv_column column[COLUMNS];
    struct sqz_level *level;
    size_t count, capacity;
};

/* No market holds more in one level; it keeps every sum of a path finite. */
static const double NOTIONAL_MAX_USD = 1e15;

static const struct sqz_cell_limits PRICES = {
    .lo = 0, .hi = INFINITY, .above_lo = true, .wrong = "is not a price; expected above 0"};
static const struct sqz_cell_limits AMOUNTS = {
    .lo = 0, .hi = INFINITY, .wrong = "is negative; expected 0 or more"};

static int parse_level(const struct levels_reader *reader, const struct sqz_csv_row *row,
                       struct sqz_level *level, struct sqz_diag *diag)
{
    const struct sqz_csv_column *column = reader->column;
    double price, leverage, accounts;
    bool is_long;
    int error = sqz_cell_side(row, &column[SIDE], &is_long, diag);
    if (error == SQZ_OK)
        error = sqz_cell_within(row, &column[PRICE], &PRICES, &price, diag);
    if (error == SQZ_OK)
        error = sqz_cell_within(row, &column[NOTIONAL], &AMOUNTS, &level->notional_usd, diag);
    if (error == SQZ_OK && level->notional_usd > NOTIONAL_MAX_USD)
        error = sqz_cell_fail(row, &column[NOTIONAL], "is too large; expected up to 1e15", diag);
    if (error == SQZ_OK)
        error = sqz_cell_optional(row, &column[LEVERAGE], &AMOUNTS, 0.0, &leverage, diag);
    if (error == SQZ_OK)
        error = sqz_cell_optional(row, &column[ACCOUNTS], &AMOUNTS, 0.0, &accounts, diag);
    if (error != SQZ_OK)
        return error;
    level->side = is_long ? SQZ_DOWN : SQZ_UP;
    level->leverage = (float)leverage;
    level->distance_log =
        sqz_direction((enum sqz_side)level->side) * log(price / reader->terms->price_usd);
    return SQZ_OK;
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

static void survey_level(struct levels_reader *reader, const struct sqz_csv_row *row,
                         const struct sqz_level *level)
{
    struct survey *survey = &reader->survey;
    survey->rows++;
    survey->total_usd += level->notional_usd;
    if (level->distance_log <= 0 && survey->crossed++ == 0) {
        survey->crossed_line = row->line;
        survey->crossed_side = level->side;
        snprintf(survey->crossed_price, sizeof survey->crossed_price, "%s",
                 sqz_csv_field(row, &reader->column[PRICE]));
    }
    if (fabs(level->distance_log) <= M_LN2)
        return;
    if (survey->far++ == 0)
        survey->far_line = row->line;
    survey->far_usd += level->notional_usd;
    survey->swapped += fabs(log(level->notional_usd / reader->terms->price_usd)) <= M_LN2;
}

static int on_row(void *context, const struct sqz_csv_row *row, struct sqz_diag *diag)
{
    struct levels_reader *reader = context;
    int error = reserve_level(reader, diag);
    if (error == SQZ_OK)
        error = parse_level(reader, row, &reader->level[reader->count], diag);
    if (error == SQZ_OK)
        survey_level(reader, row, &reader->level[reader->count++]);
    return error;
}

/* ---- all levels together -------------------------------------------------------------------- */

static bool columns_swapped(const struct survey *survey)
{
    return survey->swapped > survey->rows / 2;
}

static bool mostly_far(const struct survey *survey)
{
    return survey->far > survey->rows / 2 && survey->far_usd > 0.5 * survey->total_usd;
}

static int check_crossed(const struct levels_reader *reader, const char *path,
                         struct sqz_diag *diag)
{
    const struct survey *survey = &reader->survey;
    const char *advice = "--allow-crossed fires such levels at time zero";
    bool up = survey->crossed_side == SQZ_UP;
    if (survey->crossed == 0 || reader->terms->allow_crossed)
        return SQZ_OK;
    if (columns_swapped(survey))
        advice = SWAPPED_COLUMNS;
    else if (mostly_far(survey))
        advice = FAR_LEVELS;
    else if (survey->crossed == survey->rows)
        advice = SWAPPED_SIDES;
    return sqz_fail_at(diag, SQZ_ERR_DATA, path, survey->crossed_line, reader->column[PRICE].name,
                       "%s level at %s is not %s the start price %.12g (%s)", up ? "short" : "long",
                       survey->crossed_price, up ? "above" : "below", reader->terms->price_usd,
                       advice);
}

static int remark_all(const struct levels_reader *reader, const char *path, struct sqz_diag *diag)
{
    const struct survey *survey = &reader->survey;
    struct sqz_remarks *remarks = reader->terms->remarks;
    const char *price = reader->column[PRICE].name;
    int error = SQZ_OK;
    if (columns_swapped(survey))
        error = sqz_remarks_add(remarks, "columns-swapped", path, survey->far_line, price, "%s",
                                SWAPPED_COLUMNS);
    else if (mostly_far(survey))
        error = sqz_remarks_add(remarks, "levels-far", path, survey->far_line, price,
                                "%zu of %zu: %s", survey->far, survey->rows, FAR_LEVELS);
    else if (survey->crossed == survey->rows)
        error = sqz_remarks_add(remarks, "all-crossed", path, survey->crossed_line, "side",
                                "all levels fire at time zero: %s", SWAPPED_SIDES);
    return error == SQZ_OK ? SQZ_OK : sqz_fail(diag, error, "no memory for remarks");
}

static int read_rows(struct levels_reader *reader, const char *path, struct sqz_digest *digest,
                     struct sqz_diag *diag)
{
    static const struct sqz_csv_column COLUMN[COLUMNS] = {
        [SIDE] = {.name = "side", .required = true},
        [PRICE] = {.name = "price_usd",
                   .required = true,
                   .aliases = "price liquidation_price liq_price",
                   .dimension = SQZ_DIM_USD},
        [NOTIONAL] = {.name = "notional_usd",
                      .required = true,
                      .aliases = "notional",
                      .dimension = SQZ_DIM_USD,
                      .unclear = "size qty quantity amount"},
        [LEVERAGE] = {.name = "leverage", .aliases = "lev", .multiple = true},
        [ACCOUNTS] = {.name = "accounts"}};
    memcpy(reader->column, COLUMN, sizeof COLUMN);
    const struct sqz_csv_table table = {.column = reader->column,
                                        .columns = COLUMNS,
                                        .what = "levels",
                                        .header = "side,price_usd,notional_usd",
                                        .handler = on_row,
                                        .context = reader,
                                        .memory = reader->terms->memory};
    return sqz_csv_read_table(path, &table, digest, diag);
}

int sqz_levels_read(struct sqz_ladder *ladder, const char *path,
                    const struct sqz_levels_terms *terms, struct sqz_digest *digest,
                    struct sqz_diag *diag)
{
    struct levels_reader reader = {.terms = terms};
    memset(ladder, 0, sizeof *ladder);
    int error = read_rows(&reader, path, digest, diag);
    if (error == SQZ_OK)
        error = check_crossed(&reader, path, diag);
    if (error == SQZ_OK)
        error = remark_all(&reader, path, diag);
    if (error == SQZ_OK)
        error = sqz_ladder_build(ladder, reader.level, reader.count, terms->scale, diag);
    free(reader.level);
    return error;
}

/* Around a price of 1 a level's distance is its log price, counted in the direction of its side. */
int sqz_levels_outline_read(struct sqz_levels_outline *outline, const char *path,
                            struct sqz_diag *diag)
{
    struct sqz_levels_terms terms = {.price_usd = 1, .scale = 1, .allow_crossed = true};
    struct levels_reader reader = {.terms = &terms};
    int error = read_rows(&reader, path, NULL, diag);
    *outline = (struct sqz_levels_outline){.nearest_usd = {NAN, NAN}};
    for (size_t i = 0; i < reader.count; i++) {
        const struct sqz_level *level = &reader.level[i];
        enum sqz_side side = (enum sqz_side)level->side;
        double price = exp(sqz_direction(side) * level->distance_log);
        double *nearest = &outline->nearest_usd[side];
        outline->count[side]++;
        outline->notional_usd[side] += level->notional_usd;
        if (isnan(*nearest) || sqz_direction(side) * (price - *nearest) < 0)
            *nearest = price;
    }
    free(reader.level);
    return error;
}
