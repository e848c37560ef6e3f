/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>

#include "sim/cli/commands.h"
#include "sim/cli/compare_text.h"
#include "sim/cli/drawing.h"
#include "sim/cli/simulate.h"
#include "sim/io/report.h"

struct compare {
    struct sqz_job job;
    struct sqz_simulation simulation;
    struct sqz_comparison comparison;
};

static int plan(struct sqz_job *job, struct sqz_diag *diag)
{
    struct compare *compare = (struct compare *)job;
    const struct sqz_session *session = &job->session;
    int error =
        sqz_comparison_init(&compare->comparison, session->scenario, session->n_scenarios, diag);
    return error == SQZ_OK ? sqz_simulation_plan(&compare->simulation, job, diag) : error;
}

static int run(struct sqz_job *job, struct sqz_diag *diag)
{
    return sqz_simulate(&((struct compare *)job)->simulation, NULL, diag);
}

static bool any(const struct sqz_job *job)
{
    return sqz_simulation_paths(&((const struct compare *)job)->simulation) > 0;
}

static int gather(struct sqz_job *job, struct sqz_diag *diag)
{
    struct compare *compare = (struct compare *)job;
    const struct sqz_session *session = &job->session;
    int error = sqz_simulation_examine(&compare->simulation, diag);
    for (size_t i = 0; error == SQZ_OK && i < session->n_scenarios; i++) {
        struct sqz_compared *item = &compare->comparison.item[i];
        sqz_simulation_summary(&compare->simulation, i, &item->summary);
        if (i > 0)
            sqz_difference_make(&item->difference, item->scenario, session->scenario,
                                &compare->simulation.pair[sqz_session_comparison(session, i)]);
    }
    return error;
}

static int write_part(struct sqz_job *job, size_t index, struct sqz_diag *diag)
{
    struct sqz_result_dir part;
    int error = sqz_result_dir_open_part(&part, &job->dir, index + 1, diag);
    if (error == SQZ_OK)
        error = sqz_simulation_write(&((struct compare *)job)->simulation, index, &part, diag);
    if (error == SQZ_OK)
        error = sqz_drawing_commit(&part, diag);
    sqz_result_dir_discard(&part);
    return error;
}

static int write_data(struct sqz_job *job, struct sqz_diag *diag)
{
    struct compare *compare = (struct compare *)job;
    struct sqz_run_record record = sqz_simulation_record(&compare->simulation, 0);
    int error = sqz_comparison_write(&compare->comparison, &job->dir, &record, diag);
    if (error == SQZ_OK)
        error = sqz_simulation_write_state(&compare->simulation, &job->dir, diag);
    for (size_t i = 0; error == SQZ_OK && i < compare->comparison.count; i++)
        error = write_part(job, i, diag);
    return error;
}

static int json(struct sqz_job *job, struct sqz_diag *diag)
{
    return sqz_report_comparison(stdout, &((struct compare *)job)->comparison, diag);
}

static void text(struct sqz_job *job)
{
    sqz_compare_print(&((struct compare *)job)->comparison);
}

static void say(struct sqz_job *job)
{
    struct compare *compare = (struct compare *)job;
    sqz_simulation_remark(&compare->simulation);
    if (!job->options.quiet)
        sqz_compare_remark(&compare->comparison);
}

static int check(const struct sqz_job *job, struct sqz_diag *diag)
{
    return sqz_simulation_check_cut_off(&((const struct compare *)job)->simulation, diag);
}

static void close_compare(struct sqz_job *job)
{
    struct compare *compare = (struct compare *)job;
    sqz_comparison_free(&compare->comparison);
    sqz_simulation_free(&compare->simulation);
}

int sqz_cmd_compare(const struct sqz_options *options, struct sqz_diag *diag)
{
    static const struct sqz_job_steps STEPS = {.plan = plan,
                                               .run = run,
                                               .any = any,
                                               .gather = gather,
                                               .write = write_data,
                                               .json = json,
                                               .text = text,
                                               .say = say,
                                               .check = check,
                                               .close = close_compare};
    struct compare compare = {.job.options = *options};
    return sqz_job_run(&compare.job, &STEPS, diag);
}
