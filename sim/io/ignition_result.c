/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/ignition_result.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/core/version.h"

void sqz_ignition_free(struct sqz_ignition *ignition)
{
    free(ignition->point);
    free(ignition->jump);
    memset(ignition, 0, sizeof *ignition);
}

double sqz_ignition_price_usd(const struct sqz_ignition *ignition,
                              const struct sqz_scenario *scenario, double outward_log)
{
    return scenario->params.price_usd * exp(sqz_direction(ignition->side) * outward_log);
}

double sqz_ignition_cost_usd(const struct sqz_ignition *ignition)
{
    double direction = sqz_direction(ignition->side);
    return ignition->push.push_usd * direction * expm1(direction * ignition->fill_log);
}

/* ---- JSON ----------------------------------------------------------------------------------- */

static json_t *price_json(const struct sqz_ignition *ignition, const struct sqz_scenario *scenario,
                          double outward_log)
{
    return sqz_json_number(sqz_ignition_price_usd(ignition, scenario, outward_log));
}

/* A move of the price in percent of it; negative if down. */
static json_t *percent_json(const struct sqz_ignition *ignition, double outward_log)
{
    return sqz_json_number(100 * expm1(sqz_direction(ignition->side) * outward_log));
}

static json_t *curve_json(const struct sqz_ignition *ignition, const struct sqz_scenario *scenario)
{
    json_t *list = json_array();
    for (size_t i = 0; i < ignition->n_points; i++) {
        const struct sqz_ignition_point *point = &ignition->point[i];
        sqz_json_append(list,
                        json_pack("{s:o, s:o, s:o, s:o}", "push_usd",
                                  sqz_json_number(point->push_usd), "final_usd",
                                  price_json(ignition, scenario, point->final_log), "forced_usd",
                                  sqz_json_number(point->forced_usd), "final_without_levels_usd",
                                  price_json(ignition, scenario, point->alone_log)));
    }
    return list;
}

static json_t *jumps_json(const struct sqz_ignition *ignition, const struct sqz_scenario *scenario)
{
    json_t *list = json_array();
    for (size_t i = 0; i < ignition->n_jumps; i++) {
        const struct sqz_ignition_point *before = &ignition->jump[i].before;
        const struct sqz_ignition_point *after = &ignition->jump[i].after;
        sqz_json_append(list, json_pack("{s:o, s:o, s:o, s:o, s:o}", "push_usd",
                                        sqz_json_number(after->push_usd), "from_usd",
                                        price_json(ignition, scenario, before->final_log), "to_usd",
                                        price_json(ignition, scenario, after->final_log),
                                        "from_forced_usd", sqz_json_number(before->forced_usd),
                                        "to_forced_usd", sqz_json_number(after->forced_usd)));
    }
    return list;
}

/* The critical market order and what it does: null all, if there is none. */
static void add_push(json_t *object, const struct sqz_ignition *ignition,
                     const struct sqz_scenario *scenario)
{
    const struct sqz_ignition_point *push = &ignition->push;
    bool found = isfinite(push->push_usd);
    sqz_json_set(object, "push_usd", sqz_json_number(push->push_usd));
    sqz_json_set(object, "push_percent", percent_json(ignition, found ? push->alone_log : NAN));
    sqz_json_set(object, "push_cost_usd",
                 sqz_json_number(found ? sqz_ignition_cost_usd(ignition) : NAN));
    sqz_json_set(object, "shock_percent", percent_json(ignition, ignition->shock_log));
    sqz_json_set(object, "forced_usd", sqz_json_number(found ? push->forced_usd : NAN));
    sqz_json_set(object, "final_usd",
                 price_json(ignition, scenario, found ? push->final_log : NAN));
    sqz_json_set(object, "push_without_levels_usd", sqz_json_number(ignition->alone_usd));
}

