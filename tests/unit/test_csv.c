/* The CSV reader: what it accepts, the line each row began on, every error. */
#include "tests/unit/scratch.h"

#include <math.h>

#include "sim/io/cells.h"

/* Rows as they came, fields joined by '|'. */
enum { ROWS_MAX = 16 };
struct rows {
    size_t count, fail_at;
    long line[ROWS_MAX];
    char text[ROWS_MAX][200];
};

static int keep_row(void *context, const struct sqz_csv_row *row, struct sqz_diag *diag)
{
    struct rows *rows = context;
    assert_true(rows->count < ROWS_MAX);
    char *text = rows->text[rows->count];
    text[0] = '\0';
    for (size_t i = 0; i < row->count; i++) {
        strcat(text, i > 0 ? "|" : "");
        strcat(text, row->field[i]);
    }
    rows->line[rows->count++] = row->line;
    if (rows->count == rows->fail_at)
        return sqz_fail_at(diag, SQZ_ERR_UNSUPPORTED, row->file, row->line, "x", "no more");
    return SQZ_OK;
}

static void check_rows(struct scratch *scratch, const char *text, size_t count,
                       const char *const *row, const long *line)
{
    struct rows rows = {0};
    struct sqz_diag diag = {0};
    const char *path = scratch_write(scratch, "rows.csv", text);
    int error = sqz_csv_read(path, keep_row, &rows, NULL, &diag);
    if (error != SQZ_OK)
        fail_msg("'%s': %s", text, diag.message);
    assert_int_equal(rows.count, count);
    for (size_t i = 0; i < count; i++) {
        assert_string_equal(rows.text[i], row[i]);
        assert_int_equal(rows.line[i], line[i]);
    }
}

static void test_plain_rows(void **state)
{
    check_rows(*state, "side,price\nshort,2.385\nlong,\n", 3,
               (const char *[]){"side|price", "short|2.385", "long|"}, (const long[]){1, 2, 3});
}

static void test_last_line_without_newline(void **state)
{
    check_rows(*state, "a,b\n1,2", 2, (const char *[]){"a|b", "1|2"}, (const long[]){1, 2});
}

static void test_byte_order_mark_and_crlf(void **state)
{
    check_rows(*state, "\xef\xbb\xbfkey,value\r\nprice,84178.9\r\n\r\nname,x\r\n", 3,
               (const char *[]){"key|value", "price|84178.9", "name|x"}, (const long[]){1, 2, 4});
}

/* Only at the beginning of the file is the mark no part of the text. */
static void test_mark_elsewhere_is_text(void **state)
{
    check_rows(*state,
               "a\n\xef\xbb\xbf"
               "b\n",
               2,
               (const char *[]){"a", "\xef\xbb\xbf"
                                     "b"},
               (const long[]){1, 2});
}

static void test_blank_lines_are_skipped_and_counted(void **state)
{
    check_rows(*state, "\n\na,b\n\n   \n\t\n1,2\n\n", 2, (const char *[]){"a|b", "1|2"},
               (const long[]){3, 7});
}

/* Spreadsheets leave them where a row was deleted. */
static void test_rows_of_delimiters_are_skipped(void **state)
{
    check_rows(*state, "a,b\n,\n , \nc,\n", 2, (const char *[]){"a|b", "c|"}, (const long[]){1, 4});
}

static void test_quoted_fields(void **state)
{
    check_rows(*state, "\"a,b\",\"say \"\"no\"\"\", x ,\" y \"\n", 1,
               (const char *[]){"a,b|say \"no\"|x| y "}, (const long[]){1});
}

static void test_quoted_field_over_lines(void **state)
{
    check_rows(*state, "k,note\np,\"one\ntwo\n\nthree\"\nq,z\n", 3,
               (const char *[]){"k|note", "p|one\ntwo\n\nthree", "q|z"}, (const long[]){1, 2, 6});
}

static void test_empty_file_has_no_rows(void **state)
{
    check_rows(*state, "", 0, NULL, NULL);
    check_rows(*state, "\xef\xbb\xbf", 0, NULL, NULL);
}

