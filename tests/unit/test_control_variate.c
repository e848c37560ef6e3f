/* What a sweep shows of its points: one base for all, and each point put right by it. */
#include "tests/support/support.h"

#include <math.h>
#include <string.h>

#include <gsl/gsl_fit.h>
#include <gsl/gsl_randist.h>

#include "sim/analysis/control_variate.h"
#include "sim/core/pair.h"
#include "sim/core/rng.h"

enum { PATHS = 180, POINTS = 5 };

/* ---- points of given paths ----------------------------------------------------------------- */

struct fixture {
    struct sqz_sweep sweep;
    uint64_t hits_x[POINTS], hits_y[POINTS], only_x[POINTS], only_y[POINTS];
};

static void setup(struct fixture *fixture)
{
    memset(fixture, 0, sizeof *fixture);
    assert_int_equal(sqz_sweep_init(&fixture->sweep, POINTS, NULL), SQZ_OK);
    fixture->sweep.done = POINTS;
    for (int i = 0; i < POINTS; i++)
        fixture->sweep.point[i].paths = PATHS;
}

static struct sqz_estimate *estimate(struct fixture *fixture, int point, size_t which)
{
    return &fixture->sweep.point[point].estimate[which];
}

/* Point `i` touches the target in `x`, the base in `y`; the base itself has but y. */
static void give_touches(struct fixture *fixture, int i, const bool *x, const bool *y)
{
    uint64_t hits_x = 0, hits_y = 0, only_x = 0, only_y = 0;
    for (int k = 0; k < PATHS; k++) {
        hits_x += x[k];
        hits_y += y[k];
        only_x += x[k] && !y[k];
        only_y += y[k] && !x[k];
    }
    *estimate(fixture, i, SQZ_POINT_OWN_BASE) = sqz_estimate_share(hits_y, PATHS);
    *estimate(fixture, i, SQZ_POINT_OWN) = sqz_estimate_share(i == 0 ? hits_y : hits_x, PATHS);
    if (i > 0)
        *estimate(fixture, i, SQZ_POINT_OWN_DIFFERENCE) =
            sqz_estimate_share_difference(only_x, only_y, PATHS);
    fixture->sweep.point[i].only_own[SQZ_POINT_TARGET] = only_x;
    fixture->hits_x[i] = hits_x;
    fixture->hits_y[i] = hits_y;
    fixture->only_x[i] = only_x;
    fixture->only_y[i] = only_y;
}

static void give_forced(struct fixture *fixture, int i, const double *x, const double *y)
{
    static struct sqz_mean mean_x, mean_y, difference; /* large */
    memset(&mean_x, 0, sizeof mean_x);
    memset(&mean_y, 0, sizeof mean_y);
    memset(&difference, 0, sizeof difference);
    for (int k = 0; k < PATHS; k++) {
        sqz_mean_add(&mean_x, i == 0 ? y[k] : x[k]);
        sqz_mean_add(&mean_y, y[k]);
        sqz_mean_add(&difference, x[k] - y[k]);
    }
    *estimate(fixture, i, SQZ_POINT_OWN_BASE + SQZ_POINT_FORCED) = sqz_mean_estimate(&mean_y);
    *estimate(fixture, i, SQZ_POINT_OWN + SQZ_POINT_FORCED) = sqz_mean_estimate(&mean_x);
    if (i > 0)
        *estimate(fixture, i, SQZ_POINT_OWN_DIFFERENCE + SQZ_POINT_FORCED) =
            sqz_mean_estimate(&difference);
}

/* ---- values -------------------------------------------------------------------------------- */

/* The base touches with 0.37; point i does too with 0.93 of these and 0.05 i of the others. */
static void draw_touches(struct sqz_stream *stream, int i, bool *x, bool *y)
{
    for (int k = 0; k < PATHS; k++) {
        y[k] = sqz_stream_uniform(stream) < 0.37;
        x[k] = sqz_stream_uniform(stream) < (y[k] ? 0.93 : 0.05 * i);
    }
}

