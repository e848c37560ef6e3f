/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The jumps driver through a scenario: Merton's terminal law (tests/oracles/merton.csv), Poisson
 * times, normal sizes, and levels: crossed by a jump they fire where the jump ends, and between
 * jumps the walk reaches them as often as a Brownian bridge does. */
#include "tests/support/support.h"

#include <math.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>

#include "models/registry.h"
#include "sim/io/scenario.h"
#include "tests/unit/scratch.h"

enum { SEED = 71 };

/* Where a handful of paths is expected, a few more or less say nothing. */
static const double FEW = 4;

static const double DAY_S = 86400;

/* ---- scenarios ----------------------------------------------------------------------------- */

/* A market at 100 USD with the levels of map.csv and these further rows. */
struct jump_world {
    struct sqz_scenario scenario;
    struct test_engine engine;
};

static void open_world(struct jump_world *test, struct scratch *scratch, const char *levels,
                       const char *rows)
{
    char text[1000], said[2048];
    struct sqz_diag diag = {0};
    snprintf(text, sizeof text, "side,price_usd,notional_usd\n%s", levels);
    scratch_write(scratch, "map.csv", text);
    snprintf(text, sizeof text,
             "key,value,unit\nprice,100,usd\nlevels,map.csv,\nbook.depth,20M,usd\n"
             "book.permanent,0,\nbook.halflife,inf,s\npeak.resolution,inf,bp\n%s",
             rows);
    const char *path = scratch_write(scratch, "s.csv", text);
    if (sqz_scenario_load(&test->scenario, path, &(struct sqz_load_options){0}, &sqz_registry,
                          &diag) != SQZ_OK) {
        sqz_diag_format(&diag, said, sizeof said);
        fail_msg("%s", said);
    }
    test_engine_init(&test->engine, (const struct sqz_world *[]){&test->scenario.world}, 1);
}

static void close_world(struct jump_world *test)
{
    test_engine_free(&test->engine);
    sqz_scenario_free(&test->scenario);
}

static const struct sqz_outcome *run(struct jump_world *test, uint64_t path,
                                     const struct sqz_observer *observer)
{
    sqz_engine_run(&test->engine.engine, SEED, path, observer);
    return sqz_engine_outcome(&test->engine.engine, 0);
}

static const char FAR[] = "short,1e9,1\n";

/* ---- the terminal law ---------------------------------------------------------------------- */

enum { CDF_MAX = 16 };

/* One parameter set of the oracle with what its rows say. */
struct merton {
    double drift, sigma, rate, jump_mean, jump_sd, horizon;
    double mean, var, skew, exkurt, exp_x;
    size_t points;
    double x[CDF_MAX], cdf[CDF_MAX];
};

/* Read the rows from `row` on that share its parameters; returns the first that does not. */
static size_t read_merton(const struct oracle *oracle, size_t row, struct merton *merton)
{
    *merton = (struct merton){.drift = oracle_number(oracle, row, "mu_log"),
                              .sigma = oracle_number(oracle, row, "sigma"),
                              .rate = oracle_number(oracle, row, "lambda"),
                              .jump_mean = oracle_number(oracle, row, "jump_mean"),
                              .jump_sd = oracle_number(oracle, row, "jump_sd"),
                              .horizon = oracle_number(oracle, row, "T")};
    for (; row < oracle->rows && oracle_number(oracle, row, "sigma") == merton->sigma; row++) {
        const char *quantity = oracle_text(oracle, row, "quantity");
        double value = oracle_number(oracle, row, "value");
        if (strcmp(quantity, "mean") == 0)
            merton->mean = value;
        else if (strcmp(quantity, "var") == 0)
            merton->var = value;
        else if (strcmp(quantity, "skew") == 0)
            merton->skew = value;
        else if (strcmp(quantity, "exkurt") == 0)
            merton->exkurt = value;
        else if (strcmp(quantity, "E_exp_X") == 0)
            merton->exp_x = value;
        else if (strcmp(quantity, "cdf") == 0) {
            assert_true(merton->points < CDF_MAX);
            merton->x[merton->points] = oracle_number(oracle, row, "x");
            merton->cdf[merton->points++] = value;
        } else {
            assert_string_equal(quantity, "pdf"); /* its integral is what is checked */
        }
    }
    return row;
}

