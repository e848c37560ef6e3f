/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Orders of accounts that leave later than they are decided: latency, the line and its slices. */
#include "tests/unit/run_fixture.h"

static const double START_USD = 100, DEPTH_USD = 20e6;

/* An account's trigger is 90 / 0.99 = 90.9. */
static struct sqz_holding long_of(uint32_t row, double quantity)
{
    return (struct sqz_holding){.row = row,
                                .position = {.side = SQZ_LONG,
                                             .entry_usd = 100,
                                             .quantity = quantity,
                                             .collateral = 10 * quantity,
                                             .rate = 0.01}};
}

static void init(struct venue_fixture *fixture, const struct sqz_venue_model *model,
                 const char *set, struct sqz_holding *holding, size_t count)
{
    venue_fixture_init(fixture, model, set, holding, count, START_USD, 0);
    fixture->world.market.impact = true;
}

/* ---- the line ------------------------------------------------------------------------------ */

/* Children of an order for `quantity` from `begin_s` on: 2,000 usd a second in children of ten
 * seconds, each of which moves the log price by 0.01 of its notional over the depth. Returns how
 * many. */
static size_t check_children(const struct sqz_event **fill, double quantity, double begin_s,
                             double *price_log)
{
    const double child_usd = 20000;
    size_t count = 0;
    for (double rest = quantity; rest > 1e-9 * quantity; count++) {
        double price = START_USD * exp(*price_log);
        double usd = fmin(child_usd, rest * price), moved = -0.01 * usd / DEPTH_USD;
        check_near("time", fill[count]->time_s, begin_s + 10.0 * (double)count, 1e-9);
        check_near("notional", fill[count]->notional_usd, usd, 1e-9 * child_usd);
        check_near("fill", fill[count]->fill_log, *price_log + 0.5 * moved, 1e-12);
        *price_log += moved;
        rest -= usd / price;
    }
    return count;
}

/* Two longs are touched by a jump to 90; their orders have the notional of the map, 90.9 each. The
 * second waits until the first has left. */
static void test_orders_leave_in_slices_one_after_another(void **state)
{
    (void)state;
    static struct venue_fixture fixture;
    static struct run_fixture run;
    const struct sqz_event *fill[16], *called[2];
    struct sqz_holding holding[] = {long_of(1, 1000), long_of(2, 700)};
    double each = 90 / 0.99, price_log = log(0.9);
    init(&fixture, &sqz_venue_full, NULL, holding, 2);
    venue_fixture_jump(&fixture, 60, 100, 90);
    fixture.world.execution = (struct sqz_execution){.usd_per_s = 2000, .interval_s = 10};
    run_fixture_run(&run, &fixture);
    assert_int_equal(select_events(&run.log, SQZ_EVENT_LIQUIDATION, called, 2), 2);
    size_t first = called[0]->notional_usd > called[1]->notional_usd ? 0 : 1;
    double quantity[] = {first == 0 ? 1000 : 700, first == 0 ? 700 : 1000};
    for (int i = 0; i < 2; i++) {
        assert_true(called[i]->time_s == 60 && isnan(called[i]->fill_log));
        check_near("called", called[i]->notional_usd, each * quantity[i], 1e-7);
    }
    size_t fills = select_events(&run.log, SQZ_EVENT_FILL, fill, 16);
    double turn_s = 60 + each * quantity[0] / 2000;
    size_t children = check_children(fill, quantity[0], 60, &price_log);
    children += check_children(fill + children, quantity[1], turn_s, &price_log);
    assert_int_equal(children, fills);
    check_near("forced", run.outcome.forced_usd[SQZ_DOWN], 1700 * each, 1e-6);
    assert_int_equal(run.outcome.liquidations[SQZ_DOWN], 2);
    for (uint32_t row = 1; row <= 2; row++)
        assert_true(left_of_row(&fixture, run.clearing, row) == 0.0);
    run_fixture_finish(&run, &fixture);
}

/* What has been ordered is sold though the price comes back meanwhile; what has not had its turn
 * when the path ends counts as forced and is still held. */
static void test_an_order_is_not_called_back(void **state)
{
    (void)state;
    static struct venue_fixture fixture;
    static struct run_fixture run;
    struct sqz_holding holding[] = {long_of(1, 1000)};
    init(&fixture, &sqz_venue_full, NULL, holding, 1);
    venue_fixture_jump(&fixture, 60, 100, 90);
    venue_fixture_jump(&fixture, 75, 90, 100);
    fixture.world.execution = (struct sqz_execution){.usd_per_s = 2000, .interval_s = 10};
    run_fixture_run(&run, &fixture);
    assert_true(left_of_row(&fixture, run.clearing, 1) == 0.0);
    run_fixture_finish(&run, &fixture);

    struct sqz_holding again[] = {long_of(1, 1000)};
    init(&fixture, &sqz_venue_full, NULL, again, 1);
    venue_fixture_jump(&fixture, 3575, 100, 90);
    fixture.world.execution = (struct sqz_execution){.usd_per_s = 2000, .interval_s = 10};
    run_fixture_run(&run, &fixture);
    double moved = exp(-0.01 * 20000 / DEPTH_USD), sold = 20000 / 90.0;
    double left = 1000 - sold - sold / moved - sold / moved / moved;
    check_near("left", left_of_row(&fixture, run.clearing, 1), left, 1e-9);
    check_near("forced", run.outcome.forced_usd[SQZ_DOWN], 1000 * 90 / 0.99, 1e-6);
    run_fixture_finish(&run, &fixture);
}

/* ---- latency ------------------------------------------------------------------------------- */

/* What a venue decides at the touch leaves a minute later, wherever the price has gone; Binance
 * closes the part that it saw was needed, not what the account needs then. */
static void test_an_order_is_decided_at_the_touch(void **state)
{
    (void)state;
    static struct venue_fixture fixture;
    static struct run_fixture run;
    const double arrival_usd[] = {90.7, 90.9, 93, 97};
    struct sqz_holding at_once[] = {long_of(1, 100)};
    init(&fixture, &sqz_venue_binance, "venue.liquidation_fee=0", at_once, 1);
    venue_fixture_jump(&fixture, 60, 100, 90.7);
    run_fixture_run(&run, &fixture);
    double left = left_of_row(&fixture, run.clearing, 1);
    assert_true(left > 1 && left < 99);
    run_fixture_finish(&run, &fixture);
    for (int i = 0; i < 4; i++) {
        struct sqz_holding holding[] = {long_of(1, 100)};
        init(&fixture, &sqz_venue_binance, "venue.liquidation_fee=0", holding, 1);
        venue_fixture_jump(&fixture, 60, 100, 90.7);
        venue_fixture_jump(&fixture, 100, 90.7, arrival_usd[i]);
        fixture.world.execution = (struct sqz_execution){.latency_s = 60};
        run_fixture_run(&run, &fixture);
        const struct sqz_event *fill[1];
        assert_int_equal(select_events(&run.log, SQZ_EVENT_LIQUIDATION, fill, 1), 1);
        assert_true(fill[0]->time_s == 120);
        check_near("left", left_of_row(&fixture, run.clearing, 1), left, 1e-3);
        run_fixture_finish(&run, &fixture);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_orders_leave_in_slices_one_after_another),
        cmocka_unit_test(test_an_order_is_not_called_back),
        cmocka_unit_test(test_an_order_is_decided_at_the_touch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
