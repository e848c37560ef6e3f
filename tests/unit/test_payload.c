/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Payloads: JSON within bounds, one or many documents, tables; the place of what is wrong. */
#include "tests/unit/scratch.h"

#include <math.h>

#include "sim/io/output_file.h"
#include "sim/io/payload.h"

static int read_text(struct sqz_payload *payload, struct scratch *scratch, const char *text,
                     struct sqz_diag *diag)
{
    return sqz_payload_read(payload, scratch_write(scratch, "payload", text), diag);
}

static void check_refused(struct scratch *scratch, const char *text, long line, const char *message)
{
    struct sqz_payload payload;
    struct sqz_diag diag = {0};
    assert_int_equal(read_text(&payload, scratch, text, &diag), SQZ_ERR_DATA);
    check_diag(&diag, SQZ_ERR_DATA, scratch->path, line, "", message);
    sqz_payload_free(&payload);
}

static void test_documents(void **state)
{
    struct sqz_payload payload;
    struct sqz_diag diag = {0};
    assert_int_equal(read_text(&payload, *state, "\xef\xbb\xbf {\"a\": [1, \"2.5\"]}\n", &diag),
                     SQZ_OK);
    assert_int_equal(payload.documents, 1);
    double number;
    json_t *list = sqz_payload_at(payload.json, "a");
    assert_int_equal(sqz_payload_number(&payload, json_array_get(list, 1), &number, &diag, "a"),
                     SQZ_OK);
    assert_true(number == 2.5);
    assert_null(sqz_payload_at(payload.json, "a.b"));
    sqz_payload_free(&payload);
    assert_int_equal(read_text(&payload, *state, "{\"a\":1}\n\n{\"a\":2}\n{\"a\":3}", &diag),
                     SQZ_OK);
    assert_int_equal(payload.documents, 3);
    assert_int_equal(json_array_size(payload.json), 3);
    sqz_payload_free(&payload);
}

static void test_broken_json(void **state)
{
    check_refused(*state, "{\"a\": [1,\n2,\n", 3, "is not valid JSON");
    check_refused(*state, "{\"a\": 1}\n{\"a\": 1}\n{\"a\": }", 3, "is not valid JSON");
    check_refused(*state, "{\"a\": 1}\nrubbish", 2, "is not valid JSON");
    check_refused(*state, "{\"a\": 1, \"a\": 2}", 1, "duplicate object key");
    check_refused(*state, "{\"a\": \"\\u0000\"}", 1, "is not valid JSON");
    check_refused(*state, "[-1e9999]", 1, "is not valid JSON");
    check_refused(*state, "{\"a\": \"\xff\xfe\"}", 1, "is not valid JSON");
    check_refused(*state, "", 0, "is empty");
}

/* A bracket in a string is none, also behind a quote that is escaped. */
static void test_depth(void **state)
{
    struct scratch *scratch = *state;
    struct sqz_payload payload;
    struct sqz_diag diag = {0};
    char text[512] = "[\"";
    memset(text + 2, '[', 300);
    memcpy(text + 302, "\\\"", 2);
    memset(text + 304, '[', 100);
    strcpy(text + 404, "\"]");
    assert_int_equal(read_text(&payload, scratch, text, &diag), SQZ_OK);
    sqz_payload_free(&payload);
    memset(text, '\n', 3);
    memset(text + 3, '[', 64);
    memset(text + 67, ']', 64);
    text[131] = '\0';
    assert_int_equal(read_text(&payload, scratch, text, &diag), SQZ_OK);
    sqz_payload_free(&payload);
    memset(text + 3, '[', 65);
    check_refused(scratch, text, 4, "nested more than 64 deep");
}

static void test_numbers(void **state)
{
    struct sqz_payload payload;
    struct sqz_diag diag = {0};
    double number;
    static const char *const WRONG[] = {"\"NaN\"",    "\"inf\"", "\"0x1f\"", "\"1e999\"", "\"\"",
                                        "\"12 usd\"", "null",    "true",     "{}"};
    for (size_t i = 0; i < sizeof WRONG / sizeof WRONG[0]; i++) {
        char text[64];
        snprintf(text, sizeof text, "[%s]", WRONG[i]);
        assert_int_equal(read_text(&payload, *state, text, &diag), SQZ_OK);
        assert_int_equal(sqz_payload_number(&payload, json_array_get(payload.json, 0), &number,
                                            &diag, "x[%d]", 7),
                         SQZ_ERR_DATA);
        assert_string_equal(diag.field, "x[7]");
        sqz_payload_free(&payload);
    }
    assert_int_equal(read_text(&payload, *state, "[123456789012345678901234567890]", &diag),
                     SQZ_OK);
    assert_int_equal(
        sqz_payload_number(&payload, json_array_get(payload.json, 0), &number, &diag, "x"), SQZ_OK);
    assert_true(number == 123456789012345678901234567890.0);
    assert_int_equal(
        sqz_payload_number(&payload, json_array_get(payload.json, 1), &number, &diag, "x"),
        SQZ_ERR_DATA);
    sqz_payload_free(&payload);
}

static void test_tables(void **state)
{
    struct sqz_payload payload;
    struct sqz_diag diag = {0};
    assert_int_equal(read_text(&payload, *state, "Mark Price;b\n1;\"x;y\"\n\n3;\n", &diag), SQZ_OK);
    assert_null(payload.json);
    assert_int_equal(payload.rows, 3);
    assert_int_equal(sqz_payload_column(&payload, "mark_price"), 0);
    assert_int_equal(sqz_payload_column(&payload, "mark_prices"), SQZ_CSV_ABSENT);
    struct sqz_csv_row row = sqz_payload_row(&payload, 1), last = sqz_payload_row(&payload, 2);
    assert_string_equal(row.field[1], "x;y");
    assert_true(last.line == 4 && last.count == 2 && strcmp(last.field[1], "") == 0);
    sqz_payload_free(&payload);
}

static void test_output_file(void **state)
{
    struct scratch *scratch = *state;
    struct sqz_output_file output;
    struct sqz_diag diag = {0};
    char path[200];
    snprintf(path, sizeof path, "%s/out.csv", scratch->folder);
    assert_int_equal(sqz_output_file_open(&output, path, false, &diag), SQZ_OK);
    assert_int_equal(access(path, F_OK), -1); /* not before it is whole */
    fputs("a\n", output.file);
    assert_int_equal(sqz_output_file_commit(&output, &diag), SQZ_OK);
    assert_int_equal(access(path, R_OK), 0);
    assert_int_equal(sqz_output_file_open(&output, path, false, &diag), SQZ_ERR_IO);
    sqz_output_file_discard(&output);
    assert_int_equal(sqz_output_file_open(&output, path, true, &diag), SQZ_OK);
    char *staging = strdup(output.staging);
    sqz_output_file_discard(&output);
    sqz_output_file_discard(&output);
    assert_int_equal(access(staging, F_OK), -1);
    free(staging);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_documents, scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(test_broken_json, scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(test_depth, scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(test_numbers, scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(test_tables, scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(test_output_file, scratch_setup, scratch_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
