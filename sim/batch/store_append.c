/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writing to a store. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "sim/batch/store_log.h"

/* A log is written anew once it holds so many times what it must; a small one stays. */
enum { LONG_TIMES = 8, LONG_BYTES = 1 << 26 };

/* ---- records ------------------------------------------------------------------------------- */

static void write_text(struct sqz_codec *codec, enum sqz_record_kind kind, const char *text)
{
    size_t begin = sqz_log_record_begin(codec, kind);
    sqz_codec_bytes(codec, (void *)text, strlen(text)); /* read only */
    sqz_log_record_end(codec, begin);
}

/* What comes first to a new file; `command` may be NULL. */
static void write_head(struct sqz_codec *codec, const char *identity, const char *command)
{
    sqz_log_head(codec);
    write_text(codec, SQZ_RECORD_IDENTITY, identity);
    if (command != NULL)
        write_text(codec, SQZ_RECORD_COMMAND, command);
}

static void write_tallies(struct sqz_codec *codec, const struct sqz_ranges *paths,
                          const struct sqz_tallies *tallies)
{
    size_t begin = sqz_log_record_begin(codec, SQZ_RECORD_TALLIES);
    sqz_ranges_code((struct sqz_ranges *)paths, codec); /* both are read only */
    sqz_tallies_code((struct sqz_tallies *)tallies, codec);
    sqz_log_record_end(codec, begin);
}

static size_t write_rows(struct sqz_codec *codec, struct sqz_range paths, const char *text,
                         size_t size)
{
    uint64_t count = paths.end - paths.first;
    size_t begin = sqz_log_record_begin(codec, SQZ_RECORD_ROWS);
    sqz_codec_count(codec, &paths.first);
    sqz_codec_count(codec, &count);
    size_t offset = codec->size;
    sqz_codec_bytes(codec, (void *)text, size); /* read only */
    sqz_log_record_end(codec, begin);
    return offset;
}

int sqz_store_write(FILE *file, const char *identity, const struct sqz_ranges *paths,
                    const struct sqz_tallies *tallies, struct sqz_diag *diag)
{
    struct sqz_codec codec = {0};
    write_head(&codec, identity, NULL);
    write_tallies(&codec, paths, tallies);
    int error = codec.error == SQZ_OK ? SQZ_OK : sqz_store_fail_memory(diag);
    if (error == SQZ_OK && fwrite(codec.out, 1, codec.size, file) != codec.size)
        error = sqz_fail(diag, SQZ_ERR_IO, "the state of a batch cannot be written: %s",
                         strerror(errno));
    sqz_codec_free(&codec);
    return error;
}

/* ---- appending ----------------------------------------------------------------------------- */

static bool write_all(int file, const unsigned char *data, size_t size)
{
    while (size > 0) {
        ssize_t written = write(file, data, size);
        if (written < 0 && errno != EINTR)
            return false;
        if (written > 0) {
            data += written;
            size -= (size_t)written;
        }
    }
    return true;
}

static int create(const char *path)
{
    int file = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
    if (file < 0 || flock(file, LOCK_EX | LOCK_NB) == 0)
        return file;
    close(file);
    return -1;
}

/* Append what is in `codec`; what cannot be written whole leaves the file as it was. */
static int append(struct sqz_store *store, const struct sqz_codec *codec, bool sync,
                  struct sqz_diag *diag)
{
    if (codec->error != SQZ_OK)
        return sqz_store_fail_memory(diag);
    if (!store->open) {
        store->file = create(store->path);
        if (store->file < 0)
            return sqz_store_fail(store, "cannot be created", diag);
        store->open = true;
    }
    if (write_all(store->file, codec->out, codec->size) && (!sync || fdatasync(store->file) == 0)) {
        store->size += codec->size;
        return SQZ_OK;
    }
    int error = sqz_store_fail(store, "cannot be written", diag);
    if (ftruncate(store->file, (off_t)store->size) == 0)
        lseek(store->file, (off_t)store->size, SEEK_SET);
    return error;
}

int sqz_store_note(struct sqz_store *store, const struct sqz_ranges *paths, struct sqz_diag *diag)
{
    int error = sqz_ranges_merge(&store->done, paths);
    if (error == SQZ_ERR_DATA)
        return sqz_fail(diag, error, "some paths are done twice");
    return error == SQZ_OK ? SQZ_OK : sqz_store_fail_memory(diag);
}

int sqz_store_add(struct sqz_store *store, const struct sqz_ranges *paths,
                  const struct sqz_tallies *tallies, struct sqz_diag *diag)
{
    struct sqz_codec codec = {0};
    if (!store->open)
        write_head(&codec, store->identity, store->command);
    write_tallies(&codec, paths, tallies);
    int error = append(store, &codec, true, diag);
    if (error == SQZ_OK)
        error = sqz_store_note(store, paths, diag);
    if (error == SQZ_OK && store->compact_size == 0)
        store->compact_size = store->size;
    sqz_codec_free(&codec);
    return error;
}

int sqz_store_add_rows(struct sqz_store *store, struct sqz_range paths, const char *text,
                       size_t size, struct sqz_diag *diag)
{
    struct sqz_codec codec = {0};
    struct sqz_stored_rows rows = {
        .first = paths.first, .count = paths.end - paths.first, .length = size};
    if (!store->open)
        write_head(&codec, store->identity, store->command);
    rows.offset = store->size + write_rows(&codec, paths, text, size);
    int error = append(store, &codec, false, diag);
    if (error == SQZ_OK && !sqz_store_note_rows(store, rows))
        error = sqz_store_fail_memory(diag);
    sqz_codec_free(&codec);
    return error;
}

/* ---- writing anew -------------------------------------------------------------------------- */

bool sqz_store_is_long(const struct sqz_store *store)
{
    return store->n_rows == 0 && store->size > LONG_BYTES &&
           store->size > LONG_TIMES * store->compact_size;
}

/* Put a whole file in place of the store's. */
static bool replace(struct sqz_store *store, const char *path, const struct sqz_codec *whole)
{
    unlink(path);
    int file = create(path);
    if (file < 0)
        return false;
    if (!write_all(file, whole->out, whole->size) || fdatasync(file) != 0 ||
        rename(path, store->path) != 0) {
        int why = errno;
        unlink(path);
        close(file);
        errno = why;
        return false;
    }
    close(store->file);
    store->file = file;
    store->size = store->compact_size = whole->size;
    return true;
}

int sqz_store_compact(struct sqz_store *store, const struct sqz_tallies *all, struct sqz_diag *diag)
{
    struct sqz_codec whole = {0};
    char *path = malloc(strlen(store->path) + sizeof ".new");
    int error = SQZ_OK;
    write_head(&whole, store->identity, store->command);
    write_tallies(&whole, &store->done, all);
    if (path == NULL || whole.error != SQZ_OK)
        error = sqz_store_fail_memory(diag);
    else if (!replace(store, strcat(strcpy(path, store->path), ".new"), &whole))
        error = sqz_store_fail(store, "cannot be written anew", diag);
    sqz_codec_free(&whole);
    free(path);
    return error;
}
