/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Positions from CSV on the terms of a venue: meanings of every column, every refusal with its
 * line. */
#include "tests/unit/scratch.h"

#include <math.h>

#include "models/registry.h"
#include "sim/io/positions.h"

/* Margin tiers of two symbols, sizes in USD. */
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
    assert_true(first->side == SQZ_LONG && first->contract == SQZ_LINEAR && !first->on_entry);
    assert_true(first->entry_usd == 120 && first->quantity == 3.5);
    check_near("margin at leverage", first->collateral, 60, 1e-12);
    assert_true(first->rate == 0.005 && first->deduction == 0 && first->tiers == NULL);
    assert_true(first->fee == 0 && first->other_pnl == 0 && first->other_maintenance == 0);
    const struct sqz_position *second = position_of(&fixture, 1);
    assert_true(second->side == SQZ_SHORT && second->collateral == 41.25);
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
    assert_true(coin->contract == SQZ_INVERSE && coin->quantity == 4000 && !coin->on_entry);
    assert_true(coin->fee_at_bankruptcy); /* isolated at Bybit */
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
                  "[,other_maintenance_usd][,symbol][,mmr_slope][,mark_usd][,equity_usd]");
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

#define NOT_A_NUMBER "is not a finite number; expected plain digits"

static const struct {
    const char *row, *field, *message;
} REFUSED[] = {
    {"long,120,3.5", "", "3 fields; expected 15"},
    {"Longs,120,3.5,7,isolated,,,,,,,,,,XYZ", "side",
     "'Longs' is not a side; expected short or long"},
    {"sell,120,3.5,7,isolated,,,,,,,,,,XYZ", "side", "it could mean either"},
    {",120,3.5,7,isolated,,,,,,,,,,XYZ", "side", "'' is not a side"},
    {"long,1e-16,3.5,7,isolated,,,,,,,,,,XYZ", "entry_usd",
     "'1e-16' is not a price; expected 1e-15 to 1e15"},
    {"long,-120,3.5,7,isolated,,,,,,,,,,XYZ", "entry_usd", "'-120' is not a price"},
    {"long,,3.5,7,isolated,,,,,,,,,,XYZ", "entry_usd", NOT_A_NUMBER},
    {"long,120,-3.5,7,isolated,,,,,,,,,,XYZ", "quantity",
     "'-3.5' is not a quantity; expected above 0 (a short has its side, not a "
     "sign)"},
    {"long,120,inf,7,isolated,,,,,,,,,,XYZ", "quantity", NOT_A_NUMBER},
    {"long,120,1e14,7,isolated,,,,,,,,,,XYZ", "quantity",
     "the position is worth 1.2e+16 usd; expected up to 1e15"},
    {"long,120,3.5,-7,isolated,,,,,,,,,,XYZ", "leverage",
     "'-7' is not a leverage; expected above 0"},
    {"long,120,3.5,0,isolated,50,,,,,,,,,XYZ", "leverage", "'0' is not a leverage"},
    {"long,120,3.5,many,isolated,50,,,,,,,,,XYZ", "leverage", NOT_A_NUMBER},
    {"long,120,3.5,1e-20,isolated,,,,,,,,,,XYZ", "leverage",
     "'1e-20' is a margin above 1e15 usd; expected more"},
    {"long,120,3.5,,isolated,,,,,,,,,,XYZ", "leverage",
     "is empty, and so are margin_usd and equity_usd; expected one of them"},
    {"long,120,3.5,7,both,,,,,,,,,,XYZ", "margin_mode",
     "'both' is unknown; expected isolated or cross"},
    {"long,120,3.5,7,isolated,-1,,,,,,,,,XYZ", "margin_usd",
     "'-1' is out of range; expected 0 to 1e15"},
    {"long,120,3.5,7,cross,,,,,,,,,,XYZ", "account",
     "is empty; expected the account whose equity a cross position shares"},
    {"long,120,3.5,7,isolated,,,quanto,,,,,,,XYZ", "contract",
     "'quanto' is unknown; expected linear or inverse"},
    {"long,120,3.5,7,isolated,,,,1,,,,,,XYZ", "mmr", "'1' is out of range; expected 0 to below 1"},
    {"long,120,3.5,7,isolated,,,,-0.01,,,,,,XYZ", "mmr", "'-0.01' is out of range"},
    {"long,120,3.5,7,isolated,,,,0.01,-2,,,,,XYZ", "maintenance_deduction_usd",
     "'-2' is out of range; expected 0 to 1e15"},
    {"long,120,3.5,7,isolated,,,,,2,,,,,XYZ", "maintenance_deduction_usd",
     "'2' is given without mmr; expected both or none"},
    {"long,120,3.5,7,isolated,,,,,,1,,,,XYZ", "fee", "'1' is out of range"},
    {"long,120,3.5,7,isolated,,,,,,,-2e15,,,XYZ", "extra_margin_usd",
     "'-2e15' is out of range; expected -1e15 to 1e15"},
    {"long,120,3.5,7,isolated,,,,,,,,none,,XYZ", "other_upnl_usd", NOT_A_NUMBER},
    {"long,120,3.5,7,isolated,,,,,,,,,-1,XYZ", "other_maintenance_usd", "'-1' is out of range"},
};

