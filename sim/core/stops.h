/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the walk of a world has to stop: watched prices, records of the price, and the next level
 * of each side, which it is handed.
 *
 * It says how far the nearest of them is, how far it stays at least over a stretch of time, and
 * takes note of the price: extremes so far and first touches. */
#ifndef SQZ_CORE_STOPS_H
#define SQZ_CORE_STOPS_H

#include "sim/core/ladder.h"
#include "sim/core/market.h"

/* Watched prices. */
enum sqz_watch { SQZ_TARGET = 0, SQZ_FLOOR = 1, SQZ_WATCHES = 2 };

/* Immutable, shared by all paths. */
struct sqz_stops {
    double watch_log[SQZ_WATCHES]; /* NAN: not watched */
    double record_step_log;        /* the walk stops at new extremes this far apart */
};

/* On one path; written by the functions below alone. Of each side, outward. */
struct sqz_stops_state {
    double level_next[2];  /* log price of the next level */
    double barrier[2];     /* log price of the nearest of the next two, and of level_next where
                              levels watch the last price: */
    double watch_next[2];  /* watched price not touched yet; INFINITY if none */
    double record_next[2]; /* next record to stop at: one step beyond the last */
    double record_log[2];  /* extremes so far where the walk stopped */
    double extreme_log[2]; /* and between: peak and minus trough are the greater of both */
    double touch_s[SQZ_WATCHES]; /* first touch; NAN if never, or not watched */
    bool touched[SQZ_WATCHES];   /* or not watched */
    double gap;                  /* sqz_stops_gap as it stood when the world last settled */
};

/* Begin a path: no level is known yet. */
void sqz_stops_reset(const struct sqz_stops *stops, struct sqz_stops_state *state);

/* The next level of a side is at an outward log price. */
static inline void sqz_stops_set_level(struct sqz_stops_state *state,
                                       const struct sqz_market *market, enum sqz_side side,
                                       double level_log)
{
    state->level_next[side] = level_log;
    state->barrier[side] = sqz_least(state->watch_next[side], state->record_next[side]);
    if (market->trigger == SQZ_TRIGGER_LAST)
        state->barrier[side] = sqz_least(state->barrier[side], level_log);
}

/* ---- distances ----------------------------------------------------------------------------- */

/* Distance from the price that levels watch to the nearest level, where that is not the last. */
double sqz_stops_trigger_gap(const struct sqz_stops_state *state, const struct sqz_market *market,
                             const struct sqz_market_state *now);

/* Distance from the last price to what it must stop at on either side. */
static inline double sqz_stops_last_gap(const struct sqz_stops_state *state, double price_log)
{
    return sqz_least(state->barrier[SQZ_UP] - price_log, state->barrier[SQZ_DOWN] + price_log);
}

/* Distance to whatever is nearest, where the last price is `price_log`. */
static inline double sqz_stops_gap(const struct sqz_stops_state *state,
                                   const struct sqz_market *market,
                                   const struct sqz_market_state *now, double price_log)
{
    double gap = sqz_stops_last_gap(state, price_log);
    if (market->trigger != SQZ_TRIGGER_LAST)
        gap = sqz_least(gap, sqz_stops_trigger_gap(state, market, now));
    return gap;
}

/* The same if the book and the drift move on for `stretch_s` and the noise stands still: a lower
 * bound over the whole stretch. With `forever` the book's recovery is bounded for all time, which
 * is cheaper and never larger. */
double sqz_stops_clearance(const struct sqz_stops_state *state, const struct sqz_market *market,
                           const struct sqz_market_state *now, double stretch_s, bool forever);

/* How long the drift alone takes to the nearest barrier ahead; INFINITY if there is none. For a
 * world whose price nothing else moves. */
double sqz_stops_hitting_s(const struct sqz_stops_state *state, const struct sqz_market *market,
                           const struct sqz_market_state *now);

/* ---- taking note --------------------------------------------------------------------------- */

/* The outward extreme of a side so far. */
static inline double sqz_stops_extreme_log(const struct sqz_stops_state *state, enum sqz_side side)
{
    return sqz_greatest(state->record_log[side], state->extreme_log[side]);
}

/* The price has been as far as an outward log price where the walk did not stop. */
static inline void sqz_stops_raise_extreme(struct sqz_stops_state *state, enum sqz_side side,
                                           double extreme_log)
{
    state->extreme_log[side] = sqz_greatest(state->extreme_log[side], extreme_log);
}

/* Take note of the price after any change: nearly always it lies between the barriers and only the
 * extremes can be new. False if something is due. */
static inline bool sqz_stops_undisturbed(struct sqz_stops_state *state,
                                         const struct sqz_market *market,
                                         const struct sqz_market_state *now, double price_log)
{
    state->gap = sqz_stops_gap(state, market, now, price_log);
    if (state->gap <= SQZ_TOUCH_LOG)
        return false;
    state->record_log[SQZ_UP] = sqz_greatest(state->record_log[SQZ_UP], price_log);
    state->record_log[SQZ_DOWN] = sqz_greatest(state->record_log[SQZ_DOWN], -price_log);
    return true;
}

/* The gap as it stands after all that was due. */
static inline void sqz_stops_note_gap(struct sqz_stops_state *state,
                                      const struct sqz_market *market,
                                      const struct sqz_market_state *now)
{
    state->gap = sqz_stops_gap(state, market, now, sqz_market_price_log(now));
}

/* Watched prices may have been touched: note and report the first touch of each. */
void sqz_stops_touch_watches(const struct sqz_stops *stops, struct sqz_stops_state *state,
                             const struct sqz_market_state *now, const struct sqz_context *at);

/* Take note of a last price at which something is due: extremes and first touches. */
static inline __attribute__((always_inline)) void
sqz_stops_note_price(const struct sqz_stops *stops, struct sqz_stops_state *state,
                     const struct sqz_market_state *now, double price_log,
                     const struct sqz_context *at)
{
    for (int side = 0; side < 2; side++) {
        double out = sqz_outward((enum sqz_side)side, price_log);
        if (out > state->record_log[side]) {
            state->record_log[side] = out;
            state->record_next[side] = out + stops->record_step_log;
        }
        if (state->watch_next[side] - out <= SQZ_TOUCH_LOG)
            sqz_stops_touch_watches(stops, state, now, at);
    }
}

#endif
