/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The book in motion, rule by rule of the model's state equations: permanent share, half-lives and
 * weights, withdrawal, unequal sides, bounds for the walk. */
#include "tests/support/support.h"

#include <math.h>
#include <string.h>

#include "sim/core/book.h"
#include "sim/core/rng.h"

/* A shape of its own, so that the two sides differ in every respect: a flat ask side, G = a E, and
 * a square-root bid side, G = -b sqrt(-E). */
enum { ASK_DEPTH_USD = 20000000, BID_DEPTH_USD = 35000000, ASK_CAPACITY_USD = 60000000 };

static double lopsided_displacement(const void *shared, double volume_usd)
{
    (void)shared;
    return volume_usd >= 0 ? 0.01 * volume_usd / ASK_DEPTH_USD
                           : -0.01 * sqrt(-volume_usd / BID_DEPTH_USD);
}

static double lopsided_volume(const void *shared, double displacement_log)
{
    (void)shared;
    double percent = displacement_log / 0.01;
    return percent >= 0 ? ASK_DEPTH_USD * percent : -BID_DEPTH_USD * percent * percent;
}

static double lopsided_cost(const void *shared, double volume_usd)
{
    double displacement = lopsided_displacement(shared, volume_usd);
    return volume_usd >= 0 ? displacement * volume_usd / 2 : displacement * volume_usd * 2 / 3;
}

static double lopsided_depth(const void *shared, enum sqz_order_side side)
{
    (void)shared;
    return side == SQZ_BUY ? ASK_DEPTH_USD : BID_DEPTH_USD;
}

static double lopsided_capacity(const void *shared, enum sqz_order_side side)
{
    (void)shared;
    return side == SQZ_BUY ? ASK_CAPACITY_USD : INFINITY;
}

static double lopsided_shallow_capacity(const void *shared, enum sqz_order_side side)
{
    return 0.1 * lopsided_capacity(shared, side);
}

static const struct sqz_book_model LOPSIDED = {.name = "lopsided",
                                               .displacement = lopsided_displacement,
                                               .volume = lopsided_volume,
                                               .cost = lopsided_cost,
                                               .depth = lopsided_depth,
                                               .capacity = lopsided_capacity};

static struct sqz_book book_of(struct sqz_book_params params)
{
    struct sqz_book book;
    struct sqz_diag diag = {0};
    assert_int_equal(sqz_book_init(&book, &params, &LOPSIDED, NULL, &diag), SQZ_OK);
    return book;
}

/* Half the impact permanent, 60 s, no withdrawal: what a test does not say. */
static struct sqz_book_params plain(void)
{
    return (struct sqz_book_params){
        .permanent = 0.35, .halflife_s = {1, {60}}, .withdrawal_halflife_s = 600};
}

static void check_relative(const char *what, double value, double expected, double tolerance)
{
    check_near(what, value, expected, tolerance * fabs(expected));
}

/* ---- orders -------------------------------------------------------------------------------- */

static void test_buy_splits_into_permanent_and_transient(void **state)
{
    (void)state;
    struct sqz_book book = book_of(plain());
    struct sqz_book_state now;
    sqz_book_reset(&now);
    test_force(&book, &now, 7.3e6, 1.0);
    check_relative("P", now.permanent_log, 0.35 * 0.01 * 7.3e6 / ASK_DEPTH_USD, 1e-14);
    check_relative("E", now.missing[0], 0.65 * 7.3e6, 1e-14);
    check_relative("D", now.displacement_log, 0.01 * 0.65 * 7.3e6 / ASK_DEPTH_USD, 1e-14);
    assert_true(now.recovering);
}

static void test_sell_eats_bids(void **state)
{
    (void)state;
    struct sqz_book book = book_of(plain());
    struct sqz_book_state now;
    sqz_book_reset(&now);
    test_force(&book, &now, -7.3e6, 1.0);
    check_relative("P", now.permanent_log, -0.35 * 0.01 * 7.3e6 / BID_DEPTH_USD, 1e-14);
    check_relative("E", now.missing[0], -0.65 * 7.3e6, 1e-14);
    check_relative("D", now.displacement_log, -0.01 * sqrt(0.65 * 7.3e6 / BID_DEPTH_USD), 1e-14);
}

