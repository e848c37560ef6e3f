/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Many paths of a case, and what they answer. */
#include "sim/batch/batch.h"

#include <stdlib.h>
#include <unistd.h>

#include "sim/api/api.h"
#include "sim/io/json.h"
#include "sim/io/known_depth.h"
#include "sim/io/summary.h"

enum { THREADS_MAX = 1024 };

struct sqz_answer {
    json_t *json;
    struct sqz_remarks remarks;
};

/* ---- running ------------------------------------------------------------------------------- */

/* The batch asks and tells under a lock of its own. */
struct watcher {
    const sqz_batch_input *input;
    volatile sig_atomic_t stop;
};

static void on_progress(void *context, uint64_t done)
{
    struct watcher *watcher = context;
    const sqz_batch_input *input = watcher->input;
    if (input->progress != NULL && input->progress(input->context, done, input->paths) != 0)
        __atomic_store_n(&watcher->stop, 1, __ATOMIC_RELAXED);
}

struct tallies {
    struct sqz_tally of_world[2];
    struct sqz_pair pair;
};

static int init_tallies(const struct sqz_case *loaded, struct tallies *tallies,
                        struct sqz_diag *diag)
{
    int error = SQZ_OK;
    for (size_t w = 0; error == SQZ_OK && w < loaded->n_worlds; w++)
        error = sqz_tally_init(&tallies->of_world[w], loaded->world[w]->horizon_s,
                               loaded->world[w]->n_measures, 0, diag);
    return error;
}

static int run(const struct sqz_case *loaded, const sqz_batch_input *input, struct tallies *tallies,
               struct sqz_diag *diag)
{
    static const struct sqz_pairing OWN_AND_SHADOW = {0, 1};
    struct watcher watcher = {input, 0};
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    struct sqz_batch_plan plan = {
        .engine = sqz_api_plan(loaded, input->max_events),
        .pairing = &OWN_AND_SHADOW,
        .n_pairings = loaded->n_worlds - 1,
        .seed = input->seed,
        .paths = input->paths,
        .jobs = input->threads > 0 ? input->threads
                : processors > 0   ? (int)processors
                                   : 1,
        .stop = &watcher.stop,
        .hooks = {.context = &watcher, .progress = on_progress},
    };
    return sqz_batch_run(&plan, tallies->of_world, &tallies->pair, diag);
}

static int check(const sqz_batch_input *input, sqz_failure *failure)
{
    if (input->paths == 0)
        return sqz_api_refuse(failure, "paths", "is 0; expected 1 or more");
    if (input->threads < 0 || input->threads > THREADS_MAX)
        return sqz_api_refuse(failure, "threads", "is out of range; expected 0 to 1024");
    return SQZ_OK;
}

/* ---- summing up ---------------------------------------------------------------------------- */

static int sum_up(const struct sqz_case *loaded, const sqz_batch_input *input,
                  const struct tallies *tallies, struct sqz_answer *answer)
{
    const struct sqz_tally *tally = &tallies->of_world[0];
    struct sqz_summary summary;
    int error = sqz_remarks_copy(&answer->remarks, &loaded->scenario.remarks);
    if (error == SQZ_OK)
        error = sqz_known_remark(&answer->remarks, &loaded->scenario, tally->beyond_known,
                                 tally->paths);
    if (error != SQZ_OK)
        return error;
    sqz_summary_make(&summary, &loaded->scenario, tally,
                     loaded->n_worlds > 1 ? &tallies->pair : NULL, input->seed);
    summary.remarks = &answer->remarks;
    answer->json = sqz_json_whole(sqz_summary_json(&summary));
    return answer->json != NULL ? SQZ_OK : SQZ_ERR_NOMEM;
}

