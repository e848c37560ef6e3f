/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/analysis/sweep.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sim/io/units.h"

static int no_memory(struct sqz_diag *diag)
{
    return sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for the points of a sweep");
}

/* ---- grid ---------------------------------------------------------------------------------- */

/* A value with its unit, as the same key may stand in another in the scenario; a plain number needs
 * none unless it does. */
static int set_value(struct sqz_point *point, const struct sqz_axis *axis, const char *value,
                     const struct sqz_scenario *base)
{
    const struct sqz_setting *setting = sqz_settings_find(&base->settings, axis->key);
    bool plain =
        strcmp(axis->unit, "1") == 0 && (setting == NULL || strcmp(setting->unit, axis->unit) == 0);
    char text[SQZ_AXIS_TEXT + 32];
    snprintf(text, sizeof text, "%s%s%.24s", value, plain ? "" : " ", plain ? "" : axis->unit);
    return sqz_point_set(point, axis->key, text);
}

int sqz_sweep_place(const struct sqz_sweep *sweep, struct sqz_point *point, size_t a,
                    const char *value)
{
    int error = sqz_point_label(point, a, value);
    return error == SQZ_OK ? set_value(point, &sweep->axis[a], value, sweep->base) : error;
}

static int place(struct sqz_sweep *sweep, size_t index)
{
    struct sqz_point *point = &sweep->point[index];
    size_t rest = index - 1, place[SQZ_SWEEP_AXES];
    int error = SQZ_OK;
    for (size_t a = sweep->n_axes; a-- > 0; rest /= sweep->axis[a].count)
        place[a] = rest % sweep->axis[a].count;
    for (size_t a = 0; error == SQZ_OK && a < sweep->n_axes; a++) {
        char value[SQZ_AXIS_TEXT];
        sqz_axis_value(&sweep->axis[a], place[a], value);
        error = sqz_sweep_place(sweep, point, a, value);
    }
    return error;
}

int sqz_sweep_plan_grid(struct sqz_sweep *sweep, const struct sqz_axis *axis, size_t n_axes,
                        struct sqz_diag *diag)
{
    size_t points = 1;
    sweep->n_axes = sweep->n_labels = n_axes;
    for (size_t a = 0; a < n_axes; a++) {
        sweep->axis[a] = axis[a];
        sweep->label_name[a] = sweep->axis[a].key;
        points *= axis[a].count;
    }
    sweep->n_first = 1 + points;
    int error = sqz_sweep_init(sweep, 1 + points + sweep->refine, diag);
    if (error != SQZ_OK)
        return error;
    for (size_t a = 0; error == SQZ_OK && a < n_axes; a++) {
        char value[SQZ_AXIS_TEXT];
        sqz_axis_value_of(&axis[a], sweep->base, value);
        error = sqz_point_label(&sweep->point[0], a, value);
    }
    for (size_t i = 1; error == SQZ_OK && i <= points; i++)
        error = place(sweep, i);
    return error == SQZ_OK ? error : no_memory(diag);
}

/* ---- tornado ------------------------------------------------------------------------------- */

enum { CHANGES_MAX = 3 };

/* What an end does to a key: gives it a value, or multiplies the one it has. */
struct change {
    const char *key, *value;
    double factor;
};

struct ends {
    const char *low_label, *high_label; /* NULL: the value that the first change results in */
    struct change low[CHANGES_MAX], high[CHANGES_MAX];
};

enum { CONDITIONS = 5 };

/* The ends below are numbers of this market; its symbols begin with this. */
static const char MARKET[] = "BTC perpetual, 2025-26", MARKET_SYMBOL[] = "BTC";

/* "Whether it ignites depends on liquidity, macro conditions, sentiment, timing": each condition of
 * that sentence as keys, and how far the map can be trusted. The sources are those of
 * scenarios/README.md: measured, reported, claimed, inferred, or assumed. */
static const struct sqz_sweep_condition CONDITION[CONDITIONS] = {
    {"liquidity",
     "depth of the book within 1 %",
     {"a third: of the 500M USD that all venues together are put at (assumed) somewhat less than "
      "Binance has alone (median 217M, measured)",
      "twice: 1000M USD, within the 0.5 to 1.3 bn that Binance's depth over its share makes "
      "(inferred)"}},
    {"macro",
     "news, as jumps of the price",
     {"none: the scenario's volatility alone (assumed)",
      "0.3 a day of 4 %: as many as were measured in 2024-25, 0.27 a day of 1.9 %, and twice as "
      "large (assumed); they lift 2.6 % a day to 3.4 %"}},
    {"sentiment",
     "drift of the price",
     {"0.5 % a day down: the other end mirrored (assumed)",
      "0.5 % a day up: 15 % in a month, as much as a rebound from 60,000 to 70,000 USD (claimed; "
      "that it takes a month is assumed)"}},
    {"timing",
     "time to the horizon, how long the map is waited for",
     {"half (assumed)", "twice (assumed)"}},
    {"map scale",
     "share of the map's dollars that is real",
     {"5 %: the share of open positions that public ladders cover (reported); the lower end of 5 % "
      "to 20 %, with which a calm market is subcritical (inferred)",
      "20 %: the upper end of that range (inferred)"}},
};
static const struct ends ENDS[CONDITIONS] = {
    {NULL,
     NULL,
     {{"book.depth", NULL, 1.0 / 3},
      {"book.depth_ask", NULL, 1.0 / 3},
      {"book.depth_bid", NULL, 1.0 / 3}},
     {{"book.depth", NULL, 2}, {"book.depth_ask", NULL, 2}, {"book.depth_bid", NULL, 2}}},
    {"no jumps",
     "0.3 a day of 4 %",
     {{"jumps.rate", "0 1/d", 0}},
     {{"jumps.rate", "0.3 1/d", 0}, {"jumps.mean", "0 %", 0}, {"jumps.sd", "4 %", 0}}},
    {"-0.5 % a day", "+0.5 % a day", {{"drift", "-0.005 1/d", 0}}, {{"drift", "0.005 1/d", 0}}},
    {NULL, NULL, {{"horizon", NULL, 0.5}}, {{"horizon", NULL, 2}}},
    {"5 % real", "20 % real", {{"levels.scale", "5 %", 0}}, {{"levels.scale", "20 %", 0}}},
};

