/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Maintenance in all its forms: sizes in USD, coins or contracts, deductions, rates that rise with
 * the size. Published numbers, and random tables against a solver of its own. */
#include "tests/support/support.h"

#include <math.h>
#include <string.h>

#include "models/registry.h"
#include "models/venues/venues.h"
#include "sim/core/margin.h"
#include "sim/core/rng.h"
#include "sim/io/params.h"

/* ---- published numbers --------------------------------------------------------------------- */

/* Bybit help centre, risk limits of inverse contracts: 25 coins in tiers of ten at 1, 2, 3 % ..
 * must keep 0.1 + 0.2 + 0.15 = 0.45; a long of 10,000 USD from 400 at leverage 10 is liquidated at
 * 10000 / (25 + 2.5 - 0.45) by that, and at 10000 * 1.03 / (25 + 2.5 + 0.3) where maintenance
 * follows the mark. */
static void test_coins_of_bybit(void **state)
{
    (void)state;
    const struct sqz_tier tier[] = {
        {0, 10, 0.01, 0, INFINITY, 0},
        {10, 20, 0.02, 0.1, INFINITY, 0},
        {20, 30, 0.03, 0.3, INFINITY, 0},
        {30, 40, 0.04, 0.6, INFINITY, 0},
    };
    const struct sqz_tiers tiers = {tier, 4, 0, SQZ_SIZE_CURRENCY};
    struct sqz_position position = {.side = SQZ_LONG,
                                    .contract = SQZ_INVERSE,
                                    .entry_usd = 400,
                                    .quantity = 10000,
                                    .collateral = 2.5,
                                    .tiers = &tiers};
    check_near("maintenance", sqz_margin_maintenance(&position, 400), 0.45, 1e-12);
    check_near("at mark", sqz_margin_liquidation_usd(&position), 10000 * 1.03 / 27.8, 1e-9);
    position.on_entry = true;
    check_near("at entry", sqz_margin_liquidation_usd(&position), 10000 / 27.05, 1e-9);
    for (int k = 1; k < 4; k++)
        check_near("deduction", sqz_tiers_deduction(&tier[k - 1], &tier[k]), tier[k].deduction,
                   1e-15);
}

/* Binance FAQ ceccfcfb4e3a45e3b48b0b1bb1a8ae46, COIN-M: level 5 from 50 BTC deducts
 * 50 (5 % - 2.5 %) + 0.56 = 1.81 BTC. */
static void test_coins_of_binance(void **state)
{
    (void)state;
    const struct sqz_tier before = {.floor = 20, .rate = 0.025, .deduction = 0.56};
    const struct sqz_tier tier = {.floor = 50, .rate = 0.05};
    check_near("deduction", sqz_tiers_deduction(&before, &tier), 1.81, 1e-12);
}

/* Deribit, linear perpetuals: 1 % + 0.005 % per BTC makes 28,125 USDC of 25 BTC at 100,000, and
 * 2 % + 0.0005 % per SOL makes 100.625 USDC of 25 SOL at 200. Inverse: a long of 5 million USD from
 * 50,000 with 10 BTC holds until 110 - x = x (0.01 + 0.00005 x). */
static void test_rates_of_deribit(void **state)
{
    (void)state;
    struct sqz_tier tier = {.cap = INFINITY, .rate = 0.01, .slope = 0.00005};
    const struct sqz_tiers tiers = {&tier, 1, 0, SQZ_SIZE_COIN};
    struct sqz_position position = {.quantity = 25, .entry_usd = 1, .tiers = &tiers};
    check_near("BTC", sqz_margin_maintenance(&position, 100000), 28125, 1e-9);
    tier.rate = 0.02;
    tier.slope = 0.000005;
    check_near("SOL", sqz_margin_maintenance(&position, 200), 100.625, 1e-9);
    tier = (struct sqz_tier){.cap = INFINITY, .rate = 0.01, .slope = 0.00005};
    position = (struct sqz_position){.side = SQZ_LONG,
                                     .contract = SQZ_INVERSE,
                                     .entry_usd = 50000,
                                     .quantity = 5e6,
                                     .collateral = 10,
                                     .tiers = &tiers};
    double coins = (-1.01 + sqrt(1.01 * 1.01 + 4 * 0.00005 * 110)) / (2 * 0.00005);
    check_near("inverse", sqz_margin_liquidation_usd(&position), 5e6 / coins, 1e-7);
    check_near("to the cent", sqz_margin_liquidation_usd(&position), 46155.30, 0.005);
    position.tiers = NULL; /* the same, as its own */
    position.rate = 0.01;
    position.rate_slope = 0.00005;
    check_near("its own", sqz_margin_liquidation_usd(&position), 5e6 / coins, 1e-7);
}

