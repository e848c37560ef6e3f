/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bybit takes maintenance and its tier at the mark price since 2 September 2025, before it took
 * them at the entry: prices as published, tiers crossed between entry and liquidation, and
 * accounts drawn at random, whose prices `squeeze margin` and the ladder of a scenario find and a
 * slow search confirms. */
#include "tests/unit/scratch.h"

#include <math.h>

#include "models/registry.h"
#include "models/venues/venues.h"
#include "sim/analysis/accounts.h"
#include "sim/core/rng.h"

struct fixture {
    struct sqz_settings settings;
    struct sqz_margin_terms terms;
    struct sqz_positions positions;
    struct sqz_margin_result result;
};

static void compute(struct fixture *fixture, struct scratch *scratch, const char *rule,
                    const char *tiers, const char *positions)
{
    struct sqz_diag diag = {0};
    char setting[200];
    memset(fixture, 0, sizeof *fixture);
    snprintf(setting, sizeof setting, "venue.maintenance_price=%s", rule);
    assert_int_equal(sqz_settings_override(&fixture->settings, setting, &diag), SQZ_OK);
    if (tiers != NULL) {
        snprintf(setting, sizeof setting, "venue.tiers=%s", tiers);
        assert_int_equal(sqz_settings_override(&fixture->settings, setting, &diag), SQZ_OK);
    }
    int error = sqz_margin_terms_load(&fixture->terms, &sqz_venue_bybit, &fixture->settings, &diag);
    if (error == SQZ_OK)
        error = sqz_positions_read(&fixture->positions,
                                   scratch_write(scratch, "positions.csv", positions),
                                   &fixture->terms, NULL, &diag);
    if (error == SQZ_OK)
        error = sqz_accounts_compute(&fixture->result, &fixture->positions, false, &diag);
    if (error != SQZ_OK)
        fail_msg("%s:%ld: %s: %s", diag.file, diag.line, diag.field, diag.message);
}

static void release(struct fixture *fixture)
{
    sqz_margin_result_free(&fixture->result);
    sqz_positions_free(&fixture->positions);
    sqz_margin_terms_free(&fixture->terms);
    sqz_settings_free(&fixture->settings);
}

static void check_price(const struct fixture *fixture, size_t row, double liquidation_usd)
{
    double price = fixture->result.row[row - 1].liquidation_usd;
    check_near("liquidation", price, liquidation_usd, 1e-12 * liquidation_usd);
}

static const char BTC[] = "tests/oracles/tiers_bybit_btcusdt.csv";

/* ---- as published -------------------------------------------------------------------------- */

#define HEADER "side,entry_usd,quantity,leverage,margin_mode,contract,mmr,maintenance_deduction_usd"

/* Half of 20,000 is lost at 10,000; 5 % of the price at hand must be left, or of the entry. In
 * coin: 25 coins with a margin of 2.5, 3 % less 0.30 coins of deduction. */
static void test_prices_at_the_mark_and_at_the_entry(void **state)
{
    struct fixture fixture;
    static const char ROWS[] = HEADER "\nlong,20000,1,2,isolated,linear,0.05,\n"
                                      "short,20000,1,2,isolated,linear,0.05,\n"
                                      "long,400,10000,10,isolated,inverse,0.03,120\n";
    compute(&fixture, *state, "mark", NULL, ROWS);
    check_price(&fixture, 1, 10000 / 0.95);
    check_price(&fixture, 2, 30000 / 1.05);
    check_price(&fixture, 3, 10000 * 1.03 / (25 + 2.5 + 0.30));
    release(&fixture);
    compute(&fixture, *state, "entry", NULL, ROWS);
    check_price(&fixture, 1, 11000);
    check_price(&fixture, 2, 29000);
    check_price(&fixture, 3, 10000 / (25 + 2.5 - 0.75 + 0.30));
    release(&fixture);
}

/* With a taker fee f the margin is that of the leverage and the fee at the bankruptcy price, and
 * margin X is added (Bybit, Liquidation Price Calculation under Isolated Mode):
 * Q (1 + m) / (Q/E + Q/E/L + X/(1 + f) + c), for a short Q (1 - m) / (Q/E - Q/E/L - X/(1 - f) - c).
 */
static void test_the_published_formula_with_extra_margin(void **state)
{
    (void)state;
    const double quantity = 60000, entry = 50000, leverage = 10, rate = 0.007, deduction = 0.0013,
                 fee = 0.00055, extra = 0.017;
    for (int is_long = 0; is_long < 2; is_long++) {
        double s = is_long ? 1.0 : -1.0, value = quantity / entry;
        struct sqz_position position = {.side = is_long ? SQZ_LONG : SQZ_SHORT,
                                        .contract = SQZ_INVERSE,
                                        .entry_usd = entry,
                                        .quantity = quantity,
                                        .fee = fee,
                                        .fee_at_bankruptcy = true,
                                        .rate = rate,
                                        .deduction = deduction};
        position.collateral = value / leverage + value * (1 + s / leverage) * fee + extra;
        double expected = quantity * (1 + s * rate) /
                          (value + s * (value / leverage + extra / (1 + s * fee) + deduction));
        check_near("price", sqz_margin_liquidation_usd(&position), expected, 1e-12 * expected);
    }
}

