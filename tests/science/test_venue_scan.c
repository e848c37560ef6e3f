/* Liquidations at Binance, Bybit, OKX and dYdX against a slow clearing house
 * (tests/support/scan_house.h) that follows the venues' rules as they are published, account by
 * account and price by price. Prices jump, fall and rise; forced orders move them or do not; the
 * fund has all it needs, some or nothing. */
#include "tests/support/scan_house.h"

/* ---- OKX ----------------------------------------------------------------------------------- */

/* Third tier and above: two tiers down, no worse than the bankruptcy price, then frozen; below, or
 * with less than the first tier's rate: the fund. */
static void step_okx(struct slow_house *house, struct ledger *ledger, size_t leg, unsigned steps)
{
    (void)steps;
    const struct sqz_position *position = ledger->position[leg];
    double price = slow_price(house), left = ledger->left[leg];
    size_t tier = bracket_of(position, left, price);
    double first = position->tiers == NULL ? position->rate : position->tiers->tier[0].rate;
    double least = slow_others_need(house, ledger, leg, price) + (first + 0.0005) * left * price;
    if (tier < 2 || equity_at(ledger, price) < least) {
        slow_take_over(house, ledger, leg);
        return;
    }
    double edge = position->tiers->tier[tier - 2].cap * position->tiers->contract_size;
    slow_send(house, ledger, leg, left - edge, slow_bankruptcy(house, ledger, leg), false, 0.0);
    slow_freeze(house, ledger, leg, 60.0);
}

/* Profit as a share of the entry value, times leverage; a loss divided by it. */
static double rank_leveraged(const struct slow_house *house, const struct ledger *ledger,
                             size_t leg, double price)
{
    (void)house;
    double equity = equity_at(ledger, price);
    if (!(equity > 0.0))
        return -INFINITY;
    double profit = profit_of(ledger->position[leg], 1.0, price) / ledger->position[leg]->entry_usd;
    double leverage = ledger->left[leg] * price / equity;
    return profit > 0.0 ? profit * leverage : profit / leverage;
}

static const struct slow_rules OKX = {.fee = 0.0005,
                                      .step = step_okx,
                                      .rank = rank_leveraged,
                                      .at_mark = true,
                                      .begins = 0.3,
                                      .ends = 0.3};

/* ---- dYdX ---------------------------------------------------------------------------------- */

/* In every block a tenth, but 1,000 USD at least, at the fillable price P (1 - s ABR SMMR MMF);
 * below zero the fund. The fee is 1.5 %, but no more than what stands behind the part: the
 * account's equity in proportion to maintenance. */
static void step_dydx(struct slow_house *house, struct ledger *ledger, size_t leg, unsigned steps)
{
    (void)steps;
    const struct sqz_position *position = ledger->position[leg];
    double price = slow_price(house), equity = equity_at(ledger, price);
    if (equity < 0.0) {
        slow_take_over(house, ledger, leg);
        return;
    }
    double left = ledger->left[leg];
    double needed = slow_others_need(house, ledger, SIZE_MAX, price);
    double rating = 1.0 - equity / needed;
    double away = fmin(fmax(rating, 0.0), 1.0) * 1.5 * position->rate;
    double limit = price * (position->side == SQZ_DOWN ? 1.0 - away : 1.0 + away);
    double part = fmin(left, fmax(0.1 * left, 1000.0 / price));
    double own = equity * slow_part_needs(house, ledger, leg, left, price) / needed;
    slow_send(house, ledger, leg, part, limit, false, fmin(0.015, own / (left * price)));
    slow_freeze(house, ledger, leg, 1.0);
}

static const struct slow_rules DYDX = {.step = step_dydx, .rank = rank_leveraged};

/* ---- Bybit --------------------------------------------------------------------------------- */

/* Once: fill or kill, no worse than the bankruptcy price, down to the highest lower bracket whose
 * maintenance the account has. Else the fund. */
