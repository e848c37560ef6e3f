/* The gnuplot texts beside this file, embedded by the assembler. */
#ifndef SQZ_PLOT_SCRIPTS_H
#define SQZ_PLOT_SCRIPTS_H

#include "sim/io/result_files.h"
#include "sim/io/result_view.h"

enum { SQZ_PLOT_PARTS = 4 };

struct sqz_plot_script {
    unsigned kinds; /* of the results that have this figure: a sum of enum sqz_result_kind */
    const char *part[SQZ_PLOT_PARTS]; /* its texts in order; NULL ends them */
};

/* What every figure's script begins with, after its constants. */
extern const char sqz_plot_common[];

extern const struct sqz_plot_script sqz_plot_figures[SQZ_FIGURES];

#endif
