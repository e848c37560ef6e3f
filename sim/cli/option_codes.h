/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What tells the options of the table apart: a letter, or a number where there is none. */
#ifndef SQZ_CLI_OPTION_CODES_H
#define SQZ_CLI_OPTION_CODES_H

enum sqz_option_code {
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
    LEVELS,
    POSITIONS,
    TARGET,
    FLOOR,
    HORIZON,
    NAME,
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
    VERSION_OPTION,
    CODES_END
};

enum { SQZ_OPTIONS = 6 + CODES_END - SET }; /* rows of the table: letters and numbers */

#endif
