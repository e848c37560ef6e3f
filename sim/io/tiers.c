#include "sim/io/tiers.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sim/io/nearest.h"

enum {
    FLOOR,
    CAP,
    RATE,
    SLOPE,
    INITIAL,
    SHARE,
    UNIT,
    SYMBOL,
    NUMBER,
    LEVERAGE,
    DEDUCTION,
    EXCHANGE,
    COLUMNS
};

/* What the sizes of a table count. */
enum unit { UNTOLD, COINS, USD, CONTRACTS, UNITS };
static const char *const UNIT_WORD[UNITS] = {"", "coin", "usd", "contract"};

/* A row as it is read. */
struct tier_row {
    struct sqz_tier tier; /* its deduction is NAN if the file gives none */
    enum unit unit;
    uint32_t number;
    size_t table;
    long line;
    bool rate_typed;   /* as a number, without % */
    double half_digit; /* by how much the deduction may be off as it is printed */
};

struct tiers_reader {
    struct sqz_tier_tables *tables;
    bool deducted;
    double contract_size;
    struct sqz_csv_column column[COLUMNS];
    size_t width;
    struct tier_row *tier_row;
    size_t count, capacity;
    const char *file;
};

/* A published deduction agrees with the tiers to this share; exchanges print rates in full, so
 * that this is more than enough for anything but a wrong number. */
static const double DEDUCTION_TOLERANCE = 1e-6;

static int no_memory(struct sqz_diag *diag)
{
    return sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for a table of margin tiers");
}

/* ---- cells --------------------------------------------------------------------------------- */

static int fail(const struct sqz_csv_row *row, const struct sqz_csv_column *column,
                struct sqz_diag *diag, const char *expected)
{
    return sqz_fail_at(diag, SQZ_ERR_DATA, row->file, row->line, column->name, "'%s' %s",
                       sqz_csv_field(row, column), expected);
}

static int parse_number(const struct sqz_csv_row *row, const struct sqz_csv_column *column,
                        double *value, struct sqz_diag *diag)
{
    return sqz_csv_number(row, column, value, diag);
}

/* The same, where an empty cell or a missing column stands for `standard`. */
static int parse_optional(const struct sqz_csv_row *row, const struct sqz_csv_column *column,
                          double standard, double *value, struct sqz_diag *diag)
{
    *value = standard;
    return sqz_csv_field(row, column)[0] == '\0' ? SQZ_OK : parse_number(row, column, value, diag);
}

/* Half a unit of the last digit of a number as it is written; 0 where it is written with an
 * exponent. */
static double half_digit_of(const char *text)
{
    const char *point = strchr(text, '.');
    if (text[0] == '\0' || strpbrk(text, "eE") != NULL)
        return 0.0;
    return point == NULL ? 0.5 : 0.5 * pow(10.0, -(double)strlen(point + 1));
}

static bool is_endless(const char *text)
{
    return text[0] == '\0' || strcasecmp(text, "inf") == 0 || strcasecmp(text, "infinity") == 0;
}

/* A file without caps has them where the next tier begins. */
static int parse_sizes(const struct tiers_reader *reader, const struct sqz_csv_row *row,
                       struct sqz_tier *tier, struct sqz_diag *diag)
{
    const struct sqz_csv_column *column = reader->column;
    tier->cap = INFINITY;
    int error = parse_number(row, &column[FLOOR], &tier->floor, diag);
    if (error == SQZ_OK && !is_endless(sqz_csv_field(row, &column[CAP])))
        error = parse_number(row, &column[CAP], &tier->cap, diag);
    if (error == SQZ_OK && tier->cap <= tier->floor)
        error = fail(row, &column[CAP], diag, "is not above notional_floor; expected more");
    return error;
}

