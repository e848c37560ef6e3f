/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/analysis/threshold.h"

#include <math.h>

static const double WIDEN = 10.0;

/* Halve between `lo`, where it is not true, and `hi`, where it is. */
static double bisect(const struct sqz_threshold *threshold, double lo, double hi)
{
    while (hi - lo > threshold->tolerance * hi) {
        double middle = 0.5 * (lo + hi);
        if (threshold->holds(threshold->context, middle))
            hi = middle;
        else
            lo = middle;
    }
    return hi;
}

static double lowest_island(const struct sqz_threshold *threshold, double found)
{
    double parts = threshold->scan + 1.0, lo = threshold->guess;
    if (found <= lo * (1 + parts * threshold->tolerance))
        return found;
    for (unsigned i = 1; i <= threshold->scan; i++) {
        double value = threshold->guess * pow(found / threshold->guess, i / parts);
        if (threshold->holds(threshold->context, value))
            return bisect(threshold, lo, value);
        lo = value;
    }
    return found;
}

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
    return lowest_island(threshold, bisect(threshold, lo, hi));
}
