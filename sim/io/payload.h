/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A file that somebody else made, whole in memory: JSON, several JSON documents one after another,
 * or a table. Importers look into it from all sides.
 *
 * Hostile JSON ends in one sentence with its line: before it is parsed a scan of the bytes bounds
 * how deep it is nested and how much memory it can take. */
#ifndef SQZ_IO_PAYLOAD_H
#define SQZ_IO_PAYLOAD_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include "sim/core/error.h"
#include "sim/io/csv.h"

struct sqz_payload {
    const char *file;
    json_t *json;     /* NULL: a table. Several documents are a list of them */
    size_t documents; /* of JSON */
    /* Of a table: the cells of all rows, one after another. Owned. */
    size_t rows;
    char delimiter;
    struct sqz_payload_row *row;
    char **field;
    size_t fields;
    char *text;
    size_t text_used, text_size, field_size, row_size;
};

struct sqz_payload_row {
    long line;
    size_t first, count; /* of its fields */
};

/* Read the file at `path`, which must outlive the payload ("-" is standard input). SQZ_ERR_DATA for
 * what cannot be read or parsed. Free the payload after success and failure alike. */
int sqz_payload_read(struct sqz_payload *payload, const char *path, struct sqz_diag *diag);
/* Safe on a zeroed one. */
void sqz_payload_free(struct sqz_payload *payload);

/* Row `i` of a table, as readers of CSV take it. */
struct sqz_csv_row sqz_payload_row(const struct sqz_payload *payload, size_t i);

/* The column of the first row called `name`, or SQZ_CSV_ABSENT: in any case, whatever stands
 * between its words. */
size_t sqz_payload_column(const struct sqz_payload *payload, const char *name);

/* ---- values of JSON ---------------------------------------------------------------------------
 */

/* The number, or the number in a string, at `value`. The place in the document, for the error, is
 * what the format makes. SQZ_ERR_DATA for anything else, and for what is not finite. */
int sqz_payload_number(const struct sqz_payload *payload, const json_t *value, double *number,
                       struct sqz_diag *diag, const char *place, ...)
    __attribute__((format(printf, 5, 6)));

/* The same of a cell that may be anything; false if it holds no finite number. */
bool sqz_payload_is_number(const char *text, double *number);

/* The value at a path of keys with points between, "data.liqHeatMap.data"; NULL: not there. */
json_t *sqz_payload_at(const json_t *json, const char *path);

#endif
