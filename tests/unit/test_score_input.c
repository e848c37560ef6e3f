/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Maps paired with a record: the bar, the ladder around its price, what was expected and what
 * happened, and what cannot be scored.
 *
 * Closes go up and down by 1 % in turn, so that every squared return is log(1.01)^2 and the
 * constant volatility of any stretch is log(1.01) per square-root hour. */
#include "tests/unit/scratch.h"

#include <math.h>

#include "sim/analysis/score_input.h"

enum { BARS = 60, BEGIN_S = 1760000400, HOUR_S = 3600 };

static const double LOW_USD = 100, HIGH_USD = 101;

/* A bar that differs from the others. */
struct spike {
    int hour;
    double high_usd, low_usd, close_usd; /* 0: as its neighbours */
};

/* Hourly bars from BEGIN_S on, those from `gap` on three hours later. */
static void write_record(struct scratch *scratch, const struct spike *spike, size_t spikes, int gap,
                         char path[200])
{
    char text[BARS * 60 + 100];
    size_t used = (size_t)sprintf(text, "time,open_usd,high_usd,low_usd,close_usd\n");
    for (int i = 0; i < BARS; i++) {
        double open = i % 2 == 0 ? LOW_USD : HIGH_USD, high = HIGH_USD, low = LOW_USD;
        double close = LOW_USD + HIGH_USD - open;
        for (size_t k = 0; k < spikes; k++)
            if (spike[k].hour == i) {
                high = spike[k].high_usd > 0 ? spike[k].high_usd : high;
                low = spike[k].low_usd > 0 ? spike[k].low_usd : low;
                close = spike[k].close_usd > 0 ? spike[k].close_usd : close;
            }
        used +=
            (size_t)sprintf(text + used, "%d,%g,%g,%g,%g\n",
                            BEGIN_S + HOUR_S * (i + (i >= gap ? 3 : 0)), open, high, low, close);
    }
    strcpy(path, scratch_write(scratch, "bars.csv", text));
}

/* An index of maps at these times, in hours after BEGIN_S, and prices: all of one file of levels, a
 * short at 102 and one at 110, a long at 95. */
static void write_index(struct scratch *scratch, const double *hour, size_t count, double price_usd,
                        char path[200])
{
    char text[2000];
    size_t used = (size_t)sprintf(text, "time,price_usd,levels\n");
    scratch_write(scratch, "levels.csv",
                  "side,price_usd,notional_usd\nshort,102,1000\nshort,110,3000\nlong,95,500\n");
    for (size_t m = 0; m < count; m++)
        used += (size_t)sprintf(text + used, "%.0f,%g,levels.csv\n", BEGIN_S + HOUR_S * hour[m],
                                price_usd);
    strcpy(path, scratch_write(scratch, "index.csv", text));
}

/* The files of a test, read and paired over one horizon. */
struct pairing {
    const struct spike *spike;
    size_t spikes;
    int gap; /* first bar that is late; 0: none */
    const double *hour;
    size_t maps;
    double price_usd, horizon_hours;
};

static int pair(struct scratch *scratch, const struct pairing *pairing,
                struct sqz_score_input *input, struct sqz_remarks *remarks, struct sqz_diag *diag)
{
    char record[200], index[200];
    memset(input, 0, sizeof *input);
    write_record(scratch, pairing->spike, pairing->spikes, pairing->gap > 0 ? pairing->gap : BARS,
                 record);
    write_index(scratch, pairing->hour, pairing->maps, pairing->price_usd, index);
    input->horizon_s[0] = HOUR_S * pairing->horizon_hours;
    input->n_horizons = 1;
    int error = sqz_map_index_read(&input->index, index, diag);
    if (error == SQZ_OK)
        error = sqz_score_input_read(input, record, remarks, diag);
    if (error == SQZ_OK)
        error = sqz_score_input_pair(input, 1, false, remarks, diag);
    return error;
}

static double hourly(double volatility_per_sqrt_s)
{
    return volatility_per_sqrt_s * sqrt(HOUR_S);
}

