/* Positions from CSV on the terms of a venue: meanings of every column, every refusal with its
 * line. */
#include "tests/unit/scratch.h"

#include <math.h>

#include "models/registry.h"
#include "sim/io/positions.h"

/* Brackets of two symbols, sizes in USD. */
static const char TIERS[] = "symbol,notional_floor,notional_cap,mmr,max_leverage\n"
                            "XYZ,0,40000,0.007,60\nXYZ,40000,90000,0.019,30\nXYZ,90000,,0.05,10\n"
                            "ABC,0,,0.03,17\n";

/* Terms of a venue with `settings`, "key=value" each, NULL at the end. */
struct fixture {
    struct sqz_settings settings;
    struct sqz_margin_terms terms;
    struct sqz_positions positions;
    struct sqz_diag diag;
};

static int load_terms(struct fixture *fixture, const char *venue, const char *const *settings)
{
    const struct sqz_venue_model *model = NULL;
    memset(fixture, 0, sizeof *fixture);
    assert_int_equal(sqz_venue_find(&sqz_registry, venue, &model, &fixture->diag), SQZ_OK);
    for (size_t i = 0; settings != NULL && settings[i] != NULL; i++)
        assert_int_equal(sqz_settings_override(&fixture->settings, settings[i], &fixture->diag),
                         SQZ_OK);
    return sqz_margin_terms_load(&fixture->terms, model, &fixture->settings, &fixture->diag);
}

static void release(struct fixture *fixture)
{
    sqz_positions_free(&fixture->positions);
    sqz_margin_terms_free(&fixture->terms);
    sqz_settings_free(&fixture->settings);
}

static void read_positions(struct fixture *fixture, struct scratch *scratch, const char *text)
{
    const char *path = scratch_write(scratch, "positions.csv", text);
    struct sqz_diag *diag = &fixture->diag;
    if (sqz_positions_read(&fixture->positions, path, &fixture->terms, NULL, diag) != SQZ_OK)
        fail_msg("%ld: %s: %s", diag->line, diag->field, diag->message);
}

static const struct sqz_position *position_of(const struct fixture *fixture, size_t i)
{
    assert_true(i < fixture->positions.count);
    assert_int_equal(fixture->positions.holding[i].row, i + 1);
    return &fixture->positions.holding[i].position;
}

/* "venue.tiers=PATH" of the file TIERS. */
static const char *tiers_setting(struct scratch *scratch)
{
    static char setting[200];
    snprintf(setting, sizeof setting, "venue.tiers=%s", scratch_write(scratch, "tiers.csv", TIERS));
    return setting;
}

#define PLAIN "side,entry_usd,quantity,leverage,margin_mode,margin_usd,account\n"

/* ---- meanings ------------------------------------------------------------------------------ */

static void test_plain_positions(void **state)
{
    struct fixture fixture;
    assert_int_equal(load_terms(&fixture, "full", NULL), SQZ_OK);
    read_positions(&fixture, *state,
                   PLAIN "long,120,3.5,7,isolated,,\n"
                         "short,130.5,2,,cross,41.25,holder 1\n"
                         "short,90,0.25,3,isolated,9,holder 1\n");
    const struct sqz_position *first = position_of(&fixture, 0);
    assert_true(first->side == SQZ_DOWN && first->contract == SQZ_LINEAR && !first->on_entry);
    assert_true(first->entry_usd == 120 && first->quantity == 3.5);
    check_near("margin at leverage", first->collateral, 60, 1e-12);
    assert_true(first->rate == 0.005 && first->deduction == 0 && first->tiers == NULL);
    assert_true(first->fee == 0 && first->other_pnl == 0 && first->other_maintenance == 0);
    const struct sqz_position *second = position_of(&fixture, 1);
    assert_true(second->side == SQZ_UP && second->collateral == 41.25);
    assert_true(position_of(&fixture, 2)->collateral == 9); /* margin_usd counts, not leverage */
    const struct sqz_holding *holding = fixture.positions.holding;
    assert_true(!holding[0].cross && holding[1].cross && !holding[2].cross);
    assert_int_equal(holding[0].holder, 0);
    assert_int_equal(holding[1].holder, holding[2].holder);
    assert_string_equal(sqz_names_text(&fixture.positions.accounts, holding[1].holder), "holder 1");
    release(&fixture);
}

