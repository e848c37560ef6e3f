/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A result directory that holds a whole result or none.
 *
 * Files are written to a temporary directory (staging.h). Commit renames it, or exchanges it with a
 * final one that is there already: a kill leaves the earlier result or the new one. Only where the
 * system cannot exchange them is each file moved by itself, the manifest last, so that what a kill
 * leaves there is none. Anything that goes wrong before leaves no trace. */
#ifndef SQZ_IO_RESULT_DIR_H
#define SQZ_IO_RESULT_DIR_H

#include <stdbool.h>
#include <stdio.h>

#include "sim/core/error.h"
#include "sim/io/json.h"
#include "sim/io/result_files.h"
#include "sim/io/staging.h"

/* Owns its strings and, until commit, the temporary directory. */
struct sqz_result_dir {
    char *path;                 /* where the results will be */
    struct sqz_staging staging; /* where they are being written; none once committed */
    bool present;               /* the final directory was there already */
};

/* Refuses a directory that exists and is not empty, unless `force` and it holds a result of this
 * program: one with its manifest.json. */
int sqz_result_dir_open(struct sqz_result_dir *dir, const char *path, bool force,
                        struct sqz_diag *diag);

/* Whether a result may be put there: SQZ_ERR_IO for what is no directory or holds anything, but
 * with `force` a result of this program. What a run that was killed left unfinished is nothing. */
int sqz_result_dir_check_free(const char *path, bool force, struct sqz_diag *diag);

/* mkdtemp's directory is private: make it as open as any other that this process makes. */
void sqz_result_dir_open_up(const char *path);

/* Remove the files and parts of a result that stand in `path`, and nothing else. */
void sqz_result_dir_clear(const char *path);

/* A result inside the one that `dir` is making, in the folder of that name: commit puts it there,
 * and the commit of `dir` moves it along. Folders are called SQZ_RESULT_PART with 1, 2, ... */
#define SQZ_RESULT_PART "scenario-%zu"
int sqz_result_dir_open_part(struct sqz_result_dir *part, const struct sqz_result_dir *dir,
                             size_t number, struct sqz_diag *diag);

/* Open a file for writing. */
int sqz_result_dir_create(const struct sqz_result_dir *dir, enum sqz_result_file which, FILE **file,
                          struct sqz_diag *diag);

/* Close a file, reporting any write that failed (a full disk). Sets *file to NULL; closing NULL is
 * no error. */
int sqz_result_dir_close(const struct sqz_result_dir *dir, enum sqz_result_file which, FILE **file,
                         struct sqz_diag *diag);

/* Write `object` as a file and free it; NULL means that memory ran out while it was built.
 */
int sqz_result_dir_json(const struct sqz_result_dir *dir, enum sqz_result_file which,
                        json_t *object, struct sqz_diag *diag);

/* Move everything into place. What an earlier result left there under the names of
 * sqz_result_name_at, and this one did not write, is removed; so are its parts. */
int sqz_result_dir_commit(struct sqz_result_dir *dir, struct sqz_diag *diag);

/* Remove the temporary directory, if it is still there, and free. Always call it at the end. */
void sqz_result_dir_discard(struct sqz_result_dir *dir);

#endif
