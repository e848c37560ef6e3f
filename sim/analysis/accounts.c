#include "sim/analysis/accounts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The positions of an account in order of their symbols. */
struct member {
    uint32_t symbol;
    size_t index; /* of the holding */
    size_t leg;   /* what it is a part of, in `position` */
};

/* What is worked with while results are filled in. */
struct reckoning {
    struct sqz_margin_result *result;
    const struct sqz_positions *positions;
    struct member *member;         /* of the account at hand */
    bool one_way;                  /* what is long and what is short in a symbol is netted */
    struct sqz_position *position; /* of the account and symbol at hand, valued together */
    struct sqz_position *bare;     /* the same, of which nothing need be left */
    double *quantity;              /* of each of them, before netting */
};

static double reachable(double price_usd)
{
    return price_usd > 0.0 && isfinite(price_usd) ? price_usd : NAN;
}

/* ---- one position -------------------------------------------------------------------------- */

/* `whole` is what the venue keeps, of which the position is a `share`. */
static void fill_row(struct sqz_margin_result *result, const struct sqz_holding *holding,
                     const struct sqz_position *whole, double share, double liquidation_usd,
                     double bankruptcy_usd)
{
    const struct sqz_position *position = &holding->position;
    struct sqz_margin_row *row = &result->row[holding->row - 1];
    double liquidation = reachable(liquidation_usd);
    double at_usd = isnan(liquidation) ? position->entry_usd : liquidation;
    *row = (struct sqz_margin_row){
        .entry_usd = position->entry_usd,
        .liquidation_usd = liquidation,
        .bankruptcy_usd = reachable(bankruptcy_usd),
        .maintenance_usd =
            share * sqz_margin_usd(whole, sqz_margin_maintenance(whole, at_usd), at_usd),
        .distance_percent =
            100.0 * sqz_direction(position->side) * (liquidation / position->entry_usd - 1.0),
        .tier = NAN,
        .account = holding->holder,
        .side = position->side,
    };
    if (whole->tiers != NULL && share > 0.0)
        row->tier = sqz_tiers_number(whole->tiers, sqz_margin_tier(whole, at_usd));
}

/* ---- positions that share one equity ------------------------------------------------------- */

/* The same position with nothing to keep but the closing fee: it is liquidated where all is lost.
 * For one position that is sqz_margin_bankruptcy_usd. */
static struct sqz_position bare_of(const struct sqz_position *position)
{
    struct sqz_position bare = *position;
    bare.other_maintenance = 0.0;
    bare.tiers = NULL;
    bare.rate = bare.deduction = 0.0;
    bare.on_entry = false;
    return bare;
}

/* What a position adds to an equity that is valued at its entry, and what it takes of it. */
static void add_standing(const struct sqz_position *position, double *worth, double *maintenance)
{
    *worth += position->collateral + position->other_pnl;
    *maintenance +=
        sqz_margin_maintenance(position, position->entry_usd) + position->other_maintenance;
}

/* At this price positions on one side have neither won nor lost in sum: what an inverse contract
 * wins is linear in the inverse of the price. */
static double mean_entry_usd(const struct sqz_position *position, size_t count)
{
    double quantity = 0.0, value = 0.0;
    for (size_t i = 0; i < count; i++) {
        quantity += position[i].quantity;
        value += sqz_margin_value(&position[i], position[i].entry_usd);
    }
    return position[0].contract == SQZ_LINEAR ? value / quantity : quantity / value;
}

/* What the venue makes of the members' positions, into `position`. Returns how many there are. */
static size_t merge_group(const struct reckoning *reckoning, struct member *member, size_t count)
{
    const struct sqz_holding *holding = reckoning->positions->holding;
    struct sqz_position *position = reckoning->position;
    size_t legs = 0;
    for (size_t i = 0; i < count; i++) {
        const struct sqz_position *one = &holding[member[i].index].position;
        size_t leg = 0;
        while (leg < legs && !sqz_margin_merge(&position[leg], one))
            leg++;
        if (leg == legs)
            position[legs++] = *one;
        member[i].leg = leg;
    }
    for (size_t leg = 0; leg < legs; leg++)
        reckoning->quantity[leg] = position[leg].quantity;
    if (reckoning->one_way && legs == 2 && sqz_margin_net(&position[0], &position[1]))
        legs = 1;
    return legs;
}

/* The members from `first` on that have one symbol; the others of the account are worth `worth` and
 * need `maintenance`. */
