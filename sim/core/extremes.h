/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The extremes of each world within the steps of the walk (models/README.md, "Extremes").
 *
 * The walk jumps from the start of a step to its end; the highest and the lowest price on the way
 * are drawn from their law given the step, for all worlds from one Brownian path and out of a
 * stream of their own, so that the walk stays as it is. Most steps are soon outdone by a later
 * price. So a step is only kept at first, and drawn when the path ends and it still matters. */
#ifndef SQZ_CORE_EXTREMES_H
#define SQZ_CORE_EXTREMES_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/core/bridge.h"
#include "sim/core/exit_maximum.h"
#include "sim/core/rng.h"
#include "sim/core/world.h"

/* Steps kept at one time; ends of pieces that a step is cut into, both ends of it and one for each
 * of 48 halvings. */
enum { SQZ_EXTREMES_ROOM = 256, SQZ_EXTREMES_POINTS = 51 };

/* What a bridge passes with less than exp(-2 * 2.2^2), 6e-5, is not looked at: it would raise the
 * mean of an extreme by less than 7e-6 sqrt(duration) (models/README.md). */
#define SQZ_EXTREMES_FAR 2.2

/* New extremes on both sides of a piece are drawn as if one did not know of the other where they
 * come together with less than this probability, exp(-2 * 5.8). */
#define SQZ_EXTREMES_BOTH 5.8

/* Over longer pieces, in units of half_width^2, image series lose digits. */
#define SQZ_EXTREMES_SPAN SQZ_EXIT_MAXIMA_SPAN

/* A world that runs on a step: what its price is, but for the noise. */
struct sqz_departure {
    bool still;
    double price_log[2]; /* at the start and at the end */
    double volatility;
    /* Where it is not still: */
    double drift, arrival_displacement_log; /* D at the end */
    struct sqz_book_state book;             /* at the start; in a world that is still: stale */
};

/* The steps that reach beyond the extreme that a side of a world had then. They stayed within the
 * barriers of their time, so an extreme at the furthest of these outdoes them all. */
struct sqz_extremes_side {
    double barrier_log; /* outward */
    size_t count;
    uint16_t step[SQZ_EXTREMES_ROOM];
};

/* What is kept of a world. */
struct sqz_extremes_world {
    struct sqz_extremes_side side[2];
    struct sqz_departure departure[SQZ_EXTREMES_ROOM]; /* on each step */
};

/* The price of a world at one time of a step, and D in it. */
struct sqz_extremes_point {
    double price_log, displacement_log;
};

/* A piece of a step as a world sees it on one side: outward, in units of the motion, from where it
 * begins. */
struct sqz_extremes_view {
    bool matters;     /* the world's extreme may be outdone */
    double end;       /* of the price */
    double shift;     /* of that, what the noise has not done */
    double bend;      /* mean departure of the price from the straight course where it is highest */
    double room;      /* to the present extreme */
    double high, low; /* distances to the edges of the motion's interval */
};

/* Workspace of one engine. */
struct sqz_extremes {
    const struct sqz_world *const *worlds;
    struct sqz_world_state *state;
    size_t n_worlds, count;
    struct sqz_step step[SQZ_EXTREMES_ROOM];
    struct sqz_extremes_world *kept;  /* of each world */
    struct sqz_extremes_point *point; /* of the ends of the pieces that a step is cut into */
    struct sqz_extremes_view *view;   /* of the piece in hand, two per world */
    struct sqz_exit_maxima maxima;
    uint64_t seed, path;
    struct sqz_stream stream;
    bool open;
    bool stops_only; /* nothing is drawn; the caller's */
};

/* `worlds` and `state`, one per world, stay the caller's. */
int sqz_extremes_init(struct sqz_extremes *extremes, const struct sqz_world *const *worlds,
                      struct sqz_world_state *state, size_t n_worlds);
void sqz_extremes_free(struct sqz_extremes *extremes);

void sqz_extremes_reset(struct sqz_extremes *extremes, uint64_t seed, uint64_t path);

/* Before anything is drawn from the stream. */
static inline void sqz_extremes_open_stream(struct sqz_extremes *extremes)
{
    if (!extremes->open)
        sqz_stream_open(&extremes->stream, extremes->seed, extremes->path, SQZ_STREAM_EXTREMES);
    extremes->open = true;
}

/* Draw what is kept and still matters: raises extreme_log of the worlds. */
void sqz_extremes_draw(struct sqz_extremes *extremes);

/* Draw a side of a step on which a world alone, which is still, left the interval on the other one
 * (excursion_still.c), false if it is none of these. */
bool sqz_extremes_draw_exit(struct sqz_extremes *extremes, size_t index, enum sqz_side side);

/* Draw one of the steps that are kept (excursion.c): at once where all worlds are still and the law
 * of their extremes is that of a bridge, else false and nothing is drawn; or piece by piece. */
bool sqz_extremes_draw_still(struct sqz_extremes *extremes, size_t index);
void sqz_extremes_draw_step(struct sqz_extremes *extremes, size_t index);

/* Make room: let go of what has been outdone, or draw if that is too little. */
void sqz_extremes_thin(struct sqz_extremes *extremes);

/* The barriers of world `w` may have moved or been reached. */
void sqz_extremes_note_barriers(struct sqz_extremes *extremes, size_t w);

/* The number of the next step among those that are kept: what it is follows by sqz_extremes_keep.
 */
static inline size_t sqz_extremes_next(struct sqz_extremes *extremes)
{
    if (extremes->count == SQZ_EXTREMES_ROOM)
        sqz_extremes_thin(extremes);
    return extremes->count++;
}

static inline void sqz_extremes_keep(struct sqz_extremes *extremes, size_t index,
                                     const struct sqz_step *step)
{
    extremes->step[index] = *step;
}

/* A world sets out on a step. */
static inline void sqz_extremes_depart(struct sqz_departure *departure,
                                       const struct sqz_world_state *state, double price_log)
{
    departure->price_log[0] = price_log;
    departure->volatility = state->market.volatility;
    departure->still = state->market.still;
    if (!state->market.still) {
        departure->drift = state->market.drift;
        departure->book = state->market.book;
    }
}

/* It has arrived, and nothing else has happened yet. Returns how far the price may have come
 * without the noise; INFINITY where that is not plain. */
static inline double sqz_extremes_arrive(struct sqz_departure *departure,
                                         const struct sqz_world_state *state, double price_log)
{
    departure->price_log[1] = price_log;
    if (departure->still)
        return 0.0;
    double displacement = state->market.book.displacement_log;
    departure->arrival_displacement_log = displacement;
    if (departure->book.mixed || departure->drift != 0.0)
        return INFINITY;
    return fabs(displacement - departure->book.displacement_log);
}

/* The barrier of a side may have moved or been reached: steps that the record has outdone leave. */
static inline void sqz_extremes_note_barrier(struct sqz_extremes_side *of,
                                             const struct sqz_stops_state *stops,
                                             enum sqz_side side)
{
    double barrier_log = stops->barrier[side];
    bool outdone = stops->record_log[side] >= of->barrier_log - SQZ_TOUCH_LOG;
    if (outdone)
        of->count = 0;
    if (outdone || barrier_log > of->barrier_log)
        of->barrier_log = barrier_log;
}

/* Enter a step that reaches beyond the extreme of a side. */
static inline void sqz_extremes_enter(struct sqz_extremes_side *side, size_t index)
{
    side->step[side->count++] = (uint16_t)index;
}

#endif
