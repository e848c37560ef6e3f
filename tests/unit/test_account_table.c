/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who shares an account, the ladder of the accounts' triggers, and that numbering accounts anew
 * loses nobody. */
#include "tests/support/support.h"

#include <math.h>
#include <string.h>

#include "sim/core/account_table.h"
#include "sim/core/rng.h"

static const double START_USD = 8417.89;

enum { HOLDINGS = 160 };

static double between(struct sqz_stream *stream, double low, double high)
{
    return low + (high - low) * sqz_stream_uniform(stream);
}

/* Half of them cross, by 23 holders; some alike to the last bit; some that nothing liquidates. */
static void draw(struct sqz_holding *holding, struct sqz_stream *stream)
{
    for (uint32_t i = 0; i < HOLDINGS; i++) {
        double entry = START_USD * between(stream, 0.9, 1.1);
        double quantity = exp(between(stream, 0.0, 6.0)) / START_USD * 1e3;
        double leverage = sqz_stream_uniform(stream) < 0.15 ? 0.9 : between(stream, 3.0, 40.0);
        if (i % 5 == 4) { /* like the one before */
            holding[i] = holding[i - 1];
            holding[i].row = i + 1;
            continue;
        }
        holding[i] = (struct sqz_holding){
            .position = {.side = sqz_stream_uniform(stream) < 0.5 ? SQZ_SHORT : SQZ_LONG,
                         .entry_usd = entry,
                         .quantity = quantity,
                         .collateral = entry * quantity / leverage,
                         .rate = 0.0065},
            .row = i + 1,
            .holder = 1 + (uint32_t)(sqz_stream_u64(stream) % 23),
            .cross = sqz_stream_uniform(stream) < 0.5,
        };
    }
}

static void shuffle(struct sqz_holding *holding, struct sqz_stream *stream)
{
    for (size_t i = HOLDINGS - 1; i > 0; i--) {
        size_t j = sqz_stream_u64(stream) % (i + 1);
        struct sqz_holding held = holding[i];
        holding[i] = holding[j];
        holding[j] = held;
    }
}

/* Two rows share an account if and only if both are cross and of one holder. */
static void check_grouping(const struct sqz_account_table *account_table,
                           const struct sqz_holding *by_row)
{
    static uint32_t account[HOLDINGS];
    bool seen[HOLDINGS] = {false};
    assert_int_equal(account_table->count, HOLDINGS);
    assert_int_equal(account_table->first[0], 0);
    assert_int_equal(account_table->first[account_table->accounts], HOLDINGS);
    for (uint32_t a = 0; a < account_table->accounts; a++) {
        assert_true(account_table->first[a] < account_table->first[a + 1]);
        for (uint32_t p = account_table->first[a]; p < account_table->first[a + 1]; p++) {
            uint32_t row = account_table->row[p];
            assert_true(row >= 1 && row <= HOLDINGS && !seen[row - 1]);
            seen[row - 1] = true;
            account[row - 1] = a;
            assert_memory_equal(&account_table->position[p], &by_row[row - 1].position,
                                sizeof account_table->position[p]);
            assert_true(p == account_table->first[a] || account_table->row[p - 1] < row);
        }
    }
    for (size_t i = 0; i < HOLDINGS; i++)
        for (size_t j = 0; j < i; j++)
            assert_true((account[i] == account[j]) == (by_row[i].cross && by_row[j].cross &&
                                                       by_row[i].holder == by_row[j].holder));
}

static void build(struct sqz_account_table *account_table, struct sqz_holding *holding)
{
    struct sqz_diag diag = {0};
    assert_int_equal(sqz_account_table_build(account_table, holding, HOLDINGS, &diag), SQZ_OK);
}

static void build_ladder(const struct sqz_account_table *account_table, double scale,
                         struct sqz_ladder *ladder)
{
    struct sqz_diag diag = {0};
    assert_int_equal(sqz_account_table_ladder(account_table, START_USD, scale, ladder, &diag),
                     SQZ_OK);
}

