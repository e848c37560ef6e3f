/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support/support.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/books/books.h"
#include "sim/io/csv.h"

/* ---- numbers ------------------------------------------------------------------------------- */

void check_near(const char *what, double value, double expected, double tolerance)
{
    if (!(fabs(value - expected) <= tolerance))
        fail_msg("%s is %.12g, expected %.12g within %.3g", what, value, expected, tolerance);
}

void check_within_4se(const char *what, double value, double expected, double se, double floor)
{
    if (!(fabs(value - expected) <= 4 * se + floor))
        fail_msg("%s is %.8g, expected %.8g: %.2f standard errors of %.3g away", what, value,
                 expected, (value - expected) / se, se);
}

void check_mean_4se(const char *what, const struct sqz_mean *mean, double expected, double floor)
{
    struct sqz_estimate estimate = sqz_mean_estimate(mean);
    check_within_4se(what, estimate.value, expected, estimate.se, floor);
}

void check_share_4se(const char *what, uint64_t hits, uint64_t paths, double expected, double floor)
{
    double n = (double)paths;
    check_within_4se(what, (double)hits / n, expected, sqrt(expected * (1 - expected) / n), floor);
}

static uint64_t factor(const char *variable)
{
    const char *text = getenv(variable);
    uint64_t value = text != NULL ? strtoull(text, NULL, 10) : 1;
    return value > 1 ? value : 1;
}

uint64_t test_paths(uint64_t usual)
{
    return usual * factor("SQZ_TEST_MULTIPLIER") / factor("SQZ_TEST_DIVISOR");
}

/* ---- oracle files -------------------------------------------------------------------------- */

static char **copy_fields(const struct sqz_csv_row *row)
{
    char **copy = malloc(row->count * sizeof *copy);
    assert_non_null(copy);
    for (size_t i = 0; i < row->count; i++)
        assert_non_null(copy[i] = strdup(row->field[i]));
    return copy;
}

static int on_row(void *context, const struct sqz_csv_row *row, struct sqz_diag *diag)
{
    (void)diag;
    struct oracle *oracle = context;
    if (oracle->name == NULL) {
        oracle->columns = row->count;
        oracle->name = copy_fields(row);
        return SQZ_OK;
    }
    assert_int_equal(row->count, oracle->columns);
    size_t cells = (oracle->rows + 1) * oracle->columns;
    oracle->cell = realloc(oracle->cell, cells * sizeof *oracle->cell);
    assert_non_null(oracle->cell);
    char **copy = copy_fields(row);
    memcpy(oracle->cell + oracle->rows * oracle->columns, copy, row->count * sizeof *copy);
    free(copy);
    oracle->rows++;
    return SQZ_OK;
}

void oracle_read(struct oracle *oracle, const char *file)
{
    char path[256], text[2048];
    struct sqz_diag diag = {0};
    memset(oracle, 0, sizeof *oracle);
    snprintf(path, sizeof path, "tests/oracles/%s", file);
    if (sqz_csv_read(path, on_row, oracle, NULL, &diag) != SQZ_OK) {
        sqz_diag_format(&diag, text, sizeof text);
        fail_msg("%s", text);
    }
    assert_true(oracle->rows > 0);
}

void oracle_free(struct oracle *oracle)
{
    for (size_t i = 0; i < oracle->columns; i++)
        free(oracle->name[i]);
    for (size_t i = 0; i < oracle->rows * oracle->columns; i++)
        free(oracle->cell[i]);
    free(oracle->name);
    free(oracle->cell);
    memset(oracle, 0, sizeof *oracle);
}

const char *oracle_text(const struct oracle *oracle, size_t row, const char *column)
{
    for (size_t i = 0; i < oracle->columns; i++)
        if (strcmp(oracle->name[i], column) == 0)
            return oracle->cell[row * oracle->columns + i];
    fail_msg("no column %s in the oracle", column);
    return "";
}

double oracle_number(const struct oracle *oracle, size_t row, const char *column)
{
    const char *text = oracle_text(oracle, row, column);
    return text[0] != '\0' ? strtod(text, NULL) : NAN;
}

/* ---- worlds -------------------------------------------------------------------------------- */

void test_book_init_scales(struct test_book *book, double depth_usd, double shape, double permanent,
                           const double *halflife_s, const double *weight, size_t count)
{
    struct sqz_diag diag = {0};
    struct sqz_book_params common = {.permanent = permanent,
                                     .halflife_s = {.count = count},
                                     .weight = {.count = count},
                                     .withdrawal_halflife_s = 600};
    test_book_init(book, depth_usd, shape, permanent, INFINITY);
    memcpy(common.halflife_s.value, halflife_s, count * sizeof *halflife_s);
    memcpy(common.weight.value, weight, count * sizeof *weight);
    assert_int_equal(sqz_book_init(&book->book, &common, &sqz_book_power, book->shared, &diag),
                     SQZ_OK);
}

void test_force(const struct sqz_book *book, struct sqz_book_state *state, double order_usd,
                double depth_multiplier)
{
    sqz_book_execute(book, state, order_usd, depth_multiplier);
    sqz_book_withdraw(book, state, order_usd);
}

