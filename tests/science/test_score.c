/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Scores of simulated pairs: a law that is true is calibrated, and a planted effect is found about
 * as often as was announced. */
#include <gsl/gsl_sort.h>
#include <math.h>
#include <stdlib.h>

#include "sim/analysis/proper.h"
#include "sim/analysis/score.h"
#include "tests/support/support.h"

enum { LEVELS = 40 };
static const double SD = 0.02, HORIZON_S = 14400;

/* A market of shorts above alone, which is asymmetric, and the same without impact. */
struct market {
    struct test_world test;
    struct sqz_world still;
    struct sqz_exit_table table;
    const struct sqz_world *world[2];
};

static void market_init(struct market *market, double each_usd)
{
    struct sqz_level level[LEVELS];
    for (int i = 0; i < LEVELS; i++)
        level[i] = (struct sqz_level){
            .distance_log = 0.004 + 0.001 * i, .notional_usd = each_usd, .side = SQZ_UP};
    test_book_init(&market->test.book, 20e6, 1, 0.3, 900);
    test_world_init(&market->test, level, LEVELS, SD / sqrt(HORIZON_S), HORIZON_S);
    market->still = market->test.world;
    market->still.market.impact = false;
    market->world[0] = &market->test.world;
    market->world[1] = &market->still;
    assert_int_equal(sqz_exit_table_init(&market->table, NULL), SQZ_OK);
}

static void ensembles_of(struct sqz_ensemble ensemble[2], const struct market *market,
                         uint64_t first, uint64_t count)
{
    struct sqz_ensemble_plan plan = {.exit_table = &market->table,
                                     .seed = 11,
                                     .first = first,
                                     .count = count,
                                     .max_events = 10000000,
                                     .unit_log = SD};
    uint64_t cut_off = 0;
    assert_int_equal(sqz_ensemble_run(ensemble, market->world, 2, &plan, &cut_off, NULL), SQZ_OK);
    assert_int_equal(cut_off, 0);
}

/* Under the law that it is of the PIT is uniform, under the other it is not. */
static void test_pit_is_uniform_under_the_truth(void **state)
{
    (void)state;
    struct market market;
    struct sqz_ensemble law[2] = {0}, happened[2] = {0};
    struct sqz_stream stream;
    enum { PAIRS = 800, PATHS = 12000 }; /* the law is known well beside the pairs */
    static double value[2][PAIRS];
    market_init(&market, 1.4e6);
    ensembles_of(law, &market, 0, PATHS);
    ensembles_of(happened, &market, PATHS, PAIRS);
    sqz_stream_open(&stream, 3, 0, SQZ_STREAM_RECORDER);
    for (int side = 0; side < 2; side++) {
        for (int w = 0; w < 2; w++)
            for (int i = 0; i < PAIRS; i++)
                value[w][i] = sqz_pit(law[w].ascending[side], PATHS, happened[0].draw[side][i],
                                      sqz_stream_uniform(&stream));
        assert_true(sqz_uniform_p(value[0], PAIRS) > 1e-3);
        /* Shorts that are bought move the peak, not the trough. */
        assert_true(side != SQZ_UP || sqz_uniform_p(value[1], PAIRS) < 1e-6);
    }
    for (int w = 0; w < 2; w++) {
        sqz_ensemble_free(&law[w]);
        sqz_ensemble_free(&happened[w]);
    }
    test_world_free(&market.test);
}

/* The gain by leaving each path out is the mean score difference of paths that are drawn anew; and
 * its variance is theirs. */
