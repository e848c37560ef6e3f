/* What a model is: a const struct of name, documentation, parameter table, sizes and functions.
 *
 * The parameter table drives parsing, unit and range checks, --set, `squeeze models` and the
 * manifest. Adding a model is one file under models/ and one line in models/registry.c. */
#ifndef SQZ_CORE_MODEL_H
#define SQZ_CORE_MODEL_H

#include <stdbool.h>
#include <stddef.h>

#include "sim/core/error.h"
#include "sim/core/rng.h"

/* The side of the market on which something happens. Shorts are closed by buying at a price above,
 * longs by selling at a price below; buying consumes asks, selling consumes bids. */
enum sqz_side { SQZ_UP = 0, SQZ_DOWN = 1 };

static inline double sqz_direction(enum sqz_side side)
{
    return side == SQZ_UP ? 1.0 : -1.0;
}

/* The side that a signed amount concerns: positive (a buy, asks consumed, a rise) is up. */
static inline enum sqz_side sqz_side_of(double signed_amount)
{
    return signed_amount >= 0 ? SQZ_UP : SQZ_DOWN;
}

/* "Depth" is the notional that rests within this log distance of the mid, one side. */
#define SQZ_DEPTH_DISTANCE_LOG 0.01

/* ---- parameters ---------------------------------------------------------------------------- */

enum sqz_param_kind {
    SQZ_PARAM_NUMBER, /* double */
    SQZ_PARAM_LIST,   /* struct sqz_list */
    SQZ_PARAM_TEXT,   /* const char *, owned by the scenario */
    SQZ_PARAM_CHOICE, /* int: index into `choices` */
    SQZ_PARAM_TABLE   /* struct sqz_table, owned by the scenario; read from the CSV file named;
                         empty for the word "off" where that is the default */
};

/* Dimensions fix the units a value may carry and what it is inside the program. */
enum sqz_dimension {
    SQZ_DIM_NONE,       /* no unit: labels, files, choices */
    SQZ_DIM_NUMBER,     /* 1 or %; inside: 1 */
    SQZ_DIM_USD,        /* usd, value may carry k, M, B; inside: USD */
    SQZ_DIM_TIME,       /* ms, s, min, h, d, w; inside: seconds */
    SQZ_DIM_RATE,       /* 1/s, 1/h, 1/d, 1/yr; inside: per second */
    SQZ_DIM_VOLATILITY, /* 1/sqrt(s), 1/sqrt(d), 1/sqrt(yr); inside: per square-root second */
    SQZ_DIM_LOG,        /* bp or %; inside: natural-log price difference */
    SQZ_DIM_USD_RATE,   /* usd/s; inside: USD per second */
    SQZ_DIM_PRICE       /* usd, or a signed % of the start price; inside: USD */
};

enum { SQZ_LIST_MAX = 8 };

struct sqz_list {
    size_t count;
    double value[SQZ_LIST_MAX];
};

/* What the cells of a column are. */
enum sqz_column_kind {
    SQZ_COLUMN_NUMBER,
    SQZ_COLUMN_WORD,  /* one of `words`, stored as its index */
    SQZ_COLUMN_LABEL, /* a name for the row, different in every row; stored in `label` */
    SQZ_COLUMN_EACH   /* last column: one number column per row, named `name` + the row's label +
                         `tail`, in any order in the file, in the order of the rows here */
};

/* A column of a table parameter. */
struct sqz_column {
    const char *name;
    enum sqz_column_kind kind;
    const char *const *words; /* NULL-terminated, SQZ_COLUMN_WORD only */
    const char *tail;         /* SQZ_COLUMN_EACH only */
    double odd_from;          /* as of struct sqz_param */
    const char *aliases;      /* other names that files have for it, with blanks between; or NULL */
};

/* Rows of numbers from a CSV file, row-major, `columns` wide. */
struct sqz_table {
    const char *file;
    size_t rows, columns;
    double *value;
    char **label;    /* one per row, NULL where the table has no label column */
    long *line;      /* line of the file each row came from, for messages */
    char sha256[65]; /* of the file as it was read */
};