/* A row as it came, in numbers. */
struct shape {
    size_t rows, fields, first, last;
};

static int keep_shape(void *context, const struct sqz_csv_row *row, struct sqz_diag *diag)
{
    (void)diag;
    struct shape *shape = context;
    *shape = (struct shape){shape->rows + 1, row->count, strlen(row->field[0]),
                            strlen(row->field[row->count - 1])};
    return SQZ_OK;
}

/* Many fields and long ones, beyond any buffer that a reader may begin with. */
static void test_long_rows(void **state)
{
    enum { WIDE = 100000, COMMAS = 3000 };
    static char text[2 * WIDE + COMMAS];
    struct shape shape = {0};
    struct sqz_diag diag = {0};
    memset(text, 'x', sizeof text);
    memset(text + WIDE, ',', COMMAS);
    const char *path = scratch_write_bytes(*state, "long.csv", text, sizeof text);
    assert_int_equal(sqz_csv_read(path, keep_shape, &shape, NULL, &diag), SQZ_OK);
    assert_int_equal(shape.rows, 1);
    assert_int_equal(shape.fields, COMMAS + 1);
    assert_int_equal(shape.first, WIDE);
    assert_int_equal(shape.last, WIDE);
}

static void test_handler_ends_the_reading(void **state)
{
    struct rows rows = {.fail_at = 2};
    struct sqz_diag diag = {0};
    const char *path = scratch_write(*state, "rows.csv", "a\nb\nc\nd\n");
    assert_int_equal(sqz_csv_read(path, keep_row, &rows, NULL, &diag), SQZ_ERR_UNSUPPORTED);
    check_diag(&diag, SQZ_ERR_UNSUPPORTED, path, 2, "x", "no more");
    assert_int_equal(rows.count, 2);
}

static void check_error(struct scratch *scratch, const char *text, size_t size, long line,
                        const char *message)
{
    struct rows rows = {0};
    struct sqz_diag diag = {0};
    const char *path = scratch_write_bytes(scratch, "bad.csv", text, size);
    assert_int_equal(sqz_csv_read(path, keep_row, &rows, NULL, &diag), SQZ_ERR_DATA);
    check_diag(&diag, SQZ_ERR_DATA, path, line, "", message);
}

static void test_broken_quoting(void **state)
{
    static const char BROKEN[] = "broken quoting; expected a quoted field to end with \"";
    check_error(*state, "a,b\n1,\"x\"y\n", 12, 2, BROKEN);
    check_error(*state, "a,b\n1,x\"y\n", 10, 2, BROKEN);
    check_error(*state, "a,b\n\n1,\"x\ny\nz\"w\n", 17, 3, BROKEN);
}

static void test_open_quote_at_the_end(void **state)
{
    static const char OPEN[] = "a quoted field is never closed";
    check_error(*state, "a,b\n1,\"x\n2,3\n", 13, 2, OPEN);
    check_error(*state, "\"", 1, 1, OPEN);
}

static void test_nul_byte(void **state)
{
    check_error(*state, "a,b\n1,x\0y\n2,3\n", 14, 2, "a NUL byte in the text; expected a CSV file");
}

/* Tabs and semicolons separate fields where the first line has no comma; quotes hide neither. */
static void test_other_separators(void **state)
{
    check_rows(*state, "side\tprice usd\nshort\t84,178.9\n\tx\n", 3,
               (const char *[]){"side|price usd", "short|84,178.9", "|x"}, (const long[]){1, 2, 3});
    check_rows(*state, "\xef\xbb\xbf\nside;\"a;b\"\nshort;x,y\n", 2,
               (const char *[]){"side|a;b", "short|x,y"}, (const long[]){2, 3});
    check_rows(*state, "a,b\n20;900,s\n", 2, (const char *[]){"a|b", "20;900|s"},
               (const long[]){1, 2});
    check_rows(*state, "a;b,c\n1;2,3\n", 2, (const char *[]){"a;b|c", "1;2|3"},
               (const long[]){1, 2});
    check_rows(*state, "a;b\n1;1,400\n", 2, (const char *[]){"a|b", "1|1,400"},
               (const long[]){1, 2}); /* b may be a note */
}

