/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The events of one world along one path, kept until all of them are known. */
#ifndef SQZ_IO_EVENT_LOG_H
#define SQZ_IO_EVENT_LOG_H

#include "sim/core/world.h"

/* Zeroed it is empty; owns its events. */
struct sqz_event_log {
    struct sqz_event *event;
    size_t count, capacity;
    unsigned world; /* whose events are kept */
    int error;      /* SQZ_ERR_NOMEM once an event was lost */
};

void sqz_event_log_add(void *log, const struct sqz_event *event); /* an observer's function */
void sqz_event_log_free(struct sqz_event_log *log);

/* How many of its events are of that kind. */
size_t sqz_event_log_count(const struct sqz_event_log *log, enum sqz_event_kind kind);

/* A liquidation of generation 0 with all its descendants. */
struct sqz_cascade {
    double begin_s, end_s; /* the first of its liquidations; the last of its orders */
    double forced_usd;
    size_t liquidations; /* 0: there is no cascade, or attribution was not traced */
    int generations;     /* of the deepest; 1 or more */
};

/* The cascade with most notional in a log that has not been thinned; of equals the first.
 * SQZ_ERR_NOMEM: not found. */
int sqz_event_log_largest_cascade(const struct sqz_event_log *log, struct sqz_cascade *cascade);

/* Make a log of more than SQZ_EVENTS_WHOLE events as small as a figure of it allows; leave a
 * shorter one as it is.
 *
 * Outputs, liquidations, fills and deleveragings that follow one another within a ten-thousandth
 * of the horizon, and move price, exogenous price and displacement by less than a five-hundredth
 * of what they range over, become one event of each kind and side: the last, with the notional of
 * all, their average fill and the deepest generation. Start, horizon, touches and the extremes of
 * the three stay by themselves; so does the order of time. So do the events of `cascade` and of as
 * long a time before it and twice after, which a close-up shows, unless these alone are more than
 * that; NULL: there is none. */
enum { SQZ_EVENTS_WHOLE = 8192 };
void sqz_event_log_thin(struct sqz_event_log *log, double horizon_s,
                        const struct sqz_cascade *cascade);

#endif
