/* A recorded price in place of the random one: piecewise linear in the log price through the open,
 * high, low and close of every bar, at 0, 1/3, 2/3 and all of its length. Volatility is zero.
 *
 * A bar lasts until the next row, the last one as long as the one before it but no longer than the
 * horizon. A horizon inside an earlier bar cuts that one off.
 *
 * A file of bars does not say which extreme came first. A rising bar is taken to fall to its low
 * first and a falling one to rise to its high: the shorter way through the four prices, by twice
 * the distance from open to close. A gap between a close and the next open is a jump.
 *
 * The record is the exogenous price. What other drivers and the scenario's drift add comes on top
 * of it and stays: the price is then not the recorded one. */
#include "models/drivers/drivers.h"

#include <math.h>
#include <stdlib.h>

#include "sim/core/world.h"

static const double S_PER_H = 3600;

static const struct sqz_column COLUMNS[] = {{.name = "time_h"},
                                            {.name = "open_usd", .aliases = "open"},
                                            {.name = "high_usd", .aliases = "high"},
                                            {.name = "low_usd", .aliases = "low"},
                                            {.name = "close_usd", .aliases = "close"},
                                            {.name = NULL}};
enum { TIME, OPEN, HIGH, LOW, CLOSE, WIDTH };

static const char *const ORDERS[] = {"auto", "high-first", "low-first", NULL};
enum order { ORDER_AUTO, ORDER_HIGH_FIRST, ORDER_LOW_FIRST };

struct params {
    struct sqz_table table;
    int order;
};

struct shared {
    const struct sqz_table *table;
    enum order order;
    double price_usd;
    double last_s; /* length of the last bar */
};

/* A bar has three legs: from the open to one extreme, to the other, to the close. */
enum { LEGS = 3 };

struct state {
    size_t bar;
    int leg;           /* of the bar, the next one to begin */
    double record_log; /* of the record where the path stands */
    double others_log; /* what others have added to it */
};

static const struct sqz_param PARAMS[] = {
    SQZ_TABLE(
        struct params, "replay", "off", COLUMNS, table,
        "CSV time_h,open_usd,high_usd,low_usd,close_usd of a recorded price, one bar per row "
        "from 0 to the horizon, in place of the random one, each lasting until the next row; or "
        "off",
        .required = true),
    SQZ_CHOICE(
        struct params, "replay.order", "auto", ORDERS, order,
        "which extreme of a bar comes first; auto: the low if it rises, the high if it falls"),
};

/* ---- set-up -------------------------------------------------------------------------------- */

static const double *cells(const struct sqz_table *table, size_t bar)
{
    return table->value + bar * table->columns;
}

static bool active(const void *params)
{
    return ((const struct params *)params)->table.rows > 0;
}

static int fail(const struct sqz_table *table, size_t bar, int column, const char *expected,
                struct sqz_diag *diag)
{
    return sqz_fail_at(diag, SQZ_ERR_DATA, table->file, table->line[bar], COLUMNS[column].name,
                       "%.12g %s", cells(table, bar)[column], expected);
}

static int check_bar(const struct sqz_table *table, size_t bar, struct sqz_diag *diag)
{
    const double *value = cells(table, bar);
    if (bar == 0 && value[TIME] != 0)
        return fail(table, bar, TIME, "is not the start; expected 0 in the first row", diag);
    for (int c = OPEN; c <= CLOSE; c++)
        if (value[c] <= 0)
            return fail(table, bar, c, "is out of range; expected a price above 0", diag);
    for (int c = OPEN; c <= CLOSE; c += CLOSE - OPEN) {
        if (value[c] > value[HIGH])
            return fail(table, bar, c, "lies above the bar's high_usd", diag);
        if (value[c] < value[LOW])
            return fail(table, bar, c, "lies below the bar's low_usd", diag);
    }
    return SQZ_OK;
}

/* When leg number `leg` of a bar begins; LEGS: when the bar ends. */
static double knot_s(const struct shared *replay, size_t bar, int leg)
{
    double begin_s = cells(replay->table, bar)[TIME] * S_PER_H;
    double end_s = begin_s + replay->last_s;
    if (bar + 1 < replay->table->rows)
        end_s = cells(replay->table, bar + 1)[TIME] * S_PER_H;
    return leg == LEGS ? end_s : begin_s + (end_s - begin_s) * leg / LEGS;
}

/* A price and a time that were written in decimals and in other units agree to this, relative. */
static const double SAME = 1e-9;

