/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/core/bridge.h"

#include <math.h>

#include <gsl/gsl_randist.h>

/* Image terms below exp(-EXPONENT_MAX) are beyond double precision next to the leading one. */
static const double EXPONENT_MAX = 45.0;

double sqz_bridge_stay(double x, double y, double duration, double half_width)
{
    double up = (half_width - x) * (half_width - y), down = (half_width + x) * (half_width + y);
    if (2.0 * fmin(up, down) > EXPONENT_MAX * duration)
        return 1.0;
    double scale = 0.5 / duration, period = 4.0 * half_width, step = y - x;
    double sum = 1.0;
    sum -= exp(-2.0 * up / duration) + exp(-2.0 * down / duration);
    for (int k = 1;; k++) {
        double here = k * period;
        double plus = step + here, minus = step - here;
        double above = 2.0 * half_width + here - x - y, below = 2.0 * half_width + here + x + y;
        double direct =
            exp((step * step - plus * plus) * scale) + exp((step * step - minus * minus) * scale);
        sum += direct - exp((step * step - above * above) * scale) -
               exp((step * step - below * below) * scale);
        if ((here - fabs(step)) * (here - fabs(step)) * scale > EXPONENT_MAX + step * step * scale)
            return fmax(sum, 0.0);
    }
}

/* Images of the end point y lie at y + 2 k width, each with its mirror in 0; the pair at u > 0
 * counts exp(-(u-x)^2/2d) - exp(-(u+x)^2/2d), and a pair at u < 0 the negative of the one at -u. */
static double pair_over_leading(double x, double y, double duration, double u)
{
    double at = fabs(u);
    double gauss = exp(((y - x) * (y - x) - (at - x) * (at - x)) / (2.0 * duration));
    double ratio = gauss * expm1(-2.0 * x * at / duration) / expm1(-2.0 * x * y / duration);
    return u > 0 ? ratio : -ratio;
}

/* The same for y -> 0, where pair and leading pair both vanish like y: the ratio of their slopes,
 * equal for u and -u. */
static double slope_over_leading(double x, double duration, double u)
{
    double away = (2.0 * x * u - u * u) / (2.0 * duration);
    double toward = (-2.0 * x * u - u * u) / (2.0 * duration);
    return 0.5 * (exp(away) * (x - u) + exp(toward) * (x + u)) / x;
}

double sqz_bridge_stay_below(double x, double y, double duration, double width)
{
    if (2.0 * (width - x) * (width - y) > EXPONENT_MAX * duration)
        return 1.0;
    double sum = 1.0;
    for (int k = 1;; k++) {
        double shift = 2.0 * k * width;
        if (y > 0)
            sum += pair_over_leading(x, y, duration, y + shift) +
                   pair_over_leading(x, y, duration, y - shift);
        else
            sum += 2.0 * slope_over_leading(x, duration, shift);
        double nearest = shift - x - y;
        if (nearest > 0 && nearest * nearest - (y - x) * (y - x) > 2.0 * EXPONENT_MAX * duration)
            return fmax(sum, 0.0);
    }
}

/* One attempt at a bridge from 0 to step->end; false when it left the interval. */
static bool try_survivor(struct sqz_stream *stream, const struct sqz_step *step, const double *time,
                         double *position, size_t count)
{
    gsl_rng rng = sqz_stream_gsl(stream);
    double here = 0.0, now = 0.0;
    for (size_t i = 0; i <= count; i++) {
        double next = step->end, at = i < count ? time[i] : step->duration;
        if (i < count) {
            double left = step->duration - now, gone = at - now;
            next = here + (step->end - here) * gone / left +
                   sqrt(gone * (left - gone) / left) * gsl_ran_gaussian_ziggurat(&rng, 1.0);
        }
        if (step->half_width < INFINITY) {
            if (fabs(next - step->centre) >= step->half_width)
                return false;
            double stay = sqz_bridge_stay(here - step->centre, next - step->centre, at - now,
                                          step->half_width);
            if (stay < 1.0 && sqz_stream_uniform(stream) >= stay)
                return false;
        }
        if (i < count)
            position[i] = next;
        here = next;
        now = at;
    }
    return true;
}

/* One attempt at the distance to the exit point: a Bessel-3 bridge from abs(end) to 0, the norm
 * of a three-dimensional Brownian bridge; false when it passed the opposite end. */
