/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A scenario for every registered driver, for tests that run over all of them. Their files are
 * written beside the scenario; use scratch_setup and scratch_teardown as the fixture of a test. */
#ifndef SQZ_TESTS_UNIT_DRIVER_CASES_H
#define SQZ_TESTS_UNIT_DRIVER_CASES_H

#include <string.h>

#include "models/registry.h"
#include "sim/io/scenario.h"
#include "tests/toys/toys.h"
#include "tests/unit/scratch.h"

/* Rows that switch a driver on, rows that name it and ask for nothing, and the file it reads. */
struct driver_case {
    const char *name, *on, *off, *file, *table;
};

/* In the market of CASE_MARKET: a day from 80,000 USD. */
static const struct driver_case DRIVER_CASES[] = {
    {"jumps", "jumps.rate,3.7,1/d\njumps.mean,-0.0041,\njumps.sd,0.0113,\n", "jumps.rate,0,1/d\n",
     NULL, NULL},
    {"calendar", "calendar,calendar.csv,\ncalendar.period,9.5,h\ncalendar.offset,2,h\n",
     "calendar,off,\n", "calendar.csv",
     "time_h,probability,jump_mean,jump_sd,volatility,depth\n0,0,0,0,0.7,1.4\n"
     "3.25,0.6,0.004,0.009,2.1,0.4\n4.75,0,0,0,1,1\n8.125,0.35,-0.011,0.003,1.2,0.8\n"},
    {"regimes", "regimes,regimes.csv,\n", "regimes,off,\n", "regimes.csv",
     "state,drift_per_d,volatility,depth,to_calm_per_d,to_greed_per_d,to_fear_per_d\n"
     "calm,0.002,0.8,1.1,0,3.1,1.7\ngreed,0.04,1.1,0.9,4.3,0,2.9\nfear,-0.07,2.3,0.35,6.1,0.8,0\n"},
    {"flow",
     "flow.rate,2.2,1/h\nflow.size,370k,usd\nflow.size.sigma,0.6,\nflow.branching,0.45,\n"
     "flow.decay,1.7,1/h\nflow.buy,0.6,\nflow.herding,0.8,\n",
     "flow.rate,0,1/h\nflow.size,370k,usd\n", NULL, NULL},
    {"hunter",
     "hunter.capital,9M,usd\nhunter.multiple,1.6,\nhunter.interval,240,s\nhunter.window,90,bp\n"
     "hunter.hold,20,s\nhunter.unwind,500,s\n",
     "hunter.capital,0,usd\n", NULL, NULL},
    {"funding", "funding.rate,-0.0013,\nfunding.interval,5,h\nfunding.exit,70,\n",
     "funding.rate,0,\n", NULL, NULL},
    {"replay", "replay,replay.csv,\n", "replay,off,\n", "replay.csv",
     "time_h,open_usd,high_usd,low_usd,close_usd\n0,80000,80940,79710,80520\n"
     "6.5,80520,82710,80110,82330\n11,82300,82450,78320,78570\n17.5,78700,80060,78110,79280\n"},
    {"metronome", "metronome.order,1.3M,usd\nmetronome.interval,0.7,h\n", "metronome.order,0,usd\n",
     NULL, NULL},
};
enum { N_DRIVER_CASES = sizeof DRIVER_CASES / sizeof DRIVER_CASES[0] };

static inline const struct driver_case *driver_case(const char *name)
{
    for (size_t i = 0; i < N_DRIVER_CASES; i++)
        if (strcmp(DRIVER_CASES[i].name, name) == 0)
            return &DRIVER_CASES[i];
    fail_msg("driver '%s' has no scenario in %s; add one", name, __FILE__);
    return NULL;
}

#define CASE_MARKET                                                                                \
    "key,value,unit\nprice,80000,usd\nhorizon,1,d\nlevels,map.csv,\nvolatility,0.031,1/sqrt(d)\n"  \
    "drift,0.003,1/d\ntarget,82500,usd\nfloor,77900,usd\nbook.depth,14.2M,usd\nbook.shape,1.3,\n"  \
    "withdrawal.gamma,0.2,\n"

/* Two dozen levels, every 0.4 % of the price on either side, and the drivers' files. */
static inline void write_case_files(struct scratch *scratch)
{
    char text[2000] = "side,price_usd,notional_usd\n";
    for (int i = 1; i <= 12; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "short,%d,%d\nlong,%d,%d\n",
                 80000 + 320 * i, 1100000 + 170000 * (i * 5 % 7), 80000 - 320 * i,
                 900000 + 130000 * (i * 3 % 5));
    scratch_write(scratch, "map.csv", text);
    for (size_t i = 0; i < N_DRIVER_CASES; i++)
        if (DRIVER_CASES[i].file != NULL)
            scratch_write(scratch, DRIVER_CASES[i].file, DRIVER_CASES[i].table);
}

/* Load CASE_MARKET with more rows; write_case_files must have been called. */
static inline void load_case(struct scratch *scratch, struct sqz_scenario *scenario,
                             const char *rows)
{
    char text[4000], said[2048];
    struct sqz_diag diag = {0};
    snprintf(text, sizeof text, "%s%s", CASE_MARKET, rows);
    const char *path = scratch_write(scratch, "s.csv", text);
    if (sqz_scenario_load(scenario, path, &(struct sqz_load_options){0}, &toy_registry, &diag) ==
        SQZ_OK)
        return;
    sqz_diag_format(&diag, said, sizeof said);
    fail_msg("%s, with\n%s", said, rows);
}

#endif
