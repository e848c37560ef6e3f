/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/result_files.h"

#include <limits.h>
#include <stdio.h>
#include <unistd.h>

static const char *const FILES[SQZ_RESULT_FILES] = {
    [SQZ_FILE_MANIFEST] = "manifest.json",
    [SQZ_FILE_SUMMARY] = "summary.json",
    [SQZ_FILE_FAN] = "fan.csv",
    [SQZ_FILE_PATHS] = "paths.csv",
    [SQZ_FILE_OUTCOMES] = "outcomes.csv",
    [SQZ_FILE_STATE] = "state.bin",
    [SQZ_FILE_HISTOGRAMS] = "histograms.csv",
    [SQZ_FILE_MAP] = "map.csv",
    [SQZ_FILE_MAP_ANSWER] = "map.json",
    [SQZ_FILE_BRANCHING] = "branching.csv",
    [SQZ_FILE_ZONES] = "zones.csv",
    [SQZ_FILE_IGNITION_ANSWER] = "ignite.json",
    [SQZ_FILE_IGNITION] = "ignition.csv",
    [SQZ_FILE_JUMPS] = "jumps.csv",
    [SQZ_FILE_DRIVERS] = "drivers.csv",
    [SQZ_FILE_DIFFERENCES] = "differences.csv",
    [SQZ_FILE_POINTS] = "points.csv",
    [SQZ_FILE_BOUND_ANSWER] = "bound.json",
    [SQZ_FILE_BOUND] = "bound.csv",
    [SQZ_FILE_SCORE_ANSWER] = "score.json",
    [SQZ_FILE_SCORE] = "score.csv",
    [SQZ_FILE_PIT] = "pit.csv",
    [SQZ_FILE_RELIABILITY] = "reliability.csv",
    [SQZ_FILE_REPLAY_ANSWER] = "replay.json",
    [SQZ_FILE_REPLAY] = "replay.csv",
    [SQZ_FILE_EXPLAIN] = "explain.csv",
};

#define READS(file) (1u << SQZ_FILE_##file)

static const struct {
    const char *name;
    unsigned reads; /* a bit for each file */
} FIGURES[SQZ_FIGURES] = {
    [SQZ_FIGURE_MAP] = {"map", READS(MAP) | READS(BRANCHING)},
    [SQZ_FIGURE_IGNITION] = {"ignition", READS(IGNITION) | READS(JUMPS)},
    [SQZ_FIGURE_FAN] = {"fan", READS(FAN) | READS(PATHS)},
    [SQZ_FIGURE_DISTRIBUTION] = {"distribution", READS(HISTOGRAMS)},
    [SQZ_FIGURE_CLOSEUP] = {"closeup", READS(PATHS)},
    [SQZ_FIGURE_DRIVERS] = {"drivers", READS(DRIVERS)},
    [SQZ_FIGURE_COMPARISON] = {"comparison", READS(DIFFERENCES)},
    [SQZ_FIGURE_EXCEEDANCE] = {"exceedance", 0},
    [SQZ_FIGURE_SWEEP] = {"sweep", READS(POINTS)},
    [SQZ_FIGURE_PHASE] = {"phase", READS(POINTS)},
    [SQZ_FIGURE_TORNADO] = {"tornado", READS(POINTS)},
    [SQZ_FIGURE_BOUND] = {"bound", READS(BOUND)},
    [SQZ_FIGURE_SCORE] = {"score", READS(SCORE)},
    [SQZ_FIGURE_PIT] = {"pit", READS(PIT)},
    [SQZ_FIGURE_RELIABILITY] = {"reliability", READS(RELIABILITY)},
    [SQZ_FIGURE_REPLAY] = {"replay", READS(REPLAY)},
};

static const char *const SUFFIX[] = {"gp", "svg", "png", "pdf"};
enum { SUFFIXES = sizeof SUFFIX / sizeof SUFFIX[0] };

const char *sqz_result_file_name(enum sqz_result_file file)
{
    return FILES[file];
}

const char *sqz_figure_name(enum sqz_figure figure)
{
    return FIGURES[figure].name;
}

bool sqz_figure_has_data(enum sqz_figure figure, const char *directory)
{
    char path[PATH_MAX];
    for (int file = 0; file < SQZ_RESULT_FILES; file++) {
        snprintf(path, sizeof path, "%s/%s", directory, FILES[file]);
        if ((FIGURES[figure].reads & 1u << file) != 0 && access(path, F_OK) != 0)
            return false;
    }
    return true;
}

const char *sqz_result_name_at(size_t index, char buffer[SQZ_RESULT_NAME_SIZE])
{
    if (index < SQZ_RESULT_FILES)
        return FILES[index];
    index -= SQZ_RESULT_FILES;
    if (index >= SQZ_FIGURES * SUFFIXES)
        return NULL;
    snprintf(buffer, SQZ_RESULT_NAME_SIZE, "%s.%s", FIGURES[index / SUFFIXES].name,
             SUFFIX[index % SUFFIXES]);
    return buffer;
}
