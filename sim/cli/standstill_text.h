/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two lines of `check` and `map`: the standstill scale, and the time to the nearest danger zone. */
#ifndef SQZ_CLI_STANDSTILL_TEXT_H
#define SQZ_CLI_STANDSTILL_TEXT_H

#include <stdio.h>

#include "sim/io/map_result.h"

/* Of the map of a scenario whose levels.scale is `levels_scale`. */
void sqz_standstill_text(FILE *out, const struct sqz_standstill *standstill, double levels_scale);

#endif
