/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a book is asked by those who look ahead: the exponential average of its displacement, the
 * order that reaches a price, the depth left. Against closed forms and plain quadrature. */
#include "tests/unit/books_fixture.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_integration.h>

#include "sim/core/book.h"
#include "sim/core/rng.h"

/* ---- books --------------------------------------------------------------------------------- */

static const double GAMMA = 0.7;

/* Two half-lives that differ much, and a part that stays. */
static struct sqz_book_params three_scales(void)
{
    return (struct sqz_book_params){.permanent = PERMANENT,
                                    .halflife_s = {3, {20, 900, INFINITY}},
                                    .weight = {3, {0.5, 0.3, 0.2}},
                                    .withdrawal_gamma = GAMMA,
                                    .withdrawal_halflife_s = 400};
}

/* Orders of both signs at random times; what stays keeps its sign or not. */
static void draw_state(const struct sqz_book *book, struct sqz_stream *stream,
                       struct sqz_book_state *now)
{
    sqz_book_reset(now);
    for (int i = 0; i < 4; i++) {
        double order = 30e6 * (sqz_stream_uniform(stream) - 0.5);
        test_force(book, now, order, 0.4 + sqz_stream_uniform(stream));
        sqz_book_evolve(book, now, 80 * sqz_stream_uniform(stream));
    }
}

/* ---- the average by other means ------------------------------------------------------------ */

/* The book's rules once more: D from what is missing. */
static double displacement_of(int which, double missing_usd)
{
    double size = fabs(missing_usd);
    double moved = which < SHAPES ? 0.01 * pow(size / DEPTH_USD, 1 / SHAPE[which])
                                  : table_displacement(missing_usd < 0, size);
    return copysign(moved, missing_usd);
}

struct average {
    int which;
    const struct sqz_book *book;
    const struct sqz_book_state *state;
    double rate, end_s;
};

static double missing_at(const struct average *average, double time_s)
{
    double sum = 0;
    for (size_t i = 0; i < average->book->scales; i++)
        sum += average->state->missing[i] * exp(-average->book->rate[i] * time_s);
    return sum;
}

static double integrand(double time_s, void *context)
{
    const struct average *average = context;
    return average->rate * exp(-average->rate * (average->end_s - time_s)) *
           displacement_of(average->which, missing_at(average, time_s));
}

/* A value of the missing volume at which D has a corner, between the ends of a panel. */
static bool corner_within(const struct average *average, double from, double to, double *corner)
{
    double a = missing_at(average, from), b = missing_at(average, to);
    for (int i = -CORNERS; i <= CORNERS; i++) {
        *corner = i == 0 ? 0 : i > 0 ? CUMULATIVE_USD[0][i - 1] : -CUMULATIVE_USD[1][-i - 1];
        if ((a - *corner) * (b - *corner) < 0)
            return true;
    }
    return false;
}

/* Integral over a panel, cut at the corners of D, which are found by halving. */
static double panel(struct average *average, double from, double to,
                    gsl_integration_workspace *workspace)
{
    double value = 0, error, corner;
    if (!corner_within(average, from, to, &corner)) {
        gsl_function function = {integrand, average};
        gsl_integration_qags(&function, from, to, 1e-16, 1e-12, 1000, workspace, &value, &error);
        return value;
    }
    double lo = from, hi = to;
    bool falls = missing_at(average, from) > corner;
    for (int i = 0; i < 200; i++) {
        double middle = 0.5 * (lo + hi);
        if ((missing_at(average, middle) > corner) == falls)
            lo = middle;
        else
            hi = middle;
    }
    /* On either side of the corner, which neither piece contains. */
    return panel(average, from, lo, workspace) + panel(average, hi, to, workspace);
}

/* By GSL's other rule on panels that halve towards both ends, where either exponential may be fast.
 */
static double average_by_panels(int which, const struct sqz_book *book,
                                const struct sqz_book_state *state, double rate, double end_s)
{
    enum { HALVINGS = 30 };
    struct average average = {which, book, state, rate, end_s};
    gsl_integration_workspace *workspace = gsl_integration_workspace_alloc(1000);
    assert_non_null(workspace);
    double sum = 0, far = 0.5 * end_s;
    for (int i = 1; i <= HALVINGS; i++) {
        double near = i < HALVINGS ? 0.5 * far : 0;
        sum += panel(&average, near, far, workspace);
        sum += panel(&average, end_s - far, end_s - near, workspace);
        far = near;
    }
    gsl_integration_workspace_free(workspace);
    return sum;
}

