/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Cascades without noise: the least fixed point of x = x0 + G(sum of Q_j with l_j <= x), on ladders
 * of many levels (tests/oracles/cascade_linear.csv, cascade_power_fixed_point.csv). */
#include "tests/support/support.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_randist.h>

enum { LEVELS = 300000, SEED = 41 };

/* ---- ladders ------------------------------------------------------------------------------- */

/* Where in its cell of width dx a level stands. At 0 the cell counts as soon as the price enters
 * it: the sum over levels exceeds the integral by less than one cell, without amplification. A
 * little more, so that the first level is not touched at the start. */
static const double CELL_START = 1e-3;

/* Equal levels on (0, band_hi) that amount to `density` USD per unit of log price. */
static struct sqz_level *uniform_levels(double density, double band_hi, size_t count)
{
    struct sqz_level *levels = calloc(count, sizeof *levels);
    assert_non_null(levels);
    double dx = band_hi / (double)count;
    for (size_t k = 0; k < count; k++)
        levels[k] = (struct sqz_level){.distance_log = ((double)k + CELL_START) * dx,
                                       .notional_usd = density * dx,
                                       .side = SQZ_UP};
    return levels;
}

/* A world at rest on a uniform ladder; the book must be there. */
static void band_init(struct test_world *test, double density, double band_hi, size_t count)
{
    struct sqz_level *levels = uniform_levels(density, band_hi, count);
    test_world_init(test, levels, count, 0, 1);
    free(levels);
}

/* Displacement and forced notional after a jump x0 of the exogenous price. */
struct reach {
    double displacement, forced_usd;
};

static struct reach shock(const struct test_world *test, double x0)
{
    struct test_engine engine;
    struct test_impulse jump = {.time_s = 0.25, .jump_log = x0};
    struct test_world shocked = *test;
    test_world_add_impulse(&shocked, &jump);
    test_engine_init(&engine, (const struct sqz_world *[]){&shocked.world}, 1);
    sqz_engine_run(&engine.engine, SEED, 0, NULL);
    const struct sqz_outcome *outcome = sqz_engine_outcome(&engine.engine, 0);
    struct reach reach = {outcome->final_log, outcome->forced_usd[SQZ_UP]};
    assert_true(outcome->peak_log == outcome->final_log);
    test_engine_free(&engine);
    return reach;
}

static void check_relative(const char *what, double value, double expected, double relative)
{
    check_near(what, value, expected, relative * fabs(expected));
}

/* ---- linear impact ------------------------------------------------------------------------- */

/* Impact lambda per USD on a flat book that does not recover: depth 0.01/lambda, whatever share of
 * it is permanent. */
static void linear_init(struct test_world *test, const struct oracle *oracle, size_t row,
                        double permanent)
{
    double lambda = oracle_number(oracle, row, "lambda_per_usd");
    test_book_init(&test->book, 0.01 / lambda, 1, permanent, INFINITY);
    band_init(test, oracle_number(oracle, row, "density_usd_per_unit"),
              oracle_number(oracle, row, "band_hi"), LEVELS);
}

static void test_linear_band(void **state)
{
    (void)state;
    static const double PERMANENT[] = {0, 1, 0.3};
    struct oracle oracle;
    oracle_read(&oracle, "cascade_linear.csv");
    for (size_t row = 0; row < oracle.rows; row++) {
        struct test_world test;
        double x0 = oracle_number(&oracle, row, "x0_shock");
        linear_init(&test, &oracle, row, PERMANENT[row % 3]);
        struct reach reach = shock(&test, x0);
        check_relative("final displacement", reach.displacement,
                       oracle_number(&oracle, row, "final_displacement"), 1e-4);
        check_relative("liquidated", reach.forced_usd,
                       oracle_number(&oracle, row, "liquidated_usd"), 1e-4);
        test_world_free(&test);
    }
    assert_int_equal(oracle.rows, 6);
    oracle_free(&oracle);
}

/* The same ladder by arithmetic. After k levels the price is x0 + n k dx; level k stands at
 * (k + CELL_START) dx, so the first one that is not reached is k = ceil((x0/dx - c)/(1 - n)). */
