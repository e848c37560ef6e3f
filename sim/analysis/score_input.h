/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Maps and a record paired for scoring: ladders around the price at each map's time, what
 * volatility was to be expected then, and what happened. Nothing of a pair's expectation is taken
 * from after its time. */
#ifndef SQZ_ANALYSIS_SCORE_INPUT_H
#define SQZ_ANALYSIS_SCORE_INPUT_H

#include "sim/analysis/score.h"
#include "sim/analysis/volatility.h"
#include "sim/io/map_index.h"
#include "sim/io/record.h"

enum { SQZ_SCORE_LIST_MAX = 16 };

struct sqz_score_input {
    struct sqz_map_index index;
    struct sqz_record record;
    struct sqz_realised realised;
    double horizon_s[SQZ_SCORE_LIST_MAX];
    size_t n_horizons;
    struct sqz_score_map *map; /* those whose time is in the record; owned, with their ladders */
    size_t n_maps;
    struct sqz_score_ahead *ahead; /* of all maps; owned */
};

/* Read the record; the index has been read. Free the input after success and failure alike. */
int sqz_score_input_read(struct sqz_score_input *input, const char *record,
                         struct sqz_remarks *remarks, struct sqz_diag *diag);
/* Safe on a zeroed one. */
void sqz_score_input_free(struct sqz_score_input *input);

/* Pair them over the horizons that are set. A map is scored on the first bar that opens at or after
 * its time; its levels keep their prices. What cannot be scored is a remark; SQZ_ERR_DATA where
 * nothing can. */
int sqz_score_input_pair(struct sqz_score_input *input, uint64_t seed, bool allow_crossed,
                         struct sqz_remarks *remarks, struct sqz_diag *diag);

#endif
