#include "sim/io/positions.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/io/account_value.h"
#include "sim/io/cells.h"
#include "sim/io/cross_accounts.h"
#include "sim/io/odd.h"
#include "sim/io/symbol_tiers.h"

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
    SLOPE,
    MARK,
    EQUITY,
    COLUMNS
};

struct positions_reader {
    struct sqz_positions *positions;
    const struct sqz_margin_terms *terms;
    struct sqz_csv_column column[COLUMNS];
    size_t capacity;
    double fee; /* of the venue */
    struct sqz_cross_accounts cross;
    struct sqz_symbol_tiers tiers;
    struct sqz_given_value *given; /* by row - 1 */
};

static int no_memory(const struct positions_reader *reader, struct sqz_diag *diag)
{
    return sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for more than %zu positions",
                    reader->positions->count);
}

/* ---- cells --------------------------------------------------------------------------------- */

/* No account holds more, and no price is further from 1; it keeps every sum finite. */
#define AMOUNT_MAX_USD 1e15
#define PRICE_MIN_USD 1e-15
static const struct sqz_cell_limits PRICE = {
    .lo = PRICE_MIN_USD, .hi = AMOUNT_MAX_USD, .wrong = "is not a price; expected 1e-15 to 1e15"};
static const struct sqz_cell_limits SIZE = {
    .lo = 0,
    .hi = INFINITY,
    .above_lo = true,
    .wrong = "is not a quantity; expected above 0 (a short has its side, not a sign)"};
static const struct sqz_cell_limits SLOPE_RANGE = {
    .lo = 0, .hi = INFINITY, .wrong = "is out of range; expected 0 or more"};
static const struct sqz_cell_limits MULTIPLE = {
    .lo = 0, .hi = INFINITY, .above_lo = true, .wrong = "is not a leverage; expected above 0"};
static const struct sqz_cell_limits SHARE = {
    .lo = 0, .hi = 1, .below_hi = true, .wrong = "is out of range; expected 0 to below 1"};
static const struct sqz_cell_limits AMOUNT = {
    .lo = 0, .hi = AMOUNT_MAX_USD, .wrong = "is out of range; expected 0 to 1e15"};
static const struct sqz_cell_limits CHANGE = {.lo = -AMOUNT_MAX_USD,
                                              .hi = AMOUNT_MAX_USD,
                                              .wrong = "is out of range; expected -1e15 to 1e15"};

static const char *const CONTRACTS[] = {[SQZ_LINEAR] = "linear", [SQZ_INVERSE] = "inverse", NULL};
static const char *const MODES[] = {"isolated", "cross", NULL};

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
    size_t contract = SQZ_LINEAR;
    bool is_long;
    int error = sqz_cell_side(row, &column[SIDE], &is_long, diag);
    if (error == SQZ_OK && !sqz_cell_is_empty(row, &column[CONTRACT]))
        error = sqz_cell_word(row, &column[CONTRACT], CONTRACTS, &contract, diag);
    if (error == SQZ_OK)
        error = sqz_cell_within(row, &column[ENTRY], &PRICE, &position->entry_usd, diag);
    if (error == SQZ_OK)
        error = sqz_cell_within(row, &column[QUANTITY], &SIZE, &position->quantity, diag);
    if (error != SQZ_OK)
        return error;
    position->side = is_long ? SQZ_DOWN : SQZ_UP;
    position->contract = (enum sqz_contract)contract;
    if (entry_value_usd(position) > AMOUNT_MAX_USD)
        return sqz_fail_at(diag, SQZ_ERR_DATA, row->file, row->line, column[QUANTITY].name,
                           "the position is worth %g usd; expected up to 1e15",
                           entry_value_usd(position));
    return SQZ_OK;
}

/* ---- whose it is --------------------------------------------------------------------------- */

/* By which rules it is computed; where the venue nets, isolated positions of one holder in one
 * contract are one. */
static void apply_rules(const struct positions_reader *reader, struct sqz_holding *holding,
                        uint32_t symbol)
{
    struct sqz_position *position = &holding->position;
    struct sqz_position rules = sqz_margin_terms_position(reader->terms, holding->cross);
    position->on_entry = rules.on_entry;
    position->fee_at_bankruptcy = rules.fee_at_bankruptcy;
    if (reader->terms->venue->one_way && !holding->cross && holding->holder > 0)
        holding->joint = (uint64_t)holding->holder << 33 | (uint64_t)symbol << 1 |
                         (position->contract == SQZ_INVERSE);
}

