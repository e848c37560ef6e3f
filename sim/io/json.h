/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pieces of JSON that every document of the program uses. */
#ifndef SQZ_IO_JSON_H
#define SQZ_IO_JSON_H

#include <stdbool.h>
#include <stdio.h>

#include <jansson.h>

#include "sim/core/error.h"
#include "sim/core/estimate.h"

/* A finite number, or null for any other. New references. */
json_t *sqz_json_number(double value);

/* { value, se, lo, hi }. New references. */
json_t *sqz_json_estimate(const struct sqz_estimate *estimate);

/* A string; bytes that are no UTF-8 (file names may hold any) become '?'. New references. */
json_t *sqz_json_text(const char *text);

/* The number at a place, as "target.time_s.p50", or the estimate there; what has none of it is NAN,
 * as is null. SQZ_ERR_USAGE, with what there is, where there is no such number. */
int sqz_json_lookup(const json_t *object, const char *place, struct sqz_estimate *estimate,
                    struct sqz_diag *diag);

/* For who keeps a document and knows no jansson. NULL is nothing to free. */
void sqz_json_free(json_t *object);

/* Have jansson's allocations watched, in a program that is nobody's host: where one fails a document
 * may lack a member, and none is printed any more. */
void sqz_json_watch_memory(void);
/* Whether one has failed since. */
bool sqz_json_memory_lost(void);

/* Print an object as the program prints all JSON: indented, keys in the order they were set, 17
 * digits, a final newline. Returns SQZ_OK, SQZ_ERR_IO, or SQZ_ERR_NOMEM where memory was lost on the
 * way: then nothing is printed. */
int sqz_json_print(const json_t *object, FILE *file);

/* What stands in an object under keys with slashes between, "a/b"; NULL, NAN or "" where that is
 * nothing of the kind. Borrowed. */
const json_t *sqz_json_at(const json_t *object, const char *keys);
double sqz_json_number_at(const json_t *object, const char *keys);
const char *sqz_json_text_at(const json_t *object, const char *keys);

#endif
