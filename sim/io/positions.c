#include "sim/io/positions.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    SIDE,
    ENTRY,
    QUANTITY,
    LEVERAGE,
    MODE,
    MARGIN,
    ACCOUNT,
    CONTRACT,
    RATE,
    DEDUCTION,
    FEE,
    EXTRA,
    OTHER_PNL,
    OTHER_MAINTENANCE,
    SYMBOL,
    COLUMNS
};

/* What the first cross position of an account was; line 0: none so far. */
struct first_cross {
    long line;
    enum sqz_contract contract;
    uint32_t symbol;
};

struct positions_reader {
    struct sqz_positions *positions;
    const struct sqz_margin_terms *terms;
    struct sqz_csv_column column[COLUMNS];
    size_t width, capacity;
    double fee;                /* of the venue */
    struct first_cross *first; /* by account */
    size_t n_first;
    const struct sqz_tiers **tiers; /* by symbol; NULL: not looked for yet */
    size_t n_tiers;
};

static int no_memory(const struct positions_reader *reader, struct sqz_diag *diag)
{
    return sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for more than %zu positions",
                    reader->positions->count);
}

/* ---- cells --------------------------------------------------------------------------------- */

static int fail(const struct sqz_csv_row *row, const struct sqz_csv_column *column,
                struct sqz_diag *diag, const char *expected)
{
    return sqz_fail_at(diag, SQZ_ERR_DATA, row->file, row->line, column->name, "'%s' %s",
                       sqz_csv_field(row, column), expected);
}

/* What a number may be. */
struct range {
    double lo, hi;
    bool above_lo, below_hi;
    const char *wrong;
};

/* No account holds more, and no price is further from 1; it keeps every sum finite. */
#define AMOUNT_MAX_USD 1e15
#define PRICE_MIN_USD 1e-15
static const struct range PRICE = {PRICE_MIN_USD, AMOUNT_MAX_USD, false, false,
                                   "is not a price; expected 1e-15 to 1e15"};
static const struct range SIZE = {0, INFINITY, true, false, "is not a quantity; expected above 0"};
static const struct range MULTIPLE = {0, INFINITY, true, false,
                                      "is not a leverage; expected above 0"};
static const struct range SHARE = {0, 1, false, true, "is out of range; expected 0 to below 1"};
static const struct range AMOUNT = {0, AMOUNT_MAX_USD, false, false,
                                    "is out of range; expected 0 to 1e15"};
static const struct range CHANGE = {-AMOUNT_MAX_USD, AMOUNT_MAX_USD, false, false,
                                    "is out of range; expected -1e15 to 1e15"};

static int parse_number(const struct sqz_csv_row *row, const struct sqz_csv_column *column,
                        const struct range *range, double *value, struct sqz_diag *diag)
{
    int error = sqz_csv_number(row, column, value, diag);
    if (error != SQZ_OK)
        return error;
    if (*value < range->lo || *value > range->hi || (range->above_lo && *value == range->lo) ||
        (range->below_hi && *value == range->hi))
        return fail(row, column, diag, range->wrong);
    return SQZ_OK;
}

static bool is_empty(const struct sqz_csv_row *row, const struct sqz_csv_column *column)
{
    return sqz_csv_field(row, column)[0] == '\0';
}

/* The same, where an empty cell or a missing column stands for `standard`. */
static int parse_optional(const struct sqz_csv_row *row, const struct sqz_csv_column *column,
                          const struct range *range, double standard, double *value,
                          struct sqz_diag *diag)
{
    *value = standard;
    return is_empty(row, column) ? SQZ_OK : parse_number(row, column, range, value, diag);
}

/* One of two words; `chosen` is whether it is the second. */
static int parse_word(const struct sqz_csv_row *row, const struct sqz_csv_column *column,
                      const char *first, const char *second, bool *chosen, struct sqz_diag *diag)
{
    const char *text = sqz_csv_field(row, column);
    *chosen = sqz_csv_is(row, column, second);
    if (*chosen || sqz_csv_is(row, column, first))
        return SQZ_OK;
    return sqz_fail_at(diag, SQZ_ERR_DATA, row->file, row->line, column->name,
                       "'%s' is unknown; expected %s or %s", text, first, second);
}

