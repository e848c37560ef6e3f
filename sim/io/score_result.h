/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The answer of `squeeze score`: what it says, as JSON and as files. sim/analysis fills it. */
#ifndef SQZ_IO_SCORE_RESULT_H
#define SQZ_IO_SCORE_RESULT_H

#include "sim/core/estimate.h"
#include "sim/io/json.h"
#include "sim/io/remarks.h"
#include "sim/io/result_dir.h"

/* The worlds that are scored. */
enum sqz_score_world {
    SQZ_SCORE_NONE, /* without impact: the null */
    SQZ_SCORE_MAP,
    SQZ_SCORE_MIRROR,   /* the map's shorts as longs as far below, and the reverse */
    SQZ_SCORE_SHUFFLED, /* the map of another time */
    SQZ_SCORE_CONSTANT, /* without impact, at the mean volatility of all that was recorded before */
    SQZ_SCORE_WORLDS
};

enum { SQZ_SCORE_EXTREMES = 2 }; /* peak and trough, indexed by enum sqz_side */

/* One horizon and scale. Scores are CRPS of peak plus trough in units of sigma sqrt(h); of
 * differences less than 0 is better. */
struct sqz_score_row {
    double horizon_s, scale;
    size_t maps; /* with an outcome over the horizon */
    struct sqz_estimate crps_none, minus_none[SQZ_SCORE_WORLDS];
    struct sqz_estimate map_minus_mirror, map_minus_shuffled;
    double ks_p[2][SQZ_SCORE_EXTREMES]; /* of the PIT under no map and under the map */
    size_t apart;                       /* maps whose horizons do not overlap: those of ks_p */
    double uplift;                      /* mean gain over no map if every map were true */
    double maps_needed; /* independent ones, to see it: 80 % power at 5 %; NAN: no uplift */
};

/* The largest cluster of each side of every map, over one horizon. */
struct sqz_score_touch {
    double horizon_s;
    size_t n;
    struct sqz_estimate observed, residual; /* residual: observed less the law without impact */
    double without_impact;                  /* mean probability by the closed form */
};

/* One PIT value of a figure. */
struct sqz_score_pit {
    size_t row; /* of the horizon and scale */
    double value[2][SQZ_SCORE_EXTREMES];
};

/* Clusters whose probability without impact was about the same. */
struct sqz_score_bin {
    double horizon_s, lo, hi, predicted;
    struct sqz_estimate observed;
    size_t n;
};

struct sqz_score {
    uint64_t seed, paths, cut_off; /* cut_off: paths of all worlds that --max-events ended early */
    size_t maps, days;
    struct sqz_score_row *row; /* horizon by horizon, scales within; owned */
    size_t n_rows, n_scales;
    struct sqz_score_touch *touch; /* a row per horizon; owned */
    size_t n_horizons;
    struct sqz_score_pit *pit; /* owned */
    size_t n_pits;
    struct sqz_score_bin *bin; /* owned */
    size_t n_bins;
};

/* Safe on a zeroed or already freed one. */
void sqz_score_free(struct sqz_score *score);

/* The object of schema squeeze/score-1; a new reference, NULL: no memory. */
json_t *sqz_score_json(const struct sqz_score *score, const char *index,
                       const struct sqz_remarks *remarks);

/* score.csv: horizon_s,scale,world,difference,lo,hi of each world less none; pit.csv:
 * horizon_s,scale,world,extreme,value; reliability.csv: horizon_s,lo,hi,predicted,observed,
 * observed_lo,observed_hi,n. */
int sqz_results_score(const struct sqz_result_dir *dir, const struct sqz_score *score,
                      struct sqz_diag *diag);

#endif
