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

#include "sim/cli/option_values.h"
#include "sim/io/nearest.h"
#include "sim/plot/plot.h"

/* More paths than this would take a thousand years; counts stay far from overflow. */
static const uint64_t PATHS_MAX = 1000000000000000, JOBS_MAX = 1024, REFINE_MAX = 1000;

static const uint64_t DEFAULT_PATHS = 10000, DEFAULT_MAX_EVENTS = 10000000;

static const double DEFAULT_CHECKPOINT_S = 10, CHECKPOINT_MAX_S = 1e6;

static const double DEFAULT_SCALE_BP = 50, SCALE_MAX_BP = 1e4, DECAY_MAX_S = 1e12;

enum option_code {
    PATHS = 'n',
    SEED = 's',
    JOBS = 'j',
    OUTPUT = 'o',
    QUIET = 'q',
    HELP = 'h',
    SET = 256,
    JSON,
    CSV,
    FORCE,
    PATH,
    SHOW,
    STRICT,
    OUTCOMES,
    FORMAT,
    WIDTH,
    NO_PLOT,
    ALLOW_CROSSED,
    MAX_EVENTS,
    NO_ATTRIBUTION,
    VARY,
    TORNADO,
    REFINE,
    SCALE_BP,
    SIDE,
    WITH_DECAY,
    VENUE,
    PRICE,
    RECORD,
    HORIZONS,
    SCALES,
    INCLUDE,
    RESUME,
    CONTINUE,
    SHARD,
    CHECKPOINT,
    COLUMNS,
    SYMBOL,
    SCALE_TOTAL,
    SCALE_OI,
    SCALE_STANDSTILL,
    RAW_USD,
    SIDE_FROM_PRICE,
    MAN,
    COMPLETION,
    VERSION_OPTION
};

