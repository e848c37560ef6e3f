/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Maps of many times: a folder of levels and an index. */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/io/clock.h"
#include "sim/io/import_write.h"
#include "sim/io/result_dir.h"

#define INDEX "index.csv"
#define LEVELS "levels-%05zu.csv"

static int fail(const char *path, const char *what, struct sqz_diag *diag)
{
    return sqz_fail_at(diag, SQZ_ERR_IO, path, 0, NULL, "%s: %s", what, strerror(errno));
}

static bool join(char *out, const char *folder, const char *name)
{
    int length = snprintf(out, PATH_MAX, "%s/%s", folder, name);
    return length >= 0 && length < PATH_MAX;
}

static bool is_ours(const char *name)
{
    return strcmp(name, INDEX) == 0 || (strncmp(name, "levels-", 7) == 0 && strlen(name) > 4 &&
                                        strcmp(name + strlen(name) - 4, ".csv") == 0);
}

/* Remove the files of a history and the folder, if nothing else is in it. */
static void clear(const char *path)
{
    char file[PATH_MAX];
    DIR *folder = opendir(path);
    for (struct dirent *entry; folder != NULL && (entry = readdir(folder)) != NULL;)
        if (is_ours(entry->d_name) && join(file, path, entry->d_name))
            unlink(file);
    if (folder != NULL)
        closedir(folder);
    rmdir(path);
}

/* A folder that is there holds a history and nothing else, and may be replaced. */
static int check_free(const char *path, bool force, struct sqz_diag *diag)
{
    size_t files = 0, others = 0;
    DIR *folder = opendir(path);
    if (folder == NULL)
        return errno == ENOENT ? SQZ_OK : fail(path, "cannot be used as a folder", diag);
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        bool itself = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0;
        files += !itself;
        others += !itself && !is_ours(entry->d_name);
    }
    closedir(folder);
    if (files == 0 || (force && others == 0))
        return SQZ_OK;
    return sqz_fail_at(diag, SQZ_ERR_IO, path, 0, NULL, "exists and is not empty; %s",
                       others == 0 ? "--force overwrites the history in it"
                                   : "expected a folder of its own for a history");
}

static int write_file(const char *folder, const char *name, const struct sqz_import_levels *levels,
                      size_t count, struct sqz_diag *diag)
{
    char path[PATH_MAX];
    if (!join(path, folder, name))
        return sqz_fail_at(diag, SQZ_ERR_IO, folder, 0, NULL, "path too long");
    FILE *file = fopen(path, "w");
    if (file == NULL)
        return fail(path, "cannot be created", diag);
    if (count == 0) {
        sqz_import_write_levels(file, levels);
    } else {
        char time[SQZ_CLOCK_TEXT_SIZE];
        fputs("time,price_usd,levels\n", file);
        for (size_t i = 0; i < count; i++)
            fprintf(file, "%s,%.17g," LEVELS "\n", sqz_clock_format(time, levels[i].time_s),
                    levels[i].price_usd, i + 1);
    }
    errno = EIO;
    bool failed = ferror(file) != 0;
    failed |= fclose(file) != 0;
    return failed ? fail(path, "cannot be written", diag) : SQZ_OK;
}

static int write_all(const char *folder, const struct sqz_import_levels *levels, size_t count,
                     struct sqz_diag *diag)
{
    int error = write_file(folder, INDEX, levels, count, diag);
    for (size_t i = 0; error == SQZ_OK && i < count; i++) {
        char name[40];
        snprintf(name, sizeof name, LEVELS, i + 1);
        error = write_file(folder, name, &levels[i], 0, diag);
    }
    return error;
}

int sqz_import_write_history(const char *path, const struct sqz_import_levels *levels, size_t count,
                             bool force, struct sqz_diag *diag)
{
    char staging[PATH_MAX];
    size_t length = strlen(path);
    while (length > 1 && path[length - 1] == '/')
        length--;
    int error = check_free(path, force, diag);
    if (error != SQZ_OK)
        return error;
    int size = snprintf(staging, sizeof staging, "%.*s.partial-XXXXXX", (int)length, path);
    if (size < 0 || (size_t)size >= sizeof staging || mkdtemp(staging) == NULL)
        return fail(path, "cannot be created", diag);
    sqz_result_dir_open_up(staging);
    error = write_all(staging, levels, count, diag);
    if (error == SQZ_OK) {
        clear(path);
        if (rename(staging, path) != 0)
            error = fail(path, "cannot be created", diag);
    }
    if (error != SQZ_OK)
        clear(staging);
    return error;
}