/* For every shape, states with parts of both signs, and times that are short or long next to the
 * half-lives and to the window. */
static void test_average_is_the_integral(void **state)
{
    (void)state;
    static const double WINDOW_S[] = {0.05, 30, 4000};
    struct sqz_stream stream;
    struct sqz_book_params params = three_scales();
    int changes = 0;
    sqz_stream_open(&stream, 71, 0, 0);
    for (int which = 0; which < BOOKS; which++)
        for (int run = 0; run < 300; run++) {
            struct shaped_book any;
            struct sqz_book_state now;
            shaped_book_init_params(&any, which, &params);
            draw_state(&any.book, &stream, &now);
            double rate = 1 / WINDOW_S[run % 3], end = pow(10, 5 * sqz_stream_uniform(&stream));
            struct sqz_book_state before = now;
            check_near("average", sqz_book_average(&any.book, &now, rate, end),
                       average_by_panels(which, &any.book, &now, rate, end), 1e-12);
            assert_memory_equal(&now, &before, sizeof now);
            changes += now.displacement_log * sqz_book_ahead(&any.book, &now, end) < 0;
            shaped_book_free(&any);
        }
    assert_true(changes > 20); /* D passes zero, where its slope may be infinite */
}

/* A flat book: D is a sum of exponentials, and so is its average. Windows and half-lives from far
 * below the elapsed time to far above it, where a rule with fixed points could miss one of them. */
static void test_average_of_a_flat_book(void **state)
{
    (void)state;
    static const double SCALE_S[] = {1e-9, 1e-4, 0.03, 1.7, 41, 900, 3e4, 1e7};
    enum { SCALES = sizeof SCALE_S / sizeof SCALE_S[0] };
    const double end = 3600, order = 47e6;
    for (int h = 0; h < SCALES; h++)
        for (int w = 0; w < SCALES; w++) {
            struct shaped_book any;
            struct sqz_book_state now;
            struct sqz_book_params params = {.permanent = PERMANENT,
                                             .halflife_s = {2, {SCALE_S[h], 700}},
                                             .weight = {2, {0.6, 0.4}},
                                             .withdrawal_halflife_s = 400};
            shaped_book_init_params(&any, FLAT, &params);
            sqz_book_reset(&now);
            test_force(&any.book, &now, order, 1.0);
            double rate = 1 / SCALE_S[w], expected = 0;
            for (int i = 0; i < 2; i++) {
                double rho = M_LN2 / params.halflife_s.value[i];
                expected += now.missing[i] * rate * (exp(-rho * end) - exp(-rate * end)) /
                            (rate - rho) * 0.01 / DEPTH_USD;
            }
            check_near("average", sqz_book_average(&any.book, &now, rate, end), expected, 1e-13);
            shaped_book_free(&any);
        }
}

/* One time scale and a table whose levels from 10 to 50 bp are empty: D is linear in what is
 * missing between corners, so the integral is closed from crossing to crossing. In the empty bin, a
 * millionth of the depth wide, D falls by 40 bp within a few microseconds. */
static double average_over_corners(double missing_usd, double recovery, double rate, double end_s)
{
    static const double VOLUME[] = {0, 4e6, 4e6 + 10, 10e6}, DISTANCE[] = {0, 1e-3, 5e-3, 1e-2};
    double sum = 0, to_s = end_s;
    for (int k = 1; k < 4; k++) { /* inward in volume is onward in time: the last piece first */
        double from_s = VOLUME[k] < missing_usd ? log(missing_usd / VOLUME[k]) / recovery : 0;
        double slope = (DISTANCE[k] - DISTANCE[k - 1]) / (VOLUME[k] - VOLUME[k - 1]);
        double level = DISTANCE[k - 1] - slope * VOLUME[k - 1], apart = rate - recovery;
        if (from_s >= to_s)
            continue;
        sum += level * (exp(-rate * (end_s - to_s)) - exp(-rate * (end_s - from_s)));
        sum += slope * missing_usd * rate / apart *
               (exp(apart * to_s - rate * end_s) - exp(apart * from_s - rate * end_s));
        to_s = from_s;
    }
    return sum;
}

