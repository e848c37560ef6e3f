/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One world at one moment: cascades as least fixed points, order of firing, watches, records, and
 * the clearance that the walk relies on. */
#include "tests/support/support.h"

#include <math.h>
#include <string.h>

#include "sim/core/rng.h"
#include "sim/core/world.h"

/* What an observer saw. */
enum { LOG_MAX = 256 };
struct event_log {
    size_t count;
    struct sqz_event event[LOG_MAX];
};

static void keep_event(void *context, const struct sqz_event *event)
{
    struct event_log *log = context;
    assert_true(log->count < LOG_MAX);
    log->event[log->count++] = *event;
}

/* ---- cascades ------------------------------------------------------------------------------ */

enum { LEVELS = 60 };

/* Levels of both sides within 8 %, some at the same price. */
static void draw_levels(struct sqz_level *level, struct sqz_stream *stream)
{
    for (int i = 0; i < LEVELS; i++) {
        uint64_t bits = sqz_stream_u64(stream);
        level[i] = (struct sqz_level){.distance_log = 0.001 * (double)(1 + bits % 80),
                                      .notional_usd = 1e5 * (double)(1 + (bits >> 8) % 9),
                                      .side = (bits >> 16) % 2};
    }
}

static void shuffle(struct sqz_level *level, struct sqz_stream *stream)
{
    for (size_t i = LEVELS - 1; i > 0; i--) {
        size_t j = sqz_stream_u64(stream) % (i + 1);
        struct sqz_level held = level[i];
        level[i] = level[j];
        level[j] = held;
    }
}

/* Least fixed point of x = x0 + phi 0.01 F/depth + 0.01 ((1-phi) F/depth)^(1/shape) with
 * F = sum of the notionals of `side` within x: climb from F = 0, all levels at once. */
static double least_fixed_point(const struct sqz_level *level, enum sqz_side side, double shock,
                                double depth_usd, double shape, double phi, double *forced_usd)
{
    double x = fabs(shock), before = -1.0;
    while (x > before) {
        before = x;
        *forced_usd = 0.0;
        for (int i = 0; i < LEVELS; i++)
            if (level[i].side == side && level[i].distance_log <= x)
                *forced_usd += level[i].notional_usd;
        double eaten = *forced_usd / depth_usd;
        x = fabs(shock) + phi * 0.01 * eaten + 0.01 * pow((1 - phi) * eaten, 1 / shape);
    }
    return x;
}

static void cascade_from(struct test_world *test, struct sqz_world_state *now, double shock)
{
    memset(now, 0, sizeof *now); /* paddings too: states are compared byte by byte */
    sqz_cascade_reset(&test->world, now);
    sqz_market_jump(&now->market, shock);
    test_settle(&test->world, now, &(struct sqz_context){.index = 0, .time_s = 0.0, .log = NULL});
}

static void check_cascades(double depth_usd, double shape, uint64_t path)
{
    struct sqz_stream stream;
    int partial = 0;
    sqz_stream_open(&stream, 31, path, 0);
    for (int run = 0; run < 100; run++) {
        struct sqz_level level[LEVELS], first_rows[LEVELS], other_rows[LEVELS];
        struct test_world first, other;
        struct sqz_world_state now, again;
        double forced = 0.0, shock = 0.08 * (sqz_stream_uniform(&stream) - 0.5);
        enum sqz_side side = shock > 0 ? SQZ_UP : SQZ_DOWN;
        draw_levels(level, &stream);
        memcpy(first_rows, level, sizeof level);
        memcpy(other_rows, level, sizeof level);
        shuffle(other_rows, &stream);
        test_book_init(&first.book, depth_usd, shape, 0.25, 60);
        test_book_init(&other.book, depth_usd, shape, 0.25, 60);
        test_world_init(&first, first_rows, LEVELS, 0.0, 1000);
        test_world_init(&other, other_rows, LEVELS, 0.0, 1000);
        double x = least_fixed_point(level, side, shock, depth_usd, shape, 0.25, &forced);
        cascade_from(&first, &now, shock);
        cascade_from(&other, &again, shock);
        check_near("price", sqz_market_price_log(&now.market), sqz_direction(side) * x, 1e-10);
        check_near("forced", now.execution.forced_usd[side], forced, 1e-6);
        assert_true(now.execution.forced_usd[1 - side] == 0.0);
        assert_memory_equal(&now, &again, sizeof now);
        partial += forced > 0 && forced < first.ladder.side[side].total_usd;
        test_world_free(&first);
        test_world_free(&other);
    }
    assert_true(partial > 20); /* neither nothing nor everything fires as a rule */
}

