/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <gsl/gsl_errno.h>

#include "sim/cli/commands.h"
#include "sim/cli/layout.h"
#include "sim/cli/manual.h"
#include "sim/cli/signals.h"
#include "sim/core/version.h"
#include "sim/io/nearest.h"

enum exit_status {
    EXIT_DONE = 0,
    EXIT_RUNTIME = 1,
    EXIT_USAGE = 2,
    EXIT_DATA = 3,
    EXIT_LIMIT = 4,
    EXIT_INTERRUPTED = 130
};

const struct sqz_command sqz_commands[] = {
    {"check", "SCENARIO...", "validate scenarios and their levels",
     "squeeze check --show scenarios/a-wall-14to1-discounted.csv", sqz_cmd_check, 1, INT_MAX},
    {"run", "SCENARIO", "one path with its event log",
     "squeeze run scenarios/a-wall-14to1-discounted.csv -s 1 --path 7", sqz_cmd_run, 1, 1},
    {"batch", "SCENARIO", "Monte Carlo over many paths",
     "squeeze batch scenarios/a-wall-14to1-discounted.csv -n 20000 -s 1 -o result", sqz_cmd_batch,
     1, 1},
    {"compare", "SCENARIO SCENARIO...", "paired differences of scenarios on the same paths",
     "squeeze compare scenarios/a-wall-14to1-discounted.csv scenarios/a-wall-14to1-claimed.csv -n "
     "5000 -s 1",
     sqz_cmd_compare, 2, INT_MAX},
    {"merge", "DIR...", "shards of a batch or a comparison to one result",
     "squeeze merge shard-1 shard-2 shard-3 -o result", sqz_cmd_merge, 1, INT_MAX},
    {"sweep", "SCENARIO", "how the answer changes along one or two keys, or with every condition",
     "squeeze sweep scenarios/a-wall-14to1-discounted.csv --vary book.depth=100M:1B:5:log -n 5000 "
     "-s 1 -o sweep",
     sqz_cmd_sweep, 1, 1},
    {"map", "SCENARIO", "imbalance, clusters, branching ratio and danger zones; no simulation",
     "squeeze map scenarios/a-wall-14to1-claimed.csv -o map", sqz_cmd_map, 1, 1},
    {"ignite", "SCENARIO",
     "the market order or exogenous jump it takes to reach the target; no simulation",
     "squeeze ignite scenarios/a-wall-14to1-claimed.csv --with-decay 600", sqz_cmd_ignite, 1, 1},
    {"bound", "SCENARIO", "the largest scale of the map that recorded prices allow",
     "squeeze bound scenarios/a-wall-14to1-claimed.csv --record bars.csv -n 2000", sqz_cmd_bound, 1,
     1},
    {"score", "INDEX",
     "how well maps predicted recorded prices, against the same model without them",
     "squeeze score maps/index.csv --record bars.csv --set book.depth=300M -o score", sqz_cmd_score,
     1, 1},
    {"replay", "SCENARIO",
     "what recorded prices would have forced when, and how much of the move that explains",
     "squeeze replay scenarios/a-wall-14to1-discounted.csv --record bars.csv --explain",
     sqz_cmd_replay, 1, 1},
    {"margin", "POSITIONS", "liquidation price, bankruptcy price and maintenance of every position",
     "squeeze margin positions.csv --venue binance --set venue.tiers=tiers.csv", sqz_cmd_margin, 1,
     1},
    {"import", "FORMAT FILE...",
     "other people's maps, positions, margin tiers, bars and books as files of squeeze",
     "squeeze import auto map.json --price 70968 --scale-standstill -o levels.csv", sqz_cmd_import,
     2, INT_MAX},
    {"calibrate", "BARS", "rows of a scenario from what was recorded of a market",
     "squeeze calibrate bars.csv --depth depth.csv -o market.csv", sqz_cmd_calibrate, 1, 1},
    {"build-map", "BARS", "liquidation levels from recorded bars and open interest",
     "squeeze build-map bars.csv --maintenance 0.4% -o levels.csv", sqz_cmd_build_map, 1, 1},
    {"init", "", "a scenario to begin with, which says where every value is from",
     "squeeze init --levels levels.csv --include market.csv --target +10% --horizon 7d -o my.csv",
     sqz_cmd_init, 0, 0},
    {"plot", "DIR", "draw the figures of a result again", "squeeze plot result --format svg",
     sqz_cmd_plot, 1, 1},
    {"models", "[KEY]", "every model and parameter, or one key, model or family whole",
     "squeeze models book.depth", sqz_cmd_models, 0, 1},
    {"help", "[COMMAND]", "what a command does and takes", "squeeze help batch", sqz_cmd_help, 0,
     1},
    {0},
};