static void test_shares_are_stratified(void **state)
{
    (void)state;
    struct fixture fixture;
    struct sqz_stream stream;
    bool x[PATHS], y[PATHS];
    uint64_t hits = 0;
    setup(&fixture);
    sqz_stream_open(&stream, 4711, 0, 0);
    for (int i = 0; i < POINTS; i++) {
        draw_touches(&stream, i, x, y);
        give_touches(&fixture, i, x, y);
        hits += fixture.hits_y[i];
    }
    sqz_sweep_control(&fixture.sweep);
    const double b = (double)hits / (PATHS * POINTS);
    check_near("base", estimate(&fixture, 0, SQZ_POINT_TARGET)->value, b, 1e-15);
    check_near("its error", estimate(&fixture, 0, SQZ_POINT_TARGET)->se,
               sqrt(b * (1 - b) / (PATHS * POINTS)), 1e-15);
    for (int i = 1; i < POINTS; i++) {
        double n_y = (double)fixture.hits_y[i], n_not = PATHS - n_y;
        double with = (n_y - (double)fixture.only_y[i]) / n_y;
        double without = (double)fixture.only_x[i] / n_not;
        const struct sqz_estimate *shown = estimate(&fixture, i, SQZ_POINT_TARGET);
        const struct sqz_estimate *difference = estimate(&fixture, i, SQZ_POINT_DIFFERENCE);
        check_near("shown", shown->value, b * with + (1 - b) * without, 1e-14);
        check_near("the sum", b + difference->value, shown->value, 1e-15);
        assert_true(shown->lo < shown->value && shown->value < shown->hi);
        assert_true(shown->se < estimate(&fixture, i, SQZ_POINT_OWN)->se);
    }
    sqz_sweep_free(&fixture.sweep);
}

/* Value and error of a fitted line at the base: GSL's, of the paths themselves. */
static void test_means_are_on_the_fitted_line(void **state)
{
    (void)state;
    struct fixture fixture;
    struct sqz_stream stream;
    double x[POINTS][PATHS], y[POINTS][PATHS], b = 0.0, var_b = 0.0;
    setup(&fixture);
    sqz_stream_open(&stream, 1213, 0, 0);
    gsl_rng rng = sqz_stream_gsl(&stream);
    for (int i = 0; i < POINTS; i++) {
        for (int k = 0; k < PATHS; k++) {
            y[i][k] = gsl_ran_lognormal(&rng, 13.1, 0.7);
            x[i][k] = 0.3 * i * y[i][k] + gsl_ran_gamma(&rng, 2.5, 1.7e5);
        }
        give_forced(&fixture, i, x[i], y[i]);
        struct sqz_estimate *own = estimate(&fixture, i, SQZ_POINT_OWN_BASE + SQZ_POINT_FORCED);
        b += own->value / POINTS;
        var_b += own->se * own->se / (POINTS * POINTS);
    }
    sqz_sweep_control(&fixture.sweep);
    for (int i = 1; i < POINTS; i++) {
        double c0, c1, cov00, cov01, cov11, rest;
        gsl_fit_linear(y[i], 1, x[i], 1, PATHS, &c0, &c1, &cov00, &cov01, &cov11, &rest);
        double var_rest = rest / (PATHS - 2) / PATHS;
        const struct sqz_estimate *shown = estimate(&fixture, i, SQZ_POINT_FORCED);
        const struct sqz_estimate *difference =
            estimate(&fixture, i, SQZ_POINT_DIFFERENCE + SQZ_POINT_FORCED);
        check_near("shown", shown->value, c0 + c1 * b, 1e-9 * b);
        check_near("error", shown->se, sqrt(var_rest + c1 * c1 * var_b), 1e-9 * b);
        check_near("difference", difference->value, c0 + c1 * b - b, 1e-9 * b);
        check_near("its error", difference->se, sqrt(var_rest + (c1 - 1) * (c1 - 1) * var_b),
                   1e-9 * b);
    }
    sqz_sweep_free(&fixture.sweep);
}

/* ---- what must hold ------------------------------------------------------------------------ */

/* A point that is the base on every path shows the base, not what its own paths happened to be. */
static void test_what_changes_nothing_is_the_base(void **state)
{
    (void)state;
    struct fixture fixture;
    struct sqz_stream stream;
    bool x[PATHS], y[PATHS];
    double forced[PATHS];
    setup(&fixture);
    sqz_stream_open(&stream, 99, 3, 0);
    for (int i = 0; i < POINTS; i++) {
        draw_touches(&stream, 1, x, y);
        for (int k = 0; k < PATHS; k++)
            forced[k] = 1e6 * sqz_stream_uniform(&stream);
        give_touches(&fixture, i, y, y);
        give_forced(&fixture, i, forced, forced);
        *estimate(&fixture, i, SQZ_POINT_DIFFERENCE + SQZ_CONTRAST_FINAL) =
            (struct sqz_estimate){0, 0, 0, 0};
    }
    sqz_sweep_control(&fixture.sweep);
    for (int i = 1; i < POINTS; i++)
        for (int q = 0; q <= SQZ_POINT_FORCED; q += SQZ_POINT_FORCED) {
            assert_true(estimate(&fixture, i, (size_t)q)->value ==
                        estimate(&fixture, 0, (size_t)q)->value);
            assert_true(estimate(&fixture, i, SQZ_POINT_DIFFERENCE + (size_t)q)->value == 0);
            assert_true(sqz_point_unchanged(&fixture.sweep.point[i]));
        }
    estimate(&fixture, 2, SQZ_POINT_OWN_DIFFERENCE)->se = 1e-9;
    assert_false(sqz_point_unchanged(&fixture.sweep.point[2]));
    sqz_sweep_free(&fixture.sweep);
}

