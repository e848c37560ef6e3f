/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From touch to fill on single paths: latency, the line of a side and its child orders, at exact
 * times and sizes; and where a path ends meanwhile. */
#include "tests/unit/engine_fixture.h"

#include "sim/core/rng.h"

enum { SEED = 91 };

/* ---- scenes -------------------------------------------------------------------------------- */

/* A day of noise among two dozen levels a side. */
static void busy_world(struct test_world *test, struct sqz_execution execution)
{
    init_busy(test);
    test->world.execution = execution;
}

enum { FILLS_MAX = 1024 };
struct fills {
    size_t count;
    const struct sqz_event *fill[FILLS_MAX];
};

static struct fills fills_of(const struct event_log *log)
{
    struct fills fills;
    fills.count = select_events(log, SQZ_EVENT_FILL, fills.fill, FILLS_MAX);
    return fills;
}

static void check_fill(const struct sqz_event *fill, enum sqz_side side, double time_s,
                       double notional_usd)
{
    assert_int_equal(fill->side, side);
    check_near("time of a fill", fill->time_s, time_s, 1e-12 * time_s);
    check_near("size of a fill", fill->notional_usd, notional_usd, 1e-12 * notional_usd);
}

/* ---- latency ------------------------------------------------------------------------------- */

/* Every order is filled exactly the latency after its touch, and moves the price only then. */
static void test_fixed_latency(void **state)
{
    (void)state;
    static struct event_log log;
    struct test_world test;
    struct test_engine engine;
    size_t seen = 0;
    const double latency = 37.25;
    busy_world(&test, (struct sqz_execution){.latency_s = latency});
    test_engine_init(&engine, (const struct sqz_world *[]){&test.world}, 1);
    for (uint64_t path = 0; path < 40; path++) {
        const struct sqz_event *touch[FILLS_MAX];
        run_logged(&engine, path, &log);
        size_t touches = select_events(&log, SQZ_EVENT_LIQUIDATION, touch, FILLS_MAX);
        struct fills fills = fills_of(&log);
        for (size_t i = 0; i < fills.count; i++) {
            assert_true(fills.fill[i]->time_s == touch[i]->time_s + latency);
            assert_true(fills.fill[i]->notional_usd == touch[i]->notional_usd);
            assert_int_equal(fills.fill[i]->side, touch[i]->side);
            assert_true(isnan(touch[i]->fill_log) && isfinite(fills.fill[i]->fill_log));
        }
        for (size_t i = fills.count; i < touches; i++)
            assert_true(touch[i]->time_s + latency > DAY_S);
        seen += fills.count;
    }
    assert_true(seen > 300);
    test_engine_free(&engine);
    test_world_free(&test);
}

/* The touch leaves the price where it is; the fill displaces it by the flat book's rule. */
static void test_the_fill_moves_the_price(void **state)
{
    (void)state;
    static struct event_log log;
    struct sqz_outcome outcome;
    struct test_world test;
    struct sqz_level level = {0.01, 6e6, 0, SQZ_UP};
    struct test_impulse jump = {.time_s = 21.5, .jump_log = 0.0112};
    quiet_world(&test, &level, 1, (struct sqz_execution){.latency_s = 8.25});
    test_world_add_impulse(&test, &jump);
    run_alone(&test, &log, &outcome);
    struct fills fills = fills_of(&log);
    assert_int_equal(fills.count, 1);
    check_fill(fills.fill[0], SQZ_UP, 29.75, 6e6);
    for (size_t i = 0; i < log.count; i++)
        if (log.event[i].time_s < 29.75)
            assert_true(log.event[i].displacement_log == 0.0);
    check_near("P + D", fills.fill[0]->displacement_log, 0.003, 1e-15);
    check_near("fill", fills.fill[0]->fill_log, 0.0112 + 0.0015, 1e-15);
    check_near("peak", outcome.peak_log, 0.0142, 1e-15);
    check_near("final", outcome.final_log, 0.0112 + 0.003 * (0.2 + 0.8 * pow(0.5, 970.25 / 60)),
               1e-12);
    test_world_free(&test);
}

