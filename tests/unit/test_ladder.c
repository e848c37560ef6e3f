/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The ladder: sorted outward, the same whatever the order of the rows. */
#include "tests/support/support.h"

#include <math.h>
#include <string.h>

#include "sim/core/ladder.h"
#include "sim/core/rng.h"

enum { LEVELS = 120 };

static void build(struct sqz_ladder *ladder, struct sqz_level *level, size_t count, double scale)
{
    struct sqz_diag diag = {0};
    assert_int_equal(sqz_ladder_build(ladder, level, count, scale, &diag), SQZ_OK);
}

static void test_sorts_outward(void **state)
{
    (void)state;
    struct sqz_level level[] = {{0.07, 5e6, 25, SQZ_UP},
                                {0.03, 1.25e6, 10, SQZ_DOWN},
                                {0.011, 7e6, 0, SQZ_UP},
                                {0.19, 2e6, 3, SQZ_DOWN},
                                {-0.002, 3.5e6, 50, SQZ_UP}};
    struct sqz_ladder ladder;
    build(&ladder, level, 5, 1.0);
    const struct sqz_ladder_side *up = &ladder.side[SQZ_UP], *down = &ladder.side[SQZ_DOWN];
    assert_int_equal(up->count, 3);
    assert_int_equal(down->count, 2);
    assert_memory_equal(up->distance_log, ((double[]){-0.002, 0.011, 0.07}), 3 * sizeof(double));
    assert_memory_equal(up->notional_usd, ((double[]){3.5e6, 7e6, 5e6}), 3 * sizeof(double));
    assert_memory_equal(up->leverage, ((float[]){50, 0, 25}), 3 * sizeof(float));
    assert_memory_equal(down->distance_log, ((double[]){0.03, 0.19}), 2 * sizeof(double));
    assert_memory_equal(down->notional_usd, ((double[]){1.25e6, 2e6}), 2 * sizeof(double));
    assert_true(up->distance_log[3] == INFINITY && down->distance_log[2] == INFINITY);
    assert_true(up->total_usd == 15.5e6 && down->total_usd == 3.25e6);
    sqz_ladder_free(&ladder);
}

/* Levels with many equal distances, and some rows equal throughout. */
static void draw_levels(struct sqz_level *level, struct sqz_stream *stream)
{
    for (int i = 0; i < LEVELS; i++) {
        uint64_t bits = sqz_stream_u64(stream);
        level[i] = (struct sqz_level){.distance_log = 0.0137 * (double)(1 + bits % 9),
                                      .notional_usd = 1e6 / (double)(3 + (bits >> 10) % 7),
                                      .leverage = (float)(5 * ((bits >> 20) % 3)),
                                      .side = (bits >> 30) % 2};
    }
}

static void shuffle(struct sqz_level *level, struct sqz_stream *stream)
{
    for (size_t i = LEVELS - 1; i > 0; i--) {
        size_t j = sqz_stream_u64(stream) % (i + 1);
        struct sqz_level held = level[i];
        level[i] = level[j];
        level[j] = held;
    }
}

static void check_same_side(const struct sqz_ladder_side *a, const struct sqz_ladder_side *b)
{
    size_t entries = a->count + 1;
    assert_int_equal(a->count, b->count);
    assert_memory_equal(a->distance_log, b->distance_log, entries * sizeof(double));
    assert_memory_equal(a->notional_usd, b->notional_usd, entries * sizeof(double));
    assert_memory_equal(a->leverage, b->leverage, entries * sizeof(float));
    assert_memory_equal(&a->total_usd, &b->total_usd, sizeof(double));
}

static void test_permutations_give_identical_arrays(void **state)
{
    (void)state;
    struct sqz_stream stream;
    sqz_stream_open(&stream, 4, 0, 0);
    for (int run = 0; run < 20; run++) {
        struct sqz_level level[LEVELS];
        struct sqz_ladder first, second;
        draw_levels(level, &stream);
        shuffle(level, &stream);
        build(&first, level, LEVELS, 0.37);
        shuffle(level, &stream);
        build(&second, level, LEVELS, 0.37);
        check_same_side(&first.side[SQZ_UP], &second.side[SQZ_UP]);
        check_same_side(&first.side[SQZ_DOWN], &second.side[SQZ_DOWN]);
        sqz_ladder_free(&first);
        sqz_ladder_free(&second);
    }
}

static void test_ties_go_by_leverage_then_notional(void **state)
{
    (void)state;
    struct sqz_level level[] = {
        {0.02, 3e6, 10, SQZ_UP}, {0.02, 1e6, 20, SQZ_UP}, {0.02, 2e6, 10, SQZ_UP}};
    struct sqz_ladder ladder;
    build(&ladder, level, 3, 1.0);
    assert_memory_equal(ladder.side[SQZ_UP].notional_usd, ((double[]){2e6, 3e6, 1e6}),
                        3 * sizeof(double));
    sqz_ladder_free(&ladder);
}

static void test_scale_multiplies_notionals(void **state)
{
    (void)state;
    struct sqz_level level[] = {{0.02, 3e6, 10, SQZ_UP}, {0.05, 8e6, 10, SQZ_DOWN}};
    struct sqz_ladder ladder;
    build(&ladder, level, 2, 0.25);
    assert_true(ladder.side[SQZ_UP].notional_usd[0] == 0.75e6);
    assert_true(ladder.side[SQZ_DOWN].total_usd == 2e6);
    assert_true(ladder.side[SQZ_DOWN].distance_log[0] == 0.05);
    sqz_ladder_free(&ladder);
}

static void test_empty(void **state)
{
    (void)state;
    struct sqz_ladder ladder;
    build(&ladder, NULL, 0, 1.0);
    for (int s = 0; s < 2; s++) {
        assert_int_equal(ladder.side[s].count, 0);
        assert_true(ladder.side[s].distance_log[0] == INFINITY);
        assert_true(ladder.side[s].total_usd == 0.0);
    }
    sqz_ladder_free(&ladder);
    sqz_ladder_free(&ladder);
    assert_null(ladder.side[SQZ_UP].distance_log);
}

static void test_one_side_only(void **state)
{
    (void)state;
    for (unsigned char s = 0; s < 2; s++) {
        struct sqz_level level[] = {{0.03, 3e6, 10, s}, {0.015, 8e6, 10, s}};
        struct sqz_ladder ladder;
        build(&ladder, level, 2, 1.0);
        assert_int_equal(ladder.side[s].count, 2);
        assert_int_equal(ladder.side[1 - s].count, 0);
        assert_true(ladder.side[s].distance_log[0] == 0.015);
        assert_true(ladder.side[1 - s].distance_log[0] == INFINITY);
        sqz_ladder_free(&ladder);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sorts_outward),
        cmocka_unit_test(test_permutations_give_identical_arrays),
        cmocka_unit_test(test_ties_go_by_leverage_then_notional),
        cmocka_unit_test(test_scale_multiplies_notionals),
        cmocka_unit_test(test_empty),
        cmocka_unit_test(test_one_side_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
