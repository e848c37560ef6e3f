/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The log of a path, and what thinning it may and may not change. */
#include "tests/support/support.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "sim/core/rng.h"
#include "sim/io/event_log.h"

static const double HORIZON_S = 86400;
enum { EVENTS = 20011, BINS = 1440 };

/* A path of a day on which things happen in bursts, with a jump of a tenth. */
static void draw(struct sqz_event_log *log, size_t events)
{
    static const enum sqz_event_kind KINDS[] = {SQZ_EVENT_OUTPUT, SQZ_EVENT_LIQUIDATION,
                                                SQZ_EVENT_LIQUIDATION, SQZ_EVENT_FILL,
                                                SQZ_EVENT_DELEVERAGE};
    struct sqz_stream stream;
    struct sqz_event event = {.kind = SQZ_EVENT_START, .fill_log = NAN};
    sqz_stream_open(&stream, 731, 4, 0);
    sqz_event_log_add(log, &event);
    for (size_t i = 1; i + 1 < events; i++) {
        event.kind = KINDS[i % 5];
        /* What follows in a burst comes soon and moves little; in some one of the two. */
        static const double BURST_S[] = {0.01, 0.01, 1.3}, BURST_LOG[] = {1e-6, 1.7e-3, 1e-6};
        bool burst = i % 37 != 0;
        double most_s = burst ? BURST_S[i / 37 % 3] : 24 * HORIZON_S / (double)events;
        double most_log = burst ? BURST_LOG[i / 37 % 3] : 4e-3;
        event.time_s += most_s * sqz_stream_uniform(&stream);
        event.exogenous_log += most_log * (sqz_stream_uniform(&stream) - 0.5);
        event.exogenous_log += i == events / 3 ? -0.1 : 0.0;
        event.displacement_log = 0.013 * sin(event.time_s / 4700);
        event.side = sqz_stream_uniform(&stream) < 0.3 ? SQZ_BUY : SQZ_SELL;
        event.notional_usd = 1e4 * sqz_stream_uniform(&stream);
        event.fill_log = i % 5 == 2 ? NAN : event.exogenous_log - 1e-5;
        event.generation = i == events / 4 ? 71 : (int)(i % 23) - 1;
        sqz_event_log_add(log, &event);
        if (i == events / 2) {
            event.kind = SQZ_EVENT_FLOOR;
            sqz_event_log_add(log, &event);
            event.kind = SQZ_EVENT_JUMP;
            sqz_event_log_add(log, &event);
            sqz_event_log_add(log, &event);
        }
    }
    event.kind = SQZ_EVENT_HORIZON;
    event.time_s = HORIZON_S;
    sqz_event_log_add(log, &event);
    assert_int_equal(log->error, SQZ_OK);
}

static struct sqz_event_log copy_of(const struct sqz_event_log *log)
{
    struct sqz_event_log copy = {0};
    for (size_t i = 0; i < log->count; i++)
        sqz_event_log_add(&copy, &log->event[i]);
    return copy;
}

struct thinned {
    struct sqz_event_log before, after;
};

static int setup(void **state)
{
    struct thinned *thinned = calloc(1, sizeof *thinned);
    if (thinned == NULL)
        return -1;
    draw(&thinned->before, EVENTS);
    thinned->after = copy_of(&thinned->before);
    sqz_event_log_thin(&thinned->after, HORIZON_S, NULL);
    *state = thinned;
    return 0;
}

static int teardown(void **state)
{
    struct thinned *thinned = *state;
    sqz_event_log_free(&thinned->before);
    sqz_event_log_free(&thinned->after);
    free(thinned);
    return 0;
}

static void test_world(void **state)
{
    struct sqz_event_log log = {.world = 3};
    (void)state;
    for (unsigned world = 0; world < 5; world++) {
        struct sqz_event event = {.kind = SQZ_EVENT_OUTPUT, .world = world, .time_s = 0.7 + world};
        sqz_event_log_add(&log, &event);
    }
    assert_int_equal(log.count, 1);
    assert_true(log.event[0].time_s == 3.7);
    assert_int_equal(sqz_event_log_count(&log, SQZ_EVENT_OUTPUT), 1);
    assert_int_equal(sqz_event_log_count(&log, SQZ_EVENT_FILL), 0);
    sqz_event_log_free(&log);
}

