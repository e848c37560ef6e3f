/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A world: one scenario prepared for simulation, and its state on one path.
 *
 * Several worlds may ride on one exogenous path (models/README.md): attribution walks one with
 * and one without impact, a comparison one per scenario. A world knows nothing of the others. */
#ifndef SQZ_CORE_WORLD_H
#define SQZ_CORE_WORLD_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/core/book.h"
#include "sim/core/clearing.h"
#include "sim/core/event_queue.h"
#include "sim/core/ladder.h"
#include "sim/core/lineage.h"
#include "sim/core/model.h"

/* Closer than this (log price) a barrier counts as touched: 1e-6 of a basis point. */
#define SQZ_TOUCH_LOG 1e-10

enum { SQZ_DRIVERS_MAX = 8, SQZ_MEASURES_MAX = 32 };

struct sqz_driver {
    const struct sqz_driver_model *model;
    const void *shared;
    uint64_t stream; /* random stream number; equal drivers of two worlds see equal shocks */
};

/* What lies between the touch of a level and the fill. Zeroed: the whole order at once. */
struct sqz_execution {
    double latency_s;  /* from touch to order */
    bool random;       /* the latency is exponential with that mean, one draw per order */
    double usd_per_s;  /* speed at which the orders of a side leave one after another; 0: at once */
    double interval_s; /* a large order leaves as child orders this far apart */
};

/* Watched prices. */
enum sqz_watch { SQZ_TARGET = 0, SQZ_FLOOR = 1, SQZ_WATCHES = 2 };

/* Immutable, shared by all paths; owns nothing. Log prices are relative to the start price. */
struct sqz_world {
    const struct sqz_ladder *ladder;
    const struct sqz_book *book;
    double volatility_per_sqrt_s, drift_per_s, horizon_s;
    double watch_log[SQZ_WATCHES]; /* NAN: not watched */
    double record_step_log;        /* the walk stops at new extremes this far apart */
    bool impact;                   /* false: forced orders do not move the book */
    bool apart;       /* levels watch S + P + M, not the last price; M: average of D so far */
    double mark_rate; /* at which M follows D, 1/s; 0: the index, as M stays 0 */
    const struct sqz_venue *venue; /* whose accounts the levels stand for; NULL: levels alone */
    struct sqz_execution execution;
    double attrition_per_s; /* rate at which waiting positions are closed voluntarily */
    double topup;           /* share of a level that tops up when touched, and is not closed */
    bool traced;            /* who set off whom is kept */
    bool listened;          /* some driver hears forced orders */
    size_t n_measures;      /* of all drivers */
    size_t n_drivers;
    struct sqz_driver driver[SQZ_DRIVERS_MAX];
};

enum sqz_stop { SQZ_STOP_HORIZON, SQZ_STOP_MAX_EVENTS };

/* What one path of one world came to. Notionals in USD, indexed by the side of the levels. */
struct sqz_outcome {
    double final_log, peak_log, trough_log;
    double forced_usd[2];
    uint64_t liquidations[2];
    /* Only in traced worlds: cascades, the deepest generation, the largest family with any
     * descendant. */
    uint64_t cascades;
    unsigned generations;
    double largest_cascade_usd;
    double measure[SQZ_MEASURES_MAX]; /* of the drivers, in their order */
    double touch_s[SQZ_WATCHES];      /* first touch; NAN if never, or not watched */
    bool exhausted, beyond_known;     /* of the book, as struct sqz_book_state has them */
    enum sqz_stop stop;
};

/* Path state: flat bytes, no owned pointers; reset, never reallocated. */
struct sqz_world_state {
    double exogenous_log; /* S: everything that would happen without impact */
    double volatility, drift, depth_multiplier;
    double per_volatility; /* 1 / volatility; INFINITY without any */
    double volatility_multiplier[SQZ_DRIVERS_MAX], depth_multipliers[SQZ_DRIVERS_MAX],
        driver_drift[SQZ_DRIVERS_MAX];
    struct sqz_clearing *clearing; /* the engine's; NULL without a venue */
    struct sqz_book_state book;
    double mark_log;        /* M */
    bool mark_moving;       /* M differs from D, or D moves */
    bool still;             /* the noise aside, nothing moves: no drift, book at rest, M arrived */
    double level_shift[2];  /* by how much levels have come nearer, log */
    double level_keep[2];   /* share of their notional that drivers have not made leave */
    double line_free_s[2];  /* when the last forced order of a side will have left */
    double executed_usd[2]; /* executed forced orders that listening drivers have not heard of */
    bool has_executed;
    size_t frontier[2];    /* next level of each side that has not fired */
    double level_next[2];  /* its outward log price */
    double barrier[2];     /* outward log price of the nearest of the next two on each side, and of
                              level_next unless levels watch another price: */
    double watch_next[2];  /* watched price not touched yet; INFINITY if none */
    double record_next[2]; /* next record to stop at: one step beyond the last */
    double record_log[2];  /* outward extremes so far where the walk stopped */
    double extreme_log[2]; /* and between: peak and minus trough are the greater of both */
    bool touched[SQZ_WATCHES];
    double gap; /* sqz_world_gap as it stood when the world last settled */
    bool running;
    bool plain; /* the world has none of what costs a cascade time */
    struct sqz_outcome outcome;
};

