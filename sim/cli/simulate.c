/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/simulate.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/analysis/map.h"
#include "sim/batch/sample.h"
#include "sim/cli/loading.h"
#include "sim/cli/shard.h"
#include "sim/io/identity.h"
#include "sim/io/known_depth.h"

enum { FAN_TIMES = 241 }; /* 240 intervals: every 3 hours of 30 days */

/* ---- running ------------------------------------------------------------------------------- */

static int keep_fan(struct sqz_simulation *simulation, struct sqz_diag *diag)
{
    simulation->output_s = sqz_session_output_times(simulation->session, FAN_TIMES);
    simulation->n_outputs = FAN_TIMES;
    if (simulation->output_s == NULL)
        return sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for output times");
    return SQZ_OK;
}

/* What of this and earlier runs is stored beside the result. */
static int open_stored(struct sqz_simulation *simulation, struct sqz_diag *diag)
{
    const struct sqz_session *session = simulation->session;
    const struct sqz_options *options = &simulation->job->options;
    const struct sqz_identity identity = {.command = options->command->name,
                                          .scenario = session->scenario,
                                          .count = session->n_scenarios,
                                          .seed = session->seed,
                                          .max_events = options->max_events,
                                          .attributed = session->attributed,
                                          .n_outputs = simulation->n_outputs};
    simulation->identity = sqz_identity_text(&identity);
    if (simulation->identity == NULL)
        return sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for the identity of a batch");
    int error = sqz_stored_open(&simulation->stored, options, simulation->identity, diag);
    if (error == SQZ_OK && options->n_merged > 0)
        error = sqz_stored_check_whole(&simulation->stored, simulation->paths, diag);
    return error;
}

int sqz_simulation_plan(struct sqz_simulation *simulation, struct sqz_job *job,
                        struct sqz_diag *diag)
{
    const struct sqz_options *options = &job->options;
    bool again = options->resume != NULL || options->extend != NULL;
    *simulation = (struct sqz_simulation){.job = job, .session = &job->session};
    if (options->shard != NULL && (options->output == NULL || !options->seed_given))
        return sqz_fail_at(diag, SQZ_ERR_USAGE, NULL, 0, "--shard",
                           "needs a result directory, -o DIR, and the seed of all shards, -s SEED");
    int error = sqz_shard_paths(options, &simulation->first, &simulation->paths, diag);
    job->total = simulation->paths;
    if (error != SQZ_OK || options->output == NULL)
        return error;
    error = sqz_result_dir_open(&job->dir, options->output, options->force || again, diag);
    if (error == SQZ_OK)
        error = keep_fan(simulation, diag);
    return error == SQZ_OK ? open_stored(simulation, diag) : error;
}

/* The session's plan with the output times of the fan. */
static struct sqz_engine_plan engine_plan(const struct sqz_simulation *simulation)
{
    struct sqz_engine_plan plan = simulation->session->plan;
    plan.output_s = simulation->output_s;
    plan.n_outputs = simulation->n_outputs;
    return plan;
}

static int init_tallies(struct sqz_simulation *simulation, struct sqz_diag *diag)
{
    const struct sqz_session *session = simulation->session;
    size_t n_worlds = session->plan.n_worlds;
    simulation->tally = calloc(n_worlds, sizeof *simulation->tally);
    simulation->pair = calloc(session->n_pairings + 1, sizeof *simulation->pair);
    if (simulation->tally == NULL || simulation->pair == NULL)
        return sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for the tallies");
    for (size_t w = 0; w < n_worlds; w++) {
        const struct sqz_world *world = session->plan.worlds[w];
        int error = sqz_tally_init(&simulation->tally[w], world->horizon_s, world->n_measures,
                                   simulation->n_outputs, diag);
        if (error != SQZ_OK)
            return error;
    }
    return SQZ_OK;
}

static struct sqz_tallies tallies_of(const struct sqz_simulation *simulation)
{
    const struct sqz_session *session = simulation->session;
    return (struct sqz_tallies){simulation->tally, simulation->pair, session->plan.n_worlds,
                                session->n_pairings};
}

