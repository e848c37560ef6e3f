/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Scores of ensembles against closed forms, and intervals of means of dependent days. */
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sort.h>
#include <math.h>
#include <stdlib.h>

#include "sim/analysis/proper.h"
#include "sim/core/rng.h"
#include "tests/support/support.h"

static double gauss(struct sqz_stream *stream)
{
    return gsl_cdf_ugaussian_Pinv(sqz_stream_uniform(stream));
}

/* Of the standard normal law: y (2 Phi(y) - 1) + 2 phi(y) - 1/sqrt(pi) (Gneiting and Raftery 2007,
 * Journal of the American Statistical Association 102, 359). */
static double crps_of_normal(double y)
{
    return y * (2 * gsl_cdf_ugaussian_P(y) - 1) + 2 * exp(-y * y / 2) / sqrt(2 * M_PI) -
           1 / sqrt(M_PI);
}

/* Ensembles of three draws: no bias, however few there are. */
static void test_crps_is_unbiased(void **state)
{
    (void)state;
    static const double HAPPENED[] = {-1.7, 0.0, 0.6, 3.1};
    struct sqz_stream stream;
    sqz_stream_open(&stream, 1, 0, SQZ_STREAM_WALK);
    for (size_t k = 0; k < sizeof HAPPENED / sizeof *HAPPENED; k++) {
        struct sqz_mean mean = {0};
        for (uint64_t i = 0; i < test_paths(20000); i++) {
            double x[3] = {gauss(&stream), gauss(&stream), gauss(&stream)};
            gsl_sort(x, 1, 3);
            sqz_mean_add(&mean, sqz_crps(x, 3, HAPPENED[k]));
        }
        check_mean_4se("CRPS", &mean, crps_of_normal(HAPPENED[k]), 0);
    }
}

static void test_pit_is_uniform_where_the_law_is_right(void **state)
{
    (void)state;
    struct sqz_stream stream;
    double right[500], wide[500], x[50];
    sqz_stream_open(&stream, 2, 0, SQZ_STREAM_WALK);
    for (size_t i = 0; i < 500; i++) {
        for (size_t k = 0; k < 50; k++)
            x[k] = fmax(gauss(&stream), -0.5); /* with an atom */
        gsl_sort(x, 1, 50);
        right[i] = sqz_pit(x, 50, fmax(gauss(&stream), -0.5), sqz_stream_uniform(&stream));
        wide[i] = sqz_pit(x, 50, fmax(2 * gauss(&stream), -0.5), sqz_stream_uniform(&stream));
    }
    assert_true(sqz_uniform_p(right, 500) > 0.01);
    assert_true(sqz_uniform_p(wide, 500) < 1e-4);
}

/* p-values of uniform numbers are uniform: their own p-value is not small. */
static void test_kolmogorov_smirnov(void **state)
{
    (void)state;
    struct sqz_stream stream;
    double p[400], x[30];
    sqz_stream_open(&stream, 3, 0, SQZ_STREAM_WALK);
    for (size_t i = 0; i < 400; i++) {
        for (size_t k = 0; k < 30; k++)
            x[k] = sqz_stream_uniform(&stream);
        p[i] = sqz_uniform_p(x, 30);
    }
    assert_true(sqz_uniform_p(p, 400) > 0.005);
    /* D = 0.1 of 100: sqrt(100) D = 1, P(K > 1.0 (1 + .012 + .0011)) = 0.2555 */
    double grid[100];
    for (size_t i = 0; i < 100; i++)
        grid[i] = fmax((double)(i + 1) / 100 - 0.1, 0);
    double x0 = (10 + 0.12 + 0.011) * 0.1;
    check_near("p", sqz_uniform_p(grid, 100),
               2 * (exp(-2 * x0 * x0) - exp(-8 * x0 * x0) + exp(-18 * x0 * x0)), 1e-9);
    assert_true(isnan(sqz_uniform_p(grid, 0)));
}

/* Twelve values a day that share one number: intervals as of days, not of values, cover. */
static void test_intervals_of_days_cover(void **state)
{
    (void)state;
    enum { DAYS = 40, EACH = 12 };
    double value[DAYS * EACH];
    long day[DAYS * EACH];
    uint64_t trials = test_paths(400), covered = 0;
    struct sqz_stream stream;
    sqz_stream_open(&stream, 4, 0, SQZ_STREAM_WALK);
    for (uint64_t t = 0; t < trials; t++) {
        struct sqz_estimate mean;
        for (long d = 0; d < DAYS; d++) {
            double common = gauss(&stream);
            for (long i = 0; i < EACH; i++) {
                value[EACH * d + i] = 0.3 + common + 0.2 * gauss(&stream);
                day[EACH * d + i] = 100 + d + (d > 20); /* one day has nothing */
            }
        }
        assert_int_equal(sqz_mean_of_days(&mean, value, day, DAYS * EACH, 9 + t, NULL), SQZ_OK);
        covered += mean.lo <= 0.3 && mean.hi >= 0.3;
    }
    /* Percentiles of n normal days are those of a normal law with the spread of the sample, where
     * Student's would be right: P(|t| < 1.96 sqrt((n - 1)/n)). */
    double reach = sqz_estimate_half_width() * sqrt((DAYS - 1.0) / DAYS);
    check_share_4se("coverage", covered, trials, 1 - 2 * gsl_cdf_tdist_Q(reach, DAYS - 1), 0);
}

static void test_means_of_days_by_hand(void **state)
{
    (void)state;
    double value[] = {1, 2, NAN, 6};
    long day[] = {7, 7, 8, 9};
    struct sqz_estimate mean;
    assert_int_equal(sqz_mean_of_days(&mean, value, day, 4, 1, NULL), SQZ_OK);
    check_near("mean", mean.value, 3, 1e-15);
    assert_true(mean.lo >= 1.5 && mean.hi <= 6 && mean.lo < mean.hi);
    assert_int_equal(sqz_mean_of_days(&mean, value, day, 2, 1, NULL), SQZ_OK);
    assert_true(mean.value == 1.5 && isnan(mean.lo)); /* one day says nothing of others */
    assert_int_equal(sqz_mean_of_days(&mean, value, day, 0, 1, NULL), SQZ_OK);
    assert_true(isnan(mean.value));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_crps_is_unbiased),
        cmocka_unit_test(test_pit_is_uniform_where_the_law_is_right),
        cmocka_unit_test(test_kolmogorov_smirnov),
        cmocka_unit_test(test_intervals_of_days_cover),
        cmocka_unit_test(test_means_of_days_by_hand),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
