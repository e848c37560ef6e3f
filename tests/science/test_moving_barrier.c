/* SPDX-License-Identifier: GPL-3.0-or-later */
/* First passage while the book recovers: the level moves for the Brownian part of the price.
 *
 * Three references: tests/oracles/fpt_decaying_impact.csv; an integral equation for one smooth
 * barrier; a time-stepped walk with the crossing probability of a Brownian bridge in every step. */
#include "tests/support/support.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_randist.h>

enum { PATHS = 100000, REFERENCE_PATHS = 30000, REFERENCE_STEPS = 200, NODES = 1200, SEED = 31 };

/* ---- scenes -------------------------------------------------------------------------------- */

/* A motion with drift, orders at known times, and one barrier on each side. Up to quiet_s there is
 * no noise: orders before it leave the book in a known state. */
struct scene {
    double sigma, drift, horizon, quiet_s;
    double shape, permanent;
    size_t scales;
    double rate[2], weight[2];
    size_t orders;
    struct test_impulse order[2];
    double barrier[2]; /* outward, per enum sqz_side; INFINITY: none */
};

/* An order of 100 depths times x moves a flat book by x. */
#define DEPTH_USD 20e6
#define UNIT_USD (100 * DEPTH_USD)

/* Missing volume of the orders before (and at) t, and its slope in t. */
static double missing(const struct scene *scene, double t, double *slope)
{
    double volume = 0;
    *slope = 0;
    for (size_t k = 0; k < scene->orders && scene->order[k].time_s <= t; k++)
        for (size_t i = 0; i < scene->scales; i++) {
            double part = (1 - scene->permanent) * scene->weight[i] * scene->order[k].order_usd *
                          exp(-scene->rate[i] * (t - scene->order[k].time_s));
            volume += part;
            *slope -= scene->rate[i] * part;
        }
    return volume;
}

/* Everything in the price at t but the noise: drift, permanent part, and the displacement
 * G(E) = 0.01 (abs(E)/depth)^(1/shape) with the sign of E. Its slope: G'(E) E' = G/(shape E) E'. */
static double known_part(const struct scene *scene, double t, double *slope)
{
    double volume_slope, volume = missing(scene, t, &volume_slope), permanent = 0;
    for (size_t k = 0; k < scene->orders && scene->order[k].time_s <= t; k++)
        permanent += scene->permanent * scene->order[k].order_usd / UNIT_USD;
    double transient = copysign(0.01 * pow(fabs(volume) / DEPTH_USD, 1 / scene->shape), volume);
    *slope = scene->drift;
    if (volume != 0)
        *slope += transient / (scene->shape * volume) * volume_slope;
    return scene->drift * t + permanent + transient;
}

/* ---- the engine on a scene ----------------------------------------------------------------- */

/* A driver that holds the volatility at zero up to a time. */
static void quiet_start(const void *shared, void *state, struct sqz_stream *stream,
                        struct sqz_driver_effect *effect)
{
    (void)state;
    (void)stream;
    effect->volatility_multiplier = 0;
    effect->next_s = *(const double *)shared;
}

static void quiet_end(const void *shared, void *state, struct sqz_stream *stream,
                      const struct sqz_view *now, struct sqz_driver_effect *effect)
{
    (void)shared;
    (void)state;
    (void)stream;
    (void)now;
    (void)effect; /* neutral */
}

static const struct sqz_driver_model QUIET = {
    .name = "quiet", .doc = "no noise at first", .start = quiet_start, .fire = quiet_end};

