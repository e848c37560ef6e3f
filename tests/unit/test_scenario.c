/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Scenarios: what they resolve to, relative files, keys of other models and later versions, every
 * error with its place. */
#include "tests/unit/scratch.h"

#include <math.h>

#include "models/registry.h"
#include "sim/io/scenario.h"

/* The least that loads; tests add rows from line 7 on. */
#define LEAST                                                                                      \
    "key,value,unit\nprice,80000,usd\nhorizon,2,d\nlevels,map.csv,\nvolatility,0.025,1/sqrt(d)\n"  \
    "book.depth,14M,usd\n"
#define MAP "side,price_usd,notional_usd\nshort,82000,2e6\nlong,77000,1e6\nshort,90000,3e6\n"

static int load(struct scratch *scratch, struct sqz_scenario *scenario, const char *text,
                const char *const *set, struct sqz_diag *diag)
{
    struct sqz_load_options options = {.set = set};
    while (set != NULL && set[options.n_set] != NULL)
        options.n_set++;
    scratch_write(scratch, "map.csv", MAP);
    const char *path = scratch_write(scratch, "s.csv", text);
    return sqz_scenario_load(scenario, path, &options, &sqz_registry, diag);
}

static void load_well(struct scratch *scratch, struct sqz_scenario *scenario, const char *text,
                      const char *const *set)
{
    struct sqz_diag diag = {0};
    if (load(scratch, scenario, text, set, &diag) != SQZ_OK)
        fail_msg("line %ld: %s: %s", diag.line, diag.field, diag.message);
}

static void test_least_scenario(void **state)
{
    struct sqz_scenario scenario;
    load_well(*state, &scenario, LEAST, NULL);
    const struct sqz_world *world = &scenario.world;
    assert_true(world->horizon_s == 172800);
    check_near("volatility", world->market.volatility_per_sqrt_s, 0.025 / sqrt(86400), 1e-18);
    assert_true(world->market.drift_per_s == 0.0 && world->market.impact);
    assert_true(isnan(world->stops.watch_log[SQZ_TARGET]) &&
                isnan(world->stops.watch_log[SQZ_FLOOR]));
    check_near("resolution", world->stops.record_step_log, 0.0025, 1e-18);
    assert_true(world->market.book->depth_usd[SQZ_UP] == 14e6 &&
                world->market.book->depth_usd[SQZ_DOWN] == 14e6);
    assert_int_equal(world->market.book->scales, 2);
    check_near("weight", world->market.book->weight[0], 0.7, 1e-16);
    check_near("rate", world->market.book->rate[1], log(2) / 900, 1e-18);
    assert_int_equal(world->ladder->side[SQZ_UP].count, 2);
    check_near("nearest", world->ladder->side[SQZ_UP].distance_log[0], log(82.0 / 80), 1e-15);
    assert_string_equal(scenario.book_model->name, "power");
    sqz_scenario_free(&scenario);
    sqz_scenario_free(&scenario);
}