struct sqz_param {
    const char *key;
    const char *aliases; /* former keys of it, with blanks between; or NULL */
    enum sqz_param_kind kind;
    enum sqz_dimension dimension;
    const char *unit; /* the unit of a value that carries none; "" if it has no dimension */
    const char
        *default_text; /* default as it would be written; "=key": an earlier key's; NULL: unset */
    bool required;
    double lo, hi; /* closed range, in inside units; of every element of a list */
    bool above_lo; /* lo itself is excluded */
    /* Of a share: as much as this, or more of either sign, is legal but hardly meant, as when a
     * percentage is typed as a number. In inside units; 0: nothing is odd. */
    double odd_from;
    const char *const *choices;       /* NULL-terminated, SQZ_PARAM_CHOICE only */
    const struct sqz_column *columns; /* name NULL ends it, SQZ_PARAM_TABLE only */
    size_t offset;                    /* of the value in the params struct */
    const char *doc;
};

/* Rows of a parameter table: the struct it fills, key, unit, default, closed range, member, doc.
 * What few rows have follows the doc as designated initialisers: .required, .above_lo, .odd_from,
 * .aliases. A member of another type than the row's kind does not compile.
 *
 *     SQZ_NUMBER(struct params, "jumps.sd", SQZ_DIM_NUMBER, "1", "0", 0, 10, sd_log,
 *                "standard deviation of a jump of the log price", .odd_from = 0.5),
 */
#define SQZ_NUMBER(type, name, dim, own_unit, initial, least, most, member, ...)                   \
    {                                                                                              \
        .kind = SQZ_PARAM_NUMBER, .key = name, .dimension = dim, .unit = own_unit,                 \
        .default_text = initial, .lo = least, .hi = most,                                          \
        .offset = SQZ_OFFSET(type, member, double), .doc = __VA_ARGS__                             \
    }
#define SQZ_LIST(type, name, dim, own_unit, initial, least, most, member, ...)                     \
    {                                                                                              \
        .kind = SQZ_PARAM_LIST, .key = name, .dimension = dim, .unit = own_unit,                   \
        .default_text = initial, .lo = least, .hi = most,                                          \
        .offset = SQZ_OFFSET(type, member, struct sqz_list), .doc = __VA_ARGS__                    \
    }
#define SQZ_TEXT(type, name, initial, member, ...)                                                 \
    {                                                                                              \
        .kind = SQZ_PARAM_TEXT, .key = name, .dimension = SQZ_DIM_NONE, .unit = "",                \
        .default_text = initial, .offset = SQZ_OFFSET(type, member, const char *),                 \
        .doc = __VA_ARGS__                                                                         \
    }
#define SQZ_CHOICE(type, name, initial, words, member, ...)                                        \
    {                                                                                              \
        .kind = SQZ_PARAM_CHOICE, .key = name, .dimension = SQZ_DIM_NONE, .unit = "",              \
        .default_text = initial, .choices = words, .offset = SQZ_OFFSET(type, member, int),        \
        .doc = __VA_ARGS__                                                                         \
    }
#define SQZ_TABLE(type, name, initial, layout, member, ...)                                        \
    {                                                                                              \
        .kind = SQZ_PARAM_TABLE, .key = name, .dimension = SQZ_DIM_NONE, .unit = "",               \
        .default_text = initial, .columns = layout,                                                \
        .offset = SQZ_OFFSET(type, member, struct sqz_table), .doc = __VA_ARGS__                   \
    }
#define SQZ_OFFSET(type, member, held)                                                             \
    (offsetof(type, member) + 0 * sizeof(_Generic(((type *)0)->member, held : 1)))

/* ---- books --------------------------------------------------------------------------------- */

/* The shape of an order book with volume recovery (Alfonsi, Fruth and Schied, arXiv:0708.1756):
 * V(u) is the notional resting within log distance u of the mid, G its inverse. Resilience, the
 * permanent share and withdrawal belong to every book alike and live in core/book. */
struct sqz_book_model {
    const char *name, *doc, *citation;
    const struct sqz_param *params;
    size_t n_params, params_size, shared_size;

    /* Build `shared` (zeroed, shared_size bytes) from parsed params. Returns SQZ_OK or a code. */
    int (*prepare)(const void *params, void *shared, struct sqz_diag *diag);
    /* Free what prepare allocated inside `shared`; safe after a failed prepare. May be NULL. */
    void (*release)(void *shared);

