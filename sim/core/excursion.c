/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The extremes of one step, drawn given how it ended. */
#include "sim/core/extremes.h"

#include <math.h>

/* A piece counts as straight if D half-way departs from its chord by less than the first share of D
 * and the second of what the noise does up to the horizon. models/README.md shows that biases then
 * stay below a tenth of the standard error of 100,000 paths. Without noise QUIET_BEND of D. */
static const double BEND = 3e-4, NOISE_BEND = 2e-4, QUIET_BEND = 1e-6;
/* Of the departure half-way this is the mean over the piece, of a parabola and nearly of any. */
static const double MEAN_BEND = 2.0 / 3.0;
/* And nowhere does a convex or concave D depart by more than twice that; with corners, say this. */
static const double WORST_BEND = 4.0;
/* A slope may move the edges of the motion's interval by this share of the piece's noise, or of
 * what the noise does up to the horizon. */
static const double EDGE = 0.03, NOISE_EDGE = 2e-4;
/* Worlds that share a draw have slopes that differ by less than this share of the piece's noise. */
static const double JOINT = 0.5;
/* Halvings of a step: 2^-48 of it is below the rounding of its end. */
enum { DEPTH_MAX = SQZ_EXTREMES_POINTS - 1 };

/* ---- a piece of a step --------------------------------------------------------------------- */

/* A part of a kept step, and where the motion and the worlds are at its ends. */
struct piece {
    const struct sqz_step *step;
    const struct sqz_extremes_world *kept; /* of each world */
    size_t index;                          /* of the step */
    double begin_s, duration, from, to;
    const struct sqz_extremes_point *first, *last; /* of each world */
};

static inline const struct sqz_departure *departure_of(const struct piece *piece, size_t w)
{
    return &piece->kept[w].departure[piece->index];
}

static double displacement_at(const struct sqz_extremes *extremes,
                              const struct sqz_departure *departure, size_t w, double time_s)
{
    return departure->book.recovering
               ? sqz_book_ahead(extremes->worlds[w]->market.book, &departure->book, time_s)
               : departure->book.displacement_log;
}

/* By how much D may leave its chord over the piece: where it moves one way, not beyond its ends. */
static double slack_log(const struct sqz_extremes *extremes, const struct piece *piece, size_t w)
{
    const struct sqz_departure *departure = departure_of(piece, w);
    const struct sqz_book *book = extremes->worlds[w]->market.book;
    if (!departure->book.mixed)
        return fabs(piece->last[w].displacement_log - piece->first[w].displacement_log);
    struct sqz_book_state ahead = departure->book;
    double lowest, highest;
    if (piece->begin_s > 0.0)
        sqz_book_evolve(book, &ahead, piece->begin_s);
    sqz_book_bounds(book, &ahead, piece->duration, &lowest, &highest);
    return highest - lowest;
}

/* How a world with noise sees the piece, and whether its extreme may be outdone. */
static void view_piece(const struct piece *piece, size_t w, enum sqz_side side, double extreme_log,
                       double slack_log, struct sqz_extremes_view *view)
{
    double volatility = departure_of(piece, w)->volatility, unit = 1.0 / volatility;
    double begin_log = sqz_outward(side, piece->first[w].price_log);
    double from = sqz_outward(side, piece->from), to = sqz_outward(side, piece->to);
    view->end = (sqz_outward(side, piece->last[w].price_log) - begin_log) * unit;
    view->shift = view->end - (to - from);
    view->bend = 0.0;
    view->room = (extreme_log - begin_log) * unit;
    view->high = piece->step->half_width - from;
    view->low = piece->step->half_width + from;
    double room = view->room - slack_log * unit;
    view->matters = room + SQZ_TOUCH_LOG * unit < view->high + fabs(view->shift) &&
                    sqz_bridge_may_pass(room, view->end, piece->duration, SQZ_EXTREMES_FAR);
}

