/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One path of a scenario written in a few lines: rows, levels and tables in, outcome and log out.
 */
#ifndef SQZ_TESTS_UNIT_PATH_FIXTURE_H
#define SQZ_TESTS_UNIT_PATH_FIXTURE_H

#include "tests/unit/engine_fixture.h"
#include "tests/unit/scratch.h"

#include "models/registry.h"
#include "sim/io/scenario.h"

/* A flat book that never recovers: an order of Q moves the price by 0.01 Q / 20M for good. */
#define STIFF_MARKET                                                                               \
    "key,value,unit\nprice,80000,usd\nlevels,levels.csv,\nbook.depth,20M,usd\nbook.halflife,inf,"  \
    "s\n"                                                                                          \
    "peak.resolution,inf,bp\n"
static const double STIFF_LOG_PER_USD = 0.01 / 20e6;

#define LEVELS_HEADER "side,price_usd,notional_usd\n"

/* Load STIFF_MARKET and `rows` with the levels.csv that stands in the scratch folder. */
static inline int load_path(struct scratch *scratch, struct sqz_scenario *scenario,
                            const char *rows, struct sqz_diag *diag)
{
    char text[2000];
    struct sqz_load_options options = {0};
    snprintf(text, sizeof text, "%s%s", STIFF_MARKET, rows);
    const char *path = scratch_write(scratch, "s.csv", text);
    return sqz_scenario_load(scenario, path, &options, &sqz_registry, diag);
}

static inline void load_path_well(struct scratch *scratch, struct sqz_scenario *scenario,
                                  const char *rows, const char *levels)
{
    struct sqz_diag diag = {0};
    char text[1200];
    scratch_write(scratch, "levels.csv", levels);
    if (load_path(scratch, scenario, rows, &diag) == SQZ_OK)
        return;
    sqz_diag_format(&diag, text, sizeof text);
    fail_msg("%s", text);
}

struct journey {
    struct event_log log;
    struct sqz_outcome outcome;
    uint64_t events;
};

/* Path number `path` of the world, read at `outputs` times. */
static inline void travel(const struct sqz_world *world, uint64_t path, const double *output_s,
                          size_t outputs, struct journey *journey)
{
    static struct test_engine test;
    test_engine_init_outputs(&test, &world, 1, output_s, outputs);
    run_logged(&test, path, &journey->log);
    journey->outcome = *sqz_engine_outcome(&test.engine, 0);
    journey->events = test.engine.path.events;
    assert_int_equal(journey->outcome.stop, SQZ_STOP_HORIZON);
    test_engine_free(&test);
}

/* Load, travel and free. */
static inline void travel_rows(struct scratch *scratch, const char *rows, const char *levels,
                               struct journey *journey)
{
    struct sqz_scenario scenario;
    load_path_well(scratch, &scenario, rows, levels);
    travel(&scenario.world, 0, NULL, 0, journey);
    sqz_scenario_free(&scenario);
}

#endif
