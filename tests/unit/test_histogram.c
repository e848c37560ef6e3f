/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Histograms: growth, quantiles to a bin, merging. */
#include "tests/support/support.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "sim/core/histogram.h"
#include "sim/core/rng.h"

static void add_all(struct sqz_histogram *histogram, const double *value, size_t count)
{
    for (size_t i = 0; i < count; i++)
        assert_int_equal(sqz_histogram_add(histogram, value[i]), SQZ_OK);
}

/* How many values bin number `bin` (from 0 upwards, signed) holds. */
static uint64_t in_bin(const struct sqz_histogram *histogram, int64_t bin)
{
    int64_t offset = (bin % SQZ_HISTOGRAM_PAGE + SQZ_HISTOGRAM_PAGE) % SQZ_HISTOGRAM_PAGE;
    int64_t p = (bin - offset) / SQZ_HISTOGRAM_PAGE - histogram->first;
    bool there = p >= 0 && p < (int64_t)histogram->pages && histogram->page[p] != NULL;
    return there ? histogram->page[p][offset] : 0;
}

static void check_same_content(const struct sqz_histogram *a, const struct sqz_histogram *b)
{
    assert_int_equal(a->total, b->total);
    assert_int_equal(a->below, b->below);
    assert_true(a->min == b->min && a->max == b->max);
    for (int64_t bin = -5000; bin < 5000; bin++)
        assert_int_equal(in_bin(a, bin), in_bin(b, bin));
}

static void test_bins_hold_their_values(void **state)
{
    (void)state;
    struct sqz_histogram histogram;
    sqz_histogram_init(&histogram, 0.25);
    add_all(&histogram, (double[]){0.3, 0.49, -0.01, 0.5, -7.1, 12.26, 0.0}, 7);
    assert_int_equal(in_bin(&histogram, 1), 2);
    assert_int_equal(in_bin(&histogram, -1), 1);
    assert_int_equal(in_bin(&histogram, 2), 1);
    assert_int_equal(in_bin(&histogram, -29), 1);
    assert_int_equal(in_bin(&histogram, 49), 1);
    assert_int_equal(in_bin(&histogram, 0), 1);
    assert_int_equal(histogram.total, 7);
    assert_true(histogram.min == -7.1 && histogram.max == 12.26);
    sqz_histogram_free(&histogram);
}

static void test_growth_keeps_counts(void **state)
{
    (void)state;
    for (int direction = -1; direction <= 1; direction += 2) {
        struct sqz_histogram histogram;
        sqz_histogram_init(&histogram, 0.125);
        for (int i = 0; i < 400; i++)
            assert_int_equal(sqz_histogram_add(&histogram, direction * (0.3 + 0.37 * i)), SQZ_OK);
        for (int i = 0; i < 400; i++)
            assert_int_equal(
                in_bin(&histogram, (int64_t)floor(direction * (0.3 + 0.37 * i) / 0.125)), 1);
        assert_int_equal(histogram.total, 400);
        sqz_histogram_free(&histogram);
    }
}

static void test_minus_infinity_lies_below(void **state)
{
    (void)state;
    struct sqz_histogram histogram;
    sqz_histogram_init(&histogram, 0.01);
    add_all(&histogram, (double[]){-INFINITY, 3.14, -INFINITY, 2.72, -INFINITY}, 5);
    assert_int_equal(histogram.total, 5);
    assert_int_equal(histogram.below, 3);
    assert_true(histogram.min == 2.72);
    assert_true(sqz_histogram_quantile(&histogram, 0.59) == -INFINITY);
    check_near("beyond the share below", sqz_histogram_quantile(&histogram, 0.61), 2.72, 0.01);
    check_near("last", sqz_histogram_quantile(&histogram, 0.99), 3.14, 0.01);
    sqz_histogram_free(&histogram);
}

