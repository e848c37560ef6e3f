/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Several worlds on one exogenous path: each has its own right law, and what they share they share
 * to the bit. */
#include "tests/support/support.h"

#include <math.h>
#include <string.h>

#include <gsl/gsl_cdf.h>

enum { PATHS = 100000, PAIRED_PATHS = 50000, OUTPUTS = 20, SEED = 61 };

static const double HORIZON_S = 1.0;

/* Shorts above and a floor of longs below, some sharing a price. */
static void ladder_world(struct test_world *test, double volatility, bool with_longs)
{
    struct sqz_level levels[] = {
        {.distance_log = 0.010, .notional_usd = 3e6, .side = SQZ_UP},
        {.distance_log = 0.014, .notional_usd = 2e6, .side = SQZ_UP},
        {.distance_log = 0.014, .notional_usd = 1e6, .side = SQZ_UP},
        {.distance_log = 0.020, .notional_usd = 6e6, .side = SQZ_UP},
        {.distance_log = 0.031, .notional_usd = 4e6, .side = SQZ_UP},
        {.distance_log = 0.012, .notional_usd = 2e6, .side = SQZ_DOWN},
        {.distance_log = 0.025, .notional_usd = 5e6, .side = SQZ_DOWN},
    };
    test_book_init(&test->book, 8e6, 1.4, 0.2, 0.05);
    test_world_init(test, levels, with_longs ? 7 : 5, volatility, HORIZON_S);
    test->world.stops.watch_log[SQZ_TARGET] = 0.04;
    test->world.stops.watch_log[SQZ_FLOOR] = -0.03;
}

static bool touched(const struct test_engine *engine, size_t world, enum sqz_watch watch)
{
    return !isnan(sqz_engine_outcome(&engine->engine, world)->touch_s[watch]);
}

/* P(sigma W reaches b by t), drift mu. */
static double hit_probability(double mu, double sigma, double b, double t)
{
    double sd = sigma * sqrt(t);
    return gsl_cdf_ugaussian_P((mu * t - b) / sd) +
           exp(2 * mu * b / (sigma * sigma)) * gsl_cdf_ugaussian_P((-b - mu * t) / sd);
}

/* ---- twins --------------------------------------------------------------------------------- */

static void assert_same(double first, double second)
{
    assert_true(first == second || (isnan(first) && isnan(second)));
}

static void assert_same_outcome(const struct sqz_outcome *first, const struct sqz_outcome *second)
{
    assert_same(first->final_log, second->final_log);
    assert_same(first->peak_log, second->peak_log);
    assert_same(first->trough_log, second->trough_log);
    for (int i = 0; i < 2; i++) {
        assert_same(first->forced_usd[i], second->forced_usd[i]);
        assert_int_equal(first->liquidations[i], second->liquidations[i]);
        assert_same(first->touch_s[i], second->touch_s[i]);
    }
    assert_int_equal(first->stop, second->stop);
}

/* A twin changes nothing: not itself, and not the path of the world that walks alone. */
static void test_identical_worlds(void **state)
{
    (void)state;
    struct test_world test;
    struct test_engine alone, together;
    struct test_impulse order = {.time_s = 0.4, .jump_log = -0.003, .order_usd = 2.5e6};
    ladder_world(&test, 0.02, true);
    test.world.market.drift_per_s = 0.004;
    test.world.stops.record_step_log = 0.002;
    test_world_add_impulse(&test, &order);
    struct sqz_world twin = test.world;
    test_engine_init(&alone, (const struct sqz_world *[]){&test.world}, 1);
    test_engine_init(&together, (const struct sqz_world *[]){&test.world, &twin, &test.world}, 3);
    for (uint64_t path = 0; path < 2000; path++) {
        sqz_engine_run(&alone.engine, SEED, path, NULL);
        sqz_engine_run(&together.engine, SEED, path, NULL);
        for (size_t w = 0; w < 3; w++)
            assert_same_outcome(sqz_engine_outcome(&alone.engine, 0),
                                sqz_engine_outcome(&together.engine, w));
    }
    test_engine_free(&alone);
    test_engine_free(&together);
    test_world_free(&test);
}