enum sqz_event_kind {
    SQZ_EVENT_START,
    SQZ_EVENT_OUTPUT,
    SQZ_EVENT_LIQUIDATION,
    SQZ_EVENT_FILL,       /* a forced order that took time, or a child of it */
    SQZ_EVENT_DELEVERAGE, /* of a bankrupt position, against other accounts; no order */
    SQZ_EVENT_ORDER,      /* market order of a driver */
    SQZ_EVENT_JUMP,       /* of the exogenous price, by a driver */
    SQZ_EVENT_CHANGE,     /* of volatility or depth, by a driver */
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
    /* Where something is traded: the side of the market it concerns, notional, and average fill
     * relative to the start price; NAN for a liquidation whose order is filled later. */
    enum sqz_side side;
    double notional_usd, fill_log;
    uint32_t row;       /* of the file of positions, the first of the account's; 0: of none */
    int generation;     /* SQZ_EVENT_LIQUIDATION and SQZ_EVENT_FILL; -1: not traced */
    uint64_t family;    /* of the same: which generation-0 liquidation it descends from */
    const char *driver; /* name; SQZ_EVENT_ORDER, SQZ_EVENT_JUMP and SQZ_EVENT_CHANGE only */
    double jump_log;    /* SQZ_EVENT_JUMP only */
    /* SQZ_EVENT_OUTPUT and SQZ_EVENT_CHANGE: volatility now, and depth left as a share. The
     * drivers' measures are in outputs alone (n_measures of the world; valid during the call). */
    double volatility_per_sqrt_s, depth_left;
    const double *measure;
};

/* Whether an event of this kind is a trade, with side and notional. */
static inline bool sqz_event_trades(enum sqz_event_kind kind)
{
    return kind == SQZ_EVENT_LIQUIDATION || kind == SQZ_EVENT_FILL || kind == SQZ_EVENT_ORDER ||
           kind == SQZ_EVENT_DELEVERAGE;
}

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

/* The walk as one of its worlds sees it. */
struct sqz_context {
    double time_s;
    unsigned index;                 /* of the world */
    const struct sqz_observer *log; /* may be NULL */
    struct sqz_event_queue *queue; /* of forced orders on their way; unused if they leave at once */
    struct sqz_stream *delays;     /* for random latency */
    struct sqz_lineage *lineage;   /* of a traced world, else NULL */
};

/* What a world puts into the queue, and what comes first among equal times. */
enum sqz_due { SQZ_DUE_ARRIVAL, SQZ_DUE_TURN, SQZ_DUE_REVIEW, SQZ_DUE_HORIZON };

/* Events that forced orders on their way can occupy in the queue at one time. */
size_t sqz_world_pending_max(const struct sqz_world *world);

/* Begin a path: everything but the drivers, which are the engine's. */
void sqz_world_reset(const struct sqz_world *world, struct sqz_world_state *state);

/* Outward log price of `x` on `side`: up is up for shorts, down is up for longs. */
static inline double sqz_outward(enum sqz_side side, double x)
{
    return side == SQZ_UP ? x : -x;
}

/* After anything that sets the book, M or the drift in motion, or may have brought them to rest. */
static inline void sqz_world_note_motion(struct sqz_world_state *state)
{
    state->still = sqz_book_at_rest(&state->book) && !state->mark_moving && state->drift == 0.0;
}

static inline double sqz_world_price_log(const struct sqz_world_state *state)
{
    return state->exogenous_log + state->book.permanent_log + state->book.displacement_log;
}

/* The smaller and the greater of two numbers, neither NAN; fmin and fmax are calls into the
 * library. */
static inline double sqz_least(double a, double b)
{
    return a < b ? a : b;
}

