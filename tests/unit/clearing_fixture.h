/* A venue with a few accounts, built without files, and readings of what everybody holds. */
#ifndef SQZ_TESTS_UNIT_CLEARING_FIXTURE_H
#define SQZ_TESTS_UNIT_CLEARING_FIXTURE_H

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/support.h"

#include "models/registry.h"
#include "models/venues/venues.h"
#include "sim/core/clearing.h"
#include "sim/core/rng.h"
#include "sim/io/params.h"

/* ---- a venue ------------------------------------------------------------------------------- */

struct payment {
    double time_s, rate;
};

/* Owns what it points to; not to be copied. */
struct hall {
    struct test_book book;
    struct sqz_holdings holdings;
    struct sqz_ladder ladder;
    struct sqz_settings settings;
    void *params;
    uint32_t *level_of[2];
    struct sqz_venue venue;
    struct sqz_world world;
    struct test_impulse impulse[SQZ_DRIVERS_MAX];
    struct payment payment[SQZ_DRIVERS_MAX];
};

static inline void hall_params(struct hall *hall, const struct sqz_venue_model *model,
                               const char *set)
{
    struct sqz_diag diag = {0};
    hall->params = calloc(1, model->params_size + 1);
    assert_non_null(hall->params);
    if (set != NULL)
        assert_int_equal(sqz_settings_override(&hall->settings, set, &diag), SQZ_OK);
    struct sqz_param_group group = {model->params, model->n_params, hall->params};
    assert_int_equal(sqz_params_fill(&group, &hall->settings, &diag), SQZ_OK);
}

static inline void hall_invert(struct hall *hall)
{
    size_t accounts = hall->holdings.accounts;
    for (int side = 0; side < 2; side++) {
        hall->level_of[side] = malloc((accounts + 1) * sizeof *hall->level_of[side]);
        assert_non_null(hall->level_of[side]);
        for (size_t a = 0; a < accounts; a++)
            hall->level_of[side][a] = SQZ_NO_LEVEL;
        for (size_t i = 0; i < hall->ladder.side[side].count; i++)
            hall->level_of[side][hall->ladder.side[side].account[i]] = (uint32_t)i;
    }
}

/* A venue of `model`, told `set` ("key=value" or NULL), with these positions and a fund. Its world
 * is quiet: no volatility, an hour, a book of 20M that never recovers, no impact. Sorts `holding`.
 */
static inline void hall_init(struct hall *hall, const struct sqz_venue_model *model,
                             const char *set, struct sqz_holding *holding, size_t count,
                             double start_usd, double fund)
{
    struct sqz_diag diag = {0};
    memset(hall, 0, sizeof *hall);
    hall_params(hall, model, set);
    assert_int_equal(sqz_holdings_build(&hall->holdings, holding, count, &diag), SQZ_OK);
    assert_int_equal(sqz_holdings_ladder(&hall->holdings, start_usd, 1.0, &hall->ladder, &diag),
                     SQZ_OK);
    assert_int_equal(sqz_holdings_arrange(&hall->holdings, &hall->ladder, &diag), SQZ_OK);
    hall_invert(hall);
    hall->venue = (struct sqz_venue){
        .model = model,
        .params = hall->params,
        .holdings = &hall->holdings,
        .level_of = {hall->level_of[0], hall->level_of[1]},
        .start_usd = start_usd,
        .fund = fund,
        .scale = 1.0,
    };
    for (size_t a = 0; a < hall->holdings.accounts; a++) {
        size_t legs = hall->holdings.first[a + 1] - hall->holdings.first[a];
        if (legs > hall->venue.legs_max)
            hall->venue.legs_max = legs;
    }
    test_book_init(&hall->book, 20e6, 1.0, 1.0, INFINITY);
    hall->world = (struct sqz_world){.ladder = &hall->ladder,
                                     .book = &hall->book.book,
                                     .horizon_s = 3600,
                                     .watch_log = {NAN, NAN},
                                     .record_step_log = INFINITY,
                                     .venue = &hall->venue};
    hall->world.driver[hall->world.n_drivers++] =
        (struct sqz_driver){&sqz_clearing_measures, NULL, 0};
    hall->world.n_measures = sqz_clearing_measures.n_measures;
}

