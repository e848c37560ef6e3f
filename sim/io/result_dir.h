/* A result directory that holds a whole result or none.
 *
 * Files are written to a temporary directory beside the final one, which commit renames; or inside
 * it where it is there already, and commit moves each file out. Anything that goes wrong before
 * leaves no trace. */
#ifndef SQZ_IO_RESULT_DIR_H
#define SQZ_IO_RESULT_DIR_H

#include <stdbool.h>
#include <stdio.h>

#include "sim/core/error.h"

/* Owns its strings and, until commit, the temporary directory. */
struct sqz_result_dir {
    char *path;    /* where the results will be */
    char *staging; /* where they are being written; NULL once committed */
    bool present;  /* the final directory was there already: `staging` lies inside it */
};

/* Refuses a directory that exists and is not empty unless `force`. */
int sqz_result_dir_open(struct sqz_result_dir *dir, const char *path, bool force,
                        struct sqz_diag *diag);

/* Open `name` for writing. */
int sqz_result_dir_create(const struct sqz_result_dir *dir, const char *name, FILE **file,
                          struct sqz_diag *diag);

/* Close a file, reporting any write that failed (a full disk). Sets *file to NULL; closing NULL is
 * no error. */
int sqz_result_dir_close(const struct sqz_result_dir *dir, const char *name, FILE **file,
                         struct sqz_diag *diag);

/* Move everything into place. What an earlier result left there under the names of
 * sqz_result_names, and this one did not write, is removed. */
int sqz_result_dir_commit(struct sqz_result_dir *dir, struct sqz_diag *diag);

/* Remove the temporary directory, if it is still there, and free. Always call it at the end. */
void sqz_result_dir_discard(struct sqz_result_dir *dir);

/* Every file a result may hold, NULL-terminated. */
extern const char *const sqz_result_names[];

#endif
