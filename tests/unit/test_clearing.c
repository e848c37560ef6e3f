/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The clearing house in closed form: prices jump to where they are wanted, forced orders do not
 * move them, and every amount is worked out by hand. */
#include "tests/unit/run_fixture.h"

enum {
    ACCOUNTS_LIQUIDATED,
    EQUITY_LOST,
    FUND,
    FUND_DRAWN,
    ADL,
    ADL_COUNT,
    BAD_DEBT,
    ADL_AFTER,
    VAULT
};

static struct sqz_holding alone(uint32_t row, enum sqz_side side, double entry_usd, double quantity,
                                double collateral)
{
    return (struct sqz_holding){.position = {.side = sqz_position_on(side),
                                             .entry_usd = entry_usd,
                                             .quantity = quantity,
                                             .collateral = collateral,
                                             .rate = 0.01},
                                .row = row};
}

static void check_measures(const struct run_fixture *run, const double *expected)
{
    for (int i = 0; i < 8; i++) {
        double value = run->outcome.measure[i];
        const char *name = sqz_venue_measures.measures[i].name;
        if (isnan(expected[i]) != isnan(value))
            fail_msg("%s is %g, expected %g", name, value, expected[i]);
        if (!isnan(value))
            check_near(name, value, expected[i], 1e-9 * (1.0 + fabs(expected[i])));
    }
}

static const struct sqz_event *only_event(const struct run_fixture *run, enum sqz_event_kind kind)
{
    const struct sqz_event *found[8] = {NULL};
    assert_int_equal(select_events(&run->log, kind, found, 8), 1);
    return found[0];
}

/* ---- deleveraging at the bankruptcy price -------------------------------------------------- */

/* A long of 10 from 100 with 50: bankrupt at 95. A short of 4 from 100 with 80; one of `second`
 * from 98 with a tenth of its entry value. Then the price jumps to 90. */
static void init_bankrupt(struct venue_fixture *fixture, const struct sqz_venue_model *model,
                          double second, double fund)
{
    struct sqz_holding holding[] = {alone(1, SQZ_DOWN, 100, 10, 50), alone(2, SQZ_UP, 100, 4, 80),
                                    alone(3, SQZ_UP, 98, second, 9.8 * second)};
    venue_fixture_init(fixture, model, NULL, holding, 3, 100, fund);
    venue_fixture_jump(fixture, 60, 100, 90);
}

/* At 90 the second short gains (8 / 98) of its value with leverage 90 / 17.8, 0.413; the first 0.1
 * with 90 / 30, 0.3. The second goes first, whole; the first in part. */
static void test_first_in_rank_goes_first(void **state)
{
    (void)state;
    struct venue_fixture fixture;
    static struct run_fixture run;
    init_bankrupt(&fixture, &sqz_venue_bybit, 8, 0);
    run_fixture_run(&run, &fixture);
    check_near("long", left_of_row(&fixture, run.clearing, 1), 0, 0);
    check_near("second", left_of_row(&fixture, run.clearing, 3), 0, 0);
    check_near("first", left_of_row(&fixture, run.clearing, 2), 2, 1e-12);
    check_near("long's cash", cash_of_row(&fixture, run.clearing, 1), -50, 1e-11);
    check_near("second's cash", cash_of_row(&fixture, run.clearing, 3), 8 * (98 - 95), 1e-11);
    check_near("first's cash", cash_of_row(&fixture, run.clearing, 2), 2 * (100 - 95), 1e-11);
    check_measures(&run, (double[]){1, 50, 0, 0, 10 * 95, 2, 0, 0});
    const struct sqz_event *event = only_event(&run, SQZ_EVENT_DELEVERAGE);
    assert_true(event->time_s == 60 && event->side == SQZ_SELL && event->generation == -1);
    check_near("notional", event->notional_usd, 950, 1e-9);
    check_near("price", event->fill_log, log(0.95), 1e-13);
    assert_true(run.outcome.forced_usd[SQZ_DOWN] == 0.0); /* no order was sent */
    run_fixture_free(&run);
    venue_fixture_free(&fixture);
}

