/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Other people's maps, positions, margin tiers, bars and books: what the formats are, and what is
 * read from them. `squeeze import` makes files of it that the program reads itself.
 *
 * A format is a name, a line of documentation, a detector and a reader: to add one, write them in
 * the file of its family (import_maps.c, import_hyperliquid.c, import_tables.c, import_positions.c,
 * import_tiers.c, import_bars.c, import_depth.c) and give it a row in that file's list of formats.
 */
#ifndef SQZ_IO_IMPORT_H
#define SQZ_IO_IMPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "sim/core/error.h"
#include "sim/core/model.h"
#include "sim/io/payload.h"
#include "sim/io/remarks.h"

/* What is made of a format. */
enum sqz_import_kind {
    SQZ_IMPORT_LEVELS,
    SQZ_IMPORT_POSITIONS,
    SQZ_IMPORT_TIERS,
    SQZ_IMPORT_BARS,
    SQZ_IMPORT_DEPTH
};

/* "levels", "positions", "tiers", "bars", "depth". */
extern const char *const sqz_import_kind_name[];

/* An array of one type that grows. Zero-initialise but for `size`. */
struct sqz_rows {
    void *item;
    size_t count, capacity;
    size_t size; /* of an item */
};

/* A zeroed item at the end; NULL: no memory. */
void *sqz_rows_add(struct sqz_rows *rows);
void sqz_rows_free(struct sqz_rows *rows);

/* ---- what is read ---------------------------------------------------------------------------- */

enum { SQZ_SIDE_UNKNOWN = -1 };

/* Notional at a price, as a provider has it. */
struct sqz_import_bin {
    double price_usd, notional_usd;
    double leverage; /* 0: unknown */
    int side;        /* enum sqz_side, or SQZ_SIDE_UNKNOWN */
};

/* A map at one time. */
struct sqz_import_map {
    double time_s;       /* NAN: the file does not say */
    double price_usd;    /* the file's own; NAN: it has none */
    double width_usd;    /* of a bin, where the file says it; NAN: it does not */
    bool regular;        /* the bins are a grid: its step is their width */
    struct sqz_rows bin; /* struct sqz_import_bin */
};

/* Names of accounts and symbols are owned. NAN where the file does not say. */
struct sqz_import_position {
    char *symbol, *account;
    enum sqz_side side; /* SQZ_DOWN: a long */
    bool cross;
    double quantity, entry_usd, leverage, margin_usd, mark_usd, equity_usd;
    bool liquidated; /* the file gives a price at which it is */
};

struct sqz_import_tier {
    char *symbol;
    double number, floor, cap, rate, max_leverage, deduction; /* NAN: not said; cap INFINITY */
    bool contracts;                                           /* sizes count contracts, not USD */
};

struct sqz_import_bar {
    double time_s, open_usd, high_usd, low_usd, close_usd;                           /* as below */
    double volume_usd, taker_buy_usd, open_interest_usd, funding, liquidated_usd[2]; /* or NAN */
    long line;
};

/* Cumulative notional from the mid to a distance. */
struct sqz_import_depth {
    double time_s; /* NAN: not said */
    enum sqz_side side;
    double distance_log, cumulative_usd;
};

/* Why something of the file is not in the result. */
enum sqz_import_drop {
    SQZ_DROP_CROSSED,   /* a level on the wrong side of the price: it has fired */
    SQZ_DROP_AT_PRICE,  /* a level at the price whose side nobody knows */
    SQZ_DROP_NEVER,     /* a liquidation price of 0: no price reaches it */
    SQZ_DROP_NULL,      /* a price or an amount that is null or empty */
    SQZ_DROP_EMPTY,     /* a position of no size */
    SQZ_DROP_DUPLICATE, /* a bar of a time that is there */
    SQZ_DROP_EARLIER,   /* an earlier column of a heatmap, an earlier snapshot */
    SQZ_DROP_OTHER,     /* a position in another market than the one that is meant */
    SQZ_DROPS
};
extern const char *const sqz_import_drop_name[];

struct sqz_import_dropped {
    size_t count;
    double usd;
};

/* ---- the format ------------------------------------------------------------------------------ */

struct sqz_import;

struct sqz_import_format {
    const char *name, *doc;
    enum sqz_import_kind kind;
    bool modelled; /* of a map: its dollars are a model's weights, not measured */
    bool parts;    /* several files are parts of one map */
    bool (*detect)(const struct sqz_import *import, const struct sqz_payload *payload);
    int (*read)(struct sqz_import *import, const struct sqz_payload *payload,
                struct sqz_diag *diag);
};

