#include <stdio.h>

#include "models/registry.h"
#include "sim/cli/commands.h"
#include "sim/cli/text.h"
#include "sim/io/report.h"
#include "sim/io/scenario.h"

static void print_side(const struct sqz_ladder_side *levels, const char *name)
{
    char money[SQZ_TEXT_SIZE];
    printf("  %-5s %zu levels, %s usd\n", name, levels->count,
           sqz_text_money(money, levels->total_usd));
}

static void remark_on_book(const struct sqz_book *book)
{
    static const char *const NAME[] = {"asks", "bids"};
    for (int side = 0; side < 2; side++)
        if (sqz_book_depth_extrapolated(book, side))
            printf("  remark: the %s end before 1 %%; the depth there, with which permanent impact "
                   "and withdrawal scale, is extrapolated\n",
                   NAME[side]);
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

static int check(const struct sqz_options *options, const char *path, struct sqz_diag *diag)
{
    struct sqz_load_options load = {options->set, options->n_set, options->allow_crossed};
    struct sqz_scenario scenario;
    int error = sqz_scenario_load(&scenario, path, &load, &sqz_registry, diag);
    if (error != SQZ_OK)
        return error;
    if (options->json) {
        error = sqz_report_scenario(stdout, &scenario, diag);
    } else {
        printf("%s: valid\n", path);
        print_side(&scenario.ladder.side[SQZ_UP], "short");
        print_side(&scenario.ladder.side[SQZ_DOWN], "long");
        remark_on_book(&scenario.book);
        if (options->show)
            show(&scenario);
    }
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