/* With 30 the second takes all: it is closed in part, and the first stays as it is. */
static void test_first_in_rank_is_closed_in_part(void **state)
{
    (void)state;
    struct venue_fixture fixture;
    static struct run_fixture run;
    init_bankrupt(&fixture, &sqz_venue_bybit, 30, 0);
    run_fixture_run(&run, &fixture);
    check_near("second", left_of_row(&fixture, run.clearing, 3), 20, 1e-12);
    check_near("second's cash", cash_of_row(&fixture, run.clearing, 3), 30, 1e-11);
    check_near("first", left_of_row(&fixture, run.clearing, 2), 4, 0);
    assert_false(sqz_clearing_touched(run.clearing, account_of_row(&fixture, 2)));
    check_measures(&run, (double[]){1, 50, 0, 0, 950, 1, 0, 0});
    run_fixture_free(&run);
    venue_fixture_free(&fixture);
}

/* The queue has 4 and 1. The other 5 are sold at 90 for 25 less than the account can pay: with an
 * empty fund nobody pays that. */
static void test_a_queue_that_runs_out_leaves_bad_debt(void **state)
{
    (void)state;
    const double fund[] = {0, 11};
    for (int i = 0; i < 2; i++) {
        struct venue_fixture fixture;
        static struct run_fixture run;
        init_bankrupt(&fixture, &sqz_venue_bybit, 1, fund[i]);
        run_fixture_run(&run, &fixture);
        for (uint32_t row = 1; row <= 3; row++)
            check_near("left", left_of_row(&fixture, run.clearing, row), 0, 0);
        check_near("long's cash", cash_of_row(&fixture, run.clearing, 1), -50, 1e-11);
        check_near("second's cash", cash_of_row(&fixture, run.clearing, 3), 3, 1e-11);
        check_near("first's cash", cash_of_row(&fixture, run.clearing, 2), 20, 1e-11);
        check_near("sold", run.outcome.forced_usd[SQZ_DOWN], 5 * 90, 1e-9);
        check_measures(&run, (double[]){1, 50, 0, fund[i], 5 * 95, 2, 25 - fund[i], 0});
        run_fixture_free(&run);
        venue_fixture_free(&fixture);
    }
}

/* Selling at 90 what was taken over at 95 costs 50: a fund that has them pays, and nobody is
 * deleveraged; one that has less does not sell at all. */
static void test_a_fund_that_can_pay_spares_everybody(void **state)
{
    (void)state;
    const struct sqz_venue_model *const model[] = {&sqz_venue_binance, &sqz_venue_dydx,
                                                   &sqz_venue_bybit, &sqz_venue_okx};
    for (int m = 0; m < 4; m++)
        for (int i = 0; i < 3; i++) {
            const double fund = ((double[]){INFINITY, 1000, 49})[i];
            struct venue_fixture fixture;
            static struct run_fixture run;
            init_bankrupt(&fixture, model[m], 8, fund);
            run_fixture_run(&run, &fixture);
            bool spared = i < 2, at_mark = model[m] == &sqz_venue_okx;
            double paid = spared ? 50 : at_mark ? 49 : 0;
            assert_int_equal(run.venue->deleverage.count, spared ? 0 : 2);
            check_near("sold", run.outcome.forced_usd[SQZ_DOWN], spared ? 10 * 90 : 0, 1e-9);
            check_near("drawn", run.outcome.measure[FUND_DRAWN], paid, 1e-9);
            check_near("lost", run.outcome.measure[EQUITY_LOST], 50, 1e-9);
            if (fund < INFINITY)
                check_near("fund", run.outcome.measure[FUND], fund - paid, 1e-9);
            check_near("bad debt", run.outcome.measure[BAD_DEBT], !spared && at_mark ? 1 : 0, 1e-9);
            run_fixture_free(&run);
            venue_fixture_free(&fixture);
        }
}

