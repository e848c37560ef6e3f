/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Random streams: the published generator, independent and reproducible streams, the GSL view. */
#include "tests/support/support.h"

#include <math.h>
#include <string.h>

#include <Random123/threefry.h>

#include "sim/core/rng.h"

/* threefry4x64 with 20 rounds, Random123's kat_vectors file. */
struct known_answer {
    uint64_t counter[4], key[4], word[4];
};
static const struct known_answer PUBLISHED[] = {
    {{0, 0, 0, 0},
     {0, 0, 0, 0},
     {0x09218ebde6c85537, 0x55941f5266d86105, 0x4bd25e16282434dc, 0xee29ec846bd2e40b}},
    {{UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX},
     {UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX},
     {0x29c24097942bba1b, 0x0371bbfb0f6f4e11, 0x3c231ffa33f83a1c, 0xcd29113fde32d168}},
    {{0x243f6a8885a308d3, 0x13198a2e03707344, 0xa4093822299f31d0, 0x082efa98ec4e6c89},
     {0x452821e638d01377, 0xbe5466cf34e90c6c, 0xbe5466cf34e90c6c, 0xc0ac29b7c97c50dd},
     {0xa7e8fde591651bd9, 0xbaafd0c30138319b, 0x84a5c1a729e685b9, 0x901d406ccebc1ba4}},
};

static void test_words_are_published(void **state)
{
    (void)state;
    for (size_t v = 0; v < sizeof PUBLISHED / sizeof PUBLISHED[0]; v++) {
        struct sqz_stream stream = {.next = SQZ_STREAM_WORDS};
        memcpy(stream.counter, PUBLISHED[v].counter, sizeof stream.counter);
        memcpy(stream.key, PUBLISHED[v].key, sizeof stream.key);
        for (int i = 0; i < 4; i++)
            assert_int_equal(sqz_stream_u64(&stream), PUBLISHED[v].word[i]);
    }
}

static void test_open_starts_at_counter_zero(void **state)
{
    (void)state;
    struct sqz_stream stream;
    sqz_stream_open(&stream, 0, 0, 0);
    for (int i = 0; i < 4; i++)
        assert_int_equal(sqz_stream_u64(&stream), PUBLISHED[0].word[i]);
}

static void test_blocks_follow_counter(void **state)
{
    (void)state;
    struct sqz_stream stream;
    threefry4x64_key_t key = {{917, 31, 5, 0}};
    sqz_stream_open(&stream, 917, 31, 5);
    for (uint64_t block = 0; block < 5; block++) {
        threefry4x64_ctr_t counter = {{block, 0, 0, 0}};
        threefry4x64_ctr_t words = threefry4x64(counter, key);
        for (int i = 0; i < 4; i++)
            assert_int_equal(sqz_stream_u64(&stream), words.v[i]);
    }
}

static void test_stream_is_reproducible(void **state)
{
    (void)state;
    struct sqz_stream first, second;
    sqz_stream_open(&first, 42, 1234567, SQZ_STREAM_RECORDER);
    for (int i = 0; i < 7; i++)
        sqz_stream_u64(&first);
    memset(&second, 0xa5, sizeof second);
    sqz_stream_open(&second, 42, 1234567, SQZ_STREAM_RECORDER);
    sqz_stream_open(&first, 42, 1234567, SQZ_STREAM_RECORDER);
    for (int i = 0; i < 1000; i++)
        assert_int_equal(sqz_stream_u64(&first), sqz_stream_u64(&second));
}

