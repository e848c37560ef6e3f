/* SPDX-License-Identifier: GPL-3.0-or-later */
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
EMBED(sqz_plot_bound, "sim/plot/bound.gp");
EMBED(sqz_plot_replay, "sim/plot/replay.gp");
EMBED(sqz_plot_score, "sim/plot/score.gp");
EMBED(sqz_plot_pit, "sim/plot/pit.gp");
EMBED(sqz_plot_reliability, "sim/plot/reliability.gp");

const struct sqz_plot_script sqz_plot_figures[SQZ_FIGURES] = {
    [SQZ_FIGURE_MAP] = {SQZ_RESULT_BATCH | SQZ_RESULT_MAP, {sqz_plot_map}},
    [SQZ_FIGURE_IGNITION] = {SQZ_RESULT_IGNITION, {sqz_plot_ignition}},
    [SQZ_FIGURE_FAN] = {SQZ_RESULT_BATCH, {sqz_plot_fan}},
    [SQZ_FIGURE_DISTRIBUTION] = {SQZ_RESULT_BATCH, {sqz_plot_distribution}},
    [SQZ_FIGURE_CLOSEUP] = {SQZ_RESULT_BATCH, {sqz_plot_window, sqz_plot_closeup, sqz_plot_price}},
    [SQZ_FIGURE_DRIVERS] = {SQZ_RESULT_BATCH, {sqz_plot_window, sqz_plot_drivers, sqz_plot_price}},
    [SQZ_FIGURE_COMPARISON] = {SQZ_RESULT_COMPARISON, {sqz_plot_several, sqz_plot_comparison}},
    [SQZ_FIGURE_EXCEEDANCE] = {SQZ_RESULT_COMPARISON, {sqz_plot_several, sqz_plot_exceedance}},
    [SQZ_FIGURE_SWEEP] = {SQZ_RESULT_CURVE, {sqz_plot_axes, sqz_plot_sweep}},
    [SQZ_FIGURE_PHASE] = {SQZ_RESULT_PLANE, {sqz_plot_axes, sqz_plot_phase}},
    [SQZ_FIGURE_TORNADO] = {SQZ_RESULT_TORNADO, {sqz_plot_axes, sqz_plot_tornado}},
    [SQZ_FIGURE_BOUND] = {SQZ_RESULT_BOUND, {sqz_plot_bound}},
    [SQZ_FIGURE_REPLAY] = {SQZ_RESULT_REPLAY, {sqz_plot_replay}},
    [SQZ_FIGURE_SCORE] = {SQZ_RESULT_SCORE, {sqz_plot_score}},
    [SQZ_FIGURE_PIT] = {SQZ_RESULT_SCORE, {sqz_plot_pit}},
    [SQZ_FIGURE_RELIABILITY] = {SQZ_RESULT_SCORE, {sqz_plot_reliability}},
};
