/* SPDX-License-Identifier: GPL-3.0-or-later */
/* GSL's root and minimum finders by Brent's method without allocation: where memory is short, GSL's
 * own allocators call an error handler that ends the host's program unless it was turned off. */
#ifndef SQZ_CORE_SOLVER_H
#define SQZ_CORE_SOLVER_H

#include <assert.h>
#include <stddef.h>

#include <gsl/gsl_min.h>
#include <gsl/gsl_roots.h>

enum { SQZ_SOLVER_STATE = 256 }; /* bytes; Brent's takes about 100 */

struct sqz_root_solver {
    gsl_root_fsolver gsl;
    _Alignas(max_align_t) unsigned char state[SQZ_SOLVER_STATE];
};

struct sqz_minimum_solver {
    gsl_min_fminimizer gsl;
    _Alignas(max_align_t) unsigned char state[SQZ_SOLVER_STATE];
};

/* For gsl_root_fsolver_set and what follows it; not for gsl_root_fsolver_free. */
static inline gsl_root_fsolver *sqz_root_solver(struct sqz_root_solver *solver)
{
    assert(gsl_root_fsolver_brent->size <= sizeof solver->state);
    solver->gsl = (gsl_root_fsolver){.type = gsl_root_fsolver_brent, .state = solver->state};
    return &solver->gsl;
}

/* For gsl_min_fminimizer_set and what follows it; not for gsl_min_fminimizer_free. */
static inline gsl_min_fminimizer *sqz_minimum_solver(struct sqz_minimum_solver *solver)
{
    assert(gsl_min_fminimizer_brent->size <= sizeof solver->state);
    solver->gsl = (gsl_min_fminimizer){.type = gsl_min_fminimizer_brent, .state = solver->state};
    return &solver->gsl;
}

#endif
