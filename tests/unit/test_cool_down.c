/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Hyperliquid after a part: for 30 s every further order of the account is for all that is left, at
 * once; nothing is frozen; below two thirds of its maintenance the vault has it. Worked by hand. */
#include "tests/unit/run_fixture.h"

/* A long of 10,000 from 100 with 50,000, maintenance 1.25 %. At 95.8 it is worth 8,000 and needs
 * 11,975: more than two thirds, so a fifth is sold. What is left needs 9,580 there. */
static void init(struct venue_fixture *fixture)
{
    struct sqz_holding holding[] = {{.position = {.side = SQZ_LONG,
                                                  .entry_usd = 100,
                                                  .quantity = 10000,
                                                  .collateral = 50000,
                                                  .rate = 0.0125},
                                     .row = 1}};
    venue_fixture_init(fixture, &sqz_venue_hyperliquid, NULL, holding, 1, 100, 0);
}

enum { ORDERS_MAX = 8 };

/* The path, whose `count` orders are at these times and for these quantities. */
static void check_orders(struct run_fixture *run, const struct venue_fixture *fixture, size_t count,
                         const double *time_s, const double *quantity, const double *price)
{
    const struct sqz_event *order[ORDERS_MAX] = {NULL};
    run_fixture_run(run, fixture);
    assert_int_equal(select_events(&run->log, SQZ_EVENT_LIQUIDATION, order, ORDERS_MAX), count);
    for (size_t i = 0; i < count; i++) {
        check_near("time", order[i]->time_s, time_s[i], 0.0);
        check_near("notional", order[i]->notional_usd, quantity[i] * price[i], 1e-6);
    }
}

/* Ten seconds later the 8,000 are worth 336 at 94.842 and need 9,484. */
static void test_below_two_thirds_the_vault_does_not_wait(void **state)
{
    (void)state;
    struct venue_fixture fixture;
    static struct run_fixture run;
    init(&fixture);
    venue_fixture_jump(&fixture, 60, 100, 95.8);
    venue_fixture_jump(&fixture, 70, 95.8, 94.842);
    venue_fixture_jump(&fixture, 80, 94.842, 102.4);
    check_orders(&run, &fixture, 1, (double[]){60}, (double[]){2000}, (double[]){95.8});
    assert_true(left_of_row(&fixture, run.clearing, 1) == 0.0);
    check_near("vault", run.venue->fund.vault.quantity, 8000, 1e-9);
    check_near("cost", run.venue->fund.vault.cost, 8000 * 94.842, 1e-6);
    check_near("cash", cash_of_row(&fixture, run.clearing, 1), -50000, 1e-8);
    run_fixture_finish(&run, &fixture);
}

/* At 95.7 they are worth 7,200 and need 9,570: they are sold whole as the mark has moved. */
static void test_what_is_still_below_is_sold_whole(void **state)
{
    (void)state;
    struct venue_fixture fixture;
    static struct run_fixture run;
    init(&fixture);
    venue_fixture_jump(&fixture, 60, 100, 95.8);
    venue_fixture_jump(&fixture, 63, 95.8, 95.7);
    check_orders(&run, &fixture, 2, (double[]){60, 63}, (double[]){2000, 8000},
                 (double[]){95.8, 95.7});
    check_near("cash", cash_of_row(&fixture, run.clearing, 1), -2000 * 4.2 - 8000 * 4.3, 1e-8);
    run_fixture_finish(&run, &fixture);
}

/* At 96.1 the part is enough: 8,000 are left with 11,000 and need 9,610. They come to what they
 * need at (100 - 41.6 / 8) / 0.9875 = 96.0. At 95.9 they are worth 9,400: sold whole within 30 s of
 * the part, and by the rule for parts once the 30 s are over. */
static void test_a_trigger_within_thirty_seconds_and_after(void **state)
{
    (void)state;
    const double next_s[] = {89.9, 90.0, 95.0}, quantity[] = {8000, 1600, 1600};
    for (int i = 0; i < 3; i++) {
        struct venue_fixture fixture;
        static struct run_fixture run;
        init(&fixture);
        venue_fixture_jump(&fixture, 60, 100, 96.1);
        venue_fixture_jump(&fixture, next_s[i], 96.1, 95.9);
        check_orders(&run, &fixture, 2, (double[]){60, next_s[i]}, (double[]){2000, quantity[i]},
                     (double[]){96.1, 95.9});
        check_near("left", left_of_row(&fixture, run.clearing, 1), 8000 - quantity[i], 1e-9);
        run_fixture_finish(&run, &fixture);
    }
}

/* Still below after the part, it comes back to 97, where it has what it needs and keeps it; there
 * it waits for its trigger. */
static void test_who_recovers_is_left_alone(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct venue_fixture fixture;
        static struct run_fixture run;
        init(&fixture);
        venue_fixture_jump(&fixture, 60, 100, 95.8);
        venue_fixture_jump(&fixture, 65, 95.8, 97);
        if (i == 1)
            venue_fixture_jump(&fixture, 75, 97, 95.8);
        check_orders(&run, &fixture, 1 + (size_t)i, (double[]){60, 75}, (double[]){2000, 8000},
                     (double[]){95.8, 95.8});
        assert_true(sqz_clearing_open(run.clearing, 0) == (i == 0));
        run_fixture_finish(&run, &fixture);
    }
}

