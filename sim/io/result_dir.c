/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/result_dir.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int fail(struct sqz_diag *diag, const char *path, const char *what)
{
    return sqz_fail_at(diag, SQZ_ERR_IO, path, 0, NULL, "%s: %s", what, strerror(errno));
}

static bool join(char *out, size_t size, const char *directory, const char *name)
{
    int length = snprintf(out, size, "%s/%s", directory, name);
    return length >= 0 && (size_t)length < size;
}

/* The folder of part `number` of the result at `path`; false if its name is too long. */
static bool name_part(char *part, size_t size, const char *path, size_t number)
{
    char name[32];
    snprintf(name, sizeof name, SQZ_RESULT_PART, number);
    return join(part, size, path, name);
}

/* What a manifest's schema begins with, of whatever version. */
static const char SCHEMA[] = "squeeze/manifest-";

/* Entries that do not count: the directory itself, and what a run that was killed was making. */
static bool is_nothing(const char *name)
{
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0 || sqz_staging_is_inside(name) ||
           strcmp(name, ".manifest.partial") == 0;
}

enum content { ABSENT, EMPTY, FILES, UNREADABLE };

static enum content content_of(const char *path)
{
    DIR *directory = opendir(path);
    struct stat link; /* a link to nothing is neither a directory nor a free name */
    if (directory == NULL)
        return errno == ENOENT && lstat(path, &link) != 0 ? ABSENT : UNREADABLE;
    enum content content = EMPTY;
    for (struct dirent *entry; content == EMPTY && (entry = readdir(directory)) != NULL;)
        if (!is_nothing(entry->d_name))
            content = FILES;
    closedir(directory);
    return content;
}

/* Every result has a manifest of this program. */
static bool holds_result(const char *path)
{
    char name[PATH_MAX];
    if (!join(name, sizeof name, path, sqz_result_file_name(SQZ_FILE_MANIFEST)))
        return false;
    json_t *manifest = json_load_file(name, 0, NULL);
    const char *schema = json_string_value(json_object_get(manifest, "schema"));
    bool ours = schema != NULL && strncmp(schema, SCHEMA, sizeof SCHEMA - 1) == 0;
    json_decref(manifest);
    return ours;
}

/* How open a directory is tells one that is made for it: the process's mask can be read only by
 * changing it. */
void sqz_result_dir_open_up(const char *path)
{
    char probe[PATH_MAX];
    struct stat info;
    if (!join(probe, sizeof probe, path, "open") || mkdir(probe, 0777) != 0)
        return;
    if (stat(probe, &info) == 0)
        chmod(path, info.st_mode & 0777);
    rmdir(probe);
}

int sqz_result_dir_check_free(const char *path, bool force, struct sqz_diag *diag)
{
    enum content content = content_of(path);
    if (content == UNREADABLE)
        return fail(diag, path, "cannot be used as a result directory");
    if (content != FILES)
        return SQZ_OK;
    bool ours = holds_result(path);
    if (ours && force)
        return SQZ_OK;
    return sqz_fail_at(diag, SQZ_ERR_IO, path, 0, NULL, "exists and is not empty; %s",
                       ours ? "--force overwrites the results in it"
                            : "expected a directory of its own for a result, as --force overwrites "
                              "only results of squeeze, and here is none (no manifest.json of it)");
}

int sqz_result_dir_open(struct sqz_result_dir *dir, const char *path, bool force,
                        struct sqz_diag *diag)
{
    memset(dir, 0, sizeof *dir);
    int error = sqz_result_dir_check_free(path, force, diag);
    if (error != SQZ_OK)
        return error;
    dir->present = content_of(path) != ABSENT;
    size_t length = strlen(path);
    while (length > 1 && path[length - 1] == '/')
        length--;
    dir->path = strndup(path, length);
    error = dir->path != NULL ? sqz_staging_open(&dir->staging, dir->path, dir->present, diag)
                              : sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for a directory name");
    if (error == SQZ_OK)
        sqz_result_dir_open_up(dir->staging.path);
    else
        sqz_result_dir_discard(dir);
    return error;
}

