/* A comparison as sentences and a table for people. */
#ifndef SQZ_CLI_COMPARE_TEXT_H
#define SQZ_CLI_COMPARE_TEXT_H

#include <stdio.h>

#include "sim/io/comparison.h"

void sqz_compare_print(const struct sqz_comparison *comparison);

/* "the scenarios differ in ...", where that is so: under the table, and on standard error for who
 * reads JSON. */
void sqz_compare_print_mixture(FILE *out, const char *speaker,
                               const struct sqz_comparison *comparison);

#endif