static void test_positions_are_grouped_by_account(void **state)
{
    (void)state;
    struct sqz_holding drawn[HOLDINGS], order[HOLDINGS];
    struct sqz_stream stream;
    sqz_stream_open(&stream, 61, 0, 0);
    for (int round = 0; round < 20; round++) {
        struct sqz_account_table account_table, again;
        draw(drawn, &stream);
        memcpy(order, drawn, sizeof order);
        build(&account_table, order);
        check_grouping(&account_table, drawn);
        shuffle(order, &stream); /* of the rows of the file, nothing depends on their order */
        build(&again, order);
        assert_memory_equal(again.row, account_table.row, HOLDINGS * sizeof *again.row);
        assert_memory_equal(again.first, account_table.first,
                            (account_table.accounts + 1) * sizeof *again.first);
        sqz_account_table_free(&account_table);
        sqz_account_table_free(&again);
    }
}

/* Where equity, with all positions of an account, meets maintenance when the price goes to a side:
 * each gains s A (P - E), so one line. NAN where it never does. */
static double slow_trigger(const struct sqz_account_table *account_table, uint32_t account,
                           enum sqz_side side)
{
    double offset = 0.0, slope = 0.0;
    for (uint32_t p = account_table->first[account]; p < account_table->first[account + 1]; p++) {
        const struct sqz_position *position = &account_table->position[p];
        double s = position->side == SQZ_LONG ? 1.0 : -1.0;
        offset += position->collateral - s * position->quantity * position->entry_usd;
        slope += (s - position->rate) * position->quantity;
    }
    double root = -offset / slope;
    bool alive = offset + slope * START_USD >= 0.0;
    if (!alive) /* on the side where it loses: back to where it was, at once if it never was */
        return (slope > 0) != (side == SQZ_DOWN) ? NAN : root > 0.0 ? root : START_USD;
    return root > 0.0 && (root > START_USD) == (side == SQZ_UP) ? root : NAN;
}

static double losing_usd(const struct sqz_account_table *account_table, uint32_t account,
                         enum sqz_side side, double price_usd)
{
    double sum = 0.0;
    for (uint32_t p = account_table->first[account]; p < account_table->first[account + 1]; p++)
        if (sqz_losing_side(account_table->position[p].side) == side)
            sum += account_table->position[p].quantity * price_usd;
    return sum;
}

/* Every account that can be liquidated on a side and loses there has its one level. */
static void check_ladder(const struct sqz_account_table *account_table,
                         const struct sqz_ladder *ladder, double scale)
{
    for (int side = 0; side < 2; side++) {
        const struct sqz_ladder_side *levels = &ladder->side[side];
        size_t place[HOLDINGS];
        memset(place, 0xff, sizeof place);
        for (size_t i = 0; i < levels->count; i++) {
            assert_true(levels->account[i] < account_table->accounts);
            assert_true(place[levels->account[i]] == SIZE_MAX);
            assert_true(i == 0 || levels->distance_log[i - 1] <= levels->distance_log[i]);
            place[levels->account[i]] = i;
        }
        for (uint32_t a = 0; a < account_table->accounts; a++) {
            double trigger = slow_trigger(account_table, a, (enum sqz_side)side);
            double loses = losing_usd(account_table, a, (enum sqz_side)side, trigger);
            if (isnan(trigger) || loses == 0.0) {
                if (place[a] != SIZE_MAX && loses != 0.0)
                    fail_msg("account %u has a level on side %d", a, side);
                continue;
            }
            assert_true(place[a] < levels->count);
            double distance = (side == SQZ_UP ? 1.0 : -1.0) * log(trigger / START_USD);
            check_near("distance", levels->distance_log[place[a]], distance, 1e-12);
            check_near("notional", levels->notional_usd[place[a]], scale * loses,
                       1e-12 * scale * loses);
        }
    }
}

