/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/analysis/score.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/analysis/proper.h"
#include "sim/analysis/score_sum.h"
#include "sim/batch/each.h"

static const double POWER = 0.8, SIGNIFICANCE = 0.05;

double sqz_score_maps_needed(double gain, double variance)
{
    double deviations =
        gsl_cdf_ugaussian_Pinv(1.0 - SIGNIFICANCE / 2) + gsl_cdf_ugaussian_Pinv(POWER);
    if (!(gain > 0.0))
        return NAN;
    return ceil(deviations * deviations * variance / (gain * gain));
}

int sqz_score_ladder(struct sqz_ladder *ladder, const struct sqz_ladder *from, double moved_log,
                     double scale, bool mirrored, struct sqz_diag *diag)
{
    size_t room = from->side[SQZ_UP].count + from->side[SQZ_DOWN].count, count = 0;
    struct sqz_level *level = malloc((room + 1) * sizeof *level);
    memset(ladder, 0, sizeof *ladder);
    if (level == NULL)
        return sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for %zu levels", room);
    for (int side = 0; side < 2; side++)
        for (size_t i = 0; i < from->side[side].count; i++) {
            double nearer_log = sqz_direction((enum sqz_side)side) * moved_log;
            double distance_log = from->side[side].distance_log[i] - nearer_log;
            if (distance_log > SQZ_TOUCH_LOG)
                level[count++] =
                    (struct sqz_level){.distance_log = distance_log,
                                       .notional_usd = from->side[side].notional_usd[i],
                                       .side = (unsigned char)(mirrored ? 1 - side : side)};
        }
    int error = sqz_ladder_build(ladder, level, count, scale, diag);
    free(level);
    return error;
}

/* ---- one map, horizon and scale ------------------------------------------------------------- */

/* The worlds of an item, and the ladders that they walk through. */
struct cast {
    struct sqz_world world[SQZ_SCORE_WORLDS];
    const struct sqz_world *list[SQZ_SCORE_WORLDS];
    struct sqz_ladder ladder[SQZ_SCORE_WORLDS]; /* of map, mirror, shuffled */
    struct sqz_ensemble ensemble[SQZ_SCORE_WORLDS];
    size_t count;
};

static int make_ladders(struct cast *cast, const struct sqz_score_plan *plan,
                        const struct sqz_score_map *map, double scale, struct sqz_diag *diag)
{
    const struct sqz_ladder *other = &plan->map[map->other].ladder;
    struct sqz_ladder *ladder = cast->ladder;
    int error = sqz_score_ladder(&ladder[SQZ_SCORE_MAP], &map->ladder, 0, scale, false, diag);
    if (error == SQZ_OK)
        error = sqz_score_ladder(&ladder[SQZ_SCORE_MIRROR], &map->ladder, 0, scale, true, diag);
    if (error == SQZ_OK)
        error = sqz_score_ladder(&ladder[SQZ_SCORE_SHUFFLED], other, 0, scale, false, diag);
    return error;
}

/* As the shadow of a session: the base's world with another ladder, volatility and impact. */
static void make_worlds(struct cast *cast, const struct sqz_world *base,
                        const struct sqz_score_ahead *ahead, double horizon_s)
{
    for (int w = 0; w < SQZ_SCORE_WORLDS; w++) {
        struct sqz_world *world = &cast->world[w];
        bool still = w == SQZ_SCORE_NONE || w == SQZ_SCORE_CONSTANT;
        *world = *base;
        world->ladder = &cast->ladder[still ? SQZ_SCORE_MAP : w];
        world->market.impact = !still;
        world->traced = false;
        world->horizon_s = horizon_s;
        world->stops.record_step_log = INFINITY; /* extremes are exact without stops */
        world->market.volatility_per_sqrt_s =
            w == SQZ_SCORE_CONSTANT ? ahead->constant_per_sqrt_s : ahead->volatility_per_sqrt_s;
        for (int watch = 0; watch < SQZ_WATCHES; watch++)
            world->stops.watch_log[watch] = NAN;
        cast->list[w] = world;
    }
}

