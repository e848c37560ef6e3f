/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is legal but can hardly be meant: for every remark the smallest input that gives it, and
 * beside it ordinary input that gives none. */
#include "tests/unit/scratch.h"

#include "models/registry.h"
#include "sim/analysis/examine.h"

#define BASE                                                                                       \
    "key,value,unit\nprice,100,usd\nhorizon,1,d\nlevels,levels.csv,\nvolatility,0.03,1/sqrt(d)\n"  \
    "book.depth,300M,usd\n"
#define HEADER "side,price_usd,notional_usd\n"
#define LEVELS HEADER "short,105,1e6\nlong,95,1e6\n"

enum { SETS_MAX = 4 };

/* A scenario that differs from BASE and LEVELS, and the codes of its remarks in order. */
struct sample {
    const char *codes;         /* "a b"; "": none */
    const char *set[SETS_MAX]; /* assignments */
    const char *rows, *table;  /* more rows, which may name the table t.csv; NULL: none */
    const char *levels;        /* NULL: LEVELS */
    bool allow_crossed;
};

static void load_examined(struct scratch *scratch, const struct sample *sample,
                          struct sqz_scenario *scenario)
{
    char text[2000];
    struct sqz_diag diag = {0};
    struct sqz_load_options options = {.set = sample->set, .allow_crossed = sample->allow_crossed};
    while (options.n_set < SETS_MAX && sample->set[options.n_set] != NULL)
        options.n_set++;
    scratch_write(scratch, "levels.csv", sample->levels != NULL ? sample->levels : LEVELS);
    scratch_write(scratch, "t.csv", sample->table != NULL ? sample->table : "");
    snprintf(text, sizeof text, "%s%s", BASE, sample->rows != NULL ? sample->rows : "");
    const char *path = scratch_write(scratch, "s.csv", text);
    int error = sqz_scenario_load(scenario, path, &options, &sqz_registry, &diag);
    if (error == SQZ_OK)
        error = sqz_examine(scenario, &diag);
    if (error == SQZ_OK)
        return;
    sqz_diag_format(&diag, text, sizeof text);
    fail_msg("for '%s': %s", sample->codes, text);
}

static void check_sample(struct scratch *scratch, const struct sample *sample, int number)
{
    struct sqz_scenario scenario;
    char codes[400] = "", said[4000] = "";
    load_examined(scratch, sample, &scenario);
    for (size_t i = 0; i < scenario.remarks.count; i++) {
        const struct sqz_remark *remark = &scenario.remarks.item[i];
        sprintf(codes + strlen(codes), "%s%s", i > 0 ? " " : "", remark->code);
        sprintf(said + strlen(said), "\n  %s: %s", remark->detail.field, remark->detail.message);
        assert_true(remark->detail.file[0] != '\0' && remark->detail.field[0] != '\0');
    }
    sqz_scenario_free(&scenario);
    if (strcmp(codes, sample->codes) != 0)
        fail_msg("sample %d: '%s', expected '%s'%s", number, codes, sample->codes, said);
}

#define CHECK_SAMPLES(state, samples)                                                              \
    do {                                                                                           \
        for (size_t i_ = 0; i_ < sizeof(samples) / sizeof *(samples); i_++)                        \
            check_sample(*(state), &(samples)[i_], (int)i_);                                       \
    } while (0)

/* ---- percentages --------------------------------------------------------------------------- */

#define PERCENT "percent-as-number"
#define CALENDAR "time_h,probability,jump_mean,jump_sd,volatility,depth\n"
#define REGIMES "state,drift_per_d,volatility,depth,to_a_per_d,to_b_per_d\na,0,1,1,0,1\n"

