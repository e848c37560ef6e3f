/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Accounts that leave before their trigger or top up at it: how many, who, and what they no longer
 * take part in. */
#include "tests/unit/clearing_fixture.h"
#include "tests/unit/engine_fixture.h"

static const double START_USD = 100;

enum { ACCOUNTS = 300, ADL_COUNT = 5, BAD_DEBT = 6 };

/* Longs from 100 with 10 each, liquidated at 90.9 with a rate of 0.01, and shorts likewise. */
static void init(struct venue_fixture *fixture, const struct sqz_venue_model *model, size_t longs,
                 size_t shorts)
{
    struct sqz_holding holding[2 * ACCOUNTS];
    for (size_t i = 0; i < longs + shorts; i++)
        holding[i] = (struct sqz_holding){.row = (uint32_t)(i + 1),
                                          .position = {.side = i < longs ? SQZ_LONG : SQZ_SHORT,
                                                       .entry_usd = 100,
                                                       .quantity = 1,
                                                       .collateral = 10,
                                                       .rate = 0.01}};
    venue_fixture_init(fixture, model, NULL, holding, longs + shorts, START_USD, 0);
}

/* Bit i: row i + 1 has been liquidated. */
struct roll {
    bool liquidated[2 * ACCOUNTS];
    size_t count[2]; /* by side */
    double bad_debt, deleveraged;
};

static void run(const struct venue_fixture *fixture, uint64_t path, struct roll *roll)
{
    static struct sqz_exit_table table;
    struct sqz_diag diag = {0};
    struct sqz_engine engine;
    const struct sqz_world *world;
    assert_int_equal(sqz_exit_table_init(&table, &diag), SQZ_OK);
    venue_fixture_engine_init(&engine, fixture, &world, &table, NULL, 0);
    sqz_engine_run(&engine, 9, path, NULL);
    const struct sqz_clearing *clearing = &engine.path.venue[0].clearing;
    memset(roll, 0, sizeof *roll);
    for (uint32_t row = 1; row <= fixture->account_table.count; row++) {
        uint32_t account = account_of_row(fixture, row);
        enum sqz_side side =
            sqz_losing_side(fixture->account_table.position[position_of_row(fixture, row)].side);
        bool closed =
            sqz_clearing_touched(clearing, account) && clearing->account[account].liquidated;
        roll->liquidated[row - 1] = closed;
        roll->count[side] += closed;
    }
    roll->bad_debt = sqz_engine_outcome(&engine, 0)->measure[BAD_DEBT];
    roll->deleveraged = sqz_engine_outcome(&engine, 0)->measure[ADL_COUNT];
    sqz_engine_free(&engine);
}

/* The price falls through all the longs' triggers at one time and rises through all the shorts' at
 * another: of each side (1 - s) exp(-a t) are there and do not top up. */
static void test_shares_that_are_closed(void **state)
{
    (void)state;
    const double attrition = 1.0 / 2500, survival = 0.23, fall_s = 700, rise_s = 2900;
    struct venue_fixture fixture;
    struct roll roll;
    size_t paths = test_paths(40);
    uint64_t closed[2] = {0, 0};
    init(&fixture, &sqz_venue_full, ACCOUNTS, ACCOUNTS);
    fixture.world.attrition.per_s = attrition;
    fixture.world.attrition.topup = survival;
    venue_fixture_jump(&fixture, fall_s, 100, 90.5);
    venue_fixture_jump(&fixture, rise_s, 90.5, 111);
    for (uint64_t path = 0; path < paths; path++) {
        run(&fixture, path, &roll);
        closed[SQZ_DOWN] += roll.count[SQZ_DOWN];
        closed[SQZ_UP] += roll.count[SQZ_UP];
    }
    size_t all = paths * ACCOUNTS;
    check_share_4se("longs", closed[SQZ_DOWN], all, (1 - survival) * exp(-attrition * fall_s), 0);
    check_share_4se("shorts", closed[SQZ_UP], all, (1 - survival) * exp(-attrition * rise_s), 0);
    venue_fixture_free(&fixture);
}

/* Each account has its own number on a path: who has left at some time has left at all later ones,
 * whether or not orders move the price, and other paths have others. */
static void test_who_has_left_stays_away(void **state)
{
    (void)state;
    struct venue_fixture fixture;
    static struct roll early, late, other, moved;
    init(&fixture, &sqz_venue_full, ACCOUNTS, 0);
    fixture.world.attrition.per_s = 1.0 / 2500;
    venue_fixture_jump(&fixture, 700, 100, 90.5);
    run(&fixture, 0, &early);
    run(&fixture, 1, &other);
    fixture.world.market.impact = true;
    run(&fixture, 0, &moved);
    fixture.impulse[fixture.world.n_drivers - 1].time_s = 2900;
    fixture.world.market.impact = false;
    run(&fixture, 0, &late);
    assert_true(late.count[SQZ_DOWN] < early.count[SQZ_DOWN]);
    assert_memory_not_equal(early.liquidated, other.liquidated, sizeof early.liquidated);
    assert_memory_equal(early.liquidated, moved.liquidated, sizeof early.liquidated);
    for (int i = 0; i < ACCOUNTS; i++)
        assert_true(early.liquidated[i] || !late.liquidated[i]);
    venue_fixture_free(&fixture);
}

/* A bankrupt long is closed against shorts; where they have left there is only bad debt. */
static void test_nobody_is_deleveraged_who_has_left(void **state)
{
    (void)state;
    struct venue_fixture fixture;
    struct roll roll;
    uint64_t path = 0;
    double last, next; /* of the numbers, that of the long and the least of the shorts */
    do {
        struct sqz_stream draws;
        sqz_stream_open(&draws, 9, ++path, SQZ_STREAM_ACCOUNTS);
        last = sqz_stream_uniform_at(&draws, 1);
        next = 1.0;
        for (uint32_t row = 2; row <= 5; row++)
            next = fmin(next, sqz_stream_uniform_at(&draws, row));
    } while (last >= next); /* a path on which the long is the last to leave */
    init(&fixture, &sqz_venue_bybit, 1, 4);
    venue_fixture_jump(&fixture, 1800, 100, 80);
    run(&fixture, path, &roll);
    assert_true(roll.deleveraged == 1 && roll.bad_debt == 0.0);
    fixture.world.attrition.per_s = -log(0.5 * (last + next)) / 1800;
    run(&fixture, path, &roll);
    assert_true(roll.count[SQZ_DOWN] == 1 && roll.deleveraged == 0);
    check_near("bad debt", roll.bad_debt, 10, 1e-9);
    venue_fixture_free(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shares_that_are_closed),
        cmocka_unit_test(test_who_has_left_stays_away),
        cmocka_unit_test(test_nobody_is_deleveraged_who_has_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
