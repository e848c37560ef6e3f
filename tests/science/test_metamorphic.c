/* SPDX-License-Identifier: GPL-3.0-or-later */
/* More fuel, less book, larger orders: the direction in which each must move the outcome, between
 * worlds on one path.
 *
 * Noise. Where nothing recovers and only shorts can fire the order holds path by path, and is
 * tested so. Where the book recovers it is a matter of probabilities: tested is the mean of the
 * paired difference, in its own standard errors. The changes are large and must show, by more than
 * 4, lest the test compare equals.
 *
 * Nor does every direction hold in a book that recovers. More notional or less depth fires levels
 * earlier, and fuel that burns before its help is needed is spent: see test_fuel_burnt_early for a
 * path and test_fuel_burnt_early_in_probability for a map where more notional makes the target less
 * likely. Recovery that is slow next to the way from level to level restores the order. */
#include "tests/support/support.h"

#include <math.h>

enum { PATHS = 20000, LEAST_PATHS = 3000, PATHWISE_PATHS = 10000, SEED = 81 };

/* ---- worlds -------------------------------------------------------------------------------- */

/* What is varied, as factors on a base world. */
struct variant {
    double notional, depth, volatility;
};

static const struct variant BASE = {1, 1, 1};

/* A lopsided map: shorts up to the target, and `longs` levels of longs. */
static void map_levels(struct sqz_level *levels, size_t shorts, size_t longs, double notional)
{
    for (size_t k = 0; k < shorts + longs; k++) {
        double place = (double)(k < shorts ? k : k - shorts);
        levels[k] = (struct sqz_level){
            .distance_log = 0.006 + 0.0021 * place,
            .notional_usd = notional * 1e6 * (1 + 0.3 * place),
            .side = k < shorts ? SQZ_UP : SQZ_DOWN,
        };
    }
}

enum { SHORTS = 12, LONGS = 5 };

static void map_world(struct test_world *test, const struct variant *variant, double shape,
                      double halflife_s, bool with_longs)
{
    struct sqz_level levels[SHORTS + LONGS];
    size_t longs = with_longs ? LONGS : 0;
    map_levels(levels, SHORTS, longs, variant->notional);
    test_book_init(&test->book, variant->depth * 12e6, shape, 0.2, halflife_s);
    test_world_init(test, levels, SHORTS + longs, variant->volatility * 0.015, 1);
    test->world.stops.watch_log[SQZ_TARGET] = 0.035;
}

static bool reached(const struct test_engine *engine, size_t world)
{
    return !isnan(sqz_engine_outcome(&engine->engine, world)->touch_s[SQZ_TARGET]);
}

/* ---- path by path -------------------------------------------------------------------------- */

/* `more` has no less of everything that takes the price up. */
static void assert_no_less(const struct sqz_outcome *more, const struct sqz_outcome *less)
{
    assert_true(more->final_log >= less->final_log);
    assert_true(more->peak_log >= less->peak_log);
    assert_true(more->liquidations[SQZ_UP] >= less->liquidations[SQZ_UP]);
    if (!isnan(less->touch_s[SQZ_TARGET]))
        assert_true(more->touch_s[SQZ_TARGET] <= less->touch_s[SQZ_TARGET]);
}

/* A book that never recovers, shorts only: by induction over the liquidations the price with more
 * notional, or less depth, is never the lower one. */
static void test_fuel_and_depth_path_by_path(void **state)
{
    (void)state;
    static const struct variant MORE = {1.4, 1, 1}, DEEPER = {1, 1.3, 1}, BOTH = {1.4, 1.3, 1};
    static const double SHAPE[] = {1, 2, 0.67};
    for (size_t i = 0; i < 3; i++) {
        struct test_world base, more, deeper, both;
        struct test_engine engine;
        int differ = 0;
        map_world(&base, &BASE, SHAPE[i], INFINITY, false);
        map_world(&more, &MORE, SHAPE[i], INFINITY, false);
        map_world(&deeper, &DEEPER, SHAPE[i], INFINITY, false);
        map_world(&both, &BOTH, SHAPE[i], INFINITY, false);
        test_engine_init(
            &engine,
            (const struct sqz_world *[]){&base.world, &more.world, &deeper.world, &both.world}, 4);
        for (uint64_t path = 0; path < test_paths(PATHWISE_PATHS); path++) {
            sqz_engine_run(&engine.engine, SEED + i, path, NULL);
            const struct sqz_outcome *outcome[4];
            for (size_t w = 0; w < 4; w++)
                outcome[w] = sqz_engine_outcome(&engine.engine, w);
            assert_no_less(outcome[1], outcome[0]);
            assert_no_less(outcome[0], outcome[2]);
            assert_no_less(outcome[1], outcome[3]);
            assert_no_less(outcome[3], outcome[2]);
            differ += outcome[1]->peak_log > outcome[2]->peak_log;
        }
        assert_true(differ > 0);
        test_engine_free(&engine);
        test_world_free(&base);
        test_world_free(&more);
        test_world_free(&deeper);
        test_world_free(&both);
    }
}

