/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The ledger of cohorts: histories whose map is known, and book-keeping that always balances. */
#include "tests/support/support.h"

#include <math.h>

#include "sim/analysis/cohorts.h"
#include "sim/core/rng.h"

static const double DAY_S = 86400, HOUR_S = 3600;

static struct sqz_cohort_terms plain(void)
{
    return (struct sqz_cohort_terms){.leverage = {10, 50},
                                     .share = {0.25, 0.75},
                                     .leverages = 2,
                                     .maintenance = 0.004,
                                     .buffer_median = 1,
                                     .volume_share = 0.1,
                                     .bin_log = 1e-4};
}

static struct sqz_bar flat_bar(double hour, double price, double interest)
{
    return (struct sqz_bar){.time_s = 1.7e9 + hour * HOUR_S,
                            .open_usd = price,
                            .high_usd = price,
                            .low_usd = price,
                            .close_usd = price,
                            .volume_usd = NAN,
                            .taker_buy_usd = NAN,
                            .open_interest_usd = interest,
                            .funding = NAN,
                            .liquidated_usd = {NAN, NAN}};
}

static void book(struct sqz_ledger *ledger, struct sqz_bar bar)
{
    assert_int_equal(sqz_ledger_bar(ledger, &bar, NULL), SQZ_OK);
}

static const struct sqz_built_level *find(const struct sqz_built_map *map, enum sqz_side side,
                                          double price)
{
    for (size_t i = 0; i < map->levels; i++)
        if (map->level[i].side == side && fabs(map->level[i].price_usd / price - 1) < 1e-12)
            return &map->level[i];
    fail_msg("no level at %.12g", price);
    return NULL;
}

static void check_level(const struct sqz_built_map *map, enum sqz_side side, double price,
                        double notional, double leverage)
{
    const struct sqz_built_level *level = find(map, side, price);
    check_near("notional", level->notional_usd, notional, 1e-9 * notional);
    check_near("leverage", level->leverage, leverage, 0);
}

static void check_balance(const struct sqz_built_map *map, double interest)
{
    for (int side = 0; side < 2; side++) {
        const struct sqz_ledger_sums *sums = &map->sums[side];
        double standing = 0;
        for (size_t i = 0; i < map->levels; i++)
            standing += map->level[i].side == (enum sqz_side)side ? map->level[i].notional_usd : 0;
        check_near("levels", standing, sums->standing_usd, 1e-9 * sums->opened_usd);
        check_near("balance",
                   sums->standing_usd + sums->touched_usd + sums->closed_usd + sums->exited_usd,
                   sums->opened_usd, 1e-9 * sums->opened_usd);
        if (interest > 0)
            check_near("open interest", sums->standing_usd, interest, 1e-9 * interest);
    }
}

/* 1000 opened at 100, another 600 at 110; then the price falls to 99 and touches the longs of 50x
 * of 110, whose place is taken at 99; then open interest falls by a quarter. All by hand. */
