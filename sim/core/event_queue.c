/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/core/event_queue.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

int sqz_event_queue_init(struct sqz_event_queue *queue, size_t capacity, struct sqz_diag *diag)
{
    memset(queue, 0, sizeof *queue);
    queue->heap = malloc((capacity > 0 ? capacity : 1) * sizeof *queue->heap);
    if (queue->heap == NULL)
        return sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for %zu scheduled events", capacity);
    queue->capacity = capacity;
    return SQZ_OK;
}

void sqz_event_queue_free(struct sqz_event_queue *queue)
{
    free(queue->heap);
    memset(queue, 0, sizeof *queue);
}

void sqz_event_queue_clear(struct sqz_event_queue *queue)
{
    queue->count = 0;
    queue->next_sequence = 0;
}

static bool before(const struct sqz_scheduled *a, const struct sqz_scheduled *b)
{
    if (a->time_s != b->time_s)
        return a->time_s < b->time_s;
    if (a->priority != b->priority)
        return a->priority < b->priority;
    return a->sequence < b->sequence;
}

int sqz_event_queue_push(struct sqz_event_queue *queue, struct sqz_scheduled event)
{
    if (queue->count == queue->capacity)
        return SQZ_ERR_LIMIT;
    event.sequence = queue->next_sequence++;
    size_t hole = queue->count++;
    while (hole > 0) {
        size_t parent = (hole - 1) / 2;
        if (!before(&event, &queue->heap[parent]))
            break;
        queue->heap[hole] = queue->heap[parent];
        hole = parent;
    }
    queue->heap[hole] = event;
    return SQZ_OK;
}

struct sqz_scheduled sqz_event_queue_pop(struct sqz_event_queue *queue)
{
    assert(queue->count > 0);
    struct sqz_scheduled top = queue->heap[0];
    struct sqz_scheduled last = queue->heap[--queue->count];
    size_t hole = 0;
    for (;;) {
        size_t child = 2 * hole + 1;
        if (child >= queue->count)
            break;
        if (child + 1 < queue->count && before(&queue->heap[child + 1], &queue->heap[child]))
            child++;
        if (!before(&queue->heap[child], &last))
            break;
        queue->heap[hole] = queue->heap[child];
        hole = child;
    }
    if (queue->count > 0)
        queue->heap[hole] = last;
    return top;
}