/* ---- tiers ------------------------------------------------------------------------------ */

/* 33 coins from 60,000: 1.98 M is in the first tier, 0.5 %; at 79,590 it is the third, 0.63 %
 * less 3,020. A fall takes a long from the third to the second, 0.56 % less 1,200. */
static void test_the_tier_is_that_at_the_mark(void **state)
{
    struct fixture fixture;
    static const char ROWS[] = "side,entry_usd,quantity,leverage,margin_mode\n"
                               "short,60000,33,3,isolated\nlong,90000,32,4,isolated\n";
    compute(&fixture, *state, "mark", BTC, ROWS);
    check_price(&fixture, 1, (33 * 80000 + 3020) / (33 * 1.0063));
    assert_true(fixture.result.row[0].tier == 3);
    check_price(&fixture, 2, (32 * 67500 - 1200) / (32 * (1 - 0.0056)));
    assert_true(fixture.result.row[1].tier == 2);
    release(&fixture);
    compute(&fixture, *state, "entry", BTC, ROWS);
    check_price(&fixture, 1, 80000 - 0.005 * 60000);
    assert_true(fixture.result.row[0].tier == 1);
    check_price(&fixture, 2, 67500 + (0.0063 * 32 * 90000 - 3020) / 32);
    assert_true(fixture.result.row[1].tier == 3);
    release(&fixture);
}

/* Rows of one cross account are one position in the tier of their sum; a hedge is not netted and
 * needs maintenance of its own, which moves with the price as well. */
static void test_a_cross_account_of_several_rows(void **state)
{
    struct fixture fixture;
    compute(&fixture, *state, "mark", BTC,
            "side,entry_usd,quantity,leverage,margin_mode,margin_usd,account\n"
            "short,60000,20,,cross,500000,a\nshort,60000,13,,cross,160000,a\n"
            "long,50000,4,,cross,20000,a\n");
    /* 680,000 + 33 (60,000 - P) + 4 (P - 50,000) = 0.0063 33 P - 3,020 + 0.005 4 P */
    double price = (680000 + 33 * 60000 - 4 * 50000 + 3020) / (33 * 1.0063 - 4 + 0.005 * 4);
    check_price(&fixture, 1, price);
    check_price(&fixture, 2, price);
    assert_true(isnan(fixture.result.row[2].liquidation_usd) && fixture.result.row[0].tier == 3);
    check_near("share", fixture.result.row[1].maintenance_usd,
               13 / 33.0 * (0.0063 * 33 * price - 3020), 1e-6);
    release(&fixture);
}

/* ---- random accounts ----------------------------------------------------------------------- */

enum { ACCOUNTS = 60 };

static double between(struct sqz_stream *stream, double low, double high)
{
    return low + (high - low) * sqz_stream_uniform(stream);
}

/* Accounts of one to three cross rows; every fourth inverse, with its own rate and deduction. */
static void draw_rows(char *text, size_t size, struct sqz_stream *stream)
{
    size_t used = (size_t)snprintf(text, size, HEADER ",margin_usd,account\n");
    for (int a = 0; a < ACCOUNTS; a++) {
        bool inverse = a % 4 == 3;
        int rows = 1 + (int)(sqz_stream_u64(stream) % 3);
        for (int i = 0; i < rows; i++) {
            double entry = between(stream, 58000, 62000), usd = exp(between(stream, 11, 15.5));
            used += (size_t)snprintf(
                text + used, size - used, "%s,%.17g,%.17g,,cross,%s,%s,%.17g,a%d\n",
                sqz_stream_uniform(stream) < 0.5 ? "long" : "short", entry,
                inverse ? usd : usd / entry, inverse ? "inverse" : "linear",
                inverse ? "0.0131,70" : ",", usd * between(stream, 0.05, 0.4), a);
            assert_true(used < size);
        }
    }
}

/* Equity less maintenance of an account at a price: N m - c, read off the table line by line. */
static double slow_excess(const struct fixture *fixture, const struct sqz_position *leg,
                          size_t legs, double price)
{
    const struct sqz_tiers *tiers = &fixture->terms.tables.table[0].tiers;
    double excess = 0.0;
    for (size_t i = 0; i < legs; i++) {
        bool linear = leg[i].contract == SQZ_LINEAR;
        double s = leg[i].side == SQZ_LONG ? 1.0 : -1.0, entry = leg[i].entry_usd;
        double value = linear ? leg[i].quantity * price : leg[i].quantity / price;
        double profit = linear ? leg[i].quantity * (price - entry)
                               : leg[i].quantity / entry - leg[i].quantity / price;
        double rate = leg[i].rate, deduction = leg[i].deduction;
        for (size_t k = 0; k < tiers->count && linear; k++)
            if (k == 0 || value > tiers->tier[k].floor) {
                rate = tiers->tier[k].rate;
                deduction = tiers->tier[k].deduction;
            }
        excess += leg[i].collateral + s * profit - (rate * value - deduction);
    }
    return excess;
}