static void test_rows_are_refused(void **state)
{
    struct fixture fixture;
    const char *const settings[] = {tiers_setting(*state), NULL};
    assert_int_equal(load_terms(&fixture, "binance", settings), SQZ_OK);
    for (size_t i = 0; i < sizeof REFUSED / sizeof REFUSED[0]; i++)
        check_row(&fixture, *state, REFUSED[i].row, REFUSED[i].field, REFUSED[i].message);
    release(&fixture);
}

/* Margin tiers of other markets alone are the wrong table. */
static void test_tables_of_another_market_are_refused(void **state)
{
    struct fixture fixture;
    const char *const settings[] = {tiers_setting(*state), NULL};
#define OF_MARKET "side,entry_usd,quantity,leverage,margin_mode,symbol\n"
    assert_int_equal(load_terms(&fixture, "binance", settings), SQZ_OK);
    check_refused(&fixture, *state, OF_MARKET "long,120,3.5,7,isolated,XYY\n", 2, "symbol",
                  "'XYY' has no margin tiers; did you mean 'XYZ'?");
    check_refused(&fixture, *state, OF_MARKET "long,120,3.5,7,isolated,\n", 2, "symbol",
                  "is not given, and the margin tiers are of 2 symbols");
    check_refused(&fixture, *state, OF_MARKET "long,0,3.5,7,isolated,XYZ\n", 0, "",
                  "has no positions; expected at least one row after the header with a quantity "
                  "and an entry");
    release(&fixture);
}

/* ---- odd rows ------------------------------------------------------------------------------ */

static void check_remark(const struct fixture *fixture, const char *code, long line,
                         const char *key, const char *text, size_t more)
{
    const struct sqz_remark *remark = sqz_remarks_find(fixture->terms.remarks, code);
    assert_non_null(remark);
    assert_int_equal(remark->detail.line, line);
    assert_string_equal(remark->detail.field, key);
    if (strstr(remark->detail.message, text) == NULL)
        fail_msg("remark '%s', expected '%s'", remark->detail.message, text);
    assert_int_equal(remark->more, more);
}

/* What an export of thousands of rows may hold does not end the reading: each row is computed, or
 * is none, and is said. */
