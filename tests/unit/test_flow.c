/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The flow driver by hand: when the first order comes after a liquidation and on which side, sizes,
 * the intensity it reports, and what the same flow does with and without impact. */
#include "tests/unit/driver_by_hand.h"
#include "tests/unit/engine_fixture.h"

enum { PATHS = 40000 };

static void hand_on_fill(struct hand *hand, double time_s, double up_usd, double down_usd)
{
    const double forced_usd[2] = {up_usd, down_usd};
    hand->effect.next_s = hand->driver->model->on_fill(
        hand->driver->shared, hand->state, &hand->stream, time_s, forced_usd, hand->effect.next_s);
}

/* ---- the first order after a liquidation --------------------------------------------------- */

/* Liquidations are heard at 3 s and at 4.5 s. While no order comes, the intensity is known:
 * mu + branching decay sum_k w_k exp(-decay (t - t_k)), w_k = 1.3 forced_k / 100. */
static const double MU = 0.02, BRANCHING = 0.6, DECAY = 0.25;
static const double HEARD_S[2] = {3.0, 4.5}, WEIGHED[2] = {1.3 * (90 + 40) / 100, 1.3 * 70 / 100};
#define RISING_FLOW                                                                                \
    "flow.rate,0.02,1/s\nflow.branching,0.6,\nflow.decay,0.25,1/s\nflow.size,100,usd\n"            \
    "flow.herding,0.7,\nflow.liquidations,1.3,\n"

/* Orders expected from 3 s to `time_s`, if there is none up to then. */
static double expected_by(double time_s)
{
    double sum = MU * (time_s - HEARD_S[0]);
    for (int k = 0; k < 2; k++)
        if (time_s > HEARD_S[k])
            sum += BRANCHING * WEIGHED[k] * -expm1(-DECAY * (time_s - HEARD_S[k]));
    return sum;
}

static void test_first_order_after_liquidations(void **state)
{
    static const double CHECK_S[] = {3.4, 4.45, 4.9, 7, 12, 40};
    enum { CHECKS = 6 };
    struct sqz_scenario scenario;
    struct hand hand;
    uint64_t later[CHECKS] = {0}, quiet = 0, paths = test_paths(PATHS);
    load_rows_well(*state, &scenario, RISING_FLOW, NULL);
    for (uint64_t path = 0; path < paths; path++) {
        hand_start(&hand, &scenario, path);
        if (hand.effect.next_s <= HEARD_S[0])
            continue;
        quiet++;
        hand_on_fill(&hand, HEARD_S[0], 90, 40);
        if (hand.effect.next_s > HEARD_S[1])
            hand_on_fill(&hand, HEARD_S[1], 0, 70);
        for (int i = 0; i < CHECKS; i++)
            later[i] += hand.effect.next_s > CHECK_S[i];
    }
    check_share_4se("none before", quiet, paths, exp(-MU * HEARD_S[0]), 0);
    for (int i = 0; i < CHECKS; i++)
        check_share_4se("none by then", later[i], quiet, exp(-expected_by(CHECK_S[i])), 0);
    sqz_scenario_free(&scenario);
}

/* With next to no background, the first order may never come, and its side is the herd's. */
static void test_side_of_the_first_order(void **state)
{
    struct sqz_scenario scenario;
    struct hand hand;
    uint64_t came = 0, bought = 0, paths = test_paths(PATHS);
    const char *const set[] = {"flow.rate=1e-9 1/s", NULL};
    load_rows_well(*state, &scenario, RISING_FLOW, set);
    for (uint64_t path = 0; path < paths; path++) {
        hand_start(&hand, &scenario, path);
        hand_on_fill(&hand, 5.5, 90, 40);
        if (hand.effect.next_s > 1000)
            continue;
        came++;
        hand_fire(&hand);
        bought += hand.effect.order_usd == 100;
        assert_true(fabs(hand.effect.order_usd) == 100);
    }
    check_share_4se("comes at all", came, paths, -expm1(-BRANCHING * WEIGHED[0]), 1e-5);
    check_share_4se("buys", bought, came, (0.7 * 90 + 0.3 * 40) / 130, 1e-5);
    sqz_scenario_free(&scenario);
}

