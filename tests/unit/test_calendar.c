/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The calendar driver: when its entries come, what they do, and every error in its table. */
#include "tests/unit/driver_by_hand.h"

#define HEADER "time_h,probability,jump_mean,jump_sd,volatility,depth\n"

/* Three entries of a week. */
#define WEEK                                                                                       \
    HEADER "7.5,0,0,0,1.25,0.75\n"                                                                 \
           "61.3,1,0.0125,0,0.5,2\n"                                                               \
           "150.1,0.4,-0.01,0.003,3,0.25\n"

static void load(struct scratch *scratch, struct sqz_scenario *scenario, const char *table,
                 const char *rows)
{
    char text[500];
    scratch_write(scratch, "calendar.csv", table);
    snprintf(text, sizeof text, "calendar,calendar.csv,\n%s", rows);
    load_rows_well(scratch, scenario, text, NULL);
}

static void check_multipliers(const struct hand *hand, double volatility, double depth)
{
    assert_true(hand->effect.volatility_multiplier == volatility);
    assert_true(hand->effect.depth_multiplier == depth);
}

/* ---- times --------------------------------------------------------------------------------- */

static void test_entries_once_without_a_period(void **state)
{
    struct sqz_scenario scenario;
    struct hand hand;
    load(*state, &scenario, WEEK, "");
    hand_start(&hand, &scenario, 0);
    check_multipliers(&hand, 1, 1);
    assert_true(hand.effect.next_s == 7.5 * 3600);
    hand_fire(&hand);
    check_multipliers(&hand, 1.25, 0.75);
    assert_true(hand.effect.next_s == 61.3 * 3600);
    hand_fire(&hand);
    check_multipliers(&hand, 0.5, 2);
    assert_true(hand.effect.next_s == 150.1 * 3600);
    hand_fire(&hand);
    check_multipliers(&hand, 3, 0.25);
    assert_true(hand.effect.next_s == INFINITY);
    sqz_scenario_free(&scenario);
}

/* All times are whole seconds, so whole numbers say exactly when every entry is due, also after
 * ten thousand weeks. */
static void test_no_rounding_piles_up(void **state)
{
    static const char TABLE[] =
        HEADER "0.25,0,0,0,1,1\n33,0,0,0,1,1\n33.125,0,0,0,1,1\n167.5,0,0,0,1,1\n";
    static const long ENTRY_S[] = {900, 118800, 119250, 603000};
    const long offset_s = 118801, period_s = 7 * 86400;
    struct sqz_scenario scenario;
    struct hand hand;
    load(*state, &scenario, TABLE, "calendar.period,7,d\ncalendar.offset,118801,s\n");
    hand_start(&hand, &scenario, 0);
    for (long i = 2; i < 40000; i++) { /* the first two lie before the start */
        double due_s = (double)(ENTRY_S[i % 4] + (i / 4) * period_s - offset_s);
        if (hand.effect.next_s != due_s)
            fail_msg("entry %ld at %.17g, expected %.17g", i, hand.effect.next_s, due_s);
        hand_fire(&hand);
    }
    sqz_scenario_free(&scenario);
}

static void check_start(struct scratch *scratch, const char *rows, double volatility, double depth,
                        double next_s)
{
    struct sqz_scenario scenario;
    struct hand hand;
    load(scratch, &scenario, WEEK, rows);
    hand_start(&hand, &scenario, 0);
    check_multipliers(&hand, volatility, depth);
    if (hand.effect.next_s != next_s)
        fail_msg("'%s': next at %.17g s, expected %.17g", rows, hand.effect.next_s, next_s);
    sqz_scenario_free(&scenario);
}