/* Depth multipliers thin the book for the transient part; the permanent part reads full depth. */
static void test_permanent_share_uses_undiminished_depth(void **state)
{
    (void)state;
    struct sqz_book_params params = plain();
    params.withdrawal_gamma = 0.8;
    struct sqz_book book = book_of(params);
    struct sqz_book_state now;
    sqz_book_reset(&now);
    test_force(&book, &now, 4.1e6, 0.4);
    test_force(&book, &now, 5.7e6, 0.4);
    check_relative("P", now.permanent_log, 0.35 * 0.01 * 9.8e6 / ASK_DEPTH_USD, 1e-14);
    double stressed = 0.4 / (1 + 0.8 * 4.1e6 / ASK_DEPTH_USD);
    check_relative("E", now.missing[0], 0.65 * (4.1e6 / 0.4 + 5.7e6 / stressed), 1e-14);
}

static void test_withdrawal_is_read_before_own_stress(void **state)
{
    (void)state;
    struct sqz_book_params params = plain();
    params.withdrawal_gamma = 1.7;
    struct sqz_book book = book_of(params);
    struct sqz_book_state now;
    sqz_book_reset(&now);
    test_force(&book, &now, -6.3e6, 1.0);
    check_relative("E of the first order", now.missing[0], -0.65 * 6.3e6, 1e-14);
    check_relative("A", now.stress, 6.3e6 / BID_DEPTH_USD, 1e-14);
    double before = now.missing[0], stress = now.stress;
    test_force(&book, &now, 2.9e6, 1.0);
    check_relative("E of the second", now.missing[0] - before, 0.65 * 2.9e6 * (1 + 1.7 * stress),
                   1e-12);
    check_relative("A", now.stress, 6.3e6 / BID_DEPTH_USD + 2.9e6 / ASK_DEPTH_USD, 1e-14);
}

/* Orders that nobody is forced to send leave the depth as it is. */
static void test_only_forced_orders_stress(void **state)
{
    (void)state;
    struct sqz_book_params params = plain();
    params.withdrawal_gamma = 1.7;
    struct sqz_book book = book_of(params);
    struct sqz_book_state now;
    sqz_book_reset(&now);
    sqz_book_execute(&book, &now, 6.3e6, 1.0);
    sqz_book_execute(&book, &now, 2.9e6, 1.0);
    assert_true(now.stress == 0.0);
    check_relative("E", now.missing[0], 0.65 * 9.2e6, 1e-14);
}

static void test_stress_decays(void **state)
{
    (void)state;
    struct sqz_book_params params = plain();
    params.withdrawal_gamma = 2.5;
    params.withdrawal_halflife_s = 240;
    struct sqz_book book = book_of(params);
    struct sqz_book_state now;
    sqz_book_reset(&now);
    test_force(&book, &now, 8e6, 1.0);
    sqz_book_evolve(&book, &now, 100);
    sqz_book_evolve(&book, &now, 260);
    double stress = 8e6 / ASK_DEPTH_USD * pow(0.5, 360.0 / 240);
    check_relative("A", now.stress, stress, 1e-13);
    double before = now.missing[0];
    test_force(&book, &now, 3e6, 1.0);
    check_relative("E", now.missing[0] - before, 0.65 * 3e6 * (1 + 2.5 * stress), 1e-12);
}

static void test_all_permanent_leaves_book_full(void **state)
{
    (void)state;
    struct sqz_book_params params = plain();
    params.permanent = 1.0;
    struct sqz_book book = book_of(params);
    struct sqz_book_state now;
    sqz_book_reset(&now);
    test_force(&book, &now, 3.3e6, 0.5);
    check_relative("P", now.permanent_log, 0.01 * 3.3e6 / ASK_DEPTH_USD, 1e-14);
    assert_true(now.displacement_log == 0.0 && !now.recovering);
}

