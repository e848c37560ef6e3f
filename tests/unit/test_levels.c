/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Liquidation levels from CSV: distances, scale, every refusal with its line. */
#include "tests/unit/scratch.h"

#include <math.h>

#include "sim/io/levels.h"

static const double PRICE_USD = 84178.9;

static int read_levels(struct sqz_ladder *ladder, const char *path, double scale,
                       bool allow_crossed, struct sqz_diag *diag)
{
    struct sqz_levels_terms terms = {
        .price_usd = PRICE_USD, .scale = scale, .allow_crossed = allow_crossed};
    return sqz_levels_read(ladder, path, &terms, NULL, diag);
}

static void test_levels_become_a_ladder(void **state)
{
    struct sqz_ladder ladder;
    struct sqz_diag diag = {0};
    const char *path = scratch_write(*state, "levels.csv",
                                     "side,price_usd,notional_usd,leverage,accounts\n"
                                     "short,90000,2.5e6,25,17\n"
                                     "long,80000.5,1250000,,\n"
                                     "short,85000,3000000,10,\n");
    assert_int_equal(read_levels(&ladder, path, 0.5, false, &diag), SQZ_OK);
    const struct sqz_ladder_side *up = &ladder.side[SQZ_UP], *down = &ladder.side[SQZ_DOWN];
    assert_int_equal(up->count, 2);
    assert_int_equal(down->count, 1);
    check_near("nearest short", up->distance_log[0], log(85000) - log(PRICE_USD), 1e-14);
    check_near("next short", up->distance_log[1], log(90000) - log(PRICE_USD), 1e-14);
    check_near("long", down->distance_log[0], log(PRICE_USD) - log(80000.5), 1e-14);
    assert_true(up->notional_usd[0] == 1.5e6 && up->notional_usd[1] == 1.25e6);
    assert_true(down->notional_usd[0] == 625000);
    assert_true(up->leverage[0] == 10 && up->leverage[1] == 25 && down->leverage[0] == 0);
    sqz_ladder_free(&ladder);
}

static void test_columns_in_any_order_and_optional(void **state)
{
    struct sqz_ladder ladder;
    struct sqz_diag diag = {0};
    const char *path = scratch_write(*state, "levels.csv",
                                     "\xef\xbb\xbfnotional_usd,side,price_usd\r\n"
                                     "7.5e5, long ,80000\r\n");
    assert_int_equal(read_levels(&ladder, path, 1.0, false, &diag), SQZ_OK);
    assert_int_equal(ladder.side[SQZ_DOWN].count, 1);
    assert_true(ladder.side[SQZ_DOWN].notional_usd[0] == 7.5e5);
    sqz_ladder_free(&ladder);
}

static void test_many_levels(void **state)
{
    static char text[200000];
    struct sqz_ladder ladder;
    struct sqz_diag diag = {0};
    size_t used = (size_t)sprintf(text, "side,price_usd,notional_usd\n");
    for (int i = 5000; i > 0; i--)
        used += (size_t)sprintf(text + used, "short,%d,%d.5\n", 84178 + i, i);
    const char *path = scratch_write(*state, "levels.csv", text);
    assert_int_equal(read_levels(&ladder, path, 1.0, false, &diag), SQZ_OK);
    assert_int_equal(ladder.side[SQZ_UP].count, 5000);
    for (int i = 0; i < 5000; i++)
        assert_true(ladder.side[SQZ_UP].notional_usd[i] == i + 1.5);
    sqz_ladder_free(&ladder);
}

static void test_crossed_levels_if_allowed(void **state)
{
    struct sqz_ladder ladder;
    struct sqz_diag diag = {0};
    const char *path = scratch_write(*state, "levels.csv",
                                     "side,price_usd,notional_usd\n"
                                     "short,84000,1e6\nlong,84178.9,2e6\n");
    assert_int_equal(read_levels(&ladder, path, 1.0, true, &diag), SQZ_OK);
    check_near("short", ladder.side[SQZ_UP].distance_log[0], log(84000 / PRICE_USD), 1e-14);
    check_near("long", ladder.side[SQZ_DOWN].distance_log[0], 0.0, 1e-14);
    sqz_ladder_free(&ladder);
}

static void check_error(struct scratch *scratch, const char *text, long line, const char *field,
                        const char *message)
{
    struct sqz_ladder ladder;
    struct sqz_diag diag = {0};
    const char *path = scratch_write(scratch, "levels.csv", text);
    int error = read_levels(&ladder, path, 1.0, false, &diag);
    sqz_ladder_free(&ladder);
    if (error != SQZ_ERR_DATA)
        fail_msg("'%s' gives code %d", text, error);
    check_diag(&diag, SQZ_ERR_DATA, path, line, field, message);
}

#define HEADER "side,price_usd,notional_usd,leverage,accounts\nshort,85000,1e6,,\n"

