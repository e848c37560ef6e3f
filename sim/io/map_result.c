/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/map_result.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/core/version.h"

const double sqz_map_within_percent[SQZ_MAP_WITHIN] = {2, 5, 10, 20};

/* ---- branching ratio ------------------------------------------------------------------------ */

void sqz_branching_free(struct sqz_branching *branching)
{
    free(branching->side[SQZ_UP].piece);
    free(branching->side[SQZ_DOWN].piece);
    memset(branching, 0, sizeof *branching);
}

double sqz_branching_initial(const struct sqz_branching *branching)
{
    return fmax(branching->side[SQZ_UP].initial, branching->side[SQZ_DOWN].initial);
}

enum sqz_side sqz_branching_max_side(const struct sqz_branching *branching)
{
    return branching->side[SQZ_DOWN].max > branching->side[SQZ_UP].max ? SQZ_DOWN : SQZ_UP;
}

static double price_at(double start_usd, enum sqz_side side, double outward_log)
{
    return start_usd * exp(sqz_direction(side) * outward_log);
}

double sqz_map_price_usd(const struct sqz_scenario *scenario, enum sqz_side side,
                         double outward_log)
{
    return price_at(scenario->params.price_usd, side, outward_log);
}

static json_t *side_json(const struct sqz_branching_side *side, double max_price_usd)
{
    return json_pack("{s:o, s:f, s:f, s:o}", "order_usd", sqz_json_number(side->order_usd),
                     "initial", side->initial, "max", side->max, "max_price_usd",
                     sqz_json_number(max_price_usd));
}

json_t *sqz_branching_json(const struct sqz_branching *branching, double start_usd)
{
    enum sqz_side most = sqz_branching_max_side(branching);
    double max_price_usd[2];
    for (int side = 0; side < 2; side++)
        max_price_usd[side] = price_at(start_usd, side, branching->side[side].max_log);
    return json_pack("{s:f, s:f, s:f, s:o, s:o, s:o}", "scale_bp", 1e4 * branching->scale_log,
                     "initial", sqz_branching_initial(branching), "max", branching->side[most].max,
                     "max_price_usd", sqz_json_number(max_price_usd[most]), "short",
                     side_json(&branching->side[SQZ_UP], max_price_usd[SQZ_UP]), "long",
                     side_json(&branching->side[SQZ_DOWN], max_price_usd[SQZ_DOWN]));
}

int sqz_results_branching(const struct sqz_result_dir *dir, const struct sqz_scenario *scenario,
                          const struct sqz_branching *branching, struct sqz_diag *diag)
{
    FILE *file;
    int error = sqz_result_dir_create(dir, SQZ_FILE_BRANCHING, &file, diag);
    if (error != SQZ_OK)
        return error;
    fputs("side,price_lo_usd,price_hi_usd,ratio\n", file);
    for (int side = 0; side < 2; side++)
        for (size_t i = 0; i < branching->side[side].count; i++) {
            const struct sqz_branching_piece *piece = &branching->side[side].piece[i];
            double near_usd = sqz_map_price_usd(scenario, side, piece->lo_log);
            double far_usd = sqz_map_price_usd(scenario, side, piece->hi_log);
            fprintf(file, "%s,%.17g,%.17g,%.17g\n", sqz_side_name(side), fmin(near_usd, far_usd),
                    fmax(near_usd, far_usd), piece->ratio);
        }
    return sqz_result_dir_close(dir, SQZ_FILE_BRANCHING, &file, diag);
}

/* ---- map ------------------------------------------------------------------------------------ */

void sqz_map_free(struct sqz_map *map)
{
    free(map->zone);
    sqz_branching_free(&map->branching);
    memset(map, 0, sizeof *map);
}

double sqz_map_crossed_usd(const struct sqz_map *map, enum sqz_side side)
{
    return map->branching.side[side].crossed_usd;
}

double sqz_map_waiting_usd(const struct sqz_map *map, enum sqz_side side)
{
    return map->total_usd[side] - sqz_map_crossed_usd(map, side);
}