/* The spikes of hours 31 and 32 are within 4 hours of hour 30, that of hour 34 is not. */
static void test_a_map(void **state)
{
    static const struct spike SPIKE[] = {
        {31, 108, 0, 0}, {32, 0, 92, 0}, {34, 150, 50, 0}, {29, 140, 60, 0}};
    static const double HOUR[] = {30};
    const struct pairing pairing = {
        .spike = SPIKE, .spikes = 4, .hour = HOUR, .maps = 1, .price_usd = 100, .horizon_hours = 4};
    struct sqz_score_input input;
    struct sqz_remarks remarks = {0};
    struct sqz_diag diag = {0};
    assert_int_equal(pair(*state, &pairing, &input, &remarks, &diag), SQZ_OK);
    assert_int_equal(input.n_maps, 1);
    assert_int_equal(remarks.count, 0);
    const struct sqz_score_map *map = &input.map[0];
    const struct sqz_ladder_side *shorts = &map->ladder.side[SQZ_UP];
    assert_true(map->time_s == BEGIN_S + 30 * HOUR_S);
    assert_int_equal(map->other, 0);
    assert_int_equal(shorts->count, 2);
    check_near("short", shorts->distance_log[0], log(1.02), 1e-12);
    check_near("long", map->ladder.side[SQZ_DOWN].distance_log[0], log(100 / 95.0), 1e-12);
    check_near("notional", shorts->notional_usd[1], 3000, 1e-9);
    check_near("peak", map->ahead[0].happened_log[SQZ_UP], log(1.08), 1e-12);
    check_near("trough", map->ahead[0].happened_log[SQZ_DOWN], log(100 / 92.0), 1e-12);
    check_near("constant", hourly(map->ahead[0].constant_per_sqrt_s), log(1.01), 1e-12);
    check_near("expected", hourly(map->ahead[0].volatility_per_sqrt_s), log(1.01), 1e-12);
    sqz_remarks_free(&remarks);
    sqz_score_input_free(&input);
    sqz_score_input_free(&input);
}

/* A map between bars is scored on the next one, whose price is its start: 102 is nearer from 101.
 */
static void test_a_map_between_bars(void **state)
{
    static const double HOUR[] = {30.5};
    const struct pairing pairing = {
        .hour = HOUR, .maps = 1, .price_usd = 100.5, .horizon_hours = 4};
    struct sqz_score_input input;
    struct sqz_diag diag = {0};
    assert_int_equal(pair(*state, &pairing, &input, NULL, &diag), SQZ_OK);
    assert_true(input.map[0].time_s == BEGIN_S + 31 * HOUR_S);
    check_near("short", input.map[0].ladder.side[SQZ_UP].distance_log[0], log(102 / 101.0), 1e-12);
    check_near("trough", input.map[0].ahead[0].happened_log[SQZ_DOWN], log(101 / 100.0), 1e-12);
    sqz_score_input_free(&input);
}

/* What comes after a map's time changes what happened, and no expectation. */
static void test_nothing_is_known_ahead(void **state)
{
    static const struct spike SPIKE[] = {{30, 130, 0, 120}, {40, 0, 60, 70}};
    static const double HOUR[] = {30};
    struct pairing pairing = {.hour = HOUR, .maps = 1, .price_usd = 100, .horizon_hours = 4};
    struct sqz_score_input calm, wild;
    struct sqz_diag diag = {0};
    assert_int_equal(pair(*state, &pairing, &calm, NULL, &diag), SQZ_OK);
    pairing.spike = SPIKE;
    pairing.spikes = 2;
    assert_int_equal(pair(*state, &pairing, &wild, NULL, &diag), SQZ_OK);
    assert_true(calm.ahead[0].volatility_per_sqrt_s == wild.ahead[0].volatility_per_sqrt_s);
    assert_true(calm.ahead[0].constant_per_sqrt_s == wild.ahead[0].constant_per_sqrt_s);
    check_near("calm", calm.ahead[0].happened_log[SQZ_UP], log(1.01), 1e-12);
    check_near("wild", wild.ahead[0].happened_log[SQZ_UP], log(1.3), 1e-12);
    sqz_score_input_free(&calm);
    sqz_score_input_free(&wild);
}

/* Of maps before the record, within it and after it only those within count; those whose horizons
 * run past a gap or the end are kept without a number. Bars are late from 40 on: hours 43 to 62. */
static void test_what_was_not_recorded(void **state)
{
    static const double HOUR[] = {-5, -0.5, 20, 36, 37, 41, 50, 59, 60, 70};
    static const bool SCORED[] = {true, true, false, true, true, false};
    const struct pairing pairing = {
        .gap = 40, .hour = HOUR, .maps = 10, .price_usd = 100, .horizon_hours = 4};
    struct sqz_score_input input;
    struct sqz_remarks remarks = {0};
    struct sqz_diag diag = {0};
    assert_int_equal(pair(*state, &pairing, &input, &remarks, &diag), SQZ_OK);
    const struct sqz_remark *remark = sqz_remarks_find(&remarks, "maps-unrecorded");
    assert_non_null(remark);
    assert_non_null(strstr(remark->detail.message, "4 of 10 maps"));
    assert_int_equal(input.n_maps, 6);
    for (size_t m = 0; m < 6; m++) {
        assert_int_equal(!isnan(input.map[m].ahead[0].happened_log[SQZ_UP]), SCORED[m]);
        assert_int_equal(!isnan(input.map[m].ahead[0].volatility_per_sqrt_s), SCORED[m]);
    }
    sqz_remarks_free(&remarks);
    sqz_score_input_free(&input);
}