/* Barriers are levels without notional: watched prices would do as well, see test_watched_price. */
static void scene_world(struct test_world *test, const struct scene *scene)
{
    double halflife[2];
    struct sqz_level level[2];
    size_t levels = 0;
    for (size_t i = 0; i < scene->scales; i++)
        halflife[i] = M_LN2 / scene->rate[i];
    for (unsigned char side = 0; side < 2; side++)
        if (scene->barrier[side] < INFINITY)
            level[levels++] =
                (struct sqz_level){.distance_log = scene->barrier[side], .side = side};
    test_book_init_scales(&test->book, DEPTH_USD, scene->shape, scene->permanent, halflife,
                          scene->weight, scene->scales);
    test_world_init(test, level, levels, scene->sigma, scene->horizon);
    test->world.market.drift_per_s = scene->drift;
    for (size_t k = 0; k < scene->orders; k++)
        test_world_add_impulse(test, &scene->order[k]);
    if (scene->quiet_s > 0)
        test->world.driver[test->world.n_drivers++] =
            (struct sqz_driver){&QUIET, &scene->quiet_s, SQZ_STREAM_DRIVERS};
}

/* Paths that reached each barrier at any time. */
struct reached {
    uint64_t paths, side[2];
};

static struct reached engine_reached(const struct scene *scene, uint64_t seed)
{
    struct test_world test;
    struct test_engine engine;
    struct reached reached = {.paths = test_paths(PATHS)};
    scene_world(&test, scene);
    test_engine_init_stops(&engine, (const struct sqz_world *[]){&test.world}, 1);
    for (uint64_t path = 0; path < reached.paths; path++) {
        sqz_engine_run(&engine.engine, seed, path, NULL);
        for (int side = 0; side < 2; side++)
            reached.side[side] += sqz_engine_outcome(&engine.engine, 0)->liquidations[side];
    }
    test_engine_free(&engine);
    test_world_free(&test);
    return reached;
}

/* ---- reference: integral equation ---------------------------------------------------------- */

/* The barrier of one side in units of sigma, at time t after quiet_s, and its slope. */
static double scaled_barrier(const struct scene *scene, enum sqz_side side, double t, double *slope)
{
    double direction = sqz_direction(side);
    double known = known_part(scene, scene->quiet_s + t, slope);
    *slope *= -direction / scene->sigma;
    return (scene->barrier[side] - direction * known) / scene->sigma;
}

/* Density of the first passage of standard Brownian motion through g, by Buonocore, Nobile and
 * Ricciardi (Adv. Appl. Prob. 19, 1987):
 *     f(t) = -2 psi(t | 0, 0) + 2 int_0^t f(s) psi(t | g(s), s) ds,
 *     psi(t | y, s) = (g'(t) - (g(t) - y)/(t - s))/2 * exp(-(g(t) - y)^2/(2 (t - s)))/sqrt(2 pi (t
 * - s)), whose kernel vanishes at s = t. Trapezoids on `nodes` equal steps; returns the integral of
 * f. */
static double volterra(const struct scene *scene, enum sqz_side side, int nodes)
{
    double h = (scene->horizon - scene->quiet_s) / nodes, integral = 0;
    double *g = calloc((size_t)nodes + 1, sizeof *g), *f = calloc((size_t)nodes + 1, sizeof *f);
    assert_true(g != NULL && f != NULL);
    for (int i = 1; i <= nodes; i++) {
        double slope, sum = 0;
        g[i] = scaled_barrier(scene, side, i * h, &slope);
        for (int j = 0; j < i; j++) {
            double since = (i - j) * h, rise = g[i] - (j > 0 ? g[j] : 0);
            double psi = 0.5 * (slope - rise / since) * exp(-rise * rise / (2 * since)) /
                         sqrt(2 * M_PI * since);
            sum += j > 0 ? 2 * h * f[j] * psi : -2 * psi;
        }
        f[i] = sum;
        integral += h * (i < nodes ? f[i] : 0.5 * f[i]);
    }
    free(g);
    free(f);
    return integral;
}

/* The error of the integral equation goes like h^1.5: what halving h changed bounds it. */
static void check_volterra(const char *what, const struct scene *scene, enum sqz_side side,
                           uint64_t seed)
{
    static const double GRID_ERROR_MAX = 1e-4;
    double coarse = volterra(scene, side, NODES / 2), fine = volterra(scene, side, NODES);
    check_near("the integral equation on half as many nodes", coarse, fine, GRID_ERROR_MAX);
    struct reached reached = engine_reached(scene, seed);
    check_share_4se(what, reached.side[side], reached.paths, fine, fabs(fine - coarse));
}

