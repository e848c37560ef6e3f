/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The drivers of a scenario: which are chosen, in what order and with which streams; what goes
 * wrong; and that drivers side by side see the shocks that each sees alone. */
#include "tests/unit/driver_cases.h"

#include <math.h>

#include "sim/io/drivers.h"
#include "tests/unit/engine_fixture.h"

/* ---- invented models ----------------------------------------------------------------------- */

struct one_number {
    double value;
};

static bool is_positive(const void *params)
{
    return ((const struct one_number *)params)->value > 0;
}

/* Fails at 13; what it prepares is counted by the number it is given. */
static int prepare_unless_13(const void *params, const struct sqz_driver_terms *market,
                             void *shared, struct sqz_diag *diag)
{
    const struct one_number *own = params;
    assert_true(market->price_usd == 77.5 && market->horizon_s == 3600);
    assert_true(own->value > 0); /* an inactive driver is not prepared */
    if (own->value == 13)
        return sqz_fail_at(diag, SQZ_ERR_DATA, NULL, 0, "second", "is unlucky; expected another");
    *(double *)shared = 2 * own->value;
    return SQZ_OK;
}

static void start_none(const void *shared, void *state, struct sqz_stream *stream,
                       struct sqz_driver_effect *effect)
{
    (void)shared;
    (void)state;
    (void)stream;
    (void)effect;
}

static double ignore_fills(const void *shared, void *state, struct sqz_stream *stream,
                           double time_s, const double forced_usd[2], double next_s)
{
    (void)shared;
    (void)state;
    (void)stream;
    (void)time_s;
    (void)forced_usd;
    return next_s;
}

#define NUMBER_OF(name)                                                                            \
    (const struct sqz_param[])                                                                     \
    {                                                                                              \
        {                                                                                          \
            .key = name, .kind = SQZ_PARAM_NUMBER, .dimension = SQZ_DIM_NUMBER, .unit = "1",       \
            .required = true, .hi = 100, .doc = "for the test"                                     \
        }                                                                                          \
    }
#define INVENTED(title)                                                                            \
    .name = title, .params = NUMBER_OF(title), .n_params = 1,                                      \
    .params_size = sizeof(struct one_number), .shared_size = sizeof(double),                       \
    .active = is_positive, .prepare = prepare_unless_13, .start = start_none
static const struct sqz_measure TWO[] = {{.name = "a", .unit = "1", .doc = "x"},
                                         {.name = "b", .unit = "1", .doc = "x"}};
static const struct sqz_measure THREE[] = {{.name = "a", .unit = "1", .doc = "x"},
                                           {.name = "b", .unit = "1", .doc = "x"},
                                           {.name = "c", .unit = "1", .doc = "x"}};
static const struct sqz_driver_model FIRST = {INVENTED("first"), .measures = TWO, .n_measures = 2};
static const struct sqz_driver_model SECOND = {INVENTED("second"), .on_fill = ignore_fills};
static const struct sqz_driver_model THIRD = {INVENTED("third"), .measures = THREE,
                                              .n_measures = 3};
static const struct sqz_driver_model *const INVENTIONS[] = {&FIRST, &SECOND, &THIRD, NULL};
static const struct sqz_registry INVENTED_REGISTRY = {.drivers = INVENTIONS};

/* What a scenario says of them, as "first=3". */
struct choice {
    struct sqz_settings settings;
    struct sqz_driver_set set;
    struct sqz_world world;
};

static int choose(struct choice *choice, const struct sqz_registry *registry,
                  const char *const *assignment, struct sqz_diag *diag)
{
    static const struct sqz_driver_terms MARKET = {.price_usd = 77.5, .horizon_s = 3600};
    memset(choice, 0, sizeof *choice);
    for (; *assignment != NULL; assignment++)
        assert_int_equal(sqz_settings_override(&choice->settings, *assignment, diag), SQZ_OK);
    int error = sqz_driver_set_choose(&choice->set, registry, &choice->settings, diag);
    for (size_t i = 0; error == SQZ_OK && i < choice->set.count; i++) {
        const struct sqz_driver_item *item = &choice->set.item[i];
        struct sqz_param_group group = {item->model->params, item->model->n_params, item->params};
        assert_int_equal(sqz_params_fill(&group, &choice->settings, diag), SQZ_OK);
    }
    if (error == SQZ_OK)
        error = sqz_driver_set_prepare(&choice->set, &MARKET, diag);
    if (error == SQZ_OK)
        sqz_driver_set_bind(&choice->set, &choice->world);
    return error;
}

