#include "sim/io/account_value.h"

#include <math.h>
#include <stdlib.h>

/* A position in the order of accounts and, in them, of symbols. */
struct member {
    uint64_t account; /* an isolated position is one of its own */
    uint32_t symbol;
    size_t index; /* of the holding */
};

struct settlement {
    struct sqz_positions *positions;
    const struct sqz_given_value *given;
    const struct sqz_margin_terms *terms;
    const char *file;
    struct member *member; /* of all accounts */
    /* Isolated positions whose margin differs from equity, and of which it is equity. */
    size_t comparable, alike;
    bool remarked;    /* on a margin that is equity */
    long first_alike; /* line */
};

static struct sqz_holding *holding_of(const struct settlement *settlement,
                                      const struct member *member)
{
    return &settlement->positions->holding[member->index];
}

static uint32_t place_of(const struct settlement *settlement, const struct member *member)
{
    return holding_of(settlement, member)->row - 1;
}

static long line_of(const struct settlement *settlement, const struct member *member)
{
    return (long)settlement->positions->line[place_of(settlement, member)];
}

static double *mark_of(const struct settlement *settlement, const struct member *member)
{
    return &settlement->positions->mark_usd[place_of(settlement, member)];
}

static const struct sqz_given_value *given_of(const struct settlement *settlement,
                                              const struct member *member)
{
    return &settlement->given[place_of(settlement, member)];
}

static const char *account_name(const struct settlement *settlement, const struct member *member)
{
    return sqz_names_text(&settlement->positions->accounts, holding_of(settlement, member)->holder);
}

static const char *symbol_name(const struct settlement *settlement, const struct member *member)
{
    return sqz_names_text(&settlement->positions->symbols, member->symbol);
}

/* ---- marks --------------------------------------------------------------------------------- */

/* A row without a mark has the first one of its symbol in the file, if that has a name. */
static int share_marks(struct sqz_positions *positions, struct sqz_diag *diag)
{
    double *first = malloc(positions->symbols.count * sizeof *first);
    if (first == NULL)
        return sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for %u symbols", positions->symbols.count);
    for (uint32_t s = 0; s < positions->symbols.count; s++)
        first[s] = NAN;
    for (size_t r = 0; r < positions->rows; r++)
        if (positions->symbol[r] != 0 && isnan(first[positions->symbol[r]]))
            first[positions->symbol[r]] = positions->mark_usd[r];
    for (size_t r = 0; r < positions->rows; r++)
        if (isnan(positions->mark_usd[r]))
            positions->mark_usd[r] = first[positions->symbol[r]];
    free(first);
    return SQZ_OK;
}

/* The positions of an account in a symbol are valued together, at one mark. */
static int agree_on_mark(const struct settlement *settlement, const struct member *member,
                         size_t count, struct sqz_diag *diag)
{
    const struct member *first = NULL;
    for (size_t i = 0; i < count; i++) {
        double mark_usd = *mark_of(settlement, &member[i]);
        if (isnan(mark_usd))
            continue;
        if (first == NULL)
            first = &member[i];
        if (mark_usd != *mark_of(settlement, first))
            return sqz_fail_at(diag, SQZ_ERR_DATA, settlement->file,
                               line_of(settlement, &member[i]), "mark_usd",
                               "is %.12g, but %.12g on line %ld of the cross account '%s'; "
                               "expected one mark of a symbol",
                               mark_usd, *mark_of(settlement, first), line_of(settlement, first),
                               account_name(settlement, first));
    }
    for (size_t i = 0; first != NULL && i < count; i++)
        *mark_of(settlement, &member[i]) = *mark_of(settlement, first);
    return SQZ_OK;
}

/* ---- equity -------------------------------------------------------------------------------- */

