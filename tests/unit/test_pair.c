/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Paired differences and ratios: their values, their errors, their intervals. */
#include "tests/support/support.h"

#include <math.h>
#include <string.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>

#include "sim/core/pair.h"
#include "sim/core/rng.h"

static const double Z = 1.959963984540054;

/* ---- differences of shares ----------------------------------------------------------------- */

/* The example of ci.prop.ps in Bonett's own R package statpsych: 26 and 4 discordant pairs of 48
 * give 0.2548067 to 0.6251933. */
static void test_share_difference_is_published(void **state)
{
    (void)state;
    struct sqz_estimate difference = sqz_estimate_share_difference(26, 4, 48);
    check_near("value", difference.value, 22.0 / 48, 1e-15);
    check_near("lower limit", difference.lo, 0.2548067, 5e-8);
    check_near("upper limit", difference.hi, 0.6251933, 5e-8);
}

/* The error is that of a mean of scores 1, 0, -1. */
static void test_share_difference_error_by_scores(void **state)
{
    (void)state;
    const uint64_t only_x = 31, only_y = 17, n = 211;
    double mean = (31.0 - 17.0) / 211, squares = 0.0;
    for (uint64_t i = 0; i < n; i++) {
        double score = i < only_x ? 1 : i < only_x + only_y ? -1 : 0;
        squares += (score - mean) * (score - mean);
    }
    struct sqz_estimate difference = sqz_estimate_share_difference(only_x, only_y, n);
    check_near("se", difference.se, sqrt(squares / (double)n / (double)n), 1e-15);
}

static void test_share_difference_changes_sign(void **state)
{
    (void)state;
    struct sqz_estimate there = sqz_estimate_share_difference(53, 8, 307);
    struct sqz_estimate back = sqz_estimate_share_difference(8, 53, 307);
    assert_true(there.value == -back.value && there.se == back.se);
    check_near("lower", there.lo, -back.hi, 1e-15);
    check_near("upper", there.hi, -back.lo, 1e-15);
}

/* Where no pair differs the difference is 0 and the error is 0, but the interval is not: it says
 * how often pairs could still differ. */
static void test_no_pair_differs(void **state)
{
    (void)state;
    struct sqz_estimate none = sqz_estimate_share_difference(0, 0, 1237);
    assert_true(none.value == 0.0 && none.se == 0.0);
    check_near("upper", none.hi, Z * sqrt(2.0) / 1239, 1e-12);
    check_near("lower", none.lo, -none.hi, 1e-18);
    struct sqz_estimate one = sqz_estimate_share_difference(0, 0, 1);
    assert_true(one.lo >= -1 && one.hi <= 1);
    struct sqz_estimate all = sqz_estimate_share_difference(9, 0, 9);
    assert_true(all.value == 1.0 && all.hi == 1.0 && all.lo < 1.0);
    struct sqz_estimate empty = sqz_estimate_share_difference(0, 0, 0);
    assert_true(isnan(empty.value) && isnan(empty.se) && isnan(empty.lo) && isnan(empty.hi));
}

/* Probability that the interval holds p - q, by summing over all counts of n pairs. */
static double coverage(double p, double q, unsigned n)
{
    double covered = 0.0;
    const double chance[3] = {p, q, 1 - p - q};
    for (unsigned x = 0; x <= n; x++)
        for (unsigned y = 0; x + y <= n; y++) {
            const unsigned counts[3] = {x, y, n - x - y};
            struct sqz_estimate difference = sqz_estimate_share_difference(x, y, n);
            if (difference.lo <= p - q && p - q <= difference.hi)
                covered += gsl_ran_multinomial_pdf(3, chance, counts);
        }
    return covered;
}

/* Bonett and Price report coverage near or above the nominal level for samples of this size; none
 * may fall short of it by more than two points, and the mean not by one. */
static void test_share_difference_covers(void **state)
{
    (void)state;
    static const double SHARE[] = {0.003, 0.011, 0.047, 0.13, 0.29};
    double sum = 0.0;
    int cases = 0;
    for (int i = 0; i < 5; i++)
        for (int k = 0; k <= i; k++) {
            double covered = coverage(SHARE[i], SHARE[k], 120);
            if (covered < 0.93)
                fail_msg("%g against %g: covered with probability %g", SHARE[i], SHARE[k], covered);
            sum += covered;
            cases++;
        }
    assert_true(sum / cases > 0.94 && sum / cases < 0.99);
}

/* ---- means and ratios ---------------------------------------------------------------------- */

/* y is exponential with mean 2.3; x is 1.7 y and noise: correlated, skewed, ratio 1.7. */
static const double RATIO = 1.7;

static void draw_pair(struct sqz_stream *stream, double *x, double *y)
{
    *y = -2.3 * log(sqz_stream_uniform(stream));
    *x = RATIO * *y + 3.1 * (sqz_stream_uniform(stream) - 0.5);
}

