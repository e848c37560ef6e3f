/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/sweep_dir.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static int fail(struct sqz_diag *diag, const char *path, const char *what)
{
    return sqz_fail_at(diag, SQZ_ERR_IO, path, 0, NULL, "%s: %s", what, strerror(errno));
}

/* Cut-off names are no names of files that are there; such a directory cannot be made either. */
static void name_file(char name[PATH_MAX], const char *path, const char *file)
{
    snprintf(name, PATH_MAX, "%s/%s", path, file);
}

/* The manifest of the sweep in `path`; NULL if it holds none. A new reference. */
static json_t *read_manifest(const char *path)
{
    char name[PATH_MAX];
    name_file(name, path, sqz_result_file_name(SQZ_FILE_MANIFEST));
    json_t *manifest = json_load_file(name, 0, NULL);
    if (manifest != NULL && json_object_get(manifest, "sweep") != NULL)
        return manifest;
    json_decref(manifest);
    return NULL;
}

bool sqz_sweep_dir_seed(const char *path, uint64_t *seed)
{
    json_t *manifest = read_manifest(path);
    const char *text = json_string_value(json_object_get(manifest, "seed"));
    if (text != NULL)
        *seed = strtoull(text, NULL, 10);
    json_decref(manifest);
    return text != NULL;
}

/* A new sweep: the manifest appears whole or not at all. */
static int begin(const struct sqz_sweep_dir *dir, const struct sqz_sweep *sweep,
                 const struct sqz_run_record *record, struct sqz_diag *diag)
{
    char name[PATH_MAX], partial[PATH_MAX];
    name_file(name, dir->path, sqz_result_file_name(SQZ_FILE_MANIFEST));
    name_file(partial, dir->path, ".manifest.partial");
    json_t *manifest = sqz_json_whole(sqz_sweep_manifest(sweep, record));
    unlink(partial); /* of a killed run; or a link, which is not followed */
    FILE *file = manifest != NULL ? fopen(partial, "wx") : NULL;
    bool failed = file == NULL || sqz_json_print(manifest, file) != SQZ_OK;
    if (file != NULL)
        failed |= fclose(file) != 0;
    json_decref(manifest);
    if (!failed && rename(partial, name) == 0)
        return SQZ_OK;
    int error = fail(diag, name, "cannot be written");
    unlink(partial);
    return error;
}

/* Open points.csv, with its header if it is new, and keep others out. */
static int open_points(struct sqz_sweep_dir *dir, struct sqz_sweep *sweep, struct sqz_diag *diag)
{
    char name[PATH_MAX];
    name_file(name, dir->path, sqz_result_file_name(SQZ_FILE_POINTS));
    dir->points = fopen(name, "a");
    if (dir->points == NULL)
        return fail(diag, name, "cannot be written");
    if (flock(fileno(dir->points), LOCK_EX | LOCK_NB) != 0)
        return sqz_fail_at(diag, SQZ_ERR_IO, name, 0, NULL, "another run is writing to it");
    int error = sqz_sweep_read_points(sweep, name, diag);
    struct stat info;
    if (error != SQZ_OK || (fstat(fileno(dir->points), &info) == 0 && info.st_size > 0))
        return error;
    sqz_sweep_write_header(sweep, dir->points);
    return fflush(dir->points) == 0 ? SQZ_OK : fail(diag, name, "cannot be written");
}

/* What is in the directory: another sweep is refused, this one is gone on with. */
static int check_present(const struct sqz_sweep_dir *dir, const struct sqz_sweep *sweep,
                         bool *present, struct sqz_diag *diag)
{
    json_t *manifest = read_manifest(dir->path);
    *present = manifest != NULL;
    int error = *present ? sqz_sweep_check_manifest(sweep, dir->path, manifest, diag)
                         : sqz_result_dir_check_free(dir->path, false, diag);
    json_decref(manifest);
    return error;
}