/* What is in force at the start: the last row's multipliers go round with a period. */
static void test_where_the_scenario_starts(void **state)
{
    check_start(*state, "calendar.offset,7,h\n", 1, 1, 1800);
    check_start(*state, "calendar.offset,8,h\n", 1.25, 0.75, 61.3 * 3600 - 28800);
    check_start(*state, "calendar.offset,6.5,d\n", 3, 0.25, INFINITY);
    check_start(*state, "calendar.period,7,d\n", 3, 0.25, 27000);
    check_start(*state, "calendar.period,7,d\ncalendar.offset,100,h\n", 0.5, 2,
                150.1 * 3600 - 360000);
    check_start(*state, "calendar.period,7,d\ncalendar.offset,6.5,d\n", 3, 0.25, 27000 + 43200);
}

/* An entry at the time of the start happens at time 0: until then the row before it is in force. */
static void test_entry_at_the_start(void **state)
{
    struct sqz_scenario scenario;
    struct hand hand;
    load(*state, &scenario, WEEK, "calendar.offset,61.3,h\n");
    hand_start(&hand, &scenario, 0);
    check_multipliers(&hand, 1.25, 0.75);
    assert_true(hand.effect.next_s == 0.0);
    hand_fire(&hand);
    assert_true(hand.effect.jump_log == 0.0125);
    check_multipliers(&hand, 0.5, 2);
    sqz_scenario_free(&scenario);
    /* 4.1 h are a little less than 246 min in floating point, and the same moment all the same. */
    assert_true(4.1 * 3600 < 246.0 * 60);
    load(*state, &scenario, HEADER "4.1,0,0,0,5,1\n", "calendar.offset,246,min\n");
    hand_start(&hand, &scenario, 0);
    assert_true(hand.effect.next_s == 0.0);
    sqz_scenario_free(&scenario);
    /* A microsecond is not rounding. */
    load(*state, &scenario, HEADER "4.1,0,0,0,5,1\n", "calendar.offset,14760.000001,s\n");
    hand_start(&hand, &scenario, 0);
    assert_true(hand.effect.next_s == INFINITY);
    check_multipliers(&hand, 5, 1);
    sqz_scenario_free(&scenario);
}

/* ---- jumps --------------------------------------------------------------------------------- */

/* Jump of the second of three entries, and of the third, on one path. */
static void jumps_of(struct scratch *scratch, const char *second, uint64_t path, double jump[2],
                     double *count)
{
    struct sqz_scenario scenario;
    struct hand hand;
    char table[300];
    snprintf(table, sizeof table, HEADER "1,0.5,0,0.02,1,1\n2,%s,1,1\n3,1,0.01,0.02,1,1\n", second);
    load(scratch, &scenario, table, "");
    hand_start(&hand, &scenario, path);
    hand_fire(&hand);
    for (int i = 0; i < 2; i++) {
        hand_fire(&hand);
        jump[i] = hand.effect.jump_log;
    }
    hand_measure(&hand, 3 * 3600, count);
    sqz_scenario_free(&scenario);
}

static void test_certain_and_impossible_jumps(void **state)
{
    for (uint64_t path = 0; path < 20; path++) {
        double jump[2], count[SQZ_MEASURES_MAX], fewer[SQZ_MEASURES_MAX];
        jumps_of(*state, "1,-0.0375,0", path, jump, count);
        assert_true(jump[0] == -0.0375);
        assert_true(count[0] == 2 || count[0] == 3); /* the first entry is a toss-up */
        jumps_of(*state, "0,-0.0375,0.5", path, jump, fewer);
        assert_true(jump[0] == 0.0);
        assert_true(fewer[0] == count[0] - 1);
    }
}

/* What one entry says does not move what another draws. */
static void test_entries_share_their_shocks(void **state)
{
    static const char *const SECOND[] = {"0,0,0", "0.3,0.02,0.01", "1,-0.02,0.04"};
    for (uint64_t path = 0; path < 20; path++) {
        double first[2], jump[2], count[SQZ_MEASURES_MAX];
        jumps_of(*state, SECOND[0], path, first, count);
        assert_true(first[1] != 0.01);
        for (int i = 1; i < 3; i++) {
            jumps_of(*state, SECOND[i], path, jump, count);
            assert_true(jump[1] == first[1]);
        }
    }
}

