/* Sentiment as a continuous-time Markov chain: each state has its drift, volatility and depth.
 *
 * The chain is given by the rates from state to state. It starts in a named state or in its
 * stationary law, pi Q = 0 with Q the rates and minus their sums on the diagonal (Norris 1997,
 * Markov Chains, chapter 3). */
#include "models/drivers/drivers.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include <gsl/gsl_randist.h>

#include "models/drivers/cells.h"

enum { STATES_MAX = 8 };

static const double S_PER_D = 86400;
static const char STATIONARY[] = "stationary";

static const struct sqz_column COLUMNS[] = {
    {.name = "state", .kind = SQZ_COLUMN_LABEL},
    {.name = "drift_per_d", .odd_from = 0.5},
    {.name = "volatility", .odd_from = SQZ_VOLATILITY_ODD_FROM},
    {.name = "depth", .odd_from = SQZ_DEPTH_ODD_FROM},
    {.name = "to_", .kind = SQZ_COLUMN_EACH, .tail = "_per_d"},
    {.name = NULL}};
enum { STATE, DRIFT, VOLATILITY, DEPTH, RATES };

/* Beyond these a number is a slip of the pen; a million switches a day are eleven a second. */
static const struct sqz_cell_range RANGE[RATES] = {[DRIFT] = {"drift_per_d", -1e3, 1e3},
                                                   [VOLATILITY] = {"volatility", 0, 1e6},
                                                   [DEPTH] = {"depth", 1e-9, 1e6}};
static const double RATE_MAX_PER_D = 1e6;

struct params {
    struct sqz_table table;
    const char *start;
};

struct shared {
    size_t states;
    char *const *name; /* of each state; owned by the params */
    double drift_per_s[STATES_MAX], volatility[STATES_MAX], depth[STATES_MAX];
    double rate_per_s[STATES_MAX][STATES_MAX], leave_per_s[STATES_MAX];
    double start[STATES_MAX]; /* law of the state at time 0 */
};

struct state {
    size_t current;
    double since_s;             /* when it was entered */
    double spent_s[STATES_MAX]; /* in each state, before that */
    double switches;
};

static const struct sqz_param PARAMS[] = {
    SQZ_TABLE(struct params, "regimes", "off", COLUMNS, table,
              "CSV state,drift_per_d,volatility,depth and to_STATE_per_d for every state: added "
              "drift, multipliers, rates of change; or off",
              .required = true),
    SQZ_TEXT(struct params, "regimes.start", STATIONARY, start,
             "state at the start, or stationary: drawn from the chain's stationary law"),
};

#define SHARE(number)                                                                              \
    {                                                                                              \
        .name = "share_" #number, .unit = "1", .doc = "share of the time so far in state " #number \
    }
static const struct sqz_measure MEASURES[] = {
    {.name = "state",
     .unit = "1",
     .doc = "current state: its row in the table, from 1; its name in drivers.csv",
     .passing = true,
     .drawn = true},
    {.name = "switches", .unit = "1", .doc = "changes of state so far"},
    SHARE(1),
    SHARE(2),
    SHARE(3),
    SHARE(4),
    SHARE(5),
    SHARE(6),
    SHARE(7),
    SHARE(8),
};
enum { MEASURE_STATE, MEASURE_SWITCHES, MEASURE_SHARES };

/* ---- the table ----------------------------------------------------------------------------- */

static bool active(const void *params)
{
    return ((const struct params *)params)->table.rows > 0;
}

static int check_rate(const struct sqz_table *table, size_t from, size_t to, struct sqz_diag *diag)
{
    char name[64];
    snprintf(name, sizeof name, "to_%s_per_d", table->label[to]);
    if (from != to)
        return sqz_cell_check(table, from, RATES + to,
                              &(struct sqz_cell_range){name, 0, RATE_MAX_PER_D}, diag);
    double value = table->value[from * table->columns + RATES + to];
    if (value == 0.0)
        return SQZ_OK;
    return sqz_fail_at(diag, SQZ_ERR_DATA, table->file, table->line[from], name,
                       "%.12g is a rate from '%s' to itself; expected 0", value,
                       table->label[from]);
}

static int check_row(const struct sqz_table *table, size_t row, struct sqz_diag *diag)
{
    int error = SQZ_OK;
    if (row == STATES_MAX)
        return sqz_fail_at(diag, SQZ_ERR_DATA, table->file, table->line[row], "state",
                           "is one too many; expected at most %d states", STATES_MAX);
    if (strcmp(table->label[row], STATIONARY) == 0)
        return sqz_fail_at(diag, SQZ_ERR_DATA, table->file, table->line[row], "state",
                           "'%s' means a law in regimes.start; expected another name", STATIONARY);
    for (size_t c = DRIFT; error == SQZ_OK && c < RATES; c++)
        error = sqz_cell_check(table, row, c, &RANGE[c], diag);
    for (size_t to = 0; error == SQZ_OK && to < table->rows; to++)
        error = check_rate(table, row, to, diag);
    return error;
}

