/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The liquidation ladder of one scenario: levels sorted outward from the start price on each side.
 *
 * Everything here is relative to the start price, in logs, and *outward*: a short's level at log
 * price l has distance l, a long's level has distance -l, so both sides read alike. */
#ifndef SQZ_CORE_LADDER_H
#define SQZ_CORE_LADDER_H

#include <stddef.h>
#include <stdint.h>

#include "sim/core/error.h"
#include "sim/core/model.h"

/* Closer than this (log price) a barrier counts as touched: 1e-6 of a basis point. */
#define SQZ_TOUCH_LOG 1e-10

/* In place of the index of a level: none. */
#define SQZ_NO_LEVEL UINT32_MAX

/* One level as it is read. `distance_log` is outward; negative means already crossed. */
struct sqz_level {
    double distance_log;
    double notional_usd;
    float leverage;     /* 0: unknown; of accounts, entry value over margin */
    unsigned char side; /* enum sqz_side: SQZ_UP for shorts, SQZ_DOWN for longs */
};

/* One side of a ladder. `distance_log` has count + 1 entries, the last one INFINITY, so a frontier
 * may be read without a bounds check. */
struct sqz_ladder_side {
    size_t count;
    double *distance_log; /* ascending */
    double *notional_usd;
    uint32_t *account; /* whose positions are closed; NULL where levels stand for no accounts */
    float *leverage;
    double total_usd;
};

/* Immutable once built; shared by all paths. Owns its arrays. */
struct sqz_ladder {
    struct sqz_ladder_side side[2]; /* indexed by enum sqz_side */
};

/* The word for it: "short" or "long". */
const char *sqz_side_name(enum sqz_position_side side);

/* Build from `count` levels in any order; equal ladders result from any permutation of the rows.
 * Sorts `levels` in place; every notional is multiplied by `scale`. */
int sqz_ladder_build(struct sqz_ladder *ladder, struct sqz_level *levels, size_t count,
                     double scale, struct sqz_diag *diag);

/* Safe on a zeroed or already freed ladder. */
void sqz_ladder_free(struct sqz_ladder *ladder);

#endif
