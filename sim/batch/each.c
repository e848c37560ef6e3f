/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/batch/each.h"

#include <pthread.h>
#include <stdbool.h>

/* What the threads share; read and written under `mutex` alone, the plan aside. */
struct crew {
    const struct sqz_each *each;
    struct sqz_diag *diag;
    pthread_mutex_t mutex;
    size_t next, done;
    int error;
};

static bool claim(struct crew *crew, size_t *index)
{
    const volatile sig_atomic_t *flag = crew->each->stop;
    bool stop = flag != NULL && __atomic_load_n(flag, __ATOMIC_RELAXED) != 0;
    pthread_mutex_lock(&crew->mutex);
    bool stopping = crew->error != SQZ_OK || stop;
    bool mine = !stopping && crew->next < crew->each->count;
    if (mine)
        *index = crew->next++;
    pthread_mutex_unlock(&crew->mutex);
    return mine;
}

static void hand_in(struct crew *crew, int error, const struct sqz_diag *why)
{
    pthread_mutex_lock(&crew->mutex);
    crew->done += error == SQZ_OK;
    if (error != SQZ_OK && crew->error == SQZ_OK) {
        crew->error = error;
        if (crew->diag != NULL)
            *crew->diag = *why;
    }
    if (crew->each->progress != NULL)
        crew->each->progress(crew->each->progress_context, crew->done);
    pthread_mutex_unlock(&crew->mutex);
}

static void work(struct crew *crew)
{
    size_t index;
    while (claim(crew, &index)) {
        struct sqz_diag why = {0};
        hand_in(crew, crew->each->item(crew->each->context, index, &why), &why);
    }
}

int sqz_each_run(const struct sqz_each *each, struct sqz_diag *diag)
{
    struct crew crew = {.each = each, .diag = diag, .mutex = PTHREAD_MUTEX_INITIALIZER};
#pragma omp parallel num_threads(each->jobs)
    work(&crew);
    if (crew.error == SQZ_OK && crew.done < each->count)
        return sqz_fail(diag, SQZ_ERR_INTERRUPTED, "interrupted after %zu of %zu items", crew.done,
                        each->count);
    return crew.error;
}