/* The delta method, as a textbook has it: residuals x - r y about their mean of zero. */
static void test_ratio_is_the_delta_method(void **state)
{
    (void)state;
    enum { SIZE = 173 };
    double x[SIZE], y[SIZE], sum_x = 0, sum_y = 0, squares = 0;
    struct sqz_stream stream;
    struct sqz_pairs pairs = {0};
    sqz_stream_open(&stream, 21, 0, 0);
    for (int i = 0; i < SIZE; i++) {
        draw_pair(&stream, &x[i], &y[i]);
        sqz_pairs_add(&pairs, x[i], y[i]);
        sum_x += x[i];
        sum_y += y[i];
    }
    double r = sum_x / sum_y;
    for (int i = 0; i < SIZE; i++)
        squares += (x[i] - r * y[i]) * (x[i] - r * y[i]);
    double se = sqrt(squares / (SIZE * (SIZE - 1.0))) / (sum_y / SIZE);
    struct sqz_estimate ratio = sqz_pairs_ratio(&pairs);
    check_near("ratio", ratio.value, r, 1e-13);
    check_near("se", ratio.se, se, 1e-13);
    check_near("lower", ratio.lo, r - Z * se, 1e-12);
    check_near("upper", ratio.hi, r + Z * se, 1e-12);
}

/* Many samples: the spread of the ratios is the error that each claims, and the intervals hold the
 * true ratio. The normal interval of a skewed ratio misses by under 1 % at this size. */
static void test_ratio_covers(void **state)
{
    (void)state;
    enum { SAMPLES = 2000, SIZE = 200 };
    struct sqz_stream stream;
    struct sqz_mean ratios = {0}, squares = {0};
    int covered = 0;
    sqz_stream_open(&stream, 22, 0, 0);
    for (int s = 0; s < SAMPLES; s++) {
        struct sqz_pairs pairs = {0};
        for (int i = 0; i < SIZE; i++) {
            double x, y;
            draw_pair(&stream, &x, &y);
            sqz_pairs_add(&pairs, x, y);
        }
        struct sqz_estimate ratio = sqz_pairs_ratio(&pairs);
        sqz_mean_add(&ratios, ratio.value);
        sqz_mean_add(&squares, ratio.se * ratio.se);
        covered += ratio.lo <= RATIO && RATIO <= ratio.hi;
    }
    double spread = sqz_mean_estimate(&ratios).se * sqrt(SAMPLES);
    double claimed = sqrt(sqz_mean_estimate(&squares).value);
    check_mean_4se("mean ratio", &ratios, RATIO, 0);
    /* A standard deviation of nearly normal values is known to 1 in sqrt(2 n). */
    check_within_4se("spread over claimed error", spread / claimed, 1, 1 / sqrt(2.0 * SAMPLES), 0);
    check_within_4se("coverage", covered / (double)SAMPLES, 0.95, sqrt(0.95 * 0.05 / SAMPLES),
                     0.01);
}

/* Equal sides: ratio 1 exactly, with no error. */
static void test_ratio_of_twins(void **state)
{
    (void)state;
    struct sqz_pairs pairs = {0};
    for (int i = 0; i < 97; i++)
        sqz_pairs_add(&pairs, 1e9 / (i + 3.7), 1e9 / (i + 3.7));
    struct sqz_estimate ratio = sqz_pairs_ratio(&pairs);
    assert_true(ratio.value == 1.0 && ratio.se == 0.0 && ratio.lo == 1.0 && ratio.hi == 1.0);
}

static void test_ratio_that_cannot_be_said(void **state)
{
    (void)state;
    struct sqz_pairs none = {0}, one = {0}, zero = {0};
    sqz_pairs_add(&one, 2.385, 1.1);
    for (int i = 0; i < 5; i++)
        sqz_pairs_add(&zero, i * 1.3, 0.0);
    assert_true(isnan(sqz_pairs_ratio(&none).value));
    struct sqz_estimate of_one = sqz_pairs_ratio(&one);
    check_near("ratio of one pair", of_one.value, 2.385 / 1.1, 1e-15);
    assert_true(isnan(of_one.se) && isnan(of_one.lo) && isnan(of_one.hi));
    assert_true(isnan(sqz_pairs_ratio(&zero).value) && isnan(sqz_pairs_ratio(&zero).se));
}

/* Where few pairs differ the error of their ratio says less than that they might have: of none,
 * Bonett and Price's interval is 1.96 sqrt(2) M / (n + 2). From 30 on it is the ratio's own. */
