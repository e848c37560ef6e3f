/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What venues do in a liquidation: every step keeps what the venue promises, and there is an end.
 */
#include "tests/support/support.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "models/venues/steps.h"
#include "models/venues/venues.h"
#include "sim/core/clearing.h"
#include "sim/core/rng.h"
#include "sim/io/params.h"
#include "tests/toys/toys.h"

/* ---- cases --------------------------------------------------------------------------------- */

/* A venue with its parameters, those of the command line aside at their defaults. */
struct rules {
    const struct sqz_venue_model *model;
    struct sqz_settings settings;
    void *params;
};

static void rules_init(struct rules *rules, const struct sqz_venue_model *model, const char *set)
{
    struct sqz_diag diag;
    memset(rules, 0, sizeof *rules);
    rules->model = model;
    rules->params = calloc(1, model->params_size + 1);
    assert_non_null(rules->params);
    if (set != NULL)
        assert_int_equal(sqz_settings_override(&rules->settings, set, &diag), SQZ_OK);
    struct sqz_param_group group = {model->params, model->n_params, rules->params};
    assert_int_equal(sqz_params_fill(&group, &rules->settings, &diag), SQZ_OK);
}

static void rules_free(struct rules *rules)
{
    sqz_settings_free(&rules->settings);
    free(rules->params);
}

enum { TIERS_MAX = 7 };

/* An account with one position and, perhaps, maintenance for others. */
struct account {
    struct sqz_tier tier[TIERS_MAX];
    struct sqz_tiers tiers;
    struct sqz_position position;
    double price_usd, equity, other_maintenance;
};

static double between(struct sqz_stream *stream, double low, double high)
{
    return low + (high - low) * sqz_stream_uniform(stream);
}

static double maintenance_of(const struct account *account)
{
    return account->other_maintenance +
           sqz_margin_maintenance(&account->position, account->price_usd);
}

static void draw_tiers(struct account *account, const struct sqz_venue_model *model,
                       struct sqz_stream *stream)
{
    size_t count = 1 + sqz_stream_u64(stream) % TIERS_MAX;
    double floor = 0.0, rate = between(stream, 0.003, 0.03);
    for (size_t k = 0; k < count; k++) {
        double cap = floor + exp(between(stream, log(2e4), log(5e6)));
        account->tier[k] =
            (struct sqz_tier){.floor = floor, .cap = k + 1 < count ? cap : INFINITY, .rate = rate};
        floor = cap;
        rate += between(stream, 0.0007, 0.02);
    }
    for (size_t k = 1; model->deducted && k < count; k++)
        account->tier[k].deduction = sqz_tiers_deduction(&account->tier[k - 1], &account->tier[k]);
    account->tiers = (struct sqz_tiers){
        .tier = account->tier, .count = count, .contract_size = model->deducted ? 0.0 : 0.01};
}

/* A position between a thousand and fifty million USD whose account is worth from `least` to once
 * its maintenance; one in four stands exactly there. */
static void draw_account(struct account *account, const struct sqz_venue_model *model, double least,
                         struct sqz_stream *stream)
{
    struct sqz_position *position = &account->position;
    draw_tiers(account, model, stream);
    account->price_usd = exp(between(stream, log(0.02), log(2e5)));
    double notional_usd = exp(between(stream, log(1e3), log(5e7)));
    *position = (struct sqz_position){
        .side = sqz_stream_uniform(stream) < 0.5 ? SQZ_SHORT : SQZ_LONG,
        .quantity = notional_usd / account->price_usd,
        .entry_usd = account->price_usd * between(stream, 0.8, 1.25),
        .fee = model->counted_fee,
        .tiers = &account->tiers,
    };
    if (!model->deducted) /* as many contracts as USD, more or less */
        account->tiers.contract_size = between(stream, 0.5, 2.0) / account->price_usd;
    if (sqz_stream_uniform(stream) < 0.1)
        position->tiers = NULL, position->rate = 0.0137;
    account->other_maintenance =
        sqz_stream_uniform(stream) < 0.3 ? between(stream, 0.0, 0.02) * notional_usd : 0.0;
    double share = sqz_stream_uniform(stream) < 0.25 ? 1.0 : between(stream, least, 1.0);
    account->equity = share * maintenance_of(account);
}