static void read_row(struct shared *regimes, const struct sqz_table *table, size_t row)
{
    const double *value = table->value + row * table->columns;
    regimes->drift_per_s[row] = value[DRIFT] / S_PER_D;
    regimes->volatility[row] = value[VOLATILITY];
    regimes->depth[row] = value[DEPTH];
    for (size_t to = 0; to < table->rows; to++) {
        regimes->rate_per_s[row][to] = value[RATES + to] / S_PER_D;
        regimes->leave_per_s[row] += regimes->rate_per_s[row][to];
    }
}

/* ---- the stationary law -------------------------------------------------------------------- */

struct reach {
    bool from[STATES_MAX][STATES_MAX]; /* [i][j]: the chain can come from i to j */
};

/* Transitive closure (Warshall 1962). */
static struct reach find_reach(const struct shared *regimes)
{
    struct reach reach = {0};
    size_t n = regimes->states;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++)
            reach.from[i][j] = i == j || regimes->rate_per_s[i][j] > 0;
    for (size_t k = 0; k < n; k++)
        for (size_t i = 0; i < n; i++)
            for (size_t j = 0; j < n; j++)
                reach.from[i][j] |= reach.from[i][k] && reach.from[k][j];
    return reach;
}

/* A state is recurrent if it can be reached again from wherever the chain goes. */
static bool is_recurrent(const struct reach *reach, size_t states, size_t i)
{
    for (size_t j = 0; j < states; j++)
        if (reach->from[i][j] && !reach->from[j][i])
            return false;
    return true;
}

/* The recurrent states, if every one of them can be reached from every other: the one closed class,
 * to which the stationary law is then unique (Norris, theorem 3.5.2). Two that cannot are the ends
 * of two closed classes, each with a law of its own. Decided by which rates are zero: no rank of a
 * matrix, and so no tolerance, is needed. */
static int find_closed_class(const struct shared *regimes, const struct sqz_table *table,
                             size_t *member, size_t *members, struct sqz_diag *diag)
{
    struct reach reach = find_reach(regimes);
    *members = 0;
    for (size_t i = 0; i < regimes->states; i++) {
        if (!is_recurrent(&reach, regimes->states, i))
            continue;
        if (*members > 0 && !reach.from[member[0]][i])
            return sqz_fail_at(diag, SQZ_ERR_DATA, table->file, 0, NULL,
                               "has no unique stationary law: the chain never leaves '%s', nor "
                               "'%s', for the other; expected a state in regimes.start",
                               table->label[member[0]], table->label[i]);
        member[(*members)++] = i;
    }
    return SQZ_OK;
}

/* pi Q = 0 within the class, by elimination of one state after the other (Grassmann, Taksar and
 * Heyman 1985, Operations Research 33, 1107). Nothing is subtracted, so every probability is good
 * to a few roundings however far apart the rates lie; a general solver loses what they differ by.
 */
static void solve_class(const struct shared *regimes, const size_t *member, size_t members,
                        double *law)
{
    double rate[STATES_MAX][STATES_MAX], total = 1.0;
    for (size_t i = 0; i < members; i++)
        for (size_t j = 0; j < members; j++)
            rate[i][j] = regimes->rate_per_s[member[i]][member[j]];
    for (size_t k = members - 1; k > 0; k--) {
        double leave = 0.0;
        for (size_t j = 0; j < k; j++)
            leave += rate[k][j];
        for (size_t i = 0; i < k; i++) {
            rate[i][k] /= leave;
            for (size_t j = 0; j < k; j++)
                rate[i][j] += rate[i][k] * rate[k][j];
        }
    }
    law[0] = 1.0;
    for (size_t k = 1; k < members; k++) {
        law[k] = 0.0;
        for (size_t i = 0; i < k; i++)
            law[k] += law[i] * rate[i][k];
        total += law[k];
    }
    for (size_t k = 0; k < members; k++)
        law[k] /= total;
}

static int find_stationary_law(struct shared *regimes, const struct sqz_table *table,
                               struct sqz_diag *diag)
{
    size_t member[STATES_MAX], members;
    double law[STATES_MAX];
    int error = find_closed_class(regimes, table, member, &members, diag);
    if (error != SQZ_OK)
        return error;
    solve_class(regimes, member, members, law);
    for (size_t i = 0; i < members; i++)
        regimes->start[member[i]] = law[i];
    return SQZ_OK;
}

/* ---- set-up -------------------------------------------------------------------------------- */

static int fail_start(const struct params *params, struct sqz_diag *diag)
{
    char known[256] = "";
    for (size_t i = 0; i < params->table.rows; i++) {
        strncat(known, ", ", sizeof known - strlen(known) - 1);
        strncat(known, params->table.label[i], sizeof known - strlen(known) - 1);
    }
    return sqz_fail_at(diag, SQZ_ERR_DATA, NULL, 0, "regimes.start",
                       "'%s' is no state; expected %s%s", params->start, STATIONARY, known);
}

static int find_start(struct shared *regimes, const struct params *params, struct sqz_diag *diag)
{
    if (strcmp(params->start, STATIONARY) == 0)
        return find_stationary_law(regimes, &params->table, diag);
    for (size_t i = 0; i < regimes->states; i++)
        if (strcmp(params->start, params->table.label[i]) == 0) {
            regimes->start[i] = 1.0;
            return SQZ_OK;
        }
    return fail_start(params, diag);
}

