#include "sim/batch/sample.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

/* Times at which something happened to a path, in order. */
struct moments {
    double *time_s;
    size_t count, capacity;
    unsigned world;
    double line_s; /* trades nearer than this after another time count as one with it */
    bool lost;     /* memory ran out */
};

static void add(struct moments *moments, double time_s)
{
    if (moments->count == moments->capacity) {
        size_t capacity = moments->capacity > 0 ? 2 * moments->capacity : 256;
        double *bigger = realloc(moments->time_s, capacity * sizeof *bigger);
        if (bigger == NULL) {
            moments->lost = true;
            return;
        }
        moments->time_s = bigger;
        moments->capacity = capacity;
    }
    moments->time_s[moments->count++] = time_s;
}

static void note_time(void *context, const struct sqz_event *event)
{
    struct moments *moments = context;
    bool may_be_in_line = event->kind == SQZ_EVENT_FILL || event->kind == SQZ_EVENT_ORDER;
    double after_s = may_be_in_line ? moments->line_s : 0.0;
    if (event->world != moments->world)
        return;
    if (moments->count == 0 || event->time_s > moments->time_s[moments->count - 1] + after_s)
        add(moments, event->time_s);
}

static int follow(const struct sqz_engine_plan *plan, uint64_t seed, uint64_t path,
                  const struct sqz_observer *observer, struct sqz_diag *diag)
{
    struct sqz_engine engine;
    int error = sqz_engine_init(&engine, plan, diag);
    if (error != SQZ_OK)
        return error;
    sqz_engine_run(&engine, seed, path, observer);
    sqz_engine_free(&engine);
    return SQZ_OK;
}

/* Halvings of the plan's spacing: down to the first point after a sudden, and down to how near
 * trades are one line, whose own rows are fine enough. */
enum { HALVINGS = 12, LINE_HALVINGS = 5 };

static double spacing_s(const struct sqz_engine_plan *plan)
{
    return plan->output_s[1] - plan->output_s[0];
}

/* Points after `from_s`, each twice as far as the last, that come before `until_s`. */
static void refine(struct moments *grid, double from_s, double until_s, double step_s)
{
    for (int k = HALVINGS; k >= 1; k--) {
        double time = from_s + ldexp(step_s, -k);
        if (time < until_s)
            add(grid, time);
    }
}

static int compare(const void *first, const void *second)
{
    double a = *(const double *)first, b = *(const double *)second;
    return (a > b) - (a < b);
}

/* The plan's times and those around what is sudden, in order. */
static void build_grid(struct moments *grid, const struct sqz_engine_plan *plan,
                       const struct moments *sudden)
{
    double spacing = spacing_s(plan);
    double end = plan->output_s[plan->n_outputs - 1];
    for (size_t i = 0; i < plan->n_outputs; i++)
        add(grid, plan->output_s[i]);
    for (size_t i = 0; i < sudden->count; i++) {
        double time = sudden->time_s[i], finest = ldexp(spacing, -HALVINGS);
        double last = i > 0 ? sudden->time_s[i - 1] : 0.0;
        double next = i + 1 < sudden->count ? sudden->time_s[i + 1] : end;
        if (time - finest > last) /* where the price stood before it jumped */
            add(grid, time - finest);
        refine(grid, time, next, spacing);
    }
    qsort(grid->time_s, grid->count, sizeof *grid->time_s, compare);
}

/* Hands the events of one world on. */
struct filter {
    const struct sqz_observer *observer;
    unsigned world;
};

static void pass_on(void *context, const struct sqz_event *event)
{
    const struct filter *filter = context;
    if (event->world == filter->world)
        filter->observer->event(filter->observer->context, event);
}

int sqz_sample_path(const struct sqz_engine_plan *plan, uint64_t seed, uint64_t path, size_t world,
                    const struct sqz_observer *observer, struct sqz_diag *diag)
{
    struct moments grid = {0};
    struct moments sudden = {.world = (unsigned)world,
                             .line_s = ldexp(spacing_s(plan), -LINE_HALVINGS)};
    struct filter filter = {observer, (unsigned)world};
    struct sqz_observer filtered = {&filter, pass_on, observer->unwanted};
    unsigned wanted = 1u << SQZ_EVENT_LIQUIDATION | 1u << SQZ_EVENT_FILL | 1u << SQZ_EVENT_ORDER |
                      1u << SQZ_EVENT_JUMP | 1u << SQZ_EVENT_CHANGE;
    struct sqz_observer noting = {&sudden, note_time, ~wanted};
    int error = follow(plan, seed, path, &noting, diag);
    if (error == SQZ_OK) {
        build_grid(&grid, plan, &sudden);
        struct sqz_engine_plan finer = *plan;
        finer.output_s = grid.time_s;
        finer.n_outputs = grid.count;
        error = sudden.lost || grid.lost
                    ? sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for a sampled path")
                    : follow(&finer, seed, path, &filtered, diag);
    }
    free(sudden.time_s);
    free(grid.time_s);
    return error;
}