/* The member whose row has the equity of the account; NULL: none has. */
static int find_equity(const struct settlement *settlement, const struct member *member,
                       size_t count, const struct member **found, struct sqz_diag *diag)
{
    *found = NULL;
    for (size_t i = 0; i < count; i++) {
        double equity_usd = given_of(settlement, &member[i])->equity_usd;
        if (isnan(equity_usd))
            continue;
        if (*found == NULL)
            *found = &member[i];
        double first_usd = given_of(settlement, *found)->equity_usd;
        if (equity_usd != first_usd)
            return sqz_fail_at(diag, SQZ_ERR_DATA, settlement->file,
                               line_of(settlement, &member[i]), "equity_usd",
                               "is %.12g, but %.12g on line %ld of the cross account '%s'; "
                               "expected the value of the account, once or on every row",
                               equity_usd, first_usd, line_of(settlement, *found),
                               account_name(settlement, *found));
    }
    return SQZ_OK;
}

static int check_marks(const struct settlement *settlement, const struct member *member,
                       size_t count, struct sqz_diag *diag)
{
    for (size_t i = 0; i < count; i++)
        if (isnan(*mark_of(settlement, &member[i])))
            return sqz_fail_at(diag, SQZ_ERR_DATA, settlement->file,
                               line_of(settlement, &member[i]), "mark_usd",
                               "is empty; expected the mark%s%s at which equity_usd was taken",
                               symbol_name(settlement, &member[i])[0] != '\0' ? " of " : "",
                               symbol_name(settlement, &member[i]));
    return SQZ_OK;
}

/* Exports print money to the cent, and marks to six digits or more. */
static const double CENT_USD = 0.01, MARK_ROUNDING = 1e-6;

/* A margin that is given beside the equity must be what follows from it. */
static int check_margin(const struct settlement *settlement, const struct member *member,
                        size_t count, double margin_usd, struct sqz_diag *diag)
{
    double given_usd = 0.0, rounding_usd = CENT_USD;
    const struct member *source = NULL;
    for (size_t i = 0; i < count; i++) {
        const struct sqz_position *position = &holding_of(settlement, &member[i])->position;
        double mark_usd = *mark_of(settlement, &member[i]);
        double one_usd = given_of(settlement, &member[i])->margin_usd;
        rounding_usd +=
            MARK_ROUNDING * sqz_margin_notional_usd(position, position->quantity, mark_usd);
        if (isnan(one_usd))
            continue;
        given_usd += one_usd * sqz_margin_usd(position, 1.0, mark_usd) /
                     sqz_margin_usd(position, 1.0, position->entry_usd);
        source = &member[i];
    }
    if (source == NULL || fabs(given_usd - margin_usd) <= rounding_usd)
        return SQZ_OK;
    return sqz_fail_at(diag, SQZ_ERR_DATA, settlement->file, line_of(settlement, source),
                       "margin_usd",
                       "is %.12g%s, but equity_usd less the profit at the mark is %.12g; expected "
                       "one of them",
                       given_usd, count > 1 ? " in all" : "", margin_usd);
}

/* What secures the positions of an account: its equity less what it has won and not realised, in
 * the currency of its contracts. It stands with the first of them. */
static int apply_equity(const struct settlement *settlement, const struct member *member,
                        size_t count, const struct member *source, struct sqz_diag *diag)
{
    const struct sqz_position *any = &holding_of(settlement, source)->position;
    double mark_usd = *mark_of(settlement, source);
    double coin_usd = sqz_margin_usd(any, 1.0, mark_usd);
    double margin = given_of(settlement, source)->equity_usd / coin_usd;
    const struct member *first = member;
    for (size_t i = 0; i < count; i++) {
        struct sqz_position *position = &holding_of(settlement, &member[i])->position;
        margin -= sqz_margin_pnl(position, *mark_of(settlement, &member[i])) + position->other_pnl;
        position->collateral = given_of(settlement, &member[i])->extra;
        if (member[i].index < first->index)
            first = &member[i];
    }
    holding_of(settlement, first)->position.collateral += margin;
    return check_margin(settlement, member, count, margin * coin_usd, diag);
}

/* ---- margins that are equity --------------------------------------------------------------- */