/* What the batch calls back, and on whose behalf. */
struct relay {
    const struct sqz_batch_hooks *hooks;
    struct sqz_progress *progress;
};

static int relay_block(void *context, uint64_t first, size_t count,
                       const struct sqz_outcome *outcome, struct sqz_diag *diag)
{
    const struct sqz_batch_hooks *hooks = ((struct relay *)context)->hooks;
    return hooks->block(hooks->context, first, count, outcome, diag);
}

static void relay_progress(void *context, uint64_t done)
{
    const struct relay *relay = context;
    sqz_progress_update(relay->progress, done);
}

int sqz_simulate(struct sqz_simulation *simulation, const struct sqz_batch_hooks *hooks,
                 struct sqz_diag *diag)
{
    const struct sqz_session *session = simulation->session;
    struct sqz_job *job = simulation->job;
    struct relay relay = {hooks, &job->progress};
    struct sqz_batch_plan plan = {
        .engine = engine_plan(simulation),
        .pairing = session->pairing,
        .n_pairings = session->n_pairings,
        .seed = session->seed,
        .first = simulation->first,
        .paths = simulation->paths,
        .jobs = job->options.jobs,
        .stop = job->stop,
        .store = simulation->identity != NULL ? &simulation->stored.store : NULL,
        .store_s = job->options.checkpoint_s,
        .hooks = {&relay, hooks != NULL ? relay_block : NULL, relay_progress},
    };
    int error = init_tallies(simulation, diag);
    struct sqz_tallies stored = tallies_of(simulation);
    if (error == SQZ_OK)
        error = sqz_stored_load(&simulation->stored, &stored, diag);
    if (error != SQZ_OK)
        return error;
    double begun_s = sqz_progress_clock_s();
    error = sqz_batch_run(&plan, simulation->tally, simulation->pair, diag);
    simulation->wall_s = sqz_progress_clock_s() - begun_s;
    return error;
}

uint64_t sqz_simulation_paths(const struct sqz_simulation *simulation)
{
    return simulation->tally != NULL ? simulation->tally[0].paths : 0;
}

int sqz_simulation_examine(const struct sqz_simulation *simulation, struct sqz_diag *diag)
{
    const struct sqz_session *session = simulation->session;
    for (size_t i = 0; i < session->n_scenarios; i++) {
        const struct sqz_tally *tally = &simulation->tally[sqz_session_world(session, i)];
        struct sqz_scenario *scenario = &session->scenario[i];
        if (sqz_known_remark(&scenario->remarks, scenario, tally->beyond_known, tally->paths) !=
            SQZ_OK)
            return sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for a remark");
    }
    return SQZ_OK;
}

void sqz_simulation_remark(const struct sqz_simulation *simulation)
{
    uint64_t paths = sqz_simulation_paths(simulation);
    char what[48];
    snprintf(what, sizeof what, "%" PRIu64 " path%s", paths, paths == 1 ? "" : "s");
    sqz_job_say_done(simulation->job, what, simulation->wall_s);
    for (size_t i = 0; i < simulation->session->n_scenarios; i++)
        sqz_say_remarks(&simulation->session->scenario[i].remarks, &simulation->job->options);
}

void sqz_simulation_free(struct sqz_simulation *simulation)
{
    for (size_t w = 0; simulation->tally != NULL && w < simulation->session->plan.n_worlds; w++)
        sqz_tally_free(&simulation->tally[w]);
    free(simulation->tally);
    free(simulation->pair);
    free(simulation->output_s);
    free(simulation->identity);
    bool in_place = simulation->job != NULL && simulation->job->committed;
    sqz_stored_close(&simulation->stored, in_place);
    memset(simulation, 0, sizeof *simulation);
}

/* ---- what came of one scenario ------------------------------------------------------------- */

static const struct sqz_tally *tally_of(const struct sqz_simulation *simulation, size_t scenario)
{
    return &simulation->tally[sqz_session_world(simulation->session, scenario)];
}

/* The tally of the same paths without impact; NULL if they were not followed. */
static const struct sqz_tally *shadow_of(const struct sqz_simulation *simulation, size_t scenario)
{
    const struct sqz_session *session = simulation->session;
    return session->attributed ? &simulation->tally[sqz_session_shadow(session, scenario)] : NULL;
}

