/* Following single paths of a batch once more, to record them. */
#ifndef SQZ_BATCH_SAMPLE_H
#define SQZ_BATCH_SAMPLE_H

#include "sim/core/engine.h"

/* Run path `path` of `seed` under `observer`, with the plan's output times (equally spaced, at
 * least two), one more just before each liquidation and several after it, ever further apart, so
 * that jump and recovery of the book show (of world 0). The path is the batch's own: output times do not change
 * it. */
int sqz_sample_path(const struct sqz_engine_plan *plan, uint64_t seed, uint64_t path,
                    const struct sqz_observer *observer, struct sqz_diag *diag);

#endif