static void test_only_minus_infinity(void **state)
{
    (void)state;
    struct sqz_histogram histogram;
    sqz_histogram_init(&histogram, 0.01);
    add_all(&histogram, (double[]){-INFINITY, -INFINITY}, 2);
    assert_true(sqz_histogram_quantile(&histogram, 0.95) == -INFINITY);
    sqz_histogram_free(&histogram);
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void test_quantiles_within_a_bin(void **state)
{
    (void)state;
    enum { COUNT = 5003 };
    static double value[COUNT];
    struct sqz_histogram histogram;
    struct sqz_stream stream;
    sqz_histogram_init(&histogram, 0.017);
    sqz_stream_open(&stream, 8, 0, 0);
    for (int i = 0; i < COUNT; i++)
        value[i] = log(sqz_stream_uniform(&stream) / sqz_stream_uniform(&stream));
    add_all(&histogram, value, COUNT);
    qsort(value, COUNT, sizeof value[0], ascending);
    for (double p = 0.001; p < 1.0; p += 0.0137) {
        /* Between the order statistics on either side of the rank, give or take a bin. */
        size_t rank = (size_t)(p * COUNT);
        double quantile = sqz_histogram_quantile(&histogram, p);
        assert_true(quantile >= value[rank > 0 ? rank - 1 : 0] - 0.017);
        assert_true(quantile <= value[rank] + 0.017);
    }
    sqz_histogram_free(&histogram);
}

static void test_quantiles_stay_inside_the_data(void **state)
{
    (void)state;
    struct sqz_histogram histogram;
    sqz_histogram_init(&histogram, 1.0);
    add_all(&histogram, (double[]){3.4, 3.6, 3.5}, 3);
    assert_true(sqz_histogram_quantile(&histogram, 0.0) == 3.4);
    assert_true(sqz_histogram_quantile(&histogram, 1.0) == 3.6);
    check_near("median", sqz_histogram_quantile(&histogram, 0.5), 3.5, 1e-12);
    sqz_histogram_free(&histogram);
}

static void test_empty_has_no_quantile(void **state)
{
    (void)state;
    struct sqz_histogram histogram;
    sqz_histogram_init(&histogram, 0.5);
    assert_true(isnan(sqz_histogram_quantile(&histogram, 0.5)));
    sqz_histogram_free(&histogram);
    sqz_histogram_free(&histogram);
}

/* Values so far out that their bin number would not fit share a bin; the extremes stay exact. */
static void test_far_values_share_a_bin(void **state)
{
    (void)state;
    struct sqz_histogram histogram;
    sqz_histogram_init(&histogram, 1e-4);
    add_all(&histogram, (double[]){1e12, 1e300}, 2);
    assert_int_equal(histogram.pages, 1);
    assert_true(histogram.max == 1e300);
    sqz_histogram_free(&histogram);
}

enum { VALUES = 300 };

static void draw_values(double *value, uint64_t seed)
{
    struct sqz_stream stream;
    sqz_stream_open(&stream, seed, 0, 0);
    for (int i = 0; i < VALUES; i++)
        value[i] = i % 17 == 3 ? -INFINITY : 100 * (sqz_stream_uniform(&stream) - 0.3);
}

static void test_merge_equals_adding(void **state)
{
    (void)state;
    double value[VALUES];
    for (uint64_t seed = 0; seed < 20; seed++) {
        struct sqz_histogram whole, first, second, empty;
        struct sqz_histogram *all[] = {&whole, &first, &second, &empty};
        size_t split = 1 + seed * 14;
        draw_values(value, seed);
        for (int i = 0; i < 4; i++)
            sqz_histogram_init(all[i], 0.05);
        add_all(&whole, value, VALUES);
        add_all(&first, value, split);
        add_all(&second, value + split, VALUES - split);
        assert_int_equal(sqz_histogram_merge(&second, &first), SQZ_OK);
        assert_int_equal(sqz_histogram_merge(&second, &empty), SQZ_OK);
        assert_int_equal(sqz_histogram_merge(&empty, &second), SQZ_OK);
        check_same_content(&second, &whole);
        check_same_content(&empty, &whole);
        for (int i = 0; i < 4; i++)
            sqz_histogram_free(all[i]);
    }
}

static void test_order_changes_nothing(void **state)
{
    (void)state;
    double value[VALUES];
    struct sqz_histogram forward, backward;
    draw_values(value, 99);
    sqz_histogram_init(&forward, 0.05);
    sqz_histogram_init(&backward, 0.05);
    add_all(&forward, value, VALUES);
    for (int i = VALUES - 1; i >= 0; i--)
        add_all(&backward, &value[i], 1);
    check_same_content(&forward, &backward);
    for (double p = 0.01; p < 1.0; p += 0.07)
        assert_true(sqz_histogram_quantile(&forward, p) == sqz_histogram_quantile(&backward, p));
    sqz_histogram_free(&forward);
    sqz_histogram_free(&backward);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bins_hold_their_values),
        cmocka_unit_test(test_growth_keeps_counts),
        cmocka_unit_test(test_minus_infinity_lies_below),
        cmocka_unit_test(test_only_minus_infinity),
        cmocka_unit_test(test_quantiles_within_a_bin),
        cmocka_unit_test(test_quantiles_stay_inside_the_data),
        cmocka_unit_test(test_empty_has_no_quantile),
        cmocka_unit_test(test_far_values_share_a_bin),
        cmocka_unit_test(test_merge_equals_adding),
        cmocka_unit_test(test_order_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
