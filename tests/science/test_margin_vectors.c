/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Liquidation and bankruptcy prices that exchanges have published or returned
 * (tests/oracles/liquidation_vectors.csv), prices that cross from one tier into another
 * (derived_tier_crossing_vectors.csv), and the closed forms without tiers
 * (liquidation_prices.csv). */
#include "tests/support/support.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/core/margin.h"

static bool is(const struct oracle *oracle, size_t row, const char *column, const char *text)
{
    return strcmp(oracle_text(oracle, row, column), text) == 0;
}

/* ---- published vectors --------------------------------------------------------------------- */

/* The position of a row, with the rule of its formula. */
static struct sqz_position vector_position(const struct oracle *oracle, size_t row)
{
    bool inverse = is(oracle, row, "contract", "inverse");
    double quantity = oracle_number(oracle, row, "amount");
    double entry = oracle_number(oracle, row, "entry_price");
    double entry_value = inverse ? quantity / entry : quantity * entry;
    struct sqz_position position = {
        .side = is(oracle, row, "side", "long") ? SQZ_LONG : SQZ_SHORT,
        .contract = inverse ? SQZ_INVERSE : SQZ_LINEAR,
        .entry_usd = entry,
        .quantity = quantity,
        .collateral = oracle_number(oracle, row, "wallet_balance"),
        .other_pnl = oracle_number(oracle, row, "other_upnl"),
        .other_maintenance = oracle_number(oracle, row, "other_mm"),
        .fee = oracle_number(oracle, row, "taker_fee"),
        .rate = oracle_number(oracle, row, "mm_ratio"),
        .deduction = oracle_number(oracle, row, "maint_amount"),
    };
    const char *formula = oracle_text(oracle, row, "formula");
    if (strncmp(formula, "linear_bybit", 12) == 0 || strncmp(formula, "bust_", 5) == 0)
        position.collateral = entry_value / oracle_number(oracle, row, "leverage") +
                              oracle_number(oracle, row, "extra_margin");
    position.fee_at_bankruptcy = strstr(formula, "bybit") != NULL;
    position.on_entry = position.fee_at_bankruptcy && strstr(formula, "_mark") == NULL;
    if (strcmp(formula, "linear_margin_abs") == 0 || strcmp(formula, "bitmex_inverse") == 0) {
        position.deduction = -position.rate; /* the column holds an amount */
        position.rate = 0.0;
    }
    return position;
}

/* BitMEX values a contract in whole satoshi, rounded against the holder. */
static const double SATOSHI = 1e8;

static double bitmex_price(const struct oracle *oracle, size_t row)
{
    struct sqz_position position = vector_position(oracle, row);
    position.entry_usd = SATOSHI / round(SATOSHI / position.entry_usd);
    double price = sqz_margin_liquidation_usd(&position);
    assert_int_equal(position.side, SQZ_UP);
    return SATOSHI / ceil(SATOSHI / price);
}

/* What the venue prints of a price: its rule of rounding, or the safety buffer of a bot. */
static double printed(const struct oracle *oracle, size_t row, double price)
{
    double tick = oracle_number(oracle, row, "tick"), buffer = oracle_number(oracle, row, "buffer");
    bool is_long = is(oracle, row, "side", "long");
    if (buffer > 0)
        return price + buffer * (oracle_number(oracle, row, "entry_price") - price);
    if (!(tick > 0))
        return price;
    if (is(oracle, row, "formula", "inverse_fee"))
        return price + (is_long ? tick : 0.0);
    if (is(oracle, row, "formula", "linear_cum_floor"))
        return floor(price / tick) * tick;
    return (is_long ? ceil(price / tick) : floor(price / tick)) * tick;
}

static void test_every_published_price(void **state)
{
    (void)state;
    struct oracle oracle;
    oracle_read(&oracle, "liquidation_vectors.csv");
    for (size_t row = 0; row < oracle.rows; row++) {
        struct sqz_position position = vector_position(&oracle, row);
        bool bust = is(&oracle, row, "kind", "bankruptcy");
        double price = is(&oracle, row, "formula", "bitmex_inverse") ? bitmex_price(&oracle, row)
                       : bust ? sqz_margin_bankruptcy_usd(&position)
                              : sqz_margin_liquidation_usd(&position);
        double mine = printed(&oracle, row, price);
        double expected = oracle_number(&oracle, row, "expected");
        double tolerance = oracle_number(&oracle, row, "tol_abs") +
                           oracle_number(&oracle, row, "tol_rel") * fabs(expected);
        if (!(fabs(mine - expected) <= tolerance))
            fail_msg("%s: %.10g, expected %.10g within %.3g", oracle_text(&oracle, row, "id"), mine,
                     expected, tolerance);
    }
    oracle_free(&oracle);
}

/* ---- tiers ------------------------------------------------------------------------------ */

enum { TIERS_MAX = 64 };

struct table {
    struct sqz_tier tier[TIERS_MAX];
    struct sqz_tiers tiers;
};