static void choose_well(struct choice *choice, const char *const *assignment)
{
    struct sqz_diag diag = {0};
    if (choose(choice, &INVENTED_REGISTRY, assignment, &diag) != SQZ_OK)
        fail_msg("%s: %s", diag.field, diag.message);
}

static void let_go(struct choice *choice)
{
    sqz_driver_set_free(&choice->set);
    sqz_driver_set_free(&choice->set);
    assert_int_equal(choice->set.count, 0);
    sqz_settings_free(&choice->settings);
}

/* In the order of the registry, each on the stream of its place there. */
static void test_named_drivers_in_the_order_of_the_registry(void **state)
{
    (void)state;
    struct choice choice;
    choose_well(&choice, (const char *const[]){"third=4.5", "book=power", "first=2.25", NULL});
    const struct sqz_world *world = &choice.world;
    assert_int_equal(world->n_drivers, 2);
    assert_ptr_equal(world->driver[0].model, &FIRST);
    assert_ptr_equal(world->driver[1].model, &THIRD);
    assert_true(world->driver[0].stream == SQZ_STREAM_DRIVERS);
    assert_true(world->driver[1].stream == SQZ_STREAM_DRIVERS + 2);
    assert_true(*(const double *)world->driver[0].shared == 4.5);
    assert_true(*(const double *)world->driver[1].shared == 9);
    assert_int_equal(world->n_measures, 5);
    assert_false(world->listened);
    let_go(&choice);
}

static void test_no_driver_is_named(void **state)
{
    (void)state;
    struct choice choice;
    choose_well(&choice, (const char *const[]){"first.rate=3", "firs=3", NULL});
    assert_int_equal(choice.set.count, 0);
    assert_int_equal(choice.world.n_drivers, 0);
    let_go(&choice);
}

/* One that asks for nothing is known, and its keys are checked, but no world has it. */
static void test_inactive_drivers_are_left_out(void **state)
{
    (void)state;
    struct choice choice;
    choose_well(&choice, (const char *const[]){"first=0", "second=7", "third=0", NULL});
    assert_int_equal(choice.set.count, 3);
    assert_int_equal(choice.world.n_drivers, 1);
    assert_ptr_equal(choice.world.driver[0].model, &SECOND);
    assert_true(choice.world.driver[0].stream == SQZ_STREAM_DRIVERS + 1);
    assert_int_equal(choice.world.n_measures, 0);
    assert_true(choice.world.listened);
    let_go(&choice);
}

static void test_a_driver_that_cannot_be_prepared(void **state)
{
    (void)state;
    struct choice choice;
    struct sqz_diag diag = {0};
    assert_int_equal(choose(&choice, &INVENTED_REGISTRY,
                            (const char *const[]){"first=5", "second=13", "third=5", NULL}, &diag),
                     SQZ_ERR_DATA);
    check_diag(&diag, SQZ_ERR_DATA, "", 0, "second", "is unlucky; expected another");
    assert_int_equal(choice.world.n_drivers, 0);
    let_go(&choice);
}

static void test_too_many_drivers(void **state)
{
    (void)state;
    struct choice choice;
    struct sqz_diag diag = {0};
    const struct sqz_driver_model *many[SQZ_DRIVERS_MAX + 2] = {NULL};
    const struct sqz_registry registry = {.drivers = many};
    for (size_t i = 0; i <= SQZ_DRIVERS_MAX; i++)
        many[i] = &FIRST;
    assert_int_equal(choose(&choice, &registry, (const char *const[]){"first=5", NULL}, &diag),
                     SQZ_ERR_DATA);
    check_diag(&diag, SQZ_ERR_DATA, "", 0, "", "more than 8 drivers");
    assert_int_equal(choice.set.count, SQZ_DRIVERS_MAX);
    let_go(&choice);
    many[SQZ_DRIVERS_MAX] = NULL;
    assert_int_equal(choose(&choice, &registry, (const char *const[]){"first=5", NULL}, &diag),
                     SQZ_OK);
    assert_int_equal(choice.world.n_drivers, SQZ_DRIVERS_MAX);
    let_go(&choice);
}

