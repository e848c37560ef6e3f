/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What lies between the decision to close something by force and the market: latency, the queue of
 * each side, child orders. The one place that counts forced notional.
 *
 * An order is counted when it is decided, reported, and sent at once or put into the event queue.
 * What is executed moves the market, and is claimed by the level it comes from. */
#ifndef SQZ_CORE_EXECUTION_H
#define SQZ_CORE_EXECUTION_H

#include "sim/core/attribution.h"
#include "sim/core/attrition.h"
#include "sim/core/event_queue.h"

/* Immutable, shared by all paths. Zeroed: the whole order at once. */
struct sqz_execution {
    double latency_s;  /* from touch to order */
    bool random;       /* the latency is exponential with that mean, one draw per order */
    double usd_per_s;  /* speed at which the orders of a side leave one after another; 0: at once */
    double interval_s; /* a large order leaves as child orders this far apart */
};

/* On one path; written by the functions below alone. Points to what the path has in common. */
struct sqz_execution_state {
    double forced_usd[2]; /* by the side of the order */
    uint64_t liquidations[2];
    double queue_free_s[2]; /* when the last forced order of a side will have left */
    bool listened;          /* some driver hears forced orders */
    bool has_executed;
    double executed_usd[2];        /* of which listening drivers have not heard */
    struct sqz_event_queue *queue; /* of orders on their way; unused if they leave at once */
    struct sqz_stream *delays;     /* for random latency */
};

/* Begin a path. `queue` and `delays` stay the caller's, NULL where orders leave at once. */
static inline void sqz_execution_reset(struct sqz_execution_state *state, bool listened)
{
    *state = (struct sqz_execution_state){.listened = listened};
}

/* What the path has for its orders. */
static inline void sqz_execution_attach(struct sqz_execution_state *state,
                                        struct sqz_event_queue *queue, struct sqz_stream *delays)
{
    state->queue = queue;
    state->delays = delays;
}

/* Listening drivers have heard of what was executed. */
static inline void sqz_execution_forget_executed(struct sqz_execution_state *state)
{
    state->executed_usd[SQZ_BUY] = state->executed_usd[SQZ_SELL] = 0.0;
    state->has_executed = false;
}

/* What puts events into the queue, and what comes first among equal times. */
enum sqz_due { SQZ_DUE_ARRIVAL, SQZ_DUE_TURN, SQZ_DUE_REVIEW, SQZ_DUE_HORIZON };

/* An order that closes a level or an account, or what is left of it. */
struct sqz_forced {
    struct sqz_level_id level; /* what it is in the attribution; its index SQZ_NO_LEVEL: nothing */
    enum sqz_order_side side;  /* that closes the level, but in a hedged account perhaps not */
    uint32_t row;              /* of the account whose it is, where there is a venue; else 0 */
    double notional_usd;
};

/* What a forced order goes through. */
struct sqz_route {
    const struct sqz_execution *execution;
    struct sqz_execution_state *state;
    const struct sqz_market *market;
    struct sqz_market_state *now;
    const struct sqz_attrition_state *attrition;
    struct sqz_attribution *attribution; /* NULL: it is not traced */
    const struct sqz_context *at;
};

/* ---- at once ------------------------------------------------------------------------------- */

/* Whether something may lie between a forced order and its execution. */
static inline bool sqz_execution_delays(const struct sqz_execution *execution)
{
    return execution->latency_s > 0.0 || execution->usd_per_s > 0.0;
}

/* Whether the orders of levels are executed at the touch: nothing delays them, or they are only
 * counted. */
static inline bool sqz_execution_is_immediate(const struct sqz_execution *execution,
                                              const struct sqz_market *market)
{
    return !market->impact || !sqz_execution_delays(execution);
}