/* A chain by hand: each fill carries the price to the next level, which the recovery meanwhile
 * makes harder; it ends where a fill falls short. */
static void test_chain_of_latencies(void **state)
{
    (void)state;
    enum { LEVELS = 24 };
    static struct event_log log;
    struct sqz_outcome outcome;
    struct test_world test;
    struct sqz_level level[LEVELS];
    const double latency = 6.5, step = 0.0021, size = 5.1e6, kept = pow(0.5, latency / 60);
    for (int i = 0; i < LEVELS; i++) /* the first two are crossed at the start */
        level[i] = (struct sqz_level){step * (i - 1), size, 0, SQZ_DOWN};
    quiet_world(&test, level, LEVELS, (struct sqz_execution){.latency_s = latency});
    test.world.horizon_s = 600;
    run_alone(&test, &log, &outcome);
    struct fills fills = fills_of(&log);
    int fired = 2, before = 0;
    double permanent = 0, transient = 0;
    size_t filled = 0;
    for (int round = 1; fired > before; round++) {
        int batch = fired - before;
        before = fired;
        transient *= kept;
        for (int k = 0; k < batch; k++, filled++) {
            permanent += 0.2 * 0.01 * size / 20e6;
            transient += 0.8 * 0.01 * size / 20e6;
            check_fill(fills.fill[filled], SQZ_DOWN, round * latency, size);
            check_near("P + D", fills.fill[filled]->displacement_log, -permanent - transient,
                       1e-14);
            while (fired < LEVELS && step * (fired - 1) <= permanent + transient)
                fired++;
        }
    }
    assert_int_equal(fills.count, filled);
    assert_int_equal(outcome.liquidations[SQZ_DOWN], fired);
    assert_true(fired > 12 && fired < LEVELS); /* a chain of several rounds that ends by itself */
    test_world_free(&test);
}

/* Random latency: the delays of orders that do not move the price, against their law. */
static void test_exponential_latency(void **state)
{
    (void)state;
    static struct event_log log;
    struct test_world test;
    struct test_engine engine;
    struct sqz_mean mean = {0}, above = {0};
    const double latency = 41.5;
    busy_world(&test, (struct sqz_execution){.latency_s = latency, .random = true});
    test.book.book.transient = test.book.book.permanent_per_usd[0] = 0; /* nobody moves the price */
    test.book.book.permanent_per_usd[1] = 0;
    test_engine_init(&engine, (const struct sqz_world *[]){&test.world}, 1);
    for (int i = 0; i < 24; i++) /* tell the orders by their sizes */
        for (int side = 0; side < 2; side++) {
            test.ladder.side[side].notional_usd[i] += 3 * i + side;
            test.ladder.side[side].total_usd += 3 * i + side;
        }
    for (uint64_t path = 0; path < 150; path++) {
        const struct sqz_event *touch[FILLS_MAX];
        run_logged(&engine, path, &log);
        size_t touches = select_events(&log, SQZ_EVENT_LIQUIDATION, touch, FILLS_MAX);
        struct fills fills = fills_of(&log);
        for (size_t t = 0; t < touches; t++) {
            if (touch[t]->time_s > DAY_S - 30 * latency) /* all but 1e-13 are seen */
                continue;
            size_t f = 0;
            while (f < fills.count && (fills.fill[f]->notional_usd != touch[t]->notional_usd ||
                                       fills.fill[f]->side != touch[t]->side))
                f++;
            assert_true(f < fills.count);
            double delay = fills.fill[f]->time_s - touch[t]->time_s;
            assert_true(delay > 0);
            sqz_mean_add(&mean, delay);
            sqz_mean_add(&above, delay > 1.7 * latency);
        }
    }
    check_mean_4se("mean delay", &mean, latency, 0);
    check_mean_4se("P(delay > 1.7 means)", &above, exp(-1.7), 0);
    assert_true(sqz_mean_estimate(&mean).se < 0.05 * latency);
    test_engine_free(&engine);
    test_world_free(&test);
}

/* ---- the line ------------------------------------------------------------------------------ */

