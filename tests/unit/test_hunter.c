/* The hunter: when it acts and when not, raids computed by hand, and its books balanced against the
 * orders that others see. */
#include "tests/unit/driver_cases.h"
#include "tests/unit/path_fixture.h"

#include <gsl/gsl_sf_lambert.h>

enum { PROFIT, RAIDS, TRADED, POSITION };

#define QUIET "horizon,1,h\nvolatility,0,1/sqrt(d)\n"

/* The hunter's orders of a journey, signed. */
struct order {
    double time_s, usd, fill_log;
};
enum { ORDERS_MAX = 64 };

static size_t orders_of(const struct journey *journey, struct order order[ORDERS_MAX])
{
    const struct sqz_event *event[ORDERS_MAX];
    size_t count = select_events(&journey->log, SQZ_EVENT_ORDER, event, ORDERS_MAX);
    for (size_t i = 0; i < count; i++)
        order[i] =
            (struct order){event[i]->time_s, sqz_direction(event[i]->side) * event[i]->notional_usd,
                           event[i]->fill_log};
    return count;
}

static double raids_of(struct scratch *scratch, const char *rows, const char *levels)
{
    static struct journey journey;
    travel_rows(scratch, rows, levels, &journey);
    assert_true((journey.outcome.measure[RAIDS] > 0) == (journey.outcome.measure[TRADED] > 0));
    return journey.outcome.measure[RAIDS];
}

/* ---- raids by hand ------------------------------------------------------------------------- */

/* A raid on a flat book that never recovers, k = STIFF_LOG_PER_USD. Outward of side s = 1 or -1,
 * the push V = l / k fills at the mean s k V / 2 and leaves c = V exp(-s k V / 2) coins; the
 * cluster carries the price to x = k (V + N). An unwinding order Q for c coins solves Q = c exp(s
 * (x - k Q / 2)),   so   (s k / 2) Q exp((s k / 2) Q) = (s k / 2) c exp(s x): Lambert's W. */
struct raid {
    double push_usd, unwind_usd[ORDERS_MAX], profit_usd;
};

static struct raid raid_by_hand(enum sqz_side side, double level_log, double cluster_usd,
                                int slices)
{
    const double k = STIFF_LOG_PER_USD, s = sqz_direction(side);
    struct raid raid = {.push_usd = (level_log + SQZ_TOUCH_LOG) / k};
    double coins = raid.push_usd * exp(-0.5 * s * k * raid.push_usd);
    double x = k * (raid.push_usd + cluster_usd);
    raid.profit_usd = -s * raid.push_usd;
    for (int i = 0; i < slices; i++) {
        raid.unwind_usd[i] =
            gsl_sf_lambert_W0(0.5 * s * k * (coins / slices) * exp(s * x)) / (0.5 * s * k);
        x -= k * raid.unwind_usd[i];
        raid.profit_usd += s * raid.unwind_usd[i];
    }
    return raid;
}

/* 9M USD at 50 bp; 10M USD reach it. */
#define PAYING                                                                                     \
    QUIET "hunter.capital,11M,usd\nhunter.hold,12.5,s\nhunter.unwind,70,s\nhunter.slices,3,\n"
static void check_raid(struct scratch *scratch, enum sqz_side side, const char *levels,
                       double level_log)
{
    static struct journey journey;
    struct order order[ORDERS_MAX];
    struct raid raid = raid_by_hand(side, level_log, 9e6, 3);
    travel_rows(scratch, PAYING, levels, &journey);
    assert_int_equal(orders_of(&journey, order), 4);
    check_near("push", order[0].usd, sqz_direction(side) * raid.push_usd, 1e-9 * raid.push_usd);
    assert_true(order[0].time_s == 0.0);
    for (int i = 0; i < 3; i++) {
        check_near("unwinding", order[i + 1].usd, -sqz_direction(side) * raid.unwind_usd[i],
                   1e-9 * raid.unwind_usd[i]);
        check_near("time", order[i + 1].time_s, 12.5 + 35 * i, 1e-9);
    }
    assert_true(raid.profit_usd > 10e3);
    check_near("profit", journey.outcome.measure[PROFIT], raid.profit_usd, 1e-9 * raid.profit_usd);
    assert_true(journey.outcome.measure[RAIDS] == 1);
    assert_true(journey.outcome.measure[POSITION] == 0);
    assert_int_equal(journey.outcome.liquidations[side], 1);
}

static void test_raid_by_hand(void **state)
{
    check_raid(*state, SQZ_UP, LEVELS_HEADER "short,80400,9e6\nlong,70000,50e6\n",
               log(80400.0 / 80000));
    check_raid(*state, SQZ_DOWN, LEVELS_HEADER "long,79600,9e6\nshort,90000,50e6\n",
               -log(79600.0 / 80000));
}

