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
EMBED(sqz_plot_ignition, "sim/plot/ignition.gp");
EMBED(sqz_plot_fan, "sim/plot/fan.gp");
EMBED(sqz_plot_distribution, "sim/plot/distribution.gp");
EMBED(sqz_plot_window, "sim/plot/window.gp");
EMBED(sqz_plot_closeup, "sim/plot/closeup.gp");
EMBED(sqz_plot_drivers, "sim/plot/drivers.gp");
EMBED(sqz_plot_price, "sim/plot/price.gp");
EMBED(sqz_plot_several, "sim/plot/several.gp");
EMBED(sqz_plot_comparison, "sim/plot/comparison.gp");
EMBED(sqz_plot_exceedance, "sim/plot/exceedance.gp");
EMBED(sqz_plot_axes, "sim/plot/axes.gp");
EMBED(sqz_plot_sweep, "sim/plot/sweep.gp");
EMBED(sqz_plot_phase, "sim/plot/phase.gp");
EMBED(sqz_plot_tornado, "sim/plot/tornado.gp");

const struct sqz_plot_script sqz_plot_figures[] = {
    {"map", SQZ_RESULT_BATCH | SQZ_RESULT_MAP, NULL, {sqz_plot_map}},
    {"ignition", SQZ_RESULT_IGNITION, NULL, {sqz_plot_ignition}},
    {"fan", SQZ_RESULT_BATCH, NULL, {sqz_plot_fan}},
    {"distribution", SQZ_RESULT_BATCH, NULL, {sqz_plot_distribution}},
    {"closeup", SQZ_RESULT_BATCH, NULL, {sqz_plot_window, sqz_plot_closeup, sqz_plot_price}},
    {"drivers",
     SQZ_RESULT_BATCH,
     "drivers.csv",
     {sqz_plot_window, sqz_plot_drivers, sqz_plot_price}},
    {"comparison", SQZ_RESULT_COMPARISON, NULL, {sqz_plot_several, sqz_plot_comparison}},
    {"exceedance", SQZ_RESULT_COMPARISON, NULL, {sqz_plot_several, sqz_plot_exceedance}},
    {"sweep", SQZ_RESULT_CURVE, NULL, {sqz_plot_axes, sqz_plot_sweep}},
    {"phase", SQZ_RESULT_PLANE, NULL, {sqz_plot_axes, sqz_plot_phase}},
    {"tornado", SQZ_RESULT_TORNADO, NULL, {sqz_plot_axes, sqz_plot_tornado}},
    {NULL, 0, NULL, {NULL}},
};
