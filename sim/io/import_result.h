/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an import found, as JSON: squeeze/import-1. */
#ifndef SQZ_IO_IMPORT_RESULT_H
#define SQZ_IO_IMPORT_RESULT_H

#include "sim/io/import_levels.h"

/* A map as it is written, and what it can be. Notionals of `levels` are scaled. */
struct sqz_import_answer {
    struct sqz_import_levels levels;
    double scale;             /* by which the file's notionals were multiplied */
    double standstill_scale;  /* of the file's own notionals; INFINITY: none */
    double zone_distance_log; /* at the file's own notionals; INFINITY: no danger zone */
    double zone_median_s;
};

struct sqz_import_result {
    const struct sqz_import *import;
    const struct sqz_import_answer *answer;  /* one; of a history one for each time, ascending */
    size_t answers;                          /* 0: no maps */
    double depth_usd, volatility_per_sqrt_s; /* assumed for the standstill scale */
    const char *output;                      /* what was written; NULL: nothing */
};

/* "measured" or "modelled". */
const char *sqz_import_coverage(const struct sqz_import *import);

/* Rows of the file that is made of an import without maps. */
size_t sqz_import_row_count(const struct sqz_import *import);

/* What open positions are worth at their marks (or else entries), by side. */
void sqz_import_positions_usd(const struct sqz_import *import, double total_usd[2]);

/* What is not in the result: levels, positions or rows of the file, but for what is older than the
 * moment that was asked for, or of another market. */
struct sqz_import_dropped sqz_import_all_dropped(const struct sqz_import *import);

/* Share of the notional by leverage, ascending; of at most `most` leverages, those with most. The
 * number of them. */
struct sqz_import_share {
    double leverage, usd; /* leverage 0: unknown */
};
size_t sqz_import_mix(const struct sqz_import_levels *levels, struct sqz_import_share *share,
                      size_t most);

/* Print the object. SQZ_ERR_NOMEM or SQZ_ERR_IO. */
int sqz_import_result_json(FILE *file, const struct sqz_import_result *result,
                           struct sqz_diag *diag);

#endif
