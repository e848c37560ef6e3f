/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/core/exit_maximum.h"

#include <math.h>

#include "sim/core/bridge.h"

/* Images beyond this share of the nearest one are left out. */
static const double IMAGE_NEGLIGIBLE = 1e-12;

/* A probability and its first two derivatives. */
struct tail {
    double value, slope, bend;
};

/* P(max > width - 1) of an exit at -1 that may go as far as it likes on the other side:
 * the images of a bridge to the floor (bridge.c), in units of its start. `near` = exp(-2 width
 * (width - 1) rate) is the nearest image, `ratio` = exp(-4 width rate) what the next is of it;
 * `rate` = 1/duration. */
static struct tail tail_of(double width, double rate, double near, double ratio)
{
    struct tail sum = {0.0, 0.0, 0.0};
    double image = near, power = ratio, step = near, square = near * near;
    for (int k = 1;; k++) {
        double centre = 2.0 * k * width, a = centre - 1.0, b = centre + 1.0;
        double beyond = image * power, above = image * a, below = beyond * b;
        double aa = a * a * rate, bb = b * b * rate;
        sum.value += above - below;
        sum.slope += k * (image * (1.0 - aa) - beyond * (1.0 - bb));
        sum.bend += k * k * (above * (3.0 - aa) - below * (3.0 - bb));
        step *= square; /* to the power of 2 k + 1 */
        image = beyond * step;
        if (image < IMAGE_NEGLIGIBLE * near)
            break;
        power *= ratio;
    }
    return (struct tail){sum.value, 2.0 * sum.slope, -4.0 * rate * sum.bend};
}

/* The same at width 2, where the images are powers of the nearest, to the triangular numbers. */
static double tail_at_end(double rate)
{
    double near = exp(-4.0 * rate), image = near, power = near, factor = 3.0, sum = 0.0;
    while (image > IMAGE_NEGLIGIBLE * near) {
        sum += factor * image;
        factor = factor > 0.0 ? -2.0 - factor : 2.0 - factor; /* 3, -5, 7 */
        power *= near;
        image *= power;
    }
    return sum;
}

/* Between the four places around. */
static double start_at(const struct sqz_exit_maxima *maxima, double duration, double uniform)
{
    double row = SQZ_EXIT_MAXIMA_CELLS * duration / (duration + 1.0);
    double column = SQZ_EXIT_MAXIMA_CELLS * uniform;
    int i = (int)row, j = (int)column;
    const double *low = &maxima->start[i][j], *high = &maxima->start[i + 1][j];
    double across = column - j, first = low[0] + across * (low[1] - low[0]);
    return first + (row - i) * (high[0] + across * (high[1] - high[0]) - first);
}

/* The maximum where the tail is `wanted`: Newton's rule for its logarithm, with the second
 * derivative, from `maximum` on; halving where that would leave the bounds. */
static double solve(double duration, double maximum, double wanted)
{
    /* Of sqrt(duration): what is left goes with its cube, below 1e-7 of the probability to exit and
     * be as low. */
    static const double NEAR = 1.5e-3;
    enum { TRIALS = 60 };
    double rate = 1.0 / duration, near = NEAR * sqrt(duration), low = 0.0, high = 1.0;
    for (int i = 0; i < TRIALS; i++) {
        if (!(maximum > low && maximum < high))
            maximum = 0.5 * (low + high);
        double width = 1.0 + maximum, unit = -2.0 * width * rate;
        struct tail here = tail_of(width, rate, exp(unit * maximum), exp(2.0 * unit));
        *(here.value > wanted ? &low : &high) = maximum;
        double per_value = 1.0 / here.value, slope = here.slope * per_value;
        double bend = here.bend * per_value - slope * slope; /* of the logarithm */
        double way = log(wanted * per_value) / slope;
        maximum += way * (1.0 - 0.5 * way * bend / slope);
        if (fabs(way) < near || high - low < NEAR * near)
            break;
    }
    return maximum < low ? low : maximum > high ? high : maximum;
}

/* More than exp(-q), for q >= 0. */
static double above_exp(double q)
{
    return 1.0 / (1.0 + q * (1.0 + q * (0.5 + q * (1.0 / 6.0 + q * (1.0 / 24.0)))));
}

/* More than the tail at `room`, or more than 1: the nearest image has the greatest share, unless
 * the exit takes long. */
static double more_than_tail(double duration, double room)
{
    double width = 1.0 + room, exponent = 2.0 * room * width / duration;
    return duration < 4.0 ? above_exp(exponent) * (width + room) : 2.0;
}

double sqz_exit_maximum(const struct sqz_exit_maxima *maxima, double duration, double room,
                        double uniform)
{
    if (room > 0.0 && uniform >= more_than_tail(duration, room))
        return room;
    double beyond = tail_at_end(1.0 / duration);
    double wanted = uniform + (1.0 - uniform) * beyond;
    double maximum = solve(duration, start_at(maxima, duration, uniform), wanted);
    return maximum > room ? maximum : room;
}

void sqz_exit_maxima_init(struct sqz_exit_maxima *maxima)
{
    static const double CELL = 1.0 / SQZ_EXIT_MAXIMA_CELLS;
    static const struct sqz_corridor CORRIDOR = {1.0, 1.0};
    for (int i = 0; i <= SQZ_EXIT_MAXIMA_CELLS; i++) {
        double *row = maxima->start[i], share = i * CELL;
        /* The first row beyond the span is there to be read between; then the image series has lost
         * its digits, and none is read. */
        double duration = fmin(share / (1.0 - share), 1.2 * SQZ_EXIT_MAXIMA_SPAN);
        row[0] = i > 0 ? 1.0 : 0.0;
        for (int j = 1; j < SQZ_EXIT_MAXIMA_CELLS; j++)
            row[j] = i > 0 ? sqz_bridge_maximum(-1.0, duration, CORRIDOR, 0.0, j * CELL) : 0.0;
        row[SQZ_EXIT_MAXIMA_CELLS] = 0.0;
    }
}
