#include "sim/analysis/threshold.h"

#include <math.h>

static const double WIDEN = 10.0;

double sqz_threshold_find(const struct sqz_threshold *threshold)
{
    bool (*holds)(void *, double) = threshold->holds;
    void *context = threshold->context;
    double guess = threshold->guess, width = 0.5 * threshold->tolerance * guess;
    double lo = 0.0, hi = guess + width; /* to be: not true, true */
    if (holds(context, 0.0))
        return 0.0;
    for (; !holds(context, hi); hi = guess + width) {
        if (hi > threshold->limit)
            return INFINITY;
        lo = hi;
        width *= WIDEN;
    }
    for (; lo == 0.0 && width < guess; width *= WIDEN) {
        if (holds(context, guess - width))
            hi = guess - width;
        else
            lo = guess - width;
    }
    while (hi - lo > threshold->tolerance * hi) {
        double middle = 0.5 * (lo + hi);
        if (holds(context, middle))
            hi = middle;
        else
            lo = middle;
    }
    return hi;
}
