/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Recorded prices through levels: the engine against a scan of every bar, what is forced when, and
 * what orders do to a book in closed form. */
#include "tests/unit/scratch.h"

#include <math.h>

#include "models/registry.h"
#include "sim/analysis/replay.h"
#include "sim/core/rng.h"
#include "sim/io/recorded.h"

enum { BARS = 40 };
static const double STEP_S = 60, START_USD = 100;

/* Bars, zero but for prices, from opens and what is above and below. */
static void make_record(struct sqz_record *record, struct sqz_bar *bar, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        bar[i].time_s = 1.76e9 + (double)i * STEP_S;
        bar[i].volume_usd = bar[i].taker_buy_usd = bar[i].open_interest_usd = bar[i].funding = NAN;
        bar[i].liquidated_usd[0] = bar[i].liquidated_usd[1] = NAN;
    }
    *record = (struct sqz_record){.bar = bar, .count = count, .step_s = STEP_S, .file = NULL};
}

static void wander(struct sqz_bar *bar, uint64_t seed)
{
    struct sqz_stream stream;
    double at = START_USD;
    sqz_stream_open(&stream, 3, seed, 0);
    for (int i = 0; i < BARS; i++) {
        double open = at;
        at *= exp(0.02 * (sqz_stream_uniform(&stream) - 0.5));
        bar[i].open_usd = open;
        bar[i].close_usd = at;
        bar[i].high_usd = fmax(open, at) * exp(0.01 * sqz_stream_uniform(&stream));
        bar[i].low_usd = fmin(open, at) * exp(-0.01 * sqz_stream_uniform(&stream));
    }
}

/* A scenario with those levels and rows beside what every one needs. */
static void load_base(struct scratch *scratch, struct sqz_scenario *base, const char *levels,
                      const char *rows)
{
    char text[1024];
    struct sqz_load_options options = {.set = NULL};
    struct sqz_diag diag = {0};
    scratch_write(scratch, "levels.csv", levels);
    snprintf(text, sizeof text,
             "key,value,unit\nprice,%g,usd\nhorizon,9,d\nlevels,levels.csv,\n"
             "volatility,0.5,1/sqrt(d)\njumps.rate,9,1/d\njumps.sd,0.1,1\n%s",
             START_USD, rows);
    const char *path = scratch_write(scratch, "scenario.csv", text);
    if (sqz_scenario_load(base, path, &options, &sqz_registry, &diag) != SQZ_OK)
        fail_msg("%s: %s", diag.field, diag.message);
}

static void load_recorded(struct sqz_scenario *scenario, const struct sqz_scenario *base,
                          const struct sqz_record *record, double depth_usd)
{
    struct sqz_recorded_terms terms = {
        .record = record, .bars = record->count, .depth_usd = depth_usd};
    struct sqz_diag diag = {0};
    if (sqz_recorded_load(scenario, base, &terms, &sqz_registry, &diag) != SQZ_OK)
        fail_msg("%s:%ld: %s: %s", diag.file, diag.line, diag.field, diag.message);
}

static const char LEVELS[] = "side,price_usd,notional_usd\nshort,100.4,1000\nshort,101,2000\n"
                             "short,103,4000\nlong,99.7,8000\nlong,99,16000\nlong,97,32000\n";

/* Highest and lowest prices so far tell what has fired by the end of a bar, whatever the order. */
static void check_scan(const struct sqz_replay *replay)
{
    static const double PRICE[] = {100.4, 101, 103, 99.7, 99, 97},
                        USD[] = {1000, 2000, 4000, 8000, 16000, 32000};
    double hi = 0, lo = INFINITY, sum[2] = {0, 0};
    for (size_t i = 0; i < replay->bars; i++) {
        double expected[2] = {0, 0};
        hi = fmax(hi, replay->row[i].bar->high_usd);
        lo = fmin(lo, replay->row[i].bar->low_usd);
        for (int side = 0; side < 2; side++)
            sum[side] += replay->row[i].forced_usd[side];
        for (int k = 0; k < 6; k++)
            if (k < 3 ? hi >= PRICE[k] : lo <= PRICE[k])
                expected[k < 3 ? SQZ_UP : SQZ_DOWN] += USD[k];
        check_near("shorts", sum[SQZ_UP], expected[SQZ_UP], 1e-6);
        check_near("longs", sum[SQZ_DOWN], expected[SQZ_DOWN], 1e-6);
    }
    check_near("all shorts", replay->forced_usd[SQZ_UP], sum[SQZ_UP], 1e-6);
}