static void test_files_that_are_no_table(void **state)
{
    check_error(*state,
                "\xff\xfe"
                "a\0,\0b\0",
                8, 0, "is UTF-16; expected UTF-8");
    check_error(*state,
                "\xfe\xff"
                "\0a",
                4, 0, "is UTF-16; expected UTF-8");
    check_error(*state, "\x1f\x8b\x08\0\n", 5, 0, "is compressed by gzip");
    check_error(*state, "\x28\xb5\x2f\xfd\0", 5, 0, "is compressed by zstd");
    check_error(*state, "PK\x03\x04\x14", 5, 0, "is a ZIP archive or a workbook");
    check_error(*state, "PAR1\x15", 5, 0, "is Parquet");
    check_error(*state, "\n  {\"a\": 1}\n", 13, 0, "is JSON; expected a table");
    check_error(*state, "[[1, 2]]\n", 9, 0, "is JSON; expected a table");
    check_error(*state, "<html>\n", 7, 0, "is HTML or XML; expected a table");
}

static void test_missing_file(void **state)
{
    struct rows rows = {0};
    struct sqz_diag diag = {0};
    const char *path = "tests/unit/no-such-file.csv";
    (void)state;
    assert_int_equal(sqz_csv_read(path, keep_row, &rows, NULL, &diag), SQZ_ERR_DATA);
    check_diag(&diag, SQZ_ERR_DATA, path, 0, "", "cannot be opened: No such file or directory");
}

static void test_folder_instead_of_a_file(void **state)
{
    struct scratch *scratch = *state;
    struct rows rows = {0};
    struct sqz_diag diag = {0};
    assert_int_equal(sqz_csv_read(scratch->folder, keep_row, &rows, NULL, &diag), SQZ_ERR_DATA);
    check_diag(&diag, SQZ_ERR_DATA, scratch->folder, 0, "", "cannot be read: Is a directory");
}

/* ---- columns ------------------------------------------------------------------------------- */

enum { SIDE, PRICE, LEVERAGE, COLUMNS };

static int match(const char *const *name, size_t count, struct sqz_csv_column column[COLUMNS],
                 struct sqz_diag *diag)
{
    const struct sqz_csv_row header = {"map.csv", 3, count, (char *const *)name, ','};
    column[SIDE] = (struct sqz_csv_column){.name = "side", .required = 1};
    column[PRICE] = (struct sqz_csv_column){.name = "price_usd",
                                            .required = 1,
                                            .aliases = "price liq_price",
                                            .dimension = SQZ_DIM_USD,
                                            .unclear = "size"};
    column[LEVERAGE] = (struct sqz_csv_column){.name = "leverage"};
    return sqz_csv_match(&header, column, COLUMNS, diag);
}

static void test_columns_in_any_order(void **state)
{
    (void)state;
    struct sqz_csv_column column[COLUMNS];
    struct sqz_diag diag = {0};
    assert_int_equal(match((const char *[]){"price_usd", "side"}, 2, column, &diag), SQZ_OK);
    const struct sqz_csv_row row = {"map.csv", 4, 2, (char *const[]){"2.385", "short"}, ','};
    assert_string_equal(sqz_csv_field(&row, &column[SIDE]), "short");
    assert_string_equal(sqz_csv_field(&row, &column[PRICE]), "2.385");
    assert_string_equal(sqz_csv_field(&row, &column[LEVERAGE]), "");
    const struct sqz_csv_row brief = {"map.csv", 5, 1, (char *const[]){"2.385"}, ','};
    assert_string_equal(sqz_csv_field(&brief, &column[SIDE]), "");
}

