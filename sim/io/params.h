/* From text to parameter structs: settings as they were written, and tables that give them meaning.
 */
#ifndef SQZ_IO_PARAMS_H
#define SQZ_IO_PARAMS_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include "sim/core/model.h"
#include "sim/io/csv.h"

/* One key of a scenario with its value as written. Owns its strings. */
struct sqz_setting {
    char *key, *value, *unit, *note;
    char *file; /* where it was written: a file, "--set", or NULL for a default */
    long line;  /* 0 when not from a file */
    bool used;  /* some table knew it */
    /* Of a setting of the command line: what the file's row that it replaces says, whose unit a
     * number without one takes. NULL: it replaces none. */
    char *row_value, *row_unit;
};

enum { SQZ_SETTING_MAX = 4096 }; /* a longer value is refused */

struct sqz_settings {
    struct sqz_setting *item;
    size_t count, capacity;
    struct sqz_digest digest;              /* of the file that was read */
    const struct sqz_memory_files *memory; /* where files may be, beside the disk; NULL: nowhere
                                              else. Not owned; needed until all is loaded */
};

/* Read a scenario file: header key,value,unit[,note]; a key given twice is an error. */
int sqz_settings_read(struct sqz_settings *settings, const char *path, struct sqz_diag *diag);
/* Apply one "key=value[unit]" of the command line, replacing what the file says. A number without a
 * unit has that of the file's row for the key, or the key's own if there is no row. */
int sqz_settings_override(struct sqz_settings *settings, const char *assignment,
                          struct sqz_diag *diag);
/* Record a value that the program worked out itself; its origin is "default". */
int sqz_settings_add(struct sqz_settings *settings, const char *key, const char *value,
                     const char *unit, struct sqz_diag *diag);
struct sqz_setting *sqz_settings_find(const struct sqz_settings *settings, const char *key);
/* Safe on zeroed settings. */
void sqz_settings_free(struct sqz_settings *settings);

/* A table of parameters and the struct it fills. */
struct sqz_param_group {
    const struct sqz_param *table;
    size_t count;
    void *target;
};

/* Fill `group->target` from `settings`; what is missing takes its default, which is added to the
 * settings so that they hold every resolved key. Text values stay owned by the settings; tables
 * read from files are owned by the target until sqz_params_release. Relative file names are
 * relative to the file that names them, or to the current directory if given by --set. */
int sqz_params_fill(const struct sqz_param_group *group, struct sqz_settings *settings,
                    struct sqz_diag *diag);
/* Free the tables inside the target; safe on a zeroed target. */
void sqz_params_release(const struct sqz_param_group *group);

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

#endif
