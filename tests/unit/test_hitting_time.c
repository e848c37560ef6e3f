/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Prices that drift alone moves: every barrier is reached at its exact time and in one step. */
#include "tests/unit/engine_fixture.h"

/* Levels every 0.0137 on one side, at a speed so low that 1e-10 of the way takes a tenth of a
 * second. */
enum { STEPS = 40 };
static const double SPEED_PER_S = 1e-9, SPACING_LOG = 0.0137;

static void init_levels(struct test_world *test, enum sqz_side side)
{
    struct sqz_level level[STEPS];
    for (int i = 0; i < STEPS; i++)
        level[i] = (struct sqz_level){SPACING_LOG * (i + 1), 2.1e5, 0, side};
    test_book_init(&test->book, 20e6, 1.0, 0.2, INFINITY);
    test_world_init(test, level, STEPS, 0.0, 1e9);
    test->world.market.drift_per_s = sqz_direction(side) * SPEED_PER_S;
}

static void check_exact(const char *what, double time_s, double expected_s)
{
    check_near(what, time_s, expected_s, 1e-12 * expected_s);
}

static void check_levels(bool impact, enum sqz_side side)
{
    static struct event_log log;
    static struct test_engine engine;
    const struct sqz_event *fired[STEPS];
    struct test_world test;
    init_levels(&test, side);
    test.world.market.impact = impact;
    test_engine_init(&engine, (const struct sqz_world *[]){&test.world}, 1);
    run_logged(&engine, 0, &log);
    /* Each order moves the price by 0.01 * 2.1e5 / 20e6 of the way to the next level. */
    double push = impact ? 0.01 * 2.1e5 / 20e6 : 0.0;
    assert_int_equal(select_events(&log, SQZ_EVENT_LIQUIDATION, fired, STEPS), STEPS);
    for (int i = 0; i < STEPS; i++)
        check_exact("level", fired[i]->time_s, (SPACING_LOG * (i + 1) - push * i) / SPEED_PER_S);
    assert_true(engine.engine.path.events <=
                STEPS + 2); /* one step each, one to the horizon, its event */
    test_engine_free(&engine);
    test_world_free(&test);
}

/* What drift, permanent and recovering impact make of the price between two orders. */
struct course {
    double last_s, permanent_log, displacement_log; /* at the last order */
};

static const double HALFLIFE_S = 6e7;

static double price_at(const struct course *course, double time_s)
{
    double decay = exp2(-(time_s - course->last_s) / HALFLIFE_S);
    return SPEED_PER_S * time_s + course->permanent_log + course->displacement_log * decay;
}

/* The first time at which it stands at a level; it is convex, so there is but one. */
static double arrival_s(const struct course *course, double level_log)
{
    double before = course->last_s, after = course->last_s + 1e9;
    for (int i = 0; i < 200; i++) {
        double middle = 0.5 * (before + after);
        *(price_at(course, middle) < level_log ? &before : &after) = middle;
    }
    return after;
}

/* While the book recovers a level takes a few steps, and is reached when it should be. */
static void test_levels_are_reached_while_the_book_recovers(void **state)
{
    (void)state;
    static struct event_log log;
    static struct test_engine engine;
    const struct sqz_event *fired[STEPS];
    struct course course = {0};
    struct test_world test;
    struct sqz_level level[STEPS];
    for (int i = 0; i < STEPS; i++)
        level[i] = (struct sqz_level){SPACING_LOG * (i + 1), 9e6, 0, SQZ_UP};
    test_book_init(&test.book, 20e6, 1.0, 0.2, HALFLIFE_S);
    test_world_init(&test, level, STEPS, 0.0, 1e9);
    test.world.market.drift_per_s = SPEED_PER_S;
    test_engine_init(&engine, (const struct sqz_world *[]){&test.world}, 1);
    run_logged(&engine, 0, &log);
    assert_int_equal(select_events(&log, SQZ_EVENT_LIQUIDATION, fired, STEPS), STEPS);
    for (int i = 0; i < STEPS; i++) {
        double time_s = arrival_s(&course, SPACING_LOG * (i + 1));
        check_near("touch", SPEED_PER_S * fired[i]->time_s, SPEED_PER_S * time_s, 3e-10);
        course.displacement_log *= exp2(-(time_s - course.last_s) / HALFLIFE_S);
        course.displacement_log += 0.01 * 0.8 * 9e6 / 20e6;
        course.permanent_log += 0.01 * 0.2 * 9e6 / 20e6;
        course.last_s = time_s;
    }
    assert_true(engine.engine.path.events <=
                16 * STEPS); /* going half-way each time would take 27 */
    test_engine_free(&engine);
    test_world_free(&test);
}

static void test_levels_are_reached_in_one_step(void **state)
{
    (void)state;
    for (int impact = 0; impact < 2; impact++) {
        check_levels(impact, SQZ_UP);
        check_levels(impact, SQZ_DOWN);
    }
}

