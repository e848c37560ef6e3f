/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Times of day in files: ISO 8601 in UTC, or seconds since 1970. */
#ifndef SQZ_IO_CLOCK_H
#define SQZ_IO_CLOCK_H

#include <stdbool.h>
#include <stddef.h>

enum { SQZ_CLOCK_TEXT_SIZE = 32 };

/* Seconds since 1970-01-01T00:00Z from a text: a date, with a time of hours, minutes and perhaps
 * seconds after a T or a blank, and Z, nothing, or an offset such as +02:00 (without either it is
 * UTC); or a number of seconds, milliseconds, microseconds or nanoseconds, which the size tells
 * apart for times after 1973 and before 5138. False if it is none of them. */
bool sqz_clock_parse(const char *text, double *time_s);

/* "2025-10-10T21:01:00Z" in `text`, and with as many decimals of a second as are not 0 (up to 3).
 */
const char *sqz_clock_format(char text[SQZ_CLOCK_TEXT_SIZE], double time_s);

#endif
