/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Invariants of a world, asserted after every cascade where SQZ_VERIFY is set. */
#include <assert.h>

#include "sim/core/cascade.h"

#ifdef SQZ_VERIFY
static void verify_side(const struct sqz_world *world, const struct sqz_world_state *state,
                        enum sqz_side side)
{
    static const double ROUNDING = 1e-12; /* relative, of sums added in one order */
    const struct sqz_ladder_side *levels = &world->ladder->side[side];
    size_t frontier = state->cascade.frontier[side]; /* a copy: to look ahead may move it */
    double price = sqz_outward(side, sqz_market_price_log(&state->market));
    double trigger = sqz_outward(side, sqz_market_trigger_log(&world->market, &state->market));
    double level =
        sqz_cascade_next_log(world, state, side, &frontier) - state->attrition.shift_log[side];
    assert(state->cascade.frontier[side] <= levels->count);
    assert(state->stops.gap == sqz_stops_gap(&state->stops, &world->market, &state->market,
                                             sqz_market_price_log(&state->market)));
    assert(level - trigger > SQZ_TOUCH_LOG);
    assert(state->stops.level_next[side] == level);
    assert(state->stops.barrier[side] - price > 0);
    assert(world->market.trigger != SQZ_TRIGGER_LAST || state->stops.barrier[side] <= level);
    assert(state->stops.record_log[side] >= price);
    if (state->venue != NULL) /* whose orders are parts of levels, and at other prices */
        return;
    assert(state->execution.liquidations[side] <= state->cascade.frontier[side]);
    assert(state->execution.forced_usd[side] <= levels->total_usd * (1 + ROUNDING));
}

void sqz_cascade_verify(const struct sqz_world *world, const struct sqz_world_state *state)
{
    verify_side(world, state, SQZ_UP);
    verify_side(world, state, SQZ_DOWN);
    if (state->venue != NULL)
        sqz_venue_state_verify(
            state->venue, sqz_market_price_log(&state->market),
            fmax(state->stops.record_log[SQZ_UP], state->stops.record_log[SQZ_DOWN]));
    double lo, hi;
    sqz_book_bounds(world->market.book, &state->market.book, INFINITY, &lo, &hi);
    assert(isfinite(state->market.exogenous_log) && isfinite(state->market.book.permanent_log));
    assert(lo <= state->market.book.displacement_log && state->market.book.displacement_log <= hi);
    assert(state->market.book.stress >= 0);
    assert(state->market.still == (!state->market.book.recovering && !state->market.mark_moving &&
                                   state->market.drift == 0));
    for (int w = 0; w < SQZ_WATCHES; w++)
        assert(state->stops.touched[w] ==
               (isnan(world->stops.watch_log[w]) || !isnan(state->stops.touch_s[w])));
}
#endif
