/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Liquidations at Binance, Bybit, OKX and dYdX against a slow clearing house
 * (tests/support/scan_clearing.h) that follows the venues' rules as they are published, account by
 * account and price by price. Prices jump, fall and rise; forced orders move them or do not; the
 * fund has all it needs, some or nothing. */
#include "tests/support/scan_venues.h"

/* ---- both ---------------------------------------------------------------------------------- */

/* Rounds of one kind, and what has happened in all of them. */
struct contest {
    const struct sqz_venue_model *model;
    const struct slow_rules *rules;
    uint64_t seed;
    size_t accounts;
    bool cross;          /* some of them; else every position is secured by itself */
    bool flat;           /* between its jumps the price stands */
    bool inverse;        /* contracts */
    bool paying;         /* longs pay shorts, or the other way round, twice */
    double leave_per_s;  /* rate at which accounts leave by themselves */
    double jump_log;     /* the greatest */
    double depth_usd[2]; /* of the book, the least and the most */
    struct slow_events events;
};

/* dYdX has one rate per market: everybody's, and everybody secured anew. */
static void set_one_rate(struct random_accounts *random_accounts, struct sqz_stream *stream)
{
    double rate = between(stream, 0.005, 0.03);
    for (size_t i = 0, legs = 1; i < random_accounts->count; i += legs) {
        struct sqz_position *leg[LEGS];
        for (legs = 0;
             i + legs < random_accounts->count &&
             random_accounts->holding[i + legs].holder == random_accounts->holding[i].holder;
             legs++) {
            leg[legs] = &random_accounts->holding[i + legs].position;
            leg[legs]->tiers = NULL;
            leg[legs]->rate = rate;
            leg[legs]->collateral = 0.0;
        }
        secure(leg, legs, START_USD, stream);
    }
}

/* In USD, or in coin worth as much. */
static void check_sum(const struct contest *contest, const char *what, double value,
                      double expected)
{
    double most = contest->inverse ? 1e5 / START_USD : 1e5;
    check_near(what, value, expected, 1e-7 * (most + fabs(expected)));
}

static void compare(const struct venue_fixture *fixture, const struct sqz_engine *engine,
                    const struct slow_clearing *slow, struct contest *contest)
{
    const struct sqz_venue_state *venue = &engine->path.venue[0];
    const struct sqz_outcome *outcome = sqz_engine_outcome(engine, 0);
    uint64_t liquidated = 0;
    for (size_t a = 0; a < slow->accounts; a++) {
        check_account(fixture, &venue->clearing, (uint32_t)a, &slow->account[a]);
        liquidated += slow->account[a].liquidated;
    }
    assert_int_equal(venue->totals.accounts, liquidated);
    assert_int_equal(venue->deleverage.count, slow->events.deleveraged);
    check_sum(contest, "deleveraged", venue->deleverage.usd, slow->deleveraged_usd);
    check_sum(contest, "lost", venue->totals.lost, slow->lost);
    check_sum(contest, "drawn", venue->fund.drawn, slow->drawn);
    check_sum(contest, "bad debt", venue->fund.bad_debt, slow->bad_debt);
    if (slow->fund < INFINITY)
        check_sum(contest, "fund", fixture->venue.fund + venue->fund.change, slow->fund);
    for (int side = 0; side < 2; side++)
        check_sum(contest, "forced", outcome->forced_usd[side], slow->forced_usd[side]);
    check_near("final", outcome->final_log, slow->exogenous_log + slow->moved_log, 1e-8);
    contest->events.takeovers += slow->events.takeovers;
    contest->events.deleveraged += slow->events.deleveraged;
    contest->events.killed += slow->events.killed;
    contest->events.cut += slow->events.cut;
    contest->events.spared += slow->events.spared;
    contest->events.unpaid += slow->events.unpaid;
}

