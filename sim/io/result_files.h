/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The files of results: the one list that writers, readers, cleanup and figures share. Who writes a
 * new file adds it here. */
#ifndef SQZ_IO_RESULT_FILES_H
#define SQZ_IO_RESULT_FILES_H

#include <stdbool.h>
#include <stddef.h>

enum sqz_result_file {
    SQZ_FILE_MANIFEST,
    SQZ_FILE_SUMMARY,
    SQZ_FILE_FAN,
    SQZ_FILE_PATHS,
    SQZ_FILE_OUTCOMES,
    SQZ_FILE_STATE, /* tallies of all paths, to add more (sim/batch/store.h) */
    SQZ_FILE_HISTOGRAMS,
    SQZ_FILE_MAP, /* the ladder in bins */
    SQZ_FILE_MAP_ANSWER,
    SQZ_FILE_BRANCHING,
    SQZ_FILE_ZONES,
    SQZ_FILE_IGNITION_ANSWER,
    SQZ_FILE_IGNITION, /* the curve */
    SQZ_FILE_JUMPS,
    SQZ_FILE_DRIVERS,
    SQZ_FILE_DIFFERENCES,
    SQZ_FILE_POINTS,
    SQZ_FILE_BOUND_ANSWER,
    SQZ_FILE_BOUND, /* the curve */
    SQZ_FILE_SCORE_ANSWER,
    SQZ_FILE_SCORE, /* differences of scores */
    SQZ_FILE_PIT,
    SQZ_FILE_RELIABILITY,
    SQZ_FILE_REPLAY_ANSWER,
    SQZ_FILE_REPLAY,  /* bars and what they forced */
    SQZ_FILE_EXPLAIN, /* shares by depth and scale */
    SQZ_RESULT_FILES
};

/* "fan.csv" */
const char *sqz_result_file_name(enum sqz_result_file file);

/* Figures are scripts of that name, and drawings beside them. */
enum sqz_figure {
    SQZ_FIGURE_MAP,
    SQZ_FIGURE_IGNITION,
    SQZ_FIGURE_FAN,
    SQZ_FIGURE_DISTRIBUTION,
    SQZ_FIGURE_CLOSEUP,
    SQZ_FIGURE_DRIVERS,
    SQZ_FIGURE_COMPARISON,
    SQZ_FIGURE_EXCEEDANCE,
    SQZ_FIGURE_SWEEP,
    SQZ_FIGURE_PHASE,
    SQZ_FIGURE_TORNADO,
    SQZ_FIGURE_BOUND,
    SQZ_FIGURE_SCORE,
    SQZ_FIGURE_PIT,
    SQZ_FIGURE_RELIABILITY,
    SQZ_FIGURE_REPLAY,
    SQZ_FIGURES
};

/* "fan" */
const char *sqz_figure_name(enum sqz_figure figure);

/* Whether `directory` has every file that the figure reads, those of its parts aside. */
bool sqz_figure_has_data(enum sqz_figure figure, const char *directory);

/* Every name that a result may hold, by a running index, data files first; NULL: no more. `buffer`
 * is for names that are put together. */
enum { SQZ_RESULT_NAME_SIZE = 32 };
const char *sqz_result_name_at(size_t index, char buffer[SQZ_RESULT_NAME_SIZE]);

#endif
