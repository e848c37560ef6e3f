/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The replay driver: the exogenous price is the record at every knot, levels are touched when the
 * record says so, gaps jump, and every error in a record is found. */
#include "tests/unit/path_fixture.h"

#define RECORD_HEADER "time_h,open_usd,high_usd,low_usd,close_usd\n"

static double record_log(double price_usd)
{
    return log(price_usd / 80000);
}

/* Load a scenario with this record and travel it once. */
static void replay(struct scratch *scratch, const char *rows, const char *levels,
                   const char *record, struct journey *journey)
{
    char text[400];
    snprintf(text, sizeof text, "volatility,0.031,1/sqrt(d)\nreplay,record.csv,\n%s", rows);
    scratch_write(scratch, "record.csv", record);
    travel_rows(scratch, text, levels, journey);
}

/* The same, read at times in hours; `price_log` gets the exogenous price there. */
static void replay_at(struct scratch *scratch, const char *rows, const char *record,
                      const double *time_h, size_t times, double *price_log)
{
    static struct journey journey;
    struct sqz_scenario scenario;
    double output_s[32];
    const struct sqz_event *output[32];
    char text[400];
    snprintf(text, sizeof text, "volatility,0.031,1/sqrt(d)\nreplay,record.csv,\n%s", rows);
    for (size_t i = 0; i < times; i++)
        output_s[i] = time_h[i] * 3600;
    scratch_write(scratch, "record.csv", record);
    load_path_well(scratch, &scenario, text, LEVELS_HEADER "short,8e7,1\n");
    travel(&scenario.world, 0, output_s, times, &journey);
    sqz_scenario_free(&scenario);
    assert_int_equal(select_events(&journey.log, SQZ_EVENT_OUTPUT, output, 32), times);
    for (size_t i = 0; i < times; i++)
        price_log[i] = output[i]->exogenous_log;
}

/* ---- records of many bars ------------------------------------------------------------------ */

enum { OPEN, HIGH, LOW, CLOSE };
struct bar {
    double time_h, price_usd[4];
};

/* Bars of uneven length; one in five opens away from the close before it. */
static void draw_bars(struct bar *bar, size_t bars, double step_log, uint64_t path)
{
    struct sqz_stream stream;
    sqz_stream_open(&stream, 77, path, 0);
    double time_h = 0, open = 80000;
    for (size_t i = 0; i < bars; i++) {
        double close = open * exp(step_log * (2 * sqz_stream_uniform(&stream) - 1));
        double up = exp(step_log * sqz_stream_uniform(&stream));
        double down = exp(-step_log * sqz_stream_uniform(&stream));
        bar[i] =
            (struct bar){time_h, {open, fmax(open, close) * up, fmin(open, close) * down, close}};
        time_h += 0.05 + 0.3 * sqz_stream_uniform(&stream);
        open = close;
        if (sqz_stream_uniform(&stream) < 0.2)
            open *= exp(step_log * (2 * sqz_stream_uniform(&stream) - 1));
    }
}

static void write_bars(struct scratch *scratch, const struct bar *bar, size_t bars)
{
    size_t room = 120 * (bars + 1), used = strlen(RECORD_HEADER);
    char *text = malloc(room);
    assert_non_null(text);
    strcpy(text, RECORD_HEADER);
    for (size_t i = 0; i < bars; i++)
        used += (size_t)snprintf(text + used, room - used, "%.17g,%.17g,%.17g,%.17g,%.17g\n",
                                 bar[i].time_h, bar[i].price_usd[OPEN], bar[i].price_usd[HIGH],
                                 bar[i].price_usd[LOW], bar[i].price_usd[CLOSE]);
    scratch_write(scratch, "record.csv", text);
    free(text);
}

/* The price at the knots of a bar under each order: index 1 and 2 of the four. */
static double knot_usd(const struct bar *bar, const char *order, int knot)
{
    const double *price = bar->price_usd;
    bool rising = price[CLOSE] >= price[OPEN];
    bool high_first = strcmp(order, "high-first") == 0 || (strcmp(order, "auto") == 0 && !rising);
    return price[high_first == (knot == 1) ? HIGH : LOW];
}