/* ---- reference: time steps with a bridge correction ---------------------------------------- */

/* Times with the known part there. At an order the same time stands twice: before and after it. */
struct track {
    int nodes;
    double time[2 * (REFERENCE_STEPS + 1)], known[2 * (REFERENCE_STEPS + 1)];
    double bend; /* how far the known part strays from a straight line between nodes */
};

static void add_node(struct track *track, const struct scene *scene, double t, bool straight)
{
    double slope, k = known_part(scene, t, &slope);
    if (straight) {
        double last = track->time[track->nodes - 1];
        double chord = 0.5 * (k + track->known[track->nodes - 1]);
        track->bend = fmax(track->bend, fabs(known_part(scene, 0.5 * (last + t), &slope) - chord));
    }
    track->time[track->nodes] = t;
    track->known[track->nodes++] = k;
}

/* The nodes of a stretch without orders, denser at its beginning where the book recovers fast. */
static void add_stretch(struct track *track, const struct scene *scene, double from, double to)
{
    add_node(track, scene, from, false);
    for (int k = 1; k < REFERENCE_STEPS; k++) {
        double share = (double)k / REFERENCE_STEPS;
        add_node(track, scene, from + (to - from) * share * share, true);
    }
    add_node(track, scene, nextafter(to, 0), true);
}

static void track_init(struct track *track, const struct scene *scene)
{
    double from = scene->quiet_s;
    *track = (struct track){0};
    for (size_t k = 0; k < scene->orders; k++)
        if (scene->order[k].time_s > from) {
            add_stretch(track, scene, from, scene->order[k].time_s);
            from = scene->order[k].time_s;
        }
    add_stretch(track, scene, from, scene->horizon);
}

/* P(the noise crosses a straight barrier in a step), from the distances before and after. */
static double crossing(double before, double after, double variance)
{
    return before <= 0 || after <= 0 ? 1 : exp(-2 * before * after / variance);
}

/* Probability that the barrier of each side stays untouched, given the noise at the nodes. */
static void walk_track(const struct track *track, const struct scene *scene, gsl_rng *rng,
                       double *untouched)
{
    double noise = 0, before[2] = {scene->barrier[SQZ_UP] - track->known[0],
                                   scene->barrier[SQZ_DOWN] + track->known[0]};
    untouched[SQZ_UP] = untouched[SQZ_DOWN] = 1;
    for (int k = 1; k < track->nodes; k++) {
        double variance = pow(scene->sigma, 2) * (track->time[k] - track->time[k - 1]);
        noise += sqrt(variance) * gsl_ran_gaussian_ziggurat(rng, 1);
        for (int side = 0; side < 2; side++) {
            double after = scene->barrier[side] - sqz_direction(side) * (noise + track->known[k]);
            untouched[side] *= 1 - crossing(before[side], after, variance);
            before[side] = after;
        }
    }
}

/* P(each barrier is reached). Returns the error of taking the barriers for straight between nodes:
 * shifting a barrier by e changes P by less than e/(sigma sqrt(H)), as the density of the maximum
 * of Brownian motion is at most sqrt(2/pi)/(sigma sqrt(H)). */
static double reference_reached(const struct scene *scene, struct sqz_mean *mean)
{
    struct sqz_stream stream;
    struct track track;
    track_init(&track, scene);
    for (uint64_t path = 0; path < test_paths(REFERENCE_PATHS); path++) {
        double untouched[2];
        sqz_stream_open(&stream, SEED, path, SQZ_STREAM_WALK);
        gsl_rng rng = sqz_stream_gsl(&stream);
        walk_track(&track, scene, &rng, untouched);
        for (int side = 0; side < 2; side++)
            sqz_mean_add(&mean[side], 1 - untouched[side]);
    }
    return track.bend / (scene->sigma * sqrt(scene->horizon - scene->quiet_s));
}

