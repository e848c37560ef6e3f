/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Prices at which positions are liquidated, alone and where they share one equity. */
#include "tests/unit/scratch.h"

#include <math.h>

#include "models/registry.h"
#include "sim/analysis/accounts.h"

struct fixture {
    struct sqz_settings settings;
    struct sqz_margin_terms terms;
    struct sqz_positions positions;
    struct sqz_margin_result result;
    bool one_way; /* set before */
};

static void compute(struct fixture *fixture, struct scratch *scratch, const char *tiers,
                    const char *positions)
{
    struct sqz_diag diag = {0};
    char setting[200];
    *fixture = (struct fixture){.one_way = fixture->one_way};
    if (tiers != NULL) {
        snprintf(setting, sizeof setting, "venue.tiers=%s",
                 scratch_write(scratch, "tiers.csv", tiers));
        assert_int_equal(sqz_settings_override(&fixture->settings, setting, &diag), SQZ_OK);
    }
    int error =
        sqz_margin_terms_load(&fixture->terms, sqz_registry.venues[0], &fixture->settings, &diag);
    if (error == SQZ_OK)
        error = sqz_positions_read(&fixture->positions,
                                   scratch_write(scratch, "positions.csv", positions),
                                   &fixture->terms, NULL, &diag);
    if (error == SQZ_OK)
        error =
            sqz_accounts_compute(&fixture->result, &fixture->positions, fixture->one_way, &diag);
    if (error != SQZ_OK)
        fail_msg("%s:%ld: %s: %s", diag.file, diag.line, diag.field, diag.message);
}

static void release(struct fixture *fixture)
{
    sqz_margin_result_free(&fixture->result);
    sqz_positions_free(&fixture->positions);
    sqz_margin_terms_free(&fixture->terms);
    sqz_settings_free(&fixture->settings);
}

static void check_prices(const struct fixture *fixture, size_t row, double liquidation_usd,
                         double bankruptcy_usd)
{
    const struct sqz_margin_row *is = &fixture->result.row[row - 1];
    assert_true(isnan(liquidation_usd) == isnan(is->liquidation_usd));
    assert_true(isnan(bankruptcy_usd) == isnan(is->bankruptcy_usd));
    if (!isnan(liquidation_usd))
        check_near("liquidation", is->liquidation_usd, liquidation_usd, 1e-12 * liquidation_usd);
    if (!isnan(bankruptcy_usd))
        check_near("bankruptcy", is->bankruptcy_usd, bankruptcy_usd, 1e-12 * bankruptcy_usd);
}

#define HEADER "side,entry_usd,quantity,leverage,margin_mode,margin_usd,account,mmr,fee\n"

/* Three linear positions, long 3 and 2, short 1.5: equity W + sum s q (P - E) against sum (m + f) q
 * P; nothing is left but the fee where the same holds without m. */
static void test_cross_positions_are_valued_together(void **state)
{
    struct fixture fixture = {0};
    compute(&fixture, *state, NULL,
            HEADER "long,100,3,,cross,40,a,0.01,0.0006\n"
                   "short,70,5,,isolated,90,a,0.01,0\n"
                   "long,110,2,,cross,30,a,0.02,0.0004\n"
                   "short,120,1.5,,cross,25,a,0.03,0\n");
    double paid = 3 * 100 + 2 * 110 - 1.5 * 120, net = 3 + 2 - 1.5;
    double fee = 3 * 0.0006 + 2 * 0.0004, keep = 3 * 0.01 + 2 * 0.02 + 1.5 * 0.03 + fee;
    double liquidation = (paid - 95) / (net - keep), bankruptcy = (paid - 95) / (net - fee);
    check_prices(&fixture, 1, liquidation, bankruptcy);
    check_prices(&fixture, 3, liquidation, bankruptcy);
    check_prices(&fixture, 4, NAN, NAN); /* the account gains as the price rises */
    check_prices(&fixture, 2, (70 + 18) / 1.01, 70 + 18);
    assert_int_equal(fixture.result.accounts, 2);
    const struct sqz_margin_row *row = fixture.result.row;
    check_near("maintenance", row[2].maintenance_usd, 0.0204 * 2 * liquidation, 1e-11);
    check_near("maintenance at entry", row[3].maintenance_usd, 0.03 * 1.5 * 120, 1e-11);
    check_near("distance", row[2].distance_percent, 100 * (1 - liquidation / 110), 1e-11);
    check_near("distance", row[1].distance_percent, 100 * ((70 + 18) / 1.01 / 70 - 1), 1e-11);
    assert_true(isnan(row[3].distance_percent) && isnan(row[0].tier));
    assert_true(row[0].side == SQZ_LONG && row[3].side == SQZ_SHORT && row[3].entry_usd == 120);
    release(&fixture);
}