int sqz_result_dir_open_part(struct sqz_result_dir *part, const struct sqz_result_dir *dir,
                             size_t number, struct sqz_diag *diag)
{
    char path[PATH_MAX];
    memset(part, 0, sizeof *part);
    if (!name_part(path, sizeof path, dir->staging.path, number))
        return sqz_fail_at(diag, SQZ_ERR_IO, dir->path, 0, NULL, "path too long");
    return sqz_result_dir_open(part, path, false, diag);
}

int sqz_result_dir_create(const struct sqz_result_dir *dir, enum sqz_result_file which, FILE **file,
                          struct sqz_diag *diag)
{
    const char *name = sqz_result_file_name(which);
    char path[PATH_MAX];
    *file = NULL;
    if (!join(path, sizeof path, dir->staging.path, name))
        return sqz_fail_at(diag, SQZ_ERR_IO, dir->path, 0, name, "path too long");
    *file = fopen(path, "w");
    return *file != NULL ? SQZ_OK : fail(diag, name, "cannot be written");
}

int sqz_result_dir_close(const struct sqz_result_dir *dir, enum sqz_result_file which, FILE **file,
                         struct sqz_diag *diag)
{
    (void)dir;
    if (*file == NULL)
        return SQZ_OK;
    bool failed = ferror(*file) != 0;
    errno = 0;
    failed |= fclose(*file) != 0;
    *file = NULL;
    if (errno == 0)
        errno = EIO; /* an earlier write failed, and what it said is gone */
    return failed ? fail(diag, sqz_result_file_name(which), "cannot be written") : SQZ_OK;
}

int sqz_result_dir_json(const struct sqz_result_dir *dir, enum sqz_result_file which,
                        json_t *object, struct sqz_diag *diag)
{
    FILE *file;
    object = sqz_json_whole(object);
    if (object == NULL)
        return sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for %s", sqz_result_file_name(which));
    int error = sqz_result_dir_create(dir, which, &file, diag);
    if (error == SQZ_OK) {
        int printed = sqz_json_print(object, file);
        error = sqz_result_dir_close(dir, which, &file, diag); /* finds a failed write */
        if (error == SQZ_OK && printed != SQZ_OK)
            error = sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for %s", sqz_result_file_name(which));
    }
    json_decref(object);
    return error;
}

/* ---- whole results: files and parts -------------------------------------------------------- */

static bool has_part(const char *path, size_t number)
{
    char part[PATH_MAX];
    struct stat info;
    return name_part(part, sizeof part, path, number) && stat(part, &info) == 0 &&
           S_ISDIR(info.st_mode);
}

static void remove_files(const char *path)
{
    char file[PATH_MAX], buffer[SQZ_RESULT_NAME_SIZE];
    const char *name;
    for (size_t i = 0; (name = sqz_result_name_at(i, buffer)) != NULL; i++)
        if (join(file, sizeof file, path, name))
            unlink(file);
}

/* Parts go with their folders, unless something else is in them. */
static void remove_parts(const char *path)
{
    char part[PATH_MAX];
    for (size_t number = 1; has_part(path, number); number++)
        if (name_part(part, sizeof part, path, number)) {
            remove_files(part);
            rmdir(part);
        }
}

void sqz_result_dir_clear(const char *path)
{
    remove_parts(path);
    remove_files(path);
}

static int move_file(const char *source, const char *target, const char *name,
                     struct sqz_diag *diag)
{
    char from[PATH_MAX], to[PATH_MAX];
    if (!join(from, sizeof from, source, name) || !join(to, sizeof to, target, name))
        return sqz_fail_at(diag, SQZ_ERR_IO, target, 0, NULL, "path too long");
    if (rename(from, to) != 0 && (errno != ENOENT || (unlink(to) != 0 && errno != ENOENT)))
        return fail(diag, to, "cannot be replaced");
    return SQZ_OK;
}

