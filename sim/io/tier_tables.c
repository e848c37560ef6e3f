/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables of tiers once they are read: look-ups, and their end. */
#include <stdlib.h>
#include <string.h>

#include "sim/io/nearest.h"
#include "sim/io/tiers.h"

void sqz_tiers_free(struct sqz_tier_tables *tables)
{
    for (size_t t = 0; t < tables->count; t++)
        free(tables->table[t].symbol);
    free(tables->table);
    free(tables->tier);
    free(tables->number);
    memset(tables, 0, sizeof *tables);
}

int sqz_tiers_find(const struct sqz_tier_tables *tables, const char *symbol,
                   const struct sqz_tiers **found, struct sqz_diag *diag)
{
    struct sqz_nearest nearest = sqz_nearest_begin(symbol);
    bool only = tables->count == 1;
    for (size_t t = 0; t < tables->count; t++) {
        const struct sqz_tier_table *table = &tables->table[t];
        if (strcmp(table->symbol, symbol) == 0 ||
            (only && (symbol[0] == '\0' || table->symbol[0] == '\0'))) {
            *found = &table->tiers;
            return SQZ_OK;
        }
        sqz_nearest_offer(&nearest, table->symbol);
    }
    if (symbol[0] == '\0')
        return sqz_fail(
            diag, SQZ_ERR_DATA,
            "is not given, and the margin tiers are of %zu symbols; expected one of them",
            tables->count);
    return sqz_fail(diag, SQZ_ERR_DATA, "'%s' has no margin tiers%s%s", symbol,
                    sqz_nearest_hint(&nearest, ""),
                    nearest.best != NULL ? "" : "; expected a symbol of venue.tiers, or mmr");
}

bool sqz_tiers_unit_given(const struct sqz_tiers *tiers)
{
    return ((const struct sqz_tier_table *)tiers)->unit_given;
}

uint32_t sqz_tiers_number(const struct sqz_tiers *tiers, size_t k)
{
    return ((const struct sqz_tier_table *)tiers)->number[k];
}