static void reckon_group(const struct reckoning *reckoning, struct member *member, size_t count,
                         double worth, double maintenance)
{
    const struct sqz_holding *holding = reckoning->positions->holding;
    struct sqz_position *position = reckoning->position, *bare = reckoning->bare;
    size_t legs = merge_group(reckoning, member, count);
    position[0].other_pnl += worth;
    position[0].other_maintenance += maintenance;
    for (size_t i = 0; i < legs; i++)
        bare[i] = bare_of(&position[i]);
    double from_usd = mean_entry_usd(position, legs);
    double liquidation_usd[2], bankruptcy_usd[2];
    for (int side = 0; side < 2; side++) {
        liquidation_usd[side] = sqz_margin_trigger(position, legs, from_usd, (enum sqz_side)side);
        bankruptcy_usd[side] = sqz_margin_trigger(bare, legs, from_usd, (enum sqz_side)side);
    }
    for (size_t i = 0; i < count; i++) {
        const struct sqz_position *one = &holding[member[i].index].position;
        const struct sqz_position *whole = &position[legs == 1 ? 0 : member[i].leg];
        bool stands = one->side == whole->side; /* else it was netted away */
        fill_row(reckoning->result, &holding[member[i].index], whole,
                 stands ? one->quantity / reckoning->quantity[member[i].leg] : 0.0,
                 stands ? liquidation_usd[one->side] : NAN,
                 stands ? bankruptcy_usd[one->side] : NAN);
    }
}

static int compare_members(const void *first, const void *second)
{
    const struct member *a = first, *b = second;
    if (a->symbol != b->symbol)
        return a->symbol < b->symbol ? -1 : 1;
    return (a->index > b->index) - (a->index < b->index);
}

static void reckon_account(const struct reckoning *reckoning, size_t first, size_t count)
{
    const struct sqz_positions *positions = reckoning->positions;
    struct member *member = reckoning->member;
    double all_worth = 0.0, all_maintenance = 0.0;
    for (size_t i = 0; i < count; i++) {
        const struct sqz_holding *holding = &positions->holding[first + i];
        member[i] = (struct member){positions->symbol[holding->row - 1], first + i, 0};
        add_standing(&holding->position, &all_worth, &all_maintenance);
    }
    qsort(member, count, sizeof *member, compare_members);
    for (size_t from = 0, to; from < count; from = to) {
        double worth = 0.0, maintenance = 0.0;
        for (to = from; to < count && member[to].symbol == member[from].symbol; to++)
            add_standing(&positions->holding[member[to].index].position, &worth, &maintenance);
        bool alone = to - from == count;
        reckon_group(reckoning, &member[from], to - from, alone ? 0.0 : all_worth - worth,
                     alone ? 0.0 : all_maintenance - maintenance);
    }
}

/* ---- all ----------------------------------------------------------------------------------- */

static void reckon_all(struct reckoning *reckoning, const struct sqz_holdings *holdings)
{
    const struct sqz_holding *holding = reckoning->positions->holding;
    for (size_t a = 0; a < holdings->accounts; a++) {
        size_t first = holdings->first[a], count = holdings->first[a + 1] - first;
        const struct sqz_position *position = &holding[first].position;
        if (count == 1)
            fill_row(reckoning->result, &holding[first], position, 1.0,
                     sqz_margin_liquidation_usd(position), sqz_margin_bankruptcy_usd(position));
        else
            reckon_account(reckoning, first, count);
    }
}

int sqz_accounts_reckon(struct sqz_margin_result *result, struct sqz_positions *positions,
                        bool one_way, struct sqz_diag *diag)
{
    struct sqz_holdings holdings;
    size_t count = positions->count;
    memset(result, 0, sizeof *result);
    int error = sqz_holdings_build(&holdings, positions->holding, count, diag);
    if (error != SQZ_OK)
        return error;
    struct reckoning reckoning = {
        .result = result,
        .positions = positions,
        .one_way = one_way,
        .member = malloc(count * sizeof *reckoning.member),
        .position = malloc(count * sizeof *reckoning.position),
        .bare = malloc(count * sizeof *reckoning.bare),
        .quantity = malloc(count * sizeof *reckoning.quantity),
    };
    result->row = malloc(count * sizeof *result->row);
    result->count = count;
    result->accounts = holdings.accounts;
    if (reckoning.member != NULL && reckoning.position != NULL && reckoning.bare != NULL &&
        reckoning.quantity != NULL && result->row != NULL)
        reckon_all(&reckoning, &holdings);
    else
        error = sqz_fail(diag, SQZ_ERR_NOMEM, "no memory to reckon %zu positions", count);
    free(reckoning.member);
    free(reckoning.position);
    free(reckoning.bare);
    free(reckoning.quantity);
    sqz_holdings_free(&holdings);
    return error;
}
