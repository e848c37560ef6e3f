/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Peaks and troughs between the stops of the walk: closed forms of Brownian motion, what watched
 * prices say of the same market, and an independent simulator (tests/oracles/endogenous_share.csv).
 */
#include "tests/support/support.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_cdf.h>

#include "sim/core/pair.h"

enum { SEED = 700, PATHS = 20000, TRIAL_PATHS = 8000 };

static const double SIGMA = 0.03 / 293.93876913398138; /* 3 % a day */
static const double MINUTE_S = 60, HOUR_S = 3600, DAY_S = 86400, YEAR_S = 365.25 * 86400;

/* ---- nobody pushes ------------------------------------------------------------------------- */

/* P(max of mu t + W up to T <= m), reflection with drift. */
static double below_by(double mu, double t, double m)
{
    return gsl_cdf_ugaussian_P((m - mu * t) / sqrt(t)) -
           exp(2 * mu * m) * gsl_cdf_ugaussian_P((-m - mu * t) / sqrt(t));
}

/* P(mu t + W stays within -a and a up to T): the density of the driftless motion in its
 * eigenfunctions cos(k x), k = n pi/2a, n odd, times exp(mu x - mu^2 T/2), over x. */
static double within(double mu, double t, double a)
{
    double sum = 0;
    for (int n = 1, sign = 1;; n += 2, sign = -sign) {
        double k = n * M_PI / (2 * a);
        if (0.5 * k * k * t > 40)
            break;
        sum += sign * k / (mu * mu + k * k) * exp(-0.5 * k * k * t);
    }
    return 2 / a * cosh(mu * a) * exp(-0.5 * mu * mu * t) * sum;
}

/* E of the largest excursion: its tail added up. */
static double expected_excursion(double mu, double t)
{
    enum { CELLS = 4000 };
    double width = (8 * sqrt(t) + fabs(mu) * t) / CELLS, sum = 0;
    for (int i = 0; i < CELLS; i++)
        sum += (1 - within(mu, t, (i + 0.5) * width)) * width;
    return sum;
}

/* In units of SIGMA. */
static void check_motion(double mu, double horizon_s, double record_step_log, uint64_t seed)
{
    static const double PLACE[] = {0.1, 0.5, 1.0, 1.9};
    struct test_world test;
    struct test_engine engine;
    struct sqz_mean excursion = {0};
    uint64_t paths = test_paths(PATHS), peaks[4] = {0}, inside[4] = {0};
    double sd = sqrt(horizon_s);
    test_book_init(&test.book, 1e7, 1, 0, INFINITY);
    test_world_init(&test, NULL, 0, SIGMA, horizon_s);
    test.world.market.drift_per_s = mu * SIGMA;
    test.world.stops.record_step_log = record_step_log;
    test_engine_init(&engine, (const struct sqz_world *[]){&test.world}, 1);
    for (uint64_t path = 0; path < paths; path++) {
        sqz_engine_run(&engine.engine, seed, path, NULL);
        const struct sqz_outcome *outcome = sqz_engine_outcome(&engine.engine, 0);
        double peak = outcome->peak_log / SIGMA, trough = outcome->trough_log / SIGMA;
        sqz_mean_add(&excursion, fmax(peak, -trough));
        for (int i = 0; i < 4; i++) {
            peaks[i] += peak <= PLACE[i] * sd;
            inside[i] += fmax(peak, -trough) <= PLACE[i] * sd;
        }
    }
    check_mean_4se("E[largest excursion]", &excursion, expected_excursion(mu, horizon_s),
                   1e-5 * sd);
    for (int i = 0; i < 4; i++) {
        check_share_4se("P(peak <= m)", peaks[i], paths, below_by(mu, horizon_s, PLACE[i] * sd), 0);
        if (PLACE[i] >= 0.5)
            check_share_4se("P(excursion <= m)", inside[i], paths,
                            within(mu, horizon_s, PLACE[i] * sd), 0);
    }
    test_engine_free(&engine);
    test_world_free(&test);
}

