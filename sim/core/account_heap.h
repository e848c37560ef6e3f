/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Accounts by a key, the least first: a binary heap in which every account has at most one place,
 * so that its key can be changed. Storage is allocated once. */
#ifndef SQZ_CORE_ACCOUNT_HEAP_H
#define SQZ_CORE_ACCOUNT_HEAP_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>

#define SQZ_NOWHERE UINT32_MAX

struct sqz_account_heap {
    uint32_t *item;  /* count accounts, heap-ordered by (key, account) */
    uint32_t *place; /* of each account in `item`; SQZ_NOWHERE if it is not there */
    double *key;     /* of each account */
    size_t count, accounts;
};

/* For accounts 0 .. accounts - 1. Returns SQZ_OK or SQZ_ERR_NOMEM. */
int sqz_account_heap_init(struct sqz_account_heap *heap, size_t accounts);
/* Safe on a zeroed or already freed heap. */
void sqz_account_heap_free(struct sqz_account_heap *heap);

/* Empty it; costs as much as it holds. */
void sqz_account_heap_clear(struct sqz_account_heap *heap);

/* Enter an account, or change its key, which is finite. */
void sqz_account_heap_set(struct sqz_account_heap *heap, uint32_t account, double key);

/* Take out an account that is there. */
void sqz_account_heap_remove(struct sqz_account_heap *heap, uint32_t account);

/* Take out an account if it is there. */
static inline void sqz_account_heap_take(struct sqz_account_heap *heap, uint32_t account)
{
    if (heap->place[account] != SQZ_NOWHERE)
        sqz_account_heap_remove(heap, account);
}

/* The least key; INFINITY where the heap is empty. */
static inline double sqz_account_heap_least(const struct sqz_account_heap *heap)
{
    return heap->count > 0 ? heap->key[heap->item[0]] : INFINITY;
}

#endif