static void test_exhausted_beyond_capacity(void **state)
{
    (void)state;
    struct sqz_book_params params = plain();
    params.permanent = 0.0;
    struct sqz_book book = book_of(params);
    struct sqz_book_state now;
    sqz_book_reset(&now);
    test_force(&book, &now, -1e12, 1.0);
    assert_false(now.exhausted);
    sqz_book_reset(&now);
    test_force(&book, &now, ASK_CAPACITY_USD - 1.0, 1.0);
    assert_false(now.exhausted);
    test_force(&book, &now, 2.0, 1.0);
    assert_true(now.exhausted);
    sqz_book_evolve(&book, &now, 1e9);
    assert_true(now.exhausted);
}

/* The fill is what many small orders pay on average: they see the same book part by part. */
static void check_fill(double held_usd, double order_usd)
{
    enum { PARTS = 4000 };
    struct sqz_book book = book_of(plain());
    struct sqz_book_state whole, parts;
    double paid = 0.0;
    sqz_book_reset(&whole);
    test_force(&book, &whole, held_usd, 0.7);
    parts = whole;
    for (int i = 0; i < PARTS; i++) {
        double before = parts.permanent_log + parts.displacement_log;
        test_force(&book, &parts, order_usd / PARTS, 0.7);
        paid += 0.5 * (before + parts.permanent_log + parts.displacement_log) / PARTS;
    }
    check_relative("fill", sqz_book_fill(&book, &whole, order_usd, 0.7), paid, 2e-5);
    double end = parts.permanent_log + parts.displacement_log;
    test_force(&book, &whole, order_usd, 0.7);
    check_relative("end", whole.permanent_log + whole.displacement_log, end, 1e-9);
}

static void test_fill_is_mean_along_volume(void **state)
{
    (void)state;
    check_fill(0.0, 5.9e6);
    check_fill(0.0, -5.9e6);
    check_fill(3.1e6, 4.4e6);
    check_fill(3.1e6, -8.8e6); /* from eaten asks to eaten bids */
    check_fill(-3.1e6, 1.7e6);
}

/* ---- recovery ------------------------------------------------------------------------------ */

/* Two integrals of a billion times the order cannot be told apart; the fill must be exact anyway.
 */
static void test_fill_of_a_tiny_order(void **state)
{
    (void)state;
    struct sqz_book_params params = plain();
    params.permanent = 0.0;
    struct sqz_book book = book_of(params);
    struct sqz_book_state held;
    sqz_book_reset(&held);
    test_force(&book, &held, 5.3e9, 1.0);
    for (double order = 1e-6; order < 1e6; order *= 7.3) {
        double half = 0.5 * 0.01 * order / ASK_DEPTH_USD; /* a flat side: midway */
        double fill = sqz_book_fill(&book, &held, order, 1.0) - held.displacement_log;
        check_near("fill beyond the price before", fill, half, 1e-10);
        assert_true(fill >= 0);
    }
}

/* Impact cut off at its limit is filled within the limit. */
static void test_fill_stays_finite(void **state)
{
    (void)state;
    struct sqz_book book = book_of(plain());
    struct sqz_book_state held;
    sqz_book_reset(&held);
    test_force(&book, &held, 7.7e14, 1.0);
    double fill = sqz_book_fill(&book, &held, 3.1e15, 1.0);
    double before = held.permanent_log + held.displacement_log;
    test_force(&book, &held, 3.1e15, 1.0);
    assert_true(fill >= before && fill <= held.permanent_log + held.displacement_log);
}