void sqz_simulation_summary(const struct sqz_simulation *simulation, size_t scenario,
                            struct sqz_summary *summary)
{
    const struct sqz_session *session = simulation->session;
    sqz_summary_make(summary, &session->scenario[scenario], tally_of(simulation, scenario),
                     session->attributed ? &simulation->pair[scenario] : NULL, session->seed);
}

struct sqz_run_record sqz_simulation_record(const struct sqz_simulation *simulation,
                                            size_t scenario)
{
    uint64_t paths = sqz_simulation_paths(simulation);
    struct sqz_run_record record = sqz_job_record(simulation->job, simulation->wall_s);
    record.closeup_path = tally_of(simulation, scenario)->largest_forced_path;
    record.sampled = paths < SQZ_SAMPLED_PATHS ? paths : SQZ_SAMPLED_PATHS;
    return record;
}

int sqz_simulation_check_cut_off(const struct sqz_simulation *simulation, struct sqz_diag *diag)
{
    const struct sqz_session *session = simulation->session;
    int error = SQZ_OK;
    for (size_t i = 0; error == SQZ_OK && i < session->n_scenarios; i++) {
        const struct sqz_tally *tally = tally_of(simulation, i);
        error = sqz_check_cut_off(tally->stopped[SQZ_STOP_MAX_EVENTS], tally->paths, diag);
    }
    return error;
}

/* ---- its files ----------------------------------------------------------------------------- */

/* One scenario on its way into a directory. */
struct writing {
    const struct sqz_simulation *simulation;
    const struct sqz_result_dir *dir;
    const struct sqz_scenario *scenario;
    struct sqz_engine_plan plan;
    size_t world;
    struct sqz_run_record record;
};

static int sample(const struct writing *writing, uint64_t path, const struct sqz_observer *observer,
                  struct sqz_diag *diag)
{
    return sqz_sample_path(&writing->plan, writing->simulation->session->seed, path, writing->world,
                           observer, diag);
}

/* Thin what is too much for a file, and remember that. */
static void thin(struct writing *writing, uint64_t path, struct sqz_event_log *log)
{
    struct sqz_run_record *record = &writing->record;
    struct sqz_thinned_path whole = {path, log->count,
                                     sqz_event_log_count(log, SQZ_EVENT_LIQUIDATION)};
    sqz_event_log_thin(log, writing->scenario->params.horizon_s,
                       path == record->closeup_path ? &record->closeup_cascade : NULL);
    if (log->count < whole.events)
        record->thinned[record->n_thinned++] = whole;
}

static int write_path(struct writing *writing, FILE *file, uint64_t path, struct sqz_diag *diag)
{
    struct sqz_event_log log = {.world = (unsigned)writing->world};
    /* What drivers do goes to drivers.csv. */
    struct sqz_observer observer = {&log, sqz_event_log_add,
                                    1u << SQZ_EVENT_ORDER | 1u << SQZ_EVENT_JUMP |
                                        1u << SQZ_EVENT_CHANGE};
    int error = sample(writing, path, &observer, diag);
    if (error == SQZ_OK && path == writing->record.closeup_path && log.error == SQZ_OK)
        log.error = sqz_event_log_largest_cascade(&log, &writing->record.closeup_cascade);
    if (error == SQZ_OK && log.error != SQZ_OK)
        error = sqz_fail(diag, log.error, "no memory for a sampled path");
    if (error == SQZ_OK) {
        thin(writing, path, &log);
        sqz_results_paths_add(file, path, &log, writing->scenario->params.price_usd);
    }
    sqz_event_log_free(&log);
    return error;
}

