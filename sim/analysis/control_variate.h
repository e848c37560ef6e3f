/* What a sweep's points are, compared with one base.
 *
 * Each of the m points that were run (the base is one of them) walks n paths of its own and, with
 * them, the base: x and y are a point's means, d = x - y their paired difference. x moves with the
 * luck of the paths that were drawn; most of that luck is in y too. So the base is what all m n
 * base paths say, b, and a point is corrected for how far y strayed from it (regression on a
 * control variate; Glasserman 2004, section 4.1):
 *
 *     shown = x - k (y - b),   k = Cov(x, y)/Var(y),   shown difference = shown - b
 *
 * The points' paths are independent of each other, and x - k y is uncorrelated with y, so that
 *
 *     Var(shown)     = Var(x) (1 - corr(x, y)^2) +  k^2      Var(b)
 *     Var(shown - b) = Var(x) (1 - corr(x, y)^2) + (k - 1)^2 Var(b),    Var(b) = mean(Var(y))/m
 *
 * which is at most Var(x), and at most Var(d). Of means the rest Var(x) (1 - corr^2) is that of a
 * fitted line, with n - 2 degrees of freedom, and the interval is the normal one.
 *
 * Of a probability the same is stratification by whether the base touches: with p1 and p0 the
 * shares of the point's touches where the base does and where it does not,
 *
 *     shown = b p1 + (1 - b) p0,   k = p1 - p0,
 *
 * always from 0 to 1. Its interval puts those of p1, p0 and b (Wilson's) together, each end by
 * their own ends (MOVER; Zou and Donner 2008, Statistics in Medicine 27, 1693), and stays honest
 * where nothing or everything is touched. Where the base always or never touches, what it would do
 * otherwise is unknown: as the base, somewhere from 0 to 1.
 *
 * Where so little was forced on a point's own paths that the line is not known or would lead below
 * nothing (sqz_estimate_is_sparse) the point is what its own paths say, and its difference is that
 * less b, by MOVER. Where no pair differs it is the base, by as much as the difference of pairs of
 * which none differs may be.
 *
 * A point that is the base has no paths of its own; it is b, and its difference is 0.
 *
 * b leaves out the points that a sweep added after it had seen the others (sim/analysis/refine.h),
 * so that these are the same whether or not any were added. Of an added point b is then independent
 * of y; x - k y is uncorrelated with both, and what stands above holds as it is. */
#ifndef SQZ_ANALYSIS_CONTROL_VARIATE_H
#define SQZ_ANALYSIS_CONTROL_VARIATE_H

#include "sim/io/sweep.h"

/* Set what is shown of the points that have been run. Where a point has no difference to the base,
 * as only one of the two watches a price, it is what its own paths say. */
void sqz_sweep_control(struct sqz_sweep *sweep);

#endif
