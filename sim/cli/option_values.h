/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Values of options. Each returns SQZ_OK, or SQZ_ERR_USAGE with a sentence at the option `name`. */
#ifndef SQZ_CLI_OPTION_VALUES_H
#define SQZ_CLI_OPTION_VALUES_H

#include <stdint.h>

#include "sim/cli/options.h"

/* A whole number from `least` to `most`. */
int sqz_option_count(const char *name, const char *text, uint64_t least, uint64_t most,
                     uint64_t *value, struct sqz_diag *diag);

/* The same, also in thousands and millions: 1e4, 10k. */
int sqz_option_amount(const char *name, const char *text, uint64_t least, uint64_t most,
                      uint64_t *value, struct sqz_diag *diag);

/* A number above 0 and up to `most`. */
int sqz_option_positive(const char *name, const char *text, double most, double *value,
                        struct sqz_diag *diag);

/* An amount of dollars above 0, as 30M. */
int sqz_option_usd(const char *name, const char *text, double *value, struct sqz_diag *diag);

/* up or down. */
int sqz_option_side(const char *text, enum sqz_towards *towards, struct sqz_diag *diag);

/* A list of svg, png and pdf: bits of enum sqz_plot_format. */
int sqz_option_formats(const char *text, int *formats, struct sqz_diag *diag);

/* The width of a figure, in mm or px, as mm. */
int sqz_option_width(const char *text, double *width_mm, struct sqz_diag *diag);

#endif
