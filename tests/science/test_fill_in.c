/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Prices at output times: the walk jumps over them, they are filled in afterwards, and their law
 * must be that of the motion whatever the steps were. */
#include "tests/support/support.h"

#include <math.h>
#include <string.h>

#include <gsl/gsl_cdf.h>

enum {
    PATHS = 50000,
    TOUCH_PATHS = 150000,
    PAIRED_PATHS = 5000,
    OUTPUTS = 6,
    BINS = 40,
    SEED = 71
};
enum { LADDER_HALF = 60 };

static const double SIGMA = 0.005, DRIFT = 0.002, HORIZON_S = 1.0, STEP_LOG = 5e-4;
/* Two of them close together, the first far from the start, the last at the horizon. */
static const double OUTPUT_S[OUTPUTS] = {0.17, 0.31, 0.318, 0.6, 0.83, 1.0};

/* Probability of a chi-square beyond which a test fails: 5 sigma of a normal law. */
static const double TAIL = 2.9e-7;

/* ---- worlds -------------------------------------------------------------------------------- */

/* Levels without notional at every multiple of STEP_LOG, `half` on each side. */
static void motion_init(struct test_world *test, double drift, int half)
{
    struct sqz_level level[2 * LADDER_HALF];
    for (int k = 0; k < 2 * half; k++)
        level[k] = (struct sqz_level){.distance_log = STEP_LOG * (1 + k / 2),
                                      .notional_usd = 1e5,
                                      .side = k % 2 == 0 ? SQZ_UP : SQZ_DOWN};
    test_book_init(&test->book, 1e7, 1, 0.2, 20);
    test_world_init(test, level, 2 * (size_t)half, SIGMA, HORIZON_S);
    test->world.market.drift_per_s = drift;
    test->world.market.impact = false; /* levels are stops of the walk and no more */
}

/* Exogenous prices of the first world at the output times of one path. */
struct skeleton {
    double exogenous_log[OUTPUTS];
    size_t seen;
};

static void on_output(void *context, const struct sqz_event *event)
{
    struct skeleton *skeleton = context;
    if (event->kind != SQZ_EVENT_OUTPUT || event->world != 0)
        return;
    assert_int_equal(event->output_index, skeleton->seen);
    assert_true(event->time_s == OUTPUT_S[event->output_index]);
    skeleton->exogenous_log[skeleton->seen++] = event->exogenous_log;
}

static struct skeleton run_path(struct test_engine *engine, uint64_t seed, uint64_t path)
{
    struct skeleton skeleton = {.seen = 0};
    sqz_engine_run(&engine->engine, seed, path,
                   &(struct sqz_observer){.context = &skeleton, .event = on_output});
    assert_int_equal(skeleton.seen, OUTPUTS);
    return skeleton;
}

/* ---- the Gaussian law ---------------------------------------------------------------------- */

/* What the skeletons of many paths say. Prices and increments are standardised and mapped to (0,
 * 1): uniform if the law is right, pairs of successive increments uniform on the square. */
struct law {
    uint64_t paths;
    uint64_t price[OUTPUTS][BINS], increment[OUTPUTS][BINS], pair[OUTPUTS - 1][8][8];
    struct sqz_mean mean[OUTPUTS], product[OUTPUTS][OUTPUTS];
};

static double uniform_of(double deviation, double duration)
{
    return gsl_cdf_ugaussian_P(deviation / (SIGMA * sqrt(duration)));
}

static size_t bin_of(double uniform, size_t bins)
{
    size_t bin = (size_t)(uniform * (double)bins);
    return bin < bins ? bin : bins - 1;
}

