/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A venue with a few accounts, built without files, and readings of what everybody holds. */
#ifndef SQZ_TESTS_UNIT_CLEARING_FIXTURE_H
#define SQZ_TESTS_UNIT_CLEARING_FIXTURE_H

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/support.h"

#include "models/registry.h"
#include "models/venues/venues.h"
#include "sim/core/rng.h"
#include "sim/core/venue_measures.h"
#include "sim/io/params.h"

/* ---- a venue ------------------------------------------------------------------------------- */

struct payment {
    double time_s, rate;
};

/* Owns what it points to; not to be copied. */
struct venue_fixture {
    struct test_book book;
    struct sqz_account_table account_table;
    struct sqz_ladder ladder;
    struct sqz_settings settings;
    void *params;
    struct sqz_venue venue;
    struct sqz_world world;
    struct test_impulse impulse[SQZ_DRIVERS_MAX];
    struct payment payment[SQZ_DRIVERS_MAX];
};

static inline void venue_fixture_params(struct venue_fixture *fixture,
                                        const struct sqz_venue_model *model, const char *set)
{
    struct sqz_diag diag = {0};
    fixture->params = calloc(1, model->params_size + 1);
    assert_non_null(fixture->params);
    if (set != NULL)
        assert_int_equal(sqz_settings_override(&fixture->settings, set, &diag), SQZ_OK);
    struct sqz_param_group group = {model->params, model->n_params, fixture->params};
    assert_int_equal(sqz_params_fill(&group, &fixture->settings, &diag), SQZ_OK);
}

/* Wired as a scenario is. The fund is in the currency of the contracts. */
static inline void venue_fixture_venue(struct venue_fixture *fixture,
                                       const struct sqz_venue_model *model, double start_usd,
                                       double fund)
{
    struct sqz_diag diag = {0};
    bool inverse = fixture->account_table.contract == SQZ_INVERSE;
    const struct sqz_venue_terms terms = {
        .model = model,
        .params = fixture->params,
        .account_table = &fixture->account_table,
        .ladder = &fixture->ladder,
        .start_usd = start_usd,
        .fund_usd = inverse ? fund * start_usd : fund,
        .scale = 1.0,
    };
    assert_int_equal(sqz_venue_init(&fixture->venue, &terms, &diag), SQZ_OK);
}

/* A venue of `model`, told `set` ("key=value" or NULL), with these positions and a fund. Its world
 * is quiet: no volatility, an hour, a book of 20M that never recovers, no impact. Sorts `holding`.
 */
static inline void venue_fixture_init(struct venue_fixture *fixture,
                                      const struct sqz_venue_model *model, const char *set,
                                      struct sqz_holding *holding, size_t count, double start_usd,
                                      double fund)
{
    struct sqz_diag diag = {0};
    memset(fixture, 0, sizeof *fixture);
    venue_fixture_params(fixture, model, set);
    assert_int_equal(sqz_account_table_build(&fixture->account_table, holding, count, &diag),
                     SQZ_OK);
    assert_int_equal(
        sqz_account_table_ladder(&fixture->account_table, start_usd, 1.0, &fixture->ladder, &diag),
        SQZ_OK);
    assert_int_equal(sqz_account_table_arrange(&fixture->account_table, &fixture->ladder, &diag),
                     SQZ_OK);
    venue_fixture_venue(fixture, model, start_usd, fund);
    test_book_init(&fixture->book, 20e6, 1.0, 1.0, INFINITY);
    fixture->world = (struct sqz_world){.ladder = &fixture->ladder,
                                        .market = {.book = &fixture->book.book},
                                        .stops = {{NAN, NAN}, INFINITY},
                                        .horizon_s = 3600,
                                        .venue = &fixture->venue};
    fixture->world.driver[fixture->world.n_drivers++] =
        (struct sqz_driver){&sqz_venue_measures, NULL, 0};
    fixture->world.n_measures = sqz_venue_measures.n_measures;
}

static inline void venue_fixture_free(struct venue_fixture *fixture)
{
    sqz_account_table_free(&fixture->account_table);
    sqz_ladder_free(&fixture->ladder);
    sqz_settings_free(&fixture->settings);
    free(fixture->params);
    sqz_venue_free(&fixture->venue);
}

/* A jump to a price, seen from the one before. */
static inline void venue_fixture_jump(struct venue_fixture *fixture, double time_s, double from_usd,
                                      double to_usd)
{
    struct test_impulse *impulse = &fixture->impulse[fixture->world.n_drivers];
    assert_true(fixture->world.n_drivers < SQZ_DRIVERS_MAX);
    *impulse = (struct test_impulse){.time_s = time_s, .jump_log = log(to_usd / from_usd)};
    fixture->world.driver[fixture->world.n_drivers++] = test_impulse_driver(impulse);
}

