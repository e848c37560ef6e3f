/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/core/account_table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Isolated positions before cross ones; what shares an account together, by row. */
static int compare_holdings(const void *first, const void *second)
{
    const struct sqz_holding *a = first, *b = second;
    if (a->cross != b->cross)
        return a->cross ? 1 : -1;
    if (a->cross && a->holder != b->holder)
        return a->holder < b->holder ? -1 : 1;
    if (!a->cross && a->joint != b->joint)
        return a->joint < b->joint ? -1 : 1;
    return (a->row > b->row) - (a->row < b->row);
}

static bool share_account(const struct sqz_holding *a, const struct sqz_holding *b)
{
    if (a->cross != b->cross)
        return false;
    return a->cross ? a->holder == b->holder : a->joint != 0 && a->joint == b->joint;
}

int sqz_account_table_build(struct sqz_account_table *account_table, struct sqz_holding *holding,
                            size_t count, struct sqz_diag *diag)
{
    memset(account_table, 0, sizeof *account_table);
    account_table->position = malloc((count + 1) * sizeof *account_table->position);
    account_table->row = malloc((count + 1) * sizeof *account_table->row);
    account_table->first = malloc((count + 1) * sizeof *account_table->first);
    if (account_table->position == NULL || account_table->row == NULL ||
        account_table->first == NULL) {
        sqz_account_table_free(account_table);
        return sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for %zu positions", count);
    }
    if (count > 0)
        qsort(holding, count, sizeof *holding, compare_holdings);
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || !share_account(&holding[i - 1], &holding[i]))
            account_table->first[account_table->accounts++] = (uint32_t)i;
        account_table->position[i] = holding[i].position;
        account_table->row[i] = holding[i].row;
    }
    account_table->first[account_table->accounts] = (uint32_t)count;
    account_table->count = count;
    account_table->contract = count > 0 ? holding[0].position.contract : SQZ_LINEAR;
    return SQZ_OK;
}

/* Add position `p` to one of those from `first` to `end` that it makes one with. */
static bool merge_one(struct sqz_account_table *account_table, uint32_t first, uint32_t end,
                      uint32_t p)
{
    for (uint32_t i = first; i < end; i++)
        if (sqz_margin_merge(&account_table->position[i], &account_table->position[p]))
            return true;
    return false;
}

/* Of the positions from `first` to `end` keep what is left when both sides are set off. Returns
 * where that ends. */
static uint32_t net_account(struct sqz_account_table *account_table, uint32_t first, uint32_t end)
{
    uint32_t kept = first;
    sqz_margin_net(&account_table->position[first], end - first);
    for (uint32_t i = first; i < end; i++) {
        if (account_table->position[i].quantity == 0.0)
            continue;
        account_table->position[kept] = account_table->position[i];
        account_table->row[kept++] = account_table->row[i];
    }
    return kept;
}

void sqz_account_table_merge(struct sqz_account_table *account_table, bool one_way)
{
    uint32_t end = 0, p = 0;
    size_t accounts = 0;
    for (size_t a = 0; a < account_table->accounts; a++) {
        uint32_t first = end;
        for (; p < account_table->first[a + 1]; p++) {
            if (merge_one(account_table, first, end, p))
                continue;
            account_table->position[end] = account_table->position[p];
            account_table->row[end++] = account_table->row[p];
        }
        if (one_way)
            end = net_account(account_table, first, end);
        if (end > first) /* else it is flat */
            account_table->first[accounts++] = first;
    }
    account_table->flat = account_table->accounts - accounts;
    account_table->accounts = accounts;
    account_table->first[accounts] = end;
    account_table->count = end;
}

void sqz_account_table_free(struct sqz_account_table *account_table)
{
    free(account_table->position);
    free(account_table->row);
    free(account_table->first);
    memset(account_table, 0, sizeof *account_table);
}

/* Value in USD at a price of those positions of an account that lose on `side`. */
static double losing_usd(const struct sqz_position *position, size_t count, enum sqz_side side,
                         double price_usd)
{
    double sum = 0.0;
    for (size_t i = 0; i < count; i++)
        if (sqz_losing_side(position[i].side) == side)
            sum += sqz_margin_notional_usd(&position[i], position[i].quantity, price_usd);
    return sum;
}

/* A level and whose it is. */
struct trigger {
    struct sqz_level level;
    uint32_t account;
};

/* In the order of a ladder; levels that are alike there, by account. */
static int compare_triggers(const void *first, const void *second)
{
    const struct trigger *a = first, *b = second;
    if (a->level.side != b->level.side)
        return a->level.side < b->level.side ? -1 : 1;
    if (a->level.distance_log != b->level.distance_log)
        return a->level.distance_log < b->level.distance_log ? -1 : 1;
    if (a->level.leverage != b->level.leverage)
        return a->level.leverage < b->level.leverage ? -1 : 1;
    if (a->level.notional_usd != b->level.notional_usd)
        return a->level.notional_usd < b->level.notional_usd ? -1 : 1;
    return (a->account > b->account) - (a->account < b->account);
}

/* What an account's positions were worth as they were entered, over its margin; 0 without any. */
static double leverage_of(const struct sqz_position *position, size_t count)
{
    double value = 0.0, margin = 0.0;
    for (size_t i = 0; i < count; i++) {
        value += sqz_margin_value(&position[i], position[i].entry_usd);
        margin += position[i].collateral;
    }
    return margin > 0.0 ? value / margin : 0.0;
}

