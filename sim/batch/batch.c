/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/batch/batch.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* What one thread owns. */
struct worker {
    struct sqz_engine engine;
    struct sqz_tally *tally;     /* one per world */
    struct sqz_pair *pair;       /* one per pairing */
    struct sqz_outcome *outcome; /* of the block in hand */
    int error;                   /* inside the observer, which cannot return one */
};

/* What the threads share; read and written under `mutex` alone, the plan aside. */
struct crew {
    const struct sqz_batch_plan *plan;
    struct sqz_tally *total;
    struct sqz_pair *total_pair;
    struct sqz_diag *diag;
    pthread_mutex_t mutex;
    pthread_cond_t turned; /* `turn` has moved on */
    uint64_t blocks;       /* of the whole batch */
    uint64_t next;         /* blocks 0 .. next - 1 have been claimed */
    uint64_t turn;         /* the block to be handed on next, where order is wanted */
    uint64_t done;         /* paths handed on */
    int error;
};

static void tally_output(void *context, const struct sqz_event *event)
{
    struct worker *worker = context;
    if (event->kind == SQZ_EVENT_OUTPUT)
        worker->error |= sqz_histogram_add(&worker->tally[event->world].fan[event->output_index],
                                           event->exogenous_log + event->displacement_log);
}

static void free_worker(struct worker *worker, size_t n_worlds)
{
    sqz_engine_free(&worker->engine);
    for (size_t w = 0; worker->tally != NULL && w < n_worlds; w++)
        sqz_tally_free(&worker->tally[w]);
    free(worker->tally);
    free(worker->pair);
    free(worker->outcome);
}

static int init_worker(struct worker *worker, const struct sqz_batch_plan *plan,
                       struct sqz_diag *diag)
{
    size_t n_worlds = plan->engine.n_worlds;
    memset(worker, 0, sizeof *worker);
    worker->tally = calloc(n_worlds, sizeof *worker->tally);
    worker->pair = calloc(plan->n_pairings + 1, sizeof *worker->pair);
    worker->outcome = calloc(n_worlds * SQZ_BATCH_BLOCK, sizeof *worker->outcome);
    if (worker->tally == NULL || worker->pair == NULL || worker->outcome == NULL)
        return sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for a thread");
    int error = sqz_engine_init(&worker->engine, &plan->engine, diag);
    for (size_t w = 0; error == SQZ_OK && w < n_worlds; w++)
        error = sqz_tally_init(&worker->tally[w], plan->engine.worlds[w]->horizon_s,
                               plan->engine.worlds[w]->n_measures, plan->engine.n_outputs, diag);
    return error;
}

static void run_block(struct worker *worker, const struct sqz_batch_plan *plan, uint64_t first,
                      size_t count)
{
    struct sqz_observer observer = {worker, tally_output, ~(1u << SQZ_EVENT_OUTPUT)};
    size_t n_worlds = plan->engine.n_worlds;
    for (size_t i = 0; i < count; i++) {
        sqz_engine_run(&worker->engine, plan->seed, first + i,
                       plan->engine.n_outputs > 0 ? &observer : NULL);
        for (size_t w = 0; w < n_worlds; w++) {
            const struct sqz_outcome *outcome = sqz_engine_outcome(&worker->engine, w);
            if (plan->hooks.block != NULL)
                worker->outcome[i * n_worlds + w] = *outcome;
            worker->error |= sqz_tally_add(&worker->tally[w], first + i, outcome);
        }
        for (size_t p = 0; p < plan->n_pairings; p++)
            sqz_pair_add(&worker->pair[p], sqz_engine_outcome(&worker->engine, plan->pairing[p].x),
                         sqz_engine_outcome(&worker->engine, plan->pairing[p].y));
    }
}

/* Take the next block. Claimed blocks are run to their end, so what is complete once the crew stops
 * is a whole number of blocks from path 0 on. */