/* ---- deleveraging at the mark -------------------------------------------------------------- */

/* Hyperliquid closes at the price before the jump, at which the long had lost nothing. Ranks at 90:
 * the second short (98 / 90) (90 / 17.8) = 5.51, the first (100 / 90) (90 / 30) = 3.33. */
static void test_deleveraging_at_the_mark_before(void **state)
{
    (void)state;
    struct venue_fixture fixture;
    static struct run_fixture run;
    init_bankrupt(&fixture, &sqz_venue_hyperliquid, 8, 0);
    run_fixture_run(&run, &fixture);
    check_near("long", left_of_row(&fixture, run.clearing, 1), 0, 0);
    check_near("long's cash", cash_of_row(&fixture, run.clearing, 1), 0, 1e-11);
    check_near("second's cash", cash_of_row(&fixture, run.clearing, 3), 8 * (98 - 100), 1e-11);
    check_near("first", left_of_row(&fixture, run.clearing, 2), 2, 1e-12);
    check_near("first's cash", cash_of_row(&fixture, run.clearing, 2), 0, 1e-11);
    check_measures(&run, (double[]){1, 0, 0, 0, 10 * 100, 2, 0, 0});
    check_near("price", only_event(&run, SQZ_EVENT_DELEVERAGE)->fill_log, 0, 1e-13);
    run_fixture_free(&run);
    venue_fixture_free(&fixture);
}

/* ---- levels of the other side -------------------------------------------------------------- */

/* After the first test the second short is gone, whose trigger was 98 * 1.1 / 1.01 = 106.7; of the
 * first, which would be liquidated at 480 / 4.04 = 118.8, are left 2 with 90: 290 / 2.02 = 143.56.
 */
static void test_deleveraged_accounts_have_new_triggers(void **state)
{
    (void)state;
    const double top[] = {143.55, 143.57};
    for (int i = 0; i < 2; i++) {
        struct venue_fixture fixture;
        static struct run_fixture run;
        init_bankrupt(&fixture, &sqz_venue_bybit, 8, 0);
        venue_fixture_jump(&fixture, 120, 90, 110);
        venue_fixture_jump(&fixture, 180, 110, 125);
        venue_fixture_jump(&fixture, 240, 125, top[i]);
        run_fixture_run(&run, &fixture);
        assert_int_equal(run.venue->totals.accounts, 1 + i);
        assert_int_equal(run.outcome.liquidations[SQZ_UP], i);
        if (i == 1) {
            const struct sqz_event *order = only_event(&run, SQZ_EVENT_LIQUIDATION);
            assert_true(order->time_s == 240 && order->side == SQZ_BUY);
            check_near("order", order->notional_usd, 2 * top[1], 1e-9);
            check_near("left", left_of_row(&fixture, run.clearing, 2), 0, 0);
        }
        run_fixture_free(&run);
        venue_fixture_free(&fixture);
    }
}

/* ---- who pays what ------------------------------------------------------------------------- */

/* `full`: the account sells at 90 what it bought at 100 with 50; of the 50 that it lacks the fund
 * pays what it has. */
static void test_full_leaves_debt_to_the_fund(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++) {
        const double fund = ((double[]){0, 20, 70})[i], paid = fmin(fund, 50);
        struct venue_fixture fixture;
        static struct run_fixture run;
        init_bankrupt(&fixture, &sqz_venue_full, 8, fund);
        run_fixture_run(&run, &fixture);
        check_near("cash", cash_of_row(&fixture, run.clearing, 1), -50, 1e-11);
        check_measures(&run, (double[]){1, 50, fund - paid, paid, 0, 0, 50 - paid, NAN});
        run_fixture_free(&run);
        venue_fixture_free(&fixture);
    }
}

