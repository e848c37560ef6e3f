/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/core/clearing.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/core/world.h"

/* ---- set-up -------------------------------------------------------------------------------- */

int sqz_clearing_init(struct sqz_clearing *clearing, const struct sqz_venue *venue, bool delayed)
{
    const struct sqz_account_table *accounts_table = venue->accounts_table;
    memset(clearing, 0, sizeof *clearing);
    clearing->venue = venue;
    clearing->account = calloc(accounts_table->accounts + 1, sizeof *clearing->account);
    if (delayed)
        clearing->order = malloc((accounts_table->accounts + 1) * sizeof *clearing->order);
    clearing->left = malloc((accounts_table->count + 1) * sizeof *clearing->left);
    clearing->leg = malloc((venue->legs_max + 1) * sizeof *clearing->leg);
    clearing->leg_position = malloc((venue->legs_max + 1) * sizeof *clearing->leg_position);
    clearing->queue = malloc((accounts_table->count + 1) * sizeof *clearing->queue);
    bool enough = clearing->account != NULL && clearing->left != NULL && clearing->leg != NULL &&
                  clearing->leg_position != NULL && clearing->queue != NULL &&
                  (clearing->order != NULL || !delayed);
    for (int side = 0; enough && side < 2; side++) {
        clearing->reach[side] =
            malloc((accounts_table->accounts + 1) * sizeof *clearing->reach[side]);
        enough = clearing->reach[side] != NULL &&
                 sqz_account_heap_init(&clearing->heap[side], accounts_table->accounts) == SQZ_OK;
    }
    if (enough)
        return SQZ_OK;
    sqz_clearing_free(clearing);
    return SQZ_ERR_NOMEM;
}

void sqz_clearing_free(struct sqz_clearing *clearing)
{
    free(clearing->account);
    free(clearing->order);
    free(clearing->left);
    free(clearing->leg);
    free(clearing->leg_position);
    free(clearing->queue);
    for (int side = 0; side < 2; side++) {
        free(clearing->reach[side]);
        sqz_account_heap_free(&clearing->heap[side]);
    }
    memset(clearing, 0, sizeof *clearing);
}

void sqz_clearing_reset(struct sqz_clearing *clearing, uint64_t seed, uint64_t path)
{
    sqz_stream_open(&clearing->draws, seed, path, SQZ_STREAM_ACCOUNTS);
    if (++clearing->path == 0) { /* 2^32 paths on: no account may look as if it were of this one */
        memset(clearing->account, 0,
               clearing->venue->accounts_table->accounts * sizeof *clearing->account);
        clearing->path = 1;
    }
    for (int side = 0; side < 2; side++)
        sqz_account_heap_clear(&clearing->heap[side]);
    clearing->queued = clearing->queue_next = 0;
    clearing->queue_s = clearing->mark_s = -INFINITY;
    clearing->fund_change = clearing->outside = 0.0;
    clearing->vault = clearing->market = (struct sqz_inventory){0.0, 0.0};
    clearing->peak_slot = 0;
    clearing->balance = clearing->venue->fund;
    for (int i = 0; i < SQZ_PEAK_SLOTS; i++)
        clearing->peak[i] = clearing->balance;
    clearing->drawn_down = false;
    clearing->reaches[SQZ_UP] = clearing->reaches[SQZ_DOWN] = 0;
    clearing->reach_s = -INFINITY;
    clearing->accounts_liquidated = clearing->deleveraged = 0;
    clearing->lost = clearing->drawn = clearing->deleveraged_usd = clearing->bad_debt = 0.0;
    clearing->kept_usd = 0.0;
    clearing->first_liquidation_s = clearing->first_deleverage_s = NAN;
}

/* ---- accounts ------------------------------------------------------------------------------ */

struct sqz_account_state *sqz_clearing_touch(struct sqz_clearing *clearing, uint32_t account)
{
    const struct sqz_account_table *accounts_table = clearing->venue->accounts_table;
    struct sqz_account_state *state = &clearing->account[account];
    if (state->path == clearing->path)
        return state;
    *state = (struct sqz_account_state){.path = clearing->path};
    for (uint32_t p = accounts_table->first[account]; p < accounts_table->first[account + 1]; p++)
        clearing->left[p] = accounts_table->position[p].quantity;
    return state;
}

