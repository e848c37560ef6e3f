/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Output times, several worlds on one path, and drivers. */
#include "tests/unit/engine_fixture.h"

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
        assert_int_equal(plain.engine.path.events, observed.engine.path.events);
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
    twin.world.market.impact = false;
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
    test.world.market.impact = false;
    test.world.market.drift_per_s = 0.0;
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
    without.world.market.impact = false;
    with.world.market.drift_per_s = without.world.market.drift_per_s =
        calm.world.market.drift_per_s = 0.0;
    calm.world.market.volatility_per_sqrt_s *= 0.37;
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

/* The mean results of a world. */
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
    test[0].world.market.drift_per_s = 0.0;
    test_book_init(&test[0].book, 14.2e6, 1.4, 0.2, INFINITY);
    test_book_init(&test[1].book, 5e6, 2.0, 0.5, 7);
    test_world_init(&test[1], level, 2, 0.05 / sqrt(DAY_S), 0.4 * DAY_S);
    test[1].world.stops.watch_log[SQZ_TARGET] = 0.02;
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
    brief.world.stops.record_step_log = full.world.stops.record_step_log = 0.01;
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

static void tide_fire(const void *shared, void *state, struct sqz_stream *stream,
                      const struct sqz_view *now, struct sqz_driver_effect *effect)
{
    (void)shared;
    (void)stream;
    tide_turn(state, now->time_s, effect);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_observing_changes_nothing),
        cmocka_unit_test(test_outputs_are_reported_once_in_order),
        cmocka_unit_test(test_output_follows_event_at_its_time),
        cmocka_unit_test(test_outputs_follow_brownian_motion),
        cmocka_unit_test(test_identical_worlds_stay_identical),
        cmocka_unit_test(test_worlds_share_the_noise),
        cmocka_unit_test(test_company_does_not_change_a_world),
        cmocka_unit_test(test_horizons_may_differ),
        cmocka_unit_test(test_drivers_change_coefficients),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