/* The same in coin, with tiers only where they count contracts. */
static void make_inverse(struct account *account, const struct sqz_venue_model *model,
                         struct sqz_stream *stream)
{
    struct sqz_position *position = &account->position;
    double share = account->equity / maintenance_of(account);
    position->contract = SQZ_INVERSE;
    position->quantity *= account->price_usd;
    account->other_maintenance /= account->price_usd;
    account->tiers.contract_size = between(stream, 0.5, 2.0);
    if (model->deducted)
        position->tiers = NULL, position->rate = between(stream, 0.004, 0.05);
    account->equity = share * maintenance_of(account);
}

static double bankruptcy_of(const struct account *account)
{
    double direction = account->position.side == SQZ_LONG ? 1.0 : -1.0;
    double each = account->equity / account->position.quantity;
    if (account->position.contract == SQZ_LINEAR)
        return account->price_usd - direction * each;
    double inverse = 1.0 / account->price_usd + direction * each;
    return inverse > 0.0 ? 1.0 / inverse : INFINITY;
}

static struct sqz_liquidation_request request_of(const struct account *account, unsigned steps)
{
    return (struct sqz_liquidation_request){
        .position = &account->position,
        .price_usd = account->price_usd,
        .bankruptcy_usd = bankruptcy_of(account),
        .equity = account->equity,
        .maintenance = maintenance_of(account),
        .steps = steps,
    };
}

/* What the venue answers, which must make sense. */
static struct sqz_liquidation_action
answer(const struct rules *rules, const struct account *account, unsigned steps, bool cooling)
{
    struct sqz_liquidation_request request = request_of(account, steps);
    request.cooling = cooling;
    struct sqz_liquidation_action response = {.quantity = account->position.quantity,
                                              .limit_usd = NAN};
    if (rules->model->respond != NULL)
        rules->model->respond(rules->params, &request, &response);
    assert_true(response.quantity > 0.0 && response.quantity <= account->position.quantity);
    assert_true(response.takeover + response.vault + response.deleverage <= 1);
    assert_true(response.fee >= 0.0 && response.fee <= 1.0);
    assert_true(response.review_s >= 0.0 && response.review_s < INFINITY);
    double beyond =
        -sqz_exposure(account->position.side) * (response.limit_usd - account->price_usd);
    if (!isnan(response.limit_usd) && !(beyond >= -1e-12 * account->price_usd))
        fail_msg("%s: limit %.17g on the wrong side of %.17g", rules->model->name,
                 response.limit_usd, account->price_usd);
    return response;
}

static struct sqz_liquidation_action ask(const struct rules *rules, const struct account *account,
                                         unsigned steps)
{
    return answer(rules, account, steps, false);
}

static bool is_order(const struct sqz_liquidation_action *response)
{
    return !response->takeover && !response->vault && !response->deleverage;
}

/* N m - c, read off the table line by line. */
static double table_maintenance(const struct account *account, double quantity)
{
    const struct sqz_position *position = &account->position;
    double price = position->on_entry ? position->entry_usd : account->price_usd;
    double value = quantity * price, fee = position->fee * quantity * account->price_usd;
    if (position->tiers == NULL)
        return value * position->rate + fee;
    double size =
        account->tiers.contract_size > 0.0 ? quantity / account->tiers.contract_size : value;
    size_t k = 0;
    while (k + 1 < account->tiers.count && size > account->tier[k].cap * (1 + 1e-14))
        k++;
    return value * account->tier[k].rate - account->tier[k].deduction + fee;
}

static size_t table_tier(const struct account *account, double quantity)
{
    struct sqz_position left = account->position;
    left.quantity = quantity;
    return sqz_margin_tier(&left, account->price_usd);
}

/* ---- there is an end ----------------------------------------------------------------------- */

/* Sell at the limit, or a part of it somewhere before. Returns what is left. */
static double fill(struct account *account, const struct sqz_liquidation_action *response,
                   struct sqz_stream *stream, bool at_limit)
{
    struct sqz_position *position = &account->position;
    double share = at_limit || isnan(response->limit_usd) ? 1.0 : sqz_stream_uniform(stream);
    double worst = isnan(response->limit_usd) ? account->price_usd : response->limit_usd;
    if (response->whole && share < 0.5)
        return position->quantity; /* killed */
    double quantity = response->quantity * (response->whole ? 1.0 : share);
    double price = account->price_usd + (at_limit ? 1.0 : share) * (worst - account->price_usd);
    struct sqz_position sold = *position;
    sold.quantity = quantity;
    account->equity += sqz_margin_gain(position, quantity, account->price_usd, price);
    account->equity -=
        fmin(response->fee * sqz_margin_value(&sold, price), fmax(account->equity, 0.0));
    return position->quantity - quantity;
}