static inline void payment_start(const void *shared, void *state, struct sqz_stream *stream,
                                 struct sqz_driver_effect *effect)
{
    (void)state;
    (void)stream;
    effect->next_s = ((const struct payment *)shared)->time_s;
}

static inline void payment_fire(const void *shared, void *state, struct sqz_stream *stream,
                                const struct sqz_view *now, struct sqz_driver_effect *effect)
{
    (void)state;
    (void)stream;
    (void)now;
    effect->funding = ((const struct payment *)shared)->rate;
}

/* Longs pay shorts a share of the notional. */
static inline void venue_fixture_pay(struct venue_fixture *fixture, double time_s, double rate)
{
    static const struct sqz_driver_model MODEL = {
        .name = "payment", .doc = "one", .start = payment_start, .fire = payment_fire};
    struct payment *payment = &fixture->payment[fixture->world.n_drivers];
    assert_true(fixture->world.n_drivers < SQZ_DRIVERS_MAX);
    *payment = (struct payment){time_s, rate};
    fixture->world.driver[fixture->world.n_drivers++] =
        (struct sqz_driver){&MODEL, payment, SQZ_STREAM_DRIVERS};
}

/* ---- readings ------------------------------------------------------------------------------ */

/* Where a row of the file stands. */
static inline uint32_t position_of_row(const struct venue_fixture *fixture, uint32_t row)
{
    for (uint32_t p = 0; p < fixture->account_table.count; p++)
        if (fixture->account_table.row[p] == row)
            return p;
    fail_msg("no row %u", row);
    return 0;
}

static inline uint32_t account_of_row(const struct venue_fixture *fixture, uint32_t row)
{
    uint32_t place = position_of_row(fixture, row), account = 0;
    while (fixture->account_table.first[account + 1] <= place)
        account++;
    return account;
}

static inline double left_of_row(const struct venue_fixture *fixture,
                                 const struct sqz_clearing *clearing, uint32_t row)
{
    return sqz_clearing_left(clearing, account_of_row(fixture, row), position_of_row(fixture, row));
}

/* What an account has been paid since the start. */
static inline double cash_of(const struct sqz_clearing *clearing, uint32_t account)
{
    return sqz_clearing_touched(clearing, account) ? clearing->account[account].cash : 0.0;
}

static inline double cash_of_row(const struct venue_fixture *fixture,
                                 const struct sqz_clearing *clearing, uint32_t row)
{
    return cash_of(clearing, account_of_row(fixture, row));
}

/* Profit as the price goes from one to another: s A (P - E), inverse s Q (1/E - 1/P). */
static inline double profit_of(const struct sqz_position *position, double quantity, double to_usd)
{
    double from_usd = position->entry_usd;
    double long_profit = position->contract == SQZ_LINEAR ? quantity * (to_usd - from_usd)
                                                          : quantity * (1 / from_usd - 1 / to_usd);
    return position->side == SQZ_LONG ? long_profit : -long_profit;
}

static inline double value_of(const struct sqz_position *position, double quantity,
                              double price_usd)
{
    return position->contract == SQZ_LINEAR ? quantity * price_usd : quantity / price_usd;
}

/* Worth of an account at a price. */
static inline double worth_of(const struct venue_fixture *fixture,
                              const struct sqz_clearing *clearing, uint32_t account,
                              double price_usd)
{
    double worth = cash_of(clearing, account);
    for (uint32_t p = fixture->account_table.first[account];
         p < fixture->account_table.first[account + 1]; p++) {
        const struct sqz_position *position = &fixture->account_table.position[p];
        worth += position->collateral + position->other_pnl +
                 profit_of(position, sqz_clearing_left(clearing, account, p), price_usd);
    }
    return worth;
}

/* ---- accounts drawn at random -------------------------------------------------------------- */

enum { CROWD_MAX = 400, CROWD_TIERS = 5 };

struct random_accounts {
    bool on_entry; /* maintenance is taken at the entry price; to be set before */
    struct sqz_tier tier[CROWD_TIERS];
    struct sqz_tiers tiers;
    struct sqz_holding holding[CROWD_MAX];
    size_t count;
};

static inline double between(struct sqz_stream *stream, double low, double high)
{
    return low + (high - low) * sqz_stream_uniform(stream);
}

static inline double log_between(struct sqz_stream *stream, double low, double high)
{
    return exp(between(stream, log(low), log(high)));
}

