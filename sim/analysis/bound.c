/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/analysis/bound.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- the paths ------------------------------------------------------------------------------ */

struct counter {
    double range_log;
    size_t n_worlds;
    uint64_t *inside; /* per world: paths whose range is at most that */
    uint64_t cut_off; /* paths of all worlds that ended early */
};

static int count_block(void *context, uint64_t first, size_t count,
                       const struct sqz_outcome *outcome)
{
    (void)first;
    struct counter *counter = context;
    for (size_t i = 0; i < count; i++)
        for (size_t w = 0; w < counter->n_worlds; w++, outcome++) {
            counter->inside[w] += outcome->peak_log - outcome->trough_log <= counter->range_log;
            counter->cut_off += outcome->stop == SQZ_STOP_MAX_EVENTS;
        }
    return SQZ_OK;
}

/* Both hooks of a batch have one context. */
struct hooks {
    struct counter counter;
    const struct sqz_bound_runner *runner;
};

static int on_block(void *context, uint64_t first, size_t count, const struct sqz_outcome *outcome,
                    struct sqz_diag *diag)
{
    (void)diag;
    struct hooks *hooks = context;
    return count_block(&hooks->counter, first, count, outcome);
}

static void on_progress(void *context, uint64_t done)
{
    const struct hooks *hooks = context;
    if (hooks->runner->progress != NULL)
        hooks->runner->progress(hooks->runner->context, done);
}

/* ---- points --------------------------------------------------------------------------------- */

static int compare(const void *a, const void *b)
{
    const struct sqz_bound_point *x = a, *y = b;
    return (x->scale > y->scale) - (x->scale < y->scale);
}

static int enter(struct sqz_bound *bound, const double *scale, const uint64_t *inside, size_t count,
                 struct sqz_diag *diag)
{
    struct sqz_bound_point *point =
        realloc(bound->point, (bound->count + count) * sizeof *bound->point);
    if (point == NULL)
        return sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for %zu scales", count);
    bound->point = point;
    for (size_t i = 0; i < count; i++)
        bound->point[bound->count++] = (struct sqz_bound_point){
            .scale = scale[i], .probability = sqz_estimate_share(inside[i], bound->paths)};
    qsort(bound->point, bound->count, sizeof *bound->point, compare);
    return SQZ_OK;
}

int sqz_bound_run(struct sqz_bound *bound, const struct sqz_world *const *world,
                  const double *scale, size_t count, const struct sqz_bound_runner *runner,
                  struct sqz_diag *diag)
{
    struct hooks hooks = {.counter = {.range_log = bound->range_log, .n_worlds = count},
                          .runner = runner};
    struct sqz_batch_plan plan = {
        .engine = {.exit_table = runner->exit_table,
                   .worlds = world,
                   .n_worlds = count,
                   .max_events = runner->max_events},
        .seed = runner->seed,
        .paths = runner->paths,
        .jobs = runner->jobs,
        .stop = runner->stop,
        .hooks = {.context = &hooks, .block = on_block, .progress = on_progress}};
    struct sqz_tally *tally = calloc(count, sizeof *tally);
    hooks.counter.inside = calloc(count, sizeof *hooks.counter.inside);
    int error = SQZ_OK;
    if (tally == NULL || hooks.counter.inside == NULL)
        error = sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for %zu scales", count);
    for (size_t w = 0; error == SQZ_OK && w < count; w++)
        error = sqz_tally_init(&tally[w], world[w]->horizon_s, world[w]->n_measures, 0, diag);
    if (error == SQZ_OK)
        error = sqz_batch_run(&plan, tally, NULL, diag);
    bound->paths = runner->paths;
    bound->cut_off += hooks.counter.cut_off;
    if (error == SQZ_OK)
        error = enter(bound, scale, hooks.counter.inside, count, diag);
    for (size_t w = 0; tally != NULL && w < count; w++)
        sqz_tally_free(&tally[w]);
    free(tally);
    free(hooks.counter.inside);
    return error;
}

/* ---- the bound ------------------------------------------------------------------------------ */

/* The points from here on are refuted. */
static size_t first_refuted(const struct sqz_bound *bound)
{
    size_t first = bound->count;
    while (first > 0 && bound->point[first - 1].probability.hi < SQZ_BOUND_LEVEL)
        first--;
    return first;
}

size_t sqz_bound_between(const struct sqz_bound *bound, size_t room, double *scale)
{
    size_t refuted = first_refuted(bound);
    if (refuted == 0 || refuted == bound->count)
        return 0;
    double hi = bound->point[refuted].scale, lo = bound->point[refuted - 1].scale;
    if (lo == 0.0) /* the least scale is refuted: ever smaller ones */
        lo = hi / 100;
    for (size_t i = 0; i < room; i++)
        scale[i] = lo * pow(hi / lo, (double)(i + 1) / (double)(room + 1));
    return room;
}

void sqz_bound_conclude(struct sqz_bound *bound)
{
    size_t refuted = first_refuted(bound);
    bound->open = refuted == bound->count;
    bound->upper_95 = NAN;
    if (refuted == 0)
        return;
    const struct sqz_bound_point *below = &bound->point[refuted - 1];
    bound->upper_95 = below->scale;
    if (bound->open)
        return;
    const struct sqz_bound_point *above = below + 1;
    double share =
        (below->probability.hi - SQZ_BOUND_LEVEL) / (below->probability.hi - above->probability.hi);
    bound->upper_95 = below->scale > 0.0 ? below->scale * pow(above->scale / below->scale, share)
                                         : share * above->scale;
}
