/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A recorded price through a map: what would have been forced when, beside what was reported, and
 * how much of the move that would explain. */
#ifndef SQZ_IO_REPLAY_RESULT_H
#define SQZ_IO_REPLAY_RESULT_H

#include <stddef.h>

#include "sim/core/side.h"
#include "sim/io/json.h"
#include "sim/io/record.h"
#include "sim/io/result_dir.h"
#include "sim/io/scenario.h"

/* One bar. Forced notional by the side of the move that reaches the positions: shorts, longs. */
struct sqz_replay_bar {
    const struct sqz_bar *bar;
    double forced_usd[2], deleveraged_usd;
    double fund_usd;            /* balance at its end; NAN: no fund, or one without end */
    double destroyed_usd;       /* fall of open interest over the bar; NAN: not recorded */
    double displacement_log[2]; /* of its close by forced orders, over the grid of an
                                   explanation; least, most */
};

/* One assumption of how deep the book and how large the map were. */
struct sqz_replay_cell {
    double depth_usd, scale; /* scale: of every notional, times the scenario's */
    double displacement_log; /* of the price at the extreme, by forced orders */
    double share;            /* of the move from the record's first open to the extreme */
};

struct sqz_replay {
    const struct sqz_record *record; /* not owned */
    struct sqz_replay_bar *row;      /* of each bar; owned, as is `cell` */
    size_t bars;
    double forced_usd[2], deleveraged_usd, reported_usd[2], destroyed_usd;
    size_t liquidations;
    double correlation;  /* by bar, of forced with reported notional, else with that destroyed */
    const char *against; /* "reported", "open interest destroyed", or NULL: with nothing */
    bool rearmed, on_top;
    /* An explanation, if `cells` is not 0. */
    struct sqz_replay_cell *cell;
    size_t cells;
    double extreme_usd, extreme_s,
        move_log; /* the extreme furthest from the first open, its time */
};

/* Safe on a zeroed one. */
void sqz_replay_free(struct sqz_replay *replay);

/* Whether the order of a bar's extremes, which is assumed, matters to when things were forced. */
bool sqz_replay_order_assumed(const struct sqz_replay_bar *row);

/* squeeze/replay-1. A new reference; NULL: no memory. */
json_t *sqz_replay_json(const struct sqz_replay *replay, const struct sqz_scenario *scenario);
/* replay.csv, a row for each bar, and explain.csv, a row for each cell, if there is any. */
int sqz_results_replay(const struct sqz_result_dir *dir, const struct sqz_replay *replay,
                       struct sqz_diag *diag);

#endif
