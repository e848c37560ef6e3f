/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/drawing.h"

#include <stdio.h>

#include "sim/plot/plot.h"

int sqz_drawing_commit(struct sqz_result_dir *dir, struct sqz_diag *diag)
{
    int error = sqz_plot_scripts(dir->staging.path, true, diag);
    if (error == SQZ_ERR_DATA) /* what was just written is sound, and jansson does not tell */
        error = sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for the scripts of figures");
    return error == SQZ_OK ? sqz_result_dir_commit(dir, diag) : error;
}

void sqz_drawing_say(const struct sqz_options *options, const char *directory)
{
    int figures = sqz_plot_count(directory);
    if (figures > 0 && !options->quiet)
        fprintf(stderr, "squeeze: drawing %d figure%s ...\n", figures, figures == 1 ? "" : "s");
}

int sqz_drawing_make(const struct sqz_options *options, const char *directory,
                     struct sqz_diag *diag)
{
    if (options->no_plot)
        return SQZ_OK;
    sqz_drawing_say(options, directory);
    int error = sqz_plot_draw(directory, options->formats, options->width_mm, diag);
    if (error != SQZ_ERR_UNSUPPORTED)
        return error;
    if (!options->quiet)
        fprintf(stderr,
                "squeeze: gnuplot is not installed, so no figure was drawn; the scripts are in "
                "%s (install gnuplot, then: squeeze plot %s)\n",
                options->output, options->output);
    return SQZ_OK;
}
