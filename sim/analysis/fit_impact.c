/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "sim/analysis/fit.h"
#include "sim/analysis/fit_market.h"

/* Windows, and how many of them a record must hold. */
static const struct {
    const char *key;
    double s;
} WINDOWS[] = {{"impact 1 s", 1}, {"impact 10 s", 10}, {"impact 60 s", 60}, {"impact 600 s", 600}};
enum { WINDOW_COUNT = sizeof WINDOWS / sizeof WINDOWS[0], LEAST = 30 };

static const double BP = 1e-4, MILLION_USD = 1e6;

/* The price over time: the mid of quotes, or else trades. */
struct prices {
    double *time_s, *log_usd;
    size_t count;
    bool quoted;
};

static int take_prices(struct prices *prices, const struct sqz_ticks *trades,
                       const struct sqz_depth_record *depth, struct sqz_diag *diag)
{
    size_t most = trades->count + (depth != NULL ? depth->count : 0) + 1;
    *prices =
        (struct prices){malloc(most * sizeof(double)), malloc(most * sizeof(double)), 0, true};
    if (prices->time_s == NULL || prices->log_usd == NULL)
        return sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for prices");
    for (size_t i = 0; depth != NULL && i < depth->count; i++) {
        const struct sqz_depth_shot *shot = &depth->shot[i];
        double mid = 0.5 * (shot->bid_usd + shot->ask_usd);
        if (!(mid > 0) || isnan(shot->time_s))
            continue;
        prices->time_s[prices->count] = shot->time_s;
        prices->log_usd[prices->count++] = log(mid);
    }
    if (prices->count > 1)
        return SQZ_OK;
    prices->quoted = false;
    prices->count = 0;
    for (size_t i = 0; i < trades->count; i++)
        if (trades->tick[i].price_usd > 0) {
            prices->time_s[prices->count] = trades->tick[i].time_s;
            prices->log_usd[prices->count++] = log(trades->tick[i].price_usd);
        }
    return SQZ_OK;
}

/* The price whose time is nearest to `time_s`, from place `p` on. */
static size_t nearest(const struct prices *prices, size_t p, double time_s)
{
    while (p + 1 < prices->count && prices->time_s[p] < time_s)
        p++;
    bool before = p > 0 && time_s - prices->time_s[p - 1] < prices->time_s[p] - time_s;
    return before ? p - 1 : p;
}

/* Moves and net flows of windows one after another, which end where prices were recorded: returns
 * how many. */
static size_t cut(const struct prices *prices, const struct sqz_ticks *trades, double window_s,
                  double *flow, double *move)
{
    double last_s = fmin(prices->time_s[prices->count - 1], trades->tick[trades->count - 1].time_s);
    size_t count = 0, t = 0, from = nearest(prices, 0, trades->tick[0].time_s);
    while (t < trades->count && trades->tick[t].time_s <= prices->time_s[from])
        t++;
    while (prices->time_s[from] + window_s <= last_s) {
        size_t to = nearest(prices, from + 1, prices->time_s[from] + window_s);
        double net = 0;
        if (to <= from)
            break;
        for (; t < trades->count && trades->tick[t].time_s <= prices->time_s[to]; t++)
            net += trades->tick[t].usd;
        flow[count] = net / MILLION_USD;
        move[count++] = (prices->log_usd[to] - prices->log_usd[from]) / BP;
        from = to;
    }
    return count;
}

static double explained(const double *flow, const double *move, size_t count, double slope)
{
    double total = 0, left = 0;
    for (size_t i = 0; i < count; i++) {
        total += move[i] * move[i];
        left += (move[i] - slope * flow[i]) * (move[i] - slope * flow[i]);
    }
    return 1 - left / total;
}

static void fit_window(struct sqz_fits *fits, int w, const double *flow, const double *move,
                       size_t count, bool quoted)
{
    double se;
    if (count < LEAST) {
        sqz_fits_refuse(fits, WINDOWS[w].key, "%zu windows of %g s; expected %d or more", count,
                        WINDOWS[w].s, LEAST);
        return;
    }
    double slope = sqz_series_slope(flow, move, count, &se);
    sqz_fits_measure(
        fits, WINDOWS[w].key, "bp per 1M usd", slope, se,
        "%s on net taker flow, %zu windows, R2 %.2f; a flat book of %.3g usd within 1 %% "
        "would give that",
        quoted ? "mid" : "traded price", count, explained(flow, move, count, slope),
        0.01 / (slope * BP / MILLION_USD));
}

int sqz_fit_impact(struct sqz_fits *fits, const struct sqz_ticks *trades,
                   const struct sqz_depth_record *depth, struct sqz_diag *diag)
{
    struct prices prices;
    double *flow = NULL, *move = NULL;
    int error = take_prices(&prices, trades, depth, diag);
    if (error == SQZ_OK && prices.count < 2)
        sqz_fits_refuse(fits, WINDOWS[0].key, "no prices: neither quotes nor those of trades");
    else if (error == SQZ_OK) {
        flow = malloc(prices.count * sizeof *flow);
        move = malloc(prices.count * sizeof *move);
        if (flow == NULL || move == NULL)
            error = sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for windows");
        for (int w = 0; error == SQZ_OK && w < WINDOW_COUNT; w++)
            fit_window(fits, w, flow, move, cut(&prices, trades, WINDOWS[w].s, flow, move),
                       prices.quoted);
    }
    free(flow);
    free(move);
    free(prices.time_s);
    free(prices.log_usd);
    return error;
}
