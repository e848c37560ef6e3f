/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Theory of what sets a map off: gain 1/(1 - n), critical shocks and pushes of power-law impact, on
 * fine ladders of uniform density (tests/oracles/cascade_linear.csv,
 * cascade_power_fixed_point.csv).
 */
#include "tests/support/support.h"

#include <math.h>
#include <stdlib.h>

#include "sim/analysis/ignition.h"

enum { LEVELS = 50000 };

/* `density` USD per unit of log price in LEVELS equal levels on (0, end), each at the near end of
 * its cell: the sum over levels exceeds the integral by less than a cell. A little further out, so
 * that the first level is not touched at the start. */
static void uniform_init(struct test_world *test, double density, double end, double goal)
{
    struct sqz_level *level = calloc(LEVELS, sizeof *level);
    double dx = end / LEVELS;
    assert_non_null(level);
    for (size_t i = 0; i < LEVELS; i++)
        level[i] = (struct sqz_level){
            .distance_log = ((double)i + 1e-3) * dx, .notional_usd = density * dx, .side = SQZ_UP};
    test_world_init(test, level, LEVELS, 0, 1);
    test->world.stops.watch_log[SQZ_TARGET] = goal;
    free(level);
}

static void answer(const struct test_world *test, struct sqz_ignition *ignition)
{
    struct sqz_diag diag = {0};
    assert_int_equal(sqz_ignition_make(ignition, &test->world, SQZ_TARGET, &diag), SQZ_OK);
}

static void check_relative(const char *what, double value, double expected, double relative)
{
    check_near(what, value, expected, relative * fabs(expected));
}

/* ---- linear impact -------------------------------------------------------------------------- */

/* The shock that gets to where the oracle says x0 ends is x0: x0/(1 - n) inside the band, x0 + n hi
 * beyond its end. */
static void test_linear_shock(void **state)
{
    (void)state;
    static const double PERMANENT[] = {0, 1, 0.3};
    struct oracle oracle;
    oracle_read(&oracle, "cascade_linear.csv");
    assert_int_equal(oracle.rows, 6);
    for (size_t row = 0; row < oracle.rows; row++) {
        struct test_world test;
        struct sqz_ignition ignition;
        double lambda = oracle_number(&oracle, row, "lambda_per_usd");
        test_book_init(&test.book, 0.01 / lambda, 1, PERMANENT[row % 3], INFINITY);
        uniform_init(&test, oracle_number(&oracle, row, "density_usd_per_unit"),
                     oracle_number(&oracle, row, "band_hi"),
                     oracle_number(&oracle, row, "final_displacement"));
        answer(&test, &ignition);
        check_relative("shock", ignition.shock_log, oracle_number(&oracle, row, "x0_shock"), 2e-3);
        check_relative("final", ignition.shock_final_log,
                       oracle_number(&oracle, row, "final_displacement"), 1e-4);
        sqz_ignition_free(&ignition);
        test_world_free(&test);
    }
    oracle_free(&oracle);
}

/* The curve: a push ends 1/(1 - n) times as far as in an empty map. */
static void test_gain(void **state)
{
    (void)state;
    static const double RATIO[] = {0.15, 0.5, 0.8, 0.93};
    const double depth = 17e6, goal = 0.05;
    for (size_t r = 0; r < sizeof RATIO / sizeof RATIO[0]; r++) {
        struct test_world test;
        struct sqz_ignition ignition;
        double n = RATIO[r], end = 2.2 * goal / (1 - n);
        test_book_init(&test.book, depth, 1, 0.3, INFINITY);
        uniform_init(&test, n * depth / 0.01, end, goal);
        answer(&test, &ignition);
        double cell = end / LEVELS / (1 - n); /* of the final price */
        check_near("push", ignition.push.push_usd, (1 - n) * goal * depth / 0.01,
                   cell * depth / 0.01);
        size_t checked = 0;
        for (size_t i = 0; i < ignition.n_points; i++) {
            const struct sqz_ignition_point *point = &ignition.point[i];
            if (point->alone_log / (1 - n) > 2 * goal)
                continue;
            check_near("gain", point->final_log, point->alone_log / (1 - n), cell);
            checked++;
        }
        assert_true(checked > 60 && ignition.n_jumps == 0);
        sqz_ignition_free(&ignition);
        test_world_free(&test);
    }
}

/* ---- power impact: G = K V^delta --------------------------------------------------------------
 */

static void power_init(struct test_world *test, double k, double delta)
{
    test_book_init(&test->book, pow(0.01 / k, 1 / delta), 1 / delta, 0, INFINITY);
}

/* To the oracle's least fixed point it takes its shock; beyond the tangent point the critical one.
 */
