/* SPDX-License-Identifier: GPL-3.0-or-later */
/* squeeze as a library: load a scenario, run paths, read what they say; margin prices of positions.
 *
 * Rules for all functions
 *
 * Errors. What can fail returns SQZ_CODE_OK or one of the negative codes, and then fills the
 * caller's sqz_failure, which may be NULL. A function that makes a handle sets it to NULL first.
 *
 * Ownership. What a function makes is freed by the function named beside it, which takes NULL too.
 * What is handed in is copied or read before the function returns. Texts and structs that a handle
 * shows (const pointers) live as long as the handle.
 *
 * Threads. Different handles are independent. One handle may be used by several threads at a time,
 * as nothing but its free function changes it.
 *
 * The host. No signal handler, locale, umask, environment or error handler of GSL is changed, and
 * any of them may be in force. Nothing is printed. Nothing is read but the files that are asked
 * for. Callbacks must not throw or jump out.
 *
 * Units. USD, seconds, shares of 1; a number that does not apply is NAN.
 *
 * Input structs. Zero them, set `size` to their size, then what is needed: later versions may add
 * members at the end, and 0 means what it means now. All other structs stay as they are as long as
 * SQZ_VERSION_ABI does.
 *
 * Results for a seed are the same at any number of threads, and those of the program `squeeze`. */
#ifndef SQUEEZE_SQUEEZE_H
#define SQUEEZE_SQUEEZE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define SQZ_PUBLIC __attribute__((visibility("default")))
#else
#define SQZ_PUBLIC
#endif

/* ---- version ------------------------------------------------------------------------------- */

#define SQZ_VERSION_MAJOR 0
#define SQZ_VERSION_MINOR 1
#define SQZ_VERSION_PATCH 0
/* To be compared: 1002003 is 1.2.3. */
#define SQZ_VERSION_NUMBER                                                                         \
    (SQZ_VERSION_MAJOR * 1000000 + SQZ_VERSION_MINOR * 1000 + SQZ_VERSION_PATCH)
/* Of the shared library: libsqueeze.so.0. */
#define SQZ_VERSION_ABI 0

/* SQZ_VERSION_NUMBER of the library that runs, and the same as a text, "1.2.3". */
SQZ_PUBLIC int sqz_version_number(void);
SQZ_PUBLIC const char *sqz_version_text(void);

/* ---- errors -------------------------------------------------------------------------------- */

/* Never renumbered. */
enum sqz_code {
    SQZ_CODE_OK = 0,
    SQZ_CODE_IO = -1,          /* the system refused something other than an input file */
    SQZ_CODE_MEMORY = -2,      /* no memory */
    SQZ_CODE_USAGE = -3,       /* something is asked for that does not exist */
    SQZ_CODE_DATA = -4,        /* a scenario or a file of it is invalid, or cannot be read */
    SQZ_CODE_UNSUPPORTED = -5, /* valid, and not yet supported by this version */
    SQZ_CODE_CANCELLED = -6,   /* the caller wanted no more paths */
    SQZ_CODE_LIMIT = -7        /* some paths were cut off at max_events */
};

/* Where an error is and what it is; "" and 0 where there is none. */
typedef struct sqz_failure {
    int code;          /* enum sqz_code */
    long line;         /* of the file, from 1; of an array its element, from 1 */
    char file[512];    /* as it was named; "levels" or "positions" for an array of the input,
                          "settings" for its settings */
    char field[96];    /* key or column, or member of an input struct */
    char message[512]; /* one sentence, no final full stop */
} sqz_failure;

/* Write "file:line: field: message" into `text` of `size` bytes, leaving out what there is not. */
SQZ_PUBLIC void sqz_failure_text(const sqz_failure *failure, char *text, size_t size);

/* Free a text that a function of this header made. */
SQZ_PUBLIC void sqz_string_free(char *text);

/* ---- what a host hands in ------------------------------------------------------------------ */

enum sqz_closed_side { SQZ_SIDE_SHORT = 0, SQZ_SIDE_LONG = 1 };

/* A liquidation level: `notional_usd` of positions on `side` is closed at `price_usd`. */
typedef struct sqz_level_input {
    int side; /* enum sqz_closed_side */
    double price_usd, notional_usd;
    double leverage; /* for figures alone; 0: not told */
} sqz_level_input;

/* An open position. Numbers that are 0 or NAN, and texts that are NULL, are not told; columns that
 * are missing here a text of `files` may have (models/venues/README.md). */
typedef struct sqz_position_input {
    int side;    /* enum sqz_closed_side */
    int cross;   /* 0: isolated margin; else cross margin, of `account` */
    int inverse; /* 0: linear contract; else inverse, margined in coin */
    double entry_usd, quantity, leverage;
    double margin_usd; /* instead of entry value over leverage */
    double equity_usd; /* of the account, at mark_usd */
    double mark_usd;
    const char *account, *symbol;
} sqz_position_input;

