/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/stored.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/io/identity.h"
#include "sim/io/outcome_rows.h"
#include "sim/io/result_files.h"
#include "sim/io/stored_command.h"

static const char SUFFIX[] = ".resume";

/* ---- names --------------------------------------------------------------------------------- */

int sqz_stored_name(char path[SQZ_STORED_NAME], const char *directory, struct sqz_diag *diag)
{
    size_t length = strlen(directory);
    while (length > 1 && directory[length - 1] == '/')
        length--;
    if (length + sizeof SUFFIX > PATH_MAX)
        return sqz_fail_at(diag, SQZ_ERR_IO, directory, 0, NULL, "path too long");
    memcpy(path, directory, length);
    path[length] = '\0';
    const char *slash = strrchr(path, '/');
    size_t folder = slash != NULL ? (size_t)(slash - path) + 1 : 0;
    if (length - folder > NAME_MAX - (sizeof SUFFIX - 1))
        length = folder + NAME_MAX - (sizeof SUFFIX - 1);
    strcpy(path + length, SUFFIX);
    return SQZ_OK;
}

int sqz_stored_open_state(struct sqz_store *store, const char *directory, struct sqz_diag *diag)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/%s", directory, sqz_result_file_name(SQZ_FILE_STATE));
    return sqz_store_open(store, path, false, diag);
}

/* ---- this run's file ----------------------------------------------------------------------- */

static int fail_unfinished(const struct sqz_store *store, const char *directory,
                           struct sqz_diag *diag)
{
    return sqz_fail_at(diag, SQZ_ERR_IO, directory, 0, NULL,
                       "a run that was cut off left %" PRIu64 " paths in %s: --resume %s goes on "
                       "with them, --force starts anew",
                       sqz_ranges_total(&store->done), store->path, directory);
}

static int begin(struct sqz_store *store, const struct sqz_options *options, const char *identity,
                 struct sqz_diag *diag)
{
    char *command = sqz_stored_command_text(options->argc, options->argv);
    if (command == NULL)
        return sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for a command line");
    int error = sqz_store_begin(store, identity, command, diag);
    free(command);
    return error;
}

static bool goes_on(const struct sqz_options *options)
{
    return options->resume != NULL || options->extend != NULL;
}

static int open_own(struct sqz_stored *stored, const struct sqz_options *options,
                    const char *identity, struct sqz_diag *diag)
{
    char path[PATH_MAX];
    struct sqz_store *store = &stored->store;
    int error = sqz_stored_name(path, options->output, diag);
    if (error == SQZ_OK)
        error = sqz_store_open(store, path, true, diag);
    if (error == SQZ_OK && store->done.count == 0) /* there is none, or it has come to nothing */
        sqz_store_clear(store);
    if (error != SQZ_OK || !store->open)
        return error != SQZ_OK ? error : begin(store, options, identity, diag);
    if (goes_on(options))
        return sqz_identity_check(identity, store->identity, path, diag);
    if (!options->force)
        return fail_unfinished(store, options->output, diag);
    sqz_store_clear(store);
    return begin(store, options, identity, diag);
}

/* ---- other results ------------------------------------------------------------------------- */

static bool holds_all(const struct sqz_ranges *ranges, const struct sqz_ranges *of)
{
    bool all = true;
    for (size_t i = 0; all && i < of->count; i++)
        all = sqz_ranges_gap(ranges, of->item[i].first).first >= of->item[i].end;
    return all;
}

static int fail_twice(const struct sqz_stored *stored, const char *directory, struct sqz_diag *diag)
{
    const struct sqz_ranges *theirs = &stored->source[stored->n_sources - 1].done;
    uint64_t path = 0;
    for (size_t i = 0; i < theirs->count; i++) {
        path = theirs->item[i].first;
        if (sqz_ranges_gap(&stored->store.done, path).first != path)
            break;
    }
    return sqz_fail_at(diag, SQZ_ERR_DATA, directory, 0, NULL,
                       "holds paths, as %" PRIu64 ", that another one holds too", path);
}

/* Note what a source has done. A kill just after the result was put in place leaves both files with
 * all: then this run's own is left aside. */
static int note(struct sqz_stored *stored, const char *directory, struct sqz_diag *diag)
{
    struct sqz_store *source = &stored->source[stored->n_sources - 1];
    if (stored->n_sources == 1 && holds_all(&source->done, &stored->store.done))
        sqz_store_clear(&stored->store);
    int error = sqz_store_note(&stored->store, &source->done, diag);
    return error == SQZ_ERR_DATA ? fail_twice(stored, directory, diag) : error;
}

static int add_rows(void *store, uint64_t first, uint64_t count, const char *text, size_t size,
                    struct sqz_diag *diag)
{
    return sqz_store_add_rows(store, (struct sqz_range){first, first + count}, text, size, diag);
}