/* A point that has the base's own paths shows the base, and exactly no difference; the others are
 * told as if it were not there. */
static void test_what_is_the_base_counts_once(void **state)
{
    (void)state;
    struct fixture with, without;
    struct sqz_stream stream;
    bool x[PATHS], y[PATHS];
    double forced_x[PATHS], forced_y[PATHS];
    setup(&with);
    setup(&without);
    sqz_stream_open(&stream, 812, 5, 0);
    for (int i = 0; i < POINTS; i++) {
        draw_touches(&stream, i, x, y);
        for (int k = 0; k < PATHS; k++) {
            forced_y[k] = 1e6 * sqz_stream_uniform(&stream);
            forced_x[k] = 0.4 * forced_y[k] + 3e5 * sqz_stream_uniform(&stream);
        }
        give_touches(&with, i, x, y);
        give_touches(&without, i, x, y);
        give_forced(&with, i, forced_x, forced_y);
        give_forced(&without, i, forced_x, forced_y);
    }
    /* The last of them: as copied from point 0, or never run. */
    struct sqz_point *last = &with.sweep.point[POINTS - 1];
    memcpy(last->estimate, with.sweep.point[0].estimate, sizeof last->estimate);
    for (int q = 0; q < SQZ_POINT_QUANTITIES; q++)
        last->estimate[SQZ_POINT_OWN_DIFFERENCE + q] = (struct sqz_estimate){0, 0, 0, 0};
    last->is_base = true;
    without.sweep.done = POINTS - 1;
    sqz_sweep_control(&with.sweep);
    sqz_sweep_control(&without.sweep);
    for (int q = 0; q <= SQZ_POINT_FORCED; q += SQZ_POINT_FORCED) {
        size_t shown = (size_t)q, difference = SQZ_POINT_DIFFERENCE + (size_t)q;
        for (int i = 0; i < POINTS - 1; i++)
            assert_memory_equal(estimate(&with, i, shown), estimate(&without, i, shown),
                                sizeof(struct sqz_estimate));
        assert_memory_equal(estimate(&with, POINTS - 1, shown), estimate(&with, 0, shown),
                            sizeof(struct sqz_estimate));
        assert_true(estimate(&with, POINTS - 1, difference)->value == 0);
        assert_true(estimate(&with, POINTS - 1, difference)->lo == 0);
        assert_true(estimate(&with, POINTS - 1, difference)->hi == 0);
    }
    assert_false(sqz_point_was_run(&with.sweep, POINTS - 1));
    assert_true(sqz_point_was_run(&with.sweep, 0) && sqz_point_was_run(&with.sweep, 1));
    sqz_sweep_free(&with.sweep);
    sqz_sweep_free(&without.sweep);
}

static void test_never_and_always(void **state)
{
    (void)state;
    bool none[PATHS] = {false}, all[PATHS];
    memset(all, true, sizeof all);
    for (int base = 0; base < 2; base++)
        for (int own = 0; own < 2; own++) {
            struct fixture fixture;
            setup(&fixture);
            for (int i = 0; i < POINTS; i++)
                give_touches(&fixture, i, own ? all : none, base ? all : none);
            sqz_sweep_control(&fixture.sweep);
            const struct sqz_estimate *shown = estimate(&fixture, 1, SQZ_POINT_TARGET);
            const struct sqz_estimate *difference = estimate(&fixture, 1, SQZ_POINT_DIFFERENCE);
            assert_true(shown->value == own && difference->value == own - base);
            assert_true(shown->lo >= 0 && shown->hi <= 1 && shown->hi - shown->lo > 0.01);
            assert_true(difference->lo >= -1 && difference->hi <= 1);
            assert_true(difference->hi - difference->lo > 0.01);
            sqz_sweep_free(&fixture.sweep);
        }
}

/* Where a point's own base never touches, or always, others' bases say that it may: there the point
 * is as the base, and its interval says that nothing is known. */
