/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The walk of one world: deterministic limits, scheduled events, laws, limits. */
#include "tests/unit/engine_fixture.h"

#include <errno.h>

/* ---- counting allocations ------------------------------------------------------------------ */

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { COUNTING = 0 };
static const size_t allocations = 0;
#else
enum { COUNTING = 1 };
static size_t allocations;

/* glibc's own names; these take the place of its malloc in this program. */
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *block, size_t size);

void *malloc(size_t size)
{
    allocations++;
    return __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    allocations++;
    return __libc_calloc(count, size);
}

void *realloc(void *block, size_t size)
{
    allocations++;
    return __libc_realloc(block, size);
}
#endif

/* ---- no volatility: paths known by hand ---------------------------------------------------- */

/* Levels count as touched from 1e-10 away. */
static void check_time(const char *what, double time_s, double expected_s, double speed_per_s)
{
    check_near(what, time_s, expected_s, 1.01 * SQZ_TOUCH_LOG / speed_per_s + 1e-9 * expected_s);
    assert_true(time_s <= expected_s * (1 + 1e-12));
}

static void check_drift_hits(double drift_per_s, enum sqz_side side)
{
    struct test_world test;
    struct event_log log;
    struct sqz_outcome outcome;
    const struct sqz_event *fired[2];
    struct sqz_level level[] = {{0.0137, 1e6, 0, side}, {0.0251, 2e6, 0, side}};
    double speed = fabs(drift_per_s);
    init_bare(&test, 0.0, 1000);
    test_world_free(&test);
    test_world_init(&test, level, 2, 0.0, 1000);
    test.world.market.drift_per_s = drift_per_s;
    test.world.market.impact = false;
    run_alone(&test, &log, &outcome);
    assert_int_equal(select_events(&log, SQZ_EVENT_LIQUIDATION, fired, 2), 2);
    check_time("first", fired[0]->time_s, 0.0137 / speed, speed);
    check_time("second", fired[1]->time_s, 0.0251 / speed, speed);
    assert_int_equal(fired[0]->side, side);
    check_near("final", outcome.final_log, 1000 * drift_per_s, 1e-12);
    check_near("peak", outcome.peak_log, drift_per_s > 0 ? 1000 * drift_per_s : 0.0, 1e-12);
    check_near("trough", outcome.trough_log, drift_per_s > 0 ? 0.0 : 1000 * drift_per_s, 1e-12);
    test_world_free(&test);
}

static void test_drift_hits_levels_on_time(void **state)
{
    (void)state;
    check_drift_hits(3.7e-5, SQZ_UP);
    check_drift_hits(-3.7e-5, SQZ_DOWN);
}

/* A shock that an order holds up for a while: X = -0.008 + 0.01 2^(-t/60) falls through -0.005 when
 * 2^(-t/60) = 0.3. The mirror image rises. */
static void test_decay_hits_level_on_time(void **state)
{
    (void)state;
    for (int sign = -1; sign <= 1; sign += 2) {
        struct test_world test;
        struct event_log log;
        struct sqz_outcome outcome;
        const struct sqz_event *fired[1];
        const struct test_impulse impulse = {123.5, sign * -0.008, sign * 14.2e6};
        enum sqz_side side = sign > 0 ? SQZ_DOWN : SQZ_UP;
        struct sqz_level level[] = {{0.005, 1e6, 0, side}};
        test_book_init(&test.book, 14.2e6, 1.0, 0.0, 60);
        test_world_init(&test, level, 1, 0.0, 1000);
        test_world_add_impulse(&test, &impulse);
        run_alone(&test, &log, &outcome);
        assert_int_equal(select_events(&log, SQZ_EVENT_LIQUIDATION, fired, 1), 1);
        double after = 60 * log2(1 / 0.3);
        check_time("hit", fired[0]->time_s, 123.5 + after, 0.003 * M_LN2 / 60);
        check_near("peak or trough", sign > 0 ? outcome.peak_log : -outcome.trough_log, 0.002,
                   1e-12);
        test_world_free(&test);
    }
}