static int take_rows(struct sqz_stored *stored, const char *directory, struct sqz_diag *diag)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/%s", directory, sqz_result_file_name(SQZ_FILE_OUTCOMES));
    return sqz_outcome_rows_read(path, add_rows, &stored->store, diag);
}

/* `needed`: that there is none is an error. */
static int add_source(struct sqz_stored *stored, const char *directory, const char *identity,
                      bool needed, struct sqz_diag *diag)
{
    struct sqz_store *source = &stored->source[stored->n_sources];
    int error = sqz_stored_open_state(source, directory, diag);
    if (error != SQZ_OK)
        return error;
    stored->n_sources++;
    if (!source->open)
        return !needed ? SQZ_OK
                       : sqz_fail_at(diag, SQZ_ERR_DATA, directory, 0, NULL,
                                     "holds no %s; expected the result of a batch or a comparison",
                                     sqz_result_file_name(SQZ_FILE_STATE));
    error = sqz_identity_check(identity, source->identity, directory, diag);
    return error == SQZ_OK ? note(stored, directory, diag) : error;
}

/* The directory of a source. */
static const char *source_of(const struct sqz_options *options, size_t index)
{
    return options->n_merged > 0     ? options->merged[index]
           : options->extend != NULL ? options->extend
                                     : options->resume;
}

static int add_sources(struct sqz_stored *stored, const struct sqz_options *options,
                       const char *identity, struct sqz_diag *diag)
{
    size_t count = options->n_merged > 0 ? (size_t)options->n_merged : goes_on(options);
    bool needed = options->resume == NULL;
    stored->source = calloc(count + 1, sizeof *stored->source);
    if (stored->source == NULL)
        return sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for %zu results", count);
    int error = SQZ_OK;
    for (size_t i = 0; error == SQZ_OK && i < count; i++)
        error = add_source(stored, source_of(options, i), identity, needed, diag);
    return error;
}

/* Rows of outcomes.csv of the sources. */
static int take_all_rows(struct sqz_stored *stored, const struct sqz_options *options,
                         struct sqz_diag *diag)
{
    int error = SQZ_OK;
    for (size_t i = 0; error == SQZ_OK && i < stored->n_sources; i++)
        if (stored->source[i].open)
            error = take_rows(stored, source_of(options, i), diag);
    return error;
}

/* ---- whole --------------------------------------------------------------------------------- */

static int check_count(const struct sqz_stored *stored, const struct sqz_options *options,
                       struct sqz_diag *diag)
{
    const struct sqz_ranges *done = &stored->store.done;
    uint64_t end = done->count > 0 ? done->item[done->count - 1].end : 0;
    if (end <= options->paths)
        return SQZ_OK;
    return sqz_fail_at(diag, SQZ_ERR_USAGE, NULL, 0, "--paths",
                       "%" PRIu64 " are fewer than the %" PRIu64 " that have been run",
                       options->paths, end);
}

int sqz_stored_open(struct sqz_stored *stored, const struct sqz_options *options,
                    const char *identity, struct sqz_diag *diag)
{
    memset(stored, 0, sizeof *stored);
    int error = open_own(stored, options, identity, diag);
    if (error == SQZ_OK)
        error = add_sources(stored, options, identity, diag);
    if (error == SQZ_OK)
        error = check_count(stored, options, diag);
    return error == SQZ_OK && options->outcomes ? take_all_rows(stored, options, diag) : error;
}

int sqz_stored_check_whole(const struct sqz_stored *stored, uint64_t count, struct sqz_diag *diag)
{
    struct sqz_range gap = sqz_ranges_gap(&stored->store.done, 0);
    uint64_t done = sqz_ranges_total(&stored->store.done);
    if (gap.first >= count)
        return SQZ_OK;
    gap.end = gap.end < count ? gap.end : count;
    return sqz_fail(diag, SQZ_ERR_DATA,
                    "paths %" PRIu64 " to %" PRIu64 " are in none of the results, %" PRIu64
                    " of %" PRIu64 " paths in all; expected every shard",
                    gap.first, gap.end - 1, count - done, count);
}

int sqz_stored_load(const struct sqz_stored *stored, struct sqz_tallies *tallies,
                    struct sqz_diag *diag)
{
    int error = sqz_store_load(&stored->store, tallies, diag);
    for (size_t i = 0; error == SQZ_OK && i < stored->n_sources; i++)
        error = sqz_store_load(&stored->source[i], tallies, diag);
    return error;
}

void sqz_stored_close(struct sqz_stored *stored, bool kept)
{
    for (size_t i = 0; i < stored->n_sources; i++)
        sqz_store_close(&stored->source[i]);
    free(stored->source);
    bool worth = stored->store.compact_size > 0; /* else it holds no tallies */
    if (kept || !worth)
        sqz_store_remove(&stored->store);
    else
        sqz_store_close(&stored->store);
    memset(stored, 0, sizeof *stored);
}