static void test_odd_rows_are_remarks(void **state)
{
    struct fixture fixture;
    struct sqz_remarks remarks = {0};
    const char *const settings[] = {tiers_setting(*state), NULL};
    assert_int_equal(load_terms(&fixture, "binance", settings), SQZ_OK);
    fixture.terms.remarks = &remarks;
    read_positions(&fixture, *state,
                   "side,entry_usd,quantity,leverage,margin_mode,symbol,mmr\n"
                   "long,120,3.5,7,isolated,XYZ,\n"
                   "both,0.0,0.000,20,isolated,QRS,\n"
                   "long,120,350,60,isolated,XYZ,\n"
                   "short,,0,,,,\n"
                   "long,120,3.5,60.5,isolated,XYZ,\n"
                   "short,130,2,5,isolated,QRS,\n"
                   "short,140,2,500,isolated,QRS,0.0013\n");
    struct sqz_positions *positions = &fixture.positions;
    assert_int_equal(positions->count, 5);
    assert_int_equal(positions->rows, 7);
    static const uint32_t ROWS[] = {1, 3, 5, 6, 7};
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(positions->holding[i].row, ROWS[i]);
        assert_int_equal(positions->line[ROWS[i] - 1], ROWS[i] + 1);
    }
    assert_true(positions->line[1] == 0 && positions->line[3] == 0);
    check_near("margin", positions->holding[1].position.collateral, 120 * 350 / 60.0, 1e-9);
    assert_true(positions->holding[3].position.tiers == NULL);
    assert_true(positions->holding[3].position.rate == 0.005);
    assert_true(positions->holding[4].position.rate == 0.0013);
    assert_int_equal(remarks.count, 3);
    check_remark(&fixture, "empty-position", 3, "quantity", "is 0: no position, and left out", 1);
    check_remark(&fixture, "leverage-above-tier", 4, "leverage",
                 "60 is above the 30 that its tier at entry allows now", 1);
    check_remark(&fixture, "tiers-of-another-symbol", 7, "symbol",
                 "'QRS' has no margin tiers in venue.tiers", 0);
    sqz_remarks_free(&remarks);
    release(&fixture);
}

static void test_tiers_that_do_not_suit_are_remarks(void **state)
{
    struct fixture fixture;
    struct sqz_remarks remarks = {0};
    char setting[200];
    snprintf(setting, sizeof setting, "venue.tiers=%s",
             scratch_write(*state, "tiers.csv",
                           "symbol,notional_floor,notional_cap,mmr\n"
                           "BIG,0,2000000,0.01\nBIG,2000000,,0.02\nSMALL,0,50,0.01\n"));
    const char *const settings[] = {setting, NULL};
    assert_int_equal(load_terms(&fixture, "bybit", settings), SQZ_OK);
    fixture.terms.remarks = &remarks;
    read_positions(&fixture, *state,
                   "side,entry_usd,quantity,leverage,margin_mode,symbol,contract\n"
                   "long,50,1,7,isolated,SMALL,linear\n"
                   "long,4900,2000000,7,isolated,BIG,inverse\n");
    assert_int_equal(remarks.count, 0);
    sqz_positions_free(&fixture.positions);
    read_positions(&fixture, *state,
                   "side,entry_usd,quantity,leverage,margin_mode,symbol,contract\n"
                   "long,51,1,7,isolated,SMALL,linear\n"
                   "long,50000,2000000,7,isolated,BIG,inverse\n");
    assert_int_equal(remarks.count, 2);
    check_remark(&fixture, "above-last-tier", 2, "quantity",
                 "is a size of 51, above the last tier's end at 50", 0);
    check_remark(&fixture, "tiers-unit", 3, "contract",
                 "the first ends at 2e+06 coins or 1e+11 usd", 0);
    sqz_remarks_free(&remarks);
    release(&fixture);
}

/* ---- marks and equity ---------------------------------------------------------------------- */

#define MARKED                                                                                     \
    "side,entry_usd,quantity,leverage,margin_mode,account,symbol,contract,mark_usd,equity_usd,"    \
    "margin_usd,extra_margin_usd,other_upnl_usd\n"

static void read_marked(struct fixture *fixture, struct scratch *scratch,
                        struct sqz_remarks *remarks, const char *rows)
{
    char text[1024];
    snprintf(text, sizeof text, "%s%s", MARKED, rows);
    assert_int_equal(load_terms(fixture, "hyperliquid", NULL), SQZ_OK);
    fixture->terms.remarks = remarks;
    read_positions(fixture, scratch, text);
}

/* An export of equity at the mark: 6,000 of which 5,000 are profit of 10 from 2,000 to 2,500. */
static void test_equity_at_the_mark_is_margin_and_profit(void **state)
{
    struct fixture fixture;
    read_marked(&fixture, *state, NULL,
                "long,2000,10,10,isolated,,,,2500,6000,,,\n"
                "short,2000,10,10,isolated,,,,2500,6000,,70,\n"
                "long,2000,9000,10,isolated,,,inverse,2500,6000,,,\n");
    check_near("long", position_of(&fixture, 0)->collateral, 1000, 1e-9);
    check_near("short", position_of(&fixture, 1)->collateral, 11070, 1e-9);
    check_near("coin", position_of(&fixture, 2)->collateral,
               6000 / 2500.0 - 9000 * (1 / 2000.0 - 1 / 2500.0), 1e-12);
    release(&fixture);
}