static inline void hall_free(struct hall *hall)
{
    sqz_holdings_free(&hall->holdings);
    sqz_ladder_free(&hall->ladder);
    sqz_settings_free(&hall->settings);
    free(hall->params);
    free(hall->level_of[0]);
    free(hall->level_of[1]);
}

/* A jump to a price, seen from the one before. */
static inline void hall_jump(struct hall *hall, double time_s, double from_usd, double to_usd)
{
    struct test_impulse *impulse = &hall->impulse[hall->world.n_drivers];
    assert_true(hall->world.n_drivers < SQZ_DRIVERS_MAX);
    *impulse = (struct test_impulse){.time_s = time_s, .jump_log = log(to_usd / from_usd)};
    hall->world.driver[hall->world.n_drivers++] = test_impulse_driver(impulse);
}

static inline void payment_start(const void *shared, void *state, struct sqz_stream *stream,
                                 struct sqz_driver_effect *effect)
{
    (void)state;
    (void)stream;
    effect->next_s = ((const struct payment *)shared)->time_s;
}

static inline void payment_fire(const void *shared, void *state, struct sqz_stream *stream,
                                const struct sqz_situation *now, struct sqz_driver_effect *effect)
{
    (void)state;
    (void)stream;
    (void)now;
    effect->funding = ((const struct payment *)shared)->rate;
}

/* Longs pay shorts a share of the notional. */
static inline void hall_pay(struct hall *hall, double time_s, double rate)
{
    static const struct sqz_driver_model MODEL = {
        .name = "payment", .doc = "one", .start = payment_start, .fire = payment_fire};
    struct payment *payment = &hall->payment[hall->world.n_drivers];
    assert_true(hall->world.n_drivers < SQZ_DRIVERS_MAX);
    *payment = (struct payment){time_s, rate};
    hall->world.driver[hall->world.n_drivers++] =
        (struct sqz_driver){&MODEL, payment, SQZ_STREAM_DRIVERS};
}

/* ---- readings ------------------------------------------------------------------------------ */

/* Where a row of the file stands. */
static inline uint32_t position_of_row(const struct hall *hall, uint32_t row)
{
    for (uint32_t p = 0; p < hall->holdings.count; p++)
        if (hall->holdings.row[p] == row)
            return p;
    fail_msg("no row %u", row);
    return 0;
}

static inline uint32_t account_of_row(const struct hall *hall, uint32_t row)
{
    uint32_t place = position_of_row(hall, row), account = 0;
    while (hall->holdings.first[account + 1] <= place)
        account++;
    return account;
}

static inline double left_of_row(const struct hall *hall, const struct sqz_clearing *house,
                                 uint32_t row)
{
    return sqz_clearing_left(house, account_of_row(hall, row), position_of_row(hall, row));
}

/* What an account has been paid since the start. */
static inline double cash_of(const struct sqz_clearing *house, uint32_t account)
{
    return sqz_clearing_touched(house, account) ? house->account[account].cash : 0.0;
}

static inline double cash_of_row(const struct hall *hall, const struct sqz_clearing *house,
                                 uint32_t row)
{
    return cash_of(house, account_of_row(hall, row));
}

/* Profit as the price goes from one to another: s A (P - E), inverse s Q (1/E - 1/P). */
static inline double profit_of(const struct sqz_position *position, double quantity, double to_usd)
{
    double from_usd = position->entry_usd;
    double long_profit = position->contract == SQZ_LINEAR ? quantity * (to_usd - from_usd)
                                                          : quantity * (1 / from_usd - 1 / to_usd);
    return position->side == SQZ_DOWN ? long_profit : -long_profit;
}

static inline double value_of(const struct sqz_position *position, double quantity,
                              double price_usd)
{
    return position->contract == SQZ_LINEAR ? quantity * price_usd : quantity / price_usd;
}