/* The liquidation of one account, at a price that stands still. Others to be deleveraged against
 * there are or there are not. */
static void liquidate(const struct rules *rules, struct account *account, struct sqz_stream *stream,
                      bool at_limit)
{
    unsigned at_once = 0;
    bool cooling = false;
    for (unsigned steps = 0; account->position.quantity > 0.0; steps++) {
        if (steps > 0 && account->equity >= maintenance_of(account))
            return;
        struct sqz_liquidation_action response = answer(rules, account, steps, cooling);
        cooling |= response.cool_s > 0.0;
        if (++at_once > 4 || steps > 3000)
            fail_msg("%s: no end after %u steps", rules->model->name, steps);
        bool closed = response.takeover || response.vault ||
                      (response.deleverage && sqz_stream_uniform(stream) < 0.5);
        double before = account->position.quantity;
        account->position.quantity = closed ? before - response.quantity
                                     : is_order(&response)
                                         ? fill(account, &response, stream, at_limit)
                                         : before;
        assert_true(account->position.quantity >= 0.0);
        if (response.review_s > 0.0)
            at_once = 0;
    }
}

static void test_every_liquidation_ends(void **state)
{
    (void)state;
    struct sqz_stream stream;
    sqz_stream_open(&stream, 20251010, 0, 0);
    for (size_t m = 0; toy_registry.venues[m] != NULL; m++) {
        struct rules rules;
        rules_init(&rules, toy_registry.venues[m], NULL);
        for (uint64_t i = 0; i < test_paths(4000); i++) {
            struct account account;
            draw_account(&account, rules.model, -0.5, &stream);
            if (i % 3 == 0)
                make_inverse(&account, rules.model, &stream);
            liquidate(&rules, &account, &stream, i % 2 == 0);
        }
        rules_free(&rules);
    }
}

/* ---- what each venue promises -------------------------------------------------------------- */

static void test_full_sells_all_and_deleverages_nobody(void **state)
{
    (void)state;
    struct rules rules;
    struct account account;
    struct sqz_stream stream;
    rules_init(&rules, &sqz_venue_full, NULL);
    sqz_stream_open(&stream, 11, 0, 0);
    for (int i = 0; i < 50; i++) {
        draw_account(&account, rules.model, -0.5, &stream);
        struct sqz_liquidation_action response = ask(&rules, &account, 0);
        assert_true(is_order(&response) && response.quantity == account.position.quantity);
        assert_true(isnan(response.limit_usd) && response.fee == 0.0);
    }
    assert_null(sqz_venue_full.rank);
    rules_free(&rules);
}

/* Margin tiers of contracts have no deductions: maintenance jumps at their edges. */
static void make_steps(struct account *account)
{
    double share = account->equity / maintenance_of(account);
    account->tiers.contract_size = 1.07 / account->price_usd;
    for (size_t k = 0; k < account->tiers.count; k++)
        account->tier[k].deduction = 0.0;
    account->equity = share * maintenance_of(account);
}

/* Excess over (1 + room) times maintenance with `left` left, all else closed at the price. */
static double binance_excess(const struct account *account, double left, double fee, double room)
{
    double value = (account->position.quantity - left) * account->price_usd;
    return account->equity - fee * value -
           (1 + room) * (account->other_maintenance + table_maintenance(account, left));
}

static void check_binance(const struct account *account,
                          const struct sqz_liquidation_action *response, double fee, double room)
{
    double quantity = account->position.quantity, left = quantity - response->quantity;
    double scale = quantity * account->price_usd;
    if (!is_order(response)) { /* then there is none that would do */
        for (int i = 0; i < 97; i++)
            if (binance_excess(account, quantity * i / 97.0, fee, room) > 1e-9 * scale)
                fail_msg("an order that leaves %d/97 would have saved the account", i);
        return;
    }
    assert_true(binance_excess(account, left, fee, room) >= -1e-9 * scale);
    for (int i = 0; i < 97; i++) { /* none smaller does */
        double more = left + (quantity - left) * (i + 0.5) / 97.0;
        if (binance_excess(account, more, fee, room) > 1e-9 * scale)
            fail_msg("less would have done: %.9g of %.9g", more, left);
    }
    assert_true(response->fee == fee && !response->whole && response->review_s == 0.0);
}