static void test_cascade_is_least_fixed_point(void **state)
{
    (void)state;
    check_cascades(9e6, 1.0, 0);
    check_cascades(9e6, 2.0, 1);
    check_cascades(7e6, 0.67, 2);
}

/* Two levels of which each order alone carries the price to the next but for a hair. */
static void test_cascade_stops_short_of_a_gap(void **state)
{
    (void)state;
    for (int beyond = 0; beyond < 2; beyond++) {
        struct test_world test;
        struct sqz_world_state now;
        double reach = 0.02 + 0.01 * 4e6 / 10e6;
        struct sqz_level level[] = {{0.02, 4e6, 0, SQZ_UP},
                                    {reach + (beyond ? 1e-8 : -1e-8), 3e6, 0, SQZ_UP}};
        test_book_init(&test.book, 10e6, 1.0, 0.0, INFINITY);
        test_world_init(&test, level, 2, 0.0, 1000);
        cascade_from(&test, &now, 0.02);
        assert_int_equal(now.execution.liquidations[SQZ_UP], beyond ? 1 : 2);
        check_near("price", sqz_market_price_log(&now.market), beyond ? reach : reach + 0.003,
                   1e-15);
        test_world_free(&test);
    }
}

static void test_impact_off_forces_without_moving(void **state)
{
    (void)state;
    struct test_world test;
    struct sqz_world_state now;
    struct sqz_level level[] = {
        {0.011, 4e6, 0, SQZ_UP}, {0.013, 3e6, 0, SQZ_UP}, {0.014, 3e6, 0, SQZ_UP}};
    test_book_init(&test.book, 1e6, 1.0, 0.3, 60);
    test_world_init(&test, level, 3, 0.0, 1000);
    test.world.market.impact = false;
    cascade_from(&test, &now, 0.0135);
    assert_int_equal(now.execution.liquidations[SQZ_UP], 2);
    assert_true(now.execution.forced_usd[SQZ_UP] == 7e6);
    assert_true(sqz_market_price_log(&now.market) == 0.0135);
    sqz_market_order(&test.world.market, &now.market, 5e6); /* others' orders move it as ever */
    check_near("price", sqz_market_price_log(&now.market), 0.0635, 1e-15);
    test_world_free(&test);
}

/* Levels that are crossed at the start, of both sides: the least crossed goes first, whatever is
 * nearest when its turn comes. */
static void test_nearest_crossed_level_fires_first(void **state)
{
    (void)state;
    struct test_world test;
    struct sqz_world_state now;
    struct event_log log = {0};
    struct sqz_observer observer = {.context = &log, .event = keep_event};
    struct sqz_level level[] = {{-0.031, 1e5, 0, SQZ_UP},
                                {-0.012, 2e5, 0, SQZ_DOWN},
                                {-0.004, 4e5, 0, SQZ_UP},
                                {-0.025, 3e5, 0, SQZ_DOWN}};
    /* Outward order per side: shorts -0.031, -0.004; longs -0.025, -0.012. */
    test_book_init(&test.book, 1e9, 1.0, 0.0, INFINITY);
    test_world_init(&test, level, 4, 0.0, 1000);
    sqz_cascade_reset(&test.world, &now);
    sqz_cascade_run(&test.world, &now,
                    &(struct sqz_context){.index = 3, .time_s = 0.0, .log = &observer});
    assert_int_equal(log.count, 4);
    static const double EXPECTED[] = {3e5, 2e5, 1e5, 4e5};
    for (int i = 0; i < 4; i++) {
        assert_int_equal(log.event[i].kind, SQZ_EVENT_LIQUIDATION);
        assert_int_equal(log.event[i].world, 3);
        assert_true(log.event[i].notional_usd == EXPECTED[i]);
    }
    test_world_free(&test);
}

