/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What would set a map off: the impact_response of final prices and the smallest push and shock
 * against plain searches over the laws written once more, symmetry, the push spread over time. */
#include "tests/support/support.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/analysis/ignition.h"
#include "sim/analysis/impact_response.h"
#include "sim/analysis/threshold.h"
#include "tests/unit/books_fixture.h"

enum { SEED = 91 };

static void check_relative(const char *what, double value, double expected, double relative)
{
    check_near(what, value, expected, relative * fabs(expected));
}

/* ---- thresholds ----------------------------------------------------------------------------- */

struct step_at {
    double at;
    int calls;
};

static bool at_least(void *context, double value)
{
    struct step_at *step = context;
    step->calls++;
    return value >= step->at;
}

static void test_threshold(void **state)
{
    (void)state;
    static const double AT[] = {3.7e9, 1e-3, 3.7e9 * (1 + 3e-13), 2.2e14};
    static const double GUESS[] = {3.7e9, 1, 1e5, 8.1e-4};
    for (size_t i = 0; i < sizeof AT / sizeof AT[0]; i++)
        for (size_t k = 0; k < sizeof GUESS / sizeof GUESS[0]; k++) {
            struct step_at step = {AT[i], 0};
            struct sqz_threshold threshold = {at_least, &step, GUESS[k], 1e-12, 1e20, 0};
            double found = sqz_threshold_find(&threshold);
            assert_true(found >= AT[i] && found <= AT[i] * (1 + 1.001e-12));
            assert_in_range(step.calls, 1, 120);
        }
    struct step_at step = {3.7e9, 0};
    struct sqz_threshold threshold = {at_least, &step, 3.7e9 * (1 - 1e-13), 1e-12, 1e20, 0};
    sqz_threshold_find(&threshold);
    assert_true(step.calls <= 4); /* a good guess saves work */
    step.at = -1;
    assert_true(sqz_threshold_find(&threshold) == 0.0);
    step.at = 1e30;
    assert_true(sqz_threshold_find(&threshold) == INFINITY);
}

/* ---- uneven maps ---------------------------------------------------------------------------- */

enum { UNEVEN = 60 };
static const double SURVIVAL = 0.17, GAMMA = 0.8;

/* Levels of both sides; those of `side` begin with `crossed` that the start price has crossed. */
static void uneven_levels(struct sqz_level level[2 * UNEVEN], int crossed)
{
    struct sqz_stream stream;
    sqz_stream_open(&stream, SEED, 0, 0);
    for (int side = 0; side < 2; side++) {
        double at = -0.0013 * crossed;
        for (int i = 0; i < UNEVEN; i++) {
            double u = sqz_stream_uniform(&stream);
            at += i < crossed ? 0.001 : i == 17 ? 0.0 : 0.0005 + 0.004 * u * u;
            level[side * UNEVEN + i] =
                (struct sqz_level){.distance_log = at,
                                   .notional_usd = 5e6 * sqz_stream_uniform(&stream),
                                   .side = (unsigned char)side};
        }
    }
}

/* Where a push and a jump end, level by level; `fired` may be NULL. */
static double end_of(const struct test_world *test, const struct shaped_book *shaped, int side,
                     double push_usd, double jump_log, size_t *fired)
{
    const struct sqz_ladder_side *levels = &test->ladder.side[side];
    struct eaten eaten = {.which = shaped->which, .side = side, .gamma = shaped->gamma};
    size_t i = 0;
    eat_freely(&eaten, push_usd);
    while (i < levels->count && levels->distance_log[i] <= jump_log + eaten_price(&eaten) + 1e-10)
        eat_forced(&eaten, (1 - SURVIVAL) * levels->notional_usd[i++]);
    if (fired != NULL)
        *fired = i;
    return jump_log + eaten_price(&eaten);
}

/* The smallest push or jump that gets to `goal_log`, by halving alone. */
static double search(const struct test_world *test, const struct shaped_book *shaped, int side,
                     double goal_log, bool push)
{
    double lo = 0, hi = push ? 1e12 : 10;
    for (int i = 0; i < 120; i++) {
        double middle = 0.5 * (lo + hi);
        double end = end_of(test, shaped, side, push ? middle : 0, push ? 0 : middle, NULL);
        if (end >= goal_log - 1e-10)
            hi = middle;
        else
            lo = middle;
    }
    return hi;
}

