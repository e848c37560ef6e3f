/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Liquidations on a given price against a slow scan of all accounts at every price of a dense grid.
 * Forced orders do not move the price, so every account can be followed by itself. The scan knows
 * nothing of the program's margin or clearing: rules as exchanges publish them, tables read line by
 * line. */
#include "tests/support/scan.h"

/* ---- the scan ------------------------------------------------------------------------------ */

static double needed_at(const struct ledger *ledger, double price)
{
    double needed = 0.0;
    for (size_t i = 0; i < ledger->legs; i++)
        needed += maintenance_of(ledger->position[i], ledger->left[i], price);
    return needed;
}

static bool below(const struct ledger *ledger, double price)
{
    return equity_at(ledger, price) < needed_at(ledger, price);
}

/* The next point of the grid: a quarter of a second on, and every turn. */
static double next_point(const struct zigzag *zigzag, double time_s)
{
    int k = 1;
    while (k + 1 < TURNS && zigzag->time_s[k] <= time_s)
        k++;
    return fmin(time_s + 0.25, zigzag->time_s[k]);
}

/* The first time after `from_s`, up to `to_s`, at which the account is below; NAN if it never is.
 * Between points of the grid by bisection. */
static double first_below(const struct ledger *ledger, const struct zigzag *zigzag, double from_s,
                          double to_s)
{
    double fine = from_s;
    while (fine < to_s) {
        double wrong = next_point(zigzag, fine);
        if (below(ledger, price_at(zigzag, wrong))) {
            for (int i = 0; i < 60; i++) {
                double middle = 0.5 * (fine + wrong);
                *(below(ledger, price_at(zigzag, middle)) ? &wrong : &fine) = middle;
            }
            return wrong;
        }
        fine = wrong;
    }
    return NAN;
}

/* ---- all at once --------------------------------------------------------------------------- */

/* Of the positions that lose as the price moves, the largest is closed, until the account has its
 * maintenance. */
static void close_losers(struct ledger *ledger, double price, bool falls)
{
    do {
        size_t worst = SIZE_MAX;
        for (size_t i = 0; i < ledger->legs; i++) {
            bool loses = (ledger->position[i]->side == SQZ_LONG) == falls;
            if (loses && ledger->left[i] > 0.0 &&
                (worst == SIZE_MAX || ledger->left[i] > ledger->left[worst]))
                worst = i;
        }
        if (worst == SIZE_MAX)
            break;
        close_part(ledger, worst, ledger->left[worst], price);
    } while (below(ledger, price * (falls ? 1 + 1e-9 : 1 - 1e-9)));
}

static void scan_full(struct ledger *ledger, const struct zigzag *zigzag, double *first_s)
{
    double now_s = 0.0, end_s = zigzag->time_s[TURNS - 1];
    while (holds(ledger)) {
        double touch_s = first_below(ledger, zigzag, now_s, end_s);
        if (isnan(touch_s))
            return;
        if (!ledger->liquidated)
            *first_s = fmin(*first_s, touch_s);
        ledger->liquidated = true;
        close_losers(ledger, price_at(zigzag, touch_s),
                     price_at(zigzag, touch_s) < price_at(zigzag, touch_s - 1e-6));
        now_s = touch_s;
    }
}

static void test_full_against_a_slow_scan(void **state)
{
    (void)state;
    struct sqz_stream stream;
    size_t cross = 0, alive = 0;
    sqz_stream_open(&stream, 81, 0, 0);
    for (uint64_t round = 0; round < 2 + test_paths(40); round++) {
        struct random_accounts random_accounts = {.on_entry = false};
        struct venue_fixture fixture;
        struct zigzag zigzag;
        struct sqz_engine engine;
        static struct event_log log;
        draw_random_accounts(&random_accounts, &sqz_venue_full, false, START_USD, 30, &stream);
        draw_zigzag(&zigzag, 0.12, &stream);
        venue_fixture_init(&fixture, &sqz_venue_full, NULL, random_accounts.holding,
                           random_accounts.count, START_USD, 0.0);
        ride(&fixture, &zigzag);
        run(&fixture, &engine, &log);
        const struct sqz_clearing *clearing = &engine.path.venue[0].clearing;
        const struct sqz_liquidation_totals *totals = &engine.path.venue[0].totals;
        uint64_t liquidated = 0;
        double lost = 0.0, first_s = INFINITY, isolated = 0.0;
        for (uint32_t a = 0; a < fixture.account_table.accounts; a++) {
            struct ledger ledger;
            open_ledger(&fixture.account_table, a, &ledger);
            double before = ledger.cash;
            scan_full(&ledger, &zigzag, &first_s);
            check_account(&fixture, clearing, a, &ledger);
            liquidated += ledger.liquidated;
            lost += before - ledger.cash;
            for (size_t i = 0; i < ledger.legs; i++) /* from the start, not from the entries */
                lost += profit_of(ledger.position[i], ledger.position[i]->quantity - ledger.left[i],
                                  START_USD);
            cross += ledger.liquidated && ledger.legs > 1;
            alive += ledger.liquidated && holds(&ledger);
            if (ledger.legs == 1 && ledger.liquidated) { /* the same in closed form */
                double trigger = sqz_margin_liquidation_usd(ledger.position[0]);
                isolated +=
                    ledger.position[0]->collateral -
                    maintenance_of(ledger.position[0], ledger.position[0]->quantity, trigger);
                lost -= before - ledger.cash;
            }
        }
        assert_int_equal(totals->accounts, liquidated);
        check_near("equity lost", totals->lost, lost + isolated, 1e-7 * (1e5 + fabs(totals->lost)));
        if (liquidated > 0)
            check_near("first", totals->first_s, first_s, 1e-4);
        sqz_engine_free(&engine);
        venue_fixture_free(&fixture);
    }
    assert_true(cross > 10 && alive > 10);
}