/* A file in memory: `name` is what a scenario names it by, the first of its name is taken. */
typedef struct sqz_text_input {
    const char *name, *text;
    size_t length; /* bytes */
} sqz_text_input;

/* ---- scenarios ----------------------------------------------------------------------------- */

/* A scenario, loaded, checked and ready to run. */
typedef struct sqz_case sqz_case;

typedef struct sqz_case_input {
    size_t size;
    /* The scenario: a file, or one of `files`. Names in it are relative to its folder. */
    const char *path;
    /* "key=value unit" each, in place of what the scenario says; relative names in them are
     * relative to the working directory. */
    const char *const *settings;
    size_t n_settings;
    /* In place of the file that the scenario names as levels, or positions; one of both. */
    const sqz_level_input *levels;
    size_t n_levels;
    const sqz_position_input *positions;
    size_t n_positions;
    /* Looked up before the disk. */
    const sqz_text_input *files;
    size_t n_files;
    int allow_crossed;  /* 0: a level beyond the start price is an error; else it fires at once */
    int no_attribution; /* 0: every path is also followed without impact, which gives
                           probability_without_impact, uplift and cascades; else it is not, which
                           takes about half the time and draws other paths */
} sqz_case_input;

/* Load a scenario. Free with sqz_case_free. */
SQZ_PUBLIC int sqz_case_load(const sqz_case_input *input, sqz_case **loaded, sqz_failure *failure);
SQZ_PUBLIC void sqz_case_free(sqz_case *loaded);

/* A remark: what of the input is legal but can hardly be meant, or changes what an answer means. */
typedef struct sqz_remark_note {
    const char *code; /* a stable word */
    const char *file, *key, *text;
    long line;
    size_t count; /* places of the kind; this is the first */
} sqz_remark_note;

/* How many remarks there are, and remark `index`, from 0: SQZ_CODE_USAGE if there is none. */
SQZ_PUBLIC size_t sqz_case_remarks(const sqz_case *loaded);
SQZ_PUBLIC int sqz_case_remark(const sqz_case *loaded, size_t index, sqz_remark_note *note);

/* ---- many paths ---------------------------------------------------------------------------- */

/* What a batch of paths has answered. Needs its case no more. */
typedef struct sqz_answer sqz_answer;

typedef struct sqz_batch_input {
    size_t size;
    uint64_t paths, seed;
    int threads;         /* 0: as many as there are processors */
    uint64_t max_events; /* after which a path is cut off; 0: 10 million */
    /* Called after every few hundred paths, by any of the batch's threads, by one at a time; other
     * than 0 ends the batch. May be NULL. */
    int (*progress)(void *context, uint64_t done, uint64_t all);
    void *context;
} sqz_batch_input;

/* Run paths 0 to `paths` - 1. With SQZ_CODE_CANCELLED there is an answer of the paths that were
 * complete, unless there are none; with SQZ_CODE_LIMIT there is one too. Free with
 * sqz_answer_free. */
SQZ_PUBLIC int sqz_case_batch(const sqz_case *loaded, const sqz_batch_input *input,
                              sqz_answer **answer, sqz_failure *failure);
SQZ_PUBLIC void sqz_answer_free(sqz_answer *answer);

/* A number with its standard error and 95 % interval; NAN where it has none. */
typedef struct sqz_value {
    double value, se, lo, hi;
} sqz_value;

/* One result by its name, which is its place in the JSON: "paths", "target.probability",
 * "target.probability_without_impact", "target.uplift", "target.time_s.p50", "floor.probability",
 * "forced_usd.mean", "forced_usd.induced", "peak_usd.p95", "cascade.probability",
 * "endogenous_share", "drivers.venue.fund", ... SQZ_CODE_USAGE, with what there is, if there is
 * none: "target" is there only where the scenario has one. */
SQZ_PUBLIC int sqz_answer_value(const sqz_answer *answer, const char *name, sqz_value *value,
                                sqz_failure *failure);

/* All of it, as `squeeze batch --json` prints it (schema squeeze/batch-1). Free with
 * sqz_string_free. */
SQZ_PUBLIC int sqz_answer_json(const sqz_answer *answer, char **text, sqz_failure *failure);

/* The remarks of the case, and what the paths add to them. */
SQZ_PUBLIC size_t sqz_answer_remarks(const sqz_answer *answer);
SQZ_PUBLIC int sqz_answer_remark(const sqz_answer *answer, size_t index, sqz_remark_note *note);

/* ---- one path ------------------------------------------------------------------------------ */

