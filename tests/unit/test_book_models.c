/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The contract of a book model, checked for every registered one, and the table's own cases. */
#include "tests/support/support.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_errno.h>
#include <gsl/gsl_integration.h>

#include "models/books/books.h"
#include "sim/core/book.h"
#include "sim/io/scenario.h"
#include "sim/io/units.h"
#include "tests/toys/toys.h"

/* ---- a model with parameters --------------------------------------------------------------- */

/* side, distance_bp, cumulative_usd; asks and bids differ, the first rows are not the steepest. */
static const double ROWS[][3] = {{0, 10, 3.5e6},   {1, 12, 2.9e6},   {0, 55, 9.75e6},
                                 {0, 100, 16.5e6}, {1, 80, 14.25e6}, {1, 240, 22e6},
                                 {0, 310, 61e6}};
enum { TABLE_ROWS = sizeof ROWS / sizeof ROWS[0] };
/* As real books have them: depth at the touch, empty levels between, at the mid and at the end. */
static const double GAPPED[][3] = {{0, 0, 0.4e6},  {1, 3, 0},      {0, 10, 3.5e6}, {0, 25, 3.5e6},
                                   {0, 40, 3.5e6}, {1, 12, 2.9e6}, {1, 30, 2.9e6}, {0, 130, 21e6},
                                   {1, 240, 22e6}, {1, 260, 22e6}};
enum { GAPPED_ROWS = sizeof GAPPED / sizeof GAPPED[0], ROWS_MAX = 16 };

struct model_under_test {
    const struct sqz_book_model *model;
    char params[512];
    void *shared;
    double cell[ROWS_MAX * 3];
    long line[ROWS_MAX];
};

static void fill_table(struct model_under_test *test, struct sqz_table *table,
                       const double row[][3], size_t rows)
{
    assert_true(rows <= ROWS_MAX);
    memcpy(test->cell, row, rows * sizeof *row);
    for (size_t i = 0; i < rows; i++)
        test->line[i] = (long)i + 2;
    *table = (struct sqz_table){
        .file = "depth.csv", .rows = rows, .columns = 3, .value = test->cell, .line = test->line};
}

/* Values for every parameter by its kind and dimension; `variant` picks shapes, and the two sides
 * of a market differ where a model allows it. */
static void fill_param(struct model_under_test *test, const struct sqz_param *param, size_t index,
                       int variant)
{
    static const double SHAPE[] = {0.67, 1.0, 2.0};
    char *place = test->params + param->offset;
    if (param->kind == SQZ_PARAM_TABLE) {
        assert_string_equal(param->columns[2].name, "cumulative_usd"); /* else extend this test */
        fill_table(test, (struct sqz_table *)place, variant == 1 ? GAPPED : ROWS,
                   variant == 1 ? GAPPED_ROWS : TABLE_ROWS);
        return;
    }
    assert_int_equal(param->kind, SQZ_PARAM_NUMBER);
    double value = param->dimension == SQZ_DIM_USD ? 14.2e6 + 7.7e6 * (double)index
                                                   : SHAPE[(variant + (int)index) % 3];
    memcpy(place, &value, sizeof value);
}

enum { VARIANTS = 3 };

static void open_model(struct model_under_test *test, const struct sqz_book_model *model,
                       int variant)
{
    struct sqz_diag diag = {0};
    memset(test, 0, sizeof *test);
    test->model = model;
    assert_true(model->params_size <= sizeof test->params);
    for (size_t i = 0; i < model->n_params; i++)
        fill_param(test, &model->params[i], i, variant);
    test->shared = calloc(1, model->shared_size);
    assert_non_null(test->shared);
    assert_int_equal(model->prepare(test->params, test->shared, &diag), SQZ_OK);
}

static void close_model(struct model_under_test *test)
{
    if (test->model->release != NULL)
        test->model->release(test->shared);
    free(test->shared);
}

