/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sums without rounding: hand cases, every kind of double, order and grouping. */
#include "tests/support/support.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "sim/core/exact_sum.h"
#include "sim/core/rng.h"

static double sum_of(const double *value, size_t count)
{
    struct sqz_exact_sum sum = {0};
    for (size_t i = 0; i < count; i++)
        sqz_exact_sum_add(&sum, value[i]);
    return sqz_exact_sum_value(&sum);
}

/* The same, every value a sum of its own first. */
static double merged_sum_of(const double *value, size_t count)
{
    struct sqz_exact_sum sum = {0};
    for (size_t i = 0; i < count; i++) {
        struct sqz_exact_sum single = {0};
        sqz_exact_sum_add(&single, value[i]);
        sqz_exact_sum_merge(&sum, &single);
    }
    return sqz_exact_sum_value(&sum);
}

static void check_same_bits(double a, double b)
{
    if (memcmp(&a, &b, sizeof a) != 0)
        fail_msg("%a and %a differ", a, b);
}

/* Any finite double, all exponents alike. */
static double random_double(struct sqz_stream *stream)
{
    double value;
    do {
        uint64_t bits = sqz_stream_u64(stream);
        memcpy(&value, &bits, sizeof value);
    } while (!isfinite(value));
    return value;
}

static void test_empty_is_zero(void **state)
{
    (void)state;
    const struct sqz_exact_sum sum = {0};
    check_same_bits(sqz_exact_sum_value(&sum), 0.0);
}

static void test_hand_cases(void **state)
{
    (void)state;
    static const struct {
        double value[4], sum;
    } CASE[] = {
        {{1e300, 1, -1e300}, 1},
        {{1e17, -3.25, -1e17}, -3.25},
        {{2.385, -1e-30, -2.385}, -1e-30},
        {{1e16, 1, 1, -1e16}, 2},
        {{0x1p60, -0x1p-60, -0x1p60, 0x1p-61}, -0x1p-61},
        {{-2.5, 2.5}, 0},
        {{0.0, -0.0, 7.25}, 7.25},
        {{DBL_MAX, DBL_MAX, -DBL_MAX}, DBL_MAX},
        {{-DBL_MAX, -DBL_MAX, DBL_MAX, DBL_TRUE_MIN}, -DBL_MAX},
        {{-0x1.8p32, -0x1p64, 0x1p64, 0x1p32}, -0x1p31},
    };
    for (size_t i = 0; i < sizeof CASE / sizeof CASE[0]; i++) {
        double sum = sum_of(CASE[i].value, 4), merged = merged_sum_of(CASE[i].value, 4);
        if (sum != CASE[i].sum || merged != CASE[i].sum)
            fail_msg("case %zu: %.17g, merged %.17g, expected %.17g", i, sum, merged, CASE[i].sum);
    }
}

static void test_denormals(void **state)
{
    (void)state;
    const double least = DBL_TRUE_MIN;
    check_same_bits(sum_of((double[]){least, least, least}, 3), 3 * least);
    check_same_bits(sum_of((double[]){1.0, least, -1.0}, 3), least);
    check_same_bits(sum_of((double[]){-DBL_MIN, 5 * least}, 2), -(DBL_MIN - 5 * least));
    check_same_bits(sum_of((double[]){DBL_MIN, -DBL_MIN / 2, -DBL_MIN / 4}, 3), DBL_MIN / 4);
}

/* Ten times the double next to 0.1 lies nearest to 1; adding it up by the processor does not. */
static void test_beats_plain_addition(void **state)
{
    (void)state;
    double value[10], plain = 0.0;
    for (int i = 0; i < 10; i++)
        plain += value[i] = 0.1;
    assert_true(plain != 1.0);
    check_same_bits(sum_of(value, 10), 1.0);
}

static void test_single_values_come_back(void **state)
{
    (void)state;
    struct sqz_stream stream;
    sqz_stream_open(&stream, 71, 0, 0);
    for (int i = 0; i < 20000; i++) {
        double value = random_double(&stream), denormal = ldexp(value, -1074 - ilogb(value) + 20);
        assert_true(sum_of(&value, 1) == value);
        assert_true(sum_of(&denormal, 1) == denormal);
    }
}

enum { TERMS = 200 };

