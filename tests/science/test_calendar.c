/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The calendar driver end to end: jumps at their times and of their law, the variance that it gives
 * the price, and what a collapse of depth at a known time does to the chance of a squeeze. */
#include "tests/unit/driver_by_hand.h"

#include <gsl/gsl_math.h>

enum { SEED = 83, PATHS = 100000, PAIRED_PATHS = 20000 };

#define HEADER "time_h,probability,jump_mean,jump_sd,volatility,depth\n"

static void load(struct scratch *scratch, struct sqz_scenario *scenario, const char *table,
                 const char *rows, const char *const *set)
{
    char text[600];
    scratch_write(scratch, "calendar.csv", table);
    snprintf(text, sizeof text, "calendar,calendar.csv,\n%s", rows);
    load_rows_well(scratch, scenario, text, set);
}

/* ---- jumps and variance -------------------------------------------------------------------- */

/* Two days that begin at 20 h of a calendar of 27 h. */
#define WHEN "calendar.period,27,h\ncalendar.offset,20,h\n"
static const struct {
    double p, mean_log, sd_log, volatility;
} ENTRY[] = {{0.35, 0.0123, 0.004, 1.6}, {0.8, -0.02, 0.011, 0.4}, {0.12, 0.001, 0.02, 2.3}};
#define TABLE                                                                                      \
    HEADER "6.25,0.35,0.0123,0.004,1.6,1\n19,0.8,-0.02,0.011,0.4,1\n21.75,0.12,0.001,0.02,2.3,1\n"

/* What happens in those two days: before 21.75 h of the calendar the second entry holds; that of
 * 6.25 h follows at 33.25 h, and so on. Whole seconds all. */
static const struct {
    int entry;
    double time_s;
} DUE[] = {{1, 0}, {2, 6300}, {0, 47700}, {1, 93600}, {2, 103500}, {0, 144900}, {-1, 172800}};
enum { FIRST = 1, END = 6 }; /* nothing jumps at the start */

struct jump_log {
    uint64_t count[END];
    struct sqz_mean size[END], square[END];
    int on_this_path;
};

static void on_event(void *context, const struct sqz_event *event)
{
    struct jump_log *log = context;
    int i = FIRST;
    if (event->kind != SQZ_EVENT_JUMP)
        return;
    while (i < END && event->time_s != DUE[i].time_s)
        i++;
    if (i == END)
        fail_msg("a jump at %.17g s", event->time_s);
    assert_string_equal(event->driver, "calendar");
    log->count[i]++;
    log->on_this_path++;
    sqz_mean_add(&log->size[i], event->jump_log);
    sqz_mean_add(&log->square[i], gsl_pow_2(event->jump_log - ENTRY[DUE[i].entry].mean_log));
}

static void check_jumps(const struct jump_log *log, uint64_t paths)
{
    for (int i = FIRST; i < END; i++) {
        int e = DUE[i].entry;
        check_share_4se("P(jump)", log->count[i], paths, ENTRY[e].p, 0);
        check_mean_4se("mean jump", &log->size[i], ENTRY[e].mean_log, 0);
        check_mean_4se("variance of a jump", &log->square[i], gsl_pow_2(ENTRY[e].sd_log), 0);
    }
}

/* Jumps of probability p come at their times and no other, independent of each other; between them
 * the variance is the sum of the squared multipliers, each as long as it holds. */
static void test_jumps_and_variance(void **state)
{
    static const double SIGMA_PER_D = 0.025;
    struct sqz_scenario scenario;
    struct test_engine engine;
    struct jump_log log = {.on_this_path = 0};
    struct sqz_mean counted = {0}, spread = {0}, final = {0}, square = {0};
    double count = 0, count_variance = 0, mean = 0, variance = 0;
    uint64_t paths = test_paths(PATHS);
    for (int i = 0; i < END; i++) {
        double p = i >= FIRST ? ENTRY[DUE[i].entry].p : 0, m = ENTRY[DUE[i].entry].mean_log;
        count += p;
        count_variance += p * (1 - p);
        mean += p * m;
        variance += p * (m * m + gsl_pow_2(ENTRY[DUE[i].entry].sd_log)) - p * p * m * m +
                    gsl_pow_2(SIGMA_PER_D * ENTRY[DUE[i].entry].volatility) *
                        (DUE[i + 1].time_s - DUE[i].time_s) / 86400;
    }
    load(*state, &scenario, TABLE, WHEN, NULL);
    test_engine_init(&engine, (const struct sqz_world *[]){&scenario.world}, 1);
    for (uint64_t path = 0; path < paths; path++) {
        log.on_this_path = 0;
        sqz_engine_run(&engine.engine, SEED, path,
                       &(struct sqz_observer){.context = &log, .event = on_event});
        const struct sqz_outcome *outcome = sqz_engine_outcome(&engine.engine, 0);
        assert_true(outcome->measure[0] == log.on_this_path);
        sqz_mean_add(&counted, outcome->measure[0]);
        sqz_mean_add(&spread, gsl_pow_2(outcome->measure[0] - count));
        sqz_mean_add(&final, outcome->final_log);
        sqz_mean_add(&square, gsl_pow_2(outcome->final_log - mean));
    }
    check_jumps(&log, paths);
    check_mean_4se("number of jumps", &counted, count, 0);
    check_mean_4se("its variance", &spread, count_variance, 0);
    check_mean_4se("mean of the final price", &final, mean, 0);
    check_mean_4se("its variance", &square, variance, 0);
    test_engine_free(&engine);
    sqz_scenario_free(&scenario);
}