/* Run one check on every model and variant. */
static void for_each_model(void (*check)(const struct model_under_test *test))
{
    assert_non_null(toy_registry.books[0]);
    for (size_t m = 0; toy_registry.books[m] != NULL; m++)
        for (int variant = 0; variant < VARIANTS; variant++) {
            struct model_under_test test;
            open_model(&test, toy_registry.books[m], variant);
            check(&test);
            close_model(&test);
        }
}

/* Volumes of both signs over five decades, beyond the end of the table. */
static const double VOLUMES[] = {1.7e4, 2.9e5, 3.49e6, 3.6e6, 9.75e6, 1.43e7, 6.2e7, 3.1e8};
enum { N_VOLUMES = sizeof VOLUMES / sizeof VOLUMES[0] };

static double G(const struct model_under_test *test, double volume_usd)
{
    return test->model->displacement(test->shared, volume_usd);
}

/* ---- the contract -------------------------------------------------------------------------- */

static void check_sign_and_monotony(const struct model_under_test *test)
{
    assert_true(G(test, 0.0) == 0.0);
    for (int sign = -1; sign <= 1; sign += 2)
        for (int i = 0; i < N_VOLUMES; i++) {
            double here = sign * G(test, sign * VOLUMES[i]);
            double less = i > 0 ? sign * G(test, sign * VOLUMES[i - 1]) : 0.0;
            if (!(here > less || (here == 0.0 && less == 0.0))) /* depth at the touch */
                fail_msg("%s: displacement %.9g at %.9g, %.9g before", test->model->name, here,
                         sign * VOLUMES[i], less);
        }
}

static void test_larger_orders_displace_more(void **state)
{
    (void)state;
    for_each_model(check_sign_and_monotony);
}

static void check_inverse(const struct model_under_test *test)
{
    for (int sign = -1; sign <= 1; sign += 2)
        for (int i = 0; i < N_VOLUMES; i++) {
            double volume = sign * VOLUMES[i], u = G(test, volume);
            if (u == 0.0) /* what rests at the touch has no distance of its own */
                continue;
            check_near("V(G(E))", test->model->volume(test->shared, u), volume,
                       1e-12 * fabs(volume));
        }
}

static void test_volume_inverts_displacement(void **state)
{
    (void)state;
    for_each_model(check_inverse);
}

static double integrand(double volume_usd, void *context)
{
    return G(context, volume_usd);
}

/* Where a table bends, and what its empty levels hold behind that. */
static const double BENDS[] = {0,          21,      22,     0.4e6, 2.9e6, 2.9e6 + 22, 3.5e6,
                               3.5e6 + 21, 14.25e6, 16.5e6, 21e6,  22e6,  22e6 + 22,  61e6};
enum { N_BENDS = sizeof BENDS / sizeof BENDS[0] };

static double integral_of(const struct model_under_test *test, double volume_usd)
{
    gsl_integration_workspace *workspace = gsl_integration_workspace_alloc(2000);
    gsl_function g = {integrand, (void *)test};
    double sum = 0.0, sign = copysign(1, volume_usd);
    assert_non_null(workspace);
    for (int i = 0; i < N_BENDS && BENDS[i] < fabs(volume_usd); i++) {
        double part, error, end = i + 1 < N_BENDS ? BENDS[i + 1] : INFINITY;
        assert_int_equal(gsl_integration_qag(&g, sign * BENDS[i],
                                             sign * fmin(end, fabs(volume_usd)), 0, 1e-7, 2000,
                                             GSL_INTEG_GAUSS15, workspace, &part, &error),
                         GSL_SUCCESS);
        sum += part;
    }
    gsl_integration_workspace_free(workspace);
    return sum;
}

static void check_cost(const struct model_under_test *test)
{
    for (int sign = -1; sign <= 1; sign += 2)
        for (int i = 0; i < N_VOLUMES; i++) {
            double volume = sign * VOLUMES[i], integral = integral_of(test, volume);
            assert_true(integral >= 0 && (integral > 0) == (G(test, volume) != 0));
            check_near("cost", test->model->cost(test->shared, volume), integral, 1e-7 * integral);
        }
}

