/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of forced orders that take time, and of positions that leave before they are touched.
 *
 * tests/oracles/cascade_latency_resilience.csv: with exponential latency 1/eta and resilience rho a
 * cascade through levels of density l follows
 *     dD/dt = kappa eta B - rho D,   dB/dt = l max(dD/dt, 0) - eta B,   B(0) = B0,
 * and runs away only for kappa l > (1 + sqrt(rho/eta))^2. */
#include "tests/support/support.h"

#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_cdf.h>

enum { PATHS = 100000, CASCADES = 9, CLUSTER = 8000, SEED = 95 };

/* ---- a cascade in continuous time, made of many small levels ------------------------------- */

/* Displacements of the oracle are made small, so that none comes near the program's cut-off. */
static const double LOG_PER_D = 1e-3, DEPTH_USD = 20e6;

struct cascade {
    double density, eta, rho, cluster, far; /* far: where the ladder ends */
};

static struct cascade cascade_of(const struct oracle *oracle, size_t row)
{
    struct cascade cascade = {.density = oracle_number(oracle, row, "l"),
                              .eta = oracle_number(oracle, row, "eta"),
                              .rho = oracle_number(oracle, row, "rho"),
                              .cluster = oracle_number(oracle, row, "B0")};
    bool runaway = oracle_text(oracle, row, "peak_D")[0] == 'r';
    cascade.far = runaway ? 1000 : 100 * oracle_number(oracle, row, "peak_D");
    assert_true(oracle_number(oracle, row, "kappa") == 1);
    return cascade;
}

/* Width of a cell at a distance: with as much in each as in one of `parts` of the cluster, but a
 * long ladder widens outward. */
static double cell_width(const struct cascade *cascade, size_t parts, double at)
{
    double part = 1 / (double)parts;
    return fmax(cascade->cluster * part / cascade->density, 1.6 * part * at);
}

/* The cluster of B0 at the start price as `parts` levels, then one level amid each cell of the
 * ladder. */
static void cascade_world(struct test_world *test, const struct cascade *cascade, size_t parts)
{
    enum { LEVELS_MAX = 400000 };
    struct sqz_level *level = malloc(LEVELS_MAX * sizeof *level);
    double cell = cascade->cluster / (double)parts;
    /* kappa = 1: a flat book that one USD displaces by 0.01/depth. */
    double usd = LOG_PER_D * DEPTH_USD / 0.01, at = 0;
    size_t count = 0;
    assert_non_null(level);
    for (; count < parts; count++)
        level[count] = (struct sqz_level){0, usd * cell, 0, SQZ_UP};
    while (at < cascade->far) {
        double width = cell_width(cascade, parts, at);
        assert_true(count < LEVELS_MAX);
        level[count++] = (struct sqz_level){LOG_PER_D * (at + 0.5 * width),
                                            usd * cascade->density * width, 0, SQZ_UP};
        at += width;
    }
    test_book_init(&test->book, DEPTH_USD, 1, 0, M_LN2 / cascade->rho);
    test_world_init(test, level, count, 0.0, 60 / fmin(cascade->eta, cascade->rho * 4));
    test->world.execution = (struct sqz_execution){.latency_s = 1 / cascade->eta, .random = true};
    free(level);
}

struct peak {
    double log, time_s;
};

static void keep_peak(void *context, const struct sqz_event *event)
{
    struct peak *peak = context;
    if (event->kind == SQZ_EVENT_FILL && event->displacement_log > peak->log)
        *peak = (struct peak){event->displacement_log, event->time_s};
}

struct peaks {
    struct sqz_estimate log_d, time_s; /* of the mean of ln D at the peak, and of its time */
};

static struct peaks run_cascades(const struct cascade *cascade, size_t parts, uint64_t paths)
{
    struct test_world test;
    struct test_engine engine;
    struct sqz_mean log_d = {0}, time_s = {0};
    cascade_world(&test, cascade, parts);
    test_engine_init(&engine, (const struct sqz_world *[]){&test.world}, 1);
    for (uint64_t path = 0; path < paths; path++) {
        struct peak peak = {0};
        struct sqz_observer observer = {.context = &peak, .event = keep_peak};
        sqz_engine_run(&engine.engine, SEED, path, &observer);
        const struct sqz_outcome *outcome = sqz_engine_outcome(&engine.engine, 0);
        assert_true(outcome->liquidations[SQZ_UP] < test.ladder.side[SQZ_UP].count);
        check_near("recorded peak", outcome->peak_log, peak.log, 0.0);
        sqz_mean_add(&log_d, log(peak.log / LOG_PER_D));
        sqz_mean_add(&time_s, peak.time_s);
    }
    test_engine_free(&engine);
    test_world_free(&test);
    return (struct peaks){sqz_mean_estimate(&log_d), sqz_mean_estimate(&time_s)};
}

