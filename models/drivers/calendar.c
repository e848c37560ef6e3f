/* What is known to come: macro events at stated times, and how volatility and depth follow the hour
 * and the day of the week.
 *
 * At the time of a row a normal log jump happens with the row's probability, and the row's
 * multipliers hold until the next row. Every row draws one uniform and one normal number whatever
 * it says, so two calendars that differ in a probability or a size see the same shocks elsewhere.
 */
#include "models/drivers/drivers.h"

#include <float.h>
#include <math.h>

#include <gsl/gsl_randist.h>

#include "models/drivers/cells.h"

static const double S_PER_H = 3600, S_PER_D = 86400;

static const struct sqz_column COLUMNS[] = {
    {.name = "time_h"},
    {.name = "probability"},
    {.name = "jump_mean", .odd_from = 1},
    {.name = "jump_sd", .odd_from = 0.5},
    {.name = "volatility", .odd_from = SQZ_VOLATILITY_ODD_FROM},
    {.name = "depth", .odd_from = SQZ_DEPTH_ODD_FROM},
    {.name = NULL}};
enum { TIME, PROBABILITY, JUMP_MEAN, JUMP_SD, VOLATILITY, DEPTH, WIDTH };

/* Jumps beyond a factor of exp(10) and multipliers beyond a million are slips of the pen. */
static const struct sqz_cell_range RANGE[WIDTH] = {
    [TIME] = {"time_h", 0, 1e12},          [PROBABILITY] = {"probability", 0, 1},
    [JUMP_MEAN] = {"jump_mean", -10, 10},  [JUMP_SD] = {"jump_sd", 0, 10},
    [VOLATILITY] = {"volatility", 0, 1e6}, [DEPTH] = {"depth", 1e-9, 1e6}};

struct params {
    struct sqz_table table;
    double period_s, offset_s;
};

/* The next entry: a row of the table in one of its repetitions. */
struct state {
    size_t row;
    double repetition;
    double jumps;
};

static const struct sqz_param PARAMS[] = {
    SQZ_TABLE(struct params, "calendar", "off", COLUMNS, table,
              "CSV time_h,probability,jump_mean,jump_sd,volatility,depth: at each time a log jump "
              "with that probability, and multipliers until the next row; or off",
              .required = true),
    SQZ_NUMBER(struct params, "calendar.period", SQZ_DIM_TIME, "d", "inf", 0, INFINITY, period_s,
               "time after which the calendar repeats; longer than its last row's time",
               .above_lo = true),
    SQZ_NUMBER(struct params, "calendar.offset", SQZ_DIM_TIME, "h", "0", 0, 1e15, offset_s,
               "time of the calendar at which a path starts; less than the period"),
};

static const struct sqz_measure MEASURES[] = {
    {.name = "jumps", .unit = "1", .doc = "jumps so far"},
};

static const double *cells(const struct params *calendar, size_t row)
{
    return calendar->table.value + row * calendar->table.columns;
}

static double time_s(const struct params *calendar, size_t row)
{
    return cells(calendar, row)[TIME] * S_PER_H;
}

/* ---- set-up -------------------------------------------------------------------------------- */

static bool active(const void *params)
{
    return ((const struct params *)params)->table.rows > 0;
}

static int check_rows(const struct sqz_table *table, struct sqz_diag *diag)
{
    for (size_t row = 0; row < table->rows; row++) {
        const double *value = table->value + row * table->columns;
        for (size_t c = 0; c < WIDTH; c++) {
            int error = sqz_cell_check(table, row, c, &RANGE[c], diag);
            if (error != SQZ_OK)
                return error;
        }
        if (row > 0 && value[TIME] <= value[TIME - WIDTH])
            return sqz_fail_at(diag, SQZ_ERR_DATA, table->file, table->line[row], RANGE[TIME].name,
                               "%.12g does not increase; expected times after the row before",
                               value[TIME]);
    }
    return SQZ_OK;
}

static int prepare(const void *params, const struct sqz_market *market, void *shared,
                   struct sqz_diag *diag)
{
    (void)market;
    const struct params *calendar = params;
    const struct sqz_table *table = &calendar->table;
    int error = check_rows(table, diag);
    if (error != SQZ_OK)
        return error;
    if (calendar->period_s <= time_s(calendar, table->rows - 1))
        return sqz_fail_at(
            diag, SQZ_ERR_DATA, NULL, 0, "calendar.period",
            "%.12g d ends before the calendar; expected more than the %.12g h of its "
            "last row",
            calendar->period_s / S_PER_D, cells(calendar, table->rows - 1)[TIME]);
    if (calendar->offset_s >= calendar->period_s)
        return sqz_fail_at(diag, SQZ_ERR_DATA, NULL, 0, "calendar.offset",
                           "%.12g h lies outside the calendar; expected less than its period of "
                           "%.12g d",
                           calendar->offset_s / S_PER_H, calendar->period_s / S_PER_D);
    *(struct params *)shared = *calendar;
    return SQZ_OK;
}