/* The price at which a row was made, as far as it is known. */
static double present_usd(const struct settlement *settlement, const struct member *member)
{
    double mark_usd = *mark_of(settlement, member);
    return isnan(mark_usd) && settlement->terms->price_usd > 0.0 ? settlement->terms->price_usd
                                                                 : mark_usd;
}

/* Whether an open account would be below its maintenance at the marks, but has it if its margin is
 * equity, in which the loss is counted already; an isolated position without a mark: whether it
 * would have been when it was entered. */
static bool is_below(const struct settlement *settlement, const struct member *member, size_t count)
{
    double excess = 0.0, profit = 0.0;
    for (size_t i = 0; i < count; i++) {
        const struct sqz_holding *holding = holding_of(settlement, &member[i]);
        const struct sqz_given_value *given = given_of(settlement, &member[i]);
        double present = present_usd(settlement, &member[i]);
        bool entered = isnan(present) && !holding->cross && given->extra == 0.0;
        if ((isnan(present) && !entered) || isnan(given->margin_usd))
            return false;
        excess += sqz_margin_excess(&holding->position, 1,
                                    entered ? holding->position.entry_usd : present);
        profit += entered ? -INFINITY : sqz_margin_pnl(&holding->position, present);
    }
    return excess < 0.0 && excess - profit >= 0.0;
}

/* A margin is taken for its leverage's or for equity if it is within a hundredth of it: exchanges
 * compute an initial margin from the price of the order. Profits of less than a twentieth of it do
 * not tell the two apart. */
static const double ALIKE = 0.01, LEAST_PROFIT = 0.05;

/* Count an isolated position whose margin is what its leverage means and its profit besides. */
static void compare_margin(struct settlement *settlement, const struct member *member)
{
    const struct sqz_holding *holding = holding_of(settlement, member);
    const struct sqz_given_value *given = given_of(settlement, member);
    double present = present_usd(settlement, member);
    if (holding->cross || isnan(given->margin_usd) || isnan(given->initial_usd) || isnan(present))
        return;
    double profit_usd =
        sqz_margin_usd(&holding->position, sqz_margin_pnl(&holding->position, present), present);
    if (fabs(profit_usd) < LEAST_PROFIT * given->initial_usd)
        return;
    settlement->comparable++;
    if (fabs(given->margin_usd - given->initial_usd - profit_usd) > ALIKE * given->initial_usd)
        return;
    if (settlement->alike++ == 0)
        settlement->first_alike = line_of(settlement, member);
}

static int remark_margin(const struct settlement *settlement, long line, const char *reason,
                         struct sqz_diag *diag)
{
    int error = sqz_remarks_add(settlement->terms->remarks, "margin-is-equity", settlement->file,
                                line, "margin_usd",
                                "can only be equity at a mark: %s; give it as equity_usd, and the "
                                "mark as mark_usd",
                                reason);
    return error == SQZ_OK ? SQZ_OK : sqz_fail(diag, error, "no memory for a remark");
}

/* ---- accounts ------------------------------------------------------------------------------ */

/* Of a cross account that spans symbols, all but one stand still: their prices must be given. */
static int remark_span(const struct settlement *settlement, const struct member *member,
                       size_t count, struct sqz_diag *diag)
{
    bool marked = true;
    for (size_t i = 0; i < count; i++)
        marked &= !isnan(*mark_of(settlement, &member[i]));
    if (marked || member[0].symbol == member[count - 1].symbol)
        return SQZ_OK;
    int error = sqz_remarks_add(
        settlement->terms->remarks, "account-without-mark", settlement->file,
        line_of(settlement, &member[0]), "mark_usd",
        "the account '%s' spans symbols of which not all have a mark: those stand at their "
        "entries, without profit or loss; give mark_usd",
        account_name(settlement, &member[0]));
    return error == SQZ_OK ? SQZ_OK : sqz_fail(diag, error, "no memory for a remark");
}

/* How many members from the first on share its account, or also its symbol. */
static size_t run_of(const struct member *member, size_t count, bool symbol)
{
    size_t size = 1;
    while (size < count && member[size].account == member[0].account &&
           (!symbol || member[size].symbol == member[0].symbol))
        size++;
    return size;
}

