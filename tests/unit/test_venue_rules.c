/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The pure rules of venues against the numbers they publish. */
#include "tests/support/support.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/registry.h"
#include "models/venues/adl.h"
#include "models/venues/dydx_rules.h"
#include "models/venues/venues.h"
#include "sim/core/clearing.h"

/* ---- the dYdX chain ------------------------------------------------------------------------ */

/* One row of execution_vectors.csv, in whole 1e-6 USD. */
struct chain_row {
    struct sqz_dydx_risk account, change;
    double oracle_usd, maintenance_rate; /* of the market traded */
    double quote_per_usd;                /* signed size closed: what a price brings */
    bool is_long;
};

static int64_t micro(double usd)
{
    return llround(1e6 * usd);
}

static struct sqz_dydx_risk risk_of(double size, double oracle_usd, double rate)
{
    return (struct sqz_dydx_risk){micro(size * oracle_usd), micro(fabs(size) * oracle_usd * rate)};
}

static struct chain_row read_row(const struct oracle *oracle, size_t row)
{
    static const char *const column[2][4] = {{"p1_symbol", "p1_size", "p1_oracle", "p1_mmf"},
                                             {"p2_symbol", "p2_size", "p2_oracle", "p2_mmf"}};
    struct chain_row read = {.account = {micro(oracle_number(oracle, row, "quote_balance")), 0}};
    for (int p = 0; p < 2; p++) {
        if (oracle_text(oracle, row, column[p][0])[0] == '\0')
            continue;
        double size = oracle_number(oracle, row, column[p][1]);
        double price = oracle_number(oracle, row, column[p][2]);
        double rate = oracle_number(oracle, row, column[p][3]);
        struct sqz_dydx_risk risk = risk_of(size, price, rate);
        read.account.net += risk.net;
        read.account.maintenance += risk.maintenance;
        if (strcmp(oracle_text(oracle, row, column[p][0]),
                   oracle_text(oracle, row, "delta_symbol")) != 0)
            continue;
        double delta = oracle_number(oracle, row, "delta_size");
        struct sqz_dydx_risk after = risk_of(size + delta, price, rate);
        read.change.net = after.net - risk.net;
        read.change.maintenance = after.maintenance - risk.maintenance;
        read.oracle_usd = price;
        read.maintenance_rate = rate;
        read.quote_per_usd = -delta;
        read.is_long = size > 0.0;
    }
    return read;
}

static double answer(const struct oracle *oracle, size_t row)
{
    const char *kind = oracle_text(oracle, row, "kind");
    struct chain_row read = read_row(oracle, row);
    if (strcmp(kind, "is_liquidatable") == 0)
        return sqz_dydx_is_liquidatable(read.account);
    if (strcmp(kind, "fillable_price") == 0) {
        struct sqz_dydx_spread spread = {1e-6 * oracle_number(oracle, row, "bankruptcy_adj_ppm"),
                                         1e-6 * oracle_number(oracle, row, "smmr_ppm")};
        return sqz_dydx_fillable_usd(&spread, read.oracle_usd, read.is_long, read.maintenance_rate,
                                     (double)read.account.net, (double)read.account.maintenance);
    }
    int64_t quote = sqz_dydx_bankruptcy_quote(read.account, read.change);
    if (strcmp(kind, "bankruptcy_quote") == 0)
        return 1e-6 * (double)quote;
    assert_string_equal(kind, "insurance_delta");
    int64_t fill = micro(read.quote_per_usd * oracle_number(oracle, row, "fill_price"));
    uint32_t most_ppm = (uint32_t)oracle_number(oracle, row, "max_liq_fee_ppm");
    return 1e-6 * (double)sqz_dydx_insurance_change(fill, quote, most_ppm);
}

static void test_dydx_vectors(void **state)
{
    (void)state;
    struct oracle oracle;
    oracle_read(&oracle, "execution_vectors.csv");
    assert_int_equal(oracle.rows, 32);
    for (size_t row = 0; row < oracle.rows; row++) {
        /* A whole number of 1e-6 USD read from decimals: half of one is room for rounding only. */
        double room = 0.49 * oracle_number(&oracle, row, "tol_abs");
        check_near(oracle_text(&oracle, row, "id"), answer(&oracle, row),
                   oracle_number(&oracle, row, "expected"), room);
    }
    oracle_free(&oracle);
}