static void test_power_shock(void **state)
{
    (void)state;
    struct oracle oracle;
    int critical = 0;
    oracle_read(&oracle, "cascade_power_fixed_point.csv");
    for (size_t row = 0; row < oracle.rows; row++) {
        struct test_world test;
        struct sqz_ignition ignition;
        double k = oracle_number(&oracle, row, "K"), delta = oracle_number(&oracle, row, "delta");
        double density = oracle_number(&oracle, row, "density");
        double goal = oracle_number(&oracle, row, "x_final");
        power_init(&test, k, delta);
        uniform_init(&test, density, 1.5 * goal, goal);
        answer(&test, &ignition);
        check_near("shock", ignition.shock_log, oracle_number(&oracle, row, "x0"),
                   1.5 * goal / LEVELS); /* the sum over levels runs ahead by up to a cell */
        sqz_ignition_free(&ignition);
        test_world_free(&test);
        double tangent = oracle_number(&oracle, row, "x_tangent");
        if (isnan(tangent))
            continue;
        uniform_init(&test, density, 1.1 * tangent, 1.003 * tangent);
        answer(&test, &ignition);
        check_relative("critical shock", ignition.shock_log,
                       oracle_number(&oracle, row, "critical_shock"), 1e-4);
        sqz_ignition_free(&ignition);
        test_world_free(&test);
        critical++;
    }
    assert_int_equal(oracle.rows, 6);
    assert_int_equal(critical, 3);
    oracle_free(&oracle);
}

/* delta > 1: beyond y = (r K delta)^(-1/(delta - 1)) of eaten volume the map burns on by itself,
 * and the push that gets there is y (1 - 1/delta). The curve jumps at it. */
static void test_critical_push(void **state)
{
    (void)state;
    static const double DELTA[] = {1 / 0.67, 1.25, 2};
    const double depth = 20e6, tangent_volume = 90e6;
    for (size_t i = 0; i < sizeof DELTA / sizeof DELTA[0]; i++) {
        struct test_world test;
        struct sqz_ignition ignition;
        double delta = DELTA[i], k = 0.01 * pow(depth, -delta);
        double density = pow(tangent_volume, 1 - delta) / (k * delta);
        double push = tangent_volume * (1 - 1 / delta);
        double tangent = k * pow(tangent_volume, delta); /* where the price stands then */
        power_init(&test, k, delta);
        uniform_init(&test, density, 3 * tangent, 1.5 * tangent);
        answer(&test, &ignition);
        check_relative("push", ignition.push.push_usd, push, 1e-4);
        assert_int_equal(ignition.n_jumps, 1);
        check_relative("jump", ignition.jump[0].after.push_usd, ignition.push.push_usd, 1e-11);
        check_relative("from", ignition.jump[0].before.final_log, tangent, 0.02);
        check_relative("everything burns", ignition.jump[0].after.forced_usd, density * 3 * tangent,
                       1e-9);
        assert_true(ignition.push.final_log > 3 * tangent);
        sqz_ignition_free(&ignition);
        test_world_free(&test);
    }
}

/* Flat book: V = (x/K)(1 - n). Square root, delta = 1/2: V = (x/K)^2 - r x where that is positive:
 * nearer, the map goes by itself as soon as its first level is touched. */
static void test_push_closed_forms(void **state)
{
    (void)state;
    const double depth = 20e6, density = 1.1e9;
    static const double GOAL[] = {0.02, 0.06, 0.11};
    for (size_t i = 0; i < sizeof GOAL / sizeof GOAL[0]; i++) {
        struct test_world test;
        struct sqz_ignition ignition;
        double goal = GOAL[i], k = 0.01 / sqrt(depth);
        test_book_init(&test.book, depth, 1, 0, INFINITY);
        uniform_init(&test, density, 0.2, goal);
        answer(&test, &ignition);
        check_relative("flat", ignition.push.push_usd, goal * (depth / 0.01 - density), 1e-3);
        sqz_ignition_free(&ignition);
        test_world_free(&test);
        test_book_init(&test.book, depth, 2, 0, INFINITY);
        uniform_init(&test, density, 0.2, goal);
        answer(&test, &ignition);
        assert_true(goal > density * k * k);
        check_relative("square root", ignition.push.push_usd,
                       goal * goal / (k * k) - density * goal, 1e-3);
        sqz_ignition_free(&ignition);
        test_world_free(&test);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_linear_shock),      cmocka_unit_test(test_gain),
        cmocka_unit_test(test_power_shock),       cmocka_unit_test(test_critical_push),
        cmocka_unit_test(test_push_closed_forms),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
