/* Numbers with units: every dimension, suffixes, splitting, every refusal. */
#include "tests/support/support.h"

#include <math.h>
#include <string.h>

#include "sim/io/nearest.h"
#include "sim/io/units.h"

static void test_every_unit(void **state)
{
    (void)state;
    static const struct {
        enum sqz_dimension dimension;
        const char *unit;
        double inside;
    } UNIT[] = {
        {SQZ_DIM_NUMBER, "1", 1},
        {SQZ_DIM_NUMBER, "%", 0.01},
        {SQZ_DIM_USD, "usd", 1},
        {SQZ_DIM_TIME, "s", 1},
        {SQZ_DIM_TIME, "min", 60},
        {SQZ_DIM_TIME, "h", 3600},
        {SQZ_DIM_TIME, "d", 86400},
        {SQZ_DIM_RATE, "1/s", 1},
        {SQZ_DIM_RATE, "1/min", 1 / 60.0},
        {SQZ_DIM_RATE, "1/h", 1 / 3600.0},
        {SQZ_DIM_RATE, "1/d", 1 / 86400.0},
        {SQZ_DIM_RATE, "1/yr", 1 / (365 * 86400.0)},
        {SQZ_DIM_VOLATILITY, "1/sqrt(s)", 1},
        {SQZ_DIM_VOLATILITY, "1/sqrt(min)", 0.12909944487358056},
        {SQZ_DIM_VOLATILITY, "1/sqrt(h)", 1 / 60.0},
        {SQZ_DIM_VOLATILITY, "1/sqrt(d)", 0.0034020690871988585},
        {SQZ_DIM_VOLATILITY, "1/sqrt(yr)", 0.00017807243465445342},
        {SQZ_DIM_LOG, "bp", 1e-4},
        {SQZ_DIM_USD_RATE, "usd/s", 1},
    };
    for (size_t i = 0; i < sizeof UNIT / sizeof UNIT[0]; i++) {
        double value = NAN, expected = 2.385 * UNIT[i].inside;
        struct sqz_diag diag = {0};
        assert_int_equal(
            sqz_units_parse("2.385", UNIT[i].unit, "", UNIT[i].dimension, &value, &diag), SQZ_OK);
        check_near(UNIT[i].unit, value, expected, 4e-16 * expected);
        check_near("factor", sqz_units_factor(UNIT[i].dimension, UNIT[i].unit), UNIT[i].inside,
                   4e-16 * UNIT[i].inside);
    }
}

static double parse(const char *text, const char *unit, const char *standard,
                    enum sqz_dimension dimension)
{
    double value = NAN;
    struct sqz_diag diag = {0};
    if (sqz_units_parse(text, unit, standard, dimension, &value, &diag) != SQZ_OK)
        fail_msg("'%s': %s", text, diag.message);
    return value;
}

static void test_missing_unit_takes_standard(void **state)
{
    (void)state;
    check_near("h", parse("2.5", "", "h", SQZ_DIM_TIME), 9000, 0);
    check_near("min over h", parse("2.5", "min", "h", SQZ_DIM_TIME), 150, 0);
}

static void test_amounts_take_suffixes(void **state)
{
    (void)state;
    check_near("k", parse("14.25k", "usd", "usd", SQZ_DIM_USD), 14250, 0);
    check_near("M", parse("14.25M", "", "usd", SQZ_DIM_USD), 14250000, 0);
    check_near("B", parse("1.425B", "", "usd", SQZ_DIM_USD), 1.425e9, 0);
    check_near("M usd/s", parse("2.5M", "", "usd/s", SQZ_DIM_USD_RATE), 2.5e6, 0);
}

static void test_forms_of_numbers(void **state)
{
    (void)state;
    check_near("exponent", parse("-1.5e-3", "", "1", SQZ_DIM_NUMBER), -0.0015, 0);
    check_near("no leading zero", parse(".25", "%", "1", SQZ_DIM_NUMBER), 0.0025, 1e-18);
    assert_true(parse("inf", "s", "s", SQZ_DIM_TIME) == INFINITY);
    assert_true(parse("-inf", "", "1", SQZ_DIM_NUMBER) == -INFINITY);
}

static void check_refusal(const char *text, const char *unit, enum sqz_dimension dimension,
                          const char *message)
{
    double value = 2.385;
    struct sqz_diag diag = {0};
    assert_int_equal(sqz_units_parse(text, unit, "1", dimension, &value, &diag), SQZ_ERR_DATA);
    assert_int_equal(diag.code, SQZ_ERR_DATA);
    if (strcmp(diag.message, message) != 0)
        fail_msg("'%s' instead of '%s'", diag.message, message);
    assert_true(diag.file[0] == '\0' && diag.field[0] == '\0' && diag.line == 0);
}

