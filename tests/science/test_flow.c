/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of the Hawkes process of market orders: its counts and intensity from an empty history
 * (tests/oracles/hawkes_exp.csv), and what a forced order provokes. */
#include "tests/unit/path_fixture.h"

enum { SEED = 71 };
enum { ORDERS, BOUGHT, SOLD, INTENSITY };

/* Sizes are negligible, so that the orders leave the price alone. */
static const double SIZE_USD = 1e-3;
#define FAR LEVELS_HEADER "short,8e15,1\n"

/* Run paths of a loaded world and hand each outcome to `add`. */
static void run_paths(const struct sqz_world *world, uint64_t seed, uint64_t paths, void *context,
                      void (*add)(void *context, const struct sqz_outcome *outcome))
{
    static struct test_engine test;
    test_engine_init(&test, &world, 1);
    for (uint64_t path = 0; path < paths; path++) {
        sqz_engine_run(&test.engine, seed, path, NULL);
        add(context, sqz_engine_outcome(&test.engine, 0));
    }
    test_engine_free(&test);
}

/* ---- from an empty history ----------------------------------------------------------------- */

struct hawkes {
    double mu, branching, beta, horizon_s;
};

/* Variance of N(T), by integrating the moments of the process: with d lambda = beta (mu - lambda)
 * dt
 * + alpha dN, alpha = branching beta and l = beta - alpha,
 *   E lambda' = beta mu - l E lambda,                Var lambda' = alpha^2 E lambda - 2 l Var
 * lambda, Cov(N, lambda)' = Var lambda + alpha E lambda - l Cov,      Var N' = E lambda + 2 Cov. */
struct moments {
    double mean, variance, covariance, count_variance;
};

static struct moments slope(const struct hawkes *law, struct moments at)
{
    double alpha = law->branching * law->beta, l = law->beta - alpha;
    return (struct moments){
        .mean = law->beta * law->mu - l * at.mean,
        .variance = alpha * alpha * at.mean - 2 * l * at.variance,
        .covariance = at.variance + alpha * at.mean - l * at.covariance,
        .count_variance = at.mean + 2 * at.covariance,
    };
}

static struct moments ahead(struct moments at, struct moments by, double step)
{
    return (struct moments){at.mean + step * by.mean, at.variance + step * by.variance,
                            at.covariance + step * by.covariance,
                            at.count_variance + step * by.count_variance};
}

static double count_variance(const struct hawkes *law)
{
    enum { STEPS = 10000 };
    struct moments at = {.mean = law->mu};
    double step = law->horizon_s / STEPS;
    for (int i = 0; i < STEPS; i++) {
        struct moments middle = ahead(at, slope(law, at), 0.5 * step);
        at = ahead(at, slope(law, middle), step);
    }
    return at.count_variance;
}

struct counts {
    double expected;
    struct sqz_mean orders, square, intensity, usd;
};

static void add_counts(void *context, const struct sqz_outcome *outcome)
{
    struct counts *counts = context;
    double orders = outcome->measure[ORDERS];
    sqz_mean_add(&counts->orders, orders);
    sqz_mean_add(&counts->square, pow(orders - counts->expected, 2));
    sqz_mean_add(&counts->intensity, outcome->measure[INTENSITY]);
    double usd = outcome->measure[BOUGHT] + outcome->measure[SOLD];
    check_near("traded", usd, orders * SIZE_USD, 1e-9 * usd);
}

static void check_row(struct scratch *scratch, const struct oracle *oracle, size_t row)
{
    static const uint64_t PATHS[] = {20000, 4000, 1500};
    struct sqz_scenario scenario;
    struct counts counts = {.expected = oracle_number(oracle, row, "E_N_from_empty")};
    struct hawkes law = {oracle_number(oracle, row, "mu"), oracle_number(oracle, row, "branching"),
                         oracle_number(oracle, row, "beta"), oracle_number(oracle, row, "T")};
    char rows[400];
    /* Sides tell nothing here: the sum of both is one Hawkes process, whatever they do. */
    snprintf(rows, sizeof rows,
             "horizon,%.17g,s\nvolatility,0,1/sqrt(d)\nflow.rate,%.17g,1/s\nflow.branching,%.17g,\n"
             "flow.decay,%.17g,1/s\nflow.size,%g,usd\nflow.buy,0.3,\nflow.herding,0.6,\n",
             law.horizon_s, law.mu, law.branching, law.beta, SIZE_USD);
    load_path_well(scratch, &scenario, rows, FAR);
    run_paths(&scenario.world, SEED + row, test_paths(PATHS[row]), &counts, add_counts);
    check_mean_4se("E N(T)", &counts.orders, counts.expected, 0);
    check_mean_4se("E lambda(T)", &counts.intensity, oracle_number(oracle, row, "E_lambda_T"), 0);
    check_mean_4se("Var N(T)", &counts.square, count_variance(&law), 0);
    sqz_scenario_free(&scenario);
}