static void law_add(struct law *law, const struct skeleton *skeleton)
{
    double deviation[OUTPUTS], last_uniform = 0, last = 0, last_s = 0;
    law->paths++;
    for (int i = 0; i < OUTPUTS; i++) {
        deviation[i] = skeleton->exogenous_log[i] - DRIFT * OUTPUT_S[i];
        law->price[i][bin_of(uniform_of(deviation[i], OUTPUT_S[i]), BINS)]++;
        double uniform = uniform_of(deviation[i] - last, OUTPUT_S[i] - last_s);
        law->increment[i][bin_of(uniform, BINS)]++;
        if (i > 0)
            law->pair[i - 1][bin_of(last_uniform, 8)][bin_of(uniform, 8)]++;
        last = deviation[i];
        last_s = OUTPUT_S[i];
        last_uniform = uniform;
        sqz_mean_add(&law->mean[i], skeleton->exogenous_log[i]);
        for (int j = 0; j <= i; j++)
            sqz_mean_add(&law->product[i][j], deviation[i] * deviation[j]);
    }
}

static void check_uniform(const char *what, const uint64_t *count, size_t bins, uint64_t total)
{
    double expected = (double)total / (double)bins, chi_square = 0;
    for (size_t k = 0; k < bins; k++)
        chi_square += pow((double)count[k] - expected, 2) / expected;
    if (gsl_cdf_chisq_Q(chi_square, (double)bins - 1) < TAIL)
        fail_msg("%s: chi-square %.1f with %d bins", what, chi_square, (int)bins);
}

/* E[X(t)] = mu t; the covariance of X(s) and X(t) is sigma^2 min(s, t). */
static void law_check(const struct law *law)
{
    for (int i = 0; i < OUTPUTS; i++) {
        check_uniform("price", law->price[i], BINS, law->paths);
        check_uniform("increment", law->increment[i], BINS, law->paths);
        if (i > 0)
            check_uniform("successive increments", law->pair[i - 1][0], 64, law->paths);
        check_mean_4se("mean", &law->mean[i], DRIFT * OUTPUT_S[i], 0);
        for (int j = 0; j <= i; j++)
            check_mean_4se("covariance", &law->product[i][j], SIGMA * SIGMA * OUTPUT_S[j], 0);
    }
}

static void check_gaussian(const struct sqz_world *const *worlds, size_t n_worlds, uint64_t seed)
{
    static struct law law;
    struct test_engine engine;
    memset(&law, 0, sizeof law);
    test_engine_init_outputs(&engine, worlds, n_worlds, OUTPUT_S, OUTPUTS);
    for (uint64_t path = 0; path < test_paths(PATHS); path++) {
        struct skeleton skeleton = run_path(&engine, seed, path);
        law_add(&law, &skeleton);
    }
    test_engine_free(&engine);
    law_check(&law);
}

/* One step from start to horizon. */
static void test_no_barrier(void **state)
{
    (void)state;
    struct test_world test;
    motion_init(&test, DRIFT, 0);
    check_gaussian((const struct sqz_world *[]){&test.world}, 1, SEED);
    test_world_free(&test);
}

/* Steps that end at a level, or survive between two. */
static void test_many_levels(void **state)
{
    (void)state;
    struct test_world test;
    motion_init(&test, DRIFT, LADDER_HALF);
    check_gaussian((const struct sqz_world *[]){&test.world}, 1, SEED + 1);
    test_world_free(&test);
}

static void test_record_step(void **state)
{
    (void)state;
    struct test_world test;
    motion_init(&test, DRIFT, 0);
    test.world.stops.record_step_log = STEP_LOG;
    check_gaussian((const struct sqz_world *[]){&test.world}, 1, SEED + 2);
    test_world_free(&test);
}

/* A barrier on one side only, and wide steps: far fill-ins near one end of the interval. The nearer
 * the barrier, the longer the motion has to survive in units of it; each law of survivors gets its
 * turn. */
static void test_one_watched_price(void **state)
{
    (void)state;
    static const double WATCH_LOG[] = {0.003, -0.008, 0.016};
    for (size_t i = 0; i < 3; i++) {
        struct test_world test;
        motion_init(&test, DRIFT, 0);
        test.world.stops.watch_log[i % 2 == 0 ? SQZ_TARGET : SQZ_FLOOR] = WATCH_LOG[i];
        check_gaussian((const struct sqz_world *[]){&test.world}, 1, SEED + 40 + i);
        test_world_free(&test);
    }
}