/* Every position secured by itself; those without what they need are left out. */
static void isolate(struct random_accounts *random_accounts, const struct slow_rules *rules)
{
    struct slow_clearing empty = {.rules = rules};
    size_t kept = 0;
    for (size_t i = 0; i < random_accounts->count; i++) {
        struct ledger alone = {.legs = 1,
                               .position = {&random_accounts->holding[i].position},
                               .left = {random_accounts->holding[i].position.quantity},
                               .cash = random_accounts->holding[i].position.collateral};
        if (slow_below(&empty, &alone, START_USD))
            continue;
        random_accounts->holding[kept] = random_accounts->holding[i];
        random_accounts->holding[kept++].cross = false;
    }
    random_accounts->count = kept;
}

enum { PAYMENTS = 2 };

/* Accounts leave at a rate; who has left by a time the number of its row decides. */
static void let_leave(struct venue_fixture *fixture, struct slow_clearing *slow, double rate_per_s)
{
    struct sqz_stream draws;
    sqz_stream_open(&draws, SCAN_SEED, 0, SQZ_STREAM_ACCOUNTS);
    fixture->world.attrition.per_s = rate_per_s;
    for (size_t a = 0; a < slow->accounts && rate_per_s > 0.0; a++) {
        uint32_t row = fixture->account_table.row[fixture->account_table.first[a]];
        slow->account[a].leaves_s = -log(sqz_stream_uniform_at(&draws, row)) / rate_per_s;
    }
}

static void draw_payments(struct venue_fixture *fixture, struct slow_clearing *slow,
                          struct payment *payment, struct sqz_stream *stream)
{
    slow->payments = PAYMENTS;
    slow->payment = payment;
    for (int i = 0; i < PAYMENTS; i++) {
        payment[i].time_s = fixture->world.horizon_s * between(stream, 0.5 * i, 0.5 * i + 0.5);
        payment[i].rate = between(stream, -0.02, 0.02);
        venue_fixture_pay(fixture, payment[i].time_s, payment[i].rate);
    }
}

static void round_of(struct contest *contest, double fund, bool impact, struct sqz_stream *stream)
{
    static struct random_accounts random_accounts;
    static struct venue_fixture fixture;
    static struct zigzag zigzag;
    static struct slow_clearing slow;
    static struct event_log log;
    struct sqz_engine engine;
    random_accounts.on_entry = contest->rules->on_entry;
    draw_random_accounts(&random_accounts, contest->model, contest->inverse, START_USD,
                         contest->accounts, stream);
    if (contest->inverse) /* a contract of about a dollar, as with linear ones */
        random_accounts.tiers.contract_size *= START_USD;
    if (contest->model == &sqz_venue_dydx)
        set_one_rate(&random_accounts, stream);
    if (!contest->cross)
        isolate(&random_accounts, contest->rules);
    draw_zigzag(&zigzag, 0.08, stream);
    for (int k = 1; k < TURNS; k++) /* some before a frozen account is looked at again */
        zigzag.time_s[k] = zigzag.time_s[k - 1] + log_between(stream, 5.0, 500.0);
    for (int k = 1; k + 1 < TURNS; k++)
        zigzag.jump_log[k] = between(stream, -contest->jump_log, contest->jump_log);
    for (int k = 0; k + 1 < TURNS && contest->flat; k++)
        zigzag.log_price[k + 1] = zigzag.log_price[k] + zigzag.jump_log[k];
    venue_fixture_init(&fixture, contest->model, NULL, random_accounts.holding,
                       random_accounts.count, START_USD,
                       contest->inverse ? fund / START_USD : fund);
    ride(&fixture, &zigzag);
    fixture.world.market.impact = impact;
    double depth_usd = log_between(stream, contest->depth_usd[0], contest->depth_usd[1]);
    test_book_init(&fixture.book, depth_usd, 1.0, 1.0, INFINITY);
    slow_init(&slow, contest->rules, &fixture, &zigzag);
    slow.impact_per_usd = impact ? 0.01 / depth_usd : 0.0;
    let_leave(&fixture, &slow, contest->leave_per_s);
    struct payment payment[PAYMENTS];
    if (contest->paying)
        draw_payments(&fixture, &slow, payment, stream);
    run(&fixture, &engine, &log);
    slow_run(&slow);
    compare(&fixture, &engine, &slow, contest);
    sqz_engine_free(&engine);
    venue_fixture_free(&fixture);
}

