#include "sim/core/extremes.h"

#include <math.h>
#include <stdlib.h>

int sqz_extremes_init(struct sqz_extremes *extremes, const struct sqz_world *const *worlds,
                      struct sqz_world_state *state, size_t n_worlds)
{
    extremes->worlds = worlds;
    extremes->state = state;
    extremes->n_worlds = n_worlds;
    extremes->departure = calloc(SQZ_EXTREMES_ROOM * n_worlds, sizeof *extremes->departure);
    extremes->point = calloc(SQZ_EXTREMES_POINTS * n_worlds, sizeof *extremes->point);
    extremes->view = calloc(2 * n_worlds, sizeof *extremes->view);
    return extremes->departure != NULL && extremes->point != NULL && extremes->view != NULL
               ? SQZ_OK
               : SQZ_ERR_NOMEM;
}

void sqz_extremes_free(struct sqz_extremes *extremes)
{
    free(extremes->departure);
    free(extremes->point);
    free(extremes->view);
    extremes->departure = NULL;
    extremes->point = NULL;
    extremes->view = NULL;
}

/* Whether the price may have been beyond an extreme that was `first` and `last` away, outward, at
 * the ends of a step, if it departed from a straight course by at most `slack`. */
static inline bool may_have_passed(double first, double last, double slack, double far)
{
    first -= slack;
    last -= slack;
    return first <= 0.0 || last <= 0.0 || first * last < far;
}

/* A world's extremes so far, outward. */
struct range {
    double up, down;
};

static inline struct range range_of(const struct sqz_world_state *state)
{
    return (struct range){sqz_world_extreme_log(state, SQZ_UP),
                          sqz_world_extreme_log(state, SQZ_DOWN)};
}

static inline bool may_have_left(const struct range *range, const struct sqz_departure *departure,
                                 double slack)
{
    double from = departure->price_log[0], to = departure->price_log[1];
    return may_have_passed(range->up - from, range->up - to, slack, departure->far_log2) ||
           may_have_passed(range->down + from, range->down + to, slack, departure->far_log2);
}

/* Where D goes up and down. */
static __attribute__((noinline)) bool may_have_swung(const struct range *range,
                                                     const struct sqz_departure *departure,
                                                     const struct sqz_book *book, double duration)
{
    double lowest, highest;
    sqz_book_bounds(book, &departure->book, duration, &lowest, &highest);
    return may_have_left(range, departure, highest - lowest);
}

/* Whether a world that runs may have made an extreme on a step. */
static inline bool matters(const struct range *range, const struct sqz_departure *departure,
                           const struct sqz_book *book, const struct sqz_step *step)
{
    if (departure->slack_log == INFINITY)
        return may_have_swung(range, departure, book, step->duration);
    return may_have_left(range, departure, departure->slack_log);
}

/* Whether some world may. */
static bool any_matters(const struct sqz_extremes *extremes, size_t index)
{
    const struct sqz_departure *departure = &extremes->departure[index];
    for (size_t w = 0; w < extremes->n_worlds; w++, departure += SQZ_EXTREMES_ROOM) {
        struct range range = range_of(&extremes->state[w]);
        if (departure->running &&
            matters(&range, departure, extremes->worlds[w]->book, &extremes->step[index]))
            return true;
    }
    return false;
}

void sqz_extremes_draw(struct sqz_extremes *extremes)
{
    for (size_t index = extremes->count; index-- > 0;)
        if (any_matters(extremes, index) && !sqz_extremes_draw_still(extremes, index))
            sqz_extremes_draw_step(extremes, index);
    extremes->count = 0;
}

/* Mark the steps that still matter to a world. */
static void mark(const struct sqz_extremes *extremes, size_t w, bool *marked)
{
    const struct range range = range_of(&extremes->state[w]);
    const struct sqz_departure *departure = &extremes->departure[w * SQZ_EXTREMES_ROOM];
    const struct sqz_book *book = extremes->worlds[w]->book;
    for (size_t i = 0; i < extremes->count; i++, departure++)
        if (departure->running && matters(&range, departure, book, &extremes->step[i]))
            marked[i] = true;
}

/* Move step `from` to the place of step `to`. */
static void move(struct sqz_extremes *extremes, size_t from, size_t to)
{
    extremes->step[to] = extremes->step[from];
    for (size_t w = 0; w < extremes->n_worlds; w++)
        extremes->departure[w * SQZ_EXTREMES_ROOM + to] =
            extremes->departure[w * SQZ_EXTREMES_ROOM + from];
}

void sqz_extremes_thin(struct sqz_extremes *extremes)
{
    bool marked[SQZ_EXTREMES_ROOM] = {false};
    size_t kept = 0;
    for (size_t w = 0; w < extremes->n_worlds; w++)
        mark(extremes, w, marked);
    for (size_t index = 0; index < extremes->count; index++)
        if (marked[index]) {
            if (kept < index)
                move(extremes, index, kept);
            kept++;
        }
    extremes->count = kept;
    if (kept > SQZ_EXTREMES_ROOM / 2)
        sqz_extremes_draw(extremes);
}
