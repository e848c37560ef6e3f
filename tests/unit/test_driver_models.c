/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The contract of a driver model, checked for every registered one by way of a scenario. */
#include "tests/unit/driver_cases.h"

#include <math.h>

#include "sim/io/units.h"
#include "tests/toys/toys.h"
#include "tests/unit/engine_fixture.h"

/* Run one check on every registered model. */
static void for_each_model(void (*check)(const struct sqz_driver_model *model))
{
    assert_non_null(toy_registry.drivers[0]);
    for (size_t m = 0; toy_registry.drivers[m] != NULL; m++)
        check(toy_registry.drivers[m]);
}

/* ---- names, keys, measures ----------------------------------------------------------------- */

static void check_words(const char *name, const char *what, const char *text)
{
    if (text == NULL || text[0] == '\0')
        fail_msg("driver '%s' has no %s", name, what);
}

/* Names stand in headers of CSV files and before a dot in keys. */
static void check_plain_name(const char *name)
{
    assert_true(name[0] != '\0');
    assert_int_equal(strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_"), strlen(name));
}

static void check_model(const struct sqz_driver_model *model)
{
    check_plain_name(model->name);
    check_words(model->name, "documentation", model->doc);
    check_words(model->name, "citation", model->citation);
    assert_non_null(model->active);
    assert_non_null(model->prepare);
    assert_non_null(model->start);
    assert_non_null(model->fire);
    for (size_t m = 0; toy_registry.drivers[m] != model; m++)
        assert_string_not_equal(toy_registry.drivers[m]->name, model->name);
}

static void test_models_are_documented_and_distinct(void **state)
{
    (void)state;
    for_each_model(check_model);
}

/* A key says whose it is: "jumps.rate", "calendar". */
static void check_keys(const struct sqz_driver_model *model)
{
    size_t length = strlen(model->name);
    assert_true(model->n_params > 0);
    for (size_t i = 0; i < model->n_params; i++) {
        const char *key = model->params[i].key;
        if (strncmp(key, model->name, length) != 0 || (key[length] != '\0' && key[length] != '.'))
            fail_msg("key '%s' of driver '%s'", key, model->name);
    }
}

static void test_keys_begin_with_the_name(void **state)
{
    (void)state;
    for_each_model(check_keys);
}

static size_t count_key(const char *key, const struct sqz_param *table, size_t count)
{
    size_t found = 0;
    for (size_t i = 0; i < count; i++)
        found += strcmp(table[i].key, key) == 0;
    return found;
}

/* How many tables of the program know a key. */
static size_t count_owners(const char *key)
{
    size_t owners = count_key(key, sqz_scenario_param_table, sqz_scenario_param_count) +
                    count_key(key, sqz_book_param_table, sqz_book_param_count);
    for (size_t m = 0; toy_registry.books[m] != NULL; m++)
        owners += count_key(key, toy_registry.books[m]->params, toy_registry.books[m]->n_params);
    for (size_t m = 0; toy_registry.drivers[m] != NULL; m++)
        owners +=
            count_key(key, toy_registry.drivers[m]->params, toy_registry.drivers[m]->n_params);
    return owners;
}

static void check_owners(const struct sqz_driver_model *model)
{
    for (size_t i = 0; i < model->n_params; i++)
        if (count_owners(model->params[i].key) != 1)
            fail_msg("key '%s' has %zu owners", model->params[i].key,
                     count_owners(model->params[i].key));
}

static void test_no_key_has_two_owners(void **state)
{
    (void)state;
    for_each_model(check_owners);
}

static void check_measures(const struct sqz_driver_model *model)
{
    assert_true((model->n_measures > 0) == (model->measure != NULL));
    for (size_t i = 0; i < model->n_measures; i++) {
        check_plain_name(model->measures[i].name);
        check_words(model->name, "unit of a measure", model->measures[i].unit);
        check_words(model->name, "documentation of a measure", model->measures[i].doc);
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(model->measures[k].name, model->measures[i].name);
    }
}

static void test_measures_are_documented(void **state)
{
    (void)state;
    for_each_model(check_measures);
}

/* A scenario may switch on all drivers at once. */
static void test_all_drivers_fit(void **state)
{
    (void)state;
    size_t drivers = 0, measures = 0;
    for (; toy_registry.drivers[drivers] != NULL; drivers++)
        measures += toy_registry.drivers[drivers]->n_measures;
    assert_true(drivers <= SQZ_DRIVERS_MAX);
    assert_true(measures <= SQZ_MEASURES_MAX);
}

/* ---- parameters ---------------------------------------------------------------------------- */

static void check_number(const struct sqz_param *param, const char *text)
{
    double value;
    struct sqz_diag diag = {0};
    if (sqz_units_parse(text, "", param->unit, param->dimension, &value, &diag) != SQZ_OK)
        fail_msg("%s: default '%s' %s", param->key, text, diag.message);
    if (value < param->lo || value > param->hi || (param->above_lo && value == param->lo))
        fail_msg("%s: default %s is out of its range", param->key, text);
    if (param->odd_from > 0 && fabs(value) >= param->odd_from)
        fail_msg("%s: default %s is odd", param->key, text);
}

static void check_copy(const struct sqz_param *table, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (strcmp(table[i].key, table[index].default_text + 1) == 0) {
            assert_int_equal(table[i].kind, table[index].kind);
            assert_int_equal(table[i].dimension, table[index].dimension);
            return;
        }
    fail_msg("%s: its default '%s' is no earlier key", table[index].key, table[index].default_text);
}

static void check_default(const struct sqz_param *table, size_t index)
{
    const struct sqz_param *param = &table[index];
    char text[64], *rest = text, *part;
    if (param->default_text[0] == '=') {
        check_copy(table, index);
        return;
    }
    assert_true(strlen(param->default_text) < sizeof text);
    strcpy(text, param->default_text);
    if (param->kind == SQZ_PARAM_NUMBER || param->kind == SQZ_PARAM_LIST)
        while ((part = strsep(&rest, ";")) != NULL)
            check_number(param, part);
    if (param->kind == SQZ_PARAM_CHOICE)
        for (int i = 0; strcmp(param->choices[i], param->default_text) != 0; i++)
            assert_non_null(param->choices[i + 1]);
    if (param->kind == SQZ_PARAM_TABLE)
        assert_string_equal(param->default_text, "off");
}

static void check_param(const struct sqz_driver_model *model, size_t index)
{
    const struct sqz_param *param = &model->params[index];
    bool number = param->kind == SQZ_PARAM_NUMBER || param->kind == SQZ_PARAM_LIST;
    check_words(model->name, "documentation of a parameter", param->doc);
    assert_true(!number || param->lo < param->hi);
    assert_true((param->kind == SQZ_PARAM_TABLE) == (param->columns != NULL));
    assert_true((param->kind == SQZ_PARAM_CHOICE) == (param->choices != NULL));
    if (number != (sqz_units_factor(param->dimension, param->unit) > 0))
        fail_msg("%s: unit '%s' does not fit", param->key, param->unit);
    assert_true(param->offset < model->params_size);
    if (param->default_text != NULL)
        check_default(model->params, index);
}

static void check_params(const struct sqz_driver_model *model)
{
    for (size_t i = 0; i < model->n_params; i++)
        check_param(model, i);
}

static void test_defaults_lie_in_range(void **state)
{
    (void)state;
    for_each_model(check_params);
}

/* ---- on paths ------------------------------------------------------------------------------ */

enum { SEED = 61 };

/* Load the scenario of each driver alone and hand it to `check`. */
static void for_each_driver(void **state, void (*check)(const struct sqz_driver_model *model,
                                                        const struct sqz_scenario *scenario))
{
    write_case_files(*state);
    for (size_t m = 0; toy_registry.drivers[m] != NULL; m++) {
        struct sqz_scenario scenario;
        load_case(*state, &scenario, driver_case(toy_registry.drivers[m]->name)->on);
        assert_int_equal(scenario.world.n_drivers, 1);
        assert_ptr_equal(scenario.world.driver[0].model, toy_registry.drivers[m]);
        check(toy_registry.drivers[m], &scenario);
        sqz_scenario_free(&scenario);
    }
}

static void run(struct test_engine *test, uint64_t path, struct sqz_outcome *outcome)
{
    sqz_engine_run(&test->engine, SEED, path, NULL);
    *outcome = *sqz_engine_outcome(&test->engine, 0);
    assert_int_equal(outcome->stop, SQZ_STOP_HORIZON);
}

static void check_same(const struct sqz_world *world, const struct sqz_outcome *a,
                       const struct sqz_outcome *b)
{
    check_same_outcome(a, b);
    for (size_t i = 0; i < world->n_measures; i++)
        check_same_bits("measure", a->measure[i], b->measure[i]);
}

/* A path does not depend on what its engine did before, nor on what lies in the driver's state. */
static void check_start_resets(const struct sqz_driver_model *model,
                               const struct sqz_scenario *scenario)
{
    struct test_engine test;
    struct sqz_outcome first, other, again;
    test_engine_init(&test, (const struct sqz_world *[]){&scenario->world}, 1);
    run(&test, 5, &first);
    run(&test, 3, &other);
    memset(test.engine.path.driving.driver_state, 0x41,
           model->state_size); /* as doubles, two millions */
    run(&test, 5, &again);
    check_same(&scenario->world, &first, &again);
    assert_true(first.peak_log != other.peak_log || strcmp(model->name, "replay") == 0);
    test_engine_free(&test);
}

static void test_start_resets(void **state)
{
    for_each_driver(state, check_start_resets);
}

/* A driver seen from outside: calls go to the model, and what it answers is checked. Behind its
 * state lie bytes that it must leave alone. */
struct watched {
    const struct sqz_driver_model *model;
    const void *shared;
};
static const char GUARD[] = "end of state";
static size_t effects_seen, effects_felt;

static void set_guard(const struct watched *watched, void *state)
{
    memcpy((char *)state + watched->model->state_size, GUARD, sizeof GUARD);
}

static void check_guard(const struct watched *watched, const void *state)
{
    assert_memory_equal((const char *)state + watched->model->state_size, GUARD, sizeof GUARD);
}

static void check_effect(const struct watched *watched, const struct sqz_driver_effect *effect,
                         double now_s)
{
    effects_seen++;
    if (!(effect->next_s >= now_s))
        fail_msg("%s: next event at %.17g, now %.17g", watched->model->name, effect->next_s, now_s);
    assert_true(isfinite(effect->jump_log) && isfinite(effect->order_usd));
    assert_true(isfinite(effect->drift_per_s));
    assert_true(isfinite(effect->volatility_multiplier) && effect->volatility_multiplier >= 0);
    assert_true(isfinite(effect->depth_multiplier) && effect->depth_multiplier > 0);
    assert_true(isfinite(effect->funding));
    for (int side = 0; side < 2; side++)
        assert_true(effect->level_keep[side] >= 0 && effect->level_keep[side] <= 1);
    effects_felt += effect->jump_log != 0 || effect->order_usd != 0 || effect->drift_per_s != 0 ||
                    effect->volatility_multiplier != 1 || effect->depth_multiplier != 1 ||
                    effect->funding != 0 || effect->level_keep[SQZ_UP] != 1;
}

static void watched_start(const void *shared, void *state, struct sqz_stream *stream,
                          struct sqz_driver_effect *effect)
{
    const struct watched *watched = shared;
    set_guard(watched, state);
    watched->model->start(watched->shared, state, stream, effect);
    check_guard(watched, state);
    check_effect(watched, effect, 0.0);
}

static void watched_fire(const void *shared, void *state, struct sqz_stream *stream,
                         const struct sqz_view *now, struct sqz_driver_effect *effect)
{
    const struct watched *watched = shared;
    watched->model->fire(watched->shared, state, stream, now, effect);
    check_guard(watched, state);
    check_effect(watched, effect, now->time_s);
}

static double watched_on_fill(const void *shared, void *state, struct sqz_stream *stream,
                              double time_s, const double forced_usd[2], double next_s)
{
    const struct watched *watched = shared;
    double next =
        watched->model->on_fill(watched->shared, state, stream, time_s, forced_usd, next_s);
    check_guard(watched, state);
    if (!(next >= time_s))
        fail_msg("%s: next event at %.17g, heard at %.17g", watched->model->name, next, time_s);
    return next;
}

static void watched_measure(const void *shared, const void *state, const struct sqz_view *now,
                            double *value)
{
    const struct watched *watched = shared;
    size_t count = watched->model->n_measures;
    for (size_t i = 0; i < count; i++)
        value[i] = INFINITY;
    watched->model->measure(watched->shared, state, now, value);
    for (size_t i = 0; i < count; i++)
        if (isinf(value[i]))
            fail_msg("%s: measure '%s' is not set", watched->model->name,
                     watched->model->measures[i].name);
}

static void check_effects(const struct sqz_driver_model *model, const struct sqz_scenario *scenario)
{
    struct watched watched = {model, scenario->world.driver[0].shared};
    struct sqz_driver_model outside = *model;
    struct sqz_world world = scenario->world;
    struct test_engine test;
    struct sqz_outcome plain, seen;
    outside.state_size = model->state_size + sizeof GUARD;
    outside.start = watched_start;
    outside.fire = watched_fire;
    outside.on_fill = model->on_fill != NULL ? watched_on_fill : NULL;
    outside.measure = model->measure != NULL ? watched_measure : NULL;
    world.driver[0].model = &outside;
    world.driver[0].shared = &watched;
    const double output_s[] = {0, 1234.5, 43210, 86400};
    test_engine_init_outputs(&test, (const struct sqz_world *[]){&world, &scenario->world}, 2,
                             output_s, 4);
    effects_seen = effects_felt = 0;
    for (uint64_t path = 0; path < 50; path++) {
        run(&test, path, &seen);
        plain = *sqz_engine_outcome(&test.engine, 1);
        check_same(&world, &plain, &seen); /* both ride on one path, with equal shocks */
    }
    assert_true(effects_seen > 50 && effects_felt > 10);
    test_engine_free(&test);
}

static void test_effects_are_possible(void **state)
{
    for_each_driver(state, check_effects);
}

/* ---- asking for nothing -------------------------------------------------------------------- */

/* A driver that is named and asks for nothing is no part of the world, and its path is that of a
 * scenario that does not name it. */
static void test_inactive_drivers_leave_no_trace(void **state)
{
    struct sqz_scenario bare, scenario;
    write_case_files(*state);
    load_case(*state, &bare, "");
    assert_int_equal(bare.drivers.count, 0);
    for (size_t m = 0; toy_registry.drivers[m] != NULL; m++) {
        struct test_engine test;
        struct sqz_outcome expected, outcome;
        load_case(*state, &scenario, driver_case(toy_registry.drivers[m]->name)->off);
        assert_int_equal(scenario.drivers.count, 1);
        assert_int_equal(scenario.world.n_drivers, 0);
        assert_int_equal(scenario.world.n_measures, 0);
        assert_false(scenario.world.listened);
        test_engine_init(&test, (const struct sqz_world *[]){&bare.world}, 1);
        run(&test, 8, &expected);
        test_engine_free(&test);
        test_engine_init(&test, (const struct sqz_world *[]){&scenario.world}, 1);
        run(&test, 8, &outcome);
        check_same(&scenario.world, &expected, &outcome);
        test_engine_free(&test);
        sqz_scenario_free(&scenario);
    }
    sqz_scenario_free(&bare);
}

/* The exogenous price of a path, with no noise but the driver's, stays where its model says. */
static void check_reach(const struct sqz_driver_model *model, const struct sqz_scenario *scenario)
{
    struct test_engine test;
    struct sqz_outcome outcome;
    struct sqz_world bare = scenario->world;
    struct sqz_driver_terms market = sqz_scenario_driver_terms(scenario);
    struct sqz_driver_reach reach = {.volatility_multiplier = 1.0, .depth_multiplier = 1.0};
    bare.market.volatility_per_sqrt_s = bare.market.drift_per_s = 0.0;
    bare.market.impact = false;
    if (model->reach != NULL)
        model->reach(scenario->drivers.item[0].params, &market, &reach);
    assert_true(reach.carry_log >= 0 && reach.volatility_multiplier >= 0);
    assert_true(reach.depth_multiplier > 0 && reach.depth_multiplier <= 1);
    test_engine_init(&test, (const struct sqz_world *[]){&bare}, 1);
    for (uint64_t path = 0; path < 64; path++) {
        run(&test, path, &outcome);
        if (fmax(outcome.peak_log, -outcome.trough_log) > reach.carry_log)
            fail_msg("driver '%s' carries the price from %g to %g, beyond %g", model->name,
                     outcome.trough_log, outcome.peak_log, reach.carry_log);
    }
    test_engine_free(&test);
}

static void test_no_driver_goes_beyond_its_reach(void **state)
{
    for_each_driver(state, check_reach);
}

#define IN_SCRATCH(test) cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_models_are_documented_and_distinct),
        cmocka_unit_test(test_keys_begin_with_the_name),
        cmocka_unit_test(test_no_key_has_two_owners),
        cmocka_unit_test(test_measures_are_documented),
        cmocka_unit_test(test_all_drivers_fit),
        cmocka_unit_test(test_defaults_lie_in_range),
        IN_SCRATCH(test_start_resets),
        IN_SCRATCH(test_effects_are_possible),
        IN_SCRATCH(test_inactive_drivers_leave_no_trace),
        IN_SCRATCH(test_no_driver_goes_beyond_its_reach),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