static void test_percentages_as_numbers(void **state)
{
    static const struct sample SAMPLES[] = {
        {.codes = ""},
        {PERCENT, .set = {"volatility=3 1/sqrt(d)"}},
        {PERCENT, .set = {"volatility=4 1/sqrt(d)"}},
        {PERCENT, .set = {"volatility=0.5 1/sqrt(d)"}},
        {"", .set = {"volatility=0.49 1/sqrt(d)"}},
        {PERCENT, .set = {"volatility=80 1/sqrt(yr)"}},
        {"", .set = {"volatility=0.8 1/sqrt(yr)"}},
        {"", .set = {"volatility=9.5 1/sqrt(yr)"}}, /* 0.497 a root day */
        {PERCENT, .set = {"volatility=9.6 1/sqrt(yr)"}},
        {"", .set = {"volatility=3 1/sqrt(yr)"}}, /* 16 % a day: a coin of a joke */
        {PERCENT, .set = {"volatility=2 1/sqrt(h)"}},
        {"", .set = {"volatility=0.05 1/sqrt(min)"}}, /* 190 % a day, in the minutes of a crash */
        {PERCENT, .set = {"drift=5 1/d"}},
        {PERCENT, .set = {"drift=-5 1/d"}},
        {PERCENT, .set = {"drift=200 1/yr"}},
        {"", .set = {"drift=0.4 1/d"}},
        {"", .set = {"drift=-0.05 1/h"}},
        {"", .set = {"drift=2 1/yr"}},
        {"", .set = {"drift=4.9 1/yr"}},
        {PERCENT, .set = {"drift=5 1/yr"}},
        {PERCENT, .set = {"drift=-20 1/yr"}},
        {"", .set = {"drift=20 %/yr"}},
        {PERCENT, .set = {"volatility=65%"}},
        {PERCENT, .set = {"volatility=50 %/sqrt(d)"}},
        {"", .set = {"volatility=49%"}},
        {"", .set = {"volatility=65 %/sqrt(yr)"}},
        {"", .set = {"volatility=1000 %/sqrt(yr)"}},
        {PERCENT, .set = {"volatility=65 %/sqrt(h)"}},
        {PERCENT, .set = {"book.known=10"}},
        {PERCENT, .set = {"book.known=2"}},
        {"", .set = {"book.known=1.9"}},
        {"", .set = {"book.known=10%"}},
        {"", .set = {"book.known=inf"}},
        {PERCENT, .set = {"jumps.rate=1", "jumps.sd=2"}},
        {PERCENT, .set = {"jumps.rate=1", "jumps.mean=-1"}},
        {"", .set = {"jumps.rate=1", "jumps.sd=2 %"}},
        {"", .set = {"jumps.rate=1", "jumps.sd=0.02", "jumps.mean=-0.1"}},
        {PERCENT, .set = {"levels.scale=50"}},
        {"", .set = {"levels.scale=10"}},
        {PERCENT, .set = {"funding.rate=0.01"}},
        {"", .set = {"funding.rate=0.0001"}},
        {"", .set = {"funding.rate=0.01 %"}},
    };
    CHECK_SAMPLES(state, SAMPLES);
}

static void test_percentages_in_tables(void **state)
{
    static const struct sample SAMPLES[] = {
        {PERCENT, .rows = "calendar,t.csv,\n", .table = CALENDAR "1,0.4,0,1.8,1,1\n"},
        {PERCENT, .rows = "calendar,t.csv,\n", .table = CALENDAR "1,1,-4,0,1,1\n"},
        {PERCENT, .rows = "calendar,t.csv,\n", .table = CALENDAR "1,0,0,0,145,1\n"},
        {PERCENT, .rows = "calendar,t.csv,\n", .table = CALENDAR "1,0,0,0,1,30\n2,0,0,0,1,70\n"},
        {"", .rows = "calendar,t.csv,\n", .table = CALENDAR "1,0.4,-0.04,0.018,4.9,0.3\n"},
        {PERCENT, .rows = "regimes,t.csv,\n", .table = REGIMES "b,-3,1,1,1,0\n"},
        {PERCENT, .rows = "regimes,t.csv,\n", .table = REGIMES "b,0,210,1,1,0\n"},
        {PERCENT, .rows = "regimes,t.csv,\n", .table = REGIMES "b,0,1,80,1,0\n"},
        {"", .rows = "regimes,t.csv,\n", .table = REGIMES "b,-0.03,4.9,0.3,1,0\n"},
    };
    CHECK_SAMPLES(state, SAMPLES);
}

static void check_said(struct scratch *scratch, const struct sample *sample, const char *place,
                       long line, const char *key, const char *text)
{
    struct sqz_scenario scenario;
    char expected_file[200];
    load_examined(scratch, sample, &scenario);
    snprintf(expected_file, sizeof expected_file, "%s%s%s", place[0] != '-' ? scratch->folder : "",
             place[0] != '-' ? "/" : "", place);
    const struct sqz_remark *remark = sqz_remarks_find(&scenario.remarks, sample->codes);
    assert_non_null(remark);
    check_diag(&remark->detail, SQZ_OK, expected_file, line, key, text);
    sqz_scenario_free(&scenario);
}

