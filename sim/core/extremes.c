/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/core/extremes.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

int sqz_extremes_init(struct sqz_extremes *extremes, const struct sqz_world *const *worlds,
                      struct sqz_world_state *state, size_t n_worlds)
{
    extremes->worlds = worlds;
    extremes->state = state;
    extremes->n_worlds = n_worlds;
    extremes->kept = calloc(n_worlds, sizeof *extremes->kept);
    extremes->point = calloc(SQZ_EXTREMES_POINTS * n_worlds, sizeof *extremes->point);
    extremes->view = calloc(2 * n_worlds, sizeof *extremes->view);
    if (!extremes->stops_only)
        sqz_exit_maxima_init(&extremes->maxima);
    return extremes->kept != NULL && extremes->point != NULL && extremes->view != NULL
               ? SQZ_OK
               : SQZ_ERR_NOMEM;
}

void sqz_extremes_free(struct sqz_extremes *extremes)
{
    free(extremes->kept);
    free(extremes->point);
    free(extremes->view);
    extremes->kept = NULL;
    extremes->point = NULL;
    extremes->view = NULL;
}

/* No step is kept. */
static void clear(struct sqz_extremes *extremes)
{
    extremes->count = 0;
    for (size_t w = 0; w < extremes->n_worlds; w++)
        for (int side = 0; side < 2; side++) {
            struct sqz_extremes_side *of = &extremes->kept[w].side[side];
            of->barrier_log = extremes->state[w].stops.barrier[side];
            of->count = 0;
        }
}

void sqz_extremes_reset(struct sqz_extremes *extremes, uint64_t seed, uint64_t path)
{
    extremes->seed = seed;
    extremes->path = path;
    extremes->open = false;
    clear(extremes);
}

void sqz_extremes_note_barriers(struct sqz_extremes *extremes, size_t w)
{
    const struct sqz_stops_state *stops = &extremes->state[w].stops;
    struct sqz_extremes_side *of = extremes->kept[w].side;
    sqz_extremes_note_barrier(&of[SQZ_UP], stops, SQZ_UP);
    sqz_extremes_note_barrier(&of[SQZ_DOWN], stops, SQZ_DOWN);
}

/* The most that the price of a world departs from a straight course. */
static inline double slack_log(const struct sqz_departure *departure, const struct sqz_book *book,
                               double duration)
{
    if (departure->still)
        return 0.0;
    if (!departure->book.mixed)
        return fabs(departure->arrival_displacement_log - departure->book.displacement_log);
    double lowest, highest;
    sqz_book_bounds(book, &departure->book, duration, &lowest, &highest);
    return highest - lowest;
}

/* Whether a world may have made an extreme on a side of a step: `extreme_log` is outward. */
static inline bool may_pass(const struct sqz_departure *departure, const struct sqz_book *book,
                            const struct sqz_step *step, enum sqz_side side, double extreme_log)
{
    double volatility = departure->volatility;
    double room = extreme_log - slack_log(departure, book, step->duration);
    double first = room - sqz_outward(side, departure->price_log[0]);
    double last = room - sqz_outward(side, departure->price_log[1]);
    double drift = departure->still ? 0.0 : fabs(departure->drift) * step->duration;
    if (first + SQZ_TOUCH_LOG >= volatility * step->half_width + drift)
        return false;
    return first <= 0.0 || last <= 0.0 ||
           first * last <
               SQZ_EXTREMES_FAR * SQZ_EXTREMES_FAR * step->duration * (volatility * volatility);
}

/* The same for world `w`. */
static bool world_may_pass(const struct sqz_extremes *extremes, size_t index, size_t w,
                           enum sqz_side side)
{
    return may_pass(&extremes->kept[w].departure[index], extremes->worlds[w]->market.book,
                    &extremes->step[index], side,
                    sqz_stops_extreme_log(&extremes->state[w].stops, side));
}

/* Whether some world may. */
static bool matters(const struct sqz_extremes *extremes, size_t index)
{
    for (size_t w = 0; w < extremes->n_worlds; w++)
        if (extremes->state[w].running && (world_may_pass(extremes, index, w, SQZ_UP) ||
                                           world_may_pass(extremes, index, w, SQZ_DOWN)))
            return true;
    return false;
}

/* A bit for each step that is kept. */
enum { WORD_BITS = 64 };
struct marks {
    uint64_t word[SQZ_EXTREMES_ROOM / WORD_BITS];
};

