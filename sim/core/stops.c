/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/core/stops.h"

#include <math.h>
#include <string.h>

/* ---- watched prices ------------------------------------------------------------------------ */

static inline enum sqz_side watch_side(double watch_log)
{
    return watch_log > 0 ? SQZ_UP : SQZ_DOWN;
}

static void set_watch_next(const struct sqz_stops *stops, struct sqz_stops_state *state)
{
    state->watch_next[SQZ_UP] = state->watch_next[SQZ_DOWN] = INFINITY;
    for (int w = 0; w < SQZ_WATCHES; w++) {
        enum sqz_side side = watch_side(stops->watch_log[w]);
        double distance = sqz_outward(side, stops->watch_log[w]);
        if (!state->touched[w])
            state->watch_next[side] = sqz_least(state->watch_next[side], distance);
    }
}

void sqz_stops_reset(const struct sqz_stops *stops, struct sqz_stops_state *state)
{
    memset(state, 0, sizeof *state);
    for (int w = 0; w < SQZ_WATCHES; w++) {
        state->touched[w] = isnan(stops->watch_log[w]); /* an unset watch has nothing to wait for */
        state->touch_s[w] = NAN;
    }
    state->record_next[SQZ_UP] = state->record_next[SQZ_DOWN] = stops->record_step_log;
    set_watch_next(stops, state);
}

__attribute__((noinline)) void sqz_stops_touch_watches(const struct sqz_stops *stops,
                                                       struct sqz_stops_state *state,
                                                       const struct sqz_market_state *now,
                                                       const struct sqz_context *at)
{
    static const enum sqz_event_kind TOUCH[] = {SQZ_EVENT_TARGET, SQZ_EVENT_FLOOR};
    double price_log = sqz_market_price_log(now);
    for (int w = 0; w < SQZ_WATCHES; w++) {
        enum sqz_side side = watch_side(stops->watch_log[w]);
        double left = sqz_outward(side, stops->watch_log[w]) - sqz_outward(side, price_log);
        if (state->touched[w] || left > SQZ_TOUCH_LOG)
            continue;
        state->touched[w] = true;
        state->touch_s[w] = at->time_s;
        sqz_event_report(at, sqz_market_price(now), (struct sqz_event){.kind = TOUCH[w]});
    }
    set_watch_next(stops, state);
}

/* ---- distances ----------------------------------------------------------------------------- */

double sqz_stops_trigger_gap(const struct sqz_stops_state *state, const struct sqz_market *market,
                             const struct sqz_market_state *now)
{
    double trigger = sqz_market_trigger_log(market, now);
    return sqz_least(state->level_next[SQZ_UP] - trigger, state->level_next[SQZ_DOWN] + trigger);
}

/* Bounds of S + P without noise, and of D, over a stretch. */
struct bounds {
    double base[2], displacement[2]; /* indexed by enum sqz_side: upper and lower */
};

static inline void bound(const struct sqz_market *market, const struct sqz_market_state *now,
                         double stretch_s, bool forever, struct bounds *bounds)
{
    double *lowest = &bounds->displacement[SQZ_DOWN], *highest = &bounds->displacement[SQZ_UP];
    double base = now->exogenous_log + now->book.permanent_log;
    double shift = now->drift * stretch_s;
    bounds->base[SQZ_UP] = base + (shift > 0 ? shift : 0.0);
    bounds->base[SQZ_DOWN] = base + (shift < 0 ? shift : 0.0);
    if (forever)
        sqz_book_bounds_forever(market->book, &now->book, lowest, highest);
    else
        sqz_book_bounds(market->book, &now->book, stretch_s, lowest, highest);
}

static inline double last_clearance(const struct sqz_stops_state *state,
                                    const struct bounds *bounds)
{
    double top = bounds->base[SQZ_UP] + bounds->displacement[SQZ_UP];
    double bottom = bounds->base[SQZ_DOWN] + bounds->displacement[SQZ_DOWN];
    return sqz_least(state->barrier[SQZ_UP] - top, state->barrier[SQZ_DOWN] + bottom);
}

/* The same where levels watch S + P + M: M moves towards D by at most `way` of the way to D's
 * bounds. */
static __attribute__((noinline)) double trigger_clearance(const struct sqz_stops_state *state,
                                                          const struct sqz_market *market,
                                                          double mark, double stretch_s,
                                                          const struct bounds *bounds)
{
    double way = -expm1(-market->mark_rate * stretch_s);
    double rise = way * fmax(bounds->displacement[SQZ_UP] - mark, 0.0);
    double fall = way * fmin(bounds->displacement[SQZ_DOWN] - mark, 0.0);
    double top = bounds->base[SQZ_UP] + mark + rise;
    double bottom = bounds->base[SQZ_DOWN] + mark + fall;
    return sqz_least(
        last_clearance(state, bounds),
        sqz_least(state->level_next[SQZ_UP] - top, state->level_next[SQZ_DOWN] + bottom));
}

double sqz_stops_clearance(const struct sqz_stops_state *state, const struct sqz_market *market,
                           const struct sqz_market_state *now, double stretch_s, bool forever)
{
    struct bounds bounds;
    bound(market, now, stretch_s, forever, &bounds);
    return market->trigger == SQZ_TRIGGER_LAST
               ? last_clearance(state, &bounds)
               : trigger_clearance(state, market, now->mark_log, stretch_s, &bounds);
}

double sqz_stops_hitting_s(const struct sqz_stops_state *state, const struct sqz_market *market,
                           const struct sqz_market_state *now)
{
    enum sqz_side ahead = sqz_side_of(now->drift);
    double way = state->barrier[ahead] - sqz_outward(ahead, sqz_market_price_log(now));
    if (now->drift == 0.0)
        return INFINITY;
    if (market->trigger != SQZ_TRIGGER_LAST)
        way = sqz_least(way, state->level_next[ahead] -
                                 sqz_outward(ahead, sqz_market_trigger_log(market, now)));
    return way / fabs(now->drift);
}
