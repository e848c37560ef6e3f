#include "sim/analysis/points.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/analysis/map.h"
#include "sim/io/summary.h"
#include "sim/io/units.h"
#include "sim/io/variant.h"

static int load_point(struct sqz_scenario *scenario, const struct sqz_sweep *sweep, size_t index,
                      const struct sqz_point_runner *runner, struct sqz_diag *diag)
{
    const struct sqz_point *point = &sweep->point[index];
    struct sqz_load_options options = {(const char *const *)point->setting, point->n_settings,
                                       runner->allow_crossed};
    return sqz_scenario_vary(scenario, sweep->base, &options, runner->registry, diag);
}

/* ---- points that are the base -------------------------------------------------------------- */

/* Whether a key belongs to a driver that asks for nothing, which leaves no trace in a path. */
static bool is_idle(const struct sqz_scenario *scenario, const char *key)
{
    for (size_t d = 0; d < scenario->drivers.count; d++) {
        const struct sqz_driver_item *item = &scenario->drivers.item[d];
        for (size_t i = 0; !item->active && i < item->model->n_params; i++)
            if (strcmp(item->model->params[i].key, key) == 0)
                return true;
    }
    return false;
}

/* The number that a setting is; NAN for words and for lists of several. */
static double number_of(const struct sqz_setting *setting, const struct sqz_param *param)
{
    double value = NAN;
    sqz_units_parse(setting->value, setting->unit, param->unit, param->dimension, &value, NULL);
    return value;
}

/* Whether what `scenario` says in numbers and keys, idle drivers aside, `other` says too. */
static bool agrees(const struct sqz_scenario *scenario, const struct sqz_scenario *other,
                   const struct sqz_registry *registry)
{
    for (size_t i = 0; i < scenario->settings.count; i++) {
        const struct sqz_setting *setting = &scenario->settings.item[i];
        const struct sqz_setting *theirs = sqz_settings_find(&other->settings, setting->key);
        const struct sqz_param *param;
        if (is_idle(scenario, setting->key) ||
            sqz_scenario_find_param(scenario, registry, setting->key, NULL, &param, NULL) != SQZ_OK)
            continue;
        if (theirs == NULL)
            return false;
        double number = number_of(setting, param);
        if (!isnan(number) && number != number_of(theirs, param))
            return false;
    }
    return true;
}

/* A point differs from the base in numbers alone, if it does; one list of several is another. */
static bool is_base(const struct sqz_scenario *scenario, const struct sqz_sweep *sweep,
                    const struct sqz_point_runner *runner)
{
    return agrees(scenario, sweep->base, runner->registry) &&
           agrees(sweep->base, scenario, runner->registry);
}

/* ---- checking ------------------------------------------------------------------------------ */

/* Say why an end of a tornado cannot be: what is wrong, without the advice that follows it, as
 * the user did not type the value. */
static int leave_out(struct sqz_point *point, struct sqz_diag *diag)
{
    char why[sizeof *diag];
    sqz_diag_format(diag, why, sizeof why);
    *strchrnul(why, ';') = '\0';
    *diag = (struct sqz_diag){0};
    point->left_out = strdup(why);
    return point->left_out != NULL ? SQZ_OK : sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for a text");
}

int sqz_sweep_check_point(struct sqz_sweep *sweep, size_t index,
                          const struct sqz_point_runner *runner, struct sqz_diag *diag)
{
    struct sqz_scenario scenario;
    int error = load_point(&scenario, sweep, index, runner, diag);
    if (error != SQZ_OK)
        return error;
    sweep->point[index].is_base = is_base(&scenario, sweep, runner);
    sqz_scenario_free(&scenario);
    return SQZ_OK;
}

int sqz_sweep_check(struct sqz_sweep *sweep, const struct sqz_point_runner *runner,
                    struct sqz_diag *diag)
{
    int error = SQZ_OK;
    for (size_t i = 1; error == SQZ_OK && i < sweep->n_points && !sqz_sweep_is_refined(sweep, i);
         i++) {
        error = sqz_sweep_check_point(sweep, i, runner, diag);
        if (error == SQZ_OK)
            continue;
        if (error == SQZ_ERR_DATA && sweep->n_axes == 0) {
            error = leave_out(&sweep->point[i], diag);
        } else if (strcmp(diag->file, "--set") == 0) {
            strcpy(diag->file, "--vary"); /* with --set alone, the base is valid */
        }
    }
    return error;
}

/* ---- estimates ----------------------------------------------------------------------------- */

/* The worlds of a point, the base first, and what its paths come to. */
struct worlds {
    const struct sqz_scenario *scenario[2];
    const struct sqz_world *world[2];
    size_t count; /* 1: the base alone */
    struct sqz_tally tally[2];
    struct sqz_pair pair;
};

/* What the paths of scenario `from` say by themselves: estimates from `to` on. */
static void take_own(struct sqz_point *point, enum sqz_point_estimate to,
                     const struct worlds *worlds, size_t from)
{
    struct sqz_summary summary;
    sqz_summary_make(&summary, worlds->scenario[from], &worlds->tally[from], NULL, 0);
    for (int w = 0; w < SQZ_WATCHES; w++)
        if (!isnan(summary.watch[w].price_usd))
            point->estimate[to + SQZ_POINT_TARGET + w] = summary.watch[w].probability;
    point->estimate[to + SQZ_POINT_FORCED] = summary.forced_usd;
}

