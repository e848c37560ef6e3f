/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Danger zones and the resolution of the ratio: neither the digits of a file nor the spacing of its
 * levels decide where one ends. */
#include "tests/support/support.h"

#include <math.h>
#include <stdlib.h>

#include "tests/unit/map_fixture.h"

/* ---- the digits of a file
 * ------------------------------------------------------------------------
 */

/* A dense ladder, 0.2 bp apart from 100 USD on, its prices rounded to `digits`: of ratio `inside`
 * between 103 and 105 and `outside` elsewhere, or their mirror images below. */
enum { DENSE = 5000, DENSE_DEPTH_USD = 170000000 };

static double rounded(double usd, int digits)
{
    return round(usd * pow(10, digits)) / pow(10, digits);
}

static void dense_levels(struct sqz_level level[DENSE], enum sqz_side side, int digits,
                         double outside, double inside)
{
    double direction = sqz_direction(side), step = 2e-5;
    for (int i = 0; i < DENSE; i++) {
        double out = step * (i + 1), price_usd = rounded(100 * exp(direction * out), digits);
        bool in = out >= log(1.03) && out <= log(1.05);
        level[i] = (struct sqz_level){.distance_log = direction * log(price_usd / 100),
                                      .notional_usd =
                                          (in ? inside : outside) * DENSE_DEPTH_USD / 0.01 * step,
                                      .side = (unsigned char)side};
    }
}

/* One zone whose edges lie where the share f of a window inside the band makes its ratio 1, f
 * inside
 * + (1 - f) outside = 1; and the worst start is the first level of the band in it, from which
 * linear impact carries the price to L (inside - outside)/(1 - outside) beyond. */
static void check_dense(enum sqz_side side, int digits, double outside, double inside)
{
    static struct sqz_level level[DENSE];
    struct sqz_zone *zone;
    struct test_world test;
    size_t count, stride;
    dense_levels(level, side, digits, outside, inside);
    test_book_init(&test.book, DENSE_DEPTH_USD, 1, 0.2, 60);
    test_world_init(&test, level, DENSE, 0, 1);
    zones_of(&test, 0.005, &zone, &count, 100000000, &stride);
    double shift = ((1 - outside) / (inside - outside) - 0.5) * 0.005;
    /* The last digit moves a level, and so the ratio, by what lies within it. */
    double digit = 0.5 * pow(10, -digits) / 100, near = 4e-5 + 4 * digit;
    double from = log(1.03) + fmax(shift, 0), band = log(1.05) - from;
    assert_int_equal(count, 1);
    check_near("near edge", zone->lo_log, log(1.03) + shift, near);
    check_near("far edge", zone->hi_log, log(1.05) - shift, near);
    check_relative("notional", zone->notional_usd,
                   DENSE_DEPTH_USD / 0.01 *
                       (inside * (band - fmax(shift, 0)) + outside * fmax(-2 * shift, 0)),
                   0.005);
    check_near("worst start", zone->worst.from_log, from, near);
    check_near("worst reach", zone->worst.reach_log,
               from + band * (inside - outside) / (1 - outside), 20 * near);
    free(zone);
    test_world_free(&test);
}

static void test_digits_do_not_decide(void **state)
{
    (void)state;
    for (int side = 0; side < 2; side++)
        for (int digits = 3; digits <= 9; digits++) {
            check_dense(side, digits, 0.23, 2.1);
            check_dense(side, digits, 0.4, 1.3);
        }
}

/* The zone of 102.952 to 105.047 USD, to the 0.002 USD that its levels lie apart. */
static void test_published_zone(void **state)
{
    (void)state;
    for (int digits = 3; digits <= 6; digits += 3) {
        static struct sqz_level level[DENSE];
        struct sqz_zone *zone;
        struct test_world test;
        size_t count, stride;
        dense_levels(level, SQZ_UP, digits, 0.23, 2.1);
        test_book_init(&test.book, DENSE_DEPTH_USD, 1, 0.2, 60);
        test_world_init(&test, level, DENSE, 0, 1);
        zones_of(&test, 0.005, &zone, &count, 100000000, &stride);
        assert_int_equal(count, 1);
        check_near("from", 100 * exp(zone->lo_log), 102.952, 0.002);
        check_near("to", 100 * exp(zone->hi_log), 105.047, 0.002);
        free(zone);
        test_world_free(&test);
    }
}

/* ---- near and apart
 * ------------------------------------------------------------------------------
 */

/* Two walls of 1.2 V* each: the windows that hold one have their centres within half a scale of it,
 * so `apart_bp` between the walls leave 50 bp less between the centres. */
static void check_walls(double first_bp, double apart_bp, size_t zones)
{
    struct sqz_level level[] = {
        {.distance_log = 1e-4 * first_bp, .notional_usd = 600e3, .side = SQZ_UP},
        {.distance_log = 1e-4 * (first_bp + apart_bp), .notional_usd = 600e3, .side = SQZ_UP}};
    struct test_world test;
    struct sqz_zone *zone;
    size_t count, stride;
    test_book_init(&test.book, 1e6, 1, 0.25, 60);
    test_world_init(&test, level, 2, 0, 1);
    zones_of(&test, 0.005, &zone, &count, 1000000, &stride);
    assert_int_equal(count, zones);
    check_near("begins", zone[0].lo_log, 1e-4 * (first_bp < 50 ? 0 : first_bp - 25), 1e-12);
    check_near("ends", zone[count - 1].hi_log, 1e-4 * (first_bp + apart_bp + 25), 1e-12);
    for (size_t i = 0; i < count; i++)
        check_near("notional", zone[i].notional_usd, count == 1 ? 1200e3 : 600e3, 1e-3);
    free(zone);
    test_world_free(&test);
}

static void test_nearer_than_the_scale_is_one(void **state)
{
    (void)state;
    check_walls(83, 30, 1);
    check_walls(83, 99.9, 1);
    check_walls(83, 100, 2); /* the windows of the one end where those of the other begin */
    check_walls(83, 100.1, 2);
    check_walls(83, 260, 2);
    check_walls(3, 72, 1); /* a zone that begins at the start price */
    check_walls(3, 101, 2);
}

/* Bins 12 bp apart whose windows hold four or five of them: a ratio of 0.92 and 1.15 in turn is one
 * zone, not one for each bin. */
static void test_bins_do_not_cut_a_zone(void **state)
{
    (void)state;
    enum { BINS = 40 };
    struct sqz_level level[BINS];
    struct test_world test;
    struct sqz_zone *zone;
    size_t count, stride;
    for (int i = 0; i < BINS; i++)
        level[i] = (struct sqz_level){
            .distance_log = 0.01 + 12e-4 * i, .notional_usd = 0.23 * 500e3, .side = SQZ_DOWN};
    test_book_init(&test.book, 1e6, 1, 0.25, 60);
    test_world_init(&test, level, BINS, 0, 1);
    zones_of(&test, 0.005, &zone, &count, 1000000, &stride);
    assert_int_equal(count, 1);
    check_near("begins", zone->lo_log, 0.01 + 48e-4 - 25e-4, 1e-12);
    check_near("ends", zone->hi_log, 0.01 + 12e-4 * (BINS - 5) + 25e-4, 1e-12);
    free(zone);
    test_world_free(&test);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_digits_do_not_decide),
        cmocka_unit_test(test_published_zone),
        cmocka_unit_test(test_nearer_than_the_scale_is_one),
        cmocka_unit_test(test_bins_do_not_cut_a_zone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
