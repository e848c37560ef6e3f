/* The gnuplot texts beside this file, embedded by the assembler. */
#ifndef SQZ_PLOT_SCRIPTS_H
#define SQZ_PLOT_SCRIPTS_H

#include "sim/io/result_view.h"

enum { SQZ_PLOT_PARTS = 4 };

struct sqz_plot_script {
    const char *name;
    unsigned kinds;   /* of the results that have this figure: a sum of enum sqz_result_kind */
    const char *data; /* the figure is there where this file of a result is; NULL: always */
    const char *part[SQZ_PLOT_PARTS]; /* its texts in order; NULL ends them */
};

/* What every figure's script begins with, after its constants. */
extern const char sqz_plot_common[];

/* One per figure; name NULL ends it. */
extern const struct sqz_plot_script sqz_plot_figures[];

#endif