static void test_a_known_history(void **state)
{
    (void)state;
    struct sqz_ledger ledger;
    struct sqz_built_map map;
    struct sqz_cohort_terms terms = plain();
    double m = 0.004;
    sqz_ledger_init(&ledger, &terms);
    book(&ledger, flat_bar(0, 100, 1000));
    book(&ledger, flat_bar(1, 110, 1600));
    assert_int_equal(sqz_ledger_map(&ledger, &map, NULL), SQZ_OK);
    /* Shorts of 100 at 50x stood at 102 / 1.004 = 101.6 and were touched by the rise to 110; so
     * were those at 10x, at 110 / 1.004. Their places were taken at 110. */
    check_near("touched", map.sums[SQZ_UP].touched_usd, 1000, 1e-9);
    check_level(&map, SQZ_UP, 110 * 1.02 / (1 + m), 0.75 * 1600, 50);
    check_level(&map, SQZ_UP, 110 * 1.1 / (1 + m), 0.25 * 1600, 10);
    check_level(&map, SQZ_DOWN, 100 * 0.98 / (1 - m), 750, 50);
    check_level(&map, SQZ_DOWN, 100 * 0.9 / (1 - m), 250, 10);
    check_level(&map, SQZ_DOWN, 110 * 0.98 / (1 - m), 450, 50);
    check_level(&map, SQZ_DOWN, 110 * 0.9 / (1 - m), 150, 10);
    assert_int_equal(map.levels, 6);
    check_balance(&map, 1600);
    sqz_built_map_free(&map);
    book(&ledger, flat_bar(2, 99, 1200));
    assert_int_equal(sqz_ledger_map(&ledger, &map, NULL), SQZ_OK);
    /* Longs of 110 at 50x (108.2) and at 10x (99.4) go; 1000 are left: 200 are opened at 99. */
    check_near("touched", map.sums[SQZ_DOWN].touched_usd, 600, 1e-9);
    check_level(&map, SQZ_DOWN, 100 * 0.98 / (1 - m), 750, 50);
    check_level(&map, SQZ_DOWN, 99 * 0.98 / (1 - m), 150, 50);
    check_level(&map, SQZ_DOWN, 99 * 0.9 / (1 - m), 50, 10);
    /* Of the shorts nothing is touched, and a quarter of each is closed. */
    check_level(&map, SQZ_UP, 110 * 1.02 / (1 + m), 0.75 * 1200, 50);
    check_near("closed", map.sums[SQZ_UP].closed_usd, 400, 1e-9);
    check_balance(&map, 1200);
    sqz_built_map_free(&map);
    sqz_ledger_free(&ledger);
}

/* With a hazard h what stood at the beginning is down to exp(-h t), and its place is taken. */
static void test_exits(void **state)
{
    (void)state;
    struct sqz_ledger ledger;
    struct sqz_built_map map;
    struct sqz_cohort_terms terms = plain();
    terms.exit_per_s = 0.5 / DAY_S;
    sqz_ledger_init(&ledger, &terms);
    book(&ledger, flat_bar(0, 100, 1000));
    for (int hour = 1; hour <= 48; hour++)
        book(&ledger, flat_bar(hour, 101, 1000));
    assert_int_equal(sqz_ledger_map(&ledger, &map, NULL), SQZ_OK);
    check_level(&map, SQZ_DOWN, 100 * 0.98 / (1 - 0.004), 750 * exp(-1), 50);
    check_near("exited", map.sums[SQZ_DOWN].exited_usd, 1000 * 48 * -expm1(-0.5 / 24), 1e-6);
    check_balance(&map, 1000);
    sqz_built_map_free(&map);
    sqz_ledger_free(&ledger);
}

/* Quantiles of the lognormal law at 10, 30, .. 90 %, of a fifth each. */
static void test_buffer(void **state)
{
    (void)state;
    static const double Z[] = {-1.2815515655446004, -0.52440051270804089, 0, 0.52440051270804089,
                               1.2815515655446004};
    struct sqz_ledger ledger;
    struct sqz_built_map map;
    struct sqz_cohort_terms terms = plain();
    terms.leverages = 1;
    terms.share[0] = 1;
    terms.buffer_median = 2;
    terms.buffer_sigma = 0.7;
    sqz_ledger_init(&ledger, &terms);
    book(&ledger, flat_bar(0, 100, 1000));
    assert_int_equal(sqz_ledger_map(&ledger, &map, NULL), SQZ_OK);
    double naive = log(100 / sqz_cohort_naive_usd(&terms, SQZ_DOWN, 10, 100));
    for (int k = 0; k < 5; k++)
        check_level(&map, SQZ_DOWN, 100 * exp(-2 * naive * exp(0.7 * Z[k])), 200, 10);
    sqz_built_map_free(&map);
    sqz_ledger_free(&ledger);
}

/* Random histories, in coarse bins, with bars that reach far: always in balance, nothing stands
 * that the last bars have reached, and shorts stand above longs. */