    /* G: log displacement with `volume_usd` missing (positive: asks consumed, negative: bids). */
    double (*displacement)(const void *shared, double volume_usd);
    /* V: the least signed notional that displaces a full book by `displacement_log`: G's inverse.
     */
    double (*volume)(const void *shared, double displacement_log);
    /* Integral of G from 0 to volume_usd: non-negative for either sign. */
    double (*cost)(const void *shared, double volume_usd);
    /* Notional within 1 % on one side, USD. */
    double (*depth)(const void *shared, enum sqz_side side);
    /* Missing volume beyond which the shape is extrapolated, USD; INFINITY if it never is. */
    double (*capacity)(const void *shared, enum sqz_side side);
    /* Log distance from the mid beyond which depth was never measured; NULL: the model has none,
     * and book.known says. */
    double (*known)(const void *shared, enum sqz_side side);
};

/* ---- drivers ------------------------------------------------------------------------------- */

struct sqz_world;
struct sqz_world_state;

/* What a driver does to its world at one of its events. Handed over neutral: no jump, no order,
 * multipliers 1, drift 0, levels as they are, no next event. */
struct sqz_driver_effect {
    double jump_log;              /* jump of the exogenous log price */
    double order_usd;             /* market order: positive buys, negative sells */
    double volatility_multiplier; /* until the next event */
    double depth_multiplier;      /* until the next event */
    double drift_per_s;           /* added to the drift of the log price until the next event */
    double funding;               /* share of notional that longs pay shorts now, out of margin */
    double
        level_keep[2]; /* share of a side's waiting notional, or accounts, that stays, for good */
    double next_s;     /* absolute time of the next event; INFINITY for none */
};

/* The world of a driver at one context, to be read and not changed. */
struct sqz_view {
    double time_s;
    double price_log; /* last price */
    const struct sqz_world *world;
    const struct sqz_world_state *state;
};

/* What a scenario says to every driver. */
struct sqz_market {
    double price_usd, horizon_s;
};

/* How many standard deviations chance is taken to reach: once in 500 million times it reaches
 * farther on either side. */
#define SQZ_REACH_SDS 6.0

/* What a driver can do to the price within the horizon, at the most. */
struct sqz_driver_reach {
    bool recorded;                /* it stands in place of everything else that moves the price */
    double carry_log;             /* by jumps, orders and drift; INFINITY: any number of it */
    double volatility_multiplier; /* the largest */
    double depth_multiplier;      /* the smallest */
};

/* Takes a model's remarks: `code` is a string constant, `detail` says place and sentence; with a
 * key of the scenario as its field and no file, the place is where that key was set. */
struct sqz_remark_taker {
    void *context;
    void (*take)(void *context, const char *code, const struct sqz_diag *detail);
};

/* A number that a driver reports of itself, at any time of a path. */
struct sqz_measure {
    const char *name, *unit, *doc;
    bool passing; /* means something only at its moment: recorded along paths, not in summaries */
    bool drawn;   /* gets a panel in the figure of the drivers */
    bool either_sign; /* may be negative: else its mean has 0 as its lower limit */
};

/* A source of jumps, orders and changes of drift, volatility, depth and levels. The model switches
 * itself off by `active`; an inactive driver leaves no trace in a result. */
struct sqz_driver_model {
    const char *name, *doc, *citation;
    const struct sqz_param *params;
    size_t n_params, params_size, shared_size, state_size;
    const struct sqz_measure *measures;
    size_t n_measures;

    /* Whether the parameters ask for anything at all. */
    bool (*active)(const void *params);
    /* Build `shared` (zeroed, shared_size bytes); params outlive it. */
    int (*prepare)(const void *params, const struct sqz_market *market, void *shared,
                   struct sqz_diag *diag);
    /* Free what prepare allocated inside `shared`; safe after a failed prepare. May be NULL. */
    void (*release)(void *shared);

    /* What it can do to the price. Handed over as nothing at all, multipliers 1; NULL: that. */
    void (*reach)(const void *params, const struct sqz_market *market,
                  struct sqz_driver_reach *reach);
    /* Say what of valid parameters can hardly be meant in this world. NULL: nothing. */
    void (*examine)(const void *params, const struct sqz_world *world,
                    const struct sqz_remark_taker *taker);