static int parse_unit(const struct tiers_reader *reader, const struct sqz_csv_row *row,
                      enum unit *unit, struct sqz_diag *diag)
{
    const char *text = sqz_csv_field(row, &reader->column[UNIT]);
    *unit = UNTOLD;
    while (*unit < UNITS && strcasecmp(text, UNIT_WORD[*unit]) != 0)
        ++*unit;
    if (*unit == UNITS)
        return fail(row, &reader->column[UNIT], diag, "is unknown; expected coin, usd or contract");
    if (*unit == CONTRACTS && reader->contract_size == 0.0)
        return fail(row, &reader->column[UNIT], diag,
                    "needs venue.contract_size; expected units of the quantity in one contract");
    if (*unit == UNTOLD && reader->contract_size > 0.0)
        *unit = CONTRACTS;
    return SQZ_OK;
}

/* Maintenance as a share of the initial margin, that at the highest leverage if no other is told.
 * NAN: it is not told so. */
static int parse_share(const struct tiers_reader *reader, const struct sqz_csv_row *row,
                       double max_leverage, double *rate, struct sqz_diag *diag)
{
    const struct sqz_csv_column *column = reader->column;
    double share, initial;
    int error = parse_optional(row, &column[SHARE], NAN, &share, diag);
    if (error == SQZ_OK)
        error = parse_optional(row, &column[INITIAL], 1.0 / max_leverage, &initial, diag);
    if (error == SQZ_OK && (share <= 0.0 || share > 1.0))
        error = fail(row, &column[SHARE], diag, "is out of range; expected above 0 and up to 1");
    if (error == SQZ_OK && (initial < 0.0 || initial > 1.0))
        error = fail(row, &column[INITIAL], diag, "is out of range; expected above 0 and up to 1");
    if (error == SQZ_OK && share > 0.0 && initial == 0.0)
        error = fail(row, &column[SHARE], diag,
                     "has nothing to be a share of; expected imr or max_leverage");
    *rate = error == SQZ_OK ? share * initial : NAN;
    return error;
}

static int parse_rate(const struct tiers_reader *reader, const struct sqz_csv_row *row,
                      struct sqz_tier *tier, struct sqz_diag *diag)
{
    const struct sqz_csv_column *column = reader->column;
    double shared;
    int error = parse_share(reader, row, tier->max_leverage, &shared, diag);
    if (error == SQZ_OK && isnan(shared) && sqz_csv_field(row, &column[RATE])[0] == '\0')
        return fail(row, &column[RATE], diag,
                    "is empty; expected a rate, or maintenance_share of imr or of max_leverage");
    if (error == SQZ_OK)
        error = isnan(shared) ? parse_number(row, &column[RATE], &tier->rate, diag)
                              : parse_optional(row, &column[RATE], shared, &tier->rate, diag);
    if (error == SQZ_OK && !(tier->rate > 0.0 && tier->rate < 1.0))
        error = fail(row, &column[RATE], diag, "is out of range; expected above 0 and below 1");
    double rounding = half_digit_of(sqz_csv_field(row, &column[RATE]));
    if (error == SQZ_OK && fabs(tier->rate - shared) > DEDUCTION_TOLERANCE * shared + rounding)
        error = sqz_fail_at(diag, SQZ_ERR_DATA, row->file, row->line, column[RATE].name,
                            "is %.12g; expected %.12g, maintenance_share of the initial margin "
                            "(or nothing)",
                            tier->rate, shared);
    if (error == SQZ_OK)
        error = parse_optional(row, &column[SLOPE], 0.0, &tier->slope, diag);
    if (error == SQZ_OK && tier->slope < 0.0)
        error = fail(row, &column[SLOPE], diag, "is below 0; expected a rate that rises with size");
    return error;
}