/* Of a cross account it is the value of all its positions, those of which the file does not tell
 * included; told once or on every row. */
static void test_equity_of_an_account(void **state)
{
    struct fixture fixture;
    read_marked(&fixture, *state, NULL,
                "long,100,7,,cross,a,X,,130,,,,\n"
                "short,9,20,,cross,a,Y,,8,900,,,-11\n"
                "long,110,2,3,cross,a,X,,,900,,45,\n"
                "long,50,1,5,cross,b,X,,,,,,\n");
    double margin = 900 - 7 * 30 - 20 * 1 - 2 * 20 + 11;
    check_near("first", position_of(&fixture, 0)->collateral, margin, 1e-9);
    assert_true(position_of(&fixture, 1)->collateral == 0);
    assert_true(position_of(&fixture, 2)->collateral == 45);
    assert_true(position_of(&fixture, 3)->collateral == 10);
    for (size_t row = 0; row < 4; row++) /* a mark is that of the symbol */
        assert_true(fixture.positions.mark_usd[row] == (row == 1 ? 8 : 130));
    release(&fixture);
}

/* A margin that is told besides must be what follows, to the cent. */
static void test_margin_besides_equity(void **state)
{
    struct fixture fixture;
    read_marked(&fixture, *state, NULL, "long,2000,10,10,isolated,,,,2500,6000,1000.01,,\n");
    check_near("margin", position_of(&fixture, 0)->collateral, 1000, 1e-9);
    release(&fixture);
}

static void check_marked(struct fixture *fixture, struct scratch *scratch, const char *rows,
                         long line, const char *field, const char *message)
{
    char text[1024];
    snprintf(text, sizeof text, "%s%s", MARKED, rows);
    check_refused(fixture, scratch, text, line, field, message);
}

static void test_marks_that_contradict_are_refused(void **state)
{
    struct fixture fixture;
    assert_int_equal(load_terms(&fixture, "full", NULL), SQZ_OK);
    check_marked(&fixture, *state,
                 "long,100,7,,cross,a,X,,130,900,,,\nlong,110,2,,cross,a,X,,130,901,,,\n", 3,
                 "equity_usd", "is 901, but 900 on line 2 of the cross account 'a'");
    check_marked(&fixture, *state,
                 "long,100,7,,cross,a,X,,130,900,,,\nlong,110,2,,cross,a,X,,131,,,,\n", 3,
                 "mark_usd", "is 131, but 130 on line 2 of the cross account 'a'");
    check_marked(&fixture, *state,
                 "long,100,7,,cross,a,X,,130,900,,,\nlong,110,2,,cross,a,Y,,,,,,\n", 3, "mark_usd",
                 "is empty; expected the mark of Y at which equity_usd was taken");
    check_marked(&fixture, *state, "long,100,7,,isolated,,,,,900,,,\n", 2, "mark_usd",
                 "is empty; expected the mark at which");
    check_marked(&fixture, *state, "long,2000,10,10,isolated,,,,2500,6000,1100,,\n", 2,
                 "margin_usd",
                 "is 1100, but equity_usd less the profit at the mark is 1000; expected one");
    check_marked(&fixture, *state, "long,2000,10,10,isolated,,,,0,6000,,,\n", 2, "mark_usd",
                 "'0' is not a price");
    release(&fixture);
}

/* ---- margins that are equity --------------------------------------------------------------- */

static size_t equities_in(struct scratch *scratch, double price_usd, const char *rows)
{
    struct fixture fixture;
    struct sqz_remarks remarks = {0};
    char text[1024];
    snprintf(text, sizeof text, "%s%s", MARKED, rows);
    assert_int_equal(load_terms(&fixture, "hyperliquid", NULL), SQZ_OK);
    fixture.terms.remarks = &remarks;
    fixture.terms.price_usd = price_usd;
    read_positions(&fixture, scratch, text);
    const struct sqz_remark *remark = sqz_remarks_find(&remarks, "margin-is-equity");
    size_t found = remark != NULL ? remark->more + 1 : 0;
    sqz_remarks_free(&remarks);
    release(&fixture);
    return found;
}

