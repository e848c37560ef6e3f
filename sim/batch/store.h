/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a batch has done so far, in one file: to go on after a kill, to add paths, to merge shards.
 *
 * The file is a log. It begins with a head: 8 bytes "SQZSTATE", the layout (a byte), and a record
 * that holds the identity: the text that says of which batch this is. Further records follow:
 *
 *     kind (a byte) | length (8 bytes, least first) | payload | checksum (8 bytes)
 *
 * The checksum is the beginning of the SHA-256 of all of the record before it. Kinds: `I` identity,
 * `C` how it was begun (text that is the caller's),
 * `T` tallies of some paths, `R` rows of outcomes.csv of a range of paths. The payload of `T` is
 * their ranges, then a tally for each world, then the pairs (sim/core/codec.h); of `R` the number
 * of the first path, how many, and the text. Tallies merge exactly, so it does not matter which
 * paths a record holds. A record that a kill left torn is cut off; its paths are run again. A
 * log that has grown to many times what it must hold is written anew as one record, beside it, and
 * renamed over it; one that holds rows stays. */
#ifndef SQZ_BATCH_STORE_H
#define SQZ_BATCH_STORE_H

#include <stdbool.h>
#include <stdio.h>

#include "sim/batch/ranges.h"
#include "sim/batch/tallies.h"

/* Rows of outcomes.csv in the file. */
struct sqz_stored_rows {
    uint64_t first, count;
    uint64_t offset, length;
};

struct sqz_store {
    char *path;
    bool open; /* there is a file, which is locked; none is before anything has been stored */
    int file;
    char *identity, *command; /* command: NULL where the file has none */
    struct sqz_ranges done;
    struct sqz_stored_rows *rows; /* in the order of the file */
    size_t n_rows, rows_capacity;
    uint64_t size, compact_size; /* of the file: now, and once it held all in one record */
};

/* A store at `path`. What is there is read: its identity, what is done, which rows there are. To go
 * on with it (`append`) the file is locked, and what is torn is cut off. SQZ_ERR_IO where it cannot
 * be read or another process goes on with it, SQZ_ERR_DATA where it is none of ours. Of a file that
 * is not there the store is empty and without identity; none is made before the first record. */
int sqz_store_open(struct sqz_store *store, const char *path, bool append, struct sqz_diag *diag);

/* Give a store without a file its identity, and the text of how it was begun. */
int sqz_store_begin(struct sqz_store *store, const char *identity, const char *command,
                    struct sqz_diag *diag);

/* Merge all that is stored into tallies of the same batch. SQZ_ERR_DATA where they do not fit. */
int sqz_store_load(const struct sqz_store *store, struct sqz_tallies *tallies,
                   struct sqz_diag *diag);

/* Count `paths` as done though they are not in the file: they are stored elsewhere, or all will end
 * before it is worth a file. SQZ_ERR_DATA where one is done already. */
int sqz_store_note(struct sqz_store *store, const struct sqz_ranges *paths, struct sqz_diag *diag);
/* Append the tallies of `paths`, and see them on disk. */
int sqz_store_add(struct sqz_store *store, const struct sqz_ranges *paths,
                  const struct sqz_tallies *tallies, struct sqz_diag *diag);

/* Append rows of outcomes.csv; they are on disk once the next tallies are. */
int sqz_store_add_rows(struct sqz_store *store, struct sqz_range paths, const char *text,
                       size_t size, struct sqz_diag *diag);

/* Copy the rows of all paths that are done, in their order. SQZ_ERR_DATA where rows are missing.
 */
int sqz_store_copy_rows(struct sqz_store *store, FILE *out, struct sqz_diag *diag);

/* Whether so much has been appended that it is time for sqz_store_compact. */
bool sqz_store_is_long(const struct sqz_store *store);
/* Write the file anew, with the tallies of all that is done in one record. */
int sqz_store_compact(struct sqz_store *store, const struct sqz_tallies *all,
                      struct sqz_diag *diag);

/* Write all of a batch as a store of one record. `file` is the caller's. */
int sqz_store_write(FILE *file, const char *identity, const struct sqz_ranges *paths,
                    const struct sqz_tallies *tallies, struct sqz_diag *diag);

/* Remove the file and forget what was done. */
void sqz_store_clear(struct sqz_store *store);
/* Close the file and remove it. */
void sqz_store_remove(struct sqz_store *store);
/* Close the file and free; safe on a zeroed store. */
void sqz_store_close(struct sqz_store *store);

#endif