static void test_cost_integrates_displacement(void **state)
{
    (void)state;
    for_each_model(check_cost);
}

/* From one end to the other and back: the same corners, each once, and 0 among them. */
static void check_corners(const struct model_under_test *test)
{
    enum { MOST = 64 };
    double end = 1.5 * VOLUMES[N_VOLUMES - 1], there[MOST], back[MOST];
    size_t found = 0, again = 0;
    if (test->model->corner == NULL)
        return;
    for (double at = -end; found < MOST && at < end; at = there[found - 1])
        there[found++] = test->model->corner(test->shared, at, end);
    for (double at = end; again < MOST && at > -end; at = back[again - 1])
        back[again++] = test->model->corner(test->shared, at, -end);
    assert_true(found == again && found > 2 && found < MOST);
    assert_true(there[found - 1] == end && back[found - 1] == -end);
    bool zero = false;
    for (size_t i = 0; i + 1 < found; i++) {
        assert_true(there[i] == back[found - 2 - i]);
        zero |= there[i] == 0.0;
    }
    assert_true(zero);
}

static void test_corners_are_the_same_from_either_end(void **state)
{
    (void)state;
    for_each_model(check_corners);
}

static void check_depth(const struct model_under_test *test)
{
    double ask = test->model->volume(test->shared, 0.01);
    double bid = -test->model->volume(test->shared, -0.01);
    assert_true(ask > 0 && bid > 0 && ask != bid);
    check_near("ask depth", test->model->depth(test->shared, SQZ_BUY), ask, 1e-13 * ask);
    check_near("bid depth", test->model->depth(test->shared, SQZ_SELL), bid, 1e-13 * bid);
    assert_true(test->model->capacity(test->shared, SQZ_BUY) >= ask);
    assert_true(test->model->capacity(test->shared, SQZ_SELL) >= bid);
}

static void test_depth_is_volume_within_one_percent(void **state)
{
    (void)state;
    for_each_model(check_depth);
}

static void bind_book(struct sqz_book *book, const struct model_under_test *test)
{
    struct sqz_diag diag = {0};
    struct sqz_book_params params = {.permanent = 0.15,
                                     .halflife_s = {3, {11, 300, INFINITY}},
                                     .withdrawal_gamma = 0.4,
                                     .withdrawal_halflife_s = 500};
    assert_int_equal(sqz_book_init(book, &params, test->model, test->shared, &diag), SQZ_OK);
}

static double price_after(const struct sqz_book *book, const struct sqz_book_state *state,
                          double order_usd)
{
    struct sqz_book_state copy = *state;
    sqz_book_execute(book, &copy, order_usd, 0.8);
    return copy.permanent_log + copy.displacement_log;
}

/* From a full book and from books that orders of either sign have eaten into. */
static void check_orders_push_their_way(const struct model_under_test *test)
{
    static const double HELD[] = {0.0, 7.7e6, -5.1e6};
    struct sqz_book book;
    bind_book(&book, test);
    for (int h = 0; h < 3; h++) {
        struct sqz_book_state state;
        sqz_book_reset(&state);
        sqz_book_execute(&book, &state, HELD[h], 0.8);
        double before = state.permanent_log + state.displacement_log, up = before, down = before;
        for (int i = 0; i < N_VOLUMES; i++) {
            double buy = price_after(&book, &state, VOLUMES[i]);
            double sell = price_after(&book, &state, -VOLUMES[i]);
            assert_true(buy > up && sell < down);
            up = buy;
            down = sell;
        }
    }
}

static void test_a_buy_never_lowers_the_price(void **state)
{
    (void)state;
    for_each_model(check_orders_push_their_way);
}