enum { BARS = 60 };

/* At the start of every bar and inside it; the gaps are jumps at the boundary and there are no
 * others. */
static void check_knots(struct scratch *scratch, const struct bar *bar, const char *order)
{
    static struct journey journey;
    struct sqz_scenario scenario;
    double output_s[3 * BARS];
    const struct sqz_event *output[3 * BARS], *jump[BARS];
    char rows[300];
    for (int i = 0; i < BARS - 1; i++)
        for (int k = 0; k < 3; k++)
            output_s[3 * i + k] =
                (bar[i].time_h + k * (bar[i + 1].time_h - bar[i].time_h) / 3) * 3600;
    snprintf(rows, sizeof rows,
             "horizon,%.17g,h\nvolatility,0.031,1/sqrt(d)\nreplay,record.csv,\nreplay.order,%s,\n",
             bar[BARS - 1].time_h, order);
    load_path_well(scratch, &scenario, rows, LEVELS_HEADER "short,8e7,1\n");
    travel(&scenario.world, 0, output_s, 3 * (BARS - 1), &journey);
    sqz_scenario_free(&scenario);
    size_t jumps = select_events(&journey.log, SQZ_EVENT_JUMP, jump, BARS), gaps = 0;
    assert_int_equal(select_events(&journey.log, SQZ_EVENT_OUTPUT, output, 3 * BARS),
                     3 * (BARS - 1));
    for (int i = 0; i < BARS - 1; i++) {
        double open = bar[i].price_usd[OPEN];
        check_near("open", output[3 * i]->exogenous_log, record_log(open), 1e-12);
        for (int k = 1; k < 3; k++)
            check_near("extreme", output[3 * i + k]->exogenous_log,
                       record_log(knot_usd(&bar[i], order, k)), 1e-12);
        double gap = i > 0 ? log(open / bar[i - 1].price_usd[CLOSE]) : 0.0;
        if (gap == 0.0)
            continue;
        check_near("jump", jump[gaps]->jump_log, gap, 1e-12);
        assert_true(jump[gaps++]->time_s == bar[i].time_h * 3600);
    }
    assert_true(gaps == jumps ||
                (gaps + 1 == jumps && jump[gaps]->time_s > output_s[3 * BARS - 4]));
    assert_true(gaps > 5 && gaps < 25);
}

static void test_knots_are_the_record(void **state)
{
    static const char *const ORDERS[] = {"auto", "high-first", "low-first"};
    struct bar bar[BARS];
    draw_bars(bar, BARS, 0.01, 0);
    write_bars(*state, bar, BARS);
    for (int i = 0; i < 3; i++)
        check_knots(*state, bar, ORDERS[i]);
}

/* A hundred thousand minutes, at the end of them a rise through a level every 0.24 %: rounding does
 * not add up, neither of the bars nor of the steps between levels. */