/* Decay and drift against each other: X = 0.01 2^(-t/60) - 0.008 + 2e-5 t turns at its minimum and
 * comes back up, so a level just below the minimum must not fire. */
static void test_turning_path_respects_minimum(void **state)
{
    (void)state;
    double turn = 60 * log2(0.01 * M_LN2 / 60 / 2e-5);
    double least = 0.01 * exp2(-turn / 60) - 0.008 + 2e-5 * turn;
    assert_true(turn > 10 && least < -0.001);
    for (int below = 0; below < 2; below++) {
        struct test_world test;
        struct event_log log;
        struct sqz_outcome outcome;
        const struct test_impulse impulse = {0.0, -0.008, 14.2e6};
        struct sqz_level level[] = {{-least + (below ? 1e-7 : -1e-7), 1.0, 0, SQZ_DOWN}};
        test_book_init(&test.book, 14.2e6, 1.0, 0.0, 60);
        test_world_init(&test, level, 1, 0.0, 500);
        test.world.market.drift_per_s = 2e-5;
        test_world_add_impulse(&test, &impulse);
        run_alone(&test, &log, &outcome);
        assert_int_equal(outcome.liquidations[SQZ_DOWN], below ? 0 : 1);
        check_near("final", outcome.final_log, 0.01 * exp2(-500.0 / 60) - 0.008 + 2e-5 * 500, 1e-9);
        test_world_free(&test);
    }
}

static void test_crossed_levels_fire_at_time_zero(void **state)
{
    (void)state;
    struct test_world test;
    struct event_log log;
    struct sqz_outcome outcome;
    const struct sqz_event *fired[3];
    struct sqz_level level[] = {{-0.03, 1e5, 0, SQZ_UP},
                                {-0.01, 2e5, 0, SQZ_DOWN},
                                {0.04, 8e5, 0, SQZ_UP},
                                {-0.02, 4e5, 0, SQZ_DOWN}};
    test_book_init(&test.book, 1e9, 1.0, 0.0, INFINITY);
    test_world_init(&test, level, 4, 0.0, 1000);
    run_alone(&test, &log, &outcome);
    assert_int_equal(select_events(&log, SQZ_EVENT_LIQUIDATION, fired, 3), 3);
    assert_int_equal(log.event[0].kind, SQZ_EVENT_START);
    for (int i = 0; i < 3; i++)
        assert_true(fired[i]->time_s == 0.0);
    /* Outward, the longs lie at -0.02 and -0.01; the frontier of a side is its innermost level. */
    assert_true(fired[0]->notional_usd == 4e5 && fired[1]->notional_usd == 2e5);
    assert_true(outcome.liquidations[SQZ_UP] == 1 && outcome.forced_usd[SQZ_DOWN] == 6e5);
    test_world_free(&test);
}

static void test_watches_are_touched_on_time(void **state)
{
    (void)state;
    struct test_world test;
    struct event_log log;
    struct sqz_outcome outcome;
    const struct sqz_event *seen[1];
    const struct test_impulse back = {700, -0.05, 0};
    init_bare(&test, 0.0, 1000);
    test.world.market.drift_per_s = 3.7e-5;
    test.world.stops.watch_log[SQZ_TARGET] = 0.0211;
    test.world.stops.watch_log[SQZ_FLOOR] = -0.0193;
    test_world_add_impulse(&test, &back);
    run_alone(&test, &log, &outcome);
    check_time("target", outcome.touch_s[SQZ_TARGET], 0.0211 / 3.7e-5, 3.7e-5);
    assert_true(outcome.touch_s[SQZ_FLOOR] == 700);
    assert_int_equal(select_events(&log, SQZ_EVENT_TARGET, seen, 1), 1);
    check_same_bits("target event", seen[0]->time_s, outcome.touch_s[SQZ_TARGET]);
    assert_int_equal(select_events(&log, SQZ_EVENT_FLOOR, seen, 1), 1);
    test_world_free(&test);
}

