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

/* Whether `text` is UTF-8, as what goes into a document must be. */
bool sqz_json_is_text(const char *text);

/* A string; bytes that are no UTF-8 (file names may hold any) become '?'. New references. */
json_t *sqz_json_text(const char *text);

/* The number at a place, as "target.time_s.p50", or the estimate there; what has none of it is NAN,
 * as is null. SQZ_ERR_USAGE, with what there is, where there is no such number. */
int sqz_json_lookup(const json_t *object, const char *place, struct sqz_estimate *estimate,
                    struct sqz_diag *diag);

/* Build an object or array: `value` is taken over. What memory cannot be had for is remembered, on
 * this thread, until sqz_json_whole asks; NULL is such a value. */
void sqz_json_set(json_t *object, const char *key, json_t *value);
void sqz_json_append(json_t *array, json_t *value);

/* A finished document, or NULL, the document freed, if anything was lost since this was last asked
 * on this thread. */
json_t *sqz_json_whole(json_t *document);

/* For who keeps a document and knows no jansson. NULL is nothing to free. */
void sqz_json_free(json_t *object);

/* Print an object as the program prints all JSON: indented, keys in the order they were set, 17
 * digits, a final newline. Returns SQZ_OK or SQZ_ERR_IO. */
int sqz_json_print(const json_t *object, FILE *file);

/* The document on one line, to be freed; NULL where memory runs out. Unlike json_dumps, which does
 * not look whether there was room for a key. */
char *sqz_json_compact(const json_t *document);

/* What stands in an object under keys with slashes between, "a/b"; NULL, NAN or "" where that is
 * nothing of the kind. Borrowed. */
const json_t *sqz_json_at(const json_t *object, const char *keys);
double sqz_json_number_at(const json_t *object, const char *keys);
const char *sqz_json_text_at(const json_t *object, const char *keys);

#endif
