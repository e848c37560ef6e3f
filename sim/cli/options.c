#include "sim/cli/options.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/io/nearest.h"
#include "sim/plot/plot.h"

static const uint64_t DEFAULT_PATHS = 10000, DEFAULT_MAX_EVENTS = 10000000;

enum option_code {
    PATHS = 'n',
    SEED = 's',
    JOBS = 'j',
    OUTPUT = 'o',
    QUIET = 'q',
    HELP = 'h',
    SET = 256,
    JSON,
    FORCE,
    PATH,
    SHOW,
    OUTCOMES,
    FORMAT,
    NO_PLOT,
    ALLOW_CROSSED,
    MAX_EVENTS,
    VERSION_OPTION
};

/* Every option once: what it is called, which commands take it ("*" is all), what it does. */
static const struct option_row {
    int code;
    const char *name, *argument, *commands, *doc;
} TABLE[] = {
    {PATHS, "paths", "N", "batch", "number of paths (10000)"},
    {SEED, "seed", "SEED", "batch run", "seed of the random streams; none: draw one and say it"},
    {JOBS, "jobs", "N", "batch", "threads (all processors); results do not depend on it"},
    {OUTPUT, "output", "DIR", "batch", "write a result directory with tables and figures"},
    {PATH, "path", "K", "run", "which path of the seed to follow (0)"},
    {SET, "set", "KEY=VALUE[UNIT]", "batch run check",
     "override a key of the scenario; repeatable"},
    {JSON, "json", NULL, "batch run check models", "print JSON"},
    {SHOW, "show", NULL, "check", "print every resolved key with its unit and origin"},
    {OUTCOMES, "outcomes", NULL, "batch", "also write outcomes.csv, one row per path (with -o)"},
    {FORMAT, "format", "LIST", "batch plot", "figure formats, of svg,png,pdf (all)"},
    {NO_PLOT, "no-plot", NULL, "batch", "write the figures' scripts but do not draw them"},
    {ALLOW_CROSSED, "allow-crossed", NULL, "batch run check",
     "accept levels on the wrong side of the price; they fire at time zero"},
    {MAX_EVENTS, "max-events", "N", "batch run", "cut a path off after N events (10000000)"},
    {FORCE, "force", NULL, "batch plot", "overwrite an earlier result, or edited scripts"},
    {QUIET, "quiet", NULL, "*", "no progress and no remarks on standard error"},
    {HELP, "help", NULL, "*", "this text"},
    {VERSION_OPTION, "version", NULL, "*", "version of the program"},
};
enum { TABLE_COUNT = sizeof TABLE / sizeof TABLE[0] };

static bool takes(const struct option_row *row, const struct sqz_command *command)
{
    if (row->commands[0] == '*')
        return true;
    if (command == NULL)
        return false;
    const char *found = strstr(row->commands, command->name);
    size_t length = strlen(command->name);
    return found != NULL && (found[length] == ' ' || found[length] == '\0') &&
           (found == row->commands || found[-1] == ' ');
}

const struct sqz_command *sqz_command_find(const char *name)
{
    for (const struct sqz_command *command = sqz_commands; command->name != NULL; command++)
        if (strcmp(command->name, name) == 0)
            return command;
    return NULL;
}

/* ---- parsing ------------------------------------------------------------------------------- */

static int parse_count(const char *name, const char *text, uint64_t least, uint64_t *value,
                       struct sqz_diag *diag)
{
    char *end;
    errno = 0;
    unsigned long long number = strtoull(text, &end, 10);
    if (end == text || *end != '\0' || text[0] == '-' || errno != 0 || number < least)
        return sqz_fail_at(diag, SQZ_ERR_USAGE, NULL, 0, name,
                           "'%s' is not a whole number of at least %llu", text,
                           (unsigned long long)least);
    *value = number;
    return SQZ_OK;
}

static int parse_formats(const char *text, int *formats, struct sqz_diag *diag)
{
    static const struct {
        const char *name;
        int format;
    } KNOWN[] = {{"svg", SQZ_PLOT_SVG}, {"png", SQZ_PLOT_PNG}, {"pdf", SQZ_PLOT_PDF}};
    *formats = 0;
    while (*text != '\0') {
        size_t length = strcspn(text, ","), i = 0;
        while (i < 3 && (strlen(KNOWN[i].name) != length || strncmp(KNOWN[i].name, text, length)))
            i++;
        if (i == 3)
            return sqz_fail_at(diag, SQZ_ERR_USAGE, NULL, 0, "--format",
                               "'%.*s' is not a format; expected svg, png or pdf", (int)length,
                               text);
        *formats |= KNOWN[i].format;
        text += length + (text[length] == ',');
    }
    return SQZ_OK;
}

static int add_set(struct sqz_options *options, const char *assignment, struct sqz_diag *diag)
{
    if (options->n_set == SQZ_CLI_SET_MAX)
        return sqz_fail_at(diag, SQZ_ERR_USAGE, NULL, 0, "--set", "given more than %d times",
                           SQZ_CLI_SET_MAX);
    options->set[options->n_set++] = assignment;
    return SQZ_OK;
}

