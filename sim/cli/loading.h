/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How every command loads its scenarios: with their remarks, said once. */
#ifndef SQZ_CLI_LOADING_H
#define SQZ_CLI_LOADING_H

#include "sim/cli/options.h"
#include "sim/io/scenario.h"

/* Load the scenario at `path` with the assignments of --set, examine it, and say its remarks. On
 * failure there is nothing to free. */
int sqz_load(struct sqz_scenario *scenario, const char *path, const struct sqz_options *options,
             struct sqz_diag *diag);

/* Say the remarks that have not been said on standard error, a line each, unless the user wants
 * quiet. What files hold is not let loose on a terminal: control characters are printed as \x1b. */
void sqz_say_remarks(struct sqz_remarks *remarks, const struct sqz_options *options);

#endif