/* Count an order as forced. */
static inline __attribute__((always_inline)) void
sqz_execution_count(const struct sqz_route *route, const struct sqz_forced *order)
{
    route->state->forced_usd[order->side] += order->notional_usd;
    route->state->liquidations[order->side]++;
    if (route->attribution != NULL && order->level.index != SQZ_NO_LEVEL)
        sqz_attribution_close(route->attribution, order->level, order->notional_usd);
}

/* Execute it, all that it is, now. */
static inline __attribute__((always_inline)) void sqz_execution_send(const struct sqz_route *route,
                                                                     const struct sqz_forced *order)
{
    enum sqz_order_side side = order->side;
    if (!route->market->impact)
        return;
    sqz_market_force(route->market, route->now, sqz_order_sign(side) * order->notional_usd);
    if (route->attribution != NULL && order->level.index != SQZ_NO_LEVEL &&
        sqz_moved_side(side) == order->level.side)
        sqz_attribution_claim(route->attribution, route->market, route->now, &order->level,
                              route->attrition->shift_log[order->level.side]);
    if (route->state->listened) {
        route->state->executed_usd[side] += order->notional_usd;
        route->state->has_executed = true;
    }
}

/* Average fill of a forced order, relative to the start price, if it were sent now; without impact
 * the price in hand. */
static inline double sqz_execution_fill_log(const struct sqz_market *market,
                                            const struct sqz_market_state *now,
                                            const struct sqz_forced *order)
{
    double signed_usd = sqz_order_sign(order->side) * order->notional_usd;
    return market->impact ? sqz_market_fill_log(market, now, signed_usd)
                          : sqz_market_price_log(now);
}

/* Report what is done with an order as an event of a kind; `fill_log` is NAN before it is filled.
 */
void sqz_execution_report(const struct sqz_route *route, const struct sqz_forced *order,
                          enum sqz_event_kind kind, double fill_log);

/* What sqz_execution_send_as does where it is wanted. */
void sqz_execution_send_reported(const struct sqz_route *route, const struct sqz_forced *order,
                                 enum sqz_event_kind kind);

/* Execute it now, reported as an event of `kind` where that is wanted. */
static inline void sqz_execution_send_as(const struct sqz_route *route,
                                         const struct sqz_forced *order, enum sqz_event_kind kind)
{
    if (sqz_observer_wants(route->at->log, kind))
        sqz_execution_send_reported(route, order, kind);
    else
        sqz_execution_send(route, order);
}

/* Send an order that was decided by a venue, which has been counted as forced or is now. Returns
 * its average fill, relative to the start price. */
double sqz_execution_force(const struct sqz_route *route, const struct sqz_forced *order,
                           bool counted);

/* ---- later --------------------------------------------------------------------------------- */

/* Count and report an order that is to be sent later. */
void sqz_execution_announce(const struct sqz_route *route, const struct sqz_forced *order);

/* Report an order that is counted, and send it after latency and queue. */
void sqz_execution_delay(const struct sqz_route *route, const struct sqz_forced *order);

/* Continue with an order that was put into the event queue and is due now. */
void sqz_execution_continue(const struct sqz_route *route, const struct sqz_scheduled *due);

/* The time from a touch to its order; drawn where it is random. */
double sqz_execution_latency_s(const struct sqz_execution *execution,
                               struct sqz_execution_state *state);

/* Where orders leave at a finite speed: when one that joins the queue of its side now has its turn
 * (the queue grows by it), and how much of an order leaves at its turn, the rest an interval later.
 */
double sqz_execution_join_queue(const struct sqz_execution *execution,
                                struct sqz_execution_state *state, enum sqz_order_side side,
                                double order_usd, double time_s);
double sqz_execution_child_usd(const struct sqz_execution *execution, double order_usd);

/* Have the venue look at an account at a time to come (SQZ_DUE_REVIEW). */
void sqz_execution_schedule_review(struct sqz_execution_state *state, uint32_t account,
                                   enum sqz_side side, double time_s, const struct sqz_context *at);

#endif
