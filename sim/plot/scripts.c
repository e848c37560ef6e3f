#include "sim/plot/scripts.h"

#include <stddef.h>

/* The bytes of a file as a NUL-terminated string; the path is relative to the top of the project.
 */
#define EMBED(symbol, path)                                                                        \
    __asm__(".section .rodata\n"                                                                   \
            ".global " #symbol "\n" #symbol ":\n"                                                  \
            ".incbin \"" path "\"\n"                                                               \
            ".byte 0\n"                                                                            \
            ".previous\n");                                                                        \
    extern const char symbol[]

EMBED(sqz_plot_common, "sim/plot/common.gp");
EMBED(sqz_plot_map, "sim/plot/map.gp");
EMBED(sqz_plot_fan, "sim/plot/fan.gp");
EMBED(sqz_plot_distribution, "sim/plot/distribution.gp");
EMBED(sqz_plot_closeup, "sim/plot/closeup.gp");

const struct sqz_plot_script sqz_plot_figures[] = {
    {"map", sqz_plot_map},         {"fan", sqz_plot_fan}, {"distribution", sqz_plot_distribution},
    {"closeup", sqz_plot_closeup}, {NULL, NULL},
};
