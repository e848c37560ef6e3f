/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Books with empty levels: while one recovers the price jumps over them, and what stands in between
 * is touched at that moment. Against the moment in closed form, and against a slow simulation in
 * time steps whose book jumps outright. */
#include "tests/support/support.h"

#include <math.h>
#include <string.h>

#include <gsl/gsl_randist.h>

#include "models/books/books.h"

/* 1 M USD within 1 bp, nothing from there to 60 bp, 2 M USD from there to 100 bp, either side; one
 * order of 2 M USD at the start. */
static const double NEAR_USD = 1e6, NEAR_LOG = 1e-4, FAR_LOG = 60e-4, FAR_USD = 2e6, END_LOG = 0.01;
static const double ORDER_USD = 2e6, PERMANENT = 0.01, HALFLIFE_S = 20, HORIZON_S = 60;
enum { ROWS = 6, SEED = 61 };

/* The displacement of that book, which jumps. */
static double jumping(double missing_usd)
{
    double v = fabs(missing_usd), out = v / NEAR_USD * NEAR_LOG;
    if (v > NEAR_USD)
        out = FAR_LOG + (v - NEAR_USD) / FAR_USD * (END_LOG - FAR_LOG);
    return copysign(out, missing_usd);
}

static double permanent_log(double order_usd)
{
    return PERMANENT * 0.01 * order_usd / (NEAR_USD + FAR_USD);
}

/* When the recovering book reaches the empty levels. */
static double jump_s(void)
{
    return HALFLIFE_S * log2((1 - PERMANENT) * ORDER_USD / NEAR_USD);
}

struct gapped {
    struct test_world test;
    struct test_impulse impulse;
    struct sqz_book book;
    char shared[512];
};

static void open_book(struct gapped *gapped)
{
    static const double CELL[ROWS * 3] = {0, 1, 1e6, 0, 60, 1e6, 0, 100, 3e6,
                                          1, 1, 1e6, 1, 60, 1e6, 1, 100, 3e6};
    static long LINE[ROWS] = {2, 3, 4, 5, 6, 7};
    struct sqz_diag diag = {0};
    struct sqz_table table = {
        .file = "gap.csv", .rows = ROWS, .columns = 3, .value = (double *)CELL, .line = LINE};
    struct sqz_book_params params = {
        .permanent = PERMANENT, .halflife_s = {1, {HALFLIFE_S}}, .withdrawal_halflife_s = 600};
    memset(gapped->shared, 0, sizeof gapped->shared);
    assert_true(sqz_book_table.shared_size <= sizeof gapped->shared);
    assert_int_equal(sqz_book_table.prepare(&table, gapped->shared, &diag), SQZ_OK);
    assert_int_equal(sqz_book_init(&gapped->book, &params, &sqz_book_table, gapped->shared, &diag),
                     SQZ_OK);
}

/* The order goes outward of `side`; a level of the other side stands `level_log` beyond the start.
 */
static void open_world(struct gapped *gapped, enum sqz_side side, double level_log,
                       double level_usd, double volatility)
{
    struct sqz_level level = {
        .distance_log = level_log, .notional_usd = level_usd, .side = (unsigned char)(1 - side)};
    open_book(gapped);
    test_world_init(&gapped->test, &level, 1, volatility, HORIZON_S);
    gapped->test.world.market.book = &gapped->book;
    gapped->test.world.stops.watch_log[side == SQZ_UP ? SQZ_FLOOR : SQZ_TARGET] =
        -sqz_direction(side) * level_log;
    gapped->impulse = (struct test_impulse){0.0, 0.0, sqz_direction(side) * ORDER_USD};
    test_world_add_impulse(&gapped->test, &gapped->impulse);
}

static void close_world(struct gapped *gapped)
{
    test_world_free(&gapped->test);
    sqz_book_table.release(gapped->shared);
}

static double touch_s(const struct sqz_outcome *outcome, enum sqz_side side)
{
    return outcome->touch_s[side == SQZ_UP ? SQZ_FLOOR : SQZ_TARGET];
}

/* Without noise a drift brings the price to where only the jump carries it over the level. */
static void test_touched_at_the_jump(void **state)
{
    (void)state;
    for (int side = 0; side < 2; side++) {
        struct gapped gapped;
        struct test_engine engine;
        double way = permanent_log(ORDER_USD) + 30e-4; /* the level is half-way over the gap */
        open_world(&gapped, side, 5e-4, 1e5, 0.0);
        gapped.test.world.market.drift_per_s = -sqz_direction(side) * (way + 5e-4) / jump_s();
        test_engine_init(&engine, (const struct sqz_world *[]){&gapped.test.world}, 1);
        sqz_engine_run(&engine.engine, SEED, 0, NULL);
        const struct sqz_outcome *outcome = sqz_engine_outcome(&engine.engine, 0);
        assert_int_equal(outcome->liquidations[1 - side], 1);
        check_near("moment", touch_s(outcome, side), jump_s(), 2e-4);
        assert_int_equal(outcome->stop, SQZ_STOP_HORIZON);
        assert_true(engine.engine.path.events < 1000);
        test_engine_free(&engine);
        close_world(&gapped);
    }
}