static int make_answer(const struct sqz_case *loaded, const sqz_batch_input *input,
                       const struct tallies *tallies, sqz_answer **answer, sqz_failure *failure)
{
    struct sqz_api_locale locale;
    int error = sqz_api_enter(&locale, failure);
    if (error != SQZ_OK)
        return error;
    struct sqz_answer *made = calloc(1, sizeof *made);
    error = made != NULL ? sum_up(loaded, input, tallies, made) : SQZ_ERR_NOMEM;
    sqz_api_leave(&locale);
    if (error == SQZ_OK) {
        *answer = made;
        return SQZ_OK;
    }
    sqz_answer_free(made);
    return sqz_api_no_memory(failure);
}

/* After a batch that `ended` so: its answer, and what else there is to say. */
static int conclude(const struct sqz_case *loaded, const sqz_batch_input *input,
                    const struct tallies *tallies, sqz_answer **answer, int ended,
                    struct sqz_diag *diag, sqz_failure *failure)
{
    const struct sqz_tally *tally = &tallies->of_world[0];
    bool complete = ended == SQZ_OK || (ended == SQZ_ERR_INTERRUPTED && tally->paths > 0);
    int error = complete ? make_answer(loaded, input, tallies, answer, failure) : SQZ_OK;
    if (error != SQZ_OK)
        return error;
    unsigned long long cut_off = tally->stopped[SQZ_STOP_MAX_EVENTS];
    if (ended == SQZ_OK && cut_off > 0)
        ended = sqz_fail(diag, SQZ_ERR_LIMIT, "%llu paths were cut off by max_events", cut_off);
    return sqz_api_fail(failure, ended, diag);
}

int sqz_case_batch(const sqz_case *loaded, const sqz_batch_input *input, sqz_answer **answer,
                   sqz_failure *failure)
{
    sqz_batch_input own;
    struct sqz_diag diag = {0};
    struct tallies tallies = {0};
    *answer = NULL;
    int error = sqz_api_take(&own, sizeof own, input, failure);
    if (error == SQZ_OK)
        error = check(&own, failure);
    if (error != SQZ_OK)
        return error;
    error = init_tallies(loaded, &tallies, &diag);
    if (error == SQZ_OK)
        error = run(loaded, &own, &tallies, &diag);
    error = conclude(loaded, &own, &tallies, answer, error, &diag, failure);
    for (size_t w = 0; w < 2; w++)
        sqz_tally_free(&tallies.of_world[w]);
    return error;
}

/* ---- answers ------------------------------------------------------------------------------- */

void sqz_answer_free(sqz_answer *answer)
{
    if (answer == NULL)
        return;
    sqz_json_free(answer->json);
    sqz_remarks_free(&answer->remarks);
    free(answer);
}

int sqz_answer_value(const sqz_answer *answer, const char *name, sqz_value *value,
                     sqz_failure *failure)
{
    struct sqz_diag diag = {0};
    struct sqz_estimate estimate;
    int error = sqz_json_lookup(answer->json, name, &estimate, &diag);
    if (error == SQZ_OK)
        *value = (sqz_value){estimate.value, estimate.se, estimate.lo, estimate.hi};
    return sqz_api_fail(failure, error, &diag);
}

static int print(FILE *out, const void *json, struct sqz_diag *diag)
{
    return sqz_json_print(json, out) == SQZ_OK
               ? SQZ_OK
               : sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for the answer");
}

int sqz_answer_json(const sqz_answer *answer, char **text, sqz_failure *failure)
{
    struct sqz_api_locale locale;
    *text = NULL;
    int error = sqz_api_enter(&locale, failure);
    if (error != SQZ_OK)
        return error;
    error = sqz_api_print(print, answer->json, text, failure);
    sqz_api_leave(&locale);
    return error;
}

size_t sqz_answer_remarks(const sqz_answer *answer)
{
    return answer->remarks.count;
}

int sqz_answer_remark(const sqz_answer *answer, size_t index, sqz_remark_note *note)
{
    return sqz_api_remark(&answer->remarks, index, note);
}
