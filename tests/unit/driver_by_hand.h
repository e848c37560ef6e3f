/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A driver as a scenario makes it: from the rows and the table of a test to a world that has it,
 * and its functions called by hand as the engine would. */
#ifndef SQZ_TESTS_UNIT_DRIVER_BY_HAND_H
#define SQZ_TESTS_UNIT_DRIVER_BY_HAND_H

#include "tests/unit/scratch.h"

#include <math.h>

#include "models/registry.h"
#include "sim/io/scenario.h"

/* A market whose only level is out of reach, and no step to look for records; rows of a test follow
 * from line 8 on. */
#define MARKET                                                                                     \
    "key,value,unit\nprice,80000,usd\nhorizon,2,d\nlevels,far.csv,\nvolatility,0.025,1/sqrt(d)\n"  \
    "book.depth,14M,usd\npeak.resolution,inf,bp\n"
#define FAR_LEVEL "side,price_usd,notional_usd\nshort,8e15,1\n"

/* Load MARKET with `rows` added, from the scratch folder; `set` (may be NULL) ends with NULL. */
static inline int load_rows(struct scratch *scratch, struct sqz_scenario *scenario,
                            const char *rows, const char *const *set, struct sqz_diag *diag)
{
    char text[2000];
    struct sqz_load_options options = {.set = set};
    while (set != NULL && set[options.n_set] != NULL)
        options.n_set++;
    snprintf(text, sizeof text, "%s%s", MARKET, rows);
    scratch_write(scratch, "far.csv", FAR_LEVEL);
    const char *path = scratch_write(scratch, "s.csv", text);
    return sqz_scenario_load(scenario, path, &options, &sqz_registry, diag);
}

static inline void load_rows_well(struct scratch *scratch, struct sqz_scenario *scenario,
                                  const char *rows, const char *const *set)
{
    struct sqz_diag diag = {0};
    char text[1200];
    if (load_rows(scratch, scenario, rows, set, &diag) == SQZ_OK)
        return;
    sqz_diag_format(&diag, text, sizeof text);
    fail_msg("%s", text);
}

/* Loading must fail with this; `file` lies in the scratch folder. */
static inline void check_rows_error(struct scratch *scratch, const char *rows, const char *file,
                                    long line, const char *field, const char *message)
{
    struct sqz_scenario scenario;
    struct sqz_diag diag = {0};
    char path[160];
    int error = load_rows(scratch, &scenario, rows, NULL, &diag);
    if (error != SQZ_ERR_DATA)
        fail_msg("code %d, expected that %s:%ld: %s: %s", error, file, line, field, message);
    snprintf(path, sizeof path, "%s/%s", scratch->folder, file);
    check_diag(&diag, SQZ_ERR_DATA, path, line, field, message);
}

/* ---- by hand ------------------------------------------------------------------------------- */

/* The one driver of a loaded scenario, on a path of its own. */
struct hand {
    const struct sqz_driver *driver;
    struct sqz_stream stream;
    _Alignas(max_align_t) char state[512];
    struct sqz_driver_effect effect; /* of the last call */
};

static inline struct sqz_driver_effect neutral_effect(void)
{
    return (struct sqz_driver_effect){.volatility_multiplier = 1.0,
                                      .depth_multiplier = 1.0,
                                      .level_keep = {1.0, 1.0},
                                      .next_s = INFINITY};
}

static inline void hand_start(struct hand *hand, const struct sqz_scenario *scenario, uint64_t path)
{
    assert_int_equal(scenario->world.n_drivers, 1);
    hand->driver = &scenario->world.driver[0];
    assert_true(hand->driver->model->state_size <= sizeof hand->state);
    memset(hand->state, 0x5a, sizeof hand->state); /* start must not count on zeros */
    sqz_stream_open(&hand->stream, 20, path, hand->driver->stream);
    hand->effect = neutral_effect();
    hand->driver->model->start(hand->driver->shared, hand->state, &hand->stream, &hand->effect);
}

/* Fire the event that was announced. */
static inline void hand_fire(struct hand *hand)
{
    const struct sqz_view now = {.time_s = hand->effect.next_s};
    hand->effect = neutral_effect();
    hand->driver->model->fire(hand->driver->shared, hand->state, &hand->stream, &now,
                              &hand->effect);
}

static inline void hand_measure(const struct hand *hand, double time_s,
                                double value[SQZ_MEASURES_MAX])
{
    const struct sqz_view now = {.time_s = time_s};
    hand->driver->model->measure(hand->driver->shared, hand->state, &now, value);
}

#endif
