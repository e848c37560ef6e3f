/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Funding paid by accounts, in closed form: what each pays, and where its trigger then stands. */
#include "tests/unit/run_fixture.h"

static const double START_USD = 100, RATE = 0.01; /* of maintenance */

static struct sqz_position position(enum sqz_side side, double entry_usd, double quantity,
                                    double collateral)
{
    return (struct sqz_position){.side = sqz_position_on(side),
                                 .entry_usd = entry_usd,
                                 .quantity = quantity,
                                 .collateral = collateral,
                                 .rate = RATE};
}

static void init(struct venue_fixture *fixture, struct sqz_holding *holding, size_t count)
{
    venue_fixture_init(fixture, &sqz_venue_full, NULL, holding, count, START_USD, INFINITY);
}

/* Longs pay and shorts get the rate times the value at the price of the payment, coin for inverse
 * contracts; a hedged account the difference. */
static void check_payments(bool inverse)
{
    static struct venue_fixture fixture;
    static struct run_fixture run;
    struct sqz_holding holding[] = {
        {.row = 1, .position = position(SQZ_DOWN, 90, 3, 1e6)},
        {.row = 2, .position = position(SQZ_UP, 110, 7, 1e6)},
        {.row = 3, .holder = 1, .cross = true, .position = position(SQZ_DOWN, 97, 5, 1e6)},
        {.row = 4, .holder = 1, .cross = true, .position = position(SQZ_UP, 104, 2, 1e6)}};
    for (int i = 0; inverse && i < 4; i++)
        holding[i].position.contract = SQZ_INVERSE;
    init(&fixture, holding, 4);
    venue_fixture_pay(&fixture, 60, 0.0007);
    venue_fixture_jump(&fixture, 120, 100, 125);
    venue_fixture_pay(&fixture, 180, -0.0031);
    run_fixture_run(&run, &fixture);
    double per_unit = inverse ? 0.0007 / 100 - 0.0031 / 125 : 0.0007 * 100 - 0.0031 * 125;
    check_near("long", cash_of_row(&fixture, run.clearing, 1), -3 * per_unit, 1e-12);
    check_near("short", cash_of_row(&fixture, run.clearing, 2), 7 * per_unit, 1e-12);
    check_near("hedged", cash_of_row(&fixture, run.clearing, 3), -3 * per_unit, 1e-12);
    check_near("outside", run.venue->fund.outside, -1 * per_unit, 1e-12);
    assert_int_equal(run.venue->totals.accounts, 0);
    run_fixture_finish(&run, &fixture);
}

static void test_who_holds_pays(void **state)
{
    (void)state;
    check_payments(false);
    check_payments(true);
}

/* A position of q from E with margin M, where every unit has paid F in all, is liquidated where
 * M - s q F + s q (P - E) = m q P, an inverse one where M - s q F + s q (1/E - 1/P) = m q / P. */
static double trigger_usd(const struct sqz_position *position, double paid_per_unit)
{
    double s = position->side == SQZ_LONG ? 1 : -1, margin = position->collateral;
    if (position->contract == SQZ_LINEAR)
        return (position->entry_usd + paid_per_unit - s * margin / position->quantity) /
               (1 - s * RATE);
    return (1 + s * RATE) /
           (1 / position->entry_usd - paid_per_unit + s * margin / position->quantity);
}

/* The price drifts to the trigger; payments come every ten minutes. */
static void check_trigger(struct sqz_position held, double rate)
{
    enum { PAYMENTS = 5 };
    static struct venue_fixture fixture;
    static struct run_fixture run;
    struct sqz_holding holding[] = {{.row = 1, .position = held}};
    init(&fixture, holding, 1);
    double direction = -sqz_exposure(held.side), drift = direction * 0.12 / 3600, paid = 0.0;
    fixture.world.market.drift_per_s = drift;
    for (int i = 1; i <= PAYMENTS; i++) {
        double price = START_USD * exp(drift * 600 * i);
        paid += held.contract == SQZ_LINEAR ? rate * price : rate / price;
        venue_fixture_pay(&fixture, 600 * i, rate);
    }
    const struct sqz_event *fired[1];
    double expected_usd = trigger_usd(&held, paid);
    double expected_s = log(expected_usd / START_USD) / drift;
    assert_true(expected_s > 600 * PAYMENTS && expected_s < 3600); /* after the last payment */
    assert_true(fabs(expected_usd - trigger_usd(&held, 0.0)) > 0.01);
    run_fixture_run(&run, &fixture);
    assert_int_equal(select_events(&run.log, SQZ_EVENT_LIQUIDATION, fired, 1), 1);
    check_near("time", fired[0]->time_s, expected_s, 1e-4);
    check_near("price", START_USD * exp(fired[0]->fill_log), expected_usd, 1e-7);
    run_fixture_finish(&run, &fixture);
}