struct uneven {
    struct shaped_book shaped;
    struct test_world test;
};

static void uneven_init(struct uneven *uneven, int which, int crossed)
{
    struct sqz_level level[2 * UNEVEN];
    uneven_levels(level, crossed);
    shaped_book_init(&uneven->shaped, which, GAMMA);
    test_world_init(&uneven->test, level, 2 * UNEVEN, 0.01, 1000);
    uneven->test.world.market.book = &uneven->shaped.book;
    uneven->test.world.attrition.topup = SURVIVAL;
    uneven->test.world.stops.watch_log[SQZ_TARGET] = 0.051;
    uneven->test.world.stops.watch_log[SQZ_FLOOR] = -0.043;
}

static void uneven_free(struct uneven *uneven)
{
    test_world_free(&uneven->test);
    shaped_book_free(&uneven->shaped);
}

/* ---- the impact_response
 * --------------------------------------------------------------------------- */

/* Returns the number of steps at which a level sets off others. */
static size_t check_impact_response(struct uneven *uneven, enum sqz_side side)
{
    struct sqz_static_world rest;
    struct sqz_impact_response stairs;
    struct sqz_diag diag = {0};
    size_t fired, jumped = 0;
    assert_int_equal(sqz_static_world_init(&rest, &uneven->test.world, &diag), SQZ_OK);
    assert_int_equal(sqz_impact_response_init(&stairs, &rest, side, &diag), SQZ_OK);
    for (double push = 1e3; push < 1e9; push *= 1.0471) {
        double end = end_of(&uneven->test, &uneven->shaped, side, push, 0, &fired);
        assert_int_equal(sqz_impact_response_fired(&stairs, push), fired);
        check_near("final price", sqz_impact_response_price(&stairs, push, fired), end,
                   1e-12 * (1 + end));
    }
    for (size_t i = 0; i < stairs.steps; i++) { /* both sides of every step */
        const struct sqz_stair *step = &stairs.step[i];
        end_of(&uneven->test, &uneven->shaped, side, step->push_usd * (1 - 1e-11), 0, &fired);
        assert_int_equal(fired, step->first);
        end_of(&uneven->test, &uneven->shaped, side, step->push_usd * (1 + 1e-11), 0, &fired);
        assert_int_equal(fired, step[1].first);
        jumped += step[1].first > step->first + 1;
    }
    assert_int_equal(stairs.step[stairs.steps].first, UNEVEN);
    for (double goal = 0.003; goal < 0.4; goal *= 1.7) {
        double push = search(&uneven->test, &uneven->shaped, side, goal, true);
        check_near("push", sqz_impact_response_push(&stairs, goal), push, 1e-9 * (1 + push));
        check_near("shock", sqz_impact_response_shock(&stairs, goal),
                   search(&uneven->test, &uneven->shaped, side, goal, false), 1e-12);
    }
    sqz_impact_response_free(&stairs);
    sqz_impact_response_free(&stairs);
    sqz_static_world_free(&rest);
    return jumped;
}

static void test_impact_response(void **state)
{
    (void)state;
    size_t jumped = 0;
    for (int which = 0; which < BOOKS; which++)
        for (int crossed = 0; crossed < 3; crossed += 2) {
            struct uneven uneven;
            uneven_init(&uneven, which, crossed);
            jumped += check_impact_response(&uneven, SQZ_UP);
            jumped += check_impact_response(&uneven, SQZ_DOWN);
            uneven_free(&uneven);
        }
    assert_true(jumped > 30);
}

/* ---- push and shock ---------------------------------------------------------------------------
 */

