/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pieces of manifest.json: how a result was made, and of what. */
#ifndef SQZ_IO_MANIFEST_H
#define SQZ_IO_MANIFEST_H

#include <stdint.h>

#include "sim/io/event_log.h"
#include "sim/io/json.h"
#include "sim/io/map_result.h"
#include "sim/io/scenario.h"

enum { SQZ_SAMPLED_PATHS = 8 };

/* A path whose rows in paths.csv are fewer than its events. */
struct sqz_thinned_path {
    uint64_t path;
    size_t events, liquidations;
};

/* How a run was made: recorded in the manifest alone. */
struct sqz_run_record {
    int argc;
    char *const *argv;
    double wall_s;
    int jobs;
    uint64_t closeup_path;              /* the path with the largest forced notional */
    struct sqz_cascade closeup_cascade; /* the largest on it */
    uint64_t sampled; /* paths 0 .. sampled - 1 are in paths.csv, and the close-up */
    struct sqz_thinned_path thinned[SQZ_SAMPLED_PATHS + 1]; /* of these, in order */
    size_t n_thinned;
    const struct sqz_branching *branching; /* what branching.csv holds; NULL: there is none */
};

/* What every manifest begins with: schema, version, command, when, where, seed, paths. A new
 * reference. */
json_t *sqz_manifest_head(const struct sqz_run_record *record, uint64_t seed, uint64_t paths);

/* The whole manifest of a result that nothing was simulated for, as manifest.json. */
int sqz_manifest_write(const struct sqz_result_dir *dir, const struct sqz_scenario *scenario,
                       const struct sqz_run_record *record, struct sqz_diag *diag);

/* Add one scenario: its resolved settings, the files it was read from, its models, its ladder. */
void sqz_manifest_add_scenario(json_t *manifest, const struct sqz_scenario *scenario);

/* Add the branching ratio that branching.csv holds, if there is one. */
void sqz_manifest_add_branching(json_t *manifest, const struct sqz_scenario *scenario,
                                const struct sqz_run_record *record);

/* The files that a scenario was read from, each with path and sha256. A new reference. */
json_t *sqz_manifest_files(const struct sqz_scenario *scenario);

#endif
