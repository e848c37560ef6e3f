/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/members.h"

#include <stdlib.h>

static int compare_members(const void *first, const void *second)
{
    const struct sqz_member *a = first, *b = second;
    if (a->account != b->account)
        return a->account < b->account ? -1 : 1;
    if (a->symbol != b->symbol)
        return a->symbol < b->symbol ? -1 : 1;
    return (a->index > b->index) - (a->index < b->index);
}

void sqz_members_sort(struct sqz_member *member, size_t count)
{
    qsort(member, count, sizeof *member, compare_members);
}

size_t sqz_members_run(const struct sqz_member *member, size_t count, bool symbol)
{
    size_t size = 1;
    while (size < count && member[size].account == member[0].account &&
           (!symbol || member[size].symbol == member[0].symbol))
        size++;
    return size;
}
