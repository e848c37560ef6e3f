/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sums of doubles with no rounding, so that they do not depend on the order of adding.
 *
 * Neal's small superaccumulator (arXiv:1505.05571): a fixed-point number wide enough for every
 * double, kept in overlapping chunks with delayed carries. Partial sums of blocks, threads and
 * shards merge to the same bytes however they are grouped. */
#ifndef SQZ_CORE_EXACT_SUM_H
#define SQZ_CORE_EXACT_SUM_H

#include <stdint.h>

#include "sim/core/codec.h"

enum { SQZ_SUM_CHUNKS = 68 }; /* 2^-1074 to beyond 2^1024 times 2^63 additions */

/* Zero-initialised is the empty sum. */
struct sqz_exact_sum {
    int64_t chunk[SQZ_SUM_CHUNKS]; /* chunk i counts units of 2^(32 i - 1074) */
    int64_t pending;               /* additions since the carries were last propagated */
};

/* Add a finite value. */
void sqz_exact_sum_add(struct sqz_exact_sum *sum, double value);

/* Add another sum. */
void sqz_exact_sum_merge(struct sqz_exact_sum *sum, const struct sqz_exact_sum *other);

/* Write or read it; of equal sums the bytes are equal. */
void sqz_exact_sum_code(struct sqz_exact_sum *sum, struct sqz_codec *codec);

/* The sum as a double, within one unit in the last place; a pure function of the exact value. */
double sqz_exact_sum_value(const struct sqz_exact_sum *sum);

#endif
