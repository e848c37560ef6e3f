/* From settings to structs: scenario files, --set, defaults, lists, choices, tables, every error.
 */
#include "tests/unit/scratch.h"

#include <math.h>

#include "sim/io/params.h"
#include "sim/io/table.h"

/* ---- allocations that fail ----------------------------------------------------------------- */

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { FAILING = 0 };
static size_t left;
#else
enum { FAILING = 1 };
static size_t left = SIZE_MAX; /* allocations that succeed; the one after them fails */

/* glibc's own names; these take the place of its malloc in this program. */
extern void *__libc_malloc(size_t size);
extern void *__libc_realloc(void *block, size_t size);

void *malloc(size_t size)
{
    return left-- > 0 ? __libc_malloc(size) : NULL;
}

void *realloc(void *block, size_t size)
{
    return left-- > 0 ? __libc_realloc(block, size) : NULL;
}
#endif

/* ---- settings ------------------------------------------------------------------------------ */

static void read_settings(struct sqz_settings *settings, const char *path)
{
    struct sqz_diag diag = {0};
    memset(settings, 0, sizeof *settings);
    if (sqz_settings_read(settings, path, &diag) != SQZ_OK)
        fail_msg("line %ld: %s: %s", diag.line, diag.field, diag.message);
}

static void test_a_setting_that_finds_no_memory_is_not_there(void **state)
{
    (void)state;
    for (size_t succeed = 0; FAILING && succeed < 5; succeed++) { /* the list and four strings */
        struct sqz_settings settings = {0};
        left = succeed;
        const struct sqz_setting *added = sqz_settings_add(&settings, "price", "100", "usd", NULL);
        left = SIZE_MAX;
        assert_null(added);
        assert_int_equal(settings.count, 0);
        assert_null(sqz_settings_find(&settings, "levels"));
        sqz_settings_free(&settings);
    }
}

static void test_settings_keep_what_was_written(void **state)
{
    struct sqz_settings settings;
    const char *path = scratch_write(*state, "s.csv",
                                     "value,key,unit,note\n"
                                     "2.5,horizon,d,\"a week, nearly\"\n"
                                     "\n"
                                     "84178.9,price,usd\n");
    read_settings(&settings, path);
    const struct sqz_setting *horizon = sqz_settings_find(&settings, "horizon");
    assert_non_null(horizon);
    assert_string_equal(horizon->value, "2.5");
    assert_string_equal(horizon->unit, "d");
    assert_string_equal(horizon->note, "a week, nearly");
    assert_string_equal(horizon->file, path);
    assert_int_equal(horizon->line, 2);
    assert_int_equal(sqz_settings_find(&settings, "price")->line, 4);
    assert_string_equal(sqz_settings_find(&settings, "price")->note, "");
    assert_null(sqz_settings_find(&settings, "pric"));
    sqz_settings_free(&settings);
    sqz_settings_free(&settings);
    assert_int_equal(settings.count, 0);
}

static void check_read_error(struct scratch *scratch, const char *text, long line,
                             const char *field, const char *message)
{
    struct sqz_settings settings = {0};
    struct sqz_diag diag = {0};
    const char *path = scratch_write(scratch, "s.csv", text);
    assert_int_equal(sqz_settings_read(&settings, path, &diag), SQZ_ERR_DATA);
    check_diag(&diag, SQZ_ERR_DATA, path, line, field, message);
    sqz_settings_free(&settings);
}

static void test_settings_errors(void **state)
{
    static const char FIELDS[] = "fields; expected key,value,unit[,note] (quote a note that holds";
    check_read_error(*state, "", 0, "", "is empty; expected a scenario, key,value,unit[,note]");
    check_read_error(*state, "key,value\nprice,3\n", 1, "unit",
                     "missing column; expected a header line key,value,unit[,note]");
    check_read_error(*state, "key,value,unit,comment\n", 1, "comment",
                     "unknown column; expected key,value,unit[,note]");
    check_read_error(*state, "key,value,unit\nprice\n", 2, "",
                     "1 field; expected key,value,unit[,note] (quote a note that holds");
    check_read_error(*state, "key,value,unit,note\nprice,3,usd,one, two\n", 2, "", FIELDS);
    check_read_error(*state, "key,value,unit\n,3,usd\n", 2, "key", "is empty");
    check_read_error(*state, "key,value,unit\nprice,3,usd\n\nprice,4,usd\n", 4, "price",
                     "given twice; first on line 2");
}

