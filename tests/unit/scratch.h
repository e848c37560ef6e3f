/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Small files for tests of the readers, in a folder of their own that goes when the test ends; and
 * checks of the diagnostics that readers give. Use scratch_setup and scratch_teardown as the
 * fixture of a test; its state is the struct scratch. */
#ifndef SQZ_TESTS_UNIT_SCRATCH_H
#define SQZ_TESTS_UNIT_SCRATCH_H

#include "tests/support/support.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct scratch {
    char folder[64];
    char path[160]; /* of the file last written */
};

static inline int scratch_setup(void **state)
{
    struct scratch *scratch = calloc(1, sizeof *scratch);
    if (scratch == NULL)
        return -1;
    strcpy(scratch->folder, "/tmp/squeeze-unit-XXXXXX");
    *state = scratch;
    return mkdtemp(scratch->folder) != NULL ? 0 : -1;
}

static inline int scratch_teardown(void **state)
{
    struct scratch *scratch = *state;
    DIR *folder = opendir(scratch->folder);
    for (struct dirent *entry; folder != NULL && (entry = readdir(folder)) != NULL;) {
        char path[400];
        snprintf(path, sizeof path, "%s/%s", scratch->folder, entry->d_name);
        if (entry->d_name[0] != '.')
            unlink(path);
    }
    if (folder != NULL)
        closedir(folder);
    int error = rmdir(scratch->folder);
    free(scratch);
    return error;
}

/* Write `size` bytes to the file `name` in the folder; returns its path, which lives until the next
 * file is written. */
static inline const char *scratch_write_bytes(struct scratch *scratch, const char *name,
                                              const char *text, size_t size)
{
    snprintf(scratch->path, sizeof scratch->path, "%s/%s", scratch->folder, name);
    FILE *file = fopen(scratch->path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
    return scratch->path;
}

static inline const char *scratch_write(struct scratch *scratch, const char *name, const char *text)
{
    return scratch_write_bytes(scratch, name, text, strlen(text));
}

/* Fail unless `diag` says this; `message` may be a part of what it says. */
static inline void check_diag(const struct sqz_diag *diag, int code, const char *file, long line,
                              const char *field, const char *message)
{
    if (diag->code != code || diag->line != line || strcmp(diag->file, file) != 0 ||
        strcmp(diag->field, field) != 0 || strstr(diag->message, message) == NULL)
        fail_msg("code %d at %s:%ld: %s: %s\n  expected %d at %s:%ld: %s: %s", diag->code,
                 diag->file, diag->line, diag->field, diag->message, code, file, line, field,
                 message);
}

#endif
