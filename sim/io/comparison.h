/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The answer of a comparison: several scenarios on the same exogenous paths, each against the
 * first. */
#ifndef SQZ_IO_COMPARISON_H
#define SQZ_IO_COMPARISON_H

#include "sim/io/difference.h"
#include "sim/io/manifest.h"
#include "sim/io/result_dir.h"
#include "sim/io/summary.h"

/* One scenario of a comparison. */
struct sqz_compared {
    const struct sqz_scenario *scenario;
    char *name; /* label of the scenario, made unique; owned */
    struct sqz_summary summary;
    struct sqz_difference difference; /* to the first; not of the first itself */
};

/* Owns `item`. */
struct sqz_comparison {
    struct sqz_compared *item; /* the base first */
    size_t count;
};

/* Make room for `count` scenarios, and name them: by their label, with the file's name where labels
 * are equal, and a number where that is equal too. Summaries and differences are left to be filled
 * in. Free also after a failure. */
int sqz_comparison_init(struct sqz_comparison *comparison, const struct sqz_scenario *scenario,
                        size_t count, struct sqz_diag *diag);
/* Safe on a zeroed comparison. */
void sqz_comparison_free(struct sqz_comparison *comparison);

/* The object of schema squeeze/compare-1; a new reference, NULL: no memory. */
json_t *sqz_comparison_json(const struct sqz_comparison *comparison);

/* manifest.json, summary.json and differences.csv of a comparison, in which scenarios are numbered
 * from 1; each has a part of the result. */
int sqz_comparison_write(const struct sqz_comparison *comparison, const struct sqz_result_dir *dir,
                         const struct sqz_run_record *record, struct sqz_diag *diag);

#endif