static void check_answer(const struct uneven *uneven, enum sqz_watch watch)
{
    struct sqz_ignition ignition;
    struct sqz_diag diag = {0};
    size_t fired;
    const struct sqz_world *world = &uneven->test.world;
    int side = watch == SQZ_TARGET ? SQZ_UP : SQZ_DOWN;
    assert_int_equal(sqz_ignition_make(&ignition, world, watch, &diag), SQZ_OK);
    double goal = fabs(world->stops.watch_log[watch]);
    double push = search(&uneven->test, &uneven->shaped, side, goal, true);
    double shock = search(&uneven->test, &uneven->shaped, side, goal, false);
    assert_int_equal(ignition.side, side);
    check_relative("push", ignition.push.push_usd, push, 1e-11);
    check_relative("shock", ignition.shock_log, shock, 1e-11);
    check_relative("in an empty map", ignition.alone_usd,
                   order_for(uneven->shaped.which, side, goal), 1e-9);
    double end = end_of(&uneven->test, &uneven->shaped, side, ignition.push.push_usd, 0, &fired);
    double forced = 0;
    for (size_t i = 0; i < fired; i++)
        forced += (1 - SURVIVAL) * uneven->test.ladder.side[side].notional_usd[i];
    check_relative("final price", ignition.push.final_log, end, 1e-10);
    check_relative("forced", ignition.push.forced_usd, forced, 1e-12);
    struct eaten eaten = {.which = uneven->shaped.which, .side = side};
    eat_freely(&eaten, push);
    check_relative("by itself", ignition.push.alone_log, eaten_price(&eaten), 1e-10);
    end = end_of(&uneven->test, &uneven->shaped, side, 0, ignition.shock_log, NULL);
    check_relative("after the shock", ignition.shock_final_log, end, 1e-10);
    sqz_ignition_free(&ignition);
    sqz_ignition_free(&ignition);
}

static void test_push_and_shock(void **state)
{
    (void)state;
    for (int which = 0; which < BOOKS; which++) {
        struct uneven uneven;
        uneven_init(&uneven, which, 0);
        check_answer(&uneven, SQZ_TARGET);
        check_answer(&uneven, SQZ_FLOOR);
        uneven_free(&uneven);
    }
}

/* Pushes ascend, so do prices and notionals; every jump stands between its two sides; no step of
 * the price larger than what is listed goes unlisted. */
static void check_curve(const struct sqz_ignition *ignition, const struct uneven *uneven)
{
    double least = SQZ_IGNITION_JUMP_SHARE * ignition->goal_log;
    assert_true(ignition->n_points >= SQZ_IGNITION_GRID + 1 + 2 * ignition->n_jumps);
    for (size_t i = 0; i < ignition->n_points; i++) {
        const struct sqz_ignition_point *point = &ignition->point[i];
        check_near("curve", point->final_log,
                   end_of(&uneven->test, &uneven->shaped, ignition->side, point->push_usd, 0, NULL),
                   1e-11);
        assert_true(point->alone_log <= point->final_log + 1e-15);
        if (i > 0)
            assert_true(point->push_usd >= point[-1].push_usd &&
                        point->final_log >= point[-1].final_log &&
                        point->forced_usd >= point[-1].forced_usd);
    }
    for (size_t i = 0; i < ignition->n_jumps; i++) {
        const struct sqz_ignition_jump *jump = &ignition->jump[i];
        check_relative("sides", jump->after.push_usd / jump->before.push_usd - 1, 2e-12, 1e-3);
        assert_true(jump->after.final_log - jump->before.final_log > 0.999 * least);
        assert_true(jump->after.forced_usd > jump->before.forced_usd);
    }
}

static void test_curve(void **state)
{
    (void)state;
    size_t jumps = 0;
    for (int which = 0; which < BOOKS; which++) {
        struct uneven uneven;
        struct sqz_ignition ignition;
        struct sqz_diag diag = {0};
        uneven_init(&uneven, which, 0);
        assert_int_equal(sqz_ignition_make(&ignition, &uneven.test.world, SQZ_TARGET, &diag),
                         SQZ_OK);
        check_curve(&ignition, &uneven);
        check_relative("end", ignition.point[ignition.n_points - 1].push_usd,
                       2 * ignition.alone_usd, 1e-12);
        jumps += ignition.n_jumps;
        sqz_ignition_free(&ignition);
        uneven_free(&uneven);
    }
    assert_true(jumps > 4);
}