/* Four sizes of one order at one time, the first of them none. */
static void test_larger_order_path_by_path(void **state)
{
    (void)state;
    static const double SIZE_USD[4] = {0, 2e6, 2.1e6, 6e6};
    struct test_world test[4];
    struct test_impulse order[4];
    struct test_engine engine;
    for (size_t w = 0; w < 4; w++) {
        order[w] = (struct test_impulse){.time_s = 0.3, .order_usd = SIZE_USD[w]};
        map_world(&test[w], &BASE, 1.5, INFINITY, false);
        test_world_add_impulse(&test[w], &order[w]);
    }
    test_engine_init(&engine,
                     (const struct sqz_world *[]){&test[0].world, &test[1].world, &test[2].world,
                                                  &test[3].world},
                     4);
    for (uint64_t path = 0; path < test_paths(PATHWISE_PATHS); path++) {
        sqz_engine_run(&engine.engine, SEED + 10, path, NULL);
        for (size_t w = 1; w < 4; w++) {
            const struct sqz_outcome *larger = sqz_engine_outcome(&engine.engine, w);
            const struct sqz_outcome *smaller = sqz_engine_outcome(&engine.engine, w - 1);
            assert_no_less(larger, smaller);
            assert_true(larger->final_log > smaller->final_log);
        }
    }
    test_engine_free(&engine);
    for (size_t w = 0; w < 4; w++)
        test_world_free(&test[w]);
}

/* One order into a book in any state: a larger buy leaves the price higher, now and at any later
 * time, and fills at a higher price. */
static void test_larger_order_into_any_book(void **state)
{
    (void)state;
    static const double SHAPE[] = {0.67, 1, 2}, BEFORE_USD[] = {-5e6, 0, 3e6},
                        LATER_S[] = {0, 7, 300};
    for (size_t i = 0; i < 27; i++) {
        struct test_book book;
        double last = -INFINITY, last_fill = -INFINITY;
        test_book_init(&book, 8e6, SHAPE[i % 3], 0.25, 20);
        for (double order_usd = -1.1e7; order_usd < 1.1e7; order_usd += 3.7e5) {
            struct sqz_book_state now;
            sqz_book_reset(&now);
            sqz_book_execute(&book.book, &now, BEFORE_USD[i / 3 % 3], 1);
            double fill = sqz_book_fill(&book.book, &now, order_usd, 1);
            sqz_book_execute(&book.book, &now, order_usd, 1);
            sqz_book_evolve(&book.book, &now, LATER_S[i / 9]);
            double after = now.permanent_log + now.displacement_log;
            assert_true(after > last && fill > last_fill);
            last = after;
            last_fill = fill;
        }
    }
}

/* A path on which more notional does not reach the target and less does. The first jump fires the
 * nearer level; with twice the notional its impact fires the further one too, short of the target.
 * When the second jump comes, all impact has decayed: at single notional the further level is still
 * there to carry the price to the target, at double it is spent. Flat book, displacements in per
 * mille: 10.5 + 2 (3 + 4) = 24.5 and 30 at double; 10.5 + 3 = 13.5 and 30 + 4 = 34 at single. */
static void test_fuel_burnt_early(void **state)
{
    (void)state;
    struct test_world test[2];
    struct test_engine engine;
    struct test_impulse first = {.time_s = 0.1, .jump_log = 0.0105};
    struct test_impulse second = {.time_s = 0.9, .jump_log = 0.030 - 0.0105};
    for (size_t w = 0; w < 2; w++) {
        double factor = w == 0 ? 1 : 2;
        struct sqz_level levels[] = {
            {.distance_log = 0.010, .notional_usd = factor * 3e6, .side = SQZ_UP},
            {.distance_log = 0.015, .notional_usd = factor * 4e6, .side = SQZ_UP}};
        test_book_init(&test[w].book, 10e6, 1, 0, 0.01);
        test_world_init(&test[w], levels, 2, 0, 1);
        test[w].world.stops.watch_log[SQZ_TARGET] = 0.0325;
        test_world_add_impulse(&test[w], &first);
        test_world_add_impulse(&test[w], &second);
    }
    test_engine_init(&engine, (const struct sqz_world *[]){&test[0].world, &test[1].world}, 2);
    sqz_engine_run(&engine.engine, SEED, 0, NULL);
    check_near("peak at single notional", sqz_engine_outcome(&engine.engine, 0)->peak_log, 0.034,
               1e-12);
    check_near("peak at double notional", sqz_engine_outcome(&engine.engine, 1)->peak_log, 0.030,
               1e-12);
    assert_true(reached(&engine, 0) && !reached(&engine, 1));
    test_engine_free(&engine);
    test_world_free(&test[0]);
    test_world_free(&test[1]);
}

/* ---- in probability ------------------------------------------------------------------------ */

/* Below LEAST_PATHS the effects do not show. */
static uint64_t paired_paths(void)
{
    uint64_t paths = test_paths(PATHS);
    return paths > LEAST_PATHS ? paths : LEAST_PATHS;
}