static void test_rounding_does_not_accumulate(void **state)
{
    enum { MINUTES = 100000, RISE = 300, LEVELS = 1260, LAST = 20 };
    static struct test_engine test;
    struct sqz_scenario scenario;
    struct scratch *scratch = *state;
    struct bar *bar = malloc(MINUTES * sizeof *bar);
    char *levels = malloc(60 * LEVELS), rows[200];
    double output_s[LAST];
    assert_true(bar != NULL && levels != NULL);
    double open = 80000;
    for (int i = 0; i < MINUTES; i++) {
        double close = i < MINUTES - RISE ? (i % 2 == 0 ? 80017.3 : 79990.1) : open * exp(0.01);
        bar[i] = (struct bar){i / 60.0, {open, fmax(open, close), fmin(open, close), close}};
        open = close;
    }
    write_bars(scratch, bar, MINUTES);
    size_t used = (size_t)sprintf(levels, LEVELS_HEADER);
    for (int i = 1; i <= LEVELS; i++)
        used += (size_t)sprintf(levels + used, "short,%.17g,1\n", 80020 * exp(0.0023713 * i));
    for (int i = 0; i < LAST; i++)
        output_s[i] = bar[MINUTES - LAST + i].time_h * 3600;
    snprintf(rows, sizeof rows,
             "horizon,%.17g,h\nvolatility,0,1/sqrt(d)\nimpact,off,\nreplay,record.csv,\n",
             MINUTES / 60.0);
    load_path_well(scratch, &scenario, rows, levels);
    struct event_log log = {0};
    struct sqz_observer observer = {&log, keep_event, ~(1u << SQZ_EVENT_OUTPUT)};
    test_engine_init_outputs(&test, (const struct sqz_world *[]){&scenario.world}, 1, output_s,
                             LAST);
    sqz_engine_run(&test.engine, 42, 0, &observer);
    assert_true(sqz_engine_outcome(&test.engine, 0)->liquidations[SQZ_UP] > LEVELS - 20);
    assert_int_equal(log.count, LAST);
    for (int i = 0; i < LAST; i++)
        check_near("open", log.event[i].exogenous_log,
                   record_log(bar[MINUTES - LAST + i].price_usd[OPEN]), 1e-12);
    test_engine_free(&test);
    sqz_scenario_free(&scenario);
    free(levels);
    free(bar);
}

/* ---- times --------------------------------------------------------------------------------- */

/* A rising bar of 1.5 h, a falling one of 2.5 h, and one that ends where it begins, which lasts as
 * long as the one before: knots at 0, 0.5, 1, 1.5, ... h. */
#define THREE_BARS                                                                                 \
    RECORD_HEADER "0,80000,80800,79200,80400\n"                                                    \
                  "1.5,80400,80900,78000,78500\n"                                                  \
                  "4,78500,79100,77700,78500\n"

static const double THREE_KNOTS_H[] = {
    0.5, 1, 1.5, 1.5 + 2.5 / 3, 1.5 + 5.0 / 3, 4, 4 + 2.5 / 3, 4 + 5.0 / 3, 6.5};

static void check_order(struct scratch *scratch, const char *rows, const double expected_usd[9])
{
    double price_log[9];
    replay_at(scratch, rows, THREE_BARS, THREE_KNOTS_H, 9, price_log);
    for (int i = 0; i < 9; i++)
        check_near(rows, price_log[i], record_log(expected_usd[i]), 1e-11);
}

static void test_order_of_extremes(void **state)
{
    check_order(*state, "horizon,6.5,h\n",
                (double[]){79200, 80800, 80400, 80900, 78000, 78500, 77700, 79100, 78500});
    check_order(*state, "horizon,6.5,h\nreplay.order,high-first,\n",
                (double[]){80800, 79200, 80400, 80900, 78000, 78500, 79100, 77700, 78500});
    check_order(*state, "horizon,6.5,h\nreplay.order,low-first,\n",
                (double[]){79200, 80800, 80400, 78000, 80900, 78500, 77700, 79100, 78500});
}

static void test_one_bar_lasts_until_the_horizon(void **state)
{
    double price_log[4];
    replay_at(*state, "horizon,12,h\n", RECORD_HEADER "0,80000,82000,79000,81500\n",
              (double[]){2, 4, 8, 12}, 4, price_log);
    check_near("on the way", price_log[0], 0.5 * record_log(79000), 1e-12);
    check_near("low", price_log[1], record_log(79000), 1e-12);
    check_near("high", price_log[2], record_log(82000), 1e-12);
    check_near("close", price_log[3], record_log(81500), 1e-12);
}

/* The last bar is as long as the one before it, or ends with the horizon: its high and its close
 * come in time. */