/* Where depth within 1 % is itself read off the end of the shape, and something scales with it. */
static void test_extrapolated_depth_is_known(void **state)
{
    (void)state;
    static const double PERMANENT[] = {0.35, 0.0, 0.0}, GAMMA[] = {0.0, 2.1, 0.0};
    struct sqz_book_model shallow = LOPSIDED;
    shallow.capacity = lopsided_shallow_capacity;
    for (int k = 0; k < 3; k++) {
        struct sqz_book_params params = plain();
        params.permanent = PERMANENT[k];
        params.withdrawal_gamma = GAMMA[k];
        struct sqz_book book = book_of(params); /* asks are known to three times the 1 % depth */
        assert_false(sqz_book_depth_extrapolated(&book, SQZ_BUY));
        assert_int_equal(sqz_book_init(&book, &params, &shallow, NULL, NULL), SQZ_OK);
        assert_int_equal(sqz_book_depth_extrapolated(&book, SQZ_BUY), k < 2);
        assert_false(sqz_book_depth_extrapolated(&book, SQZ_SELL));
    }
}

static void test_parts_halve_in_their_halflives(void **state)
{
    (void)state;
    struct sqz_book_params params = plain();
    params.halflife_s = (struct sqz_list){3, {20, 900, INFINITY}};
    params.weight = (struct sqz_list){3, {0.5, 0.3, 0.2}};
    struct sqz_book book = book_of(params);
    struct sqz_book_state now;
    sqz_book_reset(&now);
    test_force(&book, &now, 10e6, 1.0);
    double missing = 0.65 * 10e6;
    check_relative("first part", now.missing[0], 0.5 * missing, 1e-14);
    sqz_book_evolve(&book, &now, 37);
    check_relative("20 s", now.missing[0], 0.5 * missing * pow(0.5, 37.0 / 20), 1e-13);
    check_relative("900 s", now.missing[1], 0.3 * missing * pow(0.5, 37.0 / 900), 1e-13);
    check_relative("inf", now.missing[2], 0.2 * missing, 1e-14);
    double sum = now.missing[0] + now.missing[1] + now.missing[2];
    check_relative("D", now.displacement_log, 0.01 * sum / ASK_DEPTH_USD, 1e-14);
}

static double part_after_order(struct sqz_list halflife_s, size_t part)
{
    struct sqz_book_params params = plain();
    params.halflife_s = halflife_s;
    struct sqz_book book = book_of(params);
    struct sqz_book_state now;
    sqz_book_reset(&now);
    test_force(&book, &now, 1e6 / 0.65, 1.0);
    return now.missing[part] / 1e6;
}

static void test_default_weights(void **state)
{
    (void)state;
    struct sqz_list standard = {2, {20, 900}}, other = {2, {20, 901}}, three = {3, {5, 20, 900}};
    check_near("20 s of 20;900", part_after_order(standard, 0), 0.7, 1e-14);
    check_near("900 s of 20;900", part_after_order(standard, 1), 0.3, 1e-14);
    check_near("20 s of 20;901", part_after_order(other, 0), 0.5, 1e-14);
    check_near("20 s of 5;20;900", part_after_order(three, 1), 1.0 / 3, 1e-14);
}

static void test_weight_errors(void **state)
{
    (void)state;
    struct sqz_book_params params = plain();
    struct sqz_book book;
    struct sqz_diag diag = {0};
    params.halflife_s = (struct sqz_list){2, {30, 700}};
    params.weight = (struct sqz_list){3, {0.5, 0.3, 0.2}};
    assert_int_equal(sqz_book_init(&book, &params, &LOPSIDED, NULL, &diag), SQZ_ERR_DATA);
    assert_string_equal(diag.field, "book.weights");
    assert_non_null(strstr(diag.message, "3 weights for 2 half-lives"));
    params.weight = (struct sqz_list){2, {0.6, 0.3}};
    assert_int_equal(sqz_book_init(&book, &params, &LOPSIDED, NULL, &diag), SQZ_ERR_DATA);
    assert_string_equal(diag.field, "book.weights");
    assert_non_null(strstr(diag.message, "sum to 0.9, expected 1"));
}

/* Three tenths, rounded, are no error. */
static void test_weights_may_carry_rounding(void **state)
{
    (void)state;
    struct sqz_book_params params = plain();
    params.halflife_s = (struct sqz_list){3, {30, 700, 4000}};
    params.weight = (struct sqz_list){3, {0.1, 0.2, 0.7000000001}};
    struct sqz_book book = book_of(params);
    check_near("weights", book.weight[0] + book.weight[1] + book.weight[2], 1.0, 1e-15);
}

