/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The command line: one table of options, one of commands. */
#ifndef SQZ_CLI_OPTIONS_H
#define SQZ_CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/core/error.h"

enum { SQZ_CLI_SET_MAX = 64, SQZ_CLI_VARY_MAX = 2, SQZ_CLI_INCLUDE_MAX = 8 };

/* Which way squeeze ignite looks. */
enum sqz_towards { SQZ_TOWARDS_ANY, SQZ_TOWARDS_UP, SQZ_TOWARDS_DOWN };

struct sqz_command;

struct sqz_options {
    uint64_t paths, seed, path, max_events;
    bool seed_given, paths_given;
    int jobs, formats;
    double scale_bp, over_s; /* over_s NAN: not given */
    double width_mm;         /* of figures; 0: as their scripts say */
    enum sqz_towards towards;
    const char *output;
    const char *venue;                               /* NULL: the default */
    double price_usd, scale_total_usd, scale_oi_usd; /* of an import; NAN: not given */
    const char *columns, *symbol;                    /* the same; NULL: not given */
    const char *horizons, *scales;                   /* of a score; NULL: not given */
    const char *include[SQZ_CLI_INCLUDE_MAX];        /* rows of a market, of a score or an init */
    size_t n_include;
    const char *levels, *positions, *target, *floor, *horizon, *name; /* of an init; the same */
    const char *depth, *trades, *events, *funding; /* files, of a calibrate; the same */
    const char *mix, *buffer, *maintenance, *exit_hazard, *open_share, *bin,
        *at;                             /* of a build-map */
    const char *every;                   /* rows of a replay; the same */
    const char *record;                  /* file of recorded prices; NULL: not given */
    const char *resume, *extend, *shard; /* of a batch: DIR, DIR, K/N or auto; NULL */
    double checkpoint_s;                 /* between records of what is done */
    char **merged;                       /* directories whose paths are merged */
    int n_merged;                        /* 0: none */
    bool scale_standstill, raw_usd, side_from_price;
    const char *set[SQZ_CLI_SET_MAX];
    size_t n_set;
    const char *vary[SQZ_CLI_VARY_MAX];
    size_t n_vary, refine; /* refine: points to be added; 0: none */
    bool json, csv, force, quiet, show, strict, outcomes, no_plot, allow_crossed, no_attribution,
        tornado, explain, rearm, on_top, man, completion, help, version;
    const struct sqz_command *command; /* NULL: none was named */
    char **operand;                    /* what is left after the options; not owned */
    int n_operands;
    int argc; /* the whole command line, for the manifest */
    char *const *argv;
};

struct sqz_command {
    const char *name, *operands, *doc;
    const char *example;
    int (*run)(const struct sqz_options *options, struct sqz_diag *diag);
    int least_operands, most_operands;
};

extern const struct sqz_command sqz_commands[]; /* name NULL ends it */

/* An option: what it is called, which commands take it (names, or "*" for all), what it does. */
struct sqz_option_row {
    int code; /* its short letter if it fits a char */
    const char *name, *argument, *commands, *doc;
};
extern const struct sqz_option_row sqz_option_table[]; /* name NULL ends it */

/* Whether `command` takes the option; NULL stands for no command. */
bool sqz_option_taken(const struct sqz_option_row *row, const struct sqz_command *command);

const struct sqz_command *sqz_command_find(const char *name);
/* Say that there is no such command, or not yet; returns SQZ_ERR_USAGE. */
int sqz_command_unknown(const char *name, struct sqz_diag *diag);

/* Parse argv[1..] for `command` (NULL: none was named). Sets defaults first. */
int sqz_options_parse(struct sqz_options *options, const struct sqz_command *command, int argc,
                      char **argv, struct sqz_diag *diag);

#endif