/* ---- laws ---------------------------------------------------------------------------------- */

/* Four motions that differ in everything: each keeps its own first-passage law. The last one ends
 * before the others. */
static void test_each_world_has_its_law(void **state)
{
    (void)state;
    static const struct {
        double drift, sigma, horizon, target, floor;
    } CASE[4] = {{0, 0.02, 1, 0.015, -0.03},
                 {0.01, 0.035, 1, 0.05, -0.02},
                 {-0.02, 0.01, 1, 0.004, -0.025},
                 {0.005, 0.02, 0.3, 0.01, -0.008}};
    struct test_world test[4];
    struct test_engine engine;
    uint64_t paths = test_paths(PATHS), hits[4][2] = {{0}};
    struct sqz_mean final[4] = {{0}}, square[4] = {{0}};
    for (size_t w = 0; w < 4; w++) {
        test_book_init(&test[w].book, 1e7, 1, 0, INFINITY);
        test_world_init(&test[w], NULL, 0, CASE[w].sigma, CASE[w].horizon);
        test[w].world.market.drift_per_s = CASE[w].drift;
        test[w].world.stops.watch_log[SQZ_TARGET] = CASE[w].target;
        test[w].world.stops.watch_log[SQZ_FLOOR] = CASE[w].floor;
    }
    test_engine_init_stops(&engine,
                           (const struct sqz_world *[]){&test[0].world, &test[1].world,
                                                        &test[2].world, &test[3].world},
                           4);
    for (uint64_t path = 0; path < paths; path++) {
        sqz_engine_run(&engine.engine, SEED + 1, path, NULL);
        for (size_t w = 0; w < 4; w++) {
            double x = sqz_engine_outcome(&engine.engine, w)->final_log;
            hits[w][SQZ_TARGET] += touched(&engine, w, SQZ_TARGET);
            hits[w][SQZ_FLOOR] += touched(&engine, w, SQZ_FLOOR);
            sqz_mean_add(&final[w], x);
            sqz_mean_add(&square[w], pow(x - CASE[w].drift * CASE[w].horizon, 2));
        }
    }
    for (size_t w = 0; w < 4; w++) {
        double mu = CASE[w].drift, sigma = CASE[w].sigma, t = CASE[w].horizon;
        check_share_4se("P(target)", hits[w][SQZ_TARGET], paths,
                        hit_probability(mu, sigma, CASE[w].target, t), 0);
        check_share_4se("P(floor)", hits[w][SQZ_FLOOR], paths,
                        hit_probability(-mu, sigma, -CASE[w].floor, t), 0);
        check_mean_4se("mean final price", &final[w], mu * t, 0);
        check_mean_4se("variance of the final price", &square[w], sigma * sigma * t, 0);
        test_world_free(&test[w]);
    }
    test_engine_free(&engine);
}

/* The two-cluster oracle with impact on, and reflection with impact off, on the same paths; a third
 * world with other volatility and longs in the way only adds steps. */
