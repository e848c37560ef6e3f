/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Margin tiers from CSV: published tables and look-ups, deductions, every refusal with
 * its line. */
#include "tests/unit/scratch.h"

#include <math.h>

#include "sim/io/tiers.h"

#define FOLDER "tests/oracles/"

static void read_tiers(struct sqz_tier_tables *tables, const char *path, bool deducted,
                       double contract_size)
{
    struct sqz_tiers_terms terms = {deducted, contract_size, NULL};
    struct sqz_diag diag = {0};
    if (sqz_tiers_read(tables, path, &terms, NULL, &diag) != SQZ_OK)
        fail_msg("%s:%ld: %s: %s", diag.file, diag.line, diag.field, diag.message);
}

/* ---- published tables ---------------------------------------------------------------------- */

static const struct {
    const char *file;
    bool deducted;
    double contract_size;
    size_t tables;
} PUBLISHED[] = {
    {"tiers_binance_1000pepe.csv", true, 0, 1}, {"tiers_binance_btc.csv", true, 0, 1},
    {"tiers_binance_eth.csv", true, 0, 1},      {"tiers_binance_smallalt_blz.csv", true, 0, 1},
    {"tiers_binance_sol.csv", true, 0, 1},      {"tiers_bybit_btcusdt.csv", true, 0, 1},
    {"tiers_hyperliquid.csv", true, 0, 6},      {"tiers_okx_contracts.csv", false, 0.5, 3},
};
enum { PUBLISHED_COUNT = sizeof PUBLISHED / sizeof PUBLISHED[0] };

/* A number of the oracle, where an empty cell stands for something. */
static double number_or(const struct oracle *oracle, size_t row, const char *column, double empty)
{
    double number = oracle_number(oracle, row, column);
    return isnan(number) ? empty : number;
}

static void test_published_tables_load(void **state)
{
    (void)state;
    for (size_t f = 0; f < PUBLISHED_COUNT; f++) {
        struct oracle oracle;
        struct sqz_tier_tables tables;
        char path[160];
        snprintf(path, sizeof path, FOLDER "%s", PUBLISHED[f].file);
        oracle_read(&oracle, PUBLISHED[f].file);
        read_tiers(&tables, path, PUBLISHED[f].deducted, PUBLISHED[f].contract_size);
        assert_int_equal(tables.count, PUBLISHED[f].tables);
        size_t row = 0;
        for (size_t t = 0; t < tables.count; t++) {
            const struct sqz_tiers *tiers = &tables.table[t].tiers;
            assert_true(tiers->contract_size == PUBLISHED[f].contract_size);
            for (size_t k = 0; k < tiers->count; k++, row++) {
                const struct sqz_tier *tier = &tiers->tier[k];
                assert_string_equal(tables.table[t].symbol, oracle_text(&oracle, row, "symbol"));
                assert_true(tier->floor == (k == 0 ? 0.0 : tiers->tier[k - 1].cap));
                assert_true(fabs(tier->floor - oracle_number(&oracle, row, "notional_floor")) <=
                            (PUBLISHED[f].contract_size > 0 ? 1 : 0));
                assert_true(tier->cap == number_or(&oracle, row, "notional_cap", INFINITY));
                assert_true(tier->rate == oracle_number(&oracle, row, "mmr"));
                assert_true(tier->max_leverage == oracle_number(&oracle, row, "max_leverage"));
                assert_true(tier->deduction == oracle_number(&oracle, row, "maint_amount"));
                assert_true(sqz_tiers_number(tiers, k) == oracle_number(&oracle, row, "tier"));
            }
        }
        assert_int_equal(row, oracle.rows);
        sqz_tiers_free(&tables);
        oracle_free(&oracle);
    }
}

/* The same tables of sizes and rates alone: the program's deductions against the published ones,
 * and tiers numbered from 1. */