/* Without branching nothing follows a liquidation, and nothing is drawn for it that would show. */
static void test_no_branching_hears_nothing(void **state)
{
    struct sqz_scenario scenario;
    struct hand hand;
    const char *const set[] = {"flow.branching=0", NULL};
    load_rows_well(*state, &scenario, RISING_FLOW, set);
    hand_start(&hand, &scenario, 7);
    double next_s = hand.effect.next_s;
    hand_on_fill(&hand, 0.5 * next_s, 1e9, 1e9);
    assert_true(hand.effect.next_s == next_s);
    sqz_scenario_free(&scenario);
}

/* ---- measures and sizes -------------------------------------------------------------------- */

enum { ORDERS, BOUGHT, SOLD, INTENSITY };

static void test_measures_by_hand(void **state)
{
    struct sqz_scenario scenario;
    struct hand hand;
    double value[SQZ_MEASURES_MAX], sum[2] = {0, 0};
    load_rows_well(*state, &scenario, RISING_FLOW, NULL);
    hand_start(&hand, &scenario, 3);
    hand_measure(&hand, 0.0, value);
    assert_true(value[ORDERS] == 0 && value[BOUGHT] == 0 && value[SOLD] == 0);
    check_near("intensity at rest", value[INTENSITY], MU, 1e-17);
    hand_on_fill(&hand, 2.5, 90, 40);
    hand_measure(&hand, 6.0, value);
    double excess = BRANCHING * DECAY * WEIGHED[0] * exp(-DECAY * (6.0 - 2.5));
    check_near("intensity", value[INTENSITY], MU + excess, 1e-15);
    hand_on_fill(&hand, 6.5, 0, 70);
    hand_measure(&hand, 8.0, value);
    excess = excess * exp(-DECAY * 2.0) + BRANCHING * DECAY * WEIGHED[1] * exp(-DECAY * 1.5);
    check_near("intensity", value[INTENSITY], MU + excess, 1e-15);
    for (int i = 0; i < 50; i++) {
        double before_s = hand.effect.next_s, before;
        hand_measure(&hand, before_s, value);
        before = value[INTENSITY];
        hand_fire(&hand);
        sum[hand.effect.order_usd > 0 ? BOUGHT - 1 : SOLD - 1] += fabs(hand.effect.order_usd);
        hand_measure(&hand, before_s, value);
        check_near("rise of the intensity", value[INTENSITY] - before, BRANCHING * DECAY, 1e-14);
        assert_true(value[ORDERS] == i + 1);
    }
    assert_true(value[BOUGHT] == sum[0] && value[SOLD] == sum[1]);
    assert_true(value[BOUGHT] > 0 && value[SOLD] > 0);
    sqz_scenario_free(&scenario);
}

/* Sizes have the mean asked for and the sigma asked for; buys their share, as one side provokes the
 * other as often as itself. */
static void test_sizes_and_sides(void **state)
{
    struct sqz_scenario scenario;
    struct hand hand;
    struct sqz_mean size = {0}, log_size = {0}, square = {0}, buys = {0};
    uint64_t paths = test_paths(PATHS);
    const char *const set[] = {"flow.size.sigma=0.65", "flow.buy=0.23", "flow.branching=0", NULL};
    load_rows_well(*state, &scenario, RISING_FLOW, set);
    hand_start(&hand, &scenario, 11);
    for (uint64_t i = 0; i < paths; i++) {
        hand_fire(&hand);
        double log_over_mean = log(fabs(hand.effect.order_usd) / 100);
        sqz_mean_add(&size, fabs(hand.effect.order_usd));
        sqz_mean_add(&log_size, log_over_mean);
        sqz_mean_add(&square, pow(log_over_mean + 0.5 * 0.65 * 0.65, 2));
        sqz_mean_add(&buys, hand.effect.order_usd > 0);
    }
    check_mean_4se("size", &size, 100, 0);
    check_mean_4se("log size", &log_size, -0.5 * 0.65 * 0.65, 0);
    check_mean_4se("variance of log size", &square, 0.65 * 0.65, 0);
    check_mean_4se("buys", &buys, 0.23, 0);
    sqz_scenario_free(&scenario);
}

