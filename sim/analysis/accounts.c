#include "sim/analysis/accounts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The positions of an account in order of their symbols. */
struct member {
    uint32_t symbol;
    size_t index; /* of the holding */
    size_t leg;   /* what it is a part of, in `position`; NETTED: it is netted away */
    double share; /* of that */
};

static const size_t NETTED = SIZE_MAX;

/* What is worked with while results are filled in. */
struct computation {
    struct sqz_margin_result *result;
    const struct sqz_positions *positions;
    struct member *member;         /* of the account at hand */
    bool one_way;                  /* what is long and what is short in a symbol is netted */
    struct sqz_position *position; /* of the account and symbol at hand, valued together */
    struct sqz_position *bare;     /* the same, of which nothing need be left */
};

static double reachable(double price_usd)
{
    return price_usd > 0.0 && isfinite(price_usd) ? price_usd : NAN;
}

/* ---- one position -------------------------------------------------------------------------- */

/* `whole` is what the venue keeps, of which the position is a `share`; NULL: it keeps nothing. */
static void fill_row(const struct computation *computation, const struct sqz_holding *holding,
                     const struct sqz_position *whole, double share, double liquidation_usd,
                     double bankruptcy_usd)
{
    const struct sqz_position *position = &holding->position;
    const struct sqz_positions *positions = computation->positions;
    struct sqz_margin_row *row = &computation->result->row[holding->row - 1];
    double liquidation = reachable(liquidation_usd), mark_usd = row->mark_usd;
    double seen_usd = isnan(mark_usd) ? position->entry_usd : mark_usd;
    double at_usd = isnan(liquidation) ? seen_usd : liquidation;
    *row = (struct sqz_margin_row){
        .entry_usd = position->entry_usd,
        .liquidation_usd = liquidation,
        .bankruptcy_usd = reachable(bankruptcy_usd),
        .distance_percent =
            100.0 * sqz_direction(position->side) * (liquidation / position->entry_usd - 1.0),
        .mark_usd = mark_usd,
        .distance_from_mark_percent =
            100.0 * sqz_direction(position->side) * (liquidation / mark_usd - 1.0),
        .tier = NAN,
        .account = holding->holder,
        .symbol = positions->symbol[holding->row - 1],
        .quantity = position->quantity,
        .side = position->side,
    };
    if (whole != NULL)
        row->maintenance_usd =
            share * sqz_margin_usd(whole, sqz_margin_maintenance(whole, at_usd), at_usd);
    if (whole != NULL && whole->tiers != NULL)
        row->tier = sqz_tiers_number(whole->tiers, sqz_margin_tier(whole, at_usd));
}

static double mark_of(const struct computation *computation, const struct sqz_holding *holding)
{
    return computation->positions->mark_usd[holding->row - 1];
}

/* Of one position, seen from its mark if that is known, else from its entry. */
static double liquidation_of(const struct computation *computation,
                             const struct sqz_holding *holding)
{
    const struct sqz_position *position = &holding->position;
    double mark_usd = mark_of(computation, holding);
    return isnan(mark_usd) ? sqz_margin_liquidation_usd(position)
                           : sqz_margin_trigger(position, 1, mark_usd, position->side);
}

/* ---- positions that share one equity ------------------------------------------------------- */

/* The same position with nothing to keep but the closing fee: it is liquidated where all is lost.
 * For one position that is sqz_margin_bankruptcy_usd. */