static int prepare(const void *params, const struct sqz_market *market, void *shared,
                   struct sqz_diag *diag)
{
    (void)market;
    const struct sqz_table *table = &((const struct params *)params)->table;
    struct shared *regimes = shared;
    for (size_t row = 0; row < table->rows; row++) {
        int error = check_row(table, row, diag);
        if (error != SQZ_OK)
            return error;
    }
    regimes->states = table->rows;
    regimes->name = table->label;
    for (size_t row = 0; row < table->rows; row++)
        read_row(regimes, table, row);
    return find_start(regimes, params, diag);
}

static void reach(const void *params, const struct sqz_market *market,
                  struct sqz_driver_reach *reach)
{
    const struct sqz_table *table = &((const struct params *)params)->table;
    for (size_t row = 0; row < table->rows; row++) {
        const double *value = table->value + row * table->columns;
        double drift_log = fabs(value[DRIFT]) / S_PER_D * market->horizon_s;
        reach->carry_log = fmax(reach->carry_log, drift_log);
        reach->volatility_multiplier = fmax(reach->volatility_multiplier, value[VOLATILITY]);
        reach->depth_multiplier = fmin(reach->depth_multiplier, value[DEPTH]);
    }
}

/* ---- a path -------------------------------------------------------------------------------- */

/* One of the states, with probabilities in proportion to `weight`; the last one possible where the
 * sums round. */
static size_t choose(const double *weight, size_t states, struct sqz_stream *stream)
{
    double left = 0.0;
    size_t chosen = 0;
    for (size_t i = 0; i < states; i++)
        left += weight[i];
    left *= sqz_stream_uniform(stream);
    for (size_t i = 0; i < states && left >= 0; i++) {
        if (weight[i] > 0)
            chosen = i;
        left -= weight[i];
    }
    return chosen;
}

/* Do what the current state does until the chain leaves it. */
static void dwell(const struct shared *regimes, const struct state *state, double now_s,
                  struct sqz_stream *stream, struct sqz_driver_effect *effect)
{
    double leave_per_s = regimes->leave_per_s[state->current];
    gsl_rng rng = sqz_stream_gsl(stream);
    effect->drift_per_s = regimes->drift_per_s[state->current];
    effect->volatility_multiplier = regimes->volatility[state->current];
    effect->depth_multiplier = regimes->depth[state->current];
    if (leave_per_s > 0)
        effect->next_s = now_s + gsl_ran_exponential(&rng, 1.0 / leave_per_s);
}

static void start(const void *shared, void *state, struct sqz_stream *stream,
                  struct sqz_driver_effect *effect)
{
    const struct shared *regimes = shared;
    struct state *chain = state;
    *chain = (struct state){.current = choose(regimes->start, regimes->states, stream)};
    dwell(regimes, chain, 0.0, stream, effect);
}

static void fire(const void *shared, void *state, struct sqz_stream *stream,
                 const struct sqz_view *now, struct sqz_driver_effect *effect)
{
    const struct shared *regimes = shared;
    struct state *chain = state;
    chain->spent_s[chain->current] += now->time_s - chain->since_s;
    chain->since_s = now->time_s;
    chain->current = choose(regimes->rate_per_s[chain->current], regimes->states, stream);
    chain->switches++;
    dwell(regimes, chain, now->time_s, stream, effect);
}

static void measure(const void *shared, const void *state, const struct sqz_view *now,
                    double *value)
{
    const struct shared *regimes = shared;
    const struct state *chain = state;
    value[MEASURE_STATE] = (double)(chain->current + 1);
    value[MEASURE_SWITCHES] = chain->switches;
    for (size_t i = 0; i < STATES_MAX; i++) {
        double here = i == chain->current ? 1.0 : 0.0;
        double spent_s = chain->spent_s[i] + here * (now->time_s - chain->since_s);
        double share = now->time_s > 0 ? spent_s / now->time_s : here;
        value[MEASURE_SHARES + i] = i < regimes->states ? share : NAN;
    }
}

static const char *word(const void *shared, size_t measure, double value)
{
    const struct shared *regimes = shared;
    bool state = measure == MEASURE_STATE && value >= 1 && value <= (double)regimes->states;
    return state ? regimes->name[(size_t)value - 1] : NULL;
}

const struct sqz_driver_model sqz_driver_regimes = {
    .name = "regimes",
    .doc = "sentiment: a Markov chain of states with their own drift, volatility and depth",
    .citation = "Hamilton (1989), Econometrica 57, 357; in continuous time",
    .params = PARAMS,
    .n_params = sizeof PARAMS / sizeof PARAMS[0],
    .params_size = sizeof(struct params),
    .shared_size = sizeof(struct shared),
    .state_size = sizeof(struct state),
    .measures = MEASURES,
    .n_measures = sizeof MEASURES / sizeof MEASURES[0],
    .active = active,
    .prepare = prepare,
    .reach = reach,
    .start = start,
    .fire = fire,
    .measure = measure,
    .word = word,
};
