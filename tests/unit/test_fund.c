/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The insurance fund by itself, what a venue is made of, and whose orders reached how far. */
#include "tests/support/support.h"

#include <math.h>

#include "models/venues/venues.h"
#include "sim/core/first_reach.h"
#include "sim/core/fund.h"

static const struct sqz_account_table LINEAR = {.contract = SQZ_LINEAR};

static struct sqz_venue venue_with(const struct sqz_venue_model *model, double fund)
{
    return (struct sqz_venue){
        .model = model, .account_table = &LINEAR, .start_usd = 100.0, .fund = fund};
}

/* 70 with 30 to pay and then 55: 15 are bad debt. A gain of 8 is no debt paid back. */
static void test_it_pays_what_it_has(void **state)
{
    (void)state;
    const struct sqz_venue venue = venue_with(&sqz_venue_dydx, 70.0);
    struct sqz_fund fund;
    sqz_fund_reset(&fund, &venue);
    sqz_fund_pay(&fund, 30.0, 100.0);
    check_near("balance", sqz_fund_balance(&fund, 100.0), 40.0, 0.0);
    assert_true(fund.bad_debt == 0.0);
    sqz_fund_pay(&fund, 55.0, 100.0);
    check_near("balance", sqz_fund_balance(&fund, 100.0), 0.0, 0.0);
    check_near("bad debt", fund.bad_debt, 15.0, 0.0);
    check_near("drawn", fund.drawn, 70.0, 0.0);
    sqz_fund_pay(&fund, -8.0, 100.0);
    check_near("balance", sqz_fund_balance(&fund, 100.0), 8.0, 0.0);
    check_near("bad debt", fund.bad_debt, 15.0, 0.0);
    check_near("drawn", fund.drawn, 70.0, 0.0);
}

/* It keeps a long of 3 at 97 and the 5 that its account is worth, and a short of 2 at 104 whose
 * account owes 7: at 90 that is 20 + 5 - 7 - 3 * 7 + 2 * 14. */
static void test_what_it_keeps_is_worth_the_price(void **state)
{
    (void)state;
    const struct sqz_venue venue = venue_with(&sqz_venue_hyperliquid, 20.0);
    const struct sqz_position bought = {.side = SQZ_LONG, .quantity = 3.0},
                              sold = {.side = SQZ_SHORT, .quantity = 2.0};
    struct sqz_fund fund;
    sqz_fund_reset(&fund, &venue);
    sqz_fund_keep(&fund, &bought, 97.0);
    sqz_fund_take_equity(&fund, 5.0);
    sqz_fund_keep(&fund, &sold, 104.0);
    sqz_fund_take_equity(&fund, -7.0);
    check_near("balance", sqz_fund_balance(&fund, 90.0), 25.0, 1e-12);
    check_near("available", sqz_fund_available(&fund, 90.0), 25.0, 1e-12);
    check_near("kept", fund.kept_usd, 3 * 97.0 + 2 * 104.0, 1e-12);
    check_near("drawn", fund.drawn, 7.0, 0.0);
    assert_true(sqz_fund_balance(&fund, 40.0) == 20.0 + 5 - 7 - 3 * 57 + 2 * 64.0);
    assert_true(sqz_fund_available(&fund, 40.0) == 0.0); /* it is below zero */
}

/* Bybit spares a fund that is 30 % below its peak of eight hours: nothing is to be had of it, until
 * the peak has passed out of the window. */
static void test_a_spared_fund_has_nothing_to_spend(void **state)
{
    (void)state;
    const struct sqz_venue venue = venue_with(&sqz_venue_bybit, 1000.0);
    struct sqz_fund fund;
    assert_true(sqz_fund_is_spared(&venue));
    sqz_fund_reset(&fund, &venue);
    sqz_fund_earn(&fund, 200.0);
    sqz_fund_watch(&fund, 100.0, 600.0);
    sqz_fund_earn(&fund, -361.0);
    sqz_fund_watch(&fund, 100.0, 1200.0);
    check_near("fall", sqz_fund_fall(&fund), 361.0 / 1200.0, 1e-15);
    assert_true(fund.drawn_down && sqz_fund_available(&fund, 100.0) == 0.0);
    sqz_fund_watch(&fund, 100.0, 7.9 * 3600);
    assert_true(fund.drawn_down);
    sqz_fund_watch(&fund, 100.0, 9.1 * 3600);
    check_near("fall", sqz_fund_fall(&fund), 0.0, 0.0);
    check_near("available", sqz_fund_available(&fund, 100.0), 839.0, 1e-12);
}

