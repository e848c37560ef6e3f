/* Figures of results that are in place, as the options ask for them. */
#ifndef SQZ_CLI_DRAWING_H
#define SQZ_CLI_DRAWING_H

#include "sim/cli/options.h"
#include "sim/io/result_dir.h"

/* Write the figures' scripts beside the data of a result, and put it in place. */
int sqz_drawing_commit(struct sqz_result_dir *dir, struct sqz_diag *diag);

/* Say on standard error, unless the user wants quiet, how many figures are about to be drawn. */
void sqz_drawing_say(const struct sqz_options *options, const char *directory);

/* Draw the figures of a result that is in place, unless the user wants none. Without gnuplot there
 * are none, and no failure. */
int sqz_drawing_make(const struct sqz_options *options, const char *directory,
                     struct sqz_diag *diag);

#endif