static void test_gain_is_what_new_paths_gain(void **state)
{
    (void)state;
    struct market market;
    struct sqz_ensemble law[2] = {0}, happened[2] = {0};
    struct sqz_mean mean = {0};
    enum { PATHS = 800, PAIRS = 2500 };
    market_init(&market, 1.4e6);
    ensembles_of(law, &market, 0, PATHS);
    ensembles_of(happened, &market, PATHS, PAIRS);
    struct sqz_gain gain = sqz_ensemble_gain(&law[0], &law[1]);
    for (int i = 0; i < PAIRS; i++) {
        double extremes[2] = {happened[0].draw[0][i], happened[0].draw[1][i]};
        sqz_mean_add(&mean,
                     sqz_ensemble_crps(&law[1], extremes) - sqz_ensemble_crps(&law[0], extremes));
    }
    struct sqz_estimate drawn = sqz_mean_estimate(&mean);
    double of_paths = sqrt(gain.variance / PATHS);
    assert_true(gain.mean > 0);
    check_within_4se("gain", drawn.value, gain.mean, hypot(drawn.se, of_paths), 0);
    check_near("variance", drawn.se * sqrt(PAIRS), sqrt(gain.variance), 0.15 * sqrt(gain.variance));
    for (int w = 0; w < 2; w++) {
        sqz_ensemble_free(&law[w]);
        sqz_ensemble_free(&happened[w]);
    }
    test_world_free(&market.test);
}

/* As many pairs as were announced show the planted effect in about 80 % of samples; and where
 * nothing is planted it is "shown" in no more than 5 %, either way. */
static void test_power_is_as_announced(void **state)
{
    (void)state;
    struct market market;
    struct sqz_ensemble law[2] = {0}, happened[2] = {0};
    enum { PATHS = 1000 };
    size_t draws = test_paths(10000);
    market_init(&market, 1.4e6);
    ensembles_of(law, &market, 0, PATHS);
    ensembles_of(happened, &market, PATHS, draws);
    struct sqz_gain gain = sqz_ensemble_gain(&law[0], &law[1]);
    size_t needed = (size_t)sqz_score_maps_needed(gain.mean, gain.variance);
    size_t samples = draws / needed, found = 0, wrong = 0;
    double *value = malloc(needed * sizeof *value);
    long *day = malloc(needed * sizeof *day);
    assert_true(needed >= 20 && samples >= 1);
    for (size_t s = 0; s < samples; s++) {
        struct sqz_estimate mean;
        for (int truth = 0; truth < 2; truth++) {
            for (size_t i = 0; i < needed; i++) {
                const struct sqz_ensemble *of = &happened[truth];
                double extremes[2] = {of->draw[0][s * needed + i], of->draw[1][s * needed + i]};
                value[i] =
                    sqz_ensemble_crps(&law[0], extremes) - sqz_ensemble_crps(&law[1], extremes);
                day[i] = (long)i;
            }
            assert_int_equal(sqz_mean_of_days(&mean, value, day, needed, 1 + s, NULL), SQZ_OK);
            found += truth == 0 && mean.hi < 0;
            wrong += truth == 1 && mean.hi < 0;
        }
    }
    double share = (double)found / (double)samples;
    print_message("gain %.4g, %zu maps needed, found in %.3f of %zu samples, wrongly in %zu\n",
                  gain.mean, needed, share, samples, wrong);
    check_within_4se("power", share, 0.8, sqrt(0.8 * 0.2 / (double)samples), 0);
    assert_true(wrong <= 1);
    free(value);
    free(day);
    for (int w = 0; w < 2; w++) {
        sqz_ensemble_free(&law[w]);
        sqz_ensemble_free(&happened[w]);
    }
    test_world_free(&market.test);
}

static void test_maps_needed(void **state)
{
    (void)state;
    /* (1.959964 + 0.841621)^2 = 7.848880 */
    check_near("needed", sqz_score_maps_needed(0.1, 0.37), ceil(7.848880 * 37), 0);
    assert_true(isnan(sqz_score_maps_needed(0, 1)) && isnan(sqz_score_maps_needed(-0.1, 1)));
}

/* ---- whole scores --------------------------------------------------------------------------- */

enum { MAPS = 60 };