static void test_payments_move_triggers(void **state)
{
    (void)state;
    const double rate[] = {0.0009, -0.0009};
    for (int i = 0; i < 2; i++) {
        check_trigger(position(SQZ_DOWN, 101, 3, 3 * 12.3), rate[i]);
        check_trigger(position(SQZ_UP, 99, 7, 7 * 13.7), rate[i]);
        struct sqz_position coin = position(SQZ_DOWN, 101, 700, 700 * 0.00137);
        coin.contract = SQZ_INVERSE;
        check_trigger(coin, rate[i]);
    }
}

/* The price stands; the fourth payment of 1 % of 100 takes what is above the maintenance of 1. */
static void test_a_payment_can_liquidate(void **state)
{
    (void)state;
    static struct venue_fixture fixture;
    static struct run_fixture run;
    struct sqz_holding holding[] = {{.row = 1, .position = position(SQZ_DOWN, 100, 2, 2 * 4.5)},
                                    {.row = 2, .position = position(SQZ_UP, 100, 2, 2 * 4.5)}};
    const struct sqz_event *fired[1];
    init(&fixture, holding, 2);
    for (int i = 1; i <= 5; i++)
        venue_fixture_pay(&fixture, 600 * i, 0.01);
    run_fixture_run(&run, &fixture);
    assert_int_equal(select_events(&run.log, SQZ_EVENT_LIQUIDATION, fired, 1), 1);
    assert_true(fired[0]->time_s == 2400 && fired[0]->side == SQZ_SELL);
    check_near("notional", fired[0]->notional_usd, 200, 1e-9);
    check_near("paid four times", cash_of_row(&fixture, run.clearing, 1), -2 * 4, 1e-12);
    check_near("got five times", cash_of_row(&fixture, run.clearing, 2), 2 * 5, 1e-12);
    run_fixture_finish(&run, &fixture);
}

/* Fifty shorts whose triggers lie 0.05 to 0.2 % apart; a jump reaches the first, and each order
 * moves the price by up to 0.3 %: a cascade of many generations. */
static struct sqz_outcome cascade_of(double rate, double latency_s)
{
    enum { SHORTS = 50 };
    static struct venue_fixture fixture;
    static struct run_fixture run;
    struct sqz_holding holding[SHORTS];
    double trigger = 102;
    for (int i = 0; i < SHORTS; i++) {
        trigger *= 1 + 0.0005 * (1 + i * i % 4);
        holding[i] = (struct sqz_holding){.row = (uint32_t)i + 1,
                                          .position = position(SQZ_UP, 100, 50 + i * 37 % 60, 0)};
        struct sqz_position *held = &holding[i].position;
        held->collateral = held->quantity * (trigger * (1 + RATE) - held->entry_usd);
    }
    static struct sqz_venue_model at_market;
    at_market = sqz_venue_full;
    at_market.by_level = false; /* the same notional, whether as at the start or not */
    init(&fixture, holding, SHORTS);
    fixture.venue.model = &at_market;
    fixture.world.market.impact = fixture.world.traced = true;
    fixture.world.execution.latency_s = latency_s;
    test_book_init(&fixture.book, 8e4, 1.0, 1.0, INFINITY);
    if (rate != 0.0)
        venue_fixture_pay(&fixture, 10, rate);
    venue_fixture_jump(&fixture, 60, 100, 102.2);
    run_fixture_run(&run, &fixture);
    struct sqz_outcome outcome = run.outcome;
    run_fixture_finish(&run, &fixture);
    return outcome;
}

/* A payment that is next to nothing moves no trigger, but every account is looked up anew: which
 * liquidation set off which stays the same. */
static void test_generations_of_accounts_that_have_paid(void **state)
{
    (void)state;
    const double latency_s[] = {0, 7};
    for (int i = 0; i < 2; i++) {
        struct sqz_outcome still = cascade_of(0.0, latency_s[i]);
        struct sqz_outcome paid = cascade_of(1e-15, latency_s[i]);
        assert_true(still.generations > 5 && still.generations < 40 && still.cascades > 0);
        assert_int_equal(paid.generations, still.generations);
        assert_int_equal(paid.cascades, still.cascades);
        check_near("family", paid.largest_cascade_usd, still.largest_cascade_usd, 1e-6);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_who_holds_pays),
        cmocka_unit_test(test_payments_move_triggers),
        cmocka_unit_test(test_a_payment_can_liquidate),
        cmocka_unit_test(test_generations_of_accounts_that_have_paid),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
