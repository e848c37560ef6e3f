/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers and tables for people. */
#ifndef SQZ_CLI_TEXT_H
#define SQZ_CLI_TEXT_H

#include <stdio.h>

#include "sim/io/summary.h"

enum { SQZ_TEXT_SIZE = 64 };

/* Each writes into `text` of SQZ_TEXT_SIZE bytes and returns it; NAN becomes "-". */
const char *sqz_text_price(char *text, double usd);        /* 84,178.90 */
const char *sqz_text_cents(char *text, double usd);        /* 84,178.90, also above 10,000 */
const char *sqz_text_money(char *text, double usd);        /* 13.9 bn */
const char *sqz_text_share(char *text, double share);      /* 23.71 % */
const char *sqz_text_duration(char *text, double seconds); /* 11.2 d */

/* The same with as many digits as asked for: a price plain and at least whole, else an amount. */
const char *sqz_text_amount(char *text, double usd, bool price, int digits);

/* 1 d 03:12:07; with `decimals` of a second. */
const char *sqz_text_clock(char *text, double seconds, int decimals);

/* Put commas between the thousands of a number, and no minus before nothing but zeros. */
void sqz_text_tidy(char text[SQZ_TEXT_SIZE]);

/* What the drivers of a world measured on one path, a line each; nothing without drivers. */
void sqz_text_measures(FILE *out, const struct sqz_world *world, const double *measure);

/* The rest of a line: a measure of the venue of a scenario that has one, mean over paths with its
 * interval. */
void sqz_text_venue_measure(FILE *out, const struct sqz_summary *summary, const char *name);

/* The answer of a batch: sentences, then the short table. */
void sqz_text_summary(FILE *out, const struct sqz_summary *summary);

#endif
