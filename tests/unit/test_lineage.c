/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Generations and families of liquidations: by hand, against a slow book-keeper, and with orders
 * that take time. */
#include "tests/support/support.h"

#include <math.h>
#include <string.h>

enum { LOG_MAX = 400 };
struct closed {
    size_t count;
    struct sqz_event event[LOG_MAX];
};

static void keep_liquidation(void *context, const struct sqz_event *event)
{
    struct closed *closed = context;
    if (event->kind != SQZ_EVENT_LIQUIDATION)
        return;
    assert_true(closed->count < LOG_MAX);
    closed->event[closed->count++] = *event;
}

/* One path without noise on which the exogenous price jumps at 100 s. */
static struct sqz_outcome run_levels(struct sqz_level *level, size_t count, double depth_usd,
                                     double jump, const struct sqz_execution *execution,
                                     struct closed *closed)
{
    static struct test_engine engine;
    struct test_world test;
    struct test_impulse impulse = {.time_s = 100, .jump_log = jump};
    struct sqz_observer observer = {closed, keep_liquidation, 0};
    test_book_init(&test.book, depth_usd, 1.0, 0.0, INFINITY);
    test_world_init(&test, level, count, 0.0, 1000);
    test.world.traced = true;
    test.world.execution = *execution;
    test_world_add_impulse(&test, &impulse);
    test_engine_init(&engine, (const struct sqz_world *[]){&test.world}, 1);
    memset(closed, 0, sizeof *closed);
    sqz_engine_run(&engine.engine, 5, 0, &observer);
    struct sqz_outcome outcome = *sqz_engine_outcome(&engine.engine, 0);
    test_engine_free(&engine);
    test_world_free(&test);
    return outcome;
}

static const struct sqz_execution AT_ONCE = {0};

/* An order of 1 M moves the price by 0.003. */
static const double DEPTH_USD = 1e6 / 0.3;

static void test_a_chain(void **state)
{
    (void)state;
    struct closed closed;
    struct sqz_level level[] = {
        {0.010, 1e6, 0, SQZ_UP}, {0.0125, 1.5e6, 0, SQZ_UP}, {0.0165, 2e6, 0, SQZ_UP}};
    struct sqz_outcome outcome = run_levels(level, 3, DEPTH_USD, 0.0105, &AT_ONCE, &closed);
    for (unsigned k = 0; k < 3; k++)
        assert_int_equal(closed.event[k].generation, k);
    assert_int_equal(outcome.cascades, 1);
    assert_int_equal(outcome.generations, 2);
    assert_true(outcome.largest_cascade_usd == 4.5e6);
}

/* A jump over two levels makes two families; what the first order reaches is its child. */
static void test_two_roots(void **state)
{
    (void)state;
    struct closed closed;
    struct sqz_level level[] = {
        {0.010, 1e6, 0, SQZ_UP}, {0.012, 1.5e6, 0, SQZ_UP}, {0.015, 2e6, 0, SQZ_UP}};
    struct sqz_outcome outcome = run_levels(level, 3, DEPTH_USD, 0.0125, &AT_ONCE, &closed);
    assert_int_equal(closed.event[0].generation, 0);
    assert_int_equal(closed.event[1].generation, 0);
    assert_int_equal(closed.event[2].generation, 1);
    assert_int_equal(outcome.cascades, 1);
    assert_true(outcome.largest_cascade_usd == 3e6);
}

/* Without descendants there is no cascade, whatever is closed. */
static void test_no_cascade(void **state)
{
    (void)state;
    struct closed closed;
    struct sqz_level level[] = {{0.010, 1e6, 0, SQZ_UP}, {0.02, 1.5e6, 0, SQZ_UP}};
    struct sqz_outcome outcome = run_levels(level, 2, DEPTH_USD, 0.0125, &AT_ONCE, &closed);
    assert_int_equal(outcome.liquidations[SQZ_UP], 1);
    assert_int_equal(outcome.cascades, 0);
    assert_int_equal(outcome.generations, 0);
    assert_true(outcome.largest_cascade_usd == 0.0);
}

/* With latency a descendant is touched when the parent's order is executed. */
static void test_latency_keeps_descent(void **state)
{
    (void)state;
    struct closed closed;
    struct sqz_execution execution = {.latency_s = 7.5};
    struct sqz_level level[] = {
        {0.010, 1e6, 0, SQZ_UP}, {0.0125, 1.5e6, 0, SQZ_UP}, {0.0165, 2e6, 0, SQZ_UP}};
    struct sqz_outcome outcome = run_levels(level, 3, DEPTH_USD, 0.0105, &execution, &closed);
    for (unsigned k = 0; k < 3; k++) {
        assert_int_equal(closed.event[k].generation, k);
        check_near("touch", closed.event[k].time_s, 100 + 7.5 * k, 1e-9);
    }
    assert_int_equal(outcome.generations, 2);
}