/* Where impact is linear and permanent, a round liquidation earns nothing, with a cluster of 1 USD
 * as with none. In several orders it costs V (k V)^2 / 24 more, half a cent here, as the average
 * fill is a mean of log prices. */
static void test_round_trips_earn_nothing(void **state)
{
    static const struct {
        const char *slices, *levels;
        enum sqz_side side;
        double least_usd;
    } CASES[] = {
        {"hunter.slices,1,\n", "short,80400,1\n", SQZ_UP, 19e6},
        {"hunter.slices,1,\n", "long,79600,1\n", SQZ_DOWN, 19e6},
        {"hunter.slices,6,\n", "short,80032,1\n", SQZ_UP, 1.5e6},
        {"hunter.slices,6,\n", "long,79968,1\n", SQZ_DOWN, 1.5e6},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        static struct journey journey;
        char rows[400], levels[200];
        snprintf(rows, sizeof rows,
                 QUIET "book.permanent,1,\nhunter.capital,1B,usd\nhunter.multiple,1e12,\n%s",
                 CASES[i].slices);
        snprintf(levels, sizeof levels, LEVELS_HEADER "%s", CASES[i].levels);
        travel_rows(*state, rows, levels, &journey);
        assert_true(journey.outcome.measure[RAIDS] == 1);
        assert_int_equal(journey.outcome.liquidations[CASES[i].side], 1);
        assert_true(journey.outcome.measure[TRADED] > CASES[i].least_usd);
        check_near("profit", journey.outcome.measure[PROFIT], 0, 0.01);
    }
}

/* ---- the decision -------------------------------------------------------------------------- */

/* On a flat book cost and pay are V k V / 2 and V k N: it acts if V < 2 m N. */
static void test_acts_if_the_cluster_pays(void **state)
{
#define WEIGHING QUIET "hunter.capital,20M,usd\nhunter.multiple,0.8,\n"
    const char *near_levels = LEVELS_HEADER "short,80400,6.25e6\n"; /* V = 9.975M: 2 m N is 10M */
    assert_true(raids_of(*state, WEIGHING, near_levels) == 1);
    assert_true(raids_of(*state, WEIGHING, LEVELS_HEADER "short,80400,6.2e6\n") == 0);
    /* Half of it 40 bp beyond the other half. */
    const char *spread = LEVELS_HEADER "short,80400,3.2e6\nshort,80720,3.2e6\n";
    assert_true(raids_of(*state, WEIGHING, spread) == 1);
    assert_true(raids_of(*state, WEIGHING "hunter.window,39,bp\n", spread) == 0);
    /* What tops up does not pay. */
    assert_true(raids_of(*state, WEIGHING "levels.topup,0.02,\n", near_levels) == 0);
}

static void test_acts_if_the_capital_suffices(void **state)
{
    const char *levels = LEVELS_HEADER "short,80400,9e6\n";
    assert_true(raids_of(*state, QUIET "hunter.capital,9.974M,usd\n", levels) == 0);
    assert_true(raids_of(*state, QUIET "hunter.capital,9.976M,usd\n", levels) == 1);
    assert_true(raids_of(*state, QUIET "hunter.capital,20M,usd\nimpact,off\n", levels) == 0);
    assert_true(raids_of(*state, QUIET "hunter.capital,20M,usd\nhunter.multiple,0,\n", levels) ==
                0);
    assert_true(
        raids_of(*state, QUIET "hunter.capital,1e15,usd\n", LEVELS_HEADER "short,80400,0\n") == 0);
}

/* Of two clusters equally near it takes the larger one first. */
static void test_takes_the_better_side(void **state)
{
    static const char *const LEVELS[] = {LEVELS_HEADER "short,80240,7e6\nlong,79760.716,8e6\n",
                                         LEVELS_HEADER "short,80240,8e6\nlong,79760.716,7e6\n"};
    for (int i = 0; i < 2; i++) {
        static struct journey journey;
        struct order order[ORDERS_MAX];
        travel_rows(*state, QUIET "hunter.capital,20M,usd\n", LEVELS[i], &journey);
        assert_true(orders_of(&journey, order) >= 7);
        assert_true((order[0].usd > 0) == (i == 1));
    }
}