static void test_brownian_motion(void **state)
{
    (void)state;
    const double horizon_s[] = {MINUTE_S, HOUR_S, DAY_S, YEAR_S};
    const double step_log[] = {INFINITY, 0.0025, 0.0025, 0.02};
    for (size_t i = 0; i < 4; i++)
        check_motion(0, horizon_s[i], step_log[i], SEED + i);
    for (size_t i = 0; i < 3; i++)
        check_motion(0, horizon_s[i], INFINITY, SEED + 10 + i);
}

static void test_brownian_motion_with_drift(void **state)
{
    (void)state;
    check_motion(0.7 / sqrt(DAY_S), DAY_S, 0.0025, SEED + 20);
    check_motion(-0.4 / sqrt(HOUR_S), HOUR_S, 0.001, SEED + 21);
    check_motion(1.3 / sqrt(HOUR_S), HOUR_S, INFINITY, SEED + 22);
}

/* ---- the same motion in several worlds ----------------------------------------------------- */

/* Without anything else a world of k times the volatility has k times the extremes, path by path,
 * whatever the worlds stop at. */
static void test_worlds_share_the_motion(void **state)
{
    (void)state;
    struct test_world one, other;
    struct test_engine engine;
    test_book_init(&one.book, 1e7, 1, 0, INFINITY);
    test_world_init(&one, NULL, 0, SIGMA, HOUR_S);
    test_book_init(&other.book, 1e7, 1, 0, INFINITY);
    test_world_init(&other, NULL, 0, 1.7 * SIGMA, HOUR_S);
    one.world.stops.record_step_log = 0.0025;
    other.world.stops.watch_log[SQZ_TARGET] = 0.004;
    test_engine_init(&engine, (const struct sqz_world *[]){&one.world, &other.world}, 2);
    for (uint64_t path = 0; path < test_paths(2000); path++) {
        sqz_engine_run(&engine.engine, SEED + 30, path, NULL);
        const struct sqz_outcome *a = sqz_engine_outcome(&engine.engine, 0);
        const struct sqz_outcome *b = sqz_engine_outcome(&engine.engine, 1);
        check_near("peak", b->peak_log, 1.7 * a->peak_log, 2 * SQZ_TOUCH_LOG);
        check_near("trough", b->trough_log, 1.7 * a->trough_log, 2 * SQZ_TOUCH_LOG);
    }
    test_engine_free(&engine);
    test_world_free(&one);
    test_world_free(&other);
}

/* ---- against watched prices ---------------------------------------------------------------- */

/* The walk meets watched prices exactly: P(peak >= b) is P(b touched) where it is watched, and so
 * below. Other paths in the two runs. */
enum { WATCHED = 2 };

struct run_fixture {
    double shape, halflife_s[2], gamma, drift;
    double first_usd, second_usd; /* orders of drivers at 0 and in the middle */
};

static void run_fixture_world(struct test_world *test, struct test_impulse impulse[2],
                              const struct run_fixture *run, double record_step_log)
{
    struct sqz_level levels[4] = {{.distance_log = 0.0015, .notional_usd = 2e7, .side = SQZ_UP},
                                  {.distance_log = 0.004, .notional_usd = 2e7, .side = SQZ_UP},
                                  {.distance_log = 0.0015, .notional_usd = 2e7, .side = SQZ_DOWN},
                                  {.distance_log = 0.004, .notional_usd = 2e7, .side = SQZ_DOWN}};
    test_book_init_scales(&test->book, 1e8, run->shape, 0.3, run->halflife_s, (double[]){0.7, 0.3},
                          2);
    test->book.book.withdrawal_gamma = run->gamma;
    test->book.book.withdrawal_rate = M_LN2 / 600;
    test_world_init(test, levels, 4, SIGMA, 600);
    test->world.market.drift_per_s = run->drift;
    test->world.stops.record_step_log = record_step_log;
    impulse[0] = (struct test_impulse){.time_s = 1, .order_usd = run->first_usd};
    impulse[1] = (struct test_impulse){.time_s = 301, .order_usd = run->second_usd};
    test_world_add_impulse(test, &impulse[0]);
    test_world_add_impulse(test, &impulse[1]);
}