/* Hyperliquid, a long of 10 from 100 with 50 and maintenance 1 %: at 95.4 it is worth 4, below two
 * thirds of 9.54. The vault has the position at that price, and the 4; at 97 it has made 16 more.
 */
static void test_the_vault_takes_position_and_margin(void **state)
{
    (void)state;
    struct venue_fixture fixture;
    static struct run_fixture run;
    struct sqz_holding holding[] = {alone(1, SQZ_DOWN, 100, 10, 50)};
    venue_fixture_init(&fixture, &sqz_venue_hyperliquid, NULL, holding, 1, 100, 3);
    venue_fixture_jump(&fixture, 60, 100, 95.4);
    venue_fixture_jump(&fixture, 90, 95.4, 97);
    run_fixture_run(&run, &fixture);
    check_near("cash", cash_of_row(&fixture, run.clearing, 1), -50, 1e-11);
    check_near("quantity", run.venue->fund.vault.quantity, 10, 0);
    check_near("kept", run.outcome.measure[VAULT], 954, 1e-9);
    check_measures(&run, (double[]){1, 50, 3 + 4 + 16, 0, 0, 0, 0, NAN});
    assert_true(run.outcome.forced_usd[SQZ_DOWN] == 0.0);
    run_fixture_free(&run);
    venue_fixture_free(&fixture);
}

/* At 95.7 it is worth 7, more than two thirds of 9.57, and sells for itself. */
static void test_above_the_backstop_the_account_sells(void **state)
{
    (void)state;
    struct venue_fixture fixture;
    static struct run_fixture run;
    struct sqz_holding holding[] = {alone(1, SQZ_DOWN, 100, 10, 50)};
    venue_fixture_init(&fixture, &sqz_venue_hyperliquid, NULL, holding, 1, 100, 3);
    venue_fixture_jump(&fixture, 60, 100, 95.7);
    venue_fixture_jump(&fixture, 90, 95.7, 97);
    run_fixture_run(&run, &fixture);
    check_near("cash", cash_of_row(&fixture, run.clearing, 1), -43, 1e-11);
    check_measures(&run, (double[]){1, 43, 3, 0, 0, 0, 0, NAN});
    run_fixture_free(&run);
    venue_fixture_free(&fixture);
}

/* Binance, a long of 10 from 100 with 50, maintenance 2 %: at 96.5 it is worth 15 and needs 19.3.
 * With x left, 15 - 0.0125 (965 - 96.5 x) = 1.05 * 0.02 * 96.5 x; the fee goes to the fund. */
static void test_binance_comes_back_inside_its_margin(void **state)
{
    (void)state;
    struct venue_fixture fixture;
    static struct run_fixture run;
    struct sqz_holding holding[] = {alone(1, SQZ_DOWN, 100, 10, 50)};
    holding[0].position.rate = 0.02;
    venue_fixture_init(&fixture, &sqz_venue_binance, NULL, holding, 1, 100, 3);
    venue_fixture_jump(&fixture, 60, 100, 96.5);
    run_fixture_run(&run, &fixture);
    double left = (15 - 0.0125 * 965) / (96.5 * (1.05 * 0.02 - 0.0125)), sold = 10 - left;
    double fee = 0.0125 * sold * 96.5;
    check_near("left", left_of_row(&fixture, run.clearing, 1), left, 1e-10);
    check_near("cash", cash_of_row(&fixture, run.clearing, 1), -3.5 * sold - fee, 1e-10);
    check_measures(&run, (double[]){1, 3.5 * sold + fee, 3 + fee, 0, 0, 0, 0, NAN});
    assert_true(sqz_clearing_open(run.clearing, account_of_row(&fixture, 1)));
    run_fixture_free(&run);
    venue_fixture_free(&fixture);
}