static void test_engine_against_a_scan(void **state)
{
    struct sqz_scenario base;
    load_base(*state, &base, LEVELS, "book.depth,1M,usd\n");
    for (uint64_t seed = 0; seed < 20; seed++) {
        struct sqz_bar bar[BARS];
        struct sqz_record record;
        struct sqz_scenario scenario;
        struct sqz_replay replay = {.bars = BARS}, again = {.bars = BARS};
        struct sqz_replay_flow flow = {0}, other = {0};
        wander(bar, seed);
        make_record(&record, bar, BARS);
        replay.record = again.record = &record;
        load_recorded(&scenario, &base, &record, NAN);
        assert_int_equal(scenario.world.n_drivers, 1); /* the record, and no jumps */
        assert_int_equal(sqz_replay_run(&replay, &flow, &scenario.world, NULL), SQZ_OK);
        check_scan(&replay);
        /* A level that never stands again fires at the same times. */
        assert_int_equal(sqz_replay_rearmed(&again, &other, &scenario.ladder, INFINITY, NULL),
                         SQZ_OK);
        assert_int_equal(other.count, flow.count);
        for (size_t i = 0; i < flow.count; i++) {
            check_near("time", other.item[i].time_s, flow.item[i].time_s, 1e-6);
            check_near("usd", other.item[i].usd, flow.item[i].usd, 1e-6);
        }
        sqz_replay_free(&replay);
        sqz_replay_free(&again);
        sqz_replay_flow_free(&flow);
        sqz_replay_flow_free(&other);
        sqz_scenario_free(&scenario);
    }
    sqz_scenario_free(&base);
}

/* One bar up to 102 and back, then one down to 98 and back: by hand. */
static void hill_and_valley(struct sqz_bar bar[2])
{
    memset(bar, 0, 2 * sizeof *bar);
    bar[0] = (struct sqz_bar){.open_usd = 100, .high_usd = 102, .low_usd = 100, .close_usd = 100};
    bar[1] = (struct sqz_bar){.open_usd = 100, .high_usd = 100, .low_usd = 98, .close_usd = 100};
}

static void test_times_within_a_bar(void **state)
{
    struct sqz_scenario base, scenario;
    struct sqz_bar bar[2];
    struct sqz_record record;
    struct sqz_replay replay = {.bars = 2, .record = &record};
    struct sqz_replay_flow flow = {0};
    load_base(*state, &base, "side,price_usd,notional_usd\nshort,101,3000\nlong,98,5000\n",
              "book.depth,1M,usd\n");
    hill_and_valley(bar);
    make_record(&record, bar, 2);
    load_recorded(&scenario, &base, &record, NAN);
    assert_int_equal(sqz_replay_run(&replay, &flow, &scenario.world, NULL), SQZ_OK);
    assert_int_equal(flow.count, 2);
    /* A bar that closes where it opened counts as rising: low first. 101 on the way from 100 to 102
     * in the second third. */
    check_near("rise", flow.item[0].time_s, 20 + 20 * log(1.01) / log(1.02), 1e-6);
    check_near("fall", flow.item[1].time_s, 60 + 20, 1e-6); /* the low itself touches */
    check_near("buy", flow.item[0].usd, 3000, 1e-9);
    check_near("sell", flow.item[1].usd, -5000, 1e-9);
    check_near("first bar", replay.row[0].forced_usd[SQZ_UP], 3000, 1e-9);
    check_near("second bar", replay.row[1].forced_usd[SQZ_DOWN], 5000, 1e-9);
    assert_false(sqz_replay_order_assumed(&replay.row[0]));
    sqz_replay_free(&replay);
    sqz_replay_flow_free(&flow);
    sqz_scenario_free(&scenario);
    sqz_scenario_free(&base);
}