static void test_negligible_remainder_ends(void **state)
{
    (void)state;
    for (int sell = 0; sell < 2; sell++) {
        struct sqz_book book = book_of(plain());
        struct sqz_book_state now;
        sqz_book_reset(&now);
        test_force(&book, &now, sell ? -9e6 : 9e6, 1.0);
        sqz_book_evolve(&book, &now, 60 * 20.0); /* a millionth is left */
        assert_true(now.recovering && now.displacement_log != 0.0);
        sqz_book_evolve(&book, &now, 60 * 80.0);
        assert_false(now.recovering);
        assert_true(now.displacement_log == 0.0 && now.missing[0] == 0.0);
        assert_true(now.permanent_log != 0.0);
    }
}

static void test_infinite_halflife_stays(void **state)
{
    (void)state;
    struct sqz_book_params params = plain();
    params.halflife_s = (struct sqz_list){2, {50, INFINITY}};
    struct sqz_book book = book_of(params);
    struct sqz_book_state now;
    sqz_book_reset(&now);
    test_force(&book, &now, 9e6, 1.0);
    sqz_book_evolve(&book, &now, 1e7);
    assert_false(now.recovering);
    check_relative("D", now.displacement_log, 0.01 * 0.5 * 0.65 * 9e6 / ASK_DEPTH_USD, 1e-13);
}

/* ---- a book in any state ------------------------------------------------------------------- */

/* Four half-lives, one infinite, orders of both signs at random times: parts of mixed signs. */
static struct sqz_book mixed_book(void)
{
    struct sqz_book_params params = plain();
    params.halflife_s = (struct sqz_list){4, {7, 55, 600, INFINITY}};
    params.withdrawal_gamma = 0.6;
    return book_of(params);
}

static void draw_state(const struct sqz_book *book, struct sqz_stream *stream,
                       struct sqz_book_state *now)
{
    sqz_book_reset(now);
    for (int i = 0; i < 5; i++) {
        double order = 20e6 * (sqz_stream_uniform(stream) - 0.5);
        test_force(book, now, order, 0.3 + sqz_stream_uniform(stream));
        sqz_book_evolve(book, now, -60 * log(sqz_stream_uniform(stream)));
    }
}

static void test_ahead_is_evolve(void **state)
{
    (void)state;
    struct sqz_book book = mixed_book();
    struct sqz_stream stream;
    sqz_stream_open(&stream, 21, 0, 0);
    for (int run = 0; run < 500; run++) {
        struct sqz_book_state now, before;
        draw_state(&book, &stream, &now);
        before = now;
        double wait = pow(10, 8 * sqz_stream_uniform(&stream) - 3);
        double ahead = sqz_book_ahead(&book, &now, wait);
        assert_memory_equal(&now, &before, sizeof now);
        sqz_book_evolve(&book, &now, wait);
        assert_true(ahead == now.displacement_log);
    }
}

static void test_two_waits_are_one(void **state)
{
    (void)state;
    struct sqz_book book = mixed_book();
    struct sqz_stream stream;
    sqz_stream_open(&stream, 22, 0, 0);
    for (int run = 0; run < 500; run++) {
        struct sqz_book_state now;
        draw_state(&book, &stream, &now);
        double once = sqz_book_ahead(&book, &now, 83.7);
        sqz_book_evolve(&book, &now, 31.2);
        check_near("D", sqz_book_ahead(&book, &now, 52.5), once, 1e-11);
    }
}

/* Rounding of sums of parts that cancel, as a displacement: the square root near 0 magnifies it. */
static const double ROUNDING_LOG = 1e-9;