static void test_log_tells_fills(void **state)
{
    (void)state;
    struct test_world test;
    struct sqz_world_state now;
    struct event_log log = {0};
    struct sqz_observer observer = {.context = &log, .event = keep_event};
    struct sqz_level level[] = {{0.02, 4e6, 0, SQZ_DOWN}, {0.021, 6e6, 0, SQZ_DOWN}};
    test_book_init(&test.book, 16e6, 1.0, 0.25, INFINITY);
    test_world_init(&test, level, 2, 0.0, 1000);
    sqz_cascade_reset(&test.world, &now);
    now.market.exogenous_log = -0.0203;
    test_settle(&test.world, &now,
                &(struct sqz_context){.index = 0, .time_s = 17.5, .log = &observer});
    assert_int_equal(log.count, 2);
    check_near("first fill", log.event[0].fill_log, -0.0203 - 0.01 * 2e6 / 16e6, 1e-15);
    check_near("first end", log.event[0].displacement_log, -0.01 * 4e6 / 16e6, 1e-15);
    check_near("second fill", log.event[1].fill_log, -0.0203 - 0.01 * 7e6 / 16e6, 1e-15);
    assert_true(log.event[1].exogenous_log == -0.0203 && log.event[1].time_s == 17.5);
    assert_int_equal(log.event[1].side, SQZ_DOWN);
    test_world_free(&test);
}

static void test_unwanted_events_are_not_reported(void **state)
{
    (void)state;
    struct test_world test;
    struct sqz_world_state now;
    struct event_log log = {0};
    struct sqz_observer observer = {
        .context = &log, .event = keep_event, .unwanted = 1u << SQZ_EVENT_LIQUIDATION};
    struct sqz_level level[] = {{0.02, 4e6, 0, SQZ_UP}};
    test_book_init(&test.book, 16e6, 1.0, 0.25, INFINITY);
    test_world_init(&test, level, 1, 0.0, 1000);
    test.world.stops.watch_log[SQZ_TARGET] = 0.021;
    sqz_cascade_reset(&test.world, &now);
    now.market.exogenous_log = 0.02;
    test_settle(&test.world, &now,
                &(struct sqz_context){.index = 0, .time_s = 17.5, .log = &observer});
    assert_int_equal(now.execution.liquidations[SQZ_UP], 1);
    assert_int_equal(log.count, 1);
    assert_int_equal(log.event[0].kind, SQZ_EVENT_TARGET);
    test_world_free(&test);
}

/* ---- watches and records ------------------------------------------------------------------- */

static void move_to(struct test_world *test, struct sqz_world_state *now, double price_log,
                    double time_s)
{
    now->market.exogenous_log = price_log;
    test_settle(&test->world, now,
                &(struct sqz_context){.index = 0, .time_s = time_s, .log = NULL});
}

static void test_watches_keep_first_touch(void **state)
{
    (void)state;
    struct test_world test;
    struct sqz_world_state now;
    test_book_init(&test.book, 1e6, 1.0, 0.0, 60);
    test_world_init(&test, NULL, 0, 0.0, 1000);
    test.world.stops.watch_log[SQZ_TARGET] = 0.031;
    test.world.stops.watch_log[SQZ_FLOOR] = -0.017;
    sqz_cascade_reset(&test.world, &now);
    assert_true(now.stops.barrier[SQZ_UP] == 0.031 && now.stops.barrier[SQZ_DOWN] == 0.017);
    move_to(&test, &now, 0.0309, 11);
    assert_true(isnan(now.stops.touch_s[SQZ_TARGET]));
    move_to(&test, &now, 0.031 - 0.5 * SQZ_TOUCH_LOG, 12.5);
    assert_true(now.stops.touch_s[SQZ_TARGET] == 12.5);
    assert_true(now.stops.barrier[SQZ_UP] == INFINITY && now.stops.barrier[SQZ_DOWN] == 0.017);
    move_to(&test, &now, -0.02, 13.25);
    move_to(&test, &now, 0.05, 14);
    assert_true(now.stops.touch_s[SQZ_TARGET] == 12.5);
    assert_true(now.stops.touch_s[SQZ_FLOOR] == 13.25);
    test_world_free(&test);
}

/* Both watches on one side: a target and a floor may both lie above the price. */
static void test_two_watches_on_one_side(void **state)
{
    (void)state;
    for (int near = 0; near < SQZ_WATCHES; near++) {
        struct test_world test;
        struct sqz_world_state now;
        test_book_init(&test.book, 1e6, 1.0, 0.0, 60);
        test_world_init(&test, NULL, 0, 0.0, 1000);
        test.world.stops.watch_log[near] = 0.017;
        test.world.stops.watch_log[1 - near] = 0.031;
        sqz_cascade_reset(&test.world, &now);
        assert_true(now.stops.barrier[SQZ_UP] == 0.017 && now.stops.barrier[SQZ_DOWN] == INFINITY);
        move_to(&test, &now, 0.018, 2.5);
        assert_true(now.stops.touch_s[near] == 2.5);
        assert_true(isnan(now.stops.touch_s[1 - near]));
        assert_true(now.stops.barrier[SQZ_UP] == 0.031);
        test_world_free(&test);
    }
}