/* ---- Hyperliquid --------------------------------------------------------------------------- */

/* The vault has no end, so that nobody is deleveraged and every account is by itself. */

/* An order as the scan expects it. */
struct order {
    double time_s, notional_usd;
};

struct orders {
    size_t count;
    struct order order[2048];
};

static void send(struct orders *orders, struct ledger *ledger, double share, double time_s,
                 double price)
{
    double quantity = share * ledger->left[0];
    assert_true(orders->count < sizeof orders->order / sizeof orders->order[0]);
    orders->order[orders->count++] = (struct order){time_s, quantity * price};
    close_part(ledger, 0, share == 1.0 ? ledger->left[0] : quantity, price);
}

/* How often a test wants to have seen what follows a part. */
struct sequels {
    size_t at_once, anew, vault, restored;
};

/* An account that is followed: after a part `cool_s` is the end of the 30 s; where the part was not
 * enough, `mark` is the price at which it was sold, from which a tick must part the next look. */
struct followed {
    struct ledger *ledger;
    double cool_s, mark;
};

/* Whether the account is looked at where the price is this. */
static bool comes_to_look(const struct followed *followed, double price)
{
    if (isnan(followed->mark))
        return below(followed->ledger, price);
    return fabs(log(price / followed->mark)) >= 1e-4;
}

/* Within 30 s of a part every further order is for all that is left. */
static void look(struct followed *followed, double time_s, double price, struct orders *orders,
                 struct sequels *sequels)
{
    struct ledger *ledger = followed->ledger;
    double equity = equity_at(ledger, price), needed = needed_at(ledger, price);
    bool cooling = time_s < followed->cool_s, before = !isnan(followed->cool_s);
    followed->mark = NAN;
    if (equity < needed * (1 - 1e-9) || !before)
        ledger->liquidated = true;
    else if (equity > needed * (1 + 1e-9)) {
        sequels->restored++;
        return;
    }
    if (equity * 3 < needed * 2) { /* the vault has position and margin, or debt */
        ledger->left[0] = ledger->cash = 0.0;
        sequels->vault += cooling;
        return;
    }
    if (cooling || ledger->left[0] * price <= 100000.0) {
        sequels->at_once += cooling;
        send(orders, ledger, 1.0, time_s, price);
        return;
    }
    sequels->anew += before;
    send(orders, ledger, 0.2, time_s, price);
    followed->cool_s = time_s + 30.0;
    if (below(ledger, price))
        followed->mark = price;
}

/* The price as a turn's jump has left it. */
static double price_after(const struct zigzag *zigzag, int turn)
{
    return START_USD * exp(zigzag->log_price[turn] + zigzag->jump_log[turn]);
}

/* Where an account is to be looked at between two points of time, by bisection; NAN if it is not
 * at the later one. */
static double first_look(const struct followed *followed, const struct zigzag *zigzag,
                         double fine_s, double wrong_s)
{
    if (!comes_to_look(followed, price_at(zigzag, wrong_s)))
        return NAN;
    for (int i = 0; i < 60; i++) {
        double middle_s = 0.5 * (fine_s + wrong_s);
        *(comes_to_look(followed, price_at(zigzag, middle_s)) ? &wrong_s : &fine_s) = middle_s;
    }
    return wrong_s;
}

/* From turn to turn in steps of a twentieth of a second; then the jump. */
static void scan_hyperliquid(struct ledger *ledger, const struct zigzag *zigzag,
                             struct orders *orders, struct sequels *sequels)
{
    struct followed followed = {ledger, NAN, NAN};
    for (int k = 1; k < TURNS; k++) {
        double now_s = zigzag->time_s[k - 1] * (1 + 1e-15);
        while (now_s < zigzag->time_s[k] && holds(ledger)) {
            double next_s = fmin(now_s + 0.05, zigzag->time_s[k]);
            double look_s = first_look(&followed, zigzag, now_s, next_s);
            if (!isnan(look_s))
                look(&followed, look_s, price_at(zigzag, look_s), orders, sequels);
            now_s = isnan(look_s) ? next_s : fmax(look_s, nextafter(now_s, INFINITY));
        }
        bool last = k == TURNS - 1;
        if (!last && holds(ledger) && comes_to_look(&followed, price_after(zigzag, k)))
            look(&followed, zigzag->time_s[k], price_after(zigzag, k), orders, sequels);
    }
}

