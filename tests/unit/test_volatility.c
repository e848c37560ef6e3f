/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Volatility from bars: realised variance by hand, the choice among forecasts where it is known
 * which must win. */
#include <math.h>
#include <stdlib.h>

#include "sim/analysis/volatility.h"
#include "sim/core/rng.h"
#include "tests/support/support.h"

enum { HOUR_S = 3600, BARS = 24 * 200 };

/* Hourly bars whose returns are volatility(hour) times what `draw` gives. */
struct series {
    struct sqz_record record;
    struct sqz_realised realised;
};

static void series_init(struct series *series, double (*volatility)(size_t hour), bool random)
{
    struct sqz_record *record = &series->record;
    struct sqz_stream stream;
    double price_usd = 100;
    *record = (struct sqz_record){.bar = calloc(BARS, sizeof *record->bar), .step_s = HOUR_S};
    sqz_stream_open(&stream, 3, 0, SQZ_STREAM_WALK);
    for (size_t i = 0; i < BARS; i++) {
        double draw = sqrt(-2 * log(sqz_stream_uniform(&stream)));
        draw *= cos(2 * M_PI * sqz_stream_uniform(&stream));
        struct sqz_bar *bar = &record->bar[record->count++];
        bar->time_s = (double)i * HOUR_S;
        bar->open_usd = price_usd;
        price_usd *= exp(volatility(i) * (random ? draw : i % 2 == 0 ? 1 : -1));
        bar->close_usd = price_usd;
        bar->high_usd = fmax(bar->open_usd, bar->close_usd);
        bar->low_usd = fmin(bar->open_usd, bar->close_usd);
    }
    assert_int_equal(sqz_realised_init(&series->realised, record, NULL), SQZ_OK);
}

static void series_free(struct series *series)
{
    sqz_realised_free(&series->realised);
    sqz_record_free(&series->record);
}

static double plain(size_t hour)
{
    (void)hour;
    return 0.004;
}

/* Weeks of calm and of storm in turn. */
static double turning(size_t hour)
{
    return hour / (24 * 7) % 2 == 0 ? 0.002 : 0.008;
}

static double rising(size_t hour)
{
    return 0.001 * (double)(1 + hour / 24);
}

static void test_realised_variance(void **state)
{
    (void)state;
    struct series series;
    series_init(&series, rising, false);
    /* Day 3 has returns of 0.004, day 4 of 0.005, whatever their signs. */
    double from_s = 3 * 86400, until_s = 5 * 86400;
    check_near("a rate", sqz_realised_rate(&series.realised, from_s, until_s),
               (0.004 * 0.004 + 0.005 * 0.005) / 2 / HOUR_S, 1e-15);
    assert_true(isnan(sqz_realised_rate(&series.realised, 0, 7 * HOUR_S)));
    assert_false(isnan(sqz_realised_rate(&series.realised, 0, 8 * HOUR_S)));
    series_free(&series);
}

/* Across missing bars nothing is known: the jump from close to open there is no return. */
static void test_a_gap_is_no_return(void **state)
{
    (void)state;
    struct series series;
    series_init(&series, plain, false);
    sqz_realised_free(&series.realised);
    for (size_t i = 100; i < BARS; i++) {
        struct sqz_bar *bar = &series.record.bar[i];
        bar->time_s += 10 * HOUR_S;
        bar->open_usd *= 2;
        bar->close_usd *= 2;
    }
    assert_int_equal(sqz_realised_init(&series.realised, &series.record, NULL), SQZ_OK);
    check_near("over the gap", sqz_realised_rate(&series.realised, 90 * HOUR_S, 120 * HOUR_S),
               0.004 * 0.004 / HOUR_S, 1e-15);
    series_free(&series);
}

static void test_constant_where_it_is(void **state)
{
    (void)state;
    struct series series;
    struct sqz_volatility volatility;
    series_init(&series, plain, true);
    assert_int_equal(sqz_volatility_choose(&volatility, &series.realised, INFINITY, 86400, NULL),
                     SQZ_OK);
    double forecast = sqz_volatility_forecast(&volatility, &series.realised, BARS * HOUR_S);
    /* 4800 returns say it to 1 %; a week of them to 5 %. */
    check_near("volatility", forecast, 0.004 / sqrt(HOUR_S), 0.15 * 0.004 / sqrt(HOUR_S));
    assert_true(volatility.qlike >= 0.5 * volatility.qlike_constant);
    series_free(&series);
}

static void test_conditional_where_it_turns(void **state)
{
    (void)state;
    struct series series;
    struct sqz_volatility volatility;
    series_init(&series, turning, true);
    assert_int_equal(sqz_volatility_choose(&volatility, &series.realised, INFINITY, 86400, NULL),
                     SQZ_OK);
    assert_int_not_equal(volatility.kind, SQZ_VOLATILITY_CONSTANT);
    assert_true(volatility.qlike < 0.6 * volatility.qlike_constant);
    /* Four days into a stormy week, and into a calm one: four times as much, to a factor of 2. */
    double storm = sqz_volatility_forecast(&volatility, &series.realised, 11 * 86400);
    double calm = sqz_volatility_forecast(&volatility, &series.realised, 18 * 86400);
    check_near("storm over calm, log", log(storm / calm), log(4), log(2));
    series_free(&series);
}

/* A forecast does not know what comes after it. */
static void test_no_look_ahead(void **state)
{
    (void)state;
    struct series series;
    series_init(&series, turning, true);
    struct sqz_volatility volatility = {.kind = SQZ_VOLATILITY_WEIGHTED, .halflife_s = 7200};
    double before = sqz_volatility_forecast(&volatility, &series.realised, 500 * HOUR_S);
    for (size_t i = 500; i < BARS; i++)
        series.record.bar[i].close_usd *= i % 2 == 0 ? 1.1 : 1;
    sqz_realised_free(&series.realised);
    assert_int_equal(sqz_realised_init(&series.realised, &series.record, NULL), SQZ_OK);
    assert_true(sqz_volatility_forecast(&volatility, &series.realised, 500 * HOUR_S) == before);
    assert_true(sqz_volatility_forecast(&volatility, &series.realised, 501 * HOUR_S) != before);
    series_free(&series);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_realised_variance),
        cmocka_unit_test(test_a_gap_is_no_return),
        cmocka_unit_test(test_constant_where_it_is),
        cmocka_unit_test(test_conditional_where_it_turns),
        cmocka_unit_test(test_no_look_ahead),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