static int parse_tier(const struct tiers_reader *reader, const struct sqz_csv_row *row,
                      struct tier_row *tier_row, struct sqz_diag *diag)
{
    const struct sqz_csv_column *column = reader->column;
    struct sqz_tier *tier = &tier_row->tier;
    double number;
    int error = parse_sizes(reader, row, tier, diag);
    if (error == SQZ_OK)
        error = parse_unit(reader, row, &tier_row->unit, diag);
    if (error == SQZ_OK)
        error = parse_optional(row, &column[LEVERAGE], INFINITY, &tier->max_leverage, diag);
    if (error == SQZ_OK && tier->max_leverage <= 0.0)
        error = fail(row, &column[LEVERAGE], diag, "is out of range; expected above 0");
    if (error == SQZ_OK)
        error = parse_rate(reader, row, tier, diag);
    if (error == SQZ_OK)
        error = parse_optional(row, &column[DEDUCTION], NAN, &tier->deduction, diag);
    if (error == SQZ_OK)
        error = parse_optional(row, &column[NUMBER], tier_row->number, &number, diag);
    if (error != SQZ_OK)
        return error;
    if (number != floor(number) || number < 0.0 || number > UINT32_MAX)
        return fail(row, &column[NUMBER], diag, "is not the number of a tier; expected 0, 1, ..");
    const char *rate = sqz_csv_field(row, &column[RATE]);
    tier_row->rate_typed = rate[0] != '\0' && strchr(rate, '%') == NULL;
    tier_row->number = (uint32_t)number;
    tier_row->half_digit = half_digit_of(sqz_csv_field(row, &column[DEDUCTION]));
    return SQZ_OK;
}

/* ---- rows ---------------------------------------------------------------------------------- */

/* A tier begins where the one before it ends. Where tiers count contracts, "2001 to 4000"
 * after "to 2000" leaves nothing out; the floor then is the cap before. */
static int join_sizes(const struct tiers_reader *reader, const struct sqz_csv_row *row,
                      struct tier_row *before, struct tier_row *tier_row, struct sqz_diag *diag)
{
    const struct sqz_csv_column *floor = &reader->column[FLOOR], *end = &reader->column[CAP];
    struct sqz_tier *tier = &tier_row->tier;
    if (end->index == SQZ_CSV_ABSENT && tier->floor > before->tier.floor)
        before->tier.cap = tier->floor;
    double cap = before->tier.cap;
    if (cap == INFINITY && end->index == SQZ_CSV_ABSENT)
        return fail(row, floor, diag, "is not above that of the tier before; expected more");
    if (cap == INFINITY)
        return sqz_fail_at(diag, SQZ_ERR_DATA, row->file, before->line, end->name,
                           "is without an end, but another tier follows on line %ld; expected "
                           "a number",
                           row->line);
    bool counts = tier_row->unit == CONTRACTS;
    if (tier->floor != cap && !(counts && tier->floor == cap + 1.0))
        return sqz_fail_at(diag, SQZ_ERR_DATA, row->file, row->line, floor->name,
                           "the tier begins at %.12g, but the one before it ends at %.12g; "
                           "expected %.12g%s",
                           tier->floor, cap, cap, counts ? " or one contract more" : "");
    tier->floor = cap;
    return SQZ_OK;
}

static int join(const struct tiers_reader *reader, const struct sqz_csv_row *row,
                struct tier_row *before, struct tier_row *tier_row, struct sqz_diag *diag)
{
    const struct sqz_csv_column *column = reader->column;
    struct sqz_tier *tier = &tier_row->tier;
    if (before == NULL && tier->floor != 0.0)
        return fail(row, &column[FLOOR], diag,
                    "is not where sizes begin; expected 0 in a first tier");
    if (before == NULL)
        return SQZ_OK;
    if (tier_row->unit != before->unit)
        return fail(row, &column[UNIT], diag,
                    "is another than in the tier before; expected one in a table");
    int error = join_sizes(reader, row, before, tier_row, diag);
    if (error != SQZ_OK)
        return error;
    double rate = tier->rate + tier->slope * tier->floor;
    double rate_before = before->tier.rate + before->tier.slope * tier->floor;
    if (rate < rate_before)
        return sqz_fail_at(
            diag, SQZ_ERR_DATA, row->file, row->line, column[RATE].name,
            "'%.12g' is below the %.12g of the tier before; expected rates that rise", rate,
            rate_before);
    return SQZ_OK;
}

