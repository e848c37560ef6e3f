/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/core/event.h"

const char *sqz_event_name(enum sqz_event_kind kind)
{
    static const char *const NAMES[] = {[SQZ_EVENT_START] = "start",
                                        [SQZ_EVENT_OUTPUT] = "output",
                                        [SQZ_EVENT_LIQUIDATION] = "liquidation",
                                        [SQZ_EVENT_FILL] = "fill",
                                        [SQZ_EVENT_DELEVERAGE] = "adl",
                                        [SQZ_EVENT_ORDER] = "order",
                                        [SQZ_EVENT_JUMP] = "jump",
                                        [SQZ_EVENT_CHANGE] = "change",
                                        [SQZ_EVENT_TARGET] = "target",
                                        [SQZ_EVENT_FLOOR] = "floor",
                                        [SQZ_EVENT_HORIZON] = "horizon"};
    return NAMES[kind];
}

void sqz_event_report(const struct sqz_context *at, struct sqz_price price, struct sqz_event event)
{
    if (!sqz_observer_wants(at->log, event.kind))
        return;
    event.world = at->index;
    event.time_s = at->time_s;
    event.exogenous_log = price.exogenous_log;
    event.displacement_log = price.displacement_log;
    at->log->event(at->log->context, &event);
}
