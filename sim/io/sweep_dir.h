/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The result directory of a sweep, which keeps every point as soon as it is finished.
 *
 * While the sweep runs the directory holds manifest.json, which says what is run, and points.csv,
 * which grows by whole rows; a later run of the same sweep goes on from there. What is shown of a
 * point waits for the base of all and is empty until then (sim/analysis/control_variate.h). Once
 * all points are in, the whole result replaces both as any other result does. */
#ifndef SQZ_IO_SWEEP_DIR_H
#define SQZ_IO_SWEEP_DIR_H

#include "sim/io/sweep.h"

/* Owns its strings and the open file. */
struct sqz_sweep_dir {
    char *path;
    bool apart; /* it grows in DIR.resume, as DIR holds an earlier result until this one is whole */
    FILE *points; /* open for appending, and locked against another run */
};

/* The seed of the sweep that `path` holds, if it holds one. */
bool sqz_sweep_dir_seed(const char *path, uint64_t *seed);

/* Begin a sweep in `path`, or go on with the one that is there: its rows are read into the points.
 * Refuses a directory that holds anything else, or another sweep, unless `force`: then it begins
 * anew, beside an earlier result, which stays until the new one takes its place. Close it also
 * after a failure. */
int sqz_sweep_dir_open(struct sqz_sweep_dir *dir, struct sqz_sweep *sweep, const char *path,
                       bool force, const struct sqz_run_record *record, struct sqz_diag *diag);

/* Append the row of a point that has been run. */
int sqz_sweep_dir_add(const struct sqz_sweep_dir *dir, const struct sqz_sweep *sweep, size_t index,
                      struct sqz_diag *diag);

/* A directory apart goes with it. Safe on a zeroed or already closed directory. */
void sqz_sweep_dir_close(struct sqz_sweep_dir *dir);

/* Write manifest.json, points.csv and summary.json of a finished sweep into `result`. */
int sqz_sweep_write(const struct sqz_sweep *sweep, const struct sqz_result_dir *result,
                    const struct sqz_run_record *record, struct sqz_diag *diag);

#endif
