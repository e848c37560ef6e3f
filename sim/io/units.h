/* Numbers with units, as scenario files and --set carry them. */
#ifndef SQZ_IO_UNITS_H
#define SQZ_IO_UNITS_H

#include "sim/core/model.h"

/* Parse one finished number (or "inf") in `text` with unit `unit` ("" takes `standard_unit`) to the
 * inside value of `dimension`. On failure returns SQZ_ERR_DATA and a message without a place. */
int sqz_units_parse(const char *text, const char *unit, const char *standard_unit,
                    enum sqz_dimension dimension, double *value, struct sqz_diag *diag);

/* Split "30d", "50M usd/s", "20;900 s" into value text and unit text, each a buffer of `size`
 * bytes. A text that does not start like a number is all value. */
void sqz_units_split(const char *text, char *value, char *unit, size_t size);

/* How many inside units one `unit` is; 0 if the dimension does not know it. */
double sqz_units_factor(enum sqz_dimension dimension, const char *unit);

#endif
