/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/analysis/replay.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/core/engine.h"

enum { KNOTS = 4 };

void sqz_replay_flow_free(struct sqz_replay_flow *flow)
{
    free(flow->item);
    memset(flow, 0, sizeof *flow);
}

static void add_flow(struct sqz_replay_flow *flow, double time_s, double usd)
{
    if (flow->count == flow->capacity) {
        size_t capacity = 2 * flow->capacity + 256;
        void *bigger = realloc(flow->item, capacity * sizeof *flow->item);
        if (bigger == NULL) {
            flow->lost = true;
            return;
        }
        flow->item = bigger;
        flow->capacity = capacity;
    }
    flow->item[flow->count].time_s = time_s;
    flow->item[flow->count++].usd = usd;
}

/* ---- rows ---------------------------------------------------------------------------------- */

static double from_begin_s(const struct sqz_replay *replay, size_t bar)
{
    return replay->record->bar[bar].time_s - replay->record->bar[0].time_s;
}

/* The bar that a time is in; its end belongs to the next. */
static size_t bar_at(const struct sqz_replay *replay, double time_s)
{
    size_t lo = 0, hi = replay->bars;
    while (lo + 1 < hi) {
        size_t middle = lo + (hi - lo) / 2;
        if (from_begin_s(replay, middle) <= time_s)
            lo = middle;
        else
            hi = middle;
    }
    return lo;
}

static int make_rows(struct sqz_replay *replay, struct sqz_diag *diag)
{
    const struct sqz_bar *bar = replay->record->bar;
    replay->row = calloc(replay->bars, sizeof *replay->row);
    if (replay->row == NULL)
        return sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for %zu bars", replay->bars);
    for (size_t i = 0; i < replay->bars; i++) {
        double fall = i > 0 ? bar[i - 1].open_interest_usd - bar[i].open_interest_usd : NAN;
        replay->row[i] = (struct sqz_replay_bar){.bar = &bar[i],
                                                 .fund_usd = NAN,
                                                 .destroyed_usd = isnan(fall) ? NAN : fmax(fall, 0),
                                                 .displacement_log = {NAN, NAN}};
    }
    return SQZ_OK;
}

static void force(struct sqz_replay *replay, double time_s, enum sqz_side side, double usd)
{
    replay->row[bar_at(replay, time_s)].forced_usd[side] += usd;
    replay->forced_usd[side] += usd;
    replay->liquidations++;
}

/* ---- through the engine --------------------------------------------------------------------- */

struct watcher {
    struct sqz_replay *replay;
    struct sqz_replay_flow *flow;
    size_t fund; /* place of its balance among the measures; SIZE_MAX: none */
};

static void see(void *context, const struct sqz_event *event)
{
    struct watcher *watcher = context;
    struct sqz_replay *replay = watcher->replay;
    double sign = event->side == SQZ_BUY ? 1 : -1;
    switch (event->kind) {
    case SQZ_EVENT_LIQUIDATION:
        force(replay, event->time_s, event->side == SQZ_BUY ? SQZ_UP : SQZ_DOWN,
              event->notional_usd);
        if (isfinite(event->fill_log))
            add_flow(watcher->flow, event->time_s, sign * event->notional_usd);
        break;
    case SQZ_EVENT_FILL:
        add_flow(watcher->flow, event->time_s, sign * event->notional_usd);
        break;
    case SQZ_EVENT_DELEVERAGE:
        replay->row[bar_at(replay, event->time_s)].deleveraged_usd += event->notional_usd;
        replay->deleveraged_usd += event->notional_usd;
        break;
    case SQZ_EVENT_OUTPUT:
        if (watcher->fund != SIZE_MAX && isfinite(event->measure[watcher->fund]))
            replay->row[event->output_index].fund_usd = event->measure[watcher->fund];
        break;
    default:
        break;
    }
}

static size_t fund_place(const struct sqz_world *world)
{
    size_t place = 0;
    for (size_t d = 0; d < world->n_drivers; d++) {
        const struct sqz_driver_model *model = world->driver[d].model;
        for (size_t m = 0; m < model->n_measures; m++, place++)
            if (strcmp(model->measures[m].name, "fund") == 0)
                return place;
    }
    return SIZE_MAX;
}

static int run_path(struct watcher *watcher, const struct sqz_engine_plan *plan,
                    struct sqz_diag *diag)
{
    struct sqz_engine engine;
    unsigned wanted = 1u << SQZ_EVENT_LIQUIDATION | 1u << SQZ_EVENT_FILL |
                      1u << SQZ_EVENT_DELEVERAGE | 1u << SQZ_EVENT_OUTPUT;
    struct sqz_observer observer = {watcher, see, ~wanted};
    int error = sqz_engine_init(&engine, plan, diag);
    if (error != SQZ_OK)
        return error;
    sqz_engine_run(&engine, 0, 0, &observer); /* nothing in it is random but a drawn latency */
    bool whole = sqz_engine_outcome(&engine, 0)->stop == SQZ_STOP_HORIZON;
    sqz_engine_free(&engine);
    return whole ? SQZ_OK
                 : sqz_fail(diag, SQZ_ERR_LIMIT, "more than %llu events",
                            (unsigned long long)plan->max_events);
}

