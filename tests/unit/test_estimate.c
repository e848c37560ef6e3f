/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Shares with Wilson's interval, means with their errors. */
#include "tests/support/support.h"

#include <math.h>
#include <string.h>

#include "sim/core/estimate.h"
#include "sim/core/rng.h"

/* Newcombe, "Two-sided confidence intervals for the single proportion", Statist. Med. 17 (1998),
 * 857-872, table I, method 3: to four decimals. */
static void test_wilson_is_published(void **state)
{
    (void)state;
    static const struct {
        uint64_t hits, trials;
        double lo, hi;
    } NEWCOMBE[] = {{81, 263, 0.2553, 0.3662},
                    {15, 148, 0.0624, 0.1605},
                    {0, 20, 0.0000, 0.1611},
                    {1, 29, 0.0061, 0.1718}};
    for (size_t i = 0; i < sizeof NEWCOMBE / sizeof NEWCOMBE[0]; i++) {
        struct sqz_estimate share = sqz_estimate_share(NEWCOMBE[i].hits, NEWCOMBE[i].trials);
        check_near("lower limit", share.lo, NEWCOMBE[i].lo, 5e-5);
        check_near("upper limit", share.hi, NEWCOMBE[i].hi, 5e-5);
    }
}

/* The limits are the shares p from which the observed one is 1.96 of *their* errors away. */
static void test_wilson_inverts_score_test(void **state)
{
    (void)state;
    static const double Z = 1.959963984540054;
    for (uint64_t hits = 1; hits < 57; hits++) {
        struct sqz_estimate share = sqz_estimate_share(hits, 57);
        double p = hits / 57.0;
        check_near("value", share.value, p, 1e-15);
        check_near("se", share.se, sqrt(p * (1 - p) / 57), 1e-15);
        check_near("lower", (p - share.lo) / sqrt(share.lo * (1 - share.lo) / 57), Z, 1e-11);
        check_near("upper", (share.hi - p) / sqrt(share.hi * (1 - share.hi) / 57), Z, 1e-11);
    }
}

static void test_none_and_all(void **state)
{
    (void)state;
    struct sqz_estimate none = sqz_estimate_share(0, 1237), all = sqz_estimate_share(1237, 1237);
    double z2 = 1.959963984540054 * 1.959963984540054;
    assert_true(none.value == 0.0 && none.lo == 0.0 && none.se == 0.0);
    assert_true(all.value == 1.0 && all.hi == 1.0 && all.se == 0.0);
    check_near("upper limit of none", none.hi, z2 / (1237 + z2), 1e-14);
    check_near("lower limit of all", all.lo, 1237 / (1237 + z2), 1e-14);
}

static void test_no_trials(void **state)
{
    (void)state;
    struct sqz_estimate share = sqz_estimate_share(0, 0);
    assert_true(isnan(share.value) && isnan(share.se) && isnan(share.lo) && isnan(share.hi));
}

static struct sqz_mean mean_of(const double *value, size_t count)
{
    struct sqz_mean mean = {0};
    for (size_t i = 0; i < count; i++)
        sqz_mean_add(&mean, value[i]);
    return mean;
}

/* 2.4, 3.1, 5.9, -1.2: sum 10.2, mean 2.55, deviations -0.15, 0.55, 3.35, -3.75, squares 25.61. */
static void test_mean_by_hand(void **state)
{
    (void)state;
    struct sqz_mean mean = mean_of((double[]){2.4, 3.1, 5.9, -1.2}, 4);
    struct sqz_estimate estimate = sqz_mean_estimate(&mean);
    double se = sqrt(25.61 / 3 / 4);
    check_near("mean", estimate.value, 2.55, 1e-15);
    check_near("se", estimate.se, se, 1e-14);
    check_near("lower", estimate.lo, 2.55 - 1.959963984540054 * se, 1e-13);
    check_near("upper", estimate.hi, 2.55 + 1.959963984540054 * se, 1e-13);
}

static void test_constant_data_has_no_error(void **state)
{
    (void)state;
    struct sqz_stream stream;
    sqz_stream_open(&stream, 14, 0, 0);
    for (int run = 0; run < 300; run++) {
        struct sqz_mean mean = {0};
        double constant = (run % 2 == 0 ? 1 : -1) * pow(10, 60 * sqz_stream_uniform(&stream) - 30);
        for (int k = 0; k < 103 + run; k++)
            sqz_mean_add(&mean, constant);
        struct sqz_estimate estimate = sqz_mean_estimate(&mean);
        check_near("mean", estimate.value, constant, 4e-16 * fabs(constant));
        assert_true(estimate.se == 0.0);
        assert_true(estimate.lo == estimate.value && estimate.hi == estimate.value);
    }
}

static void test_too_few_values(void **state)
{
    (void)state;
    struct sqz_mean none = {0}, one = mean_of((double[]){2.385}, 1);
    struct sqz_estimate of_none = sqz_mean_estimate(&none), of_one = sqz_mean_estimate(&one);
    assert_true(isnan(of_none.value) && isnan(of_none.se));
    assert_true(of_one.value == 2.385);
    assert_true(isnan(of_one.se) && isnan(of_one.lo) && isnan(of_one.hi));
}

static void test_merge_is_adding(void **state)
{
    (void)state;
    struct sqz_stream stream;
    double value[60];
    sqz_stream_open(&stream, 15, 0, 0);
    for (int i = 0; i < 60; i++)
        value[i] = log(sqz_stream_uniform(&stream));
    struct sqz_mean whole = mean_of(value, 60), merged = mean_of(value + 37, 23),
                    other = mean_of(value, 37);
    sqz_mean_merge(&merged, &other);
    struct sqz_estimate a = sqz_mean_estimate(&whole), b = sqz_mean_estimate(&merged);
    assert_int_equal(merged.count, 60);
    assert_memory_equal(&a, &b, sizeof a);
}

