/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What slow scans share: a price given at times, and one account as it is followed by hand.
 *
 * Nothing here knows the program's margin or clearing: rules as exchanges publish them, tables read
 * line by line, everything computed from the start each time. */
#ifndef SQZ_TESTS_SUPPORT_SCAN_H
#define SQZ_TESTS_SUPPORT_SCAN_H

#include "tests/unit/clearing_fixture.h"
#include "tests/unit/engine_fixture.h"

static const double START_USD = 52.37;

enum { LEGS = 4, TURNS = 9, SCAN_SEED = 3 };

/* ---- the price ----------------------------------------------------------------------------- */

/* Log price: a jump at each turn, then linear to the next. */
struct zigzag {
    double time_s[TURNS], log_price[TURNS], jump_log[TURNS];
};

/* The log price at a time; at a turn, before its jump. */
static inline double log_price_at(const struct zigzag *zigzag, double time_s)
{
    int k = 1;
    while (k + 1 < TURNS && zigzag->time_s[k] < time_s)
        k++;
    double share = (time_s - zigzag->time_s[k - 1]) / (zigzag->time_s[k] - zigzag->time_s[k - 1]);
    double from_log = zigzag->log_price[k - 1] + zigzag->jump_log[k - 1];
    return from_log + share * (zigzag->log_price[k] - from_log);
}

static inline double price_at(const struct zigzag *zigzag, double time_s)
{
    return START_USD * exp(log_price_at(zigzag, time_s));
}

/* The same as a driver: a jump, and a drift until the next turn. Its state is the turn. */
static inline void turn(const struct zigzag *zigzag, int k, struct sqz_driver_effect *effect)
{
    if (k + 1 == TURNS)
        return;
    effect->jump_log = zigzag->jump_log[k];
    effect->drift_per_s = (zigzag->log_price[k + 1] - zigzag->log_price[k] - zigzag->jump_log[k]) /
                          (zigzag->time_s[k + 1] - zigzag->time_s[k]);
    effect->next_s = zigzag->time_s[k + 1];
}

static inline void zigzag_start(const void *shared, void *state, struct sqz_stream *stream,
                                struct sqz_driver_effect *effect)
{
    (void)stream;
    *(int *)state = 0;
    turn(shared, 0, effect);
}

static inline void zigzag_fire(const void *shared, void *state, struct sqz_stream *stream,
                               const struct sqz_view *now, struct sqz_driver_effect *effect)
{
    (void)stream;
    (void)now;
    turn(shared, ++*(int *)state, effect);
}

static const struct sqz_driver_model ZIGZAG = {.name = "zigzag",
                                               .doc = "a price given at times",
                                               .state_size = sizeof(int),
                                               .start = zigzag_start,
                                               .fire = zigzag_fire};

static inline void draw_zigzag(struct zigzag *zigzag, double size, struct sqz_stream *stream)
{
    for (int k = 0; k < TURNS; k++) {
        zigzag->time_s[k] = k == 0 ? 0.0 : zigzag->time_s[k - 1] + between(stream, 100, 500);
        zigzag->log_price[k] = k == 0 ? 0.0 : between(stream, -size, size);
        zigzag->jump_log[k] = 0.0;
    }
}

static inline void ride(struct venue_fixture *fixture, const struct zigzag *zigzag)
{
    fixture->world.driver[fixture->world.n_drivers++] =
        (struct sqz_driver){&ZIGZAG, zigzag, SQZ_STREAM_DRIVERS};
    fixture->world.horizon_s = zigzag->time_s[TURNS - 1];
}

/* ---- an account ---------------------------------------------------------------------------- */

/* One account as a scan sees it: what is left of its positions, and its cash. */
struct ledger {
    size_t legs;
    const struct sqz_position *position[LEGS];
    double left[LEGS], cash;
    double leaves_s; /* its owner closes it then, unless it is frozen; INFINITY: he never does */
    bool liquidated;
    uint64_t turn;      /* of those frozen, in the order in which they were */
    double review_s;    /* frozen until then; NAN: not frozen */
    enum sqz_side side; /* on which it was liquidated */
};