/* ---- collapse of depth --------------------------------------------------------------------- */

/* By how much books were seen to thin in cascades: not at all; in the median one; in the worst
 * tenth; on 10 October 2025. */
static const double COLLAPSE[] = {1, 3.4, 17, 100};
enum { WORLDS = sizeof COLLAPSE / sizeof COLLAPSE[0] };

/* Four shorts, 1 % apart, then the target. */
#define WALL                                                                                       \
    "side,price_usd,notional_usd\nshort,80800,7e5\nshort,81600,7e5\nshort,82400,7e5\n"             \
    "short,83200,7e5\n"
#define TARGET "target,84000,usd\nbook.permanent,0,\n"

struct collapse {
    struct sqz_scenario scenario[WORLDS];
    struct test_engine engine;
};

/* One world per collapse, which lasts from the second to the 38th of 48 hours. In the full book of
 * 14 M a short moves the price by 0.05 %, in the thinned ones by 0.17 %, 0.85 % and 5 %. */
static void open_collapse(struct scratch *scratch, struct collapse *test, const char *recovery)
{
    const struct sqz_world *worlds[WORLDS];
    char table[200], rows[300], levels[200];
    scratch_write(scratch, "wall.csv", WALL);
    snprintf(levels, sizeof levels, "levels=%s", scratch->path);
    snprintf(rows, sizeof rows, "%s%s", TARGET, recovery);
    for (int w = 0; w < WORLDS; w++) {
        snprintf(table, sizeof table, HEADER "2,0,0,0,1,%.17g\n38,0,0,0,1,1\n", 1 / COLLAPSE[w]);
        load(scratch, &test->scenario[w], table, rows, (const char *const[]){levels, NULL});
        worlds[w] = &test->scenario[w].world;
    }
    test_engine_init(&test->engine, worlds, WORLDS);
}

static void close_collapse(struct collapse *test)
{
    test_engine_free(&test->engine);
    for (int w = 0; w < WORLDS; w++)
        sqz_scenario_free(&test->scenario[w]);
}

/* When the worlds touch the target on one path; INFINITY if they do not. */
static void run_collapse(struct collapse *test, uint64_t path, double touch_s[WORLDS])
{
    sqz_engine_run(&test->engine.engine, SEED + 1, path, NULL);
    for (size_t w = 0; w < WORLDS; w++) {
        touch_s[w] = sqz_engine_outcome(&test->engine.engine, w)->touch_s[SQZ_TARGET];
        if (isnan(touch_s[w]))
            touch_s[w] = INFINITY;
    }
}

static void add_rises(struct sqz_mean rise[WORLDS], const double touch_s[WORLDS])
{
    for (int w = 1; w < WORLDS; w++)
        sqz_mean_add(&rise[w], isfinite(touch_s[w]) - isfinite(touch_s[w - 1]));
}

/* From each collapse to the next P(target) rises by more than four standard errors of the paired
 * difference. */
static void check_rises(const struct sqz_mean rise[WORLDS])
{
    for (int w = 1; w < WORLDS; w++) {
        struct sqz_estimate estimate = sqz_mean_estimate(&rise[w]);
        if (!(estimate.value > 4 * estimate.se))
            fail_msg("collapse %g against %g: P(target) rises by %.5f, standard error %.5f",
                     COLLAPSE[w], COLLAPSE[w - 1], estimate.value, estimate.se);
    }
}

/* With shorts alone and a book that never recovers this holds path by path. The worlds share S, and
 * until the collapse they are one. A short that fires in it displaces the thinner world by 1/q
 * times its share, and the other, where it fires no earlier, by no more; one that fires after it
 * displaces both alike. So the thinner world is never displaced less, and whatever lies above is
 * reached no later. */
static void test_collapse_path_by_path(void **state)
{
    struct collapse test;
    struct sqz_mean rise[WORLDS] = {{0}};
    double touch_s[WORLDS];
    open_collapse(*state, &test, "book.halflife,inf,s\n");
    for (uint64_t path = 0; path < test_paths(PAIRED_PATHS); path++) {
        run_collapse(&test, path, touch_s);
        for (int w = 1; w < WORLDS; w++)
            assert_true(touch_s[w] <= touch_s[w - 1]);
        add_rises(rise, touch_s);
    }
    check_rises(rise);
    close_collapse(&test);
}

/* With recovery a level that fires early in the thinner world may be forgotten when it fires in the
 * other, so single paths can go the other way; with a half-life of a day, half the horizon, what is
 * forgotten is less than what the thinner book adds, and the probabilities rise. */
static void test_collapse_with_slow_recovery(void **state)
{
    struct collapse test;
    struct sqz_mean rise[WORLDS] = {{0}};
    double touch_s[WORLDS];
    open_collapse(*state, &test, "book.halflife,24,h\n");
    for (uint64_t path = 0; path < test_paths(PAIRED_PATHS); path++) {
        run_collapse(&test, path, touch_s);
        add_rises(rise, touch_s);
    }
    check_rises(rise);
    close_collapse(&test);
}

#define IN_SCRATCH(test) cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SCRATCH(test_jumps_and_variance),
        IN_SCRATCH(test_collapse_path_by_path),
        IN_SCRATCH(test_collapse_with_slow_recovery),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
