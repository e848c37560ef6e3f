/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The regime driver: where it starts, what each state does, its measures, and every error. */
#include "tests/unit/driver_by_hand.h"

#define HEADER3 "state,drift_per_d,volatility,depth,to_calm_per_d,to_tense_per_d,to_panic_per_d\n"

/* The columns of rates stand in another order than the rows. */
#define MOOD                                                                                       \
    "state,depth,volatility,drift_per_d,to_panic_per_d,to_calm_per_d,to_tense_per_d\n"             \
    "calm,1.1,0.8,0.0025,0.05,0,0.4\n"                                                             \
    "tense,0.6,1.5,-0.01,0.9,1.3,0\n"                                                              \
    "panic,0.1,3,-0.15,0,0.7,2.6\n"

static void load(struct scratch *scratch, struct sqz_scenario *scenario, const char *table,
                 const char *rows)
{
    char text[500];
    scratch_write(scratch, "regimes.csv", table);
    snprintf(text, sizeof text, "regimes,regimes.csv,\n%s", rows);
    load_rows_well(scratch, scenario, text, NULL);
}

enum { STATE, SWITCHES, SHARES, STATES = 8 };

/* Number of the current state, from 1. */
static int state_of(const struct hand *hand)
{
    double value[SQZ_MEASURES_MAX];
    hand_measure(hand, 0.0, value);
    return (int)value[STATE];
}

/* ---- the start ----------------------------------------------------------------------------- */

/* Share of paths that start in each state against `law`, which ends with NAN; a state of
 * probability 0 must not occur at all. */
static void check_start_law(struct scratch *scratch, const char *table, const char *rows,
                            const double *law)
{
    struct sqz_scenario scenario;
    uint64_t paths = test_paths(100000), count[STATES + 1] = {0};
    load(scratch, &scenario, table, rows);
    for (uint64_t path = 0; path < paths; path++) {
        struct hand hand;
        hand_start(&hand, &scenario, path);
        count[state_of(&hand)]++;
    }
    for (int i = 0; !isnan(law[i]); i++) {
        check_share_4se("P(start)", count[i + 1], paths, law[i], 0);
        assert_true(law[i] > 0 || count[i + 1] == 0);
    }
    sqz_scenario_free(&scenario);
}

static void test_stationary_start(void **state)
{
    /* Two states: pi in proportion to the rates towards. */
    check_start_law(*state,
                    "state,drift_per_d,volatility,depth,to_a_per_d,to_b_per_d\na,0,1,1,0,0.3\n"
                    "b,0,1,1,1.7,0\n",
                    "", (double[]){1.7 / 2, 0.3 / 2, NAN});
    /* A ring: pi in proportion to the mean sojourns. */
    check_start_law(*state, HEADER3 "calm,0,1,1,0,0.5,0\ntense,0,1,1,0,0,4\npanic,0,1,1,10,0,0\n",
                    "", (double[]){2 / 2.35, 0.25 / 2.35, 0.1 / 2.35, NAN});
    /* Detailed balance in a chain of neighbours: pi_i rate_ij = pi_j rate_ji. */
    check_start_law(*state,
                    HEADER3 "calm,0,1,1,0,0.2,0\ntense,0,1,1,0.8,0,0.5\npanic,0,1,1,0,1.5,0\n",
                    "regimes.start,stationary,\n", (double[]){12.0 / 16, 3.0 / 16, 1.0 / 16, NAN});
}

/* Not every state can be reached from every other, but only one closed class: its law. */
static void test_stationary_start_with_passing_states(void **state)
{
    check_start_law(*state, HEADER3 "calm,0,1,1,0,3,0\ntense,0,1,1,0,0,2\npanic,0,1,1,0,6,0\n", "",
                    (double[]){0, 6.0 / 8, 2.0 / 8, NAN});
    check_start_law(*state, HEADER3 "calm,0,1,1,0,3,0\ntense,0,1,1,0,0,0\npanic,0,1,1,1,6,0\n", "",
                    (double[]){0, 1, 0, NAN});
    check_start_law(*state, "state,drift_per_d,volatility,depth,to_only_per_d\nonly,0,1,1,0\n", "",
                    (double[]){1, NAN});
}

