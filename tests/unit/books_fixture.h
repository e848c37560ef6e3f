/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Books of several shapes for tests, each with the same law written once more. */
#ifndef SQZ_TESTS_UNIT_BOOKS_FIXTURE_H
#define SQZ_TESTS_UNIT_BOOKS_FIXTURE_H

#include <math.h>
#include <string.h>

#include "models/books/books.h"
#include "tests/support/support.h"

/* Number 0 to 2: the power shapes; 3: a table. */
enum { FLAT, SQUARE_ROOT, CONCAVE, SHAPES, BOOKS = SHAPES + 1, CORNERS = 3 };
static const double SHAPE[SHAPES] = {1.0, 2.0, 0.67};
static const double DEPTH_USD = 20e6, PERMANENT = 0.3;
/* Cumulative depth of asks and bids at corners, in bp and USD; beyond, the last slope goes on. */
static const double DISTANCE_BP[2][CORNERS] = {{10, 55, 300}, {15, 60, 240}};
static const double CUMULATIVE_USD[2][CORNERS] = {{3.5e6, 9.75e6, 61e6}, {2.9e6, 14.25e6, 44e6}};

struct shaped_book {
    int which;
    double gamma;
    struct test_book power;
    double cell[2 * CORNERS * 3];
    long line[2 * CORNERS];
    char shared[256];
    struct sqz_book book;
};

static inline void shaped_book_init_params(struct shaped_book *shaped, int which,
                                           const struct sqz_book_params *params)
{
    struct sqz_diag diag = {0};
    memset(shaped, 0, sizeof *shaped);
    shaped->which = which;
    shaped->gamma = params->withdrawal_gamma;
    if (which < SHAPES) {
        test_book_init(&shaped->power, DEPTH_USD, SHAPE[which], PERMANENT, 60);
        assert_int_equal(
            sqz_book_init(&shaped->book, params, &sqz_book_power, shaped->power.shared, &diag),
            SQZ_OK);
        return;
    }
    struct sqz_table table = {.file = "depth.csv",
                              .rows = 2 * CORNERS,
                              .columns = 3,
                              .value = shaped->cell,
                              .line = shaped->line};
    for (int i = 0; i < 2 * CORNERS; i++) {
        shaped->cell[3 * i] = i % 2;
        shaped->cell[3 * i + 1] = DISTANCE_BP[i % 2][i / 2];
        shaped->cell[3 * i + 2] = CUMULATIVE_USD[i % 2][i / 2];
    }
    assert_true(sqz_book_table.n_params == 1 && sqz_book_table.params[0].offset == 0);
    assert_true(sqz_book_table.shared_size <= sizeof shaped->shared);
    assert_int_equal(sqz_book_table.prepare(&table, shaped->shared, &diag), SQZ_OK);
    assert_int_equal(sqz_book_init(&shaped->book, params, &sqz_book_table, shaped->shared, &diag),
                     SQZ_OK);
}

static inline void shaped_book_init(struct shaped_book *shaped, int which, double gamma)
{
    struct sqz_book_params params = {.permanent = PERMANENT,
                                     .halflife_s = {2, {20, 900}},
                                     .withdrawal_gamma = gamma,
                                     .withdrawal_halflife_s = 600};
    shaped_book_init_params(shaped, which, &params);
}

static inline void shaped_book_free(struct shaped_book *shaped)
{
    if (shaped->which == SHAPES)
        sqz_book_table.release(shaped->shared);
}

/* ---- the law once more ---------------------------------------------------------------------- */

static inline double table_displacement(int side, double volume_usd)
{
    double u0 = 0, v0 = 0, slope = 0;
    for (int i = 0; i < CORNERS; i++) {
        double u = DISTANCE_BP[side][i] * 1e-4, v = CUMULATIVE_USD[side][i];
        slope = (u - u0) / (v - v0);
        if (volume_usd <= v || i == CORNERS - 1)
            break;
        u0 = u;
        v0 = v;
    }
    return u0 + slope * (volume_usd - v0);
}

/* Notional within 1 % on a side. */
static inline double depth_of(int which, int side)
{
    if (which < SHAPES)
        return DEPTH_USD;
    double u0 = DISTANCE_BP[side][1], u1 = DISTANCE_BP[side][2];
    double v0 = CUMULATIVE_USD[side][1], v1 = CUMULATIVE_USD[side][2];
    return v0 + (100 - u0) / (u1 - u0) * (v1 - v0);
}

/* Outward displacement of P and of D by orders of one side: each counts (1 + gamma A) fold in D,
 * with A what was executed before over the depth. */
struct eaten {
    int which, side;
    double gamma, executed_usd, forced_usd, missing_usd;
};

static inline void eat_freely(struct eaten *eaten, double order_usd)
{
    double stress = eaten->forced_usd / depth_of(eaten->which, eaten->side);
    eaten->missing_usd += (1 - PERMANENT) * order_usd * (1 + eaten->gamma * stress);
    eaten->executed_usd += order_usd;
}

/* The same, and it is forced: those after it find the book thinner. */
static inline void eat_forced(struct eaten *eaten, double order_usd)
{
    eat_freely(eaten, order_usd);
    eaten->forced_usd += order_usd;
}

static inline double eaten_permanent(const struct eaten *eaten)
{
    return PERMANENT * 0.01 * eaten->executed_usd / depth_of(eaten->which, eaten->side);
}

static inline double eaten_price(const struct eaten *eaten)
{
    double transient = eaten->which < SHAPES
                           ? 0.01 * pow(eaten->missing_usd / DEPTH_USD, 1 / SHAPE[eaten->which])
                           : table_displacement(eaten->side, eaten->missing_usd);
    return eaten_permanent(eaten) + transient;
}

/* The order that moves the replenished book by `way_log`, by plain halving. */
static inline double order_for(int which, int side, double way_log)
{
    double lo = 0, hi = 1e15;
    for (int i = 0; i < 200; i++) {
        struct eaten eaten = {.which = which, .side = side};
        eat_freely(&eaten, 0.5 * (lo + hi));
        if (eaten_price(&eaten) < way_log)
            lo = 0.5 * (lo + hi);
        else
            hi = 0.5 * (lo + hi);
    }
    return hi;
}

#endif
