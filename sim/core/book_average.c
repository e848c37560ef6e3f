/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Exponential averages of a book's displacement: what the mark price follows. */
#include <math.h>

#include "sim/core/book.h"
#include "sim/core/quadrature.h"

/* The integral in units of the averaging time, counted back from its end: of exp(-y) D(end -
 * y/rate) over y, which no rate makes narrow. */
struct average {
    const struct sqz_book *book;
    const struct sqz_book_state *state;
    double rate, end_s;
    double change_s; /* in which D may change by all it has */
};

/* Of each piece, absolute and relative; above the rounding of the rule, 50 machine epsilons. */
static const double AVERAGE_TOLERANCE = 1e-13;
/* Of an exponential nothing counts beyond this many of its time constants: exp(-45) of the largest
 * displacement there is lies below the tolerance. */
static const double TIME_CONSTANTS = 45.0;
enum { AVERAGE_HALVINGS = 30 };

static double since_start_s(const struct average *average, double back)
{
    return fmax(average->end_s - back / average->rate, 0.0);
}

static double weighted_ahead(double back, void *context)
{
    const struct average *average = context;
    double time_s = since_start_s(average, back);
    return exp(-back) * sqz_book_ahead(average->book, average->state, time_s);
}

/* Whether the points of the rule cannot miss where D moves: the parts that recover faster than the
 * piece is long are gone before it begins. */
static bool resolved(const struct average *average, double near, double far)
{
    double length_s = (far - near) / average->rate;
    return length_s <= since_start_s(average, far) + average->change_s;
}

/* Halving where D changes fast, or its slope is infinite. */
static double integrate(const struct average *average, double near, double far, int halvings)
{
    struct sqz_integrand integrand = {weighted_ahead, (void *)average};
    double value = 0.0;
    if (halvings == 0 || resolved(average, near, far)) {
        bool done = sqz_quadrature(&integrand, near, far, AVERAGE_TOLERANCE, &value);
        if (done || halvings == 0)
            return value;
    }
    double middle = 0.5 * (near + far);
    return integrate(average, near, middle, halvings - 1) +
           integrate(average, middle, far, halvings - 1);
}

/* ---- sums of exponentials ------------------------------------------------------------------- */

/* The sum of weight exp(-rate t), rates ascending. */
struct exponentials {
    size_t count;
    double rate[SQZ_LIST_MAX], weight[SQZ_LIST_MAX];
};

static double value_at(const struct exponentials *sum, double time_s)
{
    double value = 0.0;
    for (size_t i = 0; i < sum->count; i++)
        value += sum->weight[i] * exp(-sum->rate[i] * time_s);
    return value;
}

static void add_term(struct exponentials *sum, double rate, double weight)
{
    size_t i = sum->count++;
    for (; i > 0 && sum->rate[i - 1] > rate; i--) {
        sum->rate[i] = sum->rate[i - 1];
        sum->weight[i] = sum->weight[i - 1];
    }
    sum->rate[i] = rate;
    sum->weight[i] = weight;
}

/* When a sum that is monotone between two times has come to `value`: to the last bit of the time.
 */
static double time_of(const struct exponentials *sum, double value, double from_s, double to_s)
{
    bool rises = value_at(sum, to_s) > value_at(sum, from_s);
    for (;;) {
        double middle = 0.5 * (from_s + to_s);
        if (middle <= from_s || middle >= to_s)
            return to_s;
        if ((value_at(sum, middle) < value) == rises)
            from_s = middle;
        else
            to_s = middle;
    }
}

/* The times in between at which the sum is 0, ascending; returns how many, less than terms. Times
 * exp(rate t) it loses a term when differentiated, and between two zeros of that it has one at the
 * most. */
static size_t find_zeros(const struct exponentials *sum, double from_s, double to_s, double *zero_s)
{
    struct exponentials slope = {0};
    double turn_s[SQZ_LIST_MAX];
    size_t zeros = 0;
    if (sum->count < 2)
        return 0;
    for (size_t i = 1; i < sum->count; i++)
        add_term(&slope, sum->rate[i] - sum->rate[0],
                 sum->weight[i] * (sum->rate[0] - sum->rate[i]));
    size_t turns = find_zeros(&slope, from_s, to_s, turn_s);
    for (size_t i = 0; i <= turns; i++) {
        double end_s = i < turns ? turn_s[i] : to_s;
        if (value_at(sum, from_s) * value_at(sum, end_s) < 0.0)
            zero_s[zeros++] = time_of(sum, 0.0, from_s, end_s);
        from_s = end_s;
    }
    return zeros;
}

/* ---- shapes with corners -------------------------------------------------------------------- */

static double back_from_end(const struct average *average, double time_s)
{
    return fmax(average->rate * (average->end_s - time_s), 0.0);
}

/* Between two times over which what is missing is monotone: from corner to corner. */
static double integrate_monotone(const struct average *average, const struct exponentials *missing,
                                 double from_s, double to_s)
{
    const struct sqz_book *book = average->book;
    double volume = value_at(missing, from_s), end = value_at(missing, to_s), sum = 0.0;
    while (from_s < to_s) {
        double corner = book->shape->corner(book->shape_shared, volume, end);
        double next_s = corner != end ? time_of(missing, corner, from_s, to_s) : to_s;
        sum += integrate(average, back_from_end(average, next_s), back_from_end(average, from_s),
                         AVERAGE_HALVINGS);
        volume = corner;
        from_s = next_s;
    }
    return sum;
}

/* The last `length_s` before the end, piece by piece between the turns of what is missing. */
static double integrate_pieces(const struct average *average, double length_s)
{
    struct exponentials missing = {0}, slope = {0};
    double turn_s[SQZ_LIST_MAX], from_s = average->end_s - length_s, sum = 0.0;
    for (size_t i = 0; i < average->book->scales; i++) {
        double rate = average->book->rate[i], volume = average->state->missing[i];
        add_term(&missing, rate, volume);
        if (rate > 0.0 && volume != 0.0)
            add_term(&slope, rate, rate * volume);
    }
    size_t turns = find_zeros(&slope, from_s, average->end_s, turn_s);
    for (size_t i = 0; i <= turns; i++) {
        double end_s = i < turns ? turn_s[i] : average->end_s;
        sum += integrate_monotone(average, &missing, from_s, end_s);
        from_s = end_s;
    }
    return sum;
}

double sqz_book_average(const struct sqz_book *book, const struct sqz_book_state *state,
                        double rate, double elapsed_s)
{
    if (!state->recovering || rate == 0.0)
        return -expm1(-rate * elapsed_s) * state->displacement_log;
    double fastest = 0.0;
    for (size_t i = 0; i < book->scales; i++)
        if (state->missing[i] != 0.0)
            fastest = fmax(fastest, book->rate[i]);
    struct average average = {book, state, rate, elapsed_s, TIME_CONSTANTS / fastest};
    double length = fmin(rate * elapsed_s, TIME_CONSTANTS);
    return book->shape->corner != NULL ? integrate_pieces(&average, fmin(length / rate, elapsed_s))
                                       : integrate(&average, 0.0, length, AVERAGE_HALVINGS);
}