/* Worth of an account at a price. */
static inline double worth_of(const struct hall *hall, const struct sqz_clearing *house,
                              uint32_t account, double price_usd)
{
    double worth = cash_of(house, account);
    for (uint32_t p = hall->holdings.first[account]; p < hall->holdings.first[account + 1]; p++) {
        const struct sqz_position *position = &hall->holdings.position[p];
        worth += position->collateral + position->other_pnl +
                 profit_of(position, sqz_clearing_left(house, account, p), price_usd);
    }
    return worth;
}

/* ---- accounts drawn at random -------------------------------------------------------------- */

enum { CROWD_MAX = 400, CROWD_TIERS = 5 };

struct crowd {
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

/* One to five brackets with deductions, or of contracts. */
static inline void draw_tiers(struct crowd *crowd, const struct sqz_venue_model *model,
                              double start_usd, struct sqz_stream *stream)
{
    size_t count = 1 + sqz_stream_u64(stream) % CROWD_TIERS;
    double deduction[CROWD_TIERS], floor = 0.0, rate = between(stream, 0.003, 0.01);
    for (size_t k = 0; k < count; k++) {
        double cap = floor + log_between(stream, 5e4, 8e5);
        crowd->tier[k] =
            (struct sqz_tier){.floor = floor, .cap = k + 1 < count ? cap : INFINITY, .rate = rate};
        floor = cap;
        rate += between(stream, 0.001, 0.01);
    }
    sqz_tiers_deductions(crowd->tier, count, deduction);
    for (size_t k = 0; model->deducted && k < count; k++)
        crowd->tier[k].deduction = deduction[k];
    double contract = between(stream, 0.5, 2.0) / start_usd; /* about a dollar each */
    crowd->tiers = (struct sqz_tiers){
        .tier = crowd->tier, .count = count, .contract_size = model->deducted ? 0.0 : contract};
}

static inline struct sqz_position draw_position(const struct crowd *crowd,
                                                const struct sqz_venue_model *model, bool inverse,
                                                double start_usd, struct sqz_stream *stream)
{
    double notional_usd = log_between(stream, 2e3, 3e6);
    struct sqz_position position = {
        .side = sqz_stream_uniform(stream) < 0.5 ? SQZ_UP : SQZ_DOWN,
        .contract = inverse ? SQZ_INVERSE : SQZ_LINEAR,
        .entry_usd = start_usd * between(stream, 0.93, 1.07),
        .quantity = inverse ? notional_usd : notional_usd / start_usd,
        .fee = model->counted_fee,
        .on_entry = crowd->on_entry,
        .tiers = &crowd->tiers,
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
static inline void draw_crowd(struct crowd *crowd, const struct sqz_venue_model *model,
                              bool inverse, double start_usd, size_t accounts,
                              struct sqz_stream *stream)
{
    draw_tiers(crowd, model, start_usd, stream);
    crowd->count = 0;
    for (size_t a = 0; a < accounts; a++) {
        struct sqz_position *leg[4];
        size_t legs = a % 3 == 0 && !model->one_way ? 1 + sqz_stream_u64(stream) % 4 : 1;
        for (size_t i = 0; i < legs; i++) {
            struct sqz_holding *holding = &crowd->holding[crowd->count++];
            assert_true(crowd->count <= CROWD_MAX);
            *holding = (struct sqz_holding){
                .position = draw_position(crowd, model, inverse, start_usd, stream),
                .row = (uint32_t)crowd->count,
                .holder = (uint32_t)a + 1,
                .cross = a % 3 == 0};
            leg[i] = &holding->position;
        }
        secure(leg, legs, start_usd, stream);
    }
}

/* ---- a path -------------------------------------------------------------------------------- */

/* One engine on the hall's world; the table of exit times is made once by the caller. */
static inline void hall_engine_init(struct sqz_engine *engine, const struct hall *hall,
                                    const struct sqz_world **world,
                                    const struct sqz_exit_table *table, const double *output_s,
                                    size_t outputs)
{
    struct sqz_diag diag = {0};
    *world = &hall->world;
    struct sqz_engine_plan plan = {.exit_table = table,
                                   .worlds = world,
                                   .n_worlds = 1,
                                   .output_s = output_s,
                                   .n_outputs = outputs,
                                   .max_events = 100000000};
    assert_int_equal(sqz_engine_init(engine, &plan, &diag), SQZ_OK);
}

#endif