/* Bybit, a fund of 150: a long of 10, bankrupt at 95, costs it 50 at 90. That is a third, more than
 * 30
 * %: from then on it is spared, so that the next long, bankrupt at 85 and sold at 80 for 10 less,
 * is deleveraged. Ten hours later the peak of the last eight is what it has, and it pays 4 for a
 * long of 2 that is bankrupt at 72 and sold at 70. */
static void test_bybit_spares_a_fund_that_has_fallen(void **state)
{
    (void)state;
    struct venue_fixture fixture;
    static struct run_fixture run;
    struct sqz_holding holding[] = {alone(1, SQZ_DOWN, 100, 10, 50), alone(2, SQZ_DOWN, 100, 2, 30),
                                    alone(3, SQZ_DOWN, 100, 2, 56), alone(4, SQZ_UP, 100, 20, 900)};
    venue_fixture_init(&fixture, &sqz_venue_bybit, NULL, holding, 4, 100, 150);
    fixture.world.horizon_s = 11 * 3600;
    venue_fixture_jump(&fixture, 60, 100, 90);
    venue_fixture_jump(&fixture, 120, 90, 80);
    venue_fixture_jump(&fixture, 10 * 3600 + 180, 80, 70);
    run_fixture_run(&run, &fixture);
    check_near("short", left_of_row(&fixture, run.clearing, 4), 18, 1e-12);
    check_near("short's cash", cash_of_row(&fixture, run.clearing, 4), 2 * 15, 1e-10);
    check_near("sold", run.outcome.forced_usd[SQZ_DOWN], 10 * 90 + 2 * 70, 1e-9);
    check_measures(&run, (double[]){3, 50 + 30 + 56, 96, 54, 2 * 85, 1, 0, 60});
    run_fixture_free(&run);
    venue_fixture_free(&fixture);
}

/* ---- step by step -------------------------------------------------------------------------- */

/* dYdX: a tenth of what is left in every block, at least 1,000 USD, until nothing is: the price
 * stands where equity is below maintenance whatever is closed, as the account pays what it has in
 * proportion. A position of 2,500,000 USD: after n blocks 0.9^n of it; 53 blocks come down to
 * 10,000 USD, then ten of 1,000. */
static void test_dydx_goes_on_block_by_block(void **state)
{
    (void)state;
    struct venue_fixture fixture;
    static struct run_fixture run;
    const struct sqz_event *order[256];
    struct sqz_holding holding[] = {alone(1, SQZ_DOWN, 100, 5e5, 5e5 * 5)};
    venue_fixture_init(&fixture, &sqz_venue_dydx, "venue.block=2s", holding, 1, 100, 0);
    venue_fixture_jump(&fixture, 60, 100, 95.6);
    run_fixture_run(&run, &fixture);
    size_t orders = select_events(&run.log, SQZ_EVENT_LIQUIDATION, order, 256);
    double left = 5e5;
    size_t expected = 0;
    for (; left > 1e-6; expected++) {
        double part = fmin(left, fmax(0.1 * left, 1000 / 95.6));
        if (expected < orders) {
            check_near("time", order[expected]->time_s, 60 + 2.0 * (double)expected, 1e-9);
            check_near("block", order[expected]->notional_usd, part * 95.6, 1e-6);
        }
        left -= part;
    }
    assert_int_equal(orders, expected);
    run_fixture_free(&run);
    venue_fixture_free(&fixture);
}

/* ---- an empty fund ------------------------------------------------------------------------- */

/* Where deleveraging is at the bankruptcy price and the fund has nothing, those who are deleveraged
 * bear what the bankrupt owe, to the last cent, and nobody else does. */
