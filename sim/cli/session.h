/* What the commands that simulate have in common: a scenario, the sampler's table, a seed. */
#ifndef SQZ_CLI_SESSION_H
#define SQZ_CLI_SESSION_H

#include "sim/cli/options.h"
#include "sim/core/engine.h"
#include "sim/io/scenario.h"

struct sqz_session {
    struct sqz_scenario scenario;
    struct sqz_exit_table exit_table;
    const struct sqz_world *world;
    struct sqz_engine_plan plan; /* of the scenario's one world; no outputs yet */
    uint64_t seed;
};

/* Load the first operand. Draws a seed, and says so on standard error, if none was given. */
int sqz_session_open(struct sqz_session *session, const struct sqz_options *options,
                     struct sqz_diag *diag);
void sqz_session_close(struct sqz_session *session);

/* Equally spaced times from 0 to the horizon; caller frees, NULL: no memory. */
double *sqz_session_output_times(const struct sqz_session *session, size_t count);

#endif
