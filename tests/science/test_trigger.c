/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The price that levels watch: last, index and mark, at the ends of the window, where the mark
 * moves without noise, and as a moving barrier for the noise. */
#include "tests/support/support.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_errno.h>
#include <gsl/gsl_integration.h>

#include "sim/core/rng.h"

enum { PAIRED_PATHS = 120, PATHS = 20000, NODES = 1000, SEED = 81 };

static const double DEPTH_USD = 20e6;

/* ---- the ends of the window ---------------------------------------------------------------- */

/* An hour between dense levels, so that orders matter: some paths see none, most see many. */
static void dense_world(struct test_world *test, bool with_longs)
{
    struct sqz_level level[60];
    size_t count = 0;
    for (int i = 0; i < 30; i++) {
        level[count++] =
            (struct sqz_level){0.0017 + 0.00083 * i, 1.1e6 + 2.3e5 * (i % 7), 0, SQZ_UP};
        if (with_longs)
            level[count++] =
                (struct sqz_level){0.0019 + 0.00091 * i, 0.9e6 + 3.1e5 * (i % 5), 0, SQZ_DOWN};
    }
    test_book_init_scales(&test->book, DEPTH_USD, 1.3, 0.2, (double[]){20, 900},
                          (double[]){0.7, 0.3}, 2);
    test_world_init(test, level, count, 0.006 / 60, 3600);
    test->world.stops.watch_log[SQZ_TARGET] = 0.011;
    test->world.stops.watch_log[SQZ_FLOOR] = -0.012;
}

static struct sqz_world watching(const struct sqz_world *world, double window_s)
{
    struct sqz_world other = *world;
    other.market.trigger = SQZ_TRIGGER_MARK;
    other.market.mark_rate = 1 / window_s;
    return other;
}

static bool same_forced(const struct sqz_outcome *a, const struct sqz_outcome *b)
{
    return a->forced_usd[SQZ_UP] == b->forced_usd[SQZ_UP] &&
           a->forced_usd[SQZ_DOWN] == b->forced_usd[SQZ_DOWN] &&
           a->liquidations[SQZ_UP] == b->liquidations[SQZ_UP] &&
           a->liquidations[SQZ_DOWN] == b->liquidations[SQZ_DOWN];
}

static bool same_families(const struct sqz_outcome *a, const struct sqz_outcome *b)
{
    return a->cascades == b->cascades && a->generations == b->generations &&
           a->largest_cascade_usd == b->largest_cascade_usd;
}

/* On one path: a mark that follows within a nanosecond is the last price, one that takes a million
 * years is the index. In the 20 windows or so that M needs to arrive the noise moves by 1e-4
 * sqrt(2e-8) = 1.4e-8, and M lags behind a recovering D by 1e-12: next to distances of 8e-4 between
 * levels, one cascade in 5e4 may differ: one path in 5000 or so. The slow M adds 1e-12 at most.
 */
static void test_ends_of_the_window(void **state)
{
    (void)state;
    static const double MILLION_YEARS_S = 3.2e13;
    struct test_world test;
    struct test_engine engine;
    uint64_t apart = 0, forced = 0, astray = 0, cascades = 0;
    dense_world(&test, true);
    test.world.traced = true;
    struct sqz_world quick = watching(&test.world, 1e-9);
    struct sqz_world index = watching(&test.world, INFINITY);
    struct sqz_world slow = watching(&test.world, MILLION_YEARS_S);
    test_engine_init(&engine, (const struct sqz_world *[]){&test.world, &quick, &index, &slow}, 4);
    uint64_t paths = test_paths(PAIRED_PATHS);
    for (uint64_t path = 0; path < paths; path++) {
        sqz_engine_run(&engine.engine, SEED, path, NULL);
        const struct sqz_outcome *outcome[4];
        for (size_t w = 0; w < 4; w++)
            outcome[w] = sqz_engine_outcome(&engine.engine, w);
        assert_true(same_forced(outcome[2], outcome[3]));
        if (same_forced(outcome[0], outcome[1]) && same_families(outcome[0], outcome[1]))
            check_near("last, at the end", outcome[1]->final_log, outcome[0]->final_log, 1e-8);
        else
            astray++;
        cascades += outcome[0]->cascades;
        check_near("index, at the end", outcome[3]->final_log, outcome[2]->final_log, 1e-8);
        apart += !same_forced(outcome[0], outcome[2]);
        forced += outcome[2]->liquidations[SQZ_UP] + outcome[2]->liquidations[SQZ_DOWN] > 0;
    }
    assert_true(astray <= paths / 500);
    assert_true(forced > paths / 2 && apart > paths / 4 && cascades > paths / 2);
    test_engine_free(&engine);
    test_world_free(&test);
}

