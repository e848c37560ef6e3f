/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/core/exit_time.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>

#include <gsl/gsl_errno.h>
#include <gsl/gsl_randist.h>

#include "sim/core/solver.h"

/* Two series for the same law: images of the starting point converge fast for small t,
 * eigenfunctions for large t. At the crossover four terms of either reach 1e-16. */
static const double SERIES_CROSSOVER = 0.64;
static const int SERIES_TERMS = 5;

double sqz_exit_time_density(double t)
{
    if (t < SQZ_EXIT_NEVER_BEFORE)
        return 0.0;
    double sum = 0.0, sign = 1.0;
    bool small = t < SERIES_CROSSOVER;
    double rate = small ? 0.5 / t : M_PI * M_PI * t / 8.0;
    /* exp(-(2k+1)^2 rate) from its predecessor: (2k+1)^2 - (2k-1)^2 = 8k. */
    double term = exp(-rate), eighth = exp(-8.0 * rate), ratio = 1.0;
    for (int k = 0; k < SERIES_TERMS; k++, sign = -sign) {
        sum += sign * (2 * k + 1) * term;
        ratio *= eighth;
        term *= ratio;
    }
    return sum * (small ? sqrt(2.0 / M_PI) / (t * sqrt(t)) : M_PI_2);
}

static double survival_series(double t)
{
    double sum = 0.0, sign = 1.0;
    for (int k = 0; k < SERIES_TERMS; k++, sign = -sign) {
        double odd = 2 * k + 1;
        sum += sign / odd * exp(-odd * odd * M_PI * M_PI * t / 8.0);
    }
    return 4.0 / M_PI * sum;
}

double sqz_exit_time_cdf(double t)
{
    if (t < SQZ_EXIT_NEVER_BEFORE)
        return 0.0;
    if (t >= SERIES_CROSSOVER)
        return 1.0 - survival_series(t);
    double sum = 0.0, sign = 1.0;
    for (int k = 0; k < SERIES_TERMS; k++, sign = -sign)
        sum += sign * erfc((2 * k + 1) / sqrt(2.0 * t));
    return 2.0 * sum;
}

/* ---- ziggurat ------------------------------------------------------------------------------ */

static double negative_density(double t, void *unused)
{
    (void)unused;
    return -sqz_exit_time_density(t);
}

static double density_minus(double t, void *level)
{
    return sqz_exit_time_density(t) - *(double *)level;
}

enum { MAX_ITERATIONS = 200 };

static int find_mode(double *mode)
{
    struct sqz_minimum_solver own;
    gsl_min_fminimizer *minimizer = sqz_minimum_solver(&own);
    gsl_function f = {negative_density, NULL};
    int status = gsl_min_fminimizer_set(minimizer, &f, 0.33, 0.1, 1.0);
    for (int i = 0; status == GSL_SUCCESS && i < MAX_ITERATIONS; i++) {
        status = gsl_min_fminimizer_iterate(minimizer);
        double lo = gsl_min_fminimizer_x_lower(minimizer);
        double hi = gsl_min_fminimizer_x_upper(minimizer);
        if (gsl_min_test_interval(lo, hi, 0.0, 1e-9) == GSL_SUCCESS)
            break;
    }
    *mode = gsl_min_fminimizer_x_minimum(minimizer);
    return status;
}

/* The t in [lo, hi] where `function` changes sign. */
static int find_root(gsl_root_fsolver *solver, gsl_function *function, double lo, double hi,
                     double *root)
{
    int status = gsl_root_fsolver_set(solver, function, lo, hi);
    for (int i = 0; status == GSL_SUCCESS && i < MAX_ITERATIONS; i++) {
        status = gsl_root_fsolver_iterate(solver);
        double a = gsl_root_fsolver_x_lower(solver), b = gsl_root_fsolver_x_upper(solver);
        if (gsl_root_test_interval(a, b, 0.0, 4 * DBL_EPSILON) == GSL_SUCCESS)
            break;
    }
    *root = gsl_root_fsolver_root(solver);
    return status;
}

/* What a run of the lowest layer's right edge needs and finds. */
struct stack {
    gsl_root_fsolver *inverse;
    struct sqz_exit_table *table;
    double mode, peak;
    int status;
};

/* The flanks of the density at `level`; at or above the peak both are the mode. */
static int find_flanks(struct stack *stack, double level, double *left, double *right)
{
    *left = *right = stack->mode;
    if (level >= stack->peak)
        return GSL_SUCCESS;
    gsl_function f = {density_minus, &level};
    int status = find_root(stack->inverse, &f, SQZ_EXIT_NEVER_BEFORE, stack->mode, left);
    if (status == GSL_SUCCESS)
        status = find_root(stack->inverse, &f, stack->mode, stack->table->tail_start, right);
    return status;
}

/* Stack equal areas upward from a lowest layer that ends at `tail_start`; return by how much the
 * top overshoots the density's peak. The lowest layer holds the tail and, on the left, the strip
 * from 0. */
