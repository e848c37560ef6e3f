/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Maps for tests, and the branching ratio by its definition. */
#ifndef SQZ_TESTS_UNIT_MAP_FIXTURE_H
#define SQZ_TESTS_UNIT_MAP_FIXTURE_H

#include <math.h>

#include "sim/analysis/zones.h"
#include "tests/support/support.h"
#include "tests/unit/books_fixture.h"

enum { SEED = 77 };

/* A world on any book; the book must outlive it. */
static inline void world_on(struct test_world *test, const struct sqz_book *book,
                            struct sqz_level *levels, size_t count)
{
    test_world_init(test, levels, count, 0.01, 1000);
    test->world.market.book = book;
}

static inline void check_relative(const char *what, double value, double expected, double relative)
{
    check_near(what, value, expected, relative * fabs(expected));
}

enum { UNEVEN = 50 };
static const double SCALE = 0.0043, SURVIVAL = 0.23, TOUCH = 1e-10;

/* Fifty levels a side, unevenly spaced and sized; the first two and two more share a price. */
static inline void uneven_levels(struct sqz_level level[2 * UNEVEN])
{
    struct sqz_stream stream;
    sqz_stream_open(&stream, SEED, 0, 0);
    for (int side = 0; side < 2; side++) {
        double at = 0.0;
        for (int i = 0; i < UNEVEN; i++) {
            double u = sqz_stream_uniform(&stream);
            at += i == 0 ? 0.0007 : i == 17 ? 0.0 : 0.004 * u * u;
            level[side * UNEVEN + i] =
                (struct sqz_level){.distance_log = at,
                                   .notional_usd = 6e6 * sqz_stream_uniform(&stream),
                                   .side = (unsigned char)side};
        }
    }
}

/* R at the centre `p`: a loop over the levels and a plain search for the order. A level at an edge
 * of the window counts at the near one only, and is at an edge if it is within TOUCH of it. */
static inline double ratio_at(const struct sqz_ladder_side *levels, int which, int side, double p)
{
    double lo = fmax(p - SCALE / 2, 0.0), sum = 0.0;
    for (size_t i = 0; i < levels->count; i++)
        if (levels->distance_log[i] >= lo - TOUCH && levels->distance_log[i] < lo + SCALE - TOUCH)
            sum += (1 - SURVIVAL) * levels->notional_usd[i];
    return sum / order_for(which, side, SCALE);
}

/* `count` equal levels of one side, evenly from lo to hi, that amount to `n` times the density
 * which moves a flat book of `depth_usd` as far as it reaches. */
static inline void add_band(struct sqz_level *level, size_t count, double lo, double hi, double n,
                            double depth_usd, enum sqz_side side)
{
    double width = (hi - lo) / (double)count;
    for (size_t i = 0; i < count; i++)
        level[i] = (struct sqz_level){.distance_log = lo + ((double)i + 0.5) * width,
                                      .notional_usd = n * depth_usd / 0.01 * width,
                                      .side = (unsigned char)side};
}

enum { MANY = 20000 };

/* The zones of a world, burnt; the caller frees them. */
static inline void zones_of(const struct test_world *test, double scale, struct sqz_zone **zone,
                            size_t *count, uint64_t work, size_t *stride)
{
    struct sqz_static_world rest;
    struct sqz_diag diag = {0};
    assert_int_equal(sqz_static_world_init(&rest, &test->world, &diag), SQZ_OK);
    assert_int_equal(sqz_zones_find(&rest, scale, zone, count, &diag), SQZ_OK);
    assert_int_equal(sqz_zones_cascade(&rest, *zone, *count, work, stride, &diag), SQZ_OK);
    sqz_static_world_free(&rest);
}

#endif