static void override(struct sqz_settings *settings, const char *assignment)
{
    struct sqz_diag diag = {0};
    assert_int_equal(sqz_settings_override(settings, assignment, &diag), SQZ_OK);
}

static void test_override_replaces_and_adds(void **state)
{
    struct sqz_settings settings;
    read_settings(&settings,
                  scratch_write(*state, "s.csv", "key,value,unit\na,1,s\nb,2,s\nc,3,s\n"));
    override(&settings, "a=2.385h");
    override(&settings, "c=x=y");
    override(&settings, "d=");
    assert_int_equal(settings.count, 4);
    const struct sqz_setting *a = sqz_settings_find(&settings, "a");
    assert_string_equal(a->value, "2.385h");
    assert_string_equal(a->unit, "");
    assert_string_equal(a->file, "--set");
    assert_int_equal(a->line, 0);
    assert_string_equal(sqz_settings_find(&settings, "b")->value, "2");
    assert_string_equal(sqz_settings_find(&settings, "c")->value, "x=y");
    assert_string_equal(sqz_settings_find(&settings, "d")->value, "");
    sqz_settings_free(&settings);
}

static void test_override_errors(void **state)
{
    (void)state;
    static const char *const BAD[] = {"volatility", "=0.03", ""};
    struct sqz_settings settings = {0};
    for (int i = 0; i < 3; i++) {
        struct sqz_diag diag = {0};
        assert_int_equal(sqz_settings_override(&settings, BAD[i], &diag), SQZ_ERR_USAGE);
        check_diag(&diag, SQZ_ERR_USAGE, "--set", 0, "",
                   "is not key=value, as in --set volatility=0.03");
        assert_non_null(strstr(diag.message, BAD[i]));
    }
    assert_int_equal(settings.count, 0);
}

static void check_path(const char *file, long line, const char *value, const char *expected)
{
    struct sqz_setting setting = {.value = (char *)value, .file = (char *)file, .line = line};
    char *path = sqz_setting_path(&setting);
    assert_string_equal(path, expected);
    free(path);
}

static void test_paths_are_relative_to_their_file(void **state)
{
    (void)state;
    check_path("scenarios/a.csv", 5, "leverage/wall.csv", "scenarios/leverage/wall.csv");
    check_path("scenarios/a.csv", 5, "../wall.csv", "scenarios/../wall.csv");
    check_path("a.csv", 5, "leverage/wall.csv", "leverage/wall.csv");
    check_path("scenarios/a.csv", 5, "/data/wall.csv", "/data/wall.csv");
    check_path("--set", 0, "leverage/wall.csv", "leverage/wall.csv");
    check_path("dir/--set", 0, "wall.csv", "wall.csv");
    check_path(NULL, 0, "wall.csv", "wall.csv");
}

static void test_locate_finds_where_a_key_was_set(void **state)
{
    struct sqz_settings settings;
    struct sqz_diag diag = {.field = "b"}, elsewhere = {.field = "b", .file = "x.csv", .line = 9},
                    unknown = {.field = "q"};
    const char *path = scratch_write(*state, "s.csv", "key,value,unit\na,1,s\nb,2,s\n");
    read_settings(&settings, path);
    sqz_settings_locate(&settings, &diag);
    assert_string_equal(diag.file, path);
    assert_int_equal(diag.line, 3);
    sqz_settings_locate(&settings, &elsewhere);
    assert_string_equal(elsewhere.file, "x.csv");
    assert_int_equal(elsewhere.line, 9);
    sqz_settings_locate(&settings, &unknown);
    assert_string_equal(unknown.file, "");
    sqz_settings_locate(&settings, NULL);
    sqz_settings_free(&settings);
}