static bool claim(struct crew *crew, uint64_t *block)
{
    const volatile sig_atomic_t *stop = crew->plan->stop;
    pthread_mutex_lock(&crew->mutex);
    bool stopping = crew->error != SQZ_OK || (stop != NULL && *stop != 0);
    bool mine = !stopping && crew->next < crew->blocks;
    if (mine)
        *block = crew->next++;
    pthread_mutex_unlock(&crew->mutex);
    return mine;
}

/* Give a block to the hooks: in path order where the outcomes are wanted, else as it comes. */
static void hand_on(struct crew *crew, const struct worker *worker, uint64_t block, size_t count)
{
    const struct sqz_batch_hooks *hooks = &crew->plan->hooks;
    pthread_mutex_lock(&crew->mutex);
    while (hooks->block != NULL && crew->turn != block)
        pthread_cond_wait(&crew->turned, &crew->mutex);
    int error = crew->error;
    if (error == SQZ_OK && worker->error != 0)
        error = sqz_fail(crew->diag, SQZ_ERR_NOMEM, "no memory for the tallies");
    if (error == SQZ_OK && hooks->block != NULL)
        error = hooks->block(hooks->context, block * SQZ_BATCH_BLOCK, count, worker->outcome);
    crew->error = error;
    crew->done += count;
    crew->turn++;
    if (hooks->progress != NULL)
        hooks->progress(hooks->context, crew->done);
    pthread_cond_broadcast(&crew->turned);
    pthread_mutex_unlock(&crew->mutex);
}

static void run_blocks(struct crew *crew, struct worker *worker)
{
    uint64_t block;
    while (claim(crew, &block)) {
        uint64_t first = block * SQZ_BATCH_BLOCK, left = crew->plan->paths - first;
        size_t count = left < SQZ_BATCH_BLOCK ? (size_t)left : SQZ_BATCH_BLOCK;
        run_block(worker, crew->plan, first, count);
        hand_on(crew, worker, block, count);
    }
}

/* Add a thread's tallies to the total; `error` is what kept it from working. */
static void report_in(struct crew *crew, const struct worker *worker, int error,
                      const struct sqz_diag *why)
{
    pthread_mutex_lock(&crew->mutex);
    if (error != SQZ_OK && crew->error == SQZ_OK) {
        crew->error = error;
        if (crew->diag != NULL)
            *crew->diag = *why;
    }
    for (size_t w = 0; crew->error == SQZ_OK && w < crew->plan->engine.n_worlds; w++)
        if (sqz_tally_merge(&crew->total[w], &worker->tally[w]) != SQZ_OK)
            crew->error = sqz_fail(crew->diag, SQZ_ERR_NOMEM, "no memory for the tallies");
    for (size_t p = 0; crew->error == SQZ_OK && p < crew->plan->n_pairings; p++)
        sqz_pair_merge(&crew->total_pair[p], &worker->pair[p]);
    pthread_mutex_unlock(&crew->mutex);
}

/* What each thread does. */
static void work(struct crew *crew)
{
    struct worker worker;
    struct sqz_diag why = {0};
    int error = init_worker(&worker, crew->plan, &why);
    if (error == SQZ_OK)
        run_blocks(crew, &worker);
    report_in(crew, &worker, error, &why);
    free_worker(&worker, crew->plan->engine.n_worlds);
}

int sqz_batch_run(const struct sqz_batch_plan *plan, struct sqz_tally *tally, struct sqz_pair *pair,
                  struct sqz_diag *diag)
{
    struct crew crew = {.plan = plan,
                        .total = tally,
                        .total_pair = pair,
                        .diag = diag,
                        .mutex = PTHREAD_MUTEX_INITIALIZER,
                        .turned = PTHREAD_COND_INITIALIZER,
                        .blocks = (plan->paths + SQZ_BATCH_BLOCK - 1) / SQZ_BATCH_BLOCK};
#pragma omp parallel num_threads(plan->jobs)
    work(&crew);
    if (crew.error == SQZ_OK && crew.done < plan->paths)
        return sqz_fail(diag, SQZ_ERR_INTERRUPTED, "interrupted after %llu of %llu paths",
                        (unsigned long long)crew.done, (unsigned long long)plan->paths);
    return crew.error;
}