static void test_counts_from_an_empty_history(void **state)
{
    struct oracle oracle;
    oracle_read(&oracle, "hawkes_exp.csv");
    for (size_t row = 0; row < oracle.rows; row++)
        check_row(*state, &oracle, row);
    assert_int_equal(oracle.rows, 3);
    oracle_free(&oracle);
}

/* ---- what a forced order provokes ---------------------------------------------------------- */

/* Next to no background; the drift reaches the one level, 80080 or 79920, after about a second. */
static const double BRANCHING = 0.7, DECAY = 0.5, HERDING = 0.85, WEIGHT = 1.5, FORCED_USD = 0.0087;
#define CHASING_FLOW                                                                               \
    "horizon,200,s\nvolatility,0,1/sqrt(d)\nflow.rate,1e-6,1/h\nflow.size,1e-3,usd\n"              \
    "flow.branching,0.7,\nflow.decay,0.5,1/s\nflow.herding,0.85,\nflow.liquidations,1.5,\n"

struct response {
    struct sqz_mean orders, bought, sold;
};

static void add_action(void *context, const struct sqz_outcome *outcome)
{
    struct response *response = context;
    sqz_mean_add(&response->orders, outcome->measure[ORDERS]);
    sqz_mean_add(&response->bought, outcome->measure[BOUGHT] / SIZE_USD);
    sqz_mean_add(&response->sold, outcome->measure[SOLD] / SIZE_USD);
}

/* A forced order counts as w own orders of its side. By generations, w n + w n^2 + ... orders
 * follow; of the difference between its side and the other a share 2 h - 1 stays in each. */
static void test_orders_that_a_forced_order_provokes(void **state)
{
    const double w = WEIGHT * FORCED_USD / SIZE_USD, lean = BRANCHING * (2 * HERDING - 1);
    double total = w * BRANCHING / (1 - BRANCHING), difference = w * lean / (1 - lean);
    for (int side = 0; side < 2; side++) {
        struct sqz_scenario scenario;
        struct response response = {0};
        load_path_well(*state, &scenario,
                       side == SQZ_UP ? CHASING_FLOW "drift,0.001,1/s\n"
                                      : CHASING_FLOW "drift,-0.001,1/s\n",
                       LEVELS_HEADER "short,80080,0.0087\nlong,79920,0.0087\n");
        run_paths(&scenario.world, SEED + 10, test_paths(8000), &response, add_action);
        check_mean_4se("orders", &response.orders, total, 1e-6);
        check_mean_4se("with it", side == SQZ_UP ? &response.bought : &response.sold,
                       0.5 * (total + difference), 1e-6);
        check_mean_4se("against it", side == SQZ_UP ? &response.sold : &response.bought,
                       0.5 * (total - difference), 1e-6);
        sqz_scenario_free(&scenario);
    }
}

enum { TIMES = 4 };

static void add_intensity(void *context, const struct sqz_event *event)
{
    struct sqz_mean *intensity = context;
    if (event->kind == SQZ_EVENT_OUTPUT)
        sqz_mean_add(&intensity[event->output_index], event->measure[INTENSITY]);
}

/* The intensity it leaves decays on average as exp(-beta (1 - n) t). */
static void test_response_decays(void **state)
{
    static struct test_engine test;
    static const double AFTER_S[TIMES] = {0.5, 2.25, 6, 17};
    struct sqz_mean intensity[TIMES] = {0};
    struct sqz_observer observer = {.context = intensity, .event = add_intensity};
    struct sqz_scenario scenario;
    double hit_s = log(80080.0 / 80000) / 0.001, output_s[TIMES];
    for (int i = 0; i < TIMES; i++)
        output_s[i] = hit_s + AFTER_S[i];
    load_path_well(*state, &scenario, CHASING_FLOW "drift,0.001,1/s\n",
                   LEVELS_HEADER "short,80080,0.0087\n");
    test_engine_init_outputs(&test, (const struct sqz_world *[]){&scenario.world}, 1, output_s,
                             TIMES);
    for (uint64_t path = 0; path < test_paths(8000); path++)
        sqz_engine_run(&test.engine, SEED + 20, path, &observer);
    double first = BRANCHING * DECAY * WEIGHT * FORCED_USD / SIZE_USD;
    for (int i = 0; i < TIMES; i++)
        check_mean_4se("intensity", &intensity[i],
                       first * exp(-DECAY * (1 - BRANCHING) * AFTER_S[i]), 1e-6);
    test_engine_free(&test);
    sqz_scenario_free(&scenario);
}

#define IN_SCRATCH(test) cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SCRATCH(test_counts_from_an_empty_history),
        IN_SCRATCH(test_orders_that_a_forced_order_provokes),
        IN_SCRATCH(test_response_decays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