/* By time; orders of one jump by size. */
static int compare_orders(const void *first, const void *second)
{
    const struct order *a = first, *b = second;
    if (a->time_s != b->time_s)
        return a->time_s < b->time_s ? -1 : 1;
    return (a->notional_usd > b->notional_usd) - (a->notional_usd < b->notional_usd);
}

static void check_orders(const struct event_log *log, struct orders *orders)
{
    static const struct sqz_event *event[2048];
    static struct order sent[2048];
    size_t count = select_events(log, SQZ_EVENT_LIQUIDATION, event, 2048);
    assert_int_equal(count, orders->count);
    for (size_t i = 0; i < count; i++)
        sent[i] = (struct order){event[i]->time_s, event[i]->notional_usd};
    qsort(orders->order, orders->count, sizeof *orders->order, compare_orders);
    qsort(sent, count, sizeof *sent, compare_orders);
    for (size_t i = 0; i < count; i++) {
        check_near("time", sent[i].time_s, orders->order[i].time_s, 1e-4);
        check_near("notional", sent[i].notional_usd, orders->order[i].notional_usd,
                   1e-6 * orders->order[i].notional_usd);
    }
}

/* Every position secured by itself; those without what they need are left out. */
static size_t isolate(struct random_accounts *random_accounts)
{
    size_t kept = 0;
    for (size_t i = 0; i < random_accounts->count; i++) {
        random_accounts->holding[i].cross = false;
        if (sqz_margin_excess(&random_accounts->holding[i].position, 1, START_USD) > 0.0)
            random_accounts->holding[kept++] = random_accounts->holding[i];
    }
    return kept;
}

/* Jumps, some within 30 s of the one before; `flat`: between them the price stands. */
static void draw_jumps(struct zigzag *zigzag, bool flat, struct sqz_stream *stream)
{
    double jump_log = flat ? 0.01 : 0.02;
    draw_zigzag(zigzag, 0.05, stream);
    for (int k = 1; k < TURNS; k++)
        zigzag->time_s[k] = zigzag->time_s[k - 1] + log_between(stream, 3.0, 300.0);
    for (int k = 1; k + 1 < TURNS; k++)
        zigzag->jump_log[k] = between(stream, -jump_log, jump_log);
    for (int k = 0; k + 1 < TURNS && flat; k++)
        zigzag->log_price[k + 1] = zigzag->log_price[k] + zigzag->jump_log[k];
}

static void test_hyperliquid_against_a_slow_scan(void **state)
{
    (void)state;
    struct sqz_stream stream;
    size_t parts = 0, vault = 0, saved = 0;
    struct sequels sequels = {0};
    sqz_stream_open(&stream, 82, 0, 0);
    for (uint64_t round = 0; round < 8 + test_paths(40); round++) {
        struct random_accounts random_accounts = {.on_entry = false};
        struct venue_fixture fixture;
        struct zigzag zigzag;
        struct sqz_engine engine;
        static struct event_log log;
        static struct orders orders;
        draw_random_accounts(&random_accounts, &sqz_venue_hyperliquid, false, START_USD, 30,
                             &stream);
        size_t kept = isolate(&random_accounts);
        draw_jumps(&zigzag, round % 2 == 1, &stream);
        venue_fixture_init(&fixture, &sqz_venue_hyperliquid, NULL, random_accounts.holding, kept,
                           START_USD, INFINITY);
        ride(&fixture, &zigzag);
        run(&fixture, &engine, &log);
        orders.count = 0;
        for (uint32_t a = 0; a < fixture.account_table.accounts; a++) {
            struct ledger ledger;
            open_ledger(&fixture.account_table, a, &ledger);
            size_t before = orders.count;
            scan_hyperliquid(&ledger, &zigzag, &orders, &sequels);
            check_account(&fixture, &engine.path.venue[0].clearing, a, &ledger);
            parts += orders.count > before + 1;
            vault += ledger.liquidated && ledger.left[0] == 0.0 && ledger.cash == 0.0;
            saved += ledger.liquidated && ledger.left[0] > 0.0;
        }
        check_orders(&log, &orders);
        assert_int_equal(engine.path.venue[0].deleverage.count, 0);
        sqz_engine_free(&engine);
        venue_fixture_free(&fixture);
    }
    assert_true(parts > 10 && vault > 5 && saved > 5);
    if (test_paths(40) >= 40) /* rarer sequels */
        assert_true(sequels.at_once > 20 && sequels.anew > 5 && sequels.vault > 5 &&
                    sequels.restored > 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_full_against_a_slow_scan),
        cmocka_unit_test(test_hyperliquid_against_a_slow_scan),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
