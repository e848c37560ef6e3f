/* Brownian positions inside one step of the walk, given how the step ended.
 *
 * The walk on intervals jumps from the start of a step straight to its end. When a path is to be
 * recorded at given times, the positions in between are drawn from their exact conditional law, out
 * of a stream of their own: what is recorded never changes what happens. */
#ifndef SQZ_CORE_BRIDGE_H
#define SQZ_CORE_BRIDGE_H

#include <stdbool.h>
#include <stddef.h>

#include "sim/core/rng.h"

/* One step of standard Brownian motion from 0, as the walk drew it, or a piece of one. */
struct sqz_step {
    double half_width; /* it stayed this near to `centre`; INFINITY: no constraint */
    double duration;   /* of the step, > 0 */
    double end;        /* where it was at the end; an end of the interval if it left it there */
    int exited;        /* the step ended by leaving the interval */
    double centre;     /* of the interval; 0 for the steps of the walk */
};

/* Draw positions at `count` increasing times in (0, duration). Rejection from an unconstrained
 * bridge (survived) or a Bessel-3 bridge (exited); the expected number of trials over all steps is
 * below 2, whatever the interval. */
void sqz_bridge_fill(struct sqz_stream *stream, const struct sqz_step *step, const double *time,
                     double *position, size_t count);

/* P(a Brownian bridge from x to y over `duration` stays inside (-half_width, half_width)). */
double sqz_bridge_stay(double x, double y, double duration, double half_width);

/* P(a Bessel-3 bridge from x to y >= 0 over `duration` stays below `width`): the motion killed at 0
 * and at `width` over the motion killed at 0 alone. */
double sqz_bridge_stay_below(double x, double y, double duration, double width);

/* An event of a Brownian bridge counts as impossible at this many sqrt(duration): a bridge from 0
 * to y over d passes r with the probability exp(-2 r (r - y)/d), and exp(-2 * 2.9^2) is 5e-8. */
#define SQZ_BRIDGE_FAR 2.9

/* Whether a bridge over `duration` from 0 to `end` may pass `distance`. */
static inline bool sqz_bridge_may_pass(double distance, double end, double duration)
{
    return distance <= end || distance <= 0.0 ||
           distance * (distance - end) < SQZ_BRIDGE_FAR * SQZ_BRIDGE_FAR * duration;
}

/* The maximum of a bridge from 0 to `end` over `duration` that stays above -low and below `high`,
 * of which it may end at one (INFINITY both: anywhere), where that is beyond `room`, else `room`.
 * The smaller `uniform` in (0, 1), the higher. */
struct sqz_corridor {
    double low, high;
};
double sqz_bridge_maximum(double end, double duration, struct sqz_corridor corridor, double room,
                          double uniform);

#endif
