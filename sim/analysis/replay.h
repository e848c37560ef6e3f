/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A recorded price sent through levels or positions: what is forced when, and, as a counterfactual,
 * what the orders would have done to the price. */
#ifndef SQZ_ANALYSIS_REPLAY_H
#define SQZ_ANALYSIS_REPLAY_H

#include <stdbool.h>

#include "sim/io/replay_result.h"

/* What was executed of forced orders, in order of time. Owns its items. */
struct sqz_replay_flow {
    struct {
        double time_s, usd; /* from the record's beginning; buys above 0 */
    } * item;
    size_t count, capacity;
    bool lost; /* memory ran out */
};
void sqz_replay_flow_free(struct sqz_replay_flow *flow);

/* Run the world, whose exogenous price is the record (sqz_recorded_load), and fill in the rows of
 * its bars, the totals and the flow. `replay` is zero but for record, bars and what is asked for;
 * free it also after a failure. */
int sqz_replay_run(struct sqz_replay *replay, struct sqz_replay_flow *flow,
                   const struct sqz_world *world, struct sqz_diag *diag);

/* The same for a ladder whose levels stand again once the price has gone back by `back_log` on the
 * side that it came from, as if others had opened there: no venue, and orders leave at once. */
int sqz_replay_rearmed(struct sqz_replay *replay, struct sqz_replay_flow *flow,
                       const struct sqz_ladder *ladder, double back_log, struct sqz_diag *diag);

/* Compare with what was reported, or else with the open interest destroyed. */
void sqz_replay_compare(struct sqz_replay *replay);

/* Whether the record ever leaves its first open: else there is nothing to explain. */
bool sqz_replay_moves(const struct sqz_replay *replay);

/* Add a cell: the flow, `scale` times, sent into a book of its own. Its displacement at the extreme
 * of the record over the move to it is the share; that at the close of each bar widens the range of
 * the rows. SQZ_ERR_NOMEM where memory is out. */
int sqz_replay_explain(struct sqz_replay *replay, const struct sqz_replay_flow *flow,
                       const struct sqz_book *book, double depth_usd, double scale,
                       struct sqz_diag *diag);

/* A knot of the recorded price: it is piecewise linear in the log price through open, one extreme,
 * the other and close of a bar, at 0, 1/3, 2/3 and all of its length; a rising bar reaches its low
 * first (models/drivers/replay.c). */
struct sqz_replay_knot {
    double time_s, usd; /* from the record's beginning */
};
struct sqz_replay_knot sqz_replay_knot_at(const struct sqz_record *record, size_t bar, int knot);

#endif