static void test_a_base_that_never_touched_here(void **state)
{
    (void)state;
    bool none[PATHS] = {false}, all[PATHS], some[PATHS] = {true, true, true, true, true};
    const double b = 5.0 * (POINTS - 1) / (PATHS * POINTS);
    memset(all, true, sizeof all);
    for (int own = 0; own < 2; own++) {
        struct fixture fixture;
        setup(&fixture);
        for (int i = 0; i < POINTS; i++)
            give_touches(&fixture, i, i == 1 && own ? all : none, i == 1 ? none : some);
        sqz_sweep_control(&fixture.sweep);
        const struct sqz_estimate *shown = estimate(&fixture, 1, SQZ_POINT_TARGET);
        check_near("shown", shown->value, b + (1 - b) * own, 1e-15);
        assert_true(own ? shown->lo < 1 - b : shown->lo == 0 && shown->hi > b);
        sqz_sweep_free(&fixture.sweep);
    }
    for (int own = 0; own < 2; own++) {
        struct fixture fixture;
        setup(&fixture);
        for (int i = 0; i < POINTS; i++)
            give_touches(&fixture, i, i == 1 && own ? all : none, i == 1 ? all : some);
        sqz_sweep_control(&fixture.sweep);
        const double b_all = (PATHS + 5.0 * (POINTS - 1)) / (PATHS * POINTS);
        const struct sqz_estimate *shown = estimate(&fixture, 1, SQZ_POINT_TARGET);
        check_near("shown", shown->value, b_all * own, 1e-15);
        assert_true(own ? shown->hi == 1 : shown->hi > 1 - b_all);
        sqz_sweep_free(&fixture.sweep);
    }
}

/* A price that only the point watches; a point that was not run. */
static void test_without_a_difference_it_is_its_own(void **state)
{
    (void)state;
    struct fixture fixture;
    setup(&fixture);
    *estimate(&fixture, 1, SQZ_POINT_OWN + SQZ_POINT_FLOOR) = sqz_estimate_share(31, PATHS);
    fixture.sweep.point[2].paths = 0;
    sqz_sweep_control(&fixture.sweep);
    check_near("own", estimate(&fixture, 1, SQZ_POINT_FLOOR)->value, 31.0 / PATHS, 1e-15);
    assert_true(isnan(estimate(&fixture, 2, SQZ_POINT_FLOOR)->value));
    assert_true(isnan(estimate(&fixture, 0, SQZ_POINT_FLOOR)->value));
    assert_true(isnan(estimate(&fixture, 0, SQZ_POINT_FORCED)->value));
    sqz_sweep_free(&fixture.sweep);
}

/* ---- honesty ------------------------------------------------------------------------------- */

struct record {
    struct sqz_mean value, square_error, variance; /* of the value, its error, the se it states */
    uint64_t covered;
};

static void keep(struct record *record, const struct sqz_estimate *estimate, double truth)
{
    sqz_mean_add(&record->value, estimate->value);
    sqz_mean_add(&record->square_error, (estimate->value - truth) * (estimate->value - truth));
    sqz_mean_add(&record->variance, estimate->se * estimate->se);
    record->covered += estimate->lo <= truth && truth <= estimate->hi;
}

static void check(const char *what, struct record *record, uint64_t rounds, double truth)
{
    struct sqz_estimate square = sqz_mean_estimate(&record->square_error);
    struct sqz_estimate stated = sqz_mean_estimate(&record->variance);
    check_mean_4se(what, &record->value, truth, 0.0);
    check_within_4se(what, square.value, stated.value, square.se, 0.03 * stated.value);
    check_share_4se(what, record->covered, rounds, 0.95, 0.005);
}

/* Over many sweeps: unbiased, the error is what is said, the intervals cover. */
static void test_intervals_cover(void **state)
{
    (void)state;
    static struct record shown, difference; /* large */
    const uint64_t rounds = test_paths(6000);
    const double truth = 0.37 * 0.93 + 0.63 * 0.10;
    struct fixture fixture;
    bool x[PATHS], y[PATHS];
    memset(&shown, 0, sizeof shown);
    memset(&difference, 0, sizeof difference);
    setup(&fixture);
    for (uint64_t round = 0; round < rounds; round++) {
        struct sqz_stream stream;
        sqz_stream_open(&stream, 20, round, 0);
        for (int i = 0; i < POINTS; i++) {
            draw_touches(&stream, i, x, y);
            give_touches(&fixture, i, x, y);
        }
        sqz_sweep_control(&fixture.sweep);
        keep(&shown, estimate(&fixture, 2, SQZ_POINT_TARGET), truth);
        keep(&difference, estimate(&fixture, 2, SQZ_POINT_DIFFERENCE), truth - 0.37);
    }
    check("shown", &shown, rounds, truth);
    check("difference", &difference, rounds, truth - 0.37);
    sqz_sweep_free(&fixture.sweep);
}