static void test_every_key(void **state)
{
    struct sqz_scenario scenario;
    load_well(*state, &scenario,
              LEAST "name,A wall,\nsymbol,BTCUSDT,\nlevels.scale,25,%\ntarget,90000,usd\n"
                    "floor,70k,usd\ndrift,0.5,1/yr\nimpact,off,\npeak.resolution,10,bp\n"
                    "book.depth_bid,9M,usd\nbook.shape,1.5,\nbook.permanent,0,\n"
                    "book.halflife,1;30,min\nbook.weights,0.9;0.1,\nwithdrawal.gamma,0.5,\n"
                    "withdrawal.halflife,1,h\n",
              NULL);
    const struct sqz_world *world = &scenario.world;
    assert_string_equal(scenario.params.name, "A wall");
    assert_string_equal(scenario.params.symbol, "BTCUSDT");
    assert_true(world->ladder->side[SQZ_UP].total_usd == 1.25e6);
    check_near("target", world->stops.watch_log[SQZ_TARGET], log(9.0 / 8), 1e-15);
    check_near("floor", world->stops.watch_log[SQZ_FLOOR], log(7.0 / 8), 1e-15);
    check_near("drift", world->market.drift_per_s, 0.5 / 31536000, 1e-22);
    assert_false(world->market.impact);
    check_near("resolution", world->stops.record_step_log, 0.001, 1e-18);
    assert_true(world->market.book->depth_usd[SQZ_UP] == 14e6 &&
                world->market.book->depth_usd[SQZ_DOWN] == 9e6);
    check_near("shape", world->market.book->shape->volume(world->market.book->shape_shared, 0.02),
               14e6 * pow(2, 1.5), 1e-6);
    check_near("rate", world->market.book->rate[0], log(2) / 60, 1e-17);
    check_near("weight", world->market.book->weight[1], 0.1, 1e-16);
    assert_true(world->market.book->withdrawal_gamma == 0.5);
    check_near("stress", world->market.book->withdrawal_rate, log(2) / 3600, 1e-18);
    sqz_scenario_free(&scenario);
}

static void test_set_wins_over_the_file(void **state)
{
    static const char *const SET[] = {"volatility=4 1/sqrt(yr)", "horizon=90min", "target=88k",
                                      "horizon=3h", NULL};
    struct sqz_scenario scenario;
    load_well(*state, &scenario, LEAST, SET);
    assert_true(scenario.world.horizon_s == 10800);
    check_near("volatility", scenario.world.market.volatility_per_sqrt_s, 4 / sqrt(31536000),
               1e-17);
    check_near("target", scenario.world.stops.watch_log[SQZ_TARGET], log(1.1), 1e-15);
    sqz_scenario_free(&scenario);
}

static void test_set_without_a_unit_has_that_of_the_file(void **state)
{
    static const char *const SET[] = {"horizon=30", "drift=0.002", "volatility=0.5", NULL};
    struct sqz_scenario scenario;
    load_well(*state, &scenario,
              "key,value,unit\nprice,80000,usd\nhorizon,2,d\nlevels,map.csv,\n"
              "volatility,0.8,1/sqrt(yr)\nbook.depth,14M,usd\n",
              SET);
    assert_true(scenario.world.horizon_s == 30 * 86400);
    check_near("volatility", scenario.world.market.volatility_per_sqrt_s, 0.5 / sqrt(31536000),
               1e-18);
    check_near("drift, of which there is no row", scenario.world.market.drift_per_s, 0.002 / 86400,
               1e-22);
    sqz_scenario_free(&scenario);
}

static void test_table_book_relative_to_the_scenario(void **state)
{
    struct sqz_scenario scenario;
    scratch_write(*state, "depth.csv",
                  "side,distance_bp,cumulative_usd\nask,10,3.5e6\nbid,12,2.9e6\nask,200,19e6\n"
                  "bid,100,14.5e6\n");
    load_well(*state, &scenario,
              "key,value,unit\nprice,80000,usd\nhorizon,2,d\nlevels,map.csv,\n"
              "volatility,0.025,1/sqrt(d)\nbook,table,\nbook.table,depth.csv,\n",
              NULL);
    assert_string_equal(scenario.book_model->name, "table");
    check_near("ask depth", scenario.world.market.book->depth_usd[SQZ_UP],
               3.5e6 + 15.5e6 * 90 / 190, 1e-6);
    assert_true(scenario.world.market.book->capacity_usd[SQZ_DOWN] == 14.5e6);
    sqz_scenario_free(&scenario);
}