/* What the number means by itself and what should be written: 80 per root year is 8000 % a year. */
static void test_percentages_are_explained(void **state)
{
    check_said(*state, &(struct sample){PERCENT, .set = {"volatility=80 1/sqrt(yr)"}}, "--set", 0,
               "volatility", "80 1/sqrt(yr) means 8000 % a year; if 80 % is meant write 0.8");
    check_said(*state, &(struct sample){PERCENT, .set = {"volatility=3 1/sqrt(d)"}}, "--set", 0,
               "volatility", "3 1/sqrt(d) means 300 % a day; if 3 % is meant write 0.03");
    check_said(*state, &(struct sample){PERCENT, .set = {"volatility=0.8 1/sqrt(d)"}}, "--set", 0,
               "volatility", "if 80 % a year write 0.8 1/sqrt(yr)");
    check_said(*state, &(struct sample){PERCENT, .set = {"volatility=65%"}}, "--set", 0,
               "volatility", "65% means 65 % a day; if 65 % a year is meant write 65%/sqrt(yr)");
    check_said(*state, &(struct sample){PERCENT, .set = {"drift=20 1/yr"}}, "--set", 0, "drift",
               "20 1/yr means 2000 % a year; if 20 % is meant write 0.2");
    check_said(*state, &(struct sample){PERCENT, .rows = "jumps.rate,1,1/d\njumps.sd,2,1\n"},
               "s.csv", 8, "jumps.sd", "2 means 200 %; if 2 % is meant write 0.02");
    check_said(*state,
               &(struct sample){PERCENT, .rows = "calendar,t.csv,\n",
                                .table = CALENDAR "1,0.4,0,1.8,1,1\n"},
               "t.csv", 2, "jump_sd", "1.8 means 180 %; if 1.8 % is meant write 0.018");
}

/* ---- levels -------------------------------------------------------------------------------- */

static void test_levels(void **state)
{
    static const struct sample SAMPLES[] = {
        {"columns-swapped", .levels = HEADER "short,1e6,105\nshort,2e6,107\n"},
        {"columns-swapped", .levels = HEADER "short,1e6,105\nshort,2e6,107\nshort,108,3e6\n"},
        {"", .levels = HEADER "short,1e6,105\nshort,107,2e6\n"}, /* one of two is not most */
        {"tiny-amounts", .levels = HEADER "short,105,105\n"},    /* near, whatever its notional */
        {"tiny-amounts", .levels = HEADER "short,105,500.000\nlong,95,9.498e3\n"},
        {"", .levels = HEADER "short,105,502.000\nlong,95,9.498e3\n"},
        {"thin-book", .set = {"book.depth=1999", "levels.scale=1"}},
        {"", .set = {"book.depth=1999", "impact=off"}},
        {"", .set = {"book.depth=2000", "levels.scale=1"}},
        {"levels-far", .levels = HEADER "short,84000,1e6\nshort,90000,2e6\nlong,95,1e6\n"},
        {"levels-far", .levels = HEADER "short,201,1e6\nlong,49,1e6\n"},
        {"", .levels = HEADER "short,199,1e6\nlong,51,1e6\n"},
        {"", .levels = HEADER "short,300,9e6\nlong,95,1e6\nshort,105,3e6\n"}, /* one of three */
        {"", .levels = HEADER "short,300,1e6\nlong,20,1e6\nshort,105,3e6\n"}, /* of few dollars */
        {"all-crossed", .levels = HEADER "short,95,1e6\nlong,105,1e6\n", .allow_crossed = true},
        {"", .levels = HEADER "short,95,1e6\nlong,95,1e6\n", .allow_crossed = true},
    };
    CHECK_SAMPLES(state, SAMPLES);
}

/* ---- records ------------------------------------------------------------------------------- */

#define BARS "time_h,open_usd,high_usd,low_usd,close_usd\n"
#define FLAT ",100,101,99,100\n"
#define REPLAY "replay,t.csv,\nimpact,off,\n"
#define HOURS BARS "0" FLAT "8" FLAT "16" FLAT

