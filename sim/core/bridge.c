#include "sim/core/bridge.h"

#include <math.h>
#include <stdbool.h>

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
            if (fabs(next) >= step->half_width)
                return false;
            double stay = sqz_bridge_stay(here, next, at - now, step->half_width);
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

/* One attempt at the distance to the exit point: a Bessel-3 bridge from half_width to 0, the norm
 * of a three-dimensional Brownian bridge; false when it passed the opposite end. */
static bool try_exit(struct sqz_stream *stream, const struct sqz_step *step, const double *time,
                     double *position, size_t count)
{
    gsl_rng rng = sqz_stream_gsl(stream);
    double side = step->end > 0 ? 1.0 : -1.0, width = 2.0 * step->half_width;
    double vector[3] = {step->half_width, 0.0, 0.0};
    double here = step->half_width, now = 0.0;
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
            position[i] = side * (step->half_width - next);
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