/* Two orders of a side touched together and one of the other: 5.3 and 2 children, then 1.6. */
static void test_child_orders(void **state)
{
    (void)state;
    static struct event_log log;
    struct sqz_outcome outcome;
    struct test_world test;
    const double rate = 40e3, interval = 2.5, child = rate * interval;
    struct sqz_level level[] = {{0.01, 5.3 * child, 0, SQZ_UP},
                                {0.011, 2 * child, 0, SQZ_UP},
                                {-0.001, 1.6 * child, 0, SQZ_DOWN}};
    struct test_impulse jump = {.time_s = 100, .jump_log = 0.012};
    quiet_world(&test, level, 3,
                (struct sqz_execution){.latency_s = 4, .usd_per_s = rate, .interval_s = interval});
    test_world_add_impulse(&test, &jump);
    run_alone(&test, &log, &outcome);
    struct fills fills = fills_of(&log);
    assert_int_equal(fills.count, 2 + 6 + 2);
    check_fill(fills.fill[0], SQZ_DOWN, 4, child); /* its line is its own, and so is its time */
    check_fill(fills.fill[1], SQZ_DOWN, 4 + interval, 0.6 * child);
    for (int k = 0; k < 6; k++)
        check_fill(fills.fill[2 + k], SQZ_UP, 104 + k * interval, (k < 5 ? 1 : 0.3) * child);
    for (int k = 0; k < 2; k++) /* the first order took 5.3 intervals */
        check_fill(fills.fill[8 + k], SQZ_UP, 104 + (5.3 + k) * interval, child);
    test_world_free(&test);
}

/* 100 USD in children of 0.1 are 1,000 orders: what rounding leaves of the last is none. */
static void test_no_order_of_rounding(void **state)
{
    (void)state;
    static struct event_log log;
    struct sqz_outcome outcome;
    struct test_world test;
    struct sqz_level level[] = {{0.01, 100, 0, SQZ_UP}};
    struct test_impulse jump = {.time_s = 100, .jump_log = 0.012};
    quiet_world(&test, level, 1, (struct sqz_execution){.usd_per_s = 0.2, .interval_s = 0.5});
    test_world_add_impulse(&test, &jump);
    run_alone(&test, &log, &outcome);
    struct fills fills = fills_of(&log);
    assert_int_equal(fills.count, 1000);
    check_near("last", fills.fill[999]->notional_usd, 0.1, 1e-9);
    test_world_free(&test);
}

/* What a touch puts on its way, worked out from the rules: one line a side, first come first
 * served. */
struct expected {
    double time_s, notional_usd;
};

static size_t expect_side(const struct event_log *log, enum sqz_side side,
                          const struct sqz_execution *execution, struct expected *expected,
                          size_t *waited)
{
    size_t count = 0;
    double free_s = 0;
    for (size_t i = 0; i < log->count; i++) {
        const struct sqz_event *event = &log->event[i];
        if (event->kind != SQZ_EVENT_LIQUIDATION || sqz_moved_side(event->side) != side)
            continue;
        double start = fmax(event->time_s + execution->latency_s, free_s);
        double left = event->notional_usd, child = execution->usd_per_s * execution->interval_s;
        *waited += start == free_s;
        free_s = start + left / execution->usd_per_s;
        for (int k = 0; left > 1e-6; k++, left -= child) {
            assert_true(count < FILLS_MAX);
            expected[count++] =
                (struct expected){start + k * execution->interval_s, fmin(left, child)};
        }
    }
    return count;
}

/* The fills of a side are the first of those, and the others would come after the end. */
static void check_side(const struct event_log *log, enum sqz_side side,
                       const struct sqz_execution *execution, double horizon_s, size_t *waited)
{
    static struct expected expected[FILLS_MAX];
    const struct sqz_event *mine[FILLS_MAX];
    size_t count = 0, planned = expect_side(log, side, execution, expected, waited);
    struct fills fills = fills_of(log);
    for (size_t i = 0; i < fills.count; i++)
        if (sqz_moved_side(fills.fill[i]->side) == side)
            mine[count++] = fills.fill[i];
    assert_true(count <= planned);
    for (size_t i = 0; i < count; i++) {
        check_near("time", mine[i]->time_s, expected[i].time_s, 1e-9 * horizon_s);
        check_near("size", mine[i]->notional_usd, expected[i].notional_usd, 1e-6);
    }
    for (size_t i = count; i < planned; i++)
        assert_true(expected[i].time_s > horizon_s);
    /* Never faster than the line moves, over any time from one fill up to another. */
    for (size_t i = 0; i < count; i++) {
        double sent = 0;
        for (size_t j = i + 1; j < count; j++) {
            sent += mine[j - 1]->notional_usd;
            double room = execution->usd_per_s * (mine[j]->time_s - mine[i]->time_s);
            assert_true(sent <= room + 1e-4); /* USD: rounding of times near a day */
        }
    }
}