/* Where orders do not move the price all triggers are one, to the bit: levels, first touches and
 * extremes, which the walk keeps by different means. */
static void test_triggers_agree_without_impact(void **state)
{
    (void)state;
    struct test_world test;
    struct test_engine engine;
    dense_world(&test, true);
    test.world.market.impact = false;
    test.world.stops.record_step_log = 0.0007;
    struct sqz_world mark = watching(&test.world, 45), index = watching(&test.world, INFINITY);
    test_engine_init(&engine, (const struct sqz_world *[]){&test.world, &mark, &index}, 3);
    for (uint64_t path = 0; path < test_paths(PAIRED_PATHS); path++) {
        sqz_engine_run(&engine.engine, SEED + 1, path, NULL);
        const struct sqz_outcome *last = sqz_engine_outcome(&engine.engine, 0);
        for (size_t w = 1; w < 3; w++) {
            const struct sqz_outcome *other = sqz_engine_outcome(&engine.engine, w);
            assert_true(same_forced(last, other));
            assert_true(last->final_log == other->final_log);
            assert_true(last->peak_log == other->peak_log);
            assert_true(last->trough_log == other->trough_log);
            assert_memory_equal(last->touch_s, other->touch_s, sizeof last->touch_s);
        }
    }
    test_engine_free(&engine);
    test_world_free(&test);
}

/* With shorts alone all displacements are upward, so whoever sees part of them fires no less than
 * the index, which sees none: path by path. */
static void test_index_forces_least(void **state)
{
    (void)state;
    struct test_world test;
    struct test_engine engine;
    uint64_t more[2] = {0};
    dense_world(&test, false);
    struct sqz_world mark = watching(&test.world, 60), index = watching(&test.world, INFINITY);
    test_engine_init(&engine, (const struct sqz_world *[]){&index, &mark, &test.world}, 3);
    uint64_t paths = test_paths(PAIRED_PATHS);
    for (uint64_t path = 0; path < paths; path++) {
        sqz_engine_run(&engine.engine, SEED + 2, path, NULL);
        double least = sqz_engine_outcome(&engine.engine, 0)->forced_usd[SQZ_UP];
        for (size_t w = 0; w < 2; w++) {
            double forced = sqz_engine_outcome(&engine.engine, w + 1)->forced_usd[SQZ_UP];
            assert_true(forced >= least);
            more[w] += forced > least;
        }
    }
    assert_true(more[0] > paths / 10 && more[1] > paths / 10);
    test_engine_free(&engine);
    test_world_free(&test);
}

/* ---- one order at time zero, in closed form ------------------------------------------------ */

/* An order at time 0, after which P is constant, D decays and M rises to meet it. */
struct scene {
    double shape, permanent, order_usd, window_s, drift_per_s;
    double rho[2], weight[2]; /* of the two parts of the book */
};

static const struct scene FLAT = {.shape = 1,
                                  .permanent = 0.25,
                                  .order_usd = 1.1e9,
                                  .window_s = 45,
                                  .rho = {M_LN2 / 20, M_LN2 / 900},
                                  .weight = {0.7, 0.3}};

static double permanent_log(const struct scene *scene)
{
    return scene->permanent * 0.01 * scene->order_usd / DEPTH_USD;
}