static void check_recovery(const struct model_under_test *test)
{
    struct sqz_book book;
    bind_book(&book, test);
    for (int sign = -1; sign <= 1; sign += 2)
        for (int i = 0; i < N_VOLUMES; i++) {
            struct sqz_book_state state;
            sqz_book_reset(&state);
            sqz_book_execute(&book, &state, sign * VOLUMES[i], 1.0);
            double permanent = state.permanent_log, left = sign * state.displacement_log;
            double third = (1 - 0.15) * VOLUMES[i] / 3; /* which never recovers */
            double replenished = sign * G(test, sign * third);
            for (int step = 0; step < 200; step++) {
                sqz_book_evolve(&book, &state, 0.1 * pow(1.08, step));
                assert_true(sign * state.displacement_log <= left);
                assert_true(state.displacement_log * sign >= 0);
                if (!state.recovering)
                    check_near("replenished", sign * state.displacement_log, replenished, 1e-12);
                assert_true(state.permanent_log == permanent);
                left = sign * state.displacement_log;
            }
            assert_false(state.recovering);
        }
}

static void test_recovery_never_overshoots(void **state)
{
    (void)state;
    for_each_model(check_recovery);
}

static void check_reset(const struct model_under_test *test)
{
    struct sqz_book book;
    struct sqz_book_state used, fresh;
    bind_book(&book, test);
    memset(&used, 0xa5, sizeof used);
    memset(&fresh, 0, sizeof fresh);
    sqz_book_reset(&used);
    sqz_book_reset(&fresh);
    sqz_book_execute(&book, &used, 4e9, 1.0);
    sqz_book_reset(&used);
    assert_memory_equal(&used, &fresh, sizeof used);
    assert_true(price_after(&book, &used, 5.1e6) == price_after(&book, &fresh, 5.1e6));
}

static void test_reset_resets(void **state)
{
    (void)state;
    for_each_model(check_reset);
}

/* ---- parameter tables ---------------------------------------------------------------------- */

static const struct sqz_param *find_param(const struct sqz_param *table, size_t before,
                                          const char *key)
{
    for (size_t i = 0; i < before; i++)
        if (strcmp(table[i].key, key) == 0)
            return &table[i];
    return NULL;
}

static void check_number_in_range(const struct sqz_param *param, const char *text)
{
    double value;
    struct sqz_diag diag = {0};
    if (sqz_units_parse(text, "", param->unit, param->dimension, &value, &diag) != SQZ_OK)
        fail_msg("%s: default '%s' %s", param->key, text, diag.message);
    if (value < param->lo || value > param->hi || (param->above_lo && value == param->lo))
        fail_msg("%s: default %s is out of its range", param->key, text);
}

static void check_default(const struct sqz_param *table, size_t index)
{
    const struct sqz_param *param = &table[index];
    char text[64], *rest = text, *part;
    if (param->default_text[0] == '=') {
        const struct sqz_param *source = find_param(table, index, param->default_text + 1);
        assert_non_null(source); /* of an earlier key, so that it is resolved by then */
        assert_int_equal(source->dimension, param->dimension);
        assert_int_equal(source->kind, param->kind);
        assert_true(source->required || source->default_text != NULL);
        return;
    }
    assert_true(strlen(param->default_text) < sizeof text);
    strcpy(text, param->default_text);
    if (param->kind == SQZ_PARAM_NUMBER || param->kind == SQZ_PARAM_LIST)
        while ((part = strsep(&rest, ";")) != NULL)
            check_number_in_range(param, part);
    if (param->kind == SQZ_PARAM_CHOICE)
        for (int i = 0; strcmp(param->choices[i], param->default_text) != 0; i++)
            assert_non_null(param->choices[i + 1]);
}

