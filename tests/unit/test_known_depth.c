/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The range in which depth is known: which orders leave it, and what is said of it. */
#include "tests/support/support.h"

#include <math.h>
#include <string.h>

#include "models/books/books.h"
#include "sim/io/known_depth.h"

static void open_flat(struct test_book *test, double permanent, double known_log)
{
    struct sqz_book_params params = {.permanent = permanent,
                                     .halflife_s = {1, {60}},
                                     .withdrawal_halflife_s = 600,
                                     .known_log = known_log};
    struct sqz_diag diag = {0};
    test_book_init(test, 20e6, 1, permanent, 60);
    assert_int_equal(sqz_book_init(&test->book, &params, &sqz_book_power, test->shared, &diag),
                     SQZ_OK);
}

static bool leaves(const struct sqz_book *book, double order_usd)
{
    struct sqz_book_state state;
    sqz_book_reset(&state);
    sqz_book_execute(book, &state, order_usd, 1.0);
    return state.beyond_known;
}

/* From rest a flat book of 20M USD moves by 1 % per 20M, whatever share of that stays. */
static void test_an_order_too_large(void **state)
{
    (void)state;
    static const double PERMANENT[] = {0, 0.3, 1};
    for (int i = 0; i < 3; i++) {
        struct test_book test;
        open_flat(&test, PERMANENT[i], 0.031);
        assert_false(leaves(&test.book, 61.99e6) || leaves(&test.book, -61.99e6));
        assert_true(leaves(&test.book, 62.01e6) && leaves(&test.book, -62.01e6));
        open_flat(&test, PERMANENT[i], NAN); /* 10 % */
        assert_false(leaves(&test.book, 199.9e6));
        assert_true(leaves(&test.book, -200.1e6));
        open_flat(&test, PERMANENT[i], INFINITY);
        assert_false(leaves(&test.book, 1e15));
    }
}

/* Many orders leave like one, a recovered book like none; what stays counts for good; and a path
 * that has left does not come back. */
static void test_orders_add_up(void **state)
{
    (void)state;
    struct test_book test;
    struct sqz_book_state now;
    open_flat(&test, 0.25, 0.02);
    sqz_book_reset(&now);
    for (int i = 0; i < 3; i++)
        sqz_book_execute(&test.book, &now, 13e6, 1.0);
    assert_false(now.beyond_known);
    sqz_book_evolve(&test.book, &now, 6000); /* 0.49 % stay */
    sqz_book_execute(&test.book, &now, 30e6, 1.0);
    assert_false(now.beyond_known);
    sqz_book_execute(&test.book, &now, 1e6, 1.0);
    assert_true(now.beyond_known);
    sqz_book_evolve(&test.book, &now, 6000);
    sqz_book_execute(&test.book, &now, -1e6, 1.0);
    assert_true(now.beyond_known);
}

/* A book that is read further out than it is known has been left, though the price as a whole is
 * not as far away: 0.75 % stay of the buys, the sells displace by -2.25 %. */
static void test_displacement_alone(void **state)
{
    (void)state;
    struct test_book test;
    struct sqz_book_state now;
    open_flat(&test, 0.25, 0.022);
    sqz_book_reset(&now);
    for (int i = 0; i < 2; i++) {
        sqz_book_execute(&test.book, &now, 30e6, 1.0);
        sqz_book_evolve(&test.book, &now, 6000);
    }
    assert_false(now.beyond_known);
    sqz_book_execute(&test.book, &now, -58e6, 1.0);
    assert_false(now.beyond_known);
    sqz_book_execute(&test.book, &now, -2e6, 1.0);
    assert_true(now.beyond_known);
}

/* A table is known to its end at most, on either side. */
static void test_table_ends(void **state)
{
    (void)state;
    static double cell[] = {0, 100, 5e6, 0, 250, 9e6, 1, 180, 7e6};
    static long line[] = {2, 3, 4};
    struct sqz_table table = {
        .file = "depth.csv", .rows = 3, .columns = 3, .value = cell, .line = line};
    char shared[512] = {0};
    struct sqz_diag diag = {0};
    assert_true(sqz_book_table.shared_size <= sizeof shared);
    assert_int_equal(sqz_book_table.prepare(&table, shared, &diag), SQZ_OK);
    for (int asked = 0; asked < 3; asked++) {
        static const double KNOWN[] = {NAN, 0.02, 0.4};
        static const double LEAVES[] = {0.025, 0.02, 0.025};
        struct sqz_book book;
        struct sqz_book_params params = {
            .halflife_s = {1, {60}}, .withdrawal_halflife_s = 600, .known_log = KNOWN[asked]};
        assert_int_equal(sqz_book_init(&book, &params, &sqz_book_table, shared, &diag), SQZ_OK);
        check_near("asks", book.known_log[SQZ_UP], LEAVES[asked], 1e-15);
        check_near("bids", book.known_log[SQZ_DOWN], 0.018, 1e-15);
        assert_false(leaves(&book, -6.99e6));
        assert_true(leaves(&book, -7.01e6));
        assert_true(leaves(&book, 9.01e6));
        assert_true(leaves(&book, 8.9e6) == (asked == 1));
    }
    sqz_book_table.release(shared);
}

static void test_words(void **state)
{
    (void)state;
    struct sqz_scenario scenario = {.file = (char *)"a.csv"};
    char text[SQZ_KNOWN_TEXT_SIZE];
    scenario.book.known_log[SQZ_UP] = scenario.book.known_log[SQZ_DOWN] = 0.1;
    assert_string_equal(sqz_known_text(text, &scenario.book), "10 %");
    scenario.book.known_log[SQZ_DOWN] = 0.0235;
    assert_string_equal(sqz_known_text(text, &scenario.book), "10 % up, 2.35 % down");
    assert_int_equal(sqz_known_remark(&scenario.remarks, &scenario, 0, 1000), SQZ_OK);
    assert_int_equal(scenario.remarks.count, 0);
    assert_int_equal(sqz_known_remark(&scenario.remarks, &scenario, 37, 1000), SQZ_OK);
    const struct sqz_remark *remark = sqz_remarks_find(&scenario.remarks, "beyond-known-depth");
    assert_non_null(remark);
    assert_string_equal(remark->detail.field, "book.known");
    assert_non_null(strstr(remark->detail.message, "on 3.7 % of the paths"));
    sqz_remarks_free(&scenario.remarks);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_order_too_large),
        cmocka_unit_test(test_orders_add_up),
        cmocka_unit_test(test_displacement_alone),
        cmocka_unit_test(test_table_ends),
        cmocka_unit_test(test_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