/* Without an equity every position brings its own margin. */
static int check_given(const struct settlement *settlement, const struct member *member,
                       size_t count, struct sqz_diag *diag)
{
    for (size_t i = 0; i < count; i++)
        if (isnan(holding_of(settlement, &member[i])->position.collateral))
            return sqz_fail_at(diag, SQZ_ERR_DATA, settlement->file,
                               line_of(settlement, &member[i]), "leverage",
                               "is empty, and so are margin_usd and equity_usd; expected one of "
                               "them");
    return SQZ_OK;
}

static int settle_account(struct settlement *settlement, const struct member *member, size_t count,
                          struct sqz_diag *diag)
{
    const struct member *source;
    int error = SQZ_OK;
    for (size_t from = 0, size; error == SQZ_OK && from < count; from += size) {
        size = run_of(&member[from], count - from, true);
        error = agree_on_mark(settlement, &member[from], size, diag);
    }
    if (error == SQZ_OK)
        error = find_equity(settlement, member, count, &source, diag);
    if (error == SQZ_OK && source != NULL)
        error = check_marks(settlement, member, count, diag);
    if (error != SQZ_OK)
        return error;
    if (source != NULL)
        return apply_equity(settlement, member, count, source, diag);
    error = check_given(settlement, member, count, diag);
    if (error != SQZ_OK)
        return error;
    compare_margin(settlement, &member[0]);
    if (is_below(settlement, member, count)) {
        settlement->remarked = true;
        error = remark_margin(settlement, line_of(settlement, &member[0]),
                              "the account would have been liquidated already", diag);
    }
    return error == SQZ_OK ? remark_span(settlement, member, count, diag) : error;
}

static int compare_members(const void *first, const void *second)
{
    const struct member *a = first, *b = second;
    if (a->account != b->account)
        return a->account < b->account ? -1 : 1;
    if (a->symbol != b->symbol)
        return a->symbol < b->symbol ? -1 : 1;
    return (a->index > b->index) - (a->index < b->index);
}

static void sort_members(struct settlement *settlement)
{
    const struct sqz_positions *positions = settlement->positions;
    for (size_t i = 0; i < positions->count; i++) {
        const struct sqz_holding *holding = &positions->holding[i];
        uint64_t account = holding->cross ? holding->holder : (uint64_t)UINT32_MAX + holding->row;
        settlement->member[i] = (struct member){account, positions->symbol[holding->row - 1], i};
    }
    qsort(settlement->member, positions->count, sizeof *settlement->member, compare_members);
}

static int settle_all(struct settlement *settlement, struct sqz_diag *diag)
{
    size_t count = settlement->positions->count;
    int error = SQZ_OK;
    sort_members(settlement);
    for (size_t from = 0, size; error == SQZ_OK && from < count; from += size) {
        size = run_of(&settlement->member[from], count - from, false);
        error = settle_account(settlement, &settlement->member[from], size, diag);
    }
    /* One such margin may be chance, half of them are not. */
    bool many = settlement->alike > 0 && 2 * settlement->alike >= settlement->comparable;
    if (error == SQZ_OK && many && !settlement->remarked)
        error = remark_margin(settlement, settlement->first_alike,
                              "it is the initial margin and the profit since", diag);
    return error;
}

int sqz_account_values_settle(struct sqz_positions *positions, const struct sqz_given_value *given,
                              const struct sqz_margin_terms *terms, const char *file,
                              struct sqz_diag *diag)
{
    struct settlement settlement = {
        .positions = positions,
        .given = given,
        .terms = terms,
        .file = file,
        .member = malloc((positions->count + 1) * sizeof *settlement.member),
    };
    if (settlement.member == NULL)
        return sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for %zu positions", positions->count);
    int error = share_marks(positions, diag);
    if (error == SQZ_OK)
        error = settle_all(&settlement, diag);
    free(settlement.member);
    return error;
}