static void test_missing_deductions_are_the_published_ones(void **state)
{
    static const char *const FILES[] = {"tiers_binance_btc.csv", "tiers_binance_smallalt_blz.csv",
                                        "tiers_bybit_btcusdt.csv"};
    for (size_t f = 0; f < sizeof FILES / sizeof FILES[0]; f++) {
        struct oracle oracle;
        struct sqz_tier_tables tables;
        char text[4096];
        size_t used = (size_t)sprintf(text, "notional_floor,notional_cap,mmr\n");
        oracle_read(&oracle, FILES[f]);
        for (size_t row = 0; row < oracle.rows; row++)
            used += (size_t)sprintf(
                text + used, "%s,%s,%s\n", oracle_text(&oracle, row, "notional_floor"),
                oracle_text(&oracle, row, "notional_cap"), oracle_text(&oracle, row, "mmr"));
        read_tiers(&tables, scratch_write(*state, "tiers.csv", text), true, 0);
        const struct sqz_tiers *tiers = &tables.table[0].tiers;
        assert_int_equal(tiers->count, oracle.rows);
        for (size_t k = 0; k < tiers->count; k++) {
            double expected = oracle_number(&oracle, k, "maint_amount");
            check_near(FILES[f], tiers->tier[k].deduction, expected, 1e-9 * expected);
            assert_true(tiers->tier[k].max_leverage == INFINITY);
            assert_int_equal(sqz_tiers_number(tiers, k), k + 1);
        }
        sqz_tiers_free(&tables);
        oracle_free(&oracle);
    }
}

static void test_no_deductions_where_the_venue_has_none(void **state)
{
    struct sqz_tier_tables tables;
    const char *path = scratch_write(*state, "tiers.csv",
                                     "notional_floor,notional_cap,mmr,maint_amount\n"
                                     "0,1700,0.0125,0\n1700,5900,0.03,\n");
    read_tiers(&tables, path, false, 0);
    assert_true(tables.tier[1].deduction == 0);
    sqz_tiers_free(&tables);
    read_tiers(&tables, path, true, 40); /* contracts have none either */
    assert_true(tables.tier[1].deduction == 0);
    sqz_tiers_free(&tables);
    read_tiers(&tables, path, true, 0);
    check_near("deduction", tables.tier[1].deduction, 1700 * 0.0175, 1e-12);
    sqz_tiers_free(&tables);
}

static void test_every_table_has_its_own_numbers(void **state)
{
    struct sqz_tier_tables tables;
    read_tiers(&tables,
               scratch_write(*state, "tiers.csv",
                             "symbol,tier,notional_floor,notional_cap,mmr\n"
                             "X,0,0,30,0.01\nX,1,30,,0.02\nY,7,0,90,0.01\nY,,90,200,0.02\n"
                             "Y,3,200,,0.04\nZ,,0,,0.1\n"),
               true, 0);
    static const struct {
        size_t table, tier;
        uint32_t number;
    } EXPECTED[] = {{0, 0, 0}, {0, 1, 1}, {1, 0, 7}, {1, 1, 8}, {1, 2, 3}, {2, 0, 1}};
    for (size_t i = 0; i < sizeof EXPECTED / sizeof EXPECTED[0]; i++)
        assert_int_equal(sqz_tiers_number(&tables.table[EXPECTED[i].table].tiers, EXPECTED[i].tier),
                         EXPECTED[i].number);
    sqz_tiers_free(&tables);
}