/* The table that a row belongs to: the last one, or a new one. */
static int enter_table(struct tiers_reader *reader, const struct sqz_csv_row *row, size_t *table,
                       struct sqz_diag *diag)
{
    struct sqz_tier_tables *tables = reader->tables;
    const char *symbol = sqz_csv_field(row, &reader->column[SYMBOL]);
    if (symbol[0] == '\0' && reader->column[SYMBOL].index != SQZ_CSV_ABSENT)
        return fail(row, &reader->column[SYMBOL], diag, "is empty; expected the name of a market");
    for (size_t t = 0; t < tables->count; t++) {
        if (strcmp(tables->table[t].symbol, symbol) != 0)
            continue;
        *table = t;
        return t + 1 == tables->count
                   ? SQZ_OK
                   : fail(row, &reader->column[SYMBOL], diag,
                          "has rows further up; expected the rows of a symbol together");
    }
    struct sqz_tier_table *bigger =
        realloc(tables->table, (tables->count + 1) * sizeof *tables->table);
    if (bigger == NULL)
        return no_memory(diag);
    tables->table = bigger;
    bigger[tables->count] = (struct sqz_tier_table){.symbol = strdup(symbol)};
    if (bigger[tables->count].symbol == NULL)
        return no_memory(diag);
    *table = tables->count++;
    return SQZ_OK;
}

static int reserve(struct tiers_reader *reader, struct sqz_diag *diag)
{
    if (reader->count < reader->capacity)
        return SQZ_OK;
    size_t capacity = reader->capacity > 0 ? 2 * reader->capacity : 64;
    struct tier_row *tier_row = realloc(reader->tier_row, capacity * sizeof *tier_row);
    if (tier_row == NULL)
        return no_memory(diag);
    reader->tier_row = tier_row;
    reader->capacity = capacity;
    return SQZ_OK;
}

static int on_row(void *context, const struct sqz_csv_row *row, struct sqz_diag *diag)
{
    struct tiers_reader *reader = context;
    if (reader->width == 0) {
        reader->width = row->count;
        return sqz_csv_match(row, reader->column, COLUMNS, diag);
    }
    struct tier_row tier_row = {.line = row->line, .number = 1};
    int error = sqz_csv_check_width(row, reader->width, diag);
    if (error == SQZ_OK)
        error = reserve(reader, diag);
    if (error == SQZ_OK)
        error = enter_table(reader, row, &tier_row.table, diag);
    if (error != SQZ_OK)
        return error;
    struct tier_row *before = reader->count > 0 ? &reader->tier_row[reader->count - 1] : NULL;
    if (before != NULL && before->table != tier_row.table)
        before = NULL;
    if (before != NULL)
        tier_row.number = before->number + 1;
    error = parse_tier(reader, row, &tier_row, diag);
    if (error == SQZ_OK)
        error = join(reader, row, before, &tier_row, diag);
    if (error == SQZ_OK)
        reader->tier_row[reader->count++] = tier_row;
    return error;
}

/* ---- deductions ---------------------------------------------------------------------------- */

/* Check the deduction of a tier, or work it out. What is printed is rounded to its last digit,
 * and so is that of the tier before, from which it is computed. */
static int settle_deduction(const struct tiers_reader *reader, const struct tier_row *before,
                            struct tier_row *tier_row, struct sqz_diag *diag)
{
    double expected = 0.0, half_digit = tier_row->half_digit;
    bool deducted = reader->deducted && tier_row->unit != CONTRACTS;
    if (deducted && before != NULL) {
        expected = sqz_tiers_deduction(&before->tier, &tier_row->tier);
        half_digit += before->half_digit;
    } else {
        half_digit = tier_row->half_digit = 0.0; /* nothing is not rounded */
    }
    if (isnan(tier_row->tier.deduction)) {
        tier_row->tier.deduction = expected;
        return SQZ_OK;
    }
    if (fabs(tier_row->tier.deduction - expected) <= DEDUCTION_TOLERANCE * expected + half_digit)
        return SQZ_OK;
    return sqz_fail_at(diag, SQZ_ERR_DATA, reader->file, tier_row->line,
                       reader->column[DEDUCTION].name, "is %.12g; expected %.12g%s",
                       tier_row->tier.deduction, expected,
                       deducted ? ", with which maintenance is continuous (or nothing)"
                                : " (or nothing), as there are no deductions here");
}

