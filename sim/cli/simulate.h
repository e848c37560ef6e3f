/* Running the paths of a session under a progress bar and Ctrl-C, and writing what one of its
 * scenarios gave in the layout of a batch. */
#ifndef SQZ_CLI_SIMULATE_H
#define SQZ_CLI_SIMULATE_H

#include <signal.h>

#include "sim/cli/progress.h"
#include "sim/cli/session.h"
#include "sim/io/results.h"

/* Results of a session's paths. Zero-initialise, set `session` and `options`, free at the end. */
struct sqz_simulation {
    const struct sqz_session *session;
    const struct sqz_options *options;
    double *output_s; /* times of the fan; NULL: none is kept */
    size_t n_outputs;
    struct sqz_tally *tally; /* one per world */
    struct sqz_pair *pair;   /* one per pairing */
    double wall_s;
};

/* What signals did before. */
struct sqz_interrupt {
    struct sigaction interrupt, terminate;
};

/* From here to the end the first Ctrl-C or SIGTERM sets what is returned, and a second one kills.
 * sqz_simulate does this itself. */
const volatile sig_atomic_t *sqz_interrupt_begin(struct sqz_interrupt *before);
void sqz_interrupt_end(const struct sqz_interrupt *before);

/* Keep the fan: quantiles over time, at equally spaced times up to the longest horizon. */
int sqz_simulation_keep_fan(struct sqz_simulation *simulation, struct sqz_diag *diag);

/* Run options->paths paths. `hooks.block` and its context are the caller's and may be NULL.
 * `progress` shows itself if the job takes long.
 * SQZ_ERR_INTERRUPTED: what the tallies hold is complete from path 0 on, and may be nothing. */
int sqz_simulate(struct sqz_simulation *simulation, const struct sqz_batch_hooks *hooks,
                 struct sqz_progress *progress, struct sqz_diag *diag);

/* Paths that were completed. */
uint64_t sqz_simulation_paths(const struct sqz_simulation *simulation);

/* Report what there is after a job returned `ended`: everything, or after an interrupt what is
 * complete, if there is `any`. Returns how the command ends; `diag` holds what `ended` said. */
int sqz_conclude(int ended, bool any, int (*report)(void *context, struct sqz_diag *diag),
                 void *context, struct sqz_diag *diag);
/* The same after sqz_simulate. */
int sqz_simulation_conclude(const struct sqz_simulation *simulation, int ended,
                            int (*report)(void *context, struct sqz_diag *diag), void *context,
                            struct sqz_diag *diag);

/* Sum up one scenario; points into the session. */
void sqz_simulation_summary(const struct sqz_simulation *simulation, size_t scenario,
                            struct sqz_summary *summary);

/* Write the files of a batch, outcomes.csv aside, for one scenario, with the figures' scripts. */
int sqz_simulation_write(const struct sqz_simulation *simulation, size_t scenario,
                         const struct sqz_result_dir *dir, struct sqz_diag *diag);

/* What the manifest records of how the run was made. */
struct sqz_run_record sqz_simulation_record(const struct sqz_simulation *simulation,
                                            size_t scenario);

/* Say on standard error, unless the user wants quiet, how many figures are about to be drawn. */
void sqz_simulation_say_drawing(const struct sqz_options *options, const char *directory);

/* Draw the figures of a result that is in place, unless the user wants none. Without gnuplot there
 * are none, and no failure. */
int sqz_simulation_draw(const struct sqz_options *options, const char *directory,
                        struct sqz_diag *diag);

/* Say on standard error, unless the user wants quiet, how long it took and where the result is. */
void sqz_simulation_remark(const struct sqz_simulation *simulation);

/* Say so if paths were cut off, of a scenario of the simulation: SQZ_ERR_LIMIT, else SQZ_OK. */
int sqz_check_cut_off(uint64_t cut_off, uint64_t paths, struct sqz_diag *diag);
int sqz_simulation_check_cut_off(const struct sqz_simulation *simulation, struct sqz_diag *diag);

/* Safe on a zeroed simulation; the session stays. */
void sqz_simulation_free(struct sqz_simulation *simulation);

#endif