static bool try_exit(struct sqz_stream *stream, const struct sqz_step *step, const double *time,
                     double *position, size_t count)
{
    gsl_rng rng = sqz_stream_gsl(stream);
    double side = step->end > 0 ? 1.0 : -1.0, width = 2.0 * step->half_width;
    double vector[3] = {fabs(step->end), 0.0, 0.0};
    double here = fabs(step->end), now = 0.0;
    for (size_t i = 0; i <= count; i++) {
        double next = 0.0, at = i < count ? time[i] : step->duration;
        if (i < count) {
            double left = step->duration - now, gone = at - now, square = 0.0;
            for (int axis = 0; axis < 3; axis++) {
                vector[axis] =
                    vector[axis] * (left - gone) / left +
                    sqrt(gone * (left - gone) / left) * gsl_ran_gaussian_ziggurat(&rng, 1.0);
                square += vector[axis] * vector[axis];
            }
            next = sqrt(square);
            position[i] = side * (fabs(step->end) - next);
        }
        if (next >= width)
            return false;
        double stay = sqz_bridge_stay_below(here, next, at - now, width);
        if (stay < 1.0 && sqz_stream_uniform(stream) >= stay)
            return false;
        here = next;
        now = at;
    }
    return true;
}

void sqz_bridge_fill(struct sqz_stream *stream, const struct sqz_step *step, const double *time,
                     double *position, size_t count)
{
    bool (*attempt)(struct sqz_stream *, const struct sqz_step *, const double *, double *,
                    size_t) = step->exited ? try_exit : try_survivor;
    while (!attempt(stream, step, time, position, count))
        ;
}

/* ---- the maximum --------------------------------------------------------------------------- */

static inline double greater(double a, double b)
{
    return a > b ? a : b;
}

/* A probability and its derivative. */
struct tail {
    double value, by_width;
};

/* Images whose share of the nearest one is below exp(-TAIL_EXPONENT) are left out. */
static const double TAIL_EXPONENT = 20.0;

/* Whether the nearest image after the k-th, 2 k width - m away, is one of those. */
static bool is_last(int k, double m, double duration, double width)
{
    double nearest = 2.0 * width - m, next = 2.0 * (k + 1) * width - m;
    return next * next - nearest * nearest > 2.0 * TAIL_EXPONENT * duration;
}

/* P(max > width) of a bridge from x to y that stays above 0: the images of y but the first, over
 * the first. Images stand at 2 k width +- (x + y) and 2 k width +- (y - x) from the start; their
 * exponentials are products of powers of three. */
static struct tail tail_of(double x, double y, double duration, double width)
{
    struct tail sum = {0.0, 0.0};
    double m = x + y, s = y - x, unit = 2.0 * width / duration;
    double images = -2.0 * x * y / duration, c = exp(images);
    double first = c < 0.5 ? 1.0 - c : -expm1(images);
    double p = exp(-unit * width), ps = exp(unit * s), pm = exp(unit * m);
    double pk = p, psk = ps, pmk = pm, square = p * p;
    for (int k = 1;; k++) {
        double shift = 2.0 * k * width;
        double near = c * pk * pmk, far = c * pk / pmk;
        double above = pk / psk, below = pk * psk;
        sum.value += near - above - below + far;
        sum.by_width += k * (above * (shift + s) + below * (shift - s) - near * (shift - m) -
                             far * (shift + m));
        if (is_last(k, m, duration, width))
            break;
        p *= square; /* to the power of 2 k + 1 */
        pk *= p;
        psk *= ps;
        pmk *= pm;
    }
    return (struct tail){sum.value / first, 2.0 * sum.by_width / (duration * first)};
}

/* The same for y -> 0. */
static struct tail tail_to_floor(double x, double duration, double width)
{
    struct tail sum = {0.0, 0.0};
    double per_s = 1.0 / duration, unit = 2.0 * width * per_s;
    double p = exp(-unit * width), px = exp(unit * x);
    double pk = p, pxk = px, square = p * p;
    for (int k = 1;; k++) {
        double near = 2.0 * k * width - x, far = 2.0 * k * width + x;
        double nearest = pk * pxk, farthest = pk / pxk;
        sum.value += nearest * near - farthest * far;
        sum.by_width +=
            k * (nearest * (1.0 - near * near * per_s) - farthest * (1.0 - far * far * per_s));
        if (is_last(k, x, duration, width))
            break;
        p *= square;
        pk *= p;
        pxk *= px;
    }
    double per_x = 1.0 / x;
    return (struct tail){sum.value * per_x, 2.0 * sum.by_width * per_x};
}

/* With the floor this far away, in units of sqrt(duration), its image is all there is. */
static const double FLOOR_FAR = 12.0;

/* A bridge from x to y counts as one to the floor below this share of duration/x: both laws differ
 * by as much, and the difference of images keeps half its digits. */
static const double AT_FLOOR = 1e-8;

