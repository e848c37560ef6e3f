/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/options.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "sim/cli/option_codes.h"
#include "sim/cli/option_values.h"
#include "sim/io/nearest.h"
#include "sim/plot/plot.h"

/* More paths than this would take a thousand years; counts stay far from overflow. */
static const uint64_t PATHS_MAX = 1000000000000000, JOBS_MAX = 1024, REFINE_MAX = 1000;

static const uint64_t DEFAULT_PATHS = 10000, DEFAULT_MAX_EVENTS = 10000000;

static const double DEFAULT_CHECKPOINT_S = 10, CHECKPOINT_MAX_S = 1e6;

static const double DEFAULT_SCALE_BP = 50, SCALE_MAX_BP = 1e4, DECAY_MAX_S = 1e12;

bool sqz_option_taken(const struct sqz_option_row *row, const struct sqz_command *command)
{
    if (row->commands[0] == '*')
        return true;
    if (command == NULL)
        return false;
    size_t length = strlen(command->name);
    for (const char *word = row->commands; *word != '\0';) {
        size_t size = strcspn(word, " ");
        if (size == length && strncmp(word, command->name, size) == 0)
            return true;
        word += size + strspn(word + size, " ");
    }
    return false;
}

const struct sqz_command *sqz_command_find(const char *name)
{
    for (const struct sqz_command *command = sqz_commands; command->name != NULL; command++)
        if (strcmp(command->name, name) == 0)
            return command;
    return NULL;
}

/* ---- parsing ------------------------------------------------------------------------------- */

static int add_set(struct sqz_options *options, const char *assignment, struct sqz_diag *diag)
{
    if (options->n_set == SQZ_CLI_SET_MAX)
        return sqz_fail_at(diag, SQZ_ERR_USAGE, NULL, 0, "--set", "given more than %d times",
                           SQZ_CLI_SET_MAX);
    options->set[options->n_set++] = assignment;
    return SQZ_OK;
}

static int add_vary(struct sqz_options *options, const char *text, struct sqz_diag *diag)
{
    if (options->n_vary == SQZ_CLI_VARY_MAX)
        return sqz_fail_at(diag, SQZ_ERR_USAGE, NULL, 0, "--vary",
                           "given more than %d times; expected one key or two", SQZ_CLI_VARY_MAX);
    options->vary[options->n_vary++] = text;
    return SQZ_OK;
}

static int add_include(struct sqz_options *options, const char *path, struct sqz_diag *diag)
{
    if (options->n_include == SQZ_CLI_INCLUDE_MAX)
        return sqz_fail_at(diag, SQZ_ERR_USAGE, NULL, 0, "--include", "given more than %d times",
                           SQZ_CLI_INCLUDE_MAX);
    options->include[options->n_include++] = path;
    return SQZ_OK;
}

static int parse_refine(struct sqz_options *options, const char *argument, struct sqz_diag *diag)
{
    uint64_t points = 0;
    int error = sqz_option_count("--refine", argument, 1, REFINE_MAX, &points, diag);
    options->refine = (size_t)points;
    return error;
}

/* An option without an argument. */
static void set_flag(struct sqz_options *options, int code)
{
    bool *flag[] = {[JSON - SET] = &options->json,
                    [CSV - SET] = &options->csv,
                    [FORCE - SET] = &options->force,
                    [SHOW - SET] = &options->show,
                    [STRICT - SET] = &options->strict,
                    [OUTCOMES - SET] = &options->outcomes,
                    [NO_PLOT - SET] = &options->no_plot,
                    [ALLOW_CROSSED - SET] = &options->allow_crossed,
                    [NO_ATTRIBUTION - SET] = &options->no_attribution,
                    [TORNADO - SET] = &options->tornado,
                    [EXPLAIN - SET] = &options->explain,
                    [REARM - SET] = &options->rearm,
                    [ON_TOP - SET] = &options->on_top,
                    [SCALE_STANDSTILL - SET] = &options->scale_standstill,
                    [RAW_USD - SET] = &options->raw_usd,
                    [SIDE_FROM_PRICE - SET] = &options->side_from_price,
                    [MAN - SET] = &options->man,
                    [COMPLETION - SET] = &options->completion,
                    [VERSION_OPTION - SET] = &options->version};
    *(code == QUIET ? &options->quiet : code == HELP ? &options->help : flag[code - SET]) = true;
}

