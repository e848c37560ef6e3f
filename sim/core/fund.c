/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/core/fund.h"

void sqz_fund_reset(struct sqz_fund *fund, const struct sqz_venue *venue)
{
    *fund = (struct sqz_fund){.venue = venue, .balance = venue->fund};
    for (int i = 0; i < SQZ_PEAK_SLOTS; i++)
        fund->peak[i] = fund->balance;
}

/* ---- inventories --------------------------------------------------------------------------- */

/* Enter `quantity` of a position, bought of an account at a price. */
static void add(struct sqz_inventory *inventory, const struct sqz_position *position,
                double quantity, double price_usd)
{
    double bought = sqz_exposure(position->side) * quantity;
    inventory->quantity += bought;
    inventory->cost += position->contract == SQZ_LINEAR ? bought * price_usd : bought / price_usd;
}

static double profit_of(const struct sqz_fund *fund, const struct sqz_inventory *inventory,
                        double price_usd)
{
    return fund->venue->account_table->contract == SQZ_INVERSE
               ? inventory->cost - inventory->quantity / price_usd
               : inventory->quantity * price_usd - inventory->cost;
}

void sqz_fund_note_trade(struct sqz_fund *fund, const struct sqz_position *position,
                         double quantity, double price_usd)
{
    add(&fund->market, position, quantity, price_usd);
}

double sqz_fund_others(const struct sqz_fund *fund, double price_usd)
{
    return fund->change - fund->bad_debt + fund->outside +
           profit_of(fund, &fund->vault, price_usd) + profit_of(fund, &fund->market, price_usd);
}

/* ---- balance ------------------------------------------------------------------------------- */

double sqz_fund_balance(const struct sqz_fund *fund, double price_usd)
{
    return fund->venue->fund + fund->change + profit_of(fund, &fund->vault, price_usd);
}

double sqz_fund_available(const struct sqz_fund *fund, double price_usd)
{
    return fund->drawn_down ? 0.0 : sqz_greatest(sqz_fund_balance(fund, price_usd), 0.0);
}

static void draw(struct sqz_fund *fund, double amount)
{
    fund->change -= amount;
    fund->drawn += sqz_greatest(amount, 0.0);
}

void sqz_fund_pay(struct sqz_fund *fund, double amount, double mark_usd)
{
    double balance = sqz_greatest(sqz_fund_balance(fund, mark_usd), 0.0);
    double paid = sqz_least(amount, balance);
    draw(fund, paid);
    fund->bad_debt += amount - paid;
}

void sqz_fund_keep(struct sqz_fund *fund, const struct sqz_position *position, double price_usd)
{
    add(&fund->vault, position, position->quantity, price_usd);
    fund->kept_usd += sqz_margin_notional_usd(position, position->quantity, price_usd);
}

void sqz_fund_take_equity(struct sqz_fund *fund, double equity)
{
    draw(fund, -equity);
}

/* ---- its fall from the peak ---------------------------------------------------------------- */

/* Go on to the slot of a time, as the balance stood meanwhile. */
static double *peak_at(struct sqz_fund *fund, double time_s)
{
    long slot = (long)floor(time_s / (fund->venue->model->drawdown_window_s / SQZ_PEAK_SLOTS));
    for (; fund->peak_slot < slot; fund->peak_slot++)
        fund->peak[(fund->peak_slot + 1) % SQZ_PEAK_SLOTS] = fund->balance;
    return &fund->peak[slot % SQZ_PEAK_SLOTS];
}

double sqz_fund_fall(const struct sqz_fund *fund)
{
    double highest = fund->balance;
    for (int i = 0; i < SQZ_PEAK_SLOTS; i++)
        highest = sqz_greatest(highest, fund->peak[i]);
    return highest > 0.0 ? (highest - fund->balance) / highest : 0.0;
}

void sqz_fund_watch(struct sqz_fund *fund, double mark_usd, double time_s)
{
    const struct sqz_venue_model *model = fund->venue->model;
    double *peak = peak_at(fund, time_s);
    fund->balance = sqz_fund_balance(fund, mark_usd);
    *peak = sqz_greatest(*peak, fund->balance);
    double fall = sqz_fund_fall(fund);
    fund->drawn_down =
        fall >= (fund->drawn_down ? model->drawdown_end : model->drawdown_begin) && fall > 0.0;
}
