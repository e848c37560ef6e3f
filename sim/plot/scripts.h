/* The gnuplot texts beside this file, embedded by the assembler. */
#ifndef SQZ_PLOT_SCRIPTS_H
#define SQZ_PLOT_SCRIPTS_H

struct sqz_plot_script {
    const char *name, *text;
};

/* What every figure's script begins with, after its constants. */
extern const char sqz_plot_common[];

/* One per figure; name NULL ends it. */
extern const struct sqz_plot_script sqz_plot_figures[];

#endif