/* A deduction is rounded as it is printed, and the next is computed from it. */
static void test_deductions_are_rounded_as_printed(void **state)
{
    static const char HEADER[] = "notional_floor,notional_cap,mmr,maint_amount\n0,70,0.004,0\n";
    static const struct {
        const char *rows;
        bool good;
    } CASES[] = {{"70,900,0.009,0.35\n", true},
                 {"70,900,0.009,0.4\n", true},
                 {"70,900,0.009,0\n", true},
                 {"70,900,0.009,1\n", false},
                 {"70,900,0.009,0.3\n", true},
                 {"70,900,0.009,0.351\n", false},
                 {"70,900,0.009,35e-2\n", true},
                 {"70,900,0.009,40e-2\n", false},
                 {"70,900,0.009,0.4\n900,,0.01,1.25\n", true},
                 {"70,900,0.009,0.4\n900,,0.01,1.41\n", false}};
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        struct sqz_tier_tables tables;
        struct sqz_diag diag = {0};
        char text[256];
        snprintf(text, sizeof text, "%s%s", HEADER, CASES[i].rows);
        const char *path = scratch_write(*state, "tiers.csv", text);
        int error =
            sqz_tiers_read(&tables, path, &(struct sqz_tiers_terms){.deducted = true}, NULL, &diag);
        if ((error == SQZ_OK) != CASES[i].good)
            fail_msg("%s: %s", CASES[i].rows, diag.message);
        sqz_tiers_free(&tables);
    }
}

/* ---- other forms --------------------------------------------------------------------------- */

static const struct sqz_tier *read_form(struct sqz_tier_tables *tables, struct scratch *scratch,
                                        const char *text)
{
    read_tiers(tables, scratch_write(scratch, "tiers.csv", text), true, 0);
    return tables->tier;
}

/* The last cap is empty, endless or not there at all; without caps tiers end where the next
 * begins. */
static void test_the_last_tier_has_no_end(void **state)
{
    static const char *const FORMS[] = {
        "notional_floor,notional_cap,mmr\n0,70,0.004\n70,,0.009\n",
        "notional_floor,notional_cap,mmr\n0,70,0.004\n70,inf,0.009\n",
        "notional_floor,notional_cap,mmr\n0,70,0.004\n70,Infinity,0.009\n",
        "notional_floor,mmr\n0,0.004\n70,0.009\n",
    };
    for (size_t i = 0; i < sizeof FORMS / sizeof FORMS[0]; i++) {
        struct sqz_tier_tables tables;
        const struct sqz_tier *tier = read_form(&tables, *state, FORMS[i]);
        assert_true(tables.table[0].tiers.count == 2 && tier[0].cap == 70 && tier[1].floor == 70);
        assert_true(tier[1].cap == INFINITY);
        sqz_tiers_free(&tables);
    }
}

/* Hyperliquid: half of the initial margin at the highest leverage; elsewhere a share of a margin
 * that is told. */
static void test_a_share_of_initial_margin_is_a_rate(void **state)
{
    struct sqz_tier_tables tables;
    const struct sqz_tier *tier = read_form(
        &tables, *state,
        "notional_floor,notional_cap,max_leverage,maintenance_share\n0,90,40,0.5\n90,,16,0.5\n");
    check_near("rate", tier[0].rate, 0.0125, 1e-17);
    check_near("rate", tier[1].rate, 0.03125, 1e-17);
    check_near("deduction", tier[1].deduction, 90 * 0.01875, 1e-15);
    sqz_tiers_free(&tables);
    tier = read_form(&tables, *state,
                     "notional_floor,imr,max_leverage,maintenance_share,mmr\n0,0.02,47,0.6,0.012\n"
                     "90,0.07,14,0.6,\n");
    check_near("rate", tier[0].rate, 0.012, 0);
    check_near("rate", tier[1].rate, 0.042, 1e-17);
    sqz_tiers_free(&tables);
}