/* Noisy days: cascades that fill the queue, and quiet times in which it empties. */
static void test_the_line_of_a_side(void **state)
{
    (void)state;
    static struct event_log log;
    static const struct sqz_execution DESK[] = {
        {.latency_s = 12.5, .usd_per_s = 2.1e3, .interval_s = 90},
        {.latency_s = 0, .usd_per_s = 300, .interval_s = 1000},
        {.latency_s = 0, .usd_per_s = 1.7e5, .interval_s = 30}, /* no order is that large */
    };
    for (size_t d = 0; d < sizeof DESK / sizeof DESK[0]; d++) {
        struct test_world test;
        struct test_engine engine;
        size_t waited = 0;
        busy_world(&test, DESK[d]);
        test_engine_init(&engine, (const struct sqz_world *[]){&test.world}, 1);
        for (uint64_t path = 0; path < 60; path++) {
            run_logged(&engine, path, &log);
            check_side(&log, SQZ_UP, &DESK[d], DAY_S, &waited);
            check_side(&log, SQZ_DOWN, &DESK[d], DAY_S, &waited);
        }
        assert_true(waited > 20);
        test_engine_free(&engine);
        test_world_free(&test);
    }
}

/* After the line is empty all that was forced has been executed, nothing more and nothing less. */
static void test_all_that_was_forced_is_executed(void **state)
{
    (void)state;
    static struct event_log log;
    struct test_world test;
    struct test_engine engine;
    struct sqz_execution execution = {
        .latency_s = 20, .random = true, .usd_per_s = 1.3e4, .interval_s = 15};
    busy_world(&test, execution);
    test.world.market.volatility_per_sqrt_s = 0;
    test.world.market.drift_per_s =
        0.03 / 40000; /* the last level is met before 0.0431 of 0.0648 */
    test_engine_init(&engine, (const struct sqz_world *[]){&test.world}, 1);
    for (uint64_t path = 0; path < 20; path++) {
        double executed[2] = {0}, last_s = 0;
        run_logged(&engine, path, &log);
        const struct sqz_outcome *outcome = sqz_engine_outcome(&engine.engine, 0);
        struct fills fills = fills_of(&log);
        for (size_t i = 0; i < fills.count; i++) {
            executed[fills.fill[i]->side] += fills.fill[i]->notional_usd;
            last_s = fills.fill[i]->time_s;
        }
        assert_true(last_s < 0.99 * DAY_S && outcome->liquidations[SQZ_UP] > 5);
        for (int side = 0; side < 2; side++)
            check_near("executed", executed[side], outcome->forced_usd[side],
                       1e-12 * outcome->forced_usd[side]);
    }
    test_engine_free(&engine);
    test_world_free(&test);
}

/* ---- execution at a constant rate ---------------------------------------------------------- */

/* P + D when an order has just left that took `time_s` at `rate`, in children. */
static double displaced_after(double rate, double interval, double time_s)
{
    struct test_world test;
    struct test_engine engine;
    static struct event_log log;
    const struct sqz_event *output[1];
    struct sqz_level level = {-1e-3, rate * time_s, 0, SQZ_UP};
    quiet_world(&test, &level, 1,
                (struct sqz_execution){.usd_per_s = rate, .interval_s = interval});
    test_engine_init_outputs(&engine, (const struct sqz_world *[]){&test.world}, 1, &time_s, 1);
    run_logged(&engine, 0, &log);
    assert_int_equal(select_events(&log, SQZ_EVENT_OUTPUT, output, 1), 1);
    double displaced = output[0]->displacement_log;
    test_engine_free(&engine);
    test_world_free(&test);
    return displaced;
}