static void test_ladder_has_every_trigger_once(void **state)
{
    (void)state;
    struct sqz_holding drawn[HOLDINGS];
    struct sqz_stream stream;
    sqz_stream_open(&stream, 62, 0, 0);
    for (int round = 0; round < 20; round++) {
        struct sqz_account_table account_table;
        struct sqz_ladder ladder;
        double scale = round % 2 == 0 ? 1.0 : 3.75;
        draw(drawn, &stream);
        build(&account_table, drawn);
        build_ladder(&account_table, scale, &ladder);
        assert_true(ladder.side[SQZ_UP].count > 20 && ladder.side[SQZ_DOWN].count > 20);
        check_ladder(&account_table, &ladder, scale);
        sqz_ladder_free(&ladder);
        sqz_account_table_free(&account_table);
    }
}

/* What a ladder says of one row: the first of the account whose level it is. */
static uint32_t row_of(const struct sqz_account_table *account_table,
                       const struct sqz_ladder_side *levels, size_t i)
{
    return account_table->row[account_table->first[levels->account[i]]];
}

static void check_same_levels(const struct sqz_ladder_side *a, const struct sqz_account_table *of_a,
                              const struct sqz_ladder_side *b, const struct sqz_account_table *of_b)
{
    assert_int_equal(a->count, b->count);
    assert_memory_equal(a->distance_log, b->distance_log, a->count * sizeof *a->distance_log);
    assert_memory_equal(a->notional_usd, b->notional_usd, a->count * sizeof *a->notional_usd);
    for (size_t i = 0; i < a->count; i++)
        assert_int_equal(row_of(of_a, a, i), row_of(of_b, b, i));
}

static void test_arranging_keeps_every_trigger(void **state)
{
    (void)state;
    struct sqz_holding drawn[HOLDINGS], order[HOLDINGS];
    struct sqz_stream stream;
    struct sqz_diag diag = {0};
    sqz_stream_open(&stream, 63, 0, 0);
    for (int round = 0; round < 20; round++) {
        struct sqz_account_table before, after;
        struct sqz_ladder of_before, of_after;
        draw(drawn, &stream);
        memcpy(order, drawn, sizeof order);
        build(&before, order);
        build(&after, order);
        build_ladder(&before, 1.0, &of_before);
        build_ladder(&after, 1.0, &of_after);
        assert_int_equal(sqz_account_table_arrange(&after, &of_after, &diag), SQZ_OK);
        check_grouping(&after, drawn);
        check_ladder(&after, &of_after, 1.0);
        for (int side = 0; side < 2; side++)
            check_same_levels(&of_before.side[side], &before, &of_after.side[side], &after);
        const struct sqz_ladder_side *up = &of_after.side[SQZ_UP];
        for (size_t i = 0; i < up->count; i++) /* one after another in memory */
            assert_int_equal(up->account[i], i);
        sqz_ladder_free(&of_before);
        sqz_ladder_free(&of_after);
        sqz_account_table_free(&before);
        sqz_account_table_free(&after);
    }
}

static double equity_at(const struct sqz_account_table *account_table, uint32_t account,
                        double price_usd)
{
    double equity = 0.0;
    for (uint32_t p = account_table->first[account]; p < account_table->first[account + 1]; p++)
        equity += account_table->position[p].collateral +
                  sqz_margin_pnl(&account_table->position[p], price_usd);
    return equity;
}

/* Quantity held, longs less shorts. */
static double net_of(const struct sqz_account_table *account_table, uint32_t account)
{
    double net = 0.0;
    for (uint32_t p = account_table->first[account]; p < account_table->first[account + 1]; p++)
        net += (account_table->position[p].side == SQZ_LONG ? 1 : -1) *
               account_table->position[p].quantity;
    return net;
}

/* An account is worth the same at every price when its rows have become one position a side, or one
 * in all where markets have one way; needs the same in the first case. */
