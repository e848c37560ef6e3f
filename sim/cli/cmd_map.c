#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "sim/analysis/map.h"
#include "sim/cli/commands.h"
#include "sim/cli/inquiry.h"
#include "sim/cli/text.h"
#include "sim/io/report.h"
#include "sim/io/results.h"

enum { ZONES_SHOWN = 10 };

/* ---- text ----------------------------------------------------------------------------------- */

static const char *price_at(char *text, const struct sqz_scenario *scenario, enum sqz_side side,
                            double outward_log)
{
    return sqz_text_price(text, sqz_map_price_usd(scenario, side, outward_log));
}

static const char *text_ratio(char *text, double ratio)
{
    snprintf(text, SQZ_TEXT_SIZE, ratio < 99.95 ? "%.3g" : "%.0f", ratio);
    return text;
}

static void print_totals(const struct sqz_map *map)
{
    char text[2][SQZ_TEXT_SIZE];
    double imbalance = sqz_map_imbalance(map);
    printf("  shorts above the price %s usd, longs below %s usd",
           sqz_text_money(text[0], map->total_usd[SQZ_UP]),
           sqz_text_money(text[1], map->total_usd[SQZ_DOWN]));
    if (imbalance >= 1)
        printf(": %s to 1\n", text_ratio(text[0], imbalance));
    else if (imbalance > 0)
        printf(": 1 to %s\n", text_ratio(text[0], 1 / imbalance));
    else
        printf("\n");
}

static void print_within(const struct sqz_map *map)
{
    static const char *const NAME[] = {"shorts", "longs"};
    char text[SQZ_TEXT_SIZE];
    printf("\n  %-26s", "usd within");
    for (int i = 0; i < SQZ_MAP_WITHIN; i++)
        printf(" %9g %%", sqz_map_within_percent[i]);
    for (int side = 0; side < 2; side++) {
        printf("\n  %-26s", NAME[side]);
        for (int i = 0; i < SQZ_MAP_WITHIN; i++)
            printf(" %11s", sqz_text_money(text, map->within_usd[i][side]));
    }
    printf("\n\n");
}

static void print_branching(const struct sqz_map *map, const struct sqz_scenario *scenario)
{
    const struct sqz_branching *branching = &map->branching;
    enum sqz_side most = sqz_branching_max_side(branching);
    const struct sqz_branching_side *side = &branching->side[most];
    char text[2][SQZ_TEXT_SIZE];
    printf("  branching ratio at %g bp: %.2f at the start", 1e4 * branching->scale_log,
           sqz_branching_initial(branching));
    if (side->max > 0)
        printf(", at most %.2f, at %s", side->max,
               price_at(text[0], scenario, most, side->max_log));
    printf("\n  (forced notional waiting within %g bp, over the %s usd up and %s usd down that "
           "move a\n  rested book as far; from 1 on the map burns by itself)\n\n",
           1e4 * branching->scale_log, sqz_text_money(text[0], branching->side[SQZ_UP].order_usd),
           sqz_text_money(text[1], branching->side[SQZ_DOWN].order_usd));
}

static void print_burn(const struct sqz_scenario *scenario, enum sqz_side side, const char *how,
                       const struct sqz_burn *burn)
{
    char text[2][SQZ_TEXT_SIZE];
    printf("%swould force %s and carry the price to %s", how,
           sqz_text_money(text[0], burn->forced_usd),
           price_at(text[1], scenario, side, burn->reach_log));
}

static void print_zone(const struct sqz_zone *zone, const struct sqz_scenario *scenario)
{
    enum sqz_side side = zone->side;
    char text[3][SQZ_TEXT_SIZE], how[SQZ_TEXT_SIZE + 32];
    double near_log = side == SQZ_UP ? zone->lo_log : zone->hi_log;
    double far_log = side == SQZ_UP ? zone->hi_log : zone->lo_log;
    printf("    %s-%s: ", price_at(text[0], scenario, side, near_log),
           price_at(text[1], scenario, side, far_log));
    if (zone->notional_usd > 0)
        printf("%s of %ss; ", sqz_text_money(text[2], zone->notional_usd), sqz_side_name(side));
    else
        printf("between %ss; ", sqz_side_name(side));
    if (isnan(zone->edge.reach_log)) {
        printf("not burnt, the map has too many levels\n");
        return;
    }
    print_burn(scenario, side, "", &zone->edge);
    if (zone->worst.from_log != zone->edge.from_log) {
        snprintf(how, sizeof how, ";\n      touched at %s it ",
                 price_at(text[0], scenario, side, zone->worst.from_log));
        print_burn(scenario, side, how, &zone->worst);
    }
    printf("%s\n", zone->edge.exhausted || zone->worst.exhausted
                       ? ", past the end of the book's table"
                       : "");
}

/* Shown are the zones with most notional: this is the smallest of those. */
static int compare_falling(const void *first, const void *second)
{
    double a = *(const double *)first, b = *(const double *)second;
    return (a < b) - (a > b);
}