static void test_binance_closes_the_least_that_restores_margin(void **state)
{
    (void)state;
    const double fee[] = {0.0125, 0.0031}, room[] = {0.05, 0.0173};
    const char *const set[] = {NULL, "venue.room=0.0173"};
    struct sqz_stream stream;
    sqz_stream_open(&stream, 12, 0, 0);
    for (int variant = 0; variant < 2; variant++) {
        struct rules rules;
        struct sqz_diag diag;
        size_t orders = 0, whole = 0, taken = 0;
        rules_init(&rules, &sqz_venue_binance, set[variant]);
        struct sqz_param_group group = {rules.model->params, rules.model->n_params, rules.params};
        const char *charge =
            variant == 0 ? "venue.liquidation_fee=1.25%" : "venue.liquidation_fee=0.31%";
        assert_int_equal(sqz_settings_override(&rules.settings, charge, &diag), SQZ_OK);
        assert_int_equal(sqz_settings_override(&rules.settings, "venue.least_order=0", &diag),
                         SQZ_OK);
        assert_int_equal(sqz_params_fill(&group, &rules.settings, &diag), SQZ_OK);
        for (uint64_t i = 0; i < test_paths(2000); i++) {
            struct account account;
            draw_account(&account, rules.model, 0.3, &stream);
            if (i % 4 == 0)
                make_steps(&account);
            struct sqz_liquidation_action response = ask(&rules, &account, 0);
            check_binance(&account, &response, fee[variant], room[variant]);
            orders += is_order(&response);
            whole += is_order(&response) && response.quantity == account.position.quantity;
            taken += response.takeover;
            response = ask(&rules, &account, 1);
            assert_true(response.takeover && response.quantity == account.position.quantity);
        }
        assert_true(orders > whole && taken > 0);
        rules_free(&rules);
    }
}

/* What is sent, and what is left, is nothing or at least the least order. */
static void test_binance_sends_no_crumbs(void **state)
{
    (void)state;
    struct rules rules;
    struct sqz_stream stream;
    size_t least = 0, all = 0;
    sqz_stream_open(&stream, 13, 0, 0);
    rules_init(&rules, &sqz_venue_binance, "venue.least_order=30000");
    for (uint64_t i = 0; i < test_paths(2000); i++) {
        struct account account;
        draw_account(&account, rules.model, 0.3, &stream);
        const struct sqz_position *position = &account.position;
        struct sqz_liquidation_action response = ask(&rules, &account, 0);
        double value = sqz_margin_value(position, account.price_usd);
        double usd = sqz_margin_usd(position, value, account.price_usd);
        double sent = usd * response.quantity / position->quantity;
        bool whole = response.quantity == position->quantity;
        assert_true(whole || (sent >= 30000 * (1 - 1e-12) && usd - sent >= 30000 * (1 - 1e-12)));
        least += !whole && sent < 30000 * (1 + 1e-12);
        all += whole && !response.takeover;
    }
    assert_true(least > 0 && all > 0);
    rules_free(&rules);
}

/* One tier of 2 %, fee 1.25 %, equity 1.9 % of 64,350 USD: with x left,
 * E - f (N - x) = (1 + room) m x. */
static void test_binance_in_closed_form(void **state)
{
    (void)state;
    struct rules rules;
    rules_init(&rules, &sqz_venue_binance, NULL);
    struct account account = {
        .position = {.side = SQZ_SHORT, .quantity = 1.65, .entry_usd = 38123.5, .rate = 0.02},
        .price_usd = 39000.0,
        .equity = 1222.65,
    };
    struct sqz_liquidation_action response = ask(&rules, &account, 0);
    double left_usd = (1222.65 - 0.0125 * 64350.0) / (1.05 * 0.02 - 0.0125);
    check_near("closed", response.quantity, 1.65 - left_usd / 39000.0, 1e-12);
    check_near("limit", response.limit_usd, 39000.0 + 1222.65 / 1.65, 1e-8);
    account.equity = 2345.6; /* more than it needs */
    response = ask(&rules, &account, 0);
    assert_true(is_order(&response) && response.quantity == 1.65);
    rules_free(&rules);
}