static void test_allow_crossed(void **state)
{
    struct scratch *scratch = *state;
    struct sqz_scenario scenario;
    struct sqz_diag diag = {0};
    struct sqz_load_options options = {.allow_crossed = true};
    scratch_write(scratch, "map.csv", "side,price_usd,notional_usd\nshort,79000,2e6\n");
    const char *path = scratch_write(scratch, "s.csv", LEAST);
    assert_int_equal(sqz_scenario_load(&scenario, path, &options, &sqz_registry, &diag), SQZ_OK);
    assert_true(scenario.ladder.side[SQZ_UP].distance_log[0] < 0);
    sqz_scenario_free(&scenario);
    options.allow_crossed = false;
    assert_int_equal(sqz_scenario_load(&scenario, path, &options, &sqz_registry, &diag),
                     SQZ_ERR_DATA);
    assert_int_equal(diag.line, 2);
    assert_string_equal(diag.field, "price_usd");
}

/* Every resolved key is among the settings, for the manifest. */
static void test_settings_hold_every_resolved_key(void **state)
{
    static const char *const KEY[][2] = {
        {"drift", "0"},      {"book", "power"},         {"impact", "on"},
        {"book.shape", "1"}, {"book.depth_ask", "14M"}, {"book.halflife", "20;900"}};
    struct sqz_scenario scenario;
    load_well(*state, &scenario, LEAST, NULL);
    for (size_t i = 0; i < sizeof KEY / sizeof KEY[0]; i++) {
        const struct sqz_setting *setting = sqz_settings_find(&scenario.settings, KEY[i][0]);
        assert_non_null(setting);
        assert_string_equal(setting->value, KEY[i][1]);
    }
    sqz_scenario_free(&scenario);
}

/* ---- errors -------------------------------------------------------------------------------- */

static void check_error(struct scratch *scratch, const char *text, const char *const *set, int code,
                        const char *file, long line, const char *field, const char *message)
{
    struct sqz_scenario scenario;
    struct sqz_diag diag = {0};
    char path[200];
    int error = load(scratch, &scenario, text, set, &diag);
    if (error != code)
        fail_msg("'%s' gives code %d: %s", text, error, diag.message);
    snprintf(path, sizeof path, "%s%s%s", file[0] == '-' ? "" : scratch->folder,
             file[0] == '-' ? "" : "/", file);
    check_diag(&diag, code, path, line, field, message);
    assert_null(scenario.file);
    assert_null(scenario.settings.item);
}

/* A scenario that would load but for the row added on line 7. */
static void check_row_error(struct scratch *scratch, const char *row, const char *field,
                            const char *message)
{
    char text[1000];
    snprintf(text, sizeof text, "%s%s\n", LEAST, row);
    check_error(scratch, text, NULL, SQZ_ERR_DATA, "s.csv", 7, field, message);
}

static void test_unknown_keys(void **state)
{
    check_row_error(*state, "volatilty,3,", "volatilty", "unknown key; did you mean 'volatility'?");
    check_row_error(*state, "book.permanet,3,", "book.permanet",
                    "unknown key; did you mean 'book.permanent'?");
    check_row_error(*state, "book.shap_ask,3,", "book.shap_ask",
                    "unknown key; did you mean 'book.shape_ask'?");
    check_row_error(*state, "zzzzzz,3,", "zzzzzz", "unknown key");
}

/* A misspelt required key is called misspelt, not missing. */
static void test_misspelt_required_key(void **state)
{
    check_error(*state, "key,value,unit\nprice,80000,usd\nhorizn,2,d\n", NULL, SQZ_ERR_DATA,
                "s.csv", 3, "horizn", "unknown key; did you mean 'horizon'?");
}

static void test_keys_of_another_book(void **state)
{
    check_row_error(*state, "book.table,depth.csv,", "book.table",
                    "belongs to book 'table', but this scenario's book is 'power'");
    check_error(*state, LEAST, (const char *const[]){"book=table", NULL}, SQZ_ERR_DATA, "s.csv", 6,
                "book.depth", "belongs to book 'power', but this scenario's book is 'table'");
}

static void test_unknown_book(void **state)
{
    check_row_error(*state, "book,powr,", "book",
                    "unknown model 'powr'; did you mean 'power'? (see squeeze models)");
    check_error(*state, LEAST, (const char *const[]){"book=mirror", NULL}, SQZ_ERR_DATA, "--set", 0,
                "book", "unknown model 'mirror' (see squeeze models)");
}