/* Where the price does not move there is nothing to look at; once it does, after the 30 s, the rule
 * for parts applies anew. */
static void test_a_price_that_stands(void **state)
{
    (void)state;
    struct venue_fixture fixture;
    static struct run_fixture run;
    init(&fixture);
    venue_fixture_jump(&fixture, 60, 100, 95.8);
    venue_fixture_jump(&fixture, 300, 95.8, 95.75);
    check_orders(&run, &fixture, 2, (double[]){60, 300}, (double[]){2000, 1600},
                 (double[]){95.8, 95.75});
    run_fixture_finish(&run, &fixture);
}

/* At 96 a part of 2,000 moves a book of 2 M per cent to 95.908, where the other 8,000 are worth
 * 9,171 and need 9,591: the next order leaves at once, down to where two thirds are left, and the
 * vault has what that has not sold. */
/* Two parts, the second after the first one's 30 s, then a third look within its own: all that is
 * left is sold, as equity is 7,280 of 7,656, far above two thirds. Parts do not add up to the two
 * orders of which the vault takes the rest. */
static void test_parts_do_not_lead_to_the_vault(void **state)
{
    (void)state;
    struct venue_fixture fixture;
    static struct run_fixture run;
    init(&fixture);
    venue_fixture_jump(&fixture, 60, 100, 95.8);
    venue_fixture_jump(&fixture, 300, 95.8, 95.75);
    venue_fixture_jump(&fixture, 305, 95.75, 95.7);
    check_orders(&run, &fixture, 3, (double[]){60, 300, 305}, (double[]){2000, 1600, 6400},
                 (double[]){95.8, 95.75, 95.7});
    assert_true(run.venue->fund.vault.quantity == 0.0);
    check_near("cash", cash_of_row(&fixture, run.clearing, 1),
               -2000 * 4.2 - 1600 * 4.25 - 6400 * 4.3, 1e-8);
    run_fixture_finish(&run, &fixture);
}

static void test_its_own_impact_is_a_move(void **state)
{
    (void)state;
    struct venue_fixture fixture;
    static struct run_fixture run;
    init(&fixture);
    fixture.world.market.impact = true;
    test_book_init(&fixture.book, 2e6, 1.0, 1.0, INFINITY);
    venue_fixture_jump(&fixture, 60, 100, 96);
    run_fixture_run(&run, &fixture);
    const struct sqz_event *order[ORDERS_MAX] = {NULL};
    assert_int_equal(select_events(&run.log, SQZ_EVENT_LIQUIDATION, order, ORDERS_MAX), 2);
    assert_true(order[0]->time_s == 60.0 && order[1]->time_s == 60.0);
    check_near("part", order[0]->notional_usd, 2000 * 96, 1e-6);
    double mark = 96 * exp(-0.01 * 192000 / 2e6), sold_at = 96 * exp(-0.01 * 192000 / 2e6 / 2);
    double paid = 8000 * 100 - (50000 - 2000 * (100 - sold_at));
    double backstop = paid / (8000 * (1 - 0.0125 * 2 / 3));
    check_near("all", order[1]->notional_usd, log(mark / backstop) / 0.01 * 2e6, 1e-4);
    assert_true(left_of_row(&fixture, run.clearing, 1) > 0.0 && sqz_clearing_open(run.clearing, 0));
    run_fixture_finish(&run, &fixture);
}

/* One that waits for the mark to move pays funding, 766 of 8,000 * 95.8, and goes on waiting. */
static void test_it_pays_funding_meanwhile(void **state)
{
    (void)state;
    struct venue_fixture fixture;
    static struct run_fixture run;
    init(&fixture);
    venue_fixture_jump(&fixture, 60, 100, 95.8);
    venue_fixture_pay(&fixture, 65, 0.001);
    venue_fixture_jump(&fixture, 70, 95.8, 95.7);
    check_orders(&run, &fixture, 2, (double[]){60, 70}, (double[]){2000, 8000},
                 (double[]){95.8, 95.7});
    check_near("cash", cash_of_row(&fixture, run.clearing, 1),
               -2000 * 4.2 - 8000 * 4.3 - 0.001 * 8000 * 95.8, 1e-8);
    run_fixture_finish(&run, &fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_below_two_thirds_the_vault_does_not_wait),
        cmocka_unit_test(test_what_is_still_below_is_sold_whole),
        cmocka_unit_test(test_a_trigger_within_thirty_seconds_and_after),
        cmocka_unit_test(test_who_recovers_is_left_alone),
        cmocka_unit_test(test_a_price_that_stands),
        cmocka_unit_test(test_parts_do_not_lead_to_the_vault),
        cmocka_unit_test(test_its_own_impact_is_a_move),
        cmocka_unit_test(test_it_pays_funding_meanwhile),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