/* ---- values -------------------------------------------------------------------------------- */

static const char *const FRUIT[] = {"apple", "pear", "quince", NULL};
static const char *const SIDES[] = {"ask", "bid", NULL};
static const struct sqz_column COLUMNS[] = {
    {.name = "side", .kind = SQZ_COLUMN_WORD, .words = SIDES}, {.name = "amount"}, {.name = NULL}};

/* One parameter of every kind and manner of default. */
struct basket {
    double wait_s, drift_per_s, depth_usd, depth_ask_usd, optional;
    struct sqz_list halflife_s, unset;
    const char *label, *unset_label;
    int fruit;
    struct sqz_table table;
};

#define PARAM(k, kind_, dim, u, member)                                                            \
    .key = k, .kind = SQZ_PARAM_##kind_, .dimension = SQZ_DIM_##dim, .unit = u,                    \
    .offset = offsetof(struct basket, member), .doc = "for the test"
static const struct sqz_param TABLE[] = {
    {PARAM("wait", NUMBER, TIME, "min", wait_s), .default_text = "2.5", .hi = 3600},
    {PARAM("drift", NUMBER, RATE, "1/d", drift_per_s), .default_text = "0", .lo = -1, .hi = 1},
    {PARAM("depth", NUMBER, USD, "usd", depth_usd), .required = true, .hi = 1e12, .above_lo = true},
    {PARAM("depth_ask", NUMBER, USD, "usd", depth_ask_usd), .default_text = "=depth", .hi = 1e12},
    {PARAM("optional", NUMBER, NUMBER, "1", optional), .hi = 1},
    {PARAM("halflife", LIST, TIME, "s", halflife_s), .default_text = "20;900", .hi = INFINITY,
     .above_lo = true},
    {PARAM("unset", LIST, NUMBER, "1", unset), .hi = 1},
    {PARAM("label", TEXT, NONE, "", label), .default_text = "power"},
    {PARAM("unset_label", TEXT, NONE, "", unset_label)},
    {PARAM("fruit", CHOICE, NONE, "", fruit), .default_text = "pear", .choices = FRUIT},
    {PARAM("table", TABLE, NONE, "", table), .columns = COLUMNS},
};
enum { PARAMS = sizeof TABLE / sizeof TABLE[0] };

/* Fill a basket from rows of a scenario and assignments, NULL-terminated. */
static int fill(struct scratch *scratch, const char *rows, const char *const *set,
                struct sqz_settings *settings, struct basket *basket, struct sqz_diag *diag)
{
    char text[6000];
    struct sqz_param_group group = {TABLE, PARAMS, basket};
    snprintf(text, sizeof text, "key,value,unit\n%s", rows);
    memset(basket, 0, sizeof *basket);
    read_settings(settings, scratch_write(scratch, "s.csv", text));
    for (; set != NULL && *set != NULL; set++)
        override(settings, *set);
    return sqz_params_fill(&group, settings, diag);
}

static void release(struct sqz_settings *settings, struct basket *basket)
{
    sqz_params_release(&(struct sqz_param_group){TABLE, PARAMS, basket});
    sqz_settings_free(settings);
}

static void fill_well(struct scratch *scratch, const char *rows, const char *const *set,
                      struct sqz_settings *settings, struct basket *basket)
{
    struct sqz_diag diag = {0};
    if (fill(scratch, rows, set, settings, basket, &diag) != SQZ_OK)
        fail_msg("%s: %s", diag.field, diag.message);
}