static void test_missing_keys(void **state)
{
    check_error(*state, "key,value,unit\nhorizon,2,d\n", NULL, SQZ_ERR_DATA, "s.csv", 0, "price",
                "is missing; start price");
    check_error(*state,
                "key,value,unit\nprice,8,usd\nhorizon,2,d\nlevels,map.csv,\nvolatility,1,\n", NULL,
                SQZ_ERR_DATA, "s.csv", 0, "book.depth", "is missing");
}

static void test_value_errors(void **state)
{
    check_row_error(*state, "drift,3,usd", "drift", "unit 'usd' does not fit");
    check_row_error(*state, "impact,maybe,", "impact", "'maybe' is not a choice; expected on, off");
    check_row_error(*state, "name,x,usd", "name", "takes no unit");
    check_row_error(*state, "peak.resolution,0,bp", "peak.resolution", "is out of range");
    check_row_error(*state, "book.permanent,1.2,", "book.permanent", "is out of range");
    check_row_error(*state, "price,1,usd", "price", "given twice; first on line 2");
    check_error(*state, LEAST, (const char *const[]){"volatility=soon", NULL}, SQZ_ERR_DATA,
                "--set", 0, "volatility", "'soon' is not a number");
    check_error(*state, LEAST, (const char *const[]){"volatility", NULL}, SQZ_ERR_USAGE, "--set", 0,
                "", "is not key=value");
}

static void test_watch_at_the_start_price(void **state)
{
    check_row_error(*state, "target,80000,usd", "target",
                    "equals the start price; expected a price above or below it");
    check_row_error(*state, "floor,80k,usd", "floor", "equals the start price");
    check_error(*state, LEAST, (const char *const[]){"target=80k", NULL}, SQZ_ERR_DATA, "--set", 0,
                "target", "equals the start price");
}

static void test_weight_errors_name_their_place(void **state)
{
    check_row_error(*state, "book.weights,0.5;0.4,", "book.weights", "weights sum to 0.9");
    check_row_error(*state, "book.weights,1,", "book.weights", "1 weights for 2 half-lives");
}

static void test_files_that_are_missing(void **state)
{
    struct sqz_scenario scenario;
    struct sqz_diag diag = {0};
    struct sqz_load_options options = {0};
    static const char PATH[] = "tests/unit/no-such-scenario.csv";
    assert_int_equal(sqz_scenario_load(&scenario, PATH, &options, &sqz_registry, &diag),
                     SQZ_ERR_DATA);
    check_diag(&diag, SQZ_ERR_DATA, PATH, 0, "", "cannot be opened");
    check_error(
        *state,
        "key,value,unit\nprice,80000,usd\nhorizon,2,d\nlevels,none.csv,\nvolatility,0.025,\n"
        "book.depth,14M,usd\n",
        NULL, SQZ_ERR_DATA, "none.csv", 0, "", "cannot be opened");
}

/* A program with fewer models than this one: what a scenario means unless it says so may be absent.
 */
static void test_registries_without_the_usual_models(void **state)
{
    struct scratch *scratch = *state;
    const struct sqz_book_model *const no_power[] = {sqz_registry.books[1], NULL};
    const struct sqz_venue_model *const no_venue[] = {NULL};
    struct sqz_registry bookless = sqz_registry, venueless = sqz_registry;
    struct sqz_scenario scenario;
    struct sqz_diag diag = {0};
    bookless.books = no_power;
    venueless.venues = no_venue;
    scratch_write(scratch, "map.csv", MAP);
    const char *path = scratch_write(scratch, "s.csv", LEAST);
    struct sqz_load_options options = {0};
    assert_int_equal(sqz_scenario_load(&scenario, path, &options, &bookless, &diag), SQZ_ERR_DATA);
    check_diag(&diag, SQZ_ERR_DATA, path, 0, "book", "unknown model 'power'");
    assert_int_equal(sqz_scenario_load(&scenario, path, &options, &venueless, &diag), SQZ_ERR_DATA);
    check_diag(&diag, SQZ_ERR_DATA, path, 0, "venue", "knows no venue");
}