/* The first marked step, which is no longer marked then; SQZ_EXTREMES_ROOM: none is. */
static inline size_t take_first(struct marks *marks)
{
    for (size_t i = 0; i < SQZ_EXTREMES_ROOM / WORD_BITS; i++) {
        uint64_t word = marks->word[i];
        if (word == 0)
            continue;
        marks->word[i] = word & (word - 1);
        return i * WORD_BITS + (size_t)__builtin_ctzll(word);
    }
    return SQZ_EXTREMES_ROOM;
}

/* Mark the steps that may still matter to a side of a world, and leave only those on it. */
static inline void mark(struct sqz_extremes *extremes, size_t w, enum sqz_side side,
                        struct marks *marks)
{
    struct sqz_extremes_side *of = &extremes->kept[w].side[side];
    const struct sqz_departure *departure = extremes->kept[w].departure;
    const struct sqz_book *book = extremes->worlds[w]->market.book;
    double extreme_log = sqz_stops_extreme_log(&extremes->state[w].stops, side);
    size_t kept = 0;
    sqz_extremes_note_barrier(of, &extremes->state[w].stops, side);
    for (size_t i = 0; i < of->count; i++) {
        uint16_t index = of->step[i];
        if (!may_pass(&departure[index], book, &extremes->step[index], side, extreme_log))
            continue;
        marks->word[index / WORD_BITS] |= (uint64_t)1 << index % WORD_BITS;
        of->step[kept++] = index;
    }
    of->count = kept;
}

static struct marks mark_all(struct sqz_extremes *extremes)
{
    struct marks marks = {{0}};
    for (size_t w = 0; w < extremes->n_worlds; w++)
        if (extremes->state[w].running) {
            mark(extremes, w, SQZ_UP, &marks);
            mark(extremes, w, SQZ_DOWN, &marks);
        }
    return marks;
}

/* Draw what can be drawn of a side by itself, which then leaves it. */
static void draw_exits(struct sqz_extremes *extremes, enum sqz_side side)
{
    struct sqz_extremes_side *of = &extremes->kept->side[side];
    size_t kept = 0;
    sqz_extremes_note_barrier(of, &extremes->state->stops, side);
    for (size_t i = 0; i < of->count; i++) {
        uint16_t index = of->step[i];
        if (!extremes->kept->departure[index].still ||
            !sqz_extremes_draw_exit(extremes, index, side))
            of->step[kept++] = index;
    }
    of->count = kept;
}

void sqz_extremes_draw(struct sqz_extremes *extremes)
{
    if (extremes->stops_only) {
        clear(extremes);
        return;
    }
    if (extremes->n_worlds == 1) {
        draw_exits(extremes, SQZ_UP);
        draw_exits(extremes, SQZ_DOWN);
    }
    struct marks marks = mark_all(extremes);
    size_t index;
    while ((index = take_first(&marks)) < SQZ_EXTREMES_ROOM)
        if (!sqz_extremes_draw_still(extremes, index) && matters(extremes, index))
            sqz_extremes_draw_step(extremes, index);
    clear(extremes);
}

/* Move step `from` to the place of step `to`. */
static void move(struct sqz_extremes *extremes, size_t from, size_t to)
{
    extremes->step[to] = extremes->step[from];
    for (size_t w = 0; w < extremes->n_worlds; w++)
        extremes->kept[w].departure[to] = extremes->kept[w].departure[from];
}

static void renumber(struct sqz_extremes_side *side, const uint16_t place[SQZ_EXTREMES_ROOM])
{
    for (size_t i = 0; i < side->count; i++)
        side->step[i] = place[side->step[i]];
}

void sqz_extremes_thin(struct sqz_extremes *extremes)
{
    uint16_t place[SQZ_EXTREMES_ROOM], kept = 0;
    if (extremes->stops_only) {
        clear(extremes);
        return;
    }
    struct marks marks = mark_all(extremes);
    size_t index;
    while ((index = take_first(&marks)) < SQZ_EXTREMES_ROOM) {
        if (kept < index)
            move(extremes, index, kept);
        place[index] = kept++;
    }
    extremes->count = kept;
    for (size_t w = 0; w < extremes->n_worlds; w++) {
        renumber(&extremes->kept[w].side[SQZ_UP], place);
        renumber(&extremes->kept[w].side[SQZ_DOWN], place);
    }
    if (kept > SQZ_EXTREMES_ROOM / 2)
        sqz_extremes_draw(extremes);
}
