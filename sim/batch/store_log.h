/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The records of a store (sim/batch/store.h): how they are written, and walked through. */
#ifndef SQZ_BATCH_STORE_LOG_H
#define SQZ_BATCH_STORE_LOG_H

#include "sim/batch/store.h"

enum sqz_record_kind {
    SQZ_RECORD_IDENTITY = 'I',
    SQZ_RECORD_COMMAND = 'C',
    SQZ_RECORD_TALLIES = 'T',
    SQZ_RECORD_ROWS = 'R'
};

/* What every file begins with: a name and the layout. */
enum { SQZ_LOG_HEAD = 9, SQZ_RECORD_HEAD = 9, SQZ_RECORD_TAIL = 8 };

/* Write the head of a file. */
void sqz_log_head(struct sqz_codec *codec);

/* Begin a record, whose payload is then written; where it begins is handed back to end it. */
size_t sqz_log_record_begin(struct sqz_codec *codec, enum sqz_record_kind kind);
void sqz_log_record_end(struct sqz_codec *codec, size_t begin);

/* A record of a file in memory. */
struct sqz_log_record {
    enum sqz_record_kind kind;
    uint64_t begin;               /* where it begins in the file */
    const unsigned char *payload; /* `length` bytes */
    uint64_t length;
};

/* A file in memory on the way through: `at` stands behind the last whole record. */
struct sqz_log {
    const unsigned char *data;
    uint64_t size, at;
};

/* Whether the file begins as ours does, with a layout that is known. The walk begins behind that.
 */
bool sqz_log_begin(struct sqz_log *log);
/* The next record; false: there is no further one that is whole. */
bool sqz_log_next(struct sqz_log *log, struct sqz_log_record *record);

/* What the files of a store share: errors with its path, and a note of where rows are. */
int sqz_store_fail(const struct sqz_store *store, const char *what, struct sqz_diag *diag);
int sqz_store_fail_memory(struct sqz_diag *diag);
bool sqz_store_note_rows(struct sqz_store *store, struct sqz_stored_rows rows);

#endif