static void test_defaults(void **state)
{
    struct sqz_settings settings;
    struct basket basket;
    fill_well(*state, "depth,14.2M,usd\n", NULL, &settings, &basket);
    assert_true(basket.wait_s == 150);
    assert_true(basket.drift_per_s == 0.0);
    assert_true(basket.depth_usd == 14.2e6 && basket.depth_ask_usd == 14.2e6);
    assert_true(isnan(basket.optional));
    assert_int_equal(basket.halflife_s.count, 2);
    assert_true(basket.halflife_s.value[0] == 20 && basket.halflife_s.value[1] == 900);
    assert_int_equal(basket.unset.count, 0);
    assert_string_equal(basket.label, "power");
    assert_null(basket.unset_label);
    assert_int_equal(basket.fruit, 1);
    assert_null(basket.table.value);
    release(&settings, &basket);
}

/* What was resolved is added to the settings, with its unit and no file. */
static void test_defaults_join_the_settings(void **state)
{
    struct sqz_settings settings;
    struct basket basket;
    fill_well(*state, "depth,14.2M,\ndrift,0.5,\n", NULL, &settings, &basket);
    const struct sqz_setting *wait = sqz_settings_find(&settings, "wait");
    assert_string_equal(wait->value, "2.5");
    assert_string_equal(wait->unit, "min");
    assert_null(wait->file);
    assert_string_equal(sqz_settings_find(&settings, "depth_ask")->value, "14.2M");
    assert_string_equal(sqz_settings_find(&settings, "drift")->unit, "1/d");
    assert_null(sqz_settings_find(&settings, "optional"));
    check_near("drift", basket.drift_per_s, 0.5 / 86400, 1e-21);
    release(&settings, &basket);
}

static void test_written_values(void **state)
{
    struct sqz_settings settings;
    struct basket basket;
    fill_well(*state,
              "depth,14.2M,usd\ndepth_ask,7k,usd\nwait,0.25,h\noptional,35,%\n"
              "halflife,0.5;3;inf,h\nunset,0.1; 0.9,\nlabel,table,\nfruit,quince,\n",
              NULL, &settings, &basket);
    assert_true(basket.depth_ask_usd == 7000 && basket.wait_s == 900);
    check_near("optional", basket.optional, 0.35, 1e-16);
    assert_int_equal(basket.halflife_s.count, 3);
    assert_true(basket.halflife_s.value[0] == 1800 && basket.halflife_s.value[1] == 10800);
    assert_true(basket.halflife_s.value[2] == INFINITY);
    assert_int_equal(basket.unset.count, 2);
    assert_true(basket.unset.value[1] == 0.9);
    assert_string_equal(basket.label, "table");
    assert_int_equal(basket.fruit, 2);
    release(&settings, &basket);
}

/* Units are part of the text of --set, for numbers only. */
static void test_set_splits_units(void **state)
{
    static const char *const SET[] = {"wait=0.5h", "depth=3Musd",  "halflife=5;10 min",
                                      "label=3 m", "optional=35%", NULL};
    struct sqz_settings settings;
    struct basket basket;
    fill_well(*state, "depth,14.2M,usd\nwait,7,s\n", SET, &settings, &basket);
    assert_true(basket.wait_s == 1800);
    assert_true(basket.depth_usd == 3e6 && basket.depth_ask_usd == 3e6);
    assert_true(basket.halflife_s.value[0] == 300 && basket.halflife_s.value[1] == 600);
    assert_string_equal(basket.label, "3 m");
    check_near("optional", basket.optional, 0.35, 1e-16);
    assert_string_equal(sqz_settings_find(&settings, "wait")->value, "0.5");
    assert_string_equal(sqz_settings_find(&settings, "wait")->unit, "h");
    release(&settings, &basket);
}

/* The row's unit counts, also where several --set replace one another: not that of another --set.
 */
static void test_set_without_a_unit_has_that_of_the_row(void **state)
{
    static const char *const SET[] = {"wait=30",      "wait=7min",  "wait=0.25", "halflife=2;3.5",
                                      "optional=2.5", "drift=0.25", "depth=3M",  NULL};
    struct sqz_settings settings;
    struct basket basket;
    fill_well(*state, "depth,14.2M,usd\nwait,7,h\nhalflife,20;900,min\noptional,35,%\ndrift,0.5,\n",
              SET, &settings, &basket);
    assert_true(basket.wait_s == 900);
    assert_true(basket.halflife_s.value[0] == 120 && basket.halflife_s.value[1] == 210);
    check_near("optional", basket.optional, 0.025, 1e-17);
    check_near("a row without a unit", basket.drift_per_s, 0.25 / 86400, 1e-21);
    assert_true(basket.depth_usd == 3e6);
    assert_string_equal(sqz_settings_find(&settings, "wait")->unit, "h");
    release(&settings, &basket);
}