static struct tail tail(double x, double y, double duration, double width)
{
    bool at_floor = x * y <= AT_FLOOR * duration;
    double start = greater(x, y);
    if (width < FLOOR_FAR * sqrt(duration))
        return at_floor ? tail_to_floor(start, duration, width) : tail_of(x, y, duration, width);
    double room = width - start, rest = at_floor ? width : width - (x < y ? x : y);
    double factor = at_floor ? (2.0 * width - start) / start : 1.0;
    double value = factor * exp(-2.0 * room * rest / duration);
    return (struct tail){value, -2.0 * (room + rest) / duration * value};
}

/* Where to look first. By the nearest image alone -log of the tail at `least + d` is
 * 2 d (d + step)/duration; the rest is taken for a parabola from 0 that is right at `high`, where
 * the tail is `there`. */
static double first_guess(double least, double step, double duration, double high,
                          struct tail there, double uniform)
{
    double straight = 2.0 / duration, square = straight, linear = straight * fabs(step);
    double length = high - least, wanted = -log(uniform);
    if (there.value > 0.0) {
        double rest = -log(there.value) - length * (linear + straight * length);
        double slope = -there.by_width / there.value - (linear + 2.0 * straight * length);
        square += (slope * length - rest) / (length * length);
        linear += 2.0 * rest / length - slope;
    }
    return least + 2.0 * wanted / (linear + sqrt(linear * linear + 4.0 * square * wanted));
}

/* The width where the tail is `uniform`: Newton's rule for -log of the tail, whose second
 * derivative is about that of the nearest image, 4/duration; halving where that would leave the
 * bounds. */
static double solve_tail(double x, double y, double duration, double high, struct tail there,
                         double uniform)
{
    static const double NEAR = 3e-4; /* of sqrt(duration): the next step would be about its cube */
    enum { TRIALS = 60 };
    double low = greater(x, y), near = NEAR * sqrt(duration);
    double width = first_guess(low, y - x, duration, high, there, uniform);
    for (int i = 0; i < TRIALS; i++) {
        if (!(width > low && width < high))
            width = 0.5 * (low + high);
        struct tail here = tail(x, y, duration, width);
        *(here.value > uniform ? &low : &high) = width;
        double per_slope = here.value / here.by_width;
        double way = log(here.value / uniform) * per_slope;
        width -= way * (1.0 - 2.0 * way * per_slope / duration);
        if (fabs(way) < near || high - low < NEAR * near)
            break;
    }
    return width < low ? low : width > high ? high : width;
}

/* The same without a floor, where P(max > r) = exp(-2 r (r - end)/duration). */
static double free_maximum(double end, double duration, double high, double uniform)
{
    double beyond = high < INFINITY ? exp(-2.0 * high * (high - end) / duration) : 0.0;
    double tail = beyond + uniform * (1.0 - beyond);
    return 0.5 * (end + sqrt(end * end - 2.0 * duration * log(tail)));
}

/* More than exp(-q), for q >= 0. */
static double above_exp(double q)
{
    return 1.0 / (1.0 + q * (1.0 + q * (0.5 + q * (1.0 / 6.0 + q * (1.0 / 24.0)))));
}

/* More than the tail at x + room, or more than 1: the nearest image has the greatest share, for a
 * bridge to the floor unless it starts within half a sqrt(duration) of that. */
static double more_than_tail(double x, double y, double duration, double room)
{
    double width = x + room, nearest = above_exp(2.0 * room * (width - y) / duration);
    if (x * y > AT_FLOOR * duration)
        return nearest / -expm1(-2.0 * x * y / duration);
    return 4.0 * x * x > duration ? nearest * (2.0 * width - x) / x : 2.0;
}

double sqz_bridge_maximum(double end, double duration, struct sqz_corridor corridor, double room,
                          double uniform)
{
    double least = greater(end, 0.0), high = corridor.high;
    bool inside = room > least;
    if (room >= high || high <= least)
        return room;
    if (!sqz_bridge_may_pass(corridor.low, -end, duration, SQZ_BRIDGE_EDGE_FAR)) {
        if (inside && uniform >= above_exp(2.0 * room * (room - end) / duration))
            return room;
        return greater(room, free_maximum(end, duration, high, uniform));
    }
    double x = corridor.low, y = greater(x + end, 0.0);
    if (inside && uniform >= more_than_tail(x, y, duration, room))
        return room;
    struct tail there = {0.0, 0.0};
    if (high < INFINITY)
        there = tail(x, y, duration, x + high);
    uniform += (1.0 - uniform) * there.value;
    return greater(room, solve_tail(x, y, duration, x + high, there, uniform) - x);
}
