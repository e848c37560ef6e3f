/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How far forced orders have brought the price at one time, and which of them first brought it to a
 * distance: whose descendant an account is whose trigger is not the ladder's. */
#ifndef SQZ_CORE_FIRST_REACH_H
#define SQZ_CORE_FIRST_REACH_H

#include <stddef.h>

#include "sim/core/ladder.h"

/* A level of the ladder. */
struct sqz_level_id {
    enum sqz_side side;
    size_t index;
};

/* An order and how far it brought the price that levels watch, outward. */
struct sqz_reach {
    double reach_log;
    struct sqz_level_id order;
};

/* One per traced world; reset, not reallocated. Owns its arrays. */
struct sqz_first_reach {
    struct sqz_reach *reach[2]; /* by sides of the orders, ascending */
    size_t count[2], capacity;
    double time_s, before_log[2]; /* outward price before the first of them */
};

/* For as many steps a side as there are accounts. Returns SQZ_OK or SQZ_ERR_NOMEM. */
int sqz_first_reach_init(struct sqz_first_reach *first, size_t accounts);
/* Safe on a zeroed or already freed one. */
void sqz_first_reach_free(struct sqz_first_reach *first);
/* Begin a path. */
void sqz_first_reach_reset(struct sqz_first_reach *first);

/* A cascade begins, or an order leaves, with the price that levels watch at `trigger_log`: what is
 * within reach then, if no order has brought the price there at this time, has no parent. */
void sqz_first_reach_begin(struct sqz_first_reach *first, double trigger_log, double time_s);

/* A forced order has brought the price of its side to `reach_log`, outward. Without accounts
 * nothing is kept. */
void sqz_first_reach_note(struct sqz_first_reach *first, struct sqz_level_id order,
                          double reach_log);

/* The order that first brought the price of a side to an outward distance; NULL if none did. */
const struct sqz_level_id *sqz_first_reach_parent(const struct sqz_first_reach *first,
                                                  enum sqz_side side, double distance_log);

#endif
