#include "sim/io/tiers.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sim/io/cells.h"

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
enum unit { UNIT_UNKNOWN, COINS, USD, CONTRACTS, UNITS };
static const char *const UNIT_WORDS[] = {"coin", "usd", "contract", NULL}; /* from COINS on */

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

static const struct sqz_cell_limits LEVERAGES = {
    .lo = 0, .hi = INFINITY, .above_lo = true, .wrong = "is out of range; expected above 0"};
static const struct sqz_cell_limits SLOPES = {
    .lo = 0, .hi = INFINITY, .wrong = "is below 0; expected a rate that rises with size"};
static const struct sqz_cell_limits SHARES = {
    .lo = 0, .hi = 1, .above_lo = true, .wrong = "is out of range; expected above 0 and up to 1"};

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
    int error = sqz_cell_number(row, &column[FLOOR], &tier->floor, diag);
    if (error == SQZ_OK && !is_endless(sqz_csv_field(row, &column[CAP])))
        error = sqz_cell_number(row, &column[CAP], &tier->cap, diag);
    if (error == SQZ_OK && tier->cap <= tier->floor)
        error =
            sqz_cell_fail(row, &column[CAP], "is not above notional_floor; expected more", diag);
    return error;
}

static int parse_unit(const struct tiers_reader *reader, const struct sqz_csv_row *row,
                      enum unit *unit, struct sqz_diag *diag)
{
    const struct sqz_csv_column *column = &reader->column[UNIT];
    size_t word;
    *unit = UNIT_UNKNOWN;
    if (!sqz_cell_is_empty(row, column)) {
        int error = sqz_cell_word(row, column, UNIT_WORDS, &word, diag);
        if (error != SQZ_OK)
            return error;
        *unit = (enum unit)(COINS + word);
    }
    if (*unit == CONTRACTS && reader->contract_size == 0.0)
        return sqz_cell_fail(
            row, &reader->column[UNIT],
            "needs venue.contract_size; expected units of the quantity in one contract", diag);
    if (*unit == UNIT_UNKNOWN && reader->contract_size > 0.0)
        *unit = CONTRACTS;
    return SQZ_OK;
}

/* Maintenance as a share of the initial margin, that at the highest leverage if there is no other.
 * NAN: the row has none. */
static int parse_share(const struct tiers_reader *reader, const struct sqz_csv_row *row,
                       double max_leverage, double *rate, struct sqz_diag *diag)
{
    const struct sqz_csv_column *column = reader->column;
    double share, initial;
    int error = sqz_cell_optional(row, &column[SHARE], &SHARES, NAN, &share, diag);
    if (error == SQZ_OK)
        error = sqz_cell_optional(row, &column[INITIAL], NULL, 1.0 / max_leverage, &initial, diag);
    if (error == SQZ_OK && (initial < 0.0 || initial > 1.0))
        error = sqz_cell_fail(row, &column[INITIAL],
                              "is out of range; expected above 0 and up to 1", diag);
    if (error == SQZ_OK && share > 0.0 && initial == 0.0)
        error = sqz_cell_fail(row, &column[SHARE],
                              "has nothing to be a share of; expected imr or max_leverage", diag);
    *rate = error == SQZ_OK ? share * initial : NAN;
    return error;
}