/* ---- with and without impact --------------------------------------------------------------- */

/* Orders of one world. */
struct orders {
    size_t count;
    double time_s[LOG_MAX], signed_usd[LOG_MAX];
};

static void orders_of(const struct event_log *log, unsigned world, struct orders *orders)
{
    orders->count = 0;
    for (size_t i = 0; i < log->count; i++) {
        const struct sqz_event *event = &log->event[i];
        if (event->kind != SQZ_EVENT_ORDER || event->world != world)
            continue;
        assert_string_equal(event->driver, "flow");
        orders->time_s[orders->count] = event->time_s;
        orders->signed_usd[orders->count++] = sqz_order_sign(event->side) * event->notional_usd;
    }
}

/* The orders that come where forced orders move nothing come at the same times and in the same
 * sizes where they do, among those that chase them. */
static void test_the_crowd_that_comes_anyway_is_common(void **state)
{
    static struct test_engine test;
    static struct event_log log;
    static struct orders with, without;
    struct sqz_scenario scenario;
    load_rows_well(*state, &scenario,
                   "flow.rate,0.8,1/h\nflow.size,50k,usd\nflow.size.sigma,0.4,\n", NULL);
    struct sqz_level level[] = {{0.004, 3e6, 0, SQZ_UP}, {0.003, 2e6, 0, SQZ_DOWN}};
    struct sqz_ladder ladder;
    struct sqz_diag diag = {0};
    assert_int_equal(sqz_ladder_build(&ladder, level, 2, 1.0, &diag), SQZ_OK);
    struct sqz_world on = scenario.world, off;
    on.ladder = &ladder;
    off = on;
    off.market.impact = false;
    test_engine_init(&test, (const struct sqz_world *[]){&on, &off}, 2);
    size_t chasing = 0;
    for (uint64_t path = 0; path < 20; path++) {
        run_logged(&test, path, &log);
        orders_of(&log, 0, &with);
        orders_of(&log, 1, &without);
        size_t found = 0;
        for (size_t i = 0; i < with.count && found < without.count; i++)
            found += with.time_s[i] == without.time_s[found] &&
                     with.signed_usd[i] == without.signed_usd[found];
        assert_true(without.count > 20);
        assert_int_equal(found, without.count);
        chasing += with.count - without.count;
    }
    assert_true(chasing > 20 * 20); /* 2M or 3M USD of forced orders are 40 or 60 of these */
    test_engine_free(&test);
    sqz_ladder_free(&ladder);
    sqz_scenario_free(&scenario);
}

/* ---- errors -------------------------------------------------------------------------------- */

static void test_errors(void **state)
{
    check_rows_error(*state, "flow.rate,1,1/h\nflow.size,1k,usd\nflow.branching,1,\n", "s.csv", 10,
                     "flow.branching", "is out of range; expected 0 to 0.999");
    check_rows_error(*state, "flow.rate,1,1/h\nflow.size,0,usd\n", "s.csv", 9, "flow.size",
                     "0 usd is out of range; expected above 0 to 1e+15 usd");
}

#define IN_SCRATCH(test) cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SCRATCH(test_first_order_after_liquidations),
        IN_SCRATCH(test_side_of_the_first_order),
        IN_SCRATCH(test_no_branching_hears_nothing),
        IN_SCRATCH(test_measures_by_hand),
        IN_SCRATCH(test_sizes_and_sides),
        IN_SCRATCH(test_the_crowd_that_comes_anyway_is_common),
        IN_SCRATCH(test_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
