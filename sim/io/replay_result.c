/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/replay_result.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/core/version.h"
#include "sim/io/clock.h"

void sqz_replay_free(struct sqz_replay *replay)
{
    free(replay->row);
    free(replay->cell);
    memset(replay, 0, sizeof *replay);
}

bool sqz_replay_order_assumed(const struct sqz_replay_bar *row)
{
    return row->forced_usd[SQZ_UP] > 0 && row->forced_usd[SQZ_DOWN] > 0;
}

static double reported(const struct sqz_replay_bar *row, enum sqz_side side)
{
    return row->bar->liquidated_usd[side];
}

/* ---- JSON ---------------------------------------------------------------------------------- */

static json_t *sides_json(const double usd[2])
{
    return json_pack("{s:o, s:o}", "short_usd", sqz_json_number(usd[SQZ_UP]), "long_usd",
                     sqz_json_number(usd[SQZ_DOWN]));
}

static json_t *row_json(const struct sqz_replay_bar *row)
{
    char time[SQZ_CLOCK_TEXT_SIZE];
    return json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:s}", "time",
                     sqz_clock_format(time, row->bar->time_s), "close_usd",
                     sqz_json_number(row->bar->close_usd), "forced", sides_json(row->forced_usd),
                     "deleveraged_usd", sqz_json_number(row->deleveraged_usd), "fund_usd",
                     sqz_json_number(row->fund_usd), "reported",
                     sides_json(row->bar->liquidated_usd), "open_interest_destroyed_usd",
                     sqz_json_number(row->destroyed_usd), "displacement_log",
                     json_pack("[o, o]", sqz_json_number(row->displacement_log[0]),
                               sqz_json_number(row->displacement_log[1])),
                     "order", sqz_replay_order_assumed(row) ? "assumed" : "known");
}

static json_t *explain_json(const struct sqz_replay *replay)
{
    char time[SQZ_CLOCK_TEXT_SIZE];
    json_t *grid = json_array();
    double lo = INFINITY, hi = -INFINITY;
    for (size_t i = 0; i < replay->cells; i++) {
        const struct sqz_replay_cell *cell = &replay->cell[i];
        lo = fmin(lo, cell->share);
        hi = fmax(hi, cell->share);
        sqz_json_append(
            grid, json_pack("{s:o, s:o, s:o, s:o}", "depth_usd", sqz_json_number(cell->depth_usd),
                            "scale", sqz_json_number(cell->scale), "share",
                            sqz_json_number(cell->share), "counterfactual_usd",
                            sqz_json_number(replay->extreme_usd * exp(-cell->displacement_log))));
    }
    return json_pack("{s:o, s:s, s:o, s:o, s:o, s:o}", "extreme_usd",
                     sqz_json_number(replay->extreme_usd), "extreme_time",
                     sqz_clock_format(time, replay->extreme_s), "move_percent",
                     sqz_json_number(100 * expm1(replay->move_log)), "share_lo",
                     sqz_json_number(lo), "share_hi", sqz_json_number(hi), "grid", grid);
}

json_t *sqz_replay_json(const struct sqz_replay *replay, const struct sqz_scenario *scenario)
{
    char begin[SQZ_CLOCK_TEXT_SIZE];
    json_t *rows = json_array();
    for (size_t i = 0; i < replay->bars; i++)
        sqz_json_append(rows, row_json(&replay->row[i]));
    json_t *object = json_pack(
        "{s:s, s:s, s:o, s:s, s:I, s:o, s:o, s:I, s:o, s:o, s:o, s:o, s:b, s:b, s:o}", "schema",
        "squeeze/replay-1", "version", SQZ_VERSION, "scenario",
        sqz_json_text(sqz_scenario_label(scenario)), "record_begin",
        sqz_clock_format(begin, replay->record->bar[0].time_s), "bars", (json_int_t)replay->bars,
        "step_s", sqz_json_number(replay->record->step_s), "forced", sides_json(replay->forced_usd),
        "liquidations", (json_int_t)replay->liquidations, "deleveraged_usd",
        sqz_json_number(replay->deleveraged_usd), "reported", sides_json(replay->reported_usd),
        "open_interest_destroyed_usd", sqz_json_number(replay->destroyed_usd), "correlation",
        sqz_json_number(replay->correlation), "rearm", replay->rearmed, "impact_on_top",
        replay->on_top, "rows", rows);
    if (object != NULL && replay->cells > 0)
        sqz_json_set(object, "explain", explain_json(replay));
    if (object != NULL)
        sqz_json_set(object, "remarks", sqz_remarks_json(&scenario->remarks));
    return object;
}

/* ---- tables -------------------------------------------------------------------------------- */

static void put(FILE *file, double value)
{
    if (isfinite(value))
        fprintf(file, ",%.17g", value);
    else
        putc(',', file);
}

static int write_bars(const struct sqz_result_dir *dir, const struct sqz_replay *replay,
                      struct sqz_diag *diag)
{
    FILE *file;
    char time[SQZ_CLOCK_TEXT_SIZE];
    int error = sqz_result_dir_create(dir, SQZ_FILE_REPLAY, &file, diag);
    if (error != SQZ_OK)
        return error;
    fputs("time,time_s,open_usd,high_usd,low_usd,close_usd,forced_short_usd,forced_long_usd,"
          "deleveraged_usd,fund_usd,reported_short_usd,reported_long_usd,destroyed_usd,"
          "displacement_lo_log,displacement_hi_log,order\n",
          file);
    for (size_t i = 0; i < replay->bars; i++) {
        const struct sqz_replay_bar *row = &replay->row[i];
        const struct sqz_bar *bar = row->bar;
        fputs(sqz_clock_format(time, bar->time_s), file);
        const double cells[] = {bar->time_s - replay->record->bar[0].time_s,
                                bar->open_usd,
                                bar->high_usd,
                                bar->low_usd,
                                bar->close_usd,
                                row->forced_usd[SQZ_UP],
                                row->forced_usd[SQZ_DOWN],
                                row->deleveraged_usd,
                                row->fund_usd,
                                reported(row, SQZ_UP),
                                reported(row, SQZ_DOWN),
                                row->destroyed_usd,
                                row->displacement_log[0],
                                row->displacement_log[1]};
        for (size_t c = 0; c < sizeof cells / sizeof cells[0]; c++)
            put(file, cells[c]);
        fprintf(file, ",%s\n", sqz_replay_order_assumed(row) ? "assumed" : "known");
    }
    return sqz_result_dir_close(dir, SQZ_FILE_REPLAY, &file, diag);
}

static int write_cells(const struct sqz_result_dir *dir, const struct sqz_replay *replay,
                       struct sqz_diag *diag)
{
    FILE *file;
    if (replay->cells == 0)
        return SQZ_OK;
    int error = sqz_result_dir_create(dir, SQZ_FILE_EXPLAIN, &file, diag);
    if (error != SQZ_OK)
        return error;
    fputs("depth_usd,scale,displacement_log,share\n", file);
    for (size_t i = 0; i < replay->cells; i++) {
        const struct sqz_replay_cell *cell = &replay->cell[i];
        fprintf(file, "%.17g,%.17g,%.17g,%.17g\n", cell->depth_usd, cell->scale,
                cell->displacement_log, cell->share);
    }
    return sqz_result_dir_close(dir, SQZ_FILE_EXPLAIN, &file, diag);
}

int sqz_results_replay(const struct sqz_result_dir *dir, const struct sqz_replay *replay,
                       struct sqz_diag *diag)
{
    int error = write_bars(dir, replay, diag);
    return error == SQZ_OK ? write_cells(dir, replay, diag) : error;
}
