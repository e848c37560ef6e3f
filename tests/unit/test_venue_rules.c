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
#include "sim/core/deleverage.h"
#include "sim/core/fund.h"
#include "sim/io/params.h"

/* ---- the dYdX chain ------------------------------------------------------------------------ */

/* One row of execution_vectors.csv: an account at the oracle's prices, and the market traded. */
struct chain_row {
    struct sqz_position position; /* in the market traded; secured by all that the account has */
    double oracle_usd, closed;
    double equity, maintenance; /* of the account */
};

/* A market of a row, the first or the second, is added to the account. */
static void read_market(const struct oracle *oracle, size_t row, int market, struct chain_row *read)
{
    static const char *const column[2][4] = {{"p1_symbol", "p1_size", "p1_oracle", "p1_mmf"},
                                             {"p2_symbol", "p2_size", "p2_oracle", "p2_mmf"}};
    const char *symbol = oracle_text(oracle, row, column[market][0]);
    const char *traded = oracle_text(oracle, row, "delta_symbol");
    if (symbol[0] == '\0')
        return;
    double size = oracle_number(oracle, row, column[market][1]);
    double price = oracle_number(oracle, row, column[market][2]);
    double rate = oracle_number(oracle, row, column[market][3]);
    read->equity += size * price;
    read->maintenance += fabs(size) * price * rate;
    if (traded[0] != '\0' && strcmp(symbol, traded) != 0)
        return;
    read->position = (struct sqz_position){.side = size > 0.0 ? SQZ_LONG : SQZ_SHORT,
                                           .entry_usd = price,
                                           .quantity = fabs(size),
                                           .rate = rate};
    read->oracle_usd = price;
    if (traded[0] != '\0')
        read->closed = fabs(oracle_number(oracle, row, "delta_size"));
}

static struct chain_row read_row(const struct oracle *oracle, size_t row)
{
    struct chain_row read = {.equity = oracle_number(oracle, row, "quote_balance")};
    for (int market = 0; market < 2; market++)
        read_market(oracle, row, market, &read);
    double own = read.position.quantity * read.oracle_usd * read.position.rate;
    read.position.collateral = read.equity;
    read.position.other_maintenance = read.maintenance - own;
    return read;
}

/* The fee that the venue asks for at most where the tariff has no limit: what goes with the part
 * that is closed. */
static double fee_of(const struct chain_row *read)
{
    struct sqz_settings settings = {0};
    struct sqz_diag diag = {0};
    void *params = calloc(1, sqz_venue_dydx.params_size);
    assert_non_null(params);
    assert_int_equal(sqz_settings_override(&settings, "venue.liquidation_fee=1", &diag), SQZ_OK);
    struct sqz_param_group group = {sqz_venue_dydx.params, sqz_venue_dydx.n_params, params};
    assert_int_equal(sqz_params_fill(&group, &settings, &diag), SQZ_OK);
    struct sqz_liquidation_action action = {.quantity = read->position.quantity, .limit_usd = NAN};
    struct sqz_liquidation_request request = {.position = &read->position,
                                              .price_usd = read->oracle_usd,
                                              .equity = read->equity,
                                              .maintenance = read->maintenance};
    sqz_venue_dydx.respond(params, &request, &action);
    sqz_settings_free(&settings);
    free(params);
    return action.fee;
}

/* What closing a part must bring for it to leave the account neither richer nor poorer than its
 * share: its value less the fee that goes with it, or what is to be had where all is lost. */
static double quote_of(const struct chain_row *read)
{
    double direction = read->position.side == SQZ_LONG ? 1.0 : -1.0;
    double price = read->equity >= 0.0 ? read->oracle_usd * (1.0 - direction * fee_of(read))
                                       : sqz_margin_bankruptcy_usd(&read->position);
    return direction * read->closed * price;
}

static double answer(const struct oracle *oracle, size_t row)
{
    const char *kind = oracle_text(oracle, row, "kind");
    struct chain_row read = read_row(oracle, row);
    if (strcmp(kind, "is_liquidatable") == 0)
        return read.position.quantity > 0.0 &&
               sqz_margin_excess(&read.position, 1, read.oracle_usd) < 0.0;
    if (strcmp(kind, "bankruptcy_quote") == 0)
        return quote_of(&read);
    assert_string_equal(kind, "fillable_price");
    struct sqz_dydx_spread spread = {1e-6 * oracle_number(oracle, row, "bankruptcy_adj_ppm"),
                                     1e-6 * oracle_number(oracle, row, "smmr_ppm")};
    return sqz_dydx_fillable_usd(&spread, read.oracle_usd, read.position.side == SQZ_LONG,
                                 read.position.rate, read.equity, read.maintenance);
}

/* The chain rounds to 1e-6 USD, which is the tolerance of the rows. */
static void test_dydx_vectors(void **state)
{
    (void)state;
    struct oracle oracle;
    oracle_read(&oracle, "execution_vectors.csv");
    assert_int_equal(oracle.rows, 24);
    for (size_t row = 0; row < oracle.rows; row++)
        check_near(oracle_text(&oracle, row, "id"), answer(&oracle, row),
                   oracle_number(&oracle, row, "expected"), oracle_number(&oracle, row, "tol_abs"));
    oracle_free(&oracle);
}