static void check_stepped(const char *what, const struct scene *scene, uint64_t seed)
{
    static const double ERROR_MAX = 2e-3;
    struct sqz_mean mean[2] = {0};
    double error = reference_reached(scene, mean);
    assert_true(error < ERROR_MAX);
    struct reached reached = engine_reached(scene, seed);
    for (int side = 0; side < 2; side++) {
        if (!(scene->barrier[side] < INFINITY))
            continue;
        struct sqz_estimate reference = sqz_mean_estimate(&mean[side]);
        struct sqz_estimate share = sqz_estimate_share(reached.side[side], reached.paths);
        check_within_4se(what, share.value, reference.value, hypot(share.se, reference.se), error);
    }
}

/* ---- one decaying order -------------------------------------------------------------------- */

/* D = D_perm + D_trans exp(-rho t): a flat book, an order of 100 depths times D at time 0, of which
 * the share D_perm/D is permanent. */
static struct scene decaying_order(double sigma, double permanent_log, double transient_log,
                                   double rho, double horizon)
{
    double whole = permanent_log + transient_log;
    return (struct scene){.sigma = sigma,
                          .horizon = horizon,
                          .shape = 1,
                          .permanent = permanent_log / whole,
                          .scales = 1,
                          .rate = {rho},
                          .weight = {1},
                          .orders = 1,
                          .order = {{.order_usd = whole * UNIT_USD}},
                          .barrier = {INFINITY, INFINITY}};
}

static struct scene oracle_scene(const struct oracle *oracle, size_t row)
{
    struct scene scene =
        decaying_order(oracle_number(oracle, row, "sigma"), oracle_number(oracle, row, "D_perm"),
                       oracle_number(oracle, row, "D_trans"), oracle_number(oracle, row, "rho"),
                       oracle_number(oracle, row, "T"));
    scene.barrier[SQZ_UP] = oracle_number(oracle, row, "u");
    return scene;
}

static void test_receding_level(void **state)
{
    (void)state;
    static const double GRID_ERROR = 5e-6; /* of the oracle */
    struct oracle oracle;
    oracle_read(&oracle, "fpt_decaying_impact.csv");
    for (size_t row = 0; row < oracle.rows; row++) {
        struct scene scene = oracle_scene(&oracle, row);
        struct reached reached = engine_reached(&scene, SEED + row);
        check_share_4se("P(the level is reached)", reached.side[SQZ_UP], reached.paths,
                        oracle_number(&oracle, row, "p_hit_volterra"), GRID_ERROR);
    }
    assert_int_equal(oracle.rows, 5);
    oracle_free(&oracle);
}

/* A watched price is reached exactly when a level without notional at that price is. */
static void test_watched_price(void **state)
{
    (void)state;
    struct oracle oracle;
    struct test_world test;
    struct test_engine engine;
    oracle_read(&oracle, "fpt_decaying_impact.csv");
    struct scene scene = oracle_scene(&oracle, 0);
    scene_world(&test, &scene);
    test.world.stops.watch_log[SQZ_TARGET] = scene.barrier[SQZ_UP];
    test_engine_init_stops(&engine, (const struct sqz_world *[]){&test.world}, 1);
    for (uint64_t path = 0; path < 10000; path++) {
        sqz_engine_run(&engine.engine, SEED + 50, path, NULL);
        const struct sqz_outcome *outcome = sqz_engine_outcome(&engine.engine, 0);
        assert_int_equal(!isnan(outcome->touch_s[SQZ_TARGET]), outcome->liquidations[SQZ_UP]);
    }
    test_engine_free(&engine);
    test_world_free(&test);
    oracle_free(&oracle);
}

/* The references of this file agree with the oracle before they judge anything else. */
static void test_references(void **state)
{
    (void)state;
    struct oracle oracle;
    oracle_read(&oracle, "fpt_decaying_impact.csv");
    for (size_t row = 0; row < oracle.rows; row++) {
        struct scene scene = oracle_scene(&oracle, row);
        double p = oracle_number(&oracle, row, "p_hit_volterra");
        double coarse = volterra(&scene, SQZ_UP, NODES / 2), fine = volterra(&scene, SQZ_UP, NODES);
        check_near("the integral equation", fine, p, fabs(fine - coarse) + 1e-9);
        if (row == 0 || row == 2) {
            struct sqz_mean mean[2] = {0};
            double error = reference_reached(&scene, mean);
            check_mean_4se("the time-stepped walk", &mean[SQZ_UP], p, error);
        }
    }
    oracle_free(&oracle);
}