/* ---- what the position is ------------------------------------------------------------------ */

/* USD amounts of an inverse position are coin at its entry price. */
static double in_currency(const struct sqz_position *position, double usd)
{
    return position->contract == SQZ_LINEAR ? usd : usd / position->entry_usd;
}

static double entry_value_usd(const struct sqz_position *position)
{
    return sqz_margin_notional_usd(position, position->quantity, position->entry_usd);
}

static int parse_contract(const struct positions_reader *reader, const struct sqz_csv_row *row,
                          struct sqz_position *position, struct sqz_diag *diag)
{
    const struct sqz_csv_column *column = reader->column;
    bool is_long, inverse = false;
    int error = sqz_csv_side(row, &column[SIDE], &is_long, diag);
    if (error == SQZ_OK && !is_empty(row, &column[CONTRACT]))
        error = parse_word(row, &column[CONTRACT], "linear", "inverse", &inverse, diag);
    if (error == SQZ_OK)
        error = parse_number(row, &column[ENTRY], &PRICE, &position->entry_usd, diag);
    if (error == SQZ_OK)
        error = parse_number(row, &column[QUANTITY], &SIZE, &position->quantity, diag);
    if (error != SQZ_OK)
        return error;
    position->side = is_long ? SQZ_DOWN : SQZ_UP;
    position->contract = inverse ? SQZ_INVERSE : SQZ_LINEAR;
    if (entry_value_usd(position) > AMOUNT_MAX_USD)
        return sqz_fail_at(diag, SQZ_ERR_DATA, row->file, row->line, column[QUANTITY].name,
                           "the position is worth %g usd; expected up to 1e15",
                           entry_value_usd(position));
    return SQZ_OK;
}

/* ---- whose it is --------------------------------------------------------------------------- */

/* Make room for `count` elements of an array that so far has `*has`, zeroed. */
static bool extend(void **array, size_t *has, size_t count, size_t element)
{
    if (count <= *has)
        return true;
    size_t wanted = 2 * count;
    char *bigger = realloc(*array, wanted * element);
    if (bigger == NULL)
        return false;
    memset(bigger + *has * element, 0, (wanted - *has) * element);
    *array = bigger;
    *has = wanted;
    return true;
}

/* Positions that share one equity must be settled in one currency. */
static int check_account(struct positions_reader *reader, const struct sqz_csv_row *row,
                         const struct sqz_holding *holding, uint32_t symbol, struct sqz_diag *diag)
{
    static const char *const KIND[] = {[SQZ_LINEAR] = "linear", [SQZ_INVERSE] = "inverse"};
    void *array = reader->first;
    bool done =
        extend(&array, &reader->n_first, (size_t)holding->holder + 1, sizeof *reader->first);
    reader->first = array;
    if (!done)
        return no_memory(reader, diag);
    struct first_cross *first = &reader->first[holding->holder];
    enum sqz_contract contract = holding->position.contract;
    if (first->line == 0)
        *first = (struct first_cross){row->line, contract, symbol};
    const char *account = sqz_csv_field(row, &reader->column[ACCOUNT]);
    if (first->contract != contract)
        return sqz_fail_at(diag, SQZ_ERR_DATA, row->file, row->line, reader->column[CONTRACT].name,
                           "is %s in the cross account '%s', which is %s on line %ld; expected one "
                           "kind in an account",
                           KIND[contract], account, KIND[first->contract], first->line);
    if (contract == SQZ_INVERSE && first->symbol != symbol)
        return sqz_fail_at(diag, SQZ_ERR_DATA, row->file, row->line, reader->column[SYMBOL].name,
                           "'%s' is another than on line %ld of the cross account '%s'; expected "
                           "one symbol in an account of inverse positions, which secure each other "
                           "in one coin",
                           sqz_csv_field(row, &reader->column[SYMBOL]), first->line, account);
    return SQZ_OK;
}

