/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/analysis/ensemble.h"

#include <gsl/gsl_sort.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/analysis/proper.h"

static int reserve(struct sqz_ensemble *ensemble, size_t count, struct sqz_diag *diag)
{
    ensemble->count = count;
    for (int side = 0; side < 2; side++) {
        ensemble->draw[side] = malloc(count * sizeof *ensemble->draw[side]);
        ensemble->ascending[side] = malloc(count * sizeof *ensemble->ascending[side]);
        if (ensemble->draw[side] == NULL || ensemble->ascending[side] == NULL)
            return sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for %zu paths", count);
    }
    return SQZ_OK;
}

void sqz_ensemble_free(struct sqz_ensemble *ensemble)
{
    for (int side = 0; side < 2; side++) {
        free(ensemble->draw[side]);
        free(ensemble->ascending[side]);
    }
    memset(ensemble, 0, sizeof *ensemble);
}

static void sort(struct sqz_ensemble *ensemble)
{
    for (int side = 0; side < 2; side++) {
        memcpy(ensemble->ascending[side], ensemble->draw[side],
               ensemble->count * sizeof *ensemble->draw[side]);
        gsl_sort(ensemble->ascending[side], 1, ensemble->count);
    }
}

static bool is_stopped(void *context)
{
    const volatile sig_atomic_t *stop = ((const struct sqz_ensemble_plan *)context)->stop;
    return stop != NULL && __atomic_load_n(stop, __ATOMIC_RELAXED) != 0;
}

int sqz_ensemble_run(struct sqz_ensemble *ensemble, const struct sqz_world *const *world,
                     size_t n_worlds, const struct sqz_ensemble_plan *plan, uint64_t *cut_off,
                     struct sqz_diag *diag)
{
    struct sqz_engine_plan engine_plan = {.exit_table = plan->exit_table,
                                          .worlds = world,
                                          .n_worlds = n_worlds,
                                          .max_events = plan->max_events,
                                          .give_up = is_stopped,
                                          .give_up_context = (void *)plan};
    struct sqz_engine engine = {0};
    int error = SQZ_OK;
    for (size_t w = 0; error == SQZ_OK && w < n_worlds; w++)
        error = reserve(&ensemble[w], plan->count, diag);
    if (error == SQZ_OK)
        error = sqz_engine_init(&engine, &engine_plan, diag);
    for (size_t i = 0; error == SQZ_OK && i < plan->count; i++) {
        if (!sqz_engine_run(&engine, plan->seed, plan->first + i, NULL)) {
            error = sqz_fail(diag, SQZ_ERR_INTERRUPTED, "interrupted within a path");
            break;
        }
        for (size_t w = 0; w < n_worlds; w++) {
            const struct sqz_outcome *outcome = sqz_engine_outcome(&engine, w);
            ensemble[w].draw[SQZ_UP][i] = outcome->peak_log / plan->unit_log;
            ensemble[w].draw[SQZ_DOWN][i] = -outcome->trough_log / plan->unit_log;
            *cut_off += outcome->stop == SQZ_STOP_MAX_EVENTS;
        }
    }
    for (size_t w = 0; error == SQZ_OK && w < n_worlds; w++)
        sort(&ensemble[w]);
    sqz_engine_free(&engine);
    return error;
}

double sqz_ensemble_crps(const struct sqz_ensemble *ensemble, const double happened[2])
{
    return sqz_crps(ensemble->ascending[SQZ_UP], ensemble->count, happened[SQZ_UP]) +
           sqz_crps(ensemble->ascending[SQZ_DOWN], ensemble->count, happened[SQZ_DOWN]);
}

/* ---- the gain of a map that is true --------------------------------------------------------- */

static double distance_to_all(const double *draw, size_t count, double value)
{
    double sum = 0.0;
    for (size_t i = 0; i < count; i++)
        sum += fabs(draw[i] - value);
    return sum;
}

/* Sum of |x_i - x_k| over all ordered pairs. */
static double spread_of(const double *ascending, size_t count)
{
    double sum = 0.0;
    for (size_t i = 0; i < count; i++)
        sum += (2.0 * (double)i + 1.0 - (double)count) * ascending[i];
    return 2.0 * sum;
}

/* CRPS of a side against `value`, draw j left out; `spread` is that of all draws. */
static double crps_without(const struct sqz_ensemble *ensemble, int side, size_t j, double spread,
                           double value)
{
    const double *draw = ensemble->draw[side];
    double n = (double)ensemble->count - 1.0;
    double distance = distance_to_all(draw, ensemble->count, value) - fabs(draw[j] - value);
    double left = spread - 2.0 * distance_to_all(draw, ensemble->count, draw[j]);
    return distance / n - left / (2.0 * n * (n - 1.0));
}

struct sqz_gain sqz_ensemble_gain(const struct sqz_ensemble *truth,
                                  const struct sqz_ensemble *other)
{
    double sum = 0.0, squares = 0.0, n = (double)truth->count, spread[2][2];
    for (int side = 0; side < 2; side++) {
        spread[0][side] = spread_of(truth->ascending[side], truth->count);
        spread[1][side] = spread_of(other->ascending[side], other->count);
    }
    for (size_t j = 0; j < truth->count; j++) {
        double gain = 0.0;
        for (int side = 0; side < 2; side++) {
            double value = truth->draw[side][j];
            gain += crps_without(other, side, j, spread[1][side], value) -
                    crps_without(truth, side, j, spread[0][side], value);
        }
        sum += gain;
        squares += gain * gain;
    }
    double mean = sum / n;
    return (struct sqz_gain){mean, (squares - n * mean * mean) / (n - 1.0)};
}
