/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where a book does not recover and only shorts can fire, more of what lifts the price never
 * lowers it on any path: between worlds of one path no pair goes the other way. The paired
 * statistics must say so. */
#include "tests/support/support.h"

#include <math.h>

#include "sim/core/pair.h"

enum { PATHS = 6000, SEED = 4700, SHORTS = 9, STEPS = 3 };

/* One step of what is varied: a shock to the price halfway, the scale of the map, the depth. */
struct setting {
    double shock_log, scale, depth_usd;
};

static const struct setting SERIES[][STEPS] = {
    {{-0.004, 1, 14e6}, {0.0031, 1, 14e6}, {0.0118, 1, 14e6}},
    {{0, 0.37, 14e6}, {0, 1, 14e6}, {0, 2.6, 14e6}},
    {{0, 1, 41e6}, {0, 1, 14e6}, {0, 1, 6.2e6}},
};

static void init_step(struct test_world *test, const struct setting *setting,
                      struct test_impulse *impulse)
{
    struct sqz_level levels[SHORTS];
    for (int k = 0; k < SHORTS; k++)
        levels[k] = (struct sqz_level){.distance_log = 0.005 + 0.0023 * k,
                                       .notional_usd = setting->scale * 1e6 * (1.1 + 0.2 * k),
                                       .side = SQZ_UP};
    test_book_init(&test->book, setting->depth_usd, 1.3, 0.2, INFINITY);
    test_world_init(test, levels, SHORTS, 0.017, 1);
    test->world.stops.watch_log[SQZ_TARGET] = 0.031;
    test->world.stops.watch_log[SQZ_FLOOR] = -0.014;
    *impulse = (struct test_impulse){.time_s = 0.5, .jump_log = setting->shock_log};
    test_world_add_impulse(test, impulse);
}

static void check_series(const struct setting series[STEPS])
{
    struct test_world world[STEPS];
    struct test_impulse impulse[STEPS];
    struct test_engine engine;
    struct sqz_pair pair[STEPS - 1] = {{0}};
    for (int k = 0; k < STEPS; k++)
        init_step(&world[k], &series[k], &impulse[k]);
    test_engine_init(
        &engine, (const struct sqz_world *[]){&world[0].world, &world[1].world, &world[2].world},
        STEPS);
    for (uint64_t path = 0; path < test_paths(PATHS); path++) {
        sqz_engine_run(&engine.engine, SEED, path, NULL);
        for (size_t k = 1; k < STEPS; k++)
            sqz_pair_add(&pair[k - 1], sqz_engine_outcome(&engine.engine, k),
                         sqz_engine_outcome(&engine.engine, k - 1));
    }
    for (int k = 0; k < STEPS - 1; k++) {
        struct sqz_estimate target = sqz_estimate_share_difference(
            pair[k].only_x[SQZ_TARGET], pair[k].only_y[SQZ_TARGET], pair[k].paths);
        struct sqz_estimate final = sqz_mean_estimate(&pair[k].final_log.difference);
        assert_int_equal(pair[k].only_y[SQZ_TARGET], 0);
        assert_int_equal(pair[k].only_x[SQZ_FLOOR], 0);
        /* and the steps are large enough to show */
        assert_true(target.value > 4 * target.se);
        assert_true(final.value > 4 * final.se);
    }
    for (int k = 0; k < STEPS; k++)
        test_world_free(&world[k]);
    test_engine_free(&engine);
}

static void test_shock(void **state)
{
    (void)state;
    check_series(SERIES[0]);
}

static void test_scale(void **state)
{
    (void)state;
    check_series(SERIES[1]);
}

static void test_depth(void **state)
{
    (void)state;
    check_series(SERIES[2]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shock),
        cmocka_unit_test(test_scale),
        cmocka_unit_test(test_depth),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
