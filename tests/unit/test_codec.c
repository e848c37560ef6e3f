/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers and tallies as bytes and back. */
#include "tests/support/support.h"

#include <math.h>
#include <string.h>

#include "sim/core/exact_sum.h"
#include "sim/core/histogram.h"
#include "sim/core/rng.h"

static struct sqz_codec reader_of(const struct sqz_codec *written)
{
    return (struct sqz_codec){.in = written->out, .left = written->size};
}

static void test_numbers(void **state)
{
    (void)state;
    uint64_t counts[] = {0, 1, 127, 128, 16383, 16384, UINT32_MAX, UINT64_MAX - 1, UINT64_MAX};
    int64_t signs[] = {0, -1, 1, -64, 64, INT64_MIN, INT64_MAX};
    double doubles[] = {0.0, -0.0, 1.0, -INFINITY, INFINITY, 5e-324, -1.7976931348623157e308};
    struct sqz_codec codec = {0};
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++)
        sqz_codec_count(&codec, &counts[i]);
    for (size_t i = 0; i < sizeof signs / sizeof signs[0]; i++)
        sqz_codec_signed(&codec, &signs[i]);
    for (size_t i = 0; i < sizeof doubles / sizeof doubles[0]; i++)
        sqz_codec_double(&codec, &doubles[i]);
    struct sqz_codec reader = reader_of(&codec);
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        uint64_t value = 9;
        sqz_codec_count(&reader, &value);
        assert_true(value == counts[i]);
    }
    for (size_t i = 0; i < sizeof signs / sizeof signs[0]; i++) {
        int64_t value = 9;
        sqz_codec_signed(&reader, &value);
        assert_true(value == signs[i]);
    }
    for (size_t i = 0; i < sizeof doubles / sizeof doubles[0]; i++) {
        double value = 9;
        sqz_codec_double(&reader, &value);
        assert_memory_equal(&value, &doubles[i], sizeof value);
    }
    assert_true(reader.error == SQZ_OK && reader.left == 0);
    sqz_codec_free(&codec);
}

/* The layout is fixed: bytes written down by hand. */
static void test_layout(void **state)
{
    (void)state;
    static const unsigned char EXPECTED[] = {0xac, 0x02, 0x03, 0, 0, 0, 0, 0, 0, 0xf0, 0xbf};
    uint64_t count = 300;
    int64_t minus_two = -2;
    double minus_one = -1.0;
    struct sqz_codec codec = {0};
    sqz_codec_count(&codec, &count);
    sqz_codec_signed(&codec, &minus_two);
    sqz_codec_double(&codec, &minus_one);
    assert_int_equal(codec.size, sizeof EXPECTED);
    assert_memory_equal(codec.out, EXPECTED, sizeof EXPECTED);
    sqz_codec_free(&codec);
}

static void test_wrong_bytes(void **state)
{
    (void)state;
    static const unsigned char TOO_LARGE[] = {0xff, 0xff, 0xff, 0xff, 0xff,
                                              0xff, 0xff, 0xff, 0xff, 0x02};
    static const unsigned char ENDLESS[] = {0x80, 0x80, 0x80, 0x80, 0x80, 0x80,
                                            0x80, 0x80, 0x80, 0x80, 0x80, 0x80};
    struct sqz_codec large = {.in = TOO_LARGE, .left = sizeof TOO_LARGE};
    struct sqz_codec endless = {.in = ENDLESS, .left = sizeof ENDLESS};
    struct sqz_codec short_one = {.in = TOO_LARGE, .left = 3};
    uint64_t value = 7;
    sqz_codec_count(&large, &value);
    assert_true(large.error == SQZ_ERR_DATA && value == 0);
    sqz_codec_count(&endless, &value);
    assert_int_equal(endless.error, SQZ_ERR_DATA);
    sqz_codec_count(&short_one, &value);
    assert_int_equal(short_one.error, SQZ_ERR_DATA);
    double number = 3;
    sqz_codec_double(&short_one, &number); /* an error stays */
    assert_true(number == 0 && short_one.error == SQZ_ERR_DATA);
}

/* Equal sums have equal bytes, however they were added up. */
static void test_sums(void **state)
{
    (void)state;
    static const double VALUES[] = {1e300, -3.25, 5e-324, -1e300, 1e-20, 7.5e18, -2e-310};
    enum { COUNT = sizeof VALUES / sizeof VALUES[0] };
    struct sqz_exact_sum forward = {0}, backward = {0}, read;
    struct sqz_codec a = {0}, b = {0};
    for (int i = 0; i < COUNT; i++) {
        struct sqz_exact_sum one = {0};
        sqz_exact_sum_add(&forward, VALUES[i]);
        sqz_exact_sum_add(&one, VALUES[COUNT - 1 - i]);
        sqz_exact_sum_merge(&backward, &one);
    }
    sqz_exact_sum_code(&forward, &a);
    sqz_exact_sum_code(&backward, &b);
    assert_int_equal(a.size, b.size);
    assert_memory_equal(a.out, b.out, a.size);
    struct sqz_codec reader = reader_of(&a);
    sqz_exact_sum_code(&read, &reader);
    assert_true(reader.error == SQZ_OK && reader.left == 0);
    assert_true(sqz_exact_sum_value(&read) == sqz_exact_sum_value(&forward));
    sqz_exact_sum_add(&read, -0.5); /* and it can be added to */
    sqz_exact_sum_add(&forward, -0.5);
    assert_true(sqz_exact_sum_value(&read) == sqz_exact_sum_value(&forward));
    sqz_codec_free(&a);
    sqz_codec_free(&b);
}

static void test_histograms(void **state)
{
    (void)state;
    struct sqz_histogram up, down, read;
    struct sqz_codec a = {0}, b = {0};
    sqz_histogram_init(&up, 0.01);
    sqz_histogram_init(&down, 0.01);
    sqz_histogram_init(&read, 0.01);
    for (int i = -300; i <= 300; i++) {
        double value = i * fabs((double)i) * 0.37, other = -value;
        assert_int_equal(sqz_histogram_add(&up, value), SQZ_OK);
        assert_int_equal(sqz_histogram_add(&down, i == 0 ? value : other), SQZ_OK);
    }
    assert_int_equal(sqz_histogram_add(&up, -INFINITY), SQZ_OK);
    assert_int_equal(sqz_histogram_add(&down, -INFINITY), SQZ_OK);
    sqz_histogram_code(&up, &a);
    sqz_histogram_code(&down, &b);
    assert_int_equal(a.size, b.size);
    assert_memory_equal(a.out, b.out, a.size);
    struct sqz_codec reader = reader_of(&a);
    sqz_histogram_code(&read, &reader);
    assert_true(reader.error == SQZ_OK && reader.left == 0);
    assert_true(read.total == up.total && read.below == 1 && read.min == up.min);
    for (double share = 0.01; share < 1; share += 0.01)
        assert_true(sqz_histogram_quantile(&read, share) == sqz_histogram_quantile(&up, share));
    struct sqz_histogram wider;
    sqz_histogram_init(&wider, 0.02);
    reader = reader_of(&a);
    sqz_histogram_code(&wider, &reader); /* another width is another histogram */
    assert_int_equal(reader.error, SQZ_ERR_DATA);
    sqz_histogram_free(&up);
    sqz_histogram_free(&down);
    sqz_histogram_free(&read);
    sqz_histogram_free(&wider);
    sqz_codec_free(&a);
    sqz_codec_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers),     cmocka_unit_test(test_layout),
        cmocka_unit_test(test_wrong_bytes), cmocka_unit_test(test_sums),
        cmocka_unit_test(test_histograms),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
