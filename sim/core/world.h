/* A world: one scenario prepared for simulation, and its state on one path.
 *
 * Several worlds may ride on one exogenous path (models/README.md): attribution walks one with
 * and one without impact, a comparison one per scenario. A world knows nothing of the others. */
#ifndef SQZ_CORE_WORLD_H
#define SQZ_CORE_WORLD_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/core/book.h"
#include "sim/core/ladder.h"
#include "sim/core/model.h"

/* Closer than this (log price) a barrier counts as touched: 1e-6 of a basis point. */
#define SQZ_TOUCH_LOG 1e-10

enum { SQZ_DRIVERS_MAX = 8 };

struct sqz_driver {
    const struct sqz_driver_model *model;
    const void *shared;
    uint64_t stream; /* random stream number; equal drivers of two worlds see equal shocks */
};

/* Watched prices. */
enum sqz_watch { SQZ_TARGET = 0, SQZ_FLOOR = 1, SQZ_WATCHES = 2 };

/* Immutable, shared by all paths; owns nothing. Log prices are relative to the start price. */
struct sqz_world {
    const struct sqz_ladder *ladder;
    const struct sqz_book *book;
    double volatility_per_sqrt_s, drift_per_s, horizon_s;
    double watch_log[SQZ_WATCHES]; /* NAN: not watched */
    double record_step_log;        /* resolution of recorded extremes; INFINITY: at events only */
    bool impact;
    size_t n_drivers;
    struct sqz_driver driver[SQZ_DRIVERS_MAX];
};

enum sqz_stop { SQZ_STOP_HORIZON, SQZ_STOP_MAX_EVENTS };

/* What one path of one world came to. Notionals in USD, indexed by the side of the levels. */
struct sqz_outcome {
    double final_log, peak_log, trough_log;
    double forced_usd[2];
    uint64_t liquidations[2];
    double touch_s[SQZ_WATCHES]; /* first touch; NAN if never, or not watched */
    bool exhausted;
    enum sqz_stop stop;
};

/* Path state: flat bytes, no owned pointers; reset, never reallocated. */
struct sqz_world_state {
    double exogenous_log; /* S: everything that would happen without impact */
    double volatility, drift, depth_multiplier;
    double volatility_multiplier[SQZ_DRIVERS_MAX], depth_multipliers[SQZ_DRIVERS_MAX],
        driver_drift[SQZ_DRIVERS_MAX];
    struct sqz_book_state book;
    size_t frontier[2];    /* next level of each side that has not fired */
    double barrier[2];     /* outward log price of the nearest of the next three on each side: */
    double watch_next[2];  /* watched price not touched yet; INFINITY if none */
    double record_next[2]; /* next record to stop at: one step beyond the last */
    double record_log[2];  /* outward extremes so far: peak and minus trough */
    bool touched[SQZ_WATCHES];
    bool running;
    struct sqz_outcome outcome;
};

enum sqz_event_kind {
    SQZ_EVENT_START,
    SQZ_EVENT_OUTPUT,
    SQZ_EVENT_LIQUIDATION,
    SQZ_EVENT_TARGET,
    SQZ_EVENT_FLOOR,
    SQZ_EVENT_HORIZON
};

/* The word for a kind of event in logs: "start", "liquidation", ... */
const char *sqz_event_name(enum sqz_event_kind kind);

/* One line of a path's log, as handed to an observer. */
struct sqz_event {
    enum sqz_event_kind kind;
    unsigned world;
    size_t output_index; /* SQZ_EVENT_OUTPUT only */
    double time_s, exogenous_log;
    double displacement_log; /* P + D after the event; last price = exogenous + displacement */
    enum sqz_side side;      /* the next three: SQZ_EVENT_LIQUIDATION only */
    double notional_usd;
    double fill_log; /* average fill, relative to the start price */
};

/* Sees the events of a path in order. It cannot change the path. */
struct sqz_observer {
    void *context;
    void (*event)(void *context, const struct sqz_event *event);
    unsigned unwanted; /* bit 1 << kind: events of this kind are not reported */
};