/* Maps one day apart whose outcomes are drawn from their worlds, with impact or without. */
static void score_simulated(struct sqz_score *score, struct market *market, bool impact, int jobs)
{
    static struct sqz_score_map map[MAPS];
    static struct sqz_score_ahead ahead[MAPS];
    static const double SCALE[] = {1};
    struct sqz_ensemble happened[2] = {0};
    ensembles_of(happened, market, 1000000, MAPS);
    for (size_t m = 0; m < MAPS; m++) {
        const struct sqz_ensemble *of = &happened[impact ? 0 : 1];
        double volatility = SD / sqrt(HORIZON_S);
        ahead[m] = (struct sqz_score_ahead){
            volatility, 1.5 * volatility, {SD * of->draw[0][m], SD * of->draw[1][m]}};
        map[m] = (struct sqz_score_map){.time_s = 86400.0 * (double)m,
                                        .ladder = market->test.ladder,
                                        .other = (m + 1) % MAPS,
                                        .ahead = &ahead[m]};
    }
    struct sqz_score_plan plan = {.base = &market->test.world,
                                  .exit_table = &market->table,
                                  .map = map,
                                  .horizon_s = &HORIZON_S,
                                  .scale = SCALE,
                                  .n_maps = MAPS,
                                  .n_horizons = 1,
                                  .n_scales = 1,
                                  .seed = 5,
                                  .paths = 200,
                                  .max_events = 10000000,
                                  .jobs = jobs};
    assert_int_equal(sqz_score_run(score, &plan, NULL), SQZ_OK);
    for (int w = 0; w < 2; w++)
        sqz_ensemble_free(&happened[w]);
}

static void test_a_planted_effect_and_none(void **state)
{
    (void)state;
    struct market market;
    struct sqz_score planted = {0}, none = {0}, again = {0};
    market_init(&market, 2.4e6);
    score_simulated(&planted, &market, true, 1);
    score_simulated(&none, &market, false, 1);
    score_simulated(&again, &market, false, 2);
    const struct sqz_score_row *row = &planted.row[0];
    assert_true(row->minus_none[SQZ_SCORE_MAP].hi < 0 && row->map_minus_mirror.hi < 0);
    assert_true(row->uplift > 0 && row->maps_needed < MAPS);
    assert_true(row->ks_p[1][0] > 1e-3 && row->ks_p[1][1] > 1e-3);
    assert_int_equal(row->apart, MAPS);
    assert_int_equal(planted.days, MAPS);
    row = &none.row[0];
    assert_true(row->minus_none[SQZ_SCORE_MAP].value > 0);
    assert_true(row->minus_none[SQZ_SCORE_CONSTANT].lo > 0); /* it is half as much again */
    assert_true(row->ks_p[0][0] > 1e-3 && row->ks_p[0][1] > 1e-3);
    assert_true(fabs(none.touch[0].residual.value) < 4 * none.touch[0].residual.se + 1e-12);
    /* The same bytes at any number of threads. */
    assert_memory_equal(none.row, again.row, none.n_rows * sizeof *none.row);
    sqz_score_free(&planted);
    sqz_score_free(&none);
    sqz_score_free(&again);
    test_world_free(&market.test);
}

static void test_ladders(void **state)
{
    (void)state;
    struct sqz_level level[] = {{.distance_log = 0.01, .notional_usd = 3, .side = SQZ_UP},
                                {.distance_log = 0.03, .notional_usd = 5, .side = SQZ_UP},
                                {.distance_log = 0.02, .notional_usd = 7, .side = SQZ_DOWN}};
    struct sqz_ladder from, ladder;
    assert_int_equal(sqz_ladder_build(&from, level, 3, 1, NULL), SQZ_OK);
    assert_int_equal(sqz_score_ladder(&ladder, &from, 0.015, 2, true, NULL), SQZ_OK);
    assert_int_equal(ladder.side[SQZ_DOWN].count, 1); /* the nearer short has been passed */
    check_near("short below", ladder.side[SQZ_DOWN].distance_log[0], 0.015, 1e-15);
    check_near("its notional", ladder.side[SQZ_DOWN].notional_usd[0], 10, 0);
    check_near("long above", ladder.side[SQZ_UP].distance_log[0], 0.035, 1e-15);
    sqz_ladder_free(&from);
    sqz_ladder_free(&ladder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pit_is_uniform_under_the_truth),
        cmocka_unit_test(test_gain_is_what_new_paths_gain),
        cmocka_unit_test(test_power_is_as_announced),
        cmocka_unit_test(test_maps_needed),
        cmocka_unit_test(test_a_planted_effect_and_none),
        cmocka_unit_test(test_ladders),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