/* The next record worth recording lies beyond the present one, by no more than the step. */
static void check_record_barrier(const struct sqz_world_state *now, enum sqz_side side,
                                 double record_log, double step_log)
{
    assert_true(now->stops.barrier[side] > record_log + SQZ_TOUCH_LOG);
    assert_true(now->stops.barrier[side] <= record_log + step_log + 1e-15);
}

static void test_record_barriers(void **state)
{
    (void)state;
    struct test_world test;
    struct sqz_world_state now;
    struct sqz_level level[] = {{0.0123, 1.0, 0, SQZ_UP}};
    test_book_init(&test.book, 1e9, 1.0, 0.0, 60);
    test_world_init(&test, level, 1, 0.0, 1000);
    test.world.stops.record_step_log = 0.0025;
    sqz_cascade_reset(&test.world, &now);
    check_record_barrier(&now, SQZ_UP, 0.0, 0.0025);
    check_record_barrier(&now, SQZ_DOWN, 0.0, 0.0025);
    move_to(&test, &now, 0.0061, 1);
    check_record_barrier(&now, SQZ_UP, 0.0061, 0.0025);
    check_record_barrier(&now, SQZ_DOWN, 0.0, 0.0025);
    move_to(&test, &now, 0.012, 2);
    check_near("level before record", now.stops.barrier[SQZ_UP], 0.0123, 1e-15);
    move_to(&test, &now, -0.0026, 3);
    check_record_barrier(&now, SQZ_DOWN, 0.0026, 0.0025);
    check_near("up stays", now.stops.barrier[SQZ_UP], 0.0123, 1e-15);
    struct sqz_outcome outcome;
    sqz_path_outcome(&now, SQZ_STOP_HORIZON, &outcome);
    check_near("peak", outcome.peak_log, 0.012, 1e-15);
    check_near("trough", outcome.trough_log, -0.0026, 1e-15);
    check_near("final", outcome.final_log, -0.0026, 1e-15);
    test_world_free(&test);
}

/* ---- the walk's lower bound ---------------------------------------------------------------- */

/* The gap to the nearer barrier at `time_s` from now, the noise standing still. */
static double gap_at(const struct test_world *test, const struct sqz_world_state *now,
                     double time_s)
{
    double price = now->market.exogenous_log + now->market.book.permanent_log +
                   now->market.drift * time_s +
                   sqz_book_ahead(&test->book.book, &now->market.book, time_s);
    return fmin(now->stops.barrier[SQZ_UP] - price, now->stops.barrier[SQZ_DOWN] + price);
}

static void test_clearance_bounds_the_gap(void **state)
{
    (void)state;
    struct sqz_stream stream;
    sqz_stream_open(&stream, 32, 0, 0);
    for (int run = 0; run < 400; run++) {
        struct test_world test;
        struct sqz_world_state now;
        struct sqz_level level[] = {{0.09, 1e6, 0, SQZ_UP}, {0.07, 1e6, 0, SQZ_DOWN}};
        test_book_init_scales(&test.book, 20e6, 1.5, 0.2, (double[]){15, 300}, (double[]){0.6, 0.4},
                              2);
        test_world_init(&test, level, 2, 0.0, 1e6);
        test.world.market.drift_per_s = 1e-4 * (sqz_stream_uniform(&stream) - 0.5);
        sqz_cascade_reset(&test.world, &now);
        for (int i = 0; i < 3; i++) {
            sqz_market_order(&test.world.market, &now.market,
                             40e6 * (sqz_stream_uniform(&stream) - 0.5));
            sqz_market_advance(&test.world.market, &now.market, 40 * sqz_stream_uniform(&stream),
                               0.0);
        }
        double stretch = pow(10, 4 * sqz_stream_uniform(&stream) - 1);
        double clear =
            sqz_stops_clearance(&now.stops, &test.world.market, &now.market, stretch, false);
        assert_true(sqz_stops_clearance(&now.stops, &test.world.market, &now.market, stretch,
                                        true) <= clear + 1e-12);
        check_near("gap now",
                   sqz_stops_gap(&now.stops, &test.world.market, &now.market,
                                 sqz_market_price_log(&now.market)),
                   gap_at(&test, &now, 0.0), 1e-12);
        for (int i = 0; i <= 40; i++)
            assert_true(gap_at(&test, &now, stretch * i / 40) >= clear - 1e-9);
        test_world_free(&test);
    }
}