/* Orders of size q make D a random walk of variance rho D q per second about a smooth peak with
 * D'' = -eta rho D. The mean of its maximum exceeds the peak by 0.996 (v^2/abs(D''))^(1/3), v the
 * variance (Daniels and Skyrme, Adv. Appl. Prob. 17, 1985), and lies within (v/D''^2)^(1/3) of its
 * time. What exceeds sets off further levels: twice that is allowed for, a tenth of the time. */
static double overshoot(const struct cascade *cascade, size_t parts, double peak_d)
{
    double size = cell_width(cascade, parts, peak_d) * cascade->density;
    return 0.996 * cbrt(cascade->rho / cascade->eta * pow(size / peak_d, 2));
}

static double peak_width_s(const struct cascade *cascade, size_t parts, double peak_d)
{
    double size = cell_width(cascade, parts, peak_d) * cascade->density;
    return cbrt(size / (cascade->eta * cascade->eta * cascade->rho * peak_d));
}

static void check_peak(const struct cascade *cascade, double peak_d, double peak_s)
{
    uint64_t paths = test_paths(CASCADES) + 3;
    struct peaks peaks = run_cascades(cascade, CLUSTER, paths);
    /* Growth turns the noise of the beginning into a factor; half its variance is what that may add
     * to a mean of logarithms. */
    double variance = peaks.log_d.se * peaks.log_d.se * (double)paths;
    check_within_4se("ln of the peak", peaks.log_d.value, log(peak_d), peaks.log_d.se,
                     2 * overshoot(cascade, CLUSTER, peak_d) + 0.5 * variance);
    check_within_4se("time of the peak", peaks.time_s.value, peak_s, peaks.time_s.se,
                     0.1 * peak_width_s(cascade, CLUSTER, peak_d));
}

static void test_cascades_with_latency(void **state)
{
    (void)state;
    struct oracle oracle;
    oracle_read(&oracle, "cascade_latency_resilience.csv");
    for (size_t row = 0; row < oracle.rows; row++) {
        struct cascade cascade = cascade_of(&oracle, row);
        if (oracle_text(&oracle, row, "peak_D")[0] != 'r')
            check_peak(&cascade, oracle_number(&oracle, row, "peak_D"),
                       oracle_number(&oracle, row, "t_peak"));
    }
    assert_int_equal(oracle.rows, 8);
    oracle_free(&oracle);
}

/* Sixteen times as many parts overshoot by a sixth. */
static void test_smaller_orders_overshoot_less(void **state)
{
    (void)state;
    static const size_t PARTS[] = {125, 2000};
    struct oracle oracle;
    oracle_read(&oracle, "cascade_latency_resilience.csv");
    size_t row = oracle.rows - 1; /* the strongest resilience */
    struct cascade cascade = cascade_of(&oracle, row);
    double peak_d = oracle_number(&oracle, row, "peak_D");
    for (int k = 0; k < 2; k++) {
        struct peaks peaks = run_cascades(&cascade, PARTS[k], test_paths(150) + 10);
        check_within_4se("excess", peaks.log_d.value - log(peak_d),
                         overshoot(&cascade, PARTS[k], peak_d), peaks.log_d.se,
                         0.3 * overshoot(&cascade, PARTS[k], peak_d));
    }
    oracle_free(&oracle);
}

/* Above the threshold the cascade runs to the end of the ladder, wherever that is. */
static void test_runaway(void **state)
{
    (void)state;
    struct oracle oracle;
    struct test_world test;
    struct test_engine engine;
    int runaways = 0;
    oracle_read(&oracle, "cascade_latency_resilience.csv");
    for (size_t row = 0; row < oracle.rows; row++) {
        struct cascade cascade = cascade_of(&oracle, row);
        if (oracle_text(&oracle, row, "peak_D")[0] != 'r')
            continue;
        runaways++;
        cascade_world(&test, &cascade, CLUSTER);
        test_engine_init_stops(&engine, (const struct sqz_world *[]){&test.world}, 1);
        for (uint64_t path = 0; path < 4; path++) {
            sqz_engine_run(&engine.engine, SEED, path, NULL);
            assert_int_equal(sqz_engine_outcome(&engine.engine, 0)->liquidations[SQZ_UP],
                             test.ladder.side[SQZ_UP].count);
        }
        test_engine_free(&engine);
        test_world_free(&test);
    }
    assert_int_equal(runaways, 1);
    oracle_free(&oracle);
}