size_t sqz_clearing_legs(struct sqz_clearing *clearing, uint32_t account)
{
    const struct sqz_account_table *accounts_table = clearing->venue->accounts_table;
    const bool touched = sqz_clearing_touched(clearing, account);
    double collateral = touched ? clearing->account[account].cash : 0.0;
    double other_maintenance = 0.0;
    size_t count = 0;
    for (uint32_t p = accounts_table->first[account]; p < accounts_table->first[account + 1]; p++) {
        const struct sqz_position *position = &accounts_table->position[p];
        collateral += position->collateral + position->other_pnl;
        other_maintenance += position->other_maintenance;
        double left = touched ? clearing->left[p] : position->quantity;
        if (left == 0.0)
            continue;
        clearing->leg[count] = touched ? sqz_margin_part(position, left) : *position;
        clearing->leg[count].collateral = clearing->leg[count].other_pnl = 0.0;
        clearing->leg[count].other_maintenance = 0.0;
        clearing->leg_position[count++] = p;
    }
    clearing->leg[0].collateral = collateral; /* also where no position is left */
    clearing->leg[0].other_maintenance = other_maintenance;
    return count;
}

double sqz_clearing_equity(const struct sqz_clearing *clearing, size_t count, double price_usd)
{
    double equity = clearing->leg[0].collateral;
    for (size_t i = 0; i < count; i++)
        equity += sqz_margin_pnl(&clearing->leg[i], price_usd);
    return equity;
}

void sqz_clearing_disarm(struct sqz_clearing *clearing, uint32_t account)
{
    for (int side = 0; side < 2; side++)
        sqz_account_heap_take(&clearing->heap[side], account);
}

void sqz_clearing_rearm(struct sqz_clearing *clearing, uint32_t account, double price_usd)
{
    size_t count = sqz_clearing_legs(clearing, account);
    sqz_clearing_disarm(clearing, account);
    for (int side = 0; side < 2; side++) {
        if (!sqz_margin_holds(clearing->leg, count, (enum sqz_side)side))
            continue; /* nothing that could be closed there */
        double trigger = sqz_margin_trigger(clearing->leg, count, price_usd, (enum sqz_side)side);
        if (trigger > 0.0 && trigger < INFINITY)
            sqz_account_heap_set(&clearing->heap[side], account,
                                 sqz_direction((enum sqz_side)side) *
                                     log(trigger / clearing->venue->start_usd));
    }
}

double sqz_clearing_next(const struct sqz_clearing *clearing, const struct sqz_ladder_side *levels,
                         enum sqz_side side, size_t *frontier)
{
    while (*frontier < levels->count && sqz_clearing_touched(clearing, levels->account[*frontier]))
        ++*frontier;
    return sqz_least(levels->distance_log[*frontier],
                     sqz_account_heap_least(&clearing->heap[side]));
}

/* ---- funding ------------------------------------------------------------------------------- */

/* What an account pays, as its positions stand in `leg`. */
static double funding_of(const struct sqz_clearing *clearing, size_t count, double rate,
                         double price_usd)
{
    double paid = 0.0;
    for (size_t i = 0; i < count; i++)
        paid -= sqz_direction(clearing->leg[i].side) * rate *
                sqz_margin_value(&clearing->leg[i], price_usd);
    return paid;
}

/* Whether an account is there no more, where a share of its side is; one that is being liquidated
 * is. */
static bool has_left(const struct sqz_clearing *clearing, uint32_t account, double share)
{
    if (sqz_clearing_open(clearing, account))
        return sqz_clearing_is_out(clearing, account, share);
    return clearing->account[account].status == SQZ_ACCOUNT_LEFT;
}

void sqz_clearing_pay_funding(struct sqz_clearing *clearing, const struct sqz_world *world,
                              const struct sqz_world_state *state, double rate, double time_s)
{
    double price = sqz_venue_price_usd(clearing->venue, sqz_world_trigger_log(world, state));
    double staying[2];
    for (int side = 0; side < 2; side++)
        staying[side] = sqz_world_staying_share(world, state, (enum sqz_side)side, time_s);
    for (uint32_t a = 0; a < clearing->venue->accounts_table->accounts; a++) {
        size_t count = sqz_clearing_legs(clearing, a);
        if (count == 0 || has_left(clearing, a, staying[sqz_clearing_side(clearing, a)]))
            continue;
        double paid = funding_of(clearing, count, rate, price);
        sqz_clearing_touch(clearing, a)->cash -= paid;
        clearing->outside += paid;
        if (sqz_clearing_open(clearing, a))
            sqz_clearing_rearm(clearing, a, price);
    }
}