/* ---- off, and errors ----------------------------------------------------------------------- */

static void test_off(void **state)
{
    struct sqz_scenario scenario;
    load_rows_well(*state, &scenario, "calendar,off,\n", NULL);
    assert_int_equal(scenario.world.n_drivers, 0);
    assert_int_equal(scenario.world.n_measures, 0);
    sqz_scenario_free(&scenario);
}

static void check_table(struct scratch *scratch, const char *rows, long line, const char *field,
                        const char *message)
{
    char text[500];
    snprintf(text, sizeof text, "%s%s", HEADER, rows);
    scratch_write(scratch, "calendar.csv", text);
    check_rows_error(scratch, "calendar,calendar.csv,\n", "calendar.csv", line, field, message);
}

static void test_table_errors(void **state)
{
    static const char AFTER[] = "does not increase; expected times after the row before";
    check_table(*state, "1,0,0,0,1,1\n\n0.5,0,0,0,1,1\n", 4, "time_h", AFTER);
    check_table(*state, "1,0,0,0,1,1\n1,0,0,0,1,1\n", 3, "time_h", AFTER);
    check_table(*state, "-0.25,0,0,0,1,1\n", 2, "time_h", "-0.25 is out of range; expected 0 to");
    check_table(*state, "1,1.01,0,0,1,1\n", 2, "probability",
                "1.01 is out of range; expected 0 to 1");
    check_table(*state, "0,0,0,0,1,1\n1,-0.01,0,0,1,1\n", 3, "probability", "is out of range");
    check_table(*state, "1,1,11,0,1,1\n", 2, "jump_mean", "11 is out of range; expected -10 to 10");
    check_table(*state, "1,1,0,-0.1,1,1\n", 2, "jump_sd", "-0.1 is out of range; expected 0 to 10");
    check_table(*state, "1,1,0,0,-1,1\n", 2, "volatility", "-1 is out of range; expected 0 to");
    check_table(*state, "1,1,0,0,1,0\n", 2, "depth", "0 is out of range; expected 1e-09 to");
    check_table(*state, "1,1,0,0,1\n", 2, "", "5 fields; expected 6");
    check_table(*state, "1,1,0,0,1,deep\n", 2, "depth", "'deep' is not a finite number");
}

static void test_key_errors(void **state)
{
    scratch_write(*state, "calendar.csv", WEEK);
    check_rows_error(*state, "calendar.period,7,d\n", "s.csv", 0, "calendar", "is missing; CSV");
    check_rows_error(*state, "calendar,calendar.csv,\ncalendar.period,6,d\n", "s.csv", 9,
                     "calendar.period",
                     "6 d ends before the calendar; expected more than the 150.1 h of its last");
    check_rows_error(*state, "calendar,calendar.csv,\ncalendar.period,150.1,h\n", "s.csv", 9,
                     "calendar.period", "ends before the calendar");
    check_rows_error(*state, "calendar,calendar.csv,\ncalendar.period,7,d\ncalendar.offset,168,h\n",
                     "s.csv", 10, "calendar.offset",
                     "168 h lies outside the calendar; expected less than its period of 7 d");
    check_rows_error(*state, "calendar,calendar.csv,\ncalendar.offset,-1,h\n", "s.csv", 9,
                     "calendar.offset", "is out of range");
    check_rows_error(*state, "calendar,none.csv,\n", "none.csv", 0, "", "cannot be opened");
}

#define IN_SCRATCH(test) cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SCRATCH(test_entries_once_without_a_period),
        IN_SCRATCH(test_no_rounding_piles_up),
        IN_SCRATCH(test_where_the_scenario_starts),
        IN_SCRATCH(test_entry_at_the_start),
        IN_SCRATCH(test_certain_and_impossible_jumps),
        IN_SCRATCH(test_entries_share_their_shocks),
        IN_SCRATCH(test_off),
        IN_SCRATCH(test_table_errors),
        IN_SCRATCH(test_key_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
