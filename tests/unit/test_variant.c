/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A scenario made of another without reading its file again. */
#include "tests/unit/scratch.h"

#include <math.h>
#include <sys/stat.h>

#include "models/registry.h"
#include "sim/io/variant.h"

/* Every kind of key: numbers in units of their own, words, lists, files beside the scenario. */
#define SCENARIO                                                                                   \
    "key,value,unit\nname,\"A \"\"b\"\" = c, 5 d\",\nprice,80000,usd\nhorizon,2,d\n"               \
    "levels,map.csv,\nlevels.scale,25,%\nvolatility,0.4,1/sqrt(yr)\nbook,table,\n"                 \
    "book.table,depth.csv,\nbook.halflife,1;30,min\nimpact,off,\ntarget,90k,usd\n"                 \
    "calendar,off,\njumps.rate,3,1/d\njumps.sd,2,%\n"
#define MAP "side,price_usd,notional_usd\nshort,82000,2e6\nlong,77000,1e6\n"
#define OTHER_MAP "side,price_usd,notional_usd\nshort,82000,2e6\nlong,77000,3e6\n"
#define DEPTH "side,distance_bp,cumulative_usd\nask,10,3.5e6\nbid,12,2.9e6\n"

/* The scenario, loaded, after which its file says something else. */
static void load_base(struct scratch *scratch, struct sqz_scenario *base,
                      const struct sqz_load_options *options)
{
    struct sqz_diag diag = {0};
    scratch_write(scratch, "map.csv", MAP);
    scratch_write(scratch, "depth.csv", DEPTH);
    const char *path = scratch_write(scratch, "s.csv", SCENARIO);
    if (sqz_scenario_load(base, path, options, &sqz_registry, &diag) != SQZ_OK)
        fail_msg("%s:%ld: %s: %s", diag.file, diag.line, diag.field, diag.message);
    scratch_write(scratch, "s.csv", "nonsense");
}

static int vary(struct sqz_scenario *scenario, const struct sqz_scenario *base, const char *set,
                struct sqz_diag *diag)
{
    struct sqz_load_options options = {.set = &set, .n_set = set != NULL ? 1 : 0};
    return sqz_scenario_vary(scenario, base, &options, &sqz_registry, diag);
}

static void test_nothing_changed_is_the_same(void **state)
{
    struct sqz_scenario base, same;
    static const char *const SET[] = {"horizon=6 h", "drift=0.2 1/yr"};
    struct sqz_diag diag = {0};
    load_base(*state, &base, &(struct sqz_load_options){.set = SET, .n_set = 2});
    if (vary(&same, &base, NULL, &diag) != SQZ_OK)
        fail_msg("%s:%ld: %s: %s", diag.file, diag.line, diag.field, diag.message);
    assert_string_equal(same.params.name, "A \"b\" = c, 5 d");
    assert_string_equal(same.file, base.file);
    assert_string_equal(same.settings.digest.hex, base.settings.digest.hex);
    assert_string_equal(same.levels_digest.hex, base.levels_digest.hex);
    assert_string_equal(same.levels_file, base.levels_file);
    assert_string_equal(same.book_model->name, "table");
    assert_true(same.world.horizon_s == 21600 && base.world.horizon_s == 21600);
    assert_true(same.world.market.drift_per_s == base.world.market.drift_per_s);
    assert_true(same.world.market.volatility_per_sqrt_s == base.world.market.volatility_per_sqrt_s);
    assert_true(same.world.stops.watch_log[SQZ_TARGET] == base.world.stops.watch_log[SQZ_TARGET]);
    assert_true(same.world.market.impact == base.world.market.impact);
    assert_true(same.world.ladder->side[SQZ_UP].total_usd == 0.5e6);
    assert_true(same.book.rate[0] == base.book.rate[0] && same.book.rate[1] == base.book.rate[1]);
    assert_true(same.book.depth_usd[SQZ_DOWN] == base.book.depth_usd[SQZ_DOWN]);
    assert_int_equal(same.world.n_drivers, base.world.n_drivers);
    assert_int_equal(same.drivers.count, base.drivers.count);
    sqz_scenario_free(&same);
    sqz_scenario_free(&base);
}

/* A number without a unit is in the key's own, whatever unit the scenario has it in. */
static void test_a_setting_on_top(void **state)
{
    struct sqz_scenario base, other;
    struct sqz_diag diag = {0};
    load_base(*state, &base, &(struct sqz_load_options){0});
    assert_int_equal(vary(&other, &base, "levels.scale=0.75", &diag), SQZ_OK);
    assert_true(other.world.ladder->side[SQZ_UP].total_usd == 1.5e6);
    assert_true(other.world.horizon_s == base.world.horizon_s);
    sqz_scenario_free(&other);
    assert_int_equal(vary(&other, &base, "horizon=90 min", &diag), SQZ_OK);
    assert_true(other.world.horizon_s == 5400);
    sqz_scenario_free(&other);
    sqz_scenario_free(&base);
}

/* ---- errors -------------------------------------------------------------------------------- */

static void check_fails(const struct sqz_scenario *base, const char *set, int code,
                        const char *file, long line, const char *field, const char *message)
{
    struct sqz_scenario scenario;
    struct sqz_diag diag = {0};
    assert_int_equal(vary(&scenario, base, set, &diag), code);
    check_diag(&diag, code, file, line, field, message);
}

static void test_errors_are_told_where_they_were_written(void **state)
{
    struct sqz_scenario base;
    static const char *const SET[] = {"target=90001"};
    load_base(*state, &base, &(struct sqz_load_options){.set = SET, .n_set = 1});
    check_fails(&base, "drift=fast", SQZ_ERR_DATA, "--set", 0, "drift", "'fast' is not a number");
    check_fails(&base, "nokey=1", SQZ_ERR_DATA, "--set", 0, "nokey", "unknown key");
    check_fails(&base, "price=90001", SQZ_ERR_DATA, "--set", 0, "target", "equals the start price");
    check_fails(&base, "book=power", SQZ_ERR_DATA, base.file, 9, "book.table", "belongs to book");
    check_fails(&base, "flow.buy=0.3", SQZ_ERR_DATA, base.file, 0, "flow.rate", "is missing");
    sqz_scenario_free(&base);
}

static void test_files_that_cannot_be_read_again(void **state)
{
    struct scratch *scratch = *state;
    struct sqz_scenario base;
    load_base(scratch, &base, &(struct sqz_load_options){0});
    char table[200];
    snprintf(table, sizeof table, "%s/depth.csv", scratch->folder);
    scratch_write(scratch, "map.csv", OTHER_MAP);
    check_fails(&base, "drift=1", SQZ_ERR_IO, base.levels_file, 0, "", "has changed");
    scratch_write(scratch, "map.csv", MAP);
    scratch_write(scratch, "depth.csv", DEPTH "ask,20,9e6\n");
    check_fails(&base, "drift=1", SQZ_ERR_IO, table, 0, "", "has changed");
    assert_int_equal(unlink(table), 0);
    assert_int_equal(mkfifo(table, 0600), 0);
    check_fails(&base, "drift=1", SQZ_ERR_IO, table, 0, "", "can be read but once");
    sqz_scenario_free(&base);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, scratch_setup, scratch_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_nothing_changed_is_the_same),
        TEST(test_a_setting_on_top),
        TEST(test_errors_are_told_where_they_were_written),
        TEST(test_files_that_cannot_be_read_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
