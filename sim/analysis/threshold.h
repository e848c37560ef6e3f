/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The smallest number for which something is true, where that is so of all larger ones, or nearly.
 */
#ifndef SQZ_ANALYSIS_THRESHOLD_H
#define SQZ_ANALYSIS_THRESHOLD_H

#include <stdbool.h>

struct sqz_threshold {
    bool (*holds)(void *context, double value);
    void *context;
    double guess;     /* > 0; where to look first. A good one saves work, a bad one costs some. */
    double tolerance; /* relative */
    double limit;     /* larger numbers are not tried */
    unsigned scan;    /* numbers between the guess and the answer to try besides; 0: none */
};

/* Bisection, from the narrowest bracket around the guess that opens tenfold until it holds the
 * answer. Returns a value for which it is true and, unless that is 0, not true by `tolerance`
 * below; INFINITY if it is true nowhere up to `limit`. With `scan`, islands of truth between the
 * guess and that value are looked for at as many places in equal ratios; the answer is then the
 * foot of the lowest island found. */
double sqz_threshold_find(const struct sqz_threshold *threshold);

#endif
