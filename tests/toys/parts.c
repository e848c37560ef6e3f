/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A toy venue: when an account falls to its maintenance, a share of the position is sold, and all
 * of it if that was not enough; what is worth little is sold whole. */
#include "sim/core/margin.h"
#include "tests/toys/toys.h"

#include <math.h>

struct params {
    double part, least_usd;
};

static const struct sqz_param PARAMS[] = {
    SQZ_NUMBER(struct params, "venue.part", SQZ_DIM_NUMBER, "1", "0.5", 0, 1, part,
               "share of a position that the first step sells", .above_lo = true),
    SQZ_NUMBER(struct params, "venue.least", SQZ_DIM_USD, "usd", "1000", 0, INFINITY, least_usd,
               "a position worth less is sold whole"),
};

static void respond(const void *params, const struct sqz_liquidation_request *request,
                    struct sqz_liquidation_action *action)
{
    const struct params *rules = params;
    const struct sqz_position *position = request->position;
    double value = sqz_margin_value(position, request->price_usd);
    if (request->steps == 0 && request->equity > 0 &&
        sqz_margin_usd(position, value, request->price_usd) > rules->least_usd)
        action->quantity = rules->part * position->quantity;
}

const struct sqz_venue_model toy_venue_parts = {
    .name = "parts",
    .doc = "a toy: first a share of the position, then all of it",
    .citation = "none",
    .params = PARAMS,
    .n_params = sizeof PARAMS / sizeof PARAMS[0],
    .params_size = sizeof(struct params),
    .deducted = true,
    .respond = respond,
};
