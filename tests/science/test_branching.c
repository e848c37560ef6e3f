/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Cascades through levels at Poisson points of a book that does not recover: the number of levels
 * that a shock takes is a branching process. Every level moves the price by its mark and so
 * uncovers, on average, n = density * mean mark more. Fixed marks: generalised Poisson (Borel and
 * Tanner); exponential marks: the busy period of an M/M/1 queue (tests/oracles/
 * cascade_branching.csv). */
#include "tests/support/support.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_randist.h>

enum { SEED = 73 };

/* Of a flat book: one dollar moves the price by IMPACT. */
static const double IMPACT = 1e-8;

/* ---- ladders ------------------------------------------------------------------------------- */

/* Parameters of the oracle's rows. */
struct process {
    bool fixed_marks;
    double levels_per_unit, mean_mark, shock;
};

/* Most cascades are shorter than the first of these; one that is not is drawn again on a longer
 * ladder. A supercritical one that takes RUNAWAY levels is taken for endless, and the last is taken
 * for infinite: what is wrong with that has a probability below 1e-8 in each of these processes.
 */
enum { RUNAWAY = 512, LONGEST = 8192 };
static const size_t LENGTH[] = {48, RUNAWAY, LONGEST};

static void draw_levels(const struct process *process, uint64_t number, struct sqz_level *levels,
                        size_t count)
{
    struct sqz_stream stream;
    double distance = 0.0;
    sqz_stream_open(&stream, SEED, number, 0);
    gsl_rng rng = sqz_stream_gsl(&stream);
    for (size_t i = 0; i < count; i++) {
        double mark = process->mean_mark;
        distance += gsl_ran_exponential(&rng, 1 / process->levels_per_unit);
        if (!process->fixed_marks)
            mark = gsl_ran_exponential(&rng, mark);
        levels[i] = (struct sqz_level){
            .distance_log = distance, .notional_usd = mark / IMPACT, .side = SQZ_UP};
    }
}

/* The cascade by its definition: the price goes on as long as it is at the next level. */
static size_t count_by_hand(const struct process *process, const struct sqz_level *levels,
                            size_t count)
{
    double price = process->shock;
    size_t fired = 0;
    for (; fired < count && levels[fired].distance_log <= price; fired++)
        price += IMPACT * levels[fired].notional_usd;
    return fired;
}

/* One world whose ladder is drawn anew for every cascade. */
struct cascades {
    struct test_world world;
    struct test_engine engine;
    struct test_impulse impulse;
    struct sqz_level levels[LONGEST];
};

static void cascades_init(struct cascades *cascades, const struct process *process)
{
    cascades->impulse = (struct test_impulse){.time_s = 0, .jump_log = process->shock};
    test_book_init(&cascades->world.book, 0.01 / IMPACT, 1, 0, INFINITY);
    test_world_init(&cascades->world, NULL, 0, 0, 1);
    test_world_add_impulse(&cascades->world, &cascades->impulse);
    test_engine_init(&cascades->engine, (const struct sqz_world *[]){&cascades->world.world}, 1);
}

static void cascades_free(struct cascades *cascades)
{
    test_engine_free(&cascades->engine);
    test_world_free(&cascades->world);
}

static const struct sqz_outcome *run(struct cascades *cascades, const struct process *process,
                                     uint64_t number, size_t count)
{
    struct sqz_diag diag = {0};
    draw_levels(process, number, cascades->levels, count);
    sqz_ladder_free(&cascades->world.ladder);
    assert_int_equal(sqz_ladder_build(&cascades->world.ladder, cascades->levels, count, 1.0, &diag),
                     SQZ_OK);
    sqz_engine_run(&cascades->engine.engine, SEED, 0, NULL);
    const struct sqz_outcome *outcome = sqz_engine_outcome(&cascades->engine.engine, 0);
    assert_int_equal(outcome->liquidations[SQZ_UP],
                     count_by_hand(process, cascades->levels, count));
    check_near("displacement", outcome->final_log,
               process->shock + IMPACT * outcome->forced_usd[SQZ_UP], 1e-12);
    return outcome;
}

/* Shock ladder `number`, of as many levels as it takes. */
static const struct sqz_outcome *shock(struct cascades *cascades, const struct process *process,
                                       uint64_t number)
{
    bool endless = process->levels_per_unit * process->mean_mark > 1;
    for (size_t i = 0;; i++) {
        const struct sqz_outcome *outcome = run(cascades, process, number, LENGTH[i]);
        if (outcome->liquidations[SQZ_UP] < LENGTH[i] || (endless && LENGTH[i] == RUNAWAY))
            return outcome;
        assert_true(LENGTH[i] < LONGEST);
    }
}

/* ---- against the oracle -------------------------------------------------------------------- */

enum { COUNTS = 61 };

struct sample {
    uint64_t paths, runaway, of_count[COUNTS];
    struct sqz_mean count, count_square, displacement, displacement_square;
};

/* Fewer would not tell the standard error of a variance, so skew are these laws. */
enum { FEWEST_PATHS = 5000 };

