/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One path of a fixture, seen by an observer that keeps everything. */
#ifndef SQZ_TESTS_UNIT_RUN_FIXTURE_H
#define SQZ_TESTS_UNIT_RUN_FIXTURE_H

#include "tests/unit/clearing_fixture.h"
#include "tests/unit/engine_fixture.h"

/* A path of a fixture and its outcome. */
struct run_fixture {
    struct sqz_engine engine;
    const struct sqz_world *world;
    struct event_log log;
    const struct sqz_venue_state *venue;
    const struct sqz_clearing *clearing; /* its accounts */
    struct sqz_outcome outcome;
};

static inline void run_fixture_run(struct run_fixture *run, const struct venue_fixture *fixture)
{
    static struct sqz_exit_table table;
    struct sqz_diag diag = {0};
    struct sqz_observer observer = {.context = &run->log, .event = keep_event};
    assert_int_equal(sqz_exit_table_init(&table, &diag), SQZ_OK);
    venue_fixture_engine_init(&run->engine, fixture, &run->world, &table, NULL, 0);
    run->log.count = 0;
    sqz_engine_run(&run->engine, 1, 0, &observer);
    run->venue = &run->engine.path.venue[0];
    run->clearing = &run->venue->clearing;
    run->outcome = *sqz_engine_outcome(&run->engine, 0);
}

static inline void run_fixture_free(struct run_fixture *run)
{
    sqz_engine_free(&run->engine);
}

/* Free both, after a look at whether all amounts have their other side. */
static inline void run_fixture_finish(struct run_fixture *run, struct venue_fixture *fixture)
{
    double price = fixture->venue.start_usd * exp(run->outcome.final_log);
    check_near("imbalance", sqz_venue_state_imbalance(run->venue, price), 0.0,
               1e-12 * sqz_clearing_open_value(run->clearing, price));
    run_fixture_free(run);
    venue_fixture_free(fixture);
}

#endif
