/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Scheduled events of one path, totally ordered by (time, priority, sequence number).
 *
 * A binary heap over storage that is allocated once; pushing and popping never allocate. */
#ifndef SQZ_CORE_EVENT_QUEUE_H
#define SQZ_CORE_EVENT_QUEUE_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/core/error.h"

struct sqz_scheduled {
    double time_s;
    unsigned priority; /* among equal times the smaller goes first */
    unsigned world;    /* whose event it is */
    unsigned source;   /* meaning is the world's: the side of a forced order */
    size_t level;      /* and the level it comes from */
    double amount_usd; /* what is left of a forced order */
    uint64_t sequence; /* set by push; equal times and priorities leave in order of arrival */
};

struct sqz_event_queue {
    struct sqz_scheduled *heap;
    size_t count, capacity;
    uint64_t next_sequence;
};

/* Reserve room for `capacity` events. */
int sqz_event_queue_init(struct sqz_event_queue *queue, size_t capacity, struct sqz_diag *diag);
/* Safe on a zeroed or already freed queue. */
void sqz_event_queue_free(struct sqz_event_queue *queue);

/* Forget all events and start numbering anew. */
void sqz_event_queue_clear(struct sqz_event_queue *queue);

/* Returns SQZ_OK, or SQZ_ERR_LIMIT when the queue is full. */
int sqz_event_queue_push(struct sqz_event_queue *queue, struct sqz_scheduled event);

/* When the next event is due; INFINITY if there is none. */
static inline double sqz_event_queue_due_s(const struct sqz_event_queue *queue)
{
    return queue->count > 0 ? queue->heap[0].time_s : INFINITY;
}

/* Remove and return the next event; the queue must not be empty. */
struct sqz_scheduled sqz_event_queue_pop(struct sqz_event_queue *queue);

#endif