/* Squares are about the known mean, so that their mean is the variance. */
static void draw_sample(const struct process *process, double mean, double displacement,
                        struct sample *sample)
{
    static struct cascades cascades;
    cascades_init(&cascades, process);
    *sample = (struct sample){.paths = test_paths(15000)};
    if (sample->paths < FEWEST_PATHS)
        sample->paths = FEWEST_PATHS;
    for (uint64_t number = 0; number < sample->paths; number++) {
        const struct sqz_outcome *outcome = shock(&cascades, process, number);
        double count = (double)outcome->liquidations[SQZ_UP];
        double d = count - mean, dx = outcome->final_log - displacement;
        sqz_mean_add(&sample->count, count);
        sqz_mean_add(&sample->count_square, d * d);
        sqz_mean_add(&sample->displacement, outcome->final_log);
        sqz_mean_add(&sample->displacement_square, dx * dx);
        sample->runaway += count == RUNAWAY;
        if (count < COUNTS)
            sample->of_count[(size_t)count]++;
    }
    cascades_free(&cascades);
}

/* A probability of which fewer hits than this are expected says nothing about so few paths. */
static const double FEWEST_HITS = 10;

static void check_quantity(const struct sample *sample, const char *quantity, double value)
{
    if (strcmp(quantity, "mean") == 0)
        check_mean_4se(quantity, &sample->count, value, 0);
    else if (strcmp(quantity, "var") == 0)
        check_mean_4se(quantity, &sample->count_square, value, 0);
    else if (strcmp(quantity, "E_displacement") == 0)
        check_mean_4se(quantity, &sample->displacement, value, 0);
    else if (strcmp(quantity, "var_displacement") == 0)
        check_mean_4se(quantity, &sample->displacement_square, value, 0);
    else if (strcmp(quantity, "P_runaway") == 0)
        check_share_4se(quantity, sample->runaway, sample->paths, value, 0);
    else if (strncmp(quantity, "pmf_", 4) == 0) {
        size_t count = (size_t)atoi(quantity + 4);
        assert_true(count < COUNTS);
        if (value * (double)sample->paths >= FEWEST_HITS)
            check_share_4se(quantity, sample->of_count[count], sample->paths, value, 0);
    } else {
        assert_memory_equal(quantity, "max_abs_z", strlen("max_abs_z")); /* the oracle's check */
    }
}

static struct process read_process(const struct oracle *oracle, size_t row)
{
    return (struct process){.fixed_marks = strcmp(oracle_text(oracle, row, "marks"), "fixed") == 0,
                            .levels_per_unit = oracle_number(oracle, row, "nu_levels_per_unit"),
                            .mean_mark = oracle_number(oracle, row, "J_mean_jump"),
                            .shock = oracle_number(oracle, row, "z_shock")};
}

static bool same_process(const struct process *a, const struct process *b)
{
    return a->fixed_marks == b->fixed_marks && a->levels_per_unit == b->levels_per_unit &&
           a->mean_mark == b->mean_mark && a->shock == b->shock;
}

/* Value of a quantity of the process whose rows begin at `row`; NAN if it has none. */
static double find_value(const struct oracle *oracle, size_t row, const char *quantity)
{
    struct process process = read_process(oracle, row), other;
    for (; row < oracle->rows; row++) {
        other = read_process(oracle, row);
        if (same_process(&process, &other) &&
            strcmp(oracle_text(oracle, row, "quantity"), quantity) == 0)
            return oracle_number(oracle, row, "value");
    }
    return NAN;
}

/* Check the process whose rows begin at `row`; returns the row of the next one. */
static size_t check_process(const struct oracle *oracle, size_t row)
{
    static struct sample sample;
    struct process process = read_process(oracle, row), other = process;
    double mean = find_value(oracle, row, "mean");
    double displacement = find_value(oracle, row, "E_displacement");
    /* Of a supercritical process neither is finite, nor asked for. */
    draw_sample(&process, isnan(mean) ? 0 : mean, isnan(displacement) ? 0 : displacement, &sample);
    for (; row < oracle->rows; row++) {
        other = read_process(oracle, row);
        if (!same_process(&process, &other))
            break;
        check_quantity(&sample, oracle_text(oracle, row, "quantity"),
                       oracle_number(oracle, row, "value"));
    }
    return row;
}

static void test_poisson_ladders(void **state)
{
    (void)state;
    struct oracle oracle;
    size_t processes = 0;
    oracle_read(&oracle, "cascade_branching.csv");
    for (size_t row = 0; row < oracle.rows; processes++)
        row = check_process(&oracle, row);
    assert_int_equal(processes, 9);
    oracle_free(&oracle);
}

/* ---- against the whole law ----------------------------------------------------------------- */

/* Generalised Poisson of fixed marks: P(N = k) = theta (theta + n k)^(k-1) exp(-theta - n k) / k!
 * with theta = density * shock (Consul and Jain 1973). */
static double generalised_poisson(double theta, double n, double k)
{
    return exp(log(theta) + (k - 1) * log(theta + n * k) - theta - n * k - lgamma(k + 1));
}

/* A process that is in no oracle file: the distribution function at every count. */
static void test_generalised_poisson(void **state)
{
    (void)state;
    static struct sample sample;
    const struct process process = {true, 137, 0.0041, 0.0117};
    double theta = 137 * 0.0117, n = 137 * 0.0041, below = 0;
    uint64_t hits = 0;
    draw_sample(&process, theta / (1 - n), 0, &sample);
    check_mean_4se("mean", &sample.count, theta / (1 - n), 0);
    check_mean_4se("variance", &sample.count_square, theta / pow(1 - n, 3), 0);
    for (int k = 0; (1 - below) * (double)sample.paths > FEWEST_HITS; k++) {
        below += generalised_poisson(theta, n, k);
        hits += sample.of_count[k];
        check_share_4se("P(N <= k)", hits, sample.paths, below, 0);
    }
    assert_true(below > 0.95);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_poisson_ladders),
        cmocka_unit_test(test_generalised_poisson),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
