/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The funding driver: when payments come, which levels they move and which way, who leaves. */
#include "tests/unit/path_fixture.h"

/* ---- levels -------------------------------------------------------------------------------- */

static const double INTERVAL_S = 8 * 3600;

/* A level, a drift towards it, and a rate so large that payments count. */
struct crossing {
    const char *level;
    double price_usd, rate, drift_per_d;
};

/* When a price that drifts reaches a level that every payment multiplies by 1 + rate: between two
 * payments, or at one that carries the level to the price. */
static double crossing_s(const struct crossing *crossing)
{
    double slope = crossing->drift_per_d / DAY_S, sign = slope > 0 ? 1 : -1;
    for (int paid = 0;; paid++) {
        double level = log(crossing->price_usd / 80000) + paid * log(1 + crossing->rate);
        if (sign * level <= sign * slope * paid * INTERVAL_S)
            return paid * INTERVAL_S;
        if (sign * level <= sign * slope * (paid + 1) * INTERVAL_S)
            return level / slope;
    }
}

static void check_crossing(struct scratch *scratch, const struct crossing *crossing,
                           double expected_s)
{
    static struct journey journey;
    const struct sqz_event *fired[1];
    char rows[400], levels[200];
    snprintf(rows, sizeof rows,
             "horizon,20,d\nvolatility,0,1/sqrt(d)\nimpact,off,\ndrift,%g,1/d\nfunding.rate,%g,1\n",
             crossing->drift_per_d, crossing->rate);
    snprintf(levels, sizeof levels, LEVELS_HEADER "%s,%.17g,3e6\n", crossing->level,
             crossing->price_usd);
    travel_rows(scratch, rows, levels, &journey);
    assert_int_equal(select_events(&journey.log, SQZ_EVENT_LIQUIDATION, fired, 1), 1);
    check_near(crossing->level, fired[0]->time_s, expected_s, 1e-9 * expected_s);
}

/* Longs stand below and shorts above; at a positive rate the levels of both go up. */
static void test_payments_move_levels_of_both_sides(void **state)
{
    const struct crossing crossings[] = {
        {"long", 78000, 0.00037, -0.0031},   /* pays: comes nearer */
        {"long", 78000, -0.0013, -0.0081},   /* receives: goes away */
        {"short", 82000, 0.0013, 0.0081},    /* receives */
        {"short", 82000, -0.00037, 0.0031}}; /* pays */
    for (size_t i = 0; i < sizeof crossings / sizeof crossings[0]; i++) {
        struct crossing still = crossings[i];
        double expected_s = crossing_s(&crossings[i]);
        still.rate = 0.0;
        double unmoved_s = crossing_s(&still);
        assert_true(expected_s > 3 * INTERVAL_S && fmod(expected_s, INTERVAL_S) > 0);
        assert_true((expected_s < unmoved_s) == (i == 0 || i == 3));
        check_crossing(*state, &crossings[i], expected_s);
    }
}

/* A price that stands still waits for the level: 78,000 * 1.0013^20 is the first above 80,000. */
static void test_a_payment_can_carry_a_level_to_the_price(void **state)
{
    const struct crossing crossing = {"long", 78000, 0.0013, -1e-9};
    assert_true(78000 * pow(1.0013, 19) < 80000 && 78000 * pow(1.0013, 20) > 80000);
    check_crossing(*state, &crossing, 20 * INTERVAL_S);
}

static void test_margin_off_leaves_levels_in_place(void **state)
{
    static struct journey journey;
    const struct sqz_event *fired[1];
    travel_rows(*state,
                "horizon,20,d\nvolatility,0,1/sqrt(d)\ndrift,-0.0031,1/d\nfunding.rate,0.0013,\n"
                "funding.margin,off,\n",
                LEVELS_HEADER "long,78000,3e6\n", &journey);
    assert_int_equal(select_events(&journey.log, SQZ_EVENT_LIQUIDATION, fired, 1), 1);
    check_near("level", fired[0]->time_s, log(80.0 / 78) / 0.0031 * DAY_S, 1e-3);
    assert_true(journey.outcome.forced_usd[SQZ_DOWN] == 3e6);
}

/* ---- exits --------------------------------------------------------------------------------- */