static int parse_account(struct positions_reader *reader, const struct sqz_csv_row *row,
                         struct sqz_holding *holding, uint32_t symbol, struct sqz_diag *diag)
{
    const struct sqz_csv_column *column = reader->column;
    int error = parse_word(row, &column[MODE], "isolated", "cross", &holding->cross, diag);
    if (error == SQZ_OK && holding->cross && is_empty(row, &column[ACCOUNT]))
        error = sqz_fail_at(diag, SQZ_ERR_DATA, row->file, row->line, column[ACCOUNT].name,
                            "is empty; expected the account whose equity a cross position shares");
    if (error == SQZ_OK)
        error = sqz_names_number(&reader->positions->accounts, sqz_csv_field(row, &column[ACCOUNT]),
                                 &holding->holder, diag);
    if (error == SQZ_OK && holding->cross)
        error = check_account(reader, row, holding, symbol, diag);
    return error;
}

/* ---- what it must be worth ----------------------------------------------------------------- */

/* A position without a symbol has that of the market. */
static int parse_symbol(struct positions_reader *reader, const struct sqz_csv_row *row,
                        uint32_t *symbol, struct sqz_diag *diag)
{
    const char *name = sqz_csv_field(row, &reader->column[SYMBOL]), *market = reader->terms->symbol;
    if (market != NULL && name[0] != '\0' && strcmp(name, market) != 0)
        return fail(row, &reader->column[SYMBOL], diag,
                    "is not the market of the scenario; expected what its key symbol says");
    if (market != NULL && name[0] == '\0')
        name = market;
    return sqz_names_number(&reader->positions->symbols, name, symbol, diag);
}

/* The brackets of a symbol, which are looked for once. */
static int find_tiers(struct positions_reader *reader, const struct sqz_csv_row *row,
                      uint32_t symbol, const struct sqz_tiers **tiers, struct sqz_diag *diag)
{
    void *array = reader->tiers;
    bool done = extend(&array, &reader->n_tiers, (size_t)symbol + 1, sizeof *reader->tiers);
    reader->tiers = array;
    if (!done)
        return no_memory(reader, diag);
    if (reader->tiers[symbol] == NULL) {
        struct sqz_diag why = {0};
        int error = sqz_tiers_find(&reader->terms->tables,
                                   sqz_names_text(&reader->positions->symbols, symbol),
                                   &reader->tiers[symbol], &why);
        if (error != SQZ_OK)
            return sqz_fail_at(diag, error, row->file, row->line, reader->column[SYMBOL].name, "%s",
                               why.message);
    }
    *tiers = reader->tiers[symbol];
    return SQZ_OK;
}

/* Deductions of a table are in USD, an inverse position's maintenance is in coin. */
static int check_currency(const struct positions_reader *reader, const struct sqz_csv_row *row,
                          const struct sqz_position *position, struct sqz_diag *diag)
{
    const struct sqz_tiers *tiers = position->tiers;
    for (size_t k = 0; position->contract == SQZ_INVERSE && k < tiers->count; k++)
        if (tiers->tier[k].deduction != 0.0)
            return sqz_fail_at(
                diag, SQZ_ERR_DATA, row->file, row->line, reader->column[CONTRACT].name,
                "is inverse, but the brackets of venue.tiers have deductions in usd; "
                "expected linear, or mmr and maintenance_deduction_usd");
    return SQZ_OK;
}

static int parse_maintenance(struct positions_reader *reader, const struct sqz_csv_row *row,
                             struct sqz_position *position, uint32_t symbol, struct sqz_diag *diag)
{
    const struct sqz_csv_column *column = reader->column;
    double deduction_usd;
    int error = parse_optional(row, &column[RATE], &SHARE, NAN, &position->rate, diag);
    if (error == SQZ_OK)
        error = parse_optional(row, &column[DEDUCTION], &AMOUNT, 0.0, &deduction_usd, diag);
    if (error == SQZ_OK && isnan(position->rate) && !is_empty(row, &column[DEDUCTION]))
        error = fail(row, &column[DEDUCTION], diag, "is given without mmr; expected both or none");
    if (error != SQZ_OK)
        return error;
    if (!isnan(position->rate)) {
        position->deduction = in_currency(position, deduction_usd);
        if (deduction_usd > position->rate * entry_value_usd(position))
            return fail(row, &column[DEDUCTION], diag,
                        "is more than mmr asks for at the entry; expected less");
        return SQZ_OK;
    }
    position->rate = reader->terms->params.maintenance;
    if (reader->terms->tables.count == 0)
        return SQZ_OK;
    error = find_tiers(reader, row, symbol, &position->tiers, diag);
    return error == SQZ_OK ? check_currency(reader, row, position, diag) : error;
}