/* Whether D is straight enough over a piece where it departs from its chord by `bend_log`. */
static bool is_straight(const struct sqz_departure *departure, double horizon_s, double bend_log)
{
    double impact = fabs(departure->book.displacement_log);
    double noise = departure->volatility * sqrt(horizon_s);
    return bend_log <=
           (noise > 0.0 ? sqz_least(BEND * impact, NOISE_BEND * noise) : QUIET_BEND * impact);
}

/* Whether the edges of the motion's interval are far away, or stay where they are, for a price with
 * the slope of this one. */
static bool has_edges(const struct piece *piece, const struct sqz_extremes_view *view,
                      double horizon_s)
{
    double half_width = piece->step->half_width, duration = piece->duration;
    if (!sqz_bridge_may_pass(view->low, -view->end, duration, SQZ_BRIDGE_EDGE_FAR) &&
        !sqz_bridge_may_pass(view->high, view->end, duration, SQZ_BRIDGE_EDGE_FAR))
        return true;
    double shift = fabs(view->shift);
    return duration <= SQZ_EXTREMES_SPAN * half_width * half_width &&
           (shift <= EDGE * sqrt(duration) || shift <= NOISE_EDGE * sqrt(horizon_s));
}

/* What has to be known of a piece. */
struct survey {
    bool matters[2];
    bool simple;          /* each world's extreme has the law of a bridge's */
    double least_room[2]; /* of the worlds that matter */
    double least_shift, greatest_shift;
};

/* Whether the extreme of a world may be outdone on a side. */
static bool view_side(const struct sqz_extremes *extremes, const struct piece *piece, size_t w,
                      enum sqz_side side, double slack_log)
{
    struct sqz_extremes_view *view = &extremes->view[2 * w + side];
    double extreme = sqz_stops_extreme_log(&extremes->state[w].stops, side);
    if (departure_of(piece, w)->volatility > 0.0) {
        view_piece(piece, w, side, extreme, slack_log, view);
        return view->matters;
    }
    double first = sqz_outward(side, piece->first[w].price_log);
    double last = sqz_outward(side, piece->last[w].price_log);
    view->matters = sqz_greatest(first, last) + slack_log > extreme + SQZ_TOUCH_LOG;
    return view->matters;
}

/* Both sides. */
static bool view_world(const struct sqz_extremes *extremes, const struct piece *piece, size_t w,
                       double slack_log)
{
    bool up = view_side(extremes, piece, w, SQZ_UP, slack_log);
    bool down = view_side(extremes, piece, w, SQZ_DOWN, slack_log);
    return up || down;
}

/* Whether D half-way tells how it departs from its chord: it is convex or concave, or what moves
 * fastest is seen to and D, which may be steep at 0, is not there. */
static bool is_known_half_way(const struct sqz_book *book, const struct sqz_departure *departure,
                              const struct piece *piece, size_t w)
{
    if (!departure->book.mixed)
        return true;
    double fastest = 0.0;
    for (size_t i = 0; i < book->scales; i++)
        fastest = sqz_greatest(fastest, book->rate[i]);
    return fastest * piece->duration <= 1.0 &&
           piece->first[w].displacement_log * piece->last[w].displacement_log > 0.0;
}

/* The same where D recovers. `middle` gets D half-way where that is of interest. */
static bool view_bent_world(const struct sqz_extremes *extremes, const struct piece *piece,
                            size_t w, struct survey *survey, struct sqz_extremes_point *middle)
{
    const struct sqz_departure *departure = departure_of(piece, w);
    struct sqz_extremes_view *view = &extremes->view[2 * w];
    double slack = slack_log(extremes, piece, w);
    if (!view_world(extremes, piece, w, slack))
        return false;
    middle->displacement_log =
        displacement_at(extremes, departure, w, piece->begin_s + 0.5 * piece->duration);
    bool given = is_known_half_way(extremes->worlds[w]->market.book, departure, piece, w);
    double chord = 0.5 * (piece->first[w].displacement_log + piece->last[w].displacement_log);
    double bend = middle->displacement_log - chord;
    if (given && !view_world(extremes, piece, w, sqz_least(slack, WORST_BEND * fabs(bend))))
        return false;
    survey->simple &=
        is_straight(departure, extremes->worlds[w]->horizon_s, given ? fabs(bend) : slack);
    if (departure->volatility > 0.0)
        for (int side = 0; side < 2; side++)
            view[side].bend =
                MEAN_BEND * sqz_outward((enum sqz_side)side, bend) / departure->volatility;
    return true;
}

