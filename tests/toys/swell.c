/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A toy book whose depth swells with the distance: V(u) = depth (exp(k u / 1 %) - 1) / (exp(k) -
 * 1). With k' = (exp(k) - 1) / depth: G(v) = 1 % / k log(1 + k' v), and the integral of G from 0 to
 * v is 1 % / (k k') ((1 + k' v) log(1 + k' v) - k' v). */
#include "tests/toys/toys.h"

#include <math.h>

struct params {
    double depth_usd[2], growth;
};

struct shared {
    double depth_usd[2], per_usd[2], scale_log; /* k', 1 % / k */
};

static const struct sqz_param PARAMS[] = {
    SQZ_NUMBER(struct params, "book.swell_depth", SQZ_DIM_USD, "usd", NULL, 1, 1e18,
               depth_usd[SQZ_BUY], "notional of asks within 1 %", .required = true),
    SQZ_NUMBER(struct params, "book.swell_bids", SQZ_DIM_USD, "usd", "=book.swell_depth", 1, 1e18,
               depth_usd[SQZ_SELL], "the same, bids"),
    SQZ_NUMBER(struct params, "book.swell", SQZ_DIM_NUMBER, "1", "1", 1e-3, 10, growth,
               "log of depth at 1 % over depth at the mid"),
};

static int prepare(const void *params, void *shared, struct sqz_diag *diag)
{
    const struct params *given = params;
    struct shared *book = shared;
    (void)diag;
    book->scale_log = SQZ_DEPTH_DISTANCE_LOG / given->growth;
    for (int side = 0; side < 2; side++) {
        book->depth_usd[side] = given->depth_usd[side];
        book->per_usd[side] = expm1(given->growth) / given->depth_usd[side];
    }
    return SQZ_OK;
}

static double displacement(const void *shared, double volume_usd)
{
    const struct shared *book = shared;
    return copysign(book->scale_log *
                        log1p(book->per_usd[sqz_order_side_of(volume_usd)] * fabs(volume_usd)),
                    volume_usd);
}

static double volume(const void *shared, double displacement_log)
{
    const struct shared *book = shared;
    return copysign(expm1(fabs(displacement_log) / book->scale_log) /
                        book->per_usd[sqz_order_side_of(displacement_log)],
                    displacement_log);
}

static double cost(const void *shared, double volume_usd)
{
    const struct shared *book = shared;
    double per_usd = book->per_usd[sqz_order_side_of(volume_usd)], x = per_usd * fabs(volume_usd);
    if (x < 1e-5) /* the terms cancel: x^2 / 2 - x^3 / 6, to 1e-10 of it */
        return book->scale_log / per_usd * x * x * (0.5 - x / 6);
    return book->scale_log / per_usd * ((1 + x) * log1p(x) - x);
}

static double depth(const void *shared, enum sqz_order_side side)
{
    return ((const struct shared *)shared)->depth_usd[side];
}

static double capacity(const void *shared, enum sqz_order_side side)
{
    (void)shared;
    (void)side;
    return INFINITY;
}

const struct sqz_book_model toy_book_swell = {
    .name = "swell",
    .doc = "a toy: depth grows exponentially with the distance",
    .citation = "none",
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