static void test_average_across_empty_levels(void **state)
{
    (void)state;
    static const struct sqz_book_params ONE_SCALE = {.halflife_s = {1, {20}},
                                                     .withdrawal_halflife_s = 400};
    double cell[] = {0, 10, 4e6, 0, 50, 4e6, 0, 100, 10e6, 1, 100, 10e6};
    long line[] = {2, 3, 4, 5};
    struct sqz_table table = {
        .file = "depth.csv", .rows = 4, .columns = 3, .value = cell, .line = line};
    char shared[256];
    struct sqz_book book;
    struct sqz_book_state now;
    assert_true(sqz_book_table.shared_size <= sizeof shared);
    memset(shared, 0, sizeof shared);
    assert_int_equal(sqz_book_table.prepare(&table, shared, NULL), SQZ_OK);
    assert_int_equal(sqz_book_init(&book, &ONE_SCALE, &sqz_book_table, shared, NULL), SQZ_OK);
    sqz_book_reset(&now);
    sqz_book_execute(&book, &now, 9e6, 1.0);
    for (double end = 1; end < 300; end *= 1.7)
        check_near("average", sqz_book_average(&book, &now, 0.2, end),
                   average_over_corners(9e6, M_LN2 / 20, 0.2, end), 1e-12);
    sqz_book_table.release(shared);
}

/* Where nothing recovers D is constant and its average closed, for any rate. */
static void test_average_at_rest(void **state)
{
    (void)state;
    struct shaped_book any;
    struct sqz_book_state now;
    struct sqz_book_params params = {
        .permanent = PERMANENT, .halflife_s = {1, {INFINITY}}, .withdrawal_halflife_s = 400};
    shaped_book_init_params(&any, SQUARE_ROOT, &params);
    sqz_book_reset(&now);
    test_force(&any.book, &now, -13e6, 1.0);
    double displacement = -0.01 * sqrt((1 - PERMANENT) * 13e6 / DEPTH_USD);
    check_near("average", sqz_book_average(&any.book, &now, 0.02, 35),
               displacement * (1 - exp(-0.7)), 1e-16);
    assert_true(sqz_book_average(&any.book, &now, 0.0, 35) == 0.0);
    shaped_book_free(&any);
    params.halflife_s.value[0] = 70; /* nothing is gained at rate 0 while it recovers, either */
    shaped_book_init_params(&any, SQUARE_ROOT, &params);
    test_force(&any.book, &now, -13e6, 1.0);
    assert_true(now.recovering && sqz_book_average(&any.book, &now, 0.0, 35) == 0.0);
    shaped_book_free(&any);
}

/* ---- the order that reaches a price -------------------------------------------------------- */

static double displaced_by(const struct sqz_book *book, struct sqz_book_state state,
                           double order_usd, double depth_multiplier)
{
    sqz_book_execute(book, &state, order_usd, depth_multiplier);
    return state.permanent_log + state.displacement_log;
}

static void test_order_reaches(void **state)
{
    (void)state;
    struct sqz_stream stream;
    struct sqz_book_params params = three_scales();
    sqz_stream_open(&stream, 72, 0, 0);
    for (int which = 0; which < BOOKS; which++)
        for (int run = 0; run < 200; run++) {
            struct shaped_book any;
            struct sqz_book_state now;
            shaped_book_init_params(&any, which, &params);
            draw_state(&any.book, &stream, &now);
            double left = 0.3 + sqz_stream_uniform(&stream);
            double start = now.permanent_log + now.displacement_log;
            double way = (run % 2 ? 1 : -1) * pow(10, -6 * sqz_stream_uniform(&stream));
            double order = sqz_book_order_reaching(&any.book, &now, start + way, left);
            assert_true(order * way > 0);
            check_near("reached", displaced_by(&any.book, now, order, left), start + way, 1e-14);
            double less = displaced_by(&any.book, now, order * (1 - 1e-9), left);
            assert_true((less - start) * way >= 0 && fabs(less - start) <= fabs(way));
            const double share[] = {0.7, 1.9, -1.0}, fits[] = {0.7, 1.0, 0.0};
            for (int i = 0; i < 3; i++)
                check_near(
                    "within",
                    sqz_book_order_within(&any.book, &now, share[i] * order, start + way, left),
                    fits[i] * order, 0.0);
            shaped_book_free(&any);
        }
}