/* Both files in one line: the one that is missing, and the row that asks for it. */
static void test_who_asks_for_a_missing_file(void **state)
{
    struct scratch *scratch = *state;
    char asker[200];
    snprintf(asker, sizeof asker, " (levels in %s/s.csv:2)", scratch->folder);
    check_error(
        scratch,
        "key,value,unit\nlevels,none.csv,\nprice,80000,usd\nhorizon,2,d\nvolatility,0.025,\n"
        "book.depth,14M,usd\n",
        NULL, SQZ_ERR_DATA, "none.csv", 0, "", asker);
    snprintf(asker, sizeof asker, " (calendar in %s/s.csv:7)", scratch->folder);
    check_error(scratch, LEAST "calendar,none.csv,\n", NULL, SQZ_ERR_DATA, "none.csv", 0, "",
                asker);
    scratch_write(scratch, "bare.csv", "side,price_usd,notional_usd\n");
    snprintf(asker, sizeof asker,
             "has no levels; expected at least one row after the header "
             "(levels in %s/s.csv:2)",
             scratch->folder);
    check_error(
        scratch,
        "key,value,unit\nlevels,bare.csv,\nprice,80000,usd\nhorizon,2,d\nvolatility,0.025,\n"
        "book.depth,14M,usd\n",
        NULL, SQZ_ERR_DATA, "bare.csv", 0, "", asker);
}

static void test_errors_inside_other_files(void **state)
{
    static const char *const SET[] = {"price=83000", NULL};
    check_error(*state, LEAST, SET, SQZ_ERR_DATA, "map.csv", 2, "price_usd",
                "short level at 82000 is not above the start price 83000");
    scratch_write(*state, "depth.csv",
                  "side,distance_bp,cumulative_usd\nask,10,3e6\nbid,12,3e6\nask,9,4e6\n");
    check_error(*state,
                "key,value,unit\nprice,80000,usd\nhorizon,2,d\nlevels,map.csv,\n"
                "volatility,0.025,1/sqrt(d)\nbook,table,\nbook.table,depth.csv,\n",
                NULL, SQZ_ERR_DATA, "depth.csv", 4, "distance_bp", "9 does not increase");
}

/* ---- drivers ------------------------------------------------------------------------------- */

#define CALENDAR "time_h,probability,jump_mean,jump_sd,volatility,depth\n3,0.5,0.01,0,1.5,0.8\n"

/* A driver is part of the scenario as soon as one of its keys is; the others take their defaults.
 */
static void test_keys_switch_drivers_on(void **state)
{
    struct sqz_scenario scenario;
    scratch_write(*state, "events.csv", CALENDAR);
    load_well(*state, &scenario, LEAST "calendar,events.csv,\njumps.rate,0.2,1/h\njumps.sd,2,%\n",
              NULL);
    assert_int_equal(scenario.world.n_drivers, 2);
    assert_string_equal(scenario.world.driver[0].model->name, "jumps");
    assert_string_equal(scenario.world.driver[1].model->name, "calendar");
    assert_string_equal(sqz_settings_find(&scenario.settings, "jumps.mean")->value, "0");
    assert_string_equal(sqz_settings_find(&scenario.settings, "calendar.period")->value, "inf");
    assert_null(sqz_settings_find(&scenario.settings, "regimes"));
    sqz_scenario_free(&scenario);
}

static void test_set_switches_drivers_on_and_off(void **state)
{
    static const char *const ON[] = {"jumps.rate=3 1/d", NULL}, *const OFF[] = {"jumps.rate=0",
                                                                                NULL};
    struct sqz_scenario scenario;
    load_well(*state, &scenario, LEAST, ON);
    assert_int_equal(scenario.world.n_drivers, 1);
    sqz_scenario_free(&scenario);
    load_well(*state, &scenario, LEAST "jumps.rate,3,1/d\n", OFF);
    assert_int_equal(scenario.world.n_drivers, 0);
    sqz_scenario_free(&scenario);
}

