/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The time to a danger zone against simulated paths: what the price does on the way there without
 * liquidations, and that liquidations bring it there no later. */
#include <math.h>

#include "sim/analysis/standstill.h"
#include "tests/support/support.h"

enum { LEVELS = 300, TIMES = 3 };
static const double VOLATILITY = 0.03 / 293.9387691339814; /* 3 % per square-root day */
static const double DEPTH_USD = 30e6;

/* Longs evenly from 1.9 % to 4 % below, half as many again as the book bears, and a few on the way
 * that it bears easily; the same of shorts further up. */
static void map_init(struct test_world *test, double horizon_s)
{
    struct sqz_level level[2 * LEVELS];
    double each_usd = 1.5 * 2.1 * DEPTH_USD / LEVELS;
    for (int i = 0; i < LEVELS; i++) {
        double share = (i + 0.5) / LEVELS;
        level[i] = (struct sqz_level){
            .distance_log = 0.019 + 0.021 * share, .notional_usd = each_usd, .side = SQZ_DOWN};
        level[LEVELS + i] = (struct sqz_level){.distance_log = 0.003 + 0.06 * share,
                                               .notional_usd = 0.2 * each_usd,
                                               .side = i % 2 ? SQZ_UP : SQZ_DOWN};
    }
    test_book_init(&test->book, DEPTH_USD, 1, 0.2, 300);
    test_world_init(test, level, 2 * LEVELS, VOLATILITY, horizon_s);
}

/* Touch times of the zone's near edge in two worlds on one path: without impact, and with it. */
static void test_time_to_the_zone(void **state)
{
    (void)state;
    static const double OF_MEDIAN[TIMES] = {0.4, 1.0, 2.5};
    struct test_world test;
    struct sqz_standstill standstill;
    struct sqz_exit_table table;
    struct sqz_engine engine;
    uint64_t paths = test_paths(4000), by[TIMES] = {0};
    map_init(&test, 1e6);
    assert_int_equal(sqz_standstill_find(&standstill, &test.world, 0.005, NULL), SQZ_OK);
    assert_int_equal(standstill.zone_side, SQZ_DOWN);
    assert_true(standstill.scale < 1);
    assert_int_equal(sqz_exit_table_init(&table, NULL), SQZ_OK);
    test.world.horizon_s = OF_MEDIAN[TIMES - 1] * standstill.zone_median_s;
    test.world.stops.watch_log[SQZ_FLOOR] = -standstill.zone_distance_log;
    struct sqz_world shadow = test.world;
    shadow.market.impact = false;
    const struct sqz_world *world[] = {&shadow, &test.world};
    struct sqz_engine_plan plan = {
        .exit_table = &table, .worlds = world, .n_worlds = 2, .max_events = 10000000};
    assert_int_equal(sqz_engine_init(&engine, &plan, NULL), SQZ_OK);
    uint64_t earlier = 0, later = 0;
    for (uint64_t path = 0; path < paths; path++) {
        sqz_engine_run(&engine, 21, path, NULL);
        double alone_s = sqz_engine_outcome(&engine, 0)->touch_s[SQZ_FLOOR];
        double ours_s = sqz_engine_outcome(&engine, 1)->touch_s[SQZ_FLOOR];
        for (int t = 0; t < TIMES; t++)
            by[t] += alone_s <= OF_MEDIAN[t] * standstill.zone_median_s;
        earlier += ours_s < alone_s || (!isnan(ours_s) && isnan(alone_s));
        later += ours_s > alone_s || (isnan(ours_s) && !isnan(alone_s));
    }
    for (int t = 0; t < TIMES; t++) {
        double time_s = OF_MEDIAN[t] * standstill.zone_median_s;
        double law = erfc(standstill.zone_distance_log / (VOLATILITY * sqrt(2 * time_s)));
        check_within_4se("by then", (double)by[t] / (double)paths, law,
                         sqrt(law * (1 - law) / (double)paths), 0);
        assert_true(t != 1 || fabs(law - 0.5) < 1e-9);
    }
    /* Longs on the way push down, shorts above push up: mostly the former are met. */
    assert_true(earlier > 5 * later && earlier > paths / 10);
    sqz_engine_free(&engine);
    test_world_free(&test);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_time_to_the_zone)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