/* Every point of a sweep has other paths, those of another seed others again. */
/* The base forces much on paths of which others have more than these: the line through a point that
 * forces almost nothing would lead below 0. Then it is what its own paths say. */
static void test_nothing_is_forced_backwards(void **state)
{
    (void)state;
    struct fixture fixture;
    double x[PATHS] = {0}, y[PATHS];
    setup(&fixture);
    fixture.sweep.largest_usd = 5e6;
    for (int i = 0; i < POINTS; i++) {
        for (int k = 0; k < PATHS; k++) {
            y[k] = k < (i == 1 ? PATHS / 2 : PATHS / 8) ? 1e6 : 0; /* this point's paths are many */
            x[k] = k == 0 ? 2e4 : 0;
        }
        give_forced(&fixture, i, x, y);
    }
    struct sqz_estimate *own = estimate(&fixture, 1, SQZ_POINT_OWN + SQZ_POINT_FORCED);
    *own = sqz_estimate_amount(own->value, own->se, 5e6, PATHS);
    sqz_sweep_control(&fixture.sweep);
    const struct sqz_estimate *shown = estimate(&fixture, 1, SQZ_POINT_FORCED);
    const struct sqz_estimate *difference =
        estimate(&fixture, 1, SQZ_POINT_DIFFERENCE + SQZ_CONTRAST_FORCED);
    double base = estimate(&fixture, 0, SQZ_POINT_FORCED)->value;
    check_near("forced", shown->value, 2e4 / PATHS, 1e-9);
    assert_true(shown->lo >= 0 && shown->hi > 2e4 / PATHS);
    check_near("the rest of the row", difference->value, shown->value - base, 1e-9);
    assert_true(difference->hi < 0 && difference->lo < difference->value);
    sqz_sweep_free(&fixture.sweep);
}

/* Nothing forced at all, in the base neither: limits as of a probability, and no certainty. */
static void test_none_forced_anywhere(void **state)
{
    (void)state;
    struct fixture fixture;
    double none[PATHS] = {0};
    setup(&fixture);
    fixture.sweep.largest_usd = 3e6;
    for (int i = 0; i < POINTS; i++)
        give_forced(&fixture, i, none, none);
    sqz_sweep_control(&fixture.sweep);
    const struct sqz_estimate *base = estimate(&fixture, 0, SQZ_POINT_FORCED);
    const struct sqz_estimate *shown = estimate(&fixture, 1, SQZ_POINT_FORCED);
    assert_true(base->value == 0 && base->lo == 0 && shown->value == 0 && shown->lo == 0);
    check_near("base", base->hi, 3e6 * sqz_estimate_share(0, PATHS * POINTS).hi, 1e-9);
    assert_true(shown->hi >= base->hi);
    sqz_sweep_free(&fixture.sweep);
}

static void test_seeds_are_distinct(void **state)
{
    (void)state;
    struct sqz_sweep one = {.seed = 71}, two = {.seed = 72};
    assert_int_equal(sqz_sweep_init(&one, 60, NULL), SQZ_OK);
    assert_int_equal(sqz_sweep_init(&two, 60, NULL), SQZ_OK);
    assert_true(sqz_sweep_seed(&one, 0) == 71);
    for (size_t i = 1; i < 60; i++) {
        assert_true(sqz_sweep_seed(&one, i) == sqz_sweep_seed(&one, i));
        for (size_t k = 0; k < 60; k++) {
            assert_true(k == i || sqz_sweep_seed(&one, i) != sqz_sweep_seed(&one, k));
            assert_true(sqz_sweep_seed(&one, i) != sqz_sweep_seed(&two, k));
        }
    }
    one.point[23].is_base = true;
    assert_true(sqz_sweep_seed(&one, 23) == 71);
    sqz_sweep_free(&one);
    sqz_sweep_free(&two);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shares_are_stratified),
        cmocka_unit_test(test_means_are_on_the_fitted_line),
        cmocka_unit_test(test_what_changes_nothing_is_the_base),
        cmocka_unit_test(test_what_is_the_base_counts_once),
        cmocka_unit_test(test_never_and_always),
        cmocka_unit_test(test_a_base_that_never_touched_here),
        cmocka_unit_test(test_without_a_difference_it_is_its_own),
        cmocka_unit_test(test_intervals_cover),
        cmocka_unit_test(test_nothing_is_forced_backwards),
        cmocka_unit_test(test_none_forced_anywhere),
        cmocka_unit_test(test_seeds_are_distinct),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