/* A jump over both sides' levels after `paid` payments finds what is left there. */
static void check_exits(struct scratch *scratch, double rate, int paid, double jump_log)
{
    static struct journey journey;
    struct sqz_scenario scenario;
    char rows[400];
    const double exit = 7.25;
    const struct test_impulse impulse = {(paid + 0.37) * INTERVAL_S, jump_log, 0.0};
    enum sqz_side side = jump_log > 0 ? SQZ_UP : SQZ_DOWN;
    bool pays = (rate > 0) == (side == SQZ_DOWN);
    snprintf(rows, sizeof rows,
             "horizon,2,d\nvolatility,0,1/sqrt(d)\nimpact,off,\nfunding.rate,%g,1\n"
             "funding.exit,%g,1\n",
             rate, exit);
    load_path_well(scratch, &scenario, rows,
                   LEVELS_HEADER "long,78000,3.1e6\nlong,76000,0.7e6\n"
                                 "short,82000,2.3e6\nshort,84000,1.9e6\n");
    scenario.world.driver[scenario.world.n_drivers++] = test_impulse_driver(&impulse);
    travel(&scenario.world, 0, NULL, 0, &journey);
    double whole = side == SQZ_DOWN ? 3.8e6 : 4.2e6;
    double expected = whole * (pays ? exp(-exit * fabs(rate) * paid) : 1.0);
    check_near("forced", journey.outcome.forced_usd[side], expected, 1e-12 * whole);
    assert_true(journey.outcome.forced_usd[1 - side] == 0.0);
    sqz_scenario_free(&scenario);
}

static void test_payers_leave_and_receivers_stay(void **state)
{
    for (int paid = 0; paid < 6; paid += 5)
        for (int sign = -1; sign <= 1; sign += 2) {
            check_exits(*state, sign * 0.0021, paid, 0.09);
            check_exits(*state, sign * 0.0021, paid, -0.09);
        }
}

/* ---- times and measures -------------------------------------------------------------------- */

static double paid_share(struct scratch *scratch, const char *horizon)
{
    static struct journey journey;
    char rows[400];
    snprintf(rows, sizeof rows,
             "horizon,%s\nvolatility,0.02,1/sqrt(d)\nfunding.rate,-0.0007,\nfunding.interval,3,h\n",
             horizon);
    travel_rows(scratch, rows, LEVELS_HEADER "short,800000,1\n", &journey);
    return journey.outcome.measure[0];
}

static void test_first_payment_after_one_interval(void **state)
{
    assert_true(paid_share(*state, "10799.9,s") == 0.0);
    assert_true(paid_share(*state, "10800,s") == 0.0007);
    check_near("two days", paid_share(*state, "2,d"), 16 * 0.0007, 1e-15);
}

static void test_rate_zero_is_no_driver(void **state)
{
    static struct journey without, with;
    struct sqz_scenario scenario;
    const char *levels = LEVELS_HEADER "long,78500,3e6\nshort,81000,1e6\nshort,82000,2e6\n";
    load_path_well(*state, &scenario, "horizon,2,d\nvolatility,0.03,1/sqrt(d)\n", levels);
    travel(&scenario.world, 3, NULL, 0, &without);
    sqz_scenario_free(&scenario);
    load_path_well(*state, &scenario,
                   "horizon,2,d\nvolatility,0.03,1/sqrt(d)\nfunding.rate,0,\nfunding.exit,5,\n",
                   levels);
    assert_int_equal(scenario.world.n_drivers, 0);
    travel(&scenario.world, 3, NULL, 0, &with);
    sqz_scenario_free(&scenario);
    check_same_outcome(&without.outcome, &with.outcome);
}

/* ---- errors -------------------------------------------------------------------------------- */

static void test_errors(void **state)
{
    static const struct {
        const char *rows, *field, *message;
        long line;
    } BAD[] = {
        {"funding.exit,2,\n", "funding.rate", "is missing; share of notional", 0},
        {"funding.rate,0.6,1\n", "funding.rate", "out of range; expected -0.5 to 0.5", 9},
        {"funding.rate,-51,%\n", "funding.rate", "out of range", 9},
        {"funding.rate,1,1/d\n", "funding.rate", "", 9},
        {"funding.rate,0.1,\nfunding.interval,0,h\n", "funding.interval", "above 0", 10},
        {"funding.rate,0.1,\nfunding.exit,-1,\n", "funding.exit", "out of range", 10},
        {"funding.rate,0.1,\nfunding.margin,cross,\n", "funding.margin", "expected on, off", 10},
    };
    struct scratch *scratch = *state;
    char path[160], rows[400];
    scratch_write(scratch, "levels.csv", LEVELS_HEADER "long,78000,3e6\n");
    snprintf(path, sizeof path, "%s/s.csv", scratch->folder);
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
        struct sqz_scenario scenario;
        struct sqz_diag diag = {0};
        snprintf(rows, sizeof rows, "horizon,2,d\nvolatility,0.03,1/sqrt(d)\n%s", BAD[i].rows);
        assert_int_equal(load_path(scratch, &scenario, rows, &diag), SQZ_ERR_DATA);
        check_diag(&diag, SQZ_ERR_DATA, path, BAD[i].line, BAD[i].field, BAD[i].message);
    }
}

#define IN_SCRATCH(test) cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SCRATCH(test_payments_move_levels_of_both_sides),
        IN_SCRATCH(test_a_payment_can_carry_a_level_to_the_price),
        IN_SCRATCH(test_margin_off_leaves_levels_in_place),
        IN_SCRATCH(test_payers_leave_and_receivers_stay),
        IN_SCRATCH(test_first_payment_after_one_interval),
        IN_SCRATCH(test_rate_zero_is_no_driver),
        IN_SCRATCH(test_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