/* Ever smaller children approach dE/dt = r - rho E, E(t) = r/rho (1 - exp(-rho t)), by a
 * first-order error: every child leaves at the beginning of its interval and has longer to recover.
 */
static void test_small_children_are_a_constant_rate(void **state)
{
    (void)state;
    const double rate = 62e3, time = 117.3, rho = M_LN2 / 60, per_usd = 0.01 / 20e6;
    double exact = (0.2 * rate * time + 0.8 * rate / rho * -expm1(-rho * time)) * per_usd;
    double before = NAN, error = NAN;
    for (int parts = 32; parts <= 512; parts *= 2) {
        error = displaced_after(rate, time / parts, time) - exact;
        assert_true(error < 0);
        if (parts > 32)
            check_near("error next to that of twice the interval", error / before, 0.5, 0.02);
        before = error;
    }
    check_near("smallest error, of all", error / exact, 0, 1e-3);
}

/* ---- ends ---------------------------------------------------------------------------------- */

/* An order due at the horizon itself is filled; one due later never is, and counts as forced. */
static void test_orders_at_the_horizon(void **state)
{
    (void)state;
    static struct event_log log;
    for (int late = 0; late < 2; late++) {
        struct sqz_outcome outcome;
        struct test_world test;
        struct sqz_level level = {-1e-3, 6e6, 0, SQZ_UP};
        quiet_world(&test, &level, 1,
                    (struct sqz_execution){.latency_s = late ? nextafter(1000, 2000) : 1000});
        run_alone(&test, &log, &outcome);
        struct fills fills = fills_of(&log);
        assert_int_equal(fills.count, late ? 0 : 1);
        assert_true(outcome.forced_usd[SQZ_UP] == 6e6 && outcome.stop == SQZ_STOP_HORIZON);
        check_near("final", outcome.final_log, late ? 0 : 0.003, 1e-15);
        assert_int_equal(log.event[log.count - 1].kind, SQZ_EVENT_HORIZON);
        test_world_free(&test);
    }
}

/* Children go on to the horizon, that one included; a chain set off there is followed to its end.
 */
static void test_children_up_to_the_horizon(void **state)
{
    (void)state;
    static struct event_log log;
    struct sqz_outcome outcome;
    struct test_world test;
    struct sqz_level level[] = {{-1e-3, 60e6, 0, SQZ_UP}, {0.0105, 9e6, 0, SQZ_UP}};
    quiet_world(&test, level, 2, (struct sqz_execution){.usd_per_s = 40e3, .interval_s = 250});
    test_book_init(&test.book, 50e6, 1.0, 1.0, 60); /* 1e7 a child: 20 bp for good */
    run_alone(&test, &log, &outcome);
    struct fills fills = fills_of(&log);
    assert_int_equal(fills.count, 5);
    for (int k = 0; k < 5; k++)
        check_fill(fills.fill[k], SQZ_UP, k * 250.0, 1e7);
    check_near("final", outcome.final_log, 0.01, 1e-15);
    assert_int_equal(outcome.liquidations[SQZ_UP], 1);
    test_world_free(&test);
}

