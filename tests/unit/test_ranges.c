/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Ranges of paths: added in any order, never twice, and the gaps between them. */
#include "tests/support/support.h"

#include <string.h>

#include "sim/batch/ranges.h"

enum { PATHS = 200 };

/* The same by a flag for each path. */
struct flags {
    bool in[PATHS];
};

static bool any(const struct flags *flags, uint64_t first, uint64_t end)
{
    for (uint64_t i = first; i < end; i++)
        if (flags->in[i])
            return true;
    return false;
}

static void check_against(const struct sqz_ranges *ranges, const struct flags *flags)
{
    uint64_t total = 0;
    for (uint64_t i = 0; i < PATHS; i++)
        total += flags->in[i];
    assert_int_equal(sqz_ranges_total(ranges), total);
    for (size_t i = 0; i + 1 < ranges->count; i++) /* in order, none touches the next */
        assert_true(ranges->item[i].end < ranges->item[i + 1].first);
    for (uint64_t from = 0; from < PATHS; from++) {
        uint64_t first = from;
        while (first < PATHS && flags->in[first])
            first++;
        uint64_t end = first;
        while (end < PATHS && !flags->in[end])
            end++;
        struct sqz_range gap = sqz_ranges_gap(ranges, from);
        assert_int_equal(gap.first, first);
        assert_true(gap.end == (end < PATHS ? end : UINT64_MAX));
    }
}

static void test_any_order(void **state)
{
    (void)state;
    unsigned random = 12345;
    for (int round = 0; round < 40; round++) {
        struct sqz_ranges ranges = {0};
        struct flags flags = {{false}};
        for (int i = 0; i < 60; i++) {
            random = random * 1664525u + 1013904223u;
            uint64_t first = (random >> 8) % PATHS, end = first + (random >> 20) % 12;
            end = end < PATHS ? end : PATHS;
            bool twice = any(&flags, first, end);
            assert_int_equal(sqz_ranges_add(&ranges, first, end), twice ? SQZ_ERR_DATA : SQZ_OK);
            if (!twice)
                memset(flags.in + first, true, end - first);
            if (i % 10 == 9)
                check_against(&ranges, &flags);
        }
        sqz_ranges_free(&ranges);
    }
}

static void test_stored(void **state)
{
    (void)state;
    struct sqz_ranges ranges = {0}, read = {0};
    struct sqz_codec codec = {0};
    assert_int_equal(sqz_ranges_add(&ranges, 300, 1000000007), SQZ_OK);
    assert_int_equal(sqz_ranges_add(&ranges, 7, 8), SQZ_OK);
    sqz_ranges_code(&ranges, &codec);
    struct sqz_codec reader = {.in = codec.out, .left = codec.size};
    sqz_ranges_code(&read, &reader);
    assert_true(reader.error == SQZ_OK && reader.left == 0 && read.count == 2);
    assert_true(read.item[0].first == 7 && read.item[0].end == 8);
    assert_true(read.item[1].first == 300 && read.item[1].end == 1000000007);
    for (size_t size = 0; size < codec.size; size++) { /* torn anywhere */
        struct sqz_ranges torn = {0};
        reader = (struct sqz_codec){.in = codec.out, .left = size};
        sqz_ranges_code(&torn, &reader);
        assert_int_equal(reader.error, SQZ_ERR_DATA);
        sqz_ranges_free(&torn);
    }
    sqz_ranges_free(&read);
    sqz_ranges_free(&ranges);
    sqz_codec_free(&codec);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_any_order),
        cmocka_unit_test(test_stored),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
