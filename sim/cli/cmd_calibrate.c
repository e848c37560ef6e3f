/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "sim/analysis/fit_market.h"
#include "sim/cli/commands.h"
#include "sim/cli/layout.h"
#include "sim/cli/loading.h"
#include "sim/io/clock.h"
#include "sim/io/output_file.h"
#include "sim/io/report.h"
#include "sim/io/units.h"

static const double DAY_S = 86400;

/* Everything that is read and found. */
struct calibration {
    const struct sqz_options *options;
    double horizon_s;
    struct sqz_record record;
    struct sqz_depth_record depth;
    struct sqz_ticks trades, events, funding;
    struct sqz_remarks remarks;
    struct sqz_fits fits;
};

/* ---- reading ------------------------------------------------------------------------------- */

static int parse_horizon(struct calibration *calibration, struct sqz_diag *diag)
{
    const char *text = calibration->options->horizon;
    calibration->horizon_s = DAY_S;
    if (text == NULL)
        return SQZ_OK;
    if (sqz_units_read(text, "s", SQZ_DIM_TIME, &calibration->horizon_s, NULL) != SQZ_OK ||
        !(calibration->horizon_s > 0))
        return sqz_fail_at(diag, SQZ_ERR_USAGE, NULL, 0, "--horizon",
                           "'%s' is not a time above 0, as 7d or 24h", text);
    return SQZ_OK;
}

static int read_all(struct calibration *calibration, struct sqz_diag *diag)
{
    const struct sqz_options *options = calibration->options;
    int error =
        sqz_record_read(&calibration->record, options->operand[0], &calibration->remarks, diag);
    if (error == SQZ_OK && options->depth != NULL)
        error = sqz_depth_read(&calibration->depth, options->depth, diag);
    if (error == SQZ_OK && options->trades != NULL)
        error = sqz_trades_read(&calibration->trades, options->trades, diag);
    if (error == SQZ_OK && options->events != NULL)
        error = sqz_events_read(&calibration->events, options->events, diag);
    if (error == SQZ_OK && options->funding != NULL)
        error = sqz_funding_read(&calibration->funding, options->funding, diag);
    return error;
}

/* ---- fitting ------------------------------------------------------------------------------- */

static void add_price(struct calibration *calibration)
{
    const struct sqz_record *record = &calibration->record;
    char time[SQZ_CLOCK_TEXT_SIZE];
    const struct sqz_bar *last = &record->bar[record->count - 1];
    sqz_fits_add(&calibration->fits, "price", "usd", last->close_usd, NAN,
                 "close of the bar from %s", sqz_clock_format(time, last->time_s));
}

/* What no file was given for, or what no file of these kinds can tell. */
static void refuse_rest(struct calibration *calibration)
{
    struct sqz_fits *fits = &calibration->fits;
    if (calibration->options->depth == NULL)
        sqz_fits_refuse(fits, "book.depth", "bars do not tell the depth; give --depth");
    sqz_fits_refuse(fits, "book.halflife",
                    "how a book recovers from forced orders is not told from ordinary trading");
    sqz_fits_refuse(fits, "book.permanent", "nor is what they leave behind for good");
    sqz_fits_refuse(fits, "withdrawal.gamma",
                    "needs depth before, in and after a wave of liquidations");
    sqz_fits_refuse(fits, "drift", "its error over any record is larger than itself");
}

static int fit_all(struct calibration *calibration, struct sqz_diag *diag)
{
    struct sqz_fits *fits = &calibration->fits;
    const struct sqz_depth_record *depth =
        calibration->options->depth != NULL ? &calibration->depth : NULL;
    add_price(calibration);
    int error = sqz_fit_volatility(fits, &calibration->record, calibration->horizon_s, diag);
    if (error == SQZ_OK && depth != NULL)
        error = sqz_fit_book(fits, depth, diag);
    if (error == SQZ_OK && calibration->options->trades != NULL)
        error = sqz_fit_impact(fits, &calibration->trades, depth, diag);
    if (error == SQZ_OK && calibration->options->events != NULL)
        error = sqz_fit_flow(fits, &calibration->events, diag);
    if (error == SQZ_OK && calibration->options->funding != NULL)
        sqz_fit_funding(fits, &calibration->funding);
    if (error == SQZ_OK)
        refuse_rest(calibration);
    return error;
}

/* ---- printing ------------------------------------------------------------------------------ */

static void print_fit(const struct sqz_fit *fit)
{
    char error[32] = "";
    if (isfinite(fit->se))
        snprintf(error, sizeof error, "+- %.2g", fit->se);
    printf("  %-16s %12.5g %-12s %s\n", fit->key, fit->value, error, fit->unit);
    sqz_layout_print(stdout, 4, 0, "%s", fit->why);
}

static void print_text(const struct calibration *calibration)
{
    const struct sqz_fits *fits = &calibration->fits;
    bool any = false;
    puts("  key                     value standard error");
    for (size_t i = 0; i < fits->count; i++)
        if (fits->item[i].identified)
            print_fit(&fits->item[i]);
    for (size_t i = 0; i < fits->count; i++)
        any = any || !fits->item[i].identified;
    if (any)
        puts("\n  Not told by these files, and left out:");
    for (size_t i = 0; i < fits->count; i++)
        if (!fits->item[i].identified)
            sqz_layout_print(stdout, 2, 4, "%s: %s", fits->item[i].key, fits->item[i].why);
}

static int write_rows(const struct calibration *calibration, struct sqz_diag *diag)
{
    struct sqz_output_file output = {0};
    const struct sqz_options *options = calibration->options;
    if (options->output == NULL)
        return SQZ_OK;
    int error = sqz_output_file_open(&output, options->output, options->force, diag);
    if (error == SQZ_OK) {
        sqz_fits_write(output.file, &calibration->fits); /* failed writes are found on closing */
        error = sqz_output_file_commit(&output, diag);
    }
    sqz_output_file_discard(&output);
    return error;
}

static int print(struct calibration *calibration, struct sqz_diag *diag)
{
    if (calibration->options->json)
        return sqz_report_fits(stdout, &calibration->fits, &calibration->remarks, diag);
    print_text(calibration);
    return SQZ_OK;
}

int sqz_cmd_calibrate(const struct sqz_options *options, struct sqz_diag *diag)
{
    struct calibration calibration = {.options = options};
    int error = parse_horizon(&calibration, diag);
    if (error == SQZ_OK)
        error = read_all(&calibration, diag);
    if (error == SQZ_OK)
        error = fit_all(&calibration, diag);
    if (error == SQZ_OK)
        error = write_rows(&calibration, diag);
    if (error == SQZ_OK)
        error = print(&calibration, diag);
    if (error == SQZ_OK)
        sqz_say_remarks(&calibration.remarks, options);
    sqz_record_free(&calibration.record);
    sqz_depth_free(&calibration.depth);
    sqz_ticks_free(&calibration.trades);
    sqz_ticks_free(&calibration.events);
    sqz_ticks_free(&calibration.funding);
    sqz_remarks_free(&calibration.remarks);
    return error;
}