static void count_extremes(const struct run_fixture *run, const double watch_log[WATCHED],
                           double record_step_log, uint64_t seed, uint64_t paths,
                           uint64_t beyond[WATCHED])
{
    struct test_world test;
    struct test_impulse impulse[2];
    struct test_engine engine;
    run_fixture_world(&test, impulse, run, record_step_log);
    test_engine_init(&engine, (const struct sqz_world *[]){&test.world}, 1);
    for (uint64_t path = 0; path < paths; path++) {
        sqz_engine_run(&engine.engine, seed, path, NULL);
        const struct sqz_outcome *outcome = sqz_engine_outcome(&engine.engine, 0);
        beyond[SQZ_TARGET] += outcome->peak_log >= watch_log[SQZ_TARGET];
        beyond[SQZ_FLOOR] += outcome->trough_log <= watch_log[SQZ_FLOOR];
    }
    test_engine_free(&engine);
    test_world_free(&test);
}

static void count_touches(const struct run_fixture *run, const double watch_log[WATCHED],
                          uint64_t seed, uint64_t paths, uint64_t touched[WATCHED])
{
    struct test_world test;
    struct test_impulse impulse[2];
    struct test_engine engine;
    run_fixture_world(&test, impulse, run, INFINITY);
    memcpy(test.world.stops.watch_log, watch_log, sizeof test.world.stops.watch_log);
    test_engine_init(&engine, (const struct sqz_world *[]){&test.world}, 1);
    for (uint64_t path = 0; path < paths; path++) {
        sqz_engine_run(&engine.engine, seed, path, NULL);
        for (int w = 0; w < WATCHED; w++)
            touched[w] += !isnan(sqz_engine_outcome(&engine.engine, 0)->touch_s[w]);
    }
    test_engine_free(&engine);
    test_world_free(&test);
}

static void check_run(const struct run_fixture *run, uint64_t seed)
{
    static const double WATCH_LOG[3][WATCHED] = {
        {0.0011, -0.0012}, {0.0033, -0.0031}, {0.0062, -0.0071}};
    static const double STEP_LOG[] = {INFINITY, 0.0025, 0.0005};
    uint64_t paths = test_paths(TRIAL_PATHS);
    for (uint64_t i = 0; i < 3; i++) {
        uint64_t beyond[WATCHED] = {0}, touched[WATCHED] = {0};
        count_extremes(run, WATCH_LOG[i], STEP_LOG[i], seed + i, paths, beyond);
        count_touches(run, WATCH_LOG[i], seed + 10 + i, paths, touched);
        for (int w = 0; w < WATCHED; w++) {
            double n = (double)paths, p = (double)beyond[w] / n, q = (double)touched[w] / n;
            check_within_4se("P(beyond) - P(touch)", p - q, 0.0,
                             sqrt((p * (1 - p) + q * (1 - q)) / n), 1 / n);
        }
    }
}

static void test_peaks_are_where_watches_are_touched(void **state)
{
    (void)state;
    static const struct run_fixture TRIAL[] = {{1, {20, 900}, 0, 0, 0, 0},
                                               {2, {20, 900}, 0, 0, 3e7, 0},
                                               {0.67, {5, 200}, 0.5, 0, -3e7, 4e7},
                                               {1, {3, INFINITY}, 0, 4e-6, 0, -6e7},
                                               {2, {20, 900}, 0.3, -4e-6, 5e7, -6e7},
                                               {1.4, {60, 60}, 0, 0, 0, 0}};
    for (size_t i = 0; i < sizeof TRIAL / sizeof TRIAL[0]; i++)
        check_run(&TRIAL[i], SEED + 100 + 20 * i);
}

