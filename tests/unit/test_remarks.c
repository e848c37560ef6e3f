/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Remarks: order, counting of repeats, text and JSON. */
#include "tests/support/support.h"

#include <string.h>

#include "sim/io/remarks.h"

static void check_text(const struct sqz_remark *remark, const char *expected)
{
    char text[1024];
    sqz_remark_format(remark, text, sizeof text);
    assert_string_equal(text, expected);
}

static void test_places_and_order(void **state)
{
    (void)state;
    struct sqz_remarks remarks = {0};
    assert_int_equal(sqz_remarks_add(&remarks, "percent-as-number", "a.csv", 6, "volatility",
                                     "%d means %d %%", 3, 300),
                     SQZ_OK);
    assert_int_equal(sqz_remarks_add(&remarks, "far-target", NULL, 0, "target", "is far"), SQZ_OK);
    assert_int_equal(remarks.count, 2);
    check_text(&remarks.item[0], "a.csv:6: volatility: 3 means 300 %");
    check_text(&remarks.item[1], "target: is far");
    assert_ptr_equal(sqz_remarks_find(&remarks, "far-target"), &remarks.item[1]);
    assert_null(sqz_remarks_find(&remarks, "far"));
    sqz_remarks_free(&remarks);
    assert_int_equal(remarks.count, 0);
}

/* Rows of one file and column are one remark; another column, file or code is another. */
static void test_repeats_are_counted(void **state)
{
    (void)state;
    struct sqz_remarks remarks = {0};
    for (int row = 2; row < 1000; row++)
        sqz_remarks_add(&remarks, "empty-position", "p.csv", row, "quantity", "row %d", row);
    sqz_remarks_add(&remarks, "empty-position", "p.csv", 5, "entry_usd", "another column");
    sqz_remarks_add(&remarks, "empty-position", "q.csv", 5, "quantity", "another file");
    sqz_remarks_add(&remarks, "odd-position", "p.csv", 5, "quantity", "another code");
    assert_int_equal(remarks.count, 4);
    check_text(&remarks.item[0], "p.csv:2: quantity: row 2 (and 997 more)");
    sqz_remarks_free(&remarks);
}

static void test_many_kinds(void **state)
{
    (void)state;
    struct sqz_remarks remarks = {0};
    for (int i = 0; i < 50; i++) {
        char key[16];
        snprintf(key, sizeof key, "key-%d", i);
        assert_int_equal(sqz_remarks_add(&remarks, "odd", NULL, 0, key, "is odd"), SQZ_OK);
    }
    assert_int_equal(remarks.count, 50);
    check_text(&remarks.item[49], "key-49: is odd");
    sqz_remarks_free(&remarks);
}

static void test_json(void **state)
{
    (void)state;
    struct sqz_remarks remarks = {0};
    sqz_remarks_add(&remarks, "missing-bars", "k.csv", 4, "time_h", "a bar is missing");
    sqz_remarks_add(&remarks, "missing-bars", "k.csv", 9, "time_h", "a bar is missing");
    sqz_remarks_add(&remarks, "far-target", NULL, 0, "target", "is far");
    json_t *list = sqz_remarks_json(&remarks);
    json_t *expected =
        json_pack("[{s:s, s:s, s:s, s:i, s:s, s:i}, {s:s, s:s, s:s, s:i}]", "code", "missing-bars",
                  "key", "time_h", "text", "a bar is missing", "count", 2, "file", "k.csv", "line",
                  4, "code", "far-target", "key", "target", "text", "is far", "count", 1);
    assert_non_null(expected);
    assert_true(json_equal(list, expected));
    json_decref(list);
    json_decref(expected);
    sqz_remarks_free(&remarks);
}

static void test_nobody_listens(void **state)
{
    (void)state;
    assert_int_equal(sqz_remarks_add(NULL, "odd", NULL, 0, "key", "is odd"), SQZ_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_places_and_order), cmocka_unit_test(test_repeats_are_counted),
        cmocka_unit_test(test_many_kinds), cmocka_unit_test(test_json),
        cmocka_unit_test(test_nobody_listens)};
    return cmocka_run_group_tests_name("remarks", tests, NULL, NULL);
}
