/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The answer of `squeeze bound` for people. */
#ifndef SQZ_CLI_BOUND_TEXT_H
#define SQZ_CLI_BOUND_TEXT_H

#include <stdio.h>

#include "sim/io/bound_result.h"

/* A sentence, the curve, and what it assumes. */
void sqz_bound_text(FILE *out, const struct sqz_bound *bound, const struct sqz_scenario *scenario);

#endif