static void test_units_are_told_or_those_of_the_position(void **state)
{
    struct sqz_tier_tables tables;
    read_form(&tables, *state,
              "symbol,unit,notional_floor,notional_cap,mmr,mmr_slope\nA,coin,0,30,0.01,0.0002\n"
              "A,coin,30,,0.02,0.0004\nB,USD,0,,0.01,\nC,,0,,0.01,\n");
    const struct sqz_tier_table *table = tables.table;
    assert_true(table[0].tiers.unit == SQZ_SIZE_COIN && table[1].tiers.unit == SQZ_SIZE_USD);
    assert_true(table[2].tiers.unit == SQZ_SIZE_CURRENCY && table[2].tiers.contract_size == 0);
    assert_true(sqz_tiers_unit_given(&table[0].tiers) && !sqz_tiers_unit_given(&table[2].tiers));
    assert_true(tables.tier[0].slope == 0.0002 && tables.tier[2].slope == 0);
    check_near("deduction", tables.tier[1].deduction, 30 * (0.01 + 30 * 0.0002), 1e-15);
    sqz_tiers_free(&tables);
    const char *path = scratch_write(*state, "tiers.csv",
                                     "symbol,unit,notional_floor,notional_cap,mmr\n"
                                     "A,contract,0,30,0.01\nA,contract,31,,0.02\nB,coin,0,,0.01\n"
                                     "C,,0,,0.01\n");
    read_tiers(&tables, path, true, 0.25);
    table = tables.table;
    assert_true(table[0].tiers.contract_size == 0.25 && table[1].tiers.contract_size == 0);
    assert_true(table[2].tiers.contract_size == 0.25 && tables.tier[1].deduction == 0);
    sqz_tiers_free(&tables);
}

/* ---- look-ups ------------------------------------------------------------------------------ */

/* The fixture but for its market with a planted gap. */
static const char *write_fixture(struct scratch *scratch)
{
    static char text[8192];
    size_t used = 0;
    char line[256];
    FILE *file = fopen(FOLDER "tiers_freqtrade_fixture.csv", "r");
    assert_non_null(file);
    while (fgets(line, sizeof line, file) != NULL)
        if (strstr(line, "AAVE") == NULL)
            used += (size_t)snprintf(text + used, sizeof text - used, "%s", line);
    fclose(file);
    return scratch_write(scratch, "fixture.csv", text);
}

static void check_lookup(const struct oracle *oracle, size_t row, const struct sqz_tiers *tiers)
{
    double size = oracle_number(oracle, row, "notional");
    double rate = oracle_number(oracle, row, "expected_mmr");
    double deduction = number_or(oracle, row, "expected_maint_amount", 0);
    bool contracts = tiers->contract_size > 0;
    struct sqz_position position = {.side = SQZ_LONG,
                                    .entry_usd = 1,
                                    .quantity = contracts ? size * tiers->contract_size : size,
                                    .tiers = tiers};
    double maintenance = rate * position.quantity - deduction;
    check_near("maintenance", sqz_margin_maintenance(&position, 1.0), maintenance,
               1e-12 * maintenance);
    /* On an edge both tiers say the same; the vectors then name the upper one. */
    if (!contracts)
        position.quantity *= 1 + 1e-12;
    const struct sqz_tier *tier = &tiers->tier[sqz_margin_tier(&position, 1.0)];
    assert_true(tier->rate == rate && tier->deduction == deduction);
}

static void test_every_published_lookup(void **state)
{
    struct oracle oracle;
    struct sqz_tier_tables fixture, okx;
    struct sqz_diag diag = {0};
    read_tiers(&fixture, write_fixture(*state), true, 0);
    read_tiers(&okx, FOLDER "tiers_okx_contracts.csv", false, 0.5);
    oracle_read(&oracle, "tier_lookup_vectors.csv");
    for (size_t row = 0; row < oracle.rows; row++) {
        bool contracts = strstr(oracle_text(&oracle, row, "table"), "okx") != NULL;
        const struct sqz_tiers *tiers = NULL;
        assert_int_equal(sqz_tiers_find(contracts ? &okx : &fixture,
                                        oracle_text(&oracle, row, "symbol"), &tiers, &diag),
                         SQZ_OK);
        check_lookup(&oracle, row, tiers);
    }
    oracle_free(&oracle);
    sqz_tiers_free(&fixture);
    sqz_tiers_free(&okx);
}

/* ---- symbols ------------------------------------------------------------------------------- */