double sqz_map_waiting_within_usd(const struct sqz_map *map, int i, enum sqz_side side)
{
    return map->within_usd[i][side] - sqz_map_crossed_usd(map, side);
}

double sqz_map_imbalance(const struct sqz_map *map)
{
    double longs_usd = sqz_map_waiting_usd(map, SQZ_DOWN);
    return longs_usd > 0 ? sqz_map_waiting_usd(map, SQZ_UP) / longs_usd : NAN;
}

/* Lower and upper price of an outward stretch. */
static void price_range(const struct sqz_scenario *scenario, enum sqz_side side, double near_log,
                        double far_log, double *lo_usd, double *hi_usd)
{
    double near_usd = sqz_map_price_usd(scenario, side, near_log);
    double far_usd = sqz_map_price_usd(scenario, side, far_log);
    *lo_usd = fmin(near_usd, far_usd);
    *hi_usd = fmax(near_usd, far_usd);
}

static json_t *price_json(const struct sqz_scenario *scenario, enum sqz_side side,
                          double outward_log)
{
    return sqz_json_number(sqz_map_price_usd(scenario, side, outward_log));
}

static json_t *within_json(const struct sqz_map *map)
{
    json_t *list = json_array();
    for (int i = 0; i < SQZ_MAP_WITHIN; i++)
        sqz_json_append(list, json_pack("{s:f, s:f, s:f}", "percent", sqz_map_within_percent[i],
                                        "short_usd", sqz_map_waiting_within_usd(map, i, SQZ_UP),
                                        "long_usd", sqz_map_waiting_within_usd(map, i, SQZ_DOWN)));
    return list;
}

static json_t *clusters_json(const struct sqz_map *map, const struct sqz_scenario *scenario)
{
    json_t *list = json_array();
    for (size_t i = 0; i < map->n_clusters; i++) {
        const struct sqz_cluster *cluster = &map->cluster[i];
        double lo_usd, hi_usd;
        price_range(scenario, cluster->side, cluster->lo_log, cluster->hi_log, &lo_usd, &hi_usd);
        sqz_json_append(list,
                        json_pack("{s:s, s:f, s:f, s:f, s:f, s:I}", "side",
                                  sqz_side_name(sqz_position_on(cluster->side)), "price_usd",
                                  sqz_map_price_usd(scenario, cluster->side, cluster->price_log),
                                  "notional_usd", cluster->notional_usd, "lo_usd", lo_usd, "hi_usd",
                                  hi_usd, "levels", (json_int_t)cluster->levels));
    }
    return list;
}

static json_t *zones_json(const struct sqz_map *map, const struct sqz_scenario *scenario)
{
    json_t *list = json_array();
    for (size_t i = 0; i < map->n_zones; i++) {
        const struct sqz_zone *zone = &map->zone[i];
        double lo_usd, hi_usd;
        price_range(scenario, zone->side, zone->lo_log, zone->hi_log, &lo_usd, &hi_usd);
        sqz_json_append(
            list,
            json_pack("{s:s, s:f, s:f, s:f, s:o, s:o, s:o, s:o, s:o, s:b, s:b, s:b}", "side",
                      sqz_side_name(sqz_position_on(zone->side)), "lo_usd", lo_usd, "hi_usd",
                      hi_usd, "notional_usd", zone->notional_usd, "reach_usd",
                      price_json(scenario, zone->side, zone->edge.reach_log), "forced_usd",
                      sqz_json_number(zone->edge.forced_usd), "worst_from_usd",
                      price_json(scenario, zone->side, zone->worst.from_log), "worst_reach_usd",
                      price_json(scenario, zone->side, zone->worst.reach_log), "worst_forced_usd",
                      sqz_json_number(zone->worst.forced_usd), "book_exhausted",
                      zone->edge.exhausted || zone->worst.exhausted, "beyond_known_depth",
                      zone->edge.beyond_known, "worst_beyond_known_depth",
                      zone->worst.beyond_known));
    }
    return list;
}

double sqz_standstill_percent(const struct sqz_standstill *standstill)
{
    double outward_log = standstill->zone_distance_log;
    if (isinf(outward_log))
        return NAN;
    return 100 * fabs(expm1(sqz_direction(standstill->zone_side) * outward_log));
}

