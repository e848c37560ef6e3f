/* The walk: deterministic limits, scheduled events, output times, several worlds on one path. */
#include "tests/support/support.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

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

/* ---- observers and comparisons ------------------------------------------------------------- */

enum { LOG_MAX = 4096 };
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

/* The events of one kind, in order; returns how many there are. */
static size_t select_events(const struct event_log *log, enum sqz_event_kind kind,
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

static void check_same_bits(const char *what, double a, double b)
{
    if (memcmp(&a, &b, sizeof a) != 0)
        fail_msg("%s: %a and %a differ", what, a, b);
}

static void check_same_outcome(const struct sqz_outcome *a, const struct sqz_outcome *b)
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
static void init_bare(struct test_world *test, double volatility, double horizon_s)
{
    test_book_init(&test->book, 20e6, 1.0, 0.2, 60);
    test_world_init(test, NULL, 0, volatility, horizon_s);
}

/* A day in a market with two dozen levels a side, recovering books and both watches. */
static void init_busy(struct test_world *test)
{
    struct sqz_level level[48];
    for (int i = 0; i < 48; i++)
        level[i] = (struct sqz_level){.distance_log = 0.004 + 0.0017 * (i / 2),
                                      .notional_usd = 1.1e6 + 1e5 * (i * 7 % 13),
                                      .side = (unsigned char)(i % 2)};
    test_book_init_scales(&test->book, 14.2e6, 1.4, 0.2, (double[]){20, 900}, (double[]){0.7, 0.3},
                          2);
    test_world_init(test, level, 48, 0.03 / sqrt(DAY_S), DAY_S);
    test->world.drift_per_s = 0.004 / DAY_S;
    test->world.watch_log[SQZ_TARGET] = 0.03;
    test->world.watch_log[SQZ_FLOOR] = -0.035;
    test->world.record_step_log = 0.0025;
}

static void run_logged(struct test_engine *test, uint64_t path, struct event_log *log)
{
    struct sqz_observer observer = {.context = log, .event = keep_event};
    log->count = 0;
    sqz_engine_run(&test->engine, 42, path, &observer);
}

/* Run one world alone with a log. */
static void run_alone(const struct test_world *world, struct event_log *log,
                      struct sqz_outcome *outcome)
{
    static struct test_engine test;
    test_engine_init(&test, (const struct sqz_world *[]){&world->world}, 1);
    run_logged(&test, 0, log);
    *outcome = *sqz_engine_outcome(&test.engine, 0);
    test_engine_free(&test);
}

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
    test.world.drift_per_s = drift_per_s;
    test.world.impact = false;
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
        test.world.drift_per_s = 2e-5;
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
    test.world.drift_per_s = 3.7e-5;
    test.world.watch_log[SQZ_TARGET] = 0.0211;
    test.world.watch_log[SQZ_FLOOR] = -0.0193;
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
    test.world.drift_per_s = -3.7e-5;
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
    test.world.impact = false;
    test.world.drift_per_s = -0.011 / DAY_S;
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

/* E max of Brownian motion is sigma sqrt(2 T / pi); what is recorded falls short by less than the
 * step. */
static void test_peaks_are_recorded_to_the_step(void **state)
{
    (void)state;
    static struct test_engine engine;
    struct test_world test;
    struct sqz_mean peak = {0}, trough = {0};
    double expected = 0.03 * sqrt(2 / M_PI), step = 0.002;
    init_bare(&test, 0.03 / sqrt(DAY_S), DAY_S);
    test.world.record_step_log = step;
    test_engine_init(&engine, (const struct sqz_world *[]){&test.world}, 1);
    for (uint64_t path = 0; path < test_paths(20000); path++) {
        sqz_engine_run(&engine.engine, 52, path, NULL);
        sqz_mean_add(&peak, sqz_engine_outcome(&engine.engine, 0)->peak_log);
        sqz_mean_add(&trough, -sqz_engine_outcome(&engine.engine, 0)->trough_log);
    }
    check_mean_4se("peak", &peak, expected - step / 2, step / 2);
    check_mean_4se("trough", &trough, expected - step / 2, step / 2);
    test_engine_free(&engine);
    test_world_free(&test);
}

/* Without barriers of any kind the walk goes from event to event. */
static void test_extremes_at_events_only(void **state)
{
    (void)state;
    static struct test_engine engine;
    struct test_world test;
    init_bare(&test, 0.03 / sqrt(DAY_S), DAY_S);
    test_engine_init(&engine, (const struct sqz_world *[]){&test.world}, 1);
    for (uint64_t path = 0; path < 50; path++) {
        sqz_engine_run(&engine.engine, 53, path, NULL);
        const struct sqz_outcome *outcome = sqz_engine_outcome(&engine.engine, 0);
        assert_true(outcome->peak_log == fmax(outcome->final_log, 0.0));
        assert_true(outcome->trough_log == fmin(outcome->final_log, 0.0));
        assert_int_equal(engine.engine.events, 2);
    }
    test_engine_free(&engine);
    test_world_free(&test);
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

/* ---- observers and output times ------------------------------------------------------------ */

static void test_observing_changes_nothing(void **state)
{
    (void)state;
    static const double OUTPUT_S[] = {0, 1, 3600, 7200.5, 40000, 86399.9, 86400};
    static struct test_engine plain, observed;
    static struct event_log log;
    struct test_world test;
    const struct test_impulse impulse = {30000, 0.01, 3e6};
    size_t liquidations = 0;
    init_busy(&test);
    test_world_add_impulse(&test, &impulse);
    test_engine_init(&plain, (const struct sqz_world *[]){&test.world}, 1);
    test_engine_init_outputs(&observed, (const struct sqz_world *[]){&test.world}, 1, OUTPUT_S, 7);
    for (uint64_t path = 0; path < 300; path++) {
        sqz_engine_run(&plain.engine, 42, path, NULL);
        run_logged(&observed, path, &log);
        const struct sqz_outcome *outcome = sqz_engine_outcome(&plain.engine, 0);
        check_same_outcome(outcome, sqz_engine_outcome(&observed.engine, 0));
        sqz_engine_run(&observed.engine, 42, path, NULL);
        check_same_outcome(outcome, sqz_engine_outcome(&observed.engine, 0));
        assert_int_equal(plain.engine.events, observed.engine.events);
        liquidations += outcome->liquidations[SQZ_UP];
    }
    assert_true(liquidations > 300);
    test_engine_free(&plain);
    test_engine_free(&observed);
    test_world_free(&test);
}

static void check_outputs_once(const struct event_log *log, const double *output_s, size_t count,
                               unsigned worlds)
{
    size_t seen = 0;
    for (size_t i = 0; i < log->count; i++) {
        const struct sqz_event *event = &log->event[i];
        if (event->kind != SQZ_EVENT_OUTPUT)
            continue;
        assert_int_equal(event->output_index, seen / worlds);
        assert_int_equal(event->world, seen % worlds);
        check_same_bits("output time", event->time_s, output_s[seen / worlds]);
        seen++;
    }
    assert_int_equal(seen, count * worlds);
}

static void test_outputs_are_reported_once_in_order(void **state)
{
    (void)state;
    static const double OUTPUT_S[] = {0, 60, 61, 30000, 30001, 86400};
    static struct test_engine engine;
    static struct event_log log;
    struct test_world test, twin;
    const struct test_impulse impulse = {30000, 0.01, 3e6};
    const struct sqz_event *horizon[2], *output[12];
    init_busy(&test);
    init_busy(&twin);
    twin.world.impact = false;
    test_world_add_impulse(&test, &impulse);
    test_engine_init_outputs(&engine, (const struct sqz_world *[]){&test.world, &twin.world}, 2,
                             OUTPUT_S, 6);
    for (uint64_t path = 0; path < 100; path++) {
        run_logged(&engine, path, &log);
        check_outputs_once(&log, OUTPUT_S, 6, 2);
        assert_int_equal(select_events(&log, SQZ_EVENT_OUTPUT, output, 12), 12);
        assert_int_equal(select_events(&log, SQZ_EVENT_HORIZON, horizon, 2), 2);
        for (size_t w = 0; w < 2; w++) {
            double price = horizon[w]->exogenous_log + horizon[w]->displacement_log;
            check_near("last output",
                       output[10 + w]->exogenous_log + output[10 + w]->displacement_log, price,
                       1e-15);
            check_near("final", sqz_engine_outcome(&engine.engine, w)->final_log, price, 1e-15);
            assert_true(output[w]->exogenous_log == 0.0);
        }
        /* The output at the time of the impulse shows what it did. */
        check_near("jump", output[6]->exogenous_log - output[7]->exogenous_log, 0.01, 1e-12);
    }
    test_engine_free(&engine);
    test_world_free(&test);
    test_world_free(&twin);
}

/* Run two impulses, the second a jump at an output time; return the exogenous price put out. */
static double output_at_second_impulse(double first_s, double second_s)
{
    static struct test_engine engine;
    struct event_log log;
    struct test_world test;
    const struct test_impulse first = {first_s, 0, 1e6}, second = {second_s, 0.0123, 0};
    const struct sqz_event *seen[1];
    init_bare(&test, 0.0, 1000);
    test_world_add_impulse(&test, &first);
    test_world_add_impulse(&test, &second);
    test_engine_init_outputs(&engine, (const struct sqz_world *[]){&test.world}, 1, &second_s, 1);
    run_logged(&engine, 0, &log);
    assert_int_equal(select_events(&log, SQZ_EVENT_OUTPUT, seen, 1), 1);
    test_engine_free(&engine);
    test_world_free(&test);
    return seen[0]->exogenous_log;
}

/* An output at the time of an event comes after it, however the wait for it rounds: now + (then -
 * now) lies above then for some pairs of doubles, below it for others. */
static void test_output_follows_event_at_its_time(void **state)
{
    (void)state;
    int above = 0, below = 0;
    for (int i = 160; i < 310; i += 3)
        for (int k = i + 330; k < 640; k++) {
            double now = 0.1 * i, then = 0.1 * k, sum = now + (then - now);
            if (sum == then || (sum > then ? above : below) == 20)
                continue;
            *(sum > then ? &above : &below) += 1;
            check_near("exogenous price at the jump", output_at_second_impulse(now, then), 0.0123,
                       1e-15);
        }
    assert_true(above == 20 && below == 20);
}

/* Positions filled in at output times follow Brownian motion, and the covariance of two times is
 * the earlier one. Barriers all around, so that most steps end by leaving an interval. */
static void test_outputs_follow_brownian_motion(void **state)
{
    (void)state;
    static const double OUTPUT_S[] = {0.2 * 86400, 0.7 * 86400};
    static struct test_engine engine;
    static struct event_log log;
    struct test_world test;
    struct sqz_mean square[2] = {0}, product = {0}, fourth = {0};
    double variance = 0.03 * 0.03;
    init_busy(&test);
    test.world.impact = false;
    test.world.drift_per_s = 0.0;
    test_engine_init_outputs(&engine, (const struct sqz_world *[]){&test.world}, 1, OUTPUT_S, 2);
    for (uint64_t path = 0; path < test_paths(30000); path++) {
        const struct sqz_event *seen[2];
        run_logged(&engine, path, &log);
        assert_int_equal(select_events(&log, SQZ_EVENT_OUTPUT, seen, 2), 2);
        double x = seen[0]->exogenous_log, y = seen[1]->exogenous_log;
        sqz_mean_add(&square[0], x * x / variance);
        sqz_mean_add(&square[1], y * y / variance);
        sqz_mean_add(&product, x * y / variance);
        sqz_mean_add(&fourth, x * x * x * x / variance / variance);
    }
    check_mean_4se("first variance", &square[0], 0.2, 0.0);
    check_mean_4se("second variance", &square[1], 0.7, 0.0);
    check_mean_4se("covariance", &product, 0.2, 0.0);
    check_mean_4se("fourth moment", &fourth, 3 * 0.2 * 0.2, 0.0);
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
    assert_int_equal(engine.events, 5);
    assert_int_equal(sqz_engine_outcome(&engine, 0)->stop, SQZ_STOP_MAX_EVENTS);
    assert_true(isfinite(sqz_engine_outcome(&engine, 0)->final_log));
    sqz_engine_free(&engine);
    plan.max_events = 1000000;
    assert_int_equal(sqz_engine_init(&engine, &plan, NULL), SQZ_OK);
    sqz_engine_run(&engine, 42, 3, NULL);
    assert_true(engine.events > 5);
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
    twin.world.impact = false;
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

/* ---- several worlds ------------------------------------------------------------------------ */

static void test_identical_worlds_stay_identical(void **state)
{
    (void)state;
    static struct test_engine engine;
    struct test_world first, second;
    init_busy(&first);
    init_busy(&second);
    test_engine_init(&engine, (const struct sqz_world *[]){&first.world, &second.world}, 2);
    for (uint64_t path = 0; path < 500; path++) {
        sqz_engine_run(&engine.engine, 56, path, NULL);
        check_same_outcome(sqz_engine_outcome(&engine.engine, 0),
                           sqz_engine_outcome(&engine.engine, 1));
    }
    test_engine_free(&engine);
    test_world_free(&first);
    test_world_free(&second);
}

/* Attribution: with impact and without, one and the same exogenous price; with unequal
 * volatilities, prices in their proportion. */
static void test_worlds_share_the_noise(void **state)
{
    (void)state;
    static struct test_engine engine;
    static struct event_log log;
    struct test_world with, without, calm;
    const struct sqz_event *end[3];
    init_busy(&with);
    init_busy(&without);
    init_busy(&calm);
    without.world.impact = false;
    with.world.drift_per_s = without.world.drift_per_s = calm.world.drift_per_s = 0.0;
    calm.world.volatility_per_sqrt_s *= 0.37;
    test_engine_init(&engine,
                     (const struct sqz_world *[]){&with.world, &without.world, &calm.world}, 3);
    for (uint64_t path = 0; path < 200; path++) {
        run_logged(&engine, path, &log);
        assert_int_equal(select_events(&log, SQZ_EVENT_HORIZON, end, 3), 3);
        check_near("exogenous", end[0]->exogenous_log, end[1]->exogenous_log, 1e-13);
        check_near("calm", end[2]->exogenous_log, 0.37 * end[0]->exogenous_log, 1e-13);
    }
    test_engine_free(&engine);
    test_world_free(&with);
    test_world_free(&without);
    test_world_free(&calm);
}

/* What a world comes to on average. */
struct averages {
    struct sqz_mean final, forced, touched;
};

static void add_outcome(struct averages *averages, const struct sqz_outcome *outcome)
{
    sqz_mean_add(&averages->final, outcome->final_log);
    sqz_mean_add(&averages->forced, outcome->forced_usd[SQZ_UP] + outcome->forced_usd[SQZ_DOWN]);
    sqz_mean_add(&averages->touched, !isnan(outcome->touch_s[SQZ_TARGET]));
}

static void check_equal_means(const char *what, const struct sqz_mean *a, const struct sqz_mean *b)
{
    struct sqz_estimate first = sqz_mean_estimate(a), second = sqz_mean_estimate(b);
    check_within_4se(what, first.value, second.value, hypot(first.se, second.se), 0.0);
}

/* Two unlike worlds, each alone and both together. The first is at rest between its liquidations,
 * so that its own steps are as long as its barriers allow. */
static void test_company_does_not_change_a_world(void **state)
{
    (void)state;
    static struct test_engine lone[2], paired;
    struct test_world test[2];
    struct sqz_level level[] = {{0.0071, 9e6, 0, SQZ_UP}, {0.0083, 9e6, 0, SQZ_DOWN}};
    struct averages alone[2] = {0}, together[2] = {0};
    init_busy(&test[0]);
    test[0].world.drift_per_s = 0.0;
    test_book_init(&test[0].book, 14.2e6, 1.4, 0.2, INFINITY);
    test_book_init(&test[1].book, 5e6, 2.0, 0.5, 7);
    test_world_init(&test[1], level, 2, 0.05 / sqrt(DAY_S), 0.4 * DAY_S);
    test[1].world.watch_log[SQZ_TARGET] = 0.02;
    for (int w = 0; w < 2; w++)
        test_engine_init(&lone[w], (const struct sqz_world *[]){&test[w].world}, 1);
    test_engine_init(&paired, (const struct sqz_world *[]){&test[0].world, &test[1].world}, 2);
    for (uint64_t path = 0; path < test_paths(8000); path++) {
        sqz_engine_run(&paired.engine, 58, path, NULL);
        for (uint64_t w = 0; w < 2; w++) {
            sqz_engine_run(&lone[w].engine, 60 + w, path, NULL);
            add_outcome(&alone[w], sqz_engine_outcome(&lone[w].engine, 0));
            add_outcome(&together[w], sqz_engine_outcome(&paired.engine, w));
        }
    }
    for (int w = 0; w < 2; w++) {
        check_equal_means("final", &alone[w].final, &together[w].final);
        check_equal_means("forced", &alone[w].forced, &together[w].forced);
        check_equal_means("touched", &alone[w].touched, &together[w].touched);
        test_engine_free(&lone[w]);
        test_world_free(&test[w]);
    }
    test_engine_free(&paired);
}

static void test_horizons_may_differ(void **state)
{
    (void)state;
    static const double OUTPUT_S[] = {0.3 * 86400, 0.8 * 86400};
    static struct test_engine engine;
    static struct event_log log;
    struct test_world brief, full;
    struct sqz_mean square = {0}, product = {0};
    init_bare(&brief, 0.03 / sqrt(DAY_S), 0.45 * DAY_S);
    init_bare(&full, 0.03 / sqrt(DAY_S), DAY_S);
    brief.world.record_step_log = full.world.record_step_log = 0.01;
    test_engine_init_outputs(&engine, (const struct sqz_world *[]){&full.world, &brief.world}, 2,
                             OUTPUT_S, 2);
    for (uint64_t path = 0; path < test_paths(20000); path++) {
        const struct sqz_event *end[2], *output[3];
        run_logged(&engine, path, &log);
        assert_int_equal(select_events(&log, SQZ_EVENT_HORIZON, end, 2), 2);
        assert_int_equal(select_events(&log, SQZ_EVENT_OUTPUT, output, 3), 3);
        assert_true(end[0]->world == 1 && end[0]->time_s == 0.45 * DAY_S);
        assert_true(end[1]->world == 0 && end[1]->time_s == DAY_S);
        assert_true(output[2]->world == 0);
        double x = end[0]->exogenous_log / 0.03, y = end[1]->exogenous_log / 0.03;
        sqz_mean_add(&square, x * x);
        sqz_mean_add(&product, x * y);
    }
    check_mean_4se("variance at the earlier horizon", &square, 0.45, 0.0);
    check_mean_4se("covariance with the later", &product, 0.45, 0.0);
    test_engine_free(&engine);
    test_world_free(&brief);
    test_world_free(&full);
}

/* ---- drivers ------------------------------------------------------------------------------- */

/* Every hour: volatility doubles and halves again; keeps its own count. */
struct tide_state {
    int turns;
};

static void tide_turn(struct tide_state *tide, double time_s, struct sqz_driver_effect *effect)
{
    effect->volatility_multiplier = tide->turns++ % 2 == 0 ? 1.0 : 2.0;
    effect->drift_per_s = 1e-7;
    effect->next_s = time_s + 3600;
}

static void tide_start(const void *shared, void *state, struct sqz_stream *stream,
                       struct sqz_driver_effect *effect)
{
    (void)shared;
    (void)stream;
    ((struct tide_state *)state)->turns = 0;
    tide_turn(state, 0.0, effect);
}

static void tide_fire(const void *shared, void *state, struct sqz_stream *stream, double time_s,
                      struct sqz_driver_effect *effect)
{
    (void)shared;
    (void)stream;
    tide_turn(state, time_s, effect);
}

static void test_drivers_change_coefficients(void **state)
{
    (void)state;
    static const struct sqz_driver_model TIDE = {.name = "tide",
                                                 .state_size = sizeof(struct tide_state),
                                                 .start = tide_start,
                                                 .fire = tide_fire};
    static struct test_engine engine;
    struct test_world test;
    struct sqz_mean final = {0}, square = {0};
    init_bare(&test, 1e-4, 5 * 3600);
    test.world.driver[0] = (struct sqz_driver){&TIDE, NULL, SQZ_STREAM_DRIVERS};
    test.world.n_drivers = 1;
    test_engine_init(&engine, (const struct sqz_world *[]){&test.world}, 1);
    double mean = 1e-7 * 5 * 3600, variance = 1e-8 * 3600 * (1 + 4 + 1 + 4 + 1);
    for (uint64_t path = 0; path < test_paths(20000); path++) {
        sqz_engine_run(&engine.engine, 59, path, NULL);
        double x = sqz_engine_outcome(&engine.engine, 0)->final_log;
        sqz_mean_add(&final, x);
        sqz_mean_add(&square, (x - mean) * (x - mean));
    }
    check_mean_4se("final price", &final, mean, 0.0);
    check_mean_4se("its variance", &square, variance, 0.0);
    test_engine_free(&engine);
    test_world_free(&test);
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
    assert_null(engine.engine.state);
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
        cmocka_unit_test(test_peaks_are_recorded_to_the_step),
        cmocka_unit_test(test_extremes_at_events_only),
        cmocka_unit_test(test_paths_are_reproducible_and_distinct),
        cmocka_unit_test(test_observing_changes_nothing),
        cmocka_unit_test(test_outputs_are_reported_once_in_order),
        cmocka_unit_test(test_output_follows_event_at_its_time),
        cmocka_unit_test(test_outputs_follow_brownian_motion),
        cmocka_unit_test(test_max_events_stops),
        cmocka_unit_test(test_running_allocates_nothing),
        cmocka_unit_test(test_identical_worlds_stay_identical),
        cmocka_unit_test(test_worlds_share_the_noise),
        cmocka_unit_test(test_company_does_not_change_a_world),
        cmocka_unit_test(test_horizons_may_differ),
        cmocka_unit_test(test_drivers_change_coefficients),
        cmocka_unit_test(test_free_is_safe_twice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