const struct sqz_option_row sqz_option_table[] = {
    {PATHS, "paths", "N", "batch compare sweep bound score",
     "number of paths (10000; score: 400 for each map); also as 1e5 or 100k"},
    {SEED, "seed", "SEED", "batch compare sweep bound score run",
     "seed of the random streams; none: draw one and say it"},
    {JOBS, "jobs", "N", "batch compare sweep bound score",
     "threads (all processors); results do not depend on it"},
    {OUTPUT, "output", "DIR", "batch compare merge sweep bound score map ignite import",
     "write a result directory with tables and figures (import: a CSV file; of a history a "
     "folder)"},
    {PATH, "path", "K", "run", "which path of the seed to follow (0)"},
    {SET, "set", "KEY=VALUE[UNIT]",
     "batch compare sweep bound score map ignite run check margin import",
     "override a key of the scenario (margin: set a key venue.*; import: book.* and volatility of "
     "the market whose standstill scale is said); repeatable; a number without a "
     "unit has that of the "
     "scenario's row for the key, or the key's own where there is no row"},
    {JSON, "json", NULL,
     "batch compare merge sweep bound score map ignite run check margin models import",
     "print JSON"},
    {CSV, "csv", NULL, "margin", "print CSV, a row for each position, in place of the table"},
    {SHOW, "show", NULL, "check", "print every resolved key with its unit and origin"},
    {STRICT, "strict", NULL, "check",
     "fail (exit status 3) where there is a remark: input that is legal but can hardly be meant"},
    {RESUME, "resume", "DIR", "batch compare",
     "go on with the result DIR where an earlier run was ended or killed; begins it where there is "
     "none. Without SCENARIO the earlier command line is taken"},
    {CONTINUE, "continue", "DIR", "batch compare",
     "add paths to the finished result DIR, up to --paths"},
    {SHARD, "shard", "K/N", "batch compare",
     "run the K-th of N parts of the paths, for squeeze merge (with -o and -s); auto: which one is "
     "told by an array job of Slurm, auto/N: or by GNU parallel"},
    {CHECKPOINT, "checkpoint", "SECONDS", "batch compare",
     "with -o, keep what is done once in so many seconds (10) beside DIR, for --resume"},
    {OUTCOMES, "outcomes", NULL, "batch", "also write outcomes.csv, one row per path (with -o)"},
    {FORMAT, "format", "LIST", "batch compare merge sweep bound score map ignite plot",
     "figure formats, one or more of svg,png,pdf (svg)"},
    {WIDTH, "width", "WIDTH", "batch compare merge sweep bound score map ignite plot",
     "of the figures, in mm or px (a paper's column: 85mm, its page: 175mm, a telephone: 390px)"},
    {NO_PLOT, "no-plot", NULL, "batch compare merge sweep bound score map ignite",
     "write the figures' scripts but do not draw them"},
    {ALLOW_CROSSED, "allow-crossed", NULL, "batch compare sweep bound score map ignite run check",
     "accept levels on the wrong side of the price; they fire at time zero"},
    {MAX_EVENTS, "max-events", "N", "batch compare sweep bound score run",
     "cut a path off after N events (10000000)"},
    {NO_ATTRIBUTION, "no-attribution", NULL, "batch compare run",
     "do not follow each path without impact too: faster, no uplift by liquidations, and other "
     "draws"},
    {VARY, "vary", "KEY=LO:HI:N[:log]", "sweep",
     "vary a numeric key over N values from LO to HI, twice for a grid; ends without a unit have "
     "that of the scenario's row; rows are the base, pooled "
     "over "
     "all rows' paths, plus their paired difference to it"},
    {REFINE, "refine", "N", "sweep",
     "then add N values where the answer changes most, one by one, each halfway across the "
     "steepest interval; with one --vary"},
    {TORNADO, "tornado", NULL, "sweep",
     "vary one condition at a time instead: liquidity, macro, sentiment, timing, map scale"},
    {SCALE_BP, "scale-bp", "N", "map", "width of the branching ratio's window, in bp (50)"},
    {SIDE, "side", "up|down", "ignite",
     "towards the watched price on that side (the target, or else the floor)"},
    {WITH_DECAY, "with-decay", "SECONDS", "ignite",
     "also the paced order (TWAP) that does it over that time, in child orders a slice.interval "
     "apart (at most 1000), while the book recovers"},
    {VENUE, "venue", "NAME", "margin", "whose rules of margin hold (full); see squeeze models"},
    {PRICE, "price", "USD", "import", "price of the market when the map was made"},
    {RECORD, "record", "BARS", "bound score import",
     "recorded prices, CSV time,open_usd,high_usd,low_usd,close_usd (import: of which the price of "
     "a "
     "map is the open of the first bar from its time on)"},
    {HORIZONS, "horizons", "LIST", "score", "times ahead (1h,4h,24h)"},
    {SCALES, "scale", "LIST", "score", "of every notional of the maps (0.1,1,10)"},
    {INCLUDE, "include", "FILE", "score",
     "the market: a scenario's rows for book and drivers, key,value,unit; book.depth is required, "
     "here or by --set"},
    {COLUMNS, "columns", "NAME=COLUMN,...", "import",
     "what columns of a table are called: price=px,notional=usd,side=dir,leverage=lev,time=t"},
    {SYMBOL, "symbol", "NAME", "import", "the market that is meant, of a file that holds several"},
    {SIDE_FROM_PRICE, "side-from-price", NULL, "import",
     "shorts are what lies above the price and longs what lies below, whatever the file says"},
    {SCALE_TOTAL, "scale-total", "USD", "import",
     "multiply a map so that its shorts and longs together are worth as much"},
    {SCALE_OI, "scale-oi", "USD", "import",
     "multiply a map so that its larger side is worth the open interest, of which every contract "
     "has one long and one short"},
    {SCALE_STANDSTILL, "scale-standstill", NULL, "import",
     "multiply a map by its standstill scale, the largest at which it could stand"},
    {RAW_USD, "raw-usd", NULL, "import",
     "take the provider's dollars for dollars; a modelled map needs this or another scale"},
    {FORCE, "force", NULL, "batch compare merge sweep bound score map ignite plot import",
     "overwrite an earlier result of squeeze, or edited scripts (import: a file)"},
    {QUIET, "quiet", NULL, "*", "no progress and no remarks on standard error"},
    {HELP, "help", NULL, "*", "this text"},
    {MAN, "man", NULL, "help", "print the manual page of the program, or of COMMAND, for man"},
    {COMPLETION, "completion", NULL, "help", "print completions, for bash"},
    {VERSION_OPTION, "version", NULL, "*", "version of the program"},
    {0},
};
enum { TABLE_COUNT = sizeof sqz_option_table / sizeof sqz_option_table[0] - 1 };

bool sqz_option_taken(const struct sqz_option_row *row, const struct sqz_command *command)
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
    return code == VENUE      ? &options->venue
           : code == RECORD   ? &options->record
           : code == HORIZONS ? &options->horizons
           : code == SCALES   ? &options->scales
           : code == INCLUDE  ? &options->include
           : code == RESUME   ? &options->resume
           : code == CONTINUE ? &options->extend
           : code == SHARD    ? &options->shard
           : code == COLUMNS  ? &options->columns
           : code == SYMBOL   ? &options->symbol
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
    for (int i = 0; i < TABLE_COUNT; i++)
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
static void build_getopt(struct option longs[TABLE_COUNT + 1], char *shorts)
{
    *shorts++ = ':'; /* report a missing argument apart from an unknown option */
    for (int i = 0; i < TABLE_COUNT; i++) {
        int argument = sqz_option_table[i].argument != NULL ? required_argument : no_argument;
        longs[i] =
            (struct option){sqz_option_table[i].name, argument, NULL, sqz_option_table[i].code};
        if (sqz_option_table[i].code <= CHAR_MAX) {
            *shorts++ = (char)sqz_option_table[i].code;
            if (argument == required_argument)
                *shorts++ = ':';
        }
    }
    longs[TABLE_COUNT] = (struct option){0};
    *shorts = '\0';
}

static int fail_unknown(const struct sqz_command *command, const char *word, struct sqz_diag *diag)
{
    const char *name = word + strspn(word, "-");
    struct sqz_nearest nearest = sqz_nearest_begin(name);
    for (int i = 0; i < TABLE_COUNT; i++)
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
    struct option longs[TABLE_COUNT + 1];
    char shorts[2 * TABLE_COUNT + 2];
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
