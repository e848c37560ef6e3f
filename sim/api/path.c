/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One path of a case and its events. */
#include <math.h>

#include "sim/api/api.h"

static const int KIND[] = {
    [SQZ_EVENT_START] = SQZ_PATH_START,   [SQZ_EVENT_LIQUIDATION] = SQZ_PATH_LIQUIDATION,
    [SQZ_EVENT_FILL] = SQZ_PATH_FILL,     [SQZ_EVENT_DELEVERAGE] = SQZ_PATH_DELEVERAGE,
    [SQZ_EVENT_ORDER] = SQZ_PATH_ORDER,   [SQZ_EVENT_JUMP] = SQZ_PATH_JUMP,
    [SQZ_EVENT_CHANGE] = SQZ_PATH_CHANGE, [SQZ_EVENT_TARGET] = SQZ_PATH_TARGET,
    [SQZ_EVENT_FLOOR] = SQZ_PATH_FLOOR,   [SQZ_EVENT_HORIZON] = SQZ_PATH_HORIZON,
};
/* A kind that core adds must be named here. */
_Static_assert(sizeof KIND / sizeof KIND[0] == SQZ_EVENT_HORIZON + 1, "the last kind of event");
_Static_assert((int)SQZ_SIDE_SHORT == SQZ_SHORT && (int)SQZ_SIDE_LONG == SQZ_LONG,
               "shorts are closed above, longs below");

struct relay {
    const sqz_path_input *input;
    double start_usd;
};

static void hand_on(void *context, const struct sqz_event *event)
{
    const struct relay *relay = context;
    bool trades = sqz_event_trades(event->kind);
    bool of_family = event->kind == SQZ_EVENT_LIQUIDATION || event->kind == SQZ_EVENT_FILL;
    if (event->world != 0)
        return;
    sqz_path_event told = {
        .kind = KIND[event->kind],
        .side = (int)event->side,
        .time_s = event->time_s,
        .price_usd = relay->start_usd * exp(event->exogenous_log + event->displacement_log),
        .exogenous_usd = relay->start_usd * exp(event->exogenous_log),
        .notional_usd = trades ? event->notional_usd : NAN,
        .fill_usd = trades ? relay->start_usd * exp(event->fill_log) : NAN,
        .jump_log = event->kind == SQZ_EVENT_JUMP ? event->jump_log : NAN,
        .generation = of_family ? event->generation : -1,
        .family = of_family ? event->family : 0,
        .row = trades ? event->row : 0,
        .driver = event->driver,
    };
    relay->input->event(relay->input->context, &told);
}

static void tell_end(const struct sqz_outcome *outcome, double start_usd, sqz_path_summary *end)
{
    *end = (sqz_path_summary){
        .final_usd = start_usd * exp(outcome->final_log),
        .peak_usd = start_usd * exp(outcome->peak_log),
        .trough_usd = start_usd * exp(outcome->trough_log),
        .forced_short_usd = outcome->forced_usd[SQZ_UP],
        .forced_long_usd = outcome->forced_usd[SQZ_DOWN],
        .short_liquidations = outcome->liquidations[SQZ_UP],
        .long_liquidations = outcome->liquidations[SQZ_DOWN],
        .target_time_s = outcome->touch_s[SQZ_TARGET],
        .floor_time_s = outcome->touch_s[SQZ_FLOOR],
        .beyond_known_depth = outcome->beyond_known,
    };
}

int sqz_case_path(const sqz_case *loaded, const sqz_path_input *input, sqz_path_summary *end,
                  sqz_failure *failure)
{
    sqz_path_input own;
    struct sqz_engine engine = {0};
    struct sqz_diag diag = {0};
    int error = sqz_api_take(&own, sizeof own, input, failure);
    if (error != SQZ_OK)
        return error;
    struct sqz_engine_plan plan = sqz_api_plan(loaded, own.max_events);
    struct relay relay = {&own, loaded->scenario.params.price_usd};
    struct sqz_observer observer = {&relay, hand_on, 1u << SQZ_EVENT_OUTPUT};
    error = sqz_engine_init(&engine, &plan, &diag);
    if (error == SQZ_OK) {
        sqz_engine_run(&engine, own.seed, own.path, own.event != NULL ? &observer : NULL);
        const struct sqz_outcome *outcome = sqz_engine_outcome(&engine, 0);
        if (end != NULL)
            tell_end(outcome, relay.start_usd, end);
        if (outcome->stop == SQZ_STOP_MAX_EVENTS)
            error = sqz_fail(&diag, SQZ_ERR_LIMIT, "the path was cut off by max_events");
    }
    sqz_engine_free(&engine);
    return sqz_api_fail(failure, error, &diag);
}
