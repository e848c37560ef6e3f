/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/batch/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/batch/store_log.h"

int sqz_store_fail(const struct sqz_store *store, const char *what, struct sqz_diag *diag)
{
    return sqz_fail_at(diag, SQZ_ERR_IO, store->path, 0, NULL, "%s: %s", what, strerror(errno));
}

int sqz_store_fail_memory(struct sqz_diag *diag)
{
    return sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for what a batch has done");
}

static int fail_content(const struct sqz_store *store, const char *what, struct sqz_diag *diag)
{
    return sqz_fail_at(diag, SQZ_ERR_DATA, store->path, 0, NULL, "%s", what);
}

/* ---- rows ---------------------------------------------------------------------------------- */

bool sqz_store_note_rows(struct sqz_store *store, struct sqz_stored_rows rows)
{
    if (store->n_rows == store->rows_capacity) {
        size_t capacity = 2 * store->rows_capacity + 64;
        struct sqz_stored_rows *bigger = realloc(store->rows, capacity * sizeof *bigger);
        if (bigger == NULL)
            return false;
        store->rows = bigger;
        store->rows_capacity = capacity;
    }
    store->rows[store->n_rows++] = rows;
    return true;
}

static int compare_rows(const void *first, const void *second)
{
    const struct sqz_stored_rows *a = first, *b = second;
    return a->first != b->first ? (a->first > b->first) - (a->first < b->first)
                                : (a->count < b->count) - (a->count > b->count);
}

static int copy(struct sqz_store *store, const struct sqz_stored_rows *rows, FILE *out,
                struct sqz_diag *diag)
{
    char buffer[1 << 16];
    for (uint64_t at = 0; at < rows->length;) {
        uint64_t left = rows->length - at;
        ssize_t size = pread(store->file, buffer, left < sizeof buffer ? left : sizeof buffer,
                             (off_t)(rows->offset + at));
        if (size <= 0 && !(size < 0 && errno == EINTR))
            return sqz_store_fail(store, "cannot be read", diag);
        if (size > 0) {
            fwrite(buffer, 1, (size_t)size, out); /* a failed write is found on closing */
            at += (uint64_t)size;
        }
    }
    return SQZ_OK;
}

/* Rows whose tallies were lost stand twice, with equal text: once when they were run again. */
int sqz_store_copy_rows(struct sqz_store *store, FILE *out, struct sqz_diag *diag)
{
    size_t next = 0;
    int error = SQZ_OK;
    qsort(store->rows, store->n_rows, sizeof *store->rows, compare_rows);
    for (size_t i = 0; error == SQZ_OK && i < store->done.count; i++)
        for (uint64_t path = store->done.item[i].first;
             error == SQZ_OK && path < store->done.item[i].end;) {
            while (next < store->n_rows && store->rows[next].first < path)
                next++;
            if (next == store->n_rows || store->rows[next].first != path)
                return fail_content(store, "lacks rows of outcomes.csv", diag);
            error = copy(store, &store->rows[next], out, diag);
            path += store->rows[next].count;
        }
    return error;
}

/* ---- reading ------------------------------------------------------------------------------- */

/* The file in memory. */
static int map(const struct sqz_store *store, struct sqz_log *log, struct sqz_diag *diag)
{
    struct stat info;
    void *data = MAP_FAILED;
    *log = (struct sqz_log){0};
    if (fstat(store->file, &info) != 0)
        return sqz_store_fail(store, "cannot be read", diag);
    if (info.st_size > 0)
        data = mmap(NULL, (size_t)info.st_size, PROT_READ, MAP_PRIVATE, store->file, 0);
    if (info.st_size > 0 && data == MAP_FAILED)
        return sqz_store_fail(store, "cannot be read", diag);
    log->data = info.st_size > 0 ? data : NULL;
    log->size = (uint64_t)info.st_size;
    return SQZ_OK;
}

static void unmap(struct sqz_log *log)
{
    if (log->data != NULL)
        munmap((void *)log->data, log->size);
}

static struct sqz_codec reader_of(const struct sqz_log_record *record)
{
    return (struct sqz_codec){.in = record->payload, .left = record->length};
}

static int note_tallies(struct sqz_store *store, const struct sqz_log_record *record)
{
    struct sqz_codec codec = reader_of(record);
    struct sqz_ranges ranges = {0};
    sqz_ranges_code(&ranges, &codec);
    int error = codec.error != SQZ_OK ? codec.error : sqz_ranges_merge(&store->done, &ranges);
    sqz_ranges_free(&ranges);
    if (error == SQZ_OK && store->compact_size == 0)
        store->compact_size = record->begin + record->length;
    return error;
}

static int note_row_record(struct sqz_store *store, const struct sqz_log *log,
                           const struct sqz_log_record *record)
{
    struct sqz_codec codec = reader_of(record);
    struct sqz_stored_rows rows = {0};
    sqz_codec_count(&codec, &rows.first);
    sqz_codec_count(&codec, &rows.count);
    if (codec.error != SQZ_OK || rows.count == 0)
        return SQZ_ERR_DATA;
    rows.offset = (uint64_t)(codec.in - log->data);
    rows.length = codec.left;
    return sqz_store_note_rows(store, rows) ? SQZ_OK : SQZ_ERR_NOMEM;
}

