/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The settings of a scenario as they were written: keys, values, units, and where each stands. */
#ifndef SQZ_IO_SETTINGS_H
#define SQZ_IO_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include "sim/core/model.h"
#include "sim/io/csv.h"
#include "sim/io/remarks.h"

/* One key of a scenario with its value as written. Owns its strings. */
struct sqz_setting {
    char *key, *value, *unit, *note;
    char *former; /* the key as it was written, if that is a former name of `key`; else NULL */
    char *file;   /* where it was written: a file, "--set", or NULL for a default */
    long line;    /* 0 when not from a file */
    bool used;    /* some table knew it */
    /* Of a setting of the command line: what the file's row that it replaces says, whose unit a
     * number without one takes. NULL: it replaces none. */
    char *row_value, *row_unit;
};

/* The key of a row that names a file to include, and is no setting itself. */
#define SQZ_SETTING_INCLUDE "include"

enum { SQZ_SETTING_MAX = 4096 }; /* a longer value is refused */

/* A file whose rows a scenario takes in. */
struct sqz_included {
    char *path;
    struct sqz_digest digest;
};

struct sqz_settings {
    struct sqz_setting *item;
    size_t count, capacity;
    const struct sqz_registry *registry;   /* whose former keys are known; NULL: none is */
    const struct sqz_memory_files *memory; /* where files may be, beside the disk; NULL: nowhere
                                              else. Not owned; needed until all is loaded */
    struct sqz_digest digest;              /* of the file that was read */
    struct sqz_included *included;         /* files it includes, in the order they were read */
    size_t n_included;
};

/* Read a scenario file: header key,value,unit[,note]; a key given twice is an error. A former key
 * stands for the present one, here and on the command line. Rows `include,FILE` take in the rows of
 * another file, which may include others: a file's own row replaces one that it takes in, and a key
 * that two files bring which do not include one another is an error. */
int sqz_settings_read(struct sqz_settings *settings, const char *path, struct sqz_diag *diag);
/* Apply one "key=value[unit]" of the command line, replacing what the file says. A number without a
 * unit has that of the file's row for the key, or the key's own if there is no row. */
int sqz_settings_override(struct sqz_settings *settings, const char *assignment,
                          struct sqz_diag *diag);
/* Record a value that the program worked out itself; its origin is "default". NULL: no memory. */
struct sqz_setting *sqz_settings_add(struct sqz_settings *settings, const char *key,
                                     const char *value, const char *unit, struct sqz_diag *diag);
struct sqz_setting *sqz_settings_find(const struct sqz_settings *settings, const char *key);
/* Safe on zeroed settings. */
void sqz_settings_free(struct sqz_settings *settings);

/* The file a setting names, as a path that can be opened; "-", standard input, is itself. Caller
 * frees; NULL: no memory. */
char *sqz_setting_path(const struct sqz_setting *setting);
/* Where a diagnostic is of that file as a whole (it is not there, it is empty), add which setting
 * names it. */
void sqz_setting_cite(const struct sqz_setting *setting, struct sqz_diag *diag);

/* The resolved settings as scenario reports and manifests carry them: a list of key, value, unit,
 * origin. A new reference. */
json_t *sqz_settings_json(const struct sqz_settings *settings);

/* Give a diagnostic that names a key but no place the place where that key was set. */
void sqz_settings_locate(const struct sqz_settings *settings, struct sqz_diag *diag);

/* Remark that a key is a former name of another. SQZ_OK or SQZ_ERR_NOMEM. */
int sqz_remark_renamed(struct sqz_remarks *remarks, const char *file, long line, const char *former,
                       const char *key);
/* Remark on every setting whose key was written by a former name. */
int sqz_settings_remark(const struct sqz_settings *settings, struct sqz_remarks *remarks,
                        struct sqz_diag *diag);

#endif
