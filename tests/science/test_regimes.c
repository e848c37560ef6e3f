/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The regime driver end to end against the theory of Markov chains: time spent in each state,
 * number of changes, and the mixture of normals that the final price follows. */
#include "tests/unit/driver_by_hand.h"

enum { SEED = 71, PATHS = 200000, STATES = 3 };
enum { STATE, SWITCHES, SHARES };

static const double HORIZON_D = 2.0; /* of MARKET */

static void load(struct scratch *scratch, struct sqz_scenario *scenario, const char *table,
                 const char *start)
{
    char rows[200];
    scratch_write(scratch, "regimes.csv", table);
    snprintf(rows, sizeof rows, "regimes,regimes.csv,\nregimes.start,%s,\n", start);
    load_rows_well(scratch, scenario, rows, NULL);
}

/* ---- occupation ---------------------------------------------------------------------------- */

static const double RATE[STATES][STATES] = {{0, 0.5, 0.1}, {1.4, 0, 0.8}, {0.6, 2.2, 0}};
#define CHAIN                                                                                      \
    "state,drift_per_d,volatility,depth,to_calm_per_d,to_tense_per_d,to_panic_per_d\n"             \
    "calm,0,1,1,0,0.5,0.1\ntense,0,1,1,1.4,0,0.8\npanic,0,1,1,0.6,2.2,0\n"

/* What a chain that starts with `law` should show at the horizon. */
struct expectation {
    double final[STATES], share[STATES], switches;
};

static void flow_of_probability(const double p[STATES], double rise[STATES])
{
    for (int j = 0; j < STATES; j++) {
        rise[j] = 0;
        for (int i = 0; i < STATES; i++)
            rise[j] += p[i] * RATE[i][j] - p[j] * RATE[j][i];
    }
}

/* Kolmogorov's forward equation p' = p Q and its integral, by Heun's method with 200,000 steps:
 * error of order (rate * step)^2, 1e-9. */
static struct expectation solve_forward(const double law[STATES])
{
    enum { STEPS = 200000 };
    const double h = HORIZON_D / STEPS;
    struct expectation expected = {{0}, {0}, 0};
    double p[STATES], ahead[STATES], rise[STATES], later[STATES];
    memcpy(p, law, sizeof p);
    for (int step = 0; step < STEPS; step++) {
        flow_of_probability(p, rise);
        for (int j = 0; j < STATES; j++)
            ahead[j] = p[j] + h * rise[j];
        flow_of_probability(ahead, later);
        for (int j = 0; j < STATES; j++) {
            double next = p[j] + 0.5 * h * (rise[j] + later[j]);
            expected.share[j] += 0.5 * (p[j] + next) / STEPS;
            p[j] = next;
        }
    }
    memcpy(expected.final, p, sizeof p);
    for (int i = 0; i < STATES; i++)
        for (int j = 0; j < STATES; j++)
            expected.switches += HORIZON_D * expected.share[i] * RATE[i][j];
    return expected;
}

static void check_occupation(struct scratch *scratch, const char *start,
                             const struct expectation *expected)
{
    static const double GRID_ERROR = 1e-8;
    struct sqz_scenario scenario;
    struct test_engine engine;
    struct sqz_mean share[STATES] = {{0}}, switches = {0};
    uint64_t paths = test_paths(PATHS), final[STATES] = {0};
    load(scratch, &scenario, CHAIN, start);
    test_engine_init(&engine, (const struct sqz_world *[]){&scenario.world}, 1);
    for (uint64_t path = 0; path < paths; path++) {
        sqz_engine_run(&engine.engine, SEED, path, NULL);
        const double *measure = sqz_engine_outcome(&engine.engine, 0)->measure;
        final[(int)measure[STATE] - 1]++;
        sqz_mean_add(&switches, measure[SWITCHES]);
        for (int i = 0; i < STATES; i++)
            sqz_mean_add(&share[i], measure[SHARES + i]);
    }
    for (int i = 0; i < STATES; i++) {
        check_share_4se("P(final state)", final[i], paths, expected->final[i], GRID_ERROR);
        check_mean_4se("share of the time", &share[i], expected->share[i], GRID_ERROR);
    }
    check_mean_4se("changes of state", &switches, expected->switches, GRID_ERROR);
    test_engine_free(&engine);
    sqz_scenario_free(&scenario);
}

static void test_occupation_from_a_state(void **state)
{
    static const char *const START[STATES] = {"calm", "tense", "panic"};
    for (int i = 0; i < STATES; i++) {
        double law[STATES] = {0};
        law[i] = 1;
        struct expectation expected = solve_forward(law);
        check_occupation(*state, START[i], &expected);
    }
}

/* Started in its stationary law a chain stays in it. By the matrix-tree theorem pi_i is in
 * proportion to the sum over the trees towards i of the products of their rates. */