static void check_param(const struct sqz_param *table, size_t index)
{
    const struct sqz_param *param = &table[index];
    bool number = param->kind == SQZ_PARAM_NUMBER || param->kind == SQZ_PARAM_LIST;
    assert_true(param->doc != NULL && param->doc[0] != '\0');
    assert_null(find_param(table, index, param->key));
    assert_true(!number || param->lo < param->hi);
    if (number != (sqz_units_factor(param->dimension, param->unit) > 0))
        fail_msg("%s: unit '%s' does not fit", param->key, param->unit);
    assert_false(param->required && param->default_text != NULL);
    if (param->default_text != NULL)
        check_default(table, index);
}

static void check_table(const struct sqz_param *table, size_t count)
{
    assert_true(count > 0);
    for (size_t i = 0; i < count; i++)
        check_param(table, i);
}

static void test_defaults_lie_in_range(void **state)
{
    (void)state;
    check_table(sqz_scenario_param_table, sqz_scenario_param_count);
    check_table(sqz_book_param_table, sqz_book_param_count);
    for (size_t m = 0; toy_registry.books[m] != NULL; m++)
        check_table(toy_registry.books[m]->params, toy_registry.books[m]->n_params);
}

static void test_models_are_documented_and_distinct(void **state)
{
    (void)state;
    for (size_t m = 0; toy_registry.books[m] != NULL; m++) {
        const struct sqz_book_model *model = toy_registry.books[m];
        assert_true(model->doc != NULL && model->citation != NULL);
        for (size_t k = 0; k < m; k++)
            assert_string_not_equal(toy_registry.books[k]->name, model->name);
    }
}

/* ---- power --------------------------------------------------------------------------------- */

/* Equal sides: G is odd and its integral even. V(u) = depth (u / 1 %)^shape. */
static void test_power_law(void **state)
{
    (void)state;
    static const double SHAPE[] = {0.67, 1.0, 2.0, 1.37};
    for (int i = 0; i < 4; i++) {
        struct test_book test;
        test_book_init(&test, 14.2e6, SHAPE[i], 0.2, 60);
        const struct sqz_book_model *power = &sqz_book_power;
        for (int k = 0; k < N_VOLUMES; k++) {
            double v = VOLUMES[k], u = 0.01 * exp(log(v / 14.2e6) / SHAPE[i]);
            check_near("G", power->displacement(test.shared, v), u, 1e-13 * u);
            assert_true(power->displacement(test.shared, -v) ==
                        -power->displacement(test.shared, v));
            assert_true(power->cost(test.shared, -v) == power->cost(test.shared, v));
            assert_true(power->volume(test.shared, -u) == -power->volume(test.shared, u));
        }
        assert_true(power->capacity(test.shared, SQZ_BUY) == INFINITY);
        assert_true(power->capacity(test.shared, SQZ_SELL) == INFINITY);
    }
}

/* ---- table --------------------------------------------------------------------------------- */

static void test_table_at_and_between_knots(void **state)
{
    (void)state;
    struct model_under_test test;
    open_model(&test, &sqz_book_table, 0);
    for (int i = 0; i < TABLE_ROWS; i++) {
        double sign = ROWS[i][0] == 0 ? 1 : -1, u = ROWS[i][1] * 1e-4, v = ROWS[i][2];
        check_near("G at a knot", G(&test, sign * v), sign * u, 1e-16);
        check_near("V at a knot", test.model->volume(test.shared, sign * u), sign * v, 1e-7);
    }
    check_near("first ask segment", G(&test, 0.7e6), 2e-4, 1e-16);
    check_near("second ask segment", G(&test, 3.5e6 + 0.4 * 6.25e6), (10 + 0.4 * 45) * 1e-4, 1e-15);
    check_near("last bid segment", G(&test, -(14.25e6 + 0.3 * 7.75e6)), -(80 + 0.3 * 160) * 1e-4,
               1e-15);
    close_model(&test);
}