/* All formats in the order in which `auto` tries them; ends with a NULL. */
const struct sqz_import_format *sqz_import_format_at(size_t i);
/* The first one called `name`, or whose name's first words that is; SQZ_ERR_USAGE with the nearest
 * name. */
int sqz_import_format_find(const char *name, const struct sqz_import_format **format,
                           struct sqz_diag *diag);

/* The families' lists; each ends with a name of NULL. */
extern const struct sqz_import_format sqz_import_maps[], sqz_import_hyperliquid[],
    sqz_import_tables[], sqz_import_position_formats[], sqz_import_tier_formats[],
    sqz_import_bar_formats[], sqz_import_depth_formats[];

/* ---- the import ------------------------------------------------------------------------------ */

/* What the user says of the files. */
struct sqz_import_terms {
    const char *format;   /* "auto" or a name */
    const char *columns;  /* "price=px,notional=usd"; NULL: none */
    const char *symbol;   /* of files that hold several markets; NULL: any */
    bool side_from_price; /* whatever side a map says */
};

/* Owns its rows. */
struct sqz_import {
    const struct sqz_import_terms *terms;
    const struct sqz_import_format *format; /* of the first file; all have the same */
    struct sqz_remarks remarks;
    struct sqz_rows map, position, tier, bar, depth;
    struct sqz_import_dropped dropped[SQZ_DROPS];
    size_t accounts;    /* whose state was read: they are numbered */
    size_t zeros;       /* bins of a map that hold nothing */
    size_t unreachable; /* positions that no price liquidates, by the file */
};

/* SQZ_ERR_USAGE for a format that is none, or columns that name nothing. */
int sqz_import_check_terms(const struct sqz_import_terms *terms, struct sqz_diag *diag);

/* Read `count` files of one format. What is no map, positions, tiers, bars or book, an error object
 * or an encrypted answer among them, is SQZ_ERR_DATA with advice. Free after success and failure
 * alike. */
int sqz_import_read(struct sqz_import *import, const struct sqz_import_terms *terms,
                    char *const *file, size_t count, struct sqz_diag *diag);
/* Put what was read in order: bars by time and each once, the median of several books. SQZ_ERR_DATA
 * where there is nothing. `file` is named in what is said. */
int sqz_import_finish(struct sqz_import *import, const char *file, struct sqz_diag *diag);
/* Safe on a zeroed one. */
void sqz_import_free(struct sqz_import *import);

/* ---- for readers ----------------------------------------------------------------------------- */

/* A new map, to which bins are added; NULL: no memory. Valid until the next one is begun. */
struct sqz_import_map *sqz_import_begin_map(struct sqz_import *import);

/* Add a bin. What holds nothing is counted; a negative notional or price is an error at `place`. */
int sqz_import_bin(struct sqz_import *import, const struct sqz_import_bin *bin, const char *file,
                   long line, struct sqz_diag *diag);

void sqz_import_drop(struct sqz_import *import, enum sqz_import_drop why, double usd);

/* Return SQZ_ERR_NOMEM. */
int sqz_import_no_memory(struct sqz_diag *diag);

/* A remark on a file; SQZ_OK or SQZ_ERR_NOMEM with its diagnostic. */
int sqz_import_remark(struct sqz_import *import, const char *code, const char *file,
                      struct sqz_diag *diag, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* The time in a cell or a value of JSON; also of an hour alone, "2026-06-11T17Z". */
bool sqz_import_time(const char *text, double *time_s);
bool sqz_import_json_time(const json_t *value, double *time_s);
/* The time in the name of a file, as in map_20260310T173131Z.json; NAN: there is none. */
double sqz_import_name_time(const char *file);

/* The column for what the program calls `name`: the one that --columns names for it, else the first
 * of `names` (blanks between) that there is. SQZ_CSV_ABSENT: none. */
size_t sqz_import_column(const struct sqz_import *import, const struct sqz_payload *payload,
                         const char *name, const char *names);

/* The number in a cell, which must be one; its column is named as the file does. */
int sqz_import_cell(const struct sqz_payload *payload, size_t row, size_t column, double *value,
                    struct sqz_diag *diag);
/* The same where an absent column or an empty cell is NAN. */
int sqz_import_optional(const struct sqz_payload *payload, size_t row, size_t column, double *value,
                        struct sqz_diag *diag);
/* The text in a cell; "" where there is none. */
const char *sqz_import_text(const struct sqz_payload *payload, size_t row, size_t column);

/* A string of JSON; "" for anything else. */
const char *sqz_import_string(const json_t *value);

#endif