/* The scale is one of the key levels.scale. */
static json_t *standstill_json(const struct sqz_standstill *standstill, double levels_scale)
{
    bool zone = isfinite(standstill->zone_distance_log);
    return json_pack("{s:o, s:o, s:o, s:o}", "scale",
                     sqz_json_number(levels_scale * standstill->scale), "zone_side",
                     zone ? json_string(sqz_side_name(sqz_position_on(standstill->zone_side)))
                          : json_null(),
                     "zone_distance_percent", sqz_json_number(sqz_standstill_percent(standstill)),
                     "zone_median_s", sqz_json_number(standstill->zone_median_s));
}

json_t *sqz_map_json(const struct sqz_map *map, const struct sqz_scenario *scenario)
{
    const struct sqz_scenario_params *params = &scenario->params;
    return json_pack(
        "{s:s, s:s, s:o, s:f, s:o, s:o, s:f, s:f, s:o, s:o, s:o, s:o, s:o, s:I, s:{s:f, s:f}, s:o, "
        "s:o}",
        "schema", "squeeze/map-1", "version", SQZ_VERSION, "scenario",
        sqz_json_text(sqz_scenario_label(scenario)), "start_price_usd", params->price_usd,
        "target_usd", sqz_json_number(params->target_usd), "floor_usd",
        sqz_json_number(params->floor_usd), "short_usd", sqz_map_waiting_usd(map, SQZ_UP),
        "long_usd", sqz_map_waiting_usd(map, SQZ_DOWN), "imbalance",
        sqz_json_number(sqz_map_imbalance(map)), "within", within_json(map), "clusters",
        clusters_json(map, scenario), "branching",
        sqz_branching_json(&map->branching, params->price_usd), "danger_zones",
        zones_json(map, scenario), "worst_sought_every_levels", (json_int_t)map->stride, "crossed",
        "short_usd", sqz_map_crossed_usd(map, SQZ_UP), "long_usd",
        sqz_map_crossed_usd(map, SQZ_DOWN), "standstill",
        standstill_json(&map->standstill, params->levels_scale), "remarks",
        sqz_remarks_json(&scenario->remarks));
}

/* A number, or an empty field where there is none. */
static void write_optional(FILE *file, double value)
{
    if (isfinite(value))
        fprintf(file, ",%.17g", value);
    else
        fputc(',', file);
}

int sqz_results_zones(const struct sqz_result_dir *dir, const struct sqz_scenario *scenario,
                      const struct sqz_map *map, struct sqz_diag *diag)
{
    FILE *file;
    int error = sqz_result_dir_create(dir, SQZ_FILE_ZONES, &file, diag);
    if (error != SQZ_OK)
        return error;
    fputs("side,lo_usd,hi_usd,notional_usd,reach_usd,forced_usd,worst_from_usd,worst_reach_usd,"
          "worst_forced_usd,beyond_known_depth,worst_beyond_known_depth\n",
          file);
    for (size_t i = 0; i < map->n_zones; i++) {
        const struct sqz_zone *zone = &map->zone[i];
        double lo_usd, hi_usd;
        price_range(scenario, zone->side, zone->lo_log, zone->hi_log, &lo_usd, &hi_usd);
        fprintf(file, "%s,%.17g,%.17g,%.17g", sqz_side_name(sqz_position_on(zone->side)), lo_usd,
                hi_usd, zone->notional_usd);
        write_optional(file, sqz_map_price_usd(scenario, zone->side, zone->edge.reach_log));
        write_optional(file, zone->edge.forced_usd);
        write_optional(file, sqz_map_price_usd(scenario, zone->side, zone->worst.from_log));
        write_optional(file, sqz_map_price_usd(scenario, zone->side, zone->worst.reach_log));
        write_optional(file, zone->worst.forced_usd);
        fprintf(file, ",%d,%d\n", zone->edge.beyond_known, zone->worst.beyond_known);
    }
    return sqz_result_dir_close(dir, SQZ_FILE_ZONES, &file, diag);
}