static void check_merton(struct scratch *scratch, const struct merton *law)
{
    char rows[400];
    static struct jump_world test;
    struct sqz_mean first = {0}, second = {0}, third = {0}, fourth = {0}, exponential = {0};
    uint64_t below[CDF_MAX] = {0}, paths = test_paths(400000);
    snprintf(rows, sizeof rows,
             "horizon,%.17g,d\ndrift,%.17g,1/d\nvolatility,%.17g,1/sqrt(d)\njumps.rate,%.17g,1/d\n"
             "jumps.mean,%.17g,1\njumps.sd,%.17g,1\n",
             law->horizon, law->drift, law->sigma, law->rate, law->jump_mean, law->jump_sd);
    open_world(&test, scratch, FAR, rows);
    for (uint64_t path = 0; path < paths; path++) {
        double x = run(&test, path, NULL)->final_log, d = x - law->mean;
        sqz_mean_add(&first, x);
        sqz_mean_add(&second, d * d);
        sqz_mean_add(&third, d * d * d);
        sqz_mean_add(&fourth, d * d * d * d);
        sqz_mean_add(&exponential, exp(x));
        for (size_t i = 0; i < law->points; i++)
            below[i] += x <= law->x[i];
    }
    /* Moments about the known mean: plain means, so their standard errors are plain too. */
    check_mean_4se("mean", &first, law->mean, 0);
    check_mean_4se("variance", &second, law->var, 0);
    check_mean_4se("third moment", &third, law->skew * pow(law->var, 1.5), 0);
    check_mean_4se("fourth moment", &fourth, (law->exkurt + 3) * law->var * law->var, 0);
    check_mean_4se("E[exp X]", &exponential, law->exp_x, 0);
    for (size_t i = 0; i < law->points; i++)
        check_share_4se("cdf", below[i], paths, law->cdf[i], FEW / (double)paths);
    close_world(&test);
}

static void test_merton_law(void **state)
{
    struct oracle oracle;
    size_t sets = 0;
    oracle_read(&oracle, "merton.csv");
    for (size_t row = 0; row < oracle.rows; sets++) {
        struct merton law;
        row = read_merton(&oracle, row, &law);
        assert_int_equal(law.points, 7);
        check_merton(*state, &law);
    }
    assert_int_equal(sets, 2);
    oracle_free(&oracle);
}

/* ---- times and sizes ----------------------------------------------------------------------- */

struct jump_sample {
    struct sqz_mean count, variance, time_share, size, size_square;
    double mean_log, mean_count;
    uint64_t jumps;
};

static void note_jump(void *context, const struct sqz_event *event)
{
    struct jump_sample *sample = context;
    double d = event->jump_log - sample->mean_log;
    assert_int_equal(event->kind, SQZ_EVENT_JUMP);
    assert_string_equal(event->driver, "jumps");
    sample->jumps++;
    sqz_mean_add(&sample->time_share, event->time_s / (1.7 * DAY_S));
    sqz_mean_add(&sample->size, event->jump_log);
    sqz_mean_add(&sample->size_square, d * d);
}

/* Counts are Poisson, times uniform given the count, sizes normal; and the driver counts right. */
static void test_poisson_times_and_normal_sizes(void **state)
{
    static struct jump_world test;
    struct jump_sample sample = {.mean_log = -0.003, .mean_count = 2.3 * 1.7};
    struct sqz_observer observer = {&sample, note_jump, ~(1u << SQZ_EVENT_JUMP)};
    uint64_t paths = test_paths(60000), none = 0, three = 0;
    open_world(&test, *state, FAR,
               "horizon,1.7,d\nvolatility,0.02,1/sqrt(d)\njumps.rate,2.3,1/d\njumps.mean,-0.003,\n"
               "jumps.sd,0.017,\n");
    assert_int_equal(test.scenario.world.n_measures, 1);
    for (uint64_t path = 0; path < paths; path++) {
        sample.jumps = 0;
        double counted = run(&test, path, &observer)->measure[0];
        double d = counted - sample.mean_count;
        assert_true(counted == (double)sample.jumps);
        sqz_mean_add(&sample.count, counted);
        sqz_mean_add(&sample.variance, d * d);
        none += counted == 0;
        three += counted == 3;
    }
    check_mean_4se("mean count", &sample.count, sample.mean_count, 0);
    check_mean_4se("variance of the count", &sample.variance, sample.mean_count, 0);
    check_share_4se("P(none)", none, paths, gsl_ran_poisson_pdf(0, sample.mean_count), 0);
    check_share_4se("P(three)", three, paths, gsl_ran_poisson_pdf(3, sample.mean_count), 0);
    check_mean_4se("mean time", &sample.time_share, 0.5, 0);
    check_mean_4se("mean size", &sample.size, -0.003, 0);
    check_mean_4se("variance of the size", &sample.size_square, 0.017 * 0.017, 0);
    close_world(&test);
}

/* ---- levels -------------------------------------------------------------------------------- */

/* With no volatility and jumps of one size the third jump is the first above the target: its time
 * has the gamma law, P(touched) = P(Poisson >= 3). */
static void test_passage_by_jumps_alone(void **state)
{
    static struct jump_world test;
    const double mean_count = 1.9;
    uint64_t paths = test_paths(60000), touched = 0, early = 0;
    open_world(&test, *state, FAR,
               "horizon,1,d\nvolatility,0,1/sqrt(d)\ntarget,103.2,usd\njumps.rate,1.9,1/d\n"
               "jumps.mean,0.0125,\n");
    for (uint64_t path = 0; path < paths; path++) {
        const struct sqz_outcome *outcome = run(&test, path, NULL);
        touched += !isnan(outcome->touch_s[SQZ_TARGET]);
        early += outcome->touch_s[SQZ_TARGET] <= 0.6 * DAY_S;
        assert_true(isnan(outcome->touch_s[SQZ_TARGET]) == (outcome->measure[0] < 3));
        check_near("final price", outcome->final_log, 0.0125 * outcome->measure[0], 1e-14);
    }
    check_share_4se("P(touched)", touched, paths, gsl_cdf_poisson_Q(2, mean_count), 0);
    check_share_4se("P(touched by 0.6 d)", early, paths, gsl_cdf_poisson_Q(2, 0.6 * mean_count), 0);
    close_world(&test);
}