static int check_start(const struct sqz_table *table, const struct sqz_market *market,
                       struct sqz_diag *diag)
{
    double open = cells(table, 0)[OPEN];
    if (fabs(open - market->price_usd) <= SAME * market->price_usd)
        return SQZ_OK;
    return sqz_fail_at(diag, SQZ_ERR_DATA, table->file, table->line[0], COLUMNS[OPEN].name,
                       "%.12g is not the scenario's price of %.12g; expected the record to start "
                       "there (set price=%.12g)",
                       open, market->price_usd, open);
}

static int check_length(const struct shared *replay, const struct sqz_market *market,
                        struct sqz_diag *diag)
{
    const struct sqz_table *table = replay->table;
    double end_s = knot_s(replay, table->rows - 1, LEGS);
    if (end_s >= market->horizon_s * (1 - SAME))
        return SQZ_OK;
    return sqz_fail_at(diag, SQZ_ERR_DATA, table->file, table->line[table->rows - 1],
                       COLUMNS[TIME].name,
                       "the record ends after %.12g h, before the horizon of %.12g h; expected it "
                       "to last until then (set horizon=%.12gh)",
                       end_s / S_PER_H, market->horizon_s / S_PER_H, end_s / S_PER_H);
}

/* Every leg takes time, also when it is added to a late hour. */
static int check_times(const struct shared *replay, struct sqz_diag *diag)
{
    size_t last = replay->table->rows - 1;
    for (size_t bar = 0; bar <= last; bar++)
        for (int leg = 0; leg < LEGS; leg++)
            if (knot_s(replay, bar, leg + 1) <= knot_s(replay, bar, leg))
                return fail(replay->table, bar < last ? bar + 1 : last, TIME,
                            "does not increase; expected times after the row before", diag);
    return SQZ_OK;
}

static int prepare(const void *params, const struct sqz_market *market, void *shared,
                   struct sqz_diag *diag)
{
    const struct params *given = params;
    const struct sqz_table *table = &given->table;
    struct shared *replay = shared;
    *replay = (struct shared){table, given->order, market->price_usd, market->horizon_s};
    if (table->rows > 1) {
        double begin_s = cells(table, table->rows - 1)[TIME] * S_PER_H;
        replay->last_s = begin_s - cells(table, table->rows - 2)[TIME] * S_PER_H;
        if (begin_s < market->horizon_s)
            replay->last_s = fmin(replay->last_s, market->horizon_s - begin_s);
    }
    int error = SQZ_OK;
    for (size_t bar = 0; error == SQZ_OK && bar < table->rows; bar++)
        error = check_bar(table, bar, diag);
    if (error == SQZ_OK)
        error = check_times(replay, diag);
    if (error == SQZ_OK)
        error = check_start(table, market, diag);
    if (error == SQZ_OK)
        error = check_length(replay, market, diag);
    return error;
}

/* ---- what can hardly be meant -------------------------------------------------------------- */

static void reach(const void *params, const struct sqz_market *market,
                  struct sqz_driver_reach *reach)
{
    (void)params;
    (void)market;
    *reach =
        (struct sqz_driver_reach){.recorded = true, .carry_log = INFINITY, .depth_multiplier = 1.0};
}

static double length_h(const struct sqz_table *table, size_t bar)
{
    return cells(table, bar + 1)[TIME] - cells(table, bar)[TIME];
}

static int compare_lengths(const void *first, const void *second)
{
    double a = *(const double *)first, b = *(const double *)second;
    return (a > b) - (a < b);
}

/* The median length of a bar, the lower one of two; of the last bar nothing is known. NAN: no
 * memory. */
static double usual_length_h(const struct sqz_table *table)
{
    size_t count = table->rows - 1;
    double *length = malloc(count * sizeof *length);
    if (length == NULL)
        return NAN;
    for (size_t bar = 0; bar < count; bar++)
        length[bar] = length_h(table, bar);
    qsort(length, count, sizeof *length, compare_lengths);
    double usual = length[(count - 1) / 2];
    free(length);
    return usual;
}

/* Times are written in decimals: lengths this near, relative, are one. */
static const double SAME_LENGTH = 1e-3;