double sqz_clearing_waiting_usd(struct sqz_clearing *clearing, enum sqz_side side,
                                double distance_log)
{
    const struct sqz_account_heap *heap = &clearing->heap[side];
    double sum_usd = 0.0;
    for (size_t i = 0; i < heap->count; i++) {
        double key = heap->key[heap->item[i]];
        if (key > distance_log)
            continue;
        double price = sqz_venue_price_usd(clearing->venue, sqz_direction(side) * key);
        size_t count = sqz_clearing_legs(clearing, heap->item[i]);
        for (size_t leg = 0; leg < count; leg++)
            if (clearing->leg[leg].side == side)
                sum_usd += sqz_margin_notional_usd(&clearing->leg[leg], clearing->leg[leg].quantity,
                                                   price);
    }
    return clearing->venue->scale * sum_usd;
}

/* ---- fund and ledger ----------------------------------------------------------------------- */

void sqz_inventory_add(struct sqz_inventory *inventory, const struct sqz_position *position,
                       double quantity, double price_usd)
{
    double bought = position->side == SQZ_DOWN ? quantity : -quantity;
    inventory->quantity += bought;
    inventory->cost += position->contract == SQZ_LINEAR ? bought * price_usd : bought / price_usd;
}

/* Profit of an inventory at a price. */
static double inventory_profit(const struct sqz_clearing *clearing,
                               const struct sqz_inventory *inventory, double price_usd)
{
    const struct sqz_account_table *accounts_table = clearing->venue->accounts_table;
    return accounts_table->contract == SQZ_INVERSE
               ? inventory->cost - inventory->quantity / price_usd
               : inventory->quantity * price_usd - inventory->cost;
}

double sqz_clearing_fund(const struct sqz_clearing *clearing, double price_usd)
{
    return clearing->venue->fund + clearing->fund_change +
           inventory_profit(clearing, &clearing->vault, price_usd);
}

double sqz_clearing_imbalance(struct sqz_clearing *clearing, double price_usd, double *open_value)
{
    const struct sqz_account_table *accounts_table = clearing->venue->accounts_table;
    double sum = clearing->fund_change - clearing->bad_debt + clearing->outside +
                 inventory_profit(clearing, &clearing->vault, price_usd) +
                 inventory_profit(clearing, &clearing->market, price_usd);
    *open_value = 0.0;
    for (uint32_t a = 0; a < accounts_table->accounts; a++) {
        if (!sqz_clearing_touched(clearing, a))
            continue;
        sum += clearing->account[a].cash;
        for (uint32_t p = accounts_table->first[a]; p < accounts_table->first[a + 1]; p++) {
            const struct sqz_position *position = &accounts_table->position[p];
            /* What was closed; the other side of all positions at the start is outside. */
            double closed = position->quantity - clearing->left[p];
            sum -= sqz_clearing_gain(position, closed, position->entry_usd, price_usd);
        }
    }
    for (size_t p = 0; p < accounts_table->count; p++)
        *open_value += sqz_margin_value(&accounts_table->position[p], price_usd);
    return sum;
}

/* ---- a cascade ----------------------------------------------------------------------------- */

void sqz_clearing_note_mark(struct sqz_clearing *clearing, double trigger_log, double time_s)
{
    if (clearing->mark_s == time_s)
        return;
    clearing->mark_log = trigger_log;
    clearing->mark_s = time_s;
}

void sqz_clearing_begin(struct sqz_clearing *clearing, double trigger_log, double time_s)
{
    sqz_clearing_note_mark(clearing, trigger_log, time_s);
    if (clearing->reach_s == time_s && clearing->reaches[SQZ_UP] + clearing->reaches[SQZ_DOWN] > 0)
        return; /* an order left just now */
    clearing->reach_s = time_s;
    for (int side = 0; side < 2; side++) {
        clearing->reaches[side] = 0;
        clearing->before_log[side] = sqz_outward((enum sqz_side)side, trigger_log);
    }
}

void sqz_clearing_note_reach(struct sqz_clearing *clearing, struct sqz_level_id order,
                             double reach_log)
{
    struct sqz_reach *reach = clearing->reach[order.side];
    size_t *count = &clearing->reaches[order.side];
    double last = *count > 0 ? reach[*count - 1].reach_log : clearing->before_log[order.side];
    if (reach_log <= last)
        return;
    if (*count == clearing->venue->accounts_table->accounts)
        --*count; /* more steps than accounts: the last counts */
    reach[(*count)++] = (struct sqz_reach){reach_log, order};
}

