/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How good a distribution was that was said in advance: proper scores of an ensemble, and what a
 * mean of scores over days that depend on each other is worth. */
#ifndef SQZ_ANALYSIS_PROPER_H
#define SQZ_ANALYSIS_PROPER_H

#include <stddef.h>
#include <stdint.h>

#include "sim/core/error.h"
#include "sim/core/estimate.h"

/* Continuous ranked probability score of an ensemble of `count` >= 2 ascending draws against what
 * happened: E|X - y| - E|X - X'|/2, unbiased for the law that the ensemble was drawn from (Ferro
 * 2014, Quarterly Journal of the Royal Meteorological Society 140, 1917). Less is better. */
double sqz_crps(const double *ascending, size_t count, double happened);

/* The share of the law below what happened, in (0, 1): uniform if the law is right. `uniform` in
 * (0, 1) decides where it lies among draws that are equal to it. */
double sqz_pit(const double *ascending, size_t count, double happened, double uniform);

/* p-value of the Kolmogorov-Smirnov statistic of `count` numbers, sorted in place, against the
 * uniform law, for independent ones (Stephens' correction, 1970). NAN for none. */
double sqz_uniform_p(double *value, size_t count);

/* Mean of values whose times depend on each other within days: `day[i]`, ascending, says to which
 * each belongs. The interval is that of the percentiles over `SQZ_BOOTSTRAPS` resamplings of whole
 * days, wider where days are few, the standard error their standard deviation; NAN with fewer than
 * two days. Values that are NAN are left out. */
enum { SQZ_BOOTSTRAPS = 2000 };
int sqz_mean_of_days(struct sqz_estimate *mean, const double *value, const long *day, size_t count,
                     uint64_t seed, struct sqz_diag *diag);

#endif