static void check_missing(const struct sqz_tier_tables *tables, const char *symbol,
                          const char *message)
{
    const struct sqz_tiers *tiers;
    struct sqz_diag diag = {0};
    assert_int_equal(sqz_tiers_find(tables, symbol, &tiers, &diag), SQZ_ERR_DATA);
    check_diag(&diag, SQZ_ERR_DATA, "", 0, "", message);
}

static void test_tables_are_found_by_symbol(void **state)
{
    struct sqz_tier_tables tables;
    const struct sqz_tiers *tiers;
    struct sqz_diag diag = {0};
    read_tiers(&tables, FOLDER "tiers_hyperliquid.csv", true, 0);
    assert_int_equal(sqz_tiers_find(&tables, "SOL", &tiers, &diag), SQZ_OK);
    assert_true(tiers->tier[1].floor == 70000000);
    check_missing(&tables, "", "is not given, and the margin tiers are of 6 symbols; expected one");
    check_missing(&tables, "XRPL", "'XRPL' has no margin tiers; did you mean 'XRP'?");
    check_missing(&tables, "SOMETHING-ELSE",
                  "'SOMETHING-ELSE' has no margin tiers; expected a symbol of venue.tiers, or mmr");
    sqz_tiers_free(&tables);
    read_tiers(&tables, FOLDER "tiers_binance_sol.csv", true, 0); /* the only one */
    assert_int_equal(sqz_tiers_find(&tables, "", &tiers, &diag), SQZ_OK);
    check_missing(&tables, "BTC/USDT:USDT", "'BTC/USDT:USDT' has no margin tiers");
    sqz_tiers_free(&tables);
    read_tiers(&tables,
               scratch_write(*state, "tiers.csv", "notional_floor,notional_cap,mmr\n0,,0.01\n"),
               true, 0); /* of any */
    assert_int_equal(sqz_tiers_find(&tables, "BTC", &tiers, &diag), SQZ_OK);
    assert_int_equal(sqz_tiers_find(&tables, "", &tiers, &diag), SQZ_OK);
    sqz_tiers_free(&tables);
}

/* ---- refusals ------------------------------------------------------------------------------ */

static void check_refused(const char *path, bool deducted, double contract_size, long line,
                          const char *field, const char *message)
{
    struct sqz_tiers_terms terms = {deducted, contract_size, NULL};
    struct sqz_tier_tables tables;
    struct sqz_diag diag = {0};
    int error = sqz_tiers_read(&tables, path, &terms, NULL, &diag);
    sqz_tiers_free(&tables);
    if (error != SQZ_ERR_DATA)
        fail_msg("%s gives code %d, expected: %s", path, error, message);
    check_diag(&diag, SQZ_ERR_DATA, path, line, field, message);
}

static void test_gaps_are_refused(void **state)
{
    (void)state;
    /* Planted. The wrong deduction further up is not what is said. */
    check_refused(FOLDER "tiers_freqtrade_fixture.csv", true, 0, 20, "notional_floor",
                  "the tier begins at 10000000, but the one before it ends at 1000000; "
                  "expected 1000000");
    /* Contracts that are taken for USD. */
    check_refused(FOLDER "tiers_okx_contracts.csv", false, 0, 9, "notional_floor",
                  "the tier begins at 2001, but the one before it ends at 2000; expected 2000");
    check_refused(FOLDER "tiers_dydx.csv", true, 0, 1, "imf", "unknown column");
    check_refused("tests/unit/no-such-tiers.csv", true, 0, 0, "", "cannot be opened");
}

#define HEADER                                                                                     \
    "symbol,tier,notional_floor,notional_cap,mmr,max_leverage,maint_amount\nA,1,0,100,0.01,50,0\n"

static void check_row(struct scratch *scratch, const char *rows, long line, const char *field,
                      const char *message)
{
    char text[512];
    snprintf(text, sizeof text, "%s%s", HEADER, rows);
    check_refused(scratch_write(scratch, "tiers.csv", text), true, 0, line, field, message);
}