/* The same for the price that levels watch in a world apart. */
static double apart_gap_at(const struct test_world *test, const struct sqz_world_state *now,
                           double time_s)
{
    double rate = test->world.market.mark_rate;
    double trigger = now->market.exogenous_log + now->market.book.permanent_log +
                     now->market.drift * time_s + exp(-rate * time_s) * now->market.mark_log +
                     sqz_book_average(&test->book.book, &now->market.book, rate, time_s);
    double gap =
        fmin(now->stops.level_next[SQZ_UP] - trigger, now->stops.level_next[SQZ_DOWN] + trigger);
    return fmin(gap, gap_at(test, now, time_s));
}

/* Random states of a world whose levels watch the mark (or the index: every seventh), each with a
 * watched price and records near or far, so that either price may be the one that bounds. */
static void draw_apart_state(struct test_world *test, struct sqz_world_state *now,
                             struct sqz_stream *stream, int run)
{
    test->world.market.trigger = run % 7 == 0 ? SQZ_TRIGGER_INDEX : SQZ_TRIGGER_MARK;
    test->world.market.mark_rate = run % 7 == 0 ? 0.0 : pow(10, -3.5 * sqz_stream_uniform(stream));
    test->world.market.drift_per_s = 1e-4 * (sqz_stream_uniform(stream) - 0.5);
    test->world.stops.watch_log[SQZ_TARGET] = 0.03 + 0.1 * sqz_stream_uniform(stream);
    test->world.stops.record_step_log = run % 3 == 0 ? 0.02 : INFINITY;
    sqz_cascade_reset(&test->world, now);
    for (int i = 0; i < 3; i++) {
        sqz_market_order(&test->world.market, &now->market,
                         40e6 * (sqz_stream_uniform(stream) - 0.5));
        sqz_market_advance(&test->world.market, &now->market, 40 * sqz_stream_uniform(stream), 0.0);
    }
}

static void test_clearance_bounds_the_gap_apart(void **state)
{
    (void)state;
    struct sqz_stream stream;
    int by_trigger = 0, tight = 0;
    sqz_stream_open(&stream, 33, 0, 0);
    for (int run = 0; run < 600; run++) {
        static const double SHAPE[] = {0.67, 1.0, 2.0};
        struct test_world test;
        struct sqz_world_state now;
        struct sqz_level level[] = {{0.05, 1e6, 0, SQZ_UP}, {0.04, 1e6, 0, SQZ_DOWN}};
        test_book_init_scales(&test.book, 20e6, SHAPE[run % 3], 0.2, (double[]){15, 300},
                              (double[]){0.6, 0.4}, 2);
        test_world_init(&test, level, 2, 0.0, 1e6);
        draw_apart_state(&test, &now, &stream, run);
        double stretch = pow(10, 4 * sqz_stream_uniform(&stream) - 1), least = INFINITY;
        double clear =
            sqz_stops_clearance(&now.stops, &test.world.market, &now.market, stretch, false);
        assert_true(sqz_stops_clearance(&now.stops, &test.world.market, &now.market, stretch,
                                        true) <= clear + 1e-12);
        check_near("gap now",
                   sqz_stops_gap(&now.stops, &test.world.market, &now.market,
                                 sqz_market_price_log(&now.market)),
                   apart_gap_at(&test, &now, 0.0), 1e-12);
        for (int i = 0; i <= 60; i++) {
            double gap = apart_gap_at(&test, &now, stretch * i / 60);
            assert_true(gap >= clear - 1e-9);
            least = fmin(least, gap);
            by_trigger += gap < gap_at(&test, &now, stretch * i / 60);
        }
        tight += least - clear < 1e-3;
        test_world_free(&test);
    }
    assert_true(by_trigger > 3000 && tight > 150);
}