/* The tier of a size: of a value, or of a number of contracts. What stands on an edge but for
 * rounding stands on it. */
static inline size_t tier_of(const struct sqz_position *position, double quantity, double price)
{
    if (position->tiers == NULL)
        return 0;
    double contract = position->tiers->contract_size;
    double size = contract > 0.0 ? quantity / contract : quantity * price;
    size_t k = 0;
    while (k + 1 < position->tiers->count && size > position->tiers->tier[k].cap * (1 + 1e-13))
        k++;
    return k;
}

/* N m_k - c_k, N in the currency of the contract, where tiers of values have c_k = c_(k-1) +
 * floor_k (m_k - m_(k-1)). */
static inline double maintenance_of(const struct sqz_position *position, double quantity,
                                    double price)
{
    double deduction = 0.0;
    double value = value_of(position, quantity, price);
    if (position->tiers == NULL)
        return value * position->rate;
    const struct sqz_tier *tier = position->tiers->tier;
    size_t held = tier_of(position, quantity, price);
    for (size_t k = 1; k <= held && position->tiers->contract_size == 0.0; k++)
        deduction += tier[k].floor * (tier[k].rate - tier[k - 1].rate);
    return value * tier[held].rate - deduction;
}

static inline double equity_at(const struct ledger *ledger, double price)
{
    double equity = ledger->cash;
    for (size_t i = 0; i < ledger->legs; i++)
        equity += profit_of(ledger->position[i], ledger->left[i], price);
    return equity;
}

static inline bool holds(const struct ledger *ledger)
{
    for (size_t i = 0; i < ledger->legs; i++)
        if (ledger->left[i] > 0.0)
            return true;
    return false;
}

static inline void close_part(struct ledger *ledger, size_t leg, double quantity, double price)
{
    ledger->cash += profit_of(ledger->position[leg], quantity, price);
    ledger->left[leg] -= quantity;
}

static inline void open_ledger(const struct sqz_account_table *account_table, uint32_t account,
                               struct ledger *ledger)
{
    *ledger = (struct ledger){.review_s = NAN, .leaves_s = INFINITY};
    for (uint32_t p = account_table->first[account]; p < account_table->first[account + 1]; p++) {
        ledger->position[ledger->legs] = &account_table->position[p];
        ledger->left[ledger->legs++] = account_table->position[p].quantity;
        ledger->cash += account_table->position[p].collateral;
    }
}

/* ---- the program --------------------------------------------------------------------------- */

/* A path of the program, and its clearing house at the end. */
static inline void run(struct venue_fixture *fixture, struct sqz_engine *engine,
                       struct event_log *log)
{
    static struct sqz_exit_table table;
    static const struct sqz_world *world;
    struct sqz_diag diag = {0};
    struct sqz_observer observer = {.context = log, .event = keep_event};
    assert_int_equal(sqz_exit_table_init(&table, &diag), SQZ_OK);
    venue_fixture_engine_init(engine, fixture, &world, &table, NULL, 0);
    log->count = 0;
    sqz_engine_run(engine, SCAN_SEED, 0, &observer);
}

static inline void check_account(const struct venue_fixture *fixture,
                                 const struct sqz_clearing *clearing, uint32_t account,
                                 const struct ledger *ledger)
{
    double size = 0.0;
    for (size_t i = 0; i < ledger->legs; i++)
        size += value_of(ledger->position[i], ledger->position[i]->quantity, START_USD);
    for (size_t i = 0; i < ledger->legs; i++) {
        uint32_t place = fixture->account_table.first[account] + (uint32_t)i;
        const struct sqz_position *position = ledger->position[i];
        check_near("left",
                   value_of(position, sqz_clearing_left(clearing, account, place), START_USD),
                   value_of(position, ledger->left[i], START_USD), 1e-7 * size);
    }
    double collateral = 0.0;
    for (size_t i = 0; i < ledger->legs; i++)
        collateral += ledger->position[i]->collateral;
    check_near("cash", collateral + cash_of(clearing, account), ledger->cash, 1e-6 * size);
}

#endif
