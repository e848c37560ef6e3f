/* From settings to parameter structs, by the tables that give them meaning. */
#ifndef SQZ_IO_PARAMS_H
#define SQZ_IO_PARAMS_H

#include "sim/io/settings.h"

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

#endif