static void test_with_an_empty_fund_deleveraging_is_the_shortfall(void **state)
{
    (void)state;
    enum { LONGS = 6, SHORTS = 9 };
    const struct {
        const struct sqz_venue_model *model;
        const char *set;
    } venues[] = {{&sqz_venue_binance, "venue.liquidation_fee=0"},
                  {&sqz_venue_bybit, NULL},
                  {&sqz_venue_dydx, "venue.liquidation_fee=0"}};
    for (size_t v = 0; v < sizeof venues / sizeof venues[0]; v++) {
        static struct venue_fixture fixture;
        static struct run_fixture run;
        struct sqz_holding holding[LONGS + SHORTS];
        double owed = 0.0, bankrupt_usd = 0.0, borne = 0.0;
        for (uint32_t i = 0; i < LONGS; i++) { /* bankrupt at 91 to 96 */
            double quantity = 3 + 5 * (i % 3), bust = 91 + i;
            holding[i] = alone(i + 1, SQZ_DOWN, 100, quantity, quantity * (100 - bust));
            owed += quantity * (bust - 90);
            bankrupt_usd += quantity * bust;
        }
        for (uint32_t i = 0; i < SHORTS; i++)
            holding[LONGS + i] = alone(LONGS + i + 1, SQZ_UP, 98 + i % 4, 7, 700);
        venue_fixture_init(&fixture, venues[v].model, venues[v].set, holding, LONGS + SHORTS, 100,
                           0);
        venue_fixture_jump(&fixture, 60, 100, 90);
        run_fixture_run(&run, &fixture);
        for (uint32_t row = LONGS + 1; row <= LONGS + SHORTS; row++) {
            const struct sqz_position *held =
                &fixture.account_table.position[position_of_row(&fixture, row)];
            double before = held->collateral + profit_of(held, held->quantity, 90);
            borne += before - worth_of(&fixture, run.clearing, account_of_row(&fixture, row), 90);
        }
        check_near("borne", borne, owed, 1e-9);
        check_near("deleveraged", run.outcome.measure[ADL], bankrupt_usd, 1e-9);
        assert_true(run.outcome.measure[BAD_DEBT] == 0.0);
        assert_true(run.outcome.measure[FUND_DRAWN] == 0.0);
        run_fixture_finish(&run, &fixture);
    }
}

/* ---- accounts with more than one position -------------------------------------------------- */

static struct sqz_holding shared(uint32_t row, enum sqz_side side, double entry_usd,
                                 double quantity, double collateral)
{
    struct sqz_holding holding = alone(row, side, entry_usd, quantity, collateral);
    holding.cross = true;
    holding.holder = 7;
    return holding;
}

/* At 100 the account is worth 22,500 - 20,000 and needs 1 % of 300,000: it loses as the price
 * falls, so its long is sold, not its short bought back. */
static void test_what_is_below_at_the_start_closes_what_loses(void **state)
{
    (void)state;
    struct venue_fixture fixture;
    static struct run_fixture run;
    struct sqz_holding holding[] = {shared(1, SQZ_DOWN, 110, 2000, 22500),
                                    shared(2, SQZ_UP, 100, 1000, 0)};
    venue_fixture_init(&fixture, &sqz_venue_full, NULL, holding, 2, 100, 0);
    run_fixture_run(&run, &fixture);
    const struct sqz_event *event = only_event(&run, SQZ_EVENT_LIQUIDATION);
    assert_true(event->side == SQZ_SELL && event->time_s == 0.0);
    check_near("sold", event->notional_usd, 200000, 1e-6);
    check_near("the short stands", left_of_row(&fixture, run.clearing, 2), 1000, 0);
    run_fixture_free(&run);
    venue_fixture_free(&fixture);
}

/* A long from 95,000 and a short from 85,000 owe 8,000 at any price: that is found, in either order
 * of the rows. By Bybit's rule before September 2025 what they need does not move either. */