/* In coin: W + sum s Q (1/E - 1/P) against sum m Q / P. */
static void test_inverse_cross_positions(void **state)
{
    struct fixture fixture = {0};
    compute(&fixture, *state, NULL,
            "side,entry_usd,quantity,leverage,margin_mode,margin_usd,account,mmr,contract\n"
            "short,200,900,,cross,110,b,0.012,inverse\n"
            "long,320,100,,cross,20,b,0.02,inverse\n"
            "short,250,500,,cross,75,b,0.012,inverse\n");
    double worth = 110 / 200.0 + 20 / 320.0 + 75 / 250.0;
    double coin = worth - 900 / 200.0 + 100 / 320.0 - 500 / 250.0, net = 100 - 900 - 500;
    double keep = 0.012 * 900 + 0.02 * 100 + 0.012 * 500;
    double liquidation = (net + keep) / coin;
    check_prices(&fixture, 1, liquidation, net / coin);
    check_prices(&fixture, 2, NAN, NAN);
    check_prices(&fixture, 3, liquidation, net / coin);
    check_near("maintenance", fixture.result.row[2].maintenance_usd, 0.012 * 500, 1e-10);
    release(&fixture);
}

static const char BRACKETS[] = "tier,notional_floor,notional_cap,mmr\n"
                               "0,0,900,0.01\n1,900,2500,0.03\n2,2500,,0.1\n";

/* Parts of a position are in the tier of their sum, 1,200 at 100, and keep their share. */
static void test_rows_on_one_side_are_one_position(void **state)
{
    struct fixture parts = {0}, whole = {0};
    compute(&parts, *state, BRACKETS,
            "side,entry_usd,quantity,leverage,margin_mode,margin_usd,account\n"
            "long,90,5,,cross,40,a\nshort,300,1,,cross,1,a\nlong,110,7,,cross,80,a\n");
    compute(&whole, *state, BRACKETS,
            "side,entry_usd,quantity,leverage,margin_mode,margin_usd,account\n"
            "long,101.66666666666667,12,,cross,120,a\nshort,300,1,,cross,1,a\n");
    const struct sqz_margin_row *part = parts.result.row, *row = whole.result.row;
    for (int i = 0; i <= 2; i += 2) {
        check_near("liquidation", part[i].liquidation_usd, row[0].liquidation_usd, 1e-9);
        check_near("bankruptcy", part[i].bankruptcy_usd, row[0].bankruptcy_usd, 1e-9);
        assert_true(part[i].tier == row[0].tier);
        check_near("maintenance", part[i].maintenance_usd,
                   (i == 0 ? 5 : 7) / 12.0 * row[0].maintenance_usd, 1e-9);
    }
    release(&parts);
    release(&whole);
}

/* Long 5 and 7, short 2 of one account are long 10 whose margin has gained 2 (300 - E), E the mean
 * entry of the longs. */
static void test_one_way_markets_net(void **state)
{
    struct fixture parts = {.one_way = true};
    compute(
        &parts, *state, NULL,
        "side,entry_usd,quantity,leverage,margin_mode,margin_usd,account,mmr\n"
        "long,90,5,,cross,40,a,0.02\nshort,300,2,,cross,1,a,0.02\nlong,110,7,,cross,80,a,0.02\n");
    double entry = (5 * 90 + 7 * 110) / 12.0, margin = 121 + 2 * (300 - entry);
    double liquidation = (entry - margin / 10) / (1 - 0.02), bankruptcy = entry - margin / 10;
    check_prices(&parts, 1, liquidation, bankruptcy);
    check_prices(&parts, 3, liquidation, bankruptcy);
    check_prices(&parts, 2, NAN, NAN);
    const struct sqz_margin_row *row = parts.result.row;
    check_near("maintenance", row[2].maintenance_usd, 7 / 12.0 * 0.02 * 10 * liquidation, 1e-9);
    assert_true(row[1].maintenance_usd == 0.0);
    release(&parts);
}