/* ---- an independent solver ----------------------------------------------------------------- */

enum { TIERS_MAX = 5, LEGS_MAX = 3 };

struct account {
    struct sqz_tier tier[LEGS_MAX][TIERS_MAX];
    struct sqz_tiers tiers[LEGS_MAX];
    bool deducted[LEGS_MAX];
    struct sqz_position leg[LEGS_MAX];
    size_t legs;
};

static double between(struct sqz_stream *stream, double low, double high)
{
    return low + (high - low) * sqz_stream_uniform(stream);
}

static double value_of(const struct sqz_position *position, double price)
{
    return position->contract == SQZ_LINEAR ? position->quantity * price
                                            : position->quantity / price;
}

static double size_of(const struct sqz_position *position, double price)
{
    const struct sqz_tiers *tiers = position->tiers;
    bool linear = position->contract == SQZ_LINEAR;
    if (tiers != NULL && tiers->contract_size > 0)
        return position->quantity / tiers->contract_size;
    if (tiers != NULL && tiers->unit == SQZ_SIZE_CURRENCY)
        return value_of(position, price);
    if (tiers != NULL && tiers->unit == SQZ_SIZE_USD)
        return linear ? position->quantity * price : position->quantity;
    return linear ? position->quantity : position->quantity / price;
}

/* What a tier asks for of sizes up to `size`, all at its rate. */
static double asked(const struct sqz_tier *tier, double size)
{
    return (tier->rate + tier->slope * size) * size;
}

/* With deductions, what each tier adds to the ones below; without, all at the rate of the
 * tier in which the size lies. */
static double maintenance_of(const struct account *account, size_t leg, double price)
{
    const struct sqz_position *position = &account->leg[leg];
    double at = position->on_entry ? position->entry_usd : price;
    double size = size_of(position, at), value = value_of(position, at), sum = 0.0;
    if (position->tiers == NULL)
        return (position->rate + position->rate_slope * size) * value - position->deduction;
    const struct sqz_tier *tier = position->tiers->tier;
    for (size_t k = 0; k < position->tiers->count; k++) {
        double top = fmin(size, tier[k].cap);
        if (size <= tier[k].floor && k > 0)
            break;
        sum = account->deducted[leg] ? sum + asked(&tier[k], top) - asked(&tier[k], tier[k].floor)
                                     : asked(&tier[k], size);
    }
    return sum / size * value;
}

static double excess_of(const struct account *account, double price)
{
    double sum = 0.0;
    for (size_t i = 0; i < account->legs; i++) {
        const struct sqz_position *leg = &account->leg[i];
        double won = value_of(leg, price) - value_of(leg, leg->entry_usd);
        bool gains = (leg->side == SQZ_LONG) == (leg->contract == SQZ_LINEAR);
        sum += leg->collateral + leg->other_pnl - leg->other_maintenance + (gains ? won : -won) -
               maintenance_of(account, i, price) - leg->fee * value_of(leg, price);
    }
    return sum;
}

/* ---- random accounts ----------------------------------------------------------------------- */

static void draw_tiers(struct account *account, size_t i, double size, struct sqz_stream *stream)
{
    struct sqz_tier *tier = account->tier[i];
    size_t count = 1 + sqz_stream_u64(stream) % TIERS_MAX;
    double floor = 0.0, rate = between(stream, 0.003, 0.03);
    bool rising = sqz_stream_uniform(stream) < 0.5;
    for (size_t k = 0; k < count; k++) {
        double cap = floor + size * exp(between(stream, log(0.1), log(2.0)));
        tier[k] = (struct sqz_tier){.floor = floor, .cap = k + 1 < count ? cap : INFINITY};
        tier[k].rate = rate;
        tier[k].slope = rising ? between(stream, 0.0, 0.05) / size : 0.0;
        floor = cap;
        rate += tier[k].slope * cap + between(stream, 0.0007, 0.02);
    }
    account->deducted[i] = sqz_stream_uniform(stream) < 0.6;
    for (size_t k = 1; account->deducted[i] && k < count; k++)
        tier[k].deduction = sqz_tiers_deduction(&tier[k - 1], &tier[k]);
    account->tiers[i].tier = tier;
    account->tiers[i].count = count;
}