/* A bar that is another length than usual: a whole multiple of it means that rows are missing. */
static void remark_length(const struct sqz_table *table, size_t bar, double usual_h,
                          const struct sqz_remark_taker *taker)
{
    double length = length_h(table, bar), multiple = round(length / usual_h);
    bool missing = multiple >= 2 && fabs(length / usual_h - multiple) <= SAME_LENGTH * multiple;
    struct sqz_diag detail;
    if (missing)
        sqz_fail_at(&detail, SQZ_OK, table->file, table->line[bar + 1], COLUMNS[TIME].name,
                    "%.12g: %.12g bar%s missing before it; the bar at %.12g h lasts %.12g h "
                    "instead of %.12g, and its extremes come later than they did; fill the gap in",
                    cells(table, bar + 1)[TIME], multiple - 1, multiple > 2 ? "s are" : " is",
                    cells(table, bar)[TIME], length, usual_h);
    else
        sqz_fail_at(&detail, SQZ_OK, table->file, table->line[bar + 1], COLUMNS[TIME].name,
                    "%.12g: the bar at %.12g h lasts %.12g h, most others %.12g; expected bars of "
                    "one length",
                    cells(table, bar + 1)[TIME], cells(table, bar)[TIME], length, usual_h);
    taker->take(taker->context, missing ? "missing-bars" : "uneven-bars", &detail);
}

static void examine(const void *params, const struct sqz_world *world,
                    const struct sqz_remark_taker *taker)
{
    const struct sqz_table *table = &((const struct params *)params)->table;
    if (table->rows < 3) /* one length is like itself */
        return;
    double usual_h = usual_length_h(table);
    for (size_t bar = 0; bar + 1 < table->rows; bar++) {
        bool walked = cells(table, bar)[TIME] * S_PER_H < world->horizon_s;
        if (walked && fabs(length_h(table, bar) - usual_h) > SAME_LENGTH * usual_h)
            remark_length(table, bar, usual_h, taker);
    }
}

/* ---- a path -------------------------------------------------------------------------------- */

/* The record there, relative to the start price. */
static double knot_log(const struct shared *replay, size_t bar, int leg)
{
    const double *value = cells(replay->table, bar);
    bool high_first = replay->order == ORDER_HIGH_FIRST ||
                      (replay->order == ORDER_AUTO && value[CLOSE] < value[OPEN]);
    const int column[LEGS + 1] = {OPEN, high_first ? HIGH : LOW, high_first ? LOW : HIGH, CLOSE};
    return log(value[column[leg]] / replay->price_usd);
}

/* Jump from the record's place to where the next leg begins, and set out for its end. The drift
 * starts from where the price is, so that rounding on the way so far is made good. */
static void set_out(const struct shared *replay, struct state *state, double now_s,
                    double exogenous_log, struct sqz_driver_effect *effect)
{
    effect->volatility_multiplier = 0.0;
    if (state->bar == replay->table->rows)
        return;
    double begin_log = knot_log(replay, state->bar, state->leg);
    double end_log = knot_log(replay, state->bar, state->leg + 1);
    effect->jump_log = begin_log - state->record_log;
    effect->next_s = knot_s(replay, state->bar, state->leg + 1);
    double way_log = end_log + state->others_log - (exogenous_log + effect->jump_log);
    effect->drift_per_s = way_log / (effect->next_s - now_s);
    state->record_log = end_log;
    state->leg++;
    if (state->leg == LEGS) {
        state->leg = 0;
        state->bar++;
    }
}

static void start(const void *shared, void *state, struct sqz_stream *stream,
                  struct sqz_driver_effect *effect)
{
    (void)stream;
    *(struct state *)state = (struct state){.record_log = knot_log(shared, 0, 0)};
    set_out(shared, state, 0.0, 0.0, effect);
}

static void fire(const void *shared, void *state, struct sqz_stream *stream,
                 const struct sqz_view *now, struct sqz_driver_effect *effect)
{
    (void)stream;
    struct state *at = state;
    /* What is too small to be told from rounding is taken for rounding. */
    double others_log = now->state->exogenous_log - at->record_log;
    if (fabs(others_log - at->others_log) > SQZ_TOUCH_LOG)
        at->others_log = others_log;
    set_out(shared, at, now->time_s, now->state->exogenous_log, effect);
}

const struct sqz_driver_model sqz_driver_replay = {
    .name = "replay",
    .doc = "a recorded price: piecewise linear through open, high, low and close, no noise",
    .citation = "bars as exchanges publish them; the order of extremes is assumed",
    .params = PARAMS,
    .n_params = sizeof PARAMS / sizeof PARAMS[0],
    .params_size = sizeof(struct params),
    .shared_size = sizeof(struct shared),
    .state_size = sizeof(struct state),
    .active = active,
    .prepare = prepare,
    .reach = reach,
    .examine = examine,
    .start = start,
    .fire = fire,
};