/* What is held in another symbol stands still: its margin counts, and so does what it must keep. */
static void test_other_symbols_stand_still(void **state)
{
    struct fixture fixture = {0};
    compute(&fixture, *state, NULL,
            "side,entry_usd,quantity,leverage,margin_mode,margin_usd,account,mmr,other_upnl_usd,"
            "other_maintenance_usd,symbol\n"
            "long,100,3,,cross,40,a,0.01,,,X\n"
            "short,9,20,,cross,30,a,0.05,4,1.5,Y\n"
            "long,110,2,,cross,30,a,0.02,-7,,X\n");
    double worth = 40 + 30 + 4 + 30 - 7, keep_y = 0.05 * 20 * 9;
    double x = (520 - worth + keep_y + 1.5) / (5 - 0.03 - 0.04);
    check_prices(&fixture, 1, x, (520 - worth) / 5);
    check_prices(&fixture, 3, x, (520 - worth) / 5);
    double keep_x = 0.01 * 300 + 0.02 * 220;
    check_prices(&fixture, 2, (180 + worth - keep_x - 1.5) / (20 * 1.05), (180 + worth) / 20);
    release(&fixture);
}

#define MARKED                                                                                     \
    "side,entry_usd,quantity,leverage,margin_mode,margin_usd,account,mmr,symbol,mark_usd\n"

/* With marks they stand still at those: what they have won counts, and what they must keep there. A
 * row tells the mark of its symbol. */
static void test_other_symbols_stand_at_their_marks(void **state)
{
    struct fixture fixture = {0};
    compute(&fixture, *state, NULL,
            MARKED "long,100,3,,cross,40,a,0.01,X,\n"
                   "short,9,20,,cross,30,a,0.05,Y,8.5\n"
                   "long,110,2,,cross,30,a,0.02,X,104\n"
                   "long,9,7,,isolated,9,,0.05,Y,\n");
    double worth = 100 + 20 * 0.5, keep_y = 0.05 * 20 * 8.5;
    double x = (520 - worth + keep_y) / (5 - 0.03 - 0.04);
    check_prices(&fixture, 1, x, (520 - worth) / 5);
    check_prices(&fixture, 3, x, (520 - worth) / 5);
    worth = 100 + 3 * 4 - 2 * 6;
    double keep_x = 0.01 * 312 + 0.02 * 208, y = (180 + worth - keep_x) / (20 * 1.05);
    check_prices(&fixture, 2, y, (180 + worth) / 20);
    const struct sqz_margin_row *row = fixture.result.row;
    assert_true(row[0].mark_usd == 104 && row[3].mark_usd == 8.5);
    check_near("from the mark", row[0].distance_from_mark_percent, 100 * (1 - x / 104), 1e-10);
    check_near("from the mark", row[1].distance_from_mark_percent, 100 * (y / 8.5 - 1), 1e-10);
    check_near("from the entry", row[0].distance_percent, 100 * (1 - x / 100), 1e-10);
    release(&fixture);
}

/* Long 5 from 100 and short 4 from 140, worth 20 at 150: P - 130 at P, which is below what must be
 * kept at their mean entry, 117.8. It is enough from 130 / 0.91, where 1 % is asked of 9 P, to 265,
 * where 20 % are asked of what is above 900 of each: P - 130 = 0.09 P + 0.19 (9 P - 1800). */
static void test_prices_are_the_nearest_to_the_mark(void **state)
{
    static const char TABLE[] = "notional_floor,notional_cap,mmr\n0,900,0.01\n900,,0.2\n";
    struct fixture fixture = {0};
    compute(&fixture, *state, TABLE,
            "side,entry_usd,quantity,leverage,margin_mode,equity_usd,account,mark_usd\n"
            "long,100,5,,cross,20,a,150\nshort,140,4,,cross,,a,\n");
    check_prices(&fixture, 1, 130 / 0.91, 130);
    check_prices(&fixture, 2, 265, NAN);
    release(&fixture);
}

/* Without a price the maintenance is that at the mark. */
static void test_maintenance_at_the_mark(void **state)
{
    struct fixture fixture = {0};
    compute(&fixture, *state, NULL, MARKED "long,100,3,1,isolated,,,0.01,,140\n");
    check_prices(&fixture, 1, NAN, NAN);
    check_near("maintenance", fixture.result.row[0].maintenance_usd, 0.01 * 3 * 140, 1e-12);
    assert_true(isnan(fixture.result.row[0].distance_from_mark_percent));
    release(&fixture);
}

/* A position beside one that is next to nothing, in one account, is as good as the position alone:
 * in tiers, and with a fee. */