/* Another run that writes to the directory keeps its lock there. */
static int check_unlocked(const char *path, struct sqz_diag *diag)
{
    char name[PATH_MAX];
    name_file(name, path, sqz_result_file_name(SQZ_FILE_POINTS));
    FILE *points = fopen(name, "r");
    if (points == NULL)
        return SQZ_OK;
    bool locked = flock(fileno(points), LOCK_EX | LOCK_NB) != 0;
    fclose(points);
    return locked ? sqz_fail_at(diag, SQZ_ERR_IO, name, 0, NULL, "another run is writing to it")
                  : SQZ_OK;
}

static int check_replaceable(const char *path, struct sqz_diag *diag)
{
    int error = sqz_result_dir_check_free(path, true, diag);
    return error == SQZ_OK ? check_unlocked(path, diag) : error;
}

/* DIR, or DIR.resume where DIR holds what is to be replaced. */
static int name_directory(struct sqz_sweep_dir *dir, const char *path, bool force,
                          struct sqz_diag *diag)
{
    struct stat info;
    size_t length = strlen(path);
    while (length > 1 && path[length - 1] == '/')
        length--;
    dir->apart = force && stat(path, &info) == 0;
    dir->path = malloc(length + sizeof ".resume");
    if (dir->path == NULL)
        return sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for a directory name");
    sprintf(dir->path, "%.*s%s", (int)length, path, dir->apart ? ".resume" : "");
    return SQZ_OK;
}

int sqz_sweep_dir_open(struct sqz_sweep_dir *dir, struct sqz_sweep *sweep, const char *path,
                       bool force, const struct sqz_run_record *record, struct sqz_diag *diag)
{
    bool present = false;
    memset(dir, 0, sizeof *dir);
    int error = name_directory(dir, path, force, diag);
    if (error != SQZ_OK)
        return error;
    error = force ? check_replaceable(path, diag) : check_present(dir, sweep, &present, diag);
    if (error == SQZ_OK && force)
        sqz_result_dir_clear(dir->path);
    if (error == SQZ_OK && mkdir(dir->path, 0777) != 0 && errno != EEXIST)
        error = fail(diag, dir->path, "cannot be created");
    if (error == SQZ_OK && !present)
        error = begin(dir, sweep, record, diag);
    return error == SQZ_OK ? open_points(dir, sweep, diag) : error;
}

int sqz_sweep_dir_add(const struct sqz_sweep_dir *dir, const struct sqz_sweep *sweep, size_t index,
                      struct sqz_diag *diag)
{
    errno = 0;
    sqz_sweep_write_point(sweep, index, dir->points);
    if (fflush(dir->points) == 0 && !ferror(dir->points))
        return SQZ_OK;
    return fail(diag, sqz_result_file_name(SQZ_FILE_POINTS), "cannot be written");
}

void sqz_sweep_dir_close(struct sqz_sweep_dir *dir)
{
    if (dir->points != NULL)
        fclose(dir->points);
    if (dir->apart && dir->path != NULL) {
        sqz_result_dir_clear(dir->path);
        rmdir(dir->path);
    }
    free(dir->path);
    memset(dir, 0, sizeof *dir);
}

int sqz_sweep_write(const struct sqz_sweep *sweep, const struct sqz_result_dir *result,
                    const struct sqz_run_record *record, struct sqz_diag *diag)
{
    FILE *file;
    int error =
        sqz_result_dir_json(result, SQZ_FILE_MANIFEST, sqz_sweep_manifest(sweep, record), diag);
    if (error == SQZ_OK)
        error = sqz_result_dir_json(result, SQZ_FILE_SUMMARY, sqz_sweep_json(sweep), diag);
    if (error == SQZ_OK)
        error = sqz_result_dir_create(result, SQZ_FILE_POINTS, &file, diag);
    if (error != SQZ_OK)
        return error;
    sqz_sweep_write_header(sweep, file);
    for (size_t i = 0; i < sweep->n_points; i++)
        sqz_sweep_write_point(sweep, i, file);
    return sqz_result_dir_close(result, SQZ_FILE_POINTS, &file, diag);
}
