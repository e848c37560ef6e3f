/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Recorded prices from CSV: bars, gaps, every refusal with its line. */
#include "tests/unit/scratch.h"

#include <math.h>

#include "sim/io/record.h"

#define HEADER "time,open_usd,high_usd,low_usd,close_usd"

static int read_text(struct scratch *scratch, struct sqz_record *record, const char *text,
                     struct sqz_remarks *remarks, struct sqz_diag *diag)
{
    return sqz_record_read(record, scratch_write(scratch, "bars.csv", text), remarks, diag);
}

static void test_bars(void **state)
{
    struct sqz_record record;
    struct sqz_diag diag = {0};
    int error = read_text(*state, &record,
                          HEADER ",volume_usd,open_interest_usd,taker_buy_usd,funding,"
                                 "liquidated_short_usd,liquidated_long_usd\n"
                                 "2025-10-10T21:01Z,114571.7,114878.6,114561.5,114793.0,99.441M,"
                                 "8.2bn,56.834M,-0.0001,12k,3.5M\n"
                                 "2025-10-10T21:02Z,114793.1,114911.0,114624.5,114685.6,,,,,,\n",
                          NULL, &diag);
    assert_int_equal(error, SQZ_OK);
    assert_int_equal(record.count, 2);
    const struct sqz_bar *bar = record.bar;
    assert_true(bar[0].time_s == 1760130060.0 && bar[1].time_s == 1760130120.0);
    assert_true(bar[0].open_usd == 114571.7 && bar[0].high_usd == 114878.6);
    assert_true(bar[0].low_usd == 114561.5 && bar[0].close_usd == 114793.0);
    check_near("volume", bar[0].volume_usd, 99.441e6, 1e-6);
    check_near("bought by takers", bar[0].taker_buy_usd, 56.834e6, 1e-6);
    check_near("open interest", bar[0].open_interest_usd, 8.2e9, 1e-5);
    assert_true(bar[0].funding == -0.0001);
    assert_true(bar[0].liquidated_usd[SQZ_UP] == 12e3 && bar[0].liquidated_usd[SQZ_DOWN] == 3.5e6);
    assert_true(isnan(bar[1].volume_usd) && isnan(bar[1].open_interest_usd));
    assert_true(record.step_s == 60.0 && record.gaps == 0);
    sqz_record_free(&record);
}

/* As exchanges' files name them, in seconds, in another order of the columns. */
static void test_other_names(void **state)
{
    struct sqz_record record;
    struct sqz_diag diag = {0};
    assert_int_equal(read_text(*state, &record,
                               "close,High,low,open,timestamp\n"
                               "101.5,102,99,100,1760130060000\n"
                               "103,104,101,101.5,1760130360000\n",
                               NULL, &diag),
                     SQZ_OK);
    assert_true(record.bar[1].close_usd == 103 && record.step_s == 300.0);
    sqz_record_free(&record);
}

/* Two bars are missing after minute 2, two after minute 6. */
static void test_gaps_are_counted_and_end_a_stretch(void **state)
{
    static const int MINUTE[] = {0, 1, 2, 5, 6, 9, 10, 11};
    struct sqz_record record;
    struct sqz_remarks remarks = {0};
    struct sqz_diag diag = {0};
    char text[2000];
    size_t used = (size_t)sprintf(text, HEADER "\n");
    for (size_t i = 0; i < sizeof MINUTE / sizeof *MINUTE; i++)
        used += (size_t)sprintf(text + used, "%d,100,101,99,100\n", 1700000000 + 60 * MINUTE[i]);
    assert_int_equal(read_text(*state, &record, text, &remarks, &diag), SQZ_OK);
    assert_int_equal(record.gaps, 2);
    assert_int_equal(record.missing, 4);
    assert_non_null(sqz_remarks_find(&remarks, "missing-bars"));
    assert_int_equal(sqz_record_at(&record, 1700000000), 0);
    assert_int_equal(sqz_record_at(&record, 1700000001), 1);
    assert_int_equal(sqz_record_at(&record, 1700000000 + 60 * 4), 3);
    assert_int_equal(sqz_record_at(&record, 1700000000 + 60 * 12), 8);
    assert_int_equal(sqz_record_stretch(&record, 0, INFINITY), 3);
    assert_int_equal(sqz_record_stretch(&record, 0, 1700000000 + 60 * 2), 2);
    assert_int_equal(sqz_record_stretch(&record, 3, INFINITY), 5);
    assert_int_equal(sqz_record_stretch(&record, 5, INFINITY), 8);
    sqz_remarks_free(&remarks);
    sqz_record_free(&record);
}

static void test_refusals(void **state)
{
    static const struct {
        const char *rows, *field, *message;
        long line;
    } WRONG[] = {
        {"yesterday,1,1,1,1\n", "time", "is not a time", 2},
        {"120,1,1,1,1\n60,1,1,1,1\n", "time", "ascend", 3},
        {"120,1,1,1,1\n120,1,1,1,1\n", "time", "one bar for a time", 3},
        {"60,100,99,98,98.5\n", "high_usd", "its highest", 2},
        {"60,100,101,100.5,100.7\n", "low_usd", "its lowest", 2},
        {"60,0,1,1,1\n", "open_usd", "above 0", 2},
        {"60,1,1,nan,1\n", "low_usd", "'nan'", 2},
        {"60,1,1,1\n", "", "expected 5", 2},
        {"60,1,1,1,1\n", "", "one bar", 0},
        {"", "", "no bars", 0},
    };
    for (size_t i = 0; i < sizeof WRONG / sizeof *WRONG; i++) {
        struct sqz_record record;
        struct sqz_diag diag = {0};
        char text[500];
        snprintf(text, sizeof text, HEADER "\n%s", WRONG[i].rows);
        assert_int_equal(read_text(*state, &record, text, NULL, &diag), SQZ_ERR_DATA);
        assert_int_equal(diag.line, WRONG[i].line);
        assert_string_equal(diag.field, WRONG[i].field);
        if (strstr(diag.message, WRONG[i].message) == NULL)
            fail_msg("'%s' does not say '%s'", diag.message, WRONG[i].message);
        sqz_record_free(&record);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_bars, scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(test_other_names, scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(test_gaps_are_counted_and_end_a_stretch, scratch_setup,
                                        scratch_teardown),
        cmocka_unit_test_setup_teardown(test_refusals, scratch_setup, scratch_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