/* A flat book: what is permanent and what is not share the way as the order is shared. */
static void test_order_reaching_in_a_flat_book(void **state)
{
    (void)state;
    struct shaped_book any;
    struct sqz_book_state now;
    struct sqz_book_params params = three_scales();
    shaped_book_init_params(&any, FLAT, &params);
    sqz_book_reset(&now);
    test_force(&any.book, &now, 5e6, 0.8);
    double start = now.permanent_log + now.displacement_log;
    double left = 0.6 / (1 + GAMMA * 5e6 / DEPTH_USD);
    double per_usd = 0.01 / DEPTH_USD * (PERMANENT + (1 - PERMANENT) / left);
    for (double way = -0.04; way < 0.05; way += 0.0131) {
        double order = sqz_book_order_reaching(&any.book, &now, start + way, 0.6);
        check_near("order", order, way / per_usd, 1e-12 * fabs(way / per_usd));
    }
    assert_true(sqz_book_order_reaching(&any.book, &now, start, 0.6) == 0.0);
    shaped_book_free(&any);
}

/* Impact is cut off far out: beyond, no order reaches. */
static void test_order_out_of_reach(void **state)
{
    (void)state;
    struct shaped_book any;
    struct sqz_book_state now;
    struct sqz_book_params params = three_scales();
    shaped_book_init_params(&any, CONCAVE, &params);
    sqz_book_reset(&now);
    assert_true(isfinite(sqz_book_order_reaching(&any.book, &now, 599, 1.0)));
    assert_true(sqz_book_order_reaching(&any.book, &now, 601, 1.0) == INFINITY);
    assert_true(sqz_book_order_reaching(&any.book, &now, -601, 1.0) == -INFINITY);
    shaped_book_free(&any);
}

/* ---- depth left ---------------------------------------------------------------------------- */

static void test_depth_left(void **state)
{
    (void)state;
    struct shaped_book any;
    struct sqz_book_state now;
    struct sqz_book_params params = three_scales();
    shaped_book_init_params(&any, FLAT, &params);
    sqz_book_reset(&now);
    assert_true(sqz_book_depth_left(&any.book, &now, 0.45, 77) == 0.45);
    test_force(&any.book, &now, 11e6, 1.0);
    sqz_book_evolve(&any.book, &now, 150);
    test_force(&any.book, &now, -8e6, 1.0);
    double stress = (11e6 * pow(0.5, 150.0 / 400) + 8e6) / DEPTH_USD;
    check_near("now", sqz_book_depth_left(&any.book, &now, 0.45, 0.0), 0.45 / (1 + GAMMA * stress),
               1e-15);
    double later = 0.45 / (1 + GAMMA * stress * pow(0.5, 77.0 / 400));
    check_near("later", sqz_book_depth_left(&any.book, &now, 0.45, 77), later, 1e-15);
    sqz_book_evolve(&any.book, &now, 77);
    check_near("then", sqz_book_depth_left(&any.book, &now, 0.45, 0.0), later, 1e-15);
    /* It is what an order finds: a thinner book is missing more. */
    double before = now.missing[0] + now.missing[1] + now.missing[2];
    test_force(&any.book, &now, 3e6, 0.45);
    double added = now.missing[0] + now.missing[1] + now.missing[2] - before;
    check_near("found", (1 - PERMANENT) * 3e6 / added, later, 1e-12);
    shaped_book_free(&any);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_average_is_the_integral),
        cmocka_unit_test(test_average_of_a_flat_book),
        cmocka_unit_test(test_average_across_empty_levels),
        cmocka_unit_test(test_average_at_rest),
        cmocka_unit_test(test_order_reaches),
        cmocka_unit_test(test_order_reaching_in_a_flat_book),
        cmocka_unit_test(test_order_out_of_reach),
        cmocka_unit_test(test_depth_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
