#include "sim/core/holdings.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Cross positions by holder, then by row; what stands alone has its row for a holder. */
static int compare_holdings(const void *first, const void *second)
{
    const struct sqz_holding *a = first, *b = second;
    if (a->cross != b->cross)
        return a->cross ? 1 : -1;
    if (a->cross && a->holder != b->holder)
        return a->holder < b->holder ? -1 : 1;
    return (a->row > b->row) - (a->row < b->row);
}

static bool share_account(const struct sqz_holding *a, const struct sqz_holding *b)
{
    return a->cross && b->cross && a->holder == b->holder;
}

int sqz_holdings_build(struct sqz_holdings *holdings, struct sqz_holding *holding, size_t count,
                       struct sqz_diag *diag)
{
    memset(holdings, 0, sizeof *holdings);
    holdings->position = malloc((count + 1) * sizeof *holdings->position);
    holdings->row = malloc((count + 1) * sizeof *holdings->row);
    holdings->first = malloc((count + 1) * sizeof *holdings->first);
    if (holdings->position == NULL || holdings->row == NULL || holdings->first == NULL) {
        sqz_holdings_free(holdings);
        return sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for %zu positions", count);
    }
    if (count > 0)
        qsort(holding, count, sizeof *holding, compare_holdings);
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || !share_account(&holding[i - 1], &holding[i]))
            holdings->first[holdings->accounts++] = (uint32_t)i;
        holdings->position[i] = holding[i].position;
        holdings->row[i] = holding[i].row;
    }
    holdings->first[holdings->accounts] = (uint32_t)count;
    holdings->count = count;
    return SQZ_OK;
}

void sqz_holdings_free(struct sqz_holdings *holdings)
{
    free(holdings->position);
    free(holdings->row);
    free(holdings->first);
    memset(holdings, 0, sizeof *holdings);
}

/* Value in USD at a price of those positions of an account that lose on `side`. */
static double losing_usd(const struct sqz_position *position, size_t count, enum sqz_side side,
                         double price_usd)
{
    double sum = 0.0;
    for (size_t i = 0; i < count; i++)
        if (position[i].side == side)
            sum += position[i].contract == SQZ_LINEAR ? position[i].quantity * price_usd
                                                      : position[i].quantity;
    return sum;
}

/* The level of an account on a side; false if it can never be liquidated there. */
static bool find_level(const struct sqz_holdings *holdings, size_t account, double price_usd,
                       enum sqz_side side, struct sqz_level *level)
{
    const struct sqz_position *position = &holdings->position[holdings->first[account]];
    size_t count = holdings->first[account + 1] - holdings->first[account];
    double trigger = sqz_margin_trigger(position, count, price_usd, side);
    if (!(trigger > 0.0) || trigger == INFINITY)
        return false;
    *level = (struct sqz_level){
        .distance_log = sqz_direction(side) * log(trigger / price_usd),
        .notional_usd = losing_usd(position, count, side, trigger),
        .side = (unsigned char)side,
        .account = (uint32_t)account,
    };
    return level->notional_usd > 0.0;
}

int sqz_holdings_ladder(const struct sqz_holdings *holdings, double price_usd, double scale,
                        struct sqz_ladder *ladder, struct sqz_diag *diag)
{
    struct sqz_level *level = malloc((2 * holdings->accounts + 1) * sizeof *level);
    size_t count = 0;
    if (level == NULL)
        return sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for the levels of %zu accounts",
                        holdings->accounts);
    for (size_t a = 0; a < holdings->accounts; a++)
        for (int side = 0; side < 2; side++)
            count += find_level(holdings, a, price_usd, (enum sqz_side)side, &level[count]);
    int error = sqz_ladder_build(ladder, level, count, scale, diag);
    free(level);
    return error;
}
