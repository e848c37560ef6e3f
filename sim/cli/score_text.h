/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The answer of `squeeze score` for people. */
#ifndef SQZ_CLI_SCORE_TEXT_H
#define SQZ_CLI_SCORE_TEXT_H

#include <stdio.h>

#include "sim/io/score_result.h"

/* Sentences, then a table of scores and one of touches; `index` names the maps. */
void sqz_score_text(FILE *out, const struct sqz_score *score, const char *index);

#endif