static void step_bybit(struct slow_house *house, struct ledger *ledger, size_t leg, unsigned steps)
{
    const struct sqz_position *position = ledger->position[leg];
    double price = slow_price(house), left = ledger->left[leg];
    double others = slow_others_need(house, ledger, leg, price);
    size_t tier = steps == 0 ? bracket_of(position, left, position->entry_usd) : 0;
    while (tier-- > 0) {
        double edge = position->tiers->tier[tier].cap / position->entry_usd;
        if (equity_at(ledger, price) < others + slow_part_needs(house, ledger, leg, edge, price))
            continue;
        slow_send(house, ledger, leg, left - edge, slow_bankruptcy(house, ledger, leg), true, 0.0);
        return;
    }
    slow_take_over(house, ledger, leg);
}

static const struct slow_rules BYBIT = {
    .on_entry = true, .step = step_bybit, .rank = rank_leveraged, .begins = 0.3, .ends = 0.25};

/* ---- Binance ------------------------------------------------------------------------------- */

/* Equity beyond 1.05 times maintenance with `left` of a position left, the fee of 1.25 % paid. */
static double room_left(const struct slow_house *house, const struct ledger *ledger, size_t leg,
                        double left)
{
    double price = slow_price(house);
    return equity_at(ledger, price) - 0.0125 * (ledger->left[leg] - left) * price -
           1.05 * (slow_others_need(house, ledger, leg, price) +
                   slow_part_needs(house, ledger, leg, left, price));
}

/* The most that may be left. Between edges of brackets the room is linear: the best is on an edge,
 * or nothing left; NAN if that does not do either. */
static double most_left(const struct slow_house *house, const struct ledger *ledger, size_t leg)
{
    const struct sqz_position *position = ledger->position[leg];
    double best = 0.0, wrong = ledger->left[leg];
    if (room_left(house, ledger, leg, wrong) >= 0.0)
        return wrong;
    for (size_t k = 0; position->tiers != NULL && k + 1 < position->tiers->count; k++) {
        double edge = position->tiers->tier[k].cap / slow_price(house);
        if (edge < wrong &&
            room_left(house, ledger, leg, edge) > room_left(house, ledger, leg, best))
            best = edge;
    }
    if (room_left(house, ledger, leg, best) < 0.0)
        return NAN;
    for (int i = 0; i < 200; i++) {
        double middle = 0.5 * (best + wrong);
        *(room_left(house, ledger, leg, middle) >= 0.0 ? &best : &wrong) = middle;
    }
    return best;
}

/* One order for the least that brings the account back inside its margin, neither it nor what it
 * leaves below 100 USD; else the fund. */
static void step_binance(struct slow_house *house, struct ledger *ledger, size_t leg,
                         unsigned steps)
{
    double price = slow_price(house), left = most_left(house, ledger, leg);
    if (steps > 0 || isnan(left)) {
        slow_take_over(house, ledger, leg);
        return;
    }
    double order = fmax(ledger->left[leg] - left, 100.0 / price);
    if ((ledger->left[leg] - order) * price < 100.0)
        order = ledger->left[leg];
    slow_send(house, ledger, leg, order, slow_bankruptcy(house, ledger, leg), false, 0.0125);
}

static double rank_binance(const struct slow_house *house, const struct ledger *ledger, size_t leg,
                           double price)
{
    double equity = equity_at(ledger, price);
    double profit = profit_of(ledger->position[leg], ledger->left[leg], price);
    if (!(equity > 0.0))
        return -INFINITY;
    return fmax(0.0, profit) / fmax(1.0, equity - profit) *
           slow_others_need(house, ledger, SIZE_MAX, price) / equity;
}

static const struct slow_rules BINANCE = {.step = step_binance, .rank = rank_binance};

/* ---- both ---------------------------------------------------------------------------------- */