static double displacement(const struct scene *scene, double t)
{
    double missing = 0;
    for (int i = 0; i < 2; i++)
        missing += scene->weight[i] * exp(-scene->rho[i] * t);
    missing *= (1 - scene->permanent) * scene->order_usd;
    return copysign(0.01 * pow(fabs(missing) / DEPTH_USD, 1 / scene->shape), missing);
}

/* M(t) of a flat book: both parts of D averaged by themselves. */
static double mark_flat(const struct scene *scene, double t)
{
    double r = 1 / scene->window_s, sum = 0;
    for (int i = 0; i < 2; i++)
        sum += scene->weight[i] * r * (exp(-scene->rho[i] * t) - exp(-r * t)) / (r - scene->rho[i]);
    return sum * (1 - scene->permanent) * 0.01 * scene->order_usd / DEPTH_USD;
}

struct past {
    const struct scene *scene;
    double end_s;
};

static double weighted(double t, void *context)
{
    const struct past *past = context;
    double r = 1 / past->scene->window_s;
    return r * exp(-r * (past->end_s - t)) * displacement(past->scene, t);
}

/* M(t) of any book, by quadrature. */
static double mark_of(const struct scene *scene, double t)
{
    double value = 0, error;
    struct past past = {scene, t};
    gsl_function function = {weighted, &past};
    gsl_integration_workspace *workspace = gsl_integration_workspace_alloc(200);
    assert_non_null(workspace);
    gsl_integration_qag(&function, 0, t, 1e-15, 1e-14, 200, GSL_INTEG_GAUSS61, workspace, &value,
                        &error);
    gsl_integration_workspace_free(workspace);
    return value;
}

/* The watched price at t, as a distance towards where the order pushes. */
static double watched(const struct scene *scene, double t)
{
    double mark = scene->shape == 1 ? mark_flat(scene, t) : mark_of(scene, t);
    return copysign(1, scene->order_usd) * (permanent_log(scene) + scene->drift_per_s * t + mark);
}

/* When it has its maximum, by golden section. */
static double time_of_top(const struct scene *scene)
{
    static const double GOLDEN = 0.6180339887498949;
    double lo = 0, hi = 600;
    for (int i = 0; i < 100; i++) {
        double a = hi - GOLDEN * (hi - lo), b = lo + GOLDEN * (hi - lo);
        if (watched(scene, a) < watched(scene, b))
            lo = a;
        else
            hi = b;
    }
    return 0.5 * (lo + hi);
}

/* When it first reaches `distance`, before its top. */
static double time_of(const struct scene *scene, double distance, double top_s)
{
    double lo = 0, hi = top_s;
    for (int i = 0; i < 100; i++) {
        double middle = 0.5 * (lo + hi);
        if (watched(scene, middle) < distance)
            lo = middle;
        else
            hi = middle;
    }
    return hi;
}

struct touches {
    size_t count;
    double time_s[8], distance_log[8];
};

static void keep_touch(void *context, const struct sqz_event *event)
{
    struct touches *touches = context;
    if (event->kind != SQZ_EVENT_LIQUIDATION)
        return;
    assert_true(touches->count < 8);
    touches->time_s[touches->count++] = event->time_s;
}

/* Levels without notional at some shares of the way from P to the top: the walk calls them touched
 * from 1e-10 before, and M is known to 1e-12 or so. */
