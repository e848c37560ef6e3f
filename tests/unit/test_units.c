/* SPDX-License-Identifier: GPL-3.0-or-later */
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
        {SQZ_DIM_TIME, "w", 7 * 86400},
        {SQZ_DIM_TIME, "ms", 1e-3},
        {SQZ_DIM_TIME, "m", 60},
        {SQZ_DIM_TIME, "H", 3600},
        {SQZ_DIM_USD, "USD", 1},
        {SQZ_DIM_PRICE, "Usd", 1},
        {SQZ_DIM_LOG, "%", 0.01},
        {SQZ_DIM_RATE, "%/d", 0.01 / 86400},
        {SQZ_DIM_RATE, "1/D", 1 / 86400.0},
        {SQZ_DIM_VOLATILITY, "%/sqrt(d)", 0.000034020690871988585},
        {SQZ_DIM_VOLATILITY, "% / Sqrt(yr)", 0.0000017807243465445342},
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

static double parse(const char *text, const char *unit, const char *default_text,
                    enum sqz_dimension dimension)
{
    double value = NAN;
    struct sqz_diag diag = {0};
    if (sqz_units_parse(text, unit, default_text, dimension, &value, &diag) != SQZ_OK)
        fail_msg("'%s': %s", text, diag.message);
    return value;
}

static void test_missing_unit_takes_the_default(void **state)
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
    check_near("K", parse("14.25K", "usd", "usd", SQZ_DIM_USD), 14250, 0);
    check_near("b", parse("1.425b", "", "usd", SQZ_DIM_USD), 1.425e9, 0);
    check_near("bn", parse("1.425bn", "", "usd", SQZ_DIM_USD), 1.425e9, 0);
    check_near("Bn", parse("1.425 Bn ", "", "usd", SQZ_DIM_PRICE), 1.425e9, 0);
    check_near("blank", parse(" 30.0 M", "usd", "usd", SQZ_DIM_USD), 30e6, 0);
}

static void test_forms_of_numbers(void **state)
{
    (void)state;
    check_near("exponent", parse("-1.5e-3", "", "1", SQZ_DIM_NUMBER), -0.0015, 0);
    check_near("no leading zero", parse(".25", "%", "1", SQZ_DIM_NUMBER), 0.0025, 1e-18);
    assert_true(parse("inf", "s", "s", SQZ_DIM_TIME) == INFINITY);
    assert_true(parse("-inf", "", "1", SQZ_DIM_NUMBER) == -INFINITY);
    check_near("thousands", parse("84,178.9", "", "usd", SQZ_DIM_USD), 84178.9, 0);
    check_near("millions", parse("-1,400,000", "", "usd", SQZ_DIM_USD), -1.4e6, 0);
    check_near("and exponent", parse("1,400e3", "", "1", SQZ_DIM_NUMBER), 1.4e6, 0);
    check_near("and suffix", parse("+1,400.5k", "", "usd", SQZ_DIM_USD), 1400500, 0);
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
                  "'3Mk' is not a number; expected digits, then k, M, B, bn or nothing");
    check_refusal("3", "weeks", SQZ_DIM_TIME,
                  "unit 'weeks' does not fit; expected s, min, h, d, w, ms");
    check_refusal("3", "M", SQZ_DIM_TIME,
                  "unit 'M' does not fit; expected s, min, h, d, w, ms (a minute is min or m)");
    check_refusal("3", "m", SQZ_DIM_USD, "unit 'm' does not fit; expected usd (a million is M)");
    check_refusal("3", "%", SQZ_DIM_PRICE, "unit '%' does not fit; expected usd");
    check_refusal("3", "eur", SQZ_DIM_USD, "unit 'eur' does not fit; expected usd");
    check_refusal("3", "s", SQZ_DIM_RATE,
                  "unit 's' does not fit; expected 1/s, 1/min, 1/h, 1/d, 1/yr");
}