/* Two fast pairs, and 36 orders of magnitude slower between them: three times as often one way as
 * the other. */
static void test_rates_far_apart(void **state)
{
    check_start_law(
        *state,
        "state,drift_per_d,volatility,depth,to_a_per_d,to_b_per_d,to_c_per_d,to_d_per_d\n"
        "a,0,1,1,0,1e6,0,0\nb,0,1,1,1e6,0,1e-30,0\nc,0,1,1,0,3e-30,0,1e6\nd,0,1,1,0,0,1e6,0\n",
        "", (double[]){3.0 / 8, 3.0 / 8, 1.0 / 8, 1.0 / 8, NAN});
}

static void test_given_start(void **state)
{
    check_start_law(*state, MOOD, "regimes.start,tense,\n", (double[]){0, 1, 0, NAN});
    check_start_law(*state, MOOD, "regimes.start,panic,\n", (double[]){0, 0, 1, NAN});
    /* Two closed classes matter only to the stationary law. */
    check_start_law(*state, HEADER3 "calm,0,1,1,0,3,0\ntense,0,1,1,5,0,0\npanic,0,1,1,0,0,0\n",
                    "regimes.start,calm,\n", (double[]){1, 0, 0, NAN});
}

/* ---- the chain ----------------------------------------------------------------------------- */

/* In each state: its effect; the mean sojourn; where it goes from there. */
static void test_effects_and_transitions(void **state)
{
    static const double DRIFT[] = {0.0025, -0.01, -0.15}, VOLATILITY[] = {0.8, 1.5, 3},
                        DEPTH[] = {1.1, 0.6, 0.1};
    static const double RATE[3][3] = {{0, 0.4, 0.05}, {1.3, 0, 0.9}, {0.7, 2.6, 0}};
    struct sqz_scenario scenario;
    struct sqz_mean sojourn_d[3] = {{0}};
    struct hand hand;
    uint64_t count[3][3] = {{0}}, left[3] = {0}, events = test_paths(100000);
    load(*state, &scenario, MOOD, "");
    hand_start(&hand, &scenario, 0);
    double since_s = 0;
    for (uint64_t i = 0; i < events; i++) {
        int from = state_of(&hand) - 1;
        check_near("drift", hand.effect.drift_per_s, DRIFT[from] / 86400, 1e-20);
        assert_true(hand.effect.volatility_multiplier == VOLATILITY[from]);
        assert_true(hand.effect.depth_multiplier == DEPTH[from]);
        assert_true(hand.effect.jump_log == 0.0 && hand.effect.order_usd == 0.0);
        sqz_mean_add(&sojourn_d[from], (hand.effect.next_s - since_s) / 86400);
        since_s = hand.effect.next_s;
        hand_fire(&hand);
        count[from][state_of(&hand) - 1]++;
        left[from]++;
    }
    for (int i = 0; i < 3; i++) {
        double leave = RATE[i][0] + RATE[i][1] + RATE[i][2];
        check_mean_4se("mean sojourn", &sojourn_d[i], 1 / leave, 0);
        for (int j = 0; j < 3; j++)
            check_share_4se("P(next state)", count[i][j], left[i], RATE[i][j] / leave, 0);
    }
    sqz_scenario_free(&scenario);
}

static void test_absorbing_state(void **state)
{
    struct sqz_scenario scenario;
    struct hand hand;
    load(*state, &scenario, HEADER3 "calm,0,1,1,0,3,0\ntense,0,1,1,5,0,2\npanic,0,4,1,0,0,0\n",
         "regimes.start,calm,\n");
    for (uint64_t path = 0; path < 50; path++) {
        hand_start(&hand, &scenario, path);
        while (isfinite(hand.effect.next_s))
            hand_fire(&hand);
        assert_int_equal(state_of(&hand), 3);
        assert_true(hand.effect.volatility_multiplier == 4);
    }
    sqz_scenario_free(&scenario);
}

/* ---- measures ------------------------------------------------------------------------------ */

static void check_beyond(const double *value, size_t states)
{
    for (size_t i = states; i < STATES; i++)
        assert_true(isnan(value[SHARES + i]));
}