static void test_file_errors(void **state)
{
    check_error(*state, "", 0, "", "is empty; expected levels, side,price_usd,notional_usd");
    check_error(*state, "side,price_usd,notional_usd\n\n", 0, "",
                "has no levels; expected at least one row after the header");
    check_error(*state, "side,price_usd\n", 1, "notional_usd",
                "missing column; expected a header line "
                "side,price_usd,notional_usd[,leverage][,accounts]");
    check_error(*state, "side,price_usd,notional_usd,levrage\n", 1, "levrage",
                "unknown column; did you mean 'leverage'? expected side,price_usd,");
    check_error(*state, "short,85000,1e6\n", 1, "short",
                "unknown column; expected side,price_usd,notional_usd[,leverage][,accounts]");
    check_error(*state, HEADER "short,86000,1e6\n", 3, "", "3 fields; expected 5");
    check_error(*state, HEADER "short,86000,\"1e6,,\n", 3, "", "a quoted field is never closed");
}

static void test_missing_file(void **state)
{
    (void)state;
    struct sqz_ladder ladder;
    struct sqz_diag diag = {0};
    static const char PATH[] = "tests/unit/no-such-levels.csv";
    assert_int_equal(read_levels(&ladder, PATH, 1.0, false, &diag), SQZ_ERR_DATA);
    check_diag(&diag, SQZ_ERR_DATA, PATH, 0, "", "cannot be opened");
    assert_null(ladder.side[SQZ_UP].distance_log);
}

static void test_field_errors(void **state)
{
    static const char NUMBER[] = "is not a finite number; expected plain digits";
    check_error(*state, HEADER "Shorts,86000,1e6,,\n", 3, "side",
                "'Shorts' is not a side; expected short or long, the position that gets closed");
    check_error(*state, HEADER ",86000,1e6,,\n", 3, "side", "'' is not a side");
    check_error(*state, HEADER "short,86kk,1e6,,\n", 3, "price_usd", NUMBER);
    check_error(*state, HEADER "short,inf,1e6,,\n", 3, "price_usd", NUMBER);
    check_error(*state, HEADER "short,,1e6,,\n", 3, "price_usd", NUMBER);
    check_error(*state, HEADER "short,-5,1e6,,\n", 3, "price_usd",
                "'-5' is not a price; expected above 0");
    check_error(*state, HEADER "short,0,1e6,,\n", 3, "price_usd", "'0' is not a price");
    check_error(*state, HEADER "short,86000,1e999,,\n", 3, "notional_usd", NUMBER);
    check_error(*state, HEADER "short,86000,-1,,\n", 3, "notional_usd",
                "'-1' is negative; expected 0 or more");
    check_error(*state, HEADER "short,86000,1e6,ten,\n", 3, "leverage", NUMBER);
    check_error(*state, HEADER "short,86000,1e6,-3,\n", 3, "leverage", "'-3' is negative");
    check_error(*state, HEADER "short,86000,1e6,,few\n", 3, "accounts", NUMBER);
}

static void test_crossed_levels(void **state)
{
    check_error(*state, HEADER "\nshort,84178.9,1e6,,\n", 4, "price_usd",
                "short level at 84178.9 is not above the start price 84178.9 (--allow-crossed");
    check_error(*state, HEADER "long,84200,1e6,,\n", 3, "price_usd",
                "long level at 84200 is not below the start price 84178.9");
}

/* Where all levels are crossed, or most are of another market, or columns are swapped, it is that
 * which is to be mended. */
static void test_advice_for_crossed_levels(void **state)
{
#define ROWS "side,price_usd,notional_usd\n"
    check_error(*state, ROWS "short,80000,1e6\nlong,90000,1e6\n", 2, "price_usd",
                "short level at 80000 is not above the start price 84178.9 (every level is on the "
                "wrong side of the start price; side is the position that gets closed, shorts "
                "above and longs below: swap short and long");
    check_error(*state, ROWS "short,90000,1e6\nlong,3e6,85000\nlong,4e6,80000\n", 3, "price_usd",
                "the columns price_usd and notional_usd look swapped");
    check_error(*state, ROWS "short,90000,1e6\nshort,3500,2e6\nlong,3100,2e6\n", 3, "price_usd",
                "most levels lie beyond half or double the start price");
    check_error(*state, ROWS "short,80000,1e6\nlong,90000,1e6\nlong,80000,1e6\n", 2, "price_usd",
                "(--allow-crossed fires such levels at time zero)");
}

/* A notional whose square is no finite number would end the sums of a batch. */
static void test_absurd_notionals(void **state)
{
    check_error(*state, HEADER "short,86000,1e200,,\n", 3, "notional_usd", "1e200");
}

#define IN_SCRATCH(test) cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SCRATCH(test_levels_become_a_ladder),
        IN_SCRATCH(test_columns_in_any_order_and_optional),
        IN_SCRATCH(test_many_levels),
        IN_SCRATCH(test_crossed_levels_if_allowed),
        IN_SCRATCH(test_file_errors),
        cmocka_unit_test(test_missing_file),
        IN_SCRATCH(test_field_errors),
        IN_SCRATCH(test_crossed_levels),
        IN_SCRATCH(test_advice_for_crossed_levels),
        IN_SCRATCH(test_absurd_notionals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
