/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is left of a level when it is touched: attrition, and survival by topping up. */
#include "tests/unit/engine_fixture.h"

/* Levels reached by jumps at known times: a (1 - survival) exp(-attrition t) of each is closed. */
static void test_what_is_left_of_a_level(void **state)
{
    (void)state;
    static struct event_log log;
    struct sqz_outcome outcome;
    struct test_world test;
    struct sqz_level level[] = {{0.0, 7e5, 0, SQZ_UP},
                                {0.01, 3e6, 0, SQZ_UP},
                                {0.02, 4e6, 0, SQZ_UP},
                                {0.002, 5e6, 0, SQZ_DOWN}};
    struct test_impulse first = {.time_s = 130.5, .jump_log = 0.0105},
                        second = {.time_s = 611.25, .jump_log = 0.0105},
                        third = {.time_s = 790, .jump_log = -0.035};
    const double attrition = 8.3e-4, share = 1 - 0.37;
    quiet_world(&test, level, 4, (struct sqz_execution){0});
    test_book_init(&test.book, 1e12, 1.0, 0.2, 60); /* the jumps alone move the price */
    test.world.attrition.per_s = attrition;
    test.world.attrition.topup = 1 - share;
    test_world_add_impulse(&test, &first);
    test_world_add_impulse(&test, &second);
    test_world_add_impulse(&test, &third);
    run_alone(&test, &log, &outcome);
    double left[] = {share * 7e5, share * 3e6 * exp(-attrition * 130.5),
                     share * 4e6 * exp(-attrition * 611.25), share * 5e6 * exp(-attrition * 790)};
    const struct sqz_event *touch[5];
    assert_int_equal(select_events(&log, SQZ_EVENT_LIQUIDATION, touch, 5), 4);
    for (int i = 0; i < 4; i++)
        check_near("closed", touch[i]->notional_usd, left[i], 1e-14 * left[i]);
    check_near("shorts", outcome.forced_usd[SQZ_UP], left[0] + left[1] + left[2], 1e-8);
    check_near("longs", outcome.forced_usd[SQZ_DOWN], left[3], 1e-8);
    test_world_free(&test);
}

/* Everybody tops up: no liquidation is counted or reported, and the price knows of none. */
static void test_all_survive(void **state)
{
    (void)state;
    static struct event_log log;
    struct sqz_outcome outcome, bare;
    struct test_world test;
    init_busy(&test);
    test.world.attrition.topup = 1.0;
    run_alone(&test, &log, &outcome);
    for (int side = 0; side < 2; side++)
        assert_true(outcome.forced_usd[side] == 0.0 && outcome.liquidations[side] == 0);
    const struct sqz_event *touch[1];
    assert_int_equal(select_events(&log, SQZ_EVENT_LIQUIDATION, touch, 1), 0);
    test.world.attrition.topup = 0.0;
    test.world.market.impact = false;
    run_alone(&test, &log, &bare);
    assert_true(bare.liquidations[SQZ_UP] + bare.liquidations[SQZ_DOWN] > 3);
    check_same_bits("final", outcome.final_log, bare.final_log);
    check_same_bits("peak", outcome.peak_log, bare.peak_log);
    test_world_free(&test);
}

/* Where attrition has left nothing, to the last denormal, nobody is liquidated. */
static void test_nobody_is_left(void **state)
{
    (void)state;
    static struct event_log log;
    struct sqz_outcome outcome;
    struct test_world test;
    struct sqz_level level[] = {{0.01, 1e6, 0, SQZ_UP}};
    struct test_impulse jump = {.time_s = 100, .jump_log = 0.012};
    quiet_world(&test, level, 1, (struct sqz_execution){0});
    test.world.attrition.per_s = 8;
    test_world_add_impulse(&test, &jump);
    run_alone(&test, &log, &outcome);
    assert_int_equal(outcome.liquidations[SQZ_UP], 0);
    assert_true(outcome.forced_usd[SQZ_UP] == 0);
    test_world_free(&test);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_left_of_a_level),
        cmocka_unit_test(test_all_survive),
        cmocka_unit_test(test_nobody_is_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
