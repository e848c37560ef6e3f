/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Three trades with decay: displacement before and after each, and their cost
 * (tests/oracles/ow_afs_paths.csv), through the book alone and through the engine. */
#include "tests/support/support.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TRADES = 3, CHECKPOINTS_MAX = 8, SEED = 51 };

/* Numbers are printed with 12 digits; some displacements are small differences of larger ones. */
static const double PRINTED = 1e-11;

/* ---- the oracle's trades ------------------------------------------------------------------- */

/* Consecutive rows of one book and one set of trades. */
struct trades {
    double time_s[TRADES], size_usd[TRADES];
    double depth_usd, shape, permanent, halflife_s;
    size_t first_row, rows; /* trades first, then times after them */
};

static void parse_three(const char *text, double *value)
{
    assert_int_equal(sscanf(text, "(%lf, %lf, %lf)", &value[0], &value[1], &value[2]), TRADES);
}

/* "block": D = kappa E, P = lambda V: a flat book of depth 0.01/(kappa + lambda), of whose impact
 * the share lambda/(kappa + lambda) is permanent. "power_delta=d": D = K abs(E)^d, the power book
 * of shape 1/d and depth (0.01/K)^(1/d). */
static void read_book(struct trades *trades, const struct oracle *oracle)
{
    size_t row = trades->first_row;
    double kappa = oracle_number(oracle, row, "kappa_or_K");
    double lambda = oracle_number(oracle, row, "lambda_perm");
    const char *model = oracle_text(oracle, row, "model");
    double delta = 1;
    if (strcmp(model, "block") != 0)
        assert_int_equal(sscanf(model, "power_delta=%lf", &delta), 1);
    trades->shape = 1 / delta;
    trades->depth_usd = pow(0.01 / (kappa + lambda), 1 / delta);
    trades->permanent = lambda / (kappa + lambda);
    trades->halflife_s = M_LN2 / oracle_number(oracle, row, "rho");
}

/* Rows from `row` on that belong together. */
static struct trades read_trades(const struct oracle *oracle, size_t row)
{
    static const char *const SAME[] = {"model", "times", "sizes"};
    struct trades trades = {.first_row = row};
    parse_three(oracle_text(oracle, row, "times"), trades.time_s);
    parse_three(oracle_text(oracle, row, "sizes"), trades.size_usd);
    read_book(&trades, oracle);
    for (;; trades.rows++) {
        if (row + trades.rows == oracle->rows)
            return trades;
        for (size_t i = 0; i < 3; i++)
            if (strcmp(oracle_text(oracle, row + trades.rows, SAME[i]),
                       oracle_text(oracle, row, SAME[i])) != 0)
                return trades;
    }
}

static void trades_book(struct test_book *book, const struct trades *trades)
{
    test_book_init(book, trades->depth_usd, trades->shape, trades->permanent, trades->halflife_s);
}

static void check_row(const struct oracle *oracle, size_t row, const char *column, double value,
                      double scale)
{
    check_near(column, value, oracle_number(oracle, row, column), PRINTED * scale);
}

static void for_all_trades(void (*check)(const struct oracle *, const struct trades *))
{
    struct oracle oracle;
    size_t sets = 0;
    oracle_read(&oracle, "ow_afs_paths.csv");
    for (size_t row = 0; row < oracle.rows; sets++) {
        struct trades trades = read_trades(&oracle, row);
        check(&oracle, &trades);
        row += trades.rows;
    }
    assert_int_equal(oracle.rows, 31);
    assert_int_equal(sets, 7);
    oracle_free(&oracle);
}

/* ---- the book alone ------------------------------------------------------------------------ */

static double book_log(const struct sqz_book_state *state)
{
    return state->permanent_log + state->displacement_log;
}

static void check_book(const struct oracle *oracle, const struct trades *trades)
{
    struct test_book book;
    struct sqz_book_state state;
    double now_s = 0, cost = 0;
    trades_book(&book, trades);
    sqz_book_reset(&state);
    for (size_t k = 0; k < trades->rows; k++) {
        size_t row = trades->first_row + k;
        double t = oracle_number(oracle, row, "t");
        sqz_book_evolve(&book.book, &state, t - now_s);
        now_s = t;
        check_row(oracle, row, "impact_before", book_log(&state), 1);
        if (k < TRADES) {
            double fill = sqz_book_fill(&book.book, &state, trades->size_usd[k], 1);
            cost += trades->size_usd[k] * fill;
            sqz_book_execute(&book.book, &state, trades->size_usd[k], 1);
            check_row(oracle, row, "cum_impact_cost", cost, 100);
        }
        check_row(oracle, row, "impact_after", book_log(&state), 1);
    }
}