/* At the mark, and by the rule before September 2025 at the entry. */
static void test_bybit_comes_down_to_a_tier_it_can_afford(void **state)
{
    (void)state;
    struct rules rules;
    struct sqz_stream stream;
    size_t orders = 0, taken_high = 0;
    rules_init(&rules, &sqz_venue_bybit, NULL);
    sqz_stream_open(&stream, 13, 0, 0);
    for (uint64_t i = 0; i < test_paths(4000); i++) {
        struct account account;
        draw_account(&account, rules.model, 0.1, &stream);
        account.other_maintenance = 0.0;
        account.position.on_entry = i % 2 == 1;
        account.equity = between(&stream, 0.1, 1.0) * maintenance_of(&account);
        double each = i % 2 == 1 ? account.position.entry_usd : account.price_usd;
        struct sqz_liquidation_action response = ask(&rules, &account, 0);
        double quantity = account.position.quantity, left = quantity - response.quantity;
        size_t tier = table_tier(&account, quantity), affordable = tier;
        while (affordable-- > 0) /* the edge of the highest lower tier that equity covers */
            if (account.equity >= table_maintenance(&account, account.tier[affordable].cap / each))
                break;
        assert_true(is_order(&response) == (affordable < tier));
        if (is_order(&response)) {
            assert_true(response.whole && table_tier(&account, left) == affordable);
            check_near("edge", left * each, account.tier[affordable].cap,
                       1e-12 * account.tier[affordable].cap);
            orders++;
        } else
            taken_high += tier > 0;
        response = ask(&rules, &account, 1);
        assert_true(response.takeover && response.quantity == quantity);
    }
    assert_true(orders > 0 && taken_high > 0);
    rules_free(&rules);
}

/* A size that is above an edge by no more than rounding comes down to it as well. */
static void test_edges_hold_to_the_last_bit(void **state)
{
    (void)state;
    struct sqz_stream stream;
    size_t found = 0;
    sqz_stream_open(&stream, 16, 0, 0);
    for (int i = 0; i < 2000; i++) {
        struct account account;
        draw_account(&account, &sqz_venue_binance, 0.5, &stream);
        struct sqz_position position = account.position;
        if (position.tiers == NULL || account.tiers.count < 2)
            continue;
        double edge = account.tier[0].cap / account.price_usd;
        position.quantity = i % 2 == 0 ? edge : nextafter(edge, INFINITY);
        if (sqz_margin_tier(&position, account.price_usd) == 0)
            continue;
        double closed = sqz_step_quantity_to(&position, account.price_usd, 0);
        assert_true(closed > 0.0 && closed <= 1e-15 * position.quantity);
        assert_int_equal(table_tier(&account, position.quantity - closed), 0);
        found++;
    }
    assert_true(found > 100);
}

static void test_okx_comes_down_two_tiers(void **state)
{
    (void)state;
    struct rules rules;
    struct sqz_stream stream;
    size_t orders = 0, taken_high = 0;
    rules_init(&rules, &sqz_venue_okx, "venue.freeze=47s");
    sqz_stream_open(&stream, 14, 0, 0);
    for (uint64_t i = 0; i < test_paths(4000); i++) {
        struct account account;
        draw_account(&account, rules.model, 0.05, &stream);
        unsigned steps = (unsigned)(i % 5);
        struct sqz_liquidation_action response = ask(&rules, &account, steps);
        double quantity = account.position.quantity, left = quantity - response.quantity;
        size_t tier = table_tier(&account, quantity);
        double least = account.position.tiers == NULL ? 0.0 : account.tier[0].rate + 0.0005;
        bool enough =
            account.equity >= account.other_maintenance + least * quantity * account.price_usd;
        assert_true(is_order(&response) == (tier >= 2 && enough));
        if (is_order(&response)) {
            assert_true(table_tier(&account, left) == tier - 2 && response.review_s == 47.0);
            assert_true(table_tier(&account, left * (1 + 1e-8)) == tier - 1);
            orders++;
        } else {
            assert_true(response.takeover && response.quantity == quantity);
            taken_high += tier >= 2;
        }
    }
    assert_true(orders > 0 && taken_high > 0);
    rules_free(&rules);
}

