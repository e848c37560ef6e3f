/* The tabulated book: V piecewise linear through measured cumulative depth, per side.
 *
 * Between rows depth is spread evenly, so G is piecewise linear too. Past the last row the slope of
 * the last bin with depth goes on, and paths that need it are marked: a truncated file is never
 * infinite liquidity. Depth at distance 0 rests at the touch: it is consumed before the price
 * moves.
 *
 * Over empty levels (equal cumulative depth) the price jumps, and G would too, also while the book
 * recovers: D would cross what lies in between at a moment that the walk cannot see. So an empty
 * bin holds EMPTY_SHARE of the side's depth, and G is steep there but continuous.
 */
#include "models/books/books.h"

#include <math.h>
#include <stdlib.h>

static const double LOG_PER_BP = 1e-4;
static const char *const SIDE_WORDS[] = {"ask", "bid", NULL}; /* in the order of enum sqz_side */
static const struct sqz_column COLUMNS[] = {
    {.name = "side", .kind = SQZ_COLUMN_WORD, .words = SIDE_WORDS},
    {.name = "distance_bp"},
    {.name = "cumulative_usd"},
    {.name = NULL}};
enum { SIDE, DISTANCE, CUMULATIVE };

struct params {
    struct sqz_table table;
};

/* Of the depth of its side, in an empty bin: small next to any statistical error (an order's fill
 * is off by at most that share of the gap), and large next to what rounding leaves of a volume, so
 * that D in the gap is known to 1e-10 of it. */
static const double EMPTY_SHARE = 1e-6;

/* Knots of one side, from (0, 0) outward; cost[i] is the integral of G up to volume[i]. */
struct curve {
    size_t knots;
    double *distance_log, *volume_usd, *cost;
    double depth_usd, end_log; /* of the last row: cumulative depth, distance */
};

struct shared {
    struct curve side[2];
};

static const struct sqz_param PARAMS[] = {
    SQZ_TABLE(struct params, "book.table", NULL, COLUMNS, table,
              "CSV side,distance_bp,cumulative_usd of measured depth; side ask or bid",
              .required = true),
};

static void add_knot(struct curve *curve, double distance_log, double volume_usd)
{
    size_t k = curve->knots++;
    curve->distance_log[k] = distance_log;
    curve->volume_usd[k] = volume_usd;
    curve->cost[k] = curve->cost[k - 1] + 0.5 * (distance_log + curve->distance_log[k - 1]) *
                                              (volume_usd - curve->volume_usd[k - 1]);
}

/* The bin from the last knot to the end of what is empty beyond it, before `next_usd` is reached.
 */
static void add_empty(struct curve *curve, double next_usd)
{
    double from_usd = curve->volume_usd[curve->knots - 1];
    double held_usd = fmin(EMPTY_SHARE * curve->depth_usd, 0.5 * (next_usd - from_usd));
    if (curve->end_log > curve->distance_log[curve->knots - 1])
        add_knot(curve, curve->end_log, from_usd + held_usd);
}

static int check_row(const struct curve *curve, const double *value, bool first,
                     const struct sqz_table *table, size_t row, struct sqz_diag *diag)
{
    double distance_log = value[DISTANCE] * LOG_PER_BP;
    if (distance_log < 0 || (!first && distance_log <= curve->end_log))
        return sqz_fail_at(diag, SQZ_ERR_DATA, table->file, table->line[row], "distance_bp",
                           "%.12g does not increase; expected each side's rows outward from 0",
                           value[DISTANCE]);
    if (!(value[CUMULATIVE] >= curve->depth_usd))
        return sqz_fail_at(diag, SQZ_ERR_DATA, table->file, table->line[row], "cumulative_usd",
                           "%.12g decreases; expected depth added up from the mid outward",
                           value[CUMULATIVE]);
    return SQZ_OK;
}

/* The last row's depth and distance, once every row of the side is found to be in order. */
static int measure(struct curve *curve, const struct sqz_table *table, int side,
                   struct sqz_diag *diag)
{
    bool first = true;
    for (size_t row = 0; row < table->rows; row++) {
        const double *value = table->value + row * table->columns;
        if ((int)value[SIDE] != side)
            continue;
        int error = check_row(curve, value, first, table, row, diag);
        if (error != SQZ_OK)
            return error;
        curve->end_log = value[DISTANCE] * LOG_PER_BP;
        curve->depth_usd = value[CUMULATIVE];
        first = false;
    }
    return SQZ_OK;
}

/* Past an empty last bin the slope of the last one with depth goes on: one knot more. */
static void add_tail(struct curve *curve, size_t full)
{
    size_t last = curve->knots - 1;
    if (last == full)
        return;
    add_knot(curve,
             curve->distance_log[last] + curve->distance_log[full] - curve->distance_log[full - 1],
             curve->volume_usd[last] + curve->volume_usd[full] - curve->volume_usd[full - 1]);
}

/* Room for every row with an empty bin before it, the origin, and an empty bin and a slope at the
 * end. */
static int make_room(struct curve *curve, size_t rows, struct sqz_diag *diag)
{
    size_t most = 2 * rows + 3;
    curve->distance_log = calloc(most, sizeof *curve->distance_log);
    curve->volume_usd = calloc(most, sizeof *curve->volume_usd);
    curve->cost = calloc(most, sizeof *curve->cost);
    curve->knots = 1;
    if (curve->distance_log == NULL || curve->volume_usd == NULL || curve->cost == NULL)
        return sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for a book of %zu rows", rows);
    return SQZ_OK;
}