/* Shares of the time, added up by hand beside the driver. */
static void test_measures(void **state)
{
    struct sqz_scenario scenario;
    struct hand hand;
    double value[SQZ_MEASURES_MAX], spent_s[3] = {0}, since_s = 0;
    load(*state, &scenario, MOOD, "regimes.start,tense,\n");
    hand_start(&hand, &scenario, 7);
    hand_measure(&hand, 0.0, value);
    assert_true(value[STATE] == 2 && value[SWITCHES] == 0);
    assert_true(value[SHARES] == 0 && value[SHARES + 1] == 1 && value[SHARES + 2] == 0);
    check_beyond(value, 3);
    for (int i = 0; i < 200; i++) {
        int current = state_of(&hand) - 1;
        double middle_s = 0.25 * since_s + 0.75 * hand.effect.next_s;
        hand_measure(&hand, middle_s, value);
        assert_true(value[SWITCHES] == i);
        for (int k = 0; k < 3; k++) {
            double here_s = k == current ? middle_s - since_s : 0.0;
            check_near("share", value[SHARES + k], (spent_s[k] + here_s) / middle_s, 1e-12);
        }
        check_beyond(value, 3);
        spent_s[current] += hand.effect.next_s - since_s;
        since_s = hand.effect.next_s;
        hand_fire(&hand);
        assert_true(state_of(&hand) - 1 != current);
    }
    sqz_scenario_free(&scenario);
}

static void test_names_of_measures(void **state)
{
    struct sqz_scenario scenario;
    char name[32];
    load(*state, &scenario, MOOD, "");
    const struct sqz_driver_model *model = scenario.world.driver[0].model;
    assert_int_equal(model->n_measures, SHARES + STATES);
    assert_string_equal(model->measures[STATE].name, "state");
    assert_string_equal(model->measures[SWITCHES].name, "switches");
    for (int i = 0; i < STATES; i++) {
        snprintf(name, sizeof name, "share_%d", i + 1);
        assert_string_equal(model->measures[SHARES + i].name, name);
    }
    for (size_t i = 0; i < model->n_measures; i++)
        assert_true(model->measures[i].passing == (i == STATE));
    sqz_scenario_free(&scenario);
}

/* ---- off, and errors ----------------------------------------------------------------------- */

static void test_off(void **state)
{
    struct sqz_scenario scenario;
    load_rows_well(*state, &scenario, "regimes,off,\n", NULL);
    assert_int_equal(scenario.world.n_drivers, 0);
    sqz_scenario_free(&scenario);
}

static void check_table(struct scratch *scratch, const char *table, long line, const char *field,
                        const char *message)
{
    scratch_write(scratch, "regimes.csv", table);
    check_rows_error(scratch, "regimes,regimes.csv,\n", "regimes.csv", line, field, message);
}

#define HEADER2 "state,drift_per_d,volatility,depth,to_a_per_d,to_b_per_d\n"
static void test_table_errors(void **state)
{
    static const char B[] = "b,0,1,1,1,0\n";
    char text[400];
    static const struct {
        const char *row, *field, *message;
    } BAD[] = {
        {"a,1001,1,1,0,1\n", "drift_per_d", "1001 is out of range; expected -1000 to 1000"},
        {"a,0,-1,1,0,1\n", "volatility", "-1 is out of range; expected 0 to"},
        {"a,0,1,0,0,1\n", "depth", "0 is out of range; expected 1e-09 to"},
        {"a,0,1,1,0,-2\n", "to_b_per_d", "-2 is out of range; expected 0 to 1000000"},
        {"a,0,1,1,0,1.5e6\n", "to_b_per_d", "1500000 is out of range"},
        {"a,0,1,1,0.5,1\n", "to_a_per_d", "0.5 is a rate from 'a' to itself; expected 0"},
        {"stationary,0,1,1,0,1\n", "state", "'stationary' means a law in regimes.start"},
    };
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
        const char *first = BAD[i].row[0] == 's' ? "to_stationary_per_d" : "to_a_per_d";
        snprintf(text, sizeof text, "state,drift_per_d,volatility,depth,%s,to_b_per_d\n\n%s%s",
                 first, BAD[i].row, B);
        check_table(*state, text, 3, BAD[i].field, BAD[i].message);
    }
    check_table(*state, "state,drift_per_d,volatility,depth,to_a_per_d\na,0,1,1,0\nb,0,1,1,1\n", 1,
                "to_b_per_d", "missing column");
    check_table(*state, HEADER2 "a,0,1,1,0,1\na,0,1,1,1,0\n", 3, "state", "'a' is given twice");
}