static void test_margins_that_are_equity(void **state)
{
    struct scratch *scratch = *state;
    /* Twenty times 100 has a margin of 5; 4 lost, so that 1 is left and not 5 once more. */
    assert_int_equal(equities_in(scratch, 0, "long,100,1,20,isolated,,,,96,,1,,\n"), 1);
    assert_int_equal(equities_in(scratch, 96, "long,100,1,20,isolated,,,,,,1,,\n"), 1);
    assert_int_equal(equities_in(scratch, 0, "long,100,1,,cross,a,,,96,,1,,\n"), 1);
    /* A profit of 30 in it; also when one in two is such, by rounding. */
    assert_int_equal(equities_in(scratch, 0, "long,100,1,20,isolated,,,,130,,35.02,,\n"), 1);
    assert_int_equal(equities_in(scratch, 130,
                                 "long,100,1,20,isolated,,,,,,35.02,,\n"
                                 "long,101,1,20,isolated,,,,,,17,,\n"),
                     1);
    /* Below its maintenance when it was entered. */
    assert_int_equal(equities_in(scratch, 0, "long,100,1,20,isolated,,,,,,0.3,,\n"), 1);
    /* What is ordinary: the margin of the leverage, more, less after a payment, a profit of little;
     * one in three that looks so; cross wallets. */
    assert_int_equal(equities_in(scratch, 0,
                                 "long,100,1,20,isolated,,,,130,,5,,\n"
                                 "long,100,1,20,isolated,,,,100.2,,5.2,,\n"
                                 "long,100,1,20,isolated,,,,96,,9,,\n"
                                 "short,100,1,20,isolated,,,,96,,4.8,,\n"
                                 "long,100,1,20,isolated,,,,130,,35,,\n"
                                 "long,100,1,20,isolated,,,,,,5,-4.8,\n"
                                 "long,2000,10,10,cross,a,,,2500,,6000,,\n"
                                 "long,2000,10,10,cross,b,,,,,1,,\n"),
                     0);
}

static void test_accounts_that_span_symbols_need_marks(void **state)
{
    struct fixture fixture;
    struct sqz_remarks remarks = {0};
    read_marked(&fixture, *state, &remarks,
                "long,100,7,3,cross,a,X,,130,,,,\nshort,9,20,3,cross,a,Y,,8,,,,\n"
                "long,100,7,3,cross,b,X,,,,,,\nlong,100,7,3,cross,b,X,,,,,,\n"
                "long,7,3,3,isolated,b,Z,,,,,,\n");
    assert_int_equal(remarks.count, 0);
    release(&fixture);
    read_marked(&fixture, *state, &remarks,
                "long,100,7,3,cross,a,X,,130,,,,\nshort,9,20,3,cross,a,Y,,,,,,\n"
                "short,9,20,3,cross,b,Y,,,,,,\nlong,7,3,3,cross,b,Z,,,,,,\n");
    assert_int_equal(remarks.count, 1);
    check_remark(&fixture, "account-without-mark", 2, "mark_usd",
                 "the account 'a' spans symbols of which not all have a mark", 1);
    sqz_remarks_free(&remarks);
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
        IN_SCRATCH(test_tables_of_another_market_are_refused),
        IN_SCRATCH(test_odd_rows_are_remarks),
        IN_SCRATCH(test_tiers_that_do_not_suit_are_remarks),
        IN_SCRATCH(test_equity_at_the_mark_is_margin_and_profit),
        IN_SCRATCH(test_equity_of_an_account),
        IN_SCRATCH(test_margin_besides_equity),
        IN_SCRATCH(test_marks_that_contradict_are_refused),
        IN_SCRATCH(test_margins_that_are_equity),
        IN_SCRATCH(test_accounts_that_span_symbols_need_marks),
        IN_SCRATCH(test_accounts_of_two_currencies_are_refused),
        cmocka_unit_test(test_terms_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
