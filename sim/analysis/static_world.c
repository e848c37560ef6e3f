/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/analysis/static_world.h"

#include <stdlib.h>
#include <string.h>

static struct sqz_world without_time(const struct sqz_world *world)
{
    struct sqz_world rest = *world;
    rest.market.volatility_per_sqrt_s = rest.market.drift_per_s = rest.attrition.per_s = 0.0;
    rest.stops.watch_log[SQZ_TARGET] = rest.stops.watch_log[SQZ_FLOOR] = NAN;
    rest.stops.record_step_log = INFINITY;
    rest.execution = (struct sqz_execution){0};
    if (world->market.trigger == SQZ_TRIGGER_MARK)
        rest.market.trigger = SQZ_TRIGGER_LAST;
    rest.market.mark_rate = 0.0;
    rest.traced = rest.listened = false;
    rest.n_drivers = rest.n_measures = 0;
    rest.venue = NULL; /* every account is closed whole */
    return rest;
}

static int add_up(struct sqz_static_world *rest, enum sqz_side side)
{
    const struct sqz_ladder_side *levels = &rest->world.ladder->side[side];
    double *closed = rest->closed_usd[side] = malloc((levels->count + 1) * sizeof *closed);
    double *stressed = rest->stressed_usd2[side] = malloc((levels->count + 1) * sizeof *stressed);
    if (closed == NULL || stressed == NULL)
        return SQZ_ERR_NOMEM;
    closed[0] = stressed[0] = 0.0;
    for (size_t i = 0; i < levels->count; i++) {
        double closes = sqz_static_world_keep(rest) * levels->notional_usd[i];
        stressed[i + 1] = stressed[i] + closes * closed[i];
        closed[i + 1] = closed[i] + closes;
    }
    return SQZ_OK;
}

int sqz_static_world_init(struct sqz_static_world *rest, const struct sqz_world *world,
                          struct sqz_diag *diag)
{
    *rest = (struct sqz_static_world){.world = without_time(world)};
    if (add_up(rest, SQZ_UP) == SQZ_OK && add_up(rest, SQZ_DOWN) == SQZ_OK)
        return SQZ_OK;
    sqz_static_world_free(rest);
    return sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for the sums of a map");
}

void sqz_static_world_free(struct sqz_static_world *rest)
{
    for (int side = 0; side < 2; side++) {
        free(rest->closed_usd[side]);
        free(rest->stressed_usd2[side]);
    }
    memset(rest, 0, sizeof *rest);
}

size_t sqz_static_world_nearer(const struct sqz_static_world *rest, enum sqz_side side,
                               double distance_log)
{
    const struct sqz_ladder_side *levels = &rest->world.ladder->side[side];
    size_t lo = 0, hi = levels->count;
    while (lo < hi) {
        size_t middle = lo + (hi - lo) / 2;
        if (levels->distance_log[middle] < distance_log)
            lo = middle + 1;
        else
            hi = middle;
    }
    return lo;
}

double sqz_static_world_order(const struct sqz_static_world *rest, enum sqz_side side,
                              double displacement_log)
{
    const struct sqz_book *book = rest->world.market.book;
    struct sqz_book_state replenished;
    if (!rest->world.market.impact)
        return INFINITY;
    if (rest->world.market.trigger !=
        SQZ_TRIGGER_LAST) /* the index does not see the displacement of the book */
        return displacement_log / book->permanent_per_usd[side];
    sqz_book_reset(&replenished);
    return fabs(
        sqz_book_order_reaching(book, &replenished, sqz_direction(side) * displacement_log, 1.0));
}

/* ---- a push and a run of levels ---------------------------------------------------------------
 */

/* Level j meets the stress A = C_j/depth of what the levels before it close, C_j, and so counts
 * (1 + gamma A) fold. All of them together count like one order in a book whose depth is multiplied
 * by this. */
static double run_multiplier(const struct sqz_static_world *rest, const struct sqz_run *run,
                             double closed_usd)
{
    const struct sqz_book *book = rest->world.market.book;
    const double *closed = rest->closed_usd[run->side], *stressed = rest->stressed_usd2[run->side];
    double per_usd = book->withdrawal_gamma / book->depth_usd[run->side];
    double before_usd2 =
        stressed[run->end] - stressed[run->first] - closed[run->first] * closed_usd;
    return 1 / (1 + per_usd * before_usd2 / closed_usd);
}

static void execute(const struct sqz_static_world *rest, const struct sqz_run *run,
                    struct sqz_book_state *state)
{
    const double *closed = rest->closed_usd[run->side];
    double direction = sqz_direction(run->side);
    double closed_usd = closed[run->end] - closed[run->first];
    sqz_book_reset(state);
    sqz_book_execute(rest->world.market.book, state, direction * run->push_usd, 1.0);
    if (rest->world.market.impact && closed_usd > 0)
        sqz_book_execute(rest->world.market.book, state, direction * closed_usd,
                         run_multiplier(rest, run, closed_usd));
}

double sqz_static_world_price(const struct sqz_static_world *rest, const struct sqz_run *run)
{
    struct sqz_book_state state;
    execute(rest, run, &state);
    return sqz_direction(run->side) * (state.permanent_log + state.displacement_log);
}

double sqz_static_world_watched(const struct sqz_static_world *rest, const struct sqz_run *run)
{
    struct sqz_book_state state;
    execute(rest, run, &state);
    double displacement =
        rest->world.market.trigger != SQZ_TRIGGER_LAST ? 0.0 : state.displacement_log;
    return sqz_direction(run->side) * (state.permanent_log + displacement);
}

/* ---- cascades, as a walk has them -------------------------------------------------------------
 */

void sqz_static_world_begin(const struct sqz_static_world *rest, struct sqz_world_state *state,
                            enum sqz_side side, size_t first)
{
    sqz_cascade_reset(&rest->world, state);
    sqz_cascade_leave_only(&rest->world, state, side, first);
}

void sqz_static_world_settle(const struct sqz_static_world *rest, struct sqz_world_state *state)
{
    struct sqz_context now = {0}; /* nobody looks, nothing is put off */
    sqz_cascade_run(&rest->world, state, &now);
}
