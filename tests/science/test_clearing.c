/* What must hold for any population at any venue: nothing is made or lost in a liquidation, a part
 * closed is no worse than all, and a fund without end spares everybody. */
#include "tests/unit/clearing_fixture.h"

#include <gsl/gsl_errno.h>

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
static double open_interest(const struct sqz_holdings *holdings, double price_usd)
{
    double sum = 0.0;
    for (size_t p = 0; p < holdings->count; p++)
        sum += value_of(&holdings->position[p], holdings->position[p].quantity, price_usd);
    return sum;
}

/* What everybody has at a price is what they would have if nothing had been closed. */
static void check_money(const struct hall *hall, const struct sqz_clearing *house, double price_usd)
{
    const struct sqz_holdings *holdings = &hall->holdings;
    bool inverse = holdings->position[0].contract == SQZ_INVERSE;
    double sum = house->fund_change - house->bad_debt + house->outside +
                 inventory_worth(&house->vault, inverse, price_usd) +
                 inventory_worth(&house->market, inverse, price_usd);
    for (uint32_t a = 0; a < holdings->accounts; a++)
        sum += worth_of(hall, house, a, price_usd);
    for (size_t p = 0; p < holdings->count; p++) {
        const struct sqz_position *position = &holdings->position[p];
        sum -= position->collateral + profit_of(position, position->quantity, price_usd);
    }
    check_near("money made or lost", sum, 0.0, 1e-9 * open_interest(holdings, price_usd));
}

/* What accounts have closed is what the fund and the market hold; deleveraging has two sides. */
static void check_contracts(const struct hall *hall, const struct sqz_clearing *house)
{
    const struct sqz_holdings *holdings = &hall->holdings;
    double closed = 0.0, all = 0.0;
    for (uint32_t a = 0; a < holdings->accounts; a++)
        for (uint32_t p = holdings->first[a]; p < holdings->first[a + 1]; p++) {
            const struct sqz_position *position = &holdings->position[p];
            double left = sqz_clearing_left(house, a, p);
            assert_true(left >= 0.0 && left <= position->quantity);
            closed += (position->side == SQZ_DOWN ? 1 : -1) * (position->quantity - left);
            all += position->quantity;
        }
    check_near("contracts made or lost", house->market.quantity + house->vault.quantity - closed,
               0.0, 1e-12 * all);
}

/* Nobody who is gone owes anything; what nobody covered is the venue's. */
static void check_debts(const struct hall *hall, struct sqz_clearing *house, double price_usd)
{
    double rounding = 1e-9 * open_interest(&hall->holdings, price_usd);
    for (uint32_t a = 0; a < hall->holdings.accounts; a++) {
        bool gone = sqz_clearing_touched(house, a) && house->account[a].status == SQZ_ACCOUNT_GONE;
        if (gone)
            assert_true(worth_of(hall, house, a, price_usd) >= -rounding);
    }
    assert_true(house->bad_debt >= 0.0 && house->drawn >= 0.0 && house->deleveraged_usd >= 0.0);
    assert_true(house->bad_debt == 0.0 || hall->venue.fund < INFINITY);
}

struct audit {
    const struct hall *hall;
    struct sqz_clearing *house;
    int outputs;
};

