/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the manifest of a result says: settings as they were resolved, and in words for figures. */
#ifndef SQZ_IO_RESULT_WORDS_H
#define SQZ_IO_RESULT_WORDS_H

#include "sim/io/result_view.h"

/* The value and unit of a resolved key; "" if it is unset. */
const char *sqz_result_setting(const struct sqz_result_view *view, const char *key,
                               const char **unit);

/* The number that it is, inside the program; NAN if it is none. */
double sqz_result_number(const struct sqz_result_view *view, const char *key,
                         enum sqz_dimension dimension);

/* Set book_text, execution_text, drivers_text with the measures that are drawn, and venue_text. */
void sqz_result_describe(struct sqz_result_view *view);

#endif
