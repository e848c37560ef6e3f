/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Running the paths of a job's session, and writing what one of its scenarios gave in the layout of
 * a batch. */
#ifndef SQZ_CLI_SIMULATE_H
#define SQZ_CLI_SIMULATE_H

#include "sim/cli/job.h"
#include "sim/cli/stored.h"
#include "sim/io/results.h"

/* Results of a session's paths. */
struct sqz_simulation {
    struct sqz_job *job;
    const struct sqz_session *session; /* of the job */
    double *output_s;                  /* times of the fan; NULL: none is kept */
    size_t n_outputs;
    uint64_t first, paths;    /* to run: the first, and how many */
    struct sqz_stored stored; /* where a result is written: what is done of them */
    char *identity;           /* of the batch; NULL where no result is written */
    struct sqz_tally *tally;  /* one per world */
    struct sqz_pair *pair;    /* one per pairing */
    double wall_s;
};

/* Prepare the run of a job's session and open its result directory, if one is asked for: then the
 * fan is kept, quantiles over time, at equally spaced times up to the longest horizon. Free it also
 * after a failure. */
int sqz_simulation_plan(struct sqz_simulation *simulation, struct sqz_job *job,
                        struct sqz_diag *diag);

/* Run the paths that the job's options ask for. `hooks.block` and its context are the caller's and
 * may be NULL. SQZ_ERR_INTERRUPTED: what the tallies hold is complete from path 0 on, and may be
 * nothing. */
int sqz_simulate(struct sqz_simulation *simulation, const struct sqz_batch_hooks *hooks,
                 struct sqz_diag *diag);

/* Paths that were completed. */
uint64_t sqz_simulation_paths(const struct sqz_simulation *simulation);

/* Make the remarks that follow from the outcomes. */
int sqz_simulation_examine(const struct sqz_simulation *simulation, struct sqz_diag *diag);

/* Sum up one scenario; points into the session. */
void sqz_simulation_summary(const struct sqz_simulation *simulation, size_t scenario,
                            struct sqz_summary *summary);

/* Write state.bin, which tells what was run. */
int sqz_simulation_write_state(const struct sqz_simulation *simulation,
                               const struct sqz_result_dir *dir, struct sqz_diag *diag);

/* Write the files of a batch, outcomes.csv and state.bin aside, for one scenario. */
int sqz_simulation_write(const struct sqz_simulation *simulation, size_t scenario,
                         const struct sqz_result_dir *dir, struct sqz_diag *diag);

/* What the manifest records of how the run was made. */
struct sqz_run_record sqz_simulation_record(const struct sqz_simulation *simulation,
                                            size_t scenario);

/* Say on standard error, unless the user wants quiet, how long it took and where the result is, and
 * the remarks that have not been said. */
void sqz_simulation_remark(const struct sqz_simulation *simulation);

/* Say so if paths of a scenario were cut off: SQZ_ERR_LIMIT, else SQZ_OK. */
int sqz_simulation_check_cut_off(const struct sqz_simulation *simulation, struct sqz_diag *diag);

/* Safe on a zeroed simulation; the session stays. */
void sqz_simulation_free(struct sqz_simulation *simulation);

#endif