/* The trigger of an account on a side; false if it can never be liquidated there. */
static bool find_trigger(const struct sqz_account_table *account_table, size_t account,
                         double price_usd, enum sqz_side side, struct trigger *found)
{
    const struct sqz_position *position = &account_table->position[account_table->first[account]];
    size_t count = account_table->first[account + 1] - account_table->first[account];
    double trigger = sqz_margin_trigger(position, count, price_usd, side);
    if (!(trigger > 0.0) || trigger == INFINITY)
        return false;
    *found = (struct trigger){
        .level = {.distance_log = sqz_direction(side) * log(trigger / price_usd),
                  .notional_usd = losing_usd(position, count, side, trigger),
                  .leverage = (float)leverage_of(position, count),
                  .side = (unsigned char)side},
        .account = (uint32_t)account,
    };
    return found->level.notional_usd > 0.0;
}

/* The accounts of a ladder that was built of these triggers, which are in its order. */
static int name_accounts(struct sqz_ladder *ladder, const struct trigger *trigger)
{
    for (int s = 0; s < 2; s++) {
        struct sqz_ladder_side *side = &ladder->side[s];
        side->account = malloc((side->count + 1) * sizeof *side->account);
        if (side->account == NULL)
            return SQZ_ERR_NOMEM;
        for (size_t i = 0; i < side->count; i++)
            side->account[i] = (trigger++)->account;
    }
    return SQZ_OK;
}

int sqz_account_table_ladder(const struct sqz_account_table *account_table, double price_usd,
                             double scale, struct sqz_ladder *ladder, struct sqz_diag *diag)
{
    size_t most = 2 * account_table->accounts + 1, count = 0;
    struct trigger *trigger = malloc(most * sizeof *trigger);
    struct sqz_level *level = malloc(most * sizeof *level);
    memset(ladder, 0, sizeof *ladder);
    for (size_t a = 0; trigger != NULL && a < account_table->accounts; a++)
        for (int side = 0; side < 2; side++)
            count +=
                find_trigger(account_table, a, price_usd, (enum sqz_side)side, &trigger[count]);
    int error = trigger != NULL && level != NULL ? SQZ_OK : SQZ_ERR_NOMEM;
    if (error == SQZ_OK) {
        qsort(trigger, count, sizeof *trigger, compare_triggers);
        for (size_t i = 0; i < count; i++)
            level[i] = trigger[i].level;
        error = sqz_ladder_build(ladder, level, count, scale, NULL);
    }
    if (error == SQZ_OK)
        error = name_accounts(ladder, trigger);
    free(trigger);
    free(level);
    if (error == SQZ_OK)
        return SQZ_OK;
    sqz_ladder_free(ladder);
    return sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for the levels of %zu accounts",
                    account_table->accounts);
}

static const uint32_t UNNUMBERED = UINT32_MAX;

/* Give accounts numbers in the order of the ladder, and enter those there; what has no level comes
 * last. `old` is the inverse of `number`. */
static void renumber(const struct sqz_account_table *account_table, struct sqz_ladder *ladder,
                     uint32_t *number, uint32_t *old)
{
    uint32_t next = 0;
    for (size_t a = 0; a < account_table->accounts; a++)
        number[a] = UNNUMBERED;
    for (int side = 0; side < 2; side++)
        for (size_t i = 0; i < ladder->side[side].count; i++) {
            uint32_t *account = &ladder->side[side].account[i];
            if (number[*account] == UNNUMBERED) {
                old[next] = *account;
                number[*account] = next++;
            }
            *account = number[*account];
        }
    for (size_t a = 0; a < account_table->accounts; a++)
        if (number[a] == UNNUMBERED) {
            old[next] = (uint32_t)a;
            number[a] = next++;
        }
}

int sqz_account_table_arrange(struct sqz_account_table *account_table, struct sqz_ladder *ladder,
                              struct sqz_diag *diag)
{
    size_t accounts = account_table->accounts;
    struct sqz_account_table arranged = {.count = account_table->count,
                                         .accounts = accounts,
                                         .flat = account_table->flat,
                                         .contract = account_table->contract};
    uint32_t *number = malloc((2 * accounts + 1) * sizeof *number);
    arranged.position = malloc((account_table->count + 1) * sizeof *arranged.position);
    arranged.row = malloc((account_table->count + 1) * sizeof *arranged.row);
    arranged.first = malloc((accounts + 1) * sizeof *arranged.first);
    if (number == NULL || arranged.position == NULL || arranged.row == NULL ||
        arranged.first == NULL) {
        free(number);
        sqz_account_table_free(&arranged);
        return sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for %zu accounts", accounts);
    }
    uint32_t *old = number + accounts;
    renumber(account_table, ladder, number, old);
    uint32_t place = 0;
    for (size_t a = 0; a < accounts; a++) {
        arranged.first[a] = place;
        for (uint32_t p = account_table->first[old[a]]; p < account_table->first[old[a] + 1];
             p++, place++) {
            arranged.position[place] = account_table->position[p];
            arranged.row[place] = account_table->row[p];
        }
    }
    arranged.first[accounts] = place;
    free(number);
    sqz_account_table_free(account_table);
    *account_table = arranged;
    return SQZ_OK;
}