static void table_read(struct table *table, const char *file)
{
    struct oracle oracle;
    oracle_read(&oracle, file);
    assert_true(oracle.rows <= TIERS_MAX);
    for (size_t k = 0; k < oracle.rows; k++)
        table->tier[k] = (struct sqz_tier){oracle_number(&oracle, k, "notional_floor"),
                                           oracle_number(&oracle, k, "notional_cap"),
                                           oracle_number(&oracle, k, "mmr"),
                                           oracle_number(&oracle, k, "maint_amount"),
                                           oracle_number(&oracle, k, "max_leverage"),
                                           0.0};
    table->tiers = (struct sqz_tiers){.tier = table->tier, .count = oracle.rows};
    oracle_free(&oracle);
}

static void test_price_lies_in_the_tier_of_its_own_notional(void **state)
{
    (void)state;
    struct oracle oracle;
    struct table table;
    oracle_read(&oracle, "derived_tier_crossing_vectors.csv");
    for (size_t row = 0; row < oracle.rows; row++) {
        table_read(&table, oracle_text(&oracle, row, "table"));
        struct sqz_position position = {
            .side = is(&oracle, row, "side", "long") ? SQZ_LONG : SQZ_SHORT,
            .entry_usd = oracle_number(&oracle, row, "entry_price"),
            .quantity = oracle_number(&oracle, row, "amount"),
            .collateral = oracle_number(&oracle, row, "wallet_balance"),
            .tiers = &table.tiers,
        };
        double expected = oracle_number(&oracle, row, "expected_liq_using_liq_tier");
        double price = sqz_margin_liquidation_usd(&position);
        assert_true(fabs(price - expected) <= 1e-12 * expected);
        assert_true(sqz_margin_tier(&position, position.entry_usd) + 1 ==
                    (size_t)oracle_number(&oracle, row, "entry_tier"));
        assert_true(sqz_margin_tier(&position, price) + 1 ==
                    (size_t)oracle_number(&oracle, row, "liq_tier"));
    }
    oracle_free(&oracle);
}

static void test_deductions_make_maintenance_continuous(void **state)
{
    (void)state;
    static const char *const FILES[] = {"tiers_binance_btc.csv", "tiers_binance_smallalt_blz.csv",
                                        "tiers_bybit_btcusdt.csv"};
    for (size_t f = 0; f < sizeof FILES / sizeof FILES[0]; f++) {
        struct table table;
        table_read(&table, FILES[f]);
        assert_true(table.tier[0].deduction == 0.0);
        for (size_t k = 1; k < table.tiers.count; k++)
            check_near("deduction", sqz_tiers_deduction(&table.tier[k - 1], &table.tier[k]),
                       table.tier[k].deduction, 1e-9 * (1 + table.tier[k].deduction));
    }
}

/* Margin tiers that count contracts do not move with the price: ten contracts belong to the tier up
 * to ten on both sides, (E -+ W / A) / (1 -+ (m + f)). */
static void test_contracts_on_an_edge(void **state)
{
    (void)state;
    const struct sqz_tier tier[] = {{0, 10, 0.01, 0, 50, 0}, {10, INFINITY, 0.05, 0, 10, 0}};
    const struct sqz_tiers tiers = {.tier = tier, .count = 2, .contract_size = 1};
    struct sqz_position position = {.side = SQZ_SHORT,
                                    .entry_usd = 100,
                                    .quantity = 10,
                                    .collateral = 200,
                                    .fee = 0.0005,
                                    .tiers = &tiers};
    assert_true(fabs(sqz_margin_liquidation_usd(&position) - 120 / 1.0105) < 1e-12 * 120);
    position.side = SQZ_LONG;
    assert_true(fabs(sqz_margin_liquidation_usd(&position) - 80 / 0.9895) < 1e-12 * 80);
    assert_true(sqz_margin_trigger(&position, 1, 100, SQZ_UP) == INFINITY);
}

/* ---- closed forms -------------------------------------------------------------------------- */

static void test_closed_forms_without_tiers(void **state)
{
    (void)state;
    struct oracle oracle;
    oracle_read(&oracle, "liquidation_prices.csv");
    for (size_t row = 0; row < oracle.rows; row++) {
        double entry = oracle_number(&oracle, row, "entry");
        double leverage = oracle_number(&oracle, row, "leverage");
        struct sqz_position position = {
            .side = is(&oracle, row, "side", "long") ? SQZ_LONG : SQZ_SHORT,
            .entry_usd = entry,
            .quantity = 1.7,
            .collateral = 1.7 * entry / leverage,
            .rate = oracle_number(&oracle, row, "mmr"),
        };
        double expected = oracle_number(&oracle, row, "P_liq_linear");
        assert_true(fabs(sqz_margin_liquidation_usd(&position) - expected) <= 1e-10 * expected);
        position.contract = SQZ_INVERSE;
        position.quantity = 1700;
        position.collateral = 1700 / entry / leverage;
        expected = oracle_number(&oracle, row, "P_liq_inverse");
        assert_true(fabs(sqz_margin_liquidation_usd(&position) - expected) <= 1e-10 * expected);
    }
    oracle_free(&oracle);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_published_price),
        cmocka_unit_test(test_price_lies_in_the_tier_of_its_own_notional),
        cmocka_unit_test(test_deductions_make_maintenance_continuous),
        cmocka_unit_test(test_contracts_on_an_edge),
        cmocka_unit_test(test_closed_forms_without_tiers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