static void test_last_bar_ends_at_the_horizon(void **state)
{
    static const char RECORD[] = RECORD_HEADER "0,80000,82000,79000,81500\n"
                                               "2,81500,84000,81000,83000\n";
    double price_log[3];
    replay_at(*state, "horizon,3,h\n", RECORD, (double[]){2 + 1.0 / 3, 2 + 2.0 / 3, 3}, 3,
              price_log);
    check_near("low", price_log[0], record_log(81000), 1e-12);
    check_near("high", price_log[1], record_log(84000), 1e-12);
    check_near("close", price_log[2], record_log(83000), 1e-12);
    replay_at(*state, "horizon,4,h\n", RECORD, (double[]){3, 4}, 2, price_log);
    check_near("half", price_log[0], 0.5 * record_log(81000) + 0.5 * record_log(84000), 1e-12);
    check_near("close", price_log[1], record_log(83000), 1e-12);
}

/* What the record says, whatever the seed. */
static void test_there_is_no_noise(void **state)
{
    static struct journey one, other;
    struct sqz_scenario scenario;
    scratch_write(*state, "record.csv", THREE_BARS);
    load_path_well(*state, &scenario,
                   "horizon,6.2,h\nvolatility,0.5,1/sqrt(d)\nreplay,record.csv,\n",
                   LEVELS_HEADER "long,79500,3e6\nshort,80700,3e6\nlong,78200,3e6\n");
    travel(&scenario.world, 0, NULL, 0, &one);
    travel(&scenario.world, 1, NULL, 0, &other);
    sqz_scenario_free(&scenario);
    check_same_outcome(&one.outcome, &other.outcome);
    assert_int_equal(one.outcome.liquidations[SQZ_UP] + one.outcome.liquidations[SQZ_DOWN], 3);
}

static void test_off_is_no_driver(void **state)
{
    static struct journey without, with;
    const char *levels = LEVELS_HEADER "long,79500,3e6\nshort,80700,3e6\n";
    travel_rows(*state, "horizon,2,d\nvolatility,0.03,1/sqrt(d)\n", levels, &without);
    travel_rows(*state,
                "horizon,2,d\nvolatility,0.03,1/sqrt(d)\nreplay,off,\nreplay.order,low-first,\n",
                levels, &with);
    check_same_outcome(&without.outcome, &with.outcome);
}

/* A drift and a jump that come from elsewhere are added to the record and stay. */
static void test_what_others_add_stays(void **state)
{
    static struct journey journey;
    struct sqz_scenario scenario;
    const struct test_impulse impulse = {2 * 3600.0, 0.0123, 0.0};
    const double output_s[] = {1800, 3600, 5400, 4 * 3600.0, 6.4 * 3600};
    const double record_usd[] = {79200, 80800, 80400, 78500};
    const struct sqz_event *output[5];
    scratch_write(*state, "record.csv", THREE_BARS);
    load_path_well(*state, &scenario,
                   "horizon,6.5,h\nvolatility,0.5,1/sqrt(d)\ndrift,0.07,1/d\nreplay,record.csv,\n",
                   LEVELS_HEADER "short,8e7,1\n");
    scenario.world.driver[scenario.world.n_drivers++] = test_impulse_driver(&impulse);
    travel(&scenario.world, 0, output_s, 5, &journey);
    sqz_scenario_free(&scenario);
    assert_int_equal(select_events(&journey.log, SQZ_EVENT_OUTPUT, output, 5), 5);
    for (int i = 0; i < 4; i++)
        check_near("record, drift and jump", output[i]->exogenous_log,
                   record_log(record_usd[i]) + 0.07 * output_s[i] / DAY_S + (i > 2 ? 0.0123 : 0),
                   1e-12);
}

/* ---- liquidations -------------------------------------------------------------------------- */

/* When a leg of `leg_s` seconds from `a` to `b` passes `c`, prices in USD. */
static double passing_s(double a, double b, double c, double leg_s)
{
    return leg_s * log(c / a) / log(b / a);
}

static const char THREE_LEVELS[] =
    LEVELS_HEADER "long,79500,1.3e6\nshort,80500,0.7e6\nlong,78200,2.1e6\n";