/* Equity and maintenance of an account at another price. */
static double margin_share_at(const struct account *account, double price_usd)
{
    struct account there = *account;
    there.position.tiers = account->position.tiers != NULL ? &there.tiers : NULL;
    there.tiers.tier = there.tier;
    there.price_usd = price_usd;
    double rise = account->position.quantity * (price_usd - account->price_usd);
    double equity = account->equity + (account->position.side == SQZ_LONG ? rise : -rise);
    return equity /
           (account->other_maintenance + table_maintenance(&there, there.position.quantity));
}

static void test_hyperliquid_orders_end_where_the_vault_begins(void **state)
{
    (void)state;
    struct rules rules;
    struct sqz_stream stream;
    size_t parts = 0, all = 0, vault = 0, negative = 0;
    rules_init(&rules, &sqz_venue_hyperliquid, "venue.cooldown=31s");
    sqz_stream_open(&stream, 15, 0, 0);
    for (uint64_t i = 0; i < test_paths(4000); i++) {
        struct account account;
        draw_account(&account, rules.model, -0.2, &stream);
        unsigned steps = (unsigned)(i % 3);
        bool cooling = i % 2 == 1;
        struct sqz_liquidation_action response = answer(&rules, &account, steps, cooling);
        double quantity = account.position.quantity, needed = maintenance_of(&account);
        bool part = !cooling && quantity * account.price_usd > 100000.0;
        assert_true(response.deleverage == (account.equity < 0.0));
        assert_true(response.vault ==
                    (account.equity >= 0.0 && (steps == 2 || account.equity < needed * 2 / 3)));
        negative += response.deleverage;
        vault += response.vault;
        if (!is_order(&response))
            continue;
        if (!isnan(response.limit_usd))
            check_near("at the limit", margin_share_at(&account, response.limit_usd), 2.0 / 3.0,
                       1e-6);
        assert_true(response.fee == 0.0 && response.review_s == 0.0);
        assert_true(response.cool_s == (part ? 31.0 : 0.0));
        check_near("part", response.quantity / quantity, part ? 0.2 : 1.0, 1e-15);
        parts += part;
        all += !part;
    }
    assert_true(parts > 0 && all > 0 && vault > 0 && negative > 0);
    rules_free(&rules);
}

static void test_dydx_closes_a_part_per_block(void **state)
{
    (void)state;
    struct rules rules;
    rules_init(&rules, &sqz_venue_dydx, NULL);
    struct account account = {
        .position = {.side = SQZ_LONG, .quantity = 0.83, .entry_usd = 61234.5, .rate = 0.012},
        .price_usd = 60000.0,
        .equity = 448.2, /* three quarters of its maintenance of 597.6 */
    };
    struct sqz_liquidation_action response = ask(&rules, &account, 0);
    check_near("a tenth", response.quantity, 0.083, 1e-15);
    check_near("fillable", response.limit_usd, 60000.0 * (1 - 0.25 * 1.5 * 0.012), 1e-9);
    check_near("fee", response.fee, 0.009, 1e-15); /* equity is less than 1.5 % of the value */
    assert_true(response.review_s == 1.0 && is_order(&response) && !response.whole);
    account.position.quantity = 0.11; /* 6,600 USD */
    account.equity = 70.0;
    response = ask(&rules, &account, 7);
    check_near("at least 1,000 USD", response.quantity, 1000.0 / 60000.0, 1e-15);
    account.position.quantity = 0.0151;
    assert_true(ask(&rules, &account, 9).quantity == 0.0151);
    account.equity = -0.01;
    response = ask(&rules, &account, 9);
    assert_true(response.takeover && response.quantity == 0.0151);
    rules_free(&rules);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_liquidation_ends),
        cmocka_unit_test(test_full_sells_all_and_deleverages_nobody),
        cmocka_unit_test(test_binance_closes_the_least_that_restores_margin),
        cmocka_unit_test(test_binance_sends_no_crumbs),
        cmocka_unit_test(test_binance_in_closed_form),
        cmocka_unit_test(test_bybit_comes_down_to_a_tier_it_can_afford),
        cmocka_unit_test(test_edges_hold_to_the_last_bit),
        cmocka_unit_test(test_okx_comes_down_two_tiers),
        cmocka_unit_test(test_hyperliquid_orders_end_where_the_vault_begins),
        cmocka_unit_test(test_dydx_closes_a_part_per_block),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