static void test_occupation_stationary(void **state)
{
    struct expectation expected = {.switches = 0};
    double total = 0;
    for (int i = 0; i < STATES; i++) {
        int j = (i + 1) % STATES, k = (i + 2) % STATES;
        expected.share[i] =
            RATE[j][i] * RATE[k][i] + RATE[j][k] * RATE[k][i] + RATE[k][j] * RATE[j][i];
        total += expected.share[i];
    }
    for (int i = 0; i < STATES; i++) {
        expected.final[i] = expected.share[i] /= total;
        for (int j = 0; j < STATES; j++)
            expected.switches += HORIZON_D * expected.share[i] * RATE[i][j];
    }
    check_occupation(*state, "stationary", &expected);
}

/* ---- the final price ----------------------------------------------------------------------- */

/* Two states; in the first the price rises. */
static const double UP_PER_D = 0.7, DOWN_PER_D = 0.5; /* rates of leaving the second, the first */
static const double DRIFT_PER_D[2] = {0.06, -0.05}, MULTIPLIER[2] = {0.7, 2.1}, SIGMA = 0.025;
#define TWO_STATES                                                                                 \
    "state,drift_per_d,volatility,depth,to_greed_per_d,to_fear_per_d\n"                            \
    "greed,0.06,0.7,1,0,0.5\nfear,-0.05,2.1,1,0.7,0\n"

static void sample_final(struct scratch *scratch, const char *start, double mean,
                         struct sqz_mean *final, struct sqz_mean *square)
{
    struct sqz_scenario scenario;
    struct test_engine engine;
    uint64_t paths = test_paths(PATHS);
    load(scratch, &scenario, TWO_STATES, start);
    test_engine_init(&engine, (const struct sqz_world *[]){&scenario.world}, 1);
    for (uint64_t path = 0; path < paths; path++) {
        sqz_engine_run(&engine.engine, SEED + 1, path, NULL);
        double x = sqz_engine_outcome(&engine.engine, 0)->final_log;
        sqz_mean_add(final, x);
        sqz_mean_add(square, (x - mean) * (x - mean));
    }
    test_engine_free(&engine);
    sqz_scenario_free(&scenario);
}

/* Given the time tau spent in the second state the final price is normal with mean d_1 T + (d_2 -
 * d_1) tau and variance sigma^2 (m_1^2 (T - tau) + m_2^2 tau); so its variance is the mean of the
 * latter plus (d_2 - d_1)^2 var tau. Stationary: the covariance of being in the second state at
 * times s apart is pi_1 pi_2 exp(-rate s), and var tau its double integral. */
static void test_mixture_from_the_stationary_law(void **state)
{
    struct sqz_mean final = {0}, square = {0};
    double t = HORIZON_D, rate = UP_PER_D + DOWN_PER_D, pi = DOWN_PER_D / rate;
    double swing = DRIFT_PER_D[1] - DRIFT_PER_D[0];
    double mean = t * ((1 - pi) * DRIFT_PER_D[0] + pi * DRIFT_PER_D[1]);
    double diffusion =
        SIGMA * SIGMA * t * ((1 - pi) * pow(MULTIPLIER[0], 2) + pi * pow(MULTIPLIER[1], 2));
    double var_tau = 2 * pi * (1 - pi) * (t / rate + expm1(-rate * t) / (rate * rate));
    sample_final(*state, "stationary", mean, &final, &square);
    check_mean_4se("mean of the final price", &final, mean, 0);
    check_mean_4se("its variance", &square, diffusion + swing * swing * var_tau, 0);
    /* The test would see either part missing. */
    double se = sqz_mean_estimate(&square).se;
    assert_true(diffusion > 20 * se && swing * swing * var_tau > 20 * se);
}

/* P(second state at t) from the first is pi_2 (1 - exp(-rate t)). E tau^2 is twice the integral
 * over s < u of P(second at s) P(second at u | second at s), here by the midpoint rule: error 1e-7.
 */
static void test_mixture_from_a_state(void **state)
{
    enum { STEPS = 2000 };
    struct sqz_mean final = {0}, square = {0};
    double t = HORIZON_D, rate = UP_PER_D + DOWN_PER_D, pi = DOWN_PER_D / rate, h = t / STEPS;
    double tau = pi * (t + expm1(-rate * t) / rate), tau_square = 0;
    for (int i = 0; i < STEPS; i++) {
        double s = (i + 0.5) * h, left = t - s;
        double after = pi * left - (1 - pi) * expm1(-rate * left) / rate;
        tau_square += 2 * h * -pi * expm1(-rate * s) * after;
    }
    double swing = DRIFT_PER_D[1] - DRIFT_PER_D[0];
    double mean = DRIFT_PER_D[0] * t + swing * tau;
    double diffusion =
        SIGMA * SIGMA * (pow(MULTIPLIER[0], 2) * (t - tau) + pow(MULTIPLIER[1], 2) * tau);
    sample_final(*state, "greed", mean, &final, &square);
    check_mean_4se("mean of the final price", &final, mean, 0);
    check_mean_4se("its variance", &square, diffusion + swing * swing * (tau_square - tau * tau),
                   1e-8);
}

#define IN_SCRATCH(test) cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SCRATCH(test_occupation_from_a_state),
        IN_SCRATCH(test_occupation_stationary),
        IN_SCRATCH(test_mixture_from_the_stationary_law),
        IN_SCRATCH(test_mixture_from_a_state),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
