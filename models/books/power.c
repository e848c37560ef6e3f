/* The power-law book: V(u) = depth (u / 1 %)^shape.
 *
 * Alfonsi, Fruth and Schied, "Optimal execution strategies in limit order books with general shape
 * functions", arXiv:0708.1756, with volume recovery. Shape 1 is the flat book of Kyle (1985) and
 * Obizhaeva and Wang (2013), shape 2 the square-root law of market impact. */
#include "models/books/books.h"

#include <math.h>
#include <stdlib.h>

struct params {
    double depth_usd[2], shape[2];
    double depth_both_usd, shape_both;
};

struct shared {
    double depth_usd[2];
    double shape[2], inverse_shape[2];
};

static const struct sqz_param PARAMS[] = {
    SQZ_NUMBER(struct params, "book.depth", SQZ_DIM_USD, "usd", NULL, 1e-6, 1e18, depth_both_usd,
               "notional within 1 %, one side", .required = true),
    SQZ_NUMBER(struct params, "book.depth_ask", SQZ_DIM_USD, "usd", "=book.depth", 1e-6, 1e18,
               depth_usd[SQZ_UP], "the same, asks"),
    SQZ_NUMBER(struct params, "book.depth_bid", SQZ_DIM_USD, "usd", "=book.depth", 1e-6, 1e18,
               depth_usd[SQZ_DOWN], "the same, bids"),
    SQZ_NUMBER(struct params, "book.shape", SQZ_DIM_NUMBER, "1", "1", 0.1, 10, shape_both,
               "exponent of cumulative depth: 1 flat, 2 square-root law"),
    SQZ_NUMBER(struct params, "book.shape_ask", SQZ_DIM_NUMBER, "1", "=book.shape", 0.1, 10,
               shape[SQZ_UP], "the same, asks"),
    SQZ_NUMBER(struct params, "book.shape_bid", SQZ_DIM_NUMBER, "1", "=book.shape", 0.1, 10,
               shape[SQZ_DOWN], "the same, bids"),
};

static int prepare(const void *params, void *shared, struct sqz_diag *diag)
{
    (void)diag;
    const struct params *given = params;
    struct shared *book = shared;
    for (int side = 0; side < 2; side++) {
        book->depth_usd[side] = given->depth_usd[side];
        book->shape[side] = given->shape[side];
        book->inverse_shape[side] = 1.0 / given->shape[side];
    }
    return SQZ_OK;
}

/* x^exponent for the two common shapes without the cost of pow. */
static double power(double x, double exponent)
{
    if (exponent == 1.0)
        return x;
    return exponent == 0.5 ? sqrt(x) : pow(x, exponent);
}

static double displacement(const void *shared, double volume_usd)
{
    const struct shared *book = shared;
    enum sqz_side side = sqz_side_of(volume_usd);
    double relative = fabs(volume_usd) / book->depth_usd[side];
    return sqz_direction(side) * SQZ_DEPTH_DISTANCE_LOG *
           power(relative, book->inverse_shape[side]);
}

static double volume(const void *shared, double displacement_log)
{
    const struct shared *book = shared;
    enum sqz_side side = sqz_side_of(displacement_log);
    double relative = fabs(displacement_log) / SQZ_DEPTH_DISTANCE_LOG;
    return sqz_direction(side) * book->depth_usd[side] * power(relative, book->shape[side]);
}

static double cost(const void *shared, double volume_usd)
{
    const struct shared *book = shared;
    double inverse = book->inverse_shape[sqz_side_of(volume_usd)];
    return displacement(shared, volume_usd) * volume_usd / (1.0 + inverse);
}

static double depth(const void *shared, enum sqz_side side)
{
    return ((const struct shared *)shared)->depth_usd[side];
}

static double capacity(const void *shared, enum sqz_side side)
{
    (void)shared;
    (void)side;
    return INFINITY;
}

const struct sqz_book_model sqz_book_power = {
    .name = "power",
    .doc = "cumulative depth grows as a power of the distance: V(u) = depth (u / 1 %)^shape",
    .citation = "Alfonsi, Fruth and Schied, arXiv:0708.1756; Obizhaeva and Wang (2013)",
    .params = PARAMS,
    .n_params = sizeof PARAMS / sizeof PARAMS[0],
    .params_size = sizeof(struct params),
    .shared_size = sizeof(struct shared),
    .prepare = prepare,
    .displacement = displacement,
    .volume = volume,
    .cost = cost,
    .depth = depth,
    .capacity = capacity,
};
