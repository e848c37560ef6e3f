/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a model may ask of the world that it is in: prices, distances, depth, and what waits at
 * levels. It reads and never changes anything; models include this and no other room.
 *
 * A probe is a copy of the book on which orders may be tried. All its prices are displacements: log
 * prices less the exogenous price. */
#ifndef SQZ_CORE_VIEW_H
#define SQZ_CORE_VIEW_H

#include "sim/core/book.h"
#include "sim/core/ladder.h"

/* ---- prices -------------------------------------------------------------------------------- */

/* Whether forced orders move the price at all. */
bool sqz_view_has_impact(const struct sqz_view *view);

/* Which price levels watch. */
enum sqz_trigger sqz_view_trigger(const struct sqz_view *view);

/* The exogenous price, and the price that levels watch. */
double sqz_view_exogenous_log(const struct sqz_view *view);
double sqz_view_trigger_log(const struct sqz_view *view);

/* Average fill of a market order if it were sent now. */
double sqz_view_fill_log(const struct sqz_view *view, double order_usd);

/* The market order after which the last price is displaced by `displacement_log`; INFINITY with its
 * sign if none reaches it. */
double sqz_view_order_reaching(const struct sqz_view *view, double displacement_log);

/* ---- levels -------------------------------------------------------------------------------- */

/* Outward log price of the next level of a side; INFINITY if there is none. */
double sqz_view_level_log(const struct sqz_view *view, enum sqz_side side);

/* Notional that would be forced if that level, and all within `window_log` beyond it, were touched
 * now. */
double sqz_view_waiting_usd(const struct sqz_view *view, enum sqz_side side, double window_log);

/* ---- what if ------------------------------------------------------------------------------- */

/* To be read by the functions below. The view must outlive it. */
struct sqz_probe {
    const struct sqz_view *view;
    struct sqz_book_state book;
};

/* As the book stands now. */
struct sqz_probe sqz_probe_begin(const struct sqz_view *view);

/* A market order is sent. Returns where the last price is then. */
double sqz_probe_order(struct sqz_probe *probe, double order_usd);

/* Nothing is sent for a while. */
void sqz_probe_wait(struct sqz_probe *probe, double wait_s);

/* Where the last price is. */
double sqz_probe_last_log(const struct sqz_probe *probe);

/* Where the price that levels watch would be after another `later_s`, the mark being what it is
 * now. */
double sqz_probe_trigger_log(const struct sqz_probe *probe, double later_s);

/* The last price less the mark then. */
double sqz_probe_basis_log(const struct sqz_probe *probe, double later_s);

#endif
