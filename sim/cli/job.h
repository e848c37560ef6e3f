/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The shell of the commands that simulate: load scenarios and choose a seed, plan, run under a
 * progress bar and Ctrl-C, write the result, print the answer, draw the figures. What is a
 * command's own are the steps between. */
#ifndef SQZ_CLI_JOB_H
#define SQZ_CLI_JOB_H

#include <signal.h>

#include "sim/cli/progress.h"
#include "sim/cli/session.h"
#include "sim/io/manifest.h"
#include "sim/io/result_dir.h"

/* What every such command has. A command embeds it as the first member of its own struct. */
struct sqz_job {
    struct sqz_options options;
    struct sqz_session session;
    struct sqz_result_dir dir; /* of the result, once a step opened it: then it is written */
    struct sqz_progress progress;
    uint64_t total;                    /* paths to run, for the progress bar; set by `plan` */
    const volatile sig_atomic_t *stop; /* set by the first signal that asks it to end */
    double begun_s;
    bool committed; /* the result is in place */
};

/* The steps, in order. Each may fail; the result is then discarded. */
struct sqz_job_steps {
    /* With the session open: check and prepare, and open what is written to, so that what cannot be
     * written costs no work. */
    int (*plan)(struct sqz_job *job, struct sqz_diag *diag);
    /* SQZ_ERR_INTERRUPTED: what is complete is reported all the same, if there is any. */
    int (*run)(struct sqz_job *job, struct sqz_diag *diag);
    /* Whether anything is complete. */
    bool (*any)(const struct sqz_job *job);
    /* Make the answer of what was run. */
    int (*gather)(struct sqz_job *job, struct sqz_diag *diag);
    /* Write the data of the result into `dir`. */
    int (*write)(struct sqz_job *job, struct sqz_diag *diag);
    /* Print the answer on standard output. */
    int (*json)(struct sqz_job *job, struct sqz_diag *diag);
    void (*text)(struct sqz_job *job);
    /* What is said on standard error after the answer. */
    void (*say)(struct sqz_job *job);
    /* SQZ_ERR_LIMIT, at the very end, if paths were cut off. */
    int (*check)(const struct sqz_job *job, struct sqz_diag *diag);
    /* Free what the steps made; `session` and `dir` are the shell's. */
    void (*close)(struct sqz_job *job);
};

/* Run a command whose job is zero but for what its own usage check set, with a copy of `options` in
 * it. Frees everything. */
int sqz_job_run(struct sqz_job *job, const struct sqz_job_steps *steps, struct sqz_diag *diag);

/* What the manifest records of how the run was made, with `wall_s` seconds of it. */
struct sqz_run_record sqz_job_record(const struct sqz_job *job, double wall_s);

/* Say on standard error, unless the user wants quiet: "20 points of 50 paths in 0.12 s, result in
 * DIR"; `what` is the first part. */
void sqz_job_say_done(const struct sqz_job *job, const char *what, double wall_s);

/* Say so if paths were cut off: SQZ_ERR_LIMIT, else SQZ_OK. */
int sqz_check_cut_off(uint64_t cut_off, uint64_t paths, struct sqz_diag *diag);

#endif
