/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Times in files: the calendar against the C library's, and all forms of one moment. */
#include <math.h>
#include <time.h>

#include "sim/io/clock.h"
#include "tests/support/support.h"

/* Days all over four centuries: the leap years among them are the library's. */
static void test_dates_agree_with_the_library(void **state)
{
    (void)state;
    for (long day = -47847; day < 110000; day += 11) {
        char text[SQZ_CLOCK_TEXT_SIZE], expected[64];
        time_t time_s = (time_t)day * 86400 + (day & 1023) * 83;
        struct tm civil;
        double parsed;
        gmtime_r(&time_s, &civil);
        strftime(expected, sizeof expected, "%Y-%m-%dT%H:%M:%SZ", &civil);
        assert_string_equal(sqz_clock_format(text, (double)time_s), expected);
        assert_true(sqz_clock_parse(expected, &parsed));
        assert_true(parsed == (double)time_s);
    }
}

static void test_forms_of_one_time(void **state)
{
    (void)state;
    static const char *const FORM[] = {"2025-10-10T21:01:00Z",
                                       "2025-10-10T21:01Z",
                                       "2025-10-10 21:01",
                                       "2025-10-10 21:01:00 UTC",
                                       "2025-10-10T23:01:00+02:00",
                                       "2025-10-10T16:01:00-0500",
                                       "2025-10-10t21:01:00.000z",
                                       "2025-10-11T02:31+05:30",
                                       "1760130060",
                                       "1760130060000",
                                       "1760130060000000",
                                       "1.76013006e9"};
    for (size_t i = 0; i < sizeof FORM / sizeof *FORM; i++) {
        double time_s = NAN;
        if (!sqz_clock_parse(FORM[i], &time_s))
            fail_msg("'%s' is no time", FORM[i]);
        assert_true(fabs(time_s - 1760130060.0) < 1e-6);
    }
}

static void test_what_is_no_time(void **state)
{
    (void)state;
    static const char *const WRONG[] = {"",
                                        "2025-13-10",
                                        "2025-02-29T00:00Z",
                                        "yesterday",
                                        "2025-10-10T24:01",
                                        "2025-10-10T21:60Z",
                                        "10/10/2025",
                                        "2025-10-10T21:01X",
                                        "2025-10-10T21",
                                        "nan",
                                        "inf",
                                        "-5",
                                        "1e400",
                                        "2025-10-10T21:01:00.Z"};
    for (size_t i = 0; i < sizeof WRONG / sizeof *WRONG; i++) {
        double time_s;
        if (sqz_clock_parse(WRONG[i], &time_s))
            fail_msg("'%s' is read as %.17g", WRONG[i], time_s);
    }
}

static void test_parts_of_a_second(void **state)
{
    (void)state;
    char text[SQZ_CLOCK_TEXT_SIZE];
    double time_s;
    assert_true(sqz_clock_parse("2024-08-08T23:59:59.250Z", &time_s));
    assert_string_equal(sqz_clock_format(text, time_s), "2024-08-08T23:59:59.250Z");
    assert_string_equal(sqz_clock_format(text, time_s + 0.7499), "2024-08-09T00:00:00Z");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dates_agree_with_the_library),
        cmocka_unit_test(test_forms_of_one_time),
        cmocka_unit_test(test_what_is_no_time),
        cmocka_unit_test(test_parts_of_a_second),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