static void test_rows_are_refused(void **state)
{
    static const char NUMBER[] = "is not a finite number; expected plain digits";
    check_row(*state, "A,2,100,200\n", 3, "", "4 fields; expected 7");
    check_row(*state, ",2,100,200,0.02,25,\n", 3, "symbol", "'' is empty; expected the name");
    check_row(*state, "B,1,0,,0.01,,\nA,2,100,200,0.02,25,\n", 4, "symbol",
              "'A' has rows further up; expected the rows of a symbol together");
    check_row(*state, "A,two,100,200,0.02,25,\n", 3, "tier", NUMBER);
    check_row(*state, "A,2.5,100,200,0.02,25,\n", 3, "tier",
              "'2.5' is not the number of a tier; expected 0, 1, ..");
    check_row(*state, "A,-1,100,200,0.02,25,\n", 3, "tier", "'-1' is not the number");
    check_row(*state, "A,2,,200,0.02,25,\n", 3, "notional_floor", NUMBER);
    check_row(*state, "A,2,99,200,0.02,25,\n", 3, "notional_floor",
              "the tier begins at 99, but the one before it ends at 100; expected 100");
    check_row(*state, "B,1,100,200,0.02,25,\n", 3, "notional_floor",
              "'100' is not where sizes begin; expected 0 in a first tier");
    check_row(*state, "A,2,100,100,0.02,25,\n", 3, "notional_cap",
              "'100' is not above notional_floor; expected more");
    check_row(*state, "A,2,100,many,0.02,25,\n", 3, "notional_cap", NUMBER);
    check_row(*state, "A,2,100,,0.02,25,\nA,3,200,,0.03,20,\n", 3, "notional_cap",
              "is without an end, but another tier follows on line 4; expected a number");
    check_row(*state, "A,2,100,inf,0.02,25,\nA,3,200,,0.03,20,\n", 3, "notional_cap",
              "is without an end, but another tier follows on line 4; expected a number");
    check_row(*state, "A,2,100,200,0,25,\n", 3, "mmr",
              "'0' is out of range; expected above 0 and below 1");
    check_row(*state, "A,2,100,200,1,25,\n", 3, "mmr", "'1' is out of range");
    check_row(*state, "A,2,100,200,,25,\n", 3, "mmr",
              "'' is empty; expected a rate, or maintenance_share of imr or of max_leverage");
    check_row(*state, "A,2,100,200,0.009,25,\n", 3, "mmr",
              "'0.009' is below the 0.01 of the tier before; expected rates that rise");
    check_row(*state, "A,2,100,200,0.02,0,\n", 3, "max_leverage",
              "'0' is out of range; expected above 0");
    check_row(*state, "A,2,100,200,0.02,25,some\n", 3, "maint_amount", NUMBER);
    check_row(*state, "A,2,100,200,0.02,25,2.00\n", 3, "maint_amount",
              "is 2; expected 1, with which maintenance is continuous (or nothing)");
    check_row(*state, "B,1,0,200,0.02,25,0.5\n", 3, "maint_amount", "is 0.5; expected 0");
}

static void test_files_are_refused(void **state)
{
    check_refused(scratch_write(*state, "tiers.csv", ""), true, 0, 0, "",
                  "is empty; expected margin tiers, notional_floor,notional_cap,mmr");
    check_refused(scratch_write(*state, "tiers.csv", "notional_floor,notional_cap,mmr\n"), true, 0,
                  0, "", "has no margin tiers; expected at least one row after the header");
    check_refused(scratch_write(*state, "tiers.csv", "notional_cap,mmr\n"), true, 0, 1,
                  "notional_floor", "missing column");
    const char *path = scratch_write(*state, "tiers.csv", HEADER "A,2,100,200,0.02,25,1\n");
    check_refused(path, false, 0, 3, "maint_amount",
                  "is 1; expected 0 (or nothing), as there are no deductions here");
    check_refused(path, true, 0.1, 3, "maint_amount", "is 1; expected 0 (or nothing)");
    path = scratch_write(*state, "tiers.csv", HEADER "A,2,102,200,0.02,25,\n");
    check_refused(path, false, 0.1, 3, "notional_floor",
                  "the tier begins at 102, but the one before it ends at 100; expected 100 or "
                  "one contract more");
}