/* A unit may stand behind the number where the unit column is empty; % is completed by it. */
static void test_units_behind_the_number(void **state)
{
    struct sqz_settings settings;
    struct basket basket;
    fill_well(*state,
              "depth,30.0 M,USD\nwait,45m,\ndrift,5%,1/H\noptional,35 %,1\n"
              "halflife,20;900 MS,\nfruit,Quince,\nunset,10;20%,\n",
              NULL, &settings, &basket);
    assert_true(basket.wait_s == 2700 && basket.depth_usd == 30e6);
    check_near("drift", basket.drift_per_s, 0.05 / 3600, 1e-21);
    check_near("optional", basket.optional, 0.35, 0);
    assert_true(basket.halflife_s.value[0] == 0.02 && basket.halflife_s.value[1] == 0.9);
    assert_true(basket.unset.value[0] == 0.1 && basket.unset.value[1] == 0.2);
    assert_int_equal(basket.fruit, 2);
    /* They are told by the names they have here. */
    static const char *const TOLD[][3] = {{"wait", "45", "min"},   {"drift", "5", "%/h"},
                                          {"optional", "35", "%"}, {"depth", "30.0 M", "usd"},
                                          {"fruit", "quince", ""}, {"halflife", "20;900", "ms"}};
    for (size_t i = 0; i < sizeof TOLD / sizeof TOLD[0]; i++) {
        assert_string_equal(sqz_settings_find(&settings, TOLD[i][0])->value, TOLD[i][1]);
        assert_string_equal(sqz_settings_find(&settings, TOLD[i][0])->unit, TOLD[i][2]);
    }
    release(&settings, &basket);
}

/* The unit of a row is also one behind its number; that of a % is that of the row too. */
static void test_set_takes_a_unit_behind_the_rows_number(void **state)
{
    static const char *const SET[] = {"wait=3", "drift=4%", "optional=25", "halflife=7", NULL};
    struct sqz_settings settings;
    struct basket basket;
    fill_well(*state, "depth,3M,\nwait,45m,\ndrift,0.05,1/h\noptional,35%,\nhalflife,900ms,\n", SET,
              &settings, &basket);
    assert_true(basket.wait_s == 180);
    check_near("drift", basket.drift_per_s, 0.04 / 3600, 1e-21);
    check_near("optional", basket.optional, 0.25, 0);
    check_near("halflife", basket.halflife_s.value[0], 0.007, 0);
    release(&settings, &basket);
}

static void test_set_without_row_or_unit_has_the_keys_own(void **state)
{
    static const char *const SET[] = {"wait=2h", "wait=1.5", "halflife=7", "label=3", NULL};
    struct sqz_settings settings;
    struct basket basket;
    fill_well(*state, "depth,14.2M,usd\nlabel,power,\n", SET, &settings, &basket);
    assert_true(basket.wait_s == 90);
    assert_true(basket.halflife_s.value[0] == 7);
    assert_string_equal(basket.label, "3");
    assert_string_equal(sqz_settings_find(&settings, "wait")->unit, "min");
    release(&settings, &basket);
}