/* A large order that leaves in children reaches levels while they execute: all are its children. */
static void test_children_of_one_order(void **state)
{
    (void)state;
    struct closed closed;
    struct sqz_execution execution = {.usd_per_s = 1e5, .interval_s = 1.0};
    struct sqz_level level[] = {
        {0.010, 3e6, 0, SQZ_UP}, {0.0125, 1e5, 0, SQZ_UP}, {0.0165, 2e5, 0, SQZ_UP}};
    run_levels(level, 3, DEPTH_USD, 0.0105, &execution, &closed);
    assert_int_equal(closed.count, 3);
    assert_int_equal(closed.event[1].generation, 1);
    assert_int_equal(closed.event[2].generation, 1);
    assert_true(closed.event[2].time_s > closed.event[1].time_s);
}

/* ---- a slow book-keeper -------------------------------------------------------------------- */

enum { LEVELS = 60 };

struct slow {
    bool fired;
    int generation; /* -1: not within reach yet */
    int root;
    double family_usd;
};

/* Look through all levels after every order: who is within reach now and was not before? */
static void look(struct slow *slow, const struct sqz_level *level, double price, int parent)
{
    for (int i = 0; i < LEVELS; i++)
        if (slow[i].generation < 0 && level[i].distance_log <= price + SQZ_TOUCH_LOG) {
            slow[i].generation = parent < 0 ? 0 : slow[parent].generation + 1;
            slow[i].root = parent < 0 ? i : slow[parent].root;
        }
}

static double keep_books(struct slow *slow, const struct sqz_level *level, double depth_usd,
                         double jump, int *deepest)
{
    double eaten = 0.0, largest = 0.0;
    for (int i = 0; i < LEVELS; i++)
        slow[i] = (struct slow){.generation = -1};
    look(slow, level, jump, -1);
    for (;;) {
        int next = -1;
        for (int i = 0; i < LEVELS; i++)
            if (slow[i].generation >= 0 && !slow[i].fired &&
                (next < 0 || level[i].distance_log < level[next].distance_log))
                next = i;
        if (next < 0)
            break;
        slow[next].fired = true;
        slow[slow[next].root].family_usd += level[next].notional_usd;
        eaten += level[next].notional_usd;
        look(slow, level, jump + 0.01 * eaten / depth_usd, next);
    }
    *deepest = 0;
    for (int i = 0; i < LEVELS; i++)
        if (slow[i].generation > 0) {
            largest = fmax(largest, slow[slow[i].root].family_usd);
            *deepest = slow[i].generation > *deepest ? slow[i].generation : *deepest;
        }
    return largest;
}

static void test_against_the_slow_book_keeper(void **state)
{
    (void)state;
    struct sqz_stream stream;
    struct slow slow[LEVELS];
    struct closed closed;
    int cascades = 0;
    sqz_stream_open(&stream, 77, 0, 0);
    for (int run = 0; run < 300; run++) {
        struct sqz_level level[LEVELS];
        for (int i = 0; i < LEVELS; i++)
            level[i] = (struct sqz_level){.distance_log = 0.05 * sqz_stream_uniform(&stream),
                                          .notional_usd = 2e5 + 1e6 * sqz_stream_uniform(&stream),
                                          .side = SQZ_UP};
        double jump = 0.004 + 0.01 * sqz_stream_uniform(&stream), depth_usd = 12e6;
        int deepest;
        double largest = keep_books(slow, level, depth_usd, jump, &deepest);
        struct sqz_outcome outcome = run_levels(level, LEVELS, depth_usd, jump, &AT_ONCE, &closed);
        assert_int_equal(outcome.generations, deepest);
        check_near("largest", outcome.largest_cascade_usd, largest, 1e-6 * largest);
        cascades += deepest > 1;
    }
    assert_true(cascades > 50); /* the test saw some */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_chain),
        cmocka_unit_test(test_two_roots),
        cmocka_unit_test(test_no_cascade),
        cmocka_unit_test(test_latency_keeps_descent),
        cmocka_unit_test(test_children_of_one_order),
        cmocka_unit_test(test_against_the_slow_book_keeper),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
