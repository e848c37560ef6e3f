/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Diagnostics: what is kept, what is cut, how they read. */
#include "tests/support/support.h"

#include <string.h>

#include "sim/core/error.h"

static void check_text(const struct sqz_diag *diag, const char *expected)
{
    char text[2048];
    sqz_diag_format(diag, text, sizeof text);
    assert_string_equal(text, expected);
}

static void test_place_and_sentence(void **state)
{
    (void)state;
    struct sqz_diag diag = {.line = 99, .field = "old"};
    assert_int_equal(
        sqz_fail_at(&diag, SQZ_ERR_DATA, "map.csv", 17, "side", "'%s' is no side", "x"),
        SQZ_ERR_DATA);
    assert_int_equal(diag.code, SQZ_ERR_DATA);
    check_text(&diag, "map.csv:17: side: 'x' is no side");
    assert_int_equal(sqz_fail(&diag, SQZ_ERR_NOMEM, "no memory for %d paths", 12), SQZ_ERR_NOMEM);
    check_text(&diag, "no memory for 12 paths");
    assert_int_equal(diag.line, 0);
}

static void test_parts_that_are_not_known(void **state)
{
    (void)state;
    struct sqz_diag diag;
    sqz_fail_at(&diag, SQZ_ERR_DATA, "map.csv", 0, "side", "is missing");
    check_text(&diag, "map.csv: side: is missing");
    sqz_fail_at(&diag, SQZ_ERR_DATA, "map.csv", 3, NULL, "is empty");
    check_text(&diag, "map.csv:3: is empty");
    sqz_fail_at(&diag, SQZ_ERR_DATA, NULL, 0, "book.weights", "sum to 0.9");
    check_text(&diag, "book.weights: sum to 0.9");
}

static void test_no_diagnostic_wanted(void **state)
{
    (void)state;
    assert_int_equal(sqz_fail(NULL, SQZ_ERR_LIMIT, "%s", "x"), SQZ_ERR_LIMIT);
    assert_int_equal(sqz_fail_at(NULL, SQZ_ERR_IO, "f", 1, "g", "%s", "x"), SQZ_ERR_IO);
}

static void test_long_texts_are_cut(void **state)
{
    (void)state;
    struct sqz_diag diag;
    char wide[3000], text[20];
    memset(wide, 'w', sizeof wide - 1);
    wide[sizeof wide - 1] = '\0';
    sqz_fail_at(&diag, SQZ_ERR_DATA, wide, 1, wide, "%s", wide);
    assert_int_equal(strlen(diag.file), sizeof diag.file - 1);
    assert_int_equal(strlen(diag.field), sizeof diag.field - 1);
    assert_int_equal(strlen(diag.message), sizeof diag.message - 1);
    sqz_diag_format(&diag, text, sizeof text);
    assert_int_equal(strlen(text), sizeof text - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_place_and_sentence),
        cmocka_unit_test(test_parts_that_are_not_known),
        cmocka_unit_test(test_no_diagnostic_wanted),
        cmocka_unit_test(test_long_texts_are_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