static void test_linear_band_to_the_level(void **state)
{
    (void)state;
    struct oracle oracle;
    oracle_read(&oracle, "cascade_linear.csv");
    for (size_t row = 0; row < 3; row++) {
        struct test_world test;
        double n = oracle_number(&oracle, row, "n");
        double x0 = 0.7351 * oracle_number(&oracle, row, "x0_shock");
        linear_init(&test, &oracle, row, 0.3);
        double dx = oracle_number(&oracle, row, "band_hi") / LEVELS;
        double fired = ceil((x0 / dx - CELL_START) / (1 - n));
        struct reach reach = shock(&test, x0);
        check_relative("final displacement", reach.displacement, x0 + n * fired * dx, 1e-11);
        test_world_free(&test);
    }
    oracle_free(&oracle);
}

/* The critical density is 1/lambda: slightly below it the reach is x0/(1-n), slightly above the
 * band burns down. */
static void test_critical_density(void **state)
{
    (void)state;
    const double lambda = 2e-10, x0 = 0.001, band_hi = 0.4, below = 0.995, above = 1.005;
    struct test_world test;
    test_book_init(&test.book, 0.01 / lambda, 1, 0.3, INFINITY);
    band_init(&test, below / lambda, band_hi, LEVELS);
    check_relative("reach below", shock(&test, x0).displacement, x0 / (1 - below), 1e-3);
    test_world_free(&test);
    band_init(&test, above / lambda, band_hi, LEVELS);
    check_relative("reach above", shock(&test, x0).displacement, x0 + above * band_hi, 1e-9);
    test_world_free(&test);
}

/* ---- power impact -------------------------------------------------------------------------- */

/* G(E) = K E^delta is the power book of shape 1/delta and depth (0.01/K)^(1/delta). */
static void power_book(struct test_world *test, const struct oracle *oracle, size_t row)
{
    double k = oracle_number(oracle, row, "K"), delta = oracle_number(oracle, row, "delta");
    test_book_init(&test->book, pow(0.01 / k, 1 / delta), 1 / delta, 0, INFINITY);
}

static void test_power_fixed_point(void **state)
{
    (void)state;
    struct oracle oracle;
    oracle_read(&oracle, "cascade_power_fixed_point.csv");
    for (size_t row = 0; row < oracle.rows; row++) {
        struct test_world test;
        double expected = oracle_number(&oracle, row, "x_final");
        double density = oracle_number(&oracle, row, "density");
        power_book(&test, &oracle, row);
        band_init(&test, density, 2 * expected, LEVELS);
        struct reach reach = shock(&test, oracle_number(&oracle, row, "x0"));
        check_relative("fixed point", reach.displacement, expected, 1e-4);
        check_relative("liquidated", reach.forced_usd, density * expected, 1e-4);
        test_world_free(&test);
    }
    assert_int_equal(oracle.rows, 6);
    oracle_free(&oracle);
}

/* With delta > 1 a shock above x* - G(density x*), x* the tangent point, burns the whole band. A
 * cell counts as a whole once the price enters it, which shifts G by at most a cell and, at slope
 * 1, the critical shock by as much. */
static void test_critical_shock(void **state)
{
    (void)state;
    struct oracle oracle;
    oracle_read(&oracle, "cascade_power_fixed_point.csv");
    for (size_t row = 0; row < oracle.rows; row++) {
        struct test_world test;
        double tangent = oracle_number(&oracle, row, "x_tangent"), band_hi = 1.02 * tangent;
        double critical = oracle_number(&oracle, row, "critical_shock"), cell = band_hi / LEVELS;
        if (isnan(tangent))
            continue;
        double density = oracle_number(&oracle, row, "density");
        power_book(&test, &oracle, row);
        band_init(&test, density, band_hi, LEVELS);
        double below = shock(&test, critical - 2 * cell).displacement;
        assert_true(below > critical && below < tangent);
        struct reach above = shock(&test, critical + cell);
        check_relative("liquidated", above.forced_usd, density * band_hi, 1e-9);
        check_relative("reach", above.displacement,
                       critical + cell +
                           oracle_number(&oracle, row, "K") *
                               pow(density * band_hi, oracle_number(&oracle, row, "delta")),
                       1e-9);
        test_world_free(&test);
    }
    oracle_free(&oracle);
}

/* With delta < 1 no shock runs away: the reach has the closed form
 * x0 + A/2 + sqrt(A^2/4 + A x0), A = K^2 density, however small the shock. */