/* The interval holds the truth in about 95 of 100 samples. */
static void test_interval_covers(void **state)
{
    (void)state;
    enum { SAMPLES = 2000, SIZE = 50 };
    struct sqz_stream stream;
    int covered = 0;
    sqz_stream_open(&stream, 16, 0, 0);
    for (int s = 0; s < SAMPLES; s++) {
        struct sqz_mean mean = {0};
        for (int i = 0; i < SIZE; i++)
            sqz_mean_add(&mean, sqz_stream_uniform(&stream));
        struct sqz_estimate estimate = sqz_mean_estimate(&mean);
        covered += estimate.lo <= 0.5 && 0.5 <= estimate.hi;
    }
    /* Student's t with 49 degrees of freedom is beyond 1.96 with probability 0.0557. */
    check_within_4se("coverage", covered / (double)SAMPLES, 1 - 0.0557,
                     sqrt(0.0557 * 0.9443 / SAMPLES), 0.0);
}

/* 10,000 paths of which none reaches 1,000,000,001 USD 8.5 % away at a volatility of 2 % a day: by
 * the reflection principle one in 22,109 would, which is 45,230 USD a path. */
static void test_no_hits_have_an_upper_limit(void **state)
{
    (void)state;
    static const double LARGEST = 1000000001;
    struct sqz_mean none = {.count = 10000};
    struct sqz_estimate mean = sqz_mean_amount(&none, LARGEST);
    struct sqz_estimate change = sqz_mean_change(&none, LARGEST);
    double z2 = 1.959963984540054 * 1.959963984540054;
    assert_true(mean.value == 0 && mean.se == 0 && mean.lo == 0);
    check_near("upper limit", mean.hi, LARGEST * z2 / (10000 + z2), 1e-6);
    assert_true(mean.hi > 45230);
    check_near("of differences", change.hi, LARGEST * sqrt(2 * z2) / 10002, 1e-6);
    assert_true(change.value == 0 && change.lo == -change.hi);
    assert_true(isnan(sqz_mean_amount(&none, INFINITY).hi));
}

/* Garwood (1936), as tabulated in Biometrika Tables (1966, table 40), 95 %: a count of 1 has 0.0253
 * to 5.572, of 4 has 1.090 to 10.24, of 10 has 4.795 to 18.39. Among many paths a mean of equal
 * amounts has these limits times the amount. */
static void test_few_equal_amounts_are_a_count(void **state)
{
    (void)state;
    static const struct {
        int count;
        double lo, hi, digit;
    } GARWOOD[] = {{1, 0.0253, 5.572, 5e-4}, {4, 1.090, 10.24, 5e-3}, {10, 4.795, 18.39, 5e-3}};
    static const double AMOUNT = 2.7;
    for (size_t g = 0; g < sizeof GARWOOD / sizeof GARWOOD[0]; g++) {
        double n = 1e7, k = GARWOOD[g].count;
        double se = AMOUNT * sqrt(k * (1 - k / n) / (n * (n - 1)));
        struct sqz_estimate mean = sqz_estimate_amount(k * AMOUNT / n, se, AMOUNT, (uint64_t)n);
        check_near("lower", n * mean.lo / AMOUNT, GARWOOD[g].lo, GARWOOD[g].digit);
        check_near("upper", n * mean.hi / AMOUNT, GARWOOD[g].hi, GARWOOD[g].digit);
    }
}

/* Among many alike the normal interval stays as it is, to the bit; a mean is at most the largest.
 */
static void test_many_hits_are_normal(void **state)
{
    (void)state;
    struct sqz_mean many = {0}, two = mean_of((double[]){3.5, 0}, 2);
    for (int i = 0; i < 400; i++)
        sqz_mean_add(&many, i % 4 == 0 ? 1.1 + 0.01 * i : 0);
    struct sqz_estimate normal = sqz_mean_estimate(&many), amount = sqz_mean_amount(&many, 9),
                        change = sqz_mean_change(&many, 9);
    assert_memory_equal(&normal, &amount, sizeof normal);
    assert_memory_equal(&normal, &change, sizeof normal);
    assert_true(sqz_mean_amount(&two, 3.5).hi == 3.5);
}

/* A level may hold any amount; the error handler of GSL is on. */
static void test_amounts_whose_squares_vanish(void **state)
{
    (void)state;
    struct sqz_mean tiny = mean_of((double[]){1e-200, 0, 0}, 3);
    struct sqz_estimate amount = sqz_mean_amount(&tiny, 1e-200);
    assert_true(amount.value > 0 && amount.value < 1e-200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wilson_is_published),
        cmocka_unit_test(test_wilson_inverts_score_test),
        cmocka_unit_test(test_none_and_all),
        cmocka_unit_test(test_no_trials),
        cmocka_unit_test(test_mean_by_hand),
        cmocka_unit_test(test_constant_data_has_no_error),
        cmocka_unit_test(test_too_few_values),
        cmocka_unit_test(test_merge_is_adding),
        cmocka_unit_test(test_interval_covers),
        cmocka_unit_test(test_no_hits_have_an_upper_limit),
        cmocka_unit_test(test_few_equal_amounts_are_a_count),
        cmocka_unit_test(test_many_hits_are_normal),
        cmocka_unit_test(test_amounts_whose_squares_vanish),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