/* A lone comma is never a decimal point, and groups are of three digits. */
static void test_commas_that_separate_no_thousands(void **state)
{
    (void)state;
    static const char *const TEXT[] = {"0,03",     "3,5",      "1,40",    "1,4000",
                                       "1400,000", "0,400",    "1,400,",  "1,,400",
                                       "1.5,000",  "1,400,00", "1,400,0", "1,400.5,5"};
    for (size_t i = 0; i < sizeof TEXT / sizeof TEXT[0]; i++) {
        char message[200], value[32], unit[32];
        snprintf(message, sizeof message,
                 "'%s' has a comma where none sets thousands apart; expected a decimal point, or "
                 "1,234.5",
                 TEXT[i]);
        check_refusal(TEXT[i], "usd", SQZ_DIM_USD, message);
        sqz_units_split(TEXT[i], SQZ_DIM_USD, value, unit, sizeof value);
        assert_string_equal(value, TEXT[i]);
        assert_string_equal(unit, "");
    }
}

static void test_counts(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        double count;
    } COUNT[] = {{"1e4", 1e4}, {"10k", 1e4},    {"4.35k", 4350}, {"1.001K", 1001}, {"2 M", 2e6},
                 {"1bn", 1e9}, {"10,000", 1e4}, {"0", 0},        {"2.3M", 2.3e6},  {"1e15", 1e15}};
    static const char *const NONE[] = {"",     "k",     "1.5",   "1e-3", "-1k",
                                       "+1k",  " 1k",   "inf",   "nan",  "10x",
                                       "0x10", "1,00k", "1e999", "1k2",  "1.0001k"};
    double count = 0;
    for (size_t i = 0; i < sizeof COUNT / sizeof COUNT[0]; i++) {
        assert_true(sqz_units_count(COUNT[i].text, &count));
        check_near(COUNT[i].text, count, COUNT[i].count, 0);
    }
    for (size_t i = 0; i < sizeof NONE / sizeof NONE[0]; i++)
        if (sqz_units_count(NONE[i], &count))
            fail_msg("'%s' is a count", NONE[i]);
}

/* Amounts, prices, shares and durations as sim/cli/text.c prints them come back as they are. */
static void test_what_is_printed_can_be_read(void **state)
{
    (void)state;
    static const struct {
        enum sqz_dimension dimension;
        const char *text;
        double inside;
    } PRINTED[] = {{SQZ_DIM_USD, "1.40 bn", 1.4e9},     {SQZ_DIM_USD, "30.0 M", 3e7},
                   {SQZ_DIM_USD, "-27.8 k", -27800},    {SQZ_DIM_USD, "1.40 bn usd", 1.4e9},
                   {SQZ_DIM_USD, "843", 843},           {SQZ_DIM_USD, "1.23e+15", 1.23e15},
                   {SQZ_DIM_PRICE, "84,179", 84179},    {SQZ_DIM_PRICE, "9,184.50 usd", 9184.5},
                   {SQZ_DIM_PRICE, "1.5e-07", 1.5e-7},  {SQZ_DIM_NUMBER, "23.71 %", 0.2371},
                   {SQZ_DIM_NUMBER, "0.05 %", 0.0005},  {SQZ_DIM_TIME, "90 s", 90},
                   {SQZ_DIM_TIME, "119 min", 119 * 60}, {SQZ_DIM_TIME, "11.2 d", 11.2 * 86400},
                   {SQZ_DIM_TIME, "70.5 h", 253800},    {SQZ_DIM_VOLATILITY, "3 %/sqrt(s)", 0.03}};
    for (size_t i = 0; i < sizeof PRINTED / sizeof PRINTED[0]; i++) {
        double value = NAN;
        struct sqz_diag diag = {0};
        static const char *const STANDARD[] = {[SQZ_DIM_USD] = "usd",
                                               [SQZ_DIM_PRICE] = "usd",
                                               [SQZ_DIM_NUMBER] = "1",
                                               [SQZ_DIM_TIME] = "s",
                                               [SQZ_DIM_VOLATILITY] = "1/sqrt(d)"};
        if (sqz_units_read(PRINTED[i].text, STANDARD[PRINTED[i].dimension], PRINTED[i].dimension,
                           &value, &diag) != SQZ_OK)
            fail_msg("'%s': %s", PRINTED[i].text, diag.message);
        check_near(PRINTED[i].text, value, PRINTED[i].inside, 2e-16 * fabs(PRINTED[i].inside));
    }
}