static void test_law_with_impact_on_and_off(void **state)
{
    (void)state;
    const size_t row = 1;
    const double depth_usd = 20e6, grid_error = 5e-6;
    struct oracle oracle;
    struct test_world on, other;
    struct test_engine engine;
    uint64_t paths = test_paths(PATHS), both_on = 0, both_off = 0;
    oracle_read(&oracle, "two_cluster_end_to_end.csv");
    double usd = 100 * depth_usd * oracle_number(&oracle, row, "D0");
    double sigma = oracle_number(&oracle, row, "sigma"), b2 = oracle_number(&oracle, row, "b2");
    struct sqz_level levels[] = {
        {.distance_log = oracle_number(&oracle, row, "b1"), .notional_usd = usd, .side = SQZ_UP},
        {.distance_log = b2, .notional_usd = usd, .side = SQZ_UP}};
    test_book_init(&on.book, depth_usd, 1, oracle_number(&oracle, row, "phi_perm"),
                   M_LN2 / oracle_number(&oracle, row, "rho"));
    test_world_init(&on, levels, 2, sigma, oracle_number(&oracle, row, "T"));
    ladder_world(&other, 1.3 * sigma, true);
    struct sqz_world off = on.world;
    off.market.impact = false;
    test_engine_init_stops(&engine, (const struct sqz_world *[]){&other.world, &on.world, &off}, 3);
    for (uint64_t path = 0; path < paths; path++) {
        sqz_engine_run(&engine.engine, SEED + 2, path, NULL);
        both_on += sqz_engine_outcome(&engine.engine, 1)->liquidations[SQZ_UP] == 2;
        both_off += sqz_engine_outcome(&engine.engine, 2)->liquidations[SQZ_UP] == 2;
    }
    check_share_4se("P(both clusters), impact on", both_on, paths,
                    oracle_number(&oracle, row, "p_cluster2"), grid_error);
    check_share_4se("P(both clusters), impact off", both_off, paths,
                    hit_probability(0, sigma, b2, oracle_number(&oracle, row, "T")), 0);
    test_engine_free(&engine);
    test_world_free(&on);
    test_world_free(&other);
    oracle_free(&oracle);
}

/* ---- attribution --------------------------------------------------------------------------- */

/* Where only shorts can fire, forced orders buy: the price with impact is never below the one
 * without, path by path, so a target above is touched no later, nothing is forced less, and the
 * peak is no lower. The two prices share S, and P and D are not negative. */
static void test_impact_of_shorts_only_helps(void **state)
{
    (void)state;
    struct test_world test;
    struct test_engine engine;
    int helped = 0;
    ladder_world(&test, 0.02, false);
    struct sqz_world off = test.world;
    off.market.impact = false;
    test_engine_init(&engine, (const struct sqz_world *[]){&test.world, &off}, 2);
    for (uint64_t path = 0; path < test_paths(PAIRED_PATHS); path++) {
        sqz_engine_run(&engine.engine, SEED + 3, path, NULL);
        const struct sqz_outcome *with = sqz_engine_outcome(&engine.engine, 0);
        const struct sqz_outcome *without = sqz_engine_outcome(&engine.engine, 1);
        assert_true(touched(&engine, 0, SQZ_TARGET) >= touched(&engine, 1, SQZ_TARGET));
        assert_true(touched(&engine, 0, SQZ_FLOOR) <= touched(&engine, 1, SQZ_FLOOR));
        if (touched(&engine, 1, SQZ_TARGET))
            assert_true(with->touch_s[SQZ_TARGET] <= without->touch_s[SQZ_TARGET]);
        assert_true(with->forced_usd[SQZ_UP] >= without->forced_usd[SQZ_UP]);
        assert_true(with->final_log >= without->final_log);
        assert_true(with->peak_log >= without->peak_log);
        helped += touched(&engine, 0, SQZ_TARGET) > touched(&engine, 1, SQZ_TARGET);
    }
    assert_true(helped > 0);
    test_engine_free(&engine);
    test_world_free(&test);
}

/* With longs below that is not so: a dip fires them, their sells are still missing bids when the
 * price turns, and the target above can be missed because of impact. */
static void test_impact_of_longs_can_hinder(void **state)
{
    (void)state;
    struct test_world test;
    struct test_engine engine;
    struct test_impulse dip = {.time_s = 0.1, .jump_log = -0.012};
    struct test_impulse rise = {.time_s = 0.2, .jump_log = 0.012 + 0.0405};
    struct sqz_level longs = {.distance_log = 0.012, .notional_usd = 2e6, .side = SQZ_DOWN};
    test_book_init(&test.book, 8e6, 1.4, 0.2, 0.05);
    test_world_init(&test, &longs, 1, 0, HORIZON_S);
    test.world.stops.watch_log[SQZ_TARGET] = 0.04;
    test_world_add_impulse(&test, &dip);
    test_world_add_impulse(&test, &rise);
    struct sqz_world off = test.world;
    off.market.impact = false;
    test_engine_init_stops(&engine, (const struct sqz_world *[]){&test.world, &off}, 2);
    sqz_engine_run(&engine.engine, SEED + 4, 0, NULL);
    assert_false(touched(&engine, 0, SQZ_TARGET));
    assert_true(touched(&engine, 1, SQZ_TARGET));
    test_engine_free(&engine);
    test_world_free(&test);
}