/* Rounds of one kind, and what has happened in all of them. */
struct contest {
    const struct sqz_venue_model *model;
    const struct slow_rules *rules;
    uint64_t seed;
    size_t accounts;
    bool cross;          /* some of them; else every position is secured by itself */
    bool flat;           /* between its jumps the price stands */
    bool moving;         /* forced orders always move it */
    bool spared;         /* the fund has no end, and nobody is deleveraged */
    double jump_log;     /* the greatest */
    double depth_usd[2]; /* of the book, the least and the most */
    struct slow_events events;
};

/* dYdX has one rate per market: everybody's, and everybody secured anew. */
static void set_one_rate(struct crowd *crowd, struct sqz_stream *stream)
{
    double rate = between(stream, 0.005, 0.03);
    for (size_t i = 0, legs = 1; i < crowd->count; i += legs) {
        struct sqz_position *leg[LEGS];
        for (legs = 0;
             i + legs < crowd->count && crowd->holding[i + legs].holder == crowd->holding[i].holder;
             legs++) {
            leg[legs] = &crowd->holding[i + legs].position;
            leg[legs]->tiers = NULL;
            leg[legs]->rate = rate;
            leg[legs]->collateral = 0.0;
        }
        secure(leg, legs, START_USD, stream);
    }
}

static void check_sum(const char *what, double value, double expected)
{
    check_near(what, value, expected, 1e-7 * (1e5 + fabs(expected)));
}

static void compare(const struct hall *hall, const struct sqz_engine *engine,
                    const struct slow_house *slow, struct contest *contest)
{
    const struct sqz_clearing *house = &engine->clearing[0];
    const struct sqz_outcome *outcome = sqz_engine_outcome(engine, 0);
    uint64_t liquidated = 0;
    for (size_t a = 0; a < slow->accounts; a++) {
        check_account(hall, house, (uint32_t)a, &slow->account[a]);
        liquidated += slow->account[a].liquidated;
    }
    assert_int_equal(house->accounts_liquidated, liquidated);
    assert_int_equal(house->deleveraged, slow->events.deleveraged);
    check_sum("deleveraged", house->deleveraged_usd, slow->deleveraged_usd);
    check_sum("lost", house->lost, slow->lost);
    check_sum("drawn", house->drawn, slow->drawn);
    check_sum("bad debt", house->bad_debt, slow->bad_debt);
    if (slow->fund < INFINITY)
        check_sum("fund", hall->venue.fund + house->fund, slow->fund);
    for (int side = 0; side < 2; side++)
        check_sum("forced", outcome->forced_usd[side], slow->forced_usd[side]);
    check_near("final", outcome->final_log, slow->exogenous_log + slow->moved_log, 1e-8);
    contest->events.takeovers += slow->events.takeovers;
    contest->events.deleveraged += slow->events.deleveraged;
    contest->events.killed += slow->events.killed;
    contest->events.cut += slow->events.cut;
    contest->events.spared += slow->events.spared;
    contest->events.unpaid += slow->events.unpaid;
}

/* Every position secured by itself; those without what they need are left out. */
static void isolate(struct crowd *crowd, const struct slow_rules *rules)
{
    struct slow_house empty = {.rules = rules};
    size_t kept = 0;
    for (size_t i = 0; i < crowd->count; i++) {
        struct ledger alone = {.legs = 1,
                               .position = {&crowd->holding[i].position},
                               .left = {crowd->holding[i].position.quantity},
                               .cash = crowd->holding[i].position.collateral};
        if (slow_below(&empty, &alone, START_USD))
            continue;
        crowd->holding[kept] = crowd->holding[i];
        crowd->holding[kept++].cross = false;
    }
    crowd->count = kept;
}