/* A level fires again only after the price went back by 1 %. */
static void test_levels_that_stand_again(void **state)
{
    struct sqz_scenario base, scenario;
    struct sqz_bar bar[4] = {
        {.open_usd = 100, .high_usd = 101.5, .low_usd = 100, .close_usd = 100.5},
        {.open_usd = 100.5, .high_usd = 101.5, .low_usd = 100.5, .close_usd = 101},
        {.open_usd = 101, .high_usd = 101, .low_usd = 99, .close_usd = 99},
        {.open_usd = 99, .high_usd = 102, .low_usd = 99, .close_usd = 102}};
    struct sqz_record record;
    struct sqz_replay replay = {.bars = 4, .record = &record};
    struct sqz_replay_flow flow = {0};
    load_base(*state, &base, "side,price_usd,notional_usd\nshort,101,7\n", "book.depth,1M,usd\n");
    make_record(&record, bar, 4);
    load_recorded(&scenario, &base, &record, NAN);
    assert_int_equal(sqz_replay_rearmed(&replay, &flow, &scenario.ladder, 0.01, NULL), SQZ_OK);
    /* In the first bar; back only to 100.5 after it; back to 99 in the third; again in the fourth.
     */
    check_near("first", replay.row[0].forced_usd[SQZ_UP], 7, 0);
    check_near("not again", replay.row[1].forced_usd[SQZ_UP], 0, 0);
    check_near("nor there", replay.row[2].forced_usd[SQZ_UP], 0, 0);
    check_near("again", replay.row[3].forced_usd[SQZ_UP], 7, 0);
    assert_int_equal(flow.count, 2);
    sqz_replay_free(&replay);
    sqz_replay_flow_free(&flow);
    sqz_scenario_free(&scenario);
    sqz_scenario_free(&base);
}

/* In a flat book an order of Q moves the price by Q / depth per cent, half of it for an hour. */
static void test_displacement_in_closed_form(void **state)
{
    struct sqz_scenario base, scenario;
    struct sqz_bar bar[2];
    struct sqz_record record;
    struct sqz_replay replay = {.bars = 2, .record = &record};
    struct sqz_replay_flow flow = {0};
    load_base(*state, &base, "side,price_usd,notional_usd\nshort,101,3000\nlong,99,5000\n",
              "book.depth,9M,usd\nbook.permanent,0.25,1\nbook.halflife,1,min\nbook.weights,1,1\n");
    hill_and_valley(bar);
    make_record(&record, bar, 2);
    load_recorded(&scenario, &base, &record, 1e6);
    assert_int_equal(sqz_replay_run(&replay, &flow, &scenario.world, NULL), SQZ_OK);
    assert_int_equal(sqz_replay_explain(&replay, &flow, &scenario.book, 1e6, 2, NULL), SQZ_OK);
    /* The extreme is the low of the second bar: log(0.98) is further than log(1.02). */
    double per_usd = 2 * 0.01 / 1e6, buy_s = 20 + 20 * log(1.01) / log(1.02);
    double sell_s = 60 + 20 * log(0.99) / log(0.98);
    double left = exp2(-(80 - buy_s) / 60), right = exp2(-(80 - sell_s) / 60);
    double expected = per_usd * (3000 * (0.25 + 0.75 * left) - 5000 * (0.25 + 0.75 * right));
    check_near("extreme", replay.extreme_usd, 98, 0);
    check_near("time", replay.extreme_s - bar[0].time_s, 80, 1e-6);
    check_near("displacement", replay.cell[0].displacement_log, expected, 1e-12);
    check_near("share", replay.cell[0].share, expected / log(0.98), 1e-9);
    /* A book without end leaves the record as it is. */
    assert_int_equal(sqz_replay_explain(&replay, &flow, &scenario.book, 1e6, 1e-9, NULL), SQZ_OK);
    check_near("nothing", replay.cell[1].share, 0, 1e-9);
    check_near("close", replay.row[1].displacement_log[1], 0, 1e-9);
    sqz_replay_free(&replay);
    sqz_replay_flow_free(&flow);
    sqz_scenario_free(&scenario);
    sqz_scenario_free(&base);
}

/* Of a path made with impact, what forced orders did is found again: its price less that is the
 * price without them. */
