/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sides: of a price, of a position and of an order. Their values are the same where one leads to
 * the other, so that arrays of two are indexed by any of them; from one type to another it takes a
 * function that says why. */
#ifndef SQZ_CORE_SIDE_H
#define SQZ_CORE_SIDE_H

/* Where a barrier, a level or a record stands, seen from the price. */
enum sqz_side { SQZ_UP = 0, SQZ_DOWN = 1 };

enum sqz_position_side { SQZ_SHORT = 0, SQZ_LONG = 1 };

/* A buy consumes asks, a sale bids. */
enum sqz_order_side { SQZ_BUY = 0, SQZ_SELL = 1 };

/* ---- signs --------------------------------------------------------------------------------- */

static inline double sqz_direction(enum sqz_side side)
{
    return side == SQZ_UP ? 1.0 : -1.0;
}

/* The side that a signed amount (a rise, a drift) points to. */
static inline enum sqz_side sqz_side_of(double signed_amount)
{
    return signed_amount >= 0 ? SQZ_UP : SQZ_DOWN;
}

/* Outward log price of `x` on `side`: up is up for shorts, down is up for longs. */
static inline double sqz_outward(enum sqz_side side, double x)
{
    return side == SQZ_UP ? x : -x;
}

/* The sign of what a position gains as the price rises. */
static inline double sqz_exposure(enum sqz_position_side side)
{
    return side == SQZ_LONG ? 1.0 : -1.0;
}

/* The sign of an order's amount: positive buys. */
static inline double sqz_order_sign(enum sqz_order_side side)
{
    return side == SQZ_BUY ? 1.0 : -1.0;
}

static inline enum sqz_order_side sqz_order_side_of(double order_usd)
{
    return order_usd >= 0 ? SQZ_BUY : SQZ_SELL;
}

/* ---- from one to another ------------------------------------------------------------------- */

/* Shorts lose, and are closed, above the price; longs below. */
static inline enum sqz_side sqz_losing_side(enum sqz_position_side side)
{
    return side == SQZ_SHORT ? SQZ_UP : SQZ_DOWN;
}

/* Whose levels stand on a side. */
static inline enum sqz_position_side sqz_position_on(enum sqz_side side)
{
    return side == SQZ_UP ? SQZ_SHORT : SQZ_LONG;
}

/* Shorts are closed by buying, longs by selling. */
static inline enum sqz_order_side sqz_closing_order(enum sqz_position_side side)
{
    return side == SQZ_SHORT ? SQZ_BUY : SQZ_SELL;
}

/* The positions that such an order closes. */
static inline enum sqz_position_side sqz_closed_by(enum sqz_order_side side)
{
    return side == SQZ_BUY ? SQZ_SHORT : SQZ_LONG;
}

/* Where an order moves the price. */
static inline enum sqz_side sqz_moved_side(enum sqz_order_side side)
{
    return side == SQZ_BUY ? SQZ_UP : SQZ_DOWN;
}

#endif