static void test_square_root_never_runs_away(void **state)
{
    (void)state;
    const double k = 3e-6, density = 1.5e9, a = k * k * density;
    static const double SHOCK[] = {1e-5, 3e-4, 0.02};
    for (size_t i = 0; i < 3; i++) {
        struct test_world test;
        double x0 = SHOCK[i], expected = x0 + a / 2 + sqrt(a * a / 4 + a * x0);
        test_book_init(&test.book, pow(0.01 / k, 2), 2, 0, INFINITY);
        band_init(&test, density, 3 * expected, LEVELS);
        check_relative("fixed point", shock(&test, x0).displacement, expected, 1e-4);
        test_world_free(&test);
    }
}

/* The loop stops at the lowest of several fixed points: two bands with a gap that the first band's
 * impact does not bridge. */
static void test_least_fixed_point(void **state)
{
    (void)state;
    struct sqz_level levels[] = {
        {.distance_log = 0.031, .notional_usd = 9e6, .side = SQZ_UP},
        {.distance_log = 0.012, .notional_usd = 7e6, .side = SQZ_UP},
        {.distance_log = 0.010, .notional_usd = 5e6, .side = SQZ_UP},
    };
    struct test_world test;
    test_book_init(&test.book, 10e6, 1, 0.25, INFINITY);
    test_world_init(&test, levels, 3, 0, 1);
    /* 0.0105 + 0.005 passes 0.012; + 0.007 makes 0.0225, short of 0.031 by more than 0.0084. */
    check_near("reach", shock(&test, 0.0105).displacement, 0.0225, 1e-15);
    /* 0.0191 + 0.012 makes 0.0311 and takes the third level along. */
    check_near("reach", shock(&test, 0.0191).displacement, 0.0401, 1e-15);
    test_world_free(&test);
}

struct firings {
    enum sqz_side side[4];
    size_t count;
};

static void on_firing(void *context, const struct sqz_event *event)
{
    struct firings *firings = context;
    if (event->kind != SQZ_EVENT_LIQUIDATION)
        return;
    assert_true(firings->count < 4);
    firings->side[firings->count++] = sqz_moved_side(event->side);
}

/* Levels of both sides that the start price has already crossed: the nearest fires first. Here the
 * longs at +1 % come before the shorts at -2 %, and their sell takes the price to -2.5 %, where the
 * shorts are no longer crossed. */
static void test_nearest_crossed_level_first(void **state)
{
    (void)state;
    struct sqz_level levels[] = {
        {.distance_log = -0.02, .notional_usd = 5e6, .side = SQZ_UP},
        {.distance_log = -0.01, .notional_usd = 25e6, .side = SQZ_DOWN},
    };
    struct firings firings = {.count = 0};
    struct test_world test;
    struct test_engine engine;
    test_book_init(&test.book, 10e6, 1, 0.25, INFINITY);
    test_world_init(&test, levels, 2, 0, 1);
    test_engine_init(&engine, (const struct sqz_world *[]){&test.world}, 1);
    sqz_engine_run(&engine.engine, SEED, 0,
                   &(struct sqz_observer){.context = &firings, .event = on_firing});
    assert_int_equal(firings.count, 1);
    assert_int_equal(firings.side[0], SQZ_DOWN);
    check_near("price", sqz_engine_outcome(&engine.engine, 0)->final_log, -0.025, 1e-15);
    test_engine_free(&engine);
    test_world_free(&test);
}

/* ---- invariance ---------------------------------------------------------------------------- */

enum { MIXED_LEVELS = 400, MIXED_PATHS = 400 };

/* Levels on both sides, on a coarse grid so that many share a price, some of them all columns. */
static void mixed_levels(struct sqz_level *levels, double scale)
{
    struct sqz_stream stream;
    sqz_stream_open(&stream, SEED, 0, 0);
    for (size_t k = 0; k < MIXED_LEVELS; k++)
        levels[k] = (struct sqz_level){
            .distance_log = 0.001 * (1 + (double)(sqz_stream_u64(&stream) % 60)),
            .notional_usd = scale * 3e4 * (1 + (double)(sqz_stream_u64(&stream) % 7)),
            .side = sqz_stream_u64(&stream) % 2};
}

/* `test` keeps the ladder; a noisy motion on a recovering power book. */
static void mixed_init(struct test_world *test, struct sqz_level *levels, double scale)
{
    static const double HALFLIFE[] = {0.02, 0.9}, WEIGHT[] = {0.7, 0.3};
    test_book_init_scales(&test->book, scale * 5e6, 1.7, 0.2, HALFLIFE, WEIGHT, 2);
    test_world_init(test, levels, MIXED_LEVELS, 0.02, 1);
}

