/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One function per command; each returns SQZ_OK or a code and fills the diagnostic. */
#ifndef SQZ_CLI_COMMANDS_H
#define SQZ_CLI_COMMANDS_H

#include "sim/cli/options.h"

int sqz_cmd_check(const struct sqz_options *options, struct sqz_diag *diag);
int sqz_cmd_run(const struct sqz_options *options, struct sqz_diag *diag);
int sqz_cmd_batch(const struct sqz_options *options, struct sqz_diag *diag);
int sqz_cmd_compare(const struct sqz_options *options, struct sqz_diag *diag);
int sqz_cmd_merge(const struct sqz_options *options, struct sqz_diag *diag);
int sqz_cmd_sweep(const struct sqz_options *options, struct sqz_diag *diag);
int sqz_cmd_bound(const struct sqz_options *options, struct sqz_diag *diag);
int sqz_cmd_score(const struct sqz_options *options, struct sqz_diag *diag);
int sqz_cmd_build_map(const struct sqz_options *options, struct sqz_diag *diag);
int sqz_cmd_replay(const struct sqz_options *options, struct sqz_diag *diag);
int sqz_cmd_map(const struct sqz_options *options, struct sqz_diag *diag);
int sqz_cmd_ignite(const struct sqz_options *options, struct sqz_diag *diag);
int sqz_cmd_margin(const struct sqz_options *options, struct sqz_diag *diag);
int sqz_cmd_calibrate(const struct sqz_options *options, struct sqz_diag *diag);
int sqz_cmd_init(const struct sqz_options *options, struct sqz_diag *diag);
int sqz_cmd_import(const struct sqz_options *options, struct sqz_diag *diag);
int sqz_cmd_plot(const struct sqz_options *options, struct sqz_diag *diag);
int sqz_cmd_models(const struct sqz_options *options, struct sqz_diag *diag);
int sqz_cmd_help(const struct sqz_options *options, struct sqz_diag *diag);

#endif
