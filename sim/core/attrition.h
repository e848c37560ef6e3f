/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What waits at a level and is not closed when it is touched: positions that left before, of
 * themselves or because a driver made them, and those that top up.
 *
 * It keeps for each side the share that stays, and by how much funding has brought levels nearer.
 */
#ifndef SQZ_CORE_ATTRITION_H
#define SQZ_CORE_ATTRITION_H

#include <math.h>

#include "sim/core/model.h"

/* Immutable, shared by all paths. */
struct sqz_attrition {
    double per_s; /* rate at which waiting positions are closed voluntarily */
    double topup; /* share of a level that tops up when touched, and is not closed */
};

/* On one path, of each side; written by the functions below alone. */
struct sqz_attrition_state {
    double shift_log[2]; /* by how much levels have come nearer */
    double keep[2];      /* share of their notional that drivers have not made leave */
};

static inline void sqz_attrition_reset(struct sqz_attrition_state *state)
{
    *state = (struct sqz_attrition_state){.keep = {1.0, 1.0}};
}

/* A driver makes all but a share of what waits on a side leave, for good. */
static inline void sqz_attrition_keep(struct sqz_attrition_state *state, enum sqz_side side,
                                      double share)
{
    state->keep[side] *= share;
}

/* Longs have paid shorts `rate` out of margin: prices of levels move by the factor 1 + rate. */
static inline void sqz_attrition_shift(struct sqz_attrition_state *state, double rate)
{
    for (int side = 0; side < 2; side++)
        state->shift_log[side] -= sqz_direction((enum sqz_side)side) * log1p(rate);
}

/* The share of what waited on a side at the start that has not left by itself at `time_s`, and of
 * that the share which is closed when touched and not topped up. */
static inline double sqz_attrition_staying_share(const struct sqz_attrition *attrition,
                                                 const struct sqz_attrition_state *state,
                                                 enum sqz_side side, double time_s)
{
    double share = state->keep[side];
    if (attrition->per_s > 0)
        share *= exp(-attrition->per_s * time_s);
    return share;
}

static inline double sqz_attrition_closed_share(const struct sqz_attrition *attrition,
                                                const struct sqz_attrition_state *state,
                                                enum sqz_side side, double time_s)
{
    return (1.0 - attrition->topup) * sqz_attrition_staying_share(attrition, state, side, time_s);
}

#endif