/* In any case, under an alias, with other marks between the words. */
static void test_names_of_columns(void **state)
{
    (void)state;
    static const char *const NAME[] = {"price_usd", "Price",     "PRICE_USD", "priceUsd",
                                       "liq price", "Liq-Price", "LiqPrice"};
    for (size_t i = 0; i < sizeof NAME / sizeof NAME[0]; i++) {
        struct sqz_csv_column column[COLUMNS];
        struct sqz_diag diag = {0};
        if (match((const char *[]){"Side", NAME[i]}, 2, column, &diag) != SQZ_OK)
            fail_msg("%s: %s", NAME[i], diag.message);
        assert_int_equal(column[PRICE].index, 1);
    }
}

static void check_number(enum sqz_dimension dimension, const char *text, double expected,
                         const char *message)
{
    struct sqz_csv_column column = {.name = "x", .index = 0, .dimension = dimension};
    const struct sqz_csv_row row = {"map.csv", 4, 1, (char *const[]){(char *)text}, ','};
    struct sqz_diag diag = {0};
    double value = NAN;
    int error = sqz_cell_number(&row, &column, &value, &diag);
    assert_int_equal(error, message == NULL ? SQZ_OK : SQZ_ERR_DATA);
    if (message == NULL)
        check_near(text, value, expected, 0);
    else
        check_diag(&diag, SQZ_ERR_DATA, "map.csv", 4, "x", message);
}

static void test_numbers_in_cells(void **state)
{
    (void)state;
    check_number(SQZ_DIM_NONE, "1,400.5", 1400.5, NULL);
    check_number(SQZ_DIM_USD, "12.5M", 12.5e6, NULL);
    check_number(SQZ_DIM_USD, "1.40 bn usd", 1.4e9, NULL);
    check_number(SQZ_DIM_NUMBER, "0.4%", 0.004, NULL);
    check_number(SQZ_DIM_NONE, "0.4%", 0, "'0.4%' is not a finite number; expected plain digits");
    check_number(SQZ_DIM_NONE, "3k", 0, "'3k' is not a finite number; expected plain digits");
    check_number(SQZ_DIM_NUMBER, "3k", 0, "expected plain digits or % behind them");
    check_number(SQZ_DIM_USD, "5m", 0, "expected plain digits or k, M, B, bn behind them");
    check_number(SQZ_DIM_USD, "inf", 0, "'inf' is not a finite number");
    check_number(SQZ_DIM_USD, "nan", 0, "'nan' is not a finite number");
    check_number(SQZ_DIM_NUMBER, "0,004", 0, "'0,004' has a comma where none sets thousands apart");
}

static void test_sides(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool is_long;
    } SIDE_WORD[] = {{"long", true}, {"LONG", true}, {"Short", false}};
    struct sqz_csv_column column = {.name = "side", .index = 0};
    struct sqz_diag diag = {0};
    bool is_long;
    for (size_t i = 0; i < sizeof SIDE_WORD / sizeof SIDE_WORD[0]; i++) {
        const struct sqz_csv_row row = {"a.csv", 2, 1, (char *const[]){(char *)SIDE_WORD[i].text},
                                        ','};
        assert_int_equal(sqz_cell_side(&row, &column, &is_long, &diag), SQZ_OK);
        assert_true(is_long == SIDE_WORD[i].is_long);
    }
    const struct sqz_csv_row buy = {"a.csv", 2, 1, (char *const[]){"Buy"}, ','};
    assert_int_equal(sqz_cell_side(&buy, &column, &is_long, &diag), SQZ_ERR_DATA);
    check_diag(&diag, SQZ_ERR_DATA, "a.csv", 2, "side", "it could mean either");
}