/* Parts of a position bring no less than the whole: each is rounded up. */
static void test_dydx_parts_are_rounded_up(void **state)
{
    (void)state;
    struct sqz_dydx_risk account = {1999999, 7000003}, whole = {-70000033, -7000003};
    int64_t sum = 0;
    for (int part = 0; part < 7; part++)
        sum += sqz_dydx_bankruptcy_quote(account, (struct sqz_dydx_risk){-10000003, -999999});
    sum += sqz_dydx_bankruptcy_quote(account, (struct sqz_dydx_risk){-12, -10});
    int64_t all = sqz_dydx_bankruptcy_quote(account, whole);
    assert_int_equal(all, 70000033 - 1999999);
    assert_in_range(sum, all, all + 8);
    /* An account below zero: 10000003 + ceil(1.5 million * 999999 / 7000003). */
    account.net = -1500000;
    assert_int_equal(sqz_dydx_bankruptcy_quote(account, (struct sqz_dydx_risk){-10000003, -999999}),
                     10000003 + 214286);
}

static void test_dydx_without_maintenance_is_safe(void **state)
{
    (void)state;
    assert_false(sqz_dydx_is_liquidatable((struct sqz_dydx_risk){-5, 0}));
    assert_false(sqz_dydx_is_liquidatable((struct sqz_dydx_risk){71, 71}));
    assert_true(sqz_dydx_is_liquidatable((struct sqz_dydx_risk){70, 71}));
}

/* ---- deleveraging -------------------------------------------------------------------------- */

/* The number behind a word of the inputs. */
static double input(const struct oracle *oracle, size_t row, const char *word)
{
    const char *at = strstr(oracle_text(oracle, row, "inputs"), word);
    if (at == NULL)
        fail_msg("no %s in row %zu", word, row);
    return strtod(at + strlen(word), NULL);
}

enum { TRADERS = 6 };

/* Longs of the BitMEX example, whose rank is written into their margin, and the short that they
 * are to close. */
struct queue {
    struct sqz_holding holding[TRADERS + 1];
    struct sqz_account_table accounts_table;
    struct sqz_venue_model model;
    struct sqz_venue venue;
    struct sqz_clearing clearing;
};

static double rank_written(const struct sqz_liquidation_request *account)
{
    return account->position->collateral;
}

static void queue_init(struct queue *queue, const char *accounts, double liquidated)
{
    struct sqz_diag diag;
    memset(queue, 0, sizeof *queue);
    for (int i = 0; i <= TRADERS; i++) {
        int number = 0;
        double size = liquidated, rank = 0.0;
        if (i < TRADERS) {
            accounts = strpbrk(accounts, "{,") + 1;
            assert_int_equal(sscanf(accounts, "%d:%lf/%lf", &number, &size, &rank), 3);
            assert_int_equal(number, i + 1);
        }
        queue->holding[i] =
            (struct sqz_holding){.row = (uint32_t)(i + 1),
                                 .position = {.side = i < TRADERS ? SQZ_DOWN : SQZ_UP,
                                              .entry_usd = 100.0,
                                              .quantity = size,
                                              .collateral = rank}};
    }
    assert_int_equal(
        sqz_account_table_build(&queue->accounts_table, queue->holding, TRADERS + 1, &diag),
        SQZ_OK);
    queue->model = (struct sqz_venue_model){.name = "bitmex", .rank = rank_written};
    queue->venue = (struct sqz_venue){.model = &queue->model,
                                      .accounts_table = &queue->accounts_table,
                                      .start_usd = 100.0,
                                      .scale = 1.0,
                                      .legs_max = 1};
    assert_int_equal(sqz_clearing_init(&queue->clearing, &queue->venue, false), SQZ_OK);
    sqz_clearing_reset(&queue->clearing, 1, 0);
}

static void queue_free(struct queue *queue)
{
    sqz_clearing_free(&queue->clearing);
    sqz_account_table_free(&queue->accounts_table);
}