/* The bound is close over a short stretch, or the walk would never move on. */
static void test_clearance_is_tight_over_short_stretches(void **state)
{
    (void)state;
    struct test_world test;
    struct sqz_world_state now;
    struct sqz_level level[] = {{0.05, 1e6, 0, SQZ_UP}, {0.02, 1e6, 0, SQZ_DOWN}};
    test_book_init(&test.book, 20e6, 1.0, 0.2, 40);
    test_world_init(&test, level, 2, 0.0, 1e6);
    sqz_cascade_reset(&test.world, &now);
    sqz_market_order(&test.world.market, &now.market, 30e6);
    now.market.exogenous_log = -0.013;
    check_near("clearance",
               sqz_stops_clearance(&now.stops, &test.world.market, &now.market, 1e-9, false),
               sqz_stops_gap(&now.stops, &test.world.market, &now.market,
                             sqz_market_price_log(&now.market)),
               1e-12);
    test.world.market.trigger = SQZ_TRIGGER_MARK;
    test.world.market.mark_rate = 0.2;
    sqz_cascade_reset(&test.world, &now);
    sqz_market_order(&test.world.market, &now.market, 30e6);
    now.market.exogenous_log =
        0.0499 - now.market.book.permanent_log; /* the mark, at 0 still, is near a level */
    check_near("clearance apart",
               sqz_stops_clearance(&now.stops, &test.world.market, &now.market, 1e-9, false), 1e-4,
               1e-10);
    test_world_free(&test);
}

static void test_advance_adds_noise_drift_and_recovery(void **state)
{
    (void)state;
    struct test_world test;
    struct sqz_world_state now;
    test_book_init(&test.book, 20e6, 1.0, 0.2, 40);
    test_world_init(&test, NULL, 0, 0.0013, 1e6);
    test.world.market.drift_per_s = -2.5e-6;
    sqz_cascade_reset(&test.world, &now);
    sqz_market_order(&test.world.market, &now.market, 10e6);
    sqz_market_advance(&test.world.market, &now.market, 100, 3.7);
    check_near("S", now.market.exogenous_log, 0.0013 * 3.7 - 2.5e-4, 1e-16);
    check_near("P", now.market.book.permanent_log, 0.2 * 0.005, 1e-16);
    check_near("D", now.market.book.displacement_log, 0.8 * 0.005 * pow(0.5, 2.5), 1e-16);
    test_world_free(&test);
}

static void test_drivers_combine(void **state)
{
    (void)state;
    struct test_world test;
    struct sqz_world_state now;
    const struct test_impulse idle = {INFINITY, 0, 0};
    const struct sqz_driver_effect first = {
        .volatility_multiplier = 2.5, .depth_multiplier = 1.0, .drift_per_s = -7e-6};
    const struct sqz_driver_effect second = {.volatility_multiplier = 0.6,
                                             .depth_multiplier = 0.35};
    test_book_init(&test.book, 20e6, 1.0, 0.2, 40);
    test_world_init(&test, NULL, 0, 0.0013, 1e6);
    test.world.market.drift_per_s = 1e-6;
    test_world_add_impulse(&test, &idle);
    test_world_add_impulse(&test, &idle);
    sqz_cascade_reset(&test.world, &now);
    assert_true(sqz_market_drive(&test.world.market, &now.market, 0, &first));
    assert_true(sqz_market_drive(&test.world.market, &now.market, 1, &second));
    assert_false(sqz_market_drive(&test.world.market, &now.market, 1, &second));
    check_near("volatility", now.market.volatility, 0.0013 * 1.5, 1e-18);
    check_near("depth", now.market.depth_multiplier, 0.35, 1e-16);
    check_near("drift", now.market.drift, -6e-6, 1e-20);
    sqz_market_order(&test.world.market, &now.market, 3.5e6);
    check_near("D in the thinner book", now.market.book.displacement_log, 0.8 * 0.005, 1e-16);
    test_world_free(&test);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cascade_is_least_fixed_point),
        cmocka_unit_test(test_cascade_stops_short_of_a_gap),
        cmocka_unit_test(test_impact_off_forces_without_moving),
        cmocka_unit_test(test_nearest_crossed_level_fires_first),
        cmocka_unit_test(test_log_tells_fills),
        cmocka_unit_test(test_unwanted_events_are_not_reported),
        cmocka_unit_test(test_watches_keep_first_touch),
        cmocka_unit_test(test_two_watches_on_one_side),
        cmocka_unit_test(test_record_barriers),
        cmocka_unit_test(test_clearance_bounds_the_gap),
        cmocka_unit_test(test_clearance_bounds_the_gap_apart),
        cmocka_unit_test(test_clearance_is_tight_over_short_stretches),
        cmocka_unit_test(test_advance_adds_noise_drift_and_recovery),
        cmocka_unit_test(test_drivers_combine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