/* ---- limits -----------------------------------------------------------------------------------
 */

static void answer(const struct sqz_world *world, enum sqz_watch watch,
                   struct sqz_ignition *ignition)
{
    struct sqz_diag diag = {0};
    assert_int_equal(sqz_ignition_make(ignition, world, watch, &diag), SQZ_OK);
}

/* No levels: the order that moves the book there, 0.01 phi V/depth + G((1 - phi) V) = goal, and
 * what it costs on a flat book, V goal/2 in log units. */
static void test_no_levels(void **state)
{
    (void)state;
    const double depth = 31e6, goal = 0.0373;
    struct test_world test;
    struct sqz_ignition ignition;
    test_book_init(&test.book, depth, 1, 0.25, 60);
    test_world_init(&test, NULL, 0, 0, 1);
    test.world.stops.watch_log[SQZ_FLOOR] = -goal;
    answer(&test.world, SQZ_FLOOR, &ignition);
    check_relative("push", ignition.push.push_usd, depth * goal / 0.01, 1e-8);
    check_relative("alone", ignition.alone_usd, depth * goal / 0.01, 1e-12);
    check_relative("shock", ignition.shock_log, goal, 1e-8);
    check_relative("fill", ignition.fill_log, goal / 2, 1e-8);
    check_relative("cost", sqz_ignition_cost_usd(&ignition),
                   depth * goal / 0.01 * (1 - exp(-goal / 2)), 1e-8);
    assert_true(ignition.push.forced_usd == 0 && ignition.n_jumps == 0);
    sqz_ignition_free(&ignition);
    test_world_free(&test);
}

/* Levels that the start price has crossed carry it there by themselves: nothing is needed. */
static void test_nothing_needed(void **state)
{
    (void)state;
    struct sqz_level level[] = {
        {.distance_log = -0.001, .notional_usd = 20e6, .side = SQZ_UP},
        {.distance_log = 0.012, .notional_usd = 30e6, .side = SQZ_UP},
    };
    struct test_world test;
    struct sqz_ignition ignition;
    test_book_init(&test.book, 10e6, 1, 0.25, 60);
    test_world_init(&test, level, 2, 0, 1);
    test.world.stops.watch_log[SQZ_TARGET] = 0.04;
    answer(&test.world, SQZ_TARGET, &ignition);
    assert_true(ignition.push.push_usd == 0 && ignition.shock_log == 0);
    check_near("final", ignition.push.final_log, 0.05, 1e-12);
    check_near("forced", ignition.push.forced_usd, 50e6, 1e-6);
    assert_true(ignition.n_points > 0 && sqz_ignition_cost_usd(&ignition) == 0);
    sqz_ignition_free(&ignition);
    test_world_free(&test);
}

/* Without impact of forced orders the push has to go all the way; one that watches the index helps
 * with the permanent share alone. Flat book: x = V/k + Q/k, k = depth/0.01. */
static void test_who_moves_what(void **state)
{
    (void)state;
    const double depth = 10e6, permanent = 0.25, goal = 0.04, notional = 15e6, at = 0.008;
    struct sqz_level level[] = {{.distance_log = at, .notional_usd = notional, .side = SQZ_UP}};
    struct test_world test;
    struct sqz_ignition ignition;
    double k = depth / 0.01;
    test_book_init(&test.book, depth, 1, permanent, 60);
    test_world_init(&test, level, 1, 0, 1);
    test.world.stops.watch_log[SQZ_TARGET] = goal;
    answer(&test.world, SQZ_TARGET, &ignition);
    check_relative("push", ignition.push.push_usd, k * goal - notional, 1e-7);
    check_relative("shock", ignition.shock_log, goal - notional / k, 1e-7);
    sqz_ignition_free(&ignition);
    test.world.market.trigger =
        SQZ_TRIGGER_INDEX; /* it gets to the level with the permanent share of 32 M */
    answer(&test.world, SQZ_TARGET, &ignition);
    check_relative("push, index", ignition.push.push_usd, k * at / permanent, 1e-7);
    check_near("final, index", ignition.push.final_log, at / permanent + notional / k, 1e-9);
    sqz_ignition_free(&ignition);
    test.world.market.trigger = SQZ_TRIGGER_MARK;
    test.world.market.mark_rate = 1.0 / 30; /* at rest the mark price is the last price */
    answer(&test.world, SQZ_TARGET, &ignition);
    check_relative("push, mark", ignition.push.push_usd, k * goal - notional, 1e-7);
    sqz_ignition_free(&ignition);
    test.world.market.impact = false;
    answer(&test.world, SQZ_TARGET, &ignition);
    check_relative("push, no impact", ignition.push.push_usd, k * goal, 1e-7);
    check_near("forced, no impact", ignition.push.forced_usd, notional, 1e-6);
    sqz_ignition_free(&ignition);
    test_world_free(&test);
}