static void run_all(const struct test_world *test, struct sqz_outcome *outcome)
{
    struct test_engine engine;
    test_engine_init(&engine, (const struct sqz_world *[]){&test->world}, 1);
    for (uint64_t path = 0; path < MIXED_PATHS; path++) {
        sqz_engine_run(&engine.engine, SEED, path, NULL);
        outcome[path] = *sqz_engine_outcome(&engine.engine, 0);
    }
    test_engine_free(&engine);
}

static void check_outcomes(const struct sqz_outcome *first, const struct sqz_outcome *second,
                           double scale)
{
    uint64_t liquidations = 0;
    for (size_t path = 0; path < MIXED_PATHS; path++) {
        assert_true(first[path].final_log == second[path].final_log);
        assert_true(first[path].peak_log == second[path].peak_log);
        assert_true(first[path].trough_log == second[path].trough_log);
        for (int side = 0; side < 2; side++) {
            assert_int_equal(first[path].liquidations[side], second[path].liquidations[side]);
            assert_true(scale * first[path].forced_usd[side] == second[path].forced_usd[side]);
            liquidations += first[path].liquidations[side];
        }
    }
    assert_true(liquidations > 10 * MIXED_PATHS);
}

/* Rows in any order: the same bits. */
static void test_permuted_rows(void **state)
{
    (void)state;
    struct sqz_level levels[MIXED_LEVELS], permuted[MIXED_LEVELS];
    static struct sqz_outcome first[MIXED_PATHS], second[MIXED_PATHS];
    struct test_world test;
    struct sqz_stream stream;
    mixed_levels(levels, 1);
    memcpy(permuted, levels, sizeof permuted);
    sqz_stream_open(&stream, SEED, 1, 0);
    gsl_rng rng = sqz_stream_gsl(&stream);
    gsl_ran_shuffle(&rng, permuted, MIXED_LEVELS, sizeof *permuted);
    mixed_init(&test, levels, 1);
    run_all(&test, first);
    test_world_free(&test);
    mixed_init(&test, permuted, 1);
    run_all(&test, second);
    test_world_free(&test);
    check_outcomes(first, second, 1);
}

/* All notionals and depths times a power of two: the same bits, sums scaled. */
static void test_scaled_to_the_bit(void **state)
{
    (void)state;
    struct sqz_level levels[MIXED_LEVELS];
    static struct sqz_outcome first[MIXED_PATHS], second[MIXED_PATHS];
    struct test_world test;
    mixed_levels(levels, 1);
    mixed_init(&test, levels, 1);
    run_all(&test, first);
    test_world_free(&test);
    mixed_levels(levels, 1024);
    mixed_init(&test, levels, 1024);
    run_all(&test, second);
    test_world_free(&test);
    check_outcomes(first, second, 1024);
}

/* By any other factor: the same but for rounding. No path is expected to come so near a level that
 * rounding decides, but should one, its walk differs from there on. */
static void test_scaled_by_any_factor(void **state)
{
    (void)state;
    const double factor = 3.7;
    static const double ROUNDING = 1e-9;
    struct sqz_level levels[MIXED_LEVELS];
    static struct sqz_outcome first[MIXED_PATHS], second[MIXED_PATHS];
    struct test_world test;
    int differ = 0;
    mixed_levels(levels, 1);
    mixed_init(&test, levels, 1);
    run_all(&test, first);
    test_world_free(&test);
    mixed_levels(levels, factor);
    mixed_init(&test, levels, factor);
    run_all(&test, second);
    test_world_free(&test);
    for (size_t path = 0; path < MIXED_PATHS; path++)
        differ += !(fabs(first[path].final_log - second[path].final_log) < ROUNDING) ||
                  first[path].liquidations[SQZ_UP] != second[path].liquidations[SQZ_UP] ||
                  first[path].liquidations[SQZ_DOWN] != second[path].liquidations[SQZ_DOWN];
    assert_int_equal(differ, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_linear_band),
        cmocka_unit_test(test_linear_band_to_the_level),
        cmocka_unit_test(test_critical_density),
        cmocka_unit_test(test_power_fixed_point),
        cmocka_unit_test(test_critical_shock),
        cmocka_unit_test(test_square_root_never_runs_away),
        cmocka_unit_test(test_least_fixed_point),
        cmocka_unit_test(test_nearest_crossed_level_first),
        cmocka_unit_test(test_permuted_rows),
        cmocka_unit_test(test_scaled_to_the_bit),
        cmocka_unit_test(test_scaled_by_any_factor),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