/* Nothing within reach: no trace but its name. */
static void test_out_of_reach(void **state)
{
    static struct journey with, without;
#define JUMPING                                                                                    \
    "horizon,3,d\nvolatility,0,1/sqrt(d)\njumps.rate,20,1/d\njumps.sd,0.004,\ntarget,80900,usd\n"
    const char *levels = LEVELS_HEADER "short,92000,300e6\nlong,70000,250e6\nlong,69000,1e6\n";
    travel_rows(*state, JUMPING, levels, &without);
    travel_rows(*state, JUMPING "hunter.capital,30M,usd\n", levels, &with);
    assert_true(with.events > without.events + 3 * 86400 / 60 - 100);
    assert_true(without.outcome.peak_log - without.outcome.trough_log > 0.01);
    check_same_outcome(&with.outcome, &without.outcome);
    for (int i = 0; i < 3; i++) /* after the one measure of the jumps */
        assert_true(with.outcome.measure[1 + i] == 0);
}

/* The drift carries the price by 1 bp in 100 s; from a level at 99.5 bp, 10M USD reach the last
 * 50 bp. It looks every 700 s, and so again 700 s after a raid. */
static void test_looks_at_intervals(void **state)
{
    static struct journey journey;
    struct order order[ORDERS_MAX];
    travel_rows(*state,
                "horizon,3,h\nvolatility,0,1/sqrt(d)\ndrift,1e-6,1/s\nhunter.capital,10M,usd\n"
                "hunter.interval,700,s\nhunter.slices,2,\n",
                LEVELS_HEADER "short,80800,9e6\nshort,81220,9e6\n", &journey);
    size_t count = orders_of(&journey, order);
    assert_true(count >= 6);
    double reach_s = (log(80800.0 / 80000) - 10e6 * STIFF_LOG_PER_USD) / 1e-6;
    check_near("first look in reach", order[0].time_s, 700 * ceil(reach_s / 700), 1e-9);
    check_near("unwinds", order[1].time_s, order[0].time_s + 10, 1e-9);
    check_near("unwinds", order[2].time_s, order[0].time_s + 70, 1e-9);
    double looked = (order[3].time_s - order[2].time_s) / 700;
    check_near("looks again", looked, round(looked), 1e-12);
    assert_true(looked > 0.5);
}

/* ---- being wrong --------------------------------------------------------------------------- */

/* Forced orders that arrive after it has unwound find it flat: it earns nothing, and neither is its
 * account in disorder. Those that arrive while it holds pay as if they came at once. */
static void test_latency(void **state)
{
    static struct journey journey;
    const char *levels = LEVELS_HEADER "short,80400,9e6\n";
    struct raid raid = raid_by_hand(SQZ_UP, log(80400.0 / 80000), 9e6, 3);
    travel_rows(*state, PAYING "latency,12,s\n", levels, &journey);
    check_near("in time", journey.outcome.measure[PROFIT], raid.profit_usd, 1e-9 * raid.profit_usd);
    travel_rows(*state, QUIET "hunter.capital,11M,usd\nhunter.slices,1,\nlatency,12,s\n", levels,
                &journey);
    check_near("too late", journey.outcome.measure[PROFIT], 0, 1e-6);
    assert_true(journey.outcome.measure[RAIDS] == 1);
    check_near("cluster", journey.outcome.final_log, 9e6 * STIFF_LOG_PER_USD, 1e-12);
}

/* Levels that watch the index do not see the part of its push that recovers: a fifth of it has to
 * carry the index to the level, five times the order that carries the last price there. */
static void test_other_trigger(void **state)
{
    static struct journey journey;
    const char *levels = LEVELS_HEADER "short,80400,90e6\n";
#define INDEX QUIET "hunter.slices,1,\nhunter.multiple,2,\ntrigger,index\n"
    double push_usd = 5 * (log(80400.0 / 80000) + SQZ_TOUCH_LOG) / STIFF_LOG_PER_USD;
    assert_true(raids_of(*state, INDEX "hunter.capital,49.8M,usd\n", levels) == 0);
    travel_rows(*state, INDEX "hunter.capital,49.9M,usd\n", levels, &journey);
    struct order order[ORDERS_MAX];
    assert_true(orders_of(&journey, order) >= 2);
    check_near("push", order[0].usd, push_usd, 1e-8 * push_usd);
    assert_int_equal(journey.outcome.liquidations[SQZ_UP], 1);
    assert_true(journey.outcome.measure[PROFIT] > 0);
    assert_true(raids_of(*state, INDEX "hunter.capital,1B,usd\nbook.permanent,0,\n", levels) == 0);
}

/* The cluster leaves a book 451 times thinner, which does not hold the coins that it owes: it buys
 * until the average fill is 0.1 above the last price (log), and the rest when the depth is back.
 */