static void free_cast(struct cast *cast)
{
    for (int w = 0; w < SQZ_SCORE_WORLDS; w++) {
        sqz_ladder_free(&cast->ladder[w]);
        sqz_ensemble_free(&cast->ensemble[w]);
    }
}

static void judge(struct sqz_scored *scored, const struct cast *cast, const double happened[2],
                  struct sqz_stream *stream)
{
    for (int w = 0; w < SQZ_SCORE_WORLDS; w++)
        scored->crps[w] = sqz_ensemble_crps(&cast->ensemble[w], happened);
    for (int side = 0; side < 2; side++) {
        double uniform = sqz_stream_uniform(stream);
        for (int w = SQZ_SCORE_NONE; w <= SQZ_SCORE_MAP; w++)
            scored->pit[w][side] = sqz_pit(cast->ensemble[w].ascending[side],
                                           cast->ensemble[w].count, happened[side], uniform);
    }
    scored->gain =
        sqz_ensemble_gain(&cast->ensemble[SQZ_SCORE_MAP], &cast->ensemble[SQZ_SCORE_NONE]);
}

struct run {
    const struct sqz_score_plan *plan;
    struct sqz_scored *scored;
};

static int run_cast(struct cast *cast, const struct sqz_score_plan *plan, size_t m, double unit_log,
                    struct sqz_scored *scored, struct sqz_diag *diag)
{
    struct sqz_ensemble_plan ensemble_plan = {.exit_table = plan->exit_table,
                                              .seed = plan->seed,
                                              .first = m * plan->paths,
                                              .count = plan->paths,
                                              .max_events = plan->max_events,
                                              .stop = plan->stop,
                                              .unit_log = unit_log};
    return sqz_ensemble_run(cast->ensemble, cast->list, SQZ_SCORE_WORLDS, &ensemble_plan,
                            &scored->cut_off, diag);
}

/* Items are map by map, horizons within, scales within these. */
static int score_item(void *context, size_t index, struct sqz_diag *diag)
{
    const struct run *run = context;
    const struct sqz_score_plan *plan = run->plan;
    size_t s = index % plan->n_scales, h = index / plan->n_scales % plan->n_horizons;
    size_t m = index / plan->n_scales / plan->n_horizons;
    const struct sqz_score_map *map = &plan->map[m];
    const struct sqz_score_ahead *ahead = &map->ahead[h];
    struct sqz_scored *scored = &run->scored[index];
    struct cast cast = {0};
    struct sqz_stream stream;
    scored->missing = isnan(ahead->happened_log[SQZ_UP]);
    if (scored->missing)
        return SQZ_OK;
    double unit_log = ahead->volatility_per_sqrt_s * sqrt(plan->horizon_s[h]);
    double happened[2] = {ahead->happened_log[0] / unit_log, ahead->happened_log[1] / unit_log};
    int error = make_ladders(&cast, plan, map, plan->scale[s], diag);
    make_worlds(&cast, plan->base, ahead, plan->horizon_s[h]);
    if (error == SQZ_OK)
        error = run_cast(&cast, plan, m, unit_log, scored, diag);
    sqz_stream_open(&stream, plan->seed, index + 1, SQZ_STREAM_RECORDER);
    if (error == SQZ_OK)
        judge(scored, &cast, happened, &stream);
    free_cast(&cast);
    return error;
}

/* ---- all of them ---------------------------------------------------------------------------- */

uint64_t sqz_score_items(const struct sqz_score_plan *plan)
{
    return plan->n_maps * plan->n_horizons * plan->n_scales;
}

int sqz_score_run(struct sqz_score *score, const struct sqz_score_plan *plan, struct sqz_diag *diag)
{
    size_t items = sqz_score_items(plan);
    struct run run = {.plan = plan, .scored = calloc(items + 1, sizeof *run.scored)};
    if (run.scored == NULL)
        return sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for %zu scores", items);
    struct sqz_each each = {.count = items,
                            .jobs = plan->jobs,
                            .stop = plan->stop,
                            .context = &run,
                            .item = score_item,
                            .progress = plan->progress,
                            .progress_context = plan->context};
    int error = sqz_each_run(&each, diag);
    if (error == SQZ_OK)
        error = sqz_score_sum(score, plan, run.scored, diag);
    free(run.scored);
    return error;
}