enum sqz_path_event_kind {
    SQZ_PATH_START = 0,
    SQZ_PATH_LIQUIDATION = 1, /* of a level or a position; filled later if fill_usd is NAN */
    SQZ_PATH_FILL = 2,        /* a forced order that took time, or a part of it */
    SQZ_PATH_DELEVERAGE = 3,  /* of a bankrupt position, against other accounts */
    SQZ_PATH_ORDER = 4,       /* market order of a driver; SQZ_SIDE_SHORT: it buys */
    SQZ_PATH_JUMP = 5,        /* of the exogenous price, by a driver */
    SQZ_PATH_CHANGE = 6,      /* of volatility or depth, by a driver */
    SQZ_PATH_TARGET = 7,      /* touched for the first time */
    SQZ_PATH_FLOOR = 8,
    SQZ_PATH_HORIZON = 9 /* the end */
};

typedef struct sqz_path_event {
    int kind; /* enum sqz_path_event_kind; later versions may add some */
    int side; /* enum sqz_closed_side, of what is traded */
    double time_s;
    double price_usd, exogenous_usd; /* after the event; exogenous: as it would be without impact */
    double notional_usd, fill_usd;   /* of a trade: its size and its average price; else NAN */
    double jump_log;                 /* of a jump; else NAN */
    int generation;     /* of a liquidation or a fill: 0 if the path forced it without impact of
                           others, else by how many before it; -1: not attributed */
    uint64_t family;    /* of the same: those that descend from one share a number */
    uint32_t row;       /* of the positions, from 1; 0: of none */
    const char *driver; /* its name, for the length of the call; NULL: no driver */
} sqz_path_event;

/* What a path ended as. Times are NAN where a price was not touched or is not watched. */
typedef struct sqz_path_summary {
    double final_usd, peak_usd, trough_usd;
    double forced_short_usd, forced_long_usd; /* by the side that was closed */
    uint64_t short_liquidations, long_liquidations;
    double target_time_s, floor_time_s;
    int beyond_known_depth; /* orders carried the price beyond where depth is known */
} sqz_path_summary;

typedef struct sqz_path_input {
    size_t size;
    uint64_t seed, path; /* the number of a path in a batch, from 0 */
    uint64_t max_events; /* as in sqz_batch_input */
    void (*event)(void *context, const sqz_path_event *event); /* in order; may be NULL */
    void *context;
} sqz_path_input;

/* Run one path again, just as it was in a batch with this seed. `end` may be NULL. With
 * SQZ_CODE_LIMIT the path was cut off, and `end` is where. */
SQZ_PUBLIC int sqz_case_path(const sqz_case *loaded, const sqz_path_input *input,
                             sqz_path_summary *end, sqz_failure *failure);

/* ---- margin -------------------------------------------------------------------------------- */

/* Positions at a venue, and at which prices they are liquidated. */
typedef struct sqz_holdings sqz_holdings;

typedef struct sqz_holdings_input {
    size_t size;
    const char *venue;           /* NULL: "full" */
    const char *const *settings; /* "venue.key=value unit" each */
    size_t n_settings;
    /* One of both: a file of positions (which may be one of `files`), or an array. */
    const char *path;
    const sqz_position_input *positions;
    size_t n_positions;
    const sqz_text_input *files; /* looked up before the disk */
    size_t n_files;
} sqz_holdings_input;

/* Compute every position. Free with sqz_holdings_free. */
SQZ_PUBLIC int sqz_holdings_load(const sqz_holdings_input *input, sqz_holdings **holdings,
                                 sqz_failure *failure);
SQZ_PUBLIC void sqz_holdings_free(sqz_holdings *holdings);

/* What `squeeze margin` says of a position. */
typedef struct sqz_margin_price {
    int side;                /* enum sqz_closed_side */
    double entry_usd;        /* NAN: the row is no position, and all below is NAN */
    double liquidation_usd;  /* NAN: no price liquidates it */
    double bankruptcy_usd;   /* NAN: no price takes all of its margin */
    double maintenance_usd;  /* at the liquidation price, or else at the mark or the entry */
    double distance_percent; /* from the entry to the liquidation price, above 0 where it loses */
    double mark_usd, distance_from_mark_percent;
    double tier;         /* of margin, from 1; NAN: there are none */
    const char *account; /* "": none was named */
} sqz_margin_price;

/* Rows, in the order of the input, and row `index`, from 0: SQZ_CODE_USAGE if there is none. */
SQZ_PUBLIC size_t sqz_holdings_rows(const sqz_holdings *holdings);
SQZ_PUBLIC int sqz_holdings_price(const sqz_holdings *holdings, size_t index,
                                  sqz_margin_price *price);

/* All of it, as `squeeze margin --json` prints it (schema squeeze/margin-1). Free with
 * sqz_string_free. */
SQZ_PUBLIC int sqz_holdings_json(const sqz_holdings *holdings, char **text, sqz_failure *failure);

SQZ_PUBLIC size_t sqz_holdings_remarks(const sqz_holdings *holdings);
SQZ_PUBLIC int sqz_holdings_remark(const sqz_holdings *holdings, size_t index,
                                   sqz_remark_note *note);

#ifdef __cplusplus
}
#endif

#endif