const struct sqz_level_id *sqz_clearing_parent(const struct sqz_clearing *clearing,
                                               enum sqz_side side, double distance_log)
{
    const struct sqz_reach *reach = clearing->reach[side];
    size_t below = 0, above = clearing->reaches[side];
    if (distance_log <= clearing->before_log[side] + SQZ_TOUCH_LOG)
        return NULL;
    while (below < above) {
        size_t middle = below + (above - below) / 2;
        if (reach[middle].reach_log + SQZ_TOUCH_LOG >= distance_log)
            above = middle;
        else
            below = middle + 1;
    }
    return below < clearing->reaches[side] ? &reach[below].order : NULL;
}

/* ---- measures ------------------------------------------------------------------------------ */

enum {
    ACCOUNTS_LIQUIDATED,
    EQUITY_LOST,
    FUND,
    FUND_DRAWN,
    DELEVERAGED,
    DELEVERAGINGS,
    BAD_DEBT,
    DELEVERAGE_AFTER,
    KEPT,
    MEASURES
};

static const struct sqz_measure MEASURE[MEASURES] = {
    [ACCOUNTS_LIQUIDATED] = {.name = "accounts_liquidated",
                             .unit = "1",
                             .doc = "accounts of which something was closed by force"},
    [EQUITY_LOST] = {.name = "equity_lost",
                     .unit = "usd",
                     .doc = "what forced closes cost the accounts, against the price at the start",
                     .either_sign = true},
    [FUND] = {.name = "fund",
              .unit = "usd",
              .doc = "balance of the insurance fund, if it is limited",
              .drawn = true,
              .either_sign = true},
    [FUND_DRAWN] = {.name = "fund_drawn", .unit = "usd", .doc = "what the fund has paid"},
    [DELEVERAGED] = {.name = "adl",
                     .unit = "usd",
                     .doc = "notional closed by auto-deleveraging (ADL)",
                     .drawn = true},
    [DELEVERAGINGS] = {.name = "adl_count",
                       .unit = "1",
                       .doc = "times that a position was deleveraged, in part or whole"},
    [BAD_DEBT] = {.name = "bad_debt",
                  .unit = "usd",
                  .doc = "losses that neither margin nor fund nor ADL covered",
                  .drawn = true},
    [DELEVERAGE_AFTER] = {.name = "adl_after",
                          .unit = "s",
                          .doc = "from the first liquidation to the first deleveraging"},
    [KEPT] = {.name = "vault",
              .unit = "usd",
              .doc = "notional of positions that the fund took over and kept"},
};

/* A sum of money in which less than this is rounding. */
static const double LEAST_USD = 1e-6;

static double without_dust(double usd)
{
    return fabs(usd) < LEAST_USD ? 0.0 : usd;
}

static void measure(const void *shared, const void *state, const struct sqz_view *now,
                    double *value)
{
    (void)shared;
    (void)state;
    const struct sqz_clearing *clearing = now->state->clearing;
    const struct sqz_venue *venue = clearing->venue;
    double price = sqz_venue_price_usd(venue, now->price_log);
    double usd = venue->scale * (venue->accounts_table->contract == SQZ_LINEAR ? 1.0 : price);
    value[ACCOUNTS_LIQUIDATED] = venue->scale * (double)clearing->accounts_liquidated;
    value[EQUITY_LOST] = without_dust(usd * clearing->lost);
    value[FUND] = venue->fund < INFINITY ? usd * sqz_clearing_fund(clearing, price) : NAN;
    value[FUND_DRAWN] = without_dust(usd * clearing->drawn);
    value[DELEVERAGED] = venue->scale * clearing->deleveraged_usd;
    value[DELEVERAGINGS] = venue->scale * (double)clearing->deleveraged;
    value[BAD_DEBT] = without_dust(usd * clearing->bad_debt);
    value[KEPT] = venue->scale * clearing->kept_usd;
    value[DELEVERAGE_AFTER] = clearing->first_deleverage_s - clearing->first_liquidation_s;
}

static void start(const void *shared, void *state, struct sqz_stream *stream,
                  struct sqz_driver_effect *effect)
{
    (void)shared;
    (void)state;
    (void)stream;
    (void)effect;
}

const struct sqz_driver_model sqz_clearing_measures = {
    .name = "venue",
    .doc = "results of the clearing house",
    .citation = "models/venues/README.md",
    .measures = MEASURE,
    .n_measures = MEASURES,
    .start = start,
    .measure = measure,
};