static void test_records(void **state)
{
    static const struct sample SAMPLES[] = {
        {"", .rows = REPLAY, .table = HOURS},
        {"", .rows = REPLAY, .table = BARS "0" FLAT "12" FLAT}, /* nothing to compare with */
        {"", .rows = REPLAY, .table = BARS "0" FLAT "24" FLAT "49" FLAT}, /* beyond the horizon */
        {"", .rows = REPLAY, .table = BARS "0" FLAT "8.0000001" FLAT "16" FLAT "24" FLAT},
        {"missing-bars", .set = {"horizon=4 h"}, .rows = REPLAY,
         .table = BARS "0" FLAT "1" FLAT "3" FLAT},
        {"missing-bars", .rows = REPLAY, .table = BARS "0" FLAT "6" FLAT "12" FLAT "24" FLAT},
        {"uneven-bars", .rows = REPLAY, .table = BARS "0" FLAT "8" FLAT "16" FLAT "21" FLAT},
        {"uneven-bars", .rows = REPLAY, .table = BARS "0" FLAT "8" FLAT "20" FLAT},
        {"missing-bars uneven-bars", .rows = REPLAY,
         .table = BARS "0" FLAT "2" FLAT "4" FLAT "10" FLAT "13" FLAT "15" FLAT "23" FLAT},
        {"impact-on-record", .rows = "replay,t.csv,\n", .table = HOURS},
        {"impact-on-record", .set = {"impact=on"}, .rows = REPLAY, .table = HOURS},
        {"not-the-record", .set = {"drift=0.01"}, .rows = REPLAY, .table = HOURS},
        {"not-the-record", .set = {"jumps.rate=1", "jumps.sd=0.02"}, .rows = REPLAY,
         .table = HOURS},
        {"", .set = {"jumps.rate=0", "jumps.sd=0.02"}, .rows = REPLAY, .table = HOURS},
        {"not-the-record", .set = {"flow.rate=1 1/h", "flow.size=1M"}, .rows = REPLAY,
         .table = HOURS},
        {"", .set = {"funding.rate=0.0001"}, .rows = REPLAY,
         .table = HOURS}, /* moves levels, not the price */
    };
    CHECK_SAMPLES(state, SAMPLES);
}

static void test_places_of_records(void **state)
{
    const char *gap = BARS "0" FLAT "1" FLAT "4" FLAT;
    check_said(
        *state,
        &(struct sample){"missing-bars", .set = {"horizon=4 h"}, .rows = REPLAY, .table = gap},
        "t.csv", 4, "time_h",
        "4: 2 bars are missing before it; the bar at 1 h lasts 3 h instead of 1");
    check_said(*state,
               &(struct sample){"impact-on-record", .rows = "replay,t.csv,\n", .table = HOURS},
               "s.csv", 7, "replay", "impact is on");
    check_said(
        *state,
        &(struct sample){"impact-on-record", .set = {"impact=on"}, .rows = REPLAY, .table = HOURS},
        "--set", 0, "impact", "impact is on");
}

/* ---- watched prices ------------------------------------------------------------------------ */

/* At 0.03 a root day six standard deviations over a day are 0.18: up to 119.72, down to 83.53. A
 * flat book of 300M USD within 1 % moves by 0.3 % for 90M USD. */
static void test_far_targets(void **state)
{
    static const struct sample SAMPLES[] = {
        {"", .set = {"target=119.7"}},
        {"far-target", .set = {"target=119.8"}},
        {"", .set = {"floor=83.6"}},
        {"far-target", .set = {"floor=83.4"}},
        {"far-target far-target", .set = {"target=150", "floor=50"}},
        {"", .set = {"target=119.8", "horizon=25 h"}},
        {"", .set = {"target=119.8", "drift=0.01"}},
        {"far-target", .set = {"target=119.8", "drift=-0.01"}},
        {"", .set = {"target=119.8", "jumps.rate=1", "jumps.sd=0.02"}},
        {"far-target", .set = {"target=1000", "jumps.rate=1", "jumps.sd=0.02"}},
        {"", .set = {"target=150", "flow.rate=1 1/h", "flow.size=1M"}},
        {"", .set = {"target=119.8"}, .levels = HEADER "short,105,90e6\n"},
        {"far-target", .set = {"target=119.8", "impact=off"}, .levels = HEADER "short,105,90e6\n"},
        {"far-target", .set = {"target=119.8"},
         .levels = HEADER "short,120,90e6\n"}, /* beyond it */
        {"far-target", .set = {"target=119.8"}, .levels = HEADER "long,95,90e6\n"},
        {"", .set = {"target=150"}, .rows = "replay,t.csv,\nimpact,off,\n", .table = HOURS},
        {"", .set = {"target=125"}, .rows = "calendar,t.csv,\n", .table = CALENDAR "1,0,0,0,2,1\n"},
        {"far-target", .set = {"target=125"}, .rows = "calendar,t.csv,\n",
         .table = CALENDAR "1,0,0,0,1,0.5\n"},
        {"", .set = {"target=125"}, .rows = "calendar,t.csv,\n",
         .table = CALENDAR "1,0.1,0.1,0,1,1\n"},
        {"far-target", .set = {"target=101", "volatility=0"}},
    };
    CHECK_SAMPLES(state, SAMPLES);
}

