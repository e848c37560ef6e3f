/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The market of a world on a path: its prices and what moves them.
 *
 * The last price is S + P + D: the exogenous price, and the permanent and the passing displacement
 * of the book; levels may watch the last price, the index S + P or a mark S + P + M. Drivers
 * multiply volatility and depth and add drift. No other room writes a price. */
#ifndef SQZ_CORE_MARKET_H
#define SQZ_CORE_MARKET_H

#include <stdbool.h>

#include "sim/core/book.h"
#include "sim/core/event.h"

/* Immutable, shared by all paths. Owns nothing. */
struct sqz_market {
    const struct sqz_book *book;
    double volatility_per_sqrt_s, drift_per_s;
    bool impact; /* false: forced orders do not move the book */
    enum sqz_trigger trigger;
    double mark_rate; /* at which M follows D, 1/s; 0 but for SQZ_TRIGGER_MARK */
};

/* On one path; written by the functions below alone. */
struct sqz_market_state {
    double exogenous_log; /* S: everything that would happen without impact */
    double volatility, drift, depth_multiplier;
    double per_volatility; /* 1 / volatility; INFINITY without any */
    double driver_volatility[SQZ_DRIVERS_MAX], driver_depth[SQZ_DRIVERS_MAX],
        driver_drift[SQZ_DRIVERS_MAX];
    struct sqz_book_state book;
    double mark_log;  /* M: average of D so far */
    unsigned drivers; /* of the world */
    bool mark_moving; /* M differs from D, or D moves */
    bool still;       /* the noise aside, prices stand: no drift, D rests, M arrived; the book's
                         stress may still fade, which moves none */
};

/* Begin a path at the start price, with `drivers` drivers that change nothing yet. */
void sqz_market_reset(const struct sqz_market *market, struct sqz_market_state *state,
                      size_t drivers);

/* ---- prices -------------------------------------------------------------------------------- */

static inline double sqz_market_price_log(const struct sqz_market_state *state)
{
    return state->exogenous_log + state->book.permanent_log + state->book.displacement_log;
}

static inline struct sqz_price sqz_market_price(const struct sqz_market_state *state)
{
    return (struct sqz_price){state->exogenous_log,
                              state->book.permanent_log + state->book.displacement_log};
}

/* The price that levels watch. */
static inline double sqz_market_trigger_log(const struct sqz_market *market,
                                            const struct sqz_market_state *state)
{
    double displacement =
        market->trigger == SQZ_TRIGGER_LAST ? state->book.displacement_log : state->mark_log;
    return state->exogenous_log + state->book.permanent_log + displacement;
}

/* The price `later_s` from now if nothing but recovery, drift and that much noise comes. */
struct sqz_price sqz_market_ahead(const struct sqz_market *market,
                                  const struct sqz_market_state *state, double later_s,
                                  double noise);

/* Depth left then, as a share of the undisturbed depth. */
static inline double sqz_market_depth_left(const struct sqz_market *market,
                                           const struct sqz_market_state *state, double later_s)
{
    return sqz_book_depth_left(market->book, &state->book, state->depth_multiplier, later_s);
}

/* ---- orders -------------------------------------------------------------------------------- */

/* After anything that sets the book, M or the drift in motion, or may have brought them to rest. */
static inline void sqz_market_note_motion(struct sqz_market_state *state)
{
    state->still = !state->book.recovering && !state->mark_moving && state->drift == 0.0;
}

/* Send a market order: positive buys. */
static inline void sqz_market_order(const struct sqz_market *market, struct sqz_market_state *state,
                                    double order_usd)
{
    sqz_book_execute(market->book, &state->book, order_usd, state->depth_multiplier);
    state->mark_moving = market->mark_rate > 0;
    sqz_market_note_motion(state);
}

/* Send one that is forced, after which market makers withdraw. */
static inline void sqz_market_force(const struct sqz_market *market, struct sqz_market_state *state,
                                    double order_usd)
{
    sqz_market_order(market, state, order_usd);
    if (market->book->withdrawal_gamma > 0) {
        sqz_book_withdraw(market->book, &state->book, order_usd);
        sqz_market_note_motion(state);
    }
}

/* Average fill of a market order, relative to the start price, if it were sent now. */
static inline double sqz_market_fill_log(const struct sqz_market *market,
                                         const struct sqz_market_state *state, double order_usd)
{
    return state->exogenous_log +
           sqz_book_fill(market->book, &state->book, order_usd, state->depth_multiplier);
}

/* How much of an order is filled before the last price is beyond `limit_log`. Signed like it. */
static inline double sqz_market_order_within(const struct sqz_market *market,
                                             const struct sqz_market_state *state, double order_usd,
                                             double limit_log)
{
    return sqz_book_order_within(market->book, &state->book, order_usd,
                                 limit_log - state->exogenous_log, state->depth_multiplier);
}

/* ---- drivers and time ---------------------------------------------------------------------- */

/* A jump of the exogenous price. */
static inline void sqz_market_jump(struct sqz_market_state *state, double jump_log)
{
    state->exogenous_log += jump_log;
}

/* What one of the drivers makes of volatility, depth and drift until further notice. Returns
 * whether volatility or depth have changed. */
bool sqz_market_drive(const struct sqz_market *market, struct sqz_market_state *state,
                      size_t driver, const struct sqz_driver_effect *effect);

/* Let M and the book move on for `elapsed_s`. */
void sqz_market_evolve(const struct sqz_market *market, struct sqz_market_state *state,
                       double elapsed_s);

/* Let time pass and the exogenous price move by volatility * noise. */
static inline void sqz_market_advance(const struct sqz_market *market,
                                      struct sqz_market_state *state, double elapsed_s,
                                      double noise)
{
    state->exogenous_log += state->volatility * noise + state->drift * elapsed_s;
    if (!state->still || state->book.stress > 0.0)
        sqz_market_evolve(market, state, elapsed_s);
}

#endif
