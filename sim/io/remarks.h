/* Remarks: input that is legal but can hardly be meant, or that changes what an answer means.
 *
 * A remark never stops anything. It has a code, a stable word that programs may look for, the place
 * where the input was written, and a sentence that says what it means and what to do. */
#ifndef SQZ_IO_REMARKS_H
#define SQZ_IO_REMARKS_H

#include <stddef.h>

#include <jansson.h>

#include "sim/core/error.h"

struct sqz_remark {
    const char *code;       /* "percent-as-number"; a string constant */
    struct sqz_diag detail; /* file, line, the key or column as field, the sentence */
    size_t more;            /* further places of the same kind, which are only counted */
};

/* In the order in which they were made. Zero-initialised is empty. Owns its items. */
struct sqz_remarks {
    struct sqz_remark *item;
    size_t count, capacity;
    size_t said; /* of the first: already printed, by who prints them */
};

/* Make a remark. A second one with the code, file and key of an earlier one is counted there, so
 * that a file of thousands of odd rows gives one line. `remarks` may be NULL: none are kept;
 * `file` and `key` may be NULL, line 0 means none. SQZ_OK or SQZ_ERR_NOMEM. */
int sqz_remarks_add(struct sqz_remarks *remarks, const char *code, const char *file, long line,
                    const char *key, const char *format, ...) __attribute__((format(printf, 6, 7)));

/* The first remark of that code; NULL: none, or no remarks. */
const struct sqz_remark *sqz_remarks_find(const struct sqz_remarks *remarks, const char *code);

/* "file:line: key: sentence (and 12 more)" in `text` of `size` bytes. */
void sqz_remark_format(const struct sqz_remark *remark, char *text, size_t size);

/* What every result carries as "remarks": [ { "code", "key", "text", "file", "line", "count" } ],
 * file and line only where they are known. A new reference; NULL: no memory. */
json_t *sqz_remarks_json(const struct sqz_remarks *remarks);

/* Append the remarks to such a list. */
void sqz_remarks_append_json(json_t *list, const struct sqz_remarks *remarks);

/* Safe on zeroed remarks. */
void sqz_remarks_free(struct sqz_remarks *remarks);

#endif