/* ---- map, trigger, book -------------------------------------------------------------------- */

/* 300M USD within 1 %: 150M USD move this book by 50 bp. */
static void test_branching_at_the_price(void **state)
{
    static const struct sample SAMPLES[] = {
        {"supercritical", .levels = HEADER "short,100.3,151e6\nlong,95,1e6\n"},
        {"supercritical", .levels = HEADER "long,99.8,200e6\n"},
        {"", .levels = HEADER "short,100.3,149e6\nlong,95,1e6\n"},
        {"", .levels = HEADER "short,101,900e6\n"}, /* not at the price */
        {"", .set = {"impact=off"}, .levels = HEADER "short,100.3,151e6\n"},
    };
    CHECK_SAMPLES(state, SAMPLES);
}

/* The depth of 300M: 151M carry the price 50.3 bp, 200M 66.7 bp. */
static void test_a_ratio_is_no_cascade(void **state)
{
    static const struct {
        const char *levels;
        bool feeds;
    } CASES[] = {
        {HEADER "short,100.3,151e6\nlong,95,1e6\n", false},
        {HEADER "short,100.3,151e6\nshort,100.9,1e6\n", false},               /* 59.6 bp further */
        {HEADER "short,100.3,151e6\nshort,100.7,1e6\n", true},                /* 39.8 bp further */
        {HEADER "short,100.1,1e6\nshort,100.4,200e6\nshort,101,1e6\n", true}, /* the second does */
        {HEADER "long,99.8,200e6\nlong,99.1,1e6\n", false},                   /* 70.4 bp */
        {HEADER "long,99.8,100e6\nlong,99.8,100e6\n", false},                 /* one price */
    };
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        struct sample sample = {"supercritical", .levels = CASES[i].levels};
        struct sqz_scenario scenario;
        load_examined(*state, &sample, &scenario);
        assert_int_equal(scenario.remarks.count, 1);
        const char *said = scenario.remarks.item[0].detail.message;
        bool feeds = strstr(said, "feeds itself") != NULL;
        bool calm = strstr(said, "reaches a second level") != NULL;
        if (feeds != CASES[i].feeds || calm == feeds)
            fail_msg("case %zu: %s", i, said);
        sqz_scenario_free(&scenario);
    }
}

static void test_triggers(void **state)
{
    static const struct sample SAMPLES[] = {
        {"no-cascade", .set = {"trigger=index", "book.permanent=0"}},
        {"", .set = {"trigger=index"}},
        {"", .set = {"trigger=mark", "book.permanent=0"}},
        {"", .set = {"trigger=index", "book.permanent=0", "impact=off"}},
        {"slow-mark", .set = {"trigger=mark", "mark.window=2 d"}},
        {"", .set = {"trigger=mark", "mark.window=150 s"}},
        {"hunter-trigger", .set = {"trigger=index", "hunter.capital=50M"}},
        {"hunter-trigger", .set = {"trigger=mark", "hunter.capital=50M"}},
        {"", .set = {"trigger=mark", "hunter.capital=50M", "hunter.hold=30"}},
        {"", .set = {"hunter.capital=50M"}},
        {"", .set = {"trigger=index", "hunter.capital=0"}},
    };
    CHECK_SAMPLES(state, SAMPLES);
}