/* The first price away from `from` at which it is negative, in steps, then by bisection. */
static double slow_price(const struct fixture *fixture, const struct sqz_position *leg, size_t legs,
                         double from, double step)
{
    for (double fine = from; fine > 1e-3 && fine < 1e12; fine *= 1 + step) {
        double wrong = fine * (1 + step);
        if (slow_excess(fixture, leg, legs, wrong) >= 0.0)
            continue;
        for (int i = 0; i < 80; i++) {
            double middle = 0.5 * (fine + wrong);
            *(slow_excess(fixture, leg, legs, middle) < 0.0 ? &wrong : &fine) = middle;
        }
        return wrong;
    }
    return NAN;
}

/* Merge rows on one side as a venue does, by hand: mean entries, sums. */
static size_t merge(const struct sqz_position *row, size_t rows, struct sqz_position *leg)
{
    size_t legs = 0;
    for (size_t i = 0; i < rows; i++) {
        size_t k = 0;
        while (k < legs && leg[k].side != row[i].side)
            k++;
        if (k == legs) {
            leg[legs++] = row[i];
            continue;
        }
        bool linear = row[i].contract == SQZ_LINEAR;
        double sum = leg[k].quantity + row[i].quantity;
        double mean =
            linear
                ? (leg[k].quantity * leg[k].entry_usd + row[i].quantity * row[i].entry_usd) / sum
                : sum / (leg[k].quantity / leg[k].entry_usd + row[i].quantity / row[i].entry_usd);
        leg[k].entry_usd = mean;
        leg[k].quantity = sum;
        leg[k].deduction += row[i].deduction;
        leg[k].collateral += row[i].collateral;
    }
    return legs;
}

/* The ladder's trigger of an account on a side, seen from a price; NAN if it has none. */
static double ladder_price(const struct sqz_account_table *account_table, uint32_t account,
                           double from, enum sqz_side side)
{
    struct sqz_diag diag = {0};
    struct sqz_ladder ladder;
    double price = NAN;
    assert_int_equal(sqz_account_table_ladder(account_table, from, 1.0, &ladder, &diag), SQZ_OK);
    const struct sqz_ladder_side *levels = &ladder.side[side];
    for (size_t i = 0; i < levels->count; i++)
        if (levels->account[i] == account)
            price = from * exp(sqz_direction(side) * levels->distance_log[i]);
    sqz_ladder_free(&ladder);
    return price;
}

static void check_account(const struct fixture *fixture, const struct sqz_account_table *rows,
                          const struct sqz_account_table *merged, uint32_t account, size_t *seen)
{
    struct sqz_position leg[2];
    uint32_t first = rows->first[account];
    size_t legs = merge(&rows->position[first], rows->first[account + 1] - first, leg);
    for (uint32_t p = first; p < rows->first[account + 1]; p++) {
        const struct sqz_margin_row *row = &fixture->result.row[rows->row[p] - 1];
        double from = legs == 1 ? leg[0].entry_usd : 60000.0;
        if (isnan(row->liquidation_usd) || slow_excess(fixture, leg, legs, from) < 0.0)
            continue;
        double slow = slow_price(fixture, leg, legs, from, row->side == SQZ_SHORT ? 1e-3 : -1e-3);
        check_near("margin", row->liquidation_usd, slow, 1e-9 * slow);
        check_near("ladder", ladder_price(merged, account, from, sqz_losing_side(row->side)), slow,
                   1e-9 * slow);
        ++*seen;
    }
}

static void test_margin_and_the_trigger_agree_with_a_slow_search(void **state)
{
    struct sqz_stream stream;
    static char text[60000];
    size_t seen = 0;
    sqz_stream_open(&stream, 902, 0, 0);
    for (int round = 0; round < 4; round++) {
        struct fixture fixture;
        struct sqz_account_table rows, merged;
        struct sqz_diag diag = {0};
        char tiers[400];
        draw_rows(text, sizeof text, &stream);
        snprintf(tiers, sizeof tiers, "%s", BTC);
        compute(&fixture, *state, "mark", tiers, text);
        size_t count = fixture.positions.count;
        assert_int_equal(sqz_account_table_build(&rows, fixture.positions.holding, count, &diag),
                         SQZ_OK);
        assert_int_equal(sqz_account_table_build(&merged, fixture.positions.holding, count, &diag),
                         SQZ_OK);
        sqz_account_table_merge(&merged, false);
        for (uint32_t a = 0; a < rows.accounts; a++)
            check_account(&fixture, &rows, &merged, a, &seen);
        sqz_account_table_free(&rows);
        sqz_account_table_free(&merged);
        release(&fixture);
    }
    assert_true(seen > 100);
}

#define IN_SCRATCH(test) cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SCRATCH(test_prices_at_the_mark_and_at_the_entry),
        cmocka_unit_test(test_the_published_formula_with_extra_margin),
        IN_SCRATCH(test_the_tier_is_that_at_the_mark),
        IN_SCRATCH(test_a_cross_account_of_several_rows),
        IN_SCRATCH(test_margin_and_the_trigger_agree_with_a_slow_search),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
