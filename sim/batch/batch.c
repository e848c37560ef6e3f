/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/batch/batch.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* A price at an output time: tallied once its path is whole. */
struct fan_value {
    unsigned world;
    size_t output;
    double price_log;
};

/* How long a path goes on that is under way when the batch is stopped. */
struct patience {
    const volatile sig_atomic_t *stop;
    double until_s; /* on the clock; 0: not stopped yet */
};

/* What one thread owns. */
struct worker {
    struct sqz_engine engine;
    struct sqz_tallies tallies;  /* of the paths since it last handed in */
    struct sqz_ranges since;     /* these */
    double handed_in_s;          /* when that was */
    struct sqz_outcome *outcome; /* of the block in hand */
    struct fan_value *fan;       /* of the path in hand */
    size_t n_fan;
    struct patience patience;
    int error; /* inside the observer, which cannot return one */
};

/* What the threads share; read and written under `mutex` alone, the plan aside. */
struct crew {
    const struct sqz_batch_plan *plan;
    struct sqz_tallies total;
    struct sqz_diag *diag;
    pthread_mutex_t mutex;
    pthread_cond_t turned; /* `turn` has moved on */
    uint64_t next;         /* paths below have been claimed, or need not be run */
    uint64_t claims, turn; /* blocks claimed; which of them is handed on next */
    uint64_t done;         /* paths, those stored before with them */
    uint64_t left;         /* the first path that was left unfinished, plus 1; 0: none */
    int error;
};

/* A block, or what is left of one, on its way through a thread. */
struct claim {
    struct sqz_range paths;
    uint64_t turn;
};

static double clock_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static bool is_stopped(const volatile sig_atomic_t *stop)
{
    return stop != NULL && __atomic_load_n(stop, __ATOMIC_RELAXED) != 0;
}

/* An ordinary block ends within this time, so that what is complete has no gaps. */
static const double PATIENCE_S = 0.4;

static bool give_up(void *context)
{
    struct patience *patience = context;
    if (!is_stopped(patience->stop))
        return false;
    if (patience->until_s == 0)
        patience->until_s = clock_s() + PATIENCE_S;
    return clock_s() >= patience->until_s;
}

static void keep_output(void *context, const struct sqz_event *event)
{
    struct worker *worker = context;
    if (event->kind == SQZ_EVENT_OUTPUT)
        worker->fan[worker->n_fan++] = (struct fan_value){
            event->world, event->output_index, event->exogenous_log + event->displacement_log};
}

static void tally_fan(struct worker *worker)
{
    for (size_t i = 0; i < worker->n_fan; i++) {
        const struct fan_value *value = &worker->fan[i];
        struct sqz_tally *tally = &worker->tallies.tally[value->world];
        worker->error |= sqz_histogram_add(&tally->fan[value->output], value->price_log);
    }
}

static void free_worker(struct worker *worker)
{
    sqz_engine_free(&worker->engine);
    sqz_tallies_free(&worker->tallies);
    sqz_ranges_free(&worker->since);
    free(worker->outcome);
    free(worker->fan);
}

static int init_worker(struct worker *worker, const struct crew *crew, struct sqz_diag *diag)
{
    const struct sqz_batch_plan *plan = crew->plan;
    memset(worker, 0, sizeof *worker);
    worker->handed_in_s = clock_s();
    worker->outcome = calloc(plan->engine.n_worlds * SQZ_BATCH_BLOCK, sizeof *worker->outcome);
    worker->fan = calloc(plan->engine.n_worlds * plan->engine.n_outputs + 1, sizeof *worker->fan);
    if (worker->outcome == NULL || worker->fan == NULL)
        return sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for a thread");
    struct sqz_engine_plan impatient = plan->engine;
    worker->patience.stop = plan->stop;
    impatient.give_up = give_up;
    impatient.give_up_context = &worker->patience;
    int error = sqz_engine_init(&worker->engine, &impatient, diag);
    return error == SQZ_OK ? sqz_tallies_init_like(&worker->tallies, &crew->total, diag) : error;
}