/* ---- common shocks ------------------------------------------------------------------------- */

struct skeleton {
    double exogenous_log[2][OUTPUTS];
};

static void on_output(void *context, const struct sqz_event *event)
{
    struct skeleton *skeleton = context;
    if (event->kind == SQZ_EVENT_OUTPUT)
        skeleton->exogenous_log[event->world][event->output_index] = event->exogenous_log;
}

/* Twice the volatility: exactly twice the exogenous price at every time, though the worlds have
 * different ladders and only one has impact. Doubling is exact in floating point. */
static void test_twice_the_volatility(void **state)
{
    (void)state;
    struct test_world calm, wild;
    struct test_engine engine;
    struct skeleton skeleton;
    double output_s[OUTPUTS];
    for (int i = 0; i < OUTPUTS; i++)
        output_s[i] = HORIZON_S * (i + 1) / OUTPUTS;
    ladder_world(&calm, 0.0171, true);
    ladder_world(&wild, 2 * 0.0171, false);
    wild.world.market.impact = false;
    test_engine_init_outputs(&engine, (const struct sqz_world *[]){&calm.world, &wild.world}, 2,
                             output_s, OUTPUTS);
    for (uint64_t path = 0; path < 500; path++) {
        sqz_engine_run(&engine.engine, SEED + 5, path,
                       &(struct sqz_observer){.context = &skeleton, .event = on_output});
        for (int i = 0; i < OUTPUTS; i++)
            assert_true(skeleton.exogenous_log[1][i] == 2 * skeleton.exogenous_log[0][i]);
    }
    test_engine_free(&engine);
    test_world_free(&calm);
    test_world_free(&wild);
}

/* Unequal volatilities and drifts: X - mu t is the same noise times sigma, up to rounding. */
static void test_any_volatility_and_drift(void **state)
{
    (void)state;
    const double drift[2] = {0.013, -0.04}, sigma[2] = {0.021, 0.0347};
    struct test_world test[2];
    struct test_engine engine;
    struct skeleton skeleton;
    double output_s[OUTPUTS];
    for (int i = 0; i < OUTPUTS; i++)
        output_s[i] = HORIZON_S * (i + 1) / OUTPUTS;
    for (int w = 0; w < 2; w++) {
        ladder_world(&test[w], sigma[w], w == 0);
        test[w].world.market.drift_per_s = drift[w];
    }
    test_engine_init_outputs(&engine, (const struct sqz_world *[]){&test[0].world, &test[1].world},
                             2, output_s, OUTPUTS);
    for (uint64_t path = 0; path < 500; path++) {
        sqz_engine_run(&engine.engine, SEED + 6, path,
                       &(struct sqz_observer){.context = &skeleton, .event = on_output});
        for (int i = 0; i < OUTPUTS; i++) {
            double noise[2];
            for (int w = 0; w < 2; w++)
                noise[w] = (skeleton.exogenous_log[w][i] - drift[w] * output_s[i]) / sigma[w];
            check_near("noise of the second world", noise[1], noise[0], 1e-12);
        }
    }
    test_engine_free(&engine);
    test_world_free(&test[0]);
    test_world_free(&test[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_identical_worlds),
        cmocka_unit_test(test_each_world_has_its_law),
        cmocka_unit_test(test_law_with_impact_on_and_off),
        cmocka_unit_test(test_impact_of_shorts_only_helps),
        cmocka_unit_test(test_impact_of_longs_can_hinder),
        cmocka_unit_test(test_twice_the_volatility),
        cmocka_unit_test(test_any_volatility_and_drift),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