static void audit_at(const struct audit *audit, double price_usd)
{
    double open_value;
    double imbalance = sqz_clearing_imbalance(audit->house, price_usd, &open_value);
    check_near("imbalance", imbalance, 0.0, 1e-9 * open_value);
    check_near("open value", open_value, open_interest(&audit->hall->holdings, price_usd),
               1e-9 * open_value);
    check_money(audit->hall, audit->house, price_usd);
    check_money(audit->hall, audit->house, 1.7 * price_usd); /* at any price whatever */
    check_contracts(audit->hall, audit->house);
    check_debts(audit->hall, audit->house, price_usd);
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
static void run_audited(struct hall *hall, const struct sqz_exit_table *table, uint64_t path,
                        struct tally *tally)
{
    struct sqz_engine engine;
    const struct sqz_world *world;
    hall_engine_init(&engine, hall, &world, table, OUTPUT_S, OUTPUTS);
    struct audit audit = {.hall = hall, .house = &engine.clearing[0]};
    struct sqz_observer observer = {.context = &audit, .event = on_event};
    sqz_engine_run(&engine, 7, path, &observer);
    assert_int_equal(audit.outputs, OUTPUTS);
    const struct sqz_outcome *outcome = sqz_engine_outcome(&engine, 0);
    assert_int_equal(outcome->stop, SQZ_STOP_HORIZON);
    audit_at(&audit, START_USD * exp(outcome->final_log));
    tally->liquidated += audit.house->accounts_liquidated;
    tally->deleveraged += audit.house->deleveraged;
    tally->bad_debt += audit.house->bad_debt;
    tally->drawn += audit.house->drawn;
    tally->sold += outcome->forced_usd[SQZ_UP] + outcome->forced_usd[SQZ_DOWN];
    sqz_engine_free(&engine);
}

/* A population at a venue in a rough market, drawn anew for every case. */
static void init_case(struct hall *hall, const struct sqz_venue_model *model, unsigned variant,
                      double fund, struct sqz_stream *stream)
{
    struct crowd crowd = {.on_entry = false};
    bool inverse = variant % 2 == 1;
    draw_crowd(&crowd, model, inverse, START_USD, ACCOUNTS, stream);
    hall_init(hall, model, NULL, crowd.holding, crowd.count, START_USD,
              inverse ? fund / START_USD : fund);
    test_book_init_scales(&hall->book, between(stream, 1e7, 1e8), between(stream, 0.6, 2.0),
                          between(stream, 0.0, 0.4), (double[]){20, 900}, (double[]){0.7, 0.3}, 2);
    hall->world.impact = variant / 2 % 2 == 1;
    hall->world.apart = variant / 4 % 3 > 0;
    hall->world.mark_rate = variant / 4 % 3 == 1 ? 1.0 / 30 : 0.0;
    hall->world.volatility_per_sqrt_s = 0.03 / 60;
    if (sqz_stream_uniform(stream) < 0.25)
        hall->world.desk = (struct sqz_desk){.latency_s = 11, .random = variant % 3 == 0};
    if (sqz_stream_uniform(stream) < 0.25)
        hall->world.desk.usd_per_s = log_between(stream, 1e3, 1e6);
    hall->world.desk.interval_s = between(stream, 1, 30);
    if (sqz_stream_uniform(stream) < 0.25)
        hall->world.attrition_per_s = 1.0 / between(stream, 1800, 7200);
    if (sqz_stream_uniform(stream) < 0.25)
        hall->world.survival = between(stream, 0.0, 0.5);
    for (int i = 0; i < 4; i++)
        hall_jump(hall, between(stream, 0.0, 3600.0), 1.0, exp(between(stream, -0.09, 0.09)));
    if (sqz_stream_uniform(stream) < 0.5)
        hall_pay(hall, between(stream, 0.0, 3600.0), between(stream, -0.01, 0.01));
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
            struct hall hall;
            init_case(&hall, model, variant, fund, &stream);
            run_audited(&hall, &table, path, tally);
            hall_free(&hall);
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

static void respond_whole(const void *params, const struct sqz_distress *distress,
                          struct sqz_response *response)
{
    const struct whole *whole = params;
    whole->of.model->respond(whole->of.params, distress, response);
    if (response->takeover || response->vault || response->deleverage)
        return;
    response->quantity = distress->position->quantity;
    response->review_s = 0.0;
    response->takeover = whole->of.model == &sqz_venue_okx;
}

static void init_whole(struct whole *whole, const struct hall *hall)
{
    *whole =
        (struct whole){.model = *hall->venue.model, .of = {hall->venue.model, hall->venue.params}};
    whole->model.respond = respond_whole;
}

/* Worth of every account after the jump, each as if it were alone: forced orders move no price. */
static void worth_after(const struct hall *hall, const struct sqz_exit_table *table,
                        double price_usd, double *worth, uint64_t *liquidated)
{
    struct sqz_engine engine;
    const struct sqz_world *world;
    hall_engine_init(&engine, hall, &world, table, NULL, 0);
    sqz_engine_run(&engine, 7, 0, NULL);
    for (uint32_t a = 0; a < hall->holdings.accounts; a++)
        worth[a] = worth_of(hall, &engine.clearing[0], a, price_usd);
    *liquidated += engine.clearing[0].accounts_liquidated;
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
            struct crowd crowd = {.on_entry = false};
            struct hall hall;
            struct whole whole;
            double part[ACCOUNTS], all[ACCOUNTS];
            double price = START_USD * exp(between(&stream, -0.04, 0.04));
            draw_crowd(&crowd, model, i % 3 == 2, START_USD, ACCOUNTS, &stream);
            hall_init(&hall, model, NULL, crowd.holding, crowd.count, START_USD, 1e12);
            hall_jump(&hall, 60, START_USD, price);
            worth_after(&hall, &table, price, part, &liquidated);
            init_whole(&whole, &hall);
            hall.venue.model = &whole.model;
            hall.venue.params = &whole;
            worth_after(&hall, &table, price, all, &liquidated);
            for (size_t a = 0; a < hall.holdings.accounts; a++) {
                double rounding = 1e-12 * open_interest(&hall.holdings, price);
                if (part[a] < all[a] - rounding)
                    fail_msg("%s: %.12g, but %.12g if all is closed", model->name, part[a], all[a]);
                better += part[a] > all[a] + rounding;
            }
            hall_free(&hall);
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

/* A world beside its twin comes to what it comes to alone, though each fires in turn; nor does it
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
            struct hall hall;
            struct sqz_engine one, two;
            const struct sqz_world *world;
            init_case(&hall, sqz_registry.venues[m], variant, 1e5, &stream);
            const struct sqz_world *const twins[] = {&hall.world, &hall.world};
            hall_engine_init(&one, &hall, &world, &table, NULL, 0);
            struct sqz_engine_plan plan = one.plan;
            plan.worlds = twins;
            plan.n_worlds = 2;
            assert_int_equal(sqz_engine_init(&two, &plan, &diag), SQZ_OK);
            for (uint64_t path = 0; path < 3; path++)
                sqz_engine_run(&two, 7, path, NULL);
            sqz_engine_run(&one, 7, 2, NULL);
            const struct sqz_outcome *alone = sqz_engine_outcome(&one, 0);
            size_t size = sizeof alone->measure[0] * sqz_clearing_measures.n_measures;
            for (size_t w = 0; w < 2; w++) {
                const struct sqz_outcome *beside = sqz_engine_outcome(&two, w);
                check_same_bits("price", &beside->final_log, &alone->final_log, sizeof(double));
                check_same_bits("forced", beside->forced_usd, alone->forced_usd,
                                sizeof alone->forced_usd);
                check_same_bits("measure", beside->measure, alone->measure, size);
            }
            sqz_engine_free(&one);
            sqz_engine_free(&two);
            hall_free(&hall);
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
    gsl_set_error_handler_off(); /* as the program does */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