/* Every fund, with and without impact. */
static void hold(struct contest *contest, uint64_t rounds)
{
    struct sqz_stream stream;
    sqz_stream_open(&stream, contest->seed, 0, 0);
    for (uint64_t i = 0; i < 6 + test_paths(rounds - 6); i++) {
        const double fund[] = {0.0, log_between(&stream, 1e4, 1e6), INFINITY};
        round_of(contest, fund[i % 3], i / 3 % 2 == 1, &stream);
    }
}

/* Where few rounds are played, as in slow builds, not everything happens. */
static void check_seen(bool seen)
{
    assert_true(seen || test_paths(20) < 20);
}

static struct contest contest_of(const struct sqz_venue_model *model,
                                 const struct slow_rules *rules, uint64_t seed)
{
    return (struct contest){.model = model,
                            .rules = rules,
                            .seed = seed,
                            .accounts = 30,
                            .jump_log = 0.08,
                            .depth_usd = {5e5, 5e7}};
}

/* Few accounts in a thin book, in which their orders are cut at the worst price. */
static struct contest contest_of_few(const struct sqz_venue_model *model,
                                     const struct slow_rules *rules, uint64_t seed)
{
    struct contest contest = contest_of(model, rules, seed);
    contest.accounts = 2;
    contest.jump_log = 0.02;
    contest.depth_usd[0] = 2e4;
    contest.depth_usd[1] = 2e6;
    return contest;
}

static struct contest contest_across(const struct sqz_venue_model *model,
                                     const struct slow_rules *rules, uint64_t seed)
{
    struct contest contest = contest_of(model, rules, seed);
    contest.cross = true;
    return contest;
}

/* ---- okx, binance, bybit ------------------------------------------------------------------- */

static void test_okx_isolated(void **state)
{
    (void)state;
    struct contest contest = contest_of(&sqz_venue_okx, &OKX, 206);
    hold(&contest, 18);
    check_seen(contest.events.deleveraged > 5 && contest.events.spared > 0);
    check_seen(contest.events.cut > 0);
}

static void test_okx_cross(void **state)
{
    (void)state;
    struct contest contest = contest_across(&sqz_venue_okx, &OKX, 669);
    hold(&contest, 12);
    check_seen(contest.events.takeovers > 50 && contest.events.cut > 0);
    check_seen(contest.events.deleveraged > 20);
}

static void test_binance_isolated(void **state)
{
    (void)state;
    struct contest contest = contest_of(&sqz_venue_binance, &BINANCE, 107);
    hold(&contest, 12);
    check_seen(contest.events.deleveraged > 5 && contest.events.cut > 0);
}

static void test_binance_cross(void **state)
{
    (void)state;
    struct contest contest = contest_across(&sqz_venue_binance, &BINANCE, 502);
    hold(&contest, 12);
    check_seen(contest.events.takeovers > 50 && contest.events.cut > 0);
    check_seen(contest.events.deleveraged > 20);
}

static void test_few(void **state)
{
    (void)state;
    struct contest okx = contest_of_few(&sqz_venue_okx, &OKX, 121);
    struct contest binance = contest_of_few(&sqz_venue_binance, &BINANCE, 122);
    struct contest bybit = contest_of_few(&sqz_venue_bybit, &BYBIT, 123);
    hold(&okx, 24);
    hold(&binance, 96);
    hold(&bybit, 24);
    check_seen(okx.events.cut > 5 && binance.events.cut > 5 && bybit.events.killed > 2);
}

static void test_bybit_isolated(void **state)
{
    (void)state;
    struct contest contest = contest_of(&sqz_venue_bybit, &BYBIT, 205);
    hold(&contest, 18);
    check_seen(contest.events.deleveraged > 5 && contest.events.spared > 0);
    check_seen(contest.events.killed > 0);
}

static void test_bybit_cross(void **state)
{
    (void)state;
    struct contest contest = contest_across(&sqz_venue_bybit, &BYBIT, 706);
    hold(&contest, 12);
    check_seen(contest.events.takeovers > 50 && contest.events.killed > 0);
    check_seen(contest.events.deleveraged > 20);
}

