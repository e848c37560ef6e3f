/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers with units, as scenario files, --set, --vary, tables and counts carry them. One grammar:
 *
 *     value    = number *( ";" number ) [ unit ]     several only where a key holds a list
 *     number   = [ sign ] digits [ exponent ] [ suffix ]  |  [ sign ] "inf"
 *     digits   = 1234.5 | .5 | 1,234.5               commas only between groups of three
 *     suffix   = k K | M | B b bn                    of amounts of USD and of counts
 *     unit     = one that the dimension knows, in any case; m is min
 *
 * Blanks may stand around every part, so that what the program prints ("30.0 M usd", "65 %") can be
 * typed. M is a million and m a minute: those two keep their case. Where a unit is one over a time
 * or its root, % in place of the 1 is a hundredth of it ("65 %/sqrt(yr)"), and % alone a hundredth
 * of the unit that the value would have without it. A price may be a signed %, "+10%": the start
 * price and as much more; sim/io/settle.h makes USD of it. A lone comma is never a decimal point.
 * Nothing in this grammar is NaN, and hexadecimal is none of it. */
#ifndef SQZ_IO_UNITS_H
#define SQZ_IO_UNITS_H

#include <stdbool.h>

#include "sim/core/model.h"

enum { SQZ_UNIT_SIZE = 32 };

/* Parse the one number in `text` with unit `unit` ("" takes `default_unit`) to the inside value of
 * `dimension`. On failure returns SQZ_ERR_DATA and a message without a place. */
int sqz_units_parse(const char *text, const char *unit, const char *default_unit,
                    enum sqz_dimension dimension, double *value, struct sqz_diag *diag);

/* The same where a unit may stand behind the number in `text`. */
int sqz_units_read(const char *text, const char *default_unit, enum sqz_dimension dimension,
                   double *value, struct sqz_diag *diag);

/* A whole number, "1e4" or "10k" or "1,000,000"; false if `text` is anything else. */
bool sqz_units_count(const char *text, double *count);

/* Split "30d", "50M usd/s", "20;900 s" into value text and unit text, each a buffer of `size`
 * bytes. A text that does not start like a number is all value. */
void sqz_units_split(const char *text, enum sqz_dimension dimension, char *value, char *unit,
                     size_t size);

/* Where `unit` is a bare % of something per time, say of what: "%/sqrt(d)", after `base`. */
void sqz_units_complete(enum sqz_dimension dimension, const char *base, char unit[SQZ_UNIT_SIZE]);

/* What a unit is called here, however it was written: "USD" is usd, "m" min. False, and `name` as
 * it was, if the dimension does not know it. */
bool sqz_units_name(enum sqz_dimension dimension, const char *unit, char name[SQZ_UNIT_SIZE]);

/* How many inside units one `unit` is; 0 if the dimension does not know it. */
double sqz_units_factor(enum sqz_dimension dimension, const char *unit);

/* A number as it is written, times `factor`; what follows the number stays as it is. */
void sqz_units_multiply(const char *text, double factor, char *product, size_t size);

#endif
