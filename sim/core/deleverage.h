/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Auto-deleveraging (ADL): a bankrupt position is closed against those who gain most from it. */
#ifndef SQZ_CORE_DELEVERAGE_H
#define SQZ_CORE_DELEVERAGE_H

#include "sim/core/clearing.h"

/* A position that may be deleveraged. */
struct sqz_candidate {
    double rank;
    uint32_t account, position;
};

/* Those who stand against positions that lose on a side, as they stood at a time. */
struct sqz_deleverage_queue {
    struct sqz_candidate *candidate; /* the first in rank first */
    size_t count, next;              /* those before `next` have nothing left */
    double time_s;
    enum sqz_position_side side;
};

/* One per world and thread; reset, not reallocated. Owns the queue. Written by the functions below
 * alone. */
struct sqz_deleverage {
    struct sqz_deleverage_queue queue;
    double mark_log, mark_s; /* the price before what happens at mark_s */
    uint64_t count;          /* times that a position was deleveraged */
    double usd;              /* notional closed, of one account each */
    double first_s;          /* NAN: none yet */
};

/* For as many positions as there are. Returns SQZ_OK or SQZ_ERR_NOMEM. */
int sqz_deleverage_init(struct sqz_deleverage *deleverage, size_t positions);
/* Safe on a zeroed or already freed one. */
void sqz_deleverage_free(struct sqz_deleverage *deleverage);
/* Begin a path. */
void sqz_deleverage_reset(struct sqz_deleverage *deleverage);

/* The mark as it stands before anything happens at a time; the first of a time counts. */
void sqz_deleverage_note_mark(struct sqz_deleverage *deleverage, double mark_log, double time_s);

/* A position that is to be closed against others. */
struct sqz_close_out {
    uint32_t position; /* of an account that is not open */
    double quantity;
    double price_usd;        /* of the close */
    double mark_usd, time_s; /* at which those on the other side are ranked */
    double now_usd;          /* mark after what has been sold of it */
    double staying[2];       /* share of all accounts, by their side, that has not left */
};

/* Close as much of it as can be against those who stand first in the queue, which is made anew
 * where time or side are others than those of the last one. Returns how much. */
double sqz_deleverage_close(struct sqz_deleverage *deleverage, struct sqz_clearing *clearing,
                            const struct sqz_close_out *close);

#endif