/* Commands of the contract that later versions bring. */
static const char *const LATER[] = {"rare", "report", NULL};

/* Who types a file where the command belongs wants an answer for it. */
static int fail_file(const char *name, const struct stat *info, struct sqz_diag *diag)
{
    return sqz_fail_at(diag, SQZ_ERR_USAGE, NULL, 0, name,
                       "is a %s where a command is expected; did you mean 'squeeze %s %s'?",
                       S_ISDIR(info->st_mode) ? "directory" : "file",
                       S_ISDIR(info->st_mode) ? "plot" : "batch", name);
}

int sqz_command_unknown(const char *name, struct sqz_diag *diag)
{
    struct stat info;
    struct sqz_nearest nearest = sqz_nearest_begin(name);
    for (int i = 0; LATER[i] != NULL; i++)
        if (strcmp(LATER[i], name) == 0)
            return sqz_fail_at(diag, SQZ_ERR_USAGE, NULL, 0, name, "not yet supported");
    if (stat(name, &info) == 0)
        return fail_file(name, &info, diag);
    for (const struct sqz_command *command = sqz_commands; command->name != NULL; command++)
        sqz_nearest_offer(&nearest, command->name);
    return sqz_fail_at(diag, SQZ_ERR_USAGE, NULL, 0, name, "unknown command%s (see squeeze help)",
                       sqz_nearest_hint(&nearest, ""));
}

static int run(int argc, char **argv, char *const *typed, struct sqz_diag *diag)
{
    struct sqz_options options;
    const struct sqz_command *command = NULL;
    if (argc > 1 && argv[1][0] != '-') {
        command = sqz_command_find(argv[1]);
        if (command == NULL)
            return sqz_command_unknown(argv[1], diag);
    }
    int error = sqz_options_parse(&options, command, argc, argv, diag);
    options.argv = typed;
    if (error != SQZ_OK)
        return error;
    if (options.version) {
        puts("squeeze " SQZ_VERSION);
        return SQZ_OK;
    }
    if (options.help) {
        sqz_manual_help(command);
        return SQZ_OK;
    }
    if (command == NULL)
        return sqz_fail(diag, SQZ_ERR_USAGE, "no command given (see squeeze help)");
    return command->run(&options, diag);
}

static enum exit_status status_of(int error)
{
    switch (error) {
    case SQZ_OK:
        return EXIT_DONE;
    case SQZ_ERR_USAGE:
        return EXIT_USAGE;
    case SQZ_ERR_DATA:
    case SQZ_ERR_UNSUPPORTED:
        return EXIT_DATA;
    case SQZ_ERR_LIMIT:
        return EXIT_LIMIT;
    case SQZ_ERR_INTERRUPTED:
        return EXIT_INTERRUPTED;
    default:
        return EXIT_RUNTIME;
    }
}

/* A standard file that is closed would be the next one that is opened, and what is printed would go
 * into that. In its place stands one that cannot be written to, so that printing fails. */
static void hold_standard_files(void)
{
    for (int file = STDIN_FILENO; file <= STDERR_FILENO; file++)
        if (fcntl(file, F_GETFD) < 0 && errno == EBADF &&
            open("/dev/null", file == STDERR_FILENO ? O_WRONLY : O_RDONLY) != file)
            return;
}

int main(int argc, char **argv)
{
    struct sqz_diag diag = {0};
    hold_standard_files();
    gsl_set_error_handler_off();
    sqz_signals_begin();
    /* Parsing sorts the operands behind the options; the manifest wants the line as it was given.
     */
    char **typed = malloc((size_t)argc * sizeof *typed);
    if (typed != NULL)
        memcpy(typed, argv, (size_t)argc * sizeof *typed);
    int error = run(argc, argv, typed != NULL ? typed : argv, &diag);
    free(typed);
    enum exit_status status = status_of(error);
    if (error != SQZ_OK) {
        char text[sizeof diag], harmless[4 * sizeof text];
        sqz_diag_format(&diag, text, sizeof text);
        fprintf(stderr, "squeeze: %s\n", sqz_layout_harmless(harmless, sizeof harmless, text));
    }
    if (fflush(stdout) != 0 || ferror(stdout) != 0) {
        fprintf(stderr, "squeeze: standard output cannot be written: %s\n", strerror(errno));
        return EXIT_RUNTIME;
    }
    return (int)status;
}