/* Mean paired difference, in its own standard errors. */
static double score(const struct sqz_mean *difference)
{
    struct sqz_estimate estimate = sqz_mean_estimate(difference);
    return estimate.value / estimate.se;
}

/* Paired differences of P(target) to the base world, one per variant. */
static void target_differences(const struct variant *variant, double shape, double halflife_s,
                               bool with_longs, uint64_t seed, uint64_t paths,
                               struct sqz_mean *difference)
{
    struct test_world test[4];
    struct test_engine engine;
    for (size_t w = 0; w < 4; w++)
        map_world(&test[w], w == 0 ? &BASE : &variant[w - 1], shape, halflife_s, with_longs);
    test_engine_init_stops(&engine,
                           (const struct sqz_world *[]){&test[0].world, &test[1].world,
                                                        &test[2].world, &test[3].world},
                           4);
    for (uint64_t path = 0; path < paths; path++) {
        sqz_engine_run(&engine.engine, seed, path, NULL);
        for (size_t w = 1; w < 4; w++)
            sqz_mean_add(&difference[w - 1],
                         (double)reached(&engine, w) - (double)reached(&engine, 0));
    }
    test_engine_free(&engine);
    for (size_t w = 0; w < 4; w++)
        test_world_free(&test[w]);
}

/* P(target) rises with notional and volatility and falls with depth, with longs below: half-life
 * 0.2, and the price takes about (0.0021/0.015)^2 = 0.02 from level to level. */
static void test_probability_of_the_target(void **state)
{
    (void)state;
    static const struct variant VARIANT[3] = {{1.5, 1, 1}, {1, 1.5, 1}, {1, 1, 1.2}};
    static const double SHAPE[] = {1, 2, 0.67};
    for (size_t i = 0; i < 3; i++) {
        struct sqz_mean difference[3] = {{0}};
        target_differences(VARIANT, SHAPE[i], 0.2, true, SEED + 20 + i, paired_paths(), difference);
        assert_true(score(&difference[0]) > 4);
        assert_true(score(&difference[1]) < -4);
        assert_true(score(&difference[2]) > 4);
    }
}

/* The other way round: a square-root book, which the first level's 0.8 of 12 M USD displaces by
 * 0.01 sqrt(0.8/12) = 26 bp, more than the 21 bp to the next level, and which is quick to recover.
 * Half as much notional again carries the price over several levels at once, and what carried it is
 * gone when it stands before the next. Shorts only, so no sells hinder it. */
static void test_fuel_burnt_early_in_probability(void **state)
{
    (void)state;
    static const struct variant VARIANT[3] = {{1.5, 1, 1}, {1.5, 1.5, 1}, {1, 1 / 1.5, 1}};
    struct sqz_mean difference[3] = {{0}};
    /* A small effect: it takes them all. */
    target_differences(VARIANT, 2, 0.02, false, SEED + 25, PATHS, difference);
    assert_true(score(&difference[0]) < -4);
    /* Only the ratio of notional to depth counts, up to rounding. */
    assert_true(sqz_mean_estimate(&difference[1]).value == 0);
    assert_true(sqz_mean_estimate(&difference[2]).value == sqz_mean_estimate(&difference[0]).value);
}

/* A larger order at the start, in a book that recovers. */
static void test_probability_after_an_order(void **state)
{
    (void)state;
    static const double SIZE_USD[4] = {0, 3e6, 6e6, 12e6};
    struct test_world test[4];
    struct test_impulse order[4];
    struct test_engine engine;
    struct sqz_mean difference[4] = {{0}};
    for (size_t w = 0; w < 4; w++) {
        order[w] = (struct test_impulse){.time_s = 0.2, .order_usd = SIZE_USD[w]};
        map_world(&test[w], &BASE, 1, 0.1, true);
        test_world_add_impulse(&test[w], &order[w]);
    }
    test_engine_init_stops(&engine,
                           (const struct sqz_world *[]){&test[0].world, &test[1].world,
                                                        &test[2].world, &test[3].world},
                           4);
    for (uint64_t path = 0; path < paired_paths(); path++) {
        sqz_engine_run(&engine.engine, SEED + 30, path, NULL);
        for (size_t w = 1; w < 4; w++)
            sqz_mean_add(&difference[w],
                         (double)reached(&engine, w) - (double)reached(&engine, w - 1));
    }
    for (size_t w = 1; w < 4; w++)
        assert_true(score(&difference[w]) > 4);
    test_engine_free(&engine);
    for (size_t w = 0; w < 4; w++)
        test_world_free(&test[w]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fuel_and_depth_path_by_path),
        cmocka_unit_test(test_larger_order_path_by_path),
        cmocka_unit_test(test_larger_order_into_any_book),
        cmocka_unit_test(test_fuel_burnt_early),
        cmocka_unit_test(test_probability_of_the_target),
        cmocka_unit_test(test_fuel_burnt_early_in_probability),
        cmocka_unit_test(test_probability_after_an_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