/* There is room for the measures of all drivers of a world, and no more. */
static void test_too_many_measures(void **state)
{
    (void)state;
    struct choice choice;
    struct sqz_diag diag = {0};
    struct sqz_driver_model talkative = FIRST, brief = FIRST;
    talkative.n_measures = SQZ_MEASURES_MAX - 2;
    brief.n_measures = 2;
    const struct sqz_driver_model *pair[] = {&talkative, &brief, NULL};
    const struct sqz_registry registry = {.drivers = pair};
    assert_int_equal(choose(&choice, &registry, (const char *const[]){"first=5", NULL}, &diag),
                     SQZ_OK);
    assert_int_equal(choice.world.n_measures, SQZ_MEASURES_MAX);
    let_go(&choice);
    brief.n_measures = 3;
    assert_int_equal(choose(&choice, &registry, (const char *const[]){"first=5", NULL}, &diag),
                     SQZ_ERR_DATA);
    check_diag(&diag, SQZ_ERR_DATA, "", 0, "", "more than 32 measures");
    let_go(&choice);
}

/* ---- the registered ones, side by side ----------------------------------------------------- */

enum { SEED = 67, PATHS = 12, JUMPS_MAX = 64 };

static size_t count_drivers(void)
{
    size_t count = 0;
    while (sqz_registry.drivers[count] != NULL)
        count++;
    return count;
}

/* Rows of the drivers whose bits are set, in the order of the registry. */
static void join_rows(unsigned set, char *rows, size_t size)
{
    rows[0] = '\0';
    for (size_t m = 0; sqz_registry.drivers[m] != NULL; m++)
        if (set & (1u << m))
            strncat(rows, driver_case(sqz_registry.drivers[m]->name)->on, size - strlen(rows) - 1);
}

/* What one driver did to the exogenous price on some paths, and said of itself at their ends. */
struct shocks {
    const char *driver;
    size_t count, measures;
    double time_s[PATHS * JUMPS_MAX], jump_log[PATHS * JUMPS_MAX];
    double measure[PATHS * SQZ_MEASURES_MAX];
};

static void note_jump(void *context, const struct sqz_event *event)
{
    struct shocks *shocks = context;
    if (strcmp(event->driver, shocks->driver) != 0)
        return;
    assert_true(shocks->count < PATHS * JUMPS_MAX);
    shocks->time_s[shocks->count] = event->time_s;
    shocks->jump_log[shocks->count++] = event->jump_log;
}

static void note_measures(struct shocks *shocks, const struct sqz_world *world,
                          const struct sqz_outcome *outcome)
{
    const double *measure = outcome->measure;
    for (size_t d = 0; d < world->n_drivers; d++) {
        const struct sqz_driver_model *model = world->driver[d].model;
        if (strcmp(model->name, shocks->driver) == 0)
            for (size_t i = 0; i < model->n_measures; i++)
                shocks->measure[shocks->measures++] = measure[i];
        measure += model->n_measures;
    }
}

/* Made once for all tests: it takes longer than a path. */
static struct sqz_exit_table exit_table;

static int make_exit_table(void **state)
{
    (void)state;
    struct sqz_diag diag = {0};
    return sqz_exit_table_init(&exit_table, &diag);
}