static int parse_account(struct positions_reader *reader, const struct sqz_csv_row *row,
                         struct sqz_holding *holding, uint32_t symbol, struct sqz_diag *diag)
{
    const struct sqz_csv_column *column = reader->column;
    size_t mode = 1;
    int error = sqz_cell_is(row, &column[MODE], "crossed") /* Binance's word */
                    ? SQZ_OK
                    : sqz_cell_word(row, &column[MODE], MODES, &mode, diag);
    holding->cross = mode == 1;
    if (error == SQZ_OK && holding->cross && sqz_cell_is_empty(row, &column[ACCOUNT]))
        error = sqz_fail_at(diag, SQZ_ERR_DATA, row->file, row->line, column[ACCOUNT].name,
                            "is empty; expected the account whose equity a cross position shares");
    if (error == SQZ_OK)
        error = sqz_names_number(&reader->positions->accounts, sqz_csv_field(row, &column[ACCOUNT]),
                                 &holding->holder, diag);
    if (error == SQZ_OK && holding->cross)
        error =
            sqz_cross_accounts_check(&reader->cross, row, reader->positions, holding, symbol, diag);
    if (error == SQZ_OK)
        apply_rules(reader, holding, symbol);
    return error;
}

/* ---- what it must be worth ----------------------------------------------------------------- */

/* A position without a symbol has that of the market. */
static int parse_symbol(struct positions_reader *reader, const struct sqz_csv_row *row,
                        uint32_t *symbol, struct sqz_diag *diag)
{
    const char *name = sqz_csv_field(row, &reader->column[SYMBOL]), *market = reader->terms->symbol;
    if (market != NULL && name[0] != '\0' && strcmp(name, market) != 0)
        return sqz_cell_fail(row, &reader->column[SYMBOL],
                             "is not the market of the scenario; expected what its key symbol says",
                             diag);
    if (market != NULL && name[0] == '\0')
        name = market;
    return sqz_names_number(&reader->positions->symbols, name, symbol, diag);
}

/* The position's own rate, if the row has one. */
static int parse_own_rate(const struct positions_reader *reader, const struct sqz_csv_row *row,
                          struct sqz_position *position, struct sqz_diag *diag)
{
    const struct sqz_csv_column *column = reader->column;
    double deduction_usd;
    int error = sqz_cell_optional(row, &column[RATE], &SHARE, NAN, &position->rate, diag);
    if (error == SQZ_OK)
        error =
            sqz_cell_optional(row, &column[SLOPE], &SLOPE_RANGE, 0.0, &position->rate_slope, diag);
    if (error == SQZ_OK)
        error = sqz_cell_optional(row, &column[DEDUCTION], &AMOUNT, 0.0, &deduction_usd, diag);
    if (error == SQZ_OK && isnan(position->rate) && !sqz_cell_is_empty(row, &column[DEDUCTION]))
        error = sqz_cell_fail(row, &column[DEDUCTION],
                              "is given without mmr; expected both or none", diag);
    if (error == SQZ_OK && isnan(position->rate) && !sqz_cell_is_empty(row, &column[SLOPE]))
        error =
            sqz_cell_fail(row, &column[SLOPE], "is given without mmr; expected both or none", diag);
    if (error != SQZ_OK || isnan(position->rate))
        return error;
    position->deduction = in_currency(position, deduction_usd);
    if (sqz_margin_maintenance(position, position->entry_usd) < 0.0)
        return sqz_cell_fail(row, &column[DEDUCTION],
                             "is more than mmr asks for at the entry; expected less", diag);
    return SQZ_OK;
}

static int parse_maintenance(struct positions_reader *reader, const struct sqz_csv_row *row,
                             struct sqz_position *position, uint32_t symbol, struct sqz_diag *diag)
{
    int error = parse_own_rate(reader, row, position, diag);
    if (error != SQZ_OK || !isnan(position->rate))
        return error;
    position->rate = reader->terms->params.maintenance;
    if (reader->terms->tables.count == 0)
        return SQZ_OK;
    error = sqz_symbol_tiers_find(&reader->tiers, row, symbol,
                                  sqz_names_text(&reader->positions->symbols, symbol),
                                  &position->tiers, diag);
    return error == SQZ_OK ? sqz_symbol_tiers_check(&reader->tiers, row, position, diag) : error;
}