#define IN_SCRATCH(test) cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)

static void check_form(struct scratch *scratch, const char *text, long line, const char *field,
                       const char *message)
{
    check_refused(scratch_write(scratch, "tiers.csv", text), true, 0, line, field, message);
}

static void test_forms_are_refused(void **state)
{
#define UNITS "unit,notional_floor,notional_cap,mmr,mmr_slope\n"
    check_form(*state, UNITS "lot,0,,0.01,\n", 2, "unit",
               "'lot' is unknown; expected coin, usd or contract");
    check_form(*state, UNITS "contract,0,,0.01,\n", 2, "unit", "needs venue.contract_size");
    check_form(*state, UNITS "coin,0,9,0.01,\nusd,9,,0.02,\n", 3, "unit",
               "'usd' is another than in the tier before; expected one in a table");
    check_form(*state, UNITS "coin,0,9,0.01,-0.1\n", 2, "mmr_slope", "is below 0");
    check_form(*state, UNITS "coin,0,9,0.01,0.002\ncoin,9,,0.02,\n", 3, "mmr",
               "'0.02' is below the 0.028 of the tier before; expected rates that rise");
#define SHARES "notional_floor,imr,max_leverage,maintenance_share,mmr\n"
    check_form(*state, SHARES "0,,,0.5,\n", 2, "maintenance_share",
               "has nothing to be a share of; expected imr or max_leverage");
    check_form(*state, SHARES "0,,50,1.5,\n", 2, "maintenance_share", "is out of range");
    check_form(*state, SHARES "0,2,50,0.5,\n", 2, "imr", "is out of range");
    check_form(*state, SHARES "0,,50,0.5,0.02\n", 2, "mmr",
               "is 0.02; expected 0.01, maintenance_share of the initial margin (or nothing)");
    check_form(*state, "notional_floor,mmr\n0,0.01\n0,0.02\n", 3, "notional_floor",
               "'0' is not above that of the tier before; expected more");
}

/* 0.07 are seven contracts of 0.01, though 0.07 / 0.01 is above 7 in doubles. */
static void test_contracts_are_whole(void **state)
{
    (void)state;
    const struct sqz_tier tier[] = {{.floor = 0, .cap = 7, .rate = 0.005},
                                    {.floor = 7, .cap = INFINITY, .rate = 0.01}};
    const struct sqz_tiers tiers = {.tier = tier, .count = 2, .contract_size = 0.01};
    struct sqz_position position = {.quantity = 0.07, .entry_usd = 100, .tiers = &tiers};
    volatile double count = 0.07 / 0.01;
    assert_true(count > 7.0);
    assert_int_equal(sqz_margin_tier(&position, 100), 0);
    position.quantity = 0.0701;
    assert_int_equal(sqz_margin_tier(&position, 100), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_published_tables_load),
        IN_SCRATCH(test_missing_deductions_are_the_published_ones),
        IN_SCRATCH(test_no_deductions_where_the_venue_has_none),
        IN_SCRATCH(test_every_table_has_its_own_numbers),
        IN_SCRATCH(test_deductions_are_rounded_as_printed),
        IN_SCRATCH(test_the_last_tier_has_no_end),
        IN_SCRATCH(test_a_share_of_initial_margin_is_a_rate),
        IN_SCRATCH(test_units_are_told_or_those_of_the_position),
        IN_SCRATCH(test_every_published_lookup),
        IN_SCRATCH(test_tables_are_found_by_symbol),
        cmocka_unit_test(test_gaps_are_refused),
        cmocka_unit_test(test_contracts_are_whole),
        IN_SCRATCH(test_rows_are_refused),
        IN_SCRATCH(test_files_are_refused),
        IN_SCRATCH(test_forms_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
