/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/cross_accounts.h"

#include <stdlib.h>
#include <string.h>

/* Room for an account, of which nothing is known so far. */
static bool reserve(struct sqz_cross_accounts *accounts, uint32_t account)
{
    if (account < accounts->capacity)
        return true;
    size_t capacity = 2 * ((size_t)account + 1);
    struct sqz_first_cross *first = realloc(accounts->first, capacity * sizeof *first);
    if (first == NULL)
        return false;
    memset(first + accounts->capacity, 0, (capacity - accounts->capacity) * sizeof *first);
    accounts->first = first;
    accounts->capacity = capacity;
    return true;
}

int sqz_cross_accounts_check(struct sqz_cross_accounts *accounts, const struct sqz_csv_row *row,
                             const struct sqz_positions *positions,
                             const struct sqz_holding *holding, uint32_t symbol,
                             struct sqz_diag *diag)
{
    static const char *const KIND[] = {[SQZ_LINEAR] = "linear", [SQZ_INVERSE] = "inverse"};
    if (!reserve(accounts, holding->holder))
        return sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for %u accounts", holding->holder);
    struct sqz_first_cross *first = &accounts->first[holding->holder];
    enum sqz_contract contract = holding->position.contract;
    if (first->line == 0)
        *first = (struct sqz_first_cross){row->line, contract, symbol};
    const char *account = sqz_names_text(&positions->accounts, holding->holder);
    if (first->contract != contract)
        return sqz_fail_at(diag, SQZ_ERR_DATA, row->file, row->line, "contract",
                           "is %s in the cross account '%s', which is %s on line %ld; expected one "
                           "kind in an account",
                           KIND[contract], account, KIND[first->contract], first->line);
    if (contract == SQZ_INVERSE && first->symbol != symbol)
        return sqz_fail_at(diag, SQZ_ERR_DATA, row->file, row->line, "symbol",
                           "'%s' is another than on line %ld of the cross account '%s'; expected "
                           "one symbol in an account of inverse positions, which secure each other "
                           "in one coin",
                           sqz_names_text(&positions->symbols, symbol), first->line, account);
    return SQZ_OK;
}

void sqz_cross_accounts_free(struct sqz_cross_accounts *accounts)
{
    free(accounts->first);
    memset(accounts, 0, sizeof *accounts);
}
