/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Figures: gnuplot scripts written into a result directory, and drawn where gnuplot is installed.
 */
#ifndef SQZ_PLOT_PLOT_H
#define SQZ_PLOT_PLOT_H

#include <stdbool.h>

#include "sim/core/error.h"

enum sqz_plot_format { SQZ_PLOT_SVG = 1, SQZ_PLOT_PNG = 2, SQZ_PLOT_PDF = 4 };

/* Write the scripts of every figure into `directory`, which holds a result; scripts that are there
 * are kept, for a person may have edited them, unless `rewrite`. */
int sqz_plot_scripts(const char *directory, bool rewrite, struct sqz_diag *diag);

/* How many figures `directory` has scripts for. */
int sqz_plot_count(const char *directory);

/* Draw every figure of `directory` that has a script in each of `formats` (a sum of enum
 * sqz_plot_format), `width_mm` wide; 0: as wide as the scripts say, which is a page.
 * SQZ_ERR_UNSUPPORTED: gnuplot is not installed. */
int sqz_plot_draw(const char *directory, int formats, double width_mm, struct sqz_diag *diag);

#endif