static struct sqz_position bare_of(const struct sqz_position *position)
{
    struct sqz_position bare = *position;
    bare.other_maintenance = 0.0;
    bare.tiers = NULL;
    bare.rate = bare.rate_slope = bare.deduction = 0.0;
    bare.on_entry = bare.fee_at_bankruptcy = false;
    return bare;
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

/* Set the sides of a group off against one another. Returns how many positions are left; where none
 * is, the first still has what secured them. */
static size_t net_group(struct sqz_position *position, size_t legs, struct member *member,
                        size_t count)
{
    size_t kept = 0;
    sqz_margin_net(position, legs);
    for (size_t leg = 0; leg < legs; leg++) {
        bool stays = position[leg].quantity > 0.0;
        for (size_t i = 0; i < count; i++) /* `kept` is at most `leg`: no number is met twice */
            if (member[i].leg == leg)
                member[i].leg = stays ? kept : NETTED;
        if (stays)
            position[kept++] = position[leg];
    }
    return kept;
}

/* What the venue makes of the members' positions, into `position`. Returns how many there are. */
static size_t merge_group(const struct computation *computation, struct member *member,
                          size_t count)
{
    const struct sqz_holding *holding = computation->positions->holding;
    struct sqz_position *position = computation->position;
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
    for (size_t i = 0; i < count; i++)
        member[i].share =
            holding[member[i].index].position.quantity / position[member[i].leg].quantity;
    return computation->one_way ? net_group(position, legs, member, count) : legs;
}

/* What the positions of a symbol add to an equity, and what they take of it. */
struct standing {
    double worth, maintenance;
};

/* Held at their mark, or without profit at their entries where that is not known. */
static struct standing standing_of(const struct sqz_position *position, size_t legs,
                                   double mark_usd)
{
    if (legs == 0)
        return (struct standing){position[0].collateral + position[0].other_pnl,
                                 position[0].other_maintenance};
    struct standing sum = {0.0, 0.0};
    for (size_t i = 0; i < legs; i++) {
        double at_usd = isnan(mark_usd) ? position[i].entry_usd : mark_usd;
        sum.worth += position[i].collateral + position[i].other_pnl;
        if (!isnan(mark_usd))
            sum.worth += sqz_margin_pnl(&position[i], at_usd);
        sum.maintenance +=
            sqz_margin_maintenance(&position[i], at_usd) + position[i].other_maintenance;
    }
    return sum;
}

/* Where `legs` positions that share one equity are liquidated, or have lost all, on each side of
 * their mark, or of their mean entry where that is not known. */
static void find_prices(const struct computation *computation, size_t legs, double mark_usd,
                        double liquidation_usd[2], double bankruptcy_usd[2])
{
    const struct sqz_position *position = computation->position;
    double from_usd = isnan(mark_usd) ? mean_entry_usd(position, legs) : mark_usd;
    for (size_t i = 0; i < legs; i++)
        computation->bare[i] = bare_of(&position[i]);
    for (int side = 0; side < 2; side++) {
        liquidation_usd[side] = sqz_margin_trigger(position, legs, from_usd, (enum sqz_side)side);
        bankruptcy_usd[side] =
            sqz_margin_trigger(computation->bare, legs, from_usd, (enum sqz_side)side);
    }
}

/* The members have one symbol; what the account holds in others stands beside them. */
static void compute_group(const struct computation *computation, struct member *member,
                          size_t count, struct standing others)
{
    const struct sqz_holding *holding = computation->positions->holding;
    struct sqz_position *position = computation->position;
    size_t legs = merge_group(computation, member, count);
    double liquidation_usd[2] = {NAN, NAN}, bankruptcy_usd[2] = {NAN, NAN};
    position[0].other_pnl += others.worth;
    position[0].other_maintenance += others.maintenance;
    double mark_usd = mark_of(computation, &holding[member[0].index]); /* that of all */
    if (legs > 0)
        find_prices(computation, legs, mark_usd, liquidation_usd, bankruptcy_usd);
    for (size_t i = 0; i < count; i++) {
        const struct sqz_holding *one = &holding[member[i].index];
        enum sqz_side side = one->position.side;
        if (member[i].leg == NETTED)
            fill_row(computation, one, NULL, 0.0, NAN, NAN);
        else
            fill_row(computation, one, &position[member[i].leg], member[i].share,
                     liquidation_usd[side], bankruptcy_usd[side]);
    }
}

static struct standing group_standing(const struct computation *computation, struct member *member,
                                      size_t count)
{
    size_t legs = merge_group(computation, member, count);
    double mark_usd =
        mark_of(computation, &computation->positions->holding[member[0].index]); /* that of all */
    return standing_of(computation->position, legs, mark_usd);
}

static int compare_members(const void *first, const void *second)
{
    const struct member *a = first, *b = second;
    if (a->symbol != b->symbol)
        return a->symbol < b->symbol ? -1 : 1;
    return (a->index > b->index) - (a->index < b->index);
}

/* How many members from `from` on have one symbol. */
static size_t group_at(const struct member *member, size_t count, size_t from)
{
    size_t to = from;
    while (to < count && member[to].symbol == member[from].symbol)
        to++;
    return to - from;
}

static void compute_account(const struct computation *computation, size_t first, size_t count)
{
    const struct sqz_positions *positions = computation->positions;
    struct member *member = computation->member;
    struct standing all = {0.0, 0.0};
    for (size_t i = 0; i < count; i++)
        member[i] = (struct member){positions->symbol[positions->holding[first + i].row - 1],
                                    first + i, NETTED, 0.0};
    qsort(member, count, sizeof *member, compare_members);
    for (size_t from = 0, size; from < count; from += size) {
        size = group_at(member, count, from);
        struct standing own = group_standing(computation, &member[from], size);
        all.worth += own.worth;
        all.maintenance += own.maintenance;
    }
    for (size_t from = 0, size; from < count; from += size) {
        size = group_at(member, count, from);
        struct standing own = group_standing(computation, &member[from], size);
        bool alone = size == count; /* and nothing is left but rounding */
        struct standing others = {alone ? 0.0 : all.worth - own.worth,
                                  alone ? 0.0 : all.maintenance - own.maintenance};
        compute_group(computation, &member[from], size, others);
    }
}

/* ---- all ----------------------------------------------------------------------------------- */

static void compute_all(struct computation *computation, const struct sqz_account_table *table)
{
    const struct sqz_holding *holding = computation->positions->holding;
    for (size_t a = 0; a < table->accounts; a++) {
        size_t first = table->first[a], count = table->first[a + 1] - first;
        const struct sqz_position *position = &holding[first].position;
        if (count == 1)
            fill_row(computation, &holding[first], position, 1.0,
                     liquidation_of(computation, &holding[first]),
                     sqz_margin_bankruptcy_usd(position));
        else
            compute_account(computation, first, count);
    }
}

int sqz_accounts_compute(struct sqz_margin_result *result, struct sqz_positions *positions,
                         bool one_way, struct sqz_diag *diag)
{
    struct sqz_account_table table;
    size_t count = positions->count;
    memset(result, 0, sizeof *result);
    int error = sqz_account_table_build(&table, positions->holding, count, diag);
    if (error != SQZ_OK)
        return error;
    struct computation computation = {
        .result = result,
        .positions = positions,
        .one_way = one_way,
        .member = malloc(count * sizeof *computation.member),
        .position = malloc(count * sizeof *computation.position),
        .bare = malloc(count * sizeof *computation.bare),
    };
    result->row = malloc(positions->rows * sizeof *result->row);
    result->count = count;
    result->rows = positions->rows;
    for (size_t r = 0; result->row != NULL && r < result->rows; r++)
        result->row[r] =
            (struct sqz_margin_row){.entry_usd = NAN, .mark_usd = positions->mark_usd[r]};
    result->accounts = table.accounts;
    if (computation.member != NULL && computation.position != NULL && computation.bare != NULL &&
        result->row != NULL)
        compute_all(&computation, &table);
    else
        error = sqz_fail(diag, SQZ_ERR_NOMEM, "no memory to compute %zu positions", count);
    free(computation.member);
    free(computation.position);
    free(computation.bare);
    sqz_account_table_free(&table);
    return error;
}
