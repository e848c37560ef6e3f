/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/job.h"

#include <inttypes.h>
#include <stdio.h>

#include "sim/cli/drawing.h"
#include "sim/cli/layout.h"
#include "sim/cli/signals.h"
#include "sim/cli/stored_options.h"

/* ---- running ------------------------------------------------------------------------------- */

static int run(struct sqz_job *job, const struct sqz_job_steps *steps, struct sqz_diag *diag)
{
    sqz_progress_begin(&job->progress, job->total, job->options.quiet);
    int error = steps->run(job, diag);
    sqz_progress_end(&job->progress);
    return error;
}

/* ---- the answer ---------------------------------------------------------------------------- */

static bool writes(const struct sqz_job *job)
{
    return job->dir.path != NULL;
}

static int write_result(struct sqz_job *job, const struct sqz_job_steps *steps,
                        struct sqz_diag *diag)
{
    int error = steps->write(job, diag);
    if (error == SQZ_OK)
        error = sqz_drawing_commit(&job->dir, diag);
    job->committed = error == SQZ_OK;
    return error;
}

static int print(struct sqz_job *job, const struct sqz_job_steps *steps, struct sqz_diag *diag)
{
    int error = SQZ_OK;
    if (job->options.json)
        error = steps->json(job, diag);
    else
        steps->text(job);
    fflush(stdout); /* the answer comes first where both go to one place */
    return error;
}

static int report(struct sqz_job *job, const struct sqz_job_steps *steps, struct sqz_diag *diag)
{
    int error = steps->gather(job, diag);
    if (error == SQZ_OK && writes(job))
        error = write_result(job, steps, diag);
    if (error == SQZ_OK)
        error = print(job, steps, diag);
    if (error == SQZ_OK)
        steps->say(job);
    if (error == SQZ_OK && writes(job))
        error = sqz_drawing_make(&job->options, job->dir.path, diag);
    return error == SQZ_OK ? steps->check(job, diag) : error;
}

/* Report what there is after a run ended: everything, or after an interrupt what is complete. */
static int conclude(struct sqz_job *job, const struct sqz_job_steps *steps, int ended,
                    struct sqz_diag *diag)
{
    struct sqz_diag own = {0};
    if (ended == SQZ_OK)
        return report(job, steps, diag);
    if (ended != SQZ_ERR_INTERRUPTED || !steps->any(job))
        return ended;
    int error = report(job, steps, &own);
    if (error == SQZ_OK || error == SQZ_ERR_LIMIT)
        return ended;
    *diag = own;
    return error;
}

static int run_job(struct sqz_job *job, const struct sqz_job_steps *steps, struct sqz_diag *diag)
{
    int error = sqz_session_open(&job->session, &job->options, diag);
    if (error != SQZ_OK)
        return error;
    job->stop = sqz_signals_hold();
    error = steps->plan(job, diag);
    if (error == SQZ_OK) {
        sqz_session_say_seed(&job->session, &job->options);
        error = conclude(job, steps, run(job, steps, diag), diag);
    }
    steps->close(job);
    sqz_result_dir_discard(&job->dir);
    sqz_session_close(&job->session);
    sqz_signals_release();
    return error;
}

int sqz_job_run(struct sqz_job *job, const struct sqz_job_steps *steps, struct sqz_diag *diag)
{
    struct sqz_words words = {0};
    job->begun_s = sqz_progress_clock_s();
    int error = sqz_stored_options(&job->options, &words, diag);
    if (error == SQZ_OK)
        error = run_job(job, steps, diag);
    sqz_words_free(&words);
    return error;
}

/* ---- what commands share ------------------------------------------------------------------- */

struct sqz_run_record sqz_job_record(const struct sqz_job *job, double wall_s)
{
    return (struct sqz_run_record){.argc = job->options.argc,
                                   .argv = job->options.argv,
                                   .wall_s = wall_s,
                                   .jobs = job->options.jobs};
}

void sqz_job_say_done(const struct sqz_job *job, const char *what, double wall_s)
{
    const struct sqz_options *options = &job->options;
    if (options->quiet)
        return;
    fprintf(stderr, "squeeze: %s in %.2f s%s", what, wall_s,
            options->output != NULL ? ", result in " : "");
    sqz_layout_text(stderr, options->output != NULL ? options->output : "");
    fputc('\n', stderr);
}

int sqz_check_cut_off(uint64_t cut_off, uint64_t paths, struct sqz_diag *diag)
{
    if (cut_off == 0)
        return SQZ_OK;
    return sqz_fail(diag, SQZ_ERR_LIMIT,
                    "%" PRIu64 " of %" PRIu64 " path%s %s cut off by --max-events", cut_off, paths,
                    paths == 1 ? "" : "s", cut_off == 1 ? "was" : "were");
}
