/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/session.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "sim/cli/loading.h"

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
    session->seed_drawn = true;
    return SQZ_OK;
}

void sqz_session_say_seed(const struct sqz_session *session, const struct sqz_options *options)
{
    if (session->seed_drawn && !options->quiet)
        fprintf(stderr, "squeeze: seed %" PRIu64 "; repeat this run with -s %" PRIu64 "\n",
                session->seed, session->seed);
}

size_t sqz_session_world(const struct sqz_session *session, size_t scenario)
{
    return session->attributed ? 2 * scenario : scenario;
}

size_t sqz_session_shadow(const struct sqz_session *session, size_t scenario)
{
    return sqz_session_world(session, scenario) + 1;
}

size_t sqz_session_comparison(const struct sqz_session *session, size_t scenario)
{
    return (session->attributed ? session->n_scenarios : 0) + scenario - 1;
}

static int load(struct sqz_session *session, const struct sqz_options *options,
                struct sqz_diag *diag)
{
    size_t count = (size_t)options->n_operands;
    session->scenario = calloc(count, sizeof *session->scenario);
    session->shadow = calloc(count, sizeof *session->shadow);
    session->world = calloc(2 * count, sizeof *session->world);
    session->pairing = calloc(2 * count, sizeof *session->pairing);
    if (session->scenario == NULL || session->shadow == NULL || session->world == NULL ||
        session->pairing == NULL)
        return sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for %zu scenarios", count);
    for (size_t i = 0; i < count; i++) {
        int error = sqz_load(&session->scenario[i], options->operand[i], options, diag);
        if (error != SQZ_OK)
            return error;
        session->n_scenarios++;
    }
    return SQZ_OK;
}

/* Make the worlds and say which are compared. */
static void cast(struct sqz_session *session, const struct sqz_options *options)
{
    session->attributed = !options->no_attribution;
    for (size_t i = 0; i < session->n_scenarios; i++) {
        struct sqz_world *own = &session->scenario[i].world;
        own->traced = session->attributed;
        session->world[sqz_session_world(session, i)] = own;
        if (!session->attributed)
            continue;
        session->shadow[i] = *own;
        session->shadow[i].market.impact = session->shadow[i].traced = false;
        session->world[sqz_session_shadow(session, i)] = &session->shadow[i];
        session->pairing[session->n_pairings++] =
            (struct sqz_pairing){sqz_session_world(session, i), sqz_session_shadow(session, i)};
    }
    for (size_t i = 1; i < session->n_scenarios; i++)
        session->pairing[session->n_pairings++] =
            (struct sqz_pairing){sqz_session_world(session, i), sqz_session_world(session, 0)};
    session->plan =
        (struct sqz_engine_plan){.exit_table = &session->exit_table,
                                 .worlds = session->world,
                                 .n_worlds = session->n_scenarios * (session->attributed ? 2 : 1),
                                 .max_events = options->max_events};
}

static int check_comparable(const struct sqz_session *session, struct sqz_diag *diag)
{
    const struct sqz_scenario *base = &session->scenario[0];
    for (size_t i = 1; i < session->n_scenarios; i++) {
        const struct sqz_scenario *scenario = &session->scenario[i];
        const struct sqz_setting *price = sqz_settings_find(&scenario->settings, "price");
        if (scenario->params.price_usd != base->params.price_usd)
            return sqz_fail_at(diag, SQZ_ERR_DATA, price->file, price->line, "price",
                               "is %.10g usd, but %.10g usd in %s; expected one start price, as "
                               "levels and targets are prices of one market",
                               scenario->params.price_usd, base->params.price_usd, base->file);
    }
    return SQZ_OK;
}

int sqz_session_open(struct sqz_session *session, const struct sqz_options *options,
                     struct sqz_diag *diag)
{
    memset(session, 0, sizeof *session);
    int error = load(session, options, diag);
    if (error == SQZ_OK)
        error = check_comparable(session, diag);
    if (error == SQZ_OK)
        error = sqz_exit_table_init(&session->exit_table, diag);
    if (error == SQZ_OK)
        error = choose_seed(session, options, diag);
    if (error != SQZ_OK) {
        sqz_session_close(session);
        return error;
    }
    cast(session, options);
    return SQZ_OK;
}

void sqz_session_close(struct sqz_session *session)
{
    for (size_t i = 0; i < session->n_scenarios; i++)
        sqz_scenario_free(&session->scenario[i]);
    free(session->scenario);
    free(session->shadow);
    free(session->world);
    free(session->pairing);
    memset(session, 0, sizeof *session);
}

double *sqz_session_output_times(const struct sqz_session *session, size_t count)
{
    double *time = malloc(count * sizeof *time), horizon = 0.0;
    for (size_t i = 0; i < session->n_scenarios; i++)
        horizon = fmax(horizon, session->scenario[i].world.horizon_s);
    for (size_t i = 0; time != NULL && i < count; i++)
        time[i] = horizon * (double)i / (double)(count - 1);
    return time;
}