/* Strictly below its maintenance. */
static void test_an_account_at_its_maintenance_is_safe(void **state)
{
    (void)state;
    struct sqz_position position = {
        .side = SQZ_LONG, .entry_usd = 64, .quantity = 4, .rate = 0.125, .collateral = 32};
    assert_false(sqz_margin_excess(&position, 1, 64) < 0.0);
    position.collateral = 32 - 1e-12;
    assert_true(sqz_margin_excess(&position, 1, 64) < 0.0);
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
    struct sqz_account_table account_table;
    struct sqz_venue_model model;
    struct sqz_venue venue;
    struct sqz_ladder ladder; /* empty: only the queue is asked */
    struct sqz_clearing clearing;
    struct sqz_deleverage deleverage;
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
                                 .position = {.side = i < TRADERS ? SQZ_LONG : SQZ_SHORT,
                                              .entry_usd = 100.0,
                                              .quantity = size,
                                              .collateral = rank}};
    }
    assert_int_equal(
        sqz_account_table_build(&queue->account_table, queue->holding, TRADERS + 1, &diag), SQZ_OK);
    queue->model = (struct sqz_venue_model){.name = "bitmex", .rank = rank_written};
    const struct sqz_venue_terms terms = {.model = &queue->model,
                                          .account_table = &queue->account_table,
                                          .ladder = &queue->ladder,
                                          .start_usd = 100.0,
                                          .scale = 1.0};
    assert_int_equal(sqz_venue_init(&queue->venue, &terms, &diag), SQZ_OK);
    assert_int_equal(sqz_clearing_init(&queue->clearing, &queue->venue), SQZ_OK);
    assert_int_equal(sqz_deleverage_init(&queue->deleverage, TRADERS + 1), SQZ_OK);
    sqz_clearing_reset(&queue->clearing, 1, 0);
    sqz_deleverage_reset(&queue->deleverage);
}

static void queue_free(struct queue *queue)
{
    sqz_clearing_free(&queue->clearing);
    sqz_deleverage_free(&queue->deleverage);
    sqz_venue_free(&queue->venue);
    sqz_account_table_free(&queue->account_table);
}

/* How much of the queue stands before each account or is its own, as the rows from `first` on have
 * it. */
static void check_places(const struct oracle *oracle, size_t first, const struct queue *queue)
{
    double all = 0.0, before = 0.0;
    for (int i = 0; i < TRADERS; i++)
        all += queue->holding[i].position.quantity;
    assert_int_equal(queue->deleverage.queue.count, TRADERS);
    for (size_t place = 0; place < TRADERS; place++) {
        uint32_t trader = queue->deleverage.queue.candidate[place].account;
        before += queue->holding[trader].position.quantity / all;
        const char *kind = oracle_text(oracle, first + place, "kind");
        assert_int_equal(atoi(kind + strlen("bitmex_adl_quintile_acct")), trader + 1);
        check_near(kind, before, input(oracle, first + place, "account = "), 1e-12);
    }
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
    double closed = sqz_deleverage_close(&queue.deleverage, &queue.clearing, &close);
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
    check_places(oracle, first + 2, &queue);
    queue_free(&queue);
}

/* A fund that has lost so much of its peak has fallen by the ratio that Bybit gives, and is spared
 * from 30 % on until it is less than 25 % below. */
static void check_fall(const struct oracle *oracle, size_t row)
{
    double peak = input(oracle, row, "pool_8h_max="), loss = input(oracle, row, "symbol_loss=");
    const struct sqz_account_table none = {.contract = SQZ_LINEAR};
    const struct sqz_venue venue = {
        .model = &sqz_venue_bybit, .account_table = &none, .fund = peak};
    struct sqz_fund fund;
    sqz_fund_reset(&fund, &venue);
    const struct {
        double balance;
        bool spared;
    } steps[] = {{peak, false},
                 {0.701 * peak, false},
                 {peak - loss, true},
                 {0.749 * peak, true},
                 {0.751 * peak, false}};
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        sqz_fund_earn(&fund, steps[i].balance - sqz_fund_balance(&fund, 100.0));
        sqz_fund_watch(&fund, 100.0, 60.0 * (double)i);
        assert_int_equal(fund.drawn_down, steps[i].spared);
        if (steps[i].balance == peak - loss)
            check_near("ratio", -sqz_fund_fall(&fund), oracle_number(oracle, row, "expected"),
                       1e-12);
    }
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
        check_fall(oracle, row);
    else if (strncmp(kind, "bitmex_adl_quintile", 19) == 0)
        check_near(kind, ceil(5.0 * input(oracle, row, "account = ")) / 5.0, expected, 1e-15);
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
    assert_int_equal(oracle.rows, 11);
    for (size_t row = 0; row < oracle.rows; row++)
        check_adl(&oracle, row);
    oracle_free(&oracle);
}

static void test_adl_where_nothing_is_lost_or_owned(void **state)
{
    (void)state;
    assert_true(sqz_adl_wallet_profit(-3.7, 12.0) == 0.0);
    assert_true(sqz_adl_wallet_profit(3.7, 0.2) == 3.7); /* a wallet counts as 1 at least */
    assert_true(sqz_adl_margin_ratio(12.5, -1.0) == 0.0);
}

/* ---- ranks --------------------------------------------------------------------------------- */

static double rank_of(const struct sqz_venue_model *model, enum sqz_side side, double equity)
{
    const struct sqz_position position = {
        .side = sqz_position_on(side), .quantity = 0.37, .entry_usd = 52000.0, .rate = 0.008};
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

/* An account that is bankrupt itself is not to be deleveraged, and every account has a rank. */
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
        cmocka_unit_test(test_an_account_at_its_maintenance_is_safe),
        cmocka_unit_test(test_adl_vectors),
        cmocka_unit_test(test_adl_where_nothing_is_lost_or_owned),
        cmocka_unit_test(test_ranks_are_those_published),
        cmocka_unit_test(test_ranks_put_bankrupt_accounts_last),
        cmocka_unit_test(test_keys_mean_the_same_everywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
