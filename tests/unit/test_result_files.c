/* The one list of what a result may hold. */
#include "tests/support/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/io/result_dir.h"

static void touch(const char *directory, const char *name)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fclose(file);
}

static bool exists(const char *directory, const char *name)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    return access(path, F_OK) == 0;
}

static void test_names_are_whole_and_different(void **state)
{
    (void)state;
    char buffer[SQZ_RESULT_NAME_SIZE], other[SQZ_RESULT_NAME_SIZE];
    const char *name, *second;
    size_t count = 0;
    for (; (name = sqz_result_name_at(count, buffer)) != NULL; count++) {
        assert_non_null(strchr(name, '.'));
        for (size_t k = 0; k < count && (second = sqz_result_name_at(k, other)) != NULL; k++)
            assert_string_not_equal(name, second);
    }
    assert_int_equal(count, SQZ_RESULT_FILES + 4 * SQZ_FIGURES); /* a script, three drawings */
    assert_null(sqz_result_name_at(SIZE_MAX, buffer));
    for (int file = 0; file < SQZ_RESULT_FILES; file++)
        assert_non_null(sqz_result_file_name((enum sqz_result_file)file));
    for (int figure = 0; figure < SQZ_FIGURES; figure++)
        assert_non_null(sqz_figure_name((enum sqz_figure)figure));
}

/* Whatever a result can hold is removed with it, and nothing else. */
static void test_cleanup_knows_every_name(void **state)
{
    (void)state;
    char directory[] = "/tmp/sqz-results-XXXXXX", buffer[SQZ_RESULT_NAME_SIZE];
    const char *name;
    assert_non_null(mkdtemp(directory));
    for (size_t i = 0; (name = sqz_result_name_at(i, buffer)) != NULL; i++)
        touch(directory, name);
    touch(directory, "notes.txt");
    sqz_result_dir_clear(directory);
    for (size_t i = 0; (name = sqz_result_name_at(i, buffer)) != NULL; i++)
        assert_false(exists(directory, name));
    assert_true(exists(directory, "notes.txt"));
    char notes[64];
    snprintf(notes, sizeof notes, "%s/notes.txt", directory);
    unlink(notes);
    assert_int_equal(rmdir(directory), 0);
}

/* A figure is there where all that it reads is. */
static void test_figures_need_their_data(void **state)
{
    (void)state;
    char directory[] = "/tmp/sqz-results-XXXXXX";
    assert_non_null(mkdtemp(directory));
    assert_false(sqz_figure_has_data(SQZ_FIGURE_FAN, directory));
    touch(directory, sqz_result_file_name(SQZ_FILE_PATHS));
    assert_true(sqz_figure_has_data(SQZ_FIGURE_CLOSEUP, directory));
    assert_false(sqz_figure_has_data(SQZ_FIGURE_FAN, directory));
    assert_false(sqz_figure_has_data(SQZ_FIGURE_DRIVERS, directory));
    touch(directory, sqz_result_file_name(SQZ_FILE_FAN));
    assert_true(sqz_figure_has_data(SQZ_FIGURE_FAN, directory));
    sqz_result_dir_clear(directory);
    assert_int_equal(rmdir(directory), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names_are_whole_and_different),
        cmocka_unit_test(test_cleanup_knows_every_name),
        cmocka_unit_test(test_figures_need_their_data),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
