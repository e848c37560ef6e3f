#include "sim/io/scenario.h"

#include <math.h>

static const char *const ON_OFF[] = {"on", "off", NULL};
static const char *const TRIGGERS[] = {"last", "mark", "index", NULL};
static const char *const LATENCY_LAWS[] = {"fixed", "exponential", NULL};

/* A factor of exp(0.5) a day, per square-root second as one standard deviation and per second as
 * drift: what BTC fell by on the worst day of its record, 12 March 2020. */
#define VOLATILITY_ODD_FROM (0.5 / 293.93876913398138)
#define DRIFT_ODD_FROM (0.5 / 86400)
const struct sqz_param sqz_scenario_param_table[] = {
    SQZ_TEXT(struct sqz_scenario_params, "name", NULL, name, "label of the scenario"),
    SQZ_TEXT(struct sqz_scenario_params, "symbol", NULL, symbol, "label of the market"),
    SQZ_NUMBER(struct sqz_scenario_params, "price", SQZ_DIM_USD, "usd", NULL, 0, 1e15, price_usd,
               "start price", .required = true, .above_lo = true),
    SQZ_NUMBER(struct sqz_scenario_params, "horizon", SQZ_DIM_TIME, "s", NULL, 0, 1e12, horizon_s,
               "end of a path", .required = true, .above_lo = true),
    SQZ_TEXT(struct sqz_scenario_params, "levels", NULL, levels,
             "CSV of liquidation levels, relative to this file"),
    SQZ_TEXT(struct sqz_scenario_params, "positions", NULL, positions,
             "CSV of open positions, relative to this file; instead of levels"),
    SQZ_TEXT(struct sqz_scenario_params, "venue", "full", venue,
             "liquidation policy of the positions"),
    SQZ_NUMBER(struct sqz_scenario_params, "levels.scale", SQZ_DIM_NUMBER, "1", "1", 0, 1e9,
               levels_scale, "multiplies every notional", .odd_from = 20),
    SQZ_NUMBER(struct sqz_scenario_params, "levels.attrition", SQZ_DIM_RATE, "1/d", "0", 0, 1e6,
               attrition_per_s, "rate at which waiting positions are closed voluntarily"),
    SQZ_NUMBER(struct sqz_scenario_params, "levels.topup", SQZ_DIM_NUMBER, "1", "0", 0, 1, topup,
               "share of a level that tops up its margin when touched, and is not closed",
               .aliases = "levels.survival"),
    SQZ_NUMBER(struct sqz_scenario_params, "target", SQZ_DIM_PRICE, "usd", NULL, 0, 1e15,
               target_usd,
               "watched price, or +10% of the start: probability and time of touching it",
               .above_lo = true),
    SQZ_NUMBER(struct sqz_scenario_params, "floor", SQZ_DIM_PRICE, "usd", NULL, 0, 1e15, floor_usd,
               "a second watched price", .above_lo = true),
    SQZ_NUMBER(struct sqz_scenario_params, "drift", SQZ_DIM_RATE, "1/d", "0", -1e6, 1e6,
               drift_per_s, "drift of the log price", .odd_from = DRIFT_ODD_FROM),
    SQZ_NUMBER(struct sqz_scenario_params, "volatility", SQZ_DIM_VOLATILITY, "1/sqrt(d)", NULL, 0,
               1e6, volatility_per_sqrt_s, "volatility of the log price", .required = true,
               .odd_from = VOLATILITY_ODD_FROM),
    SQZ_TEXT(struct sqz_scenario_params, "book", "power", book, "order-book model"),
    SQZ_CHOICE(struct sqz_scenario_params, "impact", "on", ON_OFF, impact,
               "off keeps the exogenous path and switches the impact of forced orders off"),
    SQZ_CHOICE(struct sqz_scenario_params, "trigger", "last", TRIGGERS, trigger,
               "price that levels watch: last, mark or index (model README)"),
    SQZ_NUMBER(struct sqz_scenario_params, "mark.window", SQZ_DIM_TIME, "s", "30", 0, INFINITY,
               mark_window_s, "averaging window of the mark price's basis", .above_lo = true),
    SQZ_NUMBER(struct sqz_scenario_params, "latency", SQZ_DIM_TIME, "s", "0", 0, 1e12, latency_s,
               "time from the touch of a level to its forced order"),
    SQZ_CHOICE(struct sqz_scenario_params, "latency.law", "fixed", LATENCY_LAWS, latency_law,
               "fixed, or exponential with that mean, drawn for every order"),
    SQZ_NUMBER(struct sqz_scenario_params, "slice.rate", SQZ_DIM_USD_RATE, "usd/s", "inf", 0,
               INFINITY, slice_usd_per_s,
               "speed of forced orders: those of a side leave one after another", .above_lo = true),
    SQZ_NUMBER(struct sqz_scenario_params, "slice.interval", SQZ_DIM_TIME, "s", "1", 0, 1e12,
               slice_interval_s, "a large forced order leaves as child orders this far apart",
               .above_lo = true),
    SQZ_NUMBER(struct sqz_scenario_params, "peak.resolution", SQZ_DIM_LOG, "bp", "25", 1e-9,
               INFINITY, peak_resolution_log,
               "the walk stops at new extremes this far apart; what is recorded is exact"),
};
const size_t sqz_scenario_param_count =
    sizeof sqz_scenario_param_table / sizeof sqz_scenario_param_table[0];