/* With next to no latency the book has no time: D = B0/(1 - l) below l = 1, and above it the same
 * cascades that latency held run away. */
static void test_cascades_without_latency(void **state)
{
    (void)state;
    static const double DENSITY[] = {0.3, 0.5, 1.5, 2.0};
    for (int k = 0; k < 4; k++) {
        struct cascade cascade = {DENSITY[k], 1, 0.25, 1, 50};
        struct test_world test;
        struct test_engine engine;
        cascade_world(&test, &cascade, CLUSTER);
        test.world.execution.latency_s = 1e-9;
        test_engine_init(&engine, (const struct sqz_world *[]){&test.world}, 1);
        sqz_engine_run(&engine.engine, SEED, 0, NULL);
        const struct sqz_outcome *outcome = sqz_engine_outcome(&engine.engine, 0);
        if (DENSITY[k] < 1)
            check_near("peak", outcome->peak_log, LOG_PER_D / (1 - DENSITY[k]), 1e-3 * LOG_PER_D);
        else
            assert_int_equal(outcome->liquidations[SQZ_UP], test.ladder.side[SQZ_UP].count);
        test_engine_free(&engine);
        test_world_free(&test);
    }
}

/* ---- attrition and survival ---------------------------------------------------------------- */

/* E[exp(-a tau); tau < T] for the first passage of drifted Brownian motion to b > 0: the
 * exponential is a change of the drift mu to m = sqrt(mu^2 + 2 a sigma^2) (Girsanov), so that it is
 * exp(b (mu - m)/sigma^2) P_m(tau < T). */
static double discounted_touch(double mu, double sigma, double b, double horizon, double rate)
{
    double m = sqrt(mu * mu + 2 * rate * sigma * sigma), sd = sigma * sqrt(horizon);
    double touched =
        gsl_cdf_ugaussian_P((m * horizon - b) / sd) +
        exp(2 * m * b / (sigma * sigma)) * gsl_cdf_ugaussian_P((-b - m * horizon) / sd);
    return exp(b * (mu - m) / (sigma * sigma)) * touched;
}

static void check_attrition(double mu, double rate, double topup)
{
    const double sigma = 0.03, horizon = 1.3, distance[2] = {0.021, 0.034};
    const double usd[2] = {3.7e6, 2.9e6};
    struct sqz_level level[] = {{distance[SQZ_UP], usd[SQZ_UP], 0, SQZ_UP},
                                {distance[SQZ_DOWN], usd[SQZ_DOWN], 0, SQZ_DOWN}};
    struct test_world test;
    struct test_engine engine;
    struct sqz_mean forced[2] = {{0}};
    test_book_init(&test.book, DEPTH_USD, 1, 0.2, 60);
    test_world_init(&test, level, 2, sigma, horizon);
    test.world.market.impact = false; /* the law is that of either level by itself */
    test.world.market.drift_per_s = mu;
    test.world.attrition.per_s = rate;
    test.world.attrition.topup = topup;
    test_engine_init_stops(&engine, (const struct sqz_world *[]){&test.world}, 1);
    for (uint64_t path = 0; path < test_paths(PATHS); path++) {
        sqz_engine_run(&engine.engine, SEED + 1, path, NULL);
        for (int side = 0; side < 2; side++)
            sqz_mean_add(&forced[side], sqz_engine_outcome(&engine.engine, 0)->forced_usd[side]);
    }
    for (int side = 0; side < 2; side++) {
        double share =
            discounted_touch(side == SQZ_UP ? mu : -mu, sigma, distance[side], horizon, rate);
        check_mean_4se("forced", &forced[side], (1 - topup) * usd[side] * share, 0);
    }
    test_engine_free(&engine);
    test_world_free(&test);
}

static void test_attrition_before_the_touch(void **state)
{
    (void)state;
    check_attrition(0, 0.9, 0);
    check_attrition(0.012, 2.3, 0.41);
    check_attrition(-0.02, 0, 0.15);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cascades_with_latency),
        cmocka_unit_test(test_smaller_orders_overshoot_less),
        cmocka_unit_test(test_runaway),
        cmocka_unit_test(test_cascades_without_latency),
        cmocka_unit_test(test_attrition_before_the_touch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