/* The mirrored map has the mirrored answer, to the bit. */
static void test_mirrored(void **state)
{
    (void)state;
    struct sqz_ignition ignition[2];
    for (int mirrored = 0; mirrored < 2; mirrored++) {
        struct sqz_level level[2 * UNEVEN];
        struct test_world test;
        uneven_levels(level, 0);
        for (int i = 0; i < 2 * UNEVEN && mirrored; i++)
            level[i].side = !level[i].side;
        test_book_init(&test.book, 19e6, 0.8, 0.2, 60);
        test_world_init(&test, level, 2 * UNEVEN, 0, 1);
        test.world.stops.watch_log[mirrored ? SQZ_FLOOR : SQZ_TARGET] = mirrored ? -0.051 : 0.051;
        answer(&test.world, mirrored ? SQZ_FLOOR : SQZ_TARGET, &ignition[mirrored]);
        test_world_free(&test);
    }
    assert_int_equal(ignition[0].side, SQZ_UP);
    assert_int_equal(ignition[1].side, SQZ_DOWN);
    assert_true(ignition[0].push.push_usd == ignition[1].push.push_usd &&
                ignition[0].push.final_log == ignition[1].push.final_log &&
                ignition[0].shock_log == ignition[1].shock_log &&
                ignition[0].alone_usd == ignition[1].alone_usd);
    assert_int_equal(ignition[0].n_points, ignition[1].n_points);
    for (size_t i = 0; i < ignition[0].n_points; i++)
        assert_true(ignition[0].point[i].final_log == ignition[1].point[i].final_log);
    sqz_ignition_free(&ignition[0]);
    sqz_ignition_free(&ignition[1]);
}

/* ---- spread over time -------------------------------------------------------------------------
 */

static double paced_order(const struct sqz_world *world, double over_s, size_t *orders)
{
    struct sqz_ignition result, *ignition = &result;
    struct sqz_diag diag = {0};
    answer(world, SQZ_TARGET, ignition);
    assert_int_equal(sqz_ignition_pace(ignition, world, over_s, &diag), SQZ_OK);
    double push_usd = ignition->over_usd;
    assert_true(ignition->over_s == over_s);
    *orders = ignition->over_orders;
    sqz_ignition_free(ignition);
    return push_usd;
}

/* In no time it is the push at once. */
static void test_paced_order_over_nothing(void **state)
{
    (void)state;
    for (int which = 0; which < BOOKS; which++) {
        struct uneven uneven;
        struct sqz_ignition ignition;
        struct sqz_diag diag = {0};
        uneven_init(&uneven, which, 0);
        uneven.test.world.execution.interval_s = 1;
        answer(&uneven.test.world, SQZ_TARGET, &ignition);
        assert_int_equal(sqz_ignition_pace(&ignition, &uneven.test.world, 1e-9, &diag), SQZ_OK);
        check_relative("at once", ignition.over_usd, ignition.push.push_usd, 2e-6);
        assert_int_equal(ignition.over_orders, 1);
        sqz_ignition_free(&ignition);
        uneven_free(&uneven);
    }
}

/* A flat book, no levels: n orders q, one every h seconds, leave q/k (phi n + (1 - phi) sum of
 * exp(-rho h i)), i from 0 to n - 1. */