/* Past the last row its slope goes on: 210 bp per 44.5 M USD, 160 bp per 7.75 M USD. */
static void test_table_past_the_last_row(void **state)
{
    (void)state;
    struct model_under_test test;
    open_model(&test, &sqz_book_table, 0);
    check_near("asks", G(&test, 61e6 + 8.9e6), (310 + 42) * 1e-4, 1e-14);
    check_near("bids", G(&test, -(22e6 + 31e6)), -(240 + 640) * 1e-4, 1e-14);
    check_near("V", test.model->volume(test.shared, 0.0352), 69.9e6, 1e-6);
    assert_true(test.model->capacity(test.shared, SQZ_BUY) == 61e6);
    assert_true(test.model->capacity(test.shared, SQZ_SELL) == 22e6);
    close_model(&test);
}

/* G jumps over empty levels as soon as what is before them is eaten, to 1e-6 of the side's depth.
 */
static void test_table_with_empty_levels(void **state)
{
    (void)state;
    static const struct {
        double volume, bp;
    } CASES[] = {
        {0.3e6, 0},       {0.4e6, 0},        {0.4e6 + 0.31e6, 1},   {3.5e6, 10},
        {3.5e6 + 22, 40}, {3.5e6 + 7e6, 76}, {21e6, 130},           {21e6 + 1.75e6, 139},
        {-23, 3},         {-1.45e6, 7.5},    {-2.9e6, 12},          {-(2.9e6 + 22.1), 30},
        {-12.45e6, 135},  {-22e6, 240},      {-(22e6 + 22.1), 260}, {-(22e6 + 1.91e6), 281},
    };
    struct model_under_test test;
    open_model(&test, &sqz_book_table, 1);
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++)
        check_near("G", fabs(G(&test, CASES[i].volume)), CASES[i].bp * 1e-4, 1e-3 * 1e-4);
    assert_true(test.model->volume(test.shared, 0.0) == 0.0);
    check_near("all of the touch", test.model->volume(test.shared, 1e-15), 0.4e6, 1e-3);
    check_near("in the gap", test.model->volume(test.shared, 20e-4), 3.5e6, 21);
    assert_true(test.model->capacity(test.shared, SQZ_BUY) == 21e6);
    assert_true(test.model->capacity(test.shared, SQZ_SELL) == 22e6);
    check_near("asks end", test.model->known(test.shared, SQZ_BUY), 0.013, 1e-16);
    check_near("bids end", test.model->known(test.shared, SQZ_SELL), 0.026, 1e-16);
    close_model(&test);
}

static const double ROUNDING_LOG = 1e-12; /* a hundredth of what counts as a touch */

/* The displacement of a recovering book stays within its bounds, whatever recovers on which scale
 * and with which sign: over empty levels too, where it moves by nearly all of them in microseconds.
 */
static void check_bounds(const struct model_under_test *test)
{
    struct sqz_book book;
    struct sqz_stream stream;
    bind_book(&book, test);
    sqz_stream_open(&stream, 91, 0, 0);
    for (int run = 0; run < 300; run++) {
        struct sqz_book_state state;
        double lo, hi, horizon_s = exp(-9 + 17 * sqz_stream_uniform(&stream));
        sqz_book_reset(&state);
        for (size_t i = 0; i < book.scales; i++)
            state.missing[i] = 8e6 * (sqz_stream_uniform(&stream) - 0.5);
        state.recovering = true;
        sqz_book_evolve(&book, &state, 0.0);
        sqz_book_bounds(&book, &state, horizon_s, &lo, &hi);
        for (int k = 0; k <= 200; k++) {
            double now = sqz_book_ahead(&book, &state, horizon_s * k / 200);
            assert_true(lo - ROUNDING_LOG <= now && now <= hi + ROUNDING_LOG);
        }
    }
}

static void test_bounds_hold(void **state)
{
    (void)state;
    for_each_model(check_bounds);
}

static void test_table_marks_exhausted_paths(void **state)
{
    (void)state;
    struct model_under_test test;
    struct sqz_book book;
    struct sqz_book_state now;
    open_model(&test, &sqz_book_table, 0);
    bind_book(&book, &test);
    sqz_book_reset(&now);
    sqz_book_execute(&book, &now, -25e6, 1.0); /* 0.85 of it: 21.25 M */
    assert_false(now.exhausted);
    sqz_book_execute(&book, &now, -1e6, 1.0);
    assert_true(now.exhausted);
    close_model(&test);
}

