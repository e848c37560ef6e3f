/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The answer of `squeeze bound`: what it says, as JSON and as a file. sim/analysis fills it. */
#ifndef SQZ_IO_BOUND_RESULT_H
#define SQZ_IO_BOUND_RESULT_H

#include <stdbool.h>

#include "sim/core/estimate.h"
#include "sim/io/json.h"
#include "sim/io/result_dir.h"
#include "sim/io/scenario.h"

/* A scale, and the probability that the range stays within what was recorded. */
struct sqz_bound_point {
    double scale;
    struct sqz_estimate probability;
};

struct sqz_bound {
    double range_log, length_s;    /* of the record: log(highest / lowest), and how long it is */
    double high_usd, low_usd;      /* its extremes */
    double open_usd;               /* its first price */
    double begin_s;                /* since 1970 */
    double volatility_per_sqrt_s;  /* realised in the record; NAN: it has too few bars */
    uint64_t seed, paths, cut_off; /* cut_off: paths that --max-events ended early */
    struct sqz_bound_point *point; /* ascending; owned. Scale 0, without impact, is the first */
    size_t count;
    double upper_95; /* NAN: every scale that was run is refuted */
    bool open;       /* no scale is refuted: the bound is beyond the largest that was run */
};

/* Safe on a zeroed or already freed one. */
void sqz_bound_free(struct sqz_bound *bound);

/* The level at which a scale is refuted. */
#define SQZ_BOUND_LEVEL 0.05

/* The object of schema squeeze/bound-1; a new reference, NULL: no memory. `scale_upper_95` is null
 * where there is none. */
json_t *sqz_bound_json(const struct sqz_bound *bound, const struct sqz_scenario *scenario);

/* bound.csv: scale,probability,lo,hi. */
int sqz_results_bound(const struct sqz_result_dir *dir, const struct sqz_bound *bound,
                      struct sqz_diag *diag);

#endif
