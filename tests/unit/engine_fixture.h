/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Worlds and logs that the tests of the engine share. */
#ifndef SQZ_TESTS_UNIT_ENGINE_FIXTURE_H
#define SQZ_TESTS_UNIT_ENGINE_FIXTURE_H

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/support.h"

/* ---- observers and comparisons ------------------------------------------------------------- */

enum { LOG_MAX = 4096 };
struct event_log {
    size_t count;
    struct sqz_event event[LOG_MAX];
};

static inline void keep_event(void *context, const struct sqz_event *event)
{
    struct event_log *log = context;
    assert_true(log->count < LOG_MAX);
    log->event[log->count++] = *event;
}

/* The events of one kind, in order; returns how many there are. */
static inline size_t select_events(const struct event_log *log, enum sqz_event_kind kind,
                                   const struct sqz_event **selected, size_t room)
{
    size_t count = 0;
    for (size_t i = 0; i < log->count; i++)
        if (log->event[i].kind == kind) {
            assert_true(count < room);
            selected[count++] = &log->event[i];
        }
    return count;
}

static inline void check_same_bits(const char *what, double a, double b)
{
    if (memcmp(&a, &b, sizeof a) != 0)
        fail_msg("%s: %a and %a differ", what, a, b);
}

static inline void check_same_outcome(const struct sqz_outcome *a, const struct sqz_outcome *b)
{
    check_same_bits("final", a->final_log, b->final_log);
    check_same_bits("peak", a->peak_log, b->peak_log);
    check_same_bits("trough", a->trough_log, b->trough_log);
    for (int i = 0; i < 2; i++) {
        check_same_bits("forced", a->forced_usd[i], b->forced_usd[i]);
        check_same_bits("touch", a->touch_s[i], b->touch_s[i]);
        assert_int_equal(a->liquidations[i], b->liquidations[i]);
    }
    assert_int_equal(a->exhausted, b->exhausted);
    assert_int_equal(a->stop, b->stop);
}

/* ---- worlds -------------------------------------------------------------------------------- */

static const double DAY_S = 86400;

/* No levels, a deep book: a bare walk. */
static inline void init_bare(struct test_world *test, double volatility, double horizon_s)
{
    test_book_init(&test->book, 20e6, 1.0, 0.2, 60);
    test_world_init(test, NULL, 0, volatility, horizon_s);
}

/* A day in a market with two dozen levels a side, recovering books and both watches. */
static inline void init_busy(struct test_world *test)
{
    struct sqz_level level[48];
    for (int i = 0; i < 48; i++)
        level[i] = (struct sqz_level){.distance_log = 0.004 + 0.0017 * (i / 2),
                                      .notional_usd = 1.1e6 + 1e5 * (i * 7 % 13),
                                      .side = (unsigned char)(i % 2)};
    test_book_init_scales(&test->book, 14.2e6, 1.4, 0.2, (double[]){20, 900}, (double[]){0.7, 0.3},
                          2);
    test_world_init(test, level, 48, 0.03 / sqrt(DAY_S), DAY_S);
    test->world.market.drift_per_s = 0.004 / DAY_S;
    test->world.stops.watch_log[SQZ_TARGET] = 0.03;
    test->world.stops.watch_log[SQZ_FLOOR] = -0.035;
    test->world.stops.record_step_log = 0.0025;
}

static inline void run_logged(struct test_engine *test, uint64_t path, struct event_log *log)
{
    struct sqz_observer observer = {.context = log, .event = keep_event};
    log->count = 0;
    sqz_engine_run(&test->engine, 42, path, &observer);
}

/* Run one world alone with a log. */
static inline void run_alone(const struct test_world *world, struct event_log *log,
                             struct sqz_outcome *outcome)
{
    static struct test_engine test;
    test_engine_init(&test, (const struct sqz_world *[]){&world->world}, 1);
    run_logged(&test, 0, log);
    *outcome = *sqz_engine_outcome(&test.engine, 0);
    test_engine_free(&test);
}

/* No noise: levels at known distances, jumps that reach them at known times. */
static inline void quiet_world(struct test_world *test, struct sqz_level *level, size_t count,
                               struct sqz_execution execution)
{
    test_book_init(&test->book, 20e6, 1.0, 0.2, 60);
    test_world_init(test, level, count, 0.0, 1000);
    test->world.execution = execution;
}

#endif
