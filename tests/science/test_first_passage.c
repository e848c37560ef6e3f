/* SPDX-License-Identifier: GPL-3.0-or-later */
/* First passage of a price nobody pushes: one barrier (tests/oracles/fpt_bm_onesided.csv) and two
 * (tests/oracles/double_barrier.csv). */
#include "tests/support/support.h"

#include <math.h>

#include <gsl/gsl_cdf.h>

enum { PATHS = 150000, MAXIMUM_PATHS = 6000, EXIT_PATHS = 100000, SEED = 11 };

static void motion_init(struct test_world *test, double drift, double sigma, double horizon)
{
    test_book_init(&test->book, 1e7, 1, 0, INFINITY);
    test_world_init(test, NULL, 0, sigma, horizon);
    test->world.market.drift_per_s = drift;
}

/* ---- one barrier --------------------------------------------------------------------------- */

static void read_motion(struct test_world *test, const struct oracle *oracle, size_t row)
{
    motion_init(test, oracle_number(oracle, row, "mu"), oracle_number(oracle, row, "sigma"),
                oracle_number(oracle, row, "T"));
}

/* P(max of mu t + sigma W reaches b by T), reflection principle with drift. */
static double hit_probability(const struct sqz_world *world, double b)
{
    double mu = world->market.drift_per_s, sigma = world->market.volatility_per_sqrt_s,
           t = world->horizon_s;
    double sd = sigma * sqrt(t);
    return gsl_cdf_ugaussian_P((mu * t - b) / sd) +
           exp(2 * mu * b / (sigma * sigma)) * gsl_cdf_ugaussian_P((-b - mu * t) / sd);
}

static uint64_t count_touches(const struct test_world *test, enum sqz_watch watch, uint64_t seed,
                              uint64_t paths)
{
    struct test_engine engine;
    uint64_t hits = 0;
    test_engine_init_stops(&engine, (const struct sqz_world *[]){&test->world}, 1);
    for (uint64_t path = 0; path < paths; path++) {
        sqz_engine_run(&engine.engine, seed, path, NULL);
        hits += !isnan(sqz_engine_outcome(&engine.engine, 0)->touch_s[watch]);
    }
    test_engine_free(&engine);
    return hits;
}

/* Fewer than ten hits to expect: no more of them than chance allows, at 4 sigma of the Poisson law.
 */
static void check_rare(uint64_t hits, double expected)
{
    if (hits > 0 && gsl_cdf_poisson_Q((unsigned)hits - 1, expected) < gsl_cdf_ugaussian_Q(4))
        fail_msg("%d hits where %.3g were expected", (int)hits, expected);
}

static void test_touch_probability(void **state)
{
    (void)state;
    struct oracle oracle;
    uint64_t paths = test_paths(PATHS);
    oracle_read(&oracle, "fpt_bm_onesided.csv");
    for (size_t row = 0; row < oracle.rows; row++) {
        struct test_world test;
        double p = oracle_number(&oracle, row, "p_hit");
        read_motion(&test, &oracle, row);
        test.world.stops.watch_log[SQZ_TARGET] = oracle_number(&oracle, row, "b");
        uint64_t hits = count_touches(&test, SQZ_TARGET, SEED + row, paths);
        if (p * (double)paths < 10)
            check_rare(hits, p * (double)paths);
        else
            check_share_4se("P(touch)", hits, paths, p, 0);
        test_world_free(&test);
    }
    assert_int_equal(oracle.rows, 9);
    oracle_free(&oracle);
}

/* The same barriers below the start, with the drift turned round. */
static void test_touch_probability_below(void **state)
{
    (void)state;
    struct oracle oracle;
    uint64_t paths = test_paths(PATHS);
    oracle_read(&oracle, "fpt_bm_onesided.csv");
    for (size_t row = 0; row < 3; row++) {
        struct test_world test;
        read_motion(&test, &oracle, row);
        test.world.market.drift_per_s = -test.world.market.drift_per_s;
        test.world.stops.watch_log[SQZ_FLOOR] = -oracle_number(&oracle, row, "b");
        uint64_t hits = count_touches(&test, SQZ_FLOOR, SEED + 100 + row, paths);
        check_share_4se("P(touch below)", hits, paths, oracle_number(&oracle, row, "p_hit"), 0);
        test_world_free(&test);
    }
    oracle_free(&oracle);
}

/* The formula of this file against the oracle. */
static void test_reflection_formula(void **state)
{
    (void)state;
    struct oracle oracle;
    oracle_read(&oracle, "fpt_bm_onesided.csv");
    for (size_t row = 0; row < oracle.rows; row++) {
        struct test_world test;
        double p = oracle_number(&oracle, row, "p_hit");
        read_motion(&test, &oracle, row);
        check_near("P(touch)", hit_probability(&test.world, oracle_number(&oracle, row, "b")), p,
                   1e-11 * p + 1e-17);
        test_world_free(&test);
    }
    oracle_free(&oracle);
}

/* The recorded peak is the maximum, whatever the walk stops at; and the law of records gained tells
 * more of its law than its mean: E[floor(max/step)] = sum over k >= 1 of P(max >= k step). A stop
 * may fall short of its place by SQZ_TOUCH_LOG, all of a path by far less than a thousandth of a
 * step; counting a step as gained that much earlier adds at most a thousandth to its expected
 * number. */