static void test_too_many_states(void **state)
{
    char text[2000] = "state,drift_per_d,volatility,depth";
    for (int i = 1; i <= 9; i++)
        sprintf(text + strlen(text), ",to_s%d_per_d", i);
    for (int i = 1; i <= 9; i++) {
        sprintf(text + strlen(text), "\ns%d,0,1,1", i);
        for (int k = 1; k <= 9; k++)
            strcat(text, k == i ? ",0" : ",1");
    }
    check_table(*state, text, 10, "state", "is one too many; expected at most 8 states");
}

/* Eight are not too many, and each has its share. */
static void test_eight_states(void **state)
{
    struct sqz_scenario scenario;
    struct hand hand;
    char text[2000] = "state,drift_per_d,volatility,depth";
    double value[SQZ_MEASURES_MAX], sum = 0;
    for (int i = 1; i <= 8; i++)
        sprintf(text + strlen(text), ",to_s%d_per_d", i);
    for (int i = 1; i <= 8; i++) {
        sprintf(text + strlen(text), "\ns%d,0,1,1", i);
        for (int k = 1; k <= 8; k++)
            strcat(text, k == i ? ",0" : ",1");
    }
    load(*state, &scenario, text, "");
    hand_start(&hand, &scenario, 0);
    for (int i = 0; i < 500; i++)
        hand_fire(&hand);
    hand_measure(&hand, hand.effect.next_s, value);
    for (int i = 0; i < STATES; i++) {
        assert_true(value[SHARES + i] > 0);
        sum += value[SHARES + i];
    }
    check_near("sum of shares", sum, 1, 1e-12);
    sqz_scenario_free(&scenario);
}

static void test_no_unique_law(void **state)
{
    static const char NO_LAW[] = "has no unique stationary law: the chain never leaves";
    check_table(*state, HEADER3 "calm,0,1,1,0,3,0\ntense,0,1,1,5,0,0\npanic,0,1,1,0,0,0\n", 0, "",
                "never leaves 'calm', nor 'panic', for the other; expected a state in "
                "regimes.start");
    check_table(*state, HEADER3 "calm,0,1,1,0,3,2\ntense,0,1,1,0,0,0\npanic,0,1,1,0,0,0\n", 0, "",
                "never leaves 'tense', nor 'panic'");
    check_table(*state, HEADER2 "a,0,1,1,0,0\nb,0,1,1,0,0\n", 0, "", NO_LAW);
}

static void test_key_errors(void **state)
{
    scratch_write(*state, "regimes.csv", MOOD);
    check_rows_error(*state, "regimes.start,calm,\n", "s.csv", 0, "regimes", "is missing; CSV");
    check_rows_error(*state, "regimes,regimes.csv,\nregimes.start,clam,\n", "s.csv", 9,
                     "regimes.start",
                     "'clam' is no state; expected stationary, calm, tense, panic");
    check_rows_error(*state, "regimes,none.csv,\n", "none.csv", 0, "", "cannot be opened");
}

#define IN_SCRATCH(test) cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SCRATCH(test_stationary_start),  IN_SCRATCH(test_stationary_start_with_passing_states),
        IN_SCRATCH(test_given_start),       IN_SCRATCH(test_effects_and_transitions),
        IN_SCRATCH(test_absorbing_state),   IN_SCRATCH(test_measures),
        IN_SCRATCH(test_names_of_measures), IN_SCRATCH(test_off),
        IN_SCRATCH(test_table_errors),      IN_SCRATCH(test_too_many_states),
        IN_SCRATCH(test_eight_states),      IN_SCRATCH(test_no_unique_law),
        IN_SCRATCH(test_rates_far_apart),   IN_SCRATCH(test_key_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