static void test_who_always_owes_is_found(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct venue_fixture fixture;
        struct sqz_holding holding[] = {
            shared(1 + (uint32_t)i, SQZ_DOWN, 95000, 1, 1000),
            shared(2 - (uint32_t)i, SQZ_UP, 85000, 1, 1000),
        };
        for (int leg = 0; leg < 2; leg++)
            holding[leg].position.on_entry = true;
        venue_fixture_init(&fixture, &sqz_venue_bybit, NULL, holding, 2, 90000, 0);
        assert_int_equal(fixture.ladder.side[SQZ_UP].count + fixture.ladder.side[SQZ_DOWN].count,
                         1);
        venue_fixture_free(&fixture);
    }
}

/* A position's own deduction is that of the tier of its size: it shrinks with the position, and
 * a part closed is enough where it is at all. */
static void test_an_own_deduction_shrinks(void **state)
{
    (void)state;
    struct venue_fixture fixture;
    static struct run_fixture run;
    struct sqz_holding holding[] = {alone(1, SQZ_DOWN, 100, 10000, 40000)};
    holding[0].position.rate = 0.05;
    holding[0].position.deduction = 40000;
    venue_fixture_init(&fixture, &sqz_venue_binance, "venue.liquidation_fee=0", holding, 1, 100, 0);
    venue_fixture_jump(&fixture, 60, 100, 96.8);
    venue_fixture_jump(&fixture, 90, 96.8, 96.5);
    run_fixture_run(&run, &fixture);
    /* Worth 8,000, needs 48,400 - 40,000 = 0.84 a unit: sells down to 1.05 times what it then
     * needs. Then it is worth 0.3 less a unit and needs 0.825, not so much less as 40,000 would be.
     */
    double left = 8000 / (1.05 * 0.84), worth = 8000 - 0.3 * left;
    check_near("left", left_of_row(&fixture, run.clearing, 1), worth / (1.05 * 0.825), 1e-7);
    assert_int_equal(run.outcome.liquidations[SQZ_DOWN], 2);
    run_fixture_free(&run);
    venue_fixture_free(&fixture);
}

/* At 90 the account is worth 99,900, and its other markets need 99,950: of this one the fund takes
 * over at the price as it is, not at one that takes all the rest. */
static void test_a_takeover_leaves_other_markets_their_margin(void **state)
{
    (void)state;
    struct venue_fixture fixture;
    static struct run_fixture run;
    struct sqz_holding holding[] = {shared(1, SQZ_DOWN, 100, 10, 100000)};
    holding[0].position.other_maintenance = 99950;
    venue_fixture_init(&fixture, &sqz_venue_bybit, NULL, holding, 1, 100, 0);
    venue_fixture_jump(&fixture, 60, 100, 90);
    run_fixture_run(&run, &fixture);
    check_near("cash", cash_of_row(&fixture, run.clearing, 1), -100, 1e-10);
    check_measures(&run, (double[]){1, 100, 0, 0, 0, 0, 0, NAN});
    run_fixture_free(&run);
    venue_fixture_free(&fixture);
}

/* The first in rank holds a short and a greater long and is worth 5,000 at 80: to close its short
 * of 1,000 at 95 would cost it 15,000. It is passed over; to close 10 of it costs 150, and it is
 * not. */
static void test_who_would_owe_is_passed_over(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct venue_fixture fixture;
        static struct run_fixture run;
        double quantity = i == 0 ? 1000 : 10;
        struct sqz_holding holding[] = {
            alone(1, SQZ_DOWN, 100, quantity, 5 * quantity), shared(2, SQZ_UP, 100, 1000, 85000),
            shared(3, SQZ_DOWN, 100, 5000, 0), alone(4, SQZ_UP, 100, 20000, 2e6)};
        venue_fixture_init(&fixture, &sqz_venue_bybit, NULL, holding, 4, 100, 0);
        venue_fixture_jump(&fixture, 60, 100, 80);
        run_fixture_run(&run, &fixture);
        check_near("first", left_of_row(&fixture, run.clearing, 2), i == 0 ? 1000 : 990, 1e-9);
        check_near("second", left_of_row(&fixture, run.clearing, 4), i == 0 ? 19000 : 20000, 1e-9);
        assert_true(run.outcome.measure[BAD_DEBT] == 0.0);
        run_fixture_free(&run);
        venue_fixture_free(&fixture);
    }
}