static void test_random_histories(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 10; seed++) {
        struct sqz_ledger ledger;
        struct sqz_built_map map;
        struct sqz_cohort_terms terms = plain();
        struct sqz_stream stream;
        sqz_stream_open(&stream, 11, seed, 0);
        terms.bin_log = seed % 2 == 0 ? 1e-4 : 0.003;
        terms.exit_per_s = seed % 3 == 0 ? 0 : 0.2 / DAY_S;
        terms.buffer_sigma = seed % 4 == 0 ? 0 : 0.5;
        sqz_ledger_init(&ledger, &terms);
        double price = 100, interest = 1e6, low = 0, high = 0;
        for (int hour = 0; hour < 2000; hour++) {
            struct sqz_bar bar = flat_bar(hour, price, interest);
            price *= exp(0.03 * (sqz_stream_uniform(&stream) - 0.5));
            interest *= exp(0.1 * (sqz_stream_uniform(&stream) - 0.5));
            bar.close_usd = price;
            bar.high_usd = fmax(bar.open_usd, price) * 1.002;
            bar.low_usd = fmin(bar.open_usd, price) * 0.998;
            low = bar.low_usd;
            high = bar.high_usd;
            bar.open_interest_usd = interest;
            book(&ledger, bar);
        }
        assert_int_equal(sqz_ledger_map(&ledger, &map, NULL), SQZ_OK);
        check_balance(&map, interest);
        for (size_t i = 0; i < map.levels; i++)
            assert_true(map.level[i].side == SQZ_UP ? map.level[i].price_usd > low
                                                    : map.level[i].price_usd < high);
        sqz_built_map_free(&map);
        sqz_ledger_free(&ledger);
    }
}

static void test_volume_in_place_of_open_interest(void **state)
{
    (void)state;
    struct sqz_ledger ledger;
    struct sqz_built_map map;
    struct sqz_cohort_terms terms = plain();
    sqz_ledger_init(&ledger, &terms);
    for (int hour = 0; hour < 3; hour++) {
        struct sqz_bar bar = flat_bar(hour, 100, NAN);
        bar.volume_usd = 5000;
        book(&ledger, bar);
    }
    assert_int_equal(sqz_ledger_map(&ledger, &map, NULL), SQZ_OK);
    assert_true(map.from_volume);
    check_near("opened", map.sums[SQZ_UP].opened_usd, 0.1 * 15000, 1e-9);
    check_balance(&map, 1500);
    sqz_built_map_free(&map);
    sqz_ledger_free(&ledger);
}

static void test_beside_reports(void **state)
{
    (void)state;
    struct sqz_ledger ledger;
    struct sqz_built_map map;
    struct sqz_cohort_terms terms = plain();
    sqz_ledger_init(&ledger, &terms);
    for (int hour = 0; hour < 6; hour++) {
        struct sqz_bar bar = flat_bar(hour, hour == 3 ? 95 : 100, 1000);
        bar.liquidated_usd[SQZ_UP] = 0;
        bar.liquidated_usd[SQZ_DOWN] = hour == 3 ? 40 : 0;
        book(&ledger, bar);
    }
    assert_int_equal(sqz_ledger_map(&ledger, &map, NULL), SQZ_OK);
    check_near("reported", map.reported_usd, 40, 0);
    /* The fall to 95 touches longs of 50x, the way back shorts of 50x opened there and all below.
     */
    check_near("longs", map.sums[SQZ_DOWN].touched_usd, 750, 1e-9);
    check_near("correlation", map.correlation, 1, 1e-12);
    sqz_built_map_free(&map);
    sqz_ledger_free(&ledger);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_known_history),
        cmocka_unit_test(test_exits),
        cmocka_unit_test(test_buffer),
        cmocka_unit_test(test_random_histories),
        cmocka_unit_test(test_volume_in_place_of_open_interest),
        cmocka_unit_test(test_beside_reports),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
