/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/bound_text.h"

#include <math.h>

#include "sim/cli/interval.h"
#include "sim/cli/layout.h"
#include "sim/cli/text.h"
#include "sim/io/clock.h"

static const double SQRT_DAY = 293.93876913398138; /* sqrt(86400) */

/* A volatility that differs by more from what was realised moves the bound more than its noise. */
static const double OTHER_VOLATILITY_LOG = 0.1;

/* Even the least scale that was run, no impact, ranges too widely. */
static void say_unsuitable(FILE *out)
{
    sqz_layout_print(out, 2, 0,
                     "Even without liquidations the price would have ranged more widely than "
                     "recorded 19 times in 20: the scenario's volatility is too high for this "
                     "record, and nothing can be said of the map.");
}

static void say_answer(FILE *out, const struct sqz_bound *bound)
{
    double largest = bound->point[bound->count - 1].scale;
    if (isnan(bound->upper_95))
        say_unsuitable(out);
    else if (bound->open)
        sqz_layout_print(out, 2, 0,
                         "The record refutes no scale up to %g: it does not bound the map, and is "
                         "no evidence for it.",
                         largest);
    else
        sqz_layout_print(out, 2, 0,
                         "Had the map stood at more than %.2g times its notional when the record "
                         "began, the price would have ranged more widely 19 times in 20.",
                         bound->upper_95);
}

static void print_title(FILE *out, const struct sqz_bound *bound,
                        const struct sqz_scenario *scenario)
{
    char begin[SQZ_CLOCK_TEXT_SIZE], text[3][SQZ_TEXT_SIZE];
    sqz_layout_print(out, 0, 2, "%s: %s of record from %s, %s to %s usd, a range of %.3g %%",
                     sqz_scenario_label(scenario), sqz_text_duration(text[0], bound->length_s),
                     sqz_clock_format(begin, bound->begin_s),
                     sqz_text_price(text[1], bound->low_usd),
                     sqz_text_price(text[2], bound->high_usd), 100 * expm1(bound->range_log));
    fputc('\n', out);
}

static void print_curve(FILE *out, const struct sqz_bound *bound)
{
    fprintf(out, "\n  %10s   %s\n", "scale", "P(range at most as recorded)");
    for (size_t i = 0; i < bound->count; i++) {
        const struct sqz_bound_point *point = &bound->point[i];
        char cell[SQZ_INTERVAL_CELL];
        fprintf(out, "  %10.3g   %s%s\n", point->scale,
                sqz_interval_cell(cell, &point->probability, SQZ_QUANTITY_SHARE, 0, 1),
                point->scale == 0 ? "   (without impact)" : "");
    }
    fputc('\n', out);
}

/* How the volatility that the bound assumes stands to what was recorded, and how to ask again with
 * that. */
static void print_volatility(FILE *out, const struct sqz_bound *bound,
                             const struct sqz_scenario *scenario)
{
    double ours = scenario->params.volatility_per_sqrt_s;
    double realised = bound->volatility_per_sqrt_s;
    char known[SQZ_TEXT_SIZE] = "", advice[SQZ_TEXT_SIZE] = "";
    if (isfinite(realised))
        snprintf(known, sizeof known, "; the record's own is %.3g %%", 100 * realised * SQRT_DAY);
    if (realised > 0 && fabs(log(realised / ours)) > OTHER_VOLATILITY_LOG)
        snprintf(advice, sizeof advice, ": try --set volatility=%.3g", realised * SQRT_DAY);
    sqz_layout_print(out, 2, 0, "The scenario's volatility is %.3g %% per sqrt(day)%s%s",
                     100 * ours * SQRT_DAY, known, advice);
    fputc('\n', out);
}

void sqz_bound_text(FILE *out, const struct sqz_bound *bound, const struct sqz_scenario *scenario)
{
    print_title(out, bound, scenario);
    say_answer(out, bound);
    print_curve(out, bound);
    print_volatility(out, bound, scenario);
    sqz_layout_print(out, 2, 0,
                     "(assumes that the map's profile around the price was like this when the "
                     "record began, and the scenario's volatility, book and drivers; a low "
                     "probability refutes a scale, a high one proves nothing)");
}