static void check_touches(const struct scene *scene)
{
    static const double SHARE[] = {0.05, 0.31, 0.62, 0.9, 0.9999, 1.0001};
    enum { LEVELS = sizeof SHARE / sizeof SHARE[0] };
    static const double ROUNDING_LOG = 5e-12;
    struct sqz_level level[LEVELS];
    double distance[LEVELS], top_s = time_of_top(scene), top = watched(scene, top_s);
    double permanent = fabs(permanent_log(scene));
    for (int i = 0; i < LEVELS; i++) {
        distance[i] = permanent + SHARE[i] * (top - permanent);
        level[i] = (struct sqz_level){.distance_log = distance[i],
                                      .side = scene->order_usd > 0 ? SQZ_UP : SQZ_DOWN};
    }
    struct test_world test;
    struct test_engine engine;
    struct touches touches = {0};
    struct sqz_observer observer = {.context = &touches, .event = keep_touch};
    struct test_impulse order = {.order_usd = scene->order_usd};
    test_book_init_scales(&test.book, DEPTH_USD, scene->shape, scene->permanent,
                          (double[]){M_LN2 / scene->rho[0], M_LN2 / scene->rho[1]}, scene->weight,
                          2);
    test_world_init(&test, level, LEVELS, 0.0, 1500);
    test.world.market.drift_per_s = scene->drift_per_s;
    test_world_add_impulse(&test, &order);
    struct sqz_world world = watching(&test.world, scene->window_s);
    test_engine_init(&engine, (const struct sqz_world *[]){&world}, 1);
    sqz_engine_run(&engine.engine, SEED, 0, &observer);
    assert_int_equal(touches.count, LEVELS - 1); /* the last one lies above the top */
    for (int i = 0; i < LEVELS - 1; i++) {
        double early = time_of(scene, distance[i] - SQZ_TOUCH_LOG - ROUNDING_LOG, top_s);
        double late = time_of(scene, distance[i] + ROUNDING_LOG, top_s);
        assert_true(early <= touches.time_s[i] && touches.time_s[i] <= late);
        assert_true(SHARE[i] > 0.9 || late - early < 1e-7 * late);
    }
    test_engine_free(&engine);
    test_world_free(&test);
}

static void test_time_at_which_the_mark_arrives(void **state)
{
    (void)state;
    static const double WINDOW_S[] = {3, 45, 150};
    static const double SHAPE[] = {1, 2, 0.67}, ORDER_USD[] = {1.1e9, -1.6e9, 2.3e8};
    for (int s = 0; s < 3; s++)
        for (int w = 0; w < 3; w++) {
            struct scene scene = FLAT;
            scene.shape = SHAPE[s];
            scene.order_usd = ORDER_USD[s];
            scene.window_s = WINDOW_S[w];
            check_touches(&scene);
            scene.drift_per_s = copysign(2.7e-5, -scene.order_usd);
            check_touches(&scene);
        }
}

/* The last price is where it is at once: target and peak do not wait for the mark, and a level at
 * the same price does, or is never touched. */
static void test_watches_see_the_last_price(void **state)
{
    (void)state;
    struct test_world test;
    struct test_engine engine;
    double start = displacement(&FLAT, 0), permanent = permanent_log(&FLAT);
    struct sqz_level level[] = {{.distance_log = permanent + 0.9 * start, .notional_usd = 1e6},
                                {.distance_log = 0.5 * permanent, .notional_usd = 2e6}};
    struct touches touches = {0};
    struct sqz_observer observer = {.context = &touches, .event = keep_touch};
    struct test_impulse order = {.time_s = 12.5, .order_usd = FLAT.order_usd};
    test_book_init_scales(&test.book, DEPTH_USD, FLAT.shape, FLAT.permanent, (double[]){20, 900},
                          FLAT.weight, 2);
    test_world_init(&test, level, 2, 0.0, 1500);
    test.world.stops.watch_log[SQZ_TARGET] = permanent + 0.9 * start;
    test_world_add_impulse(&test, &order);
    struct sqz_world world = watching(&test.world, FLAT.window_s);
    world.market.impact = false; /* of the level behind P, which the index reaches at once */
    test_engine_init(&engine, (const struct sqz_world *[]){&world}, 1);
    sqz_engine_run(&engine.engine, SEED, 0, &observer);
    const struct sqz_outcome *outcome = sqz_engine_outcome(&engine.engine, 0);
    assert_true(outcome->touch_s[SQZ_TARGET] == 12.5);
    check_near("peak", outcome->peak_log, permanent + start, 1e-14);
    assert_true(touches.count == 1 && touches.time_s[0] == 12.5);
    assert_true(outcome->forced_usd[SQZ_UP] == 2e6);
    test_engine_free(&engine);
    test_world_free(&test);
}

/* ---- the mark as a moving barrier for the noise -------------------------------------------- */

