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

/* Columns of a terminal that UTF-8 text takes, one per character, and printing it padded to
 * `width` of them; printf's own width counts bytes. */
int sqz_text_width(const char *text);
void sqz_text_pad(FILE *out, const char *text, int width);

/* What the drivers of a world measured on one path, a line each; nothing without drivers. */
void sqz_text_measures(FILE *out, const struct sqz_world *world, const double *measure);

/* The rest of a line: a measure of the venue of a scenario that has one, mean over paths with its
 * interval. */
void sqz_text_venue_measure(FILE *out, const struct sqz_summary *summary, const char *name);

/* The short table of a batch: the first lines answer the question. */
void sqz_text_summary(FILE *out, const struct sqz_summary *summary);

#endif
