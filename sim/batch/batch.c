#include "sim/batch/batch.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <omp.h>

/* What one thread owns. */
struct worker {
    struct sqz_engine engine;
    struct sqz_tally *tally;     /* one per world */
    struct sqz_outcome *outcome; /* of the block in hand */
    int error;                   /* inside the observer, which cannot return one */
};

/* What the threads share; changed inside critical or ordered sections only. */
struct crew {
    const struct sqz_batch_plan *plan;
    struct sqz_tally *total;
    struct sqz_diag *diag;
    uint64_t started; /* blocks 0 .. started - 1 are done or in hand */
    uint64_t done;    /* paths handed on, in order */
    bool going;       /* this round is run */
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
    free(worker->outcome);
}

static int init_worker(struct worker *worker, const struct sqz_batch_plan *plan,
                       struct sqz_diag *diag)
{
    size_t n_worlds = plan->engine.n_worlds;
    memset(worker, 0, sizeof *worker);
    worker->tally = calloc(n_worlds, sizeof *worker->tally);
    worker->outcome = calloc(n_worlds * SQZ_BATCH_BLOCK, sizeof *worker->outcome);
    if (worker->tally == NULL || worker->outcome == NULL)
        return sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for a thread");
    int error = sqz_engine_init(&worker->engine, &plan->engine, diag);
    for (size_t w = 0; error == SQZ_OK && w < n_worlds; w++)
        error = sqz_tally_init(&worker->tally[w], plan->engine.worlds[w]->horizon_s,
                               plan->engine.n_outputs, diag);
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
            worker->outcome[i * n_worlds + w] = *outcome;
            worker->error |= sqz_tally_add(&worker->tally[w], first + i, outcome);
        }
    }
}

static bool stopping(const struct crew *crew)
{
    return crew->error != SQZ_OK || (crew->plan->stop != NULL && *crew->plan->stop != 0);
}

/* Whether to run a block. Once stopping, only those before one that has already begun: what is
 * complete in the end is a whole number of blocks from path 0 on. */
static bool claim(struct crew *crew, uint64_t block)
{
    bool mine;
#pragma omp critical(sqz_batch_crew)
    {
        mine = !stopping(crew) || block < crew->started;
        if (mine && block >= crew->started)
            crew->started = block + 1;
    }
    return mine;
}

static void hand_on(struct crew *crew, const struct worker *worker, uint64_t first, size_t count)
{
    const struct sqz_batch_hooks *hooks = &crew->plan->hooks;
    int error = worker->error != 0
                    ? sqz_fail(crew->diag, SQZ_ERR_NOMEM, "no memory for the tallies")
                    : SQZ_OK;
    if (error == SQZ_OK && crew->error == SQZ_OK && hooks->block != NULL)
        error = hooks->block(hooks->context, first, count, worker->outcome);
    crew->done += count;
    if (hooks->progress != NULL)
        hooks->progress(hooks->context, crew->done);
    if (error == SQZ_OK)
        return;
#pragma omp critical(sqz_batch_crew)
    crew->error = error;
}

/* Add a thread's tallies to the total. */
static void report_in(struct crew *crew, struct worker *worker)
{
    for (size_t w = 0; crew->error == SQZ_OK && w < crew->plan->engine.n_worlds; w++)
        if (sqz_tally_merge(&crew->total[w], &worker->tally[w]) != SQZ_OK)
            crew->error = sqz_fail(crew->diag, SQZ_ERR_NOMEM, "no memory for the tallies");
}

/* Blocks are dealt out in rounds, so that stopping need not deal out all that are left. */
enum { ROUND_BLOCKS = 1024 };

static void run_round(struct crew *crew, struct worker *worker, uint64_t from, uint64_t to)
{
    const struct sqz_batch_plan *plan = crew->plan;
#pragma omp for ordered schedule(dynamic, 1)
    for (uint64_t block = from; block < to; block++) {
        uint64_t first = block * SQZ_BATCH_BLOCK, left = plan->paths - first;
        size_t count = left < SQZ_BATCH_BLOCK ? (size_t)left : SQZ_BATCH_BLOCK;
        if (!claim(crew, block))
            continue;
        run_block(worker, plan, first, count);
        /* Threads wait for each other's turn only where somebody wants the order. */
        if (plan->hooks.block != NULL) {
#pragma omp ordered
            hand_on(crew, worker, first, count);
        } else {
#pragma omp critical(sqz_batch_hand_on)
            hand_on(crew, worker, first, count);
        }
    }
}

/* What each thread does. All of them take part in every round, for a round ends with a barrier. */
static void work(struct crew *crew)
{
    uint64_t blocks = (crew->plan->paths + SQZ_BATCH_BLOCK - 1) / SQZ_BATCH_BLOCK;
    struct worker worker;
    struct sqz_diag own = {0};
    int error = init_worker(&worker, crew->plan, &own);
    if (error != SQZ_OK) {
#pragma omp critical(sqz_batch_crew)
        {
            crew->error = error;
            if (crew->diag != NULL)
                *crew->diag = own;
        }
    }
#pragma omp barrier
    for (uint64_t from = 0; from < blocks; from += ROUND_BLOCKS) {
#pragma omp single
        crew->going = !stopping(crew);
        if (!crew->going)
            break;
        run_round(crew, &worker, from, blocks - from < ROUND_BLOCKS ? blocks : from + ROUND_BLOCKS);
    }
#pragma omp critical(sqz_batch_crew)
    report_in(crew, &worker);
    free_worker(&worker, crew->plan->engine.n_worlds);
}

int sqz_batch_run(const struct sqz_batch_plan *plan, struct sqz_tally *tally, struct sqz_diag *diag)
{
    struct crew crew = {.plan = plan, .total = tally, .diag = diag};
#pragma omp parallel num_threads(plan->jobs)
    work(&crew);
    if (crew.error == SQZ_OK && crew.done < plan->paths)
        return sqz_fail(diag, SQZ_ERR_INTERRUPTED, "interrupted after %llu of %llu paths",
                        (unsigned long long)crew.done, (unsigned long long)plan->paths);
    return crew.error;
}