static void test_words_of_a_closed_set(void **state)
{
    (void)state;
    static const char *const WORDS[] = {"coin", "usd", "contract", NULL};
    struct sqz_csv_column column = {.name = "unit", .index = 0};
    struct sqz_diag diag = {0};
    size_t word;
    const struct sqz_csv_row row = {"t.csv", 3, 1, (char *const[]){"Contract"}, ','};
    assert_int_equal(sqz_cell_word(&row, &column, WORDS, &word, &diag), SQZ_OK);
    assert_int_equal(word, 2);
    const struct sqz_csv_row other = {"t.csv", 3, 1, (char *const[]){"coins"}, ','};
    assert_int_equal(sqz_cell_word(&other, &column, WORDS, &word, &diag), SQZ_ERR_DATA);
    check_diag(&diag, SQZ_ERR_DATA, "t.csv", 3, "unit",
               "'coins' is unknown; expected coin, usd or contract");
    assert_int_equal(sqz_cell_word(&other, &column, WORDS + 1, &word, &diag), SQZ_ERR_DATA);
    check_diag(&diag, SQZ_ERR_DATA, "t.csv", 3, "unit", "expected usd or contract");
}

static int within(const char *text, const struct sqz_cell_limits *limits, double *value,
                  struct sqz_diag *diag)
{
    struct sqz_csv_column column = {.name = "x", .index = 0};
    const struct sqz_csv_row row = {"t.csv", 3, 1, (char *const[]){(char *)text}, ','};
    return sqz_cell_optional(&row, &column, limits, 7.25, value, diag);
}

/* Both ends, each closed and open; an empty cell is the number that stands for it, limits or not.
 */
static void test_limits_of_cells(void **state)
{
    (void)state;
    const struct sqz_cell_limits closed = {.lo = -2.5, .hi = 3.125, .wrong = "is out"};
    const struct sqz_cell_limits open = {
        .lo = -2.5, .hi = 3.125, .above_lo = true, .below_hi = true, .wrong = "is out"};
    struct sqz_diag diag = {0};
    double value;
    assert_int_equal(within("-2.5", &closed, &value, &diag), SQZ_OK);
    assert_int_equal(within("3.125", &closed, &value, &diag), SQZ_OK);
    assert_int_equal(within("-2.5", &open, &value, &diag), SQZ_ERR_DATA);
    assert_int_equal(within("3.125", &open, &value, &diag), SQZ_ERR_DATA);
    assert_int_equal(within("3.1249", &open, &value, &diag), SQZ_OK);
    assert_int_equal(within("-2.5001", &closed, &value, &diag), SQZ_ERR_DATA);
    check_diag(&diag, SQZ_ERR_DATA, "t.csv", 3, "x", "'-2.5001' is out");
    assert_int_equal(within("3.126", &closed, &value, &diag), SQZ_ERR_DATA);
    assert_int_equal(within("", &closed, &value, &diag), SQZ_OK);
    assert_true(value == 7.25);
    assert_int_equal(within("1e9", NULL, &value, &diag), SQZ_OK);
    assert_true(value == 1e9);
}

static void test_column_errors(void **state)
{
    (void)state;
    struct sqz_csv_column column[COLUMNS];
    struct sqz_diag diag = {0};
    assert_int_equal(match((const char *[]){"side", "cost", "leverage"}, 3, column, &diag),
                     SQZ_ERR_DATA);
    check_diag(&diag, SQZ_ERR_DATA, "map.csv", 3, "cost",
               "unknown column; expected side,price_usd[,leverage]");
    match((const char *[]){"side", "size"}, 2, column, &diag);
    check_diag(&diag, SQZ_ERR_DATA, "map.csv", 3, "size",
               "unknown column: it may mean price_usd, or coins; expected side,");
    match((const char *[]){"sides", "side"}, 2, column, &diag); /* not the one that is there */
    check_diag(&diag, SQZ_ERR_DATA, "map.csv", 3, "sides", "unknown column; expected side,");
    match((const char *[]){"side", "price_usd", "Liq Price"}, 3, column, &diag);
    check_diag(&diag, SQZ_ERR_DATA, "map.csv", 3, "Liq Price",
               "column given twice: it means price_usd");
    match((const char *[]){"side", "prise_usd"}, 2, column, &diag);
    check_diag(&diag, SQZ_ERR_DATA, "map.csv", 3, "prise_usd",
               "unknown column; did you mean 'price_usd'? expected side,price_usd[,leverage]");
    match((const char *[]){"side", "price_usd", "side"}, 3, column, &diag);
    check_diag(&diag, SQZ_ERR_DATA, "map.csv", 3, "side", "column given twice");
    match((const char *[]){"side", "leverage"}, 2, column, &diag);
    check_diag(&diag, SQZ_ERR_DATA, "map.csv", 3, "price_usd",
               "missing column; expected a header line side,price_usd[,leverage]");
}

