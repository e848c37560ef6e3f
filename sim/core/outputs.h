/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an observer sees at times that it names: every world as it is then, also in the middle of a
 * step, where the noise is filled in from a stream of its own so that the path stays as it is. */
#ifndef SQZ_CORE_OUTPUTS_H
#define SQZ_CORE_OUTPUTS_H

#include "sim/core/bridge.h"
#include "sim/core/path.h"

/* Owns its arrays, one item per output time of the plan. */
struct sqz_outputs {
    double *fill_s, *fill_noise; /* times within a step, noise there */
    struct sqz_stream recorder;
    size_t next; /* output */
};

/* Returns SQZ_OK or SQZ_ERR_NOMEM. */
int sqz_outputs_init(struct sqz_outputs *outputs, size_t n_outputs);
/* Safe on a zeroed or already freed one. */
void sqz_outputs_free(struct sqz_outputs *outputs);
/* Begin a path. */
void sqz_outputs_reset(struct sqz_outputs *outputs, uint64_t seed, uint64_t number);

/* Output times up to now: the state as it stands after everything that happened now. */
void sqz_outputs_report_now(struct sqz_outputs *outputs, const struct sqz_path *path);

/* Output times inside the step from now to `end_s`, the end excluded: fill in the noise, then read
 * every world there. */
void sqz_outputs_report_within(struct sqz_outputs *outputs, const struct sqz_path *path,
                               const struct sqz_step *step, double end_s);

#endif