static void test_impulse_comes_at_its_time(void **state)
{
    (void)state;
    static const double OUTPUT_S[] = {251.2, 251.3, 251.4, 311.3};
    static struct test_engine engine;
    struct test_world test;
    struct event_log log;
    const struct sqz_event *seen[4];
    const struct test_impulse impulse = {251.3, 0.0123, -5.5e6};
    init_bare(&test, 0.0, 1000);
    test_world_add_impulse(&test, &impulse);
    test_engine_init_outputs(&engine, (const struct sqz_world *[]){&test.world}, 1, OUTPUT_S, 4);
    run_logged(&engine, 0, &log);
    assert_int_equal(select_events(&log, SQZ_EVENT_OUTPUT, seen, 4), 4);
    double permanent = -0.2 * 0.01 * 5.5 / 20, transient = -0.8 * 0.01 * 5.5 / 20;
    assert_true(seen[0]->exogenous_log == 0.0 && seen[0]->displacement_log == 0.0);
    check_near("jump", seen[1]->exogenous_log, 0.0123, 1e-16);
    check_near("order", seen[1]->displacement_log, permanent + transient, 1e-15);
    check_near("a little later", seen[2]->displacement_log, permanent + transient * exp2(-0.1 / 60),
               1e-12);
    check_near("a half-life later", seen[3]->displacement_log, permanent + transient / 2, 1e-12);
    test_engine_free(&engine);
    test_world_free(&test);
}

static void test_outputs_follow_the_drift(void **state)
{
    (void)state;
    static const double OUTPUT_S[] = {0, 12.5, 333, 1000};
    static struct test_engine engine;
    struct test_world test;
    struct event_log log;
    const struct sqz_event *seen[4];
    init_bare(&test, 0.0, 1000);
    test.world.market.drift_per_s = -3.7e-5;
    test_engine_init_outputs(&engine, (const struct sqz_world *[]){&test.world}, 1, OUTPUT_S, 4);
    run_logged(&engine, 0, &log);
    assert_int_equal(select_events(&log, SQZ_EVENT_OUTPUT, seen, 4), 4);
    for (int i = 0; i < 4; i++)
        check_near("price", seen[i]->exogenous_log, -3.7e-5 * OUTPUT_S[i], 1e-15);
    test_engine_free(&engine);
    test_world_free(&test);
}

/* What a driver does at the very end still counts. */
static void test_impulse_at_the_horizon_counts(void **state)
{
    (void)state;
    struct test_world test;
    struct event_log log;
    struct sqz_outcome outcome;
    const struct test_impulse impulse = {1000, 0.0123, 0};
    struct sqz_level level[] = {{0.0121, 1e6, 0, SQZ_UP}};
    test_book_init(&test.book, 20e6, 1.0, 0.2, 60);
    test_world_init(&test, level, 1, 0.0, 1000);
    test_world_add_impulse(&test, &impulse);
    run_alone(&test, &log, &outcome);
    check_near("final", outcome.final_log, 0.0123 + 0.01 / 20, 1e-15);
    assert_int_equal(outcome.liquidations[SQZ_UP], 1);
    test_world_free(&test);
}

/* And what it would do after the end does not. */
static void test_world_past_its_horizon_is_left_alone(void **state)
{
    (void)state;
    static struct test_engine engine;
    struct test_world brief, full;
    struct event_log log;
    const struct test_impulse impulse = {150, 0.02, 1e6};
    struct sqz_level level[] = {{0.01, 1e6, 0, SQZ_UP}};
    test_book_init(&brief.book, 20e6, 1.0, 0.2, 60);
    test_world_init(&brief, level, 1, 0.0, 100);
    test_world_add_impulse(&brief, &impulse);
    init_bare(&full, 0.0, 200);
    test_engine_init(&engine, (const struct sqz_world *[]){&brief.world, &full.world}, 2);
    run_logged(&engine, 0, &log);
    for (size_t i = 0; i < log.count; i++)
        assert_true(log.event[i].world == 1 || log.event[i].time_s <= 100);
    assert_int_equal(sqz_engine_outcome(&engine.engine, 0)->liquidations[SQZ_UP], 0);
    assert_true(sqz_engine_outcome(&engine.engine, 0)->final_log == 0.0);
    test_engine_free(&engine);
    test_world_free(&brief);
    test_world_free(&full);
}