/* Where an option that is any text, or an amount of USD, is kept; NULL: it is none of that kind. */
static const char **text_of(struct sqz_options *options, int code)
{
    return code == VENUE         ? &options->venue
           : code == RECORD      ? &options->record
           : code == HORIZONS    ? &options->horizons
           : code == SCALES      ? &options->scales
           : code == RESUME      ? &options->resume
           : code == CONTINUE    ? &options->extend
           : code == SHARD       ? &options->shard
           : code == COLUMNS     ? &options->columns
           : code == SYMBOL      ? &options->symbol
           : code == DEPTH       ? &options->depth
           : code == MIX         ? &options->mix
           : code == BUFFER      ? &options->buffer
           : code == MAINTENANCE ? &options->maintenance
           : code == EXIT_HAZARD ? &options->exit_hazard
           : code == OPEN_SHARE  ? &options->open_share
           : code == BIN         ? &options->bin
           : code == AT          ? &options->at
           : code == EVERY       ? &options->every
           : code == TRADES      ? &options->trades
           : code == EVENTS      ? &options->events
           : code == FUNDING     ? &options->funding
           : code == LEVELS      ? &options->levels
           : code == POSITIONS   ? &options->positions
           : code == TARGET      ? &options->target
           : code == FLOOR       ? &options->floor
           : code == HORIZON     ? &options->horizon
           : code == NAME        ? &options->name
                                 : NULL;
}

static double *usd_of(struct sqz_options *options, int code)
{
    return code == PRICE         ? &options->price_usd
           : code == SCALE_TOTAL ? &options->scale_total_usd
           : code == SCALE_OI    ? &options->scale_oi_usd
                                 : NULL;
}

static const struct sqz_option_row *row_of(int code)
{
    for (int i = 0; i < SQZ_OPTIONS; i++)
        if (sqz_option_table[i].code == code)
            return &sqz_option_table[i];
    return NULL;
}

static int apply(struct sqz_options *options, int code, const char *argument, struct sqz_diag *diag)
{
    uint64_t jobs = 1;
    int error;
    if (text_of(options, code) != NULL) {
        *text_of(options, code) = argument;
        return SQZ_OK;
    }
    if (usd_of(options, code) != NULL)
        return sqz_option_usd(row_of(code)->name, argument, usd_of(options, code), diag);
    switch (code) {
    case PATHS:
        options->paths_given = true;
        return sqz_option_amount("--paths", argument, 1, PATHS_MAX, &options->paths, diag);
    case SEED:
        options->seed_given = true;
        return sqz_option_count("--seed", argument, 0, UINT64_MAX, &options->seed, diag);
    case JOBS:
        error = sqz_option_count("--jobs", argument, 1, JOBS_MAX, &jobs, diag);
        options->jobs = (int)jobs;
        return error;
    case PATH:
        return sqz_option_count("--path", argument, 0, UINT64_MAX, &options->path, diag);
    case MAX_EVENTS:
        return sqz_option_amount("--max-events", argument, 1, UINT64_MAX, &options->max_events,
                                 diag);
    case FORMAT:
        return sqz_option_formats(argument, &options->formats, diag);
    case WIDTH:
        return sqz_option_width(argument, &options->width_mm, diag);
    case SET:
        return add_set(options, argument, diag);
    case SCALE_BP:
        return sqz_option_positive("--scale-bp", argument, SCALE_MAX_BP, &options->scale_bp, diag);
    case SIDE:
        return sqz_option_side(argument, &options->towards, diag);
    case CHECKPOINT:
        return sqz_option_positive("--checkpoint", argument, CHECKPOINT_MAX_S,
                                   &options->checkpoint_s, diag);
    case WITH_DECAY:
        return sqz_option_positive("--with-decay", argument, DECAY_MAX_S, &options->over_s, diag);
    case INCLUDE:
        return add_include(options, argument, diag);
    case VARY:
        return add_vary(options, argument, diag);
    case REFINE:
        return parse_refine(options, argument, diag);
    case OUTPUT:
        options->output = argument;
        return argument[0] != '\0' ? SQZ_OK
                                   : sqz_fail_at(diag, SQZ_ERR_USAGE, NULL, 0, "--output",
                                                 "is empty; expected a directory");
    default:
        set_flag(options, code);
        return SQZ_OK;
    }
}

static void set_defaults(struct sqz_options *options, int argc, char **argv)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    memset(options, 0, sizeof *options);
    options->paths = DEFAULT_PATHS;
    options->max_events = DEFAULT_MAX_EVENTS;
    options->scale_bp = DEFAULT_SCALE_BP;
    options->checkpoint_s = DEFAULT_CHECKPOINT_S;
    options->over_s = options->price_usd = options->scale_total_usd = options->scale_oi_usd = NAN;
    options->jobs = processors > 0 ? (int)processors : 1;
    options->formats = SQZ_PLOT_SVG;
    options->argc = argc;
    options->argv = argv;
}