static void test_levels_are_touched_at_interpolated_times(void **state)
{
    static struct journey journey;
    const struct sqz_event *fired[3];
    replay(*state, "horizon,6.5,h\nimpact,off,\n", THREE_LEVELS, THREE_BARS, &journey);
    assert_int_equal(select_events(&journey.log, SQZ_EVENT_LIQUIDATION, fired, 3), 3);
    const double leg_s = 2.5 * 1200; /* of the second bar */
    check_near("long", fired[0]->time_s, passing_s(80000, 79200, 79500, 1800), 1e-7);
    check_near("short", fired[1]->time_s, 1800 + passing_s(79200, 80800, 80500, 1800), 1e-7);
    check_near("long", fired[2]->time_s, 5400 + leg_s + passing_s(80900, 78000, 78200, leg_s),
               1e-7);
}

/* Every order moves a price that is already the record: the first sale brings the price down to
 * the second long sooner and keeps it from the short for longer. */
static void test_impact_adds_to_the_record(void **state)
{
    static struct journey journey;
    const struct sqz_event *fired[3];
    replay(*state, "horizon,6.5,h\n", THREE_LEVELS, THREE_BARS, &journey);
    assert_int_equal(select_events(&journey.log, SQZ_EVENT_LIQUIDATION, fired, 3), 3);
    const double leg_s = 2.5 * 1200;
    double first = exp(-1.3e6 * STIFF_LOG_PER_USD), both = first * exp(0.7e6 * STIFF_LOG_PER_USD);
    check_near("long", fired[0]->time_s, passing_s(80000, 79200, 79500, 1800), 1e-7);
    check_near("short", fired[1]->time_s, 1800 + passing_s(79200, 80800, 80500 / first, 1800),
               1e-7);
    check_near("long", fired[2]->time_s,
               5400 + leg_s + passing_s(80900, 78000, 78200 / both, leg_s), 1e-7);
    check_near("final", journey.outcome.final_log,
               record_log(78500) + (-1.3e6 + 0.7e6 - 2.1e6) * STIFF_LOG_PER_USD, 1e-12);
    assert_true(journey.outcome.forced_usd[SQZ_DOWN] == 3.4e6);
}

/* Without impact exactly the levels between the extremes fire, whatever the order within bars. */
static void check_scan(struct scratch *scratch, uint64_t path, const char *order)
{
    enum { LEVELS = 81 };
    static struct journey journey;
    struct bar bar[BARS];
    char levels[60 * LEVELS] = LEVELS_HEADER, rows[300];
    double high = 0, low = INFINITY, expected[2] = {0, 0};
    uint64_t count[2] = {0, 0};
    draw_bars(bar, BARS, 0.01, path);
    write_bars(scratch, bar, BARS);
    for (int i = 0; i < BARS; i++) {
        high = fmax(high, bar[i].price_usd[HIGH]);
        low = fmin(low, bar[i].price_usd[LOW]);
    }
    for (int i = 0; i < LEVELS; i++) {
        double price = 80000 * (1 + 0.0017 * (i - 40.4)), usd = 1e6 + 1e4 * (i * 37 % 100);
        bool above = price > 80000;
        snprintf(levels + strlen(levels), sizeof levels - strlen(levels), "%s,%.17g,%.17g\n",
                 above ? "short" : "long", price, usd);
        if (price < low || price > high)
            continue;
        expected[above ? SQZ_UP : SQZ_DOWN] += usd;
        count[above ? SQZ_UP : SQZ_DOWN]++;
    }
    snprintf(rows, sizeof rows,
             "horizon,%.17g,h\nvolatility,0.031,1/sqrt(d)\nimpact,off,\nreplay,record.csv,\n"
             "replay.order,%s,\n",
             2 * bar[BARS - 1].time_h - bar[BARS - 2].time_h, order);
    travel_rows(scratch, rows, levels, &journey);
    for (int side = 0; side < 2; side++) {
        assert_true(count[side] > 3);
        assert_int_equal(journey.outcome.liquidations[side], count[side]);
        check_near("forced", journey.outcome.forced_usd[side], expected[side], 1e-6);
    }
    check_near("peak", journey.outcome.peak_log, record_log(high), 1e-12);
    check_near("trough", journey.outcome.trough_log, record_log(low), 1e-12);
}