/* The steps are another world's, of other volatility and with impact. */
static void test_steps_of_another_world(void **state)
{
    (void)state;
    struct test_world test, other;
    struct sqz_level level[] = {{.distance_log = 0.002, .notional_usd = 2e6, .side = SQZ_UP},
                                {.distance_log = 0.006, .notional_usd = 3e6, .side = SQZ_UP},
                                {.distance_log = 0.004, .notional_usd = 2e6, .side = SQZ_DOWN}};
    motion_init(&test, DRIFT, 0);
    test_book_init(&other.book, 1e7, 2, 0.2, 0.1);
    test_world_init(&other, level, 3, 1.7 * SIGMA, 0.9 * HORIZON_S);
    other.world.stops.record_step_log = 2 * STEP_LOG;
    check_gaussian((const struct sqz_world *[]){&test.world, &other.world}, 2, SEED + 4);
    test_world_free(&test);
    test_world_free(&other);
}

/* ---- together with what the path met ------------------------------------------------------- */

/* Reflection: for x <= b, P(b touched by t, X(t) <= x) = Phi((x - 2 b)/(sigma sqrt(t))) without
 * drift; and a price above b at t means that b was touched. */
static void check_touches(struct test_world *test, uint64_t seed)
{
    static const double SHARE_OF_B[] = {1, 0.5, 0, -0.6};
    const double b = 0.0043;
    struct test_engine engine;
    uint64_t paths = test_paths(TOUCH_PATHS), hits[OUTPUTS][4] = {{0}};
    test->world.stops.watch_log[SQZ_TARGET] = b;
    test_engine_init_outputs(&engine, (const struct sqz_world *[]){&test->world}, 1, OUTPUT_S,
                             OUTPUTS);
    for (uint64_t path = 0; path < paths; path++) {
        struct skeleton skeleton = run_path(&engine, seed, path);
        double touch_s = sqz_engine_outcome(&engine.engine, 0)->touch_s[SQZ_TARGET];
        for (int i = 0; i < OUTPUTS; i++) {
            bool before = touch_s <= OUTPUT_S[i];
            assert_true(before || skeleton.exogenous_log[i] < b);
            for (int k = 0; k < 4; k++)
                hits[i][k] += before && skeleton.exogenous_log[i] <= SHARE_OF_B[k] * b;
        }
    }
    test_engine_free(&engine);
    for (int i = 0; i < OUTPUTS; i++)
        for (int k = 0; k < 4; k++) {
            double sd = SIGMA * sqrt(OUTPUT_S[i]);
            double expected = gsl_cdf_ugaussian_P((SHARE_OF_B[k] - 2) * b / sd);
            if (expected * (double)paths > 20)
                check_share_4se("P(touched, and back below x)", hits[i][k], paths, expected, 0);
        }
}

static void test_touched_and_back(void **state)
{
    (void)state;
    struct test_world test;
    motion_init(&test, 0, 0);
    check_touches(&test, SEED + 10);
    test_world_free(&test);
}

static void test_touched_and_back_on_a_ladder(void **state)
{
    (void)state;
    struct test_world test;
    motion_init(&test, 0, 4);
    check_touches(&test, SEED + 11);
    test_world_free(&test);
}

/* The next level of each side that has not been reached, as the log of the path tells it. */
struct corridor {
    double barrier[2];
    size_t outputs;
};