/* A wrong unit of the row is no obstacle to a value with its own, and is said to be the row's. */
static void test_set_over_a_row_with_a_wrong_unit(void **state)
{
    static const char *const WITH[] = {"wait=90s", NULL}, *const WITHOUT[] = {"wait=90", NULL};
    struct sqz_settings settings;
    struct basket basket;
    struct sqz_diag diag = {0};
    fill_well(*state, "depth,3M,usd\nwait,7,weeks\n", WITH, &settings, &basket);
    assert_true(basket.wait_s == 90);
    release(&settings, &basket);
    assert_int_equal(
        fill(*state, "depth,3M,usd\nwait,7,weeks\n", WITHOUT, &settings, &basket, &diag),
        SQZ_ERR_DATA);
    check_diag(&diag, SQZ_ERR_DATA, "--set", 0, "wait",
               "has no unit, and that of the scenario's row, 'weeks', does not fit");
    release(&settings, &basket);
}

/* `rows` follow depth on line 2, so the first of them is line 3. */
static void check_fill_error(struct scratch *scratch, const char *rows, const char *field,
                             const char *message)
{
    struct sqz_settings settings;
    struct basket basket;
    struct sqz_diag diag = {0};
    char text[5500], path[160];
    snprintf(text, sizeof text, "depth,14.2M,usd\n%s", rows);
    assert_int_equal(fill(scratch, text, NULL, &settings, &basket, &diag), SQZ_ERR_DATA);
    snprintf(path, sizeof path, "%s/s.csv", scratch->folder);
    check_diag(&diag, SQZ_ERR_DATA, path, 3, field, message);
    release(&settings, &basket);
}

static void test_value_errors(void **state)
{
    check_fill_error(*state, "wait,,s\n", "wait", "is empty; expected a value");
    check_fill_error(*state, "wait,soon,s\n", "wait", "'soon' is not a number");
    check_fill_error(*state, "wait,3d,s\n", "wait", "the unit belongs in the unit column");
    check_fill_error(*state, "wait,3weeks,\n", "wait", "unit 'weeks' does not fit; expected s,");
    check_fill_error(*state, "wait,3%,\n", "wait", "unit '%' does not fit; expected s,");
    check_fill_error(*state, "drift,3%,%\n", "drift", "'3%' is not a number");
    check_fill_error(*state, "drift,3,%\n", "drift", "unit '%' does not fit; expected 1/s");
    check_fill_error(*state, "wait,3,usd\n", "wait",
                     "unit 'usd' does not fit; expected s, min, h, d");
    check_fill_error(*state, "label,x,s\n", "label", "takes no unit");
    check_fill_error(*state, "fruit,plum,\n", "fruit",
                     "'plum' is not a choice; expected apple, pear, quince");
    check_fill_error(*state, "halflife,1;2;3;4;5;6;7;8;9,s\n", "halflife", "more than 8 values");
    check_fill_error(*state, "halflife,20;;900,s\n", "halflife", "'' is not a number");
    check_fill_error(*state, "halflife,20;x,s\n", "halflife", "'x' is not a number");
}

static void test_range_errors(void **state)
{
    check_fill_error(*state, "wait,61,min\n", "wait",
                     "61 min is out of range; expected 0 to 60 min");
    check_fill_error(*state, "wait,-1,s\n", "wait", "-1 s is out of range");
    check_fill_error(*state, "drift,1.01,1/s\n", "drift",
                     "1.01 1/s is out of range; expected -86400 to 86400 1/d");
    check_fill_error(*state, "optional,inf,\n", "optional", "inf is out of range");
    check_fill_error(*state, "halflife,20;0,s\n", "halflife",
                     "20;0 s is out of range; expected above 0 to inf s");
}

static void test_ends_of_a_range(void **state)
{
    struct sqz_settings settings;
    struct basket basket;
    fill_well(*state, "depth,1e12,usd\nwait,3600,s\noptional,0,\n", NULL, &settings, &basket);
    assert_true(basket.wait_s == 3600 && basket.optional == 0.0 && basket.depth_usd == 1e12);
    release(&settings, &basket);
}

static void test_too_long_a_value(void **state)
{
    char rows[5300] = "wait,";
    memset(rows + 5, '1', 5000);
    strcpy(rows + 5005, ",s\n");
    check_fill_error(*state, rows, "wait", "is too long");
}