/* Up to the limit nothing is touched; one event more and the log is thinned. */
static void test_short(void **state)
{
    (void)state;
    for (size_t more = 0; more < 2; more++) {
        struct sqz_event_log log = {0};
        draw(&log, SQZ_EVENTS_WHOLE - 3 + more); /* and floor and jumps */
        struct sqz_event_log copy = copy_of(&log);
        sqz_event_log_thin(&log, HORIZON_S, NULL);
        if (more == 0) {
            assert_int_equal(log.count, SQZ_EVENTS_WHOLE);
            assert_memory_equal(log.event, copy.event, copy.count * sizeof *copy.event);
        } else {
            assert_true(log.count < copy.count);
        }
        sqz_event_log_free(&log);
        sqz_event_log_free(&copy);
    }
}

/* What each minute trades, by kind and side; times fills where `filled`. */
static void add_up(const struct sqz_event_log *log, enum sqz_event_kind kind, enum sqz_side side,
                   bool filled, double usd[BINS])
{
    memset(usd, 0, BINS * sizeof *usd);
    for (size_t i = 0; i < log->count; i++) {
        const struct sqz_event *event = &log->event[i];
        if (event->kind == kind && sqz_moved_side(event->side) == side &&
            !isnan(event->fill_log) == filled)
            usd[(int)(event->time_s / 60)] +=
                event->notional_usd * (filled ? exp(event->fill_log) : 1.0);
    }
}

static void test_sums(void **state)
{
    const struct thinned *thinned = *state;
    static const enum sqz_event_kind KINDS[] = {SQZ_EVENT_LIQUIDATION, SQZ_EVENT_FILL,
                                                SQZ_EVENT_DELEVERAGE};
    static double before[BINS], after[BINS];
    for (size_t k = 0; k < sizeof KINDS / sizeof KINDS[0]; k++)
        for (int side = 0; side < 2; side++)
            for (int filled = 0; filled < 2; filled++) {
                add_up(&thinned->before, KINDS[k], side, filled, before);
                add_up(&thinned->after, KINDS[k], side, filled, after);
                for (int bin = 0; bin < BINS; bin++)
                    check_near("USD in a minute", after[bin], before[bin], 1e-12 * before[bin]);
            }
}

static int deepest(const struct sqz_event_log *log)
{
    int generation = -1;
    for (size_t i = 0; i < log->count; i++)
        if (log->event[i].generation > generation)
            generation = log->event[i].generation;
    return generation;
}

static double line_of(const struct sqz_event *event, int line)
{
    return (line != 1) * event->exogenous_log + (line != 0) * event->displacement_log;
}

static void range_of(const struct sqz_event_log *log, int line, double range[2])
{
    range[0] = INFINITY;
    range[1] = -INFINITY;
    for (size_t i = 0; i < log->count; i++) {
        range[0] = fmin(range[0], line_of(&log->event[i], line));
        range[1] = fmax(range[1], line_of(&log->event[i], line));
    }
}

static void test_marks(void **state)
{
    const struct thinned *thinned = *state;
    const struct sqz_event_log *before = &thinned->before, *after = &thinned->after;
    static const enum sqz_event_kind ALONE[] = {SQZ_EVENT_START, SQZ_EVENT_FLOOR, SQZ_EVENT_JUMP,
                                                SQZ_EVENT_HORIZON};
    for (int line = 0; line < 3; line++) {
        double whole[2], thin[2];
        range_of(before, line, whole);
        range_of(after, line, thin);
        assert_true(whole[0] == thin[0] && whole[1] == thin[1]);
    }
    for (size_t k = 0; k < sizeof ALONE / sizeof ALONE[0]; k++)
        assert_int_equal(sqz_event_log_count(after, ALONE[k]),
                         sqz_event_log_count(before, ALONE[k]));
    assert_int_equal(deepest(after), deepest(before));
    assert_true(4 * after->count < 3 * before->count);
    for (size_t i = 1; i < after->count; i++)
        assert_true(after->event[i - 1].time_s <= after->event[i].time_s);
    assert_memory_equal(&after->event[after->count - 1], &before->event[before->count - 1],
                        sizeof *after->event);
}

/* Whatever happened is on paper within a hair: the paper is 10,000 hairs wide, each line 500 high.
 */
static void test_near(void **state)
{
    const struct thinned *thinned = *state;
    const struct sqz_event_log *before = &thinned->before, *after = &thinned->after;
    double hair[3], range[2];
    size_t at = 0;
    for (int line = 0; line < 3; line++) {
        range_of(before, line, range);
        hair[line] = 2 * (range[1] - range[0]) / 500; /* either side of the first of a group */
    }
    for (size_t i = 0; i < before->count; i++) {
        const struct sqz_event *event = &before->event[i];
        bool seen = false;
        while (after->event[at].time_s < event->time_s - HORIZON_S / 1e4)
            at++;
        for (size_t j = at;
             !seen && j < after->count && after->event[j].time_s <= event->time_s + HORIZON_S / 1e4;
             j++) {
            const struct sqz_event *kept = &after->event[j];
            seen = kept->kind == event->kind;
            for (int line = 0; line < 3; line++)
                seen = seen && fabs(line_of(kept, line) - line_of(event, line)) <= hair[line];
        }
        if (!seen)
            fail_msg("event %zu at %g s is not shown", i, event->time_s);
    }
}

