/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the commands that simulate have in common: scenarios, the worlds made of them, the sampler's
 * table, a seed. */
#ifndef SQZ_CLI_SESSION_H
#define SQZ_CLI_SESSION_H

#include "sim/batch/batch.h"
#include "sim/cli/options.h"
#include "sim/io/scenario.h"

/* All worlds ride on one exogenous path. With attribution each scenario has two: its own, and its
 * shadow, in which forced orders move nothing; the pairings then begin with (own, shadow) of every
 * scenario. After them comes (own, own of the first) for every further scenario. */
struct sqz_session {
    struct sqz_scenario *scenario; /* n_scenarios, one per operand */
    size_t n_scenarios;
    bool attributed;
    struct sqz_world *shadow;       /* n_scenarios */
    const struct sqz_world **world; /* plan.n_worlds */
    struct sqz_pairing *pairing;
    size_t n_pairings;
    struct sqz_exit_table exit_table;
    struct sqz_engine_plan plan; /* no outputs yet */
    uint64_t seed;
    bool seed_drawn; /* none was given */
};

/* Load the operands, each with the assignments of --set, and say their remarks. Several must start
 * at one price, as levels and targets are prices of one market: else SQZ_ERR_DATA. Draws a seed if
 * none was given. */
int sqz_session_open(struct sqz_session *session, const struct sqz_options *options,
                     struct sqz_diag *diag);
/* Say on standard error which seed was drawn, if one was: once all that may be wrong has been
 * checked, the result's directory too, so that no error follows it. */
void sqz_session_say_seed(const struct sqz_session *session, const struct sqz_options *options);
/* Safe on a zeroed session. */
void sqz_session_close(struct sqz_session *session);

/* Places among the worlds and pairings; shadow and its pairing: only if attributed. */
size_t sqz_session_world(const struct sqz_session *session, size_t scenario);
size_t sqz_session_shadow(const struct sqz_session *session, size_t scenario);
size_t sqz_session_comparison(const struct sqz_session *session, size_t scenario); /* >= 1 */

/* Equally spaced times from 0 to the longest horizon; caller frees, NULL: no memory. */
double *sqz_session_output_times(const struct sqz_session *session, size_t count);

#endif