/* A path that is cut off with orders on their way leaves nothing behind for the next one. */
static void test_cut_off_with_orders_on_their_way(void **state)
{
    (void)state;
    struct test_world test;
    struct test_engine whole, cut;
    struct sqz_diag diag = {0};
    busy_world(&test, (struct sqz_execution){
                          .latency_s = 400, .random = true, .usd_per_s = 2e3, .interval_s = 60});
    test_engine_init(&whole, (const struct sqz_world *[]){&test.world}, 1);
    test_engine_init(&cut, (const struct sqz_world *[]){&test.world}, 1);
    uint64_t unfinished = 0;
    for (uint64_t path = 0; path < 20; path++) {
        sqz_engine_run(&whole.engine, SEED, path, NULL);
        struct sqz_engine_plan plan = whole.engine.path.plan;
        plan.max_events = whole.engine.path.events * 2 / 3;
        sqz_engine_free(&cut.engine);
        assert_int_equal(sqz_engine_init(&cut.engine, &plan, &diag), SQZ_OK);
        sqz_engine_run(&cut.engine, SEED, path, NULL);
        const struct sqz_outcome *outcome = sqz_engine_outcome(&cut.engine, 0);
        assert_int_equal(outcome->stop, SQZ_STOP_MAX_EVENTS);
        assert_true(cut.engine.path.events == plan.max_events);
        unfinished += cut.engine.path.queue.count > 1;
        struct sqz_outcome again = *sqz_engine_outcome(&whole.engine, 0);
        cut.engine.path.plan.max_events = 100000000;
        sqz_engine_run(&cut.engine, SEED, path, NULL);
        check_same_outcome(sqz_engine_outcome(&cut.engine, 0), &again);
    }
    assert_true(unfinished > 5);
    test_engine_free(&whole);
    test_engine_free(&cut);
    test_world_free(&test);
}

/* ---- neutral settings ---------------------------------------------------------------------- */

/* the execution that takes no time is no execution, to the bit, whatever else it is told. */
static void test_an_execution_that_takes_no_time(void **state)
{
    (void)state;
    struct test_world plain, other;
    struct test_engine first, second;
    busy_world(&plain, (struct sqz_execution){0});
    busy_world(&other, (struct sqz_execution){.random = true, .interval_s = 17});
    test_engine_init(&first, (const struct sqz_world *[]){&plain.world}, 1);
    test_engine_init(&second, (const struct sqz_world *[]){&other.world}, 1);
    for (uint64_t path = 0; path < 50; path++) {
        sqz_engine_run(&first.engine, SEED, path, NULL);
        sqz_engine_run(&second.engine, SEED, path, NULL);
        check_same_outcome(sqz_engine_outcome(&first.engine, 0),
                           sqz_engine_outcome(&second.engine, 0));
    }
    test_engine_free(&first);
    test_engine_free(&second);
    test_world_free(&plain);
    test_world_free(&other);
}

/* Without impact orders are counted at the touch, at the price of their time: the execution is
 * idle. */
static void test_execution_without_impact(void **state)
{
    (void)state;
    static struct event_log log;
    struct test_world test;
    struct test_engine engine;
    size_t seen = 0;
    init_busy(&test);
    test.world.market.impact = false;
    struct sqz_world late = test.world;
    late.execution = (struct sqz_execution){.latency_s = 55, .usd_per_s = 5e3, .interval_s = 40};
    test_engine_init(&engine, (const struct sqz_world *[]){&test.world, &late}, 2);
    for (uint64_t path = 0; path < 20; path++) {
        run_logged(&engine, path, &log);
        check_same_outcome(sqz_engine_outcome(&engine.engine, 0),
                           sqz_engine_outcome(&engine.engine, 1));
        for (size_t i = 0; i < log.count; i++)
            if (log.event[i].kind == SQZ_EVENT_LIQUIDATION && log.event[i].world == 1) {
                assert_true(log.event[i].fill_log == log.event[i].exogenous_log);
                seen++;
            } else {
                assert_true(log.event[i].kind != SQZ_EVENT_FILL);
            }
    }
    assert_true(seen > 200);
    test_engine_free(&engine);
    test_world_free(&test);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fixed_latency),
        cmocka_unit_test(test_the_fill_moves_the_price),
        cmocka_unit_test(test_chain_of_latencies),
        cmocka_unit_test(test_exponential_latency),
        cmocka_unit_test(test_child_orders),
        cmocka_unit_test(test_no_order_of_rounding),
        cmocka_unit_test(test_the_line_of_a_side),
        cmocka_unit_test(test_all_that_was_forced_is_executed),
        cmocka_unit_test(test_small_children_are_a_constant_rate),
        cmocka_unit_test(test_orders_at_the_horizon),
        cmocka_unit_test(test_children_up_to_the_horizon),
        cmocka_unit_test(test_cut_off_with_orders_on_their_way),
        cmocka_unit_test(test_an_execution_that_takes_no_time),
        cmocka_unit_test(test_execution_without_impact),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
