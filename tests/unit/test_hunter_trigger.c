/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The hunter and the price that levels watch: the smallest order that gets there, by a slow scan
 * over orders and a simulation of each in small time steps. */
#include "tests/unit/path_fixture.h"

enum { RAIDS = 1 };

static const double DEPTH_USD = 20e6, SHAPE = 1.4, HALFLIFE_S = 40, WINDOW_S = 30;
static const double CAPITAL_USD = 90e6;

/* ---- by brute force -------------------------------------------------------------------------- */

/* How far out the watched price gets by an order from rest within `hold_s`: Heun's rule for the
 * mark. */
static double furthest_log(const char *trigger, double permanent, double hold_s, double order_usd)
{
    const double step_s = 0.01;
    double stays = permanent * 0.01 * order_usd / DEPTH_USD, mark = 0.0, best = 0.0;
    double missing = (1 - permanent) * order_usd, left = exp(-M_LN2 / HALFLIFE_S * step_s);
    double displaced = 0.01 * pow(missing / DEPTH_USD, 1 / SHAPE);
    if (strcmp(trigger, "index") == 0)
        return stays;
    if (strcmp(trigger, "last") == 0)
        return stays + displaced;
    for (int i = 0; i < (int)lround(hold_s / step_s); i++) {
        missing *= left;
        double next = 0.01 * pow(missing / DEPTH_USD, 1 / SHAPE);
        double slope = (displaced - mark) / WINDOW_S;
        double slope_then = (next - mark - slope * step_s) / WINDOW_S;
        mark += 0.5 * (slope + slope_then) * step_s;
        displaced = next;
        best = fmax(best, mark);
    }
    return stays + best;
}

/* The first of 3,000 orders up to the capital that gets there; INFINITY: none does. */
enum { SCAN = 3000 };

static double least_order(const char *trigger, double permanent, double hold_s, double level_log)
{
    for (int i = 1; i <= SCAN; i++)
        if (furthest_log(trigger, permanent, hold_s, CAPITAL_USD * i / SCAN) >= level_log)
            return CAPITAL_USD * i / SCAN;
    return INFINITY;
}

/* ---- the hunter ------------------------------------------------------------------------------ */

static void hunt(struct scratch *scratch, enum sqz_side side, const char *trigger, double permanent,
                 double hold_s, struct journey *journey)
{
    struct sqz_scenario scenario;
    struct sqz_load_options options = {0};
    struct sqz_diag diag = {0};
    char text[1000];
    scratch_write(scratch, "levels.csv",
                  side == SQZ_UP ? LEVELS_HEADER "short,80320,40e6\n"
                                 : LEVELS_HEADER "long,79681.274900398406,40e6\n");
    snprintf(text, sizeof text,
             "key,value,unit\nprice,80000,usd\nlevels,levels.csv,\nbook.depth,%g,usd\n"
             "book.shape,%g,1\nbook.halflife,%g,s\nbook.permanent,%g,1\ntrigger,%s,\n"
             "mark.window,%g,s\nhorizon,55,s\nvolatility,0,1/sqrt(d)\npeak.resolution,inf,bp\n"
             "hunter.capital,%g,usd\nhunter.multiple,1e12,1\nhunter.hold,%g,s\n",
             DEPTH_USD, SHAPE, HALFLIFE_S, permanent, trigger, WINDOW_S, CAPITAL_USD, hold_s);
    const char *path = scratch_write(scratch, "s.csv", text);
    assert_int_equal(sqz_scenario_load(&scenario, path, &options, &sqz_registry, &diag), SQZ_OK);
    travel(&scenario.world, 0, NULL, 0, journey);
    sqz_scenario_free(&scenario);
}

