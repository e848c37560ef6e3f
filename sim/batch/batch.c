/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/batch/batch.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* What one thread owns. */
struct worker {
    struct sqz_engine engine;
    struct sqz_tallies tallies;  /* of the paths since it last handed in */
    struct sqz_ranges since;     /* these */
    double handed_in_s;          /* when that was */
    struct sqz_outcome *outcome; /* of the block in hand */
    int error;                   /* inside the observer, which cannot return one */
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

static void tally_output(void *context, const struct sqz_event *event)
{
    struct worker *worker = context;
    struct sqz_tally *tally = &worker->tallies.tally[event->world];
    if (event->kind == SQZ_EVENT_OUTPUT)
        worker->error |= sqz_histogram_add(&tally->fan[event->output_index],
                                           event->exogenous_log + event->displacement_log);
}

static void free_worker(struct worker *worker)
{
    sqz_engine_free(&worker->engine);
    sqz_tallies_free(&worker->tallies);
    sqz_ranges_free(&worker->since);
    free(worker->outcome);
}

static int init_worker(struct worker *worker, const struct crew *crew, struct sqz_diag *diag)
{
    const struct sqz_batch_plan *plan = crew->plan;
    memset(worker, 0, sizeof *worker);
    worker->handed_in_s = clock_s();
    worker->outcome = calloc(plan->engine.n_worlds * SQZ_BATCH_BLOCK, sizeof *worker->outcome);
    if (worker->outcome == NULL)
        return sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for a thread");
    int error = sqz_engine_init(&worker->engine, &plan->engine, diag);
    return error == SQZ_OK ? sqz_tallies_init_like(&worker->tallies, &crew->total, diag) : error;
}

static void run_block(struct worker *worker, const struct sqz_batch_plan *plan,
                      struct sqz_range paths)
{
    struct sqz_observer observer = {worker, tally_output, ~(1u << SQZ_EVENT_OUTPUT)};
    size_t n_worlds = plan->engine.n_worlds;
    struct sqz_tallies *tallies = &worker->tallies;
    for (uint64_t path = paths.first; path < paths.end; path++) {
        sqz_engine_run(&worker->engine, plan->seed, path,
                       plan->engine.n_outputs > 0 ? &observer : NULL);
        for (size_t w = 0; w < n_worlds; w++) {
            const struct sqz_outcome *outcome = sqz_engine_outcome(&worker->engine, w);
            if (plan->hooks.block != NULL)
                worker->outcome[(path - paths.first) * n_worlds + w] = *outcome;
            worker->error |= sqz_tally_add(&tallies->tally[w], path, outcome);
        }
        for (size_t p = 0; p < plan->n_pairings; p++)
            sqz_pair_add(&tallies->pair[p], sqz_engine_outcome(&worker->engine, plan->pairing[p].x),
                         sqz_engine_outcome(&worker->engine, plan->pairing[p].y));
    }
    worker->error |= sqz_ranges_add(&worker->since, paths.first, paths.end);
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

/* Take the next block. Claimed blocks are run to their end, so what is complete once the crew stops
 * is a whole number of blocks from the first path on. */
static bool take(struct crew *crew, struct claim *claim)
{
    const volatile sig_atomic_t *stop = crew->plan->stop;
    pthread_mutex_lock(&crew->mutex);
    bool stopping = crew->error != SQZ_OK || (stop != NULL && *stop != 0);
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
    if (error == SQZ_OK && hooks->block != NULL)
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

static void run_blocks(struct crew *crew, struct worker *worker)
{
    struct claim claim;
    while (take(crew, &claim)) {
        run_block(worker, crew->plan, claim.paths);
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
        return sqz_fail(diag, SQZ_ERR_INTERRUPTED, "interrupted after %llu of %llu paths",
                        (unsigned long long)crew.done, (unsigned long long)plan->paths);
    return crew.error;
}
