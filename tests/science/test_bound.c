/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The largest scale that a record allows: the range's law without impact in closed form, the
 * interpolation by hand, and how often the bound lies above the scale of simulated records. */
#include <math.h>
#include <stdlib.h>

#include "sim/analysis/bound.h"
#include "tests/support/support.h"

enum { LEVELS = 30, SCALES = 5 };

/* A map of shorts above and longs below at some scales, and one without impact. */
struct maps {
    struct test_world test[SCALES];
    const struct sqz_world *world[SCALES];
    double scale[SCALES];
    struct sqz_exit_table table;
};

static void maps_init(struct maps *maps, const double *scale, double volatility, double horizon_s)
{
    struct sqz_level level[2 * LEVELS];
    assert_int_equal(sqz_exit_table_init(&maps->table, NULL), SQZ_OK);
    for (size_t s = 0; s < SCALES; s++) {
        maps->scale[s] = scale[s];
        for (int i = 0; i < LEVELS; i++)
            for (int side = 0; side < 2; side++)
                level[2 * i + side] =
                    (struct sqz_level){.distance_log = 0.002 * (i + 1) + 0.0003 * side,
                                       .notional_usd = scale[s] > 0 ? 1.1e6 * scale[s] : 1.0,
                                       .side = (enum sqz_side)side};
        test_book_init(&maps->test[s].book, 20e6, 1, 0.3, 120);
        test_world_init(&maps->test[s], level, 2 * LEVELS, volatility, horizon_s);
        maps->test[s].world.market.impact = scale[s] > 0;
        maps->world[s] = &maps->test[s].world;
    }
}

static void maps_free(struct maps *maps)
{
    for (size_t s = 0; s < SCALES; s++)
        test_world_free(&maps->test[s]);
}

static struct sqz_bound_runner runner_of(const struct maps *maps, uint64_t seed, uint64_t paths)
{
    return (struct sqz_bound_runner){.exit_table = &maps->table,
                                     .seed = seed,
                                     .paths = paths,
                                     .max_events = 10000000,
                                     .jobs = 1};
}

/* P(range <= r) of a Brownian motion after time t, by Feller (1951, Annals of Mathematical
 * Statistics 22, 427): the density of the range is 8/sqrt(t) sum (-1)^(k-1) k^2 phi(k r/sqrt(t)),
 * which integrates to 1 - 8 sum (-1)^(k-1) k Phi_bar(k r / sqrt(t)). */
static double range_law(double range, double sd)
{
    double sum = 0.0;
    for (int k = 1; k < 400; k++)
        sum += (k % 2 == 1 ? 1.0 : -1.0) * k * 0.5 * erfc(k * range / sd * M_SQRT1_2);
    return 1.0 - 8.0 * sum;
}

static void test_range_without_impact(void **state)
{
    (void)state;
    static const double SCALE[SCALES] = {0, 0.5, 1, 2, 4}, SD = 0.02;
    struct maps maps;
    uint64_t paths = test_paths(40000);
    maps_init(&maps, SCALE, SD / sqrt(3600), 3600);
    struct sqz_bound_runner runner = runner_of(&maps, 5, paths);
    for (double range = 0.7 * SD; range < 3 * SD; range += 0.6 * SD) {
        struct sqz_bound bound = {.range_log = range};
        assert_int_equal(sqz_bound_run(&bound, maps.world, maps.scale, 1, &runner, NULL), SQZ_OK);
        double expected = range_law(range, SD);
        check_within_4se("L(0)", bound.point[0].probability.value, expected,
                         sqrt(expected * (1 - expected) / (double)paths), 0);
        sqz_bound_free(&bound);
    }
    maps_free(&maps);
}