static void test_ratio_of_few_that_differ(void **state)
{
    (void)state;
    struct sqz_pairs pairs = {0};
    const double HALF = 1.959963984540054 * sqrt(2.0) * 53.0 / 102;
    for (int i = 0; i < 100; i++)
        sqz_pairs_add(&pairs, 7.3, 7.3);
    struct sqz_estimate ratio = sqz_pairs_ratio_within(&pairs, 53.0);
    assert_true(ratio.value == 1.0);
    check_near("lower end", ratio.lo, 1 - HALF / 7.3, 1e-12);
    check_near("upper end", ratio.hi, 1 + HALF / 7.3, 1e-12);
    for (int i = 0; i < 30; i++)
        sqz_pairs_add(&pairs, 8.1 + i, 7.3);
    struct sqz_estimate own = sqz_pairs_ratio(&pairs), many = sqz_pairs_ratio_within(&pairs, 53.0);
    assert_true(many.lo == own.lo && many.hi == own.hi);
}

/* Markets in which one path in a hundred has induced liquidations, of 2 to 9: 100 paths in most
 * samples see none or one, and the true ratio is inside all the same. */
static void test_ratio_of_few_covers(void **state)
{
    (void)state;
    enum { SAMPLES = 2000, SIZE = 100 };
    static const double P = 0.01, BASE = 10.0;
    const double RATIO_HERE = 1 + P * 5.5 / BASE;
    struct sqz_stream stream;
    size_t covered = 0, own = 0;
    sqz_stream_open(&stream, 2385, 0, SQZ_STREAM_WALK);
    for (int s = 0; s < SAMPLES; s++) {
        struct sqz_pairs pairs = {0};
        for (int i = 0; i < SIZE; i++) {
            bool hit = sqz_stream_uniform(&stream) < P;
            double more = hit ? 2 + 7 * sqz_stream_uniform(&stream) : 0.0;
            sqz_pairs_add(&pairs, BASE + more, BASE);
        }
        struct sqz_estimate within = sqz_pairs_ratio_within(&pairs, 9.0);
        struct sqz_estimate plain = sqz_pairs_ratio(&pairs);
        covered += within.lo <= RATIO_HERE && RATIO_HERE <= within.hi;
        own += plain.lo <= RATIO_HERE && RATIO_HERE <= plain.hi;
    }
    assert_true(covered / (double)SAMPLES > 0.95);
    assert_true(own / (double)SAMPLES < 0.8); /* 37 samples in 100 have no hit at all */
}

/* ---- what pairing saves -------------------------------------------------------------------- */

/* Normal pairs of equal spread with correlation rho: 2 s^2 against 2 s^2 (1 - rho). The logarithm
 * of a ratio of sample variances is known to about sqrt(4 / n). */
static void test_variance_reduction_is_that_of_the_correlation(void **state)
{
    (void)state;
    static const double RHO[] = {-0.4, 0.0, 0.6, 0.97};
    const uint64_t n = test_paths(40000);
    for (int k = 0; k < 4; k++) {
        struct sqz_pairs pairs = {0};
        struct sqz_stream stream;
        sqz_stream_open(&stream, 23, (uint64_t)k, 0);
        gsl_rng rng = sqz_stream_gsl(&stream);
        for (uint64_t i = 0; i < n; i++) {
            double y = gsl_ran_gaussian(&rng, 1.0);
            double x = RHO[k] * y + sqrt(1 - RHO[k] * RHO[k]) * gsl_ran_gaussian(&rng, 1.0);
            sqz_pairs_add(&pairs, 5 + 3 * x, 2 + 3 * y);
        }
        check_within_4se("log of the reduction", log(sqz_pairs_variance_reduction(&pairs)),
                         -log(1 - RHO[k]), sqrt(4.0 / (double)n), 0);
    }
}

/* 60 paths: 20 touch in both, 7 in the first alone, 3 in the second alone. */
static void test_touches_by_hand(void **state)
{
    (void)state;
    struct sqz_pair pair = {0};
    for (int i = 0; i < 60; i++) {
        struct sqz_outcome x = {.touch_s = {i < 27 ? 1.5 : NAN, NAN}, .final_log = 0.01 * i};
        struct sqz_outcome y = {.touch_s = {i < 20 || i >= 57 ? 2.5 : NAN, NAN},
                                .final_log = 0.01 * i - 0.03};
        sqz_pair_add(&pair, &x, &y);
    }
    assert_int_equal(pair.paths, 60);
    assert_int_equal(pair.touched_x[SQZ_TARGET], 27);
    assert_int_equal(pair.touched_y[SQZ_TARGET], 23);
    assert_int_equal(pair.only_x[SQZ_TARGET], 7);
    assert_int_equal(pair.only_y[SQZ_TARGET], 3);
    assert_int_equal(pair.touched_x[SQZ_FLOOR] + pair.only_y[SQZ_FLOOR], 0);
    double p = 27 / 60.0, q = 23 / 60.0, d = 4 / 60.0;
    check_near("reduction", sqz_pair_touch_variance_reduction(&pair, SQZ_TARGET),
               (p * (1 - p) + q * (1 - q)) / (10 / 60.0 - d * d), 1e-12);
    struct sqz_estimate final = sqz_mean_estimate(&pair.final_log.difference);
    check_near("final", final.value, 0.03, 1e-15);
}

