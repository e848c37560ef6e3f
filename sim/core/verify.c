/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Invariants of a world, asserted after every cascade where SQZ_VERIFY is set. */
#include <assert.h>

#include "sim/core/world.h"

#ifdef SQZ_VERIFY
static void verify_side(const struct sqz_world *world, const struct sqz_world_state *state,
                        enum sqz_side side)
{
    static const double ROUNDING = 1e-12; /* relative, of sums added in one order */
    const struct sqz_ladder_side *levels = &world->ladder->side[side];
    struct sqz_world_state ahead = *state; /* to look at the next level may move the frontier */
    double price = sqz_outward(side, sqz_world_price_log(state));
    double trigger = sqz_outward(side, sqz_world_trigger_log(world, state));
    double level = sqz_world_next_level(world, &ahead, side) - state->level_shift[side];
    assert(state->frontier[side] <= levels->count);
    assert(state->gap == sqz_world_gap(world, state));
    assert(level - trigger > SQZ_TOUCH_LOG);
    assert(state->level_next[side] == level);
    assert(state->barrier[side] - price > 0);
    assert(world->apart || state->barrier[side] <= level);
    assert(state->record_log[side] >= price);
    if (state->clearing != NULL) /* whose orders are parts of levels, and at other prices */
        return;
    assert(state->outcome.liquidations[side] <= state->frontier[side]);
    assert(state->outcome.forced_usd[side] <= levels->total_usd * (1 + ROUNDING));
}

/* Prices beyond a hundredth and a hundredfold of the start price leave cash flows so much larger
 * than what anybody holds that to add them up tells nothing: an account could vanish in their
 * rounding, or in a tolerance that is a share of positions valued there. */
static const double LEDGER_RANGE_LOG = 4.6;

/* What the accounts, the fund and those who traded with them hold adds up. */
static void verify_ledger(const struct sqz_world_state *state)
{
    if (fmax(state->record_log[SQZ_UP], state->record_log[SQZ_DOWN]) > LEDGER_RANGE_LOG)
        return;
    static const double OPEN_INTEREST_SHARE = 1e-9;
    struct sqz_clearing *clearing = state->clearing;
    double start_usd = clearing->venue->start_usd, open_now, open_then;
    double now = sqz_clearing_imbalance(
        clearing, sqz_venue_price_usd(clearing->venue, sqz_world_price_log(state)), &open_now);
    double then = sqz_clearing_imbalance(clearing, start_usd, &open_then);
    double rounding = OPEN_INTEREST_SHARE * sqz_greatest(open_now, open_then);
    assert(fabs(now) <= rounding && fabs(then) <= rounding);
}

void sqz_world_verify(const struct sqz_world *world, const struct sqz_world_state *state)
{
    verify_side(world, state, SQZ_UP);
    verify_side(world, state, SQZ_DOWN);
    if (state->clearing != NULL)
        verify_ledger(state);
    double lo, hi;
    sqz_book_bounds(world->book, &state->book, INFINITY, &lo, &hi);
    assert(isfinite(state->exogenous_log) && isfinite(state->book.permanent_log));
    assert(lo <= state->book.displacement_log && state->book.displacement_log <= hi);
    assert(state->book.stress >= 0);
    assert(state->still ==
           (sqz_book_at_rest(&state->book) && !state->mark_moving && state->drift == 0));
    for (int w = 0; w < SQZ_WATCHES; w++)
        assert(state->touched[w] ==
               (isnan(world->watch_log[w]) || !isnan(state->outcome.touch_s[w])));
}
#endif
