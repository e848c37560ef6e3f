/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What was recorded of a market beside its bars: depth of the book, trades, events, funding. */
#ifndef SQZ_IO_MARKET_DATA_H
#define SQZ_IO_MARKET_DATA_H

#include <stddef.h>

#include "sim/core/error.h"

/* Cumulative depth of both sides at some distances, at some time. */
enum { SQZ_BANDS_MAX = 64 };
struct sqz_depth_shot {
    double time_s;                           /* NAN: not said */
    double bid_usd, ask_usd;                 /* best quotes; NAN: not said */
    double cumulative_usd[2][SQZ_BANDS_MAX]; /* asks, bids; NAN: not known */
    double reach_bp[2];                      /* how far the book is known; NAN: not said */
};

/* Owns its shots. */
struct sqz_depth_record {
    double band_bp[SQZ_BANDS_MAX]; /* ascending */
    size_t bands;
    struct sqz_depth_shot *shot; /* ascending in time, where times are said */
    size_t count;
};

/* One snapshot `side,distance_bp,cumulative_usd`, as squeeze import writes it, or many in wide
 * columns: `time`, `bid`, `ask`, and for each band `bid_10bp_usd`, `ask_10bp_usd`, with how far the
 * book is known in `book_reach_bid_bp`, `book_reach_ask_bp`. Free it after success and failure
 * alike. */
int sqz_depth_read(struct sqz_depth_record *depth, const char *path, struct sqz_diag *diag);
void sqz_depth_free(struct sqz_depth_record *depth);

/* Something at a time, of a size: what a taker traded, signed, buys above 0; or an event. */
struct sqz_tick {
    double time_s, price_usd, usd; /* NAN where the file does not say */
};

struct sqz_ticks {
    struct sqz_tick *tick; /* ascending in time; owned */
    size_t count;
};

/* `time,side,price_usd,notional_usd` of taker orders, or a quantity in coins for the notional. */
int sqz_trades_read(struct sqz_ticks *ticks, const char *path, struct sqz_diag *diag);
/* `time[,notional_usd]` of events. */
int sqz_events_read(struct sqz_ticks *ticks, const char *path, struct sqz_diag *diag);
/* `time,rate` of funding, a share of the notional, in `usd`. */
int sqz_funding_read(struct sqz_ticks *ticks, const char *path, struct sqz_diag *diag);
/* Safe on zeroed ones. */
void sqz_ticks_free(struct sqz_ticks *ticks);

#endif
