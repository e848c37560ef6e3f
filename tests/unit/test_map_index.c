/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Indices of maps: times, prices, paths from where the index is, every refusal with its line. */
#include "tests/unit/scratch.h"

#include "sim/io/map_index.h"

static void test_rows(void **state)
{
    struct scratch *scratch = *state;
    struct sqz_map_index index;
    struct sqz_diag diag = {0};
    char expected[200];
    const char *path = scratch_write(scratch, "index.csv",
                                     "time,price_usd,levels\n"
                                     "2025-10-10T21:01Z,114571.7,maps/a.csv\n"
                                     "1760130120,114.8k,/elsewhere/b.csv\n");
    assert_int_equal(sqz_map_index_read(&index, path, &diag), SQZ_OK);
    assert_int_equal(index.count, 2);
    assert_true(index.entry[0].time_s == 1760130060.0 && index.entry[1].time_s == 1760130120.0);
    assert_true(index.entry[0].price_usd == 114571.7);
    check_near("price", index.entry[1].price_usd, 114800.0, 1e-6);
    snprintf(expected, sizeof expected, "%s/maps/a.csv", scratch->folder);
    assert_string_equal(index.entry[0].levels, expected);
    assert_string_equal(index.entry[1].levels, "/elsewhere/b.csv");
    assert_int_equal(strlen(index.digest.hex), 64);
    sqz_map_index_free(&index);
    sqz_map_index_free(&index);
}

/* An index that is named without a folder has its maps in the working directory. */
static void test_without_a_folder(void **state)
{
    struct scratch *scratch = *state;
    struct sqz_map_index index;
    struct sqz_diag diag = {0};
    char before[4096];
    scratch_write(scratch, "index.csv", "timestamp,price,file\n1760130060,100,a.csv\n");
    assert_non_null(getcwd(before, sizeof before));
    assert_int_equal(chdir(scratch->folder), 0);
    int error = sqz_map_index_read(&index, "index.csv", &diag);
    assert_int_equal(chdir(before), 0);
    assert_int_equal(error, SQZ_OK);
    assert_string_equal(index.entry[0].levels, "a.csv");
    sqz_map_index_free(&index);
}

static void test_more_than_fit_at_first(void **state)
{
    enum { ROWS = 1000 };
    struct sqz_map_index index;
    struct sqz_diag diag = {0};
    char *text = malloc(ROWS * 40 + 40), *end = text;
    assert_non_null(text);
    end += sprintf(end, "time,price_usd,levels\n");
    for (int i = 0; i < ROWS; i++)
        end += sprintf(end, "%d,%d,%d.csv\n", 1760130060 + 60 * i, 100 + i, i);
    int error = sqz_map_index_read(&index, scratch_write(*state, "index.csv", text), &diag);
    free(text);
    assert_int_equal(error, SQZ_OK);
    assert_int_equal(index.count, ROWS);
    for (int i = 0; i < ROWS; i++) {
        char name[20];
        snprintf(name, sizeof name, "/%d.csv", i);
        assert_true(index.entry[i].price_usd == 100 + i);
        assert_string_equal(strrchr(index.entry[i].levels, '/'), name);
    }
    sqz_map_index_free(&index);
}

static void test_refusals(void **state)
{
    static const struct {
        const char *text;
        long line;
        const char *field, *message;
    } WRONG[] = {
        {"time,price_usd,levels\nyesterday,100,a.csv\n", 2, "time", "is not a time"},
        {"time,price_usd,levels\n100,1,a.csv\n100,1,b.csv\n", 3, "time", "is not after"},
        {"time,price_usd,levels\n100,1,a.csv\n99,1,b.csv\n", 3, "time", "is not after"},
        {"time,price_usd,levels\n100,0,a.csv\n", 2, "price_usd", "is not a price"},
        {"time,price_usd,levels\n100,-5,a.csv\n", 2, "price_usd", "is not a price"},
        {"time,price_usd,levels\n100,,a.csv\n", 2, "price_usd", ""},
        {"time,price_usd,levels\n100,1,a.csv\n160,1,\n", 3, "levels", "is empty"},
    };
    for (size_t i = 0; i < sizeof WRONG / sizeof *WRONG; i++) {
        struct scratch *scratch = *state;
        struct sqz_map_index index;
        struct sqz_diag diag = {0};
        const char *path = scratch_write(scratch, "index.csv", WRONG[i].text);
        assert_int_equal(sqz_map_index_read(&index, path, &diag), SQZ_ERR_DATA);
        check_diag(&diag, SQZ_ERR_DATA, path, WRONG[i].line, WRONG[i].field, WRONG[i].message);
        sqz_map_index_free(&index);
    }
}

/* No rows, no column, no file. */
static void test_no_index(void **state)
{
    static const char *const TEXT[] = {"time,price_usd,levels\n", "time,price_usd\n100,1\n", ""};
    struct sqz_map_index index;
    struct sqz_diag diag = {0};
    for (size_t i = 0; i < sizeof TEXT / sizeof *TEXT; i++) {
        assert_int_equal(
            sqz_map_index_read(&index, scratch_write(*state, "index.csv", TEXT[i]), &diag),
            SQZ_ERR_DATA);
        assert_int_equal(index.count, 0);
        sqz_map_index_free(&index);
    }
    assert_int_equal(sqz_map_index_read(&index, "/nowhere/index.csv", &diag), SQZ_ERR_DATA);
    sqz_map_index_free(&index);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_rows, scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(test_without_a_folder, scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(test_more_than_fit_at_first, scratch_setup,
                                        scratch_teardown),
        cmocka_unit_test_setup_teardown(test_refusals, scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(test_no_index, scratch_setup, scratch_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