/* Add the path that was just run, number `index` of its block. */
static void tally_path(struct worker *worker, const struct sqz_batch_plan *plan, uint64_t path,
                       size_t index)
{
    size_t n_worlds = plan->engine.n_worlds;
    struct sqz_tallies *tallies = &worker->tallies;
    for (size_t w = 0; w < n_worlds; w++) {
        const struct sqz_outcome *outcome = sqz_engine_outcome(&worker->engine, w);
        if (plan->hooks.block != NULL)
            worker->outcome[index * n_worlds + w] = *outcome;
        worker->error |= sqz_tally_add(&tallies->tally[w], path, outcome);
    }
    for (size_t p = 0; p < plan->n_pairings; p++)
        sqz_pair_add(&tallies->pair[p], sqz_engine_outcome(&worker->engine, plan->pairing[p].x),
                     sqz_engine_outcome(&worker->engine, plan->pairing[p].y));
    tally_fan(worker);
}

/* Run the paths; where one is left unfinished, those before it are the block. */
static void run_block(struct worker *worker, const struct sqz_batch_plan *plan,
                      struct sqz_range *paths)
{
    const struct sqz_observer observer = {worker, keep_output, ~(1u << SQZ_EVENT_OUTPUT)};
    for (uint64_t path = paths->first; path < paths->end; path++) {
        worker->n_fan = 0;
        if (sqz_engine_run(&worker->engine, plan->seed, path,
                           plan->engine.n_outputs > 0 ? &observer : NULL))
            tally_path(worker, plan, path, (size_t)(path - paths->first));
        else
            paths->end = path;
    }
    if (paths->end > paths->first)
        worker->error |= sqz_ranges_add(&worker->since, paths->first, paths->end);
}

/* What has to be run next: up to the end of a block, or to what was stored before. */
static struct sqz_range next_paths(const struct crew *crew)
{
    static const struct sqz_ranges NONE = {0};
    const struct sqz_batch_plan *plan = crew->plan;
    struct sqz_range gap =
        sqz_ranges_gap(plan->store != NULL ? &plan->store->done : &NONE, crew->next);
    uint64_t end = plan->first + plan->paths;
    uint64_t block_end = (gap.first / SQZ_BATCH_BLOCK + 1) * SQZ_BATCH_BLOCK;
    end = block_end < end ? block_end : end;
    return (struct sqz_range){gap.first, gap.end < end ? gap.end : end};
}

/* Take the next block. Claimed blocks are run to their end unless a path takes too long, so what is
 * complete once the crew stops is a whole number of blocks from the first path on. */
static bool take(struct crew *crew, struct claim *claim)
{
    pthread_mutex_lock(&crew->mutex);
    bool stopping = crew->error != SQZ_OK || is_stopped(crew->plan->stop);
    struct sqz_range paths = next_paths(crew);
    bool mine = !stopping && paths.first < paths.end;
    if (mine) {
        *claim = (struct claim){paths, crew->claims++};
        crew->next = paths.end;
    }
    pthread_mutex_unlock(&crew->mutex);
    return mine;
}

/* Give a block to the hooks: in path order where the outcomes are wanted, else as it comes. */
static void hand_on(struct crew *crew, const struct worker *worker, const struct claim *claim)
{
    const struct sqz_batch_hooks *hooks = &crew->plan->hooks;
    size_t count = (size_t)(claim->paths.end - claim->paths.first);
    pthread_mutex_lock(&crew->mutex);
    while (hooks->block != NULL && crew->turn != claim->turn)
        pthread_cond_wait(&crew->turned, &crew->mutex);
    int error = crew->error;
    if (error == SQZ_OK && worker->error != 0)
        error = sqz_fail(crew->diag, SQZ_ERR_NOMEM, "no memory for the tallies");
    if (error == SQZ_OK && hooks->block != NULL && count > 0)
        error =
            hooks->block(hooks->context, claim->paths.first, count, worker->outcome, crew->diag);
    crew->error = error;
    crew->done += count;
    crew->turn++;
    if (hooks->progress != NULL)
        hooks->progress(hooks->context, crew->done);
    pthread_cond_broadcast(&crew->turned);
    pthread_mutex_unlock(&crew->mutex);
}

/* Store what a thread has done. What ends before a file is worth it needs none. */
static int store(struct crew *crew, const struct worker *worker, bool last)
{
    struct sqz_store *file = crew->plan->store;
    if (file == NULL || worker->since.count == 0)
        return SQZ_OK;
    if (last && file->compact_size == 0)
        return sqz_store_note(file, &worker->since, crew->diag);
    return sqz_store_add(file, &worker->since, &worker->tallies, crew->diag);
}