/* The manifest, without which there is no result, goes first and comes last. */
static int move_files(const char *source, const char *target, struct sqz_diag *diag)
{
    const char *manifest = sqz_result_file_name(SQZ_FILE_MANIFEST), *name;
    char old[PATH_MAX], buffer[SQZ_RESULT_NAME_SIZE];
    int error = SQZ_OK;
    if (join(old, sizeof old, target, manifest))
        unlink(old);
    for (size_t i = 0; error == SQZ_OK && (name = sqz_result_name_at(i, buffer)) != NULL; i++)
        if (strcmp(name, manifest) != 0)
            error = move_file(source, target, name, diag);
    return error == SQZ_OK ? move_file(source, target, manifest, diag) : error;
}

static int move_parts(const char *source, const char *target, struct sqz_diag *diag)
{
    char from[PATH_MAX], to[PATH_MAX];
    int error = SQZ_OK;
    remove_parts(target);
    for (size_t number = 1; error == SQZ_OK && has_part(source, number); number++) {
        if (!name_part(from, sizeof from, source, number) ||
            !name_part(to, sizeof to, target, number))
            return sqz_fail_at(diag, SQZ_ERR_IO, target, 0, NULL, "path too long");
        if (rename(from, to) == 0)
            continue;
        error = move_files(from, to, diag); /* a file of the user's keeps the folder there */
        rmdir(from);
    }
    return error;
}

/* What else stood in the earlier directory, at `old` now, goes on standing there; in a folder that
 * the new one has too, among what is there. */
static void keep_others(const char *old, const char *path)
{
    char from[PATH_MAX], to[PATH_MAX];
    DIR *directory = opendir(old);
    for (struct dirent *entry; directory != NULL && (entry = readdir(directory)) != NULL;) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 ||
            !join(from, sizeof from, old, entry->d_name) ||
            !join(to, sizeof to, path, entry->d_name) || rename(from, to) == 0)
            continue;
        if (errno == ENOTEMPTY || errno == EEXIST) {
            keep_others(from, to);
            rmdir(from);
        }
    }
    if (directory != NULL)
        closedir(directory);
}

/* Exchange the directories, then empty the earlier one. */
static bool exchange(struct sqz_result_dir *dir)
{
    if (dir->staging.inside || !sqz_staging_exchange(&dir->staging, dir->path))
        return false;
    struct stat info;
    if (stat(dir->staging.path, &info) == 0)
        chmod(dir->path, info.st_mode & 07777);
    sqz_result_dir_clear(dir->staging.path);
    keep_others(dir->staging.path, dir->path);
    rmdir(dir->staging.path);
    return true;
}

static int move_all(const struct sqz_result_dir *dir, struct sqz_diag *diag)
{
    int error = move_parts(dir->staging.path, dir->path, diag);
    if (error == SQZ_OK)
        error = move_files(dir->staging.path, dir->path, diag);
    if (error == SQZ_OK)
        rmdir(dir->staging.path);
    return error;
}

int sqz_result_dir_commit(struct sqz_result_dir *dir, struct sqz_diag *diag)
{
    if (!dir->present) {
        if (rename(dir->staging.path, dir->path) != 0)
            return fail(diag, dir->path, "cannot be created");
    } else if (!exchange(dir)) {
        int error = move_all(dir, diag);
        if (error != SQZ_OK)
            return error;
    }
    sqz_staging_close(&dir->staging);
    return SQZ_OK;
}

void sqz_result_dir_discard(struct sqz_result_dir *dir)
{
    if (dir->staging.path != NULL) {
        sqz_result_dir_clear(dir->staging.path);
        rmdir(dir->staging.path);
    }
    sqz_staging_close(&dir->staging);
    free(dir->path);
    memset(dir, 0, sizeof *dir);
}