/* The long options for getopt and its string of short ones, both from the table. */
static void build_getopt(struct option longs[SQZ_OPTIONS + 1], char *shorts)
{
    *shorts++ = ':'; /* report a missing argument apart from an unknown option */
    for (int i = 0; i < SQZ_OPTIONS; i++) {
        int argument = sqz_option_table[i].argument != NULL ? required_argument : no_argument;
        longs[i] =
            (struct option){sqz_option_table[i].name, argument, NULL, sqz_option_table[i].code};
        if (sqz_option_table[i].code <= CHAR_MAX) {
            *shorts++ = (char)sqz_option_table[i].code;
            if (argument == required_argument)
                *shorts++ = ':';
        }
    }
    longs[SQZ_OPTIONS] = (struct option){0};
    *shorts = '\0';
}

static int fail_unknown(const struct sqz_command *command, const char *word, struct sqz_diag *diag)
{
    const char *name = word + strspn(word, "-");
    struct sqz_nearest nearest = sqz_nearest_begin(name);
    for (int i = 0; i < SQZ_OPTIONS; i++)
        if (sqz_option_taken(&sqz_option_table[i], command))
            sqz_nearest_offer(&nearest, sqz_option_table[i].name);
    return sqz_fail_at(diag, SQZ_ERR_USAGE, NULL, 0, word, "unknown option%s",
                       sqz_nearest_hint(&nearest, "--"));
}

/* getopt's '?': optopt is the code of an option that takes no value, else a letter that no option
 * knows, else 0 for an unknown word. */
static int fail_option(const struct sqz_command *command, char *word, struct sqz_diag *diag)
{
    char letter[] = {'-', (char)optopt, '\0'};
    word[strcspn(word, "=")] = '\0';
    if (row_of(optopt) != NULL)
        return sqz_fail_at(diag, SQZ_ERR_USAGE, NULL, 0, word, "takes no value");
    return fail_unknown(command, optopt != 0 ? letter : word, diag);
}

static int parse_option(struct sqz_options *options, const struct sqz_command *command, int code,
                        char *word, struct sqz_diag *diag)
{
    if (code == ':')
        return sqz_fail_at(diag, SQZ_ERR_USAGE, NULL, 0, word, "needs a value");
    if (code == '?')
        return fail_option(command, word, diag);
    const struct sqz_option_row *row = row_of(code);
    if (!sqz_option_taken(row, command))
        return sqz_fail_at(diag, SQZ_ERR_USAGE, NULL, 0, NULL,
                           "--%s: is not an option of squeeze%s%s; it belongs to: %s", row->name,
                           command != NULL ? " " : "", command != NULL ? command->name : "",
                           row->commands);
    return apply(options, code, optarg, diag);
}

static int check_operands(const struct sqz_options *options, const struct sqz_command *command,
                          struct sqz_diag *diag)
{
    bool stored = options->resume != NULL || options->extend != NULL; /* and so the operands */
    if (options->help || options->version || command == NULL)
        return SQZ_OK;
    if (options->n_operands < command->least_operands && !(stored && options->n_operands == 0))
        return sqz_fail(diag, SQZ_ERR_USAGE, "squeeze %s needs %s", command->name,
                        command->operands);
    if (options->n_operands > command->most_operands)
        return sqz_fail(diag, SQZ_ERR_USAGE, "squeeze %s does not know what to do with '%s'",
                        command->name, options->operand[command->most_operands]);
    return SQZ_OK;
}

int sqz_options_parse(struct sqz_options *options, const struct sqz_command *command, int argc,
                      char **argv, struct sqz_diag *diag)
{
    struct option longs[SQZ_OPTIONS + 1];
    char shorts[2 * SQZ_OPTIONS + 2];
    set_defaults(options, argc, argv);
    options->command = command;
    build_getopt(longs, shorts);
    int skip = command != NULL ? 1 : 0; /* the command's name stands where getopt expects argv[0] */
    int error = SQZ_OK, code;
    opterr = 0;
    optind = 1;
    while (error == SQZ_OK &&
           (code = getopt_long(argc - skip, argv + skip, shorts, longs, NULL)) != -1)
        error = parse_option(options, command, code, argv[skip + optind - 1], diag);
    options->operand = argv + skip + optind;
    options->n_operands = argc - skip - optind;
    return error != SQZ_OK ? error : check_operands(options, command, diag);
}