static int parse_rate(const struct tiers_reader *reader, const struct sqz_csv_row *row,
                      struct sqz_tier *tier, struct sqz_diag *diag)
{
    const struct sqz_csv_column *column = reader->column;
    double shared;
    int error = parse_share(reader, row, tier->max_leverage, &shared, diag);
    if (error == SQZ_OK && isnan(shared) && sqz_cell_is_empty(row, &column[RATE]))
        return sqz_cell_fail(
            row, &column[RATE],
            "is empty; expected a rate, or maintenance_share of imr or of max_leverage", diag);
    if (error == SQZ_OK)
        error = isnan(shared)
                    ? sqz_cell_number(row, &column[RATE], &tier->rate, diag)
                    : sqz_cell_optional(row, &column[RATE], NULL, shared, &tier->rate, diag);
    if (error == SQZ_OK && !(tier->rate > 0.0 && tier->rate < 1.0))
        error = sqz_cell_fail(row, &column[RATE], "is out of range; expected above 0 and below 1",
                              diag);
    double rounding = half_digit_of(sqz_csv_field(row, &column[RATE]));
    if (error == SQZ_OK && fabs(tier->rate - shared) > DEDUCTION_TOLERANCE * shared + rounding)
        error = sqz_fail_at(diag, SQZ_ERR_DATA, row->file, row->line, column[RATE].name,
                            "is %.12g; expected %.12g, maintenance_share of the initial margin "
                            "(or nothing)",
                            tier->rate, shared);
    if (error == SQZ_OK)
        error = sqz_cell_optional(row, &column[SLOPE], &SLOPES, 0.0, &tier->slope, diag);
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
        error = sqz_cell_optional(row, &column[LEVERAGE], &LEVERAGES, INFINITY, &tier->max_leverage,
                                  diag);
    if (error == SQZ_OK)
        error = parse_rate(reader, row, tier, diag);
    if (error == SQZ_OK)
        error = sqz_cell_optional(row, &column[DEDUCTION], NULL, NAN, &tier->deduction, diag);
    if (error == SQZ_OK)
        error = sqz_cell_optional(row, &column[NUMBER], NULL, tier_row->number, &number, diag);
    if (error != SQZ_OK)
        return error;
    if (number != floor(number) || number < 0.0 || number > UINT32_MAX)
        return sqz_cell_fail(row, &column[NUMBER], "is not the number of a tier; expected 0, 1, ..",
                             diag);
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
        return sqz_cell_fail(row, floor, "is not above that of the tier before; expected more",
                             diag);
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
        return sqz_cell_fail(row, &column[FLOOR],
                             "is not where sizes begin; expected 0 in a first tier", diag);
    if (before == NULL)
        return SQZ_OK;
    if (tier_row->unit != before->unit)
        return sqz_cell_fail(row, &column[UNIT],
                             "is another than in the tier before; expected one in a table", diag);
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
        return sqz_cell_fail(row, &reader->column[SYMBOL],
                             "is empty; expected the name of a market", diag);
    for (size_t t = 0; t < tables->count; t++) {
        if (strcmp(tables->table[t].symbol, symbol) != 0)
            continue;
        *table = t;
        return t + 1 == tables->count
                   ? SQZ_OK
                   : sqz_cell_fail(row, &reader->column[SYMBOL],
                                   "has rows further up; expected the rows of a symbol together",
                                   diag);
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
    struct tier_row tier_row = {.line = row->line, .number = 1};
    int error = reserve(reader, diag);
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
            table->unit_given = tier_row->unit != UNIT_UNKNOWN;
            table->typed_line = tier_row->rate_typed ? tier_row->line : 0;
            table->number = &tables->number[k];
        }
        table->tiers.count++;
    }
    return SQZ_OK;
}

/* ---- tables -------------------------------------------------------------------------------- */

int sqz_tiers_read(struct sqz_tier_tables *tables, const char *path, bool deducted,
                   double contract_size, struct sqz_digest *digest, struct sqz_diag *diag)
{
    struct tiers_reader reader = {
        .tables = tables,
        .deducted = deducted,
        .contract_size = contract_size,
        .file = path,
        .column = {[FLOOR] = {.name = "notional_floor", .required = true},
                   [CAP] = {.name = "notional_cap"},
                   [RATE] = {.name = "mmr", .dimension = SQZ_DIM_NUMBER},
                   [SLOPE] = {.name = "mmr_slope"},
                   [INITIAL] = {.name = "imr", .dimension = SQZ_DIM_NUMBER},
                   [SHARE] = {.name = "maintenance_share", .dimension = SQZ_DIM_NUMBER},
                   [UNIT] = {.name = "unit"},
                   [SYMBOL] = {.name = "symbol"},
                   [NUMBER] = {.name = "tier"},
                   [LEVERAGE] = {.name = "max_leverage"},
                   [DEDUCTION] = {.name = "maint_amount"},
                   [EXCHANGE] = {.name = "exchange"}}};
    memset(tables, 0, sizeof *tables);
    const struct sqz_csv_table table = {.column = reader.column,
                                        .columns = COLUMNS,
                                        .what = "margin tiers",
                                        .header = "notional_floor,notional_cap,mmr",
                                        .handler = on_row,
                                        .context = &reader};
    int error = sqz_csv_read_table(path, &table, digest, diag);
    if (error == SQZ_OK)
        error = settle(&reader, diag);
    free(reader.tier_row);
    return error;
}
