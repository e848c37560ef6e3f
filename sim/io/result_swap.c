/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/result_swap.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/io/result_dir.h"
#include "sim/io/result_files.h"

/* What is asked of one entry; false ends the walk. */
typedef bool visit_entry(const char *from, const char *to, const char *name);

static bool join(char out[PATH_MAX], const char *directory, const char *name)
{
    int length = snprintf(out, PATH_MAX, "%s/%s", directory, name);
    return length >= 0 && length < PATH_MAX;
}

static bool is_result_name(const char *name)
{
    char buffer[SQZ_RESULT_NAME_SIZE];
    const char *known;
    for (size_t i = 0; (known = sqz_result_name_at(i, buffer)) != NULL; i++)
        if (strcmp(name, known) == 0)
            return true;
    return false;
}

static bool for_entries(const char *from, const char *to, visit_entry *visit)
{
    DIR *directory = opendir(from);
    bool all = directory != NULL;
    for (struct dirent *entry; all && (entry = readdir(directory)) != NULL;)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            all = visit(from, to, entry->d_name);
    if (directory != NULL)
        closedir(directory);
    return all;
}

static bool is_known(const char *from, const char *to, const char *name)
{
    (void)from, (void)to;
    return is_result_name(name);
}

/* A folder of a comparison's scenario with nothing else in it. */
static bool is_part(const char *path, const char *name)
{
    size_t number;
    int end = 0;
    return sscanf(name, SQZ_RESULT_PART "%n", &number, &end) == 1 && name[end] == '\0' &&
           for_entries(path, path, is_known);
}

/* Files of others get a second name in the new result. */
static bool carry(const char *from, const char *to, const char *name)
{
    char old[PATH_MAX], new[PATH_MAX];
    struct stat info;
    if (is_result_name(name))
        return true;
    if (!join(old, from, name) || !join(new, to, name) || lstat(old, &info) != 0)
        return false;
    if (S_ISDIR(info.st_mode))
        return is_part(old, name);
    return linkat(AT_FDCWD, old, AT_FDCWD, new, 0) == 0;
}

/* Drop the name of what has another in `to`. */
static bool drop(const char *from, const char *to, const char *name)
{
    char old[PATH_MAX], new[PATH_MAX];
    struct stat here, there;
    if (!is_result_name(name) && join(old, from, name) && join(new, to, name) &&
        lstat(old, &here) == 0 && lstat(new, &there) == 0 && here.st_ino == there.st_ino &&
        !S_ISDIR(here.st_mode))
        unlink(old);
    return true;
}

bool sqz_result_swap_fits(const char *path)
{
    char parent[PATH_MAX];
    struct stat own, above, working;
    return join(parent, path, "..") && lstat(path, &own) == 0 && S_ISDIR(own.st_mode) &&
           stat(parent, &above) == 0 && above.st_dev == own.st_dev && above.st_ino != own.st_ino &&
           stat(".", &working) == 0 && working.st_ino != own.st_ino;
}

bool sqz_result_swap(const char *staging, const char *path)
{
    struct stat info;
    bool swapped = stat(path, &info) == 0 && for_entries(path, staging, carry) &&
                   chmod(staging, info.st_mode & 07777) == 0 &&
                   renameat2(AT_FDCWD, staging, AT_FDCWD, path, RENAME_EXCHANGE) == 0;
    for_entries(staging, path, drop); /* either way `staging` is what goes */
    if (!swapped)
        return false;
    sqz_result_dir_clear(staging);
    rmdir(staging);
    return true;
}