static void test_paced_order_against_recovery(void **state)
{
    (void)state;
    const double depth = 31e6, permanent = 0.25, halflife = 40, goal = 0.0373;
    static const double OVER[] = {90, 3600}, INTERVAL[] = {2, 1};
    static const size_t ORDERS[] = {45, SQZ_IGNITION_CHILDREN};
    for (int i = 0; i < 2; i++) {
        struct test_world test;
        size_t orders;
        double left = 0, n = (double)ORDERS[i], rho = log(2) / halflife;
        test_book_init(&test.book, depth, 1, permanent, halflife);
        test_world_init(&test, NULL, 0, 0.03, 7200);
        test.world.market.drift_per_s = 1; /* neither noise nor drift helps */
        test.world.stops.watch_log[SQZ_TARGET] = goal;
        test.world.execution.interval_s = INTERVAL[i];
        for (size_t k = 0; k < ORDERS[i]; k++)
            left += exp(-rho * OVER[i] / n * (double)k);
        double push = goal * depth / 0.01 * n / (permanent * n + (1 - permanent) * left);
        double spread = paced_order(&test.world, OVER[i], &orders);
        check_relative("spread", spread, push, 2e-6);
        assert_int_equal(orders, ORDERS[i]);
        test_world_free(&test);
    }
}

/* The scenario's own latency: the level's order comes late, into a book that has recovered. At
 * once, V/k; after the latency the transient part has fallen by exp(-rho L), and Q/k is added. */
static void test_paced_order_with_latency(void **state)
{
    (void)state;
    const double depth = 10e6, permanent = 0.25, halflife = 40, goal = 0.04, notional = 15e6;
    const double latency = 25, k = depth / 0.01;
    struct sqz_level level[] = {{.distance_log = 0.01, .notional_usd = notional, .side = SQZ_UP}};
    struct test_world test;
    size_t orders;
    test_book_init(&test.book, depth, 1, permanent, halflife);
    test_world_init(&test, level, 1, 0, 1000);
    test.world.stops.watch_log[SQZ_TARGET] = goal;
    test.world.execution =
        (struct sqz_execution){.latency_s = latency, .random = true, .interval_s = 1};
    double left = permanent + (1 - permanent) * exp2(-latency / halflife);
    check_relative("late", paced_order(&test.world, 1e-6, &orders), (k * goal - notional) / left,
                   2e-6);
    test_world_free(&test);
}

/* Two halves V/2 = c k a half-life apart, and a level at `at` of notional N = n k. For c < at the
 * second half fires it and c/2 + c + n is left; from c = at on the first does, and (c + n)/2 + c
 * is: less. The smallest push is on the lower branch, though larger ones fail. */
static void test_paced_order_below_failures(void **state)
{
    (void)state;
    const double depth = 10e6, k = depth / 0.01, at = 0.01, n = 0.01, goal = 0.0242;
    struct sqz_level level[] = {{.distance_log = at, .notional_usd = n * k, .side = SQZ_UP}};
    struct test_world test;
    size_t orders;
    test_book_init(&test.book, depth, 1, 0, 1);
    test_world_init(&test, level, 1, 0, 1000);
    test.world.stops.watch_log[SQZ_TARGET] = goal;
    test.world.execution.interval_s = 1;
    check_relative("lower branch", paced_order(&test.world, 2, &orders), 2 * k * (goal - n) / 1.5,
                   2e-6);
    assert_int_equal(orders, 2);
    assert_true((goal - n) / 1.5 < at && (goal - n / 2) / 1.5 > at);
    test_world_free(&test);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_threshold),
        cmocka_unit_test(test_impact_response),
        cmocka_unit_test(test_push_and_shock),
        cmocka_unit_test(test_curve),
        cmocka_unit_test(test_no_levels),
        cmocka_unit_test(test_nothing_needed),
        cmocka_unit_test(test_who_moves_what),
        cmocka_unit_test(test_mirrored),
        cmocka_unit_test(test_paced_order_over_nothing),
        cmocka_unit_test(test_paced_order_against_recovery),
        cmocka_unit_test(test_paced_order_with_latency),
        cmocka_unit_test(test_paced_order_below_failures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