static const uint64_t EVENTS_MAX = 1000000000;

int sqz_replay_run(struct sqz_replay *replay, struct sqz_replay_flow *flow,
                   const struct sqz_world *world, struct sqz_diag *diag)
{
    struct sqz_exit_table table;
    struct watcher watcher = {replay, flow, fund_place(world)};
    double *end_s = malloc((replay->bars + 1) * sizeof *end_s);
    int error = end_s != NULL ? make_rows(replay, diag)
                              : sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for bars");
    if (error == SQZ_OK)
        error = sqz_exit_table_init(&table, diag);
    if (error == SQZ_OK) {
        for (size_t i = 0; i + 1 < replay->bars; i++)
            end_s[i] = from_begin_s(replay, i + 1);
        end_s[replay->bars - 1] = world->horizon_s;
        struct sqz_engine_plan plan = {.exit_table = &table,
                                       .worlds = &world,
                                       .n_worlds = 1,
                                       .output_s = end_s,
                                       .n_outputs = replay->bars,
                                       .max_events = EVENTS_MAX};
        error = run_path(&watcher, &plan, diag);
    }
    free(end_s);
    if (error == SQZ_OK && flow->lost)
        error = sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for forced orders");
    return error;
}

/* ---- levels that stand again ---------------------------------------------------------------- */

struct sqz_replay_knot sqz_replay_knot_at(const struct sqz_record *record, size_t bar, int knot)
{
    const struct sqz_bar *at = &record->bar[bar];
    double begin_s = at->time_s - record->bar[0].time_s;
    double end_s = bar + 1 < record->count && !sqz_record_is_gap(record, bar)
                       ? record->bar[bar + 1].time_s - record->bar[0].time_s
                       : begin_s + record->step_s;
    bool rises = at->close_usd >= at->open_usd;
    const double usd[KNOTS] = {at->open_usd, rises ? at->low_usd : at->high_usd,
                               rises ? at->high_usd : at->low_usd, at->close_usd};
    return (struct sqz_replay_knot){begin_s + (end_s - begin_s) * knot / (KNOTS - 1), usd[knot]};
}

/* One level through the whole record. Distances count in the direction that reaches it. */
static void follow_level(struct sqz_replay *replay, struct sqz_replay_flow *flow,
                         const struct sqz_level *level, double back_log)
{
    enum sqz_side side = (enum sqz_side)level->side;
    double direction = sqz_direction(side), start = replay->record->bar[0].open_usd;
    struct sqz_replay_knot last = sqz_replay_knot_at(replay->record, 0, 0);
    bool stands = true;
    for (size_t bar = 0; bar < replay->bars; bar++)
        for (int knot = 0; knot < KNOTS; knot++) {
            struct sqz_replay_knot next = sqz_replay_knot_at(replay->record, bar, knot);
            double from = direction * log(last.usd / start), to = direction * log(next.usd / start);
            if (stands && to >= level->distance_log) {
                double way = to > from ? fmax(0, (level->distance_log - from) / (to - from)) : 1;
                double time_s = last.time_s + way * (next.time_s - last.time_s);
                force(replay, time_s, side, level->notional_usd);
                add_flow(flow, time_s, direction * level->notional_usd);
                stands = false;
            }
            stands = stands || to <= level->distance_log - back_log;
            last = next;
        }
}

static int by_time(const void *first, const void *second)
{
    const double *a = first, *b = second; /* time_s comes first in an item */
    return (*a > *b) - (*a < *b);
}

int sqz_replay_rearmed(struct sqz_replay *replay, struct sqz_replay_flow *flow,
                       const struct sqz_ladder *ladder, double back_log, struct sqz_diag *diag)
{
    int error = make_rows(replay, diag);
    replay->rearmed = true;
    for (int side = 0; error == SQZ_OK && side < 2; side++)
        for (size_t i = 0; i < ladder->side[side].count; i++) {
            struct sqz_level level = {.distance_log = ladder->side[side].distance_log[i],
                                      .notional_usd = ladder->side[side].notional_usd[i],
                                      .side = (unsigned char)side};
            follow_level(replay, flow, &level, back_log);
        }
    if (error == SQZ_OK && flow->lost)
        error = sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for forced orders");
    if (error == SQZ_OK)
        qsort(flow->item, flow->count, sizeof *flow->item, by_time);
    return error;
}

/* ---- beside what was reported ---------------------------------------------------------------- */

static double reported_usd(const struct sqz_replay_bar *row)
{
    return row->bar->liquidated_usd[SQZ_UP] + row->bar->liquidated_usd[SQZ_DOWN];
}

static double destroyed_usd(const struct sqz_replay_bar *row)
{
    return row->destroyed_usd;
}

