/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a figure's script must know of a result, read back from its JSON and manifest.json. */
#ifndef SQZ_IO_RESULT_VIEW_H
#define SQZ_IO_RESULT_VIEW_H

#include <jansson.h>

#include "sim/core/world.h"

/* A measure of a driver that the figure of the drivers shows. */
struct sqz_drawn_measure {
    const char *driver, *name, *unit;
    bool of_venue; /* results of its clearing house, not what a driver does */
};

/* What a result is the result of: each kind has figures of its own. */
enum sqz_result_kind {
    SQZ_RESULT_BATCH = 1 << 0,
    SQZ_RESULT_COMPARISON = 1 << 1,
    SQZ_RESULT_CURVE = 1 << 2, /* a sweep of one key, of two keys, of conditions */
    SQZ_RESULT_PLANE = 1 << 3,
    SQZ_RESULT_TORNADO = 1 << 4,
    SQZ_RESULT_MAP = 1 << 5,
    SQZ_RESULT_IGNITION = 1 << 6,
    SQZ_RESULT_BOUND = 1 << 7,
    SQZ_RESULT_SCORE = 1 << 8,
    SQZ_RESULT_REPLAY = 1 << 9
};

/* One scenario of a comparison. */
struct sqz_scenario_view {
    const char *name, *file;
    double horizon_s, watch_usd[2], watch_p[2], beyond_known_share;
};

/* One varied key of a sweep. */
struct sqz_axis_view {
    const char *key, *unit;
    double points, base; /* base: the scenario's own value, NAN if it has none */
    bool logarithmic;
};

/* What sets a map off; NAN where nothing does. */
struct sqz_ignition_view {
    double goal_usd, push_usd, cost_usd, final_usd, forced_usd, alone_usd;
    bool up, target; /* towards a price above; it is the target, not the floor */
};

/* The largest scale that a record allows: NAN where even none is too much. */
struct sqz_bound_view {
    double upper_95, range_percent, record_s;
    bool open; /* it is beyond the curve */
    const char *begin;
};

/* What a record forces, and the range of the share that explains; NAN: not asked. */
struct sqz_replay_view {
    double forced_usd[2], share_lo, share_hi, move_percent, extreme_usd;
    const char *begin, *against; /* what stands beside it: reported, destroyed or "" */
};

struct sqz_result_view {
    enum sqz_result_kind kind;
    json_t *summary, *manifest; /* owned; strings below point into them. summary: map.json,
                                   ignite.json, bound.json, replay.json or score.json of
                                   those kinds */
    const char *version, *scenario_name, *scenario_file, *seed, *symbol;
    double paths, start_price_usd, horizon_s, levels_scale, short_usd, long_usd;
    double watch_usd[2], watch_p[2], watch_lo[2], watch_hi[2]; /* target, floor; NAN: not set */
    double forced_mean_usd, forced_lo_usd, forced_hi_usd, unforced_share;
    bool attributed;                         /* the result has a world without impact beside it */
    double watch_without_p[2];               /* probability there; NAN: none */
    double beyond_known_share;               /* of the paths; NAN: nothing was simulated */
    double known_percent[2];                 /* up and down */
    double watch_uplift[2][3];               /* what liquidations add, with its interval; NAN */
    long closeup_path, thinned_liquidations; /* on that path; 0: paths.csv has each as a row */
    /* The largest cascade of the close-up path, if there is one: cascade_usd > 0 */
    double cascade_begin_s, cascade_end_s, cascade_usd, cascade_liquidations, cascade_generations;
    size_t n_drawn;
    struct sqz_drawn_measure drawn[SQZ_MEASURES_MAX];
    struct sqz_scenario_view *scenario; /* of a comparison; owned */
    size_t n_scenarios;
    char *files_text;             /* their files; owned */
    struct sqz_axis_view axis[2]; /* of a sweep */
    size_t n_axes;
    double branching_bp; /* scale of the branching ratio in branching.csv; NAN: there is none */
    struct sqz_ignition_view ignition;
    struct sqz_bound_view bound;
    struct sqz_replay_view replay;
    double score_maps, score_days; /* how many were scored, and on how many days */
    char volatility_text[64], book_text[128], sampled_text[128];
    char drivers_text[128];  /* the names of the drivers in force; "" if there are none */
    char execution_text[96]; /* how forced orders take time; "" if they do not */
    bool has_venue;          /* open positions at a venue, not levels */
    char venue_text[256];    /* its name and its tiers; "" if there is none */
};

/* Read the result in `directory`; what its kind does not have stays zero. Free with
 * sqz_result_view_free, also after a failure. */
int sqz_result_view_read(struct sqz_result_view *view, const char *directory,
                         struct sqz_diag *diag);
void sqz_result_view_free(struct sqz_result_view *view);

#endif
