#include <math.h>
#include <stdio.h>

#include "sim/cli/commands.h"
#include "sim/cli/loading.h"
#include "sim/cli/text.h"
#include "sim/io/report.h"
#include "sim/io/scenario.h"

/* Less than this share of a side goes without saying. */
static const double WORTH_SAYING = 0.005;

/* What a side holds, and how much of it so far out that figures leave it aside. */
static void print_side(const struct sqz_ladder_side *levels, const char *name, const char *what,
                       const char *far)
{
    char money[SQZ_TEXT_SIZE];
    double beyond = 0.0;
    for (size_t i = 0; i < levels->count; i++)
        if (levels->distance_log[i] > M_LN2)
            beyond += levels->notional_usd[i];
    printf("  %-5s %zu %s, %s usd", name, levels->count, what,
           sqz_text_money(money, levels->total_usd));
    if (beyond > WORTH_SAYING * levels->total_usd)
        printf(", of it %s usd beyond %s the price", sqz_text_money(money, beyond), far);
    putchar('\n');
}

static void print_ladder(const struct sqz_scenario *scenario)
{
    const struct sqz_holdings *holdings = &scenario->reg.holdings;
    const char *what = "levels";
    if (scenario->reg.positions.count > 0) {
        printf("  %zu positions in %zu accounts at %s; worth at their liquidation prices:\n",
               scenario->reg.positions.count, holdings->accounts, scenario->reg.model->name);
        what = "accounts";
    }
    print_side(&scenario->ladder.side[SQZ_UP], "short", what, "double");
    print_side(&scenario->ladder.side[SQZ_DOWN], "long", what, "half");
}

static void show(const struct sqz_scenario *scenario)
{
    printf("  %-22s %-24s %-10s %s\n", "key", "value", "unit", "origin");
    for (size_t i = 0; i < scenario->settings.count; i++) {
        const struct sqz_setting *setting = &scenario->settings.item[i];
        printf("  %-22s %-24s %-10s ", setting->key, setting->value, setting->unit);
        if (setting->file == NULL)
            puts("default");
        else if (setting->line == 0)
            puts(setting->file);
        else
            printf("%s:%ld\n", setting->file, setting->line);
    }
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
        printf("%s: valid\n", path);
        print_ladder(&scenario);
        if (options->show)
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
        char text[sizeof own];
        sqz_diag_format(&own, text, sizeof text);
        fprintf(stderr, "squeeze: %s\n", text);
    }
    return first;
}
