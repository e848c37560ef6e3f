/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where a venue nets, an account holds the difference of its longs and shorts, and what those that
 * were set off have made; equal sides are nothing at all. Hyperliquid and dYdX do. */
#include "tests/unit/scratch.h"

#include <math.h>

#include "models/venues/venues.h"
#include "sim/analysis/accounts.h"

struct fixture {
    struct sqz_settings settings;
    struct sqz_margin_terms terms;
    struct sqz_positions positions;
    struct sqz_margin_result result;
    struct sqz_account_table account_table; /* as a scenario has them */
};

static void compute(struct fixture *fixture, struct scratch *scratch,
                    const struct sqz_venue_model *venue, const char *positions)
{
    struct sqz_diag diag = {0};
    memset(fixture, 0, sizeof *fixture);
    int error = sqz_margin_terms_load(&fixture->terms, venue, &fixture->settings, &diag);
    if (error == SQZ_OK)
        error = sqz_positions_read(&fixture->positions,
                                   scratch_write(scratch, "positions.csv", positions),
                                   &fixture->terms, NULL, &diag);
    if (error == SQZ_OK)
        error = sqz_accounts_compute(&fixture->result, &fixture->positions, venue->one_way, &diag);
    if (error == SQZ_OK)
        error = sqz_account_table_build(&fixture->account_table, fixture->positions.holding,
                                        fixture->positions.count, &diag);
    if (error != SQZ_OK)
        fail_msg("%s:%ld: %s: %s", diag.file, diag.line, diag.field, diag.message);
    size_t accounts = fixture->account_table.accounts;
    sqz_account_table_merge(&fixture->account_table, venue->one_way);
    assert_int_equal(fixture->account_table.accounts + fixture->account_table.flat, accounts);
}

static void release(struct fixture *fixture)
{
    sqz_margin_result_free(&fixture->result);
    sqz_positions_free(&fixture->positions);
    sqz_margin_terms_free(&fixture->terms);
    sqz_settings_free(&fixture->settings);
    sqz_account_table_free(&fixture->account_table);
}

/* A row that is part of nothing: no price, nothing to keep. */
static void check_flat(const struct fixture *fixture, size_t row)
{
    const struct sqz_margin_row *is = &fixture->result.row[row - 1];
    assert_true(isnan(is->liquidation_usd) && isnan(is->bankruptcy_usd));
    assert_true(isnan(is->distance_percent) && isnan(is->tier) && is->maintenance_usd == 0.0);
}

static void check_price(const struct fixture *fixture, size_t row, double liquidation_usd)
{
    double price = fixture->result.row[row - 1].liquidation_usd;
    assert_true(isnan(price) == isnan(liquidation_usd));
    if (!isnan(liquidation_usd))
        check_near("liquidation", price, liquidation_usd, 1e-12 * liquidation_usd);
}

/* The ladder of a scenario that starts at 100. */
static void check_levels(const struct fixture *fixture, size_t up, size_t down)
{
    struct sqz_ladder ladder;
    struct sqz_diag diag = {0};
    assert_int_equal(sqz_account_table_ladder(&fixture->account_table, 100, 1.0, &ladder, &diag),
                     SQZ_OK);
    assert_int_equal(ladder.side[SQZ_UP].count, up);
    assert_int_equal(ladder.side[SQZ_DOWN].count, down);
    sqz_ladder_free(&ladder);
}

static const struct sqz_venue_model *const NETTING[] = {&sqz_venue_hyperliquid, &sqz_venue_dydx};

#define HEADER "side,entry_usd,quantity,leverage,margin_mode,margin_usd,account,mmr\n"

/* In one row a side, in several whose sums differ by rounding, from unlike entries and at a loss.
 */