static void test_merging_changes_no_worth(void **state)
{
    (void)state;
    struct sqz_holding drawn[HOLDINGS], order[HOLDINGS];
    struct sqz_stream stream;
    sqz_stream_open(&stream, 64, 0, 0);
    for (int round = 0; round < 40; round++) {
        bool inverse = round % 2 == 1, one_way = round / 2 % 2 == 1;
        struct sqz_account_table before, after;
        draw(drawn, &stream);
        for (int i = 0; inverse && i < HOLDINGS; i++)
            drawn[i].position.contract = SQZ_INVERSE;
        memcpy(order, drawn, sizeof order);
        build(&before, order);
        build(&after, order);
        sqz_account_table_merge(&after, one_way);
        assert_int_equal(after.accounts, before.accounts);
        assert_true(after.count < before.count);
        assert_int_equal(after.first[after.accounts], after.count);
        for (uint32_t a = 0; a < after.accounts; a++) {
            size_t legs = after.first[a + 1] - after.first[a];
            const struct sqz_position *leg = &after.position[after.first[a]];
            assert_true(legs == 1 || (!one_way && legs == 2 && leg[0].side != leg[1].side));
            check_near("net", net_of(&after, a), net_of(&before, a), 1e-9);
            for (int k = 0; k < 5; k++) {
                double price = START_USD * between(&stream, 0.7, 1.4);
                double worth = equity_at(&before, a, price), size = 1e-12 * HOLDINGS;
                size *= fabs(worth) + sqz_margin_value(leg, price) + 1.0;
                check_near("worth", equity_at(&after, a, price), worth, 1e3 * size);
                double excess = sqz_margin_excess(&before.position[before.first[a]],
                                                  before.first[a + 1] - before.first[a], price);
                if (!one_way)
                    check_near("excess", sqz_margin_excess(leg, legs, price), excess, 1e3 * size);
            }
        }
        sqz_account_table_free(&before);
        sqz_account_table_free(&after);
    }
}

/* A long and a short of one size cannot both lose; collateral is common. */
static void test_hedged_account_in_closed_form(void **state)
{
    (void)state;
    struct sqz_diag diag = {0};
    struct sqz_account_table account_table;
    struct sqz_ladder ladder;
    struct sqz_holding holding[] = {
        {.position =
             {.side = SQZ_LONG, .entry_usd = 8000, .quantity = 3, .collateral = 900, .rate = 0.01},
         .row = 1,
         .holder = 7,
         .cross = true},
        {.position = {.side = SQZ_SHORT,
                      .entry_usd = 8500,
                      .quantity = 2.5,
                      .collateral = 350,
                      .rate = 0.01},
         .row = 2,
         .holder = 7,
         .cross = true},
    };
    assert_int_equal(sqz_account_table_build(&account_table, holding, 2, &diag), SQZ_OK);
    build_ladder(&account_table, 1.0, &ladder);
    assert_int_equal(account_table.accounts, 1);
    /* 1250 + 3 (P - 8000) - 2.5 (P - 8500) = 0.01 * 5.5 P */
    double trigger = (24000 - 21250 - 1250) / (0.5 - 0.055);
    assert_int_equal(ladder.side[SQZ_UP].count, 0);
    assert_int_equal(ladder.side[SQZ_DOWN].count, 1);
    check_near("trigger", ladder.side[SQZ_DOWN].distance_log[0], -log(trigger / START_USD), 1e-12);
    check_near("only the long is sold", ladder.side[SQZ_DOWN].notional_usd[0], 3 * trigger, 1e-9);
    sqz_ladder_free(&ladder);
    sqz_account_table_free(&account_table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_positions_are_grouped_by_account),
        cmocka_unit_test(test_ladder_has_every_trigger_once),
        cmocka_unit_test(test_arranging_keeps_every_trigger),
        cmocka_unit_test(test_merging_changes_no_worth),
        cmocka_unit_test(test_hedged_account_in_closed_form),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
