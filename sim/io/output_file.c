/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/output_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static int fail(const struct sqz_output_file *output, const char *what, struct sqz_diag *diag)
{
    return sqz_fail_at(diag, SQZ_ERR_IO, output->path, 0, NULL, "%s: %s", what, strerror(errno));
}

static const char SUFFIX[] = ".partial-000";

/* Remove what a run that was killed left there: nobody holds its lock. */
static bool remove_stale(const char *path)
{
    struct stat info;
    int descriptor = open(path, O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    bool stale = descriptor >= 0 && fstat(descriptor, &info) == 0 && S_ISREG(info.st_mode) &&
                 flock(descriptor, LOCK_EX | LOCK_NB) == 0 && unlink(path) == 0;
    if (descriptor >= 0)
        close(descriptor);
    return stale;
}

static int create_new(const char *path)
{
    int descriptor = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0666);
    if (descriptor >= 0)
        flock(descriptor, LOCK_EX | LOCK_NB);
    return descriptor;
}

/* How much of `path` stands before the suffix: less than all where the name would be too long. */
static int stem_length(const char *path)
{
    const char *slash = strrchr(path, '/');
    size_t folder = slash != NULL ? (size_t)(slash - path) + 1 : 0, length = strlen(path);
    size_t most = folder + NAME_MAX - (sizeof SUFFIX - 1);
    return (int)(length < most ? length : most);
}

/* A new file beside the one that it will be, as open as any other; -1: none can be made. Another
 * run's has another number. */
static int create(struct sqz_output_file *output)
{
    enum { TRIALS = 1000 };
    int descriptor = -1, stem = stem_length(output->path);
    for (int i = 0; i < TRIALS; i++) {
        sprintf(output->staging, "%.*s.partial-%03d", stem, output->path, i);
        descriptor = create_new(output->staging);
        if (descriptor < 0 && errno == EEXIST && remove_stale(output->staging))
            descriptor = create_new(output->staging);
        if (descriptor >= 0 || errno != EEXIST)
            break;
    }
    return descriptor;
}

static int check_free(const char *path, bool force, struct sqz_diag *diag)
{
    struct stat info;
    if (lstat(path, &info) != 0)
        return SQZ_OK;
    if (!S_ISREG(info.st_mode))
        return sqz_fail_at(diag, SQZ_ERR_IO, path, 0, NULL,
                           "is there, and no plain file; expected the name of a file");
    return force ? SQZ_OK
                 : sqz_fail_at(diag, SQZ_ERR_IO, path, 0, NULL, "exists; --force overwrites it");
}

int sqz_output_file_open(struct sqz_output_file *output, const char *path, bool force,
                         struct sqz_diag *diag)
{
    *output = (struct sqz_output_file){.path = path};
    int error = check_free(path, force, diag);
    if (error != SQZ_OK)
        return error;
    output->staging = malloc(strlen(path) + sizeof SUFFIX);
    if (output->staging == NULL)
        return sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for a file name");
    int descriptor = create(output);
    if (descriptor < 0) {
        error = fail(output, "cannot be created", diag);
        free(output->staging);
        output->staging = NULL;
        return error;
    }
    output->file = fdopen(descriptor, "w");
    if (output->file != NULL)
        return SQZ_OK;
    error = fail(output, "cannot be created", diag);
    close(descriptor);
    sqz_output_file_discard(output);
    return error;
}

int sqz_output_file_commit(struct sqz_output_file *output, struct sqz_diag *diag)
{
    errno = 0;
    bool failed = ferror(output->file) != 0;
    failed |= fclose(output->file) != 0;
    output->file = NULL;
    if (failed && errno == 0)
        errno = EIO; /* an earlier write failed, and what it said is gone */
    if (!failed)
        failed = rename(output->staging, output->path) != 0;
    if (failed) {
        int error = fail(output, "cannot be written", diag);
        sqz_output_file_discard(output);
        return error;
    }
    free(output->staging);
    output->staging = NULL;
    return SQZ_OK;
}

void sqz_output_file_discard(struct sqz_output_file *output)
{
    if (output->file != NULL)
        fclose(output->file);
    if (output->staging != NULL)
        unlink(output->staging);
    free(output->staging);
    output->file = NULL;
    output->staging = NULL;
}