/* A larger map moves the price more, on the same exogenous path. */
static void test_curve_falls(void **state)
{
    (void)state;
    static const double SCALE[SCALES] = {0, 0.5, 1, 2, 4};
    struct maps maps;
    struct sqz_bound bound = {.range_log = 0.03};
    maps_init(&maps, SCALE, 0.02 / sqrt(3600), 3600);
    struct sqz_bound_runner runner = runner_of(&maps, 6, test_paths(2000));
    assert_int_equal(sqz_bound_run(&bound, maps.world, maps.scale, SCALES, &runner, NULL), SQZ_OK);
    for (size_t i = 1; i < bound.count; i++)
        assert_true(bound.point[i].probability.value < bound.point[i - 1].probability.value);
    sqz_bound_free(&bound);
    maps_free(&maps);
}

static struct sqz_bound_point point_at(double scale, double probability)
{
    return (struct sqz_bound_point){scale, {probability, 0, probability, probability}};
}

static void test_bound_by_hand(void **state)
{
    (void)state;
    struct sqz_bound_point point[] = {point_at(0, 0.8), point_at(0.5, 0.35), point_at(1, 0.15),
                                      point_at(4, 0.03), point_at(8, 0.001)};
    struct sqz_bound bound = {.point = point, .count = 5};
    double next[3];
    sqz_bound_conclude(&bound);
    check_near("between 1 and 4", bound.upper_95, pow(4, (0.15 - 0.05) / (0.15 - 0.03)), 1e-12);
    assert_int_equal(sqz_bound_between(&bound, 3, next), 3);
    check_near("half-way", next[1], 2, 1e-12);
    bound.count = 3; /* nothing is refuted */
    sqz_bound_conclude(&bound);
    assert_true(bound.open && bound.upper_95 == 1);
    assert_int_equal(sqz_bound_between(&bound, 3, next), 0);
    point[0] = point_at(0, 0.01); /* all is, the world without a map too */
    bound.count = 1;
    sqz_bound_conclude(&bound);
    assert_true(!bound.open && isnan(bound.upper_95));
    /* Paths that leave it open count for the scale. */
    point[1] = (struct sqz_bound_point){1, {0.04, 0.01, 0.02, 0.06}};
    point[0] = point_at(0, 0.8);
    bound.count = 2;
    sqz_bound_conclude(&bound);
    assert_true(bound.open);
}

/* Records of the map at scale 1: the bound is at least 1 for 95 of 100 of them, or more. */
static void test_coverage(void **state)
{
    (void)state;
    static const double SCALE[SCALES] = {0, 0.5, 1, 2, 4};
    enum { TRUE_SCALE = 2 };
    struct maps maps;
    struct test_engine record;
    uint64_t records = test_paths(120), covered = 0, found = 0;
    maps_init(&maps, SCALE, 0.015 / sqrt(3600), 3600);
    test_engine_init(&record, &maps.world[TRUE_SCALE], 1);
    for (uint64_t r = 0; r < records; r++) {
        sqz_engine_run(&record.engine, 77, r, NULL);
        const struct sqz_outcome *outcome = sqz_engine_outcome(&record.engine, 0);
        struct sqz_bound bound = {.range_log = outcome->peak_log - outcome->trough_log};
        struct sqz_bound_runner runner = runner_of(&maps, 1000 + r, 150);
        assert_int_equal(
            sqz_bound_run(&bound, &maps.world[2], &maps.scale[2], SCALES - 2, &runner, NULL),
            SQZ_OK);
        sqz_bound_conclude(&bound);
        covered += bound.open || bound.upper_95 >= 1;
        found += !bound.open;
        sqz_bound_free(&bound);
    }
    double share = (double)covered / (double)records;
    if (share < 0.95 - 3 * sqrt(0.95 * 0.05 / (double)records))
        fail_msg("the bound covers the scale of %.3g of the records", share);
    assert_true(found > records / 8); /* and it says something */
    test_engine_free(&record);
    maps_free(&maps);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_range_without_impact),
        cmocka_unit_test(test_curve_falls),
        cmocka_unit_test(test_bound_by_hand),
        cmocka_unit_test(test_coverage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
