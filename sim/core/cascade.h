/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The cascade: levels and accounts that the price has reached are closed, nearest first, until what
 * that moves reaches no other.
 *
 * The only room that knows the ladder and the venue's accounts both: it hands the next level to the
 * stops, fires what is reached, and says what waits within a distance. */
#ifndef SQZ_CORE_CASCADE_H
#define SQZ_CORE_CASCADE_H

#include "sim/core/world.h"

/* Begin a path of a world (sqz_world_reset is part of it), with the first level of each side ahead.
 */
void sqz_cascade_reset(const struct sqz_world *world, struct sqz_world_state *state);

/* Leave only the levels of `side` from number `first` on: for questions without a walk. */
void sqz_cascade_leave_only(const struct sqz_world *world, struct sqz_world_state *state,
                            enum sqz_side side, size_t first);

/* Fire every level that the price has reached, nearest first, until none is left: with orders that
 * leave at once, the least fixed point of the cascade. Updates extremes, touches and barriers. */
void sqz_cascade_run(const struct sqz_world *world, struct sqz_world_state *state,
                     const struct sqz_context *at);

/* Continue with what execution put into the queue and is due now. */
void sqz_cascade_continue(const struct sqz_world *world, struct sqz_world_state *state,
                          const struct sqz_scheduled *due, const struct sqz_context *at);

/* Events that forced orders on their way can occupy in the queue at one time. */
size_t sqz_cascade_pending_max(const struct sqz_world *world);

/* Longs pay shorts a share of the notional, out of margin. Accounts pay what their positions come
 * to; a level says too little of those behind it for that, and moves by the factor 1 + rate (see
 * models/drivers/funding.c). What comes within reach fires when the world settles. */
void sqz_cascade_pay_funding(const struct sqz_world *world, struct sqz_world_state *state,
                             double rate, double time_s);

/* The price as it is before something moves it, for accounts that are deleveraged at that. */
void sqz_cascade_note_price(const struct sqz_world *world, struct sqz_world_state *state,
                            double time_s);

/* Notional that would be forced if the nearest standing level of a side, and all within
 * `window_log` beyond it, were touched at `time_s`; 0 if none stands. */
double sqz_cascade_waiting_usd(const struct sqz_world *world, const struct sqz_world_state *state,
                               enum sqz_side side, double window_log, double time_s);

/* Assert every invariant that ties state, ladder and counts; nothing at all in release builds. */
#ifdef SQZ_VERIFY
void sqz_cascade_verify(const struct sqz_world *world, const struct sqz_world_state *state);
#else
static inline void sqz_cascade_verify(const struct sqz_world *world,
                                      const struct sqz_world_state *state)
{
    (void)world;
    (void)state;
}
#endif

/* Outward distance of a side's next level, or of the next account of a venue; moves `frontier` past
 * levels that are void. */
static inline double sqz_cascade_next_log(const struct sqz_world *world,
                                          const struct sqz_world_state *state, enum sqz_side side,
                                          size_t *frontier)
{
    const struct sqz_ladder_side *levels = &world->ladder->side[side];
    if (state->venue != NULL)
        return sqz_clearing_next(&state->venue->clearing, levels, side, frontier);
    return levels->distance_log[*frontier];
}

#endif