static void test_book_alone(void **state)
{
    (void)state;
    for_all_trades(check_book);
}

/* Cutting an order in two makes no difference to the book or to the cost. */
static void check_cut(const struct oracle *oracle, const struct trades *trades)
{
    (void)oracle;
    struct test_book book;
    struct sqz_book_state whole, parts;
    double first = 0.37 * trades->size_usd[1], second = 0.63 * trades->size_usd[1];
    trades_book(&book, trades);
    sqz_book_reset(&whole);
    sqz_book_execute(&book.book, &whole, trades->size_usd[0], 1);
    sqz_book_evolve(&book.book, &whole, trades->time_s[1]);
    parts = whole;
    double cost = trades->size_usd[1] * sqz_book_fill(&book.book, &whole, trades->size_usd[1], 1);
    sqz_book_execute(&book.book, &whole, trades->size_usd[1], 1);
    double cost_of_parts = first * sqz_book_fill(&book.book, &parts, first, 1);
    sqz_book_execute(&book.book, &parts, first, 1);
    cost_of_parts += second * sqz_book_fill(&book.book, &parts, second, 1);
    sqz_book_execute(&book.book, &parts, second, 1);
    check_near("cost of the parts", cost_of_parts, cost, 1e-13 * fabs(cost));
    check_near("displacement", book_log(&parts), book_log(&whole), 1e-14);
}

static void test_order_in_two_parts(void **state)
{
    (void)state;
    for_all_trades(check_cut);
}

/* The average fill is the mean of the price along the order: against a walk in small pieces, also
 * from a book whose other side was eaten. */
static void test_fill_is_mean_along_the_order(void **state)
{
    (void)state;
    enum { PIECES = 100000 };
    static const double SHAPE[] = {1, 2, 0.67};
    for (size_t i = 0; i < 3; i++) {
        struct test_book book;
        struct sqz_book_state at_once, in_pieces;
        double order = 7.3e6, sum = 0;
        test_book_init(&book, 5e6, SHAPE[i], 0.2, 20);
        sqz_book_reset(&at_once);
        sqz_book_execute(&book.book, &at_once, -2.1e6, 1);
        in_pieces = at_once;
        double fill = sqz_book_fill(&book.book, &at_once, order, 0.8);
        for (int k = 0; k < PIECES; k++) {
            double before = book_log(&in_pieces);
            sqz_book_execute(&book.book, &in_pieces, order / PIECES, 0.8);
            sum += 0.5 * (before + book_log(&in_pieces)) / PIECES;
        }
        check_near("average fill", fill, sum, 1e-9);
    }
}

/* ---- through the engine, orders from drivers ----------------------------------------------- */

/* Displacements at the output times, two for each row: just before its time and at it. */
struct record {
    double displacement_log[2 * CHECKPOINTS_MAX];
};

static void on_output(void *context, const struct sqz_event *event)
{
    struct record *record = context;
    if (event->kind == SQZ_EVENT_OUTPUT)
        record->displacement_log[event->output_index] = event->displacement_log;
}

/* No time lies before 0: there, both outputs come after the first order. */
static size_t checkpoints(const struct oracle *oracle, const struct trades *trades,
                          double *output_s)
{
    assert_true(trades->rows <= CHECKPOINTS_MAX);
    for (size_t k = 0; k < trades->rows; k++) {
        double t = oracle_number(oracle, trades->first_row + k, "t");
        output_s[2 * k] = t > 0 ? nextafter(t, 0) : 0;
        output_s[2 * k + 1] = t;
    }
    return 2 * trades->rows;
}