static void test_thin_book(void **state)
{
    static struct journey journey;
    struct order order[ORDERS_MAX];
    travel_rows(*state,
                QUIET "book.permanent,0,\nwithdrawal.gamma,1000,\nwithdrawal.halflife,2,s\n"
                      "hunter.capital,11M,usd\nhunter.multiple,1e12,\nhunter.slices,1,\n"
                      "hunter.hold,0,s\n",
                LEVELS_HEADER "long,79600,9e6\n", &journey);
    assert_int_equal(orders_of(&journey, order), 3);
    double pushed = (order[0].usd - 9e6) * STIFF_LOG_PER_USD;
    double thin = STIFF_LOG_PER_USD * (1 + 1000 * 9e6 / 20e6);
    check_near("first fill", order[1].fill_log, pushed + 0.1, 1e-6);
    check_near("first order", order[1].usd, 2 * 0.1 / thin, 1e-6 * order[1].usd);
    check_near("second time", order[2].time_s, 60, 1e-12);
    double cash = 0.0, coins = 0.0;
    for (int i = 0; i < 3; i++) {
        cash -= order[i].usd;
        coins += order[i].usd * exp(-order[i].fill_log);
    }
    check_near("coins", coins, 0, 1e-3);
    check_near("profit", journey.outcome.measure[PROFIT], cash, 0.01);
    assert_true(journey.outcome.measure[POSITION] == 0);
}

/* A market of no meaning, in which prices fall by hundreds of orders of magnitude, ends in numbers
 * that have a standard error. */
static void test_absurd_market(void **state)
{
    static struct journey journey;
    travel_rows(*state,
                QUIET "withdrawal.gamma,1,\nflow.rate,60,1/h\nflow.size,10B,usd\n"
                      "hunter.capital,1B,usd\nhunter.multiple,1e12,\nhunter.interval,1,s\n",
                LEVELS_HEADER "short,80400,1e9\nlong,79600,5e8\n", &journey);
    const double *measure = journey.outcome.measure + 4; /* after those of the flow */
    assert_true(measure[RAIDS] >= 1);
    assert_true(isfinite(measure[PROFIT] * measure[PROFIT]));
    assert_true(isfinite(measure[TRADED] * measure[TRADED]));
    assert_true(isfinite(measure[POSITION] * measure[POSITION]));
}

/* ---- its books ----------------------------------------------------------------------------- */

/* What others see of it: orders with notional and average fill. */
struct account {
    double cash_usd, coins, traded_usd, furthest_usd;
    size_t orders;
};

static void keep_account(void *context, const struct sqz_event *event)
{
    struct account *account = context;
    double price = exp(event->exogenous_log + event->displacement_log);
    if (event->kind == SQZ_EVENT_ORDER && strcmp(event->driver, "hunter") == 0) {
        double order = sqz_direction(event->side) * event->notional_usd;
        account->cash_usd -= order;
        account->coins += order * exp(-event->fill_log);
        account->traded_usd += event->notional_usd;
        account->orders++;
    }
    if (event->kind != SQZ_EVENT_OUTPUT)
        return;
    const double *measure = event->measure + 4; /* after those of the flow */
    check_near("profit on the way", measure[PROFIT], account->cash_usd + account->coins * price,
               0.01);
    check_near("position", measure[POSITION], account->coins * price, 0.01);
    account->furthest_usd = fmax(account->furthest_usd, fabs(measure[POSITION]));
}

/* Its profit is the sum of its cash flows and the position at the last price, in a market where
 * books recover, others trade, and forced orders take their time. */
static void test_profit_equals_cash_flows(void **state)
{
    static struct test_engine test;
    struct sqz_scenario scenario;
    double output_s[100], raids = 0;
    size_t holding = 0, held = 0;
    for (int i = 0; i < 100; i++)
        output_s[i] = 86400 * (i + 0.5) / 100;
    write_case_files(*state);
    load_case(*state, &scenario,
              "flow.rate,3,1/h\nflow.size,200k,usd\nhunter.capital,4M,usd\nhunter.multiple,1.4,\n"
              "hunter.unwind,25,min\nlatency,5,s\nlatency.law,exponential\nslice.rate,50k,usd/s\n");
    test_engine_init_outputs(&test, (const struct sqz_world *[]){&scenario.world}, 1, output_s,
                             100);
    for (uint64_t path = 0; path < 80; path++) {
        struct account account = {0};
        struct sqz_observer observer = {.context = &account, .event = keep_account};
        sqz_engine_run(&test.engine, 81, path, &observer);
        const struct sqz_outcome *outcome = sqz_engine_outcome(&test.engine, 0);
        const double *measure = outcome->measure + 4;
        double left_usd = account.coins * exp(outcome->final_log);
        check_near("profit", measure[PROFIT], account.cash_usd + left_usd, 0.01);
        check_near("traded", measure[TRADED], account.traded_usd, 0.01);
        check_near("position", measure[POSITION], left_usd, 0.01);
        assert_true(account.orders <= 7 * measure[RAIDS]);
        assert_true(account.orders + 6 >= 7 * measure[RAIDS]);
        raids += measure[RAIDS];
        holding += fabs(left_usd) > 1;
        held += account.furthest_usd > 1e5;
    }
    assert_true(raids > 80 && holding > 0 && held > 20);
    test_engine_free(&test);
    sqz_scenario_free(&scenario);
}