static int note_text(char **text, const struct sqz_log_record *record)
{
    if (*text != NULL)
        return SQZ_ERR_DATA;
    *text = strndup((const char *)record->payload, record->length);
    return *text != NULL ? SQZ_OK : SQZ_ERR_NOMEM;
}

static int note_record(struct sqz_store *store, const struct sqz_log *log,
                       const struct sqz_log_record *record)
{
    switch (record->kind) {
    case SQZ_RECORD_IDENTITY:
        return note_text(&store->identity, record);
    case SQZ_RECORD_COMMAND:
        return note_text(&store->command, record);
    case SQZ_RECORD_TALLIES:
        return note_tallies(store, record);
    case SQZ_RECORD_ROWS:
        return note_row_record(store, log, record);
    }
    return SQZ_ERR_DATA;
}

static int read_log(struct sqz_store *store, struct sqz_diag *diag)
{
    struct sqz_log log;
    struct sqz_log_record record;
    int error = map(store, &log, diag);
    if (error != SQZ_OK)
        return error;
    bool ours = sqz_log_begin(&log);
    while (ours && error == SQZ_OK && sqz_log_next(&log, &record))
        error = note_record(store, &log, &record);
    store->size = log.at;
    unmap(&log);
    if (error == SQZ_ERR_NOMEM)
        return sqz_store_fail_memory(diag);
    if (!ours || error != SQZ_OK || store->identity == NULL)
        return fail_content(store, "is no state of a batch of this version of squeeze", diag);
    return SQZ_OK;
}

static int open_file(struct sqz_store *store, bool append, struct sqz_diag *diag)
{
    store->file = open(store->path, (append ? O_RDWR : O_RDONLY) | O_NOFOLLOW | O_CLOEXEC);
    if (store->file < 0)
        return errno == ENOENT ? SQZ_OK : sqz_store_fail(store, "cannot be read", diag);
    store->open = true;
    if (append && flock(store->file, LOCK_EX | LOCK_NB) != 0)
        return sqz_fail_at(diag, SQZ_ERR_IO, store->path, 0, NULL,
                           "another run is going on with it");
    return SQZ_OK;
}

int sqz_store_open(struct sqz_store *store, const char *path, bool append, struct sqz_diag *diag)
{
    memset(store, 0, sizeof *store);
    store->path = strdup(path);
    if (store->path == NULL)
        return sqz_store_fail_memory(diag);
    int error = open_file(store, append, diag);
    if (error == SQZ_OK && store->open)
        error = read_log(store, diag);
    if (error == SQZ_OK && store->open && append &&
        (ftruncate(store->file, (off_t)store->size) != 0 ||
         lseek(store->file, (off_t)store->size, SEEK_SET) < 0))
        error = sqz_store_fail(store, "cannot be written", diag);
    if (error != SQZ_OK)
        sqz_store_close(store);
    return error;
}

int sqz_store_begin(struct sqz_store *store, const char *identity, const char *command,
                    struct sqz_diag *diag)
{
    free(store->identity);
    free(store->command);
    store->identity = strdup(identity);
    store->command = strdup(command);
    return store->identity != NULL && store->command != NULL ? SQZ_OK : sqz_store_fail_memory(diag);
}

/* ---- the tallies of what is stored --------------------------------------------------------- */

static int load_record(const struct sqz_log_record *record, struct sqz_tallies *tallies)
{
    struct sqz_codec codec = reader_of(record);
    struct sqz_ranges ranges = {0};
    struct sqz_tallies own;
    int error = sqz_tallies_init_like(&own, tallies, NULL);
    if (error == SQZ_OK) {
        sqz_ranges_code(&ranges, &codec);
        sqz_tallies_code(&own, &codec);
        error = codec.error == SQZ_OK && codec.left > 0 ? SQZ_ERR_DATA : codec.error;
    }
    if (error == SQZ_OK)
        error = sqz_tallies_merge(tallies, &own);
    sqz_ranges_free(&ranges);
    sqz_tallies_free(&own);
    return error;
}

int sqz_store_load(const struct sqz_store *store, struct sqz_tallies *tallies,
                   struct sqz_diag *diag)
{
    struct sqz_log log;
    struct sqz_log_record record;
    if (!store->open)
        return SQZ_OK;
    int error = map(store, &log, diag);
    if (error != SQZ_OK)
        return error;
    sqz_log_begin(&log);
    log.size = store->size;
    while (error == SQZ_OK && sqz_log_next(&log, &record))
        if (record.kind == SQZ_RECORD_TALLIES)
            error = load_record(&record, tallies);
    unmap(&log);
    if (error == SQZ_ERR_NOMEM)
        return sqz_store_fail_memory(diag);
    return error == SQZ_OK ? SQZ_OK : fail_content(store, "does not fit this batch", diag);
}

/* ---- the end ------------------------------------------------------------------------------- */

void sqz_store_clear(struct sqz_store *store)
{
    if (store->open) {
        unlink(store->path);
        close(store->file);
    }
    store->open = false;
    store->size = store->compact_size = 0;
    store->n_rows = 0;
    sqz_ranges_free(&store->done);
}

void sqz_store_remove(struct sqz_store *store)
{
    sqz_store_clear(store);
    sqz_store_close(store);
}

void sqz_store_close(struct sqz_store *store)
{
    if (store->open)
        close(store->file);
    free(store->path);
    free(store->identity);
    free(store->command);
    free(store->rows);
    sqz_ranges_free(&store->done);
    memset(store, 0, sizeof *store);
}