static double least_shown(const struct sqz_map *map)
{
    double *notional = malloc((map->n_zones + 1) * sizeof *notional);
    double least = INFINITY; /* no memory: only the count is shown */
    for (size_t i = 0; notional != NULL && i < map->n_zones; i++)
        notional[i] = map->zone[i].notional_usd;
    if (notional != NULL && map->n_zones > 0) {
        qsort(notional, map->n_zones, sizeof *notional, compare_falling);
        least = notional[map->n_zones > ZONES_SHOWN ? ZONES_SHOWN - 1 : map->n_zones - 1];
    }
    free(notional);
    return least;
}

static void print_zones(const struct sqz_map *map, const struct sqz_scenario *scenario)
{
    double least = least_shown(map);
    if (map->n_zones == 0) {
        printf("  no danger zone: the branching ratio is below 1 everywhere\n\n");
        return;
    }
    printf("  %zu danger zone%s, where the branching ratio is 1 or more", map->n_zones,
           map->n_zones == 1 ? "" : "s");
    if (map->n_zones > ZONES_SHOWN)
        printf("; the %d with most notional", ZONES_SHOWN);
    printf("\n");
    for (size_t i = 0, shown = 0; i < map->n_zones && shown < ZONES_SHOWN; i++)
        if (map->zone[i].notional_usd >= least) {
            print_zone(&map->zone[i], scenario);
            shown++;
        }
    printf("  (each from rest when the price touches its first level, orders filled at once; the "
           "worst\n  start inside it, if another");
    if (map->stride > 1)
        printf(", sought among every %zuth level", map->stride);
    printf(")\n\n");
}

static void print_clusters(const struct sqz_map *map, const struct sqz_scenario *scenario)
{
    char text[4][SQZ_TEXT_SIZE], range[2 * SQZ_TEXT_SIZE + 4];
    if (map->n_clusters == 0)
        return;
    printf("  %-26s %11s %11s  %s\n", "clusters, outward", "price usd", "usd", "from-to");
    for (size_t i = 0; i < map->n_clusters; i++) {
        const struct sqz_cluster *cluster = &map->cluster[i];
        enum sqz_side side = cluster->side;
        double lo_log = side == SQZ_UP ? cluster->lo_log : cluster->hi_log;
        double hi_log = side == SQZ_UP ? cluster->hi_log : cluster->lo_log;
        snprintf(range, sizeof range, "%s-%s", price_at(text[0], scenario, side, lo_log),
                 price_at(text[1], scenario, side, hi_log));
        printf("    %-24s %11s %11s  %s\n", sqz_side_name(side),
               price_at(text[2], scenario, side, cluster->price_log),
               sqz_text_money(text[3], cluster->notional_usd), range);
    }
}

static void print_map(const struct sqz_inquiry *inquiry, const struct sqz_map *map)
{
    sqz_inquiry_print_title(inquiry);
    print_totals(map);
    print_within(map);
    print_branching(map, &inquiry->scenario);
    print_zones(map, &inquiry->scenario);
    print_clusters(map, &inquiry->scenario);
}

/* ---- the command ------------------------------------------------------------------------------
 */

static int write_result(struct sqz_inquiry *inquiry, const struct sqz_map *map,
                        struct sqz_diag *diag)
{
    const struct sqz_scenario *scenario = &inquiry->scenario;
    if (inquiry->options->output == NULL)
        return SQZ_OK;
    int error = sqz_result_dir_json(&inquiry->dir, "map.json", sqz_map_json(map, scenario), diag);
    if (error == SQZ_OK)
        error = sqz_results_map(&inquiry->dir, scenario, diag);
    if (error == SQZ_OK)
        error = sqz_results_branching(&inquiry->dir, scenario, &map->branching, diag);
    if (error == SQZ_OK)
        error = sqz_results_zones(&inquiry->dir, scenario, map, diag);
    if (error == SQZ_OK)
        error = sqz_inquiry_commit(inquiry, &map->branching, diag);
    return error;
}

int sqz_cmd_map(const struct sqz_options *options, struct sqz_diag *diag)
{
    struct sqz_inquiry inquiry;
    struct sqz_map map = {0};
    int error = sqz_inquiry_open(&inquiry, options, diag);
    if (error == SQZ_OK)
        error = sqz_map_make(&map, &inquiry.scenario.world, 1e-4 * options->scale_bp, diag);
    if (error == SQZ_OK)
        error = write_result(&inquiry, &map, diag);
    if (error == SQZ_OK && options->json)
        error = sqz_report_map(stdout, &map, &inquiry.scenario, diag);
    else if (error == SQZ_OK)
        print_map(&inquiry, &map);
    if (error == SQZ_OK)
        error = sqz_inquiry_draw(&inquiry, diag);
    sqz_map_free(&map);
    sqz_inquiry_close(&inquiry);
    return error;
}
