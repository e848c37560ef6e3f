/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/bound_result.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/core/version.h"
#include "sim/io/clock.h"

static const double DAY_S = 86400;

void sqz_bound_free(struct sqz_bound *bound)
{
    free(bound->point);
    memset(bound, 0, sizeof *bound);
}

static json_t *curve_json(const struct sqz_bound *bound)
{
    json_t *list = json_array();
    for (size_t i = 0; i < bound->count; i++)
        sqz_json_append(list,
                        json_pack("{s:o, s:o}", "scale", sqz_json_number(bound->point[i].scale),
                                  "probability", sqz_json_estimate(&bound->point[i].probability)));
    return list;
}

/* What was recorded, as far as the answer depends on it. */
static void add_record(json_t *object, const struct sqz_bound *bound)
{
    char begin[SQZ_CLOCK_TEXT_SIZE];
    sqz_json_set(object, "record_begin", json_string(sqz_clock_format(begin, bound->begin_s)));
    sqz_json_set(object, "record_s", sqz_json_number(bound->length_s));
    sqz_json_set(object, "range_percent", sqz_json_number(100 * expm1(bound->range_log)));
    sqz_json_set(object, "record_volatility_per_sqrt_day",
                 sqz_json_number(bound->volatility_per_sqrt_s * sqrt(DAY_S)));
}

json_t *sqz_bound_json(const struct sqz_bound *bound, const struct sqz_scenario *scenario)
{
    char seed[24];
    snprintf(seed, sizeof seed, "%" PRIu64, bound->seed);
    json_t *object =
        json_pack("{s:s, s:s, s:o, s:s, s:I, s:f, s:o, s:b, s:o}", "schema", "squeeze/bound-1",
                  "version", SQZ_VERSION, "scenario", sqz_json_text(sqz_scenario_label(scenario)),
                  "seed", seed, "paths", (json_int_t)bound->paths, "start_price_usd",
                  scenario->params.price_usd, "scale_upper_95", sqz_json_number(bound->upper_95),
                  "beyond_curve", (int)bound->open, "curve", curve_json(bound));
    if (object == NULL)
        return NULL;
    add_record(object, bound);
    sqz_json_set(object, "remarks", sqz_remarks_json(&scenario->remarks));
    return object;
}

int sqz_results_bound(const struct sqz_result_dir *dir, const struct sqz_bound *bound,
                      struct sqz_diag *diag)
{
    FILE *file;
    int error = sqz_result_dir_create(dir, SQZ_FILE_BOUND, &file, diag);
    if (error != SQZ_OK)
        return error;
    fputs("scale,probability,lo,hi\n", file);
    for (size_t i = 0; i < bound->count; i++) {
        const struct sqz_bound_point *point = &bound->point[i];
        fprintf(file, "%.17g,%.17g,%.17g,%.17g\n", point->scale, point->probability.value,
                point->probability.lo, point->probability.hi);
    }
    return sqz_result_dir_close(dir, SQZ_FILE_BOUND, &file, diag);
}