static void on_corridor_event(void *context, const struct sqz_event *event)
{
    struct corridor *corridor = context;
    if (event->kind == SQZ_EVENT_LIQUIDATION)
        corridor->barrier[event->side] += STEP_LOG;
    if (event->kind != SQZ_EVENT_OUTPUT || event->world != 0)
        return;
    double price = event->exogenous_log + event->displacement_log;
    assert_true(price < corridor->barrier[SQZ_UP] - SQZ_TOUCH_LOG);
    assert_true(-price < corridor->barrier[SQZ_DOWN] - SQZ_TOUCH_LOG);
    corridor->outputs++;
}

/* A world that records extremes at steps, another with a level at each multiple of the step, on one
 * path: no output leaves the corridor then standing, and both count the same multiples. Without
 * drift a barrier is met to the last digit, so that records stand at the multiples. */
static void test_outputs_stay_below_the_next_record(void **state)
{
    (void)state;
    enum { DENSE = 200 };
    double output_s[DENSE];
    struct test_world records, levels;
    struct test_engine engine;
    for (int i = 0; i < DENSE; i++)
        output_s[i] = HORIZON_S * (i + 1) / DENSE;
    motion_init(&records, 0, 0);
    records.world.stops.record_step_log = STEP_LOG;
    motion_init(&levels, 0, LADDER_HALF);
    test_engine_init_outputs(&engine, (const struct sqz_world *[]){&records.world, &levels.world},
                             2, output_s, DENSE);
    for (uint64_t path = 0; path < test_paths(PAIRED_PATHS); path++) {
        struct corridor corridor = {.barrier = {STEP_LOG, STEP_LOG}};
        sqz_engine_run(&engine.engine, SEED + 20, path,
                       &(struct sqz_observer){.context = &corridor, .event = on_corridor_event});
        const struct sqz_outcome *record = sqz_engine_outcome(&engine.engine, 0);
        const struct sqz_outcome *level = sqz_engine_outcome(&engine.engine, 1);
        assert_int_equal(corridor.outputs, DENSE);
        assert_int_equal((int)floor((record->peak_log + SQZ_TOUCH_LOG) / STEP_LOG),
                         (int)level->liquidations[SQZ_UP]);
        assert_int_equal((int)floor((SQZ_TOUCH_LOG - record->trough_log) / STEP_LOG),
                         (int)level->liquidations[SQZ_DOWN]);
    }
    test_engine_free(&engine);
    test_world_free(&records);
    test_world_free(&levels);
}

/* Looking changes nothing: the same outcome with output times and without. */
static void test_outputs_leave_the_path_alone(void **state)
{
    (void)state;
    struct test_world test;
    struct test_engine seen, unseen;
    motion_init(&test, DRIFT, 10);
    test_engine_init_outputs(&seen, (const struct sqz_world *[]){&test.world}, 1, OUTPUT_S,
                             OUTPUTS);
    test_engine_init(&unseen, (const struct sqz_world *[]){&test.world}, 1);
    for (uint64_t path = 0; path < 1000; path++) {
        run_path(&seen, SEED + 30, path);
        sqz_engine_run(&unseen.engine, SEED + 30, path, NULL);
        const struct sqz_outcome *first = sqz_engine_outcome(&seen.engine, 0);
        const struct sqz_outcome *second = sqz_engine_outcome(&unseen.engine, 0);
        assert_true(first->final_log == second->final_log);
        assert_true(first->peak_log == second->peak_log);
        assert_true(first->trough_log == second->trough_log);
        assert_int_equal(first->liquidations[SQZ_UP], second->liquidations[SQZ_UP]);
    }
    test_engine_free(&seen);
    test_engine_free(&unseen);
    test_world_free(&test);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_barrier),
        cmocka_unit_test(test_many_levels),
        cmocka_unit_test(test_record_step),
        cmocka_unit_test(test_one_watched_price),
        cmocka_unit_test(test_steps_of_another_world),
        cmocka_unit_test(test_touched_and_back),
        cmocka_unit_test(test_touched_and_back_on_a_ladder),
        cmocka_unit_test(test_outputs_stay_below_the_next_record),
        cmocka_unit_test(test_outputs_leave_the_path_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