struct files {
    size_t count;
    char name[8][200];
};

static void note_file(void *context, const char *path, const char *sha256)
{
    struct files *files = context;
    assert_true(files->count < 8);
    assert_int_equal(strlen(sha256), 64);
    strcpy(files->name[files->count++], strrchr(path, '/') + 1);
}

static void test_files_of_drivers_are_files_of_the_scenario(void **state)
{
    struct sqz_scenario scenario;
    struct files files = {0};
    scratch_write(*state, "events.csv", CALENDAR);
    load_well(*state, &scenario, LEAST "calendar,events.csv,\nreplay,off,\n", NULL);
    sqz_scenario_files(&scenario, note_file, &files);
    assert_int_equal(files.count, 3);
    assert_string_equal(files.name[0], "s.csv");
    assert_string_equal(files.name[1], "map.csv");
    assert_string_equal(files.name[2], "events.csv");
    sqz_scenario_free(&scenario);
}

static void test_driver_errors(void **state)
{
    check_row_error(*state, "jumps.rat,3,1/d", "jumps.rat",
                    "unknown key; did you mean 'jumps.rate'?");
    check_row_error(*state, "jumps.rate,3,d", "jumps.rate", "unit 'd' does not fit");
    check_error(*state, LEAST "jumps.sd,0.01,\n", NULL, SQZ_ERR_DATA, "s.csv", 0, "jumps.rate",
                "is missing; mean number of jumps");
    check_error(*state, LEAST "calendar,none.csv,\n", NULL, SQZ_ERR_DATA, "none.csv", 0, "",
                "cannot be opened");
    scratch_write(*state, "events.csv", CALENDAR "2,0.5,0.01,0,1.5,0.8\n");
    check_error(*state, LEAST "calendar,events.csv,\n", NULL, SQZ_ERR_DATA, "events.csv", 3,
                "time_h", "2 does not increase");
    scratch_write(*state, "events.csv", CALENDAR);
    check_error(*state, LEAST "calendar,events.csv,\ncalendar.period,2,h\n", NULL, SQZ_ERR_DATA,
                "s.csv", 8, "calendar.period", "ends before the calendar");
}

/* ---- positions ----------------------------------------------------------------------------- */

#define OF_POSITIONS                                                                               \
    "key,value,unit\nprice,100,usd\nhorizon,2,d\npositions,p.csv,\nvolatility,0.025,1/sqrt(d)\n"   \
    "book.depth,14M,usd\n"

/* What a venue nets to nothing is said; what is left of others is not. */
static void test_a_flat_account_is_a_remark(void **state)
{
    static const struct {
        const char *venue, *shorts;
        bool flat;
    } CASES[] = {{"hyperliquid", "3", true},
                 {"dydx", "3", true},
                 {"hyperliquid", "2.9", false},
                 {"binance", "3", false}};
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        struct sqz_scenario scenario;
        char text[600];
        snprintf(text, sizeof text,
                 "side,entry_usd,quantity,leverage,margin_mode,margin_usd,account\n"
                 "long,100,3,,cross,30,a\nshort,100,%s,,cross,30,a\n",
                 CASES[i].shorts);
        scratch_write(*state, "p.csv", text);
        snprintf(text, sizeof text, OF_POSITIONS "venue,%s,\n", CASES[i].venue);
        load_well(*state, &scenario, text, NULL);
        const struct sqz_remark *remark = sqz_remarks_find(&scenario.remarks, "flat-accounts");
        assert_true((remark != NULL) == CASES[i].flat);
        assert_true(!CASES[i].flat ||
                    strstr(remark->detail.message, "1 account holds as much long as short"));
        sqz_scenario_free(&scenario);
    }
}

