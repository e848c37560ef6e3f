/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tallies of paths: what is counted, and that merging is adding. */
#include "tests/support/support.h"

#include <math.h>

#include "sim/core/rng.h"
#include "sim/core/tally.h"

static void add(struct sqz_tally *tally, uint64_t path, struct sqz_outcome outcome)
{
    assert_int_equal(sqz_tally_add(tally, path, &outcome), SQZ_OK);
}

static void init(struct sqz_tally *tally)
{
    assert_int_equal(sqz_tally_init(tally, 1000, 0, 2, NULL), SQZ_OK);
}

static void test_counts_and_means(void **state)
{
    (void)state;
    struct sqz_tally tally;
    init(&tally);
    add(&tally, 0,
        (struct sqz_outcome){.final_log = 0.013,
                             .peak_log = 0.021,
                             .trough_log = -0.004,
                             .forced_usd = {2.5e6, 1e6},
                             .touch_s = {321.5, NAN},
                             .exhausted = true});
    add(&tally, 1,
        (struct sqz_outcome){.final_log = -0.007,
                             .peak_log = 0.002,
                             .trough_log = -0.011,
                             .touch_s = {NAN, 17.25},
                             .stop = SQZ_STOP_MAX_EVENTS});
    assert_int_equal(tally.paths, 2);
    assert_int_equal(tally.exhausted, 1);
    assert_int_equal(tally.stopped[SQZ_STOP_HORIZON], 1);
    assert_int_equal(tally.stopped[SQZ_STOP_MAX_EVENTS], 1);
    assert_int_equal(tally.touched[SQZ_TARGET], 1);
    assert_int_equal(tally.touched[SQZ_FLOOR], 1);
    assert_true(tally.touch_s[SQZ_TARGET].min == 321.5 && tally.touch_s[SQZ_FLOOR].max == 17.25);
    check_near("forced", sqz_mean_estimate(&tally.forced_usd).value, 1.75e6, 0);
    check_near("shorts", sqz_mean_estimate(&tally.forced_side_usd[SQZ_UP]).value, 1.25e6, 0);
    check_near("longs", sqz_mean_estimate(&tally.forced_side_usd[SQZ_DOWN]).value, 0.5e6, 0);
    check_near("final", sqz_mean_estimate(&tally.final_mean_log).value, 0.003, 1e-17);
    assert_int_equal(tally.forced_log.below, 1);
    check_near("log of the notional", tally.forced_log.max, log(3.5e6), 1e-14);
    assert_true(tally.peak_log.max == 0.021 && tally.trough_log.min == -0.011);
    assert_true(tally.final_log.min == -0.007);
    sqz_tally_free(&tally);
    sqz_tally_free(&tally);
}

static void check_largest(const double forced_usd[3], uint64_t expected_path)
{
    static const int ORDER[][3] = {{0, 1, 2}, {2, 1, 0}, {1, 0, 2}, {1, 2, 0}};
    for (int o = 0; o < 4; o++) {
        struct sqz_tally tally, part, empty;
        init(&tally);
        init(&part);
        init(&empty);
        for (int i = 0; i < 3; i++) {
            struct sqz_outcome outcome = {.forced_usd = {forced_usd[ORDER[o][i]], 0},
                                          .touch_s = {NAN, NAN}};
            add(i < 2 ? &tally : &part, 40 + (uint64_t)ORDER[o][i], outcome);
        }
        assert_int_equal(sqz_tally_merge(&tally, &part), SQZ_OK);
        assert_int_equal(sqz_tally_merge(&tally, &empty), SQZ_OK);
        assert_int_equal(sqz_tally_merge(&empty, &tally), SQZ_OK);
        assert_int_equal(tally.largest_forced_path, expected_path);
        assert_int_equal(empty.largest_forced_path, expected_path);
        assert_true(tally.largest_forced_usd == forced_usd[expected_path - 40]);
        sqz_tally_free(&tally);
        sqz_tally_free(&part);
        sqz_tally_free(&empty);
    }
}

/* The first path among equals, in whatever order they come. */
static void test_largest_cascade_and_its_path(void **state)
{
    (void)state;
    check_largest((double[]){2e6, 7e6, 3e6}, 41);
    check_largest((double[]){2e6, 7e6, 7e6}, 41);
    check_largest((double[]){0, 0, 0}, 40);
}

static void test_merge_is_adding(void **state)
{
    (void)state;
    struct sqz_tally whole, first, second;
    struct sqz_stream stream;
    sqz_stream_open(&stream, 91, 0, 0);
    init(&whole);
    init(&first);
    init(&second);
    for (uint64_t path = 0; path < 200; path++) {
        double u = sqz_stream_uniform(&stream), v = sqz_stream_uniform(&stream);
        struct sqz_outcome outcome = {.final_log = u - 0.5,
                                      .peak_log = u,
                                      .trough_log = -v,
                                      .forced_usd = {u > 0.5 ? 1e7 * u : 0, 0},
                                      .touch_s = {u > 0.3 ? 1000 * u : NAN, NAN},
                                      .exhausted = v > 0.9};
        add(&whole, path, outcome);
        add(path % 3 == 0 ? &first : &second, path, outcome);
        assert_int_equal(sqz_histogram_add(&whole.fan[1], v), SQZ_OK);
        assert_int_equal(sqz_histogram_add(path % 3 == 0 ? &first.fan[1] : &second.fan[1], v),
                         SQZ_OK);
    }
    assert_int_equal(sqz_tally_merge(&first, &second), SQZ_OK);
    struct sqz_estimate a = sqz_mean_estimate(&whole.forced_usd),
                        b = sqz_mean_estimate(&first.forced_usd);
    assert_memory_equal(&a, &b, sizeof a);
    assert_int_equal(first.paths, 200);
    assert_int_equal(first.exhausted, whole.exhausted);
    assert_int_equal(first.touched[SQZ_TARGET], whole.touched[SQZ_TARGET]);
    for (double p = 0.05; p < 1; p += 0.1) {
        assert_true(sqz_histogram_quantile(&first.touch_s[0], p) ==
                    sqz_histogram_quantile(&whole.touch_s[0], p));
        assert_true(sqz_histogram_quantile(&first.forced_log, p) ==
                    sqz_histogram_quantile(&whole.forced_log, p));
        assert_true(sqz_histogram_quantile(&first.fan[1], p) ==
                    sqz_histogram_quantile(&whole.fan[1], p));
    }
    assert_int_equal(first.fan[0].total, 0);
    sqz_tally_free(&whole);
    sqz_tally_free(&first);
    sqz_tally_free(&second);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_counts_and_means),
        cmocka_unit_test(test_largest_cascade_and_its_path),
        cmocka_unit_test(test_merge_is_adding),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
