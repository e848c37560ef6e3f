/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The integral of a smooth function over an interval, by rules whose points are fixed.
 *
 * GSL's adaptive rules call the process's error handler where they do not converge, which ends a
 * host that has left it on. This one only says so. */
#ifndef SQZ_CORE_QUADRATURE_H
#define SQZ_CORE_QUADRATURE_H

#include <stdbool.h>

struct sqz_integrand {
    double (*value)(double x, void *context);
    void *context;
};

/* Integral from `lo` to `hi` by 21, 43 or 87 points, the first that is estimated to be off by less
 * than `tolerance`, absolute or relative. False: none is, and `integral` is that of 87. */
bool sqz_quadrature(const struct sqz_integrand *integrand, double lo, double hi, double tolerance,
                    double *integral);

#endif
