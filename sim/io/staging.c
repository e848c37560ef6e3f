/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/staging.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/io/result_dir.h"

static const char SUFFIX[] = ".partial-XXXXXX";
enum { UNIQUE = 6 }; /* letters at its end */

bool sqz_staging_is_inside(const char *name)
{
    size_t fixed = sizeof SUFFIX - 1 - UNIQUE;
    return strncmp(name, SUFFIX, fixed) == 0 && strlen(name) == sizeof SUFFIX - 1;
}

/* ---- names --------------------------------------------------------------------------------- */

/* The last part of a path. */
static const char *base_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

/* The folder that holds the temporary directory, and how its name begins. */
struct place {
    char folder[PATH_MAX], name[NAME_MAX + 1];
};

static bool find_place(struct place *place, const char *path, bool inside)
{
    const char *base = base_of(path);
    size_t room = NAME_MAX - (sizeof SUFFIX - 1);
    int size = inside         ? snprintf(place->folder, sizeof place->folder, "%s", path)
               : base == path ? snprintf(place->folder, sizeof place->folder, ".")
                              : snprintf(place->folder, sizeof place->folder, "%.*s",
                                         (int)(base - path), path);
    snprintf(place->name, sizeof place->name, "%.*s%.*s", inside ? 0 : (int)room, base,
             (int)(sizeof SUFFIX - 1 - UNIQUE), SUFFIX);
    return size >= 0 && (size_t)size + sizeof place->name + 2 < sizeof place->folder;
}

/* Whether a directory that is there can be exchanged for another. */
static bool is_fixed(const char *path)
{
    struct stat own, above;
    char parent[PATH_MAX];
    const char *base = base_of(path);
    if (base[0] == '\0' || strcmp(base, ".") == 0 || strcmp(base, "..") == 0)
        return true;
    int size = snprintf(parent, sizeof parent, "%.*s.", (int)(base - path), path);
    return size < 0 || (size_t)size >= sizeof parent || lstat(path, &own) != 0 ||
           !S_ISDIR(own.st_mode) || stat(parent, &above) != 0 || own.st_dev != above.st_dev ||
           access(parent, W_OK) != 0;
}

/* ---- what killed runs left ------------------------------------------------------------------- */

static int open_locked(const char *path)
{
    int lock = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (lock >= 0 && flock(lock, LOCK_EX | LOCK_NB) != 0) {
        close(lock);
        return -1;
    }
    return lock;
}

/* Remove a temporary directory that nobody holds: the files of a result, and nothing else. */
static void remove_stale(const char *path)
{
    int lock = open_locked(path);
    if (lock < 0)
        return;
    sqz_result_dir_clear(path);
    rmdir(path);
    close(lock);
}

static void remove_all_stale(const struct place *place)
{
    DIR *folder = opendir(place->folder);
    size_t length = strlen(place->name);
    char path[PATH_MAX + NAME_MAX + 2];
    for (struct dirent *entry; folder != NULL && (entry = readdir(folder)) != NULL;)
        if (strncmp(entry->d_name, place->name, length) == 0 &&
            strlen(entry->d_name) == length + UNIQUE) {
            snprintf(path, sizeof path, "%s/%s", place->folder, entry->d_name);
            remove_stale(path);
        }
    if (folder != NULL)
        closedir(folder);
}

/* ---- one of our own -------------------------------------------------------------------------- */

static int make(struct sqz_staging *staging, const struct place *place, const char *path,
                struct sqz_diag *diag)
{
    staging->path = malloc(strlen(place->folder) + strlen(place->name) + UNIQUE + 2);
    if (staging->path == NULL)
        return sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for a directory name");
    bool bare = strcmp(place->folder, ".") == 0 && path[0] != '.';
    sprintf(staging->path, "%s%s%s%.*s", bare ? "" : place->folder,
            bare || place->folder[strlen(place->folder) - 1] == '/' ? "" : "/", place->name, UNIQUE,
            "XXXXXX");
    if (mkdtemp(staging->path) != NULL) {
        staging->lock = open_locked(staging->path);
        if (staging->lock >= 0)
            return SQZ_OK;
    }
    int error =
        sqz_fail_at(diag, SQZ_ERR_IO, path, 0, NULL, "cannot be created: %s", strerror(errno));
    free(staging->path);
    staging->path = NULL;
    return error;
}

int sqz_staging_open(struct sqz_staging *staging, const char *path, bool present,
                     struct sqz_diag *diag)
{
    struct place place;
    *staging = (struct sqz_staging){.inside = present && is_fixed(path)};
    if (!find_place(&place, path, staging->inside))
        return sqz_fail_at(diag, SQZ_ERR_IO, path, 0, NULL, "path too long");
    remove_all_stale(&place);
    return make(staging, &place, path, diag);
}

bool sqz_staging_exchange(const struct sqz_staging *staging, const char *path)
{
    return renameat2(AT_FDCWD, staging->path, AT_FDCWD, path, RENAME_EXCHANGE) == 0;
}

void sqz_staging_close(struct sqz_staging *staging)
{
    if (staging->path != NULL)
        close(staging->lock);
    free(staging->path);
    memset(staging, 0, sizeof *staging);
}