static inline double sqz_greatest(double a, double b)
{
    return a > b ? a : b;
}

/* The outward extreme of a side so far. */
static inline double sqz_world_extreme_log(const struct sqz_world_state *state, enum sqz_side side)
{
    return sqz_greatest(state->record_log[side], state->extreme_log[side]);
}

/* Outward distance of a side's next level, or of the next account of a venue. */
static inline double sqz_world_next_level(const struct sqz_world *world,
                                          struct sqz_world_state *state, enum sqz_side side)
{
    const struct sqz_ladder_side *levels = &world->ladder->side[side];
    if (state->clearing != NULL)
        return sqz_clearing_next(state->clearing, levels, side, &state->frontier[side]);
    return levels->distance_log[state->frontier[side]];
}

/* The price that levels watch. */
static inline double sqz_world_trigger_log(const struct sqz_world *world,
                                           const struct sqz_world_state *state)
{
    double displacement = world->apart ? state->mark_log : state->book.displacement_log;
    return state->exogenous_log + state->book.permanent_log + displacement;
}

/* Distance from the price that levels watch to the nearest level, where that is not the last. */
double sqz_world_apart_gap(const struct sqz_world *world, const struct sqz_world_state *state);

/* Distance from the last price to what it must stop at on either side. */
static inline double sqz_world_last_gap(const struct sqz_world_state *state)
{
    double price = sqz_world_price_log(state);
    return sqz_least(state->barrier[SQZ_UP] - price, state->barrier[SQZ_DOWN] + price);
}

/* Distance to whatever is nearest. */
static inline double sqz_world_gap(const struct sqz_world *world,
                                   const struct sqz_world_state *state)
{
    double gap = sqz_world_last_gap(state);
    return world->apart ? sqz_least(gap, sqz_world_apart_gap(world, state)) : gap;
}

/* The same if the book and the drift move on for `stretch_s` and the noise stands still: a lower
 * bound over the whole stretch. With `forever` the book's recovery is bounded for all time, which
 * is cheaper and never larger. */
double sqz_world_clearance(const struct sqz_world *world, const struct sqz_world_state *state,
                           double stretch_s, bool forever);

/* How long the drift alone takes to the nearest barrier ahead; INFINITY if there is none. For a
 * world whose price nothing else moves. */
double sqz_world_hitting_s(const struct sqz_world *world, const struct sqz_world_state *state);

/* Let M and the book move on for `elapsed_s`. */
void sqz_world_evolve(const struct sqz_world *world, struct sqz_world_state *state,
                      double elapsed_s);

/* Let time pass and the exogenous price move by volatility * noise. */
static inline void sqz_world_advance(const struct sqz_world *world, struct sqz_world_state *state,
                                     double elapsed_s, double noise)
{
    state->exogenous_log += state->volatility * noise + state->drift * elapsed_s;
    if (!state->still)
        sqz_world_evolve(world, state, elapsed_s);
}

/* Whether something may lie between a forced order and its execution. */
static inline bool sqz_world_delays_orders(const struct sqz_world *world)
{
    return world->execution.latency_s > 0.0 || world->execution.usd_per_s > 0.0;
}

/* Send a market order that is not forced. */
void sqz_world_order(const struct sqz_world *world, struct sqz_world_state *state,
                     double order_usd);

/* Average fill of such an order, relative to the start price, if it were sent now. */
double sqz_world_fill_log(const struct sqz_world *world, const struct sqz_world_state *state,
                          double order_usd);

/* An order that closes a level or an account, or what is left of it. */
struct sqz_forced {
    struct sqz_level_id level; /* what it is in the lineage; its index SQZ_NO_LEVEL: nothing */
    enum sqz_side side; /* of the market: that of the level, but in a hedged account perhaps not */
    uint32_t account;   /* whose it is, where there is a venue */
    double notional_usd;
};

/* Average fill of a forced order, relative to the start price, if it were sent now; without impact
 * the price in hand. */
static inline double sqz_world_forced_fill_log(const struct sqz_world *world,
                                               const struct sqz_world_state *state,
                                               const struct sqz_forced *order)
{
    double signed_usd = sqz_direction(order->side) * order->notional_usd;
    return world->impact ? sqz_world_fill_log(world, state, signed_usd)
                         : sqz_world_price_log(state);
}

/* Send a forced order, which has been counted as such or is now. Returns its average fill, relative
 * to the start price. */
