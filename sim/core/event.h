/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an observer of a path may see: kinds of events, the event itself, and how it is reported.
 *
 * Whatever happens to a world is handed to the observer at once, with the prices as they stand
 * then. An observer changes nothing; one that does not want a kind costs next to nothing. */
#ifndef SQZ_CORE_EVENT_H
#define SQZ_CORE_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/core/model.h"

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

/* A price in its two parts; their sum is the last price, relative to the start price. */
struct sqz_price {
    double exogenous_log;
    double displacement_log; /* P + D */
};

/* One line of a path's log, as handed to an observer. */
struct sqz_event {
    enum sqz_event_kind kind;
    unsigned world;
    size_t output_index; /* SQZ_EVENT_OUTPUT only */
    double time_s, exogenous_log;
    double displacement_log; /* P + D after the event; last price = exogenous + displacement */
    /* Where something is traded: the side of the order, notional, and average fill
     * relative to the start price; NAN for a liquidation whose order is filled later. */
    enum sqz_order_side side;
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

/* When and to which world something happens, and who looks on. */
struct sqz_context {
    double time_s;
    unsigned index;                 /* of the world */
    const struct sqz_observer *log; /* may be NULL */
};

/* Hand one event to the observer: kind and what else of `event` its kind needs are set, time, world
 * and price are filled in. Does nothing unless the kind is wanted. */
void sqz_event_report(const struct sqz_context *at, struct sqz_price price, struct sqz_event event);

#endif