/* ---- levels that come nearer --------------------------------------------------------------- */

/* A buy holds the price up at first; as it decays the levels of longs come nearer. */
static void test_approaching_level(void **state)
{
    (void)state;
    static const struct {
        double sigma, permanent_log, transient_log, rho, horizon, below;
    } CASE[] = {
        {0.025, 0, 0.008, 200, 0.25, 0.006},
        {0.025, 0, 0.015, 24, 1, 0.012},
        {0.025, 0.003, 0.02, 4, 1, 0.004},
        {1, 0, 1.5, 2, 1, 0.3},
    };
    for (size_t i = 0; i < sizeof CASE / sizeof CASE[0]; i++) {
        struct scene scene = decaying_order(CASE[i].sigma, CASE[i].permanent_log,
                                            CASE[i].transient_log, CASE[i].rho, CASE[i].horizon);
        scene.barrier[SQZ_DOWN] = CASE[i].below;
        check_volterra("P(longs below are reached)", &scene, SQZ_DOWN, SEED + 100 + i);
    }
}

/* A sell with a level of shorts above is the mirror image: the same probability. */
static void test_approaching_level_mirrored(void **state)
{
    (void)state;
    struct scene scene = decaying_order(0.025, -0.003, -0.02, 4, 1);
    scene.barrier[SQZ_UP] = 0.004;
    check_volterra("P(shorts above are reached)", &scene, SQZ_UP, SEED + 150);
}

/* No noise at all: a buy of size D decays at rate rho while drift takes the price down at mu, and
 * it is at -v when D exp(-rho t) - mu t = -v. */
static void test_approach_without_noise(void **state)
{
    (void)state;
    double d = 0.01, rho = 3, mu = 0.02, v = 0.005;
    struct scene scene = decaying_order(0, 0, d, rho, 2);
    struct test_world test;
    struct test_engine engine;
    scene.drift = -mu;
    scene_world(&test, &scene);
    test.world.stops.watch_log[SQZ_FLOOR] = -v;
    test_engine_init_stops(&engine, (const struct sqz_world *[]){&test.world}, 1);
    sqz_engine_run(&engine.engine, SEED, 0, NULL);
    double t = 0; /* Newton's method; the price falls and is convex, so it converges from t = 0 */
    for (int i = 0; i < 50; i++)
        t += (d * exp(-rho * t) - mu * t + v) / (d * rho * exp(-rho * t) + mu);
    check_near("time of the touch", sqz_engine_outcome(&engine.engine, 0)->touch_s[SQZ_FLOOR], t,
               2 * SQZ_TOUCH_LOG / mu);
    test_engine_free(&engine);
    test_world_free(&test);
}

/* ---- more terms ---------------------------------------------------------------------------- */

static void test_drift_and_decay(void **state)
{
    (void)state;
    static const double DRIFT[] = {0.015, -0.02, 0.06};
    for (size_t i = 0; i < sizeof DRIFT / sizeof DRIFT[0]; i++) {
        struct scene up = decaying_order(0.025, 0.002, 0.012, 30, 0.5), down = up;
        up.drift = down.drift = DRIFT[i];
        up.barrier[SQZ_UP] = 0.03;
        check_volterra("P(up, drift and decay)", &up, SQZ_UP, SEED + 200 + i);
        down.barrier[SQZ_DOWN] = 0.01;
        check_volterra("P(down, drift and decay)", &down, SQZ_DOWN, SEED + 210 + i);
    }
}

/* Two time scales of opposite sign. A first order, and long after it an opposite one: what is
 * missing on the fast scale has the sign of the second, on the slow scale that of the first.
 * Neither is seen by the noise before the second order. */
