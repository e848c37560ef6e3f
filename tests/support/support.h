/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What tests share: cmocka with its headers, oracle files, and worlds built in a few lines. */
#ifndef SQZ_TESTS_SUPPORT_H
#define SQZ_TESTS_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sim/core/engine.h"
#include "sim/core/tally.h"

/* ---- numbers ------------------------------------------------------------------------------- */

/* Fail unless abs(value - expected) <= tolerance; `what` names the number in the message. */
void check_near(const char *what, double value, double expected, double tolerance);

/* Fail unless a statistic lies within 4 of its own standard errors (plus `floor`) of the law. */
void check_within_4se(const char *what, double value, double expected, double se, double floor);

/* Number of paths for a statistical test: `usual`, divided by SQZ_TEST_DIVISOR where that is set
 * (the sanitizer builds are slow) and multiplied by SQZ_TEST_MULTIPLIER (make validate). */
uint64_t test_paths(uint64_t usual);

/* The same for the mean of a sample. */
void check_mean_4se(const char *what, const struct sqz_mean *mean, double expected, double floor);

/* The same for a share of `hits` among `paths`, with the standard error of the expected share. */
void check_share_4se(const char *what, uint64_t hits, uint64_t paths, double expected,
                     double floor);

/* ---- oracle files -------------------------------------------------------------------------- */

/* A CSV file of tests/oracles, all in text. */
struct oracle {
    size_t rows, columns;
    char **name, **cell; /* cell[row * columns + column] */
};

void oracle_read(struct oracle *oracle, const char *file);
void oracle_free(struct oracle *oracle);
/* Cell as text or number; fails the test if there is no such column. An empty cell is NAN. */
const char *oracle_text(const struct oracle *oracle, size_t row, const char *column);
double oracle_number(const struct oracle *oracle, size_t row, const char *column);

/* ---- worlds -------------------------------------------------------------------------------- */

/* A book: power-law of `depth_usd` and `shape`, one finite or infinite half-life. */
struct test_book {
    char shared[512]; /* of the power model */
    struct sqz_book book;
};
void test_book_init(struct test_book *book, double depth_usd, double shape, double permanent,
                    double halflife_s);

/* The same with `count` half-lives and their weights. */
void test_book_init_scales(struct test_book *book, double depth_usd, double shape, double permanent,
                           const double *halflife_s, const double *weight, size_t count);

/* A forced order: executed, and market makers withdraw. */
void test_force(const struct sqz_book *book, struct sqz_book_state *state, double order_usd,
                double depth_multiplier);

/* A world on that book with given levels, everything else at rest: no drift, no watches, extremes
 * at events only, impact on. `levels` is sorted in place. */
struct test_world {
    struct test_book book;
    struct sqz_ladder ladder;
    struct sqz_world world;
};
void test_world_init(struct test_world *test, struct sqz_level *levels, size_t count,
                     double volatility, double horizon);
void test_world_free(struct test_world *test);

/* What the engine does with a world after any change. */
void test_settle(const struct sqz_world *world, struct sqz_world_state *state,
                 const struct sqz_context *at);

/* One world on an engine without output times. */
struct test_engine {
    struct sqz_exit_table table;
    const struct sqz_world *worlds[4];
    struct sqz_engine engine;
};
void test_engine_init(struct test_engine *test, const struct sqz_world *const *worlds,
                      size_t n_worlds);
/* The same for tests of what is touched and when, which extremes between the stops are not needed
 * for (tests/science/test_extremes.c: all else is the same without them). */
void test_engine_init_stops(struct test_engine *test, const struct sqz_world *const *worlds,
                            size_t n_worlds);
void test_engine_free(struct test_engine *test);
/* The same with output times, which stay the caller's. */
void test_engine_init_outputs(struct test_engine *test, const struct sqz_world *const *worlds,
                              size_t n_worlds, const double *output_s, size_t n_outputs);

/* A driver that does one thing at one time: for shocks and orders. Bind with test_impulse_driver.
 */
struct test_impulse {
    double time_s, jump_log, order_usd;
};
struct sqz_driver test_impulse_driver(const struct test_impulse *impulse);
/* Give a world such a driver, next to those it has. */
void test_world_add_impulse(struct test_world *test, const struct test_impulse *impulse);

#endif