/* Nothing but recovery and drift moves the price: D falls, the drift takes over, and the lowest
 * price is between: drift t + D exp(-rho t) with D rho exp(-rho t) = drift. */
static void test_extreme_without_noise(void **state)
{
    (void)state;
    struct test_world test;
    struct test_engine engine;
    struct test_impulse order = {.time_s = 0, .order_usd = 1e7};
    double rate = M_LN2 / 30, start = 0.01 * 1e7 / 2e7, drift = 2e-5;
    double lowest_s = log(start * rate / drift) / rate;
    test_book_init(&test.book, 2e7, 1, 0, 30);
    test_world_init(&test, NULL, 0, 0.0, 600);
    test_world_add_impulse(&test, &order);
    struct test_impulse before = {.time_s = 0, .jump_log = -0.02};
    test_world_add_impulse(&test, &before);
    test.world.market.drift_per_s = drift;
    test_engine_init(&engine, (const struct sqz_world *[]){&test.world}, 1);
    sqz_engine_run(&engine.engine, SEED, 0, NULL);
    const struct sqz_outcome *outcome = sqz_engine_outcome(&engine.engine, 0);
    double lowest = drift * lowest_s + start * exp(-rate * lowest_s) - 0.02;
    assert_true(lowest < outcome->final_log);
    assert_true(outcome->trough_log <= lowest + 1e-6 * start);
    test_engine_free(&engine);
    test_world_free(&test);
}

/* ---- the endogenous share ------------------------------------------------------------------ */

static void share_worlds(struct test_world *test, struct sqz_world *without, double horizon_s,
                         double record_step_log)
{
    struct sqz_level levels[4] = {
        {.distance_log = log(1.0015), .notional_usd = 2e7, .side = SQZ_UP},
        {.distance_log = log(1.004), .notional_usd = 2e7, .side = SQZ_UP},
        {.distance_log = -log(0.9985), .notional_usd = 2e7, .side = SQZ_DOWN},
        {.distance_log = -log(0.996), .notional_usd = 2e7, .side = SQZ_DOWN}};
    test_book_init_scales(&test->book, 1e8, 1, 0.3, (double[]){20, 900}, (double[]){0.7, 0.3}, 2);
    test_world_init(test, levels, 4, SIGMA, horizon_s);
    test->world.stops.watch_log[SQZ_TARGET] = log(1.06);
    test->world.stops.watch_log[SQZ_FLOOR] = log(0.93);
    test->world.stops.record_step_log = record_step_log;
    *without = test->world;
    without->market.impact = false;
}

static struct sqz_estimate share_of(double horizon_s, double record_step_log, uint64_t seed,
                                    uint64_t paths)
{
    struct test_world test;
    struct sqz_world without;
    struct test_engine engine;
    struct sqz_pair pair = {0};
    share_worlds(&test, &without, horizon_s, record_step_log);
    test_engine_init(&engine, (const struct sqz_world *[]){&test.world, &without}, 2);
    for (uint64_t path = 0; path < paths; path++) {
        sqz_engine_run(&engine.engine, seed, path, NULL);
        sqz_pair_add(&pair, sqz_engine_outcome(&engine.engine, 1),
                     sqz_engine_outcome(&engine.engine, 0));
    }
    test_engine_free(&engine);
    test_world_free(&test);
    struct sqz_estimate ratio = sqz_pairs_ratio(&pair.move_log);
    ratio.value = 1 - ratio.value;
    return ratio;
}

