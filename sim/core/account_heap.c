/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/core/account_heap.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "sim/core/error.h"

int sqz_account_heap_init(struct sqz_account_heap *heap, size_t accounts)
{
    memset(heap, 0, sizeof *heap);
    heap->item = malloc((accounts + 1) * sizeof *heap->item);
    heap->place = malloc((accounts + 1) * sizeof *heap->place);
    heap->key = malloc((accounts + 1) * sizeof *heap->key);
    if (heap->item == NULL || heap->place == NULL || heap->key == NULL) {
        sqz_account_heap_free(heap);
        return SQZ_ERR_NOMEM;
    }
    heap->accounts = accounts;
    for (size_t a = 0; a < accounts; a++)
        heap->place[a] = SQZ_NOWHERE;
    return SQZ_OK;
}

void sqz_account_heap_free(struct sqz_account_heap *heap)
{
    free(heap->item);
    free(heap->place);
    free(heap->key);
    memset(heap, 0, sizeof *heap);
}

void sqz_account_heap_clear(struct sqz_account_heap *heap)
{
    for (size_t i = 0; i < heap->count; i++)
        heap->place[heap->item[i]] = SQZ_NOWHERE;
    heap->count = 0;
}

static bool precedes(const struct sqz_account_heap *heap, uint32_t a, uint32_t b)
{
    return heap->key[a] < heap->key[b] || (heap->key[a] == heap->key[b] && a < b);
}

static void put(struct sqz_account_heap *heap, size_t place, uint32_t account)
{
    heap->item[place] = account;
    heap->place[account] = (uint32_t)place;
}

/* Move the account at `place` to where it belongs. */
static void sift(struct sqz_account_heap *heap, size_t place)
{
    uint32_t account = heap->item[place];
    for (; place > 0; place = (place - 1) / 2) {
        uint32_t parent = heap->item[(place - 1) / 2];
        if (!precedes(heap, account, parent))
            break;
        put(heap, place, parent);
    }
    for (size_t child; (child = 2 * place + 1) < heap->count; place = child) {
        if (child + 1 < heap->count && precedes(heap, heap->item[child + 1], heap->item[child]))
            child++;
        if (!precedes(heap, heap->item[child], account))
            break;
        put(heap, place, heap->item[child]);
    }
    put(heap, place, account);
}

void sqz_account_heap_set(struct sqz_account_heap *heap, uint32_t account, double key)
{
    heap->key[account] = key;
    if (heap->place[account] == SQZ_NOWHERE)
        put(heap, heap->count++, account);
    sift(heap, heap->place[account]);
}

void sqz_account_heap_remove(struct sqz_account_heap *heap, uint32_t account)
{
    uint32_t place = heap->place[account];
    heap->place[account] = SQZ_NOWHERE;
    if (place == --heap->count)
        return;
    put(heap, place, heap->item[heap->count]);
    sift(heap, place);
}