static void test_equal_sides_are_flat(void **state)
{
    static const char *const ROWS[] = {
        HEADER "long,100,1,,cross,0.6,a,0.005\nshort,100,1,,cross,0,a,0.005\n",
        HEADER "long,100,0.1,,cross,9,a,0.005\nshort,90,0.3,,cross,9,a,0.005\n"
               "long,104,0.2,,cross,9,a,0.005\n",
        HEADER "long,100,1,,cross,9,a,0.005\nshort,120,1.5,,cross,9,a,0.02\n"
               "long,104,0.5,,cross,9,a,0.01\n",
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++)
        for (size_t v = 0; v < 2; v++) {
            struct fixture fixture;
            compute(&fixture, *state, NETTING[v], ROWS[i]);
            for (size_t row = 1; row <= fixture.positions.count; row++)
                check_flat(&fixture, row);
            assert_int_equal(fixture.account_table.accounts, 0);
            assert_int_equal(fixture.account_table.count, 0);
            check_levels(&fixture, 0, 0);
            release(&fixture);
        }
}

/* Elsewhere a hedge is two positions, each of which needs its maintenance. */
static void test_elsewhere_a_hedge_is_two_positions(void **state)
{
    struct fixture fixture;
    compute(&fixture, *state, &sqz_venue_binance,
            HEADER "long,100,1,,cross,1.2,a,0.005\nshort,100,1,,cross,0,a,0.005\n");
    check_price(&fixture, 2, 1.2 / (2 * 0.005));
    assert_int_equal(fixture.account_table.count, 2);
    release(&fixture);
}

/* Long 1 and short 1 - q from 100 with 0.6: q (P - 100) + 0.6 = 0.005 q P, which is below zero from
 * q = 0.006 on; with q below zero the same for a short, which has a price however small it is. */
static void test_it_is_continuous_at_equality(void **state)
{
    for (double q = 0.5; q > 1e-9; q /= 7) {
        struct fixture fixture;
        char text[300];
        double price = (100 * q - 0.6) / (0.995 * q);
        snprintf(text, sizeof text,
                 HEADER "long,100,1,,cross,0.6,a,0.005\nshort,100,%.17g,,cross,0,a,0.005\n", 1 - q);
        compute(&fixture, *state, &sqz_venue_hyperliquid, text);
        check_flat(&fixture, 2);
        const struct sqz_margin_row *row = &fixture.result.row[0];
        if (price > 0)
            check_near("long", row->liquidation_usd, price, 1e-6 * price);
        assert_true(price > 0 || isnan(row->liquidation_usd));
        assert_int_equal(fixture.account_table.accounts, 1);
        check_near("left", fixture.account_table.position[0].quantity, q, 1e-15);
        check_near("keeps", row->maintenance_usd, 0.005 * q * (price > 0 ? price : 100), 1e-12);
        release(&fixture);
        snprintf(text, sizeof text,
                 HEADER "long,100,1,,cross,0.6,a,0.005\nshort,100,%.17g,,cross,0,a,0.005\n", 1 + q);
        compute(&fixture, *state, &sqz_venue_hyperliquid, text);
        check_flat(&fixture, 1);
        double above = (100 * q + 0.6) / (1.005 * q);
        check_near("short", fixture.result.row[1].liquidation_usd, above, 1e-6 * above);
        release(&fixture);
    }
}

/* Long 3 from 110, short 2 from 120: long 1 from 110, and 20 that the other two made. */
static void test_what_is_left_keeps_its_entry(void **state)
{
    for (size_t v = 0; v < 2; v++) {
        struct fixture fixture;
        compute(&fixture, *state, NETTING[v],
                HEADER "long,110,3,,cross,30,a,0.02\nshort,120,2,,cross,10,a,0.02\n");
        double price = (110 - 60) / 0.98;
        check_price(&fixture, 1, price);
        check_flat(&fixture, 2);
        check_near("keeps", fixture.result.row[0].maintenance_usd, 0.02 * price, 1e-12);
        assert_int_equal(fixture.account_table.count, 1);
        const struct sqz_position *left = &fixture.account_table.position[0];
        assert_true(left->quantity == 1 && left->entry_usd == 110 && left->side == SQZ_LONG);
        check_near("cash", left->collateral, 60, 1e-12);
        check_levels(&fixture, 0, 1);
        release(&fixture);
    }
}