void test_book_init(struct test_book *book, double depth_usd, double shape, double permanent,
                    double halflife_s)
{
    /* The params struct of the power model is private; fill it by its parameter table. */
    char params[256] = {0};
    struct sqz_diag diag = {0};
    assert_true(sqz_book_power.params_size <= sizeof params);
    assert_true(sqz_book_power.shared_size <= sizeof book->shared);
    for (size_t i = 0; i < sqz_book_power.n_params; i++) {
        const struct sqz_param *param = &sqz_book_power.params[i];
        double value = param->dimension == SQZ_DIM_USD ? depth_usd : shape;
        memcpy(params + param->offset, &value, sizeof value);
    }
    assert_int_equal(sqz_book_power.prepare(params, book->shared, &diag), SQZ_OK);
    struct sqz_book_params common = {
        .permanent = permanent, .halflife_s = {1, {halflife_s}}, .withdrawal_halflife_s = 600};
    assert_int_equal(sqz_book_init(&book->book, &common, &sqz_book_power, book->shared, &diag),
                     SQZ_OK);
}

void test_world_init(struct test_world *test, struct sqz_level *levels, size_t count,
                     double volatility, double horizon)
{
    struct sqz_diag diag = {0};
    assert_int_equal(sqz_ladder_build(&test->ladder, levels, count, 1.0, &diag), SQZ_OK);
    test->world = (struct sqz_world){
        .ladder = &test->ladder,
        .market = {.book = &test->book.book, .volatility_per_sqrt_s = volatility, .impact = true},
        .stops = {{NAN, NAN}, INFINITY},
        .horizon_s = horizon};
}

void test_world_free(struct test_world *test)
{
    sqz_ladder_free(&test->ladder);
}

/* Once more with another plan. */
static void init_again(struct test_engine *test, const struct sqz_engine_plan *plan)
{
    struct sqz_diag diag = {0};
    sqz_engine_free(&test->engine);
    assert_int_equal(sqz_engine_init(&test->engine, plan, &diag), SQZ_OK);
}

void test_engine_init_outputs(struct test_engine *test, const struct sqz_world *const *worlds,
                              size_t n_worlds, const double *output_s, size_t n_outputs)
{
    test_engine_init(test, worlds, n_worlds);
    struct sqz_engine_plan plan = test->engine.path.plan;
    plan.output_s = output_s;
    plan.n_outputs = n_outputs;
    init_again(test, &plan);
}

void test_engine_init_stops(struct test_engine *test, const struct sqz_world *const *worlds,
                            size_t n_worlds)
{
    test_engine_init(test, worlds, n_worlds);
    struct sqz_engine_plan plan = test->engine.path.plan;
    plan.stops_only = true;
    init_again(test, &plan);
}

void test_engine_init(struct test_engine *test, const struct sqz_world *const *worlds,
                      size_t n_worlds)
{
    struct sqz_diag diag = {0};
    assert_true(n_worlds <= sizeof test->worlds / sizeof test->worlds[0]);
    memcpy(test->worlds, worlds, n_worlds * sizeof *worlds);
    assert_int_equal(sqz_exit_table_init(&test->table, &diag), SQZ_OK);
    struct sqz_engine_plan plan = {.exit_table = &test->table,
                                   .worlds = test->worlds,
                                   .n_worlds = n_worlds,
                                   .max_events = 100000000};
    assert_int_equal(sqz_engine_init(&test->engine, &plan, &diag), SQZ_OK);
}

void test_engine_free(struct test_engine *test)
{
    sqz_engine_free(&test->engine);
}

/* ---- the impulse driver -------------------------------------------------------------------- */

static void impulse_start(const void *shared, void *state, struct sqz_stream *stream,
                          struct sqz_driver_effect *effect)
{
    (void)state;
    (void)stream;
    effect->next_s = ((const struct test_impulse *)shared)->time_s;
}

static void impulse_fire(const void *shared, void *state, struct sqz_stream *stream,
                         const struct sqz_view *now, struct sqz_driver_effect *effect)
{
    (void)state;
    (void)stream;
    (void)now;
    const struct test_impulse *impulse = shared;
    effect->jump_log = impulse->jump_log;
    effect->order_usd = impulse->order_usd;
}

struct sqz_driver test_impulse_driver(const struct test_impulse *impulse)
{
    static const struct sqz_driver_model MODEL = {.name = "impulse",
                                                  .doc = "one jump and order at one time",
                                                  .start = impulse_start,
                                                  .fire = impulse_fire};
    return (struct sqz_driver){&MODEL, impulse, SQZ_STREAM_DRIVERS};
}

void test_world_add_impulse(struct test_world *test, const struct test_impulse *impulse)
{
    assert_true(test->world.n_drivers < SQZ_DRIVERS_MAX);
    test->world.driver[test->world.n_drivers++] = test_impulse_driver(impulse);
}

void test_settle(const struct sqz_world *world, struct sqz_world_state *state,
                 const struct sqz_context *at)
{
    if (!sqz_stops_undisturbed(&state->stops, &world->market, &state->market,
                               sqz_market_price_log(&state->market)))
        sqz_cascade_run(world, state, at);
}