static void test_counts_equal_a_scan_of_the_record(void **state)
{
    check_scan(*state, 0, "auto");
    check_scan(*state, 2, "high-first");
    check_scan(*state, 3, "low-first");
}

/* The night from 80,000 to 76,000 skips three levels; the fourth waits for the low of the morning.
 */
static void test_gaps_fire_what_they_skip(void **state)
{
    static struct journey journey;
    const struct sqz_event *fired[5], *jump[1];
    replay(*state, "horizon,16,h\nimpact,off,\n",
           LEVELS_HEADER "long,75500,8\nlong,77500,2\nlong,76000,4\nlong,79000,1\nshort,80500,1\n",
           RECORD_HEADER "0,80000,80000,80000,80000\n8,76000,76000,75000,76000\n", &journey);
    assert_int_equal(select_events(&journey.log, SQZ_EVENT_JUMP, jump, 1), 1);
    assert_true(jump[0]->time_s == 8 * 3600 && strcmp(jump[0]->driver, "replay") == 0);
    check_near("jump", jump[0]->jump_log, record_log(76000), 1e-15);
    assert_int_equal(select_events(&journey.log, SQZ_EVENT_LIQUIDATION, fired, 5), 4);
    for (int i = 0; i < 4; i++)
        assert_true(fired[i]->notional_usd == 1 << i && (fired[i]->time_s == 8 * 3600) == (i < 3));
    assert_int_equal(journey.outcome.liquidations[SQZ_UP], 0);
}

/* ---- errors -------------------------------------------------------------------------------- */

static const struct {
    const char *record, *field, *message;
    long line;
} BAD[] = {
    {"0.5,80000,80000,80000,80000\n", "time_h", "0.5 is not the start; expected 0", 2},
    {"0,80000,80000,80000,80000\n1,80000,80000,80000,80000\n1,80000,80000,80000,80000\n", "time_h",
     "1 does not increase", 4},
    {"0,80000,80000,80000,80000\n2,80000,80000,80000,80000\n1,80000,80000,80000,80000\n"
     "9,80000,80000,80000,80000\n",
     "time_h", "1 does not increase", 4},
    {"0,80000,80000,80000,80000\n1e9,80000,80000,80000,80000\n"
     "1000000000.0000001,80000,80000,80000,80000\n",
     "time_h", "does not increase", 4},
    {"0,0,80000,80000,80000\n", "open_usd", "0 is out of range; expected a price above 0", 2},
    {"0,80000,80000,80000,80000\n2,80000,-1,80000,80000\n", "high_usd", "-1 is out of range", 3},
    {"0,80000,80000,0,80000\n", "low_usd", "0 is out of range", 2},
    {"0,80000,80000,80000,-3\n", "close_usd", "-3 is out of range", 2},
    {"0,80000,79999,79000,79500\n", "open_usd", "80000 lies above the bar's high_usd", 2},
    {"0,80000,80001,80000.5,80001\n", "open_usd", "80000 lies below the bar's low_usd", 2},
    {"0,80000,80001,79999,80002\n", "close_usd", "80002 lies above", 2},
    {"0,80000,80001,79999,79998\n", "close_usd", "79998 lies below", 2},
    {"0,80001,80001,80001,80001\n", "open_usd",
     "80001 is not the scenario's price of 80000; expected the record to start there (set "
     "price=80001)",
     2},
    {"0,80000,80000,80000,80000\n11.5,80000,80000,80000,80000\n", "time_h",
     "the record ends after 23 h, before the horizon of 24 h; expected it to last until then (set "
     "horizon=23h)",
     3},
    {"0,80000,80000,80000\n", "", "4 fields", 2},
    {"0,80000,80000,80000,high\n", "close_usd", "'high' is not a finite number", 2},
    {"", "", "has no rows", 0},
};