/* The hunter sizes its order by the price that levels watch, so it gets there if it can pay. */
static void test_the_hunter_is_told_what_it_takes(void **state)
{
    check_said(*state,
               &(struct sample){"hunter-trigger", .set = {"trigger=index", "hunter.capital=50M"}},
               "--set", 0, "trigger", "reaching a level takes a larger and dearer order");
    check_said(*state,
               &(struct sample){"hunter-trigger", .set = {"trigger=mark", "hunter.capital=50M"}},
               "s.csv", 0, "hunter.hold", "it takes a larger order to reach a level");
}

#define POSITIONS_BASE                                                                             \
    "key,value,unit\nprice,100,usd\nhorizon,1,d\npositions,t.csv,\n"                               \
    "volatility,0.03,1/sqrt(d)\nbook.depth,300M,usd\n"

/* How many remarks a scenario of these positions has. */
static size_t count_remarks(struct scratch *scratch, const char *rows)
{
    struct sqz_scenario scenario;
    struct sqz_diag diag = {0};
    char text[400];
    snprintf(text, sizeof text, "side,entry_usd,quantity,leverage,margin_mode\n%s", rows);
    scratch_write(scratch, "t.csv", text);
    const char *path = scratch_write(scratch, "s.csv", POSITIONS_BASE);
    assert_int_equal(
        sqz_scenario_load(&scenario, path, &(struct sqz_load_options){0}, &sqz_registry, &diag),
        SQZ_OK);
    assert_int_equal(sqz_examine(&scenario, &diag), SQZ_OK);
    size_t count = scenario.remarks.count;
    if (count > 0)
        check_diag(&scenario.remarks.item[0].detail, SQZ_OK, path, 4, "positions",
                   "2 of 3 were entered beyond half or double the start price");
    sqz_scenario_free(&scenario);
    return count;
}

/* A long of another market lies far below the price and never comes into reach. */
static void test_positions_of_another_market(void **state)
{
#define LONG(entry) "long," #entry ",1,10,isolated\n"
    assert_int_equal(count_remarks(*state, LONG(98) LONG(3.1) LONG(2.9)), 1);
    assert_int_equal(count_remarks(*state, LONG(98) LONG(101) LONG(2.9)), 0);
    assert_int_equal(count_remarks(*state, LONG(98) LONG(51) LONG(51)), 0);
}

#define DEPTH "side,distance_bp,cumulative_usd\nask,50,1e6\nbid,100,2e6\n"
#define TABLE_BASE                                                                                 \
    "key,value,unit\nprice,100,usd\nhorizon,1,d\nlevels,levels.csv,\nvolatility,0.03,1/sqrt(d)\n"  \
    "book,table,\nbook.table,t.csv,\n"

static void test_depth_that_ends_early(void **state)
{
    struct scratch *scratch = *state;
    static const char *const SET[] = {"book.permanent=0"};
    for (size_t n_set = 0; n_set < 2; n_set++) {
        struct sqz_scenario scenario;
        struct sqz_diag diag = {0};
        struct sqz_load_options options = {.set = SET, .n_set = n_set};
        scratch_write(scratch, "levels.csv", LEVELS);
        scratch_write(scratch, "t.csv", DEPTH);
        const char *path = scratch_write(scratch, "s.csv", TABLE_BASE);
        assert_int_equal(sqz_scenario_load(&scenario, path, &options, &sqz_registry, &diag),
                         SQZ_OK);
        assert_int_equal(sqz_examine(&scenario, &diag), SQZ_OK);
        assert_int_equal(scenario.remarks.count, 1 - n_set); /* nothing scales with it without */
        if (n_set == 0)
            check_diag(&scenario.remarks.item[0].detail, SQZ_OK, path, 7, "book.table",
                       "the asks end before 1 %");
        sqz_scenario_free(&scenario);
    }
}

#define IN_SCRATCH(test) cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SCRATCH(test_percentages_as_numbers),
        IN_SCRATCH(test_percentages_in_tables),
        IN_SCRATCH(test_percentages_are_explained),
        IN_SCRATCH(test_levels),
        IN_SCRATCH(test_records),
        IN_SCRATCH(test_places_of_records),
        IN_SCRATCH(test_far_targets),
        IN_SCRATCH(test_branching_at_the_price),
        IN_SCRATCH(test_a_ratio_is_no_cascade),
        IN_SCRATCH(test_triggers),
        IN_SCRATCH(test_the_hunter_is_told_what_it_takes),
        IN_SCRATCH(test_positions_of_another_market),
        IN_SCRATCH(test_depth_that_ends_early),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
