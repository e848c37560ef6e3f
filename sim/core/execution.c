/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/core/execution.h"

#include <assert.h>
#include <math.h>

/* ---- reports ------------------------------------------------------------------------------- */

void sqz_execution_report(const struct sqz_route *route, const struct sqz_forced *order,
                          enum sqz_event_kind kind, double fill_log)
{
    if (!sqz_observer_wants(route->at->log, kind))
        return;
    struct sqz_event event = {.kind = kind,
                              .side = order->side,
                              .notional_usd = order->notional_usd,
                              .fill_log = fill_log,
                              .row = order->row,
                              .generation = -1};
    if (route->attribution != NULL && order->level.index != SQZ_NO_LEVEL) {
        const struct sqz_attribution_node *node =
            sqz_attribution_node(route->attribution, order->level);
        event.generation = (int)node->generation;
        event.family = sqz_attribution_family(node);
    }
    sqz_event_report(route->at, sqz_market_price(route->now), event);
}

void sqz_execution_send_reported(const struct sqz_route *route, const struct sqz_forced *order,
                                 enum sqz_event_kind kind)
{
    double fill_log = sqz_execution_fill_log(route->market, route->now, order);
    sqz_execution_send(route, order);
    sqz_execution_report(route, order, kind, fill_log);
}

/* ---- orders of a venue --------------------------------------------------------------------- */

double sqz_execution_force(const struct sqz_route *route, const struct sqz_forced *order,
                           bool counted)
{
    double fill_log = sqz_execution_fill_log(route->market, route->now, order);
    if (!counted)
        sqz_execution_count(route, order);
    sqz_execution_send(route, order);
    sqz_execution_report(route, order, counted ? SQZ_EVENT_FILL : SQZ_EVENT_LIQUIDATION, fill_log);
    return fill_log;
}

void sqz_execution_announce(const struct sqz_route *route, const struct sqz_forced *order)
{
    sqz_execution_count(route, order);
    sqz_execution_report(route, order, SQZ_EVENT_LIQUIDATION, NAN);
}

/* ---- the event queue ----------------------------------------------------------------------- */

static void put_off(struct sqz_event_queue *queue, struct sqz_scheduled event)
{
    int error = sqz_event_queue_push(queue, event);
    assert(error == SQZ_OK); /* room for every level and account was reserved */
    (void)error;
}

static void put_off_order(const struct sqz_route *route, const struct sqz_forced *order,
                          enum sqz_due due, double time_s)
{
    put_off(route->state->queue, (struct sqz_scheduled){.time_s = time_s,
                                                        .priority = due,
                                                        .world = route->at->index,
                                                        .source = order->level.side,
                                                        .level = order->level.index,
                                                        .amount_usd = order->notional_usd});
}

void sqz_execution_schedule_review(struct sqz_execution_state *state, uint32_t account,
                                   enum sqz_side side, double time_s, const struct sqz_context *at)
{
    put_off(state->queue, (struct sqz_scheduled){.time_s = time_s,
                                                 .priority = SQZ_DUE_REVIEW,
                                                 .world = at->index,
                                                 .source = side,
                                                 .level = account});
}

/* ---- latency, queue and child orders ------------------------------------------------------- */

double sqz_execution_latency_s(const struct sqz_execution *execution,
                               struct sqz_execution_state *state)
{
    double latency = execution->latency_s;
    return execution->random ? latency * -log(sqz_stream_uniform(state->delays)) : latency;
}

double sqz_execution_join_queue(const struct sqz_execution *execution,
                                struct sqz_execution_state *state, enum sqz_order_side side,
                                double order_usd, double time_s)
{
    if (execution->usd_per_s == 0.0)
        return time_s;
    double turn_s = fmax(time_s, state->queue_free_s[side]);
    state->queue_free_s[side] = turn_s + order_usd / execution->usd_per_s;
    return turn_s;
}

/* A rest this small next to a child order is what rounding left of it. */
static const double REST_OF_ROUNDING = 1e-9;

double sqz_execution_child_usd(const struct sqz_execution *execution, double order_usd)
{
    double child_usd = execution->usd_per_s * execution->interval_s;
    bool all = execution->usd_per_s == 0.0 || order_usd <= child_usd * (1 + REST_OF_ROUNDING);
    return all ? order_usd : child_usd;
}

/* It is the order's turn to leave. */
static void take_turn(const struct sqz_route *route, struct sqz_forced order)
{
    struct sqz_forced rest = order;
    order.notional_usd = sqz_execution_child_usd(route->execution, order.notional_usd);
    rest.notional_usd -= order.notional_usd;
    if (rest.notional_usd > 0)
        put_off_order(route, &rest, SQZ_DUE_TURN, route->at->time_s + route->execution->interval_s);
    sqz_execution_send_as(route, &order, SQZ_EVENT_FILL);
}

/* The order has arrived and joins the queue of its side. */
static void arrive(const struct sqz_route *route, const struct sqz_forced *order)
{
    double turn_s = sqz_execution_join_queue(route->execution, route->state, order->side,
                                             order->notional_usd, route->at->time_s);
    if (turn_s > route->at->time_s)
        put_off_order(route, order, SQZ_DUE_TURN, turn_s);
    else
        take_turn(route, *order);
}

void sqz_execution_delay(const struct sqz_route *route, const struct sqz_forced *order)
{
    double latency_s = sqz_execution_latency_s(route->execution, route->state);
    sqz_execution_report(route, order, SQZ_EVENT_LIQUIDATION, NAN);
    if (latency_s > 0)
        put_off_order(route, order, SQZ_DUE_ARRIVAL, route->at->time_s + latency_s);
    else
        arrive(route, order);
}

void sqz_execution_continue(const struct sqz_route *route, const struct sqz_scheduled *due)
{
    enum sqz_side side = (enum sqz_side)due->source;
    struct sqz_forced order = {.level = {side, due->level},
                               .side = sqz_closing_order(sqz_position_on(side)),
                               .notional_usd = due->amount_usd};
    if (due->priority == SQZ_DUE_ARRIVAL)
        arrive(route, &order);
    else
        take_turn(route, order);
}