/* A % without a time is of the unit that the number would have without it. */
static void test_bare_percent(void **state)
{
    (void)state;
    static const struct {
        enum sqz_dimension dimension;
        const char *base, *completed;
    } CASE[] = {{SQZ_DIM_VOLATILITY, "1/sqrt(yr)", "%/sqrt(yr)"},
                {SQZ_DIM_VOLATILITY, "%/sqrt(d)", "%/sqrt(d)"},
                {SQZ_DIM_RATE, "1/h", "%/h"},
                {SQZ_DIM_NUMBER, "1", "%"},
                {SQZ_DIM_LOG, "bp", "%"},
                {SQZ_DIM_USD_RATE, "usd/s", "%"}};
    for (size_t i = 0; i < sizeof CASE / sizeof CASE[0]; i++) {
        char unit[SQZ_UNIT_SIZE] = "%";
        sqz_units_complete(CASE[i].dimension, CASE[i].base, unit);
        assert_string_equal(unit, CASE[i].completed);
    }
    double value = NAN;
    assert_int_equal(sqz_units_read("4%", "1/sqrt(s)", SQZ_DIM_VOLATILITY, &value, NULL), SQZ_OK);
    check_near("4 % per root second", value, 0.04, 0);
}

static void test_names_of_units(void **state)
{
    (void)state;
    static const struct {
        enum sqz_dimension dimension;
        const char *written, *name;
    } CASE[] = {{SQZ_DIM_TIME, "m", "min"},
                {SQZ_DIM_TIME, "MS", "ms"},
                {SQZ_DIM_USD_RATE, "USD / s", "usd/s"},
                {SQZ_DIM_VOLATILITY, "%/SQRT(YR)", "%/sqrt(yr)"},
                {SQZ_DIM_PRICE, "USD", "usd"}};
    char name[SQZ_UNIT_SIZE];
    for (size_t i = 0; i < sizeof CASE / sizeof CASE[0]; i++) {
        assert_true(sqz_units_name(CASE[i].dimension, CASE[i].written, name));
        assert_string_equal(name, CASE[i].name);
    }
    strcpy(name, "as it was");
    assert_false(sqz_units_name(SQZ_DIM_TIME, "M", name));
    assert_false(sqz_units_name(SQZ_DIM_NUMBER, "%/d", name));
    assert_false(sqz_units_name(SQZ_DIM_TIME, "a unit that is longer than any there is", name));
    assert_string_equal(name, "as it was");
}

static void test_product_keeps_what_follows(void **state)
{
    (void)state;
    static const struct {
        const char *text, *product;
    } CASE[] = {
        {"300M", "600M"}, {"30.5 M", "61 M"}, {"1,400,000", "2800000"}, {"-1e3 s", "-2000 s"}};
    for (size_t i = 0; i < sizeof CASE / sizeof CASE[0]; i++) {
        char product[32];
        sqz_units_multiply(CASE[i].text, 2, product, sizeof product);
        assert_string_equal(product, CASE[i].product);
    }
}