/* The first paths, and the one with most forced notional unless it is among them. */
static int write_paths(struct writing *writing, struct sqz_diag *diag)
{
    const struct sqz_run_record *record = &writing->record;
    FILE *file;
    int error = sqz_result_dir_create(writing->dir, SQZ_FILE_PATHS, &file, diag);
    if (error != SQZ_OK)
        return error;
    sqz_results_paths_begin(file);
    for (uint64_t path = 0; error == SQZ_OK && path < record->sampled; path++)
        error = write_path(writing, file, path, diag);
    if (error == SQZ_OK && record->closeup_path >= record->sampled)
        error = write_path(writing, file, record->closeup_path, diag);
    int closed =
        sqz_result_dir_close(writing->dir, SQZ_FILE_PATHS, &file, error == SQZ_OK ? diag : NULL);
    return error != SQZ_OK ? error : closed;
}

/* What the drivers did on the close-up path. */
static int write_drivers(const struct writing *writing, struct sqz_diag *diag)
{
    FILE *file;
    if (writing->scenario->world.n_drivers == 0)
        return SQZ_OK;
    int error = sqz_result_dir_create(writing->dir, SQZ_FILE_DRIVERS, &file, diag);
    if (error != SQZ_OK)
        return error;
    struct sqz_drivers_writer writer = {file, writing->scenario, writing->record.closeup_path};
    unsigned wanted = 1u << SQZ_EVENT_OUTPUT | 1u << SQZ_EVENT_ORDER | 1u << SQZ_EVENT_JUMP;
    struct sqz_observer observer = {&writer, sqz_results_drivers_event, ~wanted};
    sqz_results_drivers_begin(file, writing->scenario);
    error = sample(writing, writing->record.closeup_path, &observer, diag);
    int closed =
        sqz_result_dir_close(writing->dir, SQZ_FILE_DRIVERS, &file, error == SQZ_OK ? diag : NULL);
    return error != SQZ_OK ? error : closed;
}

int sqz_simulation_write_state(const struct sqz_simulation *simulation,
                               const struct sqz_result_dir *dir, struct sqz_diag *diag)
{
    struct sqz_tallies tallies = tallies_of(simulation);
    FILE *file;
    int error = sqz_result_dir_create(dir, SQZ_FILE_STATE, &file, diag);
    if (error != SQZ_OK)
        return error;
    error =
        sqz_store_write(file, simulation->identity, &simulation->stored.store.done, &tallies, diag);
    int closed = sqz_result_dir_close(dir, SQZ_FILE_STATE, &file, error == SQZ_OK ? diag : NULL);
    return error != SQZ_OK ? error : closed;
}

int sqz_simulation_write(const struct sqz_simulation *simulation, size_t scenario,
                         const struct sqz_result_dir *dir, struct sqz_diag *diag)
{
    const struct sqz_session *session = simulation->session;
    const struct sqz_tally *tally = tally_of(simulation, scenario);
    const struct sqz_tally *shadow = shadow_of(simulation, scenario);
    struct sqz_summary summary;
    struct writing writing = {
        .simulation = simulation,
        .dir = dir,
        .scenario = &session->scenario[scenario],
        .plan = engine_plan(simulation),
        .world = sqz_session_world(session, scenario),
        .record = sqz_simulation_record(simulation, scenario),
    };
    struct sqz_branching branching;
    sqz_simulation_summary(simulation, scenario, &summary);
    int error = sqz_map_branching(&branching, &writing.scenario->world, SQZ_MAP_SCALE_LOG, diag);
    writing.record.branching = &branching;
    if (error == SQZ_OK)
        error = sqz_results_summary(dir, &summary, diag);
    if (error == SQZ_OK)
        error = sqz_results_fan(dir, writing.scenario, tally, shadow, simulation->output_s, diag);
    if (error == SQZ_OK)
        error = sqz_results_histograms(dir, writing.scenario, tally, shadow, diag);
    if (error == SQZ_OK)
        error = sqz_results_map(dir, writing.scenario, diag);
    if (error == SQZ_OK)
        error = sqz_results_branching(dir, writing.scenario, &branching, diag);
    if (error == SQZ_OK)
        error = write_paths(&writing, diag);
    if (error == SQZ_OK)
        error = sqz_results_manifest(dir, writing.scenario, &summary, &writing.record, diag);
    if (error == SQZ_OK)
        error = write_drivers(&writing, diag);
    sqz_branching_free(&branching);
    return error;
}
