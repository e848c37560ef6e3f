/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Exit of standard Brownian motion from (-1, 1), started at 0.
 *
 * T is the first time abs(W) reaches 1; its law is J*(1,0) of Polson, Scott and Windle (2013),
 * after Devroye, "On exact simulation algorithms for some distributions related to Jacobi theta
 * functions" (Statist. Probab. Lett. 79, 2009). The side of the exit is +1 or -1 with equal
 * probability, independent of T. Every other interval, volatility and start follows by scaling. */
#ifndef SQZ_CORE_EXIT_TIME_H
#define SQZ_CORE_EXIT_TIME_H

#include "sim/core/error.h"
#include "sim/core/rng.h"

/* Before this time T has probability under 1e-200. */
#define SQZ_EXIT_NEVER_BEFORE 1e-3

/* Density and distribution function of T at t >= 0, to full double precision. */
double sqz_exit_time_density(double t);
double sqz_exit_time_cdf(double t);

enum { SQZ_EXIT_LAYERS = 256 };

/* Layers of a two-sided ziggurat (Marsaglia and Tsang, J. Stat. Softw. 5(8), 2000, extended to a
 * unimodal density with two flanks): equal areas, so a layer is picked by eight random bits. */
struct sqz_exit_layer {
    double left, width;             /* the rectangle's extent in t */
    double inner_left, inner_right; /* inside this part the rectangle lies under the density */
    double bottom, height;          /* its extent in density */
};

/* Immutable once initialised; share it between threads. */
struct sqz_exit_table {
    struct sqz_exit_layer layer[SQZ_EXIT_LAYERS];
    double tail_start; /* beyond it T is drawn from its exponential tail */
};

/* Solve for the layers. Fails only if the root finder does. */
int sqz_exit_table_init(struct sqz_exit_table *table, struct sqz_diag *diag);

struct sqz_exit {
    double time;
    double side; /* +1 or -1 */
};

/* The rare part of a draw: a point of layer `index` at `t` outside the inner rectangle. Returns the
 * exit time, or a negative number for "rejected, draw again". */
double sqz_exit_time_wedge(const struct sqz_exit_table *table, struct sqz_stream *stream,
                           unsigned index, double t);

/* Draw T and the side. Exact up to the rounding of doubles. */
static inline struct sqz_exit sqz_exit_time_draw(const struct sqz_exit_table *table,
                                                 struct sqz_stream *stream)
{
    for (;;) {
        uint64_t bits = sqz_stream_u64(stream);
        unsigned index = bits & (SQZ_EXIT_LAYERS - 1);
        double side = (bits & SQZ_EXIT_LAYERS) != 0 ? 1.0 : -1.0;
        const struct sqz_exit_layer *layer = &table->layer[index];
        double t = layer->left + sqz_uniform_of(bits) * layer->width;
        if (t > layer->inner_left && t < layer->inner_right)
            return (struct sqz_exit){t, side};
        t = sqz_exit_time_wedge(table, stream, index, t);
        if (t > 0)
            return (struct sqz_exit){t, side};
    }
}

/* Draw W(t) given that abs(W) stayed below 1 up to t > 0. */
double sqz_exit_time_survivor(struct sqz_stream *stream, double t);

#endif