static void test_refusals(void **state)
{
    (void)state;
    check_refusal("", "1", SQZ_DIM_NUMBER, "'' is not a number");
    check_refusal("three", "1", SQZ_DIM_NUMBER, "'three' is not a number");
    check_refusal("0x1F", "1", SQZ_DIM_NUMBER, "'0x1F' is not a number");
    check_refusal("nan", "1", SQZ_DIM_NUMBER, "'nan' is not a number; expected a finite one");
    check_refusal("30d", "s", SQZ_DIM_TIME,
                  "'30d' is not a number; the unit belongs in the unit column");
    check_refusal("3M", "1", SQZ_DIM_NUMBER,
                  "'3M' is not a number; the unit belongs in the unit column");
    check_refusal("3Mk", "usd", SQZ_DIM_USD,
                  "'3Mk' is not a number; expected digits, then k, M, B or nothing");
    check_refusal("3 M", "usd", SQZ_DIM_USD,
                  "'3 M' is not a number; expected digits, then k, M, B or nothing");
    check_refusal("3", "weeks", SQZ_DIM_TIME, "unit 'weeks' does not fit; expected s, min, h, d");
    check_refusal("3", "eur", SQZ_DIM_USD, "unit 'eur' does not fit; expected usd");
    check_refusal("3", "s", SQZ_DIM_RATE,
                  "unit 's' does not fit; expected 1/s, 1/min, 1/h, 1/d, 1/yr");
}

static void test_factor_of_foreign_units(void **state)
{
    (void)state;
    assert_true(sqz_units_factor(SQZ_DIM_TIME, "usd") == 0.0);
    assert_true(sqz_units_factor(SQZ_DIM_TIME, "") == 0.0);
    assert_true(sqz_units_factor(SQZ_DIM_NONE, "1") == 0.0);
}

static void test_split(void **state)
{
    (void)state;
    static const struct {
        const char *text, *value, *unit;
    } CASE[] = {
        {"30d", "30", "d"},
        {"30 d", "30", "d"},
        {"0.025 1/sqrt(d)", "0.025", "1/sqrt(d)"},
        {"50M usd/s", "50M", "usd/s"},
        {"50Musd", "50M", "usd"},
        {"2.5e-3", "2.5e-3", ""},
        {"35%", "35", "%"},
        {"20;900 s", "20;900", "s"},
        {"20;900;inf h", "20;900;inf", "h"},
        {"0.7;0.3", "0.7;0.3", ""},
        {"inf", "inf", ""},
        {"-1.5e3min", "-1.5e3", "min"},
        {"table", "table", ""},
        {"", "", ""},
        {"20;", "20;", ""},
    };
    for (size_t i = 0; i < sizeof CASE / sizeof CASE[0]; i++) {
        char value[32], unit[32];
        sqz_units_split(CASE[i].text, value, unit, sizeof value);
        assert_string_equal(value, CASE[i].value);
        assert_string_equal(unit, CASE[i].unit);
    }
}

static void test_split_keeps_to_the_buffers(void **state)
{
    (void)state;
    char value[8], unit[8];
    memset(value, 0x55, sizeof value);
    memset(unit, 0x55, sizeof unit);
    sqz_units_split("1234567890 abcdefghij", value, unit, 5);
    assert_string_equal(value, "1234");
    assert_string_equal(unit, "abcd");
    assert_int_equal(value[5], 0x55);
    assert_int_equal(unit[5], 0x55);
}

/* ---- nearest names ------------------------------------------------------------------------- */

static void check_hint(const char *wrong, const char *const *known, const char *expected)
{
    struct sqz_nearest nearest = sqz_nearest_begin(wrong);
    for (; *known != NULL; known++)
        sqz_nearest_offer(&nearest, *known);
    assert_string_equal(sqz_nearest_hint(&nearest, ""), expected);
}

static void test_nearest_name(void **state)
{
    (void)state;
    static const char *const KEYS[] = {"price", "horizon", "volatility", "drift", NULL};
    check_hint("volatilty", KEYS, "; did you mean 'volatility'?");
    check_hint("dirft", KEYS, "; did you mean 'drift'?");
    check_hint("pric", KEYS, "; did you mean 'price'?");
    check_hint("leverage", KEYS, "");
    check_hint("x", KEYS, "");
    check_hint("price", (const char *const[]){NULL}, "");
}

/* Of two equally near the first offered wins; nearer ones win over it. */
static void test_nearest_of_several(void **state)
{
    (void)state;
    check_hint("bock", (const char *const[]){"rock", "book", "back", NULL},
               "; did you mean 'rock'?");
    check_hint("levls", (const char *const[]){"levels.scale", "lels", "levels", NULL},
               "; did you mean 'lels'?");
    check_hint("leevels", (const char *const[]){"lels", "levels", NULL},
               "; did you mean 'levels'?");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_unit),
        cmocka_unit_test(test_missing_unit_takes_standard),
        cmocka_unit_test(test_amounts_take_suffixes),
        cmocka_unit_test(test_forms_of_numbers),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_factor_of_foreign_units),
        cmocka_unit_test(test_split),
        cmocka_unit_test(test_split_keeps_to_the_buffers),
        cmocka_unit_test(test_nearest_name),
        cmocka_unit_test(test_nearest_of_several),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
