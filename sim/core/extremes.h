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
#include "sim/core/rng.h"
#include "sim/core/world.h"

/* Steps kept at one time; ends of pieces that a step is cut into, both ends of it and one for each
 * of 48 halvings. */
enum { SQZ_EXTREMES_ROOM = 256, SQZ_EXTREMES_POINTS = 51 };

/* A world on a step: what its price is, but for the noise. */
struct sqz_departure {
    bool running, still;
    double price_log[2]; /* at the start and at the end */
    double slack_log;    /* the most that the price departs from a straight course; INFINITY: D
                            goes up and down */
    double far_log2;     /* product of distances from which on the noise does not carry it there */
    double volatility;
    /* Where it is not still: */
    double drift, displacement_log[2]; /* D at both ends */
    struct sqz_book_state book;        /* at the start */
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
    struct sqz_departure *departure;  /* SQZ_EXTREMES_ROOM of each world in turn */
    struct sqz_extremes_point *point; /* of the ends of the pieces that a step is cut into */
    struct sqz_extremes_view *view;   /* of the piece in hand, two per world */
    uint64_t seed, path;
    struct sqz_stream stream;
    bool open;
};

/* `worlds` and `state`, one per world, stay the caller's. */
int sqz_extremes_init(struct sqz_extremes *extremes, const struct sqz_world *const *worlds,
                      struct sqz_world_state *state, size_t n_worlds);
void sqz_extremes_free(struct sqz_extremes *extremes);

static inline void sqz_extremes_reset(struct sqz_extremes *extremes, uint64_t seed, uint64_t path)
{
    extremes->seed = seed;
    extremes->path = path;
    extremes->count = 0;
    extremes->open = false;
}

/* Draw what is kept and still matters: raises extreme_log of the worlds. */
void sqz_extremes_draw(struct sqz_extremes *extremes);

/* Draw one of the steps that are kept (excursion.c): at once where all worlds are still and the law
 * of their extremes is that of a bridge, else false and nothing is drawn; or piece by piece. */
bool sqz_extremes_draw_still(struct sqz_extremes *extremes, size_t index);
void sqz_extremes_draw_step(struct sqz_extremes *extremes, size_t index);

/* Make room: let go of what has been outdone, or draw if that is too little. */
void sqz_extremes_thin(struct sqz_extremes *extremes);

/* A world sets out on a step; false if its path has ended. */
static inline bool sqz_extremes_depart(struct sqz_departure *departure,
                                       const struct sqz_world_state *state)
{
    departure->running = state->running;
    if (!state->running)
        return false;
    departure->price_log[0] = sqz_world_price_log(state);
    departure->volatility = state->volatility;
    departure->still = state->still;
    if (!state->still) {
        departure->drift = state->drift;
        departure->displacement_log[0] = state->book.displacement_log;
        departure->book = state->book;
    }
    return true;
}

/* It has arrived after `duration`, and nothing else has happened yet. */
static inline void sqz_extremes_arrive(struct sqz_departure *departure,
                                       const struct sqz_world_state *state, double duration)
{
    double deviation2 = departure->volatility * departure->volatility * duration;
    departure->price_log[1] = sqz_world_price_log(state);
    departure->far_log2 = SQZ_BRIDGE_FAR * SQZ_BRIDGE_FAR * deviation2;
    departure->slack_log = 0.0;
    if (departure->still)
        return;
    departure->displacement_log[1] = state->book.displacement_log;
    departure->slack_log =
        departure->book.mixed ? INFINITY
                              : fabs(state->book.displacement_log - departure->displacement_log[0]);
}

#endif