static int make_curve(struct curve *curve, const struct sqz_table *table, int side,
                      struct sqz_diag *diag)
{
    size_t full = 0; /* the knot that ends the last bin with depth and width */
    int error = measure(curve, table, side, diag);
    if (error == SQZ_OK)
        error = make_room(curve, table->rows, diag);
    if (error != SQZ_OK)
        return error;
    curve->end_log = 0.0;
    for (size_t row = 0; row < table->rows; row++) {
        const double *value = table->value + row * table->columns;
        double distance_log = value[DISTANCE] * LOG_PER_BP;
        if ((int)value[SIDE] != side)
            continue;
        if (value[CUMULATIVE] > curve->volume_usd[curve->knots - 1]) {
            add_empty(curve, value[CUMULATIVE]);
            add_knot(curve, distance_log, value[CUMULATIVE]);
            full = distance_log > 0 ? curve->knots - 1 : full;
        }
        curve->end_log = distance_log;
    }
    if (full == 0)
        return sqz_fail_at(diag, SQZ_ERR_DATA, table->file, 0, "cumulative_usd",
                           "no depth on side '%s' beyond distance 0; expected a row that has some",
                           SIDE_WORDS[side]);
    add_empty(curve, INFINITY);
    add_tail(curve, full);
    return SQZ_OK;
}

static bool has_side(const struct sqz_table *table, int side)
{
    for (size_t row = 0; row < table->rows; row++)
        if ((int)table->value[row * table->columns + SIDE] == side)
            return true;
    return false;
}

static int prepare(const void *params, void *shared, struct sqz_diag *diag)
{
    const struct sqz_table *table = &((const struct params *)params)->table;
    struct shared *book = shared;
    for (int side = 0; side < 2; side++) {
        if (!has_side(table, side))
            return sqz_fail_at(diag, SQZ_ERR_DATA, table->file, 0, "side",
                               "no rows for side '%s'; expected at least one", SIDE_WORDS[side]);
        int error = make_curve(&book->side[side], table, side, diag);
        if (error != SQZ_OK)
            return error;
    }
    return SQZ_OK;
}

static void release(void *shared)
{
    struct shared *book = shared;
    for (int s = 0; s < 2; s++) {
        free(book->side[s].distance_log);
        free(book->side[s].volume_usd);
        free(book->side[s].cost);
        book->side[s] = (struct curve){0};
    }
}

/* The segment whose knots k-1 and k bracket x in the ascending `key`; the last one beyond its end.
 */
static size_t segment(const double *key, size_t knots, double x)
{
    size_t lo = 1, hi = knots - 1;
    while (lo < hi) {
        size_t middle = (lo + hi) / 2;
        if (key[middle] < x)
            lo = middle + 1;
        else
            hi = middle;
    }
    return lo;
}

static double slope(const struct curve *curve, size_t k)
{
    return (curve->distance_log[k] - curve->distance_log[k - 1]) /
           (curve->volume_usd[k] - curve->volume_usd[k - 1]);
}

static double displacement(const void *shared, double volume_usd)
{
    enum sqz_side side = sqz_side_of(volume_usd);
    const struct curve *curve = &((const struct shared *)shared)->side[side];
    double v = fabs(volume_usd);
    size_t k = segment(curve->volume_usd, curve->knots, v);
    double distance = curve->distance_log[k - 1] + (v - curve->volume_usd[k - 1]) * slope(curve, k);
    return sqz_direction(side) * distance;
}

static double volume(const void *shared, double displacement_log)
{
    enum sqz_side side = sqz_side_of(displacement_log);
    const struct curve *curve = &((const struct shared *)shared)->side[side];
    double u = fabs(displacement_log);
    if (u == 0.0) /* whatever rests at the touch: the least that gets there */
        return 0.0;
    size_t k = segment(curve->distance_log, curve->knots, u);
    double v = curve->volume_usd[k - 1] + (u - curve->distance_log[k - 1]) / slope(curve, k);
    return sqz_direction(side) * v;
}

static double cost(const void *shared, double volume_usd)
{
    const struct curve *curve = &((const struct shared *)shared)->side[sqz_side_of(volume_usd)];
    double v = fabs(volume_usd);
    size_t k = segment(curve->volume_usd, curve->knots, v);
    double beyond = v - curve->volume_usd[k - 1];
    return curve->cost[k - 1] +
           beyond * (curve->distance_log[k - 1] + 0.5 * beyond * slope(curve, k));
}

static double depth(const void *shared, enum sqz_side side)
{
    return fabs(volume(shared, sqz_direction(side) * SQZ_DEPTH_DISTANCE_LOG));
}

static double capacity(const void *shared, enum sqz_side side)
{
    return ((const struct shared *)shared)->side[side].depth_usd;
}

static double known(const void *shared, enum sqz_side side)
{
    return ((const struct shared *)shared)->side[side].end_log;
}

const struct sqz_book_model sqz_book_table = {
    .name = "table",
    .doc = "cumulative depth as measured, piecewise linear; extrapolation is reported",
    .citation = "volume recovery as Alfonsi, Fruth and Schied, arXiv:0708.1756",
    .params = PARAMS,
    .n_params = sizeof PARAMS / sizeof PARAMS[0],
    .params_size = sizeof(struct params),
    .shared_size = sizeof(struct shared),
    .prepare = prepare,
    .release = release,
    .displacement = displacement,
    .volume = volume,
    .cost = cost,
    .depth = depth,
    .capacity = capacity,
    .known = known,
};
