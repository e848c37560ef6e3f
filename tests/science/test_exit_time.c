/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sampler of exit times against its closed law (tests/oracles/exit_time_unit.csv). */
#include "tests/support/support.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { DRAWS = 4000000, SURVIVORS = 1000000 };

static void test_series_match_oracle(void **state)
{
    (void)state;
    struct oracle oracle;
    int checked = 0;
    oracle_read(&oracle, "exit_time_unit.csv");
    for (size_t row = 0; row < oracle.rows; row++) {
        const char *quantity = oracle_text(&oracle, row, "quantity");
        double arg = oracle_number(&oracle, row, "arg");
        double value = oracle_number(&oracle, row, "value");
        if (strcmp(quantity, "cdf") == 0)
            check_near("cdf", sqz_exit_time_cdf(arg), value, 1e-11);
        else if (strcmp(quantity, "quantile") == 0)
            check_near("cdf at a quantile", sqz_exit_time_cdf(value), arg, 1e-11);
        else if (strcmp(quantity, "killed_survival_prob") == 0)
            check_near("survival", 1.0 - sqz_exit_time_cdf(arg), value, 1e-11);
        else
            continue;
        checked++;
    }
    oracle_free(&oracle);
    assert_int_equal(checked, 25);
}

/* Both series give the same density and distribution around the place where they meet. */
static void test_density_is_derivative_of_cdf(void **state)
{
    (void)state;
    for (double t = 0.05; t < 6.0; t *= 1.07) {
        double h = 1e-4 * t;
        double slope = (sqz_exit_time_cdf(t + h) - sqz_exit_time_cdf(t - h)) / (2 * h);
        check_near("density", sqz_exit_time_density(t), slope, 2e-7);
    }
}

/* Sums of draws needed for every row of the oracle. */
struct draws {
    struct sqz_mean time, square, side, laplace[3], below[8];
};
static const double LAPLACE[3] = {0.1, 1.0, 5.0};
static const double BELOW[8] = {0.1, 0.2, 0.3, 0.5, 0.64, 1.0, 2.0, 5.0};

static void draw_many(struct draws *draws, uint64_t count)
{
    struct sqz_exit_table table;
    struct sqz_stream stream;
    assert_int_equal(sqz_exit_table_init(&table, NULL), SQZ_OK);
    sqz_stream_open(&stream, 20240808, 0, SQZ_STREAM_WALK);
    memset(draws, 0, sizeof *draws);
    for (uint64_t i = 0; i < count; i++) {
        struct sqz_exit exit = sqz_exit_time_draw(&table, &stream);
        sqz_mean_add(&draws->time, exit.time);
        sqz_mean_add(&draws->square, exit.time * exit.time);
        sqz_mean_add(&draws->side, exit.side);
        for (int k = 0; k < 3; k++)
            sqz_mean_add(&draws->laplace[k], exp(-LAPLACE[k] * exit.time));
        for (int k = 0; k < 8; k++)
            sqz_mean_add(&draws->below[k], exit.time <= BELOW[k]);
    }
}

static void check_mean(const char *what, const struct sqz_mean *mean, double expected)
{
    struct sqz_estimate estimate = sqz_mean_estimate(mean);
    check_within_4se(what, estimate.value, expected, estimate.se, 0.0);
}

static void test_draws_follow_law(void **state)
{
    (void)state;
    struct draws draws;
    struct oracle oracle;
    draw_many(&draws, test_paths(DRAWS));
    oracle_read(&oracle, "exit_time_unit.csv");
    check_mean("side", &draws.side, 0.0);
    for (size_t row = 0; row < oracle.rows; row++) {
        const char *quantity = oracle_text(&oracle, row, "quantity");
        double arg = oracle_number(&oracle, row, "arg");
        double value = oracle_number(&oracle, row, "value");
        if (strcmp(quantity, "mean") == 0)
            check_mean("mean", &draws.time, value);
        if (strcmp(quantity, "variance") == 0)
            check_mean("second moment", &draws.square, value + 1.0);
        for (int k = 0; k < 3; k++)
            if (strncmp(quantity, "laplace", 7) == 0 && arg == LAPLACE[k])
                check_mean("Laplace transform", &draws.laplace[k], value);
        for (int k = 0; k < 8; k++)
            if (strcmp(quantity, "cdf") == 0 && arg == BELOW[k])
                check_mean("share below", &draws.below[k], value);
    }
    oracle_free(&oracle);
}

static void test_survivors_follow_law(void **state)
{
    (void)state;
    struct oracle oracle;
    int checked = 0;
    oracle_read(&oracle, "exit_time_unit.csv");
    for (size_t row = 0; row < oracle.rows; row++) {
        const char *quantity = oracle_text(&oracle, row, "quantity");
        bool square = strcmp(quantity, "killed_E_x2") == 0;
        if (!square && strcmp(quantity, "killed_P(|x|<.5)") != 0)
            continue;
        struct sqz_mean mean = {0};
        struct sqz_stream stream;
        sqz_stream_open(&stream, 3, row, SQZ_STREAM_WALK);
        for (uint64_t i = 0; i < test_paths(SURVIVORS); i++) {
            double x = sqz_exit_time_survivor(&stream, oracle_number(&oracle, row, "arg"));
            assert_true(fabs(x) < 1.0);
            sqz_mean_add(&mean, square ? x * x : fabs(x) < 0.5);
        }
        check_mean(quantity, &mean, oracle_number(&oracle, row, "value"));
        checked++;
    }
    oracle_free(&oracle);
    assert_int_equal(checked, 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_series_match_oracle),
        cmocka_unit_test(test_density_is_derivative_of_cdf),
        cmocka_unit_test(test_draws_follow_law),
        cmocka_unit_test(test_survivors_follow_law),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