/* A map made at 101.5 where the record has 100: its levels keep their prices. */
static void test_another_price(void **state)
{
    static const double HOUR[] = {30};
    const struct pairing pairing = {
        .hour = HOUR, .maps = 1, .price_usd = 101.5, .horizon_hours = 4};
    struct sqz_score_input input;
    struct sqz_remarks remarks = {0};
    struct sqz_diag diag = {0};
    assert_int_equal(pair(*state, &pairing, &input, &remarks, &diag), SQZ_OK);
    const struct sqz_remark *remark = sqz_remarks_find(&remarks, "other-price");
    assert_non_null(remark);
    assert_non_null(strstr(remark->detail.message, "1 of 1 maps"));
    check_near("short", input.map[0].ladder.side[SQZ_UP].distance_log[0], log(1.02), 1e-12);
    sqz_remarks_free(&remarks);
    sqz_score_input_free(&input);
}

/* Every map has another in its stead, and every map stands in once. */
static void test_shuffled_maps(void **state)
{
    static const double HOUR[] = {20, 22, 24, 26, 28, 30, 32, 34};
    enum { MAPS = sizeof HOUR / sizeof *HOUR };
    const struct pairing pairing = {
        .hour = HOUR, .maps = MAPS, .price_usd = 100, .horizon_hours = 4};
    struct sqz_score_input input;
    struct sqz_diag diag = {0};
    size_t times[MAPS] = {0};
    assert_int_equal(pair(*state, &pairing, &input, NULL, &diag), SQZ_OK);
    assert_int_equal(input.n_maps, MAPS);
    for (size_t m = 0; m < MAPS; m++) {
        assert_true(input.map[m].other < MAPS && input.map[m].other != m);
        times[input.map[m].other]++;
    }
    for (size_t m = 0; m < MAPS; m++)
        assert_int_equal(times[m], 1);
    sqz_score_input_free(&input);
}

static void test_refusals(void **state)
{
    static const double EARLY[] = {-9}, LATE[] = {58}, FIRST[] = {2}, USUAL[] = {30};
    static const struct {
        struct pairing pairing;
        const char *file;
        struct sqz_diag expected;
    } WRONG[] = {
        {.pairing = {.hour = USUAL, .price_usd = 100, .horizon_hours = 0.5},
         .file = "bars.csv",
         .expected = {.field = "time", .message = "has bars of 3600 s, longer than a horizon"}},
        {.pairing = {.hour = EARLY, .price_usd = 100, .horizon_hours = 4},
         .file = "bars.csv",
         .expected = {.field = "time", .message = "holds no horizon after a map"}},
        {.pairing = {.hour = LATE, .price_usd = 100, .horizon_hours = 4},
         .file = "bars.csv",
         .expected = {.field = "time", .message = "holds no horizon after a map"}},
        {.pairing = {.hour = FIRST, .price_usd = 100, .horizon_hours = 4},
         .file = "bars.csv",
         .expected = {.field = "time", .message = "holds no horizon after a map"}},
        {.pairing = {.hour = USUAL, .price_usd = 105, .horizon_hours = 4},
         .file = "levels.csv",
         .expected = {.line = 2,
                      .field = "price_usd",
                      .message = "short level at 102 is not above"}},
    };
    for (size_t i = 0; i < sizeof WRONG / sizeof *WRONG; i++) {
        struct scratch *scratch = *state;
        const struct sqz_diag *expected = &WRONG[i].expected;
        struct pairing pairing = WRONG[i].pairing;
        pairing.maps = 1;
        struct sqz_score_input input;
        struct sqz_diag diag = {0};
        char file[200];
        snprintf(file, sizeof file, "%s/%s", scratch->folder, WRONG[i].file);
        assert_int_equal(pair(scratch, &pairing, &input, NULL, &diag), SQZ_ERR_DATA);
        check_diag(&diag, SQZ_ERR_DATA, file, expected->line, expected->field, expected->message);
        sqz_score_input_free(&input);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_map, scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(test_a_map_between_bars, scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(test_nothing_is_known_ahead, scratch_setup,
                                        scratch_teardown),
        cmocka_unit_test_setup_teardown(test_what_was_not_recorded, scratch_setup,
                                        scratch_teardown),
        cmocka_unit_test_setup_teardown(test_another_price, scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(test_shuffled_maps, scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(test_refusals, scratch_setup, scratch_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
