/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "sim/analysis/map.h"
#include "sim/analysis/standstill.h"
#include "sim/cli/commands.h"
#include "sim/cli/layout.h"
#include "sim/cli/loading.h"
#include "sim/cli/standstill_text.h"
#include "sim/cli/text.h"
#include "sim/io/report.h"
#include "sim/io/scenario.h"

/* Less than this share of a side goes without saying. */
static const double WORTH_SAYING = 0.005;

/* What a side holds, and how much of it so far out that figures leave it aside. */
static void print_side(const struct sqz_ladder_side *levels, const char *name, const char *one,
                       const char *far)
{
    char money[SQZ_TEXT_SIZE];
    double beyond = 0.0;
    for (size_t i = 0; i < levels->count; i++)
        if (levels->distance_log[i] > M_LN2)
            beyond += levels->notional_usd[i];
    printf("  %-5s %zu %s%s, %s usd", name, levels->count, one, levels->count == 1 ? "" : "s",
           sqz_text_money(money, levels->total_usd));
    if (beyond > WORTH_SAYING * levels->total_usd)
        printf(", of it %s usd beyond %s the price", sqz_text_money(money, beyond), far);
    putchar('\n');
}

static void print_ladder(const struct sqz_scenario *scenario)
{
    size_t accounts = scenario->reg.account_table.accounts;
    const char *one = "level";
    if (scenario->reg.positions.count > 0) {
        sqz_layout_print(
            stdout, 2, 2,
            "%zu position%s in %zu account%s at %s; worth at their liquidation prices:",
            scenario->reg.positions.count, scenario->reg.positions.count == 1 ? "" : "s", accounts,
            accounts == 1 ? "" : "s", scenario->reg.model->name);
        one = "account";
    }
    print_side(&scenario->ladder.side[SQZ_UP], "short", one, "double");
    print_side(&scenario->ladder.side[SQZ_DOWN], "long", one, "half");
}

static int print_standstill(const struct sqz_scenario *scenario, struct sqz_diag *diag)
{
    struct sqz_standstill standstill;
    int error = sqz_standstill_find(&standstill, &scenario->world, SQZ_MAP_SCALE_LOG, diag);
    if (error == SQZ_OK)
        sqz_standstill_text(stdout, &standstill, scenario->params.levels_scale);
    return error;
}

enum { KEY_WIDTH = 26, VALUE_WIDTH = 20, UNIT_WIDTH = 9 };

/* Where a setting was written: as FILE:LINE, of a long path what there is room for. */
static void write_origin(const struct sqz_setting *setting, char *text, size_t size)
{
    int room = SQZ_COLUMNS - 2 - KEY_WIDTH - 1 - VALUE_WIDTH - 1 - UNIT_WIDTH - 1;
    if (setting->file == NULL || setting->line == 0) {
        snprintf(text, size, "%s", setting->file != NULL ? setting->file : "default");
        return;
    }
    const char *slash = strrchr(setting->file, '/');
    snprintf(text, size, "%s:%ld", setting->file, setting->line);
    if (slash != NULL && sqz_layout_width(text) > room)
        snprintf(text, size, "%s:%ld", slash + 1, setting->line);
    if (sqz_layout_width(text) > room)
        snprintf(text, size, "line %ld", setting->line);
}

/* A key with its value and where that comes from; a long value has the line to itself. */
static void show_setting(const struct sqz_setting *setting)
{
    char origin[64 + FILENAME_MAX];
    int used = printf("  %-*s ", KEY_WIDTH, setting->key);
    bool fits = sqz_layout_width(setting->value) <= VALUE_WIDTH;
    write_origin(setting, origin, sizeof origin);
    if (fits) {
        sqz_layout_pad(stdout, setting->value, VALUE_WIDTH);
    } else {
        sqz_layout_paragraph(stdout, used, KEY_WIDTH + 3, 0, setting->value);
        printf("%*s", used + VALUE_WIDTH, "");
    }
    putchar(' ');
    sqz_layout_pad(stdout, setting->unit, UNIT_WIDTH);
    putchar(' ');
    sqz_layout_text(stdout, origin);
    putchar('\n');
}

static void show(const struct sqz_scenario *scenario)
{
    printf("  %-*s %-*s %-*s %s\n", KEY_WIDTH, "key", VALUE_WIDTH, "value", UNIT_WIDTH, "unit",
           "origin");
    for (size_t i = 0; i < scenario->settings.count; i++)
        show_setting(&scenario->settings.item[i]);
}

/* With --strict a remark is an error. */
static int check_remarks(const struct sqz_options *options, const struct sqz_scenario *scenario,
                         struct sqz_diag *diag)
{
    size_t count = scenario->remarks.count;
    if (!options->strict || count == 0)
        return SQZ_OK;
    return sqz_fail_at(diag, SQZ_ERR_DATA, scenario->file, 0, NULL,
                       "%zu remark%s; expected none with --strict", count, count == 1 ? "" : "s");
}

static int check(const struct sqz_options *options, const char *path, struct sqz_diag *diag)
{
    struct sqz_scenario scenario;
    int error = sqz_load(&scenario, path, options, diag);
    if (error != SQZ_OK)
        return error;
    if (options->json) {
        error = sqz_report_scenario(stdout, &scenario, diag);
    } else {
        sqz_layout_text(stdout, path);
        puts(": valid");
        print_ladder(&scenario);
        error = print_standstill(&scenario, diag);
        if (error == SQZ_OK && options->show)
            show(&scenario);
    }
    if (error == SQZ_OK)
        error = check_remarks(options, &scenario, diag);
    sqz_scenario_free(&scenario);
    return error;
}

/* Every scenario is checked; the first error decides the exit status, the others are said too. */
int sqz_cmd_check(const struct sqz_options *options, struct sqz_diag *diag)
{
    int first = SQZ_OK;
    for (int i = 0; i < options->n_operands; i++) {
        struct sqz_diag own = {0};
        int error = check(options, options->operand[i], &own);
        if (error == SQZ_OK)
            continue;
        if (first == SQZ_OK) {
            first = error;
            *diag = own;
            continue;
        }
        char text[sizeof own], harmless[4 * sizeof text];
        sqz_diag_format(&own, text, sizeof text);
        fprintf(stderr, "squeeze: %s\n", sqz_layout_harmless(harmless, sizeof harmless, text));
    }
    return first;
}