/* ---- cascades ------------------------------------------------------------------------------ */

static void happen(struct sqz_event_log *log, enum sqz_event_kind kind, double time_s, double usd,
                   int generation, uint64_t family)
{
    struct sqz_event event = {.kind = kind,
                              .time_s = time_s,
                              .notional_usd = usd,
                              .generation = generation,
                              .family = family};
    sqz_event_log_add(log, &event);
}

/* A family without a descendant is no cascade, however large; orders count by their notional once,
 * when they are liquidations; the last of their fills ends a cascade. */
static void test_largest_cascade(void **state)
{
    (void)state;
    struct sqz_event_log log = {0};
    struct sqz_cascade cascade;
    happen(&log, SQZ_EVENT_OUTPUT, 0, 0, 0, 0);
    happen(&log, SQZ_EVENT_LIQUIDATION, 1, 900, 0, 6);
    happen(&log, SQZ_EVENT_LIQUIDATION, 2, 100, -1, 0);
    assert_int_equal(sqz_event_log_largest_cascade(&log, &cascade), SQZ_OK);
    assert_int_equal(cascade.liquidations, 0);
    happen(&log, SQZ_EVENT_LIQUIDATION, 3, 10, 0, 4);
    happen(&log, SQZ_EVENT_LIQUIDATION, 3, 20, 0, 2);
    happen(&log, SQZ_EVENT_LIQUIDATION, 4, 30, 1, 4);
    happen(&log, SQZ_EVENT_LIQUIDATION, 5, 20, 1, 2);
    happen(&log, SQZ_EVENT_FILL, 6, 500, 1, 2);
    happen(&log, SQZ_EVENT_FILL, 7, 30, 1, 4);
    happen(&log, SQZ_EVENT_LIQUIDATION, 8, 40, 2, 4);
    happen(&log, SQZ_EVENT_FILL, 9, 40, 2, 4);
    happen(&log, SQZ_EVENT_DELEVERAGE, 10, 1e9, -1, 4);
    happen(&log, SQZ_EVENT_LIQUIDATION, 11, 40, 0, 8);
    happen(&log, SQZ_EVENT_LIQUIDATION, 11, 40, 1, 8); /* as large, and later */
    assert_int_equal(sqz_event_log_largest_cascade(&log, &cascade), SQZ_OK);
    assert_int_equal(cascade.liquidations, 3);
    assert_int_equal(cascade.generations, 2);
    assert_true(cascade.forced_usd == 80 && cascade.begin_s == 3 && cascade.end_s == 9);
    sqz_event_log_free(&log);
}

static size_t count_between(const struct sqz_event_log *log, double from_s, double to_s)
{
    size_t count = 0;
    for (size_t i = 0; i < log->count; i++)
        count += log->event[i].time_s >= from_s && log->event[i].time_s <= to_s;
    return count;
}

/* Around a cascade the events of a long log stay as they are. */
static void test_cascade_is_spared(void **state)
{
    (void)state;
    struct sqz_event_log log = {0};
    draw(&log, EVENTS);
    struct sqz_event_log plain = copy_of(&log);
    double begin_s = log.event[log.count / 2].time_s, end_s = begin_s + 400;
    struct sqz_cascade cascade = {.begin_s = begin_s, .end_s = end_s, .liquidations = 1};
    size_t before = count_between(&log, begin_s - 400, end_s + 800), all = log.count;
    sqz_event_log_thin(&log, HORIZON_S, &cascade);
    sqz_event_log_thin(&plain, HORIZON_S, NULL);
    assert_int_equal(count_between(&log, begin_s - 400, end_s + 800), before);
    assert_true(count_between(&plain, begin_s - 400, end_s + 800) < before);
    assert_true(log.count < all);
    sqz_event_log_free(&log);
    sqz_event_log_free(&plain);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_world),
        cmocka_unit_test(test_short),
        cmocka_unit_test_setup_teardown(test_sums, setup, teardown),
        cmocka_unit_test_setup_teardown(test_marks, setup, teardown),
        cmocka_unit_test_setup_teardown(test_near, setup, teardown),
        cmocka_unit_test(test_largest_cascade),
        cmocka_unit_test(test_cascade_is_spared),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