static int parse_margin(const struct positions_reader *reader, const struct sqz_csv_row *row,
                        struct sqz_position *position, struct sqz_diag *diag)
{
    const struct sqz_csv_column *column = reader->column;
    double leverage, margin_usd, extra_usd, most = sqz_margin_max_leverage(position);
    int error = parse_optional(row, &column[LEVERAGE], &MULTIPLE, NAN, &leverage, diag);
    if (error == SQZ_OK && leverage > most)
        error =
            sqz_fail_at(diag, SQZ_ERR_DATA, row->file, row->line, column[LEVERAGE].name,
                        "'%s' is too high; expected up to %.12g, as its bracket at entry allows",
                        sqz_csv_field(row, &column[LEVERAGE]), most);
    if (error == SQZ_OK && isnan(leverage) && is_empty(row, &column[MARGIN]))
        error = sqz_fail_at(diag, SQZ_ERR_DATA, row->file, row->line, column[LEVERAGE].name,
                            "is empty, and so is margin_usd; expected one of them");
    if (error == SQZ_OK)
        error = parse_optional(row, &column[MARGIN], &AMOUNT, entry_value_usd(position) / leverage,
                               &margin_usd, diag);
    if (error == SQZ_OK && margin_usd > AMOUNT_MAX_USD)
        error = fail(row, &column[LEVERAGE], diag, "is a margin above 1e15 usd; expected more");
    if (error == SQZ_OK)
        error = parse_optional(row, &column[EXTRA], &CHANGE, 0.0, &extra_usd, diag);
    if (error == SQZ_OK)
        position->collateral = in_currency(position, margin_usd + extra_usd);
    return error;
}

static int parse_others(const struct positions_reader *reader, const struct sqz_csv_row *row,
                        struct sqz_position *position, struct sqz_diag *diag)
{
    const struct sqz_csv_column *column = reader->column;
    double pnl_usd, maintenance_usd;
    int error = parse_optional(row, &column[OTHER_PNL], &CHANGE, 0.0, &pnl_usd, diag);
    if (error == SQZ_OK)
        error =
            parse_optional(row, &column[OTHER_MAINTENANCE], &AMOUNT, 0.0, &maintenance_usd, diag);
    if (error == SQZ_OK)
        error = parse_optional(row, &column[FEE], &SHARE, reader->fee, &position->fee, diag);
    if (error != SQZ_OK)
        return error;
    position->other_pnl = in_currency(position, pnl_usd);
    position->other_maintenance = in_currency(position, maintenance_usd);
    return SQZ_OK;
}

/* ---- rows ---------------------------------------------------------------------------------- */

static int parse_position(struct positions_reader *reader, const struct sqz_csv_row *row,
                          struct sqz_holding *holding, uint32_t *symbol, struct sqz_diag *diag)
{
    struct sqz_position *position = &holding->position;
    *position = (struct sqz_position){.on_entry = reader->terms->venue->on_entry};
    int error = parse_contract(reader, row, position, diag);
    if (error == SQZ_OK)
        error = parse_symbol(reader, row, symbol, diag);
    if (error == SQZ_OK)
        error = parse_account(reader, row, holding, *symbol, diag);
    if (error == SQZ_OK)
        error = parse_maintenance(reader, row, position, *symbol, diag);
    if (error == SQZ_OK)
        error = parse_margin(reader, row, position, diag);
    if (error == SQZ_OK)
        error = parse_others(reader, row, position, diag);
    return error;
}

static int reserve(struct positions_reader *reader, struct sqz_diag *diag)
{
    struct sqz_positions *positions = reader->positions;
    if (positions->count < reader->capacity)
        return SQZ_OK;
    if (positions->count >= UINT32_MAX / 2)
        return no_memory(reader, diag);
    size_t capacity = reader->capacity > 0 ? reader->capacity + reader->capacity / 2 : 1024;
    struct sqz_holding *holding = realloc(positions->holding, capacity * sizeof *holding);
    if (holding != NULL)
        positions->holding = holding;
    uint32_t *symbol = realloc(positions->symbol, capacity * sizeof *symbol);
    if (symbol != NULL)
        positions->symbol = symbol;
    uint32_t *line = realloc(positions->line, capacity * sizeof *line);
    if (line != NULL)
        positions->line = line;
    if (holding == NULL || symbol == NULL || line == NULL)
        return no_memory(reader, diag);
    reader->capacity = capacity;
    return SQZ_OK;
}

