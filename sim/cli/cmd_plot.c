/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>

#include "sim/cli/commands.h"
#include "sim/cli/drawing.h"
#include "sim/cli/layout.h"
#include "sim/plot/plot.h"

int sqz_cmd_plot(const struct sqz_options *options, struct sqz_diag *diag)
{
    const char *directory = options->operand[0];
    char harmless[1024];
    if (!options->force && !options->quiet && sqz_plot_count(directory) > 0)
        fprintf(
            stderr,
            "squeeze: the scripts in %s are run as they are, and scripts are code: draw so only "
            "what you trust (--force writes them anew)\n",
            sqz_layout_harmless(harmless, sizeof harmless, directory));
    int error = sqz_plot_scripts(directory, options->force, diag);
    if (error == SQZ_OK)
        sqz_drawing_say(options, directory);
    if (error == SQZ_OK)
        error = sqz_plot_draw(directory, options->formats, options->width_mm, diag);
    if (error == SQZ_ERR_UNSUPPORTED)
        return sqz_fail(diag, SQZ_ERR_IO,
                        "gnuplot is not installed, so nothing was drawn; the scripts are in %s",
                        directory);
    if (error == SQZ_OK && !options->quiet)
        fprintf(stderr, "squeeze: figures drawn in %s%s\n",
                sqz_layout_harmless(harmless, sizeof harmless, directory),
                options->force ? "" : " (scripts that were there are kept; --force rewrites them)");
    return error;
}
