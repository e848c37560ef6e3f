/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The extremes of one step on which all worlds are still: all see the same bridge. */
#include "sim/core/extremes.h"

#include <math.h>

/* Whether no world moves but by the noise, which all have. */
static bool all_still(const struct sqz_extremes *extremes, size_t index)
{
    for (size_t w = 0; w < extremes->n_worlds; w++) {
        const struct sqz_departure *departure = &extremes->kept[w].departure[index];
        if (extremes->state[w].running && (!departure->still || departure->volatility == 0.0))
            return false;
    }
    return true;
}

/* How far such worlds are from their extremes on a side where they depart, in units of the motion:
 * the least. */
static double least_room(const struct sqz_extremes *extremes, size_t index, enum sqz_side side)
{
    double least = INFINITY;
    for (size_t w = 0; w < extremes->n_worlds; w++) {
        const struct sqz_departure *departure = &extremes->kept[w].departure[index];
        const struct sqz_world_state *state = &extremes->state[w];
        if (!state->running)
            continue;
        double room =
            sqz_stops_extreme_log(&state->stops, side) - sqz_outward(side, departure->price_log[0]);
        least = sqz_least(least, room / departure->volatility);
    }
    return least;
}

/* The motion came as far as `maximum` on a side. */
static void raise(struct sqz_extremes *extremes, size_t index, enum sqz_side side, double maximum)
{
    for (size_t w = 0; w < extremes->n_worlds; w++) {
        const struct sqz_departure *departure = &extremes->kept[w].departure[index];
        double price_log =
            sqz_outward(side, departure->price_log[0]) + departure->volatility * maximum;
        if (extremes->state[w].running)
            sqz_stops_raise_extreme(&extremes->state[w].stops, side, price_log);
    }
}

static inline bool may_pass(const struct sqz_step *step, double end, double room)
{
    return room < step->half_width &&
           sqz_bridge_may_pass(room, end, step->duration, SQZ_EXTREMES_FAR);
}

/* A step that left its interval: on the side where it did it went no further. */
static void draw_exit(struct sqz_extremes *extremes, size_t index)
{
    const struct sqz_step *step = &extremes->step[index];
    enum sqz_side side = step->end > 0.0 ? SQZ_DOWN : SQZ_UP;
    double room = least_room(extremes, index, side), a = step->half_width;
    if (!may_pass(step, -a, room))
        return;
    sqz_extremes_open_stream(extremes);
    double uniform = sqz_stream_uniform(&extremes->stream), unit = 1.0 / a;
    double maximum = a * sqz_exit_maximum(&extremes->maxima, step->duration * (unit * unit),
                                          room * unit, uniform);
    if (maximum > room)
        raise(extremes, index, side, maximum);
}

bool sqz_extremes_draw_exit(struct sqz_extremes *extremes, size_t index, enum sqz_side side)
{
    const struct sqz_departure *departure = &extremes->kept->departure[index];
    const struct sqz_step *step = &extremes->step[index];
    struct sqz_stops_state *stops = &extremes->state->stops;
    double reach_log = departure->volatility * step->half_width;
    double duration = step->duration / (step->half_width * step->half_width);
    if (!step->exited || !departure->still || !(reach_log > 0.0) || duration > SQZ_EXTREMES_SPAN)
        return false;
    /* From here on in units of half_width. */
    double from_log = sqz_outward(side, departure->price_log[0]);
    double room_log = sqz_stops_extreme_log(stops, side) - from_log, room = room_log / reach_log;
    if (sqz_outward(side, step->end) > 0.0 || room_log + SQZ_TOUCH_LOG >= reach_log ||
        !sqz_bridge_may_pass(room, -1.0, duration, SQZ_EXTREMES_FAR))
        return true;
    sqz_extremes_open_stream(extremes);
    double uniform = sqz_stream_uniform(&extremes->stream);
    double maximum = sqz_exit_maximum(&extremes->maxima, duration, room, uniform);
    if (maximum > room)
        sqz_stops_raise_extreme(stops, side, from_log + reach_log * maximum);
    return true;
}

/* One that stayed within. False if it may have made an extreme on both sides. */
static bool draw_survivor(struct sqz_extremes *extremes, size_t index)
{
    const struct sqz_step *step = &extremes->step[index];
    const struct sqz_corridor corridor = {step->half_width, step->half_width};
    double room[2], duration = step->duration;
    bool may[2];
    for (int side = 0; side < 2; side++) {
        room[side] = least_room(extremes, index, (enum sqz_side)side);
        may[side] = may_pass(step, sqz_outward((enum sqz_side)side, step->end), room[side]);
    }
    double range = room[SQZ_UP] + room[SQZ_DOWN];
    if (may[SQZ_UP] && may[SQZ_DOWN] &&
        range * (range - fabs(step->end)) < SQZ_EXTREMES_BOTH * duration)
        return false;
    sqz_extremes_open_stream(extremes);
    for (int side = 0; side < 2; side++) {
        if (!may[side])
            continue;
        double uniform = sqz_stream_uniform(&extremes->stream);
        double end = sqz_outward((enum sqz_side)side, step->end);
        double maximum = sqz_bridge_maximum(end, duration, corridor, room[side], uniform);
        if (maximum > room[side])
            raise(extremes, index, (enum sqz_side)side, maximum);
    }
    return true;
}

bool sqz_extremes_draw_still(struct sqz_extremes *extremes, size_t index)
{
    const struct sqz_step *step = &extremes->step[index];
    if (!all_still(extremes, index) ||
        step->duration > SQZ_EXTREMES_SPAN * step->half_width * step->half_width)
        return false;
    if (!step->exited)
        return draw_survivor(extremes, index);
    draw_exit(extremes, index);
    return true;
}
