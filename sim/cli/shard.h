/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which part of a batch's paths a run is asked for. */
#ifndef SQZ_CLI_SHARD_H
#define SQZ_CLI_SHARD_H

#include "sim/cli/options.h"

/* Paths first .. first + count - 1 of --paths: all, or with --shard K/N the K-th of N parts of
 * whole blocks. SQZ_ERR_USAGE where the option says no such part, or where there are fewer blocks
 * than parts. */
int sqz_shard_paths(const struct sqz_options *options, uint64_t *first, uint64_t *count,
                    struct sqz_diag *diag);

#endif