static void test_endogenous_share(void **state)
{
    (void)state;
    struct oracle oracle;
    oracle_read(&oracle, "endogenous_share.csv");
    for (size_t row = 0; row < oracle.rows; row++) {
        struct sqz_estimate share = share_of(oracle_number(&oracle, row, "horizon_s"), 0.0025,
                                             SEED + 300 + row, test_paths(PATHS));
        double expected = oracle_number(&oracle, row, "share"),
               se = oracle_number(&oracle, row, "se");
        double combined = sqrt(share.se * share.se + se * se);
        if (fabs(share.value - expected) > 3 * combined)
            fail_msg("share %.5f, expected %.5f +- %.5f", share.value, expected, combined);
    }
    oracle_free(&oracle);
}

/* Where the walk stops is no part of the law. */
static void test_share_does_not_know_the_resolution(void **state)
{
    (void)state;
    static const double STEP_LOG[] = {0.0005, 0.02, INFINITY};
    struct sqz_estimate usual = share_of(600, 0.0025, SEED + 400, test_paths(PATHS));
    for (size_t i = 0; i < 3; i++) {
        struct sqz_estimate share = share_of(600, STEP_LOG[i], SEED + 401 + i, test_paths(PATHS));
        check_within_4se("share", share.value, usual.value,
                         sqrt(share.se * share.se + usual.se * usual.se), 0);
    }
}

/* ---- what changes nothing else -------------------------------------------------------------- */

static void see_nothing(void *context, const struct sqz_event *event)
{
    (void)context;
    (void)event;
}

/* Where nobody reads the extremes all else is the same; so it is in a world alone, which steps on
 * in a loop of its own, and there with an observer, which walks it like any other. */
static void test_all_else_is_the_same(void **state)
{
    (void)state;
    static const struct sqz_observer OBSERVER = {.event = see_nothing};
    const struct run_fixture moving = {.shape = 1, .halflife_s = {20, 900}};
    const struct run_fixture resting = {.shape = 1, .halflife_s = {INFINITY, INFINITY}};
    for (int which = 0; which < 2; which++) {
        struct sqz_diag diag = {0};
        struct test_world test;
        struct test_engine all;
        struct sqz_engine stops;
        uint64_t lower = 0;
        run_fixture_world(&test, (struct test_impulse[2]){0}, which == 0 ? &moving : &resting,
                          0.002);
        test.world.n_drivers = 0; /* nothing is scheduled */
        test_engine_init(&all, (const struct sqz_world *[]){&test.world}, 1);
        struct sqz_engine_plan plan = all.engine.path.plan;
        plan.stops_only = true;
        assert_int_equal(sqz_engine_init(&stops, &plan, &diag), SQZ_OK);
        for (uint64_t path = 0; path < 200; path++) {
            sqz_engine_run(&all.engine, SEED + 500, path, NULL);
            sqz_engine_run(&stops, SEED + 500, path, NULL);
            struct sqz_outcome seen, drawn = *sqz_engine_outcome(&all.engine, 0);
            struct sqz_outcome bare = *sqz_engine_outcome(&stops, 0);
            sqz_engine_run(&all.engine, SEED + 500, path, &OBSERVER);
            seen = *sqz_engine_outcome(&all.engine, 0);
            assert_memory_equal(&seen, &drawn, sizeof seen);
            assert_true(bare.peak_log <= drawn.peak_log && bare.trough_log >= drawn.trough_log);
            lower += bare.peak_log < drawn.peak_log;
            bare.peak_log = drawn.peak_log;
            bare.trough_log = drawn.trough_log;
            assert_memory_equal(&bare, &drawn, sizeof bare);
        }
        assert_true(lower > 150);
        sqz_engine_free(&stops);
        test_engine_free(&all);
        test_world_free(&test);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_brownian_motion),
        cmocka_unit_test(test_brownian_motion_with_drift),
        cmocka_unit_test(test_worlds_share_the_motion),
        cmocka_unit_test(test_peaks_are_where_watches_are_touched),
        cmocka_unit_test(test_extreme_without_noise),
        cmocka_unit_test(test_endogenous_share),
        cmocka_unit_test(test_share_does_not_know_the_resolution),
        cmocka_unit_test(test_all_else_is_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