/* ---- laws of the walk ---------------------------------------------------------------------- */

static void test_final_price_has_mean_and_variance(void **state)
{
    (void)state;
    static struct test_engine engine;
    struct test_world test;
    struct sqz_mean final = {0}, square = {0};
    init_busy(&test);
    test.world.market.impact = false;
    test.world.market.drift_per_s = -0.011 / DAY_S;
    test_engine_init(&engine, (const struct sqz_world *[]){&test.world}, 1);
    for (uint64_t path = 0; path < test_paths(40000); path++) {
        sqz_engine_run(&engine.engine, 51, path, NULL);
        double x = sqz_engine_outcome(&engine.engine, 0)->final_log;
        sqz_mean_add(&final, x);
        sqz_mean_add(&square, (x + 0.011) * (x + 0.011));
    }
    check_mean_4se("final price", &final, -0.011, 0.0);
    check_mean_4se("its variance", &square, 0.03 * 0.03, 0.0);
    test_engine_free(&engine);
    test_world_free(&test);
}

/* E max of Brownian motion is sigma sqrt(2 T / pi), wherever the walk stops. */
static void check_extremes(double step, uint64_t seed)
{
    static struct test_engine engine;
    struct test_world test;
    struct sqz_mean peak = {0}, trough = {0};
    init_bare(&test, 0.03 / sqrt(DAY_S), DAY_S);
    test.world.stops.record_step_log = step;
    test_engine_init(&engine, (const struct sqz_world *[]){&test.world}, 1);
    for (uint64_t path = 0; path < test_paths(20000); path++) {
        sqz_engine_run(&engine.engine, seed, path, NULL);
        const struct sqz_outcome *outcome = sqz_engine_outcome(&engine.engine, 0);
        assert_true(outcome->peak_log >= fmax(outcome->final_log, 0.0));
        assert_true(outcome->trough_log <= fmin(outcome->final_log, 0.0));
        assert_true(step < INFINITY || engine.engine.path.events == 2);
        sqz_mean_add(&peak, outcome->peak_log);
        sqz_mean_add(&trough, -outcome->trough_log);
    }
    check_mean_4se("peak", &peak, 0.03 * sqrt(2 / M_PI), 0.0);
    check_mean_4se("trough", &trough, 0.03 * sqrt(2 / M_PI), 0.0);
    test_engine_free(&engine);
    test_world_free(&test);
}

static void test_extremes_between_records(void **state)
{
    (void)state;
    check_extremes(0.002, 52);
}

/* Without barriers of any kind the walk goes from event to event. */
static void test_extremes_between_events(void **state)
{
    (void)state;
    check_extremes(INFINITY, 53);
}

static void test_paths_are_reproducible_and_distinct(void **state)
{
    (void)state;
    static struct test_engine engine;
    struct test_world test;
    init_busy(&test);
    test_engine_init(&engine, (const struct sqz_world *[]){&test.world}, 1);
    sqz_engine_run(&engine.engine, 54, 17, NULL);
    struct sqz_outcome first = *sqz_engine_outcome(&engine.engine, 0);
    sqz_engine_run(&engine.engine, 54, 18, NULL);
    assert_true(sqz_engine_outcome(&engine.engine, 0)->final_log != first.final_log);
    sqz_engine_run(&engine.engine, 55, 17, NULL);
    assert_true(sqz_engine_outcome(&engine.engine, 0)->final_log != first.final_log);
    sqz_engine_run(&engine.engine, 54, 17, NULL);
    check_same_outcome(sqz_engine_outcome(&engine.engine, 0), &first);
    test_engine_free(&engine);
    test_world_free(&test);
}