static int parse_margin(const struct positions_reader *reader, const struct sqz_csv_row *row,
                        struct sqz_position *position, struct sqz_diag *diag)
{
    const struct sqz_csv_column *column = reader->column;
    struct sqz_given_value *given = &reader->given[reader->positions->rows];
    double leverage, margin_usd, extra_usd;
    int error = sqz_cell_optional(row, &column[LEVERAGE], &MULTIPLE, NAN, &leverage, diag);
    if (error == SQZ_OK)
        error = sqz_symbol_tiers_check_leverage(&reader->tiers, row, position, leverage, diag);
    if (error == SQZ_OK)
        error = sqz_cell_optional(row, &column[EQUITY], &CHANGE, NAN, &given->equity_usd, diag);
    if (error == SQZ_OK)
        error = sqz_cell_optional(row, &column[MARGIN], &AMOUNT, NAN, &given->margin_usd, diag);
    if (error == SQZ_OK)
        error = sqz_cell_optional(row, &column[EXTRA], &CHANGE, 0.0, &extra_usd, diag);
    if (error != SQZ_OK)
        return error;
    given->initial_usd = entry_value_usd(position) / leverage;
    given->extra = in_currency(position, extra_usd);
    margin_usd = isnan(given->margin_usd) ? given->initial_usd : given->margin_usd;
    if (margin_usd > AMOUNT_MAX_USD)
        return sqz_cell_fail(row, &column[LEVERAGE], "is a margin above 1e15 usd; expected more",
                             diag);
    position->collateral = in_currency(position, margin_usd + extra_usd);
    return SQZ_OK;
}

static int parse_others(const struct positions_reader *reader, const struct sqz_csv_row *row,
                        struct sqz_position *position, struct sqz_diag *diag)
{
    const struct sqz_csv_column *column = reader->column;
    double pnl_usd, maintenance_usd;
    int error = sqz_cell_optional(row, &column[OTHER_PNL], &CHANGE, 0.0, &pnl_usd, diag);
    if (error == SQZ_OK)
        error = sqz_cell_optional(row, &column[OTHER_MAINTENANCE], &AMOUNT, 0.0, &maintenance_usd,
                                  diag);
    if (error == SQZ_OK)
        error = sqz_cell_optional(row, &column[FEE], &SHARE, reader->fee, &position->fee, diag);
    if (error != SQZ_OK)
        return error;
    position->other_pnl = in_currency(position, pnl_usd);
    position->other_maintenance = in_currency(position, maintenance_usd);
    return SQZ_OK;
}

static int parse_mark(const struct positions_reader *reader, const struct sqz_csv_row *row,
                      struct sqz_diag *diag)
{
    double *mark_usd = &reader->positions->mark_usd[reader->positions->rows];
    return sqz_cell_optional(row, &reader->column[MARK], &PRICE, NAN, mark_usd, diag);
}

/* ---- rows ---------------------------------------------------------------------------------- */

static int parse_position(struct positions_reader *reader, const struct sqz_csv_row *row,
                          struct sqz_holding *holding, uint32_t *symbol, struct sqz_diag *diag)
{
    struct sqz_position *position = &holding->position;
    *position = (struct sqz_position){.side = SQZ_UP};
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
    if (error == SQZ_OK)
        error = parse_mark(reader, row, diag);
    return error;
}

static bool is_zero(const struct sqz_csv_row *row, const struct sqz_csv_column *column)
{
    double value;
    return sqz_cell_number(row, column, &value, NULL) == SQZ_OK && value == 0.0;
}

/* Exports list symbols of which nothing is held. */
static int leave_out(const struct positions_reader *reader, const struct sqz_csv_row *row,
                     struct sqz_diag *diag)
{
    size_t column = is_zero(row, &reader->column[QUANTITY]) ? QUANTITY : ENTRY;
    reader->positions->line[reader->positions->rows] = 0;
    int error = sqz_remarks_add(reader->terms->remarks, "empty-position", row->file, row->line,
                                reader->column[column].name, "is 0: no position, and left out");
    return error == SQZ_OK ? SQZ_OK : no_memory(reader, diag);
}

static int reserve(struct positions_reader *reader, struct sqz_diag *diag)
{
    struct sqz_positions *positions = reader->positions;
    if (positions->rows < reader->capacity)
        return SQZ_OK;
    size_t capacity = reader->capacity > 0 ? reader->capacity + reader->capacity / 2 : 1024;
    struct sqz_given_value *given = realloc(reader->given, capacity * sizeof *given);
    if (given != NULL)
        reader->given = given;
    if (positions->rows >= UINT32_MAX / 2 || given == NULL ||
        !sqz_positions_reserve(positions, capacity))
        return no_memory(reader, diag);
    reader->capacity = capacity;
    return SQZ_OK;
}

static int add_position(struct positions_reader *reader, const struct sqz_csv_row *row,
                        struct sqz_diag *diag)
{
    struct sqz_positions *positions = reader->positions;
    size_t i = positions->count, r = positions->rows;
    positions->holding[i] = (struct sqz_holding){.row = (uint32_t)r + 1};
    positions->line[r] = (uint32_t)row->line;
    int error = parse_position(reader, row, &positions->holding[i], &positions->symbol[r], diag);
    if (error != SQZ_OK)
        return error;
    positions->count++;
    return sqz_odd_position(row, &reader->column[RATE], &reader->column[FEE],
                            reader->terms->remarks, diag);
}

