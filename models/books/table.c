/* The tabulated book: V piecewise linear through measured cumulative depth, per side.
 *
 * Between rows depth is spread evenly, so G is piecewise linear too. Past the last row the last
 * slope goes on, and paths that need it are marked: a truncated file is never infinite liquidity.
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

/* Knots of one side, from (0, 0) outward; cost[i] is the integral of G up to volume[i]. */
struct curve {
    size_t knots;
    double *distance_log, *volume_usd, *cost;
};

struct shared {
    struct curve side[2];
};

static const struct sqz_param PARAMS[] = {
    {.key = "book.table",
     .kind = SQZ_PARAM_TABLE,
     .dimension = SQZ_DIM_NONE,
     .unit = "",
     .required = true,
     .columns = COLUMNS,
     .offset = offsetof(struct params, table),
     .doc = "CSV side,distance_bp,cumulative_usd of measured depth; side ask or bid"},
};

static int add_knot(struct curve *curve, const struct sqz_table *table, size_t row,
                    struct sqz_diag *diag)
{
    const double *value = table->value + row * table->columns;
    size_t k = curve->knots;
    double distance = value[DISTANCE] * LOG_PER_BP;
    if (distance <= curve->distance_log[k - 1])
        return sqz_fail_at(diag, SQZ_ERR_DATA, table->file, table->line[row], "distance_bp",
                           "%.12g does not increase; expected each side's rows outward from 0",
                           value[DISTANCE]);
    if (value[CUMULATIVE] <= curve->volume_usd[k - 1])
        return sqz_fail_at(diag, SQZ_ERR_DATA, table->file, table->line[row], "cumulative_usd",
                           "%.12g does not increase; expected cumulative depth above 0",
                           value[CUMULATIVE]);
    curve->distance_log[k] = distance;
    curve->volume_usd[k] = value[CUMULATIVE];
    curve->cost[k] = curve->cost[k - 1] + 0.5 * (distance + curve->distance_log[k - 1]) *
                                              (value[CUMULATIVE] - curve->volume_usd[k - 1]);
    curve->knots++;
    return SQZ_OK;
}

static int prepare(const void *params, void *shared, struct sqz_diag *diag)
{
    const struct sqz_table *table = &((const struct params *)params)->table;
    struct shared *book = shared;
    for (int s = 0; s < 2; s++) {
        struct curve *curve = &book->side[s];
        curve->distance_log = calloc(table->rows + 1, sizeof *curve->distance_log);
        curve->volume_usd = calloc(table->rows + 1, sizeof *curve->volume_usd);
        curve->cost = calloc(table->rows + 1, sizeof *curve->cost);
        if (curve->distance_log == NULL || curve->volume_usd == NULL || curve->cost == NULL)
            return sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for a book of %zu rows", table->rows);
        curve->knots = 1;
    }
    for (size_t row = 0; row < table->rows; row++) {
        int side = (int)table->value[row * table->columns + SIDE];
        int error = add_knot(&book->side[side], table, row, diag);
        if (error != SQZ_OK)
            return error;
    }
    for (int s = 0; s < 2; s++)
        if (book->side[s].knots < 2)
            return sqz_fail_at(diag, SQZ_ERR_DATA, table->file, 0, "side",
                               "no rows for side '%s'; expected at least one", SIDE_WORDS[s]);
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
    const struct curve *curve = &((const struct shared *)shared)->side[side];
    return curve->volume_usd[curve->knots - 1];
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
};
