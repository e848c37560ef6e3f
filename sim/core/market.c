/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/core/market.h"

#include <math.h>
#include <string.h>

static void combine_drivers(const struct sqz_market *market, struct sqz_market_state *state)
{
    state->volatility = market->volatility_per_sqrt_s;
    state->drift = market->drift_per_s;
    state->depth_multiplier = 1.0;
    for (unsigned d = 0; d < state->drivers; d++) {
        state->volatility *= state->driver_volatility[d];
        state->depth_multiplier *= state->driver_depth[d];
        state->drift += state->driver_drift[d];
    }
    state->per_volatility = 1.0 / state->volatility;
    sqz_market_note_motion(state);
}

void sqz_market_reset(const struct sqz_market *market, struct sqz_market_state *state,
                      size_t drivers)
{
    memset(state, 0, sizeof *state);
    state->drivers = (unsigned)drivers;
    for (size_t d = 0; d < drivers; d++)
        state->driver_volatility[d] = state->driver_depth[d] = 1.0;
    combine_drivers(market, state);
}

bool sqz_market_drive(const struct sqz_market *market, struct sqz_market_state *state,
                      size_t driver, const struct sqz_driver_effect *effect)
{
    bool changed = effect->volatility_multiplier != state->driver_volatility[driver] ||
                   effect->depth_multiplier != state->driver_depth[driver];
    state->driver_volatility[driver] = effect->volatility_multiplier;
    state->driver_depth[driver] = effect->depth_multiplier;
    state->driver_drift[driver] = effect->drift_per_s;
    combine_drivers(market, state);
    return changed;
}

struct sqz_price sqz_market_ahead(const struct sqz_market *market,
                                  const struct sqz_market_state *state, double later_s,
                                  double noise)
{
    return (struct sqz_price){
        state->exogenous_log + state->drift * later_s + state->volatility * noise,
        state->book.permanent_log + sqz_book_ahead(market->book, &state->book, later_s)};
}

/* M counts as arrived at a D that rests once it is this near: two orders below the distance at
 * which a level counts as touched. */
static const double MARK_ARRIVED_LOG = 1e-12;

/* From the state before the book evolves. */
static void evolve_mark(const struct sqz_market *market, struct sqz_market_state *state,
                        double elapsed_s)
{
    state->mark_log = exp(-market->mark_rate * elapsed_s) * state->mark_log +
                      sqz_book_average(market->book, &state->book, market->mark_rate, elapsed_s);
    if (state->book.recovering ||
        fabs(state->mark_log - state->book.displacement_log) > MARK_ARRIVED_LOG)
        return;
    state->mark_log = state->book.displacement_log;
    state->mark_moving = false;
}

void sqz_market_evolve(const struct sqz_market *market, struct sqz_market_state *state,
                       double elapsed_s)
{
    if (state->mark_moving)
        evolve_mark(market, state, elapsed_s);
    sqz_book_evolve(market->book, &state->book, elapsed_s);
    sqz_market_note_motion(state);
}