/* Rows by different rules are not one position, but are set off all the same: short 2 against the
 * long of 2, then the last short against a part of the other. */
static void test_unlike_rows_are_set_off(void **state)
{
    struct fixture fixture;
    compute(&fixture, *state, &sqz_venue_hyperliquid,
            HEADER "long,100,2,,cross,10,a,0.01\nlong,104,4,,cross,20,a,0.02\n"
                   "short,110,3,,cross,0,a,0.03\n");
    check_flat(&fixture, 1);
    check_flat(&fixture, 3);
    /* 30 + 2 * 10 + 1 * 6 + 3 (P - 104) = 0.02 * 3 P */
    check_price(&fixture, 2, (3 * 104 - 56) / (3 * 0.98));
    release(&fixture);
}

/* Flat in X, which has made 10, the account has that for its long in Y, and keeps nothing of it. */
static void test_a_flat_symbol_is_cash_for_the_others(void **state)
{
    struct fixture fixture;
    compute(&fixture, *state, &sqz_venue_hyperliquid,
            "side,entry_usd,quantity,leverage,margin_mode,margin_usd,account,mmr,symbol\n"
            "long,100,2,,cross,5,a,0.01,X\nlong,50,4,,cross,20,a,0.02,Y\n"
            "short,105,2,,cross,1,a,0.01,X\n");
    check_flat(&fixture, 1);
    check_flat(&fixture, 3);
    check_price(&fixture, 2, (200 - 36) / (4 * 0.98));
    check_near("bankruptcy", fixture.result.row[1].bankruptcy_usd, (200 - 36) / 4.0, 1e-12);
    release(&fixture);
}

/* Isolated rows of one account and symbol are one position with one margin; those of others, or of
 * nobody, stand alone. */
static void test_isolated_rows_of_one_account(void **state)
{
    struct fixture fixture;
    static const char ROWS[] =
        HEADER "long,100,1,,isolated,5,a,0.01\nlong,100,3,,isolated,15,b,0.01\n"
               "short,100,1,,isolated,5,a,0.01\nlong,100,1,,isolated,5,,0.01\n"
               "short,104,2,,isolated,8,b,0.01\nshort,100,1,,isolated,5,,0.01\n";
    compute(&fixture, *state, &sqz_venue_hyperliquid, ROWS);
    check_flat(&fixture, 1);
    check_flat(&fixture, 3);
    check_flat(&fixture, 5);
    check_price(&fixture, 2, (100 - 31) / 0.99); /* 23, and 2 (104 - 100) */
    check_price(&fixture, 4, 95 / 0.99);
    check_price(&fixture, 6, 105 / 1.01);
    assert_int_equal(fixture.result.accounts, 4);
    assert_int_equal(fixture.account_table.accounts, 3);
    release(&fixture);
    compute(&fixture, *state, &sqz_venue_binance, ROWS);
    assert_int_equal(fixture.result.accounts, 6);
    check_price(&fixture, 1, 95 / 0.99);
    release(&fixture);
    compute(&fixture, *state, &sqz_venue_dydx,
            "side,entry_usd,quantity,leverage,margin_mode,margin_usd,account,symbol,mmr\n"
            "long,100,1,,isolated,5,a,X,0.01\nshort,100,1,,isolated,5,a,Y,0.01\n");
    check_price(&fixture, 1, 95 / 0.99);
    check_price(&fixture, 2, 105 / 1.01);
    release(&fixture);
}

#define IN_SCRATCH(test) cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SCRATCH(test_equal_sides_are_flat),
        IN_SCRATCH(test_elsewhere_a_hedge_is_two_positions),
        IN_SCRATCH(test_it_is_continuous_at_equality),
        IN_SCRATCH(test_what_is_left_keeps_its_entry),
        IN_SCRATCH(test_unlike_rows_are_set_off),
        IN_SCRATCH(test_a_flat_symbol_is_cash_for_the_others),
        IN_SCRATCH(test_isolated_rows_of_one_account),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