/* How often at most a row comes up within the horizon. */
static double times_within(const struct params *calendar, const struct sqz_market *market)
{
    return isfinite(calendar->period_s) ? 1 + ceil(market->horizon_s / calendar->period_s) : 1;
}

static void reach(const void *params, const struct sqz_market *market,
                  struct sqz_driver_reach *reach)
{
    const struct params *calendar = params;
    for (size_t row = 0; row < calendar->table.rows; row++) {
        const double *value = cells(calendar, row);
        reach->volatility_multiplier = fmax(reach->volatility_multiplier, value[VOLATILITY]);
        reach->depth_multiplier = fmin(reach->depth_multiplier, value[DEPTH]);
        if (value[PROBABILITY] > 0)
            reach->carry_log += times_within(calendar, market) *
                                (fabs(value[JUMP_MEAN]) + SQZ_REACH_SDS * value[JUMP_SD]);
    }
}

/* ---- a path -------------------------------------------------------------------------------- */

/* Both times were read from decimals and multiplied by a unit: the same moment written in two units
 * can differ by four roundings. */
static bool is_before_start(const struct params *calendar, size_t row)
{
    double rounding = 2 * DBL_EPSILON * calendar->offset_s;
    return time_s(calendar, row) < calendar->offset_s - rounding;
}

static void hold(const struct params *calendar, size_t row, struct sqz_driver_effect *effect)
{
    effect->volatility_multiplier = cells(calendar, row)[VOLATILITY];
    effect->depth_multiplier = cells(calendar, row)[DEPTH];
}

/* Announce the entry that `state` stands at, or the first one of the next repetition. */
static void announce(const struct params *calendar, struct state *state,
                     struct sqz_driver_effect *effect)
{
    if (state->row == calendar->table.rows && isfinite(calendar->period_s)) {
        state->row = 0;
        state->repetition++;
    }
    if (state->row == calendar->table.rows)
        return;
    double begun_s = state->repetition > 0 ? state->repetition * calendar->period_s : 0.0;
    effect->next_s = fmax(time_s(calendar, state->row) + begun_s - calendar->offset_s, 0.0);
}

static void start(const void *shared, void *state, struct sqz_stream *stream,
                  struct sqz_driver_effect *effect)
{
    (void)stream;
    const struct params *calendar = shared;
    struct state *at = state;
    *at = (struct state){0};
    while (at->row < calendar->table.rows && is_before_start(calendar, at->row))
        at->row++;
    if (at->row > 0)
        hold(calendar, at->row - 1, effect);
    else if (isfinite(calendar->period_s))
        hold(calendar, calendar->table.rows - 1, effect);
    announce(calendar, at, effect);
}

static void fire(const void *shared, void *state, struct sqz_stream *stream,
                 const struct sqz_view *now, struct sqz_driver_effect *effect)
{
    (void)now;
    const struct params *calendar = shared;
    struct state *at = state;
    const double *row = cells(calendar, at->row);
    gsl_rng rng = sqz_stream_gsl(stream);
    double chance = sqz_stream_uniform(stream);
    double normal = gsl_ran_gaussian_ziggurat(&rng, 1.0);
    if (chance < row[PROBABILITY]) {
        at->jumps++;
        effect->jump_log = row[JUMP_MEAN] + row[JUMP_SD] * normal;
    }
    hold(calendar, at->row, effect);
    at->row++;
    announce(calendar, at, effect);
}

static void measure(const void *shared, const void *state, const struct sqz_view *now,
                    double *value)
{
    (void)shared;
    (void)now;
    value[0] = ((const struct state *)state)->jumps;
}

const struct sqz_driver_model sqz_driver_calendar = {
    .name = "calendar",
    .doc = "known times: macro events, and volatility and depth by hour and weekday",
    .citation = "piecewise-constant multipliers; no single source",
    .params = PARAMS,
    .n_params = sizeof PARAMS / sizeof PARAMS[0],
    .params_size = sizeof(struct params),
    .shared_size = sizeof(struct params),
    .state_size = sizeof(struct state),
    .measures = MEASURES,
    .n_measures = sizeof MEASURES / sizeof MEASURES[0],
    .active = active,
    .prepare = prepare,
    .reach = reach,
    .start = start,
    .fire = fire,
    .measure = measure,
};