static void test_impact_is_found_again(void **state)
{
    struct sqz_scenario base, truth;
    struct sqz_bar bar[BARS];
    struct sqz_record record;
    struct sqz_replay made = {.bars = BARS}, replay = {.bars = BARS};
    struct sqz_replay_flow made_flow = {0}, flow = {0};
    load_base(*state, &base, LEVELS,
              "book.depth,40M,usd\nbook.permanent,0.5,1\nbook.halflife,inf,s\nbook.weights,1,1\n");
    wander(bar, 77);
    make_record(&record, bar, BARS);
    made.record = &record;
    load_recorded(&truth, &base, &record, NAN);
    assert_int_equal(sqz_replay_run(&made, &made_flow, &truth.world, NULL), SQZ_OK);
    assert_int_equal(sqz_replay_explain(&made, &made_flow, &truth.book, 4e7, 1, NULL), SQZ_OK);
    /* The record with the impact in it: small, so that no other level is reached. */
    struct sqz_bar moved[BARS];
    double before = 0;
    for (int i = 0; i < BARS; i++) {
        double after = made.row[i].displacement_log[0];
        moved[i] = bar[i];
        moved[i].open_usd *= exp(before);
        moved[i].close_usd *= exp(after);
        moved[i].high_usd = fmax(bar[i].high_usd, fmax(moved[i].open_usd, moved[i].close_usd));
        moved[i].low_usd = fmin(bar[i].low_usd, fmin(moved[i].open_usd, moved[i].close_usd));
        before = after;
    }
    struct sqz_record with;
    struct sqz_scenario scenario;
    make_record(&with, moved, BARS);
    replay.record = &with;
    load_recorded(&scenario, &base, &with, NAN);
    assert_int_equal(sqz_replay_run(&replay, &flow, &scenario.world, NULL), SQZ_OK);
    assert_int_equal(flow.count, made_flow.count);
    assert_true(flow.count >= 3);
    assert_int_equal(sqz_replay_explain(&replay, &flow, &scenario.book, 4e7, 1, NULL), SQZ_OK);
    for (int i = 0; i < BARS; i++)
        check_near("counterfactual close",
                   moved[i].close_usd * exp(-replay.row[i].displacement_log[0]), bar[i].close_usd,
                   1e-9);
    sqz_replay_free(&made);
    sqz_replay_free(&replay);
    sqz_replay_flow_free(&made_flow);
    sqz_replay_flow_free(&flow);
    sqz_scenario_free(&truth);
    sqz_scenario_free(&scenario);
    sqz_scenario_free(&base);
}

static void test_beside_what_was_reported(void **state)
{
    (void)state;
    struct sqz_bar bar[4];
    struct sqz_replay_bar row[4];
    struct sqz_record record = {.bar = bar, .count = 4, .step_s = 60};
    struct sqz_replay replay = {.record = &record, .row = row, .bars = 4};
    for (int i = 0; i < 4; i++) {
        bar[i] = (struct sqz_bar){.liquidated_usd = {NAN, NAN}};
        row[i] =
            (struct sqz_replay_bar){.bar = &bar[i], .forced_usd = {i, 0}, .destroyed_usd = NAN};
    }
    sqz_replay_compare(&replay);
    assert_null(replay.against);
    for (int i = 0; i < 4; i++)
        row[i].destroyed_usd = i == 0 ? NAN : 10.0 - i; /* falls as what is forced rises */
    sqz_replay_compare(&replay);
    assert_string_equal(replay.against, "open interest destroyed");
    check_near("correlation", replay.correlation, -1, 1e-12);
    check_near("destroyed", replay.destroyed_usd, 24, 0);
    for (int i = 0; i < 4; i++)
        bar[i].liquidated_usd[SQZ_UP] = bar[i].liquidated_usd[SQZ_DOWN] = 3 * i;
    sqz_replay_compare(&replay);
    assert_string_equal(replay.against, "reported liquidations");
    check_near("correlation", replay.correlation, 1, 1e-12);
    check_near("reported", replay.reported_usd[SQZ_DOWN], 18, 0);
}

#define SCRATCH_TEST(test) cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCRATCH_TEST(test_engine_against_a_scan),   SCRATCH_TEST(test_times_within_a_bar),
        SCRATCH_TEST(test_levels_that_stand_again), SCRATCH_TEST(test_displacement_in_closed_form),
        SCRATCH_TEST(test_impact_is_found_again),   cmocka_unit_test(test_beside_what_was_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