    /* Begin a path at time 0: reset `state` (state_size bytes) and announce the first event. */
    void (*start)(const void *shared, void *state, struct sqz_stream *stream,
                  struct sqz_driver_effect *effect);
    /* The event announced as next_s has come. */
    void (*fire)(const void *shared, void *state, struct sqz_stream *stream,
                 const struct sqz_view *now, struct sqz_driver_effect *effect);
    /* Forced orders were executed, in USD per enum sqz_side. Returns the time of the driver's next
     * event, which was `next_s`. NULL: the driver does not listen. */
    double (*on_fill)(const void *shared, void *state, struct sqz_stream *stream, double time_s,
                      const double forced_usd[2], double next_s);
    /* The driver's measures now, NAN where one does not apply. NULL if it has none. */
    void (*measure)(const void *shared, const void *state, const struct sqz_view *now,
                    double *value);
    /* The word for a value of a measure whose values are words, else NULL. May be NULL itself. */
    const char *(*word)(const void *shared, size_t measure, double value);
};

/* ---- venues -------------------------------------------------------------------------------- */

struct sqz_position;

/* A position about to be closed, as its venue sees it. Amounts in the contract's currency. */
struct sqz_liquidation_request {
    const struct sqz_position *position; /* what is left of it */
    double price_usd;                    /* at which margin is computed */
    double bankruptcy_usd;      /* closing all of it there leaves the account with nothing */
    double equity, maintenance; /* of its account */
    unsigned steps;             /* that the venue has taken before in this liquidation */
    bool cooling;               /* the cool-down after a response of this path is not over */
};

/* What the venue does about it. Handed over as: all of it, at any price, for the account, no fee,
 * look again at once. */
struct sqz_liquidation_action {
    double quantity;
    double limit_usd; /* the worst price that the order takes; NAN: any */
    bool whole;       /* a limited order is filled whole or not at all */
    bool takeover;   /* the insurance fund takes the quantity over at the bankruptcy price and sends
                        the order for itself; what it cannot afford is deleveraged */
    bool vault;      /* the fund keeps the account, all its positions and its equity; no order */
    bool deleverage; /* closed against other accounts; no order */
    double fee;      /* share of the traded value that the account pays to the fund */
    double review_s; /* how long to wait before looking again; 0: at once */
    double cool_s; /* how long the account cools down if something is closed; its triggers count */
};

/* The price at which positions are deleveraged. The previous mark is that before the jump, or
 * before the cascade, in which the account came to it. */
enum sqz_deleverage_price { SQZ_AT_BANKRUPTCY, SQZ_AT_MARK, SQZ_AT_PREVIOUS_MARK };

/* How an exchange computes margin and liquidates. Sources: models/venues/README.md. */
struct sqz_venue_model {
    const char *name, *doc, *citation;
    const struct sqz_param *params; /* beyond those that all venues share; may be NULL */
    size_t n_params, params_size;
    bool by_level; /* an order that closes all an account began with has the notional that the map
                      shows: that of its trigger price, not of the market */
    bool one_way;  /* an account is long or short in a market, not both */
    bool deducted; /* margin tiers carry deductions that make it continuous */
    bool fee_at_bankruptcy; /* the closing fee of an isolated position that counts is that at its
                               bankruptcy price */
    double counted_fee;     /* closing fee that counts as maintenance, where nothing else is said */

    /* Whether maintenance and its tier are taken at the entry price. NULL: always at the mark.
     */
    bool (*on_entry)(const void *params);

    /* The account of a position has fallen to its maintenance. NULL: the response as it is handed
     * over, always. */
    void (*respond)(const void *params, const struct sqz_liquidation_request *request,
                    struct sqz_liquidation_action *response);
    /* Place in the queue of those who may be deleveraged: the greatest goes first. NULL: nobody is.
     */
    double (*rank)(const struct sqz_liquidation_request *account);
    enum sqz_deleverage_price deleverage_at;
    /* The fund's fall from its peak, as a share, at which deleveraging begins though the fund could
     * still pay, and at which it ends; the peak is over so long. 0: when the fund is spent. */
    double drawdown_begin, drawdown_end, drawdown_window_s;
};

/* Every model the program was built with; models/registry.c holds the one instance. */
struct sqz_registry {
    const struct sqz_book_model *const *books; /* NULL-terminated */
    /* NULL-terminated; a driver's place in this list is the number of its random stream. */
    const struct sqz_driver_model *const *drivers;
    const struct sqz_venue_model *const *venues; /* NULL-terminated; the first is the default */
};

#endif