/* The clearing house closes the short against the accounts that BitMEX's example names, and no
 * other. */
static void check_queue(const struct oracle *oracle, size_t first)
{
    struct queue queue;
    const char *inputs = oracle_text(oracle, first, "inputs");
    double size = input(oracle, first, "liquidated short size ");
    queue_init(&queue, strchr(inputs, '{'), size);
    struct sqz_close_out close = {.position = TRADERS,
                                  .quantity = size,
                                  .price_usd = 104.0,
                                  .mark_usd = 103.0,
                                  .now_usd = 103.0,
                                  .time_s = 77.5,
                                  .staying = {1.0, 1.0}};
    double closed = sqz_clearing_deleverage(&queue.clearing, &close);
    check_near("closed", closed, size, 0.0);
    double sum = 0.0;
    for (size_t row = first; row < first + 2; row++) {
        int number = atoi(oracle_text(oracle, row, "kind") + strlen("bitmex_adl_queue_acct"));
        uint32_t trader = (uint32_t)number - 1;
        double lost = queue.holding[trader].position.quantity -
                      sqz_clearing_left(&queue.clearing, trader, trader);
        check_near("deleveraged", lost, oracle_number(oracle, row, "expected"), 0.0);
        sum += lost;
    }
    check_near("all of it", sum, size, 0.0);
    queue_free(&queue);
}

static void check_adl(const struct oracle *oracle, size_t row)
{
    const char *kind = oracle_text(oracle, row, "kind");
    double expected = oracle_number(oracle, row, "expected"), printed = 0.005;
    if (strcmp(kind, "binance_adl_pnl_percent") == 0)
        check_near(
            kind, sqz_adl_wallet_profit(input(oracle, row, "upnl="), input(oracle, row, "wallet=")),
            expected, printed);
    else if (strcmp(kind, "binance_adl_leverage_pnl") == 0)
        check_near(kind,
                   input(oracle, row, "pnl_percent=") *
                       sqz_adl_margin_ratio(input(oracle, row, "margin_ratio="), 1.0),
                   expected, printed);
    else if (strcmp(kind, "bybit_adl_pnl_ratio") == 0)
        check_near(kind,
                   sqz_adl_loss_ratio(input(oracle, row, "symbol_loss="),
                                      input(oracle, row, "pool_8h_max=")),
                   expected, 1e-12);
    else if (strcmp(kind, "bybit_adl_clawback") == 0) {
        check_near("threshold", -sqz_venue_bybit.drawdown_begin, input(oracle, row, "threshold="),
                   0.0);
        check_near(kind,
                   sqz_adl_clawback(input(oracle, row, "symbol_loss="), input(oracle, row, "pool="),
                                    sqz_venue_bybit.drawdown_begin),
                   expected, 1e-6);
    } else if (strncmp(kind, "bitmex_adl_quintile", 19) == 0)
        check_near(kind, sqz_adl_quintile(input(oracle, row, "account = "), 1.0), expected, 1e-15);
    else if (strcmp(kind, "bitmex_adl_queue_acct2") == 0)
        check_queue(oracle, row);
    else
        assert_string_equal(kind, "bitmex_adl_queue_acct5"); /* goes with the row before */
}

static void test_adl_vectors(void **state)
{
    (void)state;
    struct oracle oracle;
    oracle_read(&oracle, "adl_vectors.csv");
    assert_int_equal(oracle.rows, 12);
    for (size_t row = 0; row < oracle.rows; row++)
        check_adl(&oracle, row);
    oracle_free(&oracle);
}

static void test_adl_where_nothing_is_lost_or_owned(void **state)
{
    (void)state;
    assert_true(sqz_adl_clawback(299999.0, 1e6, 0.3) == 0.0);
    assert_true(sqz_adl_wallet_profit(-3.7, 12.0) == 0.0);
    assert_true(sqz_adl_wallet_profit(3.7, 0.2) == 3.7); /* a wallet counts as 1 at least */
    assert_true(sqz_adl_margin_ratio(12.5, -1.0) == 0.0);
}

/* ---- ranks --------------------------------------------------------------------------------- */