double sqz_world_force(const struct sqz_world *world, struct sqz_world_state *state,
                       const struct sqz_forced *order, bool counted, const struct sqz_context *at);

/* Count an order as forced that is to be sent later. */
void sqz_world_count(struct sqz_world_state *state, const struct sqz_forced *order,
                     const struct sqz_context *at);

/* Where orders leave at a finite speed: when one that joins the line of its side now has its turn
 * (the line grows by it), and how much of an order leaves at its turn, the rest an interval later.
 */
double sqz_world_join_line(const struct sqz_world *world, struct sqz_world_state *state,
                           enum sqz_side side, double order_usd, double time_s);
double sqz_world_child_usd(const struct sqz_world *world, double order_usd);

/* The time from a touch to its order; draws it where it is random. */
double sqz_world_latency_s(const struct sqz_world *world, const struct sqz_context *at);

/* Have sqz_clearing_review look at an account at a time to come. */
void sqz_world_schedule_review(uint32_t account, enum sqz_side side, double time_s,
                               const struct sqz_context *at);

/* Continue with a forced order that the world put into the queue and that is due now. */
void sqz_world_continue(const struct sqz_world *world, struct sqz_world_state *state,
                        const struct sqz_scheduled *order, const struct sqz_context *at);

/* Fire every level that the price has reached, nearest first, until none is left: with orders that
 * leave at once, the least fixed point of the cascade. Updates extremes, touches and barriers. */
void sqz_world_cascade(const struct sqz_world *world, struct sqz_world_state *state,
                       const struct sqz_context *at);

/* Notional that would be forced if the nearest standing level of a side, and all within
 * `window_log` beyond it, were touched at `time_s`; 0 if none stands. */
double sqz_world_waiting_usd(const struct sqz_world *world, const struct sqz_world_state *state,
                             enum sqz_side side, double window_log, double time_s);

/* Take note of the price after any change: nearly always it lies between the barriers and only the
 * extremes can be new. False if something is due; then call sqz_world_cascade. */
static inline bool sqz_world_undisturbed(const struct sqz_world *world,
                                         struct sqz_world_state *state)
{
    state->gap = sqz_world_gap(world, state);
    if (state->gap <= SQZ_TOUCH_LOG)
        return false;
    double price = sqz_world_price_log(state);
    state->record_log[SQZ_UP] = sqz_greatest(state->record_log[SQZ_UP], price);
    state->record_log[SQZ_DOWN] = sqz_greatest(state->record_log[SQZ_DOWN], -price);
    return true;
}

/* Longs pay shorts a share of the notional, out of margin. Accounts pay what their positions come
 * to; a level says too little of those behind it for that, and moves by the factor 1 + rate (see
 * models/drivers/funding.c). What comes within reach fires when the world settles. */
void sqz_world_pay_funding(const struct sqz_world *world, struct sqz_world_state *state,
                           double rate, double time_s);

/* The share of what waited on a side at the start that has not left by itself at `time_s`, and of
 * that the share which is closed when touched and not topped up. */
static inline double sqz_world_staying_share(const struct sqz_world *world,
                                             const struct sqz_world_state *state,
                                             enum sqz_side side, double time_s)
{
    double share = state->level_keep[side];
    if (world->attrition_per_s > 0)
        share *= exp(-world->attrition_per_s * time_s);
    return share;
}

static inline double sqz_world_closed_share(const struct sqz_world *world,
                                            const struct sqz_world_state *state, enum sqz_side side,
                                            double time_s)
{
    return (1.0 - world->topup) * sqz_world_staying_share(world, state, side, time_s);
}

/* Hand one event to the observer: kind and what else of `event` its kind needs are set, the rest is
 * filled in. Does nothing unless the kind is wanted. */
void sqz_world_report(const struct sqz_world_state *state, const struct sqz_context *at,
                      struct sqz_event event);

/* End the path here: final price and extremes go to the outcome. */
void sqz_world_finish(struct sqz_world_state *state, enum sqz_stop stop);

/* Recompute volatility, drift and depth after a driver changed its multipliers. */
void sqz_world_combine_drivers(const struct sqz_world *world, struct sqz_world_state *state);

/* Assert every invariant that ties state, ladder and outcome; nothing at all in release builds. */
#ifdef SQZ_VERIFY
void sqz_world_verify(const struct sqz_world *world, const struct sqz_world_state *state);
#else
static inline void sqz_world_verify(const struct sqz_world *world,
                                    const struct sqz_world_state *state)
{
    (void)world;
    (void)state;
}
#endif

#endif