/* The rule before September 2025: maintenance and tiers of the entry value. */
static void test_bybit_before(void **state)
{
    (void)state;
    struct contest isolated = contest_of(&sqz_venue_bybit, &BYBIT_BEFORE, 215);
    struct contest cross = contest_across(&sqz_venue_bybit, &BYBIT_BEFORE, 716);
    struct contest inverse = contest_across(&sqz_venue_bybit, &BYBIT_BEFORE, 312);
    inverse.inverse = true;
    hold(&isolated, 12);
    hold(&cross, 6);
    hold(&inverse, 6);
    check_seen(isolated.events.deleveraged > 5 && isolated.events.killed > 0);
    check_seen(cross.events.takeovers > 20 && inverse.events.takeovers > 20);
}

/* ---- inverse contracts, funding, leaving ----------------------------------------------------- */

/* Of those venues that have inverse contracts; amounts are in coin. */
static void test_inverse(void **state)
{
    (void)state;
    struct contest okx = contest_across(&sqz_venue_okx, &OKX, 301);
    struct contest bybit = contest_across(&sqz_venue_bybit, &BYBIT, 302);
    okx.inverse = bybit.inverse = true;
    hold(&okx, 6);
    hold(&bybit, 6);
    check_seen(okx.events.cut > 0 && okx.events.deleveraged > 5);
    check_seen(bybit.events.takeovers > 20 && bybit.events.deleveraged > 5);
}

/* Accounts pay funding and leave; those that the venue has in hand pay, and cannot leave. */
static void test_funding_and_leaving(void **state)
{
    (void)state;
    struct contest okx = contest_across(&sqz_venue_okx, &OKX, 349);
    struct contest bybit = contest_across(&sqz_venue_bybit, &BYBIT, 312);
    struct contest binance = contest_across(&sqz_venue_binance, &BINANCE, 313);
    struct contest *contest[] = {&okx, &bybit, &binance};
    for (size_t i = 0; i < sizeof contest / sizeof contest[0]; i++) {
        contest[i]->paying = true;
        contest[i]->leave_per_s = 0.001;
        hold(contest[i], 6);
        check_seen(contest[i]->events.takeovers > 10);
    }
}

/* ---- dydx ---------------------------------------------------------------------------------- */

/* The price stands between its jumps: where it reaches an account slowly, the worst price of the
 * first order is the mark itself, and rounding decides whether it is filled. The book is deep, or
 * there are few accounts: orders that are cut at the worst price set each other off, and rounding
 * grows from one to the next. */
static void make_flat(struct contest *contest)
{
    contest->flat = true;
    contest->depth_usd[0] = 1e8;
    contest->depth_usd[1] = 1e9;
}

static void test_dydx_isolated(void **state)
{
    (void)state;
    struct contest contest = contest_of(&sqz_venue_dydx, &DYDX, 93);
    make_flat(&contest);
    hold(&contest, 12);
    check_seen(contest.events.deleveraged > 5 && contest.events.unpaid > 0);
}

static void test_dydx_few(void **state)
{
    (void)state;
    struct contest contest = contest_of_few(&sqz_venue_dydx, &DYDX, 94);
    contest.flat = true;
    hold(&contest, 36);
    check_seen(contest.events.cut > 2);
}

static void test_dydx_cross(void **state)
{
    (void)state;
    struct contest contest = contest_across(&sqz_venue_dydx, &DYDX, 99);
    make_flat(&contest);
    hold(&contest, 12);
    check_seen(contest.events.takeovers > 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_okx_isolated),     cmocka_unit_test(test_okx_cross),
        cmocka_unit_test(test_binance_isolated), cmocka_unit_test(test_binance_cross),
        cmocka_unit_test(test_bybit_isolated),   cmocka_unit_test(test_bybit_cross),
        cmocka_unit_test(test_bybit_before),     cmocka_unit_test(test_few),
        cmocka_unit_test(test_inverse),          cmocka_unit_test(test_funding_and_leaving),
        cmocka_unit_test(test_dydx_isolated),    cmocka_unit_test(test_dydx_few),
        cmocka_unit_test(test_dydx_cross),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
