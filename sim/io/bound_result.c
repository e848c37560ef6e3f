#include "sim/io/bound_result.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/io/clock.h"

void sqz_bound_free(struct sqz_bound *bound)
{
    free(bound->point);
    memset(bound, 0, sizeof *bound);
}

static json_t *curve_json(const struct sqz_bound *bound)
{
    json_t *list = json_array();
    for (size_t i = 0; i < bound->count; i++)
        json_array_append_new(list, json_pack("{s:o, s:o}", "scale",
                                              sqz_json_number(bound->point[i].scale), "probability",
                                              sqz_json_estimate(&bound->point[i].probability)));
    return list;
}

json_t *sqz_bound_json(const struct sqz_bound *bound, const struct sqz_scenario *scenario)
{
    char begin[SQZ_CLOCK_TEXT_SIZE];
    return json_pack("{s:s, s:s, s:I, s:o, s:b, s:o, s:s, s:o, s:o, s:o}", "schema",
                     "squeeze/bound-1", "scenario", sqz_scenario_label(scenario), "paths",
                     (json_int_t)bound->paths, "scale_upper_95", sqz_json_number(bound->upper_95),
                     "beyond_curve", (int)bound->open, "curve", curve_json(bound), "record_begin",
                     sqz_clock_format(begin, bound->begin_s), "record_s",
                     sqz_json_number(bound->length_s), "range_percent",
                     sqz_json_number(100 * expm1(bound->range_log)), "remarks",
                     sqz_remarks_json(&scenario->remarks));
}

int sqz_results_bound(const struct sqz_result_dir *dir, const struct sqz_bound *bound,
                      struct sqz_diag *diag)
{
    FILE *file;
    int error = sqz_result_dir_create(dir, "bound.csv", &file, diag);
    if (error != SQZ_OK)
        return error;
    fputs("scale,probability,lo,hi\n", file);
    for (size_t i = 0; i < bound->count; i++) {
        const struct sqz_bound_point *point = &bound->point[i];
        fprintf(file, "%.17g,%.17g,%.17g,%.17g\n", point->scale, point->probability.value,
                point->probability.lo, point->probability.hi);
    }
    return sqz_result_dir_close(dir, "bound.csv", &file, diag);
}
