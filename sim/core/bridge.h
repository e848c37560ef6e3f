/* Brownian positions inside one step of the walk, given how the step ended.
 *
 * The walk on intervals jumps from the start of a step straight to its end. When a path is to be
 * recorded at given times, the positions in between are drawn from their exact conditional law, out
 * of a stream of their own: what is recorded never changes what happens. */
#ifndef SQZ_CORE_BRIDGE_H
#define SQZ_CORE_BRIDGE_H

#include <stddef.h>

#include "sim/core/rng.h"

/* One step of standard Brownian motion from 0, as the walk drew it. */
struct sqz_step {
    double half_width; /* it stayed inside (-half_width, half_width); INFINITY: no constraint */
    double duration;   /* of the step, > 0 */
    double end;        /* where it was at the end; +-half_width if it left the interval there */
    int exited;        /* the step ended by leaving the interval */
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

#endif
