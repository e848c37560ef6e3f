#include "sim/io/symbol_tiers.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* No first tier of any exchange ends beyond it. */
static const double FIRST_CAP_MAX_USD = 1e10;

/* A size that is the cap may be more by what rounding adds. */
static const double CAP_ROUNDING = 1e-9;

static int no_memory(struct sqz_diag *diag)
{
    return sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for the margin tiers of symbols");
}

/* Room for a symbol, without tiers so far. */
static bool reserve(struct sqz_symbol_tiers *symbols, uint32_t symbol)
{
    if (symbol < symbols->capacity)
        return true;
    size_t capacity = 2 * ((size_t)symbol + 1);
    const struct sqz_tiers **found = realloc(symbols->found, capacity * sizeof *found);
    if (found == NULL)
        return false;
    for (size_t s = symbols->capacity; s < capacity; s++)
        found[s] = NULL;
    symbols->found = found;
    symbols->capacity = capacity;
    return true;
}

int sqz_symbol_tiers_find(struct sqz_symbol_tiers *symbols, const struct sqz_csv_row *row,
                          uint32_t symbol, const char *name, const struct sqz_tiers **tiers,
                          struct sqz_diag *diag)
{
    const struct sqz_margin_terms *terms = symbols->terms;
    struct sqz_diag why = {0};
    if (!reserve(symbols, symbol))
        return no_memory(diag);
    if (symbols->found[symbol] != NULL ||
        sqz_tiers_find(&terms->tables, name, &symbols->found[symbol], &why) == SQZ_OK) {
        *tiers = symbols->found[symbol];
        symbols->any = true;
        return SQZ_OK;
    }
    *tiers = NULL;
    if (symbols->missing.code == SQZ_OK)
        sqz_fail_at(&symbols->missing, SQZ_ERR_DATA, row->file, row->line, "symbol", "%s",
                    why.message);
    int error = sqz_remarks_add(
        terms->remarks, "tiers-of-another-symbol", row->file, row->line, "symbol",
        "'%s' has no margin tiers in venue.tiers, and those of another symbol are not taken: "
        "venue.maintenance, %.4g %%, holds; give its margin tiers, or mmr",
        name, 100.0 * terms->params.maintenance);
    return error == SQZ_OK ? SQZ_OK : no_memory(diag);
}

int sqz_symbol_tiers_end(const struct sqz_symbol_tiers *symbols, struct sqz_diag *diag)
{
    if (symbols->missing.code == SQZ_OK || symbols->any)
        return SQZ_OK;
    *diag = symbols->missing;
    return diag->code;
}

/* Tiers whose unit the file does not say are in the currency of the position. */
static int check_unit(const struct sqz_symbol_tiers *symbols, const struct sqz_csv_row *row,
                      const struct sqz_position *position)
{
    const struct sqz_tiers *tiers = position->tiers;
    double cap = tiers->tier[0].cap, cap_usd = cap * position->entry_usd;
    if (position->contract == SQZ_LINEAR || sqz_tiers_unit_given(tiers) || cap_usd == INFINITY ||
        cap_usd < FIRST_CAP_MAX_USD)
        return SQZ_OK;
    return sqz_remarks_add(
        symbols->terms->remarks, "tiers-unit", row->file, row->line, "contract",
        "is inverse, so its margin tiers count coins, and the first ends at %.4g "
        "coins or %.2g usd; if they count usd, say so in their column unit",
        cap, cap_usd);
}

static int check_last_cap(const struct sqz_symbol_tiers *symbols, const struct sqz_csv_row *row,
                          const struct sqz_position *position)
{
    const struct sqz_tiers *tiers = position->tiers;
    double cap = tiers->tier[tiers->count - 1].cap;
    double size = position->quantity * sqz_margin_unit_size(position, position->entry_usd);
    if (size <= cap * (1.0 + CAP_ROUNDING))
        return SQZ_OK;
    return sqz_remarks_add(
        symbols->terms->remarks, "above-last-tier", row->file, row->line, "quantity",
        "is a size of %.6g, above the last tier's end at %.6g: that tier "
        "is taken; check that the margin tiers are of this symbol, and their unit",
        size, cap);
}

int sqz_symbol_tiers_check(const struct sqz_symbol_tiers *symbols, const struct sqz_csv_row *row,
                           const struct sqz_position *position, struct sqz_diag *diag)
{
    if (position->tiers == NULL)
        return SQZ_OK;
    int error = check_unit(symbols, row, position);
    if (error == SQZ_OK)
        error = check_last_cap(symbols, row, position);
    return error == SQZ_OK ? SQZ_OK : no_memory(diag);
}

int sqz_symbol_tiers_check_leverage(const struct sqz_symbol_tiers *symbols,
                                    const struct sqz_csv_row *row,
                                    const struct sqz_position *position, double leverage,
                                    struct sqz_diag *diag)
{
    double most = sqz_margin_max_leverage(position);
    if (isnan(leverage) || leverage <= most)
        return SQZ_OK;
    int error = sqz_remarks_add(symbols->terms->remarks, "leverage-above-tier", row->file,
                                row->line, "leverage",
                                "%.12g is above the %.12g that its tier at entry allows now; "
                                "it is taken as opened when more was allowed",
                                leverage, most);
    return error == SQZ_OK ? SQZ_OK : no_memory(diag);
}

void sqz_symbol_tiers_free(struct sqz_symbol_tiers *symbols)
{
    free(symbols->found);
    memset(symbols, 0, sizeof *symbols);
}
