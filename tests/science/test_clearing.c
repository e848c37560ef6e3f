/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What must hold for any population at any venue: nothing is made or lost in a liquidation, a part
 * closed is no worse than all, and a fund without end spares everybody. */
#include "tests/unit/clearing_fixture.h"

static const double START_USD = 84178.9;

enum { ADL = 4, BAD_DEBT = 6, OUTPUTS = 9, ACCOUNTS = 40 };

static const double OUTPUT_S[OUTPUTS] = {0, 97, 611, 1207, 1800, 1801, 2402.5, 3001, 3599};

/* ---- conservation -------------------------------------------------------------------------- */

/* An inventory's profit: linear q P - cost, inverse cost - q / P. */
static double inventory_worth(const struct sqz_inventory *inventory, bool inverse, double price_usd)
{
    return inverse ? inventory->cost - inventory->quantity / price_usd
                   : inventory->quantity * price_usd - inventory->cost;
}

/* Open interest at a price, as it was at the start. */
static double open_interest(const struct sqz_account_table *account_table, double price_usd)
{
    double sum = 0.0;
    for (size_t p = 0; p < account_table->count; p++)
        sum +=
            value_of(&account_table->position[p], account_table->position[p].quantity, price_usd);
    return sum;
}

/* What all have at a price is what they would have if nothing had been closed. */
static void check_money(const struct venue_fixture *fixture, const struct sqz_venue_state *venue,
                        double price_usd)
{
    const struct sqz_account_table *account_table = &fixture->account_table;
    bool inverse = account_table->position[0].contract == SQZ_INVERSE;
    const struct sqz_fund *fund = &venue->fund;
    double sum = fund->change - fund->bad_debt + fund->outside +
                 inventory_worth(&fund->vault, inverse, price_usd) +
                 inventory_worth(&fund->market, inverse, price_usd);
    for (uint32_t a = 0; a < account_table->accounts; a++)
        sum += worth_of(fixture, &venue->clearing, a, price_usd);
    for (size_t p = 0; p < account_table->count; p++) {
        const struct sqz_position *position = &account_table->position[p];
        sum -= position->collateral + profit_of(position, position->quantity, price_usd);
    }
    check_near("money made or lost", sum, 0.0, 1e-9 * open_interest(account_table, price_usd));
}

/* What accounts have closed is what the fund and the market hold; deleveraging has two sides. */
static void check_contracts(const struct venue_fixture *fixture,
                            const struct sqz_venue_state *venue)
{
    const struct sqz_account_table *account_table = &fixture->account_table;
    double closed = 0.0, all = 0.0;
    for (uint32_t a = 0; a < account_table->accounts; a++)
        for (uint32_t p = account_table->first[a]; p < account_table->first[a + 1]; p++) {
            const struct sqz_position *position = &account_table->position[p];
            double left = sqz_clearing_left(&venue->clearing, a, p);
            assert_true(left >= 0.0 && left <= position->quantity);
            closed += (position->side == SQZ_LONG ? 1 : -1) * (position->quantity - left);
            all += position->quantity;
        }
    check_near("contracts made or lost",
               venue->fund.market.quantity + venue->fund.vault.quantity - closed, 0.0, 1e-12 * all);
}

/* No account that is gone owes anything; what was not covered is the venue's. */
static void check_debts(const struct venue_fixture *fixture, const struct sqz_venue_state *venue,
                        double price_usd)
{
    const struct sqz_clearing *clearing = &venue->clearing;
    double rounding = 1e-9 * open_interest(&fixture->account_table, price_usd);
    for (uint32_t a = 0; a < fixture->account_table.accounts; a++) {
        bool gone =
            sqz_clearing_touched(clearing, a) && clearing->account[a].status == SQZ_ACCOUNT_GONE;
        if (gone)
            assert_true(worth_of(fixture, clearing, a, price_usd) >= -rounding);
    }
    assert_true(venue->fund.bad_debt >= 0.0 && venue->fund.drawn >= 0.0 &&
                venue->deleverage.usd >= 0.0);
    assert_true(venue->fund.bad_debt == 0.0 || fixture->venue.fund < INFINITY);
}

struct audit {
    const struct venue_fixture *fixture;
    const struct sqz_venue_state *venue;
    int outputs;
};