static void test_missing_key(void **state)
{
    struct sqz_settings settings;
    struct basket basket;
    struct sqz_diag diag = {0};
    assert_int_equal(fill(*state, "wait,3,s\n", NULL, &settings, &basket, &diag), SQZ_ERR_DATA);
    check_diag(&diag, SQZ_ERR_DATA, "", 0, "depth", "is missing; for the test");
    release(&settings, &basket);
}

static void test_error_in_a_set_value(void **state)
{
    static const char *const SET[] = {"wait=3 weeks", NULL};
    struct sqz_settings settings;
    struct basket basket;
    struct sqz_diag diag = {0};
    assert_int_equal(fill(*state, "depth,3M,usd\n", SET, &settings, &basket, &diag), SQZ_ERR_DATA);
    check_diag(&diag, SQZ_ERR_DATA, "--set", 0, "wait", "unit 'weeks' does not fit");
    release(&settings, &basket);
}

/* ---- tables -------------------------------------------------------------------------------- */

static void test_table_is_read(void **state)
{
    struct sqz_settings settings;
    struct basket basket;
    scratch_write(*state, "t.csv", "amount,side\n2.385,bid\n\n-1e3,ask\n");
    fill_well(*state, "depth,3M,usd\ntable,t.csv,\n", NULL, &settings, &basket);
    assert_int_equal(basket.table.rows, 2);
    assert_int_equal(basket.table.columns, 2);
    assert_memory_equal(basket.table.value, ((double[]){1, 2.385, 0, -1000}), 4 * sizeof(double));
    assert_int_equal(basket.table.line[0], 2);
    assert_int_equal(basket.table.line[1], 4);
    assert_non_null(strstr(basket.table.file, "/t.csv"));
    release(&settings, &basket);
    assert_null(basket.table.value);
}

static void test_table_grows(void **state)
{
    char text[8000] = "side,amount\n";
    struct sqz_table table;
    struct sqz_diag diag = {0};
    for (int i = 0; i < 500; i++)
        sprintf(text + strlen(text), "ask,%d.5\n", i);
    char *path = strdup(scratch_write(*state, "t.csv", text));
    assert_int_equal(sqz_table_read(&table, path, COLUMNS, &diag), SQZ_OK);
    assert_int_equal(table.rows, 500);
    for (int i = 0; i < 500; i++) {
        assert_true(table.value[2 * i + 1] == i + 0.5);
        assert_int_equal(table.line[i], i + 2);
    }
    sqz_table_free(&table);
    sqz_table_free(&table);
}

static void check_table_error(struct scratch *scratch, const char *text, long line,
                              const char *field, const char *message)
{
    struct sqz_table table;
    struct sqz_diag diag = {0};
    char *path = strdup(scratch_write(scratch, "t.csv", text));
    assert_int_equal(sqz_table_read(&table, path, COLUMNS, &diag), SQZ_ERR_DATA);
    check_diag(&diag, SQZ_ERR_DATA, scratch->path, line, field, message);
    sqz_table_free(&table);
}

static void test_table_errors(void **state)
{
    static const char EMPTY[] = "has no rows; expected a header and at least one";
    check_table_error(*state, "", 0, "", "is empty; expected a table, side,amount");
    check_table_error(*state, "side,amount\n", 0, "", EMPTY);
    check_table_error(*state, "side\nask\n", 1, "amount",
                      "missing column; expected a header line side,amount");
    check_table_error(*state, "side,amount,extra\n", 1, "extra",
                      "unknown column; expected side,amount");
    check_table_error(*state, "side,amount\nask,1\nbid\n", 3, "", "1 field; expected 2");
    check_table_error(*state, "side,amount\nask,1\nmid,3\n", 3, "side",
                      "'mid' is unknown; expected ask or bid");
    check_table_error(*state, "side,amount\nask,x\n", 2, "amount", "'x' is not a finite number");
    check_table_error(*state, "side,amount\nask,inf\n", 2, "amount",
                      "'inf' is not a finite number");
    check_table_error(*state, "side,amount\nask,\n", 2, "amount", "'' is not a finite number");
}