/* ---- against time steps ---------------------------------------------------------------------- */

static const double LEVEL_LOG = 2.3e-4, LEVEL_USD = 0.7e6, STEP_S = 0.02, AT_JUMP_S = 0.05;

struct sample {
    uint64_t touched, at_jump;
    struct sqz_mean final_log;
};

static void add_touch(struct sample *sample, double time_s)
{
    if (isnan(time_s))
        return;
    sample->touched++;
    sample->at_jump += fabs(time_s - jump_s()) < AT_JUMP_S;
}

/* One path, its order a buy: a crossing between steps is drawn from the bridge. */
static void step_path(gsl_rng *rng, double volatility, struct sample *sample)
{
    double missing = (1 - PERMANENT) * ORDER_USD, permanent = permanent_log(ORDER_USD), w = 0.0;
    double per_step = exp(-M_LN2 / HALFLIFE_S * STEP_S), sd = volatility * sqrt(STEP_S);
    double touched_s = NAN;
    int steps = (int)lround(HORIZON_S / STEP_S);
    for (int i = 0; i < steps; i++) {
        double from = w + permanent + jumping(missing) + LEVEL_LOG;
        w += sd * gsl_ran_gaussian_ziggurat(rng, 1.0);
        missing *= per_step;
        double to = w + permanent + jumping(missing) + LEVEL_LOG;
        bool crossed = to <= 0 || gsl_rng_uniform(rng) < exp(-2 * from * to / (sd * sd));
        if (!isnan(touched_s) || !crossed)
            continue;
        touched_s = (i + 0.5) * STEP_S;
        missing -= (1 - PERMANENT) * LEVEL_USD;
        permanent -= permanent_log(LEVEL_USD);
    }
    add_touch(sample, touched_s);
    sqz_mean_add(&sample->final_log, w + permanent + jumping(missing));
}

static void check_shares(const char *what, uint64_t a, uint64_t n_a, uint64_t b, uint64_t n_b)
{
    double p = (double)a / (double)n_a, q = (double)b / (double)n_b;
    double se = sqrt(p * (1 - p) / (double)n_a + q * (1 - q) / (double)n_b);
    check_within_4se(what, p, q, se, 0);
}

static void walk_paths(enum sqz_side side, double volatility, uint64_t paths, struct sample *sample)
{
    struct gapped gapped;
    struct test_engine engine;
    open_world(&gapped, side, LEVEL_LOG, LEVEL_USD, volatility);
    test_engine_init(&engine, (const struct sqz_world *[]){&gapped.test.world}, 1);
    for (uint64_t path = 0; path < paths; path++) {
        sqz_engine_run(&engine.engine, SEED, path, NULL);
        const struct sqz_outcome *outcome = sqz_engine_outcome(&engine.engine, 0);
        add_touch(sample, touch_s(outcome, side));
        sqz_mean_add(&sample->final_log, sqz_direction(side) * outcome->final_log);
    }
    test_engine_free(&engine);
    close_world(&gapped);
}

static void test_agrees_with_time_steps(void **state)
{
    (void)state;
    const double volatility = 0.03 / sqrt(86400);
    uint64_t paths = test_paths(24000), steps = test_paths(12000);
    struct sample stepped = {0};
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    gsl_rng_set(rng, 7);
    for (uint64_t i = 0; i < steps; i++)
        step_path(rng, volatility, &stepped);
    gsl_rng_free(rng);
    struct sqz_estimate slow = sqz_mean_estimate(&stepped.final_log);
    assert_true(stepped.at_jump * 20 > steps); /* the jump matters */
    for (int side = 0; side < 2; side++) {
        struct sample walked = {0};
        walk_paths(side, volatility, paths, &walked);
        struct sqz_estimate fast = sqz_mean_estimate(&walked.final_log);
        check_shares("touched", walked.touched, paths, stepped.touched, steps);
        check_shares("touched at the jump", walked.at_jump, paths, stepped.at_jump, steps);
        check_within_4se("final price", fast.value, slow.value, hypot(fast.se, slow.se), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_touched_at_the_jump),
        cmocka_unit_test(test_agrees_with_time_steps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
