/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables whose rows have names, and whose last columns are named after the rows. (Columns of
 * numbers and words: test_params.c.) */
#include "tests/unit/scratch.h"

#include "sim/io/table.h"

static const struct sqz_column LABELLED[] = {
    {.name = "state", .kind = SQZ_COLUMN_LABEL}, {.name = "depth"}, {.name = NULL}};
static const struct sqz_column SQUARE[] = {
    {.name = "state", .kind = SQZ_COLUMN_LABEL},
    {.name = "depth"},
    {.name = "to_", .kind = SQZ_COLUMN_EACH, .tail = "_per_d"},
    {.name = NULL}};

static void read_well(struct scratch *scratch, const char *text, const struct sqz_column *columns,
                      struct sqz_table *table)
{
    struct sqz_diag diag = {0};
    char *path = strdup(scratch_write(scratch, "t.csv", text));
    if (sqz_table_read(table, path, columns, NULL, &diag) != SQZ_OK)
        fail_msg("line %ld: %s: %s", diag.line, diag.field, diag.message);
}

static void check_values(const struct sqz_table *table, size_t rows, size_t columns,
                         const double *expected)
{
    assert_int_equal(table->rows, rows);
    assert_int_equal(table->columns, columns);
    for (size_t i = 0; i < rows * columns; i++)
        if (table->value[i] != expected[i])
            fail_msg("cell %zu is %.9g, expected %.9g", i, table->value[i], expected[i]);
}

static void test_labels(void **state)
{
    struct sqz_table table;
    read_well(*state, "depth,state\n2.385,calm\n\n0.5,\"very tense\"\n", LABELLED, &table);
    check_values(&table, 2, 2, (double[]){0, 2.385, 1, 0.5});
    assert_string_equal(table.label[0], "calm");
    assert_string_equal(table.label[1], "very tense");
    assert_int_equal(table.line[1], 4);
    sqz_table_free(&table);
    assert_null(table.label);
    sqz_table_free(&table);
}

static void test_labels_of_a_table_that_grows(void **state)
{
    char text[4000] = "state,depth\n", name[16];
    struct sqz_table table;
    for (int i = 0; i < 150; i++)
        sprintf(text + strlen(text), "s%d,%d.25\n", i, i);
    read_well(*state, text, LABELLED, &table);
    assert_int_equal(table.rows, 150);
    for (int i = 0; i < 150; i++) {
        sprintf(name, "s%d", i);
        assert_string_equal(table.label[i], name);
        assert_true(table.value[2 * i] == i && table.value[2 * i + 1] == i + 0.25);
    }
    sqz_table_free(&table);
}

static void test_no_label_column(void **state)
{
    static const struct sqz_column PLAIN[] = {{.name = "depth"}, {.name = NULL}};
    struct sqz_table table;
    read_well(*state, "depth\n1.5\n", PLAIN, &table);
    assert_null(table.label);
    sqz_table_free(&table);
}

/* In the file: c, a, then the fixed columns, then b. In the table: a, b, c as the rows. */
static void test_each_in_the_order_of_rows(void **state)
{
    struct sqz_table table;
    read_well(*state,
              "to_c_per_d,to_a_per_d,depth,state,to_b_per_d\n"
              "13,11,0.5,a,12\n"
              "23,21,0.25,b,22\n"
              "33,31,0.125,c,32\n",
              SQUARE, &table);
    check_values(&table, 3, 5,
                 (double[]){0, 0.5, 11, 12, 13, 1, 0.25, 21, 22, 23, 2, 0.125, 31, 32, 33});
    sqz_table_free(&table);
}

static void test_one_row(void **state)
{
    struct sqz_table table;
    read_well(*state, "state,depth,to_only_per_d\nonly,0.7,3.5\n", SQUARE, &table);
    check_values(&table, 1, 3, (double[]){0, 0.7, 3.5});
    sqz_table_free(&table);
}

/* A label may look like the rest of a name. */
static void test_awkward_labels(void **state)
{
    struct sqz_table table;
    read_well(*state,
              "state,depth,to_per_d_per_d,to_to__per_d\n"
              "to_,1.5,2,3\nper_d,2.5,4,5\n",
              SQUARE, &table);
    check_values(&table, 2, 4, (double[]){0, 1.5, 3, 2, 1, 2.5, 5, 4});
    sqz_table_free(&table);
}

