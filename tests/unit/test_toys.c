/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A new book, driver and venue run by way of a scenario, from a registry that the program does not
 * have; what comes out is computed by hand. */
#include "tests/unit/scratch.h"

#include <math.h>
#include <string.h>

#include "sim/io/scenario.h"
#include "tests/toys/toys.h"
#include "tests/unit/engine_fixture.h"

/* An hour without noise; the drift takes the price up by 2 %, or where a test says. */
#define QUIET                                                                                      \
    "key,value,unit\nprice,80000,usd\nhorizon,1,h\nvolatility,0,1/sqrt(d)\nbook.halflife,inf,s\n"  \
    "withdrawal.gamma,0,\n"

static void load(struct scratch *scratch, struct sqz_scenario *scenario, const char *rows)
{
    char text[2000], said[1200];
    struct sqz_diag diag = {0};
    snprintf(text, sizeof text, "%s%s", QUIET, rows);
    const char *path = scratch_write(scratch, "s.csv", text);
    if (sqz_scenario_load(scenario, path, &(struct sqz_load_options){0}, &toy_registry, &diag) ==
        SQZ_OK)
        return;
    sqz_diag_format(&diag, said, sizeof said);
    fail_msg("%s", said);
}

static struct sqz_outcome run(const struct sqz_scenario *scenario)
{
    struct test_engine test;
    test_engine_init(&test, (const struct sqz_world *[]){&scenario->world}, 1);
    sqz_engine_run(&test.engine, 11, 0, NULL);
    struct sqz_outcome outcome = *sqz_engine_outcome(&test.engine, 0);
    test_engine_free(&test);
    return outcome;
}

/* 7.3M USD are forced at 1.1 % into a book of 9M USD within 1 %, twice as thick there as at the
 * mid: with k = log 2 they bring the price 1 % log2(1 + 7.3 / 9) further. */
static void test_book(void **state)
{
    struct sqz_scenario scenario;
    scratch_write(*state, "map.csv", "side,price_usd,notional_usd\nshort,80880,7.3e6\n");
    load(*state, &scenario,
         "levels,map.csv,\ndrift,0.48,1/d\nbook,swell,\nbook.swell_depth,9M,usd\n"
         "book.swell,0.69314718055994531,\nbook.permanent,0,\n");
    struct sqz_outcome outcome = run(&scenario);
    assert_int_equal(outcome.liquidations[SQZ_UP], 1);
    check_near("final", outcome.final_log, 0.02 + 0.01 * log2(1 + 7.3 / 9), 1e-12);
    sqz_scenario_free(&scenario);
}

/* 48 orders of 150,000 USD into a flat book of 12M USD, all of whose impact is permanent. */
static void test_driver(void **state)
{
    struct sqz_scenario scenario;
    scratch_write(*state, "map.csv", "side,price_usd,notional_usd\nshort,8e9,1\n");
    load(*state, &scenario,
         "levels,map.csv,\nbook.depth,12M,usd\nbook.permanent,1,\nmetronome.order,150k,usd\n"
         "metronome.interval,74,s\n");
    struct sqz_outcome outcome = run(&scenario);
    assert_true(outcome.measure[0] == 48);
    check_near("final", outcome.final_log, 48 * 0.01 * 0.15 / 12, 1e-12);
    sqz_scenario_free(&scenario);
}

/* A long of 10 at 80,000 with a margin of 80,000 falls to its maintenance of 0.5 % where 80,000 +
 * 10 (P - 80,000) = 0.05 P. In a book without bottom 0.3 of it is sold there; what is left would be
 * touched at (7 - 0.05) P / (7 - 0.035), 0.21 % lower. */
static void test_venue(void **state)
{
    struct sqz_scenario scenario;
    const double touched_usd = 720000 / 9.95, end_log = log(touched_usd / 80000) - 0.002;
    char rows[400];
    scratch_write(*state, "positions.csv",
                  "side,entry_usd,quantity,leverage,margin_mode,margin_usd\n"
                  "long,80000,10,10,isolated,80000\n");
    snprintf(rows, sizeof rows,
             "positions,positions.csv,\nvenue,parts,\nvenue.part,0.3,\nvenue.maintenance,0.005,\n"
             "venue.fee,0,\nbook.depth,1e18,usd\ndrift,%.17g,1/d\n",
             24 * end_log);
    load(*state, &scenario, rows);
    struct sqz_outcome outcome = run(&scenario);
    assert_int_equal(outcome.liquidations[SQZ_DOWN], 1);
    check_near("forced", outcome.forced_usd[SQZ_DOWN], 3 * touched_usd, 1e-4);
    sqz_scenario_free(&scenario);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_book, scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(test_driver, scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(test_venue, scratch_setup, scratch_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