static void audit_at(const struct audit *audit, double price_usd)
{
    double open_value = sqz_clearing_open_value(&audit->venue->clearing, price_usd);
    check_near("imbalance", sqz_venue_state_imbalance(audit->venue, price_usd), 0.0,
               1e-9 * open_value);
    check_near("open value", open_value, open_interest(&audit->fixture->account_table, price_usd),
               1e-9 * open_value);
    check_money(audit->fixture, audit->venue, price_usd);
    check_money(audit->fixture, audit->venue, 1.7 * price_usd); /* at any price whatever */
    check_contracts(audit->fixture, audit->venue);
    check_debts(audit->fixture, audit->venue, price_usd);
}

static void on_event(void *context, const struct sqz_event *event)
{
    struct audit *audit = context;
    if (event->kind != SQZ_EVENT_OUTPUT)
        return;
    audit->outputs++;
    audit_at(audit, START_USD * exp(event->exogenous_log + event->displacement_log));
}

/* What happened in all paths of a kind of venue. */
struct tally {
    uint64_t liquidated, deleveraged;
    double bad_debt, drawn, sold;
};

/* One path; jumps, volatility and all. */
static void run_audited(struct venue_fixture *fixture, const struct sqz_exit_table *table,
                        uint64_t path, struct tally *tally)
{
    struct sqz_engine engine;
    const struct sqz_world *world;
    venue_fixture_engine_init(&engine, fixture, &world, table, OUTPUT_S, OUTPUTS);
    struct audit audit = {.fixture = fixture, .venue = &engine.path.venue[0]};
    struct sqz_observer observer = {.context = &audit, .event = on_event};
    sqz_engine_run(&engine, 7, path, &observer);
    assert_int_equal(audit.outputs, OUTPUTS);
    const struct sqz_outcome *outcome = sqz_engine_outcome(&engine, 0);
    assert_int_equal(outcome->stop, SQZ_STOP_HORIZON);
    audit_at(&audit, START_USD * exp(outcome->final_log));
    tally->liquidated += audit.venue->totals.accounts;
    tally->deleveraged += audit.venue->deleverage.count;
    tally->bad_debt += audit.venue->fund.bad_debt;
    tally->drawn += audit.venue->fund.drawn;
    tally->sold += outcome->forced_usd[SQZ_UP] + outcome->forced_usd[SQZ_DOWN];
    sqz_engine_free(&engine);
}

/* A population at a venue in a rough market, drawn anew for every case. */
static void init_case(struct venue_fixture *fixture, const struct sqz_venue_model *model,
                      unsigned variant, double fund, struct sqz_stream *stream)
{
    struct random_accounts random_accounts = {.on_entry = false};
    bool inverse = variant % 2 == 1;
    draw_random_accounts(&random_accounts, model, inverse, START_USD, ACCOUNTS, stream);
    venue_fixture_init(fixture, model, NULL, random_accounts.holding, random_accounts.count,
                       START_USD, inverse ? fund / START_USD : fund);
    test_book_init_scales(&fixture->book, between(stream, 1e7, 1e8), between(stream, 0.6, 2.0),
                          between(stream, 0.0, 0.4), (double[]){20, 900}, (double[]){0.7, 0.3}, 2);
    fixture->world.market.impact = variant / 2 % 2 == 1;
    static const enum sqz_trigger TRIGGER[] = {SQZ_TRIGGER_LAST, SQZ_TRIGGER_MARK,
                                               SQZ_TRIGGER_INDEX};
    fixture->world.market.trigger = TRIGGER[variant / 4 % 3];
    fixture->world.market.mark_rate = variant / 4 % 3 == 1 ? 1.0 / 30 : 0.0;
    fixture->world.market.volatility_per_sqrt_s = 0.03 / 60;
    if (sqz_stream_uniform(stream) < 0.25)
        fixture->world.execution =
            (struct sqz_execution){.latency_s = 11, .random = variant % 3 == 0};
    if (sqz_stream_uniform(stream) < 0.25)
        fixture->world.execution.usd_per_s = log_between(stream, 1e3, 1e6);
    fixture->world.execution.interval_s = between(stream, 1, 30);
    if (sqz_stream_uniform(stream) < 0.25)
        fixture->world.attrition.per_s = 1.0 / between(stream, 1800, 7200);
    if (sqz_stream_uniform(stream) < 0.25)
        fixture->world.attrition.topup = between(stream, 0.0, 0.5);
    for (int i = 0; i < 4; i++)
        venue_fixture_jump(fixture, between(stream, 0.0, 3600.0), 1.0,
                           exp(between(stream, -0.09, 0.09)));
    if (sqz_stream_uniform(stream) < 0.5)
        venue_fixture_pay(fixture, between(stream, 0.0, 3600.0), between(stream, -0.01, 0.01));
}