static double rank_of(const struct sqz_venue_model *model, enum sqz_side side, double equity)
{
    const struct sqz_position position = {
        .side = side, .quantity = 0.37, .entry_usd = 52000.0, .rate = 0.008};
    struct sqz_liquidation_request account = {
        .position = &position, .price_usd = 50000.0, .equity = equity, .maintenance = 148.0};
    return model->rank(&account);
}

static void test_ranks_are_those_published(void **state)
{
    (void)state;
    /* A short that has gained 740 of 19,240, worth 18,500 now; a long that has lost as much. */
    const struct sqz_venue_model *const leveraged[] = {&sqz_venue_bybit, &sqz_venue_okx,
                                                       &sqz_venue_dydx};
    for (size_t i = 0; i < 3; i++) {
        double share = 740.0 / 19240.0;
        check_near("gain", rank_of(leveraged[i], SQZ_UP, 2250.0), share * 18500 / 2250, 1e-12);
        check_near("loss", rank_of(leveraged[i], SQZ_DOWN, 2250.0), -share * 2250 / 18500, 1e-12);
    }
    check_near("binance", rank_of(&sqz_venue_binance, SQZ_UP, 2250.0),
               740.0 / (2250.0 - 740.0) * (148.0 / 2250.0), 1e-12);
    assert_true(rank_of(&sqz_venue_binance, SQZ_DOWN, 2250.0) == 0.0);
    check_near("hyperliquid", rank_of(&sqz_venue_hyperliquid, SQZ_UP, 2250.0),
               1.04 * 18500.0 / 2250.0, 1e-12);
    check_near("hyperliquid", rank_of(&sqz_venue_hyperliquid, SQZ_DOWN, 2250.0),
               50000.0 / 52000.0 * 18500.0 / 2250.0, 1e-12);
}

/* An account that is bankrupt itself is nobody to be deleveraged, and ranks order everybody. */
static void test_ranks_put_bankrupt_accounts_last(void **state)
{
    (void)state;
    for (size_t m = 0; sqz_registry.venues[m] != NULL; m++) {
        const struct sqz_venue_model *model = sqz_registry.venues[m];
        for (double equity = -1500.0; model->rank != NULL && equity <= 0.0; equity += 500.0)
            for (int side = 0; side < 2; side++) {
                double rank = rank_of(model, (enum sqz_side)side, equity);
                assert_false(isnan(rank));
                assert_true(rank <= rank_of(model, (enum sqz_side)side, 1e-3));
            }
    }
}

/* ---- parameters ---------------------------------------------------------------------------- */

static const struct sqz_param *find_key(const struct sqz_param *table, size_t count,
                                        const char *key)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(table[i].key, key) == 0)
            return &table[i];
    return NULL;
}

/* One name for one thing: a key means the same wherever it is, and is not one of all venues. */
static void test_keys_mean_the_same_everywhere(void **state)
{
    (void)state;
    for (size_t m = 0; sqz_registry.venues[m] != NULL; m++)
        for (size_t i = 0; i < sqz_registry.venues[m]->n_params; i++) {
            const struct sqz_param *param = &sqz_registry.venues[m]->params[i];
            assert_true(strncmp(param->key, "venue.", 6) == 0);
            assert_non_null(param->default_text);
            assert_null(find_key(sqz_venue_param_table, sqz_venue_param_count, param->key));
            for (size_t other = 0; other < m; other++) {
                const struct sqz_param *same =
                    find_key(sqz_registry.venues[other]->params,
                             sqz_registry.venues[other]->n_params, param->key);
                if (same == NULL)
                    continue;
                assert_true(same->dimension == param->dimension && same->kind == param->kind);
                assert_string_equal(same->unit, param->unit);
            }
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dydx_vectors),
        cmocka_unit_test(test_dydx_parts_are_rounded_up),
        cmocka_unit_test(test_dydx_without_maintenance_is_safe),
        cmocka_unit_test(test_adl_vectors),
        cmocka_unit_test(test_adl_where_nothing_is_lost_or_owned),
        cmocka_unit_test(test_ranks_are_those_published),
        cmocka_unit_test(test_ranks_put_bankrupt_accounts_last),
        cmocka_unit_test(test_keys_mean_the_same_everywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