/* ---- what waits ---------------------------------------------------------------------------- */

/* The notional that waits is what a touch forces: levels of the window, without those that top up,
 * have left or were paid off. */
static void test_waiting_is_what_a_touch_forces(void **state)
{
    (void)state;
    for (int side = 0; side < 2; side++) {
        const double scale = side == SQZ_UP ? 1.0 : 1.3, window = 0.014 - 0.010, at_s = 2500;
        struct sqz_level level[] = {{0.010, 1.1e6 * scale, 0, (unsigned char)side},
                                    {0.013, 2.3e6 * scale, 0, (unsigned char)side},
                                    {0.014, 0.7e6 * scale, 0, (unsigned char)side},
                                    {0.0142, 5.9e6 * scale, 0, (unsigned char)side},
                                    {0.011, 1e5, 0, (unsigned char)(1 - side)}};
        struct test_world test;
        struct sqz_world_state now;
        struct sqz_context at = {.time_s = at_s};
        test_book_init(&test.book, 1e15, 1.0, 0.0, INFINITY);
        test_world_init(&test, level, 5, 0.0, 1e5);
        test.world.topup = 0.15;
        test.world.attrition_per_s = 1e-5;
        sqz_world_reset(&test.world, &now);
        sqz_world_pay_funding(&test.world, &now, expm1(-sqz_direction(side) * 0.001), at_s);
        now.level_keep[side] *= 0.9;
        double waiting = sqz_world_waiting_usd(&test.world, &now, side, window, at_s);
        double share = 0.85 * 0.9 * exp(-1e-5 * at_s);
        check_near("waiting", waiting, 4.1e6 * scale * share, 1e-6);
        now.exogenous_log = sqz_direction(side) * (0.010 - 0.001 + window);
        test_settle(&test.world, &now, &at);
        assert_int_equal(now.outcome.liquidations[side], 3);
        check_near("forced", now.outcome.forced_usd[side], waiting, 1e-6);
        check_near("next", sqz_world_waiting_usd(&test.world, &now, side, window, at_s),
                   5.9e6 * scale * share, 1e-6);
        now.exogenous_log = sqz_direction(side) * 0.02;
        test_settle(&test.world, &now, &at);
        assert_true(sqz_world_waiting_usd(&test.world, &now, side, INFINITY, at_s) == 0);
        test_world_free(&test);
    }
}

/* ---- errors -------------------------------------------------------------------------------- */

static void test_errors(void **state)
{
    struct scratch *scratch = *state;
    struct sqz_scenario scenario;
    struct sqz_diag diag = {0};
    char path[160];
    scratch_write(scratch, "levels.csv", LEVELS_HEADER "short,80400,1e6\n");
    assert_int_equal(
        load_path(scratch, &scenario, QUIET "hunter.capital,1M,usd\nhunter.slices,2.5,\n", &diag),
        SQZ_ERR_DATA);
    snprintf(path, sizeof path, "%s/s.csv", scratch->folder);
    check_diag(&diag, SQZ_ERR_DATA, path, 10, "hunter.slices",
               "2.5 is not a whole number; expected 1, 2, 3, ...");
}

#define IN_SCRATCH(test) cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SCRATCH(test_raid_by_hand),
        IN_SCRATCH(test_round_trips_earn_nothing),
        IN_SCRATCH(test_acts_if_the_cluster_pays),
        IN_SCRATCH(test_acts_if_the_capital_suffices),
        IN_SCRATCH(test_takes_the_better_side),
        IN_SCRATCH(test_out_of_reach),
        IN_SCRATCH(test_looks_at_intervals),
        IN_SCRATCH(test_latency),
        IN_SCRATCH(test_other_trigger),
        IN_SCRATCH(test_thin_book),
        IN_SCRATCH(test_absurd_market),
        IN_SCRATCH(test_profit_equals_cash_flows),
        cmocka_unit_test(test_waiting_is_what_a_touch_forces),
        IN_SCRATCH(test_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