static double stack_overshoot(double tail_start, void *context)
{
    struct stack *stack = context;
    struct sqz_exit_layer *layer = stack->table->layer;
    stack->table->tail_start = tail_start;
    double level = sqz_exit_time_density(tail_start);
    double area = tail_start * level + survival_series(tail_start);
    double left = 0.0, right = tail_start, bottom = 0.0;
    layer[0] = (struct sqz_exit_layer){.left = 0.0, .width = area / level, .height = level};
    for (int i = 0; i < SQZ_EXIT_LAYERS; i++) {
        if (i > 0)
            layer[i] = (struct sqz_exit_layer){.left = left,
                                               .width = right - left,
                                               .bottom = bottom,
                                               .height = area / (right - left)};
        bottom += layer[i].height;
        if (bottom >= stack->peak && i < SQZ_EXIT_LAYERS - 1)
            return (bottom - stack->peak) + (SQZ_EXIT_LAYERS - 1 - i) * stack->peak;
        stack->status = find_flanks(stack, bottom, &left, &right);
        if (stack->status != GSL_SUCCESS)
            return 0.0;
        if (i == 0)
            right = tail_start;
        layer[i].inner_left = left;
        layer[i].inner_right = right;
    }
    return bottom - stack->peak;
}

int sqz_exit_table_init(struct sqz_exit_table *table, struct sqz_diag *diag)
{
    struct sqz_root_solver outer, inner;
    struct stack stack = {.table = table, .inverse = sqz_root_solver(&inner)};
    gsl_function f = {stack_overshoot, &stack};
    double tail_start;
    int status = find_mode(&stack.mode);
    stack.peak = sqz_exit_time_density(stack.mode);
    if (status == GSL_SUCCESS)
        status = find_root(sqz_root_solver(&outer), &f, 2.0, 8.0, &tail_start);
    if (status == GSL_SUCCESS) {
        stack_overshoot(tail_start, &stack);
        status = stack.status;
    }
    if (status != GSL_SUCCESS)
        return sqz_fail(diag, SQZ_ERR_NOMEM, "exit-time table: %s", gsl_strerror(status));
    return SQZ_OK;
}

static double exponential(struct sqz_stream *stream)
{
    return -log(sqz_stream_uniform(stream));
}

/* Beyond tail_start the density is its first eigenfunction times 1 - 3 exp(-pi^2 t) + ..., the
 * factor being the acceptance probability. */
static double draw_tail(double tail_start, struct sqz_stream *stream)
{
    for (;;) {
        double t = tail_start + exponential(stream) * 8.0 / (M_PI * M_PI);
        double first = M_PI_2 * exp(-M_PI * M_PI * t / 8.0);
        if (sqz_stream_uniform(stream) * first <= sqz_exit_time_density(t))
            return t;
    }
}

double sqz_exit_time_wedge(const struct sqz_exit_table *table, struct sqz_stream *stream,
                           unsigned index, double t)
{
    const struct sqz_exit_layer *layer = &table->layer[index];
    if (index == 0 && t >= table->tail_start)
        return draw_tail(table->tail_start, stream);
    double height = layer->bottom + sqz_stream_uniform(stream) * layer->height;
    return height < sqz_exit_time_density(t) ? t : -1.0;
}

/* ---- position given survival --------------------------------------------------------------- */

/* An image whose share of the free density is below exp(-EXPONENT_MAX) does not change the sum. */
static const double EXPONENT_MAX = 45.0;

static inline double image_share(double exponent)
{
    return exponent > -EXPONENT_MAX ? exp(exponent) : 0.0;
}

/* Ratio of the density of W(t) killed at -1 and 1 to the free density at x: images of the start. */
static double image_ratio(double x, double t)
{
    /* Below SURVIVOR_CROSSOVER the shares of all others are under exp(-60). */
    static const int FIRST = -2, LAST = 1;
    double sum = 0.0;
    for (int k = FIRST; k <= LAST; k++) {
        double same = x - 4 * k, mirrored = x - 2 - 4 * k;
        sum += image_share((x * x - same * same) / (2 * t)) -
               image_share((x * x - mirrored * mirrored) / (2 * t));
    }
    return sum;
}

static double survivor_images(struct sqz_stream *stream, double t)
{
    gsl_rng rng = sqz_stream_gsl(stream);
    for (;;) {
        double x = sqrt(t) * gsl_ran_gaussian_ziggurat(&rng, 1.0);
        if (fabs(x) < 1.0 && sqz_stream_uniform(stream) < image_ratio(x, t))
            return x;
    }
}

/* Proposal: the first eigenfunction cos(pi x / 2); ratio by the recurrence for
 * r_n = cos((2n+1) a) / cos(a), which needs no division near the ends. */
static double survivor_eigen(struct sqz_stream *stream, double t)
{
    enum { MODES = 8 };
    double weight[MODES] = {1.0}, bound = 1.0;
    double decay = exp(-M_PI * M_PI * t), factor = 1.0;
    for (int n = 1; n < MODES; n++) { /* exp(-((2n+1)^2 - 1) pi^2 t / 8), as in the density */
        factor *= decay;
        weight[n] = weight[n - 1] * factor;
        bound += (2 * n + 1) * weight[n];
    }
    for (;;) {
        double x = asin(2.0 * sqz_stream_uniform(stream) - 1.0) / M_PI_2;
        double twice = 2.0 * cos(M_PI * x);
        double before = 1.0, ratio = 1.0, sum = 1.0;
        for (int n = 1; n < MODES; n++) {
            double next = twice * ratio - before;
            before = ratio;
            ratio = next;
            sum += ratio * weight[n];
        }
        if (sqz_stream_uniform(stream) * bound < sum)
            return x;
    }
}

double sqz_exit_time_survivor(struct sqz_stream *stream, double t)
{
    static const double SURVIVOR_CROSSOVER = 0.4;
    return t < SURVIVOR_CROSSOVER ? survivor_images(stream, t) : survivor_eigen(stream, t);
}