/* Twins differ nowhere: infinitely less variance. One pair, or none: it cannot be said. */
static void test_reduction_at_its_ends(void **state)
{
    (void)state;
    struct sqz_pair pair = {0}, empty = {0};
    for (int i = 0; i < 40; i++) {
        struct sqz_outcome outcome = {.touch_s = {i % 3 == 0 ? 1.0 : NAN, NAN},
                                      .final_log = 0.1 * i,
                                      .forced_usd = {1e6 * i, 3e5}};
        sqz_pair_add(&pair, &outcome, &outcome);
    }
    assert_true(isinf(sqz_pair_touch_variance_reduction(&pair, SQZ_TARGET)));
    assert_true(isinf(sqz_pairs_variance_reduction(&pair.forced_usd)));
    assert_true(isnan(sqz_pair_touch_variance_reduction(&pair, SQZ_FLOOR)));
    assert_true(isnan(sqz_pairs_variance_reduction(&empty.forced_usd)));
    assert_true(isnan(sqz_pair_touch_variance_reduction(&empty, SQZ_TARGET)));
}

/* ---- merging ------------------------------------------------------------------------------- */

static void add_drawn(struct sqz_pair *pair, uint64_t path)
{
    struct sqz_stream stream;
    struct sqz_outcome side[2];
    sqz_stream_open(&stream, 24, path, 0);
    for (int k = 0; k < 2; k++) {
        double u = sqz_stream_uniform(&stream);
        side[k] = (struct sqz_outcome){
            .final_log = u - 0.5,
            .peak_log = u,
            .trough_log = -sqz_stream_uniform(&stream),
            .forced_usd = {1e9 * sqz_stream_uniform(&stream), 1e3 * sqz_stream_uniform(&stream)},
            .touch_s = {u > 0.4 ? u : NAN, sqz_stream_uniform(&stream) > 0.8 ? u : NAN}};
    }
    sqz_pair_add(pair, &side[0], &side[1]);
}

static void check_same(const struct sqz_estimate *a, const struct sqz_estimate *b)
{
    assert_memory_equal(a, b, sizeof *a);
}

/* However the paths are grouped, the same bytes. */
static void test_merge_is_adding(void **state)
{
    (void)state;
    struct sqz_pair whole = {0}, part[3] = {{0}}, merged = {0};
    for (uint64_t path = 0; path < 300; path++) {
        add_drawn(&whole, path);
        add_drawn(&part[path * 7 % 3], path);
    }
    for (int k = 2; k >= 0; k--)
        sqz_pair_merge(&merged, &part[k]);
    const struct sqz_pairs *pairs[][2] = {{&whole.forced_usd, &merged.forced_usd},
                                          {&whole.move_log, &merged.move_log},
                                          {&whole.final_log, &merged.final_log}};
    for (int k = 0; k < 3; k++) {
        struct sqz_estimate ratio[2], difference[2];
        for (int side = 0; side < 2; side++) {
            ratio[side] = sqz_pairs_ratio(pairs[k][side]);
            difference[side] = sqz_mean_estimate(&pairs[k][side]->difference);
        }
        check_same(&ratio[0], &ratio[1]);
        check_same(&difference[0], &difference[1]);
    }
    assert_int_equal(whole.paths, merged.paths);
    assert_memory_equal(whole.only_x, merged.only_x, sizeof whole.only_x);
    assert_memory_equal(whole.only_y, merged.only_y, sizeof whole.only_y);
    assert_memory_equal(whole.touched_x, merged.touched_x, sizeof whole.touched_x);
    assert_memory_equal(whole.touched_y, merged.touched_y, sizeof whole.touched_y);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_share_difference_is_published),
        cmocka_unit_test(test_share_difference_error_by_scores),
        cmocka_unit_test(test_share_difference_changes_sign),
        cmocka_unit_test(test_no_pair_differs),
        cmocka_unit_test(test_share_difference_covers),
        cmocka_unit_test(test_ratio_is_the_delta_method),
        cmocka_unit_test(test_ratio_covers),
        cmocka_unit_test(test_ratio_of_twins),
        cmocka_unit_test(test_ratio_that_cannot_be_said),
        cmocka_unit_test(test_variance_reduction_is_that_of_the_correlation),
        cmocka_unit_test(test_ratio_of_few_that_differ),
        cmocka_unit_test(test_ratio_of_few_covers),
        cmocka_unit_test(test_touches_by_hand),
        cmocka_unit_test(test_reduction_at_its_ends),
        cmocka_unit_test(test_merge_is_adding),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