static int on_row(void *context, const struct sqz_csv_row *row, struct sqz_diag *diag)
{
    struct positions_reader *reader = context;
    struct sqz_positions *positions = reader->positions;
    int error = reserve(reader, diag);
    if (error != SQZ_OK)
        return error;
    positions->symbol[positions->rows] = 0;
    positions->mark_usd[positions->rows] = NAN;
    reader->given[positions->rows] = (struct sqz_given_value){NAN, NAN, NAN, 0.0};
    error = is_zero(row, &reader->column[QUANTITY]) || is_zero(row, &reader->column[ENTRY])
                ? leave_out(reader, row, diag)
                : add_position(reader, row, diag);
    if (error == SQZ_OK)
        positions->rows++;
    return error;
}

static int read_file(struct positions_reader *reader, const char *path, struct sqz_digest *digest,
                     struct sqz_diag *diag)
{
    const struct sqz_csv_table table = {.column = reader->column,
                                        .columns = COLUMNS,
                                        .what = "positions",
                                        .header = "side,entry_usd,quantity,leverage,margin_mode",
                                        .handler = on_row,
                                        .context = reader};
    uint32_t none; /* the number 0 of both, for what is not named */
    int error = sqz_names_number(&reader->positions->accounts, "", &none, diag);
    if (error == SQZ_OK)
        error = sqz_names_number(&reader->positions->symbols, "", &none, diag);
    if (error == SQZ_OK)
        error = sqz_csv_read_table(path, &table, digest, diag);
    if (error == SQZ_OK && reader->positions->count == 0)
        return sqz_fail_at(diag, SQZ_ERR_DATA, path, 0, NULL,
                           "has no positions; expected at least one row after the header with a "
                           "quantity and an entry");
    return error == SQZ_OK ? sqz_symbol_tiers_end(&reader->tiers, diag) : error;
}

int sqz_positions_read(struct sqz_positions *positions, const char *path,
                       const struct sqz_margin_terms *terms, struct sqz_digest *digest,
                       struct sqz_diag *diag)
{
    struct positions_reader reader = {
        .positions = positions,
        .terms = terms,
        .tiers = {.terms = terms},
        .fee = isnan(terms->params.fee) ? terms->venue->counted_fee : terms->params.fee,
        .column = {
            [SIDE] = {.name = "side", .required = true},
            [ENTRY] = {.name = "entry_usd",
                       .required = true,
                       .aliases = "entry entry_price",
                       .dimension = SQZ_DIM_USD},
            [QUANTITY] = {.name = "quantity", .required = true, .aliases = "qty size"},
            [LEVERAGE] = {.name = "leverage", .required = true, .aliases = "lev", .multiple = true},
            [MODE] = {.name = "margin_mode", .required = true},
            [MARGIN] = {.name = "margin_usd", .dimension = SQZ_DIM_USD},
            [ACCOUNT] = {.name = "account"},
            [CONTRACT] = {.name = "contract"},
            [RATE] = {.name = "mmr", .dimension = SQZ_DIM_NUMBER},
            [DEDUCTION] = {.name = "maintenance_deduction_usd", .dimension = SQZ_DIM_USD},
            [FEE] = {.name = "fee", .dimension = SQZ_DIM_NUMBER},
            [EXTRA] = {.name = "extra_margin_usd", .dimension = SQZ_DIM_USD},
            [OTHER_PNL] = {.name = "other_upnl_usd", .dimension = SQZ_DIM_USD},
            [OTHER_MAINTENANCE] = {.name = "other_maintenance_usd", .dimension = SQZ_DIM_USD},
            [SYMBOL] = {.name = "symbol"},
            [SLOPE] = {.name = "mmr_slope"},
            [MARK] = {.name = "mark_usd", .aliases = "mark mark_price", .dimension = SQZ_DIM_USD},
            [EQUITY] = {.name = "equity_usd",
                        .aliases = "equity account_value",
                        .dimension = SQZ_DIM_USD}}};
    memset(positions, 0, sizeof *positions);
    int error = read_file(&reader, path, digest, diag);
    if (error == SQZ_OK)
        error = sqz_account_values_settle(positions, reader.given, terms, path, diag);
    free(reader.given);
    sqz_cross_accounts_free(&reader.cross);
    sqz_symbol_tiers_free(&reader.tiers);
    return error;
}