static void check_maximum(struct test_world *test, double record_step, double e_max, uint64_t seed)
{
    static const double SLACK = 1e-3;
    struct test_engine engine;
    struct sqz_mean peak = {0}, gained = {0};
    double sd = test->world.market.volatility_per_sqrt_s * sqrt(test->world.horizon_s),
           expected = 0;
    double step = sd / 25;
    test->world.stops.record_step_log = record_step * sd;
    for (int k = 1;
         k * step < 8 * sd + fabs(test->world.market.drift_per_s * test->world.horizon_s); k++)
        expected += hit_probability(&test->world, k * step);
    test_engine_init(&engine, (const struct sqz_world *[]){&test->world}, 1);
    for (uint64_t path = 0; path < test_paths(MAXIMUM_PATHS); path++) {
        sqz_engine_run(&engine.engine, seed, path, NULL);
        double reached = sqz_engine_outcome(&engine.engine, 0)->peak_log;
        sqz_mean_add(&peak, reached);
        sqz_mean_add(&gained, floor(reached / step + SLACK));
    }
    test_engine_free(&engine);
    check_mean_4se("E[peak]", &peak, e_max, 0);
    check_mean_4se("E[steps gained]", &gained, expected, SLACK);
}

static void test_expected_maximum(void **state)
{
    (void)state;
    struct oracle oracle;
    oracle_read(&oracle, "fpt_bm_onesided.csv");
    for (size_t row = 0; row < oracle.rows; row++) {
        static const double RECORD_STEP[] = {0.04, 0.5, INFINITY};
        for (size_t i = 0; i < 3; i++) {
            struct test_world test;
            read_motion(&test, &oracle, row);
            check_maximum(&test, RECORD_STEP[i], oracle_number(&oracle, row, "E_max"),
                          SEED + 200 + 20 * i + row);
            test_world_free(&test);
        }
    }
    oracle_free(&oracle);
}

/* ---- two barriers -------------------------------------------------------------------------- */

/* What becomes of the motion between floor and target. */
struct exits {
    uint64_t up, down, none;
    struct sqz_mean time_s; /* of the first exit */
};

static void read_interval(struct test_world *test, const struct oracle *oracle, size_t row)
{
    read_motion(test, oracle, row);
    test->world.stops.watch_log[SQZ_TARGET] = oracle_number(oracle, row, "b_up");
    test->world.stops.watch_log[SQZ_FLOOR] = -oracle_number(oracle, row, "a_down");
}

static void add_exit(struct exits *exits, const double *touch_s)
{
    double up = touch_s[SQZ_TARGET], down = touch_s[SQZ_FLOOR];
    if (isnan(up) && isnan(down)) {
        exits->none++;
        return;
    }
    bool up_first = isnan(down) || up < down;
    exits->up += up_first;
    exits->down += !up_first;
    sqz_mean_add(&exits->time_s, up_first ? up : down);
}

static struct exits count_exits(const struct test_world *test, uint64_t seed, uint64_t paths)
{
    struct test_engine engine;
    struct exits exits = {0};
    test_engine_init_stops(&engine, (const struct sqz_world *[]){&test->world}, 1);
    for (uint64_t path = 0; path < paths; path++) {
        sqz_engine_run(&engine.engine, seed, path, NULL);
        add_exit(&exits, sqz_engine_outcome(&engine.engine, 0)->touch_s);
    }
    test_engine_free(&engine);
    return exits;
}

static void test_exits_by_horizon(void **state)
{
    (void)state;
    struct oracle oracle;
    uint64_t paths = test_paths(PATHS);
    oracle_read(&oracle, "double_barrier.csv");
    for (size_t row = 0; row < oracle.rows; row++) {
        struct test_world test;
        read_interval(&test, &oracle, row);
        struct exits exits = count_exits(&test, SEED + 300 + row, paths);
        check_share_4se("P(up first by T)", exits.up, paths,
                        oracle_number(&oracle, row, "p_up_first_by_T"), 0);
        check_share_4se("P(down first by T)", exits.down, paths,
                        oracle_number(&oracle, row, "p_down_first_by_T"), 0);
        check_share_4se("P(neither by T)", exits.none, paths,
                        oracle_number(&oracle, row, "p_survive_T"), 0);
        test_world_free(&test);
    }
    assert_int_equal(oracle.rows, 7);
    oracle_free(&oracle);
}

/* The horizon stands for infinity: with width w = a + b, survival beyond t is below
 * (4/pi) exp(-pi^2 sigma^2 t / (2 w^2)) times the drift's exp(abs(mu) w / sigma^2), the latter at
 * most exp(2) here. At t = 10 w^2/sigma^2 that is 1e-20: no path is left, nothing is truncated. */
static void test_exits_in_the_end(void **state)
{
    (void)state;
    struct oracle oracle;
    uint64_t paths = test_paths(EXIT_PATHS);
    oracle_read(&oracle, "double_barrier.csv");
    for (size_t row = 0; row < oracle.rows; row++) {
        struct test_world test;
        read_interval(&test, &oracle, row);
        double width =
            test.world.stops.watch_log[SQZ_TARGET] - test.world.stops.watch_log[SQZ_FLOOR];
        double spans = width / test.world.market.volatility_per_sqrt_s;
        assert_true(fabs(test.world.market.drift_per_s) * width <=
                    2 * pow(test.world.market.volatility_per_sqrt_s, 2));
        test.world.horizon_s = 10 * spans * spans;
        struct exits exits = count_exits(&test, SEED + 400 + row, paths);
        assert_int_equal(exits.none, 0);
        check_share_4se("P(up first)", exits.up, paths, oracle_number(&oracle, row, "p_up_inf"), 0);
        check_mean_4se("mean exit time", &exits.time_s, oracle_number(&oracle, row, "E_exit_time"),
                       0);
        test_world_free(&test);
    }
    oracle_free(&oracle);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reflection_formula),      cmocka_unit_test(test_touch_probability),
        cmocka_unit_test(test_touch_probability_below), cmocka_unit_test(test_expected_maximum),
        cmocka_unit_test(test_exits_by_horizon),        cmocka_unit_test(test_exits_in_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
