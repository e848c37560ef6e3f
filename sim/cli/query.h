/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the commands that simulate nothing have in common: one scenario, and perhaps a result
 * directory. */
#ifndef SQZ_CLI_QUERY_H
#define SQZ_CLI_QUERY_H

#include <signal.h>

#include "sim/cli/options.h"
#include "sim/io/map_result.h"
#include "sim/io/result_dir.h"
#include "sim/io/scenario.h"

struct sqz_query {
    const struct sqz_options *options;
    struct sqz_scenario scenario;
    struct sqz_result_dir dir; /* only if options->output */
    double begun_s;
    const volatile sig_atomic_t *stop; /* set by the first signal that asks it to end */
};

/* Load the operand and, before any work, open the result directory that is asked for. Close it in
 * any case. */
int sqz_query_open(struct sqz_query *query, const struct sqz_options *options,
                   struct sqz_diag *diag);
void sqz_query_close(struct sqz_query *query);

/* Add manifest and figures' scripts to what was written, and put the result in place. `branching`,
 * recorded in the manifest, may be NULL. */
int sqz_query_commit(struct sqz_query *query, const struct sqz_branching *branching,
                     struct sqz_diag *diag);

/* Say where the result is, after the answer was printed, and draw its figures. Does nothing where
 * none was asked for. */
int sqz_query_draw(const struct sqz_query *query, struct sqz_diag *diag);

/* Print the first lines' title: "NAME: start 84,179 usd, levels x 1". */
void sqz_query_print_title(const struct sqz_query *query);

#endif