/* What a message cannot hold is cut, not written past its end. */
static void test_more_columns_than_a_message_holds(void **state)
{
    (void)state;
    enum { MANY = 40 };
    static const char NAME[] = "a_column_of_some_length";
    const struct sqz_csv_row header = {"map.csv", 1, 1, (char *const[]){"other"}, ','};
    struct sqz_csv_column column[MANY];
    struct sqz_diag diag = {0};
    for (int c = 0; c < MANY; c++)
        column[c] = (struct sqz_csv_column){.name = NAME, .required = c % 2};
    assert_int_equal(sqz_csv_match(&header, column, MANY, &diag), SQZ_ERR_DATA);
    check_diag(&diag, SQZ_ERR_DATA, "map.csv", 1, "other",
               "expected [a_column_of_some_length],a_column_of_some_length[,a_column_of");
}

static void test_given_columns(void **state)
{
    (void)state;
    const struct sqz_csv_row header = {"map.csv", 1, 1, (char *const[]){"other"}, ','};
    struct sqz_csv_column column[] = {{.name = "side", .required = 1}};
    struct sqz_diag diag = {0};
    assert_int_equal(sqz_csv_match_given(&header, column, 1, "side and more", &diag), SQZ_ERR_DATA);
    check_diag(&diag, SQZ_ERR_DATA, "map.csv", 1, "other", "; expected side and more");
}

static void test_width(void **state)
{
    (void)state;
    const struct sqz_csv_row row = {"map.csv", 17, 2, (char *const[]){"a", "b"}, ','};
    struct sqz_diag diag = {0};
    assert_int_equal(sqz_csv_check_width(&row, 2, &diag), SQZ_OK);
    assert_int_equal(sqz_csv_check_width(&row, 3, &diag), SQZ_ERR_DATA);
    check_diag(&diag, SQZ_ERR_DATA, "map.csv", 17, "", "2 fields; expected 3, as in the header");
}

#define IN_SCRATCH(test) cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SCRATCH(test_plain_rows),
        IN_SCRATCH(test_last_line_without_newline),
        IN_SCRATCH(test_byte_order_mark_and_crlf),
        IN_SCRATCH(test_mark_elsewhere_is_text),
        IN_SCRATCH(test_blank_lines_are_skipped_and_counted),
        IN_SCRATCH(test_rows_of_delimiters_are_skipped),
        IN_SCRATCH(test_quoted_fields),
        IN_SCRATCH(test_quoted_field_over_lines),
        IN_SCRATCH(test_empty_file_has_no_rows),
        IN_SCRATCH(test_long_rows),
        IN_SCRATCH(test_handler_ends_the_reading),
        IN_SCRATCH(test_broken_quoting),
        IN_SCRATCH(test_open_quote_at_the_end),
        IN_SCRATCH(test_nul_byte),
        cmocka_unit_test(test_missing_file),
        IN_SCRATCH(test_folder_instead_of_a_file),
        IN_SCRATCH(test_other_separators),
        IN_SCRATCH(test_files_that_are_no_table),
        cmocka_unit_test(test_columns_in_any_order),
        cmocka_unit_test(test_names_of_columns),
        cmocka_unit_test(test_numbers_in_cells),
        cmocka_unit_test(test_sides),
        cmocka_unit_test(test_words_of_a_closed_set),
        cmocka_unit_test(test_limits_of_cells),
        cmocka_unit_test(test_column_errors),
        cmocka_unit_test(test_more_columns_than_a_message_holds),
        cmocka_unit_test(test_given_columns),
        cmocka_unit_test(test_width),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
