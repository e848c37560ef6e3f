/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/analysis/cohorts.h"
#include "sim/cli/commands.h"
#include "sim/cli/layout.h"
#include "sim/cli/loading.h"
#include "sim/cli/text.h"
#include "sim/io/clock.h"
#include "sim/io/output_file.h"
#include "sim/io/report.h"
#include "sim/io/units.h"

/* One provider's mix of a one-day BTC map, scenarios/README.md. */
static const char MIX[] = "10:4;25:23;50:32;100:41";
/* Measured on the positions of 10x and more of large accounts at one venue, February 2026:
 * quantiles of the log distance from entry over that of the leverage setting. */
static const char BUFFER[] = "lognormal(16; 1.4)";
static const double MAINTENANCE = 0.005, VOLUME_SHARE = 0.1, BIN_LOG = 1e-3;

struct building {
    const struct sqz_options *options;
    struct sqz_cohort_terms terms;
    struct sqz_ledger ledger;
    struct sqz_built_map map;
    struct sqz_remarks remarks;
    double until_s; /* the map of this time; INFINITY: of the record's end */
};

/* ---- the command line ----------------------------------------------------------------------- */

static int fail_mix(const char *text, struct sqz_diag *diag)
{
    return sqz_fail_at(diag, SQZ_ERR_USAGE, NULL, 0, "--mix",
                       "'%s' is no mix; expected LEVERAGE:SHARE;..., as %s", text, MIX);
}

/* 10:4;25:23: shares of any total. */
static int parse_mix(struct sqz_cohort_terms *terms, const char *text, struct sqz_diag *diag)
{
    double total = 0;
    for (const char *at = text; *at != '\0';) {
        double leverage, share;
        int length = 0;
        if (terms->leverages == SQZ_LEVERAGES_MAX ||
            sscanf(at, "%lf:%lf%n", &leverage, &share, &length) != 2 ||
            (at[length] != ';' && at[length] != '\0') || !(leverage > 0 && leverage < 1e4) ||
            !(share > 0 && share < 1e12))
            return fail_mix(text, diag);
        terms->leverage[terms->leverages] = leverage;
        terms->share[terms->leverages++] = share;
        total += share;
        at += length + (at[length] == ';');
    }
    for (size_t l = 0; l < terms->leverages; l++)
        terms->share[l] /= total;
    return terms->leverages > 0 ? SQZ_OK : fail_mix(text, diag);
}

/* none, a factor of the log distance, or its law lognormal(MEDIAN; SIGMA). */
static int parse_buffer(struct sqz_cohort_terms *terms, const char *text, struct sqz_diag *diag)
{
    int length = 0;
    terms->buffer_median = 1;
    if (text == NULL)
        text = BUFFER;
    if (strcmp(text, "none") == 0)
        return SQZ_OK;
    bool law = sscanf(text, " lognormal(%lf;%lf)%n", &terms->buffer_median, &terms->buffer_sigma,
                      &length) == 2 &&
               length > 0;
    bool factor = !law && sscanf(text, "%lf%n", &terms->buffer_median, &length) == 1;
    if (!(law || factor) || text[length] != '\0' || !(terms->buffer_median > 0) ||
        !(terms->buffer_median < 1e3) || !(terms->buffer_sigma >= 0 && terms->buffer_sigma < 10))
        return sqz_fail_at(diag, SQZ_ERR_USAGE, NULL, 0, "--buffer",
                           "'%s' is no buffer; expected none, a factor of the distance, or "
                           "lognormal(MEDIAN; SIGMA)",
                           text);
    return SQZ_OK;
}

static int parse_number(const char *option, const char *text, const char *unit,
                        enum sqz_dimension dimension, double lo_hi[2], double *value,
                        struct sqz_diag *diag)
{
    if (text == NULL)
        return SQZ_OK;
    if (sqz_units_read(text, unit, dimension, value, NULL) == SQZ_OK && *value >= lo_hi[0] &&
        *value <= lo_hi[1])
        return SQZ_OK;
    return sqz_fail_at(diag, SQZ_ERR_USAGE, NULL, 0, option,
                       "'%s' cannot be used; expected a number from %g to %g%s%s", text, lo_hi[0],
                       lo_hi[1], unit[0] != '1' || unit[1] != '\0' ? " in " : "",
                       unit[0] != '1' || unit[1] != '\0' ? unit : "");
}

static int parse_options(struct building *building, struct sqz_diag *diag)
{
    const struct sqz_options *options = building->options;
    struct sqz_cohort_terms *terms = &building->terms;
    double share[2] = {0, 1}, rate[2] = {0, 1e3}, bin[2] = {1e-6, 0.1};
    *terms = (struct sqz_cohort_terms){
        .maintenance = MAINTENANCE, .volume_share = VOLUME_SHARE, .bin_log = BIN_LOG};
    building->until_s = INFINITY;
    int error = parse_mix(terms, options->mix != NULL ? options->mix : MIX, diag);
    if (error == SQZ_OK)
        error = parse_buffer(terms, options->buffer, diag);
    if (error == SQZ_OK)
        error = parse_number("--maintenance", options->maintenance, "1", SQZ_DIM_NUMBER, share,
                             &terms->maintenance, diag);
    if (error == SQZ_OK)
        error = parse_number("--exit-hazard", options->exit_hazard, "1/d", SQZ_DIM_RATE, rate,
                             &terms->exit_per_s, diag);
    if (error == SQZ_OK)
        error = parse_number("--open-share", options->open_share, "1", SQZ_DIM_NUMBER, share,
                             &terms->volume_share, diag);
    if (error == SQZ_OK)
        error = parse_number("--bin", options->bin, "bp", SQZ_DIM_LOG, bin, &terms->bin_log, diag);
    if (error == SQZ_OK && options->at != NULL && !sqz_clock_parse(options->at, &building->until_s))
        error = sqz_fail_at(diag, SQZ_ERR_USAGE, NULL, 0, "--at",
                            "'%s' is not a time; expected UTC as 2025-10-10T21:01Z", options->at);
    return error;
}