static void shuffle(double *value, size_t count, struct sqz_stream *stream)
{
    for (size_t i = count - 1; i > 0; i--) {
        size_t j = sqz_stream_u64(stream) % (i + 1);
        double held = value[i];
        value[i] = value[j];
        value[j] = held;
    }
}

/* The sum of `value` put together from groups of random size, some of them empty. */
static double sum_in_groups(const double *value, struct sqz_stream *stream)
{
    struct sqz_exact_sum total = {0};
    for (size_t i = 0; i < TERMS;) {
        struct sqz_exact_sum group = {0};
        for (uint64_t left = sqz_stream_u64(stream) % 9; left > 0 && i < TERMS; left--)
            sqz_exact_sum_add(&group, value[i++]);
        sqz_exact_sum_merge(&total, &group);
    }
    return sqz_exact_sum_value(&total);
}

static void test_order_and_grouping_change_nothing(void **state)
{
    (void)state;
    struct sqz_stream stream;
    sqz_stream_open(&stream, 72, 0, 0);
    for (int run = 0; run < 100; run++) {
        double value[TERMS];
        for (size_t i = 0; i < TERMS; i++) /* nearly cancelling over 60 decades */
            value[i] = (sqz_stream_uniform(&stream) - 0.5) *
                       pow(10, 60 * sqz_stream_uniform(&stream) - 30);
        double sum = sum_of(value, TERMS);
        for (int again = 0; again < 5; again++) {
            shuffle(value, TERMS, &stream);
            check_same_bits(sum_of(value, TERMS), sum);
            check_same_bits(sum_in_groups(value, &stream), sum);
        }
    }
}

static void test_negated_terms_negate_sum(void **state)
{
    (void)state;
    struct sqz_stream stream;
    sqz_stream_open(&stream, 73, 0, 0);
    for (int run = 0; run < 200; run++) {
        double value[20], negated[20];
        for (int i = 0; i < 20; i++) {
            value[i] =
                ldexp(sqz_stream_uniform(&stream) - 0.4, (int)(sqz_stream_u64(&stream) % 200));
            negated[i] = -value[i];
        }
        check_same_bits(sum_of(negated, 20), -sum_of(value, 20));
    }
}

static void test_agrees_with_long_double(void **state)
{
    (void)state;
    struct sqz_stream stream;
    sqz_stream_open(&stream, 74, 0, 0);
    for (int run = 0; run < 100; run++) {
        double value[1000];
        long double expected = 0;
        for (int i = 0; i < 1000; i++)
            expected += value[i] = 0.5 + sqz_stream_uniform(&stream);
        check_near("sum", sum_of(value, 1000), (double)expected, 1000 * DBL_EPSILON);
    }
}

/* Carries are put off for 2^30 additions; have them due at each of the next few. */
static void test_carries_keep_value(void **state)
{
    (void)state;
    struct sqz_exact_sum sum = {0};
    double expected = 0.0;
    for (int i = 1; i <= 64; i++) {
        double value = (i % 3 == 0 ? -1 : 1) * ldexp(1.0 + i / 64.0, 20 + i % 13);
        sum.pending = ((int64_t)1 << 30) - 2;
        sqz_exact_sum_add(&sum, value);
        sqz_exact_sum_add(&sum, value / 2);
        expected += 1.5 * value; /* exact: few bits, one magnitude */
        assert_true(sum.pending < 10);
        assert_true(sqz_exact_sum_value(&sum) == expected);
    }
}

static void test_merge_carries(void **state)
{
    (void)state;
    struct sqz_exact_sum sum = {.pending = ((int64_t)1 << 30) - 1}, part = {0};
    sqz_exact_sum_add(&part, -2.385);
    sqz_exact_sum_merge(&sum, &part);
    assert_true(sum.pending < 10);
    assert_true(sqz_exact_sum_value(&sum) == -2.385);
    assert_true(sqz_exact_sum_value(&part) == -2.385);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_empty_is_zero),
        cmocka_unit_test(test_hand_cases),
        cmocka_unit_test(test_denormals),
        cmocka_unit_test(test_beats_plain_addition),
        cmocka_unit_test(test_single_values_come_back),
        cmocka_unit_test(test_order_and_grouping_change_nothing),
        cmocka_unit_test(test_negated_terms_negate_sum),
        cmocka_unit_test(test_agrees_with_long_double),
        cmocka_unit_test(test_carries_keep_value),
        cmocka_unit_test(test_merge_carries),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