/* The last jump and what fired at its moment. */
struct crossings {
    struct sqz_event jump;
    uint64_t by_jump, by_walk;
};

static void note_crossing(void *context, const struct sqz_event *event)
{
    struct crossings *crossings = context;
    if (event->kind == SQZ_EVENT_JUMP)
        crossings->jump = *event;
    if (event->kind != SQZ_EVENT_LIQUIDATION)
        return;
    const double level = log(1.02), impact = 0.01 * 3e6 / 20e6;
    double before = event->exogenous_log;
    check_near("impact", event->displacement_log, impact, 1e-15);
    check_near("fill", event->fill_log, before + impact / 2, 1e-15);
    if (event->time_s != crossings->jump.time_s) {
        crossings->by_walk++;
        check_near("price reached by the walk", before, level, SQZ_TOUCH_LOG);
        return;
    }
    crossings->by_jump++;
    assert_true(before == crossings->jump.exogenous_log);
    assert_true(before - crossings->jump.jump_log < level && before > level);
}

/* A level that a jump crosses fires at the time of the jump, at the price where the jump ends; one
 * that the walk reaches fires at the level. */
static void test_a_jump_overshoots_its_level(void **state)
{
    static struct jump_world test;
    struct crossings crossings = {.by_jump = 0};
    struct sqz_observer observer = {&crossings, note_crossing, 0};
    open_world(&test, *state, "short,102,3e6\n",
               "horizon,1,d\nvolatility,0.02,1/sqrt(d)\njumps.rate,3,1/d\njumps.sd,0.02,\n");
    for (uint64_t path = 0; path < 400; path++) {
        crossings.jump.time_s = NAN;
        run(&test, path, &observer);
    }
    assert_true(crossings.by_jump > 40 && crossings.by_walk > 40);
    close_world(&test);
}

/* What a path looks like from its jumps: the probability that a Brownian motion through the points
 * before and after each stays below the target, 1 - exp(-2 (b - x) (b - y) / (sigma^2 t)). */
struct skeleton {
    double target_log, variance_per_s;
    double time_s, price_log; /* of the last point */
    double below;             /* probability so far */
};

static void add_point(struct skeleton *skeleton, double time_s, double before_log, double after_log)
{
    double x = skeleton->target_log - skeleton->price_log, y = skeleton->target_log - before_log;
    double t = skeleton->variance_per_s * (time_s - skeleton->time_s);
    skeleton->below *= x > 0 && y > 0 ? -expm1(-2 * x * y / t) : 0;
    skeleton->below *= after_log < skeleton->target_log;
    skeleton->time_s = time_s;
    skeleton->price_log = after_log;
}

static void note_point(void *context, const struct sqz_event *event)
{
    if (event->kind == SQZ_EVENT_JUMP)
        add_point(context, event->time_s, event->exogenous_log - event->jump_log,
                  event->exogenous_log);
    if (event->kind == SQZ_EVENT_HORIZON)
        add_point(context, event->time_s, event->exogenous_log, event->exogenous_log);
}

/* Between jumps the first passage is that of the walk: over many paths the touches are as many as
 * their conditional probabilities add up to, given every path at its jumps. */
static void test_passage_between_jumps(void **state)
{
    static struct jump_world test;
    const double sigma = 0.023;
    struct sqz_mean excess = {0};
    uint64_t paths = test_paths(60000), touched = 0;
    open_world(&test, *state, FAR,
               "horizon,1,d\nvolatility,0.023,1/sqrt(d)\ndrift,0.006,1/d\ntarget,102.1,usd\n"
               "jumps.rate,2.6,1/d\njumps.mean,-0.002,\njumps.sd,0.015,\n");
    for (uint64_t path = 0; path < paths; path++) {
        struct skeleton skeleton = {
            .target_log = log(1.021), .variance_per_s = sigma * sigma / DAY_S, .below = 1};
        struct sqz_observer observer = {&skeleton, note_point, 0};
        bool hit = !isnan(run(&test, path, &observer)->touch_s[SQZ_TARGET]);
        sqz_mean_add(&excess, (hit ? 1.0 : 0.0) - (1 - skeleton.below));
        touched += hit;
    }
    check_mean_4se("touches beyond the bridges'", &excess, 0, 0);
    assert_true(touched > paths / 10 && touched < paths - paths / 10);
    close_world(&test);
}

#define IN_SCRATCH(test) cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SCRATCH(test_merton_law),
        IN_SCRATCH(test_poisson_times_and_normal_sizes),
        IN_SCRATCH(test_passage_by_jumps_alone),
        IN_SCRATCH(test_a_jump_overshoots_its_level),
        IN_SCRATCH(test_passage_between_jumps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