/* Multiply what the scenario says; nothing if it leaves the key to its default, which follows
 * another. */
static int scale(struct sqz_point *point, const struct sqz_scenario *base,
                 const struct change *change)
{
    const struct sqz_setting *setting = sqz_settings_find(&base->settings, change->key);
    char value[SQZ_AXIS_TEXT + 32];
    if (setting == NULL || setting->file == NULL)
        return SQZ_OK;
    char product[SQZ_AXIS_TEXT];
    /* k, M, B and the unit stay what they are */
    sqz_units_multiply(setting->value, change->factor, product, sizeof product);
    snprintf(value, sizeof value, "%s %.24s", product, setting->unit);
    return sqz_point_set(point, change->key, value);
}

/* What an end is called by the first thing that it changes: the value, money as it is written
 * elsewhere. */
static int label_value(struct sqz_point *point, sqz_money_text money)
{
    char value[SQZ_AXIS_TEXT + 32], unit[SQZ_AXIS_TEXT + 32], text[64];
    double usd;
    if (point->n_settings == 0)
        return sqz_point_label(point, 2, "as it is");
    const char *assigned = strchr(point->setting[0], '=') + 1;
    sqz_units_split(assigned, SQZ_DIM_USD, value, unit, sizeof value);
    if (strcmp(unit, "usd") != 0 ||
        sqz_units_parse(value, unit, "usd", SQZ_DIM_USD, &usd, NULL) != SQZ_OK)
        return sqz_point_label(point, 2, assigned);
    char label[sizeof text + sizeof " usd"];
    snprintf(label, sizeof label, "%s usd", money(text, usd));
    return sqz_point_label(point, 2, label);
}

static int plan_end(struct sqz_sweep *sweep, size_t condition, bool high, sqz_money_text money)
{
    const struct change *change = high ? ENDS[condition].high : ENDS[condition].low;
    struct sqz_point *point = &sweep->point[2 * condition + (high ? 2 : 1)];
    int error = sqz_point_label(point, 0, CONDITION[condition].name);
    if (error == SQZ_OK)
        error = sqz_point_label(point, 1, high ? "high" : "low");
    for (size_t c = 0; error == SQZ_OK && c < CHANGES_MAX && change[c].key != NULL; c++)
        error = change[c].value != NULL ? sqz_point_set(point, change[c].key, change[c].value)
                                        : scale(point, sweep->base, &change[c]);
    if (error != SQZ_OK)
        return error;
    const char *label = high ? ENDS[condition].high_label : ENDS[condition].low_label;
    return label != NULL ? sqz_point_label(point, 2, label) : label_value(point, money);
}

int sqz_sweep_plan_tornado(struct sqz_sweep *sweep, sqz_money_text money, struct sqz_diag *diag)
{
    const char *symbol = sweep->base->params.symbol;
    sweep->label_name[0] = "condition";
    sweep->label_name[1] = "end";
    sweep->label_name[2] = "value";
    sweep->n_labels = 3;
    sweep->market = MARKET;
    if (symbol != NULL && strncasecmp(symbol, MARKET_SYMBOL, strlen(MARKET_SYMBOL)) != 0)
        sweep->other_symbol = symbol;
    sweep->condition = CONDITION;
    sweep->n_conditions = CONDITIONS;
    int error = sqz_sweep_init(sweep, 1 + 2 * CONDITIONS, diag);
    if (error != SQZ_OK)
        return error;
    error = sqz_point_label(&sweep->point[0], 0, "base");
    for (size_t l = 1; error == SQZ_OK && l < sweep->n_labels; l++)
        error = sqz_point_label(&sweep->point[0], l, "");
    for (size_t c = 0; error == SQZ_OK && c < CONDITIONS; c++) {
        error = plan_end(sweep, c, false, money);
        if (error == SQZ_OK)
            error = plan_end(sweep, c, true, money);
    }
    return error == SQZ_OK ? error : no_memory(diag);
}