/* With noise in the exogenous price, which the displacement must not see. */
static void check_engine(const struct oracle *oracle, const struct trades *trades)
{
    struct test_world test;
    struct test_engine engine;
    struct test_impulse order[TRADES];
    struct record record = {0};
    double output_s[2 * CHECKPOINTS_MAX];
    size_t outputs = checkpoints(oracle, trades, output_s);
    trades_book(&test.book, trades);
    test_world_init(&test, NULL, 0, 0.01, output_s[outputs - 1]);
    for (size_t k = 0; k < TRADES; k++) {
        order[k] =
            (struct test_impulse){.time_s = trades->time_s[k], .order_usd = trades->size_usd[k]};
        test_world_add_impulse(&test, &order[k]);
    }
    test_engine_init_outputs(&engine, (const struct sqz_world *[]){&test.world}, 1, output_s,
                             outputs);
    sqz_engine_run(&engine.engine, SEED, 0,
                   &(struct sqz_observer){.context = &record, .event = on_output});
    for (size_t k = 0; k < trades->rows; k++) {
        size_t row = trades->first_row + k;
        if (output_s[2 * k] > 0)
            check_row(oracle, row, "impact_before", record.displacement_log[2 * k], 1);
        check_row(oracle, row, "impact_after", record.displacement_log[2 * k + 1], 1);
    }
    test_engine_free(&engine);
    test_world_free(&test);
}

static void test_orders_from_drivers(void **state)
{
    (void)state;
    for_all_trades(check_engine);
}

/* ---- through the engine, orders from liquidations ------------------------------------------ */

/* Levels so far apart that no displacement bridges them; a jump of the exogenous price fetches each
 * at its time, and one back at the same time restores it. */
static const double SPACING_LOG = 10;

struct fills {
    double cost[TRADES], after_log[TRADES];
    size_t count;
};

static void on_fill(void *context, const struct sqz_event *event)
{
    struct fills *fills = context;
    if (event->kind != SQZ_EVENT_LIQUIDATION)
        return;
    assert_true(fills->count < TRADES);
    double order = sqz_order_sign(event->side) * event->notional_usd;
    fills->cost[fills->count] = order * (event->fill_log - event->exogenous_log);
    fills->after_log[fills->count++] = event->displacement_log;
}

static void check_liquidations(const struct oracle *oracle, const struct trades *trades)
{
    struct test_world test;
    struct test_engine engine;
    struct test_impulse jump[2 * TRADES];
    struct sqz_level level[TRADES];
    struct fills fills = {0};
    double cost = 0;
    for (size_t k = 0; k < TRADES; k++) {
        double size = trades->size_usd[k], distance = SPACING_LOG * (double)(k + 1);
        double reach = copysign(distance + SPACING_LOG / 2, size);
        level[k] = (struct sqz_level){.distance_log = distance,
                                      .notional_usd = fabs(size),
                                      .side = size > 0 ? SQZ_UP : SQZ_DOWN};
        jump[2 * k] = (struct test_impulse){.time_s = trades->time_s[k], .jump_log = reach};
        jump[2 * k + 1] = (struct test_impulse){.time_s = trades->time_s[k], .jump_log = -reach};
    }
    trades_book(&test.book, trades);
    test_world_init(&test, level, TRADES, 0, trades->time_s[TRADES - 1] + 1);
    for (size_t k = 0; k < 2 * TRADES; k++)
        test_world_add_impulse(&test, &jump[k]);
    test_engine_init(&engine, (const struct sqz_world *[]){&test.world}, 1);
    sqz_engine_run(&engine.engine, SEED, 0,
                   &(struct sqz_observer){.context = &fills, .event = on_fill});
    assert_int_equal(fills.count, TRADES);
    for (size_t k = 0; k < TRADES; k++) {
        size_t row = trades->first_row + k;
        cost += fills.cost[k];
        check_row(oracle, row, "impact_after", fills.after_log[k], 1);
        /* The fill is told relative to the start price, of which it is a small part. */
        check_row(oracle, row, "cum_impact_cost", cost, 1000);
    }
    test_engine_free(&engine);
    test_world_free(&test);
}

static void test_orders_from_liquidations(void **state)
{
    (void)state;
    for_all_trades(check_liquidations);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_book_alone),
        cmocka_unit_test(test_order_in_two_parts),
        cmocka_unit_test(test_fill_is_mean_along_the_order),
        cmocka_unit_test(test_orders_from_drivers),
        cmocka_unit_test(test_orders_from_liquidations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