enum { VARIANTS = 2 * 2 * 3 };

static void audit_venue(const struct sqz_venue_model *model, double fund, struct tally *tally)
{
    static struct sqz_exit_table table;
    struct sqz_diag diag = {0};
    struct sqz_stream stream;
    assert_int_equal(sqz_exit_table_init(&table, &diag), SQZ_OK);
    sqz_stream_open(&stream, 71, 0, 0);
    memset(tally, 0, sizeof *tally);
    for (unsigned variant = 0; variant < VARIANTS; variant++)
        for (uint64_t path = 0; path < 3 + test_paths(9); path++) {
            struct venue_fixture fixture;
            init_case(&fixture, model, variant, fund, &stream);
            run_audited(&fixture, &table, path, tally);
            venue_fixture_free(&fixture);
        }
    assert_true(tally->liquidated > 50);
}

static void test_nothing_is_made_or_lost(void **state)
{
    (void)state;
    for (size_t m = 0; sqz_registry.venues[m] != NULL; m++) {
        struct tally empty, small;
        audit_venue(sqz_registry.venues[m], 0.0, &empty);
        audit_venue(sqz_registry.venues[m], 1e5, &small);
        bool deleverages = sqz_registry.venues[m]->rank != NULL;
        assert_true(empty.sold > 0.0 && small.drawn > 0.0);
        assert_true((empty.deleveraged > 0) == deleverages);
        assert_true((small.deleveraged > 0) == deleverages);
        assert_true(deleverages || (empty.bad_debt > small.bad_debt && small.bad_debt > 0.0));
    }
}

static void test_a_fund_without_end_spares_everybody(void **state)
{
    (void)state;
    for (size_t m = 0; sqz_registry.venues[m] != NULL; m++) {
        struct tally tally;
        audit_venue(sqz_registry.venues[m], INFINITY, &tally);
        if (tally.deleveraged > 0)
            fail_msg("%s: %llu deleveraged", sqz_registry.venues[m]->name,
                     (unsigned long long)tally.deleveraged);
        assert_true(tally.drawn > 0.0 && tally.bad_debt == 0.0);
    }
}

/* ---- a part against all -------------------------------------------------------------------- */

/* A venue that closes all where the one it stands for sends an order for a part: by the same order,
 * or as OKX closes all, by a takeover. */
struct whole {
    struct sqz_venue_model model;
    struct {
        const struct sqz_venue_model *model;
        const void *params;
    } of;
};

static void respond_whole(const void *params, const struct sqz_liquidation_request *request,
                          struct sqz_liquidation_action *response)
{
    const struct whole *whole = params;
    whole->of.model->respond(whole->of.params, request, response);
    if (response->takeover || response->vault || response->deleverage)
        return;
    response->quantity = request->position->quantity;
    response->review_s = 0.0;
    response->takeover = whole->of.model == &sqz_venue_okx;
}

static void init_whole(struct whole *whole, const struct venue_fixture *fixture)
{
    *whole = (struct whole){.model = *fixture->venue.model,
                            .of = {fixture->venue.model, fixture->venue.params}};
    whole->model.respond = respond_whole;
}

/* Worth of every account after the jump, each as if it were alone: forced orders move no price. */
static void worth_after(const struct venue_fixture *fixture, const struct sqz_exit_table *table,
                        double price_usd, double *worth, uint64_t *liquidated)
{
    struct sqz_engine engine;
    const struct sqz_world *world;
    venue_fixture_engine_init(&engine, fixture, &world, table, NULL, 0);
    sqz_engine_run(&engine, 7, 0, NULL);
    for (uint32_t a = 0; a < fixture->account_table.accounts; a++)
        worth[a] = worth_of(fixture, &engine.path.venue[0].clearing, a, price_usd);
    *liquidated += engine.path.venue[0].totals.accounts;
    sqz_engine_free(&engine);
}