json_t *sqz_ignition_json(const struct sqz_ignition *ignition, const struct sqz_scenario *scenario)
{
    const struct sqz_scenario_params *params = &scenario->params;
    json_t *object = json_pack(
        "{s:s, s:s, s:o, s:f, s:s, s:s, s:o}", "schema", "squeeze/ignite-1", "version", SQZ_VERSION,
        "scenario", sqz_json_text(sqz_scenario_label(scenario)), "start_price_usd",
        params->price_usd, "towards", ignition->watch == SQZ_TARGET ? "target" : "floor", "side",
        ignition->side == SQZ_UP ? "up" : "down", "target_usd",
        price_json(ignition, scenario, ignition->goal_log));
    if (object == NULL)
        return NULL;
    add_push(object, ignition, scenario);
    sqz_json_set(object, "shock_forced_usd", sqz_json_number(ignition->shock_forced_usd));
    sqz_json_set(object, "shock_final_usd",
                 price_json(ignition, scenario, ignition->shock_final_log));
    if (!isnan(ignition->over_s)) {
        sqz_json_set(object, "push_over_s", sqz_json_number(ignition->over_s));
        sqz_json_set(object, "push_with_decay_usd", sqz_json_number(ignition->over_usd));
        sqz_json_set(object, "push_child_orders", json_integer((json_int_t)ignition->over_orders));
    }
    sqz_json_set(object, "book_exhausted", json_boolean(ignition->exhausted));
    sqz_json_set(object, "beyond_known_depth", json_boolean(ignition->beyond_known));
    sqz_json_set(object, "shock_beyond_known_depth", json_boolean(ignition->shock_beyond_known));
    sqz_json_set(object, "jumps", jumps_json(ignition, scenario));
    sqz_json_set(object, "curve", curve_json(ignition, scenario));
    sqz_json_set(object, "remarks", sqz_remarks_json(&scenario->remarks));
    return object;
}

/* ---- files ---------------------------------------------------------------------------------- */

static int write_curve(const struct sqz_result_dir *dir, const struct sqz_scenario *scenario,
                       const struct sqz_ignition *ignition, struct sqz_diag *diag)
{
    FILE *file;
    int error = sqz_result_dir_create(dir, SQZ_FILE_IGNITION, &file, diag);
    if (error != SQZ_OK)
        return error;
    fputs("push_usd,final_usd,forced_usd,without_levels_usd\n", file);
    for (size_t i = 0; i < ignition->n_points; i++) {
        const struct sqz_ignition_point *point = &ignition->point[i];
        fprintf(file, "%.17g,%.17g,%.17g,%.17g\n", point->push_usd,
                sqz_ignition_price_usd(ignition, scenario, point->final_log), point->forced_usd,
                sqz_ignition_price_usd(ignition, scenario, point->alone_log));
    }
    return sqz_result_dir_close(dir, SQZ_FILE_IGNITION, &file, diag);
}

static int write_jumps(const struct sqz_result_dir *dir, const struct sqz_scenario *scenario,
                       const struct sqz_ignition *ignition, struct sqz_diag *diag)
{
    FILE *file;
    int error = sqz_result_dir_create(dir, SQZ_FILE_JUMPS, &file, diag);
    if (error != SQZ_OK)
        return error;
    fputs("push_usd,from_usd,to_usd,from_forced_usd,to_forced_usd\n", file);
    for (size_t i = 0; i < ignition->n_jumps; i++) {
        const struct sqz_ignition_jump *jump = &ignition->jump[i];
        fprintf(file, "%.17g,%.17g,%.17g,%.17g,%.17g\n", jump->after.push_usd,
                sqz_ignition_price_usd(ignition, scenario, jump->before.final_log),
                sqz_ignition_price_usd(ignition, scenario, jump->after.final_log),
                jump->before.forced_usd, jump->after.forced_usd);
    }
    return sqz_result_dir_close(dir, SQZ_FILE_JUMPS, &file, diag);
}

int sqz_results_ignition(const struct sqz_result_dir *dir, const struct sqz_scenario *scenario,
                         const struct sqz_ignition *ignition, struct sqz_diag *diag)
{
    int error = write_curve(dir, scenario, ignition, diag);
    return error != SQZ_OK ? error : write_jumps(dir, scenario, ignition, diag);
}
