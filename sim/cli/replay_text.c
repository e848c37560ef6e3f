/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/replay_text.h"

#include <math.h>
#include <string.h>

#include "sim/cli/layout.h"
#include "sim/cli/text.h"
#include "sim/io/clock.h"

enum { ROWS_MOST = 24 };

static double both(const double usd[2])
{
    return usd[SQZ_UP] + usd[SQZ_DOWN];
}

/* ---- sentences ------------------------------------------------------------------------------ */

static void say_record(FILE *out, const struct sqz_replay *replay,
                       const struct sqz_scenario *scenario)
{
    char begin[SQZ_CLOCK_TEXT_SIZE], text[2][SQZ_TEXT_SIZE];
    const struct sqz_bar *bar = replay->record->bar;
    double length_s = bar[replay->bars - 1].time_s + replay->record->step_s - bar[0].time_s;
    sqz_layout_print(out, 0, 2, "%s: %s of record from %s, start %s usd, %zu bars",
                     sqz_scenario_label(scenario), sqz_text_duration(text[0], length_s),
                     sqz_clock_format(begin, bar[0].time_s),
                     sqz_text_price(text[1], bar[0].open_usd), replay->bars);
    fputc('\n', out);
}

static void say_forced(FILE *out, const struct sqz_replay *replay)
{
    char text[3][SQZ_TEXT_SIZE];
    sqz_layout_print(out, 2, 0, "The record forces %s usd: %s of shorts and %s of longs%s.",
                     sqz_text_money(text[0], both(replay->forced_usd)),
                     sqz_text_money(text[1], replay->forced_usd[SQZ_UP]),
                     sqz_text_money(text[2], replay->forced_usd[SQZ_DOWN]),
                     replay->on_top ? ", with impact on top of the record" : "");
    if (replay->deleveraged_usd > 0)
        sqz_layout_print(out, 2, 0, "Auto-deleveraging closes another %s usd.",
                         sqz_text_money(text[0], replay->deleveraged_usd));
}

static void say_beside(FILE *out, const struct sqz_replay *replay)
{
    char text[SQZ_TEXT_SIZE], with[64] = "";
    if (replay->against == NULL) {
        sqz_layout_print(out, 2, 0,
                         "The record has no liquidations and no open interest to put "
                         "beside that.");
        return;
    }
    bool reported = strncmp(replay->against, "reported", 8) == 0;
    double usd = reported ? both(replay->reported_usd) : replay->destroyed_usd;
    if (isfinite(replay->correlation))
        snprintf(with, sizeof with, "; correlation by bar %.2f", replay->correlation);
    sqz_layout_print(out, 2, 0, "Beside it %s usd of %s%s.", sqz_text_money(text, usd),
                     replay->against, with);
}

/* ---- the table ------------------------------------------------------------------------------ */

static double row_length_s(const struct sqz_replay *replay, double every_s)
{
    static const double LENGTHS[] = {60, 300, 900, 3600, 4 * 3600.0, 86400, 7 * 86400.0};
    double length_s = (double)replay->bars * replay->record->step_s;
    if (every_s > 0)
        return fmax(every_s, replay->record->step_s);
    for (size_t i = 0; i < sizeof LENGTHS / sizeof LENGTHS[0]; i++)
        if (LENGTHS[i] >= replay->record->step_s && length_s / LENGTHS[i] <= ROWS_MOST)
            return LENGTHS[i];
    return length_s / ROWS_MOST;
}

/* Several bars as one. */
struct sum {
    double begin_s, close_usd, forced_usd[2], deleveraged_usd, other_usd;
    bool assumed;
};

static void add(struct sum *sum, const struct sqz_replay *replay, const struct sqz_replay_bar *row)
{
    bool reported = replay->against != NULL && strncmp(replay->against, "reported", 8) == 0;
    double other = reported ? both(row->bar->liquidated_usd) : row->destroyed_usd;
    sum->close_usd = row->bar->close_usd;
    for (int side = 0; side < 2; side++)
        sum->forced_usd[side] += row->forced_usd[side];
    sum->deleveraged_usd += row->deleveraged_usd;
    sum->other_usd += isnan(other) ? 0 : other;
    sum->assumed = sum->assumed || sqz_replay_order_assumed(row);
}

static const char *cell(char *text, double usd)
{
    return usd > 0 ? sqz_text_money(text, usd) : "-";
}

