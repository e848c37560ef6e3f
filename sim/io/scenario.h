/* A scenario: its settings, the parameters they resolve to, and the world prepared from them. */
#ifndef SQZ_IO_SCENARIO_H
#define SQZ_IO_SCENARIO_H

#include <stdbool.h>

#include "sim/core/world.h"
#include "sim/io/drivers.h"
#include "sim/io/params.h"
#include "sim/io/position_set.h"
#include "sim/io/remarks.h"

/* What a scenario says beyond its models. Prices in USD, times in seconds, NAN when unset. */
struct sqz_scenario_params {
    const char *name, *symbol, *levels, *positions, *venue;
    double price_usd, horizon_s, levels_scale, target_usd, floor_usd;
    double attrition_per_s, topup;
    double drift_per_s, volatility_per_sqrt_s, peak_resolution_log;
    double mark_window_s, latency_s, slice_usd_per_s, slice_interval_s;
    int impact, trigger, latency_law; /* index into the choices of the key */
    const char *book;
};

/* The families that a scenario fills: those every one may have, its book, its venue, its drivers.
 */
enum { SQZ_SCENARIO_GROUPS_MAX = 6 + SQZ_DRIVERS_MAX };

/* Owns everything it points to. Do not copy: `world` and the groups point into it. */
struct sqz_scenario {
    char *file, *levels_file; /* as opened; levels_file NULL where there are positions */
    struct sqz_digest levels_digest;
    struct sqz_settings settings;
    struct sqz_param_group group[SQZ_SCENARIO_GROUPS_MAX]; /* what the settings fill, in order */
    size_t groups;
    struct sqz_remarks remarks; /* made in reading it, and by who looked at it since */
    struct sqz_scenario_params params;
    struct sqz_book_params book_params;
    const struct sqz_book_model *book_model;
    void *shape_params, *shape_shared;
    struct sqz_book book;
    struct sqz_driver_set drivers;
    struct sqz_position_set reg; /* of open positions, if the ladder is made of them */
    struct sqz_ladder ladder;
    struct sqz_world world;
};

struct sqz_load_options {
    const char *const *set; /* "key=value[unit]" assignments, in order */
    size_t n_set;
    bool allow_crossed;
};

/* Read, check and prepare the scenario at `path`. On failure nothing is left to free, and `diag`
 * names file, line and key. */
int sqz_scenario_load(struct sqz_scenario *scenario, const char *path,
                      const struct sqz_load_options *options, const struct sqz_registry *registry,
                      struct sqz_diag *diag);

/* The parameter that a key stands for: one that any scenario may carry, one of this scenario's
 * book, or one of any driver. SQZ_ERR_DATA, reported as an error at `origin`, if there is none. */
int sqz_scenario_find_param(const struct sqz_scenario *scenario,
                            const struct sqz_registry *registry, const char *key,
                            const char *origin, const struct sqz_param **param,
                            struct sqz_diag *diag);

/* What to call it: its name, or its file where it has none. Owned by the scenario. */
const char *sqz_scenario_label(const struct sqz_scenario *scenario);

/* The most that can be forced on one path: the notional of both sides, scaled. */
double sqz_scenario_notional_usd(const struct sqz_scenario *scenario);

/* Safe on a zeroed or already freed scenario. */
void sqz_scenario_free(struct sqz_scenario *scenario);

/* Call `visit` for every file that was read, with the hash of what was read: the scenario, its
 * levels, its models' tables. */
void sqz_scenario_files(const struct sqz_scenario *scenario,
                        void (*visit)(void *context, const char *path, const char *sha256),
                        void *context);

/* Keys that every scenario may carry, for `squeeze models`. */
extern const struct sqz_param sqz_scenario_param_table[];
extern const size_t sqz_scenario_param_count;

#endif
