/* Running the points of a sweep: each is the base and the scenario it makes of it, as two worlds of
 * one exogenous path, over paths of its own. */
#ifndef SQZ_ANALYSIS_POINTS_H
#define SQZ_ANALYSIS_POINTS_H

#include "sim/batch/batch.h"
#include "sim/io/sweep.h"

/* What points are run with. Owns nothing. */
struct sqz_point_runner {
    const struct sqz_registry *registry;
    const struct sqz_exit_table *exit_table;
    bool allow_crossed;
    int jobs;
    const volatile sig_atomic_t *stop; /* as in struct sqz_batch_plan */
    struct sqz_batch_hooks hooks;      /* of each point's paths */
};

/* Check every planned point before any is run, and mark those that are the base. A point that
 * cannot be is an error; of a tornado, whose ends the user did not choose, it is left out. */
int sqz_sweep_check(struct sqz_sweep *sweep, const struct sqz_point_runner *runner,
                    struct sqz_diag *diag);

/* Check one point by itself, and mark it if it is the base. SQZ_ERR_DATA: it cannot be. */
int sqz_sweep_check_point(struct sqz_sweep *sweep, size_t index,
                          const struct sqz_point_runner *runner, struct sqz_diag *diag);

/* Run the next point, sweep->done, and count it as done. What is shown of it waits for
 * sqz_sweep_control. SQZ_ERR_INTERRUPTED: stopped, nothing of it is kept. */
int sqz_sweep_run_next(struct sqz_sweep *sweep, const struct sqz_point_runner *runner,
                       struct sqz_diag *diag);

#endif