/* Two accounts, one of two positions; the fund of an inverse contract is in coins of one of the ten
 * accounts that stand behind each. */
static void test_a_venue_is_wired_in_one_place(void **state)
{
    (void)state;
    struct sqz_position position[3] = {{.contract = SQZ_INVERSE}, {0}, {0}};
    uint32_t first[] = {0, 1, 3}, row[] = {1, 2, 3}, shorts[] = {1}, longs[] = {1, 0};
    const struct sqz_account_table table = {.count = 3,
                                            .accounts = 2,
                                            .contract = SQZ_INVERSE,
                                            .position = position,
                                            .row = row,
                                            .first = first};
    const struct sqz_ladder ladder = {.side = {[SQZ_UP] = {.count = 1, .account = shorts},
                                               [SQZ_DOWN] = {.count = 2, .account = longs}}};
    const struct sqz_venue_terms terms = {.model = &sqz_venue_full,
                                          .account_table = &table,
                                          .ladder = &ladder,
                                          .start_usd = 50000.0,
                                          .fund_usd = 2e6,
                                          .scale = 10.0};
    struct sqz_venue venue;
    struct sqz_diag diag = {0};
    assert_int_equal(sqz_venue_init(&venue, &terms, &diag), SQZ_OK);
    check_near("fund", venue.fund, 4.0, 0.0);
    assert_int_equal(venue.legs_max, 2);
    assert_true(venue.level_of[SQZ_UP][0] == SQZ_NO_LEVEL && venue.level_of[SQZ_UP][1] == 0);
    assert_true(venue.level_of[SQZ_DOWN][0] == 1 && venue.level_of[SQZ_DOWN][1] == 0);
    sqz_venue_free(&venue);
    sqz_venue_free(&venue);
}

/* From 0.01 order 5 takes the price to 0.02 and order 3 to 0.04; order 8 falls short of that. What
 * lay within reach before has no parent, nor has what lies beyond. */
static void test_the_first_order_that_reaches_is_the_parent(void **state)
{
    (void)state;
    const struct {
        double reach_log;
        size_t index;
    } orders[] = {{0.02, 5}, {0.04, 3}, {0.03, 8}};
    const struct {
        double distance_log;
        int parent;
    } expected[] = {{0.009, -1}, {0.01, -1}, {0.015, 5}, {0.02, 5},
                    {0.021, 3},  {0.04, 3},  {0.05, -1}};
    struct sqz_first_reach first;
    assert_int_equal(sqz_first_reach_init(&first, 4), SQZ_OK);
    sqz_first_reach_reset(&first);
    sqz_first_reach_begin(&first, 0.01, 7.0);
    for (int i = 0; i < 3; i++) {
        sqz_first_reach_note(&first, (struct sqz_level_id){SQZ_UP, orders[i].index},
                             orders[i].reach_log);
        sqz_first_reach_begin(&first, orders[i].reach_log, 7.0); /* of the same time */
    }
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        const struct sqz_level_id *parent =
            sqz_first_reach_parent(&first, SQZ_UP, expected[i].distance_log);
        assert_int_equal(parent != NULL ? (int)parent->index : -1, expected[i].parent);
    }
    sqz_first_reach_begin(&first, 0.01, 8.0);
    assert_null(sqz_first_reach_parent(&first, SQZ_UP, 0.015));
    sqz_first_reach_free(&first);
}

/* Without accounts, or with more orders than accounts, nothing is written past the end. */
static void test_no_more_is_kept_than_there_is_room(void **state)
{
    (void)state;
    for (size_t accounts = 0; accounts < 3; accounts++) {
        struct sqz_first_reach first;
        assert_int_equal(sqz_first_reach_init(&first, accounts), SQZ_OK);
        sqz_first_reach_reset(&first);
        sqz_first_reach_begin(&first, 0.0, 1.0);
        for (size_t i = 0; i < 5; i++)
            sqz_first_reach_note(&first, (struct sqz_level_id){SQZ_DOWN, i}, 0.1 * (double)(i + 1));
        const struct sqz_level_id *last = sqz_first_reach_parent(&first, SQZ_DOWN, 0.5);
        assert_true(accounts == 0 ? last == NULL : last->index == 4);
        sqz_first_reach_free(&first);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_it_pays_what_it_has),
        cmocka_unit_test(test_what_it_keeps_is_worth_the_price),
        cmocka_unit_test(test_a_spared_fund_has_nothing_to_spend),
        cmocka_unit_test(test_a_venue_is_wired_in_one_place),
        cmocka_unit_test(test_the_first_order_that_reaches_is_the_parent),
        cmocka_unit_test(test_no_more_is_kept_than_there_is_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