/* One to five tiers with deductions, or of contracts. */
static inline void draw_tiers(struct random_accounts *random_accounts,
                              const struct sqz_venue_model *model, double start_usd,
                              struct sqz_stream *stream)
{
    size_t count = 1 + sqz_stream_u64(stream) % CROWD_TIERS;
    double floor = 0.0, rate = between(stream, 0.003, 0.01);
    for (size_t k = 0; k < count; k++) {
        double cap = floor + log_between(stream, 5e4, 8e5);
        random_accounts->tier[k] =
            (struct sqz_tier){.floor = floor, .cap = k + 1 < count ? cap : INFINITY, .rate = rate};
        floor = cap;
        rate += between(stream, 0.001, 0.01);
    }
    for (size_t k = 1; model->deducted && k < count; k++)
        random_accounts->tier[k].deduction =
            sqz_tiers_deduction(&random_accounts->tier[k - 1], &random_accounts->tier[k]);
    double contract = between(stream, 0.5, 2.0) / start_usd; /* about a dollar each */
    random_accounts->tiers = (struct sqz_tiers){.tier = random_accounts->tier,
                                                .count = count,
                                                .contract_size = model->deducted ? 0.0 : contract};
}

static inline struct sqz_position draw_position(const struct random_accounts *random_accounts,
                                                const struct sqz_venue_model *model, bool inverse,
                                                double start_usd, struct sqz_stream *stream)
{
    double notional_usd = log_between(stream, 2e3, 3e6);
    struct sqz_position position = {
        .side = sqz_stream_uniform(stream) < 0.5 ? SQZ_SHORT : SQZ_LONG,
        .contract = inverse ? SQZ_INVERSE : SQZ_LINEAR,
        .entry_usd = start_usd * between(stream, 0.93, 1.07),
        .quantity = inverse ? notional_usd : notional_usd / start_usd,
        .fee = model->counted_fee,
        .on_entry = random_accounts->on_entry,
        .tiers = &random_accounts->tiers,
    };
    if ((inverse && model->deducted) || sqz_stream_uniform(stream) < 0.1) {
        position.tiers = NULL;
        position.rate = between(stream, 0.004, 0.02);
    }
    return position;
}

/* Give the first of an account's positions what all need, and some room beyond. */
static inline void secure(struct sqz_position *const *leg, size_t legs, double start_usd,
                          struct sqz_stream *stream)
{
    struct sqz_position copy[4];
    double value = 0.0;
    for (size_t i = 0; i < legs; i++) {
        copy[i] = *leg[i];
        value += value_of(&copy[i], copy[i].quantity, start_usd);
    }
    double needs = -sqz_margin_excess(copy, legs, start_usd);
    leg[0]->collateral = fmax(needs, 0.0) + log_between(stream, 0.002, 0.12) * value;
}

/* Accounts, a third of them cross with up to four positions, none below its maintenance. Where a
 * market has one way, one position. */
static inline void draw_random_accounts(struct random_accounts *random_accounts,
                                        const struct sqz_venue_model *model, bool inverse,
                                        double start_usd, size_t accounts,
                                        struct sqz_stream *stream)
{
    draw_tiers(random_accounts, model, start_usd, stream);
    random_accounts->count = 0;
    for (size_t a = 0; a < accounts; a++) {
        struct sqz_position *leg[4];
        size_t legs = a % 3 == 0 && !model->one_way ? 1 + sqz_stream_u64(stream) % 4 : 1;
        for (size_t i = 0; i < legs; i++) {
            struct sqz_holding *holding = &random_accounts->holding[random_accounts->count++];
            assert_true(random_accounts->count <= CROWD_MAX);
            *holding = (struct sqz_holding){
                .position = draw_position(random_accounts, model, inverse, start_usd, stream),
                .row = (uint32_t)random_accounts->count,
                .holder = (uint32_t)a + 1,
                .cross = a % 3 == 0};
            leg[i] = &holding->position;
        }
        secure(leg, legs, start_usd, stream);
    }
}

/* ---- a path -------------------------------------------------------------------------------- */

/* One engine on the fixture's world; the table of exit times is made once by the caller. */
static inline void venue_fixture_engine_init(struct sqz_engine *engine,
                                             const struct venue_fixture *fixture,
                                             const struct sqz_world **world,
                                             const struct sqz_exit_table *table,
                                             const double *output_s, size_t outputs)
{
    struct sqz_diag diag = {0};
    *world = &fixture->world;
    struct sqz_engine_plan plan = {.exit_table = table,
                                   .worlds = world,
                                   .n_worlds = 1,
                                   .output_s = output_s,
                                   .n_outputs = outputs,
                                   .max_events = 100000000};
    assert_int_equal(sqz_engine_init(engine, &plan, &diag), SQZ_OK);
}

#endif
