#include "sim/cli/session.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "models/registry.h"

static int choose_seed(struct sqz_session *session, const struct sqz_options *options,
                       struct sqz_diag *diag)
{
    session->seed = options->seed;
    if (options->seed_given)
        return SQZ_OK;
    uint32_t drawn; /* short enough to type again */
    if (getrandom(&drawn, sizeof drawn, 0) != sizeof drawn)
        return sqz_fail(diag, SQZ_ERR_IO, "no seed could be drawn: %s", strerror(errno));
    session->seed = drawn;
    if (!options->quiet)
        fprintf(stderr, "squeeze: seed %" PRIu64 "; repeat this run with -s %" PRIu64 "\n",
                session->seed, session->seed);
    return SQZ_OK;
}

int sqz_session_open(struct sqz_session *session, const struct sqz_options *options,
                     struct sqz_diag *diag)
{
    struct sqz_load_options load = {options->set, options->n_set, options->allow_crossed};
    memset(session, 0, sizeof *session);
    int error =
        sqz_scenario_load(&session->scenario, options->operand[0], &load, &sqz_registry, diag);
    if (error == SQZ_OK)
        error = sqz_exit_table_init(&session->exit_table, diag);
    if (error == SQZ_OK)
        error = choose_seed(session, options, diag);
    if (error != SQZ_OK) {
        sqz_session_close(session);
        return error;
    }
    session->world = &session->scenario.world;
    session->plan = (struct sqz_engine_plan){.exit_table = &session->exit_table,
                                             .worlds = &session->world,
                                             .n_worlds = 1,
                                             .max_events = options->max_events};
    return SQZ_OK;
}

void sqz_session_close(struct sqz_session *session)
{
    sqz_scenario_free(&session->scenario);
}

double *sqz_session_output_times(const struct sqz_session *session, size_t count)
{
    double *time = malloc(count * sizeof *time);
    for (size_t i = 0; time != NULL && i < count; i++)
        time[i] = session->world->horizon_s * (double)i / (double)(count - 1);
    return time;
}