static int apply(struct sqz_options *options, int code, const char *argument, struct sqz_diag *diag)
{
    uint64_t jobs;
    int error;
    switch (code) {
    case PATHS:
        return parse_count("--paths", argument, 1, &options->paths, diag);
    case SEED:
        options->seed_given = true;
        return parse_count("--seed", argument, 0, &options->seed, diag);
    case JOBS:
        error = parse_count("--jobs", argument, 1, &jobs, diag);
        options->jobs = jobs < 1024 ? (int)jobs : 1024;
        return error;
    case PATH:
        return parse_count("--path", argument, 0, &options->path, diag);
    case MAX_EVENTS:
        return parse_count("--max-events", argument, 1, &options->max_events, diag);
    case FORMAT:
        return parse_formats(argument, &options->formats, diag);
    case SET:
        return add_set(options, argument, diag);
    case OUTPUT:
        options->output = argument;
        return SQZ_OK;
    default:
        break;
    }
    bool *flag[] = {[JSON - SET] = &options->json,
                    [FORCE - SET] = &options->force,
                    [SHOW - SET] = &options->show,
                    [OUTCOMES - SET] = &options->outcomes,
                    [NO_PLOT - SET] = &options->no_plot,
                    [ALLOW_CROSSED - SET] = &options->allow_crossed,
                    [VERSION_OPTION - SET] = &options->version};
    *(code == QUIET ? &options->quiet : code == HELP ? &options->help : flag[code - SET]) = true;
    return SQZ_OK;
}

static void set_defaults(struct sqz_options *options, int argc, char **argv)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    memset(options, 0, sizeof *options);
    options->paths = DEFAULT_PATHS;
    options->max_events = DEFAULT_MAX_EVENTS;
    options->jobs = processors > 0 ? (int)processors : 1;
    options->formats = SQZ_PLOT_SVG | SQZ_PLOT_PNG | SQZ_PLOT_PDF;
    options->argc = argc;
    options->argv = argv;
}

/* The long options for getopt and its string of short ones, both from the table. */
static void build_getopt(struct option longs[TABLE_COUNT + 1], char *shorts)
{
    *shorts++ = ':'; /* report a missing argument apart from an unknown option */
    for (int i = 0; i < TABLE_COUNT; i++) {
        int argument = TABLE[i].argument != NULL ? required_argument : no_argument;
        longs[i] = (struct option){TABLE[i].name, argument, NULL, TABLE[i].code};
        if (TABLE[i].code <= CHAR_MAX) {
            *shorts++ = (char)TABLE[i].code;
            if (argument == required_argument)
                *shorts++ = ':';
        }
    }
    longs[TABLE_COUNT] = (struct option){0};
    *shorts = '\0';
}

static const struct option_row *row_of(int code)
{
    for (int i = 0; i < TABLE_COUNT; i++)
        if (TABLE[i].code == code)
            return &TABLE[i];
    return NULL;
}

static int fail_unknown(const struct sqz_command *command, const char *word, struct sqz_diag *diag)
{
    const char *name = word + strspn(word, "-");
    struct sqz_nearest nearest = sqz_nearest_begin(name);
    for (int i = 0; i < TABLE_COUNT; i++)
        if (takes(&TABLE[i], command))
            sqz_nearest_offer(&nearest, TABLE[i].name);
    return sqz_fail_at(diag, SQZ_ERR_USAGE, NULL, 0, word, "unknown option%s",
                       sqz_nearest_hint(&nearest));
}

static int parse_option(struct sqz_options *options, const struct sqz_command *command, int code,
                        char *word, struct sqz_diag *diag)
{
    if (code == ':')
        return sqz_fail_at(diag, SQZ_ERR_USAGE, NULL, 0, word, "needs a value");
    if (code == '?')
        return fail_unknown(command, word, diag);
    const struct option_row *row = row_of(code);
    if (!takes(row, command))
        return sqz_fail_at(diag, SQZ_ERR_USAGE, NULL, 0, row->name,
                           "is not an option of squeeze%s%s; it belongs to: %s",
                           command != NULL ? " " : "", command != NULL ? command->name : "",
                           row->commands);
    return apply(options, code, optarg, diag);
}

static int check_operands(const struct sqz_options *options, const struct sqz_command *command,
                          struct sqz_diag *diag)
{
    if (options->help || options->version || command == NULL)
        return SQZ_OK;
    if (options->n_operands < command->least_operands)
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
    struct option longs[TABLE_COUNT + 1];
    char shorts[2 * TABLE_COUNT + 2];
    set_defaults(options, argc, argv);
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

/* ---- help ---------------------------------------------------------------------------------- */

static void print_options(const struct sqz_command *command)
{
    for (int i = 0; i < TABLE_COUNT; i++) {
        const struct option_row *row = &TABLE[i];
        if (!takes(row, command))
            continue;
        char left[64], letter[8] = "    ";
        if (row->code <= CHAR_MAX)
            snprintf(letter, sizeof letter, "-%c, ", row->code);
        snprintf(left, sizeof left, "%s--%s%s%s", letter, row->name,
                 row->argument != NULL ? " " : "", row->argument != NULL ? row->argument : "");
        printf("  %-28s %s\n", left, row->doc);
    }
}

void sqz_help_print(const struct sqz_command *command)
{
    if (command != NULL) {
        printf("squeeze %s%s%s: %s\n\n", command->name, command->operands[0] != '\0' ? " " : "",
               command->operands, command->doc);
        print_options(command);
        printf("\nExample: %s\n", command->example);
        return;
    }
    puts("squeeze: what a liquidation map implies, with error bars\n");
    for (const struct sqz_command *each = sqz_commands; each->name != NULL; each++) {
        char left[48];
        snprintf(left, sizeof left, "%s %s", each->name, each->operands);
        printf("  squeeze %-22s %s\n", left, each->doc);
    }
    puts("\nOptions of a command: squeeze help COMMAND. Data go to standard output, words to\n"
         "standard error.\n\n"
         "Exit status: 0 done, 1 input/output or memory failed, 2 wrong command line, 3 invalid\n"
         "scenario or data, 4 done but some paths were cut off, 130 interrupted.\n\n"
         "Example: squeeze batch scenarios/a-wall-14to1-discounted.csv -n 20000 -s 1 -o result");
}