/* Prepare a table of the first `rows` of ROWS, one cell changed, and expect an error. */
static void check_table_error(size_t rows, size_t row, int column, double value, long line,
                              const char *field, const char *message)
{
    struct model_under_test test = {.model = &sqz_book_table};
    struct sqz_table table;
    struct sqz_diag diag = {0};
    fill_table(&test, &table, ROWS, TABLE_ROWS);
    table.rows = rows;
    table.value[row * 3 + (size_t)column] = value;
    memcpy(test.params + sqz_book_table.params[0].offset, &table, sizeof table);
    test.shared = calloc(1, sqz_book_table.shared_size);
    assert_non_null(test.shared);
    assert_int_equal(sqz_book_table.prepare(test.params, test.shared, &diag), SQZ_ERR_DATA);
    assert_string_equal(diag.file, "depth.csv");
    assert_int_equal(diag.line, line);
    assert_string_equal(diag.field, field);
    if (strstr(diag.message, message) == NULL)
        fail_msg("'%s' does not hold '%s'", diag.message, message);
    close_model(&test);
}

static void test_table_errors_name_their_line(void **state)
{
    (void)state;
    static const char OUTWARD[] = "does not increase; expected each side's rows outward from 0";
    static const char DEEPER[] = "decreases; expected depth added up from the mid outward";
    check_table_error(TABLE_ROWS, 2, 1, 10, 4, "distance_bp", OUTWARD);
    check_table_error(TABLE_ROWS, 5, 1, 79.5, 7, "distance_bp", OUTWARD);
    check_table_error(TABLE_ROWS, 2, 1, 0, 4, "distance_bp", OUTWARD);
    check_table_error(TABLE_ROWS, 0, 1, -1e-9, 2, "distance_bp", OUTWARD);
    check_table_error(TABLE_ROWS, 1, 1, -12, 3, "distance_bp", OUTWARD);
    check_table_error(TABLE_ROWS, 6, 2, 16.4e6, 8, "cumulative_usd", DEEPER);
    check_table_error(TABLE_ROWS, 1, 2, -1, 3, "cumulative_usd", DEEPER);
    check_table_error(TABLE_ROWS, 1, 2, NAN, 3, "cumulative_usd", DEEPER);
    check_table_error(2, 1, 2, 0, 0, "cumulative_usd", "no depth on side 'bid'");
    check_table_error(2, 0, 1, 0, 0, "cumulative_usd", "no depth on side 'ask'");
    check_table_error(1, 0, 0, 0, 0, "side", "no rows for side 'bid'");
    check_table_error(1, 0, 0, 1, 0, "side", "no rows for side 'ask'");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_larger_orders_displace_more),
        cmocka_unit_test(test_volume_inverts_displacement),
        cmocka_unit_test(test_cost_integrates_displacement),
        cmocka_unit_test(test_corners_are_the_same_from_either_end),
        cmocka_unit_test(test_depth_is_volume_within_one_percent),
        cmocka_unit_test(test_a_buy_never_lowers_the_price),
        cmocka_unit_test(test_recovery_never_overshoots),
        cmocka_unit_test(test_reset_resets),
        cmocka_unit_test(test_defaults_lie_in_range),
        cmocka_unit_test(test_models_are_documented_and_distinct),
        cmocka_unit_test(test_power_law),
        cmocka_unit_test(test_table_at_and_between_knots),
        cmocka_unit_test(test_table_past_the_last_row),
        cmocka_unit_test(test_table_with_empty_levels),
        cmocka_unit_test(test_bounds_hold),
        cmocka_unit_test(test_table_marks_exhausted_paths),
        cmocka_unit_test(test_table_errors_name_their_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