/* Enter what a world sees. */
static void survey_world(const struct piece *piece, const struct sqz_extremes_view *view,
                         double horizon_s, bool noisy, struct survey *survey)
{
    for (int side = 0; side < 2; side++) {
        if (!view[side].matters)
            continue;
        survey->matters[side] = true;
        if (!noisy)
            continue;
        double shift = sqz_outward((enum sqz_side)side, view[side].shift);
        survey->least_room[side] = sqz_least(survey->least_room[side], view[side].room);
        survey->least_shift = sqz_least(survey->least_shift, shift);
        survey->greatest_shift = sqz_greatest(survey->greatest_shift, shift);
        survey->simple &= has_edges(piece, &view[side], horizon_s);
    }
}

static struct survey survey_of(const struct sqz_extremes *extremes, const struct piece *piece,
                               struct sqz_extremes_point *middle)
{
    struct survey survey = {{false, false}, true, {INFINITY, INFINITY}, INFINITY, -INFINITY};
    for (size_t w = 0; w < extremes->n_worlds; w++) {
        const struct sqz_departure *departure = departure_of(piece, w);
        struct sqz_extremes_view *view = &extremes->view[2 * w];
        view[SQZ_UP].matters = view[SQZ_DOWN].matters = false;
        middle[w].displacement_log = NAN;
        if (!extremes->state[w].running)
            continue;
        bool bent = !departure->still && departure->book.recovering;
        if (bent ? view_bent_world(extremes, piece, w, &survey, &middle[w])
                 : view_world(extremes, piece, w, 0.0))
            survey_world(piece, view, extremes->worlds[w]->horizon_s, departure->volatility > 0.0,
                         &survey);
    }
    return survey;
}

/* Whether the extremes can be drawn at once: each has the law of a bridge's, the worlds differ by
 * little, and no bridge makes a new extreme on both sides. */
static bool is_simple(const struct survey *survey, const struct piece *piece)
{
    double differ = survey->greatest_shift - survey->least_shift; /* -INFINITY for none */
    double range = survey->least_room[SQZ_UP] + survey->least_room[SQZ_DOWN];
    return survey->simple && differ <= JOINT * sqrt(piece->duration) &&
           range * (range - fabs(piece->to - piece->from)) >= SQZ_EXTREMES_BOTH * piece->duration;
}

/* ---- drawing ------------------------------------------------------------------------------- */

/* Draw the maxima of all worlds that matter on a side of a simple piece, from one uniform number.
 */
static void draw_side(struct sqz_extremes *extremes, const struct piece *piece, enum sqz_side side)
{
    double uniform = sqz_stream_uniform(&extremes->stream);
    for (size_t w = 0; w < extremes->n_worlds; w++) {
        const struct sqz_extremes_view *view = &extremes->view[2 * w + side];
        double volatility = departure_of(piece, w)->volatility, half_shift = 0.5 * view->shift;
        if (!view->matters || volatility == 0.0)
            continue;
        /* Half-way the slope has moved the edges by half the shift. */
        struct sqz_corridor corridor = {sqz_greatest(view->low - half_shift, -view->end),
                                        view->high + half_shift};
        double room = view->room - view->bend;
        double maximum = sqz_bridge_maximum(view->end, piece->duration, corridor, room, uniform);
        if (maximum > room)
            sqz_stops_raise_extreme(&extremes->state[w].stops, side,
                                    sqz_outward(side, piece->first[w].price_log) +
                                        volatility * (maximum + view->bend));
    }
}