static void test_what_the_file_says_overrides_the_venue(void **state)
{
    struct fixture fixture;
    const char *const settings[] = {tiers_setting(*state), "venue.fee=0.0004", NULL};
    assert_int_equal(load_terms(&fixture, "okx", settings), SQZ_OK);
    read_positions(&fixture, *state,
                   "symbol,mmr,maintenance_deduction_usd,fee,extra_margin_usd,other_upnl_usd,"
                   "other_maintenance_usd,side,entry_usd,quantity,leverage,margin_mode\n"
                   "ABC,,,,,,,long,120,3.5,7,isolated\n"
                   "XYZ,,,0.003,-11,-2.5,0.75,long,120,3.5,7,isolated\n"
                   "none,0.0125,4.5,0,2,,,short,120,3.5,70,isolated\n");
    const struct sqz_tier_table *table = fixture.terms.tables.table;
    const struct sqz_position *position = position_of(&fixture, 0);
    assert_true(position->tiers == &table[1].tiers && position->fee == 0.0004);
    position = position_of(&fixture, 1);
    assert_true(position->tiers == &table[0].tiers && position->fee == 0.003);
    assert_true(position->other_pnl == -2.5 && position->other_maintenance == 0.75);
    check_near("margin and extra", position->collateral, 60 - 11, 1e-12);
    position = position_of(&fixture, 2);
    assert_true(position->tiers == NULL && position->fee == 0);
    assert_true(position->rate == 0.0125 && position->deduction == 4.5);
    const uint32_t *symbol = fixture.positions.symbol;
    assert_string_equal(sqz_names_text(&fixture.positions.symbols, symbol[1]), "XYZ");
    release(&fixture);
}

static void test_amounts_of_inverse_positions_are_coin(void **state)
{
    struct fixture fixture;
    assert_int_equal(load_terms(&fixture, "bybit", NULL), SQZ_OK);
    read_positions(&fixture, *state,
                   "contract,mmr,maintenance_deduction_usd,extra_margin_usd,other_upnl_usd,"
                   "other_maintenance_usd,side,entry_usd,quantity,leverage,margin_mode\n"
                   "inverse,0.01,3,5,-7,11,short,250,4000,16,isolated\n"
                   "linear,0.01,3,5,-7,11,short,250,4000,16,isolated\n");
    const struct sqz_position *coin = position_of(&fixture, 0);
    assert_true(coin->contract == SQZ_INVERSE && coin->quantity == 4000 && coin->on_entry);
    check_near("margin", coin->collateral, (4000.0 / 16 + 5) / 250, 1e-15);
    check_near("deduction", coin->deduction, 3.0 / 250, 1e-16);
    check_near("others' profit", coin->other_pnl, -7.0 / 250, 1e-16);
    check_near("others' maintenance", coin->other_maintenance, 11.0 / 250, 1e-16);
    const struct sqz_position *usd = position_of(&fixture, 1);
    check_near("margin", usd->collateral, 250 * 4000.0 / 16 + 5, 1e-9);
    assert_true(usd->deduction == 3 && usd->other_pnl == -7 && usd->other_maintenance == 11);
    release(&fixture);
}

static void test_fee_of_the_venue_counts(void **state)
{
    struct fixture fixture;
    assert_int_equal(load_terms(&fixture, "okx", NULL), SQZ_OK);
    read_positions(&fixture, *state, PLAIN "long,120,3.5,7,isolated,,\n");
    assert_true(position_of(&fixture, 0)->fee == sqz_registry.venues[3]->counted_fee);
    assert_true(sqz_registry.venues[3]->counted_fee > 0);
    release(&fixture);
}