static void run_set(struct scratch *scratch, unsigned set, uint64_t paths, struct shocks *shocks)
{
    char rows[3000];
    struct sqz_scenario scenario;
    struct sqz_engine engine;
    struct sqz_diag diag = {0};
    struct sqz_observer observer = {shocks, note_jump, ~(1u << SQZ_EVENT_JUMP)};
    shocks->count = shocks->measures = 0;
    join_rows(set, rows, sizeof rows);
    load_case(scratch, &scenario, rows);
    assert_int_equal(scenario.world.n_drivers, __builtin_popcount(set));
    struct sqz_engine_plan plan = {.exit_table = &exit_table,
                                   .worlds = (const struct sqz_world *[]){&scenario.world},
                                   .n_worlds = 1,
                                   .max_events = 1000000};
    assert_int_equal(sqz_engine_init(&engine, &plan, &diag), SQZ_OK);
    for (uint64_t path = 0; path < paths; path++) {
        sqz_engine_run(&engine, SEED, path, &observer);
        assert_int_equal(sqz_engine_outcome(&engine, 0)->stop, SQZ_STOP_HORIZON);
        note_measures(shocks, &scenario.world, sqz_engine_outcome(&engine, 0));
    }
    sqz_engine_free(&engine);
    sqz_scenario_free(&scenario);
}

static unsigned bit_of(const char *name)
{
    for (size_t m = 0; sqz_registry.drivers[m] != NULL; m++)
        if (strcmp(sqz_registry.drivers[m]->name, name) == 0)
            return 1u << m;
    fail_msg("no driver '%s'", name);
    return 0;
}

static void check_same_shocks(const struct shocks *alone, const struct shocks *together)
{
    assert_int_equal(alone->count, together->count);
    assert_memory_equal(alone->time_s, together->time_s, alone->count * sizeof *alone->time_s);
    assert_memory_equal(alone->jump_log, together->jump_log,
                        alone->count * sizeof *alone->jump_log);
    assert_int_equal(alone->measures, together->measures);
    for (size_t i = 0; i < alone->measures; i++)
        check_same_bits("measure", alone->measure[i], together->measure[i]);
}

/* A driver that does not look at its world does and says next to each other driver, and next to
 * all of them, to the bit what it does and says alone. */
static void check_common_shocks(struct scratch *scratch, const char *driver, size_t least_jumps)
{
    static struct shocks alone, together;
    unsigned own = bit_of(driver);
    alone.driver = together.driver = driver;
    write_case_files(scratch);
    run_set(scratch, own, PATHS, &alone);
    assert_true(alone.count >= least_jumps && alone.measures >= PATHS);
    for (size_t m = 0; m < count_drivers(); m++) {
        run_set(scratch, own | 1u << m, PATHS, &together);
        check_same_shocks(&alone, &together);
    }
    run_set(scratch, (1u << count_drivers()) - 1, PATHS, &together);
    check_same_shocks(&alone, &together);
}

static void test_jumps_are_common_shocks(void **state)
{
    check_common_shocks(*state, "jumps", 2 * PATHS);
}

static void test_the_calendar_is_a_common_shock(void **state)
{
    check_common_shocks(*state, "calendar", PATHS);
}

static void test_regimes_are_common_shocks(void **state)
{
    check_common_shocks(*state, "regimes", 0);
}

static void test_any_set_of_drivers_runs(void **state)
{
    static struct shocks shocks = {.driver = "jumps"};
    write_case_files(*state);
    for (unsigned set = 0; set < 1u << count_drivers(); set++)
        run_set(*state, set, 1, &shocks);
}

#define IN_SCRATCH(test) cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_named_drivers_in_the_order_of_the_registry),
        cmocka_unit_test(test_no_driver_is_named),
        cmocka_unit_test(test_inactive_drivers_are_left_out),
        cmocka_unit_test(test_a_driver_that_cannot_be_prepared),
        cmocka_unit_test(test_too_many_drivers),
        cmocka_unit_test(test_too_many_measures),
        IN_SCRATCH(test_jumps_are_common_shocks),
        IN_SCRATCH(test_the_calendar_is_a_common_shock),
        IN_SCRATCH(test_regimes_are_common_shocks),
        IN_SCRATCH(test_any_set_of_drivers_runs),
    };
    return cmocka_run_group_tests(tests, make_exit_table, NULL);
}