/* Neighbours in seed, path and number: no shared word, no correlation. */
static void test_streams_are_independent(void **state)
{
    (void)state;
    enum { DRAWS = 100000 };
    static const uint64_t NEIGHBOUR[][3] = {{43, 7, 0}, {42, 8, 0}, {42, 7, 1}, {7, 42, 0}};
    for (size_t n = 0; n < sizeof NEIGHBOUR / sizeof NEIGHBOUR[0]; n++) {
        struct sqz_stream a, b;
        double product = 0.0;
        sqz_stream_open(&a, 42, 7, 0);
        sqz_stream_open(&b, NEIGHBOUR[n][0], NEIGHBOUR[n][1], NEIGHBOUR[n][2]);
        for (int i = 0; i < DRAWS; i++) {
            struct sqz_stream copy_a = a, copy_b = b;
            assert_true(sqz_stream_u64(&copy_a) != sqz_stream_u64(&copy_b));
            product += (sqz_stream_uniform(&a) - 0.5) * (sqz_stream_uniform(&b) - 0.5);
        }
        /* The product of two centred uniforms has variance 1/144. */
        check_within_4se("mean product", product / DRAWS, 0.0, 1.0 / 12 / sqrt(DRAWS), 0.0);
    }
}

static void test_uniform_moments(void **state)
{
    (void)state;
    struct sqz_mean mean = {0}, square = {0};
    struct sqz_stream stream;
    sqz_stream_open(&stream, 20240808, 3, 0);
    for (int i = 0; i < 200000; i++) {
        double u = sqz_stream_uniform(&stream);
        assert_true(u > 0.0 && u < 1.0);
        sqz_mean_add(&mean, u);
        sqz_mean_add(&square, u * u);
    }
    struct sqz_estimate first = sqz_mean_estimate(&mean), second = sqz_mean_estimate(&square);
    check_within_4se("mean", first.value, 0.5, first.se, 0.0);
    check_within_4se("mean square", second.value, 1.0 / 3, second.se, 0.0);
}

/* The extreme words, which no feasible number of draws would meet. */
static void test_uniform_is_open_at_both_ends(void **state)
{
    (void)state;
    struct sqz_stream stream = {.word = {0, UINT64_MAX}};
    double least = sqz_stream_uniform(&stream), most = sqz_stream_uniform(&stream);
    assert_true(least > 0.0);
    assert_true(most < 1.0);
    check_near("distance of the ends from 0 and 1", least, 1.0 - most, 0x1p-53);
}

static void test_gsl_view_shares_stream(void **state)
{
    (void)state;
    struct sqz_stream stream, twin;
    sqz_stream_open(&stream, 5, 11, 16);
    twin = stream;
    gsl_rng view = sqz_stream_gsl(&stream);
    for (int i = 0; i < 50; i++) {
        assert_int_equal(gsl_rng_get(&view), sqz_stream_u64(&twin));
        assert_int_equal(sqz_stream_u64(&stream), sqz_stream_u64(&twin));
        double u = gsl_rng_uniform(&view);
        assert_true(u == ldexp((double)(sqz_stream_u64(&twin) >> 11), -53));
    }
}

static void test_gsl_seed_opens_stream(void **state)
{
    (void)state;
    gsl_rng *rng = gsl_rng_alloc(&sqz_rng_threefry);
    struct sqz_stream stream;
    assert_non_null(rng);
    gsl_rng_set(rng, 987654321);
    sqz_stream_open(&stream, 987654321, 0, 0);
    for (int i = 0; i < 9; i++)
        assert_int_equal(gsl_rng_get(rng), sqz_stream_u64(&stream));
    assert_string_equal(gsl_rng_name(rng), "threefry4x64-20");
    gsl_rng_free(rng);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words_are_published),
        cmocka_unit_test(test_open_starts_at_counter_zero),
        cmocka_unit_test(test_blocks_follow_counter),
        cmocka_unit_test(test_stream_is_reproducible),
        cmocka_unit_test(test_streams_are_independent),
        cmocka_unit_test(test_uniform_moments),
        cmocka_unit_test(test_uniform_is_open_at_both_ends),
        cmocka_unit_test(test_gsl_view_shares_stream),
        cmocka_unit_test(test_gsl_seed_opens_stream),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