/* Many names, long and short, each with a number of its own however often it comes. */
static void test_many_accounts(void **state)
{
    enum { NAMES = 3000, ROWS = 2 * NAMES };
    struct fixture fixture;
    char *text = malloc(200 * ROWS);
    assert_non_null(text);
    size_t used = (size_t)sprintf(text, PLAIN);
    for (int i = 0; i < ROWS; i++)
        used += (size_t)sprintf(text + used, "long,%d,1,2,cross,,%*d\n", i + 1, 1 + i % 97,
                                7 * (i % NAMES));
    assert_int_equal(load_terms(&fixture, "full", NULL), SQZ_OK);
    read_positions(&fixture, *state, text);
    assert_int_equal(fixture.positions.count, ROWS);
    const struct sqz_holding *holding = fixture.positions.holding;
    for (int i = 0; i < ROWS; i++) {
        assert_int_equal(holding[i].holder, 1 + i % NAMES);
        assert_int_equal(atoi(sqz_names_text(&fixture.positions.accounts, holding[i].holder)),
                         7 * (i % NAMES));
        assert_true(position_of(&fixture, (size_t)i)->entry_usd == i + 1);
    }
    free(text);
    release(&fixture);
}

/* ---- refusals ------------------------------------------------------------------------------ */

static void check_refused(struct fixture *fixture, struct scratch *scratch, const char *text,
                          long line, const char *field, const char *message)
{
    const char *path = scratch_write(scratch, "positions.csv", text);
    int error =
        sqz_positions_read(&fixture->positions, path, &fixture->terms, NULL, &fixture->diag);
    sqz_positions_free(&fixture->positions);
    if (error != SQZ_ERR_DATA)
        fail_msg("'%s' gives code %d", text, error);
    check_diag(&fixture->diag, SQZ_ERR_DATA, path, line, field, message);
}

static void test_files_are_refused(void **state)
{
    struct fixture fixture;
    assert_int_equal(load_terms(&fixture, "full", NULL), SQZ_OK);
    check_refused(&fixture, *state, "", 0, "",
                  "is empty; expected positions, side,entry_usd,quantity,leverage,margin_mode");
    check_refused(&fixture, *state, PLAIN, 0, "",
                  "has no positions; expected at least one row after the header");
    check_refused(&fixture, *state, "side,entry_usd,quantity,margin_mode\n", 1, "leverage",
                  "missing column; expected a header line "
                  "side,entry_usd,quantity,leverage,margin_mode[,margin_usd][,account][,contract]"
                  "[,mmr][,maintenance_deduction_usd][,fee][,extra_margin_usd][,other_upnl_usd]"
                  "[,other_maintenance_usd][,symbol]");
    check_refused(&fixture, *state, "side,entry_usd,quantity,leverage,margin_mode,acount\n", 1,
                  "acount", "unknown column; did you mean 'account'?");
    assert_int_equal(sqz_positions_read(&fixture.positions, "tests/unit/no-such.csv",
                                        &fixture.terms, NULL, &fixture.diag),
                     SQZ_ERR_DATA);
    check_diag(&fixture.diag, SQZ_ERR_DATA, "tests/unit/no-such.csv", 0, "", "cannot be opened");
    release(&fixture);
}

/* The columns in an order that keeps the rows below short. */
#define FULL                                                                                       \
    "side,entry_usd,quantity,leverage,margin_mode,margin_usd,account,contract,mmr,"                \
    "maintenance_deduction_usd,fee,extra_margin_usd,other_upnl_usd,other_maintenance_usd,symbol\n" \
    "long,120,3.5,7,isolated,,,,,,,,,,XYZ\n"

static void check_row(struct fixture *fixture, struct scratch *scratch, const char *row,
                      const char *field, const char *message)
{
    char text[1024];
    snprintf(text, sizeof text, "%s%s\n", FULL, row);
    check_refused(fixture, scratch, text, 3, field, message);
}

