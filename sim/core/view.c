/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/core/view.h"

#include <math.h>

#include "sim/core/cascade.h"

static const struct sqz_market *market_of(const struct sqz_view *view)
{
    return &view->world->market;
}

static const struct sqz_market_state *now_of(const struct sqz_view *view)
{
    return &view->state->market;
}

/* ---- prices -------------------------------------------------------------------------------- */

bool sqz_view_has_impact(const struct sqz_view *view)
{
    return market_of(view)->impact;
}

enum sqz_trigger sqz_view_trigger(const struct sqz_view *view)
{
    return market_of(view)->trigger;
}

double sqz_view_exogenous_log(const struct sqz_view *view)
{
    return now_of(view)->exogenous_log;
}

double sqz_view_trigger_log(const struct sqz_view *view)
{
    return sqz_market_trigger_log(market_of(view), now_of(view));
}

double sqz_view_fill_log(const struct sqz_view *view, double order_usd)
{
    return sqz_market_fill_log(market_of(view), now_of(view), order_usd);
}

double sqz_view_order_reaching(const struct sqz_view *view, double displacement_log)
{
    return sqz_book_order_reaching(market_of(view)->book, &now_of(view)->book, displacement_log,
                                   now_of(view)->depth_multiplier);
}

/* ---- levels -------------------------------------------------------------------------------- */

double sqz_view_level_log(const struct sqz_view *view, enum sqz_side side)
{
    return view->state->stops.level_next[side];
}

double sqz_view_waiting_usd(const struct sqz_view *view, enum sqz_side side, double window_log)
{
    return sqz_cascade_waiting_usd(view->world, view->state, side, window_log, view->time_s);
}

/* ---- what if ------------------------------------------------------------------------------- */

struct sqz_probe sqz_probe_begin(const struct sqz_view *view)
{
    return (struct sqz_probe){.view = view, .book = now_of(view)->book};
}

double sqz_probe_order(struct sqz_probe *probe, double order_usd)
{
    sqz_book_execute(market_of(probe->view)->book, &probe->book, order_usd,
                     now_of(probe->view)->depth_multiplier);
    return sqz_probe_last_log(probe);
}

void sqz_probe_wait(struct sqz_probe *probe, double wait_s)
{
    if (wait_s > 0)
        sqz_book_evolve(market_of(probe->view)->book, &probe->book, wait_s);
}

double sqz_probe_last_log(const struct sqz_probe *probe)
{
    return probe->book.permanent_log + probe->book.displacement_log;
}

/* M `later_s` from now, if the book is then what the probe's is. */
static double mark_ahead_log(const struct sqz_probe *probe, double later_s)
{
    const struct sqz_market *market = market_of(probe->view);
    double mark_log = now_of(probe->view)->mark_log;
    if (later_s == 0.0 || market->mark_rate == 0.0)
        return mark_log;
    return mark_log * exp(-market->mark_rate * later_s) +
           sqz_book_average(market->book, &probe->book, market->mark_rate, later_s);
}

double sqz_probe_trigger_log(const struct sqz_probe *probe, double later_s)
{
    const struct sqz_market *market = market_of(probe->view);
    double displacement_log = market->trigger == SQZ_TRIGGER_LAST
                                  ? sqz_book_ahead(market->book, &probe->book, later_s)
                                  : mark_ahead_log(probe, later_s);
    return probe->book.permanent_log + displacement_log;
}

double sqz_probe_basis_log(const struct sqz_probe *probe, double later_s)
{
    return sqz_book_ahead(market_of(probe->view)->book, &probe->book, later_s) -
           mark_ahead_log(probe, later_s);
}
