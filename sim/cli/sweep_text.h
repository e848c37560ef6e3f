/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A sweep as a table for people. */
#ifndef SQZ_CLI_SWEEP_TEXT_H
#define SQZ_CLI_SWEEP_TEXT_H

#include "sim/io/sweep.h"

/* Print the points that have been run, and what the columns mean, to standard output. */
void sqz_sweep_print(const struct sqz_sweep *sweep);

/* What to say if no point differs from the base on any path: into `text`, or "" if one does. */
enum { SQZ_SWEEP_REMARK = 512 };
const char *sqz_sweep_remark(const struct sqz_sweep *sweep, char text[SQZ_SWEEP_REMARK]);

/* What to say if a tornado's ends are those of another market than the scenario's, or "". */
const char *sqz_sweep_market_remark(const struct sqz_sweep *sweep, char text[SQZ_SWEEP_REMARK]);

#endif