/* Where the motion is half-way through the piece. */
static double draw_middle(struct sqz_extremes *extremes, const struct piece *piece)
{
    const struct sqz_step *step = piece->step;
    const struct sqz_step part = {.half_width = step->half_width,
                                  .duration = piece->duration,
                                  .end = piece->to - piece->from,
                                  .exited = step->exited && piece->to == step->end,
                                  .centre = -piece->from};
    double half_s = 0.5 * piece->duration, middle;
    sqz_bridge_fill(&extremes->stream, &part, &half_s, &middle, 1);
    return piece->from + middle;
}

/* The worlds where the motion is at `noise`, `time_s` into the step. */
static void stand(struct sqz_extremes *extremes, const struct piece *piece, double time_s,
                  double noise, struct sqz_extremes_point *point)
{
    for (size_t w = 0; w < extremes->n_worlds; w++) {
        const struct sqz_departure *departure = departure_of(piece, w);
        if (!extremes->state[w].running)
            continue;
        double price = departure->price_log[0] + departure->volatility * noise;
        if (!departure->still) {
            if (isnan(point[w].displacement_log))
                point[w].displacement_log = displacement_at(extremes, departure, w, time_s);
            price += departure->drift * time_s + point[w].displacement_log -
                     departure->book.displacement_log;
        }
        point[w].price_log = price;
        sqz_stops_raise_extreme(&extremes->state[w].stops, SQZ_UP, price);
        sqz_stops_raise_extreme(&extremes->state[w].stops, SQZ_DOWN, -price);
    }
}

/* Raise the extremes of all worlds to those of the piece: at once if it is simple, else half by
 * half. The later half goes first: at the start of a path nothing is outdone yet. */
static void look(struct sqz_extremes *extremes, const struct piece *piece, int depth)
{
    struct sqz_extremes_point *middle = extremes->point + (size_t)depth * extremes->n_worlds;
    struct survey survey = survey_of(extremes, piece, middle);
    if (!survey.matters[SQZ_UP] && !survey.matters[SQZ_DOWN])
        return;
    if (is_simple(&survey, piece) || depth == DEPTH_MAX) {
        for (int side = 0; side < 2; side++)
            if (survey.matters[side])
                draw_side(extremes, piece, (enum sqz_side)side);
        return;
    }
    double noise = draw_middle(extremes, piece), half_s = 0.5 * piece->duration;
    stand(extremes, piece, piece->begin_s + half_s, noise, middle);
    struct piece early = *piece, late = *piece;
    early.duration = late.duration = half_s;
    early.to = late.from = noise;
    early.last = late.first = middle;
    late.begin_s += half_s;
    look(extremes, &late, depth + 1);
    look(extremes, &early, depth + 1);
}

/* ---- any step ------------------------------------------------------------------------------- */

void sqz_extremes_draw_step(struct sqz_extremes *extremes, size_t index)
{
    const struct sqz_step *step = &extremes->step[index];
    struct sqz_extremes_point *first = extremes->point, *last = first + extremes->n_worlds;
    struct piece piece = {.step = step,
                          .kept = extremes->kept,
                          .index = index,
                          .duration = step->duration,
                          .to = step->end,
                          .first = first,
                          .last = last};
    for (size_t w = 0; w < extremes->n_worlds; w++) {
        const struct sqz_departure *departure = departure_of(&piece, w);
        first[w] =
            (struct sqz_extremes_point){departure->price_log[0], departure->book.displacement_log};
        last[w] = (struct sqz_extremes_point){departure->price_log[1],
                                              departure->arrival_displacement_log};
    }
    sqz_extremes_open_stream(extremes);
    look(extremes, &piece, 2);
}