static void draw_leg(struct account *account, size_t i, enum sqz_contract contract, double price,
                     struct sqz_stream *stream)
{
    struct sqz_position *leg = &account->leg[i];
    double usd = exp(between(stream, log(1e3), log(1e7)));
    *leg = (struct sqz_position){.side = sqz_stream_uniform(stream) < 0.5 ? SQZ_SHORT : SQZ_LONG,
                                 .contract = contract,
                                 .entry_usd = price * between(stream, 0.8, 1.25),
                                 .quantity = contract == SQZ_LINEAR ? usd / price : usd,
                                 .tiers = &account->tiers[i]};
    double kind = sqz_stream_uniform(stream);
    account->tiers[i] = (struct sqz_tiers){.unit = (enum sqz_size_unit)(3 * kind)};
    if (sqz_stream_uniform(stream) < 0.15)
        account->tiers[i].contract_size = leg->quantity / between(stream, 50, 5000);
    draw_tiers(account, i, size_of(leg, price), stream);
    leg->on_entry = sqz_stream_uniform(stream) < 0.15;
    leg->fee = leg->on_entry || sqz_stream_uniform(stream) < 0.5 ? 0.0 : 0.0005;
    leg->collateral = value_of(leg, leg->entry_usd) * exp(between(stream, log(0.01), log(0.9)));
    if (sqz_stream_uniform(stream) > 0.1)
        return;
    leg->tiers = NULL;
    leg->rate = between(stream, 0.004, 0.05);
    leg->rate_slope = between(stream, 0.0, 0.05) / size_of(leg, price);
}

static void draw_account(struct account *account, double price, struct sqz_stream *stream)
{
    enum sqz_contract contract = sqz_stream_uniform(stream) < 0.5 ? SQZ_LINEAR : SQZ_INVERSE;
    memset(account, 0, sizeof *account);
    account->legs = 1 + sqz_stream_u64(stream) % LEGS_MAX;
    for (size_t i = 0; i < account->legs; i++)
        draw_leg(account, i, contract, price, stream);
}

/* The first price on a fine grid towards a side at which the sign of the excess is another, then
 * by bisection; NAN: none within a factor of 30. */
static double solve(const struct account *account, double from, double direction)
{
    enum { STEPS = 6000 };
    bool below = excess_of(account, from) < 0.0;
    double near = from;
    for (int i = 1; i <= STEPS; i++) {
        double far = from * exp(direction * log(30.0) * i / STEPS);
        if ((excess_of(account, far) < 0.0) == below) {
            near = far;
            continue;
        }
        for (int turn = 0; turn < 200; turn++) {
            double middle = 0.5 * (near + far);
            *((excess_of(account, middle) < 0.0) == below ? &near : &far) = middle;
        }
        return far;
    }
    return NAN;
}

static double scale_of(const struct account *account, double price)
{
    double scale = 0.0;
    for (size_t i = 0; i < account->legs; i++)
        scale += fabs(account->leg[i].collateral) + value_of(&account->leg[i], price);
    return scale;
}

/* A price is right if the solver has it, or if what the solver passed over is thinner than its
 * grid: then the excess vanishes there. */
static void check_trigger(const struct account *account, double from, enum sqz_side side, double is)
{
    double expected = solve(account, from, sqz_direction(side));
    bool within = is > from / 30 && is < from * 30;
    if (isnan(expected) && !within)
        return;
    if (!isnan(expected) && fabs(is - expected) <= 1e-9 * expected)
        return;
    double before = excess_of(account, is * (1 - 1e-9 * sqz_direction(side)));
    double after = excess_of(account, is * (1 + 1e-9 * sqz_direction(side)));
    double thin = 1e-7 * scale_of(account, is);
    bool nearer = isnan(expected) || sqz_direction(side) * (expected - is) > 0;
    if (within && nearer && fabs(before) < thin && fabs(after) < thin)
        return;
    fail_msg("trigger %.12g, expected %.12g, from %.12g", is, expected, from);
}

static void test_random_accounts_against_bisection(void **state)
{
    (void)state;
    struct sqz_stream stream;
    size_t found = 0, below = 0;
    sqz_stream_open(&stream, 41, 0, 0);
    for (uint64_t i = 0; i < test_paths(4000); i++) {
        struct account account;
        double price = exp(between(&stream, log(0.02), log(2e5)));
        draw_account(&account, price, &stream);
        double excess = sqz_margin_excess(account.leg, account.legs, price);
        check_near("excess", excess, excess_of(&account, price), 1e-11 * scale_of(&account, price));
        if (excess < 0.0) { /* it is where it no longer would be that is asked for then */
            below++;
            continue;
        }
        for (int side = 0; side < 2; side++) {
            double is = sqz_margin_trigger(account.leg, account.legs, price, (enum sqz_side)side);
            check_trigger(&account, price, (enum sqz_side)side, is);
            found += is > 0 && is < INFINITY;
        }
    }
    assert_true(2 * found > test_paths(4000) && 2 * below < test_paths(4000));
}

