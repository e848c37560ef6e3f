/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JSON for standard output, one function per kind of answer. Each prints a whole document. */
#ifndef SQZ_IO_REPORT_H
#define SQZ_IO_REPORT_H

#include <stdio.h>

#include "sim/io/bound_result.h"
#include "sim/io/comparison.h"
#include "sim/io/event_log.h"
#include "sim/io/fits.h"
#include "sim/io/ignition_result.h"
#include "sim/io/ledger_result.h"
#include "sim/io/map_result.h"
#include "sim/io/replay_result.h"
#include "sim/io/score_result.h"
#include "sim/io/sweep.h"

/* A scenario with every resolved key: schema squeeze/scenario-1. */
int sqz_report_scenario(FILE *out, const struct sqz_scenario *scenario, struct sqz_diag *diag);

/* A batch: schema squeeze/batch-1. */
int sqz_report_summary(FILE *out, const struct sqz_summary *summary, struct sqz_diag *diag);

/* A comparison: schema squeeze/compare-1. */
int sqz_report_comparison(FILE *out, const struct sqz_comparison *comparison,
                          struct sqz_diag *diag);

/* A sweep: schema squeeze/sweep-1. */
int sqz_report_sweep(FILE *out, const struct sqz_sweep *sweep, struct sqz_diag *diag);

/* The map of a scenario: schema squeeze/map-1. */
int sqz_report_map(FILE *out, const struct sqz_map *map, const struct sqz_scenario *scenario,
                   struct sqz_diag *diag);

/* What would set it off: schema squeeze/ignite-1. */
int sqz_report_ignition(FILE *out, const struct sqz_ignition *ignition,
                        const struct sqz_scenario *scenario, struct sqz_diag *diag);

/* What a record allows: schema squeeze/bound-1. */
int sqz_report_bound(FILE *out, const struct sqz_bound *bound, const struct sqz_scenario *scenario,
                     struct sqz_diag *diag);

/* Maps against what happened: schema squeeze/score-1. */
int sqz_report_score(FILE *out, const struct sqz_score *score, const char *index,
                     const struct sqz_remarks *remarks, struct sqz_diag *diag);

/* What a market is like: schema squeeze/calibrate-1. */
int sqz_report_fits(FILE *out, const struct sqz_fits *fits, const struct sqz_remarks *remarks,
                    struct sqz_diag *diag);

/* A map from a record: schema squeeze/build-map-1. */
int sqz_report_built_map(FILE *out, const struct sqz_built_map *map,
                         const struct sqz_remarks *remarks, struct sqz_diag *diag);

/* A record through a map: schema squeeze/replay-1. */
int sqz_report_replay(FILE *out, const struct sqz_replay *replay,
                      const struct sqz_scenario *scenario, struct sqz_diag *diag);

/* Every model and parameter: schema squeeze/models-1. */
int sqz_report_models(FILE *out, const struct sqz_registry *registry, struct sqz_diag *diag);

/* The side of a trade in words: "buy" or "sell" of a driver's order, else "short" or "long", the
 * positions that are closed. */
const char *sqz_event_side(const struct sqz_event *event);

/* One path, its place in a batch, and what was seen of it. */
struct sqz_path_report {
    uint64_t seed, number;
    const struct sqz_outcome *outcome;
    const struct sqz_event_log *log;
};

/* One path with its events: schema squeeze/run-1. */
int sqz_report_run(FILE *out, const struct sqz_scenario *scenario,
                   const struct sqz_path_report *path, struct sqz_diag *diag);

#endif