static struct scene opposite_scales(double first_log, double second_log)
{
    return (struct scene){.sigma = 0.04,
                          .horizon = 1.2,
                          .quiet_s = 0.2,
                          .shape = 1,
                          .scales = 2,
                          .rate = {40, 1.5},
                          .weight = {0.4, 0.6},
                          .orders = 2,
                          .order = {{.order_usd = first_log * UNIT_USD},
                                    {.time_s = 0.2, .order_usd = second_log * UNIT_USD}},
                          .barrier = {INFINITY, INFINITY}};
}

static void check_not_monotone(const struct scene *scene)
{
    double early, late;
    known_part(scene, scene->quiet_s, &early);
    known_part(scene, scene->horizon, &late);
    assert_true(early * late < 0);
}

static void test_two_scales_of_opposite_sign(void **state)
{
    (void)state;
    struct scene dips = opposite_scales(-0.06, 0.025), humps = opposite_scales(0.06, -0.025);
    check_not_monotone(&dips);
    check_not_monotone(&humps);
    dips.barrier[SQZ_UP] = 0.02;
    check_volterra("P(up, the price dips on the way)", &dips, SQZ_UP, SEED + 300);
    dips.barrier[SQZ_UP] = INFINITY;
    dips.barrier[SQZ_DOWN] = 0.065;
    check_volterra("P(down, the price dips on the way)", &dips, SQZ_DOWN, SEED + 301);
    humps.barrier[SQZ_UP] = 0.065;
    check_volterra("P(up, the price humps on the way)", &humps, SQZ_UP, SEED + 302);
}

/* ---- power books --------------------------------------------------------------------------- */

/* Two scales of one sign on a book of that shape, displaced by about 1 % at first. */
static struct scene power_scene(double shape)
{
    return (struct scene){.sigma = 0.03,
                          .horizon = 1,
                          .shape = shape,
                          .permanent = 0.1,
                          .scales = 2,
                          .rate = {60, 2},
                          .weight = {0.7, 0.3},
                          .orders = 1,
                          .order = {{.order_usd = 1.2 * DEPTH_USD}},
                          .barrier = {INFINITY, INFINITY}};
}

static void test_power_books(void **state)
{
    (void)state;
    static const double SHAPE[] = {2, 0.67};
    for (size_t i = 0; i < 2; i++) {
        struct scene up = power_scene(SHAPE[i]), down = up;
        up.barrier[SQZ_UP] = 0.02;
        check_volterra("P(up, power book)", &up, SQZ_UP, SEED + 400 + i);
        down.barrier[SQZ_DOWN] = 0.008;
        check_volterra("P(down, power book)", &down, SQZ_DOWN, SEED + 410 + i);
    }
}

/* Both barriers at once, a sell on top of a buy while the noise is on, and drift. After the sell
 * the fast scale lacks bids and the slow one still asks: the displacement goes up before it goes
 * down. */
static void test_power_books_with_two_barriers(void **state)
{
    (void)state;
    static const double SHAPE[] = {2, 1, 0.67};
    for (size_t i = 0; i < 3; i++) {
        struct scene scene = power_scene(SHAPE[i]);
        scene.order[scene.orders++] =
            (struct test_impulse){.time_s = 0.3, .order_usd = -0.15 * DEPTH_USD};
        scene.drift = 0.005;
        scene.barrier[SQZ_UP] = 0.025;
        scene.barrier[SQZ_DOWN] = 0.015;
        check_stepped("P(reached), two orders, two barriers", &scene, SEED + 420 + i);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_references),
        cmocka_unit_test(test_receding_level),
        cmocka_unit_test(test_watched_price),
        cmocka_unit_test(test_approaching_level),
        cmocka_unit_test(test_approaching_level_mirrored),
        cmocka_unit_test(test_approach_without_noise),
        cmocka_unit_test(test_drift_and_decay),
        cmocka_unit_test(test_two_scales_of_opposite_sign),
        cmocka_unit_test(test_power_books),
        cmocka_unit_test(test_power_books_with_two_barriers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