static void take_estimates(struct sqz_point *point, const struct worlds *worlds)
{
    size_t own = worlds->count - 1;
    const struct sqz_tally *tally = &worlds->tally[own];
    struct sqz_difference difference;
    point->paths = tally->paths;
    point->cut_off = tally->stopped[SQZ_STOP_MAX_EVENTS];
    take_own(point, SQZ_POINT_OWN, worlds, own);
    take_own(point, SQZ_POINT_OWN_BASE, worlds, 0);
    if (own == 0)
        return;
    sqz_difference_make(&difference, worlds->scenario[own], worlds->scenario[0], &worlds->pair);
    for (int q = 0; q < SQZ_POINT_QUANTITIES; q++)
        point->estimate[SQZ_POINT_OWN_DIFFERENCE + q] = difference.value[q];
    point->estimate[SQZ_POINT_DIFFERENCE + SQZ_CONTRAST_FINAL] =
        difference.value[SQZ_CONTRAST_FINAL];
    memcpy(point->only_own, worlds->pair.only_x, sizeof point->only_own);
    memcpy(point->variance_reduction, difference.variance_reduction,
           sizeof point->variance_reduction);
}

/* What walking the base beside itself on its own paths would say. */
static void copy_base(struct sqz_point *point, const struct sqz_point *base)
{
    static const struct sqz_estimate ZERO = {0, 0, 0, 0};
    point->paths = base->paths;
    point->cut_off = base->cut_off;
    for (int q = 0; q < SQZ_POINT_QUANTITIES; q++) {
        point->estimate[SQZ_POINT_OWN + q] = base->estimate[SQZ_POINT_OWN + q];
        point->estimate[SQZ_POINT_OWN_BASE + q] = base->estimate[SQZ_POINT_OWN_BASE + q];
        if (isnan(base->estimate[SQZ_POINT_OWN + q].value))
            continue;
        point->estimate[SQZ_POINT_OWN_DIFFERENCE + q] = ZERO;
        point->variance_reduction[q] = INFINITY; /* no pair differs */
    }
    point->estimate[SQZ_POINT_DIFFERENCE + SQZ_CONTRAST_FINAL] = ZERO;
    point->variance_reduction[SQZ_CONTRAST_FINAL] = INFINITY;
    memcpy(point->branching, base->branching, sizeof point->branching);
}

/* The largest branching ratio along the point's map, as `squeeze map` has it. */
static int take_branching(struct sqz_point *point, const struct worlds *worlds,
                          struct sqz_diag *diag)
{
    struct sqz_branching branching;
    int error =
        sqz_map_branching(&branching, worlds->world[worlds->count - 1], SQZ_MAP_SCALE_LOG, diag);
    if (error != SQZ_OK)
        return error;
    for (int side = 0; side < 2; side++)
        point->branching[side] = branching.side[side].max;
    sqz_branching_free(&branching);
    return SQZ_OK;
}

/* ---- running ------------------------------------------------------------------------------- */

static int walk(struct worlds *worlds, const struct sqz_sweep *sweep, size_t index,
                const struct sqz_point_runner *runner, struct sqz_diag *diag)
{
    static const struct sqz_pairing POINT_AND_BASE = {1, 0};
    struct sqz_batch_plan plan = {
        .engine = {.exit_table = runner->exit_table,
                   .worlds = worlds->world,
                   .n_worlds = worlds->count,
                   .max_events = sweep->max_events},
        .pairing = &POINT_AND_BASE,
        .n_pairings = worlds->count - 1,
        .seed = sqz_sweep_seed(sweep, index),
        .paths = sweep->paths,
        .jobs = runner->jobs,
        .stop = runner->stop,
        .hooks = runner->hooks,
    };
    int error = SQZ_OK;
    for (size_t w = 0; error == SQZ_OK && w < worlds->count; w++)
        error = sqz_tally_init(&worlds->tally[w], worlds->world[w]->horizon_s,
                               worlds->world[w]->n_measures, 0, diag);
    return error == SQZ_OK ? sqz_batch_run(&plan, worlds->tally, &worlds->pair, diag) : error;
}

static int run(struct sqz_sweep *sweep, size_t index, const struct sqz_point_runner *runner,
               struct sqz_diag *diag)
{
    struct sqz_point *point = &sweep->point[index];
    struct sqz_scenario own = {0};
    int error = index > 0 ? load_point(&own, sweep, index, runner, diag) : SQZ_OK;
    struct worlds *worlds = calloc(1, sizeof *worlds); /* tallies are large */
    if (error == SQZ_OK && worlds == NULL)
        error = sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for the tallies");
    if (error == SQZ_OK) {
        worlds->scenario[0] = sweep->base;
        worlds->world[0] = &sweep->base->world;
        worlds->scenario[1] = &own;
        worlds->world[1] = &own.world;
        worlds->count = index > 0 ? 2 : 1;
        error = take_branching(point, worlds, diag);
    }
    if (error == SQZ_OK)
        error = walk(worlds, sweep, index, runner, diag);
    if (error == SQZ_OK)
        take_estimates(point, worlds);
    for (size_t w = 0; worlds != NULL && w < worlds->count; w++)
        sqz_tally_free(&worlds->tally[w]);
    free(worlds);
    sqz_scenario_free(&own);
    return error;
}

int sqz_sweep_run_next(struct sqz_sweep *sweep, const struct sqz_point_runner *runner,
                       struct sqz_diag *diag)
{
    size_t index = sweep->done;
    int error = SQZ_OK;
    if (sweep->point[index].is_base)
        copy_base(&sweep->point[index], &sweep->point[0]);
    else if (sweep->point[index].left_out == NULL)
        error = run(sweep, index, runner, diag);
    if (error == SQZ_OK)
        sweep->done++;
    return error;
}