static void test_missing_table_file(void **state)
{
    struct scratch *scratch = *state;
    struct sqz_settings settings;
    struct basket basket;
    struct sqz_diag diag = {0};
    static const char *const SET[] = {"table=no/none.csv", NULL};
    char path[160], asker[200];
    assert_int_equal(
        fill(scratch, "depth,3M,usd\ntable,none.csv,\n", NULL, &settings, &basket, &diag),
        SQZ_ERR_DATA);
    snprintf(path, sizeof path, "%s/none.csv", scratch->folder);
    snprintf(asker, sizeof asker, "No such file or directory (table in %s/s.csv:3)",
             scratch->folder);
    check_diag(&diag, SQZ_ERR_DATA, path, 0, "", "cannot be opened: ");
    check_diag(&diag, SQZ_ERR_DATA, path, 0, "", asker);
    release(&settings, &basket);
    assert_int_equal(fill(scratch, "depth,3M,usd\n", SET, &settings, &basket, &diag), SQZ_ERR_DATA);
    check_diag(&diag, SQZ_ERR_DATA, "no/none.csv", 0, "", "directory (table by --set)");
    release(&settings, &basket);
}

/* A place inside the file says enough. */
static void test_cite(void **state)
{
    (void)state;
    const struct sqz_setting row = {.key = "levels", .file = "s.csv", .line = 4},
                             none = {.key = "levels"};
    struct sqz_diag whole = {.file = "l.csv", .message = "is empty"},
                    line = {.file = "l.csv", .line = 3, .message = "is short"},
                    field = {.file = "l.csv", .field = "side", .message = "is odd"};
    sqz_setting_cite(&row, &whole);
    sqz_setting_cite(&row, &line);
    sqz_setting_cite(&row, &field);
    sqz_setting_cite(&row, NULL);
    assert_string_equal(whole.message, "is empty (levels in s.csv:4)");
    assert_string_equal(line.message, "is short");
    assert_string_equal(field.message, "is odd");
    sqz_setting_cite(&none, &whole);
    assert_string_equal(whole.message, "is empty (levels in s.csv:4)");
    memset(whole.message, 'x', sizeof whole.message - 3);
    sqz_setting_cite(&row, &whole);
    assert_int_equal(strlen(whole.message), sizeof whole.message - 1);
}

#define IN_SCRATCH(test) cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SCRATCH(test_settings_keep_what_was_written),
        IN_SCRATCH(test_settings_errors),
        IN_SCRATCH(test_override_replaces_and_adds),
        cmocka_unit_test(test_a_setting_that_finds_no_memory_is_not_there),
        cmocka_unit_test(test_override_errors),
        cmocka_unit_test(test_paths_are_relative_to_their_file),
        IN_SCRATCH(test_locate_finds_where_a_key_was_set),
        IN_SCRATCH(test_defaults),
        IN_SCRATCH(test_defaults_join_the_settings),
        IN_SCRATCH(test_written_values),
        IN_SCRATCH(test_set_splits_units),
        IN_SCRATCH(test_set_without_a_unit_has_that_of_the_row),
        IN_SCRATCH(test_units_behind_the_number),
        IN_SCRATCH(test_set_takes_a_unit_behind_the_rows_number),
        IN_SCRATCH(test_set_without_row_or_unit_has_the_keys_own),
        IN_SCRATCH(test_set_over_a_row_with_a_wrong_unit),
        IN_SCRATCH(test_value_errors),
        IN_SCRATCH(test_range_errors),
        IN_SCRATCH(test_ends_of_a_range),
        IN_SCRATCH(test_too_long_a_value),
        IN_SCRATCH(test_missing_key),
        IN_SCRATCH(test_error_in_a_set_value),
        IN_SCRATCH(test_table_is_read),
        IN_SCRATCH(test_table_grows),
        IN_SCRATCH(test_table_errors),
        IN_SCRATCH(test_missing_table_file),
        cmocka_unit_test(test_cite),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
