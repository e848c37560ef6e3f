/* Laws of forced orders that take time, and of positions that leave before they are touched.
 *
 * tests/oracles/cascade_latency_resilience.csv: with exponential latency 1/eta and resilience rho a
 * cascade through levels of density l follows
 *     dD/dt = kappa eta B - rho D,   dB/dt = l max(dD/dt, 0) - eta B,   B(0) = B0,
 * and runs away only for kappa l > (1 + sqrt(rho/eta))^2. */
#include "tests/support/support.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include <gsl/gsl_cdf.h>

enum { PATHS = 200000, CASCADES = 16, CLUSTER = 8000, SEED = 95 };

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
    cascade.far = runaway ? 1000 : 10 * oracle_number(oracle, row, "peak_D");
    assert_true(oracle_number(oracle, row, "kappa") == 1);
    return cascade;
}

/* The cluster of B0 at the start price as `parts` levels, then cells of the ladder with as much in
 * each, or wider where the ladder is long: up to a share of the distance. One level mid-cell. */
static void cascade_world(struct test_world *test, const struct cascade *cascade, size_t parts)
{
    enum { LEVELS_MAX = 400000 };
    struct sqz_level *level = malloc(LEVELS_MAX * sizeof *level);
    double widening = 1.6 / (double)parts, cell = cascade->cluster / (double)parts;
    /* kappa = 1: a flat book that one USD displaces by 0.01/depth. */
    double usd = LOG_PER_D * DEPTH_USD / 0.01, at = 0;
    size_t count = 0;
    assert_non_null(level);
    for (; count < parts; count++)
        level[count] = (struct sqz_level){0, usd * cell, 0, SQZ_UP};
    while (at < cascade->far) {
        double width = fmax(cell / cascade->density, widening * at);
        assert_true(count < LEVELS_MAX);
        level[count++] = (struct sqz_level){LOG_PER_D * (at + 0.5 * width),
                                            usd * cascade->density * width, 0, SQZ_UP};
        at += width;
    }
    test_book_init(&test->book, DEPTH_USD, 1, 0, M_LN2 / cascade->rho);
    test_world_init(test, level, count, 0.0, 60 / fmin(cascade->eta, cascade->rho * 4));
    test->world.desk = (struct sqz_desk){.latency_s = 1 / cascade->eta, .random = true};
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

/* Orders of finite size overshoot a smooth peak by an amount that falls like parts^(-2/3): what four
 * times as many parts changed bounds what is left. */
static void check_peak(const struct cascade *cascade, double peak_d, double peak_s)
{
    uint64_t paths = test_paths(CASCADES) + 3;
    struct peaks coarse = run_cascades(cascade, CLUSTER / 4, 4 * paths);
    struct peaks fine = run_cascades(cascade, CLUSTER, paths);
    double left_d = fabs(fine.log_d.value - coarse.log_d.value);
    double left_s = fabs(fine.time_s.value - coarse.time_s.value);
    check_within_4se("ln of the peak", fine.log_d.value, log(peak_d), fine.log_d.se, left_d);
    check_within_4se("time of the peak", fine.time_s.value, peak_s, fine.time_s.se, left_s);
    printf("%g %g: %g %g+-%g (%g), t %g %g+-%g (%g)\n", cascade->density, cascade->rho, log(peak_d), fine.log_d.value, fine.log_d.se, left_d, peak_s, fine.time_s.value, fine.time_s.se, left_s);
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
        test_engine_init(&engine, (const struct sqz_world *[]){&test.world}, 1);
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
        test.world.desk.latency_s = 1e-9;
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

/* E[exp(-a tau); tau < T] for the first passage of drifted Brownian motion to b > 0: the exponential
 * is a change of the drift mu to m = sqrt(mu^2 + 2 a sigma^2) (Girsanov), so that it is
 * exp(b (mu - m)/sigma^2) P_m(tau < T). */
static double discounted_touch(double mu, double sigma, double b, double horizon, double rate)
{
    double m = sqrt(mu * mu + 2 * rate * sigma * sigma), sd = sigma * sqrt(horizon);
    double touched = gsl_cdf_ugaussian_P((m * horizon - b) / sd) +
                     exp(2 * m * b / (sigma * sigma)) *
                         gsl_cdf_ugaussian_P((-b - m * horizon) / sd);
    return exp(b * (mu - m) / (sigma * sigma)) * touched;
}

static void check_attrition(double mu, double rate, double survival)
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
    test.world.impact = false; /* the law is that of either level by itself */
    test.world.drift_per_s = mu;
    test.world.attrition_per_s = rate;
    test.world.survival = survival;
    test_engine_init(&engine, (const struct sqz_world *[]){&test.world}, 1);
    for (uint64_t path = 0; path < test_paths(PATHS); path++) {
        sqz_engine_run(&engine.engine, SEED + 1, path, NULL);
        for (int side = 0; side < 2; side++)
            sqz_mean_add(&forced[side], sqz_engine_outcome(&engine.engine, 0)->forced_usd[side]);
    }
    for (int side = 0; side < 2; side++) {
        double share = discounted_touch(side == SQZ_UP ? mu : -mu, sigma, distance[side], horizon,
                                        rate);
        check_mean_4se("forced", &forced[side], (1 - survival) * usd[side] * share, 0);
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
        cmocka_unit_test(test_runaway),
        cmocka_unit_test(test_cascades_without_latency),
        cmocka_unit_test(test_attrition_before_the_touch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