static void test_rows_are_refused(void **state)
{
    static const char NUMBER[] = "is not a finite number; expected plain digits";
    static const struct {
        const char *row, *field, *message;
    } CASES[] = {
        {"long,120,3.5", "", "3 fields; expected 15"},
        {"Longs,120,3.5,7,isolated,,,,,,,,,,XYZ", "side",
         "'Longs' is not a side; expected short or long"},
        {"sell,120,3.5,7,isolated,,,,,,,,,,XYZ", "side", "it could mean either"},
        {",120,3.5,7,isolated,,,,,,,,,,XYZ", "side", "'' is not a side"},
        {"long,0,3.5,7,isolated,,,,,,,,,,XYZ", "entry_usd",
         "'0' is not a price; expected 1e-15 to 1e15"},
        {"long,-120,3.5,7,isolated,,,,,,,,,,XYZ", "entry_usd", "'-120' is not a price"},
        {"long,,3.5,7,isolated,,,,,,,,,,XYZ", "entry_usd", NUMBER},
        {"long,120,0,7,isolated,,,,,,,,,,XYZ", "quantity",
         "'0' is not a quantity; expected above 0"},
        {"long,120,-3.5,7,isolated,,,,,,,,,,XYZ", "quantity", "'-3.5' is not a quantity"},
        {"long,120,inf,7,isolated,,,,,,,,,,XYZ", "quantity", NUMBER},
        {"long,120,1e14,7,isolated,,,,,,,,,,XYZ", "quantity",
         "the position is worth 1.2e+16 usd; expected up to 1e15"},
        {"long,120,3.5,-7,isolated,,,,,,,,,,XYZ", "leverage",
         "'-7' is not a leverage; expected above 0"},
        {"long,120,3.5,0,isolated,50,,,,,,,,,XYZ", "leverage", "'0' is not a leverage"},
        {"long,120,3.5,many,isolated,50,,,,,,,,,XYZ", "leverage", NUMBER},
        {"long,120,3.5,60.5,isolated,,,,,,,,,,XYZ", "leverage",
         "'60.5' is too high; expected up to 60, as its bracket at entry allows"},
        {"long,120,350,30.5,isolated,5000,,,,,,,,,XYZ", "leverage", "expected up to 30"},
        {"long,120,3.5,1e-20,isolated,,,,,,,,,,XYZ", "leverage",
         "'1e-20' is a margin above 1e15 usd; expected more"},
        {"long,120,3.5,,isolated,,,,,,,,,,XYZ", "leverage",
         "is empty, and so is margin_usd; expected one of them"},
        {"long,120,3.5,7,both,,,,,,,,,,XYZ", "margin_mode",
         "'both' is unknown; expected isolated or cross"},
        {"long,120,3.5,7,isolated,-1,,,,,,,,,XYZ", "margin_usd",
         "'-1' is out of range; expected 0 to 1e15"},
        {"long,120,3.5,7,cross,,,,,,,,,,XYZ", "account",
         "is empty; expected the account whose equity a cross position shares"},
        {"long,120,3.5,7,isolated,,,quanto,,,,,,,XYZ", "contract",
         "'quanto' is unknown; expected linear or inverse"},
        {"long,120,3.5,7,isolated,,,,1,,,,,,XYZ", "mmr",
         "'1' is out of range; expected 0 to below 1"},
        {"long,120,3.5,7,isolated,,,,-0.01,,,,,,XYZ", "mmr", "'-0.01' is out of range"},
        {"long,120,3.5,7,isolated,,,,0.01,-2,,,,,XYZ", "maintenance_deduction_usd",
         "'-2' is out of range; expected 0 to 1e15"},
        {"long,120,3.5,7,isolated,,,,,2,,,,,XYZ", "maintenance_deduction_usd",
         "'2' is given without mmr; expected both or none"},
        {"long,120,3.5,7,isolated,,,,,,1,,,,XYZ", "fee", "'1' is out of range"},
        {"long,120,3.5,7,isolated,,,,,,,-2e15,,,XYZ", "extra_margin_usd",
         "'-2e15' is out of range; expected -1e15 to 1e15"},
        {"long,120,3.5,7,isolated,,,,,,,,none,,XYZ", "other_upnl_usd", NUMBER},
        {"long,120,3.5,7,isolated,,,,,,,,,-1,XYZ", "other_maintenance_usd", "'-1' is out of range"},
        {"long,120,3.5,7,isolated,,,,,,,,,,XYY", "symbol",
         "'XYY' has no brackets; did you mean 'XYZ'?"},
        {"long,120,3.5,7,isolated,,,,,,,,,,", "symbol",
         "is not given, and the brackets are of 2 symbols"},
        {"long,120,3.5,7,isolated,,,inverse,,,,,,,XYZ", "contract",
         "is inverse, but the brackets of venue.tiers have deductions in usd; expected linear, or "
         "mmr and maintenance_deduction_usd"},
    };
    struct fixture fixture;
    const char *const settings[] = {tiers_setting(*state), NULL};
    assert_int_equal(load_terms(&fixture, "binance", settings), SQZ_OK);
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++)
        check_row(&fixture, *state, CASES[i].row, CASES[i].field, CASES[i].message);
    release(&fixture);
}