static void test_bad_records(void **state)
{
    struct scratch *scratch = *state;
    char path[160], text[600];
    snprintf(path, sizeof path, "%s/record.csv", scratch->folder);
    scratch_write(scratch, "levels.csv", LEVELS_HEADER "long,78000,3e6\n");
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
        struct sqz_scenario scenario;
        struct sqz_diag diag = {0};
        snprintf(text, sizeof text, "%s%s", RECORD_HEADER, BAD[i].record);
        scratch_write(scratch, "record.csv", text);
        int error =
            load_path(scratch, &scenario,
                      "horizon,1,d\nvolatility,0.03,1/sqrt(d)\nreplay,record.csv,\n", &diag);
        if (error != SQZ_ERR_DATA)
            fail_msg("accepted: %s", BAD[i].record);
        check_diag(&diag, SQZ_ERR_DATA, path, BAD[i].line, BAD[i].field, BAD[i].message);
    }
}

static void check_bad_rows(struct scratch *scratch, const char *rows, long line, const char *field,
                           const char *message)
{
    struct sqz_scenario scenario;
    struct sqz_diag diag = {0};
    char path[160], text[400];
    snprintf(path, sizeof path, "%s/s.csv", scratch->folder);
    snprintf(text, sizeof text, "horizon,6,h\nvolatility,0.03,1/sqrt(d)\n%s", rows);
    assert_int_equal(load_path(scratch, &scenario, text, &diag), SQZ_ERR_DATA);
    check_diag(&diag, SQZ_ERR_DATA, path, line, field, message);
}

static void test_bad_keys(void **state)
{
    scratch_write(*state, "levels.csv", LEVELS_HEADER "long,78000,3e6\n");
    scratch_write(*state, "record.csv", THREE_BARS);
    check_bad_rows(*state, "replay.order,auto,\n", 0, "replay", "is missing; CSV time_h,open_usd");
    check_bad_rows(*state, "replay,record.csv,\nreplay.order,close-first,\n", 10, "replay.order",
                   "expected auto, high-first, low-first");
}

/* Prices and times that differ by rounding are the same. */
static void test_rounding_is_no_error(void **state)
{
    static struct journey journey;
    replay(*state, "horizon,24,h\n", LEVELS_HEADER "long,78000,3e6\n",
           RECORD_HEADER "0,80000.00007,80000.00007,80000.00007,80000.00007\n"
                         "11.99999999,80000,80000,77999,78000\n",
           &journey);
    const struct sqz_event *jump[1];
    assert_int_equal(select_events(&journey.log, SQZ_EVENT_JUMP, jump, 1), 1); /* of 9e-10 */
    assert_true(jump[0]->time_s > 0);
    assert_int_equal(journey.outcome.liquidations[SQZ_DOWN], 1);
}

#define IN_SCRATCH(test) cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SCRATCH(test_knots_are_the_record),
        IN_SCRATCH(test_rounding_does_not_accumulate),
        IN_SCRATCH(test_order_of_extremes),
        IN_SCRATCH(test_one_bar_lasts_until_the_horizon),
        IN_SCRATCH(test_last_bar_ends_at_the_horizon),
        IN_SCRATCH(test_there_is_no_noise),
        IN_SCRATCH(test_off_is_no_driver),
        IN_SCRATCH(test_what_others_add_stays),
        IN_SCRATCH(test_levels_are_touched_at_interpolated_times),
        IN_SCRATCH(test_impact_adds_to_the_record),
        IN_SCRATCH(test_counts_equal_a_scan_of_the_record),
        IN_SCRATCH(test_gaps_fire_what_they_skip),
        IN_SCRATCH(test_bad_records),
        IN_SCRATCH(test_bad_keys),
        IN_SCRATCH(test_rounding_is_no_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