static const enum sqz_size_unit SIZE_UNIT[UNITS] = {SQZ_SIZE_CURRENCY, SQZ_SIZE_COIN, SQZ_SIZE_USD,
                                                    SQZ_SIZE_CURRENCY};

/* Only after all rows: a gap explains a wrong deduction, not the other way round. */
static int settle(struct tiers_reader *reader, struct sqz_diag *diag)
{
    struct sqz_tier_tables *tables = reader->tables;
    tables->tier = malloc(reader->count * sizeof *tables->tier);
    tables->number = malloc(reader->count * sizeof *tables->number);
    if (tables->tier == NULL || tables->number == NULL)
        return no_memory(diag);
    for (size_t k = 0; k < reader->count; k++) {
        struct tier_row *tier_row = &reader->tier_row[k];
        struct sqz_tier_table *table = &tables->table[tier_row->table];
        bool first = table->tiers.count == 0;
        int error = settle_deduction(reader, first ? NULL : tier_row - 1, tier_row, diag);
        if (error != SQZ_OK)
            return error;
        tables->tier[k] = tier_row->tier;
        tables->number[k] = tier_row->number;
        if (first) {
            table->tiers.tier = &tables->tier[k];
            table->tiers.contract_size = tier_row->unit == CONTRACTS ? reader->contract_size : 0.0;
            table->tiers.unit = SIZE_UNIT[tier_row->unit];
            table->unit_given = tier_row->unit != UNTOLD;
            table->typed_line = tier_row->rate_typed ? tier_row->line : 0;
            table->number = &tables->number[k];
        }
        table->tiers.count++;
    }
    return SQZ_OK;
}

/* ---- tables -------------------------------------------------------------------------------- */

int sqz_tiers_read(struct sqz_tier_tables *tables, const char *path,
                   const struct sqz_tiers_terms *terms, struct sqz_digest *digest,
                   struct sqz_diag *diag)
{
    struct tiers_reader reader = {
        .tables = tables,
        .deducted = terms->deducted,
        .contract_size = terms->contract_size,
        .file = path,
        .column = {[FLOOR] = {"notional_floor", true, 0},
                   [CAP] = {"notional_cap", false, 0},
                   [RATE] = {"mmr", false, 0, NULL, SQZ_DIM_NUMBER},
                   [SLOPE] = {"mmr_slope", false, 0},
                   [INITIAL] = {"imr", false, 0, NULL, SQZ_DIM_NUMBER},
                   [SHARE] = {"maintenance_share", false, 0, NULL, SQZ_DIM_NUMBER},
                   [UNIT] = {"unit", false, 0},
                   [SYMBOL] = {"symbol", false, 0},
                   [NUMBER] = {"tier", false, 0},
                   [LEVERAGE] = {"max_leverage", false, 0},
                   [DEDUCTION] = {"maint_amount", false, 0},
                   [EXCHANGE] = {"exchange", false, 0}}};
    memset(tables, 0, sizeof *tables);
    int error = sqz_csv_read_among(terms->memory, path, on_row, &reader, digest, diag);
    if (error == SQZ_OK && reader.width == 0)
        error = sqz_fail_at(diag, SQZ_ERR_DATA, path, 0, NULL,
                            "is empty; expected margin tiers, notional_floor,notional_cap,mmr");
    if (error == SQZ_OK && reader.count == 0)
        error = sqz_fail_at(diag, SQZ_ERR_DATA, path, 0, NULL,
                            "has no margin tiers; expected at least one row after the header");
    if (error == SQZ_OK)
        error = settle(&reader, diag);
    free(reader.tier_row);
    return error;
}