/* Pearson's, over the bars of which both are known; NAN where there is none. */
static double correlation(const struct sqz_replay *replay,
                          double (*other)(const struct sqz_replay_bar *))
{
    double n = 0, x = 0, y = 0, xx = 0, yy = 0, xy = 0;
    for (size_t i = 0; i < replay->bars; i++) {
        const struct sqz_replay_bar *row = &replay->row[i];
        double a = row->forced_usd[SQZ_UP] + row->forced_usd[SQZ_DOWN], b = other(row);
        if (isnan(b))
            continue;
        n++;
        x += a;
        y += b;
        xx += a * a;
        yy += b * b;
        xy += a * b;
    }
    double spread = (n * xx - x * x) * (n * yy - y * y);
    return spread > 0 ? (n * xy - x * y) / sqrt(spread) : NAN;
}

void sqz_replay_compare(struct sqz_replay *replay)
{
    replay->reported_usd[SQZ_UP] = replay->reported_usd[SQZ_DOWN] = replay->destroyed_usd = NAN;
    for (size_t i = 0; i < replay->bars; i++) {
        const struct sqz_replay_bar *row = &replay->row[i];
        for (int side = 0; side < 2; side++)
            if (!isnan(row->bar->liquidated_usd[side]))
                replay->reported_usd[side] =
                    (isnan(replay->reported_usd[side]) ? 0 : replay->reported_usd[side]) +
                    row->bar->liquidated_usd[side];
        if (!isnan(row->destroyed_usd))
            replay->destroyed_usd =
                (isnan(replay->destroyed_usd) ? 0 : replay->destroyed_usd) + row->destroyed_usd;
    }
    bool reported = replay->reported_usd[SQZ_UP] + replay->reported_usd[SQZ_DOWN] > 0;
    replay->against = reported                    ? "reported liquidations"
                      : replay->destroyed_usd > 0 ? "open interest destroyed"
                                                  : NULL;
    replay->correlation = replay->against != NULL
                              ? correlation(replay, reported ? reported_usd : destroyed_usd)
                              : NAN;
}

/* ---- the counterfactual --------------------------------------------------------------------- */

bool sqz_replay_moves(const struct sqz_replay *replay)
{
    const struct sqz_bar *bar = replay->record->bar;
    for (size_t i = 0; i < replay->bars; i++)
        if (bar[i].high_usd != bar[0].open_usd || bar[i].low_usd != bar[0].open_usd)
            return true;
    return false;
}

/* The extreme that is furthest from the first open. */
static void find_extreme(struct sqz_replay *replay)
{
    double start = replay->record->bar[0].open_usd;
    replay->move_log = 0;
    for (size_t bar = 0; bar < replay->bars; bar++)
        for (int knot = 0; knot < KNOTS; knot++) {
            struct sqz_replay_knot at = sqz_replay_knot_at(replay->record, bar, knot);
            double move = log(at.usd / start);
            if (fabs(move) <= fabs(replay->move_log))
                continue;
            replay->move_log = move;
            replay->extreme_usd = at.usd;
            replay->extreme_s = at.time_s + replay->record->bar[0].time_s;
        }
}

/* A book on its way through the flow. */
struct course {
    const struct sqz_book *book;
    struct sqz_book_state state;
    const struct sqz_replay_flow *flow;
    size_t next;
    double now_s, scale;
};

static double move_to(struct course *course, double time_s)
{
    for (; course->next < course->flow->count; course->next++) {
        double at_s = course->flow->item[course->next].time_s;
        double usd = course->scale * course->flow->item[course->next].usd;
        if (at_s > time_s)
            break;
        sqz_book_evolve(course->book, &course->state, at_s - course->now_s);
        sqz_book_execute(course->book, &course->state, usd, 1.0);
        sqz_book_withdraw(course->book, &course->state, usd);
        course->now_s = at_s;
    }
    sqz_book_evolve(course->book, &course->state, time_s - course->now_s);
    course->now_s = time_s;
    return course->state.permanent_log + course->state.displacement_log;
}

static void widen(double range[2], double value)
{
    range[0] = isnan(range[0]) ? value : fmin(range[0], value);
    range[1] = isnan(range[1]) ? value : fmax(range[1], value);
}

int sqz_replay_explain(struct sqz_replay *replay, const struct sqz_replay_flow *flow,
                       const struct sqz_book *book, double depth_usd, double scale,
                       struct sqz_diag *diag)
{
    struct course course = {.book = book, .flow = flow, .scale = scale};
    struct sqz_replay_cell *bigger =
        realloc(replay->cell, (replay->cells + 1) * sizeof *replay->cell);
    if (bigger == NULL)
        return sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for an explanation");
    replay->cell = bigger;
    find_extreme(replay);
    double extreme_s = replay->extreme_s - replay->record->bar[0].time_s;
    double at_extreme = NAN;
    sqz_book_reset(&course.state);
    for (size_t bar = 0; bar < replay->bars; bar++) {
        double end_s = sqz_replay_knot_at(replay->record, bar, KNOTS - 1).time_s;
        if (isnan(at_extreme) && extreme_s <= end_s)
            at_extreme = move_to(&course, extreme_s);
        widen(replay->row[bar].displacement_log, move_to(&course, end_s));
    }
    replay->cell[replay->cells++] =
        (struct sqz_replay_cell){depth_usd, scale, at_extreme, at_extreme / replay->move_log};
    return SQZ_OK;
}