static void test_account_of_one_equals_isolated(void **state)
{
#define COLUMNS "side,entry_usd,quantity,leverage,margin_mode,account,fee\n"
    static const struct {
        const char *alone, *pair;
        int tier; /* at the liquidation price; entered in another */
    } CASES[] = {
        {"long,100,9.5,10,isolated,,0.001\n", "long,100,9.5,10,cross,a,0.001\n", 0},
        {"short,100,24,5,isolated,,0\n", "short,100,24,5,cross,a,0\n", 2},
        {"long,100,26,4,isolated,,0.0007\n", "long,100,26,4,cross,a,0.0007\n", 1},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        struct fixture alone = {0}, pair = {0};
        char text[400];
        snprintf(text, sizeof text, COLUMNS "%s", CASES[i].alone);
        compute(&alone, *state, BRACKETS, text);
        snprintf(text, sizeof text, COLUMNS "long,100,1e-15,1,cross,a,0\n%s", CASES[i].pair);
        compute(&pair, *state, BRACKETS, text);
        const struct sqz_margin_row *is = &pair.result.row[1], *expected = &alone.result.row[0];
        check_prices(&pair, 2, expected->liquidation_usd, expected->bankruptcy_usd);
        assert_true(expected->tier == CASES[i].tier && is->tier == CASES[i].tier);
        check_near("maintenance", is->maintenance_usd, expected->maintenance_usd, 1e-9);
        release(&alone);
        release(&pair);
    }
}

/* Rows in another order: the same answers, each at its row. */
static void test_order_of_rows_does_not_matter(void **state)
{
    static const char *const ROWS[] = {
        "long,100,3,,cross,40,a,0.01,0\n", "short,90,1,4,isolated,,,0.01,0\n",
        "long,110,2,,cross,30,b,0.02,0\n", "long,105,2.5,,cross,60,a,0.02,0\n",
        "short,95,7,,cross,300,b,0.02,0\n"};
    static const size_t ORDER[] = {3, 2, 4, 0, 1};
    struct fixture first = {0}, second = {0};
    char text[600] = HEADER, other[600] = HEADER;
    for (size_t i = 0; i < 5; i++) {
        strcat(text, ROWS[i]);
        strcat(other, ROWS[ORDER[i]]);
    }
    compute(&first, *state, NULL, text);
    compute(&second, *state, NULL, other);
    for (size_t i = 0; i < 5; i++) {
        const struct sqz_margin_row *is = &second.result.row[i];
        const struct sqz_margin_row *expected = &first.result.row[ORDER[i]];
        assert_true(is->entry_usd == expected->entry_usd && is->side == expected->side);
        check_prices(&second, i + 1, expected->liquidation_usd, expected->bankruptcy_usd);
        check_near("maintenance", is->maintenance_usd, expected->maintenance_usd, 1e-10);
    }
    release(&first);
    release(&second);
}

#define IN_SCRATCH(test) cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)

/* What stands still in another symbol is one position there too: 20,000 at 10 need 1,000 and 5 % of
 * what is above 100,000, whether in one row or two; netted, they are what is left of them and what
 * that has made. */
static void test_other_symbols_are_merged(void **state)
{
    static const char TABLE[] = "symbol,notional_floor,notional_cap,mmr\n"
                                "BTC,0,100000,0.01\nBTC,100000,,0.05\n"
                                "ETH,0,100000,0.01\nETH,100000,,0.05\n";
#define OTHERS                                                                                     \
    "side,entry_usd,quantity,leverage,margin_mode,margin_usd,account,symbol\n"                     \
    "long,100,1000,,cross,20000,a,BTC\n"
    struct fixture two = {0}, net = {.one_way = true};
    compute(&two, *state, TABLE,
            OTHERS "long,10,10000,,cross,0,a,ETH\nlong,10,10000,,cross,0,a,ETH\n");
    /* 20,000 + 1000 (P - 100) = 6,000 + 0.01 * 1000 P */
    check_near("merged", two.result.row[0].liquidation_usd, 86000 / 990.0, 1e-9);
    release(&two);
    compute(&net, *state, TABLE,
            OTHERS "long,10,10000,,cross,0,a,ETH\nshort,11,9999,,cross,0,a,ETH\n");
    check_near("netted", net.result.row[0].liquidation_usd, (80000 - 9999 + 0.1) / 990, 1e-9);
    release(&net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SCRATCH(test_cross_positions_are_valued_together),
        IN_SCRATCH(test_inverse_cross_positions),
        IN_SCRATCH(test_rows_on_one_side_are_one_position),
        IN_SCRATCH(test_one_way_markets_net),
        IN_SCRATCH(test_other_symbols_are_merged),
        IN_SCRATCH(test_other_symbols_stand_still),
        IN_SCRATCH(test_other_symbols_stand_at_their_marks),
        IN_SCRATCH(test_prices_are_the_nearest_to_the_mark),
        IN_SCRATCH(test_maintenance_at_the_mark),
        IN_SCRATCH(test_account_of_one_equals_isolated),
        IN_SCRATCH(test_order_of_rows_does_not_matter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