/* Bybit's key reaches the positions of a file and those that are drawn. */
static void test_the_price_that_maintenance_is_taken_at(void **state)
{
    static const char *const SOURCE[] = {"positions,p.csv,",
                                         "population.notional,1M,usd\npopulation.accounts,10,"};
    static const char *const RULE[] = {"mark", "entry"};
    scratch_write(*state, "p.csv",
                  "side,entry_usd,quantity,leverage,margin_mode\n"
                  "long,100,3,10,isolated\n");
    for (int source = 0; source < 2; source++)
        for (int rule = 0; rule < 2; rule++) {
            struct sqz_scenario scenario;
            char text[600];
            snprintf(text, sizeof text,
                     "key,value,unit\nprice,100,usd\nhorizon,2,d\n%s\nvolatility,0.025,1/sqrt(d)\n"
                     "book.depth,14M,usd\nvenue,bybit,\nvenue.maintenance_price,%s,\n",
                     SOURCE[source], RULE[rule]);
            load_well(*state, &scenario, text, NULL);
            const struct sqz_position *position = scenario.reg.account_table.position;
            assert_true(position->on_entry == (rule == 1) && position->fee_at_bankruptcy);
            double price = 100 * exp(-scenario.ladder.side[SQZ_DOWN].distance_log[0]);
            if (source == 0)
                check_near("price", price, rule == 0 ? 90 / 0.995 : 90.5, 1e-10);
            sqz_scenario_free(&scenario);
        }
}

static void test_keys_of_positions(void **state)
{
    check_error(*state, LEAST "positions,p.csv,\n", NULL, SQZ_ERR_DATA, "s.csv", 4, "levels",
                "stands beside positions");
    check_row_error(*state, "venue,partial,", "venue", "unknown venue 'partial'");
    check_row_error(*state, "venue,bybit,", "venue", "expected a scenario with positions");
    check_row_error(*state, "venue.fee,3,bp", "venue.fee", "expected a scenario with positions");
}

static void test_the_venue_that_maps_imply(void **state)
{
    struct sqz_scenario scenario;
    load_well(*state, &scenario, LEAST "venue,full,\n", NULL);
    assert_true(sqz_settings_find(&scenario.settings, "venue")->used);
    sqz_scenario_free(&scenario);
}

#define IN_SCRATCH(test) cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SCRATCH(test_least_scenario),
        IN_SCRATCH(test_every_key),
        IN_SCRATCH(test_set_wins_over_the_file),
        IN_SCRATCH(test_set_without_a_unit_has_that_of_the_file),
        IN_SCRATCH(test_table_book_relative_to_the_scenario),
        IN_SCRATCH(test_allow_crossed),
        IN_SCRATCH(test_settings_hold_every_resolved_key),
        IN_SCRATCH(test_unknown_keys),
        IN_SCRATCH(test_misspelt_required_key),
        IN_SCRATCH(test_keys_of_another_book),
        IN_SCRATCH(test_unknown_book),
        IN_SCRATCH(test_missing_keys),
        IN_SCRATCH(test_value_errors),
        IN_SCRATCH(test_watch_at_the_start_price),
        IN_SCRATCH(test_weight_errors_name_their_place),
        IN_SCRATCH(test_files_that_are_missing),
        IN_SCRATCH(test_registries_without_the_usual_models),
        IN_SCRATCH(test_who_asks_for_a_missing_file),
        IN_SCRATCH(test_errors_inside_other_files),
        IN_SCRATCH(test_keys_switch_drivers_on),
        IN_SCRATCH(test_set_switches_drivers_on_and_off),
        IN_SCRATCH(test_files_of_drivers_are_files_of_the_scenario),
        IN_SCRATCH(test_driver_errors),
        IN_SCRATCH(test_keys_of_positions),
        IN_SCRATCH(test_a_flat_account_is_a_remark),
        IN_SCRATCH(test_the_price_that_maintenance_is_taken_at),
        IN_SCRATCH(test_the_venue_that_maps_imply),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