static void test_accounts_of_two_currencies_are_refused(void **state)
{
    struct fixture fixture;
    assert_int_equal(load_terms(&fixture, "full", NULL), SQZ_OK);
    check_refused(&fixture, *state,
                  "side,entry_usd,quantity,leverage,margin_mode,account,contract\n"
                  "long,120,3.5,7,cross,one,inverse\nlong,120,3.5,7,cross,two,linear\n"
                  "long,120,3.5,7,isolated,one,\nlong,120,3.5,7,cross,one,\n",
                  5, "contract",
                  "is linear in the cross account 'one', which is inverse on line 2; expected one "
                  "kind in an account");
    check_refused(&fixture, *state,
                  "side,entry_usd,quantity,leverage,margin_mode,account,contract,symbol\n"
                  "long,120,3.5,7,cross,one,linear,A\nlong,120,3.5,7,cross,one,linear,B\n"
                  "long,120,3.5,7,cross,two,inverse,A\nlong,120,3.5,7,cross,two,inverse,B\n",
                  5, "symbol",
                  "'B' is another than on line 4 of the cross account 'two'; expected one symbol");
    release(&fixture);
}

static void test_terms_are_refused(void **state)
{
    struct fixture fixture;
    const struct sqz_venue_model *model;
    static const char *const range[] = {"venue.maintenance=1.5", NULL};
    static const char *const missing[] = {"venue.tiers=tests/unit/no-such.csv", NULL};
    (void)state;
    assert_int_equal(load_terms(&fixture, "full", range), SQZ_ERR_DATA);
    check_diag(&fixture.diag, SQZ_ERR_DATA, "--set", 0, "venue.maintenance", "out of range");
    release(&fixture);
    assert_int_equal(load_terms(&fixture, "full", missing), SQZ_ERR_DATA);
    check_diag(&fixture.diag, SQZ_ERR_DATA, "tests/unit/no-such.csv", 0, "",
               "(venue.tiers by --set)");
    release(&fixture);
    assert_int_equal(sqz_venue_find(&sqz_registry, "bibit", &model, &fixture.diag), SQZ_ERR_USAGE);
    check_diag(&fixture.diag, SQZ_ERR_USAGE, "", 0, "",
               "unknown venue 'bibit'; did you mean 'bybit'?");
    assert_int_equal(sqz_venue_find(&sqz_registry, "kraken", &model, &fixture.diag), SQZ_ERR_USAGE);
    check_diag(&fixture.diag, SQZ_ERR_USAGE, "", 0, "",
               "unknown venue 'kraken' (see squeeze models)");
}

#define IN_SCRATCH(test) cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SCRATCH(test_plain_positions),
        IN_SCRATCH(test_what_the_file_says_overrides_the_venue),
        IN_SCRATCH(test_amounts_of_inverse_positions_are_coin),
        IN_SCRATCH(test_fee_of_the_venue_counts),
        IN_SCRATCH(test_many_accounts),
        IN_SCRATCH(test_files_are_refused),
        IN_SCRATCH(test_rows_are_refused),
        IN_SCRATCH(test_accounts_of_two_currencies_are_refused),
        cmocka_unit_test(test_terms_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
