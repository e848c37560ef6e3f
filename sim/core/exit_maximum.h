/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How far a motion went the other way before it left (-1, 1), given when it left.
 *
 * Nearly all steps of a market at rest are such exits, so this is the one maximum of bridge.h that
 * has a fast way of its own: a table says where to look, and one or two steps of Newton's rule find
 * the place to 1e-7 of probability. */
#ifndef SQZ_CORE_EXIT_MAXIMUM_H
#define SQZ_CORE_EXIT_MAXIMUM_H

/* Where to look first, by duration/(duration + 1) and by the uniform
 * number. Immutable once initialised. */
enum { SQZ_EXIT_MAXIMA_CELLS = 24 };
struct sqz_exit_maxima {
    double start[SQZ_EXIT_MAXIMA_CELLS + 1][SQZ_EXIT_MAXIMA_CELLS + 1];
};

/* The longest exit it is for, in units of half_width^2. */
#define SQZ_EXIT_MAXIMA_SPAN 10.0

void sqz_exit_maxima_init(struct sqz_exit_maxima *maxima);

/* The maximum of a motion that left (-1, 1) at -1, where that is beyond `room` < 1, else `room`: by
 * the law of sqz_bridge_maximum(-1, duration, {1, 1}, room, uniform), in half the time. */
double sqz_exit_maximum(const struct sqz_exit_maxima *maxima, double duration, double room,
                        double uniform);

#endif