/* ---- orders -------------------------------------------------------------------------------- */

/* What a venue sells after a jump is worth what the market says, 90.5 each; `full` stands for
 * levels, which have the notional of the trigger, 90 / 0.99. */
static void test_notional_of_orders_after_a_jump(void **state)
{
    (void)state;
    const double forced_usd[] = {90500, 90000 / 0.99};
    for (int i = 0; i < 2; i++) {
        struct venue_fixture fixture;
        static struct run_fixture run;
        struct sqz_holding holding[] = {alone(1, SQZ_DOWN, 100, 1000, 10000)};
        venue_fixture_init(&fixture, i == 0 ? &sqz_venue_bybit : &sqz_venue_full, NULL, holding, 1,
                           100, 1e6);
        venue_fixture_jump(&fixture, 60, 100, 90.5);
        run_fixture_run(&run, &fixture);
        check_near("forced", run.outcome.forced_usd[SQZ_DOWN], forced_usd[i], 1e-6);
        run_fixture_free(&run);
        venue_fixture_free(&fixture);
    }
}

/* An order of a driver takes the price from 100 to 100 exp(-0.15): those in profit are closed at
 * the mark before it, 100, and nobody owes anything. */
static void test_the_mark_before_a_drivers_order(void **state)
{
    (void)state;
    struct venue_fixture fixture;
    static struct run_fixture run;
    struct sqz_holding holding[] = {alone(1, SQZ_DOWN, 100, 1000, 10000),
                                    alone(2, SQZ_UP, 100, 5000, 250000)};
    venue_fixture_init(&fixture, &sqz_venue_hyperliquid, NULL, holding, 2, 100, 0);
    venue_fixture_jump(&fixture, 60, 100, 100);
    fixture.impulse[fixture.world.n_drivers - 1].order_usd = -0.15 / 0.01 * 20e6;
    run_fixture_run(&run, &fixture);
    check_near("long", cash_of_row(&fixture, run.clearing, 1), 0, 1e-9);
    check_measures(&run, (double[]){1, 0, 0, 0, 1000 * 100, 1, 0, 0});
    run_fixture_free(&run);
    venue_fixture_free(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_first_in_rank_goes_first),
        cmocka_unit_test(test_first_in_rank_is_closed_in_part),
        cmocka_unit_test(test_a_queue_that_runs_out_leaves_bad_debt),
        cmocka_unit_test(test_a_fund_that_can_pay_spares_everybody),
        cmocka_unit_test(test_deleveraging_at_the_mark_before),
        cmocka_unit_test(test_deleveraged_accounts_have_new_triggers),
        cmocka_unit_test(test_full_leaves_debt_to_the_fund),
        cmocka_unit_test(test_the_vault_takes_position_and_margin),
        cmocka_unit_test(test_above_the_backstop_the_account_sells),
        cmocka_unit_test(test_binance_comes_back_inside_its_margin),
        cmocka_unit_test(test_bybit_spares_a_fund_that_has_fallen),
        cmocka_unit_test(test_dydx_goes_on_block_by_block),
        cmocka_unit_test(test_with_an_empty_fund_deleveraging_is_the_shortfall),
        cmocka_unit_test(test_what_is_below_at_the_start_closes_what_loses),
        cmocka_unit_test(test_who_always_owes_is_found),
        cmocka_unit_test(test_an_own_deduction_shrinks),
        cmocka_unit_test(test_a_takeover_leaves_other_markets_their_margin),
        cmocka_unit_test(test_who_would_owe_is_passed_over),
        cmocka_unit_test(test_notional_of_orders_after_a_jump),
        cmocka_unit_test(test_the_mark_before_a_drivers_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