/* P(sigma W meets b by the horizon) with b(t) = distance - watched(t), from the integral equation
 * for its density in units of sigma, f(t) = -2 psi(t | 0, 0) + 2 int f(s) psi(t | b(s), s) ds with
 * psi(t | y, s) = (b'(t) - (b(t) - y)/(t - s))/2 times the normal density of b(t) - y at variance
 * t - s (Buonocore, Nobile and Ricciardi, Adv. Appl. Prob. 19, 1987), by trapezoids. */
static double reached_by_integral(const struct scene *scene, double distance, double sigma,
                                  double horizon, int nodes)
{
    double step = horizon / nodes, integral = 0, slope_h = 1e-3;
    double *b = calloc((size_t)nodes + 1, sizeof *b), *f = calloc((size_t)nodes + 1, sizeof *f);
    assert_true(b != NULL && f != NULL);
    for (int i = 1; i <= nodes; i++) {
        double t = i * step, sum = 0;
        double slope =
            -(watched(scene, t + slope_h) - watched(scene, t - slope_h)) / (2 * slope_h * sigma);
        b[i] = (distance - watched(scene, t)) / sigma;
        for (int j = 0; j < i; j++) {
            double since = (i - j) * step, rise = b[i] - b[j];
            if (j == 0)
                rise = b[i];
            double psi = 0.5 * (slope - rise / since) * exp(-0.5 * rise * rise / since) /
                         sqrt(2 * M_PI * since);
            sum += j > 0 ? 2 * step * f[j] * psi : -2 * psi;
        }
        f[i] = sum;
        integral += step * (i < nodes ? sum : 0.5 * sum);
    }
    free(b);
    free(f);
    return integral;
}

static void check_noisy(double shape, double window_s, double order_usd, double distance)
{
    const double sigma = 0.008 / 60, horizon = 900;
    struct scene scene = FLAT;
    scene.shape = shape;
    scene.window_s = window_s;
    scene.order_usd = order_usd;
    double coarse = reached_by_integral(&scene, distance, sigma, horizon, NODES / 2);
    double expected = reached_by_integral(&scene, distance, sigma, horizon, NODES);
    check_near("the integral on half as many nodes", coarse, expected, 2e-4);
    struct sqz_level level = {.distance_log = distance, .side = order_usd > 0 ? SQZ_UP : SQZ_DOWN};
    struct test_world test;
    struct test_engine engine;
    struct test_impulse order = {.order_usd = order_usd};
    uint64_t hits = 0, paths = test_paths(PATHS);
    test_book_init_scales(&test.book, DEPTH_USD, shape, scene.permanent, (double[]){20, 900},
                          scene.weight, 2);
    test_world_init(&test, &level, 1, sigma, horizon);
    test_world_add_impulse(&test, &order);
    struct sqz_world world = watching(&test.world, window_s);
    test_engine_init(&engine, (const struct sqz_world *[]){&world}, 1);
    for (uint64_t path = 0; path < paths; path++) {
        sqz_engine_run(&engine.engine, SEED + 3, path, NULL);
        hits += sqz_engine_outcome(&engine.engine, 0)->liquidations[level.side];
    }
    check_share_4se("P(the mark reaches the level)", hits, paths, expected,
                    fabs(expected - coarse));
    test_engine_free(&engine);
    test_world_free(&test);
}

static void test_mark_with_noise(void **state)
{
    (void)state;
    check_noisy(1, 30, 12e6, 0.0055);
    check_noisy(1, 300, -12e6, 0.0055);
    check_noisy(2, 60, -8e6, 0.0062);
    check_noisy(0.67, 150, 16e6, 0.0060);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ends_of_the_window),
        cmocka_unit_test(test_triggers_agree_without_impact),
        cmocka_unit_test(test_index_forces_least),
        cmocka_unit_test(test_time_at_which_the_mark_arrives),
        cmocka_unit_test(test_watches_see_the_last_price),
        cmocka_unit_test(test_mark_with_noise),
    };
    gsl_set_error_handler_off(); /* of the reference here, which says where rounding stops it */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