static void print_row(FILE *out, const struct sqz_replay *replay, const struct sum *sum)
{
    char time[SQZ_CLOCK_TEXT_SIZE], text[5][SQZ_TEXT_SIZE];
    sqz_clock_format(time, sum->begin_s);
    fprintf(out, "  %.16s %10s %9s %9s", time, sqz_text_price(text[0], sum->close_usd),
            cell(text[1], sum->forced_usd[SQZ_UP]), cell(text[2], sum->forced_usd[SQZ_DOWN]));
    if (replay->deleveraged_usd > 0)
        fprintf(out, " %9s", cell(text[3], sum->deleveraged_usd));
    if (replay->against != NULL)
        fprintf(out, " %9s", cell(text[4], sum->other_usd));
    fprintf(out, "  %s\n", sum->assumed ? "assumed" : "known");
}

static void print_table(FILE *out, const struct sqz_replay *replay, double every_s)
{
    double length_s = row_length_s(replay, every_s), begin_s = replay->record->bar[0].time_s;
    struct sum sum = {.begin_s = begin_s};
    fprintf(out, "\n  %-16s %10s %9s %9s", "from, UTC", "close", "shorts", "longs");
    if (replay->deleveraged_usd > 0)
        fprintf(out, " %9s", "ADL");
    if (replay->against != NULL)
        fprintf(out, " %9s",
                strncmp(replay->against, "reported", 8) == 0 ? "reported" : "destroyed");
    fputs("  order\n", out);
    for (size_t i = 0; i < replay->bars; i++) {
        double place = floor((replay->row[i].bar->time_s - begin_s) / length_s);
        if (begin_s + place * length_s > sum.begin_s) {
            print_row(out, replay, &sum);
            sum = (struct sum){.begin_s = begin_s + place * length_s};
        }
        add(&sum, replay, &replay->row[i]);
    }
    print_row(out, replay, &sum);
    fputc('\n', out);
    sqz_layout_print(out, 2, 0,
                     "(known: prices, and which positions they reach as the map has them. Assumed: "
                     "the map; where both sides are forced in a bar, which extreme came first)");
}

/* ---- the explanation ------------------------------------------------------------------------ */

static void print_grid(FILE *out, const struct sqz_replay *replay)
{
    char depth[SQZ_TEXT_SIZE], price[SQZ_TEXT_SIZE];
    fprintf(out, "\n  %12s %8s %10s %16s\n", "depth in 1 %", "scale", "share", "price without it");
    for (size_t i = 0; i < replay->cells; i++) {
        const struct sqz_replay_cell *at = &replay->cell[i];
        fprintf(out, "  %12s %8.3g %8.3g %% %16s\n", sqz_text_money(depth, at->depth_usd),
                at->scale, 100 * at->share,
                sqz_text_price(price, replay->extreme_usd * exp(-at->displacement_log)));
    }
}

static void explain(FILE *out, const struct sqz_replay *replay)
{
    char price[SQZ_TEXT_SIZE], time[SQZ_CLOCK_TEXT_SIZE];
    double lo = INFINITY, hi = -INFINITY;
    for (size_t i = 0; i < replay->cells; i++) {
        lo = fmin(lo, replay->cell[i].share);
        hi = fmax(hi, replay->cell[i].share);
    }
    fputc('\n', out);
    sqz_clock_format(time, replay->extreme_s);
    sqz_layout_print(out, 2, 0,
                     "Of the move to %s (%+.3g %%, %.16s) forced orders make %.2g to %.2g %%, "
                     "depending on the depth of the book and the scale of the map, which the "
                     "record does not tell%s.",
                     sqz_text_price(price, replay->extreme_usd), 100 * expm1(replay->move_log),
                     time, 100 * lo, 100 * hi,
                     hi > 1 ? ": above 100 % the orders would have moved it further than it went, "
                              "so that depth and scale are not so"
                            : "");
    print_grid(out, replay);
}

void sqz_replay_text(FILE *out, const struct sqz_replay *replay,
                     const struct sqz_scenario *scenario, double every_s)
{
    say_record(out, replay, scenario);
    say_forced(out, replay);
    say_beside(out, replay);
    print_table(out, replay, every_s);
    if (replay->cells > 0)
        explain(out, replay);
}
