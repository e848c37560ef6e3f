/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A comparison as sentences and a table for people. */
#ifndef SQZ_CLI_COMPARE_TEXT_H
#define SQZ_CLI_COMPARE_TEXT_H

#include "sim/io/comparison.h"

void sqz_compare_print(const struct sqz_comparison *comparison);

/* What the table says under itself of scenarios that differ in what is asked of them, on standard
 * error, for those who read JSON. */
void sqz_compare_remark(const struct sqz_comparison *comparison);

#endif