static inline bool sqz_observer_wants(const struct sqz_observer *observer, enum sqz_event_kind kind)
{
    return observer != NULL && (observer->unwanted & (1u << kind)) == 0;
}

/* Begin a path: everything but the drivers, which are the engine's. */
void sqz_world_reset(const struct sqz_world *world, struct sqz_world_state *state);

static inline double sqz_world_price_log(const struct sqz_world_state *state)
{
    return state->exogenous_log + state->book.permanent_log + state->book.displacement_log;
}

/* The smaller of two numbers, neither NAN; fmin is a call into the library. */
static inline double sqz_least(double a, double b)
{
    return a < b ? a : b;
}

/* Distance from the last price to the nearer barrier. */
static inline double sqz_world_gap(const struct sqz_world_state *state)
{
    double price = sqz_world_price_log(state);
    return sqz_least(state->barrier[SQZ_UP] - price, state->barrier[SQZ_DOWN] + price);
}

/* The same if the book and the drift move on for `stretch_s` and the noise stands still: a lower
 * bound over the whole stretch. With `forever` the book's recovery is bounded for all time, which
 * is cheaper and never larger. */
double sqz_world_clearance(const struct sqz_world *world, const struct sqz_world_state *state,
                           double stretch_s, bool forever);

/* Whether nothing but the noise moves the price. */
static inline bool sqz_world_at_rest(const struct sqz_world_state *state)
{
    return !state->book.recovering && state->drift == 0.0;
}

/* Let time pass and the exogenous price move by volatility * noise. */
static inline void sqz_world_advance(const struct sqz_world *world, struct sqz_world_state *state,
                                     double elapsed_s, double noise)
{
    state->exogenous_log += state->volatility * noise + state->drift * elapsed_s;
    if (!sqz_book_at_rest(&state->book))
        sqz_book_evolve(world->book, &state->book, elapsed_s);
}

/* Send a market order that is not a liquidation. */
void sqz_world_order(const struct sqz_world *world, struct sqz_world_state *state,
                     double order_usd);

/* Fire every level that the last price has reached, nearest first, until none is left: the least
 * fixed point of the cascade. Updates extremes, touches and barriers. `log` may be NULL. */
void sqz_world_cascade(const struct sqz_world *world, struct sqz_world_state *state, unsigned index,
                       double time_s, const struct sqz_observer *log);

/* Take note of the last price after any change: nearly always it lies between the barriers and only
 * the extremes can be new; otherwise something is due. */
static inline void sqz_world_settle(const struct sqz_world *world, struct sqz_world_state *state,
                                    unsigned index, double time_s, const struct sqz_observer *log)
{
    double price = sqz_world_price_log(state);
    if (state->barrier[SQZ_UP] - price <= SQZ_TOUCH_LOG ||
        state->barrier[SQZ_DOWN] + price <= SQZ_TOUCH_LOG) {
        sqz_world_cascade(world, state, index, time_s, log);
        return;
    }
    if (price > state->record_log[SQZ_UP])
        state->record_log[SQZ_UP] = price;
    if (-price > state->record_log[SQZ_DOWN])
        state->record_log[SQZ_DOWN] = -price;
}

/* Hand one event without an order to the observer; `log` may be NULL. */
void sqz_world_report(const struct sqz_world_state *state, unsigned index, double time_s,
                      enum sqz_event_kind kind, const struct sqz_observer *log);

/* End the path here: final price and extremes go to the outcome. */
void sqz_world_finish(struct sqz_world_state *state, enum sqz_stop stop);

/* Recompute volatility, drift and depth after a driver changed its multipliers. */
void sqz_world_combine_drivers(const struct sqz_world *world, struct sqz_world_state *state);

/* Assert every invariant that ties state, ladder and outcome; a no-op in release builds. */
void sqz_world_verify(const struct sqz_world *world, const struct sqz_world_state *state);

#endif