static void check_hunt(struct scratch *scratch, enum sqz_side side, const char *trigger,
                       double permanent, double hold_s)
{
    static struct journey journey;
    const struct sqz_event *order[64] = {NULL};
    double level_log = log(80320.0 / 80000), step_usd = CAPITAL_USD / SCAN;
    double least = least_order(trigger, permanent, hold_s, level_log);
    hunt(scratch, side, trigger, permanent, hold_s, &journey);
    size_t orders = select_events(&journey.log, SQZ_EVENT_ORDER, order, 64);
    if (least == INFINITY) {
        assert_true(orders == 0 && journey.outcome.measure[RAIDS] == 0);
        return;
    }
    assert_true(orders > 0 && order[0]->time_s == 0.0 && sqz_moved_side(order[0]->side) == side);
    /* The scan's order is up to a step too large, and its time steps shift it by less than that. */
    check_near(trigger, order[0]->notional_usd, least - 0.5 * step_usd, 0.6 * step_usd);
    assert_int_equal(journey.outcome.liquidations[side], 1);
}

static void test_least_order_that_reaches_the_level(void **state)
{
    static const char *const TRIGGER[] = {"last", "index", "mark"};
    static const double SHARE[] = {0, 0.2, 1}, HOLD_S[] = {25, 400};
    for (int t = 0; t < 3; t++)
        for (int p = 0; p < 3; p++)
            for (int h = 0; h < 2; h++)
                for (int side = 0; side < 2; side++)
                    check_hunt(*state, side, TRIGGER[t], SHARE[p], HOLD_S[h]);
}

/* A mark that does not move while it holds is reached by what stays alone. */
static void test_no_hold_no_mark(void **state)
{
    assert_true(least_order("mark", 0.0, 0.0, log(80320.0 / 80000)) == INFINITY);
    check_hunt(*state, SQZ_UP, "mark", 0.0, 0.0);
    check_hunt(*state, SQZ_DOWN, "mark", 0.2, 0.0);
}

/* What recovers until the level fires is a cost: with a cluster that moves the price by less than
 * that it stays flat, whatever the average fill. */
static void test_recovery_is_a_cost(void **state)
{
    static struct journey journey;
    struct scratch *scratch = *state;
    struct sqz_scenario scenario;
    struct sqz_load_options options = {0};
    struct sqz_diag diag = {0};
    scratch_write(scratch, "levels.csv", LEVELS_HEADER "short,80080,0.2e6\n");
    const char *path =
        scratch_write(scratch, "s.csv",
                      "key,value,unit\nprice,80000,usd\nlevels,levels.csv,\nbook.depth,20M,usd\n"
                      "book.halflife,40,s\nbook.permanent,0,1\ntrigger,mark,\nhorizon,55,s\n"
                      "volatility,0,1/sqrt(d)\npeak.resolution,inf,bp\nhunter.capital,90M,usd\n"
                      "hunter.multiple,25,1\nhunter.hold,25,s\n");
    assert_int_equal(sqz_scenario_load(&scenario, path, &options, &sqz_registry, &diag), SQZ_OK);
    travel(&scenario.world, 0, NULL, 0, &journey);
    /* 10 bp take a push of 22 bp, which fills 11 bp worse and of which 8 bp recover; the cluster
     * moves the price by 1 bp. */
    assert_true(journey.outcome.measure[RAIDS] == 1);
    sqz_scenario_free(&scenario);
    options =
        (struct sqz_load_options){.set = (const char *const[]){"hunter.multiple=15"}, .n_set = 1};
    assert_int_equal(sqz_scenario_load(&scenario, path, &options, &sqz_registry, &diag), SQZ_OK);
    travel(&scenario.world, 0, NULL, 0, &journey);
    assert_true(journey.outcome.measure[RAIDS] == 0);
    sqz_scenario_free(&scenario);
}

#define IN_SCRATCH(test) cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SCRATCH(test_least_order_that_reaches_the_level),
        IN_SCRATCH(test_no_hold_no_mark),
        IN_SCRATCH(test_recovery_is_a_cost),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