/* Any text of the letters that the grammar knows: no crash, no NaN, and what is split is whole. */
static void test_random_texts(void **state)
{
    (void)state;
    static const char LETTERS[] = "0123456789.,;eE+-kMBbn%/ 1smhdwuinfaxX(_'\xc3\xa9",
                      *end = LETTERS + sizeof LETTERS - 1;
    uint64_t draw = 88172645463325252;
    for (int i = 0; i < 400000; i++) {
        char text[24], value[sizeof text], unit[sizeof text];
        size_t length = 0, wanted = (size_t)(i % 23);
        for (; length < wanted; length++) { /* Marsaglia's xorshift */
            draw ^= draw << 13;
            draw ^= draw >> 7;
            draw ^= draw << 17;
            text[length] = LETTERS[draw % (uint64_t)(end - LETTERS)];
        }
        text[length] = '\0';
        enum sqz_dimension dimension = (enum sqz_dimension)(SQZ_DIM_NUMBER + i % 8);
        double number = 0, count = 0;
        if (sqz_units_read(text, i % 2 ? "1" : "usd", dimension, &number, NULL) == SQZ_OK)
            assert_false(isnan(number));
        if (sqz_units_count(text, &count))
            assert_true(isfinite(count) && count >= 0 && count == floor(count));
        sqz_units_split(text, dimension, value, unit, sizeof value);
        assert_true(strncmp(text, value, strlen(value)) == 0);
        assert_string_equal(text + length - strlen(unit), unit);
    }
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
        enum sqz_dimension dimension;
        const char *text, *value, *unit;
    } CASE[] = {
        {SQZ_DIM_TIME, "30d", "30", "d"},
        {SQZ_DIM_TIME, "30 d", "30", "d"},
        {SQZ_DIM_TIME, "500ms", "500", "ms"},
        {SQZ_DIM_TIME, "3k", "3", "k"},
        {SQZ_DIM_LOG, "25bp", "25", "bp"},
        {SQZ_DIM_VOLATILITY, "0.025 1/sqrt(d)", "0.025", "1/sqrt(d)"},
        {SQZ_DIM_VOLATILITY, "65 % / sqrt(yr)", "65", "% / sqrt(yr)"},
        {SQZ_DIM_USD_RATE, "50M usd/s", "50M", "usd/s"},
        {SQZ_DIM_USD, "50Musd", "50M", "usd"},
        {SQZ_DIM_USD, "50bnUSD", "50bn", "USD"},
        {SQZ_DIM_USD, "1.40 bn", "1.40 bn", ""},
        {SQZ_DIM_USD, "5 billion", "5", "billion"},
        {SQZ_DIM_USD, "84,178.9 usd", "84,178.9", "usd"},
        {SQZ_DIM_PRICE, "+10%", "+10", "%"},
        {SQZ_DIM_NUMBER, "2.5e-3", "2.5e-3", ""},
        {SQZ_DIM_NUMBER, "35%", "35", "%"},
        {SQZ_DIM_TIME, "20;900 s", "20;900", "s"},
        {SQZ_DIM_TIME, "20 ; 900 s", "20 ; 900", "s"},
        {SQZ_DIM_TIME, "20;900;inf h", "20;900;inf", "h"},
        {SQZ_DIM_NUMBER, "0.7;0.3", "0.7;0.3", ""},
        {SQZ_DIM_TIME, "inf", "inf", ""},
        {SQZ_DIM_TIME, "-1.5e3min", "-1.5e3", "min"},
        {SQZ_DIM_TIME, "table", "table", ""},
        {SQZ_DIM_TIME, "", "", ""},
        {SQZ_DIM_TIME, "20;", "20;", ""},
        {SQZ_DIM_TIME, "20;x", "20;x", ""},
        {SQZ_DIM_TIME, "1 000", "1 000", ""},
        {SQZ_DIM_TIME, "1_000", "1_000", ""},
    };
    for (size_t i = 0; i < sizeof CASE / sizeof CASE[0]; i++) {
        char value[32], unit[32];
        sqz_units_split(CASE[i].text, CASE[i].dimension, value, unit, sizeof value);
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
    sqz_units_split("1234567890 abcdefghij", SQZ_DIM_TIME, value, unit, 5);
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
    check_hint("PRICE", KEYS, "; did you mean 'price'?");
    check_hint("out", (const char *const[]){"set", "jobs", NULL}, "");
    check_hint("out", (const char *const[]){"set", "output", "outcomes", NULL},
               "; did you mean 'output'?");
    check_hint("mode", (const char *const[]){"side", NULL}, "");
    check_hint("mode", (const char *const[]){"side", "margin_mode", NULL},
               "; did you mean 'margin_mode'?");
    check_hint("pwoer", (const char *const[]){"power", NULL}, "; did you mean 'power'?");
    check_hint("my", (const char *const[]){"map", "myriad", NULL}, "");
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
        cmocka_unit_test(test_missing_unit_takes_the_default),
        cmocka_unit_test(test_amounts_take_suffixes),
        cmocka_unit_test(test_forms_of_numbers),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_commas_that_separate_no_thousands),
        cmocka_unit_test(test_counts),
        cmocka_unit_test(test_what_is_printed_can_be_read),
        cmocka_unit_test(test_bare_percent),
        cmocka_unit_test(test_names_of_units),
        cmocka_unit_test(test_product_keeps_what_follows),
        cmocka_unit_test(test_random_texts),
        cmocka_unit_test(test_factor_of_foreign_units),
        cmocka_unit_test(test_split),
        cmocka_unit_test(test_split_keeps_to_the_buffers),
        cmocka_unit_test(test_nearest_name),
        cmocka_unit_test(test_nearest_of_several),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