/* A fixed column may begin as the others do. */
static void test_fixed_column_with_the_same_beginning(void **state)
{
    static const struct sqz_column NAMES[] = {{.name = "state", .kind = SQZ_COLUMN_LABEL},
                                              {.name = "to_go"},
                                              {.name = "to_", .kind = SQZ_COLUMN_EACH, .tail = ""},
                                              {.name = NULL}};
    struct sqz_table table;
    read_well(*state, "to_b,to_go,state,to_a\n1,2,a,3\n4,5,b,6\n", NAMES, &table);
    check_values(&table, 2, 4, (double[]){0, 2, 3, 1, 1, 5, 6, 4});
    sqz_table_free(&table);
}

/* ---- errors -------------------------------------------------------------------------------- */

static void check_error(struct scratch *scratch, const char *text, long line, const char *field,
                        const char *message)
{
    struct sqz_table table;
    struct sqz_diag diag = {0};
    char *path = strdup(scratch_write(scratch, "t.csv", text));
    assert_int_equal(sqz_table_read(&table, path, SQUARE, NULL, &diag), SQZ_ERR_DATA);
    check_diag(&diag, SQZ_ERR_DATA, scratch->path, line, field, message);
    sqz_table_free(&table);
}

static void test_label_errors(void **state)
{
    check_error(*state, "state,depth,to_a_per_d\n,1,0\n", 2, "state", "is empty; expected a name");
    check_error(*state, "state,depth,to_a_per_d\na,1,0\n\na,2,0\n", 4, "state",
                "'a' is given twice; first on line 2");
    check_error(*state, "depth,to_a_per_d\n1,0\n", 1, "state", "missing column");
}

#define TWO "\na,1,0,2\nb,1,3,0\n"
static void test_each_errors(void **state)
{
    check_error(*state, "state,depth,to_a_per_d,to_c_per_d" TWO, 1, "to_c_per_d", "unknown column");
    check_error(*state, "state,depth,to_alpha_per_d,to_b_per_d\nalpa,1,0,2\nb,1,3,0\n", 1,
                "to_alpha_per_d", "unknown column; did you mean 'to_alpa_per_d'?");
    check_error(*state, "state,depth,to_a_per_d\na,1,0\nb,1,3\n", 1, "to_b_per_d",
                "missing column");
    check_error(*state, "state,depth\na,1\n", 1, "to_a_per_d", "missing column");
    check_error(*state, "state,depth,to_a_per_d,to_a_per_d" TWO, 1, "to_a_per_d",
                "column given twice");
    check_error(*state, "state,depth,to_a_per_d,to_b_per_h" TWO, 1, "to_b_per_h",
                "unknown column; did you mean 'to_b_per_d'?");
    check_error(*state, "state,depth,to_a_per_d,to__per_d" TWO, 1, "to__per_d", "unknown column");
    check_error(*state, "state,dept,to_a_per_d,to_b_per_d" TWO, 1, "dept",
                "unknown column; did you mean 'depth'?");
}

static void test_cells_of_each(void **state)
{
    check_error(*state, "state,depth,to_b_per_d,to_a_per_d\na,1,0,2\nb,1,soon,0\n", 3, "to_b_per_d",
                "'soon' is not a finite number");
    check_error(*state, "state,depth,to_a_per_d,to_b_per_d\na,1,0,2\nb,1,3\n", 3, "",
                "3 fields; expected 4");
    check_error(*state, "state,depth,to_a_per_d\n", 0, "", "has no rows");
}

#define IN_SCRATCH(test) cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SCRATCH(test_labels),
        IN_SCRATCH(test_labels_of_a_table_that_grows),
        IN_SCRATCH(test_no_label_column),
        IN_SCRATCH(test_each_in_the_order_of_rows),
        IN_SCRATCH(test_one_row),
        IN_SCRATCH(test_awkward_labels),
        IN_SCRATCH(test_fixed_column_with_the_same_beginning),
        IN_SCRATCH(test_label_errors),
        IN_SCRATCH(test_each_errors),
        IN_SCRATCH(test_cells_of_each),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