/* ---- limits -------------------------------------------------------------------------------- */

static void test_max_events_stops(void **state)
{
    (void)state;
    struct sqz_exit_table table;
    struct sqz_engine engine;
    struct test_world test;
    init_busy(&test);
    assert_int_equal(sqz_exit_table_init(&table, NULL), SQZ_OK);
    const struct sqz_world *world = &test.world;
    struct sqz_engine_plan plan = {
        .exit_table = &table, .worlds = &world, .n_worlds = 1, .max_events = 5};
    assert_int_equal(sqz_engine_init(&engine, &plan, NULL), SQZ_OK);
    sqz_engine_run(&engine, 42, 3, NULL);
    assert_int_equal(engine.path.events, 5);
    assert_int_equal(sqz_engine_outcome(&engine, 0)->stop, SQZ_STOP_MAX_EVENTS);
    assert_true(isfinite(sqz_engine_outcome(&engine, 0)->final_log));
    sqz_engine_free(&engine);
    plan.max_events = 1000000;
    assert_int_equal(sqz_engine_init(&engine, &plan, NULL), SQZ_OK);
    sqz_engine_run(&engine, 42, 3, NULL);
    assert_true(engine.path.events > 5);
    assert_int_equal(sqz_engine_outcome(&engine, 0)->stop, SQZ_STOP_HORIZON);
    sqz_engine_free(&engine);
    test_world_free(&test);
}

static void test_running_allocates_nothing(void **state)
{
    (void)state;
    static const double OUTPUT_S[] = {100, 40000, 86400};
    static struct test_engine engine;
    static struct event_log log;
    struct test_world test, twin;
    const struct test_impulse impulse = {30000, 0.01, 3e6};
    if (!COUNTING)
        skip();
    init_busy(&test);
    init_busy(&twin);
    test_world_add_impulse(&test, &impulse);
    twin.world.market.impact = false;
    test_engine_init_outputs(&engine, (const struct sqz_world *[]){&test.world, &twin.world}, 2,
                             OUTPUT_S, 3);
    size_t before = allocations;
    assert_true(before > 0);
    for (uint64_t path = 0; path < 1000; path++)
        run_logged(&engine, path, &log);
    assert_int_equal(allocations, before);
    test_engine_free(&engine);
    test_world_free(&test);
    test_world_free(&twin);
}

static void test_free_is_safe_twice(void **state)
{
    (void)state;
    static struct test_engine engine;
    struct test_world test;
    init_bare(&test, 0.0, 10);
    test_engine_init(&engine, (const struct sqz_world *[]){&test.world}, 1);
    sqz_engine_free(&engine.engine);
    sqz_engine_free(&engine.engine);
    assert_null(engine.engine.path.state);
    test_world_free(&test);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_drift_hits_levels_on_time),
        cmocka_unit_test(test_decay_hits_level_on_time),
        cmocka_unit_test(test_turning_path_respects_minimum),
        cmocka_unit_test(test_crossed_levels_fire_at_time_zero),
        cmocka_unit_test(test_watches_are_touched_on_time),
        cmocka_unit_test(test_impulse_comes_at_its_time),
        cmocka_unit_test(test_outputs_follow_the_drift),
        cmocka_unit_test(test_impulse_at_the_horizon_counts),
        cmocka_unit_test(test_world_past_its_horizon_is_left_alone),
        cmocka_unit_test(test_final_price_has_mean_and_variance),
        cmocka_unit_test(test_extremes_between_records),
        cmocka_unit_test(test_extremes_between_events),
        cmocka_unit_test(test_paths_are_reproducible_and_distinct),
        cmocka_unit_test(test_max_events_stops),
        cmocka_unit_test(test_running_allocates_nothing),
        cmocka_unit_test(test_free_is_safe_twice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