/* Add what a thread has done to the total, and to what is stored. The mutex is held. */
static int hand_in(struct crew *crew, const struct worker *worker, bool last)
{
    struct sqz_store *file = crew->plan->store;
    int error = store(crew, worker, last);
    if (error == SQZ_OK && sqz_tallies_merge(&crew->total, &worker->tallies) != SQZ_OK)
        error = sqz_fail(crew->diag, SQZ_ERR_NOMEM, "no memory for the tallies");
    if (error == SQZ_OK && file != NULL && sqz_store_is_long(file))
        error = sqz_store_compact(file, &crew->total, crew->diag);
    return error;
}

/* From time to time hand in, and begin again with nothing. */
static void hand_in_sometimes(struct crew *crew, struct worker *worker)
{
    if (crew->plan->store == NULL || clock_s() - worker->handed_in_s < crew->plan->store_s)
        return;
    pthread_mutex_lock(&crew->mutex);
    if (crew->error == SQZ_OK)
        crew->error = hand_in(crew, worker, false);
    sqz_tallies_free(&worker->tallies);
    sqz_ranges_free(&worker->since);
    if (crew->error == SQZ_OK)
        crew->error = sqz_tallies_init_like(&worker->tallies, &crew->total, crew->diag);
    worker->handed_in_s = clock_s();
    pthread_mutex_unlock(&crew->mutex);
}

/* A path was left unfinished. */
static void note_left(struct crew *crew, uint64_t path)
{
    pthread_mutex_lock(&crew->mutex);
    crew->left = crew->left == 0 || path < crew->left ? path + 1 : crew->left;
    pthread_mutex_unlock(&crew->mutex);
}

static int fail_interrupted(const struct crew *crew)
{
    char left[64] = "";
    if (crew->left > 0)
        snprintf(left, sizeof left, "; path %llu was left unfinished",
                 (unsigned long long)crew->left - 1);
    return sqz_fail(crew->diag, SQZ_ERR_INTERRUPTED, "interrupted after %llu of %llu paths%s",
                    (unsigned long long)crew->done, (unsigned long long)crew->plan->paths, left);
}

static void run_blocks(struct crew *crew, struct worker *worker)
{
    struct claim claim;
    while (take(crew, &claim)) {
        uint64_t end = claim.paths.end;
        run_block(worker, crew->plan, &claim.paths);
        if (claim.paths.end < end)
            note_left(crew, claim.paths.end);
        hand_on(crew, worker, &claim);
        hand_in_sometimes(crew, worker);
    }
}

/* The end of a thread; `error` is what kept it from working. */
static void report_in(struct crew *crew, const struct worker *worker, int error,
                      const struct sqz_diag *why)
{
    pthread_mutex_lock(&crew->mutex);
    if (error != SQZ_OK && crew->error == SQZ_OK) {
        crew->error = error;
        if (crew->diag != NULL)
            *crew->diag = *why;
    }
    if (crew->error == SQZ_OK)
        crew->error = hand_in(crew, worker, true);
    pthread_mutex_unlock(&crew->mutex);
}

/* What each thread does. */
static void work(struct crew *crew)
{
    struct worker worker;
    struct sqz_diag why = {0};
    int error = init_worker(&worker, crew, &why);
    if (error == SQZ_OK)
        run_blocks(crew, &worker);
    report_in(crew, &worker, error, &why);
    free_worker(&worker);
}

int sqz_batch_run(const struct sqz_batch_plan *plan, struct sqz_tally *tally, struct sqz_pair *pair,
                  struct sqz_diag *diag)
{
    struct crew crew = {.plan = plan,
                        .total = {tally, pair, plan->engine.n_worlds, plan->n_pairings},
                        .diag = diag,
                        .mutex = PTHREAD_MUTEX_INITIALIZER,
                        .turned = PTHREAD_COND_INITIALIZER,
                        .next = plan->first,
                        .done = plan->store != NULL ? sqz_ranges_total(&plan->store->done) : 0};
#pragma omp parallel num_threads(plan->jobs)
    work(&crew);
    if (crew.error == SQZ_OK && crew.done < plan->paths)
        return fail_interrupted(&crew);
    return crew.error;
}