/* After a jump the price stands, so that all orders are filled alike. */
static void test_a_part_is_never_worse_than_all(void **state)
{
    (void)state;
    static struct sqz_exit_table table;
    struct sqz_diag diag = {0};
    struct sqz_stream stream;
    assert_int_equal(sqz_exit_table_init(&table, &diag), SQZ_OK);
    sqz_stream_open(&stream, 72, 0, 0);
    for (size_t m = 0; sqz_registry.venues[m] != NULL; m++) {
        const struct sqz_venue_model *model = sqz_registry.venues[m];
        uint64_t liquidated = 0, better = 0;
        for (unsigned i = 0; model->respond != NULL && i < 2 + test_paths(60); i++) {
            struct random_accounts random_accounts = {.on_entry = false};
            struct venue_fixture fixture;
            struct whole whole;
            double part[ACCOUNTS], all[ACCOUNTS];
            double price = START_USD * exp(between(&stream, -0.04, 0.04));
            draw_random_accounts(&random_accounts, model, i % 3 == 2, START_USD, ACCOUNTS, &stream);
            venue_fixture_init(&fixture, model, NULL, random_accounts.holding,
                               random_accounts.count, START_USD, 1e12);
            venue_fixture_jump(&fixture, 60, START_USD, price);
            worth_after(&fixture, &table, price, part, &liquidated);
            init_whole(&whole, &fixture);
            fixture.venue.model = &whole.model;
            fixture.venue.params = &whole;
            worth_after(&fixture, &table, price, all, &liquidated);
            for (size_t a = 0; a < fixture.account_table.accounts; a++) {
                double rounding = 1e-12 * open_interest(&fixture.account_table, price);
                if (part[a] < all[a] - rounding)
                    fail_msg("%s: %.12g, but %.12g if all is closed", model->name, part[a], all[a]);
                better += part[a] > all[a] + rounding;
            }
            venue_fixture_free(&fixture);
        }
        assert_true(model->respond == NULL || liquidated > 20);
        assert_true(better > 0 || (model != &sqz_venue_binance && model != &sqz_venue_dydx));
    }
}

/* ---- two worlds ---------------------------------------------------------------------------- */

static void check_same_bits(const char *what, const void *a, const void *b, size_t size)
{
    if (memcmp(a, b, size) != 0)
        fail_msg("%s differs", what);
}

/* A world beside its twin has the results it has alone, though each fires in turn; nor does it
 * matter what paths went before. */
static void test_worlds_share_nothing(void **state)
{
    (void)state;
    static struct sqz_exit_table table;
    struct sqz_diag diag = {0};
    struct sqz_stream stream;
    assert_int_equal(sqz_exit_table_init(&table, &diag), SQZ_OK);
    sqz_stream_open(&stream, 73, 0, 0);
    for (size_t m = 0; sqz_registry.venues[m] != NULL; m++)
        for (unsigned variant = 0; variant < VARIANTS; variant += 1 + variant % 2) {
            struct venue_fixture fixture;
            struct sqz_engine one, two;
            const struct sqz_world *world;
            init_case(&fixture, sqz_registry.venues[m], variant, 1e5, &stream);
            const struct sqz_world *const twins[] = {&fixture.world, &fixture.world};
            venue_fixture_engine_init(&one, &fixture, &world, &table, NULL, 0);
            struct sqz_engine_plan plan = one.path.plan;
            plan.worlds = twins;
            plan.n_worlds = 2;
            assert_int_equal(sqz_engine_init(&two, &plan, &diag), SQZ_OK);
            for (uint64_t path = 0; path < 3; path++)
                sqz_engine_run(&two, 7, path, NULL);
            sqz_engine_run(&one, 7, 2, NULL);
            const struct sqz_outcome *alone = sqz_engine_outcome(&one, 0);
            size_t size = sizeof alone->measure[0] * sqz_venue_measures.n_measures;
            for (size_t w = 0; w < 2; w++) {
                const struct sqz_outcome *beside = sqz_engine_outcome(&two, w);
                check_same_bits("price", &beside->final_log, &alone->final_log, sizeof(double));
                check_same_bits("forced", beside->forced_usd, alone->forced_usd,
                                sizeof alone->forced_usd);
                check_same_bits("measure", beside->measure, alone->measure, size);
            }
            sqz_engine_free(&one);
            sqz_engine_free(&two);
            venue_fixture_free(&fixture);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_is_made_or_lost),
        cmocka_unit_test(test_a_fund_without_end_spares_everybody),
        cmocka_unit_test(test_a_part_is_never_worse_than_all),
        cmocka_unit_test(test_worlds_share_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
