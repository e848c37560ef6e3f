/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which paths are done: ranges of path numbers. */
#ifndef SQZ_BATCH_RANGES_H
#define SQZ_BATCH_RANGES_H

#include <stdbool.h>

#include "sim/core/codec.h"

/* Paths first .. end - 1. */
struct sqz_range {
    uint64_t first, end;
};

/* In ascending order; none touches another. Owns its items; zero-initialised is empty. */
struct sqz_ranges {
    struct sqz_range *item;
    size_t count, capacity;
};

/* Safe on zeroed ones. */
void sqz_ranges_free(struct sqz_ranges *ranges);

/* Add first .. end - 1, of which none may be in yet: SQZ_ERR_DATA, and no change, if one is.
 * SQZ_ERR_NOMEM where memory is out. */
int sqz_ranges_add(struct sqz_ranges *ranges, uint64_t first, uint64_t end);
/* Add all of `other`. */
int sqz_ranges_merge(struct sqz_ranges *ranges, const struct sqz_ranges *other);

/* The first gap that begins at `from` or after: from *first up to *end, which is UINT64_MAX behind
 * the last range. */
struct sqz_range sqz_ranges_gap(const struct sqz_ranges *ranges, uint64_t from);

/* How many paths there are. */
uint64_t sqz_ranges_total(const struct sqz_ranges *ranges);

/* Write them, or read some into empty ones. */
void sqz_ranges_code(struct sqz_ranges *ranges, struct sqz_codec *codec);

#endif