static int on_row(void *context, const struct sqz_csv_row *row, struct sqz_diag *diag)
{
    struct positions_reader *reader = context;
    struct sqz_positions *positions = reader->positions;
    if (reader->width == 0) {
        reader->width = row->count;
        return sqz_csv_match(row, reader->column, COLUMNS, diag);
    }
    int error = sqz_csv_check_width(row, reader->width, diag);
    if (error == SQZ_OK)
        error = reserve(reader, diag);
    if (error != SQZ_OK)
        return error;
    size_t i = positions->count;
    positions->holding[i] = (struct sqz_holding){.row = (uint32_t)i + 1};
    positions->line[i] = (uint32_t)row->line;
    error = parse_position(reader, row, &positions->holding[i], &positions->symbol[i], diag);
    if (error == SQZ_OK)
        positions->count++;
    return error;
}

static int read_file(struct positions_reader *reader, const char *path, struct sqz_digest *digest,
                     struct sqz_diag *diag)
{
    uint32_t none; /* the number 0 of both, for what is not named */
    int error = sqz_names_number(&reader->positions->accounts, "", &none, diag);
    if (error == SQZ_OK)
        error = sqz_names_number(&reader->positions->symbols, "", &none, diag);
    if (error == SQZ_OK)
        error = sqz_csv_read(path, on_row, reader, digest, diag);
    if (error == SQZ_OK && reader->width == 0)
        return sqz_fail_at(diag, SQZ_ERR_DATA, path, 0, NULL,
                           "is empty; expected positions, "
                           "side,entry_usd,quantity,leverage,margin_mode");
    if (error == SQZ_OK && reader->positions->count == 0)
        return sqz_fail_at(diag, SQZ_ERR_DATA, path, 0, NULL,
                           "has no positions; expected at least one row after the header");
    return error;
}

int sqz_positions_read(struct sqz_positions *positions, const char *path,
                       const struct sqz_margin_terms *terms, struct sqz_digest *digest,
                       struct sqz_diag *diag)
{
    struct positions_reader reader = {
        .positions = positions,
        .terms = terms,
        .fee = isnan(terms->params.fee) ? terms->venue->counted_fee : terms->params.fee,
        .column = {[SIDE] = {"side", true, 0},
                   [ENTRY] = {"entry_usd", true, 0, "entry entry_price", SQZ_DIM_USD},
                   [QUANTITY] = {"quantity", true, 0, "qty size"},
                   [LEVERAGE] = {"leverage", true, 0, "lev"},
                   [MODE] = {"margin_mode", true, 0},
                   [MARGIN] = {"margin_usd", false, 0, NULL, SQZ_DIM_USD},
                   [ACCOUNT] = {"account", false, 0},
                   [CONTRACT] = {"contract", false, 0},
                   [RATE] = {"mmr", false, 0, NULL, SQZ_DIM_NUMBER},
                   [DEDUCTION] = {"maintenance_deduction_usd", false, 0, NULL, SQZ_DIM_USD},
                   [FEE] = {"fee", false, 0, NULL, SQZ_DIM_NUMBER},
                   [EXTRA] = {"extra_margin_usd", false, 0, NULL, SQZ_DIM_USD},
                   [OTHER_PNL] = {"other_upnl_usd", false, 0, NULL, SQZ_DIM_USD},
                   [OTHER_MAINTENANCE] = {"other_maintenance_usd", false, 0, NULL, SQZ_DIM_USD},
                   [SYMBOL] = {"symbol", false, 0}}};
    memset(positions, 0, sizeof *positions);
    int error = read_file(&reader, path, digest, diag);
    free(reader.first);
    free(reader.tiers);
    return error;
}

void sqz_positions_free(struct sqz_positions *positions)
{
    free(positions->holding);
    free(positions->line);
    free(positions->symbol);
    sqz_names_free(&positions->accounts);
    sqz_names_free(&positions->symbols);
    memset(positions, 0, sizeof *positions);
}
