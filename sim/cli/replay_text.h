/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The answer of a replay in words and a table. */
#ifndef SQZ_CLI_REPLAY_TEXT_H
#define SQZ_CLI_REPLAY_TEXT_H

#include <stdio.h>

#include "sim/io/replay_result.h"

/* Rows of `every_s` seconds; 0: as long as leaves at most 24. */
void sqz_replay_text(FILE *out, const struct sqz_replay *replay,
                     const struct sqz_scenario *scenario, double every_s);

#endif
