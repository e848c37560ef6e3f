/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/result_dir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/io/result_swap.h"

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
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0 ||
           strncmp(name, ".partial-", strlen(".partial-")) == 0 ||
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

static const char SUFFIX[] = ".partial-XXXXXX";
enum { PREFIX = sizeof ".partial-" - 1 }; /* of the suffix, before what is drawn */

/* How much of `path` stands before the suffix: less than all where the name would be too long. */
static size_t stem_length(const char *path)
{
    const char *slash = strrchr(path, '/');
    size_t folder = slash != NULL ? (size_t)(slash - path) + 1 : 0, length = strlen(path);
    size_t most = folder + NAME_MAX - (sizeof SUFFIX - 1);
    return length < most ? length : most;
}

/* `path` without slashes at its end, and the name of the temporary directory. */
static bool name_directories(struct sqz_result_dir *dir, const char *path)
{
    size_t length = strlen(path);
    while (length > 1 && path[length - 1] == '/')
        length--;
    dir->path = strndup(path, length);
    if (dir->path == NULL)
        return false;
    dir->inside = dir->present && !sqz_result_swap_fits(dir->path);
    int stem = (int)(dir->inside ? length : stem_length(dir->path));
    return asprintf(&dir->staging, "%.*s%s%s", stem, dir->path, dir->inside ? "/" : "", SUFFIX) >=
               0 ||
           (dir->staging = NULL, false);
}

/* Remove what a run that was killed left: nobody holds its lock. Only files of results go. */
static void remove_if_stale(const char *path)
{
    int lock = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (lock < 0)
        return;
    if (flock(lock, LOCK_EX | LOCK_NB) == 0) {
        sqz_result_dir_clear(path);
        rmdir(path);
    }
    close(lock);
}

/* `staging` before its last six characters are drawn. */
static void remove_stale(const struct sqz_result_dir *dir)
{
    char folder[PATH_MAX], path[PATH_MAX];
    const char *slash = strrchr(dir->staging, '/');
    const char *name = slash != NULL ? slash + 1 : dir->staging;
    size_t length = strlen(name) - (sizeof SUFFIX - 1) + PREFIX;
    snprintf(folder, sizeof folder, "%.*s", (int)(name - dir->staging), dir->staging);
    DIR *directory = opendir(folder[0] != '\0' ? folder : ".");
    for (struct dirent *entry; directory != NULL && (entry = readdir(directory)) != NULL;)
        if (strncmp(entry->d_name, name, length) == 0 && strlen(entry->d_name) == strlen(name) &&
            snprintf(path, sizeof path, "%s%s", folder, entry->d_name) < PATH_MAX)
            remove_if_stale(path);
    if (directory != NULL)
        closedir(directory);
}

/* Make the temporary directory and lock it; again, if another run took it for stale before it was
 * locked. Parts of a result lie in a directory that is locked. */
static int make_staging(struct sqz_result_dir *dir)
{
    enum { TRIALS = 100 };
    struct stat info;
    char *drawn = dir->staging + strlen(dir->staging) - strlen("XXXXXX");
    for (int i = 0; i < TRIALS; i++) {
        strcpy(drawn, "XXXXXX");
        if (mkdtemp(dir->staging) == NULL)
            return -1;
        dir->lock = open(dir->staging, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (dir->lock < 0)
            return -1;
        if (flock(dir->lock, LOCK_EX | LOCK_NB) == 0 && stat(dir->staging, &info) == 0)
            return 0;
        close(dir->lock);
        dir->lock = -1;
    }
    return -1;
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
    *dir = (struct sqz_result_dir){.lock = -1};
    int error = sqz_result_dir_check_free(path, force, diag);
    if (error != SQZ_OK)
        return error;
    dir->present = content_of(path) != ABSENT;
    if (!name_directories(dir, path)) {
        sqz_result_dir_discard(dir);
        return sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for a directory name");
    }
    remove_stale(dir);
    if (make_staging(dir) != 0) {
        error = fail(diag, path, "cannot be created");
        free(dir->staging);
        dir->staging = NULL;
        sqz_result_dir_discard(dir);
        return error;
    }
    sqz_result_dir_open_up(dir->staging);
    return SQZ_OK;
}

int sqz_result_dir_open_part(struct sqz_result_dir *part, const struct sqz_result_dir *dir,
                             size_t number, struct sqz_diag *diag)
{
    char path[PATH_MAX];
    memset(part, 0, sizeof *part);
    if (!name_part(path, sizeof path, dir->staging, number))
        return sqz_fail_at(diag, SQZ_ERR_IO, dir->path, 0, NULL, "path too long");
    return sqz_result_dir_open(part, path, false, diag);
}

int sqz_result_dir_create(const struct sqz_result_dir *dir, enum sqz_result_file which, FILE **file,
                          struct sqz_diag *diag)
{
    const char *name = sqz_result_file_name(which);
    char path[PATH_MAX];
    *file = NULL;
    if (!join(path, sizeof path, dir->staging, name))
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

/* Move a file, or remove the one that stands where there is none. */
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

/* The manifest comes last. */
static int move_files(const char *source, const char *target, struct sqz_diag *diag)
{
    char buffer[SQZ_RESULT_NAME_SIZE];
    const char *name;
    int error = SQZ_OK;
    for (size_t i = SQZ_FILE_MANIFEST + 1;
         error == SQZ_OK && (name = sqz_result_name_at(i, buffer)) != NULL; i++)
        error = move_file(source, target, name, diag);
    return error == SQZ_OK
               ? move_file(source, target, sqz_result_file_name(SQZ_FILE_MANIFEST), diag)
               : error;
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

/* Where two directories cannot change places. */
static int commit_files(const struct sqz_result_dir *dir, struct sqz_diag *diag)
{
    int error = move_parts(dir->staging, dir->path, diag);
    if (error == SQZ_OK)
        error = move_files(dir->staging, dir->path, diag);
    if (error == SQZ_OK)
        rmdir(dir->staging);
    return error;
}

static void close_lock(struct sqz_result_dir *dir)
{
    if (dir->lock >= 0)
        close(dir->lock);
    dir->lock = -1;
}

int sqz_result_dir_commit(struct sqz_result_dir *dir, struct sqz_diag *diag)
{
    if (dir->present) {
        bool swapped = !dir->inside && sqz_result_swap(dir->staging, dir->path);
        int error = swapped ? SQZ_OK : commit_files(dir, diag);
        if (error != SQZ_OK)
            return error;
    } else if (rename(dir->staging, dir->path) != 0) {
        return fail(diag, dir->path, "cannot be created");
    }
    close_lock(dir);
    free(dir->staging);
    dir->staging = NULL;
    return SQZ_OK;
}

void sqz_result_dir_discard(struct sqz_result_dir *dir)
{
    if (dir->staging != NULL) {
        sqz_result_dir_clear(dir->staging);
        rmdir(dir->staging);
        close_lock(dir);
    }
    free(dir->staging);
    free(dir->path);
    *dir = (struct sqz_result_dir){.lock = -1};
}
