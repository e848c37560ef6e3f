/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Following single paths of a batch once more, to record them. */
#ifndef SQZ_BATCH_SAMPLE_H
#define SQZ_BATCH_SAMPLE_H

#include "sim/core/engine.h"

/* Run path `path` of `seed` once more and show `observer` the events of world `world`, at the
 * plan's output times (equally spaced, at least two) and, so that jump and recovery of the book
 * show, just before whatever is sudden (liquidations, fills, orders, jumps, changes) and several
 * times after it, ever further apart; trades that follow one another closely count as one. The
 * path is the batch's own: output times do not change it. */
int sqz_sample_path(const struct sqz_engine_plan *plan, uint64_t seed, uint64_t path, size_t world,
                    const struct sqz_observer *observer, struct sqz_diag *diag);

#endif
