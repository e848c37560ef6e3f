/* One path of a hall, seen by an observer that keeps everything. */
#ifndef SQZ_TESTS_UNIT_TRIAL_FIXTURE_H
#define SQZ_TESTS_UNIT_TRIAL_FIXTURE_H

#include "tests/unit/clearing_fixture.h"
#include "tests/unit/engine_fixture.h"

/* A path of a hall and what it came to. */
struct trial {
    struct sqz_engine engine;
    const struct sqz_world *world;
    struct event_log log;
    const struct sqz_clearing *house;
    struct sqz_outcome outcome;
};

static inline void trial_run(struct trial *trial, const struct hall *hall)
{
    static struct sqz_exit_table table;
    struct sqz_diag diag = {0};
    struct sqz_observer observer = {.context = &trial->log, .event = keep_event};
    assert_int_equal(sqz_exit_table_init(&table, &diag), SQZ_OK);
    hall_engine_init(&trial->engine, hall, &trial->world, &table, NULL, 0);
    trial->log.count = 0;
    sqz_engine_run(&trial->engine, 1, 0, &observer);
    trial->house = &trial->engine.clearing[0];
    trial->outcome = *sqz_engine_outcome(&trial->engine, 0);
}

static inline void trial_free(struct trial *trial)
{
    sqz_engine_free(&trial->engine);
}

/* Free both, after a look at whether all amounts have their other side. */
static inline void trial_finish(struct trial *trial, struct hall *hall)
{
    double open_value, price = hall->venue.start_usd * exp(trial->outcome.final_log);
    double imbalance = sqz_clearing_imbalance(&trial->engine.clearing[0], price, &open_value);
    check_near("imbalance", imbalance, 0.0, 1e-12 * open_value);
    trial_free(trial);
    hall_free(hall);
}

#endif
