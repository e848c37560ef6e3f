/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The standstill scale against its definition: at any scale below it no window is full, at any from
 * there on one is; and the time to the nearest zone against the law of the first passage. */
#include <math.h>
#include <stdlib.h>

#include "sim/analysis/branching.h"
#include "sim/analysis/standstill.h"
#include "tests/unit/map_fixture.h"

static const double VOLATILITY = 0.01; /* per square-root second, as world_on sets it */

/* The maximum of the branching ratio, by its definition, on both sides at `scale`. */
static double largest_ratio(struct sqz_level level[2 * UNEVEN], const struct sqz_book *book,
                            double scale)
{
    struct sqz_level scaled[2 * UNEVEN];
    struct test_world test;
    struct sqz_static_world rest;
    struct sqz_branching branching;
    struct sqz_diag diag = {0};
    for (size_t i = 0; i < 2 * UNEVEN; i++) {
        scaled[i] = level[i];
        scaled[i].notional_usd *= scale;
    }
    world_on(&test, book, scaled, 2 * UNEVEN);
    assert_int_equal(sqz_static_world_init(&rest, &test.world, &diag), SQZ_OK);
    assert_int_equal(sqz_branching_make(&branching, &rest, SCALE, &diag), SQZ_OK);
    double most = fmax(branching.side[SQZ_UP].max, branching.side[SQZ_DOWN].max);
    sqz_branching_free(&branching);
    sqz_static_world_free(&rest);
    test_world_free(&test);
    return most;
}

static struct sqz_standstill standstill_on(struct sqz_level *level, size_t count,
                                           const struct sqz_book *book)
{
    struct test_world test;
    struct sqz_standstill standstill;
    struct sqz_diag diag = {0};
    world_on(&test, book, level, count);
    assert_int_equal(sqz_standstill_find(&standstill, &test.world, SCALE, &diag), SQZ_OK);
    test_world_free(&test);
    return standstill;
}

static void test_below_it_no_window_is_full(void **state)
{
    (void)state;
    for (int which = 0; which < BOOKS; which++) {
        struct shaped_book shaped;
        struct sqz_level level[2 * UNEVEN], copy[2 * UNEVEN];
        shaped_book_init(&shaped, which, 0.0);
        uneven_levels(level);
        memcpy(copy, level, sizeof copy);
        struct sqz_standstill standstill = standstill_on(copy, 2 * UNEVEN, &shaped.book);
        assert_true(standstill.scale > 0 && isfinite(standstill.scale));
        assert_true(largest_ratio(level, &shaped.book, standstill.scale) < 1);
        assert_true(largest_ratio(level, &shaped.book, standstill.scale * (1 + 1e-6)) >= 1);
        check_relative("window over order", standstill.window_usd / standstill.order_usd,
                       largest_ratio(level, &shaped.book, 1.0), 1e-12);
        shaped_book_free(&shaped);
    }
}

/* A flat book moves by 43 bp with 0.43 of its depth within 1 %; two levels share the fullest
 * window, the third is beyond it. */
static void test_by_hand(void **state)
{
    (void)state;
    struct shaped_book shaped;
    shaped_book_init(&shaped, FLAT, 0.0);
    struct sqz_level level[] = {
        {.distance_log = 0.0312, .notional_usd = 3.1e6, .side = SQZ_UP},
        {.distance_log = 0.0339, .notional_usd = 4.7e6, .side = SQZ_UP},
        {.distance_log = 0.0371, .notional_usd = 2.2e6, .side = SQZ_UP},
        {.distance_log = 0.0020, .notional_usd = 7.3e6, .side = SQZ_DOWN},
    };
    struct sqz_standstill standstill = standstill_on(level, 4, &shaped.book);
    assert_int_equal(standstill.side, SQZ_UP);
    check_relative("scale", standstill.scale, 0.43 * DEPTH_USD / 7.8e6, 1e-7);
    assert_true(isinf(standstill.zone_distance_log) && isinf(standstill.zone_median_s));
    shaped_book_free(&shaped);
}

/* A band of half as much again as the book bears, from 2 % on: half a probability by the median. */
static void test_time_to_the_zone(void **state)
{
    (void)state;
    struct shaped_book shaped;
    struct sqz_level level[400];
    shaped_book_init(&shaped, FLAT, 0.0);
    add_band(level, 400, 0.02, 0.04, 1.5, DEPTH_USD, SQZ_DOWN);
    struct sqz_standstill standstill = standstill_on(level, 400, &shaped.book);
    check_relative("scale", standstill.scale, 1 / 1.5, 0.03);
    assert_int_equal(standstill.zone_side, SQZ_DOWN);
    double d = standstill.zone_distance_log;
    assert_true(d > 0.02 && d < 0.02 + SCALE);
    double reached = erfc(d / (VOLATILITY * sqrt(2 * standstill.zone_median_s)));
    check_near("probability by the median", reached, 0.5, 1e-12);
    shaped_book_free(&shaped);
}

static void test_nothing_waits(void **state)
{
    (void)state;
    struct shaped_book shaped;
    shaped_book_init(&shaped, FLAT, 0.0);
    struct sqz_level level[] = {{.distance_log = 0.05, .notional_usd = 0, .side = SQZ_UP}};
    struct sqz_standstill standstill = standstill_on(level, 1, &shaped.book);
    assert_true(isinf(standstill.scale) && standstill.window_usd == 0);
    assert_true(sqz_standstill_median_s(0, 0) == 0 && isinf(sqz_standstill_median_s(0.1, 0)));
    shaped_book_free(&shaped);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_below_it_no_window_is_full),
        cmocka_unit_test(test_by_hand),
        cmocka_unit_test(test_time_to_the_zone),
        cmocka_unit_test(test_nothing_waits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