static void round_of(struct contest *contest, double fund, bool impact, struct sqz_stream *stream)
{
    static struct crowd crowd;
    static struct hall hall;
    static struct zigzag zigzag;
    static struct slow_house slow;
    static struct event_log log;
    struct sqz_engine engine;
    draw_crowd(&crowd, contest->model, false, START_USD, contest->accounts, stream);
    if (contest->model == &sqz_venue_dydx)
        set_one_rate(&crowd, stream);
    if (!contest->cross)
        isolate(&crowd, contest->rules);
    draw_zigzag(&zigzag, 0.08, stream);
    for (int k = 1; k < TURNS; k++) /* some before a frozen account is looked at again */
        zigzag.time_s[k] = zigzag.time_s[k - 1] + log_between(stream, 5.0, 500.0);
    for (int k = 1; k + 1 < TURNS; k++)
        zigzag.jump_log[k] = between(stream, -contest->jump_log, contest->jump_log);
    for (int k = 0; k + 1 < TURNS && contest->flat; k++)
        zigzag.log_price[k + 1] = zigzag.log_price[k] + zigzag.jump_log[k];
    hall_init(&hall, contest->model, NULL, crowd.holding, crowd.count, START_USD, fund);
    ride(&hall, &zigzag);
    hall.world.impact = impact;
    double depth_usd = log_between(stream, contest->depth_usd[0], contest->depth_usd[1]);
    test_book_init(&hall.book, depth_usd, 1.0, 1.0, INFINITY);
    slow_init(&slow, contest->rules, &hall, &zigzag);
    slow.impact_per_usd = impact ? 0.01 / depth_usd : 0.0;
    run(&hall, &engine, &log);
    slow_run(&slow);
    compare(&hall, &engine, &slow, contest);
    sqz_engine_free(&engine);
    hall_free(&hall);
}

/* Every fund, with and without impact. */
static void hold(struct contest *contest, uint64_t rounds)
{
    struct sqz_stream stream;
    sqz_stream_open(&stream, contest->seed, 0, 0);
    for (uint64_t i = 0; i < 6 + test_paths(rounds - 6); i++) {
        const double fund[] = {0.0, log_between(&stream, 1e4, 1e6), INFINITY};
        round_of(contest, contest->spared ? INFINITY : fund[i % 3],
                 contest->moving || i / 3 % 2 == 1, &stream);
    }
}

/* Where few rounds are played, as in slow builds, not everything comes to pass. */
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

/* Cross accounts where nobody is deleveraged: that they are brings accounts below their maintenance
 * at a price that stands, and no rule says when it is their turn and which position goes first. */
static struct contest contest_across(const struct sqz_venue_model *model,
                                     const struct slow_rules *rules, uint64_t seed)
{
    struct contest contest = contest_of(model, rules, seed);
    contest.cross = contest.spared = true;
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
    struct contest contest = contest_across(&sqz_venue_okx, &OKX, 92);
    hold(&contest, 12);
    check_seen(contest.events.takeovers > 50 && contest.events.cut > 0);
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
    struct contest contest = contest_across(&sqz_venue_binance, &BINANCE, 96);
    hold(&contest, 12);
    check_seen(contest.events.takeovers > 50 && contest.events.cut > 0);
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
    struct contest contest = contest_across(&sqz_venue_bybit, &BYBIT, 112);
    hold(&contest, 12);
    check_seen(contest.events.takeovers > 50 && contest.events.killed > 0);
}

/* ---- dydx ---------------------------------------------------------------------------------- */

/* The price stands between its jumps: where it comes to an account slowly, the worst price of the
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
    contest.moving = true; /* else rounding decides whether an account taken over in part owes */
    hold(&contest, 12);
    check_seen(contest.events.takeovers > 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_okx_isolated),
        cmocka_unit_test(test_okx_cross),
        cmocka_unit_test(test_binance_isolated),
        cmocka_unit_test(test_binance_cross),
        cmocka_unit_test(test_bybit_isolated),
        cmocka_unit_test(test_bybit_cross),
        cmocka_unit_test(test_few),
        cmocka_unit_test(test_dydx_isolated),
        cmocka_unit_test(test_dydx_few),
        cmocka_unit_test(test_dydx_cross),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