static void test_bounds_contain_displacement(void **state)
{
    (void)state;
    struct sqz_book book = mixed_book();
    struct sqz_stream stream;
    double widest = 0.0;
    sqz_stream_open(&stream, 23, 0, 0);
    for (int run = 0; run < 400; run++) {
        struct sqz_book_state now;
        double lo, hi, lo_ever, hi_ever;
        draw_state(&book, &stream, &now);
        double end = pow(10, 5 * sqz_stream_uniform(&stream) - 1);
        sqz_book_bounds(&book, &now, end, &lo, &hi);
        sqz_book_bounds(&book, &now, INFINITY, &lo_ever, &hi_ever);
        assert_true(lo_ever <= lo + ROUNDING_LOG && hi <= hi_ever + ROUNDING_LOG);
        assert_true(lo <= now.displacement_log && now.displacement_log <= hi);
        for (int i = 1; i <= 50; i++) {
            double at = sqz_book_ahead(&book, &now, end * i / 50);
            assert_true(lo - ROUNDING_LOG <= at && at <= hi + ROUNDING_LOG);
        }
        widest = fmax(widest, hi - lo);
    }
    assert_true(widest > 1e-3);
}

static void test_bounds_are_attained_with_one_sign(void **state)
{
    (void)state;
    struct sqz_book_params params = plain();
    params.halflife_s = (struct sqz_list){3, {7, 55, INFINITY}};
    struct sqz_book book = book_of(params);
    for (int sell = 0; sell < 2; sell++) {
        struct sqz_book_state now;
        double lo, hi;
        sqz_book_reset(&now);
        test_force(&book, &now, sell ? -4.7e6 : 4.7e6, 1.0);
        sqz_book_bounds(&book, &now, 23.5, &lo, &hi);
        check_near("start", sell ? lo : hi, now.displacement_log, 0.0);
        check_near("end", sell ? hi : lo, sqz_book_ahead(&book, &now, 23.5), 1e-15);
        sqz_book_bounds(&book, &now, INFINITY, &lo, &hi);
        check_near("rest", sell ? hi : lo, sqz_book_ahead(&book, &now, 1e9), 1e-15);
    }
}

static void test_book_at_rest_is_bounded_by_itself(void **state)
{
    (void)state;
    struct sqz_book_params params = plain();
    params.halflife_s = (struct sqz_list){1, {INFINITY}};
    struct sqz_book book = book_of(params);
    struct sqz_book_state now;
    double lo, hi;
    sqz_book_reset(&now);
    test_force(&book, &now, 4.7e6, 1.0);
    sqz_book_bounds(&book, &now, 1000, &lo, &hi);
    assert_true(lo == now.displacement_log && hi == lo && lo > 0);
    assert_false(now.recovering);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_buy_splits_into_permanent_and_transient),
        cmocka_unit_test(test_sell_eats_bids),
        cmocka_unit_test(test_permanent_share_uses_undiminished_depth),
        cmocka_unit_test(test_withdrawal_is_read_before_own_stress),
        cmocka_unit_test(test_only_forced_orders_stress),
        cmocka_unit_test(test_stress_decays),
        cmocka_unit_test(test_all_permanent_leaves_book_full),
        cmocka_unit_test(test_exhausted_beyond_capacity),
        cmocka_unit_test(test_fill_is_mean_along_volume),
        cmocka_unit_test(test_fill_of_a_tiny_order),
        cmocka_unit_test(test_fill_stays_finite),
        cmocka_unit_test(test_extrapolated_depth_is_known),
        cmocka_unit_test(test_parts_halve_in_their_halflives),
        cmocka_unit_test(test_default_weights),
        cmocka_unit_test(test_weight_errors),
        cmocka_unit_test(test_weights_may_carry_rounding),
        cmocka_unit_test(test_negligible_remainder_ends),
        cmocka_unit_test(test_infinite_halflife_stays),
        cmocka_unit_test(test_ahead_is_evolve),
        cmocka_unit_test(test_two_waits_are_one),
        cmocka_unit_test(test_bounds_contain_displacement),
        cmocka_unit_test(test_bounds_are_attained_with_one_sign),
        cmocka_unit_test(test_book_at_rest_is_bounded_by_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