static void test_below_maintenance_the_way_back(void **state)
{
    (void)state;
    struct sqz_stream stream;
    size_t found = 0;
    sqz_stream_open(&stream, 43, 0, 0);
    for (uint64_t i = 0; i < test_paths(3000); i++) {
        struct account account;
        double price = exp(between(&stream, log(0.02), log(2e5)));
        draw_account(&account, price, &stream);
        account.legs = 1;
        struct sqz_position *leg = account.leg;
        leg->collateral -= excess_of(&account, price) + 0.004 * value_of(leg, price);
        double is = sqz_margin_trigger(leg, 1, price, sqz_losing_side(leg->side));
        double back = leg->side == SQZ_SHORT ? -1.0 : 1.0, expected = solve(&account, price, back);
        if (isnan(expected)) {
            assert_true(is == price || is < price / 29 || is > price * 29);
            continue;
        }
        check_near("back", is, expected, 1e-9 * expected);
        found++;
    }
    assert_true(3 * found > 2 * test_paths(3000));
}

/* ---- a partial close ----------------------------------------------------------------------- */

/* Excess over 1.05 times maintenance with a share of the position left, the rest closed at the
 * price for a fee of 1.25 %. */
static double left_over(const struct account *account, double equity, double price, double share)
{
    struct account part = *account;
    double value = value_of(&account->leg[0], price);
    part.leg[0].quantity *= share;
    double needed = share > 0.0 ? maintenance_of(&part, 0, price) : 0.0;
    return equity - 0.0125 * (1 - share) * value -
           1.05 * (needed + part.leg[0].fee * share * value);
}

static void test_binance_order_is_the_least(void **state)
{
    (void)state;
    static char params[256];
    struct sqz_settings settings = {0};
    struct sqz_diag diag = {0};
    struct sqz_stream stream;
    const struct sqz_venue_model *model = &sqz_venue_binance;
    struct sqz_param_group group = {model->params, model->n_params, params};
    size_t orders = 0;
    assert_true(model->params_size <= sizeof params);
    assert_int_equal(sqz_settings_override(&settings, "venue.least_order=0", &diag), SQZ_OK);
    assert_int_equal(sqz_params_fill(&group, &settings, &diag), SQZ_OK);
    sqz_stream_open(&stream, 47, 0, 0);
    for (uint64_t i = 0; i < test_paths(3000); i++) {
        struct account account;
        double price = exp(between(&stream, log(0.02), log(2e5)));
        draw_account(&account, price, &stream);
        account.legs = 1;
        if (account.leg[0].on_entry || (account.leg[0].tiers != NULL && !account.deducted[0]))
            continue;
        double value = value_of(&account.leg[0], price);
        double needed = sqz_margin_maintenance(&account.leg[0], price);
        double equity = needed * between(&stream, 0.4, 1.0);
        struct sqz_liquidation_request request = {.position = &account.leg[0],
                                                  .price_usd = price,
                                                  .bankruptcy_usd = price,
                                                  .equity = equity,
                                                  .maintenance = needed};
        struct sqz_liquidation_action response = {.quantity = account.leg[0].quantity,
                                                  .limit_usd = NAN};
        model->respond(params, &request, &response);
        double left = 1 - response.quantity / account.leg[0].quantity;
        if (!response.takeover) {
            assert_true(left_over(&account, equity, price, left) >= -1e-9 * value);
            orders++;
        }
        double from = response.takeover ? 0.0 : left;
        for (int step = 0; step < 97; step++)
            if (left_over(&account, equity, price, from + (1 - from) * (step + 0.5) / 97.0) >
                1e-9 * value)
                fail_msg("less would have done: %g left", left);
    }
    assert_true(10 * orders > test_paths(3000));
    sqz_settings_free(&settings);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_coins_of_bybit),
        cmocka_unit_test(test_coins_of_binance),
        cmocka_unit_test(test_rates_of_deribit),
        cmocka_unit_test(test_random_accounts_against_bisection),
        cmocka_unit_test(test_below_maintenance_the_way_back),
        cmocka_unit_test(test_binance_order_is_the_least),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