/* Levels that watch the index do not see D: 0.8 of the impact of an order that came before. */
static void test_index_levels(void **state)
{
    (void)state;
    static struct event_log log;
    struct sqz_outcome outcome;
    const struct sqz_event *fired[STEPS];
    const struct test_impulse impulse = {17.0, 0.0, 10e6};
    struct test_world test;
    init_levels(&test, SQZ_UP);
    test.world.market.trigger = SQZ_TRIGGER_INDEX;
    test_world_add_impulse(&test, &impulse);
    run_alone(&test, &log, &outcome);
    assert_int_equal(select_events(&log, SQZ_EVENT_LIQUIDATION, fired, STEPS), STEPS);
    check_exact("level", fired[0]->time_s, (SPACING_LOG - 0.2 * 0.005) / SPEED_PER_S);
    check_exact("level", fired[1]->time_s,
                (2 * SPACING_LOG - 0.2 * (0.005 + 0.01 * 2.1e5 / 20e6)) / SPEED_PER_S);
    test_world_free(&test);
}

/* While the mark follows a book that rests at D = 0.008, S + P + M is not a matter of drift:
 * 0.002 + 0.008 (1 - exp(-t/60)) + 4e-6 t reaches 0.0107 after a time that halving finds. */
static void test_moving_mark_is_no_drift(void **state)
{
    (void)state;
    static struct event_log log;
    struct sqz_outcome outcome;
    const struct sqz_event *fired[1];
    const struct test_impulse impulse = {0.0, 0.0, 20e6};
    struct sqz_level level[] = {{0.0107, 1.0, 0, SQZ_UP}};
    struct test_world test;
    test_book_init(&test.book, 20e6, 1.0, 0.2, INFINITY);
    test_world_init(&test, level, 1, 0.0, 5000);
    test.world.market.drift_per_s = 4e-6;
    test.world.market.trigger = SQZ_TRIGGER_MARK;
    test.world.market.mark_rate = 1.0 / 60;
    test_world_add_impulse(&test, &impulse);
    run_alone(&test, &log, &outcome);
    double lo = 0, hi = 5000;
    for (int i = 0; i < 80; i++) {
        double t = 0.5 * (lo + hi);
        *(0.002 - 0.008 * expm1(-t / 60) + 4e-6 * t < 0.0107 ? &lo : &hi) = t;
    }
    assert_int_equal(select_events(&log, SQZ_EVENT_LIQUIDATION, fired, 1), 1);
    check_near("level", fired[0]->time_s, lo, 1.01 * SQZ_TOUCH_LOG / 4e-6);
    test_world_free(&test);
}

/* Several worlds: each has its own drift and levels, and the first barrier of any ends the step. */
static void test_worlds_drift_together(void **state)
{
    (void)state;
    static struct event_log log;
    static struct test_engine engine;
    struct test_world up, down;
    init_levels(&up, SQZ_UP);
    init_levels(&down, SQZ_DOWN);
    up.world.market.impact = down.world.market.impact = false;
    down.world.market.drift_per_s *= 0.77;
    test_engine_init(&engine, (const struct sqz_world *[]){&up.world, &down.world}, 2);
    run_logged(&engine, 0, &log);
    size_t fired[2] = {0};
    for (size_t i = 0; i < log.count; i++) {
        const struct sqz_event *event = &log.event[i];
        if (event->kind == SQZ_EVENT_LIQUIDATION)
            check_exact("level", event->time_s,
                        SPACING_LOG * (double)++fired[event->world] /
                            (event->world == 0 ? SPEED_PER_S : 0.77 * SPEED_PER_S));
    }
    assert_int_equal(fired[0], STEPS);
    assert_int_equal(fired[1], STEPS);
    test_engine_free(&engine);
    test_world_free(&up);
    test_world_free(&down);
}

/* A world with noise and nothing in its way does not stand still because another one glides. */
static void test_noise_beside_a_drift(void **state)
{
    (void)state;
    static struct test_engine engine;
    struct test_world noisy, calm;
    struct sqz_level level[] = {{0.01, 1e6, 0, SQZ_UP}};
    struct sqz_mean square = {0};
    uint64_t paths = test_paths(20000);
    init_bare(&noisy, 0.03, 1.0);
    test_book_init(&calm.book, 20e6, 1.0, 0.2, INFINITY);
    test_world_init(&calm, level, 1, 0.0, 1.0);
    calm.world.market.drift_per_s = 0.013;
    test_engine_init(&engine, (const struct sqz_world *[]){&noisy.world, &calm.world}, 2);
    for (uint64_t path = 0; path < paths; path++) {
        sqz_engine_run(&engine.engine, 7, path, NULL);
        double end = sqz_engine_outcome(&engine.engine, 0)->final_log;
        sqz_mean_add(&square, end * end);
        assert_int_equal(sqz_engine_outcome(&engine.engine, 1)->liquidations[SQZ_UP], 1);
    }
    check_mean_4se("variance of the noisy world", &square, 0.03 * 0.03, 0);
    test_engine_free(&engine);
    test_world_free(&noisy);
    test_world_free(&calm);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_levels_are_reached_in_one_step),
        cmocka_unit_test(test_levels_are_reached_while_the_book_recovers),
        cmocka_unit_test(test_index_levels),
        cmocka_unit_test(test_moving_mark_is_no_drift),
        cmocka_unit_test(test_worlds_drift_together),
        cmocka_unit_test(test_noise_beside_a_drift),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
