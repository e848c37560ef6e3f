/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The answer in sentences, before the table: what was asked, and what the liquidations add to it.
 * What an interval leaves open is said to be open. */
#ifndef SQZ_CLI_SENTENCE_H
#define SQZ_CLI_SENTENCE_H

#include <stdio.h>

#include "sim/cli/interval.h"
#include "sim/io/summary.h"

/* Of a batch: a paragraph for each watched price; of the forced notional where none is watched. */
void sqz_sentence_summary(FILE *out, const struct sqz_summary *summary);

/* "31.7 % [31.0, 32.3]", in the digits of a sentence. */
enum { SQZ_SENTENCE_SIZE = 5 * SQZ_TEXT_SIZE };
const char *sqz_sentence_estimate(char text[SQZ_SENTENCE_SIZE], const struct sqz_estimate *estimate,
                                  enum sqz_quantity quantity);

/* "add 2.7 pp [2.5, 3.0]" or "take away 1.0 pp [0.8, 1.1]": a change whose sign is known. */
const char *sqz_sentence_change(char text[SQZ_SENTENCE_SIZE], const struct sqz_estimate *change,
                                enum sqz_quantity quantity);

#endif