/* ---- the record ----------------------------------------------------------------------------- */

static int on_bar(void *context, const struct sqz_bar *bar, struct sqz_diag *diag)
{
    struct building *building = context;
    return bar->time_s < building->until_s ? sqz_ledger_bar(&building->ledger, bar, diag) : SQZ_OK;
}

static int remark(struct building *building, struct sqz_diag *diag)
{
    const struct sqz_built_map *map = &building->map;
    const char *file = building->options->operand[0];
    int error = SQZ_OK;
    if (building->terms.buffer_median == 1 && building->terms.buffer_sigma == 0)
        error = sqz_remarks_add(&building->remarks, "leverage-as-distance", file, 0, "--buffer",
                                "none: levels stand where the leverage setting puts them. Accounts "
                                "hold more margin: of large ones recorded in February 2026 the "
                                "log distance is 16 times that in the median, lognormal(16; 1.4)");
    if (error == SQZ_OK && map->from_volume)
        error =
            sqz_remarks_add(&building->remarks, "no-open-interest", file, 0, "open_interest_usd",
                            "is missing in some bars: %g of what is traded is taken to open "
                            "positions there (--open-share), and nothing to close them but "
                            "--exit-hazard",
                            building->terms.volume_share);
    if (error == SQZ_OK && map->gaps > 0)
        error = sqz_remarks_add(&building->remarks, "missing-bars", file, 0, "time",
                                "bars are missing in %zu places; what was touched there is not "
                                "known",
                                map->gaps);
    return error == SQZ_OK ? SQZ_OK : sqz_fail(diag, error, "no memory for remarks");
}

static int build(struct building *building, struct sqz_diag *diag)
{
    const char *file = building->options->operand[0];
    sqz_ledger_init(&building->ledger, &building->terms);
    int error = sqz_record_visit(file, on_bar, building, NULL, diag);
    if (error == SQZ_OK && building->ledger.map.bars == 0)
        error = sqz_fail_at(diag, SQZ_ERR_USAGE, NULL, 0, "--at", "is before the first bar of %s",
                            file);
    if (error == SQZ_OK)
        error = sqz_ledger_map(&building->ledger, &building->map, diag);
    return error == SQZ_OK ? remark(building, diag) : error;
}

/* ---- the answer ----------------------------------------------------------------------------- */

static void print_side(const char *name, const struct sqz_ledger_sums *sums)
{
    char text[5][SQZ_TEXT_SIZE];
    printf("  %-7s %12s %12s %12s %12s %12s\n", name, sqz_text_money(text[0], sums->opened_usd),
           sqz_text_money(text[1], sums->standing_usd), sqz_text_money(text[2], sums->touched_usd),
           sqz_text_money(text[3], sums->closed_usd), sqz_text_money(text[4], sums->exited_usd));
}

static void print_text(const struct building *building)
{
    const struct sqz_built_map *map = &building->map;
    char begin[SQZ_CLOCK_TEXT_SIZE], end[SQZ_CLOCK_TEXT_SIZE], text[2][SQZ_TEXT_SIZE];
    sqz_layout_print(stdout, 0, 2,
                     "%zu bars from %.16s to %.16s, price %s usd: %zu levels, modelled from %s",
                     map->bars, sqz_clock_format(begin, map->begin_s),
                     sqz_clock_format(end, map->end_s), sqz_text_price(text[0], map->price_usd),
                     map->levels, map->from_volume ? "traded volume" : "open interest");
    printf("\n  %-7s %12s %12s %12s %12s %12s\n", "", "opened", "standing", "touched", "closed",
           "exited");
    print_side("shorts", &map->sums[SQZ_UP]);
    print_side("longs", &map->sums[SQZ_DOWN]);
    if (!(map->reported_usd > 0))
        return;
    putchar('\n');
    sqz_layout_print(stdout, 2, 0,
                     "The levels touched hold %s usd where %s usd of liquidations were reported; "
                     "correlation by bar %.2f.",
                     sqz_text_money(text[0], map->touched_then_usd),
                     sqz_text_money(text[1], map->reported_usd), map->correlation);
}

static int write_levels(const struct building *building, struct sqz_diag *diag)
{
    struct sqz_output_file output = {0};
    const struct sqz_options *options = building->options;
    if (options->output == NULL)
        return SQZ_OK;
    int error = sqz_output_file_open(&output, options->output, options->force, diag);
    if (error == SQZ_OK) {
        sqz_built_map_write(output.file, &building->map); /* failed writes are found on closing */
        error = sqz_output_file_commit(&output, diag);
    }
    sqz_output_file_discard(&output);
    return error;
}

int sqz_cmd_build_map(const struct sqz_options *options, struct sqz_diag *diag)
{
    struct building building = {.options = options};
    int error = parse_options(&building, diag);
    if (error == SQZ_OK)
        error = build(&building, diag);
    if (error == SQZ_OK)
        error = write_levels(&building, diag);
    if (error == SQZ_OK && options->json)
        error = sqz_report_built_map(stdout, &building.map, &building.remarks, diag);
    else if (error == SQZ_OK)
        print_text(&building);
    if (error == SQZ_OK)
        sqz_say_remarks(&building.remarks, options);
    free(building.map.level);
    sqz_ledger_free(&building.ledger);
    sqz_remarks_free(&building.remarks);
    return error;
}
